"""What happened, as frozen records, with questions about them and names for them; no Ray.

Take `records` (the facts of a `Trace`) and `names` (what sentences call its parts).
"""
