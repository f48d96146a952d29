"""Who pays: expenditure of a fund by payer, in single years and through time."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import xarray as xr

from actuarial.report._mix_figures import Bars, both_sides, waterfall
from actuarial.report._mix_words import (
    SPREAD,
    block,
    draws_of,
    fund_name,
    has,
    plain_number,
    shown_years,
    side_by_side,
    title_of,
    word,
)
from actuarial.report.blocks import Block, Cell, Context, Key, Panel, plain
from actuarial.report.figures import Axes
from actuarial.report.numbers import DASH
from actuarial.report.scales import padded
from actuarial.report.summary import INTERVALS, quantiles

DRAWN = ("pension", "medical")
"""Funds that are drawn; the table holds all."""

FIRST = 2035
"""Year that the charts of one year show at first, and on paper."""

LEAST = 0.0005
"""Part of expenditure under which a payer is left out of a chart."""

COLORS = {
    "members": "#0067a8",
    "centre": "#96430a", "province": "#d98236", "county": "#f2c18d",
    "land": "#6b5d00", "collective": "#a3933a", "donations": "#d8cd84",
    "platform": "#8a3b8f", "other": "#c9a3cc",
    "deposits": "#007a5e", "market": "#6fbfa5",
    "reserve": "#8c96a3", "emergency": "#c22f3d", "cut": "#1b2430",
}  # fmt: skip
"""Colours of payers: members blue, budgets orange, land and village money olive, returns green, what is missing red."""

OTHER = "#b9bfc7"
"""Colour of a payer that is not in `COLORS`."""


def payer_blocks(context: Context, data: xr.Dataset) -> list[Block]:
    """Return the charts of who pays in one year, and through time.

    Parameters
    ----------
    context : Context
    data : xarray.Dataset
        The results' ``payers``.

    Returns
    -------
    list of Block
        Nothing where neither fund of `DRAWN` is there.
    """
    parts = list(_parts(context, data))
    if not parts:
        return []
    used = [p for p in data["payer"].values.tolist() if any(_matters(one, p) for _, _, one in parts)]
    legend = [Key("band", word(context, "payer", p), COLORS.get(p, OTHER)) for p in used]
    return [_in_years(context, data, parts, legend), _through_time(context, data, parts, legend)]


def _parts(context: Context, data: xr.Dataset) -> Iterator[tuple[str, str, xr.DataArray]]:
    """Give fund, scenario and mean shares of expenditure (payer, year) of each chart."""
    for fund in (fund for fund in DRAWN if fund in data["fund"].values):
        for scenario in side_by_side(context, data):
            paid = data["paid_mean"].sel(fund=fund, scenario=scenario, drop=True)
            if has(paid):
                yield fund, scenario, share_of(paid).dropna("year", how="all")


def share_of(paid: xr.DataArray) -> xr.DataArray:
    """Return what each payer bears over what all bear, which is the expenditure of the year; NaN where it is none."""
    total = paid.sum("payer")
    return paid / total.where(total > 0)


def _matters(shares: xr.DataArray, payer: str) -> bool:
    return bool((abs(shares.sel(payer=payer)) >= LEAST).any())


def _heading(context: Context, fund: str, scenario: str) -> str:
    return context.texts("mix.panel", fund=fund_name(context, fund), scenario=title_of(context, scenario))


def _in_years(
    context: Context, data: xr.Dataset, parts: list[tuple[str, str, xr.DataArray]], legend: list[Key]
) -> Block:
    panels = []
    for fund, scenario, shares in parts:
        years = shown_years(context, shares)
        # Charts of one fund have the same rows, so that scenarios stand beside each other.
        alike = [one.sel(year=years) for other, _, one in parts if other == fund]
        there = [p for p in shares["payer"].values.tolist() if any(_matters(one, p) for one in alike)]
        at = {year: 100.0 * shares.sel(year=year, payer=there).values for year in years}
        first = FIRST if FIRST in years else years[0]
        names = [word(context, "payer", p) for p in there]
        colors = [COLORS.get(p, OTHER) for p in there]
        figure = waterfall([plain(n) for n in names], at, colors, context.texts("mix.expenditure"), first)
        title = _heading(context, fund, scenario)
        alt = _alt(context, title, first, dict(zip(names, at[first], strict=True)))
        panels.append(Panel(f"mix-payers-{fund}-{scenario}", title, context.texts("mix.payers_unit"), alt, figure, []))
    head, rows = _rows(context, data, parts)
    return block(context, "payers", panels, legend, (head, rows), shown=False, words={"year": FIRST, "level": SPREAD})


def _alt(context: Context, title: str, year: int, shares: dict[str, float]) -> str:
    told = sorted(shares.items(), key=lambda one: -abs(one[1]))[:4]
    parts = context.texts("answer.comma").join(f"{name} {plain_number(v)}%" for name, v in told)
    return context.texts("mix.payers_alt", title=title, year=year, parts=parts)


def _rows(
    context: Context, data: xr.Dataset, parts: list[tuple[str, str, xr.DataArray]]
) -> tuple[tuple[str, ...], list[tuple[Cell, ...]]]:
    """Return the shares behind the charts, a group a chart, with the interval of each over the simulated futures."""
    years = shown_years(context, data["paid_mean"])
    rows: list[tuple[Cell, ...]] = []
    for fund, scenario, shares in parts:
        rows.append((Cell(_heading(context, fund, scenario)),))
        spread = quantiles(draws_of(_draw_shares(data, fund, scenario, years)))
        for place, payer in enumerate(data["payer"].values.tolist()):
            if _matters(shares, payer):
                means = shares.sel(payer=payer).reindex(year=years).values
                cells = (_cell(context, m, spread[:, place, n]) for n, m in enumerate(means))
                rows.append((Cell(word(context, "payer", payer)), *cells))
    return (context.texts("series"), *map(str, years)), rows


def _draw_shares(data: xr.Dataset, fund: str, scenario: str, years: list[int]) -> xr.DataArray:
    paid = data["paid"].sel(fund=fund, scenario=scenario, drop=True).reindex(year=years)
    return share_of(paid).transpose("some", "payer", "year")


def _cell(context: Context, mean: float, spread: np.ndarray) -> Cell:
    if not np.isfinite(mean):
        return Cell(DASH)
    low, high = (float(spread[place]) for place in INTERVALS[SPREAD])
    return Cell(context.numbers.write(float(mean), "share"), (context.numbers.interval(low, high, "share"),))


def _through_time(
    context: Context, data: xr.Dataset, parts: list[tuple[str, str, xr.DataArray]], legend: list[Key]
) -> Block:
    tops = [100.0 * one.clip(min=0.0).sum("payer").max().item() for _, _, one in parts]
    lows = [100.0 * one.clip(max=0.0).sum("payer").min().item() for _, _, one in parts]
    low, high = padded(min(lows), max(tops))
    panels = []
    for fund, scenario, shares in parts:
        there = [p for p in shares["payer"].values.tolist() if _matters(shares, p)]
        bars = [
            Bars(plain(word(context, "payer", p)), COLORS.get(p, OTHER), 100.0 * shares.sel(payer=p).fillna(0.0).values)
            for p in there
        ]
        years = shares["year"].values
        axes = Axes(low if min(lows) < 0 else 0.0, high, "%", 1, years=(int(years[0]), int(years[-1])), height=220)
        title = _heading(context, fund, scenario)
        last = {one.name: float(one.values[-1]) for one in bars}
        alt = _alt(context, title, int(years[-1]), last)
        figure = both_sides(bars, years, axes)
        unit = context.texts("mix.shares_unit")
        panels.append(Panel(f"mix-shares-{fund}-{scenario}", title, unit, alt, figure, []))
    return block(context, "shares", panels, legend, present(context, data), shown=False)


def present(context: Context, data: xr.Dataset) -> tuple[tuple[str, ...], list[tuple[Cell, ...]]]:
    """Return who bears the present value of expenditure, payers by scenarios, a group a fund.

    Parameters
    ----------
    context : Context
    data : xarray.Dataset
        The results' ``payers``.

    Returns
    -------
    tuple
        Heads and rows.
    """
    names = data["scenario"].values.tolist()
    rows: list[tuple[Cell, ...]] = []
    for fund in data["fund"].values.tolist():
        one = draws_of(data["present_share"].sel(fund=fund, drop=True))
        if not has(one):
            continue
        rows.append((Cell(fund_name(context, fund)),))
        for payer in (p for p in one["payer"].values.tolist() if bool((abs(one.sel(payer=p)) >= LEAST).any())):
            rows.append((Cell(word(context, "payer", payer)), *(_borne(context, one, payer, name) for name in names)))
    return (context.texts("mix.payer_head"), *(title_of(context, name) for name in names)), rows


def _borne(context: Context, shares: xr.DataArray, payer: str, scenario: str) -> Cell:
    values = shares.sel(payer=payer, scenario=scenario)
    return _cell(context, float(values.mean()), quantiles(values)) if has(values) else Cell(DASH)
