"""Stress: named shocks to the money and the members of a Projection, and how large one must be to do harm.

A shock changes paths that a Projection has already: land income, the market, prices and what follows them,
contributors, death rates and who is alive by them. Draws stay what they are, so that a fund after the shock stands
beside the fund without it draw by draw. Nothing before its first year moves, and no variable that it does not name.
Of people only members move, not the population: a share of members in the population must not be read after a shock.
What other schemes have of their own, such as the cost of care, stays as drawn.

A fall of fertility is not here. It changes who is born and all that follows, and so belongs to the making of the
Projection, where births are made before people are carried on (`forecasting.projection.PeopleShock`). A run that has
its fitted models lets longer lives act there too, on everybody and not on members alone (`actuarial._stress_run`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from math import isnan
from types import MappingProxyType
from typing import Literal, NamedTuple

import xarray as xr

from actuarial._quantity import changed
from actuarial._stress_shocks import (
    INFLATION_1988_1995,
    Inflation,
    LandSlump,
    LongerLives,
    MarketCrash,
    Shock,
    YoungExit,
)
from forecasting.axes import AxisError

__all__ = [
    "INFLATION_1988_1995",
    "SHOCKS",
    "Inflation",
    "LandSlump",
    "LongerLives",
    "MarketCrash",
    "Reverse",
    "Shock",
    "YoungExit",
    "apply",
    "how_large",
    "narrowed",
    "size_range",
]

SHOCKS: Mapping[str, Shock] = MappingProxyType(
    {
        "lost_land_decade": LandSlump(),
        "market_crash": MarketCrash(),
        "inflation_1988": Inflation(),
        "young_leave": YoungExit(),
        "longer_lives": LongerLives(),
    }
)
"""The named shocks at the size that their sources give; :func:`actuarial.assumptions.changed` makes others of them."""

STEPS = 1000
"""Parts of the range of sizes to which reverse stress narrows its answer."""

Verdict = Literal["found", "below the range", "above the range"]


class Reverse(NamedTuple):
    """How large a shock must be.

    Attributes
    ----------
    size : float
        Smallest size tried that reaches the target, in the unit of the shock's size; NaN where none within the
        range is known to be the smallest.
    below : float
        Largest size tried that does not: the answer lies between the two. NaN as `size`.
    at_size, at_below : float
        The measure there; where nothing was found, at the upper and at the lower end of the range.
    verdict : {"found", "below the range", "above the range"}
        Whether the target is met within the range, at its lower end already, or not even at its upper end.
    evaluations : int
        How often the measure was worked out.
    """

    size: float
    below: float
    at_size: float
    at_below: float
    verdict: Verdict
    evaluations: int


def apply(projection: xr.Dataset, *shocks: Shock) -> xr.Dataset:
    """Let shocks happen, one after the other.

    Parameters
    ----------
    projection : xarray.Dataset
        A Projection with the variables that the shocks read.
    *shocks : Shock
        In the order in which they act. The order matters only where one sets what another raises: a market crash
        after inflation loses what it says, one before it a little less.

    Returns
    -------
    xarray.Dataset
        `projection` with the changed paths; all else is the same object, and `projection` stays as it is.

    Raises
    ------
    forecasting.axes.AxisError
        Listing every variable that is missing and every first year that the projection does not have.
    """
    faults = [fault for shock in shocks for fault in _faults(projection, shock)]
    if faults:
        raise AxisError(dict.fromkeys(faults))
    for shock in shocks:
        projection = projection.assign(shock.changes(projection))
    return projection


def _faults(projection: xr.Dataset, shock: Shock) -> Iterator[str]:
    name, years = type(shock).__name__, projection["year"].values
    yield from (f"{name}: the projection lacks variable {v!r}" for v in shock.reads if v not in projection)
    earliest = int(years[0]) + shock.look_back
    if not earliest <= shock.first_year <= years[-1]:
        yield f"{name}: first_year is {shock.first_year}: give a year from {earliest} to {years[-1]}"


def size_range(shock: Shock) -> tuple[float, float]:
    """Give the range of a shock's size.

    Parameters
    ----------
    shock : Shock

    Returns
    -------
    tuple of float
        Smallest and largest size that its record allows, in the unit of the size.
    """
    record = type(shock).model_fields[shock.size].json_schema_extra
    if not isinstance(record, dict):
        raise TypeError(f"field {shock.size!r} of {type(shock).__name__} was not made by quantity()")
    return float(str(record["low"])), float(str(record["high"]))


def how_large(
    measure: Callable[[xr.Dataset], float],
    projection: xr.Dataset,
    shock: Shock,
    target: float,
    between: tuple[float, float] | None = None,
) -> Reverse:
    """Find how large a shock must be for a measure to reach a target: reverse stress, by bisection on common draws.

    Parameters
    ----------
    measure : callable
        From a Projection after the shock to a number that rises with the size, such as the part of the draws in
        which a fund is empty by a year. One that falls is asked with its sign changed, and the target's.
    projection : xarray.Dataset
        Before the shock; every size meets the same draws.
    shock : Shock
        Its size is replaced, everything else about it stays.
    target : float
        In the unit of `measure`.
    between : tuple of float, optional
        Sizes to search, the smaller first; by default :func:`size_range`.

    Returns
    -------
    Reverse
        Narrowed to the range over :data:`STEPS`. Over N draws a probability moves in steps of 1/N, so that the
        target is passed, not met. Of a measure that rises and falls it is one place of crossing, not the first.

    Raises
    ------
    ValueError
        If the range is not in order, or the measure is not a number.
    pydantic.ValidationError
        If an end of the range is no size that the shock allows.
    forecasting.axes.AxisError
        As :func:`apply`.
    """
    low, high = size_range(shock) if between is None else between
    if not low < high:
        raise ValueError(f"sizes from {low:g} to {high:g}: give the smaller first")
    return narrowed(_measured(measure, projection, shock), low, high, target)


def narrowed(at: Callable[[float], float], mild: float, severe: float, target: float, steps: int = STEPS) -> Reverse:
    """Narrow the size at which a measure reaches a target, by bisection.

    Parameters
    ----------
    at : callable
        From a size to the measure, which rises from `mild` to `severe`.
    mild, severe : float
        Ends of the sizes searched; the severe one is the smaller where less does more harm, as of a fertility rate.
    target : float
        In the unit of the measure.
    steps : int
        Parts of the range to which the answer is narrowed.

    Returns
    -------
    Reverse
        ``size`` is the mildest size tried that reaches the target, ``below`` the severest that does not; "below the
        range" is a target that is met at the mild end already.
    """
    narrow, done = abs(severe - mild) / steps, 2
    at_mild, at_severe = at(mild), at(severe)
    if at_mild >= target or at_severe < target:
        verdict: Verdict = "below the range" if at_mild >= target else "above the range"
        return Reverse(float("nan"), float("nan"), at_severe, at_mild, verdict, done)
    while abs(severe - mild) > narrow:
        middle = 0.5 * (mild + severe)
        value, done = at(middle), done + 1
        if value >= target:
            severe, at_severe = middle, value
        else:
            mild, at_mild = middle, value
    return Reverse(severe, mild, at_severe, at_mild, "found", done)


def _measured(measure: Callable[[xr.Dataset], float], projection: xr.Dataset, shock: Shock) -> Callable[[float], float]:
    """Return the measure as a function of the size."""

    def at(size: float) -> float:
        value = float(measure(apply(projection, changed(shock, {shock.size: size}))))
        if isnan(value):
            raise ValueError(f"the measure is not a number at {shock.size} = {size:g}: give one that is")
        return value

    return at
