"""Level rates carried through the years: what they pay, what they leave, and what comes after the last year."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from actuarial import premiums
from actuarial.annuity import present_value

YEARS = 14
costs = arrays(float, YEARS, elements=st.floats(0.1, 50.0))
bases = arrays(float, YEARS, elements=st.floats(10.0, 500.0))
paths = arrays(float, YEARS, elements=st.floats(-0.05, 0.15))
reserves = st.floats(0.0, 100.0)
conventions = st.booleans()


def carried(net: np.ndarray, rate: np.ndarray, reserve: float, *, mid_year: bool) -> np.ndarray:
    """Reserve at the end of each year, by recursion."""
    balances, held = [], reserve
    for money, r in zip(net, rate, strict=True):
        held = held * (1 + r) + money * ((1 + r) ** 0.5 if mid_year else 1.0)
        balances.append(held)
    return np.array(balances)


@given(costs, bases, paths, reserves, st.floats(0.0, 100.0), conventions)
def test_a_level_rate_ends_the_period_with_its_target(
    cost: np.ndarray, base: np.ndarray, rate: np.ndarray, reserve: float, target: float, mid_year: bool
) -> None:
    level = premiums.level_rate(cost, base, rate, reserve, target, mid_year=mid_year)
    end = carried(level * base - cost, rate, reserve, mid_year=mid_year)[-1]
    assert end == pytest.approx(target, abs=1e-7)


@given(costs, bases, paths, reserves, conventions)
def test_the_general_average_premium_uses_the_reserve_up(
    cost: np.ndarray, base: np.ndarray, rate: np.ndarray, reserve: float, mid_year: bool
) -> None:
    level = premiums.general_average_premium(cost, base, rate, reserve, mid_year=mid_year)
    assert carried(level * base - cost, rate, reserve, mid_year=mid_year)[-1] == pytest.approx(0.0, abs=1e-7)


@given(bases, paths, st.floats(0.01, 1.0))
def test_a_constant_cost_rate_is_its_own_general_average_premium(
    base: np.ndarray, rate: np.ndarray, cost_rate: float
) -> None:
    assert premiums.general_average_premium(cost_rate * base, base, rate) == pytest.approx(cost_rate)


@given(costs, bases, paths, reserves, st.floats(0.0, 3.0), st.floats(0.001, 3.0))
def test_a_higher_target_asks_for_a_higher_premium(
    cost: np.ndarray, base: np.ndarray, rate: np.ndarray, reserve: float, ratio: float, more: float
) -> None:
    low, high = (premiums.scaled_premium(cost, base, rate, reserve, target_ratio=r) for r in (ratio, ratio + more))
    assert low < high
    assert premiums.scaled_premium(cost, base, rate, reserve + 1.0, target_ratio=ratio) < low


@given(costs, bases, paths, reserves, st.integers(1, YEARS + 5), st.floats(0.0, 2.0), conventions)
def test_every_control_period_ends_with_its_target_and_hands_it_on(
    cost: np.ndarray, base: np.ndarray, rate: np.ndarray, reserve: float, length: int, ratio: float, mid_year: bool
) -> None:
    target = ratio * cost
    level = premiums.control_period_rates(cost, base, rate, reserve, target=target, length=length, mid_year=mid_year)
    ends = np.append(np.arange(length - 1, YEARS - 1, length), YEARS - 1)
    balances = carried(level * base - cost, rate, reserve, mid_year=mid_year)
    np.testing.assert_allclose(balances[ends], target[ends], atol=1e-7)
    assert np.unique(level).size <= ends.size


def test_one_control_period_is_the_scaled_premium() -> None:
    cost, base, rate = np.array([1.0, 2.0, 4.0]), np.full(3, 10.0), np.array([0.03, 0.01, 0.02])
    level = premiums.control_period_rates(cost, base, rate, 0.5, target=1.5 * cost, length=30)
    np.testing.assert_allclose(level, premiums.scaled_premium(cost, base, rate, 0.5, target_ratio=1.5))


def test_a_control_period_without_years_is_refused() -> None:
    money = np.ones(3)
    with pytest.raises(ValueError, match="at least 1"):
        premiums.control_period_rates(money, money, 0.01 * money, target=money, length=0)


def ratios(level: float, cost: np.ndarray, base: np.ndarray, rate: np.ndarray, reserve: float) -> np.ndarray:
    """Reserve on 1 January over the cost of the year."""
    closing = carried(level * base - cost, rate, reserve, mid_year=True)
    return np.append(reserve, closing[:-1]) / cost


@given(costs, bases, paths, reserves, st.integers(1, 6), st.integers(7, YEARS))
def test_the_steady_state_rate_makes_two_reserve_ratios_equal(
    cost: np.ndarray, base: np.ndarray, rate: np.ndarray, reserve: float, first: int, last: int
) -> None:
    level = float(premiums.steady_state_rate(cost, base, rate, reserve, years=(first, last)))
    unit = ratios(1.0, cost, base, rate, reserve) - ratios(0.0, cost, base, rate, reserve)
    if unit[last - 1] <= unit[first - 1]:
        assert np.isnan(level)
        return
    path = ratios(level, cost, base, rate, reserve)
    scale = 1 + np.abs(path).max() + abs(level) * np.abs(unit).max()
    assert path[last - 1] == pytest.approx(path[first - 1], abs=1e-9 * scale)
    # The lowest: with less the later ratio is below the earlier one.
    lower = ratios(level - 0.01, cost, base, rate, reserve)
    assert lower[last - 1] < lower[first - 1]


@pytest.mark.parametrize("years", [(0, 5), (5, 5), (6, 4), (3, 11)])
def test_far_years_that_are_not_in_order_within_the_period_are_refused(years: tuple[int, int]) -> None:
    money = np.ones(10)
    with pytest.raises(ValueError, match="in order within"):
        premiums.steady_state_rate(money, money, 0.01 * money, years=years)


def test_the_trend_is_the_geometric_mean_of_the_last_ten_years() -> None:
    base = np.append(np.full(5, 7.0), 3.0 * np.cumprod([1.0, *[1.1, 0.9] * 5]))
    rate = np.append(np.full(6, 0.5), [0.02, 0.06] * 5)
    after = premiums.trend(base, rate)
    assert after.growth == pytest.approx(np.sqrt(1.1 * 0.9) - 1)
    assert after.discount == pytest.approx(np.sqrt(1.02 * 1.06) - 1)


def test_a_trend_of_too_few_years_is_refused() -> None:
    with pytest.raises(ValueError, match="10 years: the trend of the last 10 needs one more"):
        premiums.trend(np.ones(10), np.zeros(10))


@given(costs, paths, st.floats(-0.03, 0.05), st.floats(0.005, 0.05), conventions)
def test_money_for_ever_is_the_sum_of_very_many_years(
    amount: np.ndarray, rate: np.ndarray, growth: float, margin: float, mid_year: bool
) -> None:
    after = premiums.Trend(np.array(growth), np.array(growth + margin))
    value = premiums.present_value_for_ever(amount, rate, after, mid_year=mid_year)
    # With a margin of half a per cent all years after the six-thousandth are worth less than 1e-12 of those before.
    k = np.arange(1, 6_001)
    explicit = present_value(
        np.append(amount, amount[-1] * (1 + growth) ** k),
        np.append(rate, np.full(k.size, growth + margin)),
        mid_year=mid_year,
    )
    np.testing.assert_allclose(value, explicit, rtol=1e-9)


@pytest.mark.parametrize("discount", [0.03, 0.02, -0.01])
def test_money_for_ever_has_no_value_where_growth_is_not_below_the_discount_rate(discount: float) -> None:
    after = premiums.Trend(np.array(0.03), np.array(discount))
    assert not after.converges
    assert np.isnan(premiums.present_value_for_ever(np.ones(12), np.full(12, 0.02), after))


@given(costs, bases, paths, reserves, st.floats(-0.02, 0.02), st.floats(0.005, 0.05))
def test_a_premium_for_ever_is_the_limit_of_ever_longer_periods(
    cost: np.ndarray, base: np.ndarray, rate: np.ndarray, reserve: float, growth: float, margin: float
) -> None:
    after = premiums.Trend(np.array(growth), np.array(growth + margin))
    for_ever = premiums.general_average_premium_for_ever(cost, base, rate, reserve, after=after)
    k = np.arange(1, 6_001)
    long_cost, long_base = (np.append(path, path[-1] * (1 + growth) ** k) for path in (cost, base))
    long_rate = np.append(rate, np.full(k.size, growth + margin))
    limit = premiums.general_average_premium(long_cost, long_base, long_rate, reserve)
    np.testing.assert_allclose(for_ever, limit, rtol=1e-8, atol=1e-12)


def test_without_a_trend_of_its_own_a_premium_for_ever_follows_the_last_ten_years() -> None:
    base, rate = 1.02 ** np.arange(12), np.full(12, 0.05)
    given_trend = premiums.general_average_premium_for_ever(2 * base, base, rate, 3.0, after=premiums.trend(base, rate))
    assert premiums.general_average_premium_for_ever(2 * base, base, rate, 3.0) == pytest.approx(given_trend)
    # Constant cost rate 2; the base is worth 1.05^.5 / (.05 - .02) for ever.
    assert given_trend == pytest.approx(2 - 3.0 * 0.03 / 1.05**0.5)


def test_draws_are_worked_out_each_for_itself() -> None:
    rng = np.random.default_rng(5)
    cost, base = rng.uniform(1, 2, (3, 20)), rng.uniform(10, 11, (3, 20))
    rate, reserve = rng.uniform(0.01, 0.05, (3, 20)), rng.uniform(0, 5, 3)
    together = (
        premiums.general_average_premium_for_ever(cost, base, rate, reserve),
        premiums.steady_state_rate(cost, base, rate, reserve, years=(4, 17)),
        premiums.control_period_rates(cost, base, rate, reserve, target=cost, length=6),
    )
    for d in range(3):
        alone = (
            premiums.general_average_premium_for_ever(cost[d], base[d], rate[d], reserve[d]),
            premiums.steady_state_rate(cost[d], base[d], rate[d], reserve[d], years=(4, 17)),
            premiums.control_period_rates(cost[d], base[d], rate[d], reserve[d], target=cost[d], length=6),
        )
        for whole, part in zip(together, alone, strict=True):
            np.testing.assert_allclose(whole[d], part)
