"""The grader for serving many callers: an async actor that bounds its downloads."""

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Any

from raylessons.cluster.nodes import require_ray
from raylessons.exercises.cases import Family, draw
from raylessons.exercises.demands import Demand, all_kept, judge
from raylessons.exercises.downloads import Server, Usher
from raylessons.exercises.exercise import Exercise
from raylessons.exercises.mistakes import (
    common_mistake,
    waits_between,
    wrong_list,
)
from raylessons.exercises.observing import Observation, observe
from raylessons.exercises.verdicts import Verdict, not_yet, passed
from raylessons.words import count, line_as_code


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
