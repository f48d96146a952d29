"""Regions: parts add up to the nation, books close, counts are met, what is unknown is wide, members have bodies."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from forecasting import axes, projection, region
from forecasting._region_counts import AGEING, counts
from forecasting._region_members import by_age
from forecasting._region_people import Nation, Noise, people
from forecasting.models import provinces
from forecasting.projection import Fits
from forecasting.region import RegionFit
from forecasting.sources import DataFaults, Tables
from tests.forecasting import regional_world as world

AHEAD = slice(world.BASE_YEAR, None)


@pytest.fixture(scope="module")
def national() -> xr.Dataset:
    return world.projection()


@pytest.fixture(scope="module")
def figures(national: xr.Dataset) -> pd.DataFrame:
    return world.rows(national)


@pytest.fixture(scope="module")
def fitted(figures: pd.DataFrame) -> RegionFit:
    return world.region_fit(world.tables(figures))


@pytest.fixture(scope="module")
def north(national: xr.Dataset, fitted: RegionFit) -> xr.Dataset:
    return forecast(national, fitted, "North")


@pytest.fixture(scope="module")
def county(national: xr.Dataset, fitted: RegionFit) -> xr.Dataset:
    return forecast(national, fitted, world.COUNTY)


def forecast(national: xr.Dataset, fitted: RegionFit, name: str) -> xr.Dataset:
    return region.forecast(national, world.fits(fitted.tables), fitted, name)


def with_figures(
    national: xr.Dataset, figures: pd.DataFrame, *more: tuple[Any, ...], name: str = "North"
) -> xr.Dataset:
    return forecast(national, world.region_fit(world.tables(world.with_rows(figures, *more))), name)


def old_share(population: xr.DataArray, year: int, age: int = 60) -> xr.DataArray:
    there = population.sel(year=year).sum([d for d in ("area", "sex") if d in population.dims])
    return there.sel(age=slice(age, None)).sum("age") / there.sum("age")


def relative_width(values: xr.DataArray) -> float:
    low, high = values.quantile([0.1, 0.9], "draw").values
    return float((high - low) / values.median("draw"))


# The nation and its parts ---------------------------------------------------------------------------------------


def test_the_parts_add_up_to_the_nation_in_every_draw_and_year(national: xr.Dataset, fitted: RegionFit) -> None:
    found = region.totals(national, fitted)
    parts = found.sel(region=found["part"])
    assert set(parts["region"].values) == set(world.PARTS)
    for kind in ("contributors", "pensioners"):
        whole = national[f"{kind}_year_end"]
        np.testing.assert_allclose(parts[f"{kind}_year_end"].sum("region"), whole, rtol=1e-12)
    since = slice(2012, None)
    money = (parts["contribution"] * parts["contributors_year_end"]).sum("region") / national["contributors_year_end"]
    np.testing.assert_allclose(money.sel(year=since), 1.0, rtol=1e-9)
    spent = (parts["benefit"] * parts["pensioners_year_end"]).sum("region") / national["pensioners_year_end"]
    np.testing.assert_allclose(spent.sel(year=AHEAD), 1.0, rtol=1e-9)


def test_what_the_known_parts_leave_of_the_nation_is_one_more_part(national: xr.Dataset, figures: pd.DataFrame) -> None:
    without = figures[figures["region"] != "West"]
    found = region.totals(national, world.region_fit(world.tables(without)))
    parts = found.sel(region=found["part"])
    left = 1.0 - parts["contributors_year_end"].sum("region") / national["contributors_year_end"]
    last = float(left.sel(year=2024).mean())
    assert last == pytest.approx(0.2, abs=0.03)
    ahead = left.sel(year=AHEAD)
    assert ((ahead > 0.5 * last) & (ahead < 2.0 * last)).all()
    assert (ahead.std("draw").sel(year=2050) > 0.0).all()


def test_a_region_has_its_published_members_and_the_variables_of_its_nation(
    national: xr.Dataset, north: xr.Dataset, figures: pd.DataFrame
) -> None:
    assert list(north.data_vars) == list(national.data_vars)
    for name, values in north.data_vars.items():
        assert values.dims == national[name].dims, name
        assert values.dtype == national[name].dtype, name
    assert north.attrs == {"base_year": world.BASE_YEAR, "region": "North"}
    axes.check(north[[name for name in north.data_vars if name in axes.VARIABLES]])
    own = figures[(figures["region"] == "North") & (figures["indicator"] == "contributors")].set_index("year")["value"]
    path = north["contributors_year_end"].sel(year=own.index.to_numpy())
    np.testing.assert_allclose(path, np.broadcast_to(own.to_numpy(), path.shape), rtol=1e-12)


def test_members_are_people_of_the_region_and_add_up_to_their_total(
    national: xr.Dataset, figures: pd.DataFrame
) -> None:
    told = [(2020, "North", "population_share", v, "national", a) for a, v in (("60+", 0.095), ("0-14", 0.19))]
    north = with_figures(national, figures, *told)
    for kind in ("contributors", "pensioners"):
        ends = north[f"{kind}_year_end"].values
        middle = 0.5 * (ends[:, 1:] + ends[:, :-1])
        assert north[kind].sum(["sex", "age"]).values[:, 1:] == pytest.approx(middle, rel=1e-4)
        people = north["population"].sum("area")
        most = 0.5 * (people + people.shift(year=1, fill_value=0.0))
        assert (north[kind] <= most.transpose(*north[kind].dims) * (1 + 1e-6)).isel(year=slice(1, None)).all()


def test_members_that_meet_their_cap_are_sought_at_other_ages() -> None:
    weights, most = np.ones((1, 2, 3, 1)), np.array([1.0, 5.0, 9.0])[None, None, :, None] * np.ones((1, 2, 1, 1))
    weights[0, :, 2] = 0.0
    met = by_age(np.array([[8.0]]), weights, most)
    assert met[0, :, :, 0].tolist() == pytest.approx(np.array([[1.0, 3.0, 0.0]] * 2))
    full = by_age(np.array([[99.0]]), weights, most)
    assert full[0, :, :, 0].tolist() == pytest.approx(np.array([[1.0, 5.0, 0.0]] * 2))


# People ---------------------------------------------------------------------------------------------------------


def test_births_less_deaths_plus_moves_is_the_change_in_every_draw(north: xr.Dataset, county: xr.Dataset) -> None:
    for found in (north, county):
        heads = found["population"].sum(["sex", "age"])
        change = (found["births"] - found["deaths"] + found["moves"]).isel(year=slice(1, None))
        np.testing.assert_allclose(change, heads.diff("year"), atol=1e-3)


def test_a_region_just_like_its_nation_has_the_same_books(national: xr.Dataset, figures: pd.DataFrame) -> None:
    """Nothing known but that it is a tenth of the nation, in country and town: its most likely people are a tenth."""
    mean = national.mean("draw").expand_dims("draw")
    there = mean["population"].sel(year=2020).sum(["sex", "age"])
    more = [
        (2020, "Twin", "population_census", 0.1 * float(there.sum("area").item()), "national", "all"),
        (2020, "Twin", "population_census", 0.1 * float(there.sel(area="rural").item()), "rural", "all"),
    ]
    known = world.tables(world.with_rows(figures, *more))
    seen = counts(known, "Twin", provinces.Priors(), (2010, world.BASE_YEAR))
    mothers = np.where((axes.AGES >= 20) & (axes.AGES < 35), 0.08, 0.0)
    nation = Nation.of(mean, mothers)
    ours = people(nation, seen, provinces.Priors(), Noise.none(len(seen.stocks), len(nation.years)))
    for name in ("population", "births", "deaths", "moves"):
        np.testing.assert_allclose(getattr(ours, name), 0.1 * getattr(nation, name), rtol=1e-6, atol=1e-3)


def test_counts_are_met_within_their_error(national: xr.Dataset, figures: pd.DataFrame) -> None:
    more = (
        (2020, "West", "population_share", 0.12, "national", "60+"),
        (2020, "West", "population_share", 0.14, "rural", "60+"),
        (2022, "West", "population_share", 0.18, "national", "0-14"),
    )
    found = with_figures(national, figures, *more, name="West")["population"]
    sd = provinces.Priors().share_sd
    for year, _, _, share, area, age in more:
        people = found if area == "national" else found.sel(area=[area])
        seen = old_share(people, year) if age == "60+" else 1.0 - old_share(people, year, 15)
        assert float(seen.median()) == pytest.approx(share, rel=2 * sd), (area, age)
        # Away from the base year people have moved: the error is larger by what is stated for that.
        assert float(np.log(seen).std()) < 1.3 * np.hypot(sd, AGEING * abs(year - 2020))
    total = found.sel(year=2020).sum(["area", "sex", "age"]).median()
    assert float(total) == pytest.approx(
        0.2 * float(national["population"].sel(year=2020).mean("draw").sum()), rel=0.005
    )


def test_ages_that_nobody_counted_are_wide(national: xr.Dataset, figures: pd.DataFrame, north: xr.Dataset) -> None:
    share = float(old_share(north["population"], 2020).median())
    told = with_figures(national, figures, (2020, "North", "population_share", share, "national", "60+"))
    blind, seeing = (relative_width(old_share(found["population"], 2035)) for found in (north, told))
    assert blind > 1.5 * seeing


def test_a_region_is_less_sure_than_its_nation(national: xr.Dataset, north: xr.Dataset, county: xr.Dataset) -> None:
    for year in (2035, 2050):
        for found in (north, county):
            for values in ("pensioners_year_end", "contributors_year_end", "contribution_per_head", "rural_income"):
                own, whole = (relative_width(data[values].sel(year=year)) for data in (found, national))
                assert own > whole, (values, year)
            own, whole = (
                relative_width(old_share(x["population"].sel(area=["rural"]), year)) for x in (found, national)
            )
            assert own > whole


def test_a_region_that_grew_between_two_counts_goes_on_to_draw_people(
    national: xr.Dataset, figures: pd.DataFrame, north: xr.Dataset
) -> None:
    now = 0.5 * float(national["population"].sel(year=2024).mean("draw").sum())
    grown = with_figures(national, figures, (2024, "North", "population_year_end", 1.04 * now, "national", "all"))
    gain = (grown["population"].sel(year=2034).sum() / grown["population"].sel(year=2024).sum()) / (
        north["population"].sel(year=2034).sum() / north["population"].sel(year=2024).sum()
    )
    # A hundredth a year before; half of it is left after ten years.
    assert 1.03 < float(gain) < 1.11
    before = grown["population"].sel(year=2020).sum(["area", "sex", "age"]).median()
    assert float(before) == pytest.approx(
        0.5 * float(national["population"].sel(year=2020).mean("draw").sum()), rel=0.02
    )


def test_births_and_deaths_that_are_published_set_the_rates(
    national: xr.Dataset, figures: pd.DataFrame, north: xr.Dataset
) -> None:
    year = 2023
    born, died = (float(north[n].sel(year=year).sum("area").median()) for n in ("births", "deaths"))
    more = (
        (year, "North", "births", 1.3 * born, "national", "all"),
        (year, "North", "deaths", 1.2 * died, "national", "all"),
    )
    found = with_figures(national, figures, *more)
    assert float((found["tfr"] / north["tfr"]).sel(year=2030).median()) == pytest.approx(1.3, abs=0.1)
    rates = (found["pensioner_mortality"] / national["pensioner_mortality"]).isel(sex=0, age=70).sel(year=2030)
    assert float(rates.median()) == pytest.approx(1.2, abs=0.08)
    assert float(found["births"].sel(year=year).sum("area").median()) == pytest.approx(1.3 * born, rel=0.06)
    assert (found["e0"].median("draw") < north["e0"].median("draw")).all()


def test_a_later_horizon_leaves_the_years_before_it_as_they_are(
    national: xr.Dataset, fitted: RegionFit, north: xr.Dataset
) -> None:
    shorter = forecast(national.sel(year=slice(None, 2045)), fitted, "North")
    xr.testing.assert_allclose(shorter, north.sel(year=slice(None, 2045)), rtol=1e-6)


# Money ----------------------------------------------------------------------------------------------------------


def test_money_per_head_follows_the_region_and_prices_are_the_nation_s(national: xr.Dataset, north: xr.Dataset) -> None:
    for name in ("price_index", "deposit_rate", "market_return"):
        xr.testing.assert_equal(north[name], national[name])
    income = (north["rural_income"] / national["rural_income"]).sel(year=slice(2012, 2024))
    np.testing.assert_allclose(income, world.INCOME["North"], rtol=1e-9)
    assert float((north["basic_ratio"] / national["basic_ratio"]).sel(year=2024).median()) == pytest.approx(
        0.95, abs=0.1
    )
    np.testing.assert_allclose(
        north["contribution_per_head"], north["contribution_ratio"] * north["rural_income"], rtol=1e-9
    )


def test_the_budget_is_the_region_s_own_where_published_and_else_stands_by_people_and_income(
    national: xr.Dataset, figures: pd.DataFrame, north: xr.Dataset
) -> None:
    people = north["population"].sum(["area", "sex", "age"]) / national["population"].sum(["area", "sex", "age"])
    stand_in = (national["budget_revenue"] * people * north["rural_income"] / national["rural_income"]).transpose(
        "draw", "year"
    )
    np.testing.assert_allclose(north["budget_revenue"], stand_in, rtol=1e-9)
    own = with_figures(national, figures, (2024, "North", "general_budget_revenue", 1e12, "national", "all"))
    np.testing.assert_allclose(own["budget_revenue"].sel(year=2024), 1e12, rtol=1e-9)
    growth, before = (
        data["budget_revenue"].sel(year=2040) / data["budget_revenue"].sel(year=2024) for data in (own, north)
    )
    np.testing.assert_allclose(growth, before, rtol=1e-9)


# What is lacking ------------------------------------------------------------------------------------------------


def test_all_that_a_region_lacks_is_said_at_once(
    national: xr.Dataset, figures: pd.DataFrame, fitted: RegionFit
) -> None:
    known = world.tables(figures)
    assert region.regions(known) == sorted([*world.PARTS, world.COUNTY])
    assert region.lacking(known, "North") == []
    poor = figures[~((figures["region"] == "North") & figures["area"].eq("rural"))]
    lacking = region.lacking(world.tables(poor), "North")
    assert [text.partition(":")[0] for text in lacking] == ["rural income", "rural population"]
    assert "urban_share" in lacking[1]
    assert "North" not in region.regions(world.tables(poor))
    with pytest.raises(DataFaults, match=r"(?s)2 faults.*rural income.*rural population"):
        region.forecast(national, world.fits(world.tables(poor)), fitted, "North")


def test_an_urban_share_does_for_a_count_of_rural_people(national: xr.Dataset, figures: pd.DataFrame) -> None:
    bare = figures[
        ~((figures["region"] == "North") & (figures["indicator"] == "population_census") & (figures["area"] == "rural"))
    ]
    found = with_figures(national, bare, (2021, "North", "urban_share", 0.7, "national", "all"))
    people = found["population"].sel(year=2021).sum(["sex", "age"])
    assert float((people.sel(area="urban") / people.sum("area")).median()) == pytest.approx(0.7, rel=0.005)


# The published provinces ----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def provincial(tables: Tables, fits: Fits) -> RegionFit:
    return region.fit(tables, replace(fits.settings, chains=2, tune=300, kept=300), force=True)


@pytest.mark.slow
def test_published_provinces_add_up_to_the_nation(projected: xr.Dataset, provincial: RegionFit) -> None:
    found = region.totals(projected, provincial)
    parts = found.sel(region=found["part"])
    assert parts.sizes["region"] == 31
    for kind in ("contributors", "pensioners"):
        # Members by age are kept in single precision.
        np.testing.assert_allclose(parts[f"{kind}_year_end"].sum("region"), projected[f"{kind}_year_end"], rtol=1e-6)


@pytest.mark.slow
def test_published_provinces_have_plausible_people(
    tables: Tables, fits: Fits, projected: xr.Dataset, provincial: RegionFit
) -> None:
    assert {"四川", "广东"} <= set(region.regions(tables))
    old, young = (region.forecast(projected, fits, provincial, name) for name in ("四川", "广东"))
    for year in (2024, 2035, 2050):
        older, younger = (float(old_share(x["population"], year).median()) for x in (old, young))
        assert older > younger + 0.02
    for found, name in ((old, "四川"), (young, "广东")):
        share = float(tables.series("population_share", region=name, age="65+").loc[2022])
        assert float(old_share(found["population"], 2022, 65).median()) == pytest.approx(share, rel=0.05)
        own, whole = (relative_width(x["pensioners_year_end"].sel(year=2050)) for x in (found, projected))
        assert own > whole
        summed = projection.summary(found)
        assert np.isfinite(summed["old_age_ratio_60"]).all()
