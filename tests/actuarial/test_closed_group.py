"""Pensions in payment, life by life: worked by hand, in closed form, in order, and as plain numpy has them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from actuarial import annuity
from actuarial.closed_group import expected_payments, present_values, present_values_reference

AGES = 111


def gompertz(level: float = 5e-5) -> np.ndarray:
    """Return a table of a usual shape that ends in 1."""
    qx = -np.expm1(-level * np.exp(0.09 * np.arange(AGES)))
    qx[-1] = 1.0
    return qx


def group(seed: int = 0, lives: int = 300, youngest: int = 0, **changes: Any) -> dict[str, Any]:
    """Make the arguments of a valuation: two tables, a path of rates, lives of every age and month."""
    rng = np.random.default_rng(seed)
    return {
        "age_months": rng.integers(12 * youngest, 12 * AGES, lives),
        "monthly_amount": rng.uniform(0.0, 500.0, lives),
        "qx": np.stack([gompertz(), gompertz(9e-5)]),
        "discount_rate": rng.uniform(-0.02, 0.08, AGES),
        "indexation": rng.uniform(-0.02, 0.06, AGES),
        "table": rng.integers(0, 2, lives),
    } | changes


def payments(arguments: dict[str, Any], threads: int | None = None) -> np.ndarray:
    return expected_payments(**{k: v for k, v in arguments.items() if k != "discount_rate"}, threads=threads)


groups = st.builds(
    group,
    st.integers(0, 10**6),
    st.integers(1, 80),
    st.integers(0, AGES - 1),
    raised=st.sampled_from(["yearly", "monthly"]),
)


def test_a_life_worked_by_hand() -> None:
    # Ten months after its first birthday: two payments at q = 0.5, twelve at q = 0.2, one on the third birthday.
    two_months = 0.5 ** (2 / 12)
    alive = [1.0, 0.5 ** (1 / 12), *(two_months * 0.8 ** (k / 12) for k in range(12)), two_months * 0.8]
    raised = [1.0] * 12 + [1.10] * 3
    discounted = [1.04 ** (-t / 12) for t in range(12)] + [1.02 ** (-t / 12) / 1.04 for t in range(3)]
    expected = 100 * sum(a * r * d for a, r, d in zip(alive, raised, discounted, strict=True))
    rates = {"discount_rate": [0.04, 0.02], "indexation": [0.10, 0.30]}
    np.testing.assert_allclose(present_values([22], 100.0, [0.9, 0.5, 0.2, 1.0], **rates), expected, rtol=1e-14)


@pytest.mark.parametrize("rate", [0.03, -0.01])
def test_without_deaths_a_pension_is_an_annuity_certain_in_closed_form(rate: float) -> None:
    qx = np.append(np.zeros(100), 1.0)
    age = np.array([0, 725, 1199, 1200, 1211])
    payments_left = np.maximum(1200 - age, 0) + 1
    factor = (1 + rate) ** (-1 / 12)
    expected = (1 - factor**payments_left) / (1 - factor)
    np.testing.assert_allclose(present_values(age, 1.0, qx, discount_rate=rate), expected, rtol=1e-12)


def test_indexation_at_the_rate_of_discount_leaves_the_expected_number_of_payments() -> None:
    arguments = group(raised="monthly")
    same = arguments | {"indexation": arguments["discount_rate"]}
    still = arguments | {"indexation": 0.0, "discount_rate": 0.0}
    np.testing.assert_allclose(present_values(**same), present_values(**still), rtol=1e-12)


def test_on_birthdays_and_without_interest_a_year_at_constant_force_pays_its_geometric_sum() -> None:
    qx, age = gompertz(), np.arange(60, AGES)
    value = present_values(12 * age, 1.0, qx, discount_rate=0.0)
    months = np.append(qx[:-1] / (1 - (1 - qx[:-1]) ** (1 / 12)), 1.0)
    expected = [(annuity.survival(qx[x:]) * months[x:]).sum() for x in age]
    np.testing.assert_allclose(value, expected, rtol=1e-12)


def test_a_monthly_pension_is_worth_about_woolhouse_s_approximation() -> None:
    qx, age = gompertz(), np.arange(60, 90)
    yearly = [annuity.life_annuity_mthly_due(qx[x:], 0.03, 12, "woolhouse") for x in age]
    np.testing.assert_allclose(present_values(12 * age, 1.0, qx, discount_rate=0.03) / 12, yearly, rtol=5e-3)


@settings(max_examples=40)
@given(groups)
def test_the_kernel_is_plain_numpy(arguments: dict[str, Any]) -> None:
    np.testing.assert_allclose(present_values(**arguments), present_values_reference(**arguments), rtol=1e-12)


@settings(max_examples=40)
@given(groups)
def test_discounted_payments_of_the_group_are_the_sum_of_its_present_values(arguments: dict[str, Any]) -> None:
    paid, rate = payments(arguments), arguments["discount_rate"]
    assert paid.size == max(12 * (AGES - 1) - arguments["age_months"].min(), 0) + 1
    growth = np.cumprod(np.repeat((1 + rate) ** (1 / 12), 12))
    discounted = paid / np.append(1.0, growth)[: paid.size]
    np.testing.assert_allclose(discounted.sum(), present_values(**arguments).sum(), rtol=1e-11)


def test_the_first_payment_is_certain_and_later_ones_are_those_of_the_survivors() -> None:
    arguments = group(lives=1, age_months=np.array([12 * 70]), table=0, indexation=0.0)
    paid, qx = payments(arguments), arguments["qx"][0]
    np.testing.assert_allclose(paid[::12], arguments["monthly_amount"] * annuity.survival(qx[70:]), rtol=1e-12)
    assert (np.diff(paid) <= 0).all()
    assert paid.size == 12 * (AGES - 1 - 70) + 1  # the last one on the last birthday of the table


def test_threads_change_no_bit() -> None:
    arguments = group(lives=1001)
    np.testing.assert_array_equal(present_values(**arguments, threads=1), present_values(**arguments, threads=2))
    np.testing.assert_array_equal(present_values(**arguments, threads=1), present_values(**arguments))
    np.testing.assert_array_equal(payments(arguments, 1), payments(arguments, 2))
    np.testing.assert_array_equal(payments(arguments, 1), payments(arguments))


def test_a_life_does_not_depend_on_the_others() -> None:
    arguments = group()
    one = {k: arguments[k][7:8] for k in ("age_months", "monthly_amount", "table")}
    np.testing.assert_array_equal(present_values(**arguments)[7:8], present_values(**(arguments | one)))


def test_one_table_and_one_rate_are_short_for_a_row_and_a_path() -> None:
    arguments = group(table=1, discount_rate=0.03, indexation=0.02, monthly_amount=7.0)
    short = arguments | {"qx": arguments["qx"][1], "table": 0}
    long = arguments | {
        "discount_rate": np.full(AGES, 0.03),
        "indexation": np.full(AGES, 0.02),
        "table": np.ones(300, dtype=int),
        "monthly_amount": np.full(300, 7.0),
    }
    np.testing.assert_array_equal(present_values(**short), present_values(**long))


def test_nothing_that_was_given_is_changed() -> None:
    arguments = group()
    before = {k: np.copy(v) for k, v in arguments.items()}
    present_values(**arguments)
    payments(arguments)
    for name, value in before.items():
        np.testing.assert_array_equal(arguments[name], value)


def test_more_interest_and_more_deaths_lower_every_value_and_more_indexation_raises_it() -> None:
    arguments = group(age_months=np.arange(720, 1300, 2)[:300], lives=290, monthly_amount=100.0, table=0)
    value = present_values(**arguments)
    assert (present_values(**(arguments | {"discount_rate": arguments["discount_rate"] + 0.01})) < value).all()
    assert (present_values(**(arguments | {"table": 1})) < value).all()
    assert (present_values(**(arguments | {"raised": "monthly", "indexation": 0.05})) > value).all()


def test_a_rise_month_by_month_comes_sooner_than_one_at_the_end_of_a_year() -> None:
    arguments = group(age_months=np.arange(720, 1300), lives=580, indexation=0.05)
    evenly = present_values(**(arguments | {"raised": "monthly"}))
    assert (evenly > present_values(**arguments)).all()


def test_every_fault_is_told_at_once() -> None:
    with pytest.raises(ValueError, match="age_months") as caught:
        present_values(
            [720, 720.5, -1],
            [1.0, np.nan],
            [[0.1, 0.2, 1.0], [0.1, 1.2, 0.9]],
            discount_rate=[0.03, -1.0],
            indexation=[[0.02]],
            table=2,
            raised="weekly",  # type: ignore[arg-type]
            threads=0,
        )
    faults = str(caught.value).splitlines()
    starts = ["qx is no", "qx leaves", "monthly_amount has shape", "age_months is", "table is", "monthly_amount is"]
    starts += ["raised is 'weekly'", "threads is 0", "discount_rate is wrong in 1 years", "indexation has shape"]
    assert [fault.startswith(start) for fault, start in zip(faults, starts, strict=True)] == [True] * len(starts)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"age_months": []}, "one life or more"),
        ({"age_months": 720}, "one number a life"),
        ({"qx": []}, "one number an age"),
        ({"qx": [[[1.0]]]}, "one number an age"),
        ({"discount_rate": np.zeros(49)}, "discount_rate ends after 49 years: give 50, as long as anyone can be paid"),
        ({"indexation": np.inf}, "first in year 0: inf"),
        ({"indexation": 1e7}, "pass the largest number"),
        ({"age_months": [12 * AGES]}, "first at place 0: 1332: give whole numbers from 0 to 1331"),
    ],
)
def test_a_fault_says_what_to_give(changes: dict[str, Any], told: str) -> None:
    one = {"age_months": [12 * 60 + 3], "monthly_amount": 1.0, "qx": gompertz(), "discount_rate": 0.03} | changes
    with pytest.raises(ValueError, match=told):
        present_values(**one)
