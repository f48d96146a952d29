"""Published values from outside, each with its source; never regenerated to make a test pass."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr

from actuarial import annuity, pension, premiums, rates, solvency
from actuarial.accounts import NAMES, PerHead, Rules, member_accounts
from actuarial.assumptions import Assumptions, changed
from actuarial.flow import Recorded
from actuarial.fund import Fund, project

# Sustainability 2020, 12(7), 2833, table 3: 15 year-end payments at 1.5 %, divisor 139, basic pension 88 a month.
# Tolerance 0.01: printed with two decimals, from an account that was rounded before.
TABLE_3 = [(100, 30, 103.60), (200, 30, 115.60), (500, 60, 155.21), (1000, 60, 215.22), (2000, 60, 335.23)]


@pytest.mark.parametrize(("tier", "match", "monthly"), TABLE_3)
def test_individual_account_of_fifteen_payments(tier: float, match: float, monthly: float) -> None:
    # Interest on the opening balance only is the same as payment at the end of the year.
    years = 16
    contributors = np.zeros((1, 1, 101, years))
    for t in range(15):
        contributors[0, 0, 45 + t, t] = 1.0
    credits = (np.full((1, years), v) for v in (tier, match, 0.0, 0.015))
    rules = Rules(back_payment_share=0.0, divisor_months=139.0, mid_year=False)
    flows, _ = member_accounts(contributors, np.zeros_like(contributors), PerHead(*credits), rules)
    year_by_name = dict(zip(NAMES, flows[0], strict=True))
    assert year_by_name["accounts_balance"][14] == pytest.approx((tier + match) * 16.68214, rel=1e-6)
    assert year_by_name["account_pension"][15] / 12 + 88 == pytest.approx(monthly, abs=0.01)


def test_individual_account_through_the_whole_scheme() -> None:
    """Tier 500 with the legal match of 60, from a projection of one member to the account of the fund."""
    years = np.arange(2010, 2026)
    people = xr.DataArray(np.zeros((1, 101, 16)), {"sex": ["female"], "age": np.arange(101), "year": years})
    contributors, pensioners = people.copy(), people.copy()
    for t in range(15):
        contributors[0, 45 + t, t] = 1.0
    pensioners[0, 60, 15] = 1.0
    level = xr.DataArray(np.ones(16), {"year": years}, ("year",))
    money = {name: level for name in ("rural_income", "price_index", "budget_revenue", "land_income")}
    rates = {"deposit_rate": 0.015 * level, "market_return": 0.0 * level, "contribution_per_head": 500 * level}
    members = {"contributors": contributors, "pensioners": pensioners, "pensioner_mortality": people}
    changes = {"investment.interest_convention": "opening_balance", "collective.other_income": 0}
    # Nobody wants more or less than the tier of 500.
    changes |= {"accounts.crediting_spread": 0, "accounts.back_payment_share": 0, "accounts.tier_spread": 0.01}
    rule = changed(Assumptions(), changes)
    ready = pension.with_accounts(xr.Dataset(members | money | rates), rule, {2025: 88.0 * 12})
    account = project(pension.standard_fund(2024, 1e5), ready, rule)
    monthly = (account.account_pension + account.basic_pension).item() / 12
    assert monthly == pytest.approx(155.21, abs=0.01)


def makeham(age: int) -> np.ndarray:
    """One-year death probabilities from `age` on; Bowers et al. 1997, Illustrative Life Table (SOA)."""
    a, b, c = 0.0007, 0.00005, 10**0.04
    x = np.arange(age, 160)
    return 1 - np.exp(-a - b * c**x * (c - 1) / np.log(c))


# Bowers et al. 1997, appendix 2A, Illustrative Life Table, basic functions at 6 %; half a unit of the last decimal.
@pytest.mark.parametrize(("age", "due"), [(26, 16.15740), (55, 12.27581), (62, 10.65836)])
def test_makeham_annuity_due(age: int, due: float) -> None:
    qx = makeham(age)
    assert annuity.life_annuity_due(qx, np.full(qx.size, 0.06)) == pytest.approx(due, abs=5e-6)


@pytest.mark.parametrize(("age", "thousandfold"), [(39, 154.2484), (77, 621.6808)])
def test_makeham_insurance(age: int, thousandfold: float) -> None:
    qx = makeham(age)
    assert 1000 * annuity.life_insurance(qx, np.full(qx.size, 0.06)) == pytest.approx(thousandfold, abs=5e-5)


# US Trustees Report 2005, table of trust fund ratios, intermediate: per cent at the start of each year, then exhausted.
@pytest.mark.parametrize(
    ("ratios", "year"),
    [({2041: 50, 2042: 27, 2043: 2, 2044: 0}, 2043), ({2026: 22, 2027: 4, 2028: 0}, 2027)],
    ids=["OASI", "DI"],
)
def test_exhaustion_year_from_ratios_at_the_start_of_the_year(ratios: dict[int, float], year: int) -> None:
    # The balance of 31 December is the one of the next 1 January.
    closing = xr.DataArray([float(r) for r in ratios.values()][1:], {"year": list(ratios)[:-1]}, ("year",))
    assert float(solvency.exhaustion_year(closing)) == year
    assert float(solvency.first_negative_year(closing - 1e-9)) == year


# Closed-form scheme (validation case 7): l_x = 100 - x, entry 20, retirement 60, pension 40 % of the wage, 3 %.
# Persons are counted at integer ages; published with ten decimals.
RATE, AGES = 0.03, np.arange(20, 100)
PERSONS = 100.0 - AGES


def test_mature_cost_rate_of_the_closed_form_scheme_through_the_account() -> None:
    assert closed_form_cost_rate(PERSONS) == pytest.approx(0.1355371901, abs=5e-11)


def test_cost_rate_of_the_closed_form_scheme_with_growing_entries() -> None:
    assert closed_form_cost_rate(PERSONS * 1.01 ** -(AGES - 20.0)) == pytest.approx(0.0948334580, abs=5e-11)


def closed_form_cost_rate(persons: np.ndarray) -> float:
    workers, retired = persons[AGES < 60].sum(), persons[AGES >= 60].sum()
    one = {"year": [2026]}
    world = xr.Dataset(
        {
            "contributors_mid_year": ("year", [workers]),
            "pensioners_mid_year": ("year", [retired]),
            "rural_income": ("year", [1.0]),
            "pension": ("year", [0.4 * retired]),
            "deposit_rate": ("year", [RATE]),
            "market_return": ("year", [RATE]),
        },
        one,
    )
    scheme = Fund("closed form", (), (Recorded("pension", "pool", "outgo", "Pensions"),), 2025, 1e6)
    account = project(scheme, world, Assumptions())
    return float(rates.cost_rate(account, world)[0])


def new_scheme(years: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Cost and wages of a scheme that starts with no pensioners: those who retire later draw the full 40 %."""
    retired = np.array([PERSONS[(AGES >= 60) & (AGES < 60 + t)].sum() for t in range(1, years + 1)])
    return 0.4 * retired, np.full(years, PERSONS[AGES < 60].sum()), np.full(years, RATE)


def test_general_average_premium_of_the_new_scheme_over_forty_years() -> None:
    assert premiums.general_average_premium(*new_scheme(40)) == pytest.approx(0.0782654679, abs=5e-11)


def test_scaled_premium_of_the_new_scheme_over_ten_years() -> None:
    # The reserve at the end of the period is one year of its last cost.
    premium = premiums.scaled_premium(*new_scheme(10), target_ratio=1.0)
    assert premium == pytest.approx(0.0372691634, abs=2e-10)
