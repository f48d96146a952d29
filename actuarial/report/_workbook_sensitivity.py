"""The sheets of sensitivity: one input at a time, sets of inputs, and all inputs at once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
import xarray as xr

from actuarial.report._sensitivity_words import input_name, output_name, unit_name
from actuarial.report._workbook_book import NUMBER, Book, Column, Scalar
from actuarial.report._workbook_words import axis_of, name_of, unit_of
from actuarial.report.blocks import Context


@dataclass(frozen=True)
class Plan:
    """One sheet: its key in the catalogue, the axes of its rows besides the output, the variables of its columns."""

    key: str
    rows: tuple[str, ...]
    columns: tuple[str, ...]


_THREE = ("", "_low", "_high")

PLANS = (
    Plan("tornado", ("input", "end"), tuple(f"{name}{end}" for name in ("value", "difference") for end in _THREE)),
    Plan("sets", ("set",), tuple(f"set_{name}{end}" for name in ("value", "difference") for end in _THREE)),
    Plan("screens", ("input",),
         ("mu", "mu_star", "mu_star_error", "sigma", "first", "first_error", "total", "total_error")),
)  # fmt: skip
"""In the order of the workbook."""


def sensitivity_sheets(book: Book) -> None:
    """Write the sheets, where the run has a sensitivity analysis.

    Parameters
    ----------
    book : Book
    """
    data = book.context.results.sensitivity
    if data is None:
        return
    for plan in PLANS:
        if np.isfinite(data[list(plan.columns)].to_array()).any():
            _sheet(book, plan, data)


def _sheet(book: Book, plan: Plan, data: xr.Dataset) -> None:
    context, texts = book.context, book.context.texts
    sheet = book.sheet(texts(f"workbook.sheet.{plan.key}"))
    sheet.title(texts(f"workbook.{plan.key}"), [_about(context, data)])
    columns = [Column(axis_of(context, "output"), 34), Column(texts("workbook.unit"), 22)]
    columns += [Column(axis_of(context, dim), 28) for dim in plan.rows]
    if plan.key == "tornado":
        columns.append(Column(texts("sensitivity.head_at"), 14, NUMBER))
        columns.append(Column(texts("sensitivity.head_unit"), 22))
    columns += [Column(name_of(context, name, "sensitivity"), 16, NUMBER) for name in plan.columns]
    sheet.table(columns, _rows(context, plan, data), frozen=2 + len(plan.rows))


def _about(context: Context, data: xr.Dataset) -> str:
    about, names = data.attrs, [one.name for one in context.results.manifest.scenarios]
    return context.texts(
        "sensitivity.line.asked",
        fund=context.texts.known(f"household.fund.{about['fund']}", str(about["fund"])),
        scenario=context.title(names.index(str(about["scenario"]))),
        year=int(about["by"]),
        draws=int(about["draws"]),
    )


def _rows(context: Context, plan: Plan, data: xr.Dataset) -> Iterator[list[Scalar]]:
    axes: list[Sequence[str]] = [[str(label) for label in data[dim].values] for dim in ("output", *plan.rows)]
    for output, *labels in product(*axes):
        at = data.sel({"output": output} | dict(zip(plan.rows, labels, strict=True)))
        values = [float(at[name]) for name in plan.columns]
        if np.isnan(values).all():
            continue
        words = [_label(context, dim, label) for dim, label in zip(plan.rows, labels, strict=True)]
        head: list[Scalar] = [output_name(context.texts, data, output)]
        head += [unit_of(context, str(at["unit"].item())).words, *words]
        if plan.key == "tornado":
            head += [float(at[labels[1]]), unit_name(context.texts, str(at["input_unit"].item()))]
        yield [*head, *values]


def _label(context: Context, dim: str, label: str) -> str:
    if dim == "input":
        return input_name(context.texts, label)
    return context.texts.known(f"sensitivity.{'set.' if dim == 'set' else ''}{label}", label)
