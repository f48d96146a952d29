"""Who is left among the people when fewer contribute, or how many there are when more do."""

from __future__ import annotations

import numpy as np
import xarray as xr

from forecasting.axes import AxisError, require

Array = np.ndarray


def apply(people: xr.Dataset, multiplier: xr.DataArray) -> xr.Dataset:
    """Take those who no longer pay out of the contributors, and out of the pensioners that they would have become.

    Those who are drawn in are added in the same way.

    Parameters
    ----------
    people : xarray.Dataset
        With ``contributors`` and ``pensioners`` over (draw?, sex, age, year).
    multiplier : xarray.DataArray, dims (draw?, year)
        Over years of `people`; the years that it lacks are left as they are.

    Returns
    -------
    xarray.Dataset
        `people` with both multiplied: contributors by the multiplier of the
        year, pensioners by the part of their cohort's contributor-years that was
        paid since the first year of `people`. A cohort that never paid loses nothing.

    Raises
    ------
    forecasting.axes.AxisError
        If a variable is missing, or `people` lacks a year of the multiplier.
    """
    require(people, ["contributors", "pensioners"])
    strange = sorted(set(multiplier["year"].values.tolist()) - set(people["year"].values.tolist()))
    if strange:
        raise AxisError(f"year {year} is missing: the multiplier has it, the people do not" for year in strange)
    full = multiplier.reindex(year=people["year"].values, fill_value=1.0)
    contributors, pensioners = people["contributors"], people["pensioners"]
    kept = (contributors * full).astype(contributors.dtype).transpose(..., "sex", "age", "year")
    paid = _paid_part(contributors.transpose(..., "sex", "age", "year").values, kept.values)
    heads = pensioners.transpose(..., "sex", "age", "year")
    left = (heads.values * paid).astype(pensioners.dtype)
    template = heads if left.shape == heads.shape else kept
    return people.assign(contributors=kept, pensioners=template.copy(data=left).assign_attrs(pensioners.attrs))


def _paid_part(due: Array, paid: Array) -> Array:
    """Contributor-years paid over those due, by cohort up to each year; (draw?, sex, age, year), 1 without any."""
    out = np.ones(paid.shape)
    owed, given = (np.zeros(paid.shape[:-1]) for _ in range(2))
    for year in range(paid.shape[-1]):
        owed, given = _older(owed) + due[..., year], _older(given) + paid[..., year]
        np.divide(given, owed, out=out[..., year], where=owed > 0)
    return out


def _older(stock: Array) -> Array:
    """Make every cohort a year older; shape (..., age), the last age open."""
    out = np.zeros_like(stock)
    out[..., 1:] = stock[..., :-1]
    out[..., -1] += stock[..., -1]
    return out
