"""Inequality between groups of people: the indices of Theil and Gini."""

from __future__ import annotations

import numpy as np

Array = np.ndarray


def theil(value: Array, weight: Array) -> Array:
    """Theil index T of a positive value between regions.

    Parameters
    ----------
    value, weight : numpy.ndarray, shape (region, ...)
        Value per head, not negative, and heads; a region without either counts for nothing.

    Returns
    -------
    numpy.ndarray, shape (...)
        ``sum(w x ln x)`` with ``w`` the parts of the heads and ``x`` the value over
        its mean; 0 where all are equal (Theil, Economics and Information Theory, 1967).
    """
    heads = part_of(weight, weight.sum(axis=0))
    relative = part_of(value, (heads * value).sum(axis=0))
    logs = np.log(np.where(relative > 0, relative, 1.0))
    index: Array = (heads * relative * logs).sum(axis=0)
    return index


def gini(value: Array, weight: Array) -> Array:
    """Gini index of a value that is not negative between regions.

    Parameters
    ----------
    value, weight : numpy.ndarray, shape (region, ...)
        Value per head and heads.

    Returns
    -------
    numpy.ndarray, shape (...)
        Half the mean difference between two people over the mean value.
    """
    heads = part_of(weight, weight.sum(axis=0))
    mean = (heads * value).sum(axis=0)
    apart = np.zeros_like(mean)
    # Region against region: a sum over pairs in memory of one region at a time.
    for place in range(value.shape[0]):
        apart = apart + heads[place] * (heads * np.abs(value - value[place])).sum(axis=0)
    return part_of(apart / 2, mean)


def part_of(part: Array, whole: Array) -> Array:
    """Divide; 0 where the whole is 0, as nothing is to be shared there."""
    return np.divide(part, whole, out=np.zeros(np.broadcast(part, whole).shape), where=np.asarray(whole) > 0)
