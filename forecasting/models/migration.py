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
from forecasting.models.migration_data import data_of

if TYPE_CHECKING:
    import pymc as pm

    from forecasting.models.sampling import Inputs
    from forecasting.sources import Tables

__all__ = [
    "KEEP",
    "NAME",
    "Priors",
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
