"""The layout of a data folder: its columns, labels and checks."""

from __future__ import annotations

import difflib
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence

import numpy as np
import pandas as pd
import pandera.pandas as pa

from forecasting._faults import Fault
from forecasting._layers import file_of, line_of, lines

__all__ = [
    "AREAS",
    "CHECKED",
    "KEY",
    "SEXES",
    "check_indicators",
    "check_regions",
    "check_sources",
    "check_table",
    "check_whole",
    "nearest",
]

AREAS = ("national", "rural", "urban")
SEXES = ("both", "female", "male")
TIMES = ("31 December", "mid-year", "during the year", "at a date")
CHECKED = "checked"
"""Beginning of the note of a row that is right although it looks wrong: nothing is asked of it again."""
KEY = ("indicator", "region", "area", "sex", "age", "year", "month")
AGE_PATTERN = r"all|\d{1,3}|\d{1,3}-\d{1,3}|\d{1,3}\+"
OF_PARTS = "provinces"
"""Topic of what is known of the parts of a country alone: what it requires need not be of the country."""
FIRST_YEAR, LAST_YEAR = 1900, 2200
MONTHS_IN_YEAR = 12
SHOWN = 8
FEW, MANY, LONG, ALIKE = 3, 12, 5, 0.8
"""Rows of a region that may be a slip and of the one it is a slip of, letters of a name that is compared, likeness."""
UNIT_BOUNDS = {"persons": (0.0, np.inf), "share": (0.0, 1.0)}

_Row = dict[str, object]
_Message = Callable[[_Row], tuple[str, str]]


def check_sources(frame: pd.DataFrame) -> list[Fault]:
    """Check the list of sources.

    Parameters
    ----------
    frame : DataFrame
        Text of ``sources.csv``, indexed by place.

    Returns
    -------
    list of Fault
        Empty when all is well.
    """
    filled = {c: pa.Column(str, _check(_filled, "empty")) for c in ("key", "title", "publisher", "licence")}
    schema = pa.DataFrameSchema(
        {
            "address": pa.Column(str, pa.Check.str_matches(r"https?://\S+$", error="address")),
            "date_read": pa.Column(str, _check(_is_date, "date")),
            **filled,
        }
    )
    return _faults(schema, frame) + list(_repeated(frame, ["key"], "key"))


def check_indicators(frame: pd.DataFrame) -> list[Fault]:
    """Check the data dictionary.

    Parameters
    ----------
    frame : DataFrame
        ``indicators.csv`` indexed by place, ``low`` and ``high`` already numbers.

    Returns
    -------
    list of Fault
        Empty when all is well.
    """
    yes_no = pa.Check.isin(("yes", "no"), error="yes_no")
    schema = pa.DataFrameSchema(
        {
            "indicator": pa.Column(str, _check(_filled, "empty")),
            "table": pa.Column(str, _check(_filled, "empty")),
            "unit": pa.Column(str, _check(_filled, "empty")),
            "low": pa.Column(float, _check(lambda low: ~(low > frame["high"]), "order"), nullable=True),
            "time": pa.Column(str, pa.Check.isin(TIMES, error="time")),
            "required": pa.Column(str, yes_no),
            "contiguous": pa.Column(str, yes_no),
        }
    )
    return _faults(schema, frame) + list(_repeated(frame, ["indicator"], "indicator"))


def check_table(frame: pd.DataFrame, topic: str, indicators: pd.DataFrame, sources: pd.DataFrame) -> list[Fault]:
    """Check one topic table against the data dictionary and the sources.

    Parameters
    ----------
    frame : DataFrame
        The table, of all folders, indexed by place, its numbers already numbers.
    topic : str
        Name of the table, without ``.csv``.
    indicators : DataFrame
        The data dictionary.
    sources : DataFrame
        The list of sources.

    Returns
    -------
    list of Fault
        Empty when all is well; faults by row first, then figures that stand twice, then gaps in series.
    """
    full = _with_declared(frame, topic, indicators)
    faults = _faults(_table_schema(full, set(sources["key"])), full)
    twice = _repeated(frame, [column for column in KEY if column in frame], "indicator", "the same figure")
    return [*faults, *twice, *_gaps(frame, indicators)]


def check_whole(frames: dict[str, pd.DataFrame], indicators: pd.DataFrame, country: str) -> list[Fault]:
    """Check that all tables together hold what the models cannot do without.

    Parameters
    ----------
    frames : dict of str to DataFrame
        Tables by topic.
    indicators : DataFrame
        The data dictionary.
    country : str
        Region of the nation's rows.

    Returns
    -------
    list of Fault
        One for a country that no row is of, else one for each required indicator that has no row of it.
    """
    if all((frame["region"] != country).all() for frame in frames.values()):
        # Of a table that could not be read nothing is known.
        if set(frames) < set(indicators["table"]):
            return []
        regions = {region for frame in frames.values() for region in frame["region"]}
        what = f"no row of any table is of the country {country!r}{nearest(country, regions)}"
        return [Fault("column region", what, "Write the country's name in its rows as the run file has it")]
    needed = indicators[(indicators["required"] == "yes") & indicators["table"].isin(frames)]
    found = []
    for name, topic in zip(needed["indicator"], needed["table"], strict=True):
        rows = frames[topic].query("indicator == @name")
        if rows.empty or (topic != OF_PARTS and (rows["region"] != country).all()):
            of = "" if rows.empty else f" of {country}"
            do = "Add its figures, or declare it required no"
            found.append(Fault(f"{topic}.csv", f"the required indicator {name} has no row{of}", do))
    return found


def check_regions(frames: dict[str, pd.DataFrame]) -> list[Fault]:
    """Find regions that have few rows and nearly the name of one that has many: most often a slip.

    Parameters
    ----------
    frames : dict of str to DataFrame
        Tables by topic.

    Returns
    -------
    list of Fault
        One for each such region, at its first row; a note that begins with the word checked silences it.
    """
    regions = pd.concat([frame["region"] for frame in frames.values()] or [pd.Series(dtype="str")])
    notes = pd.concat([frame["note"] for frame in frames.values()] or [pd.Series(dtype="str")])
    count = regions.value_counts()
    many = [name for name in count.index if count[name] >= MANY]
    faults = []
    for name in count.index[count <= FEW]:
        near = _slip_of(name, many)
        rows = regions == name
        if near and not notes[rows].str.lower().str.startswith(CHECKED).all():
            what = f"the region {name!r} has {count[name]} rows, and nearly the name of {near!r}"
            do = f"Write the name as there; if it is another region, begin the note of its rows with the word {CHECKED}"
            faults.append(Fault(f"{regions.index[rows][0]}, column region", what, do))
    return faults


def _slip_of(name: str, regions: Iterable[str]) -> str:
    """Return the region that a name is a slip of; empty if of none."""
    plain = unicodedata.normalize("NFKC", name).casefold().replace(" ", "")
    for other in regions:
        if other.casefold().replace(" ", "") == plain:
            return other
        alike = len(name) >= LONG and difflib.SequenceMatcher(None, name, other).ratio() >= ALIKE
        # A name that goes on where another one ends is another place: Niger and Nigeria, Congo and Congo East.
        if alike and not (name.startswith(other) or other.startswith(name)):
            return other
    return ""


def nearest(name: str, there: Iterable[str]) -> str:
    """Return the names nearest to one that was not found, as the end of a sentence; empty if none is near."""
    found = difflib.get_close_matches(name, sorted(there), n=3, cutoff=0.5)
    return f"; near to it: {', '.join(found)}" if found else ""


def _with_declared(frame: pd.DataFrame, topic: str, indicators: pd.DataFrame) -> pd.DataFrame:
    """Add what the dictionary says of each row."""
    own = indicators[indicators["table"] == topic].drop_duplicates("indicator")
    declared = own.set_index("indicator")
    full = frame.copy()
    for column in ("unit", "low", "high"):
        full[f"declared_{column}"] = frame["indicator"].map(declared[column])
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
        "indicator": pa.Column(str, _check(lambda _: unit.notna(), "undeclared")),
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


def _repeated(frame: pd.DataFrame, keys: Sequence[str], column: str, shown: str = "") -> Iterator[Fault]:
    """Find rows whose key stands on an earlier row; of a folder that copies another, say it once."""
    if frame.empty:
        return
    places = pd.Series(frame.index, index=frame.index)
    first = places.groupby([frame[key] for key in keys], dropna=False).transform("first")
    twice = places[places != first]
    for (file, other), group in twice.groupby([twice.map(file_of), first[twice.index].map(file_of)], sort=False):
        if file != other and len(group) > SHOWN:
            there, count = line_of(first[group.iloc[0]]), f"{len(group):,}"
            what = f"{count} of these rows stand in {other} already, the first of them on {there}"
            do = "Take them out of one of the two; a folder that holds everything is read alone"
            yield Fault(f"{lines(group)}, column {column}", what, do)
            continue
        for place in group:
            there = line_of(first[place]) if file == other else first[place]
            what = f"{shown or repr(frame.at[place, column])} stands on {there}"
            yield Fault(f"{place}, column {column}", f"{what} already", _KEEP if shown else "Keep one of the two")


def _gaps(frame: pd.DataFrame, indicators: pd.DataFrame) -> Iterator[Fault]:
    """Find years missing inside the series that must have none."""
    wanted = indicators.loc[indicators["contiguous"] == "yes", "indicator"]
    # What is no year is a fault of its own: between 2020 and 1,400,000,000 too many are lacking to be counted.
    rows = frame[frame["indicator"].isin(wanted) & frame["year"].between(FIRST_YEAR, LAST_YEAR)]
    for labels, group in rows.groupby(["indicator", "region", "area", "sex", "age"], sort=False):
        years = set(group["year"].astype(int))
        missing = sorted(set(range(min(years), max(years) + 1)) - years)
        if missing:
            files = " and ".join(dict.fromkeys(map(file_of, group.index)))
            series = f"{labels[0]} ({', '.join(map(str, labels[1:]))})"
            what = f"the series {series} lacks {', '.join(map(str, missing))}"
            yield Fault(f"{files}, column year", what, "Add these years, or declare the indicator contiguous no")


def _check(test: Callable[[pd.Series], pd.Series], error: str) -> pa.Check:
    return pa.Check(test, error=error, ignore_na=False)


def _filled(column: pd.Series) -> pd.Series:
    return column.str.strip() != ""


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


_KEEP = "Keep one, or give the other its own indicator"
_LOOK = "Check number and unit, or widen the bounds in indicators.csv"
_MESSAGES: dict[str, _Message] = {
    "empty": lambda r: ("the cell is empty", "Fill it in"),
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


def _faults(schema: pa.DataFrameSchema, frame: pd.DataFrame) -> list[Fault]:
    """Validate lazily and turn each failure into a fault; nothing can be wrong with no rows."""
    if frame.empty:
        return []
    try:
        schema.validate(frame, lazy=True)
    except pa.errors.SchemaErrors as failure:
        cases = failure.failure_cases[["index", "column", "check"]]
        order = cases["index"].map({place: number for number, place in enumerate(frame.index)})
        by_row = cases.iloc[order.argsort(kind="stable")]
        return [_fault(frame, *case) for case in by_row.itertuples(index=False, name=None)]
    return []


def _fault(frame: pd.DataFrame, place: str, column: str, check: str) -> Fault:
    row: _Row = {**frame.loc[place].to_dict(), "cell": frame.at[place, column]}
    what, do = _MESSAGES[check](row)
    return Fault(f"{place}, column {column}", what, do)
