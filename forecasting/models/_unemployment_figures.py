"""What would have been published of unemployment under given parameters: the model's equations, run forward."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from forecasting.models._unemployment_data import FIRST, Priors

if TYPE_CHECKING:
    from forecasting.models.sampling import Inputs

Array = np.ndarray

PRINTED = 3
"""Decimals of a share that is printed to a tenth of a percentage point."""


def figures(draws: xr.Dataset, data: Inputs, rng: np.random.Generator) -> dict[str, Array]:
    """Draw every figure anew, from the first month to the last one.

    Parameters
    ----------
    draws : xarray.Dataset
        Variables ``KEEP`` of `forecasting.models.unemployment` with leading axis ``draw``; of these what has a prior of
        its own, and no state of any month.
    data : mapping of str to numpy.ndarray
        What the model reads: the months and years of the figures, and the surprises of rural income.
    rng : numpy.random.Generator

    Returns
    -------
    dict of str to numpy.ndarray
        ``urban, migrant, rural`` (draw, month) rounded as they are printed, NaN in months that were not;
        ``averages`` (draw, n, 3) likewise; ``workers, wage`` (draw, year), logs, from their first published value.
    """
    given = {str(name): values.values for name, values in draws.data_vars.items()}
    urban_rng, migrant_rng, series_rng = rng.spawn(3)
    months = data["months"]
    moved = _moved(given, data, urban_rng)
    urban = given["mean"][:, None] + moved + given["season"][:, months % 12]
    apart = given["offset"][:, None] + (given["response"][:, None] - 1.0) * moved
    everyone = urban + apart + given["season_apart"][:, months % 12] + _left(given, "remainder", moved, migrant_rng)
    rural = everyone + given["rural_offset"][:, None] + _left(given, "difference", moved, migrant_rng)
    rate = _rate(urban)
    means = [rate[:, int(first) : int(last) + 1].mean(axis=1) for first, last, _ in data["averages"]]
    places = np.broadcast_to(data["averages"][:, :2], (len(rate), len(means), 2))
    return {
        "urban": np.where(np.isnan(data["urban"]), np.nan, rate.round(PRINTED)),
        "averages": np.concatenate([places, np.stack(means, axis=1).round(PRINTED)[..., None]], axis=2),
        "migrant": np.where(
            np.isnan(data["migrant"]), np.nan, _rate(everyone)[:, data["migrant_months"]].round(PRINTED)
        ),
        "rural": _rate(rural)[:, data["rural_months"]].round(PRINTED),
        **{name: _trend(given, name, data, series_rng) for name in ("workers", "wage")},
    }


def _rate(odds: Array) -> Array:
    return np.asarray(1.0 / (1.0 + np.exp(-odds)))


def _moved(given: Mapping[str, Array], data: Inputs, rng: np.random.Generator) -> Array:
    """Return the deviation of the urban log odds from mean and season, (draw, month)."""
    months, draws = data["months"], len(given["mean"])
    slow = 0.5 ** (1.0 / Priors(*data["priors"]).slow_half_life)
    level, wave = np.zeros(draws), FIRST * rng.standard_normal(draws)
    surprise = given["income_response"][:, None] * data["surprise"]
    out = np.empty((draws, months.size))
    for t, month in enumerate(months):
        if t > 0:
            wave = given["persistence"] * wave + given["shock"] * rng.standard_t(given["tail"])
            if month % 12 == 0:
                level = slow * level + given["slow_shock"] * rng.standard_normal(draws)
        out[:, t] = level + wave - surprise[:, month // 12 - months[0] // 12]
    return out


def _left(given: Mapping[str, Array], name: str, like: Array, rng: np.random.Generator) -> Array:
    """Return a stationary autoregression over all months, (draw, month)."""
    spread, memory = given[f"{name}_spread"], given["memory"]
    out = spread[:, None] * rng.standard_normal(like.shape)
    for t in range(1, like.shape[1]):
        out[:, t] = memory * out[:, t - 1] + np.sqrt(1.0 - memory**2) * out[:, t]
    return out


def _trend(given: Mapping[str, Array], name: str, data: Inputs, rng: np.random.Generator) -> Array:
    """Return the logs of a damped trend in its published years, (draw, year)."""
    years = data[f"{name}_years"]
    pace, half_life, noise = (given[f"{name}_{part}"] for part in ("pace", "half_life", "noise"))
    path = [np.full(len(pace), data[name][0])]
    for year in range(int(years[0]) + 1, int(years[-1]) + 1):
        step = pace * 2.0 ** ((years[-1] - year) / half_life)
        path.append(path[-1] + step + noise * rng.standard_normal(len(pace)))
    return np.stack(path, axis=1)[:, years - years[0]]
