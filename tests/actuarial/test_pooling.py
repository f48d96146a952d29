"""Pooled funds against a fund of the whole, against sums on paper, and against published indices of inequality."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from actuarial import pooling
from actuarial._ledgers import Cash, carry
from actuarial.pooling import Regions, gini, theil
from actuarial.report.summary import LEVELS as REPORTED

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
    # All that is owed goes to those who are paid, unless a test says otherwise.
    return Regions(**({"benefits": (made | given)["outgo"]} | made | given))


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
        benefits=8.0 * np.ones(shape),
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
@settings(max_examples=25)
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


@given(SEEDS)
def test_the_gini_index_is_half_the_mean_difference_of_all_pairs_over_the_mean(seed: int) -> None:
    rng = np.random.default_rng(seed)
    value, weight = rng.uniform(0, 5, (6, 3)), rng.uniform(0.1, 2, (6, 3))
    parts = weight / weight.sum(axis=0)
    apart = np.abs(value[:, None] - value[None]) * parts[:, None] * parts[None]
    np.testing.assert_allclose(gini(value, weight), apart.sum(axis=(0, 1)) / 2 / (parts * value).sum(axis=0))


def test_where_nothing_is_paid_nobody_has_more() -> None:
    assert gini(np.zeros(4), np.ones(4)) == 0.0


def test_benefits_are_what_people_get_and_what_others_are_owed_is_cut_alike() -> None:
    """Half of the outgo is benefits; where a third of it is paid, a third of the benefits is."""
    shape = (2, 1, 1)
    regions = Regions(
        ("a", "b"), np.array([2026]), income=2.0 * np.ones(shape), outgo=6.0 * np.ones(shape),
        benefits=3.0 * np.ones(shape), people=np.ones(shape), opening=np.zeros((2, 1)), rate=np.zeros((1, 1)),
    )  # fmt: skip
    told = pooling.compare(regions, {"county": ("a", "b")})
    np.testing.assert_allclose(told["paid_per_head"], 1.0)
    with pytest.raises(ValueError, match="benefits pass the outgo"):
        country(benefits=1.01 * country().outgo)


def test_a_region_that_must_pay_others_pays_nothing_before_it_owes_more_than_it_has() -> None:
    regions = country(income=np.full((4, 1, YEARS.size), -1.0), opening=np.zeros((4, 1)))
    pooled = pooling.pool(regions, NAMES)
    np.testing.assert_allclose(pooled.paid_share, 0.0)
    np.testing.assert_allclose(pooled.balance, 0.0)


def test_measures_carry_unit_and_meaning_and_keep_draws() -> None:
    told = pooling.compare(country(), LEVELS, ("east", "east", "west", "west"))
    assert {n: (told[n].attrs["unit"], told[n].attrs["meaning"]) for n in told} == pooling.MEASURES
    assert told["paid_share"].dims == ("level", "draw", "year")
    assert told["depletion_probability"].dims == ("level", "region", "year")
    assert told["transfer"].dims == ("level", "quantile", "region", "year")
    assert told["region"].values.tolist() == ["east", "west"]
    assert pooling.QUANTILES == REPORTED


@given(SEEDS)
@settings(max_examples=25)
def test_a_province_is_the_mean_of_its_people_and_sends_what_its_counties_send(seed: int) -> None:
    regions, inside = country(seed, draws=1), ("east", "east", "west", "west")
    told = pooling.compare(regions, LEVELS, inside)
    nation = pooling.pool(regions, LEVELS["nation"])
    sent = nation.transfer.reshape(2, 2, *nation.transfer.shape[1:]).sum(axis=1)
    due = regions.outgo.reshape(2, 2, *regions.outgo.shape[1:]).sum(axis=1)
    np.testing.assert_allclose(told["transfer"].sel(level="nation")[3], (sent / due)[:, 0], atol=1e-9)
    # Counties of one province send to each other, and nothing leaves it.
    np.testing.assert_allclose(told["sent_between"].sel(level="province"), 0.0, atol=1e-9)
    assert (told["transfer_volume"].sel(level="province") > 0).all()
    heads = np.broadcast_to(regions.people, regions.shape)[:, 0]
    by_heads = (told["depletion_probability"] * heads.reshape(2, 2, -1).sum(axis=1)[None]).sum("region")
    mean = told["people_depleted"].isel(draw=0) * heads.sum(axis=0)
    np.testing.assert_allclose(by_heads.transpose("level", "year"), mean.transpose("level", "year"), atol=1e-9)


@given(SEEDS)
@settings(max_examples=25)
def test_in_no_future_is_a_person_of_the_worst_province_short_sooner_in_a_wider_pool(seed: int) -> None:
    """The reserves of parts that are not empty add up to one that is not. It holds future by future: one at a time."""
    told = pooling.compare(country(seed, draws=1), LEVELS)["depletion_probability"]
    worst = [told.sel(level=level).max("region") for level in LEVELS]
    assert (worst[0] >= worst[1]).all() and (worst[1] >= worst[2]).all()


@given(SEEDS, st.floats(0.1, 0.9))
@settings(max_examples=25)
def test_benefits_are_evener_the_further_they_are_levelled(seed: int, weight: float) -> None:
    """Heads that stay as they are, and money enough for all: then what is paid is what is scheduled."""
    rich = country(seed, opening=np.full((4, 1), 1e6), rate=np.zeros((3, YEARS.size)))
    levels = {"nation": LEVELS["nation"]}
    path = [pooling.compare(rich, levels, weight=w)["theil_paid"] for w in (0.0, weight, 1.0)]
    assert (path[0] >= path[1]).all() and (path[1] >= path[2]).all()
    np.testing.assert_allclose(path[2], 0.0, atol=1e-12)


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
