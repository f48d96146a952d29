"""Classical (statsmodels) forecasts with the same output as the models.

Each takes one figure a year and gives simulated paths (draw, year). The random walk counts the doubt about its
drift and its variance. The three of statsmodels simulate with parameter values at the optimum: **doubt about
parameters is left out**, so that their intervals are too narrow on short series. Where statsmodels finds no
optimum the random walk stands in, and ``attrs["fallback"]`` says why; otherwise it is empty.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr
from threadpoolctl import threadpool_limits

from forecasting.axes import AxisError

__all__ = ["BASELINES", "arima", "ets", "local_linear_trend", "random_walk"]

SHORTEST = 5
"""Fewest years that a baseline is fitted on."""

ORDERS = ((0, 1, 0), (1, 1, 0), (0, 1, 1))
"""Orders that :func:`arima` chooses from. All are differenced once, so that their AIC may be compared."""

Baseline = Callable[..., xr.DataArray]
Simulate = Callable[[np.ndarray, int, int, np.random.Generator], tuple[np.ndarray, str]]


class _NoOptimum(Exception):
    """The likelihood was not maximised; the message is the reason."""


def random_walk(
    series: pd.Series, years: Iterable[int], draws: int, rng: np.random.Generator, *, log: bool = False
) -> xr.DataArray:
    """Forecast by a random walk with drift whose drift and variance are uncertain.

    With n yearly changes of mean m and variance s2, and flat priors on the drift and on the log of the variance,
    the predictive at h years is Student's t with n - 1 degrees of freedom, centre m h and squared scale
    s2 (h + h^2 / n) (Box, Jenkins, Reinsel and Ljung, Time Series Analysis, 2015; Gelman and others, Bayesian
    Data Analysis, 2013, section 3.2). The paths are drawn jointly.

    Parameters
    ----------
    series : Series of float
        One value a year, without a gap, at least `SHORTEST`.
    years : iterable of int
        Years to forecast, increasing, all after the last of `series`.
    draws : int
        Number of paths.
    rng : numpy.random.Generator
        The caller's stream.
    log : bool, optional
        Work on the logarithm, so that paths are positive.

    Returns
    -------
    xarray.DataArray, dims (draw, year)
        In the unit of `series`; ``attrs`` hold ``method``, ``form`` and ``fallback``.

    Raises
    ------
    AxisError
        If a year is missing, doubled or no number; it lists every fault.
    """
    return _forecast(("random walk with drift", _walk), series, years, draws, rng, log=log)


def ets(
    series: pd.Series, years: Iterable[int], draws: int, rng: np.random.Generator, *, log: bool = False
) -> xr.DataArray:
    """Forecast by exponential smoothing with additive errors and a damped additive trend, ETS(A,Ad,N).

    Hyndman and Athanasopoulos, Forecasting: Principles and Practice, 2021, chapter 8. Parameters, returns and
    errors are those of :func:`random_walk`; doubt about parameters is left out.
    """
    return _forecast(("ETS", _ets), series, years, draws, rng, log=log)


def arima(
    series: pd.Series, years: Iterable[int], draws: int, rng: np.random.Generator, *, log: bool = False
) -> xr.DataArray:
    """Forecast by the ARIMA with drift of least AIC among `ORDERS`.

    An order without an optimum is left out of the choice. Parameters, returns and errors are those of
    :func:`random_walk`; doubt about parameters, and about the order, is left out.
    """
    return _forecast(("ARIMA", _arima), series, years, draws, rng, log=log)


def local_linear_trend(
    series: pd.Series, years: Iterable[int], draws: int, rng: np.random.Generator, *, log: bool = False
) -> xr.DataArray:
    """Forecast by a level and a slope that are both random walks, observed with error.

    Durbin and Koopman, Time Series Analysis by State Space Methods, 2012, section 3.2. Level and slope at the last
    year are drawn from the filter; doubt about the three variances is left out. Parameters, returns and errors are
    those of :func:`random_walk`.
    """
    return _forecast(("local linear trend", _trend), series, years, draws, rng, log=log)


BASELINES: dict[str, Baseline] = {
    "random_walk": random_walk,
    "ets": ets,
    "arima": arima,
    "local_linear_trend": local_linear_trend,
}
"""The baselines by name; the first is what the others are measured against."""


def _forecast(
    kind: tuple[str, Simulate],
    series: pd.Series,
    years: Iterable[int],
    draws: int,
    rng: np.random.Generator,
    *,
    log: bool,
) -> xr.DataArray:
    """Check, put on a common scale, simulate, put back, label."""
    method, simulate = kind
    wanted = np.array(list(years), dtype=int)
    _check(series, wanted, log)
    values = series.to_numpy(dtype=float)
    values = np.log(values) if log else values
    last, scale = values[-1], _scale(values)
    ahead = wanted - int(series.index[-1])
    fallback = ""
    try:
        with threadpool_limits(1):  # the matrices are tiny: threads only wait for each other
            paths, form = simulate((values - last) / scale, int(ahead[-1]), draws, rng)
    except _NoOptimum as reason:
        fallback = f"random walk with drift instead of {method}: {reason}"
        paths, form = _walk((values - last) / scale, int(ahead[-1]), draws, rng)
    paths = last + scale * paths[:, ahead - 1]
    return xr.DataArray(
        np.exp(paths) if log else paths,
        dims=("draw", "year"),
        coords={"draw": np.arange(draws), "year": wanted},
        name=series.name,
        attrs={"method": method, "form": form + (" of the logarithm" if log else ""), "fallback": fallback},
    )


def _scale(values: np.ndarray) -> float:
    """Return the spread of the changes; of the values, where the changes differ by rounding alone."""
    changes, spread = float(np.diff(values).std()), float(values.std())
    return (changes if changes > 1e-6 * spread else spread) or 1.0


def _check(series: pd.Series, wanted: np.ndarray, log: bool) -> None:
    known = [int(year) for year in series.index]
    if not known:
        raise AxisError([f"the series has no year: a baseline needs {SHORTEST}"])
    faults = [f"year {y} is missing from the series" for y in sorted({*range(min(known), max(known))} - {*known})]
    if known != sorted(set(known)):
        faults.append("the years of the series are not strictly increasing: sort them, each once")
    if len(known) < SHORTEST:
        faults.append(f"the series has {len(known)} years, from {known[0]} to {known[-1]}: a baseline needs {SHORTEST}")
    faults += [f"year {y} has no finite value" for y, v in zip(known, series, strict=True) if not np.isfinite(v)]
    if log:
        faults += [f"year {y} is {v:g}: a logarithm needs a positive value" for y, v in series.items() if v <= 0]
    if wanted.size == 0 or (np.diff(wanted) <= 0).any() or wanted[0] <= known[-1]:
        faults.append(f"the years to forecast are not increasing from {known[-1] + 1} or later")
    if faults:
        raise AxisError(faults)


def _walk(values: np.ndarray, steps: int, draws: int, rng: np.random.Generator) -> tuple[np.ndarray, str]:
    change = np.diff(values)
    n = change.size
    sd = change.std(ddof=1) * np.sqrt((n - 1) / rng.chisquare(n - 1, size=(draws, 1)))
    drift = change.mean() + sd / np.sqrt(n) * rng.standard_normal((draws, 1))
    return values[-1] + np.cumsum(drift + sd * rng.standard_normal((draws, steps)), axis=1), "random walk with drift"


def _ets(values: np.ndarray, steps: int, draws: int, rng: np.random.Generator) -> tuple[np.ndarray, str]:
    from statsmodels.tsa.exponential_smoothing.ets import ETSModel

    # The line through the first ten years (Hyndman and others, Forecasting with Exponential Smoothing, 2008, 2.6.1).
    first = values[:10]
    slope, level = np.polyfit(np.arange(1, first.size + 1), first, 1)
    start = {"initial_level": level, "initial_trend": slope}
    model = ETSModel(values, error="add", trend="add", damped_trend=True, initialization_method="known", **start)
    fitted = _optimum(lambda: model.fit(disp=False))
    return _simulated(fitted, steps, draws, rng), "ETS(A,Ad,N)"


def _arima(values: np.ndarray, steps: int, draws: int, rng: np.random.Generator) -> tuple[np.ndarray, str]:
    from statsmodels.tsa.arima.model import ARIMA

    found: dict[tuple[int, int, int], Any] = {}
    reasons = []
    for order in ORDERS:
        try:
            found[order] = _optimum(lambda order=order: ARIMA(values, order=order, trend="t").fit())
        except _NoOptimum as reason:
            reasons.append(f"{order}: {reason}")
    if not found:
        raise _NoOptimum("; ".join(reasons))
    best = min(found, key=lambda order: found[order].aic)
    return _simulated(found[best], steps, draws, rng), f"ARIMA{best} with drift"


def _trend(values: np.ndarray, steps: int, draws: int, rng: np.random.Generator) -> tuple[np.ndarray, str]:
    from statsmodels.tsa.statespace.structural import UnobservedComponents

    fitted = _optimum(lambda: UnobservedComponents(values, "local linear trend").fit(disp=False))
    return _simulated(fitted, steps, draws, rng), "local linear trend"


def _optimum(fit: Callable) -> Any:
    """Run a fit of statsmodels; only its word that it did not converge counts, other warnings are of its start."""
    from statsmodels.tools.sm_exceptions import ConvergenceWarning

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            fitted = fit()
        except (ValueError, np.linalg.LinAlgError) as error:
            raise _NoOptimum(f"statsmodels could not fit ({error})") from error
    if any(issubclass(w.category, ConvergenceWarning) for w in caught) or not np.isfinite(fitted.llf):
        raise _NoOptimum("the likelihood was not maximised")
    return fitted


def _simulated(fitted: Any, steps: int, draws: int, rng: np.random.Generator) -> np.ndarray:
    paths = np.asarray(fitted.simulate(steps, anchor="end", repetitions=draws, rng=rng))
    paths = paths.reshape(steps, draws).T
    if not np.isfinite(paths).all():
        raise _NoOptimum("the simulated paths are not finite")
    return paths
