"""The frontier: the cheapest mix of levers that keeps a fund from running dry, at each probability that is borne.

A mix is a value for each lever inside its caps. Every mix is tried on the same draws, so that two of them differ by
their money and not by chance. The probability of an empty fund is a step function of the mix; in its place the search
keeps above 0 the margin of the draw that would be one too many, which moves smoothly and is above 0 exactly where the
target is kept.

A mix that is chosen because it just holds on some draws holds on fewer of others. What it does on draws that the search
did not see is told beside.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import xarray as xr

from actuarial import stress
from actuarial._frontier_fund import TERMS, measured, others
from actuarial._frontier_points import Array, Caps, Measure, Outcome, Point, allowed
from actuarial._frontier_prices import TARGET, prices
from actuarial._frontier_result import CHOICES, FRONTIER, sampling_error, told_choices, told_frontier
from actuarial._frontier_robust import ROBUST, choose
from actuarial._frontier_rules import COSTS, Frontier, caps_of
from actuarial._frontier_search import Search, design
from actuarial.rules import Rules
from actuarial.trial import World

__all__ = [
    "BAD",
    "CENTRAL",
    "CHOICES",
    "COSTS",
    "FRONTIER",
    "ROBUST",
    "TARGET",
    "TERMS",
    "Caps",
    "Frontier",
    "Measure",
    "Outcome",
    "Search",
    "find",
    "measured",
    "robust",
    "search",
    "trace",
]

CENTRAL, BAD = "central", "bad"
"""Names of the two economies."""

ROUNDS = 3
"""How often prices are worked out again where a step aside for one has found a cheaper mix."""


def search(measure: Measure, caps: Caps, weights: Mapping[str, float], rng: np.random.Generator) -> Search:
    """Make a search over mixes, which keeps everything that it has tried.

    Parameters
    ----------
    measure : callable
        From the values of the levers, shape (lever,), to an :class:`Outcome` on the same draws every time.
    caps : Caps
        Levers, their caps and units.
    weights : mapping of str to float
        Of each term in the cost.
    rng : numpy.random.Generator
        Its own named stream: of the places to start from.

    Returns
    -------
    Search
    """
    return Search(measure, caps, weights, design(len(caps.names), rng))


def trace(made: Search, targets: Sequence[float], unseen: Measure | None = None) -> xr.Dataset:
    """Find the cheapest mix at each probability that is borne.

    Parameters
    ----------
    made : Search
        From :func:`search`; what it tries is kept in it.
    targets : sequence of float
        Probabilities, the smallest first.
    unseen : callable, optional
        The same measure on other draws, for a check.

    Returns
    -------
    xarray.Dataset
        The variables of :data:`FRONTIER` over ``target``, ``lever``, ``term`` and ``constraint``. A lower probability
        never costs less. Reduces over draws.

    Raises
    ------
    ValueError
        If the targets are no rising probabilities, or something measured is not finite.
    """
    if not targets or min(targets) < 0 or max(targets) > 1 or (np.diff(targets) <= 0).any():
        raise ValueError(f"targets {list(targets)}: give rising probabilities between 0 and 1")
    counts = [allowed(target, made.draws) for target in targets]
    for count in reversed(counts):
        made.least(count)
    points, bought = _settled(made, counts)
    shown = [point or made.safest() for point in points]
    checked = _check([point.mix for point in shown], unseen)
    rows = {
        "feasible": np.array([point is not None for point in points], dtype=float),
        "shadow_price": bought,
        "checked": checked[0],
        "checked_error": checked[1],
    }
    return told_frontier(made, targets, shown, rows)


def _settled(made: Search, counts: Sequence[int]) -> tuple[list[Point | None], Array]:
    """Work out the prices of the cheapest mixes; where a step aside for one finds a cheaper mix, go on from there."""
    nothing = np.full(1 + 2 * len(made.caps.names), np.nan)
    points: list[Point | None] = []
    bought = np.zeros((0, 0))
    for _ in range(ROUNDS):
        points = [made.best(count) for count in counts]
        bought = np.array(
            [nothing if p is None else prices(made, p, count) for p, count in zip(points, counts, strict=True)]
        )
        moved = [count for point, count in zip(points, counts, strict=True) if made.best(count) is not point]
        if not moved:
            break
        for count in moved:
            made.least(count)
    return points, bought


def _check(mixes: Sequence[Array], unseen: Measure | None) -> tuple[Array, Array]:
    """Return the probability of each mix on other draws, with its standard error; NaN without any."""
    if unseen is None:
        return np.full(len(mixes), np.nan), np.full(len(mixes), np.nan)
    found: dict[bytes, Array] = {}
    for mix in mixes:
        if mix.tobytes() not in found:
            found[mix.tobytes()] = np.asarray(unseen(mix).margin, dtype=float) <= 0
    empty = np.array([found[mix.tobytes()] for mix in mixes])
    return empty.mean(axis=1), sampling_error(empty.mean(axis=1), empty.shape[1])


def robust(searches: Mapping[str, Search], targets: Sequence[float], target: float) -> xr.Dataset:
    """Hold the mixes chosen for each economy against each other, and choose the one that is least regretted.

    Parameters
    ----------
    searches : mapping of str to Search
        By economy, with the same levers, caps and weights; each one traced or not.
    targets : sequence of float
        Probabilities; the cheapest mixes at those not above `target` are candidates.
    target : float
        Probability that is borne.

    Returns
    -------
    xarray.Dataset
        The variables of :data:`CHOICES` over ``choice``, ``lever`` and ``economy``. The robust mix has, of all
        candidates, the smallest probability above the target in its worst economy, and of those with the same the
        smallest regret in the worst one.
    """
    for made in searches.values():
        if allowed(target, made.draws) not in made.sought:
            made.least(allowed(target, made.draws))
    return told_choices(choose(searches, targets, target), searches)


def find(world: World, rules: Rules, asked: Frontier, rng: np.random.Generator) -> xr.Dataset:
    """Answer what a run file asks of the frontier.

    Parameters
    ----------
    world : actuarial.trial.World
        With all draws of the run: the search takes some, and the others check what it finds.
    rules : Rules
        Of the scenario named in `asked`.
    asked : Frontier
        The table ``[frontier]``.
    rng : numpy.random.Generator
        Its own named stream; the same one gives the same answer.

    Returns
    -------
    xarray.Dataset
        :data:`FRONTIER`, and :data:`CHOICES` where there is a bad case; attributes ``fund``, ``scenario``, ``by``,
        ``asked`` (the target), ``draws``, ``weights``, ``bad_case`` and ``tried`` (how many mixes in all).

    Raises
    ------
    forecasting.axes.AxisError
        Listing every lever that does not fit the rules; or if the fund does not reach the year, or the world has
        nothing of it.
    """
    caps = caps_of(rules, asked.levers)
    starts = design(len(caps.names), rng)
    some = world.thinned(asked.draws)

    def searched(where: World) -> Search:
        return Search(measured(where, asked.fund, rules, caps.names, asked.by), caps, asked.cost, starts)

    searches = {CENTRAL: searched(some)}
    rest = others(world, some)
    unseen = None if rest is None else measured(rest, asked.fund, rules, caps.names, asked.by)
    data = trace(searches[CENTRAL], asked.targets, unseen)
    if asked.bad_case:
        shocked = stress.apply(some.projection, *(stress.SHOCKS[name] for name in asked.bad_case))
        searches[BAD] = searched(replace(some, projection=shocked))
        data = data.merge(robust(searches, asked.targets, asked.target), join="exact", combine_attrs="override")
    weights = ", ".join(f"{weight:g} {name}" for name, weight in asked.cost.items() if weight)
    return data.assign_attrs(
        {"fund": asked.fund, "scenario": asked.scenario, "by": asked.by, "asked": asked.target, "weights": weights}
        | {"draws": some.projection.sizes["draw"], "bad_case": ", ".join(asked.bad_case)}
        | {"tried": sum(len(made.tried) for made in searches.values())}
    )
