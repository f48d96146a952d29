"""A batch leaves a folder a region and one overview, lists what failed, and ends the same whatever happened to it."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from filelock import FileLock

from actuarial import _batch_cluster
from actuarial._batch_region import Ended, Job
from actuarial.batch import FILES
from actuarial.runfile import RunFaults
from actuarial.scenario import read_run
from tests.kills import PATIENCE, REGIONS, batch_command, contents, kills, left_over, small
from tests.real_run import FEW, LISTENING, Run, command

pytestmark = pytest.mark.slow


@dataclass(frozen=True)
class Calm:
    """A batch that nobody disturbed: its run file, its folder and how it ended."""

    file: Path
    out: Path
    done: subprocess.CompletedProcess[str]


def run(*words: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(list(map(str, words)), capture_output=True, text=True, check=False, timeout=PATIENCE)


@pytest.fixture(scope="module")
def calm(first_run: Run, tmp_path_factory: pytest.TempPathFactory) -> Calm:
    """Three provinces, with the posteriors of the run that all tests share."""
    folder = tmp_path_factory.mktemp("batch") / "run"
    shutil.copytree(first_run.posteriors, folder / "posteriors")
    shutil.copytree(first_run.file.parent / "data", folder / "data")
    file = folder / "run.toml"
    file.write_text(small(first_run.file.read_text(encoding="utf-8"), FEW["draws"]), encoding="utf-8")
    done = run(*(word for word in batch_command(file, folder / "calm") if word != "--quiet"))
    assert done.returncode == 0, done.stderr
    return Calm(file, folder / "calm", done)


def test_every_region_has_a_folder_with_its_own_report_and_the_overview_stands_beside(calm: Calm) -> None:
    named = {path.name for path in calm.out.iterdir() if not path.name.startswith(".")}
    pages = {"overview.html", "overview.en.html", "overview.zh.html", "overview.csv", "overview.xlsx"}
    assert named == {*REGIONS, *pages}
    for region in REGIONS:
        assert {"report.zh.html", "valuation.xlsx", "manifest.json"} <= {p.name for p in (calm.out / region).iterdir()}
    assert f"Valued: 3 of 3 regions, in {calm.out}" in calm.done.stdout
    assert f"Overview: {calm.out / 'overview.html'}" in calm.done.stdout
    assert not left_over(calm.out)


def test_progress_tells_each_region_as_it_ends(calm: Calm) -> None:
    for n in (1, 2, 3):
        assert f"{n} of 3, " in calm.done.stderr
    assert "sampled" not in calm.done.stderr


def test_a_region_of_a_batch_is_what_a_run_of_that_region_alone_gives(calm: Calm, tmp_path: Path) -> None:
    text = calm.file.read_text(encoding="utf-8")
    alone = calm.file.with_name("alone.toml")
    alone.write_text(
        text.replace('region = ""', 'region = "四川"').replace('["pension", "medical"]', '["pension"]'), "utf-8"
    )
    done = run(*command("forecast", alone, "--force", "--quiet", "--out", calm.file.parent / "alone"))
    assert done.returncode == 0, done.stderr
    for name in ("projection.nc", "account.nc", "indicators.nc", "valuation.xlsx", "report.zh.html"):
        assert (calm.file.parent / "alone" / name).read_bytes() == (calm.out / "四川" / name).read_bytes(), name


def test_called_again_it_does_nothing_twice(calm: Calm) -> None:
    before, stamps = contents(calm.out), {r: (calm.out / r).stat().st_mtime_ns for r in REGIONS}
    assert run(*batch_command(calm.file, calm.out)).returncode == 0
    assert contents(calm.out) == before
    assert {r: (calm.out / r).stat().st_mtime_ns for r in REGIONS} == stamps


def test_another_run_file_values_every_region_anew(calm: Calm, tmp_path: Path) -> None:
    out = shutil.copytree(calm.out, calm.file.parent / "changed")
    other = calm.file.with_name("other.toml")
    text = calm.file.read_text(encoding="utf-8")
    other.write_text(text.replace("last_year = 2036", "last_year = 2037"), encoding="utf-8")
    assert run(*batch_command(other, out)).returncode == 0
    new = contents(out)
    for region in REGIONS:
        key = f"{region}/indicators.nc"
        assert new[key] != contents(calm.out)[key]


def test_the_table_and_the_workbook_say_the_same(calm: Calm) -> None:
    table = pd.read_csv(calm.out / "overview.csv")
    assert set(table["region"]) == set(REGIONS)
    assert (table["rank_low"] <= table["rank_median"]).all()
    assert (table["rank_median"] <= table["rank_high"]).all()
    assert table["empty_2035"].between(0, 1).all()
    sheet = openpyxl.load_workbook(calm.out / "overview.xlsx")["1"]
    rows = {row[0]: row for row in sheet.iter_rows(min_row=3, values_only=True)}
    english = {"北京": "Beijing", "四川": "Sichuan", "浙江": "Zhejiang"}
    for _, line in table.iterrows():
        assert rows[english[line["region"]]][2] == pytest.approx(line["empty_2035"], abs=1e-6)


def test_what_cannot_be_valued_is_listed_with_its_reason_while_the_rest_goes_on(calm: Calm) -> None:
    out = calm.file.parent / "lacking"
    done = run(*command("batch", calm.file, "--regions", "四川,Thailand", "--out", out, "--force", "--quiet"))
    assert done.returncode == 1
    assert "Valued: 1 of 2 regions" in done.stdout
    assert "Not valued: Thailand: " in done.stderr
    assert "Traceback" not in done.stderr
    page = (out / "overview.en.html").read_text(encoding="utf-8")
    assert "Not valued: 1" in page
    assert "Thailand lacks" in page
    assert (out / "四川" / "report.html").exists()
    assert not (out / "Thailand").exists()


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--regions", "四川,四州"), "near to it: 贵州, 四川"),
        (("--regions", ","), "no region is named"),
        (("--workers", "0"), "is no number of processes"),
        (("--scheduler", "tcp://127.0.0.1:9"), "no Dask scheduler answers here"),
    ],
)
def test_wrong_options_are_one_clear_error(calm: Calm, words: tuple[str, ...], told: str, tmp_path: Path) -> None:
    done = run(*command("batch", calm.file, "--out", calm.file.parent / "wrong", "--force", "--quiet", *words))
    assert done.returncode == 2, done.stderr
    assert told in done.stderr
    assert "Traceback" not in done.stderr


def test_a_folder_that_is_no_batchs_is_left_alone(calm: Calm) -> None:
    out = calm.file.parent / "taken"
    (out / "四川").mkdir(parents=True)
    (out / "四川" / "mine.txt").write_text("mine")
    done = run(*batch_command(calm.file, out))
    assert done.returncode == 2
    assert "this is not the work of a batch" in done.stderr
    assert (out / "四川" / "mine.txt").read_text() == "mine"


def test_two_batches_do_not_write_one_folder(calm: Calm) -> None:
    out = calm.file.parent / "shared"
    out.mkdir()
    with FileLock(out / ".lock"):
        done = run(*batch_command(calm.file, out))
    assert done.returncode == 2
    assert "another batch is writing here" in done.stderr


def test_what_a_killed_batch_left_half_written_is_cleared_away(calm: Calm) -> None:
    out = calm.file.parent / "half"
    shutil.copytree(calm.out, out)
    before = contents(out)
    (out / ".work-old" / "四川").mkdir(parents=True)
    for name in FILES:
        (out / f".{name}.x1.part").write_text("half")
    (out / ".mine").write_text("mine")
    assert run(*batch_command(calm.file, out)).returncode == 0
    assert left_over(out) == [".mine"]
    assert contents(out) == before


def test_killed_at_random_moments_and_resumed_it_gives_the_same_bytes(calm: Calm, tmp_path: Path) -> None:
    folder = tmp_path / "run"
    shutil.copytree(calm.file.parent / "posteriors", folder / "posteriors")
    shutil.copytree(calm.file.parent / "data", folder / "data")
    file = Path(shutil.copy(calm.file, folder / "run.toml"))
    assert [one for one in kills(file, folder, 3, seed=20251231) if not one.same] == []


def test_stopped_by_a_person_it_says_how_to_go_on(calm: Calm) -> None:
    out = calm.file.parent / "stopped"
    words = [*LISTENING, *batch_command(calm.file, out)]
    process = subprocess.Popen(words, stderr=subprocess.PIPE, text=True, start_new_session=True)
    until(lambda: working_in(out))
    process.send_signal(signal.SIGINT)
    _, told = process.communicate(timeout=PATIENCE)
    assert process.returncode == 130
    assert "the same command goes on from there" in told
    assert "Traceback" not in told
    assert not left_over(out)


def until(happens: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE
    while not happens():
        assert time.monotonic() < end
        time.sleep(0.05)


def working_in(out: Path) -> bool:
    """Tell whether a worker has begun to write a region."""
    return any(out.glob(".work-*/*/*/*"))


@contextmanager
def started(*words: str) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen([sys.executable, "-m", *words], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def test_a_cluster_of_two_workers_one_of_which_is_killed_gives_the_same_bytes(calm: Calm, tmp_path: Path) -> None:
    told, out = tmp_path / "scheduler.json", calm.file.parent / "clustered"
    join = ("--scheduler-file", str(told))
    with ExitStack() as stack:
        stack.enter_context(started("distributed.cli.dask_scheduler", *join, "--port", "0", "--no-dashboard"))
        until(told.exists)
        alone = ("--nthreads", "1", "--no-nanny", "--no-dashboard", "--local-directory", str(tmp_path))
        first, second = (stack.enter_context(started("distributed.cli.dask_worker", *join, *alone)) for _ in range(2))
        address = pd.read_json(told, typ="series")["address"]
        process = subprocess.Popen(
            batch_command(calm.file, out, "--scheduler", address),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        until(lambda: working_in(out) or process.poll() is not None)
        os.kill(second.pid, signal.SIGKILL)
        printed, errors = process.communicate(timeout=PATIENCE)
        assert first.poll() is None
        assert process.returncode == 0, errors
    assert "Valued: 3 of 3 regions" in printed
    assert contents(out) == contents(calm.out)


def die(job: Job, region: str) -> Ended:
    os._exit(1)


def test_a_region_over_which_workers_die_is_listed_with_that_reason(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(_batch_cluster, "value_region", die)
    job = Job(read_run(None), "k", tmp_path, tmp_path, tmp_path)
    with _batch_cluster.client(1, 1, "") as opened:
        found = list(_batch_cluster.ended(opened, job, ["四川"]))
    assert [one.region for one in found] == ["四川"]
    assert "one worker after another died over it" in found[0].reason


def test_a_scheduler_without_workers_is_refused(tmp_path: Path) -> None:
    told = tmp_path / "scheduler.json"
    with started("distributed.cli.dask_scheduler", "--scheduler-file", str(told), "--port", "0", "--no-dashboard"):
        until(told.exists)
        address = pd.read_json(told, typ="series")["address"]
        with pytest.raises(RunFaults, match="this scheduler has no worker"), _batch_cluster.client(1, 1, address):
            pass
