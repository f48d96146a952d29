"""Members out of work, month by month and by time out of work, as plain arrays."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

Array = np.ndarray


@dataclass(frozen=True)
class Spells:
    """What moves people out of unemployment, as shares a month.

    Attributes
    ----------
    months : int
        Longest time out of work that gives a benefit.
    exit_rate : float
        Who finds work in a month while the rate stands still.
    placed_share : float
        Who is in work the month after a training.
    take_up : float
        Who draws the emergency allowance in months of the plan; the same people throughout a spell.
    """

    months: int
    exit_rate: float
    placed_share: float
    take_up: float


class OutOfWork(NamedTuple):
    """Shares of the members, shape (draw, month).

    Attributes
    ----------
    stock
        Out of work.
    entitled
        Out of work for at most ``Spells.months``.
    trained
        Begin a training.
    journeys
        Draw the emergency allowance for the first time in their spell.
    """

    stock: Array
    entitled: Array
    trained: Array
    journeys: Array


def carry(rate: Array, plan: Array, trained_share: Array, spells: Spells) -> OutOfWork:
    """Carry members in and out of work through the months.

    Parameters
    ----------
    rate : numpy.ndarray, shape (draw, month)
        Unemployment of the members if nobody were trained, below 1.
    plan : numpy.ndarray of bool, shape (draw, month)
        Does the emergency plan run?
    trained_share : numpy.ndarray, shape (draw, month)
        Part of those out of work who begin a training in the month.
    spells : Spells

    Returns
    -------
    OutOfWork
        Without training ``stock`` is `rate`.

    Notes
    -----
    Who is out of work leaves at ``exit_rate``, and faster where the rate falls faster than that allows; whoever is
    missing then has lost work in the month. Losses of work are a share of those in work, so that training, which
    takes people out of unemployment, also exposes them to losing work again. The first month is a steady state.
    """
    keep = _keep(rate, spells.exit_rate)
    lost = _lost(rate, keep)
    waiting = people = _steady(rate[:, 0], spells)
    out = OutOfWork(*(np.empty_like(rate) for _ in OutOfWork._fields))
    for t in range(rate.shape[1]):
        if t > 0:
            begun = trained_share[:, t - 1]
            # A training never harms: where times are good, the trained leave as fast as all.
            stay = (1.0 - begun) * keep[:, t] + begun * np.minimum(keep[:, t], 1.0 - spells.placed_share)
            fresh = lost[:, t] * (1.0 - people.sum(axis=1))
            people, waiting = (_older(group, stay, fresh) for group in (people, waiting))
        starting = np.where(plan[:, t], spells.take_up * waiting[:, : spells.months].sum(axis=1), 0.0)
        waiting = np.where(plan[:, [t]] & (np.arange(spells.months + 1) < spells.months), 0.0, waiting)
        stock = people.sum(axis=1)
        row = (stock, people[:, : spells.months].sum(axis=1), trained_share[:, t] * stock, starting)
        for array, value in zip(out, row, strict=True):
            array[:, t] = value
    return out


def _keep(rate: Array, exit_rate: float) -> Array:
    """Part of those out of work that stays so for another month, shape (draw, month); nothing is asked of the first."""
    left = (1.0 - exit_rate) * rate[:, :-1]
    faster = np.divide(rate[:, 1:], left, out=np.ones_like(left), where=left > rate[:, 1:])
    return np.column_stack([np.ones(len(rate)), (1.0 - exit_rate) * faster])


def _lost(rate: Array, keep: Array) -> Array:
    """Part of those in work that loses it in the month, shape (draw, month)."""
    entered = (rate[:, 1:] - keep[:, 1:] * rate[:, :-1]).clip(min=0.0)
    return np.column_stack([np.zeros(len(rate)), entered / (1.0 - rate[:, :-1])])


def _steady(rate: Array, spells: Spells) -> Array:
    """People by months out of work, 1 to ``months``, then all who are longer out; shape (draw, months + 1)."""
    still = (1.0 - spells.exit_rate) ** np.arange(spells.months)
    parts = np.append(spells.exit_rate * still, (1.0 - spells.exit_rate) ** spells.months)
    return rate[:, None] * parts


def _older(people: Array, stay: Array, fresh: Array) -> Array:
    kept = people * stay[:, None]
    return np.column_stack([fresh, kept[:, :-2], kept[:, -2] + kept[:, -1]])
