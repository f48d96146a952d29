"""Money of the unemployment fund inside the year: what a member pays, draws and earns in each month."""

from __future__ import annotations

import numpy as np
import xarray as xr

from actuarial import _unemployment_kernel as kernel
from actuarial._land_share import phased_in
from actuarial._unemployment_rules import Benefits, Emergency, Unemployment
from actuarial.flow import in_money_of
from forecasting.axes import MONTHS

Array = np.ndarray

PRINTED = 3
"""Decimals of a printed rate: a tenth of a percentage point."""

EXACT = 1e-9
"""More than the rounding of floating-point numbers, less than any difference between printed rates."""

HIGHEST_RISK = 0.9
"""Highest unemployment of members that a multiple of the migrants' rate may give."""

BENEFITS = ("living_allowance", "emergency_allowance", "journey_home", "training", "transition_posts")
"""Outgo of the fund except what returns to firms."""


def emergency_plan(projection: xr.Dataset, rule: Emergency) -> xr.DataArray:
    """Tell in which months the emergency plan runs.

    Parameters
    ----------
    projection : xarray.Dataset
        With ``urban_unemployment`` or ``migrant_unemployment``, dims (draw?, year, month).
    rule : Emergency

    Returns
    -------
    xarray.DataArray of bool, dims (draw?, year, month)
        The plan follows the rate as printed: 5.04 % is printed 5.0 % and starts nothing at 5 %. Where a rise is asked
        for, it does not run in the first 26 months, in which none can be told.
    """
    printed = projection[f"{rule.rate}_unemployment"].astype(float).round(PRINTED).transpose(..., "year", "month")
    over = printed > rule.threshold + EXACT
    return over & _risen(printed, rule.rise) if rule.rise > 0 else over


def _risen(printed: xr.DataArray, ratio: float) -> xr.DataArray:
    """Tell whether the mean of three months is `ratio` times that of the same months of the two years before."""
    months = printed.values.reshape(*printed.shape[:-2], -1)
    quarter, before = (np.full(months.shape, np.nan) for _ in range(2))
    quarter[..., 2:] = (months[..., 2:] + months[..., 1:-1] + months[..., :-2]) / 3
    before[..., 24:] = (quarter[..., 12:-12] + quarter[..., :-24]) / 2
    return printed.copy(data=(quarter >= ratio * before - EXACT).reshape(printed.shape))


def per_member(projection: xr.Dataset, rules: Unemployment) -> xr.Dataset:
    """Work out what a member pays, draws and earns in each month, on average over all members.

    Parameters
    ----------
    projection : xarray.Dataset
        With :data:`actuarial.unemployment.PEOPLE` and ``price_index``.
    rules : Unemployment

    Returns
    -------
    xarray.Dataset, dims (draw?, year, month)
        Yuan a member and month: ``contributions``, :data:`BENEFITS`, ``emergency_training`` (its part of
        ``training``) and ``covered_wages``; and ``out_of_work, plan`` (shares; the plan runs wholly or not at all).

    Raises
    ------
    forecasting.axes.AxisError
        If ``money_year`` is not in the projection.
    """
    shares = _shares(projection, rules)
    wage, fixed = projection["migrant_wage"] / 12.0, fixed_index(projection, rules)
    benefits, emergency = rules.benefits, rules.emergency
    worth = {
        "contributions": rules.contribution.rate * wage,
        "living_allowance": benefits.allowance * wage,
        "emergency_allowance": emergency.monthly * fixed,
        "journey_home": emergency.journey * fixed,
        "training": benefits.training_cost * fixed,
        "emergency_training": benefits.training_cost * fixed,
        "transition_posts": benefits.posts_wage * wage,
        "covered_wages": wage,
    }
    money = {name: shares[name] * value for name, value in worth.items()}
    out = shares[["out_of_work", "plan"]].assign(money)
    return out.transpose(..., "year", "month")


def fixed_index(projection: xr.Dataset, rules: Unemployment) -> xr.DataArray:
    """Return the level of amounts in yuan, relative to the year in whose money they are stated; (draw?, year)."""
    follow = rules.emergency.amounts_follow
    path = {"prices": "price_index", "wages": "migrant_wage", "nothing": "price_index"}[follow]
    level = in_money_of(projection[path], rules.money_year)
    return xr.ones_like(level) if follow == "nothing" else level


def _shares(projection: xr.Dataset, rules: Unemployment) -> xr.Dataset:
    """Part of the members who pay, draw or earn in each month, by stream; (draw?, year, month)."""
    rate = rules.membership.risk_multiple * projection["migrant_unemployment"].astype(float)
    rate, plan = xr.broadcast(rate.clip(max=HIGHEST_RISK), emergency_plan(projection, rules.emergency))
    rate = rate.transpose(..., "year", "month")
    plan = plan.transpose(*rate.dims)
    # The kernel knows draws and months alone; a projection without draws is one draw.
    flat = (-1, rate.sizes["year"] * len(MONTHS))
    runs = plan.values.reshape(flat)
    extra = rules.emergency.trained_share * runs
    regular = np.repeat(_regular_training(projection["year"], rules.benefits).values, len(MONTHS))
    trained = np.minimum(regular + extra, 1.0)
    spells = kernel.Spells(
        months=rules.benefits.months,
        exit_rate=rules.benefits.exit_rate,
        placed_share=rules.benefits.placed_share,
        take_up=rules.emergency.take_up,
    )
    state = kernel.carry(rate.values.reshape(flat), runs, trained, spells)
    parts = _parts(state, runs, trained - regular, rules)
    return xr.Dataset({name: rate.copy(data=values.reshape(rate.shape)) for name, values in parts.items()})


def _regular_training(years: xr.DataArray, rule: Benefits) -> xr.DataArray:
    """Part of those out of work who begin a training outside the plan in a month of each year; (year,)."""
    if rule.training_from is None:
        return xr.full_like(years, rule.trained_share, dtype=float)
    return rule.trained_share * phased_in(years, rule.training_from, rule.training_phase_in_years)


def _parts(state: kernel.OutOfWork, runs: Array, planned: Array, rules: Unemployment) -> dict[str, Array]:
    """Name the shares; who holds a transition post draws neither allowance."""
    benefits, free = rules.benefits, 1.0 - rules.benefits.posts_share
    paid = rules.contribution.paid_share
    return {
        "contributions": paid * _instalments(1.0 - state.stock, rules.contribution.instalment_months),
        "living_allowance": paid * benefits.eligible_share * free * state.entitled,
        "emergency_allowance": rules.emergency.take_up * free * state.entitled * runs,
        "journey_home": free * state.journeys,
        "training": state.trained,
        "emergency_training": planned * state.stock,
        "transition_posts": benefits.posts_share * state.entitled,
        "covered_wages": 1.0 - state.stock,
        "out_of_work": state.stock,
        "plan": runs.astype(float),
    }


def _instalments(in_work: Array, every: int) -> Array:
    """Months paid for in each month: `every` of them in the month of an instalment by those then in work, else none."""
    due = np.arange(in_work.shape[1]) % every == 0
    return np.where(due, every * in_work, 0.0)
