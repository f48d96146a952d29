"""Questions put to a run by command: their answers join its folder and its report, and bad ones are refused whole."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
import xarray as xr

from actuarial.report import read_results
from actuarial.saving import FILES
from tests.real_run import Run, granary

pytestmark = pytest.mark.slow

FRONTIER = """
draws = 20
by = 2050
target = 0.2
scenario = "capacity"
probabilities = [0.5]
bad_case = []
levers = { "pension.land.share" = [0.0, 0.3] }
"""
BREAKEVEN = 'draws = 20\nby = 2050\ntarget = 0.5\nlevers = ["pension.land.share"]\n'
STRESS = 'draws = 20\nby = [2050]\nshocks = ["lost_land_decade", "young_leave"]\nreverse.shocks = []\n'


def without_tables(text: str) -> str:
    """Take the tables of the questions out of a run file."""
    return re.sub(r"^\[(frontier|breakeven|stress)[\w.]*\]\n(?:(?!\[).*\n)*", "", text, flags=re.MULTILINE)


@pytest.fixture(scope="module")
def answered(first_run: Run, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the first run to which all three questions were put."""
    assert first_run.done.returncode == 0, first_run.done.stderr
    folder = tmp_path_factory.mktemp("asked") / "run"
    shutil.copytree(first_run.file.parent, folder)
    text = without_tables((folder / "run.toml").read_text(encoding="utf-8"))
    asked = f"[frontier]{FRONTIER}[breakeven]\n{BREAKEVEN}[stress]\n{STRESS}"
    (folder / "run.toml").write_text(text + asked, encoding="utf-8")
    for question in ("frontier", "breakeven", "stress"):
        done = granary(question, folder / "run.toml", "--force")
        assert done.returncode == 0, done.stderr
        assert f"Answer: {folder / 'out' / question}.nc" in done.stdout.replace("\n", "")
        (folder / f"{question}.txt").write_text(done.stdout, encoding="utf-8")
    return folder


def test_every_answer_is_in_the_folder_and_its_part_in_the_report(answered: Path) -> None:
    results = read_results(answered / "out")
    assert all(part is not None for part in (results.frontier, results.breakeven, results.stress))
    page = (answered / "out" / "report.en.html").read_text(encoding="utf-8")
    assert all(f'id="mix-{part}"' in page for part in ("frontier", "breakeven", "stress"))


def test_the_mix_of_the_frontier_is_inside_its_caps_and_keeps_the_target(answered: Path) -> None:
    found = read_results(answered / "out").frontier
    assert found is not None
    share = found["mix"].sel(lever="pension.land.share")
    assert ((share >= 0.0) & (share <= 0.3)).all()
    kept = found["feasible"] > 0
    assert (found["reached"].where(kept, 0.0) <= found["target"]).all()


def test_the_break_even_value_keeps_the_target_and_is_told(answered: Path) -> None:
    found = read_results(answered / "out").breakeven
    assert found is not None
    one = found.sel(lever="pension.land.share")
    if float(one["within"]) > 0:
        assert float(one["at_value"]) <= 0.5
    assert "2050" in (answered / "breakeven.txt").read_text(encoding="utf-8")


def test_a_slump_of_land_income_moves_no_fund_that_gets_none_of_it(answered: Path) -> None:
    found = read_results(answered / "out").stress
    assert found is not None
    assert float(found["empty_difference"].sel(shock="none").max()) == 0.0
    moved = found["empty_difference"].sel(shock="lost_land_decade", at=2050)
    assert float(moved.sel(scenario="law", fund="pension")) == 0.0
    assert float(moved.sel(scenario="package", fund="pension")) >= 0.0


def test_a_question_does_not_change_what_the_run_had(answered: Path, first_run: Run) -> None:
    for kind in ("account", "projection", "medical"):
        before, after = (
            xr.load_dataset(f / f"{kind}.nc", engine="h5netcdf") for f in (first_run.out, answered / "out")
        )
        xr.testing.assert_identical(before, after)


def test_a_new_forecast_takes_old_answers_away() -> None:
    assert {f"{name}.nc" for name in ("frontier", "breakeven", "stress")} <= set(FILES)


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ('[frontier]\nscenario = "lwa"\n', 'frontier.scenario: there is no scenario "lwa". Name one of law, capacity'),
        ('[frontier]\nfund = "unemployment"\n', "frontier.fund: the scenario capacity has no unemployment"),
        ('[frontier]\nlevers = { "pension.land.share" = [0.3, 0.1] }\n', "has no lower and upper cap"),
        ("[frontier]\ncost = { hope = 1.0 }\n", "hope is no cost. Weigh fiscal, members, land, debt"),
    ],
)
def test_a_frontier_that_cannot_be_sought_is_refused_before_any_work(tmp_path: Path, table: str, said: str) -> None:
    (tmp_path / "run.toml").write_text(f'[scenarios.law]\ntitle = "Law"\n[scenarios.capacity]\ntitle = "C"\n{table}')
    done = granary("frontier", tmp_path / "run.toml")
    assert done.returncode == 2
    assert said in done.stderr
    assert "fit " not in done.stderr
    assert [file.name for file in tmp_path.iterdir()] == ["run.toml"]


def test_levers_that_the_rules_do_not_have_are_all_told_with_the_name_of_the_file(
    answered: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "run"
    shutil.copytree(answered, folder)
    text = (folder / "run.toml").read_text(encoding="utf-8")
    levers = '"pension.land.share" = [0.0, 2.0], "pension.sky" = [0.0, 1.0]'
    (folder / "run.toml").write_text(text.replace('"pension.land.share" = [0.0, 0.3]', levers), encoding="utf-8")
    before = (folder / "out" / "frontier.nc").read_bytes()
    done = granary("frontier", folder / "run.toml", "--force", "-q")
    assert done.returncode == 2
    assert "2 faults in run.toml:" in done.stderr
    assert "the tables of the schemes have no key pension.sky" in done.stderr
    assert (folder / "out" / "frontier.nc").read_bytes() == before


def test_the_results_of_another_run_are_left_alone(answered: Path, tmp_path: Path) -> None:
    folder = tmp_path / "run"
    shutil.copytree(answered, folder)
    text = (folder / "run.toml").read_text(encoding="utf-8")
    more = '[scenarios.other]\ntitle = "Another"\n[breakeven]'
    (folder / "run.toml").write_text(text.replace("[breakeven]", more), encoding="utf-8")
    before = (folder / "out" / "breakeven.nc").read_bytes()
    done = granary("breakeven", folder / "run.toml", "--force", "-q")
    assert done.returncode == 2
    assert "these are the results of another run. Run `granary forecast` with this run file first" in done.stderr
    assert (folder / "out" / "breakeven.nc").read_bytes() == before
