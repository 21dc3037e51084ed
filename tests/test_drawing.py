from xml.etree import ElementTree

import pytest
from story_trace import small_story, story

from raylessons.drawing import draw_frame, draw_story
from raylessons.trace import Trace

SVG = "{http://www.w3.org/2000/svg}"


@pytest.mark.parametrize("trace", [story(), story(gets=False), small_story(), Trace()])
def test_every_frame_is_a_picture_with_a_name_and_a_text_alternative(trace: Trace) -> None:
    for frame in draw_story(trace).frames:
        svg = ElementTree.fromstring(draw_frame(trace, frame))
        assert svg.get("role") == "img"
        assert svg.findtext(f"{SVG}title") == frame.headline
        assert svg.findtext(f"{SVG}desc")


def test_the_lessons_story_has_thirteen_frames() -> None:
    assert len(draw_story(story()).frames) == 13


def test_a_frame_is_small_enough_to_stand_among_twelve_others() -> None:
    drawing = draw_story(story())
    assert len(drawing._repr_html_()) < 8_000 * len(drawing.frames)
