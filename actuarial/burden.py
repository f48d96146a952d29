"""Burden: what a mix of money costs budgets and members, as one number a draw."""

from __future__ import annotations

import xarray as xr

from actuarial._labels import told
from actuarial.household import BUDGET
from actuarial.rules import Scheme
from forecasting.axes import require

MEMBERS = ("contributions", "member_contributions")
"""Income that members pay themselves; a fund has one of them, or none."""

BURDENS = {
    "fiscal": (
        "share of budget revenue",
        "Present value of what budgets pay into the fund, emergency transfers included, over that of general public "
        "budget revenue",
    ),
    "members": (
        "share of rural income",
        "Present value of what members pay into the fund over that of the income of all rural people",
    ),
}
"""Unit and meaning of each variable that :func:`burdens` returns."""


def burdens(account: xr.Dataset, scheme: Scheme, projection: xr.Dataset, until: int) -> xr.Dataset:
    """Tell what a fund costs budgets and members up to a year.

    Parameters
    ----------
    account : xarray.Dataset
        From `actuarial.fund.project`, over (draw?, year).
    scheme : str
        One of :data:`actuarial.rules.SCHEMES`.
    projection : xarray.Dataset
        With ``budget_revenue``, ``rural_income``, ``population`` and ``deposit_rate``.
    until : int
        Last year that counts.

    Returns
    -------
    xarray.Dataset, dims (draw?,)
        The variables of :data:`BURDENS`. Both are discounted at the deposit rate, which no rule of a fund moves, so
        that two mixes are weighed by the same years. What the pool could not pay counts as a transfer: somebody must
        pay it, or benefits are cut, which is no saving.

    Raises
    ------
    forecasting.axes.AxisError
        If the projection lacks a variable.
    """
    require(projection, ["budget_revenue", "rural_income", "population", "deposit_rate"])
    some = account.sel(year=slice(None, until))
    at = projection.sel(year=some["year"])
    discount = 1.0 / (1.0 + at["deposit_rate"]).cumprod("year")
    people = at["population"].sel(area="rural").sum(["sex", "age"])

    def present(values: xr.DataArray) -> xr.DataArray:
        return (values * discount).sum("year")

    budgets = sum((some[name] for name in BUDGET[scheme]), start=some["shortfall"])
    paid = sum((some[name] for name in MEMBERS if name in some), start=xr.zeros_like(budgets))
    made = {
        "fiscal": present(budgets) / present(at["budget_revenue"]),
        "members": present(paid) / present(at["rural_income"] * people),
    }
    return told(made, BURDENS)
