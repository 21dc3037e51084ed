"""Settings of the site; what they cannot say stands in `_extensions`."""

import os
import sys
from pathlib import Path

import ray

import raylessons

DOCS = Path(__file__).parent
sys.path.insert(0, str(DOCS / "_extensions"))
from lesson_site.cache_key import cache_folder  # noqa: E402 - it lies in the folder above
from lesson_site.kernels import prepare_kernels  # noqa: E402 - as above

project = "Ray Lessons"
author = "Ray Lessons maintainers"
copyright = f"%Y, {author}"
release = raylessons.__version__
ray_version = ray.__version__

# Where the site is published: "owner/name" of a repository on GitHub whose branch gh-pages is the
# site. Its pages then know their addresses, and the lessons open in Colab and in Binder.
published_repository = ""
html_baseurl = os.environ.get("READTHEDOCS_CANONICAL_URL", "")  # where Read the Docs publishes it

extensions = [
    "myst_nb",
    "notfound.extension",
    "sphinx.ext.autodoc",
    "sphinx.ext.githubpages",
    "sphinx.ext.intersphinx",
    "sphinx_codeautolink",
    "sphinx_copybutton",
    "sphinx_design",
    "lesson_site",
]
exclude_patterns = ["_*"]
nitpicky = True

# Pages execute once, under a key that changes with whatever their outputs depend on.
nb_execution_mode = "cache"
nb_execution_cache_path = str(cache_folder(DOCS.parent))
nb_execution_raise_on_error = True  # all is in the cache when myst-nb reads: see `execution`
nb_output_stderr = "remove"  # Ray's own lines on start-up, not the page's
nb_merge_streams = True
nb_code_prompt_show = "Show the solution"
nb_code_prompt_hide = "Hide the solution"
prepare_kernels(DOCS)

myst_enable_extensions = ["colon_fence", "deflist", "substitution"]
myst_substitutions = {"ray_version": ray_version}
myst_heading_anchors = 3

# Bokeh's own reference names the class by another module than the class does.
nitpick_ignore = [
    ("py:class", "bokeh.plotting._figure.figure"),
    # What a verdict or an explorer is made of is shown, and is nothing that a reader makes.
    ("py:class", "raylessons.exercises.verdicts.Kept"),
    ("py:class", "raylessons.exercises.verdicts.Section"),
    ("py:class", "raylessons.exercises.picture.Picture"),
    ("py:class", "raylessons.plots.explorer.Choice"),
    ("py:class", "raylessons.plots.explorer.Part"),
]

autodoc_class_signature = "separated"
autodoc_member_order = "bysource"
autodoc_typehints = "signature"
autodoc_typehints_format = "short"

# The inventories lie in the repo: a build asks nothing of another host.
intersphinx_mapping = {
    "ray": ("https://docs.ray.io/en/latest/", str(DOCS / "_inventories/ray.inv")),
    "python": ("https://docs.python.org/3/", str(DOCS / "_inventories/python.inv")),
    "numpy": ("https://numpy.org/doc/stable/", str(DOCS / "_inventories/numpy.inv")),
    "bokeh": ("https://docs.bokeh.org/en/latest/", str(DOCS / "_inventories/bokeh.inv")),
}

# The cells of a page are one program; a link shows what its name means (`hover.js`), not its title.
codeautolink_concat_default = True
codeautolink_disable_link_titles = True

html_theme = "furo"
html_title = "Ray Lessons"
html_last_updated_fmt = "%Y-%m-%d"
html_context = {"ray_version": ray_version}
html_static_path = ["_static"]
templates_path = ["_templates"]
html_css_files = ["site.css", "search.css"]
html_js_files = [(name, {"defer": "defer"}) for name in ("scrolling.js", "search.js")]
html_favicon = "_static/favicon.svg"
notfound_template = "notfound.html"
notfound_context = {"title": "Page not found"}
sitemap_url_scheme = "{link}"
sitemap_excludes = ["404.html", "genindex.html", "search.html"]
ogp_image = "_static/page.png"
ogp_image_alt = "Three tasks, recorded on a cluster of three nodes and drawn step by step"
ogp_social_cards = {"enable": False}
ogp_custom_meta_tags = ['<meta name="twitter:card" content="summary_large_image" />']
html_copy_source = False
html_show_sourcelink = False
default_role = "code"
copybutton_exclude = ".linenos, .gp, .go"
