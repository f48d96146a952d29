"""Scenarios against a baseline on common draws: differences, who wins, and what each measure adds to a package.

The same draw is the same people and the same economy in every scenario, so that a
difference is taken draw by draw before anything is reduced: what chance does to both
cancels out. How much that is worth is told as the ratio of the variance of a difference
to what it would be on draws of its own for each scenario.

A measure of a package is worth one thing alone, another on top of all others, and
its Shapley value is the mean of what it adds over all orders in which they could be
taken; only the last adds up to the package. Sampling errors take draws as independent.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal

import numpy as np
import xarray as xr

from actuarial._labels import told
from actuarial._paired_labels import in_unit, labelled
from actuarial._paired_package import ATTRIBUTED, attribute
from actuarial._paired_shapley import EXACT_UP_TO, PAIRS, Coalitions, Shapley, interactions, order_range, shapley
from actuarial._paired_statistics import difference, quantiles_of, wins
from forecasting.axes import AxisError

__all__ = [
    "ATTRIBUTED",
    "COMPARED",
    "EXACT_UP_TO",
    "LEVELS",
    "PAIRS",
    "WINS",
    "Coalitions",
    "Shapley",
    "attribute",
    "beats",
    "compare",
    "interactions",
    "intervals",
    "order_range",
    "shapley",
]

Array = np.ndarray
Better = Literal["higher", "lower"]

LEVELS = (0.025, 0.1, 0.25, 0.5, 0.75, 0.9, 0.975)
"""Bounds of the 95, 80 and 50 per cent intervals around the median."""

CONFIDENCE = 0.95
"""Of the interval for the sampling error of a probability."""

WINS = {
    "wins": ("share", "Probability that the scenario is better than the other, draw by draw; a tie is no win"),
    "ties": ("share", "Probability that both are equal"),
    "wins_error": ("share", "Standard error of the probability from the number of draws"),
    "wins_low": ("share", "Lower end of the 95 % interval of the probability for the number of draws"),
    "wins_high": ("share", "Upper end of the same"),
}
"""Unit and meaning of each variable that :func:`beats` returns."""

COMPARED = {
    "difference": ("", "Quantiles over draws of the scenario less the baseline"),
    "mean_difference": ("", "Mean over draws of the scenario less the baseline"),
    "standard_error": ("", "Standard error of the mean difference on common draws"),
    "unpaired_error": ("", "Standard error that it would have on separate draws of the same number"),
    "variance_ratio": (
        "ratio",
        "Variance of the difference on common draws over that on separate draws; one over it is how many times as "
        "many separate draws would be needed",
    ),
    "known": ("share", "Part of the draws in which both are known"),
    **WINS,
}
"""Unit and meaning of each variable that :func:`compare` returns; no unit: that of the values."""


def intervals(values: xr.DataArray, levels: Sequence[float] = LEVELS) -> xr.DataArray:
    """Return the bounds of the intervals and the median of draws.

    Parameters
    ----------
    values : xarray.DataArray, dims (draw, ...)
        Draws that are not finite are left out.
    levels : sequence of float
        Between 0 and 1.

    Returns
    -------
    xarray.DataArray, dims (quantile, ...)
        NaN where no draw is finite. Reduces over ``draw``; keeps attributes.

    Raises
    ------
    forecasting.axes.AxisError
        If there are fewer than two draws.
    """
    if values.sizes.get("draw", 0) < 2:
        raise AxisError([f"{values.sizes.get('draw', 0)} draws: an interval needs at least 2"])
    rest = values.transpose(..., "draw")
    found = quantiles_of(rest.values.astype(float), tuple(levels))
    bounds = labelled({"of": found}, rest.isel(draw=0, drop=True), {"quantile": levels})["of"]
    return bounds.rename(values.name).assign_attrs(values.attrs)


def compare(values: xr.DataArray, baseline: str, better: Better = "higher") -> xr.Dataset:
    """Hold every scenario against a baseline, draw by draw.

    Parameters
    ----------
    values : xarray.DataArray, dims (scenario, draw, ...)
        One quantity on common draws; flags count as 0 and 1. Its attribute ``unit`` is handed on.
    baseline : str
        A label of ``scenario``, as a rule today's law.
    better : {"higher", "lower"}
        Which side of the quantity wins.

    Returns
    -------
    xarray.Dataset
        The variables of :data:`COMPARED` over (scenario, ...), ``difference`` over (scenario, quantile, ...) at
        :data:`LEVELS`; the baseline is told too, with differences of 0. Reduces over ``draw``. Differences leave out
        draws in which one side is not finite, wins those in which one is NaN: write a year of depletion that never
        comes as infinite, not NaN, for it to win.

    Raises
    ------
    forecasting.axes.AxisError
        If there is no such scenario, fewer than two draws, or no such side.

    Examples
    --------
    >>> reserve = xr.DataArray([[1.0, 2, 3], [2.0, 2, 5]], {"scenario": ["law", "reform"]}, ("scenario", "draw"))
    >>> told = compare(reserve, "law").sel(scenario="reform")
    >>> float(told.mean_difference), round(float(told.wins), 3), round(float(told.ties), 3)
    (1.0, 0.667, 0.333)
    """
    _check(values, better, baseline)

    def of_pair(ours: Array, theirs: Array) -> dict[str, Array]:
        return difference(ours, theirs, LEVELS) | _wins(ours, theirs, better)

    return told(_against(values, baseline, of_pair), in_unit(COMPARED, values))


def beats(values: xr.DataArray, better: Better = "higher") -> xr.Dataset:
    """Tell how often each scenario is better than each other, with the sampling error.

    Parameters
    ----------
    values : xarray.DataArray, dims (scenario, draw, ...)
        As in :func:`compare`.
    better : {"higher", "lower"}
        Which side of the quantity wins.

    Returns
    -------
    xarray.Dataset
        The variables of :data:`WINS` over (scenario, other, ...): of a scenario beside itself all is a tie. Wins of
        one, wins of the other and ties add up to 1. Reduces over ``draw``.

    Raises
    ------
    forecasting.axes.AxisError
        If there are fewer than two draws, or no such side.
    """
    names = values["scenario"].values
    _check(values, better, str(names[0]))
    others = [_against(values, name, lambda ours, theirs: _wins(ours, theirs, better)) for name in names]
    joined = xr.concat(others, xr.DataArray(names, dims="other", name="other"), join="exact")
    return told(joined.transpose("scenario", "other", ...), WINS)


def _against(values: xr.DataArray, other: str, of_pair: Callable[[Array, Array], dict[str, Array]]) -> xr.Dataset:
    """Work out something of each scenario and another one, draw beside draw."""
    names = values["scenario"].values
    theirs = values.sel(scenario=other, drop=True).transpose(..., "draw")
    rest, right = theirs.isel(draw=0, drop=True), theirs.values.astype(float)
    found = []
    for name in names:
        left = values.sel(scenario=name, drop=True).transpose(*theirs.dims).values.astype(float)
        found.append(labelled(of_pair(left, right), rest, {"quantile": LEVELS}))
    return xr.concat(found, xr.DataArray(names, dims="scenario", name="scenario"), join="exact")


def _wins(ours: Array, theirs: Array, better: Better) -> dict[str, Array]:
    """Tell how often the first is the better."""
    return wins(ours, theirs, lower_is_better=better == "lower", confidence=CONFIDENCE)


def _check(values: xr.DataArray, better: str, baseline: str) -> None:
    """Refuse what cannot be compared, every fault at once."""
    draws, names = values.sizes.get("draw", 0), [str(name) for name in values["scenario"].values]
    faults = [] if draws >= 2 else [f"{draws} draws: to compare scenarios give at least 2, the same for each"]
    if baseline not in names:
        faults.append(f"scenario {baseline!r} is missing: there are {', '.join(names)}")
    if better not in ("higher", "lower"):
        faults.append(f"better={better!r}: say 'higher' or 'lower'")
    if faults:
        raise AxisError(faults)
