"""Who is enrolled in the resident medical scheme, how often they are treated, and at what cost.

Enrolment. People outside the employee scheme, times the share of them enrolled. The employee scheme's medical members
are a slowly moving part of the people of its pension scheme, so that hand-over is one story in both funds. The logit
of the share enrolled falls with the individual contribution over income, and moves around its line as an AR(1).

Use and cost. Five series a head (`SERIES`): stays, cost per stay, outpatient visits, cost per visit, and the cost of
the chronic programme. The log of each is

    trend + what the ages of the insured do + COVID (use, 2020-22) + the new definition (visits, from 2023),

and the trend goes along a line, from which shocks take it for about ten years. The growth of the line is that seen in
the figures; after them it fades, by halves, to a stated anchor. A shock to use returns in part in cost per case:
lighter cases are cheaper. Money is over rural income of the year, so that growth is excess growth over income.
Differences by sex and age are stated priors, narrowed by the few published contrasts; they last.

Fund. Expenditure is the cost of each kind of care times the share of it that the fund pays, and the COVID vaccines of
2021-22. Insurance of critical illness and maternity are in the shares paid: they are bought from this fund.

The first year, 2018, merged two schemes: the counts of use hold part of the rural scheme only, between none and all.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from forecasting.models import _medical_ages as ages
from forecasting.models._autoregression import autoregressions
from forecasting.models._medical_backcast import backcast
from forecasting.models._medical_data import counted_twice, data_of, vaccinated
from forecasting.models._medical_paths import paths
from forecasting.models._medical_priors import COVID_YEARS, DEFINITION_YEAR, KNOTS, SERIES, Priors, arrays

if TYPE_CHECKING:
    import pymc as pm
    import xarray as xr

    from forecasting.models.sampling import Inputs
    from forecasting.sources import Tables

__all__ = ["KEEP", "NAME", "SERIES", "Priors", "backcast", "build", "inputs", "paths"]

NAME = "medical"
AGE_PARAMETERS = (
    *("stays_age", "stays_women", "stay_cost_age", "chronic_multiple", "child_visits", "women_visits"),
    *("prevalence_ceiling", "prevalence_middle", "prevalence_width"),
)
KEEP: tuple[str, ...] = (
    *AGE_PARAMETERS,
    *("trend", "growth", "anchor", "half_life", "shock", "memory", "coupling", "covid", "covid_visits"),
    *("definition", "definition_cost", "counted"),
    *("employee_logit", "employee_mean", "employee_persistence", "employee_sd"),
    *("enrolment_logit", "enrolment_mean", "enrolment_persistence", "enrolment_sd", "response", "duplicates"),
    *("reimbursed_logit", "reimbursed_sd", "vaccines"),
)

COUNT_ERROR = 0.002
"""Error (log) of counts of members: flash and final figures of 2019 differ by 0.0003, roundings by less."""

USE_ERROR = 0.01
"""Error (log) of use and cost: two publications of the visits of 2024 differ by 1.2 %, of 2025 by 1.5 %."""

SPENT_ERROR = 0.01
"""Error (log) of expenditure: final accounts and bulletins of the same fund differ by a per cent."""

FLASH_ERROR = 0.03
"""Error (log) of the expenditure of 2018, a sum of two flash figures."""

PREVALENCE_ERROR = 0.1
"""Error (logit) of the published prevalence by age: a survey, here also for other years."""

CONTRAST_ERROR = 0.15
"""Error (log) of stays of retired over working employees: other people than those insured here."""

SURVEY_ERROR = 0.3
"""Error (log) of stays at 60 and over from a survey, over those at all ages from registers."""


def inputs(tables: Tables, people: xr.DataArray, priors: Priors | None = None) -> dict[str, np.ndarray]:
    """Collect what `build`, `paths` and `backcast` read.

    Parameters
    ----------
    tables : forecasting.sources.Tables
    people : xarray.DataArray, dims (sex, age, year)
        National population at 31 December, one value a cell: the mean of the reconstruction.
    priors : Priors, optional

    Returns
    -------
    dict of str to numpy.ndarray
        As `_medical_data.data_of`, and each prior under ``prior_`` and its name.
    """
    return data_of(tables, people) | arrays(priors or Priors())


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

    prior = {name.removeprefix("prior_"): value for name, value in inputs.items() if name.startswith("prior_")}
    years = inputs["years"]
    with pm.Model(coords={"year": years, "series": SERIES, "covid_year": COVID_YEARS, "knot": KNOTS}) as model:
        _enrolment(inputs, prior)
        logs = _use(inputs, prior, _age_patterns(inputs, prior))
        _expenditure(inputs, prior, logs)
    return model


def _age_patterns(data: Inputs, prior: Inputs) -> dict[str, Any]:
    """Give the differences by sex and age their priors and hold them against the published contrasts."""
    import pymc as pm

    near = np.exp(-np.abs(np.subtract.outer(KNOTS, KNOTS)) / prior["age_length"])
    names = ("stays_age", "stays_women", "stay_cost_age")
    # Standard normals and a constant root: the figures say too little of the curves for another form to be better.
    free = pm.Normal("age_errors", 0.0, 1.0, shape=(len(names), len(KNOTS)))
    errors = ages.product(free, np.linalg.cholesky(near).T, pm.math)
    values: dict[str, Any] = {
        name: pm.Deterministic(name, prior[name] + prior[f"{name}_sd"] * errors[i], dims="knot")
        for i, name in enumerate(names)
    }
    for name in ("chronic_multiple", "child_visits"):
        values[name] = pm.LogNormal(name, np.log(prior[name]), prior[f"{name}_log_sd"])
    values["women_visits"] = pm.Normal("women_visits", 0.0, prior["women_visits_sd"])
    values["prevalence_ceiling"] = pm.Beta("prevalence_ceiling", *prior["prevalence_ceiling"])
    middle, width = "prevalence_middle", "prevalence_width"
    values[middle] = pm.Normal(middle, prior[middle], prior[f"{middle}_sd"])
    values[width] = pm.LogNormal(width, np.log(prior[width]), prior[f"{width}_log_sd"])
    seen = ages.product(ages.prevalence(values, pm.math), data["prevalence_weights"].T, pm.math)
    pm.Normal("prevalence", pm.math.logit(seen), PREVALENCE_ERROR, observed=_logit(data["prevalence"]))
    use = ages.stays(values, pm.math)
    for name, over, under, error in (
        ("retired_over_working", "retired", "working", CONTRAST_ERROR),
        ("old_over_all", "old", "all", SURVEY_ERROR),
    ):
        ratio = pm.math.log((use * data[over]).sum()) - pm.math.log((use * data[under]).sum())
        pm.Normal(name, ratio, error, observed=np.log(data[name]))
    return values


def _use(data: Inputs, prior: Inputs, values: dict[str, Any]) -> dict[str, Any]:
    """Return logs of the true series; hold their counts and yuan against the figures."""
    import pymc as pm

    effects = _effects(data["years"], prior)
    by_age = ages.mix(values, data["structure"], pm.math)
    moved = {name: path - path[-1] for name, path in by_age.items()}
    for name, path in effects.items():
        moved[name] = moved[name] + path if name in moved else path
    logs = _walks(len(data["years"]), prior, moved)
    least = data["least_counted"]
    counted = pm.Deterministic("counted", least + (1.0 - least) * pm.Beta("counted_place", *prior["counted"]))
    seen = pm.math.log(counted) * (np.arange(len(data["years"])) == 0)
    people, income = np.log(data["enrolled"]), np.log(data["income"])
    for name, expected in (
        ("stays", logs["stays"] + people + seen),
        ("visits", logs["visits"] + people + seen),
        ("stay_cost", logs["stays"] + logs["stay_cost"] + people + income),
        ("visit_cost", logs["visits"] + logs["visit_cost"] + people + income),
        ("chronic", logs["chronic"] + people + income),
    ):
        _observe(f"{name}_seen", expected, USE_ERROR, np.log(data[name]))
    return logs


def _walks(years: int, prior: Inputs, moved: dict[str, Any]) -> dict[str, Any]:
    """Return the logs of the series, each (year,): slow departures from a line, and what moved them besides.

    The free variables are the sums, because the figures tell these well.
    """
    import pymc as pm

    growth = pm.Normal("growth", prior["growth"], prior["growth_sd"], dims="series")
    shock = pm.LogNormal("shock", np.log(prior["shock"]), prior["shock_log_sd"], dims="series")
    coupling = pm.Normal("coupling", 0.0, prior["coupling_sd"], shape=2)
    # Nothing of the past says how growth ends: these two are as believed.
    pm.Normal("anchor", prior["anchor"], prior["anchor_sd"], dims="series")
    pm.LogNormal("half_life", np.log(prior["half_life"]), prior["half_life_log_sd"])
    first = pm.Normal("first", prior["level"], prior["level_sd"], dims="series")
    memory = pm.Beta("memory", *prior["memory"])
    besides = pm.math.stack([moved[name] for name in SERIES])
    line = first[:, None] + growth[:, None] * np.arange(years) + besides
    every = np.ones((len(SERIES), years - 1))
    # The cost of a case follows its use in `SERIES`: what use gains, lighter cases take from the cost of each.
    ties = pm.math.stack([0.0, coupling[0], 0.0, coupling[1], 0.0])
    later = autoregressions("later", line[:, 1:], memory * every, shock[:, None] * every, ties)
    path = pm.math.concatenate([line[:, :1], later], axis=1)
    pm.Deterministic("trend", path - besides, dims=("series", "year"))
    return {name: path[i] for i, name in enumerate(SERIES)}


def _effects(years: np.ndarray, prior: Inputs) -> dict[str, Any]:
    """Return what is no trend: COVID in use, the new definition in visits and their cost."""
    import pymc as pm

    away = pm.Normal("covid", prior["covid"], prior["covid_sd"], dims="covid_year")
    loading = pm.LogNormal("covid_visits", 0.0, prior["covid_visits_log_sd"])
    step = pm.Normal("definition", prior["definition"], prior["definition_sd"])
    cost = pm.Normal("definition_cost", 0.0, prior["definition_cost_sd"])
    covid = (years[:, None] == np.array(COVID_YEARS)) @ away
    since = (years >= DEFINITION_YEAR).astype(float)
    return {"stays": covid, "visits": loading * covid + step * since, "visit_cost": cost * since}


def _enrolment(data: Inputs, prior: Inputs) -> None:
    """Employee scheme, then the share enrolled of those outside it, held against the counts of both."""
    import pymc as pm

    response = pm.LogNormal("response", np.log(prior["response"]), prior["response_log_sd"])
    price = np.log(data["contribution"] / data["contribution"][-1])
    # Only the share enrolled follows the price.
    employee, enrolment = _shares(prior, -response * np.stack([0.0 * price, price]))
    members = pm.math.invlogit(employee) * data["employee_people"].sum(axis=(0, 1))
    _observe("employees_seen", pm.math.log(members), COUNT_ERROR, np.log(data["employees"]))
    twice = pm.LogNormal("duplicates", np.log(prior["duplicates"]), prior["duplicates_log_sd"])
    outside = data["people"].sum(axis=(0, 1)) - members
    expected = pm.math.invlogit(enrolment) * outside * (1.0 + twice * counted_twice(data["years"]))
    _observe("enrolled_seen", pm.math.log(expected), COUNT_ERROR, np.log(data["enrolled"]))


def _shares(prior: Inputs, lines: Any) -> tuple[Any, Any]:
    """Return the logits of both shares, each an AR(1) around a level plus its line; `lines` is (share, year)."""
    import pymc as pm

    size = len(pm.modelcontext(None).coords["year"])
    names = {"employee": "employee_ratio", "enrolment": "enrolment"}
    level, sd, noise = (
        np.array([prior[name] for name in kind])
        for kind in (names.values(), [f"{key}_sd" for key in names.values()], [f"{name}_shock" for name in names])
    )
    mean = pm.Normal("share_mean", level, sd)
    persistence = pm.Beta("share_persistence", *prior["persistence"], shape=len(names))
    scale = pm.LogNormal("share_sd", np.log(noise), prior["shocks_log_sd"])
    # The first year has no year before: its scatter, four yearly ones, is wider than any lasting one.
    scatter = scale[:, None] * np.append(4.0, np.ones(size - 1))
    kept = persistence[:, None] * np.ones(size)
    both = autoregressions("share_logit", mean[:, None] + lines, kept, scatter, np.zeros(len(names)))
    for part, values in (("mean", mean), ("persistence", persistence), ("sd", scale), ("logit", both)):
        for i, name in enumerate(names):
            pm.Deterministic(f"{name}_{part}", values[i], dims="year" if part == "logit" else None)
    return both[0], both[1]


def _expenditure(data: Inputs, prior: Inputs, logs: dict[str, Any]) -> None:
    """Shares of cost that the fund pays, which move together, held against its expenditure."""
    import pymc as pm

    size = len(data["years"])
    level = pm.Normal("reimbursed_level", prior["reimbursed"], prior["reimbursed_sd"], shape=3)
    scale = pm.LogNormal("reimbursed_sd", np.log(prior["reimbursed_shock"]), prior["reimbursed_shock_log_sd"])
    change = pm.Normal("reimbursed_change", 0.0, scale, shape=size - 1)
    common = pm.math.concatenate([np.zeros(1), pm.math.cumsum(change)])
    logits = pm.Deterministic("reimbursed_logit", level[:, None] + common[None, :])
    paid = pm.math.invlogit(logits)
    vaccines = pm.LogNormal("vaccines", np.log(prior["vaccines"]), prior["vaccines_log_sd"])
    cost = [logs["stays"] + logs["stay_cost"], logs["visits"] + logs["visit_cost"], logs["chronic"]]
    care = sum(paid[i] * pm.math.exp(one) for i, one in enumerate(cost)) * data["enrolled"] * data["income"]
    extra = vaccines * vaccinated(data["years"])
    expected = pm.math.log(care) - pm.math.log(1.0 - extra)
    _observe("spent_seen", expected, SPENT_ERROR, np.log(data["spent"]))
    _observe("flash_spent_seen", expected, FLASH_ERROR, np.log(data["flash_spent"]))
    _observe("reimbursed_seen", logits[0], 2 * USE_ERROR, _logit(data["reimbursed_stays"]))


def _observe(name: str, expected: Any, error: float, figures: np.ndarray) -> None:
    """Hold the years that were published against what is expected of them."""
    import pymc as pm

    known = np.flatnonzero(np.isfinite(figures))
    if known.size:
        pm.Normal(name, expected[known], error, observed=figures[known])


def _logit(share: np.ndarray) -> np.ndarray:
    return np.log(share / (1.0 - share))
