"""Which contribution tiers members choose."""

from __future__ import annotations

import numpy as np
from scipy.special import ndtr

TIERS = np.array([*range(100, 1001, 100), 1500, 2000], dtype=float)
"""The twelve tiers of State Council 2014 No. 8, art. 4, yuan a year; provinces may add to them."""

HALVINGS = 50
"""Bisections for the median: to 1e-12 of the range tried."""

REACH = 8.0
"""The median is looked for this many spreads below the lowest and above the highest tier."""


def tier_shares(mean: np.ndarray | float, spread: float, tiers: np.ndarray = TIERS) -> np.ndarray:
    """Return the shares of members on each tier whose mean is a given one.

    What members want is log-normal; each takes the tier nearest to it. The
    median wanted is the one under which the tiers taken have the mean given.

    Parameters
    ----------
    mean : float or numpy.ndarray, shape (...,)
        Mean contribution, yuan a year, between the lowest and the highest tier.
    spread : float
        Sd of the log of what is wanted.
    tiers : numpy.ndarray, shape (K,)
        Increasing, yuan a year; the twelve of the State Council if left out.

    Returns
    -------
    numpy.ndarray, shape (..., K)
        Shares, which add up to one.

    Raises
    ------
    ValueError
        If a mean lies outside the tiers, the spread is not over zero, or the tiers do not rise.
    """
    wanted, steps = np.asarray(mean, dtype=float), np.asarray(tiers, dtype=float)
    if not (spread > 0 and len(steps) > 1 and np.all(np.diff(steps) > 0) and steps[0] > 0):
        raise ValueError("the spread must be over 0, and tiers must rise from over 0")
    if not ((wanted > steps[0]) & (wanted < steps[-1])).all():
        raise ValueError(f"a mean contribution lies outside the tiers {steps[0]:g} to {steps[-1]:g}")
    borders = np.log((steps[1:] + steps[:-1]) / 2.0)
    low = np.full(wanted.shape, np.log(steps[0]) - REACH * spread)
    high = np.full(wanted.shape, np.log(steps[-1]) + REACH * spread)
    for _ in range(HALVINGS):
        middle = 0.5 * (low + high)
        above = _shares(middle, spread, borders) @ steps > wanted
        low, high = np.where(above, low, middle), np.where(above, middle, high)
    return _shares(0.5 * (low + high), spread, borders)


def _shares(log_median: np.ndarray, spread: float, borders: np.ndarray) -> np.ndarray:
    below = ndtr((borders - log_median[..., None]) / spread)
    ends = np.zeros((*log_median.shape, 1))
    return np.diff(np.concatenate([ends, below, ends + 1.0], axis=-1), axis=-1)
