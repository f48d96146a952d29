"""Seeds, NUTS, the diagnostics gate, the posterior cache: from a model to draws."""

from __future__ import annotations

import hashlib
import inspect
import json
import os
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from importlib.metadata import version
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any, Protocol, cast

import numpy as np
import xarray as xr

from forecasting.artefacts import ArtefactError, load, save
from forecasting.models._convergence import Diagnosis, GateError, diagnose, diagnosis_of

if TYPE_CHECKING:
    import pymc as pm

__all__ = [
    "Diagnosis",
    "GateError",
    "Inputs",
    "ModelModule",
    "Settings",
    "diagnosis_of",
    "fingerprint",
    "fit",
    "simulate",
    "stream",
    "thin",
]

Inputs = Mapping[str, np.ndarray]

LONGER = 2
"""Times the warm-up and the kept draws of a second sampling, where the gate would shut on the first."""

LIBRARIES = ("pymc", "pytensor", "nutpie", "arviz", "numpy")


class ModelModule(Protocol):
    """What a module of `forecasting.models` offers to be fitted."""

    NAME: str
    KEEP: tuple[str, ...]

    def build(self, inputs: Inputs) -> pm.Model:
        """Make the PyMC model of `inputs`."""


@dataclass(frozen=True)
class Settings:
    """How to sample.

    Attributes
    ----------
    draws : int
        Joint draws that leave a model, thinned evenly from all chains.
    chains, tune, kept : int
        Chains, warm-up draws and kept draws per chain.
    seed : int
        Run seed; each model derives its own by name.
    target_accept : float
        NUTS target acceptance.
    """

    draws: int = 1000
    chains: int = 4
    tune: int = 500
    kept: int = 1000
    seed: int = 20251231
    target_accept: float = 0.95


def stream(seed: int, name: str) -> np.random.Generator:
    """Return the random stream of one named part of a run.

    Parameters
    ----------
    seed : int
        Run seed.
    name : str
        Name of the part; another name is an independent stream.

    Returns
    -------
    numpy.random.Generator
        The same for the same pair, whatever other parts exist.
    """
    return np.random.default_rng(_words(seed, name))


def _words(seed: int, name: str) -> list[int]:
    digest = hashlib.sha256(name.encode()).digest()
    return [seed, *np.frombuffer(digest[:16], dtype="<u4").tolist()]


def fingerprint(module: ModelModule, inputs: Inputs, settings: Settings) -> str:
    """Hash what a posterior depends on: data, model source, settings, versions."""
    digest = hashlib.sha256()
    for part in _own_modules(cast("ModuleType", module)):
        digest.update(inspect.getsource(part).encode())
    digest.update(json.dumps(asdict(settings), sort_keys=True).encode())
    digest.update(json.dumps({lib: version(lib) for lib in LIBRARIES}, sort_keys=True).encode())
    for key in sorted(inputs):
        values = np.ascontiguousarray(inputs[key])
        digest.update(f"{key}{values.dtype}{values.shape}".encode())
        digest.update(values.tobytes())
    return digest.hexdigest()[:16]


def _own_modules(module: ModuleType) -> list[ModuleType]:
    """Return `module` and the modules of `forecasting.models` that it uses, directly or through each other."""
    found, ahead = {module.__name__}, [module]
    while ahead:
        for value in list(vars(ahead.pop()).values()):
            name = value.__name__ if inspect.ismodule(value) else getattr(value, "__module__", None)
            if isinstance(name, str) and name.startswith(f"{__package__}.") and name not in found:
                found.add(name)
                ahead.append(sys.modules[name])
    return [sys.modules[name] for name in sorted(found)]


def fit(
    module: ModelModule, inputs: Inputs, settings: Settings, cache: Path | None = None, *, force: bool = False
) -> xr.Dataset:
    """Sample the model of `inputs`, or read its posterior from the cache.

    Where the gate would shut, the model is sampled once more, `LONGER`: chains that had not met, or not said
    enough, are as likely short as wrong. What is still shut then wants a person.

    Parameters
    ----------
    module : module
        One of `forecasting.models`, with ``NAME``, ``KEEP`` and ``build``.
    inputs : mapping of str to numpy.ndarray
        All data and prior settings that ``build`` reads.
    settings : Settings
        How to sample.
    cache : pathlib.Path, optional
        Folder of posteriors; None neither reads nor writes.
    force : bool
        Go on when the gate is shut; the faults stay in the attributes.

    Returns
    -------
    xarray.Dataset
        Variables ``KEEP`` with leading axis ``draw`` of ``settings.draws``;
        attributes ``model``, ``hash``, ``cached`` and ``diagnosis`` (JSON).

    Raises
    ------
    GateError
        If the sampler did not converge and `force` is false.
    forecasting.artefacts.ArtefactError
        If the file in the cache is not what was written there.
    """
    key = fingerprint(module, inputs, settings)
    file = None if cache is None else cache / f"{module.NAME}-{key}.nc"
    posterior = _cached(file, key) if file is not None and file.exists() else None
    if posterior is None or (not force and _was_forced(posterior, settings)):
        posterior = _sample(module, inputs, settings, patient=not force)
        posterior.attrs |= {"model": module.NAME, "hash": key, "cached": "no"}
        if file is not None:
            save(posterior, file, "posterior")
    diagnosis = diagnosis_of(posterior)
    if diagnosis.faults and not force:
        raise GateError(diagnosis)
    return posterior


def _was_forced(posterior: xr.Dataset, settings: Settings) -> bool:
    """Whether a posterior on which the gate is shut was never sampled longer, because someone went on with force."""
    diagnosis = diagnosis_of(posterior)
    return bool(diagnosis.faults) and diagnosis.kept < LONGER * settings.kept


def _cached(file: Path, key: str) -> xr.Dataset:
    try:
        posterior = load(file, "posterior")
    except ArtefactError as error:
        raise ArtefactError(f"the cached posterior {file} cannot be used: delete it and run again") from error
    if posterior.attrs.get("hash") != key:
        raise ArtefactError(f"the cached posterior {file} is of another model or other data: delete it and run again")
    posterior.attrs["cached"] = "yes"
    return posterior


def _sample(module: ModelModule, inputs: Inputs, settings: Settings, *, patient: bool) -> xr.Dataset:
    """Sample a model; where the gate would shut on it and one is `patient`, once more and `LONGER`."""
    import nutpie

    from forecasting.models.whitening import whiten

    begin = time.perf_counter()
    seed = int(stream(settings.seed, module.NAME).integers(2**31))
    compiled = whiten(nutpie.compile_pymc_model(module.build(inputs), backend="numba"), seed)
    for times in (1, LONGER) if patient else (1,):
        trace = _chains(compiled, replace(settings, tune=times * settings.tune, kept=times * settings.kept), seed)
        diagnosis = diagnose(module.NAME, trace, time.perf_counter() - begin)
        if not diagnosis.faults:
            break
    posterior = thin(trace["posterior"].to_dataset()[list(module.KEEP)], settings.draws)
    posterior.attrs = {"diagnosis": json.dumps(asdict(diagnosis))}
    return posterior


def _chains(compiled: Any, settings: Settings, seed: int) -> Any:
    import nutpie

    sampler = nutpie.sample(
        compiled,
        draws=settings.kept,
        tune=settings.tune,
        chains=settings.chains,
        cores=min(settings.chains, os.cpu_count() or 1),
        seed=seed,
        target_accept=settings.target_accept,
        progress_bar=False,
        blocking=False,
    )
    try:
        return sampler.wait()
    except BaseException:
        # A blocking sampler would answer Ctrl-C with the draws so far, as if they were all.
        sampler.cancel()
        raise


def thin(posterior: xr.Dataset, draws: int) -> xr.Dataset:
    """Join the chains into one axis ``draw`` and keep `draws` evenly spaced.

    Parameters
    ----------
    posterior : xarray.Dataset
        With axes ``chain`` and ``draw``.
    draws : int
        How many joint draws to keep; at most chains x draws.

    Returns
    -------
    xarray.Dataset
        Leading axis ``draw`` of length `draws`, labels 0..draws-1.

    Raises
    ------
    ValueError
        If there are fewer draws than asked for.
    """
    flat = posterior.stack(sample=("chain", "draw")).reset_index("sample").drop_vars(["chain", "draw"])
    size = flat.sizes["sample"]
    if draws > size:
        raise ValueError(f"{draws} joint draws wanted, but only {size} were sampled: raise chains or kept draws")
    keep = np.linspace(0, size - 1, draws).round().astype(int)
    flat = flat.isel(sample=keep).rename(sample="draw").assign_coords(draw=np.arange(draws))
    return flat.transpose("draw", ...)


def simulate(
    build: Callable[[Inputs], pm.Model], inputs: Inputs, names: Sequence[str], seed: int, draws: int = 1
) -> xr.Dataset:
    """Draw from the prior of a model: the truth of a recovery test.

    Parameters
    ----------
    build : callable
        ``module.build``.
    inputs : mapping
        Inputs of the model.
    names : sequence of str
        Variables to return; an observed one is drawn, not read.
    seed : int
        Seed of the draws.
    draws : int
        Number of joint draws.

    Returns
    -------
    xarray.Dataset
        Variables `names` with leading axis ``draw``. A term that pymc calls a
        potential has no part in them; pymc warns of it.
    """
    import pymc

    with build(inputs):
        # A few draws do not pay for compilation.
        plain = {"mode": "FAST_COMPILE"}
        tree = pymc.sample_prior_predictive(draws, random_seed=seed, var_names=list(names), compile_kwargs=plain)
    groups = [tree[group].to_dataset() for group in ("prior", "prior_predictive") if group in tree.children]
    return thin(xr.merge(groups), draws)
