"""The sheets of the financing mix: who pays, scenarios against the baseline, measures, frontier, levers and shocks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

import numpy as np
import xarray as xr
from xlsxwriter.utility import xl_col_to_name

from actuarial.report._mix_frontier import constraint_name, lever_name
from actuarial.report._mix_stress import shock_name
from actuarial.report._mix_words import fund_name, has, title_of, word
from actuarial.report._mix_worth import titles
from actuarial.report._workbook_book import A3, MIXED, NUMBER, YEAR, Book, Column, Formula, Scalar
from actuarial.report._workbook_words import axis_of, headed, name_of, unit_of, unit_of_variable
from actuarial.report.blocks import Context

ENDS = {"difference_low": 0.1, "difference_high": 0.9}
"""Quantiles of the differences that stand in the sheet."""


@dataclass(frozen=True)
class Plan:
    """One sheet: its key in the catalogue, the file, the axes of its rows, and the variables of its columns."""

    key: str
    kind: str
    rows: tuple[str, ...]
    columns: tuple[str, ...]


PLANS = (
    Plan("paired", "paired", ("scenario", "quantity", "at"),
         ("mean_difference", *ENDS, "standard_error", "variance_ratio", "wins", "wins_low", "wins_high", "ties")),
    Plan("empty", "paired", ("scenario", "fund", "at"), ("empty_difference", "empty_error", "depletion_wins")),
    Plan("worth", "attribution", ("fund", "statistic", "measure"),
         ("shapley", "draw_error", "order_error", "alone", "marginal", "least", "largest")),
    Plan("frontier", "frontier", ("target",), ("feasible", "reached", "reached_error", "checked", "cost")),
    Plan("frontier_mix", "frontier", ("target", "lever"), ("mix", "low", "high")),
    Plan("frontier_prices", "frontier", ("target", "constraint"), ("binding", "shadow_price")),
    Plan("breakeven", "breakeven", ("lever",),
         ("value", "standard_error", "low", "high", "within", "monotone", "at_low", "at_high", "present")),
    Plan("stress", "stress", ("scenario", "fund", "at", "shock"), ("empty", "empty_error", "need")),
)  # fmt: skip
"""The sheets besides that of payers, in their order."""


def mix_sheets(book: Book) -> None:
    """Write a sheet for each part of the financing mix that the run has.

    Parameters
    ----------
    book : Book
    """
    if book.context.results.payers is not None:
        payers_sheet(book, book.context.results.payers)
    for plan in PLANS:
        data: xr.Dataset | None = getattr(book.context.results, plan.kind)
        if data is not None:
            _plan_sheet(book, plan, _split(data))


def payers_sheet(book: Book, data: xr.Dataset) -> None:
    """Write who pays: a row a scenario, fund and year, a column a payer, and their sum by formula.

    Parameters
    ----------
    book : Book
    data : xarray.Dataset
        The results' ``payers``; means of the draws.
    """
    context, texts = book.context, book.context.texts
    unit = unit_of(context, "yuan")
    sheet = book.sheet(texts("workbook.sheet.payers"), paper=A3)
    sheet.title(texts("workbook.payers", unit=unit.words), [texts("workbook.payers_note")])
    payers = [str(name) for name in data["payer"].values]
    heads = (texts("workbook.scenario"), axis_of(context, "fund"))
    columns = [*(Column(head, 22) for head in heads), Column(texts("year"), 8, YEAR)]
    columns += [Column(word(context, "payer", name), 13, unit.form) for name in payers]
    columns.append(Column(texts("mix.expenditure"), 14, unit.form))
    sheet.table(columns, _paid(context, data, sheet.next + 1, unit.factor), frozen=3)


def _paid(context: Context, data: xr.Dataset, first: int, factor: float) -> Iterator[list[Scalar]]:
    """Give the rows; `first` is the row of the first of them, as Excel counts."""
    left, right = xl_col_to_name(3), xl_col_to_name(2 + data.sizes["payer"])
    row = first
    for scenario, fund in product(data["scenario"].values.tolist(), data["fund"].values.tolist()):
        paid = data["paid_mean"].sel(scenario=scenario, fund=fund)
        if not has(paid):
            continue
        for year in paid["year"].values.tolist():
            values = (factor * paid.sel(year=year)).fillna(0.0).values.tolist()
            total = Formula(f"=SUM({left}{row}:{right}{row})", float(sum(values)))
            yield [title_of(context, scenario), fund_name(context, fund), int(year), *values, total]
            row += 1


def _split(data: xr.Dataset) -> xr.Dataset:
    """Give the quantiles of differences names of their own."""
    if "difference" not in data:
        return data
    made = {name: data["difference"].sel(quantile=q, method="nearest", drop=True) for name, q in ENDS.items()}
    return data.assign({name: values.assign_attrs(data["difference"].attrs) for name, values in made.items()})


def _plan_sheet(book: Book, plan: Plan, data: xr.Dataset) -> None:
    context, texts = book.context, book.context.texts
    names = [name for name in plan.columns if name in data]
    sheet = book.sheet(texts(f"workbook.sheet.{plan.key}"))
    sheet.title(
        texts(f"workbook.{plan.key}"), [_about(context, data)] if plan.kind in ("frontier", "breakeven") else []
    )
    heads = {dim: axis_of(context, dim) for dim in plan.rows} | {"scenario": texts("workbook.scenario")}
    columns = [Column(heads[dim], 14 if dim in ("at", "target") else 34, MIXED) for dim in plan.rows]
    if "quantity" in plan.rows:
        columns.append(Column(texts("workbook.unit"), 22))
    columns += [_column(context, plan, data[name]) for name in names]
    sheet.table(columns, _rows(context, plan, data, names), frozen=len(plan.rows))


def _about(context: Context, data: xr.Dataset) -> str:
    return context.texts(
        "workbook.mix_about", fund=fund_name(context, str(data.attrs["fund"])),
        scenario=title_of(context, str(data.attrs["scenario"])), year=int(data.attrs["by"]),
    )  # fmt: skip


def _column(context: Context, plan: Plan, values: xr.DataArray) -> Column:
    name = name_of(context, str(values.name), plan.kind)
    if "quantity" in plan.rows:
        # The unit differs by row and has a column of its own.
        return Column(name, 16, NUMBER)
    unit = unit_of_variable(context, values)
    return Column(headed(name, unit.words), 18, unit.form)


def _rows(context: Context, plan: Plan, data: xr.Dataset, names: list[str]) -> Iterator[list[Scalar]]:
    known = dict(zip(data["measure"].values, titles(context, data), strict=True)) if "measure" in plan.rows else {}
    for labels in product(*(data[dim].values.tolist() for dim in plan.rows)):
        at = dict(zip(plan.rows, labels, strict=True))
        values = [float(data[name].sel({d: x for d, x in at.items() if d in data[name].dims})) for name in names]
        if np.isnan(values).all():
            continue
        words = [known.get(x, _label(context, dim, x)) for dim, x in at.items()]
        if "quantity" in at:
            words.append(_unit(context, data, str(at["quantity"])))
        yield [*words, *values]


def _unit(context: Context, data: xr.Dataset, quantity: str) -> str:
    unit = str(data["unit"].sel(quantity=quantity).item()) if "unit" in data.coords else ""
    return unit_of(context, unit).words if unit else ""


def _label(context: Context, dim: str, label: object) -> str | float | int:
    """Return the words of a row's head; numbers stay numbers."""
    text = str(label)
    by_axis = {"scenario": title_of, "fund": fund_name, "shock": shock_name}
    by_axis |= {"lever": lever_name, "constraint": constraint_name}
    if dim in by_axis:
        return by_axis[dim](context, text)
    if dim in ("quantity", "statistic"):
        return word(context, dim, text)
    return label if isinstance(label, int | float) else text
