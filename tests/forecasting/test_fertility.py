"""Fertility: what is known stays, what is split adds up, what is not known widens; recovery of a known truth."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom

from forecasting.models import fertility, sampling
from forecasting.sources import default_data_folder, read_tables

YEARS = np.arange(2010, 2101)
SHARE = np.linspace(0.45, 0.2, YEARS.size)
UN = Path(__file__).resolve().parents[3] / "shared/reference/compare/un_wpp2024_china_annual.csv"


@pytest.fixture(scope="module")
def known():
    return fertility.inputs(read_tables(default_data_folder()))


@pytest.fixture(scope="module")
def posterior(known):
    return sampling.fit(fertility, known, sampling.Settings(kept=1000))


@pytest.fixture(scope="module")
def paths(known, posterior):
    return fertility.forecast(posterior, YEARS, sampling.stream(7, "fertility"), known, SHARE)


def test_the_comparators_that_rose_twice_enter_with_china_first(known):
    assert known["country"][0] == "China"
    assert {"Germany", "Japan", "Spain"} < set(known["country"].tolist())
    assert not {"Korea", "Thailand"} & set(known["country"].tolist())


def test_phase_three_begins_between_two_rises():
    years = np.arange(1980, 2020)
    fall_and_rise = pd.Series(np.abs(years - 2000) * 0.02 + 1.2, index=years)
    start = fertility.phase_three(fall_and_rise, 2.0)
    assert 2000 < start <= 2006
    assert fertility.phase_three(fall_and_rise.loc[:2003], 2.0) is None
    assert fertility.phase_three(fall_and_rise + 1, 2.0) is None


@given(st.floats(0.4, 3), st.floats(0.5, 2.5), st.floats(0, 1))
def test_the_weighted_mean_of_the_areas_is_the_nation(tfr, ratio, share):
    rural, urban = fertility.split(np.array([[tfr]]), np.array([ratio]), np.array([share]))[0, :, 0]
    assert share * rural + (1 - share) * urban == pytest.approx(tfr, rel=1e-12)
    assert rural / urban == pytest.approx(ratio, rel=1e-12)


def test_the_prior_reaches_what_low_fertility_countries_have_had(known):
    prior = sampling.simulate(fertility.build, known, fertility.KEEP, seed=1, draws=500)
    tfr = fertility.forecast(prior, YEARS, np.random.default_rng(1), known, SHARE)["tfr"]
    late = tfr.sel(year=2100)
    assert 1.0 < late.median() < 1.7
    # 0.66 (Macao) to 1.91 (Viet Nam) are the extremes of 39 countries in 2023 (World Population Prospects 2024).
    low, high = late.quantile([0.025, 0.975]).values
    assert low < 0.9 and 1.6 < high < 2.5


@pytest.mark.slow
def test_the_sampler_converges(posterior):
    assert sampling.diagnosis_of(posterior).faults == ()


@pytest.mark.slow
def test_observed_years_are_as_published(paths):
    published = read_tables(default_data_folder()).series("tfr").loc[2010:]
    seen = paths["tfr"].sel(year=published.index)
    np.testing.assert_array_equal(seen, np.broadcast_to(published, seen.shape))
    assert (paths["tfr"].sel(year=2024).std() > 0).item()


@pytest.mark.slow
def test_forecasts_keep_the_identities_and_the_order(paths):
    rural, urban = (paths["tfr_area"].sel(area=a, drop=True) for a in ("rural", "urban"))
    xr.testing.assert_allclose(SHARE * rural + (1 - SHARE) * urban, paths["tfr"], rtol=1e-12)
    assert ((rural > urban).all("year").mean() > 0.95).item()
    rates = fertility.asfr(paths.isel(draw=slice(0, 50)))
    assert rates.shape == (50, 2, 101, YEARS.size)
    np.testing.assert_allclose(rates.sum(axis=2), paths["tfr_area"].isel(draw=slice(0, 50)), rtol=1e-12)
    assert (rates >= 0).all() and not rates[:, :, :10].any() and not rates[:, :, 55:].any()
    assert (paths["tfr"] >= 0.3).all()


@pytest.mark.slow
def test_rates_by_age_follow_the_published_shape(paths):
    rows = read_tables(default_data_folder()).table("asfr", year=2015)
    share = rows.set_index("age_from")["value"].loc[10:50]
    one = paths.isel(draw=slice(0, 1)).sel(year=[2015])
    rates = fertility.asfr(one)[0, 0, :, 0]
    groups = rates[10:55].reshape(-1, 5).sum(axis=1) / rates.sum()
    # A gamma density of two parameters against nine groups: within two in a hundred of all births.
    np.testing.assert_allclose(groups, share / share.sum(), atol=0.02)


@pytest.mark.slow
def test_forecasts_repeat_with_the_seed_and_widen_with_time(known, posterior, paths):
    again = fertility.forecast(posterior, YEARS, sampling.stream(7, "fertility"), known, SHARE)
    xr.testing.assert_identical(again, paths)
    other = fertility.forecast(posterior, YEARS, sampling.stream(8, "fertility"), known, SHARE)
    assert not np.array_equal(other["tfr"], paths["tfr"])
    for name in ("tfr", "mean_age", "spread"):
        low, high = paths[name].sel(year=[2024, 2030, 2040, 2055]).quantile([0.1, 0.9], dim="draw").values
        assert (np.diff(high - low) > 0).all()


@pytest.mark.slow
def test_every_prior_that_the_figures_do_not_settle_moves_the_forecast(known, posterior):
    def run(**changes):
        with_these = known | {key: np.asarray(value) for key, value in changes.items()}
        return fertility.forecast(posterior, YEARS, np.random.default_rng(3), with_these, SHARE)

    assert not run(floor=0.8).equals(run())
    assert (run(floor=0.8)["tfr"].sel(year=slice(2024, None)) >= 0.8).all()
    assert run(origin=12.0).attrs["origin"] == 12.0


@pytest.mark.slow
def test_years_and_shares_that_do_not_fit_are_refused(known, posterior):
    rng = np.random.default_rng(1)
    with pytest.raises(ValueError, match="from 1995 on"):
        fertility.forecast(posterior, np.arange(1960, 1970), rng, known, SHARE[:10])
    with pytest.raises(ValueError, match=r"within 0\.\.1"):
        fertility.forecast(posterior, YEARS, rng, known, SHARE + 0.9)
    with pytest.raises(ValueError, match="91 shares"):
        fertility.forecast(posterior, YEARS, rng, known, SHARE[1:])


@pytest.mark.slow
def test_a_known_truth_is_recovered(known):
    free = ("long_run", "rho", "sigma", "mean_age_drift", "mean_age_noise", "spread_drift", "spread_noise")
    seen = ("tfr_next", "mean_age_step", "spread_step")
    truth = sampling.simulate(fertility.build, known, free + seen, seed=11, draws=1).isel(draw=0)
    made = known | {
        "following": truth["tfr_next"].values,
        "mean_age": known["mean_age"][0] + np.append(0, np.cumsum(truth["mean_age_step"])),
        "spread": known["spread"][0] * np.exp(np.append(0, np.cumsum(truth["spread_step"]))),
    }
    settings = sampling.Settings(draws=500, chains=2, tune=600, kept=500)
    found = sampling.fit(fertility, made, settings, force=True)
    inside = []
    for name in free:
        low, high = found[name].quantile([0.025, 0.975], dim="draw").values
        inside += np.atleast_1d((low <= truth[name].values) & (truth[name].values <= high)).tolist()
    # Intervals of 95 %: fewer hits have a chance of half a percent, were they independent
    # (binomial); those that the data say little of lie near their priors.
    assert len(inside) == 3 * known["country"].size + 4
    assert sum(inside) >= binom.ppf(0.005, len(inside), 0.95)


@pytest.mark.slow
@pytest.mark.skipif(not UN.exists(), reason="the United Nations' intervals are not beside this checkout")
@pytest.mark.parametrize("year", [2030, 2050, 2075, 2100])
def test_intervals_are_of_the_width_of_the_united_nations(paths, year):
    table = pd.read_csv(UN).query("year == @year").set_index("indicator")["value"]
    low, middle, high = paths["tfr"].sel(year=year).quantile([0.1, 0.5, 0.9]).values
    # Theirs have one noise for all countries; ours believe more of China's own, which is the largest.
    assert 0.75 < (high - low) / (table["tfr:80u"] - table["tfr:80l"]) < 1.35
    assert abs(middle - table["tfr:medium"]) < 0.2
