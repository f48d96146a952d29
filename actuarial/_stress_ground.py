"""What shocks of a run are tried on, how it is made again after one, and what sizes a shock can have."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

import xarray as xr

from actuarial import stress, trial
from actuarial._quantity import Section, describe
from actuarial._stress_rules import LowFertility
from forecasting import projection as people
from forecasting.axes import AxisError
from forecasting.projection import Fits, PeopleShock


@dataclass(frozen=True)
class Ground:
    """What shocks are tried on, and how it is made again after one.

    Attributes
    ----------
    world : actuarial.trial.World
        All draws of the run.
    people : callable
        From a `PeopleShock` to the Projection of the run with it, on the same innovations.
    schemes : callable
        From a Projection and names of schemes to what these have of their own on it.
    """

    world: trial.World
    people: Callable[[PeopleShock], xr.Dataset]
    schemes: Callable[[xr.Dataset, Iterable[str]], Mapping[str, xr.Dataset]]

    def after(self, shock: Section, draws: int, schemes: Iterable[str]) -> trial.World:
        """Return the world after a shock, on so many draws, with these schemes.

        Raises
        ------
        forecasting.axes.AxisError
            If a variable is missing or the first year is not ahead.
        """
        wanted = [name for name in schemes if name in self.world.own]
        hit = befalls(shock)
        if hit is None and not wanted and isinstance(shock, stress.Shock):
            some = self.world.thinned(draws)
            return replace(some, projection=stress.apply(some.projection, shock), own={})
        made = self._made(shock, hit)
        return replace(self.world, projection=made, own=self.schemes(made, wanted)).thinned(draws)

    def _made(self, shock: Section, hit: PeopleShock | None) -> xr.Dataset:
        if hit is None:
            if not isinstance(shock, stress.Shock):
                raise TypeError(f"{type(shock).__name__} is no shock")
            return stress.apply(self.world.projection, shock)
        try:
            return self.people(hit)
        except ValueError as error:
            raise AxisError([f"{type(shock).__name__}: {error}"]) from error


def ground(world: trial.World, fits: Fits) -> Ground:
    """Return what shocks of a national run are tried on.

    Parameters
    ----------
    world : actuarial.trial.World
        All draws; its Projection is that of `fits`.
    fits : forecasting.projection.Fits

    Returns
    -------
    Ground
    """
    last = int(world.projection["year"][-1])
    return Ground(
        world,
        lambda shock: people.forecast(fits, last, shock),
        lambda made, schemes: people.for_schemes(fits, made, schemes),
    )


def befalls(shock: Section) -> PeopleShock | None:
    """Return what a shock does to people while they are carried on; None if it acts on the Projection."""
    if isinstance(shock, LowFertility):
        return PeopleShock(tfr=shock.tfr, first_year=shock.first_year, phase_years=shock.phase_years)
    if isinstance(shock, stress.LongerLives):
        return PeopleShock(e60_gain=shock.gain, first_year=shock.first_year, phase_years=shock.phase_years)
    return None


def size_of(shock: Section) -> str:
    """Return the field that says how large a shock is."""
    return "tfr" if isinstance(shock, LowFertility) else str(type(shock).size)  # type: ignore[attr-defined]


def size_unit(shock: Section) -> str:
    """Return the unit of a shock's size."""
    return next(str(row["unit"]) for row in describe(shock) if row["key"] == size_of(shock))


def size_ends(shock: Section) -> tuple[float, float]:
    """Return the mild and the severe end of a shock's sizes; nothing happens at a mild end of 0.

    Of fertility the mild end is the larger. Shorter lives are no shock, so that longer lives begin at 0.
    """
    row = next(row for row in describe(shock) if row["key"] == size_of(shock))
    low, high = max(float(str(row["low"])), 0.0), float(str(row["high"]))
    return (high, low) if isinstance(shock, LowFertility) else (low, high)
