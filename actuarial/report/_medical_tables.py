"""The tables of the medical fund: its flows by kind, its indicators, and its long run."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import xarray as xr

from actuarial.report._founded import chance, spread
from actuarial.report._medical_groups import Group
from actuarial.report.blocks import Cell, Context, Table
from actuarial.report.money import money_unit
from actuarial.report.summary import real
from actuarial.report.tables import INDICATOR_YEARS

INCOME = ("contributions", "fiscal_transfer", "other_income", "equipment_grant", "land_withdrawal", "interest")
OUTGO = (
    *("inpatient_care", "outpatient_care", "chronic_care", "maternity", "critical_illness_premium"),
    *("second_compensation", "health_management", "equipment", "commercial_subsidy"),
)
EMPTY = ("emergency_transfer", "benefit_cut")
"""What happens beside income and expenditure where the fund is empty."""

FLOW_YEARS = (2026, 2030, 2035, 2050, 2075)

INDICATORS = {
    "insured_mid_year": "persons",
    "months_of_reserve": "years",
    "months_free": "years",
    "months_within": "probability",
    "income_rate": "share",
    "cost_rate": "share",
    "annual_balance": "share",
    "payable_share": "share",
    "fiscal_transfer_share": "small_share",
    "fiscal_need_share": "small_share",
    "member_share": "share",
    "actual_reimbursement": "share",
    "inpatient_reimbursement": "share",
    "inside_reimbursement": "share",
    "cost_to_income": "share",
    "out_of_pocket_to_income": "share",
    "catastrophic_before": "share",
    "catastrophic_after": "share",
}
"""Yearly indicators in the order of the table, and how each is written."""

LONG_RUN = ("general_average_premium", "actuarial_balance")


def flows(context: Context, group: Group) -> Table:
    """Return every flow of a group by kind at constant prices: median, with intervals.

    A flow that is nought in every draw and year has no row.
    """
    years = shown_years(context, FLOW_YEARS)
    parts = {
        "income": (INCOME, group.data["income"] + group.data["interest"]),
        "outgo": (OUTGO, group.data["expenditure"]),
        "empty": (EMPTY, None),
    }
    rows: list[tuple[Cell, ...]] = []
    for part, (names, total) in parts.items():
        found = [name for name in names if not absent(group, name)]
        if found:
            rows.append((Cell(context.texts(f"medical.flows.{part}")),))
        rows += [_money(context, context.texts(f"medical.flow.{n}"), group.data[n], years) for n in found]
        if total is not None:
            rows.append(_money(context, context.texts("medical.flows.total"), total, years))
    caption = group.named(context.texts("medical.flows.caption", unit=money_unit(context)))
    return Table(caption, (context.texts("medical.flows.head"), *map(str, years)), rows)


def shown_years(context: Context, wanted: Sequence[int]) -> list[int]:
    """Return those of `wanted` that the forecast covers; its last year where it covers none."""
    return context.within(wanted) or [context.results.manifest.last_year]


def absent(group: Group, name: str) -> bool:
    """Whether a flow is nought in every draw and year, or unknown to the run that was saved."""
    return name not in group.data or not group.data[name].values.any()


def _money(context: Context, name: str, values: xr.DataArray, years: Sequence[int]) -> tuple[Cell, ...]:
    constant = real(values.sel(year=list(years)), context.results.projection["price_index"])
    return (Cell(name), *cells_of(context, constant, "money"))


def cells_of(context: Context, values: xr.DataArray, kind: str) -> Iterator[Cell]:
    """Return a cell for each year of `values`; the share of draws where they are 0 or 1 (``probability``)."""
    write = (lambda at: chance(context, at)) if kind == "probability" else (lambda at: spread(context, at, kind))
    return (write(values.isel(year=place)) for place in range(values.sizes["year"]))


def indicators(context: Context, group: Group) -> Table:
    """Return the yearly indicators of a group: median and intervals; shares of draws where one is 0 or 1."""
    years = shown_years(context, INDICATOR_YEARS)
    rows = []
    for name, kind in INDICATORS.items():
        cells = cells_of(context, group.data[name].sel(year=years), kind)
        note = context.texts(f"medical.indicator.{name}_note", unit=context.unit("persons"))
        rows.append((Cell(context.texts(f"medical.indicator.{name}"), (note,)), *cells))
    caption = group.named(context.texts("medical.indicators.caption"))
    return Table(caption, (context.texts("indicator"), *map(str, years)), rows)


def long_run(context: Context, found: Sequence[Group]) -> Table:
    """Return when the fund runs out, its average premium and its actuarial balance, a column a group."""
    texts = context.texts
    years = [group.data["fund_depletion_year"] for group in found]
    rows: list[tuple[Cell, ...]] = [
        (Cell(texts("medical.runs_out")), *(chance(context, year.notnull()) for year in years)),
        (Cell(texts("medical.median_year")), *(spread(context, year, "year") for year in years)),
    ]
    for name in LONG_RUN:
        rows.append((Cell(texts(f"medical.{name}"), (texts(f"medical.{name}_note"),)),))
        for horizon in found[0].data["horizon"].values.tolist():
            parts = [group.data[name].sel(horizon=horizon) for group in found]
            if all(part.notnull().all() for part in parts):
                cells = (spread(context, part, "share") for part in parts)
                rows.append((Cell(texts("balance.horizon", years=horizon)), *cells))
    head = (texts("indicator"), *(group.title for group in found))
    return Table(texts("medical.long_run.caption"), head, rows)
