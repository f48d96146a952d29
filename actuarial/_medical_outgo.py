"""Outgo of the medical fund: what it pays of the cost of care, its programmes, and second compensation."""

from __future__ import annotations

import numpy as np
import xarray as xr

from actuarial import catastrophic
from actuarial._medical_care_rules import Catastrophic, Provisions, Reimbursement
from actuarial._medical_programme_rules import County, Equipment
from actuarial._medical_use import over, ramp
from actuarial.flow import in_money_of
from forecasting import axes

KINDS = ("inpatient", "outpatient", "chronic")
"""Kinds of care with a share of cost that the fund pays."""

NEEDS = tuple(f"reimbursed_{kind}" for kind in KINDS)


def shares(world: xr.Dataset, rule: Reimbursement) -> xr.Dataset:
    """Give the part of each kind's cost that the fund pays.

    Parameters
    ----------
    world : xarray.Dataset
        With ``reimbursed_`` and each of :data:`KINDS`, dims (draw?, year).
    rule : Reimbursement

    Returns
    -------
    xarray.Dataset
        Variables :data:`KINDS`, dims (draw?, year): as in `world`, moving in equal steps to what the rule names. A
        part of cost inside the catalogue moves the whole in proportion.
    """
    named = {"inpatient": rule.inpatient, "outpatient": rule.outpatient, "chronic": rule.chronic}
    out = {}
    for kind in KINDS:
        today = world[f"reimbursed_{kind}"]
        target: float | xr.DataArray | None = named[kind]
        if kind == "inpatient" and rule.inpatient_inside is not None:
            target = (today * rule.inpatient_inside / rule.inside_today).clip(max=1.0)
        step = ramp(today["year"], rule.from_year, rule.phase_years)
        out[kind] = today if target is None else today + (target - today) * step
    return xr.Dataset(out)


def use_multiples(world: xr.Dataset, paid: xr.Dataset, rule: Reimbursement) -> xr.Dataset:
    """Give how use answers to what patients pay.

    Parameters
    ----------
    world : xarray.Dataset
        As for :func:`shares`.
    paid : xarray.Dataset
        From :func:`shares`.
    rule : Reimbursement
        The elasticities.

    Returns
    -------
    xarray.Dataset
        Variables :data:`KINDS`, dims (draw?, year): ``(what patients pay / what they pay today) ^ -elasticity``.
    """
    elasticity = {"inpatient": rule.inpatient_elasticity}
    out = {}
    for kind in KINDS:
        # Free care has no logarithm: the last twentieth of the price does not add to use.
        now, today = ((1 - part).clip(min=0.05) for part in (paid[kind], world[f"reimbursed_{kind}"]))
        out[kind] = (now / today) ** -elasticity.get(kind, rule.outpatient_elasticity)
    return xr.Dataset(out)


def county_multiple(years: xr.DataArray, rule: County) -> xr.DataArray:
    """Give the mean cost of a stay over today's, as stays move into the county; dims (year,)."""
    target = rule.inside_share_today if rule.inside_share is None else rule.inside_share
    inside = rule.inside_share_today + (target - rule.inside_share_today) * ramp(
        years, rule.from_year, rule.phase_years
    )
    dear, kept = rule.outside_cost_ratio, rule.moved_cost_ratio
    today = rule.inside_share_today + (1 - rule.inside_share_today) * dear
    moved = inside - rule.inside_share_today
    # Who moves in pays a part of what the stay cost outside; who moves out pays the same part the other way round.
    return 1 + xr.where(moved > 0, moved * dear * (kept - 1), -moved * (1 / kept - 1)) / today


def provisions(world: xr.Dataset, use: xr.Dataset, rule: Provisions, money_year: int, cost: xr.DataArray) -> xr.Dataset:
    """Give maternity and the critical-illness premium, and what of them reimbursement of stays holds already.

    Parameters
    ----------
    world : xarray.Dataset
        With ``inpatient_cost``, dims (draw?, year).
    use : xarray.Dataset
        ``births`` and ``insured``, persons, dims (draw?, year).
    rule : Provisions
    money_year : int
    cost : xarray.DataArray, dims (draw?, year)
        Medical cost per person insured under today's law: the premium follows it.

    Returns
    -------
    xarray.Dataset
        ``maternity, critical_illness_premium, maternity_counted, premium_counted``, yuan, dims (draw?, year).
    """
    reformed = world["year"] >= rule.from_year
    per_birth = in_money_of(world["inpatient_cost"], money_year) * use["births"]
    per_person = in_money_of(cost.rename("medical cost per person insured"), money_year) * use["insured"]
    return xr.Dataset(
        {
            "maternity": xr.where(reformed, rule.maternity_per_birth, rule.maternity_counted) * per_birth,
            "critical_illness_premium": xr.where(reformed, rule.premium_per_head, rule.premium_counted) * per_person,
            "maternity_counted": rule.maternity_counted * per_birth,
            "premium_counted": rule.premium_counted * per_person,
        }
    )


def log_burden(own: xr.DataArray, own_today: xr.DataArray, income: xr.DataArray, rule: Catastrophic) -> xr.DataArray:
    """Give the mean log burden of households by age band, moving with out-of-pocket cost over income.

    Parameters
    ----------
    own, own_today : xarray.DataArray, dims (draw?, band, year)
        Out-of-pocket cost of a head in each band, and the same under today's law, yuan a year, above 0.
    income : xarray.DataArray, dims (draw?, year)
        Rural income per head.
    rule : Catastrophic

    Returns
    -------
    xarray.DataArray, dims (draw?, band, year)
        The band of the old has the published incidence in the year of calibration, under today's law. Other years
        and the other band stand to it as their out-of-pocket cost over income.

    Raises
    ------
    forecasting.axes.AxisError
        If the year of calibration is missing.
    """
    threshold = rule.published_threshold * rule.capacity_share
    published = catastrophic.from_incidence(rule.old_incidence, threshold, rule.spread)
    old = (own_today / income).isel(band=-1, drop=True).to_dataset(name="own")
    base = axes.join_years(old, np.array([rule.calibration_year]))["own"].isel(year=0, drop=True)
    # A band without cost has no logarithm, and no household past any threshold.
    ratio = over(own / income, base).clip(min=1e-12)
    return ratio.copy(data=float(published.log_mean) + np.log(ratio.values))


def second_compensation(log_mean: xr.DataArray, paid_share: xr.DataArray, rule: Catastrophic) -> xr.Dataset:
    """Give the part of out-of-pocket cost that is compensated, and how many households are past the threshold.

    Parameters
    ----------
    log_mean : xarray.DataArray, dims (draw?, band, year)
        From :func:`log_burden`.
    paid_share : xarray.DataArray, dims (draw?, band, year)
        Part of all cost that the fund pays before.
    rule : Catastrophic

    Returns
    -------
    xarray.Dataset
        ``compensated`` (share of out-of-pocket cost), ``before`` and ``after`` (shares of households), dims (draw?,
        band, year).
    """
    log_mean, paid_share = xr.broadcast(log_mean, paid_share)
    spread = catastrophic.Burden(log_mean.values, rule.spread)
    before = log_mean.copy(data=catastrophic.incidence(spread, rule.threshold))
    if rule.floor is None:
        return xr.Dataset({"compensated": xr.zeros_like(before), "before": before, "after": before})
    asked = (spread, rule.threshold, paid_share.values, rule.floor, rule.form)
    begun = before["year"] >= rule.from_year
    return xr.Dataset(
        {
            "compensated": before.copy(data=catastrophic.compensated_share(*asked)).where(begun, 0.0),
            "before": before,
            "after": before.copy(data=catastrophic.incidence_after(*asked)).where(begun, before),
        }
    )


def equipment(prices: xr.DataArray, rule: Equipment, money_year: int) -> xr.DataArray:
    """Give the money of the equipment plan: purchases, upkeep and purchases again.

    Parameters
    ----------
    prices : xarray.DataArray, dims (draw?, year)
        Consumer price index.
    rule : Equipment
    money_year : int

    Returns
    -------
    xarray.DataArray
        Yuan, dims (draw?, year).
    """
    years = prices["year"].values
    more = 0.0 if rule.coverage is None else max(rule.coverage - rule.coverage_today, 0.0)
    since = years - rule.from_year
    age = since[:, None] - np.arange(rule.years)
    # Each year's purchases are made again when they have served their life.
    bought = ((age >= 0) & (age % rule.life_years == 0)).sum(axis=1) / rule.years
    standing = np.clip(since / rule.years, 0.0, 1.0)
    scanners = more * rule.centres * (bought + rule.running_share * standing)
    money = rule.price * in_money_of(prices, money_year)
    return money * xr.DataArray(scanners, {"year": years}, ("year",))
