"""Who pays what in any year: every yuan of a fund's expenditure by payer.

What a fund owes in a year is paid by those who bring money in the year, by what its assets earn, by the reserve, by an
emergency transfer, or by nobody: then benefits are cut. The parts add up to scheduled expenditure, in every draw and
year, because they are the account written the other way round: expenditure = income + interest + what the balance
falls + shortfall. A part below 0 takes instead of paying: a year that ends with more than it began builds the reserve
up, and a market below deposits costs what others have to bring.

The pension's account tells which budget pays its transfer (`actuarial.financing.by_level`). Of the medical subsidy the
central budget pays what the plan for shared duties says of each class of province, weighted by people; no figure
divides what is left, nor the budgets' money of funds that are local by their rules: provinces pay the same part of it
as of the pension's local money (``fiscal.provincial_share_of_local``), and cities and counties the rest.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import reduce
from operator import add

import numpy as np
import xarray as xr

from actuarial._labels import told
from actuarial._payers_sources import BUDGET, LEVELS, PAYERS, SOURCES, budget_parts, medical_central_share
from actuarial.rates import over
from actuarial.rules import SCHEMES, Case, Rules, Scheme
from actuarial.solvency import start_of_year
from forecasting.axes import AxisError, require

__all__ = [
    "ABOUT",
    "BUDGET",
    "DRAWS",
    "LEVELS",
    "PAYERS",
    "SOURCES",
    "across",
    "budget_parts",
    "medical_central_share",
    "paid",
    "present_share",
]

DRAWS = 200
"""Draws that are kept of who pays in every year, evenly spread: there are many payers and years."""

ABOUT = {
    "paid": ("yuan", "Part of the scheduled expenditure of the year that a payer pays; below 0 it takes"),
    "paid_mean": ("yuan", "Part of the scheduled expenditure of the year that a payer pays, mean of all draws"),
    "present_share": (
        "share of the present value of expenditure",
        "Present value of what a payer pays up to the last year over that of all expenditure, at what the fund earns",
    ),
}
"""Unit and meaning of each variable of :func:`across`."""

_NEEDS = (
    *("balance", "opening_balance", "income", "interest", "expenditure"),
    *("benefit_cut", "emergency_transfer", "rate_earned"),
)


def paid(
    account: xr.Dataset, deposits: xr.DataArray, budgets: Mapping[str, float], *, mid_year: bool = True
) -> xr.DataArray:
    """Tell who pays the expenditure of a fund.

    Parameters
    ----------
    account : xarray.Dataset, dims (draw?, year)
        From `actuarial.fund.project`, yuan; of the pension with the memo of `actuarial.financing.by_level`.
    deposits : xarray.DataArray, dims (draw?, year)
        Rate per year that the assets would earn as deposits, of the years of the account at least.
    budgets : mapping of str to float
        Part of budget money that each of :data:`LEVELS` pays, from :func:`budget_parts`; not used of
        ``fiscal_transfer`` where the account tells.
    mid_year : bool
        Interest convention of the account: flows earn half a year, else only the opening balance earns.

    Returns
    -------
    xarray.DataArray, dims (payer, draw?, year)
        Yuan, over the keys of :data:`PAYERS`; adds up to ``expenditure``. Below 0 may be the reserve, the market, and
        deposits: a fund that spends more than it takes in loses interest from mid-year on.

    Raises
    ------
    forecasting.axes.AxisError
        If a variable or a year is missing, or if the fund takes in money of which no payer is known.
    """
    require(account, _NEEDS)
    years = account["year"]
    if missing := sorted(set(years.values.tolist()) - set(deposits["year"].values.tolist())):
        raise AxisError([f"the deposit rate of {year} is missing" for year in missing])
    before, rate = start_of_year(account["balance"], account["opening_balance"]), deposits.sel(year=years)
    half = np.sqrt(1 + rate) - 1 if mid_year else 0.0 * rate
    interest = rate * before + half * (account["income"] - account["expenditure"])
    parts = _brought(account, budgets) | {
        "deposits": interest,
        "market": account["interest"] - interest,
        "reserve": before - account["balance"],
        "emergency": account["emergency_transfer"],
        "cut": account["benefit_cut"],
    }
    like = account["expenditure"].drop_attrs()
    each = [(like * 0.0 + parts.get(payer, 0.0)).drop_attrs().transpose(*like.dims) for payer in PAYERS]
    return xr.concat(each, xr.DataArray(list(PAYERS), dims="payer", name="payer"), join="exact").rename("paid")


def _brought(account: xr.Dataset, budgets: Mapping[str, float]) -> dict[str, xr.DataArray]:
    """Add income up by payer; refuse an account that takes in more than is known of."""
    flows = {name: account[name].drop_attrs() for name in SOURCES if name in account}
    known, income = reduce(add, flows.values(), 0.0 * account["income"]), account["income"]
    if not np.allclose(known, income, rtol=1e-9, atol=1.0):
        fund = account.attrs.get("fund", "the fund")
        raise AxisError([f"{fund} takes in money of which no payer is known: name the payer of each income in SOURCES"])
    out: dict[str, xr.DataArray] = {}
    for name, amount in flows.items():
        payer = SOURCES[name]
        each = {payer: amount} if payer != BUDGET else _levels(account, name, budgets)
        out |= {who: out[who] + part if who in out else part for who, part in each.items()}
    return out


def _levels(account: xr.Dataset, name: str, budgets: Mapping[str, float]) -> dict[str, xr.DataArray]:
    """Share money of the budgets out between them."""
    if name == "fiscal_transfer" and all(memo in account for memo in LEVELS.values()):
        return {payer: account[memo].drop_attrs() for payer, memo in LEVELS.items()}
    return {payer: budgets[payer] * account[name].drop_attrs() for payer in LEVELS}


def present_share(paid: xr.DataArray, rate: xr.DataArray) -> xr.DataArray:
    """Tell who bears a fund over all years together.

    Parameters
    ----------
    paid : xarray.DataArray, dims (payer, draw?, year)
        From :func:`paid`.
    rate : xarray.DataArray, dims (draw?, year)
        Discount rate per year, above -1.

    Returns
    -------
    xarray.DataArray, dims (payer, draw?)
        Present value of what each pays over that of all expenditure, money flowing at mid-year; adds up to 1. NaN
        where nothing is ever due.
    """
    growth = 1.0 + rate.drop_attrs()
    worth = (paid * np.sqrt(growth) / growth.cumprod("year")).sum("year")
    return over(worth, worth.sum("payer")).transpose(*(dim for dim in paid.dims if dim != "year"))


def across(
    projection: xr.Dataset,
    cases: Mapping[str, Case],
    accounts: Mapping[str, xr.Dataset],
    *,
    medical_central: float = 0.0,
    draws: int = DRAWS,
) -> xr.Dataset:
    """Tell who pays in every fund of every scenario.

    Parameters
    ----------
    projection : xarray.Dataset
        With ``deposit_rate``, dims (draw, year).
    cases : mapping of str to Case
        Rules and schemes by scenario.
    accounts : mapping of str to xarray.Dataset
        Account of each scheme over (scenario, draw, year), or what holds it and more
        (`actuarial.household.across`); a year before a fund starts is empty.
    medical_central : float
        Part of the medical subsidy that the central budget pays (:func:`medical_central_share`).
    draws : int
        Draws of which every year is kept.

    Returns
    -------
    xarray.Dataset
        :data:`ABOUT`: ``paid`` and ``present_share`` over some of the draws (axis ``some``, which keeps their labels
        as the coordinate ``drawn``), ``paid_mean`` of all. NaN where a scenario lacks the fund, or lacks it yet.

    Raises
    ------
    forecasting.axes.AxisError
        As :func:`paid`.
    """
    count = projection.sizes["draw"]
    chosen = np.linspace(0, count - 1, min(count, draws)).round().astype(int)
    by_fund = {}
    for scheme in SCHEMES:
        having = [name for name, case in cases.items() if scheme in accounts and scheme in case.schemes]
        if having:
            made = [
                _of_one(projection, cases[name].rules, scheme, accounts[scheme].sel(scenario=name), medical_central)
                for name in having
            ]
            by_fund[str(scheme)] = _joined([_kept(one, chosen) for one in made], "scenario", having)
    every = [one.reindex(scenario=list(cases)) for one in by_fund.values()]
    whole = told(_joined(every, "fund", list(by_fund)), ABOUT).transpose("scenario", "fund", "payer", "some", "year")
    return whole.assign_coords(drawn=("some", projection["draw"].values[chosen]))


def _of_one(
    projection: xr.Dataset, rules: Rules, scheme: Scheme, account: xr.Dataset, medical_central: float
) -> xr.Dataset:
    """Tell who pays in one fund of one scenario, in the years in which there is one."""
    own = account.drop_vars("scenario", errors="ignore")
    own = own.sel(year=own["expenditure"].notnull().any("draw"))
    investment = (rules.medical if scheme == "medical" else rules.pension).investment
    deposits = projection["deposit_rate"] + investment.deposit_spread
    central = medical_central if scheme == "medical" else 0.0
    budgets = budget_parts(central, rules.pension.fiscal.provincial_share_of_local)
    amount = paid(own, deposits, budgets, mid_year=investment.interest_convention == "mid_year")
    return xr.Dataset({"paid": amount, "present_share": present_share(amount, own["rate_earned"])})


def _kept(made: xr.Dataset, chosen: np.ndarray) -> xr.Dataset:
    """Keep the mean of all draws, and some draws on an axis of their own."""
    some = made.isel(draw=chosen).rename(draw="some").drop_vars("some")
    few = {name: some[name].transpose("payer", "some", ...).astype(np.float32) for name in some}
    return xr.Dataset(few | {"paid_mean": made["paid"].mean("draw")})


def _joined(parts: list[xr.Dataset], axis: str, labels: list[str]) -> xr.Dataset:
    """Join along a new first axis; a fund that starts later has no figures before."""
    names = xr.DataArray(labels, dims=axis, name=axis)
    return xr.concat(parts, names, join="outer", combine_attrs="drop")
