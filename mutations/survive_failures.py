"""Break the page on failures."""

from mutations.mutation import Mutation

MUTATIONS = (
    Mutation(
        "another error, no crash, no repeat, an account that forgets, and owners that differ",
        edits=(
            ('raise ConnectionError("no answer")', 'raise KeyError("no answer")'),
            (
                "def crash():\n    os.kill(os.getpid(), signal.SIGKILL)\n",
                'def crash():\n    raise ValueError("no")\n',
            ),
            ("@ray.remote\ndef pay(account):", "@ray.remote(max_retries=0)\ndef pay(account):"),
            ("        if order not in self.orders:\n", "        if True:\n"),
            (
                "default = crash_and_bump(Counter.remote())",
                "default = crash_and_bump(Counter.options(max_restarts=1).remote())",
            ),
            (
                "restarted = crash_and_bump(Counter.options(max_restarts=1).remote())",
                "restarted = crash_and_bump(Counter.remote())",
            ),
            ("max_restarts=1, max_task_retries=1", "max_restarts=1"),
            (
                "self.clerk = Counter.remote()",
                'self.clerk = Counter.options(lifetime="detached", name="clerk").remote()',
            ),
            ('lifetime="detached", name="freelancer"', 'name="freelancer"'),
            (
                "ray.get(boss.hire.remote())\n",
                'ray.get(boss.hire.remote())\nits_note = ray.put("a note")\n',
            ),
        ),
        breaks=(
            "All four tasks failed",
            "Those with retry_exceptions",
            "A task whose worker died",
            "With max_retries=1 it ran",
            "One call of pay",
            "The account has 20",
            "Repeated with the name",
            "By default, the call",
            "With max_restarts=1",
            "With max_task_retries=1",
            "The actor of the boss",
            "The detached actor",
            "The note raised",
        ),
    ),
)
