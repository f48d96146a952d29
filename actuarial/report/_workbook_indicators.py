"""The sheets of indicators and of paired differences: a row for every scenario, variable and place on its axes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import xarray as xr

from actuarial.report._variables import described, other_axes, saved
from actuarial.report._workbook_book import MIXED, NUMBER, SHARE, YEAR, Book, Column, Scalar, Shown
from actuarial.report._workbook_words import YEARS, axis_of, label_of, name_of, unit_of_variable
from actuarial.report.blocks import Context
from actuarial.report.tidy import STATISTICS, reduced

SHOWN = ("mean", "q50", "q10", "q90", "q025", "q975", "defined")
"""The statistics of every row, in the order of the columns."""

COMPARED = ("income", "expenditure", "fiscal_transfer", "pool_balance", "accounts_balance", "balance")
"""What is compared of the account, besides every indicator."""


def indicators_sheet(book: Book) -> None:
    """Write every indicator: those by year, then those by other axes, then single ones."""
    context, texts = book.context, book.context.texts
    sheet = book.sheet(texts("workbook.sheet.indicators"))
    sheet.title(texts("workbook.indicators"), [texts("workbook.indicators_note")])
    variables = _sorted(values for kind, values in saved(context.results) if kind == "indicators")
    names = {scenario.name: context.title(s) for s, scenario in enumerate(context.results.manifest.scenarios)}
    others = other_axes(variables)
    rows = (row for values in variables for row in _rows(context, values, names, others))
    sheet.table(_columns(context, texts("workbook.scenario"), others), rows, frozen=3)


def differences_sheet(book: Book) -> None:
    """Write how every scenario differs from the first, draw by draw before anything is reduced.

    Years of depletion are left out: in a future in which one of two scenarios never runs out they have no difference.
    """
    context, texts = book.context, book.context.texts
    sheet = book.sheet(texts("workbook.sheet.differences"))
    sheet.title(texts("workbook.differences"), [texts("workbook.differences_note", first=context.title(0))])
    variables = _sorted(_compared(context))
    others = other_axes(variables)
    names = _pairs(context)
    rows = (row for values in variables for row in _rows(context, _paired(values), names, others))
    sheet.table(_columns(context, texts("workbook.pair"), others), rows, frozen=3)


def _sorted(variables: Iterator[xr.DataArray]) -> list[xr.DataArray]:
    """Put those by year first, then those by other axes, then single ones; each group in the order of its file."""
    return sorted(variables, key=lambda one: 0 if "year" in one.dims else 1 if other_axes([one]) else 2)


def _compared(context: Context) -> Iterator[xr.DataArray]:
    for kind, values in saved(context.results):
        wanted = described(values)[0] != YEARS if kind == "indicators" else values.name in COMPARED
        if wanted and "scenario" in values.dims:
            yield values


def _pairs(context: Context) -> dict[str, str]:
    first, *later = context.results.manifest.scenarios
    title = context.texts.pick(first.title_en, first.title_zh)
    words = {one.name: context.texts.pick(one.title_en, one.title_zh) for one in later}
    return {n: context.texts("differences.pair", later=word, earlier=title) for n, word in words.items()}


def _paired(values: xr.DataArray) -> xr.DataArray:
    """Return later scenarios less the first, with the attributes of the variable."""
    every = values.astype(float)
    first, later = every.isel(scenario=0, drop=True), every.isel(scenario=slice(1, None))
    return (later - first).transpose(*values.dims).assign_attrs(values.attrs).rename(values.name)


def _columns(context: Context, what: str, others: Sequence[str]) -> list[Column]:
    texts = context.texts
    heads = [texts("workbook.mean"), texts("median")]
    heads += [texts("workbook.quantile", level=level) for level in ("10", "90", "2.5", "97.5")]
    return [
        Column(what, 44),
        Column(texts("indicator"), 34),
        Column(texts("year"), 8, YEAR),
        *(Column(axis_of(context, axis), 12, MIXED) for axis in others),
        Column(texts("workbook.unit"), 30),
        *(Column(head, 13, NUMBER) for head in heads),
        Column(texts("workbook.defined"), 13, SHARE),
        Column(texts("workbook.key"), 26),
    ]


def _rows(
    context: Context, values: xr.DataArray, names: dict[str, str], others: Sequence[str]
) -> Iterator[list[Scalar]]:
    unit, name, key = unit_of_variable(context, values), name_of(context, str(values.name)), str(values.name)
    found = reduced(values)
    axes = {str(dim): found[dim].values.tolist() for dim in found.dims[1:]}
    stats = found.values[[STATISTICS.index(one) for one in SHOWN]]
    never = context.numbers.never if described(values)[0] == YEARS and "scenario" in values.dims else None
    for place in np.ndindex(*stats.shape[1:]):
        labels = {dim: known[at] for (dim, known), at in zip(axes.items(), place, strict=True)}
        scenario = str(labels.get("scenario", ""))
        # A mean of years, some of which never come, is none; a quantile may fall on one that comes.
        told = (None, *(never for _ in SHOWN[1:]))
        numbers = [_number(stats[(row, *place)], unit.factor, told[row]) for row in range(len(SHOWN) - 1)]
        yield [
            names.get(scenario, scenario),
            name,
            int(labels["year"]) if "year" in labels else None,
            *(_label(context, labels[axis]) if axis in labels else None for axis in others),
            unit.words,
            *(Shown(number, unit.form) for number in numbers),
            float(stats[(-1, *place)]),
            key,
        ]


def _number(value: float, factor: float, never: str | None) -> float | str | None:
    return value * factor if np.isfinite(value) else never


def _label(context: Context, label: object) -> Scalar:
    """Return the label of an axis as a cell: a number stays one, an infinite one is a sign."""
    return "∞" if isinstance(label, float) and np.isinf(label) else label_of(context, label)
