"""The command line: the exercises, and a report on any Ray script."""

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # help and refusals need nothing else, and so are quick
    from raylessons.report.program import Program

DONE, FAILED, REFUSED, INTERRUPTED = 0, 1, 2, 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line, and return its exit status."""
    options = _parser().parse_args(arguments)
    run: Callable[[argparse.Namespace], int] = options.run
    return run(options)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="raylessons",
        description="List the exercises of Ray Lessons, grade an answer to one, or record any "
        "script that uses Ray and report what Ray did for it.",
    )
    parser.set_defaults(run=_list_exercises)
    commands = parser.add_subparsers(metavar="show, check, forget, record or report")

    showing = commands.add_parser("show", help="print what an exercise asks for, and its starter")
    checking = commands.add_parser(
        "check",
        help="grade the answer in a file",
        epilog="Exit status: 0 passed, 1 not passed, 2 could not be graded.",
    )
    for command in (showing, checking):
        command.add_argument("number", type=int, help="the number of the exercise, such as 7")
    checking.add_argument("file", type=Path, help="the file that holds the answer")
    checking.add_argument("--watch", action="store_true", help="grade it again on every save")
    forgetting = commands.add_parser("forget", help="forget which exercises you have passed")
    forgetting.set_defaults(run=_forget)
    showing.set_defaults(run=_show)
    checking.set_defaults(run=_check)

    recording = commands.add_parser(
        "record",
        usage="raylessons record [-h] [-o OUTPUT] [--] script.py [its arguments ...]",
        help="run a script that uses Ray, unchanged, and write a report of what Ray did for it",
        epilog="Exit status: that of the script; 2 where it was not run, 1 where it ended well "
        "and the report could not be written.",
    )
    recording.add_argument(
        "-o",
        "--output",
        type=Path,
        help="an .html file for the report, or a .json file for what was recorded; "
        "without it, script-report.html in this folder",
    )
    recording.add_argument("script", type=Path, metavar="script.py", help="the script")
    recording.add_argument("arguments", nargs=argparse.REMAINDER, help="what the script is given")
    recording.set_defaults(run=_record)

    reporting = commands.add_parser("report", help="write the report of what was recorded as JSON")
    reporting.add_argument("trace", type=Path, metavar="trace.json", help="the .json file")
    reporting.add_argument(
        "-o",
        "--output",
        type=Path,
        help="an .html file; without it, trace-report.html in this folder",
    )
    reporting.set_defaults(run=_report)
    return parser


def _list_exercises(_: argparse.Namespace) -> int:
    from raylessons.exercises.terminal import list_exercises

    list_exercises()
    return DONE


def _show(options: argparse.Namespace) -> int:
    from raylessons.exercises.terminal import show

    return show(options.number)


def _check(options: argparse.Namespace) -> int:
    from raylessons.exercises.terminal import grade

    return grade(options.number, options.file, on_every_save=options.watch)


def _forget(_: argparse.Namespace) -> int:
    from raylessons.exercises.terminal import forget

    return forget()


def _record(options: argparse.Namespace) -> int:
    script: Path = options.script
    output: Path = options.output or Path(f"{script.stem}-report.html")
    refusal = _why_unreadable(script, "a Python script", "the script")
    refusal = refusal or _why_unwritable(output, (".html", ".json"))
    if refusal:
        return _refuse(refusal)
    from raylessons.report.running import run_recorded

    try:
        program, status = run_recorded(script, options.arguments)
        if not program.traces:
            why = " ".join(program.remarks) or "the script did not start Ray"
            _say(f"There is nothing to report: {why}. {output} was not written.")
            return status
        written = _write(program, output)
    except KeyboardInterrupt:
        _say(f"Interrupted once more: {output} was not written.")
        return INTERRUPTED
    return status or written


def _report(options: argparse.Namespace) -> int:
    recorded: Path = options.trace
    output: Path = options.output or Path(f"{recorded.stem}-report.html")
    refusal = _why_unreadable(recorded, "a .json file by `raylessons record`", "the file")
    refusal = refusal or _why_unwritable(output, (".html",))
    if refusal:
        return _refuse(refusal)
    from raylessons.report.files import read_program

    try:
        program = read_program(recorded)
    except ValueError as error:
        return _refuse(str(error))
    return _write(program, output)


def _write(program: "Program", output: Path) -> int:
    """Write a report, or what was recorded, by the name of the file."""
    try:
        if output.suffix.lower() == ".json":
            from raylessons.report.files import write_program

            write_program(program, output)
        else:
            from raylessons.report.page import write_page

            write_page(program, output)
    except OSError as error:
        _say(f"{output} was not written: {error}. Choose another place with -o.")
        return FAILED
    _say(f"{output} is written.")
    return DONE


def _why_unreadable(path: Path, expected: str, it: str) -> str | None:
    if path.is_file() and os.access(path, os.R_OK):
        return None
    what = "a folder" if path.is_dir() else "not to be read" if path.exists() else "not there"
    return f"{str(path)!r} is {what}: expected {expected}. Pass the path of {it}."


def _why_unwritable(path: Path, suffixes: Sequence[str]) -> str | None:
    folder = path.parent
    if path.suffix.lower() not in suffixes:
        names = " or ".join(suffixes)
        return f"{str(path)!r} is no {names}: expected a name that ends so. Pass -o report.html."
    if not folder.is_dir():
        return f"{str(folder)!r} is no folder: expected one to write in. Make it, or pass another."
    if path.is_dir() or not os.access(path if path.exists() else folder, os.W_OK):
        return f"{str(path)!r} cannot be written: expected a file that can. Pass another with -o."
    return None


def _refuse(message: str) -> int:
    _say(message)
    return REFUSED


def _say(message: str) -> None:
    """Say it where it does not mix with what the script prints."""
    print(f"raylessons: {message}", file=sys.stderr, flush=True)
