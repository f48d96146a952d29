"""Terms of the balance ratio of each year: what the money of the year can carry, what members have earned."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
import xarray as xr

from actuarial import eligibility
from actuarial._balancing_rights import WINDOW, Rights, growth_of_members, rights
from actuarial._labels import plain
from actuarial.assumptions import Assumptions, Benefit
from actuarial.flow import Flow, growth
from actuarial.fund import Fund
from forecasting.axes import AxisError, join_years, require

Array = np.ndarray

BASIC = "basic_pension"
"""Name of the flow whose rights are valued."""

CUBE = ("sex", "age", "year")
"""Axes of people, after the draw."""


class Terms(NamedTuple):
    """Terms of the ratio of a pension without balancing; shape (draw, year), from the opening year on.

    Attributes
    ----------
    asset, liability : numpy.ndarray
        Contribution asset and pension liability at 31 December, yuan.
    turnover : numpy.ndarray
        Turnover duration, years.
    """

    asset: Array
    liability: Array
    turnover: Array


def account_years(fund: Fund, ready: xr.Dataset) -> Array:
    """Return the opening year and the years of the account."""
    years = ready["year"].values
    return years[years >= fund.opening_year]


def ones(ready: xr.Dataset) -> xr.DataArray:
    """Return an index that moves nothing, over (draw?, year) of all of `ready`: some of its paths may have no draws."""
    dims = [d for d in ("draw", "year") if d in ready.dims]
    return xr.DataArray(np.ones([ready.sizes[d] for d in dims]), {d: ready[d] for d in dims}, dims, "balancing_index")


def terms(fund: Fund, ready: xr.Dataset, people: xr.Dataset, assumptions: Assumptions) -> Terms:
    """Work out the terms of each year from that year and those before it; see `actuarial.balancing`."""
    require(people, ["contributors", "pensioners"])
    years = account_years(fund, ready)
    earned = _rights(fund, people, ready, assumptions)
    money = np.maximum(_regular_financing(fund, ready, assumptions, years), 0.0)
    here = join_years(ready[["rural_income", "basic_pension_per_head"]], years)
    # Money of mid-year grows to 31 December as incomes do; where interest ignores it, so does this.
    mid_year = assumptions.investment.interest_convention == "mid_year"
    rise = np.sqrt(1.0 + plain(growth(ready["rural_income"]).sel(year=years), "year")) if mid_year else 1.0
    turnover, asset, liability = np.broadcast_arrays(
        earned.turnover,
        money * earned.turnover * rise,
        plain(here["basic_pension_per_head"], "year") * earned.pension_years * rise,
    )
    return Terms(asset, liability, turnover)


def _rights(fund: Fund, people: xr.Dataset, ready: xr.Dataset, assumptions: Assumptions) -> Rights:
    """Rights from the opening year on, in years of pension."""
    if fund.opening_year <= int(ready["year"][0]):
        raise AxisError([f"year {fund.opening_year - 1} is missing: rights show in how cohorts changed since it"])
    first = max(fund.opening_year - WINDOW, int(ready["year"][0]))
    years = np.arange(first, int(ready["year"][-1]) + 1)
    # People who have been through the rule of the pension age already go through it unchanged.
    members = eligibility.members(people[["contributors", "pensioners"]], assumptions)
    cubes = join_years(members, years)
    known = ready.sel(year=years)
    heads = plain(known["contributors_mid_year"] + known["pensioners_mid_year"], "year")
    rate = (1.0 + _net_rate(ready, assumptions.benefit, years)) * (1.0 + growth_of_members(heads)) - 1.0
    return rights(
        plain(cubes["contributors"], *CUBE),
        plain(cubes["pensioners"], *CUBE),
        eligibility.pension_ages(assumptions.retirement, years),
        rate,
        started=eligibility.SCHEME_START - first,
        first=fund.opening_year - first,
    )


def _net_rate(ready: xr.Dataset, benefit: Benefit, years: Array) -> Array:
    """Growth of incomes over that of the pension under the rule of indexation, mean of the window; (draw, year)."""
    income, prices = xr.broadcast(growth(ready["rural_income"]), growth(ready["price_index"]))
    indexed = (benefit.income_weight * income + benefit.price_weight * prices).clip(min=benefit.growth_floor)
    gap = plain((1.0 + income) / (1.0 + indexed), "year")
    total = np.concatenate([np.zeros((gap.shape[0], 1)), np.cumsum(np.log(gap), axis=1)], axis=1)
    last = years - int(ready["year"][0])
    # The first year of a path has no growth.
    begin = np.maximum(last - WINDOW, 0)
    return np.expm1((total[:, last + 1] - total[:, begin + 1]) / np.maximum(last - begin, 1))


def _regular_financing(fund: Fund, ready: xr.Dataset, assumptions: Assumptions, years: Array) -> Array:
    """Take all that the pool pays but basic pensions from what it gets from outside; (draw, year)."""

    def total(flows: Iterable[Flow]) -> Array | float:
        return sum((plain(f.amount(ready, assumptions).sel(year=years), "year") for f in flows), 0.0)

    income = total(f for f in fund.income if f.ledger == "pool")
    other = total(f for f in fund.outgo if f.ledger == "pool" and f.name != BASIC)
    match = total(f for f in fund.transfers if f.kind != "interest")
    return np.asarray(income - other - match)
