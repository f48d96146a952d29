"""Paths of mortality: from the posterior of :mod:`forecasting.models.mortality` to rates by single age."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from forecasting.axes import AGES, AREAS, SEXES
from forecasting.lifetable import brass, expectancy

if TYPE_CHECKING:
    from forecasting.models.sampling import Inputs

STEP = 5
"""Years between the middles of two periods."""

BLOCK = 25
"""Draws worked on at once by :func:`rates`: bounds its working memory."""

NEWTON = 4
"""Newton steps to a published life expectancy: to 1e-6 of a year."""

_SMALL = 0.01 * np.eye(2)

SIDE = np.array([0.5, -0.5])
"""Part of the difference of the log rates, female less male, that each sex takes."""


def forecast(posterior: xr.Dataset, years: np.ndarray, rng: np.random.Generator, inputs: Inputs) -> xr.Dataset:
    """Simulate what drives mortality, one path a draw; small arrays, from which :func:`rates` makes rates.

    Parameters
    ----------
    posterior : xarray.Dataset
        Variables ``KEEP`` of the model with axis ``draw``.
    years : numpy.ndarray of int, shape (Y,)
        Successive years, from the first to any after the last period.
    rng : numpy.random.Generator
        Stream of this model.
    inputs : mapping of str to numpy.ndarray
        Inputs of the model.

    Returns
    -------
    xarray.Dataset
        ``K`` (draw, year), common level, and ``k`` (draw, sex, year), deviation of each sex, both
        less those of the last period: between the periods' middles up to it, a year standing at its
        own middle, moved to the published life expectancy of later years, simulated after;
        ``gap`` (draw, year), urban less rural life expectancy in years;
        ``B`` and ``b`` (draw, age), their weights by single age; ``published`` (sex, age, year),
        log rates as published, the last ones held on; attribute ``last_year``, the last year with them.

    Raises
    ------
    ValueError
        If `years` begin before the first period, or have gaps.
    """
    years, period = np.asarray(years), inputs["period"]
    if years[0] < period[0] or (np.diff(years) != 1).any():
        raise ValueError(f"years run from {years[0]} to {years[-1]}: give successive years from {period[0]} on")
    at = _between(years, period)
    ahead = max(int(years[-1] - period[-1]), 0)
    known = _to_published(posterior, inputs)[..., :ahead]
    common, difference = _simulate(posterior, known, ahead - known.shape[-1], rng, float(inputs["slope"]))
    # Column of a path: 0 up to the last year that is not simulated, then one a year.
    after = np.maximum(years - int(period[-1]), 0)
    fade = 0.5 ** ((years - int(inputs["gap_year"])) / posterior["gap_half_life"].values[:, None])
    level, own = posterior["K"].values, posterior["k"].values
    k = SIDE[:, None] * (own @ at + difference[:, after])[:, None] - SIDE[:, None] * own[:, None, -1:]
    return xr.Dataset(
        {
            "K": (("draw", "year"), level @ at + common[:, after] - level[:, -1:]),
            "k": (("draw", "sex", "year"), k),
            "gap": (("draw", "year"), posterior["rural_gap"].values[:, None] * fade),
            "B": (("draw", "age"), spread_ages(posterior["B"].values, inputs["age"])),
            "b": (("draw", "age"), spread_ages(posterior["b"].values, inputs["age"])),
            "published": (("sex", "age", "year"), np.einsum("spa,py->say", inputs["published"], at)),
        },
        coords={"draw": posterior["draw"].values, "sex": list(SEXES), "age": AGES, "year": years},
        attrs={"last_year": int(period[-1])},
    )


def rates(drivers: xr.Dataset, rural_share: np.ndarray) -> np.ndarray:
    """Death rates by area, sex and single age.

    Parameters
    ----------
    drivers : xarray.Dataset
        From :func:`forecast`; a slice of draws saves memory.
    rural_share : numpy.ndarray, broadcasting with shape (D, 2, 101, Y)
        Rural share of the population, 0..1: shape (Y,) for all ages alike, (D, 1, 1, Y) by draw,
        or by sex and age too.

    Returns
    -------
    numpy.ndarray, shape (D, 2, 2, 101, Y)
        Rates per person-year by draw, area (rural, urban), sex, age and year. Their mean by
        `rural_share` is the rate of :func:`national`.

    Notes
    -----
    With l the nation's survivors, d e0/d alpha of a Brass shift alpha is about -2 sum l (1 - l): the areas stand at
    plus and minus half the alpha that makes the gap. Bringing their mean to the nation's rate
    moves both by one factor at each age. The gap of the result is within about an eighth of the one asked for.
    """
    share = np.broadcast_to(np.asarray(rural_share, dtype=float), _shape(drivers))
    if not ((share >= 0) & (share <= 1)).all():
        raise ValueError("a rural share of the population is not within 0..1")
    draws, *rest = share.shape
    out = np.empty((draws, len(AREAS), *rest))
    for start in range(0, draws, BLOCK):
        part = slice(start, start + BLOCK)
        some = drivers.isel(draw=part)
        out[part] = _areas(national(some), some["gap"].values, share[part])
    return out


def national(drivers: xr.Dataset) -> np.ndarray:
    """Death rates of the nation.

    Parameters
    ----------
    drivers : xarray.Dataset
        From :func:`forecast`.

    Returns
    -------
    numpy.ndarray, shape (D, 2, 101, Y)
        Rates per person-year by draw, sex, age and year.
    """
    # Up to the last period the published rates stand; later they move by what K and k have moved since.
    years, last = drivers["year"].values, drivers.attrs["last_year"]
    common, own = (_since(drivers[name].values, years, last) for name in ("K", "k"))
    common, own = common[:, None, None, :], own[:, :, None, :]
    weight, own_weight = (drivers[name].values[:, None, :, None] for name in ("B", "b"))
    logs = weight * common + own_weight * own
    logs += drivers["published"].values
    return np.asarray(np.exp(logs, out=logs))


def spread_ages(values: np.ndarray, age: np.ndarray) -> np.ndarray:
    """Read values of age groups at the middles of single ages, linear between the groups' middles.

    Parameters
    ----------
    values : numpy.ndarray, shape (..., G)
        One value an age group.
    age : numpy.ndarray of int, shape (G,)
        First ages of the groups, the last open.

    Returns
    -------
    numpy.ndarray, shape (..., 101)
        Values at ages 0..100.
    """
    width = np.diff(age)
    middle = np.append(age[:-1] + width / 2, age[-1] + 0.5)
    weights = np.stack([np.interp(AGES + 0.5, middle, unit) for unit in np.eye(age.size)])
    return np.asarray(values @ weights)


def _since(path: np.ndarray, years: np.ndarray, last: int) -> np.ndarray:
    """Return a path less its value in the year `last`, zero up to it; a path that begins later is so already."""
    base = path[..., [np.searchsorted(years, last)]] if years[0] <= last else 0.0
    return np.where(years > last, path - base, 0.0)


def _shape(drivers: xr.Dataset) -> tuple[int, ...]:
    return tuple(drivers.sizes[axis] for axis in ("draw", "sex", "age", "year"))


def _areas(mx: np.ndarray, gap: np.ndarray, share: np.ndarray) -> np.ndarray:
    """Split rates (D, 2, 101, Y) of the nation into rural and urban ones, (D, 2, 2, 101, Y)."""
    by_age = np.ascontiguousarray(np.moveaxis(mx, 2, -1))
    alive = np.cumprod((2 - by_age) / (2 + by_age), axis=-1)
    half = gap[:, None, :] / (4 * (alive * (1 - alive)).sum(axis=-1))
    moved = brass(by_age[:, None], np.stack([half, -half], axis=1))
    rural, urban = np.moveaxis(moved, -1, 3)[:, 0], np.moveaxis(moved, -1, 3)[:, 1]
    factor = mx / (share * rural + (1 - share) * urban)
    return np.stack([rural * factor, urban * factor], axis=1)


def _to_published(posterior: xr.Dataset, inputs: Inputs) -> np.ndarray:
    """Find the moves of K and k since the last period to the life expectancy published later, shape (2, D, L)."""
    if "later_e0" not in inputs:
        return np.zeros((2, posterior.sizes["draw"], 0))
    wanted = inputs["later_e0"][:, None, :]
    last = inputs["published"][:, None, None, -1]
    weights = np.stack([spread_ages(posterior[name].values, inputs["age"]) for name in ("B", "b")])[:, :, None]

    def miss(moves: np.ndarray) -> np.ndarray:
        own = SIDE[:, None, None, None] * (weights[1] * moves[1, ..., None])
        return expectancy(np.exp(last + weights[0] * moves[0, ..., None] + own)) - wanted

    moves = np.zeros((2, *np.broadcast_shapes(weights.shape[1:-1], wanted.shape[1:])))
    for _ in range(NEWTON):
        now = miss(moves)
        # Columns: a small step of K, and of k; rows: the sexes.
        slopes = np.stack([miss(moves + _SMALL[:, i, None, None]) - now for i in range(2)], axis=-1) / _SMALL[0, 0]
        step = np.linalg.solve(np.moveaxis(slopes, 0, -2), np.moveaxis(now, 0, -1)[..., None])[..., 0]
        moves = moves - np.moveaxis(step, -1, 0)
    return moves


def _simulate(
    posterior: xr.Dataset, known: np.ndarray, ahead: int, rng: np.random.Generator, slope: float
) -> tuple[np.ndarray, np.ndarray]:
    """Return the moves of K and k since the last period, both (D, 1 + known + ahead), the first of them zero."""
    gain, noise, phi, shock = (
        posterior[name].values for name in ("future_gain", "future_noise", "difference_phi", "difference_noise")
    )
    random = rng.standard_normal((2, ahead, gain.size))
    past = np.concatenate([np.zeros((2, gain.size, 1)), known], axis=-1).transpose(0, 2, 1)
    common = np.concatenate([past[0], past[0, -1] + np.cumsum((gain + noise * random[0]) / slope, axis=0)])
    yearly = phi ** (1 / STEP)
    # Five yearly innovations add up to the variance of one of five years.
    scale = shock * np.sqrt((1 - yearly**2) / (1 - phi**2))
    path = np.empty((ahead + 1, gain.size))
    path[0] = posterior["k"].values[:, -1] + past[1, -1]
    for step in range(ahead):
        path[step + 1] = yearly * path[step] + scale * random[1, step]
    difference = np.concatenate([past[1], path[1:] - posterior["k"].values[:, -1]])
    return common.T, difference.T


def _between(years: np.ndarray, period: np.ndarray) -> np.ndarray:
    """Weights of the periods in the middle of each year, shape (P, Y); after the last period its own."""
    return np.stack([np.interp(years + 0.5, period, unit) for unit in np.eye(period.size)])
