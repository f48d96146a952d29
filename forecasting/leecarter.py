"""The classical Lee-Carter model: one index of mortality by singular values.

The log death rate of age x in year t is a(x) + b(x) k(t), the b summing to one and the k to zero: the first term of
a singular value decomposition of the centred log rates. In a second stage k is found again, so that each year's
rates give what was observed of that year, its deaths (Lee and Carter 1992, Journal of the American Statistical
Association 87(419)) or its life expectancy (Lee and Miller 2001, Demography 38(4)). The index is then a random walk
with drift.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtri

__all__ = ["Drift", "Interval", "LeeCarter", "drift_of", "fit", "random_walk_interval", "second_stage"]

WIDEST = 12
"""Doublings of the first bracket, one around zero, in the search for an index: to 4096."""

HIGHEST = 100.0
"""Log rate at which the search stops rising: no rate is near, and sums of it do not overflow."""

HALVINGS = 60
"""Bisections of that bracket: to the precision of a float."""


class LeeCarter(NamedTuple):
    """A fitted surface.

    Attributes
    ----------
    a : numpy.ndarray, shape (A,)
        Mean log rate by age.
    b : numpy.ndarray, shape (A,)
        Change of the log rate for one of the index; sums to one.
    k : numpy.ndarray, shape (T,)
        Index by year; sums to zero.
    explained : float
        Share of the variance of the centred log rates that the term carries, 0..1.
    """

    a: np.ndarray
    b: np.ndarray
    k: np.ndarray
    explained: float


class Drift(NamedTuple):
    """A random walk with drift, as estimated; the unit is that of the index.

    Attributes
    ----------
    drift : float
        Mean yearly change.
    sd : float
        Standard deviation of a year's change around it.
    error : float
        Standard error of `drift`.
    """

    drift: float
    sd: float
    error: float


class Interval(NamedTuple):
    """A forecast and its interval, each of the shape of the steps asked for."""

    centre: np.ndarray
    low: np.ndarray
    high: np.ndarray


def fit(log_rates: ArrayLike) -> LeeCarter:
    """Fit a, b and k by singular values.

    Parameters
    ----------
    log_rates : array_like, shape (A, T)
        Log death rates by age and year.

    Returns
    -------
    LeeCarter

    Raises
    ------
    ValueError
        If the surface is no finite table of two ages and two years at least; if nothing changes in it; if
        the first pattern of change adds up to nothing over the ages, so that b cannot sum to one.
    """
    surface = np.asarray(log_rates, dtype=float)
    if surface.ndim != 2 or min(surface.shape) < 2 or not np.isfinite(surface).all():
        raise ValueError(f"log rates have shape {surface.shape}: give finite ones of two ages and two years at least")
    a = surface.mean(axis=1)
    pattern, size, index = np.linalg.svd(surface - a[:, None], full_matrices=False)
    if size[0] <= 1e-12 * max(np.abs(surface).max(), 1.0):
        raise ValueError("the log rates do not change from year to year: there is no index to find")
    total = pattern[:, 0].sum()
    if abs(total) < 1e-9:
        raise ValueError("the first pattern of change adds up to nothing over the ages: its b cannot sum to one")
    # Rows of the decomposition sum to zero as the centred years do, but for rounding.
    return LeeCarter(a, pattern[:, 0] / total, size[0] * total * index[0], float(size[0] ** 2 / (size**2).sum()))


def second_stage(
    a: ArrayLike, b: ArrayLike, observed: ArrayLike, measure: Callable[[np.ndarray], np.ndarray]
) -> np.ndarray:
    """Find the index of each year again, so that its rates give what was observed.

    Parameters
    ----------
    a, b : array_like, shape (A,)
        Level and pattern of the log rates by age.
    observed : array_like, shape (T,)
        What was observed of each year: deaths, or life expectancy.
    measure : callable
        From death rates (A, T) to the same of each year (T,); rising with the index in all years, or falling.

    Returns
    -------
    numpy.ndarray, shape (T,)
        Index by year.

    Raises
    ------
    ValueError
        If no index gives an observed value; it lists all of them.

    Examples
    --------
    >>> exposure = np.array([[1000.0], [500.0]])
    >>> second_stage(np.log([0.01, 0.1]), [0.5, 0.5], [120.0], lambda m: (m * exposure).sum(axis=0)).round(6)
    array([1.386294])
    """
    level, pattern = np.asarray(a, dtype=float)[:, None], np.asarray(b, dtype=float)[:, None]
    wanted = np.asarray(observed, dtype=float)

    def gap(k: np.ndarray) -> np.ndarray:
        return measure(np.exp(np.minimum(level + pattern * k, HIGHEST))) - wanted

    low, high = _bracket(gap, wanted)
    rising = gap(high) > gap(low)
    for _ in range(HALVINGS):
        middle = 0.5 * (low + high)
        beyond = (gap(middle) > 0) == rising
        low, high = np.where(beyond, low, middle), np.where(beyond, middle, high)
    return 0.5 * (low + high)


def _bracket(gap: Callable[[np.ndarray], np.ndarray], wanted: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return indices below and above the one that closes the gap of each year."""
    low, high = -np.ones_like(wanted), np.ones_like(wanted)
    for _ in range(WIDEST):
        outside = gap(low) * gap(high) > 0
        if not outside.any():
            return low, high
        low, high = np.where(outside, 2 * low, low), np.where(outside, 2 * high, high)
    values = ", ".join(f"{value:g}" for value in wanted[outside])
    raise ValueError(f"no index of mortality gives {values}: the pattern cannot reach what was observed")


def drift_of(k: ArrayLike) -> Drift:
    """Estimate a random walk with drift.

    Parameters
    ----------
    k : array_like, shape (T,)
        Index in successive years, three at least.

    Returns
    -------
    Drift
        The drift is the mean change, so that it rests on the first and the last year alone; its standard error is
        sd / sqrt(T - 1).

    Raises
    ------
    ValueError
        If there are fewer than three years.
    """
    change = np.diff(np.asarray(k, dtype=float))
    if change.size < 2:
        raise ValueError(f"the index has {change.size + 1} years: a drift and its noise need three")
    sd = float(change.std(ddof=1))
    return Drift(float(change.mean()), sd, sd / change.size**0.5)


def random_walk_interval(last: float, walk: Drift, steps: ArrayLike, level: float = 0.95) -> Interval:
    """Forecast the index by a random walk with drift, and its central interval, in closed form.

    After h years the index is normal with mean last + drift h and variance sd^2 h + error^2 h^2. With ``error``
    zero the drift is taken as known, as in the published intervals of Lee and Carter 1992.

    Parameters
    ----------
    last : float
        Index of the last year.
    walk : Drift
        From `drift_of`, or given.
    steps : array_like
        Years ahead, from zero.
    level : float
        Level of the interval, within 0..1.

    Returns
    -------
    Interval
    """
    h = np.asarray(steps, dtype=float)
    centre = last + walk.drift * h
    half = ndtri((1 + level) / 2) * np.sqrt(walk.sd**2 * h + walk.error**2 * h**2)
    return Interval(centre, centre - half, centre + half)
