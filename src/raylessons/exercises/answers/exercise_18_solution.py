import ray


@ray.remote
def pay(account, name, amount):
    return ray.get(account.pay_once.remote(name, amount))


def my_receipts(account, orders):
    # The name is made here, once, and each attempt of a task is given the same.
    refs = [pay.remote(account, name, amount) for name, amount in enumerate(orders)]
    return ray.get(refs)
