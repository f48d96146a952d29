"""Put fitted parts together into a Projection."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import xarray as xr

from forecasting import cohort, dependency, lifetable
from forecasting.axes import AGES, AREAS, SEXES
from forecasting.models import economy, fertility, membership, membership_data, migration, mortality
from forecasting.models.sampling import Diagnosis, Settings, diagnosis_of, stream
from forecasting.models.sampling import fit as sample

if TYPE_CHECKING:
    from forecasting.sources import Tables

FIRST_YEAR = 2010
"""First year of a Projection: the pilots of the scheme began in the last months of 2009."""

BLOCK = 125
"""Draws projected at once: bounds the memory of the full age cube."""

MODELS: dict[str, ModuleType] = {m.NAME: m for m in (fertility, mortality, migration, membership, economy)}
"""The fitted models by name."""

ORDER = ("fertility", "mortality", "migration", "membership", "economy")
"""In which they are fitted: membership needs the people that migration reconstructs."""

Report = Callable[[str, str], None]
"""Told the name of each model when it is fitted, and how: ``sampled`` or ``cached``."""


@dataclass(frozen=True)
class Fits:
    """Posteriors of all models, with what each was fitted to.

    Attributes
    ----------
    posteriors : dict of str to xarray.Dataset
        By model name; leading axis ``draw``.
    inputs : dict of str to mapping
        What each model read.
    tables : Tables
        The figures.
    settings : Settings
        How they were sampled; its seed is the run seed.
    """

    posteriors: dict[str, xr.Dataset]
    inputs: dict[str, Mapping[str, np.ndarray]]
    tables: Tables
    settings: Settings

    @property
    def diagnoses(self) -> list[Diagnosis]:
        """Convergence of every model."""
        return [diagnosis_of(p) for p in self.posteriors.values()]

    def stream(self, name: str) -> np.random.Generator:
        """Random stream of one named part of the run."""
        return stream(self.settings.seed, name)


def fit(
    tables: Tables,
    settings: Settings | None = None,
    priors: Mapping[str, Any] | None = None,
    *,
    cache: Path | None = None,
    force: bool = False,
    report: Report | None = None,
) -> Fits:
    """Fit every model, or read its posterior from the cache.

    Parameters
    ----------
    tables : Tables
        Checked figures.
    settings : Settings, optional
        How to sample.
    priors : mapping of str to object, optional
        ``Priors`` of the models that shall not use their own.
    cache : pathlib.Path, optional
        Folder of posteriors.
    force : bool
        Go on where a model did not converge.
    report : callable, optional
        Told of each model.

    Returns
    -------
    Fits

    Raises
    ------
    forecasting.models.sampling.GateError
        If a model did not converge and `force` is false.
    """
    settings, priors = settings or Settings(), dict(priors or {})
    posteriors: dict[str, xr.Dataset] = {}
    inputs: dict[str, Mapping[str, np.ndarray]] = {}

    def one(name: str, *extra: object) -> None:
        module = MODELS[name]
        inputs[name] = module.inputs(tables, *extra, priors.get(name))
        posteriors[name] = sample(module, inputs[name], settings, cache, force=force)
        if report is not None:
            report(name, "from the cache" if posteriors[name].attrs["cached"] == "yes" else "sampled")

    for name in ORDER:
        # Membership takes the reconstructed people as known.
        one(name, *([_mean_people(posteriors["migration"], inputs["migration"])] if name == "membership" else []))
    return Fits(posteriors, inputs, tables, settings)


def _mean_people(posterior: xr.Dataset, inputs: Mapping[str, np.ndarray]) -> xr.DataArray:
    """Return the mean national population by age and year, which the membership model takes as known."""
    some = posterior.isel(draw=slice(None, None, max(posterior.sizes["draw"] // 250, 1)))
    population = migration.reconstruct(some, inputs)["population"]
    return population.sum(["area", "sex"]).mean("draw").transpose("age", "year")


def forecast(fits: Fits, last_year: int = 2100) -> xr.Dataset:
    """Carry people, membership and economy to `last_year` on joint draws.

    Parameters
    ----------
    fits : Fits
        From `fit`.
    last_year : int
        Last year of the Projection.

    Returns
    -------
    xarray.Dataset
        A Projection: the variables of `forecasting.axes.VARIABLES` from
        `FIRST_YEAR` on, with ``contributors_year_end`` and
        ``pensioners_year_end`` (draw, year) and the membership ratios.
        Attribute ``base_year`` is the last reconstructed year-end.
    """
    people = _people(fits, last_year)
    nation = people["population"].sum("area")
    members = _membership(fits, nation, history(fits.tables), "membership")
    growth = np.log(nation.sum(["sex", "age"])).diff("year", label="upper")
    growth = growth.reindex(year=nation["year"], fill_value=0.0)
    money = economy.forecast(
        fits.posteriors["economy"], nation["year"].values, fits.stream("economy path"), growth.values
    )
    return _joined(people, members, money)


def hindcast(fits: Fits, origin: int) -> xr.Dataset:
    """Simulate membership from `origin` to the base year, knowing only the totals up to `origin`.

    Population and economy are as observed; the parameters are those of the
    full fit, so this tests the dynamics, not the choice of the model.

    Parameters
    ----------
    fits : Fits
    origin : int
        Last year whose totals are known.

    Returns
    -------
    xarray.Dataset
        As `forecast`, from `FIRST_YEAR` to the base year.
    """
    past = _past(fits)
    nation = past["population"].sum("area")
    members = _membership(fits, nation, history(fits.tables).until(origin), f"hindcast {origin}")
    years = nation["year"].values
    drivers = mortality.forecast(
        fits.posteriors["mortality"], years, fits.stream("mortality path"), fits.inputs["mortality"]
    )
    past["pensioner_mortality"] = _national_mortality(fits, drivers)
    money = economy.forecast(fits.posteriors["economy"], years, fits.stream("economy path"))
    return _joined(past, members, money)


def history(tables: Tables) -> membership.History:
    """Return the observed totals of the scheme from `FIRST_YEAR` on."""
    contributors, pensioners = (tables.series(name).loc[FIRST_YEAR:] for name in ("contributors", "pensioners"))
    return membership.History(contributors.index.to_numpy(), contributors.to_numpy(), pensioners.to_numpy())


def _membership(fits: Fits, nation: xr.DataArray, known: membership.History, name: str) -> xr.Dataset:
    posterior, inputs = fits.posteriors["membership"], fits.inputs["membership"]
    return membership.forecast(posterior, inputs, known, nation, fits.stream(name))


def _past(fits: Fits) -> xr.Dataset:
    past = migration.reconstruct(fits.posteriors["migration"], fits.inputs["migration"])
    return past.sel(year=slice(FIRST_YEAR, None))


def _joined(people: xr.Dataset, members: xr.Dataset, money: xr.Dataset) -> xr.Dataset:
    """Bring year-end members to mid-year, contributions to yuan, and all parts into one Dataset."""
    out = xr.merge([people, money], join="exact")
    for name in ("contributors", "pensioners"):
        ends = members[name]
        before = ends.shift(year=1, fill_value=np.float32(0.0))
        out[name] = ((ends + before) / np.float32(2.0)).astype(np.float32)
        out[f"{name}_year_end"] = ends.sum(["sex", "age"], dtype=float)
    ratios = members.drop_vars(["contributors", "pensioners"])
    out = xr.merge([out, ratios], join="exact")
    return out.assign(contribution_per_head=out["contribution_ratio"] * out["rural_income"])


def _people(fits: Fits, last_year: int) -> xr.Dataset:
    """Reconstruct the past and project the future, a block of draws at a time."""
    past = _past(fits)
    base_year = int(past["year"][-1])
    years = np.arange(FIRST_YEAR, last_year + 1)
    ahead = years[years > base_year]
    moves = migration.forecast(fits.posteriors["migration"], ahead, fits.stream("migration path"))
    shares = _rural_shares(past, moves)
    births = fertility.forecast(
        fits.posteriors["fertility"], years, fits.stream("fertility path"), fits.inputs["fertility"], shares["women"]
    )
    drivers = mortality.forecast(
        fits.posteriors["mortality"], years, fits.stream("mortality path"), fits.inputs["mortality"]
    )
    shift = np.exp(fits.posteriors["migration"]["mortality_shift"].values)
    blocks = [
        _block(past.isel(draw=part), births.isel(draw=part), drivers.isel(draw=part), moves.isel(draw=part),
               shares["people"][part], shift[part])
        for part in _parts(len(shift))
    ]  # fmt: skip
    out = xr.concat(blocks, "draw")
    out["tfr"], out["tfr_area"] = births["tfr"], births["tfr_area"]
    out["pensioner_mortality"] = _national_mortality(fits, drivers)
    out.attrs["base_year"] = base_year
    return out


def _parts(draws: int) -> list[slice]:
    return [slice(start, min(start + BLOCK, draws)) for start in range(0, draws, BLOCK)]


def _rural_shares(past: xr.Dataset, moves: xr.Dataset) -> dict[str, np.ndarray]:
    """Return the rural share of people, and of women of childbearing age, ahead of the projection.

    Rates by area need them before the people are known. The urban share is
    carried by its own logistic step; what births and deaths add differently in
    the two areas is left out, a few tenths of a point a decade.
    """
    population = past["population"]
    everyone = population.sum(["sex", "age"])
    people = (everyone.sel(area="rural") / everyone.sum("area")).values
    young = population.sel(sex="female", age=slice(15, 49)).sum("age")
    women = (young.sel(area="rural") / young.sum("area")).values
    urban, ceiling = 1.0 - people[:, -1], moves["ceiling"].values
    ahead = np.empty(moves["speed"].shape)
    for t in range(ahead.shape[1]):
        rate = moves["speed"].values[:, t] * migration.room(urban, ceiling)
        urban = urban + (1.0 - urban) * -np.expm1(-np.maximum(rate, 0.0))
        ahead[:, t] = 1.0 - urban
    ratio = (women[:, -1] / people[:, -1])[:, None]
    return {
        "people": np.concatenate([people, ahead], axis=1),
        "women": np.concatenate([women, np.clip(ahead * ratio, 0.0, 1.0)], axis=1),
    }


def _national_mortality(fits: Fits, drivers: xr.Dataset) -> xr.DataArray:
    """Return the death rates of members: those of the nation, on the level of the reconstruction."""
    shift = np.exp(fits.posteriors["migration"]["mortality_shift"].values).astype(np.float32)
    out = np.empty((len(shift), len(SEXES), len(AGES), drivers.sizes["year"]), dtype=np.float32)
    for part in _parts(len(shift)):
        out[part] = mortality.national(drivers.isel(draw=part)) * shift[part, None, None, None]
    axes = {"draw": drivers["draw"].values, "sex": list(SEXES), "age": AGES, "year": drivers["year"].values}
    return xr.DataArray(out, coords=axes, dims=tuple(axes))


def _block(
    past: xr.Dataset, births: xr.Dataset, drivers: xr.Dataset, moves: xr.Dataset, rural: np.ndarray, shift: np.ndarray
) -> xr.Dataset:
    """Project one block of draws and join it to its past."""
    mx = mortality.rates(drivers, rural[:, None, None, :]) * shift[:, None, None, None, None]
    by_age_last = np.moveaxis(mx, 3, 4)
    e0 = lifetable.expectancy(by_age_last)
    first = past.sizes["year"]
    survival = np.ascontiguousarray(np.moveaxis(lifetable.survival(by_age_last[:, :, :, first:]), 4, 3))
    sex_ratio = float(past.attrs["sex_ratio"])
    ahead = cohort.project(
        np.ascontiguousarray(past["population"].isel(year=-1).values),
        survival,
        np.ascontiguousarray(fertility.asfr(births.isel(year=slice(first, None)))),
        speed=moves["speed"].values,
        ceiling=moves["ceiling"].values,
        schedule=moves["schedule"].values,
        sex_ratio=sex_ratio,
    )
    stock = np.concatenate([past["population"].values, ahead.population[..., 1:]], axis=-1)
    flows = {
        name: (("draw", "area", "year"), np.concatenate([past[name].values, getattr(ahead, name)], axis=-1))
        for name in ("births", "deaths", "moves")
    }
    coords = {"draw": past["draw"].values, "area": list(AREAS), "sex": list(SEXES), "age": AGES}
    stock_dims = ("draw", "area", "sex", "age", "year")
    return xr.Dataset(
        {"population": (stock_dims, stock), "e0": (("draw", "area", "sex", "year"), e0)} | flows,
        coords=coords | {"year": births["year"].values},
    )


def summary(projection: xr.Dataset) -> xr.Dataset:
    """Reduce the ages of a Projection to what reports need; draws stay.

    Parameters
    ----------
    projection : xarray.Dataset
        From `forecast`.

    Returns
    -------
    xarray.Dataset
        ``population_5y`` by five-year groups, rates, movements, dependency
        ratios by ``place``, totals of members and the economy.
    """
    groups = (AGES // 5) * 5
    population = projection["population"].assign_coords(age=groups).groupby("age").sum().astype(np.float32)
    everyone = projection["population"].sum(["sex", "age"])
    keep = ("tfr", "tfr_area", "e0", "births", "deaths", "moves", *economy_names(), *ratio_names())
    out = projection[list(keep)].drop_vars("age", errors="ignore")
    out["population_5y"] = population.transpose("draw", "area", "sex", "age", "year")
    out["rural_share"] = everyone.sel(area="rural", drop=True) / everyone.sum("area")
    out["e0_national"] = _national_e0(projection["pensioner_mortality"])
    out["contributors_total"] = projection["contributors_year_end"]
    out["pensioners_total"] = projection["pensioners_year_end"]
    ratios = dependency.ratios(projection["population"])
    out = xr.merge([out, ratios], join="exact")
    return out.assign(system_ratio=out["pensioners_total"] / out["contributors_total"])


def economy_names() -> tuple[str, ...]:
    """Return the names of the economy's variables."""
    return ("rural_income", "price_index", "budget_revenue", "land_income", "deposit_rate", "market_return")


def ratio_names() -> tuple[str, ...]:
    """Return the names of the membership ratios."""
    return ("contribution_ratio", "basic_ratio", "employee_share", "compliance", "take_up")


def _national_e0(mortality_rates: xr.DataArray) -> xr.DataArray:
    by_age_last = mortality_rates.transpose("draw", "sex", "year", "age")
    e0 = np.concatenate([lifetable.expectancy(by_age_last.values[part]) for part in _parts(by_age_last.sizes["draw"])])
    return by_age_last.isel(age=0, drop=True).copy(data=e0)


def fiscal_subsidy(tables: Tables) -> pd.Series:
    """Return the fiscal subsidy of the scheme, yuan a year; its newest years may be estimates."""
    return membership_data.fiscal_subsidy(tables)


def published_basic_pension(tables: Tables) -> xr.DataArray:
    """Return the basic pension per pensioner, with the steps already announced.

    Parameters
    ----------
    tables : Tables

    Returns
    -------
    xarray.DataArray, dims (year,)
        Yuan per pensioner and year: as paid (`membership_data`), then up by
        each announced rise of the national minimum; local top-ups stay.
    """
    paid = membership_data.basic_pension_per_head(tables)
    last = int(paid.index[-1])
    minimum = tables.series("basic_pension_minimum")
    rises = 12.0 * minimum.loc[last:].diff().dropna()
    path = pd.concat([paid, paid.iloc[-1] + rises.cumsum()])
    return xr.DataArray(path.to_numpy(), {"year": path.index.to_numpy()}, ("year",))
