"""What the chapters on founded funds share: who founds them, their finer units, and their tables by year."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import xarray as xr

from actuarial.report import figures
from actuarial.report._errors import ReportError
from actuarial.report.blocks import (
    Block,
    Cell,
    Context,
    Panel,
    Table,
    fan_block,
    fan_legend,
    fan_panel,
    plain,
)
from actuarial.report.chapters import of_scenarios
from actuarial.report.figures import Axes, Line
from actuarial.report.money import money_unit, real_fan
from actuarial.report.numbers import DASH, Kind, Numbers
from actuarial.report.scales import padded, reach
from actuarial.report.summary import INTERVALS, MEDIAN, probability, quantiles, real

LISTED = (2030, 2035, 2050, 2075, 2100)
"""Years of a chapter's table and of the rows behind its lines."""

COMPARED_IN = 2050
"""The year that a chapter's lead speaks of."""

FIRST = 80
"""The interval that a table shows at once."""


@dataclass(frozen=True)
class Row:
    """A row of a table by year.

    Attributes
    ----------
    key : str
        Key of its words; ``<key>_note`` is the line below them.
    values : xarray.DataArray
        Over (draw?, year): SI values, or 0 and 1 where `kind` is ``probability``.
    kind : str
        A key of the kinds of the context's numbers; ``money`` is nominal yuan and is shown at constant prices.
    """

    key: str
    values: xr.DataArray
    kind: str


def with_kinds(context: Context, kinds: dict[str, Kind]) -> Context:
    """Return a context that can write further kinds of numbers.

    Parameters
    ----------
    context : Context
    kinds : dict of str to Kind
        By name, beside or in place of those that it has.

    Returns
    -------
    Context
    """
    numbers = Numbers(context.texts, context.numbers.last_year)
    numbers.scale = replace(context.numbers.scale, kinds=context.numbers.scale.kinds | kinds)
    return replace(context, numbers=numbers)


def finer(context: Context, name: str) -> Kind:
    """Return how small amounts of a kind are written: with a decimal in English, whose units are the larger ones."""
    kind = context.numbers.kind(name)
    return replace(kind, decimals=max(kind.decimals, 1)) if context.texts.language == "en" else kind


def alive(one: xr.Dataset, name: str) -> xr.Dataset:
    """Leave out the years before the fund of a scenario starts, which a run with several scenarios may hold."""
    there = one[name].notnull()
    return one.sel(year=there.any("draw") if "draw" in there.dims else there)


def chosen(context: Context, key: str, scenario: int) -> Any:
    """Return the value of an assumption in a scenario.

    Parameters
    ----------
    context : Context
    key : str
        Of the record, ``unemployment.emergency.threshold`` for example.
    scenario : int
        Its place in the run.

    Returns
    -------
    object
        As it was read.

    Raises
    ------
    ReportError
        If the records have no such assumption.
    """
    found = next((one for one in context.results.assumptions if one.key == key), None)
    if found is None:
        raise ReportError([f"assumptions.json lacks {key}: run `granary forecast` again"])
    return found.scenarios.get(context.results.manifest.scenarios[scenario].name, found.value)


def founded(context: Context, data: xr.Dataset, name: str) -> str:
    """Say that today's law has no such fund, and which scenarios found it from which year."""
    parts = [
        context.texts("founded.part", scenario=context.title(s), year=int(alive(one, name)["year"][0]))
        for s, one in of_scenarios(context, data)
    ]
    return context.texts("founded.lead", parts=context.texts("answer.comma").join(parts))


def joined(context: Context, sentences: Iterable[str]) -> str:
    """Put sentences one after the other; Chinese has no space between them."""
    return ("" if context.texts.language == "zh" else " ").join(sentences)


def shown_years(context: Context, one: xr.Dataset, wanted: Sequence[int] = LISTED) -> list[int]:
    """Return those of `wanted` that the fund has; its last year where it has none."""
    there = set(one["year"].values.tolist())
    return [year for year in wanted if year in there] or [int(one["year"][-1])]


def compared(context: Context, one: xr.Dataset) -> int:
    """Return `COMPARED_IN`, or the year of the fund that is nearest to it."""
    return min(one["year"].values.tolist(), key=lambda year: abs(year - COMPARED_IN))


def spread(context: Context, values: xr.DataArray, kind: str) -> Cell:
    """Return a cell with the median and the 80 % interval, and all three intervals on demand.

    Parameters
    ----------
    context : Context
    values : xarray.DataArray
        Over (draw?): SI values; NaN is "not within the horizon".
    kind : str
        Of the context's numbers, or ``year``.

    Returns
    -------
    Cell
    """
    q = quantiles(values)
    numbers = context.numbers
    ends = [numbers.year(float(v)) if kind == "year" else numbers.write(float(v), kind) for v in q]
    spreads = {level: numbers.between(ends[low], ends[high]) for level, (low, high) in INTERVALS.items()}
    if all(one == ends[MEDIAN] for one in spreads.values()):
        return Cell(ends[MEDIAN])
    extra = tuple(context.texts("spread", level=level, interval=spreads[level]) for level in INTERVALS)
    return Cell(ends[MEDIAN], () if spreads[FIRST] == ends[MEDIAN] else (spreads[FIRST],), extra=extra)


def chance(context: Context, happens: xr.DataArray) -> Cell:
    """Return a cell with the probability of what happens (1) or not (0), over (draw?)."""
    share = float(probability(happens))
    return Cell(context.numbers.chance(share), bar=share)


def yearly(context: Context, caption: str, years: Sequence[int], groups: dict[str, Iterable[Row]]) -> Table:
    """Return a table with a column a year.

    Parameters
    ----------
    context : Context
    caption : str
        Words above it.
    years : sequence of int
        Columns.
    groups : dict of str to iterable of Row
        Rows under the words of their group.

    Returns
    -------
    Table
    """
    rows: list[tuple[Cell, ...]] = []
    for words, members in groups.items():
        rows.append((Cell(words),))
        for row in members:
            head = Cell(context.texts(row.key), (context.texts(f"{row.key}_note"),))
            rows.append((head, *(_cell(context, row, year) for year in years)))
    return Table(caption, (context.texts("indicator"), *map(str, years)), rows)


def _cell(context: Context, row: Row, year: int) -> Cell:
    at = row.values.sel(year=[year])
    if row.kind == "probability":
        return chance(context, at.isel(year=0))
    if row.kind.endswith("money"):
        at = real(at, context.results.projection["price_index"])
    return spread(context, at.isel(year=0), row.kind)


def money_panel(
    context: Context,
    panel_id: str,
    words: str,
    values: xr.DataArray,
    *,
    color: str,
    kind: str = "money",
    late: bool = False,
) -> Panel:
    """Return the fan of nominal yuan at constant prices, on a scale of its own.

    Parameters
    ----------
    context : Context
    panel_id, words : str
        Fixed id and title.
    values : xarray.DataArray, dims (draw?, year)
        Nominal yuan.
    color, kind : str
        Of the fan; of its numbers.
    late : bool
        Whether the money only flows in late years: the scale then holds all of the fan, not first the years to
        `actuarial.report.scales.LEGIBLE`.

    Returns
    -------
    Panel
    """
    one = real_fan(context, values)
    span = None if late else padded(*reach([one]))
    return fan_panel(context, panel_id, (words, money_unit(context)), one, kind, color=color, span=span)


def chances_panel(
    context: Context, panel_id: str, words: str, events: dict[str, xr.DataArray], *, color: str, symbols: Sequence[str]
) -> Panel:
    """Return lines of probabilities by year.

    Parameters
    ----------
    context : Context
    panel_id, words : str
        Fixed id and title.
    events : dict of str to xarray.DataArray
        By the words of each line: 0 or 1 over (draw?, year).
    color : str
        Of all lines.
    symbols : sequence of str
        Marker symbol of each line, so that their order is not the only sign.

    Returns
    -------
    Panel
        Its rows have no intervals: a probability has none.
    """
    made = {name: probability(event) for name, event in events.items()}
    lines, rows, told = [], [], []
    for (name, share), symbol in zip(made.items(), symbols, strict=True):
        years = share["year"].values
        lines.append(Line(plain(name), years, 100.0 * share.values, color, "solid", symbol))
        cells = {int(y): context.numbers.chance(float(share.sel(year=y))) for y in (*LISTED, years[-1]) if y in years}
        rows += [tuple(map(Cell, (name, str(y), text, DASH, DASH, DASH))) for y, text in cells.items()]
        told.append(f"{name} {cells[int(years[-1])]}")
    first, last = (int(next(iter(made.values()))["year"][end]) for end in (0, -1))
    figure = figures.line_figure(lines, Axes(-3.0, 103.0, "%", 0, years=(first, last)))
    parts = context.texts("answer.comma").join(told)
    alt = context.texts("founded.alt", title=words, first=first, last=last, parts=parts)
    return Panel(panel_id, words, context.texts("depletion.unit"), alt, figure, rows)


def fans_of(context: Context, name: str, panels: list[Panel], scenario: int, *, lead: bool, **words: Any) -> Block:
    """Return a block of one scenario, ``<name>.title`` and ``<name>.lead``; the lead stands in the first alone."""
    told = {"scenario": context.title(scenario)} | words
    legend = fan_legend(context, context.color(scenario))
    block = fan_block(context, f"{name}-{scenario}", panels, legend, **told)
    return block if lead else replace(block, lead="")
