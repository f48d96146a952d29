"""The report's chapter on the plan of elderly care."""

from __future__ import annotations

from dataclasses import replace

import xarray as xr

from actuarial.report import figures
from actuarial.report._care_plan_parts import PAYERS, THINGS, Part, at_report_prices, stack
from actuarial.report._care_plan_table import by_year, once
from actuarial.report._founded import (
    alive,
    chances_panel,
    chosen,
    compared,
    fans_of,
    finer,
    founded,
    joined,
    with_kinds,
)
from actuarial.report.blocks import Block, Context, Key, Panel, fan_panel
from actuarial.report.chapters import Chapter, of_scenarios
from actuarial.report.money import money_unit
from actuarial.report.numbers import Kind
from actuarial.report.scales import padded, reach
from actuarial.report.summary import INTERVALS, MEDIAN, fan, probability, quantiles

COUNT = Kind(1e-3, 1e-4, 0)
"""Beds, centres, villages and carers: thousands in English, 万 in Chinese."""

TENTHS = Kind(1, 1, 1)


def chapter(context: Context) -> Chapter | None:
    """Return the chapter, or None where no scenario founds the plan.

    Parameters
    ----------
    context : Context
        Results, texts, numbers.

    Returns
    -------
    Chapter or None
    """
    data = context.results.care_plan
    if data is None:
        return None
    count = replace(COUNT, decimals=1) if context.texts.language == "zh" else COUNT
    context = with_kinds(context, {"count": count, "tenths": TENTHS, "small_money": finer(context, "money")})
    there = {s: alive(one, "balance") for s, one in of_scenarios(context, data)}
    places = {s: at_report_prices(context, s, one) for s, one in there.items()}
    blocks: list[Block] = []
    for place, (s, one) in enumerate(places.items()):
        blocks += [make(context, s, one, lead=place == 0) for make in (built, cost, payers)]
    tables = [*(by_year(context, s, one) for s, one in places.items()), once(context, places)]
    lead = [founded(context, data, "balance"), *(finding(context, s, one) for s, one in places.items())]
    notes = [context.texts(f"care.note_{name}") for name in ("stated", "costs", "payers", "scope")]
    return Chapter("care-plan", context.texts("care.title"), joined(context, lead), blocks, tables, notes)


def finding(context: Context, scenario: int, one: xr.Dataset) -> str:
    """Say in a sentence or two what the results of a scenario are."""
    numbers, year, last = context.numbers, compared(context, one), int(one["year"][-1])
    first, span = (int(chosen(context, f"care_plan.{key}", scenario)) for key in ("from_year", "years"))
    end = min(first + span - 1, last)
    whole = quantiles(one["building_cost_real"])
    low, high = INTERVALS[80]

    def middle(name: str, at: int, kind: str) -> str:
        return numbers.write(float(quantiles(one[name].sel(year=at))[MEDIAN]), kind)

    def short(by: int) -> str:
        return numbers.chance(float(probability((one["short_year"] <= by).astype(float))))

    return context.texts(
        "care.finding",
        scenario=context.title(scenario),
        end=end,
        beds=middle("beds_per_thousand", end, "tenths"),
        before=numbers.write(_before(context, scenario, one, end), "tenths"),
        cover=middle("village_cover", end, "probability"),
        cost=numbers.write(whole[MEDIAN], "small_money"),
        interval=numbers.interval(whole[low], whole[high], "small_money"),
        unit=money_unit(context),
        peak=middle("plan_cost_share", end, "small_share"),
        share=middle("plan_cost_share", year, "small_share"),
        year=year,
        short=short(year),
        last=last,
        ever=short(last),
    )


def _before(context: Context, scenario: int, one: xr.Dataset, year: int) -> float:
    """Return how many beds per 1,000 there were without the plan, in the median."""
    standing = float(chosen(context, "care_plan.beds.standing", scenario))
    return float(quantiles(1000.0 * standing / one["old_people"].sel(year=year))[MEDIAN])


def built(context: Context, scenario: int, one: xr.Dataset, *, lead: bool) -> Block:
    """Return beds for the old, villages with care, and carers."""
    panels = [
        _panel(context, scenario, one, name, kind)
        for name, kind in (("beds_per_thousand", "tenths"), ("village_cover", "share"), ("carers", "count"))
    ]
    return fans_of(context, "care_built", panels, scenario, lead=lead)


def cost(context: Context, scenario: int, one: xr.Dataset, *, lead: bool) -> Block:
    """Return what the plan spends on which thing, and all of it over budget revenue and per old person."""
    panels = [
        stack(context, f"care-plan-things-{scenario}", "care.things", one, THINGS),
        _panel(context, scenario, one, "plan_cost_share", "small_share"),
        _panel(context, scenario, one, "plan_cost_per_old", "yuan"),
    ]
    return _with_parts(context, fans_of(context, "care_cost", panels, scenario, lead=lead), THINGS)


def payers(context: Context, scenario: int, one: xr.Dataset, *, lead: bool) -> Block:
    """Return who pays how much, what is missing or left over in a year, and the chance that money is missing."""
    texts = context.texts
    by_then = (one["short_year"] <= one["year"]).astype(float).transpose(..., "year")
    panels = [
        stack(context, f"care-plan-payers-{scenario}", "care.payers", one, PAYERS),
        _panel(context, scenario, one, "funding_gap_share", "share"),
        chances_panel(
            context,
            f"care-plan-short-{scenario}",
            texts("care.short_by"),
            {texts("care.short_line"): by_then},
            color=context.color(scenario),
            symbols=[""],
        ),
    ]
    return _with_parts(context, fans_of(context, "care_payers", panels, scenario, lead=lead), PAYERS)


def _panel(context: Context, scenario: int, one: xr.Dataset, name: str, kind: str) -> Panel:
    made = fan(one[name])
    words = (context.texts(f"care.{name}"), context.texts(f"care.{name}_note"))
    panel_id, color = f"care-plan-{name}-{scenario}", context.color(scenario)
    low, high = reach([made])
    return fan_panel(context, panel_id, words, made, kind, color=color, span=padded(min(low, 0.0), high))


def _with_parts(context: Context, block: Block, parts: tuple[Part, ...]) -> Block:
    """Put the colours of a stack before the legend of the fans."""
    keys = [Key("band", context.texts(f"care.{part.name}"), part.color) for part in parts]
    return replace(block, legend=[*keys, *(replace(key, color=figures.MUTED) for key in block.legend)])
