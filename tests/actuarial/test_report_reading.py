"""What makes the page readable: scales, short names of sources, folded lists, the setting of the answer."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest

from actuarial.report import Results, read_results
from actuarial.report.page import answer_parts, render
from actuarial.report.publications import MOST_LETTERS, by_publisher, citations, short
from actuarial.report.records import Source
from actuarial.report.scales import leaving, padded, reach
from actuarial.report.summary import Fan
from tests.actuarial.report_fixture import write_results

YEARS = np.arange(2026, 2101)


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Results:
    return read_results(write_results(tmp_path_factory.mktemp("run")))


@pytest.fixture(scope="module")
def english(results: Results) -> str:
    return render(results, "en")


def fan_of(*, to_2060: float, at_the_end: float, median: float = 1.0) -> Fan:
    """Return a fan around `median`; its bounds of 80 and 95 % are as given, the latter half as far again."""
    reach_80 = np.where(YEARS <= 2060, to_2060, at_the_end)
    rows = [-1.5 * reach_80, -reach_80, 0 * reach_80, 0 * reach_80 + median]
    return Fan(YEARS, np.stack([*rows, 0 * reach_80 + median, reach_80, 1.5 * reach_80]))


# -- scales


def test_axis_holds_all_of_a_calm_fan_but_its_widest_tail() -> None:
    calm = fan_of(to_2060=10.0, at_the_end=16.0)
    assert reach([calm]) == (-16.0, 16.0)
    assert leaving(calm, (-16.0, 16.0)) == {95: 2061}


def test_axis_keeps_the_decades_to_2060_legible_when_later_draws_explode() -> None:
    wild = fan_of(to_2060=10.0, at_the_end=1000.0)
    low, high = reach([wild])
    assert (low, high) == (-45.0, 45.0)
    assert leaving(wild, (low, high)) == {95: 2061, 80: 2061}


def test_axis_holds_every_median_and_what_is_drawn_to_2060() -> None:
    assert reach([fan_of(to_2060=10.0, at_the_end=1000.0, median=400.0)])[1] == 400.0
    assert reach([fan_of(to_2060=10.0, at_the_end=0.0)]) == (-15.0, 15.0)
    assert reach([fan_of(to_2060=10.0, at_the_end=0.0)], (80,)) == (-10.0, 10.0)


def test_line_at_zero_stands_clear_of_the_axis() -> None:
    low, high = padded(0.0, 100.0)
    assert -0.03 * high < low < 0
    assert padded(0.0, 0.0)[0] < 0 < padded(0.0, 0.0)[1]


def test_chart_says_from_when_an_interval_is_beyond_it(results: Results) -> None:
    account = results.account.copy()
    late = account["year"] > 2070
    factor = 1 + 500 * (account["draw"] >= 36) * late
    account["balance"] = account["balance"] * factor
    page = render(replace(results, account=account), "en")
    assert "Beyond the scale: 95% interval from 2071" in page


# -- sources


def source(title: str, publisher: str = "Bureau") -> Source:
    words = {"key": title, "title": title, "publisher": publisher, "address": "", "licence": "", "date_read": ""}
    return Source(**words, indicators=[])


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("Annual fiscal report 2010, as carried by a database (a/b.txt)", "Annual fiscal report 2010"),
        ("World Population Prospects 2024: total fertility", "World Population Prospects 2024"),
        ("National Data, annual data by province: pilots", "National Data, annual data by province"),
        ("Yearbook", "Yearbook"),
    ],
)
def test_short_name_is_the_first_clause_of_some_length(title: str, name: str) -> None:
    assert short(title) == name


@pytest.mark.parametrize("title", ["word " * 40, "x" * 200])
def test_short_name_is_cut_where_a_title_has_no_clause(title: str) -> None:
    assert len(short(title)) <= MOST_LETTERS + 1
    assert short(title).endswith("…")


def test_issues_of_a_yearly_publication_are_cited_once() -> None:
    found = citations([source("News agency wire"), source("Annual report 2012"), source("Annual report 2010, a copy")])
    assert [(one.label, len(one.sources)) for one in found] == [("Annual report 2010–2012", 2), ("News agency wire", 1)]


def test_sources_are_grouped_by_publisher() -> None:
    many = [source(str(i), "Ministry") for i in range(3)]
    few = [source("a", "Journal"), source("b", "Press")]
    assert by_publisher([*few, *many]) == [("Ministry", many), ("", few)]


def test_every_source_stands_once_and_every_link_finds_its_place(results: Results, english: str) -> None:
    assert english.count('<li id="source-') == len(results.sources)
    targets = set(re.findall(r'href="#([^"]+)"', english))
    assert targets <= set(re.findall(r'\bid="([^"]+)"', english))


# -- assumptions


def test_calendar_years_are_written_without_separators(english: str) -> None:
    section = english[english.index('<section id="assumptions">') : english.index('<section id="sources">')]
    assert all(f'<span class="main">{text}</span>' in section for text in ("2024", "2009 to 2200", "1975"))
    assert "Reform package: 2027" in section


def test_priors_that_share_a_meaning_share_a_row(english: str) -> None:
    row = next(row for row in re.findall(r"<tr>.*?</tr>", english, re.DOTALL) if "long_run_mean" in row)
    assert "long_run_mean, long_run_sd" in row
    assert "1.5; 0.15" in row
    assert english.count("Children per woman unless said otherwise.") == 2


def test_chinese_page_says_assumptions_and_models_in_chinese(results: Results) -> None:
    chinese = render(results, "zh")
    assert "以元计的金额所用的价格年份" in chinese
    assert "Year of the money." not in chinese
    assert "生育模型：2 项设定" in chinese


def test_indicators_hold_all_three_intervals(english: str) -> None:
    table = next(t for t in re.findall(r"<table.*?</table>", english, re.DOTALL) if "indicators</caption>" in t)
    assert table.count('<span class="below extra">50%: ') == table.count('<span class="below extra">95%: ') > 30


# -- the answer


@pytest.mark.parametrize(
    "line",
    [
        "Today's law: chance of 2035 / 2050: <1% / 79%, need 4.6% (3.0–7.0%).",
        "现行法律：到 2035 / 2050 年为 2% / 79%；需求 4.6%（3.0–7.0%）。",
        "No colon, no interval",
        "",
    ],
)
def test_setting_the_answer_keeps_its_words(line: str) -> None:
    head, rest = answer_parts(line)
    assert head + "".join(text for text, _ in rest) == line


def test_setting_the_answer_keeps_numbers_together() -> None:
    head, rest = answer_parts("Law: by 2035 / 2050: <1% / 79%, need 4.6% (3.0–7.0%).")
    assert head == "Law: "
    assert [text for text, whole in rest if whole] == ["2035 / 2050", "<1% / 79%", "(3.0–7.0%)"]


def test_page_explains_pool_and_fund_under_the_answer(english: str) -> None:
    answer, table = english.index('<ul class="answer">'), english.index("<caption>The answer in numbers")
    assert answer < english.index("The pool is the common money") < table
