"""Paired comparison against normal variates in closed form, and the exact coverage of its intervals."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import beta, betabinom, binom, norm

from actuarial import paired
from actuarial.decomposition import probability_below
from forecasting.axes import AxisError

SEEDS = st.integers(0, 2**32 - 1)


def scenarios(**draws: object) -> xr.DataArray:
    """Label scenarios over (draw) or (draw, year)."""
    values = np.stack([np.asarray(d, dtype=float) for d in draws.values()])
    dims = ("scenario", "draw", "year")[: values.ndim]
    labels: dict[str, object] = {"scenario": list(draws), "draw": np.arange(values.shape[1])}
    return xr.DataArray(values, labels, dims, attrs={"unit": "yuan"})


def correlated(correlation: float, count: int = 400) -> tuple[np.ndarray, np.ndarray]:
    """Two samples of mean 0, variance 1 and exactly this correlation."""
    x = norm.ppf((np.arange(count) + 0.5) / count)
    y = np.random.default_rng(1).permutation(x)
    y = y - x * (x @ y) / (x @ x)
    x, y = (v / v.std(ddof=1) for v in (x, y - y.mean()))
    return x, correlation * x + np.sqrt(1 - correlation**2) * y


@pytest.mark.parametrize("correlation", [-0.5, 0.0, 0.6, 0.99])
def test_common_draws_reduce_the_variance_of_a_difference_by_the_correlation(correlation: float) -> None:
    a, b = correlated(correlation)
    told = paired.compare(scenarios(law=a, reform=2 * b + 3), "law").sel(scenario="reform")
    # Variances 1 and 4, covariance twice the correlation.
    variance = 1 + 4 - 4 * correlation
    assert float(told["variance_ratio"]) == pytest.approx(variance / 5)
    assert float(told["mean_difference"]) == pytest.approx(3)
    assert float(told["unpaired_error"]) == pytest.approx(np.sqrt(5 / a.size))
    assert float(told["standard_error"]) == pytest.approx(np.sqrt(variance / a.size))


def test_quantiles_and_wins_of_normal_differences_are_those_of_the_normal_distribution() -> None:
    z = norm.ppf((np.arange(20_000) + 0.5) / 20_000)
    luck = np.random.default_rng(2).normal(size=z.size) * 50
    told = paired.compare(scenarios(law=luck, reform=luck + 0.4 + 2 * z), "law").sel(scenario="reform")
    np.testing.assert_allclose(told["difference"], norm.ppf(paired.LEVELS, 0.4, 2), atol=2e-3)
    assert float(told["wins"]) == pytest.approx(norm.cdf(0.2), abs=1e-4)
    assert float(told["variance_ratio"]) < 0.001


@settings(max_examples=10)
@given(SEEDS)
def test_wins_losses_and_ties_add_up_and_agree_with_the_decomposition_room(seed: int) -> None:
    rng = np.random.default_rng(seed)
    values = scenarios(a=rng.integers(0, 3, (9, 2)), b=rng.integers(0, 3, (9, 2)), c=rng.integers(0, 3, (9, 2)))
    told = paired.beats(values)
    mirrored = told["wins"].rename(scenario="other", other="scenario")
    np.testing.assert_allclose(told["wins"] + mirrored.transpose(*told["wins"].dims) + told["ties"], 1.0)
    lower = paired.beats(values, "lower")["wins"].sel(scenario="a", other="b")
    np.testing.assert_allclose(lower, probability_below(values.sel(scenario="a"), values.sel(scenario="b")))
    np.testing.assert_allclose(lower, told["wins"].sel(scenario="b", other="a"))


@settings(max_examples=10)
@given(SEEDS)
def test_the_order_of_draws_says_nothing_but_their_pairing_does(seed: int) -> None:
    rng = np.random.default_rng(seed)
    a = rng.normal(size=50)
    b, order = a + 0.1, rng.permutation(50)
    xr.testing.assert_allclose(
        paired.compare(scenarios(law=a, reform=b), "law"),
        paired.compare(scenarios(law=a[order], reform=b[order]), "law"),
    )
    together = paired.compare(scenarios(law=a, reform=b), "law").sel(scenario="reform")
    apart = paired.compare(scenarios(law=a, reform=np.roll(b, 1)), "law").sel(scenario="reform")
    assert float(together["wins"]) == 1.0
    assert float(apart["wins"]) < 1.0
    assert float(together["variance_ratio"]) < 1e-20 < float(apart["variance_ratio"])


def test_the_baseline_differs_from_itself_by_nothing() -> None:
    values = scenarios(law=[1.0, 5.0, 2.0], reform=[2.0, 2.0, 2.0])
    told = paired.compare(values, "law").sel(scenario="law")
    assert (told["difference"] == 0).all()
    assert float(told["ties"]) == 1.0
    assert told["mean_difference"].attrs["unit"] == "yuan"


@pytest.mark.parametrize("count", [30, 200])
def test_the_interval_of_a_probability_holds_as_often_as_it_says(count: int) -> None:
    # Exact coverage: every number of wins with its binomial probability. Averaged over the prior of Jeffreys it is what
    # is stated, and the 2.5 % more that closing the ends gives to no wins and to nothing else.
    wins = np.arange(count + 1)
    won = np.arange(count)[None, :] < wins[:, None]
    told = paired.compare(scenarios(law=np.zeros((count, count + 1)), reform=won.T), "law").sel(scenario="reform")
    truth = beta.ppf((np.arange(4000) + 0.5) / 4000, 0.5, 0.5)[:, None]
    held = (told["wins_low"].values <= truth) & (truth <= told["wins_high"].values)
    assert (held * binom.pmf(wins, count, truth)).sum(axis=1).mean() == pytest.approx(
        0.95 + 2 * 0.025 * betabinom.pmf(0, count, 0.5, 0.5), abs=5e-4
    )
    assert told["wins_low"][0] == 0.0
    assert told["wins_high"][-1] == 1.0
    assert told["wins_error"][0] == 0.0 < told["wins_high"][0]


def test_a_fund_that_never_runs_dry_wins_where_that_is_infinite_and_is_left_out_of_differences() -> None:
    told = paired.compare(scenarios(law=[2050, 2060, np.inf], reform=[2055, np.inf, np.inf]), "law")
    reform = told.sel(scenario="reform")
    assert (float(reform["wins"]), float(reform["ties"])) == pytest.approx((2 / 3, 1 / 3))
    assert float(reform["known"]) == pytest.approx(1 / 3)
    assert float(reform["mean_difference"]) == 5.0
    assert np.isnan(reform["standard_error"])


def test_what_no_draw_knows_is_not_known() -> None:
    told = paired.compare(scenarios(law=[np.nan, 1.0], reform=[1.0, np.nan]), "law").sel(scenario="reform")
    assert float(told["known"]) == 0.0
    assert all(
        np.isnan(told[name]).all() for name in ("difference", "mean_difference", "wins", "wins_low", "wins_high")
    )


def test_faults_of_a_comparison_are_told_together() -> None:
    with pytest.raises(AxisError) as caught:
        paired.compare(scenarios(law=[1.0], reform=[2.0]), "today", "cheaper")  # type: ignore[arg-type]
    assert len(caught.value.faults) == 3
    with pytest.raises(AxisError, match="at least 2"):
        paired.intervals(xr.DataArray([1.0], dims="draw"))


def test_intervals_keep_the_axes_and_leave_out_what_is_not_finite() -> None:
    values = scenarios(a=[[1.0, np.nan], [3.0, np.nan]], b=[[1.0, 2.0], [np.inf, 4.0]])
    bounds = paired.intervals(values, (0.0, 0.5, 1.0))
    assert bounds.dims == ("quantile", "scenario", "year")
    np.testing.assert_allclose(bounds[:, 0], [[1, np.nan], [2, np.nan], [3, np.nan]])
    np.testing.assert_allclose(bounds[:, 1], [[1, 2], [1, 3], [1, 4]])
