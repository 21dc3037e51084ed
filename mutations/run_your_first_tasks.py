"""Break the page on first tasks."""

from mutations import worlds
from mutations.mutation import Mutation

MUTATIONS = (
    Mutation(
        "a function that is not slow",
        edits=(("    time.sleep(0.5)\n", "    time.sleep(0.1)\n"),),
        breaks=(
            "One after another, five calls",
            "On {session.logical_cpus} logical CPUs",
            "Each batch took its half second",
        ),
    ),
    Mutation(
        "a remote function that can be called",
        edits=(
            (
                "\ncube = ray.remote(slow_cube)\n",
                "\ncube = ray.remote(slow_cube)\n"
                "type(cube).__call__ = lambda self, number: self.remote(number)\n",
            ),
        ),
        breaks=("A remote function cannot be called",),
    ),
    Mutation(
        "a call that waits for its result",
        edits=(("    ref = cube.remote(3)\n", "    ref = ray.get(cube.remote(3))\n"),),
        breaks=("A call with .remote() returns",),
    ),
    Mutation(
        "a call that returns when its task has ended",
        edits=(("    ref = cube.remote(3)\n", "    ref = cube.remote(3)\n    ray.wait([ref])\n"),),
        breaks=("It returns before the task",),
    ),
    Mutation(
        "asking again that runs the task again",
        edits=(("    value = ray.get(ref)\n", "    value = ray.get(cube.remote(3))\n"),),
        breaks=("The task ran once",),
    ),
    Mutation(
        "a get that loses the order",
        before=worlds.get_in_another_order,
        breaks=("The values are the same",),
    ),
    Mutation(
        "one CPU instead of five",
        before=worlds.one_cpu,
        breaks=("On {session.logical_cpus} logical CPUs", "Tasks were quicker than calls."),
    ),
    Mutation(
        "tasks that run in your program",
        edits=(
            (
                "ray.get([see.remote(number) for number in range(10)])",
                "[see._function(number) for number in range(10)]",
            ),
        ),
        breaks=("A task cannot change a variable",),
    ),
    Mutation(
        "workers that end with their task",
        edits=(("@ray.remote\ndef see(", "@ray.remote(max_calls=1)\ndef see("),),
        breaks=("Each worker has a list of its own",),
    ),
    Mutation(
        "a new Ray that is warm",
        edits=(
            (
                "\nbatches = []\n",
                "\nwarm_up(), ray.get([cube.remote(3) for _ in range(5)])\nbatches = []\n",
            ),
        ),
        breaks=("The first batch on a new Ray",),
    ),
    Mutation(
        "a get that never raises",
        before=worlds.get_never_raises,
        breaks=("The error waits in the ref", "This ray.get raised the ZeroDivisionError"),
    ),
    Mutation(
        "a get that raises the task's error alone",
        before=worlds.get_raises_the_cause,
        breaks=("It is a RayTaskError, too", "The last line says", "The first line names the task"),
    ),
    Mutation(
        "divisions that need one another",
        edits=(
            ("def divide(number, by):\n", "def divide(number, by, *before):\n"),
            (
                "refs = [divide.remote(12, by) for by in (4, 3, 0, 2, 1)]\n",
                "refs = []\n"
                "for by in (4, 3, 0, 2, 1):\n"
                "    refs.append(divide.remote(12, by, *refs))\n",
            ),
        ),
        breaks=("The error waits in the ref", "A failed task costs its neighbours nothing."),
    ),
    Mutation(
        "a function that takes less",
        edits=(("def divide(number, by):\n", "def divide(number, by=1):\n"),),
        breaks=("A call with an argument too few",),
    ),
    Mutation(
        "a task that is given the failed ref in a list",
        edits=(("double.remote(refs[2])", "double.remote([refs[2]])"),),
        breaks=("A task that needs its value fails",),
    ),
    Mutation(
        "a wait that leaves out what failed",
        before=worlds.wait_leaves_out_failures,
        breaks=("A ref whose task failed is ready",),
    ),
    Mutation(
        "a Ray that ignores unhandled errors",
        before=worlds.unhandled_errors_are_ignored,
        breaks=("A failed task whose ref is dropped",),
    ),
)
