"""From the posterior of regions to paths of their log ratios to the nation."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from forecasting.models._provinces_accounts import corrected
from forecasting.models._provinces_data import SERIES, STEPPED

if TYPE_CHECKING:
    from forecasting.models.sampling import Inputs

Streams = Callable[[str], np.random.Generator]
"""Gives the random stream of a named part."""

LARGEST_STEP = 0.75
"""No year moves a log ratio by more than this: the most since 2012 was .74, Beijing's pensioners in 2016."""


def damped(posterior: xr.Dataset, ahead: np.ndarray) -> np.ndarray:
    """Return how many years of full drift are run `ahead` years after the last figure.

    Parameters
    ----------
    posterior : xarray.Dataset
        With ``half_life`` (draw).
    ahead : numpy.ndarray of int
        Years after the last figure; before it they count in full, below zero.

    Returns
    -------
    numpy.ndarray, shape (draw, len(ahead))
        d + d^2 + ... for a yearly factor d; `ahead` itself where that is negative.
    """
    kept = 2.0 ** (-1.0 / posterior["half_life"].values[:, None])
    later = np.maximum(ahead, 0)
    return np.minimum(ahead, 0) + kept * (1.0 - kept**later) / (1.0 - kept)


def forecast(posterior: xr.Dataset, inputs: Inputs, years: np.ndarray, streams: Streams) -> xr.Dataset:
    """Carry the log ratios of every region to the last of `years`.

    Parameters
    ----------
    posterior : xarray.Dataset
        Variables of `provinces.KEEP` with axis ``draw``.
    inputs : mapping
        As given to `provinces.build`.
    years : numpy.ndarray of int
        Years wanted, each one after the one before. Before the first figure that figure holds.
    streams : callable
        Gives a random stream by name. Each region has its own, drawn year by year: neither another region nor a
        later horizon moves a path.

    Returns
    -------
    xarray.Dataset
        Each of `provinces.SERIES` (draw, region, year): shares of the nation's contributors and pensioners; rural
        income, benefit per pensioner and contribution per head over the nation's; all logs.
    """
    known = inputs["years"]
    all_years = np.arange(min(int(known[0]), int(years[0])), max(int(known[-1]), int(years[-1])) + 1)
    by_region = [
        _region(posterior, inputs, r, all_years, streams(f"provinces {name}"))
        for r, name in enumerate(inputs["regions"])
    ]
    axes = {"draw": posterior["draw"].values, "region": inputs["regions"], "year": all_years}
    stacked = np.stack(by_region, axis=2)
    out = xr.Dataset({name: (tuple(axes), stacked[i]) for i, name in enumerate(SERIES)}, axes)
    return out.sel(year=years)


def _region(posterior: xr.Dataset, inputs: Inputs, r: int, years: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return the paths of one region, shape (series, draw, year)."""
    draws = posterior.sizes["draw"]
    out = np.empty((len(SERIES), draws, len(years)))
    errors = rng.standard_normal((draws, len(inputs["years"])))
    # One for the level of contributions, then one a year from the first.
    shocks = _shocks(posterior, int(years[-1] - inputs["years"][0]) + 2, rng)
    for s in range(len(STEPPED)):
        figures = inputs["ratios"][s, r]
        seen = np.flatnonzero(~np.isnan(figures))
        at = int(inputs["years"][seen[-1]])
        past = years <= at
        # A gap is bridged by a straight line: nothing that is paid rests on a year inside it.
        out[s][:, past] = np.interp(years[past], inputs["years"][seen], figures[seen])
        step = np.exp(posterior["log_scale"].values[:, s, r, None]) * shocks[s][:, at - inputs["years"][0] + 2 :]
        run = np.cumsum(np.clip(step, -LARGEST_STEP, LARGEST_STEP), axis=1)
        drift = posterior["drift"].values[:, s, r, None] * damped(posterior, years[~past] - at)
        out[s][:, ~past] = figures[seen[-1]] + drift + run
    out[-1] = _contribution(
        posterior, inputs, r, years, income=out[STEPPED.index("income")], shocks=shocks[-1], errors=errors
    )
    return out


def _contribution(
    posterior: xr.Dataset,
    inputs: Inputs,
    r: int,
    years: np.ndarray,
    *,
    income: np.ndarray,
    shocks: np.ndarray,
    errors: np.ndarray,
) -> np.ndarray:
    """Return the log contribution per head over the nation's, (draw, year)."""
    known, persistence = inputs["years"], float(inputs["persistence"])
    swing = shocks[:, 1:].copy()
    for t in range(1, swing.shape[1]):
        swing[:, t] = persistence * swing[:, t - 1] + np.sqrt(1.0 - persistence**2) * swing[:, t]
    level = posterior["level_sd"].values[:, None] * shocks[:, :1]
    path = level + posterior["swing_sd"].values[:, None] * swing
    mean, elasticity = (posterior[name].values[:, None] for name in ("contribution_mean", "elasticity"))
    regression = mean + elasticity * inputs["income"][r]
    prior = regression + path[:, : len(known)]
    path += corrected(posterior, inputs, r, path=prior, errors=errors, length=path.shape[1])
    early = np.repeat(path[:, :1], int(known[0] - years[0]), axis=1)
    return np.asarray(mean + elasticity * income + np.concatenate([early, path], axis=1))


def _shocks(posterior: xr.Dataset, steps: int, rng: np.random.Generator) -> np.ndarray:
    """Draw standard steps, shape (series, draw, steps), year by year: Student t for those seen, else normal."""
    tail = posterior["tail"].values
    out = np.empty((len(SERIES), len(tail), steps))
    for t in range(steps):
        normal = rng.standard_normal((len(SERIES), len(tail)))
        normal[: len(STEPPED)] /= np.sqrt(rng.chisquare(tail.T) / tail.T)
        out[:, :, t] = normal
    return out
