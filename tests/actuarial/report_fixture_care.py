"""An invented world for the plan of elderly care, and its results as a run saves them."""

from __future__ import annotations

import numpy as np
import xarray as xr

from actuarial import household
from actuarial._quantity import changed
from actuarial.rules import Rules
from tests.actuarial.report_fixture_axes import DRAWS, YEARS

PACKAGE = "package"

FIRST = 2027
"""First year of the plan."""


def care_world(rng: np.random.Generator, draws: int = DRAWS, last: int = int(YEARS[-1])) -> xr.Dataset:
    """Return old people, economy and doubt about costs from 2024 on; no figure in it is China's."""
    years = np.arange(2024, last + 1)
    t = years - 2024.0

    def path(level: float, growth: float, spread: float) -> tuple[tuple[str, str], np.ndarray]:
        steps = rng.normal(growth, spread, (draws, years.size)) * (t > 0)
        return ("draw", "year"), level * np.exp(np.cumsum(steps, axis=1))

    ages, one = np.array([60, 65, 80]), np.ones((draws, 2, 2, 3, years.size))
    flat = {name: (("draw", "year"), np.full((draws, years.size), 0.02)) for name in ("deposit_rate", "market_return")}
    values = {
        "population": (("draw", "area", "sex", "age", "year"), 2.5e7 * one * np.exp(-0.004 * t)),
        "rural_income": path(23000.0, 0.04, 0.01),
        "price_index": path(1.0, 0.02, 0.003),
        "budget_revenue": path(2.2e13, 0.04, 0.01),
        "land_income": path(4.8e12, -0.01, 0.08),
        **flat,
        **{name: (("draw",), rng.standard_normal(draws)) for name in ("building_deviate", "running_deviate")},
    }
    axes = {"draw": np.arange(draws), "area": ["rural", "urban"], "sex": ["female", "male"], "age": ages, "year": years}
    return xr.Dataset(values, axes)


def care_plan(rng: np.random.Generator, changes: dict[str, object] | None = None) -> xr.Dataset:
    """Return ``care_plan.nc``: the plan of one scenario, valued on the invented world."""
    rules = changed(Rules(), {f"care_plan.{key}": value for key, value in (changes or {}).items()})
    made = household.care_plan(care_world(rng), rules)
    return made.expand_dims(scenario=[PACKAGE]).transpose("scenario", "draw", "year")
