"""Indicators of the time bank, the value of what it owes, and what moves them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
import xarray as xr

from actuarial._labels import told
from actuarial._quantity import changed
from actuarial._timebank_hours import hours
from actuarial._timebank_money import hour_price
from actuarial._timebank_rules import TimeBank
from actuarial.annuity import discount_factors
from actuarial.flow import in_money_of
from actuarial.premiums import general_average_premium
from actuarial.rates import over
from forecasting.axes import AxisError, join_years, require

Array = np.ndarray

OF_HOURS = {
    "years_of_work_owed": ("years", "Hours owed at 31 December over the hours that the working can give in the year"),
    "claims_to_supply": ("ratio", "Hours that members ask for over the hours that the working can give"),
    "need_met": ("share", "Part of the hours wanted by all people that the bank gives or buys"),
    "lapsed_share": ("share", "Part of the hours leaving the books that lapse instead of being redeemed"),
    "hours_owed_per_member": ("hours per member", "Hours owed over people with an account"),
    "buying_year": ("calendar year", "First year in which members ask for more than can be given; empty if none is"),
}
"""Unit and meaning of the indicators that need no money."""

OF_MONEY = {
    "value_owed": ("yuan", "Hours owed at 31 December at the price of an hour of the year, redeemed or not"),
    "care_purchased_share": ("share of budget revenue", "Care purchased over general public budget revenue"),
    "care_purchased_real": ("yuan in prices of the money year", "Care purchased at constant consumer prices"),
    "guarantee_rate": (
        "share of the wage",
        "Level part of the wage of each hour earned that pays for all care purchased up to the last year",
    ),
}
"""Unit and meaning of the indicators in yuan."""

INDICATORS = OF_HOURS | OF_MONEY
"""Unit and meaning of each variable that :func:`indicators` returns."""

LIABILITY = {
    "liability": ("yuan", "Present value at 31 December of the hours owed that will be redeemed, at their price"),
    "redeemed_part": ("share", "Part of the hours owed that is redeemed up to the last year"),
    "open_part": ("share", "Part of the hours owed that is still owed in the last year"),
}
"""Unit and meaning of each variable that :func:`liability` returns."""

CASES: Mapping[str, Mapping[str, object]] = {
    "stated": {},
    "better_health": {"health.healthy_shift": 0.6, "health.help_shift": -0.6},
    "worse_health": {"health.healthy_shift": -0.6, "health.help_shift": 0.6},
    "more_need": {"health.help_shift": 0.6},
    "fewer_healthy": {"health.healthy_shift": -0.6},
    "leaving_1_percent": {"extra_leaving": 0.01},
    "leaving_3_percent": {"extra_leaving": 0.03},
    "hours_kept_on_leaving": {"lapse_on_leaving": 0.0},
    "leaving_3_percent_hours_kept": {"extra_leaving": 0.03, "lapse_on_leaving": 0.0},
}
"""Changes whose effect :func:`sensitivity` tells: health by two standard deviations of its prior, out-migration."""


def hour_indicators(made: xr.Dataset) -> xr.Dataset:
    """Work out the indicators that need hours alone.

    Parameters
    ----------
    made : xarray.Dataset
        From :func:`actuarial.timebank.hours`.

    Returns
    -------
    xarray.Dataset
        The variables of :data:`OF_HOURS` over (draw?, year), and ``buying_year`` over
        (draw?), each with ``unit`` and ``meaning``. NaN where nothing can be divided by.
    """
    lapsed = made["hours_lapsed_by_death"] + made["hours_lapsed_by_leaving"]
    done = made["hours_worked"] + made["hours_bought"]
    # One part in a million: sums of many cohorts differ in their last digits.
    short = made["hours_claimed"] > made["hours_supply"] * (1 + 1e-6)
    values = {
        "years_of_work_owed": over(made["hours_owed"], made["hours_supply"]),
        "claims_to_supply": over(made["hours_claimed"], made["hours_supply"]),
        "need_met": over(done, made["hours_needed"]),
        "lapsed_share": over(lapsed, lapsed + made["hours_redeemed"]),
        "hours_owed_per_member": over(made["hours_owed"], made["members"]),
        "buying_year": made["year"].where(short).min("year"),
    }
    return told(values, OF_HOURS)


def indicators(account: xr.Dataset, ready: xr.Dataset, bank: TimeBank, money_year: int) -> xr.Dataset:
    """Work out every indicator of the bank.

    Parameters
    ----------
    account : xarray.Dataset
        From :func:`actuarial.fund.project` with :func:`actuarial.timebank.fund`.
    ready : xarray.Dataset
        From :func:`actuarial.timebank.with_money`, with ``rural_income``,
        ``price_index`` and ``budget_revenue`` from `money_year` on.
    bank : TimeBank
        Rules of both.
    money_year : int
        Year in whose money the rules state yuan.

    Returns
    -------
    xarray.Dataset
        The variables of :data:`INDICATORS` over (draw?, year), ``buying_year`` and
        ``guarantee_rate`` over (draw?), each with ``unit`` and ``meaning``.

    Raises
    ------
    forecasting.axes.AxisError
        If a variable or a year is missing.
    """
    require(ready, ["price_index", "budget_revenue"])
    years = account["year"].values
    price = hour_price(ready, bank, money_year)
    prices = in_money_of(ready["price_index"], money_year)
    now = join_years(ready.assign(wage=price["wage"], price=price["price"], prices=prices), years)
    bought = account["care_purchased"]
    base, cost, rate = (
        a.transpose(..., "year")
        for a in xr.broadcast(now["hours_earned"] * now["wage"], bought, account["rate_earned"])
    )
    level = general_average_premium(cost.values, base.values, rate.values)
    values = {
        "value_owed": now["hours_owed"] * now["price"],
        "care_purchased_share": over(bought, now["budget_revenue"]),
        "care_purchased_real": bought / now["prices"],
        "guarantee_rate": base.isel(year=0, drop=True).copy(data=level),
    }
    return xr.merge([hour_indicators(now), told(values, OF_MONEY)], join="exact")


def liability(
    projection: xr.Dataset, bank: TimeBank, rate: xr.DataArray, years: Iterable[int], money_year: int
) -> xr.Dataset:
    """Value what the bank owes at the end of some years to those who have earned it.

    Nobody works after the year of valuation: what is owed runs off over the later
    years of the projection, by the same people, deaths and moves.

    Parameters
    ----------
    projection : xarray.Dataset
        What :func:`actuarial.timebank.with_money` reads.
    bank : TimeBank
        Rules.
    rate : xarray.DataArray, dims (draw?, year)
        Discount rate per year, for the years after the first valuation.
    years : iterable of int
        Years of valuation, before the last of the projection.
    money_year : int
        Year in whose money the rules state yuan.

    Returns
    -------
    xarray.Dataset
        The variables of :data:`LIABILITY` over (draw?, year). Where ``open_part`` is
        not near 0 the projection is too short for the value.

    Raises
    ------
    forecasting.axes.AxisError
        If a variable or a year is missing, or a year of valuation has none after it.
    """
    wanted = [int(y) for y in years]
    last = int(projection["year"][-1])
    late = [y for y in wanted if y >= last]
    if late:
        raise AxisError(
            f"year {y}: nothing is known after it to value the hours owed; give one before {last}" for y in late
        )
    price = hour_price(projection, bank, money_year)["price"]
    each = [_run_off(hours(projection, bank, closed_after=y), price, rate, y) for y in wanted]
    joined = xr.concat(each, xr.DataArray(wanted, dims="year", name="year"), join="exact")
    return told(joined.transpose(..., "year"), LIABILITY)


def sensitivity(
    projection: xr.Dataset, bank: TimeBank, cases: Mapping[str, Mapping[str, object]] = CASES
) -> xr.Dataset:
    """Work out the hours of the bank under other health and other out-migration, on the same draws.

    Parameters
    ----------
    projection, bank
        As in :func:`actuarial.timebank.hours`.
    cases : mapping
        From the name of a case to what it changes, by dotted key.

    Returns
    -------
    xarray.Dataset
        The indicators that need no money, ``hours_owed`` and ``hours_bought``, over
        (case, draw?, year) or (case, draw?).

    Raises
    ------
    pydantic.ValidationError
        If a change is unknown or out of its range.
    """
    each = []
    for changes in cases.values():
        made = hours(projection, changed(bank, changes))
        each.append(hour_indicators(made).assign({n: made[n] for n in ("hours_owed", "hours_bought")}))
    return xr.concat(each, xr.DataArray(list(cases), dims="case", name="case"), join="exact")


def _run_off(made: xr.Dataset, price: xr.DataArray, rate: xr.DataArray, year: int) -> xr.Dataset:
    """Value one closed group at the end of `year`."""
    later = made["year"].values[made["year"].values > year]
    redeemed, cost, interest = xr.broadcast(
        *(
            join_years(a.to_dataset(name="a"), later)["a"].transpose(..., "year")
            for a in (made["hours_redeemed"], price, rate)
        )
    )
    discounted = redeemed * cost * interest.copy(data=discount_factors(interest.values, mid_year=True))
    owed = made["hours_owed"]
    then = owed.sel(year=year, drop=True)
    return xr.Dataset(
        {
            "liability": discounted.sum("year"),
            "redeemed_part": over(made["hours_redeemed"].sel(year=later).sum("year"), then),
            "open_part": over(owed.isel(year=-1, drop=True), then),
        }
    )
