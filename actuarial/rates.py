"""Rates of one year: what an account takes in and spends over its contributory base.

The contributory base is contributors (mid-year) times rural income per head:
members pay by tier, so their income is the nearest thing to an insured wage.
"""

from __future__ import annotations

import xarray as xr


def contributory_base(projection: xr.Dataset) -> xr.DataArray:
    """Contributors at mid-year times rural income per head, yuan a year."""
    return projection["contributors_mid_year"] * projection["rural_income"]


def income_rate(account: xr.Dataset, projection: xr.Dataset) -> xr.DataArray:
    """Income without interest over the contributory base."""
    return over(account["income"], contributory_base(projection))


def cost_rate(account: xr.Dataset, projection: xr.Dataset) -> xr.DataArray:
    """Expenditure over the contributory base (pay-as-you-go cost rate): system dependency ratio times benefit ratio."""
    return over(account["expenditure"], contributory_base(projection))


def system_dependency_ratio(projection: xr.Dataset) -> xr.DataArray:
    """Pensioners over contributors, both at mid-year."""
    return over(projection["pensioners_mid_year"], projection["contributors_mid_year"])


def benefit_ratio(account: xr.Dataset, projection: xr.Dataset) -> xr.DataArray:
    """Expenditure per pensioner over rural income per head."""
    return over(account["expenditure"], projection["pensioners_mid_year"] * projection["rural_income"])


def over(part: xr.DataArray, whole: xr.DataArray) -> xr.DataArray:
    """Divide `part` by `whole`; NaN where the whole is not above 0."""
    return part / whole.where(whole > 0)


def paid_share(account: xr.Dataset) -> xr.DataArray:
    """Part of scheduled benefits that is paid.

    Parameters
    ----------
    account : xarray.Dataset
        From `actuarial.fund.project`.

    Returns
    -------
    xarray.DataArray, dims (draw?, year)
        1 less ``benefit_cut`` over ``expenditure``; 1 where nothing is due.
    """
    cut = over(account["benefit_cut"], account["expenditure"]).fillna(0.0)
    # A cut of everything may pass it by a rounding error.
    return (1.0 - cut).clip(min=0.0).drop_attrs()
