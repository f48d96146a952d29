"""Who pays by generation and by zone: lifetime transfers of birth cohorts, benefits and transfers per head of zones."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import xarray as xr

from actuarial.report import figures
from actuarial.report._mix_dots import Marks, dots
from actuarial.report._mix_words import (
    SPREAD,
    block,
    color_of,
    draws_of,
    fund_name,
    has,
    place_of,
    plain_number,
    shown_years,
    title_of,
    unit_words,
    word,
)
from actuarial.report.blocks import Block, Cell, Context, Key, Panel, fan_legend, fan_panel, plain
from actuarial.report.figures import Axes
from actuarial.report.numbers import DASH
from actuarial.report.scales import padded
from actuarial.report.summary import INTERVALS, MEDIAN, fan, quantiles

DRAWN_IN = 2035
"""Year of the charts of zones."""

MEASURES = ("benefit_per_head", "transfer_per_head")
"""What is drawn of each zone."""

TOLD = {
    "benefit_per_head": "yuan",
    "contribution_per_payer": "yuan",
    "transfer_per_head": "yuan",
    "transfer_to_income": "share",
    "central_share": "share",
}
"""Rows of the table of zones, as far as they are there, and how they are written."""

RATIOS = {"benefit_per_head": "east_west_benefit", "transfer_per_head": "east_west_transfer"}
"""The east over the west of a measure, where it was told."""

LISTED = (2035, 2050)
"""Years of the table of zones."""


# -- generations


def cohort_block(context: Context, data: xr.Dataset) -> Block:
    """Return the net lifetime transfer of birth cohorts, a fan a scenario.

    Parameters
    ----------
    context : Context
    data : xarray.Dataset
        The results' ``generations``.

    Returns
    -------
    Block
    """
    there = [name for name in data["scenario"].values.tolist() if has(data["transfer_in_income"].sel(scenario=name))]
    fans = {name: fan(_by_birth(data["transfer_in_income"].sel(scenario=name, drop=True))) for name in there}
    ends = np.concatenate([one.bands.ravel() for one in fans.values()])
    span = padded(min(float(ends.min()), 0.0), max(float(ends.max()), 0.0))
    panels = []
    for name, one in fans.items():
        words = (title_of(context, name), context.texts("mix.cohort_unit"))
        panel = fan_panel(
            context, f"mix-cohorts-{name}", words, one, "number", color=color_of(context, name), span=span
        )
        panel.figure.update_layout(shapes=[])
        panels.append(replace(panel, rows=[]))
    born = [int(year) for year in data["born"].values]
    head = (context.texts("mix.born_head"), *(title_of(context, name) for name in there))
    rows = [(Cell(str(year)), *(_cohort(context, data, name, year) for name in there)) for year in born]
    group = (Cell(context.texts("mix.cohort_group")),)
    return block(
        context,
        "cohorts",
        panels,
        fan_legend(context, figures.MUTED),
        (head, [group, *rows]),
        words={"level": SPREAD},
        shown=False,
    )


def _by_birth(values: xr.DataArray) -> xr.DataArray:
    """Return draws by the year of birth, as a fan takes them."""
    return draws_of(values).rename(born="year")


def _cohort(context: Context, data: xr.Dataset, name: str, born: int) -> Cell:
    at = data.sel(scenario=name, born=born)
    income = draws_of(at["transfer_in_income"])
    if not has(income):
        return Cell(DASH)
    q, yuan = quantiles(income), quantiles(draws_of(at["transfer_per_member"]))[MEDIAN]
    low, high = (float(q[place]) for place in INTERVALS[SPREAD])
    money = context.texts("mix.yuan", value=context.numbers.write(float(yuan), "yuan"))
    return Cell(
        context.numbers.write(float(q[MEDIAN]), "number"), (context.numbers.interval(low, high, "number"), money)
    )


# -- zones


def zone_block(context: Context, data: xr.Dataset) -> Block:
    """Return benefits and transfers per head of each zone, and the east over the west.

    Parameters
    ----------
    context : Context
    data : xarray.Dataset
        The results' ``zones``.

    Returns
    -------
    Block
    """
    years = shown_years(context, data["benefit_per_head"], LISTED)
    year = DRAWN_IN if DRAWN_IN in years else years[0]
    there = [fund for fund in data["fund"].values.tolist() if has(data["benefit_per_head"].sel(fund=fund))]
    panels = [_zone_panel(context, data, fund, name, year) for fund in there for name in MEASURES]
    names = data["scenario"].values.tolist()
    legend = [Key("line", title_of(context, n), color_of(context, n), symbol=_symbol(context, n)) for n in names]
    zones = (word(context, "zone", str(zone)) for zone in data["zone"].values)
    head = (context.texts("mix.zone_head"), *zones, context.texts("mix.zone_ratio"))
    rows = [row for fund in there for row in _zone_rows(context, data, fund, years)]
    return block(context, "zones", panels, legend, (head, rows), words={"year": year, "level": SPREAD}, shown=False)


def _symbol(context: Context, name: str) -> str:
    return figures.SYMBOLS[place_of(context, name) % len(figures.SYMBOLS)]


def _zone_panel(context: Context, data: xr.Dataset, fund: str, measure: str, year: int) -> Panel:
    zones = data["zone"].values.tolist()
    groups, ends = [], [0.0]
    for name in data["scenario"].values.tolist():
        values = data[measure].sel(fund=fund, scenario=name, year=year)
        if not has(values):
            continue
        q = quantiles(draws_of(values).transpose("draw", "zone") if "some" in values.dims else values)
        low, high = (q[place] for place in INTERVALS[SPREAD])
        title = plain(title_of(context, name))
        groups.append(Marks(title, color_of(context, name), _symbol(context, name), low, q[MEDIAN], high))
        ends += [float(np.nanmin(low)), float(np.nanmax(high))]
    rows = [plain(word(context, "zone", zone)) for zone in zones]
    figure = dots(rows, groups, Axes(*padded(min(ends), max(ends)), "", 0))
    title = context.texts("mix.zone_panel", fund=fund_name(context, fund), measure=word(context, "measure", measure))
    told = (f"{z} {plain_number(float(v))}" for z, v in zip(rows, groups[0].middle, strict=True)) if groups else ()
    first = groups[0].name if groups else ""
    alt = context.texts(
        "mix.zone_alt", title=title, year=year, scenario=first, parts=context.texts("answer.comma").join(told)
    )
    unit = context.texts("mix.zone_unit", unit=unit_words(context, data[measure]), year=year)
    return Panel(f"mix-zones-{fund}-{measure}", title, unit, alt, figure, [])


def _zone_rows(context: Context, data: xr.Dataset, fund: str, years: list[int]) -> Iterator[tuple[Cell, ...]]:
    """Give a group a measure, in it a row a scenario and year, with a column a zone and the east over the west."""
    for measure, kind in TOLD.items():
        one = data.sel(fund=fund)
        if measure not in data or not has(one[measure]):
            continue
        unit = unit_words(context, data[measure])
        words = {"fund": fund_name(context, fund), "measure": word(context, "measure", measure), "unit": unit}
        yield (Cell(context.texts("mix.zone_group", **words)),)
        for name in (name for name in data["scenario"].values.tolist() if has(one[measure].sel(scenario=name))):
            for year in years:
                at = one.sel(scenario=name, year=year)
                head = context.texts("mix.zone_year", scenario=title_of(context, name), year=year)
                cells = (_spread(context, at[measure].sel(zone=zone), kind) for zone in data["zone"].values)
                ratio = RATIOS.get(measure, "")
                yield (Cell(head), *cells, _spread(context, at[ratio], "number") if ratio in at else Cell(DASH))


def _spread(context: Context, values: xr.DataArray, kind: str) -> Cell:
    if not has(values):
        return Cell(DASH)
    # A share of nothing is not known: the interval is that of the futures in which there is something.
    q = quantiles(draws_of(values.dropna("some") if "some" in values.dims else values))
    low, high = (float(q[place]) for place in INTERVALS[SPREAD])
    middle, interval = context.numbers.write(float(q[MEDIAN]), kind), context.numbers.interval(low, high, kind)
    return Cell(middle, () if interval == middle else (interval,))
