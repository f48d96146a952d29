"""Between arrays with labels and plain ones: axes in order on the way in, unit and meaning on the way out."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import xarray as xr

Array = np.ndarray


def plain(values: xr.DataArray, *dims: str) -> Array:
    """Lay values out as the loops know them: the draw first, then `dims`.

    Parameters
    ----------
    values : xarray.DataArray, dims (draw?, `dims` in any order)
        Numbers or flags.
    *dims : str
        Every axis besides the draw, in the order wanted.

    Returns
    -------
    numpy.ndarray of float, shape (draw or 1, ...)
        One draw where `values` has none. Floats keep their precision, and are not copied where they need not be: to
        widen people by sex and age would double the largest arrays of a run. Copy it before you write to it.

    Raises
    ------
    ValueError
        If `dims` and the draw are not the axes of `values`.

    Examples
    --------
    >>> plain(xr.DataArray([[1, 2, 3]], dims=("year", "age")), "age", "year").shape
    (1, 3, 1)
    """
    full = values if "draw" in values.dims else values.expand_dims("draw")
    array: Array = full.transpose("draw", *dims).values
    return array if np.issubdtype(array.dtype, np.floating) else array.astype(float)


def told(values: xr.Dataset | Mapping[str, xr.DataArray], about: Mapping[str, tuple[str, str]]) -> xr.Dataset:
    """Give each variable its unit and meaning in place of the attributes that arithmetic hands on.

    Parameters
    ----------
    values : xarray.Dataset or mapping of str to xarray.DataArray
        Variables by name, on common labels; those that `about` does not name are left out.
    about : mapping of str to tuple of str
        Unit and meaning of each variable, in the order in which they are wanted.

    Returns
    -------
    xarray.Dataset
        The variables of `about`, each with ``unit`` and ``meaning`` and no other attribute.

    Raises
    ------
    KeyError
        If `values` lacks a variable.
    """
    bare = {name: values[name].drop_attrs() for name in about}
    return xr.Dataset({n: bare[n].assign_attrs(unit=unit, meaning=text) for n, (unit, text) in about.items()})
