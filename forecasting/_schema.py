"""The layout of a data folder: its columns, labels and checks."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import pandas as pd
import pandera.pandas as pa

from forecasting._faults import Fault

__all__ = ["AREAS", "KEY", "SEXES", "check_indicators", "check_sources", "check_table"]

AREAS = ("national", "rural", "urban")
SEXES = ("both", "female", "male")
TIMES = ("31 December", "mid-year", "during the year", "at a date")
KEY = ("indicator", "region", "area", "sex", "age", "year", "month")
AGE_PATTERN = r"all|\d{1,3}|\d{1,3}-\d{1,3}|\d{1,3}\+"
FIRST_YEAR, LAST_YEAR = 1900, 2200
MONTHS_IN_YEAR = 12
UNIT_BOUNDS = {"persons": (0.0, np.inf), "share": (0.0, 1.0)}

_Row = dict[str, object]
_Message = Callable[[_Row], tuple[str, str]]


def check_sources(frame: pd.DataFrame, name: str) -> list[Fault]:
    """Check the list of sources.

    Parameters
    ----------
    frame : DataFrame
        Text of ``sources.csv``, indexed by line number.
    name : str
        Name of the file, for the faults.

    Returns
    -------
    list of Fault
        Empty when all is well.
    """
    filled = {c: pa.Column(str, _check(_filled, "empty")) for c in ("title", "publisher", "licence")}
    schema = pa.DataFrameSchema(
        {
            "key": pa.Column(str, [_check(_filled, "empty"), _check(_first, "repeated")]),
            "address": pa.Column(str, pa.Check.str_matches(r"https?://\S+$", error="address")),
            "date_read": pa.Column(str, _check(_is_date, "date")),
            **filled,
        }
    )
    return _faults(schema, frame, name)


def check_indicators(frame: pd.DataFrame, name: str) -> list[Fault]:
    """Check the data dictionary.

    Parameters
    ----------
    frame : DataFrame
        ``indicators.csv`` indexed by line number, ``low`` and ``high`` already numbers.
    name : str
        Name of the file, for the faults.

    Returns
    -------
    list of Fault
        Empty when all is well.
    """
    yes_no = pa.Check.isin(("yes", "no"), error="yes_no")
    schema = pa.DataFrameSchema(
        {
            "indicator": pa.Column(str, [_check(_filled, "empty"), _check(_first, "repeated")]),
            "table": pa.Column(str, _check(_filled, "empty")),
            "unit": pa.Column(str, _check(_filled, "empty")),
            "low": pa.Column(float, _check(lambda low: ~(low > frame["high"]), "order"), nullable=True),
            "time": pa.Column(str, pa.Check.isin(TIMES, error="time")),
            "required": pa.Column(str, yes_no),
            "contiguous": pa.Column(str, yes_no),
        }
    )
    return _faults(schema, frame, name)


def check_table(frame: pd.DataFrame, name: str, indicators: pd.DataFrame, sources: pd.DataFrame) -> list[Fault]:
    """Check one topic table against the data dictionary and the sources.

    Parameters
    ----------
    frame : DataFrame
        The table, indexed by line number, its numbers already numbers.
    name : str
        Name of the file, for the faults.
    indicators : DataFrame
        The data dictionary.
    sources : DataFrame
        The list of sources.

    Returns
    -------
    list of Fault
        Empty when all is well; faults by row first, then gaps in series.
    """
    full = _with_declared(frame, name, indicators)
    faults = _faults(_table_schema(full, set(sources["key"])), full, name)
    return faults + list(_gaps(frame, name, indicators))


def _with_declared(frame: pd.DataFrame, name: str, indicators: pd.DataFrame) -> pd.DataFrame:
    """Add what the dictionary says of each row, and the line that has the same key first."""
    own = indicators[indicators["table"] == name.removesuffix(".csv")].drop_duplicates("indicator")
    declared = own.set_index("indicator")
    full = frame.copy()
    for column in ("unit", "low", "high"):
        full[f"declared_{column}"] = frame["indicator"].map(declared[column])
    keys = [column for column in KEY if column in frame]
    lines = pd.Series(frame.index, index=frame.index, dtype="int64")
    full["first_line"] = lines.groupby([frame[c] for c in keys], dropna=False).transform("min")
    return full


def _table_schema(full: pd.DataFrame, keys: set[str]) -> pa.DataFrameSchema:
    """Build the schema of one table; ``full`` carries the bounds of each row."""
    low, high, unit = full["declared_low"], full["declared_high"], full["declared_unit"]
    least = unit.map({u: b[0] for u, b in UNIT_BOUNDS.items()}).astype("float64")
    most = unit.map({u: b[1] for u, b in UNIT_BOUNDS.items()}).astype("float64")
    columns = {
        "year": pa.Column(float, _check(_is_year, "year"), nullable=True),
        "region": pa.Column(str, _check(_filled, "empty")),
        "area": pa.Column(str, pa.Check.isin(AREAS, error="area")),
        "sex": pa.Column(str, pa.Check.isin(SEXES, error="sex")),
        "age": pa.Column(str, _check(_is_age, "age")),
        "indicator": pa.Column(
            str,
            [_check(lambda _: unit.notna(), "undeclared"), _check(lambda _: full["first_line"] == full.index, "key")],
        ),
        "unit": pa.Column(str, _check(lambda s: (s == unit) | unit.isna(), "unit")),
        "value": pa.Column(
            float,
            [
                _check(lambda s: ~(s < least), "negative"),
                _check(lambda s: ~(s > most), "share"),
                _check(lambda s: ~(s < low) | (s < least), "low"),
                _check(lambda s: ~(s > high) | (s > most), "high"),
            ],
            nullable=True,
        ),
        "source": pa.Column(str, pa.Check.isin(keys, error="source")),
    }
    if "month" in full:
        columns["month"] = pa.Column(float, _check(_is_month, "month"), nullable=True)
    return pa.DataFrameSchema(columns)


def _gaps(frame: pd.DataFrame, name: str, indicators: pd.DataFrame) -> Iterator[Fault]:
    """Find years missing inside the series that must have none."""
    wanted = indicators.loc[indicators["contiguous"] == "yes", "indicator"]
    rows = frame[frame["indicator"].isin(wanted) & frame["year"].notna()]
    for labels, group in rows.groupby(["indicator", "region", "area", "sex", "age"], sort=False):
        years = set(group["year"].astype(int))
        missing = sorted(set(range(min(years), max(years) + 1)) - years)
        if missing:
            series = f"{labels[0]} ({', '.join(map(str, labels[1:]))})"
            what = f"the series {series} lacks {', '.join(map(str, missing))}"
            yield Fault(f"{name}, column year", what, "Add these years, or declare the indicator contiguous no")


def _check(test: Callable[[pd.Series], pd.Series], error: str) -> pa.Check:
    return pa.Check(test, error=error, ignore_na=False)


def _filled(column: pd.Series) -> pd.Series:
    return column.str.strip() != ""


def _first(column: pd.Series) -> pd.Series:
    return ~column.duplicated()


def _is_date(column: pd.Series) -> pd.Series:
    # pandas reads "today" and "now" as dates, so the digits are asked for first.
    digits = column.str.fullmatch(r"\d{4}-\d{2}-\d{2}")
    return digits & pd.to_datetime(column.where(digits), format="%Y-%m-%d", errors="coerce").notna()


def _is_year(column: pd.Series) -> pd.Series:
    return column.isna() | (column.between(FIRST_YEAR, LAST_YEAR) & (column % 1 == 0))


def _is_month(column: pd.Series) -> pd.Series:
    return column.isna() | (column.between(1, MONTHS_IN_YEAR) & (column % 1 == 0))


def _is_age(column: pd.Series) -> pd.Series:
    ends = column.str.extract(r"^(\d+)-(\d+)$").astype("float64")
    return column.str.fullmatch(AGE_PATTERN) & ~(ends[0] >= ends[1])


_LOOK = "Check number and unit, or widen the bounds in indicators.csv"
_MESSAGES: dict[str, _Message] = {
    "empty": lambda r: ("the cell is empty", "Fill it in"),
    "repeated": lambda r: (f"{r['cell']!r} stands on an earlier line already", "Keep one of the two"),
    "address": lambda r: (f"{r['cell']!r} is no public address", "Write an address that begins with http"),
    "date": lambda r: (f"{r['cell']!r} is no date", "Write year-month-day, such as 2026-11-22"),
    "yes_no": lambda r: (f"{r['cell']!r} is neither yes nor no", "Write yes or no"),
    "time": lambda r: (f"{r['cell']!r} is no known time", f"Write one of: {'; '.join(TIMES)}"),
    "order": lambda r: (f"low {r['low']:g} is above high {r['high']:g}", "Exchange or correct the bounds"),
    "year": lambda r: (f"{r['cell']:g} is no year", f"Write a whole year from {FIRST_YEAR} to {LAST_YEAR}"),
    "month": lambda r: (f"{r['cell']:g} is no month", "Write a whole number from 1 to 12"),
    "area": lambda r: (f"unknown area {r['cell']!r}", f"Write one of: {', '.join(AREAS)}"),
    "sex": lambda r: (f"unknown sex {r['cell']!r}", f"Write one of: {', '.join(SEXES)}"),
    "age": lambda r: (f"unknown age {r['cell']!r}", "Write all, a single age as 7, a group as 15-19 or 60+"),
    "undeclared": lambda r: (
        f"the indicator {r['cell']!r} is not declared for this table",
        "Declare it in indicators.csv, or correct the name",
    ),
    "key": lambda r: (
        f"the same figure stands on line {r['first_line']}",
        "Keep one, or give the other its own indicator",
    ),
    "unit": lambda r: (
        f"unit {r['cell']!r}, but {r['indicator']} is declared in {r['declared_unit']!r}",
        "Convert the value, or correct the unit",
    ),
    "negative": lambda r: (f"{r['cell']:g} {r['unit']} is below nought", "Correct the number"),
    "share": lambda r: (f"the share {r['cell']:g} is over 1", "Write a share from 0 to 1, not a percentage"),
    "low": lambda r: (f"{r['cell']:g} is below {r['declared_low']:g}, the least for {r['indicator']}", _LOOK),
    "high": lambda r: (f"{r['cell']:g} is above {r['declared_high']:g}, the most for {r['indicator']}", _LOOK),
    "source": lambda r: (f"unknown source {r['cell']!r}", "Add it to sources.csv, or correct the key"),
}


def _faults(schema: pa.DataFrameSchema, frame: pd.DataFrame, name: str) -> list[Fault]:
    """Validate lazily and turn each failure into a fault; nothing can be wrong with no rows."""
    if frame.empty:
        return []
    try:
        schema.validate(frame, lazy=True)
    except pa.errors.SchemaErrors as failure:
        cases = failure.failure_cases[["index", "column", "check"]].sort_values("index", kind="stable")
        return [_fault(frame, name, *case) for case in cases.itertuples(index=False, name=None)]
    return []


def _fault(frame: pd.DataFrame, name: str, line: int, column: str, check: str) -> Fault:
    row: _Row = {**frame.loc[line].to_dict(), "cell": frame.at[line, column]}
    what, do = _MESSAGES[check](row)
    return Fault(f"{name}, line {line}, column {column}", what, do)
