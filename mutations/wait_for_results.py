"""Break the page on waiting for results."""

from mutations import worlds
from mutations.mutation import Mutation

MUTATIONS = (
    Mutation(
        "arrays of ten elements more, and a wait that asks for another number",
        edits=(
            ("    arrays = [make.remote(10 * n)", "    arrays = [make.remote(10 * n + 10)"),
            ("num_returns=min(2, len(refs)), timeout=10", "num_returns=1, timeout=10"),
            ("    ready, rest = ray.wait(refs, num_returns=1", "    ready, refs = ray.wait(refs"),
        ),
        breaks=(
            "With {session.logical_cpus} logical CPUs",
            "After the timeout",
            "Each result came",
            "A ref that is ready",
            "Two, two, and",
            "A round of two ends",
        ),
    ),
    Mutation(
        "a wait for all at once",
        edits=(
            (
                "ready, refs = ray.wait(refs, num_returns=1, timeout=10)\n        for",
                "ready, refs = ray.wait(refs, num_returns=len(refs), timeout=10)\n        for",
            ),
        ),
        breaks=("Each result came", "You had the first"),
    ),
    Mutation(
        "a round that has ten seconds in place of two and a half",
        edits=(("timeout=2.5)\n        both", "timeout=10)\n        both"),),
        breaks=("A round of two that may take",),
    ),
    Mutation(
        "a wait that returns late",
        before=worlds.wait_is_slow,
        breaks=("Each result came", "A round of two ends", "The deadline ends"),
    ),
    Mutation(
        "a get that never raises",
        before=worlds.get_never_raises,
        breaks=(
            "ray.get raises GetTimeoutError",
            "One failed task makes",
            "Asked one by one",
            "The error that the task raised",
            "An exception that cannot",
            "A cancelled task raises",
            "Asked to stop",
            "With force=True",
            "Every ref is in one",
            "One failure cost",
        ),
    ),
    Mutation(
        "errors of another family",
        before=worlds.errors_of_another_family,
        breaks=("It is a TimeoutError", "RayTaskError is a RayError"),
    ),
    Mutation(
        "a wait that leaves out what failed",
        before=worlds.wait_leaves_out_failures,
        breaks=("For ray.wait a failed",),
    ),
    Mutation(
        "a cancel that nobody hears",
        before=worlds.cancel_is_not_heard,
        breaks=("A cancelled task raises", "With force=True", "A task inside a call"),
    ),
    Mutation(
        "waits for what is there, longer ones, and a task that sleeps in small steps",
        edits=(
            ("ray.wait(refs, num_returns=5)", "ray.wait(refs, num_returns=2)"),
            ("num_returns=2, timeout=0.5)", "num_returns=2, timeout=5)"),
            ('raise TooHeavy("a piano", 300)', 'raise ValueError("a piano")'),
            ("make.remote(2), hang.remote(), make.remote(5)]", "make.remote(2), hang.remote()]"),
            (
                "wait_in_rounds(refs, deadline_seconds=2)",
                "wait_in_rounds(refs, deadline_seconds=4)",
            ),
            ("    time.sleep(3600)\n", "    for _ in range(36_000):\n        time.sleep(0.1)\n"),
        ),
        breaks=(
            "All three are errors",
            "A round can time out",
            "An exception that cannot",
            "The deadline ends",
            "The two results",
            "Asked to stop",
        ),
    ),
    Mutation(
        "other chunks, and a task less",
        edits=(
            (
                "first_arrival(9), first_arrival(10), first_arrival(9, chunk_size=1)",
                "first_arrival(10), first_arrival(9), first_arrival(9, chunk_size=10)",
            ),
            (
                "refs = [make.remote(10 * n) for n in range(3)]\n",
                "refs = [make.remote(10 * n) for n in range(2)]\n",
            ),
        ),
        breaks=("By default as_completed", "With chunk_size=1", "The timeout of as_completed"),
    ),
    Mutation(
        "a map_unordered that makes all calls at once",
        before=worlds.map_unordered_is_eager,
        breaks=("The squares come", "With backpressure_size=2"),
    ),
    Mutation(
        "a map_unordered whose timeout does nothing",
        before=worlds.map_unordered_waits,
        breaks=("With a timeout, more",),
    ),
)
