"""Thousands of funds at once: their account is the fund's own, quantiles are exact, and nothing depends on blocks."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from actuarial import counties
from actuarial._ledgers import Cash, carry
from forecasting.exposures import Drivers, Regions, carried

COUNTIES, DRAWS, YEARS = 6, 90, 8
AGES = np.arange(101)
SEX_RATIO = 1.06


def world(seed: int = 0, mixes: int = 3) -> tuple:
    """Make counties whose contributors pay and whose pensioners draw, so that some reserves last and others do not."""
    rng = np.random.default_rng(seed)
    hazard = np.append(0.01, 1e-4 * np.exp(0.085 * AGES)) * rng.uniform(0.8, 1.2, (COUNTIES, 1, 2, 1))
    people = Regions(rng.uniform(0, 1e4, (COUNTIES, 1, 2, 101)), hazard, rng.uniform(0.5, 1.5, (COUNTIES, 1)))
    fertile = np.exp(-0.5 * ((AGES - 27) / 5.5) ** 2) * ((AGES >= 15) & (AGES < 50))
    asfr = fertile / fertile.sum() * rng.uniform(0.8, 2, (DRAWS, YEARS, 1))
    drivers = Drivers(rng.uniform(0.7, 1.4, (DRAWS, YEARS, 2, 1)) * np.ones(102), asfr)
    weights = np.zeros((2, YEARS + 1, 1, 2, 101))
    weights[0, ..., 16:60] = weights[1, ..., 60:] = 1
    per_head = rng.uniform(500, 1500, (mixes, 2, YEARS, DRAWS)) * np.array([1, -1.2])[:, None, None]
    rate = rng.uniform(-0.05, 0.1, (YEARS, DRAWS))
    opening = rng.uniform(0, 2e9, COUNTIES)
    return people, drivers, weights, counties.Money(per_head, rate, rng.uniform(0.5, 2, (COUNTIES, 2)), opening)


def valued(given_world: tuple, **options: object) -> counties.Reserves:
    return counties.value(*given_world, sex_ratio=SEX_RATIO, **options)


def accounts(given_world: tuple) -> tuple[np.ndarray, np.ndarray]:
    """Close every account with the recursion of a fund; return reserves and shortfalls, (R, M, D, T)."""
    people, drivers, weights, money = given_world
    exposures = carried(people, drivers, weights, sex_ratio=SEX_RATIO)
    mean = (exposures[:, :, 1:] + exposures[:, :, :-1]) / 2 * money.scale[:, :, None, None]
    flows = np.moveaxis(mean[:, None] * money.per_head, -1, 2)  # county, mix, draw, exposure, year
    none, rate = np.zeros((DRAWS, YEARS)), money.rate.T
    found = []
    for county, opening in zip(flows, money.opening, strict=True):
        for mix in county:
            cash = Cash(mix[:, 0], -mix[:, 1], none, none, none, none, rate)
            found.append(carry(cash, np.full(DRAWS, opening), np.zeros(DRAWS), mid_year=True))
    shape = (COUNTIES, -1, DRAWS, YEARS)
    return tuple(
        np.array([getattr(one, name) for one in found]).reshape(shape) for name in ("pool_balance", "shortfall")
    )


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 10**6))
def test_every_county_has_the_account_of_a_fund_and_its_exact_quantiles(seed):
    given_world = world(seed)
    found = valued(given_world)
    balance, shortfall = accounts(given_world)
    exact = np.moveaxis(np.quantile(balance, counties.PROBABILITIES, axis=2), 0, -1)
    np.testing.assert_allclose(found.quantiles, exact, rtol=1e-9, atol=1e-3)
    depleted = np.logical_or.accumulate(shortfall > 0, axis=-1).mean(axis=2)
    np.testing.assert_allclose(found.depleted_by, depleted, rtol=1e-12)


def test_some_funds_of_the_test_last_and_others_do_not():
    depleted = valued(world()).depleted_by[..., -1]
    assert depleted.min() < 0.1
    assert depleted.max() > 0.9


def test_neither_threads_nor_groups_nor_other_counties_move_a_bit():
    people, drivers, weights, money = world()
    whole = valued((people, drivers, weights, money), threads=1, group=1)
    alone = Regions(*[a[2:3] for a in people[:3]])
    own = money._replace(scale=money.scale[2:3], opening=money.opening[2:3])
    for options in ({"threads": 2}, {"group": 4, "threads": 2}, {"group": 100}):
        for left, right in zip(valued((people, drivers, weights, money), **options), whole, strict=True):
            np.testing.assert_array_equal(left, right)
    for left, right in zip(valued((alone, drivers, weights, own)), whole, strict=True):
        np.testing.assert_array_equal(left[0], right[2])


def test_single_precision_of_people_stays_near():
    found, exact = valued(world(), dtype=np.float32), valued(world())
    scale = exact.quantiles.max(axis=(2, 3), keepdims=True)
    assert np.max(np.abs(found.quantiles - exact.quantiles) / scale) < 1e-5


def test_more_money_never_empties_a_fund_sooner():
    people, drivers, weights, money = world()
    more = money._replace(per_head=money.per_head + np.array([100.0, 0.0])[:, None, None])
    poor, rich = valued((people, drivers, weights, money)), valued((people, drivers, weights, more))
    assert (rich.depleted_by <= poor.depleted_by).all()
    assert (rich.quantiles >= poor.quantiles).all()
    assert (rich.quantiles > poor.quantiles).any()


@pytest.mark.parametrize("draws", [1, 2, 5])
def test_quantiles_of_few_draws_are_those_of_numpy(draws):
    values = np.random.default_rng(1).standard_normal((4, 3, draws))
    asked = (0.0, 0.3, 0.5, 1.0)
    exact = np.moveaxis(np.quantile(values, asked, axis=-1), 0, -1)
    np.testing.assert_allclose(counties._quantiles(values.copy(), asked), exact, rtol=1e-14)


def test_whoever_waits_is_told_after_each_county():
    heard = []
    valued(world(), told=heard.append)
    assert heard == list(range(1, COUNTIES + 1))


def test_every_fault_is_listed_at_once():
    people, drivers, weights, money = world()
    bad = counties.Money(money.per_head[:, :1], money.rate - 1.0, money.scale * np.nan, -money.opening)
    with pytest.raises(ValueError, match="per_head has shape") as raised:
        valued((people, drivers, weights, bad), probabilities=(0.9, 0.1))
    faults = str(raised.value).splitlines()
    assert [fault.split()[0] for fault in faults] == ["per_head", "rate", "scale", "opening", "probabilities"]
