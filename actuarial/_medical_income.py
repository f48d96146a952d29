"""Income of the medical fund: what a head brings, how many heads there are, and the caps."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import xarray as xr

from actuarial import _land_share
from actuarial._medical_rules import Enrolment, Financing
from actuarial.flow import growth, in_money_of

NEEDS = ("rural_income", "price_index", "budget_revenue", "enrolment_rate", "enrolment_response")
"""Variables of a Projection that are read under all rules."""

LEAST_RATIO = 0.05
"""Least contribution, over the standard one, to which enrolment answers: the model's line is in its logarithm."""


class Published(NamedTuple):
    """Standards per head that were published, yuan by year of the notice; the rule gives the other years."""

    contribution: Mapping[int, float]
    subsidy: Mapping[int, float]


NOTHING = Published({}, {})


def per_head(
    world: xr.Dataset, rule: Financing, money_year: int, cost: xr.DataArray, published: Published = NOTHING
) -> xr.Dataset:
    """Give what members and budgets pay for one person insured.

    Parameters
    ----------
    world : xarray.Dataset
        With ``rural_income`` and ``price_index``, dims (draw?, year).
    rule : Financing
        Levels, weights and caps.
    money_year : int
        A year of `world`, of whose standards the levels are.
    cost : xarray.DataArray, dims (draw?, year)
        Medical cost per person insured under today's law.
    published : Published
        Standards of past years.

    Returns
    -------
    xarray.Dataset
        ``member`` and ``subsidy``, yuan per person insured and year, dims (draw?, year).

    Raises
    ------
    forecasting.axes.AxisError
        If `world` lacks `money_year`.
    """
    rates = {
        "income": growth(world["rural_income"]),
        "price": growth(world["price_index"]),
        "cost": growth(cost),
    }
    member, subsidy = (
        getattr(rule, f"{name}_multiple")
        * _standard(getattr(rule, f"{name}_per_head"), _rate(rates, rule, name), money_year, known)
        for name, known in (("contribution", published.contribution), ("subsidy", published.subsidy))
    )
    member, subsidy = xr.broadcast(member, subsidy)
    binding = member["year"] >= rule.caps_from
    if rule.member_share_cap is not None:
        both = member + subsidy
        member = member.where(~binding, np.minimum(member, rule.member_share_cap * both))
        subsidy = both - member
    if rule.subsidy_growth_floor is not None:
        until = int(subsidy["year"][-1]) if rule.subsidy_floor_until is None else rule.subsidy_floor_until
        bound = (subsidy["year"] >= rule.subsidy_floor_from) & (subsidy["year"] <= until)
        subsidy = _rising(subsidy, bound, rule.subsidy_growth_floor)
    if rule.subsidy_growth_cap is not None:
        subsidy = _growing(subsidy, binding, rule.subsidy_growth_cap)
    return xr.Dataset({"member": member, "subsidy": subsidy})


def _rate(rates: Mapping[str, xr.DataArray], rule: Financing, name: str) -> xr.DataArray:
    income, price, cost = xr.broadcast(*rates.values())
    weighted = sum(
        getattr(rule, f"{name}_{kind}_weight") * rate
        for kind, rate in (("income", income), ("price", price), ("cost", cost))
    )
    return weighted.where(income["year"] >= rule.indexation_from, income)


def _standard(level: float, rate: xr.DataArray, money_year: int, known: Mapping[int, float]) -> xr.DataArray:
    """Carry a level by cumulative growth, before and after its year; published years stand as published."""
    path = level * in_money_of((1 + rate).cumprod("year").rename("standard per head"), money_year)
    years = path["year"].values.tolist()
    fixed = xr.DataArray([known.get(y, np.nan) for y in years], {"year": years}, ("year",))
    return path.where(fixed.isnull(), fixed)


def _rising(amount: xr.DataArray, binding: xr.DataArray, floor: float) -> xr.DataArray:
    """Lift growth to a floor in the years in which it binds; later years go on from there as they would have grown."""
    out = amount.transpose(..., "year").copy(deep=True)
    paid, bound = out.values, binding.values
    grown = np.divide(paid[..., 1:], paid[..., :-1], out=np.ones_like(paid[..., 1:]), where=paid[..., :-1] > 0)
    grown = np.where(bound[1:], np.maximum(grown, 1 + floor), grown)
    # Before the floor binds, what was paid stands to the last digit.
    for t in range(max(int(bound.argmax()), 1) if bound.any() else len(bound), len(bound)):
        paid[..., t] = paid[..., t - 1] * grown[..., t - 1]
    return out


def _growing(amount: xr.DataArray, binding: xr.DataArray, cap: float) -> xr.DataArray:
    """Limit growth in the years that a cap binds; what was paid the year before is the base."""
    out = amount.transpose(..., "year").copy(deep=True)
    paid = out.values
    for t in np.flatnonzero(binding.values):
        if t > 0:
            paid[..., t] = np.minimum(paid[..., t], paid[..., t - 1] * (1 + cap))
    return out


def heads(world: xr.Dataset, rule: Enrolment, price: xr.DataArray) -> xr.Dataset:
    """Give who stays insured, and how much care they use, beside the projection.

    Parameters
    ----------
    world : xarray.Dataset
        With ``enrolment_rate`` (draw?, year) and ``enrolment_response`` (draw?).
    rule : Enrolment
        Use of leavers; double enrolment and its removal.
    price : xarray.DataArray, dims (draw?, year)
        Individual contribution over that of today's law.

    Returns
    -------
    xarray.Dataset
        ``insured`` and ``use``, over those of the projection, dims (draw?, year): both 1 under today's law. The logit
        of enrolment falls by the response for a rise of one in the log of `price`. Leavers and duplicates use less
        than the others, so that use falls less than heads.
    """
    odds = np.exp(-world["enrolment_response"] * np.log(price.clip(min=LEAST_RATIO)))
    stay = odds / (1 + world["enrolment_rate"] * (odds - 1))
    reached = _land_share.phased_in(price["year"], rule.duplicates_from, rule.duplicates_phase_in_years)
    removed = rule.duplicates_removed * reached * rule.duplicate_share
    # Use of one who is insured here alone, over the mean with duplicates, is 1 / mix.
    mix = 1 - rule.duplicate_share * (1 - rule.duplicate_use)
    use = (1 - (1 - stay) * rule.leavers_use) * (1 - removed * rule.duplicate_use / mix)
    return xr.Dataset({"insured": stay * (1 - removed), "use": use})


def flows(world: xr.Dataset, rule: Financing, money_year: int, money: xr.Dataset, insured: xr.DataArray) -> xr.Dataset:
    """Give the income of the fund from members, budgets and others.

    Parameters
    ----------
    world : xarray.Dataset
        With ``rural_income`` and ``budget_revenue``, and ``land_income`` where a share of it is asked for, dims
        (draw?, year).
    rule : Financing
        Other income, land share, and the cap of the subsidy in budget revenue, which goes before any least growth.
    money_year : int
    money : xarray.Dataset
        From :func:`per_head`.
    insured : xarray.DataArray, dims (draw?, year)
        Persons at mid-year.

    Returns
    -------
    xarray.Dataset
        ``contributions, fiscal_transfer, other_income, land_withdrawal``, yuan, dims (draw?, year).
    """
    transfer = money["subsidy"] * insured
    if rule.subsidy_budget_cap is not None:
        most = rule.subsidy_budget_cap * world["budget_revenue"]
        transfer = transfer.where(transfer["year"] < rule.caps_from, np.minimum(transfer, most))
    other = rule.other_income_per_head * in_money_of(world["rural_income"], money_year) * insured
    land = _land_share.withdrawal(world, rule.land_share, rule.land_from, rule.land_phase_in_years)
    return xr.Dataset(
        {
            "contributions": money["member"] * insured,
            "fiscal_transfer": transfer,
            "other_income": other,
            "land_withdrawal": land.broadcast_like(transfer),
        }
    )
