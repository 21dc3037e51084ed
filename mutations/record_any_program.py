"""Break the page on recording any program."""

from mutations.mutation import Mutation

RUNNING = "src/raylessons/report/running.py"

MUTATIONS = (
    Mutation(
        "a script that fails before it prints",
        edits=(("except ZeroDivisionError:\n", "except ValueError:\n"),),
        breaks=("The script printed what it prints",),
    ),
    Mutation(
        "a script of which no task fails",
        edits=(("    return 1 // number * number**2\n", "    return number**2\n"),),
        breaks=("The failed task is in it",),
    ),
    Mutation(
        "a report that runs a script",
        files={
            "src/raylessons/report/page.py": (
                ("</body>\\n", "<script src=player.js></script></body>\\n"),
            )
        },
        breaks=("The report asks nothing of any host",),
    ),
    Mutation(
        "a command that always ends well",
        files={RUNNING: (("        return _status(exit_)\n", "        return 0, None\n"),)},
        breaks=("A script that ends with a status of its own",),
    ),
    Mutation(
        "a command that always fails",
        files={
            RUNNING: (
                (
                    "    return 0, None\n\n\n@contextmanager",
                    "    return FAILED, None\n\n\n@contextmanager",
                ),
            )
        },
        breaks=("The script printed what it prints",),
    ),
)
