"""Arrays in, a population pyramid out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import plotly.graph_objects as go

from actuarial.report.figures import INK, PALETTE, Axes, layout, rounded


@dataclass(frozen=True)
class Pyramid:
    """One population by five-year age group, for `pyramid_figure`.

    Attributes
    ----------
    ages : sequence of str, length n
        Labels of the groups, youngest first.
    women, men : numpy.ndarray, shape (3, n)
        Lower bound, median and upper bound of the interval that the whiskers show.
    outline : numpy.ndarray or None, shape (2, n)
        Women and men of another year, drawn as an outline.
    names : tuple of str
        Words for women, men and the outline.
    """

    ages: Sequence[str]
    women: np.ndarray
    men: np.ndarray
    outline: np.ndarray | None = None
    names: tuple[str, str, str] = field(default=("women", "men", ""))


def pyramid_figure(pyramid: Pyramid, limit: float, height: int = 340) -> go.Figure:
    """Draw a population pyramid: men to the left, women to the right, whiskers for the interval.

    Parameters
    ----------
    pyramid : Pyramid
        People by age group, in the unit of the axis.
    limit : float
        End of the axis on both sides, so that pyramids can be compared.
    height : int
        Pixels.

    Returns
    -------
    plotly.graph_objects.Figure
        Ready for `to_json`.
    """
    figure = go.Figure(layout=layout(Axes(height=height)))
    women, men, before = pyramid.names
    figure.add_trace(_half(men, pyramid.men, -1, PALETTE[0], pyramid.ages))
    figure.add_trace(_half(women, pyramid.women, 1, PALETTE[1], pyramid.ages))
    if pyramid.outline is not None:
        for people, side in ((pyramid.outline[1], -1), (pyramid.outline[0], 1)):
            figure.add_trace(_outline(before, people * side))
    ticks = _ticks(limit)
    # The last tick stands near the end: half of its label needs room.
    figure.update_layout(barmode="overlay", bargap=0.12, hovermode="closest", margin_r=28)
    figure.update_xaxes(
        range=[-limit, limit], tickvals=[-t for t in ticks[:0:-1]] + ticks, showgrid=True, showline=False
    )
    figure.update_xaxes(ticktext=[f"{t:,g}" for t in ticks[:0:-1] + ticks], zeroline=True, zerolinecolor=INK)
    places = list(range(len(pyramid.ages)))
    figure.update_yaxes(
        tickvals=places[::2], ticktext=list(pyramid.ages)[::2], showgrid=False, range=[-0.6, len(places) - 0.4]
    )
    figure.add_annotation(_side(men, 0.02, "left"))
    figure.add_annotation(_side(women, 0.98, "right"))
    return figure


def _side(name: str, x: float, anchor: str) -> dict[str, Any]:
    place = {"x": x, "y": 1.0, "xref": "paper", "yref": "paper", "xanchor": anchor, "yanchor": "top"}
    return {"text": f"<b>{name}</b>", "showarrow": False, **place}


def _half(name: str, people: np.ndarray, side: int, color: str, ages: Sequence[str]) -> go.Bar:
    low, middle, high = people
    whiskers = {"type": "data", "symmetric": False, "thickness": 1, "width": 2, "color": INK}
    beyond, short = (high - middle, middle - low) if side > 0 else (middle - low, high - middle)
    text = [[f"{a:,.3g}", f"{b:,.3g}", f"{c:,.3g}", age] for a, b, c, age in zip(low, middle, high, ages, strict=True)]
    return go.Bar(
        orientation="h",
        name=name,
        x=rounded(middle * side),
        y=list(range(middle.size)),
        marker={"color": color, "opacity": 0.72},
        error_x=whiskers | {"array": rounded(beyond), "arrayminus": rounded(short)},
        customdata=text,
        hovertemplate=f"{name}, %{{customdata[3]}}<br>"
        "%{customdata[1]} (80%: %{customdata[0]}–%{customdata[2]})<extra></extra>",
    )


def _outline(name: str, values: np.ndarray) -> go.Scatter:
    edges = np.repeat(np.arange(values.size + 1) - 0.5, 2)[1:-1]
    line = {"color": INK, "width": 1.4, "dash": "2px,2px"}
    return go.Scatter(
        x=rounded(np.repeat(values, 2)), y=edges.tolist(), mode="lines", line=line, name=name, hoverinfo="skip"
    )


def _ticks(limit: float) -> list[float]:
    step = float(f"{limit / 2.6:.1g}")
    return [round(step * i, 6) for i in range(int(limit / step) + 1)]
