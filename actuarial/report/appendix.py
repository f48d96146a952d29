"""The report's appendix: what the models would have published, before and after they saw the figures."""

from __future__ import annotations

from dataclasses import replace
from itertools import groupby

import numpy as np

from actuarial.report import figures
from actuarial.report.blocks import Block, Cell, Context, Key, Panel, Table
from actuarial.report.figures import Axes, Points
from actuarial.report.numbers import Numbers
from actuarial.report.records import Check
from actuarial.report.scales import leaving, padded
from actuarial.report.summary import INTERVALS, MEDIAN, Fan

SHOWN = (95, 50)
"""Intervals that are drawn and listed."""

WIDER = 1.0
"""An axis holds posterior and dots, and of the prior what is within so many times their range beyond them."""

PER_UNIT = {
    "children per woman": "children",
    "years": "years",
    "persons": "persons",
    "per person-year": "per_thousand",
    "share": "share",
    "per year": "share",
    "yuan": "yuan",
}
"""The kind in which a series of an SI unit is written; others as plain numbers."""


def check_blocks(context: Context) -> list[Block]:
    """Return the prior and posterior predictive charts, one block a model; none where the run kept none.

    Parameters
    ----------
    context : Context
        Results, texts, numbers.

    Returns
    -------
    list of Block
        In the order of the models.
    """
    # The models may be of a nation where the run is of a county: units follow what is shown.
    shown = [max(one.posterior[-1]) for one in context.results.checks if one.unit == "persons"]
    numbers = Numbers(context.texts, context.numbers.last_year, max(shown, default=np.inf))
    context = replace(context, numbers=numbers)
    models = [(name, list(found)) for name, found in groupby(context.results.checks, lambda one: one.model)]
    return [_block(context, f"check-{n}", name, found) for n, (name, found) in enumerate(models, start=1)]


def _block(context: Context, block_id: str, name: str, found: list[Check]) -> Block:
    texts = context.texts
    panels = [_panel(context, f"{block_id}-{n}", one) for n, one in enumerate(found, start=1)]
    inside = {level: sum(held(one, level)[0] for one in found) for level in SHOWN}
    total = sum(held(one, 95)[1] for one in found)
    title = texts("check.title", model=texts.known(f"model.{name}", name))
    lead = texts("check.lead", wide=inside[95], half=inside[50], total=total)
    keys = {key for one in found for key in one.sources}
    sources = [source for source in context.results.sources if source.key in keys]
    table = Table(title, _head(context), [row for panel in panels for row in panel.rows])
    return Block(block_id, title, lead, panels, _legend(context), sources, table)


def _legend(context: Context) -> list[Key]:
    texts, (after, before) = context.texts, figures.PALETTE[:2]
    keys = [Key("points", texts("observed"))]
    for kind, color, dash in (("posterior", after, ""), ("prior", before, "6 4")):
        keys.append(Key("line", texts(f"check.{kind}_median"), color, dash=dash))
        for level, opacity in ((50, 0.42), (95, 0.16)):
            keys.append(Key("band", texts(f"check.{kind}_interval", level=level), color, opacity))
    return keys


def _panel(context: Context, panel_id: str, one: Check) -> Panel:
    texts, kind = context.texts, PER_UNIT.get(one.unit, "number")
    written, factor = context.numbers.kind(kind), context.numbers.factor(kind)
    title = texts.known(f"check.{one.model}.{one.series}", one.series)
    people = kind == "persons"
    unit = context.unit(kind) if people else texts.known(f"check.{one.model}.{one.series}_unit", one.unit)
    before, after, seen = fans(one)
    low, high = _span(before, after, seen)
    axes = Axes(low * factor, high * factor, written.suffix, written.decimals, years=(one.x[0], one.x[-1]))
    drawn = [
        (texts("check.prior"), before.scaled(factor), figures.PALETTE[1], "dashed"),
        (texts("check.posterior"), after.scaled(factor), figures.PALETTE[0], "solid"),
    ]
    points = Points(texts("observed"), seen.years, seen.values * factor)
    figure = figures.fan_figure(drawn, axes, levels=SHOWN, points=points)
    counts = {level: held(one, level) for level in SHOWN}
    told = texts("check.held", wide=counts[95][0], half=counts[50][0], total=counts[95][1])
    left = [texts("scale.left", level=v, year=x) for v, x in leaving(before, (low, high), SHOWN).items()]
    note = " ".join([told, texts("check.left", parts=texts("answer.comma").join(left))] if left else [told])
    alt = texts("alt.check", title=title, first=one.x[0], last=one.x[-1], held=told)
    return Panel(panel_id, title, unit, alt, figure, _rows(context, title, one, kind), note)


def fans(one: Check) -> tuple[Fan, Fan, Points]:
    """Return the prior, the posterior and the observed values of a check, all in its SI unit.

    Parameters
    ----------
    one : Check
        As saved.

    Returns
    -------
    tuple of Fan, Fan and Points
    """
    x = np.asarray(one.x)
    seen = np.array([np.nan if value is None else value for value in one.observed])
    known = np.isfinite(seen)
    return Fan(x, np.array(one.prior)), Fan(x, np.array(one.posterior)), Points("", x[known], seen[known])


def held(one: Check, level: int) -> tuple[int, int]:
    """Count the observed values inside an interval of the posterior, and all of them.

    A value that the replicas start from is certain to be inside and is not counted.

    Parameters
    ----------
    one : Check
        As saved.
    level : int
        A key of `INTERVALS`.

    Returns
    -------
    tuple of int
    """
    low, high = (one.posterior[place] for place in INTERVALS[level])
    values = [(i, value) for i, value in enumerate(one.observed) if value is not None]
    free = [(i, value) for i, value in values if one.posterior[0][i] < one.posterior[-1][i]]
    return sum(low[i] <= value <= high[i] for i, value in free), len(free)


def _span(before: Fan, after: Fan, seen: Points) -> tuple[float, float]:
    """Return the ends of the axis: posterior and dots whole, the prior as far as `WIDER` allows."""
    ends = np.concatenate([after.bands.ravel(), seen.values])
    low, high = float(ends.min()), float(ends.max())
    room = WIDER * (high - low)
    lowest, highest = float(before.bands.min()), float(before.bands.max())
    return padded(min(low, max(lowest, low - room)), max(high, min(highest, high + room)))


def _head(context: Context) -> tuple[str, ...]:
    texts = context.texts
    names = [texts("series"), texts("check.x"), texts("observed")]
    for kind in ("posterior", "prior"):
        names += [texts(f"check.{kind}_median"), *(texts(f"check.{kind}_interval", level=v) for v in (50, 95))]
    return tuple(names)


def _rows(context: Context, title: str, one: Check, kind: str) -> list[tuple[Cell, ...]]:
    write, rows = context.numbers, []
    for i, x in enumerate(one.x):
        value = one.observed[i]
        cells = [title, str(x), write.write(np.nan if value is None else value, kind)]
        for bands in (one.posterior, one.prior):
            cells.append(write.write(bands[MEDIAN][i], kind))
            for low, high in (INTERVALS[50], INTERVALS[95]):
                cells.append(write.interval(bands[low][i], bands[high][i], kind))
        rows.append(tuple(Cell(text) for text in cells))
    return rows
