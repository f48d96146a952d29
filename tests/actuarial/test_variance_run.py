"""The split of a run's variance: it adds up, leaves out what does not enter, and what is asked moves the answer."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from actuarial import _variance_outputs as outputs
from actuarial import _variance_run as split
from actuarial import questions, trial
from actuarial._quantity import changed
from actuarial._variance_rules import Variance
from actuarial.progress import Silent
from actuarial.report import read_results
from actuarial.rules import Case
from actuarial.runfile import RunFaults, RunFile
from actuarial.scenario import read_run
from forecasting import projection
from forecasting.axes import AxisError
from forecasting.freezing import GROUPS, MONEY, Futures
from forecasting.projection import Fits
from tests.real_run import Run

LAST = 2045
SMALL = Variance(scenario="land", funds=["pension"], years=(2035,), draws=25)

# -- what a mixture keeps


@pytest.mark.parametrize("entering", [GROUPS, ("membership", "economy"), ("economy", "land_income"), ("medical",)])
def test_the_first_set_is_kept_whole_where_nothing_is_taken_from_the_second(entering: tuple[str, ...]) -> None:
    assert split.kept_of(frozenset(), entering) == frozenset(GROUPS)


def test_money_that_does_not_enter_is_no_condition_on_money_that_does() -> None:
    kept = split.kept_of(frozenset({"economy"}), ("membership", "economy"))
    assert not kept & set(MONEY)
    assert set(GROUPS) - set(MONEY) <= kept
    both = split.kept_of(frozenset({"economy"}), ("economy", "land_income"))
    assert both & set(MONEY) == {"land_income"}


# -- what is refused


@pytest.fixture
def asked(tmp_path: Path) -> Callable[[str], RunFile]:
    def read(text: str) -> RunFile:
        file = tmp_path / "run.toml"
        file.write_text(text + '\n[scenarios.law]\ntitle = "Law"\n', encoding="utf-8")
        return read_run(file)

    return read


def test_every_fault_of_what_is_asked_is_told_at_once(asked: Callable[[str], RunFile]) -> None:
    run = asked(
        '[run]\nlast_year = 2060\n[models]\nfertility = "ets"\n'
        '[variance]\nscenario = "packaeg"\nyears = [2035, 2070]\n'
    )  # fmt: skip
    with pytest.raises(RunFaults) as error:
        split.check(run)
    told = str(error.value)
    assert 'there is no scenario "packaeg"' in told and "Name one of law" in told
    assert "2070: after the last year, 2060" in told
    assert "models.fertility" in told and 'Write fertility = "bayesian"' in told


def test_a_fund_that_the_scenario_lacks_is_refused_if_it_is_the_only_one(asked: Callable[[str], RunFile]) -> None:
    text = '[run]\nschemes = ["pension"]\n[variance]\nscenario = "law"\nfunds = {}\n'
    split.check(asked(text.format('["pension", "medical"]')))
    with pytest.raises(RunFaults, match=r"the scenario law has none of medical(.|\n)*Name one of pension"):
        split.check(asked(text.format('["medical"]')))


def test_a_run_of_a_region_is_refused_before_any_work(asked: Callable[[str], RunFile], tmp_path: Path) -> None:
    run = asked('[run]\nregion = "四川"\nschemes = ["pension"]\n[variance]\nscenario = "law"\n')
    with pytest.raises(RunFaults, match="the variance is split for the whole nation"):
        questions.put("variance", run, tmp_path / "out", Silent())
    assert not (tmp_path / "out").exists()


# -- the split of a run


@pytest.fixture(scope="module")
def cases(few: RunFile) -> dict[str, Case]:
    law, capacity = few.reformed["law"], few.reformed["capacity"]
    both = ("pension", "medical")
    return {
        "law": Case(law, both),
        "capacity": Case(capacity, both),
        # So much that the pool runs out in about half of the futures.
        "land": Case(changed(capacity, {"pension.land.share": 0.08}), both),
    }


@pytest.fixture(scope="module")
def found(cases: dict[str, Case], fits: Fits) -> xr.Dataset:
    return split.run(cases, fits, LAST, SMALL, Silent())


@pytest.mark.slow
def test_the_shapley_effects_of_every_quantity_add_up_to_one(found: xr.Dataset) -> None:
    np.testing.assert_allclose(found["shapley"].sum("group"), 1.0, atol=1e-10)
    assert found["output"].values.tolist() == [
        "pension depletion_year", "pension reserve 2035", "pension cost_rate 2035", "pension fiscal_need_share 2035",
    ]  # fmt: skip


@pytest.mark.slow
def test_what_does_not_enter_the_fund_has_no_effect(found: xr.Dataset) -> None:
    out = found.sel(group=["medical", "judgement"])
    assert (found["enters"].sel(output="pension reserve 2035") == ~found["group"].isin(["medical", "judgement"])).all()
    for name in ("shapley", "first_order", "total", "frozen"):
        assert (out[name] == 0).all() and (out[f"{name}_error"] == 0).all()


@pytest.mark.slow
def test_the_cost_rate_rests_on_no_land_income_and_less_on_returns_than_the_reserve(found: xr.Dataset) -> None:
    cost, reserve = (found.sel(output=f"pension {name} 2035") for name in ("cost_rate", "reserve"))
    land = cost.sel(group="land_income")
    # Who pays does not move what is spent. Correlation with the economy gives land no part either.
    assert land["enters"] == 0 and land["shapley"] == 0 and land["total"] == 0
    # What accounts are credited with is in the pensions that they pay; the pool has all of the returns.
    assert 0 < cost["total"].sel(group="returns") < 0.1 * reserve["total"].sel(group="returns")
    assert (reserve["enters"].sel(group=["returns", "land_income"]) == 1).all()


@pytest.mark.slow
def test_the_totals_are_within_what_is_left_when_all_else_is_known(found: xr.Dataset) -> None:
    assert (found["total"] >= 0).all()
    alone = found["first_order"].sel(group=[g for g in GROUPS if g not in MONEY])
    assert (alone <= found["total"].sel(group=alone["group"]) + 3 * found["first_order_error"]).all()


@pytest.mark.slow
def test_mean_and_deviation_are_those_of_plain_forecasts(found: xr.Dataset, cases: dict[str, Case], fits: Fits) -> None:
    rules = cases["land"].rules
    world = trial.World(projection.forecast(fits, LAST), {}, fits.tables)
    plain = outputs.of(world, "pension", rules, (2035,)).values
    error = plain.std(axis=1, ddof=1) / np.sqrt(2 * SMALL.draws)
    assert (np.abs(found["mean"].values - plain.mean(axis=1)) < 4 * error + 1e-12).all()
    # A rough posterior has single draws far out, which the two sets may lack: deviations of the same draws, therefore.
    futures = Futures(fits, SMALL.draws, LAST)
    sets = [trial.World(*futures.of(kept), fits.tables) for kept in (GROUPS, ())]
    same = np.concatenate([outputs.of(one, "pension", rules, (2035,)).values for one in sets], axis=1)
    np.testing.assert_allclose(found["mean"].values, same.mean(axis=1), rtol=1e-12)
    np.testing.assert_allclose(found["deviation"].values, same.std(axis=1, ddof=1), rtol=1e-9)


@pytest.mark.slow
def test_the_same_question_has_the_same_answer(found: xr.Dataset, cases: dict[str, Case], fits: Fits) -> None:
    xr.testing.assert_identical(split.run(cases, fits, LAST, SMALL, Silent()), found)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("key", "value"), [("scenario", "capacity"), ("funds", ["medical"]), ("years", (2040,)), ("draws", 20)]
)
def test_every_key_moves_the_answer(
    key: str, value: object, found: xr.Dataset, cases: dict[str, Case], fits: Fits
) -> None:
    other = split.run(cases, fits, LAST, changed(SMALL, {key: value}), Silent())
    assert not other.equals(found)
    told = {"scenario": other.attrs["scenario"], "draws": other.attrs["draws"]}
    told |= {"funds": list(dict.fromkeys(other["fund"].values.tolist()))}
    told |= {"years": tuple(year for year in dict.fromkeys(other["at"].values.tolist()) if year)}
    assert told[key] == value


def test_every_key_is_tried() -> None:
    (mark,) = (m for m in test_every_key_moves_the_answer.pytestmark if m.name == "parametrize")
    assert {key for key, _ in mark.args[1]} == set(Variance.model_fields)


@pytest.mark.slow
def test_a_year_before_the_account_is_refused(cases: dict[str, Case], fits: Fits) -> None:
    with pytest.raises(AxisError, match=r"variance\.years: the account of the pension fund has no 2020"):
        split.run(cases, fits, LAST, changed(SMALL, {"years": (2020, 2035)}), Silent())


@pytest.mark.slow
def test_the_answer_joins_the_folder_and_its_chapter_the_report(first_run: Run, tmp_path: Path) -> None:
    assert first_run.done.returncode == 0, first_run.done.stderr
    folder = tmp_path / "run"
    shutil.copytree(first_run.file.parent, folder)
    text = re.sub(r"^\[variance\]\n(?:(?!\[).*\n)*", "", (folder / "run.toml").read_text(encoding="utf-8"), flags=re.M)
    asked = '[variance]\nscenario = "capacity"\nfunds = ["pension"]\nyears = [2035]\ndraws = 20\n'
    (folder / "run.toml").write_text(f"{text}\n{asked}", encoding="utf-8")
    run = read_run(folder / "run.toml")
    answer = questions.put("variance", run, folder / "out", Silent(), force=True)
    assert answer.report is not None
    held = read_results(folder / "out").variance
    assert held is not None and held["shapley"].equals(answer.data["shapley"])
    assert 'id="variance-pension"' in (folder / "out" / "report.zh.html").read_text(encoding="utf-8")
