"""What the model of unemployment reads: monthly rates with their gaps, yearly counts and wages of migrant workers."""

from __future__ import annotations

from dataclasses import asdict, astuple, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from forecasting._faults import DataFaults, Fault

if TYPE_CHECKING:
    import xarray as xr

    from forecasting.sources import Tables

URBAN = "surveyed_unemployment"
MIGRANTS = "surveyed_unemployment_migrant_hukou"
RURAL = "surveyed_unemployment_migrant_agricultural_hukou"
"""Rates of people in towns whose household registration is elsewhere: all of them, and those from the countryside."""

AVERAGE_TO_DATE = "surveyed_urban_unemployment_average_to_date"
YEAR_AVERAGE = "surveyed_urban_unemployment_annual_average"

WORKING = (16, 64)
"""Ages, completed, of the people beside whom migrant workers are counted: nearly a third of them are over 50."""

BEFORE = 3
"""Years before a year that its growth of income is held against."""

FIRST = 0.05
"""How far the first month may be from the level, log odds: sd."""

ROUNDING = 0.0005 / np.sqrt(3.0)
"""Standard deviation of the error of a rate that is printed to a tenth of a percentage point."""


POSITIVE = ("shock", "slow_shock", "slow_half_life", "half_life")
"""Priors that are a time, or the median of a standard deviation."""


@dataclass(frozen=True)
class Priors:
    """What is believed before the rates of 2017-2025 are seen; logs and logits unless said otherwise.

    Attributes
    ----------
    mean, mean_sd : float
        Level of the surveyed urban rate: 5.2 % with 3.9 to 6.9 % as the range, which holds every yearly target of the
        government since 2018 (at most 5.5 or 6 %).
    shock, shock_sd : float
        Median and log-sd of the scale of monthly shocks: 2 % of the rate, a tenth of a point.
    slow_shock, slow_shock_sd : float
        Median and log-sd of the yearly shocks of the level itself. Nine years say little of it. Urban residents'
        rate was 3.7 % in 1988-1995 and 9.5 % in 2002-2009 (Feng, Hu and Moffitt 2017, Journal of Comparative
        Economics 45): levels move, over decades. With .04 a year and `slow_half_life` the odds of a far year are
        within 13 % of their long-run value in two cases of three, and within 30 % in nineteen of twenty.
    slow_half_life : float
        Years in which half of such a move is undone.
    income_response, income_response_sd : float
        Fall of the log odds of the urban rate for a rise of one in the log growth of rural income over that of the
        `BEFORE` years before. Okun's law: 2 is a tenth of a point of unemployment for a point of growth, a third of
        what rich countries have (Ball, Leigh and Loungani 2017, Journal of Money, Credit and Banking 49(7)), since
        farms take in who loses work in China; the sd leaves room for none and for their full response.
    season_sd : float
        Size of the effect of a calendar month: 4 % of the rate, two tenths of a point.
    response_sd : float
        How far the migrants' response to a move of the urban rate may be from one for one.
    offset_sd : float
        How far the migrants' level may be from the urban one.
    workers_pace, workers_pace_sd : float
        Growth per year, now, of migrant workers as a share of the people of `WORKING` age.
    wage_pace, wage_pace_sd : float
        Growth per year, now, of a migrant's wage over rural income per head: the countryside gains on it.
    half_life, half_life_sd : float
        Median (years) and log-sd of the time in which each of the two paces halves: no share grows for ever, and no
        ratio falls for ever.
    """

    mean: float = -2.903
    mean_sd: float = 0.15
    shock: float = 0.02
    shock_sd: float = 0.5
    slow_shock: float = 0.04
    slow_shock_sd: float = 0.3
    slow_half_life: float = 15.0
    income_response: float = 2.0
    income_response_sd: float = 2.0
    season_sd: float = 0.04
    response_sd: float = 0.4
    offset_sd: float = 0.15
    workers_pace: float = 0.01
    workers_pace_sd: float = 0.01
    wage_pace: float = -0.02
    wage_pace_sd: float = 0.01
    half_life: float = 10.0
    half_life_sd: float = 0.4

    def __post_init__(self) -> None:
        """List every number that is out of bounds."""
        faults = [
            f"{name!r} is {given}: it must be over 0"
            for name, given in asdict(self).items()
            if (name in POSITIVE or name.endswith("_sd")) and not given > 0
        ]
        if faults:
            raise ValueError("\n".join(faults))


def inputs(tables: Tables, people: xr.DataArray, priors: Priors | None = None) -> dict[str, np.ndarray]:
    """Collect what `build` and `forecast` read.

    Parameters
    ----------
    tables : forecasting.sources.Tables
        Published figures.
    people : xarray.DataArray, dims (age, year)
        National population at 31 December: the mean of the reconstruction.
    priors : Priors, optional

    Returns
    -------
    dict of str to numpy.ndarray
        ``months`` (12 x year + month - 1, from the first to the last published urban rate), ``urban`` (share, NaN
        where none was published), ``averages`` (n, 3: first and last place in ``months``, mean rate),
        ``surprise`` (`surprise` of rural income by calendar year of ``months``; 0 where it was not published yet),
        ``migrant_months`` (places in ``months`` of those in which either migrants' rate was printed), ``migrant``
        (share of all migrants there, NaN where that one was not), ``rural_months, rural`` (the same of rural migrants,
        without gaps), ``workers_years, workers`` (log share of people of `WORKING` age), ``workers_count`` (persons),
        ``wage_years, wage`` (log of 12 monthly wages over rural income), ``wage_yuan`` (a year) and ``priors``.

    Raises
    ------
    DataFaults
        If the migrants' series begin before the urban one, end after it, or a year of a count has no people.
    """
    urban = _by_month(tables.series(URBAN))
    months = np.arange(urban.index[0], urban.index[-1] + 1)
    everyone, rural = (_by_month(tables.series(name)) for name in (MIGRANTS, RURAL))
    either = everyone.index.union(rural.index)
    outside = either.difference(months)
    if outside.size:
        where = ", ".join(f"{m // 12}-{m % 12 + 1:02d}" for m in outside)
        raise DataFaults([Fault(MIGRANTS, f"{where}: no urban rate so early or so late", "Add the urban rate")])
    return {
        "months": months,
        "urban": urban.reindex(months).to_numpy(),
        "averages": _averages(tables, months),
        "surprise": _surprise(tables, months),
        "migrant_months": either.to_numpy() - months[0],
        "migrant": everyone.reindex(either).to_numpy(),
        "rural_months": rural.index.to_numpy() - months[0],
        "rural": rural.to_numpy(),
        **_workers(tables, people),
        **_wage(tables),
        "priors": np.array(astuple(priors or Priors())),
    }


def logit(share: Any) -> Any:
    """Return the log odds of a share."""
    return np.log(share) - np.log1p(-share)


def surprise(income: Any) -> Any:
    """Return the log growth of each year less its mean over the `BEFORE` years before.

    Parameters
    ----------
    income : numpy.ndarray, shape (..., T)
        Rural income per head in T years without a gap.

    Returns
    -------
    numpy.ndarray, shape (..., T - BEFORE - 1)
        Of the years after the first ``BEFORE + 1``.
    """
    growth = np.diff(np.log(income), axis=-1)
    before = np.lib.stride_tricks.sliding_window_view(growth, BEFORE, axis=-1).mean(axis=-1)
    return growth[..., BEFORE:] - before[..., :-1]


def _surprise(tables: Tables, months: np.ndarray) -> np.ndarray:
    income = tables.series("rural_disposable_income_per_head", area="rural")
    years = np.arange(months[0] // 12, months[-1] // 12 + 1)
    known = income.reindex(np.arange(years[0] - BEFORE - 1, years[-1] + 1)).to_numpy(dtype=float)
    return np.nan_to_num(surprise(known))


def _by_month(series: pd.Series) -> pd.Series:
    return pd.Series(series.to_numpy(), index=[12 * m.year + m.month - 1 for m in series.index])


def _averages(tables: Tables, months: np.ndarray) -> np.ndarray:
    """Return the published means from January to some month of a year that lie within `months`."""
    ends = _by_month(tables.series(AVERAGE_TO_DATE, area="urban"))
    whole = tables.series(YEAR_AVERAGE, area="urban")
    # A year's mean is also its mean to December.
    ends = pd.Series({12 * year + 11: value for year, value in whole.items()} | dict(ends))
    inside = ends[(ends.index // 12 * 12 >= months[0]) & (ends.index <= months[-1])].sort_index()
    last = inside.index.to_numpy()
    return np.column_stack([last // 12 * 12 - months[0], last - months[0], inside.to_numpy()])


def _workers(tables: Tables, people: xr.DataArray) -> dict[str, np.ndarray]:
    count = tables.series("migrant_total")
    lacking = sorted(set(count.index) - set(people["year"].values.tolist()))
    count = count.drop(lacking)
    if count.size < 2:  # one count has no growth
        raise DataFaults([Fault("migrant_total", "fewer than two years have people beside them", "Add counts")])
    base = people.sel(age=slice(*WORKING), year=count.index.to_numpy()).sum("age").transpose("year").values
    share = np.log(count.to_numpy() / base)
    return {"workers_years": count.index.to_numpy(), "workers": share, "workers_count": count.to_numpy()}


def _wage(tables: Tables) -> dict[str, np.ndarray]:
    wage = 12.0 * tables.series("migrant_monthly_income")
    income = tables.series("rural_disposable_income_per_head", area="rural")
    both = wage.index.intersection(income.index)
    if both.size < 2:  # one ratio has no growth
        raise DataFaults([Fault("migrant_monthly_income", "fewer than two years have rural income", "Add years")])
    ratio = np.log((wage[both] / income[both]).to_numpy())
    return {"wage_years": both.to_numpy(), "wage": ratio, "wage_yuan": wage[both].to_numpy()}
