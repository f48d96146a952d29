"""The cost of second compensation in closed form, against quadrature, simulation and the rule worked by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import quad

from actuarial import catastrophic
from actuarial.catastrophic import Burden, Form

spreads = st.floats(0.3, 2.0)
log_means = st.floats(-5.0, 0.5)
thresholds = st.floats(0.05, 2.0)
shares = st.floats(0.0, 0.99)
floors = st.floats(0.0, 0.95)
forms = st.sampled_from(["whole", "layer"])


def integral(burden: Burden, threshold: float, part: Form) -> float:
    """Integrate money past the threshold over the density of log-normal burdens; over the mean."""

    def money(z: float) -> float:
        burden_of_one = math.exp(burden.log_mean + burden.spread * z)
        paid = burden_of_one if part == "whole" else burden_of_one - threshold
        return paid * math.exp(-z * z / 2) / math.sqrt(2 * math.pi)

    first = (math.log(threshold) - burden.log_mean) / burden.spread
    # The integrand peaks one spread to the right of the burdens themselves.
    top = max(first, burden.spread) + 12
    value = quad(money, first, top, points=[p for p in (burden.spread,) if first < p < top], limit=200)[0]
    return float(value / quad(lambda z: money(z) + (threshold * pdf(z) if part == "layer" else 0.0), -12, top)[0])


def pdf(z: float) -> float:
    return math.exp(-z * z / 2) / math.sqrt(2 * math.pi)


@given(log_means, spreads, thresholds)
def test_the_closed_forms_are_the_integrals(log_mean: float, spread: float, threshold: float) -> None:
    burden = Burden(log_mean, spread)
    assert catastrophic.share_of_those_above(burden, threshold) == pytest.approx(
        integral(burden, threshold, "whole"), rel=1e-5, abs=1e-9
    )
    assert catastrophic.share_beyond(burden, threshold) == pytest.approx(
        integral(burden, threshold, "layer"), rel=1e-4, abs=1e-8
    )


def households(number: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, Burden, float]:
    """Return cost, fund's payment and income of households; burdens are log-normal and apart from income."""
    rng = np.random.default_rng(20260101)
    burden, reimbursed = Burden(-2.0, 1.1), 0.55
    income = rng.lognormal(10.0, 0.8, number)
    own = income * rng.lognormal(burden.log_mean, burden.spread, number)
    cost = own / (1 - reimbursed)
    return cost, cost - own, income, burden, reimbursed


@pytest.mark.parametrize("form", ["whole", "layer"])
def test_the_closed_form_is_the_rule_applied_to_many_households(form: Form) -> None:
    cost, paid, income, burden, reimbursed = households(1_000_000)
    threshold, floor = 0.4, 0.8
    own = cost - paid
    caught = own > threshold * income
    whole = np.where(caught, floor * cost - paid, 0.0)
    # Cost beyond the threshold: what made the part of own cost above it, at today's reimbursement.
    beyond = np.where(caught, (own - threshold * income) / (1 - reimbursed), 0.0)
    paid_out = whole if form == "whole" else (floor - reimbursed) * beyond
    expected = catastrophic.compensated_share(burden, threshold, reimbursed, floor, form)
    # A million households hit a money-weighted mean of this spread within some thousandths.
    assert paid_out.sum() / own.sum() == pytest.approx(float(expected), abs=0.004)
    assert caught.mean() == pytest.approx(float(catastrophic.incidence(burden, threshold)), abs=0.002)
    after = np.mean(own - paid_out > threshold * income)
    assert after == pytest.approx(
        float(catastrophic.incidence_after(burden, threshold, reimbursed, floor, form)), abs=0.002
    )


def test_a_household_past_the_threshold_has_four_fifths_of_its_cost_paid() -> None:
    # Cost 50,000, income 40,000, 55 % paid: 22,500 of its own is 56 % of income, so 12,500 more are paid.
    own, top_up = 22_500.0, float(catastrophic.topped_up(0.55, 0.8)) * 22_500.0
    assert top_up == pytest.approx(12_500.0)
    assert (50_000.0 - own + top_up) / 50_000.0 == pytest.approx(0.8)


def test_the_whole_rule_has_a_cliff_and_the_layer_has_none() -> None:
    k = float(catastrophic.topped_up(0.55, 0.8))
    just_past = 0.4 + 1e-9
    assert just_past * (1 - k) < 0.2
    assert just_past - k * (just_past - 0.4) == pytest.approx(0.4)


@given(st.floats(0.01, 0.9), thresholds, spreads)
def test_a_published_incidence_comes_back(incidence: float, threshold: float, spread: float) -> None:
    burden = catastrophic.from_incidence(incidence, threshold, spread)
    assert catastrophic.incidence(burden, threshold) == pytest.approx(incidence)


@given(log_means, spreads, st.floats(0.2, 5.0))
def test_moved_burdens_have_a_mean_that_moved_alike(log_mean: float, spread: float, ratio: float) -> None:
    burden = Burden(log_mean, spread)
    assert burden.moved(ratio).mean == pytest.approx(ratio * burden.mean)


@given(log_means, spreads, thresholds, shares, floors)
def test_the_layer_costs_less_than_the_whole_and_both_less_than_all_own_cost(
    log_mean: float, spread: float, threshold: float, reimbursed: float, floor: float
) -> None:
    asked = (Burden(log_mean, spread), threshold, reimbursed, floor)
    whole, layer = (catastrophic.compensated_share(*asked, form) for form in ("whole", "layer"))
    assert 0 <= layer <= whole <= 1


@given(log_means, spreads, thresholds, shares, st.floats(0.0, 0.9), forms, st.floats(0.01, 0.05))
def test_a_lower_threshold_and_a_higher_floor_never_cost_less(
    log_mean: float, spread: float, threshold: float, reimbursed: float, floor: float, form: Form, more: float
) -> None:
    burden = Burden(log_mean, spread)
    cost = catastrophic.compensated_share(burden, threshold, reimbursed, floor, form)
    assert catastrophic.compensated_share(burden, threshold - more / 2, reimbursed, floor, form) >= cost - 1e-12
    assert catastrophic.compensated_share(burden, threshold, reimbursed, floor + more, form) >= cost - 1e-12


@given(log_means, spreads, thresholds, shares, floors)
def test_nobody_is_compensated_when_the_floor_is_reached_already(
    log_mean: float, spread: float, threshold: float, reimbursed: float, floor: float
) -> None:
    burden = Burden(log_mean, spread)
    paid = max(reimbursed, floor)
    assert catastrophic.compensated_share(burden, threshold, paid, floor) == 0
    assert catastrophic.incidence_after(burden, threshold, paid, floor) == catastrophic.incidence(burden, threshold)


@given(log_means, spreads, thresholds, shares, floors)
def test_compensation_of_the_whole_takes_households_out(
    log_mean: float, spread: float, threshold: float, reimbursed: float, floor: float
) -> None:
    burden = Burden(log_mean, spread)
    before = catastrophic.incidence(burden, threshold)
    assert catastrophic.incidence_after(burden, threshold, reimbursed, floor, "whole") <= before
    assert catastrophic.incidence_after(burden, threshold, reimbursed, floor, "layer") == before


@pytest.mark.parametrize(
    ("incidence", "threshold", "spread"), [(0.0, 0.4, 1.0), (1.0, 0.4, 1.0), (0.1, 0.0, 1.0), (0.1, 0.4, 0.0)]
)
def test_an_impossible_calibration_is_refused(incidence: float, threshold: float, spread: float) -> None:
    with pytest.raises(ValueError, match="give"):
        catastrophic.from_incidence(incidence, threshold, spread)
