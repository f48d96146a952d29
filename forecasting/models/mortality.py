"""Mortality: one level for both sexes, a difference between them, country and town.

A Bayesian Lee-Carter model, coherent between the sexes (Li and Lee 2005, Demography 42(3)):

    log m[x, s, p] = a[x, s] + B[x] K[p] + b[x] k[s, p] + noise,    k[female] = -k[male]

Of two sexes the deviations from what they have in common must cancel, so that one b and one k
serve both: the product-ratio form (Hyndman, Booth and Yasmeen 2013, Demography 50(1)). Their mean
and their difference are then two models that share nothing but their years.
The period terms live in an orthonormal basis of paths that sum to zero, in which a drops out and
a random walk is a set of independent normals; so does a random walk over age, the smooth prior of
B and b, which both sum to one. The data are five-year means of World Population Prospects 2024.

The past. These rates are smoothed by a model, their noise is small and their trend looks surer
than any trend is. The past therefore settles B, b and the levels; what comes is governed
by the comparators: the drift of K is one of the countries' yearly gains of life expectancy since they
had China's, correlated with China's own by a stated amount, and its yearly noise is theirs,
epidemic years included. Both are in years of life expectancy, turned into K by the slope at the last period.
The difference k returns to its mean, an autoregression. Five-year steps become yearly ones by
phi^(1/5) and an innovation that gives the five-year one again.

Jump-off. Published rates of the last period, not fitted ones, are moved on (Lee and Miller 2001,
Demography 38(4)): up to the last period the result is what was published, log-linear between
the periods' middles. Where life expectancy is published for years after the last period, K and k of each draw
move to it, and the simulation starts from there.

Country and town. Rural and urban survivors differ by a Brass shift that gives the gap of life expectancy,
a prior that shrinks with time; both are then scaled, age by age, so that their mean
by population shares is the nation's rate exactly.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from forecasting.axes import SEXES
from forecasting.lifetable import expectancy, ungroup
from forecasting.models._mortality_paths import STEP, forecast, national, rates, spread_ages

if TYPE_CHECKING:
    import pymc as pm

    from forecasting.models.sampling import Inputs
    from forecasting.sources import Tables

NAME = "mortality"
PAST = ("B", "b", "K", "k", "past_gain", "past_noise", "common_noise_sd", "difference_noise_sd")
FUTURE = ("future_gain", "future_noise", "difference_phi", "difference_noise", "rural_gap", "gap_half_life")
KEEP = (*PAST, *FUTURE)

__all__ = ["KEEP", "NAME", "Priors", "build", "forecast", "inputs", "national", "rates"]


@dataclass(frozen=True)
class Priors:
    """Priors and choices of the model.

    Attributes
    ----------
    first_period : int
        Middle year of the first period: 1980-85, after the fall of infectious disease of the 1950s-70s.
    smooth_common, smooth_difference : float
        Scale (half-normal) of the change of B and of b from one age group to the next; their
        values are near 1/22.
    noise : float
        Scale (half-normal) of the noise of the log rates.
    past_noise, past_noise_log_sd : float
        Median and log standard deviation of a five-year innovation of K; K fell by about three in five years.
    epidemic_period, epidemic_weight : int, float
        Middle of the period that holds the epidemic and two projected years, and the factor on its innovation.
    comparable_e0 : float
        A comparator's years from this life expectancy (mean of the sexes) on tell its gain: China's
        own was 78 in 2023.
    fewest_years : int
        Comparators with fewer such years are left out.
    persistence : float
        Correlation of a country's gain in one period of decades with that in the next: a judgement.
    difference_phi_a, difference_phi_b, difference_noise : float
        Beta prior of the five-year persistence of the difference of the sexes, half-lives of about 5 to 25
        years, and scale (half-normal) of its five-year innovation.
    future_noise_log_sd : float
        Log standard deviation of the yearly noise of life expectancy around the comparators'.
    rural_gap, rural_gap_sd : float
        Gamma prior of urban less rural life expectancy in `gap_year`, in years. A judgement,
        until a published gap is put in its place.
    gap_year : int
        Year of that gap.
    gap_half_life, gap_half_life_log_sd : float
        Median of the years in which the gap halves, and log standard deviation. A judgement.
    """

    first_period: int = 1983
    smooth_common: float = 0.03
    smooth_difference: float = 0.03
    noise: float = 0.1
    past_noise: float = 0.6
    past_noise_log_sd: float = 0.5
    epidemic_period: int = 2023
    epidemic_weight: float = 2.0
    comparable_e0: float = 77.0
    fewest_years: int = 10
    persistence: float = 0.5
    difference_phi_a: float = 8.0
    difference_phi_b: float = 3.0
    difference_noise: float = 1.0
    future_noise_log_sd: float = 0.2
    rural_gap: float = 3.0
    rural_gap_sd: float = 1.0
    gap_year: int = 2020
    gap_half_life: float = 30.0
    gap_half_life_log_sd: float = 0.4


def inputs(tables: Tables, priors: Priors | None = None) -> dict[str, np.ndarray]:
    """Collect what the model and its forecast read.

    Parameters
    ----------
    tables : Tables
        With ``mx`` of China by sex, age group and period, and ``e0`` of China and comparators.
    priors : Priors, optional
        Priors and choices.

    Returns
    -------
    dict of str to numpy.ndarray
        ``age`` (G), ``period`` (P); ``common`` and ``difference`` (G, P - 1), mean and female less
        male of the log rates in ``basis`` (P, P - 1) of :func:`walk_basis`, with the scales ``walk``
        (P - 1); ``age_basis`` (G, G - 1) and ``age_walk`` likewise; ``published`` (2, P, 101), log
        rates by single age; ``slope``, years of life expectancy for one of K; ``gains`` and ``jumps``
        of the comparators, years a year; every field of `priors`; and, where life expectancy is
        published for years after the last period, ``later_e0`` (2, L) of those years, female and male.
    """
    priors = priors or Priors()
    rows = tables.table("mx").query("year >= @priors.first_period")
    rates = rows.pivot(index="age_from", columns=["sex", "year"], values="value")
    logs = np.log(np.stack([rates[sex].to_numpy() for sex in SEXES]))
    age, period = rates.index.to_numpy().astype(int), rates[SEXES[0]].columns.to_numpy()
    basis, walk = walk_basis(np.where(period[1:] == priors.epidemic_period, priors.epidemic_weight, 1.0))
    age_basis, age_walk = walk_basis(np.ones(age.size - 1))
    published = np.log(ungroup(np.exp(logs.transpose(0, 2, 1)), age))
    common = logs.mean(axis=0) @ basis
    gains, jumps = _comparators(tables, priors)
    return {
        "age": age,
        "period": period,
        "common": common,
        "difference": (logs[0] - logs[1]) @ basis,
        "basis": basis,
        "walk": walk,
        "age_basis": age_basis,
        "age_walk": age_walk,
        "published": published,
        "slope": np.asarray(_slope(common, age, published)),
        "gains": gains,
        "jumps": jumps,
        **_later(tables, int(period[-1])),
    } | {key: np.asarray(value) for key, value in asdict(priors).items()}


def _later(tables: Tables, last: int) -> dict[str, np.ndarray]:
    """Life expectancy of the years after the last period; nothing if there is none of both sexes."""
    both = pd.DataFrame({sex: tables.series("e0", sex=sex).loc[last + 1 :] for sex in SEXES}).dropna()
    return {"later_e0": both.to_numpy().T} if len(both) else {}


def walk_basis(weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Orthonormal basis of sum-to-zero paths in which a random walk has independent coordinates.

    Parameters
    ----------
    weights : numpy.ndarray, shape (N - 1,)
        Standard deviation of each step of the walk, as a multiple.

    Returns
    -------
    basis : numpy.ndarray, shape (N, N - 1)
        Columns of unit length, orthogonal to each other and to a constant.
    scale : numpy.ndarray, shape (N - 1,)
        Standard deviation of each coordinate of the walk (less its mean) with unit steps.
    """
    steps = np.diff(np.eye(weights.size + 1), axis=0) / weights[:, None]
    values, vectors = np.linalg.eigh(steps.T @ steps)
    # The constant has eigenvalue zero and comes first. Signs are arbitrary: fix them.
    vectors = vectors[:, 1:] * np.sign(vectors[-1:, 1:])
    return vectors, 1 / np.sqrt(values[1:])


def _slope(common: np.ndarray, age: np.ndarray, published: np.ndarray) -> float:
    """Years of life expectancy (mean of the sexes) that one more of K brings at the last period; negative."""
    shape = np.linalg.svd(common)[0][:, 0]
    pattern = spread_ages(shape / shape.sum(), age)
    moved = [expectancy(np.exp(published[:, -1] + step * pattern)).mean() for step in (-0.5, 0.5)]
    return float(moved[1] - moved[0])


def _comparators(tables: Tables, priors: Priors) -> tuple[np.ndarray, np.ndarray]:
    """Mean yearly gain of life expectancy of each comparator, and all their yearly deviations from it."""
    frame = tables.frames["comparators"].query(f"indicator == 'e0' and region != {tables.country!r}")
    both = frame.groupby(["region", "year"])["value"].mean().unstack("region")
    gains, jumps = [], []
    for name in both:
        change = _late(both[name].dropna(), priors.comparable_e0).diff().dropna().to_numpy()
        if change.size >= priors.fewest_years:
            gains.append(change.mean())
            jumps.append(change - change.mean())
    return np.array(gains), np.concatenate(jumps)


def _late(e0: pd.Series, level: float) -> pd.Series:
    reached = e0.index[e0 >= level]
    return e0.loc[reached[0] :] if len(reached) else e0.iloc[:0]


def build(inputs: Inputs) -> pm.Model:
    """Make the PyMC model.

    Parameters
    ----------
    inputs : mapping of str to numpy.ndarray
        From :func:`inputs`.

    Returns
    -------
    pymc.Model
        Observed ``common_rates`` and ``difference_rates``, both (G, P - 1).
    """
    import pymc as pm

    p, steps = inputs, np.arange(inputs["period"].size)
    gain, gain_sd = p["gains"].mean(), p["gains"].std(ddof=1)
    with pm.Model(coords={"group": p["age"], "period": p["period"]}) as model:
        past_gain = pm.Normal("past_gain", gain, gain_sd)
        trend = STEP / p["slope"] * (p["basis"].T @ steps)
        walk = pm.LogNormal("past_noise", np.log(p["past_noise"]), p["past_noise_log_sd"]) * p["walk"]
        level = pm.Normal("K_free", past_gain * trend, walk)
        pm.Deterministic("K", pm.math.dot(p["basis"], level), dims="period")
        _rates("common", _pattern("B", p, p["smooth_common"]), level, p)
        _rates("difference", _pattern("b", p, p["smooth_difference"]), _difference(p), p)
        # What no figure of China's speaks to: draws of the priors, joined to the others here.
        r = p["persistence"]
        own = gain_sd * np.sqrt(1 - r**2) * pm.Normal("future_gain_offset")
        pm.Deterministic("future_gain", gain + r * (past_gain - gain) + own)
        pm.LogNormal("future_noise", np.log(p["jumps"].std()), p["future_noise_log_sd"])
        pm.Gamma("rural_gap", mu=p["rural_gap"], sigma=p["rural_gap_sd"])
        pm.LogNormal("gap_half_life", np.log(p["gap_half_life"]), p["gap_half_life_log_sd"])
    return model


def _pattern(name: str, p: Inputs, step: np.ndarray) -> Any:
    """Weights of the age groups, which sum to one and change little from one to the next."""
    import pymc as pm

    free = pm.Normal(f"{name}_free", 0.0, pm.HalfNormal(f"{name}_step", step) * p["age_walk"])
    return pm.Deterministic(name, 1 / p["age"].size + pm.math.dot(p["age_basis"], free), dims="group")


def _difference(p: Inputs) -> Any:
    """Stationary autoregression of the difference between the sexes, less its mean.

    One density, in coordinates of which the last is the mean: of that the rates say next to
    nothing, of the others nearly all, and the sampler should meet them apart.
    """
    import pymc as pm

    size = p["period"].size
    turn = np.column_stack([p["basis"], np.full(size, size**-0.5)])
    phi = pm.Beta("difference_phi", p["difference_phi_a"], p["difference_phi_b"])
    noise = pm.HalfNormal("difference_noise", p["difference_noise"])

    def logp(free: Any, phi: Any, noise: Any, turn: Any) -> Any:
        k = pm.math.dot(turn, free)
        start = k[0] * pm.math.sqrt(1 - phi**2)
        steps = pm.math.sqr(start) + pm.math.sum(pm.math.sqr(k[1:] - phi * k[:-1]))
        return 0.5 * pm.math.log(1 - phi**2) - size * pm.math.log(noise) - 0.5 * steps / noise**2

    free = pm.CustomDist("k_free", phi, noise, turn, logp=logp, random=_autoregression, signature="(),(),(n,n)->(n)")
    pm.Deterministic("k", pm.math.dot(turn, free), dims="period")
    return free[:-1]


def _autoregression(
    phi: np.ndarray, noise: np.ndarray, turn: np.ndarray, rng: np.random.Generator, size: tuple[int, ...]
) -> np.ndarray:
    """Draw what :func:`_difference` is the density of."""
    k = noise * rng.standard_normal((*(size or ()), turn.shape[-1]))
    k[..., 0] /= np.sqrt(1 - phi**2)
    for step in range(1, k.shape[-1]):
        k[..., step] += phi * k[..., step - 1]
    return np.asarray(k @ turn)


def _rates(name: str, pattern: Any, path: Any, p: Inputs) -> None:
    import pymc as pm

    noise = pm.HalfNormal(f"{name}_noise_sd", p["noise"])
    pm.Normal(f"{name}_rates", pattern[:, None] * path, noise, observed=p[name])
