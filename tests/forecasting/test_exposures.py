"""Regions carried on common draws: the kernel is plain numpy, people are conserved, nothing depends on neighbours."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forecasting import cohort
from forecasting.exposures import Drivers, Regions, carried, carried_reference, each

AGES = np.arange(101)
SEX_RATIO = 1.1
DRAWS, YEARS = 70, 6
"""One lot and a part of another; enough years for the oldest to meet in the open age."""


def world(seed: int = 0, regions: int = 5, areas: int = 1, pull: float = 1.0, draws: int = DRAWS) -> tuple:
    """Make regions, drivers and weights: random, of the usual sizes."""
    rng = np.random.default_rng(seed)
    hazard = np.append(0.01, 1e-4 * np.exp(0.085 * AGES))
    shape = (regions, areas, 2)
    start = rng.uniform(0, 1e5, (*shape, 101)) * (rng.random((*shape, 101)) > 0.1)
    level = hazard * rng.uniform(0.7, 1.3, (*shape, 1))
    bearing = rng.uniform(0.5, 1.5, (regions, areas))
    fertile = np.exp(-0.5 * ((AGES - 27) / 5.5) ** 2) * ((AGES >= 15) & (AGES < 50))
    asfr = fertile / fertile.sum() * rng.uniform(0.8, 4, (draws, YEARS, 1))
    mortality = rng.uniform(0.7, 1.4, (draws, YEARS, 2, 1)) * np.ones(102)
    weights = rng.uniform(0, 1, (3, YEARS + 1, areas, 2, 101))
    weights[0, ..., :16] = weights[0, ..., 60:] = 0
    weights[1] = 1
    if areas == 1:
        return Regions(start, level, bearing), Drivers(mortality, asfr), weights
    leave = rng.uniform(0.0, 0.1, (draws, 2, 101))
    speed = pull * rng.uniform(0.5, 1.5, (draws, YEARS))
    moves = Drivers(mortality, asfr, speed, np.where(AGES < 60, leave, -0.3 * leave))
    return Regions(start, level, bearing, rng.uniform(0.5, 1.0, (regions, draws))), moves, weights


def exposures(given_world: tuple, **options: object) -> np.ndarray:
    return carried(*given_world, sex_ratio=SEX_RATIO, **options)


worlds = st.builds(
    world, st.integers(0, 10**6), st.integers(1, 6), st.sampled_from([1, 2]), st.sampled_from([-5.0, 0.0, 1.0, 40.0])
)
few = settings(max_examples=25, deadline=None)


@few
@given(worlds)
def test_the_kernel_is_plain_numpy(given_world):
    expected = carried_reference(*given_world, sex_ratio=SEX_RATIO)
    np.testing.assert_allclose(exposures(given_world), expected, rtol=1e-12)


@few
@given(worlds)
def test_single_precision_stays_near(given_world):
    found = exposures(given_world, dtype=np.float32)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, exposures(given_world), rtol=1e-5)


@pytest.mark.parametrize("areas", [1, 2])
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_neither_threads_nor_groups_nor_other_regions_move_a_bit(areas, dtype):
    regions, drivers, weights = world(areas=areas, regions=7)
    whole = exposures((regions, drivers, weights), dtype=dtype, threads=1, group=1)
    for options in ({"threads": 2}, {"group": 3}, {"group": 100, "threads": 2}):
        np.testing.assert_array_equal(exposures((regions, drivers, weights), dtype=dtype, **options), whole)
    alone = Regions(*[None if a is None else a[4:5] for a in regions])
    np.testing.assert_array_equal(exposures((alone, drivers, weights), dtype=dtype), whole[4:5])


@pytest.mark.parametrize("areas", [1, 2])
def test_draws_do_not_know_each_other(areas):
    regions, drivers, weights = world(areas=areas)
    few_draws = Drivers(*[None if a is None else a[:66] for a in drivers])
    fewer = regions._replace(ceiling=None if regions.ceiling is None else regions.ceiling[:, :66])
    np.testing.assert_array_equal(
        exposures((fewer, few_draws, weights)), exposures((regions, drivers, weights))[..., :66]
    )


def test_without_deaths_births_and_moves_everybody_only_grows_older():
    regions, drivers, _ = world()
    still = Drivers(0 * drivers.mortality, 0 * drivers.asfr)
    by_age = np.zeros((101, YEARS + 1, 1, 2, 101))
    by_age[AGES, :, :, :, AGES] = 1
    found = exposures((regions, still, by_age))[..., 0]
    people = regions.start.sum(axis=(1, 2))
    np.testing.assert_allclose(found[:, YEARS:100, YEARS], people[:, : 100 - YEARS], rtol=1e-12)
    np.testing.assert_allclose(found[:, 100, YEARS], people[:, 100 - YEARS :].sum(axis=1), rtol=1e-12)
    assert (found[:, :YEARS, YEARS] == 0).all()


def test_moves_alone_change_nobody_in_all():
    regions, drivers, _ = world(areas=2)
    still = drivers._replace(mortality=0 * drivers.mortality, asfr=0 * drivers.asfr)
    everybody = np.ones((1, YEARS + 1, 2, 2, 101))
    urban = everybody * np.array([0, 1])[:, None, None]
    found = exposures((regions, still, np.concatenate([everybody, urban])))
    np.testing.assert_allclose(found[:, 0], found[:, 0, :1] * np.ones((YEARS + 1, 1)), rtol=1e-12)
    assert (np.diff(found[:, 1], axis=1)[regions.ceiling[:, None] * np.ones((YEARS, 1)) > 0.99] >= 0).all()


def test_two_areas_without_moves_are_two_regions_of_one_area():
    regions, drivers, weights = world(areas=2, pull=0.0)
    apart = Regions(*[a.reshape(-1, 1, *a.shape[2:]) for a in regions[:3]])
    one = exposures((apart, Drivers(drivers.mortality, drivers.asfr), weights[:, :, :1]))
    same = np.repeat(weights[:, :, :1], 2, axis=2)
    both = exposures((regions, drivers, same))
    np.testing.assert_allclose(both, one.reshape(5, 2, *one.shape[1:]).sum(axis=1), rtol=1e-12)


def test_the_nation_is_carried_as_the_cohort_kernel_carries_it():
    # The cohort kernel takes any survival, here that of the same rates, and lets people move by the exponential.
    regions, drivers, weights = world(areas=2, regions=1, pull=0.3)
    rate = regions.mortality[0, None, ..., None] * np.moveaxis(drivers.mortality, 1, -1)[:, None]
    arguments = {
        "start": np.repeat(regions.start, DRAWS, axis=0),
        "survival": (2 - rate) / (2 + rate),
        "asfr": np.moveaxis(drivers.asfr, 1, -1)[:, None] * regions.bearing[0][:, None, None],
        "speed": drivers.speed,
        "ceiling": regions.ceiling[0],
        "schedule": drivers.schedule,
        "sex_ratio": SEX_RATIO,
    }
    people = cohort.project(**arguments).population
    expected = np.einsum("ktasx,dasxt->ktd", weights, people)
    np.testing.assert_allclose(exposures((regions, drivers, weights))[0], expected, rtol=1e-5)


def test_every_region_is_given_once_as_its_own_array():
    seen = {}

    def do(place: int, found: np.ndarray) -> None:
        assert place not in seen
        seen[place] = found

    each(*world(), do, sex_ratio=SEX_RATIO)
    assert sorted(seen) == list(range(5))
    np.testing.assert_array_equal(np.stack([seen[i] for i in range(5)]), exposures(world()))


def test_what_the_function_raises_ends_the_whole():
    def do(place: int, _: np.ndarray) -> None:
        raise RuntimeError(f"region {place}")

    with pytest.raises(RuntimeError, match="region"):
        each(*world(), do, sex_ratio=SEX_RATIO)


def test_every_fault_is_listed_at_once():
    regions, drivers, weights = world(areas=2)
    bad_regions = regions._replace(start=-regions.start, bearing=regions.bearing[:, :1], ceiling=0 * regions.ceiling)
    bad_drivers = drivers._replace(asfr=drivers.asfr * np.nan, speed=None)
    with pytest.raises(ValueError, match="start runs from") as raised:
        each(bad_regions, bad_drivers, weights[:, 1:], print, sex_ratio=0.0, dtype=np.int64, threads=0, group=-1)
    faults = str(raised.value).splitlines()
    words = (
        "start",
        "bearing",
        "asfr",
        "weights",
        "speed is missing",
        "ceiling",
        "sex_ratio",
        "dtype",
        "threads",
        "group",
    )
    assert len(faults) == len(words)
    assert all(any(word in fault for fault in faults) for word in words)


def test_one_area_has_no_moves_and_nobody_dies_more_than_wholly():
    regions, drivers, weights = world()
    with pytest.raises(ValueError, match="ceiling is given"):
        exposures((regions._replace(ceiling=np.ones((5, 1))), drivers, weights))
    with pytest.raises(
        ValueError, match=r"mortality passes 2 deaths per person-year at female 99, female 100, male 99 "
    ):
        level = np.array(regions.mortality)
        level[..., 100:] = 3
        exposures((regions._replace(mortality=level), drivers, weights))
