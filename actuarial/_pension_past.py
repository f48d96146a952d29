"""The years of the pension fund that were published, simulated again."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from actuarial import _region, assessment, fund, pension
from actuarial.assumptions import Assumptions
from forecasting import projection as people
from forecasting.sources import Tables

if TYPE_CHECKING:
    from forecasting.projection import Fits

BACKCAST_ORIGIN = 2014
"""Last year whose totals the backcast knows; it is judged on the ten years after it."""

BACKCAST_END = 2024
"""Last year of the backcast: the last with a final account."""


def _money(projection: xr.Dataset) -> xr.Dataset:
    return projection[pension.reads(projection)]


def earned_in_the_past(tables: Tables) -> fund.Rule:
    """Return the rule that a reserve earns what was published, and deposit rates before that.

    Nothing was entrusted to the market before 2017, and the part that was has
    grown since: today's share would be wrong for the past.
    """
    income = tables.series("interest") + tables.series("entrusted_return")
    balance = tables.series("fund_balance").rolling(2).mean()
    published = (income / balance).dropna()

    def rate(projection: xr.Dataset, assumptions: Assumptions) -> xr.DataArray:
        deposit = projection["deposit_rate"] + assumptions.investment.deposit_spread
        known = xr.DataArray(published.to_numpy(), {"year": published.index.to_numpy()}, ("year",))
        return known.reindex(year=projection["year"].values).combine_first(deposit)

    return rate


def check_against_the_past(fits: Fits, assumptions: Assumptions) -> xr.Dataset:
    """Simulate members and fund over the ten years after `BACKCAST_ORIGIN` and set them beside what came.

    Membership, contributions and basic pensions per head are simulated from
    the totals known at the origin; population, rural income and interest rates
    are as observed. Today's law gives the transfer.

    Parameters
    ----------
    fits : forecasting.projection.Fits
    assumptions : Assumptions
        Today's law.

    Returns
    -------
    xarray.Dataset
        ``participants, pensioners`` (persons at 31 December), ``fund_income,
        fund_expenditure, fund_balance`` (yuan) over (draw, year), and each with
        the prefix ``observed_`` over (year).
    """
    tables = fits.tables
    past = people.hindcast(fits, BACKCAST_ORIGIN)
    per_head = (past["basic_ratio"] * past["rural_income"]).sel(year=slice(BACKCAST_ORIGIN, None))
    ready = pension.with_accounts(_money(past), assumptions, per_head)
    begun = assessment.opened_fund(ready, *_region.opening(tables, "", BACKCAST_ORIGIN))
    opened = replace(begun, rate=earned_in_the_past(tables))
    account = fund.project(opened, ready, assumptions)
    years = np.arange(BACKCAST_ORIGIN + 1, BACKCAST_END + 1)
    simulated = {
        "participants": past["contributors_year_end"] + past["pensioners_year_end"],
        "pensioners": past["pensioners_year_end"],
        "fund_income": account["income"] + account["interest"],
        "fund_expenditure": account["expenditure"],
        "fund_balance": account["balance"],
    }
    out = xr.Dataset({name: values.sel(year=years) for name, values in simulated.items()})
    return out.assign({f"observed_{name}": ("year", tables.series(name).loc[years].to_numpy()) for name in simulated})
