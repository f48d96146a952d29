"""Scores of simulated paths against what came: coverage, CRPS, bias."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
import pandas as pd
import xarray as xr

from forecasting.axes import AxisError

LEVELS = (0.5, 0.8, 0.95)
"""Levels of the central intervals that are scored."""

QUANTILES = (0.025, 0.1, 0.25, 0.5, 0.75, 0.9, 0.975)
"""Bounds of those intervals around the median."""


def coverage(draws: xr.DataArray, observed: pd.Series, levels: Iterable[float] = LEVELS) -> pd.Series:
    """Return the share of observed years inside each central interval, ends included.

    Parameters
    ----------
    draws : xarray.DataArray, dims (draw, year)
        Simulated paths.
    observed : Series of float
        What came, by year; the same years.
    levels : iterable of float
        Levels between 0 and 1.

    Returns
    -------
    Series of float
        By level; nominal is the level itself.

    Raises
    ------
    AxisError
        If a year is on one side only; it names the year.
    """
    paths, came = paired(draws, observed)
    wanted = np.array(list(levels))
    low = np.quantile(paths, (1 - wanted) / 2, axis=0)
    high = np.quantile(paths, (1 + wanted) / 2, axis=0)
    inside = (low <= came) & (came <= high)
    return pd.Series(inside.mean(axis=1), index=pd.Index(wanted, name="level"), name="coverage")


def crps(draws: xr.DataArray, observed: pd.Series, *, fair: bool = True) -> pd.Series:
    """Return the continuous ranked probability score of each year; smaller is better.

    E|X - y| - E|X - X'| / 2 (Gneiting and Raftery, J. Am. Stat. Assoc. 102, 2007, equation 21). X and X' are two
    different draws in the fair form (Ferro, Q. J. R. Meteorol. Soc. 140, 2014), which expects the score of the
    distribution that the draws come from; any two draws in the other, the exact score of the ensemble as it is.
    A single draw has no pair: its score is the absolute error.

    Parameters
    ----------
    draws : xarray.DataArray, dims (draw, year)
        Simulated paths.
    observed : Series of float
        What came, by year; the same years.
    fair : bool, optional
        Which form.

    Returns
    -------
    Series of float
        By year, in the unit of the series.

    Raises
    ------
    AxisError
        If a year is on one side only; it names the year.
    """
    paths, came = paired(draws, observed)
    error = np.sort(paths - came, axis=0)
    count = error.shape[0]
    weight = 2 * np.arange(1, count + 1) - count - 1
    pairs = count * max(count - 1, 1) if fair else count**2
    score = np.abs(error).mean(axis=0) - weight @ error / pairs
    return pd.Series(score, index=observed.index, name="crps")


def bias(draws: xr.DataArray, observed: pd.Series) -> pd.Series:
    """Return the median of the draws less what came, by year; above zero the forecast was too high.

    Parameters
    ----------
    draws : xarray.DataArray, dims (draw, year)
        Simulated paths.
    observed : Series of float
        What came, by year; the same years.

    Returns
    -------
    Series of float
        By year, in the unit of the series.

    Raises
    ------
    AxisError
        If a year is on one side only; it names the year.
    """
    paths, came = paired(draws, observed)
    return pd.Series(np.median(paths, axis=0) - came, index=observed.index, name="bias")


def score_table(forecasts: Mapping[str, xr.DataArray], observed: pd.Series) -> pd.DataFrame:
    """Score several forecasts of one series.

    Parameters
    ----------
    forecasts : mapping of str to xarray.DataArray, dims (draw, year)
        Simulated paths by method; the first method is the measure of the others.
    observed : Series of float
        What came, by year; the same years.

    Returns
    -------
    DataFrame
        By method: ``years`` scored, ``coverage_50`` and so on for `LEVELS` (shares), means over the years of
        ``crps`` and ``bias`` in the unit of the series, ``bias_share`` (of the mean observed value, absolute), and
        ``crps_ratio``, CRPS over that of the first method.

    Raises
    ------
    AxisError
        If a year is on one side only; it names the year.
    """
    rows = {}
    for method, draws in forecasts.items():
        inside = coverage(draws, observed)
        rows[method] = {
            "years": len(observed),
            **{f"coverage_{100 * level:.0f}": share for level, share in inside.items()},
            "crps": crps(draws, observed).mean(),
            "bias": bias(draws, observed).mean(),
        }
    table = pd.DataFrame.from_dict(rows, orient="index").rename_axis("method")
    table["bias_share"] = table["bias"] / abs(observed.mean())
    table["crps_ratio"] = table["crps"] / table["crps"].iloc[0]
    return table


def paired(draws: xr.DataArray, observed: pd.Series) -> tuple[np.ndarray, np.ndarray]:
    """Return paths (draw, year) and what came, joined exactly by year."""
    made, came = draws["year"].to_numpy().tolist(), [int(year) for year in observed.index]
    faults = [f"year {y} was forecast but not observed" for y in sorted(set(made) - set(came))]
    faults += [f"year {y} was observed but not forecast" for y in sorted(set(came) - set(made))]
    if faults:
        raise AxisError(faults)
    return draws.sel(year=came).transpose("draw", "year").to_numpy(), observed.to_numpy(dtype=float)
