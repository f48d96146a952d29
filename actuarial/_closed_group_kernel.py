"""The compiled loops of :mod:`actuarial.closed_group`, apart so that numba is imported late.

Plain loops in one thread, which let go of the interpreter's lock, as in the kernel of the cohorts. Lives of one age
share nothing: each is carried by itself from its own month of age to the end of its table.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numba import njit

# ruff: noqa: PLR0917 - compiled functions take plain numbers by position

Array = np.ndarray

BLOCKS = 64
"""Parts of a group that are added up apart: as many on any count of threads, so that a sum has one order."""


def values(age: Array, table: Array, survival: Array, weight: Array, threads: int | None) -> Array:
    """Value 1 a month, as long as each life lasts.

    Parameters
    ----------
    age : numpy.ndarray of int, shape (n,)
        Months.
    table : numpy.ndarray of int, shape (n,)
        Row of `survival`.
    survival : numpy.ndarray, shape (tables, 13, ages)
        Probability to live from a birthday to each month of the year of age, the last to the next birthday.
    weight : numpy.ndarray, shape (months,)
        What 1 of today is raised to in each month, discounted; to the last birthday of the youngest in the table.
    threads : int, optional
        Threads that share the lives.

    Returns
    -------
    numpy.ndarray, shape (n,)
        Value.
    """
    out, from_birthday = np.empty(age.size), _by_first_birthday(weight)
    compiled: Callable[..., None] = _values

    def fill(part: slice) -> None:
        compiled(age[part], table[part], survival, from_birthday, out[part])

    _shared(fill, _parts(age.size, _count(threads)), threads)
    return out


def payments(age: Array, amount: Array, table: Array, survival: Array, months: int, threads: int | None) -> Array:
    """Add up what is paid to all lives in each month, before it is raised; shapes as in :func:`values`.

    Returns
    -------
    numpy.ndarray, shape (months,)
        Sum over the lives of their amounts and the probability to be alive.
    """
    parts = _parts(age.size, BLOCKS)
    sums = np.zeros((len(parts), months + 11))  # nobody is left in the last year of a table once it has begun
    compiled: Callable[..., None] = _payments

    def fill(number: int) -> None:
        part = parts[number]
        compiled(age[part], amount[part], table[part], survival, sums[number])

    _shared(fill, range(len(parts)), threads)
    total: Array = sums.sum(axis=0)
    return total[:months]


def _by_first_birthday(weight: Array) -> Array:
    """Lay the months out as (months to the first birthday, month of the year of age, year from the birthday)."""
    years = -(-weight.size // 12)
    longer = np.append(weight, np.zeros(12 * years + 12 - weight.size))
    laid = [longer[first : first + 12 * years].reshape(years, 12).T for first in range(13)]
    return np.ascontiguousarray(np.stack(laid))  # the kernel has half the speed on an array of another order


def _count(threads: int | None) -> int:
    return threads or os.cpu_count() or 1


def _parts(lives: int, count: int) -> list[slice]:
    count = min(count, lives)
    return [slice(lives * i // count, lives * (i + 1) // count) for i in range(count)]


def _shared[T](fill: Callable[[T], None], parts: Sequence[T], threads: int | None) -> None:
    count = min(_count(threads), len(parts))
    if count == 1:
        for part in parts:
            fill(part)
        return
    with ThreadPoolExecutor(count) as pool:
        list(pool.map(fill, parts))


@njit(cache=True, nogil=True, fastmath={"reassoc", "nsz"})
def _values(age: Array, table: Array, survival: Array, weight: Array, out: Array) -> None:
    """Fill `out`: a part of a year to the first birthday, then the years side by side; `weight` by first birthday.

    Sums may be taken in the order that suits the processor, which is the same for a life wherever it stands. Places
    are unsigned: whether they count from the end is not asked, which would keep years from going side by side.
    """
    alive = np.empty(survival.shape[2])
    for i in range(age.size):
        first, next_age = 12 - age[i] % 12, np.uint64(age[i] // 12 + 1)
        p, w = survival[table[i]], weight[first]
        begin = total = 0.0
        for k in range(first):
            begin += p[k, next_age - np.uint64(1)] * weight[0, k, 0]
        left = p[first, next_age - np.uint64(1)]
        years = np.uint64(p.shape[1]) - next_age
        for y in range(years):
            alive[y] = left
            left *= p[12, next_age + y]
        for y in range(years):
            x = next_age + y
            year = p[0, x] * w[0, y] + p[1, x] * w[1, y] + p[2, x] * w[2, y] + p[3, x] * w[3, y]
            year += p[4, x] * w[4, y] + p[5, x] * w[5, y] + p[6, x] * w[6, y] + p[7, x] * w[7, y]
            year += p[8, x] * w[8, y] + p[9, x] * w[9, y] + p[10, x] * w[10, y] + p[11, x] * w[11, y]
            total += alive[y] * year
        out[i] = begin + total


@njit(cache=True, nogil=True)
def _payments(age: Array, amount: Array, table: Array, survival: Array, out: Array) -> None:
    """Add to `out`, life after life."""
    for i in range(age.size):
        p, x, first = survival[table[i]], age[i] // 12, 12 - age[i] % 12
        for k in range(first):
            out[k] += amount[i] * p[k, x]
        alive = amount[i] * p[first, x]
        for y in range(p.shape[1] - x - 1):
            for k in range(12):
                out[first + 12 * y + k] += alive * p[k, x + 1 + y]
            alive *= p[12, x + 1 + y]
