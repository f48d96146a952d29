"""A region's money per head, its budget and its rates of birth and death, from the nation's."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import xarray as xr

from forecasting import lifetable
from forecasting._region_counts import series
from forecasting._region_people import BLOCK, FERTILE
from forecasting.axes import AGES

if TYPE_CHECKING:
    from forecasting._region_people import People
    from forecasting.sources import Tables

BUDGET = {"budget_revenue": "general_budget_revenue", "land_income": "land_transfer_income"}
"""Variables of the budget, and the indicators that give a region's own."""


def mothers(tables: Tables) -> np.ndarray:
    """Return the newest births per woman by single age, shape (101,): they weigh women of childbearing age."""
    rows = tables.table("asfr")
    rows = rows[rows["year"] == rows["year"].max()]
    out = np.zeros(len(AGES))
    for low, high, value in zip(rows["age_from"], rows["age_to"], rows["value"], strict=True):
        out[(AGES >= low) & (AGES <= high)] = value
    return out


def with_money(out: xr.Dataset, national: xr.Dataset, shared: xr.Dataset, tables: Tables, region: str) -> xr.Dataset:
    """Put the region's money in place of the nation's.

    Parameters
    ----------
    out : xarray.Dataset
        With the region's people.
    national : xarray.Dataset
    shared : xarray.Dataset, dims (draw, year)
        ``rural_income``, ``benefit`` and ``contribution`` over the nation's.
    tables : Tables
    region : str

    Returns
    -------
    xarray.Dataset
        Budget and land income are the nation's times the region's share of people times its relative rural
        income; where the region's own is published, as published, and after that moving as that stand-in does.
    """
    income, benefit, contribution = (shared[name] for name in ("rural_income", "benefit", "contribution"))
    head = national["contribution_per_head"] * contribution
    out = out.assign(
        rural_income=national["rural_income"] * income,
        contribution_per_head=head,
        contribution_ratio=national["contribution_ratio"] * contribution / income,
        basic_ratio=national["basic_ratio"] * benefit / income,
    )
    people, everyone = (data["population"].sum(["area", "sex", "age"]) for data in (out, national))
    stand_in = people / everyone * income
    for name, indicator in BUDGET.items():
        out[name] = _own(national[name] * stand_in, series(tables, indicator, region)).assign_attrs(
            national[name].attrs
        )
    return out.transpose(..., "year")


def _own(path: xr.DataArray, published: pd.Series) -> xr.DataArray:
    """Return a path through the published figures, moving as `path` does outside them."""
    figures = published[published.index.isin(path["year"].values)]
    if figures.empty:
        return path
    years = figures.index.to_numpy()
    over = xr.DataArray(figures.to_numpy(), {"year": years}, ("year",)) / path.sel(year=years)
    # Between and outside the figures their ratio to the stand-in is carried.
    held = np.clip(np.searchsorted(years, path["year"].values, side="right") - 1, 0, None)
    return path * over.isel(year=held).assign_coords(year=path["year"].values)


def with_rates(out: xr.Dataset, national: xr.Dataset, ours: People) -> xr.Dataset:
    """Put the region's fertility and mortality in place of the nation's.

    Parameters
    ----------
    out, national : xarray.Dataset
    ours : People
        With the log of fertility (draw, area) and mortality (draw) over the nation's.

    Returns
    -------
    xarray.Dataset
    """
    births = xr.DataArray(np.exp(ours.fertility), {"area": national["area"].values}, ("draw", "area"))
    deaths = xr.DataArray(np.exp(ours.mortality), dims="draw")
    by_area = (national["tfr_area"] * births).transpose(*national["tfr_area"].dims)
    women = out["population"].sel(sex="female", drop=True).isel(age=FERTILE).sum("age")
    rates = national["pensioner_mortality"]
    theirs = (rates * deaths).astype(rates.dtype).transpose(*rates.dims)
    longer = _expectancy(theirs) - _expectancy(rates)
    return out.assign(
        tfr_area=by_area,
        tfr=((by_area * women).sum("area") / women.sum("area")).transpose("draw", "year"),
        pensioner_mortality=theirs,
        e0=(national["e0"] + longer).transpose(*national["e0"].dims),
    )


def _expectancy(rates: xr.DataArray) -> xr.DataArray:
    """Return life expectancy at birth, (draw, sex, year); a block of draws at a time."""
    by_age_last = rates.transpose("draw", "sex", "year", "age")
    starts = range(0, by_age_last.sizes["draw"], BLOCK)
    found = [lifetable.expectancy(by_age_last.values[start : start + BLOCK]) for start in starts]
    return by_age_last.isel(age=0, drop=True).copy(data=np.concatenate(found))
