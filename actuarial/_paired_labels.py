"""Labels of paired results: leading axes of their own before those of the values, in the values' unit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import xarray as xr

Array = np.ndarray
About = dict[str, tuple[str, str]]


def labelled(arrays: Mapping[str, Array], rest: xr.DataArray, leading: Mapping[str, Sequence]) -> xr.Dataset:
    """Label arrays of shape (leading axes, shape of `rest`); an array that has no leading axes goes without them."""
    data = {}
    for name, array in arrays.items():
        own = tuple(leading) if array.ndim > rest.ndim else ()
        data[name] = ((*own, *rest.dims), array)
    used = {axis for dims, _ in data.values() for axis in dims}
    coords = {axis: list(labels) for axis, labels in leading.items() if axis in used}
    return xr.Dataset(data, coords | dict(rest.coords))


def in_unit(about: About, values: xr.DataArray) -> About:
    """Put the unit of the values where a variable's unit is left open."""
    return {name: (unit or str(values.attrs.get("unit", "")), text) for name, (unit, text) in about.items()}
