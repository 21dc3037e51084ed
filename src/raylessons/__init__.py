"""What the pages of Ray Lessons import, and what a reader takes away."""

__version__ = "0.1.0"
