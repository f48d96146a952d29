"""The waterfall from one valuation to the next: each step begins where the one before ends, with its interval."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import plotly.graph_objects as go

from actuarial.report._mix_figures import rows_axis, value_axis
from actuarial.report.figures import INK, MUTED, PALETTE, Axes, layout, rounded

ROW = 30
"""Pixels of a row."""

UP, DOWN, TOTAL = PALETTE[1], PALETTE[0], MUTED
"""Colours of what rises, what falls, and the two valuations."""


@dataclass(frozen=True)
class Course:
    """The way of one output from one valuation to the next, in the unit that is drawn.

    Attributes
    ----------
    label : str
        Of the button.
    value, change, low, high : numpy.ndarray, shape (steps,)
        After each step, what it adds, and the interval of that; the first has no change.
    told : list of str
        What is written at each row: the old value, changes, the new value.
    suffix : str
        Of the axis.
    """

    label: str
    value: np.ndarray
    change: np.ndarray
    low: np.ndarray
    high: np.ndarray
    told: list[str]
    suffix: str


def waterfall(courses: Sequence[Course], names: Sequence[str]) -> go.Figure:
    """Draw the way of every output, the first shown, with a button for each.

    Parameters
    ----------
    courses : sequence of Course
    names : sequence of str
        Of the rows: the old valuation, one a step after it, the new valuation.

    Returns
    -------
    plotly.graph_objects.Figure
        Ready for `to_json`; every course has two traces, bars and the lines between them.
    """
    figure = go.Figure(layout=layout(Axes(height=ROW * len(names) + 96)))
    for place, course in enumerate(courses):
        _add(figure, course, names, visible=place == 0)
    figure.update_layout(hovermode="closest", bargap=0.34)
    figure.layout.margin.t = 48
    rows_axis(figure, names)
    value_axis(figure, _span(courses[0]), courses[0].suffix)
    if len(courses) > 1:
        buttons = [_button(courses, n) for n in range(len(courses))]
        figure.update_layout(updatemenus=[{"type": "buttons", "direction": "right", "buttons": buttons, "active": 0}])
    return figure


def _button(courses: Sequence[Course], shown: int) -> dict[str, Any]:
    visible = [n == shown for n in range(len(courses)) for _ in "bl"]
    frame = {"xaxis.range": list(_span(courses[shown])), "xaxis.ticksuffix": courses[shown].suffix}
    return {"label": courses[shown].label, "method": "update", "args": [{"visible": visible}, frame]}


def _span(course: Course) -> tuple[float, float]:
    """Return an axis that holds every bar and interval, with room for what is written at its end."""
    before = np.concatenate([[course.value[0]], course.value[:-1]])
    ends = np.concatenate([course.value, before + np.nan_to_num(course.low), before + np.nan_to_num(course.high)])
    low, high = float(ends.min()), float(ends.max())
    # Years stand far from zero: their bars begin where the axis does.
    whole = course.suffix == "%" or low <= 0.5 * high
    low, high = (min(low, 0.0), max(high, 0.0)) if whole else (low, high)
    room = 0.2 * (high - low) or 1.0
    return (low - (0.0 if whole and low >= 0.0 else room), high + room)


def _add(figure: go.Figure, course: Course, names: Sequence[str], *, visible: bool) -> None:
    floor = max(_span(course)[0], 0.0)
    start = np.concatenate([[floor], course.value[:-1], [floor]])
    length = np.concatenate([[course.value[0] - floor], course.change[1:], [course.value[-1] - floor]])
    up = np.concatenate([[0.0], np.nan_to_num(course.high - course.change)[1:], [0.0]])
    down = np.concatenate([[0.0], np.nan_to_num(course.change - course.low)[1:], [0.0]])
    colors = [TOTAL, *(UP if change > 0 else DOWN for change in course.change[1:]), TOTAL]
    bars = go.Bar(
        orientation="h",
        x=rounded(length, 6),
        base=rounded(start, 6),
        y=list(range(len(names))),
        marker={"color": colors},
        error_x={
            "type": "data", "symmetric": False, "array": rounded(up), "arrayminus": rounded(down),
            "thickness": 1.4, "width": 3, "color": INK,
        },
        customdata=[[name, text] for name, text in zip(names, course.told, strict=True)],
        hovertemplate="%{customdata[0]}: %{customdata[1]}<extra></extra>",
        visible=visible,
    )  # fmt: skip
    x: list[float | None] = []
    y: list[float | None] = []
    for place, end in enumerate(rounded(course.value, 6)):
        x += [end, end, None]
        y += [place, place + 1, None]
    # What a step adds is written right of its bar and interval, where neither hides it; gaps keep it off the lines.
    reach = np.maximum(np.maximum(start, start + length), start + length + up)
    words = [""] * len(x)
    for place, (end, text) in enumerate(zip(rounded(reach, 6), course.told, strict=True)):
        x += [end, None]
        y += [place, None]
        words += [f"  {text}", ""]
    texts = go.Scatter(
        x=x,
        y=y,
        mode="lines+text",
        text=words,
        textposition="middle right",
        textfont={"size": 11, "color": INK},
        line={"color": MUTED, "width": 1},
        connectgaps=False,
        hoverinfo="skip",
        visible=visible,
        cliponaxis=False,
    )
    figure.add_traces([bars, texts])
