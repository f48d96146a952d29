"""One series carried on by a baseline: on a scale with bounds, joined to what is known of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import expit

from forecasting.axes import AxisError
from forecasting.baseline import BASELINES

HORIZON = 2100
"""Paths are drawn up to this year at least, so that a shorter projection is the first part of a longer one."""


@dataclass(frozen=True)
class Scale:
    """Where a series is forecast: as it is, its logarithm above a floor, or its log-odds between two bounds.

    A baseline knows of no bound, and in 75 years its paths go anywhere. A rate that must stay within bounds is
    forecast on the log-odds of its place between them (Lee 1993, International Journal of Forecasting 9(2), for
    total fertility); far from both that is nearly the logarithm of the series or the series itself.

    Attributes
    ----------
    low, high : float
        Bounds, in the unit of the series; infinite where there is none.
    """

    low: float = -np.inf
    high: float = np.inf

    def forth(self, values: np.ndarray) -> np.ndarray:
        """Return values on the scale, of the same shape."""
        if np.isfinite(self.high):
            return np.log((values - self.low) / (self.high - values))
        return np.log(values - self.low) if np.isfinite(self.low) else values

    def back(self, values: np.ndarray) -> np.ndarray:
        """Return values of the scale in the unit of the series."""
        if np.isfinite(self.high):
            return self.low + (self.high - self.low) * expit(values)
        return self.low + np.exp(values) if np.isfinite(self.low) else values

    def refuse(self, series: pd.Series) -> None:
        """Raise one error that lists every year that is not within the bounds."""
        strange = series[~((series > self.low) & (series < self.high))]
        if not strange.empty:
            what = f"{series.name} is forecast between {self.low:g} and {self.high:g}"
            raise AxisError(f"{what}: {year} has {value:g}" for year, value in strange.items())


PLAIN = Scale()
LOGARITHM = Scale(low=0.0)
SHARE = Scale(0.001, 0.999)
"""Shares of people; nobody left, or nobody else, would leave hazards and profiles without a meaning."""
RATIO = Scale(0.0, 1.0)
"""Money a head over income a head, which cannot pass the income."""


@dataclass(frozen=True)
class Known:
    """What is known of a series, and how it is forecast.

    Attributes
    ----------
    name : str
        For a reader of an error.
    first : int
        First year.
    values : numpy.ndarray, shape (T,) or (D, T)
        One value a year, without a gap; by draw where a model reconstructed them.
    scale : Scale
    since : int
        First year that the baseline sees.
    """

    name: str
    first: int
    values: np.ndarray
    scale: Scale = PLAIN
    since: int = 0

    @property
    def last(self) -> int:
        """Last known year."""
        return self.first + self.values.shape[-1] - 1

    def series(self) -> pd.Series:
        """Return what the baseline sees, on the scale: where there are draws, their mean on it."""
        years = np.arange(self.first, self.last + 1)
        values = np.atleast_2d(self.values)
        for one in values if len(values) == 1 else (values.min(axis=0), values.max(axis=0)):
            self.scale.refuse(pd.Series(one, years, name=self.name).loc[self.since :])
        with np.errstate(divide="ignore", invalid="ignore"):  # years before `since` may lie outside the bounds
            means = self.scale.forth(values).mean(axis=0)
        return pd.Series(means, years, name=self.name).loc[self.since :]


@dataclass(frozen=True)
class Path:
    """A series over years, draw by draw.

    Attributes
    ----------
    values : numpy.ndarray, shape (D, Y)
        In the unit of the series.
    attrs : dict of str to str
        ``method``, ``form`` and ``fallback`` of the baseline.
    """

    values: np.ndarray
    attrs: dict[str, str]

    @property
    def labelled(self) -> tuple[tuple[str, str], np.ndarray, dict[str, str]]:
        """Dimensions, values and attributes, as a Dataset takes them."""
        return ("draw", "year"), self.values, self.attrs


def carried(
    method: str, known: Known, years: np.ndarray, rng: np.random.Generator, *, draws: int, origin: int | None = None
) -> Path:
    """Join a known series to the paths of a baseline.

    The baseline is fitted to all that is known. Its moves, away from the last known year, are added to the last
    known value of each draw.

    Parameters
    ----------
    method : str
        Name of `forecasting.baseline.BASELINES`.
    known : Known
    years : numpy.ndarray of int, shape (Y,)
        Successive years; those before the first known one take its value.
    rng : numpy.random.Generator
        Stream of this series alone.
    draws : int
        Number of paths.
    origin : int, optional
        Year in which the moves begin, though later ones are known: a hindcast, which tests the moves and not
        their estimate.

    Returns
    -------
    Path

    Raises
    ------
    AxisError
        Listing what is wrong with the series, by its name.
    """
    start = min(known.last, known.last if origin is None else origin)
    ahead = np.arange(1, max(HORIZON, int(years[-1])) - start + 1)
    series = known.series()
    try:
        paths = BASELINES[method](series, known.last + ahead, draws, rng)
    except AxisError as error:
        raise AxisError(f"{known.name} by {method}: {fault}" for fault in error.faults) from error
    moves = np.concatenate([np.zeros((draws, 1)), paths.values - series.iloc[-1]], axis=1)
    held = np.clip(np.minimum(years, start), known.first, None) - known.first
    past = np.broadcast_to(np.atleast_2d(known.values), (draws, known.values.shape[-1]))[:, held]
    later = years > start
    out = past.copy()
    out[:, later] = known.scale.back(known.scale.forth(past[:, later]) + moves[:, years[later] - start])
    return Path(out, {name: str(paths.attrs[name]) for name in ("method", "form", "fallback")})


def streams(rng: np.random.Generator, count: int) -> Iterator[np.random.Generator]:
    """Give each series of a model a stream of its own, so that the length of one moves no other."""
    return iter(rng.spawn(count))
