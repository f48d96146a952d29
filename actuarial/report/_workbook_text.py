"""The sheets of words: summary, assumptions, sources, notes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import numpy as np
import xarray as xr

from actuarial.report import assumed
from actuarial.report._variables import described, saved
from actuarial.report._workbook_book import MIXED, SHADE, SHARE, YEAR, Book, Column, Scalar, Sheet, Shown
from actuarial.report._workbook_words import name_of, unit_of, unit_of_variable
from actuarial.report.blocks import Context
from actuarial.report.numbers import DASH
from actuarial.report.records import Assumption
from actuarial.report.summary import base_year, probability
from actuarial.report.tables import EMPTY_BY, NEED_IN
from actuarial.report.tidy import reduced

LABELS, ANSWERS = 62.0, 26.0
"""Widths of the summary's columns: of labels, and of what stands beside them."""

FEWEST = 3
"""Columns of answers that the summary has at least, so that its sentences have room."""

MIDDLE, LOW, HIGH = "q50", "q10", "q90"

NOTES = ("money", "rows", "quantiles", "never", "ledgers", "formulas", "differences", "draws", "limits")
"""Keys of the general notes."""


# -- summary


def summary_sheet(book: Book) -> Sheet:
    """Write the answer, the headline, the scenarios and the run; `contents` adds the sheets when all are there."""
    context, texts = book.context, book.context.texts
    manifest = context.results.manifest
    sheet = book.sheet(texts("workbook.sheet.summary"))
    columns = 1 + max(len(manifest.scenarios), FEWEST)
    sheet.widths([LABELS] + [ANSWERS] * (columns - 1))
    sheet.title(texts.pick(manifest.title, manifest.title_zh))
    for line in manifest.answer_zh if texts.language == "zh" else manifest.answer:
        sheet.paragraph(line, columns)
    for warning in _warnings(context):
        sheet.paragraph(warning, columns)
    _headline(sheet, context)
    sheet.section(texts("page.scenarios"))
    for place, scenario in enumerate(manifest.scenarios):
        sheet.line([context.title(place)], bold=True)
        sheet.paragraph(texts.pick(scenario.description_en, scenario.description_zh), columns)
        _changes(sheet, context, place)
    sheet.section(texts("page.run"))
    for label, value in _run(context):
        sheet.line([label, value], align="left")
    return sheet


def contents(book: Book, sheet: Sheet) -> None:
    """Write links to every sheet at the end of the summary."""
    sheet.section(book.context.texts("page.contents"))
    for name in book.names:
        sheet.link(name)


def _warnings(context: Context) -> list[str]:
    manifest, texts = context.results.manifest, context.texts
    told = manifest.warnings_zh if texts.language == "zh" and manifest.warnings_zh else manifest.warnings
    failed = [texts.known(f"model.{one.model}", one.model) for one in context.results.diagnostics if not one.passed]
    return [*told, *([texts("workbook.gate_failed", models=texts("workbook.comma").join(failed))] if failed else [])]


def _headline(sheet: Sheet, context: Context) -> None:
    texts, count = context.texts, len(context.results.manifest.scenarios)
    sheet.section(texts("headline.title"))
    sheet.line([texts("headline.measure"), *(context.title(s) for s in range(count))], bold=True, bg_color=SHADE)
    for what, cells in (*_emptied(context), *_needs(context)):
        sheet.line([what, *cells], align="left")


def _emptied(context: Context) -> Iterator[tuple[str, list[Scalar]]]:
    """Give when the pension's pool and fund, and the medical fund, have run out."""
    texts, results = context.texts, context.results
    funds = [("pool", results.indicators, "pool"), ("fund", results.indicators, "fund")]
    if results.medical is not None:
        funds.append(("medical", results.medical, "fund"))
    for words, data, ledger in funds:
        for label, cells in _empty(context, data, ledger):
            yield texts("workbook.pair_of", what=texts(f"headline.{words}"), detail=label), cells


def _empty(context: Context, data: xr.Dataset, ledger: str) -> Iterator[tuple[str, list[Scalar]]]:
    """Give the probabilities of having run out, then median and 80 % interval of the year."""
    texts = context.texts
    for year in context.within(EMPTY_BY):
        shares = _by_scenario(context, probability(data[f"{ledger}_empty"].sel(year=year)))
        yield texts("workbook.chance", year=year), [None if v is None else Shown(v, SHARE) for v in shares]
    found = reduced(data[f"{ledger}_depletion_year"])
    for statistic in (MIDDLE, LOW, HIGH):
        values = _by_scenario(context, found.sel(statistic=statistic))
        label = texts("workbook.year_of", statistic=_statistic(context, statistic))
        yield label, [None if v is None else _year(context, v) for v in values]


def _year(context: Context, value: float) -> Shown:
    return Shown(round(value) if np.isfinite(value) else context.numbers.never, YEAR)


def _needs(context: Context) -> Iterator[tuple[str, list[Scalar]]]:
    """Give what the pension needs of budgets, and what all funds need together where there are others."""
    texts, household = context.texts, context.results.household
    needs = [("need" if household is None else "need_pension", context.results.indicators["fiscal_need_share"])]
    if household is not None:
        needs.append(("need_all", household["need_share"]))
    years = [context.results.manifest.first_year, *context.within(NEED_IN)]
    for words, values in needs:
        found = reduced(values.sel(year=years))
        for year in years:
            for statistic in (MIDDLE, LOW, HIGH):
                shares = _by_scenario(context, found.sel(year=year, statistic=statistic))
                label = texts("workbook.year_and", year=year, statistic=_statistic(context, statistic))
                what = texts("workbook.pair_of", what=texts(f"headline.{words}"), detail=label)
                yield what, [None if v is None else Shown(v, SHARE) for v in shares]


def _by_scenario(context: Context, values: xr.DataArray) -> list[float | None]:
    """Return a number for each scenario of the run; nothing where it does not have the fund."""
    there = values["scenario"].values.tolist()
    names = [one.name for one in context.results.manifest.scenarios]
    return [float(values.sel(scenario=name)) if name in there else None for name in names]


def _statistic(context: Context, statistic: str) -> str:
    texts = context.texts
    return texts("median") if statistic == MIDDLE else texts("workbook.quantile", level=statistic[1:])


def _changes(sheet: Sheet, context: Context, scenario: int) -> None:
    texts = context.texts
    changes = context.results.manifest.scenarios[scenario].changes
    if not changes:
        sheet.line([texts("page.no_change")], italic=True)
        return
    meanings = [one.meaning for one in assumed.changes(context, scenario)]
    heads = [texts(f"workbook.{name}") for name in ("key", "before", "after")]
    sheet.line([*heads, texts("assumptions.meaning")], italic=True)
    for change, meaning in zip(changes, meanings, strict=True):
        values = (DASH if value is None else _plain(value) for value in (change.before, change.after))
        sheet.line([change.key, *values, meaning], align="left")


def _run(context: Context) -> Iterator[tuple[str, Scalar]]:
    """Give what identifies the run: fund, dates, seed, draws, versions, hashes."""
    results, texts = context.results, context.texts
    manifest = results.manifest
    yield texts("workbook.fund"), texts.known(f"workbook.fund.{results.account.attrs.get('fund', '')}", _fund(context))
    yield texts("workbook.place"), manifest.region or texts("place.national")
    yield texts("workbook.valued_at"), f"{manifest.first_year - 1}-12-31"
    yield texts("page.years"), f"{manifest.first_year}–{manifest.last_year}"
    yield texts("workbook.made"), manifest.created
    yield texts("page.draws"), Shown(manifest.draws, "#,##0")
    yield texts("page.seed"), Shown(manifest.seed, "0")
    for heading, found in (("versions", manifest.versions), ("posteriors", manifest.posteriors)):
        for name, value in found.items():
            yield texts("workbook.pair_of", what=texts(f"page.{heading}"), detail=name), value
    for model, method in manifest.methods.items():
        yield (
            texts("workbook.classical", model=texts.known(f"model.{model}", model)),
            texts.known(f"method.{method}", method),
        )


def _fund(context: Context) -> str:
    return str(context.results.account.attrs.get("fund", "")) or context.texts("workbook.untold")


# -- assumptions


def assumptions_sheet(book: Book) -> None:
    """Write every rule and every prior: value by scenario, unit, range, meaning, source."""
    context, texts = book.context, book.context.texts
    scenarios = context.results.manifest.scenarios
    sheet = book.sheet(texts("workbook.sheet.assumptions"))
    sheet.title(texts("assumptions.title"), [texts("workbook.assumptions_note")])
    columns = [
        Column(texts("workbook.key"), 38),
        *(Column(context.title(s), 16, MIXED, texts("assumptions.value")) for s in range(len(scenarios))),
        Column(texts("workbook.unit"), 36),
        *(Column(texts(f"workbook.{end}"), 11, MIXED, texts("assumptions.range")) for end in ("low", "high")),
        Column(texts("assumptions.meaning"), 60),
        Column(texts("assumptions.source"), 60),
    ]
    sheet.table(columns, (_assumption(context, one) for one in context.results.assumptions))


def _assumption(context: Context, one: Assumption) -> list[Scalar]:
    texts = context.texts
    values = (one.scenarios.get(scenario.name, one.value) for scenario in context.results.manifest.scenarios)
    # The unit of a prior is what its model's record says of all of them: a sentence, in English.
    unit = one.unit if one.key.startswith(assumed.PRIORS) else unit_of(context, one.unit).words
    meaning = texts.known(f"assumption.{one.key}", one.meaning)
    return [one.key, *map(_plain, values), unit, _plain(one.low), _plain(one.high), meaning, one.source]


def _plain(value: Any) -> Scalar:
    """Return a value of a run file as a cell: numbers and texts as they are, lists and tables as JSON."""
    if isinstance(value, bool):
        return json.dumps(value)
    if value is None or isinstance(value, int | float | str):
        return value
    return json.dumps(value, ensure_ascii=False, sort_keys=True)


# -- sources and notes


def sources_sheet(book: Book) -> None:
    """Write every publication from which a figure was read."""
    texts = book.context.texts
    sheet = book.sheet(texts("workbook.sheet.sources"))
    sheet.title(texts("page.sources"), [texts("workbook.sources_note")])
    heads = (("key", 26), ("source_title", 60), ("publisher", 34), ("address", 50), ("read_on", 12), ("licence", 30))
    columns = [*(Column(texts(f"workbook.{name}"), width) for name, width in heads), Column(texts("workbook.used"), 50)]
    rows = (
        [s.key, s.title, s.publisher, s.address, s.date_read, s.licence, ", ".join(s.indicators)]
        for s in book.context.results.sources
    )
    sheet.table(columns, rows)


def notes_sheet(book: Book) -> None:
    """Write conventions and limits, then the definition of every variable."""
    context, texts = book.context, book.context.texts
    sheet = book.sheet(texts("workbook.sheet.notes"))
    heads = (("variable", 40), ("key", 30), ("table", 14), ("unit", 30), ("meaning", 80))
    columns = [Column(texts(f"workbook.{name}"), width) for name, width in heads]
    sheet.widths([column.width for column in columns])
    sheet.title(texts("workbook.notes"))
    year, draws = base_year(context.results.projection["price_index"]), context.results.manifest.draws
    for name in NOTES:
        sheet.paragraph(texts(f"workbook.note.{name}", yuan=context.numbers.yuan, year=year, draws=draws), 5)
    sheet.section(texts("workbook.definitions"))
    sheet.table(columns, _definitions(context), frozen=0)


def _definitions(context: Context) -> Iterator[list[Scalar]]:
    for kind, values in saved(context.results):
        name = str(values.name)
        yield [
            name_of(context, name, kind), name, context.texts(f"workbook.kind.{kind}"),
            unit_of_variable(context, values).words, described(values)[1],
        ]  # fmt: skip
