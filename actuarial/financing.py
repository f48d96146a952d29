"""Ways to pay: members, match, fiscal shares, land income, collective, donations, platform."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import reduce
from operator import add

import numpy as np
import xarray as xr

from actuarial import tiers
from actuarial._fiscal_levels import LEVELS, by_level
from actuarial.assumptions import Assumptions
from actuarial.flow import Flow, Kind, Ledger, Recorded, in_money_of
from forecasting.axes import AxisError, require

__all__ = [
    "COLLECTIVE_ACCOUNTS",
    "CONTRIBUTIONS",
    "CREDITED_INTEREST",
    "LEVELS",
    "MATCH",
    "CollectivePool",
    "Donations",
    "FiscalTransfer",
    "LandWithdrawal",
    "OtherIncome",
    "account_money_per_head",
    "by_level",
]

CONTRIBUTIONS = Recorded("contributions", "accounts", "income", "Contributions of members")
COLLECTIVE_ACCOUNTS = Recorded("collective_accounts", "accounts", "income", "Collective subsidy into the accounts")
MATCH = Recorded("match", "pool", "outgo", "Government match, from the pool into the accounts")
CREDITED_INTEREST = Recorded("credited_interest", "accounts", "interest", "Interest credited to the accounts")


def account_money_per_head(projection: xr.Dataset, assumptions: Assumptions) -> xr.Dataset:
    """Split what members, government and collectives put into one account in a year.

    Parameters
    ----------
    projection : xarray.Dataset
        With ``contribution_per_head`` and ``rural_income``, dims (draw?, year).
    assumptions : Assumptions
        Sections ``accounts`` and ``collective``.

    Returns
    -------
    xarray.Dataset
        ``member, match, collective`` in yuan per contributor and year. The match
        is that of the tiers chosen (`actuarial.tiers`). A cap on the members'
        share moves money from `member` to `match`; the sum stays.

    Raises
    ------
    forecasting.axes.AxisError
        If a variable or a base year is missing.
    """
    require(projection, ["contribution_per_head", "rural_income"])
    rule, income = assumptions.accounts, projection["rural_income"]
    member, match = xr.broadcast(projection["contribution_per_head"], tiers.match_per_head(projection, assumptions))
    collective = assumptions.collective.accounts_per_head * in_money_of(income, assumptions.money_year)
    if rule.member_share_cap is not None:
        total = member + match + collective
        capped = np.minimum(member, np.maximum(rule.member_share_cap * total, 0.0))
        member = member.where(member["year"] < rule.member_share_cap_from, capped)
        match = total - collective - member
    return xr.Dataset({"member": member, "match": match, "collective": collective})


@dataclass(frozen=True)
class FiscalTransfer:
    """Budget money into the pool, by a named rule.

    Attributes
    ----------
    due : tuple of Flow
        What the statute obliges the budget to pay: for the resident pension the
        basic pension and the match (State Council 2014 No. 8, section 4).
    other_outgo, other_income : tuple of Flow
        What else the pool pays and gets: with `due` they make the gap that the
        rule ``within_capacity`` fills.
    """

    due: tuple[Flow, ...]
    other_outgo: tuple[Flow, ...] = ()
    other_income: tuple[Flow, ...] = ()
    name: str = "fiscal_transfer"
    ledger: Ledger = "pool"
    kind: Kind = "income"
    meaning: str = "Transfer from the budgets of all levels of government"

    def amount(self, projection: xr.Dataset, assumptions: Assumptions) -> xr.DataArray:
        """Yuan of each year under ``assumptions.fiscal.rule``; see :class:`actuarial.flow.Flow`."""
        rules: dict[str, Callable[..., xr.DataArray]] = {
            "statutory": self._statutory,
            "capacity": self._capacity,
            "within_capacity": self._within_capacity,
            "capped": self._capped,
        }
        return rules[assumptions.fiscal.rule](projection, assumptions)

    def _statutory(self, projection: xr.Dataset, assumptions: Assumptions) -> xr.DataArray:
        return _sum(self.due, projection, assumptions)

    def _within_capacity(self, projection: xr.Dataset, assumptions: Assumptions) -> xr.DataArray:
        """Fill what the pool lacks in the year, down to nothing and up to the capacity."""
        gap = _sum((*self.due, *self.other_outgo), projection, assumptions)
        if self.other_income:
            gap = gap - _sum(self.other_income, projection, assumptions)
        most = self._capacity(projection, assumptions)
        filled: xr.DataArray = xr.where(gap < most, gap, most)
        return filled.clip(min=0.0)

    def _capacity(self, projection: xr.Dataset, assumptions: Assumptions) -> xr.DataArray:
        share = assumptions.fiscal.capacity_share
        if share is None:
            raise AxisError(["fiscal.capacity_share is empty: give it, or let the run compute it from the data"])
        require(projection, ["budget_revenue"])
        return share * projection["budget_revenue"]

    def _capped(self, projection: xr.Dataset, assumptions: Assumptions) -> xr.DataArray:
        due = self._statutory(projection, assumptions).transpose(..., "year")
        paid, most = due.values.astype(float), 1 + assumptions.fiscal.growth_cap
        for t in np.flatnonzero(due["year"].values >= assumptions.fiscal.capped_from):
            if t > 0:
                paid[..., t] = np.minimum(paid[..., t], paid[..., t - 1] * most)
        return due.copy(data=paid)


def _sum(flows: tuple[Flow, ...], projection: xr.Dataset, assumptions: Assumptions) -> xr.DataArray:
    return reduce(add, (flow.amount(projection, assumptions) for flow in flows))


@dataclass(frozen=True)
class LandWithdrawal:
    """A share of income from transfers of land-use rights."""

    name: str = "land_withdrawal"
    ledger: Ledger = "pool"
    kind: Kind = "income"
    meaning: str = "Withdrawal from land-transfer income"

    def amount(self, projection: xr.Dataset, assumptions: Assumptions) -> xr.DataArray:
        """Yuan of each year; see :class:`actuarial.flow.Flow`."""
        require(projection, ["land_income"])
        land, rule = projection["land_income"], assumptions.land
        return (rule.share * rule.fund_share * land).where(land["year"] >= rule.from_year, 0.0)


@dataclass(frozen=True)
class CollectivePool:
    """Collective subsidy into the pool, per contributor."""

    name: str = "collective_pool"
    ledger: Ledger = "pool"
    kind: Kind = "income"
    meaning: str = "Collective subsidy into the pool"

    def amount(self, projection: xr.Dataset, assumptions: Assumptions) -> xr.DataArray:
        """Yuan of each year; see :class:`actuarial.flow.Flow`."""
        require(projection, ["contributors_mid_year", "rural_income"])
        level = in_money_of(projection["rural_income"], assumptions.money_year)
        return assumptions.collective.pool_per_head * level * projection["contributors_mid_year"]


@dataclass(frozen=True)
class Donations:
    """Donations into the pool, growing with rural income."""

    name: str = "donations"
    ledger: Ledger = "pool"
    kind: Kind = "income"
    meaning: str = "Donations into the pool"

    def amount(self, projection: xr.Dataset, assumptions: Assumptions) -> xr.DataArray:
        """Yuan of each year; see :class:`actuarial.flow.Flow`."""
        require(projection, ["rural_income"])
        return assumptions.collective.donations * in_money_of(projection["rural_income"], assumptions.money_year)


@dataclass(frozen=True)
class OtherIncome:
    """Other income of the pool, growing with rural income."""

    name: str = "other_income"
    ledger: Ledger = "pool"
    kind: Kind = "income"
    meaning: str = "Other income of the pool"

    def amount(self, projection: xr.Dataset, assumptions: Assumptions) -> xr.DataArray:
        """Yuan of each year; see :class:`actuarial.flow.Flow`."""
        require(projection, ["rural_income"])
        return assumptions.collective.other_income * in_money_of(projection["rural_income"], assumptions.money_year)
