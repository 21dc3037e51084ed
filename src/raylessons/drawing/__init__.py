"""Frames as SVG that everybody can read.

Take `page` (a whole story) and `comparison` (one moment of several traces).
"""
