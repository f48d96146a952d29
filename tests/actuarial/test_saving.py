"""What a run leaves: every file says what it was made from, and the old ones stay until the new are whole."""

from __future__ import annotations

import dataclasses
import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr

from actuarial import saving
from actuarial._records import OBSERVED
from actuarial.report import ReportError, read_results, write_report
from actuarial.report.results import OTHERS, PARENTS
from actuarial.report.workbook import NAME, write_workbook
from actuarial.runfile import RunFaults, RunFile
from actuarial.saving import EXPORTED, FILES, Results, check_place, save
from actuarial.scenario import read_run
from forecasting import artefacts
from forecasting.models import predictive
from forecasting.projection import ALL_MODELS, ORDER
from forecasting.sources import Tables
from tests.actuarial.report_fixture import write_results
from tests.real_run import FITTED, LEFT_OUT, Run

pytestmark = pytest.mark.slow


KINDS = [kind for kind in PARENTS if kind not in LEFT_OUT]

ON_PEOPLE = ("account", "indicators", "medical", "unemployment", "time_bank", "care_plan", "pooling")
"""What rests on the projection, of the invented results of the report's tests."""


def record(first_run: Run, name: str) -> Any:
    return json.loads((first_run.out / f"{name}.json").read_text(encoding="utf-8"))


def bytes_of(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in folder.iterdir()}


# What the files say of each other -----


def test_the_hashes_of_the_manifest_are_those_of_the_files(first_run: Run) -> None:
    inputs = record(first_run, "manifest")["inputs"]
    data = {f"data/{file.name}" for file in (first_run.file.parent / "data").glob("*.csv")}
    assert set(inputs) == data | {f"{kind}.nc" for kind in KINDS}
    for name, digest in inputs.items():
        file = first_run.file.parent / name if name.startswith("data/") else first_run.out / name
        assert artefacts.digest(file) == digest


def test_the_hashes_of_the_posteriors_are_those_in_the_cache(first_run: Run) -> None:
    told = record(first_run, "manifest")["posteriors"]
    assert list(told) == list(FITTED)
    kept = {file.name for file in first_run.posteriors.glob("*.nc")}
    assert {f"{name}-{digest}.nc" for name, digest in told.items()} == kept


@pytest.mark.parametrize("kind", KINDS)
def test_every_array_says_what_it_was_made_from(first_run: Run, tables: Tables, kind: str) -> None:
    attributes = artefacts.load(first_run.out / f"{kind}.nc", kind).attrs
    manifest = record(first_run, "manifest")
    assert attributes["seed"] == manifest["seed"]
    assert json.loads(attributes["versions"]) == manifest["versions"]
    assert json.loads(attributes["posteriors"]) == manifest["posteriors"]
    assert attributes["figures"] == tables.hash
    above = {name.removeprefix("parent_"): value for name, value in attributes.items() if name.startswith("parent_")}
    assert above == {name: artefacts.digest(first_run.out / f"{name}.nc") for name in PARENTS[kind]}


@pytest.mark.parametrize(
    ("kind", "children"),
    [
        ("projection", ["manifest.json", *(f"{kind}.nc" for kind in ON_PEOPLE)]),
        ("account", ["manifest.json", "indicators.nc", "household.nc"]),
        ("medical", ["manifest.json", "household.nc"]),
        ("indicators", ["manifest.json"]),
        ("backcast", ["manifest.json"]),
    ],
)
def test_a_file_that_was_changed_is_named_by_all_that_rest_on_it(
    tmp_path: Path, kind: str, children: list[str]
) -> None:
    folder = write_results(tmp_path / "run")
    data = artefacts.load(folder / f"{kind}.nc", kind)
    name = next(iter(data.data_vars))
    artefacts.save(data.assign({name: data[name] * 1.001}), folder / f"{kind}.nc", kind)
    with pytest.raises(ReportError) as caught:
        read_results(folder)
    starts = [f"{kind}.nc is not the one that {child} was made from" for child in children]
    assert [fault.partition(":")[0] for fault in caught.value.faults] == starts
    with pytest.raises(ReportError):
        write_report(folder, "en")
    assert list(folder.glob("*.html")) == []


# The records -----


def test_every_source_of_the_figures_is_listed_with_its_indicators(first_run: Run, tables: Tables) -> None:
    listed = {row["key"]: set(row["indicators"]) for row in record(first_run, "sources")}
    used: dict[str, set[str]] = {}
    for frame in tables.frames.values():
        for source, indicator in zip(frame["source"], frame["indicator"], strict=True):
            used.setdefault(source, set()).add(indicator)
    assert listed == used
    rows = record(first_run, "sources")
    assert all(row["title"] and row["publisher"] and row["address"] and row["date_read"] for row in rows)


def test_every_observed_series_has_values_and_listed_sources(first_run: Run) -> None:
    listed = {row["key"] for row in record(first_run, "sources")}
    series = record(first_run, "observed")
    assert set(series) == {*OBSERVED, "old_age_ratio_60_national"}
    for one in series.values():
        assert one["unit"]
        assert len(one["years"]) == len(one["values"]) > 1
        assert one["years"] == sorted(set(one["years"]))
        assert one["sources"] and set(one["sources"]) <= listed


def test_every_model_is_judged_and_those_that_failed_are_warned_of_in_both_languages(first_run: Run) -> None:
    rows, manifest = record(first_run, "diagnostics"), record(first_run, "manifest")
    assert [row["model"] for row in rows] == list(FITTED)
    failed = [row["model"] for row in rows if not row["passed"]]
    # So few draws converge nowhere.
    assert set(ALL_MODELS) <= set(failed)
    for language in ("warnings", "warnings_zh"):
        assert [next(m for m in FITTED if f"{m}: " in text) for text in manifest[language]] == failed


def test_the_checks_of_every_model_are_kept_with_their_sources(first_run: Run, valued: Results) -> None:
    listed = {row["key"] for row in record(first_run, "sources")}
    rows, made = record(first_run, "checks"), predictive.checks(valued.fits)
    assert [(row["model"], row["series"]) for row in rows] == [(one.model, one.series) for one in made]
    assert list(dict.fromkeys(row["model"] for row in rows)) == list(ALL_MODELS)
    for row, one in zip(rows, made, strict=True):
        np.testing.assert_allclose(row["posterior"], one.posterior, rtol=1e-12)
        assert row["sources"] and set(row["sources"]) <= listed


@pytest.mark.usefixtures("light")
def test_checks_are_kept_beside_the_posteriors_where_there_is_a_place_for_them(
    valued: Results, few: RunFile, tmp_path: Path
) -> None:
    save(valued, few, tmp_path / "out", cache=tmp_path / "posteriors")
    kept = {file.name for file in (tmp_path / "posteriors").iterdir()}
    told = json.loads((tmp_path / "out/manifest.json").read_text(encoding="utf-8"))["posteriors"]
    # That of the provinces is checked against no series of the nation.
    assert kept == {f"{name}-{digest}.checks.json" for name, digest in told.items() if name != "provinces"}


def test_every_assumption_and_every_prior_is_listed_once(first_run: Run, valued: Results, few: RunFile) -> None:
    rows = record(first_run, "assumptions")
    keys = [row["key"] for row in rows]
    fields = {model: dataclasses.fields(few.priors_of(model)) for model in FITTED}
    priors = {f"priors.{model}.{part.name}" for model, parts in fields.items() for part in parts}
    assert len(keys) == len(set(keys))
    assert {key for key in keys if key.startswith("priors.")} == priors
    assert all(row["unit"] and row["meaning"] and row["source"] for row in rows)
    named = {row["key"]: row for row in rows}
    assert named["pension.land.share"]["scenarios"] == {"package": 0.1}
    # The share that was left empty is the one that the data gave.
    share = valued.rules["law"].pension.fiscal.capacity_share
    assert share is not None and named["pension.fiscal.capacity_share"]["value"] == pytest.approx(share)


# Whole or not at all -----


@pytest.fixture
def light(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave the pages and the workbook, which take seconds, to the tests that look at them."""

    def page(folder: Path, language: str, results: Any) -> None:
        for name in (f"report.{language}", "report")[: 2 if language == results.manifest.language else 1]:
            (folder / f"{name}.html").write_text(language, encoding="utf-8")

    def short(folder: Path, language: str, results: Any) -> None:
        (folder / f"brief.{language}.html").write_text(language, encoding="utf-8")

    monkeypatch.setattr(saving, "write_report", page)
    monkeypatch.setattr(saving, "write_brief", short)
    monkeypatch.setattr(saving.workbook, "write_workbook", lambda results, file: file.write_text("book"))


def test_titles_and_language_of_the_run_file_reach_the_results(valued: Results, first_run: Run, tmp_path: Path) -> None:
    changed = {"title": "A title of one's own", "title_zh": "自拟标题", "language": "zh"}
    lines = save(valued, read_run(first_run.file, changed), tmp_path / "own")
    results = read_results(tmp_path / "own")
    manifest = results.manifest
    assert (manifest.title, manifest.title_zh, manifest.language) == tuple(changed.values())
    assert lines == manifest.answer_zh != manifest.answer
    page = (tmp_path / "own/report.html").read_text(encoding="utf-8")
    assert page == (tmp_path / "own/report.zh.html").read_text(encoding="utf-8")
    assert "自拟标题" in page
    assert "A title of one&#39;s own" in (tmp_path / "own/report.en.html").read_text(encoding="utf-8")
    assert set(bytes_of(tmp_path / "own")) == set(FILES) - {f"{kind}.nc" for kind in LEFT_OUT}
    assert [path.name for path in tmp_path.iterdir()] == ["own"]


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """Results of an earlier run, with a note of the user's own beside them."""
    out = write_results(tmp_path / "out")
    (out / "note.txt").write_text("mine")
    return out


def test_a_page_that_cannot_be_drawn_leaves_the_old_results(
    valued: Results, few: RunFile, old: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = bytes_of(old)

    def broken(folder: Path, language: str, results: object) -> None:
        assert (folder / "account.nc").exists()
        raise RuntimeError("no page")

    monkeypatch.setattr(saving, "write_report", broken)
    with pytest.raises(RuntimeError, match="no page"):
        save(valued, few, old)
    assert bytes_of(old) == before
    assert list(old.parent.iterdir()) == [old]


# A region -----


@pytest.fixture
def regional(valued: Results) -> Results:
    """The results of the nation under the name of a region, which has no backcast."""
    return dataclasses.replace(valued, region="四川", backcast=None, others={})


def test_a_region_leaves_everything_but_a_backcast(regional: Results, few: RunFile, old: Path, tables: Tables) -> None:
    lines = save(regional, few, old)
    assert set(bytes_of(old)) == {*FILES, "note.txt"} - {"backcast.nc", *(f"{kind}.nc" for kind in OTHERS)}
    assert lines[0].startswith("People aged 60 and over per hundred aged 15–59 in the rural areas of 四川,")
    found = read_results(old)
    assert (found.manifest.region, found.backcast) == ("四川", None)
    assert "backcast.nc" not in found.manifest.inputs
    members = tables.series("contributors", region="四川")
    assert found.observed["contributors"].values[-1] == members.iloc[-1]
    assert "budget_revenue" not in found.observed
    assert "四川" in (old / "report.zh.html").read_text(encoding="utf-8")


@pytest.mark.usefixtures("light")
def test_a_region_that_cannot_be_moved_in_leaves_the_backcast_of_the_nation(
    regional: Results, few: RunFile, old: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, moved, replace = bytes_of(old), [], Path.replace

    def move(self: Path, target: Path) -> Path:
        moved.append(target.name)
        if target == old / "report.html":
            raise OSError(28, "No space left on device")
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", move)
    with pytest.raises(OSError, match="No space"):
        save(regional, few, old)
    assert "backcast.nc" in moved
    assert bytes_of(old) == before


@pytest.mark.usefixtures("light")
def test_a_classical_method_is_recorded(valued: Results, few: RunFile, tmp_path: Path) -> None:
    chosen = dict.fromkeys(ORDER, "bayesian") | {"fertility": "ets"}
    posteriors = {name: one for name, one in valued.fits.posteriors.items() if name != "fertility"}
    fits = dataclasses.replace(valued.fits, posteriors=posteriors, methods=chosen)
    save(dataclasses.replace(valued, fits=fits), few, tmp_path / "out")
    found = read_results(tmp_path / "out")
    assert found.manifest.methods == {"fertility": "ets"}
    models = [name for name in FITTED if name != "fertility"]
    assert [row.model for row in found.diagnostics] == list(found.manifest.posteriors) == models
    assert "fertility" not in {one.model for one in found.checks}


def test_the_model_of_the_regions_is_judged_with_the_others(valued: Results) -> None:
    own = valued.fits.posteriors["economy"]
    diagnosis = json.loads(own.attrs["diagnosis"]) | {"model": "provinces"}
    regional = own.assign_attrs(model="provinces", hash="a" * 16, diagnosis=json.dumps(diagnosis))
    results = dataclasses.replace(valued, regional=regional)
    assert list(results.sampled) == [*ALL_MODELS, "provinces"]
    assert results.diagnoses[-1].model == "provinces"


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), KeyboardInterrupt()], ids=["full", "ctrl-c"])
@pytest.mark.parametrize("after", range(1, 6))
def test_files_that_cannot_all_be_moved_are_all_moved_back(
    old: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: BaseException, after: int
) -> None:
    before = bytes_of(old)
    part = tmp_path / "part"
    part.mkdir()
    for name in FILES:
        (part / name).write_text("new")
    moved, replace = [], Path.replace

    def move(self: Path, target: Path) -> Path:
        moved.append(target)
        if len(moved) == after:
            raise error
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", move)
    with pytest.raises(type(error)):
        saving._put_in_place(part, old)
    assert bytes_of(old) == before
    assert {path.name for path in tmp_path.iterdir()} == {"out", "part"}


@pytest.mark.usefixtures("light")
def test_new_results_replace_the_old_and_leave_the_user_s_own_files(valued: Results, few: RunFile, old: Path) -> None:
    save(valued, few, old)
    assert read_results(old).manifest.title == few.run.title
    assert (old / "note.txt").read_text() == "mine"
    assert set(bytes_of(old)) == {*FILES, "note.txt"} - {f"{kind}.nc" for kind in LEFT_OUT}


def test_the_workbook_is_that_of_the_results_beside_it(valued: Results, few: RunFile, tmp_path: Path) -> None:
    save(valued, few, tmp_path / "out")
    write_workbook(read_results(tmp_path / "out"), tmp_path / "again.xlsx", few.run.language)
    assert (tmp_path / "out" / NAME).read_bytes() == (tmp_path / "again.xlsx").read_bytes()


def test_a_workbook_that_cannot_be_written_leaves_the_old_results(
    valued: Results, few: RunFile, old: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = bytes_of(old)

    def broken(results: object, file: Path) -> None:
        raise RuntimeError("no workbook")

    monkeypatch.setattr(saving.workbook, "write_workbook", broken)
    with pytest.raises(RuntimeError, match="no workbook"):
        save(valued, few, old)
    assert bytes_of(old) == before


@pytest.mark.parametrize("name", EXPORTED)
def test_what_was_exported_of_an_older_run_does_not_stay_beside_the_new(old: Path, tmp_path: Path, name: str) -> None:
    (old / name).write_text("of the older run")
    part = tmp_path / "part"
    part.mkdir()
    (part / "manifest.json").write_text("new")
    saving._put_in_place(part, old)
    assert not (old / name).exists()
    assert (old / "note.txt").read_text() == "mine"


@pytest.mark.parametrize("where", ["file", "file/below", "file/below/deep"])
def test_a_place_below_a_file_is_refused(tmp_path: Path, where: str) -> None:
    (tmp_path / "file").write_text("mine")
    with pytest.raises(RunFaults, match=r"results cannot be written here: .*Name another folder with --out"):
        check_place(tmp_path / where)
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_every_folder_in_the_way_of_a_result_is_named(tmp_path: Path) -> None:
    for name in ("account.nc", "report.zh.html"):
        (tmp_path / "out" / name).mkdir(parents=True)
    with pytest.raises(RunFaults) as caught:
        check_place(tmp_path / "out")
    assert [Path(fault.where).name for fault in caught.value.faults] == ["account.nc", "report.zh.html"]


def test_a_new_place_is_accepted_and_stays_empty(tmp_path: Path) -> None:
    check_place(tmp_path / "deep/er/out")
    check_place(write_results(tmp_path / "old"))
    assert list((tmp_path / "deep/er").iterdir()) == []


def test_saved_arrays_read_as_they_were(valued: Results, first_run: Run) -> None:
    for kind in KINDS:
        saved = artefacts.load(first_run.out / f"{kind}.nc", kind)
        xr.testing.assert_equal(saved, valued.arrays[kind])
        told = saved.data_vars if kind in ("account", "indicators", *OTHERS) else ()
        assert all(saved[name].attrs["unit"] and saved[name].attrs["meaning"] for name in told)


def test_results_of_another_run_beside_the_old_are_refused(first_run: Run, tmp_path: Path) -> None:
    shutil.copytree(first_run.out, tmp_path / "mixed")
    shutil.copy(write_results(tmp_path / "other") / "backcast.nc", tmp_path / "mixed/backcast.nc")
    with pytest.raises(ReportError, match=r"backcast\.nc"):
        read_results(tmp_path / "mixed")
