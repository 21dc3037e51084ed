"""What the site does that no well-kept extension does; conf.py names this one extension.

- `cache_key`: which outputs are still true. `kernels`: what pages execute in.
- `turns`: one build at a time in a clone.
- `execution`: pages execute side by side, and one that fails stops the build. `progress`: how far
  that has come.
- `exercises`, `lesson_path`, `proof`, `questions`: directives of the pages.
- `card_pictures`: what the card of a lesson shows of its run.
- `statements`: what each sentence of a page stands on, counted.
- `page_scripts`: a page loads the scripts that its pictures need, and no others.
- `images`: they come when they near the view.
- `hints`: what a term or a name means, for who points at it.
- `search`: what the search on a page shows.
- `captions`: those of the sidebar, for whoever hears it.
- `address`: where the site is published. `summaries`: what a link to a page says of it.
- `notebooks`: every lesson as a notebook. `markdown_pages`: every page as Markdown, for programs.
"""

from sphinx.application import Sphinx

from lesson_site import (
    address,
    captions,
    execution,
    exercises,
    hints,
    images,
    lesson_path,
    markdown_pages,
    page_scripts,
    proof,
    questions,
    search,
    statements,
    summaries,
    turns,
)
from lesson_site.notebooks import publishing


def setup(app: Sphinx) -> dict[str, object]:
    """Connect every part to the build."""
    parts = (
        *(turns, execution, exercises, lesson_path, page_scripts, proof, questions),
        *(statements, search, hints, images, captions, address, summaries),
        *(publishing, markdown_pages),
    )
    for part in parts:
        part.connect(app)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
