"""The report's charts of money: ledgers, income and outgo, the budget's burden, depletion, backcast."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import xarray as xr

from actuarial.report import figures
from actuarial.report.blocks import (
    Block,
    Cell,
    Context,
    Key,
    Panel,
    Table,
    beyond,
    cited,
    fan_block,
    fan_legend,
    fan_panel,
    fan_rows,
    fan_words,
    plain,
)
from actuarial.report.figures import Axes, Line, Points
from actuarial.report.results import BACKCAST, INCOME, OUTGO
from actuarial.report.scales import LEGIBLE, padded, reach
from actuarial.report.summary import INTERVALS, Fan, base_year, fan, probability, real

LEDGERS = ("pool_balance", "accounts_balance", "balance")
LISTED = (2030, 2035, 2040, 2050, 2060, 2075, 2100)


def money_blocks(context: Context) -> list[Block]:
    """Return the charts of money in the order of the page."""
    count = len(context.results.manifest.scenarios)
    return [*(ledgers(context, s) for s in range(count)), flows(context), burden(context), depletion(context)]


def real_fan(context: Context, values: xr.DataArray) -> Fan:
    """Reduce nominal yuan to a fan at constant prices; deflated draw by draw, then reduced."""
    return fan(real(values, context.results.projection["price_index"]))


def money_unit(context: Context) -> str:
    """Return the words of the money axes: unit and price base."""
    return context.unit("money", year=base_year(context.results.projection["price_index"]))


def ledgers(context: Context, scenario: int) -> Block:
    """Return the fans of one scenario's pool, accounts, fund (one scale) and lending."""
    account = context.results.account.isel(scenario=scenario)
    fans = {ledger: real_fan(context, account[ledger]) for ledger in (*LEDGERS, "lending")}
    history = _deflated_history(context)
    span = _with_history(context, reach([fans[ledger] for ledger in LEDGERS]), history)
    panels = [
        fan_panel(
            context,
            f"ledgers-{scenario}-{ledger}",
            (context.texts(f"ledgers.{ledger}"), context.texts(f"ledgers.{ledger}_unit", unit=money_unit(context))),
            one,
            "money",
            color=context.color(scenario),
            span=span if ledger in LEDGERS else padded(*reach([one])),
            points=history if ledger == "balance" else None,
            start=None if history is None else int(history.years.min()),
        )
        for ledger, one in fans.items()
    ]
    legend = fan_legend(context, context.color(scenario), observed=history is not None)
    words = {"scenario": context.title(scenario), "year": LEGIBLE}
    block = fan_block(context, f"ledgers-{scenario}", panels, legend, ["fund_balance"], **words)
    return block if scenario == 0 else replace(block, lead="")


def _with_history(context: Context, ends: tuple[float, float], history: Points | None) -> tuple[float, float]:
    factor = context.numbers.factor("money")
    observed = [] if history is None else (history.values / factor).tolist()
    return padded(min(ends[0], *observed), max(ends[1], *observed)) if observed else padded(*ends)


def _deflated_history(context: Context) -> Points | None:
    points = context.observed("fund_balance", "money")
    if points is None:
        return None
    prices = fan(context.results.projection["price_index"])
    known = np.isin(points.years, prices.years)
    level = prices.median[np.searchsorted(prices.years, points.years[known])]
    return Points(points.name, points.years[known], points.values[known] / level)


def flows(context: Context) -> Block:
    """Return income and outgo of every scenario, medians with 80 % intervals."""
    pairs = []
    for account in (context.results.account.isel(scenario=s) for s in range(len(context.results.manifest.scenarios))):
        pairs.append([real_fan(context, sum_of(account, names)) for names in (INCOME, OUTGO)])
    panels = [_flow_panel(context, s, pair, padded(*reach(pair, (80,)))) for s, pair in enumerate(pairs)]
    legend = [
        Key("line", context.texts("flows.income"), figures.PALETTE[0]),
        Key("line", context.texts("flows.outgo"), figures.PALETTE[1], dash="6 4"),
        Key("band", context.texts("interval.level", level=80), figures.MUTED, 0.25),
    ]
    return fan_block(context, "flows", panels, legend)


def sum_of(account: xr.Dataset, names: Sequence[str]) -> xr.DataArray:
    """Return the sum of the flows `names`, nominal yuan, draw by draw."""
    return xr.concat([account[name] for name in names], dim="flow", join="exact").sum("flow")


def _flow_panel(context: Context, scenario: int, pair: list[Fan], span: tuple[float, float]) -> Panel:
    factor = context.numbers.factor("money")
    names = [context.texts("flows.income"), context.texts("flows.outgo")]
    styles = zip(names, pair, figures.PALETTE, ("solid", "dashed"), strict=False)
    years = (int(pair[0].years[0]), int(pair[0].years[-1]))
    axes = Axes(span[0] * factor, span[1] * factor, decimals=context.numbers.kind("money").decimals, years=years)
    figure = figures.fan_figure([(n, one.scaled(factor), c, d) for n, one, c, d in styles], axes, levels=(80,))
    title = context.title(scenario)
    series = [f"{title}: {name}" for name in names]
    alt = " ".join(fan_words(context, name, one, "money") for name, one in zip(series, pair, strict=True))
    rows = [row for name, one in zip(series, pair, strict=True) for row in fan_rows(context, name, one, "money")]
    notes = (beyond(context, one, span, (80,)) for one in pair)
    note = " ".join(f"{name}: {note}" for name, note in zip(names, notes, strict=True) if note)
    return Panel(f"flows-{scenario}", title, money_unit(context), alt, figure, rows, note)


def burden(context: Context) -> Block:
    """Return the fiscal transfer as a share of budget revenue, with the share that would be needed."""
    data = context.results.indicators
    count = len(context.results.manifest.scenarios)
    fans = [fan(data["fiscal_transfer_share"].isel(scenario=s)) for s in range(count)]
    needs = [fan(data["fiscal_need_share"].isel(scenario=s)) for s in range(count)]
    low, high = reach(fans)
    needed = np.concatenate([one.median for one in needs])
    span = padded(min(low, float(needed.min())), max(high, float(needed.max())))
    panels = [
        fan_panel(
            context,
            f"burden-{s}",
            (context.title(s), context.texts("burden.unit")),
            one,
            "small_share",
            color=context.color(s),
            span=span,
            lines=[Line(context.texts("burden.need"), needs[s].years, 100.0 * needs[s].median, dash="dashed")],
        )
        for s, one in enumerate(fans)
    ]
    legend = [*fan_legend(context, figures.MUTED), Key("line", context.texts("burden.need"), figures.INK, dash="6 4")]
    return fan_block(context, "burden", panels, legend, ["budget_revenue"])


def depletion(context: Context) -> Block:
    """Return the probability by year that pool (solid) and fund (dashed) of every scenario are empty."""
    texts, data = context.texts, context.results.indicators
    lines, legend, rows = [], [], []
    for s in range(len(context.results.manifest.scenarios)):
        for name, dash in (("pool", "solid"), ("fund", "dashed")):
            chance = probability(data[f"{name}_empty"].isel(scenario=s))
            label = texts(f"depletion.{name}", scenario=context.title(s))
            symbol = figures.SYMBOLS[s % len(figures.SYMBOLS)]
            lines.append(
                Line(plain(label), chance["year"].values, 100.0 * chance.values, context.color(s), dash, symbol)
            )
            legend.append(Key("line", label, context.color(s), dash="6 4" if dash == "dashed" else "", symbol=symbol))
            rows.append(
                (
                    Cell(label),
                    *(Cell(context.numbers.chance(float(chance.sel(year=y)))) for y in context.within(LISTED)),
                )
            )
    years = (context.results.manifest.first_year, context.results.manifest.last_year)
    figure = figures.line_figure(lines, Axes(-3.0, 103.0, "%", 0, years=years, height=320))
    title = texts("depletion.title")
    alt = texts(
        "alt.depletion",
        rows="; ".join(f"{row[0].main} {row[-1].main}" for row in rows),
        year=context.within(LISTED)[-1],
    )
    panel = Panel("depletion-chart", "", texts("depletion.unit"), alt, figure, [])
    table = Table(title, (texts("series"), *(str(y) for y in context.within(LISTED))), rows)
    return Block("depletion", title, texts("depletion.lead"), [panel], legend, [], table)


def backcast(context: Context, data: xr.Dataset) -> Block:
    """Return the published past on the model's intervals, and count how often it lies inside the widest."""
    texts = context.texts
    panels, inside, total = [], 0, 0
    for name in BACKCAST:
        kind = "persons" if name in ("participants", "pensioners") else "money"
        one, published = fan(data[name]), data[f"observed_{name}"].dropna("year")
        points = Points(texts("observed"), published["year"].values, published.values * context.numbers.factor(kind))
        unit = texts("backcast.money", yuan=context.numbers.yuan) if kind == "money" else context.unit("persons")
        panels.append(
            fan_panel(context, f"backcast-{name}", (texts(f"backcast.{name}"), unit), one, kind, points=points)
        )
        hits, count = inside_widest(one, published)
        inside, total = inside + hits, total + count
    title, lead = texts("backcast.title"), texts("backcast.lead", inside=inside, total=total)
    table = Table(title, _backcast_head(context), _backcast_rows(context, data))
    sources = cited(context, ["contributors", "pensioners", "fund_balance", "fund_income", "fund_expenditure"])
    legend = [*fan_legend(context), Key("points", texts("observed"))]
    return Block("backcast", title, lead, panels, legend, sources, table)


def inside_widest(one: Fan, published: xr.DataArray) -> tuple[int, int]:
    """Count published values inside the 95 % interval, and all that could be compared."""
    low, high = INTERVALS[95]
    at = [
        (one.at(int(year)), float(value))
        for year, value in zip(published["year"].values, published.values, strict=True)
    ]
    known = [(bands, value) for bands, value in at if bands is not None]
    return sum(bool(bands[low] <= value <= bands[high]) for bands, value in known), len(known)


def _backcast_head(context: Context) -> tuple[str, ...]:
    return (
        *tuple(context.texts(key) for key in ("series", "year", "observed", "median")),
        context.texts("interval.level", level=95),
    )


def _backcast_rows(context: Context, data: xr.Dataset) -> list[tuple[Cell, ...]]:
    rows, write = [], context.numbers.write
    low, high = INTERVALS[95]
    for name in BACKCAST:
        kind = "persons" if name in ("participants", "pensioners") else "money"
        one, published = fan(data[name]), data[f"observed_{name}"]
        for year, value in zip(published["year"].values, published.values, strict=True):
            at = one.at(int(year))
            if at is not None:
                spread = context.numbers.interval(at[low], at[high], kind)
                texts = (
                    context.texts(f"backcast.{name}"),
                    str(year),
                    write(float(value), kind),
                    write(at[3], kind),
                    spread,
                )
                rows.append(tuple(Cell(text) for text in texts))
    return rows
