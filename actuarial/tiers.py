"""Contribution tiers that members choose, and the government match that goes with each."""

from __future__ import annotations

import numpy as np
import xarray as xr
from scipy.special import ndtr

from actuarial.assumptions import Assumptions
from actuarial.flow import grown_from
from forecasting.axes import require

REACH = 8.0
"""The median wanted is looked for this many spreads below the lowest and above the highest tier."""

STEPS = 1 << 14
"""Points of the curve from the median wanted to the mean paid; between them it is straight.

At the least spread that is accepted a step is a fortieth of a spread: mean and match are then right to 1e-4.
"""

Array = np.ndarray


def shares(mean: Array | float, spread: float, tiers: Array) -> Array:
    """Return the shares of members on each tier whose mean contribution is a given one.

    What members want is log-normal; each takes the tier nearest to it. The
    median wanted is the one under which the tiers taken have the mean given.

    Parameters
    ----------
    mean : float or numpy.ndarray, shape (...,)
        Mean regular contribution of a contributor, yuan a year.
    spread : float
        Sd of the log of what is wanted.
    tiers : numpy.ndarray, shape (K,)
        Rising, yuan a year.

    Returns
    -------
    numpy.ndarray, shape (..., K)
        They add up to one. Where the mean lies below the lowest tier, the
        shares add up to their ratio: the others pay nothing in that year.
        Where it passes the highest, all are on that.

    Raises
    ------
    ValueError
        If a mean is negative, the spread is not over zero, or the tiers do not rise from over zero.
    """
    wanted, steps = _checked(mean, spread, tiers)
    grid, means, _ = _curve(spread, steps)
    found = _shares(np.interp(wanted, means, grid), spread, steps)
    return found * _paying(wanted, steps)[..., None]


def mean_match(mean: Array | float, spread: float, tiers: Array, amounts: Array) -> Array:
    """Return the match per contributor when members choose tiers as in :func:`shares`.

    Parameters
    ----------
    mean, spread, tiers
        As in :func:`shares`.
    amounts : numpy.ndarray, shape (K,)
        Match to a contribution of each tier, yuan a year.

    Returns
    -------
    numpy.ndarray, shape (...,)
        Yuan per contributor and year: the sum of share times amount over tiers.

    Raises
    ------
    ValueError
        As :func:`shares`, or if there are not as many amounts as tiers.
    """
    wanted, steps = _checked(mean, spread, tiers)
    given = np.asarray(amounts, dtype=float)
    if given.shape != steps.shape:
        raise ValueError(f"there are {given.size} amounts of match for {steps.size} tiers: give one each")
    _, means, chosen = _curve(spread, steps)
    return np.asarray(np.interp(wanted, means, chosen @ given) * _paying(wanted, steps))


def regular_contribution(projection: xr.Dataset, assumptions: Assumptions) -> xr.DataArray:
    """Return what a contributor pays as the regular contribution of the year: what is no back payment.

    Parameters
    ----------
    projection : xarray.Dataset
        With ``contribution_per_head``, dims (draw?, year).
    assumptions : Assumptions
        Section ``accounts``.

    Returns
    -------
    xarray.DataArray, dims (draw?, year)
        Yuan per contributor.
    """
    require(projection, ["contribution_per_head"])
    return projection["contribution_per_head"] * (1.0 - assumptions.accounts.back_payment_share)


def match_per_head(projection: xr.Dataset, assumptions: Assumptions) -> xr.DataArray:
    """Return the government match per contributor: the amounts of the tiers that members choose.

    Parameters
    ----------
    projection : xarray.Dataset
        With ``contribution_per_head`` and ``rural_income``, dims (draw?, year).
    assumptions : Assumptions
        Section ``accounts``; tiers and amounts grow with rural income after ``match_indexed_from``.

    Returns
    -------
    xarray.DataArray, dims (draw?, year)
        Yuan per contributor and year.

    Raises
    ------
    forecasting.axes.AxisError
        If a variable or a base year is missing.
    """
    rule = assumptions.accounts
    mean, index = _in_tiers(projection, assumptions)
    found = mean_match(mean.values, rule.tier_spread, np.array(rule.tiers), np.array(rule.match_amounts))
    return rule.match_multiple * index * mean.copy(data=found)


def by_tier(projection: xr.Dataset, assumptions: Assumptions) -> xr.Dataset:
    """Return how members spread over the tiers, for reports and exports.

    Parameters
    ----------
    projection : xarray.Dataset
        Of a region or of the nation; as :func:`match_per_head`.
    assumptions : Assumptions
        Section ``accounts``.

    Returns
    -------
    xarray.Dataset
        ``tier_share`` (draw?, tier, year), see :func:`shares`; ``regular_contribution`` and ``match_per_head``
        (draw?, year), yuan per contributor. Coordinate ``tier`` in yuan of the years before indexation.
    """
    rule = assumptions.accounts
    mean, _ = _in_tiers(projection, assumptions)
    found = xr.DataArray(
        shares(mean.values, rule.tier_spread, np.array(rule.tiers)),
        {**mean.coords, "tier": list(rule.tiers)},
        (*mean.dims, "tier"),
        attrs={"unit": "share", "meaning": "Contributors whose regular contribution is of this tier"},
    )
    per_head = {"unit": "yuan per contributor and year"}
    regular = regular_contribution(projection, assumptions)
    match = match_per_head(projection, assumptions)
    return xr.Dataset(
        {
            "tier_share": found.transpose(*mean.dims[:-1], "tier", "year"),
            "regular_contribution": regular.assign_attrs(per_head, meaning="Contribution without back payment"),
            "match_per_head": match.assign_attrs(per_head, meaning="Government match"),
        }
    )


def _in_tiers(projection: xr.Dataset, assumptions: Assumptions) -> tuple[xr.DataArray, xr.DataArray]:
    """Return the regular contribution in yuan before indexation, and the index; year last."""
    require(projection, ["rural_income"])
    index = grown_from(projection["rural_income"], assumptions.accounts.match_indexed_from)
    mean, index = xr.broadcast(regular_contribution(projection, assumptions) / index, index)
    return mean.transpose(..., "year"), index.transpose(..., "year")


def _checked(mean: Array | float, spread: float, tiers: Array) -> tuple[Array, Array]:
    wanted, steps = np.asarray(mean, dtype=float), np.asarray(tiers, dtype=float)
    if not (spread > 0 and steps.size > 0 and steps[0] > 0 and np.all(np.diff(steps) > 0)):
        raise ValueError("the spread must be over 0, and tiers must rise from over 0")
    if not (wanted >= 0).all():
        raise ValueError("a mean contribution is below 0")
    return wanted, steps


def _curve(spread: float, tiers: Array) -> tuple[Array, Array, Array]:
    """Return log medians wanted, the mean of the tiers taken under each, and the shares, (STEPS, K)."""
    low, high = np.log(tiers[0]) - REACH * spread, np.log(tiers[-1]) + REACH * spread
    grid = np.linspace(low, high, STEPS)
    chosen = _shares(grid, spread, tiers)
    # Where all are on one tier, rounding must not make the mean fall.
    return grid, np.maximum.accumulate(chosen @ tiers), chosen


def _shares(log_median: Array, spread: float, tiers: Array) -> Array:
    borders = np.log((tiers[1:] + tiers[:-1]) / 2.0)
    below = ndtr((borders - log_median[..., None]) / spread)
    ends = np.zeros((*log_median.shape, 1))
    return np.diff(np.concatenate([ends, below, ends + 1.0], axis=-1), axis=-1)


def _paying(mean: Array, tiers: Array) -> Array:
    """Return the share of contributors who pay at all in the year: who pays, pays the lowest tier at least."""
    return np.minimum(mean / tiers[0], 1.0)
