"""Break the page on keeping state."""

from mutations.mutation import Mutation

MUTATIONS = (
    Mutation(
        "tasks that run here, and a counter that forgets",
        edits=(
            (
                "ray.get([bump_global.remote() for _ in range(20)])",
                "[bump_global._function() for _ in range(19)]",
            ),
            ("        self.count += by\n", "        self.count = by\n"),
        ),
        breaks=(
            "Twenty tasks added",
            "The counts of the workers",
            "One actor counted",
            "With get_if_exists",
            "The tasks are over",
            "A handle that get_actor gave",
            "Tasks loaded the model",
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
            ("ray.kill(found)\n", ""),
            ("del mine\n", ""),
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
            "Killed, it was found",
            "A handle that get_actor gave",
        ),
    ),
    Mutation(
        "actors that hold a CPU or none, and run two calls at once",
        edits=(
            (
                "[Counter.remote() for _ in range(session.logical_cpus + 1)]",
                "[Counter.options(num_cpus=1).remote() for _ in range(session.logical_cpus)]",
            ),
            ("greedy = Counter.options(num_cpus=1)", "greedy = Counter.options(num_cpus=0)"),
            ("log = Log.remote()", "log = Log.options(max_concurrency=2).remote()"),
            ("host = Host.remote()", "host = Host.options(max_concurrency=2).remote()"),
            ("[self.greet(name) for name in names]", '[self.greet("Bob") for name in names]'),
        ),
        breaks=(
            "One actor more",
            "A task found a free CPU",
            "Actors without any work",
            "Your own calls ran",
            "The call of the task",
            "A method that waits",
            "Nor did the actor",
            "With plain calls",
        ),
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
    Mutation(
        "loads that block, locked counters, and an existing name that is no error",
        edits=(
            ("await asyncio.sleep(0.4)", "time.sleep(0.4)"),
            (
                "    def plain_thread(self):\n        return threading.get_ident()",
                "    def plain_thread(self):\n        return 0",
            ),
            (
                "return ray.get([me.greet.remote(name) for name in names])\n\n    async def",
                "return [await me.greet.remote(name) for name in names]\n\n    async def",
            ),
            ("SlowCounter.options(max_concurrency=4)", "SlowCounter"),
            ("        await asyncio.sleep(0.05)\n", ""),
            (
                'Counter.options(name="tally").remote()',
                'Counter.options(name="tally", get_if_exists=True).remote()',
            ),
        ),
        breaks=(
            "All eight loads",
            "With a call that blocks",
            "With max_concurrency=2",
            "Its calls ran in one thread",
            "An async actor may await",
            "Run one at a time",
            "So did an async actor",
            "One of the tasks made",
        ),
    ),
    Mutation(
        "a model that cubes slowly, is never kept, and has one actor",
        edits=(
            ("return number**2", "return number**3"),
            (
                "        time.sleep(0.05)\n        return number",
                "        time.sleep(0.5)\n        return number",
            ),
            ('    if "model" not in models:\n', "    if True:\n"),
            ("ActorPool(actors)\n", "ActorPool(actors[:1])\n"),
        ),
        breaks=("All three ways gave", "Kept in a global", "The second time"),
    ),
)
