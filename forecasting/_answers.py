"""How strongly people and budgets answer to a reform: one standard normal a draw for each answer."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import xarray as xr

ANSWERS = {
    "benefit_deviate": "Answer of participation to the pension that a contributor may expect",
    "contribution_deviate": "Answer of participation to what is paid for it",
    "income_deviate": "Answer of participation to rural income",
    "revenue_deviate": "Part of what households get that comes back as budget revenue",
}
"""Variables that :func:`deviates` makes, and what each is the doubt of."""


def deviates(draws: xr.DataArray, stream: Callable[[str], np.random.Generator]) -> xr.Dataset:
    """Draw how far each answer lies from the middle of its prior.

    The strength of an answer is a prior of the actuary's (`actuarial.assumptions.Participation`), no posterior: no
    figure that was published tells it. What it must share with all else is the draw, so that scenarios that name the
    same prior meet the same answer in the same future.

    Parameters
    ----------
    draws : xarray.DataArray, dims (draw,)
        Labels of the draws.
    stream : callable
        From the name of a part to its random stream (`forecasting.projection.Fits.stream`).

    Returns
    -------
    xarray.Dataset
        :data:`ANSWERS` over (draw,), standard normal, independent of each other and of every other part; each has a
        stream of its own, so that one more answer moves no other.
    """
    size = draws.size
    made = {name: stream(name.replace("_", " ")).standard_normal(size) for name in ANSWERS}
    about = {name: {"unit": "standard deviations", "meaning": meaning} for name, meaning in ANSWERS.items()}
    return xr.Dataset({name: (("draw",), made[name], about[name]) for name in ANSWERS}, {"draw": draws.values})
