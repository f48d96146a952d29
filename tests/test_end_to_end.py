"""From the published figures to the report, through the command, as a person runs it."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from actuarial.saving import FILES
from forecasting.models import sampling
from tests.real_run import FEW, FITTED, LEFT_OUT, LISTENING, Run, command, granary

pytestmark = pytest.mark.slow


def contents(folder: Path) -> dict[str, bytes | None]:
    """Return what every path below a folder holds; None for a folder."""
    return {str(path.relative_to(folder)): path.read_bytes() if path.is_file() else None for path in folder.rglob("*")}


def records(out: Path) -> dict[str, Any]:
    """Return the JSON records of a run, without the date and without who was first to fit."""
    found = {file.name: json.loads(file.read_text(encoding="utf-8")) for file in out.glob("*.json")}
    del found["manifest.json"]["created"]
    for row in found["diagnostics.json"]:
        del row["cached"]
    return found


@pytest.fixture
def laid_out(first_run: Run, tmp_path: Path) -> Path:
    """A folder of one's own with the run, its figures and its posteriors, and no results; gives the run file."""
    for part in ("data", "posteriors"):
        shutil.copytree(first_run.file.parent / part, tmp_path / part)
    return Path(shutil.copy(first_run.file, tmp_path / "run.toml"))


def test_a_run_answers_in_eight_plain_lines(first_run: Run) -> None:
    done = first_run.done
    assert done.returncode == 0, done.stderr
    *answer, workbook, last = done.stdout.splitlines()
    assert len(answer) == 8
    assert answer[0].startswith("People aged 60 and over per hundred aged 15–59 in rural areas")
    assert [line.split(":")[0] for line in answer[1:]] == [
        "Today's law",
        "Transfers within capacity",
        "Reform package",
        "Today's law",
        "Medical fund",
        "All funds together",
        "Who pays",
    ]
    assert all(line.endswith(".") and "nan" not in line for line in answer)
    assert workbook == f"Workbook: {first_run.out / 'valuation.xlsx'}"
    assert last == f"Report: {first_run.out / 'report.html'}"


def test_a_run_tells_of_every_model_that_it_sampled(first_run: Run) -> None:
    told = [line for line in first_run.done.stderr.splitlines() if line.startswith("fit ")]
    assert [line.split()[1].rstrip(":") for line in told] == list(FITTED)
    assert all(line.endswith("sampled") for line in told)
    assert "Traceback" not in first_run.done.stderr
    assert "Warning" not in first_run.done.stderr


def test_a_run_leaves_its_results_and_nothing_else(first_run: Run) -> None:
    assert {file.name for file in first_run.out.iterdir()} == set(FILES) - {f"{kind}.nc" for kind in LEFT_OUT}
    assert {path.name for path in first_run.file.parent.iterdir()} == {"run.toml", "data", "out", "posteriors"}
    assert len(list(first_run.posteriors.glob("*.nc"))) == len(FITTED)
    assert all(file.stat().st_mode & 0o044 == 0o044 for file in first_run.out.iterdir())
    html = (first_run.out / "report.html").read_bytes()
    assert html == (first_run.out / "report.en.html").read_bytes()
    assert html.startswith(b"<!DOCTYPE html>")


def test_the_next_run_samples_nothing_and_finds_the_same(first_run: Run, laid_out: Path) -> None:
    done = granary("forecast", laid_out, "--force")
    assert done.returncode == 0, done.stderr
    told = [line for line in done.stderr.splitlines() if line.startswith("fit ")]
    assert len(told) == len(FITTED)
    assert all(line.endswith("from the cache") for line in told)
    out = laid_out.parent / "out"
    for file in first_run.out.glob("*.nc"):
        assert file.read_bytes() == (out / file.name).read_bytes(), file.name
    assert records(out) == records(first_run.out)
    assert done.stdout.splitlines()[:-2] == first_run.done.stdout.splitlines()[:-2]


def test_the_report_is_written_again_in_chinese(first_run: Run, tmp_path: Path) -> None:
    out = tmp_path / "copy"
    shutil.copytree(first_run.out, out)
    (out / "report.zh.html").unlink()
    before = (out / "report.html").read_bytes()
    done = granary("report", out, "--language", "zh", "--quiet")
    told = f"Report: {out / 'report.zh.html'}\nBrief: {out / 'brief.zh.html'}\n"
    assert (done.returncode, done.stdout, done.stderr) == (0, told, "")
    assert (out / "report.zh.html").read_bytes() == (first_run.out / "report.zh.html").read_bytes()
    assert (out / "report.html").read_bytes() == before


def test_a_model_that_did_not_converge_ends_the_run_and_leaves_the_old_results(first_run: Run, laid_out: Path) -> None:
    shutil.copytree(first_run.out, laid_out.parent / "out")
    # The posteriors apart: what was forced before is sampled once more, longer, and kept.
    before = contents(laid_out.parent / "out")
    done = granary("forecast", laid_out)
    assert (done.returncode, done.stdout) == (3, "")
    assert "did not converge" in done.stderr
    assert "--force" in done.stderr
    assert contents(laid_out.parent / "out") == before


def spoil(file: Path) -> dict[str, int]:
    """Put five faults into a run file and its tables; return the line of each."""
    lines = file.read_text(encoding="utf-8").splitlines()
    share = lines.index("[pension.land]") + next(
        i for i, line in enumerate(lines[lines.index("[pension.land]") :]) if line.startswith("share = ")
    )
    seed = next(i for i, line in enumerate(lines) if line.startswith("seed = "))
    lines[share], lines[seed] = "share = 1.5", 'seed = "many"\nsed = 1'
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    places = {"seed": seed + 1, "unknown": seed + 2, "share": share + 2}
    for name, column, value in (("population", 6, "-12"), ("membership", 6, "1.2.3"), ("economy", 0, "")):
        table = file.parent / f"data/{name}.csv"
        rows = table.read_text(encoding="utf-8").splitlines(keepends=True)
        cells = rows[3].split(",")
        cells[column] = value
        rows[3] = ",".join(cells)
        table.write_text("".join(rows), encoding="utf-8")
    return places


def test_every_fault_of_run_file_and_tables_is_told_at_once_and_nothing_is_written(tmp_path: Path) -> None:
    granary("init", tmp_path / "run")
    file = tmp_path / "run/run.toml"
    at = spoil(file)
    before = contents(tmp_path)
    done = granary("forecast", file)
    assert (done.returncode, done.stdout) == (2, "")
    assert contents(tmp_path) == before
    told = [line.strip() for line in done.stderr.splitlines() if not line.endswith("s")]
    for start, what in (
        (f"line {at['seed']}, run.seed: ", "is not a whole number"),
        (f"line {at['unknown']}, run.sed: ", "there is no such key"),
        (f"line {at['share']}, pension.land.share: ", "1.5 is over 1"),
        ("population.csv, line 4, column value: ", "-12"),
        ("membership.csv, line 4, column value: ", "'1.2.3' is not a finite number"),
        ("economy.csv, line 4, column year: ", "the number is missing"),
    ):
        line = next((line for line in told if line.startswith(start)), None)
        assert line is not None, f"{start} is not in\n{done.stderr}"
        assert what in line
        # What is wrong, then what to do, each a sentence.
        assert line.endswith(".") and ". " in line


def test_a_place_that_cannot_be_written_is_refused_before_any_model_is_fitted(laid_out: Path) -> None:
    shutil.rmtree(laid_out.parent / "posteriors")
    (laid_out.parent / "taken").write_text("mine")
    before = contents(laid_out.parent)
    for out in ("taken", "taken/below"):
        done = granary("forecast", laid_out, "--out", laid_out.parent / out)
        assert (done.returncode, done.stdout) == (2, "")
        assert "taken" in done.stderr
        assert "fit " not in done.stderr
    assert contents(laid_out.parent) == before


def test_a_folder_where_a_result_goes_is_refused_before_any_model_is_fitted(laid_out: Path) -> None:
    (laid_out.parent / "out/report.html").mkdir(parents=True)
    before = contents(laid_out.parent)
    done = granary("forecast", laid_out, "--force")
    assert done.returncode == 2
    assert "report.html: this is a folder; a file of the results goes there. Take it away." in done.stderr
    assert "fit " not in done.stderr
    assert contents(laid_out.parent) == before


def test_ctrl_c_leaves_everything_as_it_was(first_run: Run, laid_out: Path) -> None:
    shutil.copytree(first_run.out, laid_out.parent / "out")
    shutil.rmtree(laid_out.parent / "posteriors")
    before = contents(laid_out.parent)
    with subprocess.Popen([*LISTENING, *command("forecast", laid_out)], stderr=subprocess.PIPE, text=True) as running:
        assert running.stderr is not None
        while not running.stderr.readline().startswith("read figures"):
            assert running.poll() is None
        running.send_signal(signal.SIGINT)
        said = running.stderr.read()
    assert running.returncode == 130
    assert said.endswith("Stopped. Nothing was finished.\n")
    assert "Traceback" not in said
    assert contents(laid_out.parent) == before


class Coin:
    """The smallest model."""

    NAME = "coin"
    KEEP = ("x",)

    @staticmethod
    def build(inputs: sampling.Inputs) -> Any:
        import pymc

        with pymc.Model() as model:
            pymc.Normal("x", 0.0, 1.0, observed=None, shape=inputs["size"].shape)
        return model


def test_ctrl_c_while_a_model_is_sampled_does_not_pass_its_first_draws_for_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import nutpie

    def stopped(self: object, *, timeout: float | None = None) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(sys.modules[nutpie.sample.__module__]._BackgroundSampler, "wait", stopped)
    monkeypatch.setattr(sampling, "fingerprint", lambda *_: "coin")
    settings = sampling.Settings(**FEW)
    with pytest.raises(KeyboardInterrupt):
        sampling.fit(Coin, {"size": np.ones(2)}, settings, tmp_path, force=True)
    assert list(tmp_path.iterdir()) == []
