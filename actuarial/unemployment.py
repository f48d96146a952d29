"""Unemployment of migrant and flexible workers: members and benefits by month, the fund, its US DOL indicators.

Months come first: who is out of work, for how long, whether the emergency plan runs, who pays an instalment. Their
money is summed to years, which pass through :func:`actuarial.fund.project` as those of any fund. The reserve ratio,
the benefit cost rate and the average high cost multiple are those of the US Department of Labor (20 CFR 606.3),
without its rounding.
"""

from __future__ import annotations

from functools import reduce
from operator import add

import numpy as np
import xarray as xr

from actuarial import _land_share, _unemployment_rate
from actuarial._labels import told
from actuarial._unemployment_contribution_rules import Contribution, Financing
from actuarial._unemployment_flows import GRANTS, HIGHEST, OUTGO, WINDOW
from actuarial._unemployment_flows import INCOME as FROM_CONTRIBUTIONS
from actuarial._unemployment_money import WITH_RATE, monthly
from actuarial._unemployment_months import BENEFITS, emergency_plan, per_member
from actuarial._unemployment_rate import average_high_cost_rate
from actuarial._unemployment_rules import Benefits, Emergency, Membership, Unemployment
from actuarial.assumptions import Assumptions, Investment
from actuarial.fund import Fund
from actuarial.rates import over
from actuarial.solvency import depleted_by, exhaustion_year, start_of_year
from forecasting.axes import AxisError, check, join_years, require

__all__ = [
    "BENEFITS",
    "HIGHEST",
    "INCOME",
    "INDICATORS",
    "NEEDS",
    "OUTGO",
    "PEOPLE",
    "WINDOW",
    "Benefits",
    "Contribution",
    "Emergency",
    "Financing",
    "Membership",
    "Unemployment",
    "average_high_cost_rate",
    "emergency_plan",
    "emergency_probability",
    "fund_rules",
    "indicators",
    "members",
    "standard_fund",
    "with_members",
]

INCOME = (*FROM_CONTRIBUTIONS, *GRANTS)
"""Flows into the fund."""

PEOPLE = ("urban_unemployment", "migrant_unemployment", "migrant_workers", "migrant_wage")
NEEDS = (*PEOPLE, "price_index", "deposit_rate", "market_return", *_land_share.NEEDS)
"""Variables of a Projection that :func:`with_members` reads or hands on; land income only where rules name a share."""

DEPOSITS = Investment()
"""Spread on deposits and interest convention where none are given."""

MEMO = {
    "members": ("persons", "Members, mean of the year"),
    "contribution_rate": ("share of covered wages", "Contribution rate of the year"),
    "covered_wages": ("yuan", "Wages of the members in work"),
    "out_of_work": ("share", "Members out of work, mean of the months"),
    "emergency_months": ("months", "Months of the year in which the emergency plan runs"),
    "emergency_cost": ("yuan", "Allowances, journeys and training of the emergency plan"),
    "cost_rate_if_covered": ("share of covered wages", "Benefits over wages if all workers had been members for long"),
    "monthly_net": ("yuan", "Income less outgo of the fund in the month, without interest"),
}
"""Unit and meaning of what :func:`with_members` adds besides the flows."""

INDICATORS = {
    "reserve_ratio": ("share of covered wages", "All assets at 31 December over covered wages of the year"),
    "benefit_cost_rate": ("share of covered wages", "Benefits over covered wages of the year"),
    "income_rate": ("share of covered wages", "Income without interest over covered wages of the year"),
    "average_high_cost_rate": (
        "share of covered wages",
        "Mean of the three highest benefit cost rates of this year and the 19 before it",
    ),
    "average_high_cost_multiple": ("years", "Reserve ratio over average high cost rate"),
    "emergency_called": ("0 or 1", "The emergency plan runs in at least one month of the year"),
    "emergency_months": ("months", "Months of the year in which the emergency plan runs"),
    "emergency_cost": ("yuan", "Allowances, journeys and training of the emergency plan"),
    "lowest_balance": ("yuan", "Least of the balances at month ends, without interest of the year; below 0: advanced"),
    "fund_empty": ("0 or 1", "All assets have run out in this year or before"),
    "fund_depletion_year": ("calendar year", "Year in which all assets run out; empty if they do not"),
}
"""Unit and meaning of each variable that :func:`indicators` returns."""


def members(projection: xr.Dataset, rules: Unemployment) -> xr.DataArray:
    """Count the members of each year.

    Parameters
    ----------
    projection : xarray.Dataset
        With ``migrant_workers``, dims (draw?, year).
    rules : Unemployment
        Section ``membership``.

    Returns
    -------
    xarray.DataArray, dims (draw?, year)
        Persons; none before ``from_year``.
    """
    rule, workers = rules.membership, projection["migrant_workers"]
    passed = (workers["year"] - rule.from_year) / rule.coverage_years
    coverage = rule.coverage_first + (rule.coverage_last - rule.coverage_first) * passed.clip(0.0, 1.0)
    return (coverage * (1.0 + rule.flexible_per_migrant) * workers).where(workers["year"] >= rule.from_year, 0.0)


def with_members(projection: xr.Dataset, rules: Unemployment, investment: Investment = DEPOSITS) -> xr.Dataset:
    """Work out the months and sum them to years: all that the flows and the indicators read.

    Parameters
    ----------
    projection : xarray.Dataset
        With :data:`NEEDS`: rates over (draw?, year, month), the rest over (draw?, year). Years before
        ``membership.from_year`` give the multiple its past.
    rules : Unemployment
    investment : Investment
        Spread on deposits and interest convention of the account, for a rate that follows its reserve.

    Returns
    -------
    xarray.Dataset
        Over (draw?, year): the flows :data:`INCOME` and :data:`OUTGO` (yuan), :data:`MEMO`, and of `projection` the
        price index and the rates of return. ``monthly_net`` is over (draw?, year, month).

    Raises
    ------
    forecasting.axes.AxisError
        Listing every missing variable, or every value out of bounds.
    """
    projection = _checked(projection, rules)
    months, count = per_member(projection, rules), members(projection, rules)
    paid = monthly(projection, months, count, rules)
    cost = reduce(add, (months[name].sum("month") for name in BENEFITS))
    emergency = ("emergency_allowance", "journey_home", "emergency_training")
    memo = {
        "members": count,
        "covered_wages": count * months["covered_wages"].sum("month"),
        "cost_rate_if_covered": cost / months["covered_wages"].sum("month"),
    }
    factor = _factor(paid.sum("month").assign(memo), projection["deposit_rate"], rules.contribution, investment)
    if factor is not None:
        paid = paid.assign({name: paid[name] * factor for name in WITH_RATE})
    income, outgo = (reduce(add, (paid[flow.name] for flow in flows)) for flows in (INCOME, OUTGO))
    memo |= {
        "contribution_rate": rules.contribution.rate * (xr.ones_like(count) if factor is None else factor),
        "out_of_work": months["out_of_work"].mean("month"),
        "emergency_months": months["plan"].sum("month"),
        "emergency_cost": count * reduce(add, (months[name].sum("month") for name in emergency)),
        "monthly_net": income - outgo,
    }
    handed_on = projection[["price_index", "deposit_rate", "market_return"]]
    out = xr.merge([handed_on, paid.sum("month").assign(memo)], join="exact").transpose(..., "year", "month")
    return _described(out)


def _checked(projection: xr.Dataset, rules: Unemployment) -> xr.Dataset:
    unread = _land_share.NEEDS if rules.financing.land_share == 0 else ()
    wanted = [name for name in NEEDS if name not in unread]
    require(projection, wanted)
    if rules.money_year not in projection["year"]:
        raise AxisError([f"year {rules.money_year} is missing: amounts are stated in its money"])
    return check(projection[wanted])


def _factor(
    years: xr.Dataset, deposit_rate: xr.DataArray, rule: Contribution, investment: Investment
) -> xr.DataArray | None:
    """Contribution rate over the stated one, (draw?, year); none where the rate stands."""
    if rule.rate_rule == "fixed":
        return None
    benefits = reduce(add, (years[name] for name in BENEFITS))
    contributed = reduce(add, (years[flow.name] for flow in FROM_CONTRIBUTIONS)) - years["firm_subsidy"]
    other = reduce(add, (years[flow.name] for flow in GRANTS)) - benefits
    known = years.assign(other_net=other, deposit_rate=deposit_rate)
    return _unemployment_rate.followed(known, contributed, benefits, rule, investment)


def _described(data: xr.Dataset) -> xr.Dataset:
    about = MEMO | {flow.name: ("yuan", flow.meaning) for flow in (*INCOME, *OUTGO)}
    for name, (unit, meaning) in about.items():
        data[name].attrs = {"unit": unit, "meaning": meaning}
    return data


def deposits(projection: xr.Dataset, assumptions: Assumptions) -> xr.DataArray:
    """Return the rate that the fund earns: that of deposits, as no unemployment money may be in the market.

    Parameters
    ----------
    projection : xarray.Dataset
        With ``deposit_rate``, dims (draw?, year).
    assumptions : Assumptions
        ``investment.deposit_spread``.

    Returns
    -------
    xarray.DataArray, dims (draw?, year)
        Rate per year.
    """
    require(projection, ["deposit_rate"])
    return projection["deposit_rate"] + assumptions.investment.deposit_spread


def fund_rules(rules: Unemployment, pension: Assumptions) -> Assumptions:
    """Return the pension's interest convention and spread with this fund's own deficit rule.

    Parameters
    ----------
    rules : Unemployment
        ``financing.deficit_rule``.
    pension : Assumptions
        Those of the scenario's pension.

    Returns
    -------
    Assumptions
        For :func:`actuarial.fund.project`.
    """
    if rules.financing.deficit_rule == "as_pension":
        return pension
    valuation = pension.valuation.model_copy(update={"deficit_rule": rules.financing.deficit_rule})
    return pension.model_copy(update={"valuation": valuation})


def standard_fund(opening_year: int, opening_balance: float | np.ndarray = 0.0) -> Fund:
    """Make the unemployment fund of migrant and flexible workers.

    Parameters
    ----------
    opening_year : int
        The year before ``membership.from_year``: the account starts with the members.
    opening_balance : float or numpy.ndarray, shape (draw,)
        What it is given to begin with, yuan.

    Returns
    -------
    Fund
        One pool without accounts; it earns the rate of deposits.
    """
    return Fund("unemployment", INCOME, OUTGO, opening_year, opening_balance, rate=deposits)


def indicators(account: xr.Dataset, ready: xr.Dataset) -> xr.Dataset:
    """Work out the indicators of one account.

    Parameters
    ----------
    account : xarray.Dataset
        From :func:`actuarial.fund.project`, of this fund.
    ready : xarray.Dataset
        From :func:`with_members`. Its years before the account count as high costs too, at what benefits would have
        cost.

    Returns
    -------
    xarray.Dataset
        The variables of :data:`INDICATORS` over (draw?, year) or (draw?), each with ``unit`` and ``meaning``.

    Raises
    ------
    forecasting.axes.AxisError
        If `ready` lacks a year of the account.
    """
    years = account["year"].values
    same = join_years(ready, years)
    wages = same["covered_wages"]
    cost = over(reduce(add, (account[name] for name in BENEFITS)), wages)
    past = ready["cost_rate_if_covered"].sel(year=ready["year"] < years[0])
    high = join_years(average_high_cost_rate(xr.concat([past, cost], "year")).to_dataset(name="high"), years)["high"]
    reserve = over(account["balance"], wages)
    values = {
        "reserve_ratio": reserve,
        "benefit_cost_rate": cost,
        "income_rate": over(account["income"], wages),
        "average_high_cost_rate": high,
        "average_high_cost_multiple": over(reserve, high),
        "emergency_called": (same["emergency_months"] > 0).astype(float),
        "emergency_months": same["emergency_months"],
        "emergency_cost": same["emergency_cost"],
        "lowest_balance": _lowest(account, same["monthly_net"]),
        "fund_empty": depleted_by(account["balance"]),
        "fund_depletion_year": exhaustion_year(account["balance"]),
    }
    return told(values, INDICATORS)


def _lowest(account: xr.Dataset, net: xr.DataArray) -> xr.DataArray:
    opening = start_of_year(account["balance"], account["opening_balance"])
    return (opening + net.cumsum("month")).min("month").transpose(*account["balance"].dims)


def emergency_probability(called: xr.DataArray) -> xr.DataArray:
    """Share of draws in which the emergency plan is called in a year: reduces over ``draw``."""
    return called.mean("draw")
