"""Every key of the rules of the funds besides the pension moves the output it is for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pytest
import xarray as xr

from actuarial import careplan, medical, timebank, unemployment
from actuarial._quantity import describe
from actuarial.flow import Flow
from actuarial.rules import Rules, Scheme
from tests.actuarial.scheme_world import Changes, World


@pytest.fixture(scope="module")
def world(village: xr.Dataset, observed: dict[int, float]) -> World:
    """Return the small scheme and its funds."""
    return World(village, observed)


CARE: Changes = {"reimbursement.inpatient": 0.65, "reimbursement.chronic": 0.70}
DEARER: Changes = {"provisions.premium_per_head": 150.0}
FLOOR: Changes = {"catastrophic.floor": 0.8}
MANAGED: Changes = {"health_management.coverage": 0.8}
COUNTY: Changes = {"county.inside_share": 0.9}
PLAN: Changes = {"equipment.coverage": 0.6, "equipment.budget_share": 0.4}
LESS: Changes = {"financing.member_share_cap": 0.3}
ONCE: Changes = {"enrolment.duplicates_removed": 0.5}
TRAINED: Changes = {"benefits.trained_share": 0.05}
POSTS: Changes = {"benefits.posts_share": 0.05}
RAISED: Changes = {"financing.subsidy_growth_floor": 0.08}
LAND: Changes = {"financing.land_share": 0.03}
BOUGHT: Changes = {"supplement.uptake": 0.4, "supplement.subsidised_share": 0.3}
FOLLOWS: Changes = {"contribution.rate_rule": "follows_multiple"}
SHORT: Changes = {"health.help_shift": 1.0, "hours_helped": 1000.0, "guarantee_share": 0.1}
NONE: Changes = {}

MEDICAL: dict[str, tuple[Changes, object, str]] = {
    "money_year": (NONE, 2025, "contributions"),
    "financing.contribution_per_head": (NONE, 500.0, "contributions"),
    "financing.subsidy_per_head": (NONE, 800.0, "fiscal_transfer"),
    "financing.contribution_multiple": (NONE, 1.1, "contributions"),
    "financing.subsidy_multiple": (NONE, 1.2, "fiscal_transfer"),
    "financing.contribution_income_weight": (NONE, 0.5, "contributions"),
    "financing.contribution_price_weight": (NONE, 0.5, "contributions"),
    "financing.contribution_cost_weight": (NONE, 0.5, "contributions"),
    "financing.subsidy_income_weight": (NONE, 0.5, "fiscal_transfer"),
    "financing.subsidy_price_weight": (NONE, 0.5, "fiscal_transfer"),
    "financing.subsidy_cost_weight": (NONE, 0.5, "fiscal_transfer"),
    "financing.indexation_from": ({"financing.subsidy_income_weight": 0.5}, 2035, "fiscal_transfer"),
    "financing.member_share_cap": (NONE, 0.3, "member_share"),
    "financing.subsidy_growth_cap": (NONE, 0.03, "fiscal_transfer"),
    "financing.subsidy_budget_cap": (NONE, 0.001, "fiscal_transfer"),
    "financing.caps_from": (LESS, 2035, "member_share"),
    "financing.subsidy_growth_floor": (NONE, 0.08, "fiscal_transfer"),
    "financing.subsidy_floor_from": (RAISED, 2035, "fiscal_transfer"),
    "financing.subsidy_floor_until": (RAISED, 2035, "fiscal_transfer"),
    "financing.land_share": (NONE, 0.03, "land_withdrawal"),
    "financing.land_from": (LAND, 2035, "land_withdrawal"),
    "financing.land_phase_in_years": (LAND, 5, "land_withdrawal"),
    "financing.other_income_per_head": (NONE, 40.0, "other_income"),
    "enrolment.leavers_use": (LESS, 0.9, "inpatient_care"),
    "enrolment.duplicate_share": (ONCE, 0.05, "insured_mid_year"),
    "enrolment.duplicate_use": (ONCE, 0.5, "inpatient_care"),
    "enrolment.duplicates_removed": (NONE, 1.0, "insured_mid_year"),
    "enrolment.duplicates_from": (ONCE, 2035, "insured_mid_year"),
    "enrolment.duplicates_phase_in_years": (ONCE, 4, "insured_mid_year"),
    "reimbursement.inpatient": (NONE, 0.65, "inpatient_care"),
    "reimbursement.inpatient_inside": (NONE, 0.75, "inpatient_care"),
    "reimbursement.inside_today": (NONE, 0.7, "inside_reimbursement"),
    "reimbursement.outpatient": (NONE, 0.5, "outpatient_care"),
    "reimbursement.chronic": (NONE, 0.7, "chronic_care"),
    "reimbursement.from_year": (CARE, 2035, "inpatient_care"),
    "reimbursement.phase_years": (CARE, 10, "inpatient_care"),
    "reimbursement.inpatient_elasticity": (CARE, 0.3, "inpatient_care"),
    "reimbursement.outpatient_elasticity": (CARE, 0.4, "chronic_care"),
    "provisions.maternity_per_birth": (NONE, 3000.0, "maternity"),
    "provisions.maternity_counted": (NONE, 1000.0, "inpatient_care"),
    "provisions.premium_per_head": (NONE, 120.0, "critical_illness_premium"),
    "provisions.premium_counted": (NONE, 60.0, "inpatient_care"),
    "provisions.from_year": (DEARER, 2035, "critical_illness_premium"),
    "catastrophic.floor": (NONE, 0.8, "second_compensation"),
    "catastrophic.threshold": (FLOOR, 0.3, "second_compensation"),
    "catastrophic.form": (FLOOR, "layer", "second_compensation"),
    "catastrophic.from_year": (FLOOR, 2035, "second_compensation"),
    "catastrophic.old_incidence": (FLOOR, 0.2, "second_compensation"),
    "catastrophic.published_threshold": (FLOOR, 0.3, "second_compensation"),
    "catastrophic.capacity_share": (FLOOR, 0.7, "second_compensation"),
    "catastrophic.spread": (FLOOR, 0.9, "second_compensation"),
    "catastrophic.calibration_year": (FLOOR, 2023, "second_compensation"),
    "health_management.coverage": (NONE, 0.8, "health_management"),
    "health_management.cost_per_head": (MANAGED, 100.0, "health_management"),
    "health_management.from_year": (MANAGED, 2035, "health_management"),
    "health_management.phase_years": (MANAGED, 10, "health_management"),
    "health_management.found_early": (MANAGED, 0.2, "chronic_care"),
    "health_management.stays_avoided": (MANAGED, 0.0, "inpatient_care"),
    "health_management.lag_years": (MANAGED, 6, "inpatient_care"),
    "county.inside_share": (NONE, 0.9, "inpatient_care"),
    "county.inside_share_today": (COUNTY, 0.8, "inpatient_care"),
    "county.outside_cost_ratio": (COUNTY, 3.0, "inpatient_care"),
    "county.moved_cost_ratio": (COUNTY, 0.9, "inpatient_care"),
    "county.from_year": (COUNTY, 2035, "inpatient_care"),
    "county.phase_years": (COUNTY, 10, "inpatient_care"),
    "equipment.coverage": (NONE, 0.6, "equipment"),
    "equipment.coverage_today": (PLAN, 0.3, "equipment"),
    "equipment.centres": (PLAN, 80.0, "equipment"),
    "equipment.price": (PLAN, 3e6, "equipment"),
    "equipment.running_share": (PLAN, 0.2, "equipment"),
    "equipment.life_years": (PLAN, 8, "equipment"),
    "equipment.from_year": (PLAN, 2030, "equipment"),
    "equipment.years": (PLAN, 5, "equipment"),
    "equipment.budget_share": (PLAN, 0.8, "equipment_grant"),
    "supplement.uptake": (NONE, 0.4, "commercial_premium"),
    "supplement.premium_per_head": (BOUGHT, 150.0, "commercial_premium"),
    "supplement.payout_share": (BOUGHT, 0.7, "commercial_benefit"),
    "supplement.subsidised_share": (BOUGHT, 0.5, "burden_to_income"),
    "supplement.payer": (BOUGHT, "fund", "commercial_subsidy"),
    "supplement.from_year": (BOUGHT, 2035, "commercial_premium"),
    "supplement.phase_in_years": (BOUGHT, 5, "commercial_premium"),
    "reserve.risk_share": (NONE, 0.2, "risk_reserve"),
    "reserve.months_low": (NONE, 8.9, "months_within"),
    "reserve.months_high": (NONE, 20.0, "months_within"),
    "investment.market_share": (NONE, 0.3, "interest"),
    "investment.deposit_spread": (NONE, 0.0, "interest"),
    "investment.interest_convention": (NONE, "opening_balance", "interest"),
    "valuation.target_reserve_ratio": (NONE, 1.0, "actuarial_balance"),
    "valuation.deficit_rule": (FLOOR, "benefit_cut", "benefit_cut"),
}
UNEMPLOYMENT: dict[str, tuple[Changes, object, str]] = {
    "money_year": (NONE, 2020, "emergency_allowance"),
    "membership.from_year": (NONE, 2030, "members"),
    "membership.coverage_first": (NONE, 0.2, "members"),
    "membership.coverage_last": (NONE, 0.6, "members"),
    "membership.coverage_years": (NONE, 5, "members"),
    "membership.flexible_per_migrant": (NONE, 0.3, "members"),
    "membership.platform_share": (NONE, 0.5, "platform_contributions"),
    "membership.risk_multiple": (NONE, 1.0, "out_of_work"),
    "contribution.rate": (NONE, 0.015, "member_contributions"),
    "contribution.instalment_months": (NONE, 6, "member_contributions"),
    "contribution.paid_share": (NONE, 1.0, "living_allowance"),
    "contribution.platform_part": (NONE, 0.5, "platform_contributions"),
    "contribution.firm_subsidy": (NONE, 0.05, "firm_subsidy"),
    "contribution.fiscal_match": (NONE, 0.5, "fiscal_match"),
    "contribution.rate_rule": (NONE, "follows_multiple", "contribution_rate"),
    "contribution.rate_target_multiple": (FOLLOWS, 1.5, "contribution_rate"),
    "contribution.rate_response": (FOLLOWS, 0.2, "contribution_rate"),
    "contribution.rate_least": ({**FOLLOWS, "contribution.rate_target_multiple": 0.2}, 0.9, "contribution_rate"),
    "contribution.rate_most": ({**FOLLOWS, "contribution.rate_target_multiple": 3.0}, 1.1, "contribution_rate"),
    "financing.deficit_rule": ({"contribution.rate": 0.001}, "benefit_cut", "benefit_cut"),
    "financing.founding_grant": (NONE, 300.0, "founding_grant"),
    "financing.land_share": (NONE, 0.03, "land_withdrawal"),
    "financing.land_from": (LAND, 2035, "land_withdrawal"),
    "financing.land_phase_in_years": (LAND, 5, "land_withdrawal"),
    "benefits.months": (NONE, 12, "living_allowance"),
    "benefits.eligible_share": (NONE, 0.5, "living_allowance"),
    "benefits.allowance": (NONE, 0.5, "living_allowance"),
    "benefits.exit_rate": (NONE, 0.25, "living_allowance"),
    "benefits.trained_share": (NONE, 0.05, "training"),
    "benefits.training_from": (TRAINED, 2035, "training"),
    "benefits.training_phase_in_years": ({**TRAINED, "benefits.training_from": 2035}, 5, "training"),
    "benefits.placed_share": (TRAINED, 0.5, "out_of_work"),
    "benefits.training_cost": (NONE, 4000.0, "training"),
    "benefits.posts_share": (NONE, 0.05, "transition_posts"),
    "benefits.posts_wage": (POSTS, 0.6, "transition_posts"),
    "emergency.threshold": (NONE, 0.055, "emergency_months"),
    "emergency.rate": (NONE, "migrant", "emergency_months"),
    "emergency.rise": (NONE, 1.05, "emergency_months"),
    "emergency.take_up": (NONE, 0.8, "emergency_allowance"),
    "emergency.monthly": (NONE, 1200.0, "emergency_allowance"),
    "emergency.journey": (NONE, 900.0, "journey_home"),
    "emergency.trained_share": (NONE, 0.1, "training"),
    "emergency.amounts_follow": (NONE, "nothing", "emergency_allowance"),
}
TIME_BANK: dict[str, tuple[Changes, object, str]] = {
    "from_year": (NONE, 2030, "hours_earned"),
    "phase_in_years": (NONE, 10, "hours_earned"),
    "participation": (NONE, 0.2, "hours_earned"),
    "earn_from_age": (NONE, 62, "hours_supply"),
    "earn_to_age": (NONE, 72, "hours_supply"),
    "hours_given": (NONE, 150.0, "hours_supply"),
    "hours_cap": (NONE, 300.0, "hours_given_away"),
    "hours_helped": (NONE, 300.0, "hours_needed"),
    "company_from_age": (NONE, 75, "hours_needed"),
    "hours_company": (NONE, 104.0, "hours_needed"),
    "extra_leaving": (NONE, 0.03, "hours_lapsed_by_leaving"),
    "lapse_on_leaving": ({"extra_leaving": 0.03}, 0.5, "hours_lapsed_by_leaving"),
    "shortage_rule": (SHORT, "wait", "hours_bought"),
    "wage_per_hour": (SHORT, 30.0, "guarantee_payment"),
    "purchase_loading": (SHORT, 0.5, "care_purchased"),
    "running_cost_per_hour": (NONE, 3.0, "bank_running_cost"),
    "running_budget_share": (NONE, 0.5, "member_fees"),
    "guarantee_share": (NONE, 0.3, "guarantee_payment"),
    "health.healthy_at_60": (NONE, 0.8, "hours_supply"),
    "health.healthy_at_70": (NONE, 0.6, "hours_supply"),
    "health.help_at_65": (NONE, 0.2, "hours_needed"),
    "health.help_at_85": (NONE, 0.6, "hours_needed"),
    "health.help_trend": (NONE, 0.01, "hours_needed"),
    "health.healthy_shift": (NONE, 0.5, "hours_supply"),
    "health.help_shift": (NONE, 0.5, "hours_needed"),
    "health.healthy_error": (NONE, 0.6, "hours_supply"),
    "health.help_error": (NONE, 0.6, "hours_needed"),
}
CARE_PLAN: dict[str, tuple[Changes, object, str]] = {
    "from_year": (NONE, 2030, "beds_new"),
    "years": (NONE, 8, "beds_new"),
    "beds.number": (NONE, 3e6, "beds_new"),
    "beds.standing": (NONE, 2e6, "beds_per_thousand"),
    "beds.subsidy": (NONE, 60000.0, "bed_building"),
    "beds.occupancy": (NONE, 0.7, "beds_occupied"),
    "beds.running": (NONE, 4800.0, "bed_running"),
    "beds.life_years": (NONE, 20, "bed_building"),
    "centres.number": (NONE, 2e5, "centres"),
    "centres.building": (NONE, 2e5, "centre_building"),
    "centres.running": (NONE, 4e4, "centre_running"),
    "centres.life_years": (NONE, 10, "centre_building"),
    "villages.number": (NONE, 5e5, "villages_covered"),
    "villages.cover_today": (NONE, 0.4, "village_running"),
    "villages.cover": (NONE, 1.0, "village_cover"),
    "villages.start": (NONE, 6e4, "village_start"),
    "villages.running": (NONE, 3e4, "village_running"),
    "villages.life_years": (NONE, 10, "village_start"),
    "carers.per_bed": (NONE, 0.5, "carers"),
    "carers.per_centre": (NONE, 2.0, "carers"),
    "carers.per_village": (NONE, 1.0, "carers"),
    "carers.turnover": (NONE, 0.3, "carers_trained"),
    "carers.training": (NONE, 3000.0, "carer_training"),
    "carers.post": (NONE, 3000.0, "carer_posts"),
    "prices.building_income_weight": (NONE, 1.0, "bed_building"),
    "prices.running_income_weight": (NONE, 1.0, "bed_running"),
    "prices.building_error": (NONE, 0.5, "bed_building"),
    "prices.running_error": (NONE, 0.5, "bed_running"),
    "funding.central_building": (NONE, 0.5, "care_central"),
    "funding.provincial_building": (NONE, 0.2, "care_provincial"),
    "funding.county_building": (NONE, 0.1, "care_county"),
    "funding.central_running": (NONE, 0.1, "care_central"),
    "funding.provincial_running": (NONE, 0.1, "care_provincial"),
    "funding.county_running": (NONE, 0.1, "care_county"),
    "funding.lottery_yield": (NONE, 4e10, "care_lottery"),
    "funding.lottery_care_share": (NONE, 0.6, "care_lottery"),
    "funding.lottery_plan_share": (NONE, 0.3, "care_lottery"),
    "funding.land_share": (NONE, 0.01, "care_land"),
    "funding.collective_per_village": (NONE, 8000.0, "care_collective"),
}
MOVES: dict[Scheme, dict[str, tuple[Changes, object, str]]] = {
    "medical": MEDICAL,
    "unemployment": UNEMPLOYMENT,
    "time_bank": TIME_BANK,
    "care_plan": CARE_PLAN,
}
KEYS = [(fund, key) for fund, rows in MOVES.items() for key in rows]


def moved(world: World, fund: Scheme, context: Changes, change: Changes, output: str) -> bool:
    """Tell whether a change of a fund's rules moves one of its outputs by more than rounding does."""
    full = [{f"{fund}.{key}": value for key, value in rules.items()} for rules in (context, {**context, **change})]
    before, after = (world.output(fund, rules, output) for rules in full)
    return before.shape != after.shape or not np.allclose(before, after, rtol=1e-9, atol=0.0, equal_nan=True)


@pytest.mark.parametrize("fund", MOVES)
def test_every_key_of_the_new_funds_is_tried(fund: Scheme) -> None:
    assert set(MOVES[fund]) == {row["key"] for row in describe(getattr(Rules(), fund))}


@pytest.mark.parametrize(("fund", "key"), KEYS, ids=[f"{fund}.{key}" for fund, key in KEYS])
def test_every_key_moves_the_output_that_it_is_for(fund: Scheme, key: str, world: World) -> None:
    context, value, output = MOVES[fund][key]
    assert moved(world, fund, context, {key: value}, output)


@pytest.mark.parametrize(
    ("fund", "key", "value"),
    [
        ("medical", "county.phase_years", 10),
        ("medical", "equipment.price", 3e6),
        ("unemployment", "benefits.posts_wage", 0.6),
        ("time_bank", "lapse_on_leaving", 0.5),
    ],
)
def test_a_key_that_nothing_reads_under_its_rules_is_found_out(
    fund: Scheme, key: str, value: object, world: World
) -> None:
    # Without the company that MOVES gives it, each of these is read by nobody: the test above would fail.
    idle = "hours_redeemed" if fund == "time_bank" else "expenditure"
    assert not moved(world, fund, {}, {key: value}, idle)


def test_every_output_named_has_a_unit_and_a_meaning() -> None:
    flows: dict[Scheme, Sequence[Flow]] = {
        "medical": (*medical.INCOME, *medical.OUTGO),
        "unemployment": (*unemployment.INCOME, *unemployment.OUTGO),
        "time_bank": timebank.fund(2026).flows,
        "care_plan": careplan.fund(2026).flows,
    }
    told: dict[Scheme, Mapping[str, tuple[str, str]]] = {
        "medical": medical.MEMOS | medical.INDICATORS,
        "unemployment": unemployment.MEMO | unemployment.INDICATORS,
        "time_bank": timebank.HOURS | timebank.INDICATORS,
        "care_plan": careplan.CAPACITY | careplan.INDICATORS,
    }
    of_every_account = {
        "income",
        "expenditure",
        "balance",
        "interest",
        "shortfall",
        "benefit_cut",
        "emergency_transfer",
    }
    for fund, rows in MOVES.items():
        known = {flow.name for flow in flows[fund]} | set(told[fund]) | of_every_account
        named = {output for _, _, output in rows.values()}
        assert named <= known, fund
