"""The report's chapter on the resident medical fund: members, money, reserve, budget, households, and its past."""

from __future__ import annotations

from collections.abc import Sequence

from actuarial.report import _medical_charts as charts
from actuarial.report import _medical_tables as tables
from actuarial.report._medical_groups import Group, groups
from actuarial.report._medical_published import backcast
from actuarial.report._medical_trend import trend
from actuarial.report.blocks import Context
from actuarial.report.chapters import Chapter
from actuarial.report.summary import INTERVALS, MEDIAN, probability, quantiles

ASKED = (2035, 2050)
"""Years by which the chapter's first lines say whether the fund is empty."""


def chapter(context: Context) -> Chapter | None:
    """Make the chapter on the resident medical fund.

    Scenarios that leave the fund the same in every draw and year are drawn once, under all their titles.

    Parameters
    ----------
    context : Context
        Results, texts, numbers. Of the results ``medical`` is needed; ``medical_backcast`` and the medical variables of
        ``projection`` are shown where the run has them.

    Returns
    -------
    Chapter or None
        None where the run has no medical fund.
    """
    results, texts = context.results, context.texts
    if results.medical is None:
        return None
    found = groups(context, results.medical)
    blocks = [
        *charts.people(context),
        charts.flows(context, found),
        charts.reserve(context, found),
        charts.empty(context, found),
        charts.budget(context, found),
        charts.reimbursement(context, found),
        charts.households(context, found),
    ]
    if results.medical_backcast is not None:
        blocks.append(backcast(context, results.medical_backcast))
    shown = [
        *(tables.flows(context, group) for group in found),
        *trend(context, found[0]),
        *(tables.indicators(context, group) for group in found),
        tables.long_run(context, found),
    ]
    lead = texts("medical.lead")
    for group in found:
        lead = texts("opinion.sentences", one=lead, more=_fate(context, group))
    if any(len(group.places) > 1 for group in found):
        lead = texts("opinion.sentences", one=lead, more=texts("medical.same"))
    return Chapter("medical", texts("medical.title"), lead, blocks, shown, _notes(context, found))


def _fate(context: Context, group: Group) -> str:
    """Say how likely it is that the fund is empty, and when it runs out."""
    texts, numbers = context.texts, context.numbers
    years = tables.shown_years(context, ASKED)
    chances = (float(probability(group.data["fund_empty"].sel(year=year))) for year in years)
    q = quantiles(group.data["fund_depletion_year"])
    low, middle, high = (numbers.year(float(q[place])) for place in (INTERVALS[80][0], MEDIAN, INTERVALS[80][1]))
    return texts(
        "medical.fate",
        scenarios=group.title,
        years=" / ".join(map(str, years)),
        chances=" / ".join(map(numbers.chance, chances)),
        middle=middle,
        interval=numbers.between(low, high),
    )


def _notes(context: Context, found: Sequence[Group]) -> list[str]:
    texts, between = context.texts, context.texts("medical.and")
    notes = []
    for group in found:
        lacking = [texts(f"medical.flow.{name}") for name in tables.OUTGO if tables.absent(group, name)]
        if lacking:
            notes.append(texts("medical.lacking", scenarios=group.title, names=between.join(lacking)))
    opened = int(found[0].data["year"][0]) - 1
    notes.append(texts("medical.note.opening", year=opened))
    return [*notes, *(texts(f"medical.note.{name}") for name in ("rules", "pooled", "households"))]
