"""Graders for keeping state: reports that hold nobody up, and a bottleneck removed."""

import inspect
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import wraps
from random import Random
from typing import Any

import ray

from raylessons.cluster import private
from raylessons.cluster.nodes import require_ray
from raylessons.exercises.cases import Family, draw
from raylessons.exercises.demands import Demand, all_kept, judge
from raylessons.exercises.exercise import Exercise
from raylessons.exercises.kept_actors import kept_actor
from raylessons.exercises.ledger import DRIVER, Ledger
from raylessons.exercises.methods import Method
from raylessons.exercises.mistakes import (
    common_mistake,
    outside_tasks,
    waits_between,
    wrong_list,
)
from raylessons.exercises.observing import Observation, observe
from raylessons.exercises.verdicts import Verdict, not_yet, passed
from raylessons.words import count, shorten, times

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


@dataclass(frozen=True)
class Handle:
    """What an answer takes for the handle of the actor: it writes down who reports, too."""

    actor: Any
    ledger: Ledger
    batches: int

    @property
    def add(self) -> Method:
        """Return the one method that it has."""
        return Method("add", self._add)

    def _add(self, options: Mapping[str, Any], number: int) -> Any:
        # A report is a negative entry between those of the work; one of nothing is a zero.
        self.ledger.write(-int(number))
        return self.actor.add.options(**options).remote(self.ledger, self.batches)


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

    writer = kept_actor(Writer)
    seen = observe(
        _opening(answer, ledger),
        work,
        [list(batch) for batch in batches],
        Handle(writer, ledger, len(batches)),
        # So long the actor may hold up an answer that waits for it, on a busy machine.
        deadline_seconds=deadline_seconds + LONGEST_START_SECONDS,
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
    # Where more is told than was done, it is not the number of reports that is wrong.
    if len(reports) > fewest and sum(reports) <= len(reporting.numbers):
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


def _tells_before_it_works(entries: list[int]) -> bool:
    """Tell whether a task had reported more than it had done, and went on to work."""
    ahead = 0  # done and not reported
    for entry in entries:
        if entry > 0 > ahead:
            return True
        ahead += 1 if entry > 0 else entry
    return False


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
    if any(map(_tells_before_it_works, reporting.done.values())):
        return not_yet(
            "early-report",
            reporting.story,
            "A task reported numbers that it had not worked on yet. "
            "Which comes first in your loop, and from what does it count?",
            "Call `work` for the five numbers, and report them then: after the fifth, and not "
            "after the first.",
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

    actor = kept_actor(Prices)
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
            "Is the line that fetches it in a loop?",
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
