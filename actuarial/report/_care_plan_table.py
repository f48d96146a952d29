"""The tables of the plan of elderly care: by year, and once for all years."""

from __future__ import annotations

from collections.abc import Iterable

import xarray as xr

from actuarial.report._founded import LISTED, Row, chance, chosen, shown_years, spread, yearly
from actuarial.report.blocks import Cell, Context, Table
from actuarial.report.money import money_unit

BUILT = ("beds", "beds_new", "beds_occupied", "centres", "villages_covered", "carers", "carers_trained")

OUTGO = (
    *("bed_building", "centre_building", "village_start"),
    *("bed_running", "centre_running", "village_running", "carer_training", "carer_posts"),
)

INCOME = ("care_central", "care_provincial", "care_county", "care_lottery", "care_land", "care_collective")

ACCOUNT = ("balance", "shortfall")

INDICATORS = {
    "beds_per_thousand": "tenths",
    "village_cover": "share",
    "plan_cost_share": "small_share",
    "plan_cost_per_old": "yuan",
    "budget_part": "share",
    "funding_gap_share": "share",
}

PARTS = ("central", "provincial", "county")


def by_year(context: Context, scenario: int, one: xr.Dataset) -> Table:
    """Return what stands, money and ratios of the plan of a scenario, a column a year.

    Parameters
    ----------
    context : Context
        Its numbers know ``count``, ``tenths`` and ``small_money``.
    scenario : int
        Its place in the run.
    one : xarray.Dataset
        Of this scenario, over (draw?, year).

    Returns
    -------
    Table
        Medians and intervals; money at constant prices.
    """
    texts, unit = context.texts, money_unit(context)
    groups: dict[str, Iterable[Row]] = {
        texts("care.group_built"): (Row(f"care.{name}", one[name], "count") for name in BUILT),
        texts("care.group_outgo", unit=unit): (Row(f"care.{name}", one[name], "small_money") for name in OUTGO),
        texts("care.group_income", unit=unit): (Row(f"care.{name}", one[name], "small_money") for name in INCOME),
        texts("care.group_account", unit=unit): (Row(f"care.{name}", one[name], "small_money") for name in ACCOUNT),
        texts("care.group_indicators"): (Row(f"care.{name}", one[name], kind) for name, kind in INDICATORS.items()),
    }
    caption = texts("care.table", scenario=context.title(scenario))
    return yearly(context, caption, shown_years(context, one, (_first(one), *LISTED)), groups)


def _first(one: xr.Dataset) -> int:
    """Return the first year of the plan, in which nothing is renewed."""
    return int(one["year"][0])


def once(context: Context, places: dict[int, xr.Dataset]) -> Table:
    """Return cost of building, first year without money, and the parts of the payers, a column a scenario.

    Parameters
    ----------
    context : Context
    places : dict of int to xarray.Dataset
        The plan of each scenario that has one, by its place in the run.

    Returns
    -------
    Table
    """
    texts = context.texts
    head = Cell(texts("care.building_cost_real"), (money_unit(context),))
    rows: list[tuple[Cell, ...]] = [
        (head, *(spread(context, one["building_cost_real"], "small_money") for one in places.values())),
        (_head(context, "short_year"), *(spread(context, one["short_year"], "year") for one in places.values())),
        (
            _head(context, "short_ever"),
            *(chance(context, one["short_year"].notnull().astype(float)) for one in places.values()),
        ),
    ]
    rows += [
        (_head(context, f"parts_{cost}"), *(Cell(_parts(context, cost, s)) for s in places))
        for cost in ("building", "running")
    ]
    heads = tuple(context.title(s) for s in places)
    return Table(texts("care.once"), (texts("indicator"), *heads), rows)


def _head(context: Context, name: str) -> Cell:
    return Cell(context.texts(f"care.{name}"), (context.texts(f"care.{name}_note"),))


def _parts(context: Context, cost: str, scenario: int) -> str:
    values = (chosen(context, f"care_plan.funding.{level}_{cost}", scenario) for level in PARTS)
    return " / ".join(context.numbers.write(float(value), "probability") for value in values)
