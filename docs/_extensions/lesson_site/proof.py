"""The page *What this build proved*: every claim of every page, and what it ran on.

Claims and sessions carry their facts in their HTML, so that these are found in a page's outputs,
made now or kept from before. A claim leads to its line of the proof, and back.
"""

import os
import platform
import re
import subprocess
from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timezone
from importlib.metadata import version
from itertools import count as numbers
from typing import Any

from docutils import nodes
from myst_nb.sphinx_ import NbMetadataCollector
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util.docutils import SphinxDirective

from lesson_site.statements import KINDS, counts_by_page
from raylessons.display import read_facts
from raylessons.words import count

# What the environment keeps from build to build.
PROOF_PAGE, PROOFS = "proof_page", "proofs"
Proofs = dict[str, list[tuple[str, dict[str, Any]]]]  # by page: kinds and records
# A claim as it shows itself, up to its mark.
CLAIM = re.compile(
    r'<p class="claim"(?P<fact>[^>]*)>\s*<span class="claim-mark"[^>]*>(?P<mark>[^<]*)</span>'
)
PACKAGES = ("ray", "numpy", "bokeh", "sphinx", "myst-nb")


class build_facts(nodes.General, nodes.Element):  # noqa: N801 - docutils names nodes so
    """Stand where the facts of the build go, until every page is read."""


class build_claims(nodes.General, nodes.Element):  # noqa: N801 - docutils names nodes so
    """Stand where the claims go, until every page is read."""


class build_statements(nodes.General, nodes.Element):  # noqa: N801 - docutils names nodes so
    """Stand where the counts of the sentences go, until every page is read."""


class BuildFacts(SphinxDirective):
    """`build-facts`: versions, machine, date and commit of this build."""

    def run(self) -> list[nodes.Node]:
        vars(self.env)[PROOF_PAGE] = self.env.docname
        return [build_facts()]


class BuildClaims(SphinxDirective):
    """`build-claims`: every claim of every page, with its figures."""

    def run(self) -> list[nodes.Node]:
        vars(self.env)[PROOF_PAGE] = self.env.docname
        return [build_claims()]


class BuildStatements(SphinxDirective):
    """`build-statements`: how many sentences of each page stand on what."""

    def run(self) -> list[nodes.Node]:
        vars(self.env)[PROOF_PAGE] = self.env.docname
        return [build_statements()]


def collect(app: Sphinx, doctree: nodes.document) -> None:
    """Keep the facts that the outputs of a page carry, in the page's order."""
    facts = [
        (kind, record)
        for raw in doctree.findall(nodes.raw)
        for kind, record in read_facts(raw.astext())
        if kind in ("claim", "session")
    ]
    proofs = _proofs(app.env)
    proofs.pop(app.env.docname, None)
    if facts:
        proofs[app.env.docname] = facts


def purge(app: Sphinx, env: BuildEnvironment, docname: str) -> None:
    """Forget the facts of a page that is gone or read again."""
    _proofs(env).pop(docname, None)


def merge(app: Sphinx, env: BuildEnvironment, docnames: set[str], other: BuildEnvironment) -> None:
    """Take the facts of the pages that another process read."""
    _proofs(env).update({name: facts for name, facts in _proofs(other).items() if name in docnames})


def write_again(app: Sphinx, env: BuildEnvironment) -> list[str]:
    """Write the page on every build: a kept copy would tell of an older one."""
    page = vars(env).get(PROOF_PAGE)
    return [page] if page in env.found_docs else []


def fill(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Put the facts, the counts and the claims where the page asks for them, and link them."""
    for facts in list(doctree.findall(build_facts)):
        titles = [nodes.Text("Fact"), nodes.Text("In this build")]
        rows = [
            [nodes.Text(name), nodes.Text(told)]
            for name, told in _facts_of_build(app.config.release)
        ]
        facts.replace_self(_table(titles, [65, 35], rows))
    for counts in list(doctree.findall(build_statements)):
        counts.replace_self(_statements(app, docname))
    for claims in list(doctree.findall(build_claims)):
        pages = _in_reading_order(app.env)
        claims.replace_self([node for page in pages for node in _section(app, docname, page)])
    if app.builder.format == "html":
        _link_claims(app, doctree, docname)


def _link_claims(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Let each claim of a page be linked to, and lead to its line of the proof."""
    proof = vars(app.env).get(PROOF_PAGE)
    number = numbers(1)

    def linked(claim: re.Match[str]) -> str:
        name = f"claim-{next(number)}"
        mark = claim["mark"]
        if proof is not None:
            line = f"{app.builder.get_relative_uri(docname, proof)}#{_line_of(docname, name)}"
            held = "Held in this run: see it among the others"
            mark = f'<a href="{line}" aria-label="{held}" title="{held}">{mark}</a>'
        return f'<p class="claim" id="{name}"{claim["fact"]}><span class="claim-mark">{mark}</span>'

    for raw in list(doctree.findall(nodes.raw)):
        if 'class="claim"' in raw.astext():
            text = CLAIM.sub(linked, raw.astext())
            raw.replace_self(nodes.raw("", text, **raw.attributes))


def _line_of(page: str, name: str) -> str:
    return f"{nodes.make_id(page)}-{name}"


def _statements(app: Sphinx, here: str) -> nodes.Node:
    """Count the sentences of each page by what they stand on."""
    counts, proofs = counts_by_page(app.env), _proofs(app.env)
    rows, totals = [], [0] * (len(KINDS) + 1)
    for page in _reading_order(app.env):
        facts = proofs.get(page, [])
        figures = [
            sum(kind == "claim" for kind, _ in facts),
            *(counts.get(page, Counter())[kind] for kind in KINDS),
        ]
        if any(figures):
            link = _link(app, here, page, app.env.titles[page].astext())
            rows.append([link, *(nodes.Text(f"{figure}") for figure in figures)])
            totals = [total + figure for total, figure in zip(totals, figures, strict=True)]
    rows.append([nodes.Text("All pages"), *(nodes.Text(f"{total}") for total in totals)])
    titles = ["Page", "Claims", *(f"{kind.capitalize()}" for kind in KINDS)]
    return _table([nodes.Text(title) for title in titles], [30, *[10] * len(totals)], rows)


def _section(app: Sphinx, here: str, page: str) -> list[nodes.Node]:
    facts = _proofs(app.env)[page]
    link = _link(app, here, page, app.env.titles[page].astext())
    heading = nodes.paragraph("", "", link, classes=["proof-page"])
    ran = NbMetadataCollector.get_exec_data(app.env, page)
    when = datetime.fromtimestamp(ran["mtime"], timezone.utc) if ran else None
    sessions = dict.fromkeys(_session_line(record) for kind, record in facts if kind == "session")
    details = list(sessions)
    if ran:
        details.append(f"executed {when:%Y-%m-%d %H:%M} UTC in {ran['runtime']:.0f} s")
    claims = [record for kind, record in facts if kind == "claim"]
    rows, names = [], []
    for number, record in enumerate(claims, start=1):
        name = f"claim-{number}"
        figures = ", ".join(f"{figure} {value}" for figure, value in record["measured"])
        rows.append([_link(app, here, page, record["sentence"], name), nodes.Text(figures)])
        names.append(_line_of(page, name))
    titles = [nodes.Text("Claim"), nodes.Text("Measured")]
    return [
        heading,
        nodes.paragraph("", ". ".join(details) + "."),
        *([_table(titles, [65, 35], rows, names)] if rows else []),
    ]


def _link(app: Sphinx, here: str, page: str, words: str, anchor: str = "") -> nodes.Node:
    address = app.builder.get_relative_uri(here, page) + (f"#{anchor}" if anchor else "")
    return nodes.reference("", words, refuri=address)


def _session_line(record: dict[str, Any]) -> str:
    where = "on the cluster at RAY_ADDRESS" if record["joined"] else "started by the page"
    cpus = count(record["logical_cpus"], "logical CPU")
    return f"Ray {record['ray_version']} with {cpus}, {where}"


def _facts_of_build(release: str) -> list[tuple[str, str]]:
    date = datetime.fromtimestamp(
        float(os.environ.get("SOURCE_DATE_EPOCH", datetime.now(timezone.utc).timestamp())),
        timezone.utc,
    )
    return [
        ("Built", f"{date:%Y-%m-%d %H:%M} UTC"),
        ("Commit", _commit()),
        ("raylessons", release),
        ("Python", platform.python_version()),
        *((package, version(package)) for package in PACKAGES),
        ("Cores", f"{os.cpu_count()} ({platform.machine()}, {platform.system()})"),
    ]


def _commit() -> str:
    try:
        commit = subprocess.run(
            ["git", "describe", "--always", "--dirty", "--abbrev=12"],
            capture_output=True,
            text=True,
            check=True,
        ).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return "unknown: these sources are no git checkout"
    return commit.replace("-dirty", ", with changes that are not committed")


def _in_reading_order(env: BuildEnvironment) -> list[str]:
    order = _reading_order(env)
    return sorted(_proofs(env), key=lambda page: order.index(page) if page in order else len(order))


def _reading_order(env: BuildEnvironment) -> list[str]:
    order = [env.config.root_doc]
    for page in order:
        order += [child for child in env.toctree_includes.get(page, []) if child not in order]
    return order


def _table(
    titles: Sequence[nodes.Node],
    widths: Sequence[int],
    rows: Sequence[Sequence[nodes.Node]],
    names: Sequence[str] = (),
) -> nodes.table:
    """Make a table; `names` are those by which its rows can be linked to."""

    def row(cells: Sequence[nodes.Node], name: str | None = None) -> nodes.row:
        entries = (nodes.entry("", nodes.paragraph("", "", cell)) for cell in cells)
        return nodes.row("", *entries, ids=[name] if name else [])

    group = nodes.tgroup("", cols=len(widths))
    group += [nodes.colspec(colwidth=width) for width in widths]
    body = map(row, rows, names) if names else map(row, rows)
    group += [nodes.thead("", row(titles)), nodes.tbody("", *body)]
    return nodes.table("", group, classes=["proof"])


def _proofs(env: BuildEnvironment) -> Proofs:
    proofs: Proofs = vars(env).setdefault(PROOFS, {})
    return proofs


def connect(app: Sphinx) -> None:
    """Connect to the build."""
    app.add_directive("build-facts", BuildFacts)
    app.add_directive("build-statements", BuildStatements)
    app.add_directive("build-claims", BuildClaims)
    for place in (build_facts, build_statements, build_claims):
        app.add_node(place)
    app.connect("doctree-read", collect)
    app.connect("env-purge-doc", purge)
    app.connect("env-merge-info", merge)
    app.connect("env-updated", write_again)
    app.connect("doctree-resolved", fill)
