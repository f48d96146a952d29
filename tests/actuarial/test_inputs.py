"""What is kept of a run's inputs gives the same run file again, byte for byte, and nothing that is no part of it."""

from __future__ import annotations

import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from actuarial import _inputs
from actuarial._initial import write_initial
from actuarial.runfile import RunFaults, RunFile
from actuarial.scenario import read_run
from forecasting.sources import read_tables


@pytest.fixture
def run(tmp_path: Path) -> RunFile:
    write_initial(tmp_path / "mine")
    return read_run(tmp_path / "mine" / "run.toml", {"draws": 50, "seed": 7})


def test_a_run_file_comes_back_with_its_tables_and_what_options_set(run: RunFile, tmp_path: Path) -> None:
    _inputs.keep(run, tmp_path)
    with _inputs.taken(tmp_path) as found:
        assert (found.run.draws, found.run.seed, found.text) == (50, 7, run.text)
        assert found.rules == run.rules and found.reformed == run.reformed and found.settings == run.settings
        assert found.out == tmp_path
        kept = read_tables(found.data_folders)
        assert kept.hash == read_tables(run.data_folders).hash
        folder = found.data_folders[0]
    assert not folder.exists()


def test_a_region_that_a_batch_put_in_comes_back(run: RunFile, tmp_path: Path) -> None:
    _inputs.keep(replace(run, run=run.run.of("四川")), tmp_path)
    with _inputs.taken(tmp_path) as found:
        assert found.run.region == "四川"


def test_the_same_inputs_give_the_same_bytes(run: RunFile, tmp_path: Path) -> None:
    kept = []
    for _ in range(2):
        _inputs.keep(run, tmp_path)
        kept.append((tmp_path / _inputs.NAME).read_bytes())
    assert kept[0] == kept[1]


def test_tables_laid_over_others_stay_in_their_order(tmp_path: Path) -> None:
    write_initial(tmp_path / "county", example="county")
    run = read_run(tmp_path / "county" / "run.toml")
    assert len(run.data_folders) == 2
    _inputs.keep(run, tmp_path)
    with _inputs.taken(tmp_path) as found:
        assert read_tables(found.data_folders).hash == read_tables(run.data_folders).hash


def test_a_folder_without_inputs_is_told_what_to_do(tmp_path: Path) -> None:
    with (
        pytest.raises(RunFaults, match=r"the inputs of this run are not here(.|\n)*granary forecast"),
        _inputs.taken(tmp_path),
    ):
        pass


@pytest.mark.parametrize("name", ["../run.toml", "/run.toml", "data/../../x.csv"])
def test_names_that_leave_the_folder_are_refused(tmp_path: Path, name: str) -> None:
    with zipfile.ZipFile(tmp_path / _inputs.NAME, "w") as kept:
        kept.writestr(name, "x")
    with pytest.raises(RunFaults, match="cannot be read"), _inputs.taken(tmp_path):
        pass


@pytest.mark.parametrize("content", [b"", b"no archive"])
def test_a_broken_archive_is_one_clear_fault(tmp_path: Path, content: bytes) -> None:
    (tmp_path / _inputs.NAME).write_bytes(content)
    with pytest.raises(RunFaults, match="cannot be read"), _inputs.taken(tmp_path):
        pass
