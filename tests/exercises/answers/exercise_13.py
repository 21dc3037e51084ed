"""Answers to exercise 13, remove the bottleneck."""

import asyncio
import os
from concurrent.futures import ThreadPoolExecutor

import ray

from answers import earns, passes


@ray.remote
def from_table(bill, order, table):
    return sum(bill(article, table[article]) for article in order)


@ray.remote
def from_list(bill, order, costs):
    return sum(bill(article, cost) for article, cost in zip(order, costs))


@passes
def one_call_in_each_task(bill, orders, prices):
    @ray.remote
    def total(order):
        costs = ray.get(prices.of_all.remote(order))
        return sum(bill(article, cost) for article, cost in zip(order, costs))

    return ray.get([total.remote(order) for order in orders])


@passes
def the_table_in_each_task(bill, orders, prices):
    @ray.remote
    def total(order, prices):
        table = ray.get(prices.table.remote())
        return sum(bill(article, table[article]) for article in order)

    return ray.get([total.remote(order, prices) for order in orders])


@passes
def waits_for_the_table_first(bill, orders, prices):
    table = ray.get(prices.table.remote())
    return ray.get([from_table.remote(bill, order, table) for order in orders])


@passes
def puts_the_table(bill, orders, prices):
    table = ray.put(ray.get(prices.table.remote()))
    return ray.get([from_table.remote(bill, order, table) for order in orders])


@passes
def takes_the_table_along(bill, orders, prices):
    table = ray.get(prices.table.remote())

    @ray.remote
    def total(order):
        return sum(map(lambda article: bill(article, table[article]), order))

    return ray.get([total.remote(order) for order in orders])


@passes
def one_list_for_each_order(bill, orders, prices):
    refs = [from_list.remote(bill, order, prices.of_all.remote(order)) for order in orders]
    return ray.get(refs)


@passes
def one_list_for_all_orders(bill, orders, prices):
    articles = sorted({article for order in orders for article in order})
    table = dict(zip(articles, ray.get(prices.of_all.remote(articles))))
    return ray.get([from_table.remote(bill, order, table) for order in orders])


@passes
def waits_for_each_list_before_its_task(bill, orders, prices):
    refs = []
    for order in orders:
        costs = ray.get(prices.of_all.remote(order))
        refs.append(from_list.remote(bill, order, costs))
    return ray.get(refs)


@passes
def more_actors(bill, orders, prices):
    @ray.remote(num_cpus=0)
    class Copy:
        def __init__(self, table):
            self.table = table

        def of(self, article):
            return self.table[article]

    @ray.remote
    def total(order, copy):
        return sum(bill(article, ray.get(copy.of.remote(article))) for article in order)

    table = prices.table.remote()
    copies = [Copy.remote(table) for _ in range(2)]
    return ray.get([total.remote(order, copies[n % 2]) for n, order in enumerate(orders)])


@passes
def an_actor_for_each_order(bill, orders, prices):
    @ray.remote(num_cpus=0)
    class Clerk:
        def total(self, order, table):
            return sum(bill(article, table[article]) for article in order)

    table = prices.table.remote()
    clerks = [Clerk.remote() for _ in orders]
    return ray.get([clerk.total.remote(order, table) for clerk, order in zip(clerks, orders)])


@passes
def as_they_finish(bill, orders, prices):
    table = prices.table.remote()
    refs = [from_table.remote(bill, order, table) for order in orders]
    waiting, found = list(refs), {}
    while waiting:
        ready, waiting = ray.wait(waiting)
        found[ready[0]] = ray.get(ready[0])
    return [found[ref] for ref in refs]


@passes
async def awaits_the_totals(bill, orders, prices):
    table = await prices.table.remote()
    return await asyncio.gather(*[from_table.remote(bill, order, table) for order in orders])


@passes
def starts_them_in_threads(bill, orders, prices):
    table = prices.table.remote()
    with ThreadPoolExecutor(len(orders)) as pool:
        refs = pool.map(lambda order: from_table.remote(bill, order, table), orders)
        return tuple(ray.get(list(refs)))


@passes
def in_another_order_of_articles(bill, orders, prices):
    @ray.remote
    def total(order, table):
        return sum(bill(article, table[article]) for article in sorted(order))

    table = prices.table.remote()
    return ray.get([total.remote(order, table) for order in orders])


@earns("none")
def forgets_to_return(bill, orders, prices):
    table = prices.table.remote()
    ray.get([from_table.remote(bill, order, table) for order in orders])


@earns("refs")
def returns_the_refs(bill, orders, prices):
    table = prices.table.remote()
    return [from_table.remote(bill, order, table) for order in orders]


@earns("generator")
def as_a_generator(bill, orders, prices):
    table = prices.table.remote()
    yield from ray.get([from_table.remote(bill, order, table) for order in orders])


@earns("no-list")
def one_sum_for_all(bill, orders, prices):
    table = prices.table.remote()
    return sum(ray.get([from_table.remote(bill, order, table) for order in orders]))


@earns("exception")
def calls_the_method_as_usual(bill, orders, prices):
    table = prices.table()
    return ray.get([from_table.remote(bill, order, table) for order in orders])


@earns("exception")
def takes_the_ref_for_the_table(bill, orders, prices):
    table = prices.table.remote()

    @ray.remote
    def total(order):
        return sum(bill(article, table[article]) for article in order)

    return ray.get([total.remote(order) for order in orders])


@earns("worker-died")
def ends_the_worker(bill, orders, prices):
    @ray.remote(max_retries=0)
    def total(order):
        os._exit(1)

    return ray.get([total.remote(order) for order in orders])


@earns("exception")
def kills_the_actor_first(bill, orders, prices):
    ray.kill(prices)
    table = prices.table.remote()
    return ray.get([from_table.remote(bill, order, table) for order in orders])


@earns("endless", hangs=True)
def never_ends(bill, orders, prices):
    while True:
        pass


@earns("driver")
def here_and_not_in_tasks(bill, orders, prices):
    table = ray.get(prices.table.remote())
    return [sum(bill(article, table[article]) for article in order) for order in orders]


@earns("threads")
def in_threads(bill, orders, prices):
    table = ray.get(prices.table.remote())

    def total(order):
        return sum(bill(article, table[article]) for article in order)

    with ThreadPoolExecutor() as pool:
        return list(pool.map(total, orders))


@earns("no-sum")
def a_list_for_each_order(bill, orders, prices):
    @ray.remote
    def total(order, table):
        return [bill(article, table[article]) for article in order]

    table = prices.table.remote()
    return ray.get([total.remote(order, table) for order in orders])


@earns("no-sum")
def all_bills_in_one_list(bill, orders, prices):
    return sum(a_list_for_each_order(bill, orders, prices), [])


@earns("lost-equal")
def each_article_once(bill, orders, prices):
    table = prices.table.remote()
    return ray.get([from_table.remote(bill, set(order), table) for order in orders])


@earns("wrong-values")
def adds_up_the_prices_alone(bill, orders, prices):
    @ray.remote
    def total(order, table):
        for article in order:
            bill(article, table[article])
        return sum(table[article] for article in order)

    table = prices.table.remote()
    return ray.get([total.remote(order, table) for order in orders])


@earns("wrong-values")
def prices_in_another_order(bill, orders, prices):
    @ray.remote
    def total(order):
        costs = ray.get(prices.of_all.remote(sorted(order)))
        return sum(bill(article, cost) * cost for article, cost in zip(order, costs))

    return ray.get([total.remote(order) for order in orders])


@earns("wrong-order")
def as_they_happen_to_come(bill, orders, prices):
    table = prices.table.remote()
    return ray.get([from_table.remote(bill, order, table) for order in reversed(orders)])


@earns("one-task")
def one_task_for_all(bill, orders, prices):
    @ray.remote
    def totals(orders, table):
        return [sum(bill(article, table[article]) for article in order) for order in orders]

    return ray.get(totals.remote(orders, prices.table.remote()))


@earns("task-per-item")
def a_task_for_each_article(bill, orders, prices):
    one = ray.remote(bill)
    table = ray.get(prices.table.remote())
    refs = [[one.remote(article, table[article]) for article in order] for order in orders]
    return [sum(ray.get(each)) for each in refs]


@earns("other-tasks")
def two_tasks_for_each_order(bill, orders, prices):
    table = prices.table.remote()
    refs = [
        [from_table.remote(bill, order[::2], table), from_table.remote(bill, order[1::2], table)]
        for order in orders
    ]
    return [sum(ray.get(each)) for each in refs]


@earns("work-twice")
def asks_twice(bill, orders, prices):
    table = prices.table.remote()
    ray.get([from_table.remote(bill, order, table) for order in orders])
    return ray.get([from_table.remote(bill, order, table) for order in orders])


@earns("one-actor")
def a_new_bottleneck(bill, orders, prices):
    @ray.remote(num_cpus=0)
    class Clerk:
        def total(self, order, table):
            return sum(bill(article, table[article]) for article in order)

    clerk, table = Clerk.remote(), prices.table.remote()
    return ray.get([clerk.total.remote(order, table) for order in orders])


@earns("get-in-loop")
def one_order_after_the_other(bill, orders, prices):
    table = prices.table.remote()
    return [ray.get(from_table.remote(bill, order, table)) for order in orders]


@earns("call-per-item")
def waits_for_all_prices_at_once(bill, orders, prices):
    @ray.remote
    def total(order):
        costs = ray.get([prices.of.remote(article) for article in order])
        return sum(bill(article, cost) for article, cost in zip(order, costs))

    return ray.get([total.remote(order) for order in orders])


@earns("call-per-article")
def each_different_article_once(bill, orders, prices):
    @ray.remote
    def total(order):
        table = {article: ray.get(prices.of.remote(article)) for article in set(order)}
        return sum(bill(article, table[article]) for article in order)

    return ray.get([total.remote(order) for order in orders])


@earns("driver-asks-each")
def asks_for_each_article_here(bill, orders, prices):
    articles = {article for order in orders for article in order}
    table = {article: ray.get(prices.of.remote(article)) for article in articles}
    return ray.get([from_table.remote(bill, order, table) for order in orders])


@earns("driver-asks-each")
def passes_a_ref_for_each_article(bill, orders, prices):
    @ray.remote
    def total(order, *costs):
        return sum(bill(article, cost) for article, cost in zip(order, costs))

    refs = []
    for order in orders:
        refs.append(total.remote(order, *[prices.of.remote(article) for article in order]))
    return ray.get(refs)


@earns("table-again")
def the_table_for_each_article(bill, orders, prices):
    @ray.remote
    def total(order):
        return sum(bill(each, ray.get(prices.table.remote())[each]) for each in order)

    return ray.get([total.remote(order) for order in orders])


@earns("several-calls")
def lists_of_one_article(bill, orders, prices):
    @ray.remote
    def total(order):
        return sum(bill(each, ray.get(prices.of_all.remote([each]))[0]) for each in order)

    return ray.get([total.remote(order) for order in orders])


@earns("several-calls")
def lists_of_three(bill, orders, prices):
    @ray.remote
    def total(order):
        found = 0
        for start in range(0, len(order), 3):
            some = order[start : start + 3]
            costs = ray.get(prices.of_all.remote(some))
            found += sum(bill(article, cost) for article, cost in zip(some, costs))
        return found

    return ray.get([total.remote(order) for order in orders])


@earns("several-calls")
def the_table_here_and_a_list_there(bill, orders, prices):
    table = ray.get(prices.table.remote())
    known = set(table)

    @ray.remote
    def total(order):
        assert known >= set(order)
        costs = ray.get(prices.of_all.remote(order))
        return sum(bill(article, cost) for article, cost in zip(order, costs))

    return ray.get([total.remote(order) for order in orders])
