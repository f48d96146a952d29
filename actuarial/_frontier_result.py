"""What the frontier tells, as arrays with labels: of each target, and of each choice."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import xarray as xr

from actuarial._frontier_fund import TERMS
from actuarial._frontier_points import Array, Point
from actuarial._frontier_prices import constraints
from actuarial._frontier_robust import Choice
from actuarial._frontier_search import Search
from actuarial._labels import told

FRONTIER = {
    "mix": ("", "Value of each lever, in its unit, in the cheapest mix found; where no mix suffices, in the safest"),
    "cost": ("", "Weighted sum of the terms of the cost, mean over draws"),
    "cost_term": ("share", "Terms of the cost, means over draws, each as a share of its own whole"),
    "reached": ("share", "Probability that the fund runs dry, on the draws of the search"),
    "reached_error": ("share", "Standard error of that probability from the number of draws"),
    "checked": ("share", "The same on the draws that the search did not see; empty where there are none"),
    "checked_error": ("share", "Standard error of that probability from the number of draws"),
    "feasible": ("flag", "1 where a mix inside the caps keeps the target, else 0"),
    "binding": ("flag", "1 where the least cost would fall if the constraint were relaxed, else 0"),
    "shadow_price": (
        "",
        "Fall of the least cost if the target is one point (0.01) higher, or the cap one of its lever's unit further "
        "out; empty where it cannot be told",
    ),
    "low": ("", "Lower cap of each lever, in its own unit"),
    "high": ("", "Upper cap of each lever, in its own unit"),
}
"""Unit and meaning of each variable of :func:`told_frontier`; no unit: that of the lever, or of the cost."""

CHOICES = {
    "choice_mix": ("", "Value of each lever, in its own unit, in the mix chosen for an economy, and in the robust one"),
    "choice_cost": ("", "Cost of that mix under each economy, mean over draws"),
    "choice_probability": ("share", "Probability that the fund runs dry with that mix under each economy"),
    "regret": (
        "",
        "Cost of that mix less that of the cheapest that keeps the target under the same economy; below 0 where it is "
        "cheaper because it does not keep it, empty where none does",
    ),
    "excess": ("share", "Probability above the target with that mix under each economy; 0 where it keeps it"),
}
"""Unit and meaning of each variable of :func:`told_choices`."""


def told_frontier(
    made: Search, targets: Sequence[float], points: Sequence[Point], rows: Mapping[str, Array]
) -> xr.Dataset:
    """Put what was found for each target into one Dataset.

    Parameters
    ----------
    made : Search
    targets : sequence of float
    points : sequence of Point
        A mix for each target.
    rows : mapping of str to numpy.ndarray
        ``feasible``, ``checked`` and ``checked_error`` (target,), ``shadow_price`` (target, constraint).

    Returns
    -------
    xarray.Dataset
        The variables of :data:`FRONTIER`, with the unit of each lever as a coordinate.
    """
    terms, caps = list(points[0].terms), made.caps
    reached = np.array([point.probability for point in points])
    each = {
        "cost": np.array([point.cost for point in points]),
        "reached": reached,
        "reached_error": sampling_error(reached, made.draws),
    } | {name: rows[name] for name in ("feasible", "checked", "checked_error")}
    price = rows["shadow_price"]
    arrays: dict[str, tuple[tuple[str, ...], Array]] = {
        name: (("target",), values) for name, values in each.items()
    } | {
        "mix": (("target", "lever"), np.array([point.mix for point in points])),
        "cost_term": (("target", "term"), np.array([[point.terms[term] for term in terms] for point in points])),
        "binding": (("target", "constraint"), (price > 0).astype(float)),
        "shadow_price": (("target", "constraint"), price),
        "low": (("lever",), np.asarray(caps.low)),
        "high": (("lever",), np.asarray(caps.high)),
    }
    labels = {"target": list(targets), "lever": list(caps.names), "term": terms, "constraint": list(constraints(caps))}
    data = told(xr.Dataset(arrays, labels), _in_cost(FRONTIER, ("cost", "shadow_price"), made.weights))
    return data.assign_coords(lever_unit=("lever", list(caps.units)))


def told_choices(choices: Sequence[Choice], searches: Mapping[str, Search]) -> xr.Dataset:
    """Put the mixes chosen into one Dataset.

    Parameters
    ----------
    choices : sequence of Choice
    searches : mapping of str to Search
        By economy.

    Returns
    -------
    xarray.Dataset
        The variables of :data:`CHOICES`.
    """
    made = next(iter(searches.values()))
    both = ("choice", "economy")
    arrays: dict[str, tuple[tuple[str, ...], Array]] = {
        "choice_mix": (("choice", "lever"), np.array([choice.points[0].mix for choice in choices])),
        "choice_cost": (both, np.array([[point.cost for point in choice.points] for choice in choices])),
        "choice_probability": (both, np.array([[point.probability for point in choice.points] for choice in choices])),
        "regret": (both, np.array([choice.regret for choice in choices])),
        "excess": (both, np.array([choice.excess for choice in choices])),
    }
    labels = {"choice": [choice.name for choice in choices], "economy": list(searches), "lever": list(made.caps.names)}
    return told(xr.Dataset(arrays, labels), _in_cost(CHOICES, ("choice_cost", "regret"), made.weights))


def sampling_error(part: Array, draws: int) -> Array:
    """Return the standard error of probabilities over so many independent draws."""
    return np.sqrt(part * (1 - part) / draws)


def cost_unit(weights: Mapping[str, float]) -> str:
    """Return the unit of a weighted cost: that of its terms where they share one and weigh 1, else a mixed share."""
    units = {TERMS[name][0] if name in TERMS else "share" for name, weight in weights.items() if weight}
    plain = all(weight in (0.0, 1.0) for weight in weights.values())
    return units.pop() if plain and len(units) == 1 else "share, weighted"


def _in_cost(
    about: Mapping[str, tuple[str, str]], names: Sequence[str], weights: Mapping[str, float]
) -> dict[str, tuple[str, str]]:
    """Give variables the unit of the cost, and those of levers a unit that says where to look."""
    filled = {name: (unit or "unit of the lever", meaning) for name, (unit, meaning) in about.items()}
    return filled | {name: (cost_unit(weights), about[name][1]) for name in names}
