"""Level rates of a base that pay a cost: average, scaled, steady-state, and for ever.

Plain arrays: the last axis is years, one step a year; anything may stand before
it. `cost` and `base` are yuan a year, `rate` is interest per year, `reserve` is
yuan at the start of the first year. Definitions follow Iyer, Actuarial
Mathematics of Social Security Pensions (ILO/ISSA 1999), chapter 1.

After the last year, by rule: cost and base grow at the mean growth of the base
over the last :data:`TREND_YEARS` years, so that the cost rate stays at its last
level, and money is discounted at the mean rate of these years. What comes is a
geometric series; where the discount rate is not above growth it has no sum, and
the result is NaN.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from actuarial.annuity import discount_factors, present_value

Array = np.ndarray

TREND_YEARS = 10
"""Years at the end of a projection whose means go on for ever."""


def level_rate(
    cost: Array,
    base: Array,
    rate: Array,
    reserve: float | Array = 0.0,
    target: float | Array = 0.0,
    *,
    mid_year: bool = True,
) -> Array:
    """Level rate of the base that pays a period's cost and ends it with a stated reserve.

    Parameters
    ----------
    cost, base, rate : numpy.ndarray, shape (..., n)
        Yuan a year, yuan a year, interest per year.
    reserve, target : float or numpy.ndarray, shape (...)
        Yuan at the start, and wanted at the end of the last year.
    mid_year : bool
        Money flows at mid-year, else at the end of the year.

    Returns
    -------
    numpy.ndarray, shape (...)
        ``(PV cost + PV target - reserve) / PV base``.
    """
    wanted = present_value(cost, rate, mid_year=mid_year) + target * discount_factors(rate)[..., -1] - reserve
    return wanted / present_value(base, rate, mid_year=mid_year)


def general_average_premium(
    cost: Array, base: Array, rate: Array, reserve: float | Array = 0.0, *, mid_year: bool = True
) -> Array:
    """Level rate of the base that pays a period's cost, the reserve being used up.

    Parameters
    ----------
    cost, base, rate, reserve, mid_year
        As in :func:`level_rate`.

    Returns
    -------
    numpy.ndarray, shape (...)
        ``(PV cost - reserve) / PV base``.
    """
    return level_rate(cost, base, rate, reserve, mid_year=mid_year)


def scaled_premium(
    cost: Array,
    base: Array,
    rate: Array,
    reserve: float | Array = 0.0,
    *,
    target_ratio: float,
    mid_year: bool = True,
) -> Array:
    """Level rate of the base over one control period that ends it with the target reserve.

    Parameters
    ----------
    cost, base, rate, reserve, mid_year
        As in :func:`level_rate`, over the years of the period.
    target_ratio : float
        Reserve wanted at the end, in cost of the last year.

    Returns
    -------
    numpy.ndarray, shape (...)
        ``(PV cost + PV target - reserve) / PV base``.
    """
    return level_rate(cost, base, rate, reserve, target_ratio * np.asarray(cost)[..., -1], mid_year=mid_year)


def control_period_rates(
    cost: Array,
    base: Array,
    rate: Array,
    reserve: float | Array = 0.0,
    *,
    target: Array,
    length: int,
    mid_year: bool = True,
) -> Array:
    """Scaled premiums of one control period after the other.

    Parameters
    ----------
    cost, base, rate, reserve, mid_year
        As in :func:`level_rate`, over all years.
    target : numpy.ndarray, shape (..., n)
        Yuan wanted at the end of each year, if a period ends there.
    length : int
        Years of a control period; the last period has what is left.

    Returns
    -------
    numpy.ndarray, shape (..., n)
        The rate in force in each year. Each period starts with the reserve that
        the one before it ended with.

    Raises
    ------
    ValueError
        If `length` is below 1.
    """
    if length < 1:
        raise ValueError(f"a control period of {length} years: give at least 1")
    cost, base, rate, target = np.broadcast_arrays(cost, base, rate, target)
    out = np.empty(cost.shape)
    held = reserve
    for start in range(0, cost.shape[-1], length):
        years = (..., slice(start, start + length))
        wanted = target[years][..., -1]
        level = level_rate(cost[years], base[years], rate[years], held, wanted, mid_year=mid_year)
        out[years] = level[..., None]
        held = wanted
    return out


def steady_state_rate(
    cost: Array,
    base: Array,
    rate: Array,
    reserve: float | Array = 0.0,
    *,
    years: tuple[int, int],
    mid_year: bool = True,
) -> Array:
    """Lowest level rate with which the reserve ratio of one far year is that of another.

    Parameters
    ----------
    cost, base, rate, reserve, mid_year
        As in :func:`level_rate`; the rate is paid from the first year on.
    years : tuple of int
        The earlier and the later year, 1 being the first. The reserve ratio is the
        reserve on 1 January over the cost of the year; it may be below 0.

    Returns
    -------
    numpy.ndarray, shape (...)
        The reserve is linear in the rate, so that one rate makes the two ratios
        equal. Where a higher rate raises the later ratio by more than the earlier
        one, it is also the lowest with which the ratio does not fall; elsewhere
        there is no lowest rate, and the result is NaN. Canada Pension Plan: the
        same ratio in the 10th and the 60th year (ISSA, Good Practice "Steady-state
        contribution rate and incremental full funding").

    Raises
    ------
    ValueError
        If the years are not in order, or not within the period.
    """
    first, last = years
    if not 1 <= first < last <= np.shape(cost)[-1]:
        raise ValueError(f"years {first} and {last} of a period of {np.shape(cost)[-1]}: give two in order within it")
    flow = discount_factors(rate, mid_year=mid_year)
    # Value on 1 January of each year: nothing has flowed before the first.
    of_year = 1 / (_before(discount_factors(rate), 1.0) * np.where(np.asarray(cost) > 0, cost, np.nan))
    paid = _before((base * flow).cumsum(axis=-1), 0.0) * of_year
    lacking = (_before((cost * flow).cumsum(axis=-1), 0.0) - np.asarray(reserve)[..., None]) * of_year
    slope = paid[..., last - 1] - paid[..., first - 1]
    level: Array = (lacking[..., last - 1] - lacking[..., first - 1]) / np.where(slope > 0, slope, np.nan)
    return level


class Trend(NamedTuple):
    """How money goes on after the last year, shape (...), per year.

    Attributes
    ----------
    growth
        Of cost and base.
    discount
        Rate of interest.
    """

    growth: Array
    discount: Array

    @property
    def converges(self) -> Array:
        """Whether the value of all later years exists: the discount rate is above growth."""
        return np.asarray(self.discount > self.growth)


def trend(base: Array, rate: Array) -> Trend:
    """Take the means of the last :data:`TREND_YEARS` years.

    Parameters
    ----------
    base, rate : numpy.ndarray, shape (..., n)
        Yuan a year, above 0; interest per year.

    Returns
    -------
    Trend
        Geometric means: growth of `base`, and `rate`.

    Raises
    ------
    ValueError
        If there are not more than :data:`TREND_YEARS` years.
    """
    base, rate = np.asarray(base, dtype=float), np.asarray(rate, dtype=float)
    if base.shape[-1] <= TREND_YEARS:
        raise ValueError(f"{base.shape[-1]} years: the trend of the last {TREND_YEARS} needs one more")
    growth = (base[..., -1] / base[..., -1 - TREND_YEARS]) ** (1 / TREND_YEARS) - 1
    return Trend(growth, np.expm1(np.log1p(rate[..., -TREND_YEARS:]).mean(axis=-1)))


def present_value_for_ever(amount: Array, rate: Array, after: Trend, *, mid_year: bool = True) -> Array:
    """Value at the start of the first year of money that goes on for ever.

    Parameters
    ----------
    amount, rate : numpy.ndarray, shape (..., n)
        Yuan per year and interest per year, of the years that are projected.
    after : Trend
        Later years; the k-th has the amount of the last year times ``(1 + growth)^k``.
    mid_year : bool
        Money flows at mid-year, else at the end of the year.

    Returns
    -------
    numpy.ndarray, shape (...)
        Yuan; NaN where the discount rate is not above growth. With ``q = (1 +
        growth) / (1 + discount)`` the later years are worth ``q / (1 - q) = (1 +
        growth) / (discount - growth)`` times the last amount, at the end of the
        last year, and half a year's interest more for money at mid-year.
    """
    growth, discount = after
    margin = np.where(after.converges, discount - growth, np.nan)
    factor = discount_factors(rate)[..., -1] * (1 + growth) / margin
    later = factor * np.sqrt(1 + discount) if mid_year else factor
    value: Array = present_value(amount, rate, mid_year=mid_year) + np.asarray(amount)[..., -1] * later
    return value


def general_average_premium_for_ever(
    cost: Array,
    base: Array,
    rate: Array,
    reserve: float | Array = 0.0,
    *,
    after: Trend | None = None,
    mid_year: bool = True,
) -> Array:
    """Level rate of the base that pays the cost for ever.

    Parameters
    ----------
    cost, base, rate, reserve, mid_year
        As in :func:`level_rate`, of the years that are projected.
    after : Trend, optional
        Later years; by default :func:`trend` of `base` and `rate`.

    Returns
    -------
    numpy.ndarray, shape (...)
        ``(PV cost - reserve) / PV base`` over an infinite horizon; NaN where it does not exist.
    """
    after = after or trend(base, rate)
    of_cost = present_value_for_ever(cost, rate, after, mid_year=mid_year)
    return (of_cost - reserve) / present_value_for_ever(base, rate, after, mid_year=mid_year)


def _before(path: Array, first: float) -> Array:
    """Shift a path by one year: `first`, then all but the last."""
    return np.concatenate([np.full_like(path[..., :1], first), path[..., :-1]], axis=-1)
