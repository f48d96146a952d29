"""Break-even levers, named shocks, and how large a shock must be to do harm."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import xarray as xr

from actuarial.report import figures
from actuarial.report._mix_dots import Marks, dots
from actuarial.report._mix_frontier import lever_cell, lever_name
from actuarial.report._mix_words import (
    block,
    color_of,
    fund_name,
    has,
    plain_number,
    plus_minus,
    side_by_side,
    title_of,
    unit_words,
    word,
)
from actuarial.report.blocks import Block, Cell, Context, Key, Panel, plain
from actuarial.report.figures import Axes
from actuarial.report.numbers import DASH

SURE = 1.96
"""Standard errors on either side of a value that make its 95 % interval."""

NONE = "none"
"""The label of no shock."""

DRAWN_AT = 2050
"""Year of the charts of shocks."""

STILL = 0.005
"""A probability that no shock moves by as much is told in words, not drawn."""


# -- break-even


def breakeven_block(context: Context, data: xr.Dataset) -> Block:
    """Return the value at which each lever alone meets the target, within the range that was searched.

    Parameters
    ----------
    context : Context
    data : xarray.Dataset
        The results' ``breakeven``.

    Returns
    -------
    Block
    """
    levers = data["lever"].values.tolist()
    width = data["high"].values - data["low"].values
    width = np.where(width > 0, width, np.nan)
    place = {name: 100.0 * (data[name].values - data["low"].values) / width for name in ("value", "present")}
    value = np.where(data["within"].values > 0, place["value"], np.nan)
    words = (context.texts("mix.breakeven_value"), context.texts("mix.breakeven_present"))
    groups = [
        Marks(words[0], figures.PALETTE[0], "circle", *_around(data, value, width)),
        Marks(words[1], figures.MUTED, "diamond", place["present"], place["present"], place["present"]),
    ]
    figure = dots([plain(lever_name(context, key)) for key in levers], groups, Axes(-6.0, 106.0, "%", 0), zero=False)
    told = context.texts("answer.comma").join(
        f"{lever_name(context, key)} {_answer(context, data.isel(lever=n))}" for n, key in enumerate(levers)
    )
    title, unit = context.texts("mix.breakeven_panel"), context.texts("mix.breakeven_unit")
    panel = Panel("mix-breakeven-levers", title, unit, context.texts("mix.breakeven_alt", parts=told), figure, [])
    legend = [
        Key("line", words[0], figures.PALETTE[0], symbol="circle"),
        Key("line", words[1], figures.MUTED, symbol="diamond"),
    ]
    heads = ("lever", "value", "error", "present", "range", "ends")
    behind = (tuple(context.texts(f"mix.breakeven_{h}") for h in heads), list(_levers(context, data)))
    return block(
        context,
        "breakeven",
        [panel],
        legend,
        behind,
        notes=[context.texts("mix.breakeven_note")],
        words=_words(context, data),
    )


def _around(data: xr.Dataset, value: np.ndarray, width: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the values with the ends of their 95 % intervals, per cent of the range."""
    if {"interval_low", "interval_high"} <= set(data.data_vars):
        low, high = (100.0 * (data[f"interval_{end}"].values - data["low"].values) / width for end in ("low", "high"))
        return low, value, high
    error = 100.0 * SURE * np.nan_to_num(data["standard_error"].values) / width
    return value - error, value, value + error


def _words(context: Context, data: xr.Dataset) -> dict[str, object]:
    return {
        "fund": fund_name(context, str(data.attrs["fund"])),
        "scenario": title_of(context, str(data.attrs["scenario"])),
        "year": int(data.attrs["by"]),
        "target": context.numbers.chance(float(data.attrs["target"])),
    }


def _answer(context: Context, one: xr.Dataset) -> str:
    """Return the value, or why there is none."""
    if not bool(one["within"] > 0):
        return context.texts("mix.breakeven_not")
    value = float(one["value"])
    return plain_number(value) if np.isfinite(value) else context.texts("mix.breakeven_several")


def _levers(context: Context, data: xr.Dataset) -> Iterator[tuple[Cell, ...]]:
    for place, key in enumerate(data["lever"].values.tolist()):
        one = data.isel(lever=place)
        error = plain_number(float(one["standard_error"]), 2)
        bounds = (plain_number(float(one[end])) for end in ("low", "high"))
        ends = (context.numbers.chance(float(one[f"at_{end}"])) for end in ("low", "high"))
        value = Cell(
            _answer(context, one), () if bool(one["monotone"] > 0) else (context.texts("mix.breakeven_bends"),)
        )
        unit = str(one["unit"].item()) if "unit" in one.coords else ""
        yield (
            lever_cell(context, key, unit), value, Cell(f"± {error}" if error else DASH),
            Cell(plain_number(float(one["present"])) or DASH), Cell(" … ".join(bounds)), Cell(" … ".join(ends)),
        )  # fmt: skip


# -- shocks


def stress_block(context: Context, data: xr.Dataset) -> Block:
    """Return the probability of an empty fund after each shock, beside that without one.

    Parameters
    ----------
    context : Context
    data : xarray.Dataset
        The results' ``stress``.

    Returns
    -------
    Block
    """
    years = [int(year) for year in data["at"].values]
    year = min(years, key=lambda one: abs(one - DRAWN_AT))
    names = side_by_side(context, data)
    funds = [f for f in data["fund"].values.tolist() if has(data["empty"].sel(fund=f))]
    pairs = [(f, n) for f in funds for n in names if has(data["empty"].sel(fund=f, scenario=n, at=year))]
    moved = [(f, n) for f, n in pairs if _moves(data["empty"].sel(fund=f, scenario=n, at=year))]
    panels = [_shocks(context, data.sel(fund=f, scenario=n, at=year), f, n) for f, n in moved]
    places = [(title_of(context, n), int(y)) for n in data["scenario"].values.tolist() for y in data["at"].values]
    columns = (context.texts("mix.stress_column", scenario=title, year=y) for title, y in places)
    head = (context.texts("mix.shock_head"), *columns)
    rows = [row for f in funds for row in _stressed(context, data, f)]
    legend = [
        Key("line", context.texts("mix.stress_key"), figures.MUTED, symbol="circle"),
        Key("mark", context.texts("mix.stress_none")),
    ]
    notes = [*_still(context, [one for one in pairs if one not in moved], year), context.texts("mix.stress_note")]
    return block(context, "stress", panels, legend, (head, rows), notes=notes, words={"year": year}, shown=False)


def _moves(empty: xr.DataArray) -> bool:
    """Whether some shock moves the probability by `STILL` or more from that without one."""
    if NONE not in empty["shock"].values:
        return True
    return bool((abs(empty - empty.sel(shock=NONE)) >= STILL).any())


def _still(context: Context, pairs: list[tuple[str, str]], year: int) -> list[str]:
    """Name the funds and scenarios that are not drawn."""
    named = (context.texts("mix.panel", fund=fund_name(context, f), scenario=title_of(context, n)) for f, n in pairs)
    told = context.texts("mix.semicolon").join(named)
    return [context.texts("mix.stress_still", year=year, parts=told)] if told else []


def shock_name(context: Context, shock: str) -> str:
    """Return the words of a shock."""
    return word(context, "shock", shock)


def _shocks(context: Context, one: xr.Dataset, fund: str, scenario: str) -> Panel:
    shocks = [name for name in one["shock"].values.tolist() if name != NONE]
    at = one.sel(shock=shocks)
    middle, error = 100.0 * at["empty"].values, 100.0 * SURE * np.nan_to_num(at["empty_error"].values)
    low, high = (middle - error).clip(0.0), (middle + error).clip(max=100.0)
    rows = [plain(shock_name(context, name)) for name in shocks]
    marks = Marks(context.texts("mix.stress_key"), color_of(context, scenario), "circle", low, middle, high)
    figure = dots(rows, [marks], Axes(-3.0, 103.0, "%", 0), zero=False)
    if NONE in one["shock"].values:
        without = 100.0 * float(one["empty"].sel(shock=NONE))
        line = {"color": figures.INK, "width": 1.4, "dash": "dot"}
        ends = {"x0": without, "x1": without, "y0": 0, "y1": 1}
        figure.update_layout(shapes=[{"type": "line", "xref": "x", "yref": "paper", "line": line, **ends}])
    title = context.texts("mix.panel", fund=fund_name(context, fund), scenario=title_of(context, scenario))
    parts = (f"{name} {v:.0f}%" for name, v in zip(rows, middle, strict=True))
    alt = context.texts("mix.stress_alt", title=title, parts=context.texts("answer.comma").join(parts))
    unit = context.texts("mix.stress_unit", year=int(one["at"]))
    return Panel(f"mix-stress-{fund}-{scenario}", title, unit, alt, figure, [])


def _stressed(context: Context, data: xr.Dataset, fund: str) -> Iterator[tuple[Cell, ...]]:
    """Give a row a shock with a column a scenario and year: first the probabilities, then the need of budgets."""
    one = data.sel(fund=fund)
    places = [(n, y) for n in data["scenario"].values.tolist() for y in data["at"].values]
    yield (Cell(fund_name(context, fund)),)
    for shock in one["shock"].values.tolist():
        cells = (_chance(context, one.sel(scenario=n, at=y), shock) for n, y in places)
        yield (Cell(shock_name(context, shock)), *cells)
    if not has(one["need"]):
        return
    yield (Cell(context.texts("mix.stress_need", fund=fund_name(context, fund))),)
    for shock in one["shock"].values.tolist():
        needs = (float(one["need"].sel(shock=shock, scenario=n, at=y)) for n, y in places)
        yield (Cell(shock_name(context, shock)), *(Cell(context.numbers.write(v, "share")) for v in needs))


def _chance(context: Context, one: xr.Dataset, shock: str) -> Cell:
    """Return the probability after a shock and the points that it adds, with their paired error where it was told."""
    at = one.sel(shock=shock)
    share = float(at["empty"])
    if not np.isfinite(share):
        return Cell(DASH)
    below = ""
    if shock != NONE and NONE in one["shock"].values:
        below = context.numbers.signed(share - float(one["empty"].sel(shock=NONE)), "whole_points")
        if "difference_error" in at:
            below += f" {plus_minus(context, float(at['difference_error']), 'whole_points')}"
    return Cell(context.numbers.chance(share), (below,) if below else (), bar=share)


def reverse_block(context: Context, data: xr.Dataset) -> Block:
    """Return how large each shock must be to reach the target of reverse stress.

    Parameters
    ----------
    context : Context
    data : xarray.Dataset
        The results' ``stress``, with ``size`` and ``reverse_verdict``.

    Returns
    -------
    Block
    """
    known = np.isfinite(data["reverse_verdict"].values.astype(float))
    one = data.isel(shock=np.flatnonzero(known & (data["shock"].values != NONE)))
    low, high = (one[f"size_{end}"].values for end in ("low", "high"))
    width = np.where(high > low, high - low, np.nan)
    value = np.where(one["reverse_verdict"].values == 0, 100.0 * (one["size"].values - low) / width, np.nan)
    rows = [plain(shock_name(context, name)) for name in one["shock"].values.tolist()]
    marks = Marks(context.texts("mix.reverse_size"), figures.PALETTE[0], "circle", value, value, value)
    figure = dots(rows, [marks], Axes(-6.0, 106.0, "%", 0), zero=False)
    attrs = {key.removeprefix("reverse_"): value for key, value in data.attrs.items()}
    words = _words(context, data.assign_attrs(attrs))
    told = (f"{name} {_size(context, one.isel(shock=n))}" for n, name in enumerate(rows))
    alt = context.texts("mix.reverse_alt", parts=context.texts("answer.comma").join(told), **words)
    title, unit = context.texts("mix.reverse_panel", **words), context.texts("mix.reverse_unit")
    panel = Panel("mix-reverse-sizes", title, unit, alt, figure, [])
    legend = [Key("line", context.texts("mix.reverse_size"), figures.PALETTE[0], symbol="circle")]
    heads = tuple(context.texts(f"mix.reverse_{name}") for name in ("shock", "size", "range"))
    return block(context, "reverse", [panel], legend, (heads, list(_sizes(context, one))), words=words)


def _size(context: Context, one: xr.Dataset) -> str:
    verdict = int(one["reverse_verdict"])
    if verdict:
        return context.texts("mix.reverse_below" if verdict < 0 else "mix.reverse_above")
    return plain_number(float(one["size"]))


def _sizes(context: Context, one: xr.Dataset) -> Iterator[tuple[Cell, ...]]:
    for place, shock in enumerate(one["shock"].values.tolist()):
        at = one.isel(shock=place)
        bounds = (plain_number(float(at[f"size_{end}"])) for end in ("low", "high"))
        unit = str(at["size_unit"].item()) if "size_unit" in at.coords else ""
        words = context.texts.known(f"mix.unit.{unit}", context.texts.known(f"unit.{unit}", unit)) or unit_words(
            context, at["size"]
        )
        yield (
            Cell(shock_name(context, shock), (words,) if words else ()),
            Cell(_size(context, at)),
            Cell(" … ".join(bounds)),
        )
