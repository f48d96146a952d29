"""A step is done again exactly where something that it read has moved; accounts made in steps are the same bits."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
import xarray as xr
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from actuarial import assessment
from actuarial._quantity import describe
from actuarial._steps import AFRESH, KEPT, Keeping, Watched
from actuarial.assessment import Opening
from actuarial.assumptions import Assumptions, changed
from actuarial.investment import market_share
from actuarial.portfolio import Portfolio

SCALE = {"collective.other_income": 1e6, "fiscal.central_share_of_minimum": 0.8, "fiscal.rule": "within_capacity"}
SCALE |= {"fiscal.capacity_share": 0.004}
MINIMUM = {year: 600.0 + 20.0 * (year - 2018) for year in range(2018, 2025)}
LAW = changed(Assumptions(), SCALE)
NUMBERS = {
    str(one["key"]): (float(str(one["low"])), float(str(one["high"])))
    for one in describe(LAW)
    if isinstance(one["value"], float) and isinstance(one["low"], float | int)
}
CHOICES: dict[str, tuple[object, ...]] = {
    "fiscal.rule": ("statutory", "capacity", "within_capacity", "capped"),
    "retirement.target_age": (60, 61, 65),
    "valuation.deficit_rule": ("benefit_cut", "emergency_transfer"),
    "valuation.cut_when": ("fund_empty", "pool_empty"),
    "investment.interest_convention": ("mid_year", "opening_balance"),
    "benefit.balancing": ("none", "balance_ratio"),
    "benefit.divisor_rule": ("statute", "cohort_annuity"),
}


def same_or_same_error(rules: Assumptions, village: xr.Dataset, opening: Opening, steps: Keeping) -> bool:
    """Keep the books afresh and in steps, and hold one against the other; False where the rules cannot be carried."""
    try:
        known = assessment.books(village, rules, opening).account
    except ValueError as error:
        with pytest.raises(ValueError, match=r".+") as raised:
            assessment.books(village, rules, opening, steps=steps)
        assert str(raised.value) == str(error)
        return False
    xr.testing.assert_identical(assessment.books(village, rules, opening, steps=steps).account, known)
    return True


def allowed(changes: dict[str, object]) -> Assumptions | None:
    try:
        return changed(LAW, changes)
    except ValueError:
        return None


@pytest.fixture(scope="module")
def small(village: xr.Dataset) -> xr.Dataset:
    return village.isel(draw=slice(0, 2)).sel(year=slice(None, 2045))


@pytest.fixture(scope="module")
def opening(observed: dict[int, float]) -> Opening:
    return Opening(2025, 2e9, observed, MINIMUM)


def moves() -> Iterator[dict[str, object]]:
    """Every number to a place inside its range, and every choice, one at a time."""
    for key, (low, high) in NUMBERS.items():
        yield {key: low + 0.381966 * (high - low)}
    for key, values in CHOICES.items():
        for value in values:
            yield {key: value}


def test_every_lever_alone_gives_the_account_of_books_kept_afresh(small: xr.Dataset, opening: Opening) -> None:
    steps, done = Keeping(), 0
    for change in moves():
        rules = allowed(change)
        done += rules is not None and same_or_same_error(rules, small, opening, steps)
    assert done > 50


@settings(max_examples=12, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_levers_at_random_one_after_the_other_give_the_accounts_of_books_kept_afresh(
    small: xr.Dataset, opening: Opening, data: st.DataObject
) -> None:
    steps = Keeping()
    for _ in range(3):
        some = data.draw(st.lists(st.sampled_from(sorted(NUMBERS)), min_size=1, max_size=4, unique=True))
        change: dict[str, object] = {key: data.draw(st.floats(*NUMBERS[key])) for key in some}
        which = data.draw(st.sampled_from(sorted(CHOICES)))
        change[which] = data.draw(st.sampled_from(CHOICES[which]))
        rules = allowed(change)
        if rules is not None:
            same_or_same_error(rules, small, opening, steps)


def test_money_that_the_pool_gets_moves_no_member_and_no_account(
    small: xr.Dataset, opening: Opening, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps, carried = Keeping(), []
    real = assessment.pension._member_money.flows

    def counted(*given: object) -> tuple[xr.Dataset, xr.DataArray]:
        carried.append(1)
        return real(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(assessment.pension._member_money, "flows", counted)
    for change in ({}, {"land.share": 0.1}, {"fiscal.capacity_share": 0.01}, {"investment.market_share": 0.3}):
        assessment.books(small, changed(LAW, change), opening, steps=steps)
    assert len(carried) == 1
    assessment.books(small, changed(LAW, {"accounts.crediting_spread": 0.01}), opening, steps=steps)
    assert len(carried) == 2


def test_a_step_notes_what_it_reads_and_is_done_again_when_that_moves() -> None:
    steps, done = Keeping(), []

    def share(rules: Assumptions) -> float:
        done.append(1)
        return 2.0 * rules.land.share

    far = object()
    for change, times in (({}, 1), ({"land.from_year": 2040}, 1), ({"land.share": 0.2}, 2), ({}, 2)):
        rules = changed(LAW, change)
        assert steps.once("land", rules, (far,), share) == 2.0 * rules.land.share
        assert len(done) == times
    steps.once("land", LAW, (object(),), share)
    assert len(done) == 3
    AFRESH.once("land", LAW, (far,), share)
    assert len(done) == 4


def test_only_the_last_results_are_kept() -> None:
    steps, done = Keeping(), []
    for share in [0.01 * n for n in range(KEPT + 1)] + [0.0]:
        steps.once("land", changed(LAW, {"land.share": share}), (), lambda rules: done.append(rules.land.share))
    assert len(done) == KEPT + 2


def test_watched_rules_look_like_rules_and_what_is_taken_whole_is_noted_whole() -> None:
    reads: dict[tuple[str, ...], object] = {}
    seen = Watched(LAW, (), reads)
    assert isinstance(seen, Assumptions)
    assert isinstance(seen.investment, type(LAW.investment))
    assert reads == {}
    assert seen.investment.portfolio == Portfolio()
    assert reads == {("investment", "portfolio"): LAW.investment.portfolio}
    assert seen.land == LAW.land
    assert reads["land",] == LAW.land
    assert hash(seen.land) == hash(LAW.land)
    assert seen.model_dump() == LAW.model_dump()
    assert reads[()] == LAW


def test_what_is_worked_out_from_watched_rules_is_the_same(small: xr.Dataset) -> None:
    reads: dict[tuple[str, ...], object] = {}
    made = market_share(small, Watched(LAW, (), reads))  # type: ignore[arg-type]
    np.testing.assert_array_equal(made, market_share(small, LAW))
    assert ("investment", "market_share") in reads


def test_a_step_inside_another_reads_for_both_also_where_its_result_is_given_again() -> None:
    steps = Keeping()

    def inner(rules: Assumptions) -> float:
        return rules.land.share + (1.0 if rules.investment == LAW.investment else 0.0)

    def outer(rules: Assumptions) -> float:
        return rules.land.fund_share * steps.once("inner", rules, (), inner)

    # The second goes through the outer step with the inner result at hand.
    for change in ({}, {"land.fund_share": 0.5}, {"land.share": 0.2}, {"investment.market_share": 0.2}, {}):
        rules = changed(LAW, change)
        assert steps.once("outer", rules, (), outer) == outer(rules)
