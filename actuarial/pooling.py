"""Pooling of regional funds: county, province or nation, what each sends to others, who runs dry, who is paid what.

A fund of a region takes in its own money and pays its own benefits. Regions of one
pool do both together, and share their reserves. The transfer to a region is what
leaves all regions of its pool with the same surplus or deficit per yuan of benefits:

    transfer = outgo / outgo of the pool * net income of the pool - own net income,

which adds up to 0 over the pool in every draw and year. When a pool has no money
left it pays the part of its benefits that it can; the same part in all its regions.
Pooling alone moves no scheduled benefit: :func:`levelled` draws benefits per head
towards the mean of the pool, where common rules come with common money.

Plain arrays come in; axes are region, draw, year, and one draw may stand for all.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np
import xarray as xr

from actuarial._inequality import gini, part_of, theil
from actuarial._pooling_regions import Regions, from_accounts

__all__ = ["MEASURES", "Pooled", "Regions", "compare", "from_accounts", "gini", "levelled", "pool", "theil"]

Array = np.ndarray


class Pooled(NamedTuple):
    """What pools of regions do.

    Attributes
    ----------
    pools : tuple of str
        Names of the pools, as the axis of the first four arrays has them.
    balance : numpy.ndarray, shape (pool, draw, year)
        Reserve at 31 December, yuan, not below 0.
    paid_share : numpy.ndarray, shape (pool, draw, year)
        Part of the scheduled benefits that is paid.
    shortfall : numpy.ndarray, shape (pool, draw, year)
        Scheduled benefits that are not paid, yuan at mid-year.
    depleted : numpy.ndarray of bool, shape (pool, draw, year)
        The reserve has run out in the year or before.
    of_region : numpy.ndarray of int, shape (region,)
        Place of each region's pool.
    transfer : numpy.ndarray, shape (region, draw, year)
        From other regions of the pool, yuan a year; below 0 it is sent.
    handed_over : numpy.ndarray, shape (region, draw)
        Opening reserve beyond the region's part of that of the pool, yuan, parts by
        benefits of the first year; below 0 it gains.
    """

    pools: tuple[str, ...]
    balance: Array
    paid_share: Array
    shortfall: Array
    depleted: Array
    of_region: Array
    transfer: Array
    handed_over: Array


MEASURES = {
    "people_depleted": ("share", "Part of the people whose fund has run out in the year or before"),
    "paid_share": ("share", "Part of all scheduled benefits that is paid"),
    "transfer_volume": ("share", "Money sent between regions over all scheduled benefits"),
    "theil_paid": ("nats", "Theil index of benefits paid per head between regions, weighted by people"),
    "gini_paid": ("share", "Gini index of benefits paid per head between regions, weighted by people"),
    "depletion_probability": ("share", "Part of the draws in which the fund of the region has run out by the year"),
    "mean_transfer": ("share", "Mean over draws of the transfer to the region over its scheduled benefits"),
}
"""Unit and meaning of each variable that :func:`compare` returns; the last two reduce draws."""


def pool(regions: Regions, of_region: Sequence[str]) -> Pooled:
    """Pool the funds of regions.

    Parameters
    ----------
    regions : Regions
        N regions.
    of_region : sequence of str, length N
        Name of the pool of each region: its own name for county pooling, its
        province, or one name for all.

    Returns
    -------
    Pooled
        Money flows at mid-year and earns half a year's interest.

    Raises
    ------
    ValueError
        If there is not one pool for each region.
    """
    if len(of_region) != len(regions.names):
        raise ValueError(f"{len(of_region)} pools for {len(regions.names)} regions: give one for each")
    pools = tuple(dict.fromkeys(of_region))
    places = np.array([pools.index(name) for name in of_region])
    income, outgo, opening = (_summed(a, places, len(pools)) for a in (regions.income, regions.outgo, regions.opening))
    own, together = regions.income - regions.outgo, (income - outgo)[places]
    key = part_of(regions.outgo, outgo[places])
    balance, paid, shortfall = _carried(income, outgo, opening, regions)
    full = (len(regions.names), regions.draws, regions.years.size)
    return Pooled(
        pools=pools,
        balance=balance,
        paid_share=paid,
        shortfall=shortfall,
        depleted=np.logical_or.accumulate(balance <= 0, axis=-1),
        of_region=places,
        transfer=np.broadcast_to(key * together - own, full),
        handed_over=np.broadcast_to(regions.opening - key[..., 0] * opening[places], full[:2]),
    )


def levelled(regions: Regions, of_region: Sequence[str], weight: float | Array) -> Regions:
    """Draw the benefits per head of each region towards the mean of its pool, at the same cost to the pool.

    Parameters
    ----------
    regions : Regions
        N regions.
    of_region : sequence of str, length N
        Name of the pool of each region.
    weight : float or numpy.ndarray, shape (T,)
        0 leaves benefits as they are, 1 makes them equal within the pool.

    Returns
    -------
    Regions
        With other `outgo`.

    Raises
    ------
    ValueError
        If the weight is outside 0 to 1.
    """
    if np.min(weight) < 0 or np.max(weight) > 1:
        raise ValueError("the weight of the common benefit is outside 0 to 1")
    pools = list(dict.fromkeys(of_region))
    places = np.array([pools.index(name) for name in of_region])
    outgo, people = (_summed(a, places, len(pools))[places] for a in (regions.outgo, regions.people))
    mean = part_of(outgo, people)
    return replace(regions, outgo=(1 - weight) * regions.outgo + weight * mean * regions.people)


def compare(regions: Regions, levels: Mapping[str, Sequence[str]]) -> xr.Dataset:
    """Work out the same funds under several levels of pooling, on the same draws.

    Parameters
    ----------
    regions : Regions
        N regions.
    levels : mapping
        From the name of a level (county, province, nation) to the pool of each region.

    Returns
    -------
    xarray.Dataset
        The variables of :data:`MEASURES`: over (level, draw, year), and
        ``depletion_probability`` and ``mean_transfer`` over (level, region, year), each
        with ``unit`` and ``meaning``.

    Raises
    ------
    ValueError
        As :func:`pool`.
    """
    each = [_measured(regions, pool(regions, of_region)) for of_region in levels.values()]
    joined = xr.concat(each, xr.DataArray(list(levels), dims="level", name="level"), join="exact")
    return joined.assign({n: joined[n].assign_attrs(unit=u, meaning=m) for n, (u, m) in MEASURES.items()})


def _measured(regions: Regions, pooled: Pooled) -> xr.Dataset:
    full = (len(regions.names), regions.draws, regions.years.size)
    outgo, people = (np.broadcast_to(a, full) for a in (regions.outgo, regions.people))
    share, depleted = pooled.paid_share[pooled.of_region], pooled.depleted[pooled.of_region]
    paid = part_of(outgo * share, people)
    sent = np.maximum(pooled.transfer, 0.0).sum(axis=0)
    yearly = {
        "people_depleted": part_of((depleted * people).sum(axis=0), people.sum(axis=0)),
        "paid_share": part_of((outgo * share).sum(axis=0), outgo.sum(axis=0)),
        "transfer_volume": part_of(sent, outgo.sum(axis=0)),
        "theil_paid": theil(paid, people),
        "gini_paid": gini(paid, people),
    }
    by_region = {
        "depletion_probability": depleted.mean(axis=1),
        "mean_transfer": part_of(pooled.transfer, outgo).mean(axis=1),
    }
    coords = {"region": list(regions.names), "draw": np.arange(regions.draws), "year": regions.years}
    data = {n: (("draw", "year"), a) for n, a in yearly.items()}
    return xr.Dataset(data | {n: (("region", "year"), a) for n, a in by_region.items()}, coords)


def _carried(income: Array, outgo: Array, opening: Array, regions: Regions) -> tuple[Array, Array, Array]:
    """Carry the reserves of pools: balance, part paid, and what is not paid at mid-year."""
    size = (income.shape[0], regions.draws, regions.years.size)
    income, outgo = np.broadcast_to(income, size), np.broadcast_to(outgo, size)
    rate = np.broadcast_to(regions.rate, size[1:])
    balance, paid = np.zeros(size), np.ones(size)
    held = np.broadcast_to(opening, size[:2])
    for t in range(size[2]):
        half = np.sqrt(1 + rate[:, t])
        # What is there at mid-year, when benefits are due.
        there, due = held * half + income[..., t], outgo[..., t]
        paid[..., t] = np.where(due > there, part_of(there, due), 1.0)
        balance[..., t] = held = np.maximum(there - due, 0.0) * half
    return balance, paid, (1 - paid) * outgo


def _summed(values: Array, places: Array, size: int) -> Array:
    """Sum over the regions of each pool."""
    out = np.zeros((size, *values.shape[1:]))
    np.add.at(out, places, values)
    return out
