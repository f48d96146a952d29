"""Whiten a compiled model by the Laplace covariance at its mode.

NUTS with a diagonal mass matrix walks slowly where parameters are strongly
correlated, as age and period effects are. Sampling z in x = mode + L z, where
L Lt is the inverse of the curvature at the mode, makes the posterior close to
round, so that a handful of leapfrog steps is one independent draw. The
density is unchanged: the map is linear, so its Jacobian is a constant.

Chains begin around the one mode that was found, scattered as its Laplace
covariance says. R-hat therefore tells whether they agree on what lies around
it; of a second mode far away it says nothing.
"""

from __future__ import annotations

import ctypes
import dataclasses
from collections.abc import Callable, Iterable
from typing import Any

import numba
import numpy as np
from scipy.optimize import minimize

STEP = 1e-4
"""Half width of the central differences of the gradient."""

FLATTEST = 1e-3
"""Least curvature kept, so that a nearly flat direction cannot blow up the map."""

STARTS = 6
"""Points from which the mode is sought: from far off, some climbs end on a ledge."""

LEDGE = 100.0
"""A climb that ends this much lower in log density than another has ended on a ledge."""

_STATUS, _SIZE, _POINTER = ctypes.c_int64, ctypes.c_uint64, ctypes.c_void_p
"""What nutpie's C functions return, and what they take, as one calls them."""

_CODE, _LENGTH, _DOUBLES, _ANY = (
    *(numba.types.int64, numba.types.uint64),
    *(numba.types.CPointer(numba.types.double), numba.types.voidptr),
)
"""The same, as one makes them."""

Density = Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]]


def mode(density: Density, start: np.ndarray) -> np.ndarray:
    """Climb to the mode of a log density.

    Parameters
    ----------
    density : callable
        Takes x of shape (n,); returns the log density and its gradient, shape (n,).
    start : numpy.ndarray, shape (n,)

    Returns
    -------
    numpy.ndarray, shape (n,)
        Where L-BFGS stops; it need not be exact, as it only centres the map.
    """

    def down(x: np.ndarray) -> tuple[float, np.ndarray]:
        value, slope = density(x)
        return -float(value), -np.asarray(slope)

    return minimize(down, start, jac=True, method="L-BFGS-B", options={"maxiter": 2000, "maxfun": 4000}).x


def best_mode(density: Density, starts: Iterable[np.ndarray]) -> np.ndarray:
    """Climb from several points, and take the first end that is no ledge.

    The very highest is not wanted: where a scale and what it scales shrink together, a funnel grows ever higher and
    holds nothing, and a climb that stops before it gives the better map.

    Parameters
    ----------
    density : callable
        As in `mode`.
    starts : iterable of numpy.ndarray, each of shape (n,)

    Returns
    -------
    numpy.ndarray, shape (n,)
        Of the ends within `LEDGE` of the highest, that of the first start.
    """
    ends = [mode(density, start) for start in starts]
    heights = np.nan_to_num([float(density(end)[0]) for end in ends], nan=-np.inf)
    return ends[int(np.argmax(heights >= heights.max() - LEDGE))]


def curvature(density: Density, at: np.ndarray) -> np.ndarray:
    """Return minus the Hessian of a log density by central differences, shape (n, n)."""
    rows = []
    for i in range(len(at)):
        shift = np.zeros_like(at)
        shift[i] = STEP
        rows.append((density(at - shift)[1] - density(at + shift)[1]) / (2 * STEP))
    hessian = np.stack(rows)
    return 0.5 * (hessian + hessian.T)


def root(matrix: np.ndarray) -> np.ndarray:
    """Return L with L Lt the inverse of `matrix`, after lifting its small or negative eigenvalues."""
    values, vectors = np.linalg.eigh(matrix)
    # A saddle direction is as wide as its curvature is strong: take the absolute value.
    return vectors / np.sqrt(np.maximum(np.abs(values), FLATTEST))


def whiten(compiled: Any, seed: int, *, held: bool = False) -> Any:
    """Return a compiled nutpie model that is sampled in whitened coordinates.

    Parameters
    ----------
    compiled : nutpie compiled PyMC model
        Made with the numba backend.
    seed : int
        Seed of the starting points.
    held : bool
        The caller's word that shared data will not change any more.

    Returns
    -------
    nutpie compiled PyMC model
        Draws come out in the model's own coordinates.

    Raises
    ------
    ValueError
        If the model has shared data, which may change after the mode is found, and `held` is false.
    """
    if compiled.shared_data and not held:
        raise ValueError("the model has shared data: pass the data as constants")
    centre = best_mode(compiled.logp_func, (compiled.initial_point_func(seed + n) for n in range(STARTS)))
    scale = np.ascontiguousarray(root(curvature(compiled.logp_func, centre)))

    def start(chain_seed: int) -> np.ndarray:
        return np.random.default_rng(chain_seed).standard_normal(len(centre))

    return dataclasses.replace(
        compiled,
        compiled_logp_func=_density_function(compiled, centre, scale),
        compiled_expand_func=_expand_function(compiled, centre, scale),
        initial_point_func=start,
    )


# The functions below call the machine code of nutpie's own by its address: to compile the model's
# graph into them once more would take as long as the first time.


def _density_function(compiled: Any, centre: np.ndarray, scale: np.ndarray) -> Any:
    plain = compiled.compiled_logp_func
    inner = ctypes.CFUNCTYPE(_STATUS, _SIZE, _POINTER, _POINTER, _POINTER, _POINTER)(plain.address)
    n, back = len(centre), np.ascontiguousarray(scale.T)

    @numba.cfunc(_CODE(_LENGTH, _DOUBLES, _DOUBLES, _DOUBLES, _ANY))
    def density(size, z_, slope_, value_, data):  # type: ignore[no-untyped-def]
        x, slope = centre + scale @ numba.carray(z_, (n,)), np.empty(n)
        status = inner(size, x.ctypes, slope.ctypes, numba.carray(value_, (1,)).ctypes, data)
        numba.carray(slope_, (n,))[...] = back @ slope
        return status

    return _keeping(density, plain)


def _expand_function(compiled: Any, centre: np.ndarray, scale: np.ndarray) -> Any:
    plain = compiled.compiled_expand_func
    inner = ctypes.CFUNCTYPE(_STATUS, _SIZE, _SIZE, _POINTER, _POINTER, _POINTER)(plain.address)
    n, expanded = len(centre), compiled.n_expanded

    @numba.cfunc(_CODE(_LENGTH, _LENGTH, _DOUBLES, _DOUBLES, _ANY))
    def expand(size, size_out, z_, out_, data):  # type: ignore[no-untyped-def]
        x = centre + scale @ numba.carray(z_, (n,))
        return inner(size, size_out, x.ctypes, numba.carray(out_, (expanded,)).ctypes, data)

    return _keeping(expand, plain)


def _keeping(function: Any, plain: Any) -> Any:
    """Tie the code behind an address to the function that calls it, so that it is not freed before."""
    function.plain = plain
    return function
