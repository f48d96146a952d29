"""The funds of regions as plain arrays, checked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

Array = np.ndarray

ROUNDING = 1e-9
"""Part by which a part may pass its whole, as both are sums of floats."""


@dataclass(frozen=True)
class Regions:
    """Funds of regions, before pooling.

    Attributes
    ----------
    names : tuple of str
        One a region, each once.
    years : numpy.ndarray of int, shape (T,)
    income : numpy.ndarray, shape (region, draw or 1, T)
        Without interest on the reserve and without transfers between regions, yuan a year. May be below 0 in a
        region whose reserve must pay others, as interest to members' accounts.
    outgo : numpy.ndarray, shape (region, draw or 1, T)
        All that the fund owes, yuan a year.
    benefits : numpy.ndarray, shape (region, draw or 1, T)
        What of it goes to `people`: not the match, which goes to those who contribute.
    people : numpy.ndarray, shape (region, draw or 1, T)
        Who is paid: members of a medical fund, pensioners of a pension fund.
    opening : numpy.ndarray, shape (region, draw or 1)
        Reserve at 31 December before the first year, yuan.
    rate : numpy.ndarray, shape (draw or 1, T)
        Rate earned, per year, in all regions.

    Raises
    ------
    ValueError
        Listing every array whose shape does not fit, or that has a negative or a
        missing number, and benefits that pass the outgo.
    """

    names: tuple[str, ...]
    years: Array
    income: Array
    outgo: Array
    benefits: Array
    people: Array
    opening: Array
    rate: Array

    def __post_init__(self) -> None:
        """Refuse what does not fit."""
        faults = [*_names(self), *_shapes(self)] or [*_values(self)]
        if faults:
            raise ValueError("\n".join(faults))

    @property
    def draws(self) -> int:
        """Number of draws."""
        return max(len(self.rate), *(getattr(self, name).shape[1] for name in _AXES if name != "rate"))

    @property
    def shape(self) -> tuple[int, int, int]:
        """Regions, draws, years."""
        return len(self.names), self.draws, self.years.size


_AXES = {
    "income": ("region", "draw", "year"),
    "outgo": ("region", "draw", "year"),
    "benefits": ("region", "draw", "year"),
    "people": ("region", "draw", "year"),
    "opening": ("region", "draw"),
    "rate": ("draw", "year"),
}
"""Axes of each array."""

_LEAST = {"rate": -1.0, "income": -np.inf}
"""Least number allowed where that is not 0."""


def summed(values: Array, places: Array, size: int) -> Array:
    """Sum over the regions of each pool.

    Parameters
    ----------
    values : numpy.ndarray, shape (region, ...)
    places : numpy.ndarray of int, shape (region,)
        Place of each region's pool.
    size : int
        Number of pools.

    Returns
    -------
    numpy.ndarray, shape (size, ...)
    """
    out = np.zeros((size, *values.shape[1:]))
    for place, value in zip(places, values, strict=True):
        out[place] += value
    return out


def _names(regions: Regions) -> Iterator[str]:
    twice = sorted({name for name in regions.names if regions.names.count(name) > 1})
    yield from (f"region {name!r} is there twice: give each its own name" for name in twice)


def _shapes(regions: Regions) -> Iterator[str]:
    sizes = {"region": len(regions.names), "year": regions.years.size}
    draws: dict[int, str] = {}
    for name, axes in _AXES.items():
        shape = getattr(regions, name).shape
        wanted = [sizes.get(axis, size) for axis, size in zip(axes, shape, strict=False)]
        if len(shape) != len(axes) or list(shape) != wanted:
            yield f"{name} has the shape {shape}: wanted is {', '.join(axes)} with {sizes['region']} regions and " + (
                f"{sizes['year']} years"
            )
        elif shape[axes.index("draw")] > 1:
            draws[shape[axes.index("draw")]] = name
    if len(draws) > 1:
        told = " and ".join(f"{name} {size}" for size, name in draws.items())
        yield f"draws do not fit: {told}; give each the same number, or one"


def _values(regions: Regions) -> Iterator[str]:
    for name in _AXES:
        values, least = getattr(regions, name), _LEAST.get(name, 0.0)
        if not np.isfinite(values).all() or values.min() < least:
            yield f"{name} has a number that is missing" + (f" or below {least:g}" if np.isfinite(least) else "")
    if (regions.benefits > regions.outgo * (1 + ROUNDING)).any():
        yield "benefits pass the outgo that they are a part of"
