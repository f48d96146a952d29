"""What a run file asks of the frontier: the table ``[frontier]``, and its levers held against the rules."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pydantic import ValidationError, field_validator

from actuarial._frontier_points import Caps
from actuarial._quantity import CHOICE, Numbers, Section, changed, describe, quantities, quantity, year
from actuarial.rules import Rules, Scheme
from actuarial.stress import SHOCKS
from forecasting.axes import AxisError

OURS = "Granary's choice"
TEXT = "text"

LARGEST = 1000
"""Weight that a cost may have at most, beside others that may be 1."""

COSTS = ("fiscal", "members", "land", "debt")
"""Terms that the cost of a mix can weigh, those of :data:`actuarial.frontier.TERMS`."""

_FRACTION = 0.6180339887
"""A place between two caps that is no whole number where they are whole."""


class Frontier(Section):
    """What the frontier is asked: which levers inside which caps, and what is to be spared."""

    fund: Scheme = quantity(
        "pension", unit=CHOICE, meaning="Fund that is to last, by the name of its scheme", source=OURS
    )
    scenario: str = quantity(
        "capacity",
        unit=TEXT,
        meaning="Scenario whose rules the mixes depart from, by its name in this file",
        source=OURS,
    )
    by: int = year(2060, meaning="The fund must last to the end of this year", source=OURS)
    target: float = quantity(
        0.05,
        unit="share",
        low=0.0,
        high=1.0,
        meaning="Probability of an empty fund that is borne; the robust choice keeps it",
        source=OURS,
    )
    levers: dict[str, Numbers] = quantity(
        {
            "pension.fiscal.capacity_share": (0.0, 0.06),
            "pension.land.share": (0.0, 0.3),
            "pension.investment.market_share": (0.0, 0.3),
        },
        unit="caps",
        meaning="Keys of the tables of the schemes that may move, each with its lower and its upper cap, such as "
        '"pension.land.share" = [0.0, 0.3]. Of a lever that takes whole numbers, give each value a scenario instead',
        source=OURS,
    )
    cost: dict[str, float] = quantity(
        {"fiscal": 1.0, "debt": 1.0},
        unit="weights",
        meaning="What a mix costs: weights of fiscal (what budgets pay), debt (what the pool still owes the accounts "
        "at the end), members (what members pay) and land (land income withdrawn, which has other uses). What has no "
        "weight is taken up to its cap before anything that has one",
        source=OURS,
    )
    draws: int = quantity(
        200,
        unit="draws",
        low=20,
        high=20_000,
        meaning="Draws that every mix is tried on; the others of the run check the mixes found",
        source=OURS,
    )
    probabilities: Numbers = quantities(
        (0.01, 0.02, 0.05, 0.1, 0.2, 0.5),
        unit="share",
        low=0.0,
        high=1.0,
        rising=True,
        meaning="Other probabilities that the least cost is told for: the points of the frontier",
        source=OURS,
    )
    bad_case: list[str] = quantity(
        ["lost_land_decade", "market_crash"],
        unit="shocks",
        meaning=f"Shocks that make the bad case, all together: {', '.join(SHOCKS)}. Empty tells no robust choice",
        source=OURS,
    )

    @field_validator("levers")
    @classmethod
    def _two_caps(cls, given: dict[str, tuple[float, ...]]) -> dict[str, tuple[float, ...]]:
        for key, ends in given.items():
            if len(ends) != 2 or not ends[0] < ends[1]:
                raise ValueError(f"{key} has no lower and upper cap. Give two numbers, the smaller first")
        return given

    @field_validator("cost")
    @classmethod
    def _weights(cls, given: dict[str, float]) -> dict[str, float]:
        unknown = sorted(given.keys() - set(COSTS))
        if unknown:
            raise ValueError(f"{', '.join(unknown)} is no cost. Weigh {', '.join(COSTS)}")
        if not any(given.values()) or not all(0 <= weight <= LARGEST for weight in given.values()):
            raise ValueError(
                f"the weights must not be below 0 or above {LARGEST}, nor all 0: then no mix is dearer than another"
            )
        return given

    @field_validator("bad_case")
    @classmethod
    def _known_shocks(cls, given: list[str]) -> list[str]:
        unknown = sorted(set(given) - set(SHOCKS))
        if unknown:
            raise ValueError(f"{', '.join(unknown)} is no shock. Name some of {', '.join(SHOCKS)}")
        return given

    @property
    def targets(self) -> tuple[float, ...]:
        """The target among the other probabilities, the smallest first."""
        return tuple(sorted({*self.probabilities, self.target}))


def caps_of(rules: Rules, levers: Mapping[str, tuple[float, ...]]) -> Caps:
    """Hold the levers against the rules that they are to change.

    Parameters
    ----------
    rules : Rules
        What mixes depart from.
    levers : mapping of str to tuple of float
        Lower and upper cap by dotted key.

    Returns
    -------
    Caps
        With the unit of each key.

    Raises
    ------
    forecasting.axes.AxisError
        Listing every key that the rules do not have, that takes no fractions, or whose caps pass its own range; and
        if there is no lever.
    """
    faults = list(_faults(rules, levers))
    if faults:
        raise AxisError(faults)
    units = {str(record["key"]): str(record["unit"]) for record in describe(rules)}
    names = tuple(levers)
    low, high = (tuple(float(levers[name][end]) for name in names) for end in (0, 1))
    return Caps(names, low, high, tuple(units[name] for name in names))


def _faults(rules: Rules, levers: Mapping[str, tuple[float, ...]]) -> Iterator[str]:
    if not levers:
        yield "frontier.levers: no lever is named. Name at least one key with its lower and upper cap"
    known = {str(record["key"]) for record in describe(rules)}
    for key, (low, high) in levers.items():
        if key not in known:
            yield f"frontier.levers: the tables of the schemes have no key {key}. Name one that they have"
            continue
        try:
            for value in (low, low + _FRACTION * (high - low), high):
                changed(rules, {key: value})
        except ValidationError as error:
            told = error.errors()[0]["msg"]
            yield f"frontier.levers, {key}: at {value:g}, {told}. A lever is a number with fractions"
