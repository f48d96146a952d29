"""The table of the chapter on all funds, and its closing sentences, worked out from the results."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import xarray as xr

from actuarial.joint import TAIL
from actuarial.report._household_parts import fund_name, funds_of, ordinary, part_of
from actuarial.report.blocks import Cell, Context, Table
from actuarial.report.chapters import of_scenarios
from actuarial.report.numbers import DASH
from actuarial.report.summary import INTERVALS, MEDIAN, quantiles

SHOWN = (2030, 2035, 2050, 2075)
"""Years of the table."""

SPREAD, BAND = 80, 95
"""Per cent inside the intervals of the need, and of random pairings."""

SURE = (0.05, 0.95)
"""Below and above these probabilities a fund is short in nearly no future, or in nearly every one."""


def summary_table(context: Context, data: xr.Dataset) -> Table:
    """Return what the chapter says in numbers: for each scenario a group of rows, with a column a year.

    Parameters
    ----------
    context : Context
        Results, texts, numbers.
    data : xarray.Dataset
        The results' ``household``.

    Returns
    -------
    Table
    """
    years = context.within(SHOWN) or [context.results.manifest.last_year]
    rows: list[tuple[Cell, ...]] = []
    for s, one in of_scenarios(context, data):
        rows.append((Cell(context.title(s)),))
        noted = len(rows) == 1
        rows += [(head if noted else Cell(head.main), *cells) for head, cells in _rows(context, s, one, years)]
    return Table(context.texts("household.table"), (context.texts("indicator"), *map(str, years)), rows)


def _rows(context: Context, scenario: int, one: xr.Dataset, years: list[int]) -> Iterator[tuple[Cell, list[Cell]]]:
    at = one.sel(year=years)
    yield _head(context, "need", level=SPREAD), [_need(context, at["need_share"].sel(year=y)) for y in years]
    write = context.numbers.write
    risks = zip(at["need_share_at_risk"].values, at["chance_at_risk"].values, strict=True)
    cells = [Cell(write(float(v), "share"), (write(float(chance), "share"),)) for v, chance in risks]
    yield _head(context, "risk", level=round(100 * TAIL)), cells
    yield _head(context, "common"), [Cell(write(float(v), "probability")) for v in at["common_variance"].values]
    middle = part_of(ordinary(at["need_of_fund"]))
    for fund in funds_of(context.results, context.results.manifest.scenarios[scenario].name):
        pairs = zip(middle.sel(fund=fund).values, at["tail_part"].sel(fund=fund).values, strict=True)
        cells = [Cell(_part(context, m), (_part(context, t),)) for m, t in pairs]
        yield _head(context, "part", fund=fund_name(context, fund)), cells
    yield _head(context, "joint", level=BAND), [_joint(context, at.sel(year=y)) for y in years]
    ever = at["ever_probability"].values
    yield Cell(context.texts("household.row_ever")), [Cell(context.numbers.chance(float(v))) for v in ever]


def _head(context: Context, name: str, **words: object) -> Cell:
    told = {name: value for name, value in words.items() if name == "fund"}
    noted = {name: value for name, value in words.items() if name == "level"}
    title, note = context.texts(f"household.row_{name}", **told), context.texts(f"household.row_{name}_note", **noted)
    return Cell(title, (note,))


def _need(context: Context, values: xr.DataArray) -> Cell:
    q, write = quantiles(values), context.numbers
    low, high = (float(q[place]) for place in INTERVALS[SPREAD])
    return Cell(write.write(float(q[MEDIAN]), "share"), (write.interval(low, high, "share"),))


def _part(context: Context, share: float) -> str:
    return context.numbers.chance(float(share)) if np.isfinite(share) else DASH


def _joint(context: Context, at: xr.Dataset) -> Cell:
    return Cell(context.numbers.chance(float(at["joint_probability"])), (chance_interval(context, at),))


def chance_interval(context: Context, at: xr.Dataset) -> str:
    """Write the interval of random pairings in one year."""
    low, high = (context.numbers.chance(float(at[f"chance_{end}"])) for end in ("low", "high"))
    # An end that is below or above all that is written reads badly behind a dash.
    bare = low == high or not {low[0], high[0]} & {"<", ">"}
    return context.numbers.between(low, high) if bare else context.texts("interval", low=low, high=high)


def notes(context: Context, data: xr.Dataset) -> list[str]:
    """Return the sentences at the end: what is common, where joint shortages leave chance, what is not in the sum.

    Parameters
    ----------
    context : Context
        Results, texts, numbers.
    data : xarray.Dataset
        The results' ``household``.

    Returns
    -------
    list of str
    """
    made = [context.texts("household.note_common")]
    scenarios = list(of_scenarios(context, data))
    made += [_apart(context, s, one) for s, one in scenarios if bool((one["chance_probability"] > 0).any())]
    if any(_sure(one) for _, one in scenarios):
        made.append(context.texts("household.note_sure"))
    for names, lacking in _lacking(context, scenarios).items():
        told = {"scenarios": context.texts("answer.and").join(lacking), "funds": names}
        made.append(context.texts("household.note_without", **told))
    return [*made, context.texts("household.note_others")]


def _lacking(context: Context, scenarios: list[tuple[int, xr.Dataset]]) -> dict[str, list[str]]:
    """Return the titles of scenarios by the names of the funds that they lack."""
    made: dict[str, list[str]] = {}
    for s, one in scenarios:
        have = funds_of(context.results, context.results.manifest.scenarios[s].name)
        lacking = [fund_name(context, name) for name in one["fund"].values.tolist() if name not in have]
        if lacking:
            made.setdefault(context.texts("answer.and").join(lacking), []).append(context.title(s))
    return made


def _apart(context: Context, scenario: int, one: xr.Dataset) -> str:
    """Say how many years lie outside the band of random pairings, and which lies farthest from chance."""
    found = one["joint_probability"]
    above, below = (int(out.sum()) for out in (found > one["chance_high"], found < one["chance_low"]))
    year = int(one["year"].values[int(np.abs(one["common_part"].values).argmax())])
    at, years = one.sel(year=year), one.sizes["year"]
    return context.texts(
        "household.note_apart", scenario=context.title(scenario), year=year, years=years, above=above, below=below,
        expected=round((1 - BAND / 100) * years), joint=context.numbers.chance(float(at["joint_probability"])),
        chance=context.numbers.chance(float(at["chance_probability"])), interval=chance_interval(context, at),
    )  # fmt: skip


def _sure(one: xr.Dataset) -> bool:
    """Whether each fund is short in nearly every future, or in nearly none, at the end of the forecast."""
    last = one["short_probability"].isel(year=-1).values
    return bool(((last < SURE[0]) | (last > SURE[1])).all())
