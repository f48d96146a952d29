"""Indicators of the medical fund: solvency, months of reserve, and what is left to households."""

from __future__ import annotations

import xarray as xr

from actuarial import _medical_supplement, funding, solvency
from actuarial._labels import told
from actuarial._medical_assumptions import MedicalAssumptions
from actuarial.rates import over, paid_share
from forecasting.axes import join_years, require

BASE = "share of insured times rural income"

INDICATORS = {
    "income_rate": (BASE, "Income without interest over people insured times rural income per head"),
    "cost_rate": (BASE, "Expenditure over people insured times rural income per head"),
    "annual_balance": (BASE, "Income rate less cost rate"),
    "reserve_ratio": ("years", "Balance on 1 January over expenditure of the year"),
    "months_of_reserve": ("months", "Balance at 31 December over a month's expenditure of the year"),
    "months_free": ("months", "The same of the balance above the risk reserve"),
    "months_within": ("0 or 1", "Months of reserve lie between reserve.months_low and reserve.months_high"),
    "risk_reserve": ("yuan", "Part of the balance at 31 December that is kept as risk reserve"),
    "risk_reserve_adjustment": ("yuan", "Increase of the risk reserve in the year; below 0 it is released"),
    "payable_share": ("share", "Part of expenditure that balance, income and interest pay"),
    "fiscal_transfer_share": ("share of budget revenue", "Fiscal subsidy over general public budget revenue"),
    "fiscal_need_share": ("share of budget revenue", "Subsidy that keeps the balance where it is over budget revenue"),
    "member_share": ("share", "Part of contributions and subsidy that members pay"),
    "actual_reimbursement": ("share", "Part of all cost of care that is paid, second compensation included"),
    "inpatient_reimbursement": ("share", "Part of the cost of stays that is paid, second compensation apart"),
    "inside_reimbursement": ("share", "The same of the cost of stays inside the catalogue"),
    "cost_to_income": ("share of rural income", "Cost of care of a person insured over rural income per head"),
    "out_of_pocket_to_income": (
        "share of rural income",
        "What a person insured pays for care over rural income per head",
    ),
    "burden_to_income": (
        "share of rural income",
        "What a person insured pays for care, contribution and commercial supplement, less its benefits, over rural "
        "income per head",
    ),
    "catastrophic_before": ("share of households", "Past the threshold of second compensation before it"),
    "catastrophic_after": ("share of households", "Past the threshold after it"),
    "fund_empty": ("0 or 1", "The balance has run out in this year or before"),
    "fund_depletion_year": ("calendar year", "Year in which the balance runs out; empty if it does not"),
    "fund_first_negative": ("calendar year", "First 31 December on which the fund, unaided in the year, is below 0"),
    "general_average_premium": (
        BASE,
        "Level rate that pays the expenditure of the period and uses the balance up; empty where the projection ends "
        "earlier",
    ),
    "actuarial_balance": (
        BASE,
        "Present value of balance and income less expenditure and target reserve, over that of the base; empty where "
        "the projection ends earlier",
    ),
}
"""Unit and meaning of each variable that :func:`indicators` returns."""

NEEDS = (
    *("rural_income", "budget_revenue", "insured_mid_year", "medical_cost", "care_paid", "inpatient_paid_share"),
    *_medical_supplement.MEMOS,
)


def indicators(account: xr.Dataset, ready: xr.Dataset, rules: MedicalAssumptions) -> xr.Dataset:
    """Work out every indicator of one account.

    Parameters
    ----------
    account : xarray.Dataset
        From :func:`actuarial.fund.project`, of the standard medical fund.
    ready : xarray.Dataset
        From :func:`actuarial.medical.prepared`; must cover the account's years.
    rules : MedicalAssumptions
        Those of the account.

    Returns
    -------
    xarray.Dataset
        The variables of :data:`INDICATORS` over (draw?, year), (draw?) or (draw?, horizon), each with ``unit`` and
        ``meaning``.

    Raises
    ------
    forecasting.axes.AxisError
        If `ready` lacks a variable or a year of the account.
    """
    require(ready, NEEDS)
    now = join_years(ready, account["year"].values)
    values = _rates(account, now) | _reserve(account, rules) | _households(account, now) | _depletion(account)
    values |= _long_run(account, now, rules)
    return told(values, INDICATORS)


def _base(now: xr.Dataset) -> xr.DataArray:
    return now["insured_mid_year"] * now["rural_income"]


def _rates(account: xr.Dataset, now: xr.Dataset) -> dict[str, xr.DataArray]:
    income, cost = over(account["income"], _base(now)), over(account["expenditure"], _base(now))
    raised = account["contributions"] + account["fiscal_transfer"]
    return {
        "income_rate": income,
        "cost_rate": cost,
        "annual_balance": income - cost,
        "reserve_ratio": solvency.reserve_ratio(account),
        "payable_share": solvency.payable_share(account),
        "fiscal_transfer_share": account["fiscal_transfer"] / now["budget_revenue"],
        "fiscal_need_share": solvency.fiscal_need(account) / now["budget_revenue"],
        "member_share": over(account["contributions"], raised),
    }


def _reserve(account: xr.Dataset, rules: MedicalAssumptions) -> dict[str, xr.DataArray]:
    rule, month = rules.reserve, account["expenditure"] / 12
    wanted = rule.risk_share * account["income"]
    # The opening year's income is not in the account: its risk reserve is taken from the first year's.
    at_first = wanted.isel(year=0, drop=True)
    held = wanted.where(wanted < account["balance"], account["balance"])
    before = at_first.where(at_first < account["opening_balance"], account["opening_balance"])
    months = over(account["balance"], month)
    within = (months >= rule.months_low) & (months <= rule.months_high)
    return {
        "months_of_reserve": months,
        "months_free": over(account["balance"] - held, month),
        "months_within": within.astype(float),
        "risk_reserve": held,
        "risk_reserve_adjustment": held - solvency.start_of_year(held, before),
    }


def _households(account: xr.Dataset, now: xr.Dataset) -> dict[str, xr.DataArray]:
    # A cut falls on all outgo alike.
    kept = paid_share(account)
    paid = (now["care_paid"] + account["second_compensation"]) * kept
    helped = now["commercial_budget"] + account["commercial_subsidy"] * kept
    supplement = now["commercial_premium"] - helped - now["commercial_benefit"]
    return {
        "actual_reimbursement": over(paid, now["medical_cost"]),
        "inpatient_reimbursement": now["inpatient_paid_share"] * kept,
        "inside_reimbursement": now["inside_paid_share"] * kept,
        "cost_to_income": over(now["medical_cost"], _base(now)),
        "out_of_pocket_to_income": over(now["medical_cost"] - paid, _base(now)),
        "burden_to_income": over(now["medical_cost"] - paid + account["contributions"] + supplement, _base(now)),
        "catastrophic_before": now["catastrophic_before"],
        "catastrophic_after": now["catastrophic_after"],
    }


def _depletion(account: xr.Dataset) -> dict[str, xr.DataArray]:
    return {
        "fund_empty": solvency.depleted_by(account["balance"]),
        "fund_depletion_year": solvency.exhaustion_year(account["balance"]),
        "fund_first_negative": solvency.first_negative_year(solvency.unaided_balance(account)),
    }


def _long_run(account: xr.Dataset, now: xr.Dataset, rules: MedicalAssumptions) -> dict[str, xr.DataArray]:
    """Level rates over each horizon, discounted at the rate earned."""
    target = rules.valuation.target_reserve_ratio * account["expenditure"]
    mid_year = rules.investment.interest_convention == "mid_year"
    money = funding.paths_of(account, _base(now), target, mid_year=mid_year)
    measures = {
        "general_average_premium": funding.general_average_premium,
        "actuarial_balance": funding.actuarial_balance,
    }
    return {name: funding.by_horizon(money, measure) for name, measure in measures.items()}
