"""What the model of the economy reads: published figures as arrays with their gaps, and priors of the long run."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from forecasting._faults import DataFaults, Fault, FigureNotFound

if TYPE_CHECKING:
    from forecasting.sources import Tables

FIRST_YEAR = 2010
"""First year of the paths; growth is modelled from here, when it began to slow (it rose until 2010-11)."""

FIRST_RATE_YEAR = 2001
"""First year of inflation and deposit rates in the fit: after the price wave of the 1990s and its rates near 11 %."""

ENTRUSTED_SINCE = 2017
"""First full year of entrusted investment of pension money; before it the market return is the deposit rate."""


type Prior = tuple[float, float]
"""Mean and standard deviation; sd 0 fixes the number."""


@dataclass(frozen=True)
class Priors:
    """What is assumed of the long run; each a pair (mean, sd), or a number, which is then fixed.

    Rates are log growth per year unless said otherwise; half-lives are in years.

    Attributes
    ----------
    income_anchor : Prior
        Real growth of rural income per head in the end. Growth falls as productivity nears the frontier, and
        countries return to about 2 % (Pritchett and Summers 2014, NBER working paper 20573; Barro 2015, Economic
        Journal 125); the sd is what one country may differ from it for a century.
    income_now : Prior
        Anchor of the same in the last observed year; wide, the figures decide.
    income_half_life : Prior
        Years in which the distance between the two halves. Rural income is some 40 % of urban income: catching up
        keeps growth above the end for a generation. Also learned from the slowing since ``FIRST_YEAR``.
    inflation_anchor : Prior
        Inflation in the end: 2 % on average since 2001 and the official aim of about 2 %, less the risk of a
        Japanese outcome in an ageing country.
    inflation_shift : Prior
        What today's anchor adds to that since `inflation_break`: prices have stood still since 2023.
    inflation_half_life : Prior
        Years in which that shift halves.
    budget_gap_anchor : Prior
        Budget gap in the end. Near zero, since no ratio of revenue to income falls for ever; slightly below, since
        rural income goes on gaining on the rest of the economy.
    budget_gap_now : Prior
        Mean gap of the observed years: tax cuts, falling producer prices, rural income ahead of output.
    budget_gap_half_life : Prior
        Years in which the gap goes half the way to its end. With 5, today's gap takes another fifth off the ratio
        of revenue to income: the catching up of the countryside alone would take that much.
    land_anchor : Prior
        Land income over budget revenue in the end: median and log-sd. It was .46 in 2020 and .19 in 2025; fewer
        buyers and a finished stock of homes can keep it low for good, a new cycle can lift it.
    land_before : Prior
        The same before `land_break`, in the building boom: median and log-sd.
    deposit_anchor : Prior
        One-year deposit rate in the end, mean and sd (log-normal): today's 1.5 % and a real rate near zero.
    deposit_on_inflation : Prior
        Rise of the log deposit rate per unit of lasting inflation over its anchor (Fisher effect): with 25, one
        point more inflation lifts a rate of 2 % by half a point. Rates moved with inflation in 2001-2015.
    market_premium : Prior
        Log return of the entrusted portfolio over the deposit rate: bonds, and at most 30 % equity (State Council
        2015 No. 48); .3 x 4 % for equity and .8 % for term and credit.
    market_volatility : Prior
        Scale of its yearly shock, mean and sd (log-normal): .3 x an equity volatility near 20 % is .06, the
        smoothing of bonds at cost brings it down.
    population_growth_now, population_growth_anchor, population_half_life : Prior
        Growth of the national population after the last observed year, its end and the half-life (years) between,
        where `forecast` is given none: near the medium variant of the United Nations (2024).
    inflation_break, land_break : Prior
        First year of the shifted inflation anchor and of `land_anchor` (the market turned in the second half of
        2021).
    """

    income_anchor: Prior = (0.020, 0.008)
    income_now: Prior = (0.055, 0.015)
    income_half_life: Prior = (15.0, 4.0)
    inflation_anchor: Prior = (0.018, 0.006)
    inflation_shift: Prior = (-0.012, 0.005)
    inflation_half_life: Prior = (4.0, 1.5)
    budget_gap_anchor: Prior = (-0.003, 0.004)
    budget_gap_now: Prior = (-0.030, 0.020)
    budget_gap_half_life: Prior = (5.0, 1.5)
    land_anchor: Prior = (0.15, 0.6)
    land_before: Prior = (0.30, 0.25)
    deposit_anchor: Prior = (0.0175, 0.006)
    deposit_on_inflation: Prior = (25.0, 10.0)
    market_premium: Prior = (0.020, 0.010)
    market_volatility: Prior = (0.035, 0.015)
    population_growth_now: Prior = (-0.001, 0.0)
    population_growth_anchor: Prior = (-0.015, 0.0)
    population_half_life: Prior = (25.0, 0.0)
    inflation_break: Prior = (2023.0, 0.0)
    land_break: Prior = (2022.0, 0.0)

    def __post_init__(self) -> None:
        faults = []
        for name in ANCHORS:
            given: Any = getattr(self, name)
            mean, sd = (given, 0.0) if isinstance(given, int | float) else given
            object.__setattr__(self, name, (float(mean), float(sd)))
            positive = name in (*MEDIAN, *LOG_NORMAL)
            if not np.isfinite([mean, sd]).all() or sd < 0 or (positive and mean <= 0):
                rule = "a mean over 0 and an sd of at least 0" if positive else "a finite mean and an sd of at least 0"
                faults.append(f"economy prior {name!r} has mean {mean:g} and sd {sd:g}: give {rule}")
        if faults:
            raise ValueError("\n".join(faults))

    def table(self) -> np.ndarray:
        """Return the priors as numbers for a standard normal z.

        Returns
        -------
        numpy.ndarray
            Shape (field, 3): location, scale and 1 if the parameter is ``exp(location + scale z)``, else 0.
        """
        return np.array([_location_scale(name, *getattr(self, name)) for name in ANCHORS])


def _location_scale(name: str, mean: float, sd: float) -> tuple[float, float, float]:
    if name in MEDIAN:
        return float(np.log(mean)), sd, 1.0
    if name in LOG_NORMAL:
        variance = float(np.log1p((sd / mean) ** 2))
        return float(np.log(mean)) - variance / 2, variance**0.5, 1.0
    return mean, sd, 0.0


MEDIAN = ("land_anchor", "land_before")
"""Priors given as median and log-sd."""
LOG_NORMAL = ("income_half_life", "inflation_half_life", "budget_gap_half_life", "population_half_life",
              "deposit_anchor", "market_volatility")  # fmt: skip
"""Priors of positive numbers, given as their mean and sd."""
ANCHORS = tuple(f.name for f in fields(Priors))


def inputs(tables: Tables, priors: Priors | None = None) -> dict[str, np.ndarray]:
    """Collect the figures and priors that `build` reads.

    Parameters
    ----------
    tables : forecasting.sources.Tables
        Published figures.
    priors : Priors, optional
        Assumptions of the long run.

    Returns
    -------
    dict of str to numpy.ndarray
        ``years`` (``FIRST_YEAR``..last), ``rate_years`` (``FIRST_RATE_YEAR``..last), the six series of
        ``economy.HISTORY`` in yuan or rates with NaN for what was not published (inflation and the deposit rate
        over ``rate_years``), ``population_growth``, ``market_unpublished`` (sum of the log returns of the years
        that only a published mean covers, number of those years) and ``priors`` (`Priors.table`).

    Raises
    ------
    DataFaults
        If the deposit rate lacks a year before ``ENTRUSTED_SINCE``.

    Notes
    -----
    Disposable income before its first year is that year's moved back by the growth of net income per head, the
    older definition: growth is used within one definition only. Population growth of a year without a figure is
    that of the nearest year. No pension money was entrusted before ``ENTRUSTED_SINCE``: the market return of those
    years is the deposit rate, which is what the money earned.
    """
    income = _rural_income(tables)
    budget, land = tables.series("general_budget_revenue"), tables.series("land_transfer_income")
    last = int(max(income.index.max(), budget.index.max(), land.index.max()))
    years, rate_years = np.arange(FIRST_YEAR, last + 1), np.arange(FIRST_RATE_YEAR, last + 1)
    population = np.log(tables.series("population_year_end")).diff().dropna()
    deposit = tables.series("deposit_rate_mean")
    market, unpublished = _market(tables, deposit, years)
    return {
        "years": years,
        "rate_years": rate_years,
        "rural_income": income.reindex(years).to_numpy(),
        "budget_revenue": budget.reindex(years).to_numpy(),
        "land_income": land.reindex(years).to_numpy(),
        "inflation": tables.series("cpi_inflation").reindex(rate_years).to_numpy(),
        "deposit_rate": deposit.reindex(rate_years).to_numpy(),
        "market_return": market,
        "market_unpublished": unpublished,
        "population_growth": population.reindex(years).ffill().bfill().to_numpy(),
        "priors": (Priors() if priors is None else priors).table(),
    }


def _rural_income(tables: Tables) -> pd.Series:
    disposable = tables.series("rural_disposable_income_per_head", area="rural")
    net, link = _optional(tables, "rural_net_income_per_head", "rural"), int(disposable.index.min())
    if link not in net.index:
        return disposable
    return pd.concat([net[net.index < link] * disposable[link] / net[link], disposable])


def _optional(tables: Tables, indicator: str, area: str = "national") -> pd.Series:
    try:
        return tables.series(indicator, area=area)
    except FigureNotFound:
        return pd.Series(dtype=float)


def _market(tables: Tables, deposit: pd.Series, years: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    market = deposit.reindex(years[years < ENTRUSTED_SINCE])
    if market.isna().any():
        lacking = ", ".join(map(str, market.index[market.isna()]))
        raise DataFaults(
            [Fault("deposit_rate_mean", f"no rate of {lacking}, when money was on deposit", "Add the rates")]
        )
    market = market.reindex(years).fillna(_optional(tables, "ncssf_basic_pension_return"))
    means = _optional(tables, "ncssf_basic_pension_mean_return")
    means = means[means.index <= years[-1]]
    if means.empty:
        return market.to_numpy(), np.array([np.nan, 0.0])
    # The published mean is geometric: that of 2017-2020, 6.89 %, is the root of the product of the four returns.
    end = int(means.index.max())
    span = np.log1p(market.loc[ENTRUSTED_SINCE:end])
    total = (end - ENTRUSTED_SINCE + 1) * np.log1p(means[end]) - span.sum()
    return market.to_numpy(), np.array([total, span.isna().sum()])
