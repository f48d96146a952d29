"""What is accepted moves an output; what is refused is refused all at once."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import xarray as xr
from pydantic import ValidationError

from actuarial import assessment
from actuarial.assumptions import Assumptions, changed, describe
from tests.actuarial.feedback_world import answering, rules
from tests.actuarial.sources_world import swinging

CAPACITY = {"fiscal.rule": "capacity", "fiscal.capacity_share": 0.02}
POOR = {"fiscal.rule": "capacity", "fiscal.capacity_share": 0.002}
BALANCED = CAPACITY | {"benefit.balancing": "balance_ratio"}
CAPPED = {"fiscal.rule": "capped", "fiscal.growth_cap": 0.01}
LAND = {"land.share": 0.1}
VILLAGES = {"collective.pool_per_head": 10.0}
GIVEN = {"collective.donations": 1e6}
PLATFORM = {"platform.rate": 0.02}
RISING = {"fiscal.growth_floor": 0.12}
DATED = {"investment.market_share": 0.3, "investment.market_from": 2035}
PORTFOLIO = "investment.portfolio."
BONDS = {f"{PORTFOLIO}fixed_income": 0.85, f"{PORTFOLIO}equity": 0.10}
PROJECTS = {f"{PORTFOLIO}fixed_income": 0.55, f"{PORTFOLIO}projects": 0.10}
REPURCHASE = {f"{PORTFOLIO}fixed_income": 0.75, f"{PORTFOLIO}borrowed": 0.10}
CAP = {"accounts.member_share_cap": 0.4}
LATER = {"retirement.target_age": 63}
LEVEL = {"adequacy.subsistence_allowance": 3000.0}
INCREMENT = {"benefit.age_increment": 10.0}
ANSWERS = {"participation.answers": "to_terms"}
UPPER = {"fiscal.central_provincial_share": 0.95}
WEIGHTS = {"benefit.income_weight": 0.5, "benefit.price_weight": 0.5}
RETURNS = WEIGHTS | {"feedback.revenue": "answers"}

MOVES = {
    "money_year": ({}, 2020),
    "benefit.income_weight": ({}, 0.5),
    "benefit.price_weight": ({}, 0.5),
    "benefit.growth_floor": ({}, 0.06),
    "benefit.indexation_from": (WEIGHTS, 2035),
    "benefit.top_up_income_weight": ({}, 0.0),
    "benefit.age_increment": ({}, 10.0),
    "benefit.long_contribution_increment": ({}, 1.0),
    "benefit.increments_from": (INCREMENT, 2035),
    "benefit.divisor_months": ({}, 170.0),
    "benefit.funeral_grant_per_death": ({}, 2000.0),
    "benefit.balancing": (CAPACITY, "balance_ratio"),
    "benefit.balancing_from": (BALANCED, 2035),
    "benefit.balancing_share": (BALANCED | {"benefit.growth_floor": -0.2}, 1.0),
    "benefit.divisor_rule": ({}, "cohort_annuity"),
    "benefit.remainder": ({}, "survivors"),
    "benefit.divisor_from": ({"benefit.divisor_rule": "cohort_annuity"}, 2035),
    "benefit.minimum_years": ({}, 20),
    "benefit.minimum_years_from": ({"benefit.minimum_years": 20}, 2035),
    "retirement.target_age": ({}, 63),
    "retirement.change_from": (LATER, 2035),
    "retirement.step_years": (LATER, 2),
    "retirement.contributing_share": (LATER, 1.0),
    "portability.out_share": ({}, 0.5),
    "portability.in_per_new_pensioner": ({}, 500.0),
    "portability.from_year": ({"portability.in_per_new_pensioner": 500.0}, 2035),
    "accounts.crediting_spread": ({}, 0.01),
    "accounts.back_payment_share": ({}, 0.0),
    "accounts.tiers": ({}, (*range(200, 1101, 100), 1500, 2000)),
    "accounts.tier_spread": ({}, 0.3),
    "accounts.match_amounts": ({}, (*[30] * 3, *[60] * 9)),
    "accounts.match_multiple": ({}, 2.0),
    "accounts.match_indexed_from": ({}, 2035),
    "accounts.member_share_cap": ({}, 0.4),
    "accounts.member_share_cap_from": (CAP, 2035),
    "fiscal.rule": ({"fiscal.capacity_share": 0.02}, "capacity"),
    "fiscal.capacity_share": (CAPACITY, 0.03),
    "fiscal.growth_cap": (CAPPED, 0.02),
    "fiscal.capped_from": (CAPPED, 2035),
    "fiscal.cap_share": ({}, 0.001),
    "fiscal.growth_floor": ({}, 0.12),
    "fiscal.growth_floor_from": (RISING, 2035),
    "fiscal.growth_floor_until": (RISING, 2035),
    "fiscal.central_share_of_minimum": ({}, 0.7),
    "fiscal.provincial_share_of_local": ({}, 0.4),
    "fiscal.central_provincial_share": ({}, 0.95),
    "fiscal.central_provincial_from": (UPPER, 2035),
    "land.share": ({}, 0.1),
    "land.fund_share": (LAND, 0.5),
    "land.from_year": (LAND, 2035),
    "land.phase_in_years": (LAND, 5),
    "land.cap_share": (LAND, 0.1),
    "collective.pool_per_head": ({}, 10.0),
    "collective.accounts_per_head": ({}, 10.0),
    "collective.from_year": (VILLAGES, 2035),
    "collective.phase_in_years": (VILLAGES, 5),
    "collective.cap_share": (VILLAGES, 0.001),
    "collective.volatility": (VILLAGES, 0.5),
    "collective.persistence": (VILLAGES, 0.9),
    "collective.donations": ({}, 1e6),
    "collective.donations_from": (GIVEN, 2035),
    "collective.donations_phase_in_years": (GIVEN, 5),
    "collective.donations_cap_share": (GIVEN, 0.0001),
    "collective.donations_volatility": (GIVEN, 0.5),
    "collective.donations_persistence": (GIVEN, 0.9),
    "collective.other_income": ({}, 2e6),
    "platform.covered_share": (PLATFORM, 0.5),
    "platform.rate": ({}, 0.02),
    "platform.from_year": (PLATFORM, 2035),
    "platform.phase_in_years": (PLATFORM, 5),
    "platform.cap_share": (PLATFORM, 0.001),
    "platform.volatility": (PLATFORM, 0.5),
    "platform.persistence": (PLATFORM, 0.9),
    "sources.as_needed": (LAND, ("land", "fiscal")),
    "investment.market_share": ({}, 0.3),
    "investment.market_share_today": (DATED, 0.2),
    "investment.market_from": ({"investment.market_share": 0.3}, 2035),
    "investment.market_phase_in_years": (DATED, 5),
    "investment.portfolio.liquid": ({}, 0.15),
    "investment.portfolio.fixed_income": ({}, 0.55),
    "investment.portfolio.equity": ({}, 0.2),
    "investment.portfolio.projects": ({}, 0.1),
    "investment.portfolio.borrowed": ({}, 0.1),
    "investment.returns.bond_premium": (BONDS, 0.02),
    "investment.returns.bond_volatility": (BONDS, 0.03),
    "investment.returns.project_premium": (PROJECTS, 0.03),
    "investment.returns.project_volatility": (PROJECTS, 0.1),
    "investment.returns.borrowing_spread": (REPURCHASE, 0.01),
    "investment.deposit_spread": ({}, 0.0),
    "investment.interest_convention": ({}, "opening_balance"),
    "valuation.target_reserve_ratio": ({}, 2.0),
    "valuation.deficit_rule": (POOR, "benefit_cut"),
    "valuation.cut_when": (POOR, "pool_empty"),
    "participation.elasticity": (POOR | {"valuation.deficit_rule": "benefit_cut"}, 1.0),
    "participation.answers": ({}, "to_terms"),
    "participation.benefit_response": (ANSWERS, 0.8),
    "participation.benefit_response_sd": (ANSWERS, 0.3),
    "participation.contribution_response": (ANSWERS | CAP, 0.8),
    "participation.contribution_response_sd": (ANSWERS | CAP, 0.3),
    "participation.income_response": (ANSWERS, 0.8),
    "participation.income_response_sd": (ANSWERS, 0.3),
    "feedback.revenue": (WEIGHTS, "answers"),
    "feedback.returned_share": (RETURNS, 0.2),
    "feedback.returned_share_sd": (RETURNS, 0.1),
    "valuation.control_period": ({}, 10),
    "valuation.steady_from": ({"valuation.steady_to": 30}, 5),
    "valuation.steady_to": ({}, 30),
    "adequacy.subsistence_allowance": ({}, 3000.0),
    "adequacy.subsistence_income_weight": (LEVEL, 0.5),
    "adequacy.subsistence_price_weight": (LEVEL, 0.5),
}
TOGETHER = {
    f"{PORTFOLIO}liquid": {f"{PORTFOLIO}fixed_income": 0.55},
    f"{PORTFOLIO}fixed_income": {f"{PORTFOLIO}projects": 0.10},
    f"{PORTFOLIO}equity": {f"{PORTFOLIO}liquid": 0.15},
    f"{PORTFOLIO}projects": {f"{PORTFOLIO}equity": 0.20},
    f"{PORTFOLIO}borrowed": {f"{PORTFOLIO}fixed_income": 0.75},
}
"""Shares of a portfolio come to net asset value: what one class gains another loses, or is borrowed."""

SCALE = {"collective.other_income": 1e6, "fiscal.central_share_of_minimum": 0.8}
"""Other income of the small scheme: the default is China's; and what a run takes from the data."""

MINIMUM = {year: 600.0 + 20.0 * (year - 2018) for year in range(2018, 2025)}
"""National minimum of the small scheme, yuan a year."""


@pytest.fixture(scope="module")
def outcome(village: xr.Dataset, observed: dict[int, float]) -> Callable[[dict[str, object]], xr.Dataset]:
    """Everything that the small scheme gives under some changes of the law; each set of changes is worked out once."""
    known: dict[str, xr.Dataset] = {}
    opening = assessment.Opening(2025, 2e9, observed, MINIMUM)
    people = swinging(answering(village))
    # No reform moves rural income: members and budgets answer to what they have lost of another future's.
    richer = village.assign(rural_income=1.1 * village["rural_income"])
    reference = assessment.terms(richer, rules({}), opening)

    def worked_out(changes: dict[str, object]) -> xr.Dataset:
        if repr(changes) not in known:
            found = assessment.assess(people, changed(Assumptions(), SCALE | changes), opening, reference=reference)
            known[repr(changes)] = xr.merge([found.account, found.indicators], join="exact")
        return known[repr(changes)]

    return worked_out


def test_every_field_is_tried() -> None:
    assert set(MOVES) == {row["key"] for row in describe(Assumptions())}


@pytest.mark.parametrize("key", MOVES)
def test_a_field_that_is_accepted_moves_an_output(key: str, outcome: Callable[[dict[str, object]], xr.Dataset]) -> None:
    context, value = MOVES[key]
    before, after = outcome(context), outcome(context | {key: value} | TOGETHER.get(key, {}))
    assert any(not before[name].equals(after[name]) for name in before.data_vars)


def test_every_field_has_a_whole_record() -> None:
    for row in describe(Assumptions(), "pension."):
        assert str(row["key"]).startswith("pension.")
        assert row["unit"] and row["meaning"] and row["source"]
        assert (row["low"] is None) == (row["high"] is None)


def test_every_range_holds_its_default_with_room_on_a_side() -> None:
    for row in describe(Assumptions()):
        if row["low"] is not None and row["value"] is not None:
            values = row["value"] if isinstance(row["value"], tuple) else (row["value"],)
            assert all(row["low"] <= value <= row["high"] for value in values)
            assert row["low"] < row["high"]


def test_all_faults_of_a_reform_are_listed_at_once() -> None:
    wrong = {"benefit.income_weight": 7, "land.share": float("nan"), "fiscal.rule": "wish", "fiscal.rul": "statutory"}
    with pytest.raises(ValidationError) as caught:
        changed(Assumptions(), wrong)
    assert {".".join(map(str, e["loc"])) for e in caught.value.errors()} == set(wrong)


@pytest.mark.parametrize("row", describe(Assumptions()), ids=lambda row: str(row["key"]))
def test_a_value_outside_its_range_is_refused(row: dict[str, object]) -> None:
    if row["high"] is not None:
        with pytest.raises(ValidationError):
            changed(Assumptions(), {str(row["key"]): float(row["high"]) * 2 + 1})


def test_assumptions_are_frozen_and_a_reform_leaves_them_alone() -> None:
    law = Assumptions()
    reform = changed(law, {"benefit.divisor_months": 170})
    assert (law.benefit.divisor_months, reform.benefit.divisor_months) == (139, 170)
    with pytest.raises(ValidationError):
        law.benefit.divisor_months = 170
