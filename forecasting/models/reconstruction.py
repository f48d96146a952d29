"""Cohorts in closed form: the rural and national population since a census year.

Between 2000 and the base year deaths and rural-to-urban moves are hazards, so
the people of one cohort at any later date are its first size times one
exponential. No loop over years is needed, and one function serves the model
(PyTensor) and the posterior (numpy). Children are born into cohorts of their
own; see `birth_weights` for how their number is split between the areas.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from forecasting.axes import MAX_AGE

HALF = 0.5
"""Newborn move for half a year on average in their first year of life."""


@dataclass(frozen=True)
class Cohorts:
    """Geometry of the cohorts alive at, or born after, the first year-end.

    Attributes
    ----------
    steps : int
        Years between the first and the last year-end, K.
    age_start : numpy.ndarray of int, shape (C, K)
        Age at the start of each step; 0 in the year of birth. C = 101 + K.
    exposure : numpy.ndarray, shape (C, K)
        Years under risk of moving: 1, one half in the year of birth, 0 before.
    cohort_of : numpy.ndarray of int, shape (101, K + 1)
        Cohort that has each age at each year-end; at 100 the youngest of the open group.
    open_group : numpy.ndarray, shape (C, K + 1)
        1 where a cohort is 100 or over.
    """

    steps: int
    age_start: np.ndarray
    exposure: np.ndarray
    cohort_of: np.ndarray
    open_group: np.ndarray

    @property
    def born(self) -> slice:
        """Positions of the cohorts born after the first year-end."""
        return slice(MAX_AGE + 1, MAX_AGE + 1 + self.steps)


def cohorts(steps: int) -> Cohorts:
    """Lay out the cohorts for `steps` years.

    Parameters
    ----------
    steps : int
        Years from the first to the last year-end.

    Returns
    -------
    Cohorts
    """
    first_age = np.concatenate([np.arange(MAX_AGE + 1), -np.arange(1, steps + 1)])
    age_start = first_age[:, None] + np.arange(steps)
    exposure = np.where(age_start >= 0, 1.0, 0.0)
    exposure[age_start == -1] = HALF
    age_end = first_age[:, None] + np.arange(steps + 1)
    first_age_of = np.arange(MAX_AGE + 1)[:, None] - np.arange(steps + 1)
    cohort_of = np.where(first_age_of >= 0, first_age_of, MAX_AGE - first_age_of)
    return Cohorts(
        steps=steps,
        age_start=np.clip(age_start, 0, MAX_AGE),
        exposure=exposure,
        cohort_of=cohort_of,
        open_group=(age_end >= MAX_AGE).astype(float),
    )


def hazards(layout: Cohorts, survival: np.ndarray) -> np.ndarray:
    """Return the hazard of death of each cohort in each step.

    Parameters
    ----------
    layout : Cohorts
    survival : numpy.ndarray, shape (2, 102, K)
        Survival ratios by sex as `lifetable.survival` gives them, index 0 at birth.

    Returns
    -------
    numpy.ndarray, shape (2, C, K)
        Minus the logarithm of survival; 0 before birth.
    """
    born_now = layout.exposure == HALF
    index = np.where(born_now, 0, layout.age_start + 1)
    out = -np.log(survival[:, index, np.arange(layout.steps)])
    return np.where(layout.exposure > 0, out, 0.0)


def remaining(hazard: Any) -> Any:
    """Return the part of each cohort that is still there at each year-end.

    Parameters
    ----------
    hazard : array, shape (..., K)
        Hazard of leaving (death and moves) in each step.

    Returns
    -------
    array, shape (..., K + 1)
        1 at the first year-end; numpy in, numpy out, PyTensor likewise.
    """
    lost = hazard.cumsum(axis=-1)
    xp = namespace(lost)
    return xp.exp(-xp.concatenate([lost[..., :1] * 0.0, lost], axis=-1))


def by_age(layout: Cohorts, people: Any) -> Any:
    """Regroup cohorts into ages.

    Parameters
    ----------
    layout : Cohorts
    people : array, shape (..., C, K + 1)
        People of each cohort at each year-end; anything before its birth.

    Returns
    -------
    array, shape (..., 101, K + 1)
        By age, 100 open, and year-end.
    """
    xp = namespace(people)
    closed = people[..., layout.cohort_of[:MAX_AGE], np.arange(layout.steps + 1)]
    oldest = (people * layout.open_group).sum(axis=-2)
    return xp.concatenate([closed, oldest[..., None, :]], axis=-2)


def losses(layout: Cohorts, people: np.ndarray, born: np.ndarray, hazard: np.ndarray) -> np.ndarray:
    """Return how many leave in each step by a hazard.

    Parameters
    ----------
    layout : Cohorts
    people : numpy.ndarray, shape (..., 2, 101, K + 1)
        From `by_age`.
    born : numpy.ndarray, shape (..., 2, K)
        Born in each step.
    hazard : numpy.ndarray, shape (..., 2, C, K)

    Returns
    -------
    numpy.ndarray, shape (..., K)
        Persons a step, both sexes.
    """
    steps = np.arange(layout.steps)
    of_people = hazard[..., layout.cohort_of[:, :-1], steps]
    of_born = hazard[..., MAX_AGE + 1 + steps, steps]
    lost = (people[..., :-1] * -np.expm1(-of_people)).sum(axis=(-3, -2))
    return lost + (born * -np.expm1(-of_born)).sum(axis=-2)


def moves_hazard(layout: Cohorts, level: Any, schedule: Any) -> Any:
    """Return the hazard of moving from rural to urban of each cohort in each step.

    Parameters
    ----------
    layout : Cohorts
    level : array, shape (..., K)
        Level of each year.
    schedule : array, shape (..., 2, 101)
        Relative hazard by sex and age; negative where more return than leave.

    Returns
    -------
    array, shape (..., 2, C, K)
    """
    return schedule[..., layout.age_start] * (layout.exposure * level[..., None, None, :])


def namespace(values: Any) -> Any:
    """Return the library that an array belongs to: numpy, or `pytensor.tensor`."""
    if isinstance(values, np.ndarray):
        return np
    import pytensor.tensor as pt

    return pt
