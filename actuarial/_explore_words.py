"""The words of the page of sliders: labels, the answer in sentences, and the lines that keep a mix."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from textwrap import wrap

import numpy as np

from actuarial._explore_desk import Changes, Picture
from actuarial._explore_rules import Lever
from actuarial._quantity import Section, changed, describe
from actuarial._toml import value
from actuarial.report.numbers import Numbers
from actuarial.report.texts import Texts, catalogue
from actuarial.rules import Rules

SHARE = "share"
MONEY = re.compile(r"^yuan per year\b")
LINE = 76
"""Characters of a line of a comment."""

NAME = "mine"
"""Name of the scenario that a mix is kept as."""


def label(texts: Texts, lever: Lever) -> str:
    """Name a lever: shortly where the catalogue does, else by its meaning; with its unit where it is no share."""
    key = f"explore.lever.{lever.key}"
    name = texts(key) if key in catalogue() else texts.known(f"assumption.{lever.key}", lever.meaning)
    if is_share(lever) or lever.unit in ("ratio", "choice"):
        return name
    unit = texts("yuan.billion") if MONEY.match(lever.unit) else texts.known(f"unit.{lever.unit}", lever.unit)
    return texts("explore.with_unit", lever=name, unit=unit.replace("money_year", str(lever.prices)))


def is_share(lever: Lever) -> bool:
    """Tell whether a lever is written in per cent."""
    return lever.unit.startswith(SHARE)


def factor(texts: Texts, lever: Lever) -> float:
    """Return what a value is multiplied by on its slider: money of a year in billion yuan, 亿元 in Chinese."""
    if not MONEY.match(lever.unit):
        return 1.0
    return 1e-8 if texts.language == "zh" else 1e-9


def option(texts: Texts, name: str) -> str:
    """Name a rule that can be picked."""
    key = f"explore.option.{name}"
    return texts(key) if key in catalogue() else name


def answer(numbers: Numbers, fund: str, mine: Picture, start: Picture) -> list[str]:
    """Say what a mix does, beside the scenario that it starts from."""
    texts = numbers.texts

    def chances(one: Picture) -> str:
        return " / ".join(numbers.chance(chance) for chance in one.chances.values())

    years = list(mine.chances)
    low, middle, high = (numbers.write(share, "share") for share in mine.need)
    lines = [
        texts(
            "explore.answer", fund=texts(f"explore.fund_{fund}"), years=" / ".join(map(str, years)),
            chances=chances(mine), before=chances(start),
            middle=numbers.year(mine.middle), middle_before=numbers.year(start.middle),
        ),
        texts("explore.need", year=years[min(1, len(years) - 1)], value=middle, low=low, high=high),
    ]  # fmt: skip
    if not np.isfinite(list(mine.bearers.values())).all():
        return [*lines, texts("explore.nothing_due")]
    return [*lines, texts("explore.bearers", **{who: numbers.write(v, "share") for who, v in mine.bearers.items()})]


def snippet(
    texts: Texts, rules: Rules, head: Rules, scenario: str, changes: Changes, *, founds: Sequence[str] = ()
) -> str:
    """Write a mix as lines of a run file.

    Parameters
    ----------
    texts : Texts
    rules : Rules
        Of the scenario that the mix starts from.
    head : Rules
        Of the tables of the schemes at the head of the run file, which scenarios change.
    scenario : str
        Title of the scenario.
    changes : mapping
        What was moved.
    founds : sequence of str
        Schemes that it has besides those of the run.

    Returns
    -------
    str
        ``[scenarios.mine]`` and its changes: all that the scenario changes, and what was moved.
    """
    there = _values(changed(rules, changes))
    differs = {key: given for key, given in there.items() if given != _values(head)[key] and given is not None}
    comment = texts("explore.of_scenario", scenario=scenario)
    named = (
        f"title{'_zh' if tongue == 'zh' else ''} = {value(name)}"
        for tongue, name in catalogue()["explore.mine"].items()
    )
    found = [f"founds = {value(list(founds))}"] if founds else []
    body = (f"{key} = {value(_plain(given))}" for key, given in differs.items())
    return "\n".join(
        [
            *(f"# {line}" for line in wrap(comment, LINE)),
            f"[scenarios.{NAME}]",
            *named,
            *found,
            "",
            f"[scenarios.{NAME}.change]",
            *body,
        ]
    )


def _values(rules: Section) -> Mapping[str, object]:
    return {str(record["key"]): record["value"] for record in describe(rules)}


def _plain(given: object) -> object:
    return list(given) if isinstance(given, tuple) else given
