"""The model of the economy: inputs, priors, fit, paths."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from forecasting import axes
from forecasting.models import economy, sampling
from forecasting.models.economy import ANCHORS, Priors
from forecasting.sources import Tables, read_tables

# A published figure is the same in every draw: its R-hat is 0 / 0, which the gate passes over.
pytestmark = pytest.mark.filterwarnings("ignore:invalid value encountered in scalar divide:RuntimeWarning")

YEARS = np.arange(2010, 2101)
SETTINGS = sampling.Settings(draws=1000, kept=1000)


@pytest.fixture(scope="module")
def tables(checkout: Path) -> Tables:
    return read_tables(checkout / "data")


@pytest.fixture(scope="module")
def given(tables: Tables) -> dict[str, np.ndarray]:
    return economy.inputs(tables)


@pytest.fixture(scope="module")
def posterior(given: dict[str, np.ndarray]) -> xr.Dataset:
    """A posterior that passed the gate; `fit` raises where it is shut."""
    return sampling.fit(economy, given, SETTINGS)


@pytest.fixture(scope="module")
def paths(posterior: xr.Dataset) -> xr.Dataset:
    return economy.forecast(posterior, YEARS, sampling.stream(1, economy.NAME))


def prior_draws(
    priors: Priors, given: dict[str, np.ndarray], names: tuple[str, ...], draws: int
) -> dict[str, np.ndarray]:
    import pymc as pm

    model = economy.build(given | {"priors": priors.table()})
    values = pm.draw([model[name] for name in names], draws=draws, random_seed=5)
    return dict(zip(names, values, strict=True))


def growth(paths: xr.Dataset, name: str, first: int, last: int) -> np.ndarray:
    ratio = paths[name].sel(year=last) / paths[name].sel(year=first)
    return np.asarray(np.log(ratio) / (last - first))


# Inputs ---------------------------------------------------------------------------------------------------------


def test_disposable_income_is_moved_back_by_the_growth_of_net_income_only(
    tables: Tables, given: dict[str, np.ndarray]
) -> None:
    net = tables.series("rural_net_income_per_head", area="rural")
    disposable = tables.series("rural_disposable_income_per_head", area="rural")
    income = dict(zip(given["years"].tolist(), given["rural_income"], strict=True))
    assert income[2012] / income[2014] == pytest.approx(net[2012] / net[2014])
    assert all(income[year] == value for year, value in disposable.items())


def test_the_published_mean_returns_are_geometric(tables: Tables) -> None:
    # National Council for Social Security Fund: 6.89 % is printed as the mean of 2017-2020, to two decimals.
    returns = tables.series("ncssf_basic_pension_return").loc[2017:2020]
    mean = tables.series("ncssf_basic_pension_mean_return")[2020]
    assert len(returns) == 4
    assert np.exp(np.log1p(returns).mean()) - 1 == pytest.approx(mean, abs=5e-5)


def test_two_published_means_agree_on_the_years_that_were_not_published(
    tables: Tables, given: dict[str, np.ndarray]
) -> None:
    returns = np.log1p(tables.series("ncssf_basic_pension_return"))
    means = np.log1p(tables.series("ncssf_basic_pension_mean_return"))
    total, years = given["market_unpublished"]
    assert years == 2
    # Each mean is rounded to .005 %, over seven and eight years.
    assert 7 * means[2023] - returns.loc[:2023].sum() == pytest.approx(total, abs=15 * 5e-5)


def test_money_earned_the_deposit_rate_before_it_was_entrusted(given: dict[str, np.ndarray]) -> None:
    deposit = given["deposit_rate"][-len(given["years"]) :]
    early = given["years"] < 2017
    np.testing.assert_array_equal(given["market_return"][early], deposit[early])


def test_a_deposit_rate_that_is_missing_is_named() -> None:
    import pandas as pd

    class Thin:
        def series(self, indicator: str, **_: str) -> pd.Series:
            first = 2013 if indicator == "deposit_rate_mean" else 2008
            return pd.Series(0.02, index=range(first, 2026))

    with pytest.raises(ValueError, match="deposit_rate_mean: no rate of 2010, 2011, 2012"):
        economy.inputs(Thin())  # type: ignore[arg-type]


def test_every_wrong_prior_is_named_at_once() -> None:
    with pytest.raises(ValueError, match=r"(?s)income_anchor.*land_anchor.*deposit_anchor"):
        Priors(income_anchor=(0.02, -1.0), land_anchor=0.0, deposit_anchor=(np.nan, 0.1))


# Priors ---------------------------------------------------------------------------------------------------------


def test_a_number_fixes_an_anchor_and_a_pair_frees_it(given: dict[str, np.ndarray]) -> None:
    priors = Priors(income_anchor=0.03, land_anchor=0.1, deposit_anchor=0.01)
    drawn = prior_draws(priors, given, ("anchor",), 200)["anchor"]
    fixed = {"income_anchor": 0.03, "land_anchor": 0.1, "deposit_anchor": 0.01}
    for name, value in fixed.items():
        np.testing.assert_allclose(drawn[:, ANCHORS.index(name)], value, rtol=1e-12)
    assert drawn[:, ANCHORS.index("inflation_anchor")].std() == pytest.approx(0.006, rel=0.25)


def test_all_anchors_can_be_fixed(given: dict[str, np.ndarray]) -> None:
    priors = Priors(**{name: getattr(Priors(), name)[0] for name in ANCHORS})
    drawn = prior_draws(priors, given, ("anchor",), 3)["anchor"]
    np.testing.assert_allclose(drawn, np.broadcast_to([getattr(Priors(), n)[0] for n in ANCHORS], drawn.shape))


def test_positive_priors_have_the_mean_and_sd_that_were_given(given: dict[str, np.ndarray]) -> None:
    drawn = prior_draws(Priors(), given, ("anchor",), 4000)["anchor"]
    for name in ("deposit_anchor", "income_half_life", "market_volatility"):
        values, (mean, sd) = drawn[:, ANCHORS.index(name)], getattr(Priors(), name)
        assert values.min() > 0
        assert values.mean() == pytest.approx(mean, rel=0.03)
        assert values.std() == pytest.approx(sd, rel=0.1)
    land = drawn[:, ANCHORS.index("land_anchor")]
    assert np.median(land) == pytest.approx(0.15, rel=0.05)


def test_prior_paths_are_plausible_and_wide(given: dict[str, np.ndarray]) -> None:
    drawn = prior_draws(Priors(), given, economy.KEEP, 500)
    shapes = {name: ("draw", *(f"{name}_{i}" for i in range(v.ndim - 1))) for name, v in drawn.items()}
    prior = xr.Dataset({n: (shapes[n], v) for n, v in drawn.items()}, {"draw": np.arange(500), "past": given["years"]})
    paths = economy.forecast(prior, YEARS, sampling.stream(2, economy.NAME))
    axes.check(paths)
    income = np.quantile(growth(paths, "rural_income", 2025, 2075), [0.05, 0.5, 0.95])
    prices = np.quantile(growth(paths, "price_index", 2025, 2075), [0.05, 0.5, 0.95])
    budget = np.quantile(growth(paths, "budget_revenue", 2025, 2075), [0.05, 0.5, 0.95])
    assert 0.02 < income[0] < 0.045 < income[1] < 0.06 < income[2] < 0.08
    assert 0.0 < prices[0] < 0.014 < prices[1] < 0.022 < prices[2] < 0.035
    assert -0.01 < budget[0] < 0.03 < budget[1] < 0.045 < budget[2] < 0.08


# Fit ------------------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_the_gate_is_open_on_the_published_figures(posterior: xr.Dataset) -> None:
    assert sampling.diagnosis_of(posterior).faults == ()


@pytest.mark.slow
def test_observed_years_are_reproduced_exactly_in_every_draw(paths: xr.Dataset, tables: Tables) -> None:
    published = {
        "rural_income": tables.series("rural_disposable_income_per_head", area="rural"),
        "budget_revenue": tables.series("general_budget_revenue"),
        "land_income": tables.series("land_transfer_income"),
        "deposit_rate": tables.series("deposit_rate_mean"),
        "market_return": tables.series("ncssf_basic_pension_return"),
    }
    for name, series in published.items():
        known = series.loc[2010:]
        values = paths[name].sel(year=known.index.to_numpy()).values
        np.testing.assert_array_equal(values, np.broadcast_to(known.to_numpy(), values.shape))


@pytest.mark.slow
def test_published_inflation_is_in_every_price_index_and_the_last_observed_year_is_one(
    paths: xr.Dataset, tables: Tables
) -> None:
    inflation = tables.series("cpi_inflation").loc[2011:]
    index = paths["price_index"]
    change = (index / index.shift(year=1) - 1).sel(year=inflation.index.to_numpy()).values
    np.testing.assert_allclose(change, np.broadcast_to(inflation.to_numpy(), change.shape), atol=1e-12)
    assert (index.sel(year=2025) == 1).all()


@pytest.mark.slow
def test_returns_of_unpublished_years_vary_but_keep_the_published_mean(
    paths: xr.Dataset, given: dict[str, np.ndarray]
) -> None:
    hidden = np.log1p(paths["market_return"].sel(year=[2021, 2022]))
    np.testing.assert_allclose(hidden.sum("year"), given["market_unpublished"][0], atol=1e-12)
    assert (hidden.std("draw") > 0.005).all()


@pytest.mark.slow
def test_paths_are_a_valid_projection_of_positive_amounts(paths: xr.Dataset) -> None:
    axes.check(paths)
    assert set(paths.data_vars) == set(axes.ECONOMY)
    assert paths["rural_income"].dims == ("draw", "year")
    for name in ("rural_income", "price_index", "budget_revenue", "land_income", "deposit_rate"):
        assert (paths[name] > 0).all()
    assert paths["market_return"].min() > -0.95


@pytest.mark.slow
def test_intervals_widen_with_time(paths: xr.Dataset) -> None:
    for name in ("rural_income", "price_index", "budget_revenue", "land_income"):
        width = np.log(paths[name]).quantile([0.1, 0.9], "draw").diff("quantile").squeeze()
        at = [float(width.sel(year=y)) for y in (2025, 2026, 2030, 2050, 2075, 2100)]
        assert at[0] == pytest.approx(0.0, abs=1e-12)
        assert (np.diff(at) > 0).all(), name


@pytest.mark.slow
def test_land_income_can_stay_low_for_good(paths: xr.Dataset) -> None:
    ratio = paths["land_income"] / paths["budget_revenue"]
    low = ratio.sel(year=2060) < 0.1
    assert 0.15 < float(low.mean()) < 0.5
    # Low for good: draws that are low in 2060 are mostly low over the whole second half of the century.
    later = ratio.sel(year=slice(2050, 2100)).median("year")
    assert float((later < 0.12).where(low).mean()) > 0.6
    assert float((ratio.sel(year=2060) > 0.19).mean()) > 0.1


@pytest.mark.slow
def test_the_medians_are_those_of_a_slowing_economy(paths: xr.Dataset) -> None:
    spans = ((2025, 2030), (2030, 2050), (2050, 2075), (2075, 2100))
    nominal = [float(np.median(growth(paths, "rural_income", *s))) for s in spans]
    prices = [float(np.median(growth(paths, "price_index", *s))) for s in spans]
    real = np.subtract(nominal, prices)
    assert (np.diff(real) < 0).all()
    assert 0.04 < real[0] < 0.06
    assert 0.017 < real[-1] < 0.027
    assert 0.005 < prices[0] < 0.017 < prices[1] < prices[-1] < 0.023
    budget = [float(np.median(growth(paths, "budget_revenue", *s))) for s in spans]
    assert all(0.015 < b < n for b, n in zip(budget, nominal, strict=True))


@pytest.mark.slow
def test_the_same_seed_gives_the_same_paths_and_a_longer_horizon_changes_none(
    posterior: xr.Dataset, paths: xr.Dataset
) -> None:
    again = economy.forecast(posterior, YEARS, sampling.stream(1, economy.NAME))
    xr.testing.assert_identical(again, paths)
    short = economy.forecast(posterior, np.arange(2020, 2051), sampling.stream(1, economy.NAME))
    xr.testing.assert_identical(short, paths.sel(year=slice(2020, 2050)))
    other = economy.forecast(posterior, YEARS, sampling.stream(2, economy.NAME))
    assert (other["rural_income"].sel(year=2030) != paths["rural_income"].sel(year=2030)).all()


@pytest.mark.slow
def test_the_joint_draw_order_is_kept(posterior: xr.Dataset, paths: xr.Dataset) -> None:
    np.testing.assert_array_equal(paths["draw"], posterior["draw"])
    anchor = posterior["anchor"]
    land = np.log(paths["land_income"] / paths["budget_revenue"]).sel(year=slice(2050, 2100)).mean("year")
    prices = growth(paths, "price_index", 2050, 2100)
    income = growth(paths, "rural_income", 2050, 2100) - prices
    pairs = {"land_anchor": land, "inflation_anchor": prices, "income_anchor": income}
    for name, values in pairs.items():
        assert np.corrcoef(anchor.sel(prior=name), values)[0, 1] > 0.5, name


MOVES = {
    "income_anchor": ("rural_income", 1),
    "income_now": ("rural_income", 1),
    "income_half_life": ("rural_income", 1),
    "inflation_anchor": ("price_index", 1),
    "inflation_shift": ("price_index", 1),
    "inflation_half_life": ("price_index", -1),
    "budget_gap_anchor": ("budget_revenue", 1),
    "budget_gap_now": ("budget_revenue", 1),
    "budget_gap_half_life": ("budget_revenue", -1),
    "land_anchor": ("land_income", 1),
    "deposit_anchor": ("deposit_rate", 1),
    "deposit_on_inflation": ("deposit_rate", -1),
    "market_premium": ("market_return", 1),
    "market_volatility": ("spread of market_return", 1),
    "population_growth_now": ("budget_revenue", 1),
    "population_growth_anchor": ("budget_revenue", 1),
    "population_half_life": ("budget_revenue", 1),
    "inflation_break": ("price_index", 1),
    "land_break": ("land_income", 1),
}
"""Which path an anchor moves over 2026-2040 when it grows, and which way; inflation lies below its anchor then."""


@pytest.mark.slow
@pytest.mark.parametrize("name", MOVES)
def test_an_anchor_moves_its_path(posterior: xr.Dataset, paths: xr.Dataset, name: str) -> None:
    scale = {"inflation_break": 10.0, "land_break": 10.0}.get(name, 0.0)
    here = posterior["prior"] == name
    value = posterior["anchor"].where(here)
    moved = posterior.assign(
        anchor=xr.where(here, value + scale + 0.3 * abs(value) * (scale == 0), posterior["anchor"])
    )
    moved["anchor"] = moved["anchor"].transpose(*posterior["anchor"].dims)
    result = economy.forecast(moved, YEARS, sampling.stream(1, economy.NAME))
    target, sign = MOVES[name]
    window = slice(2027, 2040)
    if target.startswith("spread"):
        shift = float(result["market_return"].sel(year=window).std() - paths["market_return"].sel(year=window).std())
    else:
        shift = float((result[target] - paths[target]).sel(year=window).median())
    assert shift * sign > 0


def test_the_only_anchor_that_no_later_path_needs_is_that_of_the_past() -> None:
    # land_before places the years before the break: it shapes the posterior alone.
    assert set(ANCHORS) - set(MOVES) == {"land_before"}


@pytest.mark.slow
def test_the_budget_follows_the_people_of_the_projection(posterior: xr.Dataset) -> None:
    def budget(rate: float) -> xr.DataArray:
        people = np.full((posterior.sizes["draw"], len(YEARS)), rate)
        return economy.forecast(posterior, YEARS, sampling.stream(1, economy.NAME), people)["budget_revenue"]

    ratio = np.log(budget(0.0) / budget(-0.01)).sel(year=2045)
    np.testing.assert_allclose(ratio, 0.2, atol=1e-9)


@pytest.mark.slow
def test_years_before_the_figures_are_refused(posterior: xr.Dataset) -> None:
    with pytest.raises(axes.AxisError, match="2009"):
        economy.forecast(posterior, np.arange(2009, 2030), sampling.stream(1, economy.NAME))


# Simulate and recover -------------------------------------------------------------------------------------------

TRUTH = {
    "memory": np.array([0.5, 0.3, 0.4, 0.8, 0.7]),
    "shock": np.array([0.015, 0.02, 0.03, 0.15, 0.12]),
    "coupling": np.array([-0.4, 0.3, 0.5, 0.0, 0.3, -0.3]),
    "anchor": {"inflation_anchor": 0.02, "income_anchor": 0.025, "budget_gap_now": -0.01, "land_before": 0.25,
               "deposit_anchor": 0.02, "deposit_on_inflation": 20.0, "market_premium": 0.02},
}  # fmt: skip


def invented_past(rng: np.random.Generator, size: int = 60) -> dict[str, np.ndarray]:
    """Write the dynamics again, plainly: one past of `size` years with known parameters and constant anchors."""
    a, memory, shock = TRUTH["anchor"], TRUTH["memory"], TRUTH["shock"]
    c = TRUTH["coupling"]
    mean = [a["inflation_anchor"], a["income_anchor"], a["budget_gap_now"], np.log(a["land_before"])]
    state, rate = np.array(mean), np.log(a["deposit_anchor"])
    rows = []
    for _ in range(size):
        z = rng.standard_normal(5)
        e = np.zeros(4)
        e[0] = z[0]
        e[1] = c[0] * e[0] + z[1]
        e[2] = c[1] * e[0] + c[2] * e[1] + z[2]
        e[3] = c[3] * e[0] + c[4] * e[1] + c[5] * e[2] + z[3]
        state = mean + memory[:4] * (state - mean) + shock[:4] * e
        goal = np.log(a["deposit_anchor"]) + a["deposit_on_inflation"] * (state[0] - a["inflation_anchor"])
        rate = goal + memory[4] * (rate - goal) + shock[4] * z[4]
        rows.append([*state, rate])
    p, g, q, ratio, deposit = np.array(rows).T
    income, budget = 5000 * np.exp(np.cumsum(p + g)), 1e12 * np.exp(np.cumsum(p + g + q))
    market = np.exp(deposit) + a["market_premium"] + 0.03 * rng.standard_t(economy.TAIL, size)
    years = np.arange(2026 - size, 2026)
    return {
        "years": years, "rate_years": years, "rural_income": income, "budget_revenue": budget,
        "land_income": budget * np.exp(ratio), "inflation": np.expm1(p), "deposit_rate": np.exp(deposit),
        "market_return": np.expm1(market), "market_unpublished": np.array([np.nan, 0.0]),
        "population_growth": np.zeros(size),
    }  # fmt: skip


@pytest.mark.slow
def test_simulated_parameters_and_hidden_figures_are_recovered() -> None:
    whole = invented_past(np.random.default_rng(11))
    hidden = {"inflation": [40, 59], "budget_revenue": [25, 45, 46], "land_income": [30], "rural_income": [20]}
    holed = {name: values.copy() for name, values in whole.items()}
    for name, places in hidden.items():
        holed[name][places] = np.nan
    # Constant anchors: today's income anchor is that of the end, and no break lies in the past.
    priors = Priors(
        income_now=0.025, income_anchor=0.025, budget_gap_now=(0.0, 0.03), land_break=2100.0, inflation_break=2100.0
    )
    posterior = sampling.fit(economy, holed | {"priors": priors.table()}, SETTINGS, force=True)
    assert sampling.diagnosis_of(posterior).divergences == 0
    scores = []
    for name in ("memory", "shock", "coupling"):
        scores += list(((posterior[name].mean("draw") - TRUTH[name]) / posterior[name].std("draw")).values)
    for name, value in TRUTH["anchor"].items():
        drawn = posterior["anchor"].sel(prior=name)
        if name != "income_anchor":
            scores.append(float((drawn.mean() - value) / drawn.std()))
    for name, places in hidden.items():
        drawn = posterior[name].values[:, places]
        scores += list((drawn.mean(0) - whole[name][places]) / drawn.std(0))
    assert np.abs(scores).max() < 3.5
    assert np.mean(np.abs(scores) < 1.96) > 0.8
