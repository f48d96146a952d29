"""The Flow protocol: one stream of money into or out of a fund."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np
import xarray as xr

from actuarial.assumptions import Investment
from forecasting.axes import AxisError, require

Ledger = Literal["pool", "accounts"]
Kind = Literal["income", "outgo", "interest"]


class Deficit(Protocol):
    """Who pays when a fund is empty, and when it counts as empty."""

    @property
    def cut_when(self) -> str:
        """``fund_empty`` or ``pool_empty``."""

    @property
    def deficit_rule(self) -> str:
        """``emergency_transfer`` or ``benefit_cut``."""


class FundRules(Protocol):
    """What every fund's assumptions hold, whichever scheme they are of."""

    @property
    def investment(self) -> Investment:
        """What the assets earn."""

    @property
    def valuation(self) -> Deficit:
        """Who pays when the fund is empty."""


class Flow[R](Protocol):
    """One stream of money.

    Attributes
    ----------
    name : str
        Name of its variable in the account.
    ledger : {"pool", "accounts"}
        The ledger that receives or pays it.
    kind : {"income", "outgo", "interest"}
        As the report groups it.
    meaning : str
        One line for a reader.
    """

    @property
    def name(self) -> str:
        """Name of its variable in the account."""

    @property
    def ledger(self) -> Ledger:
        """The ledger that receives or pays it."""

    @property
    def kind(self) -> Kind:
        """As the report groups it."""

    @property
    def meaning(self) -> str:
        """One line for a reader."""

    def amount(self, projection: xr.Dataset, assumptions: R) -> xr.DataArray:
        """Yuan of each year, over ``(draw?, year)``, never negative unless interest.

        Raises
        ------
        forecasting.axes.AxisError
            If the projection lacks a variable or a year.
        """


@dataclass(frozen=True)
class Recorded:
    """A flow that stands in the projection as a variable of its own name.

    Attributes
    ----------
    name, ledger, kind, meaning
        As in :class:`Flow`.
    """

    name: str
    ledger: Ledger
    kind: Kind
    meaning: str

    def amount(self, projection: xr.Dataset, assumptions: object) -> xr.DataArray:
        """Yuan of each year: the variable `name` of `projection`."""
        require(projection, [self.name])
        return projection[self.name]


def grown_from(path: xr.DataArray, first: int) -> xr.DataArray:
    """Growth of `path` since year `first`; 1 up to that year.

    Parameters
    ----------
    path : xarray.DataArray, dims (draw?, year)
        An index or an amount, positive.
    first : int
        A year of `path`, or a year after its end (then 1 throughout).

    Returns
    -------
    xarray.DataArray
        ``path / path[first]`` after `first`, 1 before.

    Raises
    ------
    forecasting.axes.AxisError
        If `first` lies before the first year of `path`.
    """
    years = path["year"]
    if first > int(years[-1]):
        return xr.ones_like(path)
    return (path / _at(path, first)).where(years > first, 1.0)


def in_money_of(path: xr.DataArray, money_year: int) -> xr.DataArray:
    """Level of `path` relative to `money_year`, before and after it.

    Parameters
    ----------
    path : xarray.DataArray, dims (draw?, year)
        Rural income or the price index.
    money_year : int
        A year of `path`.

    Returns
    -------
    xarray.DataArray
        ``path / path[money_year]``.

    Raises
    ------
    forecasting.axes.AxisError
        If `path` lacks `money_year`.
    """
    return path / _at(path, money_year)


def growth(path: xr.DataArray) -> xr.DataArray:
    """Growth of `path` on the year before; 0 in its first year.

    Parameters
    ----------
    path : xarray.DataArray, dims (draw?, year)
        Positive.

    Returns
    -------
    xarray.DataArray
        Rate per year, same labels.
    """
    values = path.transpose(..., "year").values.astype(float)
    rates = np.zeros_like(values)
    rates[..., 1:] = values[..., 1:] / values[..., :-1] - 1
    return path.transpose(..., "year").copy(data=rates)


def _at(path: xr.DataArray, year: int) -> xr.DataArray:
    if year not in path["year"].values:
        raise AxisError([f"year {year} of {path.name or 'a path'} is missing: amounts are stated in its money"])
    return path.sel(year=year, drop=True)
