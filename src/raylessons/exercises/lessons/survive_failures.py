"""The grader for surviving failures: a job that pays once, though its workers die."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from numbers import Integral
from random import Random
from typing import Any
from uuid import uuid4

import ray

from raylessons.cluster.nodes import require_ray
from raylessons.exercises.accounts import Account, Book, Death, Handle
from raylessons.exercises.cases import Family, draw
from raylessons.exercises.demands import Demand, all_kept, judge
from raylessons.exercises.exercise import Exercise
from raylessons.exercises.kept_actors import kept_actor
from raylessons.exercises.ledger import DRIVER
from raylessons.exercises.mistakes import common_mistake, wrong_list
from raylessons.exercises.observing import Observation, observe
from raylessons.exercises.verdicts import Section, Verdict, not_yet, passed
from raylessons.exercises.worker_deaths import WORKER_DEATHS, deaths_untold
from raylessons.words import count, listing, shorten


@dataclass(frozen=True)
class Bill:
    """Some orders to pay, and which workers die meanwhile."""

    orders: list[int]
    deaths: tuple[Death, ...] = ()


@dataclass(frozen=True)
class Paying:
    """What an answer to exercise 18 did with some orders."""

    seen: Observation
    orders: list[int]
    book: Book

    @property
    def missing(self) -> Counter[int]:
        """Count the orders that were not paid."""
        return Counter(self.orders) - self._paid

    @property
    def extra(self) -> Counter[int]:
        """Count what was paid and not asked for, or paid again."""
        return self._paid - Counter(self.orders)

    @property
    def story(self) -> str:
        """Tell what was paid, and how many workers died."""
        amounts = [entry.amount for entry in self.book.payments]
        died = sum(self.book.deaths.values())
        return (
            f"for the orders {shorten(self.orders)} the account paid "
            f"{shorten(amounts) if amounts else 'nothing'}, and {count(died, 'worker')} died."
        )

    @property
    def _paid(self) -> Counter[Any]:
        return Counter(entry.amount for entry in self.book.payments)


def _with_two_equal(chance: Random, number: int) -> list[int]:
    """Draw amounts of which two are equal, neither all in order nor side by side."""
    amounts = chance.sample(range(10, 100), number - 1)
    return [*amounts, amounts[0]]


# All points at which an attempt of a few calls can break off, and one task that breaks off twice.
ORDER_INPUTS: Family = {
    "no worker dies": lambda chance: Bill(_with_two_equal(chance, 4)),
    "one worker dies after its first call, another after its second": lambda chance: Bill(
        _with_two_equal(chance, 4), (Death(1), Death(2))
    ),
    "a worker dies before its first call, and at the next attempt after it": lambda chance: Bill(
        _with_two_equal(chance, 3), (Death(1, is_before=True), Death(1, again=True))
    ),
}


def grade_payments(answer: Callable[..., Any], deadline_seconds: float, seed: int) -> Verdict:
    """Grade exercise 18: orders that are paid once, though the workers that pay them die."""
    require_ray()
    died = 0
    for case in draw(ORDER_INPUTS, seed):
        paying = _run_payments(answer, case.value, deadline_seconds)
        died += sum(paying.book.deaths.values())
        if verdict := judge(PAYMENT_DEMANDS, paying):
            return case.tell(verdict, given=f"`orders={case.value.orders}`")
    return passed(
        f"{count(died, 'worker')} died on the way, and each order was paid once.",
        all_kept(PAYMENT_DEMANDS),
    )


def _run_payments(answer: Callable[..., Any], bill: Bill, deadline_seconds: float) -> Paying:
    run, account = uuid4().hex, kept_actor(Account)
    ray.get(account.begin.remote(run, bill.deaths))
    with deaths_untold(bool(bill.deaths)):
        seen = observe(
            answer,
            Handle(account, run),
            list(bill.orders),
            deadline_seconds=deadline_seconds,
            recorded=False,
        )
    if seen.ray_lost:
        return Paying(seen, bill.orders, Book())
    try:
        book = ray.get(account.end.remote())
    except ray.exceptions.RayActorError:  # the answer has ended it
        book = Book()
    return Paying(seen, bill.orders, book)


def _payments_end(paying: Paying) -> Verdict | None:
    if paying.book.deaths and isinstance(paying.seen.error, WORKER_DEATHS):
        return _not_repeated(paying)
    return common_mistake(paying.seen)


def _not_repeated(paying: Paying) -> Verdict:
    error = paying.seen.error
    reached = f" `{type(error).__name__}` reached your function." if error else ""
    story = paying.story + reached
    if max(paying.book.deaths.values(), default=0) > 1:
        return not_yet(
            "few-retries",
            story,
            "A task lost its worker twice, and was not repeated after the second time. How often "
            "may yours be repeated?",
            "Leave `max_retries` at its default of three, or set it to two.",
        )
    return not_yet(
        "not-repeated",
        story,
        "A task lost its worker, and nobody did its work again. Without a repetition nothing is "
        "paid twice, and something is not paid at all. What repeats a task?",
        "Let Ray repeat it, as it does by default, and make it safe to repeat: let the account "
        "itself refuse the second payment.",
    )


def _who_pays(paying: Paying) -> Verdict | None:
    entries = paying.book.entries
    if any(entry.doer == DRIVER for entry in paying.book.payments):
        return not_yet(
            "driver",
            f"{paying.story} Your program called the account itself.",
            "Your program pays, where tasks should. Which of your functions is the task, and what "
            "does it need for the payment?",
            "Pass `account` to a remote function, and call the account there.",
        )
    if not paying.book.payments and not paying.book.given_up:
        return not_yet(
            "no-payment",
            f"{paying.story} {count(len(entries), 'call')} came to it.",
            "Nobody has paid. Let a task call `account.pay_once.remote(name, amount)` for each "
            "order, and wait for it.",
        )
    return None


def _unpaid(paying: Paying) -> Verdict | None:
    book = paying.book
    if not paying.missing:
        return None
    if strange := [each.amount for each in book.payments if each.amount not in paying.orders]:
        return not_yet(
            "wrong-amount",
            paying.story,
            f"Nobody has ordered {shorten(strange)}. What does your task pass for the amount?",
            "`pay` takes the amount, `pay_once` the name first and the amount second.",
        )
    first = {entry.name: entry for entry in book.payments if entry.method == "pay_once"}
    if any(each.amount != first[each.name].amount for each in book.refusals):
        return not_yet(
            "shared-name",
            paying.story,
            "Orders share a name: the account paid the first of them, and took the others for its "
            "repetition. Which name does each order have?",
            "Give each order a name of its own, such as its place in the list.",
        )
    if any(paying.orders.count(each.amount) > 1 for each in book.refusals):
        return not_yet(
            "equal-orders",
            paying.story,
            "Two orders of the same amount are two orders, and yours have one name. What tells one "
            "from the other?",
            "`enumerate` gives each order its place in the list, which makes a name.",
        )
    if book.given_up:
        return _not_repeated(paying)
    if book.used("note", "has"):
        return not_yet(
            "notes-first",
            paying.story,
            "A worker died when it had noted an order and not paid it; its next attempt saw the "
            "note, and left the order out. Does the other way round help?",
            "Two calls can always be cut in two. `pay_once` looks, pays and notes in one call.",
        )
    return not_yet(
        "missing",
        paying.story,
        f"{count(paying.missing.total(), 'order')} did not reach the account. Does each have a "
        "task, and are there equal ones of which one is forgotten?",
        "Start one task for each order, also for equal ones, and wait for all of them.",
    )


def _paid_again(paying: Paying) -> Verdict | None:
    book, again = paying.book, paying.extra
    if not again:
        return None
    if not book.deaths:
        return not_yet(
            "work-twice",
            paying.story,
            "No worker died, and something was paid twice all the same. Which line pays a second "
            "time, or starts a task for a second time?",
        )
    if book.used("note", "has"):
        return not_yet(
            "two-calls",
            paying.story,
            "A worker died between the call that paid and the one that noted it; the next attempt "
            "found no note. Does it help to note first?",
            "Two calls can always be cut in two. `pay_once` looks, pays and notes in one call.",
        )
    if any(each.method == "pay_once" and each.amount in again for each in book.payments):
        names = [f"`{each.name}`" for each in book.payments if each.amount in again]
        return not_yet(
            "new-name",
            f"{paying.story} The same was paid under the names {listing(names)}.",
            "Your order has another name when it is tried again, so the account takes it for "
            "another order. Where, and when, is the name made?",
            "Make the name in your program, before the task starts, and pass it to the task: what "
            "is drawn in a task is another one in each attempt.",
        )
    return not_yet(
        "paid-twice",
        paying.story,
        "A worker died when it had paid, and the next attempt paid again: Ray cannot know how far "
        "the first one came. Who knows it?",
        "Give each order a name, and call `account.pay_once.remote(name, amount)`.",
    )


def _wrong_receipts(paying: Paying) -> Verdict | None:
    values, payments = paying.seen.values, paying.book.payments
    amounts: dict[Any, Any] = {entry.receipt: entry.amount for entry in payments}
    bought = [amounts.get(each) if isinstance(each, Integral) else None for each in values]
    is_each_once = len({*map(str, values)}) == len(values)
    if bought == paying.orders and is_each_once:
        return None
    if None in values and paying.book.given_up:
        return _not_repeated(paying)
    seen = f"you handed over {shorten(values)}; the receipts are {shorten(list(amounts))}."
    if len(values) != len(paying.orders) or any(isinstance(each, list | tuple) for each in values):
        left = sorted(payments, key=lambda entry: paying.orders.index(entry.amount))
        return wrong_list(values, [entry.receipt for entry in left])
    if None not in bought and not is_each_once:
        return not_yet(
            "shared-receipt",
            seen,
            "All is paid, and one receipt comes for two orders. What in your function keeps one of "
            "each, and forgets the other?",
            "A dict with the amounts as keys holds equal ones once. Go by their places, with "
            "`enumerate`.",
        )
    if Counter(bought) == Counter(paying.orders):
        return not_yet(
            "wrong-order",
            f"{seen} In your order they are for {shorten(bought)}, and the orders are "
            f"{shorten(paying.orders)}.",
            "The receipts are right, and their order is not. Where does your function lose it?",
            "Keep each ref at the place of its order, in a list, and call `ray.get` on that.",
        )
    return not_yet(
        "no-receipts",
        seen,
        "A receipt is what `pay_once` returns, also when it pays nothing since it knows the name. "
        "What does your task return?",
        "Let the task wait for the call, and return what comes: "
        "`return ray.get(account.pay_once.remote(name, amount))`.",
    )


PAYMENT_DEMANDS = (
    Demand("It ends, and returns a list of values, though workers die.", _payments_end),
    Demand("Tasks pay, and not your program.", _who_pays),
    Demand("Every order is paid.", _unpaid),
    Demand("Nothing is paid twice.", _paid_again),
    Demand("The list holds the receipts, in the order of the orders.", _wrong_receipts),
)


PAYMENTS = Exercise(
    number=18,
    title="Make a job safe to repeat",
    call="my_receipts(account, orders)",
    section="A task that pays",
    task=(
        "`account` is the handle of an actor with four methods. `pay(amount)` pays, and returns a "
        "receipt, which is a number. `pay_once(name, amount)` does that once for each name: called "
        "again, it pays nothing, and returns the first receipt. `note(name)` notes a name; whether "
        "one was noted or paid is what `has(name)` returns. Pay each of the `orders` once, by Ray "
        "tasks, and return a list of the receipts, in the order of the orders. An order is an "
        "amount, and two equal ones are two orders. A task may lose its worker up to twice, before "
        "or after any of its calls to the account."
    ),
    starter_mistake="paid-twice",
    grader=grade_payments,
    sections={
        "not-repeated": Section("survive-failures", "A worker that dies"),
        "few-retries": Section("survive-failures", "A worker that dies"),
    },
)
