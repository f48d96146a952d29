"""What an actuary chooses of the money of the plan of elderly care: what costs follow, and who pays them."""

from __future__ import annotations

from typing import Self

from pydantic import model_validator

from actuarial._quantity import Section, quantity

OURS = "Granary's choice"


class Prices(Section):
    """What the costs of the plan follow, and how well they are known."""

    building_income_weight: float = quantity(
        0.5,
        unit="share",
        low=0.0,
        high=1.0,
        meaning="Weight of nominal rural income in the growth of building costs; the rest follows consumer prices",
        source=f"{OURS}: labour is about half the cost of a simple house",
    )
    running_income_weight: float = quantity(
        0.8,
        unit="share",
        low=0.0,
        high=1.0,
        meaning="Weight of nominal rural income in the growth of the costs of running, training and posts; the rest "
        "follows consumer prices",
        source=f"{OURS}: care is mostly pay",
    )
    building_error: float = quantity(
        0.25,
        unit="log points",
        low=0.0,
        high=1.5,
        meaning="Standard deviation of the doubt about all building costs; moves the result where the projection has "
        "building_deviate",
        source="Granary's prior: a 95 % interval of 31,000-82,000 yuan a bed. Places give from 2,000 (Ma'anshan) to "
        "10,000 (Beijing, 2011) beside the owner's money; the mean of a nation is known better than that",
    )
    running_error: float = quantity(
        0.3,
        unit="log points",
        low=0.0,
        high=1.5,
        meaning="Standard deviation of the doubt about all costs of running, training and posts; moves the result "
        "where the projection has running_deviate",
        source="Granary's prior: a 95 % interval of 1,300-4,300 yuan an occupied bed a year: 110 to 360 yuan a month, "
        "about what Ma'anshan gives for no to moderate disability",
    )


class Funding(Section):
    """Who pays: three budgets a part of the cost, and money from lottery, land and collectives."""

    central_building: float = quantity(
        0.4,
        unit="share of building cost",
        low=0.0,
        high=1.0,
        meaning="Part of building costs that the central budget pays",
        source=f"{OURS}: 20,000 of 50,000 yuan a bed, the central rate until 2023 (National Development and Reform "
        "Commission); the three parts are together at most 1",
    )
    provincial_building: float = quantity(
        0.3,
        unit="share of building cost",
        low=0.0,
        high=1.0,
        meaning="Part of building costs that provincial budgets pay",
        source=f"{OURS}: half of what the centre leaves",
    )
    county_building: float = quantity(
        0.2,
        unit="share of building cost",
        low=0.0,
        high=1.0,
        meaning="Part of building costs that county budgets pay",
        source=f"{OURS}: a third of what the centre leaves; lottery, land and collectives pay the last part",
    )
    central_running: float = quantity(
        0.0,
        unit="share of running cost",
        low=0.0,
        high=1.0,
        meaning="Part of the costs of running, training and posts that the central budget pays",
        source=f"{OURS}: 0; subsidies to running are rules of places. The three parts are together at most 1",
    )
    provincial_running: float = quantity(
        0.25,
        unit="share of running cost",
        low=0.0,
        high=1.0,
        meaning="Part of the costs of running, training and posts that provincial budgets pay",
        source=OURS,
    )
    county_running: float = quantity(
        0.35,
        unit="share of running cost",
        low=0.0,
        high=1.0,
        meaning="Part of the costs of running, training and posts that county budgets pay",
        source=OURS,
    )
    lottery_yield: float = quantity(
        31e9,
        unit="yuan per year, in money of pension.money_year",
        low=0.0,
        high=1e12,
        meaning="Welfare-lottery money that stays with local governments; grows with consumer prices",
        source="Half of the 62 billion yuan of 2017 (Xinhua, 16 January 2018), taken as money of "
        "pension.money_year: Granary's choice",
    )
    lottery_care_share: float = quantity(
        0.55,
        unit="share",
        low=0.0,
        high=1.0,
        meaning="Part of that money which goes to elderly care",
        source="General Office of the State Council 2019 No. 5: at least 55 % from 2022",
    )
    lottery_plan_share: float = quantity(
        0.2,
        unit="share",
        low=0.0,
        high=1.0,
        meaning="Part of that money for elderly care which goes to this plan",
        source=f"{OURS}: a fifth; a third of all people are rural (National Bureau of Statistics, 2024), and the money "
        "pays for what stands already",
    )
    land_share: float = quantity(
        0.002,
        unit="share of land-transfer income",
        low=0.0,
        high=1.0,
        meaning="Part of land-transfer income that goes to this plan",
        source=f"{OURS}: the law sets none; a fiftieth of the tenth that the reform of pensions withdraws",
    )
    collective_per_village: float = quantity(
        5000.0,
        unit="yuan per village and year, in money of pension.money_year",
        low=0.0,
        high=1e6,
        meaning="What the collective of a village that the plan adds gives a year; grows with nominal rural income",
        source=f"{OURS}: a tenth of the 50,000 yuan of yearly income that most collectives are asked to reach",
    )

    @model_validator(mode="after")
    def _parts_of_a_whole(self) -> Self:
        for cost in ("building", "running"):
            total = sum(getattr(self, f"{level}_{cost}") for level in ("central", "provincial", "county"))
            # A part in a billion: .4 + .3 + .3 is not 1 to the last digit.
            if total > 1.0 + 1e-9:
                raise ValueError(
                    f"central_{cost}, provincial_{cost} and county_{cost} add up to {total:g}. Give at most 1 in all"
                )
        return self
