"""The report's chapter on all funds together: what they need of budgets, and how often several are short at once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import xarray as xr

from actuarial.joint import TAIL
from actuarial.report import figures
from actuarial.report._household_figures import FUND_COLORS, banded, grey, stacked
from actuarial.report._household_parts import MIDDLE, fund_name, funds_of, ordinary, part_of
from actuarial.report._household_table import notes, summary_table
from actuarial.report.blocks import (
    Block,
    Cell,
    Context,
    Key,
    Panel,
    Table,
    cited,
    fan_head,
    fan_legend,
    fan_panel,
    fan_rows,
)
from actuarial.report.chapters import Chapter, of_scenarios
from actuarial.report.figures import Axes, Line
from actuarial.report.numbers import DASH
from actuarial.report.scales import padded, reach
from actuarial.report.summary import fan

LISTED = (2030, 2035, 2040, 2050, 2060, 2075, 2100)
"""Years of the tables behind the charts of lines."""

BAND = 95
"""Per cent of random pairings between ``chance_low`` and ``chance_high``."""


def chapter(context: Context) -> Chapter | None:
    """Return the chapter, or None where the run valued the pension alone.

    Parameters
    ----------
    context : Context
        Results, texts, numbers.

    Returns
    -------
    Chapter or None
    """
    data = context.results.household
    if data is None:
        return None
    blocks = [need(context, data), funds(context, data), risk(context, data), joint(context, data)]
    words = context.texts("household.title"), context.texts("household.lead")
    return Chapter("household", *words, blocks, [summary_table(context, data)], notes(context, data))


def need(context: Context, data: xr.Dataset) -> Block:
    """Return the fans of the need of all funds over budget revenue, on one scale."""
    fans = {s: fan(one["need_share"]) for s, one in of_scenarios(context, data)}
    span = padded(*reach(list(fans.values())))
    panels = [
        fan_panel(
            context,
            f"household-need-{s}",
            (context.title(s), context.texts("burden.unit")),
            one,
            "share",
            color=context.color(s),
            span=span,
        )
        for s, one in fans.items()
    ]
    rows = [row for panel in panels for row in panel.rows]
    block = _block(context, "need", panels, fan_legend(context, figures.MUTED), (fan_head(context), rows))
    return replace(block, sources=cited(context, ["budget_revenue"]))


def funds(context: Context, data: xr.Dataset) -> Block:
    """Return the need of an ordinary future, fund on fund; the numbers behind it hold the interval of each fund."""
    parts = {s: ordinary(one["need_of_fund"]) for s, one in of_scenarios(context, data)}
    top = max(float(one.sum("fund").max()) for one in parts.values())
    low, high = (end * context.numbers.factor("share") for end in padded(0.0, top))
    there = [name for name in data["fund"].values.tolist() if any(name in have for have in _have(context, data))]
    panels = [_fund_panel(context, s, one, (max(low, 0.0), high)) for s, one in parts.items()]
    legend = [Key("band", fund_name(context, name), FUND_COLORS[name]) for name in there]
    head = (*fan_head(context), context.texts("household.middle"), context.texts("household.tail"))
    rows = [row for s, one in of_scenarios(context, data) for row in _fund_rows(context, s, one)]
    levels = {"low": round(100 * MIDDLE[0]), "high": round(100 * MIDDLE[1])}
    return _block(context, "funds", panels, legend, (head, rows), **levels)


def _have(context: Context, data: xr.Dataset) -> Iterator[list[str]]:
    return (funds_of(context.results, name) for name in data["scenario"].values.tolist())


def _name(context: Context, scenario: int) -> str:
    return context.results.manifest.scenarios[scenario].name


def _fund_panel(context: Context, scenario: int, needs: xr.DataArray, span: tuple[float, float]) -> Panel:
    have = funds_of(context.results, _name(context, scenario))
    kind, years = context.numbers.kind("share"), needs["year"].values
    axes = Axes(*span, kind.suffix, kind.decimals, years=(int(years[0]), int(years[-1])))
    names = [fund_name(context, name) for name in have]
    values = needs.sel(fund=have).values * context.numbers.factor("share")
    figure = stacked(names, values, [FUND_COLORS[name] for name in have], years, axes)
    last = {fund_name(context, name): float(needs.sel(fund=name)[-1]) for name in have}
    told = {name: context.numbers.write(value, "share") for name, value in last.items()}
    alt = _alt(context, "funds", scenario, int(years[-1]), told)
    panel = f"household-funds-{scenario}"
    return Panel(panel, context.title(scenario), context.texts("burden.unit"), alt, figure, [])


def _alt(context: Context, key: str, scenario: int, year: int, told: dict[str, str]) -> str:
    parts = (context.texts("household.of", name=name, value=value) for name, value in told.items())
    words = context.texts("answer.comma").join(parts)
    return context.texts(f"household.alt_{key}", title=context.title(scenario), year=year, parts=words)


def _fund_rows(context: Context, scenario: int, one: xr.Dataset) -> Iterator[tuple[Cell, ...]]:
    """Give the rows of a fan for each fund, with its part in an ordinary future and beyond the value at risk."""
    middle, tail = part_of(ordinary(one["need_of_fund"])), one["tail_part"]
    for name in funds_of(context.results, _name(context, scenario)):
        title = context.texts("household.series", scenario=context.title(scenario), name=fund_name(context, name))
        for row in fan_rows(context, title, fan(one["need_of_fund"].sel(fund=name)), "share"):
            at = {"fund": name, "year": int(row[1].main)}
            parts = (context.numbers.write(float(part.sel(at)), "share") for part in (middle, tail))
            yield (*row, *(Cell(part) for part in parts))


def risk(context: Context, data: xr.Dataset) -> Block:
    """Return the value at risk of the sum, beside what it were if the funds had nothing in common."""
    names = {"need_share_at_risk": "household.at_risk", "chance_at_risk": "household.at_risk_chance"}
    words = {name: context.texts(key, level=round(100 * TAIL)) for name, key in names.items()}
    factor, kind = context.numbers.factor("share"), context.numbers.kind("share")
    high = padded(0.0, factor * float(data[list(names)].to_array().max()))
    panels = []
    rows: list[tuple[Cell, ...]] = []
    for s, one in of_scenarios(context, data):
        lines = _lines(context, s, one, words, factor)
        axes = Axes(*high, kind.suffix, kind.decimals, years=_ends(one))
        last = {words[name]: context.numbers.write(float(one[name][-1]), "share") for name in names}
        alt = _alt(context, "lines", s, _ends(one)[1], last)
        unit = context.texts("burden.unit")
        figure = figures.line_figure(lines, axes)
        panels.append(Panel(f"household-risk-{s}", context.title(s), unit, alt, figure, []))
        rows += [_listed(context, s, one[name], words[name], "share") for name in names]
    head = (context.texts("series"), *(str(year) for year in context.within(LISTED)))
    told = {"share": context.numbers.write(1 - TAIL, "probability")}
    return _block(context, "risk", panels, _keys(context, words), (head, rows), **told)


def _lines(context: Context, scenario: int, one: xr.Dataset, words: dict[str, str], factor: float) -> list[Line]:
    """Return two lines: the first solid in the colour of the scenario, the other dashed in ink."""
    first, other = words
    years = one["year"].values
    return [
        Line(words[first], years, factor * one[first].values, context.color(scenario)),
        Line(words[other], years, factor * one[other].values, figures.INK, "dashed"),
    ]


def _ends(one: xr.Dataset) -> tuple[int, int]:
    years = one["year"].values
    return int(years[0]), int(years[-1])


def _keys(context: Context, words: dict[str, str]) -> list[Key]:
    first, other = words.values()
    return [Key("line", first, figures.MUTED), Key("line", other, figures.INK, dash="6 4")]


def _listed(context: Context, scenario: int, values: xr.DataArray, words: str, kind: str) -> tuple[Cell, ...]:
    """Return a row of one line of a scenario at the years `LISTED`."""
    cells = []
    for year in context.within(LISTED):
        value = float(values.sel(year=year))
        share = context.numbers.chance(value) if kind == "probability" else context.numbers.write(value, kind)
        cells.append(Cell(share if np.isfinite(value) else DASH))
    return (Cell(context.texts("household.series", scenario=context.title(scenario), name=words)), *cells)


def joint(context: Context, data: xr.Dataset) -> Block:
    """Return the probability that several funds are short in the same year, beside what chance alone makes."""
    words = {
        "joint_probability": context.texts("household.joint"),
        "chance_probability": context.texts("household.chance"),
    }
    panels = [_joint_panel(context, s, one, words) for s, one in of_scenarios(context, data)]
    rows = [row for s, one in of_scenarios(context, data) for row in _joint_rows(context, s, one, words)]
    band = Key("band", context.texts("household.chance_band", level=BAND), *grey())
    head = (context.texts("series"), *(str(year) for year in context.within(LISTED)))
    return _block(context, "joint", panels, [*_keys(context, words), band], (head, rows), level=BAND)


def _joint_panel(context: Context, scenario: int, one: xr.Dataset, words: dict[str, str]) -> Panel:
    lines = _lines(context, scenario, one, words, 100.0)
    band = (100.0 * one["chance_low"].values, 100.0 * one["chance_high"].values)
    figure = banded(band, lines, Axes(-3.0, 103.0, "%", 0, years=_ends(one)))
    last = {text: context.numbers.chance(float(one[name][-1])) for name, text in words.items()}
    alt = _alt(context, "lines", scenario, _ends(one)[1], last)
    unit = context.texts("depletion.unit")
    return Panel(f"household-joint-{scenario}", context.title(scenario), unit, alt, figure, [])


def _joint_rows(context: Context, scenario: int, one: xr.Dataset, words: dict[str, str]) -> Iterator[tuple[Cell, ...]]:
    """Give the two lines, how likely it is by then, and how likely each fund is short."""
    for name, text in (words | {"ever_probability": context.texts("household.ever")}).items():
        yield _listed(context, scenario, one[name], text, "probability")
    for fund in funds_of(context.results, _name(context, scenario)):
        text = context.texts("household.short", fund=fund_name(context, fund))
        yield _listed(context, scenario, one["short_probability"].sel(fund=fund), text, "probability")


def _block(
    context: Context,
    name: str,
    panels: list[Panel],
    legend: list[Key],
    behind: tuple[tuple[str, ...], list[tuple[Cell, ...]]],
    **words: object,
) -> Block:
    title, lead = context.texts(f"household.{name}_title"), context.texts(f"household.{name}_lead", **words)
    return Block(f"household-{name}", title, lead, panels, legend, [], Table(title, *behind))
