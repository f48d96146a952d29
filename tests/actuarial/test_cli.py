"""The `granary` command, as a person runs it."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from pyarrow import parquet

from tests.actuarial.report_fixture import write_results

GRANARY = Path(sys.executable).with_name("granary")
HEAVY = (
    "arviz",
    "numba",
    "nutpie",
    "pandas",
    "pandera",
    "plotly",
    "pyarrow",
    "pymc",
    "pytensor",
    "scipy",
    "statsmodels",
    "xarray",
    "xlsxwriter",
)


def granary(*words: str | Path, at: Path | None = None) -> subprocess.CompletedProcess[str]:
    command = [str(GRANARY), *map(str, words)]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=at, timeout=300)


def test_help_lists_the_commands_and_imports_nothing_heavy() -> None:
    code = (
        "import sys; sys.argv = ['granary', '--help']\n"
        "from actuarial.cli import main\n"
        "try: main()\n"
        f"finally: print([name for name in {HEAVY!r} if name in sys.modules], file=sys.stderr)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "[]\n")
    assert all(name in done.stdout for name in ("init", "check", "forecast", "report", "export"))


def test_check_does_not_import_pymc(tmp_path: Path) -> None:
    granary("init", tmp_path / "run")
    code = (
        f"import sys; sys.argv = ['granary', 'check', {str(tmp_path / 'run/run.toml')!r}]\n"
        "from actuarial.cli import main\n"
        "try: main()\n"
        "finally: print([name for name in ('pymc', 'nutpie') if name in sys.modules], file=sys.stderr)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "[]\n")


def test_version_is_the_distribution_s() -> None:
    assert granary("--version").stdout == "granary 0.1.0\n"


def test_init_writes_a_run_that_check_finds_in_order(tmp_path: Path) -> None:
    made = granary("init", "mine", at=tmp_path)
    assert (made.returncode, made.stderr) == (0, "")
    assert made.stdout.startswith("Wrote mine/run.toml and ")
    assert {path.name for path in tmp_path.iterdir()} == {"mine"}
    assert (tmp_path / "mine/data/sources.csv").stat().st_mode & 0o777 == 0o644
    checked = granary("check", "mine/run.toml", at=tmp_path)
    assert (checked.returncode, checked.stderr) == (0, "")
    assert "Scenario package" in checked.stdout
    assert checked.stdout.endswith("OK. Next: `granary forecast mine/run.toml`.\n")


def test_init_writes_an_example_that_check_finds_in_order(tmp_path: Path) -> None:
    made = granary("init", "mine", "--example", "county", at=tmp_path)
    assert (made.returncode, made.stderr) == (0, "")
    assert made.stdout == (
        "Wrote mine/run.toml and 6 data files in mine/data.\n"
        "Next: change what you like, then `granary check mine/run.toml`.\n"
    )
    checked = granary("check", "mine/run.toml", at=tmp_path)
    assert (checked.returncode, checked.stderr) == (0, "")
    rows = dict(line.rstrip().split("  ", 1) for line in checked.stdout.splitlines()[:4])
    assert rows["Of"].strip() == "Example County, in China"
    assert rows["Figures"].endswith(" sources, in bundled and mine/data")


def test_an_unknown_example_is_bad_input(tmp_path: Path) -> None:
    done = granary("init", "mine", "--example", "town", at=tmp_path)
    said = 'there is no example "town". Give county, national, east, centre or west.'
    told = f"1 fault in the command:\n  --example: {said}\n"
    assert (done.returncode, done.stdout, done.stderr) == (2, "", told)
    assert list(tmp_path.iterdir()) == []


def test_init_writes_over_nothing_unless_told_to(tmp_path: Path) -> None:
    (tmp_path / "run.toml").write_text("mine")
    (tmp_path / "notes.txt").write_text("mine")
    refused = granary("init", tmp_path)
    assert refused.returncode == 2
    assert "the folder is not empty" in refused.stderr
    assert (tmp_path / "run.toml").read_text() == "mine"
    assert not (tmp_path / "data").exists()
    assert granary("init", tmp_path, "--force").returncode == 0
    assert (tmp_path / "run.toml").read_text() != "mine"
    assert (tmp_path / "notes.txt").read_text() == "mine"


@pytest.fixture
def broken(tmp_path: Path) -> Path:
    """Return a folder whose run file and one table are at fault."""
    folder = tmp_path / "broken"
    granary("init", folder)
    run, table = folder / "run.toml", folder / "data/population.csv"
    run.write_text(run.read_text().replace("chains = 4", "chains = -1").replace("\nshare = 0.0", "\nshare = 1.5"))
    lines = table.read_text().splitlines(keepends=True)
    cells = lines[4].split(",")
    cells[6] = "-12"
    table.write_text("".join([*lines[:4], ",".join(cells), *lines[5:]]))
    return folder


@pytest.mark.parametrize("command", ["check", "forecast"])
def test_bad_input_is_told_in_one_piece_and_nothing_is_written(broken: Path, command: str) -> None:
    before = sorted(broken.rglob("*"))
    done = granary(command, "run.toml", at=broken)
    lines = done.stderr.splitlines()
    assert done.returncode == 2
    assert done.stdout == ""
    assert lines[0] == "2 faults in run.toml:"
    assert lines[1].endswith(", sampling.chains: -1 is below 2. Give at least 2.")
    assert lines[2].endswith(", pension.land.share: 1.5 is over 1. Give at most 1.")
    assert lines[3] == "1 fault in the data tables:"
    assert lines[4].startswith("  population.csv, line 5, column value: ")
    assert sorted(broken.rglob("*")) == before


def test_options_are_checked_like_the_run_file(tmp_path: Path) -> None:
    done = granary("forecast", "--draws", "many", "--seed", "-1", "--language", "fr", at=tmp_path)
    assert done.returncode == 2
    assert done.stderr.splitlines() == [
        "3 faults in run.toml:",
        "  --seed: -1 is below 0. Give at least 0.",
        '  --draws: "many" is not a whole number. Give a whole number.',
        "  --language: \"fr\" is not a choice here. Give 'en' or 'zh'.",
    ]
    assert list(tmp_path.iterdir()) == []


def test_report_of_a_folder_without_results_says_what_is_missing(tmp_path: Path) -> None:
    done = granary("report", tmp_path)
    assert done.returncode == 2
    assert "manifest.json is missing" in done.stderr
    assert "Traceback" not in done.stderr


def test_an_unknown_command_is_told_with_the_nearest() -> None:
    done = granary("chekc")
    assert done.returncode == 2
    assert "check" in done.stderr


STAND_IN = """
import sys
from pathlib import Path
from types import SimpleNamespace
import actuarial
from forecasting.models.sampling import Diagnosis, GateError

def run(run, out, *, force, report):
    with report.step("fit fertility") as step:
        step.note("from the cache")
    {ends}

actuarial.valuation = sys.modules["actuarial.valuation"] = SimpleNamespace(run=run)
sys.argv = ["granary", {debug!r}, "forecast", "--draws", "50", "--out", "there"]
sys.argv = [word for word in sys.argv if word]
from actuarial.cli import main
main()
"""
"""Runs the command with a stand-in for the long computation."""


def forecast(ends: str, folder: Path, debug: str = "") -> subprocess.CompletedProcess[str]:
    code = STAND_IN.format(ends=ends, debug=debug)
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd=folder)


def test_forecast_shows_its_steps_and_ends_with_the_answer_and_the_path_of_the_report(tmp_path: Path) -> None:
    ends = "return SimpleNamespace(answer=[str(run.run.draws), str(out)], folder=out, report=out / 'report.html')"
    done = forecast(ends, tmp_path)
    told = "50\nthere\nWorkbook: there/valuation.xlsx\nReport: there/report.html\n"
    assert (done.returncode, done.stdout) == (0, told)
    assert "fit fertility: 0.0 s, from the cache\n" in done.stderr


def test_a_shut_gate_ends_with_3_and_names_the_parameter(tmp_path: Path) -> None:
    done = forecast("raise GateError(Diagnosis('fertility', 1.2, 'drift', 900, 900, 0, 1.0, 4, 500, 1.0))", tmp_path)
    assert done.returncode == 3
    assert "model 'fertility' did not converge: R-hat 1.200 of drift is over 1.01" in done.stderr
    assert "Traceback" not in done.stderr


def test_an_error_that_nobody_expected_ends_with_1_and_debug_shows_where(tmp_path: Path) -> None:
    done = forecast("raise RuntimeError('odd')", tmp_path)
    assert done.returncode == 1
    assert "Granary met an error that it did not expect. RuntimeError: odd" in done.stderr
    assert "Traceback" not in done.stderr
    assert "Traceback" in forecast("raise RuntimeError('odd')", tmp_path, debug="--debug").stderr


def test_a_folder_that_cannot_be_written_is_bad_input(tmp_path: Path) -> None:
    done = forecast("raise PermissionError(13, 'Permission denied', 'there/manifest.json')", tmp_path)
    told = "  there/manifest.json: Permission denied. Look at the name, and at who may read and write there."
    assert (done.returncode, done.stderr.splitlines()[-1]) == (2, told)


# Export -----


@pytest.fixture(scope="module")
def saved_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder of saved results, invented and in English."""
    return write_results(tmp_path_factory.mktemp("export") / "out")


@pytest.mark.parametrize(
    ("options", "line", "name"),
    [
        ((), r"Workbook: {out}/valuation\.xlsx \(\d\.\d MB\)", "valuation.xlsx"),
        (("--language", "zh"), r"Workbook: {out}/valuation\.zh\.xlsx \(\d\.\d MB\)", "valuation.zh.xlsx"),
        (("--format", "csv"), r"Table: {out}/results\.csv \([\d,]+ rows, [\d.]+ MB\)", "results.csv"),
    ],
)
def test_export_writes_one_file_and_says_where(
    saved_run: Path, tmp_path: Path, options: tuple[str, ...], line: str, name: str
) -> None:
    out = tmp_path / "there"
    done = granary("export", saved_run, *options, "--out", out)
    assert done.returncode == 0, done.stderr
    assert re.fullmatch(line.format(out=re.escape(str(out))), done.stdout.strip())
    assert re.match(rf"read results: .*\nwrite {re.escape(name)}: ", done.stderr)
    assert [file.name for file in out.iterdir()] == [name]


def test_export_of_draws_stands_beside_the_results_and_tells_its_rows(saved_run: Path) -> None:
    done = granary("export", saved_run, "--format", "parquet", "--draws", "--quiet")
    assert (done.returncode, done.stderr) == (0, "")
    rows = parquet.ParquetFile(saved_run / "results_draws.parquet").metadata.num_rows
    assert done.stdout.startswith(f"Table: {saved_run / 'results_draws.parquet'} ({rows:,} rows, ")


def test_export_of_a_run_file_reads_the_results_of_that_run(saved_run: Path, tmp_path: Path) -> None:
    granary("init", tmp_path / "mine")
    missing = granary("export", tmp_path / "mine/run.toml")
    assert missing.returncode == 2
    assert "manifest.json is missing in" in missing.stderr
    (tmp_path / "mine/out").symlink_to(saved_run)
    done = granary("export", tmp_path / "mine/run.toml", "--out", tmp_path / "x", "-q")
    assert (done.returncode, done.stderr) == (0, "")
    assert (tmp_path / "x/valuation.xlsx").exists()


def test_export_lists_every_option_that_is_wrong_and_writes_nothing(saved_run: Path) -> None:
    before = sorted(saved_run.iterdir())
    done = granary("export", saved_run, "--format", "doc", "--language", "fr")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.splitlines() == [
        "2 faults in the command:",
        '  --format: "doc" is not a choice here. Give xlsx, csv or parquet.',
        '  --language: "fr" is not a choice here. Give en or zh.',
    ]
    for options, fault in (
        (("--draws",), "--draws: a workbook has no room for draws. Add --format parquet, or leave it out."),
        (
            ("--format", "csv", "--language", "zh"),
            "--language: the long table has none: its names are keys. Leave it out.",
        ),
    ):
        done = granary("export", saved_run, *options)
        assert (done.returncode, done.stderr.splitlines()) == (2, ["1 fault in the command:", f"  {fault}"])
    assert sorted(saved_run.iterdir()) == before


def test_export_of_a_folder_without_results_lists_what_is_missing(tmp_path: Path) -> None:
    done = granary("export", tmp_path, "--format", "parquet")
    assert done.returncode == 2
    assert done.stderr.count("is missing in") > 5
    assert "Traceback" not in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_export_into_a_place_that_is_a_file_is_bad_input(saved_run: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    done = granary("export", saved_run, "--out", tmp_path / "file", "-q")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(f"1 fault in the files:\n  {tmp_path / 'file'}: ")
    assert (tmp_path / "file").read_text() == "mine"
