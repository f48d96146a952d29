"""The report's chapter on the mutual-aid time bank."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import xarray as xr

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
from actuarial.report._time_bank_table import by_year, cases, hours_unit, once
from actuarial.report.blocks import Block, Context, Key, Panel, fan_panel
from actuarial.report.chapters import Chapter, of_scenarios
from actuarial.report.figures import Line
from actuarial.report.money import money_unit, real_fan
from actuarial.report.numbers import DASH, Kind
from actuarial.report.scales import padded, reach
from actuarial.report.summary import MEDIAN, fan, probability, quantiles

LARGE = Kind(1e-6, 1e-8, 0)
"""Hours of a nation: million hours in English, 亿小时 in Chinese."""

SMALL = Kind(1e-3, 1e-4, 0)
"""Hours of a county: thousand hours, 万小时."""

COUNTY = "people.thousand"
"""How people of a county are written (`actuarial.report.numbers.scale_of`)."""

EXACT = 1e-6
"""Sums of many cohorts differ in their last digits: members ask for more than can be given only beyond this part."""

WHOLE = Kind(1, 1, 0)


def chapter(context: Context) -> Chapter | None:
    """Return the chapter, or None where no scenario founds the bank.

    Parameters
    ----------
    context : Context
        Results, texts, numbers.

    Returns
    -------
    Chapter or None
    """
    data = context.results.time_bank
    if data is None:
        return None
    context = with_kinds(context, {"hours": _hours(context), "whole": WHOLE})
    context = with_kinds(context, {f"small_{name}": finer(context, name) for name in ("money", "persons")})
    places = {s: alive(one, "members") for s, one in of_scenarios(context, data)}
    blocks: list[Block] = []
    for place, (s, one) in enumerate(places.items()):
        blocks += [make(context, s, one, lead=place == 0) for make in (hours, work, money)]
    tables = [by_year(context, s, one) for s, one in places.items()] + [once(context, places)]
    tables += [table for s, one in places.items() if (table := cases(context, s, one)) is not None]
    lead = [founded(context, data, "members"), *(finding(context, s, one) for s, one in places.items())]
    told = ("rules", "owed", "place", "cases") if "case_buying_year" in data else ("rules", "owed", "place")
    notes = [context.texts(f"bank.note_{name}") for name in told]
    return Chapter("time-bank", context.texts("bank.title"), joined(context, lead), blocks, tables, notes)


def _hours(context: Context) -> Kind:
    if context.numbers.scale.persons == COUNTY:
        return SMALL
    return replace(LARGE, decimals=2) if context.texts.language == "zh" else LARGE


def finding(context: Context, scenario: int, one: xr.Dataset) -> str:
    """Say in a sentence or two what the results of a scenario are."""
    year, numbers = compared(context, one), context.numbers
    at = one.sel(year=year)

    def middle(name: str, kind: str) -> str:
        return numbers.write(float(quantiles(at[name])[MEDIAN]), kind)

    return context.texts(
        "bank.finding",
        scenario=context.title(scenario),
        year=year,
        owed=f"{middle('hours_owed', 'hours')} {hours_unit(context)}",
        work=middle("years_of_work_owed", "years"),
        need=middle("need_met", "share"),
        buys=numbers.chance(float(probability((one["buying_year"] <= year).astype(float)))),
        last=int(one["year"][-1]),
        ever=numbers.chance(float(probability(one["buying_year"].notnull().astype(float)))),
        likely=_likely(context, one),
        first=numbers.year(float(quantiles(one["buying_year"])[MEDIAN])),
        rate=numbers.write(float(quantiles(one["guarantee_rate"])[MEDIAN]), "share"),
        aside=numbers.write(float(chosen(context, "time_bank.guarantee_share", scenario)), "share"),
    )


def _likely(context: Context, one: xr.Dataset) -> str:
    """Return the spans of years in which more is asked for than given in over half of the futures; a dash for none."""
    bought = probability((one["claims_to_supply"] > 1.0 + EXACT).astype(float)) > 0.5
    years = one["year"].values[bought.values]
    spans = np.split(years, np.flatnonzero(np.diff(years) > 1) + 1) if years.size else []
    ends = (context.numbers.between(str(span[0]), str(span[-1])) for span in spans)
    return context.texts("answer.comma").join(ends) or DASH


def hours(context: Context, scenario: int, one: xr.Dataset, *, lead: bool) -> Block:
    """Return hours earned, redeemed, lapsed and bought on one scale, and hours owed on its own."""
    values = {
        "hours_earned": one["hours_earned"],
        "hours_redeemed": one["hours_redeemed"],
        "hours_lapsed": one["hours_lapsed_by_death"] + one["hours_lapsed_by_leaving"],
        "hours_bought": one["hours_bought"],
    }
    span = padded(*reach([fan(value) for value in values.values()]))
    panels = [_hours_panel(context, scenario, name, value, span) for name, value in values.items()]
    owed = one["hours_owed"]
    panels.append(_hours_panel(context, scenario, "hours_owed", owed, padded(*reach([fan(owed)]))))
    return fans_of(context, "bank_hours", panels, scenario, lead=lead)


def _hours_panel(context: Context, scenario: int, name: str, values: xr.DataArray, span: tuple[float, float]) -> Panel:
    words = (context.texts(f"bank.{name}"), hours_unit(context))
    panel_id, color = f"time-bank-{name}-{scenario}", context.color(scenario)
    return fan_panel(context, panel_id, words, fan(values), "hours", color=color, span=span)


def work(context: Context, scenario: int, one: xr.Dataset, *, lead: bool) -> Block:
    """Return what is owed and asked for beside what can be given, the need met, and the chance of buying."""
    color, texts = context.color(scenario), context.texts
    limit = Line(texts("bank.limit"), one["year"].values, np.full(one["year"].size, 100.0), dash="dashed")
    by_then = (one["buying_year"] <= one["year"]).astype(float)
    panels = [
        _ratio_panel(context, scenario, one, ("years_of_work_owed", "years")),
        _ratio_panel(context, scenario, one, ("claims_to_supply", "share"), [limit]),
        chances_panel(
            context,
            f"time-bank-buys-{scenario}",
            texts("bank.buys_by"),
            {texts("bank.buys_line"): by_then.transpose(..., "year")},
            color=color,
            symbols=[""],
        ),
        _ratio_panel(context, scenario, one, ("need_met", "share")),
    ]
    block = fans_of(context, "bank_work", panels, scenario, lead=lead)
    return replace(block, legend=[*block.legend, Key("line", limit.name, figures.INK, dash="6 4")])


def _ratio_panel(
    context: Context, scenario: int, one: xr.Dataset, what: tuple[str, str], lines: Sequence[Line] = ()
) -> Panel:
    name, kind = what
    made = fan(one[name])
    words = (context.texts(f"bank.{name}"), context.texts(f"bank.{name}_note"))
    panel_id, color = f"time-bank-{name}-{scenario}", context.color(scenario)
    return fan_panel(context, panel_id, words, made, kind, color=color, span=padded(*reach([made])), lines=lines)


def money(context: Context, scenario: int, one: xr.Dataset, *, lead: bool) -> Block:
    """Return the value of what is owed beside the money set aside, care that is bought, and the cost of running."""
    texts, color = context.texts, context.color(scenario)
    panels = [_value_panel(context, scenario, one)]
    panels += [
        money_panel(
            context,
            f"time-bank-{name}-{scenario}",
            texts(f"bank.{name}"),
            one[name],
            color=color,
            kind="small_money",
            late=name == "care_purchased",
        )
        for name in ("care_purchased", "bank_running_cost")
    ]
    block = fans_of(context, "bank_money", panels, scenario, lead=lead)
    return replace(block, legend=[*block.legend, Key("line", texts("bank.balance"), figures.INK, dash="6 4")])


def _value_panel(context: Context, scenario: int, one: xr.Dataset) -> Panel:
    owed, aside = real_fan(context, one["value_owed"]), real_fan(context, one["balance"])
    factor = context.numbers.factor("small_money")
    line = Line(context.texts("bank.balance"), aside.years, factor * aside.median, dash="dashed")
    words = (context.texts("bank.value_owed"), money_unit(context))
    low, high = reach([owed])
    ends = padded(min(low, float(aside.median.min())), max(high, float(aside.median.max())))
    panel_id, color = f"time-bank-value-{scenario}", context.color(scenario)
    return fan_panel(context, panel_id, words, owed, "small_money", color=color, span=ends, lines=[line])
