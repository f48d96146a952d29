"""The Projection: whole, conserved, repeatable; a hindcast that does not look ahead."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import xarray as xr

from forecasting import axes, projection
from forecasting.projection import Fits
from forecasting.sources import Tables

pytestmark = pytest.mark.slow

LAST = 2100


def test_every_variable_of_a_projection_is_there_within_its_bounds(projected: xr.Dataset) -> None:
    axes.require(projected, axes.VARIABLES)
    checked = axes.check(projected[list(axes.VARIABLES)])
    assert [a for a in axes.AXES if a in checked.dims] == ["draw", "area", "sex", "age", "year"]
    for name in axes.VARIABLES:
        assert projected[name].dims == tuple(a for a in axes.AXES if a in projected[name].dims), name


def test_years_run_without_a_gap_to_the_last(projected: xr.Dataset) -> None:
    assert projected["year"].values.tolist() == list(range(2010, LAST + 1))
    assert projected.attrs["base_year"] in projected["year"]


def test_births_less_deaths_plus_moves_is_the_change_in_every_draw_area_and_year(projected: xr.Dataset) -> None:
    everyone = projected["population"].sum(["sex", "age"])
    change = everyone.diff("year")
    flows = (projected["births"] - projected["deaths"] + projected["moves"]).sel(year=change["year"])
    assert float((np.abs(flows - change) / everyone).max()) < 1e-9


def test_the_same_seed_gives_the_same_projection_and_another_seed_another(fits: Fits, projected: xr.Dataset) -> None:
    xr.testing.assert_identical(projection.forecast(fits, LAST), projected)
    other = projection.forecast(replace(fits, settings=replace(fits.settings, seed=1)), 2030)
    base = projected.attrs["base_year"]
    xr.testing.assert_equal(other["population"].sel(year=base), projected["population"].sel(year=base))
    for name in ("tfr", "rural_income", "employee_share"):
        assert (other[name].sel(year=2030) != projected[name].sel(year=2030)).all()


def test_a_longer_horizon_leaves_the_earlier_years_as_they_are(fits: Fits, projected: xr.Dataset) -> None:
    short = projection.forecast(fits, 2045)
    xr.testing.assert_identical(short, projected.sel(year=short["year"]))


def test_draws_of_every_part_are_of_one_joint_future(fits: Fits, projected: xr.Dataset) -> None:
    # A draw with more children has more births; one with a higher ceiling fewer villagers; the budget follows people.
    def tied(one: xr.DataArray, other: xr.DataArray) -> float:
        return float(np.corrcoef(one, other)[0, 1])

    late = projected.sel(year=slice(2030, 2060)).mean("year")
    assert tied(late["tfr"], late["births"].sum("area")) > 0.8
    rural = late["population"].sel(area="rural").sum(["sex", "age"]) / late["population"].sum(["area", "sex", "age"])
    assert tied(fits.posteriors["migration"]["ceiling"], rural) < -0.2
    assert tied(late["e0"].mean(["area", "sex"]), late["pensioner_mortality"].sel(age=80).mean("sex")) < -0.8
    assert tied(late["contributors"].sum(["sex", "age"]), late["contributors_year_end"]) > 0.99


def test_members_at_mid_year_are_the_mean_of_two_year_ends(projected: xr.Dataset) -> None:
    for name in ("contributors", "pensioners"):
        ends = projected[f"{name}_year_end"]
        means = (ends + ends.shift(year=1)) / 2
        total = projected[name].sum(["sex", "age"], dtype=float)
        np.testing.assert_allclose(total.isel(year=slice(1, None)), means.isel(year=slice(1, None)), rtol=1e-5)


def test_a_contribution_per_head_is_its_ratio_of_rural_income(projected: xr.Dataset) -> None:
    made = projected["contribution_ratio"] * projected["rural_income"]
    xr.testing.assert_allclose(projected["contribution_per_head"], made)


# Summary --------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def summary(projected: xr.Dataset) -> xr.Dataset:
    return projection.summary(projected)


def test_groups_of_five_years_add_up_to_the_totals(projected: xr.Dataset, summary: xr.Dataset) -> None:
    groups = summary["population_5y"]
    assert groups["age"].values.tolist() == list(range(0, 101, 5))
    population = projected["population"]
    total = population.sum(["sex", "age"])
    xr.testing.assert_allclose(groups.sum(["sex", "age"], dtype=float), total, rtol=1e-6)
    np.testing.assert_allclose(groups.sel(age=60), population.sel(age=slice(60, 64)).sum("age"), rtol=1e-6)
    np.testing.assert_allclose(groups.sel(age=100), population.sel(age=100), rtol=1e-6)


def test_summary_shares_and_ratios_are_of_the_totals(projected: xr.Dataset, summary: xr.Dataset) -> None:
    total = projected["population"].sum(["sex", "age"])
    xr.testing.assert_allclose(summary["rural_share"], total.sel(area="rural", drop=True) / total.sum("area"))
    ratio = projected["pensioners_year_end"] / projected["contributors_year_end"]
    xr.testing.assert_allclose(summary["system_ratio"], ratio)
    assert set(summary["place"].values) == {"rural", "urban", "national"}
    e0, areas = summary["e0_national"], projected["e0"]
    # The nation's death rates lie between those of its areas; a group of it may not: half a year of leeway.
    assert ((e0 > areas.min("area") - 0.5) & (e0 < areas.max("area") + 0.5)).mean() > 0.99


# Published and hindcast -----------------------------------------------------------------------------------------


def test_the_basic_pension_rises_by_what_was_announced(tables: Tables) -> None:
    path = projection.published_basic_pension(tables)
    minimum = tables.series("basic_pension_minimum")
    years = path["year"].values
    assert (np.diff(years) == 1).all() and years[-1] == minimum.index[-1]
    rise = path.sel(year=2026) - path.sel(year=2025)
    assert float(rise) == pytest.approx(12 * (minimum[2026] - minimum[2025]))


class Later:
    """Tables with every total of members after a year multiplied."""

    def __init__(self, tables: Tables, origin: int, factor: float) -> None:
        self.tables, self.origin, self.factor = tables, origin, factor

    def series(self, indicator: str, **labels: str) -> object:
        values = self.tables.series(indicator, **labels)
        return values.where(values.index <= self.origin, self.factor * values)


def test_a_hindcast_knows_nothing_after_its_origin(fits: Fits, tables: Tables) -> None:
    origin, given = 2016, fits.inputs["membership"]
    hindcast = projection.hindcast(fits, origin)
    late = given["years"] > origin
    changed = {
        "employee_share": np.where(late, 0.9, given["employee_share"]),
        "compliance": np.where(late, -3.0, given["compliance"]),
        "basic": np.where(given["basic_years"] > origin, 0.0, given["basic"]),
        "contribution": np.where(given["contribution_years"] > origin, 0.0, given["contribution"]),
    }
    blind = replace(
        fits,
        tables=Later(tables, origin, 0.3),  # type: ignore[arg-type]
        inputs=fits.inputs | {"membership": dict(given) | changed},
    )
    xr.testing.assert_identical(projection.hindcast(blind, origin), hindcast)
    assert not projection.hindcast(blind, 2020)["contributors"].equals(projection.hindcast(fits, 2020)["contributors"])


def test_a_hindcast_meets_the_totals_up_to_its_origin_and_not_after(fits: Fits, tables: Tables) -> None:
    hindcast = projection.hindcast(fits, 2016)
    assert hindcast["year"].values[[0, -1]].tolist() == [2010, hindcast["year"].values[-1]]
    for name in ("contributors", "pensioners"):
        observed = tables.series(name).loc[2010:2016]
        total = hindcast[f"{name}_year_end"]
        known = total.sel(year=observed.index)
        np.testing.assert_allclose(known, np.broadcast_to(observed, known.shape), rtol=1e-5)
        assert (total.sel(year=slice(2018, None)).std("draw") > 0).all()
