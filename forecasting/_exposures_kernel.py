"""The compiled loops of :mod:`forecasting.exposures`, apart so that numba is imported late.

What makes them fast: draws lie innermost, in lots of `LANES`, so that every loop over them is one of SIMD lanes; people
are stored by cohort, so that ageing moves nothing; the people of a few regions and one year of the drivers stay in the
cache; and two survival shares, or three with the moves, are made with one division. Every loop over lanes has a length
that the compiler knows, and its arrays are apart, so that it is always the same instructions in the same order: the
sums of a draw do not depend on the regions, the lots and the threads around it.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from forecasting.axes import AREAS, MAX_AGE, SEXES

# ruff: noqa: PLR0917 - compiled functions take plain arrays by position

Array = np.ndarray

LANES = 64
"""Draws of a lot: 101 ages of both sexes are 100 kB, so that four regions fit the second cache."""

AGES = MAX_AGE + 1
RURAL, URBAN = AREAS.index("rural"), AREAS.index("urban")
FEMALE, MALE = SEXES.index("female"), SEXES.index("male")
STRONGEST = 2.0
"""Moving rate at which everybody has moved."""

STRONGEST_RETURN = -1.0
"""Moving rate at which twice as many would return as live in the country; who lives in town bounds them."""


@njit(cache=True, nogil=True, error_model="numpy", fastmath={"contract"})
def _survive(women: Array, men: Array, period: Array, period_men: Array, level: Array, level_men: Array) -> None:
    """Take the deaths of a year from every cohort of both sexes."""
    one = women.dtype.type(1)
    two = women.dtype.type(2)
    for x in range(women.shape[0]):
        f, m = level[x], level_men[x]
        for b in range(LANES):
            rate, rate_men = f * period[x, b], m * period_men[x, b]
            low, low_men = two + rate, two + rate_men
            inverse = one / (low * low_men)
            women[x, b] *= (two - rate) * low_men * inverse
            men[x, b] *= (two - rate_men) * low * inverse


@njit(cache=True, nogil=True, error_model="numpy", fastmath={"contract"})
def _survive_and_move(
    rural: Array, urban: Array, period: Array, level: Array, level_urban: Array, pull: Array, schedule: Array
) -> None:
    """Take the deaths of a year from every cohort of one sex, and let survivors move."""
    one = rural.dtype.type(1)
    two = rural.dtype.type(2)
    strongest, back = rural.dtype.type(STRONGEST), rural.dtype.type(STRONGEST_RETURN)
    for x in range(rural.shape[0]):
        r, u = level[x], level_urban[x]
        for b in range(LANES):
            rate, rate_urban = r * period[x, b], u * period[x, b]
            moving = min(max(pull[b] * schedule[x, b], back), strongest)
            low, low_urban, low_moving = two + rate, two + rate_urban, two + moving
            both = low * low_urban
            inverse = one / (both * low_moving)
            each = low_moving * inverse
            country = rural[x, b] * ((two - rate) * (low_urban * each))
            town = urban[x, b] * ((two - rate_urban) * (low * each))
            move = max(country * (two * moving * (both * inverse)), -town)
            rural[x, b] = country - move
            urban[x, b] = town + move


@njit(cache=True, nogil=True, error_model="numpy", fastmath={"contract"})
def _weigh(total: Array, weights: Array, people: Array) -> None:
    """Add people times weights by age; ages without weight cost nothing."""
    ages = people.shape[0]
    for x in range(0, ages - 3, 4):
        a, b, c, d = weights[x], weights[x + 1], weights[x + 2], weights[x + 3]
        if a != 0 or b != 0 or c != 0 or d != 0:
            for i in range(LANES):
                total[i] += (a * people[x, i] + b * people[x + 1, i]) + (c * people[x + 2, i] + d * people[x + 3, i])
    for x in range(ages - ages % 4, ages):
        a = weights[x]
        if a != 0:
            for i in range(LANES):
                total[i] += a * people[x, i]


@njit(cache=True, nogil=True, error_model="numpy", fastmath={"contract"})
def _count(total: Array, people: Array) -> None:
    """Add people of all ages."""
    ages = people.shape[0]
    for x in range(0, ages - 3, 4):
        for i in range(LANES):
            total[i] += (people[x, i] + people[x + 1, i]) + (people[x + 2, i] + people[x + 3, i])
    for x in range(ages - ages % 4, ages):
        for i in range(LANES):
            total[i] += people[x, i]


@njit(cache=True, nogil=True, error_model="numpy", fastmath={"contract"})
def _bear(born: Array, rates: Array, women: Array) -> None:
    """Add the rates times the women, age by age."""
    ages = women.shape[0]
    for x in range(0, ages - 1, 2):
        for i in range(LANES):
            born[i] += rates[x, i] * women[x, i] + rates[x + 1, i] * women[x + 1, i]
    if ages % 2:
        for i in range(LANES):
            born[i] += rates[ages - 1, i] * women[ages - 1, i]


@njit(cache=True, nogil=True, error_model="numpy")
def _open_age(people: Array) -> None:
    """Let those who reach the open age join those who are in it; the first row is the age below, a year on."""
    for i in range(LANES):
        people[0, i] += people[1, i]


@njit(cache=True, nogil=True, error_model="numpy")
def _newborn(people: Array, born: Array, share: float) -> None:
    """Fill the row of the newborn."""
    for i in range(LANES):
        people[0, i] = born[i] * share


@njit(cache=True, nogil=True, error_model="numpy")
def _pull(pull: Array, half: Array, rural: Array, urban: Array, speed: Array, ceiling: Array) -> None:
    """Fill the moving rate at a schedule of one, and half of it."""
    none = pull.dtype.type(0)
    for i in range(LANES):
        share = urban[i] / (rural[i] + urban[i])
        rate = speed[i] * (urban[i] / rural[i]) * max(ceiling[i] - share, none) / ceiling[i]
        pull[i] = rate if rural[i] > 0 else none
        half[i] = pull[i] / 2


@njit(cache=True, nogil=True)
def _opened(state: Array, start: Array, years: int) -> None:
    """Fill the cohorts that live at the start; cohorts lie in the order of their birth, the youngest first."""
    for g in range(start.shape[0]):
        for a in range(start.shape[1]):
            for s in range(2):
                for x in range(AGES):
                    for i in range(LANES):
                        state[g, a, s, years + x, i] = start[g, a, s, x]


@njit(cache=True, nogil=True)
def _weighed(out: Array, weights: Array, people: Array) -> None:
    """Fill the exposures of one region at the end of one year."""
    for k in range(out.shape[0]):
        total = out[k]
        total[:] = 0
        for a in range(people.shape[0]):
            for s in range(2):
                _weigh(total, weights[k, a, s], people[a, s])


@njit(cache=True, nogil=True)
def one_area(
    start: Array,
    level: Array,
    bearing: Array,
    period: Array,
    asfr: Array,
    first: int,
    weights: Array,
    girls: float,
    out: Array,
) -> None:
    """Carry some regions of one area.

    Parameters
    ----------
    start : numpy.ndarray, shape (G, 1, 2, 101)
    level : numpy.ndarray, shape (G, 1, 2, 102)
    bearing : numpy.ndarray, shape (G, 1)
    period : numpy.ndarray, shape (N, T, 2, 102, LANES)
        Drivers of mortality, in N lots of draws.
    asfr : numpy.ndarray, shape (N, T, F, LANES)
        Of the ages in which any woman bears a child.
    first : int
        The first of them, at least 1.
    weights : numpy.ndarray, shape (T + 1, K, 1, 2, 101)
    girls : float
        Share of girls among the newborn.
    out : numpy.ndarray, shape (N, G, T + 1, K, LANES)
        Gets the exposures.
    """
    lots, years = period.shape[:2]
    last = first + asfr.shape[2]
    state = np.empty((start.shape[0], 1, 2, AGES + years, LANES), out.dtype)
    born = np.empty(LANES, out.dtype)
    for n in range(lots):
        _opened(state, start, years)
        for t in range(years + 1):
            o = years - t  # place of age 0
            for g in range(start.shape[0]):
                _weighed(out[n, g, t], weights[t], state[g, :, :, o : o + AGES])
                if t == years:
                    continue
                women, men = state[g, 0, FEMALE], state[g, 0, MALE]
                died, died_men = level[g, 0, FEMALE], level[g, 0, MALE]
                now, now_men = period[n, t, FEMALE], period[n, t, MALE]
                born[:] = 0
                _bear(born, asfr[n, t], women[o + first : o + last])
                _survive(women[o : o + AGES], men[o : o + AGES], now[1:], now_men[1:], died[1:], died_men[1:])
                _open_age(women[o + AGES - 2 : o + AGES])
                _open_age(men[o + AGES - 2 : o + AGES])
                _bear(born, asfr[n, t], women[o + first - 1 : o + last - 1])
                half = bearing[g, 0] / 2
                _newborn(women[o - 1 : o], born, half * girls)
                _newborn(men[o - 1 : o], born, half * (1 - girls))
                _survive(women[o - 1 : o], men[o - 1 : o], now[:1], now_men[:1], died[:1], died_men[:1])


@njit(cache=True, nogil=True)
def two_areas(
    start: Array,
    level: Array,
    bearing: Array,
    period: Array,
    asfr: Array,
    first: int,
    weights: Array,
    girls: float,
    speed: Array,
    ceiling: Array,
    schedule: Array,
    out: Array,
) -> None:
    """Carry some regions of two areas, with moves between them.

    Parameters are those of :func:`one_area`, with two areas, and

    Parameters
    ----------
    speed : numpy.ndarray, shape (N, T, LANES)
    ceiling : numpy.ndarray, shape (N, G, LANES)
    schedule : numpy.ndarray, shape (N, 2, 101, LANES)
    """
    lots, years = period.shape[:2]
    last = first + asfr.shape[2]
    state = np.empty((start.shape[0], 2, 2, AGES + years, LANES), out.dtype)
    born = np.empty((2, LANES), out.dtype)
    people = np.empty((2, LANES), out.dtype)
    pull = np.empty(LANES, out.dtype)
    half_pull = np.empty(LANES, out.dtype)
    for n in range(lots):
        _opened(state, start, years)
        for t in range(years + 1):
            o = years - t
            for g in range(start.shape[0]):
                alive = state[g, :, :, o : o + AGES]
                _weighed(out[n, g, t], weights[t], alive)
                if t == years:
                    continue
                people[:] = 0
                born[:] = 0
                for a in range(2):
                    for s in range(2):
                        _count(people[a], alive[a, s])
                    _bear(born[a], asfr[n, t], alive[a, FEMALE, first:last])
                _pull(pull, half_pull, people[RURAL], people[URBAN], speed[n, t], ceiling[n, g])
                for s in range(2):
                    now, died, died_urban = period[n, t, s], level[g, RURAL, s], level[g, URBAN, s]
                    country, town = state[g, RURAL, s], state[g, URBAN, s]
                    _survive_and_move(
                        country[o : o + AGES],
                        town[o : o + AGES],
                        now[1:],
                        died[1:],
                        died_urban[1:],
                        pull,
                        schedule[n, s],
                    )
                    _open_age(country[o + AGES - 2 : o + AGES])
                    _open_age(town[o + AGES - 2 : o + AGES])
                for a in range(2):
                    _bear(born[a], asfr[n, t], state[g, a, FEMALE, o + first - 1 : o + last - 1])
                for s in range(2):
                    share = girls if s == FEMALE else 1 - girls
                    now, died, died_urban = period[n, t, s], level[g, RURAL, s], level[g, URBAN, s]
                    country, town = state[g, RURAL, s, o - 1 : o], state[g, URBAN, s, o - 1 : o]
                    _newborn(country, born[RURAL], bearing[g, RURAL] / 2 * share)
                    _newborn(town, born[URBAN], bearing[g, URBAN] / 2 * share)
                    _survive_and_move(country, town, now[:1], died[:1], died_urban[:1], half_pull, schedule[n, s, :1])
