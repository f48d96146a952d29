"""The funds of all provinces as plain arrays: brought to the nation's total, balanced, and opened."""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce
from operator import add

import numpy as np
import xarray as xr

from actuarial._labels import plain
from actuarial._pooling_regions import Regions
from actuarial._pooling_rules import PooledFund, Pooling
from actuarial._regional_parts import FLOWS, HEADS, Flows
from actuarial.rules import Rules
from forecasting.sources import FigureNotFound, Tables

Array = np.ndarray


@dataclass(frozen=True)
class Fund:
    """A fund under one scenario.

    Attributes
    ----------
    name : {"pension", "medical"}
    parts : xarray.Dataset, dims (region, draw, year)
        What `actuarial._regional_parts` gives for every province, before they add up to the nation.
    account : xarray.Dataset, dims (draw, year)
        The nation's.
    rules : Rules
        Of the scenario.
    """

    name: PooledFund
    parts: xr.Dataset
    account: xr.Dataset
    rules: Rules


def adding_up(parts: xr.Dataset, nation: xr.Dataset, flows: Flows) -> xr.Dataset:
    """Bring the flows of provinces to the nation's total, in every draw and year.

    Parameters
    ----------
    parts : xarray.Dataset, dims (region, draw, year)
        Flows of the provinces and ``heads``.
    nation : xarray.Dataset, dims (draw, year)
        The nation's flows; ``insured_mid_year``, if it is there, is its heads.
    flows : Flows

    Returns
    -------
    xarray.Dataset
        `parts` with each flow times what it lacks of the nation's. What no province has is shared out by heads.
    """
    made = {}
    if "insured_mid_year" in nation:
        made[HEADS] = parts[HEADS] * (nation["insured_mid_year"] / parts[HEADS].sum("region"))
    heads = parts[HEADS] / parts[HEADS].sum("region")
    for name in flows.all:
        total = parts[name].sum("region")
        by_flow = parts[name] / total.where(total > 0)
        made[name] = (nation[name] * by_flow.where(total > 0, heads)).transpose("region", "draw", "year")
    return parts.assign(made)


def opening_shares(tables: Tables, regions: list[str], heads: np.ndarray) -> np.ndarray:
    """Return each province's share of the nation's pension balance.

    Parameters
    ----------
    tables : forecasting.sources.Tables
    regions : list of str
    heads : numpy.ndarray, shape (region,)
        Pensioners of the first year.

    Returns
    -------
    numpy.ndarray, shape (region,)
        By the last published balance of each; one without any has the mean balance a pensioner of the others.
    """
    known = np.full(len(regions), np.nan)
    for r, region in enumerate(regions):
        try:
            known[r] = tables.series("fund_balance", region=region).iloc[-1]
        except FigureNotFound:
            continue
    there = np.isfinite(known)
    mean = known[there].sum() / heads[there].sum() if there.any() else 1.0
    balance = np.where(there, known, mean * heads)
    return balance / balance.sum()


def province_funds(fund: Fund, tables: Tables, rule: Pooling) -> Regions:
    """Make the funds of all provinces, adding up to the nation's account.

    Parameters
    ----------
    fund : Fund
    tables : forecasting.sources.Tables
        For the last balances of the pension.
    rule : Pooling

    Returns
    -------
    Regions
        Of the pension the pool alone: what is owed to members is not pooled, and every province's balance holds pool
        and accounts as the nation's does. The medical reserve is the same number of months everywhere.
    """
    flows, account = FLOWS[fund.name], fund.account
    amount = laid_out(adding_up(fund.parts, account, flows), (*flows.all, HEADS))
    names = tuple(str(name) for name in fund.parts["region"].values)
    benefits = total(amount, flows.benefits)
    if fund.name == "medical":
        income = balanced(amount, benefits, rule.province_balance)
        share = benefits[..., 0] / benefits[..., 0].sum(axis=0)
    else:
        income = total(amount, flows.income)
        share = opening_shares(tables, list(names), amount[HEADS][..., 0].mean(axis=1))[:, None]
    return Regions(
        names=names,
        years=account["year"].values,
        income=income + share[..., None] * margin(account),
        outgo=total(amount, (*flows.benefits, *flows.passed_on)),
        benefits=benefits,
        people=amount[HEADS],
        opening=share * plain(account["opening_balance"] - account["opening_accounts"]),
        rate=plain(account["rate_earned"], "year"),
    )


def margin(account: xr.Dataset) -> Array:
    """Return what the nation's pool earns on members' accounts beyond what is credited to them.

    Parameters
    ----------
    account : xarray.Dataset, dims (draw, year)
        From `actuarial.fund.project`.

    Returns
    -------
    numpy.ndarray, shape (draw, year)
        Yuan at mid-year, below 0 where more is credited than is earned: the interest of the pool less what its own
        balance and its own flows at mid-year earn. Nothing for a fund without accounts.
    """
    interest, balance, income, outgo, rate = (
        plain(account[name], "year")
        for name in ("pool_interest", "pool_balance", "pool_income", "pool_outgo", "rate_earned")
    )
    opening = plain(account["opening_balance"] - account["opening_accounts"])
    before = np.column_stack([np.broadcast_to(opening, len(balance)), balance[:, :-1]])
    half = np.sqrt(1 + rate)
    return np.asarray((interest - rate * before - (half - 1) * (income - outgo)) / half)


def laid_out(values: xr.Dataset, names: tuple[str, ...]) -> dict[str, Array]:
    """Lay variables out as (region, draw, year), floats of double precision."""
    return {name: values[name].transpose("region", "draw", "year").values.astype(float) for name in names}


def total(amount: dict[str, Array], names: tuple[str, ...]) -> Array:
    """Add arrays up by name."""
    return reduce(add, (amount[name] for name in names))


def balanced(amount: dict[str, Array], benefits: Array, weight: float) -> Array:
    """Let the subsidy of each province fill part of the gap that national standards leave in the first year.

    Parameters
    ----------
    amount : dict of str to numpy.ndarray, shape (region, draw, year)
        Flows of the medical fund, yuan.
    benefits : numpy.ndarray, shape (region, draw, year)
        Its outgo.
    weight : float
        Part of the gap that is filled; 0 leaves national standards.

    Returns
    -------
    numpy.ndarray, shape (region, draw, year)
        Income. With 1 every province has the nation's ratio of income to outgo in the first year. A province's
        subsidy is the same multiple of the standard in all years, but for what keeps the nation's total.
    """
    names = FLOWS["medical"].income
    income, transfer = total(amount, names), amount["fiscal_transfer"]
    first, due = income[..., 0], benefits[..., 0]
    gap = due * (first.sum(axis=0) / due.sum(axis=0)) - first
    multiple = np.maximum(1 + weight * gap / np.maximum(transfer[..., 0], 1.0), 0.0)
    moved = transfer * multiple[..., None]
    sums = moved.sum(axis=0)
    return income - transfer + moved * np.where(sums > 0, transfer.sum(axis=0) / np.where(sums > 0, sums, 1.0), 0.0)


def central_share(fund: Fund, tables: Tables, rule: Pooling) -> xr.DataArray:
    """Return the part of the transfer to each province that the central budget pays.

    Parameters
    ----------
    fund : Fund
    tables : forecasting.sources.Tables
        For the class of each province.
    rule : Pooling

    Returns
    -------
    xarray.DataArray, dims (region, year)
        Of the pension what its rules give, mean over draws; of the medical fund the part of the least subsidy by
        class, NaN where a province has none.
    """
    transfer = fund.parts["fiscal_transfer"].mean("draw")
    if fund.name == "pension":
        return fund.parts["fiscal_central"].mean("draw") / transfer.where(transfer > 0)
    shares = [_by_class(tables, str(name), rule) for name in fund.parts["region"].values]
    return xr.ones_like(transfer) * xr.DataArray(shares, {"region": fund.parts["region"].values}, ("region",))


def _by_class(tables: Tables, region: str, rule: Pooling) -> float:
    try:
        return rule.central_subsidy[int(tables.series("sharing_tier", region=region).iloc[-1]) - 1]
    except FigureNotFound:
        return float("nan")
