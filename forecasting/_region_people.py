"""The people of a region: shares of the nation's cohorts, which deaths, births and moves change over time."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from forecasting._region_counts import FLOW_SD
from forecasting._region_tilt import basis, fitted, log_share
from forecasting.axes import AGES, AREAS, MAX_AGE

if TYPE_CHECKING:
    from forecasting._region_counts import Counts
    from forecasting.models.provinces import Priors

BLOCK = 125
"""Draws carried at once: bounds the memory of the full age cube."""

FERTILE = slice(15, 50)
HUMPS = np.exp(-0.1 * AGES) / 3.0 + np.exp(-0.1 * (AGES - 20.0) - np.exp(-0.4 * (AGES - 20.0)))
"""Standard schedule of moves by age, childhood and labour humps (Rogers and Castro 1981)."""

MOVING = HUMPS * np.clip(80.0 - AGES, 0.0, None).sum() / (HUMPS * np.clip(80.0 - AGES, 0.0, None)).sum()
"""The same with mean one over the ages of a straight pyramid to 80, so that a hazard is a share of the people."""


@dataclass(frozen=True)
class Noise:
    """Standard normals behind one region's people; zeros give the most likely ones.

    Attributes
    ----------
    terms, errors : numpy.ndarray, shapes (draw, 9) and (draw, counts)
        Of the shares of cohorts and of the counts.
    births, deaths, move : numpy.ndarray, shape (draw,)
        Of fertility and mortality over the nation's, and of the moves of the base year.
    moves : numpy.ndarray, shape (draw, 2, year)
        Of each later year's moves, by area.
    """

    terms: np.ndarray
    errors: np.ndarray
    births: np.ndarray
    deaths: np.ndarray
    move: np.ndarray
    moves: np.ndarray

    @classmethod
    def drawn(cls, rng: np.random.Generator, draws: int, counts: int, years: int) -> Noise:
        """Draw them; years last, so that a longer horizon leaves the rest as it is."""
        terms, errors = (rng.standard_normal((draws, n)) for n in (basis().shape[-1], counts))
        births, deaths, move = (rng.standard_normal(draws) for _ in range(3))
        moves = np.moveaxis(rng.standard_normal((years, draws, len(AREAS))), 0, 2)
        return cls(terms, errors, births, deaths, move, moves)

    @classmethod
    def none(cls, counts: int, years: int) -> Noise:
        """Return one draw of zeros."""
        zero = np.zeros(1)
        return cls(np.zeros((1, basis().shape[-1])), np.zeros((1, counts)), zero, zero, zero, np.zeros((1, 2, years)))

    def part(self, some: slice) -> Noise:
        """Return some of the draws."""
        return Noise(*(getattr(self, name)[some] for name in self.__dataclass_fields__))


@dataclass(frozen=True)
class Nation:
    """What of the nation the people of a region rest on.

    Attributes
    ----------
    years : numpy.ndarray of int, shape (T,)
    population : numpy.ndarray, shape (draw, 2, 2, 101, T)
        By area, sex and age, 31 December.
    births, deaths : numpy.ndarray, shape (draw, 2, T)
    moves : numpy.ndarray, shape (draw, 2, T)
        Net moves into the area.
    mortality : numpy.ndarray, shape (draw, 2, 101, T)
        Death rates by sex and age.
    mothers : numpy.ndarray, shape (101,)
        Births by age of the mother, per woman, on any scale.
    """

    years: np.ndarray
    population: np.ndarray
    births: np.ndarray
    deaths: np.ndarray
    moves: np.ndarray
    mortality: np.ndarray
    mothers: np.ndarray

    @classmethod
    def of(cls, projection: xr.Dataset, mothers: np.ndarray) -> Nation:
        """Read it from a national Projection."""
        names = ("population", "births", "deaths", "moves", "pensioner_mortality")
        values = {name: np.asarray(projection[name].values, dtype=float) for name in names}
        mortality = values.pop("pensioner_mortality")
        return cls(projection["year"].values, mortality=mortality, mothers=mothers, **values)

    def part(self, some: slice) -> Nation:
        """Return some of the draws."""
        by_draw = ("population", "births", "deaths", "moves", "mortality")
        return replace(self, **{name: getattr(self, name)[some] for name in by_draw})

    def at(self, year: int) -> int:
        """Return the place of a year."""
        return int(year - self.years[0])


@dataclass(frozen=True)
class People:
    """The people of a region.

    Attributes
    ----------
    population : numpy.ndarray, shape (draw, 2, 2, 101, T)
    births, deaths, moves : numpy.ndarray, shape (draw, 2, T)
        Births less deaths plus moves is the change in each area, in every draw; moves are those between the areas
        and those from and to other regions.
    fertility : numpy.ndarray, shape (draw, 2)
        Log fertility over the nation's, by area.
    mortality : numpy.ndarray, shape (draw,)
        Log death rates over the nation's.
    """

    population: np.ndarray
    births: np.ndarray
    deaths: np.ndarray
    moves: np.ndarray
    fertility: np.ndarray
    mortality: np.ndarray


def people(nation: Nation, counts: Counts, priors: Priors, noise: Noise) -> People:
    """Carry the people of a region through all years of the nation, a block of draws at a time.

    Parameters
    ----------
    nation : Nation
    counts : Counts
        What is known of the region.
    priors : Priors
    noise : Noise
        As many draws as the nation has.

    Returns
    -------
    People
    """
    draws = len(nation.population)
    blocks = []
    for start in range(0, draws, BLOCK):
        some = slice(start, start + BLOCK)
        blocks.append(_block(nation.part(some), counts, priors, noise.part(some)))
    return People(*(np.concatenate([getattr(b, n) for b in blocks]) for n in People.__dataclass_fields__))


def _block(nation: Nation, counts: Counts, priors: Priors, noise: Noise) -> People:
    terms, base = basis(), nation.at(counts.base_year)
    seen = {year: nation.population[..., nation.at(year)] for year in {c.year for c in counts.stocks}}
    theta = fitted(counts, seen, priors, noise.terms, noise.errors)
    move = _present_moves(nation, counts, priors, theta, noise.move)
    logs = np.empty(nation.population.shape)
    logs[..., : base + 1] = _past(theta, terms, move, counts, nation.years[: base + 1])
    mortality = _mortality(nation, counts, priors, logs, noise.deaths)
    fertility = _fertility(nation, counts, priors, logs, noise.births)
    moves = _later_moves(move, priors, noise.moves[..., : logs.shape[-1] - base - 1])
    for t in range(base + 1, logs.shape[-1]):
        logs[..., t] = _next(nation, logs[..., t - 1], t, mortality, moves[..., t - base - 1])
        logs[:, :, :, 0, t] = (_women(nation, logs, t - 1) + fertility)[:, :, None]
        # A region is no more than all of its nation.
        np.minimum(logs[..., t], 0.0, out=logs[..., t])
    return _books(nation, np.minimum(logs, 0.0), fertility, mortality)


def _past(theta: np.ndarray, terms: np.ndarray, move: np.ndarray, counts: Counts, years: np.ndarray) -> np.ndarray:
    """Return the log shares up to the base year: those of its cohorts, less the moves since the earlier count."""
    out = np.empty((len(theta), *terms.shape[:3], len(years)))
    since = counts.base_year if counts.before is None else counts.before.year
    for t, year in enumerate(years):
        gone = np.zeros(len(AGES))
        for ahead in range(counts.base_year - max(int(year), since)):
            gone += MOVING[np.clip(AGES + ahead, 0, MAX_AGE)]
        out[..., t] = log_share(theta, terms, int(counts.base_year - year)) - move[:, None, None, None] * gone
    return out


def _present_moves(nation: Nation, counts: Counts, priors: Priors, theta: np.ndarray, noise: np.ndarray) -> np.ndarray:
    """Return the yearly hazard of net moves into the region, mean over ages, up to the base year.

    Between two totals the region's cohorts grew more or less than the nation's: that is moves. The prior is normal,
    and so is the error of the two totals.
    """
    if counts.before is None:
        return priors.move_sd * noise
    terms, older = basis(), counts.base_year - counts.before.year
    then = nation.population[..., nation.at(counts.before.year)] * np.exp(log_share(theta, terms, older))
    carried = np.stack([MOVING[np.clip(AGES + a, 0, MAX_AGE)] for a in range(older)]).sum(axis=0)
    everyone = then.sum(axis=(1, 2, 3))
    weight = (then * carried).sum(axis=(1, 2, 3)) / everyone
    seen = (np.log(everyone) - np.log(counts.before.persons)) / weight
    error = np.sqrt(2.0) * priors.total_sd / weight
    return _between(seen, error, priors.move_sd, noise)


def _between(seen: np.ndarray, error: np.ndarray | float, sd: float, noise: np.ndarray) -> np.ndarray:
    """Draw from the posterior of a normal with mean zero that was seen with an error."""
    kept = sd**2 / (sd**2 + np.asarray(error) ** 2)
    return np.asarray(kept * seen + np.sqrt(kept) * np.asarray(error) * noise)


def _later_moves(move: np.ndarray, priors: Priors, noise: np.ndarray) -> np.ndarray:
    """Return the hazards of later years by area, (draw, 2, year): present moves fade, new ones come."""
    kept = 2.0 ** (-1.0 / priors.move_half_life)
    fresh = priors.move_sd * np.sqrt(1.0 - kept**2)
    out = np.empty(noise.shape)
    now = np.repeat(move[:, None], noise.shape[1], axis=1)
    for t in range(noise.shape[2]):
        now = kept * now + fresh * noise[..., t]
        out[..., t] = now
    return out


def _next(nation: Nation, before: np.ndarray, t: int, mortality: np.ndarray, moves: np.ndarray) -> np.ndarray:
    """Return the log shares a year later: cohorts a year older, thinned by other death rates, joined by movers."""
    out = np.empty_like(before)
    # Death rates over the nation's thin the share of a cohort, year by year.
    excess = np.expm1(mortality)[:, None, None] * nation.mortality[..., t]
    out[..., 1:] = before[..., :-1] - excess[:, None, :, 1:] + moves[:, :, None, None] * MOVING[:-1]
    heads = nation.population[..., -2:, t - 1]
    oldest = np.log((heads * np.exp(before[..., -2:])).sum(axis=-1) / heads.sum(axis=-1))
    out[..., -1] = oldest - excess[:, None, :, -1]
    out[..., 0] = before[..., 0]
    return out


def _women(nation: Nation, logs: np.ndarray, t: int) -> np.ndarray:
    """Return the log of the region's share of births to the nation's rates, (draw, 2)."""
    women = nation.population[:, :, 0, FERTILE, t] * nation.mothers[FERTILE]
    return np.asarray(np.log((women * np.exp(logs[:, :, 0, FERTILE, t])).sum(axis=-1) / women.sum(axis=-1)))


def _fertility(nation: Nation, counts: Counts, priors: Priors, logs: np.ndarray, noise: np.ndarray) -> np.ndarray:
    """Return the log fertility over the nation's, (draw, 2): from births, or else from children per woman."""
    if counts.births is not None:
        t = nation.at(counts.births.year)
        share = np.exp(_women(nation, logs, min(t, nation.at(counts.base_year))))
        seen = np.log(counts.births.persons / (share * nation.births[..., t]).sum(axis=1))
        return np.repeat(_between(seen, FLOW_SD, priors.fertility_sd, noise)[:, None], len(AREAS), axis=1)
    t = nation.at(counts.base_year)
    children = nation.population[:, :, :, :5, t]
    share = np.log((children * np.exp(logs[:, :, :, :5, t])).sum(axis=(2, 3)) / children.sum(axis=(2, 3)))
    seen = share - _women(nation, logs, t)
    return _between(seen, priors.child_woman_sd, priors.fertility_sd, noise[:, None])


def _mortality(nation: Nation, counts: Counts, priors: Priors, logs: np.ndarray, noise: np.ndarray) -> np.ndarray:
    """Return the log death rates over the nation's, (draw,): from deaths, if they are published."""
    if counts.deaths is None:
        return priors.mortality_sd * noise
    t = min(nation.at(counts.deaths.year), nation.at(counts.base_year))
    ours = nation.population[..., t] * np.exp(logs[..., t])
    expected = _deaths(nation, ours[..., None], slice(t, t + 1), np.zeros(len(ours))).sum(axis=(1, 2))
    return _between(np.log(counts.deaths.persons / expected), FLOW_SD, priors.mortality_sd, noise)


def _deaths(nation: Nation, people: np.ndarray, years: slice, mortality: np.ndarray) -> np.ndarray:
    """Return deaths by area and year: the nation's, shared out by people and death rates."""
    rates = nation.mortality[:, None, ..., years]
    all_of_them = (nation.population[..., years] * rates).sum(axis=(2, 3))
    ours = (people * rates).sum(axis=(2, 3)) * np.exp(mortality)[:, None, None]
    return np.asarray(nation.deaths[..., years] * ours / all_of_them)


def _books(nation: Nation, logs: np.ndarray, fertility: np.ndarray, mortality: np.ndarray) -> People:
    """Count people, births and deaths; who is neither born nor dead has moved."""
    population = nation.population * np.exp(logs)
    births = nation.births * np.exp(logs[:, :, :, 0]).mean(axis=2)
    deaths = _deaths(nation, population, slice(None), mortality)
    heads = population.sum(axis=(2, 3))
    moves = np.empty_like(births)
    moves[..., 1:] = np.diff(heads, axis=-1) - births[..., 1:] + deaths[..., 1:]
    # Nobody was counted before the first year: its moves are the region's share of the nation's.
    moves[..., 0] = nation.moves[..., 0] * heads[..., 0] / nation.population[..., 0].sum(axis=(2, 3))
    return People(population, births, deaths, moves, fertility, mortality)
