"""Which budget pays the fiscal transfer: central, provincial, or that of cities and counties."""

from __future__ import annotations

import xarray as xr

from actuarial.assumptions import Assumptions
from forecasting.axes import AxisError, require

LEVELS = {
    "fiscal_central": "Part of the fiscal transfer that the central budget pays",
    "fiscal_provincial": "Part of the fiscal transfer that the provincial budgets pay",
    "fiscal_county": "Part of the fiscal transfer that the budgets of cities and counties pay",
}
"""Memo variables that add up to ``fiscal_transfer``, with their meaning."""


def by_level(account: xr.Dataset, ready: xr.Dataset, assumptions: Assumptions) -> xr.Dataset:
    """Split the fiscal transfer of an account by level of government.

    The central budget owes its share of the national minimum; local budgets
    owe the rest of it, the top-ups, the increments and the match (State Council
    2014 No. 8, section 4). A transfer below what is due is short by the
    same part at every level. What passes it is local: the central duty is
    fixed, and governments from the county up stand in for a fund that lacks
    money (Social Insurance Law, art. 65).

    Parameters
    ----------
    account : xarray.Dataset
        With ``fiscal_transfer``, ``basic_pension`` and ``match``, yuan, dims (draw?, year).
    ready : xarray.Dataset
        With ``minimum_pension_paid``, yuan, of the same years at least (`actuarial.benefit.parts`).
    assumptions : Assumptions
        Section ``fiscal``, its ``central_share_of_minimum`` given.

    Returns
    -------
    xarray.Dataset
        :data:`LEVELS` over (draw?, year), yuan; they add up to ``fiscal_transfer``.

    Raises
    ------
    forecasting.axes.AxisError
        If a variable or the central share is missing.
    """
    require(account, ["fiscal_transfer", "basic_pension", "match"])
    require(ready, ["minimum_pension_paid"])
    rule = assumptions.fiscal
    if rule.central_share_of_minimum is None:
        raise AxisError(["fiscal.central_share_of_minimum is empty: give it, or let the run compute it from the data"])
    transfer, years = account["fiscal_transfer"], account["year"]
    due = account["basic_pension"] + account["match"]
    met = (transfer / due.where(due > 0)).clip(max=1.0).fillna(0.0)
    central = rule.central_share_of_minimum * ready["minimum_pension_paid"].sel(year=years) * met
    provincial = rule.provincial_share_of_local * (transfer - central)
    if rule.central_provincial_share is not None:
        least = (rule.central_provincial_share * transfer).where(years >= rule.central_provincial_from, 0.0)
        central, provincial = _raised(central, provincial, least)
    parts = (central, provincial, transfer - central - provincial)
    made = {name: part.transpose(*transfer.dims) for name, part in zip(LEVELS, parts, strict=True)}
    for name, meaning in LEVELS.items():
        made[name].attrs = {"unit": "yuan", "meaning": meaning, "kind": "memo", "ledger": "pool"}
    return xr.Dataset(made)


def _raised(central: xr.DataArray, provincial: xr.DataArray, least: xr.DataArray) -> tuple[xr.DataArray, xr.DataArray]:
    """Raise both in proportion until they reach `least` together; where both pay nothing, the province pays it."""
    both = central + provincial
    wanted = both.where(both > least, least)
    scale = (wanted / both.where(both > 0)).fillna(1.0)
    central = central * scale
    return central, wanted - central
