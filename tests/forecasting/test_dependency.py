"""Dependency ratios: identities, order and the labels that they need."""

import numpy as np
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from forecasting.axes import AREAS, SEXES, AxisError
from forecasting.dependency import ratios, system_ratio

AGES = np.arange(101)


def people(values: np.ndarray, ages: np.ndarray = AGES) -> xr.DataArray:
    """Label people by draw, area, sex, age and year."""
    coords = {"area": list(AREAS), "sex": list(SEXES), "age": ages, "year": 2020 + np.arange(values.shape[-1])}
    return xr.DataArray(values, dims=("draw", "area", "sex", "age", "year"), coords=coords)


some_people = hnp.arrays(float, (2, 2, 2, 101, 2), elements=st.floats(1, 1e7)).map(people)


@given(some_people)
def test_total_is_youth_plus_old(population):
    r = ratios(population)
    xr.testing.assert_allclose(r.total_ratio, r.youth_ratio + r.old_age_ratio_60)


@given(some_people)
def test_the_nation_lies_between_its_areas(population):
    r = ratios(population)
    areas, nation = r.sel(place=list(AREAS)), r.sel(place="national")
    for name in r:
        assert (nation[name] >= areas[name].min("place") * (1 - 1e-12)).all()
        assert (nation[name] <= areas[name].max("place") * (1 + 1e-12)).all()


@given(some_people)
def test_groups_of_five_years_have_the_ratios_of_single_ages(population):
    five = population.isel(age=slice(0, 100)).coarsen(age=5).sum()
    last = population.sel(age=[100])
    five = xr.concat([five.assign_coords(age=np.arange(0, 100, 5)), last], dim="age")
    xr.testing.assert_allclose(ratios(five), ratios(population))


@given(some_people, st.floats(1e-3, 1e3))
def test_ratios_do_not_change_with_the_size_of_the_population(population, factor):
    xr.testing.assert_allclose(ratios(population * factor), ratios(population))


def test_one_person_of_every_age_counts_years_of_age():
    r = ratios(people(np.ones((1, 2, 2, 101, 1)))).sel(place="national").squeeze()
    assert r.youth_ratio == pytest.approx(15 / 45)
    assert r.old_age_ratio_60 == pytest.approx(41 / 45)
    assert r.old_age_ratio_65 == pytest.approx(36 / 50)
    assert r.total_ratio == pytest.approx(56 / 45)


def test_more_old_people_raise_the_old_age_ratios_alone():
    before = people(np.ones((1, 2, 2, 101, 1)))
    after = before.where(before.age < 70, 2.0)
    less, more = ratios(before), ratios(after)
    assert (more.old_age_ratio_60 > less.old_age_ratio_60).all()
    assert (more.old_age_ratio_65 > less.old_age_ratio_65).all()
    xr.testing.assert_equal(more.youth_ratio, less.youth_ratio)


def test_dimensions_and_labels_are_those_of_the_saved_projection():
    r = ratios(people(np.ones((3, 2, 2, 101, 4))).transpose("year", "age", "sex", "area", "draw"))
    assert r.total_ratio.dims == ("draw", "place", "year")
    assert r.place.values.tolist() == [*AREAS, "national"]
    assert all(v.attrs["unit"] and v.attrs["meaning"] for v in r.data_vars.values())


def test_every_fault_of_a_population_is_named():
    bad = people(np.ones((1, 2, 2, 4, 1)), np.array([0, 14, 60, 65])).assign_coords(area=["rural", "town"])
    bad[0, 0, 0, 0, 0] = -1
    with pytest.raises(AxisError) as error:
        ratios(bad)
    text = str(error.value)
    assert "age 15 " in text
    assert "'town'" in text
    assert "'urban' is missing" in text
    assert "falls to -1" in text


def test_people_that_are_missing_are_no_zero():
    bad = people(np.ones((1, 2, 2, 101, 1)))
    bad[0, 0, 0, 30, 0] = np.nan
    with pytest.raises(AxisError, match="not finite"):
        ratios(bad)


def test_a_missing_dimension_and_an_empty_place_are_errors():
    with pytest.raises(AxisError, match="'sex' is missing"):
        ratios(people(np.ones((1, 2, 2, 101, 1))).sum("sex"))
    empty = people(np.ones((1, 2, 2, 101, 1)))
    empty[:, 0] = 0
    with pytest.raises(AxisError, match="no people of working age"):
        ratios(empty)


def test_the_system_ratio_sums_out_sex_and_age():
    members = people(np.ones((3, 2, 2, 101, 4))).isel(area=0, drop=True)
    r = system_ratio(members.where(members.age >= 60, 0), members.where((members.age >= 16) & (members.age < 60), 0))
    assert r.dims == ("draw", "year")
    np.testing.assert_allclose(r, 41 / 44)
    assert r.attrs["unit"] == "pensioners per contributor"


def test_the_system_ratio_needs_the_same_years_and_some_contributors():
    heads = xr.DataArray(np.ones(3), dims="year", coords={"year": [2020, 2021, 2022]})
    with pytest.raises(AxisError, match="different labels"):
        system_ratio(heads, heads.isel(year=slice(2)))
    with pytest.raises(AxisError, match="no contributors"):
        system_ratio(heads, heads * 0)
