"""Portfolios of the entrusted money: shares by class of asset, the limits of the 2015 rule, and what they earn.

Part of a fund's assets is entrusted to be invested, the rest stays in deposits
(:func:`mixed_rate`). For the entrusted part, article 37 of the Measures for the
investment of basic pension funds (State Council 2015 No. 48) bounds the share of
each class in net asset value at fair value. A :class:`Portfolio` that breaks a
limit cannot be made. The classes are the article's, and so is what belongs to
them: a deposit of more than a year counts with bonds, a mixed fund with stocks.

Bonds may come to 135 % of net asset value because the fund may borrow on them:
it sells bonds with a promise to buy them back. What is held less what is borrowed
is net asset value, and the three limits meet in one portfolio: 5 % liquid and
135 % bonds, 40 % borrowed.

Shares are brought back to the portfolio at the start of every year. Prices may
carry a share beyond its limit during the year; the article allows that and asks
for the share to be put right within the days that the contract names. How often
that happens is :func:`passed`.

Not here, because yearly returns cannot see them: article 38 (futures hedge, and
never beyond the book value of what they hedge).
"""

from __future__ import annotations

from functools import reduce
from operator import add
from typing import Self

import numpy as np
import xarray as xr
from pydantic import model_validator

from actuarial._portfolio_limits import CLASSES, LIMITS, SIGNS, Constraints, Limit, check, constraints
from actuarial._quantity import Section, quantity
from forecasting.axes import AxisError

__all__ = [
    "CLASSES",
    "LIMITS",
    "Constraints",
    "Limit",
    "Portfolio",
    "check",
    "constraints",
    "drifted",
    "mixed_rate",
    "passed",
    "returns",
]

_SHARE = "share of net asset value"
_RULE = "State Council 2015 No. 48, article 37"
_PRIOR = "Granary's choice: the equity and bonds that the prior of the entrusted portfolio's return takes"


class Portfolio(Section):
    """Shares of the entrusted money by class; the ranges are of what can be typed, the limits are the rule's.

    Raises
    ------
    pydantic.ValidationError
        As :func:`check`: one error that lists every limit broken.
    """

    liquid: float = quantity(
        0.05,
        unit=_SHARE,
        low=0.0,
        high=2.0,
        meaning="Current accounts, deposits and treasury bonds of up to a year, central bank bills, bonds bought with "
        "resale, money-market funds and products; at least 0.05",
        source=f"{_RULE} (1); the least that it allows",
    )
    fixed_income: float = quantity(
        0.65,
        unit=_SHARE,
        low=0.0,
        high=2.0,
        meaning="Deposits and treasury bonds of more than a year, negotiable certificates, bonds of policy banks, "
        "banks, companies and local governments, convertible and asset-backed bonds, bond funds; at most 1.35",
        source=f"{_RULE} (2). {_PRIOR}",
    )
    equity: float = quantity(
        0.30,
        unit=_SHARE,
        low=0.0,
        high=2.0,
        meaning="Stocks, stock funds, mixed funds, stock pension products; at most 0.30",
        source=f"{_RULE} (3). {_PRIOR}",
    )
    projects: float = quantity(
        0.0,
        unit=_SHARE,
        low=0.0,
        high=2.0,
        meaning="National projects and shares in key state enterprises; at most 0.20",
        source=f"{_RULE} (4). Granary's choice: none",
    )
    borrowed: float = quantity(
        0.0,
        unit=_SHARE,
        low=0.0,
        high=2.0,
        meaning="Owed on bonds sold with repurchase, which pays for what is held above net asset value; at most 0.40",
        source=f"{_RULE} (2), second sentence. Granary's choice: none",
    )

    @model_validator(mode="after")
    def _within_the_rule(self) -> Self:
        check(self.shares)
        return self

    @property
    def shares(self) -> dict[str, float]:
        """Share of net asset value of each class, in the order of :data:`CLASSES`; what is owed is positive."""
        return {name: getattr(self, name) for name in CLASSES}


def returns(portfolio: Portfolio, class_returns: xr.Dataset) -> xr.DataArray:
    """Return of a portfolio whose shares are restored at the start of each year.

    Parameters
    ----------
    portfolio : Portfolio
        Shares by class.
    class_returns : xarray.Dataset, dims (draw?, year)
        A variable for each class with a share above 0: rate per year, ``borrowed`` being the rate paid. The same draw
        is the same market in every class.

    Returns
    -------
    xarray.DataArray, dims (draw?, year)
        Rate per year: the sum of share times return, less share times rate of what is borrowed.

    Raises
    ------
    forecasting.axes.AxisError
        Listing every class held that has no return, has a NaN, or loses more than all.
    ValueError
        If losses use up the net asset value in some year: nothing would be left to invest.
    """
    held = _held(portfolio, class_returns)
    rate = reduce(add, (SIGNS[name] * share * class_returns[name] for name, share in held.items()))
    gone = int((rate <= -1).sum())
    if gone:
        raise ValueError(f"losses use up the net asset value in {gone} of {rate.size} years and draws: borrow less")
    return _told(rate, "portfolio_return", "rate per year", "Return of the entrusted portfolio")


def mixed_rate(
    market_share: float | xr.DataArray, portfolio: Portfolio, class_returns: xr.Dataset, deposits: xr.DataArray
) -> xr.DataArray:
    """Return of the whole fund: the entrusted part earns the portfolio's return, the rest what deposits earn.

    It stands where :func:`actuarial.investment.rate_earned` stands, the portfolio in place of ``market_return``.

    Parameters
    ----------
    market_share : float or xarray.DataArray, dims (year)
        Part of all assets that is entrusted, 0 to 1; restored every year.
    portfolio, class_returns
        As in :func:`returns`.
    deposits : xarray.DataArray, dims (draw?, year)
        Rate per year of what is not entrusted, its spread included.

    Returns
    -------
    xarray.DataArray, dims (draw?, year)
        Rate per year.

    Raises
    ------
    ValueError
        If a share is outside 0 to 1, if labels of draws or years differ, or as :func:`returns`.
    """
    if not np.all((np.asarray(market_share) >= 0) & (np.asarray(market_share) <= 1)):
        raise ValueError("market_share lies outside 0 to 1: it is the part of all assets that is entrusted")
    with xr.set_options(arithmetic_join="exact"):
        rate = (1 - market_share) * deposits + market_share * returns(portfolio, class_returns)
    return _told(rate, "rate_earned", "rate per year", "Return of the whole fund")


def drifted(portfolio: Portfolio, class_returns: xr.Dataset) -> xr.Dataset:
    """Shares at the end of each year, before they are restored.

    Parameters
    ----------
    portfolio, class_returns
        As in :func:`returns`.

    Returns
    -------
    xarray.Dataset, dims (draw?, year)
        A variable for each of :data:`CLASSES`, share of net asset value at the end of the year. A class grows with its
        own return, net asset value with the portfolio's: ``share (1 + return) / (1 + portfolio's return)``.

    Raises
    ------
    ValueError
        As :func:`returns`.
    """
    growth = 1 + returns(portfolio, class_returns)
    held = _held(portfolio, class_returns)
    ends = {name: share * (1 + class_returns[name]) / growth for name, share in held.items()}
    full = {name: ends.get(name, xr.zeros_like(growth)) for name in CLASSES}
    meaning = "At the end of the year, before shares are restored"
    return xr.Dataset({name: _told(values, name, _SHARE, meaning) for name, values in full.items()})


def passed(portfolio: Portfolio, class_returns: xr.Dataset) -> xr.DataArray:
    """Tell where prices alone carry a share beyond its limit by the end of a year.

    Parameters
    ----------
    portfolio, class_returns
        As in :func:`returns`.

    Returns
    -------
    xarray.DataArray of bool, dims (limit, draw?, year)
        ``limit`` names the class. The mean over draws is the probability that holdings must be put right, which
        article 37 asks for within the days that the contract names.

    Raises
    ------
    ValueError
        As :func:`returns`.
    """
    ends = drifted(portfolio, class_returns)
    # A share that is at its limit and moves with all others comes back with the rounding of one division.
    beyond = [_beyond(ends[limit.name], limit, portfolio.shares[limit.name]) for limit in LIMITS]
    names = xr.Variable("limit", [limit.name for limit in LIMITS])
    flags = xr.concat(beyond, dim=names).drop_attrs().rename("passed")
    return flags.assign_attrs(unit="flag", meaning="Prices carried the share beyond its limit by the end of the year")


def _beyond(share: xr.DataArray, limit: Limit, start: float) -> xr.DataArray:
    """Flag shares that left the limit and are not where they started, rounding apart."""
    moved = abs(share - start) > np.finfo(float).eps * 8
    return moved & ((share < limit.low) | (share > limit.high))


def _held(portfolio: Portfolio, class_returns: xr.Dataset) -> dict[str, float]:
    """Classes with a share above 0, each with a return that can be earned."""
    held = {name: share for name, share in portfolio.shares.items() if share > 0}
    faults = [f"class_returns lack {name!r}, which the portfolio holds" for name in held if name not in class_returns]
    for name in (n for n in held if n in class_returns):
        if not bool((class_returns[name] >= -1).all() & np.isfinite(class_returns[name]).all()):
            faults.append(f"class_returns of {name!r} have a value that is no number, or a loss of more than all")
    if faults:
        raise AxisError(faults)
    return held


def _told(values: xr.DataArray, name: str, unit: str, meaning: str) -> xr.DataArray:
    """Name values, with the axes in the order of the house: a sum takes that of its first term."""
    ordered = values.transpose("draw", ..., "year", missing_dims="ignore").drop_attrs()
    return ordered.rename(name).assign_attrs(unit=unit, meaning=meaning)
