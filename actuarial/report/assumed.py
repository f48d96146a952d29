"""The report's record of what was assumed: the rules of the fund, then the priors of the models."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import Any

from actuarial._quantity import YEAR
from actuarial.report.blocks import Cell, Context, Table
from actuarial.report.numbers import DASH
from actuarial.report.records import Assumption

PRIORS = "priors."
"""What the keys of priors begin with; the model follows."""


@dataclass(frozen=True)
class PriorGroup:
    """The priors of one model: its name, its source, what holds for all of them, and a table."""

    model: str
    source: str
    lead: str
    table: Table


@dataclass(frozen=True)
class Changed:
    """What a scenario changes: key, meaning, and the values before and after."""

    key: str
    meaning: str
    before: str
    after: str


def rules(context: Context) -> Table:
    """Return the rules of the fund: value, range, source, and where scenarios differ."""
    texts = context.texts
    rows = [_rule(context, one) for one in context.results.assumptions if not one.key.startswith(PRIORS)]
    head = tuple(texts(f"assumptions.{name}") for name in ("meaning", "value", "range", "source"))
    return Table(texts("assumptions.title"), head, rows)


def _rule(context: Context, one: Assumption) -> tuple[Cell, ...]:
    titles = {scenario.name: context.title(s) for s, scenario in enumerate(context.results.manifest.scenarios)}
    differing = tuple(f"{titles.get(name, name)}: {_value(context, v, one)}" for name, v in one.scenarios.items())
    low, high = (_value(context, end, one) for end in (one.low, one.high))
    span = DASH if one.low is None and one.high is None else context.texts("interval", low=low, high=high)
    unit = context.texts.known(f"unit.{one.unit}", one.unit)
    return (
        Cell(_meaning(context, one), (one.key,)),
        Cell(_value(context, one.value, one), (unit, *differing)),
        Cell(span),
        Cell(one.source),
    )


def _meaning(context: Context, one: Assumption) -> str:
    return context.texts.known(f"assumption.{one.key}", one.meaning)


def _value(context: Context, value: Any, one: Assumption) -> str:
    return context.numbers.free(value, grouped=one.unit != YEAR)


def changes(context: Context, scenario: int) -> list[Changed]:
    """Return what a scenario changes, in words."""
    known = {one.key: one for one in context.results.assumptions}
    made = []
    for change in context.results.manifest.scenarios[scenario].changes:
        # Older results name the keys of the pension without its table.
        one = known.get(change.key) or known.get(f"pension.{change.key}")
        grouped = one is None or one.unit != YEAR
        before, after = (context.numbers.free(value, grouped=grouped) for value in (change.before, change.after))
        made.append(Changed(change.key, "" if one is None else _meaning(context, one), before, after))
    return made


def priors(context: Context) -> list[PriorGroup]:
    """Return the priors by model; those that share a meaning share a row."""
    found = [one for one in context.results.assumptions if one.key.startswith(PRIORS)]
    return [_group(context, name, list(rows)) for name, rows in groupby(found, lambda one: one.key.split(".")[1])]


def _group(context: Context, name: str, found: list[Assumption]) -> PriorGroup:
    texts = context.texts
    rows: list[tuple[Cell, ...]] = []
    for meaning, same in groupby(found, lambda one: one.meaning):
        parts = list(same)
        keys = ", ".join(one.key.split(".", 2)[-1] for one in parts)
        values = "; ".join(context.numbers.free(one.value, grouped=False) for one in parts)
        rows.append((Cell(meaning, (keys,)), Cell(values)))
    model = texts.known(f"model.{name}", name)
    caption = texts("assumptions.priors_of", model=model)
    head = (texts("assumptions.meaning"), texts("assumptions.value"))
    return PriorGroup(model, found[0].source, found[0].unit, Table(caption, head, rows))
