"""What flows of cohorts are worth: discounted, added up over past and future, and the rate at which they break even."""

from __future__ import annotations

import numpy as np
import xarray as xr
from scipy.optimize import elementwise

from actuarial._generations_cohorts import BENEFITS, CREDITS, OWN
from actuarial.assumptions import Assumptions
from forecasting.axes import AxisError

Array = np.ndarray

PERIODS = ("past", "future")
"""Years up to the opening of the account, and after it."""

RATES = (-0.9, 10.0)
"""Internal rates of return that are looked for, per year."""


def internal_rate(net: Array) -> Array:
    """Rate of interest at which a series of payments is worth nothing.

    Parameters
    ----------
    net : numpy.ndarray, shape (..., n)
        Received less paid, one amount a year.

    Returns
    -------
    numpy.ndarray, shape (...)
        Per year, within :data:`RATES`. NaN unless the series changes its sign once, from paid to received, which
        makes the rate unique (Descartes' rule of signs), or if the rate is outside. Amounts below 1e-9 of the
        largest are rounding and count as none.
    """
    net = np.asarray(net, dtype=float)
    flat = net.reshape(-1, net.shape[-1])
    largest = np.abs(flat).max(axis=1, keepdims=True, initial=0.0)
    sign = np.where(np.abs(flat) > 1e-9 * largest, np.sign(flat), 0.0)
    # Once something was received nothing more may be paid.
    gone = np.maximum.accumulate(sign > 0, axis=1) & (sign < 0)
    chosen = np.flatnonzero((sign < 0).any(axis=1) & (sign > 0).any(axis=1) & ~gone.any(axis=1))
    out = np.full(len(flat), np.nan)
    if chosen.size:
        step = np.arange(flat.shape[1])

        def worth(force: Array, row: Array) -> Array:
            # Over the value of all amounts, so that it stays within -1 and 1 at every rate.
            parts = flat[row] * np.exp(-force[..., None] * step)
            value: Array = parts.sum(axis=-1) / np.abs(parts).sum(axis=-1)
            return value

        low, high = np.log1p(RATES)
        found = elementwise.find_root(worth, (np.full(chosen.size, low), np.full(chosen.size, high)), args=(chosen,))
        out[chosen] = np.where(found.success, np.expm1(found.x), np.nan)
    rates: Array = out.reshape(net.shape[:-1])
    return rates


def factors(
    rate: xr.DataArray, years: Array, base_year: int, assumptions: Assumptions
) -> tuple[xr.DataArray, xr.DataArray]:
    """Value at the base year of one yuan that flows in each year, and of one held at its end; (draw?, year)."""
    missing = sorted(set(years.tolist()) - set(rate["year"].values.tolist()))
    faults = [f"the discount rate of {year} is missing" for year in missing]
    if base_year not in years:
        faults.append(f"base year {base_year}: give a year from {years[0]} to {years[-1]}")
    if faults:
        raise AxisError(faults)
    growth = 1 + rate.sel(year=years)
    grown = growth.cumprod("year")
    end = grown.sel(year=base_year, drop=True) / grown
    mid_year = assumptions.investment.interest_convention == "mid_year"
    return (end * np.sqrt(growth) if mid_year else end), end


def valued(flows: xr.Dataset, flow: xr.DataArray, end: xr.DataArray, opening: int) -> xr.Dataset:
    """Sum the years out of the flows of a few draws."""
    paid_in, gifts = (sum((flows[n] for n in names[1:]), flows[names[0]]) for names in (OWN, CREDITS))
    got = sum((flows[n] for n in BENEFITS[1:]), flows[BENEFITS[0]])
    amounts = xr.Dataset({"paid_in": paid_in, "credits": gifts} | {n: flows[n] for n in BENEFITS})
    worth = amounts * flow
    past = worth["year"] <= opening
    values = xr.concat([worth.where(keep, 0.0).sum("year") for keep in (past, ~past)], "period")
    values = values.assign_coords(period=list(PERIODS)).transpose(..., "period")
    benefits = sum((values[n] for n in BENEFITS[1:]), values[BENEFITS[0]])
    last = flows["year"].values[-1]
    left = (flows["accounts_balance"] * end).sel(year=last, drop=True)
    # What is owned at the end counts as received then, brought to the day on which the last year's money flows.
    got = got + (flows["accounts_balance"] * (end / flow)).where(flows["year"] == last, 0.0)
    net = benefits - values["paid_in"]
    members, brought = flows["members"].max("year"), values["paid_in"].sum("period")
    transfer = net.sum("period") + left
    rates = internal_rate((got - paid_in).transpose(..., "year").values)
    return values.assign(
        net_transfer=net,
        account_left=left,
        lifetime_transfer=transfer,
        members=members,
        transfer_per_member=transfer / members.where(members > 0),
        benefit_ratio=(benefits.sum("period") + left) / brought.where(brought > 0),
        internal_rate=members.copy(data=rates),
    )
