"""The sheets of people and of the paths that drive the money: mean, median and 80 % interval by year."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import xarray as xr
from xlsxwriter.utility import xl_col_to_name

from actuarial.report._workbook_book import A3, YEAR, Book, Column, Formula, Scalar
from actuarial.report._workbook_words import Unit, headed, label_of, name_of, unit_of, unit_of_variable
from actuarial.report.blocks import Context
from actuarial.report.tidy import reduced

SHOWN = ("mean", "q50", "q10", "q90")
"""The statistics of every measure, in the order of the columns."""

PLACES = ("rural", "urban", "national")

AGES = {"0_14": (0, 15), "15_59": (15, 60), "60": (60, 200), "65": (65, 200)}
"""Age groups of the sheet: from, and up to but without."""

WHOLE = ("0_14", "15_59", "60")
"""The groups that make up everybody."""

RATIOS = ("youth_ratio", "old_age_ratio_60", "old_age_ratio_65", "total_ratio")

MEMBERS = ("contributors_total", "pensioners_total", "system_ratio")

ELSEWHERE = (*RATIOS, *MEMBERS, "population_5y")


@dataclass(frozen=True)
class Measure:
    """Something measured by year, with one set of statistics a place."""

    head: str
    unit: Unit
    values: dict[str, np.ndarray]
    key: str = ""


def population_sheet(book: Book) -> None:
    """Write people by age group, dependency ratios and members of the scheme, by place and year."""
    context, texts = book.context, book.context.texts
    sheet = book.sheet(texts("workbook.sheet.population"), paper=A3, pages=2)
    sheet.title(texts("workbook.population"), [texts("workbook.population_note")])
    measures = [*_groups(context), *_ratios(context), *_members(context)]
    columns = [Column(texts("workbook.place"), 12), Column(texts("year"), 8, YEAR), *_columns(context, measures)]
    sheet.table(columns, _rows(context, measures, sheet.next + 2), frozen=2)


def _stats(values: xr.DataArray, factor: float) -> np.ndarray:
    """Return the shown statistics of a path, shape (4, years)."""
    return np.asarray(reduced(values).sel(statistic=list(SHOWN)).values * factor)


def _groups(context: Context) -> Iterator[Measure]:
    people, unit = context.results.projection["population_5y"], unit_of(context, "persons")
    by_age = people.sum("sex", dtype=float)
    for group, (first, end) in {"all": (0, 200), **AGES}.items():
        within = by_age.sel(age=(by_age["age"] >= first) & (by_age["age"] < end)).sum("age")
        where = {str(area): within.sel(area=area) for area in within["area"].values}
        where["national"] = within.sum("area")
        values = {place: _stats(one, unit.factor) for place, one in where.items()}
        yield Measure(context.texts(f"workbook.people.{group}"), unit, values, group)


def _ratios(context: Context) -> Iterator[Measure]:
    data = context.results.projection
    for name in (name for name in RATIOS if name in data):
        unit = unit_of_variable(context, data[name])
        values = {str(p): _stats(data[name].sel(place=p), unit.factor) for p in data["place"].values}
        yield Measure(name_of(context, name), unit, values)


def _members(context: Context) -> Iterator[Measure]:
    data = context.results.projection
    for name in MEMBERS:
        unit = unit_of_variable(context, data[name])
        yield Measure(name_of(context, name), unit, {"national": _stats(data[name], unit.factor)})


def _columns(context: Context, measures: Sequence[Measure]) -> list[Column]:
    texts = context.texts
    heads = [texts("workbook.mean"), texts("median"), *(texts("workbook.quantile", level=n) for n in ("10", "90"))]
    return [Column(head, 11, m.unit.form, headed(m.head, m.unit.words)) for m in measures for head in heads]


def _rows(context: Context, measures: Sequence[Measure], first: int) -> Iterator[list[Scalar]]:
    """Give a row for every place and year; the mean of all people is a formula of the means of the groups."""
    years, row = context.results.projection["year"].values, first
    parts = [place for place, measure in enumerate(measures) if measure.key in WHOLE]
    for place in PLACES:
        for at, year in enumerate(years):
            cells: list[Scalar] = [_place(context, place), int(year)]
            for measure in measures:
                known = measure.values.get(place)
                found: list[Scalar] = [None] * len(SHOWN) if known is None else [float(value) for value in known[:, at]]
                if measure.key == "all":
                    total = "=" + "+".join(f"{_letter(part)}{row}" for part in parts)
                    found[0] = Formula(total, float(measure.values[place][0, at]))
                cells += found
            yield cells
            row += 1


def _place(context: Context, place: str) -> str:
    """Return the words of a place; all of it is the nation, or the region that is valued."""
    return context.place(place) if place == "national" else str(label_of(context, place)).capitalize()


def _letter(measure: int) -> str:
    return str(xl_col_to_name(2 + measure * len(SHOWN)))


def paths_sheet(book: Book) -> None:
    """Write every other yearly path of the projection: births and deaths, rates, incomes, prices, returns."""
    context, texts = book.context, book.context.texts
    data = context.results.projection
    sheet = book.sheet(texts("workbook.sheet.paths"), paper=A3, pages=3)
    sheet.title(texts("workbook.paths"), [texts("workbook.paths_note")])
    years = data["year"].values
    measures = [measure for name in data.data_vars if name not in ELSEWHERE for measure in _paths(context, data[name])]
    columns = [Column(texts("year"), 8, YEAR), *_columns(context, measures)]
    rows = (
        [int(year), *(float(v) for m in measures for v in m.values["national"][:, at])] for at, year in enumerate(years)
    )
    sheet.table(columns, rows)


def _paths(context: Context, values: xr.DataArray) -> Iterator[Measure]:
    """Give one measure for every label of the axes that a path has besides draw and year; months by their mean."""
    if "year" not in values.dims:
        return
    others = [dim for dim in values.dims if dim not in ("draw", "year")]
    unit, name = unit_of_variable(context, values), name_of(context, str(values.name))
    if "month" in others:
        # The months themselves stand in the long table: twelve times as many columns would hide the rest.
        values, name = values.mean("month", skipna=False), context.texts("workbook.months", name=name)
        others.remove("month")
    stacked = values.stack(label=others) if others else values.expand_dims("label")
    for place in range(stacked.sizes["label"]):
        one = stacked.isel(label=place, drop=True)
        labels = np.atleast_1d(stacked["label"].values[place]) if others else ()
        words = [str(label_of(context, str(label))) for part in labels for label in np.atleast_1d(part)]
        head = context.texts("workbook.comma").join([name, *words])
        yield Measure(head, unit, {"national": _stats(one, unit.factor)})
