"""Identities and orders of discount factors and annuities."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from actuarial import annuity

paths = arrays(float, 12, elements=st.floats(-0.05, 0.2))
deaths = arrays(float, 12, elements=st.floats(0.0, 0.9)).map(lambda q: np.append(q[:-1], 1.0))
level = st.floats(0.001, 0.15)


def test_a_discount_factor_is_a_cumulative_product_of_the_path() -> None:
    factors = annuity.discount_factors(np.array([0.02, 0.05]))
    np.testing.assert_allclose(factors, [1 / 1.02, 1 / (1.02 * 1.05)])
    halves = annuity.discount_factors(np.array([0.02, 0.05]), mid_year=True)
    np.testing.assert_allclose(halves, [1.02**-0.5, 1.05**-0.5 / 1.02])


def test_a_rate_that_destroys_all_money_is_refused() -> None:
    with pytest.raises(ValueError, match="-1 or below"):
        annuity.discount_factors(np.array([0.1, -1.0]))


@given(paths, paths)
def test_a_present_value_carried_forward_is_the_sum_carried_year_by_year(amount: np.ndarray, rate: np.ndarray) -> None:
    balance = 0.0
    for a, r in zip(amount, rate, strict=True):
        balance = balance * (1 + r) + a * (1 + r) ** 0.5
    value = annuity.present_value(amount, rate)
    np.testing.assert_allclose(value * np.prod(1 + rate), balance, atol=1e-12)


@given(level, st.integers(1, 60))
def test_an_annuity_certain_at_a_level_rate_has_its_closed_form(rate: float, n: int) -> None:
    path = np.full(n, rate)
    np.testing.assert_allclose(annuity.annuity_certain(path), (1 - (1 + rate) ** -n) / rate)
    np.testing.assert_allclose(annuity.annuity_certain(path, due=True), (1 - (1 + rate) ** -n) / rate * (1 + rate))


@given(deaths, paths)
def test_the_due_annuity_is_the_immediate_one_and_its_first_payment(qx: np.ndarray, rate: np.ndarray) -> None:
    np.testing.assert_allclose(annuity.life_annuity_due(qx, rate) - 1, annuity.life_annuity_immediate(qx, rate))


@given(deaths, level)
def test_insurance_and_annuity_share_one_yuan(qx: np.ndarray, rate: float) -> None:
    path = np.full(qx.size, rate)
    discount = rate / (1 + rate)
    total = annuity.life_insurance(qx, path) + discount * annuity.life_annuity_due(qx, path)
    np.testing.assert_allclose(total, 1.0)


@given(deaths, level, st.sampled_from([2, 4, 12]), st.sampled_from(["udd", "woolhouse"]))
def test_payments_through_the_year_lie_between_those_at_its_ends(
    qx: np.ndarray, rate: float, m: int, approximation: annuity.Approximation
) -> None:
    path = np.full(qx.size, rate)
    due, immediate = annuity.life_annuity_due(qx, path), annuity.life_annuity_immediate(qx, path)
    mthly_due = annuity.life_annuity_mthly_due(qx, rate, m, approximation)
    mthly = annuity.life_annuity_mthly_immediate(qx, rate, m, approximation)
    assert immediate < mthly < mthly_due < due


def test_the_uniform_distribution_of_deaths_asks_for_a_positive_rate() -> None:
    with pytest.raises(ValueError, match="not positive"):
        annuity.life_annuity_mthly_due(np.array([0.5, 1.0]), 0.0)
