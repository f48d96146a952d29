"""The small scheme with sources of money that swing."""

from __future__ import annotations

import numpy as np
import xarray as xr

from forecasting import axes
from forecasting._deviates import yearly


def swinging(people: xr.Dataset, seed: int = 20260108) -> xr.Dataset:
    """Add to a Projection what a run draws for its sources; each has its own stream."""

    def stream(name: str) -> np.random.Generator:
        return np.random.default_rng([seed, *name.encode()])

    return people.assign(yearly(people["draw"], people["year"].values, stream))


def still(people: xr.Dataset) -> xr.Dataset:
    """Take what sources swing by away."""
    return people.drop_vars([name for name in axes.SOURCES if name in people])
