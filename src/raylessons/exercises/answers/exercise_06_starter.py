my_rounds = [
    (2, 2.0),
    # your rounds
]
