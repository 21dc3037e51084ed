"""Answers to exercise 18, make a job safe to repeat."""

import asyncio
import time
import uuid
from concurrent.futures import ThreadPoolExecutor

import ray

from answers import earns, passes


@ray.remote
def pay_once(account, name, amount):
    return ray.get(account.pay_once.remote(name, amount))


@passes
def with_names_drawn_in_the_program(account, orders):
    names = [uuid.uuid4().hex for _ in orders]
    refs = [
        pay_once.remote(account, name, amount) for name, amount in zip(names, orders, strict=True)
    ]
    return ray.get(refs)


@passes
def with_the_names_in_a_dictionary(account, orders):
    refs = {f"order {n}": pay_once.remote(account, f"order {n}", a) for n, a in enumerate(orders)}
    return [ray.get(refs[f"order {n}"]) for n in range(len(orders))]


@passes
def one_task_for_all(account, orders):
    @ray.remote
    def pay_all():
        return [ray.get(account.pay_once.remote(n, amount)) for n, amount in enumerate(orders)]

    return ray.get(pay_all.remote())


@passes
def one_task_that_waits_at_its_end(account, orders):
    @ray.remote(max_retries=-1)
    def pay_all():
        return ray.get([account.pay_once.remote(n, amount) for n, amount in enumerate(orders)])

    return ray.get(pay_all.remote())


@passes
def tasks_that_start_tasks(account, orders):
    @ray.remote(num_cpus=0)
    def pay_all():
        return ray.get([pay_once.remote(account, n, amount) for n, amount in enumerate(orders)])

    return ray.get(pay_all.remote())


@passes
def looks_first_and_pays_once(account, orders):
    @ray.remote
    def pay(name, amount):
        if not ray.get(account.has.remote(name)):
            ray.get(account.pay_once.remote(name, amount))
        return ray.get(account.pay_once.remote(name, amount))

    return ray.get([pay.remote(n, amount) for n, amount in enumerate(orders)])


@passes
def notes_what_it_has_paid(account, orders):
    @ray.remote(max_retries=2)
    def pay(name, amount):
        receipt = ray.get(account.pay_once.remote(name, amount))
        ray.get(account.note.remote(f"{name} is paid"))
        return receipt

    return ray.get([pay.remote(f"order {n}", amount) for n, amount in enumerate(orders)])


@passes
def calls_again_by_hand(account, orders):
    def receipt_of(ref, name, amount):
        while True:
            try:
                return ray.get(ref)
            except ray.exceptions.WorkerCrashedError:
                ref = pay_once.options(max_retries=0).remote(account, name, amount)

    names = [f"order {n}" for n in range(len(orders))]
    refs = [
        pay_once.options(max_retries=0).remote(account, name, amount)
        for name, amount in zip(names, orders, strict=True)
    ]
    return [receipt_of(*each) for each in zip(refs, names, orders, strict=True)]


@passes
def in_turn(account, orders):
    receipts = []
    for n, amount in enumerate(orders):
        receipts.append(ray.get(pay_once.remote(account, n, amount)))
    return receipts


@passes
def an_actor_that_may_be_restarted(account, orders):
    @ray.remote(num_cpus=0, max_restarts=-1, max_task_retries=-1)
    class Payer:
        def pay(self, name, amount):
            return ray.get(account.pay_once.remote(name, amount))

    payer = Payer.remote()
    return ray.get([payer.pay.remote(n, amount) for n, amount in enumerate(orders)])


@passes
async def awaits_the_receipts(account, orders):
    refs = [pay_once.remote(account, n, amount) for n, amount in enumerate(orders)]
    return await asyncio.gather(*refs)


@passes
def in_threads(account, orders):
    def pay(numbered):
        return ray.get(pay_once.remote(account, *numbered))

    with ThreadPoolExecutor(4) as pool:
        return list(pool.map(pay, enumerate(orders)))


@passes
def as_they_finish(account, orders):
    places = {pay_once.remote(account, n, amount): n for n, amount in enumerate(orders)}
    waiting, receipts = list(places), [None] * len(orders)
    while waiting:
        (ref,), waiting = ray.wait(waiting)
        receipts[places[ref]] = ray.get(ref)
    return receipts


@passes
def with_the_method_passed(account, orders):
    @ray.remote
    def pay(method, *order):
        return ray.get(method.remote(*order))

    return ray.get([pay.remote(account.pay_once, n, amount) for n, amount in enumerate(orders)])


@passes
def with_words_for_the_arguments(account, orders):
    @ray.remote(retry_exceptions=True)
    def pay(n):
        return ray.get(account.pay_once.remote(name=("order", n), amount=orders[n]))

    return tuple(ray.get([pay.remote(n) for n in range(len(orders))]))


@earns("paid-twice")
def pays_without_a_name_in_one_task(account, orders):
    @ray.remote
    def pay_all():
        return ray.get([account.pay.remote(amount) for amount in orders])

    return ray.get(pay_all.remote())


@earns("paid-twice")
def calls_a_plain_payment_again_by_hand(account, orders):
    @ray.remote(max_retries=0)
    def pay(amount):
        return ray.get(account.pay.remote(amount))

    receipts = []
    for amount in orders:
        while True:
            try:
                receipts.append(ray.get(pay.remote(amount)))
                break
            except ray.exceptions.RayError:
                pass
    return receipts


@earns("new-name")
def draws_the_name_in_the_task(account, orders):
    @ray.remote
    def pay(amount):
        return ray.get(account.pay_once.remote(uuid.uuid4().hex, amount))

    return ray.get([pay.remote(amount) for amount in orders])


@earns("new-name")
def takes_the_time_for_a_name(account, orders):
    @ray.remote
    def pay(n, amount):
        return ray.get(account.pay_once.remote(f"{n} at {time.time()}", amount))

    return ray.get([pay.remote(n, amount) for n, amount in enumerate(orders)])


@earns("new-name")
def takes_the_worker_for_a_name(account, orders):
    @ray.remote
    def pay(n, amount):
        worker = ray.get_runtime_context().get_worker_id()
        return ray.get(account.pay_once.remote((worker, n), amount))

    return ray.get([pay.remote(n, amount) for n, amount in enumerate(orders)])


@earns("new-name")
def calls_again_under_another_name(account, orders):
    receipts = []
    for n, amount in enumerate(orders):
        for attempt in range(5):
            name = f"order {n}, attempt {attempt}"
            try:
                ref = pay_once.options(max_retries=0).remote(account, name, amount)
                receipts.append(ray.get(ref))
                break
            except ray.exceptions.WorkerCrashedError:
                continue
    return receipts


@earns("two-calls")
def looks_pays_and_notes(account, orders):
    @ray.remote
    def pay(name, amount):
        if ray.get(account.has.remote(name)):
            return None
        receipt = ray.get(account.pay.remote(amount))
        ray.get(account.note.remote(name))
        return receipt

    return ray.get([pay.remote(n, amount) for n, amount in enumerate(orders)])


@earns("two-calls")
def looks_in_the_program(account, orders):
    @ray.remote
    def pay(name, amount):
        receipt = ray.get(account.pay.remote(amount))
        ray.get(account.note.remote(name))
        return receipt

    return ray.get(
        [
            pay.remote(n, amount)
            for n, amount in enumerate(orders)
            if not ray.get(account.has.remote(n))
        ]
    )


@earns("notes-first")
def looks_notes_and_pays(account, orders):
    @ray.remote
    def pay(name, amount):
        if ray.get(account.has.remote(name)):
            return None
        ray.get(account.note.remote(name))
        return ray.get(account.pay.remote(amount))

    return ray.get([pay.remote(n, amount) for n, amount in enumerate(orders)])


@earns("notes-first")
def looks_notes_and_pays_once(account, orders):
    @ray.remote
    def pay(name, amount):
        if not ray.get(account.has.remote(name)):
            ray.get(account.note.remote(name))
            return ray.get(account.pay_once.remote(name, amount))
        return None

    return ray.get([pay.remote(n, amount) for n, amount in enumerate(orders)])


@earns("shared-name")
def one_name_for_all(account, orders):
    return ray.get([pay_once.remote(account, "order", amount) for amount in orders])


@earns("shared-name")
def one_name_drawn_for_all(account, orders):
    name = uuid.uuid4()
    return ray.get([pay_once.remote(account, name, amount) for amount in orders])


@earns("equal-orders")
def the_amount_for_a_name(account, orders):
    return ray.get([pay_once.remote(account, f"pay {amount}", amount) for amount in orders])


@earns("equal-orders")
def the_first_place_for_a_name(account, orders):
    return ray.get([pay_once.remote(account, orders.index(amount), amount) for amount in orders])


@earns("not-repeated")
def never_repeated(account, orders):
    pay = pay_once.options(max_retries=0)
    return ray.get([pay.remote(account, n, amount) for n, amount in enumerate(orders)])


@earns("not-repeated")
def leaves_out_what_failed(account, orders):
    @ray.remote(max_retries=0)
    def pay(amount):
        return ray.get(account.pay.remote(amount))

    refs, receipts = [pay.remote(amount) for amount in orders], []
    for ref in refs:
        try:
            receipts.append(ray.get(ref))
        except ray.exceptions.RayError:
            receipts.append(None)
    return receipts


@earns("not-repeated")
def an_actor_that_is_not_restarted(account, orders):
    @ray.remote(num_cpus=0)
    class Payer:
        def pay(self, name, amount):
            return ray.get(account.pay_once.remote(name, amount))

    payer = Payer.remote()
    return ray.get([payer.pay.remote(n, amount) for n, amount in enumerate(orders)])


@earns("few-retries")
def repeated_once(account, orders):
    pay = pay_once.options(max_retries=1)
    return ray.get([pay.remote(account, n, amount) for n, amount in enumerate(orders)])


@earns("few-retries")
def repeated_once_and_caught(account, orders):
    pay = pay_once.options(max_retries=1)
    refs, receipts = [pay.remote(account, n, amount) for n, amount in enumerate(orders)], []
    for ref in refs:
        try:
            receipts.append(ray.get(ref))
        except ray.exceptions.WorkerCrashedError:
            receipts.append(None)
    return receipts


@earns("driver")
def pays_in_the_program(account, orders):
    return ray.get([account.pay_once.remote(n, amount) for n, amount in enumerate(orders)])


@earns("driver")
def tasks_make_the_names(account, orders):
    @ray.remote
    def name_of(n):
        return f"order {n}"

    names = ray.get([name_of.remote(n) for n in range(len(orders))])
    return [
        ray.get(account.pay_once.remote(name, amount))
        for name, amount in zip(names, orders, strict=True)
    ]


@earns("no-payment")
def only_notes(account, orders):
    @ray.remote
    def pay(n):
        return ray.get(account.note.remote(n))

    return ray.get([pay.remote(n) for n in range(len(orders))])


@earns("missing")
def a_task_for_each_amount(account, orders):
    amounts = dict.fromkeys(orders)
    refs = {a: pay_once.remote(account, n, a) for n, a in enumerate(amounts)}
    return [ray.get(refs[amount]) for amount in orders]


@earns("shared-receipt")
def the_amount_for_a_key(account, orders):
    refs = {amount: pay_once.remote(account, n, amount) for n, amount in enumerate(orders)}
    return [ray.get(refs[amount]) for amount in orders]


@earns("nested")
def a_list_of_each(account, orders):
    refs = [pay_once.remote(account, n, amount) for n, amount in enumerate(orders)]
    return [ray.get([ref]) for ref in refs]


@earns("missing")
def all_but_the_last(account, orders):
    last = len(orders) - 1
    return ray.get([pay_once.remote(account, n, orders[n]) for n in range(last)])


@earns("work-twice")
def pays_to_try_it(account, orders):
    ray.get(pay_once.remote(account, "a try", orders[0]))
    return ray.get([pay_once.remote(account, n, amount) for n, amount in enumerate(orders)])


@earns("wrong-amount")
def the_place_for_the_amount(account, orders):
    return ray.get([pay_once.remote(account, amount, n) for n, amount in enumerate(orders)])


@earns("no-receipts")
def returns_the_amounts(account, orders):
    ray.get([pay_once.remote(account, n, amount) for n, amount in enumerate(orders)])
    return orders


@earns("no-receipts")
def returns_no_receipt_when_it_is_paid(account, orders):
    @ray.remote
    def pay(name, amount):
        if not ray.get(account.has.remote(name)):
            return ray.get(account.pay_once.remote(name, amount))
        return 0

    return ray.get([pay.remote(n, amount) for n, amount in enumerate(orders)])


@earns("wrong-order")
def in_the_order_of_their_ends(account, orders):
    refs = [pay_once.remote(account, n, amount) for n, amount in enumerate(orders)]
    ray.wait(refs, num_returns=len(refs))
    return ray.get(refs[::-1])


@earns("refs")
def the_ref_of_the_call(account, orders):
    @ray.remote
    def pay(n, amount):
        return account.pay_once.remote(n, amount)

    return ray.get([pay.remote(n, amount) for n, amount in enumerate(orders)])


@earns("none")
def forgets_to_return(account, orders):
    ray.get([pay_once.remote(account, n, amount) for n, amount in enumerate(orders)])


@earns("exception")
def without_remote(account, orders):
    @ray.remote
    def pay(n, amount):
        return account.pay_once(n, amount)

    return ray.get([pay.remote(n, amount) for n, amount in enumerate(orders)])


@earns("endless", hangs=True)
def waits_for_the_impossible(account, orders):
    refs = [pay_once.remote(account, n, amount) for n, amount in enumerate(orders)]
    while not ray.get(refs)[-1] < 0:
        time.sleep(0.05)
    return ray.get(refs)
