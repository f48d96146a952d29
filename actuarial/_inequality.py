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
    value, weight = np.broadcast_arrays(value, weight)
    order = np.argsort(value, axis=0)
    ranked, heads = (np.take_along_axis(a, order, axis=0) for a in (value, weight))
    heads = part_of(heads, heads.sum(axis=0))
    # Twice the area under the Lorenz curve, by trapezia; the index is what it leaves of 1.
    reached = np.cumsum(heads * ranked, axis=0)
    area = 2 * (heads * reached).sum(axis=0) - (heads * heads * ranked).sum(axis=0)
    whole = reached[-1]
    return np.where(whole > 0, 1 - part_of(area, whole), 0.0)


def part_of(part: Array, whole: Array) -> Array:
    """Divide; 0 where the whole is 0, as nothing is to be shared there."""
    return np.divide(part, whole, out=np.zeros(np.broadcast(part, whole).shape), where=np.asarray(whole) > 0)
