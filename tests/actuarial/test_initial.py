"""What `granary init` lays out: the whole of the bundled tables, or an example that adds to them."""

from __future__ import annotations

import csv
from pathlib import Path

import pandas as pd
import pytest

from actuarial._initial import EXAMPLES, READY, write_initial
from actuarial.runfile import RunFaults
from actuarial.scenario import read_run
from forecasting.sources import Tables, default_data_folder, read_tables

COUNTY = EXAMPLES["county"]["region"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the county that comes as an example."""
    folder = tmp_path_factory.mktemp("example") / "county"
    write_initial(folder, example="county")
    return folder


@pytest.fixture(scope="module")
def county(folder: Path) -> Tables:
    run = read_run(folder / "run.toml")
    return read_tables(run.data_folders, run.run.country)


def test_a_run_to_begin_with_holds_every_bundled_table(tmp_path: Path) -> None:
    written = write_initial(tmp_path / "mine")
    tables = {path.name for path in default_data_folder().iterdir() if path.suffix in {".csv", ".md"}}
    assert {path.name for path in written} == {"run.toml", *tables}
    assert read_tables(tmp_path / "mine/data").hash == read_tables(default_data_folder()).hash


def test_an_example_holds_its_own_figures_alone_and_is_laid_over_the_bundled_ones(folder: Path) -> None:
    assert sorted(path.name for path in (folder / "data").iterdir()) == [
        "README.md", "economy.csv", "membership.csv", "pension_fund.csv", "population.csv", "sources.csv",
    ]  # fmt: skip
    run = read_run(folder / "run.toml")
    assert (run.data_folders, run.out) == ([default_data_folder(), folder / "data"], folder / "out")
    assert run.run.region == COUNTY
    for path in (folder / "data").glob("*.csv"):
        rows = csv.DictReader(path.read_text(encoding="utf-8").splitlines())
        assert {row["region"] for row in rows if "region" in row} <= {COUNTY}


def test_the_example_says_on_every_row_that_it_is_invented(county: Tables) -> None:
    rows = pd.concat(frame[frame["region"] == COUNTY] for frame in county.frames.values())
    assert len(rows) == 52
    assert set(rows["note"]) == {"fictional"}
    (source,) = county.sources[county.sources["key"].isin(rows["source"])].to_dict("records")
    assert source["licence"] == "fictional"
    assert source["address"].startswith("https://example.org/")


def test_the_example_leaves_the_figures_of_the_nation_as_they_are(county: Tables, tables: Tables) -> None:
    for topic, frame in county.frames.items():
        pd.testing.assert_frame_equal(frame[frame["region"] != COUNTY], tables.frames[topic])
    assert county.country == tables.country


def test_the_balance_of_the_example_moves_by_income_less_expenditure(county: Tables) -> None:
    income, spent, balance = (county.series(f"fund_{n}", region=COUNTY) for n in ("income", "expenditure", "balance"))
    surplus = income - spent
    assert balance.diff().dropna().to_dict() == surplus.loc[balance.index[1:]].to_dict()
    assert balance.index.tolist() == list(range(2019, 2025))


def test_the_members_of_the_example_are_among_its_people(county: Tables) -> None:
    participants, contributors, pensioners = (
        county.series(name, region=COUNTY) for name in ("participants", "contributors", "pensioners")
    )
    assert (contributors + pensioners).equals(participants)
    everyone = county.series("population_census", region=COUNTY).loc[2020]
    rural = county.series("population_census", region=COUNTY, area="rural").loc[2020]
    share = {a: county.series("population_share", region=COUNTY, area=a, age="60+") for a in ("national", "rural")}
    old, rural_old = everyone * share["national"].loc[2020], rural * share["rural"].loc[2020]
    assert pensioners.loc[2020] < old
    assert rural_old < old < rural_old + (everyone - rural)
    assert contributors.loc[2020] < everyone - old
    rural_later = county.series("population_year_end", region=COUNTY, area="rural")
    assert (rural_later < county.series("population_year_end", region=COUNTY)).all()


@pytest.mark.parametrize("name", READY)
def test_a_ready_run_stands_alone_and_is_otherwise_the_file_that_comes_with_the_figures(
    tmp_path: Path, name: str
) -> None:
    write_initial(tmp_path / "mine", example=name)
    ours, theirs = (read_run(place) for place in (tmp_path / "mine/run.toml", _ready(name)))
    assert (ours.data_folders, ours.out) == ([tmp_path / "mine/data"], tmp_path / "mine/out")
    assert ours.run == theirs.run.model_copy(update={"data": "data", "out": "out"})
    assert (ours.rules, ours.measures, ours.scenarios, ours.asked) == (
        theirs.rules, theirs.measures, theirs.scenarios, theirs.asked,
    )  # fmt: skip
    assert read_tables(tmp_path / "mine/data").hash == read_tables(default_data_folder()).hash


def _ready(name: str) -> Path:
    return default_data_folder() / "scenarios" / f"{name}.toml"


def test_the_ready_runs_are_those_that_come_with_the_figures() -> None:
    assert {_ready(name) for name in READY} == set((default_data_folder() / "scenarios").iterdir())


def test_an_unknown_example_and_a_filled_folder_are_told_together(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").touch()
    with pytest.raises(RunFaults) as caught:
        write_initial(tmp_path, example="town")
    assert str(caught.value).splitlines() == [
        "2 faults in the command:",
        '--example: there is no example "town". Give county, national, east, centre or west.',
        f"{tmp_path}: the folder is not empty. "
        "Name another folder, or write over its run.toml and data tables with --force.",
    ]
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]


def test_a_file_is_no_folder_to_begin_in(tmp_path: Path) -> None:
    (tmp_path / "taken").touch()
    with pytest.raises(RunFaults, match=r"this is a file\. Name a folder"):
        write_initial(tmp_path / "taken")
