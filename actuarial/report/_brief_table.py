"""All funds of a run in one small table: how likely each is empty, and when."""

from __future__ import annotations

from collections.abc import Iterator

import xarray as xr

from actuarial.report._brief_words import MIDDLE, need, scenarios, year_of
from actuarial.report._mix_words import fund_name
from actuarial.report.blocks import Cell, Context, Table
from actuarial.report.numbers import DASH
from actuarial.report.summary import INTERVALS, MEDIAN, probability, quantiles

EMPTIED = ("medical", "unemployment")
"""Funds besides the pension that hold a reserve, which may be used up."""

SHORT = ("time_bank", "care_plan")
"""Schemes without a reserve of which that could be said: they are short of money, or they are not."""


def funds_table(context: Context) -> Table:
    """Return a row a fund and a column a scenario; then what budgets must bring for all of them.

    Parameters
    ----------
    context : Context

    Returns
    -------
    Table
        Chances by one year; below each the median year and its 80 % interval.
    """
    texts, year = context.texts, year_of(context, MIDDLE)
    rows = [*_ledgers(context, year), *_reserves(context, year), *_shortages(context, year), _needs(context, year)]
    head = (texts("brief.fund"), *(context.title(s) for s in scenarios(context)))
    return Table(texts("brief.table", year=year), head, rows)


def _ledgers(context: Context, year: int) -> Iterator[tuple[Cell, ...]]:
    data = context.results.indicators
    for name in ("pool", "fund"):
        ones = (data.isel(scenario=s) for s in scenarios(context))
        cells = (_emptied(context, one[f"{name}_empty"], one[f"{name}_depletion_year"], year) for one in ones)
        yield (Cell(context.texts("brief.pool" if name == "pool" else "brief.fund_row")), *cells)


def _reserves(context: Context, year: int) -> Iterator[tuple[Cell, ...]]:
    for kind in EMPTIED:
        data: xr.Dataset | None = getattr(context.results, kind)
        if data is not None:
            ones = _of(context, data)
            cells = (
                Cell(DASH) if one is None else _emptied(context, one["fund_empty"], one["fund_depletion_year"], year)
                for one in ones
            )
            yield (Cell(fund_name(context, kind)), *cells)


def _shortages(context: Context, year: int) -> Iterator[tuple[Cell, ...]]:
    for kind in SHORT:
        data: xr.Dataset | None = getattr(context.results, kind)
        if data is not None and "shortfall" in data:
            cells = (Cell(DASH) if one is None else _short(context, one, year) for one in _of(context, data))
            yield (Cell(context.texts("brief.short_of", fund=fund_name(context, kind))), *cells)


def _of(context: Context, data: xr.Dataset) -> Iterator[xr.Dataset | None]:
    known = data["scenario"].values.tolist()
    names = (context.results.manifest.scenarios[s].name for s in scenarios(context))
    return (data.sel(scenario=name) if name in known else None for name in names)


def _emptied(context: Context, empty: xr.DataArray, years: xr.DataArray, year: int) -> Cell:
    share, q, write = float(probability(empty.sel(year=year))), quantiles(years), context.numbers
    low, main, high = (write.year(float(q[place])) for place in (INTERVALS[80][0], MEDIAN, INTERVALS[80][1]))
    below = main if low == write.never else f"{main} ({write.between(low, high)})"
    return Cell(write.chance(share), (below,))


def _short(context: Context, one: xr.Dataset, year: int) -> Cell:
    until = one["shortfall"].where(one["year"] <= year, drop=True)
    share = float(probability((until > 0).any("year").astype(float)))
    return Cell(context.numbers.chance(share))


def _needs(context: Context, year: int) -> tuple[Cell, ...]:
    found = [need(context, s) for s in scenarios(context)]
    cells = (_spread(context, values.sel(year=year)) for _, values in found)
    return (Cell(context.texts(f"brief.need_{found[0][0]}", year=year)), *cells)


def _spread(context: Context, values: xr.DataArray) -> Cell:
    q, write = quantiles(values), context.numbers
    low, high = (float(q[place]) for place in INTERVALS[80])
    return Cell(write.write(float(q[MEDIAN]), "share"), (write.interval(low, high, "share"),))
