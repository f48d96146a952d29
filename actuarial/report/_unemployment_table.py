"""The table of the unemployment fund: flows by payer and kind, stocks, rates and chances by year."""

from __future__ import annotations

from collections.abc import Iterator

import xarray as xr

from actuarial._unemployment_flows import GRANTS, INCOME, OUTGO
from actuarial.report._founded import Row, shown_years, yearly
from actuarial.report.blocks import Context, Table
from actuarial.report.money import money_unit

PAID = (*(flow.name for flow in (*INCOME, *GRANTS)), "interest")
SPENT = tuple(flow.name for flow in OUTGO)

INDICATORS = {
    "members": "persons",
    "out_of_work": "share",
    "balance": "money",
    "lowest_balance": "money",
    "reserve_ratio": "small_share",
    "income_rate": "small_share",
    "benefit_cost_rate": "small_share",
    "average_high_cost_rate": "small_share",
    "average_high_cost_multiple": "number",
    "emergency_months": "whole",
    "emergency_called": "probability",
    "fund_empty": "probability",
}
"""Rows about the fund as a whole, with the kind of their numbers."""


def indicator_table(context: Context, scenario: int, one: xr.Dataset) -> Table:
    """Return what the fund of a scenario takes in, pays, holds and risks.

    Parameters
    ----------
    context : Context
        Its numbers know ``small_money`` and ``whole``.
    scenario : int
        Its place in the run.
    one : xarray.Dataset
        Of this scenario, over (draw?, year).

    Returns
    -------
    Table
        Medians and intervals at constant prices; flows that are nothing in every future are left out.
    """
    texts, unit = context.texts, money_unit(context)
    groups = {
        texts("jobless.group_income", unit=unit): _flows(one, PAID),
        texts("jobless.group_outgo", unit=unit): _flows(one, SPENT),
        texts("jobless.group_indicators", unit=unit, people=context.unit("persons")): (
            Row(f"jobless.{name}", one[name], kind) for name, kind in INDICATORS.items()
        ),
    }
    caption = texts("jobless.table", scenario=context.title(scenario))
    return yearly(context, caption, shown_years(context, one), dict(groups))


def _flows(one: xr.Dataset, names: tuple[str, ...]) -> Iterator[Row]:
    # A run saved earlier has fewer flows.
    there = (name for name in names if name in one and bool((one[name] != 0).any()))
    return (Row(f"jobless.{name}", one[name], "small_money") for name in there)
