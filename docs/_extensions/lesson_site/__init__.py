"""What the site does that no well-kept extension does; conf.py names this one extension.

- `cache_key`: which outputs are still true. `kernels`: what pages execute in.
- `failures`: a page that fails stops the build, and is named.
- `exercises`, `lesson_path`, `proof`: directives of the pages.
- `page_scripts`: a page loads the scripts that its pictures need, and no others.
- `notebooks`: every lesson as a notebook.
"""

from sphinx.application import Sphinx

from lesson_site import exercises, failures, lesson_path, page_scripts, proof
from lesson_site.notebooks import publishing


def setup(app: Sphinx) -> dict[str, object]:
    """Connect every part to the build."""
    for part in (exercises, failures, lesson_path, page_scripts, proof, publishing):
        part.connect(app)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
