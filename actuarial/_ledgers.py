"""The two ledgers of a fund as plain arrays: the recursion over years."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

Array = np.ndarray


class Cash(NamedTuple):
    """Yearly money of the two ledgers, plain arrays, shape (draw, year), yuan.

    Attributes
    ----------
    pool_income, pool_outgo, accounts_income, accounts_outgo
        With the world outside.
    transferred
        From the pool into the accounts, interest apart.
    credited
        Interest credited to the accounts.
    rate
        Rate earned, per year.
    """

    pool_income: Array
    pool_outgo: Array
    accounts_income: Array
    accounts_outgo: Array
    transferred: Array
    credited: Array
    rate: Array


class Ledgers(NamedTuple):
    """What the recursion gives, shape (draw, year), yuan; stocks at 31 December."""

    interest: Array
    pool_balance: Array
    accounts_balance: Array
    shortfall: Array


def carry(cash: Cash, opening_pool: Array, opening_accounts: Array, *, mid_year: bool, lending: bool = True) -> Ledgers:
    """Carry both ledgers through the years.

    Parameters
    ----------
    cash : Cash
        Arrays of shape (draw, year).
    opening_pool, opening_accounts : numpy.ndarray, shape (draw,)
        Balances before the first year; the pool may owe the accounts.
    mid_year : bool
        Flows of a year earn half a year; else only the opening balance earns.
    lending : bool
        The pool may go on with what the accounts hold; else it ends where it is
        empty, and owes no more than it did at the opening.

    Returns
    -------
    Ledgers
        With ``balance = pool + accounts`` never below 0: what is missing at 31
        December is `shortfall`, and the pool then owes the accounts all that it may.
    """
    net = cash.pool_income + cash.accounts_income - cash.pool_outgo - cash.accounts_outgo
    half = np.sqrt(1 + cash.rate) - 1 if mid_year else np.zeros_like(cash.rate)
    owed = cash.accounts_income + cash.transferred + cash.credited - cash.accounts_outgo
    own = cash.pool_income - cash.pool_outgo - cash.transferred - cash.credited
    out = Ledgers(*(np.zeros_like(net) for _ in Ledgers._fields))
    pool, accounts = opening_pool.astype(float), opening_accounts.astype(float)
    floor = np.minimum(pool, 0.0)
    for t in range(net.shape[1]):
        interest = cash.rate[:, t] * (pool + accounts) + half[:, t] * net[:, t]
        accounts = accounts + owed[:, t]
        pool = pool + own[:, t] + interest
        # What was borrowed before may only be paid back: the floor rises with the pool, up to 0.
        least = -accounts if lending else np.maximum(floor, -accounts)
        shortfall = np.maximum(least - pool, 0.0)
        pool = np.where(shortfall > 0, least, pool)
        floor = np.minimum(pool, 0.0)
        for row, value in zip(out, (interest, pool, accounts, shortfall), strict=True):
            row[:, t] = value
    return out
