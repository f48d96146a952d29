"""What the valuation of a province or county takes from the tables: balance, basic pension, share of the budget."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import xarray as xr

from actuarial.assumptions import Assumptions, changed
from actuarial.runfile import RunFaults
from forecasting import projection as people
from forecasting import region as regions
from forecasting.sources import FigureNotFound, Tables, nearest

if TYPE_CHECKING:
    from actuarial.runfile import RunFile

NONE = pd.Series(dtype=float)


def check_region(run_file: RunFile, tables: Tables) -> None:
    """Refuse a region that is not in the tables, or that lacks figures.

    Parameters
    ----------
    run_file : RunFile
        Its key ``run.region``; empty is the nation, which `read_tables` has checked.
    tables : Tables

    Raises
    ------
    RunFaults
        Listing all that is lacking.
    """
    region = run_file.run.region
    if not region:
        return
    key = ("run", "region")
    if region == tables.country:
        what, do = f"{region} is the country itself", 'Write region = "" for the whole nation'
        raise RunFaults(run_file.name, [run_file.places.fault(key, what, do)])
    named = {name for frame in tables.frames.values() for name in frame["region"]} - {tables.country}
    if region not in named:
        what = f'no row of the tables is of the region "{region}"{nearest(region, named)}'
        do = "Write its name as the column region has it, or add its figures in a folder of your own"
        raise RunFaults(run_file.name, [run_file.places.fault(key, what, do)])
    lacking = regions.lacking(tables, region)
    if _own(tables, "fund_balance", region, NONE).empty:
        lacking.append("a balance of the fund: give fund_balance of at least one year, the last")
    if lacking:
        words = [(what, do) for what, _, do in (line.partition(": ") for line in lacking)]
        faults = [
            run_file.places.fault(key, f"{region} lacks {what}", f"{do[:1].upper()}{do[1:]}") for what, do in words
        ]
        raise RunFaults(run_file.name, faults)


def relative_benefit(tables: Tables, region: str) -> pd.Series:
    """Return expenditure per pensioner of a region over that of the nation.

    Parameters
    ----------
    tables : Tables
    region : str

    Returns
    -------
    pandas.Series of float
        By year, in the years that both have: ``fund_expenditure`` over the mean of the pensioners at the beginning
        and the end of the year. Account pensions are part of it, in the region as in the nation.
    """
    per_head = [
        tables.series("fund_expenditure", region=place) / tables.series("pensioners", region=place).rolling(2).mean()
        for place in (region, tables.country)
    ]
    return (per_head[0] / per_head[1]).dropna()


def basic_pension(tables: Tables, region: str) -> xr.DataArray:
    """Return the basic pension per pensioner of a region, yuan a year.

    Parameters
    ----------
    tables : Tables
    region : str
        Empty for the nation.

    Returns
    -------
    xarray.DataArray, dims (year,)
        The nation's published path; for a region on the level of its last `relative_benefit`.
    """
    path = people.published_basic_pension(tables)
    return path * float(relative_benefit(tables, region).iloc[-1]) if region else path


def filled(
    assumptions: Assumptions, tables: Tables, region: str = "", projection: xr.Dataset | None = None
) -> Assumptions:
    """Fill in what the figures say where the run file leaves it to them.

    Parameters
    ----------
    assumptions : Assumptions
    tables : Tables
    region : str
        Empty for the nation.
    projection : xarray.Dataset, optional
        That of the region.

    Returns
    -------
    Assumptions
        With the present share of the transfer in the budget, if it was left empty. Of a region also with its own
        other income, where the run file leaves the nation's as it stands: it is a sum of money, not one per head.
    """
    changes: dict[str, object] = {}
    if assumptions.fiscal.capacity_share is None:
        changes["fiscal.capacity_share"] = budget_share(tables, region, projection)
    if region and assumptions.collective.other_income == Assumptions().collective.other_income:
        changes["collective.other_income"] = other_income(tables, region, assumptions.collective.other_income)
    return changed(assumptions, changes) if changes else assumptions


def other_income(tables: Tables, region: str, of_nation: float) -> float:
    """Return the other income of a region's fund, yuan a year: as published last, else its share of the nation's.

    Parameters
    ----------
    tables : Tables
    region : str
    of_nation : float
        That of the nation.

    Returns
    -------
    float
        The share is that of the region in ``fund_income``, or in ``fund_expenditure`` if no income is given.
    """
    own = _own(tables, "other_income", region, NONE)
    if len(own):
        return float(own.iloc[-1])
    spent = tables.series("fund_expenditure", region=region) / tables.series("fund_expenditure")
    share = _own(tables, "fund_income", region, NONE) / tables.series("fund_income")
    known = share.dropna() if share.notna().any() else spent.dropna()
    return of_nation * float(known.iloc[-1])


def budget_share(tables: Tables, region: str = "", projection: xr.Dataset | None = None) -> float:
    """Return the fiscal subsidy over general budget revenue in the last year that has both.

    Parameters
    ----------
    tables : Tables
    region : str
        Empty for the nation.
    projection : xarray.Dataset, optional
        That of the region: its ``budget_revenue`` stands in where the region's own is not published.

    Returns
    -------
    float
        Until the final account of a year appears its subsidy is the estimate of
        `forecasting.projection.fiscal_subsidy`; a region without published subsidy has the nation's ratio of
        subsidy to expenditure.
    """
    subsidy, revenue = people.fiscal_subsidy(tables), tables.series("general_budget_revenue")
    if region:
        ratio = subsidy / tables.series("fund_expenditure")
        estimated = ratio * tables.series("fund_expenditure", region=region)
        subsidy = _own(tables, "fiscal_subsidy", region, estimated)
        revenue = _own(tables, "general_budget_revenue", region, _middle(projection))
    return float((subsidy / revenue).dropna().iloc[-1])


def _own(tables: Tables, indicator: str, region: str, stand_in: pd.Series) -> pd.Series:
    try:
        return tables.series(indicator, region=region)
    except FigureNotFound:
        return stand_in


def _middle(projection: xr.Dataset | None) -> pd.Series:
    if projection is None:
        raise ValueError("the budget of a region is asked for without its projection")
    return projection["budget_revenue"].median("draw").to_series()


def opening(tables: Tables, region: str, base_year: int) -> tuple[int, float]:
    """Return the year whose 31 December opens the account, and the balance published for it, yuan.

    Parameters
    ----------
    tables : Tables
    region : str
        Empty for the nation.
    base_year : int
        Last year-end of the people that is known.

    Returns
    -------
    tuple of int and float
        The base year; for a region the last year with a balance, which may be earlier.
    """
    balance = tables.series("fund_balance", region=region or None)
    year = int(balance.loc[:base_year].index[-1]) if region else base_year
    return year, float(balance.loc[year])
