"""Reconstruct the past population and project the future on joint draws."""

from __future__ import annotations

import numpy as np
import xarray as xr

from forecasting import classical, cohort, lifetable
from forecasting._fits import BAYESIAN, Fits
from forecasting._people_shock import PeopleShock, scaled_from_60
from forecasting.axes import AGES, AREAS, SEXES
from forecasting.models import fertility, migration, mortality

FIRST_YEAR = 2010
"""First year of a Projection: the pilots of the scheme began in the last months of 2009."""

BLOCK = 125
"""Draws projected at once: bounds the memory of the full age cube."""


def reconstructed(fits: Fits) -> xr.Dataset:
    """Return the population and its movements from `FIRST_YEAR` to the base year, draw by draw."""
    past = migration.reconstruct(fits.posteriors["migration"], fits.inputs["migration"])
    return past.sel(year=slice(FIRST_YEAR, None))


def projected(fits: Fits, last_year: int, shock: PeopleShock | None = None) -> xr.Dataset:
    """Reconstruct the past and project the future, a block of draws at a time.

    Parameters
    ----------
    fits : Fits
    last_year : int
    shock : PeopleShock, optional
        What befalls people; every innovation is drawn as without it.

    Returns
    -------
    xarray.Dataset
        ``population``, ``births``, ``deaths``, ``moves``, ``tfr``, ``tfr_area``,
        ``e0`` and ``pensioner_mortality``; attribute ``base_year``. Under a baseline ``tfr``, ``moves`` and
        ``pensioner_mortality`` have its attributes ``method``, ``form`` and ``fallback``.
    """
    past = reconstructed(fits)
    base_year = int(past["year"][-1])
    if shock is not None:
        shock.refuse(base_year, last_year)
    ahead = np.arange(base_year + 1, max(last_year, classical.HORIZON) + 1)
    moves = _moves(fits, ahead) if shock is None else shock.moved(_moves(fits, ahead))
    births, drivers = (part.sel(year=slice(None, last_year)) for part in _rates(fits, past, moves))
    if shock is not None:
        births, drivers = _shocked(fits, births, drivers, shock)
    moves = moves.sel(year=slice(None, last_year))
    parts = (past, births, drivers, moves)
    blocks = [_block(*(part.isel(draw=some) for part in parts)) for some in _blocks(past.sizes["draw"])]
    out = xr.concat(blocks, "draw")
    out["tfr"], out["tfr_area"] = births["tfr"], births["tfr_area"]
    out["pensioner_mortality"] = national_mortality(fits, drivers)
    # Where a baseline stands in, what it was fitted as.
    out["pensioner_mortality"].attrs, out["moves"].attrs = drivers["K"].attrs, moves["speed"].attrs
    out.attrs["base_year"] = base_year
    return out


def _moves(fits: Fits, ahead: np.ndarray) -> xr.Dataset:
    """Draw what moves people in the years `ahead`."""
    posterior, rng = fits.posteriors["migration"], fits.stream("migration path")
    method = fits.methods["migration"]
    if method == BAYESIAN:
        return migration.forecast(posterior, ahead, rng)
    return classical.migration(method, fits.inputs["migration"], ahead, rng, posterior=posterior)


def speed_of_moves(fits: Fits, last_year: int) -> xr.DataArray:
    """Return the speed of rural-to-urban moves as drawn, (draw, year), from the year after the base year on.

    Parameters
    ----------
    fits : Fits
    last_year : int

    Returns
    -------
    xarray.DataArray
        Per year: how fast the urban share goes towards its ceiling.
    """
    base_year = int(reconstructed(fits)["year"][-1])
    ahead = np.arange(base_year + 1, max(last_year, classical.HORIZON) + 1)
    return _moves(fits, ahead)["speed"].sel(year=slice(None, last_year))


def _rates(fits: Fits, past: xr.Dataset, moves: xr.Dataset) -> tuple[xr.Dataset, xr.Dataset]:
    """Draw what births and deaths follow, in past years and in those of `moves`."""
    years = np.concatenate([past["year"].values, moves["year"].values])
    shares = _rural_shares(past, moves)
    births = _fertility(fits, years, shares["women"])
    drivers = mortality_drivers(fits, years)
    shift = np.exp(fits.posteriors["migration"]["mortality_shift"].values)
    return births, drivers.assign(rural_share=(("draw", "year"), shares["people"]), shift=(("draw",), shift))


def _shocked(fits: Fits, births: xr.Dataset, drivers: xr.Dataset, shock: PeopleShock) -> tuple[xr.Dataset, xr.Dataset]:
    """Let a shock act on what births and deaths follow; ``old_age_scale`` is a factor on death rates from 60 on."""
    if shock.e60_gain:
        scale = shock.old_age_scale(national_mortality(fits, drivers).values, drivers["year"].values)
        drivers = drivers.assign(old_age_scale=(("draw", "sex", "year"), scale))
    return shock.fewer(births), drivers


def _fertility(fits: Fits, years: np.ndarray, rural_women: np.ndarray) -> xr.Dataset:
    """Draw the fertility of `years`; `rural_women` is the rural share of women, (draw, year)."""
    method, inputs, rng = fits.methods["fertility"], fits.inputs["fertility"], fits.stream("fertility path")
    if method == BAYESIAN:
        return fertility.forecast(fits.posteriors["fertility"], years, rng, inputs, rural_women)
    draws = fits.settings.draws
    return classical.fertility(method, inputs, years, rng, draws=draws, rural_women_share=rural_women)


def mortality_drivers(fits: Fits, years: np.ndarray) -> xr.Dataset:
    """Draw what the death rates of `years` follow."""
    method, inputs, rng = fits.methods["mortality"], fits.inputs["mortality"], fits.stream("mortality path")
    if method == BAYESIAN:
        return mortality.forecast(fits.posteriors["mortality"], years, rng, inputs)
    e0 = sum(fits.tables.series("e0", sex=sex) for sex in SEXES) / len(SEXES)
    return classical.mortality(method, inputs, years, rng, e0=e0, draws=fits.settings.draws)


def _blocks(draws: int) -> list[slice]:
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


def national_mortality(fits: Fits, drivers: xr.Dataset) -> xr.DataArray:
    """Return the death rates of members: those of the nation, on the level of the reconstruction."""
    shift = np.exp(fits.posteriors["migration"]["mortality_shift"].values).astype(np.float32)
    out = np.empty((len(shift), len(SEXES), len(AGES), drivers.sizes["year"]), dtype=np.float32)
    for part in _blocks(len(shift)):
        some = drivers.isel(draw=part)
        out[part] = mortality.national(some) * shift[part, None, None, None]
        if "old_age_scale" in some:
            out[part] = scaled_from_60(out[part], some["old_age_scale"].values)
    axes = {"draw": drivers["draw"].values, "sex": list(SEXES), "age": AGES, "year": drivers["year"].values}
    return xr.DataArray(out, coords=axes, dims=tuple(axes))


def _block(past: xr.Dataset, births: xr.Dataset, drivers: xr.Dataset, moves: xr.Dataset) -> xr.Dataset:
    """Project one block of draws and join it to its past."""
    rural, shift = drivers["rural_share"].values, drivers["shift"].values
    mx = mortality.rates(drivers, rural[:, None, None, :]) * shift[:, None, None, None, None]
    if "old_age_scale" in drivers:
        mx = scaled_from_60(mx, drivers["old_age_scale"].values[:, None])
    by_age_last = np.moveaxis(mx, 3, 4)
    e0 = lifetable.expectancy(by_age_last)
    first = past.sizes["year"]
    survival = np.ascontiguousarray(np.moveaxis(lifetable.survival(by_age_last[:, :, :, first:]), 4, 3))
    ahead = cohort.project(
        np.ascontiguousarray(past["population"].isel(year=-1).values),
        survival,
        np.ascontiguousarray(fertility.asfr(births.isel(year=slice(first, None)))),
        speed=moves["speed"].values,
        ceiling=moves["ceiling"].values,
        schedule=moves["schedule"].values,
        sex_ratio=float(past.attrs["sex_ratio"]),
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


def national_e0(mortality_rates: xr.DataArray) -> xr.DataArray:
    """Return life expectancy at birth (draw, sex, year) from death rates (draw, sex, age, year)."""
    by_age_last = mortality_rates.transpose("draw", "sex", "year", "age")
    e0 = np.concatenate([lifetable.expectancy(by_age_last.values[part]) for part in _blocks(by_age_last.sizes["draw"])])
    return by_age_last.isel(age=0, drop=True).copy(data=e0)
