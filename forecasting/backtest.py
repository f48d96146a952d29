"""Held-out years: coverage, CRPS, bias; the baselines scored on the published series.

A forecast made at an origin sees the years up to and including it, and is scored on the published years after it.
The series are today's revisions of those years, not what stood in print at the origin.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import xarray as xr

from forecasting.axes import AxisError
from forecasting.baseline import BASELINES
from forecasting.models.sampling import stream

if TYPE_CHECKING:
    from forecasting.sources import Tables

__all__ = ["LEVELS", "SERIES", "Backtest", "Held", "baseline_backtest", "bias", "coverage", "crps", "score_table"]

LEVELS = (0.5, 0.8, 0.95)
"""Levels of the central intervals that are scored."""

ORIGINS = (2010, 2015, 2018)
KNOWN = 8
"""Fewest years known at the origin, that year included."""


@dataclass(frozen=True)
class Held:
    """One published series that forecasts are held against.

    Attributes
    ----------
    indicator : str
        Name in ``indicators.csv``.
    area, sex : str
        Labels of the series.
    log : bool
        Whether baselines work on the logarithm.
    first : int
        First year that a baseline sees.
    before : str
        Indicator whose growth carries the series back, or empty.
    """

    indicator: str
    area: str = "national"
    sex: str = "both"
    log: bool = True
    first: int = 0
    before: str = ""

    def of(self, tables: Tables) -> pd.Series:
        """Return the series by year; carried back, its level is that of its own first year."""
        series = tables.series(self.indicator, area=self.area, sex=self.sex)
        if self.before:
            older = tables.series(self.before, area=self.area, sex=self.sex)
            start = series.index[0]
            carried = older[older.index < start] * (series[start] / older[start])
            series = pd.concat([carried, series])
        return series[series.index >= self.first]


SERIES = {
    "contributors": Held("contributors"),
    "pensioners": Held("pensioners"),
    "rural income": Held("rural_disposable_income_per_head", area="rural", before="rural_net_income_per_head"),
    "budget revenue": Held("general_budget_revenue"),
    "land income": Held("land_transfer_income"),
    "fund income": Held("fund_income"),
    "expenditure": Held("fund_expenditure"),
    "balance": Held("fund_balance"),
    "e0 of women": Held("e0", sex="female", log=False, first=1970),
    "e0 of men": Held("e0", sex="male", log=False, first=1970),
    "tfr": Held("tfr", first=1970),
    "rural population": Held("population_year_end", area="rural"),
}
"""What is scored.

Members and fund begin in 2010 with the rural pilot, whose growth in 2010 to 2012 was coverage of new counties: a
baseline that sees it expects more of it. Life expectancy and fertility begin in 1970, after the famine of 1959 to
1961. Rural income is disposable income, before its first year carried back by the growth of net income.
"""


@dataclass(frozen=True)
class Backtest:
    """Scores of held-out years.

    Attributes
    ----------
    scores : DataFrame
        One row a series, origin and method, with the columns of :func:`score_table` and ``fallback``.
    skipped : DataFrame
        Series and origins that were not scored: ``series``, ``origin``, ``reason``.
    """

    scores: pd.DataFrame
    skipped: pd.DataFrame


def coverage(draws: xr.DataArray, observed: pd.Series, levels: Iterable[float] = LEVELS) -> pd.Series:
    """Return the share of observed years inside each central interval, ends included.

    Parameters
    ----------
    draws : xarray.DataArray, dims (draw, year)
        Simulated paths.
    observed : Series of float
        What came, by year; the same years.
    levels : iterable of float
        Levels between 0 and 1.

    Returns
    -------
    Series of float
        By level; nominal is the level itself.

    Raises
    ------
    AxisError
        If a year is on one side only; it names the year.
    """
    paths, came = _paired(draws, observed)
    wanted = np.array(list(levels))
    low = np.quantile(paths, (1 - wanted) / 2, axis=0)
    high = np.quantile(paths, (1 + wanted) / 2, axis=0)
    inside = (low <= came) & (came <= high)
    return pd.Series(inside.mean(axis=1), index=pd.Index(wanted, name="level"), name="coverage")


def crps(draws: xr.DataArray, observed: pd.Series, *, fair: bool = True) -> pd.Series:
    """Return the continuous ranked probability score of each year; smaller is better.

    E|X - y| - E|X - X'| / 2 (Gneiting and Raftery, J. Am. Stat. Assoc. 102, 2007, equation 21). X and X' are two
    different draws in the fair form (Ferro, Q. J. R. Meteorol. Soc. 140, 2014), which expects the score of the
    distribution that the draws come from; any two draws in the other, the exact score of the ensemble as it is.
    A single draw has no pair: its score is the absolute error.

    Parameters
    ----------
    draws : xarray.DataArray, dims (draw, year)
        Simulated paths.
    observed : Series of float
        What came, by year; the same years.
    fair : bool, optional
        Which form.

    Returns
    -------
    Series of float
        By year, in the unit of the series.

    Raises
    ------
    AxisError
        If a year is on one side only; it names the year.
    """
    paths, came = _paired(draws, observed)
    error = np.sort(paths - came, axis=0)
    count = error.shape[0]
    weight = 2 * np.arange(1, count + 1) - count - 1
    pairs = count * max(count - 1, 1) if fair else count**2
    score = np.abs(error).mean(axis=0) - weight @ error / pairs
    return pd.Series(score, index=observed.index, name="crps")


def bias(draws: xr.DataArray, observed: pd.Series) -> pd.Series:
    """Return the median of the draws less what came, by year; above zero the forecast was too high.

    Parameters
    ----------
    draws : xarray.DataArray, dims (draw, year)
        Simulated paths.
    observed : Series of float
        What came, by year; the same years.

    Returns
    -------
    Series of float
        By year, in the unit of the series.

    Raises
    ------
    AxisError
        If a year is on one side only; it names the year.
    """
    paths, came = _paired(draws, observed)
    return pd.Series(np.median(paths, axis=0) - came, index=observed.index, name="bias")


def score_table(forecasts: Mapping[str, xr.DataArray], observed: pd.Series) -> pd.DataFrame:
    """Score several forecasts of one series.

    Parameters
    ----------
    forecasts : mapping of str to xarray.DataArray, dims (draw, year)
        Simulated paths by method; the first method is the measure of the others.
    observed : Series of float
        What came, by year; the same years.

    Returns
    -------
    DataFrame
        By method: ``years`` scored, ``coverage_50`` and so on for `LEVELS` (shares), means over the years of
        ``crps`` and ``bias`` in the unit of the series, ``bias_share`` (of the mean observed value, absolute), and
        ``crps_ratio``, CRPS over that of the first method.

    Raises
    ------
    AxisError
        If a year is on one side only; it names the year.
    """
    rows = {}
    for method, draws in forecasts.items():
        inside = coverage(draws, observed)
        rows[method] = {
            "years": len(observed),
            **{f"coverage_{100 * level:.0f}": share for level, share in inside.items()},
            "crps": crps(draws, observed).mean(),
            "bias": bias(draws, observed).mean(),
        }
    table = pd.DataFrame.from_dict(rows, orient="index").rename_axis("method")
    table["bias_share"] = table["bias"] / abs(observed.mean())
    table["crps_ratio"] = table["crps"] / table["crps"].iloc[0]
    return table


def baseline_backtest(
    tables: Tables, origins: Iterable[int] = ORIGINS, *, draws: int = 1000, seed: int = 1, known: int = KNOWN
) -> Backtest:
    """Score the four baselines on the published series of `SERIES`.

    Parameters
    ----------
    tables : forecasting.sources.Tables
    origins : iterable of int
        Last years that a forecast sees.
    draws : int, optional
        Paths of each forecast.
    seed : int, optional
        Each series, origin and method has its own stream, named by them.
    known : int, optional
        Fewest years up to and including the origin.

    Returns
    -------
    Backtest
        Scores, and what was skipped and why.
    """
    scores, skipped = [], []
    for name, held in SERIES.items():
        series = held.of(tables)
        for origin in origins:
            past, future = series[series.index <= origin], series[series.index > origin]
            reason = _reason(past, future, known, origin)
            if reason:
                skipped.append({"series": name, "origin": origin, "reason": reason})
                continue
            made = {
                method: forecast(past, future.index, draws, stream(seed, f"{name} {origin} {method}"), log=held.log)
                for method, forecast in BASELINES.items()
            }
            table = score_table(made, future).reset_index()
            table["fallback"] = [made[method].attrs["fallback"] for method in table["method"]]
            scores.append(table.assign(series=name, origin=origin))
    keys = ["series", "origin", "method"]
    scored = pd.concat(scores).set_index(keys) if scores else pd.DataFrame()
    return Backtest(scored, pd.DataFrame(skipped, columns=["series", "origin", "reason"]))


def _reason(past: pd.Series, future: pd.Series, known: int, origin: int) -> str:
    """Say why an origin is not scored, or nothing."""
    if len(past) < known:
        return f"{len(past)} years are known up to {origin}: {known} are needed"
    return "" if len(future) else f"no year after {origin} is published"


def _paired(draws: xr.DataArray, observed: pd.Series) -> tuple[np.ndarray, np.ndarray]:
    """Return paths (draw, year) and what came, joined exactly by year."""
    made, came = draws["year"].to_numpy().tolist(), [int(year) for year in observed.index]
    faults = [f"year {y} was forecast but not observed" for y in sorted(set(made) - set(came))]
    faults += [f"year {y} was observed but not forecast" for y in sorted(set(came) - set(made))]
    if faults:
        raise AxisError(faults)
    return draws.sel(year=came).transpose("draw", "year").to_numpy(), observed.to_numpy(dtype=float)
