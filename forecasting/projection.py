"""Put fitted parts together into a Projection."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import xarray as xr

from forecasting import _answers, _deviates, _schemes, classical, dependency
from forecasting._fits import ALL_MODELS, BAYESIAN, METHODS, MODELS, ORDER, SCHEME_MODELS, Fits, Report, fit
from forecasting._people import (
    FIRST_YEAR,
    mortality_drivers,
    national_e0,
    national_mortality,
    projected,
    reconstructed,
)
from forecasting._people_shock import PeopleShock
from forecasting._schemes import for_schemes, medical_again
from forecasting.axes import AGES
from forecasting.models import economy, membership, membership_data

if TYPE_CHECKING:
    from forecasting.sources import Tables

__all__ = [
    "ALL_MODELS",
    "FIRST_YEAR",
    "METHODS",
    "MODELS",
    "ORDER",
    "SCHEME_MODELS",
    "Fits",
    "PeopleShock",
    "Report",
    "completed",
    "economy_names",
    "fiscal_subsidy",
    "fit",
    "for_schemes",
    "forecast",
    "hindcast",
    "history",
    "joining",
    "medical_again",
    "published_basic_pension",
    "ratio_names",
    "summary",
]


def forecast(fits: Fits, last_year: int = 2100, shock: PeopleShock | None = None) -> xr.Dataset:
    """Carry people, membership and economy to `last_year` on joint draws.

    Parameters
    ----------
    fits : Fits
        From `fit`.
    last_year : int
        Last year of the Projection, after the base year. A later one, up to
        2100, leaves the years before it as they are: every path is drawn year
        by year, and those of births and deaths to 2100 whatever is asked.
    shock : PeopleShock, optional
        Fewer births or longer lives from a year on. Every innovation is drawn
        as without it, so that draw by draw the difference is the shock's.

    Returns
    -------
    xarray.Dataset
        A Projection: the variables of `forecasting.axes.VARIABLES` from
        `FIRST_YEAR` on, with ``contributors_year_end`` and
        ``pensioners_year_end`` (draw, year), the membership ratios, and
        over (draw,) how far the answers to a reform lie from the middle of
        their priors, in standard deviations, and over (draw, year) the
        innovations of sources of money (`forecasting.axes.SOURCES`). Attribute ``base_year`` is the
        last reconstructed year-end.
        A variable that a baseline carried on has its attributes ``method``,
        ``form`` and ``fallback``; the last says why a random walk stands in for
        it, and is empty where none does.

    Raises
    ------
    ValueError
        If the first year of the shock is not ahead of the base year, or beyond the last.
    """
    people = projected(fits, last_year, shock)
    return completed(fits, people, joining(fits, people))


def joining(fits: Fits, people: xr.Dataset) -> xr.Dataset:
    """Draw who of the `people` contributes to the resident pension, and who draws it: the second part of `forecast`.

    Parameters
    ----------
    fits : Fits
    people : xarray.Dataset
        From `forecasting._people.projected`.

    Returns
    -------
    xarray.Dataset
        As `forecasting.models.membership.forecast`.
    """
    return _membership(fits, people["population"].sum("area"), history(fits.tables), "membership")


def completed(fits: Fits, people: xr.Dataset, members: xr.Dataset) -> xr.Dataset:
    """Draw the economy and what no figure tells, and put all parts together: the last part of `forecast`.

    Parameters
    ----------
    fits : Fits
    people, members : xarray.Dataset
        From `forecasting._people.projected` and `joining`, on as many draws.

    Returns
    -------
    xarray.Dataset
        As `forecast`.
    """
    nation = people["population"].sum("area")
    people_log = np.log(nation.sum(["sex", "age"]).values)
    # Of the first year, which is past, nothing is read.
    growth = np.diff(people_log, axis=1, prepend=people_log[:, :1])
    money = _economy(fits, nation["year"].values, growth)
    answers = _answers.deviates(people["draw"], fits.stream)
    sources = _deviates.yearly(people["draw"], people["year"].values, fits.stream)
    return _joined(people, members, money).assign(answers).assign(sources)


def hindcast(fits: Fits, origin: int) -> xr.Dataset:
    """Simulate membership from `origin` to the base year, knowing only the totals up to `origin`.

    Population and economy are as observed; the parameters are those of the
    full fit, so this tests the dynamics, not the choice of the model. A baseline
    in place of the membership model moves from the origin as it would from today.

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
    past = reconstructed(fits)
    nation = past["population"].sum("area")
    members = _membership(fits, nation, history(fits.tables).until(origin), f"hindcast {origin}")
    years = nation["year"].values
    past["pensioner_mortality"] = national_mortality(fits, mortality_drivers(fits, years))
    money = _economy(fits, years)
    return _joined(past, members, money)


def history(tables: Tables) -> membership.History:
    """Return the observed totals of the scheme from `FIRST_YEAR` on."""
    contributors, pensioners = (tables.series(name).loc[FIRST_YEAR:] for name in ("contributors", "pensioners"))
    return membership.History(contributors.index.to_numpy(), contributors.to_numpy(), pensioners.to_numpy())


def _membership(fits: Fits, nation: xr.DataArray, known: membership.History, name: str) -> xr.Dataset:
    posterior, inputs = fits.posteriors["membership"], fits.inputs["membership"]
    method = fits.methods["membership"]
    if method == BAYESIAN:
        return membership.forecast(posterior, inputs, known, nation, fits.stream(name))
    return classical.membership(method, inputs, fits.stream(name), posterior=posterior, history=known, people=nation)


def _economy(fits: Fits, years: np.ndarray, growth: np.ndarray | None = None) -> xr.Dataset:
    """Draw the economy of `years`; only the model makes it follow the `growth` of people."""
    method, rng = fits.methods["economy"], fits.stream("economy path")
    if method == BAYESIAN:
        return economy.forecast(fits.posteriors["economy"], years, rng, growth)
    return classical.economy(method, fits.inputs["economy"], years, rng, draws=fits.settings.draws)


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


def summary(projection: xr.Dataset, own: Mapping[str, xr.Dataset] | None = None) -> xr.Dataset:
    """Reduce the ages of a Projection to what reports need; draws stay.

    Parameters
    ----------
    projection : xarray.Dataset
        From `forecast`.
    own : mapping of str to xarray.Dataset, optional
        What schemes have of their own, from `for_schemes`.

    Returns
    -------
    xarray.Dataset
        ``population_5y`` by five-year groups, rates, movements, dependency
        ratios by ``place``, totals of members and the economy; of schemes what has no ages, NaN before their years.
    """
    groups = (AGES // 5) * 5
    population = projection["population"].assign_coords(age=groups).groupby("age").sum().astype(np.float32)
    everyone = projection["population"].sum(["sex", "age"])
    keep = ("tfr", "tfr_area", "e0", "births", "deaths", "moves", *economy_names(), *ratio_names())
    out = projection[list(keep)].drop_vars("age", errors="ignore")
    out["population_5y"] = population.transpose("draw", "area", "sex", "age", "year")
    out["rural_share"] = everyone.sel(area="rural", drop=True) / everyone.sum("area")
    out["e0_national"] = national_e0(projection["pensioner_mortality"])
    out["contributors_total"] = projection["contributors_year_end"]
    out["pensioners_total"] = projection["pensioners_year_end"]
    ratios = dependency.ratios(projection["population"])
    out = xr.merge([out, ratios], join="exact")
    out = out.assign(system_ratio=out["pensioners_total"] / out["contributors_total"])
    if not own:
        return out
    told = _schemes.summary(own).reindex(year=out["year"])
    return xr.merge([out, told], join="exact", combine_attrs="override")


def economy_names() -> tuple[str, ...]:
    """Return the names of the economy's variables."""
    return ("rural_income", "price_index", "budget_revenue", "land_income", "deposit_rate", "market_return")


def ratio_names() -> tuple[str, ...]:
    """Return the names of the membership ratios."""
    return ("contribution_ratio", "basic_ratio", "employee_share", "compliance", "take_up")


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
