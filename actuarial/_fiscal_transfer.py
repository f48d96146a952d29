"""Budget money into the pool: four rules, a floor to its growth, and a cap in budget revenue."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import reduce
from operator import add

import numpy as np
import xarray as xr

from actuarial.assumptions import Assumptions
from actuarial.flow import Flow, Kind, Ledger
from forecasting.axes import AxisError, require


@dataclass(frozen=True)
class FiscalTransfer:
    """Budget money into the pool, by a named rule.

    Whatever the rule gives is raised to ``fiscal.growth_floor``, and then held to ``fiscal.cap_share`` of budget
    revenue; the rule capacity is a share of revenue itself and knows no such cap.

    Attributes
    ----------
    due : tuple of Flow
        What the statute obliges the budget to pay: for the resident pension the
        basic pension and the match (State Council 2014 No. 8, section 4).
    other_outgo, other_income : tuple of Flow
        What else the pool pays and gets: with `due` they make the gap that the
        rule ``within_capacity`` fills.
    """

    due: tuple[Flow, ...]
    other_outgo: tuple[Flow, ...] = ()
    other_income: tuple[Flow, ...] = ()
    name: str = "fiscal_transfer"
    ledger: Ledger = "pool"
    kind: Kind = "income"
    meaning: str = "Transfer from the budgets of all levels of government"

    def amount(self, projection: xr.Dataset, assumptions: Assumptions) -> xr.DataArray:
        """Yuan of each year under ``assumptions.fiscal.rule``; see :class:`actuarial.flow.Flow`."""
        rules: dict[str, Callable[..., xr.DataArray]] = {
            "statutory": self._statutory,
            "capacity": self._capacity,
            "within_capacity": self._within_capacity,
            "capped": self._capped,
        }
        return bounded(rules[assumptions.fiscal.rule](projection, assumptions), projection, assumptions)

    def limit(self, projection: xr.Dataset, assumptions: Assumptions) -> xr.DataArray:
        """Yuan of each year that budgets would pay at most where they are called on as needed, dims (draw?, year).

        What the rule gives; under ``within_capacity`` the capacity. Growth under ``capped`` is that of the limit and
        not of what was called, so that the limit does not turn on who else pays.
        """
        if assumptions.fiscal.rule == "within_capacity":
            return bounded(self._capacity(projection, assumptions), projection, assumptions, floor=False)
        return self.amount(projection, assumptions)

    def _statutory(self, projection: xr.Dataset, assumptions: Assumptions) -> xr.DataArray:
        return summed(self.due, projection, assumptions)

    def _within_capacity(self, projection: xr.Dataset, assumptions: Assumptions) -> xr.DataArray:
        """Fill what the pool lacks in the year, down to nothing and up to the capacity."""
        gap = summed((*self.due, *self.other_outgo), projection, assumptions)
        if self.other_income:
            gap = gap - summed(self.other_income, projection, assumptions)
        most = self._capacity(projection, assumptions)
        filled: xr.DataArray = xr.where(gap < most, gap, most)
        return filled.clip(min=0.0)

    def _capacity(self, projection: xr.Dataset, assumptions: Assumptions) -> xr.DataArray:
        share = assumptions.fiscal.capacity_share
        if share is None:
            raise AxisError(["fiscal.capacity_share is empty: give it, or let the run compute it from the data"])
        require(projection, ["budget_revenue"])
        return share * projection["budget_revenue"]

    def _capped(self, projection: xr.Dataset, assumptions: Assumptions) -> xr.DataArray:
        due = self._statutory(projection, assumptions).transpose(..., "year")
        paid, most = due.values.astype(float), 1 + assumptions.fiscal.growth_cap
        for t in np.flatnonzero(due["year"].values >= assumptions.fiscal.capped_from):
            if t > 0:
                paid[..., t] = np.minimum(paid[..., t], paid[..., t - 1] * most)
        return due.copy(data=paid)


def summed(flows: tuple[Flow, ...], projection: xr.Dataset, assumptions: Assumptions) -> xr.DataArray:
    """Add flows up, yuan of each year."""
    return reduce(add, (flow.amount(projection, assumptions) for flow in flows))


def bounded(
    transfer: xr.DataArray, projection: xr.Dataset, assumptions: Assumptions, *, floor: bool = True
) -> xr.DataArray:
    """Raise a transfer to its least growth, and then hold it to its part of budget revenue.

    Parameters
    ----------
    transfer : xarray.DataArray, dims (draw?, year)
        Yuan, as the rule gives it.
    projection : xarray.Dataset
        With ``budget_revenue`` where there is a cap.
    assumptions : Assumptions
        Section ``fiscal``.
    floor : bool
        Whether the least growth holds.

    Returns
    -------
    xarray.DataArray, dims (draw?, year)
        Yuan. The floor grows from what is paid, so from the cap where that binds.

    Raises
    ------
    forecasting.axes.AxisError
        If there is a cap and no budget revenue.
    """
    rule = assumptions.fiscal
    most = None if rule.cap_share is None or rule.rule == "capacity" else cap(projection, assumptions)
    if rule.growth_floor is None or not floor:
        return transfer if most is None else lesser(transfer, most)
    paid, limit = (
        values.transpose(..., "year")
        for values in xr.broadcast(transfer, xr.full_like(transfer, np.inf) if most is None else most)
    )
    path, highest, years = np.minimum(paid.values, limit.values), limit.values, paid["year"].values
    last = years[-1] if rule.growth_floor_until is None else rule.growth_floor_until
    for t in np.flatnonzero((years >= rule.growth_floor_from) & (years <= last)):
        if t > 0:
            least = path[..., t - 1] * (1.0 + rule.growth_floor)
            path[..., t] = np.minimum(np.maximum(path[..., t], least), highest[..., t])
    return paid.copy(data=path)


def cap(projection: xr.Dataset, assumptions: Assumptions) -> xr.DataArray:
    """Most that budgets pay in a year, yuan, dims (draw?, year); infinite before ``fiscal.capped_from``."""
    require(projection, ["budget_revenue"])
    revenue, rule = projection["budget_revenue"], assumptions.fiscal
    if rule.cap_share is None:
        return xr.full_like(revenue, np.inf, dtype=float)
    return (rule.cap_share * revenue).where(revenue["year"] >= rule.capped_from, np.inf)


def cap_binds(account: xr.Dataset, projection: xr.Dataset, assumptions: Assumptions) -> xr.DataArray:
    """Tell where a cap keeps the transfer of an account down.

    Parameters
    ----------
    account : xarray.Dataset
        With ``fiscal_transfer``, and what is due: ``basic_pension`` and ``match``, yuan.
    projection : xarray.Dataset
        With ``budget_revenue`` of the years of the account.
    assumptions : Assumptions
        Section ``fiscal``.

    Returns
    -------
    xarray.DataArray of bool, dims (draw?, year)
        Where the transfer is all that ``cap_share`` allows, or, under the rule ``capped`` from ``capped_from`` on,
        less than is due; never where neither is in force.

    Raises
    ------
    forecasting.axes.AxisError
        If a variable is missing.
    """
    require(account, ["fiscal_transfer", "basic_pension", "match"])
    transfer, rule = account["fiscal_transfer"], assumptions.fiscal
    bound = xr.zeros_like(transfer, dtype=bool)
    # Money of a year that went through sums and divisions: alike to a billionth is alike.
    if rule.cap_share is not None and rule.rule != "capacity":
        most = cap(projection, assumptions).sel(year=transfer["year"])
        bound = bound | (transfer >= most * (1.0 - 1e-9))
    if rule.rule == "capped":
        due = account["basic_pension"] + account["match"]
        bound = bound | ((transfer < due * (1.0 - 1e-9)) & (transfer["year"] >= rule.capped_from))
    return bound.drop_attrs()


def lesser(one: xr.DataArray, other: xr.DataArray) -> xr.DataArray:
    """Return the lesser of two amounts in each draw and year."""
    found: xr.DataArray = xr.where(one < other, one, other)
    return found
