"""What a fund needs over its horizon: premiums, actuarial balances, and both for ever.

Cost is the expenditure of the whole fund, everything that leaves it: basic
pensions, longevity tail and grants of the pool, account pensions, inheritance and
transfers out of the accounts. The match moves inside the fund and is no cost. A
premium is therefore the level rate of the contributory base that members, budgets
and all other sources must bring together. The reserve is all assets, money owed to
members included, and a premium that uses it up would leave members' accounts with
nothing: so the target at the end of a control period, as in the actuarial balance,
is what is owed to members that day and the target reserve of the pool. Then

    actuarial balance = level income rate - scaled premium of one period.

Money is discounted at the rate earned; for ever by the rule of
:mod:`actuarial.premiums`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import xarray as xr

from actuarial import premiums
from actuarial._labels import told
from actuarial.assumptions import Assumptions
from actuarial.rates import contributory_base
from forecasting.axes import join_years, require

Array = np.ndarray

HORIZONS = (25, 50, 75)
"""Years of the finite average premiums and actuarial balances."""

SHARE = "share of rural income"

INDICATORS = {
    "general_average_premium": (
        SHARE,
        "Level rate of the contributory base that pays the expenditure of the period and uses all assets up; "
        "empty where the projection ends earlier",
    ),
    "general_average_premium_infinite": (SHARE, "The same for ever; empty where it does not exist"),
    "scaled_premium": (
        SHARE,
        "Level rate of the year's control period that ends it with the money owed to members and the target reserve",
    ),
    "steady_state_rate": (
        SHARE,
        "Lowest level rate with which the reserve ratio of two far years is the same; empty where the projection ends "
        "earlier or there is no lowest rate",
    ),
    "actuarial_balance": (
        SHARE,
        "Present value of assets and income less expenditure, money owed to members and target reserve, over that of "
        "the contributory base; empty where the projection ends earlier",
    ),
    "actuarial_balance_infinite": (
        SHARE,
        "Present value of assets and income less expenditure for ever over that of the contributory base; empty where "
        "it does not exist",
    ),
    "infinite_horizon_exists": (
        "0 or 1",
        "The rate earned is above the growth of the contributory base after the last year: values for ever exist",
    ),
}
"""Unit and meaning of each variable that :func:`indicators` returns."""


@dataclass(frozen=True)
class Paths:
    """The paths of one account as plain arrays, shape (..., year), yuan or per year.

    Attributes
    ----------
    cost, income, base, rate, target : numpy.ndarray
        Expenditure; income without interest; contributory base; rate earned; what is
        wanted at the end of each year, if a period ended there.
    reserve : numpy.ndarray, shape (...)
        All assets at the start.
    mid_year : bool
        Money flows at mid-year, else at the end of the year.
    like : xarray.DataArray
        Labels of all years.
    """

    cost: Array
    income: Array
    base: Array
    rate: Array
    target: Array
    reserve: Array
    mid_year: bool
    like: xr.DataArray

    @property
    def years(self) -> int:
        """Length of the account."""
        return self.cost.shape[-1]

    @property
    def timing(self) -> dict[str, bool]:
        """When money flows, as the functions of :mod:`actuarial.premiums` take it."""
        return {"mid_year": self.mid_year}

    def until(self, years: int) -> Paths:
        """Cut to the first `years`."""
        cut = {n: getattr(self, n)[..., :years] for n in ("cost", "income", "base", "rate", "target")}
        return Paths(**cut, reserve=self.reserve, mid_year=self.mid_year, like=self.like)

    def named(self, values: Array) -> xr.DataArray:
        """Give values of shape (...) their labels."""
        first = self.like.isel(year=0, drop=True)
        return first.copy(data=np.broadcast_to(values, first.shape))


def paths(account: xr.Dataset, projection: xr.Dataset, assumptions: Assumptions) -> Paths:
    """Take from an account what premiums and balances need.

    Parameters
    ----------
    account : xarray.Dataset
        From :func:`actuarial.fund.project`, over (..., year).
    projection : xarray.Dataset
        With ``contributors_mid_year`` and ``rural_income`` in the account's years.
    assumptions : Assumptions
        Target reserve ratio and interest convention.

    Returns
    -------
    Paths

    Raises
    ------
    forecasting.axes.AxisError
        If the projection lacks a variable or a year of the account.
    """
    needed = ["contributors_mid_year", "rural_income"]
    require(projection, needed)
    base = contributory_base(join_years(projection[needed], account["year"].values))
    target = account["accounts_balance"] + assumptions.valuation.target_reserve_ratio * account["pool_outgo"]
    return paths_of(account, base, target, mid_year=assumptions.investment.interest_convention == "mid_year")


def paths_of(account: xr.Dataset, base: xr.DataArray, target: xr.DataArray, *, mid_year: bool) -> Paths:
    """Take from the account of any fund what premiums and balances need.

    Parameters
    ----------
    account : xarray.Dataset
        From :func:`actuarial.fund.project`, over (..., year).
    base : xarray.DataArray, dims (..., year)
        Yuan of which a rate is paid, in the account's years.
    target : xarray.DataArray, dims (..., year)
        Wanted at the end of each year, if a period ended there, yuan.
    mid_year : bool
        Money flows at mid-year, else at the end of the year.

    Returns
    -------
    Paths
    """
    money = (account["expenditure"], account["income"], base, account["rate_earned"], target)
    cost, income, base, rate, target = (a.transpose(..., "year") for a in xr.broadcast(*money))
    like = cost.drop_attrs()
    reserve = account["opening_balance"].broadcast_like(like.isel(year=0, drop=True)).transpose(*like.dims[:-1])
    return Paths(
        cost=cost.values,
        income=income.values,
        base=base.values,
        rate=rate.values,
        target=target.values,
        reserve=reserve.values,
        mid_year=mid_year,
        like=like,
    )


def general_average_premium(money: Paths) -> Array:
    """Level rate that pays the cost of all years and uses the reserve up, shape (...)."""
    return premiums.general_average_premium(money.cost, money.base, money.rate, money.reserve, **money.timing)


def actuarial_balance(money: Paths) -> Array:
    """Actuarial balance over all years, shape (...).

    Parameters
    ----------
    money : Paths
        Cut to the valuation period (:meth:`Paths.until`).

    Returns
    -------
    numpy.ndarray
        ``(reserve + PV income - PV cost - PV target) / PV base``, discounted at the rate earned: 0 or more means
        that the pool ends with its reserve without any shortfall, members' money never counted as free.
    """
    lacking = money.cost - money.income
    return -premiums.level_rate(lacking, money.base, money.rate, money.reserve, money.target[..., -1], **money.timing)


def indicators(account: xr.Dataset, projection: xr.Dataset, assumptions: Assumptions) -> xr.Dataset:
    """Work out every premium and balance of one account.

    Parameters
    ----------
    account, projection, assumptions
        As in :func:`paths`.

    Returns
    -------
    xarray.Dataset
        The variables of :data:`INDICATORS` over (draw?), (draw?, year) or (draw?,
        horizon), each with ``unit`` and ``meaning``.

    Raises
    ------
    forecasting.axes.AxisError
        If the projection lacks a variable or a year of the account.
    """
    money = paths(account, projection, assumptions)
    rules = assumptions.valuation
    scaled = premiums.control_period_rates(
        money.cost,
        money.base,
        money.rate,
        money.reserve,
        target=money.target,
        length=rules.control_period,
        **money.timing,
    )
    values = {
        "general_average_premium": by_horizon(money, general_average_premium),
        "actuarial_balance": by_horizon(money, actuarial_balance),
        "scaled_premium": money.like.copy(data=scaled),
        "steady_state_rate": money.named(_steady(money, (rules.steady_from, rules.steady_to))),
    }
    values |= {name: money.named(value) for name, value in _for_ever(money).items()}
    return told(values, INDICATORS)


def by_horizon(money: Paths, measure: Callable[[Paths], Array]) -> xr.DataArray:
    """Take a measure over each of :data:`HORIZONS`, dims (..., horizon); NaN where the account is shorter."""
    nothing = np.full(money.cost.shape[:-1], np.nan)
    parts = [money.named(measure(money.until(n)) if n <= money.years else nothing) for n in HORIZONS]
    horizon = xr.DataArray(list(HORIZONS), dims="horizon", name="horizon")
    return xr.concat(parts, horizon).transpose(..., "horizon")


def _steady(money: Paths, years: tuple[int, int]) -> Array:
    if years[1] > money.years:
        return np.full(money.cost.shape[:-1], np.nan)
    return premiums.steady_state_rate(money.cost, money.base, money.rate, money.reserve, years=years, **money.timing)


def _for_ever(money: Paths) -> dict[str, Array]:
    if money.years <= premiums.TREND_YEARS:
        nothing = np.full(money.cost.shape[:-1], np.nan)
        return {
            "general_average_premium_infinite": nothing,
            "actuarial_balance_infinite": nothing,
            "infinite_horizon_exists": nothing,
        }
    after = premiums.trend(money.base, money.rate)

    def level(cost: Array) -> Array:
        return premiums.general_average_premium_for_ever(
            cost, money.base, money.rate, money.reserve, after=after, **money.timing
        )

    return {
        "general_average_premium_infinite": level(money.cost),
        "actuarial_balance_infinite": -level(money.cost - money.income),
        "infinite_horizon_exists": after.converges.astype(float),
    }
