"""The small scheme of the money tests with what answers to its terms."""

from __future__ import annotations

import numpy as np
import xarray as xr

from actuarial import assessment
from actuarial.assumptions import Assumptions, changed

SCALE = {"collective.other_income": 1e6, "fiscal.central_share_of_minimum": 0.8}
"""Other income of the small scheme: the default is China's; and what a run takes from the data."""

MINIMUM = {year: 600.0 + 20.0 * (year - 2018) for year in range(2018, 2025)}
"""National minimum of the small scheme, yuan a year."""


def answering(village: xr.Dataset) -> xr.Dataset:
    """Give the village people of whom three to four in five contribute, and a deviate a draw for each answer."""
    rng = np.random.default_rng(20260707)
    draws, years = village.sizes["draw"], village.sizes["year"]
    names = ("benefit", "contribution", "income", "revenue")
    made: dict[str, object] = {f"{name}_deviate": (("draw",), rng.standard_normal(draws)) for name in names}
    return village.assign(made | {"compliance": (("draw", "year"), rng.uniform(0.6, 0.8, (draws, years)))})


def opening(observed: dict[int, float]) -> assessment.Opening:
    """Open the village's fund at the end of 2025."""
    return assessment.Opening(2025, 2e9, observed, MINIMUM)


def rules(changes: dict[str, object]) -> Assumptions:
    """Change the law of the village."""
    return changed(Assumptions(), SCALE | changes)
