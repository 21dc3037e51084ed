"""Break the page on losing a node."""

from mutations.mutation import Mutation

MUTATIONS = (
    Mutation(
        "a node that stays, one that is killed and not silent, and a crawl without patience",
        edits=(
            ("    cluster.kill_node(3)\n    array", "    array"),
            ("cluster.silence_node(2)\n", "cluster.kill_node(2)\n"),
            (
                "crawl(12, after_eight=lambda: cluster.kill_node(number))",
                "crawl(0.2, lambda: None)",
            ),
        ),
        breaks=(
            "The lost array",
            "The array of a task",
            "The array that was put",
            "Both errors are",
            "At first nobody",
            "The node was given up",
            "Every page came",
            "What is missing",
            "The node that was killed",
        ),
    ),
    Mutation(
        "a small value that is big, an actor on the node that stays, and nine repeats",
        edits=(
            ('"small": make_there.remote(20, 0)', '"small": make_once.remote(SIZE, 0)'),
            ("scheduling_strategy=only_on(2)", "scheduling_strategy=only_on(1)"),
            ("@ray.remote(max_retries=2)\n", "@ray.remote(max_retries=9)\n"),
        ),
        breaks=("The small one", "Then the waiting call", "Page 7 was visited"),
    ),
)
