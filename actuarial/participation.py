"""Feedback: members and budgets answer to what a fund asks and pays, and the fund is another for it.

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

A reform changes more than whether benefits are cut. Where the rules say so, the
odds of contributing answer a year later to the pension that a contributor may
expect, to what he pays for it and to rural income (:data:`TERMS`), each over
what it is under a reference: today's law on the same draws. The projection's
members are those of today's law, with all their trends, so that under that law
the multiplier is exactly 1 and only what a reform changes is answered to. The
form is that of the answer of enrolment in the medical fund: however good the
terms, nobody contributes who may not. Budget revenue may answer too: part of
what households get beyond the reference comes back as taxes a year later, and
is missing where they get less.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import xarray as xr

from actuarial import _participation_answers as answering
from actuarial._labels import told
from actuarial._participation_answers import LEAST_RATIO, RESPONSES, Answers, drawn
from actuarial._participation_people import apply
from actuarial._participation_terms import TERMS, terms
from actuarial.assumptions import Assumptions
from actuarial.rates import paid_share

__all__ = [
    "INDICATORS",
    "LEAST_RATIO",
    "RESPONSES",
    "TERMS",
    "TOLERANCE",
    "Answers",
    "Solution",
    "answer",
    "answers",
    "apply",
    "asked",
    "drawn",
    "indicators",
    "meet",
    "settled",
    "solve",
    "terms",
]

Array = np.ndarray
Simulate = Callable[[xr.DataArray], xr.DataArray]
"""From the multiplier of contributors to the payable share of benefits, both over (draw?, year)."""

TOLERANCE = 1e-9
"""Largest change of a path that counts as none."""

INDICATORS = {
    "participation": ("share", "Contributors over those that the projection gives without regard to the fund"),
    "benefits_paid_share": ("share", "Part of all scheduled benefits that is paid, after any cut"),
    "benefits_lost_to_leavers": (
        "share",
        "Part of scheduled benefits that is paid if participation stays, less the part paid as it moves",
    ),
    "revenue_answer": ("ratio", "Budget revenue over that of the projection, after what a reform brings back in taxes"),
}
"""Unit and meaning of each variable that :func:`indicators` returns."""


class Solution(NamedTuple):
    """Participation, revenue and payable benefits that fit each other.

    Attributes
    ----------
    multiplier : xarray.DataArray, dims (draw?, year)
        Contributors over those of the projection.
    share, unmoved : xarray.DataArray, dims (draw?, year)
        Payable share of benefits with this participation, and with that of the projection.
    rounds : int
        Simulations until nothing changed.
    change : float
        Largest change of a path in the last of them.
    revenue : xarray.DataArray, dims (draw?, year)
        Budget revenue over that of the projection.
    """

    multiplier: xr.DataArray
    share: xr.DataArray
    unmoved: xr.DataArray
    rounds: int
    change: float
    revenue: xr.DataArray


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


def asked(assumptions: Assumptions) -> bool:
    """Tell whether anything but a benefit cut is answered to, so that :func:`answers` needs a reference."""
    return assumptions.participation.answers == "to_terms" or assumptions.feedback.revenue == "answers"


def answers(projection: xr.Dataset, assumptions: Assumptions, reference: xr.Dataset, years: Array) -> Answers:
    """Make what answers to a fund under one set of rules, and how strongly in each draw.

    Parameters
    ----------
    projection : xarray.Dataset
        With ``budget_revenue``; with ``compliance`` where participation answers to terms, and the deviates of
        `forecasting.projection.forecast` for every strength that has a standard deviation.
    assumptions : Assumptions
        Sections ``participation`` and ``feedback``.
    reference : xarray.Dataset
        :func:`terms` under which the projection's members and revenue hold.
    years : numpy.ndarray of int
        Of the account.

    Returns
    -------
    Answers
        With the methods ``multiplier`` and ``revenue_ratio``.

    Raises
    ------
    forecasting.axes.AxisError
        Listing every variable that is missing, or saying that the reference lacks a year or has other draws.
    """
    return answering.of(projection, assumptions, reference, years)


def solve(simulate: Simulate, start: xr.DataArray, elasticity: float, *, tolerance: float = TOLERANCE) -> Solution:
    """Find the participation that its own benefits lead to, where members answer to cuts alone.

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
        As :func:`meet`.
    """
    ones = xr.ones_like(start, dtype=float).drop_attrs()
    unmoved = simulate(ones)
    if elasticity == 0.0:
        return Solution(ones, unmoved, unmoved, 1, 0.0, ones)

    def once(multiplier: xr.DataArray, _: xr.DataArray) -> tuple[xr.DataArray, xr.DataArray, xr.DataArray]:
        share = simulate(multiplier)
        return share, answer(share, elasticity), ones

    return meet(once, start, unmoved, tolerance=tolerance)


def meet(
    once: Callable[[xr.DataArray, xr.DataArray], tuple[xr.DataArray, xr.DataArray, xr.DataArray]],
    start: xr.DataArray,
    unmoved: xr.DataArray,
    *,
    tolerance: float = TOLERANCE,
) -> Solution:
    """Find the participation and the budget revenue that lead to themselves.

    Parameters
    ----------
    once : callable
        From participation and revenue, both over those of the projection, to the payable share of benefits, and to
        the participation and revenue that answer to what was simulated. What is simulated of a year must not depend
        on later years.
    start : xarray.DataArray, dims (draw?, year)
        First guess of participation, above 0; revenue starts at 1.
    unmoved : xarray.DataArray, dims (draw?, year)
        Payable share with the members and the revenue of the projection.
    tolerance : float
        Largest change of either path that ends the search.

    Returns
    -------
    Solution

    Raises
    ------
    RuntimeError
        If a path still changes after as many rounds as it has years. As each
        year answers to the one before, the first year is right after one round,
        the second after two, and so on: only a simulation that looks ahead, or is not
        the same twice, can go on changing.
    """
    multiplier = start.astype(float)
    revenue, most, change = xr.ones_like(multiplier).drop_attrs(), start.sizes["year"] + 1, np.inf
    for done in range(1, most + 1):
        share, *after = once(multiplier, revenue)
        wanted = [path.transpose(*start.dims) for path in after]
        pairs = zip(wanted, (multiplier, revenue), strict=True)
        change = max(float(np.abs(new.values - old.values).max()) for new, old in pairs)
        if change <= tolerance:
            return Solution(multiplier, share, unmoved, done, change, revenue)
        multiplier, revenue = wanted
    raise RuntimeError(
        f"participation still changes by {change:.3g} after {most} rounds, more than its {most - 1} years: "
        "the payable share of a year depends on that year's participation or a later one's"
    )


def settled(account: xr.Dataset) -> Solution:
    """Return the solution of members and budgets that do not react: that of an account as it is.

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
    ones = xr.ones_like(share)
    return Solution(ones, share, share, 0, 0.0, ones)


def indicators(solution: Solution) -> xr.Dataset:
    """Tell what the answers do.

    Parameters
    ----------
    solution : Solution
        From :func:`solve` or :func:`meet`.

    Returns
    -------
    xarray.Dataset
        :data:`INDICATORS` over (draw?, year), each with ``unit`` and ``meaning``; ``attrs`` hold ``rounds`` and
        ``change``.
    """
    values = (solution.multiplier, solution.share, solution.unmoved - solution.share, solution.revenue)
    made = dict(zip(INDICATORS, values, strict=True))
    return told(made, INDICATORS).assign_attrs(rounds=solution.rounds, change=solution.change)
