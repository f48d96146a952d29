"""Provinces: slips and gaps, accounts that add up, closed forms held against direct ones, recovery."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from scipy.stats import binom, multivariate_normal

from forecasting.models import provinces, sampling
from forecasting.models._provinces_accounts import corrected, turned
from forecasting.models._provinces_data import SLIP, log_ratio
from forecasting.sources import Tables
from tests.forecasting import regional_world as world

PRIORS = provinces.Priors()
ERRORS = (PRIORS.mix_sd, PRIORS.account_sd, PRIORS.paid_sd)


@pytest.fixture(scope="module")
def figures() -> pd.DataFrame:
    return world.rows(world.projection())


@pytest.fixture(scope="module")
def known(figures: pd.DataFrame) -> dict[str, np.ndarray]:
    return provinces.inputs(world.tables(figures))


# Series ---------------------------------------------------------------------------------------------------------


def test_a_figure_that_both_its_neighbours_contradict_is_left_out_and_a_lasting_jump_is_kept(
    figures: pd.DataFrame,
) -> None:
    north = (figures["region"] == "North") & (figures["indicator"] == "pensioners")
    once = figures.assign(value=figures["value"].where(~(north & (figures["year"] == 2018)), figures["value"] * 0.3))
    for_good = figures.assign(
        value=figures["value"].where(~(north & (figures["year"] >= 2018)), figures["value"] * 0.3)
    )
    slipped, jumped = (log_ratio(world.tables(f), "North", "pensioners") for f in (once, for_good))
    whole = log_ratio(world.tables(figures), "North", "pensioners")
    assert 2018 not in slipped.index
    np.testing.assert_allclose(slipped, whole.drop(2018), rtol=1e-12)
    assert jumped.loc[2018] - jumped.loc[2017] < -SLIP
    assert len(jumped) == len(whole)


def test_a_gap_is_one_change_over_the_years_that_it_takes(figures: pd.DataFrame) -> None:
    rows = (figures["region"] == "South") & (figures["indicator"] == "contributors") & (figures["year"] == 2016)
    data = provinces.inputs(world.tables(figures[~rows]))
    south = list(data["regions"]).index("South")
    changes = data["changes"][(data["changes"][:, 0] == 0) & (data["changes"][:, 1] == south)]
    assert changes[:, 2].tolist() == [1.0, 1.0, 1.0, 2.0] + [1.0] * 7
    assert changes[:, 3].sum() == pytest.approx(data["ratios"][0, south, -1] - data["ratios"][0, south, 0], rel=1e-12)


def test_growth_of_income_is_never_taken_from_one_definition_to_another(figures: pd.DataFrame) -> None:
    old = [
        (y, r, "rural_net_income_per_head", v * s, "rural", "all")
        for r, s in (("China", 1), ("North", 5))
        for y, v in ((2012, 7e3), (2013, 7.5e3))
    ]
    rows = figures["indicator"].eq("rural_disposable_income_per_head") & (figures["year"] < 2014)
    data = provinces.inputs(world.tables(world.with_rows(figures[~rows], *old)))
    north = list(data["regions"]).index("North")
    changes = data["changes"][(data["changes"][:, 0] == 2) & (data["changes"][:, 1] == north)]
    assert len(changes) == 11
    np.testing.assert_allclose(changes[:, 3], 0.0, atol=1e-12)


def test_derived_contributions_of_the_parts_add_up_to_those_of_the_nation(
    figures: pd.DataFrame, known: dict[str, np.ndarray]
) -> None:
    names = list(known["regions"])
    wide = figures[figures["area"] == "national"].pivot(index=["year", "indicator"], columns="region", values="value")
    heads = wide.xs("contributors", level="indicator").rolling(2).mean()
    for year in (2012, 2020, 2024):
        of_year = known["paid"][known["paid"][:, 1] == year]
        ratio = {names[int(row[0])]: row[2] for row in of_year}
        paid = sum(ratio[part] * heads.loc[year, part] for part in world.PARTS) / heads.loc[year, "China"]
        assert paid == pytest.approx(1.0, rel=1e-9)


def test_a_published_contribution_takes_the_place_of_the_derived_one(figures: pd.DataFrame) -> None:
    more = world.with_rows(figures, (2023, "West", "individual_contributions", 1e9, "national", "all"))
    data = provinces.inputs(world.tables(more))
    west = list(data["regions"]).index("West")
    row = data["paid"][(data["paid"][:, 0] == west) & (data["paid"][:, 1] == 2023)]
    assert len(row) == 1
    assert row[0, 3:].tolist() == [0.0, 1.0]


def test_the_bundled_figures_have_31_provinces_without_the_known_slips(tables: Tables) -> None:
    data = provinces.inputs(tables)
    names, year = list(data["regions"]), int(data["years"][0])
    assert set(provinces.parts(tables)) <= set(names)
    assert len(provinces.parts(tables)) == 31
    assert np.isnan(data["ratios"][1, names.index("西藏"), 2018 - year])
    assert np.isnan(data["ratios"][3, names.index("广西"), 2013 - year])
    assert np.isfinite(data["ratios"][0, :, 2024 - year]).all()


def test_priors_out_of_bounds_are_all_named() -> None:
    with pytest.raises(ValueError, match=r"'mix_sd'(.|\n)*'persistence'"):
        provinces.Priors(mix_sd=0.0, persistence=1.0)


# Contributions: closed forms ------------------------------------------------------------------------------------


def direct(data: dict[str, np.ndarray], elasticity: float, mean: float, level: float, swing: float) -> float:
    """The density of all accounts, region by region, from the covariance written out."""
    total = 0.0
    for r in range(len(data["regions"])):
        at = np.flatnonzero(~np.isnan(data["seen"][r]))
        covariance = data["noise"][r][np.ix_(at, at)] + level**2
        covariance = covariance + swing**2 * PRIORS.persistence ** np.abs(np.subtract.outer(at, at))
        centre = mean + elasticity * data["income"][r, at]
        total += multivariate_normal.logpdf(data["seen"][r, at], centre, covariance)
    return total


@pytest.mark.slow
def test_the_likelihood_with_levels_and_swings_summed_out_is_that_of_the_normal_written_out(
    known: dict[str, np.ndarray],
) -> None:
    import pymc as pm

    with pm.Model() as model:
        provinces._contributions(known, PRIORS)
    (term,) = model.replace_rvs_by_values(model.potentials)
    potential = model.compile_fn(term, inputs=model.value_vars, mode="FAST_COMPILE", point_fn=True)

    def ours(elasticity: float, mean: float, level: float, swing: float) -> float:
        logs = {"level_sd_log__": np.log(level), "swing_sd_log__": np.log(swing)}
        return float(potential({"elasticity": elasticity, "contribution_mean": mean, **logs}))

    here, there = (1.0, 0.0, 0.3, 0.2), (0.4, 0.2, 0.1, 0.5)
    # A constant of the data is left out of ours.
    assert ours(*here) - ours(*there) == pytest.approx(direct(known, *here) - direct(known, *there), rel=1e-6)


def test_corrected_paths_have_the_mean_and_the_spread_of_the_normal_given_the_accounts(
    known: dict[str, np.ndarray],
) -> None:
    rng, draws, years = np.random.default_rng(0), 40_000, known["income"].shape[1]
    level, swing, r = 0.3, 0.2, list(known["regions"]).index(world.COUNTY)
    posterior = xr.Dataset({"level_sd": ("draw", np.full(draws, level)), "swing_sd": ("draw", np.full(draws, swing))})
    every = np.arange(years)
    prior = level**2 + swing**2 * PRIORS.persistence ** np.abs(np.subtract.outer(every, every))
    path = rng.standard_normal((draws, years)) @ np.linalg.cholesky(prior).T
    path = path + corrected(posterior, known, r, path=path, errors=rng.standard_normal((draws, years)), length=years)
    at = np.flatnonzero(~np.isnan(known["seen"][r]))
    gain = prior[:, at] @ np.linalg.inv(prior[np.ix_(at, at)] + known["noise"][r][np.ix_(at, at)])
    np.testing.assert_allclose(path.mean(0), gain @ known["seen"][r, at], atol=0.006)
    np.testing.assert_allclose(np.cov(path.T), prior - gain @ prior[at], atol=0.003)


def test_a_region_without_accounts_keeps_the_level_that_its_income_gives(known: dict[str, np.ndarray]) -> None:
    county = list(known["regions"]).index(world.COUNTY)
    data = known | {"paid": known["paid"][known["paid"][:, 0] != county]}
    bare = data | turned(data, 1.0, PRIORS.persistence, ERRORS)
    assert not bare["turned_one"][county].any()
    paths = provinces.forecast(posterior(400, len(known["regions"])), bare, world.YEARS, streams)
    gap = paths["contribution"].isel(region=county) - paths["income"].isel(region=county)
    assert float(gap.sel(year=2024).mean()) == pytest.approx(0.0, abs=0.04)
    assert float(gap.sel(year=2024).std()) == pytest.approx(np.hypot(0.2, 0.1), rel=0.1)


# Paths ----------------------------------------------------------------------------------------------------------


def posterior(draws: int, regions: int, drift: float = 0.0) -> xr.Dataset:
    full, series = np.ones(draws), len(provinces.STEPPED)
    return xr.Dataset(
        {
            "drift": (("draw", "s", "r"), drift * np.ones((draws, series, regions))),
            "log_scale": (("draw", "s", "r"), np.full((draws, series, regions), np.log(0.01))),
            "tail": (("draw", "s"), np.full((draws, series), 8.0)),
            **{name: ("draw", value * full) for name, value in {"half_life": 8.0, "elasticity": 1.0}.items()},
            **{name: ("draw", value * full) for name, value in {"level_sd": 0.2, "swing_sd": 0.1}.items()},
            "contribution_mean": ("draw", 0.0 * full),
        },
        {"draw": np.arange(draws)},
    )


def streams(name: str) -> np.random.Generator:
    return sampling.stream(1, name)


def test_what_is_published_stays_and_what_is_ahead_is_as_wide_as_its_steps(known: dict[str, np.ndarray]) -> None:
    paths = provinces.forecast(posterior(4000, len(known["regions"])), known, world.YEARS, streams)
    last = int(known["years"][-1])
    for s, name in enumerate(provinces.STEPPED):
        figures = known["ratios"][s]
        seen = ~np.isnan(figures)
        path = paths[name].sel(year=known["years"]).values
        np.testing.assert_allclose(path[:, seen], np.broadcast_to(figures[seen], (4000, seen.sum())), rtol=1e-12)
        ahead = paths[name].sel(year=last + 16) - paths[name].sel(year=last)
        # Student t with 8 degrees of freedom has a variance of 8/6.
        np.testing.assert_allclose(ahead.std("draw"), 0.01 * 4.0 * np.sqrt(8 / 6), rtol=0.06)


def test_a_longer_horizon_and_another_region_leave_a_path_as_it_is(known: dict[str, np.ndarray]) -> None:
    count = len(known["regions"])
    whole = provinces.forecast(posterior(5, count), known, world.YEARS, streams)
    shorter = provinces.forecast(posterior(5, count), known, world.YEARS[:30], streams)
    xr.testing.assert_equal(shorter, whole.isel(year=slice(0, 30)))
    by_region = ("regions", "income", "seen", "noise")
    fewer = known | {n: known[n][1:] for n in by_region} | {"ratios": known["ratios"][:, 1:]}
    rest = provinces.forecast(posterior(5, count - 1), fewer, world.YEARS, streams)
    xr.testing.assert_allclose(rest, whole.isel(region=slice(1, None)), rtol=1e-12)


def test_a_drift_dies_away_by_half_in_its_half_life() -> None:
    run = provinces.damped(posterior(1, 1), np.array([-3, 0, 1, 8, 9, 1000]))[0]
    kept = 0.5 ** (1 / 8)
    assert run[:3].tolist() == pytest.approx([-3.0, 0.0, kept])
    assert run[4] - run[3] == pytest.approx(0.5 * kept)
    assert run[5] == pytest.approx(kept / (1.0 - kept))


# Recovery -------------------------------------------------------------------------------------------------------

COUNT, YEARS, SHORT = 16, np.arange(2012, 2025), 4
TRUE = {"drift_sd": 0.015, "scale": 0.012, "elasticity": 0.7, "level_sd": 0.2, "swing_sd": 0.15}


def simulated() -> tuple[dict[str, np.ndarray], np.ndarray]:
    """Figures of known regions and their drifts; the last region is the one before it, seen in 4 years only."""
    rng = np.random.default_rng(8)
    shape = (len(provinces.STEPPED), COUNT)
    drift = TRUE["drift_sd"] * rng.standard_normal(shape)
    drift[:, -2] = 3 * TRUE["drift_sd"]
    scale = TRUE["scale"] * np.exp(0.3 * rng.standard_normal(shape))
    steps = drift[..., None] + scale[..., None] * rng.standard_t(5.0, (*shape, len(YEARS) - 1))
    steps[:, -1], drift[:, -1] = steps[:, -2], drift[:, -2]
    first = 0.4 * rng.standard_normal((*shape, 1))
    ratios = np.cumsum(np.concatenate([first, steps], axis=-1), axis=-1)
    changes = [
        (s, r, 1.0, steps[s, r, t])
        for s in range(shape[0])
        for r in range(COUNT)
        for t in range(len(YEARS) - SHORT if r == COUNT - 1 else 0, len(YEARS) - 1)
    ]
    subsidy = rng.uniform(1.0, 3.0, COUNT)
    swing = np.zeros((COUNT, len(YEARS)))
    level = TRUE["level_sd"] * rng.standard_normal(COUNT)
    for t in range(len(YEARS)):
        before = swing[:, t - 1] if t else rng.standard_normal(COUNT) * TRUE["swing_sd"]
        swing[:, t] = 0.8 * before + 0.6 * TRUE["swing_sd"] * rng.standard_normal(COUNT)
    log = TRUE["elasticity"] * ratios[2] + level[:, None] + swing
    weight = subsidy[:, None] / np.exp(PRIORS.elasticity_mean * ratios[2])
    mix = PRIORS.mix_sd * rng.standard_normal((COUNT, 1)) + PRIORS.account_sd * rng.standard_normal(swing.shape)
    paid = np.exp(log + weight * mix + PRIORS.paid_sd * rng.standard_normal(swing.shape))
    rows = [(r, y, paid[r, t], subsidy[r], 0.0) for r in range(COUNT - 1) for t, y in enumerate(YEARS)]
    data = {
        "regions": np.array([f"region {r}" for r in range(COUNT)]),
        "years": YEARS,
        "ratios": ratios,
        "changes": np.array(changes),
        "income": ratios[2],
        "paid": np.array(rows),
    }
    own = np.array([getattr(PRIORS, f) for f in list(PRIORS.__dataclass_fields__)[: provinces.MODELLED]])
    return data | turned(data, PRIORS.elasticity_mean, PRIORS.persistence, ERRORS) | {"priors": own}, drift


@pytest.fixture(scope="module")
def recovered() -> tuple[xr.Dataset, dict[str, np.ndarray], np.ndarray]:
    data, drift = simulated()
    settings = sampling.Settings(draws=800, chains=2, tune=400, kept=600)
    return sampling.fit(provinces, data, settings, force=True), data, drift


@pytest.mark.slow
def test_drifts_and_the_income_elasticity_are_recovered(
    recovered: tuple[xr.Dataset, dict[str, np.ndarray], np.ndarray],
) -> None:
    found, _, drift = recovered
    low, high = found["drift"].quantile([0.1, 0.9], "draw").values[:, :, : COUNT - 2]
    inside = int(((low <= drift[:, : COUNT - 2]) & (drift[:, : COUNT - 2] <= high)).sum())
    cells = low.size
    # Four fifths of the intervals hold the truth, give or take what chance does in one simulation of a thousand.
    assert binom.ppf(0.0005, cells, 0.8) <= inside <= binom.ppf(0.9995, cells, 0.8)
    for name in ("elasticity", "level_sd", "swing_sd"):
        low, high = found[name].quantile([0.005, 0.995], "draw").values
        assert low < TRUE[name] < high, name
    assert float(found["elasticity"].std()) < 0.6 * PRIORS.elasticity_sd


@pytest.mark.slow
def test_a_short_series_is_pulled_towards_the_others_and_is_less_sure(
    recovered: tuple[xr.Dataset, dict[str, np.ndarray], np.ndarray],
) -> None:
    found, data, _ = recovered
    drift = found["drift"]
    long, short = drift.isel(drift_dim_1=-2), drift.isel(drift_dim_1=-1)
    mean = drift.isel(drift_dim_1=slice(0, -2)).mean("drift_dim_1")
    # Both have the same figures as far as they go; their drift is far above that of the others.
    pulled = float(((short - mean).mean("draw") / (long - mean).mean("draw")).mean())
    assert 0.0 < pulled < 0.9
    assert (short.std("draw") > long.std("draw")).all()
    paths = provinces.forecast(found, data, np.arange(2012, 2051), streams)
    width = paths.sel(year=2040).quantile([0.1, 0.9], "draw").diff("quantile")
    for name in ("contributors", "pensioners"):
        assert float(width[name][0, -1]) > float(width[name][0, -2])


@pytest.mark.slow
def test_the_gate_is_open_on_the_published_figures(tables: Tables) -> None:
    found = sampling.fit(provinces, provinces.inputs(tables), sampling.Settings())
    diagnosis = sampling.diagnosis_of(found)
    assert not diagnosis.faults
    assert diagnosis.chains == 4
    # A tighter prior on the elasticity is read: the model is not blind to what the run file sets.
    narrow = provinces.inputs(tables, replace(PRIORS, elasticity_sd=0.05))
    assert not np.array_equal(narrow["priors"], provinces.inputs(tables)["priors"])
