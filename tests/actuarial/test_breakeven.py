"""Break-even values against closed forms, against draws counted in order, and their stated error against simulation."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binom, norm

from actuarial.breakeven import BreakEven, break_even, probability, quantile

Array = np.ndarray
DRAWS = 2000
SCORES = norm.ppf((np.arange(DRAWS) + 0.5) / DRAWS)
"""Draws that lie as a normal distribution does, with no luck in them."""


def mean(values: Array) -> Array:
    return np.mean(values, axis=-1)


def ruined(reserves: Array) -> Callable[[float], Array]:
    """Return who is ruined with so much money more."""
    return lambda money: reserves + money < 0


def test_the_money_that_leaves_a_ruin_of_five_per_cent_is_the_normal_quantile() -> None:
    found = break_even(ruined(SCORES), probability, 0.05, 0.0, 4.0)
    assert found.value == pytest.approx(norm.isf(0.05), abs=1e-3)
    assert found.within
    assert found.monotone
    assert found.error is None
    assert not found.crossings[0].rising


def test_a_quantile_of_a_shifted_and_scaled_distribution_is_met_where_algebra_says() -> None:
    lever = xr.DataArray(SCORES, {"draw": np.arange(DRAWS)}, ("draw",))
    found = break_even(lambda x: 3 * x + 2 * lever, quantile(0.1), 1.0, -5.0, 5.0, tolerance=1e-9)
    assert found.value == pytest.approx((1 - 2 * np.quantile(SCORES, 0.1)) / 3, abs=1e-9)
    assert found.crossings[0].rising


def test_a_smooth_statistic_takes_fewer_values_than_bisection() -> None:
    found = break_even(lambda x: np.exp(x) + SCORES, mean, 2.0, 0.0, 4.0, tolerance=1e-10)
    assert found.value == pytest.approx(np.log(2), abs=1e-10)
    assert found.evaluations < np.log2(4 / 1e-10) / 2


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(1, 99), min_size=4, max_size=12), st.integers(0, 24), st.booleans())
def test_a_step_function_is_met_between_the_draws_that_count(places: list[int], halves: int, falls: bool) -> None:
    reserves, size, step = np.sort(places) / 100.0, len(places), 1e-6
    count = min(halves, 2 * size) / 2
    found = break_even(lambda x: (reserves < x) ^ falls, probability, count / size, 0.0, 1.0, tolerance=step)
    # Of a falling probability, those who are left count.
    wanted = size - count if falls else count
    ends = np.concatenate([[0.0], reserves, [1.0]])
    passed = np.array([np.sum(reserves < x) for x in (ends[:-1] + ends[1:]) / 2])
    at = [(a, b) for a, b, n in zip(ends[:-1], ends[1:], passed, strict=True) if n == wanted and a < b]
    (crossing,) = found.crossings
    low, high = at[0] if at else (reserves[int(wanted)],) * 2
    assert low - step <= crossing.low <= low + 1e-12
    assert high - 1e-12 <= crossing.high <= high + step
    assert found.monotone


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32 - 1), st.floats(0.02, 0.98))
def test_either_side_of_an_answer_is_on_its_side_of_the_target(seed: int, target: float) -> None:
    rng = np.random.default_rng(seed)
    found = break_even(ruined(rng.standard_normal(50)), probability, target, -6.0, 6.0)
    (crossing,) = found.crossings
    assert crossing.at_high < target < crossing.at_low or target in found.statistic
    assert crossing.low <= found.value <= crossing.high
    between = (found.tried > crossing.low) & (found.tried < crossing.high)
    assert (found.statistic[between] == target).all()


@pytest.mark.parametrize("target", [0.02, 0.05, 0.3])
def test_the_stated_error_is_that_of_the_delta_method(target: float) -> None:
    found = break_even(ruined(SCORES), probability, target, -4.0, 4.0, rng=np.random.default_rng(2))
    assert found.error is not None
    known = np.sqrt(target * (1 - target) / DRAWS) / norm.pdf(norm.ppf(target))
    # The spread of 1,000 resamples is itself known to about 4 %.
    assert found.error.standard_error == pytest.approx(known, rel=0.12)
    assert found.error.high - found.error.low == pytest.approx(2 * 1.96 * known, rel=0.12)
    assert found.error.beyond == 0


def test_the_error_of_a_mean_is_that_of_the_mean_over_the_slope() -> None:
    found = break_even(lambda x: 4 * x + SCORES, mean, 1.0, -3.0, 3.0, rng=np.random.default_rng(3))
    assert found.error is not None
    assert found.error.standard_error == pytest.approx(1 / 4 / np.sqrt(DRAWS), rel=0.1)


def test_draws_in_common_leave_no_error_where_each_draw_has_the_same_answer() -> None:
    # Wide draws, but the lever turns every one of them at the same value; nothing is known finer than the tolerance.
    fine = 1e-7

    def measure(lever: float) -> Array:
        return np.exp(SCORES) * (lever - 1.5)

    found = break_even(measure, quantile(0.9), 0.0, 0.0, 4.0, tolerance=fine, rng=np.random.default_rng(4))
    assert found.value == pytest.approx(1.5, abs=fine)
    assert found.error is not None
    assert found.error.standard_error <= fine
    assert found.error.low == pytest.approx(found.error.high, abs=fine)


@pytest.mark.parametrize("level", [0.5, 0.95])
def test_stated_intervals_hold_the_truth_as_often_as_they_say(level: float) -> None:
    rng = np.random.default_rng(20)
    repeats, truth, held = 200, norm.isf(0.1), 0
    for _ in range(repeats):
        reserves = rng.standard_normal(400)
        error = break_even(
            ruined(reserves), probability, 0.1, -1.0, 4.0, tolerance=0.01, rng=rng, resamples=200, level=level
        ).error
        assert error is not None
        held += error.low <= truth <= error.high
    assert binom.ppf(0.001, repeats, level) <= held <= binom.ppf(0.999, repeats, level)


def test_the_same_stream_gives_the_same_error_and_more_resamples_leave_the_answer() -> None:
    def ask(resamples: int) -> BreakEven:
        rng = np.random.default_rng(6)
        return break_even(ruined(SCORES), probability, 0.05, 0.0, 4.0, rng=rng, resamples=resamples)

    first, again, more = ask(200), ask(200), ask(400)
    assert first.error == again.error
    assert first.crossings == more.crossings
    assert first.error != more.error


def test_an_error_that_reaches_beyond_the_range_is_told() -> None:
    reserves = SCORES[::20]
    found = break_even(ruined(reserves), probability, 0.1, 0.0, 1.3, rng=np.random.default_rng(7))
    assert found.error is not None
    assert found.error.high == np.inf
    assert found.error.low > 0.0
    assert 0.2 < found.error.beyond < 0.8


def test_no_value_is_measured_twice_and_every_one_is_counted() -> None:
    asked: list[float] = []

    def measure(money: float) -> Array:
        asked.append(money)
        return SCORES + money < 0

    found = break_even(measure, probability, 0.05, 0.0, 4.0, rng=np.random.default_rng(8))
    assert len(asked) == len(set(asked)) == found.evaluations
    assert sorted(asked) == list(found.tried)
    alone = break_even(ruined(SCORES), probability, 0.05, 0.0, 4.0)
    assert found.crossings == alone.crossings
    assert 0 < found.evaluations - alone.evaluations <= 8


def test_a_target_out_of_reach_is_said_plainly() -> None:
    found = break_even(ruined(SCORES), probability, 0.05, 0.0, 1.0, rng=np.random.default_rng(9))
    assert not found.within
    assert np.isnan(found.value)
    assert found.error is None
    assert found.explain() == "not within 0..1: the statistic is 0.1585 to 0.5, the target is 0.05"


def test_a_lever_that_moves_nothing_has_no_answer() -> None:
    found = break_even(lambda x: SCORES, mean, 1.0, 0.0, 1.0)
    assert not found.within
    assert found.evaluations == 5


def test_a_target_that_holds_everywhere_is_met_by_the_whole_range() -> None:
    found = break_even(lambda x: np.ones(3), mean, 1.0, 0.0, 1.0, rng=np.random.default_rng(1))
    assert (found.crossings[0].low, found.crossings[0].high, found.error) == (0.0, 1.0, None)


def test_a_statistic_that_turns_back_is_met_twice_and_told() -> None:
    found = break_even(lambda x: (x - 1) ** 2 + SCORES, mean, 0.49, 0.0, 3.0, rng=np.random.default_rng(10))
    assert [c.middle for c in found.crossings] == pytest.approx([0.3, 1.7], abs=3e-4)
    assert [c.rising for c in found.crossings] == [False, True]
    assert np.isnan(found.value)
    assert found.error is None
    assert not found.monotone
    assert "met 2 times within 0..3" in found.explain()
    assert found.explain().endswith("does not only rise or only fall")


def test_an_answer_in_one_line_has_its_interval_and_error() -> None:
    found = break_even(ruined(SCORES), probability, 0.05, 0.0, 4.0, rng=np.random.default_rng(2))
    crossing = found.crossings[0]
    assert found.error is not None
    assert found.explain() == (
        f"{found.value:.6g} ({crossing.low:.6g} to {crossing.high:.6g}), "
        f"sampling error {found.error.standard_error:.2g}"
    )


def test_a_request_that_makes_no_sense_lists_all_its_faults() -> None:
    with pytest.raises(ValueError, match=r"target of nan.*range of 3 to 2.*1 values.*1 resamples.*level 2"):
        break_even(ruined(SCORES), probability, np.nan, 3.0, 2.0, mesh=1, resamples=1, level=2.0)
    with pytest.raises(ValueError, match="tolerance of 0"):
        break_even(ruined(SCORES), probability, 0.05, 0.0, 1.0, tolerance=0.0)
    with pytest.raises(ValueError, match="quantile of level 1"):
        quantile(1.0)


def labelled(values: Array, first: int) -> xr.DataArray:
    return xr.DataArray(values, {"draw": first + np.arange(values.size)}, ("draw",))


@pytest.mark.parametrize(
    ("measure", "statistic", "words"),
    [
        (lambda x: np.ones((4, 2)), mean, r"axes \(4, 2\)"),
        (lambda x: xr.DataArray(np.ones(4), dims="year"), mean, r"axes \('year',\)"),
        (lambda x: np.where(SCORES < 0, np.inf, x), mean, "no finite number in 1000 of 2000 draws"),
        (lambda x: labelled(SCORES, int(x > 0)), mean, "other draws than before"),
        (lambda x: SCORES[: 100 + int(9 * x)], mean, "other draws than before"),
        (lambda x: SCORES, probability, "that of flags"),
        (lambda x: SCORES, lambda values: np.nan, "statistic at 0 is nan"),
    ],
)
def test_a_measure_that_cannot_be_compared_is_refused(
    measure: Callable[[float], Array], statistic: Callable[[Array], Array], words: str
) -> None:
    with pytest.raises(ValueError, match=words):
        break_even(measure, statistic, 0.5, 0.0, 1.0)


def test_a_statistic_over_all_axes_is_refused() -> None:
    with pytest.raises(ValueError, match="last axis alone"):
        break_even(lambda x: SCORES + x, np.median, 0.5, 0.0, 1.0, rng=np.random.default_rng(1))
