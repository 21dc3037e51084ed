"""Break the page on running out of room."""

from mutations.mutation import Mutation

MUTATIONS = (
    Mutation(
        "rounds that fit, objects too small to spill, a wait, and tasks that ask for little",
        edits=(
            (
                "        ref = ray.put(np.ones(4_500_000))\n"
                "        doubled = double.remote(ref)\n"
                "        ray.get(doubled)\n"
                "        time.sleep(0.1)  #",
                "        ref = ray.put(np.ones(500_000))\n"
                "        doubled = double.remote(ref)\n"
                "        ray.get(doubled)\n"
                "        time.sleep(0.1)  #",
            ),
            ("float(ray.get(ref)[0]) for ref in refs]\n```", "float(ray.get(refs[0])[0])]\n```"),
            ("def make(number, size=1_250_000):", "def make(number, size=62_500):"),
            (
                '    firsts["taken"], refs = [], []\n',
                '    time.sleep(10)\n    firsts["taken"], refs = [], []\n',
            ),
            ("np.ones(10_000_000).nbytes", "np.ones(1_000_000).nbytes"),
            ("nap.options(memory=2 * memory)", "nap.options(memory=0.1 * memory)"),
            ("nap.options(memory=0.6 * memory)", "nap.options(memory=0.2 * memory)"),
        ),
        breaks=(
            "A loop whose rounds",
            "Let go at the end",
            "All hundred came",
            "Most of the gigabyte",
            "The record names",
            "The same hundred",
            "That was quicker",
            "A task that asked for 1 MB",
            "A task that asked for more",
            "Two tasks that asked",
        ),
    ),
    Mutation(
        "forty at a time, and arrays of zeros",
        edits=(
            (
                "        if len(refs) == 2:\n"
                "            ready, refs = ray.wait(refs, num_returns=1)\n"
                "            firsts",
                "        if len(refs) == 40:\n"
                "            ready, refs = ray.wait(refs, num_returns=1)\n"
                "            firsts",
            ),
            (
                "refs.append(ray.put(np.ones(1_250_000)))",
                "refs.append(ray.put(np.zeros(1_250_000)))",
            ),
        ),
        breaks=("With two at a time", "What was there"),
    ),
    Mutation(
        "a machine that is not full",
        edits=(
            (
                '"RAY_local_fs_capacity_threshold": "0.001"',
                '"RAY_local_fs_capacity_threshold": "0.99"',
            ),
            ('"RAY_memory_usage_threshold": "0.001"', '"RAY_memory_usage_threshold": "0.99"'),
        ),
        breaks=("With no room", "A task that took nothing"),
    ),
)
