def my_tree_sum(add, refs):
    while len(refs) > 1:
        sums = [add.remote(left, right) for left, right in zip(refs[::2], refs[1::2])]
        odd = refs[-1:] if len(refs) % 2 else []
        refs = sums + odd
    return refs[0]
