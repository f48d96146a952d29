"""No text of a data file or a run file leaves its place: not in a page, not in a workbook, not in a table."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import openpyxl
import pandas as pd
import pytest

from actuarial.report.tidy import STARTS_FORMULA, quoted
from tests.actuarial.browsing import NEEDS, opened, started
from tests.actuarial.hostile import TEXTS, poisoned
from tests.actuarial.report_fixture import write_results

COUNTS = """
const counts = {};
for (const one of document.querySelectorAll('*')) counts[one.localName] = (counts[one.localName] || 0) + 1;
return counts;
"""
"""How many elements of each name a page has."""

BROUGHT = ("script", "img", "iframe", "svg", "style", "title", "b", "meta", "link", "base", "form", "object", "embed")
"""Elements that a hostile text would bring; an svg is the page's own."""


def granary(*words: Any) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "actuarial.cli", *map(str, words)], capture_output=True, text=True, check=False
    )


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_results(tmp_path_factory.mktemp("plain"))


@pytest.fixture(scope="module")
def spoiled(plain: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with hostile records, and everything that the commands write of it."""
    folder = tmp_path_factory.mktemp("spoiled") / "run"
    shutil.copytree(plain, folder)
    poisoned(folder)
    for language in ("en", "zh"):
        done = granary("report", folder, "--language", language)
        assert done.returncode == 0, done.stderr
    for form in ("xlsx", "csv"):
        done = granary("export", folder, "--format", form)
        assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    with started(tmp_path_factory.mktemp("profile")) as driver:
        yield driver


@pytest.mark.slow
@NEEDS
@pytest.mark.parametrize("page", ["brief.en", "brief.zh", "report.en", "report.zh"])
def test_a_hostile_page_runs_nothing_and_has_no_more_elements(
    browser: Any, plain: Path, spoiled: Path, page: str
) -> None:
    if not (plain / f"{page}.html").exists():
        assert granary("report", plain, "--language", page[-2:]).returncode == 0
    # A dialogue that a text opened would stop the next command of the driver with an error.
    opened(browser, plain / f"{page}.html")
    usual = browser.execute_script(COUNTS)
    browser.get_log("browser")
    opened(browser, spoiled / f"{page}.html")
    found = browser.execute_script(COUNTS)
    assert {name: found.get(name, 0) for name in BROUGHT if name != "svg"} == {
        name: usual.get(name, 0) for name in BROUGHT if name != "svg"
    }
    assert browser.execute_script("return document.querySelectorAll('[onload], [onerror], [srcdoc]').length") == 0
    links = browser.execute_script("return Array.from(document.links).map(one => one.protocol)")
    assert set(links) <= {"file:", "http:", "https:"}
    assert browser.get_log("browser") == []
    # What was written is read as it stands.
    read = browser.execute_script("return document.body.innerText")
    assert any(text in read for text in TEXTS[:5])


@pytest.mark.slow
@NEEDS
def test_a_hostile_brief_stays_on_its_two_sheets(browser: Any, spoiled: Path) -> None:
    for language in ("en", "zh"):
        opened(browser, spoiled / f"brief.{language}.html")
        assert browser.execute_script("return document.querySelectorAll('.sheet').length") == 2


def test_no_cell_of_a_hostile_workbook_is_a_formula_of_a_text(spoiled: Path) -> None:
    book = openpyxl.load_workbook(spoiled / "valuation.xlsx")
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None]
    formulas = [cell.value for cell in cells if cell.data_type == "f"]
    # The workbook's own add cells up; none of them reaches out or calls a text.
    assert formulas
    assert not [one for one in formulas if re.search(r"HYPERLINK|http|cmd\||\[", str(one))]
    texts = [cell.value for cell in cells if cell.data_type == "s"]
    hostile = [text for text in texts if str(text).startswith(STARTS_FORMULA)]
    assert any("HYPERLINK" in str(text) for text in hostile)
    assert all(cell.hyperlink is None or not cell.hyperlink.target for cell in cells)


def test_every_part_of_a_hostile_workbook_is_well_formed(spoiled: Path) -> None:
    with zipfile.ZipFile(spoiled / "valuation.xlsx") as book:
        for name in book.namelist():
            ElementTree.fromstring(book.read(name))  # noqa: S314 -- written a moment ago, by this very program


def test_no_cell_of_a_hostile_table_is_a_formula_and_its_numbers_are_those_of_the_plain_one(
    plain: Path, spoiled: Path
) -> None:
    assert granary("export", plain, "--format", "csv").returncode == 0
    found, usual = (pd.read_csv(folder / "results.csv", low_memory=False) for folder in (spoiled, plain))
    pd.testing.assert_series_equal(found["value"], usual["value"], check_exact=True)
    assert (found["value"] < 0).any()
    words = found.select_dtypes(exclude="number").astype(str)
    assert not words.apply(lambda column: column.str.startswith(STARTS_FORMULA).any()).any()


@pytest.mark.parametrize("text", [" =1", "\u200b=1", "\ufeff@x", "\u202e+1", "\x00-1", "\xa0=1", "\n=1", "＝1"])
def test_what_is_not_seen_before_a_formula_does_not_hide_it(text: str) -> None:
    assert quoted(text) == f"'{text}"


@pytest.mark.parametrize("text", ["law", "a=b", "1-2", "财政", "", " "])
def test_a_text_that_is_no_formula_is_kept_as_it_is(text: str) -> None:
    assert quoted(text) == text


def test_control_characters_of_a_run_file_are_refused_each_with_its_place(tmp_path: Path) -> None:
    assert granary("init", tmp_path / "run").returncode == 0
    file = tmp_path / "run" / "run.toml"
    text = file.read_text(encoding="utf-8")
    spoiled = re.sub(r"^title = .*$", r'title = "zero\\u0000byte"', text, count=1, flags=re.MULTILINE)
    spoiled = re.sub(r"^title_zh = .*$", r'title_zh = "\\u001b[31m"', spoiled, count=1, flags=re.MULTILINE)
    file.write_text(spoiled, encoding="utf-8")
    done = granary("check", file)
    told = " ".join(done.stderr.split())
    assert done.returncode == 2 and "Traceback" not in told
    assert "run.title" in told and "U+0000" in told and "run.title_zh" in told and "U+001B" in told
