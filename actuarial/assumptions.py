"""What an actuary chooses: every number with unit, range, meaning and source.

:class:`Assumptions` without arguments is today's law; a reform is what it
changes (:func:`changed`).
"""

from __future__ import annotations

from typing import Self

from pydantic import model_validator

from actuarial._assumed_answers import Feedback, Participation
from actuarial._assumed_benefit import Benefit, Portability, Retirement
from actuarial._assumed_invested import ClassReturns, PensionInvestment
from actuarial._assumed_money import Accounts, Fiscal
from actuarial._assumed_sources import Collective, Land, Platform, Sources
from actuarial._assumed_verdict import Adequacy, Investment, Valuation
from actuarial._quantity import Section, changed, describe, year

__all__ = [
    "Accounts",
    "Adequacy",
    "Assumptions",
    "Benefit",
    "ClassReturns",
    "Collective",
    "Feedback",
    "Fiscal",
    "Investment",
    "Land",
    "Participation",
    "PensionInvestment",
    "Platform",
    "Portability",
    "Retirement",
    "Sources",
    "Valuation",
    "changed",
    "describe",
]


class Assumptions(Section):
    """Every number that an actuary chooses for the resident pension fund; the default is today's law."""

    money_year: int = year(
        2024,
        meaning="Year in whose money amounts in yuan are stated; they grow from it with rural income or prices",
        source="Last year with published final accounts",
    )
    benefit: Benefit = Benefit()
    accounts: Accounts = Accounts()
    retirement: Retirement = Retirement()
    portability: Portability = Portability()
    fiscal: Fiscal = Fiscal()
    land: Land = Land()
    collective: Collective = Collective()
    platform: Platform = Platform()
    sources: Sources = Sources()
    investment: PensionInvestment = PensionInvestment()
    participation: Participation = Participation()
    feedback: Feedback = Feedback()
    valuation: Valuation = Valuation()
    adequacy: Adequacy = Adequacy()

    @model_validator(mode="after")
    def _asked_for_once(self) -> Self:
        if self.fiscal.growth_floor is not None and "fiscal" in self.sources.as_needed:
            raise ValueError(
                "fiscal.growth_floor is a least transfer, and sources.as_needed calls the budget only where money "
                "lacks. Take fiscal out of the list, or leave the floor empty"
            )
        return self
