"""The balance ratio in its Swedish form, and an indexation of the basic pension that it steers.

The basic pension is paid from the pool as money comes in. Two questions are
asked of each year: what are the rights worth that members have earned so far
(the liability), and what liability can the money of that year carry, if it
keeps pace with members and incomes (the contribution asset)? Settergren and
Mikula (Journal of Pension Economics and Finance 4(2), 2005) show that the second
is the year's money times the years that a yuan stays in the scheme, the mean age
of payment less the mean age of earning: in a stable scheme both are then equal
at an interest rate that is the growth of its base. The Swedish ordinance on the
balance ratio (2002:780) has the same terms.

Three things differ here, as this fund is another:

- The money of the year is the regular financing of the basic pension: all that
  the pool gets from outside (transfer, land, collectives, donations, other
  income) less the match, the longevity tail and the funeral grants. A budget has
  no age: its yuan counts at the age at which members earn the right it pays for.
- Members' accounts stand apart, as the premium pension does in Sweden: they are
  saved money, owed to those who saved it, and pay nobody else's pension.
- Rights accrue by the projected unit credit method, not by contributions.

Every figure of a year uses that year and years before it, never the projection
after it: a ratio that steers must be known when it steers.
"""

from __future__ import annotations

import numpy as np
import xarray as xr

from actuarial import _balancing_path as steering
from actuarial._balancing_terms import account_years, ones, terms
from actuarial._labels import plain, told
from actuarial.assumptions import Assumptions
from actuarial.fund import Fund

Array = np.ndarray

LAG = steering.LAG
"""Years from a ratio to the pension that it moves."""

INDICATORS = {
    "contribution_asset": (
        "yuan",
        "Liability that the regular financing of basic pensions can carry: the year's money times the turnover "
        "duration, at 31 December",
    ),
    "turnover_duration": (
        "years",
        "Mean age at which basic pensions are drawn less mean age at which rights to them are earned, in money of the "
        "year",
    ),
    "pension_liability": (
        "yuan",
        "Rights to the basic pension earned by 31 December, discounted at the growth of members and incomes, from the "
        "cross-section of the year",
    ),
    "balance_ratio": (
        "ratio",
        "Contribution asset and pool over pension liability; empty where nobody has a right",
    ),
    "balancing_index": ("ratio", "Basic pension paid over the one that indexation alone would give"),
}
"""Unit and meaning of each variable that :func:`indicators` returns."""


def balance_ratio(contribution_asset: Array, reserve: Array, liability: Array) -> Array:
    """Assets over liability.

    Parameters
    ----------
    contribution_asset, reserve, liability : numpy.ndarray
        Yuan at the same moment; broadcast.

    Returns
    -------
    numpy.ndarray
        ``(contribution asset + reserve) / liability``; NaN where the liability is not above 0.
    """
    return steering.ratio(contribution_asset, reserve, liability)


def apply(ready: xr.Dataset, index: xr.DataArray) -> xr.Dataset:
    """Multiply the basic pension by an index.

    Parameters
    ----------
    ready : xarray.Dataset
        From `actuarial.pension.with_accounts`, of all members or a part of them.
    index : xarray.DataArray, dims (draw?, year)
        From :func:`index`, over the years of `ready`.

    Returns
    -------
    xarray.Dataset
        `ready` with the basic pension per head and its parts multiplied, and ``balancing_index``.
    """
    return steering.scaled(ready, index).assign(balancing_index=index)


def index(fund: Fund, ready: xr.Dataset, people: xr.Dataset, assumptions: Assumptions) -> xr.DataArray:
    """Find the index that keeps the balance ratio near 1.

    From ``benefit.balancing_from`` the growth of the basic pension is multiplied
    by ``1 + s (ratio - 1)``, ``s = benefit.balancing_share`` and the ratio that of
    two years before, while the ratio is below 1 or an earlier cut is not made up
    for; the pension never passes the one that indexation alone would give, nor
    grows by less than ``benefit.growth_floor`` because of it.

    The contribution asset is that of the money that the scenario schedules
    without balancing: a budget that pays what is due would else pay less
    because less is due, and each cut would call for the next.

    Parameters
    ----------
    fund : Fund
        With its openings.
    ready : xarray.Dataset
        From `actuarial.pension.with_accounts`, without an index.
    people : xarray.Dataset
        With ``contributors`` and ``pensioners`` over (draw?, sex, age, year): all that `ready` was made from.
    assumptions : Assumptions
        Sections ``benefit``, ``retirement`` and those that the flows read.

    Returns
    -------
    xarray.DataArray
        Over (draw?, year) of `ready`, at most 1; exactly 1 where ``benefit.balancing`` is "none", and before
        the first year that a ratio of the fund can move, two years after its opening.

    Raises
    ------
    forecasting.axes.AxisError
        If a variable or a year is missing.
    """
    out = ones(ready)
    if assumptions.benefit.balancing != "none":
        path = steering.steered(fund, ready, terms(fund, ready, people, assumptions), assumptions)
        out.loc[{"year": account_years(fund, ready)}] = path if "draw" in out.dims else path[0]
    return out


def indicators(
    fund: Fund, account: xr.Dataset, ready: xr.Dataset, people: xr.Dataset, assumptions: Assumptions
) -> xr.Dataset:
    """Work out the balance ratio of every year of an account, and what it is made of.

    Parameters
    ----------
    fund : Fund
        Whose account it is.
    account : xarray.Dataset
        From `actuarial.fund.project`.
    ready, people, assumptions
        What the account was made from; `ready` holds ``balancing_index`` if the pension was balanced.

    Returns
    -------
    xarray.Dataset
        :data:`INDICATORS` over (draw?, year) of the account, each with ``unit`` and ``meaning``.

    Raises
    ------
    forecasting.axes.AxisError
        If a variable or a year is missing.
    """
    moved = ready["balancing_index"] if "balancing_index" in ready else ones(ready)
    unmoved = steering.scaled(ready, 1.0 / moved)
    asset, liability, turnover = (v[:, 1:] for v in terms(fund, unmoved, people, assumptions))
    years = account["year"].values
    level = np.broadcast_to(plain(moved.sel(year=years), "year"), asset.shape)
    owed = liability * level
    known = balance_ratio(asset, plain(account["pool_balance"], "year"), owed)
    made = dict(zip(INDICATORS, (asset, turnover, owed, known, level), strict=True))
    many = "draw" in account.dims
    dims = ("draw", "year") if many else ("year",)
    coords = {name: account[name].values for name in dims}
    return told(xr.Dataset({name: (dims, v if many else v[0]) for name, v in made.items()}, coords), INDICATORS)
