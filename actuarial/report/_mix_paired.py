"""Scenarios against the baseline on the same futures: differences, who wins, and when funds run out."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import xarray as xr

from actuarial.report import figures
from actuarial.report._mix_dots import Marks, dots
from actuarial.report._mix_words import (
    SPREAD,
    baseline,
    block,
    color_of,
    fund_name,
    has,
    place_of,
    plain_number,
    plus_minus,
    title_of,
    word,
)
from actuarial.report.blocks import Block, Cell, Context, Key, Panel, plain
from actuarial.report.figures import Axes
from actuarial.report.numbers import DASH, MINUS
from actuarial.report.scales import padded

ENDS = (0.1, 0.9)
"""Quantiles at the ends of the interval of the table."""

DRAWN_AT = 2050
"""Year of the charts."""

SIGNIFICANT = 1.96
"""Standard errors on either side of a difference that make its 95 % interval."""

MANY = 1.5
"""Times as many separate draws from which on the gain of common draws is worth a sentence."""


def paired_blocks(context: Context, data: xr.Dataset) -> list[Block]:
    """Return what the scenarios change, and what they change in the chance of an empty fund.

    Parameters
    ----------
    context : Context
    data : xarray.Dataset
        The results' ``paired``.

    Returns
    -------
    list of Block
    """
    made = [_differences(context, data)]
    return [*made, _chances(context, data)] if _others(context, data) and has(data["empty_difference"]) else made


def _others(context: Context, data: xr.Dataset) -> list[str]:
    return [name for name in data["scenario"].values.tolist() if name != baseline(context)]


def in_points(unit: str) -> bool:
    """Whether values of a unit are parts of something, whose differences are told in percentage points."""
    return unit.startswith(("share", "per year")) or unit == "0 or 1"


def _unit(one: xr.Dataset) -> str:
    return str(one["unit"].item()) if "unit" in one.coords else ""


def quantity_unit(context: Context, one: xr.Dataset) -> str:
    """Return the words of the unit in which differences of the quantity of a Dataset are told."""
    unit = _unit(one)
    return context.texts("mix.points") if in_points(unit) else context.texts.known(f"unit.{unit}", unit)


def _kind(one: xr.Dataset) -> str:
    return "points" if in_points(_unit(one)) else "number"


def _differences(context: Context, data: xr.Dataset) -> Block:
    year = _year(data)
    panels = []
    for quantity in data["quantity"].values.tolist():
        at = data.sel(quantity=quantity, at=year)
        there = [name for name in _others(context, data) if has(at["mean_difference"].sel(scenario=name))]
        if not there or not (abs(at["mean_difference"].sel(scenario=there)) > 0).any():
            continue
        panels.append(_panel(context, at, quantity, there))
    words = {"baseline": title_of(context, baseline(context)), "year": year, "level": SPREAD}
    legend = [Key("line", context.texts("mix.mean_and_interval", level=SPREAD), figures.MUTED, symbol="circle")]
    head = (context.texts("mix.paired_head"), *(str(int(y)) for y in data["at"].values))
    notes = [*_gains(context, data), context.texts("mix.paired_note")]
    return block(
        context, "paired", panels, legend, (head, list(_rows(context, data))), notes=notes, words=words, shown=False
    )


def _year(data: xr.Dataset) -> int:
    years = [int(year) for year in data["at"].values]
    return min(years, key=lambda year: abs(year - DRAWN_AT))


def _panel(context: Context, at: xr.Dataset, quantity: str, names: list[str]) -> Panel:
    """Draw a row a scenario: the mean difference and the interval between the quantiles `ENDS`."""
    kind = _kind(at)
    factor = context.numbers.factor(kind)
    one = at.sel(scenario=names)
    means = factor * one["mean_difference"].values
    low, high = (factor * one["difference"].sel(quantile=q, method="nearest").values for q in ENDS)
    rows, groups = [plain(title_of(context, name)) for name in names], []
    for place, name in enumerate(names):
        only = np.where(np.arange(len(names)) == place, 1.0, np.nan)
        bounds = (only * part for part in (low, means, high))
        groups.append(Marks(rows[place], color_of(context, name), _symbol(context, name), *bounds))
    span = padded(min(float(low.min()), 0.0), max(float(high.max()), 0.0))
    figure = dots(rows, groups, Axes(*span, "", context.numbers.kind(kind).decimals))
    title, better = word(context, "quantity", quantity), context.texts(f"mix.better.{at['better'].item()}")
    told = (f"{n} {v:+.2f}".replace("-", MINUS) for n, v in zip(rows, means, strict=True))
    alt = context.texts(
        "mix.paired_alt", title=title, year=int(at["at"]), parts=context.texts("answer.comma").join(told)
    )
    unit = context.texts("mix.unit_better", unit=quantity_unit(context, at), better=better)
    return Panel(f"mix-paired-{quantity}", title, unit, alt, figure, [])


def _rows(context: Context, data: xr.Dataset) -> Iterator[tuple[Cell, ...]]:
    for name in _others(context, data):
        yield (Cell(title_of(context, name)),)
        for quantity in data["quantity"].values.tolist():
            one = data.sel(scenario=name, quantity=quantity)
            if not has(one["mean_difference"]):
                continue
            head = Cell(word(context, "quantity", quantity), (quantity_unit(context, one),))
            kind = _kind(one)
            yield (head, *(_cell(context, one.sel(at=at), kind) for at in data["at"].values))


def _cell(context: Context, at: xr.Dataset, kind: str) -> Cell:
    mean = float(at["mean_difference"])
    if not np.isfinite(mean):
        return Cell(DASH)
    signed = context.numbers.signed
    low, high = (float(at["difference"].sel(quantile=q, method="nearest")) for q in ENDS)
    interval = context.texts("interval", low=signed(low, kind), high=signed(high, kind))
    if low == high == mean == 0.0:
        return Cell(context.texts("mix.same"))
    return Cell(signed(mean, kind), (interval, _wins(context, at)))


def _wins(context: Context, at: xr.Dataset) -> str:
    chance = context.numbers.chance
    low, high = (chance(float(at[f"wins_{end}"])) for end in ("low", "high"))
    interval = context.texts("interval", low=low, high=high)
    return context.texts("mix.wins", share=chance(float(at["wins"])), interval=interval)


def _gains(context: Context, data: xr.Dataset) -> Iterator[str]:
    """Say for each scenario how many times as many separate draws its differences would have needed."""
    for name in _others(context, data):
        ratios = data["variance_ratio"].sel(scenario=name).values
        known = ratios[np.isfinite(ratios) & (ratios > 0)]
        if not known.size:
            continue
        times = 1.0 / known
        key = "mix.gain" if np.median(times) >= MANY else "mix.gain_none"
        ends = {"median": np.median(times), "least": times.min(), "most": times.max()}
        told = {name: plain_number(float(value), 2) for name, value in ends.items()}
        yield context.texts(key, scenario=title_of(context, name), **told)


def _chances(context: Context, data: xr.Dataset) -> Block:
    """Return the change in the probability of an empty fund, by fund and year."""
    years, funds = [int(y) for y in data["at"].values], data["fund"].values.tolist()
    there = [fund for fund in funds if has(data["empty_difference"].sel(fund=fund, scenario=_others(context, data)))]
    panels = [_chance_panel(context, data, fund, years) for fund in there]
    legend = [
        Key("line", title_of(context, name), color_of(context, name), symbol=_symbol(context, name))
        for name in _others(context, data)
    ]
    rows: list[tuple[Cell, ...]] = []
    for name in _others(context, data):
        rows.append((Cell(title_of(context, name)),))
        for fund in there:
            one = data.sel(scenario=name, fund=fund)
            cells = [_chance(context, one.sel(at=year)) for year in years]
            lasts = float(one["depletion_wins"])
            last = context.numbers.chance(lasts) if np.isfinite(lasts) else DASH
            rows.append((Cell(fund_name(context, fund)), *cells, Cell(last, bar=lasts if np.isfinite(lasts) else None)))
    head = (context.texts("mix.fund_head"), *map(str, years), context.texts("mix.lasts"))
    words = {"baseline": title_of(context, baseline(context))}
    return block(context, "empty", panels, legend, (head, rows), words=words, shown=False)


def _symbol(context: Context, name: str) -> str:
    return figures.SYMBOLS[place_of(context, name) % len(figures.SYMBOLS)]


def _chance_panel(context: Context, data: xr.Dataset, fund: str, years: list[int]) -> Panel:
    groups, told, ends = [], [], [0.0]
    for name in _others(context, data):
        at = data.sel(fund=fund, scenario=name)
        middle, error = 100.0 * at["empty_difference"].values, 100.0 * SIGNIFICANT * at["empty_error"].values
        if not np.isfinite(middle).any():
            continue
        low, high = (middle + sign * np.nan_to_num(error) for sign in (-1.0, 1.0))
        title = plain(title_of(context, name))
        groups.append(Marks(title, color_of(context, name), _symbol(context, name), low, middle, high))
        told.append(f"{title} {middle[-1]:+.0f}".replace("-", MINUS))
        ends += [float(np.nanmin(low)), float(np.nanmax(high))]
    figure = dots([str(year) for year in years], groups, Axes(*padded(min(ends), max(ends)), "", 1))
    title, parts = fund_name(context, fund), context.texts("answer.comma").join(told)
    alt = context.texts("mix.empty_alt", title=title, year=years[-1], parts=parts)
    return Panel(f"mix-empty-{fund}", title, context.texts("mix.empty_unit"), alt, figure, [])


def _chance(context: Context, at: xr.Dataset) -> Cell:
    value, error = float(at["empty_difference"]), float(at["empty_error"])
    if not np.isfinite(value):
        return Cell(DASH)
    return Cell(context.numbers.signed(value, "fine_points"), (plus_minus(context, error, "fine_points"),))
