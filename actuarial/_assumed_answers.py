"""Answers to a reform: what an actuary chooses of participation and of budget revenue."""

from __future__ import annotations

from typing import Literal

from actuarial._quantity import CHOICE, Section, quantity

_NO_FIGURE = "no study that was found gives its size"


class Participation(Section):
    """Whether members stay when benefits are cut (the vicious circle), and whether a reform draws them in."""

    elasticity: float = quantity(
        0.0,
        unit="per cent of contributors per per cent of benefits",
        low=0.0,
        high=3.0,
        meaning="Fall of contributors in the year after a benefit cut, over the fall of the benefit per contribution; "
        "moves the result only where valuation.deficit_rule cuts benefits",
        source="Granary's choice: 0 leaves participation to the projection; benefits were never cut, so nothing "
        "published measures the answer. 1 keeps contributors in proportion to the benefit that a contribution buys",
    )
    answers: Literal["to_cuts", "to_terms"] = quantity(
        "to_cuts",
        unit=CHOICE,
        meaning="What participation answers to: to_cuts, benefit cuts alone, by elasticity; to_terms, besides them the "
        "pension that a contributor may expect, what he pays for it and rural income, each over today's law",
        source="Granary's choice: the projection carries on the trends of participation under today's law; what a "
        "reform changes is asked for where it is wanted",
    )
    benefit_response: float = quantity(
        0.4,
        unit="log odds",
        low=0.0,
        high=4.0,
        meaning="Mean of the rise of the log-odds of contributing for a rise of one in the log of the pension that a "
        "contributor may expect; normal, cut off at 0",
        source="Granary's choice: a tenth more contributors for twice the pension where three quarters contribute. "
        "Lin and Zhang 2020 (Sustainability 12, 186) find that higher basic pensions raise participation and that the "
        f"match does not; {_NO_FIGURE}",
    )
    benefit_response_sd: float = quantity(
        0.2,
        unit="log odds",
        low=0.0,
        high=4.0,
        meaning="Standard deviation of benefit_response before it is cut off at 0",
        source="Granary's choice: half the mean, so that hardly any answer and twice the mean are both within reach",
    )
    contribution_response: float = quantity(
        0.4,
        unit="log odds",
        low=0.0,
        high=4.0,
        meaning="Mean of the fall of the log-odds of contributing for a rise of one in the log of what a contributor "
        "pays; normal, cut off at 0",
        source="Granary's choice: the elasticity of -0.1 that the medical model holds likely for its enrolment, where "
        f"three quarters contribute; {_NO_FIGURE}. That incentives move who contributes where work is informal: Giles, "
        "Joubert and Tanaka 2025 (World Bank Policy Research Working Paper 11105)",
    )
    contribution_response_sd: float = quantity(
        0.2,
        unit="log odds",
        low=0.0,
        high=4.0,
        meaning="Standard deviation of contribution_response before it is cut off at 0",
        source="Granary's choice: half the mean, as of benefit_response",
    )
    income_response: float = quantity(
        0.4,
        unit="log odds",
        low=0.0,
        high=4.0,
        meaning="Mean of the rise of the log-odds of contributing for a rise of one in the log of rural income over "
        "that of today's law; normal, cut off at 0; reforms leave rural income alone, shocks to it do not",
        source="Granary's choice: as contribution_response, so that on average what counts is the contribution over "
        f"income, as in the medical model; {_NO_FIGURE}",
    )
    income_response_sd: float = quantity(
        0.2,
        unit="log odds",
        low=0.0,
        high=4.0,
        meaning="Standard deviation of income_response before it is cut off at 0",
        source="Granary's choice: half the mean, as of benefit_response",
    )


class Feedback(Section):
    """Whether budget revenue answers to what the fund pays to households."""

    revenue: Literal["as_projected", "answers"] = quantity(
        "as_projected",
        unit=CHOICE,
        meaning="as_projected: budget revenue is the projection's; answers: part of what households get from the fund "
        "beyond today's law comes back as revenue a year later, and is lost where they get less",
        source="Granary's choice: the economy's paths hold what budgets and incomes had in common; money that a reform "
        "moves is not in them, and that the budget spends it in addition is a supposition",
    )
    returned_share: float = quantity(
        0.13,
        unit="share of money that households get",
        low=0.0,
        high=0.5,
        meaning="Mean of the part of a yuan to households that comes back as budget revenue; normal, cut off at 0. "
        "Where other spending is cut for it, 0 is nearer",
        source="A fiscal multiplier of 0.8 in 2001-2015 (Chen, Ratnovski and Tsai 2017, IMF Working Paper 17/273) "
        "times general public budget revenue over GDP in 2024, 22.0 of 134.9 trillion yuan (Ministry of Finance, "
        "National Bureau of Statistics)",
    )
    returned_share_sd: float = quantity(
        0.05,
        unit="share of money that households get",
        low=0.0,
        high=0.5,
        meaning="Standard deviation of returned_share before it is cut off at 0",
        source="Granary's choice: multipliers of China run from 0.64 (Chen and Chen 2015, working paper 940 of the "
        "Economic Research Journal) to 1.4 in 2010-2015 (Chen, Ratnovski and Tsai 2017): 0.10 to 0.23 of a yuan",
    )
