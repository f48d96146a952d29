"""The classical Lee-Carter forecast of mortality."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import xarray as xr
from scipy.stats import gamma

from forecasting import leecarter
from forecasting._classical_paths import Known, carried
from forecasting.axes import AGES, SEXES
from forecasting.lifetable import expectancy

if TYPE_CHECKING:
    from forecasting.models.sampling import Inputs

E0_BOUNDS = (40.0, 105.0)
"""Life expectancies, mean of the sexes, beyond which no path goes: a judgement, for paths whose slope wanders."""

SIDE = np.array([0.5, -0.5])
"""Part of the difference of the log rates, female less male, that each sex takes."""


def mortality(
    method: str, inputs: Inputs, years: np.ndarray, rng: np.random.Generator, *, e0: pd.Series, draws: int
) -> xr.Dataset:
    """Forecast death rates by the classical Lee-Carter model.

    The pattern b is that of `forecasting.leecarter.fit` on the mean of the sexes' published log rates by period.
    In the second stage the index of each single year is found from the published life expectancy (mean of the
    sexes), around the published rates of the last period (Lee and Miller 2001): forty yearly values instead of
    nine periods. A baseline carries that index on; the index and not life expectancy, since a straight line of the
    second, drawn from a time when children still died, ends above a hundred years. The difference of the sexes stays
    as it was in the last period; the rural gap and its half-life are the medians of their priors.

    Parameters
    ----------
    method : str
        Name of `forecasting.baseline.BASELINES`.
    inputs : mapping of str to numpy.ndarray
        Of `forecasting.models.mortality.inputs`.
    years : numpy.ndarray of int, shape (Y,)
        Successive years, from the first period on.
    rng : numpy.random.Generator
        Stream of this model.
    e0 : pandas.Series
        Published life expectancy at birth, mean of the sexes, by year; read from the first period on.
    draws : int
        Number of paths.

    Returns
    -------
    xarray.Dataset
        As `forecasting.models.mortality.forecast`; ``K`` is zero in the last period.

    Raises
    ------
    forecasting.axes.AxisError
        Listing what is wrong with the series.
    ValueError
        If `years` begin before the first period, or have gaps.
    """
    period, published = inputs["period"], inputs["published"]
    if years[0] < period[0] or (np.diff(years) != 1).any():
        raise ValueError(f"years run from {years[0]} to {years[-1]}: give successive years from {period[0]} on")
    common, own = leecarter.fit(published.mean(axis=0).T), leecarter.fit((published[0] - published[1]).T)
    known, bounds = _index(published[:, -1], common, e0.loc[int(period[0]) :])
    level = carried(method, known, years, rng, draws=draws)
    at = np.stack([np.interp(years + 0.5, period, unit) for unit in np.eye(period.size)])
    past = years <= period[-1]
    index = np.where(past, (common.k - common.k[-1]) @ at, np.clip(level.values, *bounds))
    gap = 0.5 ** ((years - int(inputs["gap_year"])) / float(inputs["gap_half_life"])) * _median_gap(inputs)
    each = {"draw": np.arange(draws), "sex": list(SEXES), "age": AGES, "year": years}
    out = xr.Dataset(coords=each, attrs={"last_year": int(period[-1])})
    out["K"] = ("draw", "year"), index, level.attrs
    out["k"] = ("draw", "sex", "year"), np.tile(SIDE[:, None] * (own.k @ at), (draws, 1, 1))
    out["gap"] = ("draw", "year"), np.tile(gap, (draws, 1))
    out["B"], out["b"] = ((("draw", "age"), np.tile(one.b, (draws, 1))) for one in (common, own))
    out["published"] = ("sex", "age", "year"), np.einsum("spa,py->say", published, at)
    return out


def _index(last: np.ndarray, fitted: leecarter.LeeCarter, e0: pd.Series) -> tuple[Known, np.ndarray]:
    """Return the yearly index, zero at the `last` log rates (2, 101), and the bounds that life expectancy sets it."""
    a, apart = last.mean(axis=0), np.exp(last - last.mean(axis=0))

    def both(rates: np.ndarray) -> np.ndarray:
        return expectancy(rates.T * apart[:, None]).mean(axis=0)

    first = int(e0.index[0])
    yearly = e0.reindex(range(first, int(e0.index[-1]) + 1))
    if yearly.isna().any():
        raise ValueError(f"life expectancy lacks {', '.join(map(str, yearly.index[yearly.isna()]))}: add those years")
    known = Known("index of mortality", first, leecarter.second_stage(a, fitted.b, yearly.to_numpy(), both))
    return known, np.sort(leecarter.second_stage(a, fitted.b, np.array(E0_BOUNDS), both))


def _median_gap(inputs: Inputs) -> float:
    mean, sd = float(inputs["rural_gap"]), float(inputs["rural_gap_sd"])
    return float(gamma.ppf(0.5, (mean / sd) ** 2, scale=sd**2 / mean))
