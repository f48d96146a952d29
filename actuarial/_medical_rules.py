"""What an actuary chooses for the income and the reserve of the medical fund."""

from __future__ import annotations

from typing import ClassVar, Literal

from actuarial._quantity import CHOICE, Section, quantity, year
from actuarial.assumptions import Investment

FIRST_REFORM = "Granary's choice: the first year a reform can bind"
PER_HEAD = "yuan per person insured and year, in money of money_year"


class Financing(Section):
    """Individual contribution and fiscal subsidy per head, their growth and their caps."""

    contribution_per_head: float = quantity(
        400.0,
        unit=PER_HEAD,
        low=0.0,
        high=10000.0,
        meaning="Least individual contribution",
        source="Notices of the National Healthcare Security Administration and Ministry of Finance of 2024 and 2025; "
        "that of 2026, collected from its autumn on, was not found",
    )
    subsidy_per_head: float = quantity(
        724.0,
        unit=PER_HEAD,
        low=0.0,
        high=10000.0,
        meaning="Least fiscal subsidy",
        source="700 yuan in 2025 (National Healthcare Security Administration) and 24 more in 2026 (Report on the Work "
        "of the Government 2026)",
    )
    contribution_multiple: float = quantity(
        1.03,
        unit="ratio",
        low=0.5,
        high=3.0,
        meaning="Contributions received per head over the least contribution",
        source="Derived: final accounts over people enrolled and the standard of the year's notice give 1.06, 1.00, "
        "1.04, 1.02, 1.04 in 2020-2024",
    )
    subsidy_multiple: float = quantity(
        1.07,
        unit="ratio",
        low=0.5,
        high=3.0,
        meaning="Subsidy received per head over the least subsidy (provinces and counties add to it)",
        source="Derived: final accounts over people enrolled and the least subsidy give 1.07, 1.07, 1.06, 1.07, 1.09 "
        "in 2020-2024",
    )
    contribution_income_weight: float = quantity(
        1.0,
        unit="share",
        low=0.0,
        high=1.5,
        meaning="Weight of nominal rural income growth in the growth of the individual contribution",
        source="Granary's choice: with the subsidy it was 4.7 % of rural income in 2017 and 4.6 % in 2024",
    )
    contribution_price_weight: float = quantity(
        0.0,
        unit="share",
        low=0.0,
        high=1.5,
        meaning="Weight of consumer price inflation in the growth of the individual contribution",
        source="Granary's choice: as the weight of income",
    )
    contribution_cost_weight: float = quantity(
        0.0,
        unit="share",
        low=0.0,
        high=1.5,
        meaning="Weight of growth of medical cost per person insured, under today's law, in that of the contribution",
        source="Granary's choice: as the weight of income; 1 alone lets contributions follow cost",
    )
    subsidy_income_weight: float = quantity(
        1.0,
        unit="share",
        low=0.0,
        high=1.5,
        meaning="Weight of nominal rural income growth in the growth of the subsidy per head",
        source="Granary's choice: with the contribution it was 4.7 % of rural income in 2017 and 4.6 % in 2024",
    )
    subsidy_price_weight: float = quantity(
        0.0,
        unit="share",
        low=0.0,
        high=1.5,
        meaning="Weight of consumer price inflation in the growth of the subsidy per head",
        source="Granary's choice: as the weight of income",
    )
    subsidy_cost_weight: float = quantity(
        0.0,
        unit="share",
        low=0.0,
        high=1.5,
        meaning="Weight of growth of medical cost per person insured, under today's law, in that of the subsidy",
        source="Granary's choice: as the weight of income; 1 alone lets the subsidy follow cost",
    )
    indexation_from: int = year(
        2027,
        meaning="First year indexed by the weights; before it amounts are as published, else follow rural income",
        source="Granary's choice: the first year without a published standard",
    )
    member_share_cap: float | None = quantity(
        None,
        unit="share",
        low=0.0,
        high=1.0,
        meaning="Largest part of contribution and subsidy that members pay; subsidy fills the rest; no cap if empty",
        source="No such cap in today's law",
    )
    subsidy_growth_cap: float | None = quantity(
        None,
        unit="per year",
        low=0.0,
        high=0.3,
        meaning="Largest nominal growth of the subsidy per head in a year; no cap if empty",
        source="No such cap in today's law",
    )
    subsidy_budget_cap: float | None = quantity(
        None,
        unit="share of general public budget revenue",
        low=0.0,
        high=0.3,
        meaning="Largest part of budget revenue that the subsidy takes; no cap if empty",
        source="No such cap in today's law",
    )
    caps_from: int = year(2027, meaning="First year of the three caps", source=FIRST_REFORM)
    other_income_per_head: float = quantity(
        20.0,
        unit=PER_HEAD,
        low=0.0,
        high=1000.0,
        meaning="Other income of the fund; grows with nominal rural income",
        source="Derived: final accounts 2024, income 1,118.9 billion yuan less contributions, subsidy and interest is "
        "18 yuan a head, carried to 2026 with rural income",
    )


class Enrolment(Section):
    """Who leaves and who is enrolled twice; enrolment itself and its answer to contributions are the projection's."""

    leavers_use: float = quantity(
        0.5,
        unit="ratio",
        low=0.0,
        high=1.0,
        meaning="Use of care by those who leave (or join) because of the contribution, over that of all insured",
        source="Granary's choice: the healthy leave first; no national figure was found",
    )
    duplicate_share: float = quantity(
        0.01,
        unit="share",
        low=0.0,
        high=0.2,
        meaning="Part of those insured who are also insured elsewhere",
        source="Granary's choice: most double enrolment was removed since 2020; what is left is not published",
    )
    duplicate_use: float = quantity(
        0.1,
        unit="ratio",
        low=0.0,
        high=1.0,
        meaning="Use of this scheme by those insured elsewhere too, over that of the others",
        source="Granary's choice: who has the employee scheme as well draws on that, as it pays more",
    )
    duplicates_removed: float = quantity(
        0.0,
        unit="share",
        low=0.0,
        high=1.0,
        meaning="Part of the double enrolment that is removed",
        source="0: what is left stays",
    )
    duplicates_from: int = year(2027, meaning="Year in which double enrolment is removed", source=FIRST_REFORM)


class Reserve(Section):
    """What the reserve of the fund is held against."""

    risk_share: float = quantity(
        0.1,
        unit="share of income of the year",
        low=0.0,
        high=1.0,
        meaning="Risk reserve inside the balance, not to be spent in an ordinary year",
        source="Granary's choice: a tenth of the year's funds, as the former rural scheme is said to have kept; the "
        "notice itself was not found",
    )
    months_low: float = quantity(
        6.0,
        unit="months of outgo",
        low=0.0,
        high=60.0,
        meaning="Least reserve that is called adequate",
        source="Granary's choice: none is laid down for this fund; the employee scheme's contributions could be cut in "
        "2020 where its pool lasted six months or more (National Healthcare Security Administration 2020 No. 6)",
    )
    months_high: float = quantity(
        9.0,
        unit="months of outgo",
        low=0.0,
        high=60.0,
        meaning="Largest reserve that is called adequate",
        source="Granary's choice: 6 to 9 months are often named for the employee scheme's pool; no notice that says so "
        "was found",
    )


class MedicalInvestment(Investment):
    """What the assets of the medical fund earn."""

    market_share: float = quantity(
        0.0,
        unit="share",
        low=0.0,
        high=1.0,
        meaning="Part of all assets that earns the market return",
        source="Measures for the investment of basic pension funds (State Council 2015 No. 48) are for pensions alone: "
        "medical funds hold deposits and treasury bonds",
    )
    deposit_spread: float = quantity(
        0.0015,
        unit="per year",
        low=-0.02,
        high=0.05,
        meaning="Rate earned on the rest of the assets above the one-year deposit rate",
        source="Derived: final accounts 2024, interest of 12.9 billion yuan over the mean balance of 792 billion is "
        "1.63 %, less the one-year rate of 1.5 %",
    )


class MedicalValuation(Section):
    """How the account is judged, and who pays when it is empty."""

    # One pool, and no accounts that it could borrow from: there is nothing to choose here.
    cut_when: ClassVar[Literal["fund_empty"]] = "fund_empty"

    target_reserve_ratio: float = quantity(
        0.5,
        unit="years of outgo",
        low=0.0,
        high=5.0,
        meaning="Reserve wanted at the end of a valuation period, in outgo of its last year",
        source="Granary's choice: six months of outgo, as reserve.months_low",
    )
    deficit_rule: Literal["emergency_transfer", "benefit_cut"] = quantity(
        "emergency_transfer",
        unit=CHOICE,
        meaning="When all assets are gone: emergency_transfer pays in full, benefit_cut pays what is there",
        source="Social Insurance Law of China, art. 65: governments subsidise a fund that cannot pay",
    )
