"""What a run file asks of break-even: the table ``[breakeven]``."""

from __future__ import annotations

from actuarial._quantity import CHOICE, Section, quantity, year
from actuarial.rules import Scheme

OURS = "Granary's choice"
TEXT = "text"


class BreakEvenRules(Section):
    """How far each of several levers alone must move for a fund to meet a target."""

    fund: Scheme = quantity(
        "pension", unit=CHOICE, meaning="Fund that is to last, by the name of its scheme", source=OURS
    )
    scenario: str = quantity(
        "capacity", unit=TEXT, meaning="Scenario whose rules hold for all that the lever does not move", source=OURS
    )
    by: int = year(2060, meaning="The fund must last to the end of this year", source=OURS)
    target: float = quantity(
        0.05, unit="share", low=0.0, high=1.0, meaning="Probability of an empty fund that is to be met", source=OURS
    )
    draws: int = quantity(
        200,
        unit="draws",
        low=20,
        high=20_000,
        meaning="Draws of the run on which every value is tried, evenly spread; all if the run has fewer",
        source="Granary's choice: a value takes a fifth of a second, a lever some thirty values",
    )
    levers: list[str] = quantity(
        [
            "pension.land.share",
            "pension.investment.market_share",
            "pension.fiscal.growth_floor",
            "pension.collective.pool_per_head",
            "pension.benefit.income_weight",
            "pension.retirement.target_age",
        ],
        unit="keys",
        meaning="Keys of the tables of the schemes that move, one at a time, over the range of each",
        source=OURS,
    )
