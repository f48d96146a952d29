"""A region's share of the nation's members and money: paths of all regions, the parts adding up to the nation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from forecasting import _region_counts as rc
from forecasting._region_people import Nation, Noise, people
from forecasting.axes import PENSION_AGE, WORKING_AGE
from forecasting.models import provinces

if TYPE_CHECKING:
    from forecasting.models._provinces_paths import Streams
    from forecasting.models.provinces import Priors
    from forecasting.models.sampling import Inputs
    from forecasting.sources import Tables

AT_RISK = {"contributors": slice(WORKING_AGE[0], WORKING_AGE[1] + 1), "pensioners": slice(PENSION_AGE, None)}
"""Ages whose number each kind of member follows."""

WEIGHTS = {"contribution": "contributors", "benefit": "pensioners"}
"""Money per head over the nation's, and whose heads make its mean one."""

BINDING = 1e-9
"""A sum that falls this far short of its total, in relation to it, has met its cap."""

HALVINGS = 60

REMAINDER = 1e-6
"""Parts that fall short of the nation by more than this share leave one more part."""


def relative_numbers(
    national: xr.Dataset, tables: Tables, names: list[str], priors: Priors, mothers: np.ndarray
) -> dict[str, np.ndarray]:
    """Return the log of each region's most likely share of the people at risk, (region, year), by kind of member.

    One path for the mean of the nation's draws: the paths of members spread around it by their own doubt.
    """
    needed = ("population", "births", "deaths", "moves", "pensioner_mortality")
    nation = Nation.of(national[list(needed)].mean("draw").expand_dims("draw"), mothers)
    span = (int(nation.years[0]), int(national.attrs["base_year"]))
    out = {kind: np.empty((len(names), len(nation.years))) for kind in AT_RISK}
    for r, name in enumerate(names):
        counts = rc.counts(tables, name, priors, span)
        ours = people(nation, counts, priors, Noise.none(len(counts.stocks), len(nation.years))).population
        for kind, ages in AT_RISK.items():
            own, all_of_them = (x[0, :, :, ages].sum(axis=(0, 1, 2)) for x in (ours, nation.population))
            out[kind][r] = np.log(own / all_of_them)
    return out


def shares(
    posterior: xr.Dataset,
    inputs: Inputs,
    years: np.ndarray,
    streams: Streams,
    *,
    relative: Mapping[str, np.ndarray],
    parts: list[str],
) -> xr.Dataset:
    """Return shares of the nation's members, and money per head over the nation's, of every region.

    The drift of a share in the past is in part the ageing and moving of the region's people. That part is taken
    off, and their most likely path put in its place; only the rest dies away.

    Parameters
    ----------
    posterior, inputs : xarray.Dataset and mapping
        Of `forecasting.models.provinces`.
    years : numpy.ndarray of int
        Years of the nation's Projection.
    streams : callable
        Gives a random stream by name.
    relative : mapping of str to numpy.ndarray, shape (region, year)
        From `relative_numbers`.
    parts : list of str
        Regions that make up the nation. After their last figures their shares add up to one in every draw, and
        contributions and benefits per head, weighted by members, average one.

    Returns
    -------
    xarray.Dataset, dims (draw, region, year)
        `provinces.SERIES`, shares and ratios, no logs.
    """
    paths = provinces.forecast(posterior, inputs, years, streams)
    for kind in AT_RISK:
        paths[kind] = paths[kind] + _followed(posterior, inputs, years, kind, relative[kind])
    whole = np.isin(inputs["regions"], parts)
    out = paths.map(np.exp)
    if not whole.any():
        return out
    last = int(max(_last(inputs, int(r), kind) for r in np.flatnonzero(whole) for kind in AT_RISK))
    for kind in AT_RISK:
        out[kind] = _adding_up(out[kind], whole, last)
    for money, kind in WEIGHTS.items():
        out[money] = _averaging_one(out[money], out[kind], whole, last if money == "benefit" else int(years[0]) - 1)
    return out


def _last(inputs: Inputs, r: int, name: str) -> int:
    """Return the year of the last figure of a series."""
    figures = inputs["ratios"][provinces.STEPPED.index(name)][r]
    return int(inputs["years"][np.flatnonzero(~np.isnan(figures))[-1]])


def _followed(
    posterior: xr.Dataset, inputs: Inputs, years: np.ndarray, kind: str, relative: np.ndarray
) -> xr.DataArray:
    """Return what a share gains because it follows the region's people, (draw, region, year); zero in the past."""
    out = np.zeros((posterior.sizes["draw"], len(relative), len(years)))
    for r, path in enumerate(relative):
        figures = inputs["ratios"][provinces.STEPPED.index(kind)][r]
        known = inputs["years"][~np.isnan(figures)]
        first, last = int(known[0]), int(known[-1])
        then, now = (float(path[years == year][0]) for year in (first, last))
        slope = (now - then) / max(last - first, 1)
        ahead = years > last
        out[:, r, ahead] = path[ahead] - now - slope * provinces.damped(posterior, years[ahead] - last)
    axes = {"draw": posterior["draw"].values, "region": inputs["regions"], "year": years}
    return xr.DataArray(out, axes, tuple(axes))


def _adding_up(share: xr.DataArray, whole: np.ndarray, last: int) -> xr.DataArray:
    """Divide the parts by their sum after `last`; what they leave of the nation then is one more part."""
    parts = share.isel(region=whole)
    total = parts.sum("region")
    rest = (1.0 - total.sel(year=last)).clip(min=0.0)
    scale = xr.where(total["year"] > last, total + rest.where(rest > REMAINDER, 0.0), 1.0)
    divided = share.copy()
    divided[{"region": np.flatnonzero(whole)}] = (parts / scale).transpose(*parts.dims)
    return divided


def _averaging_one(ratio: xr.DataArray, heads: xr.DataArray, whole: np.ndarray, last: int) -> xr.DataArray:
    """Divide money per head by its mean over the members of the parts after `last`, for every region."""
    weights = heads.isel(region=whole)
    mean = (ratio.isel(region=whole) * weights).sum("region") / weights.sum("region")
    return (ratio / xr.where(mean["year"] > last, mean, 1.0)).transpose(*ratio.dims)


def by_age(total: np.ndarray, weights: np.ndarray, most: np.ndarray) -> np.ndarray:
    """Share totals out over sex and age by weights, nowhere more than there are people.

    Parameters
    ----------
    total : numpy.ndarray, shape (draw, year)
    weights, most : numpy.ndarray, shape (draw, 2, 101, year)
        Relative numbers, and people.

    Returns
    -------
    numpy.ndarray, shape (draw, 2, 101, year)
        Adds up to `total`, or to all people with a weight where they are fewer.
    """
    sums = weights.sum(axis=(1, 2))
    scale = total / np.where(sums > 0, sums, 1.0)
    out: np.ndarray = np.minimum(weights * scale[:, None, None], most)
    short = out.sum(axis=(1, 2)) < total * (1.0 - BINDING)
    if short.any():
        d, t = np.nonzero(short)
        out[d, :, :, t] = _filled(total[short], weights[d, :, :, t], most[d, :, :, t], scale[short])
    return out


def _filled(total: np.ndarray, weights: np.ndarray, most: np.ndarray, scale: np.ndarray) -> np.ndarray:
    """Raise the scale until the total is met under the cap; shapes (n,) and (n, 2, 101)."""
    low, high = scale, np.max(np.where(weights > 0, most / np.where(weights > 0, weights, 1.0), 0.0), axis=(1, 2))
    for _ in range(HALVINGS):
        middle = 0.5 * (low + high)
        met = np.minimum(weights * middle[:, None, None], most).sum(axis=(1, 2)) >= total
        low, high = np.where(met, low, middle), np.where(met, middle, high)
    return np.asarray(np.minimum(weights * high[:, None, None], most))
