"""The sheet of all funds together: their money side by side, what they need of budgets, and when they are short."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import xarray as xr

from actuarial.report._variables import FUNDS
from actuarial.report._workbook_book import A3, SHARE, YEAR, Book, Column, Scalar
from actuarial.report._workbook_funds import titles_of
from actuarial.report._workbook_lines import Line, Lines, flows, fund_name, head_of
from actuarial.report._workbook_words import name_of, unit_of, unit_of_variable
from actuarial.report.blocks import Context
from actuarial.report.tidy import average

SHOWN = ("need_of_fund", "need_share")
"""What has a place of its own, so that it is not shown again further right."""


class Together(Lines):
    """The columns of all funds together, from left to right; rows run through the years of each scenario.

    Parameters
    ----------
    context : Context
    data : xarray.Dataset
        Of kind ``household``.
    first : int
        The first row of values, as Excel counts.
    """

    def __init__(self, context: Context, data: xr.Dataset, first: int) -> None:
        self.data = data
        self.names, self.years = data["scenario"].values.tolist(), data["year"].values
        # Scenario and year stand in the first two columns.
        super().__init__(context, first, len(self.names) * self.years.size, before=2)

    def build(self) -> None:
        """Add all columns but those of scenario and year."""
        words = self.context.texts
        accounts = {"account": self.context.results.account}
        accounts |= {kind: getattr(self.context.results, kind) for kind in FUNDS}
        there = {kind: data for kind, data in accounts.items() if data is not None}
        for key in ("income", "outgo", "balance"):
            group = words(f"workbook.all_{key}")
            letters = [
                self.add(Line(fund_name(self.context, kind), group, self._money(_money(data, key))))
                for kind, data in there.items()
            ]
            self.total(words("workbook.all_funds"), group, letters)
        self._need()
        for name in (name for name in self.data.data_vars if name not in SHOWN):
            self._others(str(name))

    def _need(self) -> None:
        """Add the need of each fund and of all, beside that which the run saved, and its quantiles."""
        texts, group = self.context.texts, self.context.texts("workbook.all_need")
        need = average(self.data["need_of_fund"])
        letters = [
            self.add(Line(fund_name(self.context, str(fund)), group, self._rows(need.sel(fund=fund)), form=SHARE))
            for fund in self.data["fund"].values
        ]
        total = self.total(texts("workbook.all_funds"), group, letters, SHARE)
        saved = Line(texts("workbook.need_saved"), group, self._rows(average(self.data["need_share"])), form=SHARE)
        self.checked = self.gap(group, total, self.add(saved))
        draws = self.data["need_share"].transpose(..., "scenario", "year")
        name = name_of(self.context, "need_share", "household")
        self.spread(name, draws, np.ravel, factor=1.0, form=SHARE)

    def _others(self, name: str) -> None:
        """Add any other variable, a column for each fund where it tells them apart."""
        values = average(self.data[name])
        unit = unit_of_variable(self.context, self.data[name])
        head = head_of(self.context, "household", name, unit.words)
        if "fund" not in values.dims:
            memo = self.context.texts("workbook.memo_all")
            self.add(Line(head, memo, self._rows(values) * unit.factor, form=unit.form))
            return
        for fund in values["fund"].values:
            one = self._rows(values.sel(fund=fund)) * unit.factor
            self.add(Line(fund_name(self.context, str(fund)), head, one, form=unit.form))

    def _money(self, values: xr.DataArray) -> np.ndarray:
        """Return means by row, in the reader's unit; nothing where the scenario has no such fund, or not yet."""
        return self._rows(average(values)) * self.unit.factor

    def _rows(self, values: xr.DataArray) -> np.ndarray:
        placed = values.reindex(scenario=self.names, year=self.years)
        return np.asarray(placed.transpose("scenario", "year").values.ravel())


def _money(data: xr.Dataset, key: str) -> xr.DataArray:
    """Return income with interest, outgo or balance of an account, draw by draw."""
    if key == "balance":
        return data["balance"]
    return flows(data, key) + data["interest"] if key == "income" else flows(data, key)


def household_sheet(book: Book) -> None:
    """Write all funds of every scenario together.

    Parameters
    ----------
    book : Book
        Of a run that has valued more than the pension.
    """
    context, texts = book.context, book.context.texts
    data = context.results.household
    if data is None:
        raise ValueError("this run has valued the pension alone: there are no funds to put together")
    sheet = book.sheet(texts("workbook.all_funds"), paper=A3, pages=3)
    unit = unit_of(context, "yuan").words
    sheet.title(texts("workbook.all_title", unit=unit), [texts("workbook.all_note"), texts("workbook.all_need_note")])
    # Between here and the first year: the check, an empty row, groups and heads.
    together = Together(context, data, sheet.next + 4)
    together.build()
    together.check(sheet, together.checked)
    columns = [Column(texts("workbook.scenario"), 26), Column(texts("year"), 8, YEAR), *together.columns()]
    sheet.table(columns, _cells(together), frozen=2)


def _cells(together: Together) -> Iterator[list[Scalar]]:
    titles = titles_of(together.context)
    heads = ((name, year) for name in together.names for year in together.years)
    for place, (name, year) in enumerate(heads):
        yield [titles[name], int(year), *together.cells(place)]
