"""Migration: the counts are met within their error, nobody is lost, one law of moves; recovery of a known truth."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom

from forecasting import cohort
from forecasting.axes import AGES
from forecasting.models import migration, sampling
from forecasting.models import reconstruction as rc
from forecasting.projection import Fits
from forecasting.sources import Tables

pytestmark = pytest.mark.slow

RURAL, URBAN = 0, 1
COUNTS = (
    *("rural_total", "nation_total", "old_60", "old_65", "births_registered", "structure_2000", "structure_2010"),
    *("broad_2020", "rural_share_60", "rural_share_65", "rural_males_per_female"),
)


@pytest.fixture(scope="module")
def known(fits: Fits) -> dict[str, np.ndarray]:
    return dict(fits.inputs["migration"])


@pytest.fixture(scope="module")
def posterior(fits: Fits) -> xr.Dataset:
    return fits.posteriors["migration"]


@pytest.fixture(scope="module")
def past(posterior: xr.Dataset, known: dict[str, np.ndarray]) -> xr.Dataset:
    return migration.reconstruct(posterior, known)


# Identities -----------------------------------------------------------------------------------------------------


def test_births_less_deaths_plus_moves_is_the_change_in_every_draw_area_and_year(past: xr.Dataset) -> None:
    everyone = past["population"].sum(["sex", "age"])
    change = everyone.diff("year")
    flows = (past["births"] - past["deaths"] + past["moves"]).sel(year=change["year"])
    assert float((np.abs(flows - change) / everyone).max()) < 1e-9
    np.testing.assert_allclose(past["moves"].sum("area"), 0.0, atol=1e-6)


def test_neither_area_has_less_than_nobody_at_any_age(past: xr.Dataset) -> None:
    assert float(past["population"].min()) >= 0
    assert float(past["births"].min()) > 0 and float(past["deaths"].min()) > 0


def test_the_books_close_and_nobody_is_missing_where_the_very_old_would_all_be_rural(
    posterior: xr.Dataset, known: dict[str, np.ndarray]
) -> None:
    # Returns at high ages on top of a rural share near one: more rural people than there are, without a limit.
    extreme = posterior.isel(draw=slice(0, 3)).copy(deep=True)
    extreme["rural_logit"].values[..., -1] = 9.0
    extreme["rural_mortality"].values[:] = -0.3
    part = {name: extreme[name].values for name in migration.KEEP}
    rural, nation, _ = migration.people(known, part)
    assert (rural > nation).any()
    past = migration.reconstruct(extreme, known)
    assert float(past["population"].min()) >= 0.0
    change = past["population"].sum(["sex", "age"]).diff("year")
    flows = (past["births"] - past["deaths"] + past["moves"]).sel(year=change["year"])
    xr.testing.assert_allclose(change, flows, atol=1.0)


def test_the_schedule_averages_one_over_a_straight_pyramid_and_is_negative_only_where_many_return() -> None:
    part = {"flat": np.array([0.3, 0.01]), "comeback": np.array([0.0, 0.6]), "male": np.array([0.0, 0.1])}
    shape = migration.schedule(part)
    pyramid = np.clip(80.0 - AGES, 0.0, None)
    np.testing.assert_allclose((shape * pyramid).sum(axis=(1, 2)) / (2 * pyramid.sum()), 1.0, rtol=1e-12)
    assert (shape[0] > 0).all()
    assert (shape[1, :, 56:60] < 0).all() and (shape[1, :, 18:40] > 0).all()
    np.testing.assert_allclose(shape[1, 1], shape[1, 0] * np.exp(0.1), rtol=1e-12)


@given(st.floats(0.05, 0.9), st.floats(0.5, 1.0), st.floats(0.001, 0.2))
def test_room_makes_the_urban_share_grow_logistically_and_ends_at_the_ceiling(
    share: float, ceiling: float, speed: float
) -> None:
    assert migration.room(ceiling - 1e-15, ceiling) == pytest.approx(0.0, abs=1e-9)
    # Movers per head of the nation are the hazard times the rural share.
    grown = speed * migration.room(share, ceiling) * (1 - share)
    assert grown == pytest.approx(speed * share * (1 - share / ceiling), rel=1e-12)


# One law of moves -----------------------------------------------------------------------------------------------


def test_the_level_of_a_year_is_speed_times_room_times_a_pace_that_lasts(
    posterior: xr.Dataset, known: dict[str, np.ndarray]
) -> None:
    room = migration.room(known["urban_share"], posterior["ceiling"].values[:, None])
    pace = posterior["log_level"].values - np.log(posterior["speed"].values[:, None] * room)
    np.testing.assert_allclose(pace[:, -1], posterior["pace_now"])
    step = pace[:, 1:] - posterior["pace_memory"].values[:, None] * pace[:, :-1]
    # Twenty-four innovations with this standard deviation, about zero.
    ratio = np.sqrt((step**2).mean(axis=1)) / posterior["speed_noise_sd"].values
    assert 0.8 < np.median(ratio) < 1.25
    assert abs(step.mean()) < 0.1


def test_the_kernel_moves_people_as_the_closed_form_does(posterior: xr.Dataset, known: dict[str, np.ndarray]) -> None:
    part = {name: posterior[name].values[:5] for name in migration.KEEP}
    layout = rc.cohorts(int(known["steps"]))
    death, _ = migration.hazards(layout, known, part)
    rural, nation, _ = migration.people(known, part)
    dying = death * np.exp(part["rural_mortality"])[:, None, None, None]
    for step in (0, 9, 24):
        # Survival by age, the newborn first; the hazards of people follow their cohorts.
        index = np.concatenate([[layout.born.start + step], layout.cohort_of[:, step]])
        survival = np.exp(-np.stack([dying, death], axis=1)[..., index, step])[..., None]
        start = np.stack([rural[..., step], nation[..., step] - rural[..., step]], axis=1)
        everyone = start.sum(axis=(2, 3))
        urban = everyone[:, URBAN] / everyone.sum(axis=1)
        speed = np.exp(part["log_level"][:, step]) / migration.room(urban, part["ceiling"])
        moved = cohort.project_reference(
            start,
            survival,
            np.zeros((5, 2, 101, 1)),
            speed=speed[:, None],
            ceiling=part["ceiling"],
            schedule=migration.schedule(part),
            sex_ratio=1.05,
        )
        np.testing.assert_allclose(moved.population[:, RURAL, :, 1:, 1], rural[:, :, 1:, step + 1], rtol=1e-10)


# The counts -----------------------------------------------------------------------------------------------------


def test_rural_totals_lie_in_the_intervals_widened_by_their_error(past: xr.Dataset, tables: Tables) -> None:
    counted = tables.series("population_year_end", area="rural").loc[2010:]
    rural = past["population"].sel(area="rural").sum(["sex", "age"]).sel(year=counted.index)
    low, high = rural.quantile([0.025, 0.975], dim="draw").values
    # The stated error: 0.004 on the log scale.
    error = np.exp(1.96 * 0.004)
    assert counted.index[-1] >= 2024
    assert ((low / error < counted) & (counted < high * error)).all()


def test_the_rural_share_of_elders_of_2020_is_near_the_census(past: xr.Dataset) -> None:
    village = past["population"].sel(area="rural", year=2020).sum("sex")
    share = village.sel(age=slice(60, None)).sum("age") / village.sum("age")
    # Census of 2020 (National Bureau of Statistics, bulletin 5): 23.81 % of the rural are 60 or over.
    assert float(share.mean()) == pytest.approx(0.2381, abs=0.005)


def test_the_sex_ratio_of_births_goes_with_the_reconstruction(past: xr.Dataset, tables: Tables) -> None:
    babies = tables.table("population_census", area="national", year=2010).query("age == '0'").set_index("sex")["value"]
    assert past.attrs["sex_ratio"] == pytest.approx(babies["male"] / babies["female"])


# The future -----------------------------------------------------------------------------------------------------


def test_future_speeds_return_from_the_pace_of_the_base_year_and_repeat_with_the_seed(posterior: xr.Dataset) -> None:
    years = np.arange(2026, 2101)
    path = migration.forecast(posterior, years, np.random.default_rng(1))
    xr.testing.assert_identical(path, migration.forecast(posterior, years, np.random.default_rng(1)))
    pace = np.log(path["speed"] / posterior["speed"]).transpose("draw", "year").values
    before = np.column_stack([posterior["pace_now"].values, pace[:, :-1]])
    noise = pace - posterior["pace_memory"].values[:, None] * before
    noise /= posterior["speed_noise_sd"].values[:, None]
    # Standard normals: five standard errors of their mean and standard deviation.
    assert abs(float(noise.mean())) < 5 / np.sqrt(noise.size)
    assert float(noise.std()) == pytest.approx(1.0, abs=5 / np.sqrt(2 * noise.size))
    xr.testing.assert_equal(path["ceiling"], posterior["ceiling"].drop_attrs())


def test_a_longer_horizon_leaves_earlier_speeds_as_they_are(posterior: xr.Dataset) -> None:
    short, long = (
        migration.forecast(posterior, np.arange(2026, last + 1), np.random.default_rng(1)) for last in (2050, 2100)
    )
    xr.testing.assert_identical(short, long.sel(year=short["year"]))


# Recovery -------------------------------------------------------------------------------------------------------


def test_a_known_truth_is_recovered(known: dict[str, np.ndarray]) -> None:
    truth = sampling.simulate(migration.build, known, migration.KEEP + COUNTS, seed=6).isel(draw=0)
    # Every count is seen on the log scale.
    made = known | {name: np.exp(truth[name].values) for name in COUNTS}
    settings = sampling.Settings(draws=1000, chains=2, tune=300, kept=500)
    found = sampling.fit(migration, made, settings, force=True)
    # Chains that have not met recover nothing.
    assert sampling.diagnosis_of(found).max_rhat < 1.05
    inside = []
    for name in migration.KEEP:
        low, high = found[name].quantile([0.025, 0.975], dim="draw").values
        inside += np.atleast_1d((low <= truth[name].values) & (truth[name].values <= high)).ravel().tolist()
    # 121 intervals of 95 %: were they independent, fewer hits would have a chance of half a percent (binomial).
    assert len(inside) == 121
    assert sum(inside) >= binom.ppf(0.005, len(inside), 0.95)
