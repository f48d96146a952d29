"""Which scenarios come out the same, so that a result is told once."""

from __future__ import annotations

from collections.abc import Sequence

import xarray as xr


def alike(data: xr.Dataset, names: Sequence[str]) -> list[list[str]]:
    """Group the scenarios of a scheme that have the same results.

    Parameters
    ----------
    data : xarray.Dataset
        Over ``scenario`` and others.
    names : sequence of str
        Variables that are compared, in every draw and year; where both have no value they are the same.

    Returns
    -------
    list of list of str
        Names of scenarios, in the order of the first of each group.
    """
    groups: list[tuple[list[str], xr.Dataset]] = []
    for name in data["scenario"].values.tolist():
        one = data[list(names)].sel(scenario=name, drop=True)
        found = next((group for group, other in groups if other.equals(one)), None)
        if found is None:
            groups.append(([name], one))
        else:
            found.append(name)
    return [group for group, _ in groups]
