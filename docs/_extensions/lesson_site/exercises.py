"""`exercise`: what an exercise asks for; and a link from each verdict to what explains it."""

import html
import re

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from raylessons.exercises.catalogue import find_exercise

# As `Verdict` writes it: a notebook and a terminal have no page that this could lead to.
SECTION = re.compile(r'<span class="verdict-section" data-page="([\w-]+)">(.*?)</span>')


class ExerciseText(SphinxDirective):
    """`exercise` and a number: the text of that exercise."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        try:
            exercise = find_exercise(int(self.arguments[0]))
        except (LookupError, ValueError) as error:
            raise self.error(f"exercise {self.arguments[0]}: {error}") from None
        return self.parse_text_to_nodes(exercise.task)


def link_sections(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Let each verdict lead to the section that it names."""
    if app.builder.format != "html":
        return

    def linked(section: re.Match[str]) -> str:
        page, title = section.groups()
        address = app.builder.get_relative_uri(docname, f"lessons/{page}")
        return f'<a href="{address}#{nodes.make_id(html.unescape(title))}">{title}</a>'

    for raw in list(doctree.findall(nodes.raw)):
        if 'class="verdict-section"' in raw.astext():
            text = SECTION.sub(linked, raw.astext())
            raw.replace_self(nodes.raw("", text, **raw.attributes))


def connect(app: Sphinx) -> None:
    """Connect to the build."""
    app.add_directive("exercise", ExerciseText)
    app.connect("doctree-resolved", link_sections)
