"""Longer lives on plain arrays: death rates scaled until life expectancy rises, and who is alive then."""

from __future__ import annotations

import numpy as np
from scipy.optimize import elementwise

from forecasting.axes import PENSION_AGE
from forecasting.lifetable import life_table

Array = np.ndarray

LOG_SCALES = (-6.0, 6.0)
"""Logs of the smallest and the largest factor on death rates that are searched; no table of people lies beyond."""


def remaining_years(rates: Array, from_age: int = PENSION_AGE) -> Array:
    """Life expectancy at an age by the death rates from that age on.

    Parameters
    ----------
    rates : numpy.ndarray, shape (..., A)
        Per person-year, at `from_age` and every later year of age, the last open.
    from_age : int
        First completed age of `rates`.

    Returns
    -------
    numpy.ndarray, shape (...)
        Years. Deaths fall evenly within a year of age and at a constant force in the open one
        (Preston, Heuveline and Guillot 2001, Demography, section 3.3).
    """
    lower = from_age + np.arange(rates.shape[-1])
    return np.asarray(life_table(rates, lower, 0.5).ex[..., 0])


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
        Engineering Software 28(3)), which keeps its bracket: expectancy falls strictly in the factor.

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


def scaled(rates: Array, gains: Array, from_age: int = PENSION_AGE) -> Array:
    """Scale the death rates from an age on, so that life expectancy there rises by the gain of the year.

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
    numpy.ndarray of float, shape of `rates`
        A year without gain keeps its rates to the bit.
    """
    out = np.array(rates)
    # Year by year: tables of one year are few enough to be searched together.
    for year in np.flatnonzero(gains):
        old = rates[..., from_age:, year].astype(float)
        tables = old.reshape(-1, old.shape[-1])
        scale = scale_for(tables, np.full(len(tables), gains[year]))
        out[..., from_age:, year] = old * scale.reshape(old.shape[:-1])[..., None]
    return out


def kept_alive(before: Array, after: Array, heads: Array) -> Array:
    """Tell how many more are alive of each cohort under other death rates, over those there were.

    Parameters
    ----------
    before, after : numpy.ndarray, shape (..., age, year)
        Death rates per person-year; the last age open.
    heads : numpy.ndarray, broadcasting with them
        People at mid-year under `before`: weights of the two groups that meet in the open age.

    Returns
    -------
    numpy.ndarray of float, broadcast shape
        Factor on people at mid-year: from one mid-year to the next half a year passes at the rates of each, so
        that a cohort's factor grows by ``exp`` of half of both falls of its death rate. Nobody was saved before
        the first age and the first year given; the factor is exactly 1 before the rates differ.
    """
    heads, before, after = np.broadcast_arrays(*(np.asarray(a, dtype=float) for a in (heads, before, after)))
    saved = 0.5 * (before - after)
    out = np.ones(heads.shape)
    # The first half of a year is lived at its own rates by those who are there at its middle.
    out[..., 0] = np.exp(saved[..., 0])
    for year in range(1, heads.shape[-1]):
        older = out[..., year - 1] * np.exp(saved[..., year - 1])
        alive = heads[..., year - 1] * np.exp(-0.5 * before[..., year - 1])
        out[..., 1:, year] = older[..., :-1] * np.exp(saved[..., 1:, year])
        out[..., -1, year] = _mixed(older[..., -2:], alive[..., -2:]) * np.exp(saved[..., -1, year])
        out[..., 0, year] = np.exp(saved[..., 0, year])
    return out


def _mixed(factors: Array, weights: Array) -> Array:
    """Mean factor of those who come to the open age and of those who are in it; shapes (..., 2)."""
    total = weights.sum(axis=-1)
    # Nobody there: any factor on nobody is right, and 1 is the plainest.
    return np.divide((factors * weights).sum(axis=-1), total, out=np.ones_like(total), where=total > 0)
