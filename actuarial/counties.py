"""Thousands of funds at once, streamed: the quantiles of every county's reserve under every mix of money.

A county is its people and its rates beside those that all counties share (`forecasting.exposures.Regions`), how much
money a head moves there beside the nation, and what its fund holds. A mix is yuan a head and year of every exposure,
positive where money comes in. :func:`value` carries a few counties at a time over all draws, closes their accounts
under every mix, reduces the draws to quantiles and to the probability that the reserve has been empty, and forgets
them: it needs the memory of a few counties, however many there are.

The account is that of :func:`actuarial.fund.project` with flows in mid-year and accounts that may be lent: what there
was on 1 January earns a year's interest, what came in the year half of one, and a reserve never falls below 0.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import DTypeLike

from forecasting._arrays import FREE, NOT_NEGATIVE, array_faults
from forecasting.exposures import GROUP, Drivers, Regions, each

__all__ = ["PROBABILITIES", "Money", "Reserves", "value"]

Array = np.ndarray

PROBABILITIES = (0.025, 0.1, 0.5, 0.9, 0.975)
"""Of the quantiles that :func:`value` gives when none are named: the middle, and intervals of 80 and 95 %."""


class Money(NamedTuple):
    """Money of M mixes, K exposures, T years and D draws in R counties.

    Attributes
    ----------
    per_head : numpy.ndarray, shape (M, K, T, D)
        Yuan a year per head of an exposure; income of the fund above 0, outgo below.
    rate : numpy.ndarray, shape (T, D)
        Earned by the reserve, per year, above -1.
    scale : numpy.ndarray, shape (R, K)
        Money a head of a county over `per_head`.
    opening : numpy.ndarray, shape (R,)
        Reserve at the end of the year before the first, yuan.
    """

    per_head: Array
    rate: Array
    scale: Array
    opening: Array


class Reserves(NamedTuple):
    """What :func:`value` gives.

    Attributes
    ----------
    quantiles : numpy.ndarray, shape (R, M, T, Q)
        Of the reserve at 31 December over the draws, yuan; between two draws in a straight line (type 7 of Hyndman and
        Fan 1996, The American Statistician 50(4)), as `numpy.quantile` gives them.
    depleted_by : numpy.ndarray, shape (R, M, T)
        Share of draws in which the reserve could not pay what was due in this year or an earlier one.
    """

    quantiles: Array
    depleted_by: Array


def value(
    counties: Regions,
    drivers: Drivers,
    weights: Array,
    money: Money,
    *,
    sex_ratio: float,
    probabilities: Sequence[float] = PROBABILITIES,
    dtype: DTypeLike = np.float64,
    threads: int | None = None,
    group: int = GROUP,
    told: Callable[[int], None] | None = None,
) -> Reserves:
    """Value the fund of every county under every mix.

    The same numbers on any count of threads and with any `group`.

    Parameters
    ----------
    counties, drivers, weights, sex_ratio
        As :func:`forecasting.exposures.each` takes them.
    money : Money
    probabilities : sequence of float
        Of the quantiles, 0 to 1, ascending.
    dtype : numpy.dtype, optional
        Of people; money is always float64. float32 is for a quick look: see `forecasting.exposures.each`.
    threads, group : int, optional
        As `forecasting.exposures.each` takes them.
    told : callable, optional
        Takes the number of counties valued so far, after each; from one thread at a time.

    Returns
    -------
    Reserves

    Raises
    ------
    ValueError
        Listing every fault of shape, sign and finiteness.
    """
    weights, probabilities = np.asarray(weights), tuple(probabilities)
    _refuse(_faults(counties, drivers, weights, money, probabilities))
    mixes, _, years, draws = money.per_head.shape
    count = len(counties.start)
    out = Reserves(np.empty((count, mixes, years, len(probabilities))), np.empty((count, mixes, years)))
    per_head, rate = (np.ascontiguousarray(a, dtype=float) for a in (money.per_head, money.rate))
    earned = per_head, 1 + rate, np.sqrt(1 + rate)
    lock, done = threading.Lock(), [0]

    def reduce(place: int, exposures: Array) -> None:
        reserve, emptied = _reserves(exposures, money.scale[place], float(money.opening[place]), earned)
        out.depleted_by[place] = emptied / draws
        out.quantiles[place] = _quantiles(reserve, probabilities)
        if told:
            with lock:
                done[0] += 1
                told(done[0])

    each(counties, drivers, weights, reduce, sex_ratio=sex_ratio, dtype=dtype, threads=threads, group=group)
    return out


def _reserves(
    exposures: Array, scale: Array, opening: float, earned: tuple[Array, Array, Array]
) -> tuple[Array, Array]:
    """Return the reserve of one county, (M, T, D), and in how many draws it has been empty, (M, T)."""
    from actuarial._counties_kernel import reserves

    per_head, growth, half = earned
    out = np.empty((per_head.shape[0], *per_head.shape[2:]))
    emptied = np.empty(out.shape[:2], np.int64)
    compiled: Callable[..., None] = reserves
    people, factors = np.ascontiguousarray(exposures, dtype=float), np.ascontiguousarray(scale, dtype=float)
    compiled(people, per_head, factors, opening, growth, half, out, emptied)
    return out, emptied


def _quantiles(values: Array, probabilities: tuple[float, ...]) -> Array:
    """Return quantiles over the last axis, which is sorted in place: numpy's sort uses SIMD and beats any selection."""
    values.sort(axis=-1)
    places = np.array(probabilities) * (values.shape[-1] - 1)
    below = np.minimum(places.astype(int), max(values.shape[-1] - 2, 0))
    above = np.minimum(below + 1, values.shape[-1] - 1)
    low, high = values[..., below], values[..., above]
    return low + (high - low) * (places - below)


def _refuse(faults: list[str]) -> None:
    if faults:
        raise ValueError("\n".join(faults))


def _faults(
    counties: Regions, drivers: Drivers, weights: Array, money: Money, probabilities: tuple[float, ...]
) -> list[str]:
    """List what is wrong with the money and the probabilities; people are checked where they are carried."""
    count, kinds = len(counties.start), len(np.atleast_1d(weights))
    draws, years = (*drivers.mortality.shape, 0, 0)[:2]
    mixes = len(money.per_head) if money.per_head.ndim else 0
    faults = [] if mixes else ["per_head has no mix"]
    faults += array_faults("per_head", money.per_head, (mixes, kinds, years, draws), FREE)
    faults += array_faults("rate", money.rate, (years, draws), (math.nextafter(-1.0, 0.0), math.inf))
    faults += array_faults("scale", money.scale, (count, kinds), FREE)
    faults += array_faults("opening", money.opening, (count,), NOT_NEGATIVE)
    if not probabilities or sorted(probabilities) != list(probabilities) or not all(0 <= p <= 1 for p in probabilities):
        faults.append(f"probabilities are {probabilities}: give some from 0 to 1, ascending")
    return faults
