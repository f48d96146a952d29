"""Shapley values of a package against their axioms, the mean over all orders, and games of known shares."""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations, permutations

import numpy as np
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st

from actuarial import paired
from forecasting.axes import AxisError

SEEDS = st.integers(0, 2**32 - 1)
DRAWS = 6
Game = Callable[[frozenset[str]], np.ndarray]


def game(seed: int, names: str, *, largest: int = 99) -> Game:
    """Make a value over draws: a random dividend for every set of up to so many measures, in sets that hold it."""
    rng = np.random.default_rng(seed)
    sets = [frozenset(s) for k in range(len(names) + 1) for s in combinations(names, k) if k <= largest]
    dividends = {s: rng.normal(size=DRAWS) for s in sets}
    return lambda chosen: np.sum([d for s, d in dividends.items() if s <= chosen], axis=0)


def over_orders(value: Game, names: str) -> np.ndarray:
    """Mean over all orders of what each measure adds, by the definition."""
    total = {n: np.zeros(DRAWS) for n in names}
    orders = list(permutations(names))
    for order in orders:
        for k, name in enumerate(order):
            total[name] = total[name] + value(frozenset(order[: k + 1])) - value(frozenset(order[:k]))
    return np.stack([total[n] / len(orders) for n in names])


@settings(max_examples=20)
@given(SEEDS, st.integers(1, 5))
def test_the_exact_value_is_the_mean_over_all_orders(seed: int, count: int) -> None:
    names = "abcde"[:count]
    value = game(seed, names)
    np.testing.assert_allclose(paired.shapley(value, names).part, over_orders(value, names), atol=1e-12)


@settings(max_examples=20)
@given(SEEDS, st.booleans())
def test_shares_add_up_to_the_package(seed: int, exact: bool) -> None:
    value = game(seed, "abcdef")
    rng = np.random.default_rng(seed)
    shares = paired.shapley(value, "abcdef", rng=rng, pairs=7, exact_up_to=8 if exact else 0)
    whole = value(frozenset("abcdef")) - value(frozenset())
    np.testing.assert_allclose(shares.part.sum(axis=0), whole, rtol=0, atol=1e-12)


@settings(max_examples=20)
@given(SEEDS)
def test_alike_measures_share_alike_and_one_that_does_nothing_gets_nothing(seed: int) -> None:
    inner = game(seed, "xyc")

    def value(chosen: frozenset[str]) -> np.ndarray:
        # a and b count by their number alone; nobody asks for d.
        return inner(frozenset("xy"[: len(chosen & set("ab"))]) | (chosen & {"c"}))

    part = paired.shapley(value, "abcd").part
    np.testing.assert_allclose(part[0], part[1], atol=1e-12)
    assert (part[3] == 0).all()
    assert (paired.shapley(value, "abcd", rng=np.random.default_rng(seed), pairs=3, exact_up_to=0).part[3] == 0).all()


@settings(max_examples=20)
@given(SEEDS, SEEDS, st.floats(-3, 3))
def test_shares_of_a_sum_are_sums_of_shares(one: int, two: int, factor: float) -> None:
    first, second = game(one, "abcd"), game(two, "abcd")
    both = paired.shapley(lambda s: first(s) + factor * second(s), "abcd").part
    apart = paired.shapley(first, "abcd").part + factor * paired.shapley(second, "abcd").part
    np.testing.assert_allclose(both, apart, atol=1e-11)


def test_the_glove_game_has_its_published_shares() -> None:
    # One left glove and two right ones: 2/3, 1/6, 1/6, the textbook example of Shapley (1953).
    value = lambda s: np.array(float("left" in s and len(s) > 1))  # noqa: E731
    part = paired.shapley(value, ("left", "right", "other right")).part
    np.testing.assert_allclose(part, [2 / 3, 1 / 6, 1 / 6])


@settings(max_examples=20)
@given(SEEDS)
def test_an_order_and_its_reverse_are_exact_where_measures_meet_in_pairs(seed: int) -> None:
    value = game(seed, "abcde", largest=2)
    sampled = paired.shapley(value, "abcde", rng=np.random.default_rng(seed), pairs=2, exact_up_to=0)
    np.testing.assert_allclose(sampled.part, paired.shapley(value, "abcde").part, atol=1e-12)
    np.testing.assert_allclose(sampled.error, 0, atol=1e-12)
    assert sampled.orders == 4


def test_the_standard_error_of_sampled_orders_is_the_spread_of_their_results() -> None:
    # Its square is without bias the variance of the share over streams, whatever the game and the number of pairs.
    value = paired.Coalitions(game(5, "abcde"))
    exact = paired.shapley(value, "abcde").part
    runs = [paired.shapley(value, "abcde", rng=np.random.default_rng(k), pairs=5, exact_up_to=0) for k in range(800)]
    missed = np.stack([run.part - exact for run in runs])
    stated = np.stack([run.error for run in runs])
    np.testing.assert_allclose(np.mean(missed**2, axis=0), np.mean(stated**2, axis=0), rtol=0.25)
    assert np.mean(missed**2) == pytest.approx(np.mean(stated**2), rel=0.08)
    assert (np.abs(missed.mean(axis=0)) < 4 * missed.std(axis=0) / np.sqrt(len(runs))).all()


def test_each_set_is_run_once_and_a_stream_gives_the_same_orders() -> None:
    asked: list[frozenset[str]] = []
    inner = game(3, "abcd")

    def value(chosen: frozenset[str]) -> np.ndarray:
        asked.append(chosen)
        return inner(chosen)

    cached = paired.Coalitions(value)
    paired.shapley(cached, "abcd")
    paired.interactions(cached, "abcd")
    paired.order_range(cached, "abcd")
    again = [paired.shapley(cached, "abcd", rng=np.random.default_rng(9), exact_up_to=0).part for _ in range(2)]
    assert len(asked) == len(set(asked)) == 16
    np.testing.assert_array_equal(*again)


@settings(max_examples=20)
@given(SEEDS)
def test_interactions_of_pairs_are_their_dividends_where_nothing_larger_meets(seed: int) -> None:
    value = game(seed, "abcd", largest=2)
    index = paired.interactions(value, "abcd")
    for (i, one), (j, two) in combinations(enumerate("abcd"), 2):
        both = value(frozenset({one, two})) - value(frozenset({one})) - value(frozenset({two})) + value(frozenset())
        np.testing.assert_allclose(index[i, j], both, atol=1e-12)
        np.testing.assert_array_equal(index[i, j], index[j, i])
    assert np.isnan(index[range(4), range(4)]).all()


def test_three_that_need_each_other_halve_their_dividend_in_each_pair() -> None:
    # Grabisch and Roubens (1999): a dividend of a set T counts 1 / (|T| - 1) in the index of each pair within it.
    index = paired.interactions(lambda s: np.array(float(s >= set("abc"))), "abcd")
    np.testing.assert_allclose(index[0, 1:], [0.5, 0.5, 0.0])


@settings(max_examples=20)
@given(SEEDS)
def test_extremes_over_orders_hold_the_share_the_first_and_the_last(seed: int) -> None:
    value = game(seed, "abcd")
    least, largest = paired.order_range(value, "abcd")
    part, everything = paired.shapley(value, "abcd").part, frozenset("abcd")
    for k, name in enumerate("abcd"):
        steps = [
            value(frozenset(o[: o.index(name) + 1])) - value(frozenset(o[: o.index(name)]))
            for o in permutations("abcd")
        ]
        np.testing.assert_allclose(least[k], np.min(steps, axis=0))
        np.testing.assert_allclose(largest[k], np.max(steps, axis=0))
        alone, last = value(frozenset(name)) - value(frozenset()), value(everything) - value(everything - {name})
        for of_measure in (part[k], alone, last):
            assert (least[k] - 1e-12 <= of_measure).all()
            assert (of_measure <= largest[k] + 1e-12).all()


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda v: paired.shapley(v, ()), "no measures"),
        (lambda v: paired.shapley(v, "aba"), "twice: a"),
        (lambda v: paired.shapley(v, "abcdefghi"), "needs a stream"),
        (lambda v: paired.shapley(v, "ab", rng=np.random.default_rng(1), pairs=1, exact_up_to=1), "at least 2"),
        (lambda v: paired.interactions(v, "abcdefghi"), "512 sets"),
        (lambda v: paired.order_range(v, "abcdefghi"), "exact_up_to=9"),
        (lambda v: paired.shapley(lambda s: np.zeros(len(s)), "ab"), "shape"),
    ],
)
def test_packages_that_cannot_be_shared_are_refused(call: Callable[[Game], object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        call(game(1, "abcdefghi", largest=1))


def yearly(inner: Game) -> Callable[[frozenset[str]], xr.DataArray]:
    """Spread the six values of a game over three draws and two years."""
    labels = {"draw": [4, 5, 6], "year": [2030, 2040]}
    return lambda chosen: xr.DataArray(inner(chosen).reshape(3, 2), labels, ("draw", "year"), attrs={"unit": "yuan"})


@settings(max_examples=10)
@given(SEEDS)
def test_a_package_is_told_draw_by_draw_and_adds_up(seed: int) -> None:
    value = game(seed, "abc")
    told = paired.attribute(yearly(value), "abc")
    assert told["shapley"].dims == ("measure", "draw", "year")
    xr.testing.assert_allclose(told["shapley"].sum("measure"), told["package"])
    np.testing.assert_allclose(told["shapley"], over_orders(value, "abc").reshape(3, 3, 2), atol=1e-12)
    np.testing.assert_allclose(
        told["alone"].sel(measure="b"), (value(frozenset("b")) - value(frozenset())).reshape(3, 2), atol=1e-12
    )
    np.testing.assert_allclose(
        told["marginal"].sel(measure="b"), (value(frozenset("abc")) - value(frozenset("ac"))).reshape(3, 2), atol=1e-12
    )
    mean = lambda s: value(s).reshape(3, 2).mean(axis=0)  # noqa: E731
    np.testing.assert_allclose(told["interaction"], paired.interactions(mean, "abc"), atol=1e-12)
    np.testing.assert_allclose([told["least"], told["largest"]], paired.order_range(mean, "abc"), atol=1e-12)
    np.testing.assert_allclose(told["draw_error"], told["shapley"].std("draw", ddof=1) / np.sqrt(3))
    assert told.attrs == {"sets": 8, "orders": 0}
    assert told["least"].attrs["unit"] == "yuan"


def test_the_error_of_a_mean_from_sampled_orders_is_that_of_the_mean_value() -> None:
    value = game(11, "abcde")
    told = paired.attribute(yearly(value), "abcde", rng=np.random.default_rng(4), pairs=5, exact_up_to=4)
    mean = lambda s: value(s).reshape(3, 2).mean(axis=0)  # noqa: E731
    shares = paired.shapley(mean, "abcde", rng=np.random.default_rng(4), pairs=5, exact_up_to=4)
    np.testing.assert_allclose(told["order_error"], shares.error, atol=1e-12)
    np.testing.assert_allclose(told["shapley"].mean("draw"), shares.part, atol=1e-12)
    assert "interaction" not in told
    assert told.attrs["orders"] == 10


def test_a_statistic_of_draws_has_no_draws_to_reduce() -> None:
    told = paired.attribute(lambda s: xr.DataArray(float(len(s)) ** 2), "ab")
    assert float(told["package"]) == 4.0
    np.testing.assert_allclose(told["shapley"], [2, 2])
    np.testing.assert_allclose(told["least"], [1, 1])
    np.testing.assert_allclose(told["largest"], [3, 3])
    assert told["interaction"].sel(measure="a", other="b") == 2.0
    assert "draw" not in told.dims
    assert np.isnan(told["draw_error"]).all()


@pytest.mark.parametrize(
    ("other", "message"),
    [
        (xr.DataArray([1.0, 2.0], {"draw": [0, 2]}, ("draw",)), "labels of draw"),
        (xr.DataArray([1.0, 2.0, 3.0], {"draw": [0, 1, 2]}, ("draw",)), "labels of draw"),
        (xr.DataArray([1.0, 2.0], {"year": [0, 1]}, ("year",)), "axes draw, year"),
    ],
)
def test_sets_on_other_draws_are_refused(other: xr.DataArray, message: str) -> None:
    none = xr.DataArray([1.0, 2.0], {"draw": [0, 1]}, ("draw",))
    with pytest.raises(AxisError, match=message):
        paired.attribute(lambda s: other if s else none, "ab")
