"""The exercises: their texts, and graders that say what is wrong with an answer.

Take `catalogue` (what is asked), `verdicts` (what a check says) and `terminal` (both as printed).
"""
