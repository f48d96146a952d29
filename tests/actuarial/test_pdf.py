"""Pages on paper: printed by the command, tagged, whole, the brief on two sheets."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from actuarial.report import ReportError, _chromium
from actuarial.report.pdf import write_pdf
from tests.actuarial.report_fixture import write_results
from tests.actuarial.report_fixture_mix import add_mix

CHROMIUM = pytest.mark.skipif(shutil.which("chromium") is None, reason="needs the command chromium")
POPPLER = pytest.mark.skipif(shutil.which("pdftotext") is None, reason="needs poppler-utils")

A4 = (595.0, 842.0)
"""Points."""


def granary(*words: Any, **around: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "actuarial.cli", *map(str, words)]
    return subprocess.run(command, capture_output=True, text=True, check=False, env=os.environ | around)


def told(*words: Any) -> str:
    return subprocess.run(list(map(str, words)), capture_output=True, text=True, check=True).stdout


@pytest.fixture(scope="module")
def printed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run with everything, printed in both languages."""
    folder = add_mix(write_results(tmp_path_factory.mktemp("run")))
    for language in ("en", "zh"):
        done = granary("report", folder, "--pdf", "--language", language)
        assert done.returncode == 0, done.stderr
        assert done.stdout.splitlines() == [
            f"Report: {folder / f'report.{language}.html'}",
            f"Brief: {folder / f'brief.{language}.html'}",
            f"PDF: {folder / f'report.{language}.pdf'}",
            f"PDF: {folder / f'brief.{language}.pdf'}",
        ]
    return folder


@pytest.mark.slow
@CHROMIUM
@POPPLER
class TestPrinted:
    """What Chromium made of the pages."""

    @pytest.mark.parametrize("language", ["en", "zh"])
    def test_brief_is_two_pages(self, printed: Path, language: str) -> None:
        assert re.search(r"^Pages: +2$", told("pdfinfo", printed / f"brief.{language}.pdf"), re.MULTILINE)

    @pytest.mark.parametrize("name", ["report.en", "report.zh", "brief.en", "brief.zh"])
    def test_paper_is_a4_tagged_titled_and_says_its_language(self, printed: Path, name: str) -> None:
        about = told("pdfinfo", printed / f"{name}.pdf")
        assert re.search(r"^Tagged: +yes$", about, re.MULTILINE)
        assert re.search(r"^Title: +\S", about, re.MULTILINE)
        width, height = map(float, re.findall(r"[\d.]+", re.search(r"^Page size:(.*)$", about, re.MULTILINE)[1])[:2])
        assert (width, height) == pytest.approx(A4, abs=1.0)
        assert re.search(rb"/Lang \((\w+)", (printed / f"{name}.pdf").read_bytes())[1] == name[-2:].encode()

    def test_every_page_of_the_report_has_its_number(self, printed: Path) -> None:
        pages = told("pdftotext", "-layout", printed / "report.en.pdf", "-").split("\f")[:-1]
        assert len(pages) > 10
        assert [page.split()[-3:] for page in pages] == [
            [str(number), "/", str(len(pages))] for number in range(1, len(pages) + 1)
        ]

    def test_no_heading_of_a_chart_stands_alone_at_the_foot(self, printed: Path) -> None:
        pages = told("pdftotext", "-layout", printed / "report.en.pdf", "-").split("\f")[:-1]
        for page in pages:
            # The page number is the last line; the years of an axis, a unit or a source follow every heading.
            lines = [line for line in page.splitlines() if line.strip()][:-1]
            assert not any(re.match(r"\s*Figure \d+ ", line) for line in lines[-4:])

    def test_paper_shows_what_is_folded_and_hides_what_is_pressed(self, printed: Path) -> None:
        text = told("pdftotext", "-layout", printed / "report.en.pdf", "-")
        assert "Contents" not in text
        assert "The medical fund in the long run" in text

    def test_the_same_page_printed_again_gives_the_same_bytes(self, printed: Path) -> None:
        for name in ("brief.en", "report.en"):
            before = (printed / f"{name}.pdf").read_bytes()
            write_pdf(printed / f"{name}.html", "2026-11-22")
            assert (printed / f"{name}.pdf").read_bytes() == before


def test_without_a_browser_the_command_says_what_to_install_and_writes_nothing(tmp_path: Path) -> None:
    folder = write_results(tmp_path / "run")
    before = sorted(file.name for file in folder.iterdir())
    done = granary("report", folder, "--pdf", GRANARY_CHROMIUM="no-such-browser")
    assert done.returncode == 2 and done.stdout == ""
    assert "GRANARY_CHROMIUM names 'no-such-browser'" in done.stderr and "apt install chromium" in done.stderr
    assert "Traceback" not in done.stderr
    assert sorted(file.name for file in folder.iterdir()) == before


def test_a_browser_that_ends_at_once_is_an_error_and_not_an_empty_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = tmp_path / "page.html"
    page.write_text("<title>x</title>", encoding="utf-8")
    monkeypatch.setenv(_chromium.VARIABLE, "true")
    with pytest.raises(ReportError, match="nothing was printed"):
        write_pdf(page, "2026-11-22")
    assert [file.name for file in tmp_path.iterdir()] == ["page.html"]


def test_a_page_that_is_not_there_cannot_be_printed(tmp_path: Path) -> None:
    with pytest.raises(ReportError, match=r"report\.en\.html is missing"):
        write_pdf(tmp_path / "report.en.html", "2026-11-22")
