"""A small invented scheme that the money tests share; no figure in it is China's."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr

FIRST, LAST, DRAWS = 2010, 2060, 5


@pytest.fixture(scope="session")
def village() -> xr.Dataset:
    """Return a Projection of 5 draws, 2010-2060: a shrinking workforce, growing and uncertain incomes."""
    rng = np.random.default_rng(20260101)
    years, ages = np.arange(FIRST, LAST + 1), np.arange(101)
    fall = np.linspace(1.0, 0.5, years.size) * rng.uniform(0.9, 1.1, (DRAWS, 1, 1, 1))
    rise = np.linspace(0.7, 1.6, years.size) * rng.uniform(0.9, 1.1, (DRAWS, 1, 1, 1))
    working = ((ages >= 16) & (ages < 60))[None, None, :, None] * np.ones((1, 2, 1, 1))
    old = np.where(ages >= 60, np.exp(-0.06 * (ages - 60.0)), 0.0)[None, None, :, None] * np.ones((1, 2, 1, 1))
    mortality = 1e-4 * np.exp(0.088 * ages)[None, None, :, None] * np.array([0.8, 1.2])[None, :, None, None]
    growth = np.cumprod(1 + rng.normal(0.05, 0.02, (DRAWS, years.size)), axis=1)
    people, paths = ("draw", "sex", "age", "year"), ("draw", "year")
    return xr.Dataset(
        {
            "contributors": (people, 3900.0 * working * fall),
            "pensioners": (people, 9000.0 * old * rise),
            "pensioner_mortality": (people, mortality * np.ones((DRAWS, 1, 1, years.size))),
            "contribution_per_head": (paths, 250.0 * growth),
            "rural_income": (paths, 9000.0 * growth),
            "price_index": (("year",), 1.02 ** (years - 2024.0)),
            "budget_revenue": (paths, 9e9 * growth**0.8),
            "land_income": (paths, 4e9 * rng.uniform(0.5, 1.5, (DRAWS, years.size))),
            "deposit_rate": (("year",), np.full(years.size, 0.015)),
            "market_return": (paths, rng.normal(0.045, 0.05, (DRAWS, years.size))),
        },
        {"draw": np.arange(DRAWS), "sex": ["female", "male"], "age": ages, "year": years},
    )


@pytest.fixture(scope="session")
def observed() -> dict[int, float]:
    """Return a published basic pension, yuan a year."""
    return {year: 1000.0 * 1.06 ** (year - 2018) for year in range(2018, 2025)}
