"""Obligations by group: identities, hand sums, and what moves them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st

from actuarial import balancing, eligibility, liabilities, pension
from actuarial.annuity import discount_factors
from actuarial.assumptions import Assumptions, changed
from actuarial.fund import project

OPENING = 2025
CAPACITY = {"fiscal.rule": "capacity", "fiscal.capacity_share": 0.02}
RULES: dict[str, dict[str, object]] = {
    "law": {},
    "capacity": CAPACITY,
    "later_pension": {"retirement.target_age": 63, "retirement.change_from": 2030},
    "portable": {
        "portability.out_share": 0.3,
        "portability.in_per_new_pensioner": 2000.0,
        "portability.from_year": 2028,
    },
    "opening_balance": {"investment.interest_convention": "opening_balance"},
    "parts": {
        "benefit.top_up_income_weight": 0.2,
        "benefit.age_increment": 5.0,
        "benefit.long_contribution_increment": 1.0,
    },
    "balanced": CAPACITY | {"benefit.balancing": "balance_ratio"},
}

MINIMUM = {year: 600.0 + 20.0 * (year - 2018) for year in range(2018, 2025)}
"""National minimum of the small scheme, yuan a year."""


class Case:
    """One rule carried through the small scheme, with its obligations."""

    def __init__(self, village: xr.Dataset, observed: dict[int, float], changes: dict[str, object]) -> None:
        self.rule = changed(Assumptions(), {"collective.other_income": 1e6} | changes)
        self.people, self.observed = eligibility.members(village, self.rule), observed
        self.ready = pension.with_accounts(self.people, self.rule, observed, minimum=MINIMUM)
        owed = self.ready.accounts_balance.sel(year=OPENING).values
        self.fund = pension.standard_fund(OPENING, owed + 5e7, owed)
        if self.rule.benefit.balancing != "none":
            index = balancing.index(self.fund, self.ready, self.people, self.rule)
            self.ready = balancing.apply(self.ready, index)
        self.account = project(self.fund, self.ready, self.rule)
        mid_year = self.rule.investment.interest_convention == "mid_year"
        rate = self.account.rate_earned
        self.factor = rate.copy(data=discount_factors(rate.values, mid_year=mid_year))
        self.end = discount_factors(rate.values)[..., -1]

    def known(self) -> xr.Dataset:
        known = (self.fund, self.account, self.ready, self.people, self.rule)
        return liabilities.indicators(*known, observed=self.observed, minimum=MINIMUM)

    def value(self, *names: str) -> np.ndarray:
        """Present value of flows of the account, summed, by draw."""
        return sum((self.account[n] * self.factor).sum("year").values for n in names)


@pytest.fixture(scope="module", params=RULES)
def case(request: pytest.FixtureRequest, village: xr.Dataset, observed: dict[int, float]) -> Case:
    return Case(village, observed, RULES[request.param])


@pytest.fixture(scope="module")
def known(case: Case) -> xr.Dataset:
    return case.known()


def test_present_members_and_future_entrants_are_everybody(known: xr.Dataset) -> None:
    both = known.closed_group_obligation + known.future_entrants_obligation
    np.testing.assert_allclose(known.open_group_obligation, both, rtol=1e-12)
    assert (known.future_entrants_obligation != 0).all()


def test_the_open_group_owes_benefits_less_members_money_and_assets(case: Case, known: xr.Dataset) -> None:
    paid = case.value(
        "basic_pension", "account_pension", "longevity_tail", "inheritance", "funeral_grant", "portability_out"
    )
    brought = case.value("contributions", "collective_accounts", "portability_in")
    owed = paid - brought - case.account.opening_balance.values
    np.testing.assert_allclose(known.open_group_obligation, owed, rtol=1e-12)


def test_what_is_unfunded_is_what_the_ledgers_lack(case: Case, known: xr.Dataset) -> None:
    # Money is conserved: assets and income less expenditure and what was never paid are worth the last balance.
    end = discount_factors(case.account.rate_earned.values)
    left = case.account.balance.values[:, -1] * case.end - (case.account.shortfall.values * end).sum(axis=1)
    np.testing.assert_allclose(known.open_group_unfunded, -left, rtol=1e-9, atol=1e-3)


def test_what_members_do_not_bring_is_brought_by_others_or_missing(case: Case, known: xr.Dataset) -> None:
    others = case.value("fiscal_transfer", "land_withdrawal", "collective_pool", "donations", "other_income")
    np.testing.assert_allclose(known.open_group_unfunded, known.open_group_obligation - others, rtol=1e-9)


def test_accrued_basic_pensions_are_the_earned_part_of_each_cohort(case: Case, known: xr.Dataset) -> None:
    # Person by person: each year of age in each year, its part of service by hand.
    people, ready = case.people.pensioners.isel(draw=0).sum("sex"), case.ready.isel(draw=0)
    per_head = (ready.minimum_pension_paid + ready.local_top_up_paid) / ready.pensioners_mid_year
    owed, factor = 0.0, case.factor[0]
    for year in case.account.year.values:
        for age in range(60, 101):
            born = year - age
            reach = next(
                t
                for t in range(born + 60, born + 75)
                if t - born >= eligibility.pension_ages(case.rule.retirement, [t])
            )
            began = max(born + 16, 2011)
            share = min(max((OPENING + 1 - began) / (reach - began), 0.0), 1.0) if reach > began else 1.0
            heads = float(people.sel(age=age, year=year))
            owed += share * heads * float(per_head.sel(year=year)) * float(factor.sel(year=year))
    accrued = _accrued(case)
    basic = (accrued.minimum_pension_paid + accrued.local_top_up_paid)[0].sel(year=case.account.year)
    assert float((basic * factor).sum()) == pytest.approx(owed, rel=1e-9)


def test_the_accrued_obligation_is_that_of_nobody_who_pays_after_the_opening(case: Case, known: xr.Dataset) -> None:
    accrued = _accrued(case)
    money = {f.name: (f.amount(accrued, case.rule) * case.factor).sum("year") for f in case.fund.outgo}
    brought = (accrued.portability_in * case.factor).sum("year")
    np.testing.assert_allclose(known.accrued_obligation, sum(money.values()) - brought, rtol=1e-12)
    np.testing.assert_allclose(known.accrued_tail_present_value, money["longevity_tail"], rtol=1e-12)
    assert (accrued.contributions.sel(year=slice(OPENING + 1, None)) == 0).all()
    xr.testing.assert_allclose(
        accrued.accounts_balance.sel(year=OPENING), case.ready.accounts_balance.sel(year=OPENING)
    )


def _accrued(case: Case) -> xr.Dataset:
    """Return the small scheme with only what was earned, made apart from the code under test."""
    people = case.people
    year, age = people["year"].values, people["age"].values
    born = year[None, :] - age[:, None]
    shares = liabilities.service_shares(np.unique(born), OPENING, case.rule)[born - born.min()]
    earned = xr.DataArray(shares, {"age": age, "year": year}, ("age", "year"))
    kept = people.contributors.where(people["year"] <= OPENING, 0.0)
    scaled = (people.pensioners * earned).transpose(*people.pensioners.dims)
    part = people.assign(contributors=kept.transpose(*people.contributors.dims), pensioners=scaled)
    made = pension.with_accounts(part, case.rule, case.observed, minimum=MINIMUM)
    return balancing.apply(made, case.ready["balancing_index"]) if "balancing_index" in case.ready else made


def test_accounts_without_new_money_pay_out_what_they_hold(village: xr.Dataset, observed: dict[int, float]) -> None:
    # Earned and credited at one rate, an account is worth its balance, however it is paid out.
    even = {"investment.market_share": 0.0, "accounts.crediting_spread": 0.005, "investment.deposit_spread": 0.005}
    case = Case(village, observed, even)
    accrued = _accrued(case).sel(year=case.account.year)
    paid = ((accrued.account_pension + accrued.inheritance) * case.factor).sum("year")
    left = accrued.accounts_balance.isel(year=-1) * case.end
    np.testing.assert_allclose(paid + left, case.ready.accounts_balance.sel(year=OPENING), rtol=1e-9)


@pytest.mark.parametrize(
    ("born", "share"),
    [
        (1900, 1.0),
        (1951, 1.0),
        (1952, 1.0),
        (1966, 1.0),
        (1967, 15 / 16),
        (1994, 15 / 43),
        (1995, 15 / 44),
        (2000, 10 / 44),
        (2009, 1 / 44),
        (2010, 0.0),
        (2100, 0.0),
    ],
)
def test_service_counts_from_sixteen_or_the_start_of_the_scheme(born: int, share: float) -> None:
    # By 31 December 2025, of the years to 60; the scheme began in 2011.
    assert liabilities.service_shares(np.array([born]), OPENING, Assumptions())[0] == pytest.approx(share, abs=1e-15)


def test_a_later_pension_age_spreads_service_over_more_years() -> None:
    later = changed(Assumptions(), {"retirement.target_age": 65, "retirement.change_from": 2030})
    born = np.arange(1930, 2012)
    law, reform = (liabilities.service_shares(born, OPENING, rule) for rule in (Assumptions(), later))
    assert (reform <= law).all()
    np.testing.assert_array_equal(reform[born <= 1969], law[born <= 1969])
    assert liabilities.service_shares(np.array([1995]), OPENING, later)[0] == pytest.approx(15 / 49)


def test_present_members_have_earned_a_part_of_what_they_will_draw(known: xr.Dataset, case: Case) -> None:
    members = known.closed_group_obligation + case.account.opening_balance
    assert (known.accrued_obligation > 0).all()
    assert (known.implicit_pension_debt < known.accrued_obligation).all()
    assert (known.accrued_obligation < members).all()
    assert (known.accrued_tail_present_value < known.tail_present_value).all()


def test_parts_of_the_last_decade_are_parts(case: Case, known: xr.Dataset) -> None:
    assert ((known.accrued_last_decade > 0) & (known.accrued_last_decade < known.open_group_last_decade)).all()
    late = case.account.isel(year=slice(-10, None))
    names = ("basic_pension", "account_pension", "longevity_tail", "inheritance", "funeral_grant", "portability_out")
    value = sum((late[n] * case.factor.isel(year=slice(-10, None))).sum("year").values for n in names)
    np.testing.assert_allclose(known.open_group_last_decade, value / case.value(*names), rtol=1e-12)


@pytest.fixture(scope="module")
def law(village: xr.Dataset, observed: dict[int, float]) -> tuple[Case, xr.Dataset]:
    made = Case(village, observed, {})
    return made, made.known()


@settings(max_examples=5)
@given(more=st.floats(0.0, 1e9))
def test_assets_lower_every_net_obligation_by_themselves(law: tuple[Case, xr.Dataset], more: float) -> None:
    case, before = law
    richer = replace(case.fund, opening_balance=case.fund.opening_balance + more)
    account = project(richer, case.ready, case.rule)
    known = (richer, account, case.ready, case.people, case.rule)
    after = liabilities.indicators(*known, observed=case.observed, minimum=MINIMUM)
    for name in ("open_group_obligation", "closed_group_obligation", "implicit_pension_debt", "open_group_unfunded"):
        np.testing.assert_allclose(before[name] - after[name], more, rtol=1e-6, atol=1.0)
    for name in ("future_entrants_obligation", "accrued_obligation", "tail_present_value"):
        np.testing.assert_array_equal(before[name], after[name])


def test_a_balanced_pension_is_owed_as_it_will_be_paid(village: xr.Dataset, observed: dict[int, float]) -> None:
    plain, balanced = (Case(village, observed, RULES[n]).known() for n in ("capacity", "balanced"))
    for name in ("open_group_obligation", "closed_group_obligation", "accrued_obligation"):
        assert (balanced[name] < plain[name]).all()
    np.testing.assert_array_equal(balanced.tail_present_value, plain.tail_present_value)


def test_a_higher_return_lowers_what_is_owed(village: xr.Dataset, observed: dict[int, float]) -> None:
    low, high = (Case(village, observed, {"investment.deposit_spread": s}).known() for s in (0.0, 0.03))
    for name in ("open_group_obligation", "accrued_obligation", "tail_present_value"):
        assert (high[name] < low[name]).all()


def test_the_debt_is_told_in_years_of_budget_revenue(case: Case, known: xr.Dataset) -> None:
    revenue = case.ready.budget_revenue.sel(year=OPENING + 1)
    np.testing.assert_allclose(known.implicit_debt_ratio * revenue, known.implicit_pension_debt, rtol=1e-12)


def test_every_obligation_is_one_number_a_draw_with_unit_and_meaning(known: xr.Dataset) -> None:
    assert list(known.data_vars) == list(liabilities.INDICATORS)
    for name, (unit, meaning) in liabilities.INDICATORS.items():
        assert known[name].dims == ("draw",) and known[name].attrs == {"unit": unit, "meaning": meaning}


def test_a_projection_without_draws_gives_one_number(village: xr.Dataset, observed: dict[int, float]) -> None:
    every, one = (Case(people, observed, {}).known() for people in (village, village.isel(draw=1, drop=True)))
    xr.testing.assert_allclose(one, every.isel(draw=1, drop=True))
