"""The charts of the medical fund: members, income and outgo, reserve, budget, what is left to households."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from actuarial.report import figures
from actuarial.report._founded import chosen
from actuarial.report._medical_groups import Group
from actuarial.report._medical_published import cited, published
from actuarial.report._medical_tables import shown_years
from actuarial.report.blocks import (
    Block,
    Cell,
    Context,
    Key,
    Panel,
    Table,
    beyond,
    fan_head,
    fan_legend,
    fan_panel,
    fan_rows,
    fan_words,
    plain,
)
from actuarial.report.figures import Axes, Line, Points
from actuarial.report.money import LISTED, money_unit, real_fan
from actuarial.report.scales import padded, reach
from actuarial.report.summary import Fan, fan, probability

BAND = ("medical.reserve.months_low", "medical.reserve.months_high")
"""Rules whose values are drawn beside the months of reserve."""

MONTHS = "years"
"""Months are written as years are: one decimal, no sign."""

REIMBURSED = ("actual_reimbursement", "inside_reimbursement")


def people(context: Context) -> list[Block]:
    """Return the fans of people insured and of the share enrolled; nothing where the projection lacks them."""
    projection, texts = context.results.projection, context.texts
    if not {"insured_total", "enrolment_rate"} <= set(projection):
        return []
    insured, rate = (fan(projection[name].dropna("year", how="all")) for name in ("insured_total", "enrolment_rate"))
    seen = published(context, "enrolled", "persons")
    panels = [
        fan_panel(
            context,
            "medical-insured",
            (texts("medical.insured"), context.unit("persons")),
            insured,
            "persons",
            span=_span(context, [insured], "persons", points=seen),
            points=seen,
        ),
        fan_panel(context, "medical-rate", (texts("medical.rate"), texts("medical.rate_unit")), rate, "share"),
    ]
    return [_block(context, "people", panels, _legend(context, figures.PALETTE[0], seen), ["enrolled"])]


def flows(context: Context, found: Sequence[Group]) -> Block:
    """Return income with interest beside expenditure, medians with 80 % intervals, a panel a group."""
    pairs = [
        [real_fan(context, group.data["income"] + group.data["interest"]), real_fan(context, group.data["expenditure"])]
        for group in found
    ]
    span = padded(*reach([one for pair in pairs for one in pair], (80,)))
    panels = [_flow_panel(context, group, pair, span) for group, pair in zip(found, pairs, strict=True)]
    legend = [
        Key("line", context.texts("flows.income"), figures.PALETTE[0]),
        Key("line", context.texts("flows.outgo"), figures.PALETTE[1], dash="6 4"),
        Key("band", context.texts("interval.level", level=80), figures.MUTED, 0.25),
    ]
    return _block(context, "flows", panels, legend)


def _flow_panel(context: Context, group: Group, pair: list[Fan], span: tuple[float, float]) -> Panel:
    factor = context.numbers.factor("money")
    names = [context.texts("flows.income"), context.texts("flows.outgo")]
    years = (int(pair[0].years[0]), int(pair[0].years[-1]))
    axes = Axes(span[0] * factor, span[1] * factor, decimals=context.numbers.kind("money").decimals, years=years)
    styles = zip(names, pair, figures.PALETTE, ("solid", "dashed"), strict=False)
    figure = figures.fan_figure([(n, one.scaled(factor), c, d) for n, one, c, d in styles], axes, levels=(80,))
    series = [group.named(name) for name in names]
    alt = " ".join(fan_words(context, name, one, "money") for name, one in zip(series, pair, strict=True))
    rows = [row for name, one in zip(series, pair, strict=True) for row in fan_rows(context, name, one, "money")]
    notes = (beyond(context, one, span, (80,)) for one in pair)
    note = " ".join(
        context.texts("medical.of", scenarios=name) + note for name, note in zip(names, notes, strict=True) if note
    )
    title = group.named(context.texts("medical.both"))
    return Panel(f"medical-flows-{group.places[0]}", title, money_unit(context), alt, figure, rows, note)


def reserve(context: Context, found: Sequence[Group]) -> Block:
    """Return the balance with its past, and the months of outgo that it covers beside those called adequate."""
    texts = context.texts
    seen = published(context, "balance", "money", deflated=True)
    balances = [(group, real_fan(context, group.data["balance"])) for group in found]
    months = [(group, fan(group.data["months_of_reserve"])) for group in found]
    lines = [_band(context, group) for group in found]
    panels = [
        *_panels(context, "balance", money_unit(context), "money", balances, points=seen),
        *_panels(context, "months", texts("medical.months_unit"), MONTHS, months, lines=lines),
    ]
    legend = _legend(context, _color(found), seen)
    legend += [Key("line", label, figures.INK, dash="6 4") for label in _band_labels(lines)]
    return _block(context, "reserve", panels, legend, ["balance"])


def _band(context: Context, group: Group) -> list[Line]:
    """Return the bounds of the months called adequate, as lines with one label."""
    ends = [float(chosen(context, key, group.places[0])) for key in BAND]
    low, high = (context.numbers.free(end) for end in ends)
    label = context.texts("medical.adequate", low=low, high=high)
    years = group.data["year"].values
    return [Line(label, years, np.full(years.size, end), dash="dashed") for end in ends]


def _band_labels(lines: Sequence[Sequence[Line]]) -> list[str]:
    return list(dict.fromkeys(line.name for some in lines for line in some))


def empty(context: Context, found: Sequence[Group]) -> Block:
    """Return the probability by year that the balance has run out, a line a group."""
    texts = context.texts
    years = shown_years(context, LISTED)
    lines, legend, rows = [], [], []
    for group in found:
        chance = probability(group.data["fund_empty"])
        symbol = figures.SYMBOLS[group.places[0] % len(figures.SYMBOLS)]
        lines.append(Line(plain(group.title), chance["year"].values, 100.0 * chance.values, group.color, symbol=symbol))
        legend.append(Key("line", group.title, group.color, symbol=symbol))
        cells = (Cell(context.numbers.chance(float(chance.sel(year=year)))) for year in years)
        rows.append((Cell(group.title), *cells))
    span = (int(lines[0].years[0]), int(lines[0].years[-1]))
    figure = figures.line_figure(lines, Axes(-3.0, 103.0, "%", 0, years=span, height=280))
    alt = texts("alt.depletion", rows="; ".join(f"{row[0].main} {row[-1].main}" for row in rows), year=years[-1])
    panel = Panel("medical-empty-chart", "", texts("depletion.unit"), alt, figure, [])
    title = texts("medical.empty.title")
    table = Table(title, (texts("series"), *map(str, years)), rows)
    return Block("medical-empty", title, texts("medical.empty.lead"), [panel], legend, [], table)


def budget(context: Context, found: Sequence[Group]) -> Block:
    """Return the subsidy that the rules pay and the one that would be needed, over budget revenue, on one scale."""
    unit = context.texts("burden.unit")
    paid = [(group, fan(group.data["fiscal_transfer_share"])) for group in found]
    needed = [(group, fan(group.data["fiscal_need_share"])) for group in found]
    span = _span(context, [one for _, one in (*paid, *needed)], "small_share")
    panels = [
        *_panels(context, "subsidy", unit, "small_share", paid, span=span),
        *_panels(context, "need", unit, "small_share", needed, span=span),
    ]
    return _block(context, "budget", panels, fan_legend(context, _color(found)))


def reimbursement(context: Context, found: Sequence[Group]) -> Block:
    """Return the part of cost that is reimbursed: of all care, and of stays inside the catalogue."""
    panels = [
        panel
        for name in REIMBURSED
        for panel in _panels(
            context,
            name,
            context.texts(f"medical.{name}_unit"),
            "share",
            [(group, fan(group.data[name])) for group in found],
            span=(0.0, 1.0),
        )
    ]
    return _block(context, "reimbursement", panels, fan_legend(context, _color(found)))


def households(context: Context, found: Sequence[Group]) -> Block:
    """Return what people insured pay themselves, and the share of households that it overburdens."""
    texts = context.texts
    paid = [(group, fan(group.data["out_of_pocket_to_income"])) for group in found]
    after = [(group, fan(group.data["catastrophic_after"])) for group in found]
    before = [_before(context, group) for group in found]
    unit = texts("medical.catastrophic_unit", threshold=_threshold(context, found))
    panels = [
        *_panels(context, "out_of_pocket", texts("medical.out_of_pocket_unit"), "share", paid),
        *_panels(context, "catastrophic", unit, "share", after, lines=before),
    ]
    legend = fan_legend(context, _color(found))
    if any(before):
        legend.append(Key("line", texts("medical.before"), figures.INK, dash="6 4"))
    return _block(context, "households", panels, legend)


def _threshold(context: Context, found: Sequence[Group]) -> str:
    """Return the share of income past which cost is called catastrophic, as written."""
    limits = {float(chosen(context, "medical.catastrophic.threshold", group.places[0])) for group in found}
    return context.texts("medical.and").join(context.numbers.write(limit, "probability") for limit in sorted(limits))


def _before(context: Context, group: Group) -> list[Line]:
    """Return the incidence before second compensation, where that makes a difference."""
    before, after = (group.data[f"catastrophic_{when}"] for when in ("before", "after"))
    if before.equals(after):
        return []
    one = fan(before)
    return [Line(context.texts("medical.before"), one.years, 100.0 * one.median, dash="dashed")]


def _panels(
    context: Context,
    name: str,
    unit: str,
    kind: str,
    fans: Sequence[tuple[Group, Fan]],
    *,
    span: tuple[float, float] | None = None,
    points: Points | None = None,
    lines: Sequence[Sequence[Line]] = (),
) -> list[Panel]:
    """Return a panel for each group, all on one scale."""
    lines = lines or [[] for _ in fans]
    every = [line for some in lines for line in some]
    span = span or _span(context, [one for _, one in fans], kind, points=points, lines=every)
    return [
        fan_panel(
            context,
            f"medical-{name}-{group.places[0]}",
            (group.named(context.texts(f"medical.{name}")), unit),
            one,
            kind,
            color=group.color,
            span=span,
            points=points,
            lines=some,
        )
        for (group, one), some in zip(fans, lines, strict=True)
    ]


def _span(
    context: Context, fans: Sequence[Fan], kind: str, *, points: Points | None = None, lines: Sequence[Line] = ()
) -> tuple[float, float]:
    """Return an axis in SI units that starts at zero and holds fans, points and lines (the reader's unit)."""
    more = [line.values for line in lines] + ([points.values] if points is not None else [])
    drawn = np.concatenate([[0.0], *more]) / context.numbers.factor(kind)
    low, high = reach(fans)
    return padded(min(low, float(np.nanmin(drawn))), max(high, float(np.nanmax(drawn))))


def _color(found: Sequence[Group]) -> str:
    return found[0].color if len(found) == 1 else figures.MUTED


def _legend(context: Context, color: str, seen: Points | None) -> list[Key]:
    keys = fan_legend(context, color, observed=True)
    return [key for key in keys if seen is not None or key.drawn != "points"]


def _block(context: Context, name: str, panels: list[Panel], legend: list[Key], series: Sequence[str] = ()) -> Block:
    """Put panels under the words of ``medical.<name>``; `series` are published ones that they show."""
    title, lead = (context.texts(f"medical.{name}.{part}") for part in ("title", "lead"))
    table = Table(title, fan_head(context), [row for panel in panels for row in panel.rows])
    return Block(f"medical-{name}", title, lead, panels, legend, cited(context, series), table)
