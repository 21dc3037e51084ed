"""A picture whose reader chooses: every answer is worked out before, and a page shows one."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

from bokeh.plotting import figure

from raylessons.plots.still import draw_still
from raylessons.words import escape


@dataclass(frozen=True)
class Choice:
    """What can be chosen: the options in words, and the one that is shown first."""

    label: str
    options: tuple[str, ...]
    first: int = 0
    slides: bool = False  # the options are steps of a scale


@dataclass(frozen=True)
class Part:
    """What an explorer shows in one place, as SVG or HTML, by the choices that it depends on."""

    by: tuple[str, ...]  # the labels of those choices
    shown: Mapping[tuple[int, ...], str]  # by the place of the option of each


@dataclass(frozen=True)
class Explorer:
    """A picture, what can be chosen, and what is shown of every choice.

    In a notebook it shows its first choice, which needs no script; a page of the site lets its
    reader choose where scripts run.
    """

    figure: figure  # what no choice changes
    title: str
    choices: tuple[Choice, ...]
    layers: tuple[Part, ...]  # SVG, on the figure
    summary: Part  # the answer in a sentence or two
    details: Part

    def __repr__(self) -> str:
        return f"{self.title}: {len(self.summary.shown)} choices"

    def _repr_html_(self) -> str:
        places = [(f'data-part="{place}"', part) for place, part in enumerate(self._parts)]
        *layers, summary, details = [(place, self._first(part)) for place, part in places]
        still = draw_still(
            self.figure, self.title, "".join(f"<g {place}>{shown}</g>" for place, shown in layers)
        )
        data = json.dumps([self._data(part) for part in self._parts], separators=(",", ":"))
        return (
            '<figure class="explorer"><form class="explorer-choices" autocomplete="off" hidden>'
            f"{''.join(_control(choice) for choice in self.choices)}</form>"
            f'<div class="explorer-picture">{still}</div>'
            f'<figcaption><p role="status" {summary[0]}>{summary[1]}</p>'
            f"<div {details[0]}>{details[1]}</div></figcaption>"
            '<script type="application/json" class="explorer-data">'
            f"{data.replace('</', '<' + chr(92) + '/')}</script></figure>"
        )

    @property
    def _parts(self) -> tuple[Part, ...]:
        return (*self.layers, self.summary, self.details)

    def _first(self, part: Part) -> str:
        first = {choice.label: choice.first for choice in self.choices}
        return part.shown[tuple(first[label] for label in part.by)]

    def _data(self, part: Part) -> dict[str, object]:
        labels = [choice.label for choice in self.choices]
        return {
            "by": [labels.index(label) for label in part.by],
            "shown": {",".join(map(str, key)): shown for key, shown in part.shown.items()},
        }


def _control(choice: Choice) -> str:
    label = escape(choice.label)
    if not choice.slides:
        options = "".join(
            f'<option value="{place}"{" selected" * (place == choice.first)}>{escape(words)}'
            "</option>"
            for place, words in enumerate(choice.options)
        )
        return f"<label><span>{label}</span> <select>{options}</select></label>"
    words = escape(choice.options[choice.first])
    longest = max(map(len, choice.options))
    return (
        f'<label><span>{label}</span> <input type="range" min="0" max="{len(choice.options) - 1}" '
        f'value="{choice.first}" aria-valuetext="{words}" '
        f'data-options="{escape(json.dumps(choice.options))}">'
        f'<span class="explorer-value" aria-hidden="true" style="min-width:{longest}ch">'
        f"{words}</span></label>"
    )
