"""From the posterior of unemployment to monthly rates, migrant workers and their wage, draw by draw."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from forecasting import axes
from forecasting.models._unemployment_data import BEFORE, WORKING, Priors, surprise

if TYPE_CHECKING:
    from forecasting.models.sampling import Inputs

Array = np.ndarray

PUBLISHED = {"workers": "workers_count", "wage": "wage_yuan"}
"""Input that holds the published amounts of each trend."""


def forecast(
    posterior: xr.Dataset,
    inputs: Inputs,
    years: Array,
    rng: np.random.Generator,
    *,
    people: xr.DataArray,
    rural_income: xr.DataArray,
) -> xr.Dataset:
    """Draw rates by month, and migrant workers and their wage by year.

    Parameters
    ----------
    posterior : xarray.Dataset
        Variables ``KEEP`` with leading axis ``draw``.
    inputs : mapping of str to numpy.ndarray
        What the model read.
    years : numpy.ndarray of int
        Years wanted; the first is not before that of the first monthly rate.
    rng : numpy.random.Generator
        Random stream; a longer horizon leaves the earlier years as they are.
    people : xarray.DataArray, dims (draw?, area?, sex?, age, year)
        Population at 31 December, persons; covers `years`.
    rural_income : xarray.DataArray, dims (draw?, year)
        Rural disposable income per head, yuan a year; covers `years` and the four years before the first.

    Returns
    -------
    xarray.Dataset
        ``urban_unemployment, migrant_unemployment`` (draw, year, month), shares; a month with a printed rate has the
        rate behind the print. ``migrant_workers`` (draw, year), persons, and ``migrant_wage`` (draw, year), yuan a
        year: as published where they were, on the line between two published logs in a gap.

    Raises
    ------
    forecasting.axes.AxisError
        If `years` begin too early, or `people` or `rural_income` lack one.
    """
    months, series = rng.spawn(2)
    first = int(inputs["months"][0]) // 12
    ahead = np.arange(first, int(np.max(years)) + 1)
    urban, migrant = _rates(posterior, inputs, ahead, months, rural_income)
    income = axes.join_years(rural_income.to_dataset(name="income"), years)["income"]
    # One after the other from one stream would make the second depend on the horizon of the first.
    workers_rng, wage_rng = series.spawn(2)
    workers = _trend("workers", posterior, inputs, workers_rng, base=_working_age(people, years))
    wage = _trend("wage", posterior, inputs, wage_rng, base=income)
    coords = {"draw": posterior["draw"].values, "year": ahead, "month": axes.MONTHS}
    monthly = {"urban_unemployment": urban, "migrant_unemployment": migrant}
    rates = xr.Dataset({name: (("draw", "year", "month"), values) for name, values in monthly.items()}, coords)
    yearly = xr.Dataset(
        {"migrant_workers": (("draw", "year"), workers), "migrant_wage": (("draw", "year"), wage)},
        {"draw": posterior["draw"].values, "year": years},
    )
    out = xr.merge([axes.join_years(rates, years), yearly], join="exact")
    for name, about in axes.LABOUR.items():
        out[name].attrs = {"unit": about.unit, "meaning": about.meaning}
    return out


def _share(odds: Array) -> Array:
    return np.asarray(1.0 / (1.0 + np.exp(-odds)))


def _rates(
    posterior: xr.Dataset, inputs: Inputs, years: Array, rng: np.random.Generator, rural_income: xr.DataArray
) -> tuple[Array, Array]:
    """Rates of every month of `years`, shape (draw, year, month): first the past, then the simulation."""
    given = {str(name): values.values for name, values in posterior.data_vars.items()}
    start, past = int(inputs["months"][0]), len(inputs["months"])
    lead, size = start - 12 * int(years[0]), 12 * len(years)
    if lead:
        raise axes.AxisError([f"monthly rates begin in month {lead + 1} of {years[0]}: the first year must be whole"])
    waves, gaps, differences = rng.spawn(3)
    moved = _urban(given, inputs, waves, _surprises(rural_income, years, max(size, past)))
    left = drawn_through(given, "remainder", inputs["migrant_months"], max(size, past), gaps)
    apart = drawn_through(given, "difference", inputs["rural_months"], max(size, past), differences)
    calendar = (start + np.arange(size)) % 12
    urban = given["mean"][:, None] + moved[:, :size] + given["season"][:, calendar]
    own = (given["offset"] + given["rural_offset"])[:, None] + given["season_apart"][:, calendar]
    migrant = urban + own + (given["response"][:, None] - 1.0) * moved[:, :size] + (left + apart)[:, :size]
    shape = (-1, len(years), 12)
    return _share(urban).reshape(shape), _share(migrant).reshape(shape)


def _surprises(rural_income: xr.DataArray, years: Array, months: int) -> Array:
    """Surprise of rural income in each month, shape (draw or 1, month); 0 in years that nobody asked for."""
    needed = np.arange(int(years[0]) - BEFORE - 1, int(years[-1]) + 1)
    income = axes.join_years(rural_income.to_dataset(name="income"), needed)["income"].transpose(..., "year")
    by_year = np.atleast_2d(surprise(income.values))
    out = np.zeros((len(by_year), max(months, 12 * len(years))))
    out[:, : 12 * len(years)] = np.repeat(by_year, 12, axis=1)
    return out[:, :months]


def _urban(given: Mapping[str, Array], inputs: Inputs, rng: np.random.Generator, surprises: Array) -> Array:
    """Deviation of the urban log odds from mean and season, (draw, month): the posterior, then month by month."""
    past, start, size = len(inputs["months"]), int(inputs["months"][0]), surprises.shape[1]
    slow = 0.5 ** (1.0 / Priors(*inputs["priors"]).slow_half_life)
    level, draws = given["level"], len(given["level"])
    moved = np.empty((draws, size))
    moved[:, :past] = given["deviation"]
    response = given["income_response"]
    wave = moved[:, past - 1] - level + response * inputs["surprise"][-1]
    for t in range(past, size):
        if (start + t) % 12 == 0:
            level = slow * level + given["slow_shock"] * rng.standard_normal(draws)
        wave = given["persistence"] * wave + given["shock"] * rng.standard_t(given["tail"])
        moved[:, t] = level + wave - response * surprises[:, t]
    return moved


def drawn_through(given: Mapping[str, Array], name: str, at: Array, size: int, rng: np.random.Generator) -> Array:
    """Draw a stationary autoregression through what is known of it.

    Parameters
    ----------
    given : mapping of str to numpy.ndarray
        `name` (draw, cell), its values in some months; its standard deviation ``<name>_spread`` (draw,), and
        ``memory`` (draw,), what is left of a value after a month.
    name : str
    at : numpy.ndarray of int, shape (cell,)
        Places of the known months, rising.
    size : int
        Months wanted.
    rng : numpy.random.Generator

    Returns
    -------
    numpy.ndarray, shape (draw, month)
        Before the first known month it runs backwards, as it may: it is reversible in time.
    """
    known, spread, memory = given[name], given[f"{name}_spread"], given["memory"]
    draws = len(spread)
    out = np.empty((draws, size))
    out[:, at] = known
    step = spread * np.sqrt(1.0 - memory**2)
    for t in range(int(at[0]) - 1, -1, -1):
        out[:, t] = memory * out[:, t + 1] + step * rng.standard_normal(draws)
    for t in np.setdiff1d(np.arange(int(at[0]), size), at):
        # Pulled from behind by the month before, from ahead by the next known one if there is one.
        pull, precision = memory * out[:, t - 1] / step**2, 1.0 / step**2
        ahead = at[at > t]
        if ahead.size:
            kept = memory ** int(ahead[0] - t)
            noise = spread**2 * (1.0 - kept**2)
            pull, precision = pull + kept * out[:, ahead[0]] / noise, precision + kept**2 / noise
        out[:, t] = pull / precision + rng.standard_normal(draws) / np.sqrt(precision)
    return out


def _working_age(people: xr.DataArray, years: Array) -> xr.DataArray:
    known = axes.join_years(people.sel(age=slice(*WORKING)).to_dataset(name="people"), years)["people"]
    return known.sum([d for d in known.dims if d not in ("draw", "year")])


def _trend(name: str, posterior: xr.Dataset, inputs: Inputs, rng: np.random.Generator, *, base: xr.DataArray) -> Array:
    """Return amounts (draw, year): published ones, then `base` times the damped trend of the ratio to it."""
    years, known, logs = base["year"].values, inputs[f"{name}_years"], inputs[name]
    published = dict(zip(known.tolist(), inputs[PUBLISHED[name]], strict=True))
    pace, half_life, noise = (posterior[f"{name}_{part}"].values for part in ("pace", "half_life", "noise"))
    ratio = np.tile(np.interp(years, known, logs), (len(pace), 1))
    path = np.full(len(pace), logs[-1])
    for year in range(int(known[-1]) + 1, int(years[-1]) + 1):
        path = path + pace * 2.0 ** (-(year - known[-1]) / half_life) + noise * rng.standard_normal(len(pace))
        ratio[:, years == year] = path[:, None]
    out = np.exp(ratio) * base.transpose(..., "year").values
    for place, year in enumerate(years.tolist()):
        if year in published:
            out[:, place] = published[year]
    return np.asarray(out)
