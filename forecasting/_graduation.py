"""Single-age rates: the year of age, graduation of groups, closing at old ages, relation to a standard.

The public face of this module is :mod:`forecasting.lifetable`.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike

from forecasting.axes import AGES, MAX_AGE

WEST = {
    "female": ((0.053, 2.800, 0.350), (1.522, -1.518, 1.361)),
    "male": ((0.045, 2.684, 0.330), (1.651, -2.816, 1.352)),
    "both": ((0.049, 2.742, 0.340), (1.5865, -2.167, 1.3565)),
}
"""a(0) and a(1) of Coale-Demeny West: intercept and slope on m(0) below 0.107, value from there on.

Coale and Demeny 1983, as table 3.3 of Preston, Heuveline and Guillot 2001; both is the mean.
"""

BLOCK = 1024
"""Tables worked on at a time: a megabyte or so an array."""

KEEPING_ROUNDS = 40
"""Rounds after which ungrouped rates keep those of their groups to rounding."""


def refuse(*faults: tuple[bool, str]) -> None:
    """Raise one ValueError with the text of every fault that is there."""
    found = [text for there, text in faults if there]
    if found:
        raise ValueError("; ".join(found))


def rate_faults(m: np.ndarray, groups: int) -> tuple[tuple[bool, str], ...]:
    """List what may be wrong with death rates of `groups` ages, the last of them open."""
    fits = m.shape[-1:] == (groups,)
    return (
        (not fits, f"death rates have shape {m.shape}: the last axis needs {groups} ages"),
        (not np.isfinite(m).all(), "death rates are missing or not finite"),
        (bool((m < 0).any()), "death rates are negative"),
        (fits and not (m[..., -1:] > 0).all(), "the death rate of the open age is not positive: nobody would ever die"),
    )


def single_years(m: np.ndarray, first: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return q and L/l at ages 0..99, both of shape (..., 100), from rates and a(0)."""
    closed = m[..., :-1]
    q = closed / (1 + 0.5 * closed)
    q[..., 0] = m[..., 0] / (1 + (1 - first) * m[..., 0])
    np.minimum(q, 1.0, out=q)
    lived = 1 - 0.5 * q
    lived[..., 0] = 1 - (1 - first) * q[..., 0]
    return q, lived


def in_blocks(function: Callable[..., np.ndarray], width: int, m: np.ndarray, *each: np.ndarray) -> np.ndarray:
    """Apply `function` to blocks of tables, so that what it holds on the way stays in the cache.

    `m` has shape (..., ages), `each` broadcasts with its leading axes; the result has shape (..., width).
    """
    lead = np.broadcast_shapes(m.shape[:-1], *(values.shape for values in each))
    tables = np.broadcast_to(m, (*lead, m.shape[-1])).reshape(-1, m.shape[-1])
    flat = [np.broadcast_to(values, lead).reshape(-1) for values in each]
    out = np.empty((len(tables), width))
    for i in range(0, len(tables), BLOCK):
        part = slice(i, i + BLOCK)
        out[part] = function(tables[part], *(values[part] for values in flat))
    return out.reshape(*lead, width)


def checked_single(mx: ArrayLike, a0: ArrayLike | None) -> tuple[np.ndarray, np.ndarray]:
    """Check single-age rates and return them with a(0)."""
    m = np.asarray(mx, dtype=float)
    refuse(*rate_faults(m, MAX_AGE + 1))
    return m, infant_separation(m[..., 0]) if a0 is None else np.asarray(a0, dtype=float)


def survivors(q: np.ndarray) -> np.ndarray:
    """Survivors of one birth to each age and to the open one, shape (..., G), from q of shape (..., G - 1)."""
    return np.concatenate([np.ones_like(q[..., :1]), np.cumprod(1 - q, axis=-1)], axis=-1)


def group_ages(lower: ArrayLike) -> np.ndarray:
    """Check the first ages of age groups."""
    ages = np.asarray(lower)
    whole = ages.ndim == 1 and ages.size > 1 and bool((ages == np.floor(ages)).all())
    refuse(
        (
            not whole or bool((np.diff(ages) <= 0).any()) or ages[0] < 0,
            f"age groups {ages.tolist()} do not rise by whole years",
        )
    )
    return ages.astype(int)


def middles(ages: np.ndarray) -> np.ndarray:
    """Middle of each group; the open group counts as wide as the one before it."""
    width = np.diff(ages)
    return ages + np.append(width, width[-1]) / 2


def west(m0: np.ndarray, row: tuple[float, float, float]) -> np.ndarray:
    """Coale-Demeny West: linear in m(0), then constant."""
    return np.where(m0 < 0.107, row[0] + row[1] * m0, row[2])


def infant_separation(m0: ArrayLike, sex: str = "both") -> np.ndarray:
    """Years lived before the first birthday by those who die before it, a(0) of Coale-Demeny West.

    Parameters
    ----------
    m0 : array_like
        Death rate at age 0.
    sex : {"both", "female", "male"}
        Whose formula; ``both`` is the mean of the two.

    Returns
    -------
    numpy.ndarray
        a(0) in years, of the shape of `m0`.
    """
    return west(np.asarray(m0, dtype=float), WEST[sex][0])


def ungroup(mx: ArrayLike, lower: ArrayLike) -> np.ndarray:
    """Graduate rates of age groups to single ages: monotone interpolation of their logarithms.

    A monotone cubic (PCHIP; Fritsch and Carlson 1980) runs through the middles of the groups, and is
    then moved at these knots until the life table of the single ages has the rates of the groups
    again, so that deaths and person-years of every group are kept. From the first age of the open
    group on, its rate holds, which keeps its expectancy; :func:`kannisto` puts a slope there.

    Parameters
    ----------
    mx : array_like, shape (..., G)
        Positive death rates by group.
    lower : array_like of int, shape (G,)
        First ages, beginning 0, 1; the last group is open and begins at 100 or before.

    Returns
    -------
    numpy.ndarray, shape (..., 101)
        Death rates at ages 0..100, 100 open.

    Raises
    ------
    ValueError
        Listing every fault of the shape, the ages and the rates.
    """
    m, ages = np.asarray(mx, dtype=float), group_ages(lower)
    refuse(
        (ages[:2].tolist() != [0, 1], "ages do not begin with groups 0 and 1: deaths of infants need their own group"),
        (bool(ages[-1] > MAX_AGE), f"the open group begins at {ages[-1]}: merge the groups from {MAX_AGE} on"),
        (ages.size < 4, "fewer than four age groups have no shape"),
        *rate_faults(m, ages.size),
        (not (m > 0).all(), "a rate of zero has no logarithm: merge groups without deaths"),
    )
    knots = np.log(m)
    for _ in range(KEEPING_ROUNDS):
        single = _interpolate(knots, m, ages)
        knots[..., :-1] += np.log(m[..., :-1] / _group_rates(single, ages))
    return _interpolate(knots, m, ages)


def _interpolate(knots: np.ndarray, m: np.ndarray, ages: np.ndarray) -> np.ndarray:
    from scipy.interpolate import PchipInterpolator  # late: a program that has single ages does not wait for it

    out = np.repeat(m[..., -1:], MAX_AGE + 1, axis=-1)
    last = ages[-1]
    out[..., :last] = np.exp(PchipInterpolator(middles(ages), knots, axis=-1)(AGES[:last] + 0.5))
    return out


def _group_rates(single: np.ndarray, ages: np.ndarray) -> np.ndarray:
    """Rates of the closed groups in the life table of single ages."""
    q, lived = single_years(single, infant_separation(single[..., 0]))
    at_start = survivors(q)[..., :-1]
    starts, last = ages[:-1], ages[-1]
    deaths = np.add.reduceat((at_start * q)[..., :last], starts, axis=-1)
    years = np.add.reduceat((at_start * lived)[..., :last], starts, axis=-1)
    return np.asarray(deaths / years)


def kannisto(mx: ArrayLike, fit_from: int = 80, close_from: int = 95) -> np.ndarray:
    """Close a table at old ages by the logistic of Kannisto, whose force of mortality rises towards 1.

    logit m(x) is linear in age (Thatcher, Kannisto and Vaupel 1998, The Force of Mortality at Ages
    80 to 120), here by least squares on ages `fit_from` .. `close_from` - 1 and never falling with
    age. The open age gets the reciprocal of the expectancy at 100 that the same line implies.

    Parameters
    ----------
    mx : array_like, shape (..., 101)
        Death rates at ages 0..100; those from `close_from` on are not read.
    fit_from, close_from : int
        First age of the fit, and first age to be replaced.

    Returns
    -------
    numpy.ndarray, shape (..., 101)
        `mx` below `close_from`, the logistic from there on.

    Raises
    ------
    ValueError
        If fewer than two ages are fitted, or a rate among them is not between 0 and 1.
    """
    m = np.array(mx, dtype=float)
    refuse(
        (m.shape[-1:] != (MAX_AGE + 1,), f"rates have shape {m.shape}: the last axis has ages 0..100"),
        (not 0 <= fit_from < close_from - 1 < MAX_AGE, f"the fit from {fit_from} to {close_from} has no two ages"),
    )
    seen = m[..., fit_from:close_from]
    refuse((not ((seen > 0) & (seen < 1)).all(), "a rate to be fitted is not between 0 and 1: fit younger ages"))
    x = np.arange(fit_from, close_from) + 0.5
    logit = np.log(seen / (1 - seen))
    slope = np.maximum((logit * (x - x.mean())).sum(axis=-1) / ((x - x.mean()) ** 2).sum(), 0.0)

    def line(age: np.ndarray) -> np.ndarray:
        z = logit.mean(axis=-1)[..., None] + slope[..., None] * (age + 0.5 - x.mean())
        return np.asarray(1 / (1 + np.exp(-z)))

    m[..., close_from:] = line(AGES[close_from:])
    m[..., MAX_AGE] = 1 / _remaining_years(line(np.arange(MAX_AGE, MAX_AGE + 31)))
    return m


def brass(mx: ArrayLike, alpha: ArrayLike = 0.0, beta: ArrayLike = 1.0) -> np.ndarray:
    """Move a table by Brass's relational logit: Y(x) = alpha + beta Y_s(x), Y = log((1 - l)/l)/2.

    Source: Brass 1971, On the Scale of Mortality. A higher alpha is a higher mortality. The open age
    moves by the derivative of the relation, m = beta m_s (1 - l(100))/(1 - l_s(100)); a(0) is that of
    the standard.

    Parameters
    ----------
    mx : array_like, shape (..., 101)
        Death rates of the standard, below 2 at closed ages.
    alpha, beta : array_like, broadcasting with shape (...)
        Level, and slope (above 0) of child against adult mortality.

    Returns
    -------
    numpy.ndarray, shape (..., 101)
        Death rates; the standard itself at alpha 0, beta 1.

    Raises
    ------
    ValueError
        Listing every fault of the shape, the rates and beta.
    """
    m, level, slope = (np.asarray(v, dtype=float) for v in (mx, alpha, beta))
    refuse(
        *rate_faults(m, MAX_AGE + 1),
        (
            not (m[..., :-1] < 2).all(),
            "a rate of 2 or more at a closed age leaves no survivors: close the table younger",
        ),
        (not np.isfinite(level).all(), "alpha is missing or not finite"),
        (
            not (np.isfinite(slope) & (slope > 0)).all(),
            "beta is not a number above 0: survivors would not fall with age",
        ),
    )
    return in_blocks(_related, MAX_AGE + 1, m, level, slope)


def _related(m: np.ndarray, level: np.ndarray, slope: np.ndarray) -> np.ndarray:
    """Move tables of shape (N, 101) by `level` and `slope` of shape (N,)."""
    first = infant_separation(m[:, 0])
    odds = _odds(single_years(m, first)[0])
    # In odds of having died, so that small probabilities keep all their digits.
    moved = np.exp(2 * level)[:, None] * (odds if (slope == 1).all() else odds ** slope[:, None])
    dying = np.diff(moved, axis=-1, prepend=0.0) / (1 + moved)
    out = np.empty_like(m)
    out[:, :-1] = dying / (1 - 0.5 * dying)
    out[:, 0] = dying[:, 0] / (1 - (1 - first) * dying[:, 0])
    ratio = moved[:, -1] / odds[:, -1] * (1 + odds[:, -1]) / (1 + moved[:, -1])
    out[:, -1] = slope * ratio * m[:, -1]
    return out


def _odds(q: np.ndarray) -> np.ndarray:
    """Odds of having died by ages 1..100."""
    alive = np.cumprod(1 - q, axis=-1)
    # dead(x + 1) = dead(x) + l(x) q(x): the sum keeps the digits that 1 - l would lose.
    dead = np.cumsum(np.concatenate([np.ones_like(q[..., :1]), alive[..., :-1]], axis=-1) * q, axis=-1)
    return dead / alive


def _remaining_years(m: np.ndarray) -> np.ndarray:
    """Return the expectancy at the first age of `m`, the force constant within each year and after the last."""
    years = 1 / m[..., -1]
    for x in range(m.shape[-1] - 2, -1, -1):
        years = -np.expm1(-m[..., x]) / m[..., x] + np.exp(-m[..., x]) * years
    return years
