"""What a run file asks of the split of the forecast variance: the table ``[variance]``."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BeforeValidator

from actuarial._quantity import CHOICE, Section, quantities, quantity

OURS = "Granary's choice"

SplitFund = Literal["pension", "medical"]

Years = Annotated[tuple[int, ...], BeforeValidator(lambda given: tuple(given) if isinstance(given, list) else given)]


class Variance(Section):
    """How much of what is uncertain about a fund each group of models answers for."""

    scenario: str = quantity(
        "package", unit="text", meaning="Scenario whose funds are looked at, by its name in this file", source=OURS
    )
    funds: list[SplitFund] = quantity(
        ["pension", "medical"],
        unit=CHOICE,
        meaning="Funds whose forecast is split, by the names of their schemes; those that the scenario lacks are left "
        "out",
        source=OURS,
    )
    years: Years = quantities(
        (2035, 2050),
        unit="calendar year",
        low=2009,
        high=2200,
        rising=True,
        meaning="Years whose reserve, cost rate and fiscal need are split",
        source=OURS,
    )
    draws: int = quantity(
        200,
        unit="draws",
        low=20,
        high=20_000,
        meaning="Futures in each of the two sets that are mixed; the errors fall with its root",
        source=OURS,
    )
