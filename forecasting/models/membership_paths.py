"""From the membership posterior to contributors, pensioners and money per head."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from forecasting.axes import AGES, PENSION_AGE, SEXES, WORKING_AGE
from forecasting.models.membership_data import FIRST_YEAR, remembered

if TYPE_CHECKING:
    from forecasting.models.sampling import Inputs

HALVINGS = 30
"""Bisections for the age profile: an exponent to 1e-8."""

SHARE_BOUNDS = (0.01, 0.99)
"""Noise never takes the employee share outside these."""

SHOCKS = ("handover", "compliance", "contribution", "basic", "take_up")
"""Series with a shock in every year."""

STEEPEST = 8.0
"""Largest exponent of the age profile that is tried."""


@dataclass(frozen=True)
class History:
    """What was observed, up to the last year that the paths may know.

    Attributes
    ----------
    contributors, pensioners : numpy.ndarray, shape (H,)
        Persons at 31 December of `years`.
    years : numpy.ndarray of int, shape (H,)
        Without a gap; the last is the last one known.
    """

    years: np.ndarray
    contributors: np.ndarray
    pensioners: np.ndarray

    def until(self, year: int) -> History:
        """Forget what came after `year`."""
        keep = self.years <= year
        return History(self.years[keep], self.contributors[keep], self.pensioners[keep])


def forecast(
    posterior: xr.Dataset, inputs: Inputs, history: History, people: xr.DataArray, rng: np.random.Generator
) -> xr.Dataset:
    """Carry membership from the last year of `history` to the last year of `people`.

    Parameters
    ----------
    posterior : xarray.Dataset
        Variables of `membership.KEEP` with axis ``draw``.
    inputs : mapping
        As given to `membership.build`.
    history : History
        Observed totals; given less than all of it, the rest is hindcast.
    people : xarray.DataArray, dims (draw, sex, age, year)
        National population at 31 December, from the first year of `history`.
    rng : numpy.random.Generator

    Returns
    -------
    xarray.Dataset
        ``contributors``, ``pensioners`` (draw, sex, age, year) persons at 31
        December; ``contribution_ratio``, ``basic_ratio`` (draw, year): the
        individual contribution and the basic pension over rural income per
        head; ``employee_share``, ``compliance``, ``take_up`` (draw, year).
    """
    years, last = people["year"].to_numpy(), int(history.years[-1])
    series = _Series(posterior, inputs, years, last, rng)
    employee = series.employee_share()
    ratio = series.stationary("contribution", inputs["contribution"], int(inputs["contribution_years"][0]))
    basic = series.stationary("basic", inputs["basic"], int(inputs["basic_years"][0]))
    paths = {
        "contribution_ratio": np.exp(ratio),
        "basic_ratio": np.exp(basic),
        "employee_share": employee,
        "compliance": series.stationary("compliance", inputs["compliance"], FIRST_YEAR),
        "take_up": series.take_up(employee),
    }
    return members(paths, posterior["first_share"].values, history, people)


def members(
    paths: Mapping[str, np.ndarray], first_share: np.ndarray, history: History, people: xr.DataArray
) -> xr.Dataset:
    """Turn the paths of the five series into members by sex and age.

    Parameters
    ----------
    paths : mapping of str to numpy.ndarray, shape (draw, year)
        ``employee_share``, ``compliance`` and ``take_up``, shares; any other is passed on.
    first_share : numpy.ndarray, shape (draw,)
        Share that draws the pension among those of `PENSION_AGE` and over in `FIRST_YEAR`.
    history : History
        Observed totals, met up to their last year.
    people : xarray.DataArray, dims (draw, sex, age, year)
        National population at 31 December, from the first year of `history`.

    Returns
    -------
    xarray.Dataset
        ``contributors``, ``pensioners`` (draw, sex, age, year) persons at 31 December, and `paths`.
    """
    years, counts = people["year"].to_numpy(), people.to_numpy()
    both, take_up = counts.sum(axis=1), paths["take_up"]
    working = both[:, WORKING_AGE[0] : WORKING_AGE[1] + 1].sum(axis=1)
    total = paths["compliance"] * (1.0 - paths["employee_share"]) * working
    total[:, : len(history.years)] = history.contributors
    shares = {
        "contributors": _contributor_share(take_up, total, both),
        "pensioners": _pensioner_share(take_up, first_share, both, years, history),
    }
    axes = {"draw": people["draw"].values, "sex": list(SEXES), "age": AGES, "year": years}
    by_age = {name: (tuple(axes), (share[:, None] * counts).astype(np.float32)) for name, share in shares.items()}
    return xr.Dataset(by_age | {name: (("draw", "year"), path) for name, path in paths.items()}, coords=axes)


class _Series:
    """The time series of a posterior: known until `last`, simulated after it."""

    def __init__(
        self, posterior: xr.Dataset, inputs: Inputs, years: np.ndarray, last: int, rng: np.random.Generator
    ) -> None:
        self.posterior, self.inputs, self.years, self.last = posterior, inputs, years, last
        self.draws = posterior.sizes["draw"]
        # Year by year, so that a longer horizon leaves the years before it as they are.
        shocks = rng.standard_normal((len(years), len(SHOCKS), self.draws))
        self.shocks = {name: shocks[:, i].T for i, name in enumerate(SHOCKS)}

    def _of(self, name: str) -> np.ndarray:
        return self.posterior[name].values

    def _known(self, values: np.ndarray, first: int) -> np.ndarray:
        """Lay a series that starts in year `first` on all years; its first value holds before it."""
        out = np.empty((self.draws, len(self.years)))
        out[:] = values[np.clip(self.years - first, 0, len(values) - 1)]
        return out

    def employee_share(self) -> np.ndarray:
        """Return the employee scheme's share of people of working age, (draw, year)."""
        share = self._known(self.inputs["employee_share"], FIRST_YEAR)
        speed, ceiling, sd = (self._of(f"handover_{part}") for part in ("speed", "ceiling", "sd"))
        for t, year in enumerate(self.years):
            if year > self.last:
                before = share[:, t - 1]
                now = before + speed * before * (1.0 - before / ceiling) + sd * self.shocks["handover"][:, t]
                share[:, t] = np.clip(now, *SHARE_BOUNDS)
        return share

    def stationary(self, name: str, values: np.ndarray, first: int) -> np.ndarray:
        """Return an AR path, (draw, year): compliance, of second order, as a share; the others, of first, as logs."""
        path = self._known(values, first)
        if name == "contribution":
            path[:, self.years == first + len(values) - 1] = self._of("contribution_now")[:, None]
        level, persistence, sd = (self._of(f"{name}_{part}") for part in ("mean", "persistence", "sd"))
        momentum = self._of("compliance_momentum") if name == "compliance" else 0.0
        for t, year in enumerate(self.years):
            if year > min(self.last, first + len(values) - 1):
                off, before = path[:, t - 1] - level, path[:, t - 2] - level
                # Before its second year a series has no pace.
                pace = (off - persistence * before) * (year > first + 1)
                path[:, t] = level + persistence * off + momentum * pace + sd * self.shocks[name][:, t]
        return _share(path) if name == "compliance" else path

    def take_up(self, employee: np.ndarray) -> np.ndarray:
        """Return the share of those turning 60 in each year who take the pension up, (draw, year)."""
        memory = float(self.inputs["priors"][-1])
        logit = np.log(employee / (1.0 - employee))
        since = self.years >= FIRST_YEAR
        # Before the first year of the series the remembered share is that year's.
        trace = np.empty_like(logit)
        trace[:, since] = remembered(logit[:, since], memory)
        trace[:, ~since] = trace[:, since][:, :1]
        level, response, sd = (self._of(f"take_up_{part}")[:, None] for part in ("level", "response", "sd"))
        centre = self.inputs["remembered_logit"].mean()
        path = level - response * (trace - centre) + sd * self.shocks["take_up"]
        fitted = self._of("take_up_logit")
        for k in range(fitted.shape[1]):
            if FIRST_YEAR + 1 + k <= self.last:
                path[:, self.years == FIRST_YEAR + 1 + k] = fitted[:, [k]]
        return _share(path)


def _pensioner_share(
    take_up: np.ndarray, first_share: np.ndarray, both: np.ndarray, years: np.ndarray, history: History
) -> np.ndarray:
    """Return pensioners over people by age, shape (draw, 101, year): each cohort keeps its take-up."""
    out = np.zeros_like(both)
    last = len(history.years) - 1
    share = np.zeros(both.shape[:2])
    for t, year in enumerate(years):
        share[:, PENSION_AGE + 1 :] = share[:, PENSION_AGE:-1].copy()
        share[:, PENSION_AGE] = take_up[:, t]
        if year <= FIRST_YEAR:
            share[:, PENSION_AGE:] = first_share[:, None]
        out[:, :, t] = share
        if t <= last:
            drawing = (share * both[:, :, t]).sum(axis=1)
            out[:, :, t] *= (history.pensioners[t] / drawing)[:, None]
        if t == last:
            # What the last total says of the cohorts stays with them.
            share = out[:, :, t].copy()
    return np.clip(out, 0.0, 1.0)


def _contributor_share(take_up: np.ndarray, total: np.ndarray, both: np.ndarray) -> np.ndarray:
    """Return contributors over people by age, shape (draw, 101, year).

    The share rises with age as a power, from nothing before 16 to the take-up
    of those about to turn 60; the power is the one that gives the total.
    """
    low, high = WORKING_AGE
    relative = (np.arange(low, high + 1) - low + 1.0) / (high - low + 1.0)
    people = np.ascontiguousarray(np.moveaxis(both[:, low : high + 1], 1, 2))
    wanted = np.minimum(total / np.maximum(take_up * people.sum(axis=2), 1.0), 1.0)
    power = _power(np.log(relative), people, wanted)
    share = take_up[..., None] * np.exp(power[..., None] * np.log(relative))
    # The power is cut off where a total cannot be met below the take-up: then every age is scaled.
    share *= (total / (share * people).sum(axis=2))[..., None]
    out = np.zeros_like(both)
    out[:, low : high + 1] = np.moveaxis(np.minimum(share, 1.0), 2, 1)
    return out


def _power(log_relative: np.ndarray, people: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """Find the powers that give the wanted means, by bisection; shape (draw, year)."""
    everyone = people.sum(axis=2)
    low, high = np.zeros_like(wanted), np.full_like(wanted, STEEPEST)
    for _ in range(HALVINGS):
        middle = 0.5 * (low + high)
        mean = (np.exp(middle[..., None] * log_relative) * people).sum(axis=2) / everyone
        above = mean > wanted
        low, high = np.where(above, middle, low), np.where(above, high, middle)
    return 0.5 * (low + high)


def _share(logit: np.ndarray) -> np.ndarray:
    return 1.0 / (1.0 + np.exp(-logit))
