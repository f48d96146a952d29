"""The data of a run as its records show them: how old, how whole, where they were read, what was rebuilt."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import xarray as xr

from actuarial.report._opinion_rules import AGE, FEW, PRESS, Finding, Grade, Part, rising
from actuarial.report.blocks import Cell, Context, Table
from actuarial.report.records import Check, Observed
from actuarial.report.summary import INTERVALS, MEDIAN, quantiles

CORE = ("contributors", "pensioners", "fund_balance")
"""Without these no fund can be valued."""

SERIES = {
    "contributors": "scored.contributors",
    "pensioners": "scored.pensioners",
    "fund_balance": "scored.balance",
    "fund_income": "scored.fund income",
    "fund_expenditure": "scored.expenditure",
    "tfr": "scored.tfr",
    "e0_female": "scored.e0 of women",
    "e0_male": "scored.e0 of men",
    "rural_population": "scored.rural population",
    "population_60plus": "scored.population 60+",
    "rural_income": "scored.rural income",
    "budget_revenue": "scored.budget revenue",
    "land_income": "scored.land income",
}
"""Published series that are judged, and their names; a ratio that only a census gives is none of them."""

LEARNED = (
    ("migration", "births"),
    ("membership", "employee"),
    ("membership", "compliance"),
    ("membership", "contribution"),
    ("membership", "basic"),
    ("economy", "inflation"),
    ("economy", "deposit_rate"),
    ("economy", "market_return"),
)
"""Further yearly series that the models learned from: model and series."""

NAMED = {("membership", "compliance"): "opinion.series.compliance"}
"""Names of series that the charts call by the name of a published one."""

SECOND_HAND = ("press", "secondary", "abstract")
"""What the licence line of a source says if the figure was not read in the publication itself."""


@dataclass(frozen=True)
class SeriesFacts:
    """One published series: its name, its years, and where it was read."""

    name: str
    core: bool
    years: tuple[int, ...]
    sources: frozenset[str]
    notes: Mapping[int, str] | None = None

    @property
    def last(self) -> int:
        """The newest year."""
        return max(self.years)

    @property
    def missing(self) -> int:
        """Years between the first and the last that have no value."""
        return self.last - min(self.years) + 1 - len(self.years)


@dataclass(frozen=True)
class DataFacts:
    """What the records say of the data: the series, and the keys of sources read at second hand."""

    series: list[SeriesFacts]
    lacking: list[str]
    second_hand: frozenset[str]

    @property
    def sources(self) -> frozenset[str]:
        """Keys of all sources of the series."""
        return frozenset().union(*(one.sources for one in self.series))


def facts(context: Context) -> DataFacts:
    """Gather the series of a run.

    Parameters
    ----------
    context : Context
        Results, texts, numbers.

    Returns
    -------
    DataFacts
        Of the published series and of those the models learned from.
    """
    results = context.results
    found = [
        SeriesFacts(context.texts(words), name in CORE, tuple(one.years), frozenset(one.sources), one.notes)
        for name, words in SERIES.items()
        if (one := results.observed.get(name)) and one.years
    ]
    known = {(one.model, one.series): one for one in results.checks if one.axis == "year"}
    for key in LEARNED:
        if key in known and (years := seen(known[key])):
            name = context.texts(NAMED.get(key, f"check.{key[0]}.{key[1]}"))
            found.append(SeriesFacts(name, False, tuple(years), frozenset(known[key].sources)))
    lacking = [context.texts(SERIES[name]) for name in CORE if not _known(results.observed.get(name))]
    recorded = {one.key: one.licence.lower() for one in results.sources}
    second = {key for key, text in recorded.items() if any(word in text for word in SECOND_HAND)}
    return DataFacts(found, lacking, frozenset(second))


def _known(series: Observed | None) -> bool:
    return series is not None and bool(series.years)


def seen(check: Check) -> dict[int, float]:
    """Return the published values of a check by year."""
    return {year: value for year, value in zip(check.x, check.observed, strict=True) if value is not None}


def findings(context: Context, data: DataFacts) -> list[Finding]:
    """Judge the data by the rules.

    Parameters
    ----------
    context : Context
        Texts and numbers; the account's opening.
    data : DataFacts
        From `facts`.

    Returns
    -------
    list of Finding
        Where they were read, how old, how whole, how long, and what was rebuilt.
    """
    if not data.series:
        return [_finding(context, Grade.UNSUPPORTED, "data_none")]
    return [
        _read(context, data),
        *_core(context, data),
        *_others(context, data),
        _gaps(context, data),
        _short(context, data),
        _noted(context, data),
        _rebuilt(context),
    ]


def _finding(context: Context, grade: Grade, key: str, **values: object) -> Finding:
    texts = context.texts
    return Finding(grade, texts(f"opinion.label.{key.partition('.')[0]}"), texts(f"opinion.{key}", **values))


def _listed(context: Context, parts: Iterator[str] | list[str]) -> str:
    return context.texts("opinion.join").join(parts)


def _read(context: Context, data: DataFacts) -> Finding:
    total, second = len(data.sources), len(data.sources & data.second_hand)
    if not total:
        return _finding(context, Grade.UNSUPPORTED, "read.none")
    word = rising(second / total, PRESS)
    key = "read." + ("few", "part", "most")[word]
    # Even when most were read at second hand they are official figures: a reservation, no more.
    return _finding(context, min(word, Grade.RESERVED), key, total=total, second=second)


def _core(context: Context, data: DataFacts) -> Iterator[Finding]:
    core = [one for one in data.series if one.core]
    if data.lacking:
        grade = Grade.RESERVED if core else Grade.UNSUPPORTED
        yield _finding(context, grade, "lacking", series=_listed(context, data.lacking))
    if core:
        oldest = min(core, key=lambda one: one.last)
        grade = rising(context.now - oldest.last, AGE)
        key = "age." + ("new", "old", "too_old")[grade]
        yield _finding(context, grade, key, series=oldest.name, last=oldest.last, now=context.now)


def _others(context: Context, data: DataFacts) -> Iterator[Finding]:
    behind = [one for one in data.series if not one.core and context.now - one.last >= AGE[0]]
    if behind:
        parts = _listed(context, [context.texts("opinion.of_year", series=one.name, year=one.last) for one in behind])
        yield _finding(context, Grade.RESERVED, "behind", series=parts)


def _gaps(context: Context, data: DataFacts) -> Finding:
    broken = [one for one in data.series if one.missing]
    if not broken:
        return _finding(context, Grade.CLEAR, "gaps.none")
    parts = [context.texts("opinion.of_count", series=one.name, count=one.missing) for one in broken]
    return _finding(context, Grade.RESERVED, "gaps.some", series=_listed(context, parts))


def _short(context: Context, data: DataFacts) -> Finding:
    short = [one for one in data.series if len(one.years) < FEW]
    if not short:
        return _finding(context, Grade.CLEAR, "short.none", few=FEW)
    parts = [context.texts("opinion.of_count", series=one.name, count=len(one.years)) for one in short]
    return _finding(context, Grade.RESERVED, "short.some", series=_listed(context, parts), few=FEW)


def _noted(context: Context, data: DataFacts) -> Finding:
    """Say how many values carry a note: summed, derived, rounded, preliminary, or at odds with another figure."""
    kept = [one for one in data.series if one.notes is not None]
    if not kept:
        return _finding(context, Grade.RESERVED, "noted.unkept")
    noted, values = sum(len(one.notes or {}) for one in kept), sum(len(one.years) for one in kept)
    if not noted:
        return _finding(context, Grade.CLEAR, "noted.none", values=values)
    return _finding(context, Grade.RESERVED, "noted.some", noted=noted, values=values)


def _note_rows(data: DataFacts) -> Iterator[tuple[Cell, ...]]:
    """Give a row for every note of a series, with the years that it is of."""
    for one in data.series:
        years: dict[str, list[int]] = {}
        for year, note in sorted((one.notes or {}).items()):
            years.setdefault(note, []).append(year)
        for note, some in years.items():
            span = f"{some[0]}–{some[-1]}" if len(some) > 1 and len(some) == some[-1] - some[0] + 1 else ""
            yield Cell(one.name), Cell(span or ", ".join(map(str, some))), Cell(note)


def _rebuilt(context: Context) -> Finding:
    account, write = context.results.account, context.numbers
    if not {"opening_balance", "opening_accounts"} <= set(account):
        return _finding(context, Grade.RESERVED, "rebuilt.plain")
    balance, owed = (_opening(account[name]) for name in ("opening_balance", "opening_accounts"))
    low, high = (float(owed[place]) for place in INTERVALS[80])
    return _finding(
        context, Grade.RESERVED, "rebuilt.told", now=context.now, yuan=write.yuan, level=80,
        balance=write.write(float(balance[MEDIAN]), "money"), owed=write.write(float(owed[MEDIAN]), "money"),
        interval=write.interval(low, high, "money"),
    )  # fmt: skip


def _opening(stock: xr.DataArray) -> np.ndarray:
    """Return the quantiles of an opening stock in the first scenario: no reform changes the past."""
    return quantiles(stock.isel(scenario=0) if "scenario" in stock.dims else stock)


def part(context: Context, data: DataFacts, found: list[Finding]) -> Part:
    """Return the section on data: sentences, what was found, and a row for every series."""
    texts = context.texts
    values = sum(len(one.years) for one in data.series)
    words = [texts("opinion.data_lead", series=len(data.series), values=values, sources=len(data.sources))]
    words.append(texts("opinion.data_region" if context.region else "opinion.data_people"))
    head = ("series", "first", "last", "values", "missing", "sources", "second")
    rows = [_row(one, data) for one in data.series]
    table = Table(texts("opinion.data_table"), tuple(texts(f"opinion.head.{name}") for name in head), rows)
    named = tuple(texts(f"opinion.head.{name}") for name in ("series", "years", "note"))
    noted = Table(texts("opinion.noted_table"), named, list(_note_rows(data)))
    folded = [one for one in (table, noted) if one.rows]
    return Part("data", ("2.2, 3.1", "2"), words, found, folded=folded, see=["models", "sources"])


def _row(one: SeriesFacts, data: DataFacts) -> tuple[Cell, ...]:
    second = len(one.sources & data.second_hand)
    cells = (min(one.years), one.last, len(one.years), one.missing, len(one.sources), second)
    return (Cell(one.name), *(Cell(str(value)) for value in cells))
