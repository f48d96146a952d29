"""What a pension is worth beside income, prices and the subsistence allowance."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st

from actuarial import adequacy, pension
from actuarial.assumptions import Adequacy, Assumptions, changed
from actuarial.fund import project
from forecasting.axes import AxisError

LEVEL = {"adequacy.subsistence_allowance": 3000.0, "collective.other_income": 1e6}


class Case:
    """One rule carried through the small scheme."""

    def __init__(self, village: xr.Dataset, observed: dict[int, float], changes: dict[str, object]) -> None:
        self.rule = changed(Assumptions(), LEVEL | changes)
        self.ready = pension.with_accounts(village, self.rule, observed)
        owed = self.ready.accounts_balance.sel(year=2025).values
        self.account = project(pension.standard_fund(2025, owed + 5e7, owed), self.ready, self.rule)
        self.known = adequacy.indicators(self.account, self.ready, self.rule)
        self.now = self.ready.sel(year=self.account.year)


@pytest.fixture(scope="module")
def law(village: xr.Dataset, observed: dict[int, float]) -> Case:
    return Case(village, observed, {})


def test_every_measure_is_the_same_pension_over_something_else(law: Case) -> None:
    paid = law.account.basic_pension + law.account.account_pension + law.account.longevity_tail
    each = paid / law.now.pensioners_mid_year
    np.testing.assert_allclose(law.known.replacement_rate * law.now.rural_income, each)
    np.testing.assert_allclose(law.known.pension_per_head_real * law.now.price_index, each)
    allowance = adequacy.subsistence_allowance(law.ready, law.rule.adequacy, 2024).sel(year=law.account.year)
    np.testing.assert_allclose(law.known.pension_to_subsistence * allowance, each)


def test_the_basic_pension_alone_is_the_basic_pension_per_head_over_income(law: Case) -> None:
    expected = law.now.basic_pension_per_head / law.now.rural_income
    np.testing.assert_allclose(law.known.basic_pension_to_income, expected)
    assert (law.known.basic_pension_to_income <= law.known.replacement_rate).all()


def test_an_allowance_with_the_weight_of_income_keeps_its_share_of_income(law: Case) -> None:
    allowance = adequacy.subsistence_allowance(law.ready, law.rule.adequacy, 2024)
    np.testing.assert_allclose(allowance.sel(year=2024), 3000.0)
    share = allowance / law.ready.rural_income
    np.testing.assert_allclose(share, share.sel(year=2024).broadcast_like(share))


@given(st.floats(0.0, 1.5), st.floats(0.0, 1.5))
def test_an_allowance_grows_by_its_weights_year_by_year(income_weight: float, price_weight: float) -> None:
    income, prices = np.array([100.0, 110.0, 99.0, 120.0]), np.array([1.0, 1.02, 1.05, 1.04])
    world = xr.Dataset({"rural_income": ("year", income), "price_index": ("year", prices)}, {"year": range(2023, 2027)})
    rule = Adequacy(
        subsistence_allowance=500.0, subsistence_income_weight=income_weight, subsistence_price_weight=price_weight
    )
    path = adequacy.subsistence_allowance(world, rule, 2024).values
    assert path[1] == pytest.approx(500.0)
    for t in range(1, 4):
        weighted = income_weight * (income[t] / income[t - 1] - 1) + price_weight * (prices[t] / prices[t - 1] - 1)
        assert path[t] / path[t - 1] == pytest.approx(1 + weighted)


def test_without_a_level_only_the_allowance_is_empty(village: xr.Dataset, observed: dict[int, float]) -> None:
    known = Case(village, observed, {"adequacy.subsistence_allowance": None}).known
    assert known.pension_to_subsistence.isnull().all()
    assert all(known[name].notnull().all() for name in known.data_vars if name != "pension_to_subsistence")


def test_an_allowance_that_follows_income_overtakes_one_that_follows_prices(
    village: xr.Dataset, observed: dict[int, float], law: Case
) -> None:
    weights: dict[str, object] = {"adequacy.subsistence_income_weight": 0.0, "adequacy.subsistence_price_weight": 1.0}
    cheap = Case(village, observed, weights)
    last = {"year": 2060}
    assert (cheap.known.pension_to_subsistence.sel(last) > law.known.pension_to_subsistence.sel(last)).all()
    xr.testing.assert_equal(cheap.known.replacement_rate, law.known.replacement_rate)


def test_a_cut_lowers_every_measure_and_an_emergency_transfer_none(
    village: xr.Dataset, observed: dict[int, float]
) -> None:
    poor: dict[str, object] = {"fiscal.rule": "capacity", "fiscal.capacity_share": 0.001}
    cut = Case(village, observed, poor | {"valuation.deficit_rule": "benefit_cut"})
    paid = Case(village, observed, poor | {"valuation.deficit_rule": "emergency_transfer"})
    short = cut.account.shortfall > 0
    assert short.any()
    for name in adequacy.INDICATORS:
        assert (cut.known[name] < paid.known[name]).where(short, True).all()
        np.testing.assert_allclose(cut.known[name].where(~short), paid.known[name].where(~short))


def test_every_measure_says_what_it_is(law: Case) -> None:
    assert list(law.known.data_vars) == list(adequacy.INDICATORS)
    assert all(set(v.attrs) == {"unit", "meaning"} for v in law.known.data_vars.values())


def test_a_money_year_or_a_year_that_the_projection_lacks_is_named(law: Case) -> None:
    with pytest.raises(AxisError, match="year 2024 of"):
        adequacy.indicators(law.account, law.ready.sel(year=slice(2026, None)), law.rule)
    with pytest.raises(AxisError, match="year 2060 is missing"):
        adequacy.indicators(law.account, law.ready.sel(year=slice(None, 2059)), law.rule)
