"""The sentences of the brief: the answer, what it rests on, what is doubtful, and what is to be decided."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from operator import attrgetter

import numpy as np
import xarray as xr

from actuarial.report._opinion_rules import Finding, Grade
from actuarial.report.blocks import Context
from actuarial.report.numbers import DASH
from actuarial.report.opinion import opinion
from actuarial.report.summary import INTERVALS, MEDIAN, probability, quantiles

MOST = 4
"""Scenarios that the brief shows; the report has all of them."""

LONGEST_NAME, LONGEST_SENTENCE = 30, 240
"""Letters of a scenario's name, and of a sentence that comes from the opinion."""

SOON, MIDDLE, LATE = 2035, 2050, 2075
"""Years of which the brief speaks, as far as the forecast goes."""

DOUBTFUL = ("doubt", "assumed", "method", "data")
"""Sections of the opinion from which the biggest doubts are taken; of the same grade, the first goes first."""

SAID_DOUBTS, SAID_DECISIONS = 3, 4
"""How many of them the paper has room for."""

WORTH_SAYING = 0.1
"""From this share of futures on, an empty fund is put before who decides."""


def shortened(text: str, most: int = LONGEST_NAME) -> str:
    """Return a text of at most `most` letters, on one line; an ellipsis tells that something is left out."""
    line = " ".join(text.split())
    return line if len(line) <= most else f"{line[: most - 1].rstrip()}…"


def year_of(context: Context, wanted: int) -> int:
    """Return a year, or the end of the forecast where that is sooner."""
    return min(wanted, context.results.manifest.last_year)


def scenarios(context: Context) -> range:
    """Return the places of the scenarios that the brief shows."""
    return range(min(MOST, len(context.results.manifest.scenarios)))


def answer(context: Context) -> list[str]:
    """Answer in three sentences: how long the first scenario lasts, what it takes, and what other rules would do.

    Parameters
    ----------
    context : Context

    Returns
    -------
    list of str
    """
    return [_lasts(context), _takes(context), _others(context)]


def _lasts(context: Context) -> str:
    one, write = context.results.indicators.isel(scenario=0), context.numbers
    year = year_of(context, MIDDLE)
    chances = {name: write.chance(float(probability(one[f"{name}_empty"].sel(year=year)))) for name in ("pool", "fund")}
    return context.texts(
        "brief.lasts", scenario=context.title(0), year=year, **chances,
        median=year_words(context, one["pool_depletion_year"]),
    )  # fmt: skip


def year_words(context: Context, years: xr.DataArray) -> str:
    """Write the median year in which something happens, with its 80 % interval where that begins within the horizon."""
    q, write = quantiles(years), context.numbers
    low, main, high = (write.year(float(q[place])) for place in (INTERVALS[80][0], MEDIAN, INTERVALS[80][1]))
    return (
        main
        if low == write.never
        else context.texts("brief.with_interval", value=main, interval=write.between(low, high))
    )


def share_words(context: Context, values: xr.DataArray, kind: str = "share") -> str:
    """Write a median with its 80 % interval, unless that reads the same: a rule then sets it in every future."""
    q, write = quantiles(values), context.numbers
    low, main, high = (float(q[place]) for place in (INTERVALS[80][0], MEDIAN, INTERVALS[80][1]))
    value, interval = write.write(main, kind), write.interval(low, high, kind)
    return value if value == interval else context.texts("brief.with_interval", value=value, interval=interval)


def need(context: Context, scenario: int) -> tuple[str, xr.DataArray]:
    """Return what budgets must bring over their revenue, and of which funds that is: ``all`` or ``pension``."""
    household, name = context.results.household, context.results.manifest.scenarios[scenario].name
    if household is not None and name in household["scenario"].values:
        return "all", household["need_share"].sel(scenario=name)
    return "pension", context.results.indicators["fiscal_need_share"].isel(scenario=scenario)


def _takes(context: Context) -> str:
    of, values = need(context, 0)
    first, later = context.results.manifest.first_year, year_of(context, MIDDLE)
    now, then = (share_words(context, values.sel(year=year)) for year in (first, later))
    told = {"scenario": context.title(0), "first": first}
    return context.texts(f"brief.takes_{of}", **told, now=now, later=later, then=then)


def _others(context: Context) -> str:
    texts, write, data = context.texts, context.numbers, context.results.indicators
    if data.sizes["scenario"] == 1:
        return texts("brief.alone")
    late, middle = year_of(context, LATE), year_of(context, MIDDLE)
    parts = []
    for s in scenarios(context):
        one = data.isel(scenario=s)
        paid = share_words(context, one["fiscal_transfer_share"].sel(year=middle), "small_share")
        empty = write.chance(float(probability(one["fund_empty"].sel(year=late))))
        parts.append(texts("brief.other", scenario=context.title(s), empty=empty, paid=paid))
    return texts("brief.others", late=late, middle=middle, parts=texts("brief.semicolon").join(parts))


def rests_on(context: Context) -> list[str]:
    """Say what the results rest on: draws, models, figures, and how the past was met."""
    texts, results = context.texts, context.results
    passed = sum(one.passed for one in results.diagnostics)
    lines = [
        texts(
            "brief.rests_draws", draws=f"{results.manifest.draws:,}", models=len(results.diagnostics), passed=passed,
            last=results.manifest.last_year,
        ),
        texts("brief.rests_figures", sources=len(results.sources), now=context.now),
    ]  # fmt: skip
    past = [one for one in _found(context, ("doubt",)) if one.label == texts("opinion.label.past")]
    return [*lines, *(shortened(one.words, LONGEST_SENTENCE) for one in past[:1])]


def _found(context: Context, sections: Sequence[str]) -> list[Finding]:
    parts = {part.key: part.findings for part in opinion(context).parts}
    return [one for key in sections for one in parts.get(key, [])]


def doubts(context: Context) -> list[str]:
    """Return the worst of what the opinion holds against the forecast, worst first."""
    against = [one for one in _found(context, DOUBTFUL) if one.grade > Grade.CLEAR]
    worst = sorted(against, key=attrgetter("grade"), reverse=True)[:SAID_DOUBTS]
    return [shortened(one.words, LONGEST_SENTENCE) for one in worst]


def decisions(context: Context) -> list[str]:
    """Return what is to be decided, as the results put it; each sentence stands for a number of the run."""
    return list(islice(_decisions(context), SAID_DECISIONS))


def _decisions(context: Context) -> Iterator[str]:
    texts, write, results = context.texts, context.numbers, context.results
    soon, late, first = year_of(context, SOON), year_of(context, LATE), context.title(0)
    if results.medical is not None:
        one = results.medical.isel(scenario=0)
        share = float(probability(one["fund_empty"].sel(year=soon)))
        if share >= WORTH_SAYING:
            yield texts("brief.decide_medical", scenario=first, year=soon, chance=write.chance(share))
    pool = float(probability(results.indicators["pool_empty"].isel(scenario=0).sel(year=late)))
    if pool >= WORTH_SAYING:
        yield texts("brief.decide_pool", scenario=first, year=late, chance=write.chance(pool))
    of, values = need(context, 0)
    at = quantiles(values.sel(year=late), (0.9,))
    yield texts(f"brief.decide_need_{of}", year=late, share=write.write(float(at[0]), "share"))
    if results.breakeven is not None:
        yield from _lever(context, results.breakeven)
    if len(results.manifest.scenarios) > 1:
        yield texts("brief.decide_mix")
    yield texts("brief.decide_again")


def _lever(context: Context, found: xr.Dataset) -> Iterator[str]:
    """Tell how many levers alone reach the target of the break-even search."""
    alone = int(np.nansum(found["within"].values > 0))
    about = found.attrs
    names = [one.name for one in context.results.manifest.scenarios]
    title = context.title(names.index(str(about["scenario"]))) if about["scenario"] in names else DASH
    yield context.texts(
        "brief.decide_lever", alone=alone, all=found.sizes["lever"], scenario=title, year=int(about["by"]),
        target=context.numbers.chance(float(about["target"])),
    )  # fmt: skip
