"""The robust choice: candidate mixes under every economy, and the one that is least regretted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from actuarial._frontier_points import Array, Point, allowed
from actuarial._frontier_search import Search

ROBUST = "robust"
"""Name of the choice that is least regretted."""


class Choice(NamedTuple):
    """One mix under every economy.

    Attributes
    ----------
    name : str
        The economy for which it is the cheapest, or :data:`ROBUST`.
    points : tuple of Point
        By economy.
    regret : numpy.ndarray, shape (economy,)
        Its cost less that of the cheapest mix there that keeps the target; below 0 where it is cheaper because it
        does not. NaN where no mix keeps it.
    excess : numpy.ndarray, shape (economy,)
        Its probability less the target, 0 where it keeps it.
    """

    name: str
    points: tuple[Point, ...]
    regret: Array
    excess: Array


def choose(searches: Mapping[str, Search], targets: Sequence[float], target: float) -> list[Choice]:
    """Choose among the cheapest mixes of every economy the one that is least regretted.

    Parameters
    ----------
    searches : mapping of str to Search
        By economy; the same levers and caps, and the target sought in each.
    targets : sequence of float
        Probabilities whose cheapest mixes are candidates: one that is safer than asked for in one economy may do in
        another.
    target : float
        Probability that is borne.

    Returns
    -------
    list of Choice
        For each economy its cheapest mix, or the safest where none keeps the target; then the robust one.

    Notes
    -----
    Of all candidates the robust one has the least worst excess over economies, and of those with the same the least
    worst regret (Savage, Journal of the American Statistical Association 46 (1951) 55-67). No price is put on a ruin
    that would let a cheap mix make up for it.
    """
    optimal = {name: _cheapest(search, target) for name, search in searches.items()}
    costs = np.array([np.nan if point is None else point.cost for point in optimal.values()])
    chosen = {
        name: _choice(name, point or searches[name].safest(), searches, costs, target)
        for name, point in optimal.items()
    }
    safer = [_cheapest(search, other) for search in searches.values() for other in targets if other <= target]
    candidates = [*chosen.values(), *(_choice("", point, searches, costs, target) for point in safer if point)]
    robust = min(candidates, key=lambda choice: (choice.excess.max(), _worst(choice.regret)))
    return [*chosen.values(), robust._replace(name=ROBUST)]


def _cheapest(search: Search, target: float) -> Point | None:
    return search.best(allowed(target, search.draws))


def _choice(name: str, point: Point, searches: Mapping[str, Search], costs: Array, target: float) -> Choice:
    points = tuple(search.at(point.place) for search in searches.values())
    regret = np.array([found.cost for found in points]) - costs
    excess = np.array([max(found.probability - target, 0.0) for found in points])
    return Choice(name, points, regret, excess)


def _worst(regret: Array) -> float:
    known = regret[np.isfinite(regret)]
    return float(known.max()) if known.size else 0.0
