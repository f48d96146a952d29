"""What an actuary chooses for the commercial supplement: insurance that members buy beside the medical fund."""

from __future__ import annotations

from typing import Literal

from actuarial._medical_rules import FIRST_REFORM
from actuarial._quantity import CHOICE, Section, quantity, year

_SHANGHAI = "Huhuibao of Shanghai, 2021 (Yicai Global, 25 July 2022)"


class Supplement(Section):
    """Commercial supplement (the eastern pilot): premiums, who helps to pay them, and what insurers pay back."""

    uptake: float = quantity(
        0.0,
        unit="share of those insured",
        low=0.0,
        high=1.0,
        meaning="Part of those insured who buy the supplement; 0: it is not part of the scenario",
        source="0: today's law knows none. 7.4 of 19 million insured bought it in its first year in Shanghai, 39 % "
        "(Yicai Global, 25 July 2022); in the nation some 140 million did in 2021, a tenth of all insured (Securities "
        "Daily, 10 February 2022)",
    )
    premium_per_head: float = quantity(
        129.0,
        unit="yuan per person and year, in money of money_year",
        low=0.0,
        high=10000.0,
        meaning="Premium; grows with nominal rural income",
        source="Huhuibao of Shanghai: 115 yuan in 2021, 129 in 2022 to 2024 (Yicai Global, 25 July 2022; Cailianpress, "
        "23 April 2024)",
    )
    payout_share: float = quantity(
        0.88,
        unit="share of premiums",
        low=0.0,
        high=1.5,
        meaning="Benefits that insurers pay over premiums, at most what those insured still pay themselves",
        source=f"Derived: 750 million yuan of benefits over 850 million of premiums in the first year of {_SHANGHAI}",
    )
    subsidised_share: float = quantity(
        0.0,
        unit="share of premiums",
        low=0.0,
        high=1.0,
        meaning="Part of the premiums that the payer takes over from those who buy",
        source="0: those who buy pay all. The eastern pilot subsidises the premium; its share is not stated",
    )
    payer: Literal["budget", "fund"] = quantity(
        "budget",
        unit=CHOICE,
        meaning="Who takes it over: budget, paid to insurers beside the fund; fund, an outgo of this fund",
        source="Granary's choice: the fund may pay inside a laid-down scope only (State Council Decree No. 735, 2021, "
        "article 8), in which premiums of a commercial insurance that members choose are not",
    )
    from_year: int = year(2027, meaning="First year of the supplement", source=FIRST_REFORM)
    phase_in_years: int = quantity(
        0,
        unit="calendar years",
        low=0,
        high=30,
        meaning="Years after from_year in which uptake is reached, in equal steps; 0: at once",
        source="Granary's choice: 39 % bought it in Shanghai in two months of 2021",
    )
