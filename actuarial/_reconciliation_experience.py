"""Experience: what the old valuation expected of the years since, beside what came."""

from __future__ import annotations

import numpy as np
import pandas as pd
import xarray as xr

from actuarial import trial
from actuarial._calibration_forecast import series_of_people
from actuarial._reconciliation_states import Ends, base_year
from actuarial.rules import Rules
from forecasting import projection as people
from forecasting.backtest import SERIES

LEVELS = (0.1, 0.5, 0.9)
"""Of what was expected: median and 80 per cent interval."""

COLUMNS = ("series", "year", "unit", "actual", "low", "expected", "high", "below")
"""Of :func:`experience`."""


def experience(ends: Ends) -> pd.DataFrame:
    """Hold what the old valuation expected against what has been published since.

    Parameters
    ----------
    ends : Ends

    Returns
    -------
    pandas.DataFrame
        One row a series of `forecasting.backtest.SERIES` and published year after the old valuation's last, with the
        columns of :data:`COLUMNS`: the published figure, the median of the old draws and their 80 per cent interval,
        and the share of draws below the published figure. The money of the fund is that of the first scenario that
        both have. Empty where no year has been added.
    """
    first, last = (base_year(fits.tables) for fits in (ends.before, ends.after))
    rows, units = [], ends.after.tables.indicators.set_index("indicator")["unit"]
    if last > first:
        name = ends.scenarios[0]
        made = expected(ends.before, ends.old.cases[name].rules, last)
        for series, held in SERIES.items():
            published = held.of(ends.after.tables)
            unit = units[held.indicator]
            for year in (year for year in published.index if first < year <= last):
                draws, actual = made[series].sel(year=year).values, float(published[year])
                low, middle, high = np.quantile(draws, LEVELS)
                rows.append((series, int(year), unit, actual, low, middle, high, float((draws < actual).mean())))
    return pd.DataFrame(rows, columns=list(COLUMNS))


def expected(fits: people.Fits, rules: Rules, last_year: int) -> dict[str, xr.DataArray]:
    """Return what a valuation expects of every series of `forecasting.backtest.SERIES`.

    Parameters
    ----------
    fits : forecasting.projection.Fits
    rules : Rules
    last_year : int

    Returns
    -------
    dict of str to xarray.DataArray, dims (draw, year)
        In the units of the published figures.
    """
    future = people.forecast(fits, last_year)
    account = trial.account(trial.World(future, {}, fits.tables), "pension", rules)
    return series_of_people(fits, future) | {
        "contributors": future["contributors_year_end"],
        "pensioners": future["pensioners_year_end"],
        "rural income": future["rural_income"],
        "budget revenue": future["budget_revenue"],
        "land income": future["land_income"],
        "fund income": account["income"] + account["interest"],
        "expenditure": account["expenditure"],
        "balance": account["balance"],
    }
