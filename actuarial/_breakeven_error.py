"""The sampling error of a break-even value: draws drawn again, the same for every value of the lever."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from actuarial._breakeven_search import Crossing, Tried

Array = np.ndarray

ONE_SIGMA = math.erf(math.sqrt(0.5))
"""Probability of a normal variate within one standard deviation of its mean."""

REACH = (3.0, 1.5)
"""Standard errors of the statistic from its target at which the lever is tried besides."""


@dataclass(frozen=True)
class SamplingError:
    """How far a break-even value may be off because draws are many but not infinitely many.

    Attributes
    ----------
    standard_error : float
        In the lever's unit: half the width of the central 68.3 % of the resamples. Unlike a standard deviation it stays
        a number while a few resamples have no answer in the range; infinite where many have none.
    low, high : float
        Ends of the interval, in the lever's unit; infinite where the resamples go beyond the range searched.
    level : float
        Probability of the interval.
    beyond : float
        Part of the resamples whose answer is outside the range searched.
    """

    standard_error: float
    low: float
    high: float
    level: float
    beyond: float


def sampling_error(
    tried: Tried, crossing: Crossing, target: float, *, rng: np.random.Generator, resamples: int, level: float
) -> SamplingError:
    """Draw the draws again with replacement, and find the break-even value of each resample.

    The curve of the statistic over the lever is worked out again from the draws kept, at the values tried and at a
    few more within :data:`REACH` of the answer, and joined by straight lines in between.

    Parameters
    ----------
    tried : Tried
        Values tried so far; a few are added.
    crossing : Crossing
        The only one.
    target : float
        In the unit of the statistic.
    rng : numpy.random.Generator
        More resamples leave the first as they are.
    resamples : int
    level : float
        Probability of the interval.

    Returns
    -------
    SamplingError

    Raises
    ------
    ValueError
        If the statistic does not reduce the last axis alone.
    """
    draws = tried.values[crossing.low].size
    rows = rng.integers(0, draws, (resamples, draws))
    direction = 1.0 if crossing.rising else -1.0
    # On either side of a step: where nobody is ruined any more, a resample cannot differ.
    spread = float(_resampled(tried, (crossing.low, crossing.high), rows).std(axis=0, ddof=1).max())
    for reach in 2 * REACH:
        for side in (-1.0, 1.0):
            tried(_inverse(tried, direction, target + direction * side * reach * spread))
    levers, _ = tried.curve()
    above = direction * (_resampled(tried, tuple(levers), rows) - target)
    roots = np.sort([_root(levers, row) for row in np.maximum.accumulate(above, axis=1)])
    (first, last), (low, high) = _central(roots, ONE_SIGMA), _central(roots, level)
    error = 0.5 * (last - first) if np.isfinite([first, last]).all() else math.inf
    return SamplingError(error, low, high, level, float(np.mean(~np.isfinite(roots))))


def _resampled(tried: Tried, levers: tuple[float, ...], rows: Array) -> Array:
    """Return the statistic of each resample at each value of the lever, shape (resample, lever)."""
    values = np.stack([tried.values[float(x)] for x in levers])
    found = np.stack([np.asarray(tried.statistic(values[:, row])) for row in rows])
    if found.shape != (len(rows), len(levers)):
        raise ValueError("the statistic does not reduce the last axis alone: give one over axis -1")
    return found


def _inverse(tried: Tried, direction: float, wanted: float) -> float:
    """Read off the curve where the statistic is as wanted; an end of the range where it never is."""
    levers, found = tried.curve()
    heights, first = np.unique(np.maximum.accumulate(direction * found), return_index=True)
    return float(np.interp(direction * wanted, heights, levers[first]))


def _root(levers: Array, above: Array) -> float:
    """Return where a rising curve passes 0, the middle of it if it rests there; infinite if it never does."""
    start, end = int(np.searchsorted(above, 0.0)), int(np.searchsorted(above, 0.0, side="right"))
    if start == end and end in (0, above.size):
        return math.inf if start else -math.inf
    if start < end:
        return 0.5 * float(levers[start] + levers[end - 1])
    return float(np.interp(0.0, above[start - 1 : start + 1], levers[start - 1 : start + 1]))


def _central(ordered: Array, level: float) -> tuple[float, float]:
    """Return the ends of the central part of values in order; order statistics, as infinity has no fractions."""
    tail = 0.5 * (1 - level) * ordered.size
    return float(ordered[int(tail)]), float(ordered[-1 - int(tail)])
