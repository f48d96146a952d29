"""The search for the cheapest mix: mixes tried once each, a design to start from, and COBYQA from its best."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from scipy.optimize import Bounds, NonlinearConstraint, minimize
from scipy.stats import qmc

from actuarial._frontier_points import ROUNDING, Array, Caps, Measure, Point

FIRST_RADIUS, LAST_RADIUS = 0.15, 1e-4
"""Trust region of the optimiser, in parts of the span between a lever's caps."""

MOST = 45
"""Mixes that one run of the optimiser may try."""

RUNS = 2
"""Runs of the optimiser for a target, each from another place."""

APART = 0.3
"""How far apart such places are, in parts of the span of some lever."""

HALVINGS = 8
"""Steps back from a mix that just fails to one that does not."""


def design(levers: int, rng: np.random.Generator) -> Array:
    """Make the places that every search starts from: both corners, the middle, and a scrambled Sobol sequence.

    Parameters
    ----------
    levers : int
    rng : numpy.random.Generator
        Of the scrambling.

    Returns
    -------
    numpy.ndarray, shape (place, lever)
        Between 0 and 1.
    """
    corners = np.repeat([[0.0], [1.0], [0.5]], levers, axis=1)
    some = qmc.Sobol(levers, rng=rng).random_base2(min(3 + (levers - 1).bit_length(), 6))
    return np.vstack([corners, some])


class Search:
    """Mixes tried on one set of draws, and the cheapest that keeps a target among them.

    Parameters
    ----------
    measure : callable
        See :data:`Measure`.
    caps : Caps
    weights : mapping of str to float
        Of each term in the cost, not negative; a term that is not named costs nothing.
    starts : numpy.ndarray, shape (place, lever)
        From :func:`design`.

    Attributes
    ----------
    tried : dict
        Every point by its place.
    sought : set of int
        Counts for which the cheapest mix was looked for.
    """

    def __init__(self, measure: Measure, caps: Caps, weights: Mapping[str, float], starts: Array) -> None:
        self.caps, self.weights = caps, dict(weights)
        self.tried: dict[tuple[float, ...], Point] = {}
        self.sought: set[int] = set()
        self._measure = measure
        self._starts = starts

    @property
    def draws(self) -> int:
        """How many draws every mix is tried on."""
        return self.at(self._starts[0]).margins.size

    def at(self, place: Array) -> Point:
        """Return what the mix at a place does, measuring it if it is new."""
        inside = np.clip(np.asarray(place, dtype=float), 0.0, 1.0)
        key = tuple(inside.tolist())
        if key not in self.tried:
            self.tried[key] = self._measured(inside)
        return self.tried[key]

    def best(self, count: int) -> Point | None:
        """Return the cheapest mix tried that leaves no more than `count` draws dry; the first of several."""
        kept = [point for point in self.tried.values() if point.empty <= count]
        return min(kept, key=lambda point: point.cost, default=None)

    def safest(self) -> Point:
        """Return the mix tried with the fewest draws dry; of several the cheapest."""
        return min(self.tried.values(), key=lambda point: (point.empty, point.cost))

    def scales(self, count: int) -> tuple[float, float]:
        """Return how far cost and guard move over the mixes that the search started from; 1 where not at all."""
        points = [self.at(place) for place in self._starts]
        costs = np.ptp([point.cost for point in points])
        guards = np.ptp([point.guard(count) for point in points]) if count < self.draws else 0.0
        return float(costs) or 1.0, float(guards) or 1.0

    def least(self, count: int) -> Point | None:
        """Look for the cheapest mix that leaves no more than `count` draws dry.

        Parameters
        ----------
        count : int
            From :func:`allowed`.

        Returns
        -------
        Point or None
            The cheapest tried, now or before; None if none of them suffices.
        """
        self.sought.add(count)
        self.scales(count)
        if self.best(count) is None:
            self._run(self._nearest(count), count, safe=True)
        if self.best(count) is None:
            return None
        for place in self._places(count):
            self._back(self._run(place, count), count)
        self._plainer(count)
        return self.best(count)

    def _measured(self, place: Array) -> Point:
        mix = self.caps.mix(place)
        made = self._measure(mix)
        margins = np.sort(np.asarray(made.margin, dtype=float))
        terms = {name: float(np.mean(np.asarray(values))) for name, values in made.terms.items()}
        unknown = sorted(name for name, weight in self.weights.items() if weight and name not in terms)
        if unknown:
            raise ValueError(f"no term {', '.join(unknown)} is measured: weigh {', '.join(terms)}")
        cost = sum(weight * terms[name] for name, weight in self.weights.items() if weight)
        if margins.ndim != 1 or not (np.isfinite(margins).all() and np.isfinite(cost)):
            raise ValueError(f"the mix {mix} has a margin or a cost that is not finite: give one number a draw")
        return Point(place, mix, margins, terms, float(cost))

    def _run(self, place: Array, count: int, *, safe: bool = False) -> Array:
        """Run COBYQA from a place: for the least cost, or for the largest guard; return where it ends."""
        cost, guard = self.scales(count)

        def kept(where: Array) -> float:
            return self.at(where).guard(count) / guard

        def cheap(where: Array) -> float:
            return self.at(where).cost / cost

        free = safe or count >= self.draws
        found = minimize(
            (lambda where: -kept(where)) if safe else cheap,
            place,
            method="COBYQA",
            bounds=Bounds(np.zeros(place.size), np.ones(place.size)),
            constraints=() if free else NonlinearConstraint(kept, ROUNDING, np.inf),
            options={"maxfev": MOST, "initial_tr_radius": FIRST_RADIUS, "final_tr_radius": LAST_RADIUS},
        )
        return np.clip(found.x, 0.0, 1.0)

    def _nearest(self, count: int) -> Array:
        """Return the place tried that comes nearest to keeping the count."""
        return max(self.tried.values(), key=lambda point: point.guard(count)).place

    def _places(self, count: int) -> list[Array]:
        """Return where the optimiser starts: the cheapest mix that keeps the count, and the next ones far from it."""
        ranked = sorted((p for p in self.tried.values() if p.empty <= count), key=lambda point: point.cost)
        places: list[Array] = []
        for point in ranked:
            if len(places) < RUNS and all(np.max(np.abs(point.place - other)) >= APART for other in places):
                places.append(point.place)
        return places

    def _back(self, end: Array, count: int) -> None:
        """From an end that just fails go back towards the cheapest mix that does not, by halves."""
        best = self.best(count)
        if best is None or self.at(end).empty <= count:
            return
        fails, keeps = end, best.place
        for _ in range(HALVINGS):
            middle = 0.5 * (fails + keeps)
            if self.at(middle).empty <= count:
                keeps = middle
            else:
                fails = middle

    def _plainer(self, count: int) -> None:
        """Put each lever of the cheapest mix on a cap where that costs nothing: on the lower, or on one close by."""
        for lever in range(len(self.caps.names)):
            best = self.best(count)
            if best is None:
                return
            ends = [0.0, 1.0] if best.place[lever] > 1 - FIRST_RADIUS else [0.0]
            for end in ends:
                moved = best.place.copy()
                moved[lever] = end
                point = self.at(moved)
                if point.empty <= count and point.cost <= best.cost:
                    # The same cost: the plainer mix comes first.
                    self.tried = {tuple(moved.tolist()): point} | self.tried
                    break
