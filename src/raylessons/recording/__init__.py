"""How a trace comes about: what a program asks of Ray is heard, what Ray keeps is read.

Take `recorder` (`record()`) and `calls` (who listens to a program's calls); the rest serves these.
"""
