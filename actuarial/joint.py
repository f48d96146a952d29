"""Several funds together: short in the same year, by chance or in common, and what they need of the budget.

The same draw is the same people and the same economy in every fund. How often two
funds are short in the same year is therefore held against what chance alone would
make: the same funds with their draws paired at random. Over all such pairings the
mean frequency is exactly that of independent events with the same probabilities,
and is worked out so; the spread of chance comes from the pairings in which the
draws of each fund are moved on by a different step. No random number is drawn.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise

import numpy as np
import xarray as xr

from actuarial._labels import told
from actuarial.rates import over
from forecasting.axes import AxisError, join_years, require

Array = np.ndarray

TAIL = 0.95
"""Level of the value at risk."""

SHORTAGE = {
    "short_probability": ("share", "Part of the draws in which the fund is short in the year"),
    "joint_probability": ("share", "Part of the draws in which at least so many funds are short in the same year"),
    "chance_probability": ("share", "The same if the funds had nothing in common but their own probabilities"),
    "chance_low": ("share", "Lower end of the 95 % interval of the same under random pairing of draws"),
    "chance_high": ("share", "Upper end of the 95 % interval of the same under random pairing of draws"),
    "common_part": ("share", "Joint less chance probability: what common people, prices and incomes add"),
    "ever_probability": ("share", "Part of the draws with such a year up to now"),
    "ever_chance": ("share", "The same under random pairing of draws"),
}
"""Unit and meaning of each variable that :func:`shortage` returns."""

NEED = {
    "need": ("yuan", "Fiscal need of all funds"),
    "need_share": ("share of budget revenue", "Fiscal need of all funds over general public budget revenue"),
    "need_share_at_risk": (
        "share of budget revenue",
        "Fiscal need over budget revenue that one draw in twenty passes",
    ),
    "chance_at_risk": ("share of budget revenue", "The same if the needs of the funds were paired at random"),
    "common_variance": (
        "share",
        "Part of the variance of the need over budget revenue that the funds have in common; below 0 they offset "
        "each other",
    ),
    "tail_part": ("share", "Part of each fund in the mean need of the draws at or beyond the value at risk"),
}
"""Unit and meaning of each variable that :func:`fiscal_need` returns."""


def is_short(account: xr.Dataset) -> xr.DataArray:
    """Tell in which years a fund is short: its pool is below 0, or money is missing that it owes.

    Parameters
    ----------
    account : xarray.Dataset
        From :func:`actuarial.fund.project`.

    Returns
    -------
    xarray.DataArray of bool, dims (draw?, year)
    """
    return (account["pool_balance"] < 0) | (account["shortfall"] > 0)


def need_of(account: xr.Dataset, budget_flows: Sequence[str]) -> xr.DataArray:
    """Return what budgets must give a fund so that its pool stays where it is.

    Parameters
    ----------
    account : xarray.Dataset
        From :func:`actuarial.fund.project`.
    budget_flows : sequence of str
        Income of the fund that comes from budgets, such as ``fiscal_transfer``.

    Returns
    -------
    xarray.DataArray, dims (draw?, year)
        Outgo of the pool less its other income and interest, yuan a year; below 0 the pool grows without them.

    Raises
    ------
    forecasting.axes.AxisError
        If the account lacks a flow.
    """
    require(account, budget_flows)
    given = sum((account[name] for name in budget_flows), np.float64(0.0))
    return account["pool_outgo"] - (account["pool_income"] - given) - account["pool_interest"]


def shortage(short: Mapping[str, xr.DataArray], at_least: int = 2) -> xr.Dataset:
    """Work out how often several funds are short in the same year, and how much of that is common.

    Parameters
    ----------
    short : mapping
        From the name of a fund to its flags over (draw, year), as of :func:`is_short`.
    at_least : int
        How many funds make a joint shortage.

    Returns
    -------
    xarray.Dataset
        The variables of :data:`SHORTAGE` over (year), ``short_probability`` over (fund,
        year), each with ``unit`` and ``meaning``. Reduces over ``draw``.

    Raises
    ------
    forecasting.axes.AxisError
        If draws or years differ, there are fewer draws than funds, or fewer funds than asked for.
    """
    names, flags, template = _stacked(short)
    if not 1 <= at_least <= len(names):
        raise AxisError([f"{at_least} of {len(names)} funds: give a number from 1 to {len(names)}"])
    flags = flags > 0
    marginal = flags.mean(axis=1)
    joint = flags.sum(axis=0) >= at_least
    paired = np.stack([(moved.sum(axis=0) >= at_least) for moved in _pairings(flags)])
    low, high = np.quantile(paired.mean(axis=1), (0.025, 0.975), axis=0)
    chance = chance_of(marginal, at_least)
    yearly = {
        "joint_probability": joint.mean(axis=0),
        "chance_probability": chance,
        "chance_low": low,
        "chance_high": high,
        "common_part": joint.mean(axis=0) - chance,
        "ever_probability": np.maximum.accumulate(joint, axis=1).mean(axis=0),
        "ever_chance": np.maximum.accumulate(paired, axis=2).mean(axis=(0, 1)),
    }
    data: dict[str, tuple] = {n: (("year",), values) for n, values in yearly.items()}
    data["short_probability"] = (("fund", "year"), marginal)
    return told(xr.Dataset(data, {"fund": names, "year": template["year"].values}), SHORTAGE)


def chance_of(probability: Array, at_least: int) -> Array:
    """Probability that at least so many of several independent events happen.

    Parameters
    ----------
    probability : numpy.ndarray, shape (n, ...)
        One an event.
    at_least : int

    Returns
    -------
    numpy.ndarray, shape (...)
        The upper tail of the Poisson binomial distribution, by recursion over events.
    """
    counts = [np.ones(probability.shape[1:])] + [np.zeros(probability.shape[1:])] * probability.shape[0]
    for p in probability:
        counts = [counts[0] * (1 - p)] + [here * (1 - p) + before * p for before, here in pairwise(counts)]
    tail: Array = sum(counts[at_least:], np.zeros(probability.shape[1:]))
    return tail


def fiscal_need(need: Mapping[str, xr.DataArray], budget_revenue: xr.DataArray) -> xr.Dataset:
    """Work out what all funds together need of the budget.

    Parameters
    ----------
    need : mapping
        From the name of a fund to yuan a year over (draw, year), as of :func:`need_of`.
    budget_revenue : xarray.DataArray, dims (draw?, year)
        General public budget revenue, yuan a year, in the years of the funds.

    Returns
    -------
    xarray.Dataset
        ``need`` and ``need_share`` over (draw, year); the other variables of :data:`NEED`
        reduce over ``draw``: they are over (year), and ``tail_part`` over (fund, year).

    Raises
    ------
    forecasting.axes.AxisError
        If draws or years differ, or there are fewer draws than funds.
    """
    names, yuan, template = _stacked(need)
    revenue = join_years(budget_revenue.to_dataset(name="revenue"), template["year"].values)["revenue"]
    if "draw" in revenue.dims and not np.array_equal(revenue["draw"].values, template["draw"].values):
        raise AxisError(["budget_revenue: its draws are not those of the funds"])
    share = over(xr.ones_like(template), revenue).transpose("draw", "year").values * yuan
    total = share.sum(axis=0)
    at_risk = np.quantile(total, TAIL, axis=0)
    paired = np.stack([np.quantile(moved.sum(axis=0), TAIL, axis=0) for moved in _pairings(share)])
    beyond = total >= at_risk
    tail = (share * beyond).sum(axis=1) / np.maximum(beyond.sum(axis=0), 1)
    data: dict[str, tuple] = {
        "need": (("draw", "year"), yuan.sum(axis=0)),
        "need_share": (("draw", "year"), total),
        "need_share_at_risk": (("year",), at_risk),
        "chance_at_risk": (("year",), paired.mean(axis=0)),
        "common_variance": (("year",), _ratio(total.var(axis=0) - share.var(axis=1).sum(axis=0), total.var(axis=0))),
        "tail_part": (("fund", "year"), _ratio(tail, tail.sum(axis=0))),
    }
    coords = {"draw": template["draw"].values, "fund": names, "year": template["year"].values}
    return told(xr.Dataset(data, coords), NEED)


def _stacked(funds: Mapping[str, xr.DataArray]) -> tuple[list[str], Array, xr.DataArray]:
    """Stack the funds as (fund, draw, year) of float; return names, values, and ones with their labels."""
    faults = [f"{name}: has no draws" for name, a in funds.items() if "draw" not in a.dims]
    if not funds or faults:
        raise AxisError(faults or ["there are no funds"])
    first = next(iter(funds.values())).transpose("draw", "year")
    for name, a in funds.items():
        for axis in ("draw", "year"):
            if not np.array_equal(a[axis].values, first[axis].values):
                faults.append(f"{name}: its {axis}s are not those of {next(iter(funds))}")
    if first.sizes["draw"] < max(len(funds), 2):
        faults.append(f"{first.sizes['draw']} draws: to pair them at random give more draws than funds")
    if faults:
        raise AxisError(faults)
    values = np.stack([a.transpose("draw", "year").values.astype(float) for a in funds.values()])
    return list(funds), values, xr.ones_like(first, dtype=float)


def _pairings(values: Array, most: int = 200) -> Iterable[Array]:
    """Move the draws of each fund on by a step of its own; values of shape (fund, draw, year).

    The k-th fund moves by k times a step. Steps that would bring two funds back
    together are left out, and of the rest at most `most` are taken, evenly spread.
    """
    funds, draws = values.shape[:2]
    steps = [s for s in range(1, draws) if len({k * s % draws for k in range(funds)}) == funds]
    for step in steps[:: -(-len(steps) // most)]:
        yield np.stack([np.roll(values[k], k * step, axis=0) for k in range(funds)])


def _ratio(part: Array, whole: Array) -> Array:
    """Divide; NaN where the whole is 0."""
    return np.divide(part, whole, out=np.full(np.broadcast(part, whole).shape, np.nan), where=np.asarray(whole) > 0)
