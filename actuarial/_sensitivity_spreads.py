"""How far the draws of what models forecast spread, and a forecast that lies elsewhere in that spread."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import xarray as xr

from forecasting._people import speed_of_moves
from forecasting.axes import PENSION_AGE
from forecasting.lifetable import remaining_years
from forecasting.projection import Fits, PeopleShock

LEVELS = {
    "wages": ("rural_income", "rural_income", "contribution_per_head"),
    "prices": ("price_index", "price_index"),
    "budgets": ("budget_revenue", "budget_revenue"),
    "land_income": ("land_income", "land_income"),
    "membership": ("compliance", "contributors", "contributors_year_end"),
}
"""Of each belief that scales paths: the path whose spread is taken, year by year, and those that move by it."""

RATES = {"deposits": "deposit_rate", "market": "market_return"}
"""Of each belief that moves a rate: the same number of points in every year, by the spread of the mean over years."""

OWN = {
    "medical_cost": {name: name for name in ("inpatient_cost", "outpatient_cost", "chronic_outpatient")},
    "membership": {"insured": "enrolment_rate", "enrolment_rate": "enrolment_rate"},
}
"""Of each belief that scales what the medical scheme has of its own: the path that moves, and whose spread it takes."""


@dataclass(frozen=True)
class Spread:
    """Where the draws of one quantity lie.

    Attributes
    ----------
    low, central, high : xarray.DataArray, dims () or (year,)
        Quantiles of the draws: of the tail, the median, and of one less the tail.
    """

    low: xr.DataArray
    central: xr.DataArray
    high: xr.DataArray

    def factor(self, place: float) -> xr.DataArray:
        """Return by how much the median is multiplied to lie at a place of the spread: -1 low, 0 as it is, 1 high."""
        end = self.high if place > 0 else self.low
        return (end / self.central) ** abs(place)

    def added(self, place: float) -> xr.DataArray:
        """Return what is added to the median to lie at a place of the spread."""
        end = self.high if place > 0 else self.low
        return (end - self.central) * abs(place)

    def at(self, year: int) -> Spread:
        """Return the spread of one year."""
        return Spread(*(part.sel(year=year, drop=True) for part in (self.low, self.central, self.high)))


def spread_of(values: xr.DataArray, tail: float) -> Spread:
    """Take the spread of draws.

    Parameters
    ----------
    values : xarray.DataArray, dims (draw, ...)
    tail : float
        Part of the draws below the low end, and above the high end.
    """
    ends = values.quantile([tail, 0.5, 1.0 - tail], "draw")
    return Spread(*(ends.isel(quantile=n, drop=True) for n in range(3)))


@dataclass(frozen=True)
class Spreads:
    """The spreads of all beliefs in one run.

    Attributes
    ----------
    by_name : dict of str to Spread
        By belief, or by path of the medical scheme.
    first_year : int
        First year of the forecast; nothing before it moves.
    by : int
        Year in which births and lives have come all the way.
    """

    by_name: Mapping[str, Spread]
    first_year: int
    by: int

    def told(self, belief: str) -> tuple[float, float, float]:
        """Return low end, median and high end of a belief: of a path in the year `by`."""
        path = _OF_OWN.get(belief, belief)
        one = self.by_name[path if path in self.by_name else belief]
        one = one.at(self.by) if "year" in one.central.dims else one
        return float(one.low), float(one.central), float(one.high)

    def shock(self, at: Mapping[str, float]) -> PeopleShock | None:
        """Return what befalls people at these places of their spreads; None where they stay as drawn."""
        fertility, longevity, migration = (at.get(name, 0.0) for name in ("fertility", "longevity", "migration"))
        if not (fertility or longevity or migration):
            return None
        return PeopleShock(
            tfr_factor=float(self.by_name["fertility"].factor(fertility)) if fertility else 1.0,
            e60_gain=float(self.by_name["longevity"].added(longevity)) if longevity else 0.0,
            move_factor=float(self.by_name["migration"].factor(migration)) if migration else 1.0,
            first_year=self.first_year,
            phase_years=self.by - self.first_year + 1,
        )

    def moved(self, projection: xr.Dataset, at: Mapping[str, float]) -> xr.Dataset:
        """Move the paths of money and members.

        Parameters
        ----------
        projection : xarray.Dataset
        at : mapping of str to float
            Place of each belief in its spread; those that act on people are not looked at.

        Returns
        -------
        xarray.Dataset
            All draws by the same factors or points, so that they keep their distances; years that are past stay.
        """
        changes: dict[str, xr.DataArray] = {}
        ahead = projection["year"] >= self.first_year
        for belief, (_, *names) in LEVELS.items():
            if at.get(belief):
                factor = self._path(self.by_name[belief].factor(at[belief]), projection)
                changes |= {name: _like(projection[name], projection[name] * factor) for name in names}
        for belief, name in RATES.items():
            if at.get(belief):
                points = self.by_name[belief].added(at[belief])
                changes[name] = _like(projection[name], projection[name] + points.where(ahead, 0.0))
        return projection.assign(changes)

    def own(self, scheme: str, own: xr.Dataset, at: Mapping[str, float]) -> xr.Dataset:
        """Move what the medical scheme has of its own; that of others stays."""
        if scheme != "medical":
            return own
        changes = {}
        for belief, paths in OWN.items():
            if at.get(belief):
                for name, source in paths.items():
                    factor = self._path(self.by_name[source].factor(at[belief]), own)
                    changes[name] = _like(own[name], own[name] * factor)
        return own.assign(changes)

    def _path(self, factor: xr.DataArray, data: xr.Dataset) -> xr.DataArray:
        """Return a factor for every year of the data: 1 in those that are past."""
        return factor.reindex(year=data["year"]).where(data["year"] >= self.first_year, 1.0)


_OF_OWN = {"medical_cost": "inpatient_cost", "membership": "enrolment_rate"}
"""Path that stands for a belief where the medical scheme is looked at."""


def spreads(
    fits: Fits, projection: xr.Dataset, own: Mapping[str, xr.Dataset], *, by: int, tail: float, fund: str
) -> Spreads:
    """Take the spreads of every belief from all draws of a run.

    Parameters
    ----------
    fits : Fits
    projection : xarray.Dataset
        Of those fits.
    own : mapping of str to xarray.Dataset
        What schemes have of their own.
    by : int
        Year of births and lives; rates and moves are means up to it.
    tail : float
        Part of the draws below the low end, and above the high end.
    fund : str
        Of the medical one, membership is enrolment.

    Returns
    -------
    Spreads
    """
    first = int(projection.attrs["base_year"]) + 1
    until = slice(first, by)
    rates = projection["pensioner_mortality"].sel(age=slice(PENSION_AGE, None), year=by)
    lives = remaining_years(rates.transpose("draw", "sex", "age").values.astype(float)).mean(axis=1)
    drawn = {
        "fertility": projection["tfr"].sel(year=by, drop=True),
        "longevity": xr.DataArray(lives, {"draw": projection["draw"]}, ("draw",)),
        "migration": speed_of_moves(fits, by).sel(year=until).mean("year"),
    }
    drawn |= {name: projection[paths[0]] for name, paths in LEVELS.items()}
    # The mean of logs is the yearly rate by which money grows over all years.
    growth = {belief: xr.apply_ufunc(np.log1p, projection[name].sel(year=until)) for belief, name in RATES.items()}
    drawn |= {belief: xr.apply_ufunc(np.expm1, logs.mean("year")) for belief, logs in growth.items()}
    if fund == "medical":
        drawn |= {name: own["medical"][name] for paths in OWN.values() for name in paths.values()}
    ahead = {name: one.sel(year=slice(first, None)) if "year" in one.dims else one for name, one in drawn.items()}
    return Spreads({name: spread_of(values, tail) for name, values in ahead.items()}, first, by)


def _like(before: xr.DataArray, after: xr.DataArray) -> xr.DataArray:
    kind = np.result_type(before.dtype, np.float32)
    return after.astype(kind).transpose(*before.dims).assign_attrs(before.attrs)


def fewer(fits: Fits, draws: int) -> Fits:
    """Keep at most so many draws of every posterior, evenly spread: a smaller run with innovations of its own."""
    count = fits.settings.draws
    if count <= draws:
        return fits
    some = np.linspace(0, count - 1, draws).round().astype(int)
    posteriors = {name: posterior.isel(draw=some) for name, posterior in fits.posteriors.items()}
    return replace(fits, posteriors=posteriors, settings=replace(fits.settings, draws=draws))
