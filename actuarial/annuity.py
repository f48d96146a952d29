"""Discount factors, annuities, present values.

Rates and mortality are paths along the last axis, one step a year; every
discount factor is a cumulative product. Symbols follow Bowers et al.,
Actuarial Mathematics (Society of Actuaries, 2nd ed. 1997), chapters 3-5.
"""

from __future__ import annotations

from typing import Literal

import numpy as np

Array = np.ndarray
Approximation = Literal["udd", "woolhouse"]


def discount_factors(rate: Array, *, mid_year: bool = False) -> Array:
    """Discount money of each year to the start of the first year.

    Parameters
    ----------
    rate : numpy.ndarray, shape (..., n)
        Interest rate per year, a path; above -1.
    mid_year : bool
        Money at the middle of each year instead of its end.

    Returns
    -------
    numpy.ndarray, shape (..., n)
        ``1 / prod(1 + rate)``, the last year halved (in time) if `mid_year`.

    Raises
    ------
    ValueError
        If a rate is -1 or below.
    """
    rate = np.asarray(rate, dtype=float)
    if (rate <= -1).any():
        raise ValueError("a rate is -1 or below: no money would be left to discount")
    growth = np.cumprod(1 + rate, axis=-1)
    return np.sqrt(1 + rate) / growth if mid_year else 1 / growth


def present_value(amount: Array, rate: Array, *, mid_year: bool = True) -> Array:
    """Value at the start of the first year of one amount a year.

    Parameters
    ----------
    amount : numpy.ndarray, shape (..., n)
        Yuan per year.
    rate : numpy.ndarray, shape (..., n)
        Interest rate per year.
    mid_year : bool
        Amounts flow at mid-year (default) or at the end of the year.

    Returns
    -------
    numpy.ndarray, shape (...)
        Yuan.
    """
    value: Array = (np.asarray(amount) * discount_factors(rate, mid_year=mid_year)).sum(axis=-1)
    return value


def annuity_certain(rate: Array, *, due: bool = False) -> Array:
    """Value of 1 a year for as many years as `rate` has, at the end (or start) of each.

    Parameters
    ----------
    rate : numpy.ndarray, shape (..., n)
        Interest rate per year.
    due : bool
        Payments at the start of each year.

    Returns
    -------
    numpy.ndarray, shape (...)
        Years of payment.
    """
    factor = discount_factors(rate)
    value: Array = (factor * (1 + np.asarray(rate)) if due else factor).sum(axis=-1)
    return value


def survival(qx: Array) -> Array:
    """Probability to be alive at the start of each year.

    Parameters
    ----------
    qx : numpy.ndarray, shape (..., n)
        Probability of death within a year, age by age.

    Returns
    -------
    numpy.ndarray, shape (..., n)
        ``1, p_x, p_x p_{x+1}, ...``
    """
    px = 1 - np.asarray(qx, dtype=float)
    return np.concatenate([np.ones_like(px[..., :1]), np.cumprod(px[..., :-1], axis=-1)], axis=-1)


def life_annuity_due(qx: Array, rate: Array) -> Array:
    """Value of 1 at the start of each year of life.

    Parameters
    ----------
    qx, rate : numpy.ndarray, shape (..., n)
        Probability of death and interest rate, year by year, to the end of the table.

    Returns
    -------
    numpy.ndarray, shape (...)
        Bowers et al. 1997, eq. 5.3.1.
    """
    value: Array = (survival(qx) * discount_factors(rate) * (1 + np.asarray(rate))).sum(axis=-1)
    return value


def life_annuity_immediate(qx: Array, rate: Array) -> Array:
    """Value of 1 at the end of each year of life.

    Parameters
    ----------
    qx, rate : numpy.ndarray, shape (..., n)
        As in :func:`life_annuity_due`.

    Returns
    -------
    numpy.ndarray, shape (...)
        Bowers et al. 1997, section 5.3.
    """
    value: Array = (survival(qx) * (1 - np.asarray(qx)) * discount_factors(rate)).sum(axis=-1)
    return value


def life_insurance(qx: Array, rate: Array) -> Array:
    """Value of 1 at the end of the year of death (A).

    Parameters
    ----------
    qx, rate : numpy.ndarray, shape (..., n)
        As in :func:`life_annuity_due`.

    Returns
    -------
    numpy.ndarray, shape (...)
        Bowers et al. 1997, eq. 4.3.1.
    """
    value: Array = (survival(qx) * np.asarray(qx) * discount_factors(rate)).sum(axis=-1)
    return value


def life_annuity_mthly_due(qx: Array, rate: float, m: int = 12, approximation: Approximation = "udd") -> Array:
    """Value of 1/m at the start of each m-th part of each year of life.

    Parameters
    ----------
    qx : numpy.ndarray, shape (..., n)
        Probability of death, age by age, to the end of the table.
    rate : float
        One positive interest rate: both approximations are stated for a level rate.
    m : int
        Payments a year.
    approximation : {"udd", "woolhouse"}
        Deaths uniform over each year of age (Bowers et al. 1997, eq. 5.4.12), or
        Woolhouse's formula to two terms (Dickson, Hardy and Waters, Actuarial
        Mathematics for Life Contingent Risks, 2nd ed. 2013, section 5.11.2).

    Returns
    -------
    numpy.ndarray, shape (...)
        Yuan per yuan a year.
    """
    due = life_annuity_due(qx, np.full(np.shape(qx)[-1], rate))
    if approximation == "woolhouse":
        return due - (m - 1) / (2 * m)
    alpha, beta = _udd_factors(rate, m)
    return alpha * due - beta


def life_annuity_mthly_immediate(qx: Array, rate: float, m: int = 12, approximation: Approximation = "udd") -> Array:
    """Value of 1/m at the end of each m-th part of each year of life.

    Parameters
    ----------
    qx, rate, m, approximation
        As in :func:`life_annuity_mthly_due`.

    Returns
    -------
    numpy.ndarray, shape (...)
        The due value less its first payment, 1/m.
    """
    return life_annuity_mthly_due(qx, rate, m, approximation) - 1 / m


def _udd_factors(rate: float, m: int) -> tuple[float, float]:
    """Alpha(m) and beta(m), Bowers et al. 1997, section 5.4."""
    if rate <= 0:
        raise ValueError(f"rate {rate} is not positive: the factors of the uniform distribution of deaths divide by it")
    nominal_interest = m * ((1 + rate) ** (1 / m) - 1)
    nominal_discount = m * (1 - (1 + rate) ** (-1 / m))
    discount = rate / (1 + rate)
    product = nominal_interest * nominal_discount
    return rate * discount / product, (rate - nominal_interest) / product
