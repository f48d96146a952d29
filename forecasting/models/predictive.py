"""Prior and posterior predictive checks: what each model would have published, beside what was."""

from __future__ import annotations

import hashlib
import inspect
import json
import logging
import sys
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import xarray as xr

from forecasting.artefacts import write_atomically
from forecasting.models import (
    _replicas,
    _replicas_schemes,
    economy,
    fertility,
    medical,
    membership,
    migration,
    mortality,
    unemployment,
)
from forecasting.models._replicas import REPLICAS, Replica
from forecasting.models._replicas_schemes import SCHEME_REPLICAS
from forecasting.models.sampling import simulate, stream

if TYPE_CHECKING:
    from forecasting.models.sampling import Inputs, Settings

__all__ = ["LEVELS", "PRIOR_DRAWS", "Check", "check", "checks"]

LEVELS = (0.025, 0.1, 0.25, 0.5, 0.75, 0.9, 0.975)
"""Probabilities of the quantiles that are kept: the median and the ends of the 50, 80 and 95 % intervals."""

PRIOR_DRAWS = 1000
"""Draws of the prior."""

Rows = tuple[tuple[float, ...], ...]

MODULES: dict[str, ModuleType] = {m.NAME: m for m in (fertility, mortality, migration, membership, economy)}
"""The models of people, members and economy, by name."""

SCHEMES: dict[str, ModuleType] = {m.NAME: m for m in (medical, unemployment)}
"""The models of other funds than the pension."""

ECONOMY_PRIOR = ("anchor", "memory", "shock", "coupling")
"""Of the economy the prior is that of its parameters; its published series stand in potentials, and are data."""


class Fitted(Protocol):
    """What `checks` needs of `forecasting.projection.Fits`."""

    @property
    def posteriors(self) -> Mapping[str, xr.Dataset]:
        """Posteriors by model, each with the attribute ``hash``."""

    @property
    def inputs(self) -> Mapping[str, Inputs]:
        """What each model read."""

    @property
    def settings(self) -> Settings:
        """How they were sampled; its seed is the run seed."""


@dataclass(frozen=True)
class Check:
    """One published series beside what a model makes of it before and after it has seen the figures.

    Attributes
    ----------
    model, series, unit : str
        Which model; the name of the series within it; SI unit.
    axis : {"year", "age"}
        What `x` is.
    x : tuple of int
        Years, or first ages of groups.
    observed : tuple of float or None
        What the model reads; None where it reads nothing, or only an estimate.
    prior, posterior : tuple of tuple of float
        Quantiles of the replicated series, one row for each of `LEVELS`.
    indicators : tuple of str
        Where the figures come from, as ``indicators.csv`` names it.
    """

    model: str
    series: str
    unit: str
    axis: str
    x: tuple[int, ...]
    observed: tuple[float | None, ...]
    prior: Rows
    posterior: Rows
    indicators: tuple[str, ...]


def checks(fits: Fitted, cache: Path | None = None) -> list[Check]:
    """Check every sampled model against its figures.

    Parameters
    ----------
    fits : forecasting.projection.Fits
        The fitted models; one that was not sampled has no posterior, and no check.
    cache : pathlib.Path, optional
        Folder of the posteriors: the checks of a posterior are kept beside it, and read from there the next time.

    Returns
    -------
    list of Check
        In the order of the models, each as `check` gives them.
    """
    out: list[Check] = []
    for name, posterior in fits.posteriors.items():
        out += _kept((MODULES | SCHEMES)[name], fits.inputs[name], posterior, fits.settings.seed, cache)
    return out


def check(module: ModuleType, inputs: Inputs, posterior: xr.Dataset, seed: int) -> list[Check]:
    """Replicate the data of one model with parameters of its prior and of its posterior.

    A time series is replicated from its first published value (or two) on, by the model's own equation; a count is
    what the model's people give, with the measurement error that the model states. Nothing is compiled for the
    posterior.

    Parameters
    ----------
    module : module
        One of the sampled models.
    inputs : mapping of str to numpy.ndarray
        What the model read.
    posterior : xarray.Dataset
        Its variables ``KEEP`` with leading axis ``draw``.
    seed : int
        Run seed.

    Returns
    -------
    list of Check
        A few series that a reader knows.
    """
    draws = {"prior": prior(module, inputs, seed), "posterior": posterior}
    made = {
        kind: (REPLICAS | SCHEME_REPLICAS)[module.NAME](some, inputs, stream(seed, f"{kind} check of {module.NAME}"))
        for kind, some in draws.items()
    }
    pairs = zip(made["prior"], made["posterior"], strict=True)
    # A series that nobody published has nothing to be held against.
    return [_reduced(module.NAME, *pair) for pair in pairs if np.isfinite(pair[1].observed).any()]


def prior(module: ModuleType, inputs: Inputs, seed: int, draws: int = PRIOR_DRAWS) -> xr.Dataset:
    """Draw the parameters of a model before it has seen the figures.

    Parameters
    ----------
    module : module
        One of the sampled models.
    inputs : mapping of str to numpy.ndarray
        What the model read.
    seed : int
        Run seed.
    draws : int
        Number of joint draws.

    Returns
    -------
    xarray.Dataset
        Variables that `check` needs, with leading axis ``draw``.

    Notes
    -----
    A term that pymc calls a potential has no part in such draws. The membership and the economy use potentials for
    the densities of published series alone, which are likelihoods: without them the parameters have their priors.
    """
    names = ECONOMY_PRIOR if module.NAME == economy.NAME else module.KEEP
    word = int(stream(seed, f"prior of {module.NAME}").integers(2**31))
    with _unheard():
        return simulate(module.build, inputs, names, word, draws)


@contextmanager
def _unheard() -> Iterator[None]:
    """Keep pymc from listing what it draws, and from warning of potentials (see `prior`)."""
    import pymc  # noqa: F401 -- it sets the level of its log when it is first imported

    log = logging.getLogger("pymc")
    level = log.level
    log.setLevel(logging.WARNING)
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message="The effect of Potentials", category=UserWarning)
            yield
    finally:
        log.setLevel(level)


def _reduced(model: str, before: Replica, after: Replica) -> Check:
    seen = tuple(float(value) if np.isfinite(value) else None for value in after.observed)
    x = tuple(int(value) for value in after.x)
    bands = _bands(before.drawn), _bands(after.drawn)
    return Check(model, after.series, after.unit, after.axis, x, seen, *bands, indicators=after.indicators)


def _bands(drawn: np.ndarray) -> Rows:
    return _rows(np.quantile(drawn, LEVELS, axis=0).tolist())


def _rows(values: list[list[float]]) -> Rows:
    return tuple(tuple(map(float, row)) for row in values)


def _kept(module: ModuleType, inputs: Inputs, posterior: xr.Dataset, seed: int, cache: Path | None) -> list[Check]:
    """Return the checks of a posterior from beside it, or make them and leave them there."""
    if cache is None:
        return check(module, inputs, posterior, seed)
    own = str(posterior.attrs["hash"])
    file, key = cache / f"{module.NAME}-{own}.checks.json", f"{own} {_source()}"
    found = _read(file, key)
    if found is None:
        found = check(module, inputs, posterior, seed)
        text = json.dumps({"key": key, "checks": [asdict(one) for one in found]}, allow_nan=False)
        write_atomically(file, lambda part: part.write_text(text, encoding="utf-8"))
    return found


def _read(file: Path, key: str) -> list[Check] | None:
    """Return what was kept under `key`; None where there is nothing of use, which is then made again."""
    try:
        kept = json.loads(file.read_text(encoding="utf-8"))
        return [Check(**_tuples(one)) for one in kept["checks"]] if kept["key"] == key else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _tuples(record: dict[str, Any]) -> dict[str, Any]:
    flat = {name: tuple(record[name]) for name in ("x", "observed", "indicators")}
    return record | flat | {name: _rows(record[name]) for name in ("prior", "posterior")}


def _source() -> str:
    """Hash the code that makes the checks: changed, it makes them anew."""
    digest = hashlib.sha256()
    for part in (_replicas, _replicas_schemes, sys.modules[__name__]):
        digest.update(inspect.getsource(part).encode())
    return digest.hexdigest()[:16]
