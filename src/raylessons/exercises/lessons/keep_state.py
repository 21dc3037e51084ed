"""Graders for keeping state: reports that hold nobody up, and an actor that bounds downloads."""

import inspect
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import wraps
from random import Random
from typing import Any

import ray

from raylessons.cluster import private
from raylessons.cluster.nodes import require_ray
from raylessons.exercises.cases import Family, draw
from raylessons.exercises.demands import Demand, all_kept, judge
from raylessons.exercises.downloads import Server, Usher
from raylessons.exercises.exercise import Exercise
from raylessons.exercises.ledger import DRIVER, Ledger
from raylessons.exercises.mistakes import (
    common_mistake,
    outside_tasks,
    waits_between,
    wrong_list,
)
from raylessons.exercises.observing import Observation, observe
from raylessons.exercises.verdicts import Verdict, not_yet, passed
from raylessons.words import count, line_as_code, shorten, times

SECONDS_PER_NUMBER = 0.01
MOST_AT_A_TIME = 5  # numbers in one report
# As long as somebody works, the actor holds the first report; when nobody has worked for so long,
# all wait for it. Where a batch has no task yet, its worker may be starting, on a busy machine.
STALL_SECONDS = 5.0
LONGEST_START_SECONDS = 15.0
LOOK_SECONDS = 0.1


def slow_number(number: int) -> int:
    """Return the square of a number, after ten milliseconds."""
    time.sleep(SECONDS_PER_NUMBER)
    return number * number


class Writer:
    """The actor that takes reports, and finishes none of them as long as anybody works.

    So a report takes longer than all work that does not wait for it, on any machine.
    """

    def __init__(self) -> None:
        self._held: set[str] = set()  # the ledgers of answers that had a report held
        self._over: set[str] = set()
        self._done_at_stall: dict[str, int] = {}

    def ready(self) -> None:
        """Show that it is there."""

    def add(self, ledger: Ledger, batches: int) -> None:
        """Take a report, once the answer is over or nobody works: the first, and others at once."""
        if ledger.name in self._held | self._over:
            return
        self._held.add(ledger.name)
        before, since = -1, time.monotonic()
        while not private.read_notes(_gate(ledger)):
            entries = ledger.read()
            if (now := sum(map(len, entries.values()))) != before:
                before, since = now, time.monotonic()
            is_started = len(entries) >= batches
            limit = STALL_SECONDS if is_started else LONGEST_START_SECONDS
            if time.monotonic() - since > limit:
                self._done_at_stall[ledger.name] = sum(
                    entry > 0 for each in entries.values() for entry in each
                )
                return
            time.sleep(LOOK_SECONDS)

    def end(self, ledger: Ledger) -> int | None:
        """Return how many numbers were done when all waited for a report; None: nobody did."""
        self._over.add(ledger.name)
        return self._done_at_stall.pop(ledger.name, None)


_kept: dict[tuple[object, type], Any] = {}  # actors, by cluster: a process takes time to start


def _kept_actor(cls: type) -> Any:
    """Return the actor of a class on this cluster, which is there and takes calls."""
    key = (private.current_cluster(), cls)
    for other in [each for each in _kept if each[0] != key[0]]:
        del _kept[other]  # of a cluster that is gone
    if key not in _kept:
        _kept[key] = ray.remote(num_cpus=0)(cls).remote()
    try:
        ray.get(_kept[key].ready.remote())
    except ray.exceptions.RayActorError:  # an answer has ended it
        _kept[key] = ray.remote(num_cpus=0)(cls).remote()
    return _kept[key]


@dataclass(frozen=True)
class Handle:
    """What an answer takes for the handle of the actor: it writes down who reports, too."""

    actor: Any
    ledger: Ledger
    batches: int

    @property
    def add(self) -> "Method":
        """Return the one method that it has."""
        return Method(self)


@dataclass(frozen=True)
class Method:
    """The method `add` of the handle."""

    handle: Handle

    def remote(self, number: int) -> Any:
        """Report so many numbers, and return the ref of the call."""
        # A report is a negative entry between those of the work; one of nothing is a zero.
        self.handle.ledger.write(-int(number))
        return self.handle.actor.add.remote(self.handle.ledger, self.handle.batches)

    def __call__(self, *arguments: Any) -> None:
        """Refuse, in the words of Ray's own methods."""
        raise TypeError(
            "Actor methods cannot be called directly. "
            "Instead of running 'object.add()', try 'object.add.remote()'."
        )


@dataclass(frozen=True)
class Reporting:
    """What an answer to exercise 12 did with some batches."""

    seen: Observation
    batches: list[list[int]]
    done: dict[str, list[int]]  # by task: the numbers it worked on, and its reports below them
    by_driver: list[int]
    done_at_stall: int | None

    @property
    def numbers(self) -> list[int]:
        """Return all numbers, in their order."""
        return [number for batch in self.batches for number in batch]

    @property
    def worked(self) -> dict[str, list[int]]:
        """Return the numbers that each task worked on."""
        worked = {doer: [n for n in entries if n > 0] for doer, entries in self.done.items()}
        return {doer: numbers for doer, numbers in worked.items() if numbers}

    @property
    def reports(self) -> dict[str, list[int]]:
        """Return what each task reported."""
        return {doer: [-n for n in entries if n <= 0] for doer, entries in self.done.items()}

    @property
    def story(self) -> str:
        """Tell what ran, and what was reported."""
        reports = [n for each in self.reports.values() for n in each]
        return (
            f"{count(len(self.worked), 'task')} worked on {len(self.numbers)} numbers and made "
            f"{count(len(reports), 'report')}{f': {shorten(reports)}' if reports else ''}."
        )


def _of_other_lengths(chance: Random) -> list[list[int]]:
    """Draw a long batch, a short one, and one that leaves nothing over; some numbers come twice."""
    lengths = [chance.choice((11, 12, 13)), chance.choice((1, 2, 3)), chance.choice((5, 10)), 7]
    chance.shuffle(lengths)
    return [[chance.randrange(2, 40) for _ in range(length)] for length in lengths]


def _one(chance: Random) -> list[list[int]]:
    return [[chance.randrange(2, 40) for _ in range(chance.choice((6, 8, 9)))]]


REPORT_INPUTS: Family = {
    "batches of other lengths, one of them without a rest": _of_other_lengths,
    "one batch": _one,
}


def grade_reports(answer: Callable[..., Any], deadline_seconds: float, seed: int) -> Verdict:
    """Grade exercise 12: tasks that say how far they are, and wait for nobody."""
    require_ray()
    reporting = None
    for case in draw(REPORT_INPUTS, seed):
        reporting = _run_reports(answer, case.value, deadline_seconds)
        if verdict := judge(REPORT_DEMANDS, reporting):
            given = f"batches={case.value}"
            return case.tell(verdict, reporting.seen.picture, f"`{given}`")
    return passed(
        "the actor finished no report before your function was over, and all work was done "
        "nevertheless: nobody waited for a report. The reports add up, five numbers at a time.",
        all_kept(REPORT_DEMANDS),
    )


def _run_reports(
    answer: Callable[..., Any], batches: list[list[int]], deadline_seconds: float
) -> Reporting:
    ledger = Ledger()

    def work(number: int) -> int:
        ledger.write(int(number))
        return slow_number(number)

    writer = _kept_actor(Writer)
    seen = observe(
        _opening(answer, ledger),
        work,
        [list(batch) for batch in batches],
        Handle(writer, ledger, len(batches)),
        deadline_seconds=deadline_seconds,
        watched=(slow_number,),
    )
    if seen.ray_lost:
        return Reporting(seen, batches, {}, [], None)
    at_stall = ray.get(writer.end.remote(ledger))
    by_driver = ledger.read().get(DRIVER, [])
    done = ledger.take_tasks()
    private.forget_notes(_gate(ledger))
    return Reporting(seen, batches, done, by_driver, at_stall)


def _gate(ledger: Ledger) -> str:
    return f"{ledger.name}-over"


def _opening(answer: Callable[..., Any], ledger: Ledger) -> Callable[..., Any]:
    """Wrap an answer so that the actor is told when it is over."""

    async def end(value: Any) -> Any:
        try:
            return await value
        finally:
            private.keep_note(_gate(ledger), "over")

    @wraps(answer)
    def answer_and_open(*arguments: Any) -> Any:
        value = None
        try:
            value = answer(*arguments)
            return end(value) if inspect.isawaitable(value) else value
        finally:
            if not inspect.isawaitable(value):
                private.keep_note(_gate(ledger), "over")

    return answer_and_open


def _reports_result(reporting: Reporting) -> Verdict | None:
    squares = [number * number for number in reporting.numbers]
    return wrong_list(reporting.seen.values, squares)


def _other_tasks(reporting: Reporting) -> Verdict | None:
    worked, seen = reporting.worked, reporting.seen
    if sorted(worked.values()) == sorted(reporting.batches):
        if waits_between(seen.submissions, seen) < max(1, len(seen.submissions) - 1):
            return None
        return _in_turn(reporting.story, "batches")
    return _not_for_each(worked, reporting.batches, reporting.story, _BATCH_WORDS)


def _in_turn(story: str, wholes: str) -> Verdict:
    return not_yet(
        "get-in-loop",
        f"{story} Each task was submitted only after you had waited for one before.",
        f"Your {wholes} take turns. Submit all of them before you wait for the first.",
        "Collect the refs in a list first; then call `ray.get` once, on the whole list.",
    )


@dataclass(frozen=True)
class _Words:
    """What an exercise calls what each task takes."""

    whole: str
    wholes: str
    part: str
    work: str  # the function


_BATCH_WORDS = _Words("batch", "batches", "number", "work")
_ORDER_WORDS = _Words("order", "orders", "article", "bill")


def _not_for_each(
    worked: dict[str, list[int]], wanted: list[list[int]], story: str, words: _Words
) -> Verdict:
    """Return the verdict on tasks that do not each do one of the lists that are wanted."""
    if len(worked) == 1 < len(wanted):
        return not_yet(
            "one-task",
            story,
            f"One task does all {words.wholes}, one after the other. Give each {words.whole} a "
            "task.",
        )
    if all(len(numbers) == 1 for numbers in worked.values()):
        return not_yet(
            "task-per-item",
            story,
            f"Each {words.part} has a task of its own. Give a task a whole {words.whole}, and let "
            f"it call `{words.work}` in a loop of its own.",
        )
    number = sum(map(len, wanted))
    if (calls := sum(map(len, worked.values()))) > number:
        return not_yet(
            "work-twice",
            f"`{words.work}` was called {calls} times for {number} {words.part}s.",
            f"Some {words.part}s are worked on more than once. Which line starts a task a second "
            "time?",
        )
    return not_yet(
        "other-tasks",
        story,
        f"What a task does is not one {words.whole}, from its first {words.part} to its last. "
        "Which line says what each task is given?",
        f"Make a remote function that takes one {words.whole}, and call it once for each of the "
        f"`{words.wholes}`.",
    )


def _no_report(reporting: Reporting) -> Verdict | None:
    if any(reporting.reports.values()):
        return None
    if any(entry <= 0 for entry in reporting.by_driver):
        return not_yet(
            "driver-reports",
            f"your program reported {shorten([-n for n in reporting.by_driver if n <= 0])} itself, "
            "and no task reported anything.",
            "Your program hears of the work when a task is over: what is done by then is no news. "
            "Who knows it earlier?",
            "Pass `progress` to the tasks, and call `progress.add.remote(...)` within them.",
        )
    return not_yet(
        "no-report",
        reporting.story,
        "The work was done, and `progress` was told nothing of it. "
        "Call `progress.add.remote(...)` in the task, while it works.",
    )


def _waits(reporting: Reporting) -> Verdict | None:
    at_stall, numbers = reporting.done_at_stall, len(reporting.numbers)
    if at_stall is None:
        return None
    if at_stall < numbers:
        return not_yet(
            "waits-for-report",
            f"the actor took its time with a report, and the work stood still after {at_stall} of "
            f"{numbers} numbers.",
            "Your tasks are as slow as the actor: they wait until it has taken a report. "
            "Does anything need what `add` returns?",
            "Call `progress.add.remote(...)`, and do nothing with the ref that it gives you.",
        )
    return not_yet(
        "waits-at-end",
        f"all {numbers} numbers were done, and the results waited for the actor.",
        "The work is not held up any longer, but its results are: they come only when the actor "
        "has taken the reports. Who asks for these refs?",
        "Keep no refs of the reports, and return the results alone.",
    )


def _wrong_size(reporting: Reporting) -> Verdict | None:
    reports = [n for each in reporting.reports.values() for n in each]
    if any(map(_says_how_far, reporting.done.values())):
        return not_yet(
            "so-far",
            reporting.story,
            "Your tasks report all that they have done so far, and the actor adds up what it is "
            "told. What is new since the last report?",
            "Report the length of what this round of the loop did, and not of all results.",
        )
    if max(reports, default=0) > MOST_AT_A_TIME:
        return not_yet(
            "late-report",
            reporting.story,
            f"There is a report of {max(reports)} numbers: nobody heard anything while they were "
            "worked on. Report after every five.",
            "Work on `batch[start : start + 5]`, report its length, and go on with the next five.",
        )
    if min(reports, default=1) < 1:
        return not_yet(
            "empty-report",
            reporting.story,
            "There is a report of no number at all, which takes the actor as long as any other. "
            "What does your task report when the batch ends with five?",
            "Report the rest only if there is one.",
        )
    fewest = sum(-(-len(batch) // MOST_AT_A_TIME) for batch in reporting.batches)
    if len(reports) > fewest:
        return not_yet(
            "many-reports",
            f"{reporting.story} Five at a time, {count(fewest, 'report')} would do.",
            "Each report takes time of the actor, which soon has more of them than it can take. "
            "Report five numbers at once.",
            "Count in the task what it has done, and report when that is five.",
        )
    return None


def _says_how_far(entries: list[int]) -> bool:
    """Tell whether a task's reports, from the second on, are of all that it had done by then."""
    done, reports = 0, []
    for entry in entries:
        done += entry > 0
        if entry <= 0:
            reports.append(-entry == done)
    return len(reports) > 1 and all(reports)


def _wrong_count(reporting: Reporting) -> Verdict | None:
    done, told = len(reporting.numbers), sum(map(sum, reporting.reports.values()))
    if told < done:
        return not_yet(
            "lost-report",
            f"{done} numbers were worked on, and {told} reported.",
            "Some numbers were done and never reported. What becomes of those that are left over "
            "when a batch ends?",
            "After the loop, report what has been done since the last report.",
        )
    if told > done:
        return not_yet(
            "wrong-count",
            f"{done} numbers were worked on, and {told} reported.",
            "`add` takes how many were done since the last report, and adds them itself. "
            "What does your task pass to it?",
        )
    for entries in reporting.done.values():
        ahead = 0  # done and not reported
        for entry in entries:
            ahead += 1 if entry > 0 else entry
            if ahead < 0:
                return not_yet(
                    "early-report",
                    reporting.story,
                    "A task reported numbers that it had not worked on yet. "
                    "Which comes first in your loop?",
                    "Call `work` for the five numbers, and report them then.",
                )
            if ahead > MOST_AT_A_TIME:
                return not_yet(
                    "late-report",
                    f"{reporting.story} A task had done {ahead} numbers of which it had told "
                    "nobody.",
                    "The reports are of the right size, and they come late: when more than five "
                    "numbers are done. Where does your task call `add`?",
                    "Call it in the loop, right after the fifth number.",
                )
    return None


REPORT_DEMANDS = (
    Demand("It ends, and returns a list of values.", lambda each: common_mistake(each.seen)),
    Demand(
        "Ray tasks call `work`, and not your program or its threads.",
        lambda each: outside_tasks(each.seen, "work", slow_number),
    ),
    Demand("The results are right, and in the order of the numbers.", _reports_result),
    Demand("Each batch has a task of its own, and they do not take turns.", _other_tasks),
    Demand("The tasks report.", _no_report),
    Demand("Neither a task nor your program waits for a report.", _waits),
    Demand("A report is of five numbers, or of those that are left.", _wrong_size),
    Demand("What is done is reported, once and right after it is done.", _wrong_count),
)


SECONDS_PER_CALL = 0.02
SECONDS_PER_BILL = 0.002


def article_bill(article: int, price: int) -> int:
    """Return what an article costs with a fee of its own, after two milliseconds."""
    time.sleep(SECONDS_PER_BILL)
    return 100 * price + article


class Prices:
    """The actor that everybody asks, which counts how often."""

    def __init__(self) -> None:
        self._prices: dict[int, int] = {}
        self._calls: list[str] = []

    def ready(self) -> None:
        """Show that it is there."""

    def begin(self, prices: dict[int, int]) -> str:
        """Take a table, forget all calls, and return its id."""
        self._prices, self._calls = prices, []
        return str(ray.get_runtime_context().get_actor_id())

    def end(self) -> list[str]:
        """Return the methods that were called."""
        return self._calls

    def of(self, article: int) -> int:
        """Return the price of an article."""
        self._take("of")
        return self._prices[article]

    def of_all(self, articles: list[int]) -> list[int]:
        """Return the prices of some articles."""
        self._take("of_all")
        return [self._prices[article] for article in articles]

    def table(self) -> dict[int, int]:
        """Return all prices, by article."""
        self._take("table")
        return dict(self._prices)

    def _take(self, method: str) -> None:
        self._calls.append(method)
        time.sleep(SECONDS_PER_CALL)


@dataclass(frozen=True)
class Billing:
    """What an answer to exercise 13 did with some orders."""

    seen: Observation
    orders: list[list[int]]
    prices: dict[int, int]
    done: dict[str, list[int]]  # by task: the articles that it made out a bill for
    calls: list[str]  # of the actor
    by_driver: int  # how many of them your program made

    @property
    def totals(self) -> list[int]:
        """Return the sums that are asked for."""
        return [sum(100 * self.prices[each] + each for each in order) for order in self.orders]

    @property
    def articles(self) -> int:
        """Count the articles of all orders."""
        return sum(map(len, self.orders))

    @property
    def story(self) -> str:
        """Tell what ran, and how often the actor was called."""
        called = [
            f"`{method}` {times(self.calls.count(method))}" for method in sorted(set(self.calls))
        ]
        return (
            f"{count(len(self.done), 'task')} made out bills for {self.articles} articles of "
            f"{count(len(self.orders), 'order')}; the actor was called {times(len(self.calls))}"
            f"{': ' + ', '.join(called) if called else ''}."
        )


def _table(chance: Random) -> dict[int, int]:
    articles = chance.sample(range(10, 100), 30)
    return {article: chance.randrange(1, 50) for article in articles}


def _with_common_articles(chance: Random) -> tuple[list[list[int]], dict[int, int]]:
    """Draw orders with articles in common, each with one of them twice."""
    prices = _table(chance)
    common, *others = prices
    orders = [[*chance.sample(others, chance.choice((3, 4, 5))), common, common] for _ in range(4)]
    for order in orders:
        chance.shuffle(order)
    return orders, prices


def _one_order(chance: Random) -> tuple[list[list[int]], dict[int, int]]:
    prices = _table(chance)
    return [chance.sample(list(prices), 8)], prices


BILL_INPUTS: Family = {
    "orders with articles in common, some of them twice": _with_common_articles,
    "one order": _one_order,
}


def grade_bills(answer: Callable[..., Any], deadline_seconds: float, seed: int) -> Verdict:
    """Grade exercise 13: tasks that all need one actor, and seldom ask it."""
    require_ray()
    calls = []
    for case in draw(BILL_INPUTS, seed):
        orders, prices = case.value
        billing = _run_bills(answer, orders, prices, deadline_seconds)
        calls.append(f"{times(len(billing.calls))} for {count(len(orders), 'order')}")
        if verdict := judge(BILL_DEMANDS, billing):
            return case.tell(verdict, billing.seen.picture, f"`orders={orders}`")
    return passed(f"the actor was called {' and '.join(calls)}.", all_kept(BILL_DEMANDS))


def _run_bills(
    answer: Callable[..., Any],
    orders: list[list[int]],
    prices: dict[int, int],
    deadline_seconds: float,
) -> Billing:
    ledger = Ledger()

    def bill(article: int, price: int) -> int:
        ledger.write(int(article))
        return article_bill(article, price)

    actor = _kept_actor(Prices)
    actor_id = ray.get(actor.begin.remote(prices))
    seen = observe(
        answer,
        bill,
        [list(order) for order in orders],
        actor,
        deadline_seconds=deadline_seconds,
        watched=(article_bill,),
    )
    if seen.ray_lost:
        return Billing(seen, orders, prices, {}, [], 0)
    by_driver = sum(each.actor_id == actor_id for each in seen.submissions)
    try:
        calls = ray.get(actor.end.remote())
    except ray.exceptions.RayActorError:  # the answer has ended it
        calls = []
    return Billing(seen, orders, prices, ledger.take_tasks(), calls, by_driver)


def _bill_result(billing: Billing) -> Verdict | None:
    values, totals = billing.seen.values, billing.totals
    is_nested = any(isinstance(value, list | tuple) for value in values)
    if is_nested or (len(values) == billing.articles > len(totals)):
        return not_yet(
            "no-sum",
            f"you handed over {shorten(values)}, where {shorten(totals)} was expected.",
            "There is a number for each article, where one for each order is asked for. "
            "What makes one number of all that a task has found?",
            "Let the task return the `sum` of its bills.",
        )
    verdict = wrong_list(values, totals)
    if verdict and sum(map(len, billing.done.values())) < billing.articles:
        return not_yet(
            "lost-equal",
            f"`bill` was called {times(sum(map(len, billing.done.values())))} for "
            f"{billing.articles} articles.",
            "Some articles of an order were left out. Is one that it holds twice billed twice, "
            "and is there a rest that no loop reaches?",
            "A dict or a set holds equal articles once: look prices up in it, and go through the "
            "order itself.",
        )
    return verdict


def _other_bills(billing: Billing) -> Verdict | None:
    seen, worked = billing.seen, billing.done
    # In whatever order a task goes through its articles.
    if sorted(map(sorted, worked.values())) != sorted(map(sorted, billing.orders)):
        return _not_for_each(worked, billing.orders, billing.story, _ORDER_WORDS)
    doers = {run.actor_id for run in seen.runs if run.task_id in worked}
    if len(worked) > 1 and len(doers) == 1 and None not in doers:
        return not_yet(
            "one-actor",
            f"{billing.story} All bills were made out by calls of one actor.",
            "An actor does one call after the other, so your orders wait for each other again. "
            "What does the same work without an actor?",
            "Use a task for each order: nothing has to be kept from one to the next.",
        )
    tasks = [each for each in seen.submissions if each.actor_id is None]
    refs = {ref for each in tasks for ref in each.refs}
    waits = tuple(wait for wait in seen.waits if refs & set(wait.refs))
    if waits_between(tasks, replace(seen, waits=waits)) < max(1, len(tasks) - 1):
        return None
    return _in_turn(billing.story, "orders")


def _many_calls(billing: Billing) -> Verdict | None:
    calls, orders = billing.calls, len(billing.orders)
    if len(calls) <= orders:
        return None
    story = billing.story
    if billing.by_driver > orders:
        return not_yet(
            "driver-asks-each",
            f"{story} Your program made {billing.by_driver} of these calls.",
            "Your program asks for each article, and every order waits until it has its prices. "
            "How many calls does it take to have all of them?",
            "Call `prices.table.remote()` once, and pass the ref to every task.",
        )
    if set(calls) == {"table"}:
        return not_yet(
            "table-again",
            story,
            "The table has all prices and never changes, and it is fetched again and again. "
            "Does the line that fetches it stand in a loop?",
            "Fetch it once, in front of the loop over the articles, or in your program.",
        )
    if set(calls) == {"of"} and len(calls) < billing.articles:
        return not_yet(
            "call-per-article",
            story,
            "An article that comes again is not asked for again, and each other one still is. "
            "Which method tells several prices at once?",
            "`prices.of_all.remote(order)` is one call for a whole order.",
        )
    if set(calls) == {"of"}:
        return not_yet(
            "call-per-item",
            story,
            "There is a call for each article, and the actor takes them one by one, whether you "
            "wait for each or for all at once. Which method tells several prices at once?",
            "`prices.of_all.remote(order)` is one call for an order, and `prices.table.remote()` "
            "one for all of them.",
        )
    return not_yet(
        "several-calls",
        story,
        "The calls are bigger, and there are still several for an order. How much can one of them "
        "ask for?",
        "`prices.of_all.remote(order)` takes a whole order, and `prices.table.remote()` serves "
        "all of them.",
    )


BILL_DEMANDS = (
    Demand("It ends, and returns a list of values.", lambda each: common_mistake(each.seen)),
    Demand(
        "Ray tasks call `bill`, and not your program or its threads.",
        lambda each: outside_tasks(each.seen, "bill", article_bill),
    ),
    Demand("The sums are right, and in the order of the orders.", _bill_result),
    Demand("Each order has a task of its own, and they do not take turns.", _other_bills),
    Demand("`prices` is called at most once for each order.", _many_calls),
)


@dataclass(frozen=True)
class Downloading:
    """What an answer to exercise 14 did with some urls, under a limit."""

    seen: Observation
    usher: Usher
    pages: dict[str, str]  # by url
    limit: int

    @property
    def begun(self) -> list[str]:
        """Return the urls of all downloads that were begun."""
        return [loading.url for loading in self.usher.seen.loadings]

    @property
    def calls(self) -> int:
        """Count the calls of actors that downloaded something."""
        return len({loading.task_id for loading in self.usher.seen.loadings})

    @property
    def story(self) -> str:
        """Tell how many ran at once."""
        return f"{self.usher.most} downloads ran at once, with a limit of {self.limit}."


def _urls(chance: Random, number: int) -> dict[str, str]:
    """Draw pages and their urls, which are in no order."""
    numbers = chance.sample(range(100, 1000), number)
    return {f"http://site.example/{each}": f"page {chance.randrange(10_000)}" for each in numbers}


def _more_than_the_limit(chance: Random) -> tuple[dict[str, str], int]:
    """Draw so many that a last chunk of them would be smaller than the limit."""
    limit = chance.choice((3, 4))
    return _urls(chance, 2 * limit + 1), limit


def _fewer_than_the_limit(chance: Random) -> tuple[dict[str, str], int]:
    return _urls(chance, 3), chance.choice((5, 6))


def _one_at_a_time(chance: Random) -> tuple[dict[str, str], int]:
    return _urls(chance, 3), 1


DOWNLOAD_INPUTS: Family = {
    "more urls than the limit": _more_than_the_limit,
    "fewer urls than the limit": _fewer_than_the_limit,
    "a limit of one": _one_at_a_time,
}
COROUTINE_HINTS = (
    (
        "'coroutine' object",
        "A coroutine was sent away that had not run. `download(url)` alone only makes one, and "
        "`await download(url)` runs it.",
    ),
    (
        "asyncio.run() cannot be called",
        "In an async actor an event loop runs already, so `asyncio.run` cannot start one. "
        "Write `await` there.",
    ),
    (
        "event loop is already running",
        "In an async actor an event loop runs already. Write `await` there.",
    ),
    (
        "'async def' should not be used",
        "A task cannot be `async def`: only the methods of an actor can. Write a class.",
    ),
)


def grade_downloads(answer: Callable[..., Any], deadline_seconds: float, seed: int) -> Verdict:
    """Grade exercise 14: an async actor that bounds how many downloads run at once."""
    require_ray()
    for case in draw(DOWNLOAD_INPUTS, seed):
        pages, limit = case.value
        chance = Random(f"ends {case.kind} {seed}")
        downloading = _run_downloads(answer, pages, limit, chance, deadline_seconds)
        if verdict := judge(DOWNLOAD_DEMANDS, downloading):
            return case.tell(verdict, given=f"`urls={list(pages)}, limit={limit}`")
    return passed(
        "no download ended before as many ran as the limit allows, and never did one more: when "
        "one of them ended, in whatever order, another began.",
        all_kept(DOWNLOAD_DEMANDS),
    )


def _run_downloads(
    answer: Callable[..., Any],
    pages: dict[str, str],
    limit: int,
    chance: Random,
    deadline_seconds: float,
) -> Downloading:
    code = getattr(inspect.unwrap(answer), "__code__", None)
    server = Server(pages, code.co_filename if code is not None else "")

    async def download(url: str) -> str:
        return await server.load(url)

    usher = Usher(server, limit, chance)
    seen = observe(
        usher.watching(answer),
        download,
        list(pages),
        limit,
        deadline_seconds=deadline_seconds,
        recorded=False,
    )
    if not seen.ray_lost:
        usher.close()
    return Downloading(seen, usher, pages, limit)


def _does_not_end(downloading: Downloading) -> Verdict | None:
    seen, usher = downloading.seen, downloading.usher
    if usher.blocked is not None and not seen.ray_lost:
        at_line = f", at {line_as_code(usher.at_line)}" if usher.at_line else ""
        return not_yet(
            "blocks",
            f"{count(len(usher.blocked.running), 'download')} had begun, and then the event loop "
            f"stood still{at_line}; its process was ended.",
            "Something blocks the one thread that all calls of the actor share, so no "
            "download goes on. What in your method waits without `await`?",
            "Wait with `await`, for what asyncio has: `asyncio.sleep`, `asyncio.Semaphore`, or a "
            "ref. `time.sleep`, `ray.get` and the locks of `threading` stop all calls at once.",
        )
    if usher.stuck is not None and not seen.ray_lost:
        return not_yet(
            "never-released",
            f"{count(len(usher.stuck.loadings), 'download')} of {len(downloading.pages)} ended, "
            "and no other began; the process was ended.",
            "Nothing runs any more, and others still wait for a place. Does each download that "
            "has ended give its place back?",
            "`async with semaphore:` gives it back by itself, and an `acquire` needs a `release`.",
        )
    return common_mistake(seen, hints=COROUTINE_HINTS)


def _elsewhere(downloading: Downloading) -> Verdict | None:
    loadings = downloading.usher.seen.loadings
    if not loadings:
        return not_yet(
            "no-download",
            "nothing was downloaded.",
            "Your pages come from somewhere else. Let a method of an actor "
            "`await download(url)` for each url.",
        )
    if any(loading.task_id is None for loading in loadings):
        return not_yet(
            "driver",
            f"your program downloaded {count(len(loadings), 'page')} itself.",
            "All of that was done by your program, without Ray. Let an actor do the downloads.",
            "Write a class with an `async def` method, make it an actor with `ray.remote`, and "
            "`await download(url)` in the method.",
        )
    if any(loading.actor_id is None for loading in loadings):
        return not_yet(
            "tasks",
            f"{count(downloading.calls, 'task')} downloaded {count(len(loadings), 'page')}.",
            "A task that waits for a server holds a worker and a CPU meanwhile. One async actor "
            "can wait for many servers: give it an `async def` method that downloads.",
        )
    if (actors := len({loading.actor_id for loading in loadings})) > 1:
        return not_yet(
            "several-actors",
            f"{actors} actors downloaded {count(len(loadings), 'page')}.",
            "Each actor is a process, and no actor knows what the others have running. "
            "How many does it take, if one can run several calls at once?",
            "Make one actor, before you go through the urls, and call it for each of them.",
        )
    if not all(loading.is_async for loading in loadings):
        return not_yet(
            "not-async",
            f"{downloading.story} The actor has no async method.",
            "Your method is a plain `def`, so each call keeps a thread until its download "
            "is over. What has to stand before `def`, for others to run meanwhile?",
            "Write `async def`, and `await download(url)` in it, without `asyncio.run`.",
        )
    return None


def _too_many_at_once(downloading: Downloading) -> Verdict | None:
    usher, limit = downloading.usher, downloading.limit
    if usher.most <= limit:
        return None
    if usher.most == limit + 1 < len(downloading.pages):
        return not_yet(
            "one-too-many",
            downloading.story,
            "One more than allowed: your bound is off by one. Which "
            "comparison lets the last one in?",
            "One may begin as long as fewer than `limit` run: `running < limit`.",
        )
    if (usher.semaphores or 0) > 1:
        return not_yet(
            "semaphore-each",
            f"{downloading.story} The actor has {usher.semaphores} semaphores.",
            "Each download has a semaphore of its own, with room for all that ask: only one does. "
            "Where is one made, and how often does that line run?",
            "Make one semaphore in `__init__`, keep it in `self`, and let all calls use that.",
        )
    if usher.most < len(downloading.pages):
        return not_yet(
            "other-bound",
            downloading.story,
            "There is a bound, and it is not `limit`. Which number does your actor go by?",
            "Hand `limit` to the actor: to its `__init__`, or as its `max_concurrency`.",
        )
    if downloading.calls == 1:
        return not_yet(
            "no-bound",
            f"{downloading.story} One call of the actor began them all.",
            "`asyncio.gather` starts all that it is given, and `max_concurrency` counts calls of "
            "the actor, not what goes on in one of them. What lets only some of them in?",
            "Let each download run within `async with semaphore:`, on one "
            "`asyncio.Semaphore(limit)` for all.",
        )
    return not_yet(
        "no-bound",
        downloading.story,
        "All began at once: an async actor runs up to 1000 calls. What could bound them?",
        "Make the actor with `.options(max_concurrency=limit)`, or let its downloads share one "
        "`asyncio.Semaphore(limit)`.",
    )


def _too_few_at_once(downloading: Downloading) -> Verdict | None:
    usher, limit, seen = downloading.usher, downloading.limit, downloading.seen
    if (short := usher.short) is None:
        return None
    waiting = len(downloading.pages) - len(short.loadings)
    story = (
        f"with a limit of {limit}, {count(len(short.running), 'download')} ran at once, and "
        f"{waiting} more had not begun."
    )
    if usher.most == limit:
        if usher.begins_with_oldest:
            return not_yet(
                "waits-for-oldest",
                f"{story} They began when the oldest had ended.",
                "One download ended, and its place stayed empty: you wait for the oldest, though "
                "any of them may be the first to end. What waits for whichever ends first?",
                "A semaphore does that by itself; `asyncio.wait` needs "
                "`return_when=FIRST_COMPLETED`.",
            )
        return not_yet(
            "chunks",
            f"{story} {len(short.loadings) - len(short.running)} had ended.",
            "One download ended, and its place stayed empty: the next begin only when a whole "
            "group is over, which is as slow as the slowest of it. What gives each place to the "
            "next at once?",
            "Start all, and let each run within `async with semaphore:`, on one "
            "`asyncio.Semaphore(limit)`; or use `max_concurrency=limit`.",
        )
    if usher.most > 1:
        return not_yet(
            "one-too-few" if usher.most == limit - 1 else "other-bound",
            story,
            "Your bound lets fewer in than it may. Which number does it go by, and is that "
            "`limit` itself?",
            "`limit` may run at once, so the last one comes in when `limit - 1` run already.",
        )
    if _waits_for_each(seen):
        return not_yet(
            "get-in-loop",
            f"{story} Your program waited for a call before it made the next.",
            "The actor could run several at once, and is never asked to: you wait for each call. "
            "Call it for all urls before you wait for the first.",
            "Collect the refs in a list first; then call `ray.get` once, on the whole list.",
        )
    if downloading.calls == 1:
        return not_yet(
            "awaits-in-turn",
            f"{story} One call of the actor does them in turn.",
            "An `await` in a loop is over when its download is, so the next begins only "
            "then. What starts several, and awaits all of them?",
            "`await asyncio.gather(*...)` runs all that it is given, a semaphore keeps it to "
            "`limit`.",
        )
    return not_yet(
        "one-at-a-time",
        story,
        "Each waits until the one before is over. Is it a lock, or a bound of one?",
        "Let `limit` of them in: `asyncio.Semaphore(limit)`, or `max_concurrency=limit`.",
    )


def _waits_for_each(seen: Observation) -> bool:
    """Tell whether the program waited before every call but the first, as often as it called."""
    calls = len(seen.submissions)
    if calls < 2 or waits_between(seen.submissions, seen) < calls - 1:
        return False
    first, last = seen.submissions[0].seconds, seen.submissions[-1].seconds
    return sum(first <= wait.start <= last for wait in seen.waits) >= calls - 1


def _not_once(downloading: Downloading) -> Verdict | None:
    begun, pages = downloading.begun, downloading.pages
    if len(begun) > len(pages):
        return not_yet(
            "work-twice",
            f"{count(len(begun), 'download')} began for {len(pages)} urls.",
            "Some urls are downloaded more than once. Which line asks for them a second time?",
            "Keep each ref, or each page, and use that again.",
        )
    if left := len(set(pages) - set(begun)):
        return wrong_list(downloading.seen.values, list(pages.values())) or not_yet(
            "lost",
            f"{count(left, 'url')} of {len(pages)} were not downloaded.",
            "Some urls never reach a download. What becomes of those that are left over?",
        )
    return None


DOWNLOAD_DEMANDS = (
    Demand("It ends, and returns a list of values.", _does_not_end),
    Demand("One async actor does all downloads.", _elsewhere),
    Demand("Each url is downloaded once.", _not_once),
    Demand("No more than `limit` run at once.", _too_many_at_once),
    Demand("No fewer than `limit` run, as long as others have not begun.", _too_few_at_once),
    Demand(
        "The pages are right, and in the order of the urls.",
        lambda each: wrong_list(each.seen.values, list(each.pages.values())),
    ),
)


REPORTS = Exercise(
    number=12,
    title="Report without waiting",
    call="my_results(work, batches, progress)",
    section="Do not wait for the call",
    task=(
        "`batches` is a list of lists of numbers, and `progress` the handle of an actor, whose "
        "method `add(count)` takes a long time. Return one flat list of `work(number)` for all "
        "numbers, in their order, by a task for each batch. While a task works, it tells "
        "`progress` how many numbers it has done since it last did so: after every fifth, and "
        "at the end if some are left. Neither a task nor your program waits for that."
    ),
    starter_mistake="waits-for-report",
    grader=grade_reports,
)


BILLS = Exercise(
    number=13,
    title="Remove the bottleneck",
    call="my_totals(bill, orders, prices)",
    section="When everyone waits for one actor",
    task=(
        "`orders` is a list of lists of articles, and `prices` the handle of an actor that knows "
        "what each costs: `of(article)` returns one price, `of_all(articles)` a list of them, and "
        "`table()` a dict of all prices, which never change. Return a list with one number for "
        "each order, in their order: the sum of `bill(article, price)` for all of its articles, "
        "by a task for each order. Your tasks and your program together call `prices` no more "
        "often than there are orders."
    ),
    starter_mistake="call-per-item",
    grader=grade_bills,
)


DOWNLOADS = Exercise(
    number=14,
    title="Bound the downloads",
    call="my_pages(download, urls, limit)",
    section="Several calls at once",
    task=(
        "`await download(url)` waits for a server, and returns a page. Return a list of the pages "
        "of all `urls`, in their order, each downloaded once, by one async actor of yours. No more "
        "than `limit` downloads run at once, and no fewer as long as others have not begun."
    ),
    starter_mistake="no-bound",
    grader=grade_downloads,
)
