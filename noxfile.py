"""Everything that is run for this project: `nox -l` lists it."""

import os
import shutil
import time
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import nox

nox.needs_version = ">=2025.2"
nox.options.default_venv_backend = "virtualenv"
nox.options.reuse_venv = "yes"
nox.options.error_on_external_run = True
nox.options.sessions = ["lint", "tests", "docs"]

SITE = Path("_site/html")
# -W: a warning is an error; --keep-going: tell them all; -n: every reference leads somewhere.
SPHINX = ["-W", "--keep-going", "-n", "-d", "_site/doctrees"]
# What the services that build and publish this take.
SCHEMAS = {
    "github-workflows": ".github/workflows/*.yml",
    "github-actions": ".github/actions/*/action.yml",
    "readthedocs": ".readthedocs.yaml",
}


def install(session: nox.Session, group: str) -> None:
    """Install what the lock of a dependency group names, then the package from this checkout."""
    session.install("--require-hashes", "-r", f"requirements/{group}.txt")
    session.install("--no-deps", "--no-build-isolation", "-e", ".")


@nox.session
def docs(session: nox.Session) -> None:
    """Build the site, executing the pages that changed, and say where it lies."""
    install(session, "docs")
    session.run("sphinx-build", *SPHINX, "docs", str(SITE), *session.posargs)
    session.log(f"The site is built. Open {(SITE / 'index.html').absolute().as_uri()} in a browser")


@nox.session
def tests(session: nox.Session) -> None:
    """Run the tests and doctests, or those that you name: nox -s tests -- tests/test_claims.py."""
    install(session, "test")
    session.run("pytest", *session.posargs)


@nox.session
def faults(session: nox.Session) -> None:
    """Build in a world that fails: killed, without room, ports or home, on one core."""
    install(session, "test")
    session.run("pytest", "-m", "fault", "tests/faults", *session.posargs)


@nox.session
def live(session: nox.Session) -> None:
    """Serve the site and build it again on every save in docs/ or src/."""
    install(session, "live")
    # No -W: a page that is half written may be looked at.
    options = ["-n", "-d", "_site/doctrees", "--watch", "src", "--port", "0", "--open-browser"]
    session.run("sphinx-autobuild", *options, "docs", str(SITE), *session.posargs)


@nox.session
def page(session: nox.Session) -> None:
    """Execute one page and print it with its outputs: nox -s page -- lessons/chain-tasks."""
    if len(session.posargs) != 1:
        session.error("name one page: nox -s page -- lessons/chain-tasks")
    name = session.posargs[0].removeprefix("docs/").removesuffix(".md")
    if not Path("docs", f"{name}.md").is_file():
        session.error(f"there is no page docs/{name}.md: name one, such as lessons/chain-tasks")
    install(session, "docs")
    only = ["-D", f"include_patterns={name}.md", "-D", f"root_doc={name}"]
    # Not -W: the references of a page that is built alone lead nowhere.
    session.run("sphinx-build", "-q", "-b", "text", "-d", "_site/page", *only, "docs", "_site/text")
    session.log(Path("_site/text", f"{name}.txt").read_text(encoding="utf-8"))


@nox.session(reuse_venv=False)
def notebooks(session: nox.Session) -> None:
    """Execute the built site's notebooks as a reader does, or those you name: -- chain-tasks."""
    taken = SITE / "notebooks"
    wheels = [str(path) for path in taken.glob("*.whl")]
    names = session.posargs or sorted(path.stem for path in taken.glob("*.ipynb"))
    if not wheels or not all(taken.joinpath(f"{name}.ipynb").is_file() for name in names):
        session.error(f"{taken} has no {' or '.join(names) or 'notebooks'}: run nox -s docs first")
    session.install("--require-hashes", "-r", "requirements/notebooks.txt")
    session.install("--no-deps", *wheels)
    with TemporaryDirectory() as elsewhere:
        shutil.copytree(taken, elsewhere, dirs_exist_ok=True)
        with session.chdir(elsewhere):
            for name in names:
                start = time.monotonic()
                # Without PYTHONPATH, which may lead back to a checkout.
                session.run(
                    *("jupyter", "execute", "--timeout=300", "--NbClientApp.log_level=WARN"),
                    f"{name}.ipynb",
                    env={"PYTHONPATH": None},
                )
                session.log(f"{name} ran in {time.monotonic() - start:.0f} seconds")


@nox.session
def dist(session: nox.Session) -> None:
    """Build wheel and sdist into dist/, check both, and use the wheel where nothing else is."""
    session.install("--require-hashes", "-r", "requirements/dist.txt")
    shutil.rmtree("dist", ignore_errors=True)
    # The wheel is made from the sdist, so that it lacks whatever that lacks.
    session.run("python", "-m", "build", "--no-isolation", "--outdir", "dist")
    (wheel,) = (str(path.absolute()) for path in Path("dist").glob("*.whl"))
    session.run("twine", "check", "--strict", *map(str, Path("dist").iterdir()))
    session.run("check-manifest", "--no-build-isolation")
    session.run("check-wheel-contents", "--package", "src/raylessons", wheel)
    with TemporaryDirectory() as folder:
        _use(session, wheel, Path(folder))
    session.log(f"dist/ is checked: {', '.join(path.name for path in Path('dist').iterdir())}")


def _use(session: nox.Session, wheel: str, folder: Path) -> None:
    """Install a wheel in an empty environment, grade an exercise with it and record a script."""
    for answer in Path("src/raylessons/exercises/answers").glob("exercise_01_*.py"):
        shutil.copy(answer, folder)
    script = "import ray\n\nprint(ray.get(ray.remote(lambda: 42).remote()))\n"
    folder.joinpath("script.py").write_text(script, encoding="utf-8")
    # Without what leads back to the checkout, or to what its developer has passed.
    env = {"PYTHONPATH": None, "XDG_STATE_HOME": str(folder / "state")}
    run = partial(session.run, external=True, env=env)
    run("python", "-m", "venv", str(folder / "empty"))
    programs = folder / "empty/bin"
    install = (str(programs / "pip"), "install", "--quiet")
    run(*install, "--require-hashes", "-r", "requirements/package.txt")
    run(*install, "--no-deps", wheel)
    run(str(programs / "pip"), "check")
    raylessons = str(programs / "raylessons")
    with session.chdir(folder):
        run(raylessons, "check", "1", "exercise_01_starter.py", success_codes=[1])
        run(raylessons, "check", "1", "exercise_01_solution.py")
        run(raylessons, "record", "-o", "report.html", "script.py")
        if not Path("report.html").is_file():
            session.error("raylessons record ended well and wrote no report.html")


@nox.session
def lint(session: nox.Session) -> None:
    """Check style, types, spelling, English and the direction of imports."""
    session.install("--require-hashes", "-r", "requirements/lint.txt")
    session.run("ruff", "check", ".")
    session.run("ruff", "format", "--check", ".")
    session.run("mypy")
    session.run("codespell")
    session.run("python", "docs/_prose.py")
    session.run("lint-imports", env={"PYTHONPATH": "src"})
    for schema, paths in SCHEMAS.items():
        files = [str(path) for path in Path().glob(paths)]
        session.run("check-jsonschema", "--builtin-schema", f"vendor.{schema}", *files)


@nox.session
def browser(session: nox.Session) -> None:
    """Read every page of the built site in Chromium, with the network off."""
    install(session, "browser")
    # selenium looks for drivers and tells of itself on the network, unless it is told not to.
    offline = {"SE_OFFLINE": "true", "SE_AVOID_STATS": "true"}
    session.run("pytest", "tests/browser", *session.posargs, env=offline)


@nox.session
def statements(session: nox.Session) -> None:
    """Count what the sentences of each page stand on, and name those that do not say."""
    install(session, "docs")
    session.run("python", "docs/_extensions/lesson_site/statements.py")


@nox.session
def exercises(session: nox.Session) -> None:
    """Examine the graders: `-- 7 8` those of two exercises, `-- --loaded` on a busy machine."""
    install(session, "docs")
    session.chdir("tests/exercises")
    session.run("python", "-m", "answers.examination", *session.posargs)


@nox.session
def bench(session: nox.Session) -> None:
    """Print what is measured and not tested, each as a ratio within one run."""
    install(session, "docs")
    names = session.posargs or sorted(path.stem for path in Path("benchmarks").glob("*.py"))
    for name in names:
        session.run("python", f"benchmarks/{name}.py")


@nox.session
def mutate(session: nox.Session) -> None:
    """Break the world on purpose, page by page, and show what notices: -- chain-tasks, or all."""
    install(session, "test")
    # The mutations run in the pages' own kernels, which the site's extension prepares.
    path = os.pathsep.join(["docs/_extensions", "."])
    session.run("python", "-m", "mutations", *session.posargs, env={"PYTHONPATH": path})


@nox.session
def links(session: nox.Session) -> None:
    """Check that every link of the site leads somewhere. It needs the network."""
    install(session, "docs")
    session.run("sphinx-build", "-b", "linkcheck", *SPHINX, "docs", "_site/links")


@nox.session
def audit(session: nox.Session) -> None:
    """Look for known weaknesses of what the locks name. It needs the network."""
    session.install("pip-audit")
    for lock in sorted(Path("requirements").glob("*.txt")):
        # --strict: what could not be looked up is no package without a weakness.
        session.run("pip-audit", "--strict", "--disable-pip", "--require-hashes", "-r", str(lock))


@nox.session
def lock(session: nox.Session) -> None:
    """Write requirements/*.txt anew, with exact versions and hashes, for any Python."""
    session.install("uv")
    tools = ("nox", "lint", "dist")  # these run without the package
    for group in ("docs", "test", "browser", "live", "notebooks", "package", *tools):
        session.run(
            *("uv", "pip", "compile", "--universal", "--python-version", "3.10"),
            *("--generate-hashes", "--no-annotate", "--quiet"),
            *("--custom-compile-command", "nox -s lock"),
            *("--group", f"pyproject.toml:{group}"),
            *([] if group in tools else ["pyproject.toml"]),
            *("--output-file", f"requirements/{group}.txt", *session.posargs),
        )
