"""Sensitivity of a run: what is asked moves the answer, by hand the same, resumed the same, and what is refused."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from actuarial import _sensitivity_run as whole
from actuarial import questions, trial
from actuarial._quantity import changed
from actuarial._sensitivity_memory import Memory
from actuarial._sensitivity_outputs import outputs_of
from actuarial._sensitivity_rules import Sensitivity, check, faults, inputs_of
from actuarial.progress import Silent
from actuarial.rules import Case, Rules
from actuarial.runfile import RunFaults, RunFile
from actuarial.scenario import read_run
from forecasting import projection
from forecasting.axes import AxisError
from forecasting.projection import Fits

LAST = 2060
RULES = {"pension.land.share": (0.05, 0.15), "pension.retirement.target_age": (60.0, 65.0)}
SMALL = Sensitivity(
    scenario="package", by=2050, beliefs=["fertility", "land_income", "market"], rules=RULES, draws=20,
    low_cost={"fertility": "high"}, high_cost={"fertility": "low"}, trajectories=2, samples=2, screen_draws=20,
)  # fmt: skip
CASES = {"package": Case(Rules(), ("pension",))}


def told(**asked: object) -> str:
    return "\n".join(faults(CASES, Sensitivity.model_validate(asked), (2026, 2100)))


# -- what is refused


def test_the_defaults_can_be_asked_of_the_bundled_run() -> None:
    run = read_run(None)
    assert list(faults(run.cases, run.asked.sensitivity, (2026, 2100))) == []


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"scenario": "packaeg"}, "there is no scenario packaeg: name one of package"),
        ({"fund": "medical", "low_cost": {}, "high_cost": {}}, "the scenario package has no medical"),
        ({"by": 2150}, "sensitivity.by is 2150, after the last year: give one up to 2100"),
        ({"by": 2025}, "sensitivity.by is 2025, before the first year of the accounts: give one from 2026 on"),
        ({"beliefs": ["fertility", "fertility"]}, "fertility is named twice"),
        ({"beliefs": ["medical_cost"], "low_cost": {}, "high_cost": {}}, "medical_cost moves the medical fund alone"),
        ({"rules": {"pension.land.shore": (0.0, 0.1)}}, "have no key pension.land.shore"),
        ({"rules": {"pension.land.share": (0.0, 7.0)}}, "sensitivity.rules, pension.land.share: at 7,"),
        ({"low_cost": {"pension.land.share": "high"}, "rules": {}}, "pension.land.share is no input"),
        ({"beliefs": [], "rules": {}, "low_cost": {}, "high_cost": {}}, "no input is named"),
    ],
)
def test_what_cannot_be_asked_is_told(asked: dict[str, object], said: str) -> None:
    assert said in told(**asked)


def test_every_fault_is_told_at_once() -> None:
    with pytest.raises(AxisError) as error:
        check(CASES, Sensitivity.model_validate({"by": 2150, "rules": {"x.y": (0.0, 1.0)}}), (2026, 2100))
    assert "2150" in str(error.value) and "x.y" in str(error.value)


@pytest.mark.parametrize(
    "text", ["samples = 48", "trajectories = 1", '[sensitivity.rules]\n"pension.land.share" = [0.2, 0.1]']
)
def test_a_table_that_makes_no_sense_is_refused_with_its_line(text: str, tmp_path: Path) -> None:
    file = tmp_path / "run.toml"
    file.write_text(f'[sensitivity]\n{text}\n[scenarios.law]\ntitle = "Law"\n', encoding="utf-8")
    with pytest.raises(RunFaults, match=r"line \d+"):
        read_run(file)


def test_a_region_cannot_be_asked(tmp_path: Path) -> None:
    run = read_run(None)
    run = replace(run, run=run.run.model_copy(update={"region": "四川"}))
    with pytest.raises(RunFaults, match="inputs are moved for the whole nation"):
        questions.put("sensitivity", run, tmp_path / "out", Silent())


# -- what is kept


def test_an_evaluation_is_made_once_and_a_line_that_a_kill_cut_is_made_again(tmp_path: Path) -> None:
    asked: list[float] = []

    def square(at: dict[str, float]) -> dict[str, float]:
        asked.append(at["x"])
        return {"y": at["x"] ** 2}

    file = tmp_path / "memory.jsonl"
    once = Memory(file).of("a", square)
    assert once({"x": 3.0})["y"] == 9.0 and once({"x": 4.0})["y"] == 16.0
    file.write_text(file.read_text(encoding="utf-8")[:-4], encoding="utf-8")
    again = Memory(file)
    assert again.of("a", square)({"x": 3.0})["y"] == 9.0
    assert again.of("a", square)({"x": 4.0})["y"] == 16.0
    assert again.of("b", square)({"x": 3.0})["y"] == 9.0
    assert asked == [3.0, 4.0, 4.0, 3.0]
    assert (again.found, again.made) == (1, 2)


# -- on a real run


@pytest.fixture(scope="module")
def given(fits: Fits, few: RunFile) -> whole.Given:
    people = projection.forecast(fits, LAST)
    world = trial.World(people, {}, fits.tables).remembering()
    return whole.Given(few.cases, world, fits)


@pytest.fixture(scope="module")
def answer(given: whole.Given, tmp_path_factory: pytest.TempPathFactory) -> tuple[xr.Dataset, Path]:
    out = tmp_path_factory.mktemp("sensitivity")
    return whole.run(given, SMALL, out, Silent()), out


@pytest.mark.slow
def test_the_tornado_is_two_valuations_by_hand(given: whole.Given, answer: tuple[xr.Dataset, Path]) -> None:
    data, _ = answer
    world = given.world.thinned(SMALL.draws)
    rules = given.cases["package"].rules
    base = outputs_of(world, "pension", rules, SMALL.by)
    for end, share in (("low", 0.05), ("high", 0.15)):
        moved = outputs_of(world, "pension", changed(rules, {"pension.land.share": share}), SMALL.by)
        for output in ("empty", "reserve", "need"):
            at = data.sel(output=output, input="pension.land.share", end=end)
            assert float(at["value"]) == pytest.approx(moved[output].mean(), rel=1e-9)
            assert float(at["difference"]) == pytest.approx((moved[output] - base[output]).mean(), abs=1e-9)


@pytest.mark.slow
def test_more_money_never_empties_the_pool_sooner(answer: tuple[xr.Dataset, Path]) -> None:
    data, _ = answer
    for name in ("pension.land.share", "land_income", "market"):
        change = data["difference"].sel(input=name)
        assert float(change.sel(output="empty", end="high")) <= 0 <= float(change.sel(output="empty", end="low"))
        assert float(change.sel(output="reserve", end="high")) > 0 > float(change.sel(output="reserve", end="low"))


@pytest.mark.slow
def test_an_input_that_money_alone_knows_does_not_move_the_cost_rate(answer: tuple[xr.Dataset, Path]) -> None:
    data, _ = answer
    still = data["difference"].sel(output="cost_rate", input="pension.land.share")
    np.testing.assert_allclose(still, 0.0, atol=1e-12)


@pytest.mark.slow
def test_beliefs_are_told_in_their_own_unit_and_order(answer: tuple[xr.Dataset, Path]) -> None:
    data, _ = answer
    births = data.sel(input="fertility")
    assert 0.3 < float(births["low"]) < float(births["central"]) < float(births["high"]) < 3.0
    assert str(births["input_unit"].item()) == "children per woman"


@pytest.mark.slow
def test_a_stopped_analysis_goes_on_and_gives_the_same(
    given: whole.Given, answer: tuple[xr.Dataset, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    data, out = answer

    def made(*_: object) -> None:
        pytest.fail("an evaluation was made twice")

    monkeypatch.setattr("actuarial._sensitivity_ground.outputs_of", made)
    xr.testing.assert_identical(whole.run(given, SMALL, out, Silent()), data)


@pytest.mark.slow
def test_what_is_left_out_costs_nothing_and_is_empty(given: whole.Given, tmp_path: Path) -> None:
    asked = SMALL.model_copy(
        update={"trajectories": 0, "samples": 0, "beliefs": ["market"], "low_cost": {}, "high_cost": {}}
    )
    data = whole.run(given, asked, tmp_path, Silent())
    assert data["total"].isnull().all() and data["mu_star"].isnull().all()
    assert data["set"].values.tolist() == ["central"]
    assert [one.name for one in inputs_of(given.cases["package"].rules, asked)] == data["input"].values.tolist()
