"""Invented results of all funds together: what they need of budgets, and when they are short."""

from __future__ import annotations

import numpy as np
import xarray as xr

from actuarial import joint
from tests.actuarial.report_fixture_axes import DRAWS, SCENARIOS, YEARS

FUNDS = {
    "law": ("pension", "medical"),
    "capacity": ("pension", "medical"),
    "package": ("pension", "medical", "unemployment", "time_bank", "care_plan"),
}
"""The funds of each scenario."""

ALL = FUNDS["package"]

LEVELS = {
    **{"pension": (0.025, 0.0003), "medical": (0.033, 0.0008), "unemployment": (1e-4, 0.0)},
    **{"time_bank": (0.0, 1e-5), "care_plan": (1e-3, 0.0)},
}
"""Need in the first year over budget revenue, and what is added a year."""

EMPTY = {"pension": 2050, "medical": 2035, "unemployment": 2200, "time_bank": 2070, "care_plan": 2150}
"""Year in which a fund is short in the middle draw."""


def household(rng: np.random.Generator) -> xr.Dataset:
    """Return the results of all funds together, consistent with each other."""
    revenue = xr.DataArray(np.full((DRAWS, YEARS.size), 2e13), {"draw": np.arange(DRAWS), "year": YEARS})
    common = np.cumsum(rng.normal(0.0, 0.02, (DRAWS, YEARS.size)), axis=1)
    own = {name: np.cumsum(rng.normal(0.0, 0.03, (DRAWS, YEARS.size)), axis=1) for name in ALL}
    made = [_of(name, revenue, common, own) for name in SCENARIOS]
    return xr.concat(made, xr.DataArray(list(SCENARIOS), dims="scenario", name="scenario"), join="exact")


def _of(scenario: str, revenue: xr.DataArray, common: np.ndarray, own: dict[str, np.ndarray]) -> xr.Dataset:
    t, lower = YEARS - YEARS[0], 0.6 if scenario == "package" else 1.0
    short, need = {}, {}
    for name in ALL:
        first, rise = LEVELS[name] if name in FUNDS[scenario] else (0.0, 0.0)
        need[name] = revenue * lower * (first + rise * t) * np.exp(common + own[name])
        # Who needs more is short sooner.
        when = EMPTY[name] - 60.0 * (common + own[name])[:, -1:]
        short[name] = (revenue * 0.0 + (when <= YEARS)) * float(name in FUNDS[scenario])
    names = xr.DataArray(list(ALL), dims="fund", name="fund")
    each = xr.concat([need[name] / revenue for name in ALL], names, join="exact").rename("need_of_fund")
    parts = [joint.shortage(short), joint.fiscal_need(need, revenue), each.to_dataset()]
    return xr.merge(parts, join="exact", combine_attrs="drop")
