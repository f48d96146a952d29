"""What a reserve earns: deposits and a capped market portfolio."""

from __future__ import annotations

import xarray as xr

from actuarial import portfolio
from actuarial._asset_classes import class_returns
from actuarial._land_share import phased_in
from actuarial.assumptions import Assumptions, PensionInvestment
from actuarial.flow import FundRules
from forecasting.axes import require

__all__ = ["class_returns", "crediting_rate", "entrusted_return", "market_share", "rate_earned"]


def rate_earned(projection: xr.Dataset, assumptions: FundRules) -> xr.DataArray:
    """Return of the whole fund in each year.

    Parameters
    ----------
    projection : xarray.Dataset
        With ``deposit_rate`` and ``market_return``, dims (draw?, year), and what :func:`class_returns` reads for a
        portfolio other than that of reference.
    assumptions : FundRules
        Section ``investment``: share in the market, spread on deposits; of the pension also the portfolio.

    Returns
    -------
    xarray.DataArray
        Rate per year, dims (draw?, year).

    Raises
    ------
    forecasting.axes.AxisError
        If a variable is missing.
    ValueError
        If losses use up the net asset value of the portfolio in some year.
    """
    require(projection, ["deposit_rate", "market_return"])
    rule = assumptions.investment
    deposits, share = projection["deposit_rate"] + rule.deposit_spread, market_share(projection, assumptions)
    earned = (1 - share) * deposits + share * entrusted_return(projection, assumptions)
    return earned.transpose(..., "year")


def market_share(projection: xr.Dataset, assumptions: FundRules) -> xr.DataArray | float:
    """Part of all assets that earns the market return.

    Parameters
    ----------
    projection : xarray.Dataset
        Its years are read.
    assumptions : FundRules
        Section ``investment``; that of the pension moves from today's share to the new one.

    Returns
    -------
    xarray.DataArray, dims (year), or float
        0 to 1; one number where it is the same in every year.
    """
    rule, years = assumptions.investment, projection["year"]
    if not isinstance(rule, PensionInvestment):
        return rule.market_share
    if rule.market_from + rule.market_phase_in_years <= int(years[0]):
        return rule.market_share
    there = phased_in(years, rule.market_from, rule.market_phase_in_years)
    return rule.market_share_today * (1.0 - there) + rule.market_share * there


def entrusted_return(projection: xr.Dataset, assumptions: FundRules) -> xr.DataArray:
    """Return of what is in the market.

    Parameters
    ----------
    projection, assumptions
        As in :func:`rate_earned`.

    Returns
    -------
    xarray.DataArray, dims (draw?, year)
        Rate per year: ``market_return`` as drawn for the portfolio of reference, which its prior has in mind.

    Raises
    ------
    forecasting.axes.AxisError
        If a variable is missing.
    ValueError
        As :func:`actuarial.portfolio.returns`.
    """
    rule = assumptions.investment
    if not isinstance(rule, PensionInvestment) or rule.portfolio == portfolio.Portfolio():
        return projection["market_return"]
    return portfolio.returns(rule.portfolio, class_returns(projection, rule.portfolio, rule.returns))


def crediting_rate(projection: xr.Dataset, assumptions: Assumptions) -> xr.DataArray:
    """Interest credited to members' accounts in each year, apart from what the fund earns.

    Parameters
    ----------
    projection : xarray.Dataset
        With ``deposit_rate``, dims (draw?, year).
    assumptions : Assumptions
        ``accounts.crediting_spread``.

    Returns
    -------
    xarray.DataArray
        Rate per year, dims (draw?, year).

    Raises
    ------
    forecasting.axes.AxisError
        If the variable is missing.
    """
    require(projection, ["deposit_rate"])
    return projection["deposit_rate"] + assumptions.accounts.crediting_spread
