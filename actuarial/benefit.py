"""The basic pension by its parts: national minimum, local top-up, increments for age and long contribution."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import xarray as xr

from actuarial import eligibility
from actuarial.assumptions import Assumptions, Benefit
from actuarial.flow import growth
from forecasting.axes import PENSION_AGE, AxisError, require

Published = xr.DataArray | Mapping[int, float]
"""A published series: by year, or also by draw where it is known with doubt."""

PARTS = {
    "minimum_pension_paid": "Basic pensions: the national minimum",
    "local_top_up_paid": "Basic pensions: what provinces and counties add to the minimum",
    "increments_paid": "Basic pensions: increments of a reform for age and for long contribution",
}
"""Memo variables that add up to the basic pensions paid, with their meaning."""

INCREMENT_AGE = 65
"""Age from which the increment for age is paid (MOHRSS and MOF 2018 No. 21, section 2)."""

FIRST_PAID_AGE = 16
"""Age from which a resident may contribute (State Council 2014 No. 8, section 3)."""


def basic_pension_per_head(
    projection: xr.Dataset, benefit: Benefit, observed: Published, minimum: Published | None = None
) -> xr.DataArray:
    """Give the basic pension of one pensioner without increments: as published, afterwards indexed.

    Parameters
    ----------
    projection, benefit, observed, minimum
        See :func:`per_head`.

    Returns
    -------
    xarray.DataArray
        Yuan per pensioner and year, dims (draw?, year): the sum of minimum and top-up.

    Raises
    ------
    forecasting.axes.AxisError
        As :func:`per_head`.
    """
    heads = per_head(projection, benefit, observed, minimum)
    return (heads["minimum"] + heads["top_up"]).rename("basic_pension_per_head")


def per_head(
    projection: xr.Dataset, benefit: Benefit, observed: Published, minimum: Published | None = None
) -> xr.Dataset:
    """Give the national minimum and the local top-up of one pensioner.

    Parameters
    ----------
    projection : xarray.Dataset
        With ``rural_income`` and ``price_index``, dims (draw?, year).
    benefit : Benefit
        Weights of income and prices, floor, first year of indexation; before
        that year growth is that of nominal rural income.
    observed : mapping of year to float, or xarray.DataArray over (draw?, year)
        Basic pension without increments, yuan per pensioner and year, for
        consecutive years; at least one of them in the projection.
    minimum : mapping of year to float, or xarray.DataArray over (year), optional
        National minimum, yuan per pensioner and year; a year that it lacks has
        that of the year before. It counts up to what is observed, as nobody
        gets less than the mean of his region tells. Without it all that is observed counts as minimum.

    Returns
    -------
    xarray.Dataset
        ``minimum`` and ``top_up``, yuan per pensioner and year, dims (draw?, year); growth compounds as a
        cumulative product from the last observed year. Years before the first observed one are empty.

    Raises
    ------
    forecasting.axes.AxisError
        If a variable is missing, or `observed` is empty, has a gap or no year in common.
    """
    require(projection, ["rural_income", "price_index"])
    years = projection["year"]
    known = _known(observed, years.values)
    least = known if minimum is None else _standing(minimum, known["year"].values)
    least = least.where(least < known, known)
    grown = _growth(projection, benefit)
    local = (
        grown if benefit.top_up_income_weight is None else _growth(projection, benefit, benefit.top_up_income_weight)
    )
    return xr.Dataset({"minimum": _carried(least, grown), "top_up": _carried(known - least, local)})


def parts(
    projection: xr.Dataset, assumptions: Assumptions, observed: Published, minimum: Published | None = None
) -> xr.Dataset:
    """Work out the basic pensions of pensioners by their parts.

    Parameters
    ----------
    projection : xarray.Dataset
        With ``pensioners`` over (draw?, sex, age, year) at mid-year, and the paths that :func:`per_head` reads.
        Parts of the pensioners give parts of the money: nothing here depends on how many there are.
    assumptions : Assumptions
        Section ``benefit``, and ``money_year``.
    observed, minimum
        See :func:`per_head`.

    Returns
    -------
    xarray.Dataset
        :data:`PARTS`, yuan, and ``basic_pension_per_head``, yuan per pensioner and year, all over (draw?, year).
        The per head times the pensioners is the sum of the parts.

    Raises
    ------
    forecasting.axes.AxisError
        As :func:`per_head`, or if increments are given in money of a year that the projection lacks.
    """
    require(projection, ["pensioners"])
    flat = per_head(projection, assumptions.benefit, observed, minimum)
    heads = _people(projection)
    extra = _increments(projection, assumptions)
    mean = (extra / heads.where(heads > 0)).fillna(0.0)
    made = {
        "basic_pension_per_head": flat["minimum"] + flat["top_up"] + mean,
        "minimum_pension_paid": flat["minimum"] * heads,
        "local_top_up_paid": flat["top_up"] * heads,
        "increments_paid": xr.broadcast(extra, flat["minimum"] * heads)[0],
    }
    out = xr.Dataset({name: values.transpose(..., "year") for name, values in made.items()})
    out["basic_pension_per_head"].attrs = {"unit": "yuan per pensioner and year"}
    for name, meaning in PARTS.items():
        out[name].attrs = {"unit": "yuan", "meaning": meaning, "kind": "memo", "ledger": "pool"}
    return out


def years_beyond_the_minimum(assumptions: Assumptions, ages: np.ndarray, years: np.ndarray) -> np.ndarray:
    """Return the years that a pensioner has paid beyond the minimum, if none was missed.

    Parameters
    ----------
    assumptions : Assumptions
        Sections ``benefit`` and ``retirement``.
    ages : numpy.ndarray of int, shape (A,)
        At mid-year.
    years : numpy.ndarray of int, shape (T,)

    Returns
    -------
    numpy.ndarray of int, shape (A, T)
        Years from the start of the scheme, or from age 16, to the year in which the cohort's pension begins, less
        the minimum of that year. Under today's law nobody has any before 2027. It is an upper bound: who missed
        years has fewer.
    """
    begun = _begun(assumptions, years[None, :] - ages[:, None], int(years[-1]))
    possible = np.minimum(begun - eligibility.SCHEME_START, begun - years[None, :] + ages[:, None] - FIRST_PAID_AGE)
    rule = assumptions.benefit
    least = np.where(begun >= rule.minimum_years_from, rule.minimum_years, Benefit().minimum_years)
    return np.maximum(possible - least, 0)


def _begun(assumptions: Assumptions, born: np.ndarray, last_year: int) -> np.ndarray:
    """Return the year in which the pension of each cohort begins; a year after the last for those who wait."""
    begun = born + PENSION_AGE
    # A cohort waits while the pension age runs ahead of it; ages rise by whole years, so one pass a year is enough.
    for year in range(assumptions.retirement.change_from, last_year + 1):
        reached = eligibility.pension_ages(assumptions.retirement, np.array([year]))[0]
        begun = np.where((begun == year) & (year - born < reached), year + 1, begun)
    return begun


def _increments(projection: xr.Dataset, assumptions: Assumptions) -> xr.DataArray:
    """Return the increments of all pensioners, yuan a year, (draw?, year)."""
    rule, years, ages = assumptions.benefit, projection["year"], projection["age"].values
    if not (rule.age_increment > 0 or rule.long_contribution_increment > 0):
        return xr.zeros_like(years, dtype=float).rename("increments")
    if assumptions.money_year not in years.values:
        raise AxisError([f"year {assumptions.money_year} is missing: increments are stated in its money"])
    monthly = rule.age_increment * (ages >= INCREMENT_AGE)[:, None]
    monthly = monthly + rule.long_contribution_increment * years_beyond_the_minimum(assumptions, ages, years.values)
    monthly = monthly * (years.values >= rule.increments_from)
    rate = _growth(projection, rule)
    index = (1 + rate.where(years > assumptions.money_year, 0.0)).cumprod("year")
    return 12.0 * index * _people(projection, monthly)


def _people(projection: xr.Dataset, weights: np.ndarray | None = None) -> xr.DataArray:
    """Sum pensioners over sex and age, weighted by (age, year) if asked, in double precision; (draw?, year)."""
    people = projection["pensioners"].transpose(..., "sex", "age", "year")
    weights = np.ones(people.shape[-2:]) if weights is None else weights
    summed = np.einsum("...say,ay->...y", people.values, weights, dtype=float)
    return people.isel(sex=0, age=0, drop=True).copy(data=summed)


def _growth(projection: xr.Dataset, benefit: Benefit, income_weight: float | None = None) -> xr.DataArray:
    """Return the yearly growth of the minimum, or of what follows income alone with a weight of its own."""
    income, prices = xr.broadcast(growth(projection["rural_income"]), growth(projection["price_index"]))
    weighted = benefit.income_weight * income + benefit.price_weight * prices
    if income_weight is not None:
        weighted = income_weight * income
    return weighted.where(income["year"] >= benefit.indexation_from, income).clip(min=benefit.growth_floor)


def _carried(known: xr.DataArray, rate: xr.DataArray) -> xr.DataArray:
    """Let what is known grow from its last year on."""
    years, last = rate["year"], int(known["year"][-1])
    path = known.sel(year=last, drop=True) * (1 + rate.where(years > last, 0.0)).cumprod("year")
    # Years without a published value stay empty on purpose: the account opens after them.
    return path.where(years > last, known.reindex(year=years.values)).transpose(..., "year")


def _standing(published: Published, years: np.ndarray) -> xr.DataArray:
    """Return the amount in force in each year: that of the last year with one."""
    series = _array(published).sortby("year")
    if int(series["year"][0]) > years[0]:
        raise AxisError([f"the national minimum of {years[0]} is missing: its first year is {int(series['year'][0])}"])
    return series.reindex(year=years, method="ffill")


def _known(observed: Published, years: np.ndarray) -> xr.DataArray:
    """Return the part of `observed` within the projection; refuse gaps and values that are not above 0."""
    observed = _array(observed)
    given = observed["year"].values.tolist()
    faults = [f"observed basic pension: year {y} is missing" for y in _gaps(sorted(given))]
    worst = observed.min([d for d in observed.dims if d != "year"])
    faults += [
        f"observed basic pension of {y} is {v}: give yuan above 0"
        for y, v in zip(given, worst.values, strict=True)
        if not v > 0
    ]
    inside = [y for y in sorted(given) if years[0] <= y <= years[-1]]
    if not inside:
        faults.append(f"observed basic pension has no year within {years[0]}-{years[-1]}: give at least one")
    if faults:
        raise AxisError(faults)
    return observed.sel(year=inside)


def _array(published: Published) -> xr.DataArray:
    if isinstance(published, Mapping):
        return xr.DataArray(list(published.values()), {"year": list(published)}, ("year",))
    return published


def _gaps(years: list[int]) -> list[int]:
    return sorted(set(range(years[0], years[-1] + 1)) - set(years)) if years else []
