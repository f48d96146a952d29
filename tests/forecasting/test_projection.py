"""The Projection: whole, conserved, repeatable; a hindcast that does not look ahead."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from actuarial.runfile import RunFile
from forecasting import _people, axes, classical, projection
from forecasting.artefacts import load, save
from forecasting.baseline import BASELINES
from forecasting.models import economy, fertility, membership, migration, mortality
from forecasting.projection import Fits
from forecasting.sources import Tables
from tests.real_run import Run

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


# Baselines in place of models ------------------------------------------------------------------------------------

every = pytest.mark.parametrize("method", BASELINES)


def rng() -> np.random.Generator:
    return np.random.default_rng(8)


OWN = {
    "fertility": ["tfr"],
    "mortality": ["pensioner_mortality"],
    "membership": ["employee_share", "compliance", "take_up", "contribution_ratio", "basic_ratio"],
    "economy": ["rural_income", "price_index", "deposit_rate", "market_return"],
}
"""Variables that no other model moves; budget revenue and land income follow the people."""

TOLD = {
    "fertility": "tfr",
    "mortality": "e0_national",
    "migration": "moves",
    "membership": "take_up",
    "economy": "rural_income",
}
"""A variable of each model that a saved projection has."""


def by(fits: Fits, methods: dict[str, str]) -> Fits:
    """Fits as if some models had been left to baselines: posteriors of these are not sampled, nor those of schemes."""
    chosen = fits.methods | methods
    kept = {
        name: posterior
        for name, posterior in fits.posteriors.items()
        if name in chosen and (chosen[name] == "bayesian" or name in ("migration", "membership"))
    }
    return replace(fits, posteriors=kept, methods=chosen)


@pytest.mark.parametrize("model", projection.ORDER)
def test_a_switch_of_one_model_moves_no_other(fits: Fits, model: str) -> None:
    plain, switched = (projection.forecast(f, 2040) for f in (fits, by(fits, {model: "random_walk"})))
    ahead = slice(plain.attrs["base_year"] + 1, None)
    for other, names in OWN.items():
        for name in names:
            assert switched[name].equals(plain[name]) == (other != model), name
            if other == model:
                assert (switched[name].sel(year=ahead).std("draw") > 0).all(), name
    drivers = [_people._moves(f, np.arange(2026, 2101)) for f in (fits, by(fits, {model: "random_walk"}))]
    assert drivers[0].equals(drivers[1]) == (model != "migration")


@every
def test_five_baselines_make_a_projection_whose_people_add_up(fits: Fits, method: str) -> None:
    all_five = by(fits, dict.fromkeys(projection.ORDER, method))
    assert sorted(all_five.posteriors) == ["membership", "migration"]
    made, plain = projection.forecast(all_five, 2060), projection.forecast(fits, 2060)
    axes.require(made, axes.VARIABLES)
    axes.check(made[list(axes.VARIABLES)])
    assert {n: (v.dims, v.dtype) for n, v in made.items()} == {n: (v.dims, v.dtype) for n, v in plain.items()}
    everyone = made["population"].sum(["sex", "age"])
    change = everyone.diff("year")
    flows = (made["births"] - made["deaths"] + made["moves"]).sel(year=change["year"])
    assert float((np.abs(flows - change) / everyone).max()) < 1e-9
    base = made.attrs["base_year"]
    xr.testing.assert_equal(
        made["population"].sel(year=slice(None, base)), plain["population"].sel(year=slice(None, base))
    )
    for name, values in projection.summary(made).items():
        assert np.isfinite(values).all(), name


@pytest.mark.parametrize(("model", "name"), TOLD.items())
def test_a_projection_says_which_baseline_carried_a_variable_on(
    fits: Fits, tmp_path: Path, model: str, name: str
) -> None:
    made = projection.summary(projection.forecast(by(fits, {model: "arima"}), 2040))
    save(made, tmp_path / "projection.nc", "projection")
    saved = load(tmp_path / "projection.nc", "projection")
    told = {variable for variable in saved if "form" in saved[variable].attrs}
    assert name in told
    assert told.isdisjoint(set(TOLD.values()) - {name})
    assert "ARIMA" in saved[name].attrs["form"]
    assert saved[name].attrs["fallback"] == ""


@every
def test_every_model_and_its_baseline_give_the_same_kind_of_dataset(fits: Fits, tables: Tables, method: str) -> None:
    years, people = np.arange(2010, 2061), projection.forecast(fits, 2060)["population"].sum("area")
    draws, share = fits.settings.draws, np.full(51, 0.3)
    e0 = sum(tables.series("e0", sex=sex) for sex in axes.SEXES) / 2
    given, posterior = fits.inputs, fits.posteriors
    known = projection.history(tables)
    ahead = np.arange(2026, 2061)
    pairs = [
        (
            fertility.forecast(posterior["fertility"], years, rng(), given["fertility"], share),
            classical.fertility(method, given["fertility"], years, rng(), draws=draws, rural_women_share=share),
        ),
        (
            mortality.forecast(posterior["mortality"], years, rng(), given["mortality"]),
            classical.mortality(method, given["mortality"], years, rng(), e0=e0, draws=draws),
        ),
        (
            migration.forecast(posterior["migration"], ahead, rng()),
            classical.migration(method, given["migration"], ahead, rng(), posterior=posterior["migration"]),
        ),
        (
            membership.forecast(posterior["membership"], given["membership"], known, people, rng()),
            classical.membership(
                method, given["membership"], rng(), posterior=posterior["membership"], history=known, people=people
            ),
        ),
        (
            economy.forecast(posterior["economy"], years, rng()),
            classical.economy(method, given["economy"], years, rng(), draws=draws),
        ),
    ]
    for model, other in pairs:
        assert {n: (v.dims, v.shape, v.dtype) for n, v in model.items()} == {
            n: (v.dims, v.shape, v.dtype) for n, v in other.items()
        }
        assert other.attrs == model.attrs
        for axis in model.coords:
            assert other[axis].equals(model[axis]), axis


@every
def test_members_are_as_counted_and_then_widen(fits: Fits, tables: Tables, method: str) -> None:
    made, known = projection.forecast(by(fits, {"membership": method}), 2050), projection.history(tables)
    for name in ("contributors", "pensioners"):
        total = made[f"{name}_year_end"].sel(year=known.years)
        np.testing.assert_allclose(total, np.broadcast_to(getattr(known, name), total.shape), rtol=1e-5)
    width = np.log(made["compliance"] / (1 - made["compliance"])).std("draw")
    assert float(width.sel(year=2050)) > 1.5 * float(width.sel(year=2028)) > 0
    given = fits.inputs["membership"]
    same = made["employee_share"].sel(year=given["years"])
    np.testing.assert_array_equal(same, np.broadcast_to(given["employee_share"], same.shape))
    longer = projection.forecast(by(fits, {"membership": method}), 2055)
    xr.testing.assert_identical(longer["compliance"].sel(year=made["year"]), made["compliance"])


@every
def test_a_hindcast_by_baselines_meets_the_totals_up_to_its_origin_and_not_after(
    fits: Fits, tables: Tables, method: str
) -> None:
    made = projection.hindcast(by(fits, dict.fromkeys(projection.ORDER, method)), 2014)
    observed = tables.series("contributors").loc[2010:2014]
    known = made["contributors_year_end"].sel(year=observed.index)
    np.testing.assert_allclose(known, np.broadcast_to(observed, known.shape), rtol=1e-5)
    assert (made["contributors_year_end"].sel(year=slice(2015, None)).std("draw") > 0).all()


def test_a_model_and_a_method_that_there_are_not_are_refused_together(tables: Tables) -> None:
    with pytest.raises(ValueError, match="no model") as caught:
        projection.fit(tables, methods={"weather": "ets", "economy": "oracle", "fertility": "arima"})
    told = str(caught.value).split("\n")
    assert len(told) == 2
    assert "'weather'" in told[0] and "mortality" in told[0]
    assert "economy" in told[1] and "'oracle'" in told[1] and "local_linear_trend" in told[1]


def test_only_what_reconstructs_the_past_is_sampled_under_baselines(
    fits: Fits, few: RunFile, first_run: Run, tables: Tables
) -> None:
    chosen, notes = dict.fromkeys(projection.ORDER, "ets") | {"fertility": "bayesian"}, {}
    some = projection.fit(
        tables, few.settings, methods=chosen, cache=first_run.posteriors, force=True, report=partial(Heard, notes)
    )
    assert some.methods == chosen
    assert list(some.posteriors) == ["fertility", "migration", "membership"]
    assert {d.model for d in some.diagnoses} == set(some.posteriors)
    assert notes["fertility"] == "from the cache" and notes["economy"] == "ets, not sampled"
    for name, posterior in some.posteriors.items():
        xr.testing.assert_identical(posterior, fits.posteriors[name])
    assert fits.methods == dict.fromkeys(projection.ORDER, "bayesian")
    same = Fits(fits.posteriors, fits.inputs, fits.tables, fits.settings)
    assert same.methods == fits.methods


class Heard:
    """A step of a fit that keeps what it is told."""

    def __init__(self, notes: dict[str, str], name: str) -> None:
        self.notes, self.name = notes, name

    def __enter__(self) -> Heard:
        return self

    def __exit__(self, *_: object) -> None:
        """Keep what was heard."""

    def note(self, text: str) -> None:
        self.notes[self.name] = text
