"""The measure of a real fund: how far a mix keeps it from running dry, and what it costs, draw by draw."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import xarray as xr

from actuarial import burden, trial
from actuarial._frontier_points import Array, Measure, Outcome
from actuarial._quantity import changed
from actuarial.rules import Rules, Scheme
from actuarial.trial import World
from forecasting.axes import AxisError

LAND: Mapping[str, str] = {
    "pension": "land_withdrawal",
    "medical": "land_withdrawal",
    "unemployment": "land_withdrawal",
    "care_plan": "care_land",
}
"""Income of each fund that comes from land-transfer income; a fund that is not named has none."""

TERMS = {
    **burden.BURDENS,
    "land": (
        "share of budget revenue",
        "Present value of land-transfer income withdrawn, which has other uses, over that of budget revenue",
    ),
    "debt": (
        "share of budget revenue",
        "Present value of what the pool still owes to the accounts at the end of the last year, which budgets will "
        "have to repay, over that of budget revenue",
    ),
}
"""Unit and meaning of each term of the cost."""


def measured(world: World, scheme: Scheme, rules: Rules, levers: Sequence[str], by: int) -> Measure:
    """Make the measure of a real fund.

    Parameters
    ----------
    world : actuarial.trial.World
        Its draws are those of the measure.
    scheme : str
        The fund.
    rules : Rules
        What mixes depart from.
    levers : sequence of str
        Dotted keys of the rules.
    by : int
        Last year that counts.

    Returns
    -------
    callable
        From values of the levers to the margin of `actuarial.trial.margin` and the terms of :data:`TERMS`.
    """

    def of(mix: Array) -> Outcome:
        made = trial.account(world, scheme, changed(rules, dict(zip(levers, map(float, mix), strict=True))))
        return Outcome(trial.margin(made, by), _terms(made, scheme, world.projection, by))

    return of


def _terms(made: xr.Dataset, scheme: Scheme, projection: xr.Dataset, by: int) -> dict[str, xr.DataArray]:
    """Return every term of the cost, at the discount of `actuarial.burden.burdens`: the rate of deposits."""
    some = made.sel(year=slice(None, by))
    at = projection.sel(year=some["year"])
    discount = 1.0 / (1.0 + at["deposit_rate"]).cumprod("year")
    revenue = (at["budget_revenue"] * discount).sum("year")
    land = some[LAND[scheme]] if scheme in LAND else xr.zeros_like(some["shortfall"])
    owed = (-some["pool_balance"]).clip(min=0.0).isel(year=-1)
    burdens = burden.burdens(made, scheme, projection, by)
    terms = {str(name): burdens[name] for name in burdens}
    return terms | {
        "land": (land * discount).sum("year") / revenue,
        "debt": owed * discount.isel(year=-1) / revenue,
    }


def others(world: World, some: World) -> World | None:
    """Return the world on the draws that a thinned one left out.

    Parameters
    ----------
    world, some : actuarial.trial.World
        All draws, and some of them.

    Returns
    -------
    actuarial.trial.World or None
        None if fewer than two are left.

    Raises
    ------
    forecasting.axes.AxisError
        If the draws have no labels by which to tell them.
    """
    if "draw" not in world.projection.coords:
        raise AxisError(["the draws of the projection have no labels: give each its number"])
    left = ~world.projection["draw"].isin(some.projection["draw"]).values
    if left.sum() < 2:
        return None
    rest = np.flatnonzero(left)
    own = {name: data.isel(draw=rest) for name, data in world.own.items()}
    return replace(world, projection=world.projection.isel(draw=rest), own=own)
