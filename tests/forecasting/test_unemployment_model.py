"""The model of unemployment: what it reads, whether it finds what made its figures, how its paths run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from forecasting import _scores, axes
from forecasting._faults import DataFaults
from forecasting.models import _unemployment_data, _unemployment_paths, sampling, unemployment
from forecasting.sources import Tables

SETTINGS = sampling.Settings(draws=1000, kept=1000)
YEARS = np.arange(2017, 2061)

# People and income are typed by hand: the model reads working age as a sum, and income as a base of ratios.
PEOPLE_YEARS = np.arange(2005, 2101)
PEOPLE = xr.DataArray(
    np.outer(np.ones(101), 9.8e8 * 0.995 ** (PEOPLE_YEARS - 2010.0) / 49),
    {"age": np.arange(101), "year": PEOPLE_YEARS},
    ("age", "year"),
)
INCOME = xr.DataArray(24456 * 1.05 ** (PEOPLE_YEARS - 2025.0), {"year": PEOPLE_YEARS}, ("year",))


@pytest.fixture(scope="module")
def given(tables: Tables) -> dict[str, np.ndarray]:
    return unemployment.inputs(tables, PEOPLE)


@pytest.fixture(scope="module")
def rough(given: dict[str, np.ndarray]) -> xr.Dataset:
    """Draws that were not sampled: they agree with the figures, and scatter where there are none."""
    return by_hand(given, 300)


def by_hand(given: Mapping[str, np.ndarray], draws: int) -> xr.Dataset:
    rng = np.random.default_rng(4)
    odds = _unemployment_data.logit(given["urban"])
    place = np.arange(odds.size)
    line = np.interp(place, place[~np.isnan(odds)], odds[~np.isnan(odds)])
    season = 0.02 * np.cos(np.arange(12.0))
    moved = line + 2.92 - season[given["months"] % 12]
    one: dict[str, Any] = {
        "mean": -2.92,
        "persistence": 0.85,
        "shock": 0.022,
        "tail": 8.0,
        "slow_shock": 0.033,
        "season": season,
        "level": 0.02,
        "income_response": 2.0,
        "deviation": moved,
        "offset": -0.04,
        "response": 1.7,
        "season_apart": 0.01 * np.sin(np.arange(12.0)),
        "rural_offset": -0.045,
        "memory": 0.7,
        "remainder": 0.03 * np.ones(given["migrant_months"].size),
        "remainder_spread": 0.035,
        "difference": -0.02 * np.ones(given["rural_months"].size),
        "difference_spread": 0.043,
        "workers_pace": 0.01,
        "workers_half_life": 9.0,
        "workers_noise": 0.01,
        "wage_pace": -0.018,
        "wage_half_life": 15.0,
        "wage_noise": 0.012,
    }
    arrays = {}
    for name, value in one.items():
        shape = np.shape(value)
        wobble = 1.0 + 0.01 * rng.standard_normal((draws, *[1] * len(shape)))
        dims = ("draw", *(f"{name}_{i}" for i in range(len(shape))))
        # What the figures say is left as it is.
        arrays[name] = (dims, np.broadcast_to(value, (draws, *shape)) * (1.0 if name == "deviation" else wobble))
    arrays["mean"] = (("draw",), np.full(draws, -2.92))
    arrays["season"] = (("draw", "season_0"), np.tile(season, (draws, 1)))
    return xr.Dataset(arrays, {"draw": np.arange(draws)})


def paths(posterior: xr.Dataset, given: Mapping[str, np.ndarray], last: int = 2060, seed: int = 3) -> xr.Dataset:
    return unemployment.forecast(
        posterior,
        given,
        np.arange(2017, last + 1),
        sampling.stream(seed, unemployment.NAME),
        people=PEOPLE,
        rural_income=INCOME,
    )


def printed(tables: Tables, name: str) -> pd.Series:
    series = tables.series(name)
    return pd.Series(series.to_numpy(), index=[12 * m.year + m.month - 1 for m in series.index])


def at(rates: xr.DataArray, months: pd.Index) -> xr.DataArray:
    """Rates as printed, in the months wanted, over (draw, year): scores know no other axis of time."""
    start = 12 * int(rates["year"][0])
    flat = rates.transpose("draw", "year", "month").values.reshape(rates.sizes["draw"], -1)
    return xr.DataArray(flat[:, months - start].round(3), {"year": months}, ("draw", "year"))


# Inputs ----------------------------------------------------------------------------------------------------------


def test_gaps_stay_gaps_and_every_published_rate_is_read(tables: Tables, given: dict[str, np.ndarray]) -> None:
    series = printed(tables, "surveyed_unemployment")
    assert np.isnan(given["urban"]).sum() == given["months"].size - len(series)
    seen = ~np.isnan(given["urban"])
    np.testing.assert_array_equal(given["urban"][seen], series.to_numpy())
    np.testing.assert_array_equal(given["months"][seen], series.index)


def test_a_printed_mean_of_a_year_agrees_with_the_months_that_it_is_a_mean_of(given: dict[str, np.ndarray]) -> None:
    checked = 0
    for first, last, mean in given["averages"]:
        within = given["urban"][int(first) : int(last) + 1]
        if not np.isnan(within).any():
            # The mean and each of its months are rounded to a tenth of a point.
            assert within.mean() == pytest.approx(mean, abs=0.0011)
            checked += 1
    assert checked >= 5
    assert (given["averages"][:, 0] % 12 == 0).all()


def test_the_mean_to_december_and_the_mean_of_the_year_count_once(given: dict[str, np.ndarray]) -> None:
    ends = given["averages"][:, 1].tolist()
    assert len(ends) == len(set(ends))
    assert 12 * 2023 + 11 - given["months"][0] in ends


def test_migrants_rates_stand_in_their_own_months(tables: Tables, given: dict[str, np.ndarray]) -> None:
    every, rural = (printed(tables, name) for name in (_unemployment_data.MIGRANTS, _unemployment_data.RURAL))
    months = given["months"][given["migrant_months"]]
    known = pd.Series(given["migrant"], index=months).dropna()
    pd.testing.assert_series_equal(known, every, check_index_type=False)
    np.testing.assert_array_equal(given["months"][given["rural_months"]], rural.index)
    assert np.isin(given["rural_months"], given["migrant_months"]).all()


def test_a_migrants_rate_without_an_urban_month_is_named(tables: Tables) -> None:
    monthly = tables.frames["unemployment_monthly"]
    late = monthly["indicator"].eq("surveyed_unemployment") & monthly["year"].ge(2025)
    frames = tables.frames | {"unemployment_monthly": monthly[~late]}
    cut = Tables(frames, tables.sources, tables.indicators, tables.hash)
    with pytest.raises(DataFaults, match="2025-02, 2025-05"):
        unemployment.inputs(cut, PEOPLE)


def test_counts_without_people_are_refused(tables: Tables) -> None:
    with pytest.raises(DataFaults, match="fewer than two years have people"):
        unemployment.inputs(tables, PEOPLE.sel(year=[2024]))


# Paths -----------------------------------------------------------------------------------------------------------


def test_paths_are_a_part_of_a_projection(rough: xr.Dataset, given: dict[str, np.ndarray]) -> None:
    made = paths(rough, given)
    axes.check(made)
    assert made["urban_unemployment"].dims == ("draw", "year", "month")
    assert set(made.data_vars) == set(axes.LABOUR)
    assert all(made[name].attrs["unit"] == about.unit for name, about in axes.LABOUR.items())


def test_a_printed_month_is_as_printed(tables: Tables, rough: xr.Dataset, given: dict[str, np.ndarray]) -> None:
    series = printed(tables, "surveyed_unemployment")
    np.testing.assert_allclose(
        at(paths(rough, given)["urban_unemployment"], series.index),
        np.broadcast_to(series.to_numpy(), (rough.sizes["draw"], len(series))),
        atol=1e-12,
    )


def test_a_longer_horizon_leaves_earlier_months_as_they_are(rough: xr.Dataset, given: dict[str, np.ndarray]) -> None:
    short, long = paths(rough, given, 2030), paths(rough, given, 2100)
    xr.testing.assert_equal(short, long.sel(year=short["year"]))


def test_a_horizon_within_the_past_is_possible(rough: xr.Dataset, given: dict[str, np.ndarray]) -> None:
    short = paths(rough, given, 2020)
    xr.testing.assert_equal(short, paths(rough, given, 2030).sel(year=short["year"]))


def test_the_same_seed_gives_the_same_paths_and_another_gives_others(
    rough: xr.Dataset, given: dict[str, np.ndarray]
) -> None:
    first, again, other = (paths(rough, given, 2030, seed) for seed in (3, 3, 4))
    xr.testing.assert_equal(first, again)
    later = slice(2026, None)
    for name in axes.LABOUR:
        assert not np.array_equal(first[name].sel(year=later), other[name].sel(year=later)), name


def test_published_counts_and_wages_are_kept(tables: Tables, rough: xr.Dataset, given: dict[str, np.ndarray]) -> None:
    made = paths(rough, given)
    count = tables.series("migrant_total").loc[2017:]
    wage = 12 * tables.series("migrant_monthly_income").loc[2017:]
    for name, series in (("migrant_workers", count), ("migrant_wage", wage)):
        came = made[name].sel(year=series.index.to_numpy())
        np.testing.assert_allclose(came, np.broadcast_to(series, came.shape), rtol=1e-12)


def test_workers_follow_the_people_and_wages_the_income(rough: xr.Dataset, given: dict[str, np.ndarray]) -> None:
    base = paths(rough, given)
    fewer = unemployment.forecast(
        rough,
        given,
        YEARS,
        sampling.stream(3, unemployment.NAME),
        people=PEOPLE * xr.where(PEOPLE["year"] > 2025, 0.5, 1.0),
        rural_income=2.0 * INCOME,
    )
    later = slice(2026, None)
    np.testing.assert_allclose(fewer["migrant_workers"].sel(year=later), 0.5 * base["migrant_workers"].sel(year=later))
    np.testing.assert_allclose(fewer["migrant_wage"].sel(year=later), 2.0 * base["migrant_wage"].sel(year=later))
    # Growth is what moves unemployment, not the level of income.
    xr.testing.assert_allclose(fewer["urban_unemployment"], base["urban_unemployment"])


def test_a_year_of_weak_income_has_more_unemployment_and_those_before_it_have_the_same(
    rough: xr.Dataset, given: dict[str, np.ndarray]
) -> None:
    base = paths(rough, given)
    weak = unemployment.forecast(
        rough,
        given,
        YEARS,
        sampling.stream(3, unemployment.NAME),
        people=PEOPLE,
        rural_income=INCOME * xr.where(INCOME["year"] >= 2030, 0.95, 1.0),
    )
    for name in ("urban_unemployment", "migrant_unemployment"):
        xr.testing.assert_equal(weak[name].sel(year=slice(None, 2029)), base[name].sel(year=slice(None, 2029)))
        assert (weak[name].sel(year=2030) > base[name].sel(year=2030)).all()
        # Three years later the weak year is no more among those that growth is held against.
        xr.testing.assert_allclose(weak[name].sel(year=slice(2034, None)), base[name].sel(year=slice(2034, None)))
    odds = [_unemployment_data.logit(made["urban_unemployment"].sel(year=2030)) for made in (weak, base)]
    expected = -rough["income_response"] * np.log(0.95)
    np.testing.assert_allclose((odds[0] - odds[1]).mean("month"), expected, rtol=1e-6)


def test_a_surprise_is_growth_over_that_of_three_years_before(given: dict[str, np.ndarray], tables: Tables) -> None:
    np.testing.assert_allclose(_unemployment_data.surprise(1.07 ** np.arange(9.0)), 0.0, atol=1e-12)
    income = np.log(tables.series("rural_disposable_income_per_head", area="rural"))
    in_2022 = income[2022] - income[2021] - (income[2021] - income[2018]) / 3
    assert given["surprise"][2022 - 2017] == pytest.approx(in_2022)
    assert given["surprise"].size == given["months"][-1] // 12 - 2017 + 1


def test_a_path_through_known_months_has_the_distribution_of_the_autoregression() -> None:
    # Known in months 2 and 6; the others are given the two values, jointly normal.
    memory, spread, draws = 0.8, 0.5, 200_000
    known = np.array([0.7, -0.2])
    given = {
        "x": np.tile(known, (draws, 1)),
        "x_spread": np.full(draws, spread),
        "memory": np.full(draws, memory),
    }
    at_months = np.array([2, 6])
    made = _unemployment_paths.drawn_through(given, "x", at_months, 9, np.random.default_rng(1))
    places = np.arange(9)
    cov = spread**2 * memory ** np.abs(np.subtract.outer(places, places))
    others = np.setdiff1d(places, at_months)
    weight = cov[np.ix_(others, at_months)] @ np.linalg.inv(cov[np.ix_(at_months, at_months)])
    mean = weight @ known
    left = cov[np.ix_(others, others)] - weight @ cov[np.ix_(at_months, others)]
    np.testing.assert_array_equal(made[0, at_months], known)
    np.testing.assert_allclose(made[:, others].mean(0), mean, atol=0.006)
    np.testing.assert_allclose(np.cov(made[:, others].T), left, atol=0.004)


def test_years_before_the_first_rate_are_refused(rough: xr.Dataset, given: dict[str, np.ndarray]) -> None:
    with pytest.raises(axes.AxisError, match="year 2016 is missing"):
        unemployment.forecast(
            rough, given, np.arange(2016, 2031), np.random.default_rng(1), people=PEOPLE, rural_income=INCOME
        )


def test_people_that_end_too_early_are_refused(rough: xr.Dataset, given: dict[str, np.ndarray]) -> None:
    short = PEOPLE.sel(year=slice(None, 2058))
    with pytest.raises(axes.AxisError, match="year 2059 is missing"):
        unemployment.forecast(rough, given, YEARS, np.random.default_rng(1), people=short, rural_income=INCOME)


# The model -------------------------------------------------------------------------------------------------------


def replicate(truth: Mapping[str, Any], given: Mapping[str, np.ndarray], rng: np.random.Generator) -> dict[str, Any]:
    """Make the figures anew from parameters, with the equations written out once more, and print them."""
    months, size = given["months"], given["months"].size
    level, wave = np.zeros(size), np.zeros(size)
    wave[0] = rng.normal(0, 0.05)
    slow = 0.5 ** (1 / 15)
    for t in range(1, size):
        new_year = months[t] % 12 == 0
        level[t] = slow * level[t - 1] + truth["slow_shock"] * rng.standard_normal() if new_year else level[t - 1]
        wave[t] = truth["persistence"] * wave[t - 1] + truth["shock"] * rng.standard_t(truth["tail"])
    season, apart = truth["season"], truth["season_apart"]
    moved = level + wave - truth["income_response"] * given["surprise"][months // 12 - months[0] // 12]
    odds = truth["mean"] + moved + season[months % 12]
    every = odds + truth["offset"] + (truth["response"] - 1) * moved + apart[months % 12]
    every = every + stationary(truth["remainder_spread"], truth["memory"], size, rng)
    rural = every + truth["rural_offset"] + stationary(truth["difference_spread"], truth["memory"], size, rng)
    urban, all_migrants, from_country = (1 / (1 + np.exp(-x)) for x in (odds, every, rural))
    means = [urban[int(a) : int(b) + 1].mean() for a, b, _ in given["averages"]]
    made = {
        "urban": np.where(np.isnan(given["urban"]), np.nan, urban.round(3)),
        "averages": np.column_stack([given["averages"][:, :2], np.round(means, 3)]),
        "migrant": np.where(np.isnan(given["migrant"]), np.nan, all_migrants[given["migrant_months"]].round(3)),
        "rural": from_country[given["rural_months"]].round(3),
        "deviation": moved,
    }
    for name in ("workers", "wage"):
        made[name] = trend(truth, name, given[f"{name}_years"], rng)
    return made


def stationary(spread: float, memory: float, size: int, rng: np.random.Generator) -> np.ndarray:
    out = spread * rng.standard_normal(size)
    for t in range(1, size):
        out[t] = memory * out[t - 1] + np.sqrt(1 - memory**2) * out[t]
    return out


def trend(truth: Mapping[str, Any], name: str, years: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    logs = {int(years[0]): -1.0}
    for year in range(int(years[0]) + 1, int(years[-1]) + 1):
        pace = truth[f"{name}_pace"] * 2.0 ** ((years[-1] - year) / truth[f"{name}_half_life"])
        logs[year] = logs[year - 1] + pace + truth[f"{name}_noise"] * rng.standard_normal()
    return np.array([logs[int(year)] for year in years])


TRUTH: dict[str, Any] = {
    "mean": -3.1,
    "persistence": 0.75,
    "shock": 0.03,
    "tail": 5.0,
    "slow_shock": 0.04,
    "income_response": 4.0,
    "season": 0.05 * np.sin(2 * np.pi * np.arange(12) / 12),
    "season_apart": 0.05 * np.cos(2 * np.pi * np.arange(12) / 12),
    "offset": 0.2,
    "response": 0.6,
    "rural_offset": -0.15,
    "memory": 0.6,
    "remainder_spread": 0.07,
    "difference_spread": 0.04,
    "workers_pace": 0.015,
    "workers_half_life": 8.0,
    "workers_noise": 0.005,
    "wage_pace": -0.03,
    "wage_half_life": 12.0,
    "wage_noise": 0.006,
}


@pytest.fixture(scope="module")
def posterior(given: dict[str, np.ndarray]) -> xr.Dataset:
    """A posterior that passed the gate; `fit` raises where it is shut."""
    return sampling.fit(unemployment, given, SETTINGS)


@pytest.mark.slow
def test_a_few_draws_hold_what_made_the_figures(given: dict[str, np.ndarray]) -> None:
    made = replicate(TRUTH, given, np.random.default_rng(12))
    true = made.pop("deviation")
    settings = sampling.Settings(draws=300, chains=2, tune=300, kept=200)
    assert_found(sampling.fit(unemployment, given | made, settings, force=True), true)


@pytest.mark.long
def test_the_model_finds_what_made_the_figures(given: dict[str, np.ndarray]) -> None:
    made = replicate(TRUTH, given, np.random.default_rng(11))
    true = made.pop("deviation")
    assert_found(sampling.fit(unemployment, given | made, SETTINGS), true)


def assert_found(found: xr.Dataset, true: np.ndarray) -> None:
    """Hold a posterior against `TRUTH` and the path that it made."""
    far = {}
    for name, truth in TRUTH.items():
        draws = found[name].values
        far[name] = float(np.max(np.abs(truth - draws.mean(0)) / draws.std(0)))
    assert max(far.values()) < 4.0, far
    low, high = np.quantile(found["deviation"].values, [0.025, 0.975], axis=0)
    inside = ((low <= true) & (true <= high)).mean()
    assert inside > 0.85
    # The figures decide: level, response and shift are far from their priors, and known well.
    for name, prior in (("mean", -2.903), ("response", 1.0), ("rural_offset", 0.0)):
        assert abs(found[name].mean() - TRUTH[name]) < abs(found[name].mean() - prior), name


@pytest.mark.long
def test_the_posterior_stays_within_the_rounding_of_what_was_printed(
    tables: Tables, posterior: xr.Dataset, given: dict[str, np.ndarray]
) -> None:
    made = paths(posterior, given)
    for name, series in (
        ("urban_unemployment", printed(tables, "surveyed_unemployment")),
        ("migrant_unemployment", printed(tables, _unemployment_data.RURAL)),
    ):
        apart = at(made[name], series.index) - series.to_numpy()
        # A rounding error is a third of a tenth of a point: one of 300 is three of them.
        assert (np.abs(apart) < 0.00151).mean() > 0.995, name
        assert np.abs(apart.mean("draw")).max() < 0.0006, name


@pytest.mark.long
def test_figures_made_by_the_posterior_look_like_those_that_were_published(
    posterior: xr.Dataset, given: dict[str, np.ndarray]
) -> None:
    rng = np.random.default_rng(8)
    made = []
    for d in range(0, posterior.sizes["draw"], 4):
        one = {str(name): values.values for name, values in posterior.isel(draw=d).data_vars.items()}
        made.append(replicate(one, given, rng))
    for name, statistic in STATISTICS.items():
        drawn = np.array([statistic(given | one) for one in made])
        below, above = (drawn < statistic(given)).mean(), (drawn > statistic(given)).mean()
        assert max(below, above) < 0.99, (name, statistic(given), np.quantile(drawn, [0.025, 0.5, 0.975]))


STATISTICS = {
    "mean": lambda figures: np.nanmean(figures["urban"]),
    "spread": lambda figures: np.nanstd(figures["urban"]),
    "highest": lambda figures: np.nanmax(figures["urban"]),
    "months over 5 %": lambda figures: (figures["urban"] > 0.0501).sum(),
    "monthly change": lambda figures: np.nanstd(np.diff(figures["urban"])),
    "largest monthly change": lambda figures: np.nanmax(np.abs(np.diff(figures["urban"]))),
    "spread of migrants": lambda figures: np.nanstd(figures["rural"]),
    "migrants with towns": lambda figures: np.corrcoef(
        figures["rural"], np.nan_to_num(figures["urban"][figures["rural_months"]], nan=0.053)
    )[0, 1],
}


@pytest.mark.long
def test_intervals_made_at_the_end_of_2023_held_for_the_two_years_after(tables: Tables) -> None:
    known = tables.until(2023)
    given = unemployment.inputs(known, PEOPLE)
    made = paths(sampling.fit(unemployment, given, SETTINGS), given, 2025)
    for name, indicator in (
        ("urban_unemployment", "surveyed_unemployment"),
        ("migrant_unemployment", _unemployment_data.RURAL),
    ):
        series = printed(tables, indicator)
        came = series[series.index >= 12 * 2024]
        assert len(came) >= 11
        inside = _scores.coverage(at(made[name], came.index), came)
        # Months of one path are not independent: a nominal share is only hoped for.
        assert inside[0.95] >= 0.8, (name, inside.to_dict())
        assert inside[0.8] >= 0.5, (name, inside.to_dict())
        assert _scores.crps(at(made[name], came.index), came).mean() < 0.003, name
