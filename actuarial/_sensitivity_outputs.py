"""What a sensitivity analysis tells of a fund under one set of rules: its outputs, draw by draw."""

from __future__ import annotations

import numpy as np
import xarray as xr

from actuarial import funding, solvency, trial
from actuarial.household import BUDGET
from actuarial.joint import need_of
from actuarial.rates import cost_rate
from actuarial.rules import Rules, Scheme

Array = np.ndarray

OUTPUTS = {
    "empty": ("share", "Probability that the pool has run dry by the end of the year"),
    "depletion_year": ("calendar year", "Median year in which the pool runs dry; the year after the last if it lasts"),
    "reserve": ("years of outgo", "Pool at the end of the year less all shortfalls so far, over its outgo; mean"),
    "cost_rate": ("share of rural income", "Expenditure over contributors times rural income per head, mean"),
    "cost_share": ("share of rural income", "Expenditure over the income of all rural people, mean"),
    "need": ("share of budget revenue", "What budgets must give so that the pool stays where it is, mean"),
    "actuarial_balance": ("share of rural income", "Actuarial balance over the longest horizon that the run reaches"),
}
"""Unit and meaning of each output. Cost rate and actuarial balance are the pension's, the cost share is of others."""

MEDIANS = ("depletion_year",)
"""Outputs whose statistic is the median: some draws never run dry."""


def outputs_of(world: trial.World, fund: Scheme, rules: Rules, by: int) -> dict[str, Array]:
    """Work out the outputs of a fund.

    Parameters
    ----------
    world : actuarial.trial.World
    fund : str
    rules : Rules
    by : int

    Returns
    -------
    dict of str to numpy.ndarray, shape (draw,)
        Those of :data:`OUTPUTS` that the fund has. A pool that lasts has the year after the last as its depletion year.
    """
    if fund == "pension":
        books = trial.kept(world, rules)
        made = books.account
        own = {"cost_rate": cost_rate(made, books.ready).sel(year=by)}
        money = funding.paths(made, books.ready, world.filled(rules).pension)
        if horizon(made):
            own["actuarial_balance"] = money.named(funding.actuarial_balance(money.until(horizon(made))))
    else:
        made = trial.account(world, fund, rules)
        at = world.projection.sel(year=by)
        rural = at["population"].sel(area="rural").sum(["sex", "age"]) * at["rural_income"]
        own = {"cost_share": made["expenditure"].sel(year=by) / rural}
    found = pool_outputs(made, by) | own | {"need": need_share(made, fund, world.projection, by)}
    return {name: np.asarray(found[name].values, dtype=float) for name in OUTPUTS if name in found}


def horizon(made: xr.Dataset) -> int:
    """Return the longest horizon of an actuarial balance that an account reaches, years; 0 where it reaches none."""
    return max((years for years in funding.HORIZONS if years <= made.sizes["year"]), default=0)


def pool_outputs(made: xr.Dataset, by: int) -> dict[str, xr.DataArray]:
    """Return what the pool of an account says: empty by the year, year of depletion, reserve."""
    last = int(made["year"][-1])
    return {
        "empty": (trial.margin(made, by) <= 0).astype(float),
        "depletion_year": solvency.exhaustion_year(made["pool_balance"]).fillna(float(last + 1)),
        "reserve": (trial.pool(made) / made["pool_outgo"]).sel(year=by),
    }


def need_share(made: xr.Dataset, fund: Scheme, projection: xr.Dataset, by: int) -> xr.DataArray:
    """Return what budgets must give in a year so that the pool stays where it is, over budget revenue."""
    need = need_of(made, BUDGET[fund]).sel(year=by).clip(min=0.0)
    return need / projection["budget_revenue"].sel(year=by)
