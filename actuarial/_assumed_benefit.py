"""Benefit, pension age and portability: what an actuary chooses of them."""

from __future__ import annotations

from typing import Literal

from actuarial._quantity import CHOICE, Section, quantity, year


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
