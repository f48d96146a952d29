"""What the parts of the chapter on the financing mix share: names, scenarios to compare, and kinds of numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

import numpy as np
import xarray as xr

from actuarial.report.blocks import Block, Cell, Context, Key, Panel, Table
from actuarial.report.numbers import MINUS, Kind

YEARS = (2026, 2035, 2050, 2075)
"""Years of the charts and tables, as far as the run has them."""

SPREAD = 80
"""Per cent inside the intervals of the tables."""

SOME = "some"
"""Axis of the draws of which these results were made, where they are not all."""

KINDS = {"fine_points": Kind(100, 100, 1), "size": Kind(1, 1, 3)}
"""Kinds of numbers that the chapter writes besides those of the page."""


def fund_name(context: Context, fund: str) -> str:
    """Return the words of a fund."""
    return context.texts.known(f"household.fund.{fund}", fund.replace("_", " ").capitalize())


def word(context: Context, group: str, key: str) -> str:
    """Return ``mix.<group>.<key>`` of the catalogue; the key in plain letters where there is none."""
    return context.texts.known(f"mix.{group}.{key}", key.replace("_", " ").capitalize())


def place_of(context: Context, scenario: str) -> int:
    """Return the place of a scenario in the run, for its title and colour."""
    return [one.name for one in context.results.manifest.scenarios].index(scenario)


def title_of(context: Context, scenario: str) -> str:
    """Return the title of a scenario by its name."""
    return context.title(place_of(context, scenario))


def color_of(context: Context, scenario: str) -> str:
    """Return the colour of a scenario by its name."""
    return context.color(place_of(context, scenario))


def baseline(context: Context) -> str:
    """Return the scenario that the others are held against: that of the paired results, else the first of the run."""
    paired = context.results.paired
    first = context.results.manifest.scenarios[0].name
    return first if paired is None else str(paired.attrs.get("baseline", first))


def side_by_side(context: Context, data: xr.Dataset) -> list[str]:
    """Return the baseline and the scenario drawn beside it: that whose measures were told apart, else the last.

    Parameters
    ----------
    context : Context
    data : xarray.Dataset
        Over ``scenario``.

    Returns
    -------
    list of str
        One name or two.
    """
    names = data["scenario"].values.tolist()
    worth = context.results.attribution
    beside = names[-1] if worth is None else str(worth.attrs.get("scenario", names[-1]))
    return [name for name in dict.fromkeys((baseline(context), beside)) if name in names]


def has(values: xr.DataArray) -> bool:
    """Whether there is any number."""
    return bool(np.isfinite(values.values).any())


def draws_of(values: xr.DataArray) -> xr.DataArray:
    """Return values whose draws are named as the report's reductions expect them."""
    return values.rename({SOME: "draw"}) if SOME in values.dims else values


def shown_years(context: Context, values: xr.DataArray, wanted: Sequence[int] = YEARS) -> list[int]:
    """Return those of `wanted` that are labels of ``year`` of the values; the last label where none is."""
    there = values["year"].values.tolist()
    return [year for year in context.within(wanted) if year in there] or [int(there[-1])]


def plus_minus(context: Context, error: float, kind: str) -> str:
    """Write a standard error behind its sign."""
    return f"± {context.numbers.write(error, kind)}"


def unit_words(context: Context, values: xr.DataArray) -> str:
    """Return the unit that a saved variable tells of itself, in the reader's language."""
    unit = str(values.attrs.get("unit", ""))
    return context.texts.known(f"mix.unit.{unit}", context.texts.known(f"unit.{unit}", unit))


def plain_number(value: float, digits: int = 3) -> str:
    """Write a number of any size with a few significant digits."""
    if not np.isfinite(value):
        return ""
    decimals = digits if value == 0 else max(digits - 1 - int(np.floor(np.log10(abs(value)))), 0)
    text = f"{abs(value):,.{min(decimals, 6)}f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return f"{MINUS}{text}" if value < 0 and text != "0" else text


def block(
    context: Context,
    name: str,
    panels: list[Panel],
    legend: list[Key],
    behind: tuple[tuple[str, ...], list[tuple[Cell, ...]]],
    *,
    notes: Sequence[str] = (),
    words: Mapping[str, object] = MappingProxyType({}),
    shown: bool = True,
) -> Block:
    """Return panels under ``mix.<name>_title`` and ``mix.<name>_lead``, with their table and sentences below it.

    Parameters
    ----------
    context : Context
    name : str
        Id in the page, behind ``mix-``, and part of the keys of the words.
    panels, legend
        As in :class:`actuarial.report.blocks.Block`.
    behind : tuple
        Heads and rows of the table.
    notes : sequence of str
        Sentences after the table.
    words : mapping of str to object
        What stands in the lead.
    shown : bool
        Whether the table is open, not folded.

    Returns
    -------
    Block
    """
    title, lead = context.texts(f"mix.{name}_title"), context.texts(f"mix.{name}_lead", **words)
    table = Table(context.texts(f"mix.{name}_table"), *behind)
    made = Block(f"mix-{name}", title, lead, panels, legend, [], table, list(notes))
    return replace(made, shown=shown)
