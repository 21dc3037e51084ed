def my_total(combine, big, small):
    return combine.remote(big, small)
