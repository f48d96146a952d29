"""Every part of a nation, one after another, on the nation's draws."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import xarray as xr

from forecasting import _region_money as money
from forecasting import region as one
from forecasting.models import provinces

if TYPE_CHECKING:
    from forecasting.projection import Fits
    from forecasting.region import RegionFit
    from forecasting.sources import Tables


def names(tables: Tables) -> list[str]:
    """Return the parts of the nation that can be forecast, by name; empty where the tables have none."""
    parts = provinces.parts(tables)
    return [region for region in one.regions(tables) if region in parts]


def each(national: xr.Dataset, fits: Fits, region_fit: RegionFit) -> Iterator[tuple[str, xr.Dataset]]:
    """Make the Projection of every part of the nation.

    Members are shared out over all regions once, which is most of what a single region costs.

    Parameters
    ----------
    national, fits, region_fit
        As in `forecasting.region.forecast`.

    Yields
    ------
    tuple of str and xarray.Dataset
        Name, and what `forecasting.region.forecast` gives for it.
    """
    shared = one.totals(national, region_fit)
    for region in names(fits.tables):
        yield region, _part(national, fits, region_fit, region, shared.sel(region=region, drop=True))


def _part(national: xr.Dataset, fits: Fits, region_fit: RegionFit, region: str, shared: xr.Dataset) -> xr.Dataset:
    people = one._people(national, fits, region_fit, region)
    out = one._with_members(one._with_people(national, people, national), national, shared)
    out = money.with_rates(money.with_money(out, national, shared, fits.tables, region), national, people)
    out.attrs = {**national.attrs, "region": region}
    return out[list(national.data_vars)]
