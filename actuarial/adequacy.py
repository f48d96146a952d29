"""Adequacy of pensions: beside rural income, prices and the subsistence allowance.

The pension of a pensioner is all that is paid as one, after any cut: basic
pensions, account pensions and the longevity tail, over pensioners at mid-year.
"""

from __future__ import annotations

import xarray as xr

from actuarial._labels import told
from actuarial.assumptions import Adequacy, Assumptions
from actuarial.flow import growth, in_money_of
from actuarial.rates import over, paid_share
from forecasting.axes import join_years, require

INDICATORS = {
    "replacement_rate": ("share of rural income", "Pensions paid per pensioner over rural income per head"),
    "basic_pension_to_income": (
        "share of rural income",
        "Basic pensions alone, after any cut, per pensioner over rural income per head",
    ),
    "pension_to_subsistence": (
        "ratio",
        "Pensions paid per pensioner over the rural subsistence allowance; empty where no allowance is given",
    ),
    "pension_per_head_real": (
        "yuan a year in prices of the money year",
        "Pensions paid per pensioner at constant prices",
    ),
}
"""Unit and meaning of each variable that :func:`indicators` returns."""

PENSIONS = ("basic_pension", "account_pension", "longevity_tail")
"""Flows of an account that are paid to pensioners for life."""


def pension_per_head(account: xr.Dataset, projection: xr.Dataset) -> xr.DataArray:
    """Pensions paid per pensioner at mid-year, after any cut, yuan a year; NaN where nobody draws one."""
    scheduled = sum((account[name] for name in PENSIONS[1:]), account[PENSIONS[0]])
    return over(scheduled * paid_share(account), projection["pensioners_mid_year"])


def replacement_rate(account: xr.Dataset, projection: xr.Dataset) -> xr.DataArray:
    """Divide :func:`pension_per_head` by rural income per head of the year."""
    return pension_per_head(account, projection) / projection["rural_income"]


def subsistence_allowance(projection: xr.Dataset, adequacy: Adequacy, money_year: int) -> xr.DataArray:
    """Mean standard of the rural subsistence allowance (dibao).

    Parameters
    ----------
    projection : xarray.Dataset
        With ``rural_income`` and ``price_index``, dims (draw?, year), from `money_year` or before.
    adequacy : Adequacy
        Level in money of `money_year`, and weights of its growth.
    money_year : int
        A year of `projection`.

    Returns
    -------
    xarray.DataArray
        Yuan per person and year, dims (draw?, year); growth compounds as a cumulative
        product. NaN throughout if no level is given.

    Raises
    ------
    forecasting.axes.AxisError
        If a variable or `money_year` is missing.
    """
    require(projection, ["rural_income", "price_index"])
    income, prices = xr.broadcast(growth(projection["rural_income"]), growth(projection["price_index"]))
    rate = adequacy.subsistence_income_weight * income + adequacy.subsistence_price_weight * prices
    level = float("nan") if adequacy.subsistence_allowance is None else adequacy.subsistence_allowance
    return level * in_money_of((1 + rate).cumprod("year").rename("subsistence_allowance"), money_year)


def indicators(account: xr.Dataset, projection: xr.Dataset, assumptions: Assumptions) -> xr.Dataset:
    """Work out every measure of adequacy of one account.

    Parameters
    ----------
    account : xarray.Dataset
        From :func:`actuarial.fund.project`, of a resident pension fund.
    projection : xarray.Dataset
        With ``pensioners_mid_year``, ``rural_income`` and ``price_index`` in the account's years and in the money year.
    assumptions : Assumptions
        Section ``adequacy``, and ``money_year``.

    Returns
    -------
    xarray.Dataset
        The variables of :data:`INDICATORS` over (draw?, year), each with ``unit`` and ``meaning``.

    Raises
    ------
    forecasting.axes.AxisError
        If the projection lacks a variable or a year.
    """
    needed = ["pensioners_mid_year", "rural_income", "price_index"]
    require(projection, needed)
    years, money_year = account["year"].values, assumptions.money_year
    allowance = subsistence_allowance(projection, assumptions.adequacy, money_year)
    prices = in_money_of(projection["price_index"], money_year)
    now = join_years(projection[needed].assign(prices=prices, allowance=allowance), years)
    paid = pension_per_head(account, now)
    basic = over(account["basic_pension"] * paid_share(account), now["pensioners_mid_year"])
    values = {
        "replacement_rate": paid / now["rural_income"],
        "basic_pension_to_income": basic / now["rural_income"],
        "pension_to_subsistence": paid / now["allowance"],
        "pension_per_head_real": paid / now["prices"],
    }
    return told({name: value.transpose(..., "year") for name, value in values.items()}, INDICATORS)
