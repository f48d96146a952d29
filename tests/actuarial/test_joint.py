"""Joint shortage against enumeration, against all pairings of draws, and against normal variates in closed form."""

from __future__ import annotations

from itertools import permutations, product

import numpy as np
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st

from actuarial import joint
from actuarial.assumptions import Assumptions, changed
from actuarial.flow import Recorded
from actuarial.fund import Fund, project
from forecasting.axes import AxisError

YEARS = np.arange(2026, 2030)
SEEDS = st.integers(0, 2**32 - 1)


def flags(values: object) -> xr.DataArray:
    """Label flags or yuan of shape (draw, year), or of one year over draws."""
    array = np.asarray(values, dtype=float)
    array = array[:, None] * np.ones(YEARS.size) if array.ndim == 1 else array
    return xr.DataArray(array, {"draw": np.arange(array.shape[0]), "year": YEARS}, ("draw", "year"))


@given(st.lists(st.floats(0, 1), min_size=1, max_size=5), st.integers(1, 5))
def test_chance_is_the_sum_over_all_outcomes(probability: list[float], at_least: int) -> None:
    p = np.array(probability)
    outcomes = (np.array(o) for o in product([0, 1], repeat=p.size))
    total = sum(float(np.prod(np.where(o, p, 1 - p))) for o in outcomes if o.sum() >= at_least)
    assert joint.chance_of(p[:, None], at_least)[0] == pytest.approx(total, abs=1e-12)


@settings(max_examples=20)
@given(SEEDS)
def test_chance_is_the_mean_over_all_pairings_of_draws(seed: int) -> None:
    rng = np.random.default_rng(seed)
    first, second, third = rng.uniform(size=(3, 4)) < rng.uniform(size=(3, 1))
    told = joint.shortage({"a": flags(first), "b": flags(second), "c": flags(third)})
    orders = [list(o) for o in permutations(range(4))]
    counts = [np.mean(0.0 + first + second[i] + third[j] >= 2) for i in orders for j in orders]
    np.testing.assert_allclose(told["chance_probability"], np.mean(counts))


def test_funds_that_fail_together_have_all_in_common() -> None:
    ruined = np.arange(100) < 20
    told = joint.shortage({"pension": flags(ruined), "medical": flags(ruined)})
    np.testing.assert_allclose(told["joint_probability"], 0.2)
    np.testing.assert_allclose(told["chance_probability"], 0.04)
    np.testing.assert_allclose(told["common_part"], 0.16)
    assert (told["joint_probability"] > told["chance_high"]).all()


def test_funds_that_never_fail_together_are_below_chance() -> None:
    draws = np.arange(100)
    told = joint.shortage({"pension": flags(draws < 30), "medical": flags(draws >= 70)})
    np.testing.assert_allclose(told["joint_probability"], 0.0)
    np.testing.assert_allclose(told["common_part"], -0.09)


def test_independent_funds_lie_within_the_interval_of_chance() -> None:
    rng = np.random.default_rng(5)
    told = joint.shortage({n: flags(rng.uniform(size=(997, 4)) < 0.3) for n in ("a", "b", "c")})
    assert (told["joint_probability"] >= told["chance_low"]).all()
    assert (told["joint_probability"] <= told["chance_high"]).all()
    np.testing.assert_allclose(told["chance_probability"], 3 * 0.09 * 0.7 + 0.027, atol=0.03)


def test_an_earlier_joint_year_counts_for_later_ones() -> None:
    once = np.zeros((10, 4))
    once[:3, 1] = 1
    told = joint.shortage({"a": flags(once), "b": flags(once)})
    np.testing.assert_allclose(told["joint_probability"], [0.0, 0.3, 0.0, 0.0])
    np.testing.assert_allclose(told["ever_probability"], [0.0, 0.3, 0.3, 0.3])
    np.testing.assert_allclose(told["short_probability"].sel(fund="a"), [0.0, 0.3, 0.0, 0.0])


def test_need_of_two_funds_with_a_common_part_has_the_closed_form() -> None:
    """Unit normals with correlation .5: variance 3, of which the common part 1; tail at 1.645 standard deviations."""
    rng = np.random.default_rng(11)
    common, own = rng.standard_normal((40_000, 4)), rng.standard_normal((2, 40_000, 4))
    needs = {n: flags(100.0 + np.sqrt(0.5) * (common + own[i])) for i, n in enumerate(("pension", "medical"))}
    told = joint.fiscal_need(needs, xr.DataArray(np.full(4, 10.0), {"year": YEARS}, ("year",)))
    np.testing.assert_allclose(told["common_variance"], 1 / 3, atol=0.01)
    np.testing.assert_allclose(told["need_share_at_risk"], 20.0 + 1.6449 * np.sqrt(3.0) / 10, atol=0.01)
    np.testing.assert_allclose(told["chance_at_risk"], 20.0 + 1.6449 * np.sqrt(2.0) / 10, atol=0.01)
    np.testing.assert_allclose(told["tail_part"].sum("fund"), 1.0)
    np.testing.assert_allclose(told["tail_part"], 0.5, atol=0.01)
    np.testing.assert_allclose(told["need"].mean(), 200.0, rtol=1e-3)


def test_needs_that_offset_each_other_share_less_than_nothing() -> None:
    path = np.linspace(1.0, 2.0, 50)
    told = joint.fiscal_need({"a": flags(path), "b": flags(3.0 - path)}, flags(np.ones(50)))
    assert (told["need_share"] == 3.0).all()
    assert told["common_variance"].isnull().all()
    half = joint.fiscal_need({"a": flags(path), "b": flags(3.0 - path / 2)}, flags(np.ones(50)))
    assert (half["common_variance"] < 0).all()
    assert (half["chance_at_risk"] > half["need_share_at_risk"]).all()


def test_a_fund_is_short_where_its_account_lacks_money() -> None:
    rng = np.random.default_rng(2)
    dims = ("draw", "year")
    rates = {n: (dims, np.zeros((6, 4))) for n in ("deposit_rate", "market_return")}
    flows = {"fiscal_transfer": (dims, rng.uniform(0, 10, (6, 4))), "benefit": (dims, rng.uniform(5, 15, (6, 4)))}
    world = xr.Dataset(flows | rates, {"draw": np.arange(6), "year": YEARS})
    income, outgo = Recorded("fiscal_transfer", "pool", "income", "T"), Recorded("benefit", "pool", "outgo", "B")
    account = project(Fund("test", (income,), (outgo,), 2025, 8.0), world, Assumptions())
    short = joint.is_short(account)
    np.testing.assert_array_equal(short, account["shortfall"] > 0)
    assert short.any()
    assert not short.all()
    with pytest.raises(AxisError, match="land_withdrawal"):
        joint.need_of(account, ["land_withdrawal"])


def test_a_fund_that_is_given_its_need_stays_where_it_is() -> None:
    rng = np.random.default_rng(3)
    dims = ("draw", "year")
    without = changed(Assumptions(), {"investment.deposit_spread": 0.0, "investment.market_share": 0.0})
    flows = {name: (dims, rng.uniform(1, 9, (6, 4))) for name in ("fiscal_transfer", "own", "benefit")}
    rates = {n: (dims, np.zeros((6, 4))) for n in ("deposit_rate", "market_return")}
    world = xr.Dataset(flows | rates, {"draw": np.arange(6), "year": YEARS})
    income = tuple(Recorded(name, "pool", "income", name) for name in ("fiscal_transfer", "own"))
    fund = Fund("test", income, (Recorded("benefit", "pool", "outgo", "B"),), 2025, 50.0)
    need = joint.need_of(project(fund, world, without), ["fiscal_transfer"])
    assert (need < 0).any() and (need > 0).any()
    given = need.clip(min=0.0)
    kept = project(fund, world.assign(fiscal_transfer=given), without)["balance"]
    grown = (given - need).cumsum("year")
    np.testing.assert_allclose(kept, 50.0 + grown)


def test_results_carry_unit_and_meaning() -> None:
    rng = np.random.default_rng(1)
    a, b = (flags(rng.uniform(size=(20, 4))) for _ in range(2))
    for told, about in (
        (joint.shortage({"a": a > 0.5, "b": b > 0.5}), joint.SHORTAGE),
        (joint.fiscal_need({"a": a, "b": b}, flags(np.ones(20))), joint.NEED),
    ):
        assert {n: (told[n].attrs["unit"], told[n].attrs["meaning"]) for n in told} == about


def test_faults_are_told() -> None:
    a = flags(np.ones(10))
    with pytest.raises(AxisError, match="b: its draws are not those of a"):
        joint.shortage({"a": a, "b": a.assign_coords(draw=np.arange(1, 11))})
    with pytest.raises(AxisError, match="b: its years are not those of a"):
        joint.shortage({"a": a, "b": a.isel(year=slice(1, None))})
    with pytest.raises(AxisError, match="has no draws"):
        joint.shortage({"a": a.isel(draw=0, drop=True), "b": a})
    with pytest.raises(AxisError, match="3 of 2 funds"):
        joint.shortage({"a": a, "b": a}, at_least=3)
    with pytest.raises(AxisError, match="more draws than funds"):
        joint.shortage({name: a.isel(draw=[0]) for name in ("a", "b")})
    with pytest.raises(AxisError, match="budget_revenue"):
        joint.fiscal_need({"a": a, "b": a}, flags(np.ones(10)).assign_coords(draw=np.arange(1, 11)))
    with pytest.raises(AxisError, match="no funds"):
        joint.shortage({})
