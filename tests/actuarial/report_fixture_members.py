"""The pension's members of the invented run in `report_fixture`: paid years, tiers and accounts by age."""

from __future__ import annotations

import numpy as np
import xarray as xr

from tests.actuarial.report_fixture_axes import DRAWS, SCENARIOS, YEARS

AGES = np.arange(101)
DATES = np.array([2025, 2035, 2050])
TIERS = np.array([100.0, 500.0, 2000.0])
WAITING = 2033
"""A year in which no pension starts under the package."""


def members(rng: np.random.Generator) -> xr.Dataset:
    """Return ``members.nc``: nobody under 16 has an account, and the tiers of a year add up to one."""
    t = YEARS - YEARS[0]
    money, by_year = ("scenario", "draw", "year"), (len(SCENARIOS), DRAWS, YEARS.size)
    paid = 15.0 + 0.2 * t + rng.normal(0.0, 1.0, by_year)
    paid[-1, :, YEARS == WAITING] = np.nan
    heavy = rng.gamma(2.0, 1.0, (len(SCENARIOS), DRAWS, TIERS.size, YEARS.size))
    owed = np.clip(AGES - 15.0, 0.0, 45.0)[:, None] * np.clip(101.0 - AGES, 0.0, 40.0)[:, None] * 1e6
    accounts = owed * rng.gamma(20.0, 0.05, (len(SCENARIOS), DRAWS, 2, AGES.size, DATES.size))
    per_head = {"unit": "yuan per contributor and year"}
    return xr.Dataset(
        {
            "accounts_by_age": (
                ("scenario", "draw", "sex", "age", "at"),
                accounts.astype("float32"),
                {"unit": "yuan", "meaning": "Owed to members at 31 December, by age"},
            ),
            "paid_years": (money, paid),
            "required_years": (("scenario", "year"), np.full((len(SCENARIOS), YEARS.size), 15.0)),
            "tier_share": (
                ("scenario", "draw", "tier", "year"),
                (heavy / heavy.sum(axis=2, keepdims=True)).astype("float32"),
                {"unit": "share", "meaning": "Contributors of this tier"},
            ),
            "regular_contribution": (money, 300.0 * 1.04**t * np.ones(by_year), per_head | {"meaning": "Contribution"}),
            "match_per_head": (money, 50.0 * 1.04**t * np.ones(by_year), per_head | {"meaning": "Match"}),
        },
        {
            "scenario": list(SCENARIOS),
            "draw": np.arange(DRAWS),
            "sex": ["female", "male"],
            "age": AGES,
            "at": DATES,
            "year": YEARS,
            "tier": TIERS,
        },
    )
