"""Break the page on Ray's schedule."""

from mutations import worlds
from mutations.mutation import Mutation

MUTATIONS = (
    Mutation(
        "tasks that run one after another",
        edits=(
            (
                "        ray.get([nap.remote(0.4) for _ in range(8)])\n",
                "        [ray.get(nap.remote(0.4)) for _ in range(8)]\n",
            ),
            (
                "    ray.get([compute.remote(0.4) for _ in range(8)])\n",
                "    [ray.get(compute.remote(0.4)) for _ in range(8)]\n",
            ),
            (
                "    ray.get([nap.options(name=name).remote(seconds) "
                "for name, seconds in lengths.items()])\n",
                "    for name, seconds in lengths.items():\n"
                "        ray.get(nap.options(name=name).remote(seconds))\n",
            ),
            (
                "    ray.get([nap.options(name=name).remote(lengths[name]) "
                "for name in longest_first])\n",
                "    for name in longest_first:\n"
                "        ray.get(nap.options(name=name).remote(lengths[name]))\n",
            ),
            (
                "        ray.get([nap.options(**asked).remote(0.5) for _ in range(4)])\n",
                "        [ray.get(nap.options(**asked).remote(0.5)) for _ in range(4)]\n",
            ),
        ),
        breaks=(
            "With {cpus} logical CPU",
            "Ray ran all eight",
            "They end in the predicted order",
            "The last one ends when",
            "No order can end",
            "Tasks that ask for one CPU",
            "Tasks that ask for half",
        ),
    ),
    Mutation(
        "the shortest first",
        edits=(
            ("sorted(lengths, key=lengths.get, reverse=True)", "sorted(lengths, key=lengths.get)"),
        ),
        breaks=("Longest first is", "No order can end"),
    ),
    Mutation(
        "naps that all need the first",
        edits=(("after = refs[needed] if name == task else None", 'after = refs.get("A")'),),
        breaks=("Where {task} needs", "D started after B", "With that need"),
    ),
    Mutation(
        "a lease of five seconds in place of half a second",
        before=worlds.long_leases,
        breaks=("Each of the ten",),
    ),
    Mutation(
        "tasks that ask for half a CPU whatever they say",
        edits=(("nap.options(**asked)", "nap.options(num_cpus=0.5)"),),
        breaks=(
            "Tasks that ask for one CPU",
            "Tasks that ask for half",
            "Tasks that ask for two",
            "There is one license",
        ),
    ),
    Mutation(
        "a task that is bound to one core, and looks at another setting",
        edits=(
            (
                "def look_inside():\n",
                "def look_inside():\n    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})\n",
            ),
            ('os.environ["OMP_NUM_THREADS"]\n', 'os.environ.get("NOBODY_SETS_THIS")\n'),
        ),
        breaks=("A task may use every core", "Ray sets OMP_NUM_THREADS"),
    ),
    Mutation(
        "a task that asks for what there is",
        edits=(
            (
                'name="greedy", num_cpus=session.logical_cpus + 1',
                'name="greedy", num_cpus=1',
            ),
        ),
        breaks=(
            "A task that asks for more",
            "Ray's state API tells",
            "It tells what the task asks for",
            "A task that never started",
        ),
    ),
    Mutation(
        "parents that do not wait for their children, and a second license",
        edits=(
            ("    return [os.getpid(), *ray.get(children)]\n", "    return [os.getpid()]\n"),
            ('resources={"license": 1}, include', 'resources={"license": 2}, include'),
        ),
        breaks=("More tasks are under way", "There is one license", "A parent that holds the only"),
    ),
    Mutation(
        "tasks that ask for nothing, and end at once",
        edits=(
            ('nap.options(name="running").remote(60)', 'nap.options(name="running").remote(0)'),
            ('nap.options(name="queued")', 'nap.options(name="queued", num_cpus=0)'),
            (
                'name="stuck", num_cpus=session.logical_cpus + 1',
                'name="stuck", num_cpus=0',
            ),
        ),
        breaks=(
            "The tasks that hold a CPU",
            "Those that wait",
            "Pending Demands lists",
            "ray status says",
        ),
    ),
    Mutation(
        "a Dashboard at every address, and a question that needs no token",
        edits=(("/api/version", "/api/gcs_healthz"),),
        before=worlds.dashboard_everywhere,
        breaks=("The Dashboard listens", "This one, which"),
    ),
    Mutation(
        "a Ray that listens to others",
        before=worlds.ray_for_others,
        breaks=("All servers of this Ray",),
    ),
)
