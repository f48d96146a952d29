"""Sensitivity of any function: known indices, hand calculation, order relations, and what is refused."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping

import numpy as np
import pytest
from numpy.typing import ArrayLike

from actuarial.sensitivity import CENTRAL, Input, morris, scenarios, sobol, tornado

A, B = 7.0, 0.1
ANGLES = [Input(f"x{n}", -math.pi, math.pi, 0.0) for n in (1, 2, 3)]


def ishigami(at: Mapping[str, float]) -> dict[str, float]:
    """Ishigami and Homma 1990; its indices are known in closed form (Sobol' and Levitan 1999)."""
    one, two, three = (at[f"x{n}"] for n in (1, 2, 3))
    return {"y": math.sin(one) + A * math.sin(two) ** 2 + B * three**4 * math.sin(one)}


def closed_form() -> tuple[np.ndarray, np.ndarray]:
    alone = np.array([0.5 * (1 + B * math.pi**4 / 5) ** 2, A**2 / 8, 0.0])
    both = 8.0 * B**2 * math.pi**8 / 225.0
    variance = alone.sum() + both
    return alone / variance, (alone + np.array([both, 0.0, both])) / variance


def test_the_indices_of_ishigami_are_those_of_its_closed_form() -> None:
    first, total = closed_form()
    assert first == pytest.approx([0.3139, 0.4424, 0.0], abs=5e-5)  # printed in Saltelli and others 2008, table 4.7
    assert total == pytest.approx([0.5576, 0.4424, 0.2437], abs=5e-5)
    found = sobol(ishigami, ANGLES, samples=4096, seed=1).sel(output="y")
    assert found["first"].values == pytest.approx(first, abs=0.02)
    assert found["total"].values == pytest.approx(total, abs=0.02)


def test_the_errors_of_the_indices_cover_what_is_missing() -> None:
    first, total = closed_form()
    inside = 0
    for seed in range(10):
        found = sobol(ishigami, ANGLES, samples=256, seed=seed).sel(output="y")
        inside += int((abs(found["first"].values - first) <= found["first_error"].values).sum())
        inside += int((abs(found["total"].values - total) <= found["total_error"].values).sum())
    # 60 intervals of 95 per cent; a scrambled sequence errs less than the bootstrap of its points says.
    assert inside >= 54


def grid_effects(place: int) -> tuple[float, float]:
    """Mean size and deviation of the elementary effects of one angle over the whole grid of four levels."""
    levels = [one / 3 for one in range(4)]
    found = []
    for others in itertools.product(levels, repeat=2):
        for start in (0.0, 1 / 3):
            ends = [list(others), list(others)]
            for row, own in zip(ends, (start, start + 2 / 3), strict=True):
                row.insert(place, own)
            low, high = (
                ishigami({one.name: one.level(u) for one, u in zip(ANGLES, r, strict=True)})["y"] for r in ends
            )
            found.append((high - low) / (2 / 3))
    return float(np.mean(np.abs(found))), float(np.std(found))


def test_morris_finds_the_elementary_effects_of_ishigami_over_its_whole_grid() -> None:
    found = morris(ishigami, ANGLES, trajectories=600, seed=1).sel(output="y")
    for place, one in enumerate(ANGLES):
        star, sigma = grid_effects(place)
        at = found.sel(input=one.name)
        assert abs(float(at["mu_star"]) - star) <= 2 * float(at["mu_star_error"]) + 1e-9
        assert float(at["sigma"]) == pytest.approx(sigma, rel=0.05)
    ranks = [found["input"].values[n] for n in np.argsort(-found["mu_star"].values)]
    assert ranks == [ANGLES[n].name for n in np.argsort([-grid_effects(place)[0] for place in range(3)])]
    third = found.sel(input="x3")
    # It acts only through the first: its effects go both ways.
    assert abs(float(third["mu"])) < 0.2 * float(third["sigma"])


def line(at: Mapping[str, float]) -> dict[str, float]:
    return {"y": 3.0 * at["a"] - 2.0 * at["b"] + 0.0 * at["c"], "still": 5.0}


UNIT = [Input("a", 0.0, 1.0, 0.5), Input("b", 0.0, 2.0, 1.0), Input("c", 0.0, 1.0, 0.5)]


def test_a_linear_model_has_the_shares_of_its_squared_slopes_and_no_spread_of_effects() -> None:
    found = sobol(line, UNIT, samples=1024, seed=3)
    # Variances 9/12 and 4 * 4/12.
    assert found["first"].sel(output="y").values == pytest.approx([9 / 25, 16 / 25, 0.0], abs=0.02)
    assert found["total"].sel(output="y").values == pytest.approx([9 / 25, 16 / 25, 0.0], abs=0.02)
    assert found["variance"].sel(output="y") == pytest.approx(25 / 12, rel=0.02)
    assert found["first"].sel(output="still").isnull().all()
    effects = morris(line, UNIT, trajectories=5, seed=3).sel(output="y")
    assert effects["mu"].values == pytest.approx([3.0, -4.0, 0.0])
    assert effects["mu_star"].values == pytest.approx([3.0, 4.0, 0.0])
    assert effects["sigma"].values == pytest.approx([0.0, 0.0, 0.0], abs=1e-12)


@pytest.mark.parametrize(("spread", "variance"), [("uniform", 4 / 12), ("normal", 0.6088), ("three", 0.6)])
def test_each_spread_has_its_variance(spread: str, variance: float) -> None:
    one = Input("z", -1.0, 1.0, 0.0, spread)  # type: ignore[arg-type]
    other = Input("w", 0.0, 1.0, 0.5)
    found = sobol(lambda at: {"y": at["z"]}, [one, other], samples=2048, seed=5)
    assert float(found["variance"].sel(output="y")) == pytest.approx(variance, rel=0.04)
    assert float(found["first"].sel(output="y", input="z")) == pytest.approx(1.0, abs=0.02)


def test_the_ends_of_a_normal_spread_are_its_quantiles() -> None:
    one = Input("z", 2.0, 9.0, 5.0, "normal", tail=0.1)
    assert one.drawn(0.1) == pytest.approx(2.0)
    assert one.drawn(0.5) == pytest.approx(5.0)
    assert one.drawn(0.9) == pytest.approx(9.0)
    assert one.drawn(0.0) == one.drawn(0.005)


def fund(at: Mapping[str, float], draws: int = 400) -> dict[str, ArrayLike]:
    """A reserve of three years on common draws of its return: what is left, and whether it is empty."""
    shocks = np.random.default_rng(7).normal(0.0, 0.02, (draws, 3))
    money = np.full(draws, 100.0)
    for year in range(3):
        money = (
            money * (1.0 + at["yield"] + shocks[:, year])
            + at["paid_in"]
            - at["paid_out"] * (1.0 + at["growth"]) ** year
        )
    return {"reserve": money, "empty": (money <= 0).astype(float)}


MONEY = [
    Input("yield", 0.0, 0.05, 0.02, "normal"), Input("paid_in", 20.0, 40.0, 30.0),
    Input("paid_out", 50.0, 90.0, 64.0), Input("growth", 0.0, 0.1, 0.05),
]  # fmt: skip


def mean_reserve(at: Mapping[str, float]) -> dict[str, float]:
    return {"reserve": float(np.mean(fund(at)["reserve"]))}


def test_the_indices_of_a_small_fund_are_those_of_a_double_loop() -> None:
    rng = np.random.default_rng(11)
    found = sobol(mean_reserve, MONEY, samples=1024, seed=2).sel(output="reserve")
    for place, one in enumerate(MONEY):
        means = []
        for own in (np.arange(40) + 0.5) / 40:
            inner = rng.random((150, len(MONEY)))
            inner[:, place] = own
            rows = ({i.name: i.drawn(u) for i, u in zip(MONEY, row, strict=True)} for row in inner)
            means.append(np.mean([mean_reserve(row)["reserve"] for row in rows]))
        brute = np.var(means) / float(found["variance"])
        # The inner loop adds about 1/150 of the variance that the input does not make.
        assert float(found["first"].sel(input=one.name)) == pytest.approx(brute, abs=0.035)
    assert float(found["first"].sum()) == pytest.approx(1.0, abs=0.03)


def test_a_tornado_is_two_runs_by_hand_less_the_central_one() -> None:
    found = tornado(fund, MONEY, rng=np.random.default_rng(1))
    central = {one.name: one.central for one in MONEY}
    for one in MONEY:
        for end in ("low", "high"):
            by_hand = fund(central | {one.name: getattr(one, end)})
            for output, values in by_hand.items():
                cell = found.sel(output=output, input=one.name, end=end)
                assert float(cell["value"]) == float(np.mean(values))
                assert float(cell["difference"]) == float(np.mean(values)) - float(np.mean(fund(central)[output]))
                assert cell["difference_low"] <= cell["difference"] <= cell["difference_high"]


def test_common_draws_make_the_difference_surer_than_the_value() -> None:
    found = tornado(fund, MONEY, rng=np.random.default_rng(1)).sel(output="reserve", input="paid_out")
    width = found["difference_high"] - found["difference_low"]
    assert (width < (found["value_high"] - found["value_low"])).all()


def test_the_paired_interval_is_that_of_the_mean_difference() -> None:
    """For a mean of paired differences the bootstrap is the normal interval, apart from its own error."""
    draws = np.random.default_rng(3).normal(size=2000)
    found = tornado(lambda at: {"y": at["a"] * draws}, [Input("a", 0.0, 2.0, 1.0)], rng=np.random.default_rng(4))
    high = found.sel(output="y", input="a", end="high")
    error = 1.96 * draws.std(ddof=1) / math.sqrt(draws.size)
    assert 0.5 * float(high["difference_high"] - high["difference_low"]) == pytest.approx(error, rel=0.08)


def test_more_money_in_never_empties_a_fund() -> None:
    found = tornado(fund, MONEY, rng=np.random.default_rng(1))
    more = found["difference"].sel(input=["yield", "paid_in"], output="empty")
    less = found["difference"].sel(input=["paid_out", "growth"], output="empty")
    assert (more.sel(end="high") <= 0).all()
    assert (more.sel(end="low") >= 0).all()
    assert (less.sel(end="high") >= 0).all()
    reserve = found["value"].sel(output="reserve", input="paid_in")
    assert float(reserve.sel(end="low")) < float(found["base"].sel(output="reserve")) < float(reserve.sel(end="high"))


def test_a_set_moves_all_of_its_inputs_and_keeps_the_distribution() -> None:
    sets = {"low_cost": {"yield": 0.05, "paid_out": 50.0}, "high_cost": {"yield": 0.0, "paid_out": 90.0}}
    found = scenarios(fund, sets, MONEY, rng=np.random.default_rng(1)).sel(output="reserve")
    assert found["set"].values.tolist() == [CENTRAL, "low_cost", "high_cost"]
    central = {one.name: one.central for one in MONEY}
    cheap = fund(central | sets["low_cost"])["reserve"]
    assert float(found["set_value"].sel(set="low_cost")) == float(np.mean(cheap))
    assert float(found["distribution"].sel(set="low_cost", quantile=0.9)) == float(np.quantile(cheap, 0.9))
    assert float(found["set_difference"].sel(set=CENTRAL)) == 0.0
    values = found["set_value"]
    assert float(values.sel(set="high_cost")) < float(values.sel(set=CENTRAL)) < float(values.sel(set="low_cost"))


def test_the_median_of_an_output_is_taken_where_it_is_asked_for() -> None:
    skewed = np.array([0.0, 0.0, 10.0])
    found = tornado(lambda at: {"y": at["a"] * skewed}, [Input("a", 1.0, 3.0, 2.0)], rng=np.random.default_rng(0))
    asked = tornado(
        lambda at: {"y": at["a"] * skewed}, [Input("a", 1.0, 3.0, 2.0)], rng=np.random.default_rng(0), medians=["y"]
    )
    assert float(found["base"].sel(output="y")) == pytest.approx(20 / 3)
    assert float(asked["base"].sel(output="y")) == 0.0


def test_whole_inputs_take_whole_numbers() -> None:
    seen = []

    def evaluate(at: Mapping[str, float]) -> dict[str, float]:
        seen.append(at["age"])
        return {"y": at["age"] + at["x"]}

    inputs = [Input("age", 60.0, 65.0, 60.0, whole=True), Input("x", 0.0, 1.0, 0.5)]
    sobol(evaluate, inputs, samples=16, seed=0)
    morris(evaluate, inputs, trajectories=3, seed=0)
    assert set(seen) <= {60.0, 61.0, 62.0, 63.0, 64.0, 65.0}
    assert len(set(seen)) > 3


def test_the_same_seed_gives_the_same_answer_and_another_another() -> None:
    one, same, other = (sobol(ishigami, ANGLES, samples=32, seed=seed) for seed in (4, 4, 5))
    assert one.identical(same)
    assert not one["first"].equals(other["first"])
    first, again = (morris(ishigami, ANGLES, trajectories=4, seed=4) for _ in range(2))
    assert first.identical(again)


def test_dear_inputs_are_evaluated_one_after_the_other() -> None:
    seen = []

    def evaluate(at: Mapping[str, float]) -> dict[str, float]:
        seen.append(at["people"])
        return {"y": at["people"] + at["x"]}

    inputs = [Input("people", -1.0, 1.0, 0.0, "three"), Input("x", 0.0, 1.0, 0.5)]
    sobol(evaluate, inputs, samples=64, seed=0)
    assert sum(a != b for a, b in itertools.pairwise(seen)) == 2


def test_every_fault_of_the_inputs_is_told_at_once() -> None:
    wrong = [Input("a", 1.0, 0.0), Input("b", 0.0, 1.0, 3.0, "three"), Input("c", 0.0, 1.0), Input("c", 0.0, 1.0)]
    with pytest.raises(ValueError, match="a: from 1 to 0") as told:
        sobol(line, wrong, samples=8, seed=0)
    assert "b: the central value 3 is not between the ends" in str(told.value)
    assert "c: named twice" in str(told.value)
    with pytest.raises(ValueError, match="24 samples: give a power of 2"):
        sobol(line, UNIT, samples=24, seed=0)
    with pytest.raises(ValueError, match="y: no finite number"):
        morris(lambda _: {"y": math.nan}, UNIT, trajectories=2, seed=0)
    with pytest.raises(ValueError, match="bad: there is no input sky"):
        scenarios(fund, {"bad": {"sky": 1.0}}, MONEY, rng=np.random.default_rng(0))
