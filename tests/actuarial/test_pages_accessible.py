"""Pages that everybody can read: no fault of WCAG 2.2 A and AA, words and numbers behind every chart, keys for all."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from actuarial.report import calibration, write_brief, write_report
from tests.actuarial.browsing import NEEDS, opened, started
from tests.actuarial.report_fixture import FIGURES, write_results
from tests.actuarial.report_fixture_mix import add_mix
from tests.actuarial.report_fixture_records import scores

pytestmark = [pytest.mark.slow, NEEDS]

CHECKED = """
const done = arguments[0], tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];
axe.run(document, { runOnly: { type: "tag", values: tags }, resultTypes: ["violations"] }).then(
  found => done(found.violations.flatMap(one => one.nodes.map(node => one.id + " " + node.target.join(" ")))),
  why => done(["axe: " + why]),
);
"""

CHARTS = """
return Array.from(document.querySelectorAll(".plot")).map(plot => ({
  id: plot.id,
  role: plot.getAttribute("role"),
  told: plot.getAttribute("aria-label") || "",
  rows: plot.closest("figure").querySelectorAll("table tbody tr").length,
}));
"""

UNREACHED = """
return Array.from(document.querySelectorAll("a, button, summary, input, [onclick]"))
  .filter(one => one.tabIndex < 0).map(one => one.outerHTML);
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    run = add_mix(write_results(tmp_path_factory.mktemp("run")))
    calibration.write(scores(), run / calibration.FILE, FIGURES)
    return run


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    with started(tmp_path_factory.mktemp("profile")) as driver:
        yield driver


def faults(browser: Any) -> list[str]:
    """Return what axe-core finds, with everything unfolded."""
    base = pytest.importorskip("axe_core_python.base", reason="needs the package axe-core-python")
    browser.execute_script("document.querySelectorAll('details').forEach(one => { one.open = true; })")
    browser.execute_script(base.AXE_SCRIPT)
    return list(browser.execute_async_script(CHECKED))


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("write", [write_report, write_brief])
def test_axe_finds_no_fault(browser: Any, folder: Path, write: Any, language: Any) -> None:
    opened(browser, write(folder, language))
    assert faults(browser) == []


def test_axe_finds_a_fault_where_there_is_one(browser: Any, folder: Path) -> None:
    opened(browser, write_brief(folder, "en"))
    browser.execute_script(
        "const plot = document.querySelector('.plot'); plot.removeAttribute('aria-label');"
        "document.querySelector('.question').style.color = '#c8c8c8'; document.documentElement.lang = '';"
    )
    assert {fault.split()[0] for fault in faults(browser)} == {"role-img-alt", "color-contrast", "html-has-lang"}


@pytest.mark.parametrize("write", [write_report, write_brief])
def test_every_chart_tells_numbers_in_words_and_has_a_table_behind(browser: Any, folder: Path, write: Any) -> None:
    opened(browser, write(folder, "en"))
    charts = browser.execute_script(CHARTS)
    assert charts
    assert [one["id"] for one in charts if one["role"] != "img" or not one["rows"]] == []
    assert [one["id"] for one in charts if not any(sign.isdigit() for sign in one["told"])] == []


def test_every_control_is_reached_by_keyboard(browser: Any, folder: Path) -> None:
    opened(browser, write_report(folder, "en"))
    assert browser.execute_script(UNREACHED) == []
    assert browser.execute_script("return document.querySelectorAll('.updatemenu-button').length") == 0
    assert browser.execute_script("return document.querySelectorAll('.choices button').length") > 0


def test_contents_stay_in_sight_and_lead_to_every_chapter(browser: Any, folder: Path) -> None:
    page = write_report(folder, "en")
    for width, tall in ((1280, 60), (390, 60)):
        opened(browser, page, width)
        browser.execute_script("document.documentElement.style.scrollBehavior = 'auto'; scrollTo(0, 9000)")
        box = browser.execute_script("return document.querySelector('nav').getBoundingClientRect().toJSON()")
        assert box["top"] == 0 and box["height"] <= tall
    opened(browser, page, 1600)
    assert browser.execute_script("return document.getElementById('contents').open")
    sections = set(browser.execute_script("return Array.from(document.querySelectorAll('main > section'), s => s.id)"))
    linked = browser.execute_script("return Array.from(document.querySelectorAll('nav a'), a => a.hash.slice(1))")
    assert set(linked) == sections and len(linked) == len(sections)
    assert browser.execute_script("return document.documentElement.scrollWidth") <= 1600
