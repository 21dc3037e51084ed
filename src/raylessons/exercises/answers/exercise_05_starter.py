def my_tree_sum(add, refs):
    total = refs[0]
    for ref in refs[1:]:
        total = add.remote(total, ref)
    return total
