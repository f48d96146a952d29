"""What no published figure tells of some sources of money: one standard normal a draw and year for each."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import xarray as xr

from forecasting.axes import SOURCES


def yearly(draws: xr.DataArray, years: np.ndarray, stream: Callable[[str], np.random.Generator]) -> xr.Dataset:
    """Draw how far each source lies from its expected amount in each year.

    How much an amount swings is the actuary's choice (`actuarial.assumptions`), no posterior: final accounts show no
    series of it. What it must share with all else is the draw, so that scenarios with the same choice meet the same
    good and bad years.

    Parameters
    ----------
    draws : xarray.DataArray, dims (draw,)
        Labels of the draws.
    years : numpy.ndarray of int, shape (year,)
        Years of the Projection.
    stream : callable
        From the name of a part to its random stream (`forecasting.projection.Fits.stream`).

    Returns
    -------
    xarray.Dataset
        :data:`forecasting.axes.SOURCES` over (draw, year): standard normal, independent of each other, of every other
        part and from year to year. Each has a stream of its own, so that one more moves no other; years are drawn one
        after another, so that a longer horizon leaves the earlier ones as they are.
    """
    made = {}
    for name, about in SOURCES.items():
        innovations = stream(f"source {name}").standard_normal((len(years), draws.size)).T
        made[name] = (("draw", "year"), innovations, {"unit": about.unit, "meaning": about.meaning})
    return xr.Dataset(made, {"draw": draws.values, "year": years})
