"""Bars of shares that add up to one, with the error of each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from actuarial.report._mix_figures import broken, rows_axis, value_axis
from actuarial.report._variance_lines import points
from actuarial.report.figures import INK, Axes, layout, rounded

COLORS = {
    "fertility": "#6fbfa5", "mortality": "#8c96a3", "migration": "#c9a3cc", "membership": "#007a5e",
    "economy": "#0067a8", "land_income": "#6b5d00", "returns": "#d98236", "medical": "#8a3b8f",
    "judgement": "#1b2430",
}  # fmt: skip
"""Colours of the groups of models, those of the other charts where they mean the same money."""

WRITTEN = 0.09
"""Shares from which on the number stands in the bar."""

MARKED = 0.03
"""Shares from which on the whisker is drawn."""

FULL = 104.0
"""Per cent to which the axis reaches at least."""

_DARK = {"membership", "economy", "land_income", "medical", "judgement"}


@dataclass(frozen=True)
class Segment:
    """The shares of one group.

    Attributes
    ----------
    name : str
        In words.
    group : str
        Key of its colour.
    shares, errors : numpy.ndarray, shape (rows,)
        Of each row's variance, and their standard errors; NaN where nothing varies.
    """

    name: str
    group: str
    shares: np.ndarray
    errors: np.ndarray


def stacked(rows: Sequence[str], segments: Sequence[Segment]) -> go.Figure:
    """Draw a bar for each row, made of the segments one after another, a whisker at the end of each.

    Parameters
    ----------
    rows : sequence of str
        Names, from the top down.
    segments : sequence of Segment
        From the left. A share below nothing, which only the draws can make, is drawn as nothing.

    Returns
    -------
    plotly.graph_objects.Figure
        Ready for `to_json`.
    """
    lines = max((broken(row).count("<br>") + 1 for row in rows), default=1)
    figure = go.Figure(layout=layout(Axes(height=max(34, 15 * lines + 8) * len(rows) + 56)))
    ends, reach = np.zeros(len(rows)), FULL
    for segment in segments:
        figure.add_trace(_bars(segment, rows))
    for segment in segments:
        ends = ends + 100.0 * np.nan_to_num(np.clip(segment.shares, 0.0, None))
        errors = np.where(segment.shares >= MARKED, 100.0 * segment.errors, np.nan)
        reach = max(reach, float(np.nan_to_num(ends + np.nan_to_num(errors)).max(initial=0.0)) + 1.0)
        # On each other, so that the whisker is seen on dark bars and on white paper.
        figure.add_traces([_whiskers(ends, errors, "#ffffff", 4.0), _whiskers(ends, errors, INK, 1.3)])
    figure.update_layout(barmode="stack", hovermode="closest", bargap=0.3)
    rows_axis(figure, rows)
    value_axis(figure, (0.0, reach), "%")
    return figure


def _bars(segment: Segment, rows: Sequence[str]) -> go.Bar:
    shares, errors = 100.0 * np.clip(segment.shares, 0.0, None), 100.0 * segment.errors
    large = segment.shares >= WRITTEN
    told = [f"{a:.0f}% ± {points(b / 100.0)}" for a, b in zip(100.0 * segment.shares, errors, strict=True)]
    return go.Bar(
        orientation="h",
        x=rounded(shares),
        y=list(range(len(rows))),
        name=segment.name,
        marker={"color": COLORS[segment.group], "line": {"width": 0.6, "color": "#ffffff"}},
        text=[f"{share:.0f}" if show else "" for share, show in zip(shares, large, strict=True)],
        textposition="inside",
        insidetextanchor="middle",
        textangle=0,
        textfont={"size": 12, "color": "#ffffff" if segment.group in _DARK else INK},
        customdata=told,
        hovertemplate=f"{segment.name}: %{{customdata}}<extra></extra>",
    )


def _whiskers(ends: np.ndarray, errors: np.ndarray, color: str, thickness: float) -> go.Scatter:
    return go.Scatter(
        x=rounded(np.where(np.isfinite(errors), ends, np.nan)),
        y=list(range(len(ends))),
        mode="markers",
        marker={"size": 0.1, "color": color},
        error_x={"type": "data", "array": rounded(errors), "thickness": thickness, "width": 3, "color": color},
        hoverinfo="skip",
        cliponaxis=False,
    )
