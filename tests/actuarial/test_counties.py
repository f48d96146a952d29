"""Synthetic counties: groups of equal size with exactly the spread that was asked for."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from actuarial._pooling_rules import Pooling
from actuarial._regional_counties import counties, scores, split, weight_of


@given(st.integers(2, 9), st.integers(2, 9), st.floats(0.05, 0.6), st.floats(0.05, 0.6), st.floats(-0.9, 0.9))
def test_groups_have_the_spread_and_the_correlation_that_were_asked_for(
    rich: int, old: int, income: float, age: float, link: float
) -> None:
    rule = Pooling(
        income_groups=rich, age_groups=old, county_income_spread=income, county_age_spread=age, county_link=link
    )
    made = counties(rule)
    assert made.size == rich * old
    assert made.income.mean() == pytest.approx(1.0) and made.age.mean() == pytest.approx(1.0)
    logs = np.log(made.income), np.log(made.age)
    assert [x.std() for x in logs] == pytest.approx([income, age])
    assert np.corrcoef(*logs)[0, 1] == pytest.approx(link, abs=1e-9)


def test_one_group_is_the_province() -> None:
    made = counties(Pooling(income_groups=1, age_groups=1))
    assert (made.income.tolist(), made.age.tolist()) == ([1.0], [1.0])


def test_the_means_of_halves_of_a_normal_are_brought_from_their_place_to_one() -> None:
    """Means of the halves are -.798 and .798, of the thirds -1.091, 0, 1.091: here with a spread of one."""
    np.testing.assert_allclose(scores(2), [-1.0, 1.0])
    np.testing.assert_allclose(scores(3), [-np.sqrt(1.5), 0.0, np.sqrt(1.5)], atol=1e-12)


@given(st.integers(0, 2**32 - 1))
def test_parts_of_an_amount_add_up_to_it(seed: int) -> None:
    rng = np.random.default_rng(seed)
    values, factor = rng.uniform(0, 5, (3, 2, 4)), rng.uniform(0, 2, 6)
    parts = split(values, factor / factor.mean())
    np.testing.assert_allclose(parts.reshape(3, 6, 2, 4).sum(axis=1), values)
    assert parts[6 + 2, 1, 3] == pytest.approx(values[1, 1, 3] * factor[2] / factor.sum())


def test_benefits_are_levelled_in_equal_steps_from_the_year_named() -> None:
    rule = Pooling(levelled=0.8, levelled_from=2027, levelled_years=4)
    np.testing.assert_allclose(weight_of(np.arange(2025, 2033), rule), [0, 0, 0.2, 0.4, 0.6, 0.8, 0.8, 0.8])
