"""The basic pension by its parts: they add up, each follows its own rule, and nobody is paid by a wish."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st

from actuarial import benefit
from actuarial.assumptions import Assumptions, Benefit, changed
from forecasting.axes import AxisError

YEARS = np.arange(2020, 2030)
MINIMUM = {year: 600.0 + 30.0 * (year - 2018) for year in range(2018, 2025)}
"""National minimum beside the `observed` of the village, yuan a year."""

INCREMENTS = {"benefit.age_increment": 10.0, "benefit.long_contribution_increment": 2.0}


def prices_and_income(income: float = 0.06, prices: float = 0.02) -> xr.Dataset:
    path = {"rural_income": ("year", 100 * (1 + income) ** (YEARS - 2020.0))}
    return xr.Dataset(path | {"price_index": ("year", (1 + prices) ** (YEARS - 2020.0))}, {"year": YEARS})


# Per head ---------------------------------------------------------------------------------------------------------


def test_the_basic_pension_is_as_published_and_then_indexed() -> None:
    rule = Benefit(income_weight=0.5, price_weight=0.25, indexation_from=2026)
    path = benefit.basic_pension_per_head(prices_and_income(), rule, {2022: 1000.0, 2023: 1100.0})
    assert np.isnan(path.sel(year=[2020, 2021])).all()
    np.testing.assert_allclose(path.sel(year=[2022, 2023]), [1000, 1100])
    np.testing.assert_allclose(path.sel(year=2025), 1100 * 1.06**2)
    np.testing.assert_allclose(path.sel(year=2029), 1100 * 1.06**2 * 1.035**4)


def test_the_basic_pension_never_falls_below_its_floor() -> None:
    path = benefit.basic_pension_per_head(prices_and_income(income=-0.1), Benefit(), {2020: 1000.0})
    np.testing.assert_allclose(path, 1000.0)


def test_published_years_after_the_projection_do_no_harm() -> None:
    path = benefit.basic_pension_per_head(prices_and_income(), Benefit(), {y: 1000.0 for y in range(2020, 2040)})
    np.testing.assert_allclose(path, 1000.0)


@pytest.mark.parametrize(
    ("observed", "fault"),
    [
        ({}, "no year within 2020-2029"),
        ({1999: 50.0}, "no year within 2020-2029"),
        ({2020: 1.0, 2022: 1.0}, "year 2021 is missing"),
        ({2020: 0.0}, "of 2020 is 0.0"),
        ({2020: float("nan")}, "of 2020 is nan"),
    ],
)
def test_a_broken_history_of_the_basic_pension_is_refused(observed: dict[int, float], fault: str) -> None:
    with pytest.raises(AxisError, match=fault):
        benefit.basic_pension_per_head(prices_and_income(), Benefit(), observed)


def test_what_the_minimum_leaves_of_the_published_pension_is_the_top_up() -> None:
    heads = benefit.per_head(prices_and_income(), Benefit(), {2020: 1000.0, 2021: 1300.0}, {2020: 700.0, 2021: 800.0})
    np.testing.assert_allclose(heads.minimum.sel(year=[2020, 2021]), [700, 800])
    np.testing.assert_allclose(heads.top_up.sel(year=[2020, 2021]), [300, 500])


def test_a_year_without_a_minimum_has_that_of_the_year_before() -> None:
    observed = {2020: 1000.0, 2021: 1000.0, 2022: 1000.0}
    heads = benefit.per_head(prices_and_income(), Benefit(), observed, {2018: 700.0, 2022: 750.0})
    np.testing.assert_allclose(heads.minimum.sel(year=[2020, 2021, 2022]), [700, 700, 750])
    with pytest.raises(AxisError, match="minimum of 2020 is missing"):
        benefit.per_head(prices_and_income(), Benefit(), observed, {2021: 700.0})


def test_a_region_that_pays_less_than_the_minimum_on_the_mean_has_no_top_up() -> None:
    heads = benefit.per_head(prices_and_income(), Benefit(), {2020: 1000.0}, {2020: 1200.0})
    np.testing.assert_allclose(heads.minimum.sel(year=2020), 1000)
    np.testing.assert_array_equal(heads.top_up, 0.0)


def test_without_a_minimum_all_of_it_counts_as_minimum() -> None:
    heads = benefit.per_head(prices_and_income(), Benefit(), {2020: 1000.0})
    xr.testing.assert_identical(
        heads.minimum.rename(None),
        benefit.basic_pension_per_head(prices_and_income(), Benefit(), {2020: 1000.0}).rename(None),
    )
    np.testing.assert_array_equal(heads.top_up, 0.0)


@settings(max_examples=50)
@given(
    part=st.floats(0.1, 1.0), income=st.floats(-0.1, 0.2), prices=st.floats(-0.05, 0.1),
    weights=st.tuples(st.floats(0, 1.5), st.floats(0, 1.5)),
)  # fmt: skip
def test_the_split_moves_nothing_under_one_indexation(
    part: float, income: float, prices: float, weights: tuple[float, float]
) -> None:
    rule = Benefit(income_weight=weights[0], price_weight=weights[1])
    economy, observed = prices_and_income(income, prices), {2022: 1000.0, 2023: 1100.0}
    whole = benefit.basic_pension_per_head(economy, rule, observed)
    split = benefit.basic_pension_per_head(economy, rule, observed, {2022: 1000.0 * part, 2023: 1000.0 * part})
    np.testing.assert_allclose(split, whole, rtol=1e-12)


def test_a_reform_may_freeze_the_top_up_alone() -> None:
    law, frozen = Benefit(), Benefit(top_up_income_weight=0.0)
    observed, minimum = {2023: 1000.0}, {2023: 600.0}
    before, after = (benefit.per_head(prices_and_income(), rule, observed, minimum) for rule in (law, frozen))
    xr.testing.assert_identical(after.minimum, before.minimum)
    np.testing.assert_allclose(after.top_up.sel(year=[2023, 2024, 2025]), [400, 400 * 1.06, 400 * 1.06**2])
    np.testing.assert_allclose(after.top_up.sel(year=slice(2025, None)), 400 * 1.06**2)


# Money paid -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("changes", [{}, INCREMENTS, INCREMENTS | {"benefit.top_up_income_weight": 0.3}])
def test_the_parts_add_up_to_the_basic_pensions(
    village: xr.Dataset, observed: dict[int, float], changes: dict[str, object]
) -> None:
    found = benefit.parts(village, changed(Assumptions(), changes), observed, MINIMUM)
    paid = sum(found[name] for name in benefit.PARTS)
    whole = found.basic_pension_per_head * village.pensioners.sum(("sex", "age"))
    np.testing.assert_allclose(paid, whole, rtol=1e-12)
    assert all(found[name].dims == ("draw", "year") for name in found.data_vars)
    late = found.sel(year=slice(2025, None))
    assert all((late[name] >= 0).all() for name in found.data_vars)


def test_parts_of_the_pensioners_have_parts_of_the_money(village: xr.Dataset, observed: dict[int, float]) -> None:
    rule = changed(Assumptions(), INCREMENTS)
    born = village.year - village.age
    whole, old, young = (
        benefit.parts(village.assign(pensioners=village.pensioners.where(kept, 0.0)), rule, observed, MINIMUM)
        for kept in (born > 0, born < 1960, born >= 1960)
    )
    for name in benefit.PARTS:
        np.testing.assert_allclose(old[name] + young[name], whole[name], rtol=1e-12)


def test_increments_start_in_their_year_and_leave_minimum_and_top_up_alone(
    village: xr.Dataset, observed: dict[int, float]
) -> None:
    law, reform = (
        benefit.parts(village, changed(Assumptions(), changes), observed, MINIMUM) for changes in ({}, INCREMENTS)
    )
    for name in ("minimum_pension_paid", "local_top_up_paid"):
        xr.testing.assert_identical(reform[name], law[name])
    assert (law.increments_paid.sel(year=slice(2018, None)) == 0).all()
    assert (reform.increments_paid.sel(year=slice(2018, 2026)) == 0).all()
    assert (reform.increments_paid.sel(year=slice(2027, None)) > 0).all()


def test_the_increment_for_age_goes_to_those_of_65_and_older(village: xr.Dataset, observed: dict[int, float]) -> None:
    rule = changed(Assumptions(), {"benefit.age_increment": 10.0})
    found = benefit.parts(village, rule, observed, MINIMUM).increments_paid.sel(year=2030)
    old = village.pensioners.sel(year=2030, age=slice(65, None)).sum(("sex", "age"))
    grown = village.rural_income.sel(year=2030) / village.rural_income.sel(year=2024)
    # The growth of income is never negative from 2024 to 2030 in any draw of the village, so the floor is silent.
    assert (village.rural_income.sel(year=slice(2024, 2030)).diff("year") > 0).all()
    np.testing.assert_allclose(found, 12 * 10 * grown * old, rtol=1e-12)


def beyond(changes: dict[str, object], age: int, year: int) -> int:
    rule = changed(Assumptions(), changes)
    return benefit.years_beyond_the_minimum(rule, np.array([age]), np.array([year])).item()


@pytest.mark.parametrize(
    ("age", "year", "years"),
    [(60, 2026, 0), (60, 2027, 1), (60, 2036, 10), (70, 2036, 0), (60, 2055, 29), (60, 2080, 29), (85, 2090, 29)],
)
def test_years_beyond_the_minimum_are_those_since_the_scheme_began(age: int, year: int, years: int) -> None:
    """Someone of 60 in 2036 has paid 2011-2035, 25 years, 10 beyond 15; nobody more than the 44 from 16 to 59."""
    assert beyond({}, age, year) == years


def test_a_longer_minimum_leaves_fewer_years_beyond_it_from_its_year() -> None:
    longer = {"benefit.minimum_years": 20, "benefit.minimum_years_from": 2032}
    assert [beyond(longer, 60, year) for year in (2031, 2032, 2036)] == [5, 1, 5]
    # Whose pension began before it keeps the years beyond 15.
    assert beyond(longer, 65, 2036) == beyond({}, 65, 2036) == 5


def test_a_later_pension_age_gives_more_years_to_those_who_wait_for_it() -> None:
    """The age is 61 from 2030: who was 60 in 2029 draws already, who is 60 in 2030 draws in 2031, a year later."""
    later = {"retirement.target_age": 61, "retirement.change_from": 2030, "retirement.step_years": 3}
    assert beyond(later, 70, 2039) == beyond({}, 70, 2039) == 2029 - 2011 - 15
    assert beyond(later, 70, 2040) == 2031 - 2011 - 15 == beyond({}, 70, 2040) + 1
    # From 16 to 60 there are 45 years.
    assert beyond(later, 61, 2081) == 45 - 15


def test_increments_in_money_of_an_unknown_year_are_refused(village: xr.Dataset, observed: dict[int, float]) -> None:
    late = village.sel(year=slice(2020, None))
    rule = changed(Assumptions(), INCREMENTS | {"money_year": 2015})
    with pytest.raises(AxisError, match="2015 is missing: increments"):
        benefit.parts(late, rule, observed, MINIMUM)


@settings(max_examples=25)
@given(less=st.floats(0.0, 50.0), more=st.floats(0.1, 50.0), key=st.sampled_from(sorted(INCREMENTS)))
def test_a_larger_increment_costs_more(
    village: xr.Dataset, observed: dict[int, float], less: float, more: float, key: str
) -> None:
    low, high = (
        benefit.parts(village, changed(Assumptions(), {key: amount}), observed, MINIMUM).sel(year=slice(2030, None))
        for amount in (less, less + more)
    )
    assert (high.increments_paid > low.increments_paid).all()
    assert (high.basic_pension_per_head > low.basic_pension_per_head).all()


def test_a_projection_without_draws_or_pensioners_has_parts_all_the_same(
    village: xr.Dataset, observed: dict[int, float]
) -> None:
    rule = changed(Assumptions(), INCREMENTS)
    one = benefit.parts(village.isel(draw=1, drop=True), rule, observed, MINIMUM)
    xr.testing.assert_allclose(one, benefit.parts(village, rule, observed, MINIMUM).isel(draw=1, drop=True))
    nobody = benefit.parts(village.assign(pensioners=0 * village.pensioners), rule, observed, MINIMUM)
    assert (nobody.sel(year=2030)[list(benefit.PARTS)].to_array() == 0).all()
    assert (nobody.basic_pension_per_head.sel(year=2030) > 0).all()
