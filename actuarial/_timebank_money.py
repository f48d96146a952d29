"""The price of the time bank's hours: care that is bought, running cost, and what is set aside."""

from __future__ import annotations

import xarray as xr

from actuarial._timebank_hours import hours
from actuarial._timebank_rules import TimeBank
from actuarial.flow import in_money_of
from forecasting.axes import require

MONEY = {
    "bank_subsidy": "Running cost of the time bank, paid by the local budget",
    "member_fees": "Running cost of the time bank, paid by its members",
    "guarantee_payment": "Money set aside for hours that members are credited with",
    "bank_running_cost": "Running cost of the time bank",
    "care_purchased": "Hours of care that the time bank buys for its members",
}
"""Flows of the fund behind the bank: variables of a projection from :func:`with_money`, with their meaning."""


def hour_price(projection: xr.Dataset, bank: TimeBank, money_year: int) -> xr.Dataset:
    """Give the wage and the price of an hour of care.

    Parameters
    ----------
    projection : xarray.Dataset
        With ``rural_income`` over (draw?, year).
    bank : TimeBank
        Wage in money of `money_year`, and loading.
    money_year : int
        A year of `projection`.

    Returns
    -------
    xarray.Dataset
        ``level`` (rural income over that of `money_year`), ``wage`` and ``price`` (the
        wage with its loading), yuan per hour, over (draw?, year).

    Raises
    ------
    forecasting.axes.AxisError
        If the variable or the year is missing.
    """
    require(projection, ["rural_income"])
    level = in_money_of(projection["rural_income"], money_year)
    wage = bank.wage_per_hour * level
    return xr.Dataset({"level": level, "wage": wage, "price": wage * (1 + bank.purchase_loading)})


def with_money(projection: xr.Dataset, bank: TimeBank, money_year: int) -> xr.Dataset:
    """Add the hours of the bank and the money that they move to a projection.

    Parameters
    ----------
    projection : xarray.Dataset
        What :func:`hours` and :func:`hour_price` read.
    bank : TimeBank
        Rules.
    money_year : int
        Year in whose money the rules state yuan.

    Returns
    -------
    xarray.Dataset
        `projection` with the variables of :data:`actuarial.timebank.HOURS` and of
        :data:`MONEY`, yuan a year.

    Raises
    ------
    forecasting.axes.AxisError
        As :func:`hours` and :func:`hour_price`.
    """
    made, now = hours(projection, bank), hour_price(projection, bank, money_year)
    running = made["hours_worked"] * now["level"] * bank.running_cost_per_hour
    money = {
        "bank_subsidy": running * bank.running_budget_share,
        "member_fees": running * (1 - bank.running_budget_share),
        "guarantee_payment": made["hours_earned"] * now["wage"] * bank.guarantee_share,
        "bank_running_cost": running,
        "care_purchased": made["hours_bought"] * now["price"],
    }
    flows = {n: a.drop_attrs().transpose(..., "year").assign_attrs(unit="yuan") for n, a in money.items()}
    return projection.assign({str(n): made[n] for n in made} | flows)
