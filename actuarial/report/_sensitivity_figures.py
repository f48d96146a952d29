"""Drawings of the chapter on sensitivity: a tornado with intervals, elementary effects, and indices of variance."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from actuarial.report._mix_dots import Marks
from actuarial.report._mix_figures import ROW, broken, rows_axis, value_axis
from actuarial.report._sensitivity_labels import named
from actuarial.report.figures import GRID, INK, MUTED, Axes, layout, rounded

LOW, HIGH = "#d98236", "#0067a8"
"""Colours of an input at its low end and at its high end."""

NAMED = 8
"""Points of a screening that are named, the farthest out first, as far as names have room; the table has all."""


def tornado_figure(rows: Sequence[str], ends: Sequence[Marks], decimals: int) -> go.Figure:
    """Draw two bars for each row from zero, with the interval of each at its end.

    Parameters
    ----------
    rows : sequence of str
        Names of the inputs, from the top down.
    ends : sequence of Marks
        Changes at the low and at the high end, in the unit of the axis.
    decimals : int
        Digits shown on pointing.

    Returns
    -------
    plotly.graph_objects.Figure
        Ready for `to_json`.
    """
    lines = max((broken(row).count("<br>") + 1 for row in rows), default=1)
    figure = go.Figure(layout=layout(Axes(height=max(ROW + 8, 15 * lines + 8) * len(rows) + 56)))
    for place, end in enumerate(ends):
        told = [
            f"{a:+.{decimals}f} ({b:+.{decimals}f} … {c:+.{decimals}f})"
            for a, b, c in zip(end.middle, end.low, end.high, strict=True)
        ]
        figure.add_trace(
            go.Bar(
                orientation="h",
                x=rounded(end.middle),
                y=rounded(np.arange(len(rows)) + (place - 0.5) * 0.34),
                width=0.32,
                name=end.name,
                marker={"color": end.color},
                error_x={
                    "type": "data", "symmetric": False, "array": rounded(end.high - end.middle),
                    "arrayminus": rounded(end.middle - end.low), "thickness": 1.3, "width": 3, "color": INK,
                },
                customdata=[[row, words] for row, words in zip(rows, told, strict=True)],
                hovertemplate=f"<b>%{{customdata[0]}}</b><br>{end.name}: %{{customdata[1]}}<extra></extra>",
            )
        )  # fmt: skip
    figure.update_layout(barmode="overlay", hovermode="closest")
    rows_axis(figure, rows)
    value_axis(figure, None, "")
    return figure


def morris_figure(marks: Marks, sigma: np.ndarray, rows: Sequence[str], words: tuple[str, str]) -> go.Figure:
    """Draw each input as a point: the mean size of its effect, and how much that spreads.

    Parameters
    ----------
    marks : Marks
        Mean sizes with their intervals, in the unit of both axes.
    sigma : numpy.ndarray, shape (inputs,)
        Spreads.
    rows : sequence of str
        Names of the inputs.
    words : tuple of str
        Titles of the x and of the y axis.

    Returns
    -------
    plotly.graph_objects.Figure
        Ready for `to_json`; on the dashed line the spread is as large as the effect.
    """
    figure = go.Figure(layout=layout(Axes(height=340)))
    reach = 1.08 * float(max(np.nanmax(marks.high, initial=0.0), np.nanmax(sigma, initial=0.0), 1e-9))
    figure.add_shape(type="line", x0=0, y0=0, x1=reach, y1=reach, line={"color": MUTED, "width": 1, "dash": "dash"})
    order = np.argsort(-np.hypot(marks.middle, sigma), kind="stable")[:NAMED].tolist()
    points, ends = np.stack([marks.middle, sigma], axis=1), np.stack([marks.low, marks.high], axis=1)
    figure.update_layout(annotations=named(points, ends, rows, reach, order))
    figure.add_trace(
        go.Scatter(
            x=rounded(marks.middle), y=rounded(sigma), mode="markers", cliponaxis=False,
            marker={"symbol": marks.symbol, "size": 8, "color": marks.color},
            error_x={
                "type": "data", "symmetric": False, "array": rounded(marks.high - marks.middle),
                "arrayminus": rounded(marks.middle - marks.low), "thickness": 1.2, "width": 0, "color": marks.color,
            },
            customdata=list(rows),
            hovertemplate="<b>%{customdata}</b><br>μ* %{x:.3g}<br>σ %{y:.3g}<extra></extra>",
        )
    )  # fmt: skip
    font = {"size": 12, "color": MUTED}
    figure.update_layout(hovermode="closest")
    figure.layout.margin.b = 44
    figure.layout.margin.l = 54
    figure.update_xaxes(
        title={"text": words[0], "font": font, "standoff": 6}, range=[0, reach], showgrid=True, gridcolor=GRID
    )
    figure.update_yaxes(title={"text": words[1], "font": font, "standoff": 6}, range=[0, reach])
    return figure
