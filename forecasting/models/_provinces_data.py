"""The series of regions that the model of provinces learns from, as plain arrays."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from forecasting.models.membership_data import fiscal_subsidy, individual_contributions
from forecasting.sources import FigureNotFound

if TYPE_CHECKING:
    from forecasting.sources import Tables

FIRST_YEAR = 2012
"""The scheme covered every county from the second half of 2012; the pilots before it grew by decree."""

STEPPED = ("contributors", "pensioners", "income", "benefit")
"""Series of log ratios to the nation whose yearly changes are seen: figures published without noise."""

SERIES = (*STEPPED, "contribution")
"""All series of a region; the contribution is derived, and seen through an error."""

INCOME = (("rural_disposable_income_per_head", FIRST_YEAR), ("rural_net_income_per_head", FIRST_YEAR))
"""Definitions of rural income, the one of today first; growth is taken within one of them only."""

SLIP, UNDONE = 0.5, 0.2
"""A change of the log by more than the first, undone the next year but for this part of it, is a slip of the pen."""


def data_of(tables: Tables) -> dict[str, np.ndarray]:
    """Collect the series of all regions that have members, benefits and a rural income.

    Parameters
    ----------
    tables : forecasting.sources.Tables

    Returns
    -------
    dict of str to numpy.ndarray
        ``regions`` (R,) and ``years`` (Y,); ``ratios`` (4, R, Y), the logs of `STEPPED` over the nation, gaps NaN,
        every definition of income on its own level except today's; ``changes`` (N, 4): series, region, years
        passed and change of the log; ``income`` (R, Y), filled; ``paid`` (M, 5): region, year, contribution per
        head over the nation's, subsidy over the nation's contribution, and 1 where published, else 0.
    """
    names = regions(tables)
    series = {region: {name: log_ratio(tables, region, name) for name in STEPPED} for region in names}
    last = max([FIRST_YEAR, *(int(s.index[-1]) for by_name in series.values() for s in by_name.values())])
    years = np.arange(FIRST_YEAR, last + 1)
    ratios = np.full((len(STEPPED), len(names), len(years)), np.nan)
    changes = []
    for r, region in enumerate(names):
        for s, name in enumerate(STEPPED):
            ratios[s, r] = series[region][name].reindex(years).to_numpy()
            parts = _incomes(tables, region) if name == "income" else [series[region][name]]
            changes += [(s, r, *step) for part in parts for step in _steps(part)]
    return {
        "regions": np.array(names, dtype=str),
        "years": years,
        "ratios": ratios,
        "changes": np.array(changes, dtype=float).reshape(-1, 4),
        "income": pd.DataFrame(ratios[STEPPED.index("income")]).T.ffill().bfill().to_numpy().T,
        "paid": _paid(tables, names, years),
    }


def regions(tables: Tables) -> list[str]:
    """Return the regions other than the nation whose `STEPPED` series each have a figure, by name."""
    frames = (frame.loc[frame["indicator"] == "contributors", "region"] for frame in tables.frames.values())
    named = sorted({str(region) for found in frames for region in found} - {tables.country})
    return [region for region in named if all(len(log_ratio(tables, region, name)) for name in STEPPED)]


def parts(tables: Tables) -> list[str]:
    """Return the regions that are parts of the nation: those with a `region_group`."""
    frames = (frame.loc[frame["indicator"] == "region_group", "region"] for frame in tables.frames.values())
    return sorted({str(region) for found in frames for region in found})


def log_ratio(tables: Tables, region: str, name: str) -> pd.Series:
    """Return the log of one of `STEPPED` over that of the nation, by year; empty where there is none.

    Parameters
    ----------
    tables : forecasting.sources.Tables
    region : str
    name : str
        One of `STEPPED`.

    Returns
    -------
    pandas.Series
        By year from `FIRST_YEAR` on; a year of which a figure is missing is not there.
    """
    if name == "income":
        return next((part for part in _incomes(tables, region)), pd.Series(dtype=float))
    own, nation = (_member_series(tables, place, name) for place in (region, tables.country))
    return _without_slips(np.log(own / nation).dropna()).loc[FIRST_YEAR:]


def known(tables: Tables, indicator: str, region: str, area: str = "national") -> pd.Series:
    """Return a series, empty where there is none."""
    try:
        return tables.series(indicator, region=region, area=area)
    except FigureNotFound:
        return pd.Series(dtype=float, index=pd.Index([], dtype=int))


def _member_series(tables: Tables, region: str, name: str) -> pd.Series:
    if name != "benefit":
        return known(tables, name, region)
    heads = _mean_of_year_ends(tables, "pensioners", region)
    return (known(tables, "fund_expenditure", region) / heads).dropna()


def _mean_of_year_ends(tables: Tables, name: str, region: str) -> pd.Series:
    ends = _without_slips(np.log(known(tables, name, region)))
    every = np.exp(ends.reindex(range(int(ends.index[0]), int(ends.index[-1]) + 1))) if len(ends) else ends
    return every.rolling(2).mean().dropna()


def _without_slips(logs: pd.Series) -> pd.Series:
    """Leave out each figure that both its neighbours contradict (`SLIP`, `UNDONE`)."""
    to, back = logs.diff(), logs.diff().shift(-1)
    slip = (to.abs() > SLIP) & ((to + back).abs() < UNDONE * to.abs())
    return logs[~slip]


def _incomes(tables: Tables, region: str) -> list[pd.Series]:
    """Return the log of rural income over the nation's by definition, today's first."""
    out = []
    for name, first in INCOME:
        own, nation = (known(tables, name, place, "rural") for place in (region, tables.country))
        ratio = np.log(own / nation).dropna().loc[first:]
        if len(ratio):
            out.append(ratio)
    return out


def _steps(series: pd.Series) -> list[tuple[float, float]]:
    """Return years passed and change between neighbouring figures."""
    passed = np.diff(series.index.to_numpy())
    return list(zip(passed.tolist(), np.diff(series.to_numpy()).tolist(), strict=True))


def _paid(tables: Tables, names: list[str], years: np.ndarray) -> np.ndarray:
    """Return what a contributor paid, over the nation's: published, or what the fund's account leaves.

    Income less subsidy less returns is contributions. A region's subsidy is taken as the nation's share of
    expenditure, its returns as the nation's rate on the balance before, so that regions add up to the nation.
    """
    nation = _account(tables, tables.country)
    contributions = individual_contributions(tables)
    per_head = contributions / _mean_of_year_ends(tables, "contributors", tables.country)
    subsidised = fiscal_subsidy(tables) / nation["fund_expenditure"]
    other = nation["fund_income"] - subsidised * nation["fund_expenditure"] - contributions
    rate = other / nation["fund_balance"].shift(1)
    rows = []
    for r, region in enumerate(names):
        account, heads = _account(tables, region), _mean_of_year_ends(tables, "contributors", region)
        subsidy = subsidised * account["fund_expenditure"]
        derived = account["fund_income"] - subsidy - rate * account["fund_balance"].shift(1)
        published = known(tables, "individual_contributions", region)
        rows += [(r, y, v, 0.0, 1.0) for y, v in (published / heads / per_head).dropna().items()]
        rest = pd.DataFrame({"y": derived / heads / per_head, "s": subsidy / heads / per_head}).dropna()
        rest = rest.loc[~rest.index.isin(published.index)]
        rows += [(r, y, v, s, 0.0) for y, v, s in rest.itertuples()]
    out = np.array(rows, dtype=float).reshape(-1, 5)
    return out[np.isin(out[:, 1], years)]


def _account(tables: Tables, region: str) -> pd.DataFrame:
    """Return income, expenditure and balance, one row a year without a hole."""
    out = pd.DataFrame({n: known(tables, n, region) for n in ("fund_income", "fund_expenditure", "fund_balance")})
    return out.reindex(range(int(out.index.min()), int(out.index.max()) + 1)) if len(out) else out
