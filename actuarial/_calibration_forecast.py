"""A forecast as it would have been made at the end of an earlier year: people, membership, economy and the fund."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

from actuarial import fund, pension
from actuarial._calibration_priors import priors_at, rules_at
from actuarial.progress import Silent, Step
from forecasting import projection
from forecasting._people import national_e0, projected
from forecasting.axes import PENSION_AGE
from forecasting.models import migration
from forecasting.models.sampling import Settings, fit
from forecasting.projection import MODELS, ORDER, Fits
from forecasting.sources import FigureNotFound

if TYPE_CHECKING:
    from actuarial.assumptions import Assumptions
    from forecasting.sources import Tables

MEASURED = {"population 60+": migration.OLD_SD, "rural population": migration.RURAL_SD}
"""Error (log) of published totals, as the model of the people has it: what is scored is the published figure."""

SMALL_STEPS = {"membership": 0.99}
"""Acceptance aimed for where a handful of years leaves the sampler narrow ridges."""

Report = Callable[[str], AbstractContextManager[Step]]
SILENT = Silent()


@dataclass(frozen=True)
class Origin:
    """The models as fitted at an origin.

    Attributes
    ----------
    year : int
        Last year that is known.
    fits : Fits
        The models that could be fitted, on the tables known then.
    skipped : dict of str to str
        Why the others could not.
    """

    year: int
    fits: Fits
    skipped: dict[str, str]


def fit_at(
    tables: Tables,
    year: int,
    settings: Settings,
    priors: Mapping[str, Any],
    *,
    cache: Path | None = None,
    force: bool = False,
    report: Report = SILENT.step,
) -> Origin:
    """Fit every model that the figures known at the end of a year carry.

    Parameters
    ----------
    tables : Tables
        All figures.
    year : int
        Last year that is known.
    settings : Settings
        How to sample.
    priors : mapping of str to object
        ``Priors`` of each model as they are today; `priors_at` makes those of the year of them.
    cache : pathlib.Path, optional
        Folder of posteriors.
    force : bool
        Go on where a model did not converge.
    report : callable, optional
        Gives the context in which each model is fitted, by what is being done.

    Returns
    -------
    Origin

    Raises
    ------
    forecasting.models.sampling.GateError
        If a model did not converge and `force` is false.
    """
    known = tables.until(year)
    fits, skipped = Fits({}, {}, known, settings), {}
    for name in ORDER:
        try:
            fits.inputs[name] = _inputs(name, fits, year, priors[name])
        except (FigureNotFound, ValueError) as reason:
            # What there is instead is of use to who looks for a figure, not here.
            skipped[name] = str(reason).partition("; it has")[0]
            continue
        with report(f"fit {name} at {year}") as step:
            aim = max(settings.target_accept, SMALL_STEPS.get(name, 0.0))
            how = replace(settings, target_accept=aim)
            fits.posteriors[name] = fit(MODELS[name], fits.inputs[name], how, cache, force=force)
            step.note("from the cache" if fits.posteriors[name].attrs["cached"] == "yes" else "sampled")
    return Origin(year, fits, skipped)


def _inputs(name: str, fits: Fits, year: int, today: Any) -> Mapping[str, np.ndarray]:
    """Return what a model reads at an origin, with the priors of that year."""
    people = [_mean_people(fits)] if name == "membership" else []
    read: Callable[..., Mapping[str, np.ndarray]] = MODELS[name].inputs
    return read(fits.tables, *people, priors_at(name, today, fits.tables, year, read(fits.tables, *people)))


def _mean_people(fits: Fits) -> xr.DataArray:
    population = migration.reconstruct(fits.posteriors["migration"], fits.inputs["migration"])["population"]
    return population.sum(["area", "sex"]).mean("draw").transpose("age", "year")


def simulate(origin: Origin, law: Assumptions, last_year: int) -> dict[str, xr.DataArray]:
    """Carry an origin to the last published year.

    Parameters
    ----------
    origin : Origin
        From :func:`fit_at`.
    law : Assumptions
        Today's law.
    last_year : int
        Last year wanted.

    Returns
    -------
    dict of str to xarray.DataArray, dims (draw, year)
        Paths by the names of `forecasting.backtest.SERIES`, in their units; those of a model that was skipped lack.
    """
    fits = origin.fits
    whole = not origin.skipped
    future = projection.forecast(fits, last_year) if whole else projected(fits, last_year)
    out = series_of_people(fits, future)
    if whole:
        out |= {
            "contributors": future["contributors_year_end"],
            "pensioners": future["pensioners_year_end"],
            "rural income": future["rural_income"],
            "budget revenue": future["budget_revenue"],
            "land income": future["land_income"],
            **_fund(origin, future, rules_at(law, fits.tables, origin.year)),
        }
    return {name: paths.sel(year=slice(origin.year + 1, None)).transpose("draw", "year") for name, paths in out.items()}


def series_of_people(fits: Fits, future: xr.Dataset) -> dict[str, xr.DataArray]:
    """Return fertility, life expectancy and counts of people as they are published, with the error of the counts."""
    population = future["population"]
    # The published life expectancy goes with the published rates, before they are moved to the counts of people.
    level = np.exp(fits.posteriors["migration"]["mortality_shift"])
    e0 = national_e0(future["pensioner_mortality"] / level)
    counted = {
        "population 60+": population.sel(age=slice(PENSION_AGE, None)).sum(["area", "sex", "age"]),
        "rural population": population.sel(area="rural").sum(["sex", "age"]),
    }
    rng = fits.stream("published totals")
    errors = {name: np.exp(sd * rng.standard_normal(counted[name].shape)) for name, sd in MEASURED.items()}
    return {
        "tfr": future["tfr"],
        "e0 of women": e0.sel(sex="female"),
        "e0 of men": e0.sel(sex="male"),
        **{name: counted[name] * errors[name] for name in counted},
    }


def _fund(origin: Origin, future: xr.Dataset, rules: Assumptions) -> dict[str, xr.DataArray]:
    """Return income with interest, expenditure and balance of the fund opened with the balance of the origin."""
    per_head = (future["basic_ratio"] * future["rural_income"]).sel(year=slice(origin.year, None))
    ready = pension.with_accounts(future[pension.reads(future)], rules, per_head)
    balance = float(origin.fits.tables.series("fund_balance").loc[origin.year])
    owed = np.minimum(ready["accounts_balance"].sel(year=origin.year).values, balance)
    account = fund.project(pension.standard_fund(origin.year, balance, owed), ready, rules)
    return {
        "fund income": account["income"] + account["interest"],
        "expenditure": account["expenditure"],
        "balance": account["balance"],
    }
