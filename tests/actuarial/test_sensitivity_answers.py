"""What `granary sensitivity` answers: the same by hand, the same after a stop, moved by each key, refused at once."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from actuarial import _sensitivity_run as of_run
from actuarial import questions, trial
from actuarial._quantity import changed
from actuarial._sensitivity_outputs import outputs_of
from actuarial._sensitivity_rules import Sensitivity
from actuarial.progress import Silent
from actuarial.report import read_results
from actuarial.rules import Case
from actuarial.runfile import RunFaults, RunFile
from actuarial.saving import FILES
from actuarial.scenario import read_run
from forecasting import projection
from forecasting._people_shock import PeopleShock
from forecasting.projection import Fits
from tests.real_run import Run, granary

LAST = 2060
SMALL = Sensitivity(
    scenario="land",
    by=2040,
    beliefs=["fertility", "wages", "deposits"],
    rules={"pension.land.share": (0.02, 0.14), "pension.retirement.target_age": (60.0, 65.0)},
    low_cost={"wages": "high"},
    high_cost={"wages": "low", "fertility": "low"},
    draws=30,
    trajectories=2,
    samples=2,
    screen_draws=20,
)

# -- what is refused


@pytest.fixture
def asked(tmp_path: Path) -> Callable[[str], RunFile]:
    def read(text: str) -> RunFile:
        file = tmp_path / "run.toml"
        file.write_text(text + '\n[scenarios.law]\ntitle = "Law"\n', encoding="utf-8")
        return read_run(file)

    return read


def test_every_fault_of_what_is_asked_is_told_at_once_and_before_any_work(
    asked: Callable[[str], RunFile], tmp_path: Path
) -> None:
    run = asked(
        "[run]\nlast_year = 2060\n[sensitivity]\nscenario = 'law'\nby = 2070\nbeliefs = ['wages', 'wages', "
        "'medical_cost']\nlow_cost = { hope = 'low' }\nhigh_cost = {}\n"
        "rules = { 'pension.sky' = [0, 1], 'pension.land.share' = [0.1, 2.0], 'pension.fiscal.rule' = [0, 1] }\n"
    )
    with pytest.raises(RunFaults) as error:
        questions.put("sensitivity", run, tmp_path / "out", Silent())
    told = str(error.value)
    for said in (
        "sensitivity.by is 2070",
        "wages is named twice",
        "medical_cost moves the medical fund alone",
        "no key pension.sky",
        "pension.land.share: at 2,",
        "sensitivity.low_cost: hope is no input",
    ):
        assert said in told, told
    assert not (tmp_path / "out").exists()


def test_the_command_tells_the_faults_of_all_its_questions_before_it_begins(tmp_path: Path) -> None:
    (tmp_path / "run.toml").write_text('[scenarios.law]\ntitle = "Law"\n[sensitivity]\nscenario = "lwa"\n')
    done = granary("sensitivity", tmp_path / "run.toml")
    assert done.returncode == 2
    assert "there is no scenario lwa: name one of law" in done.stderr
    assert "fit " not in done.stderr
    assert [file.name for file in tmp_path.iterdir()] == ["run.toml"]


def test_a_new_forecast_takes_an_old_answer_away() -> None:
    assert "sensitivity.nc" in FILES


# -- a run


@pytest.fixture(scope="module")
def given(few: RunFile, fits: Fits) -> of_run.Given:
    capacity = few.reformed["capacity"]
    cases = {"law": Case(few.reformed["law"], ("pension", "medical"))}
    cases |= {"capacity": Case(capacity, ("pension", "medical"))}
    cases |= {"land": Case(changed(capacity, {"pension.land.share": 0.08}), ("pension", "medical"))}
    people = projection.forecast(fits, LAST)
    own = projection.for_schemes(fits, people, ["medical"])
    return of_run.Given(cases, trial.World(people, own, fits.tables), fits)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("answer")


@pytest.fixture(scope="module")
def found(given: of_run.Given, place: Path) -> xr.Dataset:
    return of_run.run(given, SMALL, place, Silent())


def by_hand(given: of_run.Given, keys: Mapping[str, object], world: trial.World | None = None) -> dict[str, np.ndarray]:
    rules = changed(given.cases["land"].rules, dict(keys)) if keys else given.cases["land"].rules
    return outputs_of((world or given.world).thinned(SMALL.draws), "pension", rules, SMALL.by)


@pytest.mark.slow
def test_the_tornado_is_two_runs_by_hand_less_the_central_one(found: xr.Dataset, given: of_run.Given) -> None:
    calm = by_hand(given, {})
    for key, ends in SMALL.rules.items():
        for end, value in zip(("low", "high"), ends, strict=True):
            made = by_hand(given, {key: int(value) if value.is_integer() else value})
            for output, values in made.items():
                by = np.median if output == "depletion_year" else np.mean
                cell = found.sel(output=output, input=key, end=end)
                assert float(cell["value"]) == pytest.approx(float(by(values)), rel=1e-12)
                assert float(cell["difference"]) == pytest.approx(float(by(values) - by(calm[output])), abs=1e-12)


@pytest.mark.slow
def test_a_belief_about_people_carries_them_on_again(found: xr.Dataset, given: of_run.Given) -> None:
    people = given.world.projection
    low, middle, _ = np.quantile(people["tfr"].sel(year=SMALL.by), [0.1, 0.5, 0.9])
    shock = PeopleShock(tfr_factor=low / middle, first_year=2026, phase_years=SMALL.by - 2025)
    first = int(people.attrs["base_year"]) + 1
    shock = replace(shock, first_year=first, phase_years=SMALL.by - first + 1)
    fewer = projection.forecast(given.fits, LAST, shock)
    assert float(fewer["tfr"].sel(year=SMALL.by).median()) == pytest.approx(low, rel=1e-6)
    values = by_hand(given, {}, replace(given.world, projection=fewer, own={}))["reserve"]
    cell = found["value"].sel(output="reserve", input="fertility", end="low")
    assert float(cell) == pytest.approx(float(values.mean()), rel=1e-9)
    assert float(found["low"].sel(input="fertility")) == pytest.approx(low)


@pytest.mark.slow
def test_more_land_income_never_empties_the_pool_and_a_later_pension_age_costs_less(found: xr.Dataset) -> None:
    land = found["value"].sel(input="pension.land.share")
    for output, sign in (("empty", -1), ("reserve", 1), ("depletion_year", 1)):
        low, high = (float(land.sel(output=output, end=end)) for end in ("low", "high"))
        assert sign * (high - low) >= 0, output
    assert float(land.sel(output="reserve", end="high")) > float(land.sel(output="reserve", end="low"))
    age = found["difference"].sel(input="pension.retirement.target_age", output="cost_rate")
    assert float(age.sel(end="high")) < 0 or float(age.sel(end="low")) > 0


@pytest.mark.slow
def test_a_set_moves_its_inputs_together(found: xr.Dataset) -> None:
    alone = found["value"].sel(input="wages", end="high")
    np.testing.assert_allclose(found["set_value"].sel(set="low_cost"), alone.reindex(output=found["output"]))
    assert not np.allclose(found["set_value"].sel(set="high_cost"), found["value"].sel(input="wages", end="low"))


@pytest.mark.slow
def test_a_second_analysis_makes_nothing_again_and_one_that_was_stopped_goes_on(
    found: xr.Dataset, given: of_run.Given, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (file,) = (place / of_run.FOLDER).iterdir()
    whole, made = file.read_bytes(), []
    real = of_run.Ground.__call__
    monkeypatch.setattr(of_run.Ground, "__call__", lambda self, at: made.append(at) or real(self, at))
    xr.testing.assert_identical(of_run.run(given, SMALL, place, Silent()), found)
    assert made == []
    lines = whole.split(b"\n")
    file.write_bytes(b"\n".join(lines[: len(lines) // 2]) + b"\n" + lines[len(lines) // 2][:40])
    xr.testing.assert_identical(of_run.run(given, SMALL, place, Silent()), found)
    assert 0 < len(made) < len(lines) - 1


@pytest.mark.slow
@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("fund", "medical"), ("scenario", "capacity"), ("by", 2035), ("beliefs", ["prices"]), ("tail", 0.3),
        ("rules", {"pension.land.share": (0.0, 0.2)}), ("low_cost", {"wages": "low"}), ("high_cost", {}),
        ("draws", 25), ("trajectories", 3), ("samples", 4), ("screen_draws", 25),
    ],
)  # fmt: skip
def test_every_key_moves_the_answer(
    key: str, value: object, found: xr.Dataset, given: of_run.Given, place: Path
) -> None:
    other = {key: value}
    if key in ("beliefs", "rules"):
        other |= {"low_cost": {}, "high_cost": {}}
    if key == "fund":
        other["rules"] = {}
    assert not of_run.run(given, changed(SMALL, other), place, Silent()).equals(found)


def test_every_key_is_tried() -> None:
    (mark,) = (m for m in test_every_key_moves_the_answer.pytestmark if m.name == "parametrize")
    assert {key for key, _ in mark.args[1]} == set(Sensitivity.model_fields)


@pytest.mark.slow
def test_the_answer_joins_the_folder_and_its_chapter_the_report(first_run: Run, tmp_path: Path) -> None:
    assert first_run.done.returncode == 0, first_run.done.stderr
    folder = tmp_path / "run"
    shutil.copytree(first_run.file.parent, folder)
    text = (folder / "run.toml").read_text(encoding="utf-8")
    text = re.sub(r"^\[sensitivity\]\n(?:(?!\[).*\n)*", "", text, flags=re.M)
    asked = '[sensitivity]\nscenario = "capacity"\nby = 2040\nbeliefs = ["wages", "land_income"]\ndraws = 20\n'
    asked += 'rules = { "pension.land.share" = [0.0, 0.1] }\nlow_cost = {}\nhigh_cost = { wages = "low" }\n'
    asked += "trajectories = 2\nsamples = 2\nscreen_draws = 20\n"
    (folder / "run.toml").write_text(f"{text}\n{asked}", encoding="utf-8")
    run = read_run(folder / "run.toml")
    answer = questions.put("sensitivity", run, folder / "out", Silent(), force=True)
    assert answer.report is not None
    held = read_results(folder / "out").sensitivity
    assert held is not None and held["difference"].equals(answer.data["difference"])
    assert 'id="sensitivity-tornado"' in (folder / "out" / "report.zh.html").read_text(encoding="utf-8")
