my_rounds = [
    (2, 2.0),  # two are ready before the timeout
    (1, 4.5),  # from 2.0 on 2.5 seconds pass, in which one gets ready
    (1, 7.0),  # and again
    (1, 8.0),  # one is left, so that the round asks for one
]
