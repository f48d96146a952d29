"""How an uncertain source of money swings about its path, on the innovations that a Projection draws."""

from __future__ import annotations

import numpy as np
import xarray as xr

from forecasting.axes import require


def swing(projection: xr.Dataset, name: str, volatility: float, persistence: float) -> xr.DataArray | float:
    """Return the factor by which a source deviates from its path.

    Parameters
    ----------
    projection : xarray.Dataset
        With ``<name>_deviate``, standard normal, dims (draw?, year); it is read only if `volatility` is above 0.
    name : str
        ``collective``, ``donations`` or ``platform``.
    volatility : float
        Standard deviation of the log of the factor in every year.
    persistence : float
        Part of a year's log deviation that is left in the next, 0 to below 1.

    Returns
    -------
    xarray.DataArray or float
        ``exp(s x - s**2 / 2)`` over (draw?, year) with ``x[t] = p x[t-1] + sqrt(1 - p**2) z[t]`` and ``x[0] = z[0]``:
        x has unit variance in every year and the factor has mean 1. 1 where there is no volatility.

    Raises
    ------
    forecasting.axes.AxisError
        If the innovations are missing.
    """
    if volatility == 0.0:
        return 1.0
    require(projection, [f"{name}_deviate"])
    innovations = projection[f"{name}_deviate"].transpose(..., "year")
    state = innovations.values.astype(float)
    fresh = np.sqrt(1.0 - persistence**2)
    for t in range(1, state.shape[-1]):
        state[..., t] = persistence * state[..., t - 1] + fresh * state[..., t]
    return innovations.copy(data=np.exp(volatility * state - 0.5 * volatility**2)).drop_attrs()
