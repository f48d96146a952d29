"""Identities and conventions of the indicators."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr

from actuarial import pension, rates, solvency
from actuarial.assumptions import Assumptions, changed
from actuarial.fund import project
from forecasting.axes import AxisError

RULES = {
    "law": {},
    "capacity": {"fiscal.rule": "capacity", "fiscal.capacity_share": 0.02},
    "poor": {"fiscal.rule": "capacity", "fiscal.capacity_share": 0.001, "valuation.deficit_rule": "benefit_cut"},
}


class Case:
    """One rule carried through the small scheme."""

    def __init__(self, village: xr.Dataset, observed: dict[int, float], changes: dict[str, object]) -> None:
        self.rule = changed(Assumptions(), {"collective.other_income": 1e6} | changes)
        self.projection = pension.with_accounts(village, self.rule, observed)
        owed = self.projection.accounts_balance.sel(year=2025).values
        self.account = project(pension.standard_fund(2025, owed + 5e7, owed), self.projection, self.rule)
        self.known = solvency.indicators(self.account, self.projection, self.rule)
        self.then = self.projection.sel(year=self.account.year)


@pytest.fixture(scope="module", params=RULES)
def case(request: pytest.FixtureRequest, village: xr.Dataset, observed: dict[int, float]) -> Case:
    return Case(village, observed, RULES[request.param])


def test_the_cost_rate_is_dependency_times_benefit(case: Case) -> None:
    dependency = rates.system_dependency_ratio(case.then)
    np.testing.assert_allclose(case.known.cost_rate, dependency * rates.benefit_ratio(case.account, case.then))


def test_the_annual_balance_is_income_rate_less_cost_rate(case: Case) -> None:
    np.testing.assert_allclose(case.known.annual_balance, case.known.income_rate - case.known.cost_rate)


def test_shares_lie_between_nothing_and_all(case: Case) -> None:
    for name in ("payable_share", "member_share", "pool_empty", "fund_empty"):
        assert ((case.known[name] >= 0) & (case.known[name] <= 1)).all()


def test_nothing_is_cut_while_the_pool_holds_money(case: Case) -> None:
    assert (case.known.payable_share.where(case.account.pool_balance > 0, 1.0) == 1).all()


def test_the_fiscal_need_keeps_the_pool_where_it_is(case: Case) -> None:
    before = solvency.start_of_year(case.account.pool_balance, solvency.opening_pool(case.account))
    change = case.account.pool_balance - before - case.account.shortfall
    need = solvency.fiscal_need(case.account)
    np.testing.assert_allclose(case.account.fiscal_transfer - need, change, atol=0.01)


def test_depletion_by_year_agrees_with_the_year_of_depletion(case: Case) -> None:
    for place in ("pool", "fund"):
        empty, year = case.known[f"{place}_empty"], case.known[f"{place}_depletion_year"]
        np.testing.assert_array_equal(empty, (year <= empty.year).transpose("draw", "year").astype(float))
        assert (empty.diff("year") >= 0).all()


def test_the_reserve_ratio_starts_from_the_opening_balance(case: Case) -> None:
    first = case.account.opening_balance / case.account.expenditure.isel(year=0)
    np.testing.assert_allclose(case.known.reserve_ratio.isel(year=0), first)


def test_every_indicator_says_what_it_is(case: Case) -> None:
    assert set(case.known.data_vars) == set(solvency.INDICATORS)
    assert all(set(v.attrs) == {"unit", "meaning"} for v in case.known.data_vars.values())


def test_a_cut_lowers_pensions_and_an_emergency_transfer_does_not(
    village: xr.Dataset, observed: dict[int, float]
) -> None:
    cut = Case(village, observed, RULES["poor"])
    paid = Case(village, observed, RULES["poor"] | {"valuation.deficit_rule": "emergency_transfer"})
    short = cut.account.shortfall > 0
    assert short.any()
    assert (cut.known.replacement_rate < paid.known.replacement_rate).where(short, True).all()
    np.testing.assert_allclose(cut.account.balance, paid.account.balance)


def test_a_rate_over_nothing_is_empty(case: Case) -> None:
    nobody = case.then.assign(contributors_mid_year=0 * case.then.contributors_mid_year)
    for rate in (rates.cost_rate, rates.income_rate):
        assert rate(case.account, nobody).isnull().all()
    assert rates.system_dependency_ratio(nobody).isnull().all()


def balances(*values: float) -> xr.DataArray:
    return xr.DataArray(list(values), {"year": 2026 + np.arange(len(values))}, ("year",))


def test_a_reserve_that_ends_at_zero_is_exhausted_but_not_negative() -> None:
    path = balances(5.0, 0.0, 3.0, -1.0)
    assert float(solvency.exhaustion_year(path)) == 2027
    assert float(solvency.first_negative_year(path)) == 2029
    np.testing.assert_array_equal(solvency.depleted_by(path), [0, 1, 1, 1])


def test_a_reserve_that_lasts_has_no_year_of_depletion() -> None:
    assert np.isnan(solvency.exhaustion_year(balances(1.0, 1.0)))
    assert np.isnan(solvency.first_negative_year(balances(1.0, 0.0)))


def test_the_probability_of_depletion_is_the_share_of_draws() -> None:
    draws = xr.concat([balances(1, 1, -1), balances(1, -1, 1), balances(1, 1, 1), balances(1, 1, 1)], "draw")
    np.testing.assert_allclose(solvency.depletion_probability(draws), [0, 0.25, 0.5])


def test_scenarios_may_be_stacked(village: xr.Dataset, observed: dict[int, float]) -> None:
    cases = [Case(village, observed, changes) for changes in RULES.values()]
    stacked = xr.concat([c.account for c in cases], xr.Variable("scenario", list(RULES)), combine_attrs="override")
    years = solvency.exhaustion_year(stacked.pool_balance)
    for name, case in zip(RULES, cases, strict=True):
        np.testing.assert_array_equal(years.sel(scenario=name), case.known.pool_depletion_year)


def test_a_year_that_the_projection_lacks_is_named(case: Case) -> None:
    with pytest.raises(AxisError, match="year 2060 is missing"):
        solvency.indicators(case.account, case.projection.sel(year=slice(None, 2059)), case.rule)
