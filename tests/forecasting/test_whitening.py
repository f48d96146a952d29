"""Whitening: the same posterior in fewer steps."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st

from forecasting.models import whitening

MEAN = np.array([3.0, -1.0, 0.0, 10.0])
SCALE = np.array([0.1, 1.0, 5.0, 2.0])
CORRELATION = 0.98 ** np.abs(np.subtract.outer(np.arange(4), np.arange(4)))
COVARIANCE = CORRELATION * np.outer(SCALE, SCALE)


@pytest.fixture(scope="module")
def compiled() -> Any:
    """A correlated Gaussian beside a positive variable, which is sampled on the log scale."""
    import nutpie
    import pymc as pm

    with pm.Model() as model:
        pm.MvNormal("x", MEAN, COVARIANCE)
        pm.LogNormal("positive", 0.0, 0.5)
    return nutpie.compile_pymc_model(model, backend="numba")


def sampled(compiled: Any) -> xr.DataTree:
    import nutpie

    return nutpie.sample(compiled, draws=1500, tune=500, chains=2, cores=2, seed=1, progress_bar=False)


@pytest.fixture(scope="module")
def white(compiled: Any) -> xr.DataTree:
    return sampled(whitening.whiten(compiled, 1))


@pytest.fixture(scope="module")
def plain(compiled: Any) -> xr.DataTree:
    return sampled(compiled)


def standard_error(draws: xr.DataArray) -> np.ndarray:
    import arviz as az

    ess = az.ess(draws.to_dataset(name="x"))["x"]
    return np.asarray(draws.std(("chain", "draw")) / np.sqrt(ess))


def test_whitened_draws_have_the_known_moments(white: xr.DataTree) -> None:
    draws = white["posterior"]["x"]
    np.testing.assert_array_less(np.abs(draws.mean(("chain", "draw")) - MEAN), 4 * standard_error(draws))
    flat = draws.values.reshape(-1, 4)
    np.testing.assert_allclose(np.corrcoef(flat.T), CORRELATION, atol=0.01)
    np.testing.assert_allclose(flat.std(axis=0), SCALE, rtol=0.08)


def test_whitened_and_plain_sampler_agree_in_every_variable(white: xr.DataTree, plain: xr.DataTree) -> None:
    assert list(white["posterior"].data_vars) == list(plain["posterior"].data_vars)
    for name in ("x", "positive"):
        one, other = white["posterior"][name], plain["posterior"][name]
        apart = np.abs(one.mean(("chain", "draw")) - other.mean(("chain", "draw")))
        assert (apart < 4 * np.hypot(standard_error(one), standard_error(other))).all()
    log = np.log(white["posterior"]["positive"])
    assert log.std() == pytest.approx(0.5, rel=0.08)


def test_whitening_needs_fewer_leapfrog_steps(white: xr.DataTree, plain: xr.DataTree) -> None:
    steps = {name: float(t["sample_stats"]["n_steps"].mean()) for name, t in (("white", white), ("plain", plain))}
    assert steps["white"] < steps["plain"] / 2


def test_the_map_is_found_from_the_density_alone() -> None:
    precision = np.linalg.inv(COVARIANCE)

    def density(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        slope = precision @ (x - MEAN)
        return -0.5 * (x - MEAN) @ slope, -slope

    np.testing.assert_allclose(whitening.mode(density, np.zeros(4)), MEAN, atol=0.05 * SCALE.max())
    found = whitening.curvature(density, MEAN)
    np.testing.assert_allclose(found, precision, rtol=1e-6, atol=1e-6)
    root = whitening.root(found)
    np.testing.assert_allclose(root @ root.T, COVARIANCE, rtol=1e-6)


@given(st.integers(0, 1000), st.integers(1, 8))
def test_the_root_turns_curvature_into_the_identity(seed: int, size: int) -> None:
    factor = np.random.default_rng(seed).standard_normal((size, size))
    matrix = factor @ factor.T + np.eye(size)
    root = whitening.root(matrix)
    np.testing.assert_allclose(root.T @ matrix @ root, np.eye(size), atol=1e-9)


def test_flat_and_saddle_directions_stay_finite() -> None:
    root = whitening.root(np.diag([4.0, -4.0, 0.0]))
    widths = np.sqrt(np.diag(root @ root.T))
    np.testing.assert_allclose(widths, [0.5, 0.5, 1 / np.sqrt(whitening.FLATTEST)])


def test_shared_data_are_refused() -> None:
    import nutpie
    import pymc as pm

    with pm.Model() as model:
        pm.Normal("x", pm.Data("centre", 1.0))
    with pytest.raises(ValueError, match="shared data: pass the data as constants"):
        whitening.whiten(nutpie.compile_pymc_model(model, backend="numba"), 1)


def two_hills(higher: float) -> whitening.Density:
    """A hill at -6 and a `higher` one at 3: a climb ends on the one that it began under."""

    def density(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        parts = np.array([-0.5 * ((x[0] + 6.0) / 0.5) ** 2, higher - 0.5 * ((x[0] - 3.0) / 0.5) ** 2])
        slopes = np.array([-(x[0] + 6.0) / 0.25, -(x[0] - 3.0) / 0.25])
        weight = np.exp(parts - parts.max())
        return parts.max() + np.log(weight.sum()), np.array([(weight * slopes).sum() / weight.sum()])

    return density


@pytest.mark.parametrize(("higher", "place"), [(50.0, -6.0), (120.0, 3.0)])
def test_the_first_climb_that_ended_on_no_ledge_is_taken(higher: float, place: float) -> None:
    starts = [np.array([at]) for at in (-6.5, 2.5, 3.5)]
    density = two_hills(higher)
    np.testing.assert_allclose(whitening.best_mode(density, starts), place, atol=1e-3)
