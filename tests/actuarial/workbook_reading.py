"""Reads a written workbook back: cells, heads, columns, and the few kinds of formulas that it has."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import numpy as np
from openpyxl.cell.cell import Cell
from openpyxl.utils import range_boundaries
from openpyxl.workbook.workbook import Workbook
from openpyxl.worksheet.worksheet import Worksheet


def cells(book: Workbook) -> Iterator[tuple[Worksheet, Cell]]:
    for sheet in book.worksheets:
        for row in sheet.iter_rows():
            yield from ((sheet, cell) for cell in row if cell.value is not None)


def heads(sheet: Worksheet) -> dict[str, list[int]]:
    """Return the columns of every head of a sheet's table."""
    row = range_boundaries(sheet.auto_filter.ref)[1]
    found: dict[str, list[int]] = {}
    for cell in sheet[row]:
        found.setdefault(str(cell.value), []).append(cell.column)
    return found


def rows_of(sheet: Worksheet) -> list[dict[str, Any]]:
    """Return the rows of a table whose heads differ."""
    _, head, _, last = range_boundaries(sheet.auto_filter.ref)
    names = [str(cell.value) for cell in sheet[head]]
    return [dict(zip(names, (cell.value for cell in row), strict=True)) for row in sheet.iter_rows(head + 1, last)]


def by_year(sheet: Worksheet, group: str, head: str) -> np.ndarray:
    """Return a column of a cash flow by its group and head."""
    _, top, _, last = range_boundaries(sheet.auto_filter.ref)
    current, place = "", 0
    for above, below in zip(sheet[top - 1], sheet[top], strict=True):
        current = str(above.value) if above.value is not None else current
        if (current, below.value) == (group, head):
            place = below.column
    assert place, f"no column {head!r} under {group!r}"
    return np.array([sheet.cell(row, place).value for row in range(top + 1, last + 1)], dtype=float)


class Evaluator:
    """Works out the few kinds of formulas that the workbook has."""

    def __init__(self, sheet: Worksheet) -> None:
        self.sheet = sheet
        self.known: dict[str, float] = {}

    def cell(self, name: str) -> float:
        if name not in self.known:
            value = self.sheet[name].value
            self.known[name] = self.formula(value) if isinstance(value, str) and value[:1] == "=" else float(value or 0)
        return self.known[name]

    def span(self, name: str) -> list[float]:
        return [self.cell(cell.coordinate) for row in self.sheet[name] for cell in row]

    def formula(self, text: str) -> float:
        code = re.sub(r"[A-Z]{1,3}\d+(:[A-Z]{1,3}\d+)?", lambda m: f"{'span' if m[1] else 'cell'}('{m[0]}')", text[1:])
        names = {"SUM": sum, "ROUND": round, "span": self.span, "cell": self.cell}
        names |= {"MAX": lambda *x: max(flat(x)), "MIN": lambda *x: min(flat(x))}
        return float(eval(code, {"__builtins__": {}}, names))  # noqa: S307 -- formulas that the test has just written


def flat(values: Any) -> Iterator[float]:
    for value in values:
        yield from flat(value) if isinstance(value, list) else [value]
