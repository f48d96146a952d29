"""What inputs of a run are moved on: people, money and rules made again for values of the inputs."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import xarray as xr

from actuarial import trial
from actuarial._quantity import changed
from actuarial._sensitivity_outputs import outputs_of
from actuarial._sensitivity_rules import BELIEFS, PEOPLE, Sensitivity
from actuarial._sensitivity_spreads import Spreads, fewer
from actuarial.rules import Case
from forecasting import projection as people
from forecasting.projection import Fits


@dataclass
class Ground:
    """People and money on which inputs are moved; nothing is made twice in a row.

    Attributes
    ----------
    fits : Fits
        Their draws are carried on for every new value of a belief about people.
    world : actuarial.trial.World
        Of those fits, with nothing moved; all draws.
    cases : mapping of str to Case
        Of the run: what members compare with is the first.
    asked : Sensitivity
    spreads : Spreads
    draws : int
        At most so many are looked at.
    """

    fits: Fits
    world: trial.World
    cases: Mapping[str, Case]
    asked: Sensitivity
    spreads: Spreads
    draws: int
    _people: tuple[tuple[float, ...], xr.Dataset] | None = field(default=None, repr=False)
    _moved: tuple[tuple[float, ...], trial.World] | None = field(default=None, repr=False)

    def __call__(self, at: Mapping[str, float]) -> dict[str, np.ndarray]:
        """Return the outputs of the fund at these values of its inputs, draw by draw."""
        beliefs: dict[str, float] = {name: value for name, value in at.items() if name in BELIEFS}
        ruled = {key: _whole(value) for key, value in at.items() if key not in BELIEFS and not math.isnan(value)}
        rules = self.cases[self.asked.scenario].rules
        rules = changed(rules, ruled) if ruled else rules
        return outputs_of(self.after(beliefs), self.asked.fund, rules, self.asked.by)

    def after(self, beliefs: Mapping[str, float]) -> trial.World:
        """Return the world with beliefs at places of their spreads: -1 the low end, 0 as drawn, 1 the high end."""
        key = tuple(beliefs.get(name, 0.0) for name in BELIEFS)
        if self._moved is None or self._moved[0] != key:
            self._moved = None
            self._moved = key, self._made(beliefs).remembering()
        return self._moved[1]

    def _made(self, beliefs: Mapping[str, float]) -> trial.World:
        fund = self.asked.fund
        if not any(beliefs.values()):
            mine: dict[str, xr.Dataset] = {name: data for name, data in self.world.own.items() if name == fund}
            return replace(self.world, own=mine).thinned(self.draws)
        moved = self.spreads.moved(self._carried(beliefs), beliefs)
        own: dict[str, xr.Dataset] = {}
        if fund in self.world.own:
            own = {fund: self.spreads.own(fund, people.for_schemes(self.fits, moved, [fund])[fund], beliefs)}
        world = replace(self.world, projection=moved, own=own, reference=None)
        world = world.thinned(self.draws) if moved.sizes["draw"] > self.draws else world
        return world if self.world.reference is None else trial.referred(world, self.cases.values())

    def _carried(self, beliefs: Mapping[str, float]) -> xr.Dataset:
        """Return the Projection with beliefs about people; only the last is kept, as it is large."""
        key = tuple(beliefs.get(name, 0.0) for name in PEOPLE)
        if self._people is None or self._people[0] != key:
            self._people = None
            shock = self.spreads.shock(beliefs)
            last = int(self.world.projection["year"][-1])
            made = self.world.projection if shock is None else people.forecast(self.fits, last, shock)
            # What a scheme has of its own is drawn for all draws at once; others need only those that are looked at.
            if self.asked.fund not in self.world.own:
                made = replace(self.world, projection=made, own={}, reference=None).thinned(self.draws).projection
            self._people = key, made
        return self._people[1]


def screened(ground: Ground, draws: int) -> Ground:
    """Return a smaller ground, on which new people are carried on in less time.

    Parameters
    ----------
    ground : Ground
    draws : int
        Of its posteriors; the innovations of the years ahead are drawn anew.

    Returns
    -------
    Ground
        With the spreads of the larger one, so that the ends of every input are the same.
    """
    fits = fewer(ground.fits, draws)
    projection = people.forecast(fits, int(ground.world.projection["year"][-1]))
    fund = ground.asked.fund
    own = people.for_schemes(fits, projection, [fund]) if fund in ground.world.own else {}
    world = replace(ground.world, projection=projection, own=own, reference=None)
    if ground.world.reference is not None:
        world = trial.referred(world, ground.cases.values())
    return Ground(fits, world, ground.cases, ground.asked, ground.spreads, draws)


def _whole(value: float) -> float | int:
    """Return whole numbers as such: a key that takes no fractions refuses 60.0 as it stands."""
    return int(value) if float(value).is_integer() else float(value)
