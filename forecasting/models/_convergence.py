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
        tests = (
            (self.max_rhat > MAX_RHAT, f"R-hat {self.max_rhat:.3f} of {self.worst_parameter} is over {MAX_RHAT}"),
            (self.min_ess_bulk < MIN_ESS, f"bulk ESS {self.min_ess_bulk:.0f} is under {MIN_ESS:.0f}"),
            (self.min_ess_tail < MIN_ESS, f"tail ESS {self.min_ess_tail:.0f} is under {MIN_ESS:.0f}"),
            (self.divergences > 0, f"{self.divergences} divergences"),
            (self.min_bfmi < MIN_BFMI, f"BFMI {self.min_bfmi:.2f} is under {MIN_BFMI}"),
        )
        return tuple(text for bad, text in tests if bad)


class GateError(RuntimeError):
    """A model that did not converge; names the model and every reason."""

    def __init__(self, diagnosis: Diagnosis) -> None:
        self.diagnosis = diagnosis
        reasons = "; ".join(diagnosis.faults)
        super().__init__(f"model {diagnosis.model!r} did not converge: {reasons}. Sample longer, or go on with --force.")


def diagnosis_of(posterior: xr.Dataset) -> Diagnosis:
    """Read the diagnosis that `fit` stored with a posterior."""
    return Diagnosis(**json.loads(posterior.attrs["diagnosis"]))


def _diagnose(name: str, trace: xr.DataTree, settings: Settings, seconds: float) -> Diagnosis:
    import arviz as az

    stochastic = trace["posterior"].to_dataset()
    # A published figure kept beside the draws is constant: its R-hat is 0 / 0, and judged by nobody.
    with np.errstate(invalid="ignore", divide="ignore"):
        rhat = _extreme(az.rhat(stochastic), np.max)
        bulk, tail = (min(_extreme(az.ess(stochastic, method=m), np.min).values()) for m in ("bulk", "tail"))
    worst = max(rhat, key=lambda k: rhat[k])
    stats = trace["sample_stats"].to_dataset()
    return Diagnosis(
        model=name,
        max_rhat=rhat[worst],
        worst_parameter=worst,
        min_ess_bulk=bulk,
        min_ess_tail=tail,
        divergences=int(stats["diverging"].sum()),
        min_bfmi=float(_bfmi(stats["energy"].values).min()),
        chains=settings.chains,
        kept=settings.kept,
        seconds=round(seconds, 2),
    )


def _bfmi(energy: np.ndarray) -> np.ndarray:
    # Betancourt (2016), E-BFMI: mean squared energy change over energy variance.
    return np.square(np.diff(energy, axis=-1)).mean(axis=-1) / energy.var(axis=-1)


def _extreme(values: Any, reduce: Callable[[np.ndarray], Any]) -> dict[str, float]:
    dataset = values.to_dataset() if isinstance(values, xr.DataTree) else values
    out = {}
    for name, array in dataset.data_vars.items():
        numbers = np.asarray(array.values, dtype=float).ravel()
        # A constant (a fixed corner of a transform) has no R-hat: nothing to judge.
        numbers = numbers[np.isfinite(numbers)]
        if numbers.size:
            out[str(name)] = float(reduce(numbers))
    return out


