"""The compiled loops of the members' accounts: one cohort after the other, draw by draw, in plain numbers."""

from __future__ import annotations

from typing import NamedTuple

import numba
import numpy as np

# ruff: noqa: PLR0917 - compiled functions take plain numbers by position

Array = np.ndarray

(
    CONTRIBUTIONS,
    MATCH,
    COLLECTIVE,
    INTEREST,
    PENSION,
    TAIL,
    INHERITANCE,
    BALANCE,
    PORTED_OUT,
    PORTED_IN,
) = range(10)
"""Places of the flows on the axis that holds them."""

START_AGE = 60
"""Age at which the pension starts under the law, and up to which people may leave for the employee scheme."""


class Law(NamedTuple):
    """Rules of the accounts as the loops read them.

    Attributes
    ----------
    pension_age : numpy.ndarray of int, shape (year + 1,)
        Age from which the pension is drawn in each year, and in the year after the last.
    divisor : numpy.ndarray, shape (age,)
        Months, by age at which the pension starts.
    annuity_from, shared_from : int
        First year, counted from 0, in which a new pension is that of the cohort's annuity,
        and in which what is left at a death stays with the survivors.
    out_share : numpy.ndarray, shape (year,)
        Part of the accounts of leavers that moves out when the pension starts.
    moving : bool
        Some of them do: leavers are followed.
    """

    pension_age: Array
    divisor: Array
    annuity_from: int
    shared_from: int
    out_share: Array
    moving: bool


class World(NamedTuple):
    """One draw, one sex.

    Attributes
    ----------
    people, mortality, factor : numpy.ndarray, shape (age, year)
        Contributors; death rate; relative contribution.
    paths : numpy.ndarray, shape (5, year)
        Yuan per contributor of members, match and collective; growth of money before and after mid-year.
    ported_in : numpy.ndarray, shape (year,)
        Yuan that comes with those whose pension starts.
    start : numpy.ndarray, shape (2, age)
        Account and account pension before the first year.
    kept : numpy.ndarray of int, shape (year,)
        Place of a year among the balances that are kept; -1 if it is not.
    """

    people: Array
    mortality: Array
    factor: Array
    paths: Array
    ported_in: Array
    start: Array
    kept: Array


@numba.njit(cache=True)
def _death(rate: float) -> float:
    """Probability of death in a year, deaths spread evenly over it."""
    return min(1.0, rate / (1.0 + 0.5 * rate))


@numba.njit(cache=True, parallel=True)
def fill_factors(contributors: Array, pension_age: Array, share: float, multiple: Array, factors: Array) -> None:
    """Fill `factors` (draw, age, year), all 1 before; see `actuarial.accounts.age_factors`."""
    draws, sexes, _, years = contributors.shape
    for draw in numba.prange(draws):
        for year in range(years):
            heads, last = 0.0, 0.0
            for sex in range(sexes):
                # One by one into float64: the people may be float32, whose own sum is too coarse for money.
                for age in range(START_AGE):
                    heads += contributors[draw, sex, age, year]
                last += contributors[draw, sex, START_AGE - 1, year]
            if last > 0.0:
                factors[draw, :, year] = 1.0 - share
                # In the year before the pension age rises no cohort has its last year.
                if pension_age[year + 1] == pension_age[year]:
                    factors[draw, pension_age[year] - 1, year] += share * heads / last * multiple[year]


@numba.njit(cache=True)
def annuity(mortality: Array, age: int, year: int, before: float, after: float) -> float:
    """Value on 1 January of one yuan a year for life, paid and lost to death as :func:`_flows` has it.

    Mortality runs along the cohort's diagonal, at the last year's rates after the last year;
    `before` and `after` are those of `year` throughout.
    """
    ages, years = mortality.shape
    total, alive, discount = 0.0, 1.0 / before, 1.0 / (before * after)
    while age < ages - 1 or year < years - 1:
        q = _death(mortality[min(age, ages - 1), min(year, years - 1)])
        total += alive * (1.0 - 0.5 * q)
        alive *= (1.0 - q) * discount
        age += 1
        year += 1
    # From here on the open age at the last year's rate, for ever: a geometric series.
    q = _death(mortality[ages - 1, years - 1])
    return total + alive * (1.0 - 0.5 * q) / (1.0 - (1.0 - q) * discount)


@numba.njit(cache=True)
def _flows(account: float, roll: float, credit: float, q: float, before: float, after: float, shared: bool) -> tuple:
    """One cohort, one year: pension, tail, inheritance, interest, closing balance."""
    there = account * before
    alive = 1.0 - 0.5 * q
    if shared:
        # The whole account of the cohort serves those who live; only the last to die leaves something.
        borne = min(roll, there / alive)
        inheritance = 0.0 if q < 1.0 else there - borne * alive
    else:
        borne = min(roll, there)
        inheritance = q * (there + 0.5 * credit - 0.5 * borne)
    pension = borne * alive
    tail = (roll - borne) * alive
    closing = (there + credit - pension - inheritance) * after
    if borne < roll or closing < 0.0:
        # The account ends in this year: heirs have what rounding would leave.
        inheritance, closing = max(there + credit - pension, 0.0), 0.0
    interest = closing - (account + credit - pension - inheritance)
    return pension, tail, inheritance, interest, closing


@numba.njit(cache=True)
def _leavers(heads: float, stayed: float, account: float, away: float, dormant: float) -> tuple:
    """Persons who left the contributors, and their money, after this year's coming and going.

    Fewer contributors than survived (`stayed`) have left with their part of what active members
    own; more than survived are first of all those who come back.
    """
    if heads < stayed:
        dormant += (1.0 - heads / stayed) * (account - dormant)
        away += stayed - heads
    elif away > 0.0:
        back = min(heads - stayed, away) / away
        dormant *= 1.0 - back
        away *= 1.0 - back
    return away, dormant


@numba.njit(cache=True)
def _start(account: float, dormant: float, age: int, year: int, world: World, law: Law) -> tuple:
    """Turn an account into a pension: what is left and what has come on 1 January, roll, money out and in."""
    before, after = world.paths[3, year], world.paths[4, year]
    moved = law.out_share[year] * dormant / account if account > 0.0 else 0.0
    came = world.ported_in[year]
    ready = account * (1.0 - moved) + came / before
    if year >= law.annuity_from:
        roll = ready / annuity(world.mortality, age, year, before, after)
    else:
        roll = ready * 12.0 / law.divisor[age]
    return ready, roll, moved * account * before, came


@numba.njit(cache=True)
def _book(flows: Array, year: int, entries: tuple) -> None:
    """Add the entries of one cohort and year, in the order of the places of the flows."""
    for place in range(len(entries)):
        flows[place, year] += entries[place]


@numba.njit(cache=True)
def _cohort(k: int, world: World, law: Law, flows: Array, by_age: Array) -> None:
    """Follow one sex of the cohort aged `k` at mid-year of the first year."""
    ages, years = world.people.shape
    account = world.start[0, k] if k >= 0 else 0.0
    paying, shared = k > law.pension_age[0], False
    roll = world.start[1, k] if paying else 0.0
    stayed, away, dormant = 0.0, 0.0, 0.0
    for year in range(max(0, -k), years):
        age, before, after = min(k + year, ages - 1), world.paths[3, year], world.paths[4, year]
        heads = world.people[age, year] if k + year < ages else 0.0
        q = _death(world.mortality[age, year])
        if law.moving and k + year < START_AGE:
            away, dormant = _leavers(heads, stayed, account, away, dormant)
            stayed, away = heads * (1.0 - q), away * (1.0 - q)
        ready, went, came = account, 0.0, 0.0
        if not paying and k + year >= law.pension_age[year]:
            paying, shared = True, year >= law.shared_from
            ready, roll, went, came = _start(account, dormant, age, year, world, law)
        own = heads * world.paths[0, year] * world.factor[age, year]
        top_up, gift = heads * world.paths[1, year], heads * world.paths[2, year]
        pension, tail, heirs, interest, closing = _flows(ready, roll, own + top_up + gift, q, before, after, shared)
        # The account lost `went` and gained `came` at mid-year; `ready` is that as of 1 January.
        interest += ready - account + went - came
        _book(flows, year, (own, top_up, gift, interest, pension, tail, heirs, closing, went, came))
        if world.kept[year] >= 0:
            by_age[age, world.kept[year]] += closing
        account = closing
        roll *= 1.0 - q
        dormant *= before * (1.0 - q) * after


@numba.njit(cache=True, parallel=True)
def carry(
    people: Array,
    mortality: Array,
    factors: Array,
    paths: Array,
    ported_in: Array,
    start: Array,
    kept: Array,
    law: Law,
    flows: Array,
    by_age: Array,
) -> None:
    """Carry every cohort of every draw; add to `flows` (draw, flow, year) and `by_age` (draw, sex, age, kept)."""
    sexes, ages, years = people.shape[1:]
    for draw in numba.prange(flows.shape[0]):
        for sex in range(sexes):
            world = World(
                people[draw % people.shape[0], sex],
                mortality[draw % mortality.shape[0], sex],
                factors[draw % factors.shape[0]],
                paths[draw],
                ported_in[draw % ported_in.shape[0], sex],
                start[draw, :, sex],
                kept,
            )
            # A negative k enters after the first year.
            for k in range(1 - years, ages):
                _cohort(k, world, law, flows[draw], by_age[draw, sex])
