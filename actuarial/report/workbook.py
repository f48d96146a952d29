"""The Excel workbook of a run: what actuaries file, with totals that a reader can check."""

from __future__ import annotations

import datetime
from pathlib import Path

from actuarial.report._variables import FUNDS
from actuarial.report._workbook_book import Book
from actuarial.report._workbook_cash import cash_sheet
from actuarial.report._workbook_funds import fund_sheet
from actuarial.report._workbook_household import household_sheet
from actuarial.report._workbook_indicators import differences_sheet, indicators_sheet
from actuarial.report._workbook_members import accounts_sheet, members_sheet
from actuarial.report._workbook_mix import mix_sheets
from actuarial.report._workbook_people import paths_sheet, population_sheet
from actuarial.report._workbook_sensitivity import sensitivity_sheets
from actuarial.report._workbook_text import assumptions_sheet, contents, notes_sheet, sources_sheet, summary_sheet
from actuarial.report._workbook_variance import variance_sheet
from actuarial.report.blocks import Context
from actuarial.report.numbers import Numbers
from actuarial.report.records import Language
from actuarial.report.results import Results
from actuarial.report.summary import people_of
from actuarial.report.texts import Texts
from forecasting import artefacts

NAME = "valuation.xlsx"
"""The workbook of a run, in its language; another language stands before the suffix."""


def write_workbook(results: Results, file: Path, language: Language | None = None) -> None:
    """Write the workbook of a saved run, whole or not at all; the same results always give the same bytes.

    Sheets: summary, assumptions, population, rates and economy, the cash flow of every scenario, the pension's members
    and their accounts by age, every other fund, all funds together, who pays and which mix keeps a fund, indicators,
    paired differences, sources, notes; those of members, of other funds and of mixes where the run has them. Money and
    people are in the units of the report (billion yuan and million people for a nation), everything else in the unit
    that stands beside it. Cash flows are means of the draws, so that lines add up; their totals and balances are
    formulas, whose values stand in the file too.

    Parameters
    ----------
    results : Results
        From `actuarial.report.results.read_results`.
    file : pathlib.Path
        Where to; its folder is made if it is missing.
    language : {"en", "zh"}, optional
        Of sheets and heads; that of the run by default.
    """
    manifest = results.manifest
    texts = Texts(language or manifest.language)
    people = people_of(results.projection["population_5y"], manifest.first_year - 1)
    context = Context(results, texts, Numbers(texts, manifest.last_year, people))
    artefacts.write_atomically(file, lambda part: _fill(part, context))


def _fill(part: Path, context: Context) -> None:
    with part.open("wb") as stream, Book(stream, context) as book:
        book.file.set_properties(_properties(context))
        first = summary_sheet(book)
        assumptions_sheet(book)
        population_sheet(book)
        paths_sheet(book)
        for scenario in range(len(context.results.manifest.scenarios)):
            cash_sheet(book, scenario)
        if context.results.members is not None:
            members_sheet(book)
            accounts_sheet(book)
        for kind in (kind for kind in FUNDS if getattr(context.results, kind) is not None):
            fund_sheet(book, kind)
        if context.results.household is not None:
            household_sheet(book)
        mix_sheets(book)
        sensitivity_sheets(book)
        variance_sheet(book)
        indicators_sheet(book)
        differences_sheet(book)
        sources_sheet(book)
        notes_sheet(book)
        contents(book, first)


def _properties(context: Context) -> dict[str, object]:
    manifest, texts = context.results.manifest, context.texts
    version = manifest.versions.get("evergranary", "")
    return {
        "title": texts.pick(manifest.title, manifest.title_zh),
        "subject": texts("page.kind"),
        "author": f"Granary {version}".strip(),
        "comments": texts(
            "page.stamp",
            created=manifest.created, draws=f"{manifest.draws:,}", first=manifest.first_year, last=manifest.last_year,
        ),
        # The day of the run, not of the writing: the same results give the same file.
        "created": datetime.datetime.fromisoformat(manifest.created),
    }  # fmt: skip
