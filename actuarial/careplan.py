"""The plan of elderly care: nursing beds, day-care centres, medical care in villages, carers, and who pays for them.

What is built is stated, not forecast: so many beds in so many years. What it costs is
forecast: unit costs follow rural income and prices, with a doubt of their own, and what
stands is run and built again for ever. Three budgets pay stated parts of it; lottery, land
and collectives give what they have, which follows paths of their own. What is left over
stays in the plan's account, what is missing is its shortfall.
"""

from __future__ import annotations

import xarray as xr

from actuarial._careplan_capacity import CAPACITY, OLD, Stock, capacity, old_people, stock
from actuarial._careplan_money import (
    BUDGETS,
    BUILDING,
    DEVIATES,
    INCOME,
    NEEDS,
    OUTGO,
    RUNNING,
    levels,
    with_money,
)
from actuarial._careplan_payers import Funding, Prices
from actuarial._careplan_rules import Beds, CarePlan, Carers, Centres, Villages
from actuarial._labels import told
from actuarial.flow import Recorded, in_money_of
from actuarial.fund import Fund
from actuarial.rates import over
from forecasting.axes import join_years, require

__all__ = [
    "BUDGETS",
    "BUILDING",
    "CAPACITY",
    "DEVIATES",
    "INCOME",
    "INDICATORS",
    "NEEDS",
    "OLD",
    "OUTGO",
    "RUNNING",
    "Beds",
    "CarePlan",
    "Carers",
    "Centres",
    "Funding",
    "Prices",
    "Stock",
    "Villages",
    "capacity",
    "fund",
    "indicators",
    "levels",
    "old_people",
    "stock",
    "with_money",
]

INDICATORS = {
    "beds_per_thousand": ("beds per 1,000 people", "Beds in rural homes per 1,000 rural people of 65 and over"),
    "village_cover": ("share", "Part of the villages whose old have medical care in a place of care"),
    "plan_cost_share": ("share of budget revenue", "Outgo of the plan over general public budget revenue"),
    "plan_cost_per_old": (
        "yuan per person, in prices of the money year",
        "Outgo of the plan per rural person of 65 and over, at constant consumer prices",
    ),
    "plan_cost_real": ("yuan in prices of the money year", "Outgo of the plan at constant consumer prices"),
    "budget_part": ("share", "Part of the outgo that central, provincial and county budgets pay"),
    "funding_gap_real": (
        "yuan in prices of the money year",
        "Outgo less income without interest, at constant consumer prices; below 0 money is left over",
    ),
    "funding_gap_share": ("share", "Outgo less income without interest, over outgo; below 0 money is left over"),
    "building_cost_real": (
        "yuan in prices of the money year",
        "Outgo of the years of building together, at constant consumer prices",
    ),
    "short_year": ("calendar year", "First year in which money is missing; empty if none is"),
}
"""Unit and meaning of each variable that :func:`indicators` returns."""


def fund(opening_year: int, opening_balance: float = 0.0) -> Fund:
    """Make the account of the plan.

    Parameters
    ----------
    opening_year : int
        The year before the first of the plan.
    opening_balance : float
        What it is given to begin with at its 31 December, yuan.

    Returns
    -------
    Fund
        For :func:`actuarial.fund.project`, with a projection from :func:`with_money`. Its ``shortfall`` is what
        nobody has undertaken to pay.
    """
    income = tuple(Recorded(name, "pool", "income", meaning) for name, meaning in INCOME.items())
    outgo = tuple(Recorded(name, "pool", "outgo", meaning) for name, meaning in OUTGO.items())
    return Fund("Plan of elderly care", income, outgo, opening_year, opening_balance)


def indicators(account: xr.Dataset, ready: xr.Dataset, plan: CarePlan, money_year: int) -> xr.Dataset:
    """Work out every indicator of the plan.

    Parameters
    ----------
    account : xarray.Dataset
        From :func:`actuarial.fund.project` with :func:`fund`.
    ready : xarray.Dataset
        From :func:`with_money`, with ``price_index`` and ``budget_revenue``.
    plan : CarePlan
        Rules of both.
    money_year : int
        Year in whose money the rules state yuan.

    Returns
    -------
    xarray.Dataset
        The variables of :data:`INDICATORS` over (draw?, year), ``building_cost_real`` and ``short_year`` over
        (draw?), each with ``unit`` and ``meaning``. NaN where nothing can be divided by.

    Raises
    ------
    forecasting.axes.AxisError
        If a variable or a year is missing.
    """
    require(ready, ["price_index", "budget_revenue", *CAPACITY])
    prices = in_money_of(ready["price_index"], money_year)
    now = join_years(ready.assign(prices=prices), account["year"].values)
    cost, gap = account["expenditure"], account["expenditure"] - account["income"]
    real = cost / now["prices"]
    building = account["year"] < plan.from_year + plan.years
    # Less than a yuan in a billion is what rounding leaves.
    short = account["shortfall"] > 1e-9 * cost
    values = {
        "beds_per_thousand": 1000.0 * over(now["beds"], now["old_people"]),
        "village_cover": over(now["villages_covered"], xr.full_like(now["villages_covered"], plan.villages.number)),
        "plan_cost_share": over(cost, now["budget_revenue"]),
        "plan_cost_per_old": over(real, now["old_people"]),
        "plan_cost_real": real,
        "budget_part": over(sum((account[name] for name in BUDGETS), xr.zeros_like(cost)), cost),
        "funding_gap_real": gap / now["prices"],
        "funding_gap_share": over(gap, cost),
        "building_cost_real": real.where(building, 0.0).sum("year"),
        "short_year": account["year"].where(short).min("year"),
    }
    return told({name: one.transpose(..., "year", missing_dims="ignore") for name, one in values.items()}, INDICATORS)
