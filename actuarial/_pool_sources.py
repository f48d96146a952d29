"""Sources of the pool besides budgets: each by its own rule, whatever the others pay."""

from __future__ import annotations

from dataclasses import dataclass

import xarray as xr

from actuarial._land_share import phased_in
from actuarial._swing import swing
from actuarial.assumptions import Assumptions
from actuarial.flow import Kind, Ledger, in_money_of
from forecasting.axes import require


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
        return rule.share * rule.fund_share * land * phased_in(land["year"], rule.from_year, rule.phase_in_years)


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
        per_head = collective_per_head(projection, assumptions, assumptions.collective.pool_per_head)
        return per_head * projection["contributors_mid_year"]


def collective_per_head(projection: xr.Dataset, assumptions: Assumptions, amount: float) -> xr.DataArray:
    """Carry a collective subsidy of `amount` in money of the money year; yuan per contributor, dims (draw?, year)."""
    rule, income = assumptions.collective, projection["rural_income"]
    level = amount * in_money_of(income, assumptions.money_year)
    if amount == 0.0:
        return level
    phase = phased_in(income["year"], rule.from_year, rule.phase_in_years)
    return level * phase * swing(projection, "collective", rule.volatility, rule.persistence)


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
        rule, income = assumptions.collective, projection["rural_income"]
        given = rule.donations * in_money_of(income, assumptions.money_year)
        if rule.donations == 0.0:
            return given
        phase = phased_in(income["year"], rule.donations_from, rule.donations_phase_in_years)
        return given * phase * swing(projection, "donations", rule.donations_volatility, rule.donations_persistence)


@dataclass(frozen=True)
class PlatformPayment:
    """What platform companies pay for the members who work through them."""

    name: str = "platform"
    ledger: Ledger = "pool"
    kind: Kind = "income"
    meaning: str = "Payments of platform companies into the pool"

    def amount(self, projection: xr.Dataset, assumptions: Assumptions) -> xr.DataArray:
        """Yuan of each year: rate times rural income of the contributors covered; see :class:`actuarial.flow.Flow`."""
        require(projection, ["contributors_mid_year", "rural_income"])
        rule, covered = assumptions.platform, assumptions.platform.covered_share * projection["contributors_mid_year"]
        paid = rule.rate * projection["rural_income"] * covered
        if rule.rate == 0.0:
            return paid
        phase = phased_in(paid["year"], rule.from_year, rule.phase_in_years)
        return paid * phase * swing(projection, "platform", rule.volatility, rule.persistence)


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
