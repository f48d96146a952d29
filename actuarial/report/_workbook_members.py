"""The sheets of the pension's members: paid years, contributions and tiers by year, and accounts by age."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import xarray as xr

from actuarial.report._workbook_book import A3, YEAR, Book, Column, Formula, Scalar
from actuarial.report._workbook_funds import titles_of
from actuarial.report._workbook_words import Unit, headed, label_of, name_of, unit_of_variable
from actuarial.report.blocks import Context
from actuarial.report.tidy import STATISTICS, average, reduced

PER_HEAD = ("paid_years", "required_years", "regular_contribution", "match_per_head")

SHOWN = ("mean", "q50", "q10", "q90")
"""The statistics of every measure, in the order of the columns."""

GROUP = 5
"""Ages of a group of accounts."""


def members_sheet(book: Book) -> None:
    """Write paid years, contribution and match per head, and tiers, by scenario and year."""
    context, texts, data = book.context, book.context.texts, members(book.context)
    sheet = book.sheet(texts("workbook.sheet.members"), paper=A3, pages=2)
    sheet.title(texts("workbook.members"), [texts("workbook.members_note")])
    names = [name for name in PER_HEAD if name in data]
    columns = [Column(texts("workbook.scenario"), 26), Column(texts("year"), 8, YEAR)]
    columns += [column for name in names for column in _columns(context, data[name])]
    unit, group = unit_of_variable(context, data["tier_share"]), name_of(context, "tier_share")
    columns += [Column(f"{tier:g}", 9, unit.form, headed(group, unit.words)) for tier in data["tier"].values.tolist()]
    parts = [_stats(data[name], unit_of_variable(context, data[name])) for name in names]
    tiers = average(data["tier_share"]).transpose("scenario", "year", "tier").values * unit.factor
    sheet.table(columns, _by_year(context, data, np.concatenate([*parts, tiers], axis=-1)), frozen=2)


def members(context: Context) -> xr.Dataset:
    """Return the members of a run; an older one saved none."""
    data = context.results.members
    if data is None:
        raise ValueError("this run has saved no members: run `granary forecast` again")
    return data


def _columns(context: Context, values: xr.DataArray) -> list[Column]:
    unit = unit_of_variable(context, values)
    heads = _heads(context) if "draw" in values.dims else [context.texts("workbook.set")]
    return [Column(head, 11, unit.form, headed(name_of(context, str(values.name)), unit.words)) for head in heads]


def _heads(context: Context) -> list[str]:
    texts = context.texts
    return [texts("workbook.mean"), texts("median"), *(texts("workbook.quantile", level=n) for n in ("10", "90"))]


def _stats(values: xr.DataArray, unit: Unit) -> np.ndarray:
    """Return the shown statistics, shape (scenario, year, statistic); one alone where there are no draws."""
    names = list(SHOWN) if "draw" in values.dims else ["mean"]
    found = reduced(values).sel(statistic=names).transpose("scenario", "year", "statistic")
    return np.asarray(found.values * unit.factor)


def _by_year(context: Context, data: xr.Dataset, cells: np.ndarray) -> Iterator[list[Scalar]]:
    titles = titles_of(context)
    for s, name in enumerate(data["scenario"].values.tolist()):
        for y, year in enumerate(data["year"].values.tolist()):
            yield [titles[name], year, *cells[s, y].tolist()]


def accounts_sheet(book: Book) -> None:
    """Write what is owed to members at some dates, by sex and age group; both sexes together are a formula."""
    context, texts = book.context, book.context.texts
    owed = members(context)["accounts_by_age"]
    unit = unit_of_variable(context, owed)
    sheet = book.sheet(texts("workbook.sheet.accounts"))
    sheet.title(texts("workbook.accounts", unit=unit.words), [texts("workbook.accounts_note")])
    heads = [str(label_of(context, sex)).capitalize() for sex in owed["sex"].values.tolist()]
    heads.append(texts("workbook.both"))
    columns = [
        Column(texts("workbook.scenario"), 26),
        Column(texts("workbook.at"), 12, YEAR),
        Column(texts("age"), 10),
        *(Column(head, 13, unit.form, texts("workbook.mean")) for head in heads),
        *(Column(head, 13, unit.form, texts("workbook.both")) for head in _heads(context)[1:]),
    ]
    sheet.table(columns, _by_age(context, owed, sheet.next + 2), frozen=3)


def _by_age(context: Context, owed: xr.DataArray, first: int) -> Iterator[list[Scalar]]:
    """Give a row for every scenario, date and age group in which somebody has an account."""
    factor, titles = unit_of_variable(context, owed).factor, titles_of(context)
    grouped = _grouped(owed)
    means = average(grouped).transpose("scenario", "at", "age", "sex").values * factor
    both = reduced(grouped.sum("sex")).transpose("scenario", "at", "age", "statistic").values * factor
    spread = both[..., [STATISTICS.index(name) for name in SHOWN[1:]]]
    row = first
    for s, a, g in np.ndindex(*means.shape[:3]):
        if not means[s, a, g].any():
            continue
        name, at, age = (grouped[dim].values.tolist()[p] for dim, p in (("scenario", s), ("at", a), ("age", g)))
        total = Formula(f"=SUM(D{row}:E{row})", float(means[s, a, g].sum()))
        yield [titles[name], at, _ages(age, int(owed["age"].max())), *means[s, a, g].tolist(), total, *spread[s, a, g]]
        row += 1


def _grouped(owed: xr.DataArray) -> xr.DataArray:
    """Sum accounts by groups of ages."""
    ages = owed["age"].values
    starts = np.flatnonzero(ages % GROUP == 0)
    axis = owed.get_axis_num("age")
    summed = np.add.reduceat(owed.values, starts, axis=axis, dtype=float)
    coords = {name: owed[name].values for name in owed.dims if name != "age"}
    return xr.DataArray(summed, coords | {"age": ages[starts]}, owed.dims)


def _ages(first: int, last: int) -> str:
    """Return a group's ages; the last has no end."""
    return f"{first}+" if first + GROUP > last else f"{first}\N{EN DASH}{first + GROUP - 1}"
