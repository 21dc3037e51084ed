def my_order(seconds):
    return sorted(seconds, key=seconds.get, reverse=True)
