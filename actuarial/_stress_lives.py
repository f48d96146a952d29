"""Longer lives on plain arrays: death rates scaled until life expectancy rises, and who is alive then."""

from __future__ import annotations

import numpy as np

from forecasting.axes import PENSION_AGE
from forecasting.lifetable import remaining_years, scale_for, scales

__all__ = ["kept_alive", "remaining_years", "scale_for", "scaled"]

Array = np.ndarray


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
    scale = scales(rates, gains, from_age)
    for year in np.flatnonzero(gains):
        out[..., from_age:, year] = rates[..., from_age:, year].astype(float) * scale[..., None, year]
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
