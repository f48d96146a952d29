"""Many regions carried forward on common draws, and summed as they go: no cube of ages is kept.

A region is its people at the start and how its rates differ from the drivers that all regions share: at an age it has
`Regions.mortality` times `Drivers.mortality` deaths per person-year, and `Regions.bearing` times `Drivers.asfr` births
per woman. What a fund asks of people (who pays, who draws, what care costs by age) is a sum over ages with weights: an
*exposure*. :func:`each` gives every region's exposures to a function as soon as they are there, so that thousands of
regions need the memory of a few; :func:`carried` returns all of them; :func:`carried_reference` is the same calculation
in plain numpy, kept to hold the kernel against.

The year of a projection is that of :mod:`forecasting.cohort`, with two differences, both in the form of the life
table's even deaths within a year of age (a = 1/2): a rate m leaves (2 - m)/(2 + m) of a cohort alive, and a moving
rate r takes 2 r/(2 + r) of the survivors, at most all of them. Both follow the exponential up to the second order.
"""

from __future__ import annotations

import math
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import numpy as np
from numpy.typing import DTypeLike

from forecasting._arrays import FREE, NOT_NEGATIVE, array_faults
from forecasting.axes import AREAS, MAX_AGE, SEXES

__all__ = ["Drivers", "Regions", "carried", "carried_reference", "each"]

Array = np.ndarray

RURAL, URBAN = AREAS.index("rural"), AREAS.index("urban")
FEMALE = SEXES.index("female")

GROUP = 4
"""Regions that a thread carries at once: they read the drivers of a year from the cache."""

HIGHEST = 2.0
"""Deaths per person-year at which nobody is left at the end of the year."""


class Regions(NamedTuple):
    """People and rates of R regions, each of A areas: one, or the two of `forecasting.axes.AREAS`.

    Attributes
    ----------
    start : numpy.ndarray, shape (R, A, 2, 101)
        Persons by sex and single age (100 open) at the end of the year before the first.
    mortality : numpy.ndarray, shape (R, A, 2, 102)
        Deaths per person-year at a driver of 1: from birth to the end of the year, then from each age at its start.
    bearing : numpy.ndarray, shape (R, A)
        Births over those that the driver gives.
    ceiling : numpy.ndarray, shape (R, D) or (R, 1), optional
        Urban share at which net moves end, above 0 and at most 1; with two areas only.
    """

    start: Array
    mortality: Array
    bearing: Array
    ceiling: Array | None = None


class Drivers(NamedTuple):
    """What D draws of T years have in common in all regions.

    Attributes
    ----------
    mortality : numpy.ndarray, shape (D, T, 2, 102)
        Mortality over its level, by sex and age as `Regions.mortality`.
    asfr : numpy.ndarray, shape (D, T, 101)
        Births per woman and year by age; age 0 is not read.
    speed : numpy.ndarray, shape (D, T), optional
        Speed of urbanisation, as :func:`forecasting.cohort.project` takes it; with two areas only.
    schedule : numpy.ndarray, shape (D, 2, 101), optional
        Moving rate by sex and age over the mean rate; with two areas only.
    """

    mortality: Array
    asfr: Array
    speed: Array | None = None
    schedule: Array | None = None


def each(
    regions: Regions,
    drivers: Drivers,
    weights: Array,
    do: Callable[[int, Array], None],
    *,
    sex_ratio: float,
    dtype: DTypeLike = np.float64,
    threads: int | None = None,
    group: int = GROUP,
) -> None:
    """Carry every region, and give its exposures to a function.

    The same numbers on any count of threads and with any `group`.

    Parameters
    ----------
    regions : Regions
    drivers : Drivers
    weights : numpy.ndarray, shape (K, T + 1, A, 2, 101)
        Of each exposure by year's end, the start first, by area, sex and age.
    do : callable
        Takes the place of a region and its exposures, an array of shape (K, T + 1, D) that is the function's own. It is
        called from several threads, for regions in any order; what it raises ends the whole.
    sex_ratio : float
        Male births per female birth.
    dtype : numpy.dtype, optional
        float64, or float32 where a relative difference of some 1e-5 does no harm.
    threads : int, optional
        Threads that share the regions; as many as the machine has when left out.
    group : int, optional
        Regions that a thread carries at once.

    Raises
    ------
    ValueError
        Listing every fault of shape, sign and finiteness.
    """
    weights = np.asarray(weights)
    _refuse(_faults(regions, drivers, weights, sex_ratio, dtype) + _counts(threads=threads, group=group))
    kind = np.dtype(dtype)
    packed = _packed(drivers, kind)
    by_year = np.ascontiguousarray(np.swapaxes(weights, 0, 1), dtype=kind)
    draws = drivers.mortality.shape[0]

    def carry(first: int) -> None:
        part = _part(regions, slice(first, first + group))
        found = _carried_by_kernel(part, packed, by_year, girls=1 / (1 + sex_ratio), draws=draws)
        for place, one in enumerate(found, first):
            do(place, one)

    with ThreadPoolExecutor(threads or os.cpu_count() or 1) as pool:
        for ended in [pool.submit(carry, i) for i in range(0, len(regions.start), group)]:
            ended.result()


def carried(
    regions: Regions,
    drivers: Drivers,
    weights: Array,
    *,
    sex_ratio: float,
    dtype: DTypeLike = np.float64,
    threads: int | None = None,
    group: int = GROUP,
) -> Array:
    """Return the exposures of every region.

    Parameters are those of :func:`each`.

    Returns
    -------
    numpy.ndarray, shape (R, K, T + 1, D)

    Raises
    ------
    ValueError
        Listing every fault of shape, sign and finiteness.
    """
    found: dict[int, Array] = {}
    each(
        regions,
        drivers,
        weights,
        found.__setitem__,
        sex_ratio=sex_ratio,
        dtype=dtype,
        threads=threads,
        group=group,
    )
    return np.stack([found[place] for place in range(len(regions.start))])


def carried_reference(regions: Regions, drivers: Drivers, weights: Array, *, sex_ratio: float) -> Array:
    """Do what :func:`carried` does in plain numpy: slower, and easier to read.

    Parameters and results are those of :func:`carried`.
    """
    _refuse(_faults(regions, drivers, np.asarray(weights), sex_ratio, np.float64))
    count = len(regions.start)
    draws, years = drivers.mortality.shape[:2]
    now = np.repeat(regions.start[:, None].astype(float), draws, axis=1)  # region, draw, area, sex, age
    out = np.empty((count, len(weights), years + 1, draws))
    sexes = np.array([1, sex_ratio]) / (1 + sex_ratio)
    for t in range(years):
        out[:, :, t] = np.einsum("kasx,rdasx->rkd", weights[:, t], now)
        rate = regions.mortality[:, None] * drivers.mortality[:, t, None]
        survival = (2 - rate) / (2 + rate)
        alive = now * survival[..., 1:]
        rates = _moving(now, regions, drivers, t)
        settled = alive if rates is None else _moved(alive, rates)
        end = np.empty_like(now)
        end[..., 1:] = settled[..., :-1]
        end[..., -1] += settled[..., -1]
        asfr = drivers.asfr[:, t, None, 1:]
        born = (asfr * (now[..., FEMALE, 1:] + end[..., FEMALE, 1:])).sum(axis=-1) / 2 * regions.bearing[:, None]
        babies = (born[..., None] * sexes * survival[..., 0])[..., None]
        end[..., :1] = babies if rates is None else _moved(babies, rates[..., :1] / 2)
        now = end
    out[:, :, years] = np.einsum("kasx,rdasx->rkd", weights[:, years], now)
    return out


def _moving(now: Array, regions: Regions, drivers: Drivers, t: int) -> Array | None:
    """Return the moving rates of a year, shape (R, D, 2, 101); none with one area."""
    if regions.ceiling is None or drivers.speed is None or drivers.schedule is None:
        return None
    people = now.sum(axis=(3, 4))
    rural, urban = people[..., RURAL], people[..., URBAN]
    total = rural + urban
    share = np.divide(urban, total, out=np.zeros_like(total), where=total > 0)
    odds = np.divide(urban, rural, out=np.zeros_like(total), where=rural > 0)
    pull = drivers.speed[:, t] * odds * np.maximum(regions.ceiling - share, 0) / regions.ceiling
    return pull[..., None, None] * drivers.schedule


def _moved(alive: Array, rate: Array) -> Array:
    """Return the survivors where they live after moving."""
    from forecasting._exposures_kernel import STRONGEST, STRONGEST_RETURN

    rate = np.clip(rate, STRONGEST_RETURN, STRONGEST)
    rural, urban = alive[:, :, RURAL], alive[:, :, URBAN]
    move = np.maximum(rural * (2 * rate / (2 + rate)), -urban)
    return np.stack([rural - move, urban + move], axis=2)


def _part(regions: Regions, part: slice) -> Regions:
    start, mortality, bearing, ceiling = regions
    return Regions(start[part], mortality[part], bearing[part], None if ceiling is None else ceiling[part])


class _Packed(NamedTuple):
    """Drivers in lots of draws, the draws innermost; the last lot is filled up with zeros."""

    mortality: Array
    asfr: Array
    first: int
    speed: Array | None
    schedule: Array | None


def _packed(drivers: Drivers, kind: np.dtype) -> _Packed:
    bearing = np.flatnonzero(drivers.asfr.any(axis=(0, 1)))
    bearing = bearing[bearing > 0]
    first, last = (int(bearing[0]), int(bearing[-1]) + 1) if bearing.size else (1, 2)
    moves = [None if a is None else _in_lots(a, kind) for a in (drivers.speed, drivers.schedule)]
    lots = _in_lots(drivers.mortality, kind), _in_lots(drivers.asfr[:, :, first:last], kind)
    return _Packed(*lots, first, *moves)


def _in_lots(array: Array, kind: np.dtype) -> Array:
    """Bring the draws of an array, its first axis, to its end, in lots."""
    from forecasting._exposures_kernel import LANES

    lots = -(-len(array) // LANES)
    out = np.zeros((lots, *array.shape[1:], LANES), kind)
    for lot in range(lots):
        part = array[lot * LANES : (lot + 1) * LANES]
        out[lot, ..., : len(part)] = np.moveaxis(part, 0, -1)
    return out


def _carried_by_kernel(regions: Regions, packed: _Packed, weights: Array, *, girls: float, draws: int) -> Array:
    """Return the exposures of some regions, shape (G, K, T + 1, D)."""
    from forecasting._exposures_kernel import LANES, one_area, two_areas

    kind = packed.mortality.dtype
    given = [np.ascontiguousarray(a, dtype=kind) for a in (regions.start, regions.mortality, regions.bearing)]
    lots, years = packed.mortality.shape[:2]
    out = np.empty((lots, len(given[0]), years + 1, weights.shape[1], LANES), kind)
    common = (packed.mortality, packed.asfr, packed.first, weights, girls)
    if regions.ceiling is None:
        alone: Callable[..., None] = one_area
        alone(*given, *common, out)
    else:
        ceiling = np.ones((lots * LANES, len(given[0])))  # draws that fill the last lot need one too
        ceiling[:draws] = np.broadcast_to(regions.ceiling, (len(given[0]), draws)).T
        both: Callable[..., None] = two_areas
        both(*given, *common, packed.speed, _in_lots(ceiling, kind), packed.schedule, out)
    return out.transpose(1, 3, 2, 0, 4).reshape(len(given[0]), weights.shape[1], years + 1, -1)[..., :draws]


def _refuse(faults: list[str]) -> None:
    if faults:
        raise ValueError("\n".join(faults))


def _counts(**counts: int | None) -> list[str]:
    return [f"{name} is {n!r}: give a whole number above 0" for name, n in counts.items() if n is not None and n < 1]


def _faults(regions: Regions, drivers: Drivers, weights: Array, sex_ratio: float, dtype: DTypeLike) -> list[str]:
    """List every fault of what was given."""
    r, areas = (*regions.start.shape, 0, 0)[:2]
    d, t = (*drivers.mortality.shape, 0, 0)[:2]
    ages = MAX_AGE + 1
    faults = [] if r * d * t > 0 else ["there is no region, no draw or no year to project"]
    if areas not in (1, len(AREAS)):
        faults.append(f"start has {areas} areas: give one, or the two of {', '.join(AREAS)}")
    if np.dtype(dtype) not in (np.float64, np.float32):
        faults.append(f"dtype is {np.dtype(dtype)}: give float64 or float32")
    if np.ndim(sex_ratio) or not 0 < sex_ratio < math.inf:
        faults.append(f"sex_ratio is {sex_ratio!r}: give one finite number above 0")
    people, rates = (r, areas, 2, ages), (d, t, 2, ages + 1)
    faults += array_faults("start", regions.start, people, NOT_NEGATIVE)
    faults += array_faults("mortality of the regions", regions.mortality, (*people[:3], ages + 1), NOT_NEGATIVE)
    faults += array_faults("bearing", regions.bearing, (r, areas), NOT_NEGATIVE)
    faults += array_faults("mortality of the drivers", drivers.mortality, rates, NOT_NEGATIVE)
    faults += array_faults("asfr", drivers.asfr, (d, t, ages), NOT_NEGATIVE)
    faults += array_faults("weights", weights, (len(np.atleast_1d(weights)), t + 1, areas, 2, ages), FREE)
    faults += _move_faults(regions, drivers, (r, areas, d, t))
    return faults or _rate_faults(regions.mortality, drivers.mortality)


def _move_faults(regions: Regions, drivers: Drivers, sizes: tuple[int, ...]) -> list[str]:
    """List what is wrong with the moves: two areas need all three arrays, one area none."""
    r, areas, d, t = sizes
    given = {"ceiling": regions.ceiling, "speed": drivers.speed, "schedule": drivers.schedule}
    if areas == 1:
        return [f"{name} is given: one area has no moves, leave it out" for name, a in given.items() if a is not None]
    faults = [f"{name} is missing: two areas need it" for name, a in given.items() if a is None]
    limits = {"ceiling": (math.ulp(0.0), 1.0)}
    shapes: dict[str, tuple[int, ...]] = {"speed": (d, t), "schedule": (d, 2, MAX_AGE + 1)}
    shapes["ceiling"] = (r, 1) if regions.ceiling is not None and regions.ceiling.shape == (r, 1) else (r, d)
    for name, array in given.items():
        faults += [] if array is None else array_faults(name, array, shapes[name], limits.get(name, FREE))
    return faults


def _rate_faults(level: Array, drivers: Array) -> list[str]:
    """Say where more die than the form of the survival can bear."""
    highest = level.max(axis=(0, 1)) * drivers.max(axis=(0, 1))
    where = np.argwhere(highest > HIGHEST)
    places = ", ".join(f"{SEXES[s]} {'newborn' if x == 0 else x - 1}" for s, x in where[:3])
    more = " ..." if len(where) > 3 else ""
    return [f"mortality passes {HIGHEST:g} deaths per person-year at {places}{more}"] if len(where) else []
