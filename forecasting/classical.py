"""Classical forecasts in place of a Bayesian model, with the same output.

A baseline of :mod:`forecasting.baseline` says how each series of a model goes on; everything else is as in the model
that it stands in for, parameters without a series at the median of their prior. What only a model can reconstruct of
the past (the people by area, the take-up of each cohort) is taken from its posterior. Each function gives the Dataset
of the ``forecast`` of the model of its name: observed years as published, one path a draw after them.

What is lost: every anchor in the long run, whatever other countries have seen, and the ties between series; each goes
its own way. See ``docs/decisions/0008-classical-stand-ins.md``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from forecasting._classical_economy import economy
from forecasting._classical_membership import membership
from forecasting._classical_mortality import mortality
from forecasting._classical_paths import HORIZON, SHARE, Known, Scale, carried, streams
from forecasting.axes import AGES, AREAS, SEXES
from forecasting.models import fertility as fertility_model
from forecasting.models import migration as migration_model
from forecasting.models import migration_data
from forecasting.models._migration_people import SHAPE

if TYPE_CHECKING:
    from forecasting.models.sampling import Inputs

__all__ = ["HORIZON", "economy", "fertility", "membership", "migration", "mortality"]

HIGHEST_TFR = 4.0
"""Upper bound of total fertility: a judgement; far above any country after its transition (Lee 1993 has bounds too)."""

MEAN_AGE, SPREAD = Scale(20.0, 36.0), Scale(2.0, 10.0)
"""Bounds of the mean and standard deviation of the age of mothers, years; judgements, well clear of both series."""

NO_CEILING = 1.0
"""Ceiling of the urban share: what ends its growth is the logit of the path."""


def fertility(
    method: str,
    inputs: Inputs,
    years: np.ndarray,
    rng: np.random.Generator,
    *,
    draws: int,
    rural_women_share: np.ndarray,
) -> xr.Dataset:
    """Forecast total fertility and the ages of mothers.

    Three series: total fertility from ``first_schedule_year`` of the model (1995) on, since the fall of 1990-94 was
    the end of the transition and says nothing of what came after it; the mean and the standard deviation of the age
    of mothers from the same year. Each is forecast on its log-odds between two bounds. Total fertility has the floor
    of the model and `HIGHEST_TFR`: on the plain logarithm the median of China's random walk is a quarter of a child
    per woman in 2100, and a slope that wanders passes every number. The rural over the urban rate is the median of
    its prior, without doubt.

    Parameters
    ----------
    method : str
        Name of `forecasting.baseline.BASELINES`.
    inputs : mapping of str to numpy.ndarray
        Of `forecasting.models.fertility.inputs`.
    years : numpy.ndarray of int, shape (Y,)
        Successive years.
    rng : numpy.random.Generator
        Stream of this model.
    draws : int
        Number of paths.
    rural_women_share : numpy.ndarray, shape (Y,) or (D, Y)
        Rural share of the women aged 15-49, 0..1.

    Returns
    -------
    xarray.Dataset
        As `forecasting.models.fertility.forecast`.

    Raises
    ------
    forecasting.axes.AxisError
        Listing what is wrong with a series.
    """
    since = int(inputs["first_schedule_year"])
    level = Scale(float(inputs["floor"]), HIGHEST_TFR)
    first, begun = int(inputs["tfr_year"][0]), int(inputs["schedule_year"][0])
    series = {
        "tfr": Known("total fertility", first, inputs["tfr"], level, since),
        "mean_age": Known("mean age of mothers", begun, inputs["mean_age"], MEAN_AGE),
        "spread": Known("spread of the age of mothers", begun, inputs["spread"], SPREAD),
    }
    own = streams(rng, len(series))
    paths = {name: carried(method, known, years, next(own), draws=draws).labelled for name, known in series.items()}
    out = xr.Dataset(
        paths,
        coords={"draw": np.arange(draws), "area": list(AREAS), "year": years},
        attrs={"origin": float(inputs["origin"])},
    )
    ratio = np.full(draws, float(inputs["area_ratio"]))
    split = fertility_model.split(out["tfr"].values, ratio, np.asarray(rural_women_share, dtype=float))
    return out.assign(tfr_area=(("draw", "area", "year"), split))


def migration(
    method: str, inputs: Inputs, years: np.ndarray, rng: np.random.Generator, *, posterior: xr.Dataset
) -> xr.Dataset:
    """Forecast the urban share, and the moves that would bring it about.

    The urban share of all year-ends since the census of 2000, from which the model carries the people on, is forecast
    on its log-odds. Where a path falls, moves stop until it is back: nothing tells who would return to the country,
    and the schedule of those who leave, read backwards, would empty the towns of the young. The step from u to v is
    the hazard log((1 - u) / (1 - v)) of leaving the country; with a ceiling of one the room is u, and the speed is
    the hazard over u. The ages of those who move, and the people that they leave, are those of the posterior.

    Parameters
    ----------
    method : str
        Name of `forecasting.baseline.BASELINES`.
    inputs : mapping of str to numpy.ndarray
        Of `forecasting.models.migration.inputs`.
    years : numpy.ndarray of int, shape (Y,)
        Successive future years.
    rng : numpy.random.Generator
        Stream of this model.
    posterior : xarray.Dataset
        Of `forecasting.models.migration`; it has the draws.

    Returns
    -------
    xarray.Dataset
        As `forecasting.models.migration.forecast`.

    Raises
    ------
    forecasting.axes.AxisError
        Listing what is wrong with the series.

    Notes
    -----
    What births and deaths add differently in the two areas, and what an age structure older than that of the
    schedule's weights moves less, comes on top; the two nearly cancel: in most draws the projected share stays
    within two points of the drawn one.
    """
    counted = migration_data.FIRST_YEAR + inputs["total_steps"]
    known = Known("urban share", int(counted[0]), 1.0 - inputs["rural_total"] / inputs["nation_total"], SHARE)
    draws = posterior["draw"].values
    around = np.concatenate([[years[0] - 1], years])
    path = carried(method, known, around, rng, draws=draws.size)
    urban = np.maximum.accumulate(path.values, axis=1)
    speed = np.log((1.0 - urban[:, :-1]) / (1.0 - urban[:, 1:])) / migration_model.room(urban[:, :-1], NO_CEILING)
    shape = migration_model.schedule({name: posterior[name].values for name in SHAPE})
    return xr.Dataset(
        {
            "speed": (("draw", "year"), speed, path.attrs),
            "ceiling": (("draw",), np.full(draws.size, NO_CEILING)),
            "schedule": (("draw", "sex", "age"), shape),
        },
        coords={"draw": draws, "year": years, "sex": list(SEXES), "age": AGES},
    )
