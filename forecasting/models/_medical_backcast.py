"""The years of the figures simulated again: what might have been published of the medical scheme."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from forecasting.models import _medical_ages as ages
from forecasting.models._medical_data import counted_twice, vaccinated
from forecasting.models._medical_paths import PARTS, age_values, carried, effects, mixed, share_of, walk
from forecasting.models._medical_priors import SERIES
from forecasting.models.sampling import stream

if TYPE_CHECKING:
    from forecasting.models.sampling import Inputs


def backcast(posterior: xr.Dataset, inputs: Inputs, seed: int) -> xr.Dataset:
    """Simulate the years of the figures again, from the first of them: what might have come.

    Parameters
    ----------
    posterior : xarray.Dataset
        Variables of `medical.KEEP` with axis ``draw``.
    inputs : mapping
        As given to `medical.build`.
    seed : int

    Returns
    -------
    xarray.Dataset
        ``enrolled``, ``stays``, ``visits``, ``stay_cost``, ``visit_cost``, ``chronic`` and ``spent`` (draw, year),
        persons, counts and yuan, each with ``observed_`` and its name (year), NaN where unpublished. Known are the
        parameters of the full fit, the state of the first year, rural income, contributions and people; growth, shocks
        and the shares paid are drawn. So this tests the dynamics, not the choice of the model.
    """
    years, draws = inputs["years"], posterior.sizes["draw"]
    drawn = stream(seed, "medical backcast").standard_normal((len(years) - 1, len(PARTS) + 1, draws))
    shocks = {name: drawn[:, i].T for i, name in enumerate((*PARTS, "reimbursed"))}
    drifts = np.broadcast_to(posterior["growth"].values[..., None], (draws, len(SERIES), len(years) - 1))
    first = posterior["trend"].values[..., :1]
    trend = np.concatenate([first, first + walk(posterior, drifts, shocks)], axis=2)
    trend += effects(posterior, years)
    by_age = ages.mix(age_values(posterior), inputs["structure"])
    trend += mixed(by_age, trend.shape, {name: path[:, [-1]] for name, path in by_age.items()})
    a_head = {name: np.exp(trend[:, i]) for i, name in enumerate(SERIES)}
    enrolled = _enrolled_again(posterior, inputs, shocks)
    return _figures(posterior, inputs, a_head, enrolled, shocks["reimbursed"])


def _enrolled_again(posterior: xr.Dataset, inputs: Inputs, shocks: Mapping[str, np.ndarray]) -> np.ndarray:
    """Return people enrolled, (draw, year), by new paths of the employee scheme and of the share enrolled."""
    start = {name: posterior[f"{name}_logit"].values[:, :1] for name in ("employee", "enrolment")}
    price = np.log(inputs["contribution"] / inputs["contribution"][-1])
    line = posterior["response"].values[:, None] * price
    employee = carried(posterior, "employee", start["employee"], shocks["employee"])
    level = carried(posterior, "enrolment", start["enrolment"] + line[:, :1], shocks["enrolment"])
    outside = inputs["people"].sum(axis=(0, 1)) - share_of(employee) * inputs["employee_people"].sum(axis=(0, 1))
    twice = posterior["duplicates"].values[:, None] * counted_twice(inputs["years"])
    return np.asarray(share_of(level - line) * outside * (1.0 + twice))


def _figures(
    posterior: xr.Dataset, inputs: Inputs, a_head: Mapping[str, np.ndarray], enrolled: np.ndarray, shocks: np.ndarray
) -> xr.Dataset:
    """Return totals as they are published, and beside them those that were."""
    years, money = inputs["years"], enrolled * inputs["income"]
    counted = np.where(years == years[0], posterior["counted"].values[:, None], 1.0)
    made = {
        "enrolled": enrolled,
        "stays": a_head["stays"] * enrolled * counted,
        "visits": a_head["visits"] * enrolled * counted,
        "stay_cost": a_head["stays"] * a_head["stay_cost"] * money,
        "visit_cost": a_head["visits"] * a_head["visit_cost"] * money,
        "chronic": a_head["chronic"] * money,
    }
    common = np.concatenate([np.zeros((len(money), 1)), posterior["reimbursed_sd"].values[:, None] * shocks], axis=1)
    paid = share_of(posterior["reimbursed_logit"].values[..., :1] + common.cumsum(axis=1)[:, None])
    care = sum(paid[:, i] * made[name] for i, name in enumerate(("stay_cost", "visit_cost", "chronic")))
    extra = posterior["vaccines"].values[:, None] * vaccinated(years)
    made["spent"] = care / (1.0 - extra)
    seen = {name: inputs[name] for name in made} | {
        "spent": np.where(np.isnan(inputs["spent"]), inputs["flash_spent"], inputs["spent"])
    }
    known = {f"observed_{name}": (("year",), values) for name, values in seen.items()}
    again = {name: (("draw", "year"), values) for name, values in made.items()}
    return xr.Dataset(again | known, coords={"draw": posterior["draw"].values, "year": years})
