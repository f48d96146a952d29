"""Priors and rules of the fund as they would have been set at an earlier year, each by a rule from what was known then.

A prior whose reason is a published figure is worked out again from the figures known at the origin; one that rests on
theory, law or judgement alone stays as it is. Given all figures of today the rules give today's priors, within half
of a prior's standard deviation. **Whoever writes them now knows what came**: a rule can be held to, what led to the
choice of the rule and of the model cannot be forgotten.

========== =========================== ===============================================================================
model      prior                       rule at an origin
========== =========================== ===============================================================================
fertility  ``long_run_mean``           mean of the countries that were in phase III by then (`PHASE_THREE`)
mortality  ``comparable_e0``           the whole year of life expectancy below China's last one
migration  ``ceiling_mean``            urban share that was expected for 2050 at the time, and .02
membership ``compliance_mean``         logit of the last year known
membership ``contribution_mean``       mean log ratio to rural income of the years known from 2014 on
membership ``basic_mean``              the same of the basic pension
membership ``compliance_sd``,          today's, times the root of the years known today over those known then: what
           ``contribution_sd``         the members of a young scheme will come to do is known less
economy    ``income_now``              real growth of rural income in the last year that has it
economy    ``inflation_anchor``        mean inflation since 2001 less .0025, the risk of a Japanese outcome
economy    ``budget_gap_now``          mean gap of the last five years
economy    ``land_before``             median ratio to budget revenue of the years known
economy    ``land_anchor``             the same median, with today's log-sd, from the next year on: that the building
                                       boom may end for good could be thought of, not when
economy    ``deposit_anchor``          mean of the last rate and of ``inflation_anchor``: a real rate near zero
========== =========================== ===============================================================================
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from actuarial.assumptions import Assumptions, changed

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from forecasting.sources import Tables

PHASE_THREE = {2010: 1.60, 2015: 1.55, 2018: 1.55, 2023: 1.50}
"""Mean total fertility of the countries in phase III from their entry to a year.

By the rule of `forecasting.models.fertility` in World Population Prospects 2024, 56 countries: 1.60 (21 in phase III by
2010), 1.54 (34 by 2015), 1.56 (36 by 2018) and 1.53 (39 by 2023), to the next .05.
"""

URBAN_2050 = {2010: 0.75, 2018: 0.80}
"""Urban share expected of China in 2050, by the year in which that was published.

2010: report on the development of China's cities 2009 (China Association of Mayors), as reported by China Daily on
12 May 2010; 2018: World Urbanization Prospects 2018 (United Nations).
"""

ABOVE_2050, JAPAN, RECENT = 0.02, 0.0025, 5
CLEAN = 2014
"""First year of the merged scheme, whose ratios to income are those of today's rules."""

KNOWN_TODAY = {"compliance": 14, "contribution": 11}
"""Years on which today's priors of membership rest: 2012-2025 and 2014-2024."""


def priors_at(model: str, today: Any, tables: Tables, origin: int, read: Mapping[str, np.ndarray]) -> Any:
    """Return the priors of a model as set at the end of a year.

    Parameters
    ----------
    model : str
        One of `forecasting.projection.ORDER`.
    today : object
        The ``Priors`` of the model as they are today; what no rule names is kept.
    tables : Tables
        Known then: `forecasting.sources.Tables.until`.
    origin : int
        That year.
    read : mapping of str to numpy.ndarray
        What the model reads then; the rules take its series, not the priors it was made with.

    Returns
    -------
    object
        The ``Priors`` of the model.
    """
    return replace(today, **_RULES[model](today, tables, origin, read))


def _fertility(today: Any, tables: Tables, origin: int, read: Mapping[str, np.ndarray]) -> dict[str, Any]:
    return {"long_run_mean": _latest(PHASE_THREE, origin)}


def _mortality(today: Any, tables: Tables, origin: int, read: Mapping[str, np.ndarray]) -> dict[str, Any]:
    both = (tables.series("e0", sex="female") + tables.series("e0", sex="male")) / 2
    return {"comparable_e0": float(np.floor(both.iloc[-1]) - 1)}


def _migration(today: Any, tables: Tables, origin: int, read: Mapping[str, np.ndarray]) -> dict[str, Any]:
    return {"ceiling_mean": _latest(URBAN_2050, origin) + ABOVE_2050}


def _membership(today: Any, tables: Tables, origin: int, read: Mapping[str, np.ndarray]) -> dict[str, Any]:
    late = {name: read[name][read[f"{name}_years"] >= CLEAN] for name in ("contribution", "basic")}
    means = {"compliance": read["compliance"][-1:]} | late
    years = {"compliance": read["compliance"].size, "contribution": late["contribution"].size}
    return {f"{name}_mean": float(values.mean()) for name, values in means.items()} | {
        f"{name}_sd": getattr(today, f"{name}_sd") * max((KNOWN_TODAY[name] / known) ** 0.5, 1.0)
        for name, known in years.items()
    }


def _economy(today: Any, tables: Tables, origin: int, read: Mapping[str, np.ndarray]) -> dict[str, Any]:
    prices = np.log1p(read["inflation"])
    income, budget, land = (np.log(read[name]) for name in ("rural_income", "budget_revenue", "land_income"))
    real = np.diff(income) - prices[1 - income.size :]
    # A year without income is bridged: the mean growth between two years needs these two alone.
    whole = np.flatnonzero(np.isfinite(income + budget))
    ends = np.array([whole[whole <= whole[-1] - RECENT].max(), whole[-1]])
    gap = np.diff((budget - income)[ends])[0] / np.diff(ends)[0] - read["population_growth"][ends[0] + 1 :].mean()
    anchor = float(np.nanmean(prices)) - JAPAN
    ratio = float(np.exp(np.nanmedian(land - budget)))
    rate = read["deposit_rate"]
    return {
        "income_now": (float(real[np.isfinite(real)][-1]), today.income_now[1]),
        "inflation_anchor": (anchor, today.inflation_anchor[1]),
        "budget_gap_now": (float(gap), today.budget_gap_now[1]),
        "land_before": (ratio, today.land_before[1]),
        "land_anchor": (ratio, today.land_anchor[1]),
        "land_break": (float(origin + 1), 0.0),
        "deposit_anchor": ((float(rate[np.isfinite(rate)][-1]) + anchor) / 2, today.deposit_anchor[1]),
    }


_RULES = {
    "fertility": _fertility,
    "mortality": _mortality,
    "migration": _migration,
    "membership": _membership,
    "economy": _economy,
}


def _latest(by_year: Mapping[int, float], origin: int) -> float:
    """Return the value of the last year up to the origin; before them all, the first."""
    return by_year[max((year for year in by_year if year <= origin), default=min(by_year))]


def rules_at(law: Assumptions, tables: Tables, origin: int) -> Assumptions:
    """Return the rules of the fund as an actuary of that year would have had them.

    Parameters
    ----------
    law : Assumptions
        Today's law, which is that of 2014 (State Council 2014 No. 8).
    tables : Tables
        Known then.
    origin : int
        That year.

    Returns
    -------
    Assumptions
        Nothing is on the market: no pension money was entrusted before 2017, and hardly any of this fund by 2018.
        Accounts are credited with the deposit rate (State Council 2009 No. 32). Other income is what the last known
        income leaves after contributions, subsidy and interest at the rate of deposits. Amounts in yuan are in money
        of the origin. The rest stays: the part paid back in the last year before 60, which nothing known by 2018 tells,
        is that of today.
    """
    opened = tables.series("fund_balance").rolling(2).mean()
    interest = (tables.series("deposit_rate_mean") + law.investment.deposit_spread) * opened
    paid = tables.series("individual_contributions") + tables.series("fiscal_subsidy")
    other = _last(tables.series("fund_income") - paid - interest)
    return changed(
        law,
        {
            "money_year": origin,
            "investment.market_share": 0.0,
            "accounts.crediting_spread": 0.0,
            "collective.other_income": max(other, 0.0),
        },
    )


def _last(series: pd.Series) -> float:
    return float(series.dropna().iloc[-1])
