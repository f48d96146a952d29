"""Monthly unemployment in towns and among migrant workers, and how many of those there are at what wage.

The log odds of the surveyed urban rate are a level, an effect of the calendar month, and a deviation that decays from
month to month (first-order autoregression) under Student t shocks: months like those of 2020 and 2022 come without
warning. A year in which rural income grows less than in those before has more unemployment, so that all schemes of one
future share its bad years. The level itself drifts from year to year, back towards its long-run value. A rate is
printed to a tenth of a point, so that the rate behind it is a parameter; so is that of a month that was not printed,
which its neighbours and the printed means of the year pin down.

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

from forecasting.models._unemployment_data import ROUNDING, Priors, inputs, logit
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

FIRST = 0.05
"""How far the first month may be from the level, log odds: sd."""


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


def _urban(data: Inputs, prior: Priors) -> tuple[Any, Any, Any]:
    """Return mean, deviation (month,) and season (12,) of the urban log odds."""
    import pymc as pm

    mean = pm.Normal("mean", prior.mean, prior.mean_sd)
    season = pm.ZeroSumNormal("season", prior.season_sd, shape=12)
    rate, odds = _behind_the_print(data)
    moved = pm.Deterministic("deviation", odds - mean - season[data["months"] % 12])
    response = pm.Normal("income_response", prior.income_response, prior.income_response_sd)
    year = data["months"] // 12 - data["months"][0] // 12
    _wave(moved - _level(year, prior) + response * data["surprise"][year], prior)
    first, last, value = data["averages"].T
    place = np.arange(len(data["months"]))
    within = (place >= first[:, None]) & (place <= last[:, None])
    pm.Normal("averages", pm.math.dot(within / within.sum(1, keepdims=True), rate), ROUNDING, observed=value)
    return mean, moved, season


def _behind_the_print(data: Inputs) -> tuple[Any, Any]:
    """Return rates and their log odds by month: what was printed and the error of printing, or a free value.

    The parameter is the error, in its own standard deviations, so that months hardly depend on each other. A free
    month has one wide enough to leave it to its neighbours.
    """
    import pymc as pm
    import pytensor.tensor as pt

    printed, place = data["urban"], np.arange(len(data["months"]))
    seen = ~np.isnan(printed)
    line = np.interp(place, place[seen], logit(printed[seen]))
    error = pm.Normal("printing_error", 0.0, 1.0, shape=int(seen.sum()))
    free = pm.Flat("unprinted", shape=int((~seen).sum()))
    rate = pt.as_tensor(np.where(seen, printed, 0.5))[seen].set(printed[seen] + ROUNDING * error)
    odds = pt.log(rate / (1.0 - rate))[~seen].set(line[~seen] + FREE * free)
    # Beliefs are about log odds, the parameter of a printed month is its rate.
    pm.Potential("log_odds_of_rate", -pt.log(rate * (1.0 - rate))[seen].sum())
    return pt.sigmoid(odds), odds


def _wave(wave: Any, prior: Priors) -> None:
    """Autoregression under Student t shocks; the first month may be anywhere near the level."""
    import pymc as pm

    persistence = pm.Beta("persistence", 9.0, 1.5)
    shock = pm.LogNormal("shock", np.log(prior.shock), prior.shock_sd)
    tail = pm.Deterministic("tail", LEAST_TAIL + pm.Gamma("tail_excess", 2.0, 0.2))
    pm.Potential("first", pm.logp(pm.Normal.dist(0.0, FIRST), wave[0]))
    jumps = pm.StudentT.dist(nu=tail, mu=persistence * wave[:-1], sigma=shock)
    pm.Potential("wave", pm.logp(jumps, wave[1:]).sum())


def _level(year: np.ndarray, prior: Priors) -> Any:
    """Yearly drift of the level, by month, whose places of the year are given; 0 in the first."""
    import pymc as pm
    import pytensor.tensor as pt

    shock = pm.LogNormal("slow_shock", np.log(prior.slow_shock), prior.slow_shock_sd)
    moves = shock * pm.Normal("moves", 0.0, 1.0, shape=int(year[-1]))
    lag = np.subtract.outer(np.arange(year[-1] + 1), np.arange(1, year[-1] + 1))
    kept = 0.5 ** (lag.clip(0) / prior.slow_half_life) * (lag >= 0)
    level = pt.dot(kept, moves)
    pm.Deterministic("level", level[-1])
    return level[year]


def _migrants(data: Inputs, prior: Priors, mean: Any, moved: Any, season: Any) -> None:
    """Log odds of the migrants' rates: urban ones, shifted and scaled, and what is left."""
    import pymc as pm

    offset = pm.Normal("offset", 0.0, prior.offset_sd)
    response = pm.Normal("response", 1.0, prior.response_sd)
    apart = pm.ZeroSumNormal("season_apart", prior.season_sd, shape=12)
    rural = pm.Normal("rural_offset", 0.0, prior.offset_sd)
    memory = pm.Beta("memory", 4.0, 1.5)
    months, at = data["months"], data["migrant_months"]
    everyone = _all_migrants(data)
    own = (season + apart)[months[at] % 12]
    left = pm.Deterministic("remainder", everyone - mean - offset - response * moved[at] - own)
    _stationary("remainder", left, at, memory, 0.06)
    both = np.searchsorted(at, data["rural_months"])
    error = pm.Normal("rural_printing_error", 0.0, 1.0, shape=len(both))
    apart_from_all = _printed(data["rural"], error) - everyone[both] - rural
    _stationary("difference", pm.Deterministic("difference", apart_from_all), data["rural_months"], memory, 0.03)


def _all_migrants(data: Inputs) -> Any:
    """Log odds of the rate of all migrants in every month in which it or that of rural ones was printed."""
    import pymc as pm
    import pytensor.tensor as pt

    printed = data["migrant"]
    seen = ~np.isnan(printed)
    error = pm.Normal("migrant_printing_error", 0.0, 1.0, shape=int(seen.sum()))
    odds = pt.as_tensor(np.zeros(len(printed)))[seen].set(_printed(printed[seen], error))
    if seen.all():
        return odds
    rural = data["rural"][np.searchsorted(data["rural_months"], data["migrant_months"][~seen])]
    free = pm.Flat("migrant_unprinted", shape=int((~seen).sum()))
    return odds[~seen].set(logit(rural) + FREE * free)


def _printed(rate: np.ndarray, error: Any) -> Any:
    """Log odds of the rates behind what was printed."""
    import pytensor.tensor as pt

    behind = rate + ROUNDING * error
    return pt.log(behind / (1.0 - behind))


def _stationary(name: str, values: Any, at: np.ndarray, memory: Any, scale: float) -> None:
    """Autoregression from its stationary distribution, seen in the months `at` alone."""
    import pymc as pm

    spread = pm.LogNormal(f"{name}_spread", np.log(scale), 0.5)
    kept = memory ** np.diff(at)
    pm.Potential(f"{name}_first", pm.logp(pm.Normal.dist(0.0, spread), values[0]))
    steps = pm.Normal.dist(kept * values[:-1], spread * pm.math.sqrt(1.0 - kept**2))
    pm.Potential(f"{name}_path", pm.logp(steps, values[1:]).sum())


def _damped(name: str, data: Inputs, pace: float, pace_sd: float, prior: Priors) -> None:
    """Yearly changes of a log: a pace that halves every so many years, and noise; gaps of some years are one change."""
    import pymc as pm

    years = data[f"{name}_years"]
    now = pm.Normal(f"{name}_pace", pace, pace_sd)
    half_life = pm.LogNormal(f"{name}_half_life", np.log(prior.half_life), prior.half_life_sd)
    noise = pm.LogNormal(f"{name}_noise", np.log(0.01), 0.5)
    every = np.arange(years[0] + 1, years[-1] + 1)
    within = (every > years[:-1, None]) & (every <= years[1:, None])
    expected = now * pm.math.dot(within.astype(float), 2.0 ** ((years[-1] - every) / half_life))
    pm.Normal(name, expected, noise * np.sqrt(np.diff(years)), observed=np.diff(data[name]))
