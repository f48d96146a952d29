"""What the page of sliders works out: from a mix of levers to what is drawn of a fund."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import xarray as xr

from actuarial import solvency, trial
from actuarial._explore_rules import Explore
from actuarial._payers_sources import BUDGET, SOURCES
from actuarial._quantity import changed
from actuarial._steps import Keeping
from actuarial.household import BUDGET as BUDGETS
from actuarial.report.answer import ASKED
from actuarial.report.summary import quantiles, real
from actuarial.rules import Case, Rules, Scheme
from actuarial.trial import World

Array = np.ndarray
_READS = ("price_index", "budget_revenue", "deposit_rate")
Changes = Mapping[str, object]
"""Values of levers and choices by dotted key; what is not named is as in the scenario."""

BAND = (0.1, 0.5, 0.9)
"""Quantiles of the fan."""

LIVELY = 0.11
"""Seconds that a trial may take while a slider moves; a fifth of a second is to pass until it is drawn."""

LEAST = 25
"""Draws below which a picture says too little."""

BEARERS = ("members", "budgets", "land", "nobody")
"""Who bears expenditure, as the answer of a run tells it: members, budgets, land-transfer income, nobody."""


@dataclass(frozen=True)
class Picture:
    """What is drawn and told of one fund under one mix.

    Attributes
    ----------
    draws : int
        Simulated futures that it rests on.
    years : numpy.ndarray of int, shape (year,)
    reserve : numpy.ndarray, shape (3, year)
        Pool at 31 December, yuan at prices of the base year: quantiles of :data:`BAND`.
    empty : numpy.ndarray, shape (year,)
        Probability that the pool ended a year empty by then.
    chances : dict of int to float
        The same in the years of the answer of a run that the account reaches.
    middle : float
        Median year in which the pool is empty; infinite if not by the last year.
    need : tuple of float
        Quantiles of :data:`BAND` of the need of budget money in the middle year of `chances`, share of general public
        budget revenue.
    bearers : dict of str to float
        Mean part of the present value of all expenditure by :data:`BEARERS`; NaN where nothing is due.
    """

    draws: int
    years: Array
    reserve: Array
    empty: Array
    chances: dict[int, float]
    middle: float
    need: tuple[float, ...]
    bearers: dict[str, float]


@dataclass
class Desk:
    """Trials of one run for a reader who moves levers.

    Parameters
    ----------
    world : World
        All draws of the run.
    cases : mapping of str to Case
        Rules and schemes of every scenario, what members compare with already in `world`.
    asked : Explore
    """

    world: World
    cases: Mapping[str, Case]
    asked: Explore
    _worlds: dict[int, World] = field(init=False, default_factory=dict)
    _met: set[tuple[str, int]] = field(init=False, default_factory=set)
    _seconds: dict[tuple[str, int, str], float] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        """Begin with all draws."""
        self.draws = self.world.projection.sizes["draw"]
        self._worlds[self.draws] = self.world.keeping()

    def warm(self) -> None:
        """Work out the first picture on both sets of draws, so that the first lever that moves does not wait."""
        for count in (self.draws, min(self.asked.moving_draws, self.draws)):
            self.picture(self.asked.fund, self.asked.scenario, {}, draws=count)

    def rules(self, scenario: str, changes: Changes) -> Rules:
        """Return the rules of a mix, with what the figures fill in.

        Raises
        ------
        pydantic.ValidationError
            If a value does not fit its key.
        """
        return self.world.filled(changed(self.cases[scenario].rules, changes))

    def picture(self, fund: Scheme, scenario: str, changes: Changes, *, draws: int = 0, moved: str = "") -> Picture:
        """Work out one mix.

        Parameters
        ----------
        fund, scenario : str
        changes : mapping
        draws : int
            How many futures; 0 is all.
        moved : str
            Key of the lever that moved last, whose time is noted for :meth:`lively`.

        Returns
        -------
        Picture

        Raises
        ------
        forecasting.axes.AxisError, pydantic.ValidationError
            If the fund cannot be carried under these rules.
        """
        count = draws or self.draws
        world, begun = self._some(count), time.perf_counter()
        made = trial.account(world, fund, changed(self.cases[scenario].rules, changes))
        drawn = _drawn(made, fund, world.projection)
        self._note(fund, count, moved, time.perf_counter() - begun)
        return drawn

    def _note(self, fund: str, count: int, moved: str, took: float) -> None:
        """Note what a trial took.

        The first of a fund on so many draws finds nothing kept, and tells nothing of the next. One of rules that were
        worked out a moment ago finds all of it kept, so that a short time counts half. Fewer draws never take longer.
        """
        if (fund, count) not in self._met:
            self._met.add((fund, count))
            return
        known = max(took, self._seconds.get((fund, count, moved), 0.0) / 2)
        self._seconds[fund, count, moved] = known
        for (name, some, key), seconds in list(self._seconds.items()):
            if (name, key) == (fund, moved) and some < count:
                self._seconds[name, some, key] = min(seconds, known)

    def lively(self, fund: Scheme, moved: str) -> int:
        """Return how many futures can be shown while a lever moves, from what its trials took so far.

        Parameters
        ----------
        fund, moved : str

        Returns
        -------
        int
            All of the run if that was fast enough; else as many as the run file says, or fewer if that was too slow.
        """
        if self._seconds.get((fund, self.draws, moved), np.inf) <= LIVELY:
            return self.draws
        count = min(self.asked.moving_draws, self.draws)
        while count > LEAST and self._seconds.get((fund, count, moved), 0.0) > LIVELY:
            count = max(count // 2, LEAST)
        return count

    def idle(self, fund: Scheme, key: str) -> bool:
        """Tell whether a key moves nothing under the rules that were worked out last on all draws.

        Parameters
        ----------
        fund : str
        key : str
            Dotted, with its scheme.

        Returns
        -------
        bool
            Only told of the pension and the medical fund, whose steps say what they read; False of any other.
        """
        steps = self._worlds[self.draws].steps
        own = fund in ("pension", "medical") and isinstance(steps, Keeping)
        return own and isinstance(steps, Keeping) and not steps.reads(key.partition(".")[2])

    def _some(self, count: int) -> World:
        if count not in self._worlds:
            self._worlds[count] = self.world.thinned(count).keeping()
        return self._worlds[count]


def _drawn(made: xr.Dataset, fund: str, projection: xr.Dataset) -> Picture:
    """Reduce an account to what is drawn of it."""
    years = made["year"].values
    pool, at = made["pool_balance"], projection[list(_READS)].sel(year=years)
    empty = solvency.depleted_by(pool)
    shown = [year for year in ASKED if year <= years[-1]] or [int(years[-1])]
    chance = empty.mean("draw").values
    half = shown[min(1, len(shown) - 1)]
    need = _need(made.sel(year=half), fund) / at["budget_revenue"].sel(year=half)
    return Picture(
        draws=made.sizes["draw"],
        years=years,
        reserve=quantiles(real(pool, at["price_index"]), BAND),
        empty=chance,
        chances={year: float(chance[years == year][0]) for year in shown},
        middle=float(quantiles(solvency.exhaustion_year(pool), (0.5,))[0]),
        need=tuple(map(float, quantiles(need, BAND))),
        bearers=_bearers(made, at["deposit_rate"]),
    )


def _need(year: xr.Dataset, fund: str) -> xr.DataArray:
    """Give what keeps the pool where it is; of a fund without a transfer what budgets pay and what nobody does."""
    if "fiscal_transfer" in year:
        return solvency.fiscal_need(year)
    return sum((year[name] for name in BUDGETS[fund] if name in year), year["shortfall"])


def _bearers(made: xr.Dataset, deposits: xr.DataArray) -> dict[str, float]:
    """Add up the present value of expenditure by who bears it, as `actuarial.payers` does."""
    groups = {"members": ("members",), "budgets": (BUDGET, "centre", "province", "county"), "land": ("land",)}
    growth = 1.0 + deposits.transpose(..., "year").values
    weight = np.sqrt(growth) / np.cumprod(growth, axis=-1)

    def worth(*names: str) -> Array:
        return sum((np.sum(made[name].values * weight, axis=-1) for name in names), np.zeros(made.sizes["draw"]))

    due = worth("expenditure")
    paid = {
        group: worth(*(flow for flow, payer in SOURCES.items() if payer in payers and flow in made))
        for group, payers in groups.items()
    } | {"nobody": worth("shortfall")}
    spent = np.where(due > 0, due, np.nan)
    return {group: float(np.mean(value / spent)) for group, value in paid.items()}
