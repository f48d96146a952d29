"""The funds of every province on the nation's draws, adding up to the nation's, and pools of them compared.

Each province has its own people, members and incomes (`forecasting.region`). Its flows are worked out as the nation's
are, and then each is brought to the nation's total, in every draw and year: one pool of all provinces is the nation's
fund. Nothing is drawn at random here. Provinces open with shares of the nation's balance. Counties are synthetic.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from actuarial import household, medical, pooling
from actuarial._labels import told
from actuarial._pooling_rules import PooledFund, Pooling
from actuarial._regional_counties import county_funds, weight_of
from actuarial._regional_funds import Fund, adding_up, central_share, opening_shares, province_funds
from actuarial._regional_parts import FLOWS, Nation, key_of, medical_part, pension_part
from actuarial.progress import Progress, Silent
from actuarial.rules import Case, Rules
from forecasting.parts import each, names

if TYPE_CHECKING:
    from forecasting.projection import Fits
    from forecasting.region import RegionFit

__all__ = ["ABOUT", "Pooling", "adding_up", "opened_in", "opening_shares", "pooled", "thinned"]

ABOUT = {
    "central_share": ("share", "Part of the budgets' transfer to the province that the central budget pays, mean"),
}
"""Unit and meaning of what :func:`pooled` tells besides `actuarial.pooling.MEASURES`."""


def pooled(
    fits: Fits,
    place_fit: RegionFit,
    projection: xr.Dataset,
    *,
    own: Mapping[str, xr.Dataset],
    cases: Mapping[str, Case],
    accounts: Mapping[str, xr.Dataset],
    rule: Pooling,
    report: Progress | None = None,
) -> xr.Dataset:
    """Compare levels of pooling of the funds of all provinces.

    Parameters
    ----------
    fits : forecasting.projection.Fits
        The nation's.
    place_fit : forecasting.region.RegionFit
        With as many draws.
    projection : xarray.Dataset
        The nation's Projection.
    own : mapping of str to xarray.Dataset
        What schemes have of their own (`forecasting.projection.for_schemes`); ``medical`` where it is valued.
    cases : mapping of str to Case
        Rules by scenario, as the run file has them: what they leave to the figures each province fills in itself.
    accounts : mapping of str to xarray.Dataset
        The nation's account of each fund over (scenario, draw, year), with its openings; a fund without one is left
        out, as is a scenario that the account does not have.
    rule : Pooling
        Levels, funds and draws.
    report : Progress, optional

    Returns
    -------
    xarray.Dataset
        `actuarial.pooling.MEASURES` and :data:`ABOUT` over (scenario, fund, level, ...); NaN where a scenario lacks a
        fund.

    Raises
    ------
    ValueError
        If no level is asked for, no fund of those asked for is valued, or the tables have no provinces.
    """
    _check(fits, accounts, rule)
    chosen = thinned(projection.sizes["draw"], rule.draws)
    asked = [fund for fund in FLOWS if fund in rule.funds and fund in accounts]
    first = max(int(accounts[fund]["year"][0]) for fund in asked)
    funds = {fund: opened_in(accounts[fund].isel(draw=chosen), first) for fund in asked}
    nation = _nation(fits, projection, own, funds, chosen)
    thin_fit = replace(place_fit, posterior=place_fit.posterior.isel(draw=chosen))
    parts = _parts(fits, thin_fit, nation, _wanted(cases, funds), rule=rule, report=report or Silent())
    by_fund = []
    for fund, account in funds.items():
        made = [
            _compared(Fund(fund, part, account.sel(scenario=name, drop=True), cases[name].rules), nation, rule)
            for name, part in parts[fund].items()
        ]
        by_fund.append(_joined(made, "scenario", list(parts[fund])))
    out = _joined(by_fund, "fund", list(funds)).assign_coords(draw=projection["draw"].values[chosen])
    return out.map(lambda a: a.astype(np.float32), keep_attrs=True)


def _check(fits: Fits, accounts: Mapping[str, xr.Dataset], rule: Pooling) -> None:
    faults = []
    if not rule.levels:
        faults.append("no level of pooling is asked for: name county, province or nation in pooling.levels")
    if not set(rule.funds) & set(accounts):
        faults.append(f"no fund of {', '.join(rule.funds)} is valued: name another in pooling.funds or in run.schemes")
    if not names(fits.tables):
        faults.append("the tables have no parts of the nation (region_group) with members, benefits, income and people")
    if faults:
        raise ValueError("\n".join(faults))


def thinned(draws: int, wanted: int) -> np.ndarray:
    """Return places of at most `wanted` of `draws` draws, evenly spread.

    Examples
    --------
    >>> thinned(10, 4).tolist(), thinned(3, 5).tolist()
    ([0, 3, 6, 9], [0, 1, 2])
    """
    return np.linspace(0, draws - 1, min(draws, wanted)).round().astype(int)


def opened_in(account: xr.Dataset, first: int) -> xr.Dataset:
    """Let an account begin in a later year, with the balances of the end of the year before.

    Parameters
    ----------
    account : xarray.Dataset
        From `actuarial.fund.project`, perhaps over scenarios.
    first : int
        Its first year or a later one.

    Returns
    -------
    xarray.Dataset
    """
    before = account.sel(year=slice(None, first - 1))
    if not before.sizes["year"]:
        return account
    last = before.isel(year=-1, drop=True)
    opened = {"opening_balance": last["balance"], "opening_accounts": last["accounts_balance"]}
    return account.sel(year=slice(first, None)).assign(opened)


def _nation(
    fits: Fits,
    projection: xr.Dataset,
    own: Mapping[str, xr.Dataset],
    funds: Mapping[PooledFund, xr.Dataset],
    chosen: np.ndarray,
) -> Nation:
    thin = projection.isel(draw=chosen)
    world = None
    if "medical" in funds:
        world = household.world_of(thin, own["medical"].isel(draw=chosen), medical.NEEDS)
    years = next(iter(funds.values()))["year"].values
    return Nation(fits.tables, thin, world, int(years[0]), int(years[-1]))


def _wanted(cases: Mapping[str, Case], funds: Mapping[PooledFund, xr.Dataset]) -> dict[PooledFund, dict[str, Rules]]:
    """Return the rules of each fund's scenarios."""
    return {
        fund: {name: case.rules for name, case in cases.items() if name in account["scenario"].values}
        for fund, account in funds.items()
    }


def _parts(
    fits: Fits,
    place_fit: RegionFit,
    nation: Nation,
    wanted: Mapping[PooledFund, Mapping[str, Rules]],
    *,
    rule: Pooling,
    report: Progress,
) -> dict[PooledFund, dict[str, xr.Dataset]]:
    """Carry every fund of every province; scenarios with the same rules of a fund share its parts."""
    keys = {
        (fund, name): (fund, key_of(getattr(rules, fund))) for fund, by in wanted.items() for name, rules in by.items()
    }
    rules_of = {keys[fund, name]: rules for fund, by in wanted.items() for name, rules in by.items()}
    found: dict[tuple[PooledFund, str], list[xr.Dataset]] = {key: [] for key in rules_of}
    every = names(fits.tables)
    with report.step("compare pools of provinces", total=len(every)) as step:
        for _, place in each(nation.projection, fits, place_fit):
            for key, rules in rules_of.items():
                found[key].append(_part(key[0], nation, place, rules, rule))
            step.advance()
    joined = {key: _joined(parts, "region", every) for key, parts in found.items()}
    return {fund: {name: joined[keys[fund, name]] for name in by} for fund, by in wanted.items()}


def _part(fund: PooledFund, nation: Nation, place: xr.Dataset, rules: Rules, rule: Pooling) -> xr.Dataset:
    if fund == "pension":
        return pension_part(nation, place, rules.pension)
    return medical_part(nation, place, rules.medical, rule.cost_elasticity)


def _compared(fund: Fund, nation: Nation, rule: Pooling) -> xr.Dataset:
    """Pool the provinces, or their counties, of one fund under one scenario, at every level."""
    provinces = province_funds(fund, nation.tables, rule)
    regions, inside = provinces, provinces.names
    if "county" in rule.levels:
        regions = county_funds(fund, provinces, nation.world, rule)
        inside = tuple(name for name in provinces.names for _ in range(len(regions.names) // len(provinces.names)))
    pools = {"county": regions.names, "province": inside, "nation": ("nation",) * len(inside)}
    asked: dict[str, tuple[str, ...]] = {name: pool for name, pool in pools.items() if name in rule.levels}
    compared = pooling.compare(regions, asked, inside, weight_of(provinces.years, rule))
    central = central_share(fund, nation.tables, rule)
    return compared.merge(told({"central_share": central}, ABOUT), join="exact")


def _joined(parts: list[xr.Dataset], axis: str, labels: list[str]) -> xr.Dataset:
    return xr.concat(
        parts, xr.DataArray(labels, dims=axis, name=axis), join="outer", combine_attrs="override", coords="minimal"
    )
