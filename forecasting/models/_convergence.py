"""Did the chains converge? The gate between a sampler and what is built on its draws."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import xarray as xr

MAX_RHAT = 1.01
MIN_ESS = 400.0
MIN_BFMI = 0.3
"""The gate (Vehtari et al. 2021, Bayesian Analysis 16(2); Betancourt 2016 for BFMI)."""


@dataclass(frozen=True)
class Diagnosis:
    """Convergence of one fitted model and the verdict of the gate."""

    model: str
    max_rhat: float
    worst_parameter: str
    min_ess_bulk: float
    min_ess_tail: float
    divergences: int
    min_bfmi: float
    chains: int
    kept: int
    seconds: float

    @property
    def faults(self) -> tuple[str, ...]:
        """Every reason for which the gate is shut; empty when it is open."""
        # Each says what is well: a value that is not a number is not.
        tests = (
            (self.max_rhat <= MAX_RHAT, f"R-hat {self.max_rhat:.3f} of {self.worst_parameter} is over {MAX_RHAT}"),
            (self.min_ess_bulk >= MIN_ESS, f"bulk ESS {self.min_ess_bulk:.0f} is under {MIN_ESS:.0f}"),
            (self.min_ess_tail >= MIN_ESS, f"tail ESS {self.min_ess_tail:.0f} is under {MIN_ESS:.0f}"),
            (self.divergences == 0, f"{self.divergences} divergences"),
            (self.min_bfmi >= MIN_BFMI, f"BFMI {self.min_bfmi:.2f} is under {MIN_BFMI}"),
        )
        return tuple(text for well, text in tests if not well)


class GateError(RuntimeError):
    """A model that did not converge; names the model and every reason."""

    def __init__(self, diagnosis: Diagnosis) -> None:
        self.diagnosis = diagnosis
        reasons = "; ".join(diagnosis.faults)
        remedy = "Sample longer, or go on with --force."
        super().__init__(f"model {diagnosis.model!r} did not converge: {reasons}. {remedy}")


def diagnosis_of(posterior: xr.Dataset) -> Diagnosis:
    """Read the diagnosis that `fit` stored with a posterior."""
    return Diagnosis(**json.loads(posterior.attrs["diagnosis"]))


def diagnose(name: str, trace: xr.DataTree, seconds: float) -> Diagnosis:
    """Judge every quantity that a sampler drew.

    Parameters
    ----------
    name : str
        Name of the model.
    trace : xarray.DataTree
        Groups ``posterior`` and ``sample_stats`` with axes ``chain`` and ``draw``.
    seconds : float
        How long it took.

    Returns
    -------
    Diagnosis
    """
    import arviz as az

    drawn = trace["posterior"].to_dataset()
    with np.errstate(invalid="ignore", divide="ignore"):
        rhat = _worst(az.rhat(drawn), drawn, np.max, np.inf)
        bulk, tail = (min(_worst(az.ess(drawn, method=m), drawn, np.min, 0.0).values()) for m in ("bulk", "tail"))
        stats = trace["sample_stats"].to_dataset()
        energy = _bfmi(stats["energy"].values).min()
    worst = max(rhat, key=lambda k: rhat[k])
    return Diagnosis(
        model=name,
        max_rhat=rhat[worst],
        worst_parameter=worst,
        min_ess_bulk=bulk,
        min_ess_tail=tail,
        divergences=int(stats["diverging"].sum()),
        min_bfmi=float(energy),
        chains=drawn.sizes["chain"],
        kept=drawn.sizes["draw"],
        seconds=round(seconds, 2),
    )


def _bfmi(energy: np.ndarray) -> np.ndarray:
    # Betancourt (2016), E-BFMI: mean squared energy change over energy variance.
    return np.square(np.diff(energy, axis=-1)).mean(axis=-1) / energy.var(axis=-1)


def _worst(values: Any, drawn: xr.Dataset, reduce: Callable[[np.ndarray], Any], missing: float) -> dict[str, float]:
    """Return the worst element of each variable; one that varies and has no value gets `missing`."""
    dataset = values.to_dataset() if isinstance(values, xr.DataTree) else values
    out = {}
    for name, array in dataset.data_vars.items():
        draws = np.moveaxis(drawn[name].values, (0, 1), (-2, -1))
        # A published figure kept beside the draws is the same in all of them: there is nothing to judge.
        judged = ~(draws.max(axis=(-2, -1)) == draws.min(axis=(-2, -1)))
        numbers = np.asarray(array.values, dtype=float)[judged]
        if numbers.size:
            out[str(name)] = float(reduce(np.where(np.isnan(numbers), missing, numbers)))
    return out
