"""Pooling of regional funds: county, province or nation, what each sends to others, who runs dry, who is paid what.

A fund of a region takes in its own money and pays its own benefits. Regions of one
pool do both together, and share their reserves. The transfer to a region is what
leaves all regions of its pool with the same surplus or deficit per yuan of outgo:

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
from actuarial._labels import told
from actuarial._pooling_measures import QUANTILES, measured
from actuarial._pooling_regions import Regions, summed

__all__ = ["MEASURES", "QUANTILES", "Pooled", "Regions", "compare", "gini", "levelled", "pool", "theil"]

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
    "paid_share": ("share", "Part of all that is scheduled that is paid"),
    "transfer_volume": ("share", "Money sent between funds over all that is scheduled"),
    "sent_between": ("share", "Money sent between provinces over all that is scheduled"),
    "theil_paid": ("nats", "Theil index of benefits paid per head between funds, weighted by people"),
    "gini_paid": ("share", "Gini index of benefits paid per head between funds, weighted by people"),
    "highest_over_lowest": ("ratio", "Benefits paid per head, highest province over lowest; NaN where that is nothing"),
    "depletion_probability": (
        "share",
        "Probability that the fund of a person of the province has run out by the year",
    ),
    "transfer": ("share", "Quantiles over draws of the transfer to the province over what it has scheduled"),
    "paid_per_head": ("yuan", "Quantiles over draws of benefits paid per head in the province"),
}
"""Unit and meaning of each variable that :func:`compare` returns; the last three reduce draws."""


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
    income, outgo, opening = (summed(a, places, len(pools)) for a in (regions.income, regions.outgo, regions.opening))
    own, together = regions.income - regions.outgo, (income - outgo)[places]
    key = part_of(regions.outgo, outgo[places])
    balance, paid, shortfall = _carried(income, outgo, opening, regions)
    full = regions.shape
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
    benefits, people = (summed(a, places, len(pools))[places] for a in (regions.benefits, regions.people))
    drawn = (1 - weight) * regions.benefits + weight * part_of(benefits, people) * regions.people
    return replace(regions, outgo=regions.outgo - regions.benefits + drawn, benefits=drawn)


def compare(
    regions: Regions,
    levels: Mapping[str, Sequence[str]],
    provinces: Sequence[str] | None = None,
    weight: float | Array = 0.0,
) -> xr.Dataset:
    """Work out the same funds under several levels of pooling, on the same draws.

    Parameters
    ----------
    regions : Regions
        N regions.
    levels : mapping
        From the name of a level (county, province, nation) to the pool of each region.
    provinces : sequence of str, length N, optional
        Province of each region, for what is told of provinces; each is its own where it is left out.
    weight : float or numpy.ndarray, shape (T,)
        As in :func:`levelled`, inside each pool.

    Returns
    -------
    xarray.Dataset
        The variables of :data:`MEASURES`: over (level, draw, year); ``depletion_probability`` over (level, region,
        year) with the provinces as regions; ``transfer`` and ``paid_per_head`` over (level, quantile, region, year).
        Each with ``unit`` and ``meaning``.

    Raises
    ------
    ValueError
        As :func:`pool` and :func:`levelled`.
    """
    inside = tuple(provinces or regions.names)
    each = []
    for of_region in levels.values():
        drawn = levelled(regions, of_region, weight) if np.any(weight) else regions
        each.append(measured(drawn, pool(drawn, of_region), inside))
    joined = xr.concat(each, xr.DataArray(list(levels), dims="level", name="level"), join="exact")
    return told(joined, MEASURES)


def _carried(income: Array, outgo: Array, opening: Array, regions: Regions) -> tuple[Array, Array, Array]:
    """Carry the reserves of pools: balance, part paid, and what is not paid at mid-year."""
    size = (income.shape[0], *regions.shape[1:])
    income, outgo = np.broadcast_to(income, size), np.broadcast_to(outgo, size)
    rate = np.broadcast_to(regions.rate, size[1:])
    balance, paid = np.zeros(size), np.ones(size)
    held = np.broadcast_to(opening, size[:2])
    for t in range(size[2]):
        half = np.sqrt(1 + rate[:, t])
        # What is there at mid-year, when benefits are due.
        there, due = held * half + income[..., t], outgo[..., t]
        paid[..., t] = np.where(due > there, part_of(np.maximum(there, 0.0), due), 1.0)
        balance[..., t] = held = np.maximum(there - due, 0.0) * half
    return balance, paid, (1 - paid) * outgo
