"""The classical Lee-Carter model: published intervals, exact recovery, the second stage."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from forecasting.leecarter import Drift, drift_of, fit, random_walk_interval, second_stage
from forecasting.lifetable import expectancy

AGES = np.arange(101)
GOMPERTZ = np.log(0.0001) + 0.085 * AGES
EVEN = np.full(101, 1 / 101)


def test_the_index_of_the_united_states_in_2050_is_the_published_one():
    # Lee and Carter 1992, J. Am. Stat. Assoc. 87(419): drift -.365, sd .652, k(1989) = -11.05.
    there = random_walk_interval(-11.05, Drift(-0.365, 0.652, 0.0), 2050 - 1989)
    assert [f"{float(value):.3f}" for value in there] == ["-33.315", "-43.296", "-23.334"]


def test_doubt_about_the_drift_adds_its_square_times_the_square_of_the_years():
    known, doubted = (random_walk_interval(0.0, Drift(-0.4, 0.6, error), [1.0, 100.0]) for error in (0.0, 0.06))
    np.testing.assert_array_equal(known.centre, doubted.centre)
    half = (doubted.high - doubted.low) / (known.high - known.low)
    np.testing.assert_allclose(half, np.sqrt([(0.36 + 0.0036) / 0.36, (36 + 36) / 36]))


def test_a_higher_level_is_a_wider_interval_and_no_step_has_none():
    walk = Drift(-0.4, 0.6, 0.06)
    narrow, wide = (random_walk_interval(2.0, walk, [0.0, 10.0], level) for level in (0.5, 0.95))
    assert narrow.low[0] == narrow.high[0] == wide.low[0] == 2.0
    assert wide.low[1] < narrow.low[1] < narrow.centre[1] < narrow.high[1] < wide.high[1]


def test_the_drift_is_the_mean_change_and_its_error_falls_with_the_root_of_the_years():
    walk = drift_of([4.0, 3.0, 1.0, 1.0])
    assert walk.drift == -1.0
    assert walk.sd == pytest.approx(1.0)
    assert walk.error == pytest.approx(1 / np.sqrt(3))
    with pytest.raises(ValueError, match="has 2 years"):
        drift_of([1.0, 2.0])


finite = st.floats(-5, 5, allow_subnormal=False)


@given(arrays(float, 6, elements=finite), arrays(float, 6, elements=finite), arrays(float, 9, elements=finite))
def test_a_surface_of_rank_one_is_recovered_exactly(a, b, k):
    assume(abs(b.sum()) > 0.1 and k.std() > 0.1)
    b, k = b / b.sum(), k - k.mean()
    fitted = fit(a[:, None] + b[:, None] * k)
    for found, true in zip(fitted[:3], (a, b, k), strict=True):
        np.testing.assert_allclose(found, true, atol=1e-9 * max(1.0, np.abs(true).max()))
    assert fitted.explained == pytest.approx(1.0)


@given(arrays(float, (7, 5), elements=finite, unique=True))
def test_b_sums_to_one_k_to_zero_and_no_other_rank_one_surface_is_nearer(surface):
    try:
        fitted = fit(surface)
    except ValueError:
        assume(False)
    assume(abs(fitted.b).max() < 1e4)
    assert fitted.b.sum() == pytest.approx(1.0)
    assert fitted.k.sum() == pytest.approx(0.0, abs=1e-8 * max(1.0, np.abs(fitted.k).max()))
    np.testing.assert_allclose(fitted.a, surface.mean(axis=1))
    centred = surface - fitted.a[:, None]
    term = np.outer(fitted.b, fitted.k)
    # At a least squares fit neither factor can be bettered: what is left is orthogonal to both.
    scale = 1e-7 * (1.0 + np.abs(fitted.k).max()) * (1.0 + np.abs(fitted.b).max())
    np.testing.assert_allclose((centred - term) @ fitted.k, 0, atol=scale * np.abs(centred).max())
    np.testing.assert_allclose(fitted.b @ (centred - term), 0, atol=scale * np.abs(centred).max())
    assert (term**2).sum() == pytest.approx(fitted.explained * (centred**2).sum())


def test_what_has_no_pattern_is_refused():
    with pytest.raises(ValueError, match="do not change"):
        fit(np.ones((4, 5)))
    with pytest.raises(ValueError, match="cannot sum to one"):
        fit(np.outer([1.0, -1.0], [1.0, 2.0, 4.0]))
    with pytest.raises(ValueError, match=r"shape \(3,\)"):
        fit([1.0, 2.0, 3.0])


def test_the_second_stage_meets_the_deaths_of_every_year():
    rng = np.random.default_rng(4)
    exposure = rng.uniform(1e5, 1e6, (101, 12))
    observed = rng.uniform(0.7, 1.4, 12) * (np.exp(GOMPERTZ)[:, None] * exposure).sum(axis=0)

    def deaths(m: np.ndarray) -> np.ndarray:
        return (m * exposure).sum(axis=0)

    k = second_stage(GOMPERTZ, EVEN, observed, deaths)
    np.testing.assert_allclose(deaths(np.exp(GOMPERTZ[:, None] + EVEN[:, None] * k)), observed, rtol=1e-10)


def test_the_second_stage_meets_life_expectancy_which_falls_with_the_index():
    observed = np.array([55.0, 65.0, 75.0, 85.0])

    def e0(m: np.ndarray) -> np.ndarray:
        return expectancy(m.T)

    k = second_stage(GOMPERTZ, EVEN, observed, e0)
    np.testing.assert_allclose(e0(np.exp(GOMPERTZ[:, None] + EVEN[:, None] * k)), observed, rtol=1e-10)
    assert (np.diff(k) < 0).all()


def test_the_second_stage_gives_back_the_index_of_its_own_rates():
    k = np.array([-30.0, -1.0, 0.0, 0.5, 20.0])
    observed = expectancy(np.exp(GOMPERTZ[:, None] + EVEN[:, None] * k).T)
    np.testing.assert_allclose(second_stage(GOMPERTZ, EVEN, observed, lambda m: expectancy(m.T)), k, atol=1e-9)


def test_what_no_index_gives_is_refused_by_its_value():
    with pytest.raises(ValueError, match=r"no index of mortality gives -2, -7:"):
        second_stage([0.0, 0.0], [0.5, 0.5], [1.0, -2.0, -7.0], lambda m: m.sum(axis=0))
