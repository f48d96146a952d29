"""Break-even: the value of a lever at which a statistic over draws meets its target, with its sampling error.

"Which share of land income keeps the probability of an empty fund at 5 %?" Every
value of the lever is valued on the same draws, so that the answer moves with the
lever and not with the luck of the draws. A probability over N draws is a step
function of the lever: it meets a target of whole draws along a plateau, and leaps
over any other. The answer is therefore two values tried, between which the
statistic passes the target, and their middle.

The sampling error is that of the N draws, which more draws would make smaller. What
is not known of the future is in the statistic itself.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from actuarial._breakeven_error import SamplingError, sampling_error
from actuarial._breakeven_search import Crossing, Measure, Statistic, Tried, crossings

__all__ = ["BreakEven", "Crossing", "Measure", "SamplingError", "Statistic", "break_even", "probability", "quantile"]

Array = np.ndarray

FINENESS = 1e-4
"""Part of the range to which an edge of the answer is sought, unless told otherwise."""

MESH = 5
"""Values tried to begin with, the ends of the range among them, unless told otherwise."""

RESAMPLES = 1000
"""Resamples of the draws for the sampling error, unless told otherwise."""

ROUNDING = 1e-12
"""Part of the statistic's largest size up to which a step back is rounding."""


@dataclass(frozen=True)
class BreakEven:
    """The value of a lever that meets a target, or that there is none.

    Attributes
    ----------
    target : float
        In the unit of the statistic.
    low, high : float
        The range searched, in the lever's unit.
    crossings : tuple of Crossing
        Where the target is met, in the order of the lever.
    tried, statistic : numpy.ndarray, shape (n,)
        All values tried, rising, and the statistic at each.
    error : SamplingError or None
        None if it was not asked for, if there is not one crossing, or if the statistic does not pass the target there.
    """

    target: float
    low: float
    high: float
    crossings: tuple[Crossing, ...]
    tried: Array
    statistic: Array
    error: SamplingError | None

    @property
    def value(self) -> float:
        """The middle of the only crossing, in the lever's unit; NaN if there is none or more than one."""
        return self.crossings[0].middle if len(self.crossings) == 1 else math.nan

    @property
    def within(self) -> bool:
        """Whether a value tried within the range meets the target, or values on both sides of it."""
        return bool(self.crossings)

    @property
    def evaluations(self) -> int:
        """How often the lever was measured, for the answer and for its error."""
        return self.tried.size

    @property
    def monotone(self) -> bool:
        """Whether the statistic only rises or only falls over the values tried."""
        moves = np.diff(self.statistic)
        slack = ROUNDING * float(np.abs(self.statistic).max())
        return bool((moves >= -slack).all() or (moves <= slack).all())

    def explain(self) -> str:
        """Say the answer in one line, in the lever's unit and that of the statistic.

        Returns
        -------
        str
            In English.
        """
        searched = f"{self.low:.6g}..{self.high:.6g}"
        if not self.crossings:
            least, most = self.statistic.min(), self.statistic.max()
            told = f"not within {searched}: the statistic is {least:.6g} to {most:.6g}, the target is {self.target:.6g}"
        else:
            told = " and ".join(f"{c.middle:.6g} ({c.low:.6g} to {c.high:.6g})" for c in self.crossings)
        if len(self.crossings) > 1:
            told += f": met {len(self.crossings)} times within {searched}"
        if self.error is not None:
            told += f", sampling error {self.error.standard_error:.2g}"
        return told if self.monotone else f"{told}; the statistic does not only rise or only fall"


def probability(flags: Array) -> Array:
    """Probability of an event, as the part of the draws in which it comes.

    Parameters
    ----------
    flags : numpy.ndarray, shape (..., draw)
        1 where it comes, else 0.

    Returns
    -------
    numpy.ndarray, shape (...)

    Raises
    ------
    ValueError
        If a value is neither 0 nor 1.
    """
    if not np.isin(flags, (0, 1)).all():
        raise ValueError("a probability is that of flags: measure whether the event comes, 1 or 0 in each draw")
    return np.mean(flags, axis=-1)


def quantile(level: float) -> Callable[[Array], Array]:
    """Make the statistic that is a quantile over draws.

    Parameters
    ----------
    level : float
        Between 0 and 1; 0.5 is the median.

    Returns
    -------
    callable
        From values of shape (..., draw) to quantiles of shape (...), in the same unit; linear between draws.

    Raises
    ------
    ValueError
        If `level` is not between 0 and 1.
    """
    if not 0 < level < 1:
        raise ValueError(f"a quantile of level {level:g}: give a level between 0 and 1")
    return lambda values: np.quantile(values, level, axis=-1)


def break_even(
    measure: Measure,
    statistic: Statistic,
    target: float,
    low: float,
    high: float,
    *,
    tolerance: float | None = None,
    mesh: int = MESH,
    rng: np.random.Generator | None = None,
    resamples: int = RESAMPLES,
    level: float = 0.95,
) -> BreakEven:
    """Find the value of a lever at which a statistic over draws meets its target.

    Parameters
    ----------
    measure : callable
        From a value of the lever to what is measured: flags or numbers over (draw,), the same draws at every value.
    statistic : callable
        From values of shape (..., draw) to the statistic of shape (...), such as :func:`probability`,
        ``quantile(0.1)``, or a mean over the last axis.
    target : float
        In the unit of the statistic.
    low, high : float
        The range searched, in the lever's unit.
    tolerance : float, optional
        How near to the edges of the answer the search goes, in the lever's unit; :data:`FINENESS` of the range if left
        out.
    mesh : int
        Evenly spaced values to begin with. A statistic that turns back between two of them, to the side of the target
        from which it came, is not seen to.
    rng : numpy.random.Generator, optional
        Its own named stream. With it the answer has its sampling error, by a bootstrap of the draws, at no more than
        eight further values of the lever. Draws are taken as independent. The bootstrap needs some draws on either
        side of a probability or quantile, say five; nearer to 0 or 1 its error is too small.
    resamples : int
        Resamples of the bootstrap.
    level : float
        Probability of its interval.

    Returns
    -------
    BreakEven

    Raises
    ------
    ValueError
        If the request makes no sense, all its faults at once; if what is measured is not one finite number a draw, or
        not on the same draws each time; if the statistic is no finite number, or reduces other axes than the last.

    Notes
    -----
    Efron and Tibshirani, An Introduction to the Bootstrap (1993), chapter 13, for the percentile interval.

    Examples
    --------
    >>> reserve = np.array([1.0, 2.0, 3.0, 4.0])
    >>> found = break_even(lambda cut: reserve < cut, probability, 0.5, 0.0, 5.0, tolerance=1e-6)
    >>> round(found.crossings[0].low, 3), round(found.crossings[0].high, 3), round(found.value, 3)
    (2.0, 3.0, 2.5)
    """
    step = FINENESS * (high - low) if tolerance is None else tolerance
    _check(target, low, high, step=step, mesh=mesh, resamples=resamples, level=level)
    tried = Tried(measure, statistic)
    met = crossings(tried, target, np.linspace(low, high, mesh), step)
    error = None
    if rng is not None and len(met) == 1 and met[0].passes(target):
        error = sampling_error(tried, met[0], target, rng=rng, resamples=resamples, level=level)
    return BreakEven(float(target), float(low), float(high), met, *tried.curve(), error)


def _check(target: float, low: float, high: float, *, step: float, mesh: int, resamples: int, level: float) -> None:
    """Raise one error that lists every fault of a request."""
    faults = []
    if not np.isfinite(target):
        faults.append(f"a target of {target}: give a number")
    if not (np.isfinite([low, high]).all() and low < high):
        faults.append(f"a range of {low:g} to {high:g}: give two numbers, the smaller one first")
    elif not step >= 8 * np.spacing(max(abs(low), abs(high))):
        faults.append(f"a tolerance of {step:g}: give a length above 0 that numbers of this size can tell")
    if mesh < 2:
        faults.append(f"{mesh} values to begin with: give at least 2, the ends of the range")
    if resamples < 2:
        faults.append(f"{resamples} resamples: give at least 2")
    if not 0 < level < 1:
        faults.append(f"an interval of level {level:g}: give a level between 0 and 1")
    if faults:
        raise ValueError("; ".join(faults))
