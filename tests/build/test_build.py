"""What the build promises, tried on tiny sites with the settings of the real one."""

import html
import re
import shutil
import signal
import sys
import textwrap
import time
from pathlib import Path

import pytest
import ray
from tiny_site import Build, assert_ray_ends, page

import raylessons

STARTS_RAY = "import ray\nfrom raylessons.cluster.session import start_ray\nstart_ray(num_cpus=1);"
HANG = "@ray.remote\ndef hang():\n    time.sleep(3600)\nray.get(hang.remote())"
CLAIM = "from raylessons.claims import claim\n"


def test_a_page_executes_once_and_a_prose_edit_executes_nothing(site):
    site.write(page("print(6 * 7)", prose="Before."))
    first = site.build()
    assert (first.status, first.executed) == (0, ["index"])
    assert "42" in site.read()

    site.write(page("print(6 * 7)", prose="After."))
    second = site.build()
    assert (second.status, second.executed) == (0, [])
    assert "After." in site.read()
    assert "42" in site.read()


def test_an_edit_of_a_cell_executes_its_page_again(site):
    site.write(page("print(6 * 7)"))
    site.build()
    site.write(page("print(6 * 8)"))
    assert site.build().executed == ["index"]
    assert "48" in site.read()


def test_an_edit_of_the_package_executes_the_pages_again(site):
    site.write(page("import raylessons\nprint(raylessons.__version__)"))
    site.build()
    start = site.package / "__init__.py"
    start.write_text(start.read_text().replace(raylessons.__version__, "9.9.9"))
    assert site.build().executed == ["index"]
    assert "9.9.9" in site.read()


def test_a_change_of_a_colour_executes_the_pages_that_show_it_again(site):
    site.write(
        page(
            "from raylessons.drawing.page import draw_story\n"
            "from raylessons.trace.records import Trace\n"
            "draw_story(Trace())"
        )
    )
    assert site.build().status == 0
    style = site.package / "drawing" / "style.css"
    style.write_text(style.read_text().replace("--paper:#f4f5f8", "--paper:#123456"))
    assert site.build().executed == ["index"]
    assert "--paper:#123456" in site.read()


def test_another_version_of_a_package_executes_the_pages_again_and_says_why(site):
    installed = site.root / "src/bokeh-0.1.dist-info/METADATA"
    installed.parent.mkdir()
    installed.write_text("Metadata-Version: 2.1\nName: bokeh\nVersion: 0.1\n")
    site.write(page("print(6 * 7)"))
    assert "has changed" not in site.build().printed
    installed.write_text("Metadata-Version: 2.1\nName: bokeh\nVersion: 0.2\n")
    build = site.build()
    assert build.executed == ["index"]
    assert "what pages depend on has changed: bokeh was 0.1 and is 0.2\n" in build.printed
    assert site.build().executed == []


def test_a_build_waits_for_another_of_the_same_clone(site):
    began, go_on = site.root / "began", site.root / "go on"
    site.write(
        page(
            f"import pathlib, time\npathlib.Path({str(began)!r}).touch()\n"
            f"while not pathlib.Path({str(go_on)!r}).exists():\n    time.sleep(0.05)"
        )
    )
    with site.begin() as first:
        while not began.exists():
            assert first.poll() is None
            time.sleep(0.05)
        with site.begin() as second:
            assert second.stdout is not None
            told = next(line for line in second.stdout if "waiting" in line)
            assert told == f"waiting for another build of this clone to end: process {first.pid}\n"
            go_on.touch()
            printed = second.stdout.read()
        assert "1 page" in first.communicate()[0]
    assert (first.returncode, second.returncode) == (0, 0)
    assert Build(0, printed).executed == []


def test_a_claim_that_fails_stops_the_build_with_its_place_and_its_values(site):
    site.write(page("print(1)", CLAIM + "claim('Two is more than three.', 2 > 3, two=2)"))
    build = site.build()
    assert build.status != 0
    assert re.search(r"docs/index\.md:\d+: this cell failed", build.printed)
    assert "claim('Two is more than three.', 2 > 3, two=2)" in build.printed
    assert "This did not hold: Two is more than three. (two 2)" in build.printed


def test_a_verdict_that_a_page_is_not_written_for_stops_the_build(site):
    begin = "from raylessons import check, start_ray\n\nstart_ray(num_cpus=1)"
    site.write(page(begin, "def my_calls():\n    return None\n\n\ncheck(1, my_calls)"))
    site.write(page(begin, "check(1, lambda: None)"), "other")
    build = site.build()
    assert build.status != 0
    told = "of exercise 1 told the mistake 'arguments': expected"
    assert f"The check of the solution {told} None." in build.printed
    assert f"The check of the starter {told} 'driver'." in build.printed


def test_the_place_of_a_failure_is_the_first_line_of_its_cell(site):
    text = page("print(1)", "1 / 0")
    site.write(text)
    line = text.splitlines().index("1 / 0") + 1
    assert f"docs/index.md:{line}: this cell failed" in site.build().printed


def test_a_failed_page_is_not_kept_and_fails_again_until_it_is_mended(site):
    site.write(page("1 / 0"))
    assert "ZeroDivisionError" in site.build().printed
    second = site.build()
    assert second.status != 0
    assert "ZeroDivisionError" in second.printed
    site.write(page("1 / 1"))
    mended = site.build()
    assert (mended.status, mended.executed) == (0, ["index"])


def test_every_page_that_fails_is_named(site):
    site.write(page("1 / 0") + "\n```{toctree}\nother\n```\n")
    site.write(page("[][0]"), "other")
    build = site.build()
    assert "ZeroDivisionError" in build.printed
    assert "IndexError" in build.printed


def test_a_page_whose_kernel_dies_is_named_with_its_cell(site):
    site.write(page("print(1)", "import os\nos.write(2, b'out of luck')\nos._exit(3)"))
    build = site.build()
    assert build.status != 0
    assert re.search(r"docs/index\.md:\d+: this cell failed", build.printed)
    assert "os._exit(3)" in build.printed
    assert "The kernel of this page died. Its last words:\nout of luck" in build.printed


def test_a_kernel_that_dies_without_a_word_is_told_what_may_have_ended_it(site):
    site.write(page("import os\nos._exit(3)"))
    assert "It said nothing. Something else may have ended it" in site.build().printed


MEETING = """
from pathlib import Path
import time
Path({folder!r}, {own!r}).touch()
while not Path({folder!r}, {other!r}).exists():
    time.sleep(0.05)
"""


def test_a_page_that_heeds_no_interrupt_is_ended_all_the_same(site):
    heedless = "import signal, time\nsignal.signal(signal.SIGALRM, signal.SIG_IGN)\n"
    site.write(page(heedless + "time.sleep(3600)"))
    build = site.build(RAYLESSONS_PAGE_LIMIT_SECONDS="1")
    assert build.status != 0
    assert "This page ran past its limit of 1 second" in build.printed


def test_pages_execute_side_by_side(site):
    folder = str(site.root)
    tree = "\n```{toctree}\nother\n```\n"
    site.write(page(MEETING.format(folder=folder, own="first", other="second")) + tree)
    site.write(page(MEETING.format(folder=folder, own="second", other="first")), "other")
    build = site.build(RAYLESSONS_PAGE_LIMIT_SECONDS="60")
    assert (build.status, sorted(build.executed)) == (0, ["index", "other"])


def test_a_page_that_measures_executes_alone(site):
    cell = """
    import time
    with open({log!r}, "a") as log:
        log.write({name!r})
    time.sleep(0.5)
    with open({log!r}, "a") as log:
        log.write({name!r})
    """
    log = site.root / "log"
    for name in ("index", "other", "third", "zebra"):
        text = page(textwrap.dedent(cell).format(log=str(log), name=name[0]))
        if name in ("other", "zebra"):
            text = text.replace("file_format: mystnb", "file_format: mystnb\nmeasures: true")
        site.write(text + "\n```{toctree}\n:glob:\n\n*\n```\n" * (name == "index"), name)
    build = site.build()
    assert (build.status, build.executed[:2]) == (0, ["other", "zebra"])
    assert log.read_text()[:4] == "oozz"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_build_that_is_told_to_end_ends_its_pages_and_their_ray(site, number):
    began = site.root / "began"
    site.write(
        page(STARTS_RAY, f"import time, pathlib\npathlib.Path({str(began)!r}).touch()\n" + HANG)
    )
    with site.begin(RAYLESSONS_TEST=str(site.root), RAY_ADDRESS="local") as build:
        while not began.exists():
            assert build.poll() is None
            time.sleep(0.1)
        build.send_signal(number)
        printed, _ = build.communicate()
    assert build.returncode == 2
    assert printed.endswith("Interrupted!\n")
    assert_ray_ends(site.root)


def test_a_page_past_its_time_limit_fails_and_leaves_no_ray_behind(site):
    # One cell: on a busy machine, Ray alone may take the thirty seconds.
    site.write(page(STARTS_RAY + "\nimport time\n" + HANG))
    build = site.build(
        RAYLESSONS_PAGE_LIMIT_SECONDS="30", RAYLESSONS_TEST=str(site.root), RAY_ADDRESS="local"
    )
    assert build.status != 0
    assert "ray.get(hang.remote())" in build.printed
    assert "This page ran past its limit of 30 seconds" in build.printed
    assert_ray_ends(site.root)


def test_a_page_that_fails_leaves_no_ray_behind(site):
    note = site.root / "note"
    where = f"open({str(note)!r}, 'w').write(ray.nodes()[0]['RayletSocketName'])"
    site.write(page(STARTS_RAY, f"import os\n{where}\n1 / 0"))
    build = site.build(RAYLESSONS_TEST=str(site.root), RAY_ADDRESS="local")
    assert "ZeroDivisionError" in build.printed
    assert_ray_ends(site.root)
    session = Path(note.read_text()).parents[1]
    assert session.name.startswith("session")
    assert not session.exists()


def test_every_ray_that_a_page_starts_listens_on_this_machine_alone(site):
    cell = (
        "import ray\nfrom raylessons import find_listeners\n"
        "ray.init(include_dashboard=False)\n"
        "local = [each.is_local for each in find_listeners() if each.program == 'raylet']\n"
        "print('raylet', all(local) if local else 'not found')\nray.shutdown()"
    )
    site.write(page(cell))
    assert site.build(RAY_ADDRESS="").status == 0
    assert "raylet True" in html.unescape(re.sub("<[^>]+>", "", site.read()))


def test_an_output_tells_no_path_and_no_address_of_the_machine(site):
    cell = (
        "import ray\nray.init(address='local', num_cpus=1, include_dashboard=False)\n"
        "@ray.remote\ndef divide():\n    return 1 / 0\n\n"
        "try:\n    ray.get(divide.remote())\nexcept ZeroDivisionError as error:\n"
        "    print(error, ray.__file__)\nray.shutdown()"
    )
    raising = ":tags: [raises-exception]\nimport os\nos.stat(os.path.expanduser('~/nowhere'))"
    site.write(page(cell, raising))
    assert site.build().status == 0
    built = html.unescape(re.sub("<[^>]+>", "", site.read()))
    assert ", ip=...)" in built
    assert 'File ".../' in built
    assert ".../ray/__init__.py" in built
    assert "~/nowhere" in built
    for fact in (sys.prefix, str(Path.home()), "ipykernel_", "site-packages"):
        assert fact not in built


def test_a_reference_that_leads_nowhere_fails_the_build(site):
    site.write(page(prose="{func}`ray.gett` and {term}`no such term`"))
    build = site.build()
    assert build.status != 0
    assert "ray.gett" in build.printed
    assert "no such term" in build.printed


def test_a_figure_that_no_cell_noted_fails_the_build(site):
    site.write(page("print(1)", prose="It took {glue:text}`seconds:.1f` seconds."))
    build = site.build()
    assert build.status != 0
    assert "seconds" in build.printed


def test_every_page_says_its_version_the_one_of_ray_and_the_day_of_the_build(site):
    site.write(page(prose="Nothing runs here."))
    assert site.build(SOURCE_DATE_EPOCH="86400").status == 0
    built = f"Version {raylessons.__version__}, built with Ray {ray.__version__} on 1970-01-02"
    assert built in site.read()


def test_a_figure_in_a_sentence_is_the_one_of_the_run(site):
    site.write(
        page(
            "from raylessons.claims import note\nnote(seconds=1.26)",
            prose="It took {glue:text}`seconds:.1f` seconds.",
        )
    )
    assert site.build().status == 0
    assert "1.3" in site.read()


def test_the_first_page_shows_what_a_lesson_measures_and_draws_today(site):
    cell = (
        "from raylessons import note\nfrom raylessons.drawing.page import draw_story\n"
        "from raylessons.trace.records import Trace\nnote(seconds={}, story=draw_story(Trace()))"
    )
    site.write(
        "# First\n\nIt took {glue:text}`lesson.md::seconds:.1f` seconds.\n\n"
        "```{glue} story\n:doc: lesson.md\n```\n\n```{toctree}\nlesson\n```\n"
    )
    for seconds, told in ((1.26, "1.3"), (2.34, "2.3")):
        site.write(page(cell.format(seconds)), "lesson")
        build = site.build()
        assert (build.status, build.executed) == (0, ["lesson"]), build.printed
        assert f">{told}</span> seconds" in site.read()
        assert 'class="story"' in site.read()


PROOF = "# Proof\n\n```{build-facts}\n```\n\n```{build-claims}\n```\n"


def test_the_proof_tells_every_claim_whether_it_ran_now_or_before(site):
    site.write(
        page(CLAIM + "claim('Three is more.', True, three=3)") + "\n```{toctree}\nproof\n```\n"
    )
    site.write(PROOF, "proof")
    assert site.build().status == 0
    assert "Three is more." in site.read("proof")
    assert "three 3" in site.read("proof")
    shutil.rmtree(site.root / "_site/html")
    shutil.rmtree(site.root / "_site/doctrees")
    again = site.build()
    assert (again.status, again.executed) == (0, [])
    assert "Three is more." in site.read("proof")


def test_a_claim_leads_to_its_line_of_the_proof_and_back(site):
    cells = [CLAIM + "claim('Three is more.', True)", "claim('Four is more.', True)"]
    site.write(page(*cells) + "\n```{toctree}\nproof\n```\n")
    site.write(PROOF, "proof")
    site.build()
    told, shown = site.read("proof"), site.read()
    assert re.search(r'href="index.html#claim-2"[^>]*>Four is more\.', told)
    claim = re.search(r'<p [^>]*id="claim-2".*?</p>', shown, re.DOTALL)
    assert claim
    assert re.search(r'class="claim-mark"><a [^>]*href="proof.html#\S+"', claim[0])
    assert all(
        f'<tr class="row-{row}" id="index-claim-{n}">' in told
        for n, row in ((1, "even"), (2, "odd"))
    )


def test_the_proof_counts_what_the_sentences_of_each_page_stand_on(site):
    prose = "A claim holds. <!-- claimed -->\nSo say we all. <!-- advice -->\nDo we?"
    site.write(
        page(CLAIM + "claim('It holds.', True)", prose=prose) + "\n```{toctree}\nproof\n```\n"
    )
    site.write("# Proof\n\n```{build-statements}\n```\n", "proof")
    site.build()
    row = re.search(r"<tr[^>]*>(?:(?!</tr>).)*A page(.*?)</tr>", site.read("proof"), re.DOTALL)
    assert re.findall(r"<p>(\d+)</p>", row[1]) == ["1", "1", "0", "0", "0", "1", "0", "1"]
    assert "advice" not in site.read()


def test_the_proof_forgets_a_claim_that_is_gone(site):
    tree = "\n```{toctree}\nproof\n```\n"
    site.write(page(CLAIM + "claim('Three is more.', True)") + tree)
    site.write(PROOF, "proof")
    site.build()
    site.write(page(CLAIM + "claim('Four is more.', True)") + tree)
    site.build()
    assert "Three is more." not in site.read("proof")
    assert "Four is more." in site.read("proof")


PLOT = """
from raylessons.sweeps import Point, Sweep
from raylessons.plots.sweeps import plot_sweep
from raylessons.timing import Sample
ways = {"a": Sample((1.0, 2.0)), "b": Sample((2.0, 2.0))}
plot_sweep(Sweep((Point(1, ways), Point(10, ways)), 1), ("a", "b"))
"""


def test_only_a_page_with_a_plot_names_bokeh_which_lies_in_the_site_itself(site):
    site.write(page(PLOT) + "\n```{toctree}\nother\n```\n")
    site.write(page("print(1)"), "other")
    assert site.build().status == 0
    [script] = re.findall(r'data-bokeh="([^"]+)"', site.read())
    assert f'src="_static/{script}' not in site.read(), "plots.js loads it"
    assert "bokeh" not in site.read("other")
    assert (site.root / "_site/html/_static" / script).stat().st_size > 500_000
    assert not re.findall(r"<(?:script|link|img)[^>]+(?:src|href)=\"https?://", site.read())


def test_a_plot_has_a_picture_for_a_reader_without_scripts(site):
    site.write(page(PLOT))
    site.build()
    assert re.search('<svg [^>]*role="img"', site.read())
    assert "<figcaption>Time of one call" in site.read()
