"""Trials: any fund under any rules, on one set of draws, with the account alone worked out.

A search over rules asks for the same fund a hundred times: which share of land income, which mix of money, what each
measure adds. It needs the account and nothing that a report tells besides. Every trial meets the same draws, so that
two of them differ by their rules and not by chance.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from types import SimpleNamespace
from typing import TYPE_CHECKING, cast

import numpy as np
import xarray as xr

from actuarial import (
    _medical_ready,
    _region,
    assessment,
    careplan,
    fund,
    household,
    medical,
    participation,
    timebank,
    unemployment,
)
from actuarial._medical_past import opening, standards
from actuarial._steps import AFRESH, Keeping, Steps
from actuarial.rules import Case, Rules, Scheme
from forecasting.axes import AxisError

if TYPE_CHECKING:
    from actuarial._medical_ready import Care
    from forecasting.sources import Tables

DRAWS = 200
"""Draws of a trial unless another number is asked for: a probability is then known to 3 or 4 points."""


@dataclass(frozen=True)
class World:
    """What trials are made on: people, economy, and what is published of the funds.

    Attributes
    ----------
    projection : xarray.Dataset
        Of the nation, or of the region.
    own : mapping of str to xarray.Dataset
        What schemes besides the pension have of their own (`forecasting.projection.for_schemes`).
    tables : forecasting.sources.Tables
        For openings and published benefits.
    region : str
        Empty for the nation.
    reference : xarray.Dataset, optional
        What members see under the rules that they compare with (`actuarial.assessment.terms`), where some rules ask for
        it; without it that is worked out in every trial that needs it.
    memo : dict, optional
        Keeps care and its cost by the rules that they rest on, for trials of many sets of measures on these very
        people (:meth:`remembering`); without it nothing is kept, which is right for a long search.
    steps : actuarial._steps.Steps
        Keeps what rests on no rule that moved from one trial to the next (:meth:`keeping`).
    """

    projection: xr.Dataset
    own: Mapping[str, xr.Dataset]
    tables: Tables = field(repr=False)
    region: str = ""
    reference: xr.Dataset | None = field(default=None, repr=False)
    memo: dict[str, Care] | None = field(default=None, repr=False, compare=False)
    steps: Steps = field(default=AFRESH, repr=False, compare=False)

    def thinned(self, draws: int = DRAWS) -> World:
        """Keep at most so many draws, evenly spread."""
        count = self.projection.sizes["draw"]
        some = np.linspace(0, count - 1, min(count, draws)).round().astype(int)
        own = {name: data.isel(draw=some) for name, data in self.own.items()}
        known = self.reference
        known = known.isel(draw=some) if known is not None and "draw" in known.dims else known
        people = self.projection.isel(draw=some)
        return replace(self, projection=people, own=own, reference=known, memo=None, steps=AFRESH)

    def remembering(self) -> World:
        """Return the same world with a memo of its own; what it keeps goes when the world goes."""
        return replace(self, memo={})

    def keeping(self) -> World:
        """Return the same world for rules that move one at a time: a trial does again only what they change.

        Its accounts are those of the world without, to the last bit. It holds people and accounts of the last rules
        twice over, so that it is for one who moves levers and not for many worlds at once.
        """
        return replace(self, steps=Keeping())

    def filled(self, rules: Rules) -> Rules:
        """Fill in what the rules leave to the figures."""
        pension = _region.filled(rules.pension, self.tables, self.region, self.projection, steps=self.steps)
        return rules.model_copy(update={"pension": pension})


def kept(world: World, rules: Rules) -> assessment.Kept:
    """Keep the books of the pension.

    Parameters
    ----------
    world : World
    rules : Rules
        What they leave to the figures is filled in.

    Returns
    -------
    actuarial.assessment.Kept
        People, what the flows read, the fund, and its account with the transfer by level of government.
    """
    pension = world.filled(rules).pension
    opening = world.steps.once("opening", pension, (world.projection, world.tables), lambda _: opened(world))
    return assessment.books(world.projection, pension, opening, reference=world.reference, steps=world.steps)


def referred(world: World, cases: Iterable[Case]) -> World:
    """Add what members compare with, where the rules of some case ask for it: the terms of the first case.

    Parameters
    ----------
    world : World
    cases : iterable of Case
        Of the scenarios, the first being what others are compared with.

    Returns
    -------
    World
    """
    rules = [world.filled(case.rules).pension for case in cases]
    if not any(participation.asked(one) for one in rules):
        return world
    return replace(world, reference=assessment.terms(world.projection, rules[0], opened(world)))


def opened(world: World) -> assessment.Opening:
    """Return what is published of the pension fund on the day on which its account opens."""
    tables, region = world.tables, world.region
    year, balance = _region.opening(tables, region, int(world.projection.attrs["base_year"]))
    return assessment.Opening(year, balance, _region.basic_pension(tables, region), _region.minimum_pension(tables))


def account(world: World, scheme: Scheme, rules: Rules) -> xr.Dataset:
    """Carry one fund under one set of rules.

    Parameters
    ----------
    world : World
    scheme : str
        One of :data:`actuarial.rules.SCHEMES`.
    rules : Rules

    Returns
    -------
    xarray.Dataset
        The account of `actuarial.fund.project` over (draw, year).

    Raises
    ------
    forecasting.axes.AxisError
        If the world has nothing of the scheme, or a variable or year is missing.
    """
    if scheme == "pension":
        return kept(world, rules).account
    return prepared(world, scheme, rules)[1]


def prepared(world: World, scheme: Scheme, rules: Rules) -> tuple[xr.Dataset, xr.Dataset]:
    """Carry a fund besides the pension, and hand on what its flows read.

    Parameters
    ----------
    world, scheme, rules
        As in :func:`account`; not the pension.

    Returns
    -------
    tuple of xarray.Dataset
        What the flows read, and the account; over (draw, year).

    Raises
    ------
    forecasting.axes.AxisError
        As :func:`account`.
    """
    if scheme not in world.own:
        raise AxisError([f"the projection has nothing of its own for the scheme {scheme!r}: value it in the run"])
    needs = {
        **{"medical": medical.NEEDS, "unemployment": unemployment.NEEDS},
        **{"time_bank": household.TIME_BANK_NEEDS, "care_plan": careplan.NEEDS},
    }
    steps, people, own = world.steps, world.projection, world.own[scheme]
    told = steps.once(scheme, rules, (people, own), lambda _: household.world_of(people, own, needs[scheme]))
    if scheme == "medical":
        year, balance = steps.once("medical opening", rules, (world.tables,), lambda _: opening(world.tables))
        kept = steps.once("medical fund", rules, (world.tables,), lambda _: medical.standard_fund(year, balance))
        ready = _medical_flows(world, told, rules.medical)
        return ready, fund.project(kept, ready, rules.medical, steps=steps)
    filled = world.filled(rules)
    if scheme == "unemployment":
        chosen = unemployment.fund_rules(filled.unemployment, filled.pension)
        ready = unemployment.with_members(told, filled.unemployment, chosen.investment)
        begins = filled.unemployment.membership.from_year - 1
        return ready, fund.project(unemployment.standard_fund(begins), ready, chosen)
    if scheme == "care_plan":
        ready = careplan.with_money(told, filled.care_plan, filled.pension.money_year)
        plan = replace(careplan.fund(filled.care_plan.from_year - 1), rate=unemployment.deposits)
        return ready, fund.project(plan, ready, filled.pension)
    ready = timebank.with_money(told, filled.time_bank, filled.pension.money_year)
    bank = replace(timebank.fund(filled.time_bank.from_year - 1), rate=unemployment.deposits)
    return ready, fund.project(bank, ready, filled.pension)


CARE = ("money_year", "health_management", "financing", "enrolment", "reimbursement", "county", "catastrophic")
"""Sections of the medical rules that use of care, its cost and what is paid of it rest on."""


def _medical_flows(world: World, told: xr.Dataset, rules: medical.MedicalAssumptions) -> xr.Dataset:
    """Work out what the medical fund reads; care is made once for all rules that have :data:`CARE` in common."""
    steps, published = world.steps, standards(world.tables)
    if world.memo is None:
        people = steps.once("insured", rules, (told,), partial(medical._world, told))
        care = steps.once("care", rules, (people,), lambda some: _medical_ready.care(people, some, published, steps))
        return steps.once("yearly", rules, (people, care), lambda some: _medical_ready.yearly(people, some, care))
    seen = medical._world(told, rules)
    key = rules.model_dump_json(include=set(CARE))
    if key not in world.memo:
        # Care is given these sections and nothing else, so that it cannot come to rest on what the key leaves out.
        some = SimpleNamespace(**{name: getattr(rules, name) for name in CARE})
        world.memo[key] = _medical_ready.care(seen, cast(medical.MedicalAssumptions, some), published)
    return _medical_ready.yearly(seen, rules, world.memo[key])


def pool(made: xr.Dataset) -> xr.DataArray:
    """Return the pool of a fund, below 0 by what it could not pay.

    Parameters
    ----------
    made : xarray.Dataset
        An account over (draw?, year).

    Returns
    -------
    xarray.DataArray, dims (draw?, year)
        Pool at 31 December less all shortfalls so far, yuan: a pool that is empty and stays so falls on, so that a
        little more money shows even where it does not suffice. Shortfalls are added without interest.
    """
    return made["pool_balance"] - made["shortfall"].cumsum("year")


def margin(made: xr.Dataset, by: int) -> xr.DataArray:
    """Tell how far a fund is from running dry up to a year.

    Parameters
    ----------
    made : xarray.Dataset
        An account over (draw?, year).
    by : int
        Last year that counts.

    Returns
    -------
    xarray.DataArray, dims (draw?,)
        Least :func:`pool` at the end of any year up to `by`, in scheduled outgo of its year; 0 or below in exactly
        the draws in which the pool ends a year empty. It moves smoothly with the money, where a probability leaps.

    Raises
    ------
    forecasting.axes.AxisError
        If the account does not reach that year.
    """
    years = made["year"]
    if not int(years[0]) <= by <= int(years[-1]):
        raise AxisError([f"year {by} is not in the account: give one of {int(years[0])} to {int(years[-1])}"])
    until = made.sel(year=slice(None, by))
    outgo = until["pool_outgo"].where(until["pool_outgo"] > 0)
    return (pool(until) / outgo).min("year")
