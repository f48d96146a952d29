"""Mortality: what is known stays, who lives longer, what is not known widens; recovery of a known truth."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st

from forecasting.lifetable import expectancy
from forecasting.models import mortality, sampling
from forecasting.sources import default_data_folder, read_tables

YEARS = np.arange(2010, 2101)
SHARE = np.linspace(0.5, 0.2, YEARS.size)
UN = Path(__file__).resolve().parents[3] / "shared/reference/compare/un_wpp2024_china_annual.csv"


@pytest.fixture(scope="module")
def known():
    return mortality.inputs(read_tables(default_data_folder()))


@pytest.fixture(scope="module")
def posterior(known):
    return sampling.fit(mortality, known, sampling.Settings(kept=1000))


@pytest.fixture(scope="module")
def drivers(known, posterior):
    return mortality.forecast(posterior, YEARS, sampling.stream(7, "mortality"), known)


@pytest.fixture(scope="module")
def e0(drivers):
    """Life expectancy of the nation by draw, sex and year; every second draw."""
    years = [2010, 2020, 2023, 2024, 2025, 2030, 2040, 2050, 2075, 2100]
    some = drivers.isel(draw=slice(0, None, 2)).sel(year=years)
    mx = mortality.national(drivers.isel(draw=slice(0, None, 2)))[..., np.searchsorted(YEARS, years)]
    return xr.DataArray(expectancy(np.moveaxis(mx, 2, -1)), some["k"].coords, some["k"].dims)


@given(st.integers(3, 30), st.floats(0.5, 5))
def test_the_basis_is_orthonormal_and_carries_a_random_walk(size, last):
    weights = np.ones(size - 1)
    weights[-1] = last
    basis, scale = mortality.walk_basis(weights)
    np.testing.assert_allclose(basis.T @ basis, np.eye(size - 1), atol=1e-10)
    np.testing.assert_allclose(basis.sum(axis=0), 0, atol=1e-10)
    steps = np.diff(basis * scale, axis=0)
    np.testing.assert_allclose(steps @ steps.T, np.diag(weights**2), atol=1e-8)


def test_weights_of_groups_are_read_at_the_middles_of_ages():
    age = np.array([0, 1, *range(5, 105, 5)])
    flat = mortality.spread_ages(np.ones((2, age.size)), age)
    np.testing.assert_allclose(flat, np.ones((2, 101)))
    line = mortality.spread_ages(age + np.append(np.diff(age) / 2, 0.5), age)
    np.testing.assert_allclose(line, np.arange(101) + 0.5)


def test_comparators_gain_what_their_own_series_say(known):
    e0 = [read_tables(default_data_folder()).series("e0", region="Japan", sex=s) for s in ("female", "male")]
    both = (e0[0] + e0[1]) / 2
    late = both.loc[both.index[both >= 77][0] :]
    gain = (late.iloc[-1] - late.iloc[0]) / (len(late) - 1)
    assert np.isclose(known["gains"], gain).any()
    assert known["slope"] < 0


def _by_hand(known, draws=3):
    """A posterior of flat weights and levels that drift, without a sampler."""
    rng = np.random.default_rng(3)
    groups, periods = known["age"].size, known["period"].size
    one = {"future_gain": 0.2, "future_noise": 0.2, "difference_phi": 0.8, "difference_noise": 0.3}
    one |= {"rural_gap": 3.0, "gap_half_life": 30.0}
    weights = np.full((draws, groups), 1 / groups) + 0.01 * rng.standard_normal((draws, groups))
    return xr.Dataset(
        {name: ("draw", np.full(draws, value)) for name, value in one.items()}
        | {name: (("draw", "group"), weights) for name in ("B", "b")}
        | {name: (("draw", "period"), rng.standard_normal((draws, periods))) for name in ("K", "k")},
        {"draw": np.arange(draws)},
    )


@pytest.mark.parametrize("origin", [2010, 2015, 2018])
def test_a_forecast_from_an_earlier_year_starts_from_the_life_expectancy_published_for_it(tables, origin):
    told = mortality.inputs(tables.until(origin))
    years = np.arange(2009, 2031)
    paths = mortality.forecast(_by_hand(told), years, sampling.stream(1, "x"), told)
    e0 = expectancy(np.moveaxis(mortality.national(paths), 2, -1))
    last = int(told["period"][-1])
    later = [year for year in years if last < year <= origin]
    for position, sex in enumerate(("female", "male")):
        came = tables.series("e0", sex=sex).loc[later].to_numpy()
        made = e0[:, position, np.isin(years, later)]
        np.testing.assert_allclose(made, np.broadcast_to(came, made.shape), atol=1e-6)
    assert (e0[..., years > origin].std(axis=0) > 0).all()


def test_todays_jump_off_is_the_last_period(known):
    assert "later_e0" not in known


@pytest.mark.slow
def test_the_sampler_converges(posterior):
    assert sampling.diagnosis_of(posterior).faults == ()


@pytest.mark.slow
def test_weights_sum_to_one_and_levels_to_zero(posterior):
    np.testing.assert_allclose(posterior["B"].sum("group"), 1, rtol=1e-9)
    np.testing.assert_allclose(posterior["b"].sum("group"), 1, rtol=1e-9)
    np.testing.assert_allclose(posterior["K"].sum("period"), 0, atol=1e-9)


@pytest.mark.slow
def test_past_years_are_as_published(e0):
    table = read_tables(default_data_folder())
    for sex in ("female", "male"):
        published = table.series("e0", region="China", sex=sex)
        for year in (2010, 2020, 2023):
            # Yearly series against five-year means, one of them over the epidemic: within 0.35 years.
            np.testing.assert_allclose(e0.sel(sex=sex, year=year), published.loc[year], atol=0.35)


@pytest.mark.slow
def test_the_mean_of_the_areas_is_the_nation_and_country_lies_above_town(drivers):
    some = drivers.isel(draw=slice(0, 60))
    nation, mx = mortality.national(some), mortality.rates(some, SHARE)
    assert mx.shape == (60, 2, 2, 101, YEARS.size)
    np.testing.assert_allclose(SHARE * mx[:, 0] + (1 - SHARE) * mx[:, 1], nation, rtol=1e-12)
    assert (mx[:, 0, :, :80] > mx[:, 1, :, :80]).all()
    by_age = SHARE + np.linspace(-0.1, 0.2, 101)[:, None]
    mx = mortality.rates(some, by_age)
    np.testing.assert_allclose(by_age * mx[:, 0] + (1 - by_age) * mx[:, 1], nation, rtol=1e-12)


@pytest.mark.slow
def test_the_gap_of_life_expectancy_is_the_one_that_was_asked_for(drivers):
    some = drivers.isel(draw=slice(0, 60))
    ages_last = np.moveaxis(mortality.rates(some, SHARE), 3, -1)
    rural, urban = np.moveaxis(expectancy(ages_last).mean(axis=2), 1, 0)
    # First order in the shift: a tenth of the gap, and more where mortality is nearly gone.
    np.testing.assert_allclose(urban - rural, some["gap"], rtol=0.12, atol=0.15)


@pytest.mark.slow
def test_women_outlive_men_and_both_outlive_their_parents(e0):
    assert (e0.sel(sex="female") > e0.sel(sex="male")).all()
    for sex in ("female", "male"):
        assert (e0.sel(sex=sex, year=2100) > e0.sel(sex=sex, year=2023)).mean() > 0.99


@pytest.mark.slow
def test_rates_rise_with_age_among_the_old(drivers):
    mx = mortality.national(drivers.isel(draw=slice(0, None, 10)))
    assert (np.diff(mx[:, :, 50:], axis=2) >= 0).mean() > 0.998
    assert mx.max() < 1.5


@pytest.mark.slow
def test_forecasts_repeat_with_the_seed_and_widen_with_time(known, posterior, drivers, e0):
    again = mortality.forecast(posterior, YEARS, sampling.stream(7, "mortality"), known)
    xr.testing.assert_identical(again, drivers)
    other = mortality.forecast(posterior, YEARS, sampling.stream(8, "mortality"), known)
    assert not np.array_equal(other["K"], drivers["K"])
    low, high = e0.mean("sex").sel(year=[2023, 2024, 2030, 2050, 2075, 2100]).quantile([0.1, 0.9], dim="draw").values
    assert (np.diff(high - low) > 0).all()


@pytest.mark.slow
def test_a_slice_of_draws_has_the_rates_of_the_whole(drivers):
    whole = mortality.rates(drivers.isel(draw=slice(0, 40)), SHARE)
    np.testing.assert_array_equal(mortality.rates(drivers.isel(draw=slice(30, 40)), SHARE), whole[30:])


@pytest.mark.slow
def test_the_prior_of_what_comes_is_plausible(known, posterior):
    # The figures settle the past, of which the prior knows nothing: its future moves are what is judged.
    names = ("future_gain", "future_noise", "rural_gap", "gap_half_life")
    prior = sampling.simulate(mortality.build, known, names, seed=1, draws=posterior.sizes["draw"])
    drivers = mortality.forecast(posterior.assign(prior), YEARS, np.random.default_rng(1), known)
    late = drivers.isel(draw=slice(0, None, 5))
    e0 = expectancy(np.moveaxis(mortality.national(late)[..., [40, 90]], 2, -1)).mean(axis=1)
    low, high = np.quantile(e0, [0.025, 0.975], axis=0)
    # In 2050 from the China of today to a few years over the Japan of today (84.7); in 2100 to 97 at most.
    assert 76 < low[0] < 81 and 85 < high[0] < 89
    assert 80 < low[1] < 87 and 91 < high[1] < 97
    assert ((prior["rural_gap"] > 1) & (prior["rural_gap"] < 6)).mean() > 0.95


@pytest.mark.slow
def test_years_and_shares_that_do_not_fit_are_refused(known, posterior, drivers):
    with pytest.raises(ValueError, match="from 1983 on"):
        mortality.forecast(posterior, np.arange(1960, 1970), np.random.default_rng(1), known)
    with pytest.raises(ValueError, match=r"within 0\.\.1"):
        mortality.rates(drivers.isel(draw=slice(0, 2)), SHARE + 0.9)


@pytest.mark.slow
# The prior of the difference is drawn by a numpy function, outside compiled code.
@pytest.mark.filterwarnings("ignore:Numba will use object mode:UserWarning")
def test_a_known_truth_is_recovered(known):
    free = ("B", "b", "K", "past_gain", "past_noise", "common_noise_sd", "difference_noise_sd", "difference_phi")
    seen = ("common_rates", "difference_rates")
    truth = sampling.simulate(mortality.build, known, free + seen, seed=5, draws=1).isel(draw=0)
    made = known | {"common": truth["common_rates"].values, "difference": truth["difference_rates"].values}
    settings = sampling.Settings(draws=500, chains=2, tune=600, kept=500)
    found = sampling.fit(mortality, made, settings, force=True)
    inside = []
    for name in free:
        low, high = found[name].quantile([0.025, 0.975], dim="draw").values
        inside += np.atleast_1d((low <= truth[name].values) & (truth[name].values <= high)).tolist()
    # Fifty-eight intervals of 95 %: 49 or fewer hits have a chance of one in 500, were they independent.
    assert len(inside) == 58
    assert sum(inside) > 49


@pytest.mark.slow
@pytest.mark.skipif(not UN.exists(), reason="the United Nations' intervals are not beside this checkout")
@pytest.mark.parametrize("year", [2030, 2050, 2075, 2100])
def test_intervals_are_of_the_width_of_the_united_nations(e0, year):
    table = pd.read_csv(UN).query("year == @year").set_index("indicator")["value"]
    low, middle, high = e0.mean("sex").sel(year=year).quantile([0.1, 0.5, 0.9]).values
    # Theirs add the uncertainty of the level of today, which ours takes as published.
    assert 0.6 < (high - low) / (table["e0_B:80u"] - table["e0_B:80l"]) < 1.1
    assert abs(middle - table["e0_B:medium"]) < 1
    for sex in ("female", "male"):
        assert abs(e0.sel(sex=sex, year=year).median() - table[f"e0_{sex[0].upper()}:medium"]) < 1.25
