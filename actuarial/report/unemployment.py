"""The report's chapter on the unemployment fund of migrant and flexible workers."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import xarray as xr

from actuarial._unemployment_flows import GRANTS, HIGHEST, INCOME, WINDOW
from actuarial._unemployment_months import BENEFITS
from actuarial.report import figures
from actuarial.report._founded import (
    alive,
    chances_panel,
    chosen,
    compared,
    fans_of,
    finer,
    founded,
    joined,
    money_panel,
    with_kinds,
)
from actuarial.report._unemployment_months import monthly_panel, past_over, published, threshold_lines
from actuarial.report._unemployment_table import indicator_table
from actuarial.report.blocks import Block, Context, Key, Panel, fan_block, fan_legend, fan_panel
from actuarial.report.chapters import Chapter, of_scenarios
from actuarial.report.figures import Line
from actuarial.report.money import real_fan
from actuarial.report.numbers import Kind
from actuarial.report.records import Source
from actuarial.report.scales import padded, reach
from actuarial.report.summary import INTERVALS, MEDIAN, fan, probability

RATES = ("urban", "migrant")
"""The two monthly rates; a rule says which of them calls the emergency plan."""

PUBLISHED_AS = {
    "urban": ("surveyed_unemployment",),
    "migrant": ("surveyed_unemployment_migrant_agricultural_hukou",),
    "workers": ("migrant_total", "migrant_monthly_income"),
}
"""Indicators of the data that the charts rest on."""

HALF_YEAR, YEAR = 6, 12
SOLVENT = 1.0
"""Average high cost multiple that a state must reach to borrow free of interest (US DOL, 20 CFR 606.32)."""

MULTIPLE_UNTIL = 2050
"""Last year in which the multiple is drawn: later on its scale would hide the 1."""


def chapter(context: Context) -> Chapter | None:
    """Return the chapter, or None where no scenario founds the fund.

    Parameters
    ----------
    context : Context
        Results, texts, numbers.

    Returns
    -------
    Chapter or None
    """
    data = context.results.unemployment
    if data is None:
        return None
    context = with_kinds(context, {"small_money": finer(context, "money"), "whole": Kind(1, 1, 0)})
    blocks, tables, findings = [rates(context, data)], [], [founded(context, data, "members")]
    for place, (s, whole) in enumerate(of_scenarios(context, data)):
        one = alive(whole, "members")
        makers = (plan, members, benefits, balance, solvency)
        blocks += [make(context, s, one, lead=place == 0) for make in makers]
        tables.append(indicator_table(context, s, one))
        findings.append(finding(context, s, one))
    words = {"rules": {}, "rate": {"first": past_over(context, "urban", 0.0)[2]}, "behaviour": {}}
    notes = [context.texts(f"jobless.note_{name}", **told) for name, told in words.items()]
    return Chapter("unemployment", context.texts("jobless.title"), joined(context, findings), blocks, tables, notes)


def finding(context: Context, scenario: int, one: xr.Dataset) -> str:
    """Say in a sentence or two what the results of a scenario are."""
    year, numbers = compared(context, one), context.numbers
    at = one.sel(year=year)
    cost = real_fan(context, one["emergency_cost"].sel(year=[year])).bands[:, 0]
    low, high = INTERVALS[80]
    return context.texts(
        "jobless.finding",
        scenario=context.title(scenario),
        year=year,
        called=numbers.chance(float(probability(at["emergency_called"]))),
        cost=numbers.write(cost[MEDIAN], "small_money"),
        interval=numbers.interval(cost[low], cost[high], "small_money"),
        unit=numbers.yuan,
        last=int(one["year"][-1]),
        empty=numbers.chance(float(probability(one["fund_empty"].isel(year=-1)))),
        solvent=numbers.chance(float(probability(at["average_high_cost_multiple"] >= SOLVENT))),
    )


def rates(context: Context, data: xr.Dataset) -> Block:
    """Return both monthly rates, the months to come and the means of the years, with the plan's threshold."""
    limits = {name: sorted({t for r, t in _triggers(context, data) if r == name}) for name in RATES}
    panels = [
        monthly_panel(
            context, name, (context.texts(f"jobless.{name}"), context.texts("jobless.monthly_unit")), limits[name]
        )
        for name in RATES
    ]
    panels += [_mean_panel(context, name, limits[name]) for name in RATES]
    block = fan_block(
        context,
        "jobless_rate",
        panels,
        _rate_legend(context),
        share=context.texts("answer.comma").join(_often(context, name, limits[name]) for name in RATES if limits[name]),
    )
    used = (indicator for name in RATES for indicator in PUBLISHED_AS[name])
    return replace(block, id="unemployment-rate", sources=sources_of(context, tuple(used)))


def _triggers(context: Context, data: xr.Dataset) -> set[tuple[str, float]]:
    """Return which rate calls the plan over which threshold, for every scenario that has the fund."""
    return {
        (
            str(chosen(context, "unemployment.emergency.rate", s)),
            float(chosen(context, "unemployment.emergency.threshold", s)),
        )
        for s, _ in of_scenarios(context, data)
    }


def _mean_panel(context: Context, name: str, limits: list[float]) -> Panel:
    one = fan(context.results.projection[f"{name}_unemployment"].mean("month", skipna=False))
    words = (context.texts(f"jobless.mean_{name}"), context.texts("jobless.mean_unit"))
    lines = threshold_lines(context, one.years, limits)
    return fan_panel(context, f"unemployment-mean-{name}", words, one, "share", lines=lines)


def _often(context: Context, name: str, limits: list[float]) -> str:
    """Say in how many months of the past a rate was over each threshold."""
    found = {limit: past_over(context, name, limit) for limit in limits}
    return context.texts("answer.comma").join(
        context.texts(
            "jobless.often", over=over, total=total, first=first, threshold=context.numbers.write(limit, "share")
        )
        for limit, (over, total, first) in found.items()
    )


def _rate_legend(context: Context) -> list[Key]:
    known = any(published(context, name) is not None for name in RATES)
    return [
        *(key for key in fan_legend(context, observed=True) if known or key.drawn != "points"),
        Key("line", context.texts("jobless.single"), figures.INK),
        Key("line", context.texts("jobless.threshold"), figures.INK, dash="6 4"),
    ]


def sources_of(context: Context, indicators: tuple[str, ...]) -> list[Source]:
    """Return the sources from which the run read some of `indicators`."""
    return [source for source in context.results.sources if set(source.indicators) & set(indicators)]


def plan(context: Context, scenario: int, one: xr.Dataset, *, lead: bool) -> Block:
    """Return how likely the emergency plan is in each year, for how long, and what it costs."""
    texts, months = context.texts, one["emergency_months"]
    events = {
        texts("jobless.called"): one["emergency_called"],
        texts("jobless.half_year", months=HALF_YEAR): (months >= HALF_YEAR).astype(float),
        texts("jobless.all_year"): (months >= YEAR).astype(float),
    }
    color, symbols = context.color(scenario), figures.SYMBOLS[: len(events)]
    panels = [
        chances_panel(
            context, f"unemployment-called-{scenario}", texts("jobless.chance"), events, color=color, symbols=symbols
        ),
        money_panel(
            context,
            f"unemployment-plan-cost-{scenario}",
            texts("jobless.plan_cost"),
            one["emergency_cost"],
            color=color,
            kind="small_money",
        ),
    ]
    block = fans_of(context, "jobless_plan", panels, scenario, lead=lead, **_rule(context, scenario))
    keys = [Key("line", name, color, symbol=symbol) for name, symbol in zip(events, symbols, strict=True)]
    return replace(block, legend=[*keys, *block.legend])


def _rule(context: Context, scenario: int) -> dict[str, str]:
    """Return in words when the plan of a scenario runs."""
    names = ("rate", "threshold", "rise")
    rate, threshold, ratio = (chosen(context, f"unemployment.emergency.{name}", scenario) for name in names)
    return {
        "rate": context.texts.known(f"jobless.{rate}", str(rate)),
        "threshold": context.numbers.write(float(threshold), "share"),
        "rise": context.texts("jobless.rise", ratio=context.numbers.free(ratio)) if ratio else "",
    }


def members(context: Context, scenario: int, one: xr.Dataset, *, lead: bool) -> Block:
    """Return members and contributions, payer by payer; a payer who pays nothing has no chart."""
    color, texts = context.color(scenario), context.texts
    count = fan(one["members"])
    words = (texts("jobless.members"), context.unit("persons"))
    span = padded(*reach([count]))
    panels = [
        fan_panel(context, f"unemployment-members-{scenario}", words, count, "persons", color=color, span=span),
        *_flow_panels(context, scenario, one, tuple(flow.name for flow in (*INCOME, *GRANTS))),
    ]
    block = fans_of(context, "jobless_members", panels, scenario, lead=lead)
    return replace(block, sources=sources_of(context, PUBLISHED_AS["workers"]))


def benefits(context: Context, scenario: int, one: xr.Dataset, *, lead: bool) -> Block:
    """Return benefits kind by kind; what is never paid has no chart."""
    panels = _flow_panels(context, scenario, one, (*BENEFITS, "firm_subsidy"))
    return fans_of(context, "jobless_benefits", panels, scenario, lead=lead)


def _flow_panels(context: Context, scenario: int, one: xr.Dataset, names: tuple[str, ...]) -> list[Panel]:
    color = context.color(scenario)
    # A run saved earlier has fewer flows.
    paid = [name for name in names if name in one and bool((one[name] != 0).any())]
    words = {name: context.texts(f"jobless.{name}") for name in paid}
    return [
        money_panel(context, f"unemployment-{name}-{scenario}", words[name], one[name], color=color, kind="small_money")
        for name in paid
    ]


def balance(context: Context, scenario: int, one: xr.Dataset, *, lead: bool) -> Block:
    """Return income, outgo, balance at year ends and the lowest balance of the months."""
    values = {
        "income": one["income"] + one["interest"],
        "expenditure": one["expenditure"],
        "balance": one["balance"],
        "lowest_balance": one["lowest_balance"],
    }
    color = context.color(scenario)
    panels = [
        money_panel(context, f"unemployment-{name}-{scenario}", context.texts(f"jobless.{name}"), value, color=color)
        for name, value in values.items()
    ]
    return fans_of(context, "jobless_balance", panels, scenario, lead=lead)


def solvency(context: Context, scenario: int, one: xr.Dataset, *, lead: bool) -> Block:
    """Return the indicators of the US Department of Labor, the multiple beside the 1 that it recommends."""
    texts, color = context.texts, context.color(scenario)
    panels = [_share_panel(context, scenario, one, name) for name in ("benefit_cost_rate", "reserve_ratio")]
    panels.append(_multiple_panel(context, scenario, one))
    events = {
        texts("jobless.solvent"): (one["average_high_cost_multiple"] >= SOLVENT).astype(float),
        texts("jobless.empty"): one["fund_empty"],
    }
    symbols = figures.SYMBOLS[3:5]
    panels.append(
        chances_panel(
            context, f"unemployment-solvent-{scenario}", texts("jobless.chances"), events, color=color, symbols=symbols
        )
    )
    told = {"year": MULTIPLE_UNTIL, "window": WINDOW, "highest": HIGHEST}
    block = fans_of(context, "jobless_solvency", panels, scenario, lead=lead, **told)
    keys = [
        Key("line", texts("jobless.beside"), figures.INK, dash="6 4"),
        *(Key("line", name, color, symbol=symbol) for name, symbol in zip(events, symbols, strict=True)),
    ]
    return replace(block, legend=[*block.legend, *keys])


def _share_panel(context: Context, scenario: int, one: xr.Dataset, name: str) -> Panel:
    made = fan(one[name])
    words = (context.texts(f"jobless.{name}"), context.texts("jobless.wages_unit"))
    lines = []
    if name == "benefit_cost_rate":
        income = context.numbers.factor("small_share") * fan(one["income_rate"]).median
        lines = [Line(context.texts("jobless.income_rate"), made.years, income, dash="dashed")]
    reached = padded(*reach([made, *([fan(one["income_rate"])] if lines else [])]))
    panel_id = f"unemployment-{name}-{scenario}"
    color = context.color(scenario)
    return fan_panel(context, panel_id, words, made, "small_share", color=color, span=reached, lines=lines)


def _multiple_panel(context: Context, scenario: int, one: xr.Dataset) -> Panel:
    until = max(MULTIPLE_UNTIL, int(one["year"][0]))
    made = fan(one["average_high_cost_multiple"].sel(year=slice(None, until)))
    words = (context.texts("jobless.average_high_cost_multiple"), context.texts("jobless.multiple_unit"))
    line = Line(context.texts("jobless.recommended"), made.years, np.full(made.years.size, SOLVENT), dash="dashed")
    span = padded(*reach([made]))
    panel_id, color = f"unemployment-multiple-{scenario}", context.color(scenario)
    return fan_panel(context, panel_id, words, made, "number", color=color, span=span, lines=[line])
