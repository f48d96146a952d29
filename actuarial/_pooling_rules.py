"""What is asked of a comparison of pools, and what is taken to hold of provinces and of the counties inside them."""

from __future__ import annotations

from typing import Literal

from pydantic import field_validator

from actuarial._quantity import CHOICE, Numbers, Section, quantities, quantity, year

Level = Literal["county", "province", "nation"]

PooledFund = Literal["pension", "medical"]

OURS = "Granary's choice"


class Pooling(Section):
    """Which levels of pooling are compared, and how regions differ where no figure says so.

    Counties are synthetic: groups of equal size that each province is cut into, with the spread named here.
    """

    levels: list[Level] = quantity(
        [],
        unit=CHOICE,
        meaning="Levels that are compared, of county, province and nation: a pool for each county, each province, or "
        "one for all. Empty: nothing is compared, and a run takes no longer",
        source=OURS,
    )
    funds: list[PooledFund] = quantity(
        ["pension", "medical"],
        unit=CHOICE,
        meaning="Funds that are compared, of pension and medical; a fund that the run does not value is left out",
        source=OURS,
    )
    draws: int = quantity(
        200,
        unit="draws",
        low=20,
        high=500,
        meaning="Draws of the run that are carried through all provinces, evenly spread; all if the run has fewer",
        source="Granary's choice: a probability is then known to 7 points; every province costs as much as the nation",
    )
    levelled: float = quantity(
        0.0,
        unit="share",
        low=0.0,
        high=1.0,
        meaning="How far benefits per head are drawn to the mean of the pool, at the same cost to it: 0 leaves them, 1 "
        "makes them equal",
        source="0: pooling of money alone",
    )
    levelled_from: int = year(
        2027,
        meaning="First year of levelled benefits",
        source="Granary's choice: the first year a reform can bind",
    )
    levelled_years: int = quantity(
        10,
        unit="calendar years",
        low=1,
        high=60,
        meaning="Years in which benefits reach what levelled names, in equal steps",
        source=OURS,
    )
    cost_elasticity: float = quantity(
        0.5,
        unit="per cent of cost per per cent of income",
        low=0.0,
        high=1.5,
        meaning="Medical cost per case in a region over the nation's, for its rural income over the nation's",
        source="Granary's choice: below 1, as provinces' health spending per head is a necessity (Pan and Liu, Health "
        "Economics 2012, on the budgets of provinces); no medical account of all provinces was found",
    )
    province_balance: float = quantity(
        1.0,
        unit="share",
        low=0.0,
        high=1.0,
        meaning="Part of a province's first gap between medical income at national standards and what would give it "
        "the nation's ratio of income to outgo that its subsidy fills, then and later",
        source="Granary's choice: funds spend within what they take in, with a small surplus (State "
        "Council 2016 No. 3)",
    )
    county_balance: float = quantity(
        0.5,
        unit="share",
        low=0.0,
        high=1.0,
        meaning="The same of a county beside its province",
        source="Granary's choice: standards per head are mostly one within a province, so that less of a gap is filled",
    )
    county_income_spread: float = quantity(
        0.25,
        unit="standard deviation of the log",
        low=0.0,
        high=1.0,
        meaning="Spread of rural income per head between the counties of a province",
        source="Derived: 60 % of inequality between counties lies within provinces (Theil index of product per head, "
        "2007: Cheong and Wu 2012), one and a half times that between them, which is .21 squared for rural income in "
        "2025",
    )
    county_age_spread: float = quantity(
        0.2,
        unit="standard deviation of the log",
        low=0.0,
        high=1.0,
        meaning="Spread of the share of old people between the counties of a province",
        source="Granary's choice: below the .27 between provinces (share of people over 65, 2022)",
    )
    county_link: float = quantity(
        -0.3,
        unit="correlation",
        low=-0.95,
        high=0.95,
        meaning="Correlation of the two: below 0 poor counties are older",
        source="Granary's choice: the young leave poor counties; no figure was found",
    )
    income_groups: int = quantity(
        5,
        unit="groups",
        low=1,
        high=9,
        meaning="Groups of equal size by income that stand for the counties of a province",
        source=OURS,
    )
    age_groups: int = quantity(
        3,
        unit="groups",
        low=1,
        high=9,
        meaning="Groups of equal size by age in each of them",
        source=OURS,
    )
    central_subsidy: Numbers = quantities(
        (0.8, 0.6, 0.5, 0.3, 0.1),
        unit="share",
        low=0.0,
        high=1.0,
        meaning="Part of the least medical subsidy that the central budget pays, by class of province; it moves no "
        "fund, and is told beside what pools would send",
        source="Plan for shared duties in health (General Office of the State Council 2018 No. 67)",
    )

    @field_validator("levels", "funds")
    @classmethod
    def _once(cls, given: list[str]) -> list[str]:
        twice = sorted({name for name in given if given.count(name) > 1})
        if twice:
            raise ValueError(f"{', '.join(twice)} stands in the list more than once. Name it once")
        return given

    @field_validator("central_subsidy")
    @classmethod
    def _five(cls, given: tuple[float, ...]) -> tuple[float, ...]:
        if len(given) != CLASSES:
            raise ValueError(f"{len(given)} numbers for {CLASSES} classes of provinces. Give one for each")
        return given


CLASSES = 5
"""Classes of provinces in the plan for shared duties (`sharing_tier` in the tables)."""
