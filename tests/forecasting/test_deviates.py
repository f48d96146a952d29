"""What a run draws for sources of money that no figure tells of."""

from __future__ import annotations

import numpy as np
import xarray as xr

from forecasting import axes
from forecasting._deviates import yearly
from forecasting.models.sampling import stream
from forecasting.projection import Fits, forecast

DRAWS = xr.DataArray(np.arange(2000), dims="draw")


def made(seed: int, last: int = 2060) -> xr.Dataset:
    return yearly(DRAWS, np.arange(2010, last + 1), lambda name: stream(seed, name))


def test_each_source_is_standard_normal_in_every_year_and_new_in_each() -> None:
    found = made(1)
    assert list(found.data_vars) == list(axes.SOURCES)
    axes.check(found)
    for name, values in found.data_vars.items():
        # Four and a half standard errors, of 51 years and five sources.
        assert float(abs(values.mean("draw")).max()) < 4.5 / np.sqrt(2000), name
        assert float(abs(values.std("draw") - 1).max()) < 4.5 / np.sqrt(4000), name
        assert abs(np.corrcoef(values.values[:, :-1].ravel(), values.values[:, 1:].ravel())[0, 1]) < 0.02, name


def test_sources_are_independent_of_each_other() -> None:
    together = np.corrcoef([values.values.ravel() for values in made(1).data_vars.values()])
    assert abs(together - np.eye(len(axes.SOURCES))).max() < 0.02


def test_a_longer_horizon_leaves_the_earlier_years_as_they_are_and_another_seed_does_not() -> None:
    short, long = made(1, 2050), made(1)
    xr.testing.assert_identical(short, long.sel(year=slice(None, 2050)))
    assert not made(2).equals(long)


def test_a_projection_carries_what_its_sources_swing_by(fits: Fits) -> None:
    future = forecast(fits, 2030)
    for name, about in axes.SOURCES.items():
        assert future[name].dims == ("draw", "year")
        assert future[name].attrs["unit"] == about.unit
        expected = fits.stream(f"source {name}").standard_normal((future.sizes["year"], future.sizes["draw"])).T
        np.testing.assert_array_equal(future[name], expected)
