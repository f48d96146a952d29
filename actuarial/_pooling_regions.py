"""The funds of regions as plain arrays, checked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import xarray as xr

Array = np.ndarray


@dataclass(frozen=True)
class Regions:
    """Funds of regions, before pooling.

    Attributes
    ----------
    names : tuple of str
        One a region, each once.
    years : numpy.ndarray of int, shape (T,)
    income : numpy.ndarray, shape (region, draw or 1, T)
        Without interest and without transfers between regions, yuan a year.
    outgo : numpy.ndarray, shape (region, draw or 1, T)
        Scheduled benefits, yuan a year.
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
        missing number.
    """

    names: tuple[str, ...]
    years: Array
    income: Array
    outgo: Array
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
        return max(
            self.income.shape[1], self.outgo.shape[1], self.people.shape[1], self.opening.shape[1], len(self.rate)
        )


def from_accounts(accounts: Mapping[str, xr.Dataset], people: Mapping[str, xr.DataArray]) -> Regions:
    """Take the pools of funds out of the accounts of regions.

    Parameters
    ----------
    accounts : mapping
        From the name of a region to its account (:func:`actuarial.fund.project`), all
        with the same draws, years and rate earned. What members' accounts hold is not pooled.
    people : mapping
        From the name of a region to who is paid, persons over (draw?, year).

    Returns
    -------
    Regions
        Income and scheduled outgo of the pools, match into members' accounts included.

    Raises
    ------
    ValueError
        If a region lacks people, years or rates differ, or a pool opens below 0.
    """
    if set(accounts) != set(people):
        raise ValueError(f"people are given for {', '.join(people)}; accounts for {', '.join(accounts)}")
    first = next(iter(accounts.values()))
    years = first["year"].values
    other = [
        name
        for name, account in accounts.items()
        if not (np.array_equal(account["year"].values, years) and account["rate_earned"].equals(first["rate_earned"]))
    ]
    if other:
        raise ValueError(f"{', '.join(other)}: years or rates earned are not those of {next(iter(accounts))}")
    opening = [_plain(a["opening_balance"] - a["opening_accounts"], ()) for a in accounts.values()]
    return Regions(
        names=tuple(accounts),
        years=years,
        income=np.stack([_plain(a["pool_income"], ("year",)) for a in accounts.values()]),
        outgo=np.stack([_plain(a["pool_outgo"], ("year",)) for a in accounts.values()]),
        people=np.stack([_plain(people[name].sel(year=years), ("year",)) for name in accounts]),
        opening=np.stack(opening),
        rate=_plain(first["rate_earned"], ("year",)),
    )


def _plain(values: xr.DataArray, dims: tuple[str, ...]) -> Array:
    full = values if "draw" in values.dims else values.expand_dims("draw")
    array: Array = full.transpose("draw", *dims).values.astype(float)
    return array


_AXES = {
    "income": ("region", "draw", "year"),
    "outgo": ("region", "draw", "year"),
    "people": ("region", "draw", "year"),
    "opening": ("region", "draw"),
    "rate": ("draw", "year"),
}
"""Axes of each array."""


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
        values, least = getattr(regions, name), -1.0 if name == "rate" else 0.0
        if not np.isfinite(values).all() or values.min() < least:
            yield f"{name} has a number that is missing or below {least:g}"
