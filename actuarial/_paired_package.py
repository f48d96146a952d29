"""What each measure of a package adds, with labels: alone, on top of all others, and in the mean of all orders."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import xarray as xr

from actuarial._labels import told
from actuarial._paired_labels import in_unit, labelled
from actuarial._paired_shapley import (
    EXACT_UP_TO,
    PAIRS,
    Coalitions,
    Shapley,
    distinct,
    interactions,
    said,
    seen_range,
    shapley,
)
from actuarial._paired_statistics import moments
from forecasting.axes import AxisError

Array = np.ndarray

ATTRIBUTED = {
    "package": ("", "All measures less none"),
    "alone": ("", "The measure alone less none"),
    "marginal": ("", "All measures less all but this one"),
    "shapley": ("", "Mean of what the measure adds over all orders; adds up to the package"),
    "order_error": (
        "",
        "Standard error of the mean Shapley value from the sampling of orders; 0 where none is sampled",
    ),
    "draw_error": ("", "Standard error of the mean Shapley value from the number of draws"),
    "least": ("", "Least that the measure adds in the mean of draws, over the sets of measures worked out before it"),
    "largest": ("", "Most that it adds, over the same sets"),
    "interaction": ("", "Shapley interaction of two measures in the mean of draws: above 0 they help each other"),
}
"""Unit and meaning of each variable that :func:`attribute` returns; no unit: that of the values."""


def attribute(
    value: Callable[[frozenset[str]], xr.DataArray],
    measures: Sequence[str],
    *,
    rng: np.random.Generator | None = None,
    pairs: int = PAIRS,
    exact_up_to: int = EXACT_UP_TO,
) -> xr.Dataset:
    """Tell what each measure adds to a package: alone, on top of the others, and in the mean of all orders.

    Parameters
    ----------
    value : callable
        From a set of measures, the empty one included, to a quantity over (draw?, ...), on the same draws for every
        set. A statistic that is no mean of draws, such as a quantile, is reduced here and has no ``draw``.
    measures, rng, pairs, exact_up_to
        As in :func:`actuarial.paired.shapley`; each set is asked for once.

    Returns
    -------
    xarray.Dataset
        The variables of :data:`ATTRIBUTED`: ``package`` over (draw?, ...), ``alone``, ``marginal`` and ``shapley``
        over (measure, draw?, ...), the others over (measure, ...) and ``interaction`` over (measure, other, ...) for
        the mean of draws. Attributes ``sets`` and ``orders`` count the sets worked out and the orders sampled. Where
        orders are sampled, ``interaction`` is left out, and ``least`` and ``largest`` range over the sets met.

    Raises
    ------
    ValueError
        As :func:`actuarial.paired.shapley`.
    forecasting.axes.AxisError
        If the labels of the values differ between sets.
    """
    names = distinct(measures)
    first = value(frozenset())
    none = _draw_first(first)
    values = Coalitions(lambda chosen: _with_mean(value(chosen) if chosen else first, none, chosen))
    shares = shapley(values, names, rng=rng, pairs=pairs, exact_up_to=exact_up_to)
    means = Coalitions(lambda chosen: values(chosen)[-1])
    for chosen in values.seen:
        means(chosen)
    one, by = none.isel(draw=0, drop=True), {"measure": list(names)}
    every = {**_first_and_last(values, names), "shapley": shares.part}
    found = labelled({n: a[:, :-1] for n, a in every.items()}, none, by)
    found = found.merge(labelled(_of_means(means, shares), one, by), join="exact")
    found["package"] = none.copy(data=(values(names) - values(()))[:-1])
    about = in_unit(ATTRIBUTED, first)
    if shares.orders:
        del about["interaction"]
    else:
        index = interactions(means, names, exact_up_to=exact_up_to)
        found["interaction"] = labelled({"of": index}, one, {**by, "other": list(names)})["of"]
    found = found if "draw" in first.dims else found.isel(draw=0)
    return told(found, about).assign_attrs(sets=len(values.seen), orders=shares.orders)


def _first_and_last(values: Coalitions, names: tuple[str, ...]) -> dict[str, Array]:
    """Return what each measure adds to nothing, and to all others."""
    whole, nothing, every = values(names), values(()), set(names)
    return {
        "alone": np.stack([values({n}) - nothing for n in names]),
        "marginal": np.stack([whole - values(every - {n}) for n in names]),
    }


def _of_means(means: Coalitions, shares: Shapley) -> dict[str, Array]:
    """Return errors of the mean Shapley values, and the extremes of what measures add in the mean."""
    least, largest = seen_range(means, shares.measures)
    count, _, variance = moments(np.moveaxis(shares.part[:, :-1], 1, -1))
    return {
        "order_error": shares.error[:, -1],
        "draw_error": np.sqrt(variance / np.maximum(count, 1)),
        "least": least,
        "largest": largest,
    }


def _draw_first(values: xr.DataArray) -> xr.DataArray:
    """Put the draw first; one draw where there is none."""
    full = values if "draw" in values.dims else values.expand_dims("draw")
    return full.transpose("draw", ...).astype(float)


def _with_mean(values: xr.DataArray, none: xr.DataArray, chosen: frozenset[str]) -> Array:
    """Lay a value out as that of no measure is, with the mean of the draws as one draw more.

    The Shapley value of the mean is the mean of those of the draws, but its error from sampled orders is not the mean
    of theirs, as all draws share the orders: so the mean goes through as a draw does.
    """
    full = _draw_first(values)
    if set(full.dims) != set(none.dims):
        raise AxisError(
            [f"{said(chosen)}: axes {', '.join(map(str, full.dims))} are not {', '.join(map(str, none.dims))}"]
        )
    full = full.transpose(*none.dims)
    faults = [axis for axis in none.dims if full.sizes[axis] != none.sizes[axis] or not full[axis].equals(none[axis])]
    if faults:
        raise AxisError(f"{said(chosen)}: labels of {axis} are not those of no measure" for axis in faults)
    return np.concatenate([full.values, full.values.mean(axis=0, keepdims=True)])
