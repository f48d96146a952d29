"""The brief: what it says is what the results say, and it has room for it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from actuarial.report import Results, brief, read_results, write_brief
from actuarial.report._brief_words import LONGEST_SENTENCE, shortened
from actuarial.report.brief import render_brief
from actuarial.report.results import OTHERS
from actuarial.report.texts import Texts, catalogue
from tests.actuarial.browsing import NEEDS, opened, started
from tests.actuarial.report_fixture import write_results
from tests.actuarial.report_fixture_mix import add_mix

OVER = """
return Array.from(document.querySelectorAll('.sheet'), sheet => {
  const foot = sheet.querySelector('.foot').getBoundingClientRect().top;
  const rest = Array.from(sheet.children).filter(one => !one.matches('.foot'));
  const last = Math.max(...rest.map(one => one.getBoundingClientRect().bottom));
  return Math.round(last - foot);
});
"""
"""Pixels by which what stands on each sheet runs into its foot; negative is room that is left."""


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Results:
    return read_results(add_mix(write_results(tmp_path_factory.mktemp("run"))))


def only_pension(results: Results) -> Results:
    """Return the run without other funds, mixes and answers to questions."""
    nothing: dict[str, Any] = dict.fromkeys(OTHERS)
    return replace(results, **nothing)


def of_one(results: Results) -> Results:
    """Return the run of a region under one scenario, with long names."""
    manifest = results.manifest
    first = manifest.scenarios[0].model_copy(
        update={"title_en": "A very long name " * 9, "title_zh": "很长的名称" * 20}
    )
    told = {
        "region": "新疆维吾尔自治区" * 6,
        "title": "Long title " * 40,
        "title_zh": "很长的标题" * 50,
        "scenarios": [first],
    }
    name = [first.name]
    pension = only_pension(results)
    arrays = {kind: getattr(pension, kind).sel(scenario=name) for kind in ("account", "indicators")}
    return replace(pension, manifest=manifest.model_copy(update=told), **arrays)


def long_names(results: Results) -> Results:
    """Return the run with names as long as anybody may write them."""
    named = [
        one.model_copy(update={"title_en": f"{place} " + "long words of a name " * 500, "title_zh": "很长" * 5000})
        for place, one in enumerate(results.manifest.scenarios)
    ]
    told = {"title": "W" * 10_000, "title_zh": "长" * 10_000, "region": "M" * 10_000, "scenarios": named}
    return replace(results, manifest=results.manifest.model_copy(update=told))


def of_many(results: Results) -> Results:
    """Return the run of the pension alone with more scenarios than the brief has room for, all with long names."""
    long = long_names(only_pension(results))
    count = len(long.manifest.scenarios)
    told = long.manifest.model_copy(update={"scenarios": long.manifest.scenarios * 2})
    return replace(long, manifest=told, indicators=long.indicators.isel(scenario=[*range(count)] * 2))


VARIANTS = {
    "whole": lambda results: results,
    "pension": only_pension,
    "one": of_one,
    "long": long_names,
    "many": of_many,
}


def words_of(html: str) -> str:
    """Return the text of a page without its scripts and styles, blanks made one."""
    found: list[str] = []

    class Reader(HTMLParser):
        quiet = False

        def handle_starttag(self, tag: str, attrs: Any) -> None:
            self.quiet = tag in ("script", "style")

        def handle_endtag(self, tag: str) -> None:
            self.quiet = False

        def handle_data(self, data: str) -> None:
            if not self.quiet:
                found.append(data)

    Reader().feed(html)
    return " ".join(" ".join(found).split())


def test_the_answer_gives_the_chances_of_the_first_scenario(results: Results) -> None:
    one = results.indicators.isel(scenario=0)
    pool, fund = (round(100 * float((one[f"{name}_empty"].sel(year=2050) > 0).mean())) for name in ("pool", "fund"))
    text = words_of(render_brief(results, "en"))
    found = re.search(r"is empty by 2050 in (\S+) of the simulated futures, .*? included, in (\S+);", text)
    assert found is not None
    written = [0 if share == "<1%" else 100 if share == ">99%" else int(share.rstrip("%")) for share in found.groups()]
    assert written == [pool, fund]


def test_the_answer_gives_the_need_with_its_interval(results: Results) -> None:
    assert results.household is not None
    name = results.manifest.scenarios[0].name
    need = results.household["need_share"].sel(scenario=name, year=2050).values
    low, middle, high = (f"{100 * q:.1f}" for q in np.quantile(need, (0.1, 0.5, 0.9)))
    assert f"{middle}% ({low}–{high}%) in 2050" in words_of(render_brief(results, "en"))


def test_a_share_that_a_rule_sets_in_every_future_is_written_once(results: Results) -> None:
    fixed = results.indicators.assign(fiscal_transfer_share=results.indicators["fiscal_transfer_share"] * 0 + 0.0235)
    text = words_of(render_brief(replace(results, indicators=fixed), "en"))
    assert "paying 2.35%" in text and "2.35% (" not in text


def test_every_text_of_the_brief_is_used_by_some_run(results: Results, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[Texts] = []
    monkeypatch.setattr(brief, "Texts", lambda language: made.append(Texts(language)) or made[-1])
    # The invented run cites fewer sources than there is room for.
    monkeypatch.setattr(brief, "CITED", 1)
    good = [one.model_copy(update={"passed": True}) for one in results.diagnostics]
    passed = replace(only_pension(results), diagnostics=good)
    emptied = results.medical
    assert emptied is not None
    dry = replace(results, medical=emptied.assign(fund_empty=emptied["fund_empty"] * 0 + 1.0))
    for one in (results, of_one(results), of_many(results), passed, dry):
        render_brief(one, "en")
    used = set().union(*(texts.used for texts in made))
    rare = {"brief.no_doubts"}
    assert {key for key in catalogue() if key.startswith("brief.")} - used <= rare


@pytest.mark.parametrize("text", ["short", "a" * 300, "two\nlines\tand a tab", "词" * 300])
def test_a_shortened_text_is_one_line_and_says_that_it_was_cut(text: str) -> None:
    found = shortened(text, LONGEST_SENTENCE)
    assert len(found) <= LONGEST_SENTENCE and "\n" not in found and "\t" not in found
    assert found.endswith("…") == (len(text) > LONGEST_SENTENCE)


def test_no_text_of_the_brief_brings_a_number_of_its_own() -> None:
    # The level of the intervals is a convention of the page, and A4 is no number of anybody's.
    for key, both in catalogue().items():
        if key.startswith("brief."):
            for text in both.values():
                assert not re.search(r"\d", re.sub(r"\{\w+\}", "", text).replace("80%", "")), key


def test_a_brief_of_incomplete_results_is_not_written(tmp_path: Path) -> None:
    from actuarial.report import ReportError

    with pytest.raises(ReportError):
        write_brief(tmp_path, "en")
    assert list(tmp_path.iterdir()) == []


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    with started(tmp_path_factory.mktemp("profile")) as driver:
        yield driver


@pytest.mark.slow
@NEEDS
@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("kind", list(VARIANTS))
def test_nothing_runs_out_of_its_sheet_of_paper(
    browser: Any, results: Results, tmp_path: Path, kind: str, language: Any
) -> None:
    page = tmp_path / "brief.html"
    page.write_text(render_brief(VARIANTS[kind](results), language), encoding="utf-8")
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    opened(browser, page, 794)
    browser.execute_script("dispatchEvent(new Event('beforeprint'))")
    over = browser.execute_script(OVER)
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})
    assert len(over) == 2
    assert max(over) <= 0
