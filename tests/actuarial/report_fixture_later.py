"""The funds that the invented run in `report_fixture` founds: unemployment, time bank, and the months behind them."""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray as xr

from actuarial import careplan, timebank
from actuarial import unemployment as fund
from actuarial.assumptions import describe
from tests.actuarial.report_fixture_axes import DRAWS

PACKAGE = "package"
YEARS = np.arange(2027, 2101)
PEOPLE_YEARS = np.arange(2010, 2101)
FIRST = 2018
"""First year with a monthly rate."""

UNKNOWN = (2019, 3)
"""A month of the past whose rate was not published."""

T = YEARS - 2027.0


def walk(rng: np.random.Generator, scale: float, years: np.ndarray = YEARS) -> np.ndarray:
    """Return random walks (draw, year) that start after 2025."""
    return np.cumsum(rng.normal(0.0, scale, (DRAWS, years.size)) * (years > 2025), axis=1)


def labour(rng: np.random.Generator) -> xr.Dataset:
    """Return the variables of ``projection.nc`` on unemployment: rates by month, what was published, workers, wage."""
    shape = (DRAWS, PEOPLE_YEARS.size, 12)
    months = np.arange(12)
    level = 0.052 + 0.005 * np.cos(2 * np.pi * months / 12)
    slow = np.repeat(rng.normal(0.0, 0.004, (DRAWS, PEOPLE_YEARS.size, 1)), 12, axis=2)
    urban = np.clip(level + np.where((PEOPLE_YEARS > 2025)[:, None], slow, 0.0), 0.02, None)
    place = tuple(np.array(UNKNOWN) - (PEOPLE_YEARS[0], 1))
    urban[:, *place] += rng.normal(0.0, 0.001, DRAWS)
    before = np.broadcast_to((PEOPLE_YEARS < FIRST)[:, None], shape[1:])
    urban = np.where(before, np.nan, urban)
    seen = np.where(before | (PEOPLE_YEARS > 2025)[:, None], np.nan, urban[0].round(3))
    seen[place] = np.nan
    growth = 0.04 * (PEOPLE_YEARS - 2025.0) + walk(rng, 0.01, PEOPLE_YEARS)
    early = PEOPLE_YEARS < FIRST
    both = ("draw", "year", "month")
    made = {
        "urban_unemployment": (both, urban),
        "migrant_unemployment": (both, 0.9 * urban),
        "published_urban_unemployment": (("year", "month"), seen),
        "published_migrant_unemployment": (("year", "month"), 0.9 * seen),
        "migrant_workers": (("draw", "year"), np.where(early, np.nan, 3e8 * np.exp(-0.2 * growth))),
        "migrant_wage": (("draw", "year"), np.where(early, np.nan, 6e4 * np.exp(growth))),
    }
    return xr.Dataset(made, {"draw": np.arange(DRAWS), "year": PEOPLE_YEARS, "month": months + 1})


def unemployment(rng: np.random.Generator) -> xr.Dataset:
    """Return ``unemployment.nc``: an account that adds up, every flow used, and a plan that some years have."""
    members = np.exp(0.2 * walk(rng, 0.02)) * 4e7 * (1 + 2 * np.clip(T / 15, 0, 1))
    wages = members * 6e4 * np.exp(0.04 * T + walk(rng, 0.02))
    months = np.clip(np.round(6 + rng.normal(0.0, 7.0, wages.shape)), 0, 12)
    plan = wages * 0.0003 * months
    made = {
        "member_contributions": 0.0085 * wages,
        "platform_contributions": 0.0007 * wages,
        "fiscal_match": 0.0004 * wages,
        "founding_grant": 0.00002 * wages,
        "land_withdrawal": 0.00005 * wages,
        "living_allowance": wages * 0.006 * np.exp(walk(rng, 0.05)),
        "emergency_allowance": 0.7 * plan,
        "journey_home": 0.1 * plan,
        "training": 0.2 * plan + 0.0001 * wages,
        "transition_posts": 0.0002 * wages,
        "firm_subsidy": 0.0001 * wages,
    }
    account = _account(made, [f.name for f in fund.INCOME], [f.name for f in fund.OUTGO], 0.02)
    cost = sum(made[name] for name in fund.BENEFITS) / wages
    high = np.maximum.accumulate(cost, axis=1)
    reserve = account["balance"] / wages
    told = {
        "members": members,
        "contribution_rate": np.full(wages.shape, 0.01),
        "covered_wages": wages,
        "out_of_work": 0.05 * np.exp(walk(rng, 0.01)),
        "cost_rate_if_covered": cost,
        "reserve_ratio": reserve,
        "benefit_cost_rate": cost,
        "income_rate": account["income"] / wages,
        "average_high_cost_rate": high,
        "average_high_cost_multiple": reserve / high,
        "emergency_called": (months > 0).astype(float),
        "emergency_months": months,
        "emergency_cost": plan,
        "lowest_balance": account["balance"] - 0.3 * account["income"],
    }
    return _dataset(made | account | told)


def time_bank(rng: np.random.Generator) -> xr.Dataset:
    """Return ``time_bank.nc``: hours that go round, care that is bought late, and a few other cases."""
    supply = 3e8 * np.exp(-0.015 * T + walk(rng, 0.02))
    claimed = supply * np.clip(0.04 * T, 0, None) * np.exp(walk(rng, 0.02))
    bought = np.maximum(claimed - supply, 0.0)
    lapsed = 0.2 * claimed
    owed = np.cumsum(supply - claimed - 2 * lapsed, axis=1) + 4e9
    price = 30.0 * np.exp(0.05 * T)
    made = {
        "bank_subsidy": 2.0 * supply,
        "member_fees": 0.2 * supply,
        "guarantee_payment": 0.5 * supply,
        "bank_running_cost": 2.2 * supply,
        "care_purchased": bought * price,
    }
    account = _account(
        made, ["bank_subsidy", "member_fees", "guarantee_payment"], ["bank_running_cost", "care_purchased"], 0.02
    )
    told = {
        "hours_needed": 5e9 * np.exp(walk(rng, 0.01)),
        "hours_supply": supply,
        "hours_worked": supply,
        "hours_earned": supply,
        "hours_claimed": claimed,
        "hours_redeemed": claimed,
        "hours_bought": bought,
        "hours_lapsed_by_death": lapsed,
        "hours_lapsed_by_leaving": lapsed,
        "hours_owed": owed,
        "members": 5e6 * np.exp(walk(rng, 0.01)),
        "years_of_work_owed": owed / supply,
        "claims_to_supply": claimed / supply,
        "need_met": (supply + bought) / 5e9,
        "lapsed_share": 2 * lapsed / np.maximum(2 * lapsed + claimed, 1.0),
        "hours_owed_per_member": owed / 5e6,
        "value_owed": owed * price,
    }
    data = _dataset(made | account | told)
    buying = data["year"].where(data["hours_bought"] > 0).min("year")
    once = {"buying_year": buying, "guarantee_rate": xr.zeros_like(buying) + rng.normal(0.08, 0.01, DRAWS)}
    return data.assign(once).assign(_cases(data, buying))


def _cases(data: xr.Dataset, buying: xr.DataArray) -> dict[str, xr.DataArray]:
    """Return the cases of the sensitivity: each a little later, with fewer hours owed."""
    names = xr.DataArray(list(timebank.CASES), dims="case", name="case")
    step = xr.DataArray(np.arange(names.size), {"case": names.values}, ("case",))
    made = {
        "case_buying_year": (buying + step).transpose("scenario", "case", "draw"),
        "case_hours_owed": (data["hours_owed"] * (1 - 0.05 * step)).transpose("scenario", "case", "draw", "year"),
    }
    # Of every other draw: they have an axis of their own.
    return {name: one.isel(draw=slice(None, None, 2), drop=True).rename(draw="some") for name, one in made.items()}


def _account(flows: dict[str, np.ndarray], income: list[str], outgo: list[str], rate: float) -> dict[str, np.ndarray]:
    """Carry flows to a balance with interest on what the year opens with; what is missing is a shortfall."""
    taken, spent = (sum((flows[name] for name in names), np.zeros(1)) for names in (income, outgo))
    balance, interest, shortfall = (np.zeros(taken.shape) for _ in range(3))
    before = np.zeros(DRAWS)
    for t in range(YEARS.size):
        interest[:, t] = rate * before
        after = before + taken[:, t] - spent[:, t] + interest[:, t]
        shortfall[:, t] = np.maximum(-after, 0.0)
        before = balance[:, t] = np.maximum(after, 0.0)
    return {
        "income": taken,
        "expenditure": spent,
        "interest": interest,
        "balance": balance,
        "shortfall": shortfall,
        "emergency_transfer": shortfall,
        "benefit_cut": np.zeros(taken.shape),
        "rate_earned": np.full(taken.shape, rate),
    }


def _dataset(values: dict[str, np.ndarray]) -> xr.Dataset:
    """Put arrays (draw, year) under the one scenario that has the fund, and tell when it is empty."""
    dims = ("scenario", "draw", "year")
    coords = {"scenario": [PACKAGE], "draw": np.arange(DRAWS), "year": YEARS}
    data = xr.Dataset({name: (dims, value[None]) for name, value in values.items()}, coords)
    empty = (data["shortfall"] > 0).cumsum("year") > 0
    first = data["year"].where(empty).min("year")
    opening = xr.zeros_like(first)
    data = data.assign(fund_empty=empty.astype(float), fund_depletion_year=first, opening_balance=opening)
    return data.transpose("scenario", "draw", "year")


def later_assumptions() -> list[dict[str, Any]]:
    """Return the records of what was chosen for both funds; the package has a trigger of its own."""
    rows = describe(fund.Unemployment(), "unemployment.") + describe(timebank.TimeBank(), "time_bank.")
    rows += describe(careplan.CarePlan(), "care_plan.")
    other = {
        "unemployment.emergency.threshold": {PACKAGE: 0.055},
        "unemployment.emergency.rise": {PACKAGE: 1.25},
        "time_bank.guarantee_share": {PACKAGE: 0.02},
    }
    return [dict(row) | {"scenarios": other.get(str(row["key"]), {})} for row in rows]
