"""What a run file asks of sensitivity: the table ``[sensitivity]``, and its inputs held against the rules."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Literal, get_args

from pydantic import ValidationError, field_validator

from actuarial._quantity import CHOICE, Numbers, Section, changed, describe, quantity, year
from actuarial._sensitivity_inputs import TAIL, Input
from actuarial.rules import Case, Rules, Scheme
from forecasting.axes import AxisError

OURS = "Granary's choice"
TEXT = "text"

Belief = Literal[
    "fertility", "longevity", "migration", "membership", "wages", "prices", "budgets", "land_income", "deposits",
    "market", "medical_cost",
]  # fmt: skip
"""What models forecast and an analysis can move, each over the spread of its own draws."""

BELIEFS: tuple[Belief, ...] = get_args(Belief)

PEOPLE = ("fertility", "longevity", "migration")
"""Beliefs that act while people are carried on: every new value is dear."""

End = Literal["low", "high"]

_FRACTION = 0.6180339887


class Sensitivity(Section):
    """What moves a forecast: which inputs over which ranges, which sets of them, and how finely all are searched."""

    fund: Scheme = quantity(
        "pension", unit=CHOICE, meaning="Fund whose forecast is looked at, by the name of its scheme", source=OURS
    )
    scenario: str = quantity(
        "package", unit=TEXT, meaning="Scenario whose rules hold for all that is not moved, by its name", source=OURS
    )
    by: int = year(
        2050,
        meaning="Year of the reserve, the cost and the need; the fund may be empty by its end",
        source="Granary's choice: a generation ahead, where the risk of the package is neither none nor certain",
    )
    beliefs: list[Belief] = quantity(
        ["fertility", "longevity", "migration", "membership", "wages", "prices", "budgets", "land_income", "deposits",
         "market"],
        unit=CHOICE,
        meaning=f"What models forecast that is moved, each alone, over its own draws: {', '.join(BELIEFS)}",
        source=OURS,
    )  # fmt: skip
    tail: float = quantity(
        TAIL,
        unit="share",
        low=0.01,
        high=0.4,
        meaning="Part of the draws below the low end, and above the high end, of each belief",
        source="Granary's choice: the 80 per cent interval that the report prints",
    )
    rules: dict[str, Numbers] = quantity(
        {
            "pension.benefit.income_weight": (0.3, 0.7),
            "pension.fiscal.capacity_share": (0.018, 0.03),
            "pension.land.share": (0.05, 0.15),
            "pension.investment.market_share": (0.1, 0.4),
            "pension.investment.deposit_spread": (0.0, 0.01),
            "pension.retirement.target_age": (60.0, 65.0),
            "pension.accounts.tier_spread": (0.4, 0.8),
            "pension.accounts.crediting_spread": (0.0, 0.025),
            "pension.collective.pool_per_head": (0.0, 20.0),
        },
        unit="ranges",
        meaning="Keys of the tables of the schemes that are moved, each from the lower to the upper end of what is "
        'plausible, such as "pension.land.share" = [0.05, 0.15]; not all that the key allows',
        source="Granary's choice, for the package: indexation two tenths about its half; a quarter about today's 2.4 "
        "per cent of budget revenue; half as much about the reform's tenth of land income; a tenth to the 40 per cent "
        "that is entrusted today; deposits without premium to twice the default; no reform of the pension age to 65; "
        "tiers a third less to more spread than assumed; accounts credited as deposits to twice the default; no "
        "collective money to the reform's 20 yuan",
    )
    low_cost: dict[str, End] = quantity(
        {"fertility": "high", "longevity": "low", "membership": "high", "market": "high", "deposits": "high"},
        unit="ends",
        meaning="Inputs that stand at one end together when all goes well for the fund",
        source="Granary's choice, after the low-cost assumptions of the US Trustees: more births, shorter lives",
    )
    high_cost: dict[str, End] = quantity(
        {"fertility": "low", "longevity": "high", "membership": "low", "market": "low", "deposits": "low"},
        unit="ends",
        meaning="Inputs that stand at the other end together when all goes badly",
        source="Granary's choice, after the high-cost assumptions of the US Trustees: the same at their other ends",
    )
    draws: int = quantity(
        200,
        unit="draws",
        low=20,
        high=20_000,
        meaning="Draws of the run on which inputs are moved one at a time and in sets, evenly spread",
        source="Granary's choice: a probability is then known to 4 points, and a paired difference to fewer",
    )
    trajectories: int = quantity(
        10,
        unit="trajectories",
        low=0,
        high=1000,
        meaning="Trajectories of the screening by elementary effects; 0 leaves it out, else at least 2",
        source="Campolongo, Cariboni and Saltelli 2007: ten are common",
    )
    samples: int = quantity(
        32,
        unit="points",
        low=0,
        high=65_536,
        meaning="Points of the sample for indices of variance, a power of 2; 0 leaves them out",
        source="Granary's choice: the errors are printed; four times as many halve them, in four times the time",
    )
    screen_draws: int = quantity(
        60,
        unit="draws",
        low=20,
        high=20_000,
        meaning="Draws on which all inputs are moved at once, in the screening and for indices of variance",
        source="Granary's choice: a statistic of few draws moves with the inputs as one of many does; the draws are "
        "the same at every point",
    )

    @field_validator("rules")
    @classmethod
    def _ranges(cls, given: dict[str, tuple[float, ...]]) -> dict[str, tuple[float, ...]]:
        for key, ends in given.items():
            if len(ends) != 2 or not ends[0] < ends[1]:
                raise ValueError(f"{key} has no lower and upper end. Give two numbers, the smaller first")
        return given

    @field_validator("samples")
    @classmethod
    def _power(cls, given: int) -> int:
        if given & (given - 1) or given == 1:
            raise ValueError(f"{given} is no power of 2. Give 0, or one such as 32, 64 or 128")
        return given

    @field_validator("trajectories")
    @classmethod
    def _some(cls, given: int) -> int:
        if given == 1:
            raise ValueError("one trajectory tells no spread. Give 0, or at least 2")
        return given

    @property
    def sets(self) -> dict[str, dict[str, End]]:
        """The sets of inputs by name; one that moves nothing is left out."""
        named = {"low_cost": self.low_cost, "high_cost": self.high_cost}
        return {name: one for name, one in named.items() if one}


def inputs_of(rules: Rules, asked: Sensitivity) -> list[Input]:
    """Return every input of an analysis: a belief from -1 (its low end) to 1 (its high end), then the keys of rules.

    Parameters
    ----------
    rules : Rules
        Of the scenario; their values are the central ones.
    asked : Sensitivity
        Checked by :func:`faults`.

    Returns
    -------
    list of Input
        A key that has no value of its own has no central one either.
    """
    records = {str(row["key"]): row for row in describe(rules)}
    made = [
        Input(name, -1.0, 1.0, 0.0, "three" if name in PEOPLE else "normal", tail=asked.tail) for name in asked.beliefs
    ]
    for key, (low, high) in asked.rules.items():
        value = records[key]["value"]
        central = math.nan if value is None else float(str(value))
        made.append(Input(key, low, high, central, whole=_whole(rules, key, low, high)))
    return made


def _whole(rules: Rules, key: str, low: float, high: float) -> bool:
    try:
        changed(rules, {key: low + _FRACTION * (high - low)})
    except ValidationError:
        return True
    return False


def faults(cases: Mapping[str, Case], asked: Sensitivity, years: tuple[int, int]) -> Iterator[str]:
    """List what cannot be asked of a run.

    Parameters
    ----------
    cases : mapping of str to Case
        Rules and schemes of every scenario.
    asked : Sensitivity
    years : tuple of int
        First and last year that accounts reach.

    Yields
    ------
    str
        Where, what, what to do.
    """
    if asked.scenario not in cases:
        yield f"sensitivity.scenario: there is no scenario {asked.scenario}: name one of {', '.join(cases)}"
        return
    case = cases[asked.scenario]
    if asked.fund not in case.schemes:
        yield f"sensitivity.fund: the scenario {asked.scenario} has no {asked.fund}: name one of its schemes"
    if asked.fund == "time_bank":
        yield "sensitivity.fund: the time bank keeps no money that could run out. Name another fund"
    if asked.by > years[1]:
        yield f"sensitivity.by is {asked.by}, after the last year: give one up to {years[1]}"
    if asked.by < years[0]:
        yield f"sensitivity.by is {asked.by}, before the first year of the accounts: give one from {years[0]} on"
    names = [*asked.beliefs, *asked.rules]
    if not names:
        yield "sensitivity: no input is named. Name at least one in beliefs or rules"
    yield from (
        f"sensitivity.beliefs: {one} is named twice. Take one out"
        for one in dict.fromkeys(asked.beliefs)
        if asked.beliefs.count(one) > 1
    )
    if "medical_cost" in asked.beliefs and asked.fund != "medical":
        yield "sensitivity.beliefs: medical_cost moves the medical fund alone. Take it out, or look at that fund"
    yield from _unruly(case.rules, asked)
    for name, one in asked.sets.items():
        for key in (key for key in one if key not in names):
            yield f"sensitivity.{name}: {key} is no input. Name it in beliefs or rules too, or take it out"


def _unruly(rules: Rules, asked: Sensitivity) -> Iterator[str]:
    known = {str(row["key"]): row for row in describe(rules)}
    for key, ends in asked.rules.items():
        if key not in known:
            yield f"sensitivity.rules: the tables of the schemes have no key {key}. Name one that they have"
            continue
        if isinstance(known[key]["value"], tuple | bool):
            yield f"sensitivity.rules: {key} takes no single number. Name a key that does"
            continue
        try:
            for value in ends:
                changed(rules, {key: value})
        except ValidationError as error:
            yield f"sensitivity.rules, {key}: at {value:g}, {error.errors()[0]['msg']}. Give a range that it allows"


def check(cases: Mapping[str, Case], asked: Sensitivity, years: tuple[int, int]) -> None:
    """Raise one error that lists every fault.

    Raises
    ------
    forecasting.axes.AxisError
    """
    found = list(faults(cases, asked, years))
    if found:
        raise AxisError(found)
