"""The funds of all provinces of a made-up nation: they add up to the nation's, and pools of them keep its account."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from functools import cache
from typing import Any

import numpy as np
import pytest
import xarray as xr

from actuarial import pooling, regional
from actuarial._pooling_rules import Pooling
from actuarial._regional_funds import Fund, balanced, laid_out, margin, province_funds, total
from actuarial._regional_parts import FLOWS, HEADS, medical_part, outside, region_world
from actuarial._regional_parts import Nation as Facts
from actuarial.regional import adding_up, opened_in, opening_shares
from actuarial.rules import Rules
from forecasting import parts, region
from tests.actuarial.regional_nation import Nation
from tests.forecasting import regional_world as world

LEVELS = ["county", "province", "nation"]
PROVINCES = list(world.PARTS)


@pytest.fixture(scope="module")
def nation() -> Iterator[Nation]:
    """The nation; its provinces are projected, and each fund of them carried, once for all tests here."""
    made = Nation()
    places = list(parts.each(made.projection, made.fits, made.place_fit))
    carry, carried = regional._part, {}

    def once(fund: Any, facts: Facts, place: xr.Dataset, rules: Rules, rule: Pooling) -> xr.Dataset:
        asked = fund, place.attrs["region"], facts.first, rules.model_dump_json(), rule.cost_elasticity
        if asked not in carried:
            carried[asked] = carry(fund, facts, place, rules, rule)
        return carried[asked]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(regional, "each", lambda *_: iter(places))
        patch.setattr(regional, "_part", once)
        yield made


@pytest.fixture(scope="module")
def told(nation: Nation) -> xr.Dataset:
    return nation.pooled(Pooling(levels=LEVELS))


@cache
def parts_of(nation: Nation) -> dict[tuple[str, str], xr.Dataset]:
    """Return every fund of every province before they add up, by fund and scenario."""
    rule = Pooling(levels=["nation"])
    funds = {name: opened_in(account, 2026) for name, account in nation.accounts.items()}
    facts = regional._nation(nation.fits, nation.projection, nation.own, funds, np.arange(2))
    wanted = regional._wanted(nation.cases, funds)
    made = regional._parts(nation.fits, nation.place_fit, facts, wanted, rule=rule, report=regional.Silent())
    return {(fund, name): part for fund, by in made.items() for name, part in by.items()}


def fund_of(nation: Nation, fund: str, scenario: str) -> Fund:
    account = opened_in(nation.accounts[fund].sel(scenario=scenario, drop=True), 2026)
    return Fund(fund, parts_of(nation)[fund, scenario], account, nation.cases[scenario].rules)


CASES = [(fund, scenario) for fund in FLOWS for scenario in ("law", "capacity")]


# -- people


def test_every_part_is_what_it_is_alone(nation: Nation) -> None:
    asked = nation.projection, nation.fits, nation.place_fit
    made = dict(parts.each(*asked))
    assert list(made) == PROVINCES == parts.names(nation.tables)
    for name, place in made.items():
        xr.testing.assert_identical(place, region.forecast(*asked, name))


def test_the_people_outside_the_employee_scheme_are_children_some_workers_and_pensioners(nation: Nation) -> None:
    people = nation.projection
    middle = 0.5 * (people["population"].sum("area") + people["population"].sum("area").shift(year=1))
    out = outside(people).sel(year=2030)
    np.testing.assert_allclose(out.sel(age=10), middle.sel(age=10, year=2030), rtol=1e-6)
    np.testing.assert_allclose(out.sel(age=40), 0.7 * middle.sel(age=40, year=2030), rtol=1e-6)
    np.testing.assert_allclose(out.sel(age=70), people["pensioners"].sel(age=70, year=2030), rtol=1e-6)


def test_a_region_that_is_the_nation_has_the_nation_s_medical_fund(nation: Nation) -> None:
    same = nation.projection.assign_attrs(region="all")
    seen = regional._nation(nation.fits, nation.projection, nation.own, nation.accounts, np.arange(2))
    rules, facts = nation.cases["law"].rules.medical, seen._replace(first=2026, last=2060)
    part = medical_part(facts, same, rules, 0.5)
    account = nation.accounts["medical"].sel(scenario="law", year=slice(2026, None))
    for name in FLOWS["medical"].all:
        np.testing.assert_allclose(part[name], account[name], rtol=1e-6, err_msg=name)


def test_cost_follows_rural_income_by_the_elasticity_and_standards_do_not(nation: Nation) -> None:
    place = nation.projection.assign(rural_income=2.0 * nation.projection["rural_income"])
    own = regional._nation(nation.fits, nation.projection, nation.own, nation.accounts, np.arange(2)).world
    assert own is not None
    dear = region_world(nation.projection, own, place, 0.5)
    for name in ("inpatient_cost", "outpatient_cost", "chronic_outpatient"):
        np.testing.assert_allclose(dear[name] / own[name], np.sqrt(2.0), rtol=1e-6, err_msg=name)
    xr.testing.assert_identical(dear["rural_income"], own["rural_income"])
    xr.testing.assert_allclose(
        region_world(nation.projection, own, place, 0.0)["inpatient_cost"], own["inpatient_cost"]
    )


def test_the_medical_fund_of_a_region_needs_that_of_the_nation(nation: Nation) -> None:
    facts = Facts(nation.tables, nation.projection, None, 2026, 2060)
    with pytest.raises(ValueError, match="without that of the nation"):
        medical_part(facts, nation.projection, nation.cases["law"].rules.medical, 0.5)


# -- adding up


@pytest.mark.parametrize(("fund", "scenario"), CASES)
def test_every_flow_of_the_provinces_adds_up_to_the_nation_s(nation: Nation, fund: str, scenario: str) -> None:
    one = fund_of(nation, fund, scenario)
    raked = adding_up(one.parts, one.account, FLOWS[one.name])
    for name in FLOWS[one.name].all:
        np.testing.assert_allclose(raked[name].sum("region"), one.account[name], rtol=1e-12, err_msg=name)
    if fund == "medical":
        np.testing.assert_allclose(raked[HEADS].sum("region"), one.account["insured_mid_year"], rtol=1e-12)


def test_before_they_add_up_provinces_are_near_the_nation(nation: Nation) -> None:
    """What is brought to the nation's total is small: nothing is made here that the provinces do not have."""
    one = fund_of(nation, "pension", "law")
    apart = one.parts["basic_pension"].sum("region") / one.account["basic_pension"]
    assert abs(float(apart.sel(year=2026).mean()) - 1) < 0.1
    heads = one.parts[HEADS].sum("region") / nation.projection["pensioners"].sum(["sex", "age"]).sel(
        year=one.parts["year"]
    )
    np.testing.assert_allclose(heads, 1.0, rtol=1e-3)


def test_what_no_province_has_is_shared_out_by_heads() -> None:
    dims = ("region", "draw", "year")
    flows = FLOWS["medical"]._replace(income=("grant",), benefits=(), passed_on=())
    parts = xr.Dataset({"grant": (dims, np.zeros((2, 1, 1))), HEADS: (dims, np.array([3.0, 1.0]).reshape(2, 1, 1))})
    nation = xr.Dataset({"grant": (("draw", "year"), np.array([[8.0]]))})
    assert adding_up(parts, nation, flows)["grant"].values.ravel().tolist() == [6.0, 2.0]


@pytest.mark.parametrize(("fund", "scenario"), CASES)
def test_one_pool_of_all_provinces_is_the_nation_s_fund(nation: Nation, fund: str, scenario: str) -> None:
    """Until the nation's is empty: here an empty pool pays what it has, there it borrows or is helped."""
    one = fund_of(nation, fund, scenario)
    provinces = province_funds(one, nation.tables, Pooling(levels=["nation"]))
    pooled = pooling.pool(provinces, ["all"] * len(PROVINCES))
    balance = one.account["pool_balance"].values
    solvent = np.logical_and.accumulate(balance > 0, axis=1)
    assert solvent[:, 0].all()
    np.testing.assert_allclose(pooled.balance[0][solvent], balance[solvent], rtol=1e-9)
    np.testing.assert_allclose(pooled.transfer.sum(axis=0), 0.0, atol=1e-3)
    np.testing.assert_allclose(pooled.handed_over.sum(axis=0), 0.0, atol=1e-3)
    opening = (one.account["opening_balance"] - one.account["opening_accounts"]).values
    np.testing.assert_allclose(provinces.opening.sum(axis=0), opening, rtol=1e-12)


def test_a_fund_without_accounts_has_no_margin_on_them(nation: Nation) -> None:
    account = nation.accounts["medical"].sel(scenario="law", drop=True)
    assert np.abs(margin(account) / account["expenditure"].values).max() < 1e-12
    pension = nation.accounts["pension"].sel(scenario="law", drop=True)
    assert np.abs(margin(pension)).max() > 1e6


def test_an_account_may_begin_later_with_the_balances_of_that_day(nation: Nation) -> None:
    account = nation.accounts["medical"]
    later = opened_in(account, 2030)
    assert int(later["year"][0]) == 2030
    np.testing.assert_array_equal(later["opening_balance"], account["balance"].sel(year=2029))
    assert opened_in(account, int(account["year"][0])) is account


# -- openings and balance


def test_provinces_open_with_their_published_balances_and_one_without_with_the_mean_of_the_others() -> None:
    figures = world.rows(world.projection(2))
    whole = world.tables(figures)
    last = {name: whole.series("fund_balance", region=name).iloc[-1] for name in PROVINCES}
    shares = opening_shares(whole, PROVINCES, np.ones(3))
    np.testing.assert_allclose(shares, np.array(list(last.values())) / sum(last.values()))
    lacking = figures[(figures["region"] != "West") | (figures["indicator"] != "fund_balance")]
    shares = opening_shares(world.tables(lacking), PROVINCES, np.array([2.0, 1.0, 1.0]))
    known = np.array([last["North"], last["South"], (last["North"] + last["South"]) / 3.0])
    np.testing.assert_allclose(shares, known / known.sum())


@pytest.mark.parametrize("weight", [0.0, 0.5, 1.0])
def test_a_subsidy_that_fills_the_first_gap_starts_every_province_in_the_nation_s_balance(
    nation: Nation, weight: float
) -> None:
    one = fund_of(nation, "medical", "law")
    flows = FLOWS["medical"]
    amount = laid_out(adding_up(one.parts, one.account, flows), flows.all)
    due, before = total(amount, flows.benefits), total(amount, flows.income)
    after = balanced(amount, due, weight)
    np.testing.assert_allclose(after.sum(axis=0), before.sum(axis=0), rtol=1e-12)
    gap = due[..., 0] * before[..., 0].sum(axis=0) / due[..., 0].sum(axis=0) - before[..., 0]
    np.testing.assert_allclose(after[..., 0] - before[..., 0], weight * gap, atol=1e-6 * np.abs(before).max())
    assert np.abs(gap / before[..., 0]).max() > 0.01


# -- pools


def test_results_carry_unit_and_meaning_over_the_axes_that_were_asked_for(told: xr.Dataset) -> None:
    assert {n: (told[n].attrs["unit"], told[n].attrs["meaning"]) for n in told} == pooling.MEASURES | regional.ABOUT
    assert told["level"].values.tolist() == LEVELS
    assert told["fund"].values.tolist() == ["pension", "medical"]
    assert told["scenario"].values.tolist() == ["law", "capacity"]
    assert told["region"].values.tolist() == PROVINCES
    assert told["year"].values.tolist() == list(range(2026, 2061))
    assert all(np.isfinite(told[n]).all() for n in told if n not in ("central_share", "highest_over_lowest"))


def test_counties_add_up_to_their_provinces(nation: Nation, told: xr.Dataset) -> None:
    """Provincial and national pools of counties are those of whole provinces."""
    whole = nation.pooled(Pooling(levels=["province", "nation"]))
    wide = told.sel(level=["province", "nation"])
    for name in ("people_depleted", "paid_share", "sent_between", "depletion_probability", "transfer"):
        # Heads of counties weigh alike inside a province, so that shares of people are the same.
        np.testing.assert_allclose(wide[name], whole[name], atol=2e-5, err_msg=name)


def test_nothing_is_sent_between_provinces_but_in_one_pool(told: xr.Dataset) -> None:
    assert float(np.abs(told["transfer"].sel(level=["county", "province"])).max()) < 1e-6
    assert float(told["transfer_volume"].sel(level="county").max()) < 1e-6
    assert (told["sent_between"].sel(level="nation").max("year") > 1e-3).all()


def test_levelled_benefits_are_even_in_the_end_and_cost_the_nation_the_same(nation: Nation, told: xr.Dataset) -> None:
    levelled = nation.pooled(Pooling(levels=LEVELS, levelled=1.0, levelled_years=5))
    at = {"level": "nation", "year": slice(2031, None)}
    assert float(levelled["theil_paid"].sel(at).max()) < 1e-6
    assert float(told["theil_paid"].sel(at).min()) > 1e-4
    before = {"year": slice(None, 2026)}
    xr.testing.assert_allclose(levelled["theil_paid"].sel(before), told["theil_paid"].sel(before))
    for name in ("paid_share", "people_depleted"):
        xr.testing.assert_allclose(levelled[name].sel(level="nation"), told[name].sel(level="nation"), atol=1e-6)


def test_counties_without_a_spread_are_their_province(nation: Nation) -> None:
    same = nation.pooled(Pooling(levels=LEVELS, county_income_spread=0.0, county_age_spread=0.0))
    for name in ("people_depleted", "paid_share", "theil_paid"):
        county, province = (same[name].sel(level=level).values for level in ("county", "province"))
        np.testing.assert_allclose(county, province, atol=1e-5, err_msg=name)


MOVED = {
    "levelled": 0.5,
    "cost_elasticity": 1.0,
    "province_balance": 0.0,
    "county_balance": 1.0,
    "county_income_spread": 0.5,
    "county_age_spread": 0.5,
    "county_link": 0.5,
    "income_groups": 2,
    "age_groups": 1,
    "central_subsidy": [0.9, 0.6, 0.5, 0.3, 0.2],
    "funds": ["medical"],
    "levels": ["nation", "province"],
}
"""Another value of every key of `[pooling]` but those of test_levelling and of the number of draws."""


@pytest.mark.slow
def test_every_key_moves_something_that_is_told(nation: Nation, told: xr.Dataset) -> None:
    elsewhere = {"draws", "levelled_from", "levelled_years"}
    assert set(MOVED) | elsewhere == set(Pooling.model_fields)
    law = told.sel(scenario=["law"])
    assert nation.pooled(Pooling(levels=LEVELS), "law").equals(law)
    for key, value in MOVED.items():
        moved = nation.pooled(Pooling(**({"levels": LEVELS} | {key: value})), "law")
        assert not moved.equals(law), key


def test_levels_are_told_from_the_narrowest_to_the_widest(nation: Nation) -> None:
    asked = nation.pooled(Pooling(levels=["nation", "province"], funds=["pension"]), "law")
    assert asked["level"].values.tolist() == ["province", "nation"]


def test_when_and_how_fast_benefits_are_levelled_is_seen_in_the_years_between(nation: Nation) -> None:
    asked = {"levels": ["nation"], "funds": ["pension"], "levelled": 1.0}
    paths = [
        nation.pooled(Pooling(**asked, levelled_from=first, levelled_years=years), "law")["theil_paid"].sel(year=2030)
        for first, years in ((2027, 4), (2027, 20), (2029, 20))
    ]
    assert float(paths[0].max()) < 1e-6
    assert (paths[1] < paths[2]).all()


def test_draws_are_thinned_evenly_and_keep_their_labels(nation: Nation) -> None:
    assert regional.thinned(1000, 200)[[0, 1, -1]].tolist() == [0, 5, 999]
    assert nation.pooled(Pooling(levels=["nation"], funds=["pension"]), "law")["draw"].values.tolist() == [0, 1]


def test_the_central_part_of_the_subsidy_goes_by_class_and_none_is_told_of_a_province_without_one(
    told: xr.Dataset,
) -> None:
    shares = told["central_share"].sel(fund="medical", scenario="law", year=2030)
    np.testing.assert_allclose(shares, [0.1, 0.8, np.nan], rtol=1e-6)
    pension = told["central_share"].sel(fund="pension", scenario="law", year=2030)
    assert float(pension.sel(region="North")) < float(pension.sel(region="South"))


def test_a_fund_or_a_scenario_that_is_not_there_is_left_out(nation: Nation, told: xr.Dataset) -> None:
    accounts = {"pension": nation.accounts["pension"], "medical": nation.accounts["medical"].sel(scenario=["law"])}
    rule = Pooling(levels=["province"])
    asked = {"own": nation.own, "cases": nation.cases, "accounts": accounts, "rule": rule}
    some = regional.pooled(nation.fits, nation.place_fit, nation.projection, **asked)
    assert some["paid_share"].sel(fund="medical", scenario="capacity").isnull().all()
    xr.testing.assert_allclose(
        some["paid_share"].sel(scenario="law"), told["paid_share"].sel(scenario="law", level=["province"])
    )
    only = regional.pooled(
        nation.fits,
        nation.place_fit,
        nation.projection,
        **asked | {"rule": Pooling(levels=["province"], funds=["pension"])},
    )
    assert only["fund"].values.tolist() == ["pension"]


def test_what_cannot_be_compared_is_told_all_at_once(nation: Nation) -> None:
    bare = dataclasses.replace(
        nation.tables, frames={k: f[f["region"] == "China"] for k, f in nation.tables.frames.items()}
    )
    with pytest.raises(ValueError, match="no level of pooling") as fault:
        regional.pooled(
            world.fits(bare), nation.place_fit, nation.projection,
            own=nation.own, cases=nation.cases, accounts={}, rule=Pooling(),
        )  # fmt: skip
    assert all(word in str(fault.value) for word in ("no fund of pension, medical", "no parts of the nation"))
