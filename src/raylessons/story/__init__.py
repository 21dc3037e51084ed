"""A trace as a story of a few frames, in words; no geometry.

Take `frames` (the story), `scene` (the cluster at one moment) and `events` (what happened).
"""
