"""Published studies and tables of the resident pension that state their inputs: their numbers from our functions.

What the studies say and how our forecasts compare stands in `docs/published_studies.md`.
"""

from __future__ import annotations

import numpy as np
import pytest

from actuarial import annuity
from actuarial._region import WHOLE_CENTRAL, central_share
from actuarial.accounts import NAMES, Opening, PerHead, Rules, member_accounts
from forecasting.sources import Tables

Array = np.ndarray


def one_pensioner(rate: float, years: int) -> dict[str, Array]:
    """Carry one account of 139 yuan from age 60 on, without deaths: its pension is 12 yuan a year."""
    nobody = np.zeros((1, 1, 101, years))
    opened = np.zeros((1, 1, 101))
    opened[0, 0, 60] = 139.0
    credits = PerHead(*(np.full((1, years), v) for v in (0.0, 0.0, 0.0, rate)))
    rules = Rules(back_payment_share=0.0, divisor_months=139.0, mid_year=True)
    flows, _ = member_accounts(nobody, nobody, credits, rules, Opening(opened, np.zeros_like(opened)))
    return dict(zip(NAMES, flows[0], strict=True))


def monthly_pension(tier: float, match: float) -> float:
    """Return the account pension a month after 15 payments at the end of the year, credited 1.5 per cent."""
    years = 16
    contributors = np.zeros((1, 1, 101, years))
    contributors[0, 0, np.arange(45, 60), np.arange(15)] = 1.0
    credits = PerHead(*(np.full((1, years), v) for v in (tier, match, 0.0, 0.015)))
    rules = Rules(back_payment_share=0.0, divisor_months=139.0, mid_year=False)
    flows, _ = member_accounts(contributors, np.zeros_like(contributors), credits, rules)
    return float(flows[0, NAMES.index("account_pension"), 15]) / 12


# The divisor (State Council 2005 No. 38, 2014 No. 8) ---------------------------------------------------------------


def test_every_statutory_divisor_is_an_annuity_due_to_age_75_at_four_per_cent(tables: Tables) -> None:
    schedule = tables.table("account_divisor_schedule")
    assert schedule["age_from"].tolist() == list(range(40, 71))
    for age, months in zip(schedule["age_from"], schedule["value"], strict=True):
        assert round(12 * float(annuity.annuity_certain(np.full(75 - int(age), 0.04), due=True))) == months, age


def test_no_other_whole_rate_or_final_age_gives_the_schedule(tables: Tables) -> None:
    """The two inputs are not a fit among many: of 40 neighbours one gives the published table."""
    schedule = tables.table("account_divisor_schedule")
    found = [
        (final, percent)
        for final in range(71, 81)
        for percent in (2, 3, 4, 5)
        if all(
            round(12 * float(annuity.annuity_certain(np.full(final - int(age), percent / 100), due=True))) == months
            for age, months in zip(schedule["age_from"], schedule["value"], strict=True)
        )
    ]
    assert found == [(75, 4)]


def test_without_interest_an_account_lasts_139_months() -> None:
    """An account is used up shortly before 72, as the comment on the pilot of 2011 in our list says."""
    paid = one_pensioner(rate=0.0, years=14)
    np.testing.assert_allclose(paid["account_pension"][:12], [12.0] * 11 + [7.0], atol=1e-9)
    np.testing.assert_allclose(paid["longevity_tail"][10:], [0.0, 5.0, 12.0, 12.0], atol=1e-9)


def test_at_the_rate_behind_the_divisor_an_account_lasts_to_75() -> None:
    """Paid through the year instead of at its start, the account of the schedule lasts some months longer."""
    paid = one_pensioner(rate=0.04, years=18)
    assert (paid["longevity_tail"][:15] < 1e-9).all() and (paid["account_pension"][:15] == 12.0).all()
    assert 0 < paid["account_pension"][15] < 12.0
    np.testing.assert_allclose(paid["longevity_tail"][16:], 12.0)


# Su and Xian, Sustainability 2020, 12(7), 2833 -----------------------------------------------------------------------

TABLE_3 = {
    (100, 30): 103.60,
    (200, 30): 115.60,
    (300, 30): 127.61,
    (400, 30): 139.61,
    (500, 60): 155.21,
    (600, 60): 167.21,
    (700, 60): 179.21,
    (800, 60): 191.21,
    (900, 60): 203.21,
    (1000, 60): 215.22,
    (1500, 60): 275.22,
    (2000, 60): 335.23,
}
"""Contribution and match a year: pension a month with a basic pension of 88, printed with two decimals."""


@pytest.mark.parametrize("credited", TABLE_3, ids=str)
def test_all_tiers_of_2018_give_the_printed_pension(credited: tuple[int, int]) -> None:
    # Half a fen of rounding in the account pension and half in the total.
    assert monthly_pension(*credited) + 88 == pytest.approx(TABLE_3[credited], abs=0.0101)


@pytest.mark.parametrize(("credited", "percent"), [((100, 30), 8.51), ((2000, 60), 27.52)], ids=["lowest", "highest"])
def test_printed_replacement_rates_follow_from_our_rural_income(
    credited: tuple[int, int], percent: float, tables: Tables
) -> None:
    income = tables.series("rural_disposable_income_per_head", area="rural")[2018]
    assert income == 14617
    basic = tables.series("basic_pension_minimum")[2018]
    rate = 12 * (monthly_pension(*credited) + basic) / income
    assert 100 * rate == pytest.approx(percent, abs=0.0051)


# Mi, Guo and Hua, Population and Development 2023 no. 5 -------------------------------------------------------------

BALANCES = {2014: 3845, 2015: 4592, 2016: 5385, 2017: 6318, 2018: 7250, 2019: 8249, 2020: 9759, 2021: 11396}
"""Balance at 31 December, 100 million yuan, as they print it."""
SURPLUSES = {2014: 739, 2015: 738, 2016: 782, 2017: 932, 2018: 932, 2019: 993, 2020: 1498, 2021: 1624}
"""Surplus of the year, the same; some are cut and some rounded to whole units, so that one unit is allowed."""


def test_the_fund_that_they_assess_is_ours(tables: Tables) -> None:
    balance = tables.series("fund_balance") / 1e8
    surplus = (tables.series("fund_income") - tables.series("fund_expenditure")) / 1e8
    for year, printed in BALANCES.items():
        assert balance[year] == pytest.approx(printed, abs=1.0), year
        assert surplus[year] == pytest.approx(SURPLUSES[year], abs=1.0), year


def test_their_growth_of_balance_and_surplus_is_that_of_our_figures(tables: Tables) -> None:
    balance = tables.series("fund_balance")
    surplus = tables.series("fund_income") - tables.series("fund_expenditure")
    growth = [100 * ((series[2021] / series[2014]) ** (1 / 7) - 1) for series in (balance, surplus)]
    assert growth == pytest.approx([16.79, 11.90], abs=0.02)


# Who pays the national minimum (notices of five provinces, `data/provinces.csv`) ------------------------------------


@pytest.mark.parametrize(
    ("province", "year"), [("河北", 2018), ("四川", 2018), ("广东", 2018), ("陕西", 2022), ("河南", 2023)]
)
def test_the_notice_of_a_province_agrees_with_its_tier(province: str, year: int, tables: Tables) -> None:
    """That the first two tiers are those paid in full was read in the notices, not in the plan for shared duties."""
    tier = tables.series("sharing_tier", region=province)[2018]
    told = tables.series("central_share_of_minimum", region=province)
    assert told.to_dict() == {year: 1.0 if tier <= WHOLE_CENTRAL else 0.5}


def test_the_tiers_are_not_the_regions_of_the_bureau_of_statistics(tables: Tables) -> None:
    """Hebei and Hainan, east for the bureau, are paid in full; Liaoning, northeast for it, is paid half."""
    told = {place: tables.series("region_group", region=place)[2024] for place in ("河北", "海南", "辽宁")}
    assert told == {"河北": 1, "海南": 1, "辽宁": 4}
    assert {place: central_share(tables, place) for place in told} == {"河北": 1.0, "海南": 1.0, "辽宁": 0.5}


# Wang and Beland, Sustainability 2014, 6(6), 3271 ------------------------------------------------------------------


def test_their_gap_grows_by_the_rate_they_print() -> None:
    """97.80 billion yuan in 2014 and 3,062.31 in 2049, 10.34 per cent a year: 35 years, one flow a year."""
    discounted = 3062.31 * float(annuity.discount_factors(np.full(35, 0.1034))[-1])
    # The printed rate has two decimals: half a unit of its last, compounded over 35 years, is 0.16 per cent.
    assert discounted == pytest.approx(97.80, rel=35 * 0.00005 / 1.1034)
