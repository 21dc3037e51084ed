"""A picture whose reader chooses: every answer is worked out before, and a page shows one."""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import product

from bokeh.plotting import figure

from raylessons.plots.still import draw_still
from raylessons.words import escape

# An answer is told by its place among those that differ, in digits of this alphabet.
DIGITS = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-_"


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
    summary: tuple[Part, ...]  # the answer, a sentence each
    details: Part

    def __repr__(self) -> str:
        return f"{self.title}: {math.prod(len(one.options) for one in self.choices):,} choices"

    def _repr_html_(self) -> str:
        layers, summary = len(self.layers), len(self.summary)
        drawn = "".join(f"<g {self._first(place)}</g>" for place in range(layers))
        says = " ".join(
            f"<span {self._first(place)}</span>" for place in range(layers, layers + summary)
        )
        data = json.dumps(
            {
                "digits": DIGITS,
                "sizes": [len(choice.options) for choice in self.choices],
                "parts": [self._data(part) for part in self._parts],
            },
            separators=(",", ":"),
        ).replace("</", "<\\/")
        return (
            '<figure class="explorer"><form class="explorer-choices" autocomplete="off" hidden>'
            f"{''.join(_control(choice) for choice in self.choices)}</form>"
            f'<div class="explorer-picture">{draw_still(self.figure, self.title, drawn)}</div>'
            f'<figcaption><p role="status">{says}</p>'
            f"<div {self._first(layers + summary)}</div></figcaption>"
            f'<script type="application/json" class="explorer-data">{data}</script></figure>'
        )

    @property
    def _parts(self) -> tuple[Part, ...]:
        return (*self.layers, *self.summary, self.details)

    def _first(self, place: int) -> str:
        first = {choice.label: choice.first for choice in self.choices}
        part = self._parts[place]
        return f'data-part="{place}">{part.shown[tuple(first[label] for label in part.by)]}'

    def _data(self, part: Part) -> dict[str, object]:
        labels = [choice.label for choice in self.choices]
        by = [labels.index(label) for label in part.by]
        keys = product(*(range(len(self.choices[place].options)) for place in by))
        answers = list(dict.fromkeys(part.shown.values()))
        places = {answer: place for place, answer in enumerate(answers)}
        width = 1 + (len(answers) > len(DIGITS))
        if len(answers) > len(DIGITS) ** width:
            raise ValueError(
                f"{len(answers):,} answers differ: expected at most {len(DIGITS) ** width:,}. "
                "Say less in one part, or offer fewer options."
            )
        codes = "".join(_write_digits(places[part.shown[key]], width) for key in keys)
        return {"by": by, "answers": answers, "width": width, "codes": codes}


def _write_digits(number: int, width: int) -> str:
    more, last = divmod(number, len(DIGITS))
    return (_write_digits(more, width - 1) if width > 1 else "") + DIGITS[last]


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
