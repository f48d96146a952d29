"""The results in words of likelihood, and every measure of an actuarial valuation that the run holds."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import xarray as xr

from actuarial.report._opinion_rules import Part, likelihood
from actuarial.report.blocks import Cell, Context, Table
from actuarial.report.numbers import DASH
from actuarial.report.summary import INTERVALS, MEDIAN, probability, quantiles

EMPTY_BY = (2035, 2050, 2075)
SAID = (2050, 2075)
"""The years that are put into sentences; the table has one more."""

MEASURED_IN = (2030, 2050, 2075)
"""Years in which a yearly measure is shown."""

LEDGERS = ("pool", "fund")

MEASURES = (
    "actuarial_balance",
    "actuarial_balance_infinite",
    "general_average_premium",
    "general_average_premium_infinite",
    "scaled_premium",
    "steady_state_rate",
    "open_group_obligation",
    "open_group_unfunded",
    "closed_group_obligation",
    "future_entrants_obligation",
    "accrued_obligation",
    "implicit_pension_debt",
    "implicit_debt_ratio",
    "tail_present_value",
    "balance_ratio",
    "pension_to_subsistence",
)
"""Measures that are shown where a run holds them, in this order."""


def chance(context: Context, ledger: str, scenario: int, year: int) -> float:
    """Return the share of simulated futures in which a ledger has run empty by the end of a year."""
    return float(probability(context.results.indicators[f"{ledger}_empty"].isel(scenario=scenario).sel(year=year)))


def verdicts(context: Context) -> list[str]:
    """Say for each scenario how likely it is that pool and fund are empty, by the years `SAID`.

    Parameters
    ----------
    context : Context
        Indicators, texts, numbers.

    Returns
    -------
    list of str
        A line a scenario; of a forecast that ends before all years, by its end.
    """
    first, *later = context.within(SAID) or [context.results.manifest.last_year]
    made = []
    for s in range(len(context.results.manifest.scenarios)):
        line = context.texts("opinion.verdict", scenario=context.title(s), **_words(context, s, first))
        for year in later:
            more = context.texts("opinion.verdict_later", **_words(context, s, year))
            line = context.texts("opinion.sentences", one=line, more=more)
        made.append(line)
    return made


def _words(context: Context, scenario: int, year: int) -> dict[str, object]:
    """Return the words and the numbers for both ledgers in one year."""
    shares = {ledger: chance(context, ledger, scenario, year) for ledger in LEDGERS}
    words = {ledger: context.texts(f"opinion.likely.{likelihood(share)}") for ledger, share in shares.items()}
    told = {f"{ledger}_chance": context.numbers.chance(share) for ledger, share in shares.items()}
    return {"year": year, **words, **told}


def part(context: Context) -> Part:
    """Return the section on results: a sentence a scenario, and a table with one column a scenario."""
    texts = context.texts
    words = [texts("opinion.results_lead"), *verdicts(context)]
    return Part(
        "results", ("3.1", "4, 9"), words, tables=[_table(context)], notes=[texts("opinion.results_note")],
        see=["answer", "indicators"],
    )  # fmt: skip


def _table(context: Context) -> Table:
    texts, count = context.texts, len(context.results.manifest.scenarios)
    rows: list[tuple[Cell, ...]] = []
    for ledger in LEDGERS:
        rows.append((Cell(texts(f"headline.{ledger}")),))
        for year in context.within(EMPTY_BY):
            shares = (chance(context, ledger, s, year) for s in range(count))
            rows.append((Cell(texts("headline.by", year=year)), *(_likely(context, share) for share in shares)))
        years = (_year(context, ledger, s) for s in range(count))
        rows.append((Cell(texts("headline.median"), (texts("interval.level", level=80),)), *years))
    rows.append((Cell(texts("opinion.measures"), (texts("opinion.measures_note", level=80),)),))
    rows += list(_measures(context))
    head = (texts("headline.measure"), *(context.title(s) for s in range(count)))
    return Table(texts("opinion.results_table"), head, rows)


def _likely(context: Context, share: float) -> Cell:
    return Cell(context.texts(f"opinion.likely.{likelihood(share)}"), (context.numbers.chance(share),))


def _year(context: Context, ledger: str, scenario: int) -> Cell:
    """Write the median year in which a ledger runs empty, and its interval where that is not wholly beyond the end."""
    q, write = (
        quantiles(context.results.indicators[f"{ledger}_depletion_year"].isel(scenario=scenario)),
        context.numbers,
    )
    low, main, high = (write.year(float(q[place])) for place in (INTERVALS[80][0], MEDIAN, INTERVALS[80][1]))
    return Cell(main, () if low == write.never else (write.between(low, high),))


def _measures(context: Context) -> Iterator[tuple[Cell, ...]]:
    data = context.results.indicators
    for name in MEASURES:
        if name not in data or "scenario" not in data[name].dims:
            continue
        kind, unit = _unit(context, str(data[name].attrs.get("unit", "")))
        for place, values in _places(context, data[name]):
            title = context.texts(f"opinion.measure.{name}")
            words = context.texts("opinion.measure_at", measure=title, place=place) if place else title
            cells = (_spread(context, values.isel(scenario=s), kind) for s in range(values.sizes["scenario"]))
            yield (Cell(words, (unit,)), *cells)


def _unit(context: Context, unit: str) -> tuple[str, str]:
    """Return how a unit is written, and its words."""
    if unit == "yuan":
        return "money", context.texts("opinion.unit.money", yuan=context.numbers.yuan)
    kind = "share" if unit.startswith("share") else "number"
    return kind, context.texts.known(f"opinion.unit.{unit}", context.texts.known(f"unit.{unit}", unit))


def _places(context: Context, values: xr.DataArray) -> Iterator[tuple[str, xr.DataArray]]:
    """Give a measure as it stands, at each of its horizons, or in a few years; a table of more would not be read."""
    own = [str(dim) for dim in values.dims if dim not in ("scenario", "draw")]
    if not own:
        yield "", values
    elif own == ["year"]:
        known = set(values["year"].values.tolist())
        for year in (year for year in context.within(MEASURED_IN) if year in known):
            yield str(year), values.sel(year=year)
    elif len(own) == 1:
        for label in values[own[0]].values.tolist():
            yield _label(context, own[0], label), values.sel({own[0]: label})


def _label(context: Context, dim: str, label: object) -> str:
    if dim != "horizon" or not isinstance(label, int | float):
        return str(label)
    return (
        context.texts("balance.horizon", years=round(label)) if np.isfinite(label) else context.texts("opinion.forever")
    )


def _spread(context: Context, values: xr.DataArray, kind: str) -> Cell:
    """Write median and 80 % interval of the futures in which the measure exists, and how many these are."""
    exists = float(probability(values.notnull().astype(float)))
    known = values.dropna("draw") if "draw" in values.dims else values
    if not exists:
        return Cell(DASH)
    q, write = quantiles(known), context.numbers
    low, high = (float(q[place]) for place in INTERVALS[80])
    below = [write.interval(low, high, kind)]
    if exists < 1:
        below.append(context.texts("opinion.exists", share=write.chance(exists)))
    return Cell(write.write(float(q[MEDIAN]), kind), tuple(below))
