"""Examine the graders: how many right answers pass, wrong ones do not, and hints fit the mistake.

`nox -s exercises` prints the three rates by exercise, on 1, 2 and 4 logical CPUs, and each demand
that rejects no wrong answer, since nobody would notice if it were not judged. With `--loaded`, the
cores are busy with other work meanwhile. `-- 7 8` examines the graders of two exercises.
"""

import argparse
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from answers import Sample, samples
from raylessons.exercises.catalogue import EXERCISES

CPUS = (1, 2, 4)
THREE_NODES = 0
GRADING_SECONDS = 2400
GRADING_COMMAND = ("-m", "answers")

Told = dict[str, dict[str, Any]]


def sizes_of(sample: Sample) -> list[int]:
    """Return the logical CPUs of each Ray on which a sample is graded."""
    if sample.exercise.needs_nodes:
        return [THREE_NODES]
    return [cpus for cpus in CPUS if cpus >= sample.least_cpus]


def grade_in_a_process(
    logical_cpus: int, names: Sequence[str], environment: Mapping[str, str], *, same_seeds: bool
) -> Told:
    """Grade answers on one Ray, and what is left on another where Ray itself ends the process.

    Cancelling a task in the moment in which it ends can do that (ray#54527), above all on a busy
    machine: it says nothing of the answer. One that ends the process before it is graded at its
    second try, too, is an error.
    """
    told: Told = {}
    while left := [name for name in names if name not in told]:
        more, errors = _run(logical_cpus, left, environment, same_seeds)
        if not more:
            raise RuntimeError(f"{len(told)} of {len(names)} were graded: {errors[-2000:]}")
        told |= more
    return told


def _run(
    logical_cpus: int, names: Sequence[str], environment: Mapping[str, str], same_seeds: bool
) -> tuple[Told, str]:
    done = subprocess.run(
        [
            *(sys.executable, *GRADING_COMMAND, str(logical_cpus), *names),
            *(["--same-seeds"] if same_seeds else []),
        ],
        cwd=Path(__file__).parents[1],
        env=environment,
        capture_output=True,
        text=True,
        timeout=GRADING_SECONDS,
    )
    # Ray, once it runs, turns the signal into an exit with its number.
    if done.returncode in (-signal.SIGTERM, signal.SIGTERM, -signal.SIGINT):
        raise InterruptedError("these answers were being graded when the process was told to end")
    lines = [json.loads(line) for line in done.stdout.splitlines() if line.startswith('{"name"')]
    return {line["name"]: line for line in lines}, done.stderr


@contextmanager
def busy_cores() -> Iterator[None]:
    """Keep every core busy twice over."""
    with ExitStack() as stack:
        for _ in range(2 * (os.cpu_count() or 1)):
            load = stack.enter_context(subprocess.Popen([sys.executable, "-c", "while True: pass"]))
            stack.callback(load.kill)
        yield


def print_rates(chosen: Sequence[Sample], told: Sequence[Told]) -> bool:
    """Print the rates by exercise, then what is not as it should be; tell whether all is."""
    print("exercise  right accepted  wrong rejected  hints that fit")
    misses = []
    for number in sorted({sample.exercise.number for sample in chosen}):
        graded = [
            (sample, each[sample.name])
            for sample in chosen
            for each in told
            if sample.exercise.number == number and sample.name in each
        ]
        right = [line["passed"] for sample, line in graded if sample.mistake is None]
        wrong = [
            (not line["passed"], line["mistake"] == sample.mistake)
            for sample, line in graded
            if sample.mistake is not None
        ]
        rates = (right, [each for each, _ in wrong], [each for _, each in wrong])
        print(f"{number:8}" + "".join(f"{sum(each):9} of {len(each):3}" for each in rates))
        misses += [
            (sample, line)
            for sample, line in graded
            if line["mistake"] != sample.mistake or not line["fit"]
        ]
    idle = list(idle_demands(chosen, told))
    for number, says in idle:
        print(f"\nExercise {number} has no answer that does not keep this: {says}")
    for sample, line in misses:
        print(f"\n{sample.name}, where {sample.mistake or 'passed'} was right:\n{line['text']}")
    return not misses and not idle


def idle_demands(chosen: Sequence[Sample], told: Sequence[Told]) -> Iterator[tuple[int, str]]:
    """Return the demands of each exercise that every answer has kept."""
    is_broken: dict[tuple[int, str], bool] = {}
    for sample in chosen:
        for each in told:
            for says, is_kept in each.get(sample.name, {}).get("demands", {}).items():
                demand = (sample.exercise.number, says)
                is_broken[demand] = is_broken.get(demand, False) or is_kept is False
    return (demand for demand, broken in is_broken.items() if not broken)


def main() -> int:
    """Examine the graders of the exercises that are named, or of all."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("numbers", nargs="*", type=int)
    parser.add_argument("--loaded", action="store_true")
    options = parser.parse_args()
    exercises = [each for each in EXERCISES if each.number in (options.numbers or range(100))]
    chosen = [sample for exercise in exercises for sample in samples(exercise)]
    runs = [
        (cpus, [each.name for each in chosen if cpus in sizes_of(each)])
        for cpus in (*CPUS, THREE_NODES)
    ]
    with ThreadPoolExecutor() as pool:
        jobs = [
            pool.submit(grade_in_a_process, cpus, names, os.environ, same_seeds=False)
            for cpus, names in runs
            if names
        ]
        if options.loaded:
            with busy_cores():
                told = [job.result() for job in jobs]
        else:
            told = [job.result() for job in jobs]
    return 0 if print_rates(chosen, told) else 1


if __name__ == "__main__":
    sys.exit(main())
