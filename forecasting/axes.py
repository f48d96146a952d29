"""Names, order, units and checks of every axis and variable.

The one place for each name. A Projection and an account are plain
:class:`xarray.Dataset` objects whose dimensions are a subset of :data:`AXES`
in that order and whose variables are those of :data:`VARIABLES`, of :data:`SOURCES` where
a source of money swings, and of :data:`SCHEMES` where another scheme than the
pension is valued.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import xarray as xr

AXES = ("scenario", "draw", "region", "area", "sex", "age", "year", "month")
"""Canonical order of dimensions; any may be absent and then broadcasts."""

AREAS = ("rural", "urban")
SEXES = ("female", "male")
MAX_AGE = 100
"""The last age is open: index 100 means 100 and over."""

AGES = np.arange(MAX_AGE + 1)

MONTHS = np.arange(1, 13)
"""Calendar months inside a year."""

WORKING_AGE = (16, 59)
"""Ages, completed, at which residents may contribute (State Council 2014 No. 8, art. 3)."""

PENSION_AGE = 60
"""Age, completed, at which the resident pension starts (State Council 2014 No. 8, art. 7)."""


class AxisError(ValueError):
    """A label, a dimension or a value that does not fit; lists every fault."""

    def __init__(self, faults: Iterable[str]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(self.faults))


@dataclass(frozen=True)
class Variable:
    """What one variable of a Projection or an account means.

    Attributes
    ----------
    unit : str
        Unit as printed in tables and charts.
    time : str
        ``31 December``, ``mid-year`` or ``during the year``.
    meaning : str
        One line for a reader.
    low, high : float
        Bounds that no value may pass.
    """

    unit: str
    time: str
    meaning: str
    low: float = -np.inf
    high: float = np.inf


def _stock(unit: str, meaning: str) -> Variable:
    return Variable(unit, "31 December", meaning, low=0.0)


def _flow(unit: str, meaning: str, low: float = 0.0, high: float = np.inf) -> Variable:
    return Variable(unit, "during the year", meaning, low, high)


PEOPLE = {
    "population": _stock("persons", "People by area, sex and single age, 100 open"),
    "births": _flow("persons", "Live births"),
    "deaths": _flow("persons", "Deaths"),
    "moves": _flow("persons", "Net moves into the area", low=-np.inf),
    "tfr": _flow("children per woman", "Total fertility rate", high=12.0),
    "e0": _flow("years", "Period life expectancy at birth", high=120.0),
    "contributors": Variable("persons", "mid-year", "Members who contribute in the year", low=0.0),
    "pensioners": Variable("persons", "mid-year", "People who draw the basic pension", low=0.0),
    "pensioner_mortality": _flow("per year", "Death rate that applies to members", high=5.0),
    "contribution_per_head": _flow("yuan per contributor and year", "Average individual contribution"),
}
"""Variables of the people half of a Projection."""

ECONOMY = {
    "rural_income": _flow("yuan per head and year", "Rural disposable income per head"),
    "price_index": _flow("1 = base year", "Consumer price index"),
    "budget_revenue": _flow("yuan", "General public budget revenue of the nation"),
    "land_income": _flow("yuan", "Income from transfers of state-owned land-use rights"),
    "deposit_rate": _flow("per year", "One-year deposit rate", low=-0.1, high=0.5),
    "market_return": _flow("per year", "Return of the entrusted market portfolio", low=-0.95, high=3.0),
}
"""Variables of the economy half of a Projection."""

MEDICAL = {
    "insured": Variable("persons", "mid-year", "People enrolled in the resident medical scheme", low=0.0),
    "enrolment_rate": _flow("share", "People enrolled over those outside the employee scheme", high=1.0),
    "enrolment_response": Variable(
        "1", "during the year", "Fall of the logit of enrolment for a rise of one in log contribution over income", 0.0
    ),
    "inpatient_age": _flow("ratio", "Stays by sex and age, over the mean of those insured in the last observed year"),
    "inpatient_level": _flow("stays per person and year", "Hospital stays of a person with an `inpatient_age` of one"),
    "inpatient_cost_age": _flow("ratio", "Cost per stay by age, over the mean stay of the last observed year"),
    "inpatient_cost": _flow("yuan per stay", "Cost of a stay with an `inpatient_cost_age` of one"),
    "outpatient_age": _flow("ratio", "Visits by sex and age, over the mean of those insured in the last observed year"),
    "outpatient_level": _flow("visits per person and year", "Visits of a person with an `outpatient_age` of one"),
    "outpatient_cost": _flow("yuan per visit", "Cost of an ordinary outpatient visit"),
    "chronic_outpatient": _flow("yuan per person and year", "Cost of the chronic and special outpatient programme"),
    "chronic_prevalence": _flow("share", "People with a chronic disease, by age", high=1.0),
    "reimbursed_inpatient": _flow("share", "Part of the cost of stays that the fund pays", high=1.0),
    "reimbursed_outpatient": _flow("share", "Part of the cost of ordinary visits that the fund pays", high=1.0),
    "reimbursed_chronic": _flow("share", "Part of the cost of the chronic programme that the fund pays", high=1.0),
}
"""Variables of the resident medical scheme."""

LABOUR = {
    "urban_unemployment": Variable("share", "during the month", "Surveyed urban unemployment rate", 0.0, 1.0),
    "migrant_unemployment": Variable("share", "during the month", "The same of rural people in towns", 0.0, 1.0),
    "migrant_workers": _flow("persons", "Migrant workers, near home and away"),
    "migrant_wage": _flow("yuan per worker and year", "Income from work of a migrant worker"),
}
"""Variables that a fund for unemployment reads."""

SOURCES = {
    name: Variable("standard deviations", "during the year", meaning)
    for name, meaning in {
        "collective_deviate": "What is new in a year in the log of collective subsidies",
        "donations_deviate": "What is new in a year in the log of donations",
        "platform_deviate": "What is new in a year in the log of what platform companies pay",
        "bond_deviate": "Return of bonds beside its mean",
        "project_deviate": "Return of national projects beside its mean",
    }.items()
}
"""Standard normals by which sources of money swing; a Projection may lack them where no source swings."""

VARIABLES = PEOPLE | ECONOMY

SCHEMES = MEDICAL | LABOUR
"""Variables of other schemes than the pension; a Projection may lack them."""


def canonical(data: xr.Dataset) -> xr.Dataset:
    """Put the dimensions of every variable in canonical order.

    Parameters
    ----------
    data : xarray.Dataset
        Any Dataset whose dimensions are names of :data:`AXES`.

    Returns
    -------
    xarray.Dataset
        The same values; dimensions follow :data:`AXES`.

    Raises
    ------
    AxisError
        If a dimension is not a name of :data:`AXES`.
    """
    strange = [str(d) for d in data.dims if d not in AXES]
    if strange:
        raise AxisError(f"dimension {d!r} is unknown: use one of {', '.join(AXES)}" for d in strange)
    return data.transpose(*(a for a in AXES if a in data.dims))


def check(data: xr.Dataset) -> xr.Dataset:
    """Check a Projection: known variables, finite values in bounds, whole axes.

    Parameters
    ----------
    data : xarray.Dataset
        A Projection (or part of one).

    Returns
    -------
    xarray.Dataset
        The Dataset in canonical order.

    Raises
    ------
    AxisError
        Listing every fault found.
    """
    data = canonical(data)
    faults = [*_axis_faults(data)]
    for name, values in data.data_vars.items():
        faults += _value_faults(str(name), values)
    if faults:
        raise AxisError(faults)
    return data


def _axis_faults(data: xr.Dataset) -> list[str]:
    faults = [f"axis {a!r} has no labels: give the Dataset coordinates" for a in data.dims if a not in data.coords]
    if "year" in data.coords:
        years = data["year"].values
        missing = sorted(set(range(int(years.min()), int(years.max()) + 1)) - set(years.tolist()))
        faults += [f"year {y} is missing: years run without a gap" for y in missing]
        if (np.diff(years) < 0).any() or len(set(years.tolist())) != len(years):
            faults.append("years are not strictly increasing: sort them, each once")
    for axis, labels in (("sex", SEXES), ("area", AREAS), ("month", tuple(MONTHS.tolist()))):
        if axis in data.coords:
            strange = [str(v) for v in data[axis].values if v not in labels]
            faults += [f"{axis} {v!r} is unknown: use {' or '.join(map(str, labels))}" for v in strange]
    return faults


def _value_faults(name: str, values: xr.DataArray) -> list[str]:
    known = (VARIABLES | SCHEMES | SOURCES).get(name)
    if known is None:
        return [f"variable {name!r} is unknown: use one of {', '.join(VARIABLES | SCHEMES | SOURCES)}"]
    if not np.isfinite(values.values).all():
        return [f"variable {name!r} has values that are not finite"]
    low, high = float(values.min()), float(values.max())
    if low < known.low or high > known.high:
        return [
            f"variable {name!r} runs from {low:g} to {high:g} {known.unit}: allowed is {known.low:g} to {known.high:g}"
        ]
    return []


def require(data: xr.Dataset, names: Iterable[str]) -> None:
    """Raise one error that names every variable in `names` that `data` lacks.

    Parameters
    ----------
    data : xarray.Dataset
        A Projection.
    names : iterable of str
        Names of variables that the caller needs.

    Raises
    ------
    AxisError
        Listing every missing variable.
    """
    missing = [n for n in names if n not in data]
    if missing:
        raise AxisError(f"the projection lacks variable {n!r}" for n in missing)


def join_years(data: xr.Dataset, years: np.ndarray) -> xr.Dataset:
    """Select `years` exactly; a year that is missing is an error, never a NaN.

    Parameters
    ----------
    data : xarray.Dataset
        With axis ``year``.
    years : numpy.ndarray of int
        Years wanted.

    Returns
    -------
    xarray.Dataset
        `data` at `years`.

    Raises
    ------
    AxisError
        Naming each year that `data` does not have.
    """
    missing = sorted(set(np.asarray(years).tolist()) - set(data["year"].values.tolist()))
    if missing:
        raise AxisError(f"year {y} is missing: the projection ends too early or starts too late" for y in missing)
    return data.sel(year=years)
