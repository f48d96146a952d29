"""Drawings of the chapter on pools of regions: a dot and an interval for each province."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from actuarial.report.figures import GRID, INK, MUTED, Axes, layout, rounded

ROW = 17
"""Pixels that a province takes."""


@dataclass(frozen=True)
class Dots:
    """What is drawn of each province, for `dot_figure`.

    Attributes
    ----------
    names : sequence of str
        One a province, from the bottom up.
    bands : numpy.ndarray, shape (3, n)
        Lower bound, median and upper bound, in the unit of the axis.
    span : tuple of float
        Ends of the axis.
    suffix : str
        Written after each value.
    decimals : int
        Digits of the values shown on pointing.
    color : str
        Of dots and intervals.
    level : int
        Per cent inside the interval.
    """

    names: Sequence[str]
    bands: np.ndarray
    span: tuple[float, float]
    suffix: str
    decimals: int
    color: str
    level: int


def dot_figure(dots: Dots) -> go.Figure:
    """Draw one row a province: a thin line for the interval, a dot for the median, and a line at zero.

    Parameters
    ----------
    dots : Dots

    Returns
    -------
    plotly.graph_objects.Figure
        Ready for `to_json`; as high as its rows need.
    """
    low, middle, high = dots.bands
    places = list(range(len(dots.names)))
    figure = go.Figure(layout=layout(Axes(height=ROW * len(places) + 48)))
    number = f":+,.{dots.decimals}f}}{dots.suffix}"
    figure.add_trace(
        go.Scatter(
            x=rounded(middle),
            y=places,
            mode="markers",
            cliponaxis=False,
            marker={"symbol": "circle", "size": 7, "color": dots.color},
            error_x={
                "type": "data",
                "symmetric": False,
                "array": rounded(high - middle),
                "arrayminus": rounded(middle - low),
                "thickness": 1.6,
                "width": 0,
                "color": dots.color,
            },
            customdata=[[name, *ends] for name, *ends in zip(dots.names, rounded(low), rounded(high), strict=True)],
            hovertemplate=f"<b>%{{customdata[0]}} %{{x{number}</b><br>{dots.level}%: %{{customdata[1]{number} … "
            f"%{{customdata[2]{number}<extra></extra>",
        )
    )
    figure.update_layout(hovermode="closest")
    figure.update_xaxes(
        range=list(dots.span), ticksuffix=dots.suffix, tickformat=",.6~r", nticks=6, showgrid=True, gridcolor=GRID,
        zeroline=True, zerolinecolor=INK, zerolinewidth=1.2, showline=False,
    )  # fmt: skip
    figure.update_yaxes(
        tickvals=places, ticktext=list(dots.names), range=[-0.7, len(places) - 0.3], showgrid=False, ticksuffix=" ",
        tickfont={"size": 11, "color": MUTED}, nticks=len(places) + 1,
    )  # fmt: skip
    return figure
