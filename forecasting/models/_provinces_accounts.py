"""What regional accounts say of contributions: errors whitened, and levels and swings drawn given the accounts.

The log contribution per head of a region, over the nation's, is ``mean + elasticity x income + level + swing``. It is
seen through errors that are normal on the log with known covariance. So levels and swings are normal given the few
common parameters, and are summed out of the likelihood and drawn afterwards, both exactly.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

if TYPE_CHECKING:
    from forecasting.models.sampling import Inputs

LEAST = 0.05
"""A derived contribution below this part of the nation's says only that the subsidy was another: it is left out."""


def turned(
    data: Inputs, elasticity: float, persistence: float, errors: tuple[float, float, float]
) -> dict[str, np.ndarray]:
    """Whiten the errors of each region's accounts and turn its years to the axes of its swings.

    Parameters
    ----------
    data : mapping
        From `_provinces_data.data_of`.
    elasticity : float
        Prior mean of the income elasticity. It scales errors only: an error is a share of the subsidy, and so of the
        contribution expected beside it (not of the one seen, which would believe those that are too large).
    persistence : float
        What is left of a swing after a year.
    errors : tuple of float
        ``mix_sd``, ``account_sd`` and ``paid_sd`` of the priors.

    Returns
    -------
    dict of str to numpy.ndarray
        ``turned_paid``, ``turned_income``, ``turned_one`` (R, Y): log contributions, log incomes and ones in units of
        error on the axes of the swings; ``turned_swing`` (R, Y), the variance of a swing of unit size there;
        ``seen`` (R, Y), log contributions, NaN where none; ``noise`` (R, Y, Y), covariance of their errors;
        ``persistence``. Years that are not seen are zero, and drop out.
    """
    count, years = data["income"].shape
    seen, noise = np.full((count, years), np.nan), np.zeros((count, years, years))
    out = np.zeros((4, count, years))
    for r in range(count):
        at, logs, covariance = _seen(data, r, elasticity, errors)
        seen[r, at], noise[r][np.ix_(at, at)] = logs, covariance
        back = np.linalg.inv(np.linalg.cholesky(covariance)) if len(at) else np.zeros((0, 0))
        variance, axes = np.linalg.eigh(back @ likeness(at, at, persistence) @ back.T)
        for i, values in enumerate((logs, data["income"][r, at], np.ones(len(at)))):
            out[i, r, : len(at)] = axes.T @ back @ values
        out[3, r, : len(at)] = variance
    names = ("turned_paid", "turned_income", "turned_one", "turned_swing")
    return dict(zip(names, out, strict=True)) | {"seen": seen, "noise": noise, "persistence": np.array(persistence)}


def likeness(rows: np.ndarray, columns: np.ndarray, persistence: float) -> np.ndarray:
    """Return the correlation of swings between years."""
    return np.asarray(persistence ** np.abs(np.subtract.outer(rows, columns)), dtype=float)


def _seen(
    data: Inputs, r: int, elasticity: float, errors: tuple[float, float, float]
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the years seen of one region, its log contributions in them and the covariance of their errors."""
    mix_sd, account_sd, paid_sd = errors
    rows = data["paid"][(data["paid"][:, 0] == r) & (data["paid"][:, 2] > LEAST)]
    rows = rows[np.argsort(rows[:, 1])]
    at = rows[:, 1].astype(int) - int(data["years"][0])
    weight = rows[:, 3] / np.exp(elasticity * data["income"][r, at])
    own = paid_sd**2 + (account_sd * weight) ** 2
    return at, np.log(rows[:, 2]), np.diag(own) + mix_sd**2 * np.outer(weight, weight)


def corrected(
    posterior: xr.Dataset, inputs: Inputs, r: int, *, path: np.ndarray, errors: np.ndarray, length: int
) -> np.ndarray:
    """Return what takes a draw of the prior path of a region to one of the posterior (Matheron's rule).

    Parameters
    ----------
    posterior : xarray.Dataset
        ``level_sd`` and ``swing_sd`` (draw).
    inputs : mapping
        With ``seen``, ``noise`` and ``persistence``.
    r : int
        Place of the region.
    path : numpy.ndarray, shape (draw, Y)
        Log contributions of the prior in the years of the inputs.
    errors : numpy.ndarray, shape (draw, Y)
        Standard normals, for the errors of the accounts.
    length : int
        Years of the correction, from the first of the inputs on.

    Returns
    -------
    numpy.ndarray, shape (draw, length)
    """
    persistence = float(inputs["persistence"])
    at = np.flatnonzero(~np.isnan(inputs["seen"][r]))
    noise = inputs["noise"][r][np.ix_(at, at)]
    error = errors[:, at] @ np.linalg.cholesky(noise).T
    level, swing = (posterior[name].values[:, None, None] ** 2 for name in ("level_sd", "swing_sd"))
    every = level + swing * likeness(np.arange(length), at, persistence)
    off = inputs["seen"][r, at] - path[:, at] - error
    return np.asarray((every @ np.linalg.solve(every[:, at] + noise, off[..., None]))[..., 0])
