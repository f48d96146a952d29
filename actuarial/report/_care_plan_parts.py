"""The plan of elderly care in parts: what it buys and who pays, stacked on each other."""

from __future__ import annotations

from typing import NamedTuple

import xarray as xr

from actuarial.report._founded import LISTED, chosen
from actuarial.report._household_figures import stacked
from actuarial.report._household_parts import ordinary
from actuarial.report.blocks import Cell, Context, Panel, fan_rows, plain
from actuarial.report.figures import Axes
from actuarial.report.money import money_unit
from actuarial.report.scales import padded
from actuarial.report.summary import fan, real


class Part(NamedTuple):
    """One area of a stack: its name in the catalogue (``care.<name>``), the flows in it, its colour."""

    name: str
    flows: tuple[str, ...]
    color: str


THINGS = (
    Part("beds_part", ("bed_building", "bed_running"), "#3d6b8c"),
    Part("centres_part", ("centre_building", "centre_running"), "#dba53a"),
    Part("villages_part", ("village_start", "village_running"), "#4d5a1e"),
    Part("carers_part", ("carer_training", "carer_posts"), "#b98a8a"),
)
"""What the plan buys: building and running of each thing together."""

PAYERS = (
    Part("care_central", ("care_central",), "#16324f"),
    Part("care_provincial", ("care_provincial",), "#3d6b8c"),
    Part("care_county", ("care_county",), "#9dbfd8"),
    Part("care_lottery", ("care_lottery",), "#8a3b8f"),
    Part("care_land", ("care_land",), "#dba53a"),
    Part("care_collective", ("care_collective",), "#4d5a1e"),
    Part("shortfall", ("shortfall",), "#c7c9cc"),
)
"""Who pays, and what nobody has undertaken to pay and no reserve of the plan covers."""


def stack(context: Context, panel_id: str, key: str, one: xr.Dataset, parts: tuple[Part, ...]) -> Panel:
    """Return money of a year part on part, in an ordinary future and at constant prices.

    Parameters
    ----------
    context : Context
        Its numbers know ``small_money``.
    panel_id, key : str
        Fixed id; key of the title.
    one : xarray.Dataset
        Of one scenario, over (draw?, year).
    parts : tuple of Part
        From the bottom up.

    Returns
    -------
    Panel
        Its rows hold the interval of each part.
    """
    prices = context.results.projection["price_index"]
    money = {part.name: real(_sum(one, part.flows), prices) for part in parts}
    names = xr.DataArray(list(money), dims="fund", name="fund")
    middle = ordinary(xr.concat([each.drop_attrs() for each in money.values()], names, join="exact"))
    years, factor = one["year"].values, context.numbers.factor("money")
    words = {part.name: context.texts(f"care.{part.name}") for part in parts}
    top = padded(0.0, factor * float(middle.sum("fund").max()))[1]
    axes = Axes(0.0, top, decimals=context.numbers.kind("money").decimals, years=(int(years[0]), int(years[-1])))
    heights = middle.values.clip(min=0.0) * factor
    figure = stacked([plain(text) for text in words.values()], heights, [p.color for p in parts], years, axes)
    rows = [row for name, each in money.items() for row in fan_rows(context, words[name], fan(each), "small_money")]
    title = context.texts(key)
    return Panel(panel_id, title, money_unit(context), _alt(context, title, middle, words), figure, _kept(rows))


def at_report_prices(context: Context, scenario: int, one: xr.Dataset) -> xr.Dataset:
    """Restate what a run tells at prices of the money year at the prices of the report's base year.

    Parameters
    ----------
    context : Context
    scenario : int
        Its place in the run.
    one : xarray.Dataset
        Of this scenario, over (draw?, year).

    Returns
    -------
    xarray.Dataset
        `one` with ``plan_cost_per_old`` and ``building_cost_real`` at prices of the base year of the price index.
    """
    spent = real(one["expenditure"], context.results.projection["price_index"])
    first, span = (int(chosen(context, f"care_plan.{key}", scenario)) for key in ("from_year", "years"))
    per_old = spent / one["old_people"]
    while_building = spent.where(one["year"] < first + span, 0.0).sum("year")
    return one.assign(plan_cost_per_old=per_old, building_cost_real=while_building)


def _sum(one: xr.Dataset, flows: tuple[str, ...]) -> xr.DataArray:
    return sum((one[name] for name in flows[1:]), one[flows[0]])


def _alt(context: Context, title: str, middle: xr.DataArray, words: dict[str, str]) -> str:
    year = int(middle["year"][-1])
    told = {words[str(part.item())]: float(middle.sel(fund=part, year=year)) for part in middle["fund"]}
    parts = (f"{name} {context.numbers.write(value, 'small_money')}" for name, value in told.items())
    return context.texts("care.alt", title=title, year=year, parts=context.texts("answer.comma").join(parts))


def _kept(rows: list[tuple[Cell, ...]]) -> list[tuple[Cell, ...]]:
    """Leave out the years that the chapter's tables do not list."""
    return [row for row in rows if int(row[1].main) in LISTED]
