"""The two charts of the brief: how likely the pension's money is gone by any year, and who pays."""

from __future__ import annotations

from typing import Any

import numpy as np
import plotly.graph_objects as go
import xarray as xr

from actuarial.report import figures
from actuarial.report._brief_words import scenarios
from actuarial.report._mix_payers import COLORS
from actuarial.report._mix_words import draws_of, fund_name, has, side_by_side, title_of
from actuarial.report.answer import BEARING, PAYING
from actuarial.report.blocks import Block, Cell, Context, Key, Panel, Table, fan_block, fan_legend, fan_panel, plain
from actuarial.report.figures import Axes, Line
from actuarial.report.scales import padded, reach
from actuarial.report.summary import INTERVALS, fan, probability, quantiles

LISTED = (2035, 2050, 2075, 2100)

HEIGHT, ROW = 186, 30
"""Pixels of the chart of chances, and of a row of the chart of payers."""

GROUPS = ("members", "budgets", "land", "nobody")
"""Words of the groups of `actuarial.report.answer.BEARING`."""

GROUP_COLORS = (COLORS["members"], COLORS["centre"], COLORS["land"], COLORS["emergency"], "#5b6673")
"""Of the groups, and of the rest: dark enough for white letters."""

LEGIBLE = 0.045
"""Share of the chart's width from which on a number finds room in a bar."""


def chances_chart(context: Context) -> Block:
    """Return the chance by year that the pool (solid) and the whole fund (dashed) of the pension are empty."""
    texts, data = context.texts, context.results.indicators
    lines, legend, rows = [], [], []
    years = [year for year in LISTED if year <= context.results.manifest.last_year]
    for s in scenarios(context):
        legend.append(Key("line", context.title(s), context.color(s), symbol=figures.SYMBOLS[s]))
        for name, dash in (("pool", "solid"), ("fund", "dashed")):
            chance = probability(data[f"{name}_empty"].isel(scenario=s))
            label, symbol = texts(f"depletion.{name}", scenario=context.title(s)), figures.SYMBOLS[s]
            values = 100.0 * chance.values
            lines.append(Line(plain(label), chance["year"].values, values, context.color(s), dash, symbol))
            written = (context.numbers.chance(float(chance.sel(year=year))) for year in years)
            rows.append((Cell(label), *(Cell(text) for text in written)))
    legend += [
        Key("line", texts("brief.pool"), figures.INK),
        Key("line", texts("brief.fund_row"), figures.INK, dash="6 4"),
    ]
    span = (context.results.manifest.first_year, context.results.manifest.last_year)
    figure = figures.line_figure(lines, Axes(-3.0, 103.0, "%", 0, years=span, height=HEIGHT))
    told = texts("answer.semicolon").join(f"{row[0].main} {row[-1].main}" for row in rows)
    alt = texts("alt.depletion", rows=told, year=span[1] if not years else years[-1])
    table = Table(texts("brief.chances"), (texts("series"), *map(str, years)), rows)
    panel = Panel("brief-chances-chart", "", texts("depletion.unit"), alt, figure, [])
    return Block("brief-chances", texts("brief.chances"), texts("brief.chances_lead"), [panel], legend, [], table)


def payers_chart(context: Context) -> Block:
    """Return who bears what funds spend to the end of the forecast; of a run without it, what budgets must bring."""
    data = context.results.payers
    rows = [] if data is None else list(_bars(context, data))
    if data is None or not rows:
        return _need_chart(context)
    texts = context.texts
    names = [texts(f"brief.payer_{name}") for name in (*GROUPS, "rest")]
    figure = _stacked([plain(title) for title, _ in rows], np.array([q[3] for _, q in rows]), names)
    label = texts("answer.comma")
    told = texts("answer.semicolon").join(
        f"{title}: {label.join(f'{n} {_percent(context, q[3][g])}' for g, n in enumerate(names))}" for title, q in rows
    )
    title = texts("brief.payers", year=int(data["year"][-1]))
    table = Table(title, (texts("mix.payer_head"), *names), [_row(context, head, q) for head, q in rows])
    legend = [Key("band", name, color) for name, color in zip(names, GROUP_COLORS, strict=True)]
    panel = Panel("brief-payers-chart", "", texts("brief.payers_unit"), f"{title}: {told}", figure, [])
    return Block("brief-payers", title, texts("brief.payers_lead"), [panel], legend, [], table)


def _bars(context: Context, data: xr.Dataset) -> Any:
    """Give a heading and the quantiles with the mean in the middle (7, group) of each fund under each scenario."""
    for fund in (fund for fund in PAYING if fund in data["fund"].values):
        for name in side_by_side(context, data):
            one = draws_of(data["present_share"].sel(fund=fund, scenario=name, drop=True))
            if has(one):
                groups = xr.concat([one.sel(payer=list(group)).sum("payer") for group in BEARING], dim="group")
                parts = xr.concat([groups, 1.0 - groups.sum("group")], dim="group")
                q = quantiles(parts.transpose("group", "draw", missing_dims="ignore"))
                q[3] = parts.mean("draw").values if "draw" in parts.dims else parts.values
                yield context.texts("mix.panel", fund=fund_name(context, fund), scenario=title_of(context, name)), q


def _percent(context: Context, share: float) -> str:
    return context.numbers.write(float(share), "probability")


def _row(context: Context, head: str, q: np.ndarray) -> tuple[Cell, ...]:
    low, high = INTERVALS[80]
    spreads = (
        context.numbers.interval(float(a), float(b), "probability") for a, b in zip(q[low], q[high], strict=True)
    )
    return (
        Cell(head), *(Cell(_percent(context, m), (spread,)) for m, spread in zip(q[3], spreads, strict=True))
    )  # fmt: skip


def _stacked(heads: list[str], shares: np.ndarray, names: list[str]) -> go.Figure:
    """Draw a bar a row, its parts one after the other; what is negative leads back to the left of zero."""
    figure = go.Figure(layout=figures.layout(Axes(height=ROW * len(heads) + 44)))
    for group, (name, color) in enumerate(zip(names, GROUP_COLORS, strict=True)):
        values = 100.0 * shares[:, group]
        figure.add_trace(
            go.Bar(
                x=figures.rounded(values), y=heads, orientation="h", name=name, marker={"color": color},
                text=[f"{v:.0f}%" if abs(v) >= 100 * LEGIBLE else "" for v in values], textposition="inside",
                insidetextanchor="middle", textangle=0, textfont={"color": "#ffffff", "size": 12},
                constraintext="none", hovertemplate=f"{name}: %{{x:.1f}}%<extra></extra>",
            )
        )  # fmt: skip
    figure.update_layout(barmode="relative", bargap=0.28, hovermode="closest")
    figure.update_xaxes(ticksuffix="%", showline=False, zeroline=True, zerolinecolor=figures.INK, nticks=6)
    figure.update_yaxes(autorange="reversed", showgrid=False, ticksuffix="  ", tickfont={"color": figures.INK})
    return figure


def _need_chart(context: Context) -> Block:
    data = context.results.indicators["fiscal_need_share"]
    one = fan(data.isel(scenario=0))
    title = context.texts("brief.need_title", scenario=context.title(0))
    panel = fan_panel(
        context, "brief-need-chart", (title, context.texts("burden.unit")), one, "small_share",
        color=context.color(0), span=padded(*reach([one])),
    )  # fmt: skip
    block = fan_block(context, "burden", [panel], fan_legend(context, context.color(0)))
    return Block("brief-need", title, context.texts("brief.need_lead"), [panel], block.legend, [], block.table)
