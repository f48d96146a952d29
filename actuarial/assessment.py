"""One fund under one set of rules: its members, its account, and every indicator."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import xarray as xr

from actuarial import (
    balancing,
    benefit,
    decomposition,
    eligibility,
    financing,
    fund,
    liabilities,
    participation,
    pension,
    solvency,
    tiers,
)
from actuarial._steps import AFRESH, Steps
from actuarial.assumptions import Assumptions
from actuarial.benefit import Published
from actuarial.rates import paid_share
from forecasting.axes import require

SHOWN = (2035, 2050, 2075)
"""Years whose accounts are kept by age, besides the opening and the last."""


@dataclass(frozen=True)
class Opening:
    """What is published of a fund on the day on which its account opens.

    Attributes
    ----------
    year : int
        The account opens at its 31 December.
    balance : float
        All assets, yuan.
    basic_pension : mapping of year to float, or xarray.DataArray
        Yuan per pensioner and year (`actuarial.benefit.per_head`).
    minimum : mapping of year to float, or xarray.DataArray, optional
        National minimum of it; without one all of it counts as minimum.
    """

    year: int
    balance: float
    basic_pension: Published
    minimum: Published | None = None


@dataclass(frozen=True)
class Assessment:
    """A fund under one set of rules.

    Attributes
    ----------
    account : xarray.Dataset
        From `actuarial.fund.project`, with the parts of the basic pension and of the fiscal transfer as memo.
    indicators : xarray.Dataset
        All of them, each with ``unit`` and ``meaning``.
    members : xarray.Dataset
        ``accounts_by_age`` (draw, sex, age, at), ``paid_years`` and ``required_years`` (draw, year),
        ``tier_share`` (draw, tier, year), ``regular_contribution`` and ``match_per_head`` (draw, year).
    """

    account: xr.Dataset
    indicators: xr.Dataset
    members: xr.Dataset


@dataclass(frozen=True)
class Kept:
    """Books as they were kept.

    Attributes
    ----------
    people : xarray.Dataset
        Members by (draw?, sex, age, year), drawing from the age that the rules say, fewer where some have left.
    ready : xarray.Dataset
        What the flows read (`actuarial.pension.with_accounts`), the pension steered by the balance if the rules say so.
    fund : actuarial.fund.Fund
    account : xarray.Dataset
        From `actuarial.fund.project`.
    """

    people: xr.Dataset
    ready: xr.Dataset
    fund: fund.Fund
    account: xr.Dataset


def books(
    projection: xr.Dataset,
    assumptions: Assumptions,
    opening: Opening,
    *,
    rate: fund.Rule | None = None,
    reference: xr.Dataset | None = None,
    steps: Steps = AFRESH,
) -> Kept:
    """Carry members and money through a projection, and judge nothing.

    Parameters
    ----------
    projection, assumptions, opening, rate, reference
        As in :func:`assess`.
    steps : actuarial._steps.Steps
        Whether what rests on no rule that moved is kept from one call to the next.

    Returns
    -------
    Kept
        The account has the memo of :func:`with_memo`.

    Raises
    ------
    forecasting.axes.AxisError
        As :func:`assess`.
    """
    _, kept = _Books(projection, assumptions, opening, rate, steps).settle(reference)
    return replace(kept, account=with_memo(kept.account, kept.ready, assumptions))


def terms(
    projection: xr.Dataset, assumptions: Assumptions, opening: Opening, *, rate: fund.Rule | None = None
) -> xr.Dataset:
    """Tell what members see under rules that nobody answers to: the reference of what other rules change.

    Parameters
    ----------
    projection, assumptions, opening, rate
        As in :func:`assess`.

    Returns
    -------
    xarray.Dataset
        `actuarial.participation.TERMS` over (draw?, year) of the account.

    Raises
    ------
    forecasting.axes.AxisError
        As :func:`assess`.
    """
    kept = _Books(projection, assumptions, opening, rate).keep()
    return participation.terms(kept.people, kept.ready, kept.account, assumptions)


def assess(
    projection: xr.Dataset,
    assumptions: Assumptions,
    opening: Opening,
    *,
    rate: fund.Rule | None = None,
    reference: xr.Dataset | None = None,
) -> Assessment:
    """Carry members and money through a projection and judge the account.

    Parameters
    ----------
    projection : xarray.Dataset
        With :data:`actuarial.pension.NEEDS`, from the first year of the scheme; with ``population``, the cost rate
        is also split into factors. Where participation or revenue answers to terms, also what
        `actuarial.participation.answers` reads.
    assumptions : Assumptions
        With what the data supply filled in.
    opening : Opening
    rate : callable, optional
        What the assets earn, in place of `actuarial.investment.rate_earned`.
    reference : xarray.Dataset, optional
        :func:`terms` that the projection's members and revenue go with, on the same draws: those of the run's first
        scenario, or of a projection without a shock. Without it, those of today's law (`Assumptions()`) on this
        projection, worked out where something answers to terms.

    Returns
    -------
    Assessment

    Raises
    ------
    forecasting.axes.AxisError
        If a variable or a year is missing, or a value is out of bounds.
    """
    solution, kept = _Books(projection, assumptions, opening, rate).settle(reference)
    return Assessment(
        account=with_memo(kept.account, kept.ready, assumptions),
        indicators=_indicators(kept, solution, projection, assumptions, opening),
        members=_members(kept, assumptions),
    )


def with_memo(account: xr.Dataset, ready: xr.Dataset, assumptions: Assumptions) -> xr.Dataset:
    """Add the parts of the basic pensions and the transfer by level of government; neither is money of its own.

    Parameters
    ----------
    account : xarray.Dataset
        From `actuarial.fund.project`.
    ready : xarray.Dataset
        From `actuarial.pension.with_accounts`.
    assumptions : Assumptions
        Those of the account.

    Returns
    -------
    xarray.Dataset
        `account` with :data:`actuarial.benefit.PARTS` and :data:`actuarial.financing.LEVELS`, yuan.
    """
    parts = ready[list(benefit.PARTS)].sel(year=account["year"])
    return account.assign(parts).assign(financing.by_level(account, ready, assumptions))


def opened_fund(ready: xr.Dataset, year: int, balance: float) -> fund.Fund:
    """Open the standard fund at 31 December of `year` with the balance published for that day.

    Parameters
    ----------
    ready : xarray.Dataset
        From `actuarial.pension.with_accounts`, with that year.
    year : int
    balance : float
        Yuan.

    Returns
    -------
    actuarial.fund.Fund
        Its pool is what the balance leaves after the accounts that the model rebuilds; never less than nothing.
    """
    owed = np.minimum(ready["accounts_balance"].sel(year=year).values, balance)
    return pension.standard_fund(year, balance, owed)


class _Books:
    """Keeps the books of one fund for whatever participation and budget revenue it is told."""

    def __init__(
        self,
        projection: xr.Dataset,
        assumptions: Assumptions,
        opening: Opening,
        rate: fund.Rule | None,
        steps: Steps = AFRESH,
    ) -> None:
        require(projection, pension.NEEDS)
        self.projection, self.steps = projection, steps
        self.people = steps.once(
            "people",
            assumptions,
            (projection,),
            lambda rules: eligibility.members(projection[pension.reads(projection)], rules),
        )
        self.assumptions, self.opening, self.rate = assumptions, opening, rate

    def settle(self, reference: xr.Dataset | None) -> tuple[participation.Solution, Kept]:
        """Find the participation and the revenue that the fund itself leads to, and the books that go with them."""
        first, rules = self.keep(), self.assumptions
        settled, to_terms = participation.settled(first.account), participation.asked(rules)
        to_cuts = rules.participation.elasticity > 0.0 and bool((first.account["benefit_cut"] > 0).any())
        if not to_terms and not to_cuts:
            return settled, first
        law = (self._law() if reference is None else reference) if to_terms else xr.Dataset()
        answers = participation.answers(self.projection, rules, law, first.account["year"].values)
        kept = first

        def once(multiplier: xr.DataArray, revenue: xr.DataArray) -> tuple[xr.DataArray, xr.DataArray, xr.DataArray]:
            nonlocal kept
            still = bool((multiplier == 1.0).all()) and bool((revenue == 1.0).all())
            kept = first if still else self.keep(multiplier, revenue)
            seen = participation.terms(kept.people, kept.ready, kept.account, rules) if to_terms else None
            return paid_share(kept.account), answers.multiplier(kept.account, seen), answers.revenue_ratio(seen)

        # The last books that were kept are those of what was found.
        return participation.meet(once, settled.multiplier, settled.share), kept

    def _law(self) -> xr.Dataset:
        """Give the terms of today's law on the same people and money."""
        return terms(self.projection, Assumptions(), self.opening, rate=self.rate)

    def keep(self, multiplier: xr.DataArray | None = None, revenue: xr.DataArray | None = None) -> Kept:
        """Carry accounts and money, with as many contributors and as much revenue as the multipliers leave."""
        people, rules, known, steps = self.people, self.assumptions, self.opening, self.steps
        if multiplier is not None and bool((multiplier != 1.0).any()):
            people = participation.apply(people, multiplier)
        if revenue is not None and bool((revenue != 1.0).any()):
            ratio = revenue.reindex(year=people["year"].values, fill_value=1.0)
            people = people.assign(budget_revenue=people["budget_revenue"] * ratio)
        steps = steps if people is self.people else AFRESH
        ready = pension.with_accounts(people, rules, known.basic_pension, minimum=known.minimum, steps=steps)

        def balanced(rules: Assumptions) -> tuple[fund.Fund, xr.Dataset]:
            opened = opened_fund(ready, known.year, known.balance)
            opened = opened if self.rate is None else replace(opened, rate=self.rate)
            return opened, balancing.apply(ready, balancing.index(opened, ready, people, rules))

        opened, steered = steps.once("balanced", rules, (ready, people, known, self.rate), balanced)
        return Kept(people, steered, opened, fund.project(opened, steered, rules, steps=steps))


def _indicators(
    kept: Kept, solution: participation.Solution, projection: xr.Dataset, rules: Assumptions, opening: Opening
) -> xr.Dataset:
    account, ready, people = kept.account, kept.ready, kept.people
    owed = liabilities.indicators(
        kept.fund, account, ready, people, rules, observed=opening.basic_pension, minimum=opening.minimum
    )
    parts = [
        solvency.indicators(account, ready, rules),
        owed,
        balancing.indicators(kept.fund, account, ready, people, rules),
        participation.indicators(solution),
    ]
    if "population" in projection:
        parts.append(decomposition.decompose(account, ready, projection))
    return xr.merge(parts, join="exact", combine_attrs="override").drop_attrs(deep=False)


def _members(kept: Kept, rules: Assumptions) -> xr.Dataset:
    years = kept.account["year"].values
    at = sorted({kept.fund.opening_year, int(years[-1]), *(y for y in SHOWN if y in years)})
    by_age = pension.accounts_by_age(kept.people, rules, at).rename(year="at").astype("float32")
    about = {"unit": "yuan", "meaning": "Owed to members at 31 December of the year `at`, by age at its mid-year"}
    paid = eligibility.paid_years(kept.people, rules).drop_vars("born").sel(year=years)
    chosen = tiers.by_tier(kept.people, rules).sel(year=years).astype("float32")
    return xr.merge([by_age.assign_attrs(about).to_dataset(name="accounts_by_age"), paid, chosen], join="exact")
