"""What is accepted moves an output; what is refused is refused all at once."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import xarray as xr
from pydantic import ValidationError

from actuarial import assessment
from actuarial.assumptions import Assumptions, changed, describe

CAPACITY = {"fiscal.rule": "capacity", "fiscal.capacity_share": 0.02}
POOR = {"fiscal.rule": "capacity", "fiscal.capacity_share": 0.002}
BALANCED = CAPACITY | {"benefit.balancing": "balance_ratio"}
CAPPED = {"fiscal.rule": "capped", "fiscal.growth_cap": 0.01}
LAND = {"land.share": 0.1}
CAP = {"accounts.member_share_cap": 0.4}
LATER = {"retirement.target_age": 63}
LEVEL = {"adequacy.subsistence_allowance": 3000.0}
INCREMENT = {"benefit.age_increment": 10.0}
UPPER = {"fiscal.central_provincial_share": 0.95}
WEIGHTS = {"benefit.income_weight": 0.5, "benefit.price_weight": 0.5}

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
    "fiscal.central_share_of_minimum": ({}, 0.7),
    "fiscal.provincial_share_of_local": ({}, 0.4),
    "fiscal.central_provincial_share": ({}, 0.95),
    "fiscal.central_provincial_from": (UPPER, 2035),
    "land.share": ({}, 0.1),
    "land.fund_share": (LAND, 0.5),
    "land.from_year": (LAND, 2035),
    "collective.pool_per_head": ({}, 10.0),
    "collective.accounts_per_head": ({}, 10.0),
    "collective.donations": ({}, 1e6),
    "collective.other_income": ({}, 2e6),
    "investment.market_share": ({}, 0.3),
    "investment.deposit_spread": ({}, 0.0),
    "investment.interest_convention": ({}, "opening_balance"),
    "valuation.target_reserve_ratio": ({}, 2.0),
    "valuation.deficit_rule": (POOR, "benefit_cut"),
    "valuation.cut_when": (POOR, "pool_empty"),
    "participation.elasticity": (POOR | {"valuation.deficit_rule": "benefit_cut"}, 1.0),
    "valuation.control_period": ({}, 10),
    "valuation.steady_from": ({"valuation.steady_to": 30}, 5),
    "valuation.steady_to": ({}, 30),
    "adequacy.subsistence_allowance": ({}, 3000.0),
    "adequacy.subsistence_income_weight": (LEVEL, 0.5),
    "adequacy.subsistence_price_weight": (LEVEL, 0.5),
}
SCALE = {"collective.other_income": 1e6, "fiscal.central_share_of_minimum": 0.8}
"""Other income of the small scheme: the default is China's; and what a run takes from the data."""

MINIMUM = {year: 600.0 + 20.0 * (year - 2018) for year in range(2018, 2025)}
"""National minimum of the small scheme, yuan a year."""


@pytest.fixture(scope="module")
def outcome(village: xr.Dataset, observed: dict[int, float]) -> Callable[[dict[str, object]], xr.Dataset]:
    """Everything that the small scheme gives under some changes of the law; each set of changes is worked out once."""
    known: dict[str, xr.Dataset] = {}
    opening = assessment.Opening(2025, 2e9, observed, MINIMUM)

    def worked_out(changes: dict[str, object]) -> xr.Dataset:
        if repr(changes) not in known:
            found = assessment.assess(village, changed(Assumptions(), SCALE | changes), opening)
            known[repr(changes)] = xr.merge([found.account, found.indicators], join="exact")
        return known[repr(changes)]

    return worked_out


def test_every_field_is_tried() -> None:
    assert set(MOVES) == {row["key"] for row in describe(Assumptions())}


@pytest.mark.parametrize("key", MOVES)
def test_a_field_that_is_accepted_moves_an_output(key: str, outcome: Callable[[dict[str, object]], xr.Dataset]) -> None:
    context, value = MOVES[key]
    before, after = outcome(context), outcome(context | {key: value})
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
