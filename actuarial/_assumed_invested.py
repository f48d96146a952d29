"""Assets of the pension fund: what an actuary chooses of the market share, its portfolio, and what its classes earn."""

from __future__ import annotations

from actuarial._assumed_verdict import Investment
from actuarial._quantity import Section, quantity, year
from actuarial.portfolio import Portfolio

_RATE = "per year"


class ClassReturns(Section):
    """What each class of asset earns; stocks earn what is left of the drawn return of the reference portfolio."""

    bond_premium: float = quantity(
        0.015,
        unit=_RATE,
        low=-0.05,
        high=0.1,
        meaning="Mean return of bonds and long deposits above the one-year deposit rate",
        source="Granary's choice, half of the past: the ChinaBond New Composite index returned 39.78 % from January "
        "2014 to June 2020 (ChinaBond Pricing Center, in AsianInvestor), 5.3 % a year, at deposit rates of 1.5 to "
        "3 %; yields have fallen since",
    )
    bond_volatility: float = quantity(
        0.02,
        unit=_RATE,
        low=0.0,
        high=0.3,
        meaning="Standard deviation of the return of bonds of a year beside its mean",
        source="Granary's choice: a portfolio of some five years' duration whose yields move by .4 points",
    )
    project_premium: float = quantity(
        0.02,
        unit=_RATE,
        low=-0.05,
        high=0.2,
        meaning="Mean return of national projects and key enterprises above the one-year deposit rate",
        source="Granary's choice: half a point above bonds for what cannot be sold at will; none is published",
    )
    project_volatility: float = quantity(
        0.05,
        unit=_RATE,
        low=0.0,
        high=0.5,
        meaning="Standard deviation of the return of national projects of a year beside its mean",
        source="Granary's choice: between bonds and stocks; none is published",
    )
    borrowing_spread: float = quantity(
        0.005,
        unit=_RATE,
        low=-0.02,
        high=0.1,
        meaning="Rate paid on bonds sold with repurchase above the one-year deposit rate",
        source="Granary's choice: as the spread that deposits of the fund earn",
    )


class PensionInvestment(Investment):
    """What the assets of the pension fund earn."""

    market_share_today: float = quantity(
        0.40,
        unit="share",
        low=0.0,
        high=1.0,
        meaning="Part of all assets that earns the market return before market_from",
        source="As the default of market_share: 38 % of the mean balance in 2023, 43 % in 2024 (final accounts)",
    )
    market_from: int = year(
        2009,
        meaning="First year in which market_share moves away from market_share_today",
        source="Granary's choice: the first year of the scheme, so that market_share holds throughout unless a reform "
        "is dated",
    )
    market_phase_in_years: int = quantity(
        0,
        unit="calendar years",
        low=0,
        high=50,
        meaning="Years over which the part in the market moves in equal steps to market_share; 0: at once",
        source="Granary's choice: at once",
    )
    portfolio: Portfolio = Portfolio()
    returns: ClassReturns = ClassReturns()
