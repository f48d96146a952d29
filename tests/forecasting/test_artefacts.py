"""Saved steps: equal values, equal bytes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import xarray as xr

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
