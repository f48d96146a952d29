"""Drawings of the chapter on all funds: areas on each other, and two lines with the band of chance."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from actuarial.report import figures
from actuarial.report.figures import Axes, Line, layout, line_figure, rounded

FUND_COLORS = {
    **{"pension": "#3d6b8c", "medical": "#dba53a", "unemployment": "#8a3b8f", "time_bank": "#4d5a1e"},
    "care_plan": "#b98a8a",
}
"""Colours of funds: none is that of a scenario with which it stands on one page, and they differ in lightness."""

SHADE = (75, 85, 99, 0.25)
"""Red, green, blue and opacity of a band of chance."""


def stacked(
    names: Sequence[str], values: np.ndarray, colors: Sequence[str], years: np.ndarray, axes: Axes
) -> go.Figure:
    """Draw areas on each other.

    Parameters
    ----------
    names, colors : sequence of str
        One each, from the bottom up.
    values : numpy.ndarray, shape (names, years)
        Heights in the reader's unit, not negative.
    years : numpy.ndarray of int
        Years.
    axes : Axes
        Frame of the panel.

    Returns
    -------
    plotly.graph_objects.Figure
        Ready for `to_json`.
    """
    figure = go.Figure(layout=layout(axes))
    for name, row, color in zip(names, values, colors, strict=True):
        figure.add_trace(
            go.Scatter(
                x=years.tolist(),
                y=rounded(row),
                mode="lines",
                name=name,
                stackgroup="need",
                line={"color": color, "width": 1.4},
                fillcolor=color,
                hovertemplate=f"{name}: %{{y:,.{axes.decimals}f}}{axes.suffix}<extra></extra>",
            )
        )
    return figure


def banded(band: tuple[np.ndarray, np.ndarray], lines: Sequence[Line], axes: Axes) -> go.Figure:
    """Draw lines over a grey band.

    Parameters
    ----------
    band : tuple of numpy.ndarray
        Lower and upper end, in the years of the first line.
    lines : sequence of Line
        Drawn over the band.
    axes : Axes
        Frame of the panel.

    Returns
    -------
    plotly.graph_objects.Figure
        Ready for `to_json`.
    """
    common = {"x": lines[0].years.tolist(), "mode": "lines", "line": {"width": 0}, "hoverinfo": "skip"}
    low = go.Scatter(y=rounded(band[0]), **common)
    high = go.Scatter(y=rounded(band[1]), fill="tonexty", fillcolor=f"rgba{SHADE}", **common)
    return go.Figure(data=[low, high, *line_figure(lines, axes).data], layout=layout(axes))


def grey() -> tuple[str, float]:
    """Return colour and opacity of the band, for a legend."""
    return figures.MUTED, SHADE[3]
