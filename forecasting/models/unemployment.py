"""Monthly unemployment in towns and among migrant workers, and how many of those there are at what wage.

The log odds of the surveyed urban rate are a level, an effect of the calendar month, and a deviation that decays from
month to month (first-order autoregression) under Student t shocks: months like those of 2020 and 2022 come without
warning. A year in which rural income grows less than in those before has more unemployment, so that all schemes of one
future share its bad years. The level itself drifts from year to year, back towards its long-run value. A rate is
printed to a tenth of a point, which is measurement error, so that the rate behind it is a parameter; so is that of a
month that was not printed, which its neighbours and the printed means of the year pin down.

Migrants borrow from the urban rate: their log odds are those, shifted, with the deviation taken up more or less
strongly and calendar effects that are pulled towards the urban ones. What is left moves as an autoregression of its
own. Migrants with a rural registration borrow from all migrants in the same way: shifted, and with a small
autoregression beside. Months that were not printed have no parameters here: a path is drawn through them afterwards.

Migrant workers beside the people of working age, and their wage beside rural income, are damped trends: a pace that
halves again and again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from forecasting.models._autoregression import autoregressions, jumping
from forecasting.models._unemployment_data import FIRST, ROUNDING, Priors, inputs, logit
from forecasting.models._unemployment_paths import forecast

if TYPE_CHECKING:
    import pymc as pm

    from forecasting.models.sampling import Inputs

__all__ = ["KEEP", "NAME", "Priors", "build", "forecast", "inputs"]

NAME = "unemployment"
URBAN = ("mean", "persistence", "shock", "tail", "slow_shock", "season", "income_response")
MIGRANT = ("offset", "response", "season_apart", "rural_offset", "memory")
LEFT = ("remainder", "difference")
TRENDS = ("workers", "wage")
KEEP = (
    *URBAN,
    *("deviation", "level"),
    *MIGRANT,
    *(name + part for name in LEFT for part in ("", "_spread")),
    *(f"{name}_{part}" for name in TRENDS for part in ("pace", "half_life", "noise")),
)

LEAST_TAIL = 3.0
"""Degrees of freedom of a shock are more than three: with fewer, one month in a million would bring 20 %."""

FREE = 0.05
"""Scale, in log odds, of a month that was not printed: a quarter of a point."""

PERSISTENCE = (9.0, 1.5)
"""Beta (a, b) of what is left of a deviation a month later: 0.87, from 0.6 to 0.99."""

TAIL = (2.0, 0.2)
"""Gamma (shape, rate) of the degrees of freedom over `LEAST_TAIL`: from 4, where jumps are common, to nearly normal."""

MEMORY = (4.0, 1.5)
"""Beta (a, b) of what is left, a month later, of what the migrants' rates have of their own: 0.75, from 0.3 to 0.99."""

SPREADS = {"remainder": 0.06, "difference": 0.03}
"""Medians of the sd (log odds) of all migrants' own part and of that of rural ones: 6 and 3 % of a rate."""

NOISE = 0.01
"""Median of the yearly noise of the two trends, log."""

SCATTER = 0.5
"""Log-sd of these spreads and noises."""


def build(inputs: Inputs) -> pm.Model:
    """Make the PyMC model.

    Parameters
    ----------
    inputs : mapping of str to numpy.ndarray
        From `inputs`.

    Returns
    -------
    pymc.Model
        Variables ``KEEP``.
    """
    import pymc as pm

    prior = Priors(*inputs["priors"])
    with pm.Model() as model:
        _migrants(inputs, prior, *_urban(inputs, prior))
        _damped("workers", inputs, prior.workers_pace, prior.workers_pace_sd, prior)
        _damped("wage", inputs, prior.wage_pace, prior.wage_pace_sd, prior)
    return model


def _urban(data: Inputs, prior: Priors) -> tuple[Any, Any]:
    """Return the urban log odds, and what of them is neither their long-run level nor the calendar, both (month,)."""
    import pymc as pm

    year = data["months"] // 12 - data["months"][0] // 12
    season = pm.ZeroSumNormal("season", prior.season_sd, shape=12)[data["months"] % 12]
    usual = pm.Normal("mean", prior.mean, prior.mean_sd) + season
    response = pm.Normal("income_response", prior.income_response, prior.income_response_sd)
    persistence = pm.Beta("persistence", *PERSISTENCE)
    shock = pm.LogNormal("shock", np.log(prior.shock), prior.shock_sd)
    tail = pm.Deterministic("tail", LEAST_TAIL + pm.Gamma("tail_excess", *TAIL))
    line = usual + _level(year, prior) - response * data["surprise"][year]
    # The path itself is free, not what it is off its line: the figures tell each month well.
    odds = jumping("log_odds", line, persistence, shock=shock, tail=tail, first=FIRST, near=_near(data["urban"]))
    rate = pm.math.invlogit(odds)
    _print("urban", rate, data["urban"])
    first, last, value = data["averages"].T
    place = np.arange(len(year))
    within = (place >= first[:, None]) & (place <= last[:, None])
    means = (within / within.sum(1, keepdims=True) * rate).sum(axis=1)
    pm.Normal("averages_seen", means, ROUNDING, observed=value)
    return odds, pm.Deterministic("deviation", odds - usual)


def _near(printed: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return log odds near what was printed, on lines between its months, and how far those may be from it."""
    place, seen = np.arange(len(printed)), np.isfinite(printed)
    line = np.interp(place, place[seen], printed[seen])
    return logit(line), np.where(seen, ROUNDING / (line * (1.0 - line)), FREE)


def _print(name: str, rate: Any, printed: np.ndarray) -> None:
    """Hold rates against what was printed of them, where it was."""
    import pymc as pm

    known = np.flatnonzero(np.isfinite(printed))
    pm.Normal(f"{name}_seen", rate[known], ROUNDING, observed=printed[known])


def _level(year: np.ndarray, prior: Priors) -> Any:
    """Yearly drift of the level, by month, whose places of the year are given; 0 in the first."""
    import pymc as pm

    shock = pm.LogNormal("slow_shock", np.log(prior.slow_shock), prior.slow_shock_sd)
    moves = shock * pm.Normal("moves", 0.0, 1.0, shape=int(year[-1]))
    lag = np.subtract.outer(np.arange(year[-1] + 1), np.arange(1, year[-1] + 1))
    kept = 0.5 ** (lag.clip(0) / prior.slow_half_life) * (lag >= 0)
    level = (kept * moves).sum(axis=1)
    pm.Deterministic("level", level[-1])
    return level[year]


def _migrants(data: Inputs, prior: Priors, urban: Any, moved: Any) -> None:
    """Log odds of the migrants' rates: urban ones, shifted and scaled, and what is left."""
    import pymc as pm

    offset = pm.Normal("offset", 0.0, prior.offset_sd)
    response = pm.Normal("response", 1.0, prior.response_sd)
    apart = pm.ZeroSumNormal("season_apart", prior.season_sd, shape=12)
    further = pm.Normal("rural_offset", 0.0, prior.offset_sd)
    memory = pm.Beta("memory", *MEMORY)
    at, of_rural = data["migrant_months"], data["rural_months"]
    line = urban[at] + offset + (response - 1.0) * moved[at] + apart[data["months"][at] % 12]
    everyone = _stationary("remainder", line, at, memory, printed=data["migrant"])
    _print("migrant", pm.math.invlogit(everyone), data["migrant"])
    rural = _stationary(
        "difference", everyone[np.searchsorted(at, of_rural)] + further, of_rural, memory, printed=data["rural"]
    )
    _print("rural", pm.math.invlogit(rural), data["rural"])


def _stationary(name: str, line: Any, at: np.ndarray, memory: Any, *, printed: np.ndarray) -> Any:
    """Return a line and an autoregression about it, from its stationary distribution, in the months `at` alone."""
    import pymc as pm

    spread = pm.LogNormal(f"{name}_spread", np.log(SPREADS[name]), SCATTER)
    # Before the first month nothing is known, as if it were infinitely far.
    gaps, far = np.diff(at, prepend=at[0] - 1.0), np.arange(len(at)) > 0
    kept = far * memory**gaps
    near, shock = _near(printed), spread * pm.math.sqrt(1.0 - kept**2)
    near = (near[0][None], near[1][None])
    path = autoregressions(f"{name}_path", line[None], kept[None], shock[None], np.zeros(1), near=near)
    pm.Deterministic(name, path[0] - line)
    return path[0]


def _damped(name: str, data: Inputs, pace: float, pace_sd: float, prior: Priors) -> None:
    """Yearly changes of a log: a pace that halves every so many years, and noise; gaps of some years are one change."""
    import pymc as pm

    years = data[f"{name}_years"]
    now = pm.Normal(f"{name}_pace", pace, pace_sd)
    half_life = pm.LogNormal(f"{name}_half_life", np.log(prior.half_life), prior.half_life_sd)
    noise = pm.LogNormal(f"{name}_noise", np.log(NOISE), SCATTER)
    every = np.arange(years[0] + 1, years[-1] + 1)
    within = (every > years[:-1, None]) & (every <= years[1:, None])
    expected = now * (within * 2.0 ** ((years[-1] - every) / half_life)).sum(axis=1)
    pm.Normal(f"{name}_seen", expected, noise * np.sqrt(np.diff(years)), observed=np.diff(data[name]))
