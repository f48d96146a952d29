"""What an actuary chooses for the reserve of the medical fund: what it is held against, what it earns, who fills it."""

from __future__ import annotations

from typing import ClassVar, Literal

from actuarial._quantity import CHOICE, Section, quantity
from actuarial.assumptions import Investment


class Reserve(Section):
    """What the reserve of the fund is held against."""

    risk_share: float = quantity(
        0.1,
        unit="share of income of the year",
        low=0.0,
        high=1.0,
        meaning="Risk reserve inside the balance, not to be spent in an ordinary year",
        source="Granary's choice: a tenth of the year's funds, as the former rural scheme is said to have kept; the "
        "notice itself was not found",
    )
    months_low: float = quantity(
        6.0,
        unit="months of outgo",
        low=0.0,
        high=60.0,
        meaning="Least reserve that is called adequate",
        source="Granary's choice: none is laid down for this fund; the employee scheme's contributions could be cut in "
        "2020 where its pool lasted six months or more (National Healthcare Security Administration 2020 No. 6)",
    )
    months_high: float = quantity(
        9.0,
        unit="months of outgo",
        low=0.0,
        high=60.0,
        meaning="Largest reserve that is called adequate",
        source="Granary's choice: 6 to 9 months are often named for the employee scheme's pool; no notice that says so "
        "was found",
    )


class MedicalInvestment(Investment):
    """What the assets of the medical fund earn."""

    market_share: float = quantity(
        0.0,
        unit="share",
        low=0.0,
        high=1.0,
        meaning="Part of all assets that earns the market return",
        source="Measures for the investment of basic pension funds (State Council 2015 No. 48) are for pensions alone: "
        "medical funds hold deposits and treasury bonds",
    )
    deposit_spread: float = quantity(
        0.0015,
        unit="per year",
        low=-0.02,
        high=0.05,
        meaning="Rate earned on the rest of the assets above the one-year deposit rate",
        source="Derived: final accounts 2024, interest of 12.9 billion yuan over the mean balance of 792 billion is "
        "1.63 %, less the one-year rate of 1.5 %",
    )


class MedicalValuation(Section):
    """How the account is judged, and who pays when it is empty."""

    # One pool, and no accounts that it could borrow from: there is nothing to choose here.
    cut_when: ClassVar[Literal["fund_empty"]] = "fund_empty"

    target_reserve_ratio: float = quantity(
        0.5,
        unit="years of outgo",
        low=0.0,
        high=5.0,
        meaning="Reserve wanted at the end of a valuation period, in outgo of its last year",
        source="Granary's choice: six months of outgo, as reserve.months_low",
    )
    deficit_rule: Literal["emergency_transfer", "benefit_cut"] = quantity(
        "emergency_transfer",
        unit=CHOICE,
        meaning="When all assets are gone: emergency_transfer pays in full, benefit_cut pays what is there",
        source="Social Insurance Law of China, art. 65: governments subsidise a fund that cannot pay",
    )
