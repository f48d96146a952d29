"""Held-out years: coverage, CRPS, bias; the baselines scored on the published series.

A forecast made at an origin sees the years up to and including it, and is scored on the published years after it.
The series are today's revisions of those years, not what stood in print at the origin.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import xarray as xr

from forecasting._held import SERIES, Held
from forecasting._scores import LEVELS, QUANTILES, bias, coverage, crps, paired, score_table
from forecasting.baseline import BASELINES, SHORTEST
from forecasting.models.sampling import stream

if TYPE_CHECKING:
    from forecasting.sources import Tables

__all__ = [
    "LEVELS",
    "ORIGINS",
    "OURS",
    "QUANTILES",
    "SERIES",
    "Backtest",
    "Held",
    "backtest",
    "baseline_backtest",
    "bias",
    "coverage",
    "crps",
    "score_table",
]

ORIGINS = (2010, 2015, 2018)

OURS = "granary"
"""Name of the forecast that is held against the baselines."""


@dataclass(frozen=True)
class Backtest:
    """Scores of held-out years.

    Attributes
    ----------
    scores : DataFrame
        One row a series, origin and method, with the columns of :func:`score_table` and ``fallback``. The measure of
        ``crps_ratio`` is the random walk; NaN where no baseline could be made.
    paths : DataFrame
        One row a series, origin, method and year: ``observed``, and a column for each of `QUANTILES`.
    skipped : DataFrame
        What was not scored: ``series``, ``origin``, ``method``, ``reason``; method ``all`` where no year is held out.
    """

    scores: pd.DataFrame
    paths: pd.DataFrame
    skipped: pd.DataFrame


def backtest(
    tables: Tables,
    forecasts: Mapping[int, Mapping[str, xr.DataArray]],
    *,
    draws: int = 1000,
    seed: int = 1,
    known: int = SHORTEST,
) -> Backtest:
    """Score forecasts and the four baselines on the published series of `SERIES`.

    Parameters
    ----------
    tables : forecasting.sources.Tables
    forecasts : mapping of int to mapping of str to xarray.DataArray, dims (draw, year)
        By origin, then by name in `SERIES`: paths that hold every published year after the origin. Baselines are made
        for every origin, whether or not it has a forecast of the series.
    draws : int, optional
        Paths of each baseline.
    seed : int, optional
        Each series, origin and baseline has its own stream, named by them.
    known : int, optional
        Fewest years up to and including the origin for a baseline.

    Returns
    -------
    Backtest

    Raises
    ------
    AxisError
        If a forecast lacks a published year; it names the year.
    """
    scores, paths, skipped = [], [], []
    for name, held in SERIES.items():
        series = held.of(tables)
        for origin, made in forecasts.items():
            past, future = series[series.index <= origin], series[series.index > origin]
            label = {"series": name, "origin": origin}
            if future.empty:
                skipped.append(label | {"method": "all", "reason": f"no year after {origin} is published"})
                continue
            if len(past) < known:
                reason = f"{len(past)} years are known up to {origin}: {known} are needed"
                skipped += [label | {"method": method, "reason": reason} for method in BASELINES]
            named = {method: stream(seed, f"{name} {origin} {method}") for method in BASELINES if len(past) >= known}
            methods = {m: BASELINES[m](past, future.index, draws, rng, log=held.log) for m, rng in named.items()}
            if name in made:
                years = made[name]["year"]
                methods[OURS] = made[name].sel(year=years.isin(future.index))
            if methods:
                scores.append(_scored(methods, future).assign(**label))
                paths += [_summary(method, drawn, future).assign(**label) for method, drawn in methods.items()]
    return Backtest(
        _joined(scores, ["series", "origin", "method"]),
        _joined(paths, ["series", "origin", "method", "year"]).sort_index(),
        pd.DataFrame(skipped, columns=["series", "origin", "method", "reason"]),
    )


def baseline_backtest(
    tables: Tables, origins: Iterable[int] = ORIGINS, *, draws: int = 1000, seed: int = 1, known: int = SHORTEST
) -> Backtest:
    """Score the four baselines alone; see :func:`backtest`.

    Parameters
    ----------
    tables : forecasting.sources.Tables
    origins : iterable of int
        Last years that a forecast sees.
    draws, seed, known : int, optional
        As for :func:`backtest`.

    Returns
    -------
    Backtest
    """
    return backtest(tables, {origin: {} for origin in origins}, draws=draws, seed=seed, known=known)


def _scored(methods: Mapping[str, xr.DataArray], future: pd.Series) -> pd.DataFrame:
    table = score_table(methods, future).reset_index()
    if OURS in methods and len(methods) == 1:
        # Nothing to be measured by.
        table["crps_ratio"] = np.nan
    return table.assign(fallback=[methods[method].attrs.get("fallback", "") for method in table["method"]])


def _summary(method: str, drawn: xr.DataArray, future: pd.Series) -> pd.DataFrame:
    """Return what came beside the quantiles of the paths, one row a year."""
    values, came = paired(drawn, future)
    bands = pd.DataFrame(np.quantile(values, QUANTILES, axis=0).T, columns=[f"q{level:g}" for level in QUANTILES])
    return bands.assign(year=future.index.to_numpy(), observed=came, method=method)


def _joined(tables: list[pd.DataFrame], keys: list[str]) -> pd.DataFrame:
    return pd.concat(tables).set_index(keys) if tables else pd.DataFrame(columns=keys).set_index(keys)
