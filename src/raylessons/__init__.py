"""What the pages of Ray Lessons import, and what a reader takes away."""
