"""Regions beside their nation: shares of members and ratios of money that borrow strength from each other.

Each region is seen through five series: the logs of its shares of the nation's
contributors and pensioners, and of its rural income, benefit per pensioner and
contribution per head over the nation's. The first four are published. Each is
a random walk with a drift of its own and Student t steps; drifts and step
sizes are draws from distributions common to all regions, so that a county with
four years of figures takes what it lacks from the provinces. Past the last
figure the drift dies away, as no share can go on for ever.

What a member pays is hardly published by region. It is what the fund's account
leaves when subsidy and returns are taken off, so it is seen through an error
that grows with the subsidy and stays with a region. Behind it stand the rural
income of the region, raised to an elasticity common to all, a level of the
region and swings that pass.
"""

from __future__ import annotations

from dataclasses import astuple, dataclass, fields
from typing import TYPE_CHECKING

import numpy as np

from forecasting.models._provinces_accounts import turned
from forecasting.models._provinces_data import SERIES, STEPPED, data_of, log_ratio, parts, regions
from forecasting.models._provinces_paths import damped, forecast

if TYPE_CHECKING:
    import pymc as pm

    from forecasting.models.sampling import Inputs
    from forecasting.sources import Tables

__all__ = [
    "KEEP",
    "NAME",
    "SERIES",
    "STEPPED",
    "Priors",
    "build",
    "damped",
    "forecast",
    "inputs",
    "log_ratio",
    "parts",
    "regions",
]

NAME = "provinces"

KEEP: tuple[str, ...] = (
    *("drift", "log_scale", "tail", "half_life"),
    *("elasticity", "contribution_mean", "level_sd", "swing_sd", "drift_mean", "drift_sd"),
)

TYPICAL_DRIFT = np.array([0.01, 0.01, 0.004, 0.01])
"""Prior medians of the sd of yearly drifts over regions, by `STEPPED`; incomes keep their order longer."""

TYPICAL_STEP = np.array([0.02, 0.015, 0.005, 0.05])
"""Prior medians of the scale of a yearly step, by `STEPPED`."""


@dataclass(frozen=True)
class Priors:
    """What is believed of regions before their figures are seen; the second half is of their people.

    Attributes
    ----------
    half_life_median, half_life_sd : float
        Years after which half of a region's drift is gone, past the last
        figure; median and sd of its log. Eight years, 4 to 18: a drift seen
        over twelve years is believed for about as long.
    elasticity_mean, elasticity_sd : float
        Rise of the log contribution per head for a rise of one in the log of
        rural income, over regions. One: members pay a share of income.
    level_median : float
        Typical log difference of contributions between regions of one income.
    swing_median, persistence : float
        Typical size (log) of the years' departures from that difference, and
        what is left of one a year later: campaigns for a higher tier pass.
    mix_sd : float
        Error, as a share of the subsidy, from taking a region's subsidy for
        the nation's share of expenditure; stays with the region. The three
        provincial accounts that were found are off by .10, .12 and .19.
    account_sd : float
        The same error, anew each year; both make .14, as in those three.
    paid_sd : float
        Error (log) of a published contribution per head.
    total_sd, share_sd : float
        Error (log) of a region's counts of people, and of its age shares.
    tilt_sd : float
        Log ratio of a region's share at 80 to that at 40, before age shares
        are known. Shares of people over 65 in 2022 vary by .27 over provinces.
    bend_sd : float
        Departures from that straight tilt among children and the very old.
    gap_sd : float
        Difference between the tilts of country and town of one region.
    sex_sd : float
        Difference between a region's log shares of women and men.
    urban_sd : float
        Log ratio of a region's shares of rural and urban people, not counted.
    fertility_sd : float
        Log total fertility of a region over the nation's, country and town
        alike. That of provinces lies between .75 and 2 children.
    child_woman_sd : float
        Error of fertility read from children per woman: some children live
        apart from their mothers.
    mortality_sd : float
        Log of a region's death rates over the nation's.
    move_sd : float
        Net moves from other regions, yearly share of the people, as a region
        keeps them up; .006 is 6 % in ten years. Largest at ages 20-30.
    move_half_life : float
        Years after which half of the present moves are gone.
    """

    half_life_median: float = 8.0
    half_life_sd: float = 0.4
    elasticity_mean: float = 1.0
    elasticity_sd: float = 0.5
    level_median: float = 0.3
    swing_median: float = 0.25
    persistence: float = 0.8
    mix_sd: float = 0.12
    account_sd: float = 0.08
    paid_sd: float = 0.05
    total_sd: float = 0.005
    share_sd: float = 0.015
    tilt_sd: float = 0.3
    bend_sd: float = 0.12
    gap_sd: float = 0.2
    sex_sd: float = 0.02
    urban_sd: float = 0.3
    fertility_sd: float = 0.2
    child_woman_sd: float = 0.2
    mortality_sd: float = 0.1
    move_sd: float = 0.006
    move_half_life: float = 10.0

    def __post_init__(self) -> None:
        """List every number that is out of bounds."""
        faults = [
            f"{f.name!r} is {getattr(self, f.name)}: it must be over 0"
            for f in fields(self)
            if f.name != "elasticity_mean" and not getattr(self, f.name) > 0
        ]
        if not self.persistence < 1.0:
            faults.append(f"'persistence' is {self.persistence}: it must be under 1")
        if faults:
            raise ValueError("\n".join(faults))


MODELLED = 10
"""How many of the priors, the first ones, the model reads; the rest are of people."""


def inputs(tables: Tables, priors: Priors | None = None) -> dict[str, np.ndarray]:
    """Collect what `build` reads.

    Parameters
    ----------
    tables : forecasting.sources.Tables
    priors : Priors, optional

    Returns
    -------
    dict of str to numpy.ndarray
        See `_provinces_data.data_of` and `_provinces_accounts.turned`; with ``priors``.
    """
    priors = priors or Priors()
    data = data_of(tables)
    errors = (priors.mix_sd, priors.account_sd, priors.paid_sd)
    seen = turned(data, priors.elasticity_mean, priors.persistence, errors)
    return data | seen | {"priors": np.array(astuple(priors)[:MODELLED])}


def build(inputs: Inputs) -> pm.Model:
    """Make the PyMC model.

    Parameters
    ----------
    inputs : mapping of str to numpy.ndarray
        From `inputs`.

    Returns
    -------
    pymc.Model
        Variables `KEEP`; ``changes`` are observed, the contributions enter as a potential.
    """
    import pymc as pm

    prior = Priors(*inputs["priors"])
    with pm.Model() as model:
        _steps(inputs)
        # Past the last figure only: the figures say nothing of it.
        pm.LogNormal("half_life", np.log(prior.half_life_median), prior.half_life_sd)
        _contributions(inputs, prior)
    return model


def _steps(data: Inputs) -> None:
    """Yearly changes of the published series: drift and scale of each region from a common distribution."""
    import pymc as pm

    shape = (len(STEPPED), len(data["regions"]))
    mean = pm.Normal("drift_mean", 0.0, TYPICAL_DRIFT)
    sd = pm.LogNormal("drift_sd", np.log(TYPICAL_DRIFT), 0.5)
    # Thirteen years tell the drift of the first three, so they are centred; benefits jump too much for that.
    told = pm.Normal("drift_told", mean[:-1, None], sd[:-1, None], shape=(shape[0] - 1, shape[1]))
    rest = mean[-1] + sd[-1] * pm.Normal("drift_z", shape=(1, shape[1]))
    drift = pm.Deterministic("drift", pm.math.concatenate([told, rest]))
    centre = pm.Normal("scale_mean", np.log(TYPICAL_STEP), 0.7)
    spread = pm.LogNormal("scale_sd", np.log(0.4), 0.4, shape=shape[0])
    log_scale = pm.Deterministic("log_scale", centre[:, None] + spread[:, None] * pm.Normal("scale_z", shape=shape))
    # Over two, so that steps have a variance.
    tail = pm.Deterministic("tail", 2.0 + pm.LogNormal("tail_over_two", np.log(2.0), 0.7, shape=shape[0]))
    series, region = data["changes"][:, :2].astype(int).T
    passed, change = data["changes"][:, 2:].T
    pm.StudentT(
        "changes",
        nu=tail[series],
        mu=passed * drift[series, region],
        sigma=np.sqrt(passed) * pm.math.exp(log_scale[series, region]),
        observed=change,
    )


def _contributions(data: Inputs, prior: Priors) -> None:
    """Contribution per head over the nation's: income to a power, a level and swings, seen through the account.

    Levels, swings and errors are normal on the log, so they are summed out: with the errors whitened and the swings
    turned on their axes (`_provinces_accounts`), the likelihood of a region is that of independent normals and one
    common level. `forecast` draws what was summed out.
    """
    import pymc as pm

    elasticity = pm.Normal("elasticity", prior.elasticity_mean, prior.elasticity_sd)
    mean = pm.Normal("contribution_mean", 0.0, 0.3)
    level_sd = pm.LogNormal("level_sd", np.log(prior.level_median), 0.4)
    swing_sd = pm.LogNormal("swing_sd", np.log(prior.swing_median), 0.4)
    paid, income, one, variance = (data[f"turned_{name}"] for name in ("paid", "income", "one", "swing"))
    spread = 1.0 + swing_sd**2 * variance
    off = paid - elasticity * income - mean * one
    # A level common to the years of a region is a term of rank one (Sherman and Morrison).
    common = 1.0 + level_sd**2 * (one**2 / spread).sum(axis=1)
    shared = level_sd**2 * (one * off / spread).sum(axis=1) ** 2 / common
    logs = pm.math.log(spread).sum() + pm.math.log(common).sum()
    pm.Potential("paid", -0.5 * ((off**2 / spread).sum() - shared.sum() + logs))
