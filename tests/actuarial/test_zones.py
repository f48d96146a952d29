"""Zones of a made-up nation: they have their provinces' people and money, and add up to the nation's account."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pytest
import xarray as xr

from actuarial import _zones_parts, regional, zones
from actuarial._pooling_rules import Pooling
from actuarial._quantity import changed
from actuarial._regional_parts import medical_part, pension_part
from actuarial._zones_parts import gathered, medical_flows, pension_flows
from actuarial.rules import Case
from forecasting import parts
from forecasting.sources import Tables
from tests.actuarial.regional_nation import Nation
from tests.forecasting import regional_world

ZONE_OF = {"North": "east", "South": "west", "West": "west"}
CODE = {"east": 1.0, "west": 3.0}


def grouped(tables: Tables, zone_of: dict[str, str]) -> Tables:
    """Put the provinces of the made-up nation into zones."""
    frames = {}
    for name, frame in tables.frames.items():
        rows = frame.copy()
        for region, zone in zone_of.items():
            rows.loc[(rows["indicator"] == "region_group") & (rows["region"] == region), "value"] = CODE[zone]
        frames[name] = rows
    return dataclasses.replace(tables, frames=frames)


@pytest.fixture(scope="module")
def nation() -> Nation:
    made = Nation()
    made.tables = grouped(made.tables, ZONE_OF)
    made.fits.tables = made.tables
    return made


@pytest.fixture(scope="module")
def places(nation: Nation) -> list[tuple[str, xr.Dataset]]:
    return list(parts.each(nation.projection, nation.fits, nation.place_fit))


@pytest.fixture(scope="module")
def facts(nation: Nation) -> Any:
    return regional._nation(nation.fits, nation.projection, nation.own, nation.accounts, np.arange(2))._replace(
        first=2026, last=2060
    )


@pytest.fixture(scope="module")
def found(places: list[tuple[str, xr.Dataset]], facts: Any) -> dict[str, _zones_parts.Zone]:
    return gathered(places, ZONE_OF, facts, Pooling())


def told_of(
    nation: Nation, places: list[tuple[str, xr.Dataset]], cases: dict[str, dict[str, Case]] | None = None
) -> xr.Dataset:
    """Compare zones; the provinces are those made before."""
    chosen = cases or {name: dict.fromkeys(CODE, case) for name, case in nation.cases.items()}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(zones, "each", lambda *_: iter(places))
        return zones.across(
            nation.fits,
            nation.place_fit,
            nation.projection,
            own=nation.own,
            cases=chosen,
            accounts=nation.accounts,
        )


@pytest.fixture(scope="module")
def told(nation: Nation, places: list[tuple[str, xr.Dataset]]) -> xr.Dataset:
    return told_of(nation, places)


# -- zones as regions


def test_a_zone_has_the_people_and_the_money_of_its_provinces(
    places: list[tuple[str, xr.Dataset]], found: dict[str, _zones_parts.Zone]
) -> None:
    west = [place for name, place in places if ZONE_OF[name] == "west"]
    for name in _zones_parts.SUMS:
        np.testing.assert_allclose(found["west"].projection[name], sum(p[name] for p in west), rtol=1e-6, err_msg=name)
    paid = sum(p.contribution_per_head * p.contributors.sum(["sex", "age"], dtype=float) for p in west)
    zone = found["west"].projection
    here = zone.contribution_per_head * zone.contributors.sum(["sex", "age"], dtype=float)
    np.testing.assert_allclose(here, paid, rtol=1e-6)
    for name in ("rural_income", "pensioner_mortality", "employee_share"):
        each = xr.concat([p[name] for p in west], "place")
        assert bool((zone[name] >= each.min("place") * (1 - 1e-6)).all()), name
        assert bool((zone[name] <= each.max("place") * (1 + 1e-6)).all()), name


def test_a_zone_of_one_province_is_that_province(
    places: list[tuple[str, xr.Dataset]], found: dict[str, _zones_parts.Zone], facts: Any, nation: Nation
) -> None:
    north = dict(places)["North"]
    rules = nation.cases["law"].rules
    alone, zone = pension_part(facts, north, rules.pension), pension_flows(facts, found["east"], rules.pension)
    for name in ("basic_pension", "longevity_tail", "fiscal_central", "fiscal_provincial", "fiscal_county", "heads"):
        np.testing.assert_allclose(zone[name], alone[name], rtol=1e-5, atol=1.0, err_msg=name)
    other = medical_part(facts, north, rules.medical, 0.5)
    for name in ("inpatient_care", "chronic_care", "fiscal_transfer", "heads"):
        made = medical_flows(facts, found["east"], rules.medical, 0.5)[name]
        np.testing.assert_allclose(made, other[name], rtol=1e-5, err_msg=name)


def test_a_zone_of_several_provinces_is_near_their_sum(
    places: list[tuple[str, xr.Dataset]], found: dict[str, _zones_parts.Zone], facts: Any, nation: Nation
) -> None:
    rules = nation.cases["law"].rules
    west = [(name, place) for name, place in places if ZONE_OF[name] == "west"]
    alone = [
        pension_flows(facts, gathered([(name, place)], ZONE_OF, facts, Pooling())["west"], rules.pension)
        for name, place in west
    ]
    zone = pension_flows(facts, found["west"], rules.pension).sel(year=slice(None, 2050))
    for name in ("basic_pension", "longevity_tail", "account_pension", "contributions", "heads"):
        whole = sum(part[name] for part in alone).sel(year=slice(None, 2050))
        np.testing.assert_allclose(zone[name].mean("draw"), whole.mean("draw"), rtol=0.01, err_msg=name)


# -- what is told


@pytest.mark.parametrize("scenario", ["law", "capacity"])
def test_zones_add_up_to_the_nation_s_pension(told: xr.Dataset, nation: Nation, scenario: str) -> None:
    account = nation.accounts["pension"].sel(scenario=scenario)
    one = told.sel(scenario=scenario, fund="pension", year=account.year)
    sums = {
        "benefit_per_head": ["basic_pension", "longevity_tail", "funeral_grant", "account_pension"],
        "transfer_per_head": ["fiscal_transfer"],
        "land_per_head": ["land_withdrawal"],
    }
    for name, flows in sums.items():
        whole = sum(account[flow] for flow in flows)
        np.testing.assert_allclose((one[name] * one.heads).sum("zone"), whole, rtol=1e-5, err_msg=name)
    np.testing.assert_allclose((one.contribution_per_payer * one.payers).sum("zone"), account.contributions, rtol=1e-5)
    central = (one.central_share * one.transfer_per_head * one.heads).sum("zone")
    np.testing.assert_allclose(central, account.fiscal_central, rtol=1e-5)


def test_zones_add_up_to_the_nation_s_medical_fund(told: xr.Dataset, nation: Nation) -> None:
    account = nation.accounts["medical"].sel(scenario="law", year=slice(2026, None))
    one = told.sel(scenario="law", fund="medical", year=account.year)
    np.testing.assert_allclose(one.heads.sum("zone"), account.insured_mid_year, rtol=1e-5)
    np.testing.assert_allclose((one.benefit_per_head * one.heads).sum("zone"), account.expenditure, rtol=1e-5)
    np.testing.assert_allclose(
        (one.transfer_per_head * one.heads).sum("zone"), account.fiscal_transfer + account.equipment_grant, rtol=1e-5
    )


def test_what_one_zone_receives_on_balance_another_gives(told: xr.Dataset) -> None:
    one = told.sel(fund="pension")
    given = one.net_received_per_head * one.heads
    scale = float(np.abs(given).max())
    assert scale > 0
    np.testing.assert_allclose(given.sum("zone") / scale, 0.0, atol=1e-6)


def test_the_richer_zone_pays_more_and_the_ratio_is_that_of_the_two(told: xr.Dataset) -> None:
    one = told.sel(scenario="law")
    assert regional_world.INCOME["North"] > max(regional_world.INCOME[p] for p in ("South", "West"))
    np.testing.assert_allclose(
        one.east_west_benefit, one.benefit_per_head.sel(zone="east") / one.benefit_per_head.sel(zone="west"), rtol=1e-5
    )
    valued = one.sel(fund="pension", year=slice(2026, None))
    assert (valued.east_west_benefit > 1.2).all()
    assert (valued.net_received_per_head.sel(zone="east") < 0).all()


def test_a_measure_of_one_zone_moves_that_zone_alone(nation: Nation, places: list[tuple[str, xr.Dataset]]) -> None:
    case = nation.cases["law"]
    land = case._replace(rules=changed(case.rules, {"pension.land.share": 0.1}))
    account = nation.accounts["pension"].sel(scenario=["law"])
    account = account.assign(land_withdrawal=0.01 * account.fiscal_transfer)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(nation, "accounts", {"pension": account})
        told = told_of(nation, places, {"law": {"east": land, "west": case}}).sel(scenario="law", fund="pension")
    later = told.sel(year=slice(2030, None))
    assert (later.land_per_head.sel(zone="east") > 0).all()
    assert float(np.abs(later.land_per_head.sel(zone="west")).max()) == 0.0


def test_every_variable_says_what_it_is_on_the_axes_of_the_results(told: xr.Dataset) -> None:
    for name, (unit, meaning) in (zones.ABOUT | zones.RATIOS).items():
        assert told[name].attrs == {"unit": unit, "meaning": meaning} and told[name].dtype == np.float32
        zone = ("zone",) if name in zones.ABOUT else ()
        assert told[name].dims == ("scenario", "fund", *zone, "some", "year")
    assert told.zone.values.tolist() == ["east", "west"]
    assert told.drawn.values.tolist() == list(range(regional_world.DRAWS))[: told.sizes["some"]]


def test_a_scenario_without_the_medical_fund_has_none_in_any_zone(
    nation: Nation, places: list[tuple[str, xr.Dataset]]
) -> None:
    law = nation.cases["law"]
    cases = {"law": dict.fromkeys(CODE, law), "capacity": dict.fromkeys(CODE, law._replace(schemes=("pension",)))}
    made = told_of(nation, places, cases)
    assert made.benefit_per_head.sel(scenario="capacity", fund="medical").isnull().all()
    assert made.benefit_per_head.sel(scenario="law", fund="medical").notnull().any()


def test_nothing_to_compare_is_refused(nation: Nation) -> None:
    asked = {"own": {}, "cases": {}, "accounts": {}}
    with pytest.raises(ValueError, match="no fund of pension, medical is valued"):
        zones.across(nation.fits, nation.place_fit, nation.projection, **asked)
    bare = {n: f[f["indicator"] != "region_group"] for n, f in nation.tables.frames.items()}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(nation.fits, "tables", dataclasses.replace(nation.tables, frames=bare))
        with pytest.raises(ValueError, match="no province into a zone"):
            zones.across(nation.fits, nation.place_fit, nation.projection, **asked)
