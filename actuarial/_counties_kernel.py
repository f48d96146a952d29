"""The compiled loop of :mod:`actuarial.counties`, apart so that numba is imported late."""

from __future__ import annotations

import numpy as np
from numba import njit

# ruff: noqa: PLR0917 - compiled functions take plain arrays by position

Array = np.ndarray


@njit(cache=True, nogil=True, error_model="numpy")
def _year(balance: Array, net: Array, growth: Array, half: Array, empty: Array, out: Array) -> None:
    """Close a year: what there was earns a year, what came half of one; below 0 there is nothing."""
    for d in range(balance.size):
        closing = balance[d] * growth[d] + net[d] * half[d]
        if closing < 0:
            empty[d] = 1
            closing = 0.0
        balance[d] = closing
        out[d] = closing


@njit(cache=True, nogil=True, error_model="numpy")
def _flow(net: Array, before: Array, after: Array, per_head: Array, scale: float) -> None:
    """Add the money of one exposure: its mean of both ends of the year, times yuan a head."""
    half = scale / 2
    for d in range(net.size):
        net[d] += half * (before[d] + after[d]) * per_head[d]


@njit(cache=True, nogil=True, error_model="numpy")
def reserves(
    exposures: Array,
    per_head: Array,
    scale: Array,
    opening: float,
    growth: Array,
    half: Array,
    out: Array,
    emptied: Array,
) -> None:
    """Fill the reserve of one county under every mix.

    Parameters
    ----------
    exposures : numpy.ndarray, shape (K, T + 1, D)
    per_head : numpy.ndarray, shape (M, K, T, D)
    scale : numpy.ndarray, shape (K,)
    opening : float
    growth, half : numpy.ndarray, shape (T, D)
        1 plus the rate earned, and its square root.
    out : numpy.ndarray, shape (M, T, D)
        Gets the reserve.
    emptied : numpy.ndarray of int, shape (M, T)
        Gets the number of draws in which the reserve has been empty by the end of a year.
    """
    draws = exposures.shape[2]
    net, balance, empty = np.empty(draws), np.empty(draws), np.empty(draws, np.int64)
    for m in range(per_head.shape[0]):
        balance[:] = opening
        empty[:] = 0
        for t in range(per_head.shape[2]):
            net[:] = 0.0
            for k in range(per_head.shape[1]):
                _flow(net, exposures[k, t], exposures[k, t + 1], per_head[m, k, t], scale[k])
            _year(balance, net, growth[t], half[t], empty, out[m, t])
            emptied[m, t] = empty.sum()
