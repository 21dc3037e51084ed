"""Break the page on chains of tasks."""

from mutations import worlds
from mutations.mutation import Mutation

MUTATIONS = (
    Mutation(
        "an init that tells addresses alone",
        before=worlds.init_tells_addresses,
        breaks=("ray.init returns a RayContext.",),
    ),
    Mutation(
        "one CPU instead of four",
        before=worlds.one_cpu,
        breaks=("The chain takes", "{'Both arrays were'"),
    ),
    Mutation(
        "add_arrays that does not wait",
        files={
            "src/raylessons/workloads.py": (("    _sleep(left.size * seconds_per_element)\n", ""),)
        },
        breaks=("The chain takes", "On {narrow.logical_cpus} logical CPU", "Asking on every line"),
    ),
    Mutation(
        "calls that wait for the arrays",
        edits=(
            (
                "    ref3 = add.remote(ref1, ref2)\n",
                "    ref3 = add.remote(ray.get(ref1), ray.get(ref2))\n",
            ),
        ),
        breaks=("All three calls return",),
    ),
    Mutation(
        "a sum that nobody asks for",
        edits=(("    total = ray.get(ref3)\n", "    total = ref3\n"),),
        breaks=("The sum is an array", "The chain takes"),
    ),
    Mutation(
        "an add that needs neither array",
        edits=(
            (
                "    ref3 = add.remote(ref1, ref2)\n",
                "    ref3 = add.remote(np.ones(20), np.ones(20))\n",
            ),
            ("    total = ray.get(ref3)\n", "    total, *_ = ray.get([ref3, ref1, ref2])\n"),
        ),
        breaks=("The chain takes", "add_arrays started only once"),
    ),
    Mutation(
        "tasks that ask for half a CPU",
        edits=(("make = ray.remote(make_array)", "make = ray.remote(num_cpus=0.5)(make_array)"),),
        breaks=("On {narrow.logical_cpus} logical CPU",),
    ),
    Mutation(
        "a ref in a dictionary",
        edits=(("name_type.remote(ref)", 'name_type.remote({"ref": ref})'),),
        breaks=("A ref passed as an argument",),
    ),
    Mutation(
        "a list of values",
        edits=(("name_type.remote([ref])", "name_type.remote(ray.get([ref]))"),),
        breaks=("A ref inside a list arrives",),
    ),
    Mutation(
        "a ref that is not in a list",
        edits=(("name_type.remote([slow])", "name_type.remote(slow)"),),
        breaks=("A task does not wait for a ref inside a list.",),
    ),
    Mutation(
        "arrays with gaps",
        files={
            "src/raylessons/workloads.py": (
                (".standard_normal(size)\n", ".standard_normal(2 * size)[::2]\n"),
            )
        },
        breaks=("The task could not change", "An array of numbers in one piece"),
    ),
    Mutation(
        "a chain that asks on every line, and an end that does not",
        edits=(
            ("    ref2 = make.remote(20)\n", "    ray.wait([ref1])\n    ref2 = make.remote(20)\n"),
            (
                "    array1 = ray.get(make.remote(20))\n    array2 = ray.get(make.remote(20))\n",
                "    array1 = make.remote(20)\n    array2 = make.remote(20)\n",
            ),
        ),
        breaks=("The chain takes", "Asking on every line", "Asking once, at the end"),
    ),
)
