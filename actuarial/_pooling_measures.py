"""What pools of regions mean to people: who runs dry, who sends to whom, who is paid how much."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from actuarial._inequality import gini, part_of, theil
from actuarial._pooling_regions import Regions, summed

if TYPE_CHECKING:
    from actuarial.pooling import Pooled

Array = np.ndarray

QUANTILES = (0.025, 0.1, 0.25, 0.5, 0.75, 0.9, 0.975)
"""Bounds of the 95, 80 and 50 per cent intervals around the median."""


def measured(regions: Regions, pooled: Pooled, provinces: Sequence[str]) -> xr.Dataset:
    """Reduce one level of pooling to what is told of it.

    Parameters
    ----------
    regions : Regions
        N regions.
    pooled : actuarial.pooling.Pooled
        From them.
    provinces : sequence of str, length N
        Province of each region.

    Returns
    -------
    xarray.Dataset
        As `actuarial.pooling.compare`, without the level.
    """
    names = list(dict.fromkeys(provinces))
    places = np.array([names.index(name) for name in provinces])
    outgo, benefits, people = (
        np.broadcast_to(a, regions.shape) for a in (regions.outgo, regions.benefits, regions.people)
    )
    share, depleted = (a[pooled.of_region] for a in (pooled.paid_share, pooled.depleted))
    sizes = (places, len(names))
    sent, due = summed(pooled.transfer, *sizes), summed(outgo, *sizes)
    heads, paid = summed(people, *sizes), summed(benefits * share, *sizes)
    struck = summed(depleted * people, *sizes)
    all_due, per_head = due.sum(axis=0), part_of(benefits * share, people)
    yearly = {
        "people_depleted": part_of(struck.sum(axis=0), heads.sum(axis=0)),
        "paid_share": part_of((outgo * share).sum(axis=0), all_due),
        "transfer_volume": part_of(np.maximum(pooled.transfer, 0.0).sum(axis=0), all_due),
        "sent_between": part_of(np.maximum(sent, 0.0).sum(axis=0), all_due),
        "theil_paid": theil(per_head, people),
        "gini_paid": gini(per_head, people),
        "highest_over_lowest": _extremes(part_of(paid, heads)),
    }
    spread = {"transfer": part_of(sent, due), "paid_per_head": part_of(paid, heads)}
    data: dict[str, tuple] = {n: (("draw", "year"), a) for n, a in yearly.items()}
    data |= {n: (("quantile", "region", "year"), np.quantile(a, QUANTILES, axis=1)) for n, a in spread.items()}
    data["depletion_probability"] = (("region", "year"), part_of(struck, heads).mean(axis=1))
    coords = {"region": names, "draw": np.arange(regions.draws), "year": regions.years, "quantile": list(QUANTILES)}
    return xr.Dataset(data, coords)


def _extremes(per_head: Array) -> Array:
    """Return the highest over the lowest along the first axis; NaN where the lowest is nothing."""
    low = per_head.min(axis=0)
    return np.divide(per_head.max(axis=0), low, out=np.full(low.shape, np.nan), where=low > 0)
