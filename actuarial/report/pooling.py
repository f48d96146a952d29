"""The report's chapter on pools of regions: who runs dry under each level, who sends to whom, how even benefits are."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import xarray as xr

from actuarial.report import figures
from actuarial.report._alike import alike
from actuarial.report._founded import with_kinds
from actuarial.report._pooling_figures import Dots, dot_figure
from actuarial.report._pooling_tables import (
    INDEX,
    SENT_IN,
    by_province,
    depletion_rows,
    evenness,
    fund_name,
    level_name,
    place_name,
    scenario_names,
)
from actuarial.report.blocks import Block, Context, Key, Panel, Table, plain
from actuarial.report.chapters import Chapter
from actuarial.report.figures import Axes, Line
from actuarial.report.scales import padded
from actuarial.report.summary import INTERVALS, MEDIAN, probability

CHECKED = ("people_depleted", "transfer", "theil_paid")
"""Variables in which scenarios must agree to be drawn once."""

SPREAD = 80
"""Per cent inside the intervals of transfers."""


def chapter(context: Context) -> Chapter | None:
    """Return the chapter, or None where the run compared no pools.

    Parameters
    ----------
    context : Context
        Results, texts, numbers.

    Returns
    -------
    Chapter or None
    """
    data = context.results.pooling
    if data is None:
        return None
    context = with_kinds(context, {"index": INDEX})
    blocks, tables = [], []
    for fund in data["fund"].values.tolist():
        one = data.sel(fund=fund, drop=True).dropna("scenario", how="all", subset=["people_depleted"])
        groups = alike(one, CHECKED)
        blocks.append(depletion(context, fund, one, groups))
        if "nation" in one["level"].values:
            blocks.append(transfers(context, fund, one, groups))
        tables.append(evenness(context, fund, one, groups))
    lead = " ".join([context.texts("pooling.lead"), *findings(context, data)])
    return Chapter("pooling", context.texts("pooling.title"), lead, blocks, tables, notes(context, data))


def depletion(context: Context, fund: str, data: xr.Dataset, groups: list[list[str]]) -> Block:
    """Return the part of people whose fund has run out by each year, a line a level.

    Parameters
    ----------
    context : Context
    fund : str
    data : xarray.Dataset
        Of the fund, over the scenarios that have it.
    groups : list of list of str
        Scenarios that come out the same.

    Returns
    -------
    Block
    """
    levels = data["level"].values.tolist()
    panels = []
    for place, group in enumerate(groups):
        lines = [_line(context, level, n, data.sel(scenario=group[0], level=level)) for n, level in enumerate(levels)]
        years = (int(data["year"][0]), int(data["year"][-1]))
        figure = figures.line_figure(lines, Axes(-3.0, 103.0, "%", 0, years=years, height=240))
        ends = ", ".join(f"{line.name} {line.values[-1]:.0f}%" for line in lines)
        title = scenario_names(context, group)
        alt = context.texts("pooling.alt_depletion", title=title, year=years[1], parts=ends)
        unit = context.texts("pooling.depletion_unit")
        panels.append(Panel(f"pooling-depletion-{fund}-{place}", title, unit, alt, figure, []))
    legend = [
        Key("line", level_name(context, level), figures.PALETTE[n], symbol=figures.SYMBOLS[n])
        for n, level in enumerate(levels)
    ]
    title = context.texts("pooling.depletion_title", fund=fund_name(context, fund))
    table = Table(title, *depletion_rows(context, data, groups))
    return Block(f"pooling-depletion-{fund}", title, context.texts("pooling.depletion_lead"), panels, legend, [], table)


def _line(context: Context, level: str, place: int, data: xr.Dataset) -> Line:
    chance = probability(data["people_depleted"])
    return Line(
        plain(level_name(context, level)),
        chance["year"].values,
        100.0 * chance.values,
        figures.PALETTE[place],
        symbol=figures.SYMBOLS[place],
    )


def transfers(context: Context, fund: str, data: xr.Dataset, groups: list[list[str]]) -> Block:
    """Return what each province would get from the others in one pool of the nation, or send to them.

    Parameters
    ----------
    context, fund, data, groups
        As in :func:`depletion`.

    Returns
    -------
    Block
        Provinces in the order of the first panel.
    """
    year = sent_in(context)
    at = data["transfer"].sel(level="nation", year=year).transpose("scenario", "quantile", "region")
    order = at.sel(scenario=groups[0][0]).isel(quantile=MEDIAN).argsort().values
    low, high = INTERVALS[SPREAD]
    bands = {
        place: at.sel(scenario=group[0]).values[[low, MEDIAN, high]][:, order] for place, group in enumerate(groups)
    }
    factor, kind = context.numbers.factor("share"), context.numbers.kind("share")
    everything = factor * np.concatenate([one.ravel() for one in bands.values()])
    span = padded(min(float(everything.min()), 0.0), max(float(everything.max()), 0.0))
    names = [place_name(context, str(name)) for name in data["region"].values[order]]
    panels = []
    for place, group in enumerate(groups):
        title, color = scenario_names(context, group), _color(context, group[0])
        shown = [plain(name) for name in names]
        dots = Dots(shown, factor * bands[place], span, kind.suffix, kind.decimals, color, SPREAD)
        alt = _alt(context, title, year, names, bands[place][1])
        unit = context.texts("pooling.transfer_unit", year=year)
        panels.append(Panel(f"pooling-transfer-{fund}-{place}", title, unit, alt, dot_figure(dots), []))
    words = (context.texts("median"), context.texts("interval.level", level=SPREAD))
    legend = [Key("line", context.texts("answer.comma").join(words), figures.MUTED, symbol="circle")]
    title = context.texts("pooling.transfer_title", fund=fund_name(context, fund), year=year)
    lead = context.texts("pooling.transfer_lead")
    table = Table(title, *by_province(context, data, groups, order))
    return Block(f"pooling-transfer-{fund}", title, lead, panels, legend, [], table)


def sent_in(context: Context) -> int:
    """Return the year whose transfers are drawn."""
    return min(SENT_IN, context.results.manifest.last_year)


def _color(context: Context, name: str) -> str:
    return context.color([one.name for one in context.results.manifest.scenarios].index(name))


def _alt(context: Context, title: str, year: int, names: list[str], middle: np.ndarray) -> str:
    """Say who sends and who gets most."""
    first, last = int(np.argmin(middle)), int(np.argmax(middle))
    told = {
        "sender": names[first],
        "sends": context.numbers.write(float(-middle[first]), "share"),
        "getter": names[last],
        "gets": context.numbers.write(float(middle[last]), "share"),
    }
    return context.texts("pooling.alt_transfer", title=title, year=year, **told)


def findings(context: Context, data: xr.Dataset) -> Iterator[str]:
    """Say of each fund, under the first scenario, what wider pools do to the chance of running dry.

    Parameters
    ----------
    context : Context
    data : xarray.Dataset
        The results' ``pooling``.

    Yields
    ------
    str
        Nothing where one level alone was compared.
    """
    levels = data["level"].values.tolist()
    if len(levels) == 1:
        return
    year = sent_in(context)
    for fund in data["fund"].values.tolist():
        one = data.sel(fund=fund, year=year).dropna("scenario", how="all", subset=["people_depleted"]).isel(scenario=0)
        narrow, wide = (one.sel(level=level) for level in (levels[0], levels[-1]))
        told = {
            "narrow": level_name(context, levels[0]),
            "wide": level_name(context, levels[-1]),
            "mean_narrow": context.numbers.chance(float(probability(narrow["people_depleted"]))),
            "mean_wide": context.numbers.chance(float(probability(wide["people_depleted"]))),
            "worst_narrow": context.numbers.chance(float(narrow["depletion_probability"].max())),
            "worst_wide": context.numbers.chance(float(wide["depletion_probability"].max())),
        }
        scenario = scenario_names(context, [str(one["scenario"].values)])
        yield context.texts("pooling.finding", fund=fund_name(context, fund), year=year, scenario=scenario, **told)


def notes(context: Context, data: xr.Dataset) -> list[str]:
    """Return the sentences at the end: what pooling is here, and what of it is data."""
    made = [context.texts("pooling.note_pool", draws=data.sizes["draw"])]
    if "county" in data["level"].values:
        made.append(context.texts("pooling.note_county"))
    made += [context.texts(f"pooling.note_{fund}") for fund in data["fund"].values.tolist()]
    return [*made, context.texts("pooling.note_even")]
