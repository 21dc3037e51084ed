"""Where the site is published: one setting says it, and every address follows from that.

`published_repository` is "owner/name" of a repository on GitHub whose branch `gh-pages` is the
site; Read the Docs says itself where it is. Without an address nothing names one.
"""

import re
from collections.abc import Iterable
from urllib.parse import urlsplit

from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.environment import BuildEnvironment
from sphinx.errors import ConfigError

BRANCH = "gh-pages"
# What these write is an address, or needs one.
EXTENSIONS = ("sphinx_sitemap", "sphinxext.opengraph")


def pages_url(repository: str) -> str:
    """Name the address of the site that GitHub publishes from a repository.

    >>> pages_url("owner/name")
    'https://owner.github.io/name/'
    """
    owner, name = repository.split("/")
    host = f"{owner.lower()}.github.io"
    return f"https://{host}/" if name.lower() == host else f"https://{host}/{name}/"


def know_address(app: Sphinx, config: Config) -> None:
    """Take the site's address from the repository that publishes it."""
    repository = config.published_repository
    if repository and not re.fullmatch(r"[\w-]+/[\w.-]+", repository):
        raise ConfigError(
            f"published_repository is {repository!r}: expected owner/name of a repository on "
            "GitHub. Write one such as 'owner/name', or leave it empty."
        )
    url = config.html_baseurl or (repository and pages_url(repository))
    config.html_baseurl = url and url.rstrip("/") + "/"
    # The page that is shown in place of a missing one, anywhere below this path.
    config.notfound_urls_prefix = urlsplit(config.html_baseurl).path or "/"
    if config.html_baseurl:
        config.ogp_site_url = config.html_baseurl
        for name in EXTENSIONS:
            app.setup_extension(name)


def write_all(app: Sphinx, env: BuildEnvironment) -> Iterable[str]:
    """Write every page of a published site: they have one date, and the sitemap names them all."""
    return sorted(env.found_docs) if app.config.html_baseurl else []


def connect(app: Sphinx) -> None:
    """Connect to the build."""
    app.add_config_value("published_repository", "", "html", types=str)
    app.connect("config-inited", know_address)
    app.connect("env-updated", write_all)
