"""Break the page on asking late."""

from mutations import worlds
from mutations.mutation import Mutation

MUTATIONS = (
    Mutation(
        "the loop asks once, at its end",
        edits=(
            (
                "        ref = weigh.remote(parcel)\n        weights.append(ray.get(ref))\n",
                "        weights.append(weigh.remote(parcel))\n    weights = ray.get(weights)\n",
            ),
        ),
        breaks=("Asking in the loop takes", "No two of the tasks", "Asking at the end"),
    ),
    Mutation(
        "one CPU instead of four",
        before=worlds.one_cpu,
        breaks=("Asking at the end", "As many tasks as there are CPUs"),
    ),
    Mutation(
        "tasks that run one after another",
        edits=(
            (
                "    refs = [weigh.remote(parcel) for parcel in range(4)]\n"
                "    weights_late = ray.get(refs)\n",
                "    weights_late = [ray.get(weigh.remote(parcel)) for parcel in range(4)]\n",
            ),
        ),
        breaks=("Asking at the end", "As many tasks as there are CPUs"),
    ),
    Mutation(
        "a get that loses the order",
        before=worlds.get_in_another_order,
        breaks=("The answer is the same.",),
    ),
    Mutation(
        "a task that is given three of the four arrays",
        edits=(("add.remote(*refs)", "add.remote(*refs[1:])"),),
        breaks=("Both sums are the same.",),
    ),
    Mutation(
        "a task that returns the array itself",
        edits=(
            (
                "    return float(sum(array.sum() for array in arrays))\n",
                "    return sum(arrays)\n",
            ),
        ),
        breaks=("Asked for, the arrays are in your program",),
    ),
    Mutation(
        "a program that waits for the task that saves",
        edits=(
            ("\nsave.remote(folder)\n", "\nsaving = save.remote(folder)\n"),
            ("ray.shutdown()  # Ray does this", "ray.get(saving), ray.shutdown()  # Ray does this"),
        ),
        breaks=("A task that is running ends",),
    ),
    Mutation(
        "a swapped curve",
        edits=(
            (
                '{"pass the array": pass_the_array, "pass a ref": pass_a_ref}',
                '{"pass the array": pass_a_ref, "pass a ref": pass_the_array}',
            ),
        ),
        breaks=("For the biggest table", "For the smallest, a ref gains less"),
    ),
    Mutation(
        "a function that is packed again",
        edits=(
            ("\ntable[7] = -1\n", "\ntable[7] = -1\nlook_up = ray.remote(look_up._function)\n"),
        ),
        breaks=("A task sees what it carried",),
    ),
    Mutation(
        "a function that carries 8 MB",
        edits=(("np.zeros(13_000_000)", "np.zeros(1_000_000)"),),
        breaks=("Ray refuses a function",),
    ),
    Mutation(
        "a wait that gives too much",
        before=worlds.wait_gives_everything,
        breaks=("Both sums are the same. (2)",),
    ),
    Mutation(
        "one task in flight",
        edits=(("AT_ONCE = 2 * session.logical_cpus", "AT_ONCE = 1"),),
        breaks=("With {AT_ONCE} in flight",),
    ),
)
