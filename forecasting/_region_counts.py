"""What is published of a region's people, and what of it is lacking."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd

from forecasting._faults import FigureNotFound
from forecasting.axes import AREAS, MAX_AGE, SEXES
from forecasting.models.provinces import log_ratio

if TYPE_CHECKING:
    from forecasting.models.provinces import Priors
    from forecasting.sources import Tables

TOTALS = ("population_year_end", "population_year_end_province", "population_census")
"""Indicators of a region's people; the newest figure counts, and of one year the first of these."""

URBAN = ("urban_share", "urban_share_province", "urban_share_census")
"""Indicators of the urban share, in the same order."""

SHARES, CENSUS = "population_share", "population_census"

FLOW_SD = 0.05
"""Error (log) of births and deaths of a region, from a sample survey, and of what they are set against."""

RECENT, AGEING = 5, 0.004
"""Years from the base year within which an age share counts, and its further error (log) a year: people move."""

LONGEST = 10
"""Counts further apart than this, in years, say nothing of today's moves."""

EVERYONE = np.ones((len(AREAS), len(SEXES), MAX_AGE + 1), dtype=bool)

MEMBERS = {
    "contributors": "contributors: give their number at 31 December",
    "pensioners": "pensioners: give their number at 31 December",
    "income": "rural income: give rural_disposable_income_per_head, area rural",
    "benefit": "benefits: give fund_expenditure of a year, and pensioners at both its ends",
}
"""What is asked for where a series of `provinces.STEPPED` is empty."""


class Count(NamedTuple):
    """One count of people of a region, as the log of a number or of a quotient.

    Attributes
    ----------
    over, under : numpy.ndarray of bool, shape (2, 2, 101)
        Areas, sexes and ages that were counted, and those that they are divided by; nobody: a number.
    year : int
        Counted at its end, or as if it were.
    log : float
        Log of the number or of the quotient.
    sd : float
        Standard error of the log.
    """

    over: np.ndarray
    under: np.ndarray
    year: int
    log: float
    sd: float


class Flow(NamedTuple):
    """Births or deaths of a region in a year, persons."""

    year: int
    persons: float


class Counts(NamedTuple):
    """All that is known of a region's people.

    Attributes
    ----------
    stocks : list of Count
        People: a total, a split by area, age shares, a sex ratio; each in its newest year.
    base_year : int
        Year of the newest total or split.
    before : Flow or None
        An earlier total.
    births, deaths : Flow or None
        Newest published; births are also a stock, of people not yet one year old.
    """

    stocks: list[Count]
    base_year: int
    before: Flow | None
    births: Flow | None
    deaths: Flow | None


def counts(tables: Tables, region: str, priors: Priors, years: tuple[int, int]) -> Counts:
    """Collect what is published of a region's people.

    Parameters
    ----------
    tables : forecasting.sources.Tables
    region : str
    priors : forecasting.models.provinces.Priors
        For errors of counts.
    years : tuple of int
        First and last year whose counts may be used.

    Returns
    -------
    Counts
        ``base_year`` is the last year allowed where nothing is known.
    """
    total, split = _total(tables, region, years), _split(tables, region, years)
    stocks = [] if total is None else [_count(EVERYONE, None, total, priors.total_sd)]
    if split is not None:
        over = _mask(area="rural")
        stocks.append(_count(over, EVERYONE if split.persons < 1.0 else None, split, priors.total_sd))
    base = max((flow.year for flow in (total, split) if flow is not None), default=years[1])
    stocks += _recent(_shares(tables, region, priors.share_sd), base, years)
    before = None if total is None else _before(tables, region, (max(years[0], total.year - LONGEST), total.year))
    births, deaths = _vital(tables, region, years)
    if births is not None:
        # At the year's end hardly any of its newborn have died.
        newborn = Flow(births.year, births.persons)
        stocks.append(_count(_mask(ages=(0, 0)), None, newborn, FLOW_SD))
        base = max(base, births.year)
    return Counts(stocks, base, before, births, deaths)


def lacking(tables: Tables, region: str, first_year: int) -> list[tuple[str, str]]:
    """Return what a region lacks before it can be forecast, each with what mends it."""
    words = [text for name, text in MEMBERS.items() if log_ratio(tables, region, name).empty]
    allowed = (first_year, int(tables.series("contributors").index[-1]))
    if _total(tables, region, allowed) is None:
        words.append(f"people: give population_year_end or population_census, area national, from {first_year} on")
    if _split(tables, region, allowed) is None:
        other = "or population_census, area rural, or urban_share"
        words.append(f"rural population: give population_year_end {other}, from {first_year} on")
    return [(what, do) for what, _, do in (text.partition(": ") for text in words)]


def series(tables: Tables, indicator: str, region: str, area: str = "national") -> pd.Series:
    """Return a series; empty where there is none, or where no table has the indicator."""
    try:
        return tables.series(indicator, region=region, area=area)
    except FigureNotFound:
        return pd.Series(dtype=float, index=pd.Index([], dtype=int))


def _rows(tables: Tables, indicator: str, region: str) -> pd.DataFrame | None:
    try:
        return tables.table(indicator, region=region)
    except FigureNotFound:
        return None


def _recent(shares: list[Count], base: int, years: tuple[int, int]) -> list[Count]:
    """Leave out shares far from the base year; the error of the others grows with their distance from it."""
    near = [c for c in shares if abs(c.year - base) <= RECENT and years[0] <= c.year <= years[1]]
    return [c._replace(sd=float(np.hypot(c.sd, AGEING * abs(c.year - base)))) for c in near]


def _newest(found: list[pd.Series], years: tuple[int, int]) -> Flow | None:
    """Return the newest figure of several series; of one year that of the first."""
    best: Flow | None = None
    for values in found:
        inside = values.loc[years[0] : years[1]]
        if len(inside) and (best is None or inside.index[-1] > best.year):
            best = Flow(int(inside.index[-1]), float(inside.iloc[-1]))
    return best


def _total(tables: Tables, region: str, years: tuple[int, int]) -> Flow | None:
    return _newest([series(tables, name, region) for name in TOTALS], years)


def _split(tables: Tables, region: str, years: tuple[int, int]) -> Flow | None:
    """Return rural people (over one) or their share (under one), whichever is newer."""
    people = [series(tables, name, region, "rural") for name in TOTALS]
    return _newest([*people, *(1.0 - series(tables, name, region) for name in URBAN)], years)


def _before(tables: Tables, region: str, years: tuple[int, int]) -> Flow | None:
    """Return a total before the last of `years`: a census, or else the earliest count.

    Numbers between censuses were revised after the later one, so that the two are hardly comparable.
    """
    census = series(tables, CENSUS, region).loc[years[0] : years[1] - 1]
    if len(census):
        return Flow(int(census.index[-1]), float(census.iloc[-1]))
    others = series(tables, TOTALS[0], region).loc[years[0] : years[1] - 1]
    return Flow(int(others.index[0]), float(others.iloc[0])) if len(others) else None


def _mask(area: str = "national", ages: tuple[float, float] = (0, np.inf), sex: str = "both") -> np.ndarray:
    at = np.arange(MAX_AGE + 1)
    inside = (at >= ages[0]) & (at <= ages[1])
    areas = np.array([area in {"national", a} for a in AREAS])
    sexes = np.array([sex in {"both", s} for s in SEXES])
    return np.asarray(areas[:, None, None] & sexes[None, :, None] & inside)


def _count(over: np.ndarray, under: np.ndarray | None, found: Flow, sd: float) -> Count:
    nobody = np.zeros_like(over)
    return Count(over, nobody if under is None else under, found.year, float(np.log(found.persons)), sd)


def _shares(tables: Tables, region: str, sd: float) -> list[Count]:
    """Return age shares, an old-age ratio and a sex ratio, each in its newest year.

    Groups that neither begin at birth nor are open are left out: they are what the others leave.
    """
    out = []
    rows = _rows(tables, SHARES, region)
    for _, group in rows.groupby(["area", "age"]) if rows is not None else []:
        row = group.iloc[-1]
        ages = (float(row["age_from"]), float(row["age_to"]))
        if ages[0] == 0 or np.isinf(ages[1]):
            found = Flow(int(row["year"]), float(row["value"]))
            out.append(_count(_mask(row["area"], ages), _mask(row["area"]), found, sd))
    old = series(tables, "old_age_dependency_province", region)
    if len(old):
        found = Flow(int(old.index[-1]), float(old.iloc[-1]))
        out.append(_count(_mask(ages=(65, np.inf)), _mask(ages=(15, 64)), found, sd))
    men = series(tables, "rural_sex_ratio", region, "rural")
    if len(men):
        found = Flow(int(men.index[-1]), float(men.iloc[-1]))
        out.append(_count(_mask("rural", sex="male"), _mask("rural", sex="female"), found, sd))
    return out


def _vital(tables: Tables, region: str, years: tuple[int, int]) -> tuple[Flow | None, Flow | None]:
    """Return births and deaths: as counted, or from rates over the people of the year."""
    people = pd.concat([series(tables, name, region) for name in TOTALS])
    people = people[~people.index.duplicated()]
    rate, growth = (series(tables, f"{name}_province", region) for name in ("birth_rate", "natural_growth"))
    births, deaths = series(tables, "births", region), series(tables, "deaths", region)
    worked_out = ((rate * people).dropna(), ((rate - growth) * people).dropna())
    born, died = (_newest([a, b], years) for a, b in zip((births, deaths), worked_out, strict=True))
    return born, died
