"""From a national Projection to that of a province or county, with the same variables.

A region is a share of each cohort of its nation and a share of the nation's members. The shares are what the
figures of the region say, and where they say little what the other regions say (`forecasting.models.provinces`).
So every region has the nation's doubt and its own. Prices, interest and returns are the nation's.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from forecasting import _region_counts as rc
from forecasting import _region_money as money
from forecasting._faults import DataFaults, Fault
from forecasting._region_members import AT_RISK, by_age, relative_numbers, shares
from forecasting._region_people import Nation, Noise, People, people
from forecasting.axes import WORKING_AGE
from forecasting.models import provinces
from forecasting.models.sampling import Diagnosis, Settings, diagnosis_of, stream
from forecasting.models.sampling import fit as sample
from forecasting.projection import FIRST_YEAR

if TYPE_CHECKING:
    from forecasting.projection import Fits
    from forecasting.sources import Tables

__all__ = ["RegionFit", "fit", "forecast", "lacking", "regions", "totals"]


@dataclass(frozen=True)
class RegionFit:
    """Posterior of all regions, with what it was fitted to.

    Attributes
    ----------
    posterior : xarray.Dataset
        Variables of `forecasting.models.provinces.KEEP`; leading axis ``draw``.
    inputs : mapping of str to numpy.ndarray
        What the model read.
    tables : Tables
        The figures.
    settings : Settings
        How it was sampled; its seed is the run seed.
    priors : forecasting.models.provinces.Priors
        Those of the model, and those of the people of a region.
    """

    posterior: xr.Dataset
    inputs: Mapping[str, np.ndarray]
    tables: Tables
    settings: Settings
    priors: provinces.Priors

    @property
    def diagnosis(self) -> Diagnosis:
        """Convergence of the model."""
        return diagnosis_of(self.posterior)

    def stream(self, name: str) -> np.random.Generator:
        """Random stream of one named part of the run."""
        return stream(self.settings.seed, name)


def fit(
    tables: Tables,
    settings: Settings | None = None,
    priors: provinces.Priors | None = None,
    *,
    cache: Path | None = None,
    force: bool = False,
) -> RegionFit:
    """Fit the model of all regions in the tables, or read its posterior from the cache.

    Parameters
    ----------
    tables : Tables
        Checked figures.
    settings : Settings, optional
        How to sample; as many draws as the nation's Projection has.
    priors : forecasting.models.provinces.Priors, optional
    cache : pathlib.Path, optional
        Folder of posteriors.
    force : bool
        Go on where the model did not converge.

    Returns
    -------
    RegionFit

    Raises
    ------
    forecasting.models.sampling.GateError
        If the model did not converge and `force` is false.
    """
    settings, priors = settings or Settings(), priors or provinces.Priors()
    inputs = provinces.inputs(tables, priors)
    posterior = sample(provinces, inputs, settings, cache, force=force)
    return RegionFit(posterior, inputs, tables, settings, priors)


def regions(tables: Tables) -> list[str]:
    """Return the regions that can be forecast, by name."""
    return [region for region in provinces.regions(tables) if not rc.lacking(tables, region, FIRST_YEAR)]


def lacking(tables: Tables, region: str) -> list[str]:
    """Say in plain words what a region lacks before it can be forecast.

    Parameters
    ----------
    tables : Tables
    region : str

    Returns
    -------
    list of str
        One line for each thing, such as ``rural population: give ...``. Empty: nothing is lacking.
    """
    return [f"{what}: {do}" for what, do in rc.lacking(tables, region, FIRST_YEAR)]


def totals(national: xr.Dataset, region_fit: RegionFit) -> xr.Dataset:
    """Share the nation's members out over all regions.

    Parameters
    ----------
    national : xarray.Dataset
        From `forecasting.projection.forecast`.
    region_fit : RegionFit
        With as many draws.

    Returns
    -------
    xarray.Dataset, dims (draw, region, year)
        ``contributors_year_end`` and ``pensioners_year_end``, persons at 31 December: as published, and after
        that such that the parts of the nation add up to it in every draw; ``rural_income``, ``benefit`` and
        ``contribution``, per head over the nation's. Coordinate ``part`` says which regions are parts.
    """
    inputs, tables = region_fit.inputs, region_fit.tables
    names, parts = [str(name) for name in inputs["regions"]], provinces.parts(tables)
    relative = relative_numbers(national, tables, names, region_fit.priors, money.mothers(tables))
    years = national["year"].values
    ours = shares(region_fit.posterior, inputs, years, region_fit.stream, relative=relative, parts=parts)
    ours = ours.assign_coords(draw=national["draw"].values)
    out = ours.rename(income="rural_income").drop_vars(list(AT_RISK))
    for kind in AT_RISK:
        heads = (ours[kind] * national[f"{kind}_year_end"]).transpose("draw", "region", "year")
        for name in names:
            published = rc.series(tables, kind, name)
            published = published[published.index.isin(years)]
            heads.loc[{"region": name, "year": published.index.to_numpy()}] = published.to_numpy()
        out[f"{kind}_year_end"] = heads
    return out.assign_coords(part=("region", np.isin(inputs["regions"], parts)))


def forecast(national: xr.Dataset, fits: Fits, region_fit: RegionFit, region: str) -> xr.Dataset:
    """Make the Projection of a region from that of its nation, on the same draws.

    Parameters
    ----------
    national : xarray.Dataset
        From `forecasting.projection.forecast`.
    fits : forecasting.projection.Fits
        The nation's; its tables are those of the region too.
    region_fit : RegionFit
        From `fit`, on the same tables and with as many draws.
    region : str
        One of `regions`.

    Returns
    -------
    xarray.Dataset
        As `forecasting.projection.forecast` gives, with the attribute ``region``. Moves are between the areas of
        the region and from and to other regions. ``employee_share`` is what the nation's ``compliance`` leaves of
        the region's people; ``budget_revenue`` and ``land_income`` are the region's where published, else stand
        for it by people and income.

    Raises
    ------
    forecasting.sources.DataFaults
        Listing all that the region lacks.
    """
    missing = rc.lacking(fits.tables, region, FIRST_YEAR)
    if missing:
        raise DataFaults(Fault(region, f"it lacks {what}", do[:1].upper() + do[1:]) for what, do in missing)
    ours = _people(national, fits, region_fit, region)
    shared = totals(national, region_fit).sel(region=region, drop=True)
    out = _with_people(national, ours, national)
    out = _with_members(out, national, shared)
    out = money.with_money(out, national, shared, fits.tables, region)
    out = money.with_rates(out, national, ours)
    out.attrs = {**national.attrs, "region": region}
    return out[list(national.data_vars)]


def _people(national: xr.Dataset, fits: Fits, region_fit: RegionFit, region: str) -> People:
    priors, years = region_fit.priors, national["year"].values
    counts = rc.counts(fits.tables, region, priors, (int(years[0]), int(national.attrs["base_year"])))
    rng = region_fit.stream(f"people of {region}")
    noise = Noise.drawn(rng, national.sizes["draw"], len(counts.stocks), len(years))
    return people(Nation.of(national, money.mothers(fits.tables)), counts, priors, noise)


def _with_people(national: xr.Dataset, ours: People, like: xr.Dataset) -> xr.Dataset:
    """Put the region's people and flows in place of the nation's."""
    names = ("population", "births", "deaths", "moves")
    return national.assign({n: like[n].copy(data=getattr(ours, n).astype(like[n].dtype)) for n in names})


def _with_members(out: xr.Dataset, national: xr.Dataset, shared: xr.Dataset) -> xr.Dataset:
    """Put the region's members in place of the nation's: its totals, at the nation's rates by sex and age."""
    here, there = (_middle(data["population"].sum("area").values) for data in (out, national))
    parts = {}
    for kind in AT_RISK:
        ends = shared[f"{kind}_year_end"].transpose("draw", "year")
        # As in the nation's: before the first year the scheme had nobody.
        middle = _middle(ends.values, before=0.0)
        weights = national[kind].values * (here / np.where(there > 0, there, 1.0))
        members = by_age(middle, weights, here)
        parts[kind] = national[kind].copy(data=members.astype(np.float32))
        parts[f"{kind}_year_end"] = ends
    out = out.assign(parts)
    working = out["population"].sum(["area", "sex"]).sel(age=slice(*WORKING_AGE)).sum("age")
    outside = out["contributors_year_end"] / (national["compliance"] * working)
    taking = (out["pensioners"].sum("sex").sel(age=60, drop=True)) / here[:, :, 60].sum(axis=1)
    return out.assign(
        employee_share=(1.0 - outside).clip(0.0, 1.0).transpose("draw", "year"),
        take_up=taking.astype(float).transpose("draw", "year"),
    )


def _middle(ends: np.ndarray, before: float | None = None) -> np.ndarray:
    """Return the mean of two year-ends, years last; the first has the one before it, or itself."""
    first = ends[..., :1] if before is None else np.full_like(ends[..., :1], before)
    return np.asarray(0.5 * (ends + np.concatenate([first, ends[..., :-1]], axis=-1)))
