"""What the chapter on all funds reduces: who has which fund, and the parts of funds in a sum."""

from __future__ import annotations

import numpy as np
import xarray as xr

from actuarial.report.blocks import Context
from actuarial.report.results import Results

MIDDLE = (0.4, 0.6)
"""Quantiles of the total between which a future is an ordinary one."""


def funds_of(results: Results, scenario: str) -> list[str]:
    """Return the funds that a scenario has, in the order of the results.

    Parameters
    ----------
    results : Results
        With ``household``.
    scenario : str
        Name of the scenario.

    Returns
    -------
    list of str
        The pension, and every scheme whose results hold the scenario.
    """
    names = [] if results.household is None else results.household["fund"].values.tolist()
    return [name for name in names if name == "pension" or scenario in _scenarios(getattr(results, name))]


def _scenarios(data: xr.Dataset | None) -> list[str]:
    return [] if data is None else data["scenario"].values.tolist()


def fund_name(context: Context, fund: str) -> str:
    """Return the words of a fund."""
    return context.texts(f"household.fund.{fund}")


def ordinary(need_of_fund: xr.DataArray) -> xr.DataArray:
    """Return what each fund needs in an ordinary future: the mean over the draws whose total is in the middle.

    Parameters
    ----------
    need_of_fund : xarray.DataArray
        Dimensions fund, year and (optional) draw.

    Returns
    -------
    xarray.DataArray, dims (fund, year)
        In the unit of `need_of_fund`; the sum over funds lies between the quantiles `MIDDLE` of the total.
    """
    if "draw" not in need_of_fund.dims:
        return need_of_fund.transpose("fund", "year")
    values = need_of_fund.transpose("fund", "draw", "year").values.astype(float)
    total = values.sum(axis=0)
    low, high = np.quantile(total, MIDDLE, axis=0, method="inverted_cdf")
    inside = (total >= low) & (total <= high)
    means = (values * inside).sum(axis=1) / inside.sum(axis=0)
    first = need_of_fund.transpose("fund", "draw", "year").isel(draw=0, drop=True)
    return first.copy(data=means)


def part_of(needs: xr.DataArray) -> xr.DataArray:
    """Return the part of each fund in the sum over funds; not a number where nothing is needed."""
    total = needs.sum("fund")
    return needs / total.where(total > 0)
