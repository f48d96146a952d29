"""Pooled funds against a fund of the whole, against sums on paper, and against published indices of inequality."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st

from actuarial import pooling
from actuarial._ledgers import Cash, carry
from actuarial.assumptions import Assumptions
from actuarial.flow import Recorded
from actuarial.fund import Fund, project
from actuarial.pooling import Regions, gini, theil

YEARS = np.arange(2026, 2038)
NAMES = ("a", "b", "c", "d")
LEVELS = {"county": NAMES, "province": ("east", "east", "west", "west"), "nation": ("all",) * 4}
SEEDS = st.integers(0, 2**32 - 1)


def country(seed: int = 1, *, draws: int = 3, **given: Any) -> Regions:
    """Invent four regions: a rich one, a poor one, and two between."""
    rng = np.random.default_rng(seed)
    shape = (4, draws, YEARS.size)
    wealth = np.array([1.4, 1.0, 0.9, 0.6])[:, None, None]
    made: dict[str, Any] = {
        "names": NAMES,
        "years": YEARS,
        "income": 100.0 * wealth * rng.uniform(0.8, 1.2, shape),
        "outgo": 100.0 * rng.uniform(0.8, 1.3, shape),
        "people": rng.uniform(1.0, 3.0, (4, 1, YEARS.size)),
        "opening": rng.uniform(0.0, 300.0, (4, 1)),
        "rate": rng.uniform(-0.02, 0.06, (draws, YEARS.size)),
    }
    return Regions(**(made | given))


@given(SEEDS)
def test_transfers_add_up_to_nothing_in_each_pool(seed: int) -> None:
    regions = country(seed)
    for of_region in LEVELS.values():
        pooled = pooling.pool(regions, of_region)
        for place in range(len(pooled.pools)):
            inside = pooled.of_region == place
            np.testing.assert_allclose(pooled.transfer[inside].sum(axis=0), 0.0, atol=1e-9)
            np.testing.assert_allclose(pooled.handed_over[inside].sum(axis=0), 0.0, atol=1e-9)
            net = (regions.income - regions.outgo + pooled.transfer)[inside] / regions.outgo[inside]
            np.testing.assert_allclose(net, net[:1] * np.ones_like(net), atol=1e-9)


def test_a_county_on_its_own_sends_and_gets_nothing() -> None:
    pooled = pooling.pool(country(), NAMES)
    np.testing.assert_allclose(pooled.transfer, 0.0, atol=1e-10)
    np.testing.assert_allclose(pooled.handed_over, 0.0, atol=1e-10)


@given(SEEDS)
def test_a_pooled_nation_is_the_fund_of_the_sum(seed: int) -> None:
    """The recursion of a fund's ledgers, which meets a shortfall at 31 December, on the sums over regions."""
    regions = country(seed)
    pooled = pooling.pool(regions, LEVELS["nation"])
    income, outgo = regions.income.sum(axis=0), regions.outgo.sum(axis=0)
    nothing = np.zeros_like(income)
    cash = Cash(income, outgo, nothing, nothing, nothing, nothing, regions.rate)
    opening = np.broadcast_to(regions.opening.sum(axis=0), 3)
    ledgers = carry(cash, opening, np.zeros(3), mid_year=True)
    np.testing.assert_allclose(pooled.balance[0], ledgers.pool_balance, atol=1e-8)
    np.testing.assert_allclose(pooled.shortfall[0] * np.sqrt(1 + regions.rate), ledgers.shortfall, atol=1e-8)


def test_two_regions_can_be_done_on_paper() -> None:
    """One takes 12 and pays 8, one takes 4 and pays 8, nothing in hand, no interest: two pass from one to the other."""
    shape = (2, 1, 2)
    regions = Regions(
        names=("rich", "poor"),
        years=np.array([2026, 2027]),
        income=np.array([12.0, 4.0])[:, None, None] * np.ones(shape),
        outgo=8.0 * np.ones(shape),
        people=np.ones(shape),
        opening=np.zeros((2, 1)),
        rate=np.zeros((1, 2)),
    )
    apart, together = (pooling.pool(regions, names) for names in (("rich", "poor"), ("one", "one")))
    np.testing.assert_allclose(apart.balance[:, 0], [[4.0, 8.0], [0.0, 0.0]])
    np.testing.assert_allclose(apart.paid_share[:, 0], [[1.0, 1.0], [0.5, 0.5]])
    np.testing.assert_allclose(apart.shortfall[:, 0], [[0.0, 0.0], [4.0, 4.0]])
    np.testing.assert_allclose(together.balance, 0.0)
    np.testing.assert_allclose(together.paid_share, 1.0)
    np.testing.assert_allclose(together.transfer[:, 0], [[-4.0, -4.0], [4.0, 4.0]])
    told = pooling.compare(regions, {"county": ("rich", "poor"), "nation": ("one", "one")})
    np.testing.assert_allclose(told["transfer_volume"].sel(level="nation"), 4.0 / 16.0)
    np.testing.assert_allclose(told["people_depleted"].sel(level="county"), 0.5)
    # Benefits of 8 and 4 a head: half the mean difference, 1, over the mean of 6.
    np.testing.assert_allclose(told["gini_paid"].sel(level="county"), 1.0 / 6.0)
    np.testing.assert_allclose(told["gini_paid"].sel(level="nation"), 0.0, atol=1e-12)


@given(SEEDS)
def test_a_wider_pool_never_pays_less_of_what_is_due(seed: int) -> None:
    told = pooling.compare(country(seed), LEVELS)
    by_level = [told["paid_share"].sel(level=name).values for name in LEVELS]
    first = [
        np.argmax(values < 1 - 1e-12, axis=1) + YEARS.size * (values > 1 - 1e-12).all(axis=1) for values in by_level
    ]
    # Somebody is short no later where fewer share; and what is paid in all years together is no less where more do.
    assert (first[0] <= first[1]).all() and (first[1] <= first[2]).all()
    discount = 1 / np.cumprod(1 + country(seed).rate, axis=1) * np.sqrt(1 + country(seed).rate)
    due = country(seed).outgo.sum(axis=0)
    worth = [(values * due * discount).sum(axis=1) for values in by_level]
    assert (worth[0] <= worth[1] + 1e-9).all() and (worth[1] <= worth[2] + 1e-9).all()


def test_pooling_spreads_benefits_more_evenly_where_counties_run_dry() -> None:
    regions = country(4, people=np.ones((4, 1, YEARS.size)), outgo=100.0 * np.ones((4, 1, YEARS.size)))
    told = pooling.compare(regions, LEVELS).isel(year=-1)
    assert (told["theil_paid"].sel(level="nation") < told["theil_paid"].sel(level="county")).all()
    assert (
        told["depletion_probability"].sel(level="nation") <= told["depletion_probability"].sel(level="county").max()
    ).all()


@given(SEEDS, st.floats(0, 1))
def test_levelled_benefits_cost_the_pool_the_same(seed: int, weight: float) -> None:
    regions = country(seed)
    for of_region in LEVELS.values():
        moved = pooling.levelled(regions, of_region, weight)
        plain, after = (pooling.pool(r, of_region) for r in (regions, moved))
        np.testing.assert_allclose(after.balance, plain.balance, atol=1e-8)
    equal = pooling.levelled(regions, LEVELS["nation"], 1.0)
    np.testing.assert_allclose(theil(equal.outgo / equal.people, equal.people * np.ones((1, 3, 1))), 0.0, atol=1e-12)


def test_indices_of_inequality_are_those_of_the_textbook() -> None:
    """One of two equal groups has everything: Theil ln 2, Gini 1/2; one to three: Gini 1/4."""
    heads = np.array([1.0, 1.0])
    assert theil(np.array([0.0, 5.0]), heads) == pytest.approx(np.log(2.0))
    assert gini(np.array([0.0, 5.0]), heads) == pytest.approx(0.5)
    assert gini(np.array([1.0, 3.0]), heads) == pytest.approx(0.25)
    assert theil(np.array([1.0, 3.0]), heads) == pytest.approx(0.25 * np.log(0.5) + 0.75 * np.log(1.5))


@given(SEEDS, st.floats(0.1, 10))
def test_indices_know_no_unit_and_no_size_of_groups(seed: int, scale: float) -> None:
    rng = np.random.default_rng(seed)
    value, weight = rng.uniform(0, 5, 6), rng.uniform(0.1, 2, 6)
    for index in (theil, gini):
        plain = index(value, weight)
        assert index(scale * value, 3 * weight) == pytest.approx(plain, abs=1e-9)
        assert index(np.repeat(value, 2), np.repeat(weight, 2) / 2) == pytest.approx(plain, abs=1e-9)
        assert -1e-12 <= plain


def test_accounts_of_regions_pool_as_their_pools_would() -> None:
    rng = np.random.default_rng(3)
    flows = (Recorded("tax", "pool", "income", "Tax"),), (Recorded("benefit", "pool", "outgo", "Benefit"),)
    rates = {n: (("draw", "year"), rng.uniform(0, 0.04, (3, YEARS.size))) for n in ("deposit_rate", "market_return")}
    accounts, people = {}, {}
    for name in ("a", "b"):
        money = {n: (("draw", "year"), rng.uniform(8, 12, (3, YEARS.size))) for n in ("tax", "benefit")}
        world = xr.Dataset(money | rates, {"draw": np.arange(3), "year": YEARS})
        accounts[name] = project(Fund(name, *flows, 2025, 30.0), world, Assumptions())
        people[name] = xr.ones_like(world["year"], dtype=float)
    regions = pooling.from_accounts(accounts, people)
    apart = pooling.pool(regions, ("a", "b"))
    for place, name in enumerate(("a", "b")):
        np.testing.assert_allclose(apart.balance[place], accounts[name]["pool_balance"], atol=1e-9)
    assert pooling.pool(regions, ("all", "all")).balance.shape == (1, 3, YEARS.size)
    with pytest.raises(ValueError, match="people are given for a; accounts for a, b"):
        pooling.from_accounts(accounts, {"a": people["a"]})
    accounts["b"] = accounts["b"].isel(year=slice(1, None))
    with pytest.raises(ValueError, match="b: years or rates earned"):
        pooling.from_accounts(accounts, people)


def test_measures_carry_unit_and_meaning_and_keep_draws() -> None:
    told = pooling.compare(country(), LEVELS)
    assert {n: (told[n].attrs["unit"], told[n].attrs["meaning"]) for n in told} == pooling.MEASURES
    assert told["paid_share"].dims == ("level", "draw", "year")
    assert told["depletion_probability"].dims == ("level", "region", "year")


def test_faults_are_told_all_at_once() -> None:
    with pytest.raises(ValueError, match="income has the shape") as fault:
        country(income=np.ones((3, 1, YEARS.size)), names=("a", "a", "c", "d"), rate=np.ones((5, YEARS.size)))
    assert all(word in str(fault.value) for word in ("'a' is there twice", "draws do not fit"))
    with pytest.raises(ValueError, match="outgo has a number that is missing or below 0"):
        country(outgo=-np.ones((4, 1, YEARS.size)))
    with pytest.raises(ValueError, match="2 pools for 4 regions"):
        pooling.pool(country(), ("x", "y"))
    with pytest.raises(ValueError, match="outside 0 to 1"):
        pooling.levelled(country(), NAMES, 1.5)
