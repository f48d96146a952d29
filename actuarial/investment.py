"""What a reserve earns: deposits and a capped market portfolio."""

from __future__ import annotations

import xarray as xr

from actuarial.assumptions import Assumptions
from actuarial.flow import FundRules
from forecasting.axes import require


def rate_earned(projection: xr.Dataset, assumptions: FundRules) -> xr.DataArray:
    """Return of the whole fund in each year.

    Parameters
    ----------
    projection : xarray.Dataset
        With ``deposit_rate`` and ``market_return``, dims (draw?, year).
    assumptions : FundRules
        Section ``investment``: share in the market, spread on deposits.

    Returns
    -------
    xarray.DataArray
        Rate per year, dims (draw?, year).

    Raises
    ------
    forecasting.axes.AxisError
        If a variable is missing.
    """
    require(projection, ["deposit_rate", "market_return"])
    rule = assumptions.investment
    deposits = projection["deposit_rate"] + rule.deposit_spread
    return (1 - rule.market_share) * deposits + rule.market_share * projection["market_return"]


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
