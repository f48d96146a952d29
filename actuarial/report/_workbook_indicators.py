"""The sheets of indicators and of paired differences: a row for every scenario, variable and place on its axes."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import xarray as xr

from actuarial.report._variables import FUNDS, described, other_axes, saved
from actuarial.report._workbook_book import MIXED, NUMBER, SHARE, YEAR, Book, Column, Scalar, Shown
from actuarial.report._workbook_funds import MAIN, began, titles_of, told_beside
from actuarial.report._workbook_lines import fund_name
from actuarial.report._workbook_words import YEARS, axis_of, label_of, name_of, unit_of_variable
from actuarial.report.blocks import Context
from actuarial.report.tidy import STATISTICS, reduced

SHOWN = ("mean", "q50", "q10", "q90", "q025", "q975", "defined")
"""The statistics of every row, in the order of the columns."""

COMPARED = ("income", "expenditure", "fiscal_transfer", "pool_balance", "accounts_balance", "balance")
"""What is compared of an account; of the pension every indicator too, of other funds those of `MAIN`."""


@dataclass(frozen=True)
class Told:
    """A variable, the file that it stands in, and the years in which each of its scenarios has the fund."""

    kind: str
    values: xr.DataArray
    there: frozenset[tuple[str, int]] | None = None

    def has(self, scenario: str, year: int | None) -> bool:
        """Whether a scenario has the fund in a year."""
        return self.there is None or year is None or (scenario, year) in self.there


def indicators_sheet(book: Book) -> None:
    """Write every indicator of every fund: those by year, then those by other axes, then single ones."""
    context, texts = book.context, book.context.texts
    sheet = book.sheet(texts("workbook.sheet.indicators"))
    sheet.title(texts("workbook.indicators"), [texts("workbook.indicators_note")])
    pension = [Told(kind, values) for kind, values in saved(context.results) if kind == "indicators"]
    variables = _sorted([*pension, *_of_funds(context)])
    others = other_axes([one.values for one in variables])
    rows = (row for one in variables for row in _rows(context, one, titles_of(context), others))
    sheet.table(_columns(context, texts("workbook.scenario"), others), rows, frozen=4)


def _of_funds(context: Context) -> Iterator[Told]:
    """Give what the other funds tell beside their accounts."""
    for kind in FUNDS:
        data: xr.Dataset | None = getattr(context.results, kind)
        if data is not None:
            names, years = data["scenario"].values.tolist(), data["year"].values.tolist()
            there = frozenset((names[s], years[y]) for s, y in np.argwhere(began(data)))
            yield from (Told(kind, values, there) for values in told_beside(data))


def differences_sheet(book: Book) -> None:
    """Write how every scenario differs from the first, draw by draw before anything is reduced.

    Years of depletion are left out: in a future in which one of two scenarios never runs out they have no difference.
    So is a fund that the first scenario does not have.
    """
    context, texts = book.context, book.context.texts
    sheet = book.sheet(texts("workbook.sheet.differences"))
    sheet.title(texts("workbook.differences"), [texts("workbook.differences_note", first=context.title(0))])
    first = context.results.manifest.scenarios[0].name
    variables = _sorted([Told(one.kind, _paired(one.values, first)) for one in _compared(context, first)])
    others = other_axes([one.values for one in variables])
    rows = (row for one in variables for row in _rows(context, one, _pairs(context), others))
    sheet.table(_columns(context, texts("workbook.pair"), others), rows, frozen=4)


def _sorted(variables: list[Told]) -> list[Told]:
    """Put those by year first, then those by other axes, then single ones; each group in the order of its file."""
    return sorted(variables, key=lambda one: _axes(one.values))


def _axes(values: xr.DataArray) -> int:
    return 0 if "year" in values.dims else 1 if other_axes([values]) else 2


def _compared(context: Context, first: str) -> Iterator[Told]:
    for kind, values in saved(context.results):
        wanted = described(values)[0] != YEARS if kind == "indicators" else values.name in _wanted(kind)
        if wanted and "scenario" in values.dims and first in values["scenario"].values:
            yield Told(kind, values)


def _wanted(kind: str) -> tuple[str, ...]:
    if kind == "household":
        return ("need_share",)
    return (*COMPARED, *MAIN[kind]) if kind in FUNDS else COMPARED if kind == "account" else ()


def _pairs(context: Context) -> dict[str, str]:
    first, *later = context.results.manifest.scenarios
    title = context.texts.pick(first.title_en, first.title_zh)
    words = {one.name: context.texts.pick(one.title_en, one.title_zh) for one in later}
    return {n: context.texts("differences.pair", later=word, earlier=title) for n, word in words.items()}


def _paired(values: xr.DataArray, first: str) -> xr.DataArray:
    """Return the other scenarios less the first, with the attributes of the variable."""
    every = values.astype(float)
    later = every.sel(scenario=values["scenario"].values != first) - every.sel(scenario=first, drop=True)
    return later.transpose(*values.dims).assign_attrs(values.attrs).rename(values.name)


def _columns(context: Context, what: str, others: Sequence[str]) -> list[Column]:
    texts = context.texts
    heads = [texts("workbook.mean"), texts("median")]
    heads += [texts("workbook.quantile", level=level) for level in ("10", "90", "2.5", "97.5")]
    return [
        Column(what, 44),
        Column(texts("workbook.fund"), 18),
        Column(texts("indicator"), 34),
        Column(texts("year"), 8, YEAR),
        *(Column(axis_of(context, axis), 12, MIXED) for axis in others),
        Column(texts("workbook.unit"), 30),
        *(Column(head, 13, NUMBER) for head in heads),
        Column(texts("workbook.defined"), 13, SHARE),
        Column(texts("workbook.key"), 26),
    ]


def _rows(context: Context, told: Told, names: dict[str, str], others: Sequence[str]) -> Iterator[list[Scalar]]:
    values, key = told.values, str(told.values.name)
    unit, name, fund = (
        unit_of_variable(context, values),
        name_of(context, key, told.kind),
        fund_name(context, told.kind),
    )
    found = reduced(values)
    dims = [str(dim) for dim in found.dims[1:]]
    known = {dim: found[dim].values.tolist() for dim in dims}
    stats = np.moveaxis(found.values[[STATISTICS.index(one) for one in SHOWN]], 0, -1)
    never = context.numbers.never if described(values)[0] == YEARS and "scenario" in values.dims else None
    for place in np.ndindex(*stats.shape[:-1]):
        labels = {dim: known[dim][at] for dim, at in zip(dims, place, strict=True)}
        scenario, year = str(labels.get("scenario", "")), labels.get("year")
        if not told.has(scenario, year):
            continue
        *numbers, defined = stats[place].tolist()
        yield [
            names.get(scenario, scenario),
            fund,
            name,
            year,
            *(_label(context, labels[axis]) if axis in labels else None for axis in others),
            unit.words,
            *(Shown(number, unit.form) for number in _numbers(numbers, unit.factor, never)),
            defined,
            key,
        ]


def _numbers(values: list[float], factor: float, never: str | None) -> Iterator[float | str | None]:
    """Give mean and quantiles; a mean of years, some of which never come, is none, a quantile may say so."""
    for place, value in enumerate(values):
        yield value * factor if math.isfinite(value) else never if place else None


def _label(context: Context, label: object) -> Scalar:
    """Return the label of an axis as a cell: a number stays one, an infinite one is a sign."""
    return "∞" if isinstance(label, float) and np.isinf(label) else label_of(context, label)
