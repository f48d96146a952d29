"""Arrays in, plotly figures out: fans and lines. Words and units are the caller's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import plotly.graph_objects as go

from actuarial.report.scales import HAIR
from actuarial.report.summary import INTERVALS, Fan

INK, MUTED, GRID = "#1b2430", "#4b5563", "#e3e7ec"

PALETTE = ("#0067a8", "#b3500b", "#007a5e", "#8a3b8f", "#6b5d00")
"""Blue, vermilion, green, purple, olive after Okabe and Ito, dark enough for text on white (contrast over 4.5)."""

SYMBOLS = ("circle", "square", "triangle-up", "diamond", "cross")
"""A marker for each colour, so that colour is never the only sign."""

DASHES = {"solid": "solid", "dashed": "6px,4px"}

_OPACITY = {95: 0.16, 80: 0.20, 50: 0.30}
FONT = 'system-ui, "Segoe UI", Roboto, "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", "WenQuanYi Micro Hei"'


@dataclass(frozen=True)
class Axes:
    """How one panel is framed.

    Attributes
    ----------
    low, high : float or None
        Range of the y axis; None leaves it to the data.
    suffix : str
        Written after each y tick.
    decimals : int
        Digits of the values shown on pointing.
    mark : float or None
        Year of a dotted vertical line: the last observed one.
    years : tuple of int or None
        First and last year of the x axis; None leaves them to the data.
    height : int
        Pixels.
    """

    low: float | None = None
    high: float | None = None
    suffix: str = ""
    decimals: int = 1
    mark: float | None = None
    years: tuple[int, int] | None = None
    height: int = 210


@dataclass(frozen=True)
class Line:
    """A line: name, years, values, colour, dash (a key of `DASHES`) and marker symbol."""

    name: str
    years: np.ndarray
    values: np.ndarray
    color: str = INK
    dash: str = "solid"
    symbol: str = ""


@dataclass(frozen=True)
class Points:
    """Observed values by year."""

    name: str
    years: np.ndarray
    values: np.ndarray


def rounded(values: np.ndarray, digits: int = 4) -> list[float | None]:
    """Round to significant digits; what is not finite becomes None (a gap)."""
    return [float(f"{v:.{digits}g}") if np.isfinite(v) else None for v in np.asarray(values, dtype=float)]


def fan_figure(
    fans: Sequence[tuple[str, Fan, str, str]],
    axes: Axes,
    *,
    levels: Sequence[int] = (95, 80, 50),
    points: Points | None = None,
    lines: Sequence[Line] = (),
) -> go.Figure:
    """Draw one or more fans.

    Parameters
    ----------
    fans : sequence of (name, Fan, colour, dash)
        Bands of `levels` per cent around the median, the widest palest.
    axes : Axes
        Frame of the panel.
    levels : sequence of int
        Intervals to draw, widest first; keys of `actuarial.report.summary.INTERVALS`.
    points : Points, optional
        Observed values.
    lines : sequence of Line, optional
        Further lines.

    Returns
    -------
    plotly.graph_objects.Figure
        Ready for `to_json`.
    """
    figure = go.Figure(layout=layout(axes))
    for name, one, color, dash in fans:
        for level in levels:
            _add_band(figure, one, level, color)
        _add_median(figure, name, one, (color, dash), axes)
    for line in lines:
        _add_line(figure, line, axes)
    if points is not None and points.years.size:
        _add_points(figure, points, axes)
    return figure


def line_figure(lines: Sequence[Line], axes: Axes) -> go.Figure:
    """Draw lines over years; marker symbols at every twelfth year, staggered, tell them apart where they meet."""
    figure = go.Figure(layout=layout(axes))
    for place, line in enumerate(lines):
        _add_line(figure, line, axes, place)
    return figure


def layout(axes: Axes) -> dict[str, Any]:
    """Return plotly's layout for one panel; its x axis shows round years."""
    return {
        "template": "none",
        "height": axes.height,
        "margin": {"l": 8, "r": 18, "t": 8, "b": 24},
        "font": {"family": FONT, "size": 12, "color": INK},
        "showlegend": False,
        "hovermode": "x unified",
        "hoverlabel": {"font": {"size": 12}, "bgcolor": "#ffffff", "bordercolor": MUTED, "namelength": -1},
        "dragmode": False,
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "xaxis": _x_axis(axes),
        "yaxis": _y_axis(axes),
        "shapes": [] if axes.mark is None else [_mark(axes.mark)],
    }


_AXIS = {"fixedrange": True, "zeroline": False, "automargin": True, "tickfont": {"size": 12, "color": MUTED}}


def _x_axis(axes: Axes) -> dict[str, Any]:
    line = {
        "showgrid": False,
        "showline": True,
        "linecolor": MUTED,
        "layer": "below traces",
        "ticks": "outside",
        "tickcolor": MUTED,
        "ticklen": 4,
    }
    if axes.years is not None:
        line |= {"range": list(axes.years), "tickvals": round_years(*axes.years), "tickformat": "d"}
    return _AXIS | line


def _y_axis(axes: Axes) -> dict[str, Any]:
    line: dict[str, Any] = {"gridcolor": GRID, "tickformat": ",.6~r", "ticksuffix": axes.suffix, "nticks": 6}
    if axes.low is not None and axes.high is not None:
        line |= {"range": [axes.low, axes.high]}
        if axes.low < -2 * HAIR * (axes.high - axes.low) and axes.high > 0:
            line |= {"zeroline": True, "zerolinecolor": INK, "zerolinewidth": 1.2}
    return _AXIS | line


def _mark(year: float) -> dict[str, Any]:
    line = {"color": MUTED, "width": 1.2, "dash": "dot"}
    return {"type": "line", "xref": "x", "yref": "paper", "x0": year, "x1": year, "y0": 0, "y1": 1, "line": line}


def round_years(first: int, last: int) -> list[int]:
    """Return the years that label an x axis: round ones, and the first where it stands clear of the next."""
    step = next(step for length, step in ((60, 25), (24, 10), (12, 5), (0, 3)) if last - first >= length)
    years = [year for year in range(first, last + 1) if year % step == 0]
    return [first, *years] if years and years[0] - first > step / 2 else years


def _span(years: np.ndarray) -> dict[str, Any]:
    whole = years.size > 1 and (np.diff(years) == 1).all()
    return {"x0": int(years[0]), "dx": 1} if whole else {"x": years.tolist()}


def _add_band(figure: go.Figure, one: Fan, level: int, color: str) -> None:
    low, high = (rounded(one.bands[place]) for place in INTERVALS[level])
    common = {"mode": "lines", "line": {"width": 0}, "hoverinfo": "skip"} | _span(one.years)
    figure.add_trace(go.Scatter(y=low, **common))
    figure.add_trace(go.Scatter(y=high, fill="tonexty", fillcolor=_faded(color, _OPACITY[level]), **common))


def _add_median(figure: go.Figure, name: str, one: Fan, style: tuple[str, str], axes: Axes) -> None:
    rows = [rounded(row) for row in one.bands]
    number = f":,.{axes.decimals}f}}{axes.suffix}"
    spread = "<br>".join(
        f"{level}%: %{{customdata[{low}]{number} … %{{customdata[{high}]{number}"
        for level, (low, high) in INTERVALS.items()
    )
    figure.add_trace(
        go.Scatter(
            y=rounded(one.median),
            mode="lines",
            name=name,
            line={"color": style[0], "width": 2.2, "dash": DASHES[style[1]]},
            customdata=[list(row) for row in zip(*rows, strict=True)],
            hovertemplate=f"<b>{name} %{{y{number}</b><br>{spread}<extra></extra>",
            **_span(one.years),
        )
    )


def _add_line(figure: go.Figure, line: Line, axes: Axes, place: int = 0) -> None:
    sizes = [9 if (n - 2 * place) % 12 == 3 else 0 for n in range(line.years.size)]
    marker = (
        {"symbol": line.symbol, "size": sizes, "opacity": 1, "color": line.color, "line": {"width": 0}}
        if line.symbol
        else {}
    )
    figure.add_trace(
        go.Scatter(
            y=rounded(line.values),
            mode="lines+markers" if line.symbol else "lines",
            cliponaxis=False,
            name=line.name,
            marker=marker,
            line={"color": line.color, "width": 2.2, "dash": DASHES[line.dash]},
            hovertemplate=f"{line.name}: %{{y:,.{axes.decimals}f}}{axes.suffix}<extra></extra>",
            **_span(line.years),
        )
    )


def _add_points(figure: go.Figure, points: Points, axes: Axes) -> None:
    figure.add_trace(
        go.Scatter(
            x=points.years.tolist(),
            y=rounded(points.values, 6),
            mode="markers",
            cliponaxis=False,
            name=points.name,
            marker={"symbol": "circle", "size": 5, "color": "#ffffff", "line": {"color": INK, "width": 1.4}},
            hovertemplate=f"{points.name}: %{{y:,.{axes.decimals}f}}{axes.suffix}<extra></extra>",
        )
    )


def _faded(color: str, opacity: float) -> str:
    red, green, blue = (int(color[i : i + 2], 16) for i in (1, 3, 5))
    return f"rgba({red},{green},{blue},{opacity})"
