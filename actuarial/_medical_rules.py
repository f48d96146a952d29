"""What an actuary chooses for the income of the medical fund: what a head brings, who is enrolled, land income."""

from __future__ import annotations

from typing import Self

from pydantic import model_validator

from actuarial._quantity import YEAR, Section, quantity, year

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
    subsidy_growth_floor: float | None = quantity(
        None,
        unit="per year",
        low=0.0,
        high=0.3,
        meaning="Least nominal growth of the subsidy per head in a year; no floor if empty",
        source="No such floor in today's law; the reform names 8 % a year in central and western provinces",
    )
    subsidy_floor_from: int = year(2027, meaning="First year of the least growth", source=FIRST_REFORM)
    subsidy_floor_until: int | None = quantity(
        None,
        unit=YEAR,
        low=2009,
        high=2200,
        meaning="Last year of the least growth, after which the subsidy goes on from where it is; empty: no end",
        source="The reform names no end: 8 % a year for ever leaves any growth of income behind",
    )
    land_share: float = quantity(
        0.0,
        unit="share",
        low=0.0,
        high=1.0,
        meaning="Part of land-transfer income that goes to this fund",
        source="Today's law withdraws none for this fund; the reform names 10 % for all rural social funds together",
    )
    land_from: int = year(2027, meaning="First year of the land withdrawal", source=FIRST_REFORM)
    land_phase_in_years: int = quantity(
        0,
        unit="calendar years",
        low=0,
        high=30,
        meaning="Years after land_from in which the withdrawal reaches its share, in equal steps; 0: at once",
        source="Granary's choice: at once, as no order of steps was found",
    )
    other_income_per_head: float = quantity(
        20.0,
        unit=PER_HEAD,
        low=0.0,
        high=1000.0,
        meaning="Other income of the fund; grows with nominal rural income",
        source="Derived: final accounts 2024, income 1,118.9 billion yuan less contributions, subsidy and interest is "
        "18 yuan a head, carried to 2026 with rural income",
    )

    @model_validator(mode="after")
    def _floor_under_cap(self) -> Self:
        least, most = self.subsidy_growth_floor, self.subsidy_growth_cap
        if least is not None and most is not None and least > most:
            raise ValueError(
                f"subsidy_growth_floor {least:g} is above subsidy_growth_cap {most:g}. Give a floor at or below the cap"
            )
        if self.subsidy_floor_until is not None and self.subsidy_floor_until < self.subsidy_floor_from:
            raise ValueError(
                f"subsidy_floor_until {self.subsidy_floor_until} is before subsidy_floor_from "
                f"{self.subsidy_floor_from}. Give a later year, or leave it empty"
            )
        return self


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
    duplicates_phase_in_years: int = quantity(
        0,
        unit="calendar years",
        low=0,
        high=30,
        meaning="Years after duplicates_from in which all of it is removed, in equal steps; 0: at once",
        source="Granary's choice: registers are compared once",
    )
