import ray


@ray.remote
def pay(account, amount):
    return ray.get(account.pay.remote(amount))


def my_receipts(account, orders):
    return ray.get([pay.remote(account, amount) for amount in orders])
