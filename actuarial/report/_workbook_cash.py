"""The cash flow of one scenario: means that add up, totals as formulas, then quantiles that do not."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np
import xarray as xr

from actuarial.report._workbook_book import A3, YEAR, Book, Column, Scalar
from actuarial.report._workbook_lines import TRANSFERS, Line, Lines, flows, head_of, of_kind, signed
from actuarial.report._workbook_words import name_of, unit_of, unit_of_variable
from actuarial.report.blocks import Context
from actuarial.report.tidy import average

TOTALS = ("income", "expenditure", "pool_income", "pool_outgo")
"""What the sheet computes itself, so that it is not shown again beside its parts."""

STOCKS = ("pool_balance", "accounts_balance", "balance")

SPREAD = ("income", "expenditure", "fiscal_transfer", *STOCKS)
"""Totals and balances whose quantiles follow the means."""


class Cash(Lines):
    """The columns of one scenario's cash flow, from left to right.

    Parameters
    ----------
    context : Context
    scenario : int
        Its place among those of the run.
    first : int
        The row of the first year, as Excel counts.
    """

    def __init__(self, context: Context, scenario: int, first: int) -> None:
        self.account = context.results.account.isel(scenario=scenario)
        self.years = self.account["year"].values
        # The years stand in the first column.
        super().__init__(context, first, self.years.size, before=1)
        self.shown: set[str] = set()

    # -- the parts of the sheet

    def build(self) -> None:
        """Add all columns but that of the years."""
        words = self.context.texts
        income = [*self._ledger("income", "pool"), *self._ledger("income", "accounts")]
        earned = self._flow("interest", words("workbook.income"))
        all_in = self.plus(words("workbook.total_income"), words("workbook.income"), [income[0], income[1], earned])
        outgo = [*self._ledger("outgo", "pool"), *self._ledger("outgo", "accounts")]
        all_out = self.plus(words("workbook.total_outgo"), words("workbook.outgo"), outgo)
        inside = words("workbook.inside")
        moved = [self._flow(name, inside) for name in self._names(self._moves)]
        met = self._flow("shortfall", words("workbook.met"))
        pool = self._balance("pool", plus=[income[0], earned, met], minus=[outgo[0], *moved])
        accounts = self._balance("accounts", plus=[income[1], *moved], minus=[outgo[1]])
        self._whole(pool, accounts, change=([all_in, met], [all_out]))
        for name in SPREAD:
            self._quantiles(name)
        for name in self._names(lambda values: values.name not in {*TOTALS, *self.shown}):
            self._memo(name)

    def _names(self, wanted: Callable[[xr.DataArray], bool]) -> list[str]:
        """Return the yearly variables of the account that are wanted, in its order."""
        yearly = (n for n in self.account.data_vars if set(self.account[n].dims) <= {"draw", "year"})
        return [str(n) for n in yearly if "year" in self.account[n].dims and wanted(self.account[n])]

    @staticmethod
    def _moves(values: xr.DataArray) -> bool:
        return _place(values) == ("interest", "accounts") or values.name in TRANSFERS

    def _ledger(self, kind: str, ledger: str) -> list[str]:
        """Add the flows of a ledger and their total; return the letter of the total."""
        texts = self.context.texts
        group = texts(f"workbook.{kind}")
        names = of_kind(self.account, kind, ledger)
        letters = [self._flow(name, group) for name in names]
        return [self.total(texts(f"workbook.{kind}_{ledger}"), group, letters)]

    def _balance(self, ledger: str, *, plus: Sequence[str], minus: Sequence[str]) -> str:
        """Add opening, change and close of a ledger; return the letter of the close."""
        texts, close = self.context.texts, self._mean(f"{ledger}_balance")
        group = texts(f"workbook.balance_{ledger}")
        change = self.value(plus) - self.value(minus)
        before = np.concatenate([[self._opening(ledger, close[0] - change[0])], close[:-1]])
        start, mid, end = (self.letter(k) for k in range(3))
        last_close = lambda row: f"={end}{row - 1}" if row > self.first else None  # noqa: E731
        self.add(Line(texts("workbook.opening"), group, before, last_close))
        self.add(Line(texts("workbook.change"), group, change, lambda r: "=" + signed(plus, minus, r)))
        self.shown.add(f"{ledger}_balance")
        return self.add(Line(texts("workbook.close"), group, before + change, lambda r: f"={start}{r}+{mid}{r}"))

    def _whole(self, pool: str, accounts: str, change: tuple[list[str], list[str]]) -> None:
        """Add the whole fund: its close by formula, the close as saved, and what is between them."""
        texts, saved = self.context.texts, self._mean("balance")
        group = texts("workbook.balance_whole")
        self.add(
            Line(
                texts("workbook.change"), group, self.value(change[0]) - self.value(change[1]),
                lambda row: "=" + signed(*change, row),
            )
        )  # fmt: skip
        end = self.plus(texts("workbook.close"), group, [pool, accounts])
        told = self.add(Line(texts("workbook.as_saved"), group, saved))
        self.checked = self.gap(group, end, told)
        self.shown.add("balance")

    def _quantiles(self, name: str) -> None:
        self.spread(name_of(self.context, name), self._draws(name), np.asarray)

    def _memo(self, name: str) -> None:
        unit = unit_of_variable(self.context, self.account[name])
        values = average(self.account[name]).values * unit.factor
        head = head_of(self.context, "account", name, unit.words)
        self.add(Line(head, self.context.texts("workbook.memo"), values, form=unit.form))

    # -- small steps

    def _draws(self, name: str) -> xr.DataArray:
        """Return a variable draw by draw; income and outgo are the sums of the columns that the sheet shows."""
        kinds = {"income": "income", "expenditure": "outgo"}
        return flows(self.account, kinds[name]) if name in kinds else self.account[name]

    def _mean(self, name: str) -> np.ndarray:
        return np.asarray(average(self.account[name]).values * self.unit.factor)

    def _opening(self, ledger: str, implied: float) -> float:
        """Return a ledger's opening; results that do not hold it are carried back from the first close."""
        if "opening_balance" not in self.account:
            return implied
        whole, owed = (float(self.account[f"opening_{n}"].mean()) for n in ("balance", "accounts"))
        return self.unit.factor * (owed if ledger == "accounts" else whole - owed)

    def _flow(self, name: str, group: str) -> str:
        self.shown.add(name)
        return self.add(Line(name_of(self.context, name), group, self._mean(name)))


def _place(values: xr.DataArray) -> tuple[str, str]:
    return values.attrs.get("kind", ""), values.attrs.get("ledger", "")


def cash_sheet(book: Book, scenario: int) -> None:
    """Write the cash flow of one scenario.

    Parameters
    ----------
    book : Book
    scenario : int
        Its place among those of the run.
    """
    context = book.context
    texts, title = context.texts, context.title(scenario)
    sheet = book.sheet(texts("workbook.sheet.cash", scenario=title), paper=A3, pages=3)
    sheet.title(
        texts("workbook.cash", scenario=title, unit=unit_of(context, "yuan").words), [texts("workbook.cash_note")]
    )
    # Between here and the first year: the check, an empty row, groups and heads.
    cash = Cash(context, scenario, sheet.next + 4)
    cash.build()
    cash.check(sheet, cash.checked)
    sheet.table([Column(texts("year"), 8, YEAR), *cash.columns()], _rows(cash))


def _rows(cash: Cash) -> Iterator[list[Scalar]]:
    for place, year in enumerate(cash.years):
        yield [int(year), *cash.cells(place)]
