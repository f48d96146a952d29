"""Drawings of the chapter on the financing mix: payments step by step, and areas on both sides of zero."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from textwrap import wrap
from typing import Any

import numpy as np
import plotly.graph_objects as go

from actuarial.report.figures import GRID, INK, MUTED, Axes, layout, rounded

ROW = 22
"""Pixels that a row of a chart takes."""

WIDE = 28
"""Columns that a line of a row's name takes at most."""


@dataclass(frozen=True)
class Bars:
    """Heights for each place of the x axis, with name and colour."""

    name: str
    color: str
    values: np.ndarray


def waterfall(
    names: Sequence[str], shares: Mapping[int, np.ndarray], colors: Sequence[str], total: str, shown: int
) -> go.Figure:
    """Draw who pays in a year, payer after payer, with a button a year.

    Parameters
    ----------
    names, colors : sequence of str
        Of the payers, from the top down.
    shares : mapping of int to numpy.ndarray, shape (payers,)
        By year: per cent of expenditure; they add up to 100, and a negative one leads back.
    total : str
        Words of the last row.
    shown : int
        The year that is drawn at first, and on paper.

    Returns
    -------
    plotly.graph_objects.Figure
        Ready for `to_json`; every year has two traces, of which the buttons show those of one year.
    """
    rows = len(names) + 1
    figure = go.Figure(layout=layout(Axes(height=ROW * rows + 86)))
    reach = [0.0, 100.0]
    for year, values in shares.items():
        ends = np.cumsum(np.nan_to_num(values))
        reach += [float(ends.min()), float(ends.max())]
        _add_steps(figure, [*names, total], values, [*colors, MUTED], visible=year == shown)
    low, high = min(reach), max(reach)
    room = 0.17 * (high - low)
    figure.update_layout(hovermode="closest", bargap=0.28, updatemenus=[_picker(list(shares), shown)])
    figure.layout.margin.t = 48
    rows_axis(figure, [*names, total])
    value_axis(figure, (low - (room if low < 0 else 0.0), high + room), "%")
    return figure


def _add_steps(
    figure: go.Figure, names: Sequence[str], values: np.ndarray, colors: Sequence[str], *, visible: bool
) -> None:
    """Add the bars of one year, each beginning where the one before ends, and the thin lines between them."""
    ends = np.cumsum(np.nan_to_num(values))
    starts = np.concatenate([[0.0], ends[:-1], [0.0]])
    lengths = np.concatenate([values, [ends[-1]]])
    places = list(range(len(names)))
    written = [f"{v:.1f}%".replace("-", "\N{MINUS SIGN}") for v in lengths]
    bars = go.Bar(
        orientation="h",
        x=rounded(lengths),
        base=rounded(starts),
        y=places,
        marker={"color": list(colors)},
        text=written,
        textposition="outside",
        textfont={"size": 11, "color": INK},
        cliponaxis=False,
        customdata=list(names),
        hovertemplate="%{customdata}: %{text}<extra></extra>",
        visible=visible,
    )
    x: list[float | None] = []
    y: list[float | None] = []
    for place, end in enumerate(ends):
        x += [float(f"{end:.4g}")] * 2 + [None]
        y += [place, place + 1, None]
    lines = go.Scatter(
        x=x, y=y, mode="lines", line={"color": MUTED, "width": 1}, hoverinfo="skip", visible=visible, cliponaxis=False
    )
    figure.add_traces([bars, lines])


def _picker(years: list[int], shown: int) -> dict[str, Any]:
    """Return a row of buttons, one a year, each of which shows the traces of its year."""
    buttons = [
        {"label": str(year), "method": "restyle", "args": [{"visible": [one == year for one in years for _ in "bl"]}]}
        for year in years
    ]
    return {
        "type": "buttons",
        "direction": "right",
        "buttons": buttons,
        "active": years.index(shown),
        # At the right end: on a phone names of payers take half of the width, and buttons may stand above them.
        "x": 1,
        "xanchor": "right",
        "y": 1,
        "yanchor": "bottom",
        "pad": {"b": 8, "t": 0},
        "font": {"size": 12, "color": INK},
        "bgcolor": "#ffffff",
        "bordercolor": MUTED,
        "borderwidth": 1,
    }


def both_sides(parts: Sequence[Bars], years: np.ndarray, axes: Axes) -> go.Figure:
    """Draw areas on each other through time: positive ones above zero, negative ones below.

    Parameters
    ----------
    parts : sequence of Bars
        From zero outwards; heights in the unit of the axis.
    years : numpy.ndarray of int
        Years.
    axes : Axes
        Frame.

    Returns
    -------
    plotly.graph_objects.Figure
        Ready for `to_json`.
    """
    figure = go.Figure(layout=layout(axes))
    for part in parts:
        for side, values in (("above", part.values.clip(min=0.0)), ("below", part.values.clip(max=0.0))):
            if not values.any():
                continue
            figure.add_trace(
                go.Scatter(
                    x=years.tolist(),
                    y=rounded(values),
                    mode="lines",
                    name=part.name,
                    stackgroup=side,
                    line={"color": part.color, "width": 0.8},
                    fillcolor=part.color,
                    hovertemplate=f"{part.name}: %{{y:,.{axes.decimals}f}}{axes.suffix}<extra></extra>",
                )
            )
    return figure


def rows_axis(figure: go.Figure, names: Sequence[str]) -> None:
    """Name the rows at the left, the first at the top; a long name takes several lines."""
    figure.update_yaxes(
        tickvals=list(range(len(names))), ticktext=[broken(name) for name in names],
        range=[len(names) - 0.4, -0.6], showgrid=False, zeroline=False,
        ticksuffix=" ", tickfont={"size": 12, "color": INK}, nticks=len(names) + 1,
    )  # fmt: skip


def broken(name: str) -> str:
    """Break a name into lines of about :data:`WIDE` columns, a Chinese character taking two of them."""
    if not name.isascii() and " " not in name:
        half = WIDE // 2
        return "<br>".join(name[start : start + half] for start in range(0, len(name), half))
    return "<br>".join(wrap(name, WIDE, break_long_words=False, break_on_hyphens=False)) or name


def value_axis(figure: go.Figure, span: tuple[float, float] | None, suffix: str) -> None:
    """Draw the x axis of rows: a grid, a line at zero, and its range where one is given."""
    figure.layout.margin.r = 26
    figure.update_xaxes(
        ticksuffix=suffix, tickformat=",.6~r", nticks=4, tickangle=0, showgrid=True, gridcolor=GRID, showline=False,
        zeroline=True, zerolinecolor=INK, zerolinewidth=1.2,
    )  # fmt: skip
    if span is not None:
        figure.update_xaxes(range=list(span))
