"""The law of moves and the people it leaves where: for the model, and draw by draw for its posterior."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

from forecasting.axes import AGES, AREAS, SEXES
from forecasting.models import reconstruction as rc
from forecasting.models.migration_data import FIRST_YEAR

if TYPE_CHECKING:
    from forecasting.models.sampling import Inputs

SHAPE = ("flat", "comeback", "male")
KEEP = (
    *SHAPE,
    *("adjustment", "rural_logit", "birth_noise", "rural_fertility", "mortality_shift", "rural_mortality"),
    *("log_level", "speed", "ceiling", "speed_noise_sd", "pace_memory", "pace_now"),
)

STANDARD = np.exp(-0.1 * AGES) / 3.0 + np.exp(-0.1 * (AGES - 20.0) - np.exp(-0.4 * (AGES - 20.0)))
"""The standard schedule's childhood and labour humps over the height of the latter.

a1 .02, alpha1 .1, a2 .06, alpha2 .1, lambda2 .4, mu2 20 (Rogers and Castro 1981).
"""

RETURN = np.exp(-0.5 * ((AGES - 58.0) / 8.0) ** 2)
"""Returns of ageing migrants, around the ages at which work in the towns ends."""

WEIGHT = np.clip(80.0 - AGES, 0.0, None) / (2.0 * np.clip(80.0 - AGES, 0.0, None).sum())
"""Weights over sex and age under which the schedule averages one (a straight pyramid to 80)."""

COUNT_SD, BIRTH_SD, BIRTH_MEMORY = 0.015, 0.06, 0.9
"""Measurement error (log scale) of census counts by age group and of the births of a year, and its memory.

Births rest on the same estimate of undercounted children year after year, so that their errors are alike: those of the
United Nations in 2001-2010 are some 11 million, 7 %, above what the yearly totals and their own deaths leave room for.
"""


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
    # A stationary autoregression of the log error, from independent normals.
    lag = np.subtract.outer(np.arange(data["births"].size), np.arange(data["births"].size))
    turn = np.tril(BIRTH_MEMORY ** np.abs(lag)) * np.where(np.arange(len(lag)) > 0, (1 - BIRTH_MEMORY**2) ** 0.5, 1.0)
    return data["births"] * rc.namespace(part["flat"]).exp(BIRTH_SD * (part["birth_noise"] @ turn.T))


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
        Births less deaths plus net moves is the change, in every draw. Nobody
        is counted twice: the urban area holds no fewer than none.
    """
    part = {name: posterior[name].values for name in KEEP}
    rural, nation, share = people(inputs, part)
    layout = rc.cohorts(int(inputs["steps"]))
    death, _ = hazards(layout, inputs, part)
    births = births_of(inputs, part)
    sex = inputs["sex_share"][:, None]
    rural_born, born = sex * (births * share)[:, None, :], sex * births[:, None, :]
    dying = death * np.exp(part["rural_mortality"])[:, None, None, None]
    # The few people near 100 are not counted by area: in a rare draw more of them would be rural than there are.
    rural = np.minimum(rural, nation)
    rural_deaths = rc.losses(layout, rural, rural_born, dying)
    deaths = rc.losses(layout, nation, born, death)
    # Who is neither born nor dead has moved, so that the books close in every draw.
    moved = births * share - rural_deaths - np.diff(rural.sum(axis=(1, 2)), axis=-1)
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
        (draw, sex, age): a year's hazard is speed x `room` x schedule. Speed
        returns from that of the base year to its long-run value.
    """
    draws = posterior["draw"].values
    # Year by year, so that a longer horizon leaves the years before it as they are.
    noise = rng.standard_normal((len(years), len(draws))).T * posterior["speed_noise_sd"].values[:, None]
    pace, memory = posterior["pace_now"].values, posterior["pace_memory"].values
    for step in range(len(years)):
        noise[:, step] += memory * pace
        pace = noise[:, step]
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
