"""Statistics over common draws, and their intervals by resampling the draws in pairs."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import numpy as np
from numpy.typing import ArrayLike

Array = np.ndarray

LEVEL = 0.95
"""Of the intervals."""

RESAMPLES = 1000
"""Resamples of the draws, unless told otherwise."""


def reduced(outputs: Mapping[str, ArrayLike], medians: Collection[str] = ()) -> dict[str, float]:
    """Reduce the draws of each output to its statistic: the median where it is named, else the mean.

    Parameters
    ----------
    outputs : mapping of str to array_like, shape (draw,) or ()
    medians : collection of str
        Outputs whose statistic is the median.

    Returns
    -------
    dict of str to float
    """
    return {name: float(_statistic(_flat(values), name in medians)) for name, values in outputs.items()}


class Resampled:
    """The same resamples of draws for every value of every input, so that differences are paired.

    Parameters
    ----------
    rng : numpy.random.Generator
    medians : collection of str
        As for :func:`reduced`.
    resamples : int
    """

    def __init__(self, rng: np.random.Generator, medians: Collection[str] = (), resamples: int = RESAMPLES) -> None:
        self._rng, self._medians, self._resamples = rng, medians, resamples
        self._places: Array | None = None

    def interval(self, name: str, values: ArrayLike, beside: ArrayLike | None = None) -> tuple[float, float]:
        """Return the interval of an output's statistic, or of its difference from that of other values.

        Parameters
        ----------
        name : str
            Of the output.
        values, beside : array_like, shape (draw,) or ()
            On the same draws; a number without draws has no sampling error.

        Returns
        -------
        tuple of float
            Percentiles of the resamples (Efron and Tibshirani 1993, An Introduction to the Bootstrap, section 13.3).
        """
        own = self._statistics(name, values)
        found = own if beside is None else own - self._statistics(name, beside)
        low, high = np.quantile(found, [0.5 * (1.0 - LEVEL), 0.5 * (1.0 + LEVEL)])
        return float(low), float(high)

    def _statistics(self, name: str, values: ArrayLike) -> Array:
        flat = _flat(values)
        if flat.size == 1:
            return np.full(self._resamples, flat[0])
        if self._places is None:
            self._places = self._rng.integers(flat.size, size=(self._resamples, flat.size))
        if self._places.shape[1] != flat.size:
            raise ValueError(
                f"{name} has {flat.size} draws, others {self._places.shape[1]}: give the same draws of all"
            )
        return np.asarray(_statistic(flat[self._places], name in self._medians))


def _flat(values: ArrayLike) -> Array:
    return np.atleast_1d(np.asarray(values, dtype=float))


def _statistic(values: Array, median: bool) -> Array:
    return np.asarray(np.median(values, axis=-1) if median else values.mean(axis=-1))
