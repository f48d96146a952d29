"""Fertility after the transition: total fertility, ages of mothers, country and town.

Level. Below replacement the total fertility rate of a country moves around a mean of its own,
phase III of the model of the United Nations (Alkema et al. 2011, Demography 48(3); hierarchical
means: Raftery, Alkema and Gerland 2014, Statistical Science 29(1)):

    tfr[c, t + 1] = mu[c] + rho[c] (tfr[c, t] - mu[c]) + sigma[c] eps,    eps ~ N(0, 1)

with mu, rho and sigma of each country drawn from those of all. Here the step is one year, not
five, so that rho is near one: it is written exp(-1 / return time) and the prior stands on the
return time. A country enters by the rule of Alkema et al.: in the middle of the first two
successive rises, five years apart, of its five-year mean, all three below ``Priors.start_below``;
its later years stay in whatever they are. Korea, New Zealand, Singapore and Thailand have not risen twice
and do not enter: the fall to a country's level is phase II and says nothing of its noise, but what is
left are the countries that recovered for a while.
Series are those of World Population Prospects 2024 alone.

Ages. The ages of mothers follow a gamma density (Hoem et al. 1981, Demography 18(2)) by its mean
and standard deviation; both walk at random, with a drift that halves every so often.
They are learnt from China's yearly rates of World Population Prospects 2022, of which only the
shape is read (rates over their sum): their level is that of another revision.

Country and town. The ratio of the rural to the urban rate is one number a draw, with a prior.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import numpy as np

from forecasting._faults import DataFaults, Fault
from forecasting.models._fertility_paths import asfr, forecast, split

if TYPE_CHECKING:
    import pandas as pd
    import pymc as pm

    from forecasting.models.sampling import Inputs
    from forecasting.sources import Tables

NAME = "fertility"
KEEP = (
    "long_run",
    "rho",
    "sigma",
    "mean_age_drift",
    "mean_age_noise",
    "spread_drift",
    "spread_noise",
    "drift_half_life",
    "area_ratio",
)
__all__ = ["KEEP", "NAME", "Priors", "asfr", "build", "forecast", "inputs", "split"]


@dataclass(frozen=True)
class Priors:
    """Priors and choices of the model; children per woman and years of age unless said otherwise.

    Attributes
    ----------
    long_run_mean, long_run_sd : float
        Normal prior of the mean of all countries' long-run rates. Wide: the countries of the tables decide
        it (29 in phase III in the bundled ones). From 1.2, where East Asia has been, to the 1.8 of Northern Europe.
    long_run_spread, long_run_spread_log_sd : float
        Median and log standard deviation of the standard deviation of the countries' long-run
        rates; Raftery et al. 2014 allow up to 0.318.
    return_time, return_time_log_sd : float
        Median, in years, and log standard deviation of the time in which a deviation shrinks to
        1/e. Between 23 years (the yearly rho of 0.958 within those 39 countries, too low as always
        in short panels: Nickell 1981) and 47 (five-year rho of 0.9, Alkema et al. 2011).
    return_time_spread : float
        Standard deviation (log) of the differences between countries.
    noise, noise_log_sd : float
        Median and log standard deviation of a year's innovation; the five-year 0.1 of Alkema
        et al. 2011 is 0.045 a year.
    noise_spread : float
        Standard deviation (log) of the differences between countries' innovations: 0.29 over the 38
        countries with ten years of phase III by 2023, sampling error taken off (0.26 to 0.37 in 2010,
        2015 and 2018). Alkema et al. have none. China's innovations are the largest of all: they hold
        the turns of the birth policy in 2011-2018.
    start_below : float
        A country enters when its rate is first below this.
    first_year : int
        Opening of the window; before it only Japan was so low, with the one-year fall of 1966
        that no autoregression should learn from.
    floor : float
        Paths are reflected here. No nation has been seen below 0.7.
    first_schedule_year : int
        Opening of the window of the ages of mothers, after the fall of 1990-94.
    mean_age_drift, mean_age_drift_sd : float
        Normal prior of the rise of the mean age, years a year; comparators rose by 0.05 to 0.15
        over 1990-2021.
    spread_drift_sd : float
        Standard deviation of the normal prior, around nought, of the yearly rise of the log spread: one per
        cent a year would be a third in a generation.
    mean_age_noise, spread_noise : float
        Scale (half-normal) of a year's innovation of the mean age and of the log spread.
    drift_half_life, drift_half_life_log_sd : float
        Median years in which both drifts halve, and log standard deviation: with a drift of 0.12
        the mean age still rises by about two years, to where the comparators' stood in 2021.
    origin : float
        Age at which the gamma density begins.
    area_ratio, area_ratio_log_sd : float
        Median and log standard deviation of the rural over the urban rate; constant over time.
        A judgement, until a published rate by area is put in its place.
    """

    long_run_mean: float = 1.5
    long_run_sd: float = 0.3
    long_run_spread: float = 0.23
    long_run_spread_log_sd: float = 0.4
    return_time: float = 33.0
    return_time_log_sd: float = 0.3
    return_time_spread: float = 0.3
    noise: float = 0.045
    noise_log_sd: float = 0.5
    noise_spread: float = 0.30
    start_below: float = 2.0
    first_year: int = 1975
    floor: float = 0.3
    first_schedule_year: int = 1995
    mean_age_drift: float = 0.1
    mean_age_drift_sd: float = 0.1
    spread_drift_sd: float = 0.01
    mean_age_noise: float = 0.2
    spread_noise: float = 0.05
    drift_half_life: float = 12.0
    drift_half_life_log_sd: float = 0.4
    origin: float = 10.0
    area_ratio: float = 1.25
    area_ratio_log_sd: float = 0.10


def inputs(tables: Tables, priors: Priors | None = None) -> dict[str, np.ndarray]:
    """Collect what the model and its forecast read.

    Parameters
    ----------
    tables : Tables
        With ``tfr`` of China and its comparators and ``asfr`` of China.
    priors : Priors, optional
        Priors and choices.

    Returns
    -------
    dict of str to numpy.ndarray
        ``country`` (C) names, the nation first; ``previous``, ``following`` and ``which`` (N) pairs of
        successive years and their country; ``tfr_year``, ``tfr`` of the nation; ``schedule_year``,
        ``mean_age``, ``spread``; and every field of `priors`.

    Raises
    ------
    DataFaults
        If the nation has not come to phase III in these tables.
    """
    priors = priors or Priors()
    regions = tables.frames["comparators"].query("indicator == 'tfr'")["region"].unique()
    nation = tables.country
    names = [nation, *sorted(set(regions.tolist()) - {nation})]
    series = {name: tables.series("tfr", region=name) for name in names}
    starts = {name: phase_three(series[name].loc[priors.first_year :], priors.start_below) for name in names}
    if starts[nation] is None:
        what = f"it has not risen twice below {priors.start_below}, so that {nation} is not in phase III"
        raise DataFaults([Fault(f"tfr of {nation}", what, "The model of fertility is for countries that are")])
    names = [name for name in names if starts[name] is not None]
    paths = [series[name].loc[starts[name] :] for name in names]
    years, mean_age, spread = _moments(tables, priors)
    return {
        "country": np.array(names),
        "previous": np.concatenate([p.to_numpy()[:-1] for p in paths]),
        "following": np.concatenate([p.to_numpy()[1:] for p in paths]),
        "which": np.repeat(np.arange(len(names)), [len(p) - 1 for p in paths]),
        "tfr_year": series[nation].index.to_numpy(),
        "tfr": series[nation].to_numpy(),
        "schedule_year": years,
        "mean_age": mean_age,
        "spread": spread,
    } | {key: np.asarray(value) for key, value in asdict(priors).items()}


def phase_three(tfr: pd.Series, below: float) -> int | None:
    """First year of phase III: between two successive five-year rises below a line.

    Parameters
    ----------
    tfr : pandas.Series
        Yearly total fertility rate of a country, indexed by year.
    below : float
        The three five-year means are below this.

    Returns
    -------
    int or None
        Middle year of the middle mean; None if fertility has not risen so.

    Notes
    -----
    Alkema et al. 2011, Demography 48(3), section on phase III; their periods stand still, these move by the year.
    """
    mean = tfr.rolling(5, center=True).mean()
    before, after = mean.shift(5), mean.shift(-5)
    found = (before < mean) & (mean < after) & (mean < below) & (after < below)
    return int(found.idxmax()) if found.any() else None


def _moments(tables: Tables, priors: Priors) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Mean and standard deviation of the age of mothers by year, from shares by five-year group."""
    rows = tables.table("asfr")
    rates = rows.pivot(index="year", columns="age_from", values="value").loc[priors.first_schedule_year :]
    share = rates.div(rates.sum(axis=1), axis=0).to_numpy()
    middle = rates.columns.to_numpy() + 2.5
    mean = share @ middle
    # Sheppard's correction: the variance within a group of five years is 25/12.
    variance = share @ middle**2 - mean**2 - 25 / 12
    return rates.index.to_numpy(), mean, np.sqrt(variance)


def build(inputs: Inputs) -> pm.Model:
    """Make the PyMC model.

    Parameters
    ----------
    inputs : mapping of str to numpy.ndarray
        From :func:`inputs`.

    Returns
    -------
    pymc.Model
        Observed ``tfr_next`` (N), ``mean_age_step`` and ``spread_step``.
    """
    import pymc as pm

    p, which = inputs, inputs["which"]
    with pm.Model(coords={"country": p["country"]}) as model:
        world = pm.Normal("long_run_world", p["long_run_mean"], p["long_run_sd"])
        spread = pm.LogNormal("long_run_spread", np.log(p["long_run_spread"]), p["long_run_spread_log_sd"])
        # Not centred: thirty years say little of where a country will settle.
        long_run = pm.Deterministic(
            "long_run", world + spread * pm.Normal("long_run_offset", dims="country"), dims="country"
        )
        time = pm.Normal("log_return_time", np.log(p["return_time"]), p["return_time_log_sd"])
        log_time = time + p["return_time_spread"] * pm.Normal("return_time_offset", dims="country")
        rho = pm.Deterministic("rho", pm.math.exp(-pm.math.exp(-log_time)), dims="country")
        noise = pm.Normal("log_noise", np.log(p["noise"]), p["noise_log_sd"])
        sigma = pm.LogNormal("sigma", noise, p["noise_spread"], dims="country")
        centre = long_run[which] + rho[which] * (p["previous"] - long_run[which])
        pm.Normal("tfr_next", centre, sigma[which], observed=p["following"])
        _ages(p)
        # No figure speaks to these two: their draws are their priors, and join the others here.
        pm.LogNormal("drift_half_life", np.log(p["drift_half_life"]), p["drift_half_life_log_sd"])
        pm.LogNormal("area_ratio", np.log(p["area_ratio"]), p["area_ratio_log_sd"])
    return model


def _ages(p: Inputs) -> None:
    """Yearly steps of the mean and of the log spread of the ages of mothers."""
    import pymc as pm

    drift = pm.Normal("mean_age_drift", p["mean_age_drift"], p["mean_age_drift_sd"])
    noise = pm.HalfNormal("mean_age_noise", p["mean_age_noise"])
    pm.Normal("mean_age_step", drift, noise, observed=np.diff(p["mean_age"]))
    widening = pm.Normal("spread_drift", 0.0, p["spread_drift_sd"])
    spread_noise = pm.HalfNormal("spread_noise", p["spread_noise"])
    pm.Normal("spread_step", widening, spread_noise, observed=np.diff(np.log(p["spread"])))
