"""What an actuary chooses for what is paid into the unemployment fund: contributions, their rate, and other money."""

from __future__ import annotations

from typing import Literal

from actuarial._quantity import CHOICE, Section, quantity, year

MONEY = "yuan, in money of money_year"
"""Unit of amounts in yuan, as printed."""


class Contribution(Section):
    """What is paid in, by whom and when."""

    rate: float = quantity(
        0.01,
        unit="share of wages",
        low=0.0,
        high=0.05,
        meaning="Contribution of a member in work, its platform's part included",
        source="1 % of wages is what employers and employees pay together in the employees' scheme since 2017 (MOHRSS "
        "and MOF 2017 No. 14, extended since); the regulations of 1999 have 3 %",
    )
    instalment_months: Literal[1, 3, 6] = quantity(
        3,
        unit="months",
        meaning="Members pay for so many months at once, at their start: 3 by quarter, 6 by half-year; who is out of "
        "work on that day pays nothing for them",
        source="Granary's choice: by quarter, of the two that the reform proposes",
    )
    paid_share: float = quantity(
        0.90,
        unit="share",
        low=0.2,
        high=1.0,
        meaning="Part of the instalments due that are paid; who does not pay has no right to the living allowance",
        source="Granary's choice: nobody deducts the contribution of a flexible worker from a wage",
    )
    platform_part: float = quantity(
        0.30,
        unit="share",
        low=0.0,
        high=1.0,
        meaning="Part of the contribution of its workers that a platform bears",
        source="The reform that is valued: 30 %; today's law asks nothing of platforms",
    )
    firm_subsidy: float = quantity(
        0.01,
        unit="share of contributions",
        low=0.0,
        high=1.0,
        meaning="Part of all contributions that is returned to firms",
        source="The reform that is valued: 1 %; that its base is the contributions and not the wages is Granary's "
        "reading: 1 % of wages would be all there is",
    )
    fiscal_match: float = quantity(
        0.0,
        unit="ratio",
        low=0.0,
        high=3.0,
        meaning="Subsidy of the budget over contributions of members and platforms",
        source="No such subsidy in today's law",
    )
    rate_rule: Literal["fixed", "follows_multiple"] = quantity(
        "fixed",
        unit=CHOICE,
        meaning="fixed: the rate stands; follows_multiple: in each year after the first it moves against the average "
        "high cost multiple of the last 31 December",
        source="No such rule in today's law. In the United States the law of each state has schedules of rates that "
        "rise as its reserve falls",
    )
    rate_target_multiple: float = quantity(
        1.0,
        unit="calendar years",
        low=0.0,
        high=5.0,
        meaning="Average high cost multiple at which the rate is the stated one, under follows_multiple",
        source="The multiple of 1.0 that the US Department of Labor asks for before interest-free advances (20 CFR "
        "606.32)",
    )
    rate_response: float = quantity(
        0.5,
        unit="share of the rate per year of the multiple",
        low=0.0,
        high=3.0,
        meaning="Rise of the rate, over the stated one, for a multiple one year below its target",
        source="Granary's choice: the rate doubles for two years of cost that lack; a larger answer makes it swing",
    )
    rate_least: float = quantity(
        0.5,
        unit="ratio",
        low=0.0,
        high=1.0,
        meaning="Least rate over the stated one, under follows_multiple",
        source="Granary's choice: half of it",
    )
    rate_most: float = quantity(
        2.0,
        unit="ratio",
        low=1.0,
        high=5.0,
        meaning="Largest rate over the stated one, under follows_multiple",
        source="2 % of wages, twice today's, is what employers and employees paid together from March 2015 (MOHRSS and "
        "MOF 2015 No. 24)",
    )


class Financing(Section):
    """What the fund gets beside contributions, and who pays when it is empty."""

    deficit_rule: Literal["as_pension", "emergency_transfer", "benefit_cut"] = quantity(
        "as_pension",
        unit=CHOICE,
        meaning="When all assets are gone: emergency_transfer pays in full, benefit_cut pays what is there; "
        "as_pension: as pension.valuation.deficit_rule says",
        source="Granary's choice: as the pension; Social Insurance Law of China, art. 65, has governments subsidise a "
        "fund that cannot pay, and this fund has no law of its own",
    )

    founding_grant: float = quantity(
        0.0,
        unit=f"{MONEY}, per member of the first year",
        low=0.0,
        high=10000.0,
        meaning="Grant of the budget at the start of membership.from_year; follows amounts_follow",
        source="No such grant in today's law; the reform states none. A grant of 300 yuan pays some half a year of "
        "contributions of a member",
    )
    land_share: float = quantity(
        0.0,
        unit="share",
        low=0.0,
        high=1.0,
        meaning="Part of land-transfer income that goes to this fund",
        source="Today's law withdraws none for this fund; the reform names 10 % for all rural social funds together",
    )
    land_from: int = year(
        2027,
        meaning="First year of the land withdrawal; none before membership.from_year",
        source="Granary's choice: the first year a reform can bind",
    )
    land_phase_in_years: int = quantity(
        0,
        unit="calendar years",
        low=0,
        high=30,
        meaning="Years after land_from in which the withdrawal reaches its share, in equal steps; 0: at once",
        source="Granary's choice: at once, as no order of steps was found",
    )
