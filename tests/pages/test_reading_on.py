"""What to read next: from every lesson to pages of Ray's documentation."""

import re
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[2] / "docs"
PAGE = (DOCS / "reference/what-to-read-next.md").read_text("utf-8")
TOPICS = PAGE.split("\n## ")[1:]


@pytest.mark.parametrize("lesson", sorted(one.name for one in DOCS.glob("lessons/*.md")))
def test_every_lesson_leads_to_something_to_read_next(lesson):
    assert f"(../lessons/{lesson})" in PAGE


@pytest.mark.parametrize("topic", TOPICS, ids=lambda topic: topic.splitlines()[0])
def test_every_topic_leads_to_a_guide_of_ray_s_documentation(topic):
    address = r"\(https://docs\.ray\.io/en/latest/[\w/-]+\.html\)"
    assert re.search(address, topic)
    assert len(re.findall(address, topic)) == topic.count("](http")


def test_every_topic_but_the_libraries_says_where_you_come_from():
    without = [topic.splitlines()[0] for topic in TOPICS if "\nYou come from [](" not in topic]
    assert without == ["Libraries on top of Ray"]
