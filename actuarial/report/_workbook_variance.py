"""The sheet of the split variance: a row a quantity and group, with the sum of the Shapley effects by formula."""

from __future__ import annotations

from collections.abc import Iterator

import xarray as xr
from xlsxwriter.utility import xl_col_to_name

from actuarial.report._variance_kinds import EFFECTS
from actuarial.report._variance_lines import fund_words, group_words, quantity_words, unit_words
from actuarial.report._workbook_book import NUMBER, SHARE, Book, Column, Formula, Scalar
from actuarial.report._workbook_words import axis_of
from actuarial.report.blocks import Context

HEADS = 3
"""Columns before the numbers: fund, quantity, group."""

MOMENTS = {"mean": "workbook.mean", "deviation": "workbook.variance_deviation"}
"""What is told of each quantity in its own unit, and its words."""


def variance_sheet(book: Book) -> None:
    """Write the split of the variance, where the run has one.

    Parameters
    ----------
    book : Book
    """
    context, texts = book.context, book.context.texts
    data = context.results.variance
    if data is None:
        return
    about, names = data.attrs, [one.name for one in context.results.manifest.scenarios]
    title = context.title(names.index(str(about["scenario"])))
    told = texts("workbook.variance_about", scenario=title, draws=int(about["draws"]), mixtures=int(about["mixtures"]))
    sheet = book.sheet(texts("workbook.sheet.variance"))
    sheet.title(texts("workbook.variance"), [told])
    columns = [Column(axis_of(context, "fund"), 20), Column(texts("workbook.variance_quantity"), 34)]
    columns.append(Column(texts("workbook.variance_group"), 30))
    for effect in EFFECTS:
        name = texts(f"variance.effect.{effect}")
        columns += [Column(name, 14, SHARE), Column(texts("workbook.variance_error", effect=name), 14, SHARE)]
    columns += [Column(texts("workbook.unit"), 22), *(Column(texts(key), 16, NUMBER) for key in MOMENTS.values())]
    sheet.table(columns, _rows(context, data, sheet.next + 1), frozen=HEADS)


def _rows(context: Context, data: xr.Dataset, first: int) -> Iterator[list[Scalar]]:
    """Give the rows; `first` is the row of the first of them, as Excel counts."""
    texts, row, column = context.texts, first, xl_col_to_name(HEADS)
    for n in range(data.sizes["output"]):
        one = data.isel(output=n)
        if bool(one["shapley"].isnull().all()):
            continue
        head: list[Scalar] = [fund_words(texts, str(one["fund"].item())), quantity_words(texts, one)]
        tail: list[Scalar] = [unit_words(texts, str(one["unit"].item())), *(float(one[name]) for name in MOMENTS)]
        for group in one["group"].values.tolist():
            at = one.sel(group=group)
            numbers = (float(at[f"{effect}{end}"]) for effect in EFFECTS for end in ("", "_error"))
            yield [*head, group_words(texts, group), *numbers, *tail]
        last = row + one.sizes["group"] - 1
        total = Formula(f"=SUM({column}{row}:{column}{last})", float(one["shapley"].sum()))
        yield [*head, texts("workbook.variance_sum"), total, *([None] * (2 * len(EFFECTS) - 1)), *tail]
        row = last + 2
