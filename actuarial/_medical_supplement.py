"""The commercial supplement beside the medical fund: premiums, their subsidy, and what insurers pay back.

It is no part of the fund: only a subsidy that the fund itself pays is one of its flows. Its benefits lower what
households pay on average (``burden_to_income``). They do not lower the part of households past the threshold of second
compensation: which households they reach is not published.
"""

from __future__ import annotations

import numpy as np
import xarray as xr

from actuarial._land_share import phased_in
from actuarial._medical_supplement_rules import Supplement
from actuarial.flow import in_money_of

MEMOS = {
    "commercial_premium": ("yuan", "Premiums of the commercial supplement, whoever pays them"),
    "commercial_budget": ("yuan", "Part of these premiums that budgets pay, beside the fund"),
    "commercial_benefit": ("yuan", "Benefits of the commercial supplement, paid by insurers outside the fund"),
}
"""Unit and meaning of what is told beside the flows."""


def amounts(
    world: xr.Dataset, insured: xr.DataArray, left: xr.DataArray, rule: Supplement, money_year: int
) -> xr.Dataset:
    """Give the money of the commercial supplement.

    Parameters
    ----------
    world : xarray.Dataset
        With ``rural_income``, dims (draw?, year).
    insured : xarray.DataArray, dims (draw?, year)
        Persons at mid-year.
    left : xarray.DataArray, dims (draw?, year)
        What they pay themselves for care after the fund has paid, yuan: benefits are at most that.
    rule : Supplement
    money_year : int

    Returns
    -------
    xarray.Dataset
        The variables of :data:`MEMOS`, and ``commercial_subsidy``, which the fund pays; yuan, dims (draw?, year).

    Raises
    ------
    forecasting.axes.AxisError
        If `world` lacks `money_year`.
    """
    who = rule.uptake * phased_in(world["year"], rule.from_year, rule.phase_in_years) * insured
    premium = rule.premium_per_head * in_money_of(world["rural_income"], money_year) * who
    subsidy = rule.subsidised_share * premium
    nothing = xr.zeros_like(subsidy)
    by_fund = rule.payer == "fund"
    return xr.Dataset(
        {
            "commercial_premium": premium,
            "commercial_budget": nothing if by_fund else subsidy,
            "commercial_benefit": np.minimum(rule.payout_share * premium, left),
            "commercial_subsidy": subsidy if by_fund else nothing,
        }
    )
