"""What a run file asks of stress: the tables ``[stress]``, with the size and date of each shock, and reverse stress."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BeforeValidator

from actuarial._quantity import CHOICE, Section, quantities, quantity, year
from actuarial._stress_shocks import Inflation, LandSlump, LongerLives, MarketCrash, YoungExit
from actuarial.rules import Scheme

OURS = "Granary's choice"
TEXT = "text"

ShockName = Literal[
    "lost_land_decade", "market_crash", "inflation_1988", "young_leave", "longer_lives", "low_fertility"
]

Years = Annotated[tuple[int, ...], BeforeValidator(lambda given: tuple(given) if isinstance(given, list) else given)]

ALL: list[ShockName] = [
    "lost_land_decade", "market_crash", "inflation_1988", "young_leave", "longer_lives", "low_fertility",
]  # fmt: skip


class LowFertility(Section):
    """Total fertility goes to one number in every draw and stays there; births, and all that follows them, are fewer.

    It acts while people are carried on, before members and money are made of them.
    """

    tfr: float = quantity(
        0.7,
        unit="children per woman",
        low=0.3,
        high=2.1,
        meaning="Total fertility rate of the nation once the fall is complete, the same in every draw",
        source="The Republic of Korea had 0.72 in 2023, the lowest yet seen in a nation (Statistics Korea, Birth "
        "Statistics 2023)",
    )
    first_year: int = year(
        2030,
        meaning="First year of the shock; nothing before it moves",
        source="Judgement: the fifth year of a forecast that begins in 2026",
    )
    phase_years: int = quantity(
        5,
        unit="calendar years",
        low=1,
        high=75,
        meaning="Years over which the fall comes, in equal steps; 1 is at once",
        source="Judgement: the rate of the Republic of Korea fell from 1.05 to 0.72 in the six years to 2023",
    )


class ReverseStress(Section):
    """Reverse stress: how large each shock alone must be to bring the risk of one fund to a target."""

    fund: Scheme = quantity(
        "pension", unit=CHOICE, meaning="Fund that is harmed, by the name of its scheme", source=OURS
    )
    scenario: str = quantity("package", unit=TEXT, meaning="Scenario in which it is, by its name", source=OURS)
    by: int = year(2035, meaning="The fund is empty by the end of this year, or has been before", source=OURS)
    target: float = quantity(
        0.5, unit="share", low=0.0, high=1.0, meaning="Probability of an empty fund that counts as harm", source=OURS
    )
    shocks: list[ShockName] = quantity(
        ["lost_land_decade", "market_crash", "inflation_1988", "young_leave"],
        unit=CHOICE,
        meaning="Shocks whose size is sought. Fewer births and longer lives carry the people on again for every size "
        "that is tried, which takes minutes. Empty: no size is sought",
        source=OURS,
    )


class Stress(Section):
    """Named shocks to every scenario, each beside the same draws without it."""

    shocks: list[ShockName] = quantity(
        ALL, unit=CHOICE, meaning="Shocks that happen, each alone; the size and date of each stand below", source=OURS
    )
    draws: int = quantity(
        200,
        unit="draws",
        low=20,
        high=20_000,
        meaning="Draws of the run on which funds are tried, evenly spread; all if the run has fewer",
        source="Granary's choice: a probability is then known to 4 points, and a paired difference to fewer",
    )
    by: Years = quantities(
        (2035, 2050, 2075),
        unit="calendar year",
        low=2009,
        high=2200,
        rising=True,
        meaning="Years by whose end a fund may be empty, and of which the need of budgets is told",
        source=OURS,
    )
    reverse: ReverseStress = ReverseStress()
    lost_land_decade: LandSlump = LandSlump()
    market_crash: MarketCrash = MarketCrash()
    inflation_1988: Inflation = Inflation()
    young_leave: YoungExit = YoungExit()
    longer_lives: LongerLives = LongerLives()
    low_fertility: LowFertility = LowFertility()
