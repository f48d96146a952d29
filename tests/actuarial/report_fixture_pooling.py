"""Invented results of pools of regions: 31 provinces of two counties each, pooled as a run pools them."""

from __future__ import annotations

import numpy as np
import xarray as xr

from actuarial import pooling
from actuarial._labels import told
from actuarial._pooling_regions import Regions
from actuarial.regional import ABOUT
from actuarial.report.texts import catalogue
from tests.actuarial.report_fixture_axes import DRAWS, SCENARIOS, YEARS

PROVINCES = tuple(key.removeprefix("pooling.place.") for key in catalogue() if key.startswith("pooling.place."))

SUBSIDY = {"pension": {"law": 1.02, "capacity": 0.97, "package": 1.06}, "medical": dict.fromkeys(SCENARIOS, 1.0)}
"""Income of the nation over its outgo; of the medical fund no scenario moves it."""


def pooling_results() -> xr.Dataset:
    """Return ``pooling.nc``."""
    funds = xr.DataArray(list(SUBSIDY), dims="fund", name="fund")
    names = xr.DataArray(list(SCENARIOS), dims="scenario", name="scenario")
    made = [
        xr.concat([_compared(place, level) for level in levels.values()], names, join="exact")
        for place, levels in enumerate(SUBSIDY.values())
    ]
    return xr.concat(made, funds, join="exact")


def _compared(seed: int, level: float) -> xr.Dataset:
    regions = _regions(seed, level)
    inside = tuple(name for name in PROVINCES for _ in range(2))
    levels = {"county": regions.names, "province": inside, "nation": ("nation",) * len(inside)}
    coords = {"region": list(PROVINCES), "year": YEARS}
    share = np.linspace(0.1, 0.9, len(PROVINCES))[:, None] * np.ones(YEARS.size)
    central = told({"central_share": xr.DataArray(share, coords, ("region", "year"))}, ABOUT)
    return pooling.compare(regions, levels, inside).merge(central)


def _regions(seed: int, level: float) -> Regions:
    """Provinces that are richer and poorer, in the order of their names, and counties beside them."""
    rng = np.random.default_rng(seed)
    wealth = np.repeat(np.linspace(0.9, 1.1, len(PROVINCES)), 2) * np.tile([0.97, 1.03], len(PROVINCES))
    shape = (wealth.size, DRAWS, YEARS.size)
    outgo = 1e9 * np.exp(0.04 * np.arange(YEARS.size) + np.cumsum(rng.normal(0.0, 0.01, shape), axis=2))
    return Regions(
        names=tuple(f"{name} {k}" for name in PROVINCES for k in (1, 2)),
        years=YEARS,
        income=level * wealth[:, None, None] * 1e9 * np.exp(0.04 * np.arange(YEARS.size)) * np.ones(shape),
        outgo=outgo,
        benefits=0.9 * outgo,
        people=1e6 * (1.5 - 0.5 * wealth[:, None, None]) * np.ones((1, 1, YEARS.size)),
        opening=np.full((wealth.size, 1), 1e9),
        rate=np.full((1, YEARS.size), 0.02),
    )
