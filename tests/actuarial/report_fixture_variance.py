"""``variance.nc`` with invented effects, for the tests of its chapter and its sheet; no figure in it is China's."""

from __future__ import annotations

import numpy as np
import xarray as xr

from actuarial import _variance_outputs as outputs
from actuarial._labels import told
from actuarial._variance_run import VARIANCE
from forecasting.freezing import GROUPS

YEARS = (2035, 2050)
OUT = {"pension": ("medical", "judgement"), "medical": ("land_income", "judgement")}
"""Groups that do not enter a fund."""

NO_LAND = "cost_rate"
"""Quantity that land income does not move, though it moves others of the pension fund."""


def variance_results() -> xr.Dataset:
    """Return a split of two funds; the first quantity of the medical fund is the same in every future."""
    whole = xr.concat([_fund(fund) for fund in OUT], "output", data_vars="all", join="exact")
    return told(whole, VARIANCE).assign_attrs(scenario="package", draws=200, last_year=2100, mixtures=192)


def _fund(fund: str) -> xr.Dataset:
    rng, names = np.random.default_rng(len(fund)), outputs.names(fund, YEARS)
    inside = np.tile([group not in OUT[fund] for group in GROUPS], (len(names), 1))
    inside[[name == NO_LAND for name, _ in names], GROUPS.index("land_income")] = False
    weights = rng.uniform(0.1, 1.0, (len(names), len(GROUPS))) ** 4 * inside
    # One group is too small to be shown, and one a little below nothing, as sampling makes it.
    weights[:, GROUPS.index("migration")] = 1e-4
    shapley = weights / weights.sum(axis=1, keepdims=True)
    shapley[1, GROUPS.index("mortality")] -= 0.01 + shapley[1, GROUPS.index("mortality")]
    shapley[1, GROUPS.index("membership")] += 1.0 - shapley[1].sum()
    if fund == "medical":
        shapley[0] = np.nan
    error = 0.1 * np.abs(shapley)
    data = {"shapley": shapley, "first_order": 0.9 * shapley, "total": 1.1 * shapley, "frozen": shapley - 0.05 * inside}
    units = [outputs.ABOUT[name][0] for name, _ in names]
    per = {"mean": [2060.0, *[0.5] * (len(names) - 1)], "deviation": [9.5, *[0.25] * (len(names) - 1)]}
    lasting = np.full(len(names), 0.325 if fund == "pension" else 0.0)
    return xr.Dataset(
        {
            **{name: (("output", "group"), values) for name, values in data.items()},
            **{f"{name}_error": (("output", "group"), error) for name in data},
            "enters": (("output", "group"), inside.astype(float)),
            **{name: ("output", values) for name, values in per.items()},
            "lasting": ("output", lasting),
        },
        {
            "output": [f"{fund} {name}" + (f" {year}" if year else "") for name, year in names],
            "group": list(GROUPS),
            "fund": ("output", [fund] * len(names)),
            "quantity": ("output", [name for name, _ in names]),
            "at": ("output", [year for _, year in names]),
            "unit": ("output", units),
        },
    )
