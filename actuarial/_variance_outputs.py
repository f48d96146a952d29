"""The quantities of a fund whose variance is split: one number a draw each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import xarray as xr

from actuarial import joint, rates, solvency, trial
from actuarial.household import BUDGET
from actuarial.rules import Rules, Scheme
from forecasting.axes import AxisError, join_years

DEPLETION = "depletion_year"

YEARLY = {
    "pension": ("reserve", "cost_rate", "fiscal_need_share"),
    "medical": ("reserve_months", "cost_rate", "fiscal_need_share"),
}
"""Quantities of one year, by fund."""

ABOUT = {
    DEPLETION: (
        "calendar year",
        "Year in which the pool runs out; the year after the horizon in draws in which it does not",
    ),
    "reserve": ("years", "Pool at 31 December, less all that it could not pay, over its outgo of the year"),
    "reserve_months": ("months", "Pool at 31 December, less all that it could not pay, over a month's outgo"),
    "cost_rate": ("share of rural income", "Expenditure over members who contribute times rural income per head"),
    "fiscal_need_share": ("share of budget revenue", "Transfer that keeps the pool where it is over budget revenue"),
}
"""Unit and meaning of each quantity."""

MEMBERS = {"pension": "contributors_mid_year", "medical": "insured_mid_year"}


def names(fund: str, years: Sequence[int]) -> list[tuple[str, int]]:
    """Return the quantities of a fund and their years; that of depletion has none and gets 0."""
    return [(DEPLETION, 0), *((name, year) for name in YEARLY[fund] for year in years)]


def of(world: trial.World, fund: Scheme, rules: Rules, years: Sequence[int]) -> xr.DataArray:
    """Work out the quantities of a fund.

    Parameters
    ----------
    world : actuarial.trial.World
    fund : {"pension", "medical"}
    rules : Rules
    years : sequence of int

    Returns
    -------
    xarray.DataArray, dims (output, draw)
        In the order of :func:`names`, with the coordinate ``lasting`` (draw,): the pool outlives the horizon.

    Raises
    ------
    forecasting.axes.AxisError
        If the account does not reach a year, or a quantity is not finite.
    """
    made, ready = _books(world, fund, rules)
    _refuse_years(made, fund, years)
    closing = made["pool_balance"]
    dry = solvency.exhaustion_year(closing)
    lasting = dry.isnull()
    yearly = _yearly(made, ready, fund)
    parts = [dry.fillna(float(closing["year"][-1]) + 1.0)]
    parts += [yearly[name].sel(year=year, drop=True) for name, year in names(fund, years)[1:]]
    bare = [part.drop_attrs().reset_coords(drop=True).rename("quantity") for part in parts]
    out = xr.concat(bare, "output", join="exact").transpose("output", "draw")
    faults = list(_unknown(out, fund, years))
    if faults:
        raise AxisError(faults)
    return out.assign_coords(lasting=("draw", lasting.values))


def _books(world: trial.World, fund: Scheme, rules: Rules) -> tuple[xr.Dataset, xr.Dataset]:
    """Return the account of a fund, and members, income and budgets of its years."""
    if fund == "pension":
        kept = trial.kept(world, rules)
        made, ready = kept.account, kept.ready
    else:
        ready, made = trial.prepared(world, fund, rules)
    wanted = [MEMBERS[fund], "rural_income", "budget_revenue"]
    return made, join_years(ready[wanted], made["year"].values)


def _yearly(made: xr.Dataset, ready: xr.Dataset, fund: Scheme) -> dict[str, xr.DataArray]:
    reserve = rates.over(trial.pool(made), made["pool_outgo"])
    need = joint.need_of(made, BUDGET[fund])
    return {
        "reserve": reserve,
        "reserve_months": 12.0 * reserve,
        "cost_rate": rates.over(made["expenditure"], ready[MEMBERS[fund]] * ready["rural_income"]),
        "fiscal_need_share": need / ready["budget_revenue"],
    }


def _refuse_years(made: xr.Dataset, fund: str, years: Sequence[int]) -> None:
    first, last = int(made["year"][0]), int(made["year"][-1])
    strange = [year for year in years if not first <= year <= last]
    if strange:
        told = ", ".join(map(str, strange))
        raise AxisError([f"variance.years: the account of the {fund} fund has no {told}: give years in {first}-{last}"])


def _unknown(out: xr.DataArray, fund: str, years: Sequence[int]) -> Iterator[str]:
    for (name, year), values in zip(names(fund, years), out, strict=True):
        lost = int((~values.notnull() | (abs(values) == float("inf"))).sum())
        if lost:
            at = f" of {year}" if year else ""
            yield f"{name}{at} of the {fund} fund is no number in {lost} draws: leave the fund or the year out"
