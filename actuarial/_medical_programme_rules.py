"""What an actuary chooses for programmes beside reimbursement: health management, county communities, equipment."""

from __future__ import annotations

from actuarial._medical_care_rules import YEARS
from actuarial._medical_rules import FIRST_REFORM
from actuarial._quantity import Section, quantity, year


class HealthManagement(Section):
    """Yearly health management of those aged 65 and over and of chronic patients, and what it finds early."""

    coverage: float = quantity(
        0.0,
        unit="share",
        low=0.0,
        high=1.0,
        meaning="Part of those aged 65 and over and of younger chronic patients who are managed",
        source="0: not paid by this fund today",
    )
    cost_per_head: float = quantity(
        80.0,
        unit="yuan per person managed and year, in money of money_year",
        low=0.0,
        high=2000.0,
        meaning="Cost of health management; grows with consumer prices",
        source="The reform names 80 yuan",
    )
    from_year: int = year(2027, meaning="First year of health management", source=FIRST_REFORM)
    phase_years: int = quantity(
        3,
        unit=YEARS,
        low=1,
        high=30,
        meaning="Years in which coverage is reached, in equal steps",
        source="Granary's choice",
    )
    found_early: float = quantity(
        0.1,
        unit="share of those managed",
        low=0.0,
        high=0.5,
        meaning="Those managed whose disease is found early; they draw on the chronic programme at once",
        source="Prior, Granary's choice: no trial of this programme; set low to high in a sensitivity",
    )
    stays_avoided: float = quantity(
        0.1,
        unit="share of stays of those found early",
        low=-0.5,
        high=0.5,
        meaning="Later stays avoided by finding early; below 0, early finding leads to more stays",
        source="Prior, Granary's choice: 0.1 on a tenth of those managed is 1 % of stays; trials of general health "
        "checks found little or no effect (Krogsboell et al., Cochrane Review 2019, 17 trials), so hold it against 0",
    )
    lag_years: int = quantity(
        3,
        unit=YEARS,
        low=0,
        high=20,
        meaning="Years from finding early to stays avoided",
        source="Prior, Granary's choice: chronic disease found early would have led to stays some years later",
    )


class County(Section):
    """County medical community: stays treated inside the county are cheaper."""

    inside_share: float | None = quantity(
        None,
        unit="share of stays",
        low=0.0,
        high=1.0,
        meaning="Part of stays treated inside the county; empty: as today",
        source="Today's law",
    )
    inside_share_today: float = quantity(
        0.75,
        unit="share of stays",
        low=0.0,
        high=1.0,
        meaning="Part of stays treated inside the county under today's law",
        source="Granary's choice: with it the mean cost of 8,023 yuan in 2021 and 13,942 in tertiary hospitals give "
        "6,050 inside, between primary (3,623) and secondary (6,626) hospitals",
    )
    outside_cost_ratio: float = quantity(
        2.3,
        unit="ratio",
        low=1.0,
        high=10.0,
        meaning="Cost of a stay outside the county over that of one inside",
        source="Derived: 13,942 yuan in tertiary hospitals over 6,050, bulletin of 2021 (see inside_share_today)",
    )
    moved_cost_ratio: float = quantity(
        0.66,
        unit="ratio",
        low=0.2,
        high=1.0,
        meaning="Cost of a stay that moves into the county over what it cost outside; 1 saves nothing",
        source="Granary's choice: half of the log difference between outside and inside is taken as severity, which "
        "moves along: 2.3 to the power of -0.5",
    )
    from_year: int = year(2027, meaning="First year of a move towards inside_share", source=FIRST_REFORM)
    phase_years: int = quantity(
        5, unit=YEARS, low=1, high=30, meaning="Years in which it is reached, in equal steps", source="Granary's choice"
    )


class Equipment(Section):
    """County equipment fund: CT scanners for township health centres as a capital plan."""

    coverage: float | None = quantity(
        None,
        unit="share of township health centres",
        low=0.0,
        high=1.0,
        meaning="Part of centres with a CT scanner after the plan; empty: no plan",
        source="No such plan in today's law; the reform names 60 %",
    )
    coverage_today: float = quantity(
        0.15,
        unit="share of township health centres",
        low=0.0,
        high=1.0,
        meaning="Part of centres with a CT scanner before the plan; these are not paid by it",
        source="The reform starts from 15 %",
    )
    centres: float = quantity(
        33753.0,
        unit="township health centres",
        low=0.0,
        high=100000.0,
        meaning="Number of township health centres",
        source="National Health Commission, statistical bulletin of 2023, as reported by the press on 29 August 2024",
    )
    price: float = quantity(
        2.5e6,
        unit="yuan per scanner, in money of money_year",
        low=0.0,
        high=2e7,
        meaning="Price of a scanner with its room; grows with consumer prices",
        source="Granary's choice: a 16-slice scanner and its shielded room; tenders vary widely",
    )
    running_share: float = quantity(
        0.1,
        unit="share of the price, per year",
        low=0.0,
        high=1.0,
        meaning="Upkeep of each scanner of the plan, from the year after its purchase",
        source="Granary's choice: near a usual service contract",
    )
    life_years: int = quantity(
        10,
        unit=YEARS,
        low=1,
        high=50,
        meaning="Years after which a scanner of the plan is bought again",
        source="Granary's choice: usual service life",
    )
    from_year: int = year(2027, meaning="First year of purchases", source=FIRST_REFORM)
    years: int = quantity(
        3,
        unit=YEARS,
        low=1,
        high=30,
        meaning="Years of purchases, in equal parts",
        source="The reform names three years",
    )
    budget_share: float = quantity(
        1.0,
        unit="share",
        low=0.0,
        high=1.0,
        meaning="Part of the plan that the budget pays into the fund as a grant",
        source="Regulation on the use of medical security funds (State Council Decree No. 735, 2021), article 8: the "
        "fund pays inside a laid-down scope, which is care, so that other money must buy equipment",
    )
