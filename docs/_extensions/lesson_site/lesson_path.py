"""The path through the lessons, as cards: a picture of each one's own run, what it is about, and
what it takes to read and to run.
"""

from docutils import nodes
from myst_nb.sphinx_ import NbMetadataCollector
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

from lesson_site.card_pictures import draw_card_picture
from lesson_site.questions import question, question_answer
from raylessons.words import count, escape

logger = logging.getLogger(__name__)

# Readers of technical prose in a language of their own: Brysbaert, "How many words do we read
# per minute?", Journal of Memory and Language 109, 2019, finds 238 for non-fiction.
WORDS_A_MINUTE = 238


class lesson_path(nodes.General, nodes.Element):  # noqa: N801 - docutils names nodes so
    """Stand where the path goes, until every lesson is read."""


class LessonPath(SphinxDirective):
    """`lesson-path`: the lessons of this page's toctrees, each toctree a part with its caption."""

    def run(self) -> list[nodes.Node]:
        return [lesson_path()]


def write_again(app: Sphinx, env: BuildEnvironment) -> list[str]:
    """Write the page with the path anew: a lesson may have become longer or quicker."""
    return [env.config.root_doc]


def fill(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Put the path where the page asks for it."""
    for place in list(doctree.findall(lesson_path)):
        path = nodes.container(classes=["path"])
        first = 1
        for tree in app.env.get_doctree(docname).findall(addnodes.toctree):
            lessons = [page for page in tree["includefiles"] if page.startswith("lessons/")]
            if lessons:
                steps = nodes.enumerated_list(start=first)
                steps += [_card(app, docname, lesson) for lesson in lessons]
                path += [nodes.rubric("", tree["caption"], **{"heading-level": 3}), steps]
                first += len(lessons)
        place.replace_self(path)


def _card(app: Sphinx, here: str, lesson: str) -> nodes.list_item:
    page = app.env.get_doctree(lesson)
    title = nodes.reference(
        "",
        app.env.titles[lesson].astext(),
        refuri=app.builder.get_relative_uri(here, lesson),
        internal=True,
    )
    about = next(page.findall(nodes.paragraph)).astext()
    minutes = max(1, round(len(_prose(page)) / WORDS_A_MINUTE))
    takes = f"{minutes} min to read"
    execution = NbMetadataCollector.get_exec_data(app.env, lesson)
    if execution and execution["runtime"]:
        takes += f", ran in {execution['runtime']:.0f} s"
    return nodes.list_item(
        "",
        _picture(page, lesson),
        nodes.paragraph("", "", title, classes=["path-title"]),
        nodes.paragraph("", about, classes=["path-about"]),
        nodes.paragraph("", takes, classes=["path-takes"]),
        *_questions(page, lesson),
    )


def _picture(page: nodes.document, lesson: str) -> nodes.raw:
    try:
        picture = draw_card_picture(page)
    except ValueError as problem:
        logger.warning("%s", problem, location=lesson, type="lesson_path")
        picture = ""
    return nodes.raw("", f'<div class="path-picture">{picture}</div>', format="html")


def _questions(page: nodes.document, lesson: str) -> list[nodes.Node]:
    names = [asked["name"] for asked in page.findall(question)]
    if not names:
        return []
    place = (
        f'<p class="path-questions" data-page="{lesson}" data-names="{escape(" ".join(names))}">'
    )
    return [nodes.raw("", f"{place}{count(len(names), 'question')}</p>", format="html")]


def _prose(page: nodes.document) -> list[str]:
    blocks = (nodes.paragraph, nodes.literal_block)
    # Of what is said of the options of a question, one or two are read.
    unseen = {
        paragraph
        for answer in page.findall(question_answer)
        for paragraph in answer.findall(nodes.paragraph)
    }
    return [
        word
        for block in page.findall(lambda n: isinstance(n, blocks) and n not in unseen)
        for word in block.astext().split()
    ]


def connect(app: Sphinx) -> None:
    """Connect to the build."""
    app.add_directive("lesson-path", LessonPath)
    app.add_node(lesson_path)
    app.connect("env-updated", write_again)
    app.connect("doctree-resolved", fill)
