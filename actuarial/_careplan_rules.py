"""What an actuary chooses for the plan of elderly care: what is built and run, and its price."""

from __future__ import annotations

from typing import Self

from pydantic import model_validator

from actuarial._careplan_payers import OURS, Funding, Prices
from actuarial._quantity import Section, quantity, year

_RURAL_2024 = "Ministry of Civil Affairs on the guidelines for rural elderly care, Xinhua, 15 June 2024"
_MAANSHAN = "Ma'anshan, Huashan district, bureau of civil affairs, subsidies to private homes, 2023"
_WEIHAI = "Weihai, rewards for elderly-care staff"
_RESIDENTS = "nearly 2.15 million in 4.29 million beds (Ministry of Civil Affairs, 29 July 2020)"
_STAFF = "518,100 staff of homes at the end of 2020 (Zhao et al. 2023)"


class Beds(Section):
    """Nursing beds in rural homes: how many, what public money gives to build one and to run it."""

    number: float = quantity(
        2.2e6,
        unit="beds",
        low=0.0,
        high=1e8,
        meaning="Nursing beds that the plan builds",
        source="Plan of elderly care: 2.2 million nursing beds",
    )
    standing: float = quantity(
        1.68e6,
        unit="beds",
        low=0.0,
        high=1e8,
        meaning="Beds in rural homes before the plan; the plan does not pay for them",
        source=f"16,000 rural homes with over 1.68 million beds ({_RURAL_2024})",
    )
    subsidy: float = quantity(
        50000.0,
        unit="yuan per bed, in money of pension.money_year",
        low=0.0,
        high=1e6,
        meaning="Public money for building a bed, and for building it again at the end of its life",
        source="The rate of the plan of the National Development and Reform Commission as revised in 2024 (20,000 yuan "
        "before); a rural home near Suqian cost its owner as much, nearly 20 million yuan for 400 beds (China Daily, "
        "18 February 2017)",
    )
    occupancy: float = quantity(
        0.5,
        unit="share",
        low=0.0,
        high=1.0,
        meaning="Part of the beds of the plan that are occupied",
        source=f"All homes of China: {_RESIDENTS}",
    )
    running: float = quantity(
        2400.0,
        unit="yuan per occupied bed and year, in money of pension.money_year",
        low=0.0,
        high=1e5,
        meaning="Subsidy to the running of an occupied bed; residents pay the rest",
        source=f"200 yuan a month ({_MAANSHAN}; half, once and twice as much again for light, medium and severe "
        "disability)",
    )
    life_years: int = quantity(
        30,
        unit="calendar years",
        low=1,
        high=100,
        meaning="Years after which a bed is built again",
        source=f"{OURS}: a house of simple standard, and its fittings once within that time",
    )


class Centres(Section):
    """Day-care centres in villages: how many, what one costs to build and to run."""

    number: float = quantity(
        100000.0,
        unit="centres",
        low=0.0,
        high=1e6,
        meaning="Day-care centres that the plan builds",
        source=f"{OURS}: with the 145,000 mutual-aid facilities of today ({_RURAL_2024}) about one for two villages",
    )
    building: float = quantity(
        100000.0,
        unit="yuan per centre, in money of pension.money_year",
        low=0.0,
        high=1e7,
        meaning="Public money for building or fitting out a centre, and for doing so again at the end of its life",
        source="Zhongshan, funding measures for elderly-care institutions of 2018: 100,000 yuan once for a new home in "
        "a community. Money of the central lottery for rural day-care was 30,000 a centre in 2013-2015",
    )
    running: float = quantity(
        30000.0,
        unit="yuan per centre and year, in money of pension.money_year",
        low=0.0,
        high=1e6,
        meaning="Subsidy to the running of a centre",
        source=f"{OURS}: one carer at three fifths of the 4,023 yuan a month that services to households paid in 2024 "
        "(National Bureau of Statistics); meals are paid by those who eat them",
    )
    life_years: int = quantity(
        20,
        unit="calendar years",
        low=1,
        high=100,
        meaning="Years after which a centre is built or fitted out again",
        source=f"{OURS}: most are fitted out in houses that stand",
    )


class Villages(Section):
    """Medical care for the old in their village: in how many, what it costs to begin and to run."""

    number: float = quantity(
        488000.0,
        unit="villages",
        low=0.0,
        high=2e6,
        meaning="Administrative villages; none is founded or dissolved",
        source="Ministry of Civil Affairs, statistical bulletin 2023: village committees",
    )
    cover_today: float = quantity(
        0.30,
        unit="share",
        low=0.0,
        high=1.0,
        meaning="Part of the villages whose old have medical care in a place of care before the plan",
        source=f"145,000 mutual-aid facilities ({_RURAL_2024}) over all villages: at most one a village, and all with "
        "care by the clinic, which is more than is known. It is not the cover by insurance, which over 90 % of village "
        "clinics have (National Health Commission, 9 March 2025)",
    )
    cover: float = quantity(
        0.90,
        unit="share",
        low=0.0,
        high=1.0,
        meaning="The same at the end of the years of building; not below cover_today",
        source="Plan of elderly care: 90 % of villages",
    )
    start: float = quantity(
        50000.0,
        unit="yuan per village, in money of pension.money_year",
        low=0.0,
        high=1e7,
        meaning="Public money to fit out a village, and to do so again at the end of its life",
        source=f"{OURS}: what donors gave for a new village clinic in Guizhou in 2010, where building and running it "
        "took 182,000 yuan in all (China Daily, 30 July 2011); most villages have a clinic already",
    )
    running: float = quantity(
        24000.0,
        unit="yuan per village and year, in money of pension.money_year",
        low=0.0,
        high=1e6,
        meaning="Visits, check-ups and nursing that the clinic gives the old of a village, beyond what insurance pays",
        source=f"{OURS}: half the pay of a full-time post at 4,023 yuan a month (National Bureau of Statistics, 2024)",
    )
    life_years: int = quantity(
        8,
        unit="calendar years",
        low=1,
        high=100,
        meaning="Years after which a village is fitted out again",
        source=f"{OURS}: the life of medical equipment",
    )

    @model_validator(mode="after")
    def _not_below_today(self) -> Self:
        if self.cover < self.cover_today:
            raise ValueError(
                f"cover {self.cover:g} is below cover_today {self.cover_today:g}. Give at least as much as today"
            )
        return self


class Carers(Section):
    """Carers: how many the plan needs, how many are trained, and what a training and a post cost."""

    per_bed: float = quantity(
        0.24,
        unit="carers per occupied bed",
        low=0.0,
        high=3.0,
        meaning="Carers for an occupied bed",
        source=f"{_STAFF} over their residents, {_RESIDENTS}",
    )
    per_centre: float = quantity(
        1.0, unit="carers per centre", low=0.0, high=20.0, meaning="Carers in a day-care centre", source=OURS
    )
    per_village: float = quantity(
        0.5,
        unit="carers per village",
        low=0.0,
        high=20.0,
        meaning="Posts for medical care in a village that the plan adds",
        source=f"{OURS}: half a post, as the money for running it",
    )
    turnover: float = quantity(
        0.2,
        unit="per year",
        low=0.0,
        high=1.0,
        meaning="Part of the carers that leaves in a year, in whose place others are trained",
        source=f"{OURS}: one in five; no national figure was found",
    )
    training: float = quantity(
        2000.0,
        unit="yuan per person trained, in money of pension.money_year",
        low=0.0,
        high=1e5,
        meaning="Cost of training a carer",
        source=f"Shandong, department of civil affairs, 7 July 2017: 2,000 yuan a head; the same in {_WEIHAI}",
    )
    post: float = quantity(
        2000.0,
        unit="yuan per carer and year, in money of pension.money_year",
        low=0.0,
        high=1e5,
        meaning="Job subsidy to a carer",
        source=f"{_WEIHAI}: 5,000 to 10,000 yuan by grade to who has worked for three years, 1,700 to 3,300 a year",
    )


class CarePlan(Section):
    """The plan of elderly care: beds, day-care centres, medical care in villages, carers, and who pays for them."""

    from_year: int = year(2027, meaning="First year of the plan", source=f"{OURS}: the first a reform can bind")
    years: int = quantity(
        5,
        unit="calendar years",
        low=1,
        high=40,
        meaning="Years of building, by equal steps; what stands is run and renewed afterwards",
        source=f"{OURS}: a five-year plan",
    )
    beds: Beds = Beds()
    centres: Centres = Centres()
    villages: Villages = Villages()
    carers: Carers = Carers()
    prices: Prices = Prices()
    funding: Funding = Funding()
