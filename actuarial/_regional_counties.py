"""Synthetic counties: groups of equal size inside each province, with a stated spread of income and of age."""

from __future__ import annotations

from statistics import NormalDist
from typing import NamedTuple

import numpy as np
import xarray as xr

from actuarial import _medical_use
from actuarial._inequality import part_of
from actuarial._labels import plain
from actuarial._pooling_regions import Regions
from actuarial._pooling_rules import Pooling
from actuarial._regional_funds import Fund, adding_up, laid_out, total
from actuarial._regional_parts import FLOWS
from actuarial.medical import MedicalAssumptions

Array = np.ndarray


class Counties(NamedTuple):
    """The counties of any province, each with as many people as any other.

    Attributes
    ----------
    income : numpy.ndarray, shape (K,)
        Rural income over the province's; mean 1.
    age : numpy.ndarray, shape (K,)
        Share of old people over the province's; mean 1.
    """

    income: Array
    age: Array

    @property
    def size(self) -> int:
        """Counties of a province."""
        return int(self.income.size)


def counties(rule: Pooling) -> Counties:
    """Cut a province into groups of equal size by income, and each of these by age.

    Parameters
    ----------
    rule : Pooling
        Spreads, their correlation, and how many groups there are.

    Returns
    -------
    Counties
        The log of each factor has exactly the stated spread over the groups (where there are two or more), and the
        correlation of the logs is the stated one. Nothing is drawn at random.

    Examples
    --------
    >>> one = counties(Pooling(income_groups=2, age_groups=1, county_link=0.0))
    >>> (one.income.size, round(float(np.log(one.income).std()), 6), round(float(one.income.mean()), 6))
    (2, 0.25, 1.0)
    """
    rich, old = np.meshgrid(scores(rule.income_groups), scores(rule.age_groups), indexing="ij")
    linked = rule.county_link * rich + np.sqrt(1 - rule.county_link**2) * old
    logs = (rule.county_income_spread * rich.ravel(), rule.county_age_spread * linked.ravel())
    return Counties(*(np.exp(log) / np.exp(log).mean() for log in logs))


def scores(groups: int) -> Array:
    """Return the means of groups of equal size of a standard normal, brought to a spread of one.

    Parameters
    ----------
    groups : int
        One or more.

    Returns
    -------
    numpy.ndarray, shape (groups,)
        Rising, with mean 0 and, of two groups or more, standard deviation 1; of one group 0.
    """
    normal = NormalDist()
    ends = [0.0, *(normal.pdf(normal.inv_cdf(i / groups)) for i in range(1, groups)), 0.0]
    means = -groups * np.diff(ends)
    return means / means.std() if groups > 1 else np.zeros(1)


def split(values: Array, factor: Array) -> Array:
    """Share yearly amounts of provinces out over their counties.

    Parameters
    ----------
    values : numpy.ndarray, shape (province, ...)
    factor : numpy.ndarray, shape (county,) or broadcasting with (province, county, ...)
        What a county has over the mean of its province; its mean over counties is 1.

    Returns
    -------
    numpy.ndarray, shape (province x county, ...)
        Adds up to `values` over the counties of each province.
    """
    shaped = factor.reshape(1, -1, *[1] * (values.ndim - 1)) if factor.ndim == 1 else factor
    parts = values[:, None] * shaped / shaped.shape[1]
    return parts.reshape(-1, *values.shape[1:])


def county_funds(fund: Fund, provinces: Regions, world: xr.Dataset | None, rule: Pooling) -> Regions:
    """Cut the funds of provinces into those of their counties.

    Parameters
    ----------
    fund : Fund
    provinces : Regions
        From `actuarial._regional_funds.province_funds`.
    world : xarray.Dataset or None
        What the medical fund of the nation reads.
    rule : Pooling

    Returns
    -------
    Regions
        Named by province and number; they add up to `provinces` in every draw and year.

    Raises
    ------
    ValueError
        If the medical fund is asked for without its `world`.
    """
    inside = counties(rule)
    made = (
        _medical(fund, provinces, inside, world, rule) if fund.name == "medical" else _pension(fund, provinces, inside)
    )
    names = tuple(f"{name} {k + 1}" for name in provinces.names for k in range(inside.size))
    return Regions(names, provinces.years, rate=provinces.rate, **made)


def _pension(fund: Fund, provinces: Regions, inside: Counties) -> dict[str, Array]:
    """Benefits follow the old, match and its transfer people, and money of the county's own its income."""
    flows = FLOWS["pension"]
    amount = laid_out(adding_up(fund.parts, fund.account, flows), flows.all)
    # What is left of the transfer: the interest margin on accounts goes with it.
    own = total(amount, flows.income[1:])
    if fund.rules.pension.fiscal.rule != "statutory":
        # Under the law every county pays what is due; else its part is what it can pay.
        local = laid_out(fund.parts, ("fiscal_county", "fiscal_transfer"))
        own = own + amount["fiscal_transfer"] * part_of(local["fiscal_county"], local["fiscal_transfer"])
    due = provinces.income - own
    match = np.minimum(amount["match"], np.maximum(due, 0.0))
    benefits = split(provinces.benefits, inside.age)
    even = np.ones(inside.size)
    return {
        "income": split(own, inside.income) + split(match, even) + split(due - match, inside.age),
        "outgo": benefits + split(provinces.outgo - provinces.benefits, even),
        "benefits": benefits,
        "people": split(provinces.people, inside.age),
        "opening": split(provinces.opening, inside.age),
    }


def _medical(
    fund: Fund, provinces: Regions, inside: Counties, world: xr.Dataset | None, rule: Pooling
) -> dict[str, Array]:
    """Cost follows income and the old; part of the first gap to it is filled, as that of a province."""
    if world is None:
        raise ValueError("the counties of the medical fund are asked for without that of the nation")
    old = plain(old_share(world, fund.rules.medical).sel(year=provinces.years), "year")
    by_age = 1 + old * (inside.age[:, None, None] - 1)
    cost = inside.income[:, None, None] ** rule.cost_elasticity * by_age
    cost = (cost / cost.mean(axis=0))[None]
    filled = 1 + rule.county_balance * (cost[..., :1] - 1)
    benefits = split(provinces.benefits, cost)
    return {
        "income": split(provinces.income, filled),
        "outgo": benefits,
        "benefits": benefits,
        "people": split(provinces.people, np.ones(inside.size)),
        "opening": split(provinces.opening, cost[..., 0]),
    }


def old_share(world: xr.Dataset, rules: MedicalAssumptions) -> xr.DataArray:
    """Return the part of the cost of care that falls on people of 60 and over, dims (draw?, year)."""
    use = _medical_use.totals(world, rules.health_management)
    cost = use["inpatient"] + use["outpatient"] + use["chronic"]
    return cost.isel(band=-1, drop=True) / cost.sum("band")


def weight_of(years: Array, rule: Pooling) -> Array:
    """Return how far benefits are levelled in each year, shape (T,)."""
    return rule.levelled * np.clip((years - rule.levelled_from + 1) / rule.levelled_years, 0.0, 1.0)
