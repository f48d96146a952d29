"""How participation and budget revenue answer, draw by draw, to the terms of a fund."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import xarray as xr
from scipy.special import ndtr, ndtri

from actuarial.assumptions import Assumptions
from actuarial.rates import paid_share
from forecasting.axes import AxisError, join_years, require

LEAST_RATIO = 0.05
"""Least ratio to today's law to which participation answers: the answer is to a logarithm."""

RESPONSES = ("benefit", "contribution", "income")
"""Answers of participation: each has a mean and a standard deviation among the assumptions, and a deviate a draw."""

Strength = float | xr.DataArray
"""A number, or one for each draw."""


def drawn(mean: float, sd: float, deviate: Strength) -> Strength:
    """Turn standard normals into draws of a normal that is cut off at 0.

    Parameters
    ----------
    mean : float
        Before it is cut off; 0 or more.
    sd : float
        The same; 0 gives the mean itself.
    deviate : float or xarray.DataArray, dims (draw,)
        Standard normal.

    Returns
    -------
    float or xarray.DataArray
        Rising in `deviate`, never below 0: its quantiles are those of the normal given that it is above 0.
    """
    if sd == 0.0:
        return mean
    below = ndtr(-mean / sd)
    # Counted from the top: there a normal has its small probabilities, and rounding would make infinity of 1.
    above = (1.0 - below) * ndtr(-deviate)
    return mean - sd * ndtri(above)


@dataclass(frozen=True)
class Answers:
    """What answers to a fund, and how strongly.

    Attributes
    ----------
    elasticity : float
        Of contributors in benefit cuts alone.
    responses : dict of str to float or xarray.DataArray, dims (draw,)
        By name of :data:`RESPONSES`, in log-odds; empty where terms are not answered to.
    returned : float or xarray.DataArray, dims (draw,)
        Part of what households get that comes back as revenue.
    compliance : xarray.DataArray, dims (draw?, year)
        Part of those who may contribute that does so in the projection; 0 where terms are not answered to.
    revenue : xarray.DataArray, dims (draw?, year)
        Budget revenue of the projection, yuan.
    reference : xarray.Dataset
        Terms under which the projection holds (`actuarial._participation_terms.terms`); empty where only cuts count.
    """

    elasticity: float
    responses: dict[str, Strength]
    returned: Strength
    compliance: xr.DataArray
    revenue: xr.DataArray
    reference: xr.Dataset

    def multiplier(self, account: xr.Dataset, terms: xr.Dataset | None) -> xr.DataArray:
        """Return contributors over those of the projection, (draw?, year): each year answers to the one before."""
        share = paid_share(account)
        stay = share.shift(year=1, fill_value=1.0) ** self.elasticity
        if not self.responses or terms is None:
            return stay
        odds = self._odds(share, terms).shift(year=1, fill_value=1.0)
        return stay * odds / (1.0 + self.compliance * (odds - 1.0))

    def revenue_ratio(self, terms: xr.Dataset | None) -> xr.DataArray:
        """Return budget revenue over that of the projection, (draw?, year): each year answers to the one before."""
        if terms is None:
            return xr.ones_like(self.revenue)
        more = (terms["received"] - self.reference["received"]).shift(year=1, fill_value=0.0)
        return (1.0 + self.returned * more / self.revenue).clip(min=0.0)

    def _odds(self, share: xr.DataArray, terms: xr.Dataset) -> xr.DataArray:
        """Odds of contributing over those of the projection; a cut of benefits is a fall of the pension to expect."""
        law, response = self.reference, self.responses
        ratios = (
            share * terms["lifetime_pension"] / law["lifetime_pension"],
            terms["paid_in"] / law["paid_in"],
            terms["rural_income"] / law["rural_income"],
        )
        pension, price, income = (ratio.clip(min=LEAST_RATIO) for ratio in ratios)
        return pension ** response["benefit"] * income ** response["income"] / price ** response["contribution"]


def of(projection: xr.Dataset, assumptions: Assumptions, reference: xr.Dataset, years: np.ndarray) -> Answers:
    """Make the answers of one set of rules.

    Parameters
    ----------
    projection : xarray.Dataset
        With ``budget_revenue``; with ``compliance`` where participation answers to terms, and the deviates of
        `forecasting.projection.forecast` for every strength that has a standard deviation.
    assumptions : Assumptions
        Sections ``participation`` and ``feedback``.
    reference : xarray.Dataset
        As in :class:`Answers`.
    years : numpy.ndarray of int
        Of the account.

    Returns
    -------
    Answers

    Raises
    ------
    forecasting.axes.AxisError
        Listing every variable that is missing, or saying that the reference lacks a year or has other draws.
    """
    people, budget = assumptions.participation, assumptions.feedback
    names = RESPONSES if people.answers == "to_terms" else ()
    wanted = {name: (getattr(people, f"{name}_response"), getattr(people, f"{name}_response_sd")) for name in names}
    back = (budget.returned_share, budget.returned_share_sd) if budget.revenue == "answers" else (0.0, 0.0)
    doubtful = [name for name, (_, sd) in (wanted | {"revenue": back}).items() if sd > 0.0]
    require(projection, ["budget_revenue", *(["compliance"] if names else []), *(f"{n}_deviate" for n in doubtful)])

    def strength(name: str, mean: float, sd: float) -> Strength:
        return drawn(mean, sd, projection[f"{name}_deviate"] if sd > 0.0 else 0.0)

    revenue = projection["budget_revenue"].sel(year=years).drop_attrs()
    return Answers(
        elasticity=people.elasticity,
        responses={name: strength(name, *prior) for name, prior in wanted.items()},
        returned=strength("revenue", *back),
        compliance=projection["compliance"].sel(year=years) if names else xr.zeros_like(revenue),
        revenue=revenue,
        reference=_fitting(reference, projection, years) if reference else reference,
    )


def _fitting(reference: xr.Dataset, projection: xr.Dataset, years: np.ndarray) -> xr.Dataset:
    """Return the reference in the years of the account; one of other draws is no reference."""
    draws = [data["draw"].values for data in (reference, projection) if "draw" in data.dims]
    if len(draws) == 2 and not np.array_equal(draws[0], draws[1]):
        raise AxisError(["the reference has other draws than the projection: make it from the same ones"])
    return join_years(reference, years)
