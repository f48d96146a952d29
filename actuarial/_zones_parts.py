"""The four zones of the nation as regions of their own: people and money of their provinces, and each zone's flows.

People and sums of money of the provinces are added up, money per head and rates are weighed by what they are per head
of. Pensioners of a zone move from province to province in the course of time, and incomes of provinces draw nearer:
the zone's basic pension follows both (`Zone.drift`). All zones together are brought to the nation's account after
that.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import xarray as xr

from actuarial import _region, financing, fund, medical, pension
from actuarial._payers_sources import medical_central_share
from actuarial._pooling_rules import Pooling
from actuarial._quantity import changed
from actuarial._regional_parts import FLOWS, HEADS, Flows, Nation, medical_part
from actuarial.assumptions import Assumptions
from forecasting.axes import WORKING_AGE
from forecasting.sources import Tables

SUMS = ("population", "contributors", "pensioners", "budget_revenue", "land_income")
"""Variables of a Projection of which a zone has the sum of its provinces."""

MEANS = ("rural_income", "contribution_per_head", "pensioner_mortality", "employee_share")
"""Variables of which a zone has the mean of its provinces."""

PAYERS = "payers"
"""Who contributes: contributors to the pension, people insured, at mid-year."""

BILL = "pension bill"
"""Sum over provinces of their pensions, in pensions of the nation of the base year."""

_LEVELS = tuple(financing.LEVELS)

_PENSION = Flows(
    income=("contributions", "land_withdrawal", *_LEVELS),
    benefits=("basic_pension", "longevity_tail", "funeral_grant", "account_pension"),
    passed_on=(),
)

ZONE_FLOWS: Mapping[str, Flows] = {"pension": _PENSION, "medical": FLOWS["medical"]}
"""Flows of each fund that are told of zones; the benefits are those that its heads are paid."""


@dataclass(frozen=True)
class Zone:
    """A zone as a valuation sees it.

    Attributes
    ----------
    projection : xarray.Dataset
        People and money; :data:`SUMS` are sums over its provinces, money per head and rates are their means, and what
        is one in the whole nation stays so.
    drift : xarray.DataArray, dims (draw, year)
        Basic pension per pensioner over one that follows the zone's rural income from the base year on: what it
        becomes as its pensioners live in other provinces than then, if in each it follows the income of the province.
        1 up to the base year.
    relative_benefit : float
        Basic pension per pensioner over the nation's, in the last year that is published.
    central_share : float
        Part of the national minimum that the central budget pays.
    capacity_share : float
        Present fiscal transfer over budget revenue.
    money_share : float
        Part of the nation's other income of the pension that is the zone's, as its provinces publish it.
    medical_central : float
        Part of the medical subsidy that the central budget pays.
    """

    projection: xr.Dataset
    drift: xr.DataArray
    relative_benefit: float
    central_share: float
    capacity_share: float
    money_share: float
    medical_central: float


class Gathering:
    """Adds provinces up to a zone, one after another, so that no more than one is held besides the sums."""

    def __init__(self, national: xr.Dataset, tables: Tables) -> None:
        self.national, self.tables = national, tables
        self.sums: dict[str, xr.DataArray] = {}
        self.figures: list[tuple[str, tuple[float, ...]]] = []

    def add(self, region: str, place: xr.Dataset) -> None:
        """Add a province with its Projection."""
        weights, figures = _weights(place), _figures(self.tables, region, place)
        more = {name: place[name].drop_attrs() for name in SUMS}
        more[BILL] = _heads(place) * figures[1] * _income_since_base(place)
        more |= {f"{name} weighed": place[name].drop_attrs() * weight for name, weight in weights.items()}
        more |= {f"{name} weight": weight for name, weight in weights.items()}
        for name, values in more.items():
            self.sums[name] = self.sums[name] + values if name in self.sums else values
        self.figures.append((region, figures))

    def zone(self, name: str, rule: Pooling, other_income: float) -> Zone:
        """Return the zone.

        Parameters
        ----------
        name : str
        rule : Pooling
            Central part of the medical subsidy by class of province.
        other_income : float
            That of all provinces, as :func:`_figures` gives it, yuan a year.
        """
        made = {name: self.sums[name] for name in SUMS}
        for mean in MEANS:
            weight = self.sums[f"{mean} weight"]
            value = self.sums[f"{mean} weighed"] / weight.where(weight > 0)
            # Where nobody is there is nothing to average, and nothing that it is of: the nation's is as good as any.
            made[mean] = value.where(weight > 0, self.national[mean])
        told = {n: a.transpose(*self.national[n].dims).astype(self.national[n].dtype) for n, a in made.items()}
        heads, relative, central, revenue, capacity, money = (
            np.array(column) for column in zip(*(row for _, row in self.figures), strict=True)
        )
        projection = self.national.assign(told).assign_attrs(self.national.attrs, region=name)
        benefit = float(np.average(relative, weights=heads))
        return Zone(
            projection=projection,
            drift=_drift(self.sums[BILL], projection, benefit),
            relative_benefit=benefit,
            central_share=float(np.average(central, weights=heads)),
            capacity_share=float(np.average(capacity, weights=revenue)),
            money_share=float(money.sum() / other_income),
            medical_central=medical_central_share(
                self.tables, rule.central_subsidy, places=[region for region, _ in self.figures]
            ),
        )

    @property
    def other_income(self) -> float:
        """Other income of the provinces so far, yuan a year."""
        return sum(row[-1] for _, row in self.figures)


def _heads(place: xr.Dataset) -> xr.DataArray:
    return place["pensioners"].drop_attrs().sum(["sex", "age"], dtype=float, skipna=False)


def _income_since_base(place: xr.Dataset) -> xr.DataArray:
    income = place["rural_income"].drop_attrs()
    return income / income.sel(year=int(place.attrs["base_year"]), drop=True)


def _drift(bill: xr.DataArray, zone: xr.Dataset, relative_benefit: float) -> xr.DataArray:
    """Return the pensions of all provinces over the same at the zone's mean and income; 1 up to the base year."""
    alike = _heads(zone) * relative_benefit * _income_since_base(zone)
    drift = bill / alike.where(alike > 0)
    return drift.where(drift["year"] > int(zone.attrs["base_year"]), 1.0).fillna(1.0)


def _drifting(ready: xr.Dataset, drift: xr.DataArray) -> xr.Dataset:
    """Let the basic pensions of a zone follow its provinces; the national minimum is one everywhere and stays."""
    least = ready["minimum_pension_paid"]
    top_up = ((least + ready["local_top_up_paid"]) * drift.sel(year=ready["year"]) - least).clip(min=0.0)
    whole, heads = least + top_up + ready["increments_paid"], ready["pensioners_mid_year"]
    mean = (whole / heads.where(heads > 0)).fillna(ready["basic_pension_per_head"])
    return ready.assign(local_top_up_paid=top_up, basic_pension_per_head=mean)


def _weights(place: xr.Dataset) -> dict[str, xr.DataArray]:
    """Return what each rate or money per head is weighed by, so that money adds up: its base, in persons."""
    people = place["population"].drop_attrs()
    working = people.sel(age=slice(*WORKING_AGE)).sum(["area", "sex", "age"], skipna=False)
    return {
        "rural_income": people.sel(area="rural", drop=True).sum(["sex", "age"], skipna=False),
        "contribution_per_head": place["contributors"].drop_attrs().sum(["sex", "age"], dtype=float, skipna=False),
        "pensioner_mortality": people.sum("area", skipna=False),
        "employee_share": working,
    }


def _figures(tables: Tables, region: str, place: xr.Dataset) -> tuple[float, ...]:
    """Read what a province publishes: pensioners, pension, central share, budget, its part in it, other income."""
    base = int(place.attrs["base_year"])
    return (
        float(place["pensioners"].sel(year=base).sum(["sex", "age"], dtype=float).mean()),
        float(_region.relative_benefit(tables, region).iloc[-1]),
        _region.central_share(tables, region),
        float(place["budget_revenue"].sel(year=base).median()),
        _region.budget_share(tables, region, place),
        _region.other_income(tables, region, Assumptions().collective.other_income),
    )


def gathered(
    places: Iterable[tuple[str, xr.Dataset]], zone_of: Mapping[str, str], nation: Nation, rule: Pooling
) -> dict[str, Zone]:
    """Add provinces up to zones.

    Parameters
    ----------
    places : iterable of tuple of str and xarray.Dataset
        Name and Projection of every province (`forecasting.parts.each`).
    zone_of : mapping of str to str
        Zone of each.
    nation : Nation
    rule : Pooling

    Returns
    -------
    dict of str to Zone
        Of the zones that have provinces.
    """
    gatherings: dict[str, Gathering] = {}
    for region, place in places:
        there = gatherings.setdefault(zone_of[region], Gathering(nation.projection, nation.tables))
        there.add(region, place)
    money = sum(there.other_income for there in gatherings.values())
    return {name: there.zone(name, rule, money) for name, there in gatherings.items()}


def pension_flows(nation: Nation, zone: Zone, rules: Assumptions) -> xr.Dataset:
    """Carry the pension of a zone, without any balance.

    Parameters
    ----------
    nation : Nation
    zone : Zone
    rules : Assumptions
        Of the scenario in the zone; what they leave to the figures is filled in with the zone's.

    Returns
    -------
    xarray.Dataset
        Flows of :data:`ZONE_FLOWS` (yuan), ``heads`` and ``payers`` (persons), dims (draw?, year).
    """
    rules = _filled(rules, zone, nation.tables)
    published = _region.basic_pension(nation.tables, "") * zone.relative_benefit
    ready = pension.with_accounts(zone.projection, rules, published, minimum=_region.minimum_pension(nation.tables))
    ready = _drifting(ready, zone.drift)
    account = fund.project(pension.standard_fund(nation.first - 1, 0.0), ready, rules)
    flows = account.assign(financing.by_level(account, ready, rules))[list(_PENSION.all)]
    heads = {HEADS: ready["pensioners_mid_year"], PAYERS: ready["contributors_mid_year"]}
    made = flows.assign({name: values.sel(year=account["year"]) for name, values in heads.items()})
    return made.sel(year=slice(nation.first, nation.last))


def medical_flows(nation: Nation, zone: Zone, rules: medical.MedicalAssumptions, elasticity: float) -> xr.Dataset:
    """Carry the medical fund of a zone at national standards (`actuarial._regional_parts.medical_part`)."""
    return medical_part(nation, zone.projection, rules, elasticity)


def _filled(rules: Assumptions, zone: Zone, tables: Tables) -> Assumptions:
    """Fill in what the figures say of the zone; sums of money of the nation become its part of them."""
    given, money = rules.fiscal, rules.collective
    changes: dict[str, object] = {
        "collective.other_income": money.other_income * zone.money_share,
        "collective.donations": money.donations * zone.money_share,
    }
    if given.capacity_share is None:
        changes["fiscal.capacity_share"] = zone.capacity_share
    if given.central_share_of_minimum is None:
        changes["fiscal.central_share_of_minimum"] = zone.central_share
    return changed(rules, changes)
