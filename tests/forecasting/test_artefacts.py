"""Saved steps: equal values, equal bytes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from h5netcdf.dimensions import Dimension

from forecasting import artefacts


@pytest.mark.parametrize("kind", [np.float32, np.float64])
def test_the_sign_of_nan_is_not_saved(kind: type[np.floating], tmp_path: Path) -> None:
    values = np.array([1.0, np.nan, -0.0, np.inf], dtype=kind)
    files = [tmp_path / "plus.nc", tmp_path / "minus.nc"]
    for file, sign in zip(files, (1.0, -1.0), strict=True):
        signed = np.where(np.isnan(values), np.copysign(values, kind(sign)), values)
        data = xr.Dataset({"x": ("draw", signed, {"unit": "yuan"})}, {"draw": range(4), "unused": [1, 2]})
        artefacts.save(data, file, "account")
    assert files[0].read_bytes() == files[1].read_bytes()
    back = artefacts.load(files[1], "account")
    assert back["x"].dtype == kind
    assert back["x"].attrs == {"unit": "yuan"}
    assert list(back["unused"].values) == [1, 2]
    np.testing.assert_array_equal(back["x"].values.view(np.uint8), values.view(np.uint8))


def test_who_looks_at_a_file_while_it_is_written_changes_no_byte(tmp_path: Path, monkeypatch) -> None:
    # As the profiler of a Dask worker does: it looks at what another thread holds, and may look for longer.
    shape = {"scenario": ["law"], "draw": np.arange(20), "year": np.arange(2025, 2036)}
    many = {f"v{n}": (tuple(shape), np.full([len(axis) for axis in shape.values()], float(n))) for n in range(30)}
    data = xr.Dataset(many, shape)
    alone, watched = tmp_path / "alone.nc", tmp_path / "watched.nc"
    artefacts.save(data, alone, "account")
    seen, look = [], Dimension._h5ds.fget

    def watch(dimension: Dimension) -> object:
        seen.append(look(dimension))
        return seen[-1]

    monkeypatch.setattr(Dimension, "_h5ds", property(watch))
    artefacts.save(data, watched, "account")
    assert seen
    assert watched.read_bytes() == alone.read_bytes()
    xr.testing.assert_identical(artefacts.load(watched, "account"), data.assign_attrs(granary_kind="account"))
