"""Members' accounts by sex and cohort: the fast kernel.

A cohort is followed along its diagonal (one year older each year), so that
ageing moves nothing and can lose nothing. Persons aged ``x`` at mid-year turned
``x``, on average, on the first of January: the account of that morning is
turned into the pension in the first year in which the cohort has reached the
pension age of the year.

Within a year, in money of mid-year, with ``A`` the account on 1 January, ``C``
what is credited, ``r`` the pension that the account can bear and ``q`` the
probability of death (deaths spread evenly over the year): pensions paid are
``r (1 - q/2)``, heirs receive ``q (A + C/2 - r/2)``, and the survivors keep
``(1 - q)(A - r) + C (1 - q/2)``.

Cohorts know nothing of each other but through the age factors
(:func:`age_factors`): given those of everybody, the accounts of parts of the
people add up to the accounts of the whole.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from actuarial import _accounts_kernel as kernel
from actuarial._accounts_kernel import (
    BALANCE,
    COLLECTIVE,
    CONTRIBUTIONS,
    INHERITANCE,
    INTEREST,
    MATCH,
    PENSION,
    PORTED_IN,
    PORTED_OUT,
    START_AGE,
    TAIL,
)

__all__ = [
    "BALANCE",
    "COLLECTIVE",
    "CONTRIBUTIONS",
    "INHERITANCE",
    "INTEREST",
    "MATCH",
    "NAMES",
    "PENSION",
    "PORTED_IN",
    "PORTED_OUT",
    "START_AGE",
    "TAIL",
    "Opening",
    "PerHead",
    "Rules",
    "age_factors",
    "member_accounts",
    "nothing",
]

Array = np.ndarray

NAMES = (
    "contributions",
    "match",
    "collective_accounts",
    "credited_interest",
    "account_pension",
    "longevity_tail",
    "inheritance",
    "accounts_balance",
    "portability_out",
    "portability_in",
)
"""What :func:`member_accounts` returns, in order of its first result's middle axis."""


class Opening(NamedTuple):
    """Accounts on 31 December before the first year, by the age reached at mid-year of the first year.

    Attributes
    ----------
    balance : numpy.ndarray, shape (draw or 1, sex, age)
        Yuan.
    pension : numpy.ndarray, shape (draw or 1, sex, age)
        Account pension in payment, yuan a year, of those above the pension age.
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
        Yuan per contributor; `member` is the mean over the ages before 60.
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
    divisor_months : float or numpy.ndarray, shape (age,)
        Monthly pension = account / divisor, by the age at which the pension starts.
    mid_year : bool
        Flows earn half a year; else interest is on the opening balance only.
    pension_age : int or numpy.ndarray of int, shape (year + 1,)
        Age from which the pension is drawn in each year, and in the year after
        the last: its new pensioners pay for missed years in the last. It never falls.
    back_payment_multiple : float or numpy.ndarray, shape (year,)
        What each pays at once, as a multiple of what he would pay under today's law.
    annuity_from : int, optional
        Position of the first year whose new pensions are the account over the
        life annuity of the cohort and sex, at the crediting rate of that year.
    shared_from : int, optional
        Position of the first year whose new pensioners leave what is in the
        account at death to the survivors of their cohort and sex, not to heirs.
    out_share : float or numpy.ndarray, shape (year,)
        Part of the accounts of those who left before 60 that moves to another
        scheme when the pension starts.
    """

    back_payment_share: float
    divisor_months: float | Array
    mid_year: bool
    pension_age: int | Array = START_AGE
    back_payment_multiple: float | Array = 1.0
    annuity_from: int | None = None
    shared_from: int | None = None
    out_share: float | Array = 0.0


def age_factors(contributors: Array, rules: Rules) -> Array:
    """Contribution of one contributor relative to the mean, by age and year.

    All pay the part of the mean that is no back payment. Those in their last
    year before the pension pay at once what a contributor of 59 pays under
    today's law: the back payment of the year over those aged 59, times
    `back_payment_multiple`. The mean over contributors before 60 is 1 where the
    pension starts at 60 and the multiple is 1.

    Parameters
    ----------
    contributors : numpy.ndarray, shape (draw or 1, sex, age, year)
        All contributors at mid-year.
    rules : Rules
        Back payment and pension age.

    Returns
    -------
    numpy.ndarray, shape (draw or 1, age, year)
        1 throughout a year in which nobody is 59.
    """
    draws, _, ages, years = contributors.shape
    factors = np.ones((draws, ages, years))
    multiple = _full(rules.back_payment_multiple, years)
    kernel.fill_factors(_plain(contributors), _pension_ages(rules, years), rules.back_payment_share, multiple, factors)
    return factors


def member_accounts(
    contributors: Array,
    mortality: Array,
    per_head: PerHead,
    rules: Rules,
    opening: Opening | None = None,
    *,
    factors: Array | None = None,
    ported_in: Array | None = None,
    keep_years: tuple[int, ...] = (),
) -> tuple[Array, Array]:
    """Carry every cohort's account through all years.

    Parameters
    ----------
    contributors : numpy.ndarray, shape (draw or 1, sex, age, year)
        Persons at mid-year, age = index, last age open; none at the pension age or older.
    mortality : numpy.ndarray, shape (draw or 1, sex, age, year)
        Death rate of members per year.
    per_head : PerHead
        Credits and crediting rate.
    rules : Rules
        Pension age, back payment, divisor, leavers, interest convention.
    opening : Opening, optional
        Accounts before the first year; none by default.
    factors : numpy.ndarray, shape (draw or 1, age, year), optional
        From :func:`age_factors` of everybody, where `contributors` are a part of
        them; by default those of `contributors`.
    ported_in : numpy.ndarray, shape (draw or 1, sex, year), optional
        Yuan that other schemes send with those whose pension starts in the
        year; not read in a year in which no pension starts.
    keep_years : tuple of int
        Positions of the years whose balances are wanted by sex and age.

    Returns
    -------
    flows : numpy.ndarray, shape (draw, 10, year)
        Yuan in the order of :data:`NAMES`; the balance is that of 31 December.
    by_age : numpy.ndarray, shape (draw, sex, age, len(keep_years))
        Balance at 31 December of those years by age at mid-year.

    Raises
    ------
    ValueError
        If the draws do not fit, a year is to be kept twice, the pension age falls or rises by more than a
        year at once, or someone contributes at the pension age or after it: no
        rule says when that account is drawn.
    """
    sexes, ages, years = contributors.shape[1:]
    if len(set(keep_years)) < len(keep_years):
        raise ValueError(f"the years to keep are {keep_years}: give each year once")
    law = _law(rules, ages, years)
    _refuse_late_contributors(contributors, law.pension_age)
    opening = opening or nothing(sexes, ages)
    factors = age_factors(contributors, rules) if factors is None else factors
    ported_in = np.zeros((1, sexes, years)) if ported_in is None else _plain(np.asarray(ported_in, float))
    draws = _common_draws(contributors, mortality, *per_head, *opening, factors, ported_in)
    start = np.stack([np.broadcast_to(a, (draws, sexes, ages)) for a in opening], axis=1)
    kept = np.full(years, -1)
    kept[list(keep_years)] = np.arange(len(keep_years))
    flows, by_age = np.zeros((draws, len(NAMES), years)), np.zeros((draws, sexes, ages, len(keep_years)))
    people, deaths, factors = _plain(contributors), _plain(mortality), _plain(factors)
    paths = _yearly(per_head, rules, (draws, years))
    kernel.carry(people, deaths, factors, paths, ported_in, start, kept, law, flows, by_age)
    return flows, by_age


def _law(rules: Rules, ages: int, years: int) -> kernel.Law:
    out_share = _full(rules.out_share, years)
    return kernel.Law(
        pension_age=_pension_ages(rules, years),
        divisor=_full(rules.divisor_months, ages),
        annuity_from=years if rules.annuity_from is None else int(rules.annuity_from),
        shared_from=years if rules.shared_from is None else int(rules.shared_from),
        out_share=out_share,
        moving=bool((out_share > 0).any()),
    )


def _pension_ages(rules: Rules, years: int) -> Array:
    ages = _full(rules.pension_age, years + 1).astype(np.int64)
    steps = np.diff(ages)
    if ((steps < 0) | (steps > 1)).any():
        raise ValueError("the pension age falls, or rises by more than a year at once: who draws would stop drawing")
    return ages


def _full(values: float | Array, size: int) -> Array:
    """Give every place its value, in an array of its own."""
    return np.broadcast_to(np.asarray(values, dtype=float), size).copy()


def _plain(values: Array) -> Array:
    """Lay values out as the compiled loops know them, so that they are compiled once; a copy only where needed."""
    return np.require(values, requirements=["C", "W"])


def _refuse_late_contributors(contributors: Array, pension_age: Array) -> None:
    for year in range(contributors.shape[3]):
        first = int(pension_age[year])
        if contributors[:, :, first:, year].any():
            raise ValueError(f"there are contributors aged {first} or older: accounts are drawn from {first}")


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
