"""What an actuary chooses: every number with unit, range, meaning and source.

:class:`Assumptions` without arguments is today's law; a reform is what it
changes (:func:`changed`).
"""

from __future__ import annotations

from typing import Literal, Self

from pydantic import model_validator

from actuarial._quantity import CHOICE, Numbers, Section, changed, describe, quantities, quantity, year

__all__ = [
    "Accounts",
    "Adequacy",
    "Assumptions",
    "Benefit",
    "Collective",
    "Fiscal",
    "Investment",
    "Land",
    "Participation",
    "Portability",
    "Retirement",
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
    top_up_income_weight: float | None = quantity(
        None,
        unit="share",
        low=0.0,
        high=1.5,
        meaning="Weight of nominal rural income growth in the growth of the local top-up per head; prices then do not "
        "enter; empty: the top-up grows as the national minimum does",
        source="Granary's choice: no rule binds provinces and counties (State Council 2014 No. 8, section 6)",
    )
    age_increment: float = quantity(
        0.0,
        unit="yuan per month, in money of money_year",
        low=0.0,
        high=2000.0,
        meaning="Increment of each pensioner aged 65 or older, beside today's top-ups; grows as the national minimum",
        source="MOHRSS and MOF 2018 No. 21 ask provinces to favour those aged 65 and older and name no amount (Sichuan "
        "2020: 2 yuan, 5 from 80); 0: what they pay today stands in the local top-up",
    )
    long_contribution_increment: float = quantity(
        0.0,
        unit="yuan per month and year paid beyond the minimum, in money of money_year",
        low=0.0,
        high=200.0,
        meaning="Increment of each year paid beyond the minimum, beside today's top-ups; grows as the national minimum",
        source="State Council 2014 No. 8, section 6 and MOHRSS and MOF 2018 No. 21 ask for it and name no amount; 0: "
        "what is paid today stands in the local top-up",
    )
    increments_from: int = year(
        2027,
        meaning="First year of the two increments",
        source="Granary's choice: the first year a reform can bind",
    )
    balancing: Literal["none", "balance_ratio"] = quantity(
        "none",
        unit=CHOICE,
        meaning="none: indexation alone; balance_ratio: growth of the basic pension times the balance ratio of two "
        "years before while that is below 1, made up for later",
        source="Granary's choice: the law has no automatic balancing; the other form is Sweden's (Social Insurance "
        "Code, chapter 58)",
    )
    balancing_from: int = year(
        2027,
        meaning="First year whose basic pension the balance ratio can move",
        source="Granary's choice: the first year a reform can bind",
    )
    balancing_share: float = quantity(
        1 / 3,
        unit="share",
        low=0.05,
        high=1.0,
        meaning="Part of the distance of the balance ratio from 1 that is applied in a year",
        source="Sweden's damped balance ratio since 2017 (ordinance 2002:780 on the balance ratio); undamped, a lag of "
        "two years makes the pension swing",
    )
    divisor_months: float = quantity(
        139.0,
        unit="months",
        low=60.0,
        high=300.0,
        meaning="Number by which an account is divided at 60 to give the monthly account pension; at a later pension "
        "age it falls as in the table for employees",
        source="State Council 2014 No. 8, section 6; table: State Council 2005 No. 38, appendix",
    )
    divisor_rule: Literal["statute", "cohort_annuity"] = quantity(
        "statute",
        unit=CHOICE,
        meaning="statute: divisor_months; cohort_annuity: 12 times the life annuity of each birth cohort and sex, at "
        "the crediting rate of the year in which its pension starts and the death rates that the projection has for it",
        source="State Council 2014 No. 8, section 6, has one number of months for all",
    )
    remainder: Literal["heirs", "survivors"] = quantity(
        "heirs",
        unit=CHOICE,
        meaning="Who gets what is in the account at a death after the pension began: the heirs, or the survivors of "
        "the same birth cohort and sex, whose pensions it then pays",
        source="State Council 2014 No. 8, section 6: the balance may be inherited",
    )
    divisor_from: int = year(
        2027,
        meaning="First year whose new pensions follow divisor_rule and remainder; pensions in payment keep theirs",
        source="Granary's choice: the first year a reform can bind",
    )
    minimum_years: int = quantity(
        15,
        unit="paid years",
        low=5,
        high=40,
        meaning="Paid years that the pension asks for; a cohort that had fewer between the start of the scheme and its "
        "pension needs only those. What members pay at once for missed years changes in proportion",
        source="State Council 2014 No. 8, section 7; the employee scheme goes from 15 to 20 years by 2039 (decision of "
        "the National People's Congress Standing Committee of 13 September 2024). That back payments change in "
        "proportion is Granary's choice",
    )
    minimum_years_from: int = year(
        2030,
        meaning="First year whose new pensioners need minimum_years; those before it need 15",
        source="Granary's choice: the year in which the employee scheme begins to ask for more",
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
        0.69,
        unit="share",
        low=0.0,
        high=0.9,
        meaning="Part of all contributions that members pay at once in their last year before 60, for missed years",
        source="Granary's choice, fitted: with it the account pensions of 2020-2024 are those of final accounts, 38 "
        "to 79 billion yuan, within 4 % in each of the five years; without it a fifth to a quarter of that. No table "
        "by age is published",
    )
    tiers: Numbers = quantities(
        (100.0, 200.0, 300.0, 400.0, 500.0, 600.0, 700.0, 800.0, 900.0, 1000.0, 1500.0, 2000.0),
        unit="yuan per contributor and year",
        low=1.0,
        high=100000.0,
        rising=True,
        meaning="Contribution tiers from which members choose the regular contribution of a year",
        source="State Council 2014 No. 8, section 4; provinces may add to them",
    )
    tier_spread: float = quantity(
        0.6,
        unit="log points",
        low=0.01,
        high=2.0,
        meaning="Standard deviation of the log of the contribution that members want; each takes the nearest tier",
        source="Granary's choice: .6 puts two thirds of members between half and twice the median; no national "
        "distribution over tiers was found",
    )
    match_amounts: Numbers = quantities(
        (30.0, 30.0, 30.0, 30.0, 60.0, 60.0, 60.0, 60.0, 60.0, 60.0, 60.0, 60.0),
        unit="yuan per contributor and year",
        low=0.0,
        high=100000.0,
        meaning="Government match to a regular contribution of each tier, one amount a tier; back payments earn none",
        source="Legal minimum of State Council 2014 No. 8, section 4: 30 yuan, and 60 from the 500 tier. It is silent "
        "on back payments, and places differ: that they earn none is Granary's choice",
    )
    match_multiple: float = quantity(
        1.0,
        unit="ratio",
        low=0.0,
        high=5.0,
        meaning="Government match as a multiple of match_amounts (provinces raise it)",
        source="1 is the legal minimum (State Council 2014 No. 8, section 4)",
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

    @model_validator(mode="after")
    def _one_amount_a_tier(self) -> Self:
        if len(self.tiers) != len(self.match_amounts):
            raise ValueError(
                f"match_amounts has {len(self.match_amounts)} numbers and tiers has {len(self.tiers)}. "
                "Give one amount of match for each tier"
            )
        return self


class Retirement(Section):
    """The age at which the pension starts; nobody who draws it stops drawing it."""

    target_age: int = quantity(
        60,
        unit="years of age",
        low=60,
        high=70,
        meaning="Pension age of both sexes after its last rise",
        source="State Council 2014 No. 8, section 7: 60",
    )
    change_from: int = year(
        2030,
        meaning="Year of the first rise by one year of age; nobody starts to draw in a year of a rise",
        source="Granary's choice: a few years of notice",
    )
    step_years: int = quantity(
        5,
        unit="calendar years",
        low=1,
        high=20,
        meaning="Calendar years from one rise by a year of age to the next",
        source="Decision of the National People's Congress Standing Committee of 13 September 2024 for the employee "
        "scheme: men from 60 to 63 in 15 years",
    )
    contributing_share: float = quantity(
        0.5,
        unit="share",
        low=0.0,
        high=1.0,
        meaning="Part of those who wait for the pension after 60 that goes on contributing; in the last year all do",
        source="Granary's choice: halfway between nobody (the minimum years are paid) and all (as in the projection at "
        "59); no scheme of this kind has had the experience",
    )


class Portability(Section):
    """Accounts that move to and from the employee scheme when the pension starts (MOHRSS 2014 No. 17)."""

    out_share: float = quantity(
        0.0,
        unit="share",
        low=0.0,
        high=1.0,
        meaning="Part of the accounts of those who stopped contributing before 60 that moves to the employee scheme",
        source="Granary's choice: no total of such transfers is published, so every account stays. Who has 15 years in "
        "the employee scheme takes the account there (Interim Measures, MOHRSS 2014 No. 17, art. 3 and 5)",
    )
    in_per_new_pensioner: float = quantity(
        0.0,
        unit="yuan per new pensioner, in money of money_year",
        low=0.0,
        high=50000.0,
        meaning="Account money that comes from the employee scheme, per person whose pension starts, whether or not "
        "that person comes from there; grows with nominal rural income",
        source="Granary's choice: no national total is published; the final accounts of Inner Mongolia show 4 million "
        "yuan in 2019 and 52 million in 2020 from all other schemes and places",
    )
    from_year: int = year(
        2015,
        meaning="First year in which accounts move",
        source="Interim Measures, MOHRSS 2014 No. 17: in force since July 2014; 2015 is the first whole year",
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
    central_share_of_minimum: float | None = quantity(
        None,
        unit="share",
        low=0.0,
        high=1.0,
        meaning="Part of the national minimum of basic pensions that the central budget pays; empty: that of the "
        "region, and of the nation the mean over provinces, weighted by pensioners",
        source="State Council 2014 No. 8, section 4: all of it in central and western provinces, half in eastern ones; "
        "which these are: General Office of the State Council 2018 No. 6",
    )
    provincial_share_of_local: float = quantity(
        0.5,
        unit="share",
        low=0.0,
        high=1.0,
        meaning="Part of what local budgets pay that falls on the province; the rest falls on cities and counties",
        source="Granary's choice: half each, as Sichuan divided its top-up of 10 yuan in 2018 (Ganzi Daily, 10 "
        "December 2018); other provinces have rules of their own, and no national total was found",
    )
    central_provincial_share: float | None = quantity(
        None,
        unit="share",
        low=0.0,
        high=1.0,
        meaning="Least part of the fiscal transfer that the central and provincial budgets pay together, shared "
        "between them as without the rule; no least part if empty",
        source="No such rule in today's law",
    )
    central_provincial_from: int = year(
        2027,
        meaning="First year of the least central and provincial part",
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


class Participation(Section):
    """Whether members stay when benefits are cut: the vicious circle."""

    elasticity: float = quantity(
        0.0,
        unit="per cent of contributors per per cent of benefits",
        low=0.0,
        high=3.0,
        meaning="Fall of contributors in the year after a benefit cut, over the fall of the benefit per contribution; "
        "moves the result only where valuation.deficit_rule cuts benefits",
        source="Granary's choice: 0 leaves participation to the projection; benefits were never cut, so nothing "
        "published measures the answer. 1 keeps contributors in proportion to the benefit that a contribution buys",
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
        source="Granary's choice: fund_empty shows the last day on which pensions can be paid; accounts are the members' "
        "(State Council 2014 No. 8, sections 5 and 6), which speaks for pool_empty",
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


class Assumptions(Section):
    """Every number that an actuary chooses for the resident pension fund; the default is today's law."""

    money_year: int = year(
        2024,
        meaning="Year in whose money amounts in yuan are stated; they grow from it with rural income or prices",
        source="Last year with published final accounts",
    )
    benefit: Benefit = Benefit()
    accounts: Accounts = Accounts()
    retirement: Retirement = Retirement()
    portability: Portability = Portability()
    fiscal: Fiscal = Fiscal()
    land: Land = Land()
    collective: Collective = Collective()
    investment: Investment = Investment()
    participation: Participation = Participation()
    valuation: Valuation = Valuation()
    adequacy: Adequacy = Adequacy()
