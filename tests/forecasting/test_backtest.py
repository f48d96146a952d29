"""Scores of held-out years, against closed forms and calibrated ensembles."""

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from scipy import stats

from forecasting import backtest
from forecasting.axes import AxisError
from forecasting.baseline import BASELINES


def ensemble(values: np.ndarray) -> xr.DataArray:
    years = 2000 + np.arange(values.shape[1])
    return xr.DataArray(values, dims=("draw", "year"), coords={"year": years})


def came(values: np.ndarray) -> pd.Series:
    return pd.Series(values, index=2000 + np.arange(len(values)))


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(7)


@pytest.mark.parametrize("fair", [True, False])
def test_the_crps_of_a_single_draw_is_the_absolute_error(fair):
    score = backtest.crps(ensemble(np.array([[1.0, 2.0, 5.0]])), came([3.0, 2.0, 1.0]), fair=fair)
    np.testing.assert_array_equal(score, [2.0, 0.0, 4.0])


def test_the_crps_of_an_ensemble_is_the_area_between_its_steps_and_the_outcome(rng):
    values, outcome = rng.normal(size=(9, 1)), 0.3
    grid = np.linspace(-6, 6, 1_200_001)
    steps = np.searchsorted(np.sort(values[:, 0]), grid, side="right") / 9
    area = np.trapezoid((steps - (grid >= outcome)) ** 2, grid)
    assert backtest.crps(ensemble(values), came([outcome]), fair=False).iloc[0] == pytest.approx(area, abs=1e-4)


@pytest.mark.parametrize("fair", [True, False])
def test_the_crps_of_a_large_normal_sample_is_the_closed_form(rng, fair):
    # Gneiting and Raftery 2007, section 4.2; the error of 40,000 draws is about .005.
    outcome = np.array([-2.0, 0.0, 1.0, 3.0])
    closed = outcome * (2 * stats.norm.cdf(outcome) - 1) + 2 * stats.norm.pdf(outcome) - 1 / np.sqrt(np.pi)
    score = backtest.crps(ensemble(rng.normal(size=(40_000, 4))), came(outcome), fair=fair)
    np.testing.assert_allclose(score, closed, atol=0.02)


def test_the_fair_crps_of_small_ensembles_expects_that_of_their_distribution(rng):
    # Mean over 40,000 outcomes of three draws each; that of the distribution, calibrated, is 1 / sqrt(pi).
    draws, outcome = ensemble(rng.normal(size=(3, 40_000))), came(rng.normal(size=40_000))
    assert backtest.crps(draws, outcome).mean() == pytest.approx(1 / np.sqrt(np.pi), abs=0.02)
    assert backtest.crps(draws, outcome, fair=False).mean() > 0.7


def test_the_coverage_of_a_calibrated_ensemble_is_nominal(rng):
    share = backtest.coverage(ensemble(rng.normal(size=(2000, 4000))), came(rng.normal(size=4000)))
    assert share.index.tolist() == [0.5, 0.8, 0.95]
    np.testing.assert_allclose(share, share.index, atol=0.03)


def test_a_shifted_ensemble_has_bias_and_covers_less_and_scores_worse(rng):
    values, outcome = rng.normal(size=(1000, 1000)), came(rng.normal(size=1000))
    table = backtest.score_table({"true": ensemble(values), "shifted": ensemble(values + 2)}, outcome)
    assert table.loc["true", "bias"] == pytest.approx(0, abs=0.15)
    assert table.loc["shifted", "bias"] == pytest.approx(2, abs=0.15)
    assert table.loc["shifted", "coverage_80"] < 0.5
    assert table.loc["true", "crps_ratio"] == 1
    assert table.loc["shifted", "crps_ratio"] > 1.5


def test_a_year_on_one_side_only_is_refused_by_name(rng):
    draws = ensemble(rng.normal(size=(5, 3)))
    for score in (backtest.coverage, backtest.crps, backtest.bias):
        with pytest.raises(AxisError, match="year 2002 was forecast but not observed"):
            score(draws, came([0.0, 1.0]))
        with pytest.raises(AxisError, match="year 2003 was observed but not forecast"):
            score(draws, came([0.0, 1.0, 1.0, 1.0]))


@pytest.fixture(scope="module")
def scored(tables) -> backtest.Backtest:
    return backtest.baseline_backtest(tables, draws=200)


def test_every_series_and_origin_is_scored_by_every_baseline_or_skipped_with_its_reason(scored):
    done = {(series, origin) for series, origin, _ in scored.scores.index}
    left = set(zip(scored.skipped["series"], scored.skipped["origin"], strict=True))
    assert done.isdisjoint(left)
    assert done | left == {(series, origin) for series in backtest.SERIES for origin in backtest.ORIGINS}
    assert len(scored.scores) == len(done) * len(BASELINES)
    reason = scored.skipped.groupby(["series", "origin"])["reason"].unique()
    assert reason["balance", 2015].tolist() == ["4 years are known up to 2015: 5 are needed"]
    assert reason["population 60+", 2018].tolist() == ["3 years are known up to 2018: 5 are needed"]


def test_scores_of_published_series_are_finite_and_shares_are_shares(scored):
    numbers = scored.scores.drop(columns="fallback")
    assert np.isfinite(numbers).all(axis=None)
    assert (scored.scores["crps"] > 0).all()
    assert numbers.filter(like="coverage").stack().between(0, 1).all()


def test_a_forecast_sees_no_year_after_its_origin(tables, monkeypatch):
    seen = []
    real = BASELINES["random_walk"]
    monkeypatch.setattr(backtest, "BASELINES", {"spy": lambda s, *a, **k: seen.append(s.index[-1]) or real(s, *a, **k)})
    backtest.baseline_backtest(tables, origins=(2015,), draws=5)
    assert set(seen) == {2015}


def test_a_forecast_is_scored_beside_the_baselines_and_alone_where_they_cannot_be_made(tables):
    years = np.arange(2016, 2026)
    flat = {name: ensemble(np.zeros((4, 10))).assign_coords(year=years) for name in ("contributors", "rural income")}
    found = backtest.backtest(tables, {2015: flat}, draws=20)
    alone = found.scores.loc["contributors"]
    assert alone.index.tolist() == [(2015, backtest.OURS)]
    assert np.isnan(alone["crps_ratio"]).all()
    beside = found.scores.xs("rural income").xs(2015)
    assert set(beside.index) == {*BASELINES, backtest.OURS}
    # Zero draws miss by the whole figure.
    income = backtest.SERIES["rural income"].of(tables).loc[2016:]
    assert beside.loc[backtest.OURS, "crps"] == pytest.approx(income.mean())
    assert beside.loc[backtest.OURS, "bias_share"] == pytest.approx(-1)
    assert beside.loc[backtest.OURS, "coverage_95"] == 0


def test_paths_are_kept_as_quantiles_beside_what_came(tables, scored):
    found = scored.paths.loc["tfr", 2015, "ets"]
    came = backtest.SERIES["tfr"].of(tables).loc[2016:]
    pd.testing.assert_series_equal(found["observed"], came, check_names=False, check_index_type=False)
    bands = found[[f"q{level:g}" for level in backtest.QUANTILES]].to_numpy()
    assert (np.diff(bands, axis=1) > 0).all()
    inside = (bands[:, 1] <= came) & (came <= bands[:, 5])
    assert scored.scores.loc[("tfr", 2015, "ets"), "coverage_80"] == pytest.approx(inside.mean())


def test_a_forecast_that_ends_before_the_figures_do_is_refused_by_name(tables):
    short = {"tfr": ensemble(np.ones((3, 4))).assign_coords(year=np.arange(2016, 2020))}
    with pytest.raises(AxisError, match="year 2020 was observed but not forecast"):
        backtest.backtest(tables, {2015: short}, draws=5)


def test_rural_income_is_carried_back_by_the_growth_of_net_income(tables):
    income = backtest.SERIES["rural income"].of(tables)
    net = tables.series("rural_net_income_per_head", area="rural")
    assert income.index.tolist() == list(range(2001, 2026))
    assert income[2010] / income[2009] == pytest.approx(net[2010] / net[2009])
    assert income[2014] == tables.series("rural_disposable_income_per_head", area="rural")[2014]
