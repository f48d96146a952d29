"""Classical forecasts: the output of the models, what was published kept, each part alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from forecasting import axes, classical, cohort, leecarter, projection
from forecasting._classical_paths import LOGARITHM, PLAIN, Known, Scale, carried
from forecasting.axes import SEXES, AxisError
from forecasting.baseline import BASELINES
from forecasting.lifetable import expectancy
from forecasting.models import economy, fertility, mortality
from forecasting.models.migration_data import FIRST_YEAR
from forecasting.sources import Tables

DRAWS = 40
YEARS = np.arange(2010, 2061)
METHODS = list(BASELINES)
every = pytest.mark.parametrize("method", METHODS)

Made = Callable[..., xr.Dataset]


def rng(seed: int = 8) -> np.random.Generator:
    return np.random.default_rng(seed)


def e0_of(tables: Tables) -> pd.Series:
    return sum(tables.series("e0", sex=sex) for sex in SEXES) / 2


@pytest.fixture(scope="module")
def births(tables: Tables) -> Made:
    given = fertility.inputs(tables)
    share = np.linspace(0.5, 0.2, 200)

    def make(method: str, years: np.ndarray = YEARS, seed: int = 8) -> xr.Dataset:
        return classical.fertility(method, given, years, rng(seed), draws=DRAWS, rural_women_share=share[: years.size])

    return make


@pytest.fixture(scope="module")
def deaths(tables: Tables) -> Made:
    given, e0 = mortality.inputs(tables), e0_of(tables)

    def make(method: str, years: np.ndarray = YEARS, seed: int = 8) -> xr.Dataset:
        return classical.mortality(method, given, years, rng(seed), e0=e0, draws=DRAWS)

    return make


@pytest.fixture(scope="module")
def money(tables: Tables) -> Made:
    given = economy.inputs(tables)

    def make(method: str, years: np.ndarray = YEARS, seed: int = 8) -> xr.Dataset:
        return classical.economy(method, given, years, rng(seed), draws=DRAWS)

    return make


COUNTED = 1.0 - np.linspace(0.64, 0.32, 26)
"""An urban share that grows as China's did since 2000."""


def moves(method: str, years: np.ndarray, *, counted: np.ndarray = COUNTED, seed: int = 8) -> xr.Dataset:
    """Moves for an urban share `counted` since 2000, drawn with shapes of schedule that nobody estimated."""
    given = {"total_steps": np.arange(counted.size), "rural_total": 1 - counted, "nation_total": np.array(1.0)}
    shape = {"flat": 0.3, "comeback": 0.1, "male": 0.0}
    posterior = xr.Dataset({name: ("draw", np.full(DRAWS, value)) for name, value in shape.items()})
    posterior = posterior.assign_coords(draw=np.arange(DRAWS))
    return classical.migration(method, given, years, rng(seed), posterior=posterior)


def widens(paths: xr.DataArray) -> bool:
    width = paths.quantile(0.9, "draw") - paths.quantile(0.1, "draw")
    return bool(width.isel(year=-1) > 1.5 * width.sel(year=2030) > 0)


# One series ------------------------------------------------------------------------------------------------------


def line(years: range = range(2000, 2020)) -> Known:
    noise = rng(3).normal(0.0, 0.1, len(years))
    return Known("height", years[0], np.exp(0.02 * np.arange(len(years)) + noise), LOGARITHM)


@every
def test_a_path_is_what_is_known_and_then_the_baseline(method: str) -> None:
    known, years = line(), np.arange(1998, 2031)
    path = carried(method, known, years, rng(), draws=DRAWS)
    np.testing.assert_array_equal(path.values[:, 2:22], np.broadcast_to(known.values, (DRAWS, 20)))
    np.testing.assert_array_equal(path.values[:, :2], known.values[0])
    paths = BASELINES[method](known.series(), range(2020, classical.HORIZON + 1), DRAWS, rng())
    np.testing.assert_allclose(path.values[:, 22:], np.exp(paths.sel(year=years[22:])), rtol=1e-12)
    assert path.attrs == {name: paths.attrs[name] for name in ("method", "form", "fallback")}


@every
def test_a_longer_horizon_leaves_the_years_before_it_as_they_are(method: str) -> None:
    short, long = (carried(method, line(), np.arange(2010, last), rng(), draws=DRAWS).values for last in (2031, 2101))
    np.testing.assert_array_equal(long[:, : short.shape[1]], short)


def test_each_draw_is_carried_on_from_its_own_last_value() -> None:
    values = line().values * np.exp(rng().normal(0, 0.2, (DRAWS, 1)))
    known = replace(line(), values=values)
    path, mean = (carried("random_walk", k, np.arange(2019, 2041), rng(), draws=DRAWS) for k in (known, line()))
    np.testing.assert_array_equal(path.values[:, 0], values[:, -1])
    # All have the moves of the baseline on their mean: here the same, since only the level differs.
    np.testing.assert_allclose(path.values / path.values[:, :1], mean.values / mean.values[:, :1], rtol=1e-10)


def test_a_hindcast_has_the_moves_of_the_full_fit_from_its_origin() -> None:
    years = np.arange(2005, 2031)
    back, now = (carried("random_walk", line(), years, rng(), draws=DRAWS, origin=o) for o in (2010, None))
    np.testing.assert_array_equal(back.values[:, :6], now.values[:, :6])
    drift = np.log(line().values[-1] / line().values[0]) / 19
    grown = np.log(back.values[:, -1] / line().values[10]).mean() / 20
    assert grown == pytest.approx(drift, abs=4 * 0.15 * np.sqrt(1 / 20 + 1 / 19) / np.sqrt(DRAWS))
    assert (back.values[:, 6:15] != line().values[11:]).all()


def test_values_at_or_past_a_bound_are_refused_by_name_and_year() -> None:
    known = Known("urban share", 2001, np.array([0.5, 1.0, 0.7, -0.1, 0.6]), Scale(0.0, 1.0))
    with pytest.raises(AxisError) as caught:
        carried("ets", known, np.arange(2001, 2010), rng(), draws=5)
    assert [("urban share" in f, "2002" in f or "2004" in f) for f in caught.value.faults] == [(True, True)] * 2


@every
def test_a_short_series_is_refused_by_its_name_and_its_years(method: str) -> None:
    known = Known("height", 2015, np.array([1.0, 2.0, 3.0, 4.0]))
    with pytest.raises(AxisError, match=rf"height by {method}: the series has 4 years, from 2015 to 2018"):
        carried(method, known, np.arange(2015, 2030), rng(), draws=5)
    with pytest.raises(AxisError, match=f"height by {method}: the series has no year"):
        carried(method, replace(known, since=2030), np.arange(2015, 2030), rng(), draws=5)


@pytest.mark.parametrize("scale", [PLAIN, LOGARITHM, Scale(0.3, 4.0)], ids=["plain", "logarithm", "bounded"])
def test_a_scale_is_undone(scale: Scale) -> None:
    values = np.array([0.31, 1.0, 3.99])
    np.testing.assert_allclose(scale.back(scale.forth(values)), values)


def test_no_path_leaves_its_bounds() -> None:
    scale = Scale(0.3, 4.0)
    ends = scale.back(np.array([-1e4, 1e4]))
    assert ends.tolist() == [0.3, 4.0]


# Contract of each model ------------------------------------------------------------------------------------------


@every
@pytest.mark.parametrize("model", ["births", "deaths", "money"])
def test_a_longer_horizon_leaves_the_years_before_of_every_part(
    method: str, model: str, request: pytest.FixtureRequest
) -> None:
    make = request.getfixturevalue(model)
    short = make(method)
    xr.testing.assert_identical(make(method, np.arange(2010, 2101)).sel(year=YEARS), short)
    other = make(method, seed=9)
    for name in [n for n in short if "draw" in short[n].dims and "year" in short[n].dims and n not in ("gap", "k")]:
        assert np.isfinite(short[name]).all(), name
        assert (short[name].std("draw").isel(year=-1) > 0).all(), name
        assert not other[name].equals(short[name]), name


@every
def test_fertility_is_as_published_and_then_widens_within_its_bounds(births: Made, tables: Tables, method: str) -> None:
    made, known = births(method), tables.series("tfr").loc[2010:]
    same = made["tfr"].sel(year=known.index)
    np.testing.assert_array_equal(same, np.broadcast_to(known, same.shape))
    given = fertility.inputs(tables)
    for name in ("mean_age", "spread"):
        ages = pd.Series(given[name], given["schedule_year"]).loc[2010:]
        same = made[name].sel(year=ages.index)
        np.testing.assert_array_equal(same, np.broadcast_to(ages, same.shape))
    assert ((made["tfr"] > 0.3) & (made["tfr"] < classical.HIGHEST_TFR)).all()
    # Bounds hold it together: it widens on the scale between them.
    assert widens(np.log((made["tfr"] - 0.3) / (classical.HIGHEST_TFR - made["tfr"])))
    assert fertility.asfr(made).sum(axis=2) == pytest.approx(made["tfr_area"].values)


def test_the_rural_rate_is_the_median_of_its_prior_over_the_urban_one(births: Made) -> None:
    made = births("random_walk")
    ratio = made["tfr_area"].sel(area="rural") / made["tfr_area"].sel(area="urban")
    np.testing.assert_allclose(ratio, fertility.Priors().area_ratio)
    share = np.linspace(0.5, 0.2, 200)[: YEARS.size]
    mean = share * made["tfr_area"].sel(area="rural") + (1 - share) * made["tfr_area"].sel(area="urban")
    np.testing.assert_allclose(mean.transpose("draw", "year"), made["tfr"])


def test_fertility_before_the_end_of_the_fall_moves_nothing(tables: Tables) -> None:
    given = fertility.inputs(tables)
    early = given["tfr_year"] < given["first_schedule_year"]
    other = given | {"tfr": np.where(early, 9.0, given["tfr"])}
    share = np.full(YEARS.size, 0.4)
    made, same = (classical.fertility("ets", g, YEARS, rng(), draws=5, rural_women_share=share) for g in (given, other))
    xr.testing.assert_identical(made, same)


@every
def test_death_rates_are_as_published_up_to_the_last_period_and_then_widen(
    deaths: Made, tables: Tables, method: str
) -> None:
    made, given = deaths(method), mortality.inputs(tables)
    last = made.attrs["last_year"]
    assert last == given["period"][-1]
    rates = mortality.national(made)[..., YEARS == last]
    np.testing.assert_allclose(rates, np.broadcast_to(np.exp(given["published"][:, -1])[None, ..., None], rates.shape))
    assert (made["K"].sel(year=last) == 0).all()
    assert widens(made["K"])
    e0 = expectancy(np.moveaxis(mortality.national(deaths(method, np.arange(2010, 2101))), 2, 3)).mean(axis=1)
    assert 40 - 0.5 < e0.min() < e0.max() < 105 + 0.5


def test_life_expectancy_published_after_the_last_period_is_met_and_the_sexes_keep_their_difference(
    tables: Tables,
) -> None:
    given, e0 = mortality.inputs(tables), e0_of(tables)
    given |= {"period": given["period"][:-1], "published": given["published"][:, :-1]}
    years = np.arange(2015, 2031)
    made = classical.mortality("random_walk", given, years, rng(), e0=e0, draws=5)
    rates = xr.DataArray(mortality.national(made), dims=("draw", "sex", "age", "year"))
    reached = projection.national_e0(rates).mean("sex").values
    late = (years > given["period"][-1]) & (years <= e0.index[-1])
    assert late.sum() == 5
    np.testing.assert_allclose(reached[:, late], np.broadcast_to(e0.loc[years[late]], (5, 5)), atol=1e-9)
    apart = np.log(rates.sel(sex=0) / rates.sel(sex=1)).isel(year=slice(int(np.argmax(late)), None)).values
    np.testing.assert_allclose(apart, np.broadcast_to(apart[:, :, :1], apart.shape), atol=1e-12)


def test_the_index_moves_by_the_drift_of_its_second_stage(tables: Tables) -> None:
    given, e0 = mortality.inputs(tables), e0_of(tables).loc[1983:]
    made = classical.mortality("random_walk", given, np.arange(2010, 2101), rng(), e0=e0, draws=2000)
    last = given["published"][:, -1]
    fitted = leecarter.fit(given["published"].mean(axis=0).T)
    k = leecarter.second_stage(
        last.mean(axis=0),
        fitted.b,
        e0.to_numpy(),
        lambda m: expectancy(m.T * np.exp(last - last.mean(axis=0))[:, None]).mean(axis=0),
    )
    np.testing.assert_allclose(made["B"], np.broadcast_to(fitted.b, (2000, 101)))
    there = leecarter.random_walk_interval(k[-1], leecarter.drift_of(k), 2100 - 2023, level=0.8)
    paths = made["K"].sel(year=2100)
    # Student's t with 39 degrees of freedom against the normal, and 2000 draws.
    half = there.high - there.centre
    assert float(paths.median()) == pytest.approx(float(there.centre), abs=0.1 * half)
    assert float(paths.quantile(0.9) - paths.quantile(0.1)) == pytest.approx(2 * float(half), rel=0.08)


def test_a_gap_in_life_expectancy_is_refused_by_its_year(tables: Tables) -> None:
    with pytest.raises(ValueError, match="lacks 1999, 2004"):
        e0 = e0_of(tables).drop([1999, 2004])
        classical.mortality("ets", mortality.inputs(tables), YEARS, rng(), e0=e0, draws=5)


@every
def test_moves_make_the_urban_share_follow_a_path_that_does_not_fall(method: str) -> None:
    years = np.arange(2026, 2061)
    made = moves(method, years)
    assert (made["speed"] >= 0).all()
    known = Known("urban share", FIRST_YEAR, COUNTED, Scale(0.001, 0.999))
    path = carried(method, known, np.arange(2025, 2061), rng(), draws=DRAWS).values
    people = cohort.project(
        np.stack([1 - path[:, 0], path[:, 0]], axis=1)[:, :, None, None] * np.full((DRAWS, 2, 2, 101), 1e6),
        np.ones((DRAWS, 2, 2, 102, years.size)),
        np.zeros((DRAWS, 2, 101, years.size)),
        speed=made["speed"].values,
        ceiling=made["ceiling"].values,
        schedule=np.ones((DRAWS, 2, 101)),
        sex_ratio=1.05,
    ).population.sum(axis=(2, 3))
    share = people[:, 1] / people.sum(axis=1)
    np.testing.assert_allclose(share, np.maximum.accumulate(path, axis=1), rtol=1e-9)
    assert widens(xr.DataArray(share[:, 1:], {"year": years}, ("draw", "year")))


def test_a_longer_horizon_leaves_earlier_moves_and_a_falling_share_stops_them() -> None:
    long, short = (moves("arima", np.arange(2026, last)) for last in (2101, 2051))
    xr.testing.assert_identical(long.sel(year=slice(None, 2050)), short)
    falling = moves("random_walk", np.arange(2026, 2051), counted=COUNTED[::-1])
    assert float((falling["speed"] == 0).mean()) > 0.9


@every
def test_the_economy_is_as_published_and_then_widens(money: Made, tables: Tables, method: str) -> None:
    made, given = money(method), economy.inputs(tables)
    for name in ("rural_income", "budget_revenue", "land_income", "deposit_rate", "market_return"):
        values = pd.Series(given[name], given["rate_years" if name == "deposit_rate" else "years"]).loc[2010:].dropna()
        same = made[name].sel(year=values.index)
        np.testing.assert_allclose(same, np.broadcast_to(values, same.shape), rtol=1e-12, err_msg=name)
    inflation = pd.Series(given["inflation"], given["rate_years"]).loc[2011:].dropna()
    grown = (made["price_index"] / made["price_index"].shift(year=1) - 1).sel(year=inflation.index)
    np.testing.assert_allclose(grown, np.broadcast_to(inflation, grown.shape), atol=1e-12)
    np.testing.assert_array_equal(made["price_index"].sel(year=given["years"][-1]), 1.0)
    assert all(widens(np.log(made[name])) for name in ("rural_income", "budget_revenue", "land_income", "price_index"))
    checked = axes.check(made)
    assert list(checked) == list(axes.ECONOMY)
    assert all(made[name].attrs["unit"] == axes.ECONOMY[name].unit for name in made)


def test_unpublished_returns_share_what_the_published_mean_leaves(money: Made, tables: Tables) -> None:
    total, covered = economy.inputs(tables)["market_unpublished"]
    gaps = np.isnan(economy.inputs(tables)["market_return"])
    filled = np.log1p(money("ets")["market_return"].sel(year=economy.inputs(tables)["years"][gaps][: int(covered)]))
    assert covered > 1
    np.testing.assert_allclose(filled.sum("year"), total)
    np.testing.assert_allclose(filled, total / covered)


@every
def test_the_market_pays_deposits_and_an_excess_without_memory(tables: Tables, method: str) -> None:
    years = np.arange(2025, 2101)
    made = classical.economy(method, economy.inputs(tables), years, rng(), draws=400)
    excess = (np.log1p(made["market_return"]) - np.log1p(made["deposit_rate"])).sel(year=slice(2026, None)).values
    own = excess - excess.mean(axis=1, keepdims=True)
    # Each draw has a mean of its own; around it successive years are as good as unrelated.
    assert abs((own[:, 1:] * own[:, :-1]).mean() / (own**2).mean()) < 0.03
    assert excess[:, :25].std() == pytest.approx(excess[:, -25:].std(), rel=0.1)


def test_years_before_the_economy_begins_are_refused(money: Made) -> None:
    with pytest.raises(AxisError, match="year 2009 is missing"):
        money("ets", np.arange(2009, 2030))
