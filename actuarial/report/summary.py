"""The one place where the report reduces draws: quantiles and probabilities."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import xarray as xr

LEVELS = (0.025, 0.1, 0.25, 0.5, 0.75, 0.9, 0.975)
"""Bounds of the 95, 80 and 50 per cent intervals around the median."""

MEDIAN = LEVELS.index(0.5)

INTERVALS = {50: (2, 4), 80: (1, 5), 95: (0, 6)}
"""Places in `LEVELS` of the bounds of each interval."""


@dataclass(frozen=True)
class Fan:
    """Quantiles over years.

    Attributes
    ----------
    years : numpy.ndarray of int, shape (n,)
        Years, rising.
    bands : numpy.ndarray of float, shape (7, n)
        One row for each of `LEVELS`.
    """

    years: np.ndarray
    bands: np.ndarray

    @property
    def median(self) -> np.ndarray:
        """The middle row, shape (n,)."""
        return np.asarray(self.bands[MEDIAN])

    def at(self, year: int) -> np.ndarray | None:
        """Return the quantiles of one year, shape (7,), or None where the fan has no such year."""
        place = np.flatnonzero(self.years == year)
        return self.bands[:, place[0]] if place.size else None

    def scaled(self, factor: float) -> Fan:
        """Return the fan in another unit."""
        return Fan(self.years, self.bands * factor)


def quantiles(values: xr.DataArray, levels: tuple[float, ...] = LEVELS) -> np.ndarray:
    """Reduce draws to quantiles.

    Parameters
    ----------
    values : xarray.DataArray
        With ``draw``; without it every quantile is the value itself. A NaN stands for "not within the horizon" and
        sorts after every number, so the quantiles are order statistics (no interpolation) where there is one.
    levels : tuple of float
        Probabilities.

    Returns
    -------
    numpy.ndarray
        Shape (levels, the other dimensions in their order); infinite where the quantile is "not within the horizon".
    """
    if "draw" not in values.dims:
        return np.stack([values.values.astype(float)] * len(levels))
    array = values.transpose("draw", ...).values.astype(float)
    if np.isnan(array).any():
        return np.asarray(np.quantile(np.nan_to_num(array, nan=np.inf), levels, axis=0, method="inverted_cdf"))
    return np.asarray(np.quantile(array, levels, axis=0))


def probability(happens: xr.DataArray) -> xr.DataArray:
    """Return the share of draws in which something happens (1) rather than not (0)."""
    return happens.mean("draw") if "draw" in happens.dims else happens.astype(float)


def fan(values: xr.DataArray) -> Fan:
    """Reduce paths to a fan; years in which a quantile is not finite are left out.

    Parameters
    ----------
    values : xarray.DataArray
        Dimensions draw (optional) and year.

    Returns
    -------
    Fan
        In the unit of `values`.
    """
    bands = quantiles(values)
    known = np.isfinite(bands).all(axis=0)
    return Fan(values["year"].values[known], bands[:, known])


def people_of(population: xr.DataArray, year: int) -> float:
    """Return how many people there are in all areas, sexes and ages at the end of a year, in the median.

    Parameters
    ----------
    population : xarray.DataArray
        Dimensions draw (optional), area, sex, age and year.
    year : int
        One of its years.

    Returns
    -------
    float
        Persons.
    """
    return float(quantiles(population.sel(year=year).sum(["area", "sex", "age"], dtype=float), (0.5,))[0])


def base_year(price_index: xr.DataArray) -> int:
    """Return the year whose prices are the unit of the price index: where its median is nearest to one."""
    distance = np.abs(quantiles(price_index, (0.5,))[0] - 1.0)
    return int(price_index["year"].values[np.nanargmin(distance)])


def real(values: xr.DataArray, price_index: xr.DataArray) -> xr.DataArray:
    """Express money in prices of the base year, draw by draw.

    Parameters
    ----------
    values : xarray.DataArray
        Yuan of each year, nominal.
    price_index : xarray.DataArray
        One in the base year; covers every year of `values`.

    Returns
    -------
    xarray.DataArray
        Yuan at prices of the base year.

    Raises
    ------
    KeyError
        If the price index lacks a year.
    """
    with xr.set_options(arithmetic_join="exact"):
        return values / price_index.sel(year=values["year"].values)
