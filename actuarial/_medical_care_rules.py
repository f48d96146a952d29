"""What an actuary chooses for reimbursement by the medical fund, second compensation included."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import model_validator

from actuarial._medical_rules import FIRST_REFORM
from actuarial._quantity import CHOICE, Section, quantity, year

TODAY = "empty: as the projection has it"
YEARS = "calendar years"


class Reimbursement(Section):
    """Parts of cost that the fund pays, and how use of care answers to them."""

    inpatient: float | None = quantity(
        None,
        unit="share of all cost",
        low=0.0,
        high=0.95,
        meaning=f"Part of the cost of stays that the fund pays, inside and outside the catalogue; {TODAY}",
        source="Today's law: fitted to published expenditure",
    )
    inpatient_inside: float | None = quantity(
        None,
        unit="share of cost inside the catalogue",
        low=0.0,
        high=1.0,
        meaning=f"The same of cost inside the catalogue; the part of cost that is inside stays; {TODAY}",
        source="Today's law: fitted to published expenditure",
    )
    inside_today: float = quantity(
        0.66,
        unit="share of cost inside the catalogue",
        low=0.3,
        high=1.0,
        meaning="Part of the cost of stays inside the catalogue that the fund pays under today's law",
        source="National Healthcare Security Administration, bulletin of 2025: 66.0 %",
    )
    outpatient: float | None = quantity(
        None,
        unit="share of all cost",
        low=0.0,
        high=0.95,
        meaning=f"Part of the cost of ordinary visits that the fund pays; {TODAY}",
        source="Today's law: fitted to published expenditure",
    )
    chronic: float | None = quantity(
        None,
        unit="share of all cost",
        low=0.0,
        high=0.95,
        meaning=f"Part of the cost of the chronic outpatient programme that the fund pays; {TODAY}",
        source="Today's law: fitted to published expenditure",
    )
    from_year: int = year(2027, meaning="First year of a move towards the parts named here", source=FIRST_REFORM)
    phase_years: int = quantity(
        3,
        unit=YEARS,
        low=1,
        high=30,
        meaning="Years in which the parts reach what is named, in equal steps",
        source="Granary's choice",
    )
    inpatient_elasticity: float = quantity(
        0.15,
        unit="per cent of stays per per cent of what patients pay",
        low=0.0,
        high=1.0,
        meaning="Rise of stays as patients pay a smaller part",
        source="Granary's choice, near -0.2 of all care in the RAND experiment (Manning et al. 1987), less for stays",
    )
    outpatient_elasticity: float = quantity(
        0.2,
        unit="per cent of visits per per cent of what patients pay",
        low=0.0,
        high=1.0,
        meaning="Rise of visits, ordinary and chronic, as patients pay a smaller part",
        source="Granary's choice: -0.2 of all care in the RAND experiment (Manning et al. 1987)",
    )

    @model_validator(mode="after")
    def _one_part_of_stays(self) -> Self:
        if self.inpatient is not None and self.inpatient_inside is not None:
            raise ValueError("inpatient and inpatient_inside are both given. Give one: the other follows from it")
        return self


class Provisions(Section):
    """Maternity and the critical-illness premium: shown apart from stays, in whose reimbursement they are counted."""

    maternity_per_birth: float = quantity(
        2000.0,
        unit="yuan per birth, in money of money_year",
        low=0.0,
        high=50000.0,
        meaning="Maternity benefit; grows with the cost of a stay",
        source="Granary's choice: places pay fixed sums of some 1,000 to 3,000 yuan; no national mean was found",
    )
    maternity_counted: float = quantity(
        2000.0,
        unit="yuan per birth, in money of money_year",
        low=0.0,
        high=50000.0,
        meaning="Part of the maternity benefit that the projection's reimbursement of stays holds",
        source="Granary's choice: all of today's, since that reimbursement is fitted to all expenditure",
    )
    premium_per_head: float = quantity(
        90.0,
        unit="yuan per person insured, in money of money_year",
        low=0.0,
        high=5000.0,
        meaning="Premium of critical-illness insurance; grows with medical cost per person insured",
        source="Granary's choice: 15 to 30 yuan until 2017 (Li and Jiang, Lancet 2017), half of the new subsidy added "
        "in 2018 (20) and 2019 (15) by the notices of these years, later with medical cost",
    )
    premium_counted: float = quantity(
        90.0,
        unit="yuan per person insured, in money of money_year",
        low=0.0,
        high=5000.0,
        meaning="Part of the premium that the projection's reimbursement of stays holds",
        source="Granary's choice: all of today's, since that reimbursement is fitted to all expenditure",
    )
    from_year: int = year(
        2027, meaning="First year of what is paid; before it what today's reimbursement holds", source=FIRST_REFORM
    )


class Catastrophic(Section):
    """Second compensation of households whose out-of-pocket cost is large beside their income."""

    floor: float | None = quantity(
        None,
        unit="share of cost",
        low=0.0,
        high=0.95,
        meaning="Total reimbursement up to which a household is compensated; empty: no second compensation",
        source="No such rule in today's law; the reform names 80 %",
    )
    threshold: float = quantity(
        0.4,
        unit="share of yearly household income",
        low=0.05,
        high=2.0,
        meaning="Out-of-pocket cost past which a household is compensated",
        source="The reform names 40 %",
    )
    form: Literal["whole", "layer"] = quantity(
        "whole",
        unit=CHOICE,
        meaning="whole: the floor holds for all cost of the household; layer: for cost beyond the threshold alone",
        source="whole is the announced wording, total reimbursement of at least 80 %",
    )
    from_year: int = year(2027, meaning="First year of the second compensation", source=FIRST_REFORM)
    old_incidence: float = quantity(
        0.31,
        unit="share of households with members of 60 and over",
        low=0.01,
        high=0.9,
        meaning="Part of these households with catastrophic cost, under today's law, in calibration_year",
        source="International Journal for Equity in Health 2020 (CHARLS 2015): 31 %; 20.86 % in 2011",
    )
    published_threshold: float = quantity(
        0.4,
        unit="share of capacity to pay",
        low=0.05,
        high=1.0,
        meaning="Out-of-pocket cost that the published incidence calls catastrophic",
        source="Definition of the World Health Organization, in all studies cited here",
    )
    capacity_share: float = quantity(
        0.57,
        unit="share of household income",
        low=0.2,
        high=1.0,
        meaning="Capacity to pay: spending other than on food, over income",
        source="Derived: rural residents 2021, spending 15,916 yuan of an income of 18,931, 32.7 % of it on food "
        "(National Bureau of Statistics)",
    )
    spread: float = quantity(
        1.1,
        unit="log points",
        low=0.3,
        high=2.5,
        meaning="Standard deviation of the log of out-of-pocket cost over income, among households of an age band",
        source="Granary's choice: with it and the age pattern of cost, some 10 % of all households pass the published "
        "threshold, as in CFPS 2016 (8.9 %, IJERPH 2019) and CHFS 2017 (11.0 %, Lancet Regional Health 2022)",
    )
    calibration_year: int = year(
        2025,
        meaning="Year in which the incidence is as published; before and after it moves with out-of-pocket cost",
        source="Granary's choice: the last published year, 2015, lies before the scheme was merged; the nation's "
        "incidence changed little since (CFPS 2016, CHFS 2017)",
    )
