"""Joint annual paths of rural income, prices, budget revenue, land income, deposit rate and market return.

Four states move together: log inflation p, real growth of rural income per head g, the budget gap q (growth of
general budget revenue less growth of nominal rural income per head less growth of the population) and the log
ratio l of land income to budget revenue. Each returns to an anchor of its own year,
``x(t) = a(t) + memory (x(t-1) - a(t)) + shock(t)``, and the shocks are tied by a triangular system in the order
p, g, q, l (a recursive vector autoregression; Sims 1980, Econometrica 48(1)). The log deposit rate follows with a
term in inflation (log rates: Black and Karasinski 1991, Financial Analysts Journal 47(4)), so that no rate falls
below zero. The market earns the deposit rate, a premium and a Student t shock, all in logs: no loss passes 100 %.

Anchors are priors (`Priors`), stated rather than learned from a short past: fifteen years cannot tell the growth
of 2075. The budget follows the income of all people, so that it neither explodes nor vanishes; only the gap, whose
mean fades towards an end near zero, changes their ratio. Land income takes a new anchor when its market turned and
may stay there. A figure that was not published is a parameter: the posterior bridges a gap given both neighbours,
the other series and the dynamics. A year after the last published one is simulated.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

from forecasting import axes
from forecasting.models._economy_inputs import ANCHORS, ENTRUSTED_SINCE, FIRST_YEAR, Prior, Priors, inputs

if TYPE_CHECKING:
    import pymc as pm

__all__ = ["ANCHORS", "FIRST_YEAR", "KEEP", "NAME", "Prior", "Priors", "build", "forecast", "inputs"]

NAME = "economy"
HISTORY = ("rural_income", "inflation", "budget_revenue", "land_income", "deposit_rate", "market_return")
LEVELS = ("rural_income", "budget_revenue", "land_income")
KEEP = (*HISTORY, "anchor", "memory", "shock", "coupling", "state")
PROCESSES = ("inflation", "income", "budget_gap", "land_ratio", "deposit")

MEMORY = np.array([[4.0, 4.0], [2.0, 4.0], [3.0, 4.0], [8.0, 3.0], [8.0, 2.0]])
"""Beta(a, b) priors of the memory of p, g, q, l and the deposit rate: a half, a third, 0.4, 0.7 and 0.8."""

SHOCK = np.array([0.015, 0.02, 0.04, 0.2, 0.15])
"""Prior medians of the standard deviation of the yearly shocks, log units; log-normal with log-sd 0.4."""

TAIL = 10.0
"""Degrees of freedom of the market shock: tails fatter than normal; eight yearly returns cannot tell the number."""

PAIRS = ((1, 0), (2, 0), (2, 1), (3, 0), (3, 1), (3, 2))
"""The shock of process i contains part of that of process j; the deposit rate follows inflation by its anchor."""


def build(inputs: Mapping[str, np.ndarray]) -> pm.Model:
    """Make the model of the economy.

    Parameters
    ----------
    inputs : mapping of str to numpy.ndarray
        From `inputs`.

    Returns
    -------
    pymc.Model
        Variables ``KEEP``; figures that were not published are free.
    """
    import pymc as pm

    coords = {"past": inputs["years"], "rate_year": inputs["rate_years"], "prior": ANCHORS, "process": PROCESSES}
    with pm.Model(coords=coords) as model:
        anchors = _anchors(inputs["priors"])
        rates = {name: _filled(name, inputs[name], 0.05, "rate_year") for name in ("inflation", "deposit_rate")}
        levels = {name: _filled(name, inputs[name], 0.3, "past") for name in LEVELS}
        _dynamics(inputs, anchors, rates, levels)
        _returns(inputs, anchors, rates["deposit_rate"])
    return model


def _anchors(table: np.ndarray) -> dict[str, Any]:
    """Put the anchors on standard normals; one with sd 0 is a constant and nothing to sample."""
    import pymc as pm
    import pytensor.tensor as pt

    location, scale, positive = table.T
    free = np.flatnonzero(scale > 0)
    values = pt.as_tensor(location)
    if free.size:
        values = values[free].inc(scale[free] * pm.Normal("anchor_z", shape=free.size))
    values = pt.switch(positive > 0, pt.exp(values), values)
    pm.Deterministic("anchor", values, dims="prior")
    return {name: values[i] for i, name in enumerate(ANCHORS)}


def _filled(name: str, values: np.ndarray, scale: float, dim: str) -> Any:
    """Return the log of a series (of 1 + inflation) with a free value for each gap.

    The free values scatter widely around a line through the figures; the dynamics narrow them.
    """
    import pymc as pm
    import pytensor.tensor as pt

    forth, back = (np.log1p, pm.math.expm1) if name == "inflation" else (np.log, pm.math.exp)
    gaps = np.flatnonzero(np.isnan(values))
    series, logs = pt.as_tensor(values), forth(values)
    if gaps.size:
        known = np.flatnonzero(~np.isnan(values))
        line = np.polynomial.Polynomial.fit(known, logs[known], 1)
        centre = line(gaps) + np.interp(gaps, known, logs[known] - line(known))
        free = pm.Normal(f"{name}_unpublished", mu=centre, sigma=scale)
        series, logs = series[gaps].set(back(free)), pt.as_tensor(np.nan_to_num(logs))[gaps].set(free)
    pm.Deterministic(name, series, dims=dim)
    return logs


def _dynamics(inputs: Mapping[str, np.ndarray], anchors: Mapping[str, Any], rates: Any, levels: Any) -> None:
    import pymc as pm
    import pytensor.tensor as pt

    memory = pm.Beta("memory", *MEMORY.T, dims="process")
    shock = pm.LogNormal("shock", np.log(SHOCK), 0.4, dims="process")
    coupling = pm.Normal("coupling", 0.0, 0.4, shape=len(PAIRS))
    x, known = _states(inputs, rates, levels)
    pm.Deterministic("state", x[-1], dims="process")
    target = pt.stack(_targets(anchors, inputs["rate_years"], inputs["years"][-1], pt), axis=1)
    target += np.eye(len(PROCESSES))[-1] * _fisher(anchors, rates["inflation"])[:, None]
    # A first year has no year before: it scatters around its anchor with twice the shock.
    begins = known & ~np.vstack([np.zeros((1, len(PROCESSES)), dtype=bool), known[:-1]])
    before = pt.concatenate([x[:1], x[:-1]])
    e = known * (x - target - pt.switch(begins, 0.0, memory * (before - target))) / shock / np.where(begins, 2.0, 1.0)
    own = known * (e - pt.dot(e, _ties(coupling, pt).T))
    pm.Potential("paths", -0.5 * (own**2).sum() - (known.sum(0) * pt.log(shock)).sum())


def _states(inputs: Mapping[str, np.ndarray], rates: Any, levels: Any) -> tuple[Any, np.ndarray]:
    """Return the states, shape (rate_year, process), and where there is one."""
    import pytensor.tensor as pt

    years, rate_years = inputs["years"], inputs["rate_years"]
    early = len(rate_years) - len(years)
    income, budget, land = (pt.concatenate([np.zeros(early), levels[name]]) for name in LEVELS)
    people = np.concatenate([np.zeros(early), inputs["population_growth"]])
    grown = pt.concatenate([np.zeros((1, 2)), pt.diff(pt.stack([income, budget], axis=1), axis=0)])
    prices, gap = rates["inflation"], grown[:, 1] - grown[:, 0] - people
    states = pt.stack([prices, grown[:, 0] - prices, gap, land - budget, rates["deposit_rate"]], axis=1)
    begin = np.array([rate_years[0], years[1], years[1], years[0], rate_years[0]])
    return states, rate_years[:, None] >= begin


def _ties(coupling: Any, xp: Any) -> Any:
    """Return the share of each shock, in its own units, that is due to the shocks before it, (..., 5, 5)."""
    places = np.zeros((len(PAIRS), len(PROCESSES), len(PROCESSES)))
    for n, (i, j) in enumerate(PAIRS):
        places[n, i, j] = 1.0
    return xp.tensordot(coupling, places, 1)


def _targets(a: Mapping[str, Any], years: np.ndarray, last: int, xp: Any) -> list[Any]:
    """Return the anchors of the five processes in `years`; `xp` is numpy or pytensor.tensor."""
    ahead = np.asarray(years - last, dtype=float)
    later, since = ahead.clip(0), last >= a["inflation_break"]
    income, budget = a["income_now"] - a["income_anchor"], a["budget_gap_now"] - a["budget_gap_anchor"]
    shift = (years >= a["inflation_break"]) * since * a["inflation_shift"]
    before, after = xp.log(a["land_before"]), xp.log(a["land_anchor"])
    return [
        a["inflation_anchor"] + shift * _half(later, a["inflation_half_life"]),
        a["income_anchor"] + income * _half(ahead, a["income_half_life"]),
        a["budget_gap_anchor"] + budget * _half(later, a["budget_gap_half_life"]),
        before + (after - before) * (years >= a["land_break"]),
        xp.log(a["deposit_anchor"]) + np.zeros(len(years)),
    ]


def _fisher(anchors: Mapping[str, Any], prices: Any) -> Any:
    return anchors["deposit_on_inflation"] * (prices - anchors["inflation_anchor"])


def _half(ahead: np.ndarray, half_life: Any) -> Any:
    return 2.0 ** (-ahead / half_life)


def _returns(inputs: Mapping[str, np.ndarray], anchors: Mapping[str, Any], rates: Any) -> None:
    import pymc as pm
    import pytensor.tensor as pt

    years, values = inputs["years"], inputs["market_return"]
    total, covered = inputs["market_unpublished"][0], int(inputs["market_unpublished"][1])
    gaps = np.flatnonzero(np.isnan(values))
    series, logs = pt.as_tensor(values), pt.as_tensor(np.log1p(np.nan_to_num(values)))
    if gaps.size:
        mean = np.nanmean(np.log1p(values[years >= ENTRUSTED_SINCE]))
        free = pm.Normal("market_unpublished", mean, 0.2, shape=gaps.size - bool(covered))
        if covered:
            # The published mean leaves one return of its years no freedom.
            free = pt.concatenate([free[: covered - 1], [total - free[: covered - 1].sum()], free[covered - 1 :]])
        series, logs = series[gaps].set(pt.expm1(free)), logs[gaps].set(free)
    pm.Deterministic("market_return", series, dims="past")
    held = np.flatnonzero(years >= ENTRUSTED_SINCE)
    excess = logs[held] - pt.log1p(pt.exp(rates[-len(years) :][held]))
    scale = anchors["market_volatility"]
    pm.Potential("market", pm.logp(pm.StudentT.dist(nu=TAIL, mu=anchors["market_premium"], sigma=scale), excess).sum())


def forecast(
    posterior: xr.Dataset, years: np.ndarray, rng: np.random.Generator, population_growth: np.ndarray | None = None
) -> xr.Dataset:
    """Draw the paths of the economy: figures where published, else the posterior, then simulation.

    Parameters
    ----------
    posterior : xarray.Dataset
        Variables ``KEEP`` with leading axis ``draw``.
    years : numpy.ndarray of int
        Years wanted, not before ``FIRST_YEAR``.
    rng : numpy.random.Generator
        Random stream; a longer horizon leaves the earlier years as they are.
    population_growth : numpy.ndarray, optional
        Log growth of the national population, shape (year,) or (draw, year) over `years`; by default that of the
        priors. Give that of the projected people, draw by draw, so that people and budget are one future.

    Returns
    -------
    xarray.Dataset
        Variables of `forecasting.axes.ECONOMY` over (draw, year); ``price_index`` is 1 in the last observed year.

    Raises
    ------
    forecasting.axes.AxisError
        If `years` begin too early.
    """
    past, given = posterior["past"].values, {name: posterior[name].values for name in KEEP}
    ahead = np.arange(past[-1] + 1, max(past[-1], np.max(years)) + 1)
    anchors = {name: given["anchor"][:, [i]] for i, name in enumerate(ANCHORS)}
    people = _population(anchors, ahead, past[-1], years, population_growth)
    prices, real, gap, ratio, deposit, market = _simulate(given, anchors, ahead, past[-1], rng)
    observed = np.log1p(given["inflation"][:, 1 - len(past) :])
    # Sums of growth from each past year to the last one; the last index is 1 by definition.
    index = np.exp(-np.column_stack([observed[:, ::-1].cumsum(1)[:, ::-1], np.zeros(len(observed))]))
    budget = given["budget_revenue"][:, -1:] * np.exp((prices + real + gap + people).cumsum(1))
    paths = {
        "rural_income": (given["rural_income"], given["rural_income"][:, -1:] * np.exp((prices + real).cumsum(1))),
        "price_index": (index, np.exp(prices.cumsum(1))),
        "budget_revenue": (given["budget_revenue"], budget),
        "land_income": (given["land_income"], budget * np.exp(ratio)),
        "deposit_rate": (given["deposit_rate"][:, -len(past) :], np.exp(deposit)),
        "market_return": (given["market_return"], np.expm1(market)),
    }
    coords = {"draw": posterior["draw"].values, "year": np.concatenate([past, ahead])}
    out = xr.Dataset({n: (("draw", "year"), np.concatenate(p, axis=1), _attrs(n)) for n, p in paths.items()}, coords)
    return axes.join_years(out, years)


def _attrs(name: str) -> dict[str, str]:
    return {"unit": axes.ECONOMY[name].unit, "meaning": axes.ECONOMY[name].meaning}


def _population(
    anchors: Mapping[str, np.ndarray], ahead: np.ndarray, last: int, years: np.ndarray, given: np.ndarray | None
) -> np.ndarray:
    if given is not None:
        known = xr.Dataset({"growth": (("draw", "year"), np.atleast_2d(given))}, {"year": years})
        return np.asarray(axes.join_years(known, ahead)["growth"].values)
    end = anchors["population_growth_anchor"]
    apart = anchors["population_growth_now"] - end
    return np.asarray(end + apart * _half(ahead - last, anchors["population_half_life"]))


def _simulate(
    given: Mapping[str, np.ndarray], anchors: Mapping[str, Any], ahead: np.ndarray, last: int, rng: np.random.Generator
) -> np.ndarray:
    """Return the five states and the log market return, shape (6, draw, year)."""
    draws = len(given["state"])
    targets = np.stack([np.broadcast_to(x, (draws, len(ahead))) for x in _targets(anchors, ahead, last, np)])
    # Shocks solve e = ties e + own.
    tie = np.linalg.inv(np.eye(len(PROCESSES)) - _ties(given["coupling"], np))
    premium, scale = anchors["market_premium"][:, 0], anchors["market_volatility"][:, 0]
    state, memory, out = given["state"], given["memory"], np.empty((6, draws, len(ahead)))
    for t in range(len(ahead)):
        jump = given["shock"] * np.einsum("dij,dj->di", tie, rng.standard_normal((draws, 5)))
        target = targets[:, :, t].T.copy()
        prices = target[:, 0] + memory[:, 0] * (state[:, 0] - target[:, 0]) + jump[:, 0]
        target[:, 4] += _fisher({name: values[:, 0] for name, values in anchors.items()}, prices)
        state = target + memory * (state - target) + jump
        out[:5, :, t] = state.T
        out[5, :, t] = np.log1p(np.exp(state[:, 4])) + premium + scale * rng.standard_t(TAIL, draws)
    return out
