"""What an actuary chooses for the time bank: health by age, membership, hours, and the price of an hour."""

from __future__ import annotations

from typing import Literal

from actuarial._quantity import CHOICE, Section, quantity, year

_CENSUS = "census 2010, towns of Shanghai, table 8-2b (Shanghai Bureau of Statistics)"


class Health(Section):
    """Who can help and who needs help, by age; both sexes alike.

    Both shares are logistic in age through two stated points. Their doubt is a
    normal error of the log odds, one per draw, common to all ages.
    """

    healthy_at_60: float = quantity(
        0.67,
        unit="share",
        low=0.2,
        high=0.95,
        meaning="Part of the people aged 60 who are in good health and could help others",
        source=f"Granary's choice between .73 who called themselves healthy ({_CENSUS}) and .61 without a chronic "
        "disease at 55-64 (Fifth National Health Services Survey, 2013)",
    )
    healthy_at_70: float = quantity(
        0.46,
        unit="share",
        low=0.1,
        high=0.9,
        meaning="Part of the people aged 70 who are in good health and could help others",
        source=f".47 who called themselves healthy ({_CENSUS}) and .46 without a chronic disease at 65 and over (Fifth "
        "National Health Services Survey, 2013)",
    )
    help_at_65: float = quantity(
        0.12,
        unit="share",
        low=0.005,
        high=0.4,
        meaning="Part of the people aged 65 who need the help of others in daily life",
        source="With help_at_85 and the ages of 2015: 18.3 % of those aged 60 and over, wholly or partly disabled "
        "(Fourth Sample Survey of the Aged in Urban and Rural China, 2015), and 40 % at 80 and over (China Research "
        "Center on Aging, in NewsChina, August 2023)",
    )
    help_at_85: float = quantity(
        0.40,
        unit="share",
        low=0.05,
        high=0.9,
        meaning="Part of the people aged 85 who need the help of others in daily life",
        source="As help_at_65",
    )
    help_trend: float = quantity(
        0.0,
        unit="log odds per year since from_year",
        low=-0.05,
        high=0.05,
        meaning="Change of the need for help at a given age",
        source="Granary's choice: 0. Need fell in 1997-2006 (Liang et al., Journals of Gerontology A 70, 2015) and in "
        "the censuses of 2010 and 2020 (Guo et al., BMC Geriatrics 22, 2022); that it falls on is not known",
    )
    healthy_shift: float = quantity(
        0.0,
        unit="log odds",
        low=-2.0,
        high=2.0,
        meaning="Better (above 0) or worse health than stated, at all ages",
        source="Granary's choice: 0; moved by the sensitivity to health",
    )
    help_shift: float = quantity(
        0.0,
        unit="log odds",
        low=-2.5,
        high=2.5,
        meaning="More (above 0) or less need for help than stated, at all ages",
        source="Granary's choice: 0; moved by the sensitivity to health",
    )
    healthy_error: float = quantity(
        0.3,
        unit="log odds",
        low=0.0,
        high=1.5,
        meaning="Standard deviation of the doubt about good health; moves the result where the projection has "
        "healthy_deviate",
        source="Granary's prior: a 95 % interval of .53-.79 at 60, which holds the figures of census and survey",
    )
    help_error: float = quantity(
        0.3,
        unit="log odds",
        low=0.0,
        high=1.5,
        meaning="Standard deviation of the doubt about the need for help; moves the result where the projection has "
        "help_deviate",
        source="Granary's prior: a 95 % interval of 12-28 % of those aged 60 and over, which holds the 26 % of a "
        "meta-analysis of 97 studies (Zheng et al., Int. J. Environ. Res. Public Health 19, 2022). The 2.3 % of the "
        "census of 2020 are only those who cannot care for themselves at all",
    )


class TimeBank(Section):
    """A bank of hours: who joins, what each gives and may ask for, what an hour costs."""

    from_year: int = year(
        2027, meaning="First year of the bank", source="Granary's choice: the first a reform can bind"
    )
    phase_in_years: int = quantity(
        5,
        unit="calendar years",
        low=1,
        high=40,
        meaning="Years in which membership rises from nothing to its full share, by equal steps",
        source="Granary's choice",
    )
    participation: float = quantity(
        0.10,
        unit="share",
        low=0.0,
        high=1.0,
        meaning="Part of the healthy who work for the bank while they are of the ages that earn hours",
        source="Granary's choice: less than a tenth of China's 146 million registered volunteers are 60 or older, some "
        "5 % of that age (Wang and Chen 2019, quoted with the register of 2021); who is paid in hours joins more often",
    )
    earn_from_age: int = quantity(
        60, unit="years of age", low=50, high=75, meaning="First age that earns hours", source="Plan of the time bank"
    )
    earn_to_age: int = quantity(
        69, unit="years of age", low=55, high=85, meaning="Last age that earns hours", source="Plan of the time bank"
    )
    hours_given: float = quantity(
        100.0,
        unit="hours per working member and year",
        low=1.0,
        high=1500.0,
        meaning="Hours of care that a working member can give",
        source="Granary's choice: two hours a week in fifty weeks; no record of rural time banks was found",
    )
    hours_cap: float = quantity(
        1500.0,
        unit="hours per member",
        low=10.0,
        high=20000.0,
        meaning="Most hours that a member may be owed; hours beyond are given away",
        source="Nanjing, rules of the time bank for care of the aged, 2019: 1,500 hours",
    )
    hours_helped: float = quantity(
        156.0,
        unit="hours per person and year",
        low=0.0,
        high=2000.0,
        meaning="Hours wanted by one who needs help",
        source="Three visits of an hour a week: long-term care insurance of Shanghai, grades two and three of six "
        "(trial measures, section on care at home)",
    )
    company_from_age: int = quantity(
        80,
        unit="years of age",
        low=60,
        high=101,
        meaning="Age from which members may ask for company without needing help",
        source="Nanjing, rules of the time bank, 2019: those of 80 and over who live alone",
    )
    hours_company: float = quantity(
        52.0,
        unit="hours per person and year",
        low=0.0,
        high=500.0,
        meaning="Hours wanted by one who is old enough for company and needs no help",
        source="Granary's choice: an hour a week",
    )
    extra_leaving: float = quantity(
        0.0,
        unit="per year",
        low=0.0,
        high=0.2,
        meaning="Part of the people of earning age who leave the village each year, beyond the projection",
        source="Granary's choice: 0; the projection has net moves of the rural population at every age. Moved by the "
        "sensitivity to out-migration",
    )
    lapse_on_leaving: float = quantity(
        1.0,
        unit="share",
        low=0.0,
        high=1.0,
        meaning="Part of the hours of those who leave the rural population, or whose village becomes a town, that "
        "lapses; the rest stays owed to them",
        source="Granary's choice: banks do not honour each other's hours (Research Report on the Development of Time "
        "Banks in China, Red Cross Foundation of China and Peking University)",
    )
    shortage_rule: Literal["buy", "wait"] = quantity(
        "buy",
        unit=CHOICE,
        meaning="When members ask for more hours than the working can give: buy the rest as care, or let it wait, so "
        "that it stays owed",
        source="Granary's choice: a bank that does not pay back loses its members",
    )
    wage_per_hour: float = quantity(
        23.0,
        unit="yuan per hour, in money of pension.money_year",
        low=5.0,
        high=200.0,
        meaning="Local wage of an hour of care; grows with nominal rural income",
        source="Monitoring survey of migrant workers 2024 (NBS): 4,023 yuan a month in services to households, over "
        "the legal 174 hours a month (MOHRSS 2008 No. 3)",
    )
    purchase_loading: float = quantity(
        0.3,
        unit="share of the wage",
        low=0.0,
        high=2.0,
        meaning="Cost of an hour that is bought beyond the wage: insurance of the carer, agency, travel",
        source="Granary's choice; the insurance of Shanghai values an hour at 40 yuan, where wages are higher",
    )
    running_cost_per_hour: float = quantity(
        2.0,
        unit="yuan per hour, in money of pension.money_year",
        low=0.0,
        high=50.0,
        meaning="Cost of running the bank per hour of care that members give: insurance, register, coordination; grows "
        "with nominal rural income",
        source="Granary's choice: no accounts of a rural time bank were found",
    )
    running_budget_share: float = quantity(
        1.0,
        unit="share of the running cost",
        low=0.0,
        high=1.0,
        meaning="Part of the running cost that the local budget pays; members pay the rest as a fee",
        source="Granary's choice: the local budget pays all; no accounts of a rural time bank were found",
    )
    guarantee_share: float = quantity(
        0.0,
        unit="share of the wage",
        low=0.0,
        high=2.0,
        meaning="Money set aside for each hour that a member is credited with, out of which care is bought later",
        source="Granary's choice: 0, nothing is set aside; the guarantee rate tells what would be enough",
    )
    health: Health = Health()
