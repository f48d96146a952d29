"""Changes of data tables."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tests.fuzz.judge import Trial
from tests.fuzz.run_files import NothingToChange, one_of

FAMILY = "data table"

Random = np.random.Generator
Row = dict[str, str]

ENDS = ("sources", "indicators")
"""Tables that hold no figures."""

PARTED = ("persons", "yuan", "yuan per person-year", "yuan per person-month")
"""Units whose swaps are tried."""

RELATED = (
    ("membership", "pensioners", 1e-4),
    ("membership", "contributors", 1e-4),
    ("membership", "participants", 1e-4),
    ("pension_fund", "fund_income", 1e-8),
    ("pension_fund", "fund_income", 1e-4),
    ("pension_fund", "fund_expenditure", 1e-8),
    ("pension_fund", "fund_balance", 1e-4),
    ("economy", "general_budget_revenue", 1e-8),
    ("economy", "land_transfer_income", 1e-4),
    ("pension_fund", "individual_contributions", 1e-8),
    ("pension_fund", "fiscal_subsidy", 1e-4),
    ("medical", "resident_fund_expenditure", 1e-8),
    ("medical", "resident_enrollees", 1e-4),
)
"""Whole series that are tried in ten thousands and in hundred millions."""


@dataclass
class Table:
    """One table of a folder, in pieces."""

    file: Path
    header: list[str]
    rows: list[list[str]]

    @property
    def name(self) -> str:
        """Its name without ``.csv``."""
        return self.file.stem

    def column(self, name: str) -> int:
        """Return the number of a column."""
        return self.header.index(name)

    def at(self, number: int) -> Row:
        """Return a row by the names of its columns."""
        return dict(zip(self.header, self.rows[number], strict=True))

    def put(self, number: int, column: str, text: str) -> str:
        """Write a cell, and the table; return what was done."""
        before = self.rows[number][self.column(column)]
        self.rows[number][self.column(column)] = text
        self.write()
        return f"{self.file.name}, line {number + 2}, {column}: {before!r} is {text[:60]!r} now"

    def write(self) -> None:
        """Write the table."""
        self.file.write_bytes(self.bytes())

    def bytes(self) -> bytes:
        """Return the table as it is written."""
        text = io.StringIO()
        csv.writer(text, lineterminator="\n").writerows([self.header, *self.rows])
        return text.getvalue().encode("utf-8")


def tables(folder: Path) -> list[Table]:
    """Read the tables of a folder."""
    found = []
    for file in sorted(folder.glob("*.csv")):
        with file.open(encoding="utf-8", newline="") as text:
            header, *rows = csv.reader(text)
        found.append(Table(file, header, rows))
    return found


def _any(folder: Path, random: Random) -> Table:
    return one_of(tables(folder), random)


def _figures(folder: Path, random: Random) -> Table:
    return one_of([table for table in tables(folder) if table.name not in ENDS], random)


def _number(table: Table, random: Random) -> int:
    return int(random.integers(len(table.rows)))


def no_column(folder: Path, random: Random) -> tuple[str, bool]:
    """Drop a column."""
    table = _any(folder, random)
    place = int(random.integers(len(table.header)))
    name = table.header.pop(place)
    for row in table.rows:
        row.pop(place)
    table.write()
    return f"{table.file.name} without {name}", name != "month"


def other_column(folder: Path, random: Random) -> tuple[str, bool]:
    """Exchange the names of two columns."""
    table = _figures(folder, random)
    one, other = one_of(
        [("year", "value"), ("region", "area"), ("sex", "age"), ("indicator", "unit"), ("value", "source")], random
    )
    places = table.column(one), table.column(other)
    table.header[places[0]], table.header[places[1]] = other, one
    table.write()
    return f"{table.file.name}: {one} and {other} exchanged", True


def no_number(folder: Path, random: Random) -> tuple[str, bool]:
    """Write what is no number."""
    table = _figures(folder, random)
    text = one_of(
        ["NaN", "nan", "inf", "-inf", "", " ", "n/a", "1,234", "12%", "1e999", "一千", "=1+1", "0x10"], random
    )
    return table.put(_number(table, random), one_of(["value", "year"], random), text), True


def huge(folder: Path, random: Random) -> tuple[str, bool]:
    """Write a huge number."""
    table = _figures(folder, random)
    return table.put(_number(table, random), "value", one_of(["1e300", "1e18", "9" * 400, "-1e300"], random)), True


def negative(folder: Path, random: Random) -> tuple[str, bool]:
    """Write a number below nought where there are people, money a head, or shares."""
    table = _figures(folder, random)
    rows = [n for n in range(len(table.rows)) if table.at(n)["unit"] in ("persons", "share", *PARTED[2:])]
    number = one_of(rows, random)
    value = float(table.at(number)["value"])
    return table.put(number, "value", f"{-abs(value) - 1:.10g}"), True


def one_unit(folder: Path, random: Random) -> tuple[str, bool]:
    """Leave one figure of a series of five and more in another unit."""
    table = _figures(folder, random)
    names = ("indicator", "region", "area", "sex", "age")
    count = Counter(tuple(table.at(n)[name] for name in names) for n in range(len(table.rows)))
    rows = [
        n
        for n in range(len(table.rows))
        if (row := table.at(n))["unit"] in PARTED
        and count[tuple(row[name] for name in names)] >= 5
        and float(row["value"]) > 0
        and not row["indicator"].endswith(("surplus", "current_balance"))
        and not row["note"].startswith("checked")
    ]
    number = one_of(rows, random)
    by_head = table.at(number)["unit"] in PARTED[2:]
    factor = one_of([1e-4, 1e4, 12, 1 / 12] if by_head else [1e-4, 1e-8, 1e4, 1e8], random)
    value = float(table.at(number)["value"]) * factor
    years = [
        float(table.at(n)["year"])
        for n in range(len(table.rows))
        if all(table.at(n)[name] == table.at(number)[name] for name in names)
    ]
    # A month for a year, at an end of a series, is no more than some schemes have grown.
    sure = not (by_head and factor in (12, 1 / 12) and float(table.at(number)["year"]) in (min(years), max(years)))
    return table.put(number, "value", f"{value:.10g}"), sure


def all_units(folder: Path, random: Random) -> tuple[str, bool]:
    """Leave a whole series in ten thousands or hundred millions."""
    there = {table.name: table for table in tables(folder)}
    known = [
        (table, indicator, factor)
        for table, indicator, factor in RELATED
        if table in there and any(indicator in row for row in there[table].rows)
    ]
    name, indicator, factor = one_of(known, random)
    table = there[name]
    changed = 0
    regions = {row["region"] for n in range(len(table.rows)) if (row := table.at(n))["indicator"] == indicator}
    region = "China" if "China" in regions else min(regions)
    for n in range(len(table.rows)):
        row = table.at(n)
        if (row["indicator"], row["region"], row["area"]) == (indicator, region, "national"):
            table.rows[n][table.column("value")] = f"{float(row['value']) * factor:.10g}"
            changed += 1
    table.write()
    return f"{table.file.name}: {changed} figures of {indicator} of {region} times {factor:g}", True


def unit_named(folder: Path, random: Random) -> tuple[str, bool]:
    """Name another unit."""
    table = _figures(folder, random)
    text = one_of(["万人", "10000 persons", "%", "yuan ", "Yuan", "", "percent", "person"], random)
    number = _number(table, random)
    return table.put(number, "unit", text), text.strip() != table.at(number)["unit"].strip() or text != "yuan "


def encoded(folder: Path, random: Random) -> tuple[str, bool]:
    """Save a table in another encoding."""
    table = _any(folder, random)
    name = one_of(["utf-16", "utf-16-le", "utf-32", "gb18030", "latin-1"], random)
    text = table.bytes().decode("utf-8")
    new = text.encode(name, errors="replace")
    table.file.write_bytes(new)
    if name == "latin-1":
        return f"{table.file.name} saved as latin-1", False
    return f"{table.file.name} saved as {name}", new != text.encode("utf-8")


def cut(folder: Path, random: Random) -> tuple[str, bool]:
    """End a table somewhere; rows that are lost whole cannot be told."""
    table = _any(folder, random)
    text = table.bytes()
    end = int(random.integers(0, len(text) - 1))
    table.file.write_bytes(text[:end])
    return f"{table.file.name} cut after {end} bytes", text[end - 1 : end] != b"\n"


def flipped(folder: Path, random: Random) -> tuple[str, bool]:
    """Change some bytes; a digit for a digit cannot be told."""
    table = _any(folder, random)
    text = bytearray(table.bytes())
    places = random.integers(0, len(text), int(random.integers(1, 6)))
    for place in places:
        text[place] = int(random.integers(0, 256))
    table.file.write_bytes(text)
    return f"{table.file.name}: bytes {', '.join(map(str, places))} changed", False


def doubled(folder: Path, random: Random) -> tuple[str, bool]:
    """Repeat a row, as it is or with another value: a key stands twice."""
    table = _any(folder, random)
    row = list(table.rows[_number(table, random)])
    if "value" in table.header and random.random() < 0.5:
        row[table.column("value")] = "0.5"
    table.rows.insert(int(random.integers(len(table.rows) + 1)), row)
    table.write()
    return f"{table.file.name}: {','.join(row)[:80]} twice", True


def no_row(folder: Path, random: Random) -> tuple[str, bool]:
    """Take some rows out; what is left may be enough."""
    table = _any(folder, random)
    first = _number(table, random)
    last = min(len(table.rows), first + int(random.integers(1, 40)))
    del table.rows[first:last]
    table.write()
    return f"{table.file.name}: lines {first + 2} to {last + 1} taken out", False


def label(folder: Path, random: Random) -> tuple[str, bool]:
    """Write a label that is none, or nearly one."""
    table = _figures(folder, random)
    number = _number(table, random)
    column, texts = one_of(
        [
            ("area", ["Rural", "town", ""]),
            ("sex", ["m", "Female", "all"]),
            ("age", ["60-", "64-60", "old", "6O+", "0.5"]),
            ("indicator", ["pensioner", "", "../x", "<b>"]),
            ("source", ["nobody", "", "http://x"]),
            ("region", ["", "Chnia", "CHINA", "Ｃｈｉｎａ", "Chi na"]),
            ("year", ["20", "20200", "2020.5", "二〇二〇", "2020-01-01"]),
        ],
        random,
    )
    text = one_of(texts, random)
    if column == "region" and text and "China" not in {row[table.column("region")] for row in table.rows}:
        raise NothingToChange
    return table.put(number, column, text), True


def unseen(folder: Path, random: Random) -> tuple[str, bool]:
    """Put characters that nobody sees into a name, or leave a quote open."""
    table = _figures(folder, random)
    number = _number(table, random)
    mark = one_of(["\x00", "\x1b[31m", "\u200b", "\ufeff", "\u202e", "\x85"], random)
    if random.random() < 0.3:
        lines = table.bytes().decode("utf-8").split("\n")
        # Not the last row, after which nothing is swallowed, and none with a quote that would close the new one.
        plain = [n for n in range(len(table.rows) - 1) if '"' not in lines[n + 1]]
        number = one_of(plain, random)
        place = lines[number + 1].rindex(",") + 1
        lines[number + 1] = f'{lines[number + 1][:place]}"{lines[number + 1][place:]}'
        table.file.write_text("\n".join(lines), encoding="utf-8")
        return f"{table.file.name}, line {number + 2}: a quote is not closed", True
    column = one_of(["region", "note", "source"], random)
    return table.put(number, column, table.at(number)[column] + mark + "x"), True


def shuffled(folder: Path, random: Random) -> tuple[str, bool]:
    """Put rows into another order, or other ends of lines: nothing is wrong."""
    table = _any(folder, random)
    if random.random() < 0.5:
        random.shuffle(table.rows)
        table.write()
        return f"{table.file.name} in another order", False
    table.file.write_bytes(b"\xef\xbb\xbf" + table.bytes().replace(b"\n", b"\r\n"))
    return f"{table.file.name} as a spreadsheet saves it", False


def bounds(folder: Path, random: Random) -> tuple[str, bool]:
    """Break the data dictionary or the list of sources."""
    table = one_of([table for table in tables(folder) if table.name in ENDS], random)
    number = _number(table, random)
    column, text = one_of(
        [("low", "1e30"), ("high", "nan"), ("time", "at noon"), ("required", "maybe"), ("contiguous", "")]
        if table.name == "indicators"
        else [("address", "javascript:alert(1)"), ("date_read", "2026-13-40"), ("title", " "), ("key", "")],
        random,
    )
    return table.put(number, column, text), True


CHANGES: dict[str, Callable[[Path, Random], tuple[str, bool]]] = {
    "a column dropped": no_column,
    "two columns exchanged": other_column,
    "NaN, infinity or a text for a number": no_number,
    "huge numbers": huge,
    "negative numbers": negative,
    "one figure in another unit": one_unit,
    "a whole series in another unit": all_units,
    "another unit named": unit_named,
    "another encoding": encoded,
    "cut anywhere": cut,
    "bytes changed": flipped,
    "a key twice": doubled,
    "rows taken out": no_row,
    "a label that is none": label,
    "unseen characters, open quotes": unseen,
    "another order, other ends of lines": shuffled,
    "broken dictionary or sources": bounds,
}


def change(kind: str, file: Path, random: Random) -> Trial:
    """Change a table beside a run file."""
    what, wrong = CHANGES[kind](file.parent / "data", random)
    return Trial(FAMILY, kind, what, wrong)
