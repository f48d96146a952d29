"""Rights to the basic pension from the cross-section of each year, as plain arrays."""

from __future__ import annotations

from typing import NamedTuple

import numba
import numpy as np

# ruff: noqa: PLR0917 - compiled functions take plain numbers by position

Array = np.ndarray

WINDOW = 10
"""Years whose mean change of every cohort stands for the future: fewer let the noise of a year into forty ages."""

ENTRY = 16
"""Age, completed, from which members may contribute (State Council 2014 No. 8, art. 3)."""


class Rights(NamedTuple):
    """What members have earned, and when they earn and draw it; shape (draw, year).

    Attributes
    ----------
    pension_years : numpy.ndarray
        Years of pension earned by 31 December and still to be paid, all
        members together, each year discounted at the net rate.
    earned_at, drawn_at : numpy.ndarray
        Mean age, in money of the year, at which rights are earned and pensions are drawn.
    """

    pension_years: Array
    earned_at: Array
    drawn_at: Array

    @property
    def turnover(self) -> Array:
        """Years that a yuan stays in the scheme; not below 0, and 0 where nothing is earned or drawn."""
        return np.maximum(np.nan_to_num(self.drawn_at - self.earned_at), 0.0)


def rights(
    contributors: Array,
    pensioners: Array,
    pension_age: Array,
    net_rate: Array,
    *,
    started: int,
    first: int = 1,
    entry: int = ENTRY,
) -> Rights:
    """Value the rights of each year's members as if that year's changes of cohorts went on for ever.

    A cohort of ``M_x`` members changes from age to age as cohorts did in the
    :data:`WINDOW` years up to the year (Hamilton and Perry 1962), which counts
    deaths, those who leave and those who come; at each age the part of the
    members draws the pension that draws it in the year. So the cohort can expect
    ``K_x`` pension-years. Rights are earned evenly over the years from `entry`,
    or the start of the scheme, to the pension age (projected unit credit): a
    year of service is worth ``K_x`` over the number of those years.

    In a stationary population at a net rate of 0 every ``K_x`` is the number
    of pensioners, and the pension-years are that number times the turnover.

    Parameters
    ----------
    contributors, pensioners : numpy.ndarray, shape (draw or 1, sex, age, year)
        Persons at mid-year, age = index, last age open.
    pension_age : numpy.ndarray of int, shape (year,)
        Age from which the pension is drawn.
    net_rate : numpy.ndarray, shape (draw or 1, year)
        Discount rate net of the growth of the pension per head.
    started : int
        Position of the first year of the scheme; below 0 if it lies before the arrays.
    first : int
        Position of the first year that is valued; at least 1, as a year shows what it grew from.
    entry : int
        Age at which service begins.

    Returns
    -------
    Rights
        Over the years from `first`.
    """
    draws, years = max(contributors.shape[0], pensioners.shape[0], net_rate.shape[0]), contributors.shape[3]
    out = np.zeros((draws, 4, years - first))
    discount = np.ascontiguousarray(1.0 / (1.0 + net_rate))
    ages = np.ascontiguousarray(pension_age)
    _all_draws(
        np.ascontiguousarray(contributors), np.ascontiguousarray(pensioners), ages, discount, started, entry, out
    )
    owed, earned, aged, drawn_at = np.moveaxis(out, 1, 0)
    return Rights(owed, _part(aged, earned, np.nan), drawn_at)


def growth_of_members(everybody: Array) -> Array:
    """Mean growth a year of all members over the :data:`WINDOW` years up to each year.

    Parameters
    ----------
    everybody : numpy.ndarray, shape (draw, year)
        Members of all ages.

    Returns
    -------
    numpy.ndarray, shape (draw, year)
        Rate per year; 0 in the first year, and where there was nobody.
    """
    years = np.arange(everybody.shape[1])
    span = np.minimum(years, WINDOW)
    ratio = _part(everybody, everybody[:, years - span], 1.0)
    return ratio ** (1.0 / np.maximum(span, 1)) - 1.0


def _part(part: Array, whole: Array, empty: float = 0.0) -> Array:
    return np.divide(part, whole, out=np.full(whole.shape, empty), where=whole > 0)


@numba.njit(cache=True)
def _steps(everybody: Array, year: int) -> Array:
    """Members of the next age over those of an age a year before, sums of the window; shape (age,).

    The last age is open: those of the last two ages become those of the last.
    """
    ages = everybody.shape[0]
    steps = np.zeros(ages)
    for age in range(ages - 1):
        before, after = 0.0, 0.0
        for t in range(max(year - WINDOW, 0), year):
            before += everybody[age, t]
            after += everybody[age + 1, t + 1]
            if age == ages - 2:
                before += everybody[age + 1, t]
        if before > 0.0:
            steps[age] = after / before
    steps[ages - 1] = steps[ages - 2]
    return steps


@numba.njit(cache=True)
def _year(everybody: Array, paid: Array, year: int, retire: int, discount: float, started: int, entry: int) -> tuple:
    """Pension-years owed, and those earned in the year, as they are and times age; mean age of those who draw."""
    ages = everybody.shape[0]
    steps = _steps(everybody, year)
    value, drawing = 0.0, 0.0
    owed, earned, aged, heads, drawn = 0.0, 0.0, 0.0, 0.0, 0.0
    for age in range(ages - 1, entry - 1, -1):
        now = everybody[age, year]
        share = paid[age, year] / now if now > 0.0 else 0.0
        step = steps[age] * discount
        # The open age goes on for ever, a geometric series; it is cut at a hundred years.
        value = step * share / (1.0 - min(step, 0.99)) if age == ages - 1 else step * (drawing + value)
        drawing = share
        begun = max(entry, age - (year - started))
        served = min(max((age + 1 - begun) / (retire - begun), 0.0), 1.0) if retire > begun else 1.0
        owed += served * now * value
        if begun <= age < retire:
            earned += now * value / (retire - begun)
            aged += age * now * value / (retire - begun)
        heads += paid[age, year]
        drawn += age * paid[age, year]
    return owed, earned, aged, drawn / heads if heads > 0.0 else np.nan


@numba.njit(cache=True, parallel=True)
def _all_draws(
    contributors: Array, pensioners: Array, retire: Array, discount: Array, started: int, entry: int, out: Array
) -> None:
    draws, _, wanted = out.shape
    sexes, ages, years = contributors.shape[1:]
    for draw in numba.prange(draws):
        paying, drawing = contributors[draw % contributors.shape[0]], pensioners[draw % pensioners.shape[0]]
        everybody, paid = np.zeros((ages, years)), np.zeros((ages, years))
        for sex in range(sexes):
            for age in range(ages):
                for t in range(years):
                    # One by one into float64: the people may be float32.
                    paid[age, t] += drawing[sex, age, t]
                    everybody[age, t] += paying[sex, age, t] + drawing[sex, age, t]
        for t in range(wanted):
            year = years - wanted + t
            rate = discount[draw % discount.shape[0], year]
            out[draw, :, t] = _year(everybody, paid, year, retire[year], rate, started, entry)
