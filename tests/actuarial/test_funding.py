"""Premiums and balances of a whole account: what they leave when they are paid."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from actuarial import funding, pension, premiums, rates
from actuarial.annuity import discount_factors, present_value
from actuarial.assumptions import Assumptions, changed
from actuarial.flow import Recorded
from actuarial.fund import Fund, project
from forecasting.axes import AxisError

RULES: dict[str, dict[str, object]] = {
    "law": {},
    "capacity": {"fiscal.rule": "capacity", "fiscal.capacity_share": 0.02},
    "poor": {"fiscal.rule": "capacity", "fiscal.capacity_share": 0.001, "valuation.deficit_rule": "benefit_cut"},
    "year_end": {"investment.interest_convention": "opening_balance", "valuation.target_reserve_ratio": 2.0},
}
SHORT = {"collective.other_income": 1e6, "valuation.steady_from": 5, "valuation.steady_to": 30}


class Case:
    """One rule carried through the small scheme of 35 years."""

    def __init__(self, village: xr.Dataset, observed: dict[int, float], changes: dict[str, object]) -> None:
        self.rule = changed(Assumptions(), SHORT | changes)
        self.ready = pension.with_accounts(village, self.rule, observed)
        owed = self.ready.accounts_balance.sel(year=2025).values
        self.account = project(pension.standard_fund(2025, owed + 5e7, owed), self.ready, self.rule)
        self.money = funding.paths(self.account, self.ready, self.rule)
        self.known = funding.indicators(self.account, self.ready, self.rule)

    def paying(self, level: xr.DataArray) -> xr.Dataset:
        """Let `level` of the base be all income: the account of the same expenditure, in one ledger."""
        years = self.account.year
        level_income = (level * rates.contributory_base(self.ready)).sel(year=years)
        world = xr.Dataset(
            {"premium": level_income, "cost": self.account.expenditure, "rate": self.account.rate_earned}
        )
        flows = Recorded("premium", "pool", "income", "Premium"), Recorded("cost", "pool", "outgo", "Expenditure")
        opening = self.account.opening_balance.values
        fund = Fund("one rate", flows[:1], flows[1:], 2025, opening, rate=lambda data, _: data["rate"])
        return project(fund, world.drop_attrs(), self.rule)


@pytest.fixture(scope="module", params=RULES)
def case(request: pytest.FixtureRequest, village: xr.Dataset, observed: dict[int, float]) -> Case:
    return Case(village, observed, RULES[request.param])


def test_who_pays_the_scaled_premiums_ends_every_control_period_with_its_target(case: Case) -> None:
    paid = case.paying(case.known.scaled_premium)
    target = case.account.accounts_balance + case.rule.valuation.target_reserve_ratio * case.account.pool_outgo
    ends = [2040, 2055, 2060]
    unaided = paid.balance - paid.shortfall
    whole = (paid.shortfall == 0).all("year")
    assert whole.any()
    np.testing.assert_allclose(unaided.sel(year=ends)[whole], target.sel(year=ends)[whole], rtol=1e-9)


def test_who_pays_the_steady_state_rate_has_one_reserve_ratio_in_both_years(case: Case) -> None:
    paid = case.paying(case.known.steady_state_rate)
    whole = (paid.shortfall == 0).all("year").values
    opening_of_fifth, opening_of_thirtieth = (paid.balance.sel(year=y - 1) for y in (2030, 2055))
    early = opening_of_fifth / paid.expenditure.sel(year=2030)
    late = opening_of_thirtieth / paid.expenditure.sel(year=2055)
    assert whole.any()
    np.testing.assert_allclose(late[whole], early[whole], rtol=1e-9)


def test_who_pays_the_average_premium_has_nothing_left(case: Case) -> None:
    paid = case.paying(case.known.general_average_premium.sel(horizon=25))
    whole = (paid.shortfall.sel(year=slice(None, 2049)) == 0).all("year").values
    end = (paid.balance - paid.shortfall).sel(year=2050)
    assert whole.any()
    np.testing.assert_allclose(end[whole] / paid.expenditure.sel(year=2050)[whole], 0.0, atol=1e-9)


def test_the_actuarial_balance_is_what_the_pool_ends_with(case: Case) -> None:
    """An identity wherever no shortfall was met from outside: the account, discounted."""
    span = case.account.isel(year=slice(0, 25))
    rate = span.rate_earned.values
    base = rates.contributory_base(case.ready).sel(year=span.year)
    target = case.rule.valuation.target_reserve_ratio * span.pool_outgo.values[:, -1]
    end = (span.pool_balance.values[:, -1] - target) / np.prod(1 + rate, axis=1)
    expected = end / present_value(base.values, rate, mid_year=case.money.mid_year)
    whole = (span.shortfall == 0).all("year").values
    np.testing.assert_allclose(case.known.actuarial_balance.sel(horizon=25).values[whole], expected[whole], atol=1e-12)


def test_the_actuarial_balance_is_the_level_income_rate_less_one_scaled_premium(case: Case) -> None:
    part = case.money.until(25)
    timing = {"mid_year": part.mid_year}
    income = premiums.general_average_premium(part.income, part.base, part.rate, **timing)
    scaled = premiums.level_rate(part.cost, part.base, part.rate, part.reserve, part.target[..., -1], **timing)
    np.testing.assert_allclose(case.known.actuarial_balance.sel(horizon=25), income - scaled, rtol=1e-9)


def test_a_balance_for_ever_is_the_level_income_rate_less_the_premium_for_ever(case: Case) -> None:
    money = case.money
    after = premiums.trend(money.base, money.rate)
    value = [
        premiums.present_value_for_ever(m, money.rate, after, mid_year=money.mid_year)
        for m in (money.income, money.base)
    ]
    expected = value[0] / value[1] - case.known.general_average_premium_infinite
    np.testing.assert_allclose(case.known.actuarial_balance_infinite, expected, rtol=1e-9)


def test_values_for_ever_are_empty_exactly_where_growth_is_not_below_the_rate_earned(case: Case) -> None:
    base = rates.contributory_base(case.ready).sel(year=[2050, 2060])
    growth = (base.sel(year=2060) / base.sel(year=2050)) ** 0.1
    earned = np.exp(np.log1p(case.account.rate_earned.sel(year=slice(2051, 2060))).mean("year"))
    exists = earned > growth
    np.testing.assert_array_equal(case.known.infinite_horizon_exists, exists.astype(float))
    for name in ("general_average_premium_infinite", "actuarial_balance_infinite"):
        np.testing.assert_array_equal(case.known[name].notnull(), exists)


def test_a_horizon_beyond_the_projection_is_empty(case: Case) -> None:
    assert case.account.sizes["year"] == 35
    for name in ("actuarial_balance", "general_average_premium"):
        assert case.known[name].sel(horizon=25).notnull().all()
        assert case.known[name].sel(horizon=[50, 75]).isnull().all()


def test_far_years_beyond_the_projection_are_empty(village: xr.Dataset, observed: dict[int, float]) -> None:
    assert Case(village, observed, {"valuation.steady_to": 36}).known.steady_state_rate.isnull().all()
    assert Case(village, observed, {"valuation.steady_to": 35}).known.steady_state_rate.notnull().all()


def test_ten_years_are_too_few_for_a_trend(case: Case) -> None:
    years = slice(2026, 2035)
    known = funding.indicators(case.account.sel(year=years), case.ready, case.rule)
    for name in ("general_average_premium_infinite", "actuarial_balance_infinite", "infinite_horizon_exists"):
        assert known[name].isnull().all()
    assert known.scaled_premium.notnull().all()


def test_a_longer_reserve_target_raises_every_scaled_premium_of_the_first_period(
    village: xr.Dataset, observed: dict[int, float]
) -> None:
    low, high = (Case(village, observed, {"valuation.target_reserve_ratio": ratio}).known for ratio in (0.5, 2.0))
    assert (low.scaled_premium.isel(year=0) < high.scaled_premium.isel(year=0)).all()
    assert (low.actuarial_balance.sel(horizon=25) > high.actuarial_balance.sel(horizon=25)).all()
    xr.testing.assert_equal(low.general_average_premium, high.general_average_premium)


def test_every_indicator_says_what_it_is(case: Case) -> None:
    assert list(case.known.data_vars) == list(funding.INDICATORS)
    assert all(set(v.attrs) == {"unit", "meaning"} for v in case.known.data_vars.values())
    assert case.known.scaled_premium.dims == ("draw", "year")
    assert case.known.general_average_premium.dims == ("draw", "horizon")


def test_a_fund_without_draws_is_the_same_fund(case: Case) -> None:
    alone = funding.indicators(case.account.isel(draw=2, drop=True), case.ready.isel(draw=2, drop=True), case.rule)
    xr.testing.assert_allclose(alone, case.known.isel(draw=2, drop=True))


def test_a_year_that_the_projection_lacks_is_named(case: Case) -> None:
    with pytest.raises(AxisError, match="year 2060 is missing"):
        funding.indicators(case.account, case.ready.sel(year=slice(None, 2059)), case.rule)


money = arrays(float, (3, 8), elements=st.floats(0.0, 1e4))
earned = arrays(float, (3, 8), elements=st.floats(-0.2, 0.3))


@given(money, money, earned, st.floats(0.0, 1e4), st.booleans())
def test_the_present_value_of_all_flows_is_that_of_the_closing_balance(
    income: np.ndarray, outgo: np.ndarray, rate: np.ndarray, opening: float, mid_year: bool
) -> None:
    """Income less outgo, the opening, and what a shortfall brought from outside at the end of its year."""
    dims, labels = ("draw", "year"), {"draw": np.arange(3), "year": np.arange(2026, 2034)}
    named = {"income_": income, "outgo_": outgo, "rate": rate}
    world = xr.Dataset({name: (dims, values) for name, values in named.items()}, labels)
    flows = Recorded("income_", "pool", "income", "In"), Recorded("outgo_", "pool", "outgo", "Out")
    convention = "mid_year" if mid_year else "opening_balance"
    fund = Fund("any", flows[:1], flows[1:], 2025, opening, rate=lambda data, _: data["rate"])
    account = project(fund, world, changed(Assumptions(), {"investment.interest_convention": convention}))
    flowing, ending = discount_factors(rate, mid_year=mid_year), discount_factors(rate)
    # Under opening_balance money of the year earns nothing in it: it is worth what it is at the end of the year.
    value = opening + ((income - outgo) * flowing + account.shortfall.values * ending).sum(axis=1)
    np.testing.assert_allclose(value, account.balance.values[:, -1] * ending[:, -1], atol=1e-6)
