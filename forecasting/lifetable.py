"""From death rates to survival, person-years and expectancy.

Two kinds of table, both on plain arrays whose last axis is age and whose leading axes
(draws, areas, sexes, years) are free:

- :func:`life_table` takes rates of any age groups, as they are published;
- :func:`expectancy`, :func:`survival`, :func:`kannisto` and :func:`brass` take the single
  ages 0..100 of a projection, 100 open; :func:`ungroup` leads from the first to the second.

Within a single year of age deaths fall evenly (a(x) = 1/2) except at age 0, and the force
of mortality is constant in the open age (Preston, Heuveline and Guillot 2001, Demography,
section 3.3). Rates are per person-year, ages in completed years.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from forecasting._graduation import (
    WEST,
    brass,
    checked_single,
    group_ages,
    in_blocks,
    infant_separation,
    kannisto,
    middles,
    rate_faults,
    refuse,
    single_years,
    survivors,
    ungroup,
    west,
)
from forecasting._longer_lives import remaining_years, scale_for, scales
from forecasting.axes import MAX_AGE

__all__ = [
    "LifeTable",
    "brass",
    "death_rates",
    "expectancy",
    "infant_separation",
    "kannisto",
    "life_table",
    "remaining_years",
    "scale_for",
    "scales",
    "separation",
    "survival",
    "ungroup",
]


@dataclass(frozen=True)
class LifeTable:
    """A life table by age group; every array ends in the G groups of `lower`, the last of them open.

    Attributes
    ----------
    lower : numpy.ndarray of int, shape (G,)
        First completed age of each group.
    mx, qx : numpy.ndarray
        Death rate per person-year; probability of dying within the group.
    ax : numpy.ndarray
        Years lived in the group by those who die in it.
    lx, dx : numpy.ndarray
        Survivors to the first age of the group; deaths in the group.
    Lx, Tx : numpy.ndarray
        Person-years lived in the group; in the group and after it.
    ex : numpy.ndarray
        Expectation of life at the first age of the group, in years.
    """

    lower: np.ndarray
    mx: np.ndarray
    ax: np.ndarray
    qx: np.ndarray
    lx: np.ndarray
    dx: np.ndarray
    Lx: np.ndarray
    Tx: np.ndarray
    ex: np.ndarray


def death_rates(deaths: ArrayLike, exposure: ArrayLike) -> np.ndarray:
    """Divide deaths by the person-years at risk.

    Parameters
    ----------
    deaths : array_like
        Deaths of a period, in persons.
    exposure : array_like, broadcasting with `deaths`
        Person-years lived in it; the mid-year population for one calendar year.

    Returns
    -------
    numpy.ndarray
        Death rates per person-year.

    Raises
    ------
    ValueError
        Listing negative deaths and an exposure that is not positive.
    """
    d, n = np.asarray(deaths, dtype=float), np.asarray(exposure, dtype=float)
    refuse(
        (not (d >= 0).all(), "deaths are negative or missing: give counts of 0 or more"),
        (not (n > 0).all(), "exposure is zero, negative or missing: merge age groups without people"),
    )
    return d / n


def separation(mx: ArrayLike, lower: ArrayLike, sex: str = "both") -> np.ndarray:
    """Years lived in each group by those who die in it: the rule of the UN's MORTPAK.

    Age groups 0 and 1-4 follow Coale-Demeny West, groups before age 15 take the middle, later
    groups Greville's formula a = n/2 - n^2 (m - d log m/dx)/12, its slope taken between the
    middles of the neighbours (Greville 1943; UN 1982, Model Life Tables for Developing Countries).

    Parameters
    ----------
    mx : array_like, shape (..., G)
        Death rates.
    lower : array_like of int, shape (G,)
        First completed age of each group, the last open.
    sex : {"both", "female", "male"}
        Whose formulas below age 5.

    Returns
    -------
    numpy.ndarray, shape (..., G - 1)
        a(x) in years of the closed groups.
    """
    m, ages = np.asarray(mx, dtype=float), group_ages(lower)
    width = np.diff(ages).astype(float)
    a = np.broadcast_to(width / 2, (*m.shape[:-1], width.size)).copy()
    later = np.flatnonzero(ages[:-1] >= 15)
    if later.size and later[0] > 0:
        # A rate of zero has no slope on the log scale: such a group keeps its middle.
        logs, middle = np.log(np.where(m > 0, m, np.nan)), middles(ages)
        slope = (logs[..., later + 1] - logs[..., later - 1]) / (middle[later + 1] - middle[later - 1])
        greville = width[later] / 2 - width[later] ** 2 / 12 * (m[..., later] - slope)
        a[..., later] = np.where(np.isnan(greville), width[later] / 2, np.clip(greville, 0.0, width[later]))
    if ages[0] == 0 and width[0] == 1:
        a[..., 0] = infant_separation(m[..., 0], sex)
        if ages[1:3].tolist() == [1, 5]:
            a[..., 1] = west(m[..., 0], WEST[sex][1])
    return a


def life_table(
    mx: ArrayLike, lower: ArrayLike, ax: ArrayLike | None = None, *, sex: str = "both", radix: float = 100_000.0
) -> LifeTable:
    """Make a life table of any age groups, the last of them open.

    q = n m / (1 + (n - a) m) and, in the open group, L = l / m (Preston, Heuveline and Guillot
    2001, section 3.2).

    Parameters
    ----------
    mx : array_like, shape (..., G)
        Death rates per person-year, from :func:`death_rates` or published.
    lower : array_like of int, shape (G,)
        First completed age of each group.
    ax : array_like, shape (..., G - 1), optional
        Years lived in each closed group by those who die in it; :func:`separation` when left out.
    sex : {"both", "female", "male"}
        Whose a(0) and a(1), where `ax` is left out.
    radix : float
        Survivors to the first age.

    Returns
    -------
    LifeTable
        Arrays of shape (..., G).

    Raises
    ------
    ValueError
        Listing every fault of the shapes, ages and rates.
    """
    m, ages = np.asarray(mx, dtype=float), group_ages(lower)
    refuse(*rate_faults(m, ages.size))
    n = np.diff(ages)
    a = (
        separation(m, ages, sex)
        if ax is None
        else np.broadcast_to(np.asarray(ax, dtype=float), (*m.shape[:-1], n.size))
    )
    q = np.minimum(n * m[..., :-1] / (1 + (n - a) * m[..., :-1]), 1.0)
    lx = radix * survivors(q)
    dx = np.concatenate([lx[..., :-1] * q, lx[..., -1:]], axis=-1)
    Lx = np.concatenate([n * lx[..., 1:] + a * dx[..., :-1], lx[..., -1:] / m[..., -1:]], axis=-1)
    Tx = np.cumsum(Lx[..., ::-1], axis=-1)[..., ::-1]
    # Where nobody is left, one who were would live as long as the rates of the open group let him.
    ex = np.divide(Tx, lx, out=np.broadcast_to(1 / m[..., -1:], m.shape).copy(), where=lx > 0)
    one = np.ones_like(m[..., :1])
    return LifeTable(
        ages, m, np.concatenate([a, 1 / m[..., -1:]], axis=-1), np.concatenate([q, one], axis=-1), lx, dx, Lx, Tx, ex
    )


def expectancy(mx: ArrayLike, a0: ArrayLike | None = None) -> np.ndarray:
    """Life expectancy at birth from single-age rates.

    Parameters
    ----------
    mx : array_like, shape (..., 101)
        Death rates at ages 0..100, 100 open. A rate above 2 at a closed age means that all die.
    a0 : array_like, broadcasting with shape (...), optional
        Years lived at age 0 by those who die there; :func:`infant_separation` when left out.

    Returns
    -------
    numpy.ndarray, shape (...)
        e(0) in years.

    Raises
    ------
    ValueError
        Listing every fault of the shape and the rates.
    """
    return in_blocks(_expectancy, 1, *checked_single(mx, a0))[..., 0]


def _expectancy(m: np.ndarray, a0: np.ndarray) -> np.ndarray:
    q, lived = single_years(m, a0)
    lx = survivors(q)
    return ((lx[:, :-1] * lived).sum(axis=-1) + lx[:, -1] / m[:, -1])[:, None]


def survival(mx: ArrayLike, a0: ArrayLike | None = None) -> np.ndarray:
    """Shares of the people at one year's end who live at the next, by single age.

    They are ratios of person-years, as in a stationary population (Preston, Heuveline and
    Guillot 2001, section 6.3). The open age is split into its first year and the rest, both
    at its constant force m, so that a stationary population keeps its open age exactly.

    Parameters
    ----------
    mx : array_like, shape (..., 101)
        Death rates at ages 0..100, 100 open.
    a0 : array_like, broadcasting with shape (...), optional
        As in :func:`expectancy`.

    Returns
    -------
    numpy.ndarray, shape (..., 102)
        Index 0: births of the year to age 0 at its end, L(0)/l(0). Index x + 1 for x = 0..98: age x
        to age x + 1, L(x + 1)/L(x). Index 100: age 99 to the open age, l(100) (1 - exp(-m))/m / L(99).
        Index 101: open age to open age, exp(-m).

    Raises
    ------
    ValueError
        Listing every fault of the shape and the rates.
    """
    return in_blocks(_survival, MAX_AGE + 2, *checked_single(mx, a0))


def _survival(m: np.ndarray, a0: np.ndarray) -> np.ndarray:
    q, lived = single_years(m, a0)
    out = np.empty((len(m), MAX_AGE + 2))
    out[:, :MAX_AGE] = lived
    out[:, MAX_AGE] = -np.expm1(-m[:, -1]) / m[:, -1]
    # lived = L/l, so that (1 - q) lived'/lived is L'/L, even where nobody is left; it never passes 1.
    out[:, 1 : MAX_AGE + 1] *= (1 - q) / lived
    out[:, MAX_AGE + 1] = np.exp(-m[:, -1])
    return out
