"""Two futures of one economy mixed by group: what is kept of the first, and the rest drawn given what is kept.

Economy (income, prices, budget revenue), land income and returns are one model. Their parameters are correlated in
its posterior, and the yearly shocks of land income contain part of those of the economy. So the rest must be drawn
*given* what is kept, or it would be another model's future.
"""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
import xarray as xr
from scipy.special import ndtr, ndtri

from forecasting.models import economy

MONEY = ("economy", "land_income", "returns")
"""Groups of the model of the economy."""

_PROCESS = {"economy": (0, 1, 2), "land_income": (3,), "returns": (4,)}
_COUPLING = {
    group: tuple(n for n, (shaken, _) in enumerate(economy.PAIRS) if shaken in own) for group, own in _PROCESS.items()
}
_SERIES = {
    "economy": ("rural_income", "inflation", "budget_revenue"),
    "land_income": ("land_income",),
    "returns": ("deposit_rate", "market_return"),
}
_ANCHOR = {"land_income": ("land_",), "returns": ("deposit_", "market_")}
_ENTIRE = slice(None)


def columns(group: str) -> list[tuple[str, slice | tuple[int, ...]]]:
    """Return what of the posterior belongs to a group: variables, and which of their places.

    Parameters
    ----------
    group : str
        One of :data:`MONEY`.

    Returns
    -------
    list of tuple
        A process has its memory, its shock, the coupling of its shock to those before it, its last state, its
        anchors and its published series with what was not published of them.
    """
    own = _PROCESS[group]
    anchors = tuple(n for n, name in enumerate(economy.ANCHORS) if _anchored(name) == group)
    named: list[tuple[str, slice | tuple[int, ...]]] = [(name, own) for name in ("memory", "shock", "state")]
    named += [("coupling", _COUPLING[group]), ("anchor", anchors)]
    return named + [(name, _ENTIRE) for name in _SERIES[group]]


def _anchored(name: str) -> str:
    return next((group for group, starts in _ANCHOR.items() if name.startswith(starts)), "economy")


def mixed(posterior: xr.Dataset, first: np.ndarray, second: np.ndarray, kept: Collection[str]) -> xr.Dataset:
    """Keep some groups' parameters of the first future, and draw those of the others given them.

    Parameters
    ----------
    posterior : xarray.Dataset
        Of the economy, all draws: their ranks tell how parameters go together.
    first, second : numpy.ndarray of int, shape (draw,)
        Places of the draws of the two futures.
    kept : collection of str
        Of :data:`MONEY`.

    Returns
    -------
    xarray.Dataset
        Those of the first draws if all are kept, of the second if none is; else the second's others, moved by what
        the kept ones of the first let expect, under a Gaussian copula (the ranks of each parameter as normal scores,
        with their correlations). Each parameter keeps its own distribution.
    """
    start, other = posterior.isel(draw=first), posterior.isel(draw=second)
    if all(group in kept for group in MONEY):
        return start
    other = other.assign_coords(draw=start["draw"])
    if not any(group in kept for group in MONEY):
        return other
    scores = {group: _scores(posterior, group) for group in MONEY}
    known = np.hstack([scores[group] for group in MONEY if group in kept])
    values = {str(name): data.values.copy() for name, data in other.data_vars.items()}
    for group in MONEY:
        whole = np.hstack([_of(posterior, name, place) for name, place in columns(group)])
        if group in kept:
            moved = whole[first]
        else:
            slope = _slope(known, scores[group])
            wanted = scores[group][second] + (known[first] - known[second]) @ slope
            moved = _quantiles(whole, scores[group], wanted)
        _put(values, group, moved)
    return other.assign({name: (other[name].dims, data) for name, data in values.items()})


def _of(posterior: xr.Dataset, name: str, place: slice | tuple[int, ...]) -> np.ndarray:
    return np.asarray(posterior[name].values[:, place if isinstance(place, slice) else list(place)])


def _put(values: dict[str, np.ndarray], group: str, moved: np.ndarray) -> None:
    start = 0
    for name, place in columns(group):
        width = values[name].shape[1] if isinstance(place, slice) else len(place)
        values[name][:, place if isinstance(place, slice) else list(place)] = moved[:, start : start + width]
        start += width


def _scores(posterior: xr.Dataset, group: str) -> np.ndarray:
    """Return the normal scores of a group's parameters, (draw, column); 0 throughout where one does not vary."""
    whole = np.hstack([_of(posterior, name, place) for name, place in columns(group)])
    ranks = whole.argsort(axis=0, kind="stable").argsort(axis=0, kind="stable")
    out = ndtri((ranks + 0.5) / len(whole))
    return np.where(np.ptp(whole, axis=0) > 0, out, 0.0)


def _slope(known: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """Return the regression of scores on scores; columns that follow from others take their part of it."""
    return np.linalg.pinv(known, rcond=1e-6) @ wanted


def _quantiles(whole: np.ndarray, scores: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """Turn scores (n, column) into values with the distribution that a column has over all draws."""
    levels = (np.arange(len(whole)) + 0.5) / len(whole)
    ordered, at = np.sort(whole, axis=0), ndtr(wanted)
    out = np.empty_like(wanted)
    for n in range(whole.shape[1]):
        varies = bool(scores[:, n].any())
        out[:, n] = np.interp(at[:, n], levels, ordered[:, n]) if varies else whole[0, n]
    return out


class Shocks:
    """The random stream of the economy with each group's shocks from one of two futures.

    `economy.forecast` draws five normals and one Student t a year; this gives them in the same order.

    Parameters
    ----------
    first, second : numpy.random.Generator
        Of the two futures.
    kept : collection of str
        Of :data:`MONEY`: groups whose shocks are the first's.
    coupling : tuple of numpy.ndarray, shape (draw, pair)
        How the shocks of land income go with those of the economy: in the first future, under which its shocks were
        drawn, and in the mixed one.
    """

    def __init__(
        self,
        first: np.random.Generator,
        second: np.random.Generator,
        kept: Collection[str],
        coupling: tuple[np.ndarray, np.ndarray],
    ) -> None:
        self.first, self.second, self.kept = first, second, frozenset(kept)
        self.then, self.now = (_loading(one) for one in coupling)

    def standard_normal(self, size: tuple[int, int]) -> np.ndarray:
        """Return the own shocks of one year, (draw, process)."""
        start, other = self.first.standard_normal(size), self.second.standard_normal(size)
        out = np.where(np.isin(_OWNERS, list(self.kept)), start, other)
        if "land_income" in self.kept and "economy" not in self.kept:
            out[:, :4] = given_land(start[:, :4], other[:, :4], self.then, self.now)
        return out

    def standard_t(self, df: float, size: int) -> np.ndarray:
        """Return the market's shock of one year, (draw,)."""
        start, other = self.first.standard_t(df, size), self.second.standard_t(df, size)
        return start if "returns" in self.kept else other


class StillShocks:
    """The random stream of the economy with the shocks of some groups at their middle, which is nought.

    Parameters
    ----------
    shocks : numpy.random.Generator
        Of the economy as drawn.
    held : collection of str
        Of :data:`MONEY`.
    """

    def __init__(self, shocks: np.random.Generator, held: Collection[str]) -> None:
        self.shocks, self.held = shocks, frozenset(held)

    def standard_normal(self, size: tuple[int, int]) -> np.ndarray:
        """Return the own shocks of one year, (draw, process)."""
        return np.where(np.isin(_OWNERS, list(self.held)), 0.0, self.shocks.standard_normal(size))

    def standard_t(self, df: float, size: int) -> np.ndarray:
        """Return the market's shock of one year, (draw,)."""
        drawn = self.shocks.standard_t(df, size)
        return np.zeros_like(drawn) if "returns" in self.held else drawn


def middle(posterior: xr.Dataset, held: Collection[str]) -> xr.Dataset:
    """Set the parameters of some groups to their means.

    Parameters
    ----------
    posterior : xarray.Dataset
        Of the economy.
    held : collection of str
        Of :data:`MONEY`.

    Returns
    -------
    xarray.Dataset
    """
    values = {str(name): data.values.copy() for name, data in posterior.data_vars.items()}
    for group in held:
        whole = np.hstack([_of(posterior, name, place) for name, place in columns(group)])
        _put(values, group, np.broadcast_to(whole.mean(axis=0), whole.shape))
    return posterior.assign({name: (posterior[name].dims, data) for name, data in values.items()})


_OWNERS = np.array([next(group for group, own in _PROCESS.items() if n in own) for n in range(5)])


def _loading(coupling: np.ndarray) -> np.ndarray:
    """Return what a unit of each own shock of the economy adds to the shock of land income, (draw, 3)."""
    ties = economy._ties(coupling, np)
    return np.asarray(np.linalg.inv(np.eye(ties.shape[-1]) - ties)[:, 3, :3])


def given_land(first: np.ndarray, second: np.ndarray, then: np.ndarray, now: np.ndarray) -> np.ndarray:
    """Draw the shocks of the economy given those of land income.

    Parameters
    ----------
    first, second : numpy.ndarray, shape (draw, 4)
        Own shocks of prices, income, budget gap and land income in the two futures, standard normal.
    then, now : numpy.ndarray, shape (draw, 3)
        What own shocks of the economy add to the shock of land income, in the first future and in this one.

    Returns
    -------
    numpy.ndarray, shape (draw, 4)
        The whole shock of land income, in its own standard deviations, is that of the first future; what it is made
        of is drawn from its conditional normal distribution (Matheron's rule: the second's draw, moved by the
        regression on the difference between both wholes).
    """
    wanted, whole = _whole(first, then), _whole(second, now)
    size = np.sqrt(1.0 + (now**2).sum(axis=1))
    parts = np.column_stack([now, np.ones(len(now))]) / size[:, None]
    return np.asarray(second + parts * (wanted - whole)[:, None])


def _whole(own: np.ndarray, loading: np.ndarray) -> np.ndarray:
    """Return the shock of land income in its own standard deviations, (draw,)."""
    total = own[:, 3] + (own[:, :3] * loading).sum(axis=1)
    return np.asarray(total / np.sqrt(1.0 + (loading**2).sum(axis=1)))
