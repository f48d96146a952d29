"""The cash flow of one scenario: means that add up, totals as formulas, then quantiles that do not."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import xarray as xr
from xlsxwriter.utility import xl_cell_to_rowcol, xl_col_to_name

from actuarial.report._workbook_book import A3, MONEY, YEAR, Book, Column, Formula, Scalar, Shown
from actuarial.report._workbook_words import headed, name_of, unit_of, unit_of_variable
from actuarial.report.blocks import Context
from actuarial.report.summary import LEVELS
from actuarial.report.tidy import average, reduced

TRANSFERS = ("match",)
"""Outgo of the pool that is income of the accounts, besides the interest credited to them."""

TOTALS = ("income", "expenditure", "pool_income", "pool_outgo")
"""What the sheet computes itself, so that it is not shown again beside its parts."""

EXACT = "0.000000"
"""Number format of what should be nothing."""

STOCKS = ("pool_balance", "accounts_balance", "balance")

SPREAD = ("income", "expenditure", "fiscal_transfer", *STOCKS)
"""Totals and balances whose quantiles follow the means."""


@dataclass(frozen=True)
class Line:
    """One column of the sheet: its values by year, and the formula of a row where it has one."""

    head: str
    group: str
    values: np.ndarray
    formula: Callable[[int], str | None] = lambda row: None
    form: str = MONEY


class Cash:
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
        self.first = first
        self.context = context
        self.account = context.results.account.isel(scenario=scenario)
        self.unit = unit_of(context, "yuan")
        self.years = self.account["year"].values
        self.lines: list[Line] = []
        self.shown: set[str] = set()

    # -- the parts of the sheet

    def build(self) -> list[Line]:
        """Return all columns but that of the years."""
        words = self.context.texts
        income = [*self._ledger("income", "pool"), *self._ledger("income", "accounts")]
        earned = self._flow("interest", words("workbook.income"))
        all_in = self._sum(words("workbook.total_income"), words("workbook.income"), [income[0], income[1], earned])
        outgo = [*self._ledger("outgo", "pool"), *self._ledger("outgo", "accounts")]
        all_out = self._sum(words("workbook.total_outgo"), words("workbook.outgo"), outgo)
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
        return self.lines

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
        names = self._names(lambda values: _place(values) == (kind, ledger) and values.name not in TRANSFERS)
        letters = [self._flow(name, group) for name in names]
        total = sum((self._mean(name) for name in names), np.zeros(self.years.size))
        text = f"{letters[0]}{{row}}:{letters[-1]}{{row}}" if letters else "0"
        head = texts(f"workbook.{kind}_{ledger}")
        return [self._add(Line(head, group, total, lambda row: f"=SUM({text.format(row=row)})"))]

    def _balance(self, ledger: str, *, plus: Sequence[str], minus: Sequence[str]) -> str:
        """Add opening, change and close of a ledger; return the letter of the close."""
        texts, close = self.context.texts, self._mean(f"{ledger}_balance")
        group = texts(f"workbook.balance_{ledger}")
        change = self._value(plus) - self._value(minus)
        before = np.concatenate([[self._opening(ledger, close[0] - change[0])], close[:-1]])
        start, mid, end = (self._letter(k) for k in range(3))
        last_close = lambda row: f"={end}{row - 1}" if row > self.first else None  # noqa: E731
        self._add(Line(texts("workbook.opening"), group, before, last_close))
        self._add(Line(texts("workbook.change"), group, change, lambda r: "=" + _signed(plus, minus, r)))
        self.shown.add(f"{ledger}_balance")
        return self._add(Line(texts("workbook.close"), group, before + change, lambda r: f"={start}{r}+{mid}{r}"))

    def _whole(self, pool: str, accounts: str, change: tuple[list[str], list[str]]) -> None:
        """Add the whole fund: its close by formula, the close as saved, and what is between them."""
        texts, saved = self.context.texts, self._mean("balance")
        group = texts("workbook.balance_whole")
        self._add(
            Line(
                texts("workbook.change"), group, self._value(change[0]) - self._value(change[1]),
                lambda row: "=" + _signed(*change, row),
            )
        )  # fmt: skip
        end = self._sum(texts("workbook.close"), group, [pool, accounts])
        told = self._add(Line(texts("workbook.as_saved"), group, saved))
        gap = np.round(self._value([end]) - saved, 6) + 0.0
        self.check = self._add(
            Line(texts("workbook.gap"), group, gap, lambda r: f"=ROUND({end}{r}-{told}{r},6)", EXACT)
        )
        self.shown.add("balance")

    def _quantiles(self, name: str) -> None:
        bands = reduced(self._draws(name)).values * self.unit.factor
        group = self.context.texts("workbook.spread", name=name_of(self.context, name))
        for level, values in zip(LEVELS, bands[1 : 1 + len(LEVELS)], strict=True):
            self._add(Line(quantile(self.context, level), group, values))

    def _memo(self, name: str) -> None:
        unit = unit_of_variable(self.context, self.account[name])
        values = average(self.account[name]).values * unit.factor
        # The title says the unit of money.
        head = headed(name_of(self.context, name), "" if unit.words == self.unit.words else unit.words)
        self._add(Line(head, self.context.texts("workbook.memo"), values, form=unit.form))

    # -- small steps

    def _draws(self, name: str) -> xr.DataArray:
        """Return a variable draw by draw; income and outgo are the sums of the columns that the sheet shows."""
        kinds = {"income": "income", "expenditure": "outgo"}
        if name not in kinds:
            return self.account[name]
        parts = self._names(lambda values: _place(values)[0] == kinds[name] and values.name not in TRANSFERS)
        return xr.concat([self.account[part] for part in parts], "flow", join="exact").sum("flow")

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
        return self._add(Line(name_of(self.context, name), group, self._mean(name)))

    def _sum(self, head: str, group: str, letters: Sequence[str]) -> str:
        return self._add(Line(head, group, self._value(letters), lambda row: "=" + _signed(letters, (), row)))

    def _value(self, letters: Sequence[str]) -> np.ndarray:
        return sum((self.lines[self.place(letter)].values for letter in letters), np.zeros(self.years.size))

    def _letter(self, ahead: int) -> str:
        return self._name(len(self.lines) + ahead)

    def place(self, letter: str) -> int:
        """Return the place in `lines` of a column by its letter."""
        return int(xl_cell_to_rowcol(f"{letter}1")[1]) - 1

    @staticmethod
    def _name(place: int) -> str:
        # The years stand in the first column.
        return str(xl_col_to_name(place + 1))

    def _add(self, line: Line) -> str:
        self.lines.append(line)
        return self._name(len(self.lines) - 1)


def quantile(context: Context, level: float) -> str:
    """Return the head of a quantile: "median", or its per cent."""
    return context.texts("median") if level == 0.5 else context.texts("workbook.quantile", level=f"{100 * level:g}")


def _place(values: xr.DataArray) -> tuple[str, str]:
    return values.attrs.get("kind", ""), values.attrs.get("ledger", "")


def _signed(plus: Sequence[str], minus: Sequence[str], row: int) -> str:
    return "+".join(f"{c}{row}" for c in plus) + "".join(f"-{c}{row}" for c in minus)


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
    lines = cash.build()
    span = f"{cash.check}{cash.first}:{cash.check}{cash.first + cash.years.size - 1}"
    largest = float(np.abs(cash.lines[cash.place(cash.check)].values).max())
    check = Shown(Formula(f"=MAX(MAX({span}),-MIN({span}))", largest), EXACT)
    sheet.line([check, texts("workbook.cash_check")], wrap=False, italic=True, font_color="#555555")
    sheet.row += 1
    columns = [Column(texts("year"), 8, YEAR)]
    columns += [Column(line.head, 13, line.form, line.group) for line in lines]
    sheet.table(columns, _rows(cash, lines))


def _rows(cash: Cash, lines: Sequence[Line]) -> Iterator[list[Scalar]]:
    for place, year in enumerate(cash.years):
        row: list[Scalar] = [int(year)]
        for line in lines:
            text, value = line.formula(cash.first + place), float(line.values[place])
            row.append(value if text is None else Formula(text, value))
        yield row
