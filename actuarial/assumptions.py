"""What an actuary chooses: every number with unit, range, meaning and source.

:class:`Assumptions` without arguments is today's law; a reform is what it
changes (:func:`changed`).
"""

from __future__ import annotations

from actuarial._assumed_benefit import Benefit, Portability, Retirement
from actuarial._assumed_money import Accounts, Collective, Fiscal, Land
from actuarial._assumed_verdict import Adequacy, Investment, Participation, Valuation
from actuarial._quantity import Section, changed, describe, year

__all__ = [
    "Accounts",
    "Adequacy",
    "Assumptions",
    "Benefit",
    "Collective",
    "Fiscal",
    "Investment",
    "Land",
    "Participation",
    "Portability",
    "Retirement",
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
    investment: Investment = Investment()
    participation: Participation = Participation()
    valuation: Valuation = Valuation()
    adequacy: Adequacy = Adequacy()
