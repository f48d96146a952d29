"""Part of land-transfer income that goes to one fund, with its phase-in."""

from __future__ import annotations

import xarray as xr

from forecasting.axes import require

NEEDS = ("land_income",)
"""Variables of a Projection that :func:`withdrawal` reads where the share is above 0."""


def phased_in(years: xr.DataArray, first: int, phase_in_years: int) -> xr.DataArray:
    """Rise from nothing to the whole in equal steps.

    Parameters
    ----------
    years : xarray.DataArray, dims (year,)
        Calendar years.
    first : int
        Year of the first step.
    phase_in_years : int
        Steps after the first; 0: the first is the whole.

    Returns
    -------
    xarray.DataArray, dims (year,)
        0 before `first`, 1 from ``first + phase_in_years`` on.
    """
    return ((years - first + 1) / (phase_in_years + 1)).clip(0.0, 1.0).drop_attrs()


def withdrawal(world: xr.Dataset, share: float, first: int, phase_in_years: int) -> xr.DataArray:
    """Give what a fund gets of land-transfer income.

    Parameters
    ----------
    world : xarray.Dataset
        With ``land_income``, yuan a year, dims (draw?, year).
    share : float
        Part of it, 0 to 1. At 0 nothing is read.
    first, phase_in_years : int
        As in :func:`phased_in`.

    Returns
    -------
    xarray.DataArray
        Yuan, dims (draw?, year).

    Raises
    ------
    forecasting.axes.AxisError
        If `world` has no land income and a share of it is asked for.
    """
    if share == 0:
        return xr.zeros_like(world["year"], dtype=float).drop_attrs()
    require(world, NEEDS)
    return share * world["land_income"] * phased_in(world["year"], first, phase_in_years)
