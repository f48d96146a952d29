"""``sensitivity.nc`` of a made-up fund, for the tests of its chapter and its sheets; no figure in it is China's."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
import xarray as xr

from actuarial import sensitivity
from actuarial._sensitivity_outputs import MEDIANS, OUTPUTS
from actuarial.sensitivity import Input, reduced

INPUTS = [
    Input("fertility", -1.0, 1.0, 0.0, "three"),
    Input("land_income", -1.0, 1.0, 0.0, "normal"),
    Input("pension.land.share", 0.05, 0.15, 0.1),
    Input("pension.retirement.target_age", 60.0, 65.0, math.nan, whole=True),
]
NAMES = [name for name in OUTPUTS if name != "cost_share"]
DRAWS = 40


def fund(at: Mapping[str, float]) -> dict[str, np.ndarray]:
    """Return outputs that move with every input but the cost rate, which nothing moves."""
    noise = np.random.default_rng(5).normal(size=DRAWS)
    land = at["pension.land.share"] * (1 + 0.3 * at["land_income"])
    years = at.get("pension.retirement.target_age", 60.0) - 60.0
    reserve = noise + 20 * land + 0.4 * years + 0.2 * at["fertility"] + 0.1 * years * at["land_income"]
    made = {
        "empty": (reserve < 1.5).astype(float),
        "depletion_year": np.round(2050 + 4 * reserve),
        "reserve": reserve,
        "cost_rate": np.full(DRAWS, 0.25),
        "need": 0.03 - 0.002 * reserve,
        "actuarial_balance": -0.01 * reserve,
    }
    return {name: made[name] for name in NAMES}


def sensitivity_results() -> xr.Dataset:
    """Return an analysis of the fund, as a run leaves it."""
    rng = np.random.default_rng(3)
    sets = {"low_cost": {"land_income": 1.0, "fertility": 1.0}, "high_cost": {"land_income": -1.0, "fertility": -1.0}}

    def mean(at: Mapping[str, float]) -> dict[str, float]:
        return reduced(fund(at), MEDIANS)

    data = xr.merge(
        [
            sensitivity.tornado(fund, INPUTS, rng=rng, medians=MEDIANS),
            sensitivity.scenarios(fund, sets, INPUTS, rng=rng, medians=MEDIANS),
            sensitivity.morris(mean, INPUTS, trajectories=4, seed=1),
            sensitivity.sobol(mean, INPUTS, samples=8, seed=1),
        ],
        join="exact",
    )
    coords = {
        "unit": ("output", [OUTPUTS[name][0] for name in NAMES]),
        "input_unit": ("input", ["children per woman", "yuan", "share", "years of age"]),
        "low": ("input", [1.0, 2.1e12, 0.05, 60.0]),
        "central": ("input", [1.2, 3.9e12, 0.1, np.nan]),
        "high": ("input", [1.45, 6.3e12, 0.15, 65.0]),
    }
    about = {"fund": "pension", "scenario": "package", "by": 2050, "tail": 0.1, "after": 2101, "draws": DRAWS}
    return data.assign_coords(coords).assign_attrs(about, screen_draws=30, trajectories=4, samples=8)
