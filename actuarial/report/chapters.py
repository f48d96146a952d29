"""The chapters of the report on other funds than the pension, and on all funds together."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import xarray as xr

from actuarial.report.blocks import Block, Context, Table


@dataclass(frozen=True)
class Chapter:
    """One chapter of the page.

    Attributes
    ----------
    id : str
        Fixed id in the page.
    title, lead : str
        Heading, and a sentence or two under it.
    blocks : list of Block
        Charts, each with its table.
    tables : list of Table
        Tables without a chart, after them.
    notes : list of str
        Sentences at the end: what the chapter does not tell.
    """

    id: str
    title: str
    lead: str
    blocks: list[Block]
    tables: list[Table]
    notes: list[str]


def chapters(context: Context) -> list[Chapter]:
    """Return the chapters that the results of a run have, in the order of the page."""
    # Late: each of these rooms makes a Chapter, and so needs this one first.
    from actuarial.report import care_plan, household, medical, mix, pooling, time_bank, unemployment
    from actuarial.report import sensitivity as moved
    from actuarial.report import variance as doubt

    rooms = (medical, unemployment, time_bank, care_plan, household, pooling, mix, moved, doubt)
    made = [room.chapter(context) for room in rooms]
    return [chapter for chapter in made if chapter is not None]


def of_scenarios(context: Context, data: xr.Dataset) -> Iterator[tuple[int, xr.Dataset]]:
    """Give the data of each scenario that has a scheme, with its place among all scenarios of the run.

    Parameters
    ----------
    context : Context
    data : xarray.Dataset
        Of one scheme, over the scenarios that have it.

    Yields
    ------
    tuple of int and xarray.Dataset
        The place, for `Context.title` and `Context.color`; the data without the axis ``scenario``.
    """
    names = [one.name for one in context.results.manifest.scenarios]
    for name in data["scenario"].values.tolist():
        yield names.index(name), data.sel(scenario=name, drop=True)
