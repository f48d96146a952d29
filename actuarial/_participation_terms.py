"""What contributing means to a member: the pension to expect, what it asks for, and what he earns."""

from __future__ import annotations

import numpy as np
import xarray as xr

from actuarial import _member_money, eligibility, financing
from actuarial._labels import plain, told
from actuarial.assumptions import Assumptions, Benefit
from actuarial.investment import crediting_rate
from actuarial.rates import paid_share
from forecasting.axes import PENSION_AGE

Array = np.ndarray

TERMS = {
    "lifetime_pension": (
        "yuan per member who reaches 60",
        "Basic and account pension until death of one who pays this year's contribution for as many years as the rules "
        "ask for, by the rates and the mortality of the year",
    ),
    "paid_in": ("yuan per member", "This year's contribution, paid for as many years as the rules ask for"),
    "rural_income": ("yuan per head and year", "Rural disposable income per head"),
    "received": ("yuan", "Benefits paid, after any cut, less contributions: what households get from the fund"),
}
"""Unit and meaning of each variable that :func:`terms` returns."""


def terms(people: xr.Dataset, ready: xr.Dataset, account: xr.Dataset, assumptions: Assumptions) -> xr.Dataset:
    """Tell what a member sees in each year of an account, if all stays as it is in that year.

    Parameters
    ----------
    people : xarray.Dataset
        With ``pensioner_mortality`` (draw?, sex, age, year), ``contribution_per_head``, ``rural_income`` and
        ``deposit_rate`` (draw?, year).
    ready : xarray.Dataset
        From `actuarial.pension.with_accounts`, with any index of the balance ratio in its pensions.
    account : xarray.Dataset
        From `actuarial.fund.project`.
    assumptions : Assumptions
        Those of the account.

    Returns
    -------
    xarray.Dataset
        :data:`TERMS` over (draw?, year) of `account`. A member expects no growth: both sides of a comparison would
        have it. Pensions wait for the pension age and are worth more the longer they are drawn; women and men count
        alike.
    """
    years = account["year"]
    now = people.sel(year=years)
    heads = financing.account_money_per_head(people, assumptions).sel(year=years)
    count, rate = _years_asked(assumptions.benefit, years), crediting_rate(now, assumptions)
    saved = (heads["member"] + heads["match"] + heads["collective"]) * _saved(count, rate)
    drawn, priced = _drawing(now, assumptions, rate)
    divisor = _divisor(assumptions, years)
    if assumptions.benefit.divisor_rule == "cohort_annuity":
        divisor = divisor.where(years < assumptions.benefit.divisor_from, 12.0 * priced)
    basic = ready["basic_pension_per_head"].sel(year=years)
    made = {
        "lifetime_pension": (basic + 12.0 * saved / divisor) * drawn,
        "paid_in": heads["member"] * count,
        "rural_income": now["rural_income"],
        "received": account["expenditure"] * paid_share(account) - account["contributions"],
    }
    return told({name: values.transpose(..., "year") for name, values in made.items()}, TERMS)


def _years_asked(benefit: Benefit, years: xr.DataArray) -> xr.DataArray:
    """Return the years that the rules ask a member to pay."""
    reformed = years >= benefit.minimum_years_from
    return xr.where(reformed, float(benefit.minimum_years), float(Benefit().minimum_years))


def _saved(count: xr.DataArray, rate: xr.DataArray) -> xr.DataArray:
    """Return the account after `count` yearly payments of one yuan at the year's end."""
    grown = (1.0 + rate) ** count - 1.0
    return (grown / rate.where(rate != 0)).fillna(count)


def _divisor(assumptions: Assumptions, years: xr.DataArray) -> xr.DataArray:
    """Return the months by which an account is divided at the pension age of each year."""
    ages = eligibility.pension_ages(assumptions.retirement, years.values)
    months = _member_money.divisors(assumptions.benefit, int(ages.max()) + 1)[ages]
    return xr.DataArray(months, {"year": years}, ("year",))


def _drawing(now: xr.Dataset, assumptions: Assumptions, rate: xr.DataArray) -> tuple[xr.DataArray, xr.DataArray]:
    """Return years that one of 60 will draw the pension, and what a yuan a year costs when it starts."""
    ages, years = now["age"].values, now["year"].values
    from_age = eligibility.pension_ages(assumptions.retirement, years)
    old = ages >= PENSION_AGE
    deaths = plain(now["pensioner_mortality"], "sex", "age", "year").mean(axis=1)[:, old].astype(float)
    alive = np.exp(-np.concatenate([np.zeros_like(deaths[:, :1]), deaths.cumsum(axis=1)[:, :-1]], axis=1))
    # Within a year of age at a constant rate; the open age until nobody is left.
    lived = alive * -np.expm1(-deaths) / deaths
    lived[:, -1] = alive[:, -1] / deaths[:, -1]
    past = ages[old][:, None] - from_age[None, :]
    due = past >= 0
    started = np.take_along_axis(alive, np.broadcast_to((from_age - PENSION_AGE)[None, None], alive[:, :1].shape), 1)
    discount = (1.0 + plain(rate, "year")[:, None]) ** -np.where(due, past + 0.5, 0.0)
    drawn, priced = (lived * due).sum(axis=1), (lived * due * discount).sum(axis=1) / started[:, 0]
    return _path(drawn, now), _path(priced, now)


def _path(values: Array, like: xr.Dataset) -> xr.DataArray:
    """Give (draw or 1, year) its labels; one draw without label loses the axis."""
    if len(values) == 1 and "draw" not in like.dims:
        return xr.DataArray(values[0], {"year": like["year"]}, ("year",))
    full = np.broadcast_to(values, (like.sizes["draw"], like.sizes["year"]))
    return xr.DataArray(full, {"draw": like["draw"], "year": like["year"]}, ("draw", "year"))
