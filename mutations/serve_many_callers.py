"""Break the page on serving many callers."""

from mutations.mutation import Mutation

MUTATIONS = (
    Mutation(
        "actors that run two calls at once, and a task that writes something else",
        edits=(
            ('ray.get(log.write.remote("a task"))', 'ray.get(log.write.remote("nobody"))'),
            ("log = Log.remote()", "log = Log.options(max_concurrency=2).remote()"),
            ("host = Host.remote()", "host = Host.options(max_concurrency=2).remote()"),
            ("[self.greet(name) for name in names]", '[self.greet("Bob") for name in names]'),
        ),
        breaks=(
            "Your own calls ran",
            "The call of the task",
            "A method that waits",
            "Nor did the actor",
            "With plain calls",
        ),
    ),
    Mutation(
        "a counter that forgets",
        edits=(("        self.count += by\n", "        self.count = by\n"),),
        breaks=("With get_if_exists", "The tasks are over", "Tasks loaded the model"),
    ),
    Mutation(
        "an actor that is not killed, and a handle that is kept",
        edits=(("ray.kill(found)\n", ""), ("del mine\n", "")),
        breaks=("Killed, it was found", "A handle that get_actor gave"),
    ),
    Mutation(
        "loads that block, locked counters, and an existing name that is no error",
        edits=(
            ("await asyncio.sleep(0.4)  #", "time.sleep(0.4)  #"),
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
