"""The page *What this build proved*: every claim of every page, and what it ran on.

Claims and sessions carry their facts in their HTML, so that these are found in a page's outputs,
made now or kept from before.
"""

import os
import platform
import subprocess
from datetime import datetime, timezone
from importlib.metadata import version
from typing import Any

from docutils import nodes
from myst_nb.sphinx_ import NbMetadataCollector
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util.docutils import SphinxDirective

from raylessons.display import read_facts
from raylessons.words import count

# What the environment keeps from build to build.
PROOF_PAGE, PROOFS = "proof_page", "proofs"
Proofs = dict[str, list[tuple[str, dict[str, Any]]]]  # by page: kinds and records
PACKAGES = ("ray", "numpy", "bokeh", "sphinx", "myst-nb")


class build_facts(nodes.General, nodes.Element):  # noqa: N801 - docutils names nodes so
    """Stand where the facts of the build go, until every page is read."""


class build_claims(nodes.General, nodes.Element):  # noqa: N801 - docutils names nodes so
    """Stand where the claims go, until every page is read."""


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
    """Put the facts and the claims where the page asks for them."""
    for place in list(doctree.findall(build_facts)):
        place.replace_self(_table(("Fact", "In this build"), _facts_of_build(app.config.release)))
    for asked in list(doctree.findall(build_claims)):
        pages = _in_reading_order(app.env)
        asked.replace_self([node for page in pages for node in _section(app, docname, page)])


def _section(app: Sphinx, here: str, page: str) -> list[nodes.Node]:
    facts = _proofs(app.env)[page]
    title = app.env.titles[page].astext()
    link = nodes.reference("", title, refuri=app.builder.get_relative_uri(here, page))
    heading = nodes.paragraph("", "", link, classes=["proof-page"])
    ran = NbMetadataCollector.get_exec_data(app.env, page)
    when = datetime.fromtimestamp(ran["mtime"], timezone.utc) if ran else None
    sessions = dict.fromkeys(_session_line(record) for kind, record in facts if kind == "session")
    details = list(sessions)
    if ran:
        details.append(f"executed {when:%Y-%m-%d %H:%M} UTC in {ran['runtime']:.0f} s")
    rows = [
        (record["sentence"], ", ".join(f"{name} {value}" for name, value in record["measured"]))
        for kind, record in facts
        if kind == "claim"
    ]
    return [
        heading,
        nodes.paragraph("", ". ".join(details) + "."),
        *([_table(("Claim", "Measured"), rows)] if rows else []),
    ]


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
    order = [env.config.root_doc]
    for page in order:
        order += [child for child in env.toctree_includes.get(page, []) if child not in order]
    return sorted(_proofs(env), key=lambda page: order.index(page) if page in order else len(order))


def _table(titles: tuple[str, str], rows: list[tuple[str, str]]) -> nodes.table:
    def row(cells: tuple[str, str]) -> nodes.row:
        return nodes.row("", *(nodes.entry("", nodes.paragraph("", cell)) for cell in cells))

    group = nodes.tgroup("", cols=2)
    group += [nodes.colspec(colwidth=width) for width in (65, 35)]
    group += [nodes.thead("", row(titles)), nodes.tbody("", *map(row, rows))]
    return nodes.table("", group, classes=["proof"])


def _proofs(env: BuildEnvironment) -> Proofs:
    proofs: Proofs = vars(env).setdefault(PROOFS, {})
    return proofs


def connect(app: Sphinx) -> None:
    """Connect to the build."""
    app.add_directive("build-facts", BuildFacts)
    app.add_directive("build-claims", BuildClaims)
    app.add_node(build_facts)
    app.add_node(build_claims)
    app.connect("doctree-read", collect)
    app.connect("env-purge-doc", purge)
    app.connect("env-merge-info", merge)
    app.connect("env-updated", write_again)
    app.connect("doctree-resolved", fill)
