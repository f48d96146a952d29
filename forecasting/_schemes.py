"""Carry the models of other funds than the pension along a Projection, on its draws."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from forecasting._fits import Fits
from forecasting.axes import MONTHS
from forecasting.models import medical, unemployment

if TYPE_CHECKING:
    from forecasting.sources import Tables


DEVIATES = ("healthy_deviate", "help_deviate")
"""What the time bank does not know of health and of need of help, in standard deviations of its priors."""

COST_DEVIATES = ("building_deviate", "running_deviate")
"""What the plan of elderly care does not know of its costs, in standard deviations of its priors."""


def for_schemes(fits: Fits, projection: xr.Dataset, schemes: Iterable[str]) -> dict[str, xr.Dataset]:
    """Draw what funds besides the pension need, on the draws of a Projection.

    Parameters
    ----------
    fits : Fits
        Fitted with these `schemes`.
    projection : xarray.Dataset
        From `forecast`, of the nation.
    schemes : iterable of str
        ``medical``, ``unemployment``, ``time_bank`` or ``care_plan``; others need nothing.

    Returns
    -------
    dict of str to xarray.Dataset
        By scheme: for the first two the variables of `forecasting.axes.MEDICAL` or `LABOUR`, from the first year that
        its model tells to the last of `projection`; for the others standard normal :data:`DEVIATES` or
        :data:`COST_DEVIATES` (draw,).
    """
    makers = {"medical": _medical, "unemployment": _unemployment, "time_bank": _time_bank, "care_plan": _care_plan}
    return {name: makers[name](fits, projection) for name in schemes if name in makers}


COLLECTED = ("contributions", "fiscal_transfer")
"""Money of the medical fund whose collection strays from its standard from year to year."""


def medical_again(fits: Fits) -> xr.Dataset:
    """Simulate the published years of the medical scheme again.

    Parameters
    ----------
    fits : Fits
        With the model ``medical``.

    Returns
    -------
    xarray.Dataset
        As `forecasting.models.medical.backcast`, and for each of :data:`COLLECTED` its name with ``_deviate``
        (draw, year): standard normal.
    """
    again = medical.backcast(fits.posteriors["medical"], fits.inputs["medical"], fits.settings.seed)
    shape = (again.sizes["year"], len(COLLECTED), again.sizes["draw"])
    drawn = fits.stream("medical income again").standard_normal(shape)
    return again.assign({f"{name}_deviate": (("draw", "year"), drawn[:, i].T) for i, name in enumerate(COLLECTED)})


def summary(own: Mapping[str, xr.Dataset]) -> xr.Dataset:
    """Reduce what schemes have of their own to what reports need; draws stay.

    Parameters
    ----------
    own : mapping of str to xarray.Dataset
        From `for_schemes`.

    Returns
    -------
    xarray.Dataset
        ``insured_total`` (persons) and every variable over (draw, year) or (draw, year, month), from the first year
        that any scheme tells; NaN where another does not.
    """
    parts = []
    for data in own.values():
        kept = data[[name for name in data if "year" in data[name].dims and "age" not in data[name].dims]]
        if "insured" in data:
            about = {"unit": "persons", "meaning": "People enrolled in the resident medical scheme, at mid-year"}
            kept["insured_total"] = data["insured"].sum(["sex", "age"], dtype=float).assign_attrs(about)
        parts.append(kept.drop_vars(["sex", "age"], errors="ignore"))
    return xr.merge(parts, join="outer", combine_attrs="override")


def _time_bank(fits: Fits, projection: xr.Dataset) -> xr.Dataset:
    return _deviates(fits, projection, "time bank", DEVIATES)


def _care_plan(fits: Fits, projection: xr.Dataset) -> xr.Dataset:
    return _deviates(fits, projection, "care plan", COST_DEVIATES)


def _deviates(fits: Fits, projection: xr.Dataset, stream: str, names: tuple[str, ...]) -> xr.Dataset:
    drawn = fits.stream(stream).standard_normal((len(names), projection.sizes["draw"]))
    values = {name: ("draw", one) for name, one in zip(names, drawn, strict=True)}
    return xr.Dataset(values, {"draw": projection["draw"].values})


def _medical(fits: Fits, projection: xr.Dataset) -> xr.Dataset:
    inputs = fits.inputs["medical"]
    paid = contribution(fits.tables, projection["rural_income"], int(inputs["years"][-1]))
    return medical.paths(fits.posteriors["medical"], inputs, projection, fits.settings.seed, paid)


def contribution(tables: Tables, rural_income: xr.DataArray, last: int) -> xr.DataArray:
    """Return what today's law asks of one person insured, for the years after `last`.

    Parameters
    ----------
    tables : Tables
    rural_income : xarray.DataArray, dims (draw?, year)
        Yuan a year.
    last : int
        Last year of the medical figures.

    Returns
    -------
    xarray.DataArray, dims (draw?, year)
        Yuan a head, by the year insured. What a notice of the year before asks for, while there is one; then it
        keeps its ratio to the rural income of the year before, in which it is collected.
    """
    asked = tables.series("individual_contribution_per_head").rename(index=lambda year: year + 1)
    known = max(last, int(asked.index[-1]))
    collected = rural_income.shift(year=1).sel(year=slice(last, None))
    level = float(asked.loc[:known].iloc[-1]) / collected.sel(year=known, drop=True)
    path = level * collected
    fixed = xr.DataArray(asked.to_numpy(), {"year": asked.index.to_numpy()}, ("year",)).reindex(year=path["year"])
    return path.where(fixed.isnull(), fixed).sel(year=slice(last + 1, None))


def _unemployment(fits: Fits, projection: xr.Dataset) -> xr.Dataset:
    posterior, inputs = fits.posteriors["unemployment"], fits.inputs["unemployment"]
    first = int(inputs["months"][0]) // 12
    years = projection["year"].values
    made = unemployment.forecast(
        posterior,
        inputs,
        years[years >= first],
        fits.stream("unemployment path"),
        people=projection["population"],
        rural_income=projection["rural_income"],
    )
    return made.assign(published_rates(inputs, made["year"].values))


def published_rates(inputs: Mapping[str, np.ndarray], years: np.ndarray) -> xr.Dataset:
    """Return the monthly rates that were printed, which the draws of `unemployment.forecast` round about.

    Parameters
    ----------
    inputs : mapping
        As given to `unemployment.build`.
    years : numpy.ndarray of int

    Returns
    -------
    xarray.Dataset
        ``published_urban_unemployment``, ``published_migrant_unemployment`` (of rural migrants), shares, dims (year,
        month); NaN where none was printed.
    """
    months = inputs["months"]
    rural = np.full(months.size, np.nan)
    rural[inputs["rural_months"]] = inputs["rural"]
    asked = 12 * np.asarray(years)[:, None] + np.arange(12)
    place = np.clip(asked - months[0], 0, months.size - 1)
    known = np.isin(asked, months)
    about = {"unit": "share", "meaning": "Surveyed unemployment rate of the month, as printed"}
    rates = {
        f"published_{name}_unemployment": (("year", "month"), np.where(known, series[place], np.nan), about)
        for name, series in {"urban": inputs["urban"], "migrant": rural}.items()
    }
    return xr.Dataset(rates, {"year": years, "month": MONTHS})
