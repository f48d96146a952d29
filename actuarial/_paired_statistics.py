"""Two paired samples: their difference, who wins, and what pairing is worth. Plain arrays, draws on the last axis."""

from __future__ import annotations

import numpy as np
from scipy.stats import beta

Array = np.ndarray


def quantiles_of(values: Array, levels: tuple[float, ...]) -> Array:
    """Quantiles over the finite draws.

    Parameters
    ----------
    values : numpy.ndarray, shape (..., draw)
        Draws that are not finite are left out.
    levels : tuple of float
        Between 0 and 1.

    Returns
    -------
    numpy.ndarray, shape (len(levels), ...)
        NaN where no draw is finite.
    """
    known = np.isfinite(values)
    if known.all():
        return np.quantile(values, levels, axis=-1)
    none = ~known.any(axis=-1)
    filled = np.where(none[..., None], 0.0, np.where(known, values, np.nan))
    return np.where(none, np.nan, np.nanquantile(filled, levels, axis=-1))


def moments(values: Array) -> tuple[Array, Array, Array]:
    """Count, mean and variance over the finite draws.

    Parameters
    ----------
    values : numpy.ndarray, shape (..., draw)

    Returns
    -------
    tuple of numpy.ndarray, each of shape (...)
        Mean NaN where no draw is finite; the unbiased variance NaN where there are fewer than two.
    """
    known = np.isfinite(values)
    count = known.sum(axis=-1)
    mean = _over(np.where(known, values, 0.0).sum(axis=-1), count)
    around = np.where(known, values, mean[..., None]) - mean[..., None]
    return count, mean, _over(np.where(known, around**2, 0.0).sum(axis=-1), count - 1)


def difference(ours: Array, theirs: Array, levels: tuple[float, ...]) -> dict[str, Array]:
    """Tell of the difference of two paired samples, and what pairing does for its error.

    Parameters
    ----------
    ours, theirs : numpy.ndarray, shape (..., draw)
        Paired by draw; pairs in which one is not finite are left out.
    levels : tuple of float
        Of the quantiles.

    Returns
    -------
    dict
        ``difference`` of shape (len(levels), ...), all others of shape (...).
    """
    known = np.isfinite(ours) & np.isfinite(theirs)
    a, b = (np.where(known, side, np.nan) for side in (ours, theirs))
    count, mean, variance = moments(a - b)
    apart = moments(a)[2] + moments(b)[2]
    return {
        "difference": quantiles_of(a - b, levels),
        "mean_difference": mean,
        "standard_error": np.sqrt(_over(variance, count)),
        "unpaired_error": np.sqrt(_over(apart, count)),
        "variance_ratio": _over(variance, apart),
        "known": known.mean(axis=-1),
    }


def wins(ours: Array, theirs: Array, *, lower_is_better: bool, confidence: float) -> dict[str, Array]:
    """Tell how often one of two paired samples is the better.

    Parameters
    ----------
    ours, theirs : numpy.ndarray, shape (..., draw)
        Paired by draw; pairs in which one is NaN are left out, infinite ones count.
    lower_is_better : bool
        Of the quantity; a tie is no win for either.
    confidence : float
        Of the interval for sampling error.

    Returns
    -------
    dict
        ``wins``, ``ties``, ``wins_error``, ``wins_low`` and ``wins_high``, shape (...); NaN where no pair is known.
        The interval is that of Jeffreys, closed at 0 where there are no wins and at 1 where there is nothing else
        (Brown, Cai and DasGupta, Statistical Science 16 (2001) 101-133): unlike the standard error it is not 0 there.
    """
    known = ~(np.isnan(ours) | np.isnan(theirs))
    won = (ours < theirs) if lower_is_better else (ours > theirs)
    count, times = known.sum(axis=-1), (won & known).sum(axis=-1)
    part = _over(times, count)
    tail = (1 - confidence) / 2
    low, high = (beta.ppf(q, times + 0.5, count - times + 0.5) for q in (tail, 1 - tail))
    return {
        "wins": part,
        "ties": _over(((ours == theirs) & known).sum(axis=-1), count),
        "wins_error": np.sqrt(_over(part * (1 - part), count)),
        "wins_low": np.where(count > 0, np.where(times > 0, low, 0.0), np.nan),
        "wins_high": np.where(count > 0, np.where(times < count, high, 1.0), np.nan),
    }


def _over(part: Array, whole: Array) -> Array:
    """Divide; NaN where the whole is not above 0."""
    part, whole = np.asarray(part, dtype=float), np.asarray(whole, dtype=float)
    return np.divide(part, whole, out=np.full(np.broadcast(part, whole).shape, np.nan), where=whole > 0)
