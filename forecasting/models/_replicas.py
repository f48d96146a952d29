"""Replicated data of each model: what it would publish, drawn with the parameters of its prior or its posterior.

One function a model serves both, so that the two bands of a chart differ in their parameters alone. A time series
starts from its first published value (compliance, which keeps its pace, from two) and runs on by the model's own
equation, never corrected by what came; a count is what the model's people give, with the measurement error that the
model states.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

from forecasting.axes import SEXES
from forecasting.lifetable import expectancy
from forecasting.models import economy, fertility, membership, migration, mortality
from forecasting.models._economy_inputs import ENTRUSTED_SINCE
from forecasting.models._migration_people import births_of
from forecasting.models._mortality_paths import SIDE, spread_ages
from forecasting.models.migration_data import CENSUS_YEAR, FIRST_YEAR, STRUCTURE_STARTS

if TYPE_CHECKING:
    from forecasting.models.sampling import Inputs

BLOCK = 50
"""Draws whose people are carried at once: bounds the working memory."""

UNITS = {"land_ratio": "ratio"}
"""Units of the series of the economy that are no rate of a year."""

MIDDLES = {"infants": 0, "42": 42, "67": 67}
"""Single ages in the middle of a published group: nothing is interpolated there."""


@dataclass(frozen=True)
class Replica:
    """One published series and what a model makes of it.

    Attributes
    ----------
    series, unit : str
        Name within its model; SI unit.
    axis : str
        ``year`` or ``age``: what `x` is.
    x : numpy.ndarray of int, shape (N,)
        Years, or first ages of groups.
    observed : numpy.ndarray, shape (N,)
        As the model reads it; NaN where it reads none.
    drawn : numpy.ndarray, shape (D, N)
        One replicated series a draw.
    indicators : tuple of str
        Where the figures come from, as ``indicators.csv`` names it.
    """

    series: str
    unit: str
    axis: str
    x: np.ndarray
    observed: np.ndarray
    drawn: np.ndarray
    indicators: tuple[str, ...]


def of_fertility(draws: xr.Dataset, data: Inputs, rng: np.random.Generator) -> list[Replica]:
    """Replicate the country's total fertility since it entered phase III, and the ages of its mothers."""
    own = data["which"] == 0
    tfr = np.concatenate([data["previous"][own][:1], data["following"][own]])
    first = draws.isel(country=0)
    long_run, rho, sigma = (first[name].values for name in ("long_run", "rho", "sigma"))
    rate = _autoregression(tfr, long_run, rho, sigma, rng)
    steps = rng.standard_normal((2, data["mean_age"].size - 1, draws.sizes["draw"]))
    drift, noise = (draws[f"mean_age_{part}"].values for part in ("drift", "noise"))
    widening, spread = (draws[f"spread_{part}"].values for part in ("drift", "noise"))
    mean = _summed(data["mean_age"][0], drift + noise * steps[0])
    width = np.exp(_summed(np.log(data["spread"][0]), widening + spread * steps[1]))
    years = data["tfr_year"][-tfr.size :]
    return [
        Replica("tfr", "children per woman", "year", years, tfr, rate, ("tfr",)),
        Replica("mean_age", "years", "year", data["schedule_year"], data["mean_age"], mean, ("asfr",)),
        Replica("spread", "years", "year", data["schedule_year"], data["spread"], width, ("asfr",)),
    ]


def of_mortality(draws: xr.Dataset, data: Inputs, rng: np.random.Generator) -> list[Replica]:
    """Replicate the death rates of all periods; their mean over the periods is no part of the model and stands.

    The published rates by single age are moved by what the replicated log rates of the groups differ from theirs.
    """
    parts = []
    for weights, path, name in (("B", "K", "common"), ("b", "k", "difference")):
        levels = draws[path].values @ data["basis"]
        expected = draws[weights].values[:, :, None] * levels[:, None, :]
        noise = draws[f"{name}_noise_sd"].values[:, None, None] * rng.standard_normal(expected.shape)
        # (draw, group, period), around nothing: what the replica has more than the published rates.
        parts.append((expected + noise - data[name]) @ data["basis"].T)
    common, difference = parts
    moved = np.stack([common + side * difference for side in SIDE], axis=1)
    single = spread_ages(np.moveaxis(moved, 2, 3), data["age"])
    rates = np.exp(data["published"] + single)
    period, e0 = data["period"], expectancy(rates)
    published, observed = np.exp(data["published"]), expectancy(np.exp(data["published"]))
    out = [Replica(f"e0_{sex}", "years", "year", period, observed[s], e0[:, s], ("mx",)) for s, sex in enumerate(SEXES)]
    men = SEXES.index("male")
    for name, age in MIDDLES.items():
        unit = "per person-year"
        out.append(
            Replica(f"rate_{name}", unit, "year", period, published[men, :, age], rates[:, men, :, age], ("mx",))
        )
    return out


def of_migration(draws: xr.Dataset, data: Inputs, rng: np.random.Generator) -> list[Replica]:
    """Replicate the counts of people and births since the census of 2000, and the rural ages of 2010."""
    carried = [_carried(draws.isel(draw=slice(at, at + BLOCK)), data) for at in range(0, draws.sizes["draw"], BLOCK)]
    # A count that was not published is no part of the model.
    made = {name: np.concatenate([part[name] for part in carried]) for name in carried[0] if data[name].size}
    sd = _scatter(migration.build(data), tuple(made))
    seen = {n: np.exp(np.log(values) + sd[n] * rng.standard_normal(values.shape)) for n, values in made.items()}
    seen = {name: np.empty((draws.sizes["draw"], 0)) for name in carried[0]} | seen
    ages = seen["structure_2010"].sum(axis=1)
    counted = ("population_year_end",)
    totals, old, births = (FIRST_YEAR + data[name] for name in ("total_steps", "old_steps", "birth_steps"))
    known = data["structure_2010"].sum(axis=0)
    return [
        Replica("rural", "persons", "year", totals, data["rural_total"], seen["rural_total"], counted),
        Replica("old", "persons", "year", old, data["old_60"], seen["old_60"], counted),
        Replica("births", "persons", "year", births + 1, data["births_registered"], seen["births_registered"],
                ("births",)),
        Replica("rural_ages", "share", "age", STRUCTURE_STARTS, known, ages, ("population_long_form",)),
    ]  # fmt: skip


def _carried(draws: xr.Dataset, data: Inputs) -> dict[str, np.ndarray]:
    """Return what the counts would be without error, by the names that the model observes them under."""
    part = {name: draws[name].values for name in migration.KEEP}
    rural, nation, _ = migration.people(data, part)
    then = rural[..., CENSUS_YEAR - FIRST_YEAR]
    groups = np.stack([then[..., a:b].sum(axis=-1) for a, b in data["structure_ages"]], axis=-1)
    return {
        "rural_total": rural.sum(axis=(1, 2))[:, data["total_steps"]],
        "old_60": nation[:, :, 60:].sum(axis=(1, 2))[:, data["old_steps"]],
        "births_registered": births_of(data, part)[:, data["birth_steps"]],
        "structure_2010": groups / groups.sum(axis=(1, 2), keepdims=True),
    }


def of_membership(draws: xr.Dataset, data: Inputs, rng: np.random.Generator) -> list[Replica]:
    """Replicate hand-over, compliance, contribution, basic pension and the number of pensioners."""
    share, since = data["employee_share"], data["years"]
    steps = rng.standard_normal((share.size - 1, draws.sizes["draw"]))
    speed, ceiling, sd = (draws[f"handover_{part}"].values for part in ("speed", "ceiling", "sd"))
    handover = [np.full(speed.size, share[0])]
    for step in steps:
        handover.append(handover[-1] + speed * handover[-1] * (1.0 - handover[-1] / ceiling) + sd * step)
    paths = {}
    for name in membership.SERIES:
        level, persistence, noise = (draws[f"{name}_{part}"].values for part in ("mean", "persistence", "sd"))
        momentum = draws["compliance_momentum"].values if name == "compliance" else None
        paths[name] = _autoregression(data[name], level, persistence, noise, rng, momentum=momentum)
    paid = np.exp(data["contribution"])
    if data["contribution_now_sd"] > 0:
        # Derived, not published: a parameter of the model.
        paid[-1] = np.nan
    drawing = draws["first_share"].values[:, None] * data["already_old"]
    drawing = drawing + _logistic(draws["take_up_logit"].values) @ data["new_cohorts"].T
    error = _scatter(membership.build(data), ("pensioners",))["pensioners"]
    counted = drawing * np.exp(error * rng.standard_normal(drawing.shape))
    fund = ("individual_contributions", "contributors")
    return [
        Replica("employee", "share", "year", since, share, np.stack(handover, axis=1),
                ("employee_contributors", "employee_participants")),
        Replica("compliance", "share", "year", since, _logistic(data["compliance"]), _logistic(paths["compliance"]),
                ("contributors",)),
        Replica("contribution", "share", "year", data["contribution_years"], paid, np.exp(paths["contribution"]), fund),
        Replica("basic", "share", "year", data["basic_years"], np.exp(data["basic"]), np.exp(paths["basic"]),
                ("basic_pension_paid", "fund_expenditure", "pensioners")),
        Replica("pensioners", "persons", "year", since[1:], data["pensioners"], counted, ("pensioners",)),
    ]  # fmt: skip


def of_economy(draws: xr.Dataset, data: Inputs, rng: np.random.Generator) -> list[Replica]:
    """Replicate growth, prices, budget, land and rates from the first year in which all of them are known."""
    years, states = data["years"], _published_states(data)
    whole = np.flatnonzero(np.isfinite(states).all(axis=1))
    if not whole.size:
        return []
    begin = int(whole[0])
    ahead = years[begin + 1 :]
    start = np.broadcast_to(states[begin], (draws.sizes["draw"], states.shape[1]))
    given = {name: draws[name].values for name in ("memory", "shock", "coupling")} | {"state": start}
    anchors = {name: draws["anchor"].values[:, [i]] for i, name in enumerate(economy.ANCHORS)}
    made = economy._simulate(given, anchors, ahead, int(years[-1]), rng)
    told, people = states[begin + 1 :].T, data["population_growth"][begin + 1 :]
    rows = {
        "income_growth": (np.expm1(told[1]), np.expm1(made[1]), ("rural_disposable_income_per_head", "cpi_inflation")),
        "inflation": (np.expm1(told[0]), np.expm1(made[0]), ("cpi_inflation",)),
        "budget_growth": (
            np.expm1(np.diff(np.log(data["budget_revenue"]))[begin:]),
            np.expm1(made[:3].sum(axis=0) + people),
            ("general_budget_revenue",),
        ),
        "land_ratio": (np.exp(told[3]), np.exp(made[3]), ("land_transfer_income", "general_budget_revenue")),
        "deposit_rate": (np.exp(told[4]), np.exp(made[4]), ("deposit_rate_mean",)),
    }
    out = [Replica(name, UNITS.get(name, "per year"), "year", ahead, *row) for name, row in rows.items()]
    held = ahead >= ENTRUSTED_SINCE
    earned = data["market_return"][begin + 1 :][held], np.expm1(made[5])[:, held], ("ncssf_basic_pension_return",)
    return [*out, Replica("market_return", "per year", "year", ahead[held], *earned)]


def _published_states(data: Inputs) -> np.ndarray:
    """Return the five states of the economy from the figures alone, shape (year, 5); NaN where one is lacking."""
    income, budget, land = (np.log(data[name]) for name in economy.LEVELS)
    early = len(data["rate_years"]) - len(data["years"])
    prices, deposit = np.log1p(data["inflation"][early:]), np.log(data["deposit_rate"][early:])
    growth, revenue = (np.diff(values, prepend=np.nan) for values in (income, budget))
    gap = revenue - growth - data["population_growth"]
    return np.stack([prices, growth - prices, gap, land - budget, deposit], axis=1)


REPLICAS: dict[str, Callable[[xr.Dataset, Inputs, np.random.Generator], list[Replica]]] = {
    fertility.NAME: of_fertility,
    mortality.NAME: of_mortality,
    migration.NAME: of_migration,
    membership.NAME: of_membership,
    economy.NAME: of_economy,
}
"""The replicated data of each model, by its name."""


def _scatter(model: Any, names: tuple[str, ...]) -> dict[str, float]:
    """Return the measurement error that a model states for what it observes with a normal distribution."""
    nodes = {name: model[name].owner for name in names}
    return {name: float(node.op.dist_params(node)[1].eval().flat[0]) for name, node in nodes.items()}


def _autoregression(
    series: np.ndarray,
    level: np.ndarray,
    persistence: np.ndarray,
    sd: np.ndarray,
    rng: np.random.Generator,
    *,
    momentum: np.ndarray | None = None,
) -> np.ndarray:
    """Return autoregressions from the first value of `series` on, or with `momentum` from the first two, (D, N)."""
    path = [np.full(level.size, value) for value in series[: 1 if momentum is None else 2]]
    for step in rng.standard_normal((series.size - len(path), level.size)):
        now = level + persistence * (path[-1] - level) + sd * step
        if momentum is not None:
            now += momentum * (path[-1] - level - persistence * (path[-2] - level))
        path.append(now)
    return np.stack(path, axis=1)


def _summed(start: float, steps: np.ndarray) -> np.ndarray:
    """Return the path (D, 1 + N) of `steps` (N, D) from `start`."""
    return start + np.concatenate([np.zeros((1, steps.shape[1])), steps.cumsum(axis=0)]).T


def _logistic(values: np.ndarray) -> np.ndarray:
    return np.asarray(1.0 / (1.0 + np.exp(-values)))
