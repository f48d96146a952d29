"""What a run tells of its mixes of money besides the accounts."""

from __future__ import annotations

from actuarial._quantity import Section, quantity

OURS = "Granary's choice"


class Mix(Section):
    """Who pays, what each measure adds, and what generations and zones get."""

    draws: int = quantity(
        100,
        unit="draws",
        low=0,
        high=1000,
        meaning="Draws of the run on which measures, generations and zones are valued, evenly spread; all if the run "
        "has fewer, none of it is told if 0",
        source="Granary's choice: every set of measures, and every zone, costs as much as a scenario; a probability is "
        "then known to 5 points",
    )
    package: str = quantity(
        "package",
        unit="text",
        meaning="Scenario whose measures are told apart; none if it is empty, or if no scenario has that name",
        source=OURS,
    )
    zones: bool = quantity(
        True,
        unit="true or false",
        meaning="Tell what east, centre, west and northeast get and give; a run of a region tells none of it",
        source="Granary's choice: it asks for the model of provinces, a fit of half a minute the first time",
    )
