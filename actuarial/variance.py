"""The variance of a forecast split among what is uncertain: first-order, total and Shapley effects, with errors."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from math import comb

import numpy as np

RESAMPLES = 200
"""Sets of draws with which the errors are worked out: a standard error is then known to a twentieth."""


@dataclass(frozen=True)
class Effects:
    """Shares of a variance, by group.

    Attributes
    ----------
    groups : tuple of str
    variance : float
        Of the quantity, in the square of its unit.
    first_order, total, shapley : numpy.ndarray, shape (group,)
        Shares of `variance`: what goes on average when the group alone is known; what stays on average when all else
        is known; and the group's fair part of the whole. The last add up to 1.
    first_order_error, total_error, shapley_error : numpy.ndarray, shape (group,)
        Standard errors from the number of draws; NaN where so few draws vary that the draws, resampled, may not.
    """

    groups: tuple[str, ...]
    variance: float
    first_order: np.ndarray
    total: np.ndarray
    shapley: np.ndarray
    first_order_error: np.ndarray
    total_error: np.ndarray
    shapley_error: np.ndarray


def effects(values: np.ndarray, groups: Sequence[str], rng: np.random.Generator, tied: Collection[str] = ()) -> Effects:
    """Work out the effects of groups from all mixtures of two independent sets of futures.

    Parameters
    ----------
    values : numpy.ndarray, shape (2,) * groups + (draw,)
        A quantity in every mixture: along the axis of a group 0 is its value of the first set and 1 that of the
        second.
    groups : sequence of str
        One for each axis but the last.
    rng : numpy.random.Generator
        Resamples the draws for the errors.
    tied : collection of str
        Groups that are not independent of each other: where some of them are at 1 and others at 0, those at 1 are
        drawn *given* the first set's values of those at 0. All others are independent.

    Returns
    -------
    Effects
        NaN throughout where nothing varies.

    Raises
    ------
    ValueError
        If the shape does not fit the groups, a tied group is none of them, or a value is not finite.

    Notes
    -----
    The cost of not knowing the groups w is c(w) = E Var(Y | all but w). It is half the mean square of the difference
    of two mixtures that share all but w and are independent given what they share (Jansen 1999, Computer Physics
    Communications 117; the pick-freeze form). Every pair of mixtures of which that is true is used. The first-order
    effect is 1 - c(all but g) / c(all), the total effect c(g) / c(all) (Saltelli and others 2010, Computer Physics
    Communications 181). The Shapley effect is the Shapley value of the game c, divided by c(all): the mean over
    orders of what a group adds (Owen 2014, SIAM/ASA Journal on Uncertainty Quantification 2; with dependent groups
    Song, Nelson and Staum 2016 in the same, 4, who show that c and Var E(Y | w) give the same values, and Owen and
    Prieur 2017, 5).
    """
    _check(values, groups, tied)
    count = len(groups)
    squares = _squares(values.reshape(2**count, -1), _bits(groups, tied), count)
    mean = squares.mean(axis=1)
    if not mean[-1] > np.finfo(float).eps ** 1.5 * float(np.square(values).mean()):
        empty = np.full(count, np.nan)
        return Effects(tuple(groups), 0.0, *(empty,) * 6)
    draws = values.shape[-1]
    weights = rng.multinomial(draws, np.full(draws, 1.0 / draws), size=RESAMPLES).T / draws
    costs = (squares @ weights).T
    if costs[:, -1].min() > 0:
        errors = np.array([_shares(cost, count) for cost in costs]).std(axis=0, ddof=1)
    else:
        # A handful of draws make all the variance: leaving out the resamples without them would tell an error of 0.
        errors = np.full((3, count), np.nan)
    return Effects(tuple(groups), float(mean[-1]), *_shares(mean, count), *errors)


def held_share(drawn: np.ndarray, held: np.ndarray, rng: np.random.Generator) -> tuple[float, float]:
    """Work out what goes of a variance when something is held at one course.

    Parameters
    ----------
    drawn, held : numpy.ndarray, shape (draw,)
        The quantity as drawn, and in the same futures with something held.
    rng : numpy.random.Generator
        Resamples the draws for the error.

    Returns
    -------
    tuple of float
        1 less the variance that is left over the whole, and its standard error. Below 0 where the one course at which
        it is held makes the rest matter more. NaN where nothing varies; the error alone where so few draws vary that
        the draws, resampled, may not.
    """
    whole = float(drawn.var())
    if not whole > np.finfo(float).eps ** 1.5 * float(np.square(drawn).mean()):
        return float("nan"), float("nan")
    draws = len(drawn)
    weights = rng.multinomial(draws, np.full(draws, 1.0 / draws), size=RESAMPLES) / draws
    kept, all_of = (_variances(one - one.mean(), weights) for one in (held, drawn))
    known = all_of.min() > np.finfo(float).eps * whole
    return 1.0 - float(held.var()) / whole, float((1.0 - kept / all_of).std(ddof=1)) if known else float("nan")


def _variances(values: np.ndarray, weights: np.ndarray) -> np.ndarray:
    return np.asarray(weights @ values**2 - (weights @ values) ** 2)


def _check(values: np.ndarray, groups: Sequence[str], tied: Collection[str]) -> None:
    faults = []
    if values.ndim != len(groups) + 1 or values.shape[:-1] != (2,) * len(groups) or not groups:
        faults.append(f"values of shape {values.shape} for {len(groups)} groups: give an axis of 2 for each, and draws")
    elif values.shape[-1] < 2:
        faults.append("a single draw: give at least 2")
    faults += [f"{name} is tied and none of the groups: name one of {', '.join(groups)}" for name in tied
               if name not in groups]  # fmt: skip
    if not np.isfinite(values).all():
        faults.append("some values are not finite: give a number in every mixture and draw")
    if faults:
        raise ValueError("\n".join(faults))


def _bits(groups: Sequence[str], tied: Collection[str]) -> int:
    """Return the tied groups as bits; the first group has the highest bit, as in the order of a flat array."""
    return sum(1 << (len(groups) - 1 - n) for n, name in enumerate(groups) if name in tied)


def _squares(flat: np.ndarray, tied: int, count: int) -> np.ndarray:
    """Return half the squared difference for every set of groups, (2 ** count, draw), mean of all pairs that serve."""
    corners = np.arange(2**count)
    out = np.zeros((2**count, flat.shape[1]))
    for unknown in range(1, 2**count):
        # Mixtures of tied groups share what is kept of the first set: only its own corner is drawn without a condition.
        starts = corners[(corners & tied) == 0] if unknown & tied else corners
        out[unknown] = 0.5 * np.square(flat[starts] - flat[starts ^ unknown]).mean(axis=0)
    return out


def _shares(cost: np.ndarray, count: int) -> np.ndarray:
    """Return first-order, total and Shapley effects, (3, group), from the cost of every set."""
    every, whole = 2**count - 1, cost[-1]
    out = np.empty((3, count))
    sets = np.arange(2**count)
    sizes = np.array([int(one).bit_count() for one in sets])
    for n in range(count):
        own = 1 << (count - 1 - n)
        without = sets[(sets & own) == 0]
        weights = np.array([1.0 / (count * comb(count - 1, size)) for size in sizes[without]])
        out[:, n] = (
            1.0 - cost[every ^ own] / whole,
            cost[own] / whole,
            (weights * (cost[without | own] - cost[without])).sum() / whole,
        )
    return out
