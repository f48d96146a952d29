"""The made-up nation of `tests.forecasting.regional_world` with money: both funds valued, ready to be pooled."""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray as xr

from actuarial import household, medical, valuation
from actuarial._pooling_rules import Pooling
from actuarial._quantity import changed
from actuarial._region import filled
from actuarial._regional_parts import outside
from actuarial.regional import pooled
from actuarial.rules import Case, Rules
from forecasting.region import RegionFit
from forecasting.sources import Tables
from tests.actuarial import scheme_world
from tests.forecasting import regional_world as world

DRAWS = scheme_world.DRAWS


def tables() -> Tables:
    """Return its tables, with a budget, a national minimum, classes of two of its provinces, and a reserve."""
    nation = 10_000.0 * np.exp(0.05 * (np.arange(2010, 2027) - 2015.0))
    more: list[tuple[Any, ...]] = []
    for year, income in zip(range(2010, 2027), nation.tolist(), strict=True):
        more.append((year, "China", "basic_pension_minimum", 0.006 * income, "national", "all"))
        if year < 2025:
            more.append((year, "China", "general_budget_revenue", 1e7 * income, "national", "all"))
    balance = (
        world.rows(world.projection()).query("region == 'China' and indicator == 'fund_balance'")["value"].iloc[-1]
    )
    more.append((2025, "China", "fund_balance", 2.0 * balance, "national", "all"))
    more += [(2018, name, "sharing_tier", tier, "national", "all") for name, tier in (("North", 5.0), ("South", 1.0))]
    return world.tables(world.with_rows(world.rows(world.projection()), *more))


class Nation:
    """A nation of three provinces under the law and at today's budget share; its pools are worked out when asked."""

    def __init__(self) -> None:
        self.tables = tables()
        self.fits = world.fits(self.tables)
        self.place_fit: RegionFit = world.region_fit(self.tables, DRAWS)
        self.projection = world.projection(DRAWS)
        self.own = {"medical": self._care()}
        law = changed(Rules(), {"pension.collective.other_income": 1e8, "medical.equipment.centres": 400.0})
        capacity = changed(law, {"pension.fiscal.rule": "capacity"})
        self.cases = {name: Case(r, ("pension", "medical")) for name, r in (("law", law), ("capacity", capacity))}
        self.accounts = {"pension": self._pensions(), "medical": self._medical()}

    def _care(self) -> xr.Dataset:
        insured = 0.9 * outside(self.projection).sel(year=scheme_world.YEARS)
        coords = {name: self.projection[name].values for name in ("draw", "sex", "age")}
        care = xr.Dataset(scheme_world.care(), coords | {"year": scheme_world.YEARS})
        return care.assign(insured=insured)

    def _pensions(self) -> xr.Dataset:
        made = {}
        for name, case in self.cases.items():
            rules = filled(case.rules.pension, self.tables)
            made[name] = valuation.value_one(self.tables, self.projection, rules).account
        return joined(made)

    def _medical(self) -> xr.Dataset:
        seen = household.world_of(self.projection, self.own["medical"], medical.NEEDS)
        known = household.Known(2024, 2e10)
        return joined({name: household.medical_fund(seen, case.rules, known) for name, case in self.cases.items()})

    def pooled(self, rule: Pooling, *scenarios: str) -> xr.Dataset:
        """Compare pools under a rule, in all scenarios or some."""
        cases = {name: self.cases[name] for name in scenarios or self.cases}
        accounts = {fund: account.sel(scenario=list(cases)) for fund, account in self.accounts.items()}
        return pooled(
            self.fits, self.place_fit, self.projection, own=self.own, cases=cases, accounts=accounts, rule=rule
        )


def joined(made: dict[str, xr.Dataset]) -> xr.Dataset:
    """Join accounts along the scenarios."""
    names = xr.DataArray(list(made), dims="scenario", name="scenario")
    return xr.concat(list(made.values()), names, join="exact", combine_attrs="drop")
