"""Who contributes to the resident pension, who draws it, and what a head pays and gets.

Contributors are people of working age who are not in the employee scheme,
times the share of them who contribute. So a turn has three causes, told apart:
people (fewer of working age), hand-over (the employee scheme's share grows,
ever more slowly), and compliance (the share of the rest who contribute). Each
is a short time series with its own doubt about how it goes on.

Pensioners are cohorts: each keeps the share that took the pension up at 60.
The take-up falls as the employee scheme's share, remembered over the working
life, rises.
"""

from __future__ import annotations

from dataclasses import astuple, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

from forecasting.models.membership_data import data_of
from forecasting.models.membership_paths import History, forecast

if TYPE_CHECKING:
    import pymc as pm

    from forecasting.models.sampling import Inputs
    from forecasting.sources import Tables

__all__ = ["KEEP", "NAME", "History", "Priors", "build", "forecast", "inputs"]

NAME = "membership"
SERIES = ("compliance", "contribution", "basic")
"""Stationary series: logit of compliance; logs of contribution and basic pension over rural income."""

KEEP = (
    *("handover_speed", "handover_ceiling", "handover_sd", "compliance_momentum"),
    *(f"{name}_{part}" for name in SERIES for part in ("mean", "persistence", "sd")),
    *("take_up_level", "take_up_response", "take_up_sd", "take_up_logit", "first_share", "contribution_now"),
)


@dataclass(frozen=True)
class Priors:
    """What is believed before the membership of 2012-2025 is seen.

    Attributes
    ----------
    compliance_mean, compliance_sd : float
        Long-run logit of the share of people of working age outside the
        employee scheme who contribute. 1.1 is a share of .75, the level since
        2021; the sd of .35 spans .60 to .86.
    contribution_mean, contribution_sd : float
        Long-run log of the individual contribution over rural income per head.
        -3.8 is 2.2 %, the mean of 2014-2024, when it ran from 1.7 to 2.8 %.
    basic_mean, basic_sd : float
        Long-run log of the basic pension over rural income per head: -2.25 is
        10.5 %, the mean of 2014-2024.
    response_mean, response_sd : float
        Fall of the logit of take-up at 60 for a rise of one in the logit of
        the remembered employee share. One for one, because nobody draws both.
    ceiling_mean, ceiling_sd : float
        Share of people aged 16-59 in the employee scheme in the far future. It
        was .25 in 2012 and .47 in 2025; students, home-makers, farmers and the
        informally employed stay outside, so .72 with .60 to .84 as the range.
    memory : float
        Years over which a cohort's employee share is remembered: about half a
        working life, as who turns 60 today chose a scheme over 40 years.
    """

    compliance_mean: float = 1.1
    compliance_sd: float = 0.35
    contribution_mean: float = -3.8
    contribution_sd: float = 0.3
    basic_mean: float = -2.25
    basic_sd: float = 0.1
    response_mean: float = 1.0
    response_sd: float = 0.3
    ceiling_mean: float = 0.72
    ceiling_sd: float = 0.06
    memory: float = 15.0


def inputs(tables: Tables, people: xr.DataArray, priors: Priors | None = None) -> dict[str, np.ndarray]:
    """Collect what `build` reads.

    Parameters
    ----------
    tables : forecasting.sources.Tables
    people : xarray.DataArray, dims (age, year)
        National population at 31 December, one value a cell: the mean of the reconstruction.
    priors : Priors, optional

    Returns
    -------
    dict of str to numpy.ndarray
    """
    priors = priors or Priors()
    return data_of(tables, people, priors.memory) | {"priors": np.array(astuple(priors))}


def build(inputs: Inputs) -> pm.Model:
    """Make the PyMC model.

    Parameters
    ----------
    inputs : mapping of str to numpy.ndarray
        From `inputs`.

    Returns
    -------
    pymc.Model
    """
    import pymc as pm

    prior = Priors(*inputs["priors"])
    with pm.Model() as model:
        _handover(inputs, prior)
        _compliance(inputs["compliance"], prior)
        _stationary("basic", inputs["basic"], prior.basic_mean, prior.basic_sd, 0.1)
        _stationary("contribution", _contributions(inputs), prior.contribution_mean, prior.contribution_sd, 0.2)
        _pensioners(inputs, prior)
    return model


def _contributions(data: Inputs) -> Any:
    """Return the log ratios; the last is a parameter with an error where it is derived, not published."""
    import pymc as pm

    series = data["contribution"]
    if not data["contribution_now_sd"] > 0:
        pm.Deterministic("contribution_now", pm.math.constant(series[-1]))
        return series
    now = pm.Normal("contribution_now", series[-1], data["contribution_now_sd"])
    return pm.math.concatenate([series[:-1], now[None]])


def _handover(data: Inputs, prior: Priors) -> None:
    """Employee share of working age: logistic growth to a ceiling, and noise."""
    import pymc as pm

    share = data["employee_share"]
    speed = pm.LogNormal("handover_speed", np.log(0.08), 0.4)
    ceiling = pm.TruncatedNormal("handover_ceiling", prior.ceiling_mean, prior.ceiling_sd, lower=0.5, upper=0.95)
    noise = pm.LogNormal("handover_sd", np.log(0.005), 0.4)
    expected = speed * share[:-1] * (1.0 - share[:-1] / ceiling)
    pm.Normal("handover", expected, noise, observed=np.diff(share))


def _compliance(series: np.ndarray, prior: Priors) -> None:
    """AR(2) of the logit of compliance, by its two roots: what is left of a deviation, and of its pace, after a year.

    A scheme is taken up, or left, over years: its pace lasts. The first year has no pace before it.
    """
    import pymc as pm

    level = pm.Normal("compliance_mean", prior.compliance_mean, prior.compliance_sd)
    persistence = pm.Beta("compliance_persistence", 9.0, 2.0)
    momentum = pm.Beta("compliance_momentum", 2.0, 2.0)
    noise = pm.LogNormal("compliance_sd", np.log(0.1), 0.5)
    expected = level + persistence * (series[1:-1] - level)
    pace = series[1:-1] - level - persistence * (series[:-2] - level)
    pm.Normal("compliance", expected + momentum * pace, noise, observed=series[2:])


def _stationary(name: str, series: Any, mean: float, sd: float, scale: float) -> None:
    """AR(1) around a level with a stated prior; the series may be data or parameters."""
    import pymc as pm

    level = pm.Normal(f"{name}_mean", mean, sd)
    persistence = pm.Beta(f"{name}_persistence", 9.0, 2.0)
    noise = pm.LogNormal(f"{name}_sd", np.log(scale / 3), 0.5)
    expected = level + persistence * (series[:-1] - level)
    if isinstance(series, np.ndarray):
        pm.Normal(name, expected, noise, observed=series[1:])
    else:
        pm.Potential(name, pm.logp(pm.Normal.dist(expected, noise), series[1:]).sum())


def _pensioners(data: Inputs, prior: Priors) -> None:
    """Sum the cohorts' shares; each new cohort's share is its take-up at 60."""
    import pymc as pm

    level = pm.Normal("take_up_level", 0.0, 0.7)
    response = pm.TruncatedNormal("take_up_response", prior.response_mean, prior.response_sd, lower=0.0)
    noise = pm.LogNormal("take_up_sd", np.log(0.15), 0.35)
    past = data["remembered_logit"]
    # Centred: the yearly counts of pensioners say much about each cohort's take-up.
    take_up = pm.Normal("take_up_logit", level - response * (past - past.mean()), noise, shape=past.shape)
    first = pm.Beta("first_share", 6.8, 3.2)
    drawing = first * data["already_old"] + (data["new_cohorts"] * pm.math.invlogit(take_up)).sum(axis=1)
    pm.Normal("pensioners", pm.math.log(drawing), 0.007, observed=np.log(data["pensioners"]))
