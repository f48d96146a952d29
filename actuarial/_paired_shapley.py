"""What each of several measures adds to a package, whatever their order: Shapley values, interactions, extremes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import combinations
from math import comb
from typing import NamedTuple

import numpy as np

Array = np.ndarray
Value = Callable[[frozenset[str]], Array]

EXACT_UP_TO = 8
"""Measures for which all sets are worked out: 256 runs of 8 measures. Beyond, orders are sampled."""

PAIRS = 200
"""Pairs of an order and its reverse that are sampled, unless another number is asked for."""


class Shapley(NamedTuple):
    """Shapley values of measures.

    Attributes
    ----------
    measures : tuple of str
        Names along the first axis of the arrays.
    part : numpy.ndarray, shape (measure, ...)
        In the unit of the value; adds up over measures to package less nothing.
    error : numpy.ndarray, shape (measure, ...)
        Standard error from the sampling of orders; 0 where all sets were worked out.
    orders : int
        Orders sampled; 0 where all sets were worked out.
    """

    measures: tuple[str, ...]
    part: Array
    error: Array
    orders: int


class Coalitions:
    """The values of sets of measures, each worked out once.

    Itself such a function: wrap a costly value in it, and hand it to several functions of this room.

    Parameters
    ----------
    value : callable
        From a set of measures, the empty one included, to an array of always the same shape.

    Attributes
    ----------
    seen : dict
        From each set asked for so far to a copy of its value, as float.
    """

    def __init__(self, value: Value) -> None:
        self.seen: dict[frozenset[str], Array] = {}
        self._value = value

    def __call__(self, chosen: Iterable[str]) -> Array:
        """Return the value of a set; `ValueError` if its shape is not that of the others."""
        key = frozenset(chosen)
        if key not in self.seen:
            array = np.array(self._value(key), dtype=float)
            first = next(iter(self.seen.values()), array)
            if array.shape != first.shape:
                raise ValueError(f"{said(key)}: its value has shape {array.shape}, others have {first.shape}")
            self.seen[key] = array
        return self.seen[key]


def shapley(
    value: Value,
    measures: Sequence[str],
    *,
    rng: np.random.Generator | None = None,
    pairs: int = PAIRS,
    exact_up_to: int = EXACT_UP_TO,
) -> Shapley:
    """Share the value of a package among its measures: the mean of what each adds over all orders.

    Parameters
    ----------
    value : callable
        From a set of measures to an array, such as a balance over draws; every set must be run on the same draws.
        Each set is asked for once.
    measures : sequence of str
        The package, without repetition.
    rng : numpy.random.Generator, optional
        A stream of its own, from which orders are sampled; needed beyond `exact_up_to` only.
    pairs : int
        Orders that are sampled, each together with its reverse; at least 2.
    exact_up_to : int
        Number of measures up to which all ``2^n`` sets are worked out.

    Returns
    -------
    Shapley
        Adds up to the package exactly, sampled or not: what is added along any order does.

    Raises
    ------
    ValueError
        If there are no measures or one is named twice; if orders must be sampled and there is no stream, or there
        are fewer than two pairs; if the values differ in shape.

    Notes
    -----
    Shapley, A value for n-person games (1953), is the only share that adds up, treats alike measures alike, gives
    nothing to a measure that does nothing, and of two values added gives the sum of the shares. Beyond `exact_up_to`:
    Castro, Gómez and Tejada, Computers & Operations Research 36 (2009) 1726-1730, with antithetic orders as in
    Mitchell, Cooper, Frank and Holmes, Journal of Machine Learning Research 23 (2022), no. 43. An order and its
    reverse give together the exact share of every value in which measures meet in pairs only.

    Examples
    --------
    >>> reach = {frozenset(): 0, frozenset("a"): 1, frozenset("b"): 2, frozenset("ab"): 5}
    >>> shapley(lambda chosen: reach[chosen], ("a", "b")).part
    array([2., 3.])
    """
    names = distinct(measures)
    values = coalitions(value)
    if len(names) <= exact_up_to:
        whole = np.stack([sum(w * added for w, added in _weighted(values, names, name)) for name in names])
        return Shapley(names, whole, np.zeros_like(whole), 0)
    if rng is None:
        raise ValueError(f"{len(names)} measures: beyond {exact_up_to} orders are sampled, which needs a stream `rng`")
    if pairs < 2:
        raise ValueError(f"{pairs} pairs of orders: give at least 2, or there is no standard error")
    return _sampled(values, names, rng, pairs)


def interactions(value: Value, measures: Sequence[str], *, exact_up_to: int = EXACT_UP_TO) -> Array:
    """Tell how far pairs of measures help or hinder each other.

    Parameters
    ----------
    value, measures, exact_up_to
        As in :func:`shapley`.

    Returns
    -------
    numpy.ndarray, shape (measure, measure, ...)
        In the unit of the value; symmetric, NaN on the diagonal. Above 0 two measures add more together than apart,
        below 0 one stands in for the other. The Shapley interaction index of Grabisch and Roubens, International
        Journal of Game Theory 28 (1999) 547-565: the mean, over sets of the others, all sizes alike, of
        ``v(S + i + j) - v(S + i) - v(S + j) + v(S)``.

    Raises
    ------
    ValueError
        As :func:`shapley`, and if there are more measures than `exact_up_to`.
    """
    names = distinct(measures)
    _all_sets(names, exact_up_to)
    values = coalitions(value)
    index = np.full((len(names), len(names), *values(()).shape), np.nan)
    for (i, one), (j, two) in combinations(enumerate(names), 2):
        total = np.zeros(index.shape[2:])
        for weight, others in _subsets([n for n in names if n not in {one, two}]):
            together = values(others | {one, two}) - values(others | {one})
            total = total + weight * (together - (values(others | {two}) - values(others)))
        index[i, j] = index[j, i] = total
    return index


def order_range(value: Value, measures: Sequence[str], *, exact_up_to: int = EXACT_UP_TO) -> tuple[Array, Array]:
    """Return the least and the most that each measure can add, as measures before it change.

    Parameters
    ----------
    value, measures, exact_up_to
        As in :func:`shapley`.

    Returns
    -------
    tuple of numpy.ndarray, each of shape (measure, ...)
        Element by element: to range over orders what is expected, let the value be the mean of its draws. Equal where
        order does not matter; the Shapley value lies between.

    Raises
    ------
    ValueError
        As :func:`interactions`.
    """
    names = distinct(measures)
    _all_sets(names, exact_up_to)
    values = coalitions(value)
    for _, chosen in _subsets(names):
        values(chosen)
    return seen_range(values, names)


def seen_range(values: Coalitions, names: Sequence[str]) -> tuple[Array, Array]:
    """Least and most that each measure adds to the sets worked out so far, each of shape (measure, ...)."""
    seen = values.seen
    added = [[seen[s | {n}] - seen[s] for s in seen if n not in s and s | {n} in seen] for n in names]
    return np.stack([np.min(a, axis=0) for a in added]), np.stack([np.max(a, axis=0) for a in added])


def coalitions(value: Value) -> Coalitions:
    """Wrap a value so that each set is worked out once, unless it is wrapped."""
    return value if isinstance(value, Coalitions) else Coalitions(value)


def distinct(measures: Sequence[str]) -> tuple[str, ...]:
    """Check that there are measures and that none is named twice; `ValueError` if not."""
    names = tuple(measures)
    if not names:
        raise ValueError("there are no measures: a package has at least one")
    twice = sorted({n for n in names if names.count(n) > 1})
    if twice:
        raise ValueError(f"measures named twice: {', '.join(twice)}")
    return names


def _sampled(values: Coalitions, names: tuple[str, ...], rng: np.random.Generator, pairs: int) -> Shapley:
    """Mean and standard error over pairs of orders, by the recursion of Welford (Technometrics 4, 1962)."""
    mean = np.zeros((len(names), *values(()).shape))
    squares = np.zeros_like(mean)
    for k in range(1, pairs + 1):
        order = rng.permutation(len(names))
        both = (_along(values, names, order) + _along(values, names, order[::-1])) / 2
        step = both - mean
        mean = mean + step / k
        squares = squares + step * (both - mean)
    return Shapley(names, mean, np.sqrt(squares / (pairs - 1) / pairs), 2 * pairs)


def _along(values: Coalitions, names: tuple[str, ...], order: Array) -> Array:
    """Return what each measure adds when they come in one order, in the order of the names."""
    reached = [values(names[k] for k in order[:size]) for size in range(len(names) + 1)]
    added = np.empty((len(names), *reached[0].shape))
    added[order] = np.diff(reached, axis=0)
    return added


def _weighted(values: Coalitions, names: tuple[str, ...], name: str) -> Iterator[tuple[float, Array]]:
    """Give what a measure adds to each set of the others, with the part of all orders in which these come before."""
    for weight, before in _subsets([n for n in names if n != name]):
        yield weight, values(before | {name}) - values(before)


def _subsets(names: Sequence[str]) -> Iterator[tuple[float, frozenset[str]]]:
    """All sets of some names; every size has the same weight, which its sets share. The weights add up to 1."""
    for size in range(len(names) + 1):
        weight = 1 / ((len(names) + 1) * comb(len(names), size))
        for chosen in combinations(names, size):
            yield weight, frozenset(chosen)


def _all_sets(names: Sequence[str], exact_up_to: int) -> None:
    """Refuse to work out all sets of too many measures."""
    if len(names) > exact_up_to:
        raise ValueError(
            f"{len(names)} measures have {2 ** len(names)} sets: give fewer, or `exact_up_to={len(names)}` to run all"
        )


def said(chosen: frozenset[str]) -> str:
    """Name a set as an error does."""
    return " + ".join(sorted(chosen)) or "no measure"
