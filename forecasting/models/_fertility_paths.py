"""Paths of fertility: from the posterior of :mod:`forecasting.models.fertility` to rates by age."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from forecasting.axes import AGES, AREAS

if TYPE_CHECKING:
    from forecasting.models.sampling import Inputs

FIRST_AGE, LAST_AGE = 10, 54
"""Ages of mothers in World Population Prospects, and of the density here."""


def forecast(
    posterior: xr.Dataset, years: np.ndarray, rng: np.random.Generator, inputs: Inputs, rural_women_share: np.ndarray
) -> xr.Dataset:
    """Simulate fertility: observed years as published, later years one path a draw.

    Parameters
    ----------
    posterior : xarray.Dataset
        Variables ``KEEP`` of the model with axis ``draw``.
    years : numpy.ndarray of int, shape (Y,)
        Successive years; those up to the last observed one return what was observed.
    rng : numpy.random.Generator
        Stream of this model.
    inputs : mapping of str to numpy.ndarray
        Inputs of the model.
    rural_women_share : numpy.ndarray, shape (Y,) or (D, Y)
        Rural share of the women aged 15-49, 0..1.

    Returns
    -------
    xarray.Dataset
        ``tfr`` (draw, year) of the nation and ``tfr_area`` (draw, area, year), children per woman,
        weighted mean of the areas equal to the nation; ``mean_age`` and ``spread`` (draw, year)
        of mothers, in years; attribute ``origin`` of their density.

    Raises
    ------
    ValueError
        If `years` begin before the series do, or have gaps; if a share is not within 0..1.
    """
    years, share = np.asarray(years), np.asarray(rural_women_share, dtype=float)
    _refuse(years, share, inputs)
    # Drawn in this order, all to the same last year, whatever years are returned.
    tfr = _level(posterior, int(years[-1]), rng, inputs)
    mean_age, spread = _schedule(posterior, int(years[-1]), rng, inputs)
    dims = ("draw", "year")
    out = xr.Dataset(
        {
            "tfr": (dims, _at(tfr, inputs["tfr_year"][0], years)),
            "mean_age": (dims, _at(mean_age, inputs["schedule_year"][0], years)),
            "spread": (dims, _at(spread, inputs["schedule_year"][0], years)),
        },
        coords={"draw": posterior["draw"].values, "area": list(AREAS), "year": years},
        attrs={"origin": float(inputs["origin"])},
    )
    out["tfr_area"] = (("draw", "area", "year"), split(out["tfr"].values, posterior["area_ratio"].values, share))
    return out


def split(tfr: np.ndarray, ratio: np.ndarray, rural_share: np.ndarray) -> np.ndarray:
    """Divide the nation's rate between country and town, keeping its weighted mean.

    Parameters
    ----------
    tfr : numpy.ndarray, shape (D, Y)
        Rate of the nation.
    ratio : numpy.ndarray, shape (D,)
        Rural over urban rate.
    rural_share : numpy.ndarray, shape (Y,) or (D, Y)
        Rural share of women of childbearing age.

    Returns
    -------
    numpy.ndarray, shape (D, 2, Y)
        Rural and urban rates.
    """
    r = ratio[:, None]
    urban = tfr / (rural_share * r + 1 - rural_share)
    return np.stack([urban * r, urban], axis=1)


def asfr(drivers: xr.Dataset) -> np.ndarray:
    """Rates by age of the mother, whose sum over ages is the area's total fertility rate.

    Parameters
    ----------
    drivers : xarray.Dataset
        From :func:`forecast`; a slice of draws saves memory.

    Returns
    -------
    numpy.ndarray, shape (D, 2, 101, Y)
        Births per woman-year by area, age of the mother and year; zero outside ages 10..54.
    """
    origin = drivers.attrs["origin"]
    mean, spread = (drivers[name].values[:, None, :] - shift for name, shift in (("mean_age", origin), ("spread", 0)))
    # Gamma density at the middle of each age (at 10, half a year after the origin), by its moments.
    x = (np.arange(FIRST_AGE, LAST_AGE + 1) + 0.5 - origin)[:, None]
    scale = spread**2 / mean
    density = np.exp((mean / scale - 1) * np.log(x / mean) - (x - mean) / scale)
    density /= density.sum(axis=1, keepdims=True)
    area = drivers["tfr_area"].transpose("draw", "area", "year").values
    out = np.zeros((area.shape[0], len(AREAS), AGES.size, area.shape[-1]))
    out[:, :, FIRST_AGE : LAST_AGE + 1] = area[:, :, None] * density[:, None]
    return out


def _level(posterior: xr.Dataset, last: int, rng: np.random.Generator, inputs: Inputs) -> np.ndarray:
    """Total fertility from the first observed year to `last`, shape (D, years)."""
    own = posterior.isel(country=0)  # the nation itself comes first
    long_run, rho, sigma = (own[name].values for name in ("long_run", "rho", "sigma"))
    past, floor = inputs["tfr"], float(inputs["floor"])
    ahead = max(last - int(inputs["tfr_year"][-1]), 0)
    out = np.empty((long_run.size, past.size + ahead))
    out[:, : past.size] = past
    noise = rng.standard_normal((ahead, long_run.size))
    for step in range(ahead):
        now = out[:, past.size + step - 1]
        new = long_run + rho * (now - long_run) + sigma * noise[step]
        out[:, past.size + step] = floor + np.abs(new - floor)
    return out


def _schedule(
    posterior: xr.Dataset, last: int, rng: np.random.Generator, inputs: Inputs
) -> tuple[np.ndarray, np.ndarray]:
    """Mean and spread of the age of mothers from the first observed year to `last`, each (D, years)."""
    names = ("mean_age_drift", "spread_drift", "mean_age_noise", "spread_noise", "drift_half_life")
    drift, widening, mean_noise, spread_noise, half_life = (posterior[name].values[:, None] for name in names)
    step = np.arange(1, max(last - int(inputs["schedule_year"][-1]), 0) + 1)
    noise = rng.standard_normal((2, step.size, drift.size)).transpose(0, 2, 1)
    fading = 0.5 ** (step / half_life)
    mean_steps, wider = drift * fading + mean_noise * noise[0], widening * fading + spread_noise * noise[1]
    mean = inputs["mean_age"][-1] + np.cumsum(mean_steps, axis=1)
    spread = inputs["spread"][-1] * np.exp(np.cumsum(wider, axis=1))
    before = (drift.size, inputs["mean_age"].size)
    return (
        np.concatenate([np.broadcast_to(inputs["mean_age"], before), mean], axis=1),
        np.concatenate([np.broadcast_to(inputs["spread"], before), spread], axis=1),
    )


def _at(paths: np.ndarray, first: int, years: np.ndarray) -> np.ndarray:
    return paths[:, years - int(first)]


def _refuse(years: np.ndarray, share: np.ndarray, inputs: Inputs) -> None:
    first = int(max(inputs["tfr_year"][0], inputs["schedule_year"][0]))
    if years[0] < first or (np.diff(years) != 1).any():
        raise ValueError(f"years run from {years[0]} to {years[-1]}: give successive years from {first} on")
    if share.shape[-1:] != years.shape or not ((share >= 0) & (share <= 1)).all():
        raise ValueError(f"the rural share of women has shape {share.shape}: give {years.size} shares within 0..1")
