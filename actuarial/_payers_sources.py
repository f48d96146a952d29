"""Which payer each income of a fund comes from, and which budget pays where the account does not say."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING

from forecasting.sources import FigureNotFound

if TYPE_CHECKING:
    from forecasting.sources import Tables

PAYERS = {
    "members": "Members: contributions, and account money of theirs that another scheme sends with them",
    "centre": "Central budget",
    "province": "Provincial budgets",
    "county": "Budgets of cities and counties",
    "land": "Income of land-use-right transfers",
    "collective": "Village collectives",
    "donations": "Donations",
    "platform": "Platforms for those who work through them",
    "other": "Other income: what the fund takes in besides, welfare lottery, money set aside for hours",
    "deposits": "Interest that all assets would have earned as deposits",
    "market": "Return beyond deposits: what the market adds, or below 0 what it takes",
    "reserve": "Reserve drawn down; below 0 it is built up",
    "emergency": "Emergency transfer for what no asset could pay",
    "cut": "Benefits that are due and not paid",
}
"""Who pays, in the order of the waterfall, with the meaning of each."""

BUDGET = "budget"
"""Stands for the three budgets, which share a flow out between them."""

SOURCES = {
    "contributions": "members",
    "portability_in": "members",
    "member_contributions": "members",
    "fiscal_transfer": BUDGET,
    "equipment_grant": BUDGET,
    "fiscal_match": BUDGET,
    "founding_grant": BUDGET,
    "bank_subsidy": BUDGET,
    "member_fees": "members",
    "guarantee_payment": "other",
    "land_withdrawal": "land",
    "collective_accounts": "collective",
    "collective_pool": "collective",
    "donations": "donations",
    "platform": "platform",
    "platform_contributions": "platform",
    "other_income": "other",
    "care_central": "centre",
    "care_provincial": "province",
    "care_county": "county",
    "care_lottery": "other",
    "care_land": "land",
    "care_collective": "collective",
}
"""Payer of each income by the name of its flow; a name means the same in every fund."""

LEVELS = {"centre": "fiscal_central", "province": "fiscal_provincial", "county": "fiscal_county"}
"""Budgets, and the memo of an account that tells what each pays of ``fiscal_transfer``."""


def medical_central_share(
    tables: Tables, by_class: Sequence[float], region: str = "", places: Collection[str] | None = None
) -> float:
    """Return the part of the medical subsidy that the central budget pays.

    Parameters
    ----------
    tables : forecasting.sources.Tables
        Class of each province in the plan for shared duties (``sharing_tier``), and its people
        (``population_year_end_province``).
    by_class : sequence of float
        Central part of the subsidy by class (`actuarial._pooling_rules.Pooling.central_subsidy`).
    region : str
        Empty for the nation.
    places : collection of str, optional
        Provinces that are averaged; by default all.

    Returns
    -------
    float
        Of a province that of its class. Of the nation, or of a county, which has no class, the mean over provinces by
        people: how many are insured in each is not published for all. 0 where the tables have no classes: nothing
        then tells the centre from the others.
    """
    if region and (own := _of_class(tables, by_class, region)) is not None:
        return own
    weighed = []
    everywhere = {str(place) for frame in tables.frames.values() for place in frame["region"]} - {tables.country}
    for place in sorted(everywhere if places is None else places):
        share, people = _of_class(tables, by_class, place), _last(tables, "population_year_end_province", place)
        if share is not None and people is not None:
            weighed.append((people, share))
    everyone = sum(people for people, _ in weighed)
    return sum(people * share for people, share in weighed) / everyone if everyone else 0.0


def _of_class(tables: Tables, by_class: Sequence[float], region: str) -> float | None:
    found = _last(tables, "sharing_tier", region)
    return None if found is None else float(by_class[int(found) - 1])


def _last(tables: Tables, indicator: str, region: str) -> float | None:
    try:
        return float(tables.series(indicator, region=region).iloc[-1])
    except FigureNotFound:
        return None


def budget_parts(central: float, provincial_of_local: float) -> Mapping[str, float]:
    """Return what each budget pays of money of which only the central part is known.

    Parameters
    ----------
    central : float
        Part of the central budget, 0 to 1.
    provincial_of_local : float
        Part of the rest that provinces pay, 0 to 1.

    Returns
    -------
    dict of str to float
        By payer; adds up to 1.

    Examples
    --------
    >>> budget_parts(0.6, 0.5)
    {'centre': 0.6, 'province': 0.2, 'county': 0.2}
    """
    local = 1.0 - central
    return {"centre": central, "province": local * provincial_of_local, "county": local * (1.0 - provincial_of_local)}
