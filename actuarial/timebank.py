"""The mutual-aid time bank: hours earned by the young-old, owed to their cohort, redeemed or lapsed, and their price.

The healthy who join earn hours at 60-69 by caring for others; they ask for hours
when they need help themselves, or for company when they are old. Hours lapse at
death and when a member leaves. An hour can only be earned where somebody is cared
for: members who ask come first, those who are owed nothing get what is left.
When members ask for more than the working can give, the bank buys the rest.

Hours are carried by sex and cohort. Within a cohort all members own alike, die at
the cohort's rate and need help as all of their age do; they were healthy when they
joined, so they may live longer and need help later than that. People are those of
the rural area at mid-year. What the bank owes is worth the hours that will be
redeemed (:func:`liability`), not all that are on its books.
"""

from __future__ import annotations

from actuarial._timebank_hours import COHORTS, DEVIATES, HOURS, hours, hours_by_age, hours_by_cohort, shares
from actuarial._timebank_measures import CASES, INDICATORS, hour_indicators, indicators, liability, sensitivity
from actuarial._timebank_money import MONEY, hour_price, with_money
from actuarial._timebank_rules import Health, TimeBank
from actuarial.flow import Recorded
from actuarial.fund import Fund

__all__ = [
    "CASES",
    "COHORTS",
    "DEVIATES",
    "FEES",
    "GUARANTEE",
    "HOURS",
    "INDICATORS",
    "MONEY",
    "PURCHASES",
    "RUNNING_COST",
    "SUBSIDY",
    "Health",
    "TimeBank",
    "fund",
    "hour_indicators",
    "hour_price",
    "hours",
    "hours_by_age",
    "hours_by_cohort",
    "indicators",
    "liability",
    "sensitivity",
    "shares",
    "with_money",
]

SUBSIDY = Recorded("bank_subsidy", "pool", "income", MONEY["bank_subsidy"])
FEES = Recorded("member_fees", "pool", "income", MONEY["member_fees"])
GUARANTEE = Recorded("guarantee_payment", "pool", "income", MONEY["guarantee_payment"])
RUNNING_COST = Recorded("bank_running_cost", "pool", "outgo", MONEY["bank_running_cost"])
PURCHASES = Recorded("care_purchased", "pool", "outgo", MONEY["care_purchased"])


def fund(opening_year: int, opening_balance: float = 0.0) -> Fund:
    """Make the fund that stands behind the bank: what is set aside pays for care that is bought.

    Parameters
    ----------
    opening_year : int
        The account starts the year after.
    opening_balance : float
        Guarantee money at its 31 December, yuan.

    Returns
    -------
    Fund
        For :func:`actuarial.fund.project`, with a projection from :func:`with_money`.
        Its ``shortfall`` is the care that nothing was set aside for.
    """
    return Fund("Time bank", (SUBSIDY, FEES, GUARANTEE), (RUNNING_COST, PURCHASES), opening_year, opening_balance)
