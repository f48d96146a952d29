"""Generations: what each birth cohort pays to a pension fund and gets from it over its life, and at what return.

A generational account (Auerbach, Gokhale and Kotlikoff, Generational accounts:
a meaningful alternative to deficit accounting, Tax Policy and the Economy 5,
1991) of one fund. A cohort's transfer is the value of what the fund pays to its
members and their heirs less that of what they bring themselves; what others put
into their accounts (the match, collective money) is a gift to them, told apart.
Whoever pays the transfers (budgets, land, other cohorts' interest) is outside
the account. Past and future are apart: Auerbach and others count the future
only, a return over a life needs both.

Values stand at 31 December of a base year, in its nominal yuan, at the rate
that the fund earns or another one. Nothing after the projection is counted but
the account that a cohort then owns. So the transfers of those who are alive then
are told to an age (``seen_to``), and what belongs to a whole life, the
benefit ratio and the internal rate of return, is told only of cohorts that
reach the open age within the projection.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import xarray as xr
from scipy.optimize import elementwise

from actuarial import eligibility
from actuarial._generations_cohorts import BENEFITS, CREDITS, OWN, by_cohort
from actuarial._labels import told
from actuarial.assumptions import Assumptions
from actuarial.fund import Fund
from forecasting.axes import AxisError, require

__all__ = ["BENEFITS", "CREDITS", "LIFETIME", "OWN", "PERIODS", "cohort_flows", "internal_rate", "lifetime"]

Array = np.ndarray

PERIODS = ("past", "future")
"""Years up to the opening of the account, and after it."""

RATES = (-0.9, 10.0)
"""Internal rates of return that are looked for, per year."""

BLOCK = 8
"""Draws whose flows by cohort and year are held at once."""

LIFETIME = {
    "paid_in": ("yuan", "Value of what members bring: contributions, and accounts that come from other schemes"),
    "credits": ("yuan", "Value of what others put into the accounts: the match and collective money"),
    "basic_pension": ("yuan", "Value of basic pensions"),
    "account_pension": ("yuan", "Value of account pensions paid from the accounts"),
    "longevity_tail": ("yuan", "Value of account pensions that the pool pays when the account is used up"),
    "inheritance": ("yuan", "Value of what heirs receive from the accounts"),
    "funeral_grant": ("yuan", "Value of funeral grants, from the opening of the account on"),
    "portability_out": ("yuan", "Value of accounts that move to another scheme"),
    "net_transfer": ("yuan", "Value of all benefits less that of what members bring, apart from the account left"),
    "account_left": ("yuan", "Value of the account that the cohort owns at the end of the projection"),
    "lifetime_transfer": ("yuan", "Net transfers, past and future, and the account left"),
    "members": ("persons", "Contributors and pensioners in the year in which the cohort has most of them"),
    "transfer_per_member": ("yuan per member", "Lifetime transfer over members; empty where there are none"),
    "benefit_ratio": (
        "ratio",
        "Value of benefits and of the account left over that of what members bring (money's worth), over a life that "
        "the projection sees whole",
    ),
    "internal_rate": (
        "per year",
        "Rate at which benefits and the account left are worth what members bring, over a life that is seen whole; "
        "empty where there is no such rate, or more than one",
    ),
}
"""Unit and meaning of each variable that :func:`lifetime` returns."""

_FLOWS = {
    name: ("yuan", "As in the account, after cuts, by sex and cohort") for name in (*BENEFITS, *OWN, *CREDITS)
} | {
    "accounts_balance": ("yuan", "Owed to the cohort at 31 December"),
    "members": ("persons", "Contributors and pensioners at mid-year"),
}


def cohort_flows(
    fund: Fund, account: xr.Dataset, ready: xr.Dataset, people: xr.Dataset, assumptions: Assumptions
) -> xr.Dataset:
    """Give what each cohort brings and gets, year by year.

    Holds every flow by draw, sex, cohort and year: take few draws. :func:`lifetime` goes through all of them.

    Parameters
    ----------
    fund : Fund
        From `actuarial.pension.standard_fund`.
    account : xarray.Dataset
        From `actuarial.fund.project`.
    ready : xarray.Dataset
        From `actuarial.pension.with_accounts` of all members, balanced if the pension was.
    people : xarray.Dataset
        What `ready` was made from: people by (draw?, sex, age, year), money by (draw?, year).
    assumptions : Assumptions
        Those of the account.

    Returns
    -------
    xarray.Dataset
        :data:`BENEFITS`, :data:`OWN` and :data:`CREDITS`, yuan a year, ``accounts_balance``, yuan at 31 December,
        and ``members``, persons, over (draw?, sex, born, year), each with ``unit`` and ``meaning``; ``born`` is the
        year less the age at mid-year, the open age of a year being one age. Each flow summed over sex and cohort is
        that of the account, less the cut where the account cuts it. Before the first year with a published basic
        pension there is none; funeral grants begin with the account.

    Raises
    ------
    forecasting.axes.AxisError
        If a variable is missing, `people` are others than those of `ready`, or the fund pays what is nobody's here.
    """
    people = _checked(account, ready, people, assumptions)
    values = by_cohort(fund, account, ready, people, assumptions)
    coords = {"sex": people["sex"].values, "born": _born(people), "year": people["year"].values}
    if "draw" in ready.dims:
        coords = {"draw": ready["draw"].values} | coords
    shape = tuple(len(labels) for labels in coords.values())
    full = {
        n: xr.DataArray(np.broadcast_to(a if "draw" in coords else a[0], shape), coords, tuple(coords))
        for n, a in values.items()
    }
    return told(full, _FLOWS)


def lifetime(
    fund: Fund,
    account: xr.Dataset,
    ready: xr.Dataset,
    people: xr.Dataset,
    assumptions: Assumptions,
    *,
    rate: xr.DataArray | None = None,
    base_year: int | None = None,
    by_sex: bool = True,
) -> xr.Dataset:
    """Value what each cohort brings and gets over its life.

    Parameters
    ----------
    fund, account, ready, people, assumptions
        As in :func:`cohort_flows`.
    rate : xarray.DataArray, dims (draw?, year), optional
        Discount rate per year, of all years of `ready`; by default what the fund earns.
    base_year : int, optional
        Values stand at its 31 December; by default the opening of the account.
    by_sex : bool
        Women and men apart, else both as one.

    Returns
    -------
    xarray.Dataset
        :data:`LIFETIME` over (draw?, sex?, born), the flows and ``net_transfer`` also over ``period``
        (:data:`PERIODS`), with ``unit`` and ``meaning``. The coordinate ``seen_to`` is the age that a cohort reaches
        in the last year. Flows are discounted from mid-year, or from the end of the year where the assumptions'
        interest convention has it so.

    Raises
    ------
    forecasting.axes.AxisError
        As :func:`cohort_flows`, or if a year of the rate or the base year is missing.
    """
    people = _checked(account, ready, people, assumptions)
    base_year = fund.opening_year if base_year is None else base_year
    discount = fund.rate(ready, assumptions) if rate is None else rate
    flow, end = _factors(discount, ready["year"].values, base_year, assumptions)
    parts = []
    for take in _blocks(ready):
        kept, made, members = (_part(data, take) for data in (account, ready, people))
        flows = cohort_flows(fund, kept, made, members, assumptions)
        flows = flows if by_sex else flows.sum("sex")
        parts.append(_valued(flows, _part(flow, take), _part(end, take), fund.opening_year))
    whole = xr.concat(parts, "draw") if len(parts) > 1 else parts[0]
    seen = (int(ready["year"][-1]) - whole["born"]).clip(max=int(people["age"][-1]))
    complete = seen == int(people["age"][-1])
    whole = whole.assign({n: whole[n].where(complete) for n in ("benefit_ratio", "internal_rate")})
    return told(whole, LIFETIME).assign_coords(seen_to=seen)


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


def _checked(account: xr.Dataset, ready: xr.Dataset, people: xr.Dataset, assumptions: Assumptions) -> xr.Dataset:
    """Refuse what lacks a variable; let the people draw the pension from the age that the rules say."""
    require(account, ["benefit_cut", "funeral_grant"])
    require(ready, ["minimum_pension_paid", "local_top_up_paid", "increments_paid"])
    people = eligibility.members(people, assumptions)
    if not np.array_equal(people["year"].values, ready["year"].values):
        raise AxisError(["the years of the people are not those of the scheme's money: give what it was made from"])
    return people


def _born(people: xr.Dataset) -> Array:
    first, ages, last = int(people["year"][0]), people.sizes["age"], int(people["year"][-1])
    return np.arange(first - ages + 1, last + 1)


def _factors(
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


def _valued(flows: xr.Dataset, flow: xr.DataArray, end: xr.DataArray, opening: int) -> xr.Dataset:
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


def _blocks(ready: xr.Dataset) -> Iterator[slice]:
    draws = ready.sizes.get("draw", 1)
    return (slice(start, start + BLOCK) for start in range(0, draws, BLOCK))


def _part[D: (xr.Dataset, xr.DataArray)](data: D, take: slice) -> D:
    return data.isel(draw=take) if "draw" in data.dims else data
