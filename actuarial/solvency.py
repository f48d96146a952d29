"""Standard indicators of an account.

Every function works on each draw; none averages over draws unless its name
says so. Definitions follow Iyer, Actuarial Mathematics of Social Security
Pensions (ILO/ISSA 1999) and the US Trustees Reports. :func:`indicators` gives
them together with those of :mod:`actuarial.adequacy` and :mod:`actuarial.funding`.
"""

from __future__ import annotations

import numpy as np
import xarray as xr

from actuarial import adequacy, funding
from actuarial._fiscal_transfer import cap_binds
from actuarial._labels import told
from actuarial.assumptions import Assumptions
from actuarial.rates import cost_rate, income_rate, over
from forecasting.axes import join_years, require

YEARLY = {
    "income_rate": ("share of rural income", "Income without interest over contributors times rural income per head"),
    "cost_rate": ("share of rural income", "Expenditure over contributors times rural income per head"),
    "annual_balance": ("share of rural income", "Income rate less cost rate"),
    "reserve_ratio": ("years", "All assets on 1 January over expenditure of the year"),
    "pool_reserve_ratio": ("years", "Pool on 1 January over outgo of the pool in the year"),
    "payable_share": ("share", "Part of the pool's outgo that pool money pays, without lending and emergency transfer"),
    "fiscal_transfer_share": ("share of budget revenue", "Fiscal transfer over general public budget revenue"),
    "fiscal_need_share": ("share of budget revenue", "Transfer that keeps the pool where it is over budget revenue"),
    "member_share": ("share", "Part of the money put into accounts that members pay"),
    "pool_empty": ("0 or 1", "The pool has run out in this year or before"),
    "fund_empty": ("0 or 1", "All assets have run out in this year or before"),
    "pool_depletion_year": ("calendar year", "Year in which the pool runs out; empty if it does not"),
    "fund_depletion_year": ("calendar year", "Year in which all assets run out; empty if they do not"),
    "pool_first_negative": ("calendar year", "First 31 December on which the pool is below 0"),
    "fund_first_negative": ("calendar year", "First 31 December on which the fund, unaided in the year, is below 0"),
    "fiscal_cap_year": (
        "calendar year",
        "First year in which a cap keeps the fiscal transfer down; empty if none does",
    ),
}
"""Unit and meaning of the rates of each year and of depletion."""

INDICATORS = YEARLY | adequacy.INDICATORS | funding.INDICATORS
"""Unit and meaning of each variable that :func:`indicators` returns."""


def start_of_year(closing: xr.DataArray, opening: xr.DataArray) -> xr.DataArray:
    """Shift balances at 31 December to 1 January of the next year, `opening` first."""
    shifted = closing.shift(year=1)
    return shifted.where(closing["year"] > closing["year"][0], opening)


def opening_pool(account: xr.Dataset) -> xr.DataArray:
    """Pool at 31 December before the account's first year, yuan."""
    return account["opening_balance"] - account["opening_accounts"]


def reserve_ratio(account: xr.Dataset) -> xr.DataArray:
    """All assets on 1 January over expenditure of the year; NaN where nothing is spent."""
    return over(start_of_year(account["balance"], account["opening_balance"]), account["expenditure"])


def pool_reserve_ratio(account: xr.Dataset) -> xr.DataArray:
    """Pool on 1 January over its outgo of the year; NaN where nothing is due."""
    return over(start_of_year(account["pool_balance"], opening_pool(account)), account["pool_outgo"])


def payable_share(account: xr.Dataset) -> xr.DataArray:
    """Part of the pool's scheduled outgo that its own money pays; 1 until it runs out.

    Own money is what it held on 1 January, its income and its interest. What it
    borrows from members' accounts and emergency transfers do not count.
    """
    held = start_of_year(account["pool_balance"], opening_pool(account)).clip(min=0.0)
    own = held + account["pool_income"] + account["pool_interest"]
    return over(own, account["pool_outgo"]).clip(0.0, 1.0).fillna(1.0)


def fiscal_need(account: xr.Dataset) -> xr.DataArray:
    """Transfer that keeps the pool where it is: outgo less other income and interest of the pool, yuan a year."""
    other = account["pool_income"] - account["fiscal_transfer"]
    return account["pool_outgo"] - other - account["pool_interest"]


def member_share(account: xr.Dataset) -> xr.DataArray:
    """Members' part of what is put into accounts in a year; NaN where nothing is."""
    return over(account["contributions"], account["contributions"] + account["match"] + account["collective_accounts"])


def exhaustion_year(closing: xr.DataArray) -> xr.DataArray:
    """Year during which a reserve runs out: the first whose 31 December finds nothing left.

    Parameters
    ----------
    closing : xarray.DataArray, dims (..., year)
        Balances at 31 December.

    Returns
    -------
    xarray.DataArray, dims (...)
        Calendar year, NaN if the reserve lasts. The convention of the US Trustees
        Reports: the year before the first whose 1 January finds nothing.
    """
    return _first_year(closing <= 0)


def first_negative_year(closing: xr.DataArray) -> xr.DataArray:
    """First year whose 31 December balance is below zero; NaN if none is.

    Parameters
    ----------
    closing : xarray.DataArray, dims (..., year)
        Balances at 31 December, not floored at zero.

    Returns
    -------
    xarray.DataArray, dims (...)
        Calendar year.
    """
    return _first_year(closing < 0)


def depleted_by(closing: xr.DataArray) -> xr.DataArray:
    """1 from the year of exhaustion on, 0 before; same shape as `closing`."""
    empty = (closing <= 0).transpose(..., "year")
    return empty.copy(data=np.maximum.accumulate(empty.values, axis=-1).astype(float)).transpose(*closing.dims)


def depletion_probability(closing: xr.DataArray) -> xr.DataArray:
    """Share of draws depleted by the end of each year: reduces over ``draw``."""
    return depleted_by(closing).mean("draw")


def unaided_balance(account: xr.Dataset) -> xr.DataArray:
    """All assets at 31 December before that year's shortfall was met, yuan."""
    return account["balance"] - account["shortfall"]


def indicators(account: xr.Dataset, projection: xr.Dataset, assumptions: Assumptions) -> xr.Dataset:
    """Work out every indicator of one account.

    Parameters
    ----------
    account : xarray.Dataset
        From :func:`actuarial.fund.project`, of a resident pension fund.
    projection : xarray.Dataset
        From :func:`actuarial.pension.with_accounts`; must cover the account's years.
    assumptions : Assumptions
        Those of the account.

    Returns
    -------
    xarray.Dataset
        The variables of :data:`INDICATORS` over (draw?, year), (draw?) or
        (draw?, horizon), each with ``unit`` and ``meaning``.

    Raises
    ------
    forecasting.axes.AxisError
        If the projection lacks a year of the account.
    """
    known = _same_years(projection, account)
    values = _rates(account, known) | _depletion(account)
    values["fiscal_cap_year"] = _first_year(cap_binds(account, known, assumptions))
    others = (room.indicators(account, projection, assumptions) for room in (adequacy, funding))
    return xr.merge([told(values, YEARLY), *others], join="exact")


def _rates(account: xr.Dataset, projection: xr.Dataset) -> dict[str, xr.DataArray]:
    revenue = projection["budget_revenue"]
    income, cost = income_rate(account, projection), cost_rate(account, projection)
    return {
        "income_rate": income,
        "cost_rate": cost,
        "annual_balance": income - cost,
        "reserve_ratio": reserve_ratio(account),
        "pool_reserve_ratio": pool_reserve_ratio(account),
        "payable_share": payable_share(account),
        "fiscal_transfer_share": account["fiscal_transfer"] / revenue,
        "fiscal_need_share": fiscal_need(account) / revenue,
        "member_share": member_share(account),
    }


def _depletion(account: xr.Dataset) -> dict[str, xr.DataArray]:
    pool, fund = account["pool_balance"], account["balance"]
    return {
        "pool_empty": depleted_by(pool),
        "fund_empty": depleted_by(fund),
        "pool_depletion_year": exhaustion_year(pool),
        "fund_depletion_year": exhaustion_year(fund),
        "pool_first_negative": first_negative_year(pool),
        "fund_first_negative": first_negative_year(unaided_balance(account)),
    }


def _first_year(flag: xr.DataArray) -> xr.DataArray:
    return flag["year"].where(flag).min("year")


def _same_years(projection: xr.Dataset, account: xr.Dataset) -> xr.Dataset:
    needed = ["contributors_mid_year", "rural_income", "budget_revenue"]
    require(projection, needed)
    return join_years(projection[needed], account["year"].values)
