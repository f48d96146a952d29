"""What makes care dearer: use, cost and ages of those insured, as factors of the cost of stays."""

from __future__ import annotations

from collections.abc import Sequence

import xarray as xr

from actuarial.report._founded import with_kinds
from actuarial.report._medical_groups import Group
from actuarial.report._medical_tables import cells_of, shown_years
from actuarial.report.blocks import Cell, Context, Table
from actuarial.report.numbers import Kind
from actuarial.report.summary import base_year, real

YEARS = (2026, 2035, 2050, 2075)

LEVELS = {
    "inpatient_level": "per_hundred",
    "inpatient_cost": "yuan",
    "outpatient_level": "number",
    "outpatient_cost": "yuan",
    "chronic_outpatient": "yuan",
}
"""Use and cost a head of the projection, and how each is written."""

YUAN = {"yuan": Kind(1.0, 1.0, 0)}
"""Money a head is written in whole yuan."""


def trend(context: Context, group: Group) -> list[Table]:
    """Return use and cost a head, and the factors of the cost of stays; nothing where the projection lacks them.

    Parameters
    ----------
    context : Context
    group : Group
        Whose people insured and cost of stays are shown.

    Returns
    -------
    list of Table
        One or none.
    """
    world, years = context.results.projection, shown_years(context, YEARS)
    if not set(LEVELS) <= set(world):
        return []
    levels = constant(context, years)
    insured = group.data["insured_mid_year"].sel(year=years)
    rows = [
        (Cell(context.texts("medical.insured"), (context.unit("persons"),)), *cells_of(context, insured, "persons"))
    ]
    rows += [_row(context, name, levels[name], kind) for name, kind in LEVELS.items()]
    rows.append((Cell(context.texts("medical.trend.factors", year=years[0])),))
    rows += [_factor(context, name, values) for name, values in factors(context, group, years).items()]
    prices = base_year(world["price_index"])
    caption = group.named(context.texts("medical.trend.caption", prices=prices, now=context.now))
    return [Table(caption, (context.texts("series"), *map(str, years)), rows)]


def constant(context: Context, years: Sequence[int]) -> xr.Dataset:
    """Return use and cost a head in some years, yuan at constant prices."""
    world = context.results.projection
    at = world[list(LEVELS)].sel(year=list(years))
    return at.assign({name: real(at[name], world["price_index"]) for name, kind in LEVELS.items() if kind == "yuan"})


def factors(context: Context, group: Group, years: Sequence[int]) -> dict[str, xr.DataArray]:
    """Return what the cost of stays at constant prices is multiplied by since the first of `years`.

    Parameters
    ----------
    context : Context
    group : Group
    years : sequence of int
        Forecast years.

    Returns
    -------
    dict of str to xarray.DataArray
        People insured, stays a person and cost a stay at unchanged ages, and what is left when these are divided out
        of the whole: the ages of those insured, and rules that change use. Their product is ``whole``, draw by draw.
    """
    levels = constant(context, years)
    at = group.data[["insured_mid_year", "inpatient_cost_total"]].sel(year=list(years))
    whole = real(at["inpatient_cost_total"], context.results.projection["price_index"])
    parts = {
        "members": at["insured_mid_year"],
        "use": levels["inpatient_level"],
        "cost": levels["inpatient_cost"],
    }
    parts["ages"] = whole / (parts["members"] * parts["use"] * parts["cost"])
    parts["whole"] = whole
    return {name: values / values.isel(year=0, drop=True) for name, values in parts.items()}


def _factor(context: Context, name: str, values: xr.DataArray) -> tuple[Cell, ...]:
    first = Cell(context.numbers.write(1.0, "number"))
    rest = cells_of(context, values.isel(year=slice(1, None)), "number")
    return (Cell(context.texts(f"medical.trend.{name}")), first, *rest)


def _row(context: Context, name: str, values: xr.DataArray, kind: str) -> tuple[Cell, ...]:
    head = Cell(context.texts(f"medical.trend.{name}"), (context.texts(f"medical.trend.{name}_unit"),))
    return (head, *cells_of(with_kinds(context, YUAN), values, kind))
