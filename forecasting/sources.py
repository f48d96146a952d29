"""Read and check the tables of a data folder; every figure keeps its source.

A data folder holds one small CSV file a topic, all in one layout, with ``sources.csv`` (where each figure was
published) and ``indicators.csv`` (its meaning, unit and bounds). :func:`read_tables` names every fault at once.
"""

from __future__ import annotations

import csv
import difflib
import hashlib
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from forecasting import _schema
from forecasting._faults import DataFaults, Fault, FigureNotFound

__all__ = ["DataFaults", "Fault", "FigureNotFound", "Tables", "default_data_folder", "read_tables"]

LABELS = ("region", "area", "sex", "age")
TABLE_COLUMNS = ("year", *LABELS, "indicator", "value", "unit", "source", "note")
SOURCE_COLUMNS = ("key", "title", "publisher", "address", "licence", "date_read")
INDICATOR_COLUMNS = ("indicator", "table", "unit", "low", "high", "time", "required", "contiguous", "meaning")
SOURCES, INDICATORS = "sources.csv", "indicators.csv"
SHOWN = 8


@dataclass(frozen=True)
class Tables:
    """The checked tables of one data folder.

    Parameters
    ----------
    frames : dict of str to DataFrame
        Topic tables by name, without ``.csv``.
    sources : DataFrame
        Where the figures were published, one row a source.
    indicators : DataFrame
        The data dictionary: indicator, table, unit, bounds, time and meaning.
    hash : str
        SHA-256 of all CSV files of the folder; two folders with the same figures agree.
    """

    frames: dict[str, pd.DataFrame]
    sources: pd.DataFrame
    indicators: pd.DataFrame
    hash: str

    def series(
        self, indicator: str, *, region: str = "China", area: str = "national", sex: str = "both", age: str = "all"
    ) -> pd.Series:
        """Return one series over time.

        Parameters
        ----------
        indicator : str
            Name in ``indicators.csv``.
        region, area, sex, age : str
            Labels of the series.

        Returns
        -------
        Series of float
            In the declared unit, indexed by year, or by monthly period for monthly figures; gaps stay gaps.

        Raises
        ------
        FigureNotFound
            If there is no such series; the message says what there is.
        """
        rows = self._rows(indicator)
        wanted = {"region": region, "area": area, "sex": sex, "age": age}
        found = rows[np.logical_and.reduce([rows[k] == v for k, v in wanted.items()])]
        if found.empty:
            raise FigureNotFound(_not_found(rows, indicator, wanted))
        values = found["value"].to_numpy()
        return pd.Series(values, index=_time_index(found), name=indicator).sort_index()

    def table(
        self, indicator: str, *, region: str = "China", area: str | None = None, year: int | None = None
    ) -> pd.DataFrame:
        """Return the rows of one indicator, their ages as numbers.

        Parameters
        ----------
        indicator : str
            Name in ``indicators.csv``.
        region : str
            Region of the rows.
        area : str, optional
            Only this area.
        year : int, optional
            Only this year.

        Returns
        -------
        DataFrame
            Tidy rows with ``age_from`` and ``age_to`` in completed years, both included: 15-19 is 15 and 19,
            0 is 0 and 0, 60+ is 60 and infinity, all is NaN and NaN.

        Raises
        ------
        FigureNotFound
            If there is no such row; the message says what there is.
        """
        rows = self._rows(indicator)
        wanted = {k: v for k, v in {"region": region, "area": area, "year": year}.items() if v is not None}
        found = rows[np.logical_and.reduce([rows[k] == v for k, v in wanted.items()])]
        if found.empty:
            raise FigureNotFound(_not_found(rows, indicator, wanted))
        ages = found["age"].str.extract(r"^(?P<age_from>\d+)(?:-(?P<age_to>\d+))?(?P<open>\+)?$")
        start, end = ages["age_from"].astype("float64"), ages["age_to"].astype("float64")
        end = end.fillna(start).mask(ages["open"].notna(), np.inf)
        out = found.assign(age_from=start, age_to=end)
        return out.sort_values(["area", "sex", "year", "age_from"], kind="stable").reset_index(drop=True)

    def sources_of(self, indicators: str | Iterable[str]) -> pd.DataFrame:
        """Return the sources that some indicators rest on.

        Parameters
        ----------
        indicators : str or iterable of str
            Names in ``indicators.csv``.

        Returns
        -------
        DataFrame
            The rows of ``sources.csv`` that these indicators use, in its order.

        Raises
        ------
        FigureNotFound
            If an indicator is not declared.
        """
        names = [indicators] if isinstance(indicators, str) else list(indicators)
        used = {key for name in names for key in self._rows(name)["source"]}
        return self.sources[self.sources["key"].isin(used)].reset_index(drop=True)

    def _rows(self, indicator: str) -> pd.DataFrame:
        declared = self.indicators.loc[self.indicators["indicator"] == indicator, "table"]
        if declared.empty:
            near = difflib.get_close_matches(indicator, self.indicators["indicator"], n=3, cutoff=0.5)
            hint = f"; near to it: {', '.join(near)}" if near else ""
            raise FigureNotFound(f"there is no indicator {indicator!r}{hint}")
        frame = self.frames[declared.iloc[0]]
        return frame[frame["indicator"] == indicator]


def read_tables(folder: Path) -> Tables:
    """Read a data folder and check all of it.

    Parameters
    ----------
    folder : Path
        Folder with ``sources.csv``, ``indicators.csv`` and the topic tables that the latter names.

    Returns
    -------
    Tables
        The checked tables.

    Raises
    ------
    DataFaults
        If anything is wrong; it lists every fault with file, line and column.
    """
    folder = Path(folder)
    faults: list[Fault] = []
    sources = _read(folder / SOURCES, SOURCE_COLUMNS, (), faults)
    indicators = _read(folder / INDICATORS, INDICATOR_COLUMNS, ("low", "high"), faults)
    if sources is None or indicators is None:
        raise DataFaults(faults)
    faults += _schema.check_sources(sources, SOURCES) + _schema.check_indicators(indicators, INDICATORS)
    frames: dict[str, pd.DataFrame] = {}
    for topic in dict.fromkeys(t for t in indicators["table"] if t):
        frame = _read(folder / f"{topic}.csv", TABLE_COLUMNS, ("year", "month", "value"), faults)
        if frame is not None:
            faults += _schema.check_table(frame, f"{topic}.csv", indicators, sources)
            frames[topic] = frame
    faults += _missing_indicators(indicators, frames) + _strange_files(folder, indicators)
    if faults:
        raise DataFaults(faults)
    typed = {topic: _typed(frame) for topic, frame in frames.items()}
    return Tables(typed, sources.reset_index(drop=True), indicators.reset_index(drop=True), _hash(folder))


def default_data_folder() -> Path:
    """Return the folder with the figures that come with Granary.

    Returns
    -------
    Path
        The bundled folder of an installed package, or ``data`` of a checkout.
    """
    package = Path(__file__).resolve().parent
    bundled = package / "_bundled"
    return bundled if bundled.is_dir() else package.parent / "data"


def _read(path: Path, columns: Iterable[str], numbers: Iterable[str], faults: list[Fault]) -> pd.DataFrame | None:
    """Read one file as text with its numbers parsed, indexed by line; note faults as they are met."""
    text = _text(path, faults)
    if text is None:
        return None
    reader = csv.reader(io.StringIO(text, newline=""))
    header = [cell.strip() for cell in next(reader, [])]
    missing = [column for column in columns if column not in header]
    doubled = sorted({column for column in header if header.count(column) > 1})
    if missing or doubled:
        what = "; ".join(f"{kind} {', '.join(c)}" for kind, c in (("no column", missing), ("twice", doubled)) if c)
        faults.append(Fault(f"{path.name}, line 1", what, f"Begin the file with the columns {', '.join(columns)}"))
        return None
    rows: dict[int, list[str]] = {}
    for row in reader:
        if len(row) == len(header):
            rows[reader.line_num] = row
        elif row:
            what = f"{len(row)} cells where the header has {len(header)}"
            faults.append(Fault(f"{path.name}, line {reader.line_num}", what, "Quote a cell that holds a comma"))
    frame = pd.DataFrame(rows.values(), index=list(rows), columns=header, dtype="str")
    for column in numbers:
        if column in frame:
            frame[column] = _numbers(frame[column], path.name, faults)
    return frame


def _text(path: Path, faults: list[Fault]) -> str | None:
    if not path.is_file():
        faults.append(Fault(path.name, "the file is missing", "Put it into the data folder"))
        return None
    raw = path.read_bytes()
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        faults.append(Fault(f"{path.name}, line {line}", "the text is not UTF-8", "Save the file again as UTF-8"))
        return None


def _numbers(column: pd.Series, name: str, faults: list[Fault]) -> pd.Series:
    """Parse a column; what is no finite number becomes NaN and a fault."""
    numbers = pd.to_numeric(column, errors="coerce").astype("float64")
    numbers = numbers.where(np.isfinite(numbers))
    for line in numbers.index[numbers.isna()]:
        what = f"{column[line]!r} is not a finite number" if column[line].strip() else "the number is missing"
        do = "Write a plain number, or leave the whole row out: gaps stay gaps"
        faults.append(Fault(f"{name}, line {line}, column {column.name}", what, do))
    return numbers


def _typed(frame: pd.DataFrame) -> pd.DataFrame:
    whole = {column: "int64" for column in ("year", "month") if column in frame}
    return frame.astype(whole).reset_index(drop=True)


def _missing_indicators(indicators: pd.DataFrame, frames: dict[str, pd.DataFrame]) -> list[Fault]:
    needed = indicators[(indicators["required"] == "yes") & indicators["table"].isin(frames)]
    do = "Add its figures, or declare it required no"
    return [
        Fault(f"{topic}.csv", f"the required indicator {name} has no row", do)
        for name, topic in zip(needed["indicator"], needed["table"], strict=True)
        if not (frames[topic]["indicator"] == name).any()
    ]


def _strange_files(folder: Path, indicators: pd.DataFrame) -> list[Fault]:
    known = {SOURCES, INDICATORS, *(indicators["table"] + ".csv")}
    strange = sorted({path.name for path in folder.glob("*.csv")} - known)
    do = "Declare its indicators in indicators.csv, or take the file away"
    return [Fault(name, "no indicator is declared for this table", do) for name in strange]


def _hash(folder: Path) -> str:
    digest = hashlib.sha256()
    for path in sorted(folder.glob("*.csv")):
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def _time_index(rows: pd.DataFrame) -> pd.Index:
    if "month" not in rows:
        return pd.Index(rows["year"].to_numpy(), name="year")
    parts = {"year": rows["year"].to_numpy(), "month": rows["month"].to_numpy()}
    return pd.PeriodIndex.from_fields(**parts, freq="M").rename("month")


def _not_found(rows: pd.DataFrame, indicator: str, wanted: Mapping[str, object]) -> str:
    """Say what was asked for and what there is."""
    asked = ", ".join(f"{k} {v}" for k, v in wanted.items())
    there = []
    for label in wanted:
        values = [str(v) for v in dict.fromkeys(rows[label])]
        more = f" and {len(values) - SHOWN} more" if len(values) > SHOWN else ""
        there.append(f"{label} {', '.join(values[:SHOWN])}{more}")
    return f"{indicator} has no figure for {asked}; it has {'; '.join(there)}"
