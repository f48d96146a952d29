"""Seeds, NUTS, the diagnostics gate, the posterior cache: from a model to draws."""

from __future__ import annotations

import hashlib
import inspect
import json
import os
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any, Protocol, cast

import numpy as np
import xarray as xr

from forecasting.artefacts import load, save

if TYPE_CHECKING:
    import pymc as pm

Inputs = Mapping[str, np.ndarray]

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
    target_accept: float = 0.9


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
    """Return `module` and the modules of `forecasting.models` whose names it uses."""
    names = {module.__name__}
    for value in vars(module).values():
        name = value.__name__ if inspect.ismodule(value) else getattr(value, "__module__", None)
        if name and name.startswith(f"{__package__}."):
            names.add(name)
    return [sys.modules[name] for name in sorted(names)]


def fit(
    module: ModelModule, inputs: Inputs, settings: Settings, cache: Path | None = None, *, force: bool = False
) -> xr.Dataset:
    """Sample the model of `inputs`, or read its posterior from the cache.

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
    """
    key = fingerprint(module, inputs, settings)
    file = None if cache is None else cache / f"{module.NAME}-{key}.nc"
    if file is not None and file.exists():
        posterior = load(file, "posterior")
        posterior.attrs["cached"] = "yes"
    else:
        posterior = _sample(module, inputs, settings)
        posterior.attrs |= {"model": module.NAME, "hash": key, "cached": "no"}
        if file is not None:
            save(posterior, file, "posterior")
    diagnosis = diagnosis_of(posterior)
    if diagnosis.faults and not force:
        raise GateError(diagnosis)
    return posterior


def _sample(module: ModelModule, inputs: Inputs, settings: Settings) -> xr.Dataset:
    import nutpie

    from forecasting.models.whitening import whiten

    begin = time.perf_counter()
    seed = int(stream(settings.seed, module.NAME).integers(2**31))
    compiled = whiten(nutpie.compile_pymc_model(module.build(inputs), backend="numba"), seed)
    trace = nutpie.sample(
        compiled,
        draws=settings.kept,
        tune=settings.tune,
        chains=settings.chains,
        cores=min(settings.chains, os.cpu_count() or 1),
        seed=seed,
        target_accept=settings.target_accept,
        progress_bar=False,
    )
    diagnosis = _diagnose(module.NAME, trace, settings, time.perf_counter() - begin)
    posterior = thin(trace["posterior"].to_dataset()[list(module.KEEP)], settings.draws)
    posterior.attrs = {"diagnosis": json.dumps(asdict(diagnosis))}
    return posterior


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


def simulate(build: Callable[[Inputs], pm.Model], inputs: Inputs, names: Sequence[str], seed: int) -> dict[str, np.ndarray]:
    """Draw once from the prior of a model: the truth of a recovery test.

    Parameters
    ----------
    build : callable
        ``module.build``.
    inputs : mapping
        Inputs of the model.
    names : sequence of str
        Variables to return.
    seed : int
        Seed of the draw.

    Returns
    -------
    dict of str to numpy.ndarray
        One prior draw of each variable, observed ones included.
    """
    import pymc

    with build(inputs):
        prior = pymc.sample_prior_predictive(draws=1, random_seed=seed, var_names=list(names))
    found: dict[str, np.ndarray] = {}
    for group in _groups(prior):
        for name in names:
            if name in group:
                found[name] = group[name].values[0, 0]
    return found


def _groups(tree: xr.DataTree) -> Iterable[xr.Dataset]:
    return (node.to_dataset() for node in tree.children.values())
