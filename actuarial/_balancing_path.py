"""Steer the basic pension by the balance ratio, year by year."""

from __future__ import annotations

import numpy as np
import xarray as xr

from actuarial._balancing_terms import Terms, account_years, ones
from actuarial._labels import plain
from actuarial.assumptions import Assumptions
from actuarial.benefit import PARTS
from actuarial.flow import Flow
from actuarial.fund import Fund, carried

Array = np.ndarray

LAG = 2
"""Years from a ratio to the pension that it moves: the accounts of a year are closed in the next (as in Sweden)."""

SCALED = ("basic_pension_per_head", *PARTS)
"""What of a prepared projection is basic pension, and so moves with the index."""


def ratio(contribution_asset: Array, reserve: Array, liability: Array) -> Array:
    """Assets over liability; see `actuarial.balancing.balance_ratio`."""
    assets, owed = np.broadcast_arrays(np.add(contribution_asset, reserve), np.asarray(liability, dtype=float))
    return np.divide(assets, owed, out=np.full(owed.shape, np.nan), where=owed > 0)


def scaled(ready: xr.Dataset, index: xr.DataArray) -> xr.Dataset:
    """Multiply the basic pension of `ready` by an index, part by part."""
    moved = {name: (ready[name] * index).assign_attrs(ready[name].attrs) for name in SCALED if name in ready}
    return ready.assign({name: values.transpose(..., "year") for name, values in moved.items()})


def steered(fund: Fund, ready: xr.Dataset, terms: Terms, assumptions: Assumptions) -> Array:
    """Find the index of each year from the ratio two years before; shape (draw, year), from the opening year on."""
    years, rule, shape = account_years(fund, ready), assumptions.benefit, terms.asset.shape
    books = _Books(fund, ready, assumptions, shape)
    per_head = np.broadcast_to(plain(ready["basic_pension_per_head"].sel(year=years), "year"), shape)
    # The floor of growth holds for what is paid; balancing adds nothing where indexation is at the floor by itself.
    least = np.minimum((1.0 + rule.growth_floor) * per_head[:, :-1] / per_head[:, 1:], 1.0)
    path = np.ones(shape)
    for t in range(1, years.size):
        before, now = t - LAG, path[:, t - 1]
        if before >= 0 and years[t] >= rule.balancing_from:
            known = ratio(terms.asset[:, before], books.pool, terms.liability[:, before] * path[:, before])
            wanted = now * (1.0 + rule.balancing_share * (np.nan_to_num(known, nan=1.0) - 1.0))
            path[:, t] = np.clip(wanted, now * least[:, t - 1], 1.0)
        else:
            path[:, t] = now
        if t > 1:
            books.close(t - 1, path[:, t - 1])
    return path


class _Books:
    """The fund's ledgers while the index is being found: a year is closed once its index is known."""

    def __init__(self, fund: Fund, ready: xr.Dataset, assumptions: Assumptions, shape: tuple[int, ...]) -> None:
        self.fund, self.ready, self.assumptions, self.shape = fund, ready, assumptions, shape
        self.years = account_years(fund, ready)
        balance, owed = (np.asarray(value, dtype=float) for value in (fund.opening_balance, fund.opening_accounts))
        self.pool, self.accounts = (np.broadcast_to(v, shape[:1]) for v in (balance - owed, owed))
        self.rate = self._path(fund.rate(ready, assumptions))
        self.amounts = {flow.name: self._amount(flow, ready) for flow in fund.flows}
        self.index = ones(ready)
        half = scaled(ready, 0.5 * self.index)
        self.moved = [f for f in fund.flows if not np.array_equal(self._amount(f, half), self.amounts[f.name])]

    def _amount(self, flow: Flow, ready: xr.Dataset) -> Array:
        return self._path(flow.amount(ready, self.assumptions))

    def _path(self, values: xr.DataArray) -> Array:
        return np.broadcast_to(plain(values.sel(year=self.years), "year"), self.shape)

    def close(self, t: int, index: Array) -> None:
        """Carry both ledgers over year `t` at its index, shape (draw,)."""
        self._set(t, index)
        now = scaled(self.ready, self.index)
        amounts = {name: values[:, [t]] for name, values in self.amounts.items()} | {"rate_earned": self.rate[:, [t]]}
        amounts |= {flow.name: self._amount(flow, now)[:, [t]] for flow in self.moved}
        _, ledgers = carried(self.fund, amounts, self.pool, self.accounts, self.assumptions)
        self.pool, self.accounts = ledgers.pool_balance[:, 0], ledgers.accounts_balance[:, 0]

    def _set(self, t: int, index: Array) -> None:
        at = {"year": self.ready["year"].values == self.years[t]}
        self.index.loc[at] = index[:, None] if "draw" in self.index.dims else index
