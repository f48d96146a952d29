"""Tiers: the mean is kept, the nearest tier is taken, the match is a step by tier, nobody is matched for nothing."""

from __future__ import annotations

from itertools import pairwise
from math import log
from pathlib import Path
from statistics import NormalDist

import numpy as np
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st

from actuarial import tiers
from actuarial._template import run_text
from actuarial.assumptions import Assumptions, changed
from actuarial.runfile import RunFaults
from actuarial.scenario import read_run

LAW = Assumptions().accounts
STEPS, AMOUNTS = np.array(LAW.tiers), np.array(LAW.match_amounts)
SPREADS = st.floats(0.01, 2.0)


def by_bisection(mean: float, spread: float) -> np.ndarray:
    """Return the shares a second way: halve the range of the median until the tiers taken have the mean."""
    borders = [log((low + high) / 2) for low, high in pairwise(STEPS)]

    def chosen(log_median: float) -> np.ndarray:
        wanted = NormalDist(log_median, spread)
        return np.diff([0.0, *(wanted.cdf(border) for border in borders), 1.0])

    low, high = log(STEPS[0]) - 8 * spread, log(STEPS[-1]) + 8 * spread
    for _ in range(60):
        middle = 0.5 * (low + high)
        low, high = (low, middle) if chosen(middle) @ STEPS > mean else (middle, high)
    return chosen(0.5 * (low + high))


@given(mean=st.floats(100.5, 1999.0), spread=SPREADS)
def test_the_tiers_taken_have_the_mean_that_was_given(mean: float, spread: float) -> None:
    found = tiers.shares(mean, spread, STEPS)
    assert (found >= 0).all() and found.sum() == pytest.approx(1.0, abs=1e-12)
    assert found @ STEPS == pytest.approx(mean, rel=1e-4)


@pytest.mark.parametrize("spread", [0.1, 0.3, 0.6, 1.2])
@pytest.mark.parametrize("mean", [101.0, 150.0, 206.0, 450.0, 623.0, 1400.0, 1990.0])
def test_shares_and_match_are_those_of_a_bisection(mean: float, spread: float) -> None:
    slow = by_bisection(mean, spread)
    np.testing.assert_allclose(tiers.shares(mean, spread, STEPS), slow, atol=2e-5)
    assert tiers.mean_match(mean, spread, STEPS, AMOUNTS) == pytest.approx(slow @ AMOUNTS, rel=2e-5)


@given(mean=st.floats(0.0, 5000.0), spread=SPREADS)
def test_the_mean_match_is_the_sum_over_the_tiers_taken(mean: float, spread: float) -> None:
    taken = tiers.shares(mean, spread, STEPS)
    assert tiers.mean_match(mean, spread, STEPS, AMOUNTS) == pytest.approx(taken @ AMOUNTS, rel=2e-3, abs=1e-9)


@pytest.mark.parametrize(("tier", "match"), [(100, 30), (200, 30), (400, 30), (500, 60), (1000, 60), (2000, 60)])
def test_the_match_is_a_step_and_not_a_line(tier: float, match: float) -> None:
    """State Council 2014 No. 8, section 4: at least 30 yuan, and at least 60 from the tier of 500 on."""
    assert tiers.mean_match(tier, 0.01, STEPS, AMOUNTS) == pytest.approx(match, rel=1e-6)


@given(mean=st.floats(0.0, 100.0), spread=SPREADS)
def test_below_the_lowest_tier_some_pay_nothing_and_are_not_matched(mean: float, spread: float) -> None:
    found = tiers.shares(mean, spread, STEPS)
    assert found.sum() == pytest.approx(mean / 100.0, abs=1e-12)
    assert tiers.mean_match(mean, spread, STEPS, AMOUNTS) == pytest.approx(30.0 * mean / 100.0, rel=1e-6, abs=1e-9)


@given(mean=st.floats(2000.0, 1e5), spread=SPREADS)
def test_above_the_highest_tier_all_are_on_it(mean: float, spread: float) -> None:
    assert tiers.shares(mean, spread, STEPS)[-1] == pytest.approx(1.0, abs=1e-9)
    assert tiers.mean_match(mean, spread, STEPS, AMOUNTS) == pytest.approx(60.0)


def test_members_take_the_tier_nearest_to_what_they_want() -> None:
    few = np.array([100.0, 200.0, 1000.0])
    # Nearly all want the same: it lies where 100 and 200 are as near.
    assert tiers.shares(150.0, 0.01, few) == pytest.approx([0.5, 0.5, 0.0], abs=1e-3)
    wider = tiers.shares(np.array([300.0, 600.0]), 1.0, few)
    assert wider.shape == (2, 3)
    assert wider[1, 2] > wider[0, 2] > 0.1


def test_one_tier_alone_has_everybody() -> None:
    assert tiers.shares(500.0, 0.6, np.array([500.0])) == pytest.approx([1.0])
    assert tiers.mean_match(500.0, 0.6, np.array([500.0]), np.array([60.0])) == pytest.approx(60.0)


@given(low=st.floats(0.0, 3000.0), more=st.floats(0.0, 500.0), spread=SPREADS)
def test_who_pays_more_is_never_matched_less(low: float, more: float, spread: float) -> None:
    less, greater = tiers.mean_match(np.array([low, low + more]), spread, STEPS, AMOUNTS)
    assert greater >= less - 1e-9


@pytest.mark.parametrize(
    ("mean", "spread", "steps"),
    [
        (-1.0, 0.6, STEPS),
        (float("nan"), 0.6, STEPS),
        (500.0, 0.0, STEPS),
        (500.0, 0.6, STEPS[::-1]),
        (500.0, 0.6, np.array([])),
        (500.0, 0.6, np.array([0.0, 100.0])),
    ],
)
def test_what_makes_no_sense_is_refused(mean: float, spread: float, steps: np.ndarray) -> None:
    with pytest.raises(ValueError, match=r"tiers|mean"):
        tiers.shares(mean, spread, steps)


def test_each_tier_wants_an_amount_of_match() -> None:
    with pytest.raises(ValueError, match="2 amounts of match for 12 tiers"):
        tiers.mean_match(500.0, 0.6, STEPS, np.array([30.0, 60.0]))


def test_members_of_a_projection_have_its_regular_contribution(village: xr.Dataset) -> None:
    law = Assumptions()
    found = tiers.by_tier(village, law)
    assert found.tier_share.dims == ("draw", "tier", "year")
    regular = village.contribution_per_head * (1 - law.accounts.back_payment_share)
    xr.testing.assert_allclose(found.regular_contribution, regular)
    income = village.rural_income
    index = (income / income.sel(year=2025)).where(income.year > 2025, 1.0)
    np.testing.assert_allclose((found.tier_share * found.tier).sum("tier") * index, regular, rtol=1e-6)
    matched = (found.tier_share * xr.DataArray(AMOUNTS, dims="tier")).sum("tier") * index
    np.testing.assert_allclose(found.match_per_head, matched, rtol=1e-5)


def test_a_projection_without_draws_has_tiers_without_draws(village: xr.Dataset) -> None:
    one = tiers.by_tier(village.isel(draw=2, drop=True), Assumptions())
    assert one.tier_share.dims == ("tier", "year")
    xr.testing.assert_allclose(one, tiers.by_tier(village, Assumptions()).isel(draw=2, drop=True))


def test_once_indexed_tiers_and_match_keep_pace_with_income(village: xr.Dataset) -> None:
    steady = village.assign(contribution_per_head=0.05 * village.rural_income)
    late = tiers.by_tier(steady, Assumptions()).sel(year=slice(2025, None))
    np.testing.assert_allclose(late.tier_share, late.tier_share.isel(year=[0] * late.sizes["year"]), atol=1e-9)
    ratio = late.match_per_head / steady.rural_income.sel(year=late.year)
    np.testing.assert_allclose(ratio, ratio.isel(year=[0] * late.sizes["year"]), rtol=1e-9)


def test_a_multiple_of_the_match_multiplies_it(village: xr.Dataset) -> None:
    once, thrice = (
        tiers.match_per_head(village, changed(Assumptions(), {"accounts.match_multiple": m})) for m in (1, 3)
    )
    xr.testing.assert_allclose(thrice, 3 * once)


def test_back_payments_earn_no_match(village: xr.Dataset) -> None:
    """All of it paid at once before 60 would leave nothing to be matched; the more is regular, the more is."""
    shares = (0.9, 0.5, 0.0)
    found = [
        tiers.match_per_head(village, changed(Assumptions(), {"accounts.back_payment_share": share}))
        for share in shares
    ]
    assert (found[0] < found[1]).all() and (found[1] <= found[2]).all()


def test_the_curve_is_made_once_whatever_the_number_of_paths(village: xr.Dataset) -> None:
    made: list[int] = []
    curve = tiers._curve
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tiers, "_curve", lambda *given: made.append(1) or curve(*given))
        tiers.mean_match(np.linspace(50.0, 2500.0, 90_000).reshape(1000, 90), 0.6, STEPS, AMOUNTS)
    assert made == [1]


# Lists in a run file ----------------------------------------------------------------------------------------------


def refused(changes: dict[str, object]) -> str:
    with pytest.raises(ValueError, match="validation error") as caught:
        changed(Assumptions(), changes)
    return str(caught.value)


@pytest.mark.parametrize(
    ("values", "fault"),
    [
        ([100.0, 100.0], "do not rise"),
        ([500.0, 100.0], "do not rise"),
        ([0.5, 100.0], "0.5 in the list lies outside 1 to 100000"),
        ([], "at least 1 item"),
        ([100.0, float("nan")], "finite"),
        (100.0, "valid tuple"),
    ],
)
def test_a_broken_list_of_tiers_is_refused(values: object, fault: str) -> None:
    assert fault in refused({"accounts.tiers": values})


def test_a_list_of_another_length_is_refused_with_both_lengths() -> None:
    assert "match_amounts has 2 numbers and tiers has 12" in refused({"accounts.match_amounts": [30.0, 60.0]})


def test_a_province_may_have_tiers_of_its_own() -> None:
    own = changed(Assumptions(), {"accounts.tiers": [200, 500], "accounts.match_amounts": [40.0, 80]})
    assert own.accounts.tiers == (200.0, 500.0)
    assert own.accounts.match_amounts == (40.0, 80.0)


def test_a_run_file_writes_lists_and_reads_them_back(tmp_path: Path) -> None:
    text = run_text()
    assert "tiers = [100.0, 200.0, 300.0," in text
    file = tmp_path / "run.toml"
    file.write_text(text.replace("tiers = [100.0, 200.0,", "tiers = [150, 200.5,"), encoding="utf-8")
    assert read_run(file).pension.accounts.tiers[:3] == (150.0, 200.5, 300.0)


def test_faults_of_lists_are_told_in_plain_words_and_all_at_once(tmp_path: Path) -> None:
    file = tmp_path / "run.toml"
    law = '[scenarios.law]\ntitle = "Law"\n'
    file.write_text(f'[pension.accounts]\ntiers = [100, 50]\nmatch_amounts = [30, "sixty"]\n{law}', encoding="utf-8")
    with pytest.raises(RunFaults) as caught:
        read_run(file)
    told = [(fault.where, fault.what) for fault in caught.value.faults]
    assert told == [
        ("line 2, pension.accounts.tiers", "the numbers of the list do not rise"),
        ("line 3, pension.accounts.match_amounts.1", '"sixty" is not a number'),
    ]
