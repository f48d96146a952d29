"""The medical fund by scenario: those that leave it the same stand together."""

from __future__ import annotations

from dataclasses import dataclass

import xarray as xr

from actuarial.report._alike import alike
from actuarial.report.blocks import Context


@dataclass(frozen=True)
class Group:
    """Scenarios with the same medical fund in every draw and year.

    Attributes
    ----------
    places : tuple of int
        Their places among all scenarios of the run.
    title : str
        Their titles.
    prefix : str
        Put before what a chart shows; empty where the run has no other group.
    color : str
        Colour of the first of them.
    data : xarray.Dataset
        Of ``medical.nc``, without the axis ``scenario``.
    """

    places: tuple[int, ...]
    title: str
    prefix: str
    color: str
    data: xr.Dataset

    def named(self, what: str) -> str:
        """Return `what` with the scenarios, where there are others."""
        return self.prefix + what


def groups(context: Context, data: xr.Dataset) -> list[Group]:
    """Put scenarios together that leave the fund the same.

    Parameters
    ----------
    context : Context
    data : xarray.Dataset
        ``medical.nc``: over (scenario, draw?, year), (scenario, draw?) and (scenario, draw?, horizon).

    Returns
    -------
    list of Group
        In the order of the run; values are compared, not names or rules.
    """
    found = alike(data, [str(name) for name in data.data_vars])
    return [_group(context, names, data, alone=len(found) == 1) for names in found]


def _group(context: Context, names: list[str], data: xr.Dataset, *, alone: bool) -> Group:
    known = [one.name for one in context.results.manifest.scenarios]
    places = tuple(known.index(name) for name in names)
    title = context.texts("medical.and").join(context.title(place) for place in places)
    prefix = "" if alone else context.texts("medical.of", scenarios=title)
    return Group(places, title, prefix, context.color(places[0]), data.sel(scenario=names[0], drop=True))
