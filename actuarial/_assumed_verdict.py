"""Investment and verdict: what an actuary chooses of them."""

from __future__ import annotations

from typing import Literal

from actuarial._quantity import CHOICE, Section, quantity


class Investment(Section):
    """What the assets of the fund earn."""

    market_share: float = quantity(
        0.40,
        unit="share",
        low=0.0,
        high=1.0,
        meaning="Part of all assets that earns the market return",
        source="Derived: return on entrusted money (final accounts) over the published rate of the National Council "
        "for Social Security Fund gives 38 % of the mean balance in 2023, 43 % in 2024",
    )
    deposit_spread: float = quantity(
        0.005,
        unit="per year",
        low=-0.02,
        high=0.05,
        meaning="Rate earned on the rest of the assets above the one-year deposit rate",
        source="Derived: interest (final accounts) over the balance not entrusted, 2.1 % in 2023 and 1.9 % in 2024, "
        "less the one-year rate of 1.5 %",
    )
    interest_convention: Literal["mid_year", "opening_balance"] = quantity(
        "mid_year",
        unit=CHOICE,
        meaning="mid_year: flows of the year earn half a year; opening_balance: only what was there on 1 January earns",
        source="Granary's choice: contributions and benefits come through the year; published Chinese tables use "
        "opening_balance",
    )


class Valuation(Section):
    """How the account is judged, and who pays when it is empty."""

    target_reserve_ratio: float = quantity(
        1.0,
        unit="years of pool outgo",
        low=0.0,
        high=5.0,
        meaning="Pool reserve wanted at the end of a valuation period, in outgo of its last year",
        source="One year of cost, as in the actuarial balance of the US Trustees Reports",
    )
    control_period: int = quantity(
        15,
        unit="calendar years",
        low=1,
        high=100,
        meaning="Length of a control period of the scaled premium; the last has the years that are left",
        source="Granary's choice: five equal periods in 75 years",
    )
    steady_from: int = quantity(
        10,
        unit="year of the account",
        low=1,
        high=19,
        meaning="Earlier of the two years whose reserve ratios the steady-state rate makes equal; 1 is the first",
        source="Canada Pension Plan: 10th and 60th year after the review period",
    )
    steady_to: int = quantity(
        60,
        unit="year of the account",
        low=20,
        high=100,
        meaning="Later of the two years whose reserve ratios the steady-state rate makes equal",
        source="Canada Pension Plan: 10th and 60th year after the review period",
    )
    cut_when: Literal["fund_empty", "pool_empty"] = quantity(
        "fund_empty",
        unit=CHOICE,
        meaning="When the deficit rule begins: fund_empty, once the pool has borrowed all that the members' accounts "
        "hold; pool_empty, once the pool has nothing of its own, so that accounts are never lent",
        source="Granary's choice: fund_empty shows the last day on which pensions can be paid; accounts are the "
        "members' (State Council 2014 No. 8, sections 5 and 6), which speaks for pool_empty",
    )
    deficit_rule: Literal["emergency_transfer", "benefit_cut"] = quantity(
        "emergency_transfer",
        unit=CHOICE,
        meaning="When all assets are gone: emergency_transfer pays in full, benefit_cut pays what is there",
        source="Social Insurance Law of China, art. 65: governments subsidise a fund that cannot pay",
    )


class Adequacy(Section):
    """What a pension is held against besides rural income."""

    subsistence_allowance: float | None = quantity(
        None,
        unit="yuan per person and year, in money of money_year",
        low=0.0,
        high=100000.0,
        meaning="Mean standard of the rural subsistence allowance; empty: the last published, carried to money_year "
        "with rural income",
        source="Ministry of Civil Affairs",
    )
    subsistence_income_weight: float = quantity(
        1.0,
        unit="share",
        low=0.0,
        high=1.5,
        meaning="Weight of nominal rural income growth in the growth of the subsistence allowance",
        source="Granary's choice: published standards rose from 26 % of rural income in 2014 to 33 % in 2018 and have "
        "been between 29 and 34 % since: no trend away from income",
    )
    subsistence_price_weight: float = quantity(
        0.0,
        unit="share",
        low=0.0,
        high=1.5,
        meaning="Weight of consumer price inflation in the growth of the subsistence allowance",
        source="Granary's choice: as the weight of income",
    )
