"""What the search for the cheapest mix deals with: levers and their caps, what a mix does, and a mix that was tried."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import xarray as xr

Array = np.ndarray

ROUNDING = 1e-9
"""Part of a draw, and of the span of costs, that counts as none."""


class Outcome(NamedTuple):
    """What a mix does, draw by draw.

    Attributes
    ----------
    margin : numpy.ndarray or xarray.DataArray, shape (draw,)
        How far the fund is from running dry, in any unit; 0 or below where it does.
    terms : mapping of str to numpy.ndarray or xarray.DataArray, shape (draw,)
        What it costs, by whom or what bears it.
    """

    margin: Array | xr.DataArray
    terms: Mapping[str, Array | xr.DataArray]


Measure = Callable[[Array], Outcome]
"""From the values of the levers, in their order and units, to what they do: the same draws every time."""


@dataclass(frozen=True)
class Caps:
    """The levers and the caps that they may not pass.

    Attributes
    ----------
    names, units : tuple of str
        Of each lever.
    low, high : tuple of float
        Caps of each lever in its unit.
    """

    names: tuple[str, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]
    units: tuple[str, ...]

    def __post_init__(self) -> None:
        """Refuse caps that leave no room, all of them at once."""
        faults = [] if self.names else ["no lever: name at least one"]
        if len({len(self.names), len(self.low), len(self.high), len(self.units)}) != 1:
            faults.append("names, caps and units differ in number")
        ends = zip(self.names, self.low, self.high, strict=False)
        faults += [
            f"{name}: caps {low:g} and {high:g}: give two numbers, the smaller first"
            for name, low, high in ends
            if not (math.isfinite(low) and math.isfinite(high) and low < high)
        ]
        if faults:
            raise ValueError("; ".join(faults))

    @property
    def span(self) -> Array:
        """Upper cap less lower cap, shape (lever,)."""
        return np.subtract(self.high, self.low)

    def mix(self, place: Array) -> Array:
        """Return the values of levers at a place between their caps, 0 the lower and 1 the upper; never beyond."""
        values = np.asarray(self.low) + self.span * place
        # At an end the cap itself, not what rounding makes of it.
        return np.clip(np.where(place >= 1, self.high, values), self.low, self.high)


@dataclass(frozen=True, eq=False)
class Point:
    """A mix that was tried.

    Attributes
    ----------
    place : numpy.ndarray, shape (lever,)
        Between the caps: 0 is the lower, 1 the upper.
    mix : numpy.ndarray, shape (lever,)
        In the levers' units.
    margins : numpy.ndarray, shape (draw,)
        The smallest first.
    terms : dict of str to float
        Means over draws.
    cost : float
        Their weighted sum.
    """

    place: Array
    mix: Array
    margins: Array
    terms: dict[str, float]
    cost: float

    @property
    def empty(self) -> int:
        """In how many draws the fund runs dry."""
        return int(np.searchsorted(self.margins, 0.0, side="right"))

    @property
    def probability(self) -> float:
        """Part of the draws in which the fund runs dry."""
        return self.empty / self.margins.size

    def guard(self, allowed: int) -> float:
        """Return the margin that must be above 0 for no more than `allowed` draws to run dry.

        It is the order statistic itself and not a quantile between two of them, so that it is above 0 exactly where
        the count is kept; infinite where every draw may run dry.
        """
        return float(self.margins[allowed]) if allowed < self.margins.size else math.inf


def allowed(target: float, draws: int) -> int:
    """Return in how many draws a fund may run dry at a target probability.

    Examples
    --------
    >>> allowed(0.05, 200), allowed(0.29, 100), allowed(0.05, 19)
    (10, 29, 0)
    """
    return math.floor(target * draws + ROUNDING)
