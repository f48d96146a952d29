"""What a fund owes at its opening: open group, closed group, accrued rights.

All obligations are present values at 31 December of the opening year, at the
rate that the fund earns, of what the fund pays to people outside it: basic and
account pensions, the longevity tail, inheritance, funeral grants, accounts that
move away. What members bring (contributions, collective money for accounts,
accounts that move in) is set against it. The match and the credited interest
pass from the pool into the accounts and are no payment to anybody: they return
in the account pensions. So an obligation is what budgets and all other sources
have yet to bring.

Nothing after the last year of the projection is counted. For the open group
that cuts off an endless stream; how much weight its last years have stands
beside it. Rights earned by the opening are cut off only by so much as members of
that day outlive the projection.

The three groups are those of Holzmann, Palacios and Zviniene (Implicit Pension
Debt, World Bank Social Protection Discussion Paper 0403, 2004): all who are or
will be members; those of 16 and older at the opening; and only what these had
earned by then, as though everybody stopped paying that day.
"""

from __future__ import annotations

import numpy as np
import xarray as xr

from actuarial import balancing, eligibility, pension
from actuarial._labels import told
from actuarial.annuity import discount_factors
from actuarial.assumptions import Assumptions
from actuarial.benefit import Published
from actuarial.fund import Fund
from forecasting.axes import WORKING_AGE, join_years, require

LAST_YEARS = 10
"""Years at the end of the projection whose weight in a present value is told."""

INDICATORS = {
    "open_group_obligation": (
        "yuan",
        "Present value of all benefits to the end of the projection less that of members' own money and the assets: "
        "what budgets and other sources must bring",
    ),
    "closed_group_obligation": ("yuan", "The same for those of 16 and older at the opening; all assets are theirs"),
    "future_entrants_obligation": ("yuan", "The same for those who were younger or not yet born"),
    "open_group_unfunded": (
        "yuan",
        "What is left of the open-group obligation after all scheduled income of the scenario; below 0 a surplus",
    ),
    "open_group_last_decade": ("share", "Part of the present value of all benefits that falls in the last ten years"),
    "accrued_obligation": (
        "yuan",
        "Present value of the benefits that members had earned by the opening (projected unit credit)",
    ),
    "accrued_last_decade": ("share", "Part of the accrued obligation that falls in the last ten years"),
    "implicit_pension_debt": ("yuan", "Accrued obligation less the assets"),
    "implicit_debt_ratio": (
        "years of budget revenue",
        "Implicit pension debt over general public budget revenue of the first year",
    ),
    "tail_present_value": ("yuan", "Present value of the longevity tail of all members"),
    "accrued_tail_present_value": (
        "yuan",
        "Present value of the longevity tail on accounts as they were at the opening",
    ),
}
"""Unit and meaning of each variable that :func:`indicators` returns."""


def service_shares(born: np.ndarray, opening_year: int, assumptions: Assumptions) -> np.ndarray:
    """Part of its basic pension that a cohort has earned by an opening.

    Parameters
    ----------
    born : numpy.ndarray of int, shape (N,)
        Years of birth (year less age at mid-year).
    opening_year : int
        Rights count up to its 31 December.
    assumptions : Assumptions
        Section ``retirement``: the age at which each cohort draws its pension.

    Returns
    -------
    numpy.ndarray, shape (N,)
        Years since 16, or since the start of the scheme for those who were
        older then, over the same years counted to the pension age: the
        projected unit credit method with service prorate (Anderson, Pension
        Mathematics for Actuaries, 3rd ed. 2006, chapter 2). 1 from the pension
        age on, and for those of pension age when the scheme began. Members of
        a cohort count alike: who missed years makes them up before the pension.
    """
    # The pension age is highest, and steady, once all its rises have passed.
    years = np.arange(born.min(), max(born.max() + 1, assumptions.retirement.change_from) + 200)
    reached = (years - born[:, None]) >= eligibility.pension_ages(assumptions.retirement, years)
    first_drawn = years[reached.argmax(axis=1)]
    began = np.maximum(born + WORKING_AGE[0], eligibility.SCHEME_START)
    length = first_drawn - began
    served = np.clip((opening_year + 1 - began) / np.maximum(length, 1), 0.0, 1.0)
    return np.where(length > 0, served, 1.0)


def indicators(
    fund: Fund,
    account: xr.Dataset,
    ready: xr.Dataset,
    people: xr.Dataset,
    assumptions: Assumptions,
    *,
    observed: Published,
    minimum: Published | None = None,
) -> xr.Dataset:
    """Work out every obligation of one account.

    Parameters
    ----------
    fund : Fund
        From `actuarial.pension.standard_fund`, with its openings.
    account : xarray.Dataset
        From `actuarial.fund.project`.
    ready : xarray.Dataset
        From `actuarial.pension.with_accounts` of all members; with ``balancing_index`` if the pension was balanced.
    people : xarray.Dataset
        What `ready` was made from, people by sex and age.
    assumptions : Assumptions
        Those of the account.
    observed, minimum : mapping of year to float, or xarray.DataArray
        Published basic pension and national minimum, as given to `actuarial.pension.with_accounts`.

    Returns
    -------
    xarray.Dataset
        :data:`INDICATORS` over (draw?), each with ``unit`` and ``meaning``.

    Raises
    ------
    forecasting.axes.AxisError
        If a variable or a year is missing.
    """
    require(ready, ["budget_revenue"])
    valued = _Valued(fund, account, assumptions)
    people, opening = eligibility.members(people, assumptions), fund.opening_year
    youngest = opening + 1 - WORKING_AGE[0]

    def part(members: xr.Dataset, born: tuple[int | None, int | None] | None = None) -> xr.Dataset:
        made = pension.with_accounts(members, assumptions, observed, minimum=minimum, born=born)
        return balancing.apply(made, ready["balancing_index"]) if "balancing_index" in ready else made

    groups = (account, part(people, (None, youngest)), part(people, (youngest + 1, None)))
    accrued = part(_as_earned(people, opening, assumptions))
    revenue = ready["budget_revenue"].sel(year=opening + 1, drop=True)
    values = _net(valued, groups, account) | _earned(valued, accrued, account, revenue)
    return told(values, INDICATORS)


def _net(valued: _Valued, groups: tuple[xr.Dataset, ...], account: xr.Dataset) -> dict[str, xr.DataArray]:
    """Value what everybody, present members and future entrants are owed, net of what they bring and of the assets."""
    everybody, present, future = (valued.paid(group) - valued.brought(group) for group in groups)
    assets = account["opening_balance"]
    return {
        "open_group_obligation": everybody - assets,
        "closed_group_obligation": present - assets,
        "future_entrants_obligation": future,
        "open_group_unfunded": valued.now(account["expenditure"] - account["income"]) - assets,
        "open_group_last_decade": valued.late(account),
        "tail_present_value": valued.now(account["longevity_tail"]),
    }


def _earned(
    valued: _Valued, accrued: xr.Dataset, account: xr.Dataset, revenue: xr.DataArray
) -> dict[str, xr.DataArray]:
    """Value what was earned by the opening."""
    owed = valued.paid(accrued) - valued.brought(accrued)
    debt = owed - account["opening_balance"]
    return {
        "accrued_obligation": owed,
        "accrued_last_decade": valued.late(accrued),
        "implicit_pension_debt": debt,
        "implicit_debt_ratio": debt / revenue,
        "accrued_tail_present_value": valued.now(accrued["longevity_tail"]),
    }


def _as_earned(people: xr.Dataset, opening: int, assumptions: Assumptions) -> xr.Dataset:
    """Let contributions end with the opening year, and every pensioner stand for the part that was earned by then."""
    born = people["year"] - people["age"]
    every = np.arange(int(born.min()), int(born.max()) + 1)
    shares = service_shares(every, opening, assumptions)[born.values - every[0]]
    earned = xr.DataArray(shares, born.coords, born.dims).astype(people["pensioners"].dtype)
    contributors, pensioners = people["contributors"], people["pensioners"]
    # What was paid before stays as it was: the accounts of the opening are made of it.
    kept = contributors.where(contributors["year"] <= opening, 0.0)
    return people.assign(
        contributors=kept.transpose(*contributors.dims),
        pensioners=(pensioners * earned).transpose(*pensioners.dims),
    )


class _Valued:
    """Present values at the opening of the flows of one fund's account."""

    def __init__(self, fund: Fund, account: xr.Dataset, assumptions: Assumptions) -> None:
        self.years = account["year"].values
        rate = account["rate_earned"].transpose(..., "year")
        mid_year = assumptions.investment.interest_convention == "mid_year"
        self.factors = rate.copy(data=discount_factors(rate.values, mid_year=mid_year)).drop_attrs()
        self.benefits = [flow.name for flow in fund.outgo]
        self.own = [flow.name for flow in fund.income if flow.ledger == "accounts"]
        self.fund, self.assumptions = fund, assumptions

    def now(self, amount: xr.DataArray) -> xr.DataArray:
        """Value one amount a year."""
        known = join_years(amount.to_dataset(name="amount"), self.years)["amount"]
        return (known * self.factors).sum("year")

    def _sum(self, group: xr.Dataset, names: list[str]) -> xr.DataArray:
        """Sum flows of a group: those of an account are there, those of a part of the members are asked for."""
        flows = {flow.name: flow for flow in self.fund.flows}
        known = (group[n] if "rate_earned" in group else flows[n].amount(group, self.assumptions) for n in names)
        return sum((join_years(a.to_dataset(name="a"), self.years)["a"] for a in known), xr.zeros_like(self.factors))

    def paid(self, group: xr.Dataset) -> xr.DataArray:
        """Value all benefits."""
        return self.now(self._sum(group, self.benefits))

    def brought(self, group: xr.Dataset) -> xr.DataArray:
        """Value what members bring."""
        return self.now(self._sum(group, self.own))

    def late(self, group: xr.Dataset) -> xr.DataArray:
        """Part of the value of all benefits that falls in the last years."""
        benefits = self._sum(group, self.benefits)
        late = benefits.where(benefits["year"] > self.years[-1] - LAST_YEARS, 0.0)
        whole = self.now(benefits)
        return self.now(late) / whole.where(whole > 0)
