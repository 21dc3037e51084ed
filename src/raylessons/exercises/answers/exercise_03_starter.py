def my_order(seconds):
    return list(seconds)
