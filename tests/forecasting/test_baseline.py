"""Baselines: what must hold of every one, and the closed form of the random walk."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from forecasting.axes import AxisError
from forecasting.baseline import BASELINES, ORDERS, random_walk

AHEAD = range(2020, 2026)
every = pytest.mark.parametrize("forecast", BASELINES.values(), ids=list(BASELINES))


def rng() -> np.random.Generator:
    return np.random.default_rng(20)


def line(slope: float = 3.0, noise: float = 0.2) -> pd.Series:
    years = np.arange(2000, 2020)
    return pd.Series(100 + slope * (years - 2000) + noise * rng().standard_normal(years.size), index=years)


@every
def test_a_straight_line_is_extended(forecast):
    # The damping of ETS is at most .98 a year: over six years it loses 7 per cent of the rise.
    series = line()
    paths = forecast(series, AHEAD, 500, rng())
    assert paths.dims == ("draw", "year")
    assert paths["year"].values.tolist() == list(AHEAD)
    assert paths.attrs["fallback"] == ""
    risen = paths.median("draw").to_numpy() - series.iloc[-1]
    np.testing.assert_allclose(risen, 3.0 * np.arange(1, 7), rtol=0.1, atol=0.5)


@every
def test_uncertainty_grows_with_the_horizon(forecast):
    width = forecast(line(noise=2.0), AHEAD, 4000, rng()).std("draw")
    assert width[-1] > width[0]


@every
def test_the_same_seed_gives_the_same_paths_and_another_seed_others(forecast):
    series = line()
    first, again, other = (forecast(series, AHEAD, 20, np.random.default_rng(s)) for s in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)


@every
def test_paths_of_a_logarithm_are_positive(forecast):
    falling = np.exp(line(slope=-0.3, noise=0.5) / 10 - 12)
    paths = forecast(falling, AHEAD, 500, rng(), log=True)
    assert float(paths.min()) > 0
    assert "of the logarithm" in paths.attrs["form"]


@every
def test_the_unit_of_a_series_does_not_matter(forecast):
    # A power of two, which rounds nothing: numpy's draws of the last state may change sign with the last bit.
    series, unit = line(noise=1.0), 2.0**40
    paths, scaled = forecast(series, AHEAD, 20, rng()), forecast(series * unit, AHEAD, 20, rng())
    np.testing.assert_allclose(scaled, paths * unit, rtol=1e-9)


@every
def test_a_year_may_be_left_out_of_the_forecast_and_one_draw_is_enough(forecast):
    assert forecast(line(), [2021, 2025], 1, rng()).shape == (1, 2)


@every
@pytest.mark.parametrize("slope", [0.0, 0.1])
def test_a_series_without_noise_is_no_trouble(forecast, slope):
    paths = forecast(line(slope, noise=0.0), AHEAD, 50, rng())
    np.testing.assert_allclose(paths.median("draw"), 100 + slope * np.arange(20, 26), atol=0.1)


@every
def test_a_gap_is_refused_with_its_year(forecast):
    with pytest.raises(AxisError, match="year 2007 is missing"):
        forecast(line().drop(2007), AHEAD, 10, rng())


@every
def test_too_few_years_are_refused_with_their_span(forecast):
    with pytest.raises(AxisError, match="has 4 years, from 2016 to 2019: a baseline needs 5"):
        forecast(line().iloc[-4:], AHEAD, 10, rng())
    with pytest.raises(AxisError, match="has no year: a baseline needs 5"):
        forecast(line().iloc[:0], AHEAD, 10, rng())


def test_every_fault_of_a_series_is_told_at_once():
    series = line().drop(2007)
    series[2003], series[2005] = np.nan, -1.0
    with pytest.raises(AxisError) as caught:
        random_walk(series, [2019], 10, rng(), log=True)
    told = str(caught.value)
    assert len(caught.value.faults) == 4
    assert all(part in told for part in ("year 2007", "year 2003", "year 2005", "2020 or later"))


def test_the_random_walk_recovers_the_drift():
    walk = pd.Series(np.cumsum(rng().normal(0.7, 0.3, 400)), index=range(1600, 2000))
    paths = random_walk(walk, range(2000, 2011), 4000, rng())
    drift = (float(paths.sel(year=2010).mean()) - walk.iloc[-1]) / 11
    # Error of the mean of 399 changes, and of 4000 draws.
    assert drift == pytest.approx(0.7, abs=4 * 0.3 / np.sqrt(399) + 4 * 0.3 / np.sqrt(11 * 4000))


def test_the_random_walk_is_student_t_and_widens_like_the_root_with_doubt_about_the_drift():
    series = line(noise=2.0)
    change = np.diff(series)
    n, ahead = change.size, np.arange(1, 41)
    paths = random_walk(series, 2019 + ahead, 40_000, rng())
    scale = change.std(ddof=1) * np.sqrt(ahead + ahead**2 / n)
    for level in (0.1, 0.9, 0.975):
        exact = series.iloc[-1] + change.mean() * ahead + scale * stats.t.ppf(level, n - 1)
        np.testing.assert_allclose((paths.quantile(level, "draw") - exact) / scale, 0, atol=0.05)


def test_arima_takes_an_order_of_its_list_and_says_which():
    form = BASELINES["arima"](line(), AHEAD, 5, rng()).attrs["form"]
    assert form in {f"ARIMA{order} with drift" for order in ORDERS}


def test_without_an_optimum_the_random_walk_stands_in_and_says_why():
    paths = BASELINES["local_linear_trend"](line(noise=0.0), AHEAD, 5, rng())
    assert paths.attrs["fallback"].startswith("random walk with drift instead of local linear trend: the likelihood")
    assert paths.attrs["form"] == "random walk with drift"
    np.testing.assert_allclose(paths[0], 157 + 3.0 * np.arange(1, 7))
