"""Columns of a table of money under way: each may be a formula of those to its left, and has its values beside it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import xarray as xr
from xlsxwriter.utility import xl_cell_to_rowcol, xl_col_to_name

from actuarial.report._workbook_book import MONEY, Column, Formula, Scalar, Sheet, Shown
from actuarial.report._workbook_words import name_of, unit_of
from actuarial.report.blocks import Context
from actuarial.report.summary import LEVELS
from actuarial.report.tidy import STATISTICS, reduced

EXACT = "0.000000"
"""Number format of what should be nothing."""

TRANSFERS = ("match",)
"""Outgo of the pension's pool that is income of its accounts, besides the interest credited to them."""

MIDDLE = (0.1, 0.5, 0.9)
"""Median and 80 % interval."""


@dataclass(frozen=True)
class Line:
    """One column: its values by row, and the formula of a row where it has one."""

    head: str
    group: str
    values: np.ndarray
    formula: Callable[[int], str | None] = lambda row: None
    form: str = MONEY


class Lines:
    """Columns from left to right.

    Parameters
    ----------
    context : Context
    first : int
        The first row of values, as Excel counts.
    rows : int
        How many rows of values there are.
    before : int
        Columns that stand to the left of the first line.
    """

    def __init__(self, context: Context, first: int, rows: int, before: int) -> None:
        self.context, self.first, self.rows, self.before = context, first, rows, before
        self.unit = unit_of(context, "yuan")
        self.lines: list[Line] = []

    def add(self, line: Line) -> str:
        """Add a column; return its letter."""
        self.lines.append(line)
        return self._name(len(self.lines) - 1)

    def plus(self, head: str, group: str, letters: Sequence[str], form: str = MONEY) -> str:
        """Add the sum of columns that need not stand side by side; return its letter."""
        return self.add(Line(head, group, self.value(letters), lambda row: "=" + signed(letters, (), row), form))

    def total(self, head: str, group: str, letters: Sequence[str], form: str = MONEY) -> str:
        """Add the sum of columns that stand side by side; return its letter."""
        span = f"{letters[0]}{{row}}:{letters[-1]}{{row}}" if letters else "0"
        return self.add(Line(head, group, self.value(letters), lambda row: f"=SUM({span.format(row=row)})", form))

    def gap(self, group: str, computed: str, saved: str) -> str:
        """Add what is between a balance computed here and the one that the run saved; return its letter."""
        apart = np.round(self.value([computed]) - self.value([saved]), 6) + 0.0
        formula = lambda row: f"=ROUND({computed}{row}-{saved}{row},6)"  # noqa: E731
        return self.add(Line(self.context.texts("workbook.gap"), group, apart, formula, EXACT))

    def spread(self, name: str, draws: xr.DataArray, take: Callable[[np.ndarray], np.ndarray], **looks: object) -> None:
        """Add quantiles.

        Parameters
        ----------
        name : str
            In words.
        draws : xarray.DataArray
            In the units of the saved results.
        take : callable
            Gives the values of the rows from a quantile over the dimensions of `draws` but the draws.
        **looks
            ``factor`` and ``form`` of the unit, those of money by default; ``levels``, all by default.
        """
        settings = {"factor": self.unit.factor, "form": MONEY, "levels": LEVELS} | looks
        bands = reduced(draws).values[1 : STATISTICS.index("defined")]
        group = self.context.texts("workbook.spread", name=name)
        for level, values in zip(LEVELS, bands, strict=True):
            if level in settings["levels"]:  # type: ignore[operator]
                shown = take(values) * settings["factor"]
                self.add(Line(quantile(self.context, level), group, shown, form=str(settings["form"])))

    def value(self, letters: Sequence[str]) -> np.ndarray:
        """Return the sum of columns by their letters; an empty cell counts nothing, as in a spreadsheet."""
        found = (np.nan_to_num(self.lines[self.place(letter)].values) for letter in letters)
        return sum(found, np.zeros(self.rows))

    def letter(self, ahead: int) -> str:
        """Return the letter of the column that will be added after `ahead` others."""
        return self._name(len(self.lines) + ahead)

    def place(self, letter: str) -> int:
        """Return the place in `lines` of a column by its letter."""
        return int(xl_cell_to_rowcol(f"{letter}1")[1]) - self.before

    def _name(self, place: int) -> str:
        return str(xl_col_to_name(place + self.before))

    def columns(self) -> list[Column]:
        """Return the heads of all lines."""
        return [Column(line.head, 13, line.form, line.group) for line in self.lines]

    def cells(self, place: int) -> Iterator[Scalar]:
        """Give the cells of the row at a place, from 0."""
        for line in self.lines:
            text, value = line.formula(self.first + place), float(line.values[place])
            yield value if text is None else Formula(text, value)

    def check(self, sheet: Sheet, letter: str) -> None:
        """Write the largest gap of a column above the table, and what it means."""
        span = f"{letter}{self.first}:{letter}{self.first + self.rows - 1}"
        largest = float(np.abs(self.lines[self.place(letter)].values).max(initial=0.0))
        shown = Shown(Formula(f"=MAX(MAX({span}),-MIN({span}))", largest), EXACT)
        words = self.context.texts("workbook.cash_check")
        sheet.line([shown, words], wrap=False, italic=True, font_color="#555555")
        sheet.row += 1


def of_kind(data: xr.Dataset, kind: str, ledger: str = "") -> list[str]:
    """Return the yearly flows of an account of a kind (income, outgo), of one ledger or of all; no inner transfer."""
    return [
        str(name)
        for name, values in data.data_vars.items()
        if "year" in values.dims and values.attrs.get("kind") == kind and name not in TRANSFERS
        if ledger in ("", values.attrs.get("ledger"))
    ]


def flows(data: xr.Dataset, kind: str) -> xr.DataArray:
    """Return the sum of the flows of an account of a kind, draw by draw."""
    like = xr.zeros_like(data["balance"], dtype=float)
    return sum((data[name] for name in of_kind(data, kind)), like)


def quantile(context: Context, level: float) -> str:
    """Return the head of a quantile: "median", or its per cent."""
    return context.texts("median") if level == 0.5 else context.texts("workbook.quantile", level=f"{100 * level:g}")


def signed(plus: Sequence[str], minus: Sequence[str], row: int) -> str:
    """Return the text of a sum of cells of one row."""
    return "+".join(f"{c}{row}" for c in plus) + "".join(f"-{c}{row}" for c in minus)


def fund_name(context: Context, kind: str) -> str:
    """Return the words of a fund, or of all together, by its array: account and indicators are the pension's."""
    if kind == "household":
        return context.texts("workbook.all_funds")
    return context.texts(f"household.fund.{'pension' if kind in ('account', 'indicators') else kind}")


def head_of(context: Context, kind: str, name: str, words: str) -> str:
    """Return the head of a column; its unit stands in brackets unless it is that of money, which the title says."""
    name = name_of(context, name, kind)
    return f"{name} ({words})" if words and words != unit_of(context, "yuan").words else name
