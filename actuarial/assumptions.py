"""What an actuary chooses: every number with unit, range, meaning and source.

:class:`Assumptions` without arguments is today's law; a reform is what it
changes (:func:`changed`).
"""

from __future__ import annotations

from typing import Literal

from actuarial._quantity import CHOICE, Section, changed, describe, quantity, year

__all__ = [
    "Accounts",
    "Assumptions",
    "Benefit",
    "Collective",
    "Fiscal",
    "Investment",
    "Land",
    "Valuation",
    "changed",
    "describe",
]


class Benefit(Section):
    """Basic pension, account divisor and funeral grant."""

    income_weight: float = quantity(
        1.0,
        unit="share",
        low=0.0,
        high=1.5,
        meaning="Weight of nominal rural income growth in the growth of the basic pension per head",
        source="Granary's choice: from 2014 to 2024 the basic pension kept near 10.5 % of rural income per head",
    )
    price_weight: float = quantity(
        0.0,
        unit="share",
        low=0.0,
        high=1.5,
        meaning="Weight of consumer price inflation in the growth of the basic pension per head",
        source="Granary's choice: the law names no weight (State Council 2014 No. 8, section 6)",
    )
    growth_floor: float = quantity(
        0.0,
        unit="per year",
        low=-0.2,
        high=0.1,
        meaning="Least nominal growth of the basic pension per head in any year",
        source="Granary's choice: the national minimum was never lowered since 2009",
    )
    indexation_from: int = year(
        2026,
        meaning="First year indexed by the weights; before it the basic pension follows nominal rural income",
        source="Granary's choice: the first forecast year",
    )
    divisor_months: float = quantity(
        139.0,
        unit="months",
        low=60.0,
        high=300.0,
        meaning="Number by which an account is divided at 60 to give the monthly account pension",
        source="State Council 2014 No. 8, section 6",
    )
    funeral_grant_per_death: float = quantity(
        1000.0,
        unit="yuan per death of a pensioner, in money of money_year",
        low=0.0,
        high=20000.0,
        meaning="Funeral grant; grows with consumer prices",
        source="Granary's choice, near 7.78 billion yuan of grants in the final account of 2024 over some 7.8 million "
        "deaths of pensioners; calibrate to the projection",
    )


class Accounts(Section):
    """What enters a member's account and what it is credited with."""

    crediting_spread: float = quantity(
        0.0125,
        unit="per year",
        low=-0.02,
        high=0.05,
        meaning="Rate credited to accounts above the one-year deposit rate",
        source="Granary's choice: interest and entrusted return were 2.8 % of the mean balance a year in 2018-2024 "
        "(final accounts), the one-year deposit rate 1.5 %. State Council 2009 No. 32 credited the deposit rate itself",
    )
    back_payment_share: float = quantity(
        0.67,
        unit="share",
        low=0.0,
        high=0.9,
        meaning="Part of all contributions that members pay at once in their last year before 60, for missed years",
        source="Granary's choice, fitted: with it the account pensions of 2020-2024 are those of final accounts, 38 "
        "to 79 billion yuan, in each of the five years; without it a fifth of that. No table by age is published",
    )
    match_multiple: float = quantity(
        1.0,
        unit="ratio",
        low=0.0,
        high=5.0,
        meaning="Government match as a multiple of the legal minimum (provinces raise it)",
        source="1 is the legal minimum, 30 yuan at the 100 tier and 60 from the 500 tier "
        "(State Council 2014 No. 8, section 4)",
    )
    match_indexed_from: int = year(
        2025,
        meaning="Year after which tiers and match grow with nominal rural income; before it they stand as in 2014",
        source="Granary's choice: a match fixed in yuan for 75 years would vanish",
    )
    member_share_cap: float | None = quantity(
        None,
        unit="share",
        low=0.0,
        high=1.0,
        meaning="Largest part of account money that members pay; the match fills the rest; no cap if empty",
        source="Granary's choice: the law sets no cap",
    )
    member_share_cap_from: int = year(
        2027,
        meaning="First year of the cap on the members' share",
        source="Granary's choice: the first year a reform can bind",
    )


class Fiscal(Section):
    """The rule of the fiscal transfer into the pool."""

    rule: Literal["statutory", "capacity", "within_capacity", "capped"] = quantity(
        "statutory",
        unit=CHOICE,
        meaning="statutory: basic pensions due and match; capacity: a share of budget revenue, whatever is due; "
        "within_capacity: what the pool lacks in the year, at most that share; capped: statutory with a limit to "
        "its growth",
        source="State Council 2014 No. 8, section 4: government pays basic pensions in full and matches contributions",
    )
    capacity_share: float | None = quantity(
        None,
        unit="share of general public budget revenue",
        low=0.0,
        high=0.3,
        meaning="Transfer under the rule capacity, and limit under within_capacity; empty: the last observed share, "
        "computed from data",
        source="Final accounts of the Ministry of Finance: fiscal subsidy over general public budget revenue",
    )
    growth_cap: float = quantity(
        0.06,
        unit="per year",
        low=0.0,
        high=0.3,
        meaning="Largest nominal growth of the transfer in a year under the rule capped",
        source="Granary's choice",
    )
    capped_from: int = year(
        2027,
        meaning="First year in which growth is capped; the year before it pays what is due",
        source="Granary's choice: the first year a reform can bind",
    )


class Land(Section):
    """Withdrawal from income of land-use-right transfers."""

    share: float = quantity(
        0.0,
        unit="share",
        low=0.0,
        high=1.0,
        meaning="Part of land-transfer income withdrawn for rural social funds",
        source="Today's law withdraws none for this fund",
    )
    fund_share: float = quantity(
        1.0,
        unit="share",
        low=0.0,
        high=1.0,
        meaning="Part of the withdrawal that goes to this fund",
        source="Granary's choice: all of it; other funds are not valued here",
    )
    from_year: int = year(
        2027, meaning="First year of the withdrawal", source="Granary's choice: the first year a reform can bind"
    )


class Collective(Section):
    """Collective subsidies, donations and other income."""

    pool_per_head: float = quantity(
        0.0,
        unit="yuan per contributor and year, in money of money_year",
        low=0.0,
        high=2000.0,
        meaning="Collective subsidy into the pool; grows with nominal rural income",
        source="Granary's choice: final accounts show no national total apart from other income",
    )
    accounts_per_head: float = quantity(
        0.0,
        unit="yuan per contributor and year, in money of money_year",
        low=0.0,
        high=2000.0,
        meaning="Collective subsidy into the accounts; grows with nominal rural income",
        source="Granary's choice: final accounts show no national total apart from other income",
    )
    donations: float = quantity(
        0.0,
        unit="yuan per year, in money of money_year",
        low=0.0,
        high=1e12,
        meaning="Donations into the pool; grow with nominal rural income",
        source="Granary's choice: no national total is published",
    )
    other_income: float = quantity(
        12.801e9,
        unit="yuan per year, in money of money_year",
        low=0.0,
        high=1e12,
        meaning="Other income of the pool; grows with nominal rural income",
        source="Final accounts of local funds 2024, Ministry of Finance: income less contributions, subsidy, interest "
        "and entrusted return; that it grows with rural income is Granary's choice",
    )


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
    deficit_rule: Literal["emergency_transfer", "benefit_cut"] = quantity(
        "emergency_transfer",
        unit=CHOICE,
        meaning="When all assets are gone: emergency_transfer pays in full, benefit_cut pays what is there",
        source="Social Insurance Law of China, art. 65: governments subsidise a fund that cannot pay",
    )


class Assumptions(Section):
    """Every number that an actuary chooses for the resident pension fund; the default is today's law."""

    money_year: int = year(
        2024,
        meaning="Year in whose money amounts in yuan are stated; they grow from it with rural income or prices",
        source="Last year with published final accounts",
    )
    benefit: Benefit = Benefit()
    accounts: Accounts = Accounts()
    fiscal: Fiscal = Fiscal()
    land: Land = Land()
    collective: Collective = Collective()
    investment: Investment = Investment()
    valuation: Valuation = Valuation()
