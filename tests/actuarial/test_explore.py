"""The page of sliders: what it refuses, what it says, and that its lines can be pasted into a run file."""

from __future__ import annotations

import socket
import tomllib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st

from actuarial import _explore_words as words
from actuarial import explore, solvency, trial
from actuarial._explore_desk import BEARERS, Desk
from actuarial._explore_port import HOST, free
from actuarial._explore_rules import LEVERS, Explore, choices_of, levers_of, scheme_of
from actuarial._explore_sliders import slider, start_of, step_of
from actuarial._quantity import changed
from actuarial.report.summary import quantiles, real
from actuarial.report.texts import Texts, catalogue
from actuarial.rules import SCHEMES
from actuarial.runfile import RunFaults, RunFile
from actuarial.scenario import read_run
from forecasting import projection
from forecasting.axes import AxisError
from forecasting.projection import Fits
from tests.real_run import granary

LAST = 2050


@pytest.fixture(scope="module")
def run() -> RunFile:
    return read_run(None)


# -- what is refused


def test_the_defaults_fit_the_bundled_run_and_start_where_the_frontier_does(run: RunFile) -> None:
    assert explore.checked(run).asked.explore.scenario == run.asked.frontier.scenario


def test_every_lever_and_choice_that_does_not_fit_is_told_at_once(run: RunFile) -> None:
    levers = {"pension.land.shore": (0.0, 1.0), "pension.land.share": (0.0, 9.0)}
    asked = Explore.model_validate({"levers": levers, "choices": ["pension.land.share", "x.y"]})
    with pytest.raises(RunFaults) as error:
        explore.checked(replace(run, asked=run.asked.model_copy(update={"explore": asked})))
    told = str(error.value)
    assert "have no key pension.land.shore" in told and "pension.land.share: at 9" in told
    assert "pension.land.share picks no named rule" in told and "have no key x.y" in told


@pytest.mark.parametrize(
    ("fund", "scenario", "said"), [("pension", "packaeg", "no scenario"), ("care_plan", "law", "has no care_plan")]
)
def test_a_scenario_or_fund_that_is_not_there_is_refused(run: RunFile, fund: str, scenario: str, said: str) -> None:
    asked = Explore.model_validate({"fund": fund, "scenario": scenario})
    with pytest.raises(RunFaults, match=said):
        explore.checked(replace(run, asked=run.asked.model_copy(update={"explore": asked})))


def test_a_port_that_another_program_has_is_refused_before_any_work(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind((HOST, 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(RunFaults, match=rf"{port} of 127\.0\.0\.1 cannot be used"):
            free(port)
        done = granary("explore", "--no-browser", "--port", str(port), at=tmp_path)
    assert done.returncode == 2
    assert f"{port} of 127.0.0.1 cannot be used" in done.stderr and "--port 0" in done.stderr
    assert not list(tmp_path.iterdir())
    assert free(0) > 0


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--port", "http"), '"http" does not fit'),
        (("--draws", "3"), "from 20 to"),
        (("--language", "fr"), '"fr" is not a choice here'),
    ],
)
def test_a_wrong_option_is_one_clear_error(words: tuple[str, str], said: str, tmp_path: Path) -> None:
    done = granary("explore", "--no-browser", *words, at=tmp_path)
    assert done.returncode == 2
    assert said in done.stderr and "Traceback" not in done.stderr


# -- what is said


def test_every_lever_choice_fund_and_rule_has_words(run: RunFile) -> None:
    keys = set(catalogue())
    assert {f"explore.lever.{key}" for key in (*LEVERS, *Explore().choices)} <= keys
    assert {f"explore.fund_{name}" for name in SCHEMES} <= keys
    for choice in choices_of(run.rules, Explore().choices):
        if choice.key.startswith("pension."):
            assert {f"explore.option.{name}" for name in choice.options} <= keys


@given(st.floats(1e-6, 1e9))
def test_a_slider_has_about_as_many_places_as_a_person_can_aim_at(span: float) -> None:
    assert 100 <= span / step_of(span) <= 310


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_position_means_the_value_of_the_key(run: RunFile, language: str) -> None:
    texts = Texts("zh" if language == "zh" else "en")
    for lever in levers_of(run.rules, LEVERS):
        _, control = slider(texts, lever, start_of(run.rules, lever), "", "")
        assert control.in_rules(control.end) == pytest.approx(max(lever.high, start_of(run.rules, lever) or 0.0))
        assert isinstance(control.in_rules(control.end), int) or not lever.whole


def test_the_address_moves_a_slider_and_nonsense_in_it_does_not(run: RunFile) -> None:
    lever = next(one for one in levers_of(run.rules, LEVERS) if one.key == "pension.land.share")
    for given_, wanted in (("0.1", 0.1), ("7", None), ("nan", None), ("<script>", None), ("", None)):
        assert slider(Texts("en"), lever, 0.0, given_, "")[0] == wanted


MOVED = st.fixed_dictionaries(
    {},
    optional={
        "pension.land.share": st.floats(0.0, 0.3),
        "pension.fiscal.capacity_share": st.floats(0.0, 0.06),
        "pension.retirement.target_age": st.integers(60, 65),
        "pension.fiscal.rule": st.sampled_from(["statutory", "capacity", "within_capacity"]),
    },
)


@settings(max_examples=25)
@given(MOVED, st.sampled_from(["law", "capacity", "package"]))
def test_the_lines_that_keep_a_mix_give_its_rules_when_they_are_pasted_into_the_run_file(
    changes: dict[str, object], scenario: str
) -> None:
    run = read_run(None)
    case = run.cases[scenario]
    founds = [name for name in case.schemes if name not in run.run.schemes]
    lines = words.snippet(Texts("en"), case.rules, run.rules, "Any", changes, founds=founds)
    told = tomllib.loads(lines)["scenarios"]["mine"]
    flat: dict[str, object] = {}

    def walk(table: dict[str, object], path: str) -> None:
        for key, one in table.items():
            name = f"{path}.{key}" if path else key
            if isinstance(one, dict):
                walk(one, name)
            else:
                flat[name] = tuple(one) if isinstance(one, list) else one

    walk(told["change"], "")
    assert changed(run.rules, flat) == changed(case.rules, changes)


# -- on a real run


@pytest.fixture(scope="module")
def desk(fits: Fits, few: RunFile) -> Desk:
    people = projection.forecast(fits, LAST)
    own = projection.for_schemes(fits, people, ["medical"])
    asked = explore.checked(few).asked.explore
    return Desk(trial.World(people, dict(own), fits.tables), few.cases, asked.model_copy(update={"moving_draws": 30}))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("fund", "changes"),
    [
        ("pension", {}),
        ("pension", {"pension.land.share": 0.12}),
        ("pension", {"pension.land.share": 0.12, "pension.retirement.target_age": 63}),
        ("pension", {"pension.fiscal.rule": "statutory"}),
        ("medical", {"medical.reimbursement.inpatient": 0.7}),
    ],
)
def test_a_picture_is_what_a_trial_of_the_same_mix_gives(desk: Desk, fund: str, changes: dict[str, object]) -> None:
    name = next(one for one in SCHEMES if one == fund)
    picture = desk.picture(name, "capacity", changes)
    made = trial.account(desk.world, name, changed(desk.cases["capacity"].rules, changes))
    chance = solvency.depleted_by(made["pool_balance"]).mean("draw")
    np.testing.assert_array_equal(picture.empty, chance)
    prices = desk.world.projection["price_index"].sel(year=made["year"])
    np.testing.assert_array_equal(picture.reserve, quantiles(real(made["pool_balance"], prices), (0.1, 0.5, 0.9)))
    assert picture.chances[2035] == float(chance.sel(year=2035))
    assert picture.draws == desk.draws and set(picture.bearers) == set(BEARERS)


@pytest.mark.slow
def test_more_land_income_never_raises_the_chance_that_the_pool_is_empty(desk: Desk) -> None:
    made = [desk.picture("pension", "capacity", {"pension.land.share": share}).empty for share in (0.0, 0.1, 0.3)]
    assert (made[0] >= made[1]).all() and (made[1] >= made[2]).all()


@pytest.mark.slow
def test_a_lever_that_the_rules_do_not_read_is_told_as_idle(desk: Desk) -> None:
    desk.picture("pension", "law", {"pension.fiscal.rule": "statutory"})
    assert desk.idle("pension", "pension.fiscal.capacity_share")
    assert not desk.idle("pension", "pension.land.share")


@pytest.mark.slow
def test_fewer_draws_are_shown_where_a_lever_is_slow_and_all_where_it_is_fast(desk: Desk) -> None:
    desk._seconds.clear()
    assert desk.lively("pension", "x") == 30
    desk._seconds["pension", desk.draws, "x"] = 0.05
    assert desk.lively("pension", "x") == desk.draws
    desk._seconds["pension", desk.draws, "x"] = 0.9
    desk._seconds["pension", 30, "x"] = 0.5
    assert desk.lively("pension", "x") == 25


@pytest.mark.slow
def test_what_a_lever_takes_is_learnt_from_trials_that_did_work(desk: Desk) -> None:
    fresh = Desk(desk.world, desk.cases, desk.asked)
    fresh._note("pension", 30, "x", 9.0)
    assert fresh.lively("pension", "x") == 30, "the first on so many draws tells nothing"
    fresh._note("pension", 30, "x", 0.4)
    assert fresh.lively("pension", "x") == 25
    fresh._note("pension", fresh.draws, "x", 9.0)
    fresh._note("pension", fresh.draws, "x", 0.3)
    assert fresh.lively("pension", "x") == 25
    fresh._note("pension", fresh.draws, "x", 0.01)
    assert fresh.lively("pension", "x") == 25, "one trial that was kept does not make the lever fast"
    fresh._note("pension", fresh.draws, "x", 0.01)
    assert fresh.lively("pension", "x") == fresh.draws


@pytest.mark.slow
def test_a_world_that_keeps_its_steps_gives_the_bits_of_one_that_does_not(desk: Desk) -> None:
    kept = desk.world.keeping()
    for share in (0.0, 0.07, 0.2):
        rules = changed(desk.cases["package"].rules, {"pension.land.share": share})
        xr.testing.assert_identical(trial.account(kept, "pension", rules), trial.account(desk.world, "pension", rules))


def test_schemes_of_levers_are_known() -> None:
    assert {scheme_of(key) for key in LEVERS} <= set(SCHEMES)
    with pytest.raises(AxisError):
        levers_of(read_run(None).rules, {})
