"""Indices of variance of many outputs at once, with the errors of the bootstrap.

The estimators, and what is drawn, are those of SALib's ``analyze.sobol``, which takes one output at a time and is what
the tests hold this against. What a resample needs are means over its rows: with the number of times that it holds each
row, the means of all resamples and all outputs are one product of matrices.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy.stats import norm

Array = np.ndarray

CONFIDENCE = 0.95
"""Of the errors, which are half the width of an interval; SALib's default."""

BLOCK = 64 * 2**20
"""Bytes that the terms of the means may take at once."""


class Indices(NamedTuple):
    """Indices of each output and input, all of shape (O, I); errors are half the width of a 95 % interval.

    Attributes
    ----------
    first, total : numpy.ndarray
        First-order and total index.
    first_error, total_error : numpy.ndarray
    """

    first: Array
    first_error: Array
    total: Array
    total_error: Array


def indices(values: Array, inputs: int, *, resamples: int, seed: int, block: int = BLOCK) -> Indices:
    """Return first-order and total indices of every output.

    Sources: Saltelli and others 2010, Computer Physics Communications 181(2), for the first order; Jansen 1999,
    Computer Physics Communications 117(1-2), for the total.

    Parameters
    ----------
    values : numpy.ndarray, shape (N (I + 2), O)
        Outputs at the rows of a sample of SALib's ``sample.sobol`` without second order; each output moves.
    inputs : int
        I.
    resamples : int
        Of the bootstrap, at least 2; the same rows for every output.
    seed : int
        Of the rows. SALib takes 0 for no seed, and draws others each time.
    block : int, optional
        Bytes to work on at once.

    Returns
    -------
    Indices

    Raises
    ------
    ValueError
        If the rows are no whole number of points.
    """
    step = inputs + 2
    if len(values) % step or not len(values):
        raise ValueError(f"{len(values)} rows are no whole number of points of {step} rows each")
    points = len(values) // step
    drawn = np.random.default_rng(seed).integers(points, size=(points, resamples))
    shares = np.stack([np.bincount(rows, minlength=points) for rows in drawn.T]) / points
    width = max(1, block // (2 * 8 * points * inputs))
    parts = [_some(values[:, i : i + width], shares, step) for i in range(0, values.shape[1], width)]
    return Indices(*(np.concatenate(each) for each in zip(*parts, strict=True)))


def _some(values: Array, shares: Array, step: int) -> Indices:
    """Return the indices of some outputs; `shares`, shape (R, N), are the rows of each resample."""
    scaled = (values - values.mean(axis=0)) / values.std(axis=0)
    scaled = scaled.reshape(-1, step, values.shape[1])
    a, mixed, b = scaled[:, 0], scaled[:, 1:-1], scaled[:, -1]
    steps = mixed - a[:, None]
    terms = np.stack([b[:, None] * steps, steps**2 / 2])  # index, point, input, output
    first, total = terms.mean(axis=1) / np.concatenate([a, b]).var(axis=0)
    # Outputs have mean 0 and variance 1, so that the difference of the two means loses no digits.
    means = shares @ ((a + b) / 2)
    variance = shares @ ((a**2 + b**2) / 2) - means**2
    spreads = [_spread(shares, of_index, variance) for of_index in terms]
    return Indices(first.T, spreads[0].T, total.T, spreads[1].T)


def _spread(shares: Array, terms: Array, variance: Array) -> Array:
    """Return the error of an index, shape (I, O); a resample that does not move has an index of 0."""
    means = (shares @ terms.reshape(len(terms), -1)).reshape(len(shares), *terms.shape[1:])
    moves = variance > np.finfo(float).eps
    found = np.where(moves, 1, 0)[:, None] * means / np.where(moves, variance, 1)[:, None]
    return norm.ppf(0.5 + CONFIDENCE / 2) * found.std(axis=0, ddof=1)
