"""The chart of monthly unemployment: what was published, a fan, a single future, the threshold of the plan."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import plotly.graph_objects as go
import xarray as xr

from actuarial.report import figures
from actuarial.report.blocks import Cell, Context, Panel, fan_words
from actuarial.report.figures import Axes, Line, Points
from actuarial.report.scales import AIR
from actuarial.report.summary import INTERVALS, MEDIAN, Fan, fan, quantiles

AHEAD = 10
"""Years after the last observed one that are drawn month by month."""

THIN = 0.9
"""Width of the line of a single future, pixels."""

PRINTED = 3
"""Decimals of a published rate: a tenth of a percentage point."""

EXACT = 1e-9
"""More than the rounding of floating-point numbers, less than any difference between printed rates."""


def months_of(rates: xr.DataArray) -> xr.DataArray:
    """Put years and months on one axis.

    Parameters
    ----------
    rates : xarray.DataArray, dims (draw?, year, month)

    Returns
    -------
    xarray.DataArray, dims (draw?, year)
        Years with their twelfths: 2026.5 is July 2026. Months without a rate are left out.
    """
    flat = rates.stack(at=("year", "month"))
    times = flat["year"].values + (flat["month"].values - 1) / 12
    data = xr.DataArray(
        flat.transpose(..., "at").values, dims=[*(d for d in flat.dims if d == "draw"), "year"], coords={"year": times}
    )
    return data.isel(year=data.notnull().all([d for d in data.dims if d != "year"]).values)


def published(context: Context, name: str) -> Points | None:
    """Return what was published of a rate, in the reader's unit; None where the run has not kept it.

    Parameters
    ----------
    context : Context
    name : str
        ``urban`` or ``migrant``.

    Returns
    -------
    Points or None
        By years with their twelfths.
    """
    data = context.results.projection.get(f"published_{name}_unemployment")
    if data is None:
        return None
    known = months_of(data)
    return Points(context.texts("observed"), known["year"].values, context.numbers.factor("share") * known.values)


def past_over(context: Context, name: str, threshold: float) -> tuple[int, int, int]:
    """Count the months of the past over a threshold, as printed.

    Parameters
    ----------
    context : Context
    name : str
        ``urban`` or ``migrant``.
    threshold : float
        Share.

    Returns
    -------
    tuple of int
        Months over it (the median of what the draws make of months that were not published), months in all, and the
        first year.
    """
    every = months_of(context.results.projection[f"{name}_unemployment"])
    past = every.sel(year=every["year"] < context.now + 1)
    over = (past.round(PRINTED) > threshold + EXACT).sum("year")
    return round(float(quantiles(over)[MEDIAN])), past.sizes["year"], int(past["year"][0])


def monthly_panel(context: Context, name: str, words: tuple[str, str], thresholds: Sequence[float]) -> Panel:
    """Return the chart of one monthly rate.

    Parameters
    ----------
    context : Context
    name : str
        ``urban`` or ``migrant``.
    words : tuple of str
        Title and unit.
    thresholds : sequence of float
        Rates over which an emergency plan runs.

    Returns
    -------
    Panel
        Its rows are the Decembers.
    """
    every = months_of(context.results.projection[f"{name}_unemployment"])
    every = every.sel(year=every["year"] < context.now + AHEAD + 1)
    one, dots = fan(every), published(context, name)
    factor, kind = context.numbers.factor("share"), context.numbers.kind("share")
    lines = [*_single(context, every, factor), *threshold_lines(context, one.years, thresholds)]
    values = np.concatenate([factor * one.bands.ravel(), *(line.values for line in lines)])
    air = AIR * (values.max() - values.min())
    ends = (int(one.years[0]), int(one.years[-1]) + 1)
    span = (float(values.min() - air), float(values.max() + air))
    axes = Axes(*span, kind.suffix, kind.decimals, context.now + 1.0, ends)
    fans = [(context.texts("median"), one.scaled(factor), figures.PALETTE[0], "solid")]
    figure = _dated(figures.fan_figure(fans, axes, points=dots, lines=lines))
    figure.update_traces({"line.width": THIN}, {"name": context.texts("jobless.single")})
    alt = fan_words(context, words[0], replace(one, years=np.floor(one.years).astype(int)), "share")
    return Panel(f"unemployment-rate-{name}", *words, alt, figure, _decembers(context, words[0], one))


def threshold_lines(context: Context, years: np.ndarray, thresholds: Sequence[float]) -> list[Line]:
    """Return level lines, in the reader's unit."""
    name, factor = context.texts("jobless.threshold"), context.numbers.factor("share")
    return [Line(name, years, np.full(years.size, factor * one), dash="dashed") for one in thresholds]


def _single(context: Context, every: xr.DataArray, factor: float) -> list[Line]:
    """Return the first draw of the years to come; nothing where there are no draws."""
    if "draw" not in every.dims:
        return []
    later = every.isel(draw=0).sel(year=every["year"] >= context.now + 1)
    return [Line(context.texts("jobless.single"), later["year"].values, factor * later.values)]


def _decembers(context: Context, title: str, one: Fan) -> list[tuple[Cell, ...]]:
    rows = []
    later = one.years >= context.now + 1
    for place in np.flatnonzero(later & np.isclose(one.years % 1, 11 / 12)):
        at = one.bands[:, place]
        spreads = (context.numbers.interval(at[low], at[high], "share") for low, high in INTERVALS.values())
        month = f"{int(one.years[place])}-12"
        cells = (title, month, context.numbers.write(at[MEDIAN], "share"), *spreads)
        rows.append(tuple(Cell(text) for text in cells))
    return rows


def _dated(figure: go.Figure) -> go.Figure:
    """Turn the years of a figure into months of the calendar."""
    for trace in figure.data:
        trace.x = [_month(year) for year in trace.x]
    axis = figure.layout.xaxis
    marks = [_month(year) for year in axis.tickvals]
    ends = [_month(year) for year in axis.range]
    figure.update_xaxes(type="date", tickformat="%Y", hoverformat="%Y-%m", tickvals=marks, range=ends)
    for shape in figure.layout.shapes:
        shape.x0, shape.x1 = _month(shape.x0), _month(shape.x1)
    return figure


def _month(year: float) -> str:
    months = round(12 * year)
    return f"{months // 12}-{months % 12 + 1:02d}-01"
