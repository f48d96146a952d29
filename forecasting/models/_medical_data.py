"""The figures that the medical model learns from, as plain arrays."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import xarray as xr

from forecasting.axes import AGES, PENSION_AGE, WORKING_AGE
from forecasting.models.membership_data import employee_contributors, rural_income

if TYPE_CHECKING:
    from forecasting.sources import Tables

FIRST_YEAR = 2018
"""From this year on the series hold the merged rural scheme."""

EMPLOYED_FROM = 25
"""Age from which the employee scheme's share of people of working age is level; it rises in a line from 16.

A judgement: most leave school between, and the model needs only who is outside.
"""

SURVEY_YEAR = 2013
"""Year of the chronic prevalence by age (Fifth National Health Services Survey)."""

CONTRAST_YEAR = 2021
"""Year in which stays of retired and of working employees were published."""

FEWEST = 4
"""Fewest years of enrolment that a model is fitted to."""


def data_of(tables: Tables, people: xr.DataArray) -> dict[str, np.ndarray]:
    """Collect the figures; a year without one is NaN.

    Parameters
    ----------
    tables : forecasting.sources.Tables
    people : xarray.DataArray, dims (sex, age, year)
        National population at 31 December, from `SURVEY_YEAR` on at the latest.

    Returns
    -------
    dict of str to numpy.ndarray
        ``years`` (T); series over them; ``people`` and ``employee_people`` (sex, age, T) at mid-year; ``structure``
        (sex x age, T), the shares of those outside the employee scheme; and the contrasts by age.

    Raises
    ------
    ValueError
        If enrolment is known for fewer than `FEWEST` years.
    """
    enrolled = tables.series("resident_enrollees_longrun").loc[FIRST_YEAR:]
    years = enrolled.index.to_numpy()
    if years.size < FEWEST:
        raise ValueError(f"{years.size} years of medical enrolment are known from {FIRST_YEAR} on: {FEWEST} are needed")
    mid = _middle(people).sel(year=years)
    covered = employee_people(mid, *(s.loc[years] for s in _pension_shares(tables, people)))
    employees = _on(years, _employees(tables))
    ratio = np.nanmean(employees / covered.sum(axis=(0, 1)))
    outside = (mid.to_numpy() - ratio * covered).reshape(-1, years.size)
    income = rural_income(tables)
    return {
        "years": years,
        "people": mid.to_numpy(),
        "employee_people": covered,
        "structure": outside / outside.sum(axis=0),
        "enrolled": enrolled.to_numpy(),
        "employees": employees,
        "income": income.loc[years].to_numpy(),
        "contribution": contribution_ratio(tables).loc[years].to_numpy(),
        **_series(tables, years),
        **_contrasts(tables, people, mid, covered),
    }


def employee_people(people: xr.DataArray, share: pd.Series, drawing: pd.Series) -> np.ndarray:
    """Return people of the employee pension scheme by sex and age: those who contribute and those who draw it.

    Parameters
    ----------
    people : xarray.DataArray, dims (sex, age, year)
        At mid-year.
    share : pandas.Series
        Contributors of the employee scheme over people of working age.
    drawing : pandas.Series
        Resident pensioners over people of `PENSION_AGE` and over: the others draw the employee pension.

    Returns
    -------
    numpy.ndarray, shape (sex, age, year)
    """
    counts = people.to_numpy()
    out = counts * working_profile(counts, share.to_numpy())
    out[:, PENSION_AGE:] = counts[:, PENSION_AGE:] * (1.0 - drawing.to_numpy())
    return out


def working_profile(counts: np.ndarray, share: np.ndarray) -> np.ndarray:
    """Return the employee share by age that has mean `share` over people of working age.

    Parameters
    ----------
    counts : numpy.ndarray, shape (..., sex, age, year)
        People.
    share : numpy.ndarray, shape (..., year)

    Returns
    -------
    numpy.ndarray, shape (..., 1, age, year)
        Nought outside `WORKING_AGE`.
    """
    low, high = WORKING_AGE
    rise = np.where(
        (low <= AGES) & (high >= AGES), np.clip((AGES - low + 1) / (EMPLOYED_FROM - low + 1), 0.0, 1.0), 0.0
    )
    inside = rise > 0
    both = counts.sum(axis=-3)
    mean = np.einsum("a,...ay->...y", rise, both) / both[..., inside, :].sum(axis=-2)
    return np.asarray(np.minimum(rise[:, None] * (share / mean)[..., None, :], 1.0)[..., None, :, :])


def contribution_ratio(tables: Tables) -> pd.Series:
    """Return the individual contribution over rural income, both of the year before, when it is collected.

    A notice that was not found stands on the line (of logs) between its neighbours.

    Returns
    -------
    pandas.Series
        By the year insured.
    """
    paid = tables.series("individual_contribution_per_head")
    whole = pd.Series(np.log(paid), index=np.arange(paid.index[0], paid.index[-1] + 1)).interpolate()
    ratio = np.exp(whole) / rural_income(tables).loc[whole.index]
    return ratio.rename(index=lambda year: year + 1)


def counted_twice(years: np.ndarray) -> np.ndarray:
    """Return what is left of the double counts of 2018, shape (year,); one national register ended them by 2022."""
    return np.interp(years, [2018, 2022], [1.0, 0.0])


def vaccinated(years: np.ndarray) -> np.ndarray:
    """Return what the fund paid for COVID vaccines over what it paid in 2021, shape (year,)."""
    return np.interp(years, [2020, 2021, 2022, 2023], [0.0, 1.0, 0.5, 0.0])


def _middle(people: xr.DataArray) -> xr.DataArray:
    """Bring year-ends to mid-year."""
    return ((people + people.shift(year=1)) / 2).isel(year=slice(1, None)).transpose("sex", "age", "year")


def _pension_shares(tables: Tables, people: xr.DataArray) -> tuple[pd.Series, pd.Series]:
    """Return, at mid-year, the employee share of working age and resident pensioners over people of 60 and over."""
    both = people.sum("sex")
    counts = employee_contributors(tables), tables.series("pensioners")
    groups = slice(*WORKING_AGE), slice(PENSION_AGE, None)
    ends = [
        (count / both.sel(age=ages).sum("age").to_pandas()).dropna() for count, ages in zip(counts, groups, strict=True)
    ]
    return ends[0].rolling(2).mean(), ends[1].rolling(2).mean()


def _employees(tables: Tables) -> pd.Series:
    """Return people in the employee medical scheme: published, or all schemes less the resident one."""
    rest = tables.series("basic_insurance_enrollees") - tables.series("resident_enrollees")
    return tables.series("employee_enrollees").combine_first(rest.dropna())


def _on(years: np.ndarray, series: pd.Series) -> np.ndarray:
    return series.reindex(years).to_numpy(dtype=float)


def _series(tables: Tables, years: np.ndarray) -> dict[str, np.ndarray]:
    """Return counts and yuan of the scheme over `years`."""
    names = {
        "stays": "resident_discharges",
        "stay_cost": "resident_inpatient_cost",
        "visits": "resident_outpatient_visits_longrun",
        "visit_cost": "resident_outpatient_cost",
        "chronic": "resident_chronic_outpatient_cost",
        "spent": "resident_fund_expenditure",
    }
    out = {name: _on(years, tables.series(indicator)) for name, indicator in names.items()}
    first = tables.series("flash_resident_fund_expenditure")
    out["flash_spent"] = _on(years, first)
    out["reimbursed_stays"] = _on(years, tables.series("resident_inpatient_actual_reimbursement_rate"))
    rural = tables.series("flash_rural_scheme_enrollees").loc[FIRST_YEAR]
    out["least_counted"] = np.array(1.0 - rural / tables.series("resident_enrollees_longrun").loc[FIRST_YEAR])
    return out


def _contrasts(tables: Tables, people: xr.DataArray, mid: xr.DataArray, covered: np.ndarray) -> dict[str, np.ndarray]:
    """Return the published differences between ages, with the weights of the ages that each is a mean over."""
    rows = tables.table("chronic_disease_prevalence", area="national", year=SURVEY_YEAR)
    groups = rows[rows["age"] != "15+"]
    then = people.sel(year=SURVEY_YEAR).sum("sex").to_numpy()
    weights = np.stack([_inside(low, high) * then for low, high in zip(groups.age_from, groups.age_to, strict=True)])
    working = covered[..., list(mid["year"].values).index(CONTRAST_YEAR)]
    old = (AGES >= PENSION_AGE).astype(float)
    everyone = mid.sel(year=FIRST_YEAR).to_numpy()
    rates = tables.table("hospitalisation_rate", area="national", year=FIRST_YEAR).set_index("age")["value"]
    return {
        "prevalence": groups["value"].to_numpy(),
        "prevalence_weights": weights / weights.sum(axis=1, keepdims=True),
        "retired_over_working": np.array(tables.series("employee_inpatient_rate_retired_to_active").loc[CONTRAST_YEAR]),
        "retired": _shares(working * old),
        "working": _shares(working * (1.0 - old)),
        "old_over_all": np.array(rates["60+"] / rates["all"]),
        "old": _shares(everyone * old),
        "all": _shares(everyone),
    }


def _inside(low: float, high: float) -> np.ndarray:
    return ((low <= AGES) & (high >= AGES)).astype(float)


def _shares(counts: np.ndarray) -> np.ndarray:
    return counts.ravel() / counts.sum()
