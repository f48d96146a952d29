"""The series that the membership model learns from, as plain arrays."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import xarray as xr

from forecasting.axes import PENSION_AGE, WORKING_AGE
from forecasting.sources import FigureNotFound

if TYPE_CHECKING:
    from forecasting.sources import Tables

FIRST_YEAR = 2012
"""The scheme covered every county from the second half of 2012 (State Council 2014 No. 8 merged it)."""

DERIVED_SD = 0.15
"""Error (log) of the last contribution where it is the fund's income less estimated other parts."""

FEWEST = 3
"""Fewest years of membership that a model is fitted to: two steps."""

YOUNG_ACCOUNTS = 0.08
"""Part of expenditure that is no basic pension, before any account or bulletin has told it: a judgement.

Accounts were opened from 2009 on: by 2015 those who had turned 60 since, a quarter of all pensioners, had a few
contributions in theirs. To that come grants: 2 % in 2015 (expenditure less the benefits paid of the final account).
"""


def data_of(tables: Tables, people: xr.DataArray, memory: float) -> dict[str, np.ndarray]:
    """Collect the series; years run from `FIRST_YEAR` to the last year of membership.

    Parameters
    ----------
    tables : forecasting.sources.Tables
    people : xarray.DataArray, dims (age, year)
        National population at 31 December.
    memory : float
        Years over which the employee share is remembered.

    Returns
    -------
    dict of str to numpy.ndarray

    Raises
    ------
    ValueError
        If membership is known for fewer than `FEWEST` years.
    """
    contributors = tables.series("contributors").loc[FIRST_YEAR:]
    years = contributors.index.to_numpy()
    if years.size < FEWEST:
        raise ValueError(
            f"{years.size} years of membership are known from {FIRST_YEAR} on, when the scheme covered every county: "
            f"{FEWEST} are needed"
        )
    working = people.sel(age=slice(*WORKING_AGE)).sum("age").sel(year=years).to_numpy()
    employees = employee_contributors(tables).loc[years].to_numpy()
    income = rural_income(tables)
    heads = tables.series("contributors").rolling(2).mean()
    contribution = individual_contributions(tables)
    ratio = np.log(contribution / heads.loc[contribution.index] / income.loc[contribution.index])
    basic = np.log(basic_pension_per_head(tables) / income).dropna()
    employee_share = employees / working
    return {
        "years": years,
        "employee_share": employee_share,
        "compliance": _logit(contributors.to_numpy() / (working - employees)),
        "contribution_years": ratio.index.to_numpy(),
        "contribution": ratio.to_numpy(),
        "contribution_now_sd": np.array(DERIVED_SD if _derived(tables) else 0.0),
        "basic_years": basic.index.to_numpy(),
        "basic": basic.to_numpy(),
        **_cohorts(tables, people, years, remembered(_logit(employee_share), memory)),
    }


def remembered(employee_logit: np.ndarray, memory: float, start: np.ndarray | None = None) -> np.ndarray:
    """Smooth the logit of the employee share over `memory` years.

    Parameters
    ----------
    employee_logit : numpy.ndarray, shape (..., T)
    memory : float
        Years.
    start : numpy.ndarray, shape (...,), optional
        What is remembered before the first year; that year's value if left out.

    Returns
    -------
    numpy.ndarray, shape (..., T)
    """
    out = np.empty_like(employee_logit)
    level = employee_logit[..., 0] if start is None else start
    for t in range(employee_logit.shape[-1]):
        level = level + (employee_logit[..., t] - level) / memory
        out[..., t] = level
    return out


def employee_contributors(tables: Tables) -> pd.Series:
    """Return contributors of the employee scheme; the newest years from all its participants.

    The bulletin with the split comes a year after the count of participants:
    until then the share of contributors goes on falling at its last pace.
    """
    everyone, workers = tables.series("employee_participants"), tables.series("employee_contributors")
    share = (workers / everyone).dropna()
    pace = (share.iloc[-1] - share.iloc[-6]) / 5
    later = everyone.loc[share.index[-1] + 1 :]
    ahead = later.index - share.index[-1]
    return pd.concat([workers, later * (share.iloc[-1] + pace * ahead)])


def rural_income(tables: Tables) -> pd.Series:
    """Return rural disposable income per head, yuan, as far back as it is published."""
    return tables.series("rural_disposable_income_per_head", area="rural")


def individual_contributions(tables: Tables) -> pd.Series:
    """Return individual contributions, yuan a year; the newest year as what is left of the fund's income.

    Until the final account appears, the subsidy is that of `fiscal_subsidy`,
    and interest, returns and other income keep their last ratio to the balance.
    The model gives the result a wide error (`DERIVED_SD`).
    """
    paid = tables.series("individual_contributions")
    if not _derived(tables):
        return paid
    last = int(paid.index[-1])
    income, balance = tables.series("fund_income"), tables.series("fund_balance")
    subsidy = fiscal_subsidy(tables).loc[last + 1]
    returns = sum(tables.series(name).loc[last] for name in ("interest", "entrusted_return", "other_income"))
    rest = income.loc[last + 1] - subsidy - returns / balance.loc[last - 1] * balance.loc[last]
    return pd.concat([paid, pd.Series({last + 1: rest})])


def _derived(tables: Tables) -> bool:
    """Say whether the contributions of the fund's last year are still to be published."""
    return bool(tables.series("individual_contributions").index[-1] < tables.series("fund_income").index[-1])


def fiscal_subsidy(tables: Tables) -> pd.Series:
    """Return the fiscal subsidy, yuan a year; past the last final account in its last ratio to expenditure."""
    paid, spent = tables.series("fiscal_subsidy"), tables.series("fund_expenditure")
    last = int(paid.index[-1])
    return pd.concat([paid, spent.loc[last + 1 :] * (paid.loc[last] / spent.loc[last])])


def basic_pension_per_head(tables: Tables) -> pd.Series:
    """Return the basic pension per pensioner at mid-year, yuan a year.

    Years with a final account: as paid. Before them: expenditure less the part
    for account pensions and grants, whose share (logit) is carried back along
    its own line through the published years. Where no final account is known,
    that share is the last one printed, or `YOUNG_ACCOUNTS`.
    """
    heads = tables.series("pensioners").rolling(2).mean()
    spent = tables.series("fund_expenditure")
    try:
        paid = tables.series("basic_pension_paid")
    except FigureNotFound:
        every = spent.loc[FIRST_YEAR + 1 :] / heads.loc[FIRST_YEAR + 1 :]
        return every * (1.0 - _unpublished_share(tables, every))
    rest = _logit((1.0 - paid / spent.loc[paid.index]).to_numpy(dtype=float))
    slope, level = np.polyfit(paid.index.to_numpy(dtype=float), rest, 1)
    before = spent.loc[FIRST_YEAR + 1 : paid.index[0] - 1]
    share = 1.0 / (1.0 + np.exp(-(level + slope * before.index.to_numpy(dtype=float))))
    whole = pd.concat([before * (1.0 - share), paid])
    return whole / heads.loc[whole.index]


def _unpublished_share(tables: Tables, every: pd.Series) -> float:
    """Return the part of expenditure, `every` yuan a pensioner, that the last printed mean basic pension leaves."""
    try:
        mean = 12.0 * tables.series("basic_pension_mean")
    except FigureNotFound:
        return YOUNG_ACCOUNTS
    return float(1.0 - mean.iloc[-1] / every.loc[mean.index[-1]])


def _cohorts(
    tables: Tables, people: xr.DataArray, years: np.ndarray, remembered_logit: np.ndarray
) -> dict[str, np.ndarray]:
    """Return cohort sizes at 60 and over: those old in the first year, and each later one."""
    old = people.sel(age=slice(PENSION_AGE, None)).sel(year=years[1:])
    turned = np.zeros((len(years) - 1, len(years) - 1))
    for t in range(len(years) - 1):
        for c in range(t + 1):
            turned[t, c] = float(old.isel(year=t).sel(age=PENSION_AGE + t - c))
    return {
        "already_old": old.sum("age").to_numpy() - turned.sum(axis=1),
        "new_cohorts": turned,
        "remembered_logit": remembered_logit[1:],
        "pensioners": tables.series("pensioners").loc[years[1:]].to_numpy(),
    }


def _logit(share: np.ndarray) -> np.ndarray:
    return np.log(share / (1.0 - share))
