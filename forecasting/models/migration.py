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
share nears a ceiling; a year's speed remembers that of the year before.
"""

from __future__ import annotations

from dataclasses import astuple, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from forecasting.models._migration_people import (
    KEEP,
    births_of,
    forecast,
    hazards,
    people,
    reconstruct,
    room,
    schedule,
)
from forecasting.models.migration_data import CENSUS_YEAR, FIRST_YEAR, LAST_CENSUS, data_of

if TYPE_CHECKING:
    from collections.abc import Callable

    import pymc as pm

    from forecasting.models.sampling import Inputs
    from forecasting.sources import Tables

__all__ = [
    "KEEP",
    "NAME",
    "NATION_SD",
    "OLD_SD",
    "RURAL_SD",
    "Priors",
    "births_of",
    "build",
    "forecast",
    "hazards",
    "inputs",
    "people",
    "reconstruct",
    "room",
    "schedule",
]

NAME = "migration"


RURAL_SD, NATION_SD, OLD_SD = 0.004, 0.002, 0.02
"""Error (log) of the published yearly totals: rural, national, and of people of 60 and over.

The last come from sample surveys that stand on the census before. From the survey of 2019 to the census of 2020 they
rose by 8.4 million, where cohorts and deaths of these years make some 5: the surveys had come to miss 1 or 2 in 100.
"""


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
    rural_fertility_median: float = 1.25
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
    return {
        "log_level": _level(pm.math.log(speed * room(data["urban_share"], ceiling))),
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


def _level(centre: Any) -> Any:
    """Return the log level of moves by year: a stationary autoregression around the law of their speed.

    Years of fast and of slow urbanisation come in rows, of five to ten by the prior of the memory. Centred: the total
    of every year says much about its own level.
    """
    import pymc as pm

    noise = pm.LogNormal("speed_noise_sd", np.log(0.1), 0.4)
    memory = pm.Beta("pace_memory", 8.0, 2.0)

    def logp(level: Any, centre: Any, memory: Any, noise: Any) -> Any:
        pace = level - centre
        start = pm.math.sqr(pace[0]) * (1 - memory**2)
        steps = start + pm.math.sum(pm.math.sqr(pace[1:] - memory * pace[:-1]))
        return 0.5 * pm.math.log(1 - memory**2) - pace.shape[0] * pm.math.log(noise) - 0.5 * steps / noise**2

    level = pm.CustomDist("log_level", centre, memory, noise, logp=logp, random=_paces, signature="(n),(),()->(n)")
    pm.Deterministic("pace_now", level[-1] - centre[-1])
    return level


def _paces(
    centre: np.ndarray, memory: np.ndarray, noise: np.ndarray, rng: np.random.Generator, size: tuple[int, ...]
) -> np.ndarray:
    """Draw what :func:`_level` is the density of."""
    pace = noise * rng.standard_normal((*(size or ()), centre.shape[-1]))
    pace[..., 0] /= np.sqrt(1 - memory**2)
    for step in range(1, pace.shape[-1]):
        pace[..., step] += memory * pace[..., step - 1]
    return np.asarray(centre + pace)


def _observe(data: Inputs, rural: Any, nation: Any, births: Any) -> None:
    """Hold the people against the counts; every error is on the log (or logit) scale."""
    import pymc as pm
    import pytensor.tensor as pt

    def see(name: str, expected: Any, sd: float) -> None:
        # Tables that end early lack some counts.
        if data[name].size:
            pm.Normal(name, expected, sd, observed=np.log(data[name]))

    totals = data["total_steps"]
    see("rural_total", pt.log(rural.sum(axis=(0, 1)))[totals], RURAL_SD)
    see("nation_total", pt.log(nation.sum(axis=(0, 1)))[totals], NATION_SD)
    for name, lower in (("old_60", 60), ("old_65", 65)):
        see(name, pt.log(nation[:, lower:].sum(axis=(0, 1)))[data["old_steps"]], OLD_SD)
    see("births_registered", pt.log(births)[data["birth_steps"]], 0.01)
    for name, step in (("structure_2000", 0), ("structure_2010", CENSUS_YEAR - FIRST_YEAR)):
        counted = pt.stack([rural[:, a:b, step].sum(axis=1) for a, b in data["structure_ages"]], axis=1)
        see(name, pt.log(counted / counted.sum()), 0.025)
    if "broad_2020" in data:
        step = LAST_CENSUS - FIRST_YEAR
        _observe_last_census(data, rural[:, :, step], nation[:, :, step].sum(axis=0), see)


def _observe_last_census(data: Inputs, village: Any, census: Any, see: Callable[[str, Any, float], None]) -> None:
    """Hold the rural people (2, 101) and all people (101) against the shares that the census of 2020 printed."""
    import pytensor.tensor as pt

    broad = pt.stack([census[a:b].sum() for a, b in data["broad_ages"]])
    see("broad_2020", pt.log(broad / broad.sum()), 0.006)
    see("rural_share_60", pt.log(village[:, 60:].sum() / village.sum()), 0.01)
    see("rural_share_65", pt.log(village[:, 65:].sum() / village.sum()), 0.01)
    see("rural_males_per_female", pt.log(village[1].sum() / village[0].sum()), 0.01)
