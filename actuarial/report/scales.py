"""How far an axis reaches, and when an interval leaves the chart."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from actuarial.report.summary import INTERVALS, Fan

LEGIBLE = 2060
"""Fans of money must be legible up to this year, whatever a few draws do later."""

AIR = 0.05
"""Part of the range that is left free at an end."""

HAIR = 0.015
"""Part of the range below zero that keeps a line at zero clear of the axis."""


def padded(low: float, high: float) -> tuple[float, float]:
    """Return an axis range with air at its ends; it starts just below zero where the data come near it.

    Parameters
    ----------
    low, high : float
        Smallest and largest value to show.

    Returns
    -------
    tuple of float
        Ends of the axis, in the same unit.
    """
    air = AIR * (high - low) or AIR * abs(high) or 1.0
    near = 0.5
    if 0 <= low <= near * high:
        return -HAIR * (high + air), high + air
    return low - air, high + air


def reach(fans: Sequence[Fan], shown: Sequence[int] = (50, 80, 95)) -> tuple[float, float]:
    """Return the ends of an axis that keeps the years to `LEGIBLE` legible.

    The axis holds zero, every median, and the widest shown interval of the years to `LEGIBLE`. It goes on to hold
    the 80 % interval of all years, but at most as far again as the former interval is wide.

    Parameters
    ----------
    fans : sequence of Fan
        Fans that share the axis.
    shown : sequence of int
        Intervals that are drawn; keys of `INTERVALS`.

    Returns
    -------
    tuple of float
        Smallest and largest value to show, in the unit of the fans; not padded.
    """
    widest = max(shown)
    near = _ends([one.bands[:, one.years <= LEGIBLE][list(INTERVALS[widest])] for one in fans])
    far = _ends([one.bands[list(INTERVALS[80])] for one in fans])
    middle = _ends([one.median for one in fans])
    wide = near[1] - near[0]
    low = min(middle[0], near[0], max(far[0], near[0] - wide))
    return low, max(middle[1], near[1], min(far[1], near[1] + wide))


def _ends(parts: Sequence[np.ndarray]) -> tuple[float, float]:
    values = np.concatenate([part.ravel() for part in parts])
    return float(values.min(initial=0.0)), float(values.max(initial=0.0))


def leaving(one: Fan, span: tuple[float, float], shown: Sequence[int] = (50, 80, 95)) -> dict[int, int]:
    """Return the first year in which an interval lies partly outside an axis.

    Parameters
    ----------
    one : Fan
        What is drawn.
    span : tuple of float
        Ends of the axis, in the unit of the fan.
    shown : sequence of int
        Intervals that are drawn; keys of `INTERVALS`.

    Returns
    -------
    dict of int to int
        Year by interval, the widest interval first; an interval that stays inside is not in it.
    """
    years = {}
    for level in sorted(shown, reverse=True):
        low, high = (one.bands[place] for place in INTERVALS[level])
        outside = np.flatnonzero((low < span[0]) | (high > span[1]))
        if outside.size:
            years[level] = int(one.years[outside[0]])
    return years
