"""The published past of the medical fund: its series, their sources, and the model's account of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import xarray as xr

from actuarial.report.blocks import Block, Cell, Context, Key, Panel, Table, fan_legend, fan_panel
from actuarial.report.figures import Points
from actuarial.report.money import inside_widest
from actuarial.report.records import Source
from actuarial.report.summary import INTERVALS, MEDIAN, fan

SERIES = {
    "enrolled": ("persons", ("resident_enrollees_longrun",)),
    "stays": ("count", ("resident_discharges",)),
    "visits": ("count", ("resident_outpatient_visits_longrun",)),
    "stay_cost": ("money", ("resident_inpatient_cost",)),
    "visit_cost": ("money", ("resident_outpatient_cost",)),
    "chronic": ("money", ("resident_chronic_outpatient_cost",)),
    "income": ("money", ("resident_fund_income", "flash_resident_fund_income")),
    "spent": ("money", ("resident_fund_expenditure", "flash_resident_fund_expenditure")),
    "balance": ("money", ("resident_fund_cumulative_balance", "flash_resident_fund_cumulative_balance")),
}
"""Series of ``medical_backcast.nc`` in the order of the page: what they count, and under which names the data have
them. Stays and visits are counted as people are."""


def published(context: Context, name: str, kind: str, *, deflated: bool = False) -> Points | None:
    """Return a published series in the reader's unit.

    Parameters
    ----------
    context : Context
    name : str
        One of `SERIES`.
    kind : str
        A key of `actuarial.report.numbers.KINDS`.
    deflated : bool
        At constant prices, by the median of the price index.

    Returns
    -------
    Points or None
        None where the run has no such series.
    """
    past = context.results.medical_backcast
    if past is None or f"observed_{name}" not in past:
        return None
    seen = past[f"observed_{name}"].dropna("year")
    if deflated:
        prices = context.results.projection["price_index"].sel(year=seen["year"].values)
        seen = seen / (prices.median("draw") if "draw" in prices.dims else prices)
    return Points(context.texts("observed"), seen["year"].values, seen.values * context.numbers.factor(kind))


def cited(context: Context, series: Sequence[str]) -> list[Source]:
    """Return the sources of published series, in the order of the page's list.

    Parameters
    ----------
    context : Context
    series : sequence of str
        Names of `SERIES`; those that the run does not have are left out.

    Returns
    -------
    list of Source
    """
    past = context.results.medical_backcast
    shown = [name for name in series if past is not None and f"observed_{name}" in past]
    indicators = {indicator for name in shown for indicator in SERIES[name][1]}
    return [source for source in context.results.sources if indicators & set(source.indicators)]


def backcast(context: Context, data: xr.Dataset) -> Block:
    """Return the published past on the model's intervals, and count how often it lies inside the widest.

    Parameters
    ----------
    context : Context
    data : xarray.Dataset
        ``medical_backcast.nc``: series over (draw?, year) and their ``observed_`` over (year,).

    Returns
    -------
    Block
        A panel for each of `SERIES` that the file has.
    """
    texts = context.texts
    names = [name for name in SERIES if name in data]
    counts = {name: held(data, name) for name in names}
    inside, total = (sum(count) for count in zip(*counts.values(), strict=True))
    title, lead = texts("medical.past.title"), texts("medical.past.lead", inside=inside, total=total)
    head = (*(texts(key) for key in ("series", "year", "observed", "median")), texts("interval.level", level=95))
    table = Table(title, head, [row for name in names for row in _rows(context, name, data)])
    legend = [*fan_legend(context), Key("points", texts("observed"))]
    panels = [_panel(context, name, data, counts[name]) for name in names]
    return Block("medical-past", title, lead, panels, legend, cited(context, names), table)


def held(data: xr.Dataset, name: str) -> tuple[int, int]:
    """Count published values inside the 95 % interval, and all that were simulated.

    Parameters
    ----------
    data : xarray.Dataset
        ``medical_backcast.nc``.
    name : str
        One of its series.

    Returns
    -------
    tuple of int
        Years inside, years compared. A year that is the same in every draw is given, not simulated (the balance that
        the others are carried from), and does not count.
    """
    one = fan(data[name])
    low, high = (one.bands[place] for place in INTERVALS[95])
    free = one.years[low < high]
    return inside_widest(one, data[f"observed_{name}"].sel(year=free).dropna("year"))


def _kind(name: str) -> str:
    """Return how a series is written: what is counted goes by the unit of people."""
    return "money" if SERIES[name][0] == "money" else "persons"


def _unit(context: Context, name: str) -> str:
    counted = SERIES[name][0]
    if counted == "money":
        return context.texts("backcast.money", yuan=context.numbers.yuan)
    if counted == "persons":
        return context.unit("persons")
    return context.texts("medical." + context.numbers.scale.persons.replace("people", "count"))


def _panel(context: Context, name: str, data: xr.Dataset, count: tuple[int, int]) -> Panel:
    kind = _kind(name)
    words = (context.texts(f"medical.past.{name}"), _unit(context, name))
    points = published(context, name, kind)
    panel = fan_panel(context, f"medical-past-{name}", words, fan(data[name]), kind, points=points)
    note = context.texts("medical.past.held", inside=count[0], total=count[1])
    return replace(panel, note=f"{note} {panel.note}".strip(), alt=f"{panel.alt} {note}")


def _rows(context: Context, name: str, data: xr.Dataset) -> list[tuple[Cell, ...]]:
    kind, one = _kind(name), fan(data[name])
    low, high = INTERVALS[95]
    rows = []
    for year, value in zip(data["year"].values, data[f"observed_{name}"].values, strict=True):
        at = one.at(int(year))
        if at is None or not np.isfinite(value):
            continue
        texts = (
            context.texts(f"medical.past.{name}"),
            str(year),
            context.numbers.write(float(value), kind),
            context.numbers.write(float(at[MEDIAN]), kind),
            context.numbers.interval(float(at[low]), float(at[high]), kind),
        )
        rows.append(tuple(Cell(text) for text in texts))
    return rows
