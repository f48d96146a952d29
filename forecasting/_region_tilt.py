"""The share of each cohort of the nation that lives in a region, fitted to what was counted there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from forecasting.axes import AGES, AREAS, MAX_AGE, SEXES

if TYPE_CHECKING:
    from forecasting._region_counts import Count, Counts
    from forecasting.models.provinces import Priors

STEPS = 12
"""Gauss-Newton steps; the fit is nearly linear in logs and stands still after five."""

LEVEL_SD = 10.0
"""Of the log share of all people before they are counted: as good as unknown."""

YOUNG, OLD = 25.0, 65.0
"""Below and above these ages the log share may bend."""


def basis() -> np.ndarray:
    """Return the terms of the log share by area, sex and age, shape (2, 2, 101, 9).

    Level; rural against urban; tilt from 40 to 80, bend of the young, bend of the old; the same three rural against
    urban; women against men.
    """
    tilt = (AGES - 40.0) / 40.0
    young, old = np.clip(YOUNG - AGES, 0.0, None) / YOUNG, np.clip(AGES - OLD, 0.0, 25.0) / 25.0
    side = np.array([0.5 if area == "rural" else -0.5 for area in AREAS])[:, None, None]
    woman = np.array([0.5 if sex == "female" else -0.5 for sex in SEXES])[None, :, None]
    terms = [np.ones_like(tilt), side, tilt, young, old, side * tilt, side * young, side * old, woman]
    shape = (len(AREAS), len(SEXES), len(AGES))
    return np.stack([np.broadcast_to(term, shape) for term in terms], axis=-1)


def widths(priors: Priors) -> np.ndarray:
    """Return the prior standard deviations of the terms of `basis`."""
    bends = (priors.bend_sd, priors.bend_sd)
    return np.array(
        [LEVEL_SD, priors.urban_sd, priors.tilt_sd, *bends, priors.gap_sd, *bends, priors.sex_sd], dtype=float
    )


def fitted(
    counts: Counts, people: dict[int, np.ndarray], priors: Priors, own: np.ndarray, errors: np.ndarray
) -> np.ndarray:
    """Return the coefficients of `basis`, each draw fitted to its own draw of prior and errors.

    Drawing the prior mean and the errors and then minimising gives draws of the posterior (randomised maximum
    likelihood; exact where counts are linear in the coefficients, and these nearly are).

    Parameters
    ----------
    counts : Counts
    people : dict of int to numpy.ndarray, shape (draw, 2, 2, 101)
        The nation's people by year, for each year of a count.
    priors : Priors
    own, errors : numpy.ndarray, shapes (draw, 9) and (draw, counts)
        Standard normals; zeros give the most likely coefficients.

    Returns
    -------
    numpy.ndarray, shape (draw, 9)
    """
    sd, terms = widths(priors), basis()
    centre = sd * own
    # How large the region is nobody draws: it is counted, or does not matter. Its prior must not pull at the tilt.
    centre[:, 0] = 0.0
    theta = centre.copy()
    totals = [c for c in counts.stocks if not c.under.any() and c.over.all()]
    for total in totals[:1]:
        centre[:, 0] = theta[:, 0] = total.log - np.log(people[total.year].sum(axis=(1, 2, 3)))
    noise = np.array([c.sd for c in counts.stocks])
    seen = np.array([c.log for c in counts.stocks]) + noise * errors
    for _ in range(STEPS):
        value, slope = _expected(counts, people, terms, theta)
        weighted = slope / noise[:, None] ** 2
        curve = np.einsum("dmi,dmj->dij", weighted, slope) + np.diag(1.0 / sd**2)
        pull = np.einsum("dmi,dm->di", weighted, seen - value) + (centre - theta) / sd**2
        theta = theta + np.linalg.solve(curve, pull[..., None])[..., 0]
    return theta


def log_share(theta: np.ndarray, terms: np.ndarray, older: int = 0) -> np.ndarray:
    """Return the log share by age `older` years before the base year, shape (draw, 2, 2, 101).

    Who was x then is x + `older` in the base year; the oldest there stand for those who have died.
    """
    at = np.clip(AGES + older, 0, MAX_AGE)
    return np.einsum("asxk,dk->dasx", terms[:, :, at], theta, optimize=True)


def _expected(
    counts: Counts, people: dict[int, np.ndarray], terms: np.ndarray, theta: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return the logs of what should have been counted, (draw, counts), and their slopes, (draw, counts, 9)."""
    value = np.zeros((len(theta), len(counts.stocks)))
    slope = np.zeros((*value.shape, theta.shape[1]))
    for m, count in enumerate(counts.stocks):
        older = counts.base_year - count.year
        at = np.clip(AGES + older, 0, MAX_AGE)
        there = people[count.year] * np.exp(log_share(theta, terms, older))
        for sign, mask in ((1.0, count.over), (-1.0, count.under)):
            if mask.any():
                heads = there[:, mask]
                total = heads.sum(axis=1)
                value[:, m] += sign * np.log(total)
                slope[:, m] += sign * (heads @ terms[:, :, at][mask]) / total[:, None]
    return value, slope


def of_count(count: Count, population: np.ndarray) -> np.ndarray:
    """Return what a count would have found, shape (draw,), of people shaped (draw, 2, 2, 101)."""
    over = population[:, count.over].sum(axis=1)
    return over / population[:, count.under].sum(axis=1) if count.under.any() else over
