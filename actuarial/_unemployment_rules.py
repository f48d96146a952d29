"""What an actuary chooses for the unemployment fund of migrant and flexible workers."""

from __future__ import annotations

from typing import Literal

from actuarial._quantity import CHOICE, YEAR, Section, quantity, year
from actuarial._unemployment_contribution_rules import MONEY, Contribution, Financing


class Membership(Section):
    """Who joins, from when, and how their risk differs from that of all migrants."""

    from_year: int = year(
        2027,
        meaning="First year of contributions and benefits",
        source="Granary's choice: the first year a reform can bind",
    )
    coverage_first: float = quantity(
        0.10,
        unit="share",
        low=0.0,
        high=1.0,
        meaning="Members over all migrant and flexible workers in the first year",
        source="27.02 of 262.6 million migrant workers were in the employees' unemployment insurance in 2012 (MOHRSS "
        "and NBS, 2012): a tenth joins what exists",
    )
    coverage_last: float = quantity(
        0.40,
        unit="share",
        low=0.0,
        high=1.0,
        meaning="The same after coverage_years",
        source="Granary's choice: joining is voluntary; the resident pension, voluntary too and with a match, has "
        "three quarters of those who may join",
    )
    coverage_years: int = quantity(
        15,
        unit="calendar years",
        low=1,
        high=60,
        meaning="Years in which coverage goes in equal steps from the first share to the last",
        source="Granary's choice: between the resident pension, which took some four years and subsidises each member, "
        "and the employees' unemployment insurance, which has grown for thirty",
    )
    flexible_per_migrant: float = quantity(
        0.14,
        unit="ratio",
        low=0.0,
        high=1.0,
        meaning="Flexible workers who are not migrants, over migrant workers",
        source="Granary's choice: 84 million workers in new forms of employment (ninth survey of workers, All-China "
        "Federation of Trade Unions, 2023), of whom half are taken to be among the 300 million migrants",
    )
    platform_share: float = quantity(
        0.25,
        unit="share",
        low=0.0,
        high=1.0,
        meaning="Part of the members who work for a platform",
        source="Granary's choice: 84 million of some 340 million migrant and flexible workers (as above)",
    )
    risk_multiple: float = quantity(
        1.25,
        unit="ratio",
        low=0.5,
        high=3.0,
        meaning="Unemployment of members over that of all rural migrants in towns",
        source="Granary's choice: who expects to lose work joins first; no fund of this kind has published its rate",
    )


class Benefits(Section):
    """What is paid out, to whom, for how long."""

    months: int = quantity(
        6,
        unit="months",
        low=1,
        high=24,
        meaning="Longest time for which one spell out of work gives a living allowance, a transition post or the "
        "emergency allowance",
        source="The reform that is valued: 6; the employees' scheme has 12 to 24 (Social Insurance Law, article 46)",
    )
    eligible_share: float = quantity(
        0.30,
        unit="share",
        low=0.0,
        high=1.0,
        meaning="Part of the paid-up members out of work who draw the living allowance (a year paid, not by choice)",
        source="Derived for the employees' scheme of 2023: 3.52 million recipients at the year's end over 5.2 % of "
        "243.7 million insured is .28 (MOHRSS 2023; NBS)",
    )
    allowance: float = quantity(
        0.35,
        unit="share of wages",
        low=0.0,
        high=1.0,
        meaning="Living allowance a month over the mean wage of members",
        source="Granary's choice, near the employees' scheme: 1,814 yuan a month in 2023 (MOHRSS) over a migrant's "
        "4,780 (NBS) is .38",
    )
    exit_rate: float = quantity(
        0.15,
        unit="share per month",
        low=0.02,
        high=0.6,
        meaning="Part of those out of work who find work in a month, when the rate stands still",
        source="Granary's choice: spells of under 7 months on average; no duration is published for migrants",
    )
    trained_share: float = quantity(
        0.0,
        unit="share per month",
        low=0.0,
        high=0.5,
        meaning="Part of the members out of work who begin a skills training in a month, outside the emergency plan",
        source="No such training in today's law for those outside the employees' scheme",
    )
    training_from: int | None = quantity(
        None,
        unit=YEAR,
        low=2009,
        high=2200,
        meaning="First year of this training; empty: at all times, also before the first member, on which the multiple "
        "looks back",
        source="Granary's choice: what the fund will do is what its past would have cost",
    )
    training_phase_in_years: int = quantity(
        0,
        unit="calendar years",
        low=0,
        high=30,
        meaning="Years after training_from in which trained_share is reached, in equal steps; 0: at once",
        source="Granary's choice",
    )
    placed_share: float = quantity(
        0.80,
        unit="share",
        low=0.0,
        high=1.0,
        meaning="Part of the trained who are in work the month after; below exit_rate, training has no effect",
        source="The reform that is valued: 80 % re-employed",
    )
    training_cost: float = quantity(
        2000.0,
        unit=f"{MONEY}, per person trained",
        low=0.0,
        high=30000.0,
        meaning="Cost of one training; follows amounts_follow",
        source="100 billion yuan for 50 million trainings of the campaign of 2019-2021 (General Office of the State "
        "Council 2019 No. 24)",
    )
    posts_share: float = quantity(
        0.0,
        unit="share",
        low=0.0,
        high=0.5,
        meaning="Part of the members out of work for at most `months` who hold a transition post; they draw neither "
        "allowance",
        source="No such posts in today's law for those outside the employees' scheme",
    )
    posts_wage: float = quantity(
        0.80,
        unit="share of wages",
        low=0.0,
        high=1.5,
        meaning="Pay of a transition post over the local average wage, which is that of the members",
        source="The reform that is valued: 80 %",
    )


class Emergency(Section):
    """The plan that starts in each month in which the printed rate is over a threshold."""

    threshold: float = quantity(
        0.05,
        unit="share",
        low=0.0,
        high=0.5,
        meaning="Printed rate of unemployment (to a tenth of a point) over which the plan runs in that month",
        source="The reform that is valued: over 5 %",
    )
    rate: Literal["urban", "migrant"] = quantity(
        "urban",
        unit=CHOICE,
        meaning="urban: the surveyed urban rate; migrant: that of rural migrants in towns",
        source="Granary's choice: the surveyed urban rate is the one that is printed every month",
    )
    rise: float = quantity(
        0.0,
        unit="ratio",
        low=0.0,
        high=3.0,
        meaning="Mean rate of three months over that of the same months of the two years before, below which the plan "
        "does not run; 0: the threshold alone decides",
        source="0 is the announced wording. 1.2 with 5 % is the trigger of extended benefits in the United States "
        "(Federal-State Extended Unemployment Compensation Act of 1970; 20 CFR 615.12)",
    )
    take_up: float = quantity(
        0.50,
        unit="share",
        low=0.0,
        high=1.0,
        meaning="Part of the members out of work for at most benefits.months who draw the emergency allowance",
        source="Granary's choice: half register for it; no such plan has a record",
    )
    monthly: float = quantity(
        800.0,
        unit=f"{MONEY}, a month",
        low=0.0,
        high=10000.0,
        meaning="Emergency allowance, beside the living allowance; follows amounts_follow",
        source="The reform that is valued: 800 yuan a month",
    )
    journey: float = quantity(
        500.0,
        unit=f"{MONEY}, once in a spell out of work",
        low=0.0,
        high=10000.0,
        meaning="For the journey home, to whoever begins to draw the emergency allowance; follows amounts_follow",
        source="The reform that is valued: 500 yuan once",
    )
    trained_share: float = quantity(
        0.02,
        unit="share per month",
        low=0.0,
        high=0.5,
        meaning="Part of the members out of work who begin a training in a month of the plan, beside any other",
        source="Granary's choice: the plan has training; its extent is not stated",
    )
    amounts_follow: Literal["prices", "wages", "nothing"] = quantity(
        "wages",
        unit=CHOICE,
        meaning="What amounts in yuan grow with after money_year: consumer prices, wages of migrants, or nothing",
        source="Granary's choice after the employees' scheme: its mean benefit went from 852 yuan a month in 2014 to "
        "1,814 in 2023 (MOHRSS), 8.8 % a year, wages of migrants 5.9 % (NBS); law ties it to the minimum wage "
        "(Regulations on Unemployment Insurance 1999, article 18). At prices the plan would fade away beside wages",
    )


class Unemployment(Section):
    """Every number that an actuary chooses for the unemployment fund of migrant and flexible workers."""

    money_year: int = year(
        2024,
        meaning="Year in whose money amounts in yuan are stated",
        source="Last year with a published wage of migrants",
    )
    membership: Membership = Membership()
    contribution: Contribution = Contribution()
    financing: Financing = Financing()
    benefits: Benefits = Benefits()
    emergency: Emergency = Emergency()
