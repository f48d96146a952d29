"""How far death rates must fall for lives to be longer by a number of years."""

from __future__ import annotations

import numpy as np
from scipy.optimize import elementwise

from forecasting.axes import PENSION_AGE

Array = np.ndarray

LOG_SCALES = (-6.0, 6.0)
"""Logs of the smallest and the largest factor on death rates that are searched; no table of people lies beyond."""


def remaining_years(rates: Array) -> Array:
    """Life expectancy at an age by the death rates from that age on.

    Parameters
    ----------
    rates : numpy.ndarray, shape (..., A)
        Per person-year, above 0, at that age and every later year of age, the last open.

    Returns
    -------
    numpy.ndarray, shape (...)
        Years. Deaths fall evenly within a year of age and at a constant force in the open one
        (Preston, Heuveline and Guillot 2001, Demography, section 3.3); nobody outlives a year whose rate is 2.
    """
    closed = rates[..., :-1]
    dying = np.minimum(closed / (1.0 + 0.5 * closed), 1.0)
    left = np.cumprod(1.0 - dying, axis=-1)
    reached = np.concatenate([np.ones_like(left[..., :1]), left[..., :-1]], axis=-1)
    # Who dies lives half of the year, also where the rate says that all do.
    lived = reached * (1.0 - 0.5 * dying)
    return np.asarray(lived.sum(axis=-1) + left[..., -1] / rates[..., -1])


def scale_for(rates: Array, gain: Array) -> Array:
    """Find the factor on all death rates with which life expectancy at the first age rises by `gain`.

    Parameters
    ----------
    rates : numpy.ndarray, shape (N, A)
        Death rates of N tables, per person-year, above 0, the last age open.
    gain : numpy.ndarray, shape (N,)
        Years; below 0 lives are shorter.

    Returns
    -------
    numpy.ndarray, shape (N,)
        Factor, above 0; exactly 1 where the gain is 0. The search is Chandrupatla's (1997, Advances in
        Engineering Software 28(3)), which keeps its bracket: expectancy falls in the factor.

    Raises
    ------
    ValueError
        If no factor within ``exp(LOG_SCALES)`` gives the gain.
    """
    wanted = remaining_years(rates) + gain

    def above(log_scale: Array, row: Array) -> Array:
        return remaining_years(np.exp(log_scale)[..., None] * rates[row]) - wanted[row]

    rows = np.arange(len(rates))
    found = elementwise.find_root(above, LOG_SCALES, args=(rows,), tolerances={"xatol": 1e-13, "fatol": 1e-11})
    if not np.all(found.success):
        worst = float(np.asarray(gain)[~found.success][0])
        raise ValueError(f"no factor on death rates changes life expectancy by {worst:g} years: ask for less")
    return np.where(np.asarray(gain) == 0.0, 1.0, np.exp(found.x))


def scales(rates: Array, gains: Array, from_age: int = PENSION_AGE) -> Array:
    """Find for each year the factor on death rates from an age on that gives the gain of the year.

    Parameters
    ----------
    rates : numpy.ndarray, shape (..., age, year)
        Death rates at ages 0 to the open one, per person-year.
    gains : numpy.ndarray, shape (year,)
        Years by which period life expectancy at `from_age` rises in each year.
    from_age : int
        First age whose rates change.

    Returns
    -------
    numpy.ndarray of float, shape (..., year)
        Exactly 1 in a year without gain.

    Raises
    ------
    ValueError
        As :func:`scale_for`.
    """
    out = np.ones((*rates.shape[:-2], rates.shape[-1]))
    # Year by year: tables of one year are few enough to be searched together.
    for year in np.flatnonzero(gains):
        old = rates[..., from_age:, year].astype(float)
        tables = old.reshape(-1, old.shape[-1])
        out[..., year] = scale_for(tables, np.full(len(tables), gains[year])).reshape(old.shape[:-1])
    return out
