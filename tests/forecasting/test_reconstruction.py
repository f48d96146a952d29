"""Cohorts in closed form: the same as a loop over years, and nobody is lost."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecasting.axes import MAX_AGE
from forecasting.models import reconstruction as rc

STEPS = 12


def a_past(seed: int, steps: int = STEPS, strongest: float = 0.1) -> dict[str, np.ndarray]:
    """Make people of both sexes, births, survival and a level and schedule of moves, some of them returns."""
    rng = np.random.default_rng(seed)
    return {
        "first": rng.uniform(1, 100, (2, MAX_AGE + 1)),
        "born": rng.uniform(1, 100, (2, steps)),
        "survival": rng.uniform(0.6, 1.0, (2, MAX_AGE + 2, steps)),
        "level": rng.uniform(0, strongest, steps),
        "schedule": rng.uniform(-1.0, 2.0, (2, MAX_AGE + 1)),
    }


def closed_form(past: dict[str, np.ndarray]) -> tuple[np.ndarray, np.ndarray, rc.Cohorts]:
    layout = rc.cohorts(past["level"].size)
    hazard = rc.hazards(layout, past["survival"]) + rc.moves_hazard(layout, past["level"], past["schedule"])
    size = np.concatenate([past["first"], past["born"]], axis=1)
    return rc.by_age(layout, size[..., None] * rc.remaining(hazard)), hazard, layout


def test_the_closed_form_is_a_loop_over_years() -> None:
    past = a_past(1)
    people, leaving = past["first"].copy(), []
    found, *_ = closed_form(past)
    np.testing.assert_allclose(found[..., 0], people, rtol=1e-10)
    for t in range(STEPS):
        stay = past["survival"][:, 1:, t] * np.exp(-past["level"][t] * past["schedule"])
        babies = past["survival"][:, 0, t] * np.exp(-0.5 * past["level"][t] * past["schedule"][:, 0])
        alive, before = people * stay, people.sum() + past["born"][:, t].sum()
        people = np.empty_like(people)
        people[:, 0] = past["born"][:, t] * babies
        people[:, 1:] = alive[:, :-1]
        people[:, -1] += alive[:, -1]
        leaving.append(before - people.sum())
        np.testing.assert_allclose(found[..., t + 1], people, rtol=1e-10)
    found, hazard, layout = closed_form(past)
    np.testing.assert_allclose(rc.losses(layout, found, past["born"], hazard), leaving, rtol=1e-10)


@given(st.integers(0, 10_000), st.integers(1, 30), st.floats(0, 1))
def test_the_lost_and_the_survivors_are_those_of_the_start_and_the_born(
    seed: int, steps: int, strongest: float
) -> None:
    past = a_past(seed, steps, strongest)
    people, hazard, layout = closed_form(past)
    total = people.sum(axis=(0, 1))
    lost = rc.losses(layout, people, past["born"], hazard)
    np.testing.assert_allclose(lost + total[1:], total[:-1] + past["born"].sum(axis=0), rtol=1e-12)


def test_pytensor_and_numpy_give_the_same_numbers() -> None:
    import pytensor
    import pytensor.tensor as pt

    past = a_past(2)
    expected, _, layout = closed_form(past)
    level, schedule, size = pt.dvector(), pt.dmatrix(), pt.dmatrix()
    hazard = rc.hazards(layout, past["survival"]) + rc.moves_hazard(layout, level, schedule)
    part = rc.remaining(hazard)
    people = rc.by_age(layout, size[..., None] * part)
    function = pytensor.function([level, schedule, size], [part, people], mode="FAST_COMPILE")
    values = (past["level"], past["schedule"], np.concatenate([past["first"], past["born"]], axis=1))
    found_part, found = function(*values)
    np.testing.assert_allclose(found, expected, rtol=1e-13)
    hazard = rc.hazards(layout, past["survival"]) + rc.moves_hazard(layout, past["level"], past["schedule"])
    np.testing.assert_allclose(found_part, rc.remaining(hazard), rtol=1e-13)


def test_draws_in_front_change_nothing() -> None:
    past = [a_past(seed) for seed in (3, 4)]
    layout = rc.cohorts(STEPS)
    levels, schedules = (np.stack([p[name] for p in past]) for name in ("level", "schedule"))
    together = rc.moves_hazard(layout, levels, schedules)
    for i, p in enumerate(past):
        np.testing.assert_array_equal(together[i], rc.moves_hazard(layout, p["level"], p["schedule"]))


def test_nobody_dies_or_moves_before_birth() -> None:
    past = a_past(5)
    _, hazard, layout = closed_form(past)
    born = hazard[:, layout.born]
    for k in range(STEPS):
        assert not born[:, k, :k].any()
        assert (layout.exposure[layout.born][k, k], layout.age_start[layout.born][k, k]) == (rc.HALF, 0)


def test_everyone_of_the_open_group_leaves_at_the_same_rate() -> None:
    _, hazard, layout = closed_form(a_past(6))
    for k in range(STEPS):
        old = hazard[:, layout.open_group[:, k] == 1, k]
        assert old.shape[1] == k + 1
        np.testing.assert_allclose(old, old[:, :1].repeat(k + 1, axis=1), rtol=1e-12)


@pytest.mark.parametrize("age", [0, 1, 50, 99, 100])
def test_each_age_is_of_the_cohort_born_that_many_years_before(age: int) -> None:
    layout = rc.cohorts(STEPS)
    for step in range(STEPS + 1):
        cohort = layout.cohort_of[age, step]
        first_age = age - step
        assert cohort == (first_age if first_age >= 0 else MAX_AGE - first_age)
