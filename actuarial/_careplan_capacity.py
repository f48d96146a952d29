"""What the plan of elderly care builds and runs, year by year: beds, day-care centres, villages, carers."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import xarray as xr

from actuarial._careplan_rules import CarePlan
from actuarial._labels import told
from forecasting.axes import AxisError, require

Array = np.ndarray

OLD = 65
"""First age of those whom the plan is held against."""

CAPACITY = {
    "beds": ("beds", "Beds in rural homes at 31 December, those of before the plan included"),
    "beds_new": ("beds", "Nursing beds of the plan at 31 December"),
    "beds_occupied": ("beds", "Nursing beds of the plan that are occupied, mean of the year"),
    "centres": ("centres", "Day-care centres of the plan at 31 December"),
    "villages_covered": ("villages", "Villages whose old have medical care in a place of care, at 31 December"),
    "carers": ("persons", "Carers in beds, centres and villages of the plan, mean of the year"),
    "carers_trained": ("persons", "Carers trained in the year"),
    "old_people": ("persons", "Rural people of 65 and over at 31 December"),
}
"""Unit and meaning of each variable that :func:`capacity` returns."""


class Stock(NamedTuple):
    """Something that is built by equal steps and built again at the end of its life; shape (year,).

    Attributes
    ----------
    built
        Built in the year, for the first time or again.
    end
        There at 31 December.
    mean
        There in the mean of the year.
    """

    built: Array
    end: Array
    mean: Array


def stock(years: Array, first: int, span: int, number: float, life: int) -> Stock:
    """Build a number of things by equal steps.

    Parameters
    ----------
    years : numpy.ndarray of int, shape (year,)
        Calendar years wanted; building may begin before them.
    first : int
        First year of building.
    span : int
        Years of building, at least 1.
    number : float
        Built in all.
    life : int
        Years after which each is built again, at least 1.

    Returns
    -------
    Stock

    Examples
    --------
    >>> stock(np.arange(2026, 2031), 2027, 2, 10.0, 3).built.tolist()
    [0.0, 5.0, 5.0, 0.0, 5.0]
    >>> stock(np.arange(2026, 2031), 2027, 2, 10.0, 3).mean.tolist()
    [0.0, 2.5, 7.5, 10.0, 10.0]
    """
    passed = np.asarray(years, dtype=float) - first
    lives = np.arange(max(int(passed.max()) // life, 0) + 1)
    age = passed[:, None] - life * lives
    built = number / span * ((age >= 0) & (age < span)).sum(axis=1)
    end, before = (number * np.clip((passed + since) / span, 0.0, 1.0) for since in (1.0, 0.0))
    return Stock(built, end, (end + before) / 2)


class Built(NamedTuple):
    """Each thing that the plan builds."""

    beds: Stock
    centres: Stock
    villages: Stock


def built(years: Array, plan: CarePlan) -> Built:
    """Give the stock of each thing that `plan` builds; villages are those that it adds to today's."""
    added = plan.villages.number * (plan.villages.cover - plan.villages.cover_today)
    return Built(
        *(
            stock(years, plan.from_year, plan.years, number, one.life_years)
            for number, one in (
                (plan.beds.number, plan.beds),
                (plan.centres.number, plan.centres),
                (added, plan.villages),
            )
        )
    )


def carers(made: Built, plan: CarePlan) -> tuple[Array, Array]:
    """Count the carers of each year and those trained in it.

    Parameters
    ----------
    made : Built
        Over years without gaps.
    plan : CarePlan

    Returns
    -------
    tuple of numpy.ndarray, shape (year,)
        Mean of the year; trained: the growth of the year, and as many as leave.
    """
    rule = plan.carers
    at_end, mean = (
        rule.per_bed * plan.beds.occupancy * beds + rule.per_centre * centres + rule.per_village * villages
        for beds, centres, villages in ([one.end for one in made], [one.mean for one in made])
    )
    # The mean of a year lies half way between two year-ends.
    growth = 2 * (at_end - mean)
    return mean, growth + rule.turnover * mean


def old_people(projection: xr.Dataset) -> xr.DataArray:
    """Count rural people of 65 and over.

    Parameters
    ----------
    projection : xarray.Dataset
        With ``population`` over (draw?, area?, sex, age, year), persons at 31 December; without areas all are rural.

    Returns
    -------
    xarray.DataArray, dims (draw?, year)
        Persons.

    Raises
    ------
    forecasting.axes.AxisError
        If the variable is missing, or nobody is so old.
    """
    require(projection, ["population"])
    people = projection["population"]
    if "area" in people.dims:
        people = people.sel(area="rural", drop=True)
    if int(people["age"][-1]) < OLD:
        raise AxisError([f"population ends at age {int(people['age'][-1])}: give ages of {OLD} and over"])
    return people.sel(age=slice(OLD, None)).sum(["sex", "age"], dtype=float)


def capacity(projection: xr.Dataset, plan: CarePlan) -> xr.Dataset:
    """Work out what the plan has built and who works in it.

    Parameters
    ----------
    projection : xarray.Dataset
        What :func:`old_people` reads, over years without gaps.
    plan : CarePlan
        Rules.

    Returns
    -------
    xarray.Dataset
        The variables of :data:`CAPACITY`: over (year), ``old_people`` over (draw?, year).

    Raises
    ------
    forecasting.axes.AxisError
        As :func:`old_people`.
    """
    years = projection["year"].values
    made = built(years, plan)
    staff, trained = carers(made, plan)
    today = plan.villages.number * plan.villages.cover_today
    arrays = {
        "beds": plan.beds.standing + made.beds.end,
        "beds_new": made.beds.end,
        "beds_occupied": plan.beds.occupancy * made.beds.mean,
        "centres": made.centres.end,
        "villages_covered": today + made.villages.end,
        "carers": staff,
        "carers_trained": trained,
    }
    values = {name: xr.DataArray(array, {"year": years}, ("year",)) for name, array in arrays.items()}
    return told(values | {"old_people": old_people(projection)}, CAPACITY)
