"""Check the English of the pages: proselint's checks, and the rules below.

It reads prose alone, and prints the file, the line, and what to write instead.
A new rule goes into `RULES`, with a sentence that it must find and one that it must not.
"""

import doctest
import re
import sys
from itertools import chain
from pathlib import Path
from typing import NamedTuple

from proselint import checks as proselint_checks
from proselint.config import DEFAULT, Config
from proselint.registry import CheckRegistry
from proselint.registry.checks import Check
from proselint.registry.checks.engine import Fancy
from proselint.registry.checks.types import ExistenceSimple
from proselint.tools import LintFile

ROOT = Path(__file__).parents[1]
PAGES = ("*.md", "docs/*.md", "docs/lessons/*.md", "docs/reference/*.md")
# The strings of these are what an exercise asks for, and what its grader says.
GRADERS = (
    "src/raylessons/exercises/lessons/*.py",
    *(
        f"src/raylessons/exercises/{name}.py"
        for name in ("heads", "mistakes", "moves", "node_reports", "streams")
    ),
)

# Proselint's checks that do not fit this site, each with its reason.
OFF = {
    "typography.symbols.curly_quotes": "the sources keep the quotes of a keyboard",
    "weasel_words.very": "the rule for fillers finds it, with plainer advice",
}

# The first entry that fits a check's name decides, so those that are off come first.
CHECKS = {**dict.fromkeys(OFF, False), **DEFAULT["checks"], "raylessons": True}


class Rule(NamedTuple):
    """A form that the pages avoid. A space of its pattern stands for any white space."""

    name: str
    pattern: str
    instead: str
    finds: str
    passes: str

    def check(self) -> Check:
        """Return the rule as a check of proselint's."""
        return Check(
            check_type=ExistenceSimple(self.pattern.replace(" ", r"\s+")),
            engine=Fancy(),
            path=f"raylessons.{self.name}",
            message=f'"{{}}": {self.instead}',
        )


RULES = (
    Rule(
        "so that",
        r", so that\b",
        'write ", so" for what follows, and "so that" without a comma for a purpose',
        "The tasks sleep, so that four of them fit on any core.",
        "The tasks sleep, so four of them fit; name one so that you find it again.",
    ),
    Rule(
        "lie",
        r"\b(lies|lie|lay)\b",
        'write "is", "are" or "was"',
        "The array lies in the store.",
        "The array is in the store, one layer down.",
    ),
    Rule(
        "stand",
        r"\b(stand|stands|stood) (in|with|under|as)\b(?! the way)",
        'write "is" or "are"',
        "Its grader stands in that module.",
        "Its grader is in that module, and two things stand in the way.",
    ),
    Rule(
        "tell",
        r"\b(tells?|told) (about|of)\b|\btells (how|that|what|when|which|why)\b|`_` (tells|told)\b",
        'tell somebody something, or write "say" or "show"',
        "The next page tells what changes.",
        "The next page shows what changes, and tells you why.",
    ),
    Rule(
        "of this package",
        r"\bof this package\b",
        'write "this package\'s" or "from this package"',
        "`_` of this package waits.",
        "This package's `_` waits.",
    ),
    Rule(
        "inversion",
        r"(^|[.;:,] )had (you|one|it|they|the|a|any|this|that) ",
        'write "if"',
        "Every claim held; had one not held, there would be no site.",
        "If one had not held, there would be no site. You had one task.",
    ),
    Rule(
        "is to",
        r"\b(is|are|was|were) to (be|become|have|hold|run|start)\b",
        'write "will", "must" or "should"',
        "One array is to be made there.",
        "One array will be made there. The trap is to write a loop.",
    ),
    Rule(
        "need not",
        r"\bneed not\b",
        'write "does not need to" or "do not need to"',
        "Your machine need not have five cores.",
        "Your machine does not need five cores.",
    ),
    Rule(
        "of which",
        r", of which (one|two|three|some|all|none|each)\b",
        'put the number first: "one of which"',
        "Three tasks, of which one never ends.",
        "Three tasks, one of which never ends.",
    ),
    Rule(
        "sees to it",
        r"\b(see|sees|saw) to it\b",
        'write "makes sure"',
        "Ray sees to it that they run in order.",
        "Ray makes sure that they run in order.",
    ),
    Rule(
        "at the most",
        r"\bat the (most|least)\b",
        'write "at most" or "at least"',
        "It imports them in two lines at the most.",
        "It imports them in two lines at most.",
    ),
    Rule(
        "mend",
        r"\b(cure|cures|cured|mend|mends|mended)\b",
        'write "fix"',
        "Write a slow loop, and mend it.",
        "Write a slow loop, and fix it.",
    ),
    Rule(
        "archaic",
        r"\b(anew|hence|hereby|shall|thereby|thus|until now|upon|whilst)\b",
        'write "again", "so", "will", "by that", "so far", "on" or "while"',
        "It is copied anew for every call.",
        "It is copied again for every call.",
    ),
    Rule(
        "wordy",
        r"\b(allows? to|due to the fact|in order to|make use of|utili[sz]\w+)\b",
        'write "lets you", "because", "to" or "use"',
        "In order to wait, utilize a ref.",
        "To wait, use a ref.",
    ),
    Rule(
        "filler",
        r"\b(easily|easy|just|note that|obviously|of course|please|simply|so-called|very)\b",
        "leave it out, or say what you mean",
        "Simply call it.",
        "Call it.",
    ),
    Rule(
        "we",
        r"\b(let's|our|ours|us|we)\b",
        "say you, or who it is",
        "We start a task.",
        "You start a task.",
    ),
    Rule(
        "one of many",
        r"(?<![\d.,:])1 (?:(?!of )\w+ )?(calls|CPUs|nodes|refs|seconds|tasks|values|workers)\b",
        "one is singular",
        "It has 1 logical CPUs.",
        "It has 1 logical CPU and runs 1 of 11 tasks, for 0.1 seconds.",
    ),
)


def prose(markdown: str) -> str:
    r"""Return what a reader reads of a page as English, each line where it was.

    >>> prose("---\nname: python3\n---\n\n# Ask *late*")
    '\n\n\n\nAsk late.'
    >>> prose(":::{list-table}\n:class: plan\n\n* - You need\n  - [a loop](loops.md)\n:::")
    '\n\n\nYou need\na loop\n'
    >>> prose("1. Call {func}`ray.get` on `x`:\n\n```{code-cell}\n:tags: [hide-input]\nx\n```\nso.")
    'Call `_` on `_`:\n\n\n\n\n\nso.'
    >>> prose("| so | `x` |\n|---|---|\n{term}`tasks <task>`, <https://docs.ray.io>: [](loops.md)")
    '| so | `_` |\n\ntasks, `_`: `_`'
    """
    for pattern, kept in (
        (r"\A---\n(?s:.*?)\n---$", ""),  # front matter
        (r"^(`{3,})[^`](?s:.*?)\n\1$", ""),  # cells, and directives written like them
        (r"^ *:::.*$|^ *:[\w-]+:.*$|^\|[-|: ]+\|$", ""),  # directives around prose, and tables
        (r"[ \t]*<!--.*?-->|\[\^[\w-]+\](?:: )?", ""),  # marks, and the signs of footnotes
        (r"^#+ +(.*)$", r"\1."),  # a heading ends like a sentence
        (r"\{term\}`([^`<\n]+?)(?: <[^`]*>)?`", r"\1"),
        (r"(?:\{[\w:]+\})?(`+)[^`\n].*?\1", "`_`"),  # code and roles
        (r"!?\[([^\]\n]+)\]\([^)]*\)", r"\1"),
        (r"\[\]\([^)]*\)|<?https?://[^\s>)]+>?", "`_`"),
        (r"^ *(?:[-*]|\d+\.) +(?:[-*] +)?|\*+", ""),
    ):

        def left(found: re.Match[str], kept: str = kept) -> str:
            return found.expand(kept) + "\n" * found[0].count("\n")

        markdown = re.sub(pattern, left, markdown, flags=re.MULTILINE)
    return markdown


def spoken(source: str) -> str:
    r"""Return what the strings of a Python module say, each line where it was.

    >>> spoken('say(\n    f"{count(2, \'task\')} ran. "\n    "Ask `ray`."  # why\n)')
    '\n`_` ran. \nAsk `_`.\n'
    """
    said = r'"((?:[^"\\]|\\.)* (?:[^"\\]|\\.)*)"'
    lines = "\n".join(" ".join(re.findall(said, line)) for line in source.split("\n"))
    return re.sub(r"\{[^{}]*\}|`[^`\n]*`", "`_`", lines)


def check_examples() -> None:
    """Stop where a rule misses its example, finds the other, or prose is taken for code."""
    for rule in RULES:
        found = [any(rule.check().check(text)) for text in (rule.finds, rule.passes)]
        if found != [True, False]:
            sys.exit(f"docs/_prose.py: the rule {rule.name} does not do what its examples say")
    if doctest.testmod().failed:
        sys.exit(2)


def findings(path: Path) -> list[str]:
    """List what is found in a file, with its line."""
    read = prose if path.suffix == ".md" else spoken
    content = read(path.read_text(encoding="utf-8"))
    found = LintFile(str(path), content).lint(Config(max_errors=1_000, checks=CHECKS))
    where = path.relative_to(ROOT)
    return [
        f"{where}:{one.pos[0]}: {' '.join(one.check_result.message.split())}"
        f" [{one.check_result.check_path}]"
        for one in found
    ]


def main() -> None:
    check_examples()
    own = (rule.check() for rule in RULES)
    CheckRegistry().register_many((*proselint_checks.__register__, *own))
    paths = sorted(chain.from_iterable(ROOT.glob(pattern) for pattern in (*PAGES, *GRADERS)))
    found = list(chain.from_iterable(map(findings, paths)))
    for line in found:
        print(line)
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
