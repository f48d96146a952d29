"""The sheet of a fund besides the pension: a row for every scenario that has it and year, totals as formulas."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import xarray as xr

from actuarial.report._workbook_book import A3, YEAR, Book, Column, Scalar
from actuarial.report._workbook_lines import MIDDLE, Line, Lines, flows, fund_name, head_of, of_kind, signed
from actuarial.report._workbook_words import name_of, unit_of, unit_of_variable
from actuarial.report.blocks import Context
from actuarial.report.tidy import average

MAIN = {
    "medical": ("months_of_reserve", "fiscal_need_share", "actual_reimbursement"),
    "unemployment": ("members", "benefit_cost_rate", "average_high_cost_multiple"),
    "time_bank": ("hours_owed", "claims_to_supply", "need_met", "care_purchased_share"),
    "care_plan": ("beds_per_thousand", "village_cover", "plan_cost_share", "funding_gap_share"),
}
"""What is shown of each fund with its interval on its own sheet, and compared between scenarios, besides its money."""

YEARLY = {"scenario", "draw", "year"}

MONEY = ("income", "expenditure", "balance")
"""The money whose quantiles follow the means."""


class Fund(Lines):
    """The columns of a fund with one ledger, from left to right; rows run through the years of each scenario.

    Parameters
    ----------
    context : Context
    kind : str
        One of `actuarial.report._variables.FUNDS`.
    first : int
        The first row of values, as Excel counts.
    """

    def __init__(self, context: Context, kind: str, first: int) -> None:
        self.kind = kind
        self.data: xr.Dataset = getattr(context.results, kind)
        self.there = began(self.data)
        places, self.years = np.nonzero(self.there)
        names = self.data["scenario"].values.tolist()
        self.heads = [(names[s], int(self.data["year"].values[y])) for s, y in zip(places, self.years, strict=True)]
        # A scenario's first row, where the balance of the row above is that of another.
        self.starts = {place for place in range(places.size) if not place or places[place] != places[place - 1]}
        # Scenario and year stand in the first two columns.
        super().__init__(context, first, places.size, before=2)
        self.shown: set[str] = set()

    def build(self) -> None:
        """Add all columns but those of scenario and year."""
        words = self.context.texts
        income, outgo = words("workbook.income"), words("workbook.outgo")
        came = [self._flow(name, income) for name in (*of_kind(self.data, "income"), "interest")]
        all_in = self.total(words("workbook.total_income"), income, came)
        all_out = self.total(
            words("workbook.total_outgo"), outgo, [self._flow(name, outgo) for name in of_kind(self.data, "outgo")]
        )
        met = self._flow("shortfall", words("workbook.met"))
        self._balance(plus=[all_in, met], minus=[all_out])
        for name in (*MONEY, *(one for one in MAIN[self.kind] if one in self.data)):
            self._quantiles(name)
        yearly = [str(key) for key, values in self.data.items() if {"year"} <= {*values.dims} <= YEARLY]
        for name in (name for name in yearly if name not in {*MONEY[:2], *self.shown}):
            self._memo(name)

    def _balance(self, *, plus: list[str], minus: list[str]) -> None:
        """Add opening, change and close, the close as saved, and what is between them."""
        texts, group = self.context.texts, self.context.texts("workbook.balance_fund")
        saved, change = self._mean("balance"), self.value(plus) - self.value(minus)
        before = np.roll(saved, 1)
        for place in self.starts:
            before[place] = self._opening(place, saved[place] - change[place])
        start, mid, end = (self.letter(k) for k in range(3))
        last_close = lambda row: None if row - self.first in self.starts else f"={end}{row - 1}"  # noqa: E731
        self.add(Line(texts("workbook.opening"), group, before, last_close))
        self.add(Line(texts("workbook.change"), group, change, lambda row: "=" + signed(plus, minus, row)))
        self.add(Line(texts("workbook.close"), group, before + change, lambda row: f"={start}{row}+{mid}{row}"))
        self.checked = self.gap(group, end, self.add(Line(texts("workbook.as_saved"), group, saved)))
        self.shown.add("balance")

    def _opening(self, place: int, implied: float) -> float:
        """Return a scenario's opening; results that do not hold it are carried back from the first close."""
        if "opening_balance" not in self.data:
            return implied
        return self.unit.factor * float(self.data["opening_balance"].sel(scenario=self.heads[place][0]).mean())

    def _quantiles(self, name: str) -> None:
        kinds = {"income": "income", "expenditure": "outgo"}
        draws = flows(self.data, kinds[name]) if name in kinds else self.data[name]
        unit = unit_of(self.context, "yuan") if name in MONEY else unit_of_variable(self.context, self.data[name])
        head = head_of(self.context, self.kind, name, unit.words)
        draws = draws.transpose(..., "scenario", "year")
        self.spread(head, draws, lambda band: band[self.there], factor=unit.factor, form=unit.form, levels=MIDDLE)

    def _memo(self, name: str) -> None:
        unit = unit_of_variable(self.context, self.data[name])
        head = head_of(self.context, self.kind, name, unit.words)
        self.add(Line(head, self.context.texts("workbook.memo"), self._rows(name) * unit.factor, form=unit.form))

    def _flow(self, name: str, group: str) -> str:
        self.shown.add(name)
        return self.add(Line(name_of(self.context, name, self.kind), group, self._mean(name)))

    def _mean(self, name: str) -> np.ndarray:
        return self._rows(name) * self.unit.factor

    def _rows(self, name: str) -> np.ndarray:
        return np.asarray(average(self.data[name]).transpose("scenario", "year").values[self.there])


def began(data: xr.Dataset) -> np.ndarray:
    """Tell in which years each scenario has the fund, shape (scenario, year): those in which it has a balance."""
    balance = data["balance"].transpose(..., "scenario", "year").values
    return np.asarray(np.isfinite(balance.reshape(-1, *balance.shape[-2:])).all(axis=0))


def fund_sheet(book: Book, kind: str) -> None:
    """Write the sheet of a fund.

    Parameters
    ----------
    book : Book
    kind : str
        One of `actuarial.report._variables.FUNDS` that the run has.
    """
    context, texts = book.context, book.context.texts
    name = fund_name(context, kind)
    sheet = book.sheet(name, paper=A3, pages=3)
    notes = [texts("workbook.cash_note"), texts("workbook.fund_note")]
    sheet.title(texts("workbook.fund_cash", fund=name, unit=unit_of(context, "yuan").words), notes)
    # Between here and the first year: the check, an empty row, groups and heads.
    fund = Fund(context, kind, sheet.next + 4)
    fund.build()
    fund.check(sheet, fund.checked)
    columns = [Column(texts("workbook.scenario"), 26), Column(texts("year"), 8, YEAR), *fund.columns()]
    sheet.table(columns, _cells(fund), frozen=2)


def _cells(fund: Fund) -> Iterator[list[Scalar]]:
    titles = titles_of(fund.context)
    for place, (scenario, year) in enumerate(fund.heads):
        yield [titles[scenario], year, *fund.cells(place)]


def titles_of(context: Context) -> dict[str, str]:
    """Return the titles of the scenarios by their names, in the reader's language."""
    return {one.name: context.title(place) for place, one in enumerate(context.results.manifest.scenarios)}


def told_beside(data: xr.Dataset) -> list[xr.DataArray]:
    """Return what a fund tells besides its account: indicators, and people, care or hours behind the money."""
    return [data[name] for name in data.data_vars if "kind" not in data[name].attrs]
