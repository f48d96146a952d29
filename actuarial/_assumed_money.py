"""Accounts and budgets: what an actuary chooses of them."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import model_validator

from actuarial._quantity import CHOICE, YEAR, Numbers, Section, quantities, quantity, year


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
        meaning="First year of growth_cap and of cap_share; the year before it pays what the rule says without them",
        source="Granary's choice: the first year a reform can bind",
    )
    cap_share: float | None = quantity(
        None,
        unit="share of general public budget revenue",
        low=0.0,
        high=0.3,
        meaning="Most that the transfer may come to under any rule but capacity, which is such a share itself; no cap "
        "if empty",
        source="No such cap in today's law",
    )
    growth_floor: float | None = quantity(
        None,
        unit="per year",
        low=-0.5,
        high=0.3,
        meaning="Least nominal growth of the transfer in a year: it may then pass what is due, and the pool grows; "
        "cap_share goes before it; no least growth if empty",
        source="No such rule in today's law; 8 % a year in central and western provinces is a reform that is proposed",
    )
    growth_floor_from: int = year(
        2027,
        meaning="First year of the least growth, on what is paid in the year before",
        source="Granary's choice: the first year a reform can bind",
    )
    growth_floor_until: int | None = quantity(
        None,
        unit=YEAR,
        low=2009,
        high=2200,
        meaning="Last year of the least growth, after which the rule alone says what is paid; empty: no end",
        source="The reform names no end: 8 % a year for ever leaves any growth of income behind",
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

    @model_validator(mode="after")
    def _a_floor_below_the_cap(self) -> Self:
        least, until = self.growth_floor, self.growth_floor_until
        if least is not None and self.rule == "capped" and least > self.growth_cap:
            raise ValueError(
                f"growth_floor {least:g} is above growth_cap {self.growth_cap:g}: no growth is both. Lower the floor, "
                "or take a rule other than capped"
            )
        if until is not None and until < self.growth_floor_from:
            raise ValueError(
                f"growth_floor_until {until} is before growth_floor_from {self.growth_floor_from}. Give a later year, "
                "or leave it empty"
            )
        return self
