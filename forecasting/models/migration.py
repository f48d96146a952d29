"""Rural-to-urban moves, and the base population reconstructed from the counts.

The rural age structure is published for 2000 and 2010 only (long-form
samples, 15 and over); since then there are totals, and two shares of the
census of 2020. The model carries every cohort from the end of 2000 to the base
year with deaths and net moves as hazards, and holds the result against the
counts with their measurement error: population reconstruction (Wheldon,
Raftery, Clark and Gerland 2013, JASA 108) on two areas.

Net moves follow a Rogers-Castro schedule (Rogers and Castro 1981, IIASA
RR-81-30) plus a part that is the same at all ages (villages turn urban by
reclassification), less returns at older ages. Their level falls as the urban
share nears a ceiling.
"""

from __future__ import annotations

from dataclasses import astuple, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

from forecasting.axes import AGES, AREAS, SEXES
from forecasting.models import reconstruction as rc
from forecasting.models.migration_data import FIRST_YEAR, GROUP_STARTS, data_of

if TYPE_CHECKING:
    import pymc as pm

    from forecasting.models.sampling import Inputs
    from forecasting.sources import Tables

NAME = "migration"
SHAPE = ("flat", "comeback", "male")
KEEP = (
    *SHAPE,
    *("adjustment", "rural_logit", "birth_noise", "rural_fertility", "mortality_shift", "rural_mortality"),
    *("log_level", "speed", "ceiling", "speed_noise_sd"),
)

STANDARD = np.exp(-0.1 * AGES) / 3.0 + np.exp(-0.1 * (AGES - 20.0) - np.exp(-0.4 * (AGES - 20.0)))
"""The standard schedule's childhood and labour humps over the height of the latter.

a1 .02, alpha1 .1, a2 .06, alpha2 .1, lambda2 .4, mu2 20 (Rogers and Castro 1981).
"""

RETURN = np.exp(-0.5 * ((AGES - 58.0) / 8.0) ** 2)
"""Returns of ageing migrants, around the ages at which work in the towns ends."""

WEIGHT = np.clip(80.0 - AGES, 0.0, None) / (2.0 * np.clip(80.0 - AGES, 0.0, None).sum())
"""Weights over sex and age under which the schedule averages one (a straight pyramid to 80)."""

COUNT_SD, BIRTH_SD = 0.015, 0.03
"""Measurement error (log scale) of census counts by age group and of the births of a year."""


@dataclass(frozen=True)
class Priors:
    """What is believed about moves before the counts are seen.

    Attributes
    ----------
    ceiling_mean, ceiling_sd : float
        Urban share of the far future (share). World Urbanization Prospects
        2018 expects 0.80 for China in 2050, still rising.
    speed_median, speed_log_sd : float
        Growth rate of the urban share when it is small (per year), the k of
        du/dt = k u (1 - u / ceiling). China 1980-2010: .19 to .50, about 5 %.
    rural_fertility_median, rural_fertility_log_sd : float
        Rural TFR over urban TFR (ratio).
    rural_mortality_mean, rural_mortality_sd : float
        Log ratio of rural to national death rates.
    """

    ceiling_mean: float = 0.82
    ceiling_sd: float = 0.04
    speed_median: float = 0.06
    speed_log_sd: float = 0.5
    rural_fertility_median: float = 1.3
    rural_fertility_log_sd: float = 0.1
    rural_mortality_mean: float = 0.12
    rural_mortality_sd: float = 0.05


def inputs(tables: Tables, priors: Priors | None = None) -> dict[str, np.ndarray]:
    """Collect what `build` reads.

    Parameters
    ----------
    tables : forecasting.sources.Tables
        Tables with the counts named in `migration_data`.
    priors : Priors, optional

    Returns
    -------
    dict of str to numpy.ndarray
    """
    return data_of(tables) | {"priors": np.array(astuple(priors or Priors()))}


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

    with pm.Model() as model:
        part = _free(inputs)
        rural, nation, _ = people(inputs, part)
        _observe(inputs, rural, nation, births_of(inputs, part))
    return model


def _free(data: Inputs) -> dict[str, Any]:
    import pymc as pm

    prior = Priors(*data["priors"])
    shape, steps = data["rural_logit_mean"].shape, int(data["steps"])
    speed = pm.LogNormal("speed", np.log(prior.speed_median), prior.speed_log_sd)
    ceiling = pm.TruncatedNormal("ceiling", prior.ceiling_mean, prior.ceiling_sd, lower=0.72, upper=0.95)
    noise = pm.LogNormal("speed_noise_sd", np.log(0.15), 0.4)
    return {
        # Centred: the total of every year says much about its own level.
        "log_level": pm.Normal(
            "log_level", pm.math.log(speed * room(data["urban_share"], ceiling)), noise, shape=steps
        ),
        "adjustment": pm.Normal("adjustment", 0.0, 1.0, shape=shape),
        "rural_logit": pm.Normal("rural_logit", data["rural_logit_mean"], data["rural_logit_sd"], shape=shape),
        "birth_noise": pm.Normal("birth_noise", 0.0, 1.0, shape=steps),
        "rural_fertility": pm.LogNormal(
            "rural_fertility", np.log(prior.rural_fertility_median), prior.rural_fertility_log_sd
        ),
        "mortality_shift": pm.Normal("mortality_shift", 0.0, 0.05),
        "rural_mortality": pm.Normal("rural_mortality", prior.rural_mortality_mean, prior.rural_mortality_sd),
        "flat": pm.LogNormal("flat", np.log(0.3), 0.7),
        "comeback": pm.LogNormal("comeback", np.log(0.07), 0.7),
        "male": pm.Normal("male", 0.0, 0.15),
    }


def room(urban_share: Any, ceiling: Any) -> Any:
    """Return the hazard of leaving, per rural resident, that a speed of one gives.

    The urban share u grows logistically to a ceiling c, du/dt = speed x u (1 -
    u / c): the curve of the United Nations' urban-rural growth difference
    method with a ceiling below one. Divided by the rural share it is a hazard.

    Parameters
    ----------
    urban_share, ceiling : float or array
        Shares of the population.

    Returns
    -------
    float or array
        u (c - u) / (c (1 - u)).
    """
    return urban_share * (ceiling - urban_share) / (ceiling * (1.0 - urban_share))


def schedule(part: Any) -> Any:
    """Return the relative hazard of a net move out of the rural area.

    Parameters
    ----------
    part : mapping
        The variables named in `SHAPE`, each of shape (...,).

    Returns
    -------
    array, shape (..., 2, 101)
        Female, male; its mean over `WEIGHT`
        is one; negative where more return than leave.
    """
    xp = rc.namespace(part["flat"])
    flat, comeback, male = (part[name][..., None] for name in SHAPE)
    both = flat + STANDARD - comeback * RETURN
    shape = xp.stack([both, both * xp.exp(male)], axis=-2)
    return shape / (shape * WEIGHT).sum(axis=(-2, -1))[..., None, None]


def people(data: Inputs, part: Any) -> tuple[Any, Any, Any]:
    """Carry the cohorts of 2000 and all births since to the base year.

    Parameters
    ----------
    data : mapping
        From `inputs`.
    part : mapping
        The variables named in `KEEP`, with equal leading axes (...).

    Returns
    -------
    tuple of arrays
        People of the rural area and of the nation, each (..., 2, 101, K + 1),
        by sex, age and year-end; rural share of births (..., K).
    """
    xp = rc.namespace(part["flat"])
    layout = rc.cohorts(int(data["steps"]))
    group = data["group_of_age"]
    nation_first = data["first"] * xp.exp(COUNT_SD * part["adjustment"])[..., group]
    rural_first = nation_first / (1.0 + xp.exp(-part["rural_logit"][..., group]))
    death, leave = hazards(layout, data, part)
    nation_part, rural_part = rc.remaining(death), rc.remaining(leave)
    births = births_of(data, part)
    share = _rural_birth_share(data, part, rural_first, nation_first, rural_part, nation_part)
    sex = data["sex_share"][:, None]
    rural_all = xp.concatenate([rural_first, sex * (births * share)[..., None, :]], axis=-1)
    nation_all = xp.concatenate([nation_first, sex * births[..., None, :]], axis=-1)
    rural = rc.by_age(layout, rural_all[..., None] * rural_part)
    return rural, rc.by_age(layout, nation_all[..., None] * nation_part), share


def births_of(data: Inputs, part: Any) -> Any:
    """Return the births of each step in the nation, shape (..., K)."""
    return data["births"] * rc.namespace(part["flat"]).exp(BIRTH_SD * part["birth_noise"])


def hazards(layout: rc.Cohorts, data: Inputs, part: Any) -> tuple[Any, Any]:
    """Return the hazards (..., 2, C, K) of death in the nation, and of leaving the rural area."""
    xp = rc.namespace(part["flat"])
    death = xp.exp(part["mortality_shift"])[..., None, None, None] * data["hazard"]
    excess = xp.exp(part["rural_mortality"])[..., None, None, None]
    return death, death * excess + rc.moves_hazard(layout, xp.exp(part["log_level"]), schedule(part))


def _rural_birth_share(data: Inputs, part: Any, *cohorts: Any) -> Any:
    """Return the share of births that are rural in each step, shape (..., K).

    Mothers are weighted by the national age pattern over ages 25-39: all of
    them were born before 2000, so no recursion over births is needed.
    """
    rural_first, nation_first, rural_part, nation_part = cohorts
    weight_of = data["mothers"]
    young = slice(0, weight_of.shape[0])
    rural = (rural_first[..., 0, young, None] * rural_part[..., 0, young, 1:] * weight_of).sum(axis=-2)
    nation = (nation_first[..., 0, young, None] * nation_part[..., 0, young, 1:] * weight_of).sum(axis=-2)
    weight, ratio = rural / nation, part["rural_fertility"][..., None]
    return ratio * weight / (ratio * weight + 1.0 - weight)


def _observe(data: Inputs, rural: Any, nation: Any, births: Any) -> None:
    """Hold the people against the counts; every error is on the log (or logit) scale."""
    import pymc as pm
    import pytensor.tensor as pt

    def see(name: str, expected: Any, sd: float) -> None:
        pm.Normal(name, expected, sd, observed=np.log(data[name]))

    totals = data["total_steps"]
    see("rural_total", pt.log(rural.sum(axis=(0, 1)))[totals], 0.004)
    see("nation_total", pt.log(nation.sum(axis=(0, 1)))[totals], 0.002)
    for name, lower in (("old_60", 60), ("old_65", 65)):
        see(name, pt.log(nation[:, lower:].sum(axis=(0, 1)))[data["old_steps"]], 0.01)
    see("births_registered", pt.log(births)[data["birth_steps"]], 0.01)
    for step, name in ((0, "structure_2000"), (10, "structure_2010")):
        counted = pt.stack([rural[:, a:b, step].sum(axis=1) for a, b in data["structure_ages"]], axis=1)
        see(name, pt.log(counted / counted.sum()), 0.025)
    census = nation[:, :, 20].sum(axis=0)
    broad = pt.stack([census[a:b].sum() for a, b in data["broad_ages"]])
    see("broad_2020", pt.log(broad / broad.sum()), 0.006)
    village = rural[:, :, 20]
    see("rural_share_60", pt.log(village[:, 60:].sum() / village.sum()), 0.01)
    see("rural_share_65", pt.log(village[:, 65:].sum() / village.sum()), 0.01)
    see("rural_males_per_female", pt.log(village[1].sum() / village[0].sum()), 0.01)


def reconstruct(posterior: xr.Dataset, inputs: Inputs) -> xr.Dataset:
    """Return the past population and its movements, draw by draw.

    Parameters
    ----------
    posterior : xarray.Dataset
        Variables `KEEP` with axis ``draw``.
    inputs : mapping
        As given to `build`.

    Returns
    -------
    xarray.Dataset
        ``population`` (draw, area, sex, age, year), persons at 31 December;
        ``births``, ``deaths``, ``moves`` (draw, area, year), persons a year.
        Births less deaths plus net moves is the change, in every draw.
    """
    part = {name: posterior[name].values for name in KEEP}
    rural, nation, share = people(inputs, part)
    layout = rc.cohorts(int(inputs["steps"]))
    death, leave = hazards(layout, inputs, part)
    births = births_of(inputs, part)
    sex = inputs["sex_share"][:, None]
    rural_born, born = sex * (births * share)[:, None, :], sex * births[:, None, :]
    dying = death * np.exp(part["rural_mortality"])[:, None, None, None]
    rural_deaths = rc.losses(layout, rural, rural_born, dying)
    moved = rc.losses(layout, rural, rural_born, leave) - rural_deaths
    deaths = rc.losses(layout, nation, born, death)
    flows = {
        "births": np.stack([births * share, births * (1.0 - share)], axis=1),
        "deaths": np.stack([rural_deaths, deaths - rural_deaths], axis=1),
        "moves": np.stack([-moved, moved], axis=1),
    }
    out = _labelled(posterior["draw"].values, np.stack([rural, nation - rural], axis=1), flows)
    return out.assign_attrs(sex_ratio=float(inputs["sex_share"][1] / inputs["sex_share"][0]))


def _labelled(draws: np.ndarray, population: np.ndarray, flows: dict[str, np.ndarray]) -> xr.Dataset:
    years = FIRST_YEAR + np.arange(population.shape[-1])
    axes = {"draw": draws, "area": list(AREAS), "sex": list(SEXES), "age": AGES, "year": years}
    stock = xr.DataArray(population, coords=axes, dims=tuple(axes))
    axes = {"draw": draws, "area": list(AREAS), "year": years[1:]}
    # The first year-end has people but no movements before it.
    return xr.Dataset({"population": stock.sel(year=years[1:])}).assign(
        {name: xr.DataArray(values, coords=axes, dims=tuple(axes)) for name, values in flows.items()}
    )


def forecast(posterior: xr.Dataset, years: np.ndarray, rng: np.random.Generator) -> xr.Dataset:
    """Draw the future of what `cohort.project` needs to move people.

    Parameters
    ----------
    posterior : xarray.Dataset
        Variables `KEEP` with axis ``draw``.
    years : numpy.ndarray of int
        Future years.
    rng : numpy.random.Generator

    Returns
    -------
    xarray.Dataset
        ``speed`` (draw, year) per year, ``ceiling`` (draw) share, ``schedule``
        (draw, sex, age): a year's hazard is speed x `room` x schedule.
    """
    draws = posterior["draw"].values
    noise = rng.standard_normal((len(draws), len(years))) * posterior["speed_noise_sd"].values[:, None]
    speed = posterior["speed"].values[:, None] * np.exp(noise)
    shape = schedule({name: posterior[name].values for name in SHAPE})
    return xr.Dataset(
        {
            "speed": (("draw", "year"), speed),
            "ceiling": (("draw",), posterior["ceiling"].values),
            "schedule": (("draw", "sex", "age"), shape),
        },
        coords={"draw": draws, "year": years, "sex": list(SEXES), "age": AGES},
    )
