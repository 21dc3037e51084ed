"""The grader for running out of room: a stream through a store that does not hold it."""

from collections.abc import Callable
from typing import Any

from raylessons.exercises.cases import draw
from raylessons.exercises.demands import all_kept, judge
from raylessons.exercises.exercise import Exercise
from raylessons.exercises.full_stores import MAKERS, STORE_BYTES, other_store
from raylessons.exercises.squarings import cpu_share
from raylessons.exercises.streams import GIGABYTE, STREAM_DEMANDS, STREAM_INPUTS, run_stream
from raylessons.exercises.verdicts import Section, Verdict, passed
from raylessons.words import shorten


def grade_stream(answer: Callable[..., Any], deadline_seconds: float, seed: int) -> Verdict:
    """Grade exercise 17: many arrays through a store that does not hold them all at once."""
    if verdict := other_store():
        return verdict
    share = cpu_share(MAKERS)
    for case in draw(STREAM_INPUTS, seed):
        stream = run_stream(answer, case, share, deadline_seconds)
        if verdict := judge(STREAM_DEMANDS, stream):
            return case.tell(verdict, given=f"`numbers` are {shorten(stream.numbers)}")
    return passed(
        f"{GIGABYTE} arrays of 10 MB came through a store of 100 MB, and none went to disk.",
        all_kept(STREAM_DEMANDS),
    )


STREAM = Exercise(
    number=17,
    title="Stream a gigabyte",
    call="my_sums(make, numbers)",
    section="Take results as they come",
    task=(
        "`make` is a remote function: `make.remote(number)` makes an array of 10 MB. Return a list "
        "of the sums of the arrays for all `numbers`, in their order. There may be 100 numbers, "
        "and the object store has 100 MB: let nothing go to disk. Make each array once. Before "
        "the first has come, ask for two at least, and for eight at most."
    ),
    starter_mistake="all-at-once",
    grader=grade_stream,
    sections={
        "keeps-refs": Section("hold-data", "Who holds an object"),
        "keeps-arrays": Section("hold-data", "Who holds an object"),
    },
    store_bytes=STORE_BYTES,
)
