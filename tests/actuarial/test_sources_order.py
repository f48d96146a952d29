"""Caps hold in every draw and year; the order of calling tells who pays and never how much the pool gets."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from actuarial import assessment
from actuarial._source_order import FLOWS, caps
from actuarial.assumptions import Assumptions, changed
from tests.actuarial.sources_world import swinging

SOURCES = ("land", "collective", "donations", "platform", "fiscal")
INCOME = (*(FLOWS[name] for name in SOURCES), "other_income")
PAYING = {
    **{"collective.other_income": 1e6, "fiscal.central_share_of_minimum": 0.8, "fiscal.capacity_share": 0.004},
    **{"land.share": 0.05, "collective.pool_per_head": 40.0, "collective.donations": 4e6, "platform.rate": 0.02},
}
OPENING_YEAR = 2025


@pytest.fixture(scope="module")
def people(village: xr.Dataset) -> xr.Dataset:
    """Return the small scheme with sources that swing; three draws and forty years are enough to break a cap."""
    return swinging(village).isel(draw=slice(0, 3)).sel(year=slice(None, 2050))


@pytest.fixture(scope="module")
def books(people: xr.Dataset, observed: dict[int, float]) -> assessment.Kept:
    """Return the books of the small scheme under the law of the tests: its flows may be asked again."""
    opening = assessment.Opening(OPENING_YEAR, 2e8, observed)
    return assessment.books(people, changed(Assumptions(), PAYING), opening)


def paid(books: assessment.Kept, changes: dict[str, object]) -> xr.Dataset:
    """Ask every source of the pool, and its outgo, under changed rules; years after the opening."""
    rules = changed(Assumptions(), PAYING | changes)
    flows = {flow.name: flow for flow in books.fund.flows if flow.ledger == "pool"}
    made = {name: flows[name].amount(books.ready, rules) for name in INCOME}
    outgo = sum(flow.amount(books.ready, rules) for flow in flows.values() if flow.kind == "outgo")
    return xr.Dataset(made).assign(outgo=outgo).sel(year=slice(OPENING_YEAR + 1, None))


def total(made: xr.Dataset) -> xr.DataArray:
    return sum((made[name] for name in INCOME), xr.zeros_like(made["outgo"]))


SHARES = st.none() | st.floats(0, 0.4)
RULES = st.sampled_from(["statutory", "capacity", "within_capacity", "capped"])


@settings(max_examples=40, deadline=None)
@given(
    shares=st.fixed_dictionaries(
        {
            "land.cap_share": SHARES,
            "collective.cap_share": SHARES,
            "collective.donations_cap_share": SHARES,
            "platform.cap_share": SHARES,
        }
    ),
    budget=st.none() | st.floats(0, 0.01),
    rule=RULES,
    waiting=st.permutations(SOURCES).flatmap(lambda names: st.integers(0, 5).map(lambda n: tuple(names[:n]))),
)
def test_no_cap_is_passed_in_any_draw_or_year(
    books: assessment.Kept,
    shares: dict[str, float | None],
    budget: float | None,
    rule: str,
    waiting: tuple[str, ...],
) -> None:
    changes = {**shares, "fiscal.cap_share": budget, "fiscal.rule": rule, "sources.as_needed": waiting}
    made = paid(books, changes)
    free = paid(books, {})
    for name, share in caps(changed(Assumptions(), PAYING | changes)).items():
        assert (made[name] <= share * made["outgo"] * (1 + 1e-12)).all()
    for name in INCOME[:4]:
        assert ((made[name] >= 0) & (made[name] <= free[name] * (1 + 1e-12))).all()
    if budget is not None and rule != "capacity":
        revenue = books.ready["budget_revenue"].sel(year=made["year"])
        bound = made["fiscal_transfer"] <= budget * revenue * (1 + 1e-12)
        assert bound.where(bound["year"] >= 2027, True).all()


@settings(max_examples=15, deadline=None)
@given(waiting=st.permutations(SOURCES).map(tuple), count=st.integers(2, 5), rule=RULES, cap=SHARES)
def test_the_order_changes_who_pays_and_never_what_the_pool_gets(
    books: assessment.Kept, waiting: tuple[str, ...], count: int, rule: str, cap: float | None
) -> None:
    law = {"fiscal.rule": rule, "land.cap_share": cap, "fiscal.growth_cap": 0.01}
    orders = list(permutations(waiting[:count]))
    found = [paid(books, law | {"sources.as_needed": orders[at]}) for at in (0, len(orders) // 2, -1)]
    for other in found[1:]:
        np.testing.assert_allclose(total(other), total(found[0]), rtol=1e-12)


def test_the_first_in_the_order_pays_before_the_last(books: assessment.Kept) -> None:
    law = {"fiscal.rule": "capacity", "fiscal.capacity_share": 0.1}
    first, last = (paid(books, law | {"sources.as_needed": order}) for order in (SOURCES, SOURCES[::-1]))
    assert (first["land_withdrawal"] >= last["land_withdrawal"]).all()
    assert float(first["land_withdrawal"].sum()) > float(last["land_withdrawal"].sum())
    assert float(last["fiscal_transfer"].sum()) > float(first["fiscal_transfer"].sum())


def test_sources_called_as_needed_pay_the_lesser_of_the_gap_and_all_they_have(books: assessment.Kept) -> None:
    free, law = paid(books, {"fiscal.rule": "capacity"}), {"fiscal.rule": "capacity"}
    made = paid(books, law | {"sources.as_needed": ("donations", "fiscal")})
    always = total(free) - free["donations"] - free["fiscal_transfer"]
    gap = (made["outgo"] - always).clip(min=0.0)
    limits = free["donations"] + free["fiscal_transfer"]
    np.testing.assert_allclose(made["donations"] + made["fiscal_transfer"], np.minimum(gap, limits), rtol=1e-12)
    short = paid(books, law | {"fiscal.capacity_share": 0.0005, "sources.as_needed": ("donations", "fiscal")})
    assert (total(short) < short["outgo"]).any()


def test_without_caps_and_order_each_source_pays_by_its_rule_all_the_same(books: assessment.Kept) -> None:
    loose = dict.fromkeys(("land.cap_share", "collective.cap_share", "platform.cap_share"), 1.0)
    for rule in ("statutory", "capacity", "within_capacity", "capped"):
        plain, held = paid(books, {"fiscal.rule": rule}), paid(books, {"fiscal.rule": rule} | loose)
        for name in INCOME:
            np.testing.assert_allclose(held[name], plain[name], rtol=1e-12, atol=1e-3)


def test_money_that_sources_pay_is_the_money_that_the_pool_gets(people: xr.Dataset, observed: dict[int, float]) -> None:
    reform = {"sources.as_needed": ("platform", "land", "fiscal"), "land.cap_share": 0.05}
    rules = changed(Assumptions(), PAYING | reform)
    made = assessment.books(people, rules, assessment.Opening(OPENING_YEAR, 2e8, observed)).account
    np.testing.assert_allclose(sum(made[name] for name in INCOME), made["pool_income"], rtol=1e-12)
    before = made["pool_balance"].shift(year=1).fillna(made["opening_balance"] - made["opening_accounts"])
    change = made["pool_income"] - made["pool_outgo"] + made["pool_interest"] + made["shortfall"]
    np.testing.assert_allclose(made["pool_balance"] - before, change, rtol=1e-6, atol=10.0)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"sources.as_needed": ["land", "land"]}, "land stands twice"),
        ({"sources.as_needed": ["lottery"]}, "as_needed"),
        ({"sources.as_needed": ["fiscal"], "fiscal.growth_floor": 0.08}, "growth_floor is a least transfer"),
        ({"fiscal.rule": "capped", "fiscal.growth_floor": 0.08}, "no growth is both"),
        ({"fiscal.growth_floor": 0.08, "fiscal.growth_floor_until": 2026}, "before growth_floor_from"),
    ],
)
def test_an_order_or_a_floor_that_cannot_hold_is_refused(changes: dict[str, object], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        changed(Assumptions(), changes)
