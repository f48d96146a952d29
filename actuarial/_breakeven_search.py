"""Where a statistic over draws meets its target: values of a lever tried once each, and brackets narrowed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import groupby

import numpy as np
import xarray as xr
from scipy.optimize import toms748

Array = np.ndarray
Measure = Callable[[float], "xr.DataArray | Array"]
Statistic = Callable[[Array], "Array | np.floating | float"]


@dataclass(frozen=True)
class Crossing:
    """Two values of the lever between which the statistic meets its target.

    Attributes
    ----------
    low, high : float
        Values tried, in the lever's unit. The statistic is on opposite sides of the target at both, and equal to it at
        every value tried between them; at an end of the range, or where it only touches the target, it need not be.
    at_low, at_high : float
        The statistic there.
    """

    low: float
    high: float
    at_low: float
    at_high: float

    @property
    def middle(self) -> float:
        """Half-way between `low` and `high`."""
        return 0.5 * (self.low + self.high)

    @property
    def rising(self) -> bool:
        """Whether the statistic is larger at `high` than at `low`."""
        return self.at_high > self.at_low

    def passes(self, target: float) -> bool:
        """Tell whether the statistic goes from one side of the target to the other, or to the target itself."""
        return (
            min(self.at_low, self.at_high) <= target <= max(self.at_low, self.at_high) and self.at_low != self.at_high
        )


class Tried:
    """The lever's values that were tried, with their draws and statistics; none is tried twice.

    Parameters
    ----------
    measure, statistic : callable
        As in :func:`actuarial.breakeven.break_even`.

    Attributes
    ----------
    values : dict of float to numpy.ndarray, shape (draw,)
        What was measured, by the lever's value.
    statistics : dict of float to float
        The statistic, by the lever's value.
    """

    def __init__(self, measure: Measure, statistic: Statistic) -> None:
        self.statistic = statistic
        self.values: dict[float, Array] = {}
        self.statistics: dict[float, float] = {}
        self._measure = measure
        self._draws: Array | None = None

    def __call__(self, lever: float) -> float:
        """Return the statistic at a value of the lever, measuring it if it is new."""
        lever = float(lever)
        if lever not in self.statistics:
            values = self._checked(lever, self._measure(lever))
            found = float(self.statistic(values))
            if not np.isfinite(found):
                raise ValueError(f"the statistic at {lever:g} is {found}: give one that is a number at every value")
            self.values[lever], self.statistics[lever] = values, found
        return self.statistics[lever]

    def curve(self) -> tuple[Array, Array]:
        """Return all values tried, rising, and the statistic at each."""
        levers = sorted(self.statistics)
        return np.array(levers), np.array([self.statistics[x] for x in levers])

    def _checked(self, lever: float, measured: xr.DataArray | Array) -> Array:
        """Return what was measured as plain floats over the same draws as before."""
        values = np.asarray(measured, dtype=float)
        if values.ndim != 1 or values.size < 2 or (isinstance(measured, xr.DataArray) and measured.dims != ("draw",)):
            axes = measured.dims if isinstance(measured, xr.DataArray) else values.shape
            raise ValueError(f"the measure at {lever:g} has axes {axes}: give one number for each of 2 or more draws")
        unknown = int(np.sum(~np.isfinite(values)))
        if unknown:
            raise ValueError(
                f"the measure at {lever:g} is no finite number in {unknown} of {values.size} draws: "
                "measure whether the event has come by a year, not the year in which it comes"
            )
        draws = np.arange(values.size)
        if isinstance(measured, xr.DataArray) and "draw" in measured.coords:
            draws = measured["draw"].values
        if self._draws is not None and not np.array_equal(draws, self._draws):
            raise ValueError(f"the measure at {lever:g} has other draws than before: give the same at every value")
        self._draws = draws
        return values


@dataclass(frozen=True)
class _Meeting:
    """The last value before the target is met, the values at which it is, and the first after."""

    before: float
    at: tuple[float, ...]
    after: float

    def unsettled(self, tolerance: float) -> Iterator[float]:
        """Values to try next: one in each stretch that holds an edge and is longer than `tolerance`.

        From a value that meets the target one goes out by as much as is known to meet it, so that a smooth curve is
        done with at once and a long plateau in few steps; otherwise the stretch is halved.
        """
        if not self.at:
            if self.after - self.before > tolerance:
                yield 0.5 * (self.before + self.after)
            return
        stride = max(0.5 * tolerance, self.at[-1] - self.at[0])
        if (gap := self.at[0] - self.before) > tolerance:
            yield self.at[0] - min(stride, 0.5 * gap)
        if (gap := self.after - self.at[-1]) > tolerance:
            yield self.at[-1] + min(stride, 0.5 * gap)


def crossings(tried: Tried, target: float, mesh: Array, tolerance: float) -> tuple[Crossing, ...]:
    """Find where the statistic meets its target, from the values of a mesh inwards.

    A sign change is closed in on by TOMS 748 (Alefeld, Potra and Shi 1995, ACM Transactions on Mathematical Software
    21(3)), which is fast on smooth statistics and at worst a few times slower than bisection on step functions. It
    stops where the target is met exactly; both edges of that plateau are then sought from inside.

    Parameters
    ----------
    tried : Tried
        Values tried so far; more are added.
    target : float
        In the unit of the statistic.
    mesh : numpy.ndarray, shape (n,)
        Rising values of the lever to begin with.
    tolerance : float
        An edge is known to lie in a stretch no longer than this, in the lever's unit.

    Returns
    -------
    tuple of Crossing
        In the order of the lever; empty where the target is never met.
    """
    for lever in mesh:
        tried(lever)
    for met in _meetings(tried, target):
        if not met.at:
            toms748(lambda x: tried(x) - target, met.before, met.after, xtol=tolerance, disp=False)
    while wanted := [lever for met in _meetings(tried, target) for lever in met.unsettled(tolerance)]:
        for lever in wanted:
            tried(lever)
    found = _meetings(tried, target)
    return tuple(Crossing(m.before, m.after, tried(m.before), tried(m.after)) for m in found)


def _meetings(tried: Tried, target: float) -> list[_Meeting]:
    """List where values tried lie on both sides of the target, or on it."""
    levers, found = tried.curve()
    signs = np.sign(found - target)
    runs = [
        (sign, [float(x) for x, _ in run]) for sign, run in groupby(zip(levers, signs, strict=True), lambda p: p[1])
    ]
    meetings = []
    for i, (sign, inside) in enumerate(runs):
        last = i + 1 == len(runs)
        if sign == 0:
            before, after = inside[0] if i == 0 else runs[i - 1][1][-1], inside[-1] if last else runs[i + 1][1][0]
            meetings.append(_Meeting(before, tuple(inside), after))
        elif not last and runs[i + 1][0] != 0:
            meetings.append(_Meeting(inside[-1], (), runs[i + 1][1][0]))
    return meetings
