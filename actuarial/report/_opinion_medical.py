"""The medical fund and the other funds in the opinion: reserve, balance and burden, each graded by a rule."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import xarray as xr

from actuarial.report._alike import alike
from actuarial.report._household_parts import fund_name, funds_of
from actuarial.report._opinion_rules import (
    BACKCAST,
    FEW,
    OPEN,
    WEIGHT,
    Finding,
    Grade,
    Part,
    falling,
    likelihood,
    rising,
    written,
)
from actuarial.report.blocks import Context
from actuarial.report.money import inside_widest
from actuarial.report.summary import INTERVALS, MEDIAN, fan, probability, quantiles

SAID = (2035, 2050)
"""Years by which the fund may be empty; the reserve is judged in the first, the burden in the last."""

SPREAD = 80
"""Per cent inside the intervals."""

BAND = ("medical.reserve.months_low", "medical.reserve.months_high")
"""Keys of the least and the largest reserve that regulators look for, in months."""

READ = ("fund_empty", "months_of_reserve", "actuarial_balance", "fiscal_need_share")
"""What the rules look at; scenarios in which all of it is the same are judged together."""

PAST = "observed_"
"""What the names of published series in the backcast begin with."""


@dataclass(frozen=True)
class Group:
    """Scenarios with the same fund: name of the first, titles of all, and the data without the axis ``scenario``."""

    name: str
    title: str
    data: xr.Dataset


def part(context: Context) -> Part | None:
    """Return the section on the medical fund; None where the run did not value it."""
    if context.results.medical is None:
        return None
    texts = context.texts
    words = [texts("opinion.medical_lead"), *verdicts(context)]
    notes = [texts("opinion.medical_note")]
    return Part("medical", ("3.1", "4, 9"), words, list(findings(context)), notes=notes)


def verdicts(context: Context) -> list[str]:
    """Say how likely it is that the medical fund is empty, a line for scenarios with the same fund.

    Parameters
    ----------
    context : Context
        Results, texts, numbers.

    Returns
    -------
    list of str
        Empty where the run did not value the fund.
    """
    return [_verdict(context, one) for one in _groups(context)]


def _groups(context: Context) -> Iterator[Group]:
    data = context.results.medical
    titles = {one.name: context.title(s) for s, one in enumerate(context.results.manifest.scenarios)}
    if data is None:
        return
    for names in alike(data, READ):
        title = context.texts("opinion.join").join(titles[name] for name in names)
        yield Group(names[0], title, data.sel(scenario=names[0], drop=True))


def _assumed(context: Context, group: Group, key: str) -> float | None:
    """Return a number that was chosen, as it is in a group; None where the run has no record of it."""
    record = next((one for one in context.results.assumptions if one.key == key), None)
    value = None if record is None else record.scenarios.get(group.name, record.value)
    return None if value is None else float(value)


def _years(context: Context) -> list[int]:
    return context.within(SAID) or [context.results.manifest.last_year]


def _verdict(context: Context, group: Group) -> str:
    texts, made = context.texts, ""
    for year in _years(context):
        share = float(probability(group.data["fund_empty"].sel(year=year)))
        told = {
            "year": year,
            "word": texts(f"opinion.likely.{likelihood(share)}"),
            "chance": context.numbers.chance(share),
        }
        if made:
            made = texts("opinion.sentences", one=made, more=texts("opinion.medical_later", **told))
        else:
            made = texts("opinion.medical_verdict", scenarios=group.title, **told)
    return made


def findings(context: Context) -> Iterator[Finding]:
    """Judge the fund by the rules: its reserve beside the band, its actuarial balance, its burden on budgets.

    Parameters
    ----------
    context : Context
        Results, texts, numbers.

    Yields
    ------
    Finding
        As far as the run holds what a rule looks at.
    """
    for group in _groups(context):
        yield from _reserve(context, group)
        yield from _balance(context, group)
        yield _weight(context, group)


def _finding(context: Context, grade: Grade, key: str, **values: object) -> Finding:
    label = context.texts(f"opinion.label.{key.partition('.')[0]}")
    return Finding(grade, label, context.texts(f"opinion.{key}", **values))


def _spread(context: Context, values: xr.DataArray, kind: str) -> dict[str, object]:
    """Write median and interval of a quantity."""
    q, write = quantiles(values), context.numbers
    low, high = (float(q[place]) for place in INTERVALS[SPREAD])
    return {
        "median": write.write(float(q[MEDIAN]), kind), "level": SPREAD, "interval": write.interval(low, high, kind)
    }  # fmt: skip


def _reserve(context: Context, group: Group) -> Iterator[Finding]:
    least, most = (_assumed(context, group, key) for key in BAND)
    if least is None or most is None:
        return
    year = _years(context)[0]
    months = group.data["months_of_reserve"].sel(year=year)
    share = float(probability((months < least).astype(float)))
    grade = rising(written(share), OPEN)
    ends = {"least": context.numbers.free(least), "most": context.numbers.free(most)}
    told = {"scenarios": group.title, "year": year, "share": context.numbers.chance(share), **ends}
    words = _spread(context, months, "years")
    yield _finding(context, grade, "reserve." + ("kept", "doubtful", "lost")[grade], **told, **words)


def _balance(context: Context, group: Group) -> Iterator[Finding]:
    data = group.data["actuarial_balance"]
    known = [h for h in data["horizon"].values.tolist() if bool(data.sel(horizon=h).notnull().any())]
    if not known:
        return
    balance = data.sel(horizon=max(known))
    share = float(probability((balance < 0).astype(float)))
    grade = rising(written(share), OPEN)
    told = {"scenarios": group.title, "years": round(max(known)), "share": context.numbers.chance(share)}
    words = _spread(context, balance, "share")
    yield _finding(context, grade, "deficit." + ("none", "doubtful", "certain")[grade], **told, **words)


def _weight(context: Context, group: Group) -> Finding:
    first, year = context.results.manifest.first_year, _years(context)[-1]
    need = group.data["fiscal_need_share"]
    now = need.sel(year=first, drop=True)
    quotient = need.sel(year=year, drop=True) / now.where(now > 0)
    ratio = float(quantiles(quotient)[MEDIAN])
    word = rising(ratio, WEIGHT)
    told = {"scenarios": group.title, "year": year, "first": first, "ratio": context.numbers.write(ratio, "number")}
    words = _spread(context, need.sel(year=year), "share")
    # A heavy burden is a result that budgets may choose to bear: a reservation, no more.
    grade = min(word, Grade.RESERVED)
    return _finding(context, grade, "weight." + ("steady", "grows", "heavy")[word], **told, **words)


def known(context: Context) -> list[Finding]:
    """Judge how much is published of the medical fund; nothing where the run did not value it."""
    if context.results.medical is None:
        return []
    past = context.results.medical_backcast
    if past is None:
        return [_finding(context, Grade.RESERVED, "medical_years.none")]
    years = max(int(past[name].notnull().sum()) for name in past if str(name).startswith(PAST))
    grade = Grade.RESERVED if years < FEW else Grade.CLEAR
    return [_finding(context, grade, "medical_years." + ("long", "short")[grade], years=years, few=FEW)]


def replayed(context: Context) -> list[Finding]:
    """Judge the fund's past, simulated again; nothing where the run did not value it."""
    if context.results.medical is None:
        return []
    past = context.results.medical_backcast
    if past is None:
        past = xr.Dataset()
    names = [str(name) for name in past if f"{PAST}{name}" in past]
    counts = [inside_widest(fan(past[name]), past[f"{PAST}{name}"].dropna("year")) for name in names]
    inside, total = (int(sum(column)) for column in np.reshape(counts, (-1, 2)).T)
    if not total:
        return [_finding(context, Grade.RESERVED, "medical_past.none")]
    grade = falling(inside / total, BACKCAST)
    key = "medical_past." + ("held", "rarely", "failed")[grade]
    return [_finding(context, grade, key, inside=inside, total=total, level=95)]


def scope(context: Context) -> list[str]:
    """Say which funds were valued besides the pension, and in which scenarios."""
    texts, results = context.texts, context.results
    if results.household is None:
        return []
    have = [funds_of(results, one.name) for one in results.manifest.scenarios]
    parts = []
    for fund in results.household["fund"].values.tolist():
        titles = [context.title(s) for s, funds in enumerate(have) if fund in funds]
        if fund == "pension" or not titles:
            continue
        every = len(titles) == len(have)
        names = texts("opinion.every_scenario") if every else texts("opinion.join").join(titles)
        parts.append(texts("opinion.fund_in", fund=fund_name(context, fund), scenarios=names))
    return [texts("opinion.scope_others", funds=texts("opinion.join").join(parts))]


def limits(context: Context) -> list[str]:
    """Say what the run does not tell of other funds than the pension."""
    texts, results = context.texts, context.results
    if results.household is None:
        return [texts("opinion.limit.only_pension")]
    made = [texts("opinion.limit.no_medical" if results.medical is None else "opinion.limit.medical")]
    founded = [name for name in ("unemployment", "time_bank", "care_plan") if getattr(results, name) is not None]
    if founded:
        names = texts("opinion.join").join(fund_name(context, name) for name in founded)
        made.append(texts("opinion.limit.founded", funds=names))
    return [*made, texts("opinion.limit.employees")]
