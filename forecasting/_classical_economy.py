"""The economy, each series by a baseline of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from forecasting import axes
from forecasting._classical_paths import LOGARITHM, Known, Path, Scale, carried, streams
from forecasting.models._economy_inputs import ENTRUSTED_SINCE

if TYPE_CHECKING:
    from forecasting.models.sampling import Inputs

LEVELS = ("rural_income", "budget_revenue", "land_income")


def economy(method: str, inputs: Inputs, years: np.ndarray, rng: np.random.Generator, *, draws: int) -> xr.Dataset:
    """Forecast six series, each alone.

    Rural income, budget revenue, land income and the price level are forecast as logarithms, the deposit rate on its
    log-odds below the highest rate that `forecasting.axes` allows. The budget follows no people and land income no
    budget: **the ties between the series are lost**. The market pays the deposit rate and an excess whose
    logarithm is independent from year to year, with uncertain mean and variance, under every method: it is
    `random_walk` on the summed excess since money was entrusted; a trend in returns is no forecast.

    A year between two published ones lies on the line between them (on the scale), a year before the first takes its
    value, a year after the last is simulated. Returns of which only the mean was published share what is left of it.

    Parameters
    ----------
    method : str
        Name of `forecasting.baseline.BASELINES`.
    inputs : mapping of str to numpy.ndarray
        Of `forecasting.models.economy.inputs`.
    years : numpy.ndarray of int, shape (Y,)
        Years wanted.
    rng : numpy.random.Generator
        Stream of this model.
    draws : int
        Number of paths.

    Returns
    -------
    xarray.Dataset
        As `forecasting.models.economy.forecast`.

    Raises
    ------
    forecasting.axes.AxisError
        Listing what is wrong with a series, or each year that is not to be had.
    """
    past, rate_years = inputs["years"], inputs["rate_years"]
    first, last = int(past[0]), int(past[-1])
    every = np.arange(first, max(last, int(np.max(years))) + 1)
    rate = Scale(0.0, axes.ECONOMY["deposit_rate"].high)
    series = {name: _known(name, inputs[name], first, LOGARITHM) for name in LEVELS}
    series["price_index"] = _prices(inputs)
    series["deposit_rate"] = _known("deposit_rate", inputs["deposit_rate"], int(rate_years[0]), rate)
    own = streams(rng, len(series) + 1)
    paths = {name: carried(method, known, every, next(own), draws=draws) for name, known in series.items()}
    index = paths["price_index"]
    paths["price_index"] = Path(index.values / index.values[:, every == last], index.attrs)
    paths["market_return"] = _market(inputs, every, paths["deposit_rate"].values, next(own))
    out = xr.Dataset(coords={"draw": np.arange(draws), "year": every})
    for name, variable in axes.ECONOMY.items():
        labels = {"unit": variable.unit, "meaning": variable.meaning}
        out[name] = ("draw", "year"), paths[name].values, labels | paths[name].attrs
    return axes.join_years(out, years)


def _known(name: str, values: np.ndarray, first: int, scale: Scale) -> Known:
    """Take a series up to its last published year, its gaps filled."""
    there = np.flatnonzero(np.isfinite(values))
    scaled = np.interp(np.arange(there[-1] + 1), there, scale.forth(values[there]))
    filled = np.where(np.isfinite(values[: there[-1] + 1]), values[: there[-1] + 1], scale.back(scaled))
    return Known(name, first, filled, scale, since=first + int(there[0]))


def _prices(inputs: Inputs) -> Known:
    """Return the price level, whose yearly growth is the published inflation; 1 in the year before the first."""
    first = int(inputs["rate_years"][0])
    rates = _known("inflation", inputs["inflation"], first, Scale(low=-1.0))
    level = np.cumprod(np.concatenate([[1.0], 1.0 + rates.values]))
    return Known("price level", first - 1, level, LOGARITHM)


def _market(inputs: Inputs, every: np.ndarray, deposit: np.ndarray, rng: np.random.Generator) -> Path:
    """Return the market: as published, then deposits and an excess that is independent from year to year."""
    past = inputs["years"]
    earned = np.log1p(inputs["market_return"])
    total, covered = inputs["market_unpublished"][0], int(inputs["market_unpublished"][1])
    gaps = np.flatnonzero(np.isnan(earned))
    earned[gaps[:covered]] = total / max(covered, 1)
    there = np.flatnonzero(np.isfinite(earned))
    earned = np.interp(np.arange(there[-1] + 1), there, earned[there])
    last = int(past[0]) + int(there[-1])
    rates = np.log1p(inputs["deposit_rate"][-past.size :])[: earned.size]
    held = past[: earned.size] >= ENTRUSTED_SINCE
    summed = np.concatenate([[0.0], np.cumsum((earned - rates)[held])])
    known = Known("summed excess of the market over deposits", last - int(held.sum()), summed)
    path = carried("random_walk", known, np.arange(last, int(every[-1]) + 1), rng, draws=deposit.shape[0])
    out = np.log1p(deposit)
    out[:, every <= last] = earned
    out[:, every > last] += np.diff(path.values, axis=1)
    return Path(np.expm1(out), path.attrs)
