"""Break the page on keeping state."""

from mutations.mutation import Mutation

MUTATIONS = (
    Mutation(
        "tasks that run here, a counter that forgets, and actors that hold nothing",
        edits=(
            (
                "ray.get([bump_global.remote() for _ in range(20)])",
                "[bump_global._function() for _ in range(19)]",
            ),
            ("        self.count += by\n", "        self.count = by\n"),
            ("greedy = Counter.options(num_cpus=1)", "greedy = Counter.options(num_cpus=0)"),
        ),
        breaks=(
            "Twenty tasks added",
            "The counts of the workers",
            "One actor counted",
            "Actors without any work",
        ),
    ),
    Mutation(
        "a task in the place of a call, a start that is waited for, and handles that are kept",
        edits=(
            ("    lambda: counter.count,\n", "    lambda: counter.bump,\n"),
            (
                "ray.get([counter.bump.remote(), counter.bump.remote()])",
                "ray.get([counter.bump.remote(), ray.remote(noop).remote(1)])",
            ),
            (
                "    clerk = Clerk.remote(seconds=1)\n",
                "    clerk = Clerk.remote(seconds=1)\n    ray.get(clerk.pid.remote())\n",
            ),
            ('        raise ValueError("no desk")\n', "        pass\n"),
            ('        raise ValueError("no such form")\n', "        pass\n"),
            (
                "refs = [clerk.pid.remote() for _ in range(3)]",
                "refs = [Clerk.remote().pid.remote() for _ in range(3)]",
            ),
            ("del clerk\n", "kept = clerk\n"),
            ("Clerk.remote(seconds=60)", "Clerk.remote()"),
            ("ray.kill(clerk)\n", "del clerk\n"),
        ),
        breaks=(
            "All three are errors",
            "The actor was made",
            "The second call began",
            ".remote() came back",
            "The error of an __init__",
            "The error of a method",
            "The calls that were made before",
            "The process ended with",
            "The call that waited",
        ),
    ),
    Mutation(
        "actors that hold a CPU",
        edits=(
            (
                "[Counter.remote() for _ in range(session.logical_cpus + 1)]",
                "[Counter.options(num_cpus=1).remote() for _ in range(session.logical_cpus)]",
            ),
        ),
        breaks=("One actor more", "A task found a free CPU"),
    ),
    Mutation(
        "tasks that are slow themselves, and more calls of it later",
        edits=(
            (
                "        time.sleep(0.01)\n        ray.get(progress.add",
                "        time.sleep(0.5)\n        ray.get(progress.add",
            ),
            (
                "        time.sleep(0.01)\n        progress.add",
                "        time.sleep(0.5)\n        progress.add",
            ),
            (
                "ray.get([report_each.remote(progress) for _ in range(4)])",
                "ray.get([report_each.remote(progress) for _ in range(1)])",
            ),
            ("[report_each.remote(one) for", "[report_each.remote(one, 12) for"),
        ),
        breaks=(
            "Half of the calls",
            "The actor was busy",
            "All three were quicker",
            "The counts were right",
            "The tasks took less than half",
        ),
    ),
)
