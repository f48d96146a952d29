"""The compiled loops of the time bank: hours of every sex and cohort, year by year, draw by draw, in plain numbers."""

from __future__ import annotations

from typing import NamedTuple

import numba
import numpy as np

# ruff: noqa: PLR0917 - compiled functions take plain numbers by position

Array = np.ndarray

(
    SUPPLY,
    WORKED,
    EARNED,
    GIVEN,
    NEEDED,
    CLAIMED,
    REDEEMED,
    BOUGHT,
    LAPSED_BY_DEATH,
    LAPSED_BY_LEAVING,
    OWED,
    MEMBERS,
) = range(12)
"""Places of the flows on the axis that holds them."""

_HOURS, _PEOPLE, _STAYED = range(3)
"""What is carried of each age: hours owed and members on 1 January; part of those of earning age who did not leave."""

_SUPPLIED, _WANTED, _ASKED, _ALIVE, _LEFT = range(5)
"""What is worked out of each age in a year before anybody is served."""


class Rules(NamedTuple):
    """Rules of the bank as the loops read them.

    Attributes
    ----------
    joined : numpy.ndarray, shape (year,)
        Part of the healthy who work for the bank; 0 in years in which none can.
    earn_from, earn_to, company_from : int
        Ages.
    given, helped, company, cap : float
        Hours per head: given and wanted in a year; most that may be owed.
    leaving, lapsing : float
        Extra part of those of earning age who leave in a year; part of leavers' hours that lapses.
    buying : numpy.ndarray of bool, shape (year,)
        Hours that the working cannot give are bought; else they wait.
    """

    joined: Array
    earn_from: int
    earn_to: int
    company_from: int
    given: float
    helped: float
    company: float
    cap: float
    leaving: float
    lapsing: float
    buying: Array


@numba.njit(cache=True)
def _death(rate: float) -> float:
    """Probability of death in a year, deaths spread evenly over it."""
    return min(1.0, rate / (1.0 + 0.5 * rate))


@numba.njit(cache=True)
def _age_on(state: Array) -> None:
    """Move what is carried to the next age; the open age keeps its own and takes in those who reach it."""
    last = state.shape[2] - 1
    for sex in range(state.shape[1]):
        own_hours, own_people = state[_HOURS, sex, last], state[_PEOPLE, sex, last]
        for age in range(last, 0, -1):
            state[:, sex, age] = state[:, sex, age - 1]
        state[_HOURS, sex, last] += own_hours
        state[_PEOPLE, sex, last] += own_people
        state[_HOURS, sex, 0], state[_PEOPLE, sex, 0], state[_STAYED, sex, 0] = 0.0, 0.0, 1.0


@numba.njit(cache=True)
def _gone(population: Array, mortality: Array, sex: int, age: int, year: int) -> float:
    """Part of the survivors of an age group that has left since the middle of the year before; 0 if some came."""
    if year == 0:
        return 0.0
    last = population.shape[1] - 1
    expected = 0.0
    # The open age holds those who came into it and those who were in it.
    for before in range(age - 1, age + 1 if age == last else age):
        q = _death(mortality[sex, before, year - 1])
        there = 0.5 * (population[sex, before, year - 1] + population[sex, before, year])
        expected += there * (1.0 - q) / (1.0 - 0.5 * q)
    expected *= 1.0 - 0.5 * _death(mortality[sex, age, year])
    now = 0.5 * (population[sex, age, year] + population[sex, age, year + 1])
    return max(1.0 - now / expected, 0.0) if expected > 0.0 else 0.0


@numba.njit(cache=True)
def _leave(rules: Rules, sex: int, age: int, gone: float, state: Array, work: Array) -> None:
    """Let leavers go: those of the projection (`gone`) and, of earning age, those beyond it."""
    extra = rules.leaving if rules.earn_from <= age <= rules.earn_to else 0.0
    lapsing = rules.lapsing * (1.0 - (1.0 - gone) * (1.0 - extra))
    state[_STAYED, sex, age] *= 1.0 - extra
    work[_LEFT, sex, age] = lapsing * state[_HOURS, sex, age]
    state[_HOURS, sex, age] -= work[_LEFT, sex, age]
    # Leavers whose hours do not lapse stay members: they ask for their hours later.
    state[_PEOPLE, sex, age] *= 1.0 - lapsing


@numba.njit(cache=True)
def _prepare(
    population: Array,
    mortality: Array,
    healthy: Array,
    help_: Array,
    rules: Rules,
    year: int,
    state: Array,
    work: Array,
) -> None:
    """Let leavers go and work out, for each age, what can be given, what is wanted and what members may ask for."""
    for sex in range(population.shape[0]):
        for age in range(1, population.shape[1]):
            _leave(rules, sex, age, _gone(population, mortality, sex, age, year), state, work)
            there = 0.5 * (population[sex, age, year] + population[sex, age, year + 1]) * state[_STAYED, sex, age]
            earning = rules.earn_from <= age <= rules.earn_to
            workers = there * healthy[age] * rules.joined[year] if earning else 0.0
            needy, old = help_[age, year], 1.0 if age >= rules.company_from else 0.0
            a_head = needy * rules.helped + (1.0 - needy) * old * rules.company
            mine = state[_HOURS, sex, age] * (needy + (1.0 - needy) * old)
            alive = 1.0 - 0.5 * _death(mortality[sex, age, year])
            work[_SUPPLIED, sex, age] = workers * rules.given
            work[_WANTED, sex, age] = there * a_head if age >= rules.earn_from else 0.0
            # Nobody is served beyond what those who may ask are owed.
            work[_ASKED, sex, age] = min(state[_PEOPLE, sex, age] * a_head, mine)
            work[_ALIVE, sex, age] = alive
            # Who works in the year is a member from its middle on.
            state[_PEOPLE, sex, age] = max(state[_PEOPLE, sex, age] * alive, workers) / alive


@numba.njit(cache=True)
def _serve(work: Array, rules: Rules, year: int, flows: Array) -> tuple:
    """Match hours asked for with hours that can be given; return the part worked and the part of claims honoured."""
    supply, wanted, claimed = 0.0, 0.0, 0.0
    for sex in range(work.shape[1]):
        for age in range(work.shape[2]):
            supply += work[_SUPPLIED, sex, age]
            wanted += work[_WANTED, sex, age]
            claimed += work[_ASKED, sex, age] * work[_ALIVE, sex, age]
    # Members come first; those who are owed nothing get what is left, and so the first hours are earned.
    by_members = min(supply, claimed)
    worked = min(supply, max(wanted, claimed))
    bought = claimed - by_members if rules.buying[year] else 0.0
    flows[SUPPLY, year], flows[NEEDED, year], flows[CLAIMED, year] = supply, wanted, claimed
    flows[WORKED, year], flows[BOUGHT, year] = worked, bought
    honoured = (by_members + bought) / claimed if claimed > 0.0 else 1.0
    return (worked / supply if supply > 0.0 else 0.0), honoured


@numba.njit(cache=True)
def _write(flows: Array, of_cohort: Array, year: int, born: int, entries: tuple) -> None:
    """Add what one age earned, redeemed and lost to the year and to the cohort."""
    earned, redeemed, died, left = entries
    flows[EARNED, year] += earned
    flows[REDEEMED, year] += redeemed
    flows[LAPSED_BY_DEATH, year] += died
    flows[LAPSED_BY_LEAVING, year] += left
    of_cohort[0, born] += earned
    of_cohort[1, born] += redeemed
    of_cohort[2, born] += died
    of_cohort[3, born] += left


@numba.njit(cache=True)
def _book(
    mortality: Array,
    rules: Rules,
    year: int,
    part: float,
    honoured: float,
    state: Array,
    work: Array,
    flows: Array,
    of_cohort: Array,
) -> None:
    """Credit, redeem and lapse the hours of each age, close the year, and write all down by cohort too."""
    for sex in range(state.shape[1]):
        for age in range(1, state.shape[2]):
            q = _death(mortality[sex, age, year])
            hours, people = state[_HOURS, sex, age], state[_PEOPLE, sex, age]
            given = part * work[_SUPPLIED, sex, age]
            room = max(rules.cap * people * (1.0 - 0.5 * q) - hours, 0.0)
            earned = min(given, room)
            served = honoured * work[_ASKED, sex, age]
            # Those who die had, on the mean, half a year of earning and of being served.
            lapsed = q * (hours + 0.5 * earned - 0.5 * served)
            redeemed = served * work[_ALIVE, sex, age]
            closing = max(hours + earned - redeemed - lapsed, 0.0)
            flows[GIVEN, year] += given - earned
            flows[OWED, year] += closing
            flows[MEMBERS, year] += people * (1.0 - q)
            born = year - age + state.shape[2] - 1
            _write(flows, of_cohort, year, born, (earned, redeemed, lapsed, work[_LEFT, sex, age]))
            state[_HOURS, sex, age], state[_PEOPLE, sex, age] = closing, people * (1.0 - q)


@numba.njit(cache=True, parallel=True)
def carry(
    population: Array,
    mortality: Array,
    healthy: Array,
    help_: Array,
    rules: Rules,
    kept: Array,
    flows: Array,
    by_age: Array,
    by_cohort: Array,
) -> None:
    """Carry the hours of every draw.

    Fill `flows` (draw, flow, year), hours owed `by_age` (draw, sex, age, kept) and
    `by_cohort` (draw, 4, age + year - 1): hours earned, redeemed, lapsed by death and by
    leaving of all years, the oldest cohort of the first year first.
    """
    sexes, ages = population.shape[1:3]
    for draw in numba.prange(flows.shape[0]):
        people, deaths = population[draw % population.shape[0]], mortality[draw % mortality.shape[0]]
        able, needy = healthy[draw % healthy.shape[0]], help_[draw % help_.shape[0]]
        state, work = np.zeros((3, sexes, ages)), np.zeros((5, sexes, ages))
        state[_STAYED] = 1.0
        for year in range(flows.shape[2]):
            if year > 0:
                _age_on(state)
            _prepare(people, deaths, able, needy, rules, year, state, work)
            part, honoured = _serve(work, rules, year, flows[draw])
            _book(deaths, rules, year, part, honoured, state, work, flows[draw], by_cohort[draw])
            if kept[year] >= 0:
                by_age[draw, :, :, kept[year]] = state[_HOURS]
