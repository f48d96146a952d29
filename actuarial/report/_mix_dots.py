"""Drawings of the chapter on the financing mix: rows of dots and bars, columns, and the frontier."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from actuarial.report._mix_figures import ROW, Bars, broken, rows_axis, value_axis
from actuarial.report.figures import GRID, INK, MUTED, Axes, layout, rounded

APART = 0.22
"""Distance between the marks of two groups on one row, in rows."""


@dataclass(frozen=True)
class Marks:
    """One mark for each row, with its interval.

    Attributes
    ----------
    name : str
        Of the group.
    color, symbol : str
        Of the marks.
    low, middle, high : numpy.ndarray, shape (rows,)
        In the unit of the axis; NaN where there is none.
    """

    name: str
    color: str
    symbol: str
    low: np.ndarray
    middle: np.ndarray
    high: np.ndarray


def dots(rows: Sequence[str], groups: Sequence[Marks], axes: Axes, *, zero: bool = True) -> go.Figure:
    """Draw rows of dots with intervals, one beside the other where several groups have a mark on a row.

    Parameters
    ----------
    rows : sequence of str
        Names, from the top down.
    groups : sequence of Marks
        One mark a row each.
    axes : Axes
        Range, suffix and decimals of the x axis; the height follows from the rows.
    zero : bool
        Whether a line stands at zero.

    Returns
    -------
    plotly.graph_objects.Figure
        Ready for `to_json`.
    """
    most = int(np.isfinite([group.middle for group in groups]).sum(axis=0).max(initial=1)) if groups else 1
    lines = max((broken(row).count("<br>") + 1 for row in rows), default=1)
    figure = go.Figure(layout=layout(Axes(height=max(ROW, 13 * most + 8, 15 * lines + 4) * len(rows) + 56)))
    shift = APART * (np.arange(len(groups)) - 0.5 * (len(groups) - 1)) * (most > 1)
    for offset, group in zip(shift, groups, strict=True):
        _add_marks(figure, rows, group, np.arange(len(rows)) + offset, axes)
    figure.update_layout(hovermode="closest")
    rows_axis(figure, rows)
    span = None if axes.low is None or axes.high is None else (axes.low, axes.high)
    value_axis(figure, span, axes.suffix)
    figure.update_xaxes(zeroline=zero, zerolinecolor=INK, zerolinewidth=1.2)
    return figure


def _add_marks(figure: go.Figure, rows: Sequence[str], group: Marks, places: np.ndarray, axes: Axes) -> None:
    number = f":,.{axes.decimals}f}}{axes.suffix}"
    ends = zip(rows, rounded(group.low), rounded(group.high), strict=True)
    spread = f" (%{{customdata[1]{number} … %{{customdata[2]{number})" if (group.high > group.low).any() else ""
    figure.add_trace(
        go.Scatter(
            x=rounded(group.middle),
            y=rounded(places),
            mode="markers",
            name=group.name,
            cliponaxis=False,
            marker={
                "symbol": group.symbol,
                "size": 8,
                "color": group.color,
                "line": {"width": 1, "color": group.color},
            },
            error_x={
                "type": "data",
                "symmetric": False,
                "array": rounded(group.high - group.middle),
                "arrayminus": rounded(group.middle - group.low),
                "thickness": 1.6,
                "width": 0,
                "color": group.color,
            },
            customdata=[list(one) for one in ends],
            hovertemplate=f"<b>%{{customdata[0]}}</b><br>{group.name}: %{{x{number}{spread}<extra></extra>",
        )
    )


def beside(bars: Sequence[float], rows: Sequence[str], color: str, groups: Sequence[Marks], axes: Axes) -> go.Figure:
    """Draw a bar for each row under its marks.

    Parameters
    ----------
    bars : sequence of float
        Lengths in the unit of the axis.
    rows, groups, axes
        As in :func:`dots`.
    color : str
        Of the bars.

    Returns
    -------
    plotly.graph_objects.Figure
        Ready for `to_json`.
    """
    figure = dots(rows, groups, axes)
    bar = go.Bar(
        orientation="h",
        x=rounded(np.asarray(bars)),
        y=list(range(len(rows))),
        marker={"color": color},
        width=0.62,
        opacity=0.45,
        hoverinfo="skip",
    )
    figure.add_trace(bar)
    figure.data = (figure.data[-1], *figure.data[:-1])
    return figure


def columns(parts: Sequence[Bars], places: Sequence[str], axes: Axes, below: str) -> go.Figure:
    """Draw bars beside each other for each place.

    Parameters
    ----------
    parts : sequence of Bars
        From the left.
    places : sequence of str
        Words under the x axis.
    axes : Axes
        Suffix, decimals and height.
    below : str
        Title of the x axis.

    Returns
    -------
    plotly.graph_objects.Figure
        Ready for `to_json`.
    """
    figure = go.Figure(layout=layout(axes))
    for part in parts:
        figure.add_trace(
            go.Bar(
                x=list(places),
                y=rounded(part.values),
                name=part.name,
                marker={"color": part.color},
                hovertemplate=f"{part.name}: %{{y:,.{axes.decimals}f}}{axes.suffix}<extra></extra>",
            )
        )
    figure.update_layout(barmode="group", bargap=0.3)
    _titled(figure, below)
    figure.update_xaxes(type="category")
    return figure


def curve(marks: Marks, costs: np.ndarray, words: tuple[str, str], axes: Axes) -> go.Figure:
    """Draw costs against probabilities, with the interval of each probability.

    Parameters
    ----------
    marks : Marks
        Probabilities, per cent, by point.
    costs : numpy.ndarray, shape (points,)
        In the unit of the y axis.
    words : tuple of str
        Title of the x axis, and of the y axis.
    axes : Axes
        Range, suffix and decimals of the y axis, and the height.

    Returns
    -------
    plotly.graph_objects.Figure
        Ready for `to_json`.
    """
    figure = go.Figure(layout=layout(axes))
    order = np.argsort(marks.middle)
    figure.add_trace(
        go.Scatter(
            x=rounded(marks.middle[order]),
            y=rounded(costs[order]),
            mode="lines+markers",
            name=marks.name,
            cliponaxis=False,
            line={"color": marks.color, "width": 2},
            marker={"symbol": marks.symbol, "size": 8, "color": marks.color},
            error_x={
                "type": "data",
                "symmetric": False,
                "array": rounded((marks.high - marks.middle)[order]),
                "arrayminus": rounded((marks.middle - marks.low)[order]),
                "thickness": 1.2,
                "width": 3,
                "color": marks.color,
            },
            hovertemplate=f"{words[0]}: %{{x:.1f}}%<br>"
            f"{words[1]}: %{{y:,.{axes.decimals}f}}{axes.suffix}<extra></extra>",
        )
    )
    figure.update_layout(hovermode="closest")
    _titled(figure, words[0])
    figure.update_xaxes(ticksuffix="%", rangemode="tozero", showgrid=True, gridcolor=GRID)
    return figure


def _titled(figure: go.Figure, words: str) -> None:
    figure.layout.margin.b = 44
    figure.update_xaxes(title={"text": words, "font": {"size": 12, "color": MUTED}, "standoff": 6})
