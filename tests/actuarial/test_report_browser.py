"""The report in headless Chromium: drawn, without console errors, without sideways scrolling, without network."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from actuarial.report import calibration, write_report
from tests.actuarial.browsing import NEEDS, opened, started
from tests.actuarial.report_fixture import FIGURES, write_results
from tests.actuarial.report_fixture_mix import add_mix
from tests.actuarial.report_fixture_records import scores

pytestmark = [pytest.mark.slow, NEEDS]

DRAWN = """
return Array.from(document.querySelectorAll('.plot')).map(plot => {
  const box = plot.querySelector('.main-svg')?.getBoundingClientRect();
  return {
    id: plot.id,
    rows: plot.id.startsWith('mix-'),
    width: box?.width ?? 0,
    height: box?.height ?? 0,
    marks: plot.querySelectorAll('path.js-line, .points path').length,
  };
});
"""

CLIPPED = """
return Array.from(document.querySelectorAll('.plot .main-svg text')).filter(text => {
  const inner = text.getBoundingClientRect(), outer = text.closest('.plot').getBoundingClientRect();
  return text.textContent
    && (inner.left < outer.left - 1 || inner.right > outer.right + 1 || inner.bottom > outer.bottom + 1);
}).map(text => text.textContent);
"""

WIDTHS = "return Array.from(document.querySelectorAll('.main-svg')).map(svg => svg.getBoundingClientRect().width)"
SEEN = """
return Array.from(document.querySelectorAll(arguments[0])).filter(one => one.checkVisibility()).length
"""
OVER = """
return Array.from(document.querySelectorAll(arguments[0])).map(one => one.scrollWidth - one.clientWidth)
"""
WRITTEN = """
return Array.from(document.querySelectorAll(`#${arguments[0]} .bartext`)).map(text => text.textContent)
"""
LAST_CHOICE = """
document.getElementById(arguments[0]).closest('.panel').querySelector('.choices button:last-child').focus()
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


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("width", [390, 1280])
def test_page_is_drawn_whole_and_fits(browser: Any, folder: Path, language: Any, width: int) -> None:
    page = write_report(folder, language)
    opened(browser, page, width)
    assert browser.execute_script("return document.documentElement.scrollWidth") <= width
    assert browser.execute_script("return window.innerWidth") == width
    drawn = browser.execute_script(DRAWN)
    assert len(drawn) > 20
    # A chart of rows of dots is as tall as it has rows, of which there may be two.
    small = [one for one in drawn if one["width"] < 200 or one["height"] < (90 if one["rows"] else 200)]
    assert [*small, *(one for one in drawn if one["marks"] == 0)] == []
    assert any(one["id"].startswith("mix-payers") for one in drawn)
    assert browser.execute_script(CLIPPED) == []
    errors = [entry for entry in browser.get_log("browser") if entry["level"] in ("SEVERE", "WARNING")]
    assert errors == []


def test_answer_is_read_on_a_phone_without_scrolling_sideways(browser: Any, folder: Path) -> None:
    for language in ("en", "zh"):
        opened(browser, write_report(folder, language), 390)
        assert browser.execute_script(OVER, "#answer .scroll") == [0]


def test_tables_that_are_read_first_fit_a_desk(browser: Any, folder: Path) -> None:
    opened(browser, write_report(folder, "en"), 1280)
    assert max(browser.execute_script(OVER, "#answer .scroll, #indicators .scroll, #calibration > .scroll")) == 0


def test_switch_shows_the_other_intervals_and_print_always_does(browser: Any, folder: Path) -> None:
    opened(browser, write_report(folder, "en"), 1280)
    assert browser.execute_script(SEEN, ".extra") == 0
    browser.execute_script("document.querySelector('.switch label').click()")
    shown = browser.execute_script(SEEN, ".extra")
    assert shown > 0
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    assert browser.execute_script(SEEN, ".extra") > shown
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})


def test_link_to_a_folded_source_unfolds_it(browser: Any, folder: Path) -> None:
    opened(browser, write_report(folder, "en"), 1280)
    assert browser.execute_script(SEEN, "#source-1") == 0
    browser.execute_script("document.querySelector('.source a[href=\"#source-1\"]').click()")
    browser.execute_async_script("setTimeout(arguments[0], 100)")
    assert browser.execute_script(SEEN, "#source-1") == 1


def test_rules_of_the_fund_are_unfolded_for_print(browser: Any, folder: Path) -> None:
    opened(browser, write_report(folder, "en"), 1280)
    assert browser.execute_script(SEEN, ".rules") == 0
    browser.execute_script("dispatchEvent(new Event('beforeprint'))")
    assert browser.execute_script(SEEN, ".rules") == 1
    assert browser.execute_script(SEEN, ".priors") == 0
    browser.execute_script("dispatchEvent(new Event('afterprint'))")
    assert browser.execute_script(SEEN, ".rules") == 0


def test_a_key_chooses_the_year_of_who_pays_and_paper_keeps_it(browser: Any, folder: Path) -> None:
    opened(browser, write_report(folder, "en"), 1280)
    name = "mix-payers-pension-package"
    before = browser.execute_script(WRITTEN, name)
    browser.execute_script(LAST_CHOICE, name)
    browser.switch_to.active_element.send_keys(" ")
    browser.execute_async_script("setTimeout(arguments[0], 300)")
    chosen = browser.execute_script(WRITTEN, name)
    assert chosen != before and chosen[-1] == before[-1] == "100.0%"
    browser.execute_script("dispatchEvent(new Event('beforeprint'))")
    assert browser.execute_script(WRITTEN, name) == chosen
    browser.execute_script("dispatchEvent(new Event('afterprint'))")


def test_page_asks_the_network_for_nothing(browser: Any, folder: Path) -> None:
    page = write_report(folder, "en")
    browser.get_log("performance")
    opened(browser, page, 1280)
    messages = [json.loads(entry["message"])["message"] for entry in browser.get_log("performance")]
    sent = [m["params"]["request"]["url"] for m in messages if m["method"] == "Network.requestWillBeSent"]
    assert [url for url in sent if not url.startswith(("file:", "data:", "blob:"))] == []


def test_charts_fit_the_paper_when_printed(browser: Any, folder: Path) -> None:
    opened(browser, write_report(folder, "en"), 1280)
    browser.execute_script("dispatchEvent(new Event('beforeprint'))")
    assert max(browser.execute_script(WIDTHS)) <= 660
    browser.execute_script("dispatchEvent(new Event('afterprint'))")
    assert browser.execute_script("return document.documentElement.scrollWidth") <= 1280
