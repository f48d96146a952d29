"""Which constraints bind at the cheapest mix, and their shadow prices by the conditions of Karush, Kuhn and Tucker."""

from __future__ import annotations

import numpy as np

from actuarial._frontier_points import Array, Caps, Point
from actuarial._frontier_search import Search

TARGET = "target"
"""Name of the constraint that the probability stays at its target or below."""

STEP = 0.02
"""Step of the difference quotients, in parts of the span between a lever's caps."""

ON_CAP = 1e-4
"""Part of the span within which a lever stands on its cap."""

NEAR = 0.02
"""Part of the span of the guard within which the target is met with nothing to spare."""


def constraints(caps: Caps) -> tuple[str, ...]:
    """Name every constraint: the target, then the lower and the upper cap of each lever."""
    return (TARGET, *(f"{name} {end}" for name in caps.names for end in ("low", "high")))


def prices(search: Search, point: Point, count: int) -> Array:
    """Work out the shadow price of every constraint at a mix.

    Parameters
    ----------
    search : Search
    point : Point
        The cheapest that keeps the count.
    count : int
        Draws that may run dry.

    Returns
    -------
    numpy.ndarray, shape (constraint,)
        In the order of :func:`constraints`: by how much the least cost falls if the target is one point (0.01) higher,
        or a cap is moved out by one of its lever's unit; 0 where the constraint does not bind.

    Notes
    -----
    At the cheapest mix the gradient of the cost is a sum of those of the constraints that bind (Nocedal and Wright,
    Numerical Optimization, 2nd ed. 2006, section 12.3); their factors are the prices. Gradients are difference
    quotients over :data:`STEP`, of the mean margin of the draws within a point of the one that counts, which evens out
    the kinks where one draw takes another's place in the order. Where every lever stands on a cap, the factor of the
    target is the smallest that keeps them there: what relaxing it saves, where tightening it would cost more.
    """
    cost, guard = _gradients(search, point, count)
    free = (point.place > ON_CAP) & (point.place < 1 - ON_CAP)
    if point.guard(count) > NEAR * search.scales(count)[1]:
        factor = 0.0
    else:
        factor = _factor(cost[free], guard[free]) if free.any() else _at_corner(point, cost, guard)
    rest = np.where(guard == 0, cost, cost - factor * guard) / search.caps.span
    # The cost falls where a lever on its upper cap rises, and where one on its lower cap falls.
    low = np.where(point.place <= ON_CAP, np.maximum(rest, 0.0), 0.0)
    high = np.where(point.place >= 1 - ON_CAP, np.maximum(-rest, 0.0), 0.0)
    return np.concatenate([[factor * _per_point(point, count)], np.column_stack([low, high]).ravel()])


def _gradients(search: Search, point: Point, count: int) -> tuple[Array, Array]:
    """Return the slopes of cost and guard, per span of each lever."""
    free = count >= point.margins.size
    cost, guard = np.zeros(point.place.size), np.zeros(point.place.size)
    for lever in range(point.place.size):
        for shift, weight in _steps(point.place[lever]):
            moved = point.place.copy()
            moved[lever] += shift
            there = search.at(moved)
            cost[lever] += weight * there.cost
            guard[lever] += 0.0 if free else weight * _around(there, count)
    return cost, guard


def _steps(place: float) -> tuple[tuple[float, float], ...]:
    """Return where a slope is read, and with what weights: on both sides, or near a cap at three places inside.

    Both are exact for a parabola (Fornberg, Mathematics of Computation 51 (1988) 699-706, tables 1 and 3).
    """
    if STEP <= place <= 1 - STEP:
        return (-STEP, -0.5 / STEP), (STEP, 0.5 / STEP)
    inwards = STEP if place < STEP else -STEP
    return (0.0, -1.5 / inwards), (inwards, 2.0 / inwards), (2 * inwards, -0.5 / inwards)


def _around(point: Point, count: int) -> float:
    """Return the mean margin of the draws within a point of the one that counts: which draw that is, is chance."""
    first, last = _within_a_point(point, count)
    return float(point.margins[first : last + 1].mean())


def _within_a_point(point: Point, count: int) -> tuple[int, int]:
    """Return the first and the last place in the order that is at most one point (0.01) from the one that counts."""
    reach = max(1, round(0.01 * point.margins.size))
    return max(count - reach, 0), min(count + reach, point.margins.size - 1)


def _factor(cost: Array, guard: Array) -> float:
    """Return what one unit of the guard costs, by least squares over the levers that are free to move."""
    return max(float(cost @ guard / (guard @ guard)), 0.0) if guard.any() else 0.0


def _at_corner(point: Point, cost: Array, guard: Array) -> float:
    """Return the least that a unit of the guard must be worth for every lever to stay on its cap."""
    # Away from its cap a lever moves up from the lower and down from the upper; worth leaving if it brings too little.
    inwards = np.where(point.place <= ON_CAP, 1.0, -1.0)
    gives = -inwards * guard > 0
    return float(np.max(cost[gives] / guard[gives], initial=0.0))


def _per_point(point: Point, count: int) -> float:
    """Return by how much the guard rises at this mix when one point more of the draws may run dry."""
    draws = point.margins.size
    if count >= draws:
        return 0.0
    first, last = _within_a_point(point, count)
    rise = float(point.margins[last] - point.margins[first])
    return rise / (last - first) * 0.01 * draws if last > first else 0.0
