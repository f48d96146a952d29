"""The compiled loop of :func:`forecasting.cohort.project`, apart so that numba is imported late.

Plain loops in one thread, which let go of the interpreter's lock: they compile in a second, where
numba's own parallel loops take ten, leave no OpenMP behind that would end a forked process, and run
at the speed of memory. Threads each take a block of draws.
"""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numba import njit

from forecasting.axes import AREAS, MAX_AGE, SEXES

Array = np.ndarray

RURAL, URBAN = AREAS.index("rural"), AREAS.index("urban")
FEMALE = SEXES.index("female")
STRONGEST_RETURN = -50.0
"""Floor of the moving rate: far past the limit that nobody can leave an empty place, it only stops overflow."""


def run(arrays: Sequence[Array], female_share: float, out: Sequence[Array], threads: int | None) -> None:
    """Fill `out`, each draw by one thread alone, so that its sums have one order."""
    draws = len(arrays[0])
    count = min(threads or os.cpu_count() or 1, draws)
    parts = [slice(draws * i // count, draws * (i + 1) // count) for i in range(count)]

    def fill(part: slice) -> None:
        given, filled = [a[part] for a in arrays], [a[part] for a in out]
        compiled: Callable[..., None] = _draws
        compiled(*given, female_share, *filled)

    with ThreadPoolExecutor(count) as pool:
        list(pool.map(fill, parts))


@njit(cache=True, nogil=True)
def _pull(now: Array, speed: float, ceiling: float) -> float:
    """Return the moving rate of the year at a schedule of one."""
    rural = urban = 0.0
    for s in range(2):
        for x in range(MAX_AGE + 1):
            rural += now[RURAL, s, x]
            urban += now[URBAN, s, x]
    if rural <= 0:
        return 0.0
    share = urban / (rural + urban)
    return speed * urban / rural * max(ceiling - share, 0.0) / ceiling


@njit(cache=True, nogil=True)
def _movers(rural: float, urban: float, rate: float) -> float:
    """Return the people of one age who move to town, below zero where they come back."""
    return max(-rural * math.expm1(-max(rate, STRONGEST_RETURN)), -urban)


@njit(cache=True, nogil=True)
def _age(now: Array, survival: Array, schedule: Array, pull: float, end: Array) -> tuple[float, float, float]:
    """Fill `end` from age 1 on; return rural deaths, urban deaths and moves to town."""
    dead = dead_in_town = moved = 0.0
    for s in range(2):
        end[RURAL, s, MAX_AGE] = end[URBAN, s, MAX_AGE] = 0.0
        for x in range(MAX_AGE + 1):
            rural = now[RURAL, s, x] * survival[RURAL, s, x + 1]
            urban = now[URBAN, s, x] * survival[URBAN, s, x + 1]
            dead += now[RURAL, s, x] - rural
            dead_in_town += now[URBAN, s, x] - urban
            move = _movers(rural, urban, pull * schedule[s, x])
            moved += move
            if x < MAX_AGE - 1:
                end[RURAL, s, x + 1], end[URBAN, s, x + 1] = rural - move, urban + move
            else:
                end[RURAL, s, MAX_AGE] += rural - move
                end[URBAN, s, MAX_AGE] += urban + move
    return dead, dead_in_town, moved


@njit(cache=True, nogil=True)
def _births(now: Array, end: Array, asfr: Array) -> float:
    """Return the births of one area in a year; nobody bears children in the year of her own birth."""
    total = 0.0
    for x in range(1, MAX_AGE + 1):
        total += asfr[x] * (now[FEMALE, x] + end[FEMALE, x])
    return total / 2


@njit(cache=True, nogil=True)
def _copy(people: Array, to: Array) -> None:
    for a in range(2):
        for s in range(2):
            for x in range(MAX_AGE + 1):
                to[a, s, x] = people[a, s, x]


@njit(cache=True, nogil=True)
def _draws(  # noqa: PLR0917 - numba drops writes into the fields of a tuple, so that each array comes by itself
    start: Array,
    survival: Array,
    asfr: Array,
    speed: Array,
    ceiling: Array,
    schedule: Array,
    female_share: float,
    population: Array,
    births: Array,
    deaths: Array,
    moves: Array,
) -> None:
    """Fill the last four for some draws."""
    now, end = np.empty((2, 2, MAX_AGE + 1)), np.empty((2, 2, MAX_AGE + 1))
    for d in range(start.shape[0]):
        _copy(start[d], now)
        _copy(now, population[d, :, :, :, 0])
        for t in range(speed.shape[1]):
            alive = survival[d, :, :, :, t]
            pull = _pull(now, speed[d, t], ceiling[d])
            dead, dead_in_town, moved = _age(now, alive, schedule[d], pull, end)
            born = _births(now[RURAL], end[RURAL], asfr[d, RURAL, :, t])
            born_in_town = _births(now[URBAN], end[URBAN], asfr[d, URBAN, :, t])
            for s in range(2):
                share = female_share if s == FEMALE else 1 - female_share
                rural, urban = born * share * alive[RURAL, s, 0], born_in_town * share * alive[URBAN, s, 0]
                dead += born * share - rural
                dead_in_town += born_in_town * share - urban
                move = _movers(rural, urban, pull * schedule[d, s, 0] / 2)
                moved += move
                end[RURAL, s, 0], end[URBAN, s, 0] = rural - move, urban + move
            births[d, RURAL, t], births[d, URBAN, t] = born, born_in_town
            deaths[d, RURAL, t], deaths[d, URBAN, t] = dead, dead_in_town
            moves[d, RURAL, t], moves[d, URBAN, t] = -moved, moved
            _copy(end, population[d, :, :, :, t + 1])
            now, end = end, now
