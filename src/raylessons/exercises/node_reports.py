"""What an answer says about a node that went, and what is wrong with that."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from numbers import Integral
from typing import Any

from raylessons.exercises.demands import Demand
from raylessons.exercises.lost_nodes import NODE_DIED, find_loss, tell_life
from raylessons.exercises.mistakes import common_mistake
from raylessons.exercises.observing import Observation
from raylessons.exercises.verdicts import Verdict, not_yet
from raylessons.trace.records import Node, TaskRun, Trace
from raylessons.words import count, describe

_EXCEPTION_HINTS = (
    (
        "'NoneType' object has no attribute 'number'",
        "`trace.node_of` is `None` for a run that has no node yet. Which runs do you ask it for?",
    ),
    (
        "'NoneType'",
        "A record says `None` where there is nothing to say: a run without an error has none, and "
        "a node that stayed was never removed. Ask for that first.",
    ),
    (
        "is an empty sequence",
        "On some record there is nothing to choose from. What is asked for there?",
    ),
    (
        "StopIteration",
        "`next` found nothing: on some record no node went, or a task never finished. "
        "`next(..., None)` gives `None` then.",
    ),
    (
        "IndexError",
        "There is no such element: on some record no node went, or a task never finished.",
    ),
    (
        "KeyError",
        "That key is not in your dict: not every task has what you look up there.",
    ),
    (
        "object is not subscriptable",
        "The records of a trace are no dicts: write `run.task_id`, with a dot.",
    ),
    (
        "object has no attribute",
        "A run knows `task_id`, `attempt`, `node_id`, `error` and `outcome`; a node knows "
        "`node_id`, `number` and `removed`; `trace.node_of(run)` is the node of a run.",
    ),
)


@dataclass(frozen=True)
class NodeReport:
    """What an answer to exercise 20 said about a trace."""

    seen: Observation
    trace: Trace

    @cached_property
    def loss(self) -> tuple[int, dict[str, int | None]] | None:
        """Return what it should tell."""
        return find_loss(self.trace)

    @property
    def value(self) -> Any:
        """Return what it told."""
        return self.seen.value

    @property
    def number(self) -> Any:
        """Return which node it says went."""
        return self.value[0]

    @property
    def places(self) -> dict[Any, Any]:
        """Return where it says that tasks finished."""
        return dict(self.value[1])

    @property
    def story(self) -> str:
        """Tell what it told, and what was right."""
        return f"you returned {describe(self.value)}, where `{self.loss}` was right."

    def runs(self, task_id: str) -> list[TaskRun]:
        """Return the attempts at a task, in their order."""
        return [run for run in self.trace.task_runs if run.task_id == task_id]

    def number_of(self, run: TaskRun) -> int | None:
        """Return the number of the node of a run."""
        node = self.trace.node_of(run)
        return node.number if node else None

    def about(self, task_id: Any, says: str) -> str:
        """Say of one task what the trace tells, and what the answer tells."""
        return f"the trace says of `{task_id}`: {tell_life(self.trace, task_id)}. {says}"


def _no_end(report: NodeReport) -> Verdict | None:
    verdict = common_mistake(report.seen, "value", _EXCEPTION_HINTS)
    return None if verdict is not None and verdict.mistake == "none" else verdict


def _not_none(report: NodeReport) -> Verdict | None:
    if (report.value is None) == (report.loss is None):
        return None
    if report.loss is None:
        return not_yet(
            "not-none",
            f"you returned {describe(report.value)} for a record in which no node went.",
            "All nodes stayed, and `None` is asked for then. What tells you whether one went?",
            "`node.removed` is `None` for a node that stayed. A worker can die on such a node.",
        )
    if not report.loss[1]:
        return not_yet(
            "none-lost",
            f"you returned `None`, and node {report.loss[0]} went. No task lost a run with it.",
            "The node went, whether it took tasks along or not. What do you return for none?",
            "Return its number and an empty dict.",
        )
    return not_yet(
        "none",
        f"you returned `None`, and node {report.loss[0]} went.",
        "Your function hands nothing back where a node went. Does every way through it end in a "
        "`return`?",
    )


def _no_tuple(report: NodeReport) -> Verdict | None:
    value = report.value
    if value is None or (
        isinstance(value, tuple | list) and len(value) == 2 and isinstance(value[1], Mapping)
    ):
        return None
    if isinstance(value, tuple | list) and len(value) == 2:
        hint = "Ids alone do not tell where the tasks finished. What holds both?"
    else:
        hint = "Two things are asked for, in one tuple. What is missing, or not what it should be?"
    return not_yet(
        "no-tuple",
        f"you returned {describe(value)}.",
        hint,
        "Return `number, places`: an integer and a dict.",
    )


def _other_node(report: NodeReport) -> Verdict | None:
    if report.loss is None or _is(report.number, report.loss[0]):
        return None
    if isinstance(report.number, str | Node):
        return not_yet(
            "no-number",
            f"you say that {describe(report.number)} went.",
            "The number of the node is asked for, such as 2: what the pages call it.",
            "It is `node.number`.",
        )
    return not_yet(
        "other-node",
        f"you say that {describe(report.number)} went, and it was node {report.loss[0]}.",
        "You name another node than the one that went. What in the trace says that a node went?",
        "`node.removed` is a moment for a node that went, and `None` for the others.",
    )


def _other_tasks(report: NodeReport) -> Verdict | None:
    if report.loss is None:
        return None
    right, told = report.loss[1].keys(), report.places.keys()
    task_ids = {run.task_id for run in report.trace.task_runs}
    if strange := [each for each in told if each not in task_ids]:
        return not_yet(
            "no-ids",
            f"your dict has the key {describe(strange[0])}.",
            "The keys are the ids of tasks. All of these tasks have one name, and a run is no id.",
            "It is `run.task_id`.",
        )
    if extra := [each for each in told if each not in right]:
        return _too_many(report, extra)
    if missing := [each for each in right if each not in told]:
        return _too_few(report, missing)
    return None


def _too_many(report: NodeReport, extra: list[str]) -> Verdict:
    gone = report.loss[0] if report.loss else None
    there = {
        task_id: [run for run in report.runs(task_id) if report.number_of(run) == gone]
        for task_id in extra
    }
    direct = f'Choose by the error alone: `run.error and run.error.startswith("{NODE_DIED}")`.'
    says = "You say that it lost a run with the node."
    for task_id, runs in there.items():
        if not runs:
            return not_yet(
                "elsewhere",
                report.about(task_id, says),
                f"No run of it was on node {gone}. Other things let a task fail or run again, too.",
                direct,
            )
    for task_id, runs in there.items():
        if all(run.error is None for run in runs):
            return not_yet(
                "had-finished",
                report.about(task_id, says),
                "It had finished there: no run of it was lost with the node. What does a run have "
                "that was lost?",
                direct,
            )
    return not_yet(
        "other-failure",
        report.about(extra[0], says),
        "It failed there for a reason of its own, and not since the node went. Where does the "
        "record tell the reason?",
        direct,
    )


def _too_few(report: NodeReport, missing: list[str]) -> Verdict:
    direct = (
        "Go through all of `trace.task_runs`: it has each attempt, where `trace.tasks()` and "
        "`trace.tasks_on(node)` have the last ones."
    )
    finished = [each for each in missing if report.loss and report.loss[1][each] is not None]
    if not finished:
        return not_yet(
            "left-out",
            report.about(missing[0], "It is not in your dict."),
            "It lost a run with the node and never finished. It belongs into the dict, too.",
            "Put all that were lost into the dict with `None` first, and then the numbers.",
        )
    if len(missing) == 1 and report.runs(missing[0])[0].error == "WORKER_DIED":
        return not_yet(
            "first-attempts",
            report.about(missing[0], "It is not in your dict."),
            "Its first attempt failed for another reason, and a later one was lost. Which attempts "
            "do you look at?",
            direct,
        )
    return not_yet(
        "last-attempts",
        report.about(finished[0], "It is not in your dict."),
        "It finished in the end, and had lost a run before. Which of its attempts do you look at?",
        direct,
    )


def _other_places(report: NodeReport) -> Verdict | None:
    if report.loss is None:
        return None
    number, places = report.loss
    wrong = [each for each, place in places.items() if not _is(report.places[each], place)]
    if not wrong:
        return None
    task_id = min(wrong, key=lambda each: places[each] is None)  # one that finished, if any
    told, runs = report.places[task_id], report.runs(task_id)
    seen = report.about(task_id, f"You say {describe(told)}, where `{places[task_id]}` is right.")
    if isinstance(told, str | Node | TaskRun):
        return not_yet(
            "no-number",
            seen,
            "The number of a node is asked for, such as 2: what the pages call it.",
            "It is `trace.node_of(run).number`.",
        )
    if all(_is(report.places[each], number) for each in wrong):
        return not_yet(
            "same-node",
            seen,
            "You name the node that went, where the run was lost. Where was the one that finished?",
            "Go through the runs once more, and take the node of the one whose `outcome` is "
            "`Outcome.FINISHED`.",
        )
    if told is None:
        return not_yet(
            "not-found",
            seen,
            f"It has {count(len(runs), 'attempt')}, and one of them finished. Which of them do you "
            "look at?",
            "Look at all attempts, or at the last one, for one whose `outcome` is "
            "`Outcome.FINISHED`.",
        )
    if places[task_id] is not None:
        return not_yet(
            "next-attempt",
            seen,
            "You name the node of an attempt that failed, too. Which one was the last?",
            "Take the node of the run whose `outcome` is `Outcome.FINISHED`.",
        )
    return not_yet(
        "never-finished",
        seen,
        "It was tried again there, and did not finish. Which number is asked for then?",
        "Take the node of a run only if its `outcome` is `Outcome.FINISHED`, and else `None`.",
    )


def _is(told: Any, right: int | None) -> bool:
    if right is None or told is None:
        return told is right
    return isinstance(told, Integral) and int(told) == right


REPORT_DEMANDS = (
    Demand("It ends.", _no_end),
    Demand("It returns `None` where no node went, and not otherwise.", _not_none),
    Demand("Otherwise it returns two things, of which the second is a dict.", _no_tuple),
    Demand("The first is the number of the node that went.", _other_node),
    Demand("The dict has the tasks that lost a run with the node, and no others.", _other_tasks),
    Demand("For each it has the number of the node where it finished, or `None`.", _other_places),
)
