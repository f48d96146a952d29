"""An input of a sensitivity analysis: its plausible range, and how a place in that range becomes a value."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from scipy.stats import norm

Spread = Literal["uniform", "normal", "three"]

TAIL = 0.1
"""Part of the futures below the low end, and above the high end, of an input with a distribution of its own."""

FAR = 0.005
"""Part of a normal spread that is not sampled at either end, so that no value is without bound."""


@dataclass(frozen=True)
class Input:
    """One input that moves.

    Attributes
    ----------
    name : str
    low, high : float
        Ends of the plausible range, in the unit of the input.
    central : float
        Value that it has while others move; NaN leaves it out, so that what is evaluated takes its own.
    spread : {"uniform", "normal", "three"}
        How it is sampled for indices of variance. Uniform from `low` to `high`: all that is known of a choice is its
        range. Normal on either side of `central`, the ends being the quantiles of `tail` and 1 - `tail`. Three values
        with the weights of `tail` 0.1: 0.3, 0.4, 0.3 (Swanson's rule: Hurst, Brown and Swanson 2000, AAPG Bulletin 84),
        for inputs of which every new value is dear.
    whole : bool
        Whether it takes whole numbers only.
    tail : float
        Probability below `low`, and above `high`, of a normal spread.
    """

    name: str
    low: float
    high: float
    central: float = math.nan
    spread: Spread = "uniform"
    whole: bool = False
    tail: float = TAIL

    def faults(self) -> list[str]:
        """List what is wrong with it."""
        found = []
        if not self.low < self.high:
            found.append(f"{self.name}: from {self.low:g} to {self.high:g} is no range: give the smaller end first")
        if self.spread != "uniform" and not self.low < self.central < self.high:
            found.append(f"{self.name}: the central value {self.central:g} is not between the ends")
        return found

    def drawn(self, place: float) -> float:
        """Return the value below which the part `place` (0 to 1) of its distribution lies."""
        if self.spread == "three":
            return self.low if place < 0.3 else self.central if place < 0.7 else self.high
        if self.spread == "uniform":
            return self._held(self.low + place * (self.high - self.low))
        normal = float(norm.ppf(min(max(place, FAR), 1.0 - FAR)) / norm.ppf(1.0 - self.tail))
        reach = self.high - self.central if normal > 0 else self.central - self.low
        return self._held(self.central + normal * reach)

    def level(self, place: float) -> float:
        """Return the value at a place between the low end (0) and the high end (1); inner ones of three are central."""
        if self.spread == "three":
            return self.low if place <= 0 else self.high if place >= 1 else self.central
        return self._held(self.low + place * (self.high - self.low))

    def _held(self, value: float) -> float:
        return float(round(value)) if self.whole else value


def checked(inputs: Iterable[Input]) -> list[Input]:
    """Return the inputs as a list, or raise one error that lists every fault.

    Raises
    ------
    ValueError
    """
    made = list(inputs)
    names = [one.name for one in made]
    faults = [fault for one in made for fault in one.faults()]
    faults += [f"{name}: named twice" for name in dict.fromkeys(names) if names.count(name) > 1]
    if not made:
        faults.append("no input is named. Name at least one")
    if faults:
        raise ValueError("\n".join(faults))
    return made
