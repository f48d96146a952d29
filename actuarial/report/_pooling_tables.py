"""Tables of the chapter on pools of regions: depletion by level and province, transfers, evenness of benefits."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import xarray as xr

from actuarial.report.blocks import Cell, Context, Table
from actuarial.report.numbers import DASH, Kind
from actuarial.report.summary import INTERVALS, MEDIAN, probability, quantiles

YEARS = (2035, 2050, 2075)
"""Years of the tables."""

SENT_IN = 2035
"""Year whose transfers are drawn."""

SPREAD = 80
"""Per cent inside the intervals."""

MEASURES = {
    "theil_paid": "index",
    "gini_paid": "index",
    "highest_over_lowest": "number",
    "paid_share": "share",
    "transfer_volume": "share",
}
"""Rows of the table of evenness, and how each is written."""

INDEX = Kind(1, 1, 3)
"""Kind of an index of inequality."""

Rows = tuple[tuple[str, ...], list[tuple[Cell, ...]]]
"""Column heads, and the rows under them."""


def fund_name(context: Context, fund: str) -> str:
    """Return the words of a fund."""
    return context.texts(f"pooling.fund.{fund}")


def level_name(context: Context, level: str) -> str:
    """Return the words of a level of pooling."""
    return context.texts(f"pooling.level.{level}")


def place_name(context: Context, name: str) -> str:
    """Return a province in the reader's language; one of another country as the tables name it."""
    return context.texts.known(f"pooling.place.{name}", name)


def scenario_names(context: Context, group: list[str]) -> str:
    """Return the titles of scenarios that come out the same, joined."""
    places = [one.name for one in context.results.manifest.scenarios]
    return context.texts("answer.comma").join(context.title(places.index(name)) for name in group)


def depletion_rows(context: Context, data: xr.Dataset, groups: list[list[str]]) -> Rows:
    """Return the chance of running dry of the mean person, and of one in the worst province, by level.

    Parameters
    ----------
    context : Context
    data : xarray.Dataset
        Of one fund, over scenarios.
    groups : list of list of str
        Scenarios that come out the same.

    Returns
    -------
    tuple
        Heads and rows.
    """
    years = context.within(YEARS)
    rows: list[tuple[Cell, ...]] = []
    for group in groups:
        rows.append((Cell(scenario_names(context, group)),))
        for level in data["level"].values.tolist():
            one = data.sel(scenario=group[0], level=level)
            mean, worst = probability(one["people_depleted"]), one["depletion_probability"].max("region")
            told = {"mean": mean, "worst": worst, "best": one["depletion_probability"].min("region")}
            for name, chance in told.items():
                words = context.texts(f"pooling.depleted_{name}", level=level_name(context, level))
                cells = (Cell(context.numbers.chance(float(chance.sel(year=year)))) for year in years)
                rows.append((Cell(words), *cells))
    return (context.texts("series"), *map(str, years)), rows


def by_province(context: Context, data: xr.Dataset, groups: list[list[str]], order: np.ndarray) -> Rows:
    """Return for each province what it gets from a pool of the nation, and how likely its own fund runs dry.

    Parameters
    ----------
    context, data, groups
        As in :func:`depletion_rows`; with the level ``nation``.
    order : numpy.ndarray of int
        Places of the provinces, from the last row of the table to the first.

    Returns
    -------
    tuple
        Heads and rows.
    """
    years = context.within(YEARS)
    own = next((level for level in ("province", "county") if level in data["level"].values), "nation")
    rows: list[tuple[Cell, ...]] = []
    for group in groups:
        rows.append((Cell(scenario_names(context, group)),))
        one = data.sel(scenario=group[0])
        for place in order[::-1].tolist():
            at = one.isel(region=place).sel(year=years)
            sent = [_signed(context, at["transfer"].sel(level="nation", year=year).values) for year in years]
            chance = at["depletion_probability"].sel(level=own)
            dry = [Cell(context.numbers.chance(float(chance.sel(year=year)))) for year in years]
            central = float(at["central_share"].sel(year=years[0]))
            budget = Cell(context.numbers.write(central, "probability"))
            rows.append((Cell(place_name(context, str(at["region"].values))), *sent, *dry, budget))
    heads = [context.texts("pooling.head_sent", year=year) for year in years]
    heads += [context.texts("pooling.head_dry", level=level_name(context, own), year=year) for year in years]
    return (context.texts("pooling.head_place"), *heads, context.texts("pooling.head_central")), rows


def _signed(context: Context, q: np.ndarray) -> Cell:
    low, high = (context.numbers.signed(float(q[place]), "share") for place in INTERVALS[SPREAD])
    middle = context.numbers.signed(float(q[MEDIAN]), "share")
    return Cell(middle, (context.texts("interval", low=low, high=high),))


def evenness(context: Context, fund: str, data: xr.Dataset, groups: list[list[str]]) -> Table:
    """Return how even benefits paid per head are under each level, what is paid at all, and what is sent for it.

    Parameters
    ----------
    context : Context
    fund : str
    data, groups
        As in :func:`depletion_rows`.

    Returns
    -------
    Table
        Medians with intervals, a column a year.
    """
    years = context.within(YEARS)
    rows: list[tuple[Cell, ...]] = []
    for group in groups:
        for level in data["level"].values.tolist():
            words = {"scenario": scenario_names(context, group), "level": level_name(context, level)}
            rows.append((Cell(context.texts("pooling.group", **words)),))
            rows += _measures(context, data.sel(scenario=group[0], level=level), years)
    caption = context.texts("pooling.evenness_caption", fund=fund_name(context, fund))
    return Table(caption, (context.texts("indicator"), *map(str, years)), rows)


def _measures(context: Context, data: xr.Dataset, years: list[int]) -> Iterator[tuple[Cell, ...]]:
    for name, kind in MEASURES.items():
        cells = (_spread(context, data[name].sel(year=year), kind) for year in years)
        yield Cell(context.texts(f"pooling.measure_{name}")), *cells


def _spread(context: Context, values: xr.DataArray, kind: str) -> Cell:
    known = values.dropna("draw")
    if not known.size:
        return Cell(DASH)
    q = quantiles(known)
    low, high = (float(q[place]) for place in INTERVALS[SPREAD])
    return Cell(context.numbers.write(float(q[MEDIAN]), kind), (context.numbers.interval(low, high, kind),))
