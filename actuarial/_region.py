"""What the valuation of a province or county takes from the tables: balance, basic pension, share of the budget."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import xarray as xr

from actuarial._steps import AFRESH, Steps
from actuarial.assumptions import Assumptions, changed
from actuarial.runfile import RunFaults
from forecasting import projection as people
from forecasting import region as regions
from forecasting.sources import FigureNotFound, Tables, nearest

if TYPE_CHECKING:
    from actuarial.runfile import RunFile

NONE = pd.Series(dtype=float)

WHOLE_CENTRAL = 2
"""Last class of provinces (``sharing_tier``) in which the central budget pays the whole national minimum.

Half of it is paid in the others: the east of State Council 2014 No. 8, section 4, is the third to fifth class of the
plan for shared duties (General Office of the State Council 2018 No. 6), not the east of the statistical office.
"""


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


def minimum_pension(tables: Tables) -> xr.DataArray | None:
    """Return the national minimum of the basic pension, yuan a year.

    Parameters
    ----------
    tables : Tables

    Returns
    -------
    xarray.DataArray, dims (year,), or None
        Twelve times what is in force at the end of the year, as `forecasting.projection.published_basic_pension`
        takes announced rises; a year without a figure keeps the last one. None where the tables have no minimum.
    """
    try:
        monthly = tables.series("basic_pension_minimum")
    except FigureNotFound:
        return None
    whole = monthly.reindex(range(int(monthly.index[0]), int(monthly.index[-1]) + 1)).ffill()
    return xr.DataArray(12.0 * whole.to_numpy(), {"year": whole.index.to_numpy()}, ("year",))


def central_share(tables: Tables, region: str = "") -> float:
    """Return the part of the national minimum that the central budget pays.

    Parameters
    ----------
    tables : Tables
    region : str
        Empty for the nation.

    Returns
    -------
    float
        Of a region what is published (``central_share_of_minimum``), else what its class says (`WHOLE_CENTRAL`). Of
        the nation the mean over its provinces, weighted by their last counts of pensioners; and so of a county of
        which neither is told. One, as the law has it outside the east, where the tables have no classes.
    """
    own = _central(tables, region) if region else None
    if own is not None:
        return own
    places = {str(place) for frame in tables.frames.values() for place in _with_class(frame)}
    shares = {place: _central(tables, place) for place in sorted(places)}
    heads = {place: _own(tables, "pensioners", place, NONE) for place in shares}
    weighed = [
        (float(heads[place].iloc[-1]), share)
        for place, share in shares.items()
        if share is not None and len(heads[place])
    ]
    if not weighed:
        return 1.0
    return sum(count * share for count, share in weighed) / sum(count for count, _ in weighed)


def _with_class(frame: pd.DataFrame) -> pd.Series:
    return frame.loc[frame["indicator"] == "sharing_tier", "region"]


def _central(tables: Tables, region: str) -> float | None:
    """Return the central share that a region's own figures tell, if they do."""
    told = _own(tables, "central_share_of_minimum", region, NONE)
    if len(told):
        return float(told.iloc[-1])
    group = _own(tables, "sharing_tier", region, NONE)
    if group.empty:
        return None
    return 1.0 if group.iloc[-1] <= WHOLE_CENTRAL else 0.5


def filled(
    assumptions: Assumptions,
    tables: Tables,
    region: str = "",
    projection: xr.Dataset | None = None,
    *,
    steps: Steps = AFRESH,
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
    steps : actuarial._steps.Steps
        Whether what the figures say is kept for other rules.

    Returns
    -------
    Assumptions
        With the present share of the transfer in the budget, the central share of the national minimum and the
        rural subsistence allowance, where they were left empty. Of a region also with its own other income, where
        the run file leaves the nation's as it stands: it is a sum of money, not one per head.
    """
    changes: dict[str, object] = {}
    if assumptions.fiscal.capacity_share is None:
        changes["fiscal.capacity_share"] = steps.once(
            "budget share", assumptions, (tables, projection), lambda _: budget_share(tables, region, projection)
        )
    if assumptions.fiscal.central_share_of_minimum is None:
        changes["fiscal.central_share_of_minimum"] = steps.once(
            "central share", assumptions, (tables, projection), lambda _: central_share(tables, region)
        )
    if assumptions.adequacy.subsistence_allowance is None:
        changes["adequacy.subsistence_allowance"] = steps.once(
            "subsistence", assumptions, (tables,), lambda given: subsistence_allowance(tables, given.money_year)
        )
    if region and assumptions.collective.other_income == Assumptions().collective.other_income:
        changes["collective.other_income"] = other_income(tables, region, assumptions.collective.other_income)
    return changed(assumptions, changes) if changes else assumptions


def subsistence_allowance(tables: Tables, money_year: int) -> float | None:
    """Return the mean standard of the rural subsistence allowance of the nation, in money of a year.

    Parameters
    ----------
    tables : Tables
    money_year : int

    Returns
    -------
    float or None
        The last published standard, yuan a year, carried to `money_year` with rural income; None where the tables
        have none, or lack rural income of one of the two years.
    """
    try:
        standard = tables.series("rural_subsistence_allowance", area="rural")
        income = tables.series("rural_disposable_income_per_head", area="rural")
    except FigureNotFound:
        return None
    both = standard.index.intersection(income.index)
    if not len(both) or money_year not in income.index:
        return None
    return float(standard[both[-1]] * income[money_year] / income[both[-1]])


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
