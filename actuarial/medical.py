"""The resident medical scheme: its income, its outgo by age and sex, its standard fund.

Reimbursement in the projection is fitted to all expenditure of the fund, so that maternity and the critical-illness
premium are inside that of stays: they are taken out of it and shown apart, and a reform of one adds what goes beyond
today's. Use answers to what patients pay; it does not answer to second compensation, which households learn of after
the year.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from operator import add

import numpy as np
import xarray as xr

from actuarial import _land_share, _medical_income, _medical_outgo, _medical_ready, _medical_use
from actuarial._medical_assumptions import MedicalAssumptions
from actuarial._medical_care_rules import Catastrophic, Provisions, Reimbursement
from actuarial._medical_income import NOTHING, Published
from actuarial._medical_indicators import INDICATORS, indicators
from actuarial._medical_programme_rules import County, Equipment, HealthManagement
from actuarial._medical_reserve_rules import MedicalInvestment, MedicalValuation, Reserve
from actuarial._medical_rules import Enrolment, Financing
from actuarial._medical_supplement_rules import Supplement
from actuarial._quantity import changed
from actuarial.flow import Flow, Recorded
from actuarial.fund import Fund
from forecasting.axes import AxisError, check, join_years, require

__all__ = [
    "INCOME",
    "INDICATORS",
    "MEMOS",
    "NEEDS",
    "OUTGO",
    "Catastrophic",
    "County",
    "Enrolment",
    "Equipment",
    "Financing",
    "HealthManagement",
    "MedicalAssumptions",
    "MedicalInvestment",
    "MedicalValuation",
    "Provisions",
    "Published",
    "Reimbursement",
    "Reserve",
    "Supplement",
    "indicators",
    "medical_outgo_by_age",
    "prepared",
    "sensitivity",
    "standard_fund",
]

NEEDS = tuple(
    dict.fromkeys(
        (
            *_medical_use.PEOPLE,
            *_medical_income.NEEDS,
            *_medical_outgo.NEEDS,
            *_medical_ready.MONEY,
            *_land_share.NEEDS,
        ),
    )
)
"""Variables of a Projection that :func:`prepared` reads or hands on; land income only where rules name a share."""

MEMOS = _medical_ready.MEMOS
"""Unit and meaning of what :func:`prepared` tells beside the flows."""

INCOME: tuple[Flow, ...] = (
    Recorded("contributions", "pool", "income", "Individual contributions"),
    Recorded("fiscal_transfer", "pool", "income", "Subsidy of the budgets of all levels of government"),
    Recorded("other_income", "pool", "income", "Other income of the fund"),
    Recorded("equipment_grant", "pool", "income", "Budget grant for the county equipment plan"),
    Recorded("land_withdrawal", "pool", "income", "Part of the income of land-use-right transfers"),
)
"""Flows into the fund."""

OUTGO: tuple[Flow, ...] = (
    Recorded("inpatient_care", "pool", "outgo", "Hospital stays, without maternity and critical-illness insurance"),
    Recorded("outpatient_care", "pool", "outgo", "Ordinary outpatient visits"),
    Recorded("chronic_care", "pool", "outgo", "Outpatient programme of chronic and special diseases"),
    Recorded("maternity", "pool", "outgo", "Maternity benefit"),
    Recorded("critical_illness_premium", "pool", "outgo", "Premium of critical-illness insurance"),
    Recorded("second_compensation", "pool", "outgo", "Catastrophic second compensation"),
    Recorded("health_management", "pool", "outgo", "Health management of the old and of chronic patients"),
    Recorded("equipment", "pool", "outgo", "County equipment plan: scanners and their upkeep"),
    Recorded("commercial_subsidy", "pool", "outgo", "Part of the premiums of the commercial supplement"),
)
"""Flows out of the fund."""


def standard_fund(opening_year: int, opening_balance: float | np.ndarray) -> Fund:
    """Make the fund of the resident medical scheme.

    Parameters
    ----------
    opening_year : int
        The account starts the year after; the opening stands at 31 December.
    opening_balance : float or numpy.ndarray, shape (draw,)
        Accumulated balance, yuan.

    Returns
    -------
    Fund
        All of it one pool: no money is owed to members.
    """
    return Fund("resident medical", INCOME, OUTGO, opening_year, opening_balance)


def prepared(projection: xr.Dataset, rules: MedicalAssumptions, published: Published = NOTHING) -> xr.Dataset:
    """Work out all that the flows read: every yearly amount, summed over sex and age.

    Parameters
    ----------
    projection : xarray.Dataset
        With :data:`NEEDS`: ``insured`` over (draw?, sex, age, year), age and sex patterns over (draw?, sex, age) or
        (draw?, age), ``enrolment_response`` over (draw?), the others over (draw?, year). Has the money year and the
        year in which catastrophic incidence is calibrated.
    rules : MedicalAssumptions
    published : Published
        Standards of contribution and subsidy of past years, for a check against the past.

    Returns
    -------
    xarray.Dataset
        Over (draw?, year): the flows of :data:`INCOME` and :data:`OUTGO` (yuan), :data:`MEMOS`, and the paths of
        money that a fund and its indicators read.

    Raises
    ------
    forecasting.axes.AxisError
        Listing every missing variable, or every value out of bounds.
    """
    world = _world(projection, rules)
    return _medical_ready.yearly(world, rules, _medical_ready.care(world, rules, published))


def medical_outgo_by_age(
    projection: xr.Dataset, rules: MedicalAssumptions, years: Sequence[int], published: Published = NOTHING
) -> xr.Dataset:
    """Give the outgo of some years by sex and age.

    Parameters
    ----------
    projection, rules, published
        As in :func:`prepared`. Of many draws take some: by age each year of a draw holds 202 numbers a flow.
    years : sequence of int
        Years of `projection` wanted.

    Returns
    -------
    xarray.Dataset
        The flows of :data:`OUTGO`, yuan, dims (draw?, sex, age, year); the sum of each over sex and age is that of
        :func:`prepared`. Care, second compensation and health management fall where they arise; premium, equipment
        and the subsidy of the supplement on all insured alike; maternity on women insured of 20 to 39, as ages of
        mothers are not known.

    Raises
    ------
    forecasting.axes.AxisError
        As :func:`prepared`, and naming every year that the projection does not have.
    """
    world = _world(projection, rules)
    made = _medical_ready.care(world, rules, published)
    wanted = join_years(_medical_ready.yearly(world, rules, made), np.asarray(years, dtype=int))
    return _medical_ready.by_age(world, rules, made, wanted)


def sensitivity(projection: xr.Dataset, rules: MedicalAssumptions, key: str, values: Sequence[float]) -> xr.DataArray:
    """Give the outgo of the fund over the range of one assumption, the others as they are.

    Parameters
    ----------
    projection : xarray.Dataset
        As in :func:`prepared`.
    rules : MedicalAssumptions
    key : str
        Dotted name, for example ``health_management.stays_avoided``.
    values : sequence of float
        Values of the assumption.

    Returns
    -------
    xarray.DataArray
        Yuan, dims (value, draw?, year).

    Raises
    ------
    pydantic.ValidationError
        If the key is unknown or a value is outside its range.
    forecasting.axes.AxisError
        As :func:`prepared`.
    """
    ready = [prepared(projection, changed(rules, {key: value})) for value in values]
    outgo = [reduce(add, (year[flow.name] for flow in OUTGO)) for year in ready]
    return xr.concat(outgo, xr.DataArray(list(values), dims="value", name="value")).rename("outgo")


def _world(projection: xr.Dataset, rules: MedicalAssumptions) -> xr.Dataset:
    unread = _land_share.NEEDS if rules.financing.land_share == 0 else ()
    wanted = [name for name in NEEDS if name not in unread]
    require(projection, wanted)
    world = check(projection[wanted])
    asked = {"money_year": rules.money_year, "catastrophic.calibration_year": rules.catastrophic.calibration_year}
    missing = [f"year {year} is missing: {name} names it" for name, year in asked.items() if year not in world["year"]]
    if missing:
        raise AxisError(missing)
    return world
