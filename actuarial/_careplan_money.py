"""The price of the plan of elderly care, and who pays it: every flow in yuan a year."""

from __future__ import annotations

from functools import reduce
from operator import add

import numpy as np
import xarray as xr

from actuarial._careplan_capacity import built, capacity, carers
from actuarial._careplan_payers import Funding
from actuarial._careplan_rules import CarePlan
from actuarial.flow import in_money_of
from forecasting.axes import require

DEVIATES = ("building_deviate", "running_deviate")
"""What a projection may tell of the doubt about costs: standard normal, dims (draw,), of building and of running."""

NEEDS = (
    *("population", "rural_income", "price_index", "budget_revenue", "land_income"),
    *("deposit_rate", "market_return"),
)
"""Variables of a Projection that the plan and its fund read."""

INCOME = {
    "care_central": "Central budget to the plan of elderly care",
    "care_provincial": "Provincial budgets to the plan of elderly care",
    "care_county": "County budgets to the plan of elderly care",
    "care_lottery": "Welfare-lottery money to the plan of elderly care",
    "care_land": "Land-transfer income to the plan of elderly care",
    "care_collective": "Village collectives to the plan of elderly care",
}
"""Income of the plan by payer, with its meaning."""

BUDGETS = ("care_central", "care_provincial", "care_county")
"""Income that comes from general public budgets."""

BUILDING = {
    "bed_building": "Building of nursing beds, and building them again at the end of their life",
    "centre_building": "Building of day-care centres, and doing so again at the end of their life",
    "village_start": "Fitting out villages for medical care of the old, and doing so again",
}
"""Outgo for what stands for years, with its meaning."""

RUNNING = {
    "bed_running": "Subsidy to occupied nursing beds",
    "centre_running": "Subsidy to day-care centres",
    "village_running": "Medical care of the old in villages",
    "carer_training": "Training of carers",
    "carer_posts": "Job subsidies to carers",
}
"""Outgo of the year, with its meaning."""

OUTGO = BUILDING | RUNNING
"""Outgo of the plan, with its meaning."""


def levels(projection: xr.Dataset, plan: CarePlan, money_year: int) -> xr.Dataset:
    """Give the levels that costs and payments follow.

    Parameters
    ----------
    projection : xarray.Dataset
        With ``rural_income`` and ``price_index`` over (draw?, year), and :data:`DEVIATES` over (draw,) where the
        doubt about costs counts.
    plan : CarePlan
        Section ``prices``.
    money_year : int
        A year of `projection`: both indices are 1 then.

    Returns
    -------
    xarray.Dataset
        ``income`` and ``prices``, and of costs ``building`` and ``running``: income to the power of its weight times
        prices to the power of the rest, times the doubt; over (draw?, year).

    Raises
    ------
    forecasting.axes.AxisError
        If a variable or the year is missing.
    """
    require(projection, ["rural_income", "price_index"])
    income, prices = (in_money_of(projection[name], money_year) for name in ("rural_income", "price_index"))
    rule, made = plan.prices, {"income": income, "prices": prices}
    for cost, weight, error in (
        ("building", rule.building_income_weight, rule.building_error),
        ("running", rule.running_income_weight, rule.running_error),
    ):
        level = income**weight * prices ** (1.0 - weight)
        deviate = projection.get(f"{cost}_deviate")
        made[cost] = level if deviate is None else level * np.exp(error * deviate)
    return xr.Dataset({name: one.drop_attrs() for name, one in made.items()})


def costs(now: xr.Dataset, plan: CarePlan) -> dict[str, xr.DataArray]:
    """Work out every outgo of the plan.

    Parameters
    ----------
    now : xarray.Dataset
        From :func:`levels`.
    plan : CarePlan
        Rules.

    Returns
    -------
    dict of str to xarray.DataArray
        :data:`OUTGO` by name, yuan a year, dims (draw?, year).
    """
    made = built(now["year"].values, plan)
    staff, trained = carers(made, plan)
    beds, centres, villages, rule = plan.beds, plan.centres, plan.villages, plan.carers
    at_once = {
        "bed_building": beds.subsidy * made.beds.built,
        "centre_building": centres.building * made.centres.built,
        "village_start": villages.start * made.villages.built,
    }
    yearly = {
        "bed_running": beds.running * beds.occupancy * made.beds.mean,
        "centre_running": centres.running * made.centres.mean,
        "village_running": villages.running * made.villages.mean,
        "carer_training": rule.training * trained,
        "carer_posts": rule.post * staff,
    }
    return {
        name: now[level] * xr.DataArray(array, {"year": now["year"]}, ("year",))
        for level, some in (("building", at_once), ("running", yearly))
        for name, array in some.items()
    }


def payments(
    projection: xr.Dataset, now: xr.Dataset, spent: dict[str, xr.DataArray], plan: CarePlan
) -> dict[str, xr.DataArray]:
    """Work out what every payer gives.

    Parameters
    ----------
    projection : xarray.Dataset
        With ``land_income`` over (draw?, year).
    now : xarray.Dataset
        From :func:`levels`.
    spent : dict of str to xarray.DataArray
        From :func:`costs`.
    plan : CarePlan
        Section ``funding``.

    Returns
    -------
    dict of str to xarray.DataArray
        :data:`INCOME` by name, yuan a year, dims (draw?, year); nothing before the first year of the plan.

    Raises
    ------
    forecasting.axes.AxisError
        If land income is missing.
    """
    require(projection, ["land_income"])
    rule: Funding = plan.funding
    begun = (now["year"] >= plan.from_year).astype(float)
    building, running = (reduce(add, (spent[name] for name in names)) for names in (BUILDING, RUNNING))
    villages = xr.DataArray(built(now["year"].values, plan).villages.mean, {"year": now["year"]}, ("year",))
    lottery = rule.lottery_yield * rule.lottery_care_share * rule.lottery_plan_share
    return {
        "care_central": rule.central_building * building + rule.central_running * running,
        "care_provincial": rule.provincial_building * building + rule.provincial_running * running,
        "care_county": rule.county_building * building + rule.county_running * running,
        "care_lottery": lottery * now["prices"] * begun,
        "care_land": rule.land_share * projection["land_income"].drop_attrs() * begun,
        "care_collective": rule.collective_per_village * villages * now["income"],
    }


def with_money(projection: xr.Dataset, plan: CarePlan, money_year: int) -> xr.Dataset:
    """Add what the plan builds and the money that it moves to a projection.

    Parameters
    ----------
    projection : xarray.Dataset
        With :data:`NEEDS`, and :data:`DEVIATES` where the doubt about costs counts; years without gaps.
    plan : CarePlan
        Rules.
    money_year : int
        Year in whose money the rules state yuan.

    Returns
    -------
    xarray.Dataset
        `projection` with the variables of :data:`actuarial.careplan.CAPACITY`, and :data:`INCOME` and :data:`OUTGO`
        in yuan a year.

    Raises
    ------
    forecasting.axes.AxisError
        If a variable or the year is missing.
    """
    now = levels(projection, plan, money_year)
    spent = costs(now, plan)
    money = payments(projection, now, spent, plan) | spent
    flows = {n: a.transpose(..., "year").assign_attrs(unit="yuan") for n, a in money.items()}
    made = capacity(projection, plan)
    return projection.assign({str(n): made[n] for n in made} | flows)
