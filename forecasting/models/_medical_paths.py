"""From the medical posterior to those insured, their use of care, its cost, and what would have been published."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

from forecasting import axes
from forecasting.axes import AGES, PENSION_AGE, SEXES
from forecasting.models import _medical_ages as ages
from forecasting.models._medical_data import working_profile
from forecasting.models._medical_priors import COVID_YEARS, DEFINITION_YEAR, SERIES
from forecasting.models.sampling import stream

if TYPE_CHECKING:
    from forecasting.models.sampling import Inputs

PARTS = (*SERIES, "employee", "enrolment")
"""Series with a shock in every year to come."""

PAID = ("inpatient", "outpatient", "chronic")


def paths(
    posterior: xr.Dataset, inputs: Inputs, projection: xr.Dataset, seed: int, contribution: xr.DataArray | None = None
) -> xr.Dataset:
    """Carry enrolment, use and cost to the last year of a projection.

    Parameters
    ----------
    posterior : xarray.Dataset
        Variables of `medical.KEEP` with axis ``draw``, as many as the projection has.
    inputs : mapping
        As given to `medical.build`.
    projection : xarray.Dataset
        ``population`` ([draw, area,] sex, age, year) at 31 December, ``pensioners`` at mid-year, ``employee_share``
        and ``rural_income``, all but the first of (draw, ..., year), from the year before the first of `inputs` on.
    seed : int
        Run seed; a longer horizon leaves the years before it as they are.
    contribution : xarray.DataArray, optional
        Individual contribution, yuan a head, by year insured; dims (year,) or (draw, year), all years to come. Left
        out, it keeps its last ratio to rural income.

    Returns
    -------
    xarray.Dataset
        Variables of `forecasting.axes.MEDICAL` from the first year of `inputs` on. Published enrolment is met.

    Raises
    ------
    forecasting.axes.AxisError
        If draws differ in number, or years are missing.
    """
    if posterior.sizes["draw"] != projection.sizes["draw"]:
        what = f"{posterior.sizes['draw']} draws of the medical posterior for {projection.sizes['draw']} of people"
        raise axes.AxisError([f"{what}: take as many of each"])
    last = int(inputs["years"][-1])
    years = np.arange(inputs["years"][0], projection["year"].values[-1] + 1)
    shocks = _shocks(seed, int(years[-1]) - last, posterior.sizes["draw"])
    world = axes.join_years(projection, np.append(years[0] - 1, years))
    people, covered = _people(world)
    income = world["rural_income"].values
    price = _price(inputs, income, contribution, years)
    insured, enrolment = _insured(posterior, inputs, people, covered, price=price, shocks=shocks)
    values = age_values(posterior)
    structure = insured.reshape(len(insured), ages.CELLS, -1)
    structure = structure / structure.sum(axis=1, keepdims=True)
    logs = _logs(posterior, inputs, values, structure, shocks)
    factors, ones = _factors(values, logs, len(inputs["years"]))
    by_year = _by_year(posterior, logs, ones, income[:, 1:]) | {"enrolment_rate": enrolment}
    labels = {"draw": posterior["draw"].values, "sex": list(SEXES), "age": AGES, "year": years}
    parts = {
        "insured": (("draw", "sex", "age", "year"), insured.astype(np.float32)),
        "enrolment_response": (("draw",), posterior["response"].values),
    }
    parts |= factors | {name: (("draw", "year"), path) for name, path in by_year.items()}
    out = xr.Dataset(parts, coords=labels)
    for name in out.data_vars:
        out[name].attrs = {"unit": axes.MEDICAL[str(name)].unit, "meaning": axes.MEDICAL[str(name)].meaning}
    return out


def _shocks(seed: int, years: int, draws: int) -> dict[str, np.ndarray]:
    """Draw standard shocks (draw, year) year by year."""
    drawn = stream(seed, "medical path").standard_normal((years, len(PARTS), draws))
    return {name: drawn[:, i].T for i, name in enumerate(PARTS)}


def _people(world: xr.Dataset) -> tuple[np.ndarray, np.ndarray]:
    """Return the nation and its people in the employee pension scheme, (draw, sex, age, year) at mid-year."""
    ends = world["population"]
    ends = ends.sum("area") if "area" in ends.dims else ends
    counts = ends.transpose("draw", "sex", "age", "year").values.astype(np.float32)
    people = np.float32(0.5) * (counts[..., 1:] + counts[..., :-1])
    share = world["employee_share"].transpose("draw", "year").values
    covered = people * working_profile(people, 0.5 * (share[:, 1:] + share[:, :-1])).astype(np.float32)
    drawing = world["pensioners"].transpose("draw", "sex", "age", "year").values[:, :, PENSION_AGE:, 1:]
    covered[:, :, PENSION_AGE:] = np.maximum(people[:, :, PENSION_AGE:] - drawing, 0.0)
    return people, covered


def _price(inputs: Inputs, income: np.ndarray, contribution: xr.DataArray | None, years: np.ndarray) -> np.ndarray:
    """Return the log of contribution over last year's income, over that of the last year known; (draw, year)."""
    known = np.log(inputs["contribution"] / inputs["contribution"][-1])
    out = np.zeros((len(income), len(years)))
    out[:, : known.size] = known
    ahead = years[known.size :]
    if contribution is not None and ahead.size:
        paid = axes.join_years(contribution.to_dataset(name="paid"), ahead)["paid"].values
        out[:, known.size :] = np.log(paid / income[:, known.size : -1] / inputs["contribution"][-1])
    return out


def _insured(
    posterior: xr.Dataset,
    inputs: Inputs,
    people: np.ndarray,
    covered: np.ndarray,
    *,
    price: np.ndarray,
    shocks: Mapping[str, np.ndarray],
) -> tuple[np.ndarray, np.ndarray]:
    """Return those insured by sex and age, and the share enrolled (draw, year)."""
    known = len(inputs["years"])
    employee = carried(posterior, "employee", posterior["employee_logit"].values, shocks["employee"])
    outside = people - share_of(employee)[:, None, None].astype(np.float32) * covered
    total = outside.sum(axis=(1, 2), dtype=float)
    # The published totals are met: what is left, in the last year, of the difference of draws goes on.
    logit = _logit(np.minimum(inputs["enrolled"] / total[:, :known], 0.999))
    response = posterior["response"].values[:, None]
    # The AR(1) is around a line that falls with the price.
    level = carried(posterior, "enrolment", logit + response * price[:, :known], shocks["enrolment"])
    share = share_of(level - response * price)
    return outside * share[:, None, None].astype(np.float32), share


def carried(posterior: xr.Dataset, name: str, known: np.ndarray, shocks: np.ndarray) -> np.ndarray:
    """Carry an AR(1) on from what is `known`, (draw, year)."""
    mean, persistence, scale = (posterior[f"{name}_{part}"].values for part in ("mean", "persistence", "sd"))
    path = [known[:, i] for i in range(known.shape[1])]
    for shock in shocks.T:
        path.append(mean + persistence * (path[-1] - mean) + scale * shock)
    return np.stack(path, axis=1)


def age_values(posterior: xr.Dataset) -> dict[str, np.ndarray]:
    """Return the parameters of the age patterns, with a last axis to broadcast over."""
    names = ("chronic_multiple", "child_visits", "women_visits")
    single = (*names, "prevalence_ceiling", "prevalence_middle", "prevalence_width")
    out = {name: posterior[name].values[:, None] for name in single}
    return out | {name: posterior[name].values for name in ("stays_age", "stays_women", "stay_cost_age")}


def _drifts(posterior: xr.Dataset, ahead: np.ndarray) -> np.ndarray:
    """Return the yearly growth, (draw, series, year), `ahead` years after the last figure."""
    growth, anchor = posterior["growth"].values[..., None], posterior["anchor"].values[..., None]
    left = 2.0 ** (-ahead / posterior["half_life"].values[:, None])
    return np.asarray(anchor + (growth - anchor) * left[:, None, :])


def walk(
    posterior: xr.Dataset, drifts: np.ndarray, shocks: Mapping[str, np.ndarray], off: np.ndarray | float = 0.0
) -> np.ndarray:
    """Return what trends gain over their last value, (draw, series, year).

    Shocks to use return in part in cost per case; they, and what trends were `off` their lines (draw, series), fade.
    """
    scale, coupling = posterior["shock"].values, posterior["coupling"].values
    own = np.stack([scale[:, [i]] * shocks[name] for i, name in enumerate(SERIES)], axis=1)
    for pair, cost in enumerate((SERIES.index("stay_cost"), SERIES.index("visit_cost"))):
        own[:, cost] += coupling[:, [pair]] * own[:, cost - 1]
    path, now = drifts.cumsum(axis=2), np.broadcast_to(off, own.shape[:2])
    start = now
    for t in range(own.shape[2]):
        now = posterior["memory"].values[:, None] * now + own[:, :, t]
        path[:, :, t] += now - start
    return path


def departures(posterior: xr.Dataset) -> np.ndarray:
    """Return how far the trends stand off their lines in the last year known, (draw, series)."""
    trend = posterior["trend"].values
    return np.asarray(trend[..., -1] - trend[..., 0] - posterior["growth"].values * (trend.shape[2] - 1))


def effects(posterior: xr.Dataset, years: np.ndarray) -> np.ndarray:
    """Return what is no trend, (draw, series, year): COVID, and the definition of visits before it changed.

    Visits and cost per visit are in the definition of the year.
    """
    out = np.zeros((posterior.sizes["draw"], len(SERIES), len(years)))
    covid = posterior["covid"].values @ (np.array(COVID_YEARS)[:, None] == years)
    since = (years >= DEFINITION_YEAR).astype(float)
    out[:, SERIES.index("stays")] = covid
    step, cost = (posterior[name].values[:, None] for name in ("definition", "definition_cost"))
    out[:, SERIES.index("visits")] = posterior["covid_visits"].values[:, None] * covid + step * since
    out[:, SERIES.index("visit_cost")] = cost * since
    return out


def mixed(by_age: Mapping[str, Any], shape: tuple[int, ...], end: Mapping[str, Any]) -> np.ndarray:
    """Return what ages do to each series, over their effect in the last year known; (draw, series, year)."""
    out = np.zeros(shape)
    for name, path in by_age.items():
        out[:, SERIES.index(name)] = path - end[name]
    return out


def _logs(
    posterior: xr.Dataset,
    inputs: Inputs,
    values: Mapping[str, np.ndarray],
    structure: np.ndarray,
    shocks: Mapping[str, np.ndarray],
) -> dict[str, np.ndarray]:
    """Return logs of use and cost a head at the ages of each year, (draw, year), for the nation's insured."""
    years, known = inputs["years"], posterior["trend"].values
    ahead = np.arange(1, shocks["stays"].shape[1] + 1)
    coming = known[..., -1:] + walk(posterior, _drifts(posterior, ahead), shocks, departures(posterior))
    trend = np.concatenate([known, coming], axis=2)
    trend += effects(posterior, np.append(years, years[-1] + ahead))
    fitted, here = ages.mix(values, inputs["structure"]), ages.mix(values, structure)
    end = {name: path[:, [-1]] for name, path in fitted.items()}
    trend[..., : len(years)] += mixed(fitted, known.shape, end)
    # From the last figure on by the ages of each draw; until then as fitted, to the mean of all draws.
    base = {name: path[:, [len(years) - 1]] for name, path in here.items()}
    trend[..., len(years) :] += mixed(here, trend.shape, base)[..., len(years) :]
    return {name: trend[:, i] for i, name in enumerate(SERIES)} | {f"{name}_mix": here[name] for name in here}


def _factors(
    values: Mapping[str, np.ndarray], logs: Mapping[str, np.ndarray], known: int
) -> tuple[dict[str, tuple[tuple[str, ...], np.ndarray]], dict[str, np.ndarray]]:
    """Return factors by sex and age, of mean one over the insured of the last year known, and what one is of each."""
    ones = {name: np.exp(logs[f"{name}_mix"][:, [known - 1]]) for name in ("stays", "stay_cost", "visits")}
    shape = (len(ones["stays"]), len(SEXES), len(AGES))
    by_sex = ("draw", "sex", "age")
    factors = {
        "inpatient_age": (by_sex, (ages.stays(values, np) / ones["stays"]).reshape(shape)),
        "inpatient_cost_age": (("draw", "age"), ages.stay_costs(values, np)[:, : len(AGES)] / ones["stay_cost"]),
        "outpatient_age": (by_sex, (ages.visits(values, np) / ones["visits"]).reshape(shape)),
        "chronic_prevalence": (("draw", "age"), ages.prevalence(values, np)),
    }
    return factors, ones


def _by_year(
    posterior: xr.Dataset, logs: Mapping[str, np.ndarray], ones: Mapping[str, np.ndarray], income: np.ndarray
) -> dict[str, np.ndarray]:
    """Return levels and yuan, (draw, year), of a person or stay whose factor is one."""
    level = {name: np.exp(logs[name] - logs[f"{name}_mix"]) * one for name, one in ones.items()}
    return {
        "inpatient_level": level["stays"],
        "inpatient_cost": level["stay_cost"] * income,
        "outpatient_level": level["visits"],
        "outpatient_cost": np.exp(logs["visit_cost"]) * income,
        "chronic_outpatient": np.exp(logs["chronic"]) * income,
    } | _reimbursed(posterior, income.shape[1])


def _reimbursed(posterior: xr.Dataset, years: int) -> dict[str, np.ndarray]:
    """Return the shares of cost that the fund pays, (draw, year): today's law goes on."""
    known = share_of(posterior["reimbursed_logit"].values)
    later = np.repeat(known[..., -1:], years - known.shape[2], axis=2)
    whole = np.concatenate([known, later], axis=2)
    return {f"reimbursed_{name}": whole[:, i] for i, name in enumerate(PAID)}


def share_of(logit: np.ndarray) -> np.ndarray:
    return np.asarray(1.0 / (1.0 + np.exp(-logit)))


def _logit(share: np.ndarray) -> np.ndarray:
    return np.asarray(np.log(share / (1.0 - share)))
