"""Indices of many outputs at once are SALib's, output by output."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from SALib.analyze.sobol import analyze
from SALib.sample.sobol import sample

from actuarial._sensitivity_indices import Indices, indices

KEYS = ("S1", "S1_conf", "ST", "ST_conf")
RESAMPLES = 50


def design(inputs: int, points: int, seed: int = 1) -> tuple[dict, np.ndarray]:
    problem = {
        "num_vars": inputs,
        "names": [f"x{n}" for n in range(inputs)],
        "bounds": [[-np.pi, np.pi]] * inputs,
    }
    return problem, sample(problem, points, calc_second_order=False, seed=seed)


def ishigami(x: np.ndarray) -> np.ndarray:
    return np.sin(x[:, 0]) + 7 * np.sin(x[:, 1]) ** 2 + 0.1 * x[:, 2] ** 4 * np.sin(x[:, 0])


def outputs(x: np.ndarray, count: int, seed: int) -> np.ndarray:
    """Make outputs of very different size that answer to all inputs, alone and together."""
    rng = np.random.default_rng(seed)
    alone, together = rng.standard_normal((2, x.shape[1], count))
    size = 10.0 ** rng.integers(-6, 12, count)
    return size * (x @ alone + np.sin(x @ together) * (x**2 @ together) + rng.standard_normal(count))


def of_salib(problem: dict, values: np.ndarray, seed: int = 7) -> Indices:
    options = {"calc_second_order": False, "num_resamples": RESAMPLES, "seed": seed}
    tables = [analyze(problem, column, **options) for column in values.T]
    return Indices(*(np.array([table[key] for table in tables]) for key in KEYS))


@settings(max_examples=20, deadline=None)
@given(st.integers(2, 8), st.integers(1, 5), st.integers(0, 10**6))
def test_indices_and_errors_are_those_of_salib(inputs, count, seed):
    problem, x = design(inputs, 64, seed=seed + 1)
    values = outputs(x, count, seed)
    found = indices(values, inputs, resamples=RESAMPLES, seed=7)
    for name, ours, theirs in zip(KEYS, found, of_salib(problem, values), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=0, atol=1e-12, err_msg=name)


def test_the_function_of_ishigami_has_its_known_indices():
    _, x = design(3, 4096)
    found = indices(ishigami(x)[:, None], 3, resamples=RESAMPLES, seed=7)
    np.testing.assert_allclose(found.first[0], [0.3139, 0.4424, 0.0], atol=0.02)
    np.testing.assert_allclose(found.total[0], [0.5576, 0.4424, 0.2437], atol=0.02)


def test_blocks_and_the_outputs_beside_one_change_nothing():
    _, x = design(4, 64)
    values = outputs(x, 7, 3)
    whole = indices(values, 4, resamples=RESAMPLES, seed=7)
    alone = indices(values[:, 2:3], 4, resamples=RESAMPLES, seed=7)
    small = indices(values, 4, resamples=RESAMPLES, seed=7, block=1)
    for every, one, blocks in zip(whole, alone, small, strict=True):
        np.testing.assert_allclose(one[0], every[2], rtol=0, atol=1e-14)
        np.testing.assert_allclose(blocks, every, rtol=0, atol=1e-14)


def test_errors_shrink_with_the_root_of_the_points():
    few, many = (indices(ishigami(design(3, points)[1])[:, None], 3, resamples=200, seed=7) for points in (256, 4096))
    ratio = few.total_error / many.total_error
    assert ((ratio > 2.5) & (ratio < 6.4)).all()  # 4, and the error of an error


def test_rows_that_are_no_sample_are_refused():
    with pytest.raises(ValueError, match="11 rows are no whole number of points of 5 rows each"):
        indices(np.ones((11, 1)), 3, resamples=RESAMPLES, seed=7)


def test_any_seed_gives_the_same_errors_again():
    _, x = design(3, 64)
    once, again = (indices(ishigami(x)[:, None], 3, resamples=RESAMPLES, seed=0) for _ in range(2))
    np.testing.assert_array_equal(once.first_error, again.first_error)
