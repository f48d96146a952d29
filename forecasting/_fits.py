"""Fit every model of a Projection, in the order in which one needs another."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import xarray as xr

from forecasting.baseline import BASELINES
from forecasting.models import economy, fertility, medical, membership, migration, mortality, unemployment
from forecasting.models.sampling import Diagnosis, Settings, diagnosis_of, stream
from forecasting.models.sampling import fit as sample

if TYPE_CHECKING:
    from forecasting.sources import Tables

MODELS: dict[str, ModuleType] = {m.NAME: m for m in (fertility, mortality, migration, membership, economy)}
"""The models of people, members and economy by name: every Projection rests on all of them."""

SCHEME_MODELS: dict[str, ModuleType] = {m.NAME: m for m in (medical, unemployment)}
"""The models of what a fund of their own name needs besides; fitted where that fund is valued."""

ALL_MODELS: dict[str, ModuleType] = MODELS | SCHEME_MODELS
"""Every fitted model by name."""

ORDER = ("fertility", "mortality", "migration", "membership", "economy")
"""In which they are fitted: membership needs the people that migration reconstructs."""


BAYESIAN = "bayesian"

METHODS = (BAYESIAN, *BASELINES)
"""What may say how a model's series go on: the model itself, or a baseline in its place."""

RECONSTRUCTING = ("migration", "membership")
"""Models that are sampled under every method: only they tell the people by area, and the take-up of each cohort."""


class Noted(Protocol):
    """A model that is being fitted, as a reader is told of it."""

    def note(self, text: str) -> None:
        """Say how it was done: ``sampled``, ``from the cache`` or, by a baseline, ``not sampled``."""


Report = Callable[[str], AbstractContextManager[Noted]]
"""Told the name of each model; what it returns is entered while the model is fitted."""


class _Unheard:
    def note(self, text: str) -> None:
        """Say nothing."""


@dataclass(frozen=True)
class Fits:
    """Posteriors of all models, with what each was fitted to.

    Attributes
    ----------
    posteriors : dict of str to xarray.Dataset
        By model name; leading axis ``draw``. A model in whose place a baseline stands has none, unless it is
        one of `RECONSTRUCTING`.
    inputs : dict of str to mapping
        What each model read.
    tables : Tables
        The figures.
    settings : Settings
        How they were sampled; its seed is the run seed.
    methods : dict of str to str
        One of `METHODS` for every model.
    """

    posteriors: dict[str, xr.Dataset]
    inputs: dict[str, Mapping[str, np.ndarray]]
    tables: Tables
    settings: Settings
    methods: dict[str, str] = field(default_factory=lambda: dict.fromkeys(ORDER, BAYESIAN))

    @property
    def diagnoses(self) -> list[Diagnosis]:
        """Convergence of every model that was sampled."""
        return [diagnosis_of(p) for p in self.posteriors.values()]

    def stream(self, name: str) -> np.random.Generator:
        """Random stream of one named part of the run."""
        return stream(self.settings.seed, name)


def fit(
    tables: Tables,
    settings: Settings | None = None,
    priors: Mapping[str, Any] | None = None,
    *,
    methods: Mapping[str, str] | None = None,
    schemes: Iterable[str] = (),
    cache: Path | None = None,
    force: bool = False,
    report: Report | None = None,
) -> Fits:
    """Fit every model, or read its posterior from the cache.

    A baseline in place of a model replaces what that model says of the future (`forecasting.classical`). What only
    a model can reconstruct of the past stays: those of `RECONSTRUCTING` are sampled all the same, the others not.

    Parameters
    ----------
    tables : Tables
        Checked figures.
    settings : Settings, optional
        How to sample.
    priors : mapping of str to object, optional
        ``Priors`` of the models that shall not use their own.
    methods : mapping of str to str, optional
        One of `METHODS` by model name; a model left out is ``bayesian``.
    schemes : iterable of str, optional
        Funds besides the pension; those that have a model in `SCHEME_MODELS` have it fitted, after the others.
    cache : pathlib.Path, optional
        Folder of posteriors.
    force : bool
        Go on where a model did not converge.
    report : callable, optional
        Gives the context in which each model is fitted, by its name.

    Returns
    -------
    Fits

    Raises
    ------
    forecasting.models.sampling.GateError
        If a model did not converge and `force` is false.
    ValueError
        Listing every model and method of `methods` that there is not.
    """
    settings, priors, chosen = settings or Settings(), dict(priors or {}), _chosen(methods or {})
    posteriors: dict[str, xr.Dataset] = {}
    inputs: dict[str, Mapping[str, np.ndarray]] = {}
    for name in (*ORDER, *(name for name in SCHEME_MODELS if name in schemes)):
        with report(name) if report is not None else nullcontext(_Unheard()) as step:
            module = ALL_MODELS[name]
            inputs[name] = module.inputs(tables, *_known(name, posteriors, inputs), priors.get(name))
            if chosen.get(name, BAYESIAN) != BAYESIAN and name not in RECONSTRUCTING:
                step.note(f"{chosen[name]}, not sampled")
                continue
            posteriors[name] = sample(module, inputs[name], settings, cache, force=force)
            step.note("from the cache" if posteriors[name].attrs["cached"] == "yes" else "sampled")
    return Fits(posteriors, inputs, tables, settings, chosen)


def _chosen(methods: Mapping[str, str]) -> dict[str, str]:
    """Return the method of every model, or raise one error that lists every fault."""
    faults = [f"there is no model {name!r}: use {', '.join(ORDER)}" for name in methods if name not in MODELS]
    faults += [
        f"{name} has no method {method!r}: use {', '.join(METHODS)}"
        for name, method in methods.items()
        if method not in METHODS
    ]
    if faults:
        raise ValueError("\n".join(faults))
    return dict.fromkeys(ORDER, BAYESIAN) | dict(methods)


KNOWN_BY = {"membership": ("age", "year"), "medical": ("sex", "age", "year"), "unemployment": ("age", "year")}
"""Models that take the reconstructed people as known, and by what."""


def _known(
    name: str, posteriors: Mapping[str, xr.Dataset], inputs: Mapping[str, Mapping[str, np.ndarray]]
) -> list[xr.DataArray]:
    """Return the mean national population that a model takes as known, if it does."""
    if name not in KNOWN_BY:
        return []
    posterior, dims = posteriors["migration"], KNOWN_BY[name]
    some = posterior.isel(draw=slice(None, None, max(posterior.sizes["draw"] // 250, 1)))
    population = migration.reconstruct(some, inputs["migration"])["population"]
    others = [d for d in population.dims if d not in ("draw", *dims)]
    return [population.sum(others).mean("draw").transpose(*dims)]
