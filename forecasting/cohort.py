"""One cohort-component step and its loop; the fast kernel.

:func:`step` is the textbook's step in age groups. :func:`project` carries two areas, two sexes
and single ages through many years for many draws at once; :func:`project_reference` is the same
calculation in plain numpy, kept to hold the kernel against.

The year of a projection: everybody of the year before dies or survives by age; rural survivors
move to town, or back, by their age at the start of the year; women bear children at the mean of
their numbers at the start and at the end of the year; the newborn survive and move too. So births
less deaths plus net moves is the change in each area, draw and year.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from forecasting._arrays import FREE, NOT_NEGATIVE, array_faults
from forecasting.axes import AREAS, MAX_AGE, SEXES

__all__ = ["Projected", "Step", "project", "project_reference", "step"]

Array = np.ndarray

RURAL, URBAN = AREAS.index("rural"), AREAS.index("urban")
FEMALE = SEXES.index("female")
STRONGEST_RETURN = -50.0
"""As in the kernel: far past the limit that nobody can leave an empty place, it only stops overflow."""


class Step(NamedTuple):
    """What one textbook step gives; shapes (..., G), boys (...).

    Attributes
    ----------
    women : numpy.ndarray
        Women by age group at the end.
    births : numpy.ndarray
        Births of both sexes over the whole step by the mother's age group.
    boys : numpy.ndarray
        Boys in the first age group at the end.
    """

    women: np.ndarray
    births: np.ndarray
    boys: np.ndarray


class Rates(NamedTuple):
    """The rates that :func:`project` takes, in the order in which the kernel reads them."""

    survival: Array
    asfr: Array
    speed: Array
    ceiling: Array
    schedule: Array


class Projected(NamedTuple):
    """People and flows of a projection, in persons; areas rural, urban; sexes female, male.

    Attributes
    ----------
    population : numpy.ndarray, shape (D, 2, 2, 101, T + 1)
        By draw, area, sex, single age (100 open) and year's end, the first of which is the start.
    births, deaths : numpy.ndarray, shape (D, 2, T)
        By draw, area and year; deaths count where a person lived at the start of the year or was born.
    moves : numpy.ndarray, shape (D, 2, T)
        Net moves into the area; the two areas sum to zero.
    """

    population: np.ndarray
    births: np.ndarray
    deaths: np.ndarray
    moves: np.ndarray


def step(
    women: ArrayLike,
    person_years: ArrayLike,
    fertility: ArrayLike,
    migrants: ArrayLike = 0.0,
    *,
    width: float = 5.0,
    sex_ratio: float = 1.05,
    radix: float = 100_000.0,
) -> Step:
    """Project women by one step of `width` years, half the migrants at its start and half at its end.

    Source: Preston, Heuveline and Guillot 2001, Demography, boxes 6.1 and 6.2. The two last groups
    survive together, by L(last)/(L(last) + L(last but one)). Boys survive and migrate as girls do.

    Parameters
    ----------
    women : array_like, shape (..., G)
        Women by age group at the start, the last group open.
    person_years : array_like, shape (..., G)
        Person-years L(x) of the women's life table.
    fertility : array_like, shape (..., G)
        Births of both sexes per woman and year.
    migrants : array_like, broadcasting with `women`
        Net female migrants over the whole step.
    width : float
        Years of an age group and of the step.
    sex_ratio : float
        Male births per female birth.
    radix : float
        Survivors at birth in the life table of `person_years`.

    Returns
    -------
    Step
        Women at the end, births, boys of the first group.
    """
    lived = np.asarray(person_years, dtype=float)
    half = np.broadcast_to(np.asarray(migrants, dtype=float) / 2, np.shape(women))
    present = np.asarray(women, dtype=float) + half
    end = half.copy()
    end[..., 1:-1] += present[..., :-2] * lived[..., 1:-1] / lived[..., :-2]
    end[..., -1] += (present[..., -2] + present[..., -1]) * lived[..., -1] / (lived[..., -2] + lived[..., -1])
    # Children below the first fertile group: the first group of `end` is not filled before births are known.
    births = width * np.asarray(fertility, dtype=float) * (present + end) / 2
    survivors = births.sum(axis=-1) / (1 + sex_ratio) * lived[..., 0] / (width * radix)
    boys = half[..., 0] + sex_ratio * survivors
    end[..., 0] += survivors
    return Step(end, births, boys)


def project(
    start: Array,
    survival: Array,
    asfr: Array,
    *,
    speed: Array,
    ceiling: Array,
    schedule: Array,
    sex_ratio: float,
    threads: int | None = None,
) -> Projected:
    """Project every draw over every year; the same numbers on any count of threads.

    Net moves make the urban share u of the people at the start of the year grow logistically to its
    ceiling: of the rural survivors at age x the share 1 - exp(-rate) moves, with rate =
    speed u max(ceiling - u, 0) / (ceiling (1 - u)) schedule(x). A negative rate is a return, and takes
    at most the urban survivors of that age. The newborn move at half the rate of age 0.

    Parameters
    ----------
    start : numpy.ndarray, shape (D, 2, 2, 101)
        People by draw, area, sex and age at the end of the year before the first.
    survival : numpy.ndarray, shape (D, 2, 2, 102, T)
        Survival by draw, area, sex, age and year, as :func:`forecasting.lifetable.survival` gives it.
    asfr : numpy.ndarray, shape (D, 2, 101, T)
        Births per woman and year by draw, area, age and year; age 0 is not read.
    speed : numpy.ndarray, shape (D, T)
        Speed of urbanisation.
    ceiling : numpy.ndarray, shape (D,)
        Urban share, above 0 and at most 1, at which net moves end.
    schedule : numpy.ndarray, shape (D, 2, 101)
        Moving rate by sex and age over the mean rate.
    sex_ratio : float
        Male births per female birth.
    threads : int, optional
        Threads that share the draws; as many as the machine has when left out.

    Returns
    -------
    Projected
        People and flows.

    Raises
    ------
    ValueError
        Listing every fault of shape, sign and finiteness.
    """
    from forecasting._kernel import run  # late: numba takes a third of a second to import

    people, rates = _checked(start, Rates(survival, asfr, speed, ceiling, schedule), sex_ratio)
    out = _empty(*rates.speed.shape)
    run((people, *rates), 1 / (1 + sex_ratio), out, threads)
    return out


def project_reference(
    start: Array,
    survival: Array,
    asfr: Array,
    *,
    speed: Array,
    ceiling: Array,
    schedule: Array,
    sex_ratio: float,
) -> Projected:
    """Do what :func:`project` does in plain numpy: slower, and easier to read.

    Parameters and results are those of :func:`project`.
    """
    people, rates = _checked(start, Rates(survival, asfr, speed, ceiling, schedule), sex_ratio)
    out = _empty(*rates.speed.shape)
    out.population[..., 0] = people
    sexes = np.array([1, sex_ratio]) / (1 + sex_ratio)
    for t in range(rates.speed.shape[1]):
        now = out.population[..., t]
        total = now.sum(axis=(1, 2, 3))
        urban, rural = now[:, URBAN].sum(axis=(1, 2)), now[:, RURAL].sum(axis=(1, 2))
        share = np.divide(urban, total, out=np.zeros_like(total), where=total > 0)
        odds = np.divide(urban, rural, out=np.zeros_like(total), where=rural > 0)
        pull = rates.speed[:, t] * odds * np.maximum(rates.ceiling - share, 0) / rates.ceiling
        rate = pull[:, None, None] * rates.schedule
        alive = now * rates.survival[:, :, :, 1:, t]
        settled, moved = _moved(alive, rate)
        end = out.population[..., t + 1]
        end[..., 1:] = settled[..., :-1]
        end[..., -1] += settled[..., -1]
        born = (rates.asfr[:, :, 1:, t] * (now[:, :, FEMALE, 1:] + end[:, :, FEMALE, 1:])).sum(axis=-1) / 2
        babies = born[..., None] * sexes * rates.survival[:, :, :, 0, t]
        end[..., :1], moved_babies = _moved(babies[..., None], rate[..., :1] / 2)
        out.births[..., t] = born
        out.deaths[..., t] = (now - alive).sum(axis=(2, 3)) + born - babies.sum(axis=2)
        out.moves[:, URBAN, t] = moved.sum(axis=(1, 2)) + moved_babies.sum(axis=(1, 2))
    out.moves[:, RURAL] = -out.moves[:, URBAN]
    return out


def _moved(alive: np.ndarray, rate: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the survivors where they live after moving, and the moves to town."""
    rural, urban = alive[:, RURAL], alive[:, URBAN]
    move = np.maximum(-rural * np.expm1(-np.maximum(rate, STRONGEST_RETURN)), -urban)
    return np.stack([rural - move, urban + move], axis=1), move


def _empty(draws: int, years: int) -> Projected:
    flows = [np.empty((draws, 2, years)) for _ in range(3)]
    return Projected(np.empty((draws, 2, 2, MAX_AGE + 1, years + 1)), *flows)


def _checked(start: Array, rates: Rates, sex_ratio: float) -> tuple[Array, Rates]:
    """Return start and rates as contiguous float64, or raise one error that lists every fault."""
    names = ("start", *Rates._fields)
    arrays = [np.ascontiguousarray(a, dtype=float) for a in (start, *rates)]
    d, t = (*arrays[3].shape, 0, 0)[:2]
    ages = MAX_AGE + 1
    shapes = [(d, 2, 2, ages), (d, 2, 2, ages + 1, t), (d, 2, ages, t), (d, t), (d,), (d, 2, ages)]
    bounds = [NOT_NEGATIVE, (0.0, 1.0), NOT_NEGATIVE, FREE, (math.ulp(0.0), 1.0), FREE]
    faults = [] if d * t > 0 else ["there is no draw or no year to project: speed needs shape (draws, years)"]
    for name, array, shape, limits in zip(names, arrays, shapes, bounds, strict=True):
        faults += array_faults(name, array, shape, limits)
    if np.ndim(sex_ratio) or not 0 < sex_ratio < math.inf:
        faults.append(f"sex_ratio is {sex_ratio!r}: give one finite number above 0")
    if faults:
        raise ValueError("\n".join(faults))
    return arrays[0], Rates(*arrays[1:])
