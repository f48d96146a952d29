"""Youth, old-age, total and system dependency ratios.

Working ages are 15-59 beside an old age that starts at 60, as China counts, and 15-64 beside one
that starts at 65, as the UN does (UN World Population Prospects 2024, Definition of indicators).
"""

from __future__ import annotations

from collections.abc import Hashable

import numpy as np
import xarray as xr

from forecasting.axes import AREAS, AxisError

__all__ = ["NATIONAL", "ratios", "system_ratio"]

NATIONAL = "national"
"""Label of all areas together on the axis ``place``."""

YOUTH_END, OLD, OLDER = 15, 60, 65
NEEDED = ("area", "sex", "age", "year")


def ratios(population: xr.DataArray) -> xr.Dataset:
    """Ratios of dependent ages to working ages by place.

    Parameters
    ----------
    population : xarray.DataArray, dims (..., area, sex, age, year)
        People by completed age from 0 on, either single ages or the first ages of groups that begin
        at 15, 60 and 65; the last age is open.

    Returns
    -------
    xarray.Dataset, dims (..., place, year)
        ``youth_ratio`` 0-14 over 15-59, ``old_age_ratio_60`` 60+ over 15-59, ``old_age_ratio_65`` 65+ over
        15-64, ``total_ratio`` both 0-14 and 60+ over 15-59; each in dependants per person of working age.
        ``place`` has the areas of `population` and then national, their sum.

    Raises
    ------
    AxisError
        Listing dimensions, labels and ages that are missing, people that are negative or not finite, and
        places without people of working age.
    """
    _check(population)
    people = population.sum("sex", skipna=False).rename(area="place")
    everywhere = people.sum("place", skipna=False).expand_dims(place=[NATIONAL])
    by_place = xr.concat([people, everywhere], dim="place", join="exact")
    youth, working = _between(by_place, 0, YOUTH_END), _between(by_place, YOUTH_END, OLD)
    old, older = _between(by_place, OLD), _between(by_place, OLDER)
    if not (working > 0).all():
        raise AxisError(["a place has no people of working age in some year: its ratios have no value"])
    out = xr.Dataset(
        {
            "youth_ratio": _named(youth / working, "People aged 0-14 per person aged 15-59"),
            "old_age_ratio_60": _named(old / working, "People aged 60 and over per person aged 15-59"),
            "old_age_ratio_65": _named(
                older / _between(by_place, YOUTH_END, OLDER), "People aged 65 and over per person aged 15-64"
            ),
            "total_ratio": _named((youth + old) / working, "People aged 0-14 or 60 and over per person aged 15-59"),
        }
    )
    first: list[Hashable] = [d for d in population.dims if d not in NEEDED]
    return out.transpose(*first, "place", "year")


def system_ratio(pensioners: xr.DataArray, contributors: xr.DataArray) -> xr.DataArray:
    """Pensioners per contributor of the scheme: its system dependency ratio (ILO/ISSA).

    Parameters
    ----------
    pensioners, contributors : xarray.DataArray, dims (..., year)
        Persons of the same day; sex and age, where there, are summed out.

    Returns
    -------
    xarray.DataArray, dims (..., year)
        Pensioners per contributor.

    Raises
    ------
    AxisError
        If labels of the two differ, or a year has no contributors.
    """
    heads = [_heads(people) for people in (pensioners, contributors)]
    try:
        above, below = xr.align(*heads, join="exact")
    except ValueError as error:
        raise AxisError([f"pensioners and contributors have different labels: {error}"]) from error
    if not (below > 0).all():
        raise AxisError(["there are no contributors in some year: the system ratio has no value"])
    ratio: xr.DataArray = (above / below).rename("system_ratio")
    return ratio.assign_attrs(unit="pensioners per contributor", meaning="Pensioners per contributor of the scheme")


def _heads(people: xr.DataArray) -> xr.DataArray:
    return people.sum([d for d in ("sex", "age") if d in people.dims], skipna=False)


def _between(people: xr.DataArray, start: int, stop: float = np.inf) -> xr.DataArray:
    """Sum the ages from `start` to below `stop`."""
    ages = people["age"].values
    return people.isel(age=np.flatnonzero((ages >= start) & (ages < stop))).sum("age", skipna=False)


def _named(ratio: xr.DataArray, meaning: str) -> xr.DataArray:
    return ratio.assign_attrs(unit="dependants per person of working age", meaning=meaning)


def _check(population: xr.DataArray) -> None:
    missing = [d for d in NEEDED if d not in population.dims]
    if missing:
        raise AxisError(f"dimension {d!r} is missing: the ratios need {', '.join(NEEDED)}" for d in missing)
    faults = []
    ages = population["age"].values
    faults += [f"age {a} is no first age of the population: split the groups there" for a in _absent(ages)]
    absent = [a for a in AREAS if a not in population["area"].values]
    faults += [f"area {a!r} is missing: national is the sum of {' and '.join(AREAS)}" for a in absent]
    strange = [str(a) for a in population["area"].values if a not in AREAS]
    faults += [f"area {a!r} is unknown: use {' or '.join(AREAS)}" for a in strange]
    # One pass over the cube finds all three: NaN spreads to the least, infinity stands at an end.
    least, most = float(population.min(skipna=False)), float(population.max(skipna=False))
    if not (np.isfinite(least) and np.isfinite(most)):
        faults.append("the population has values that are missing or not finite")
    elif least < 0:
        faults.append(f"the population falls to {least:g}: people are 0 or more")
    if faults:
        raise AxisError(faults)


def _absent(ages: np.ndarray) -> list[int]:
    return [a for a in (0, YOUTH_END, OLD, OLDER) if a not in ages]
