"""From use of care and the rules to every yearly amount of the medical fund."""

from __future__ import annotations

from functools import reduce
from operator import add
from typing import NamedTuple

import xarray as xr

from actuarial import _medical_income, _medical_outgo, _medical_supplement, _medical_use
from actuarial._labels import told
from actuarial._medical_assumptions import MedicalAssumptions
from actuarial._medical_income import Published
from actuarial._medical_outgo import KINDS
from actuarial._medical_rules import Financing
from actuarial._medical_use import over
from actuarial._steps import AFRESH, Steps
from actuarial.flow import in_money_of

MONEY = ("rural_income", "price_index", "budget_revenue", "deposit_rate", "market_return")

MEMOS = {
    "insured_mid_year": (
        "persons",
        "People insured at mid-year, after reforms of contribution and of double enrolment",
    ),
    "managed_mid_year": ("persons", "People in health management"),
    "medical_cost": ("yuan", "Cost of all care of those insured, whoever pays"),
    "care_paid": ("yuan", "What the fund and its critical-illness insurer pay of it, second compensation apart"),
    "inpatient_cost_total": ("yuan", "Cost of stays, whoever pays"),
    "inpatient_paid_share": ("share", "Part of the cost of stays that is paid, second compensation apart"),
    "inside_paid_share": ("share", "The same of the cost inside the catalogue"),
    "catastrophic_before": ("share of households", "Past the threshold before second compensation"),
    "catastrophic_after": ("share of households", "Past the threshold after it"),
} | _medical_supplement.MEMOS
"""Unit and meaning of what is told beside the flows."""


class Care(NamedTuple):
    """Cost of care and what is paid of it.

    Attributes
    ----------
    use : xarray.Dataset
        From `_medical_use.totals`.
    heads : xarray.Dataset
        From `_medical_income.heads`.
    member : xarray.Dataset
        From `_medical_income.per_head`.
    cost_per_head : xarray.DataArray, dims (draw?, year)
        Medical cost per person insured under today's law, yuan.
    multiple : xarray.Dataset
        Cost over that in `use`, by kind, dims (draw?, year).
    today, share : xarray.Dataset
        Part that is paid under today's law, and under the rules, by kind, dims (draw?, year).
    second : xarray.Dataset
        From `_medical_outgo.second_compensation`.
    """

    use: xr.Dataset
    heads: xr.Dataset
    member: xr.Dataset
    cost_per_head: xr.DataArray
    multiple: xr.Dataset
    today: xr.Dataset
    share: xr.Dataset
    second: xr.Dataset

    @property
    def cost(self) -> xr.Dataset:
        """Cost of care by kind, dims (draw?, band, year)."""
        return xr.Dataset({kind: self.use[kind] * self.multiple[kind] for kind in KINDS})

    @property
    def own(self) -> xr.DataArray:
        """Out-of-pocket cost before second compensation, dims (draw?, band, year)."""
        return _sum(self.cost * (1 - self.share))


def care(world: xr.Dataset, rules: MedicalAssumptions, published: Published, steps: Steps = AFRESH) -> Care:
    """Work out use, what it costs, and what is paid of it.

    Parameters
    ----------
    world : xarray.Dataset
        A Projection with `medical.NEEDS`.
    rules : MedicalAssumptions
    published : Published
    steps : actuarial._steps.Steps
        Whether use is kept for rules that differ in nothing that it reads.

    Returns
    -------
    Care
    """
    use = steps.once("use", rules, (world,), lambda some: _medical_use.totals(world, some.health_management))
    plain = use[["inpatient_plain", "outpatient", "chronic_plain"]]
    plain = plain.rename(inpatient_plain="inpatient", chronic_plain="chronic")
    cost_per_head = over(_sum(plain).sum("band"), use["insured"].sum("band"))
    asked = (rules.money_year, cost_per_head, published)
    member = _medical_income.per_head(world, rules.financing, *asked)
    standard = _medical_income.per_head(world, Financing(), *asked)
    heads = _medical_income.heads(world, rules.enrolment, member["member"] / standard["member"])
    share = _medical_outgo.shares(world, rules.reimbursement)
    multiple = _medical_outgo.use_multiples(world, share, rules.reimbursement) * heads["use"]
    multiple["inpatient"] = multiple["inpatient"] * _medical_outgo.county_multiple(world["year"], rules.county)
    today = xr.Dataset({kind: world[f"reimbursed_{kind}"] for kind in KINDS})
    cost = xr.Dataset({kind: use[kind] * multiple[kind] for kind in KINDS})
    own, own_today = _sum(cost * (1 - share)), _sum(plain * (1 - today))
    log_mean = _medical_outgo.log_burden(
        over(own, use["insured"] * heads["insured"]),
        over(own_today, use["insured"]),
        world["rural_income"],
        rules.catastrophic,
    )
    second = _medical_outgo.second_compensation(log_mean, 1 - over(own, _sum(cost)), rules.catastrophic)
    return Care(use, heads, member, cost_per_head, multiple, today, share, second)


def yearly(world: xr.Dataset, rules: MedicalAssumptions, made: Care) -> xr.Dataset:
    """Give every amount of the fund, and what is told beside it.

    Parameters
    ----------
    world, rules
        As in :func:`care`.
    made : Care

    Returns
    -------
    xarray.Dataset
        Flows (yuan), :data:`MEMOS` and :data:`MONEY`, dims (draw?, year).
    """
    insured = made.use["insured"].sum("band") * made.heads["insured"]
    managed = made.use["managed"].sum("band") * made.heads["insured"]
    paid, own = (made.cost * made.share).sum("band"), made.own
    second = (made.second["compensated"] * own).sum("band")
    left = own.sum("band") - second
    income = _medical_income.flows(world, rules.financing, rules.money_year, made.member, insured)
    bought = _medical_supplement.amounts(world, insured, left, rules.supplement, rules.money_year)
    prices = in_money_of(world["price_index"], rules.money_year)
    scanners = _medical_outgo.equipment(world["price_index"], rules.equipment, rules.money_year)
    flows = _paid_care(world, rules, made, paid, insured) | {
        "equipment_grant": rules.equipment.budget_share * scanners,
        "second_compensation": second,
        "health_management": rules.health_management.cost_per_head * prices * managed,
        "equipment": scanners,
        "commercial_subsidy": bought["commercial_subsidy"],
    }
    people = {"insured_mid_year": insured, "managed_mid_year": managed}
    memos = _memos(made, rules, paid, people | {name: bought[name] for name in _medical_supplement.MEMOS})
    money = world[list(MONEY)].drop_vars(["sex", "age"], errors="ignore")
    return xr.merge([money, income, xr.Dataset(flows), memos], join="exact").transpose(..., "year")


def _paid_care(
    world: xr.Dataset, rules: MedicalAssumptions, made: Care, paid: xr.Dataset, insured: xr.DataArray
) -> dict[str, xr.DataArray]:
    """Part what the fund pays of care into its flows: maternity and the premium are taken out of stays."""
    people = xr.Dataset({"insured": insured, "births": made.use["births"] * made.heads["insured"]})
    extra = _medical_outgo.provisions(world, people, rules.provisions, rules.money_year, made.cost_per_head)
    counted = extra["maternity_counted"] + extra["premium_counted"]
    return {
        "inpatient_care": (paid["inpatient"] - counted).clip(min=0.0),
        "outpatient_care": paid["outpatient"],
        "chronic_care": paid["chronic"],
        "maternity": extra["maternity"],
        "critical_illness_premium": extra["critical_illness_premium"],
    }


def _memos(made: Care, rules: MedicalAssumptions, paid: xr.Dataset, others: dict[str, xr.DataArray]) -> xr.Dataset:
    cost, share = made.cost.sum("band"), made.share["inpatient"]
    # Households by the people in them: how the old live with the young is not in the projection.
    weight = made.use["insured"] / made.use["insured"].sum("band")
    inside = rules.reimbursement.inside_today * over(share, made.today["inpatient"])
    values = others | {
        "medical_cost": _sum(cost),
        "care_paid": _sum(paid),
        "inpatient_cost_total": cost["inpatient"],
        "inpatient_paid_share": share,
        "inside_paid_share": inside,
        "catastrophic_before": (made.second["before"] * weight).sum("band"),
        "catastrophic_after": (made.second["after"] * weight).sum("band"),
    }
    return told(values, MEMOS)


def by_age(world: xr.Dataset, rules: MedicalAssumptions, made: Care, flows: xr.Dataset) -> xr.Dataset:
    """Lay the outgo of a year on sex and age.

    Parameters
    ----------
    world, rules, made
        As in :func:`yearly`, of all years.
    flows : xarray.Dataset
        From :func:`yearly`, for the years wanted.

    Returns
    -------
    xarray.Dataset
        Each flow of outgo, yuan, dims (draw?, sex, age, year). Care, health management and second compensation fall
        where they arise; the premium, equipment and the subsidy of the supplement on all insured alike; maternity on
        women insured of 20 to 39.
    """
    ages = _medical_use.by_age(world.sel(year=flows["year"].values), rules.health_management)
    at = {name: getattr(made, name).sel(year=flows["year"].values) for name in ("multiple", "share", "second")}
    own = _sum(ages[list(KINDS)] * at["multiple"] * (1 - at["share"]))
    old = ages["age"] >= _medical_use.OLD
    of_young, of_old = (at["second"]["compensated"].isel(band=i, drop=True) for i in range(2))
    everybody = ages["insured"]
    # Births of the insured are known, ages of their mothers are not.
    young = (ages["age"] >= 20) & (ages["age"] < 40) & (ages["sex"] == "female")
    weights = {
        "inpatient_care": ages["inpatient"],
        "outpatient_care": ages["outpatient"],
        "chronic_care": ages["chronic"],
        "maternity": everybody.where(young, 0.0),
        "critical_illness_premium": everybody,
        "health_management": ages["managed"],
        "equipment": everybody,
        "commercial_subsidy": everybody,
    }
    out = {name: over(weight, weight.sum(["sex", "age"])) * flows[name] for name, weight in weights.items()}
    out["second_compensation"] = own * xr.where(old, of_old, of_young)
    return xr.Dataset(out).transpose(..., "sex", "age", "year")


def _sum(kinds: xr.Dataset) -> xr.DataArray:
    return reduce(add, (kinds[kind] for kind in KINDS))
