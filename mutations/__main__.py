"""Break the world page by page, and show what notices: `python -m mutations chain-tasks`."""

import argparse
import sys

from mutations.mutation import Mutation
from mutations.package_runs import run_package
from mutations.page_runs import run_page
from mutations.pages import (
    find_claim,
    mutated_pages,
    mutations_of,
    page_path,
    read_cells,
    read_claims,
)

PACKAGE = "package"


def main() -> int:
    """Run the mutations that are asked for, and say with the status whether all were noticed."""
    names = [*mutated_pages(), PACKAGE]
    parser = argparse.ArgumentParser(prog="mutations", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="page", help=", ".join(names))
    parser.add_argument("--only", default="", help="the mutations whose name has these words")
    asked = parser.parse_args()
    unknown = sorted({*asked.names} - {*names})
    if unknown:
        parser.error(f"no mutations for {', '.join(unknown)}: expected some of {', '.join(names)}")
    wrong = []
    for name in asked.names or names:
        mutations = [m for m in mutations_of(name) if asked.only in m.name]
        if name == PACKAGE:
            wrong += run_package(mutations)
        else:
            wrong += mutate_page(name, mutations, is_whole=not asked.only)
    print("\nEvery mutation was noticed." if not wrong else "\nNot as it should be:", flush=True)
    for line in wrong:
        print(f"- {line}")
    return 1 if wrong else 0


def mutate_page(name: str, mutations: list[Mutation], is_whole: bool) -> list[str]:
    """Run a page whole and then under each mutation; tell what was not as it should be."""
    claims = read_claims(read_cells(page_path(name).read_text("utf-8")))
    # A machine that was busy gets another chance.
    if wrong := (_astray(name, claims) and _astray(name, claims)):
        return wrong
    noticed: set[int] = set()
    for mutation in mutations:
        expected = {find_claim(beginning, claims) for beginning in mutation.breaks}
        run = run_page(name, mutation)
        # A claim that could not be worked out, after a cell that raised, says little by itself.
        noticed |= {*run.failed} | (expected & {*run.raised})
        print(f"\n  {mutation.name} ({run.seconds:.0f} s)")
        for number, why in sorted(run.failed.items()):
            print(f"    claim {number + 1:2} fails: {why}")
        for number, why in sorted(run.raised.items()):
            print(f"    claim {number + 1:2} raises {why}: {claims[number]}")
        for error in run.errors:
            print(f"    {error}")
        for number in sorted(expected - {*run.failed} - {*run.raised}):
            became = "held" if number in run.held else "was not reached"
            print(f"    claim {number + 1:2} {became.upper()}: {claims[number]}")
            wrong.append(f"{name}, {mutation.name}: claim {number + 1} {became}: {claims[number]}")
        sys.stdout.flush()
    unbroken = [n for n in range(len(claims)) if n not in noticed] if is_whole else []
    return wrong + [f"{name}: no mutation breaks claim {n + 1}: {claims[n]}" for n in unbroken]


def _astray(name: str, claims: list[str]) -> list[str]:
    """Run a page whole; tell which claims do not hold, and which cells raise."""
    run = run_page(name, Mutation("nothing"))
    print(f"\n{name}: {len(claims)} claims, {run.seconds:.0f} s unbroken", flush=True)
    became = {**run.failed, **run.raised}
    return [
        *(
            f"{name}, unbroken: claim {number + 1}: {became.get(number, f'not reached: {claim}')}"
            for number, claim in enumerate(claims)
            if number not in run.held
        ),
        *(f"{name}, unbroken: {error}" for error in run.errors),
    ]


if __name__ == "__main__":
    sys.exit(main())
