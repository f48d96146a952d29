"""Membership, each of its series by a baseline of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import xarray as xr
from scipy.special import expit

from forecasting._classical_paths import RATIO, SHARE, Known, carried, streams
from forecasting.models import membership_data
from forecasting.models.membership_paths import History, members

if TYPE_CHECKING:
    from forecasting._classical_paths import Path
    from forecasting.models.sampling import Inputs


def membership(
    method: str,
    inputs: Inputs,
    rng: np.random.Generator,
    *,
    posterior: xr.Dataset,
    history: History,
    people: xr.DataArray,
) -> xr.Dataset:
    """Forecast membership from the last year of `history` to the last year of `people`.

    Five series, each on its log-odds: the employee scheme's share of working age, compliance, take-up at 60 by the
    year in which a cohort turned 60 (forecast from its posterior mean, carried on from each draw), and the
    contribution and the basic pension over rural income, of which neither can pass the income. Take-up does not
    answer to the employee share any more, and no share has a ceiling below all people.

    A hindcast takes the moves of a baseline that was fitted to all years, and starts them at the origin: like that of
    the model it tests the dynamics with the parameters of the full fit.

    Parameters
    ----------
    method : str
        Name of `forecasting.baseline.BASELINES`.
    inputs : mapping of str to numpy.ndarray
        Of `forecasting.models.membership.inputs`.
    rng : numpy.random.Generator
        Stream of this model.
    posterior : xarray.Dataset
        Of `forecasting.models.membership`: cohorts' take-up, the share of those old at the start, the last
        contribution.
    history : History
        Observed totals; given less than all of it, the rest is hindcast.
    people : xarray.DataArray, dims (draw, sex, age, year)
        National population at 31 December, from the first year of `history`.

    Returns
    -------
    xarray.Dataset
        As `forecasting.models.membership.forecast`.

    Raises
    ------
    forecasting.axes.AxisError
        Listing what is wrong with a series.
    """
    years, origin = people["year"].to_numpy(), int(history.years[-1])
    paths = _paths(method, inputs, years, rng, posterior=posterior, origin=origin)
    values = {name: path.values for name, path in paths.items()}
    out = members(values, posterior["first_share"].values, history, people)
    for name, path in paths.items():
        out[name].attrs = path.attrs
    return out


def _paths(
    method: str, inputs: Inputs, years: np.ndarray, rng: np.random.Generator, *, posterior: xr.Dataset, origin: int
) -> dict[str, Path]:
    first = membership_data.FIRST_YEAR
    contribution = np.tile(inputs["contribution"], (posterior.sizes["draw"], 1))
    contribution[:, -1] = posterior["contribution_now"].values
    begun = {name: int(inputs[f"{name}_years"][0]) for name in ("contribution", "basic")}
    series = {
        "contribution_ratio": Known("contribution ratio", begun["contribution"], np.exp(contribution), RATIO),
        "basic_ratio": Known("basic pension ratio", begun["basic"], np.exp(inputs["basic"]), RATIO),
        "employee_share": Known("employee share", first, inputs["employee_share"], SHARE),
        "compliance": Known("compliance", first, expit(inputs["compliance"]), SHARE),
        "take_up": Known("take-up at 60", first + 1, expit(posterior["take_up_logit"].values), SHARE),
    }
    own = streams(rng, len(series))
    draws = posterior.sizes["draw"]
    return {
        name: carried(method, known, years, next(own), draws=draws, origin=origin) for name, known in series.items()
    }
