"""The vicious circle: members leave when benefits are cut, and the fund is poorer for it.

Where a fund that has run out cuts its benefits, a contribution buys less, and
fewer are willing to pay. What they no longer pay is missing from the fund, so
that the cut deepens: a circle that a projection of members alone does not see.

Contributors of a year are those of the projection times a multiplier, the
payable share of benefits of the year before to the power of an elasticity (a
cut of benefits by a tenth is a fall of the benefit per contribution by a tenth).
Those who do not pay earn no right: of a cohort's pensioners as many are left as
of the years that it would have paid. So the circle ends by itself: what it takes
from the fund at once, it gives back when those who left would have been
pensioners, and the part of benefits that is paid may then be higher than without
it. It is a circle of the fund's making only as far as members' money pays for
others: where accounts are never lent to the pool, it hardly turns.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import xarray as xr

from actuarial._labels import told
from actuarial.rates import paid_share
from forecasting.axes import AxisError, require

Array = np.ndarray
Simulate = Callable[[xr.DataArray], xr.DataArray]
"""From the multiplier of contributors to the payable share of benefits, both over (draw?, year)."""

TOLERANCE = 1e-9
"""Largest change of the multiplier that counts as none."""

INDICATORS = {
    "participation": ("share", "Contributors over those that the projection gives without regard to benefit cuts"),
    "benefits_paid_share": ("share", "Part of all scheduled benefits that is paid, after any cut"),
    "benefits_lost_to_leavers": (
        "share",
        "Part of scheduled benefits that is paid if participation stays, less the part paid as it falls",
    ),
}
"""Unit and meaning of each variable that :func:`indicators` returns."""


class Solution(NamedTuple):
    """Participation and payable benefits that fit each other.

    Attributes
    ----------
    multiplier : xarray.DataArray, dims (draw?, year)
        Contributors over those of the projection.
    share, unmoved : xarray.DataArray, dims (draw?, year)
        Payable share of benefits with this participation, and with that of the projection.
    rounds : int
        Simulations until nothing changed.
    change : float
        Largest change of the multiplier in the last of them.
    """

    multiplier: xr.DataArray
    share: xr.DataArray
    unmoved: xr.DataArray
    rounds: int
    change: float


def answer(share: xr.DataArray, elasticity: float) -> xr.DataArray:
    """Participation that follows from the payable share of the year before.

    Parameters
    ----------
    share : xarray.DataArray, dims (draw?, year)
        Payable share of benefits, 0 to 1.
    elasticity : float
        Per cent of contributors lost for a per cent of benefits; 0 or more.

    Returns
    -------
    xarray.DataArray
        ``share ** elasticity`` a year later; 1 in the first year.
    """
    before = share.shift(year=1, fill_value=1.0)
    return before**elasticity


def solve(simulate: Simulate, start: xr.DataArray, elasticity: float, *, tolerance: float = TOLERANCE) -> Solution:
    """Find the participation that its own benefits lead to.

    Parameters
    ----------
    simulate : callable
        From a multiplier over (draw?, year) to the payable share over the same
        years. The share of a year must not depend on the multiplier of later years.
    start : xarray.DataArray, dims (draw?, year)
        First guess, above 0; its labels are those of all paths. Where it starts changes nothing but the time.
    elasticity : float
        As in :func:`answer`; 0 gives a multiplier of exactly 1.
    tolerance : float
        Largest change of the multiplier that ends the search.

    Returns
    -------
    Solution

    Raises
    ------
    RuntimeError
        If the path still changes after as many rounds as it has years. As each
        year answers to the one before, the first year is right after one round,
        the second after two, and so on: only a `simulate` that looks ahead, or is not
        the same twice, can go on changing.
    """
    ones = xr.ones_like(start, dtype=float).drop_attrs()
    unmoved = simulate(ones)
    if elasticity == 0.0:
        return Solution(ones, unmoved, unmoved, 1, 0.0)
    multiplier, most, change = start.astype(float), start.sizes["year"] + 1, np.inf
    for done in range(1, most + 1):
        share = simulate(multiplier)
        wanted = answer(share, elasticity).transpose(*start.dims)
        change = float(np.abs(wanted.values - multiplier.values).max())
        if change <= tolerance:
            return Solution(multiplier, share, unmoved, done, change)
        multiplier = wanted
    raise RuntimeError(
        f"participation still changes by {change:.3g} after {most} rounds, more than its {most - 1} years: "
        "the payable share of a year depends on that year's participation or a later one's"
    )


def settled(account: xr.Dataset) -> Solution:
    """Return the solution of members who do not react: that of an account as it is.

    Parameters
    ----------
    account : xarray.Dataset
        From `actuarial.fund.project`, of members as projected.

    Returns
    -------
    Solution
        A multiplier of 1, found without a round.
    """
    share = paid_share(account)
    return Solution(xr.ones_like(share), share, share, 0, 0.0)


def apply(people: xr.Dataset, multiplier: xr.DataArray) -> xr.Dataset:
    """Take those who no longer pay out of the contributors, and out of the pensioners that they would have become.

    Parameters
    ----------
    people : xarray.Dataset
        With ``contributors`` and ``pensioners`` over (draw?, sex, age, year).
    multiplier : xarray.DataArray, dims (draw?, year)
        Over years of `people`; the years that it lacks are left as they are.

    Returns
    -------
    xarray.Dataset
        `people` with both multiplied: contributors by the multiplier of the
        year, pensioners by the part of their cohort's contributor-years that was
        paid since the first year of `people`. A cohort that never paid loses nothing.

    Raises
    ------
    forecasting.axes.AxisError
        If a variable is missing, or `people` lacks a year of the multiplier.
    """
    require(people, ["contributors", "pensioners"])
    strange = sorted(set(multiplier["year"].values.tolist()) - set(people["year"].values.tolist()))
    if strange:
        raise AxisError(f"year {year} is missing: the multiplier has it, the people do not" for year in strange)
    full = multiplier.reindex(year=people["year"].values, fill_value=1.0)
    contributors, pensioners = people["contributors"], people["pensioners"]
    kept = (contributors * full).astype(contributors.dtype).transpose(..., "sex", "age", "year")
    paid = _paid_part(contributors.transpose(..., "sex", "age", "year").values, kept.values)
    heads = pensioners.transpose(..., "sex", "age", "year")
    left = (heads.values * paid).astype(pensioners.dtype)
    template = heads if left.shape == heads.shape else kept
    return people.assign(contributors=kept, pensioners=template.copy(data=left).assign_attrs(pensioners.attrs))


def indicators(solution: Solution) -> xr.Dataset:
    """Tell what the circle does.

    Parameters
    ----------
    solution : Solution
        From :func:`solve`.

    Returns
    -------
    xarray.Dataset
        :data:`INDICATORS` over (draw?, year), each with ``unit`` and ``meaning``; ``attrs`` hold ``rounds`` and
        ``change``.
    """
    values = (solution.multiplier, solution.share, solution.unmoved - solution.share)
    made = dict(zip(INDICATORS, values, strict=True))
    return told(made, INDICATORS).assign_attrs(rounds=solution.rounds, change=solution.change)


def _paid_part(due: Array, paid: Array) -> Array:
    """Contributor-years paid over those due, by cohort up to each year; (draw?, sex, age, year), 1 without any."""
    out = np.ones(paid.shape)
    owed, given = (np.zeros(paid.shape[:-1]) for _ in range(2))
    for year in range(paid.shape[-1]):
        owed, given = _older(owed) + due[..., year], _older(given) + paid[..., year]
        np.divide(given, owed, out=out[..., year], where=owed > 0)
    return out


def _older(stock: Array) -> Array:
    """Make every cohort a year older; shape (..., age), the last age open."""
    out = np.zeros_like(stock)
    out[..., 1:] = stock[..., :-1]
    out[..., -1] += stock[..., -1]
    return out
