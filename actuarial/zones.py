"""Who gets and who gives by zone: benefits, contributions and transfers a head in east, centre, west and northeast.

The statistical office's four groups of provinces. Each zone has the people and the money of its provinces
(`forecasting.parts`), under the rules that hold in it, so that a measure may be taken in some zones only. Each flow of
the zones is then brought to the nation's, in every draw and year, as that of provinces is (`actuarial.regional`): what
a zone has over another is told by the provinces, the sum by the nation's account.

What a zone receives on balance is the central budget's money that comes to it less its part of that money, if every
zone raises it in proportion to its own budget revenue. No figure tells where central taxes are borne, so this is a
convention: it adds up to nothing over the zones.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import reduce
from operator import add
from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from actuarial import _zones_parts, household, medical
from actuarial._labels import told
from actuarial._measures import ZONES
from actuarial._payers_sources import LEVELS as MEMO_OF
from actuarial._payers_sources import budget_parts
from actuarial._placing import zones as zones_of
from actuarial._pooling_rules import PooledFund, Pooling
from actuarial._regional_parts import HEADS, Nation, key_of
from actuarial._zones_parts import PAYERS, ZONE_FLOWS, Zone
from actuarial.financing import LEVELS
from actuarial.progress import Progress, Silent
from actuarial.rates import over
from actuarial.regional import adding_up, opened_in, thinned
from actuarial.rules import Case, Rules
from forecasting.parts import each

if TYPE_CHECKING:
    from forecasting.projection import Fits
    from forecasting.region import RegionFit

__all__ = ["ABOUT", "DRAWS", "FUNDS", "RATIOS", "ZONES", "across"]

DRAWS = 100
"""Draws that are carried through the zones, evenly spread: every province is made on each."""

FUNDS: tuple[PooledFund, ...] = ("pension", "medical")
"""Funds that are told by zone: those of which provinces publish figures."""

ABOUT = {
    "heads": ("persons", "Pensioners, or people insured, at mid-year"),
    "payers": ("persons", "Contributors, or people insured, at mid-year"),
    "benefit_per_head": ("yuan per head and year", "Benefits of the year per pensioner, or per person insured"),
    "contribution_per_payer": ("yuan per head and year", "Contributions of members per contributor or person insured"),
    "transfer_per_head": ("yuan per head and year", "Money of all budgets per pensioner, or per person insured"),
    "land_per_head": ("yuan per head and year", "Land income to the fund per pensioner, or per person insured"),
    "transfer_to_income": ("share of rural income", "Money of all budgets a head over rural income per head"),
    "central_share": ("share", "Part of the budgets' money that the central budget pays"),
    "provincial_share": ("share", "Part of the budgets' money that provincial budgets pay"),
    "net_received_per_head": (
        "yuan per head and year",
        "Central money received less the zone's part of it by its budget revenue, per pensioner or person insured",
    ),
}
"""Unit and meaning of what is told of each zone, over (scenario, fund, zone, some, year)."""

RATIOS = {
    "east_west_benefit": ("ratio", "Benefit a head in the east over that in the west"),
    "east_west_transfer": ("ratio", "Money of all budgets a head in the east over that in the west"),
}
"""Unit and meaning of what compares zones, over (scenario, fund, some, year)."""


def across(
    fits: Fits,
    place_fit: RegionFit,
    projection: xr.Dataset,
    *,
    own: Mapping[str, xr.Dataset],
    cases: Mapping[str, Mapping[str, Case]],
    accounts: Mapping[str, xr.Dataset],
    rule: Pooling | None = None,
    draws: int = DRAWS,
    report: Progress | None = None,
) -> xr.Dataset:
    """Tell what each zone gets and gives under every scenario.

    Parameters
    ----------
    fits : forecasting.projection.Fits
        The nation's.
    place_fit : forecasting.region.RegionFit
        How provinces differ from the nation, with as many draws as the projection.
    projection : xarray.Dataset
        The nation's.
    own : mapping of str to xarray.Dataset
        What schemes have of their own; ``medical`` where it is valued.
    cases : mapping of str to mapping of str to Case
        Rules and schemes by scenario and zone (`actuarial._placing.by_zone`), as the run file has them: what they
        leave to the figures each zone fills in itself.
    accounts : mapping of str to xarray.Dataset
        The nation's account of each fund over (scenario, draw, year), of the pension with the transfer by level; funds
        besides :data:`FUNDS` are left out.
    rule : Pooling, optional
        Elasticity of medical cost, and central part of the medical subsidy by class of province.
    draws : int
        At most so many.
    report : Progress, optional

    Returns
    -------
    xarray.Dataset
        :data:`ABOUT` and :data:`RATIOS` on some draws (axis ``some``, which keeps their labels as the coordinate
        ``drawn``); NaN where a scenario lacks the fund, or where nobody is paid.

    Raises
    ------
    ValueError
        If no fund of :data:`FUNDS` is valued, or the tables put no province into a zone.
    """
    rule, report = rule or Pooling(), report or Silent()
    _check(fits, accounts)
    chosen = thinned(projection.sizes["draw"], draws)
    funds = {fund: accounts[fund].isel(draw=chosen) for fund in FUNDS if fund in accounts}
    nation = _nation(fits, projection.isel(draw=chosen), own, funds, chosen)
    found = _gathered(fits, replace(place_fit, posterior=place_fit.posterior.isel(draw=chosen)), nation, rule, report)
    by_fund = []
    with report.step("compare zones"):
        for fund, account in funds.items():
            having = [name for name, of in cases.items() if fund in next(iter(of.values())).schemes]
            flows = _flows(fund, nation, found, {name: cases[name] for name in having}, rule)
            made = [
                _told(fund, flows[name], account.sel(scenario=name, drop=True), found, cases[name]) for name in having
            ]
            by_fund.append(_joined(made, "scenario", having).reindex(scenario=list(cases)))
    whole = _joined(by_fund, "fund", list(funds)).rename(draw="some").drop_vars("some")
    whole = told(whole.transpose("scenario", "fund", "zone", "some", "year"), ABOUT | RATIOS).astype(np.float32)
    return whole.assign_coords(drawn=("some", projection["draw"].values[chosen]))


def _check(fits: Fits, accounts: Mapping[str, xr.Dataset]) -> None:
    faults = []
    if not set(FUNDS) & set(accounts):
        faults.append(f"no fund of {', '.join(FUNDS)} is valued: name one in run.schemes")
    if not zones_of(fits.tables):
        faults.append("the tables put no province into a zone: give region_group of each")
    if faults:
        raise ValueError("\n".join(faults))


def _nation(
    fits: Fits,
    projection: xr.Dataset,
    own: Mapping[str, xr.Dataset],
    funds: Mapping[PooledFund, xr.Dataset],
    chosen: np.ndarray,
) -> Nation:
    world = None
    if "medical" in funds:
        world = household.world_of(projection, own["medical"].isel(draw=chosen), medical.NEEDS)
    years = [account["year"].values for account in funds.values()]
    return Nation(fits.tables, projection, world, int(min(y[0] for y in years)), int(max(y[-1] for y in years)))


def _gathered(fits: Fits, place_fit: RegionFit, nation: Nation, rule: Pooling, report: Progress) -> dict[str, Zone]:
    """Make every province, and add them up to zones, in the order of :data:`ZONES`."""
    with report.step("add provinces up to zones"):
        places = each(nation.projection, fits, place_fit)
        found = _zones_parts.gathered(places, zones_of(fits.tables), nation, rule)
    return {str(zone): found[zone] for zone in ZONES if zone in found}


def _flows(
    fund: PooledFund,
    nation: Nation,
    found: Mapping[str, Zone],
    cases: Mapping[str, Mapping[str, Case]],
    rule: Pooling,
) -> dict[str, xr.Dataset]:
    """Carry a fund of every zone under every scenario; scenarios with the same rules of it there share what is made."""
    made: dict[tuple[str, str], xr.Dataset] = {}

    def flows(zone: str, rules: Rules) -> xr.Dataset:
        key = zone, key_of(getattr(rules, fund))
        if key not in made:
            made[key] = _of_zone(fund, nation, found[zone], rules, rule)
        return made[key]

    return {
        name: _joined([flows(zone, of[zone].rules) for zone in found], "region", list(found))
        for name, of in cases.items()
    }


def _of_zone(fund: PooledFund, nation: Nation, zone: Zone, rules: Rules, rule: Pooling) -> xr.Dataset:
    if fund == "pension":
        return _zones_parts.pension_flows(nation, zone, rules.pension)
    return _zones_parts.medical_flows(nation, zone, rules.medical, rule.cost_elasticity)


def _told(
    fund: PooledFund, flows: xr.Dataset, account: xr.Dataset, found: Mapping[str, Zone], cases: Mapping[str, Case]
) -> xr.Dataset:
    """Bring the zones to the nation's account, and tell what each gets and gives a head."""
    account = opened_in(account.sel(year=account["expenditure"].notnull().any("draw")), int(flows["year"][0]))
    made = adding_up(flows.sel(year=account["year"]), account, ZONE_FLOWS[fund])
    heads, payers = made[HEADS], made[PAYERS] if PAYERS in made else made[HEADS]
    levels = _levels(fund, made, found, cases)
    benefit = over(reduce(add, (made[name] for name in ZONE_FLOWS[fund].benefits)), heads)
    land = made["land_withdrawal"] if "land_withdrawal" in made else 0.0 * heads
    values = _of_budgets(levels, heads, found) | {
        "heads": heads,
        "payers": payers,
        "benefit_per_head": benefit,
        "contribution_per_payer": over(made["contributions"], payers),
        "land_per_head": over(land, heads),
        "east_west_benefit": _east_west(benefit),
    }
    return xr.Dataset({name: value.drop_attrs() for name, value in values.items()}).rename(region="zone")


def _levels(
    fund: PooledFund, made: xr.Dataset, found: Mapping[str, Zone], cases: Mapping[str, Case]
) -> dict[str, xr.DataArray]:
    """Give the money of each level of government to each zone."""
    if fund == "pension":
        return {name: made[name] for name in LEVELS}
    each_zone = [
        budget_parts(zone.medical_central, cases[name].rules.pension.fiscal.provincial_share_of_local)
        for name, zone in found.items()
    ]
    money = made["fiscal_transfer"] + made["equipment_grant"]
    return {
        memo: money * xr.DataArray([parts[payer] for parts in each_zone], {"region": list(found)}, ("region",))
        for payer, memo in MEMO_OF.items()
    }


def _of_budgets(
    levels: Mapping[str, xr.DataArray], heads: xr.DataArray, found: Mapping[str, Zone]
) -> dict[str, xr.DataArray]:
    """Tell what budgets pay a head, which of them, and what a zone receives beyond its own part."""
    names = xr.DataArray(list(found), dims="region", name="region")
    income, revenue = (
        xr.concat([zone.projection[name].sel(year=heads["year"]) for zone in found.values()], names, join="exact")
        for name in ("rural_income", "budget_revenue")
    )
    transfer, central = reduce(add, levels.values()), levels["fiscal_central"]
    per_head = over(transfer, heads)
    raised = over(revenue, revenue.sum("region")) * central.sum("region")
    return {
        "transfer_per_head": per_head,
        "transfer_to_income": over(per_head, income),
        "central_share": over(central, transfer),
        "provincial_share": over(levels["fiscal_provincial"], transfer),
        "net_received_per_head": over(central - raised, heads),
        "east_west_transfer": _east_west(per_head),
    }


def _east_west(values: xr.DataArray) -> xr.DataArray:
    """Divide the east by the west; NaN where either has no province."""
    there = values["region"].values
    if not {"east", "west"} <= set(there.tolist()):
        return values.isel(region=0, drop=True) * np.nan
    return over(values.sel(region="east", drop=True), values.sel(region="west", drop=True))


def _joined(parts: list[xr.Dataset], axis: str, labels: list[str]) -> xr.Dataset:
    names = xr.DataArray(labels, dims=axis, name=axis)
    return xr.concat(parts, names, join="outer", combine_attrs="override", coords="minimal", compat="override")
