"""Break the page on the size of tasks."""

from mutations.mutation import Mutation

MUTATIONS = (
    Mutation(
        "a noop with work in it",
        files={
            "src/raylessons/workloads.py": (
                ("    return value\n", "    _sleep(0.002)\n    return value\n"),
            )
        },
        breaks=("A task costs more than a hundred times",),
    ),
    Mutation(
        "latency and throughput that changed places",
        edits=(
            (
                "    for number in range(calls):\n        ray.get(remote_noop.remote(number))\n",
                "    ray.get([remote_noop.remote(number) for number in range(calls)])\n",
            ),
            (
                "def many_in_flight():\n"
                "    ray.get([remote_noop.remote(number) for number in range(calls)])\n",
                "def many_in_flight():\n"
                "    for number in range(calls):\n        ray.get(remote_noop.remote(number))\n",
            ),
        ),
        breaks=("In flight together",),
    ),
    Mutation(
        "swapped curves",
        edits=(
            (
                '        "local calls": call_locally,\n'
                '        "Ray tasks": call_tasks,\n'
                '        "threads": call_threads,\n'
                '        "processes": call_processes,\n',
                '        "local calls": call_tasks,\n'
                '        "Ray tasks": call_locally,\n'
                '        "threads": call_processes,\n'
                '        "processes": call_threads,\n',
            ),
        ),
        breaks=(
            "At {smallest.size} elements a task is slower",
            "At most sizes threads are quicker",
        ),
    ),
    Mutation(
        "sizes that go down",
        edits=(("    sizes=one_two_five(100),\n", "    sizes=(100_000, 10_000, 1_000, 100),\n"),),
        breaks=("The bigger the array", "At {biggest.size:,} elements each of the four ways"),
    ),
    Mutation(
        "tasks that take time for each element",
        edits=(("make.remote(size, 0)", "make.remote(size, 3e-5)"),),
        breaks=("From 100 to 1,000 elements",),
    ),
    Mutation(
        "a noop that sleeps and takes every CPU, and an array of ten numbers",
        edits=(
            (
                "remote_noop = ray.remote(noop)\n",
                "remote_noop = ray.remote(num_cpus=session.logical_cpus)(\n"
                "    lambda value: __import__('time').sleep(0.006) or value\n"
                ")\n",
            ),
            ("eight_megabytes = make_array(1_000_000, 0)", "eight_megabytes = make_array(10, 0)"),
        ),
        breaks=("A task of ten milliseconds", "A call that is given 8 MB"),
    ),
    Mutation(
        "threads that count with NumPy, hold the lock elsewhere, and hand over copies",
        edits=(
            (
                "    for _ in range(1_000_000):\n        pass\n",
                "    make_array(3_000_000, 0)\n",
            ),
            ("make_array(3_000_000, 0))\n    return", "sum(range(30_000_000)))\n    return"),
            ("time.perf_counter(), made[0]\n", "time.perf_counter(), made[0] + 0\n"),
        ),
        breaks=(
            "Plain Python code gains nothing",
            "While NumPy makes random numbers",
            "A thread hands over",
        ),
    ),
    Mutation(
        "batches of one, whatever their size",
        edits=(
            (
                "mean_of_each.remote(batch) for _ in range(2_000 // batch)",
                "mean_of_each.remote(1) for _ in range(2_000)",
            ),
        ),
        breaks=("Twenty tasks of a hundred", "For batches of up to a hundred"),
    ),
    Mutation(
        "a rule that knows of two CPUs only",
        files={"src/raylessons/sweeps.py": (("math.ceil(tasks / cpus)", "math.ceil(tasks / 2)"),)},
        breaks=("By the rule, batches",),
    ),
    Mutation(
        "tasks that ask for every CPU",
        edits=(
            (
                "@ray.remote\ndef mean_of_each(",
                "@ray.remote(num_cpus=session.logical_cpus)\ndef mean_of_each(",
            ),
        ),
        breaks=("Twenty batches use several CPUs",),
    ),
    Mutation(
        "a task that does a hundred at the most",
        edits=(
            (
                "    for _ in range(arrays):\n        make_array(10_000",
                "    for _ in range(min(arrays, 100)):\n        make_array(10_000",
            ),
        ),
        breaks=("There, the one task for all",),
    ),
)
