"""Arrays with labels made plain, and results that say what they are."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr

from actuarial._labels import plain, told

ABOUT = {"share": ("share", "Part of the whole"), "money": ("yuan", "All of it")}


def people(kind: type = float) -> xr.DataArray:
    """Invent persons by year, draw and age, in that order."""
    values = np.arange(24).reshape(4, 2, 3).astype(kind)
    return xr.DataArray(
        values, {"year": range(2026, 2030), "draw": [0, 1], "age": [60, 61, 62]}, ("year", "draw", "age")
    )


def test_the_draw_comes_first_and_the_other_axes_as_asked() -> None:
    array = plain(people(), "age", "year")
    assert array.shape == (2, 3, 4)
    assert array[1, 2, 3] == people().sel(draw=1, age=62, year=2029)


def test_what_has_no_draws_is_one_draw() -> None:
    one = people().isel(draw=1, drop=True)
    np.testing.assert_array_equal(plain(one, "year", "age"), one.values[None])
    np.testing.assert_array_equal(plain(xr.DataArray(7.0)), [7.0])


def test_no_axis_is_lost_and_none_is_made() -> None:
    with pytest.raises(ValueError, match="age"):
        plain(people(), "year")
    with pytest.raises(ValueError, match="sex"):
        plain(people(), "sex", "age", "year")


@pytest.mark.parametrize(("kind", "wanted"), [(np.float32, np.float32), (float, float), (int, float), (bool, float)])
def test_floats_keep_their_precision_and_the_rest_becomes_float(kind: type, wanted: type) -> None:
    array = plain(people(kind), "age", "year")
    assert array.dtype == wanted
    np.testing.assert_array_equal(array, people(kind).transpose("draw", "age", "year"))


def test_each_variable_says_its_own_unit_and_meaning_and_nothing_else() -> None:
    made = {
        "money": xr.DataArray([1.0], {"year": [2026]}, ("year",), attrs={"unit": "persons", "note": "of what went in"}),
        "share": xr.DataArray(0.5, attrs={"meaning": "of what went in"}),
        "spare": xr.DataArray(0.0),
    }
    for values in (made, xr.Dataset(made)):
        found = told(values, ABOUT)
        assert list(found.data_vars) == list(ABOUT)
        assert {name: found[name].attrs for name in ABOUT} == {
            name: {"unit": unit, "meaning": meaning} for name, (unit, meaning) in ABOUT.items()
        }
        assert float(found["money"].sel(year=2026)) == 1.0


def test_what_went_in_keeps_its_attributes() -> None:
    given = xr.Dataset({name: xr.DataArray(1.0, attrs={"unit": "persons"}) for name in ABOUT})
    told(given, ABOUT)
    assert given["share"].attrs == given["money"].attrs == {"unit": "persons"}


def test_a_variable_that_is_lacking_is_named() -> None:
    with pytest.raises(KeyError, match="money"):
        told({"share": xr.DataArray(0.5)}, ABOUT)
