"""A shock to people while they are carried on: fewer births, longer lives."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import xarray as xr

from forecasting._longer_lives import scales
from forecasting.axes import PENSION_AGE


@dataclass(frozen=True)
class PeopleShock:
    """What befalls people: everything that is drawn stays as drawn, and what happens lies on top of it.

    Attributes
    ----------
    tfr : float or None
        Total fertility rate of the nation once the shock is complete, children per woman, the same in every draw;
        None leaves fertility as drawn.
    e60_gain : float
        Years by which life expectancy at 60 of both sexes rises once the shock is complete; below 0 it falls.
    first_year : int
        First year that moves.
    phase_years : int
        Years over which it comes, in equal steps; 1 is at once.
    tfr_factor : float
        Factor on the total fertility rate as drawn, once the shock is complete; of a rate given by `tfr` too.
    move_factor : float
        Factor on the speed of rural-to-urban moves as drawn, from the first year on at its full size.
    """

    tfr: float | None = None
    e60_gain: float = 0.0
    first_year: int = 2030
    phase_years: int = 5
    tfr_factor: float = 1.0
    move_factor: float = 1.0

    def __post_init__(self) -> None:
        """Refuse what makes no sense, all faults at once."""
        faults = []
        if self.tfr is not None and not self.tfr > 0:
            faults.append(f"a total fertility rate of {self.tfr:g}: give one above 0")
        faults += [
            f"{name} of {value:g}: give one above 0"
            for name, value in (("tfr_factor", self.tfr_factor), ("move_factor", self.move_factor))
            if not value > 0
        ]
        if self.phase_years < 1:
            faults.append(f"phase_years of {self.phase_years}: give at least 1")
        if faults:
            raise ValueError("; ".join(faults))

    def refuse(self, base_year: int, last_year: int) -> None:
        """Raise where the first year is not ahead.

        Raises
        ------
        ValueError
        """
        if not base_year < self.first_year <= last_year:
            raise ValueError(f"first_year is {self.first_year}: give a year from {base_year + 1} to {last_year}")

    def arrived(self, years: np.ndarray) -> np.ndarray:
        """Return the part of the shock that has come by each year, 0 to 1."""
        return np.clip(np.asarray(years) - self.first_year + 1, 0, self.phase_years) / self.phase_years

    def fewer(self, births: xr.Dataset) -> xr.Dataset:
        """Bring fertility to the rate of the shock.

        Parameters
        ----------
        births : xarray.Dataset
            With ``tfr`` (draw, year) and ``tfr_area`` (draw, area, year).

        Returns
        -------
        xarray.Dataset
            The nation's rate goes from what was drawn to that of the shock; country and town by the same factor, so
            that their weighted mean stays the nation's. The ages of mothers stay. Years before the first stay to
            the bit.
        """
        if self.tfr is None and self.tfr_factor == 1.0:
            return births
        part = xr.DataArray(self.arrived(births["year"].values), {"year": births["year"]}, ("year",))
        drawn = births["tfr"]
        goal = drawn if self.tfr is None else self.tfr
        moved = (1.0 - part) * drawn + part * self.tfr_factor * goal
        by_area = births["tfr_area"] * (moved / drawn)
        return births.assign(
            tfr=moved.where(part > 0, drawn).transpose(*drawn.dims).assign_attrs(drawn.attrs),
            tfr_area=by_area.where(part > 0, births["tfr_area"])
            .transpose(*births["tfr_area"].dims)
            .assign_attrs(births["tfr_area"].attrs),
        )

    def moved(self, moves: xr.Dataset) -> xr.Dataset:
        """Change the speed of moves to town from the first year on.

        Parameters
        ----------
        moves : xarray.Dataset
            With ``speed`` (draw, year).

        Returns
        -------
        xarray.Dataset
            The ceiling and the ages of those who move stay; so does every year before the first, to the bit.
        """
        if self.move_factor == 1.0:
            return moves
        speed = moves["speed"]
        changed = speed.where(speed["year"] < self.first_year, self.move_factor * speed)
        return moves.assign(speed=changed.transpose(*speed.dims).assign_attrs(speed.attrs))

    def old_age_scale(self, rates: np.ndarray, years: np.ndarray) -> np.ndarray:
        """Find the factor on death rates from 60 on.

        Parameters
        ----------
        rates : numpy.ndarray, shape (draw, sex, age, year)
            Of the nation, as drawn.
        years : numpy.ndarray of int, shape (year,)

        Returns
        -------
        numpy.ndarray, shape (draw, sex, year)
            The same factor serves country and town.
        """
        return scales(rates, self.e60_gain * self.arrived(years))


def scaled_from_60(rates: np.ndarray, scale: np.ndarray) -> np.ndarray:
    """Scale death rates (..., age, year) from 60 on by a factor (..., year), in the type that they have."""
    out = rates.copy()
    out[..., PENSION_AGE:, :] = rates[..., PENSION_AGE:, :] * scale[..., None, :].astype(rates.dtype)
    return out
