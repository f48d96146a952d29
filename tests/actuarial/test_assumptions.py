"""What is accepted moves an output; what is refused is refused all at once."""

from __future__ import annotations

import pytest
import xarray as xr
from pydantic import ValidationError

from actuarial import pension, solvency
from actuarial.assumptions import Assumptions, changed, describe
from actuarial.fund import project

CAPACITY = {"fiscal.rule": "capacity", "fiscal.capacity_share": 0.02}
POOR = {"fiscal.rule": "capacity", "fiscal.capacity_share": 0.002}
CAPPED = {"fiscal.rule": "capped", "fiscal.growth_cap": 0.01}
LAND = {"land.share": 0.1}
CAP = {"accounts.member_share_cap": 0.4}
WEIGHTS = {"benefit.income_weight": 0.5, "benefit.price_weight": 0.5}

MOVES = {
    "money_year": ({}, 2020),
    "benefit.income_weight": ({}, 0.5),
    "benefit.price_weight": ({}, 0.5),
    "benefit.growth_floor": ({}, 0.06),
    "benefit.indexation_from": (WEIGHTS, 2035),
    "benefit.divisor_months": ({}, 170.0),
    "benefit.funeral_grant_per_death": ({}, 2000.0),
    "accounts.crediting_spread": ({}, 0.01),
    "accounts.back_payment_share": ({}, 0.0),
    "accounts.match_multiple": ({}, 2.0),
    "accounts.match_indexed_from": ({}, 2035),
    "accounts.member_share_cap": ({}, 0.4),
    "accounts.member_share_cap_from": (CAP, 2035),
    "fiscal.rule": ({"fiscal.capacity_share": 0.02}, "capacity"),
    "fiscal.capacity_share": (CAPACITY, 0.03),
    "fiscal.growth_cap": (CAPPED, 0.02),
    "fiscal.capped_from": (CAPPED, 2035),
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
}
SCALE = {"collective.other_income": 1e6}
"""Other income of the small scheme: the default is China's."""


def outcome(village: xr.Dataset, observed: dict[int, float], changes: dict[str, object]) -> xr.Dataset:
    assumptions = changed(Assumptions(), SCALE | changes)
    projection = pension.with_accounts(village, assumptions, observed)
    fund = pension.standard_fund(2025, 2e9, 1e9)
    account = project(fund, projection, assumptions)
    return xr.merge([account, solvency.indicators(account, projection, assumptions)], join="exact")


def test_every_field_is_tried() -> None:
    assert set(MOVES) == {row["key"] for row in describe(Assumptions())}


@pytest.mark.parametrize("key", MOVES)
def test_a_field_that_is_accepted_moves_an_output(key: str, village: xr.Dataset, observed: dict[int, float]) -> None:
    context, value = MOVES[key]
    before, after = outcome(village, observed, context), outcome(village, observed, context | {key: value})
    assert any(not before[name].equals(after[name]) for name in before.data_vars)


def test_every_field_has_a_whole_record() -> None:
    for row in describe(Assumptions(), "pension."):
        assert str(row["key"]).startswith("pension.")
        assert row["unit"] and row["meaning"] and row["source"]
        assert (row["low"] is None) == (row["high"] is None)


def test_every_range_holds_its_default_with_room_on_a_side() -> None:
    for row in describe(Assumptions()):
        if row["low"] is not None and row["value"] is not None:
            assert row["low"] <= row["value"] <= row["high"]
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
