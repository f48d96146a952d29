"""The checked tables of a run, and how a figure is asked of them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from functools import cached_property

import numpy as np
import pandas as pd

from forecasting._faults import FigureNotFound
from forecasting._schema import nearest

COUNTRY = "China"
"""Region of the nation's rows in the figures that come with Granary."""

SHOWN = 8

LABELS = ["region", "area", "sex", "age"]
"""What tells series of one indicator apart."""

Asked = tuple[str | int | None, ...]


@dataclass(frozen=True)
class Tables:
    """The checked tables of one data folder, or of several laid over each other.

    Parameters
    ----------
    frames : dict of str to DataFrame
        Topic tables by name, without ``.csv``.
    sources : DataFrame
        Where the figures were published, one row a source.
    indicators : DataFrame
        The data dictionary: indicator, table, unit, bounds, time and meaning.
    hash : str
        SHA-256 of all CSV files of the folders; folders with the same figures agree.
    country : str
        Region of the nation's rows: what `series` and `table` give where no region is named.
    """

    frames: dict[str, pd.DataFrame]
    sources: pd.DataFrame
    indicators: pd.DataFrame
    hash: str
    country: str = COUNTRY

    def series(
        self, indicator: str, *, region: str | None = None, area: str = "national", sex: str = "both", age: str = "all"
    ) -> pd.Series:
        """Return one series over time.

        Parameters
        ----------
        indicator : str
            Name in ``indicators.csv``.
        region : str, optional
            Region of the series; the country if left out.
        area, sex, age : str
            Its other labels.

        Returns
        -------
        Series of float
            In the declared unit, indexed by year, or by monthly period for monthly figures; gaps stay gaps.

        Raises
        ------
        FigureNotFound
            If there is no such series; the message says what there is.
        """
        asked = (indicator, region or self.country, area, sex, age)
        if asked not in self._memo.series:
            self._memo.series[asked] = self._find_series(indicator, dict(zip(LABELS, asked[1:], strict=True)))
        return _given(self._memo.series[asked])

    def table(
        self, indicator: str, *, region: str | None = None, area: str | None = None, year: int | None = None
    ) -> pd.DataFrame:
        """Return the rows of one indicator, their ages as numbers.

        Parameters
        ----------
        indicator : str
            Name in ``indicators.csv``.
        region : str, optional
            Region of the rows; the country if left out.
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
        asked = (indicator, region or self.country, area, year)
        if asked not in self._memo.tables:
            wanted = dict(zip(["region", "area", "year"], asked[1:], strict=True))
            self._memo.tables[asked] = self._find_table(indicator, {k: v for k, v in wanted.items() if v is not None})
        return _given(self._memo.tables[asked])

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

    def until(self, year: int) -> Tables:
        """Forget what was not known at the end of a year: the tables of a forecast made then.

        Parameters
        ----------
        year : int
            Last year that is known.

        Returns
        -------
        Tables
            Rows up to `year`. A mean over a period (``mx``, named by the year in its middle) is known when the
            period has ended. What is left are today's revisions, not what stood in print.
        """
        known = {topic: frame[frame["year"] + _lasting(frame) <= year] for topic, frame in self.frames.items()}
        frames = {topic: frame.reset_index(drop=True) for topic, frame in known.items()}
        return replace(self, frames=frames, hash=hashlib.sha256(f"{self.hash} until {year}".encode()).hexdigest())

    def __getstate__(self) -> dict[str, object]:
        """Leave out what was looked up: it is found again."""
        return {field.name: getattr(self, field.name) for field in fields(self)}

    @cached_property
    def _memo(self) -> _Memo:
        return _Memo()

    def _find_series(self, indicator: str, wanted: Mapping[str, str]) -> pd.Series | str:
        """Return a series, or the words of what is missing."""
        rows = self._rows(indicator)
        if indicator not in self._memo.places:
            self._memo.places[indicator] = rows.groupby(LABELS, sort=False).indices
        places = self._memo.places[indicator].get(tuple(wanted.values()))
        if places is None:
            return _not_found(rows, indicator, wanted)
        found = rows.iloc[places]
        return pd.Series(found["value"].to_numpy(), index=_time_index(found), name=indicator).sort_index()

    def _find_table(self, indicator: str, wanted: Mapping[str, str | int]) -> pd.DataFrame | str:
        """Return rows with their ages as numbers, or the words of what is missing."""
        rows = self._rows(indicator)
        found = rows[np.logical_and.reduce([rows[k] == v for k, v in wanted.items()])]
        if found.empty:
            return _not_found(rows, indicator, wanted)
        ages = found["age"].str.extract(r"^(?P<age_from>\d+)(?:-(?P<age_to>\d+))?(?P<open>\+)?$")
        start, end = ages["age_from"].astype("float64"), ages["age_to"].astype("float64")
        end = end.fillna(start).mask(ages["open"].notna(), np.inf)
        out = found.assign(age_from=start, age_to=end)
        return out.sort_values(["area", "sex", "year", "age_from"], kind="stable").reset_index(drop=True)

    def _rows(self, indicator: str) -> pd.DataFrame:
        if indicator not in self._memo.rows:
            self._memo.rows[indicator] = self._find_rows(indicator)
        return self._memo.rows[indicator]

    def _find_rows(self, indicator: str) -> pd.DataFrame:
        declared = self.indicators.loc[self.indicators["indicator"] == indicator, "table"]
        if declared.empty:
            hint = nearest(indicator, self.indicators["indicator"])
            raise FigureNotFound(f"there is no indicator {indicator!r}{hint}")
        frame = self.frames[declared.iloc[0]]
        return frame[frame["indicator"] == indicator]


class _Memo:
    """What was looked up in tables, which do not change: a run asks for the same few thousand figures many times.

    Attributes
    ----------
    rows : dict of str to DataFrame
        By indicator.
    places : dict of str to dict
        By indicator: places in its rows, by the labels of :data:`LABELS`.
    series, tables : dict
        What was found, or the words of what was not.
    """

    def __init__(self) -> None:
        self.rows: dict[str, pd.DataFrame] = {}
        self.places: dict[str, dict[tuple[str, ...], np.ndarray]] = {}
        self.series: dict[Asked, pd.Series | str] = {}
        self.tables: dict[Asked, pd.DataFrame | str] = {}


def _given[F: (pd.Series, pd.DataFrame)](known: F | str) -> F:
    """Hand on what is known. A copy, written to, does not change what is known (pandas copies on writing)."""
    if isinstance(known, str):
        raise FigureNotFound(known)
    return known.copy(deep=False)


def _time_index(rows: pd.DataFrame) -> pd.Index:
    if "month" not in rows:
        return pd.Index(rows["year"].to_numpy(), name="year")
    parts = {"year": rows["year"].to_numpy(), "month": rows["month"].to_numpy()}
    return pd.PeriodIndex.from_fields(**parts, freq="M").rename("month")


def _lasting(frame: pd.DataFrame) -> pd.Series:
    """Return the years from the year of each row to the end of what it is a mean of."""
    span = frame["note"].str.extract(r"^period \d{4}-(?P<last>\d{4})\b")["last"].astype("float64") - 1
    return (span - frame["year"]).clip(lower=0).fillna(0)


def _not_found(rows: pd.DataFrame, indicator: str, wanted: Mapping[str, object]) -> str:
    """Say what was asked for and what there is."""
    asked = ", ".join(f"{k} {v}" for k, v in wanted.items())
    there = []
    for label in wanted:
        values = [str(v) for v in dict.fromkeys(rows[label])]
        more = f" and {len(values) - SHOWN} more" if len(values) > SHOWN else ""
        there.append(f"{label} {', '.join(values[:SHOWN])}{more}")
    return f"{indicator} has no figure for {asked}; it has {'; '.join(there)}"
