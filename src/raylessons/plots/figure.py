"""Bokeh figures of what was measured, each with a static picture and a sentence."""

import json
from dataclasses import dataclass

from bokeh.embed import json_item
from bokeh.plotting import figure

from raylessons.plots.still import draw_still
from raylessons.words import escape

# Every colour of the plots stands here, and shows on white and on black.
# Okabe and Ito's palette, which colour-blind readers tell apart too ("Color Universal Design",
# 2008), without its lightest and darkest colours.
COLORS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00")
MARKERS = ("circle", "square", "triangle", "diamond", "inverted_triangle")
NEUTRAL = "#808080"  # what is not measured: a prediction, a crossing
ON_BAR = "#ffffff"  # words on a bar, and what parts it from the next
ON_PALE = "#4a5160"  # behind words on a pale bar, which are ON_BAR
# The parts of a task, in its lane: no two neighbours have one height and one colour.
ARGUMENTS, WORKER, FETCH, EXECUTE, STORE, FAILED, CANCELLED, TURN = (
    "#7d8794", "#2e8c83", "#c4790b", "#2f6bc4", "#8a5fd0", "#cf3a30", "#b0457f", "#8c7a1f",
)  # fmt: skip


@dataclass(frozen=True)
class Plot:
    """A Bokeh figure, and the sentence that says what it shows.

    In a notebook it shows itself as a static picture drawn from the same figure, which needs
    no script; a page of the site puts the live figure in its place where scripts run.
    For the live one elsewhere: `bokeh.io.show(plot.figure)`.
    """

    figure: figure
    summary: str
    table: str = ""  # HTML: the same data, for those who cannot see the picture

    def __repr__(self) -> str:
        return self.summary

    def _repr_html_(self) -> str:
        data = json.dumps(json_item(self.figure)).replace("</", "<\\/")
        return (
            # The page keeps this height free, so that nothing moves when the live one comes.
            f'<figure class="plot" style="--plot-height:{self.figure.height}px">'
            '<div class="plot-live" hidden></div>'
            f'<script type="application/json" class="plot-data">{data}</script>'
            f'<div class="plot-still">{draw_still(self.figure, self.summary)}</div>'
            f"<figcaption>{escape(self.summary)}</figcaption>{self.table}</figure>"
        )


def start_figure(x_label: str, y_label: str | None, height: int = 380, **options: object) -> figure:
    """Start a figure in the site's look: as wide as the page, and quiet until it is asked."""
    plot = figure(
        height=height,
        sizing_mode="stretch_width",
        tools="pan,box_zoom,reset,save",
        active_drag=None,  # a finger that scrolls the page must not move the plot
        toolbar_location="right",
        x_axis_label=x_label,
        y_axis_label=y_label,
        background_fill_color=None,
        border_fill_color=None,
        outline_line_color=None,
        **options,
    )
    plot.toolbar.autohide = True
    plot.toolbar.logo = None
    plot.grid.grid_line_alpha = 0.25
    for axis in plot.axis:
        axis.axis_label_text_font_style = "normal"
        axis.axis_label_text_font_size = axis.major_label_text_font_size = "13px"
        axis.minor_tick_line_color = None
        axis.major_tick_in = 0
    return plot


def style_legend(plot: figure) -> None:
    """Give a figure's legends the site's look, and let a click mute a line."""
    for legend in plot.legend:
        legend.background_fill_alpha = 0
        legend.border_line_alpha = 0
        legend.label_text_font_size = "13px"
        legend.location = "left"
        legend.click_policy = "mute"
