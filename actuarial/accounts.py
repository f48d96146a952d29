"""Members' accounts by sex and cohort: the fast kernel.

A cohort is followed along its diagonal (one year older each year), so that
ageing moves nothing and can lose nothing. Persons aged ``x`` at mid-year turned
60, on average, on the first of January of the year in which ``x`` is 60: the
account of that morning is turned into the pension.

Within a year, in money of mid-year, with ``A`` the account on 1 January, ``C``
what is credited, ``r`` the pension that the account can bear and ``q`` the
probability of death (deaths spread evenly over the year): pensions paid are
``r (1 - q/2)``, heirs receive ``q (A + C/2 - r/2)``, and the survivors keep
``(1 - q)(A - r) + C (1 - q/2)``.
"""

from __future__ import annotations

from typing import NamedTuple

import numba
import numpy as np

# ruff: noqa: PLR0917 - compiled functions take plain numbers by position

Array = np.ndarray

CONTRIBUTIONS, MATCH, COLLECTIVE, INTEREST, PENSION, TAIL, INHERITANCE, BALANCE = range(8)
NAMES = (
    "contributions",
    "match",
    "collective_accounts",
    "credited_interest",
    "account_pension",
    "longevity_tail",
    "inheritance",
    "accounts_balance",
)
"""What :func:`member_accounts` returns, in order of its first result's middle axis."""

START_AGE = 60


class Opening(NamedTuple):
    """Accounts on 31 December before the first year, by the age reached at mid-year of the first year.

    Attributes
    ----------
    balance : numpy.ndarray, shape (draw or 1, sex, age)
        Yuan.
    pension : numpy.ndarray, shape (draw or 1, sex, age)
        Account pension in payment, yuan a year, of those older than 60.
    """

    balance: Array
    pension: Array


def nothing(sexes: int, ages: int) -> Opening:
    """Return an opening without money: the scheme starts in the first year."""
    return Opening(np.zeros((1, sexes, ages)), np.zeros((1, sexes, ages)))


class PerHead(NamedTuple):
    """What one contributor is credited in a year, and the rate of interest.

    Attributes
    ----------
    member, match, collective : numpy.ndarray, shape (draw or 1, year)
        Yuan per contributor; `member` is the mean over ages.
    crediting_rate : numpy.ndarray, shape (draw or 1, year)
        Interest credited, per year.
    """

    member: Array
    match: Array
    collective: Array
    crediting_rate: Array


class Rules(NamedTuple):
    """Rules of the accounts.

    Attributes
    ----------
    back_payment_share : float
        Part of all contributions that members pay at once in their last year
        before the pension, for years that they missed.
    divisor_months : float
        Monthly pension = account / divisor.
    mid_year : bool
        Flows earn half a year; else interest is on the opening balance only.
    """

    back_payment_share: float
    divisor_months: float
    mid_year: bool


def member_accounts(
    contributors: Array, mortality: Array, per_head: PerHead, rules: Rules, opening: Opening | None = None
) -> tuple[Array, Array]:
    """Carry every cohort's account through all years.

    Parameters
    ----------
    contributors : numpy.ndarray, shape (draw or 1, sex, age, year)
        Persons at mid-year, age = index, last age open; none at 60 or older.
    mortality : numpy.ndarray, shape (draw or 1, sex, age, year)
        Death rate of members per year.
    per_head : PerHead
        Credits and crediting rate.
    rules : Rules
        Back payment, divisor, interest convention.
    opening : Opening, optional
        Accounts before the first year; none by default.

    Returns
    -------
    flows : numpy.ndarray, shape (draw, 8, year)
        Yuan in the order of :data:`NAMES`; the last is the balance at 31 December.
    by_age : numpy.ndarray, shape (draw, sex, age)
        Balance at 31 December of the last year by age at its mid-year.

    Raises
    ------
    ValueError
        If someone of 60 or older contributes: no rule says when that account is drawn.
    """
    sexes, ages, years = contributors.shape[1:]
    if contributors[:, :, START_AGE:].any():
        raise ValueError(f"there are contributors aged {START_AGE} or older: accounts are drawn from {START_AGE}")
    opening = opening or nothing(sexes, ages)
    draws = _common_draws(contributors, mortality, *per_head, *opening)
    paths = _yearly(per_head, rules, (draws, years))
    start = np.stack([np.broadcast_to(a, (draws, sexes, ages)) for a in opening], axis=1)
    flows, by_age = np.zeros((draws, len(NAMES), years)), np.zeros((draws, sexes, ages))
    people, deaths = np.ascontiguousarray(contributors), np.ascontiguousarray(mortality)
    _all_draws(people, deaths, paths, start, (rules.back_payment_share, rules.divisor_months), flows, by_age)
    return flows, by_age


def _common_draws(*arrays: Array) -> int:
    sizes = sorted({a.shape[0] for a in arrays} - {1})
    if len(sizes) > 1:
        raise ValueError(f"the arrays have {' and '.join(map(str, sizes))} draws: give each the same number, or one")
    return sizes[0] if sizes else 1


def _yearly(per_head: PerHead, rules: Rules, shape: tuple[int, int]) -> Array:
    """Stack credits per head and the growth of money before and after mid-year; shape (draw, 5, year)."""
    growth = 1 + np.asarray(per_head.crediting_rate, dtype=float)
    before, after = (np.sqrt(growth), np.sqrt(growth)) if rules.mid_year else (growth, np.ones_like(growth))
    rows = (per_head.member, per_head.match, per_head.collective, before, after)
    return np.stack([np.broadcast_to(np.asarray(r, dtype=float), shape) for r in rows], axis=1)


@numba.njit(cache=True)
def _age_factors(contributors: Array, back_payment: float) -> Array:
    """Relative contribution by age and year whose mean over contributors is 1; shape (age, year)."""
    sexes, ages, years = contributors.shape
    factor = np.ones((ages, years))
    for year in range(years):
        heads, last = 0.0, 0.0
        for sex in range(sexes):
            # One by one into float64: the people may be float32, whose own sum is too coarse for money.
            for age in range(ages):
                heads += contributors[sex, age, year]
            last += contributors[sex, START_AGE - 1, year]
        if last > 0.0:
            factor[:, year] = 1.0 - back_payment
            factor[START_AGE - 1, year] += back_payment * heads / last
    return factor


@numba.njit(cache=True)
def _year(account: float, roll: float, credit: float, q: float, before: float, after: float) -> tuple:
    """One cohort, one year: pension, tail, inheritance, interest, closing balance."""
    there = account * before
    borne = min(roll, there)
    pension = borne * (1.0 - 0.5 * q)
    tail = (roll - borne) * (1.0 - 0.5 * q)
    inheritance = q * (there + 0.5 * credit - 0.5 * borne)
    closing = (there + credit - pension - inheritance) * after
    if roll > there or closing < 0.0:
        # The account ends in this year: heirs have what rounding would leave.
        inheritance, closing = there + credit - pension, 0.0
    interest = closing - (account + credit - pension - inheritance)
    return pension, tail, inheritance, interest, closing


@numba.njit(cache=True)
def _cohort(
    k: int, people: Array, m: Array, factor: Array, paths: Array, start: Array, divisor: float, flows: Array
) -> float:
    """Follow one sex of the cohort aged `k` at mid-year of the first year; return its last balance."""
    ages, years = people.shape
    account = start[0, k] if k >= 0 else 0.0
    roll = start[1, k] if k > START_AGE else 0.0
    for year in range(max(0, -k), years):
        age = min(k + year, ages - 1)
        if k + year == START_AGE:
            roll = account * 12.0 / divisor
        heads = people[age, year] if k + year < ages else 0.0
        own = heads * paths[0, year] * factor[age, year]
        top_up, gift = heads * paths[1, year], heads * paths[2, year]
        q = min(1.0, m[age, year] / (1.0 + 0.5 * m[age, year]))
        out = _year(account, roll, own + top_up + gift, q, paths[3, year], paths[4, year])
        flows[CONTRIBUTIONS, year] += own
        flows[MATCH, year] += top_up
        flows[COLLECTIVE, year] += gift
        flows[PENSION, year] += out[0]
        flows[TAIL, year] += out[1]
        flows[INHERITANCE, year] += out[2]
        flows[INTEREST, year] += out[3]
        flows[BALANCE, year] += out[4]
        account = out[4]
        roll *= 1.0 - q
    return account


@numba.njit(cache=True, parallel=True)
def _all_draws(people: Array, m: Array, paths: Array, start: Array, rules: tuple, flows: Array, by_age: Array) -> None:
    back_payment, divisor = rules
    sexes, ages, years = people.shape[1:]
    for draw in numba.prange(flows.shape[0]):
        heads, rates = people[draw % people.shape[0]], m[draw % m.shape[0]]
        factor = _age_factors(heads, back_payment)
        for sex in range(sexes):
            # A negative k enters after the first year.
            for k in range(1 - years, ages):
                last = _cohort(
                    k, heads[sex], rates[sex], factor, paths[draw], start[draw, :, sex], divisor, flows[draw]
                )
                by_age[draw, sex, min(k + years - 1, ages - 1)] += last
