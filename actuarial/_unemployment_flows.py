"""The flows of the unemployment fund, and how many years of cost its multiple looks at."""

from __future__ import annotations

from actuarial.flow import Recorded

INCOME = (
    Recorded("member_contributions", "pool", "income", "Contributions of members"),
    Recorded("platform_contributions", "pool", "income", "Contributions of platforms for their workers"),
    Recorded("fiscal_match", "pool", "income", "Subsidy of the budget to contributions"),
)
"""What contributions bring: it moves with their rate."""

GRANTS = (
    Recorded("founding_grant", "pool", "income", "Grant of the budget in the founding year"),
    Recorded("land_withdrawal", "pool", "income", "Part of the income of land-use-right transfers"),
)
"""Income beside contributions."""

OUTGO = (
    Recorded("living_allowance", "pool", "outgo", "Living allowances"),
    Recorded("emergency_allowance", "pool", "outgo", "Allowances of the emergency plan"),
    Recorded("journey_home", "pool", "outgo", "Journeys home in the emergency plan"),
    Recorded("training", "pool", "outgo", "Skills training, that of the emergency plan included"),
    Recorded("transition_posts", "pool", "outgo", "Pay of transition posts"),
    Recorded("firm_subsidy", "pool", "outgo", "Subsidy returned to firms"),
)

WINDOW, HIGHEST = 20, 3
"""Years in which high costs are sought, and how many of them are averaged (20 CFR 606.3)."""
