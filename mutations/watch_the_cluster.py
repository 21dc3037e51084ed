"""Break the page on three nodes."""

from mutations import worlds
from mutations.mutation import Mutation

OBJECTS = "src/raylessons/recording/objects.py"
RECORDS = "src/raylessons/trace/records.py"
TASKS = "src/raylessons/recording/tasks.py"

MUTATIONS = (
    Mutation(
        "arrays so small that they are inlined",
        edits=(("SIZE = 2_000_000\n", "SIZE = 20\n"),),
        breaks=(
            "The array of ref1",
            "So does that of ref2",
            "Both arrays still",
            "Until ray.get asked",
            "Asked for, it was copied",
            "The sum lay on",
            "Without fetch_local=False",
            "With 2,000,000",
            "Pinned tasks ran",
            "Free to choose",
        ),
    ),
    Mutation(
        "a store that inlines nothing",
        before=worlds.store_inlines_nothing,
        breaks=("An array of 20", "With 20 numbers", "A result of 102,399"),
    ),
    Mutation(
        "a program that waits for the first array, and fetches the result",
        edits=(
            (
                "    ref1 = make_here.remote(SIZE, 0)\n",
                "    ref1 = make_here.remote(SIZE, 0)\n    ray.wait([ref1], fetch_local=False)\n",
            ),
            (
                "    ray.wait([ref], fetch_local=False)\n    time.sleep(0.2)\n",
                "    ray.wait([ref])\n    time.sleep(1)\n",
            ),
        ),
        breaks=("You held all three", "Until ray.get asked"),
    ),
    Mutation(
        "a sum that is sent elsewhere",
        edits=(
            (
                "    ref3 = add.remote(ref1, ref2, 0)\n",
                "    there_too = on_node(elsewhere)\n"
                "    ref3 = add.options(scheduling_strategy=there_too).remote(ref1, ref2, 0)\n",
            ),
        ),
        breaks=("add ran on the node", "The sum lay on"),
    ),
    Mutation(
        "a lease that is told too early",
        files={
            TASKS: (('else seconds("SUBMITTED_TO_WORKER")', 'else seconds("PENDING_ARGS_AVAIL")'),)
        },
        breaks=("add got a worker",),
    ),
    Mutation(
        "a copy that is not seen",
        files={
            OBJECTS: (
                (
                    "    return tuple(sorted(found, key=lambda transfer: transfer.seen))\n",
                    "    return ()\n",
                ),
            )
        },
        breaks=(
            "An argument that lay elsewhere",
            "Asked for, it was copied",
            "In all four",
            "Pinned tasks ran",
            "Free to choose",
        ),
    ),
    Mutation(
        "a wait that fetches nothing, in another driver",
        before=worlds.wait_fetches_nothing,
        breaks=("Without fetch_local=False", "A ref that you get"),
    ),
    Mutation(
        "a chain without its last task",
        files={
            RECORDS: (
                ("longest_chain(needs, seconds))\n", "longest_chain(needs, seconds))[:-1]\n"),
            )
        },
        breaks=("The longest chain",),
    ),
)
