"""What a run file says of the page of sliders: the table ``[explore]``, and its levers held against the rules."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple, get_args

from pydantic import ValidationError, field_validator

from actuarial._quantity import CHOICE, Numbers, Section, changed, describe, quantity
from actuarial.rules import SCHEMES, Rules, Scheme
from forecasting.axes import AxisError

OURS = "Granary's choice"

LEVERS: dict[str, tuple[float, ...]] = {
    "pension.fiscal.capacity_share": (0.0, 0.06),
    "pension.land.share": (0.0, 0.3),
    "pension.investment.market_share": (0.0, 0.6),
    "pension.benefit.income_weight": (0.0, 1.2),
    "pension.retirement.target_age": (60, 65),
    "pension.collective.pool_per_head": (0.0, 200.0),
    "pension.collective.donations": (0.0, 2e10),
    "pension.accounts.match_multiple": (0.0, 3.0),
    "medical.financing.subsidy_cost_weight": (0.0, 1.2),
    "medical.financing.subsidy_income_weight": (0.0, 1.2),
    "medical.financing.contribution_income_weight": (0.0, 1.2),
    "medical.financing.land_share": (0.0, 0.1),
    "medical.reimbursement.inpatient": (0.5, 0.8),
    "medical.reimbursement.chronic": (0.5, 0.85),
    "unemployment.contribution.rate": (0.0, 0.03),
    "unemployment.benefits.allowance": (0.2, 0.6),
    "unemployment.financing.land_share": (0.0, 0.05),
    "time_bank.participation": (0.02, 0.3),
    "time_bank.guarantee_share": (0.0, 1.0),
    "care_plan.funding.land_share": (0.0, 0.05),
    "care_plan.funding.collective_per_village": (0.0, 50000.0),
}
"""Levers of a run file that names none: those of the frontier first, then who else pays, what is paid, and to whom."""


class Explore(Section):
    """What the page of sliders opens with, and what can be moved on it."""

    fund: Scheme = quantity("pension", unit=CHOICE, meaning="Fund that is shown first, by its scheme", source=OURS)
    scenario: str = quantity(
        "",
        unit="text",
        meaning="Scenario that the sliders start from, by its name in this file; empty: that of [frontier], or the "
        "first that has the fund",
        source=OURS,
    )
    levers: dict[str, Numbers] = quantity(
        LEVERS,
        unit="caps",
        meaning="Keys of the tables of the schemes that have a slider, each with its two ends, such as "
        '"pension.land.share" = [0.0, 0.3]. Those of the fund that is shown are on the page',
        source=OURS,
    )
    choices: list[str] = quantity(
        ["pension.fiscal.rule", "pension.valuation.deficit_rule", "time_bank.shortage_rule"],
        unit="keys",
        meaning="Keys that pick one of a few named rules and have a list to pick from on the page",
        source=OURS,
    )
    moving_draws: int = quantity(
        200,
        unit="draws",
        low=20,
        high=20_000,
        meaning="Draws that are shown while a slider moves that takes long; all of the run are once it rests",
        source=OURS,
    )

    @field_validator("levers")
    @classmethod
    def _two_ends(cls, given: dict[str, tuple[float, ...]]) -> dict[str, tuple[float, ...]]:
        for key, ends in given.items():
            if len(ends) != 2 or not ends[0] < ends[1]:
                raise ValueError(f"{key} has no two ends. Give two numbers, the smaller first")
        return given


class Lever(NamedTuple):
    """One slider.

    Attributes
    ----------
    key : str
        Dotted, with the table of its scheme.
    low, high : float
        Ends.
    whole : bool
        Takes whole numbers only.
    unit, meaning, source : str
        From the record of the key.
    prices : int
        Year of the prices of money in the tables of its scheme; 0 where nothing is money.
    """

    key: str
    low: float
    high: float
    whole: bool
    unit: str
    meaning: str
    source: str
    prices: int = 0


class Choice(NamedTuple):
    """One list to pick a rule from: its key, what can be picked, and the meaning of the key."""

    key: str
    options: tuple[str, ...]
    meaning: str


def scheme_of(key: str) -> str:
    """Return the scheme of a dotted key."""
    return key.partition(".")[0]


def levers_of(rules: Rules, asked: Mapping[str, tuple[float, ...]]) -> tuple[Lever, ...]:
    """Hold the sliders of a run file against the rules.

    Parameters
    ----------
    rules : Rules
        Of any scenario of the run.
    asked : mapping of str to tuple of float
        Both ends by dotted key.

    Returns
    -------
    tuple of Lever

    Raises
    ------
    forecasting.axes.AxisError
        Listing every key that the rules do not have, that takes no number, or whose ends pass its range.
    """
    known = {str(record["key"]): record for record in describe(rules)}
    faults = list(_lever_faults(rules, asked, set(known)))
    if faults:
        raise AxisError(faults)
    return tuple(_lever(rules, known[key], float(low), float(high)) for key, (low, high) in asked.items())


def choices_of(rules: Rules, asked: Sequence[str]) -> tuple[Choice, ...]:
    """Hold the lists of a run file against the rules.

    Parameters
    ----------
    rules : Rules
    asked : sequence of str
        Dotted keys.

    Returns
    -------
    tuple of Choice

    Raises
    ------
    forecasting.axes.AxisError
        Listing every key that the rules do not have or that picks no named rule.
    """
    known = {str(record["key"]): record for record in describe(rules)}
    faults = []
    for key in asked:
        if key not in known:
            faults.append(f"explore.choices: the tables of the schemes have no key {key}. Name one that they have")
        elif known[key]["unit"] != CHOICE:
            faults.append(f"explore.choices: {key} picks no named rule. Give it two ends under explore.levers")
    if faults:
        raise AxisError(faults)
    return tuple(Choice(key, get_args(_annotation(rules, key)), str(known[key]["meaning"])) for key in asked)


def _annotation(rules: Rules, key: str) -> object:
    *path, last = key.split(".")
    section: Section = rules
    for name in path:
        section = getattr(section, name)
    return type(section).model_fields[last].annotation


def _lever(rules: Rules, record: Mapping[str, object], low: float, high: float) -> Lever:
    key, unit, meaning, source = (str(record[name]) for name in ("key", "unit", "meaning", "source"))
    return Lever(key, low, high, _whole(rules, key), unit, meaning, source, _prices(rules, key))


def _prices(rules: Rules, key: str) -> int:
    """Return the year of a scheme's prices; schemes that run files found reckon in that of the pension."""
    return int(getattr(getattr(rules, scheme_of(key)), "money_year", rules.pension.money_year))


def _whole(rules: Rules, key: str) -> bool:
    annotation = _annotation(rules, key)
    return annotation is int or int in get_args(annotation)


def _lever_faults(rules: Rules, asked: Mapping[str, tuple[float, ...]], known: set[str]) -> Iterator[str]:
    if not asked:
        yield "explore.levers: no lever is named. Name at least one key with its two ends"
    for key, ends in asked.items():
        if key not in known or scheme_of(key) not in SCHEMES:
            yield f"explore.levers: the tables of the schemes have no key {key}. Name one that they have"
            continue
        for end in ends:
            try:
                changed(rules, {key: int(end) if _whole(rules, key) and end == int(end) else end})
            except ValidationError as error:
                yield f"explore.levers, {key}: at {end:g}, {error.errors()[0]['msg']}. A slider is a number"
                break
