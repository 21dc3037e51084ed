"""The scripts of the site: a page may load any of them together."""

import re
from collections import Counter
from pathlib import Path

STATIC = Path(__file__).parents[2] / "docs/_static"
DECLARED = re.compile(r"^(?:async )?(?:function|const|let|class) (\w+)", re.MULTILINE)


def test_no_two_scripts_declare_the_same_name():
    scripts = [path.read_text(encoding="utf-8") for path in STATIC.glob("*.js")]
    names = Counter(name for script in scripts for name in DECLARED.findall(script))
    assert len(names) > 20
    assert [name for name, times in names.items() if times > 1] == []
