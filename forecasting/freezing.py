"""Mix two independent futures by group of models, or hold a group at its middle course: what a forecast owes to each.

A future is a draw of every posterior and every innovation. The posteriors of two models are independent, and so are
the streams of their innovations: a future that takes some groups from one draw and the rest from another is as likely
as either. Where one model holds several groups (`forecasting._freezing_money`) the rest is drawn given what is kept.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, replace
from typing import Any, cast

import numpy as np
import xarray as xr

from forecasting import _freezing_money as money
from forecasting import projection
from forecasting._answers import ANSWERS
from forecasting._fits import BAYESIAN, Fits
from forecasting._people import projected
from forecasting.axes import SOURCES
from forecasting.models.sampling import stream

MONEY = money.MONEY
"""Groups that one model holds together, and that are not independent."""

PEOPLE = ("fertility", "mortality", "migration")
"""Groups that carry people on."""

GROUPS = (*PEOPLE, "membership", *money.MONEY, "medical", "judgement")
"""What is uncertain, by the model that says so; ``judgement`` is what no figure tells: answers, swings of sources."""

STREAMS = {
    "fertility path": "fertility",
    "mortality path": "mortality",
    "migration path": "migration",
    "membership": "membership",
    **{name.replace("_", " "): "judgement" for name in ANSWERS},
    **{f"source {name}": "judgement" for name in SOURCES},
}
"""Which group each named stream of innovations belongs to, the economy's apart."""

_NOISE_OF_MEDICAL = ("shock", "employee_sd", "enrolment_sd")
"""Scales of the innovations of the medical model, which draws them from a stream of its own."""


class _Still:
    """A random stream in which nothing happens: every innovation is at the middle of its distribution."""

    def standard_normal(self, size: Any = None) -> Any:
        """Return noughts."""
        return np.zeros(() if size is None else size)

    def standard_t(self, df: Any, size: Any = None) -> Any:
        """Return noughts."""
        return np.zeros(np.shape(df) if size is None else size)


@dataclass(frozen=True)
class _Mixed(Fits):
    """Fits whose streams are those of one future or the other, or still."""

    second: frozenset[str] = frozenset()
    held: frozenset[str] = frozenset()
    coupling: tuple[np.ndarray, np.ndarray] | None = None

    def stream(self, name: str) -> np.random.Generator:
        """Random stream of one named part of the run, from the future that its group is taken from."""
        if name == "economy path":
            return cast("np.random.Generator", self._money(name))
        group = STREAMS[name]
        if group in self.held:
            return cast("np.random.Generator", _Still())
        return self._from(name, second=group in self.second)

    def _from(self, name: str, *, second: bool) -> np.random.Generator:
        return stream(self.settings.seed, f"{name} of the second future" if second else name)

    def _money(self, name: str) -> money.Shocks | money.StillShocks | np.random.Generator:
        drawn = self._from(name, second=False)
        if self.held & set(money.MONEY):
            return money.StillShocks(drawn, self.held)
        kept = set(money.MONEY) - self.second
        if self.coupling is None or len(kept) == len(money.MONEY):
            return drawn
        return money.Shocks(drawn, self._from(name, second=True), kept, self.coupling)


@dataclass
class Futures:
    """Two independent sets of futures, and every mixture of them.

    What was carried on for the last mixture is kept: ask for those with the same people and members one after another.

    Attributes
    ----------
    fits : Fits
        All draws, every model sampled.
    draws : int
        Futures in each set.
    last_year : int
    schemes : tuple of str
        Funds besides the pension: ``medical`` or none.
    first, second : numpy.ndarray of int, shape (draw,)
        Places of the draws of each set. They have none in common where there are twice as many; else the second is
        the first in another order, no draw in its own place.

    Raises
    ------
    ValueError
        Listing every model that is not sampled and every fund of which nothing is known, or if there are fewer than
        two draws.
    """

    fits: Fits
    draws: int
    last_year: int = 2100
    schemes: tuple[str, ...] = ()
    first: np.ndarray = field(init=False, repr=False)
    second: np.ndarray = field(init=False, repr=False)
    _kept: dict[str, tuple[object, xr.Dataset]] = field(init=False, repr=False, default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse what cannot be mixed, and choose the draws of both sets."""
        faults = [
            f"{name} goes on by the method {method}: only a sampled model can be mixed, set models.{name} to {BAYESIAN}"
            for name, method in self.fits.methods.items()
            if method != BAYESIAN
        ]
        faults += [f"the fund {name} is not mixed: leave it out" for name in self.schemes if name != "medical"]
        there = self.fits.posteriors["economy"].sizes["draw"] if "economy" in self.fits.posteriors else 0
        if not faults and not 2 <= self.draws <= there:
            faults.append(f"{self.draws} draws of {there}: give at least 2 and no more than there are")
        if faults:
            raise ValueError("\n".join(faults))
        self.first, self.second = halves(there, self.draws)

    def of(
        self, kept: Iterable[str] = GROUPS, schemes: Iterable[str] | None = None
    ) -> tuple[xr.Dataset, dict[str, xr.Dataset]]:
        """Carry on the mixture that keeps some groups of the first set and takes the others from the second.

        Parameters
        ----------
        kept : iterable of str
            Of :data:`GROUPS`; by default all, which is `forecasting.projection.forecast` on the first draws.
        schemes : iterable of str, optional
            Those of the funds that are wanted here; by default all.

        Returns
        -------
        tuple
            A Projection, and what schemes have of their own, as `forecasting.projection.for_schemes`.
        """
        kept = frozenset(kept)
        second = frozenset(GROUPS) - kept
        posteriors = {name: self._posterior(name, second) for name in self._models()}
        economies = self.fits.posteriors["economy"]["coupling"].values[self.first]
        coupling = (economies, posteriors["economy"]["coupling"].values)
        mixed = self._mixed(posteriors, second=second, coupling=coupling)
        return self._carried(mixed, self.schemes if schemes is None else tuple(schemes))

    def held(self, groups: Collection[str]) -> tuple[xr.Dataset, dict[str, xr.Dataset]]:
        """Carry on the first set with some groups at their middle course.

        Parameters
        ----------
        groups : collection of str
            Of :data:`GROUPS`. Their parameters are at the posterior mean and their innovations at nought, in every
            draw; all else stays as drawn.

        Returns
        -------
        tuple
            As :meth:`of`.
        """
        groups = frozenset(groups)
        posteriors = {name: self.fits.posteriors[name].isel(draw=self.first) for name in self._models()}
        for name in groups & set(posteriors) - {"economy"}:
            posteriors[name] = _mean(posteriors[name], self.fits.posteriors[name])
        if "medical" in groups and "medical" in posteriors:
            still = {scale: 0.0 * posteriors["medical"][scale] for scale in _NOISE_OF_MEDICAL}
            posteriors["medical"] = posteriors["medical"].assign(still)
        posteriors["economy"] = money.middle(posteriors["economy"], groups & set(money.MONEY))
        return self._carried(self._mixed(posteriors, held=groups), self.schemes)

    def _models(self) -> list[str]:
        return [*projection.ORDER, *(name for name in self.schemes if name in self.fits.posteriors)]

    def _posterior(self, name: str, second: frozenset[str]) -> xr.Dataset:
        whole = self.fits.posteriors[name]
        if name == "economy":
            return money.mixed(whole, self.first, self.second, set(money.MONEY) - second)
        start = whole.isel(draw=self.first)
        if name not in second:
            return start
        return whole.isel(draw=self.second).assign_coords(draw=start["draw"])

    def _mixed(self, posteriors: dict[str, xr.Dataset], **how: Any) -> _Mixed:
        fits = self.fits
        settings = replace(fits.settings, draws=self.draws)
        return _Mixed(posteriors, fits.inputs, fits.tables, settings, fits.methods, **how)

    def _carried(self, mixed: _Mixed, schemes: tuple[str, ...]) -> tuple[xr.Dataset, dict[str, xr.Dataset]]:
        def key(*groups: str) -> tuple[frozenset[str], frozenset[str]]:
            return mixed.second & set(groups), mixed.held & set(groups)

        people = self._once("people", key(*PEOPLE), lambda: projected(mixed, self.last_year))
        belonging = key(*PEOPLE, "membership")
        members = self._once("members", belonging, lambda: projection.joining(mixed, people))
        all_but = key(*(name for name in GROUPS if name != "medical"))
        made = self._once("all", all_but, lambda: projection.completed(mixed, people, members))
        if "medical" in mixed.second:
            # This model draws its innovations from the seed itself.
            seed = int(stream(mixed.settings.seed, "medical of the second future").integers(2**31))
            mixed = replace(mixed, settings=replace(mixed.settings, seed=seed))
        return made, projection.for_schemes(mixed, made, schemes)

    def _once(self, part: str, key: object, make: Any) -> xr.Dataset:
        """Make a part again only where it differs from that of the last mixture."""
        if part not in self._kept or self._kept[part][0] != key:
            self._kept.pop(part, None)
            self._kept[part] = (key, make())
        return self._kept[part][1]


def halves(there: int, draws: int) -> tuple[np.ndarray, np.ndarray]:
    """Choose the draws of two sets, evenly spread.

    Parameters
    ----------
    there : int
        Draws that there are.
    draws : int
        Wanted in each set, from 2 to `there`.

    Returns
    -------
    tuple of numpy.ndarray of int, shape (draw,)
        With nothing in common where there are twice as many; else the second is the first moved on by half of them.
        In either case a draw and its partner are far apart in the chains.
    """
    if 2 * draws > there:
        first = np.linspace(0, there - 1, draws).round().astype(int)
        return first, np.roll(first, draws // 2)
    spread = np.linspace(0, there - 1, 2 * draws).round().astype(int)
    return spread[::2], np.roll(spread[1::2], draws // 2)


def _mean(some: xr.Dataset, whole: xr.Dataset) -> xr.Dataset:
    """Set every parameter to its mean over all draws."""
    means = {
        name: data.copy(data=np.broadcast_to(whole[name].values.mean(axis=0), data.shape).astype(data.dtype))
        for name, data in some.data_vars.items()
    }
    return some.assign(means)
