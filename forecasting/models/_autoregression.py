"""Autoregressions of first order as distributions of a PyMC model.

A multivariate normal with the same covariance has the same density, but wants triangular solves and their
derivatives, which take longest of all to compile. Here the density is that of the shocks, one by one.
"""

from __future__ import annotations

from typing import Any

import numpy as np


def autoregressions(
    name: str, mean: Any, memory: Any, shock: Any, coupling: Any, *, near: tuple[Any, Any] | None = None
) -> Any:
    """Add paths that shocks take off their means, and that come back; return them.

    Parameters
    ----------
    name : str
        Of the variable.
    mean : array, shape (series, T)
        Where the paths would be without shocks.
    memory : array, shape (series, T)
        Part of a departure that is left at each step. Before the first there is none, so that its number is not read.
    shock : array, shape (series, T)
        Standard deviations of the steps' shocks.
    coupling : array, shape (series,)
        Part of the shock to the series before this one that comes to this one besides its own; the first has no
        series before it, so that its number is not read.
    near : tuple of two arrays, shape (series, T)
        Where figures say that the paths are, and how surely (`known`); for the sampler alone.

    Returns
    -------
    pytensor variable, shape (series, T)
    """
    import pymc as pm

    return pm.CustomDist(
        name,
        *(mean, memory, shock, coupling),
        logp=_density,
        random=drawn,
        support_point=_start(near),
        signature="(s,t),(s,t),(s,t),(s)->(s,t)",
        default_transform=None if near is None else known(*near),
    )


def _start(near: tuple[Any, Any] | None) -> Any:
    """Return what tells where the sampler starts: near the figures, or at the mean.

    At its mean a path that is known otherwise has no shocks, and the search for the mode would run into the funnel
    where their size is nought.
    """
    import pytensor.tensor as pt

    return lambda _variable, _size, mean, *_: mean if near is None else pt.as_tensor(near[0])


def known(centre: np.ndarray, scale: np.ndarray) -> Any:
    """Return a transform of paths that figures pin down, to what the sampler moves: numbers around nought, near one.

    Parameters
    ----------
    centre, scale : numpy.ndarray
        Of the shape of the paths. Constants: the density stays as it is, only its unit differs.

    Returns
    -------
    pymc transform
    """
    import pytensor.tensor as pt
    from pymc.logprob.transforms import Transform

    class Known(Transform):  # type: ignore[misc]
        name = "known"

        def forward(self, value: Any, *inputs: Any) -> Any:
            return (value - centre) / scale

        def backward(self, value: Any, *inputs: Any) -> Any:
            return centre + scale * value

        def log_jac_det(self, value: Any, *inputs: Any) -> Any:
            return pt.constant(np.log(scale).sum())

    return Known()


def _density(value: Any, mean: Any, memory: Any, shock: Any, coupling: Any) -> Any:
    """Return the log density of paths: that of their own shocks, as the map from these has determinant one."""
    import pymc as pm

    off = value - mean
    jump = off[:, 1:].inc(-memory[:, 1:] * off[:, :-1])
    own = jump[1:].inc(-coupling[1:, None] * jump[:-1])
    return pm.logp(pm.Normal.dist(0.0, shock), own).sum()


def drawn(
    mean: np.ndarray,
    memory: np.ndarray,
    shock: np.ndarray,
    coupling: np.ndarray,
    *,
    rng: np.random.Generator,
    size: tuple[int, ...] | None = None,
) -> np.ndarray:
    """Draw paths.

    Parameters
    ----------
    mean, memory, shock, coupling : numpy.ndarray
        As in `autoregressions`, with any axes in front.
    rng : numpy.random.Generator
    size : tuple of int, optional
        Axes in front of those of the result.

    Returns
    -------
    numpy.ndarray, shape (..., series, T)
    """
    shape = (*(size or ()), *mean.shape[-2:]) if mean.ndim == 2 else mean.shape
    jump = shock * rng.standard_normal(shape)
    for s in range(1, shape[-2]):
        jump[..., s, :] += coupling[..., [s]] * jump[..., s - 1, :]
    off = jump
    for t in range(1, shape[-1]):
        off[..., t] += memory[..., t] * off[..., t - 1]
    return np.asarray(mean + off)


def jumping(
    name: str, mean: Any, memory: Any, *, shock: Any, tail: Any, first: float, near: tuple[Any, Any] | None = None
) -> Any:
    """Add a path that Student t shocks take off its mean, and that comes back; return it.

    Parameters
    ----------
    name : str
        Of the variable.
    mean : array, shape (T,)
        Where the path would be without shocks.
    memory, shock, tail : scalar
        Part of a departure that is left a step later; scale and degrees of freedom of the shocks.
    first : float
        Standard deviation of the first departure, which is normal.
    near : tuple of two arrays, shape (T,)
        As in `autoregressions`.

    Returns
    -------
    pytensor variable, shape (T,)
    """
    import pymc as pm

    return pm.CustomDist(
        name,
        *(mean, memory, shock, tail, np.float64(first)),
        logp=_density_of_jumps,
        random=drawn_jumps,
        support_point=_start(near),
        signature="(t),(),(),(),()->(t)",
        default_transform=None if near is None else known(*near),
    )


def _density_of_jumps(value: Any, mean: Any, *rest: Any) -> Any:
    import pymc as pm

    memory, shock, tail, first = rest
    off = value - mean
    jumps = pm.logp(pm.StudentT.dist(nu=tail, mu=memory * off[:-1], sigma=shock), off[1:])
    return pm.logp(pm.Normal.dist(0.0, first), off[0]) + jumps.sum()


def drawn_jumps(
    mean: np.ndarray,
    memory: np.ndarray,
    shock: np.ndarray,
    tail: np.ndarray,
    first: np.ndarray,
    *,
    rng: np.random.Generator,
    size: tuple[int, ...] | None = None,
) -> np.ndarray:
    """Draw a path.

    Parameters
    ----------
    mean, memory, shock, tail, first : numpy.ndarray
        As in `jumping`, with any axes in front.
    rng : numpy.random.Generator
    size : tuple of int, optional
        Axes in front of those of the result.

    Returns
    -------
    numpy.ndarray, shape (..., T)
    """
    shape = (*(size or ()), mean.shape[-1]) if mean.ndim == 1 else mean.shape
    off = shock[..., None] * rng.standard_t(np.broadcast_to(tail[..., None], shape))
    off[..., 0] = first * rng.standard_normal(shape[:-1])
    for t in range(1, shape[-1]):
        off[..., t] += memory * off[..., t - 1]
    return np.asarray(mean + off)
