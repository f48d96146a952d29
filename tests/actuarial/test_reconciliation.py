"""From one valuation to the next: steps add up exactly, each shows what moved and nothing else."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st

from actuarial import _reconciliation_ends as ends_module
from actuarial import reconciliation, valuation
from actuarial._placing import placed, reformed
from actuarial._quantity import changed
from actuarial._reconciliation_experience import expected, experience
from actuarial._reconciliation_states import Ends, Step, _rules, states, with_model
from actuarial.progress import Silent
from actuarial.runfile import RunFaults, RunFile
from actuarial.scenario import read_run
from forecasting import artefacts
from forecasting.backtest import SERIES
from forecasting.models.sampling import Settings, stream
from forecasting.projection import Fits
from forecasting.sources import Tables
from tests.real_run import Run, granary

# -- the table of steps

PLACE = ("law", "pension", 2050)


def table(*courses: dict[str, Any]) -> xr.Dataset:
    steps = [Step("opening"), *(Step("model", str(n)) for n in range(len(courses) - 2)), Step("rest")]
    found = {
        step: {PLACE: {name: np.asarray(v, dtype=float) for name, v in one.items()}}
        for step, one in zip(steps, courses, strict=True)
    }
    return reconciliation._table(found, [2050], stream(1, "test")).sel(scenario="law", fund="pension", at=2050)


def test_a_worked_example() -> None:
    made = table(
        {"empty": [0, 0, 1, 1], "reserve": [1, 2, 3, 10]},
        {"empty": [0, 1, 1, 1], "reserve": [1, 1, 2, 9]},
        {"empty": [0, 1, 1, 0], "reserve": [2, 2, 3, 10]},
    )
    np.testing.assert_allclose(made["value"].sel(output="empty"), [0.5, 0.75, 0.5])
    np.testing.assert_allclose(made["change"].sel(output="empty"), [0.0, 0.25, -0.25])
    # Medians: 2.5, 1.5, 2.5.
    np.testing.assert_allclose(made["change"].sel(output="reserve"), [0.0, -1.0, 1.0])
    assert (made["change_low"] <= made["change"] + 1e-12).all() and (
        made["change"] <= made["change_high"] + 1e-12
    ).all()


@given(st.lists(st.lists(st.floats(-1e6, 1e6), min_size=5, max_size=5), min_size=2, max_size=6))
def test_steps_lead_from_the_old_to_the_new_exactly(courses: list[list[float]]) -> None:
    made = table(*({"reserve": one} for one in courses)).sel(output="reserve")
    total = float(made["change"].sum())
    assert total == pytest.approx(float(np.median(courses[-1]) - np.median(courses[0])), abs=1e-6)
    np.testing.assert_allclose(made["value"][0] + made["change"].cumsum("step"), made["value"], atol=1e-6)


def test_draws_of_another_number_have_a_change_and_no_interval() -> None:
    made = table({"reserve": [1, 2, 3]}, {"reserve": [4, 5, 6, 7]}).sel(output="reserve")
    assert float(made["change"][-1]) == 3.5 and np.isnan(made["change_low"][-1])


# -- states: what moves in which step

KEYS: dict[str, tuple[str, object]] = {
    "pension.benefit.income_weight": ("pension.benefit", 0.8),
    "pension.investment.deposit_spread": ("pension.investment", 0.01),
    "pension.collective.donations": ("pension.collective", 1e9),
    "pension.accounts.crediting_spread": ("pension.accounts", 0.002),
    "medical.reimbursement.inpatient": ("medical.reimbursement", 0.65),
    "medical.financing.land_share": ("medical.financing", 0.01),
}
"""Keys, the table that each is of, and another value."""


def with_rules(run: RunFile, tables: Tables, changes: dict[str, object]) -> RunFile:
    """Return a run file with other values in the tables of its schemes, its scenarios laid over them."""
    return reformed(replace(run, rules=changed(run.rules, changes)), tables)


def ends(old: RunFile, new: RunFile, tables: Tables) -> Ends:
    fits = Fits({}, {}, tables, Settings())
    return Ends(old, new, fits, fits, fits, fits, fits)


@given(st.sets(st.sampled_from(sorted(KEYS))))
def test_every_table_that_differs_moves_in_a_step_of_its_own(names: set[str]) -> None:
    run = read_run(None)
    tables: Any = SimpleNamespace()
    new = replace(run, rules=changed(run.rules, {name: KEYS[name][1] for name in names}))
    made = list(_rules(replace(ends(run, new, tables), new=new)))
    steps = [step for step, _ in made if step.kind == "assumptions"]
    assert sorted(step.name for step in steps) == sorted({KEYS[name][0] for name in names})
    if steps:
        last = [one for step, one in made if step.kind == "assumptions"][-1]
        assert last.rules == new.rules


def test_nothing_that_is_the_same_has_a_step(tables: Tables) -> None:
    run = placed(read_run(None), tables)
    assert list(_rules(ends(run, run, tables))) == []


def test_a_scenario_that_changes_is_a_step_of_law(tables: Tables) -> None:
    run = placed(read_run(None), tables)
    measures = run.measures | {
        "land": run.measures["land"].model_copy(update={"change": {"pension": {"land": {"share": 0.08}}}})
    }
    made = list(_rules(ends(run, replace(run, measures=measures), tables)))
    assert [step for step, _ in made] == [Step("law")]


def test_a_table_that_does_not_fit_without_a_later_one_moves_with_it(tables: Tables) -> None:
    """Both funds together cannot be promised more than all land income: the shares change places in one step."""
    run = read_run(None)
    shares = ("pension.land.share", "medical.financing.land_share")
    old = with_rules(run, tables, dict(zip(shares, (0.05, 0.85), strict=True)))
    new = with_rules(run, tables, dict(zip(shares, (0.85, 0.05), strict=True)))
    assert [step.name for step, _ in _rules(ends(old, new, tables))] == ["pension.land, medical.financing"]


# -- what is refused


def refused(old: RunFile, new: RunFile) -> str:
    with pytest.raises(RunFaults) as error:
        ends_module.ends_of(old, new, (Path("a"), Path("b")), Silent(), force=False)
    return str(error.value)


def test_every_reason_why_two_runs_cannot_be_compared_is_told_at_once() -> None:
    run = read_run(None)
    other = replace(run, run=run.run.of("四川"), scenarios={"mine": run.scenarios["law"]})
    told = refused(run, other)
    assert "a run of a region is not reconciled" in told
    assert "Give scenarios that mean the same the same name" in told


# -- real runs

SINGLE = 1e-6
"""People are saved in single precision: what is worked out from them again is the same to so many parts."""


def moved(table: xr.Dataset, steps: list[str]) -> float:
    """Return the largest change of some steps, in parts of the value or of 1."""
    scale = np.abs(table["value"].sel(step="opening")).clip(min=1.0)
    return float((np.abs(table["change"].sel(step=steps)) / scale).max())


@pytest.fixture(scope="module")
def two(first_run: Run, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A run, and one of the same models with another premium on deposits and another reform, in one folder."""
    root = tmp_path_factory.mktemp("two")
    for name in ("run.toml", "data", "out", "posteriors"):
        place = first_run.file.parent / name
        shutil.copytree(place, root / name) if place.is_dir() else shutil.copy(place, root / name)
    text = (root / "run.toml").read_text(encoding="utf-8")
    assert text.count("\ndeposit_spread = 0.005\n") == 1 and text.count("\npension.land.share = 0.1\n") == 1
    text = text.replace("\ndeposit_spread = 0.005\n", "\ndeposit_spread = 0.02\n")
    text = text.replace("\npension.land.share = 0.1\n", "\npension.land.share = 0.05\n")
    (root / "new.toml").write_text(text.replace('\nout = "out"\n', '\nout = "out2"\n'), encoding="utf-8")
    run = read_run(root / "new.toml")
    assert run.out == root / "out2"
    valuation.run(run, run.out, force=True)
    return root / "out", root / "out2"


@pytest.fixture(scope="module")
def found(two: tuple[Path, Path]) -> reconciliation.Reconciled:
    return reconciliation.reconcile(*two, force=True)


@pytest.mark.slow
def test_a_valuation_reconciled_with_itself_moves_nowhere(two: tuple[Path, Path]) -> None:
    made = reconciliation.reconcile(two[0], two[0], force=True)
    assert made.table["step"].values.tolist() == ["opening", "program", "rest"]
    assert moved(made.table, ["program", "rest"]) < SINGLE
    assert made.experience.empty and not made.lost and not made.gained


@pytest.mark.slow
def test_steps_are_what_was_changed_and_lead_from_the_saved_old_to_the_saved_new(
    found: reconciliation.Reconciled, two: tuple[Path, Path]
) -> None:
    table = found.table
    assert table["step"].values.tolist() == ["opening", "program", "assumptions pension.investment", "law", "rest"]
    for place, out in ((0, two[0]), (-1, two[1])):
        rates = artefacts.load(out / "indicators.nc", "indicators")
        years = rates["pool_depletion_year"]
        for scenario in table["scenario"].values:
            share = float((years.sel(scenario=scenario) <= 2050).mean())
            told = table["value"].sel(scenario=scenario, fund="pension", output="empty", at=2050)
            assert float(told[place]) == pytest.approx(share)
            cost = float(rates["cost_rate"].sel(scenario=scenario, year=2050).median())
            of = table["value"].sel(scenario=scenario, fund="pension", output="cost_rate", at=2050)
            assert float(of[place]) == pytest.approx(cost)
    # Neither the program nor anything unnamed moves what is saved.
    assert moved(table, ["program", "rest"]) < SINGLE


@pytest.mark.slow
def test_each_change_shows_where_it_can_and_nowhere_else(found: reconciliation.Reconciled) -> None:
    change = found.table["change"]
    spread, law = change.sel(step="assumptions pension.investment"), change.sel(step="law")
    # A premium on deposits raises the reserve of every pension pool; the medical fund has an investment of its own.
    assert (spread.sel(fund="pension", output="reserve", at=2050) > 0).all()
    assert (spread.sel(fund="medical").fillna(0.0) == 0).all()
    # Half of the land share is in the package alone, and lowers its reserve.
    assert (law.sel(scenario=["law", "capacity"]).fillna(0.0) == 0).all()
    assert (law.sel(scenario="package", fund="pension", output="reserve", at=2050) < 0).all()
    # Who pays does not change what is spent.
    assert (law.sel(scenario="package", fund="pension", output="cost_rate") == 0).all()


@pytest.mark.slow
def test_the_way_back_has_the_opposite_sign(found: reconciliation.Reconciled, two: tuple[Path, Path]) -> None:
    back = reconciliation.reconcile(two[1], two[0], force=True).table
    there = found.table["change"].sum("step")
    np.testing.assert_allclose(back["change"].sum("step"), -there, atol=1e-9)


@pytest.mark.slow
def test_the_command_writes_the_page_and_tells_of_every_scenario(two: tuple[Path, Path], tmp_path: Path) -> None:
    done = granary("compare", *two, "--out", tmp_path / "cmp", "--force", "--quiet")
    assert (done.returncode, done.stderr) == (0, "")
    *lines, last = done.stdout.splitlines()
    assert last == f"Page: {tmp_path / 'cmp' / 'reconciliation.html'}"
    assert [line.split(":")[0] for line in lines] == [
        f"{fund}, “{title}”"
        for title in ("Today's law", "Transfers within capacity", "Reform package")
        for fund in ("Pension", "Medical fund")
    ]
    names = {file.name for file in (tmp_path / "cmp").iterdir()}
    assert names == {
        *("reconciliation.nc", "reconciliation.csv", "reconciliation.html"),
        *("reconciliation.en.html", "reconciliation.zh.html"),
    }
    rows = pd.read_csv(tmp_path / "cmp" / "reconciliation.csv")
    sums = rows.groupby(["scenario", "fund", "output", "at"])
    ends = sums["value"].last() - sums["value"].first()
    np.testing.assert_allclose(sums["change"].sum(), ends, rtol=1e-4, atol=1e-4)


@pytest.mark.slow
def test_the_command_refuses_what_it_cannot_compare_with_code_2(two: tuple[Path, Path], tmp_path: Path) -> None:
    done = granary("compare", two[0], tmp_path)
    assert done.returncode == 2 and "Traceback" not in done.stderr
    assert "the inputs of this run are not here" in done.stderr
    done = granary("compare", two[0], two[1], "--language", "fr")
    assert done.returncode == 2 and "Give en or zh" in done.stderr


# -- experience


@pytest.mark.slow
def test_what_came_as_expected_lies_in_the_middle_of_what_was_expected(fits: Fits, few: RunFile) -> None:
    run = placed(few, fits.tables)
    years = expected(fits, run.cases["law"].rules, 2026)
    middle = {name: float(years[name].sel(year=2026).median()) for name in SERIES}
    after = replace(fits, tables=with_year(fits.tables, middle, 2026))
    came = experience(Ends(run, run, fits, after, fits, fits, after)).set_index("series")
    assert set(came.index) == set(SERIES) and (came["year"] == 2026).all()
    np.testing.assert_allclose(came["actual"], came["expected"], rtol=1e-12)
    assert ((came["low"] <= came["actual"]) & (came["actual"] <= came["high"])).all()
    np.testing.assert_allclose(came["below"], 0.5, atol=0.02)
    twice = replace(fits, tables=with_year(fits.tables, middle | {"land income": 1e15}, 2026))
    assert experience(Ends(run, run, fits, twice, fits, fits, twice)).set_index("series")["below"]["land income"] == 1.0


@pytest.mark.slow
def test_no_year_more_is_no_experience(fits: Fits, few: RunFile) -> None:
    run = placed(few, fits.tables)
    assert experience(Ends(run, run, fits, fits, fits, fits, fits)).empty


def with_year(tables: Tables, values: dict[str, float], year: int) -> Tables:
    """Return the tables with one more year of every scored series."""
    frames = dict(tables.frames)
    for name, value in values.items():
        held = SERIES[name]
        topic = tables.indicators.set_index("indicator")["table"][held.indicator]
        frame = frames[topic]
        mine = frame[(frame["indicator"] == held.indicator) & (frame["year"] < year)]
        labels = {"region": tables.country, "area": held.area, "sex": held.sex, "age": held.age}
        for column, label in labels.items():
            mine = mine[mine[column] == label]
        row = mine.sort_values("year").tail(1).assign(year=year, value=value)
        others = frame[~((frame["year"] == year) & frame.index.isin(_same(frame, row).index))]
        frames[topic] = pd.concat([others, row], ignore_index=True)
    return replace(tables, frames=frames)


def _same(frame: pd.DataFrame, row: pd.DataFrame) -> pd.DataFrame:
    keys = [name for name in ("indicator", "region", "area", "sex", "age") if name in frame]
    match = np.logical_and.reduce([frame[name].astype(str) == str(row[name].iloc[0]) for name in keys])
    return frame[match]


# -- models, one at a time


@pytest.mark.slow
def test_models_move_one_at_a_time_and_end_at_the_new(fits: Fits, few: RunFile) -> None:
    run = placed(few, fits.tables)
    swapped = {
        name: one.isel(draw=slice(None, None, -1)).assign_attrs(hash="new") for name, one in fits.posteriors.items()
    }
    other = replace(fits, posteriors=fits.posteriors | {n: swapped[n] for n in ("fertility", "economy")})
    made = list(states(Ends(run, run, fits, other, fits, fits, fits)))
    assert [state.step.key for state in made] == ["program", "model fertility", "model economy"]
    assert made[1].fits.posteriors["fertility"].attrs["hash"] == "new"
    assert made[1].fits.posteriors["economy"] is fits.posteriors["economy"]
    assert dict(made[-1].fits.posteriors) == dict(other.posteriors)
    assert with_model(fits, other, "fertility").posteriors["fertility"] is other.posteriors["fertility"]
