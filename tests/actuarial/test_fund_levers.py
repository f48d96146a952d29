"""Levers of the medical fund, the unemployment fund and the time bank: amounts by hand, bounds, and what stays."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

import numpy as np
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from actuarial import _land_share, fund, household, medical, timebank, unemployment
from actuarial._medical_income import per_head
from actuarial._quantity import changed
from actuarial.assumptions import Assumptions, Investment
from actuarial.assumptions import changed as pension_changed
from actuarial.medical import Financing, MedicalAssumptions
from actuarial.rules import Rules, Scheme
from actuarial.unemployment import Unemployment
from forecasting.axes import AxisError
from tests.actuarial.scheme_world import Changes, World

YEARS = np.arange(2025, 2046)


@pytest.fixture(scope="module")
def world(village: xr.Dataset, observed: dict[int, float]) -> World:
    """Return the small scheme and its funds."""
    return World(village, observed)


# -- land income


@pytest.mark.parametrize(("phase_in", "steps"), [(0, [0, 1, 1, 1, 1]), (3, [0, 0.25, 0.5, 0.75, 1])])
def test_a_share_is_phased_in_from_nothing_by_equal_steps(phase_in: int, steps: list[float]) -> None:
    years = xr.DataArray(np.arange(2029, 2034), dims="year", coords={"year": np.arange(2029, 2034)})
    assert _land_share.phased_in(years, 2030, phase_in).values.tolist() == steps


@pytest.mark.parametrize("name", ["medical", "unemployment"])
def test_land_income_comes_in_at_its_share(name: Scheme, world: World) -> None:
    keys = {"land_share": 0.02, "land_from": 2030, "land_phase_in_years": 1}
    made = world.fund(name, {f"{name}.financing.{key}": value for key, value in keys.items()})
    land = world.projection["land_income"].sel(year=[2029, 2030, 2031, 2050])
    due = land * xr.DataArray([0.0, 0.01, 0.02, 0.02], {"year": land["year"]}, ("year",))
    np.testing.assert_allclose(made["land_withdrawal"].sel(year=land["year"]), due)
    plain = world.fund(name, {})
    np.testing.assert_allclose(made["income"] - plain["income"], made["land_withdrawal"], rtol=1e-6, atol=1.0)


def test_no_land_income_is_asked_for_where_no_share_is() -> None:
    data = Steady().world.drop_vars("land_income")
    assert (unemployment.with_members(data, Unemployment())["land_withdrawal"] == 0).all()
    with pytest.raises(AxisError, match="land_income"):
        unemployment.with_members(data, changed(Unemployment(), {"financing.land_share": 0.1}))


# -- least growth of the medical subsidy


def subsidy(income_growth: list[float], keys: Mapping[str, object]) -> np.ndarray:
    """Return the subsidy per head of consecutive years from 2025 on, in which rural income grows so."""
    years = np.arange(2025, 2026 + len(income_growth))
    income = xr.DataArray(np.cumprod([1.0, *(1 + g for g in income_growth)]), {"year": years}, ("year",), "income")
    world = xr.Dataset({"rural_income": income, "price_index": xr.ones_like(income)})
    rule = Financing.model_validate(
        {"subsidy_per_head": 700.0, "subsidy_multiple": 1.0, "indexation_from": 2025, **keys}
    )
    return per_head(world, rule, 2025, xr.ones_like(income))["subsidy"].values


def test_a_floor_lifts_each_year_that_would_grow_by_less_and_no_other() -> None:
    paid = subsidy([0.03, 0.03, 0.10, 0.02, 0.03], {"subsidy_growth_floor": 0.08, "subsidy_floor_from": 2027})
    np.testing.assert_allclose(paid[1:] / paid[:-1] - 1, [0.03, 0.08, 0.10, 0.08, 0.08])


def test_after_its_last_year_the_subsidy_goes_on_from_where_the_floor_left_it() -> None:
    keys = {"subsidy_growth_floor": 0.08, "subsidy_floor_from": 2026, "subsidy_floor_until": 2027}
    paid = subsidy([0.03, 0.03, 0.10, 0.02], keys)
    np.testing.assert_allclose(paid[1:] / paid[:-1] - 1, [0.08, 0.08, 0.10, 0.02])


GROWTH = st.lists(st.floats(-0.1, 0.3), min_size=3, max_size=25)


@given(GROWTH, st.floats(0.0, 0.15), st.floats(0.0, 0.15), st.floats(0.0, 0.6) | st.none())
def test_growth_stays_between_floor_and_cap_in_every_year(
    grown: list[float], one: float, other: float, members: float | None
) -> None:
    least, most = sorted((one, other))
    keys = {"subsidy_growth_floor": least, "subsidy_floor_from": 2027, "subsidy_growth_cap": most, "caps_from": 2027}
    paid = subsidy(grown, {**keys, "member_share_cap": members})
    rates = paid[2:] / paid[1:-1] - 1
    assert (rates >= least - 1e-9).all()
    assert (rates <= most + 1e-9).all()


def test_a_floor_above_the_cap_is_refused() -> None:
    with pytest.raises(ValidationError, match=r"subsidy_growth_floor 0\.08 is above subsidy_growth_cap 0\.06"):
        changed(MedicalAssumptions(), {"financing.subsidy_growth_floor": 0.08, "financing.subsidy_growth_cap": 0.06})
    assert changed(MedicalAssumptions(), {"financing.subsidy_growth_floor": 0.06, "financing.subsidy_growth_cap": 0.06})


def test_a_floor_that_ends_before_it_begins_is_refused() -> None:
    with pytest.raises(ValidationError, match="subsidy_floor_until 2026 is before subsidy_floor_from 2027"):
        changed(MedicalAssumptions(), {"financing.subsidy_floor_until": 2026})


# -- double enrolment


def test_double_enrolment_is_removed_in_equal_steps(world: World) -> None:
    once = {"medical.enrolment.duplicates_removed": 1.0, "medical.enrolment.duplicates_from": 2030}
    made = world.fund("medical", {**once, "medical.enrolment.duplicates_phase_in_years": 3})
    left = made["insured_mid_year"] / world.fund("medical", {})["insured_mid_year"]
    steps = left.isel(draw=0).sel(year=range(2029, 2035)).values
    np.testing.assert_allclose(1 - steps, [0.0, 0.0025, 0.005, 0.0075, 0.01, 0.01], atol=1e-12)


# -- the commercial supplement

BOUGHT: Changes = {
    "medical.supplement.uptake": 0.4,
    "medical.supplement.subsidised_share": 0.25,
    "medical.supplement.from_year": 2030,
}


def test_premiums_subsidy_and_benefits_are_what_a_hand_computes(world: World) -> None:
    made = world.fund("medical", BOUGHT)
    income = world.projection["rural_income"]
    level = (income / income.sel(year=2026)).sel(year=made["year"])
    premium = 0.4 * 129 * level * made["insured_mid_year"] * (made["year"] >= 2030)
    np.testing.assert_allclose(made["commercial_premium"], premium)
    np.testing.assert_allclose(made["commercial_budget"], 0.25 * premium)
    np.testing.assert_allclose(made["commercial_benefit"], 0.88 * premium)


def test_a_supplement_that_budgets_and_buyers_pay_leaves_the_fund_as_it_is(world: World) -> None:
    before, after = world.fund("medical", {}), world.fund("medical", BOUGHT)
    for name in ("income", "expenditure", "balance", "out_of_pocket_to_income", "catastrophic_after"):
        np.testing.assert_array_equal(after[name], before[name], err_msg=name)


def test_a_subsidy_of_the_fund_is_its_outgo_and_of_nobody_else(world: World) -> None:
    before, after = world.fund("medical", {}), world.fund("medical", {**BOUGHT, "medical.supplement.payer": "fund"})
    np.testing.assert_allclose(after["commercial_subsidy"], 0.25 * after["commercial_premium"])
    np.testing.assert_allclose(after["expenditure"] - before["expenditure"], after["commercial_subsidy"], atol=1.0)
    assert (after["commercial_budget"] == 0).all()
    np.testing.assert_allclose(after["income"], before["income"])


def test_the_burden_is_care_and_contribution_and_the_supplement_less_its_benefits(world: World) -> None:
    base = world.fund("medical", {})
    heads = base["insured_mid_year"] * world.projection["rural_income"].sel(year=base["year"])
    paid = base["out_of_pocket_to_income"] + base["contributions"] / heads
    np.testing.assert_allclose(base["burden_to_income"], paid)
    for payer in ("budget", "fund"):
        made = world.fund("medical", {**BOUGHT, "medical.supplement.payer": payer})
        # Of 100 yuan of premium buyers pay 75 and get 88 back: on average 13 yuan less.
        less = (0.88 - 0.75) * made["commercial_premium"] / heads
        np.testing.assert_allclose(base["burden_to_income"] - made["burden_to_income"], less, atol=1e-15)


def test_a_supplement_without_subsidy_costs_households_its_loading(world: World) -> None:
    made = world.fund("medical", {"medical.supplement.uptake": 0.4})
    dearer = (made["burden_to_income"] - world.fund("medical", {})["burden_to_income"]).sel(year=slice(2027, None))
    assert (dearer > 0).all()


def test_benefits_are_never_more_than_households_still_pay(world: World) -> None:
    rich = {"medical.supplement.uptake": 1.0, "medical.supplement.premium_per_head": 9000.0}
    made = world.fund("medical", rich).sel(year=slice(2027, None))
    left = made["medical_cost"] - made["care_paid"] - made["second_compensation"]
    np.testing.assert_allclose(made["commercial_benefit"], left)
    assert (made["commercial_benefit"] < 0.88 * made["commercial_premium"]).all()


def test_the_subsidy_of_the_fund_falls_on_all_ages_alike(world: World) -> None:
    data = household.world_of(world.projection, world.own["medical"], medical.NEEDS)
    rules = changed(Rules(), {**BOUGHT, "medical.supplement.payer": "fund"}).medical
    by_age = medical.medical_outgo_by_age(data, rules, [2040])["commercial_subsidy"]
    per_head = (by_age / data["insured"].sel(year=[2040])).values
    np.testing.assert_allclose(per_head.max(axis=(1, 2)), per_head.min(axis=(1, 2)))
    whole = medical.prepared(data, rules)["commercial_subsidy"].sel(year=[2040])
    np.testing.assert_allclose(by_age.sum(["sex", "age"]), whole)


# -- the unemployment fund: what it begins with, and a rate that follows its reserve


class Steady:
    """2,000,000 years of work of a constant world: rates, wage and prices stand still."""

    def __init__(self, migrant: float | np.ndarray = 0.06) -> None:
        years, months = np.arange(2018, 2060), np.arange(1, 13)
        out = np.broadcast_to(np.asarray(migrant, dtype=float).reshape(-1, 1), (years.size, 12))
        rates = {"urban_unemployment": np.full(out.shape, 0.04), "migrant_unemployment": out}
        yearly = {
            **{"migrant_workers": 1e6, "migrant_wage": 60000.0, "price_index": 1.0, "land_income": 1e9},
            **{"deposit_rate": 0.015, "market_return": 0.04},
        }
        self.world = xr.Dataset(
            {name: (("year", "month"), values) for name, values in rates.items()}
            | {name: (("year",), np.full(years.size, value)) for name, value in yearly.items()},
            {"year": years, "month": months},
        )


@cache
def unemployed(keys: tuple[tuple[str, object], ...], convention: str = "mid_year") -> tuple[xr.Dataset, xr.Dataset]:
    """Return what the flows read, and account and indicators together, of a world with a wave of unemployment."""
    wave = 0.06 + 0.02 * np.sin(np.arange(42) / 3.0)
    rules = changed(Unemployment(), dict(keys))
    law = pension_changed(Assumptions(), {"investment.interest_convention": convention})
    made = unemployment.with_members(Steady(wave).world, rules, law.investment)
    account = fund.project(unemployment.standard_fund(rules.membership.from_year - 1), made, law)
    told = unemployment.indicators(account, made)
    return made, xr.merge([account, told], join="exact")


FOLLOWS = (("contribution.rate_rule", "follows_multiple"),)


def test_the_grant_is_paid_once_for_each_member_of_the_first_year() -> None:
    made = unemployment.with_members(Steady().world, changed(Unemployment(), {"financing.founding_grant": 300.0}))
    grant = made["founding_grant"]
    assert float(grant.sel(year=2027)) == pytest.approx(300 * float(made["members"].sel(year=2027)))
    assert float(grant.sum()) == float(grant.sel(year=2027)) > 0
    assert float(made["monthly_net"].sel(year=2027, month=1)) > float(grant.sel(year=2027))


def test_a_fixed_rate_is_told_as_it_stands() -> None:
    made, _ = unemployed(())
    assert (made["contribution_rate"] == 0.01).all()


@pytest.mark.parametrize("convention", ["mid_year", "opening_balance"])
def test_a_rate_that_follows_is_set_by_the_multiple_of_the_account_of_the_year_before(convention: str) -> None:
    made, account = unemployed(FOLLOWS, convention)
    multiple = account["average_high_cost_multiple"].values
    due = 0.01 * np.clip(1 + 0.5 * (1.0 - multiple[:-1]), 0.5, 2.0)
    rate = made["contribution_rate"].sel(year=account["year"]).values
    assert rate[0] == 0.01
    np.testing.assert_allclose(rate[1:], due, rtol=1e-9)
    assert np.ptp(rate) > 0.001


def test_a_rate_that_follows_moves_all_that_contributions_bring_and_no_benefit() -> None:
    more = (("contribution.fiscal_match", 0.2), ("contribution.firm_subsidy", 0.03))
    fixed, follows = unemployed(more)[0], unemployed(FOLLOWS + more)[0]
    ratio = follows["contribution_rate"] / 0.01
    for name in ("member_contributions", "platform_contributions", "fiscal_match", "firm_subsidy"):
        np.testing.assert_allclose(follows[name], fixed[name] * ratio, err_msg=name)
    for name in unemployment.BENEFITS:
        np.testing.assert_array_equal(follows[name], fixed[name], err_msg=name)
    net = sum(follows[flow.name] for flow in unemployment.INCOME) - sum(follows[f.name] for f in unemployment.OUTGO)
    np.testing.assert_allclose(follows["monthly_net"].sum("month"), net, atol=1e-3)


def test_a_rate_that_follows_brings_the_multiple_nearer_to_its_target() -> None:
    apart = [
        abs(unemployed(keys)[1]["average_high_cost_multiple"].sel(year=slice(2040, None)) - 1.0).mean()
        for keys in ((), FOLLOWS, (*FOLLOWS, ("contribution.rate_response", 1.0)))
    ]
    assert apart[0] > apart[1] > apart[2]


@settings(max_examples=15, deadline=None)
@given(st.floats(0.0, 3.0), st.floats(0.0, 5.0), st.floats(0.0, 1.0), st.floats(1.0, 5.0))
def test_the_rate_stays_between_its_bounds(response: float, target: float, least: float, most: float) -> None:
    bounds = {"rate_response": response, "rate_target_multiple": target, "rate_least": least, "rate_most": most}
    rules = changed(Unemployment(), dict(FOLLOWS) | {f"contribution.{key}": value for key, value in bounds.items()})
    rate = unemployment.with_members(Steady().world, rules)["contribution_rate"].values / 0.01
    assert rate.min() >= min(least, 1.0) - 1e-12
    assert rate.max() <= most + 1e-12


def test_the_rate_of_a_draw_follows_that_draw_alone() -> None:
    calm, bad = Steady(0.04).world, Steady(0.10).world
    rules = changed(Unemployment(), dict(FOLLOWS))
    both = xr.concat([calm, bad], xr.DataArray([0, 1], dims="draw", name="draw"), data_vars="all")
    made = unemployment.with_members(both, rules)["contribution_rate"]
    for place, one in enumerate((calm, bad)):
        np.testing.assert_allclose(made.isel(draw=place), unemployment.with_members(one, rules)["contribution_rate"])
    assert (made.isel(draw=1) > made.isel(draw=0)).sel(year=slice(2029, None)).all()


def test_a_fund_without_members_in_the_projection_has_no_rate_to_follow() -> None:
    rules = changed(Unemployment(), dict(FOLLOWS) | {"membership.from_year": 2090})
    assert (unemployment.with_members(Steady().world, rules)["contribution_rate"] == 0.01).all()


def test_the_spread_on_deposits_reaches_the_rate() -> None:
    rules = changed(Unemployment(), dict(FOLLOWS))
    low, high = (
        unemployment.with_members(Steady().world, rules, Investment(deposit_spread=spread))["contribution_rate"]
        for spread in (0.0, 0.05)
    )
    assert (high < low).sel(year=slice(2040, None)).all()


def test_training_begins_in_its_year_and_reaches_its_share_by_equal_steps() -> None:
    keys = {"benefits.trained_share": 0.04, "benefits.training_from": 2030, "benefits.training_phase_in_years": 1}
    made = unemployment.with_members(Steady().world, changed(Unemployment(), keys)).sel(year=slice(2029, 2032))
    # Out of work at 7.5 % of members, less those whom training of the months before has placed.
    share = made["training"] / (made["members"] * made["out_of_work"] * 12 * 2000.0)
    np.testing.assert_allclose(share, [0.0, 0.02, 0.04, 0.04], rtol=1e-9)
    assert float(made["out_of_work"].sel(year=2029)) == pytest.approx(0.075)
    assert (made["out_of_work"].diff("year").sel(year=[2030, 2031]) < 0).all()


def test_without_a_first_year_training_is_at_all_times() -> None:
    always, named = (
        unemployment.with_members(Steady().world, changed(Unemployment(), {"benefits.trained_share": 0.04, **keys}))
        for keys in ({}, {"benefits.training_from": 2018})
    )
    xr.testing.assert_identical(always, named)


def test_the_fund_has_a_deficit_rule_of_its_own(world: World) -> None:
    poor = {"unemployment.contribution.rate": 0.001}
    cut = world.fund("unemployment", {**poor, "unemployment.financing.deficit_rule": "benefit_cut"})
    helped = world.fund("unemployment", {**poor, "pension.valuation.deficit_rule": "benefit_cut"})
    named = {**poor, "pension.valuation.deficit_rule": "benefit_cut"}
    own = world.fund("unemployment", {**named, "unemployment.financing.deficit_rule": "emergency_transfer"})
    assert float(cut["benefit_cut"].sum()) > 0
    np.testing.assert_array_equal(cut["benefit_cut"], helped["benefit_cut"])
    np.testing.assert_allclose(own["emergency_transfer"], cut["benefit_cut"])
    assert (own["benefit_cut"] == 0).all()


def test_a_rate_that_follows_earns_what_the_pension_says_of_deposits(world: World) -> None:
    keys = {"unemployment.contribution.rate_rule": "follows_multiple", "pension.investment.deposit_spread": 0.04}
    made = world.fund("unemployment", keys)
    due = 0.01 * np.clip(1 + 0.5 * (1.0 - made["average_high_cost_multiple"].values[:, :-1]), 0.5, 2.0)
    np.testing.assert_allclose(made["contribution_rate"].values[:, 1:], due)


# -- the time bank


def test_members_pay_what_the_budget_does_not_of_the_running_cost(world: World) -> None:
    plain, shared = world.fund("time_bank", {}), world.fund("time_bank", {"time_bank.running_budget_share": 0.3})
    np.testing.assert_array_equal(plain["bank_subsidy"], plain["bank_running_cost"])
    assert (plain["member_fees"] == 0).all()
    np.testing.assert_allclose(shared["bank_subsidy"], 0.3 * plain["bank_running_cost"])
    np.testing.assert_allclose(shared["member_fees"], 0.7 * plain["bank_running_cost"])
    for name in ("bank_running_cost", "income", "balance"):
        np.testing.assert_allclose(shared[name], plain[name], err_msg=name)
    assert {"member_fees", "bank_subsidy", "guarantee_payment"} == {flow.name for flow in timebank.fund(2026).income}


def test_every_flow_of_a_lever_is_nothing_under_todays_law(world: World) -> None:
    nothing: dict[str, tuple[str, ...]] = {
        "medical": ("land_withdrawal", "commercial_subsidy", "commercial_premium", "commercial_benefit"),
        "unemployment": ("land_withdrawal", "founding_grant"),
        "time_bank": ("member_fees",),
    }
    for scheme, names in nothing.items():
        made = world.all_funds({})[scheme]
        assert all((made[name] == 0).all() for name in names), scheme
