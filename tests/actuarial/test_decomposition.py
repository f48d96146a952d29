"""Four factors whose product is the cost rate, and differences that they share out without remainder."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from actuarial import decomposition, pension, rates
from actuarial.assumptions import Assumptions, changed
from actuarial.fund import project
from forecasting.axes import AxisError

positive = arrays(float, 4, elements=st.floats(0.01, 100.0))


def named(values: np.ndarray | list[float]) -> xr.DataArray:
    return xr.DataArray(np.asarray(values, dtype=float), {"factor": list(decomposition.FACTORS)}, ("factor",))


@given(positive, positive)
def test_the_parts_add_up_to_the_difference(before: np.ndarray, after: np.ndarray) -> None:
    parts = decomposition.split_difference(named(before), named(after))
    scale = np.prod(before) + np.prod(after)
    assert float(parts.sum()) == pytest.approx(np.prod(after) - np.prod(before), abs=1e-10 * scale)
    # A factor that rises adds, one that falls takes away.
    np.testing.assert_array_equal(np.sign(parts), np.sign(np.log(after / before)))


@given(positive, positive)
def test_there_and_back_is_the_same_with_the_opposite_sign(before: np.ndarray, after: np.ndarray) -> None:
    there = decomposition.split_difference(named(before), named(after))
    back = decomposition.split_difference(named(after), named(before))
    np.testing.assert_allclose(there, -back, rtol=1e-9, atol=1e-9 * (np.prod(before) + np.prod(after)))


@given(positive, st.integers(0, 3), st.floats(0.1, 10.0))
def test_a_factor_that_moves_alone_makes_all_the_difference(before: np.ndarray, moved: int, by: float) -> None:
    after = before.copy()
    after[moved] *= by
    parts = decomposition.split_difference(named(before), named(after)).values
    assert parts[moved] == pytest.approx(np.prod(after) - np.prod(before), rel=1e-9, abs=1e-12)
    assert (np.delete(parts, moved) == 0).all()


@given(positive, positive, st.permutations(range(4)))
def test_the_order_of_the_factors_does_not_matter(before: np.ndarray, after: np.ndarray, order: list[int]) -> None:
    parts = decomposition.split_difference(named(before), named(after)).values
    shuffled = decomposition.split_difference(named(before[order]), named(after[order])).values
    np.testing.assert_allclose(shuffled, parts[order], rtol=1e-9, atol=1e-12)


def test_two_factors_by_hand() -> None:
    """From 1 x 1 to 2 x 3: the logarithmic mean of 6 and 1 is 5 / ln 6."""
    parts = decomposition.split_difference(named([1, 1, 1, 1]), named([2, 3, 1, 1]))
    np.testing.assert_allclose(parts, np.array([np.log(2), np.log(3), 0, 0]) * 5 / np.log(6))


def test_factors_that_offset_each_other_have_the_product_as_their_mean() -> None:
    parts = decomposition.split_difference(named([1, 1, 3, 1]), named([2, 0.5, 3, 1]))
    np.testing.assert_allclose(parts, [3 * np.log(2), -3 * np.log(2), 0, 0])


def test_a_factor_of_nothing_leaves_the_split_empty() -> None:
    assert decomposition.split_difference(named([1, 0, 1, 1]), named([1, 1, 1, 1])).isnull().all()


class Case:
    """One rule on the small scheme, with people of its own."""

    def __init__(self, village: xr.Dataset, observed: dict[int, float], changes: dict[str, object]) -> None:
        rng = np.random.default_rng(8)
        rule = changed(Assumptions(), {"collective.other_income": 1e6} | changes)
        shape = (village.sizes["draw"], 2, 2, 101, village.sizes["year"])
        people = rng.uniform(1e3, 2e3, shape).astype(np.float32)
        dims = ("draw", "area", "sex", "age", "year")
        self.people = village.assign(population=(dims, people)).assign_coords(area=["rural", "urban"])
        self.ready = pension.with_accounts(village, rule, observed)
        owed = self.ready.accounts_balance.sel(year=2025).values
        self.account = project(pension.standard_fund(2025, owed + 5e7, owed), self.ready, rule)
        self.known = decomposition.decompose(self.account, self.ready, self.people)
        self.cost_rate = rates.cost_rate(self.account, self.ready.sel(year=self.account.year))


@pytest.fixture(scope="module")
def law(village: xr.Dataset, observed: dict[int, float]) -> Case:
    return Case(village, observed, {})


@pytest.fixture(scope="module")
def poor(village: xr.Dataset, observed: dict[int, float]) -> Case:
    return Case(village, observed, {"benefit.income_weight": 0.3})


def test_the_product_of_the_factors_is_the_cost_rate(law: Case) -> None:
    np.testing.assert_allclose(law.known.cost_rate_factor.prod("factor"), law.cost_rate, rtol=1e-13)
    assert law.known.cost_rate_factor.dims == ("draw", "factor", "year")


def test_dependency_times_coverage_times_labour_is_the_system_ratio(law: Case) -> None:
    three = law.known.cost_rate_factor.sel(factor=["dependency", "coverage", "labour"]).prod("factor")
    system = rates.system_dependency_ratio(law.ready.sel(year=law.account.year))
    np.testing.assert_allclose(three, system, rtol=1e-13)


def test_people_are_counted_at_mid_year_in_all_places(law: Case) -> None:
    year_ends = law.people.population.sel(year=[2029, 2030]).astype(float).mean("year").sum(["area", "sex"])
    old, working = (year_ends.isel(age=ages).sum("age") for ages in (slice(60, None), slice(15, 60)))
    factor = law.known.cost_rate_factor.sel(year=2030)
    np.testing.assert_allclose(factor.sel(factor="dependency"), old / working)
    members = law.ready.sel(year=2030)
    np.testing.assert_allclose(factor.sel(factor="coverage"), members.pensioners_mid_year / old)
    np.testing.assert_allclose(factor.sel(factor="labour"), working / members.contributors_mid_year)


def test_changes_since_the_first_year_add_up_draw_by_draw(law: Case) -> None:
    change = law.known.cost_rate_change
    assert change.until.values.tolist() == [2035, 2050, 2060]
    later = law.cost_rate.sel(year=change.until.values).rename(year="until")
    np.testing.assert_allclose(change.sum("factor"), later - law.cost_rate.sel(year=2026), atol=1e-14)


def test_changes_can_be_asked_until_other_years(law: Case) -> None:
    known = decomposition.decompose(law.account, law.ready, law.people, years=[2030, 2060, 2061, 2026])
    assert known.cost_rate_change.until.values.tolist() == [2030, 2060]


def test_a_reform_of_benefits_moves_the_cost_rate_through_benefits_alone(law: Case, poor: Case) -> None:
    scenarios = xr.DataArray(["law", "poor"], dims="scenario", name="scenario")
    factors = xr.concat([law.known.cost_rate_factor, poor.known.cost_rate_factor], scenarios)
    split = decomposition.compare(factors, "law")
    assert split.dims == factors.dims
    assert (split.sel(scenario="law") == 0).all()
    change = split.sel(scenario="poor")
    np.testing.assert_allclose(change.sum("factor"), poor.cost_rate - law.cost_rate, atol=1e-14)
    assert (change.sel(factor=["dependency", "coverage", "labour"]) == 0).all()
    assert (change.sel(factor="benefit", year=2060) < 0).all()


def test_a_baseline_that_is_not_there_is_named(law: Case) -> None:
    factors = law.known.cost_rate_factor.expand_dims(scenario=["reform"])
    with pytest.raises(AxisError, match="'law' is missing: there are reform"):
        decomposition.compare(factors, "law")


def test_people_without_draws_serve_members_with_draws(law: Case) -> None:
    certain = law.people.isel(draw=0, drop=True)
    factors = decomposition.cost_rate_factors(law.account, law.ready, certain)
    np.testing.assert_allclose(factors.prod("factor"), law.cost_rate, rtol=1e-13)


def test_what_is_missing_is_named(law: Case, village: xr.Dataset) -> None:
    with pytest.raises(AxisError, match="lacks variable 'population'"):
        decomposition.decompose(law.account, law.ready, village)
    with pytest.raises(AxisError, match="year 2025 is missing"):
        decomposition.decompose(law.account, law.ready, law.people.sel(year=slice(2026, None)))
    with pytest.raises(AxisError, match="year 2060 is missing"):
        decomposition.decompose(law.account, law.ready.sel(year=slice(None, 2059)), law.people)
    with pytest.raises(AxisError, match="ages are not single years"):
        decomposition.decompose(law.account, law.ready, law.people.sel(age=np.arange(0, 101, 5)))


def test_every_variable_says_what_it_is(law: Case) -> None:
    assert list(law.known.data_vars) == list(decomposition.INDICATORS)
    assert all(set(v.attrs) == {"unit", "meaning"} for v in law.known.data_vars.values())


def test_the_probability_to_be_below_counts_draws_in_which_both_are_known() -> None:
    left = xr.DataArray([1.0, 2.0, 3.0, np.nan], {"draw": range(4)}, ("draw",))
    right = xr.DataArray([2.0, 2.0, 1.0, 5.0], {"draw": range(4)}, ("draw",))
    assert float(decomposition.probability_below(left, right)) == pytest.approx(1 / 3)
    assert float(decomposition.probability_below(right, left)) == pytest.approx(1 / 3)
    assert np.isnan(decomposition.probability_below(left.where(left < 0), right))
    with pytest.raises(ValueError, match="join='exact'"):
        decomposition.probability_below(left, right.isel(draw=slice(0, 3)))
