"""Autoregressions of a PyMC model: densities against scipy, draws against their moments."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import stats

from forecasting.models._autoregression import autoregressions, drawn, drawn_jumps, jumping

SERIES, STEPS = 3, 4
MEAN = np.arange(12.0).reshape(SERIES, STEPS) / 5
MEMORY = np.array([[9.0, 0.5, 0.8, 0.2], [9.0, 0.9, 0.9, 0.9], [9.0, 0.0, 0.3, 0.1]])
SHOCK = np.array([[0.3, 0.2, 0.1, 0.4], [1.0, 0.5, 0.5, 0.5], [0.2, 0.2, 0.7, 0.2]])
COUPLING = np.array([9.0, 0.6, -0.4])


def moments() -> tuple[np.ndarray, np.ndarray]:
    """Return mean and covariance of all cells, by the map from independent shocks that the equations write out."""
    size = SERIES * STEPS
    jump = np.zeros((SERIES, STEPS, size))
    for s in range(SERIES):
        for t in range(STEPS):
            jump[s, t, s * STEPS + t] = SHOCK[s, t]
            if s:
                jump[s, t] += COUPLING[s] * jump[s - 1, t]
    off = jump.copy()
    for t in range(1, STEPS):
        off[:, t] += MEMORY[:, [t]] * off[:, t - 1]
    root = off.reshape(size, size)
    return MEAN.ravel(), root @ root.T


def logp(variable: Any, value: np.ndarray) -> float:
    import pymc as pm

    return float(np.sum(pm.logp(variable, value).eval(mode="FAST_COMPILE")))


def test_the_density_is_that_of_the_normal_that_its_equations_make() -> None:
    import pymc as pm

    mean, covariance = moments()
    with pm.Model():
        paths = autoregressions("paths", MEAN, MEMORY, SHOCK, COUPLING)
    for seed in (1, 2):
        value = MEAN + np.random.default_rng(seed).standard_normal(MEAN.shape)
        expected = stats.multivariate_normal(mean, covariance).logpdf(value.ravel())
        assert logp(paths, value) == pytest.approx(expected, rel=1e-10)


def test_draws_have_the_moments_of_the_normal() -> None:
    mean, covariance = moments()
    draws = 200_000
    made = drawn(MEAN, MEMORY, SHOCK, COUPLING, rng=np.random.default_rng(3), size=(draws,)).reshape(draws, -1)
    spread = np.sqrt(np.diag(covariance))
    np.testing.assert_allclose((made.mean(axis=0) - mean) / spread, 0.0, atol=0.01)
    found = np.corrcoef(made.T)
    np.testing.assert_allclose(found, covariance / np.outer(spread, spread), atol=0.01)
    np.testing.assert_allclose(made.std(axis=0), spread, rtol=0.01)


def test_axes_in_front_of_the_parameters_are_kept() -> None:
    two = np.stack([MEAN, MEAN + 100.0])
    made = drawn(two, np.stack([MEMORY] * 2), np.stack([SHOCK] * 2), COUPLING, rng=np.random.default_rng(4))
    assert made.shape == two.shape
    assert (made[1] - made[0] > 80.0).all()


def test_a_path_of_jumps_has_the_density_of_each_jump() -> None:
    import pymc as pm

    mean, value = np.array([0.1, 0.2, 0.3, 0.4]), np.array([0.15, 0.1, 0.9, 0.5])
    with pm.Model():
        path = jumping("path", mean, np.float64(0.7), shock=np.float64(0.2), tail=np.float64(5.0), first=0.3)
    off = value - mean
    expected = stats.norm(0.0, 0.3).logpdf(off[0]) + stats.t(5.0, 0.7 * off[:-1], 0.2).logpdf(off[1:]).sum()
    assert logp(path, value) == pytest.approx(expected, rel=1e-10)


def test_drawn_jumps_leave_independent_student_shocks() -> None:
    mean, draws = np.linspace(-1.0, 1.0, 6), 40_000
    memory, shock, tail, first = (np.float64(v) for v in (0.6, 0.2, 4.0, 0.3))
    made = drawn_jumps(mean, memory, shock, tail, first, rng=np.random.default_rng(5), size=(draws,))
    off = made - mean
    jumps = (off[:, 1:] - 0.6 * off[:, :-1]) / 0.2
    assert stats.kstest(off[:, 0] / 0.3, "norm").pvalue > 1e-3
    for t in range(jumps.shape[1]):
        assert stats.kstest(jumps[:, t], "t", args=(4.0,)).pvalue > 1e-3
        assert abs(np.corrcoef(jumps[:, t], off[:, t])[0, 1]) < 0.03


def test_the_prior_of_a_model_draws_from_the_same_distributions() -> None:
    """The functions that draw are those that pymc calls."""
    import pymc as pm

    mean, covariance = moments()
    with pm.Model():
        several = autoregressions("several", MEAN, MEMORY, SHOCK, COUPLING)
        one = jumping("one", np.zeros(3), 0.0, shock=0.5, tail=50.0, first=2.0)
    found, single = pm.draw([several, one], draws=2000, random_seed=6, mode="FAST_COMPILE")
    assert (found.shape, single.shape) == ((2000, SERIES, STEPS), (2000, 3))
    np.testing.assert_allclose(found.mean(axis=0).ravel(), mean, atol=5 * np.sqrt(covariance.max() / 2000))
    np.testing.assert_allclose(single.std(axis=0), [2.0, 0.51, 0.51], rtol=0.08)
