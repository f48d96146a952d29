"""One region's part of a fund before it is brought to the nation's total: every flow, and who is paid."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import xarray as xr

from actuarial import _medical_use, _region, financing, fund, medical, pension
from actuarial._pooling_rules import PooledFund
from actuarial._quantity import Section
from actuarial.assumptions import Assumptions
from forecasting.axes import PENSION_AGE, WORKING_AGE
from forecasting.sources import Tables

HEADS = "heads"
"""Who is paid: pensioners, or people insured, at mid-year."""


class Flows(NamedTuple):
    """Flows of a fund's pool, by what they are to a pool of regions.

    Attributes
    ----------
    income, benefits, passed_on : tuple of str
        Money in; money to the heads; money to others, as the match to members' accounts.
    """

    income: tuple[str, ...]
    benefits: tuple[str, ...]
    passed_on: tuple[str, ...]

    @property
    def all(self) -> tuple[str, ...]:
        """Every flow once."""
        return (*self.income, *self.benefits, *self.passed_on)


FLOWS: dict[PooledFund, Flows] = {
    "pension": Flows(
        income=("fiscal_transfer", "land_withdrawal", "collective_pool", "donations", "platform", "other_income"),
        benefits=("basic_pension", "longevity_tail", "funeral_grant"),
        passed_on=("match",),
    ),
    "medical": Flows(
        income=tuple(flow.name for flow in medical.INCOME),
        benefits=tuple(flow.name for flow in medical.OUTGO),
        passed_on=(),
    ),
}
"""Flows of each fund; those of the members' accounts of the pension are not pooled."""


class Nation(NamedTuple):
    """What parts of a nation are set against.

    Attributes
    ----------
    tables : forecasting.sources.Tables
    projection : xarray.Dataset
        The nation's.
    world : xarray.Dataset or None
        What the medical fund of the nation reads; None where it is not valued.
    first, last : int
        Years of the accounts.
    """

    tables: Tables
    projection: xr.Dataset
    world: xr.Dataset | None
    first: int
    last: int


def pension_part(nation: Nation, place: xr.Dataset, rules: Assumptions) -> xr.Dataset:
    """Carry the pension of a region: members and money as in a valuation of it, without any balance.

    Parameters
    ----------
    nation : Nation
    place : xarray.Dataset
        Projection of the region, with the attribute ``region``.
    rules : Assumptions
        Of the scenario; what they leave to the figures is filled in with the region's.

    Returns
    -------
    xarray.Dataset
        Flows of the pool, the transfer by level of government (yuan) and ``heads`` (persons), dims (draw?, year).
    """
    region, tables = str(place.attrs["region"]), nation.tables
    rules = _region.filled(rules, tables, region, place)
    published = _region.basic_pension(tables, region)
    ready = pension.with_accounts(place, rules, published, minimum=_region.minimum_pension(tables))
    account = fund.project(pension.standard_fund(nation.first - 1, 0.0), ready, rules)
    made = account[list(FLOWS["pension"].all)].assign(financing.by_level(account, ready, rules))
    heads = ready["pensioners_mid_year"].sel(year=account["year"])
    return made.assign({HEADS: heads}).sel(year=slice(nation.first, nation.last))


def medical_part(nation: Nation, place: xr.Dataset, rules: medical.MedicalAssumptions, elasticity: float) -> xr.Dataset:
    """Carry the medical fund of a region at national standards.

    Parameters
    ----------
    nation : Nation
    place : xarray.Dataset
        Projection of the region.
    rules : MedicalAssumptions
    elasticity : float
        Of cost per case in rural income over the nation's.

    Returns
    -------
    xarray.Dataset
        Flows (yuan) and ``heads`` (persons insured), dims (draw?, year). Standards per head, use of care by sex and
        age, enrolment outside the employee scheme and parts paid are the nation's.

    Raises
    ------
    ValueError
        If the nation's medical fund is not valued.
    """
    if nation.world is None:
        raise ValueError("the medical fund of a region is asked for without that of the nation")
    ready = medical.prepared(region_world(nation.projection, nation.world, place, elasticity), rules)
    flows = ready[list(FLOWS["medical"].all)].assign({HEADS: ready["insured_mid_year"]})
    return flows.sel(year=slice(nation.first, nation.last))


def region_world(projection: xr.Dataset, world: xr.Dataset, place: xr.Dataset, elasticity: float) -> xr.Dataset:
    """Put a region's insured and cost per case in place of the nation's.

    Parameters
    ----------
    projection, world : xarray.Dataset
        The nation's people and economy, and what its medical fund reads.
    place : xarray.Dataset
        Projection of the region.
    elasticity : float

    Returns
    -------
    xarray.Dataset
        The variables of `world`. Rural income stays the nation's: standards per head, and the burden of households
        in the year of its calibration, are one in the whole nation.
    """
    years = world["year"]
    share = _medical_use.over(outside(place), outside(projection)).sel(year=years)
    income = (place["rural_income"] / projection["rural_income"]).sel(year=years) ** elasticity
    insured = world["insured"] * share
    # The programme's cost is per person insured: it follows how many of them are ill.
    ill = [
        xr.dot(people.sum("sex", dtype=float), world["chronic_prevalence"], dim="age") / people.sum(["sex", "age"])
        for people in (insured, world["insured"])
    ]
    changed = {
        "insured": insured.transpose(*world["insured"].dims),
        "inpatient_cost": world["inpatient_cost"] * income,
        "outpatient_cost": world["outpatient_cost"] * income,
        "chronic_outpatient": world["chronic_outpatient"] * income * ill[0] / ill[1],
        "budget_revenue": place["budget_revenue"].sel(year=years),
        "land_income": place["land_income"].sel(year=years),
    }
    if "land_income" in world:
        changed["land_income"] = place["land_income"].sel(year=years)
    return world.assign({name: value.assign_attrs(world[name].attrs) for name, value in changed.items()})


def outside(projection: xr.Dataset) -> xr.DataArray:
    """Count the people outside the employee scheme, from which the resident medical scheme enrols.

    Parameters
    ----------
    projection : xarray.Dataset
        With ``population``, ``employee_share`` and ``pensioners``.

    Returns
    -------
    xarray.DataArray, dims (draw, sex, age, year)
        Persons at mid-year: all children; of working age those whom the employee scheme does not have; from 60 on
        the pensioners of the resident scheme. The first year has no year before it and is left out.
    """
    ends = projection["population"].sum("area")
    middle = (0.5 * (ends + ends.shift(year=1))).isel(year=slice(1, None))
    inside = projection["employee_share"].sel(year=middle["year"])
    age = middle["age"]
    working = (age >= WORKING_AGE[0]) & (age <= WORKING_AGE[1])
    young = middle * (1.0 - inside.astype(np.float32) * working)
    old = projection["pensioners"].sel(year=middle["year"])
    return young.where(age < PENSION_AGE, old).transpose("draw", "sex", "age", "year")


def key_of(rules: Section) -> str:
    """Return a text that is the same for the same rules, so that equal scenarios are worked out once."""
    return rules.model_dump_json()
