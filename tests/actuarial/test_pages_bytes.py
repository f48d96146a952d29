"""The same results give the same bytes: in another process, with other hashes, in another zone and language."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import pytest

from actuarial.report.pdf import dated, numbered
from tests.actuarial.report_fixture import write_results
from tests.actuarial.report_fixture_mix import add_mix

WRITTEN = (
    "report.en.html", "report.zh.html", "brief.en.html", "brief.zh.html", "valuation.xlsx", "results.csv",
    "results.parquet",
)  # fmt: skip

HERE = {"PYTHONHASHSEED": "1", "TZ": "UTC", "LC_ALL": "C.UTF-8"}
ELSEWHERE = {"PYTHONHASHSEED": "4242", "TZ": "Asia/Shanghai", "LC_ALL": "POSIX", "LANG": "zh_CN.GBK", "PYTHONUTF8": "0"}

SCRIPT = """
import sys
from pathlib import Path
from actuarial.report import read_results, tidy, workbook, write_brief, write_report
folder = Path(sys.argv[1])
results = read_results(folder)
for language in ("en", "zh"):
    write_report(folder, language, results)
    write_brief(folder, language, results)
workbook.write_workbook(results, folder / workbook.NAME)
for form in ("csv", "parquet"):
    tidy.write_tidy(results, folder / f"results.{form}", form)
"""


def written(folder: Path, around: dict[str, str]) -> dict[str, str]:
    """Return the digests of all that a process of its own writes."""
    subprocess.run([sys.executable, "-c", SCRIPT, str(folder)], check=True, env=os.environ | around)
    return {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in WRITTEN}


@pytest.mark.slow
def test_two_processes_write_the_same_bytes(tmp_path: Path) -> None:
    folder = add_mix(write_results(tmp_path / "run"))
    first = written(folder, HERE)
    for name in WRITTEN:
        (folder / name).unlink()
    assert written(folder, ELSEWHERE) == first


def test_a_pdf_bears_the_day_of_its_run_and_keeps_its_length() -> None:
    paper = b"/CreationDate (D:20310405060708+00'00')\n/ModDate (D:20310405060708+00'00')>> text (D:2)"
    found = dated(paper, "2026-11-22")
    assert found == b"/CreationDate (D:20261122000000+00'00')\n/ModDate (D:20261122000000+00'00')>> text (D:2)"
    assert len(found) == len(paper)


def test_cells_of_a_pdf_are_counted_alike_whatever_the_browser_did_before() -> None:
    papers = [b"/ID (node%08d) /Headers [(node%08d) (node%08d)] (node1)" % (9 + k, 40 + k, 9 + k) for k in (0, 1, 90)]
    assert {numbered(paper) for paper in papers} == {
        b"/ID (node00000001) /Headers [(node00000002) (node00000001)] (node1)"
    }
