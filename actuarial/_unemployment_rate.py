"""A contribution rate that answers to the reserve of the unemployment fund, year after year."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import xarray as xr

from actuarial._unemployment_contribution_rules import Contribution
from actuarial._unemployment_flows import HIGHEST, WINDOW
from actuarial.assumptions import Investment
from actuarial.rates import over

Array = np.ndarray


def average_high_cost_rate(cost_rate: xr.DataArray) -> xr.DataArray:
    """Average the highest benefit cost rates of the recent past.

    Parameters
    ----------
    cost_rate : xarray.DataArray, dims (..., year)
        Benefits over covered wages.

    Returns
    -------
    xarray.DataArray, same dims
        Mean of the three highest of the year and the 19 before it, or of as many years as there are; NaN before the
        third. The regulation takes the longer of 20 years and three recessions; no dating of Chinese recessions is
        official, so 20 years stand.
    """
    rates = cost_rate.transpose(..., "year")
    values, out = rates.values.astype(float), np.full(rates.shape, np.nan)
    for t in range(HIGHEST - 1, values.shape[-1]):
        window = values[..., max(t - WINDOW + 1, 0) : t + 1]
        out[..., t] = np.sort(window, axis=-1)[..., -HIGHEST:].mean(axis=-1)
    return rates.copy(data=out).transpose(*cost_rate.dims)


def high_costs(years: xr.Dataset, benefits: xr.DataArray, first: int) -> xr.DataArray:
    """Give the average high cost rate of every year, before the fund at what its benefits would have cost.

    Parameters
    ----------
    years : xarray.Dataset
        With ``covered_wages`` (yuan) and ``cost_rate_if_covered`` (share), dims (draw?, year).
    benefits : xarray.DataArray, dims (draw?, year)
        What the fund pays in benefits, yuan.
    first : int
        First year of the fund.

    Returns
    -------
    xarray.DataArray, dims (draw?, year)
    """
    cost = over(benefits, years["covered_wages"])
    return average_high_cost_rate(years["cost_rate_if_covered"].where(years["year"] < first, cost))


def followed(
    years: xr.Dataset, contributed: xr.DataArray, benefits: xr.DataArray, rule: Contribution, investment: Investment
) -> xr.DataArray:
    """Let the rate of each year answer to the multiple of the year before.

    Parameters
    ----------
    years : xarray.Dataset
        With ``covered_wages``, ``cost_rate_if_covered``, ``members``, ``other_net`` (yuan: all other income less all
        other outgo) and ``deposit_rate``, dims (draw?, year).
    contributed : xarray.DataArray, dims (draw?, year)
        What the stated rate brings in net of what goes back to firms, yuan.
    benefits : xarray.DataArray, dims (draw?, year)
        Yuan; no rate moves them.
    rule : Contribution
    investment : Investment
        Spread on deposits and interest convention of the account; the market has no part in it.

    Returns
    -------
    xarray.DataArray, dims (draw?, year)
        Rate over the stated one: 1 up to the first year with members, which begins with nothing. The reserve that it
        follows is that of `actuarial.fund.project`: deposits earn, and when all is gone others pay.
    """
    joined = years["members"] > 0
    others = [dim for dim in joined.dims if dim != "year"]
    places = np.flatnonzero(joined.any(others).values)
    start = int(places[0]) if places.size else years.sizes["year"]
    first = int(years["year"][start]) if places.size else int(years["year"][-1]) + 1
    rate = years["deposit_rate"] + investment.deposit_spread
    high = high_costs(years, benefits, first)
    series = xr.broadcast(contributed, years["other_net"], years["covered_wages"], high, rate)
    template = series[0].transpose(..., "year")
    paths = Paths(*(one.transpose(*template.dims).values.astype(float) for one in series))
    mid_year = investment.interest_convention == "mid_year"
    return template.copy(data=_carry(paths, start, rule, mid_year=mid_year)).drop_attrs()


class Paths(NamedTuple):
    """Plain arrays of shape (..., year): money in yuan, shares, and the rate earned.

    Attributes
    ----------
    contributed
        What the stated rate brings in, net of what goes back to firms.
    other
        All other income less all other outgo.
    wages
        Covered wages.
    high
        Average high cost rate.
    earned
        Rate earned on the reserve.
    """

    contributed: Array
    other: Array
    wages: Array
    high: Array
    earned: Array


def _carry(paths: Paths, start: int, rule: Contribution, *, mid_year: bool) -> Array:
    """Carry reserve and rate through the years; shape (..., year)."""
    wages, earned = paths.wages, paths.earned
    factor, half = np.ones_like(wages), np.sqrt(1 + earned) - 1 if mid_year else np.zeros_like(earned)
    reserve = np.zeros(wages.shape[:-1])
    for t in range(start, wages.shape[-1]):
        if t > start:
            owed = wages[..., t - 1] * paths.high[..., t - 1]
            multiple = np.divide(reserve, owed, out=np.full_like(reserve, np.nan), where=owed > 0)
            moved = 1 + rule.rate_response * (rule.rate_target_multiple - multiple)
            # Without any cost there is no multiple, and nothing to follow.
            factor[..., t] = np.where(np.isnan(moved), 1.0, np.clip(moved, rule.rate_least, rule.rate_most))
        net = factor[..., t] * paths.contributed[..., t] + paths.other[..., t]
        reserve = np.maximum(reserve * (1 + earned[..., t]) + net * (1 + half[..., t]), 0.0)
    return factor
