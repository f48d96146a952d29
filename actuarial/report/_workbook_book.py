"""A workbook and its sheets as the export writes them: titles, tables, formats, print set-up."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from actuarial.report._workbook_height import lines_of
from actuarial.report.blocks import Context
from actuarial.report.tidy import STARTS_FORMULA

MONEY, SHARE, YEAR, NUMBER, PEOPLE = "#,##0.00", "0.00%", "0", "#,##0.0000", "#,##0.0"
"""Number formats."""

TEXT, MIXED = "@text", "General"
"""Columns of words, and of numbers or words as they come."""

A3, A4 = 8, 9
"""Excel's numbers of the papers."""

LONGEST_NAME = 31
"""Letters that Excel allows in the name of a sheet."""

LONGEST_TEXT = 32_767
"""Letters that Excel allows in a cell."""

LINE = 14.0
"""Height of a line of text, points."""

HIGHEST = 409.0
"""Points that Excel allows for a row."""

PLAIN = 8.43
"""Width that a column has when none is set, letters."""

SHADE, DEEPER = "#E8EEF4", "#D5E0EA"
"""Behind heads, and behind the groups above them."""


@dataclass(frozen=True)
class Formula:
    """A formula and the value that it has, which stands in the file for readers that do not compute."""

    text: str
    value: float


@dataclass(frozen=True)
class Shown:
    """A number with a format of its own."""

    value: float | int | str | Formula | None
    form: str


Scalar = str | float | int | Formula | Shown | None


@dataclass(frozen=True)
class Column:
    """Head with its unit, width in letters, number format, and the head above it, shared with its neighbours."""

    head: str
    width: float = 12.0
    form: str = TEXT
    group: str = ""


class Book:
    """An Excel file under way; a context manager.

    Parameters
    ----------
    target : object
        Path or binary stream that the file is written to.
    context : Context
        Results, words and numbers.
    """

    def __init__(self, target: Any, context: Context) -> None:
        # Nothing that is handed over as text may turn into something else.
        options = dict.fromkeys(("strings_to_numbers", "strings_to_formulas", "strings_to_urls"), False)
        self.context = context
        self.file = xlsxwriter.Workbook(target, options)
        self.names: list[str] = []
        self._formats: dict[tuple, Format] = {}

    def __enter__(self) -> Book:
        """Begin."""
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        """Write the file, unless something went wrong."""
        if kind is None:
            self.file.close()

    def sheet(self, name: str, *, paper: int = A4, pages: int = 1) -> Sheet:
        """Add a sheet; on paper it is landscape, and `pages` pages wide."""
        page = self.file.add_worksheet(self._free(name))
        self.names.append(page.get_name())
        page.set_landscape()
        page.set_paper(paper)
        page.fit_to_pages(pages, 0)
        page.set_margins(left=0.4, right=0.4, top=0.6, bottom=0.6)
        manifest = self.context.results.manifest
        title = self.context.texts.pick(manifest.title, manifest.title_zh).replace("&", "&&")
        page.set_header(f"&L{title[:120]}&R&A")
        page.set_footer(f"&LGranary, {manifest.created}&R&P / &N")
        return Sheet(self, page)

    def _free(self, name: str) -> str:
        """Return a name that Excel takes and no other sheet has."""
        clean = re.sub(r"[\[\]:*?/\\\x00-\x1f]", " ", name).strip().strip("'").strip() or "-"
        taken = {other.casefold() for other in self.names}
        found, number = clean[:LONGEST_NAME].strip(), 1
        while found.casefold() in taken or found.casefold() == "history":
            number += 1
            tail = f" {number}"
            found = clean[: LONGEST_NAME - len(tail)].strip() + tail
        return found

    def format(self, **looks: Any) -> Format:
        """Return a format, made once."""
        key = tuple(sorted(looks.items()))
        if key not in self._formats:
            self._formats[key] = self.file.add_format({"valign": "top"} | looks)
        return self._formats[key]


class Looks:
    """What the cells of one column, or of one row, have in common; each format is looked up once.

    Parameters
    ----------
    book : Book
    looks : dict of str to object
        As `xlsxwriter` names them.
    """

    def __init__(self, book: Book, looks: dict[str, Any]) -> None:
        self.book, self.looks = book, looks
        self._known: dict[tuple[str, bool], Format] = {}

    def number(self, form: str) -> Format:
        """Return the look of a number."""
        known = self._known.get((form, False))
        if known is None:
            known = self._known[form, False] = self.book.format(num_format=form, **self.looks)
        return known

    def text(self, text: str) -> Format:
        """Return the look of a text; it wraps unless the looks say otherwise."""
        key = "", text.startswith(STARTS_FORMULA)
        known = self._known.get(key)
        if known is None:
            known = self._known[key] = self.book.format(**({"text_wrap": True} | self.looks), **_prefix(text))
        return known


class Sheet:
    """One sheet, filled from the top."""

    def __init__(self, book: Book, page: Worksheet) -> None:
        self.book, self.page, self.row = book, page, 0
        self._widths: dict[int, float] = {}

    @property
    def next(self) -> int:
        """The next free row, as Excel counts, from 1."""
        return self.row + 1

    def title(self, text: str, notes: Iterable[str] = ()) -> None:
        """Write the title of the sheet and lines below it, one a row; an empty row follows."""
        self._text(0, text, bold=True, font_size=14)
        self.row += 1
        for note in notes:
            self._text(0, note, italic=True, font_color="#555555")
            self.row += 1
        self.row += 1

    def section(self, text: str) -> None:
        """Write a head inside the sheet, after an empty row."""
        self.row += 1
        self._text(0, text, bold=True, font_size=12, bottom=1)
        self.row += 1

    def widths(self, widths: Sequence[float]) -> None:
        """Set the widths of the first columns, in letters."""
        for place, width in enumerate(widths):
            self._widths[place] = width
            self.page.set_column(place, place, width)

    def paragraph(self, text: str, columns: int) -> None:
        """Write a text over the first `columns` columns, as high as it needs."""
        looks = self.book.format(text_wrap=True, **_prefix(text))
        self.page.merge_range(self.row, 0, self.row, columns - 1, "", looks)
        self.page.write_string(self.row, 0, text[:LONGEST_TEXT], looks)
        self._raise(lines_of(text, sum(self._widths[place] for place in range(columns))))
        self.row += 1

    def line(self, cells: Sequence[Scalar], *, wrap: bool = True, **looks: Any) -> None:
        """Write a row of cells; a number without a format of its own has none; a text that does not wrap runs on."""
        shared = Looks(self.book, looks | {"text_wrap": wrap})
        for place, cell in enumerate(cells):
            self._cell(place, cell, "General", shared)
        if wrap:
            self._fit(cells)
        self.row += 1

    def link(self, name: str) -> None:
        """Write a row that leads to another sheet."""
        place = name.replace("'", "''")
        looks = self.book.format(font_color="#1155CC", underline=1)
        self.page.write_url(self.row, 0, f"internal:'{place}'!A1", looks, name)
        self.row += 1

    def table(self, columns: Sequence[Column], rows: Iterable[Sequence[Scalar]], *, frozen: int = 1) -> None:
        """Write heads and rows; heads and the first `frozen` columns stay in sight and on every page.

        Parameters
        ----------
        columns : sequence of Column
            One for each cell of a row; where one names a group, a row of groups stands above the heads.
        rows : iterable of sequence of Scalar
            A text stays a text, whatever it begins with; None and what is not finite leave the cell empty.
        frozen : int
            Columns that stay in sight.
        """
        top = self.row
        self.widths([column.width for column in columns])
        if any(column.group for column in columns):
            self._groups(columns)
        head = self.row
        for place, column in enumerate(columns):
            look = self.book.format(bold=True, text_wrap=True, bottom=1, bg_color=SHADE, **_set(column))
            self.page.write_string(head, place, column.head, look)
        self._raise(max(lines_of(column.head, column.width - 2) for column in columns))
        self.row = head + 1
        looks = [(place, column.form, Looks(self.book, _set(column))) for place, column in enumerate(columns)]
        for row in rows:
            for cell, (place, form, look) in zip(row, looks, strict=True):
                self._cell(place, cell, form, look)
            self._fit(row)
            self.row += 1
        self.page.freeze_panes(head + 1, frozen)
        self.page.repeat_rows(top, head)
        if frozen:
            self.page.repeat_columns(0, frozen - 1)
        self.page.autofilter(head, 0, max(self.row - 1, head), len(columns) - 1)

    def _groups(self, columns: Sequence[Column]) -> None:
        look = self.book.format(bold=True, align="center", text_wrap=True, bg_color=DEEPER, left=1, right=1)
        start, lines = 0, 1
        for place in range(1, len(columns) + 1):
            if place < len(columns) and columns[place].group == columns[start].group:
                continue
            if group := columns[start].group:
                if place - start > 1:
                    self.page.merge_range(self.row, start, self.row, place - 1, "", look)
                self.page.write_string(self.row, start, group, look)
                lines = max(lines, lines_of(group, sum(column.width for column in columns[start:place])))
            start = place
        self._raise(lines)
        self.row += 1

    def _fit(self, cells: Sequence[Scalar]) -> None:
        """Make the row as high as its highest text; not every program does so itself."""
        most = 1
        for place, cell in enumerate(cells):
            if isinstance(cell, str):
                most = max(most, lines_of(cell, self._widths.get(place, PLAIN)))
        self._raise(most)

    def _raise(self, lines: int) -> None:
        if lines > 1:
            self.page.set_row(self.row, min(LINE * lines + 2, HIGHEST))

    def _cell(self, place: int, cell: Scalar, form: str, looks: Looks) -> None:
        if isinstance(cell, Shown):
            self._cell(place, cell.value, cell.form, looks)
        elif isinstance(cell, Formula):
            self.page.write_formula(self.row, place, cell.text, looks.number(form), cell.value + 0.0)
        elif isinstance(cell, str):
            if cell:
                self.page.write_string(self.row, place, cell[:LONGEST_TEXT], looks.text(cell))
        elif isinstance(cell, bool):
            self.page.write_boolean(self.row, place, cell, looks.number(form))
        elif cell is not None and math.isfinite(cell):
            # Adding zero makes a negative zero positive: nobody wants to read -0.00.
            self.page.write_number(self.row, place, cell + 0.0, looks.number(form))

    def _text(self, place: int, text: str, **looks: Any) -> None:
        self.page.write_string(self.row, place, text[:LONGEST_TEXT], self.book.format(**looks, **_prefix(text)))


def _set(column: Column) -> dict[str, Any]:
    """Set numbers to the right, and words a little in, so that they do not touch the number before them."""
    return {"align": "left", "indent": 1} if column.form == TEXT else {"align": "right"}


def _prefix(text: str) -> dict[str, bool]:
    """Mark a text that looks like a formula, so that it stays a text also when somebody edits the cell."""
    return {"quote_prefix": True} if text.startswith(STARTS_FORMULA) else {}
