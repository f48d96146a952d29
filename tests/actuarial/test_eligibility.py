"""Who draws the pension: the rule of the age, what moves with it, and the years that are asked for and paid."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st

from actuarial import eligibility
from actuarial.assumptions import Assumptions, Retirement, changed
from forecasting.axes import AxisError

LATER = {"retirement.target_age": 63, "retirement.change_from": 2030, "retirement.step_years": 5}

RULES = st.builds(
    Retirement, target_age=st.integers(60, 70), change_from=st.integers(2011, 2070), step_years=st.integers(1, 20)
)
"""Any rule that rises after the first year of the village."""


def test_under_todays_law_the_people_are_those_of_the_projection(village: xr.Dataset) -> None:
    assert eligibility.members(village, Assumptions()) is village


def test_a_rise_after_the_horizon_leaves_the_people_alone(village: xr.Dataset) -> None:
    rule = changed(Assumptions(), LATER | {"retirement.change_from": 2061})
    assert eligibility.members(village, rule) is village


def test_the_age_rises_by_a_year_at_each_step_up_to_its_target() -> None:
    ages = eligibility.pension_ages(changed(Assumptions(), LATER).retirement, np.arange(2028, 2046))
    assert ages.tolist() == [60] * 2 + [61] * 5 + [62] * 5 + [63] * 6


def test_three_years_of_age_take_fifteen_years_as_in_the_employee_scheme() -> None:
    # Decision of 13 September 2024: from 60 to 63 over the 15 years 2025 to 2039.
    rule = Retirement(target_age=63, change_from=2029)
    ages = eligibility.pension_ages(rule, np.arange(2025, 2050))
    assert ages[0] == 60 and ages[2039 - 2025] == 63 and ages[2038 - 2025] == 62


@given(RULES)
def test_no_cohort_that_draws_stops_drawing(rule: Retirement) -> None:
    years = np.arange(2010, 2101)
    ages = eligibility.pension_ages(rule, years)
    birth = np.arange(1910, 2030)
    draws = (years - birth[:, None]) >= ages
    assert (np.diff(draws.astype(int), axis=1) >= 0).all()
    assert (np.diff(ages) >= 0).all() and ages[0] == 60 and ages.max() <= rule.target_age


@settings(max_examples=20, deadline=None)
@given(RULES, st.floats(0, 1))
def test_who_waits_is_no_pensioner_and_contributes_by_the_share(
    village: xr.Dataset, rule: Retirement, share: float
) -> None:
    rules = Assumptions(retirement=rule.model_copy(update={"contributing_share": share}))
    after = eligibility.members(village, rules)
    years = village.year.values
    ages = eligibility.pension_ages(rule, np.append(years, 2061))
    lost = (village.pensioners - after.pensioners).transpose("draw", "sex", "age", "year").values
    gained = (after.contributors - village.contributors).transpose("draw", "sex", "age", "year").values
    for t in range(years.size):
        waiting = slice(60, ages[t])
        assert not after.pensioners.values[:, :, waiting, t].any()
        np.testing.assert_array_equal(lost[:, :, waiting, t], village.pensioners.values[:, :, waiting, t])
        expected = share * lost[..., t]
        if ages[t + 1] == ages[t] > 60:
            expected[:, :, ages[t] - 1] = lost[:, :, ages[t] - 1, t]
        np.testing.assert_allclose(gained[..., t], expected, rtol=1e-9, atol=1e-9)
    rest = np.delete(lost, np.arange(60, 70), axis=2)
    assert not rest.any()


def test_to_apply_the_rule_twice_changes_nothing(village: xr.Dataset) -> None:
    rules = changed(Assumptions(), LATER)
    once = eligibility.members(village, rules)
    xr.testing.assert_identical(eligibility.members(once, rules), once)


def test_dimensions_and_kinds_of_numbers_stay(village: xr.Dataset) -> None:
    small = village.astype("float32")
    after = eligibility.members(small, changed(Assumptions(), LATER))
    for name in small:
        assert after[name].dims == small[name].dims and after[name].dtype == small[name].dtype


def test_people_with_and_without_draws_may_meet(village: xr.Dataset) -> None:
    mixed = village.assign(contributors=village.contributors.isel(draw=0, drop=True))
    after = eligibility.members(mixed, changed(Assumptions(), LATER))
    full = eligibility.members(village, changed(Assumptions(), LATER))
    xr.testing.assert_identical(after.contributors.isel(draw=0), full.contributors.isel(draw=0))
    assert after.contributors.dims == full.contributors.dims


def test_a_rise_in_the_first_year_is_refused(village: xr.Dataset) -> None:
    with pytest.raises(AxisError, match="must come after 2010"):
        eligibility.members(village, changed(Assumptions(), LATER | {"retirement.change_from": 2010}))


def test_the_law_asks_for_no_more_years_than_the_scheme_has_had() -> None:
    """Who was 60 at the start needs none, who was 45 or older the years to 60, who is younger 15."""
    years = np.array([2009, 2011, 2012, 2020, 2025, 2026, 2027, 2060])
    assert eligibility.required_years(Assumptions(), years).tolist() == [0, 0, 1, 9, 14, 15, 15, 15]


def test_a_reform_asks_for_more_years_from_its_year_on() -> None:
    rules = changed(Assumptions(), {"benefit.minimum_years": 20, "benefit.minimum_years_from": 2030})
    years = np.array([2026, 2029, 2030, 2031, 2032, 2060])
    assert eligibility.required_years(rules, years).tolist() == [15, 15, 19, 20, 20, 20]
    assert eligibility.required_years(rules, years, law=True).tolist() == [15] * 6
    # What is paid at once in a year is for the pension of the next.
    np.testing.assert_allclose(eligibility.back_payment_multiple(rules, years - 1), [1, 1, 19 / 15] + [20 / 15] * 3)


def test_under_the_law_back_payments_are_those_of_the_law() -> None:
    assert (eligibility.back_payment_multiple(Assumptions(), np.arange(2009, 2101)) == 1).all()


def cohort(q: float, first_age: int = 40) -> xr.Dataset:
    """Return one cohort aged 20 in 2010 that contributes from `first_age` to 59 and then draws the pension."""
    years, ages = np.arange(2010, 2061), np.arange(101)
    coords = {"sex": ["female"], "age": ages, "year": years}
    empty = xr.DataArray(np.zeros((1, 101, years.size)), coords, tuple(coords))
    contributors, pensioners = empty.copy(), empty.copy()
    for t in range(years.size):
        # Alive at mid-year, deaths spread evenly over each year.
        alive = (1 - q) ** t * (1 - q / 2)
        (pensioners if t >= 40 else contributors)[0, 20 + t, t] = alive * (t >= 40 or 20 + t >= first_age)
    rate = empty + q / (1 - q / 2)
    return xr.Dataset({"contributors": contributors, "pensioners": pensioners, "pensioner_mortality": rate})


@pytest.mark.parametrize("first_age", [16, 40, 59])
@pytest.mark.parametrize("q", [0.0, 0.02])
def test_members_who_paid_every_year_have_paid_those_years(first_age: int, q: float) -> None:
    out = eligibility.paid_years(cohort(q, first_age), Assumptions()).sel(year=2050)
    assert float(out.paid_years) == pytest.approx(60 - max(first_age, 20))
    assert int(out.born) == 1990 and float(out.required_years) == 15


def test_a_pension_that_nobody_has_paid_for_has_no_paid_years() -> None:
    assert int(eligibility.paid_years(cohort(0.0), Assumptions()).paid_years.notnull().sum()) == 1


def test_newcomers_dilute_the_years_and_leavers_take_theirs_along() -> None:
    people = cohort(0.0)
    contributors = people.contributors.values[0]
    late, gone = people.copy(deep=True), people.copy(deep=True)
    for t in range(40):
        late.contributors.values[0, 20 + t, t] = contributors[20 + t, t] * (1 if t < 30 else 2)
        gone.contributors.values[0, 20 + t, t] = contributors[20 + t, t] * (1 if t < 30 else 0.5)
    diluted, left = (float(eligibility.paid_years(p, Assumptions()).paid_years.sel(year=2050)) for p in (late, gone))
    assert diluted == pytest.approx((20 + 10) / 2) and left == pytest.approx(20)


def test_who_comes_back_brings_the_years_paid_before() -> None:
    people = cohort(0.0)
    people.contributors.values[0, 45, 25] = 0.5
    # Half have paid 20 years, half one year less.
    assert float(eligibility.paid_years(people, Assumptions()).paid_years.sel(year=2050)) == pytest.approx(19.5)


@pytest.mark.parametrize(("share", "paid"), [(1.0, 23.0), (0.0, 21.0), (0.5, 22.0)])
def test_paid_years_follow_the_cohort_to_a_later_age(share: float, paid: float) -> None:
    people = cohort(0.01)
    reform = {"retirement.target_age": 63, "retirement.change_from": 2030, "retirement.contributing_share": share}
    out = eligibility.paid_years(people, changed(Assumptions(), reform))
    assert np.flatnonzero(out.paid_years.notnull()).tolist() == [2053 - 2010]
    # All pay in the last year, the given share in the two before it.
    assert float(out.paid_years.sel(year=2053)) == pytest.approx(paid) and int(out.born.sel(year=2053)) == 1990


def test_nobody_can_have_paid_more_years_than_there_were(village: xr.Dataset) -> None:
    out = eligibility.paid_years(village, Assumptions())
    assert set(out.paid_years.dims) == {"draw", "year"}
    most = np.minimum(village.year - 2010, 44)
    assert (out.paid_years.isel(year=slice(1, None)) <= most.isel(year=slice(1, None)) + 1e-9).all()
    assert (out.paid_years.sel(year=2054) > 40).all()
