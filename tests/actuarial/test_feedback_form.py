"""The form of the answers of members and budgets, and the terms that they answer to."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from actuarial import assessment, financing, participation
from actuarial.assumptions import Assumptions
from actuarial.participation import Answers
from tests.actuarial.feedback_world import answering, opening, rules


@pytest.fixture(scope="module")
def people(village: xr.Dataset) -> xr.Dataset:
    return answering(village).sel(year=slice(None, 2050))


@pytest.fixture(scope="module")
def known(observed: dict[int, float]) -> assessment.Opening:
    return opening(observed)


# The form of the answer -----


def one(responses: dict[str, float]) -> Answers:
    """Make the answers of one draw under a law of ones, where three in four contribute."""
    ones = xr.DataArray(np.ones(2), {"year": [2030, 2031]}, ("year",))
    law = xr.Dataset({name: ones for name in participation.TERMS})
    return Answers(0.0, dict(responses), 0.0, 0.75 * ones, ones, law)


def seen(share: float, ratios: tuple[float, float, float]) -> tuple[xr.Dataset, xr.Dataset]:
    years = {"year": [2030, 2031]}
    ones = xr.DataArray(np.ones(2), years, ("year",))
    account = xr.Dataset({"benefit_cut": (1.0 - share) * ones, "expenditure": ones})
    names = ("lifetime_pension", "paid_in", "rural_income")
    return account, xr.Dataset({n: r * ones for n, r in zip(names, ratios, strict=True)} | {"received": ones})


ratio = st.floats(1e-3, 1e3)
response = st.floats(0.0, 4.0)


@given(st.floats(0.0, 1.0), ratio, ratio, ratio, response, response, response)
def test_nobody_contributes_who_may_not(
    share: float, worth: float, price: float, income: float, first: float, second: float, third: float
) -> None:
    responses = {"benefit": first, "contribution": second, "income": third}
    account, terms = seen(share, (worth, price, income))
    found = one(responses).multiplier(account, terms)
    assert float(found[0]) == 1.0
    assert 0.0 <= float(found[1]) <= 1.0 / 0.75 + 1e-12


@given(st.floats(0.5, 1.0), st.floats(0.5, 2.0), st.floats(0.5, 2.0), st.floats(0.5, 2.0))
def test_the_log_odds_of_contributing_are_linear_in_the_logs_of_the_terms(
    share: float, worth: float, price: float, income: float
) -> None:
    responses = {"benefit": 0.5, "contribution": 0.7, "income": 0.3}
    account, terms = seen(share, (worth, price, income))
    rate = 0.75 * float(one(responses).multiplier(account, terms)[1])
    moved = np.log(rate / (1.0 - rate)) - np.log(0.75 / 0.25)
    expected = 0.5 * np.log(worth * share) - 0.7 * np.log(price) + 0.3 * np.log(income)
    assert moved == pytest.approx(expected, abs=1e-9)


def test_a_response_of_four_tenths_is_an_elasticity_of_one_tenth_where_three_in_four_contribute() -> None:
    account, terms = seen(1.0, (1.001, 1.0, 1.0))
    responses = {"benefit": Assumptions().participation.benefit_response, "contribution": 0.0, "income": 0.0}
    found = float(one(responses).multiplier(account, terms)[1])
    assert np.log(found) / np.log(1.001) == pytest.approx(0.1, rel=1e-3)


@pytest.mark.parametrize(("mean", "sd"), [(0.4, 0.2), (0.1, 0.5), (0.0, 1.0), (2.0, 0.1)])
def test_strengths_are_quantiles_of_a_normal_cut_off_at_zero(mean: float, sd: float) -> None:
    deviate = xr.DataArray(np.linspace(-6.0, 6.0, 41), dims="draw")
    expected = stats.truncnorm(-mean / sd, np.inf, mean, sd).ppf(stats.norm.cdf(deviate))
    found = participation.drawn(mean, sd, deviate)
    np.testing.assert_allclose(found, expected, rtol=1e-6, atol=1e-9)
    assert bool((found >= 0.0).all()) and bool((found.diff("draw") > 0.0).all())
    assert participation.drawn(mean, 0.0, deviate) == mean


def test_revenue_never_falls_below_nothing() -> None:
    ones = xr.DataArray(np.ones(2), {"year": [2030, 2031]}, ("year",))
    law = xr.Dataset({name: 100.0 * ones for name in participation.TERMS})
    answers = replace(one({}), returned=0.5, reference=law)
    found = answers.revenue_ratio(xr.Dataset({"received": 0.0 * ones}))
    np.testing.assert_array_equal(found, [1.0, 0.0])


# Terms -----


@pytest.fixture(scope="module")
def plain_world(people: xr.Dataset) -> xr.Dataset:
    """The village at one death rate, with 1.5 % credited and no collective money."""
    rate = 0.015 - Assumptions().accounts.crediting_spread
    return people.assign(
        pensioner_mortality=xr.full_like(people["pensioner_mortality"], 0.05),
        deposit_rate=xr.full_like(people["deposit_rate"], rate),
    )


def told(world: xr.Dataset, known: assessment.Opening, changes: dict[str, object]) -> tuple[xr.Dataset, xr.Dataset]:
    """Give the terms, and what the flows read."""
    return assessment.terms(world, rules(changes), known), assessment.books(world, rules(changes), known).ready


def credited(world: xr.Dataset, years: xr.DataArray, changes: dict[str, object]) -> xr.DataArray:
    heads = financing.account_money_per_head(world, rules(changes)).sel(year=years)
    return heads["member"] + heads["match"]


def test_the_pension_to_expect_is_the_check_value_until_death(
    plain_world: xr.Dataset, known: assessment.Opening
) -> None:
    terms, ready = told(plain_world, known, {})
    years = terms["year"]
    yearly = 12.0 * 16.68214 / 139.0 * credited(plain_world, years, {})
    basic = ready["basic_pension_per_head"].sel(year=years)
    # At a constant death rate one of 60 has its inverse to live.
    np.testing.assert_allclose(terms["lifetime_pension"], (yearly + basic) / 0.05, rtol=1e-6)
    np.testing.assert_allclose(terms["paid_in"], 15.0 * plain_world["contribution_per_head"].sel(year=years))


def test_a_later_pension_is_waited_for_and_divided_by_fewer_months(
    plain_world: xr.Dataset, known: assessment.Opening
) -> None:
    later = {"retirement.target_age": 63, "retirement.change_from": 2027, "retirement.step_years": 1}
    terms, ready = told(plain_world, known, later)
    last = terms.sel(year=[2050])
    yearly = 12.0 * 16.68214 / 117.0 * credited(plain_world, last["year"], later)
    expected = (yearly + ready["basic_pension_per_head"].sel(year=[2050])) * np.exp(-0.15) / 0.05
    np.testing.assert_allclose(last["lifetime_pension"], expected, rtol=1e-6)


def test_more_years_asked_for_are_paid_and_saved(plain_world: xr.Dataset, known: assessment.Opening) -> None:
    longer = {"benefit.minimum_years": 20, "benefit.minimum_years_from": 2030}
    terms, ready = told(plain_world, known, longer)
    at = terms["year"] >= 2030
    expected = xr.where(at, 20.0, 15.0) * plain_world["contribution_per_head"]
    np.testing.assert_allclose(terms["paid_in"], expected.sel(year=terms["year"]).transpose(*terms["paid_in"].dims))
    saved = (1.015**20 - 1.0) / 0.015
    late = terms.sel(year=[2040])
    yearly = 12.0 * saved / 139.0 * credited(plain_world, late["year"], longer)
    basic = ready["basic_pension_per_head"].sel(year=[2040])
    np.testing.assert_allclose(late["lifetime_pension"], (yearly + basic) / 0.05, rtol=1e-6)


def test_an_annuity_pays_what_the_account_bears_at_the_rate_credited(
    plain_world: xr.Dataset, known: assessment.Opening
) -> None:
    annuity = {"benefit.divisor_rule": "cohort_annuity", "benefit.divisor_from": 2030}
    terms, ready = told(plain_world, known, annuity)
    v, m = 1.0 / 1.015, 0.05
    whole = sum(np.exp(-m * k) * v ** (k + 0.5) * (1.0 - np.exp(-m)) / m for k in range(40))
    price = whole + np.exp(-40 * m) * v**40.5 / m
    late = terms.sel(year=[2040])
    yearly = 16.68214 / price * credited(plain_world, late["year"], annuity)
    basic = ready["basic_pension_per_head"].sel(year=[2040])
    np.testing.assert_allclose(late["lifetime_pension"], (yearly + basic) / 0.05, rtol=1e-6)
