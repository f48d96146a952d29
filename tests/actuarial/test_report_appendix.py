"""The report's appendix: published series beside what the models make of them."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from actuarial.report import ReportError, Results, read_results
from actuarial.report.appendix import SHOWN, check_blocks, fans, held
from actuarial.report.blocks import Block, Context
from actuarial.report.numbers import Numbers
from actuarial.report.page import render
from actuarial.report.records import Check
from actuarial.report.summary import LEVELS
from actuarial.report.texts import Texts, catalogue
from actuarial.saving import LANGUAGES
from forecasting.models import predictive
from tests.actuarial.report_fixture import write_results
from tests.actuarial.report_fixture_records import SERIES, records


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_results(tmp_path_factory.mktemp("run"))


@pytest.fixture(scope="module")
def results(folder: Path) -> Results:
    return read_results(folder)


@pytest.fixture(scope="module")
def english(results: Results) -> str:
    return render(results, "en")


def blocks(results: Results, language: Any = "en") -> list[Block]:
    texts = Texts(language)
    return check_blocks(Context(results, texts, Numbers(texts, results.manifest.last_year)))


def a_check(**changes: Any) -> Check:
    """Return a check of two years around one half, changed."""
    rows = [[0.5, 0.1 * i] for i in range(1, 8)]
    record = {"model": "fertility", "series": "tfr", "unit": "ratio", "axis": "year", "x": [2020, 2021]}
    record |= {"observed": [0.5, 0.15], "prior": rows, "posterior": rows, "sources": []}
    return Check.model_validate(record | changes)


# The record -----


def test_the_record_has_the_quantiles_that_the_models_give() -> None:
    assert predictive.LEVELS == LEVELS


@pytest.mark.parametrize(
    "spoilt",
    [{"x": [2020]}, {"observed": [1.0]}, {"prior": [[1.0, 2.0]] * 6}, {"posterior": [[1.0]] * 7}, {"axis": "place"}],
)
def test_a_check_whose_parts_do_not_fit_is_refused_by_its_file(tmp_path: Path, spoilt: dict[str, Any]) -> None:
    run = write_results(tmp_path)
    found = records()["checks"]
    found[3] |= spoilt
    (run / "checks.json").write_text(json.dumps(found))
    with pytest.raises(ReportError, match=r"checks\.json: 3"):
        read_results(run)


def test_older_results_without_checks_are_read_and_have_no_such_section(tmp_path: Path) -> None:
    run = write_results(tmp_path)
    (run / "checks.json").unlink()
    page = render(read_results(run), "en")
    assert 'id="models"' not in page
    assert 'href="#models"' not in page


# What is told -----


def test_every_model_has_a_figure_and_every_series_a_chart(results: Results) -> None:
    found = blocks(results)
    assert [len(block.panels) for block in found] == [len(series) for series in SERIES.values()]
    assert [block.title for block in found][:2] == [
        "The fertility model and the figures",
        "The mortality model and the figures",
    ]
    assert all(source.key == "yearbook" for block in found for source in block.sources)


def test_every_series_has_a_title_and_a_unit_in_both_languages(results: Results) -> None:
    for model, found in SERIES.items():
        for series, unit in found.items():
            assert {"en", "zh"} == set(catalogue()[f"check.{model}.{series}"])
            assert unit == "persons" or f"check.{model}.{series}_unit" in catalogue()
    assert [panel.unit for panel in blocks(results)[2].panels][:2] == ["million people", "million people"]
    assert [panel.unit for panel in blocks(results, "zh")[2].panels][:2] == ["万人", "万人"]


def test_dots_are_counted_where_the_replica_is_free_to_miss_them() -> None:
    """In 2020 the replica starts from the dot; in 2021 .15 lies above the 2.5 % bound .1, below the 25 % bound .3."""
    assert (held(a_check(), 95), held(a_check(), 50)) == ((1, 1), (0, 1))
    assert held(a_check(observed=[0.5, 0.05]), 95) == (0, 1)
    assert held(a_check(observed=[0.5, 0.0]), 95) == (0, 1)
    assert held(a_check(observed=[0.5, None]), 95) == (0, 0)


def test_the_caption_counts_all_dots_of_a_model(results: Results) -> None:
    counts = {level: [held(one, level) for one in results.checks if one.model == "economy"] for level in SHOWN}
    wide, half = (sum(inside for inside, _ in counts[level]) for level in (95, 50))
    total = sum(number for _, number in counts[95])
    # Of ten values of each of six series one is given, one is lacking, and one lies outside everything.
    assert (wide, half, total) == (42, 42, 48)
    assert blocks(results)[4].lead == (
        "Of 48 dots, 42 lie inside the 95% interval of the posterior and 42 inside its 50% interval."
    )


def test_a_chart_holds_posterior_and_dots_and_says_when_the_prior_leaves_it() -> None:
    wide = (100.0 * (np.array(a_check().prior) - 0.5)).tolist()
    one = a_check(prior=wide, observed=[0.5, 2.0])
    _, after, seen = fans(one)
    assert seen.values.tolist() == [0.5, 2.0]
    results = Results.__new__(Results)
    object.__setattr__(results, "checks", [one])
    object.__setattr__(results, "sources", [])
    (panel,) = check_blocks(Context(results, Texts("en"), Numbers(Texts("en"), 2100)))[0].panels
    low, high = panel.figure.layout.yaxis.range
    assert low <= after.bands.min() and high >= 2.0
    assert high < max(map(max, wide))
    assert "Prior beyond the scale: 95% interval from 2021, 50% interval from 2021." in panel.note


def test_the_table_behind_a_figure_holds_every_number(results: Results) -> None:
    table = blocks(results)[0].table
    assert len(table.rows) == 10 * len(SERIES["fertility"])
    assert {len(row) for row in table.rows} == {len(table.head)} == {9}
    title, year, seen, median, half, wide, *before = (cell.main for cell in table.rows[4])
    assert (title, year, seen, median) == ("Total fertility rate", "2016", "1.68", "1.50")
    assert (half, wide, before[2]) == ("1.30–1.70", "0.91–2.09", "−2.03 to 5.03")
    assert table.rows[2][2].main == "–"


def test_the_section_explains_prior_and_posterior_in_both_languages(pages: dict[str, str]) -> None:
    for language, words in (("en", ("Orange", "Blue", "not that it foresees")), ("zh", ("橙色", "蓝色", "预见"))):
        page = pages[language]
        part = page[page.index('<section id="models">') : page.index('<section id="sources">')]
        assert all(word in part for word in words)
        assert part.count("<figure") == len(SERIES)
        assert "Forecast: this run" not in part


# A region -----


@pytest.fixture(scope="module")
def regional(results: Results) -> Results:
    manifest = results.manifest.model_copy(update={"region": "四川", "methods": {"fertility": "ets"}})
    kept = {name: results.observed[name] for name in ("contributors", "pensioners", "fund_balance")}
    return replace(results, manifest=manifest, backcast=None, observed=kept)


@pytest.fixture(scope="module")
def pages(regional: Results) -> dict[str, str]:
    return {language: render(regional, language) for language in LANGUAGES}


def test_a_region_is_named_where_the_nation_was(pages: dict[str, str]) -> None:
    page = pages["en"]
    assert "Solvency forecast · 四川" in page
    assert "This run is of 四川." in page
    assert "All of 四川, end of 2025" in page
    assert "All of 四川: old-age dependency ratio" in page
    assert "All of 四川: total fertility rate and life expectancy" in page
    assert "The models are those of the nation." in page
    assert "does not name what a region" not in page
    people = page[page.index('<section id="people">') : page.index('<section id="money">')]
    assert "ational" not in re.sub(r"<[^>]*>", "", people)


def test_a_region_is_named_where_the_nation_was_in_chinese(pages: dict[str, str]) -> None:
    page = pages["zh"]
    assert "偿付能力预测 · 四川" in page
    assert "四川全域老年抚养比" in page
    assert "四川全域总和生育率" in page
    assert "全国" not in page[page.index('<section id="people">') : page.index('<section id="money">')]


def test_a_county_is_written_in_smaller_units_and_the_models_of_its_nation_are_not(regional: Results) -> None:
    few = regional.projection.assign(population_5y=regional.projection["population_5y"] * 1e-3)
    page = render(replace(regional, projection=few), "en")
    people, models = (page[page.index(f'<section id="{name}">') :] for name in ("people", "models"))
    assert "thousand people in each five-year age group" in people
    assert "million yuan at 2025 prices" in people
    assert "million people" not in people[: people.index('<section id="models">')]
    assert "million people" in models and "thousand people" not in models


def test_a_region_without_a_backcast_says_so(pages: dict[str, str], english: str) -> None:
    page = pages["en"]
    assert "It is not made for a region" in page
    assert 'id="backcast"' not in page
    assert "It is not made for a region" not in english


def test_charts_do_without_a_series_that_a_region_has_not(pages: dict[str, str]) -> None:
    page = pages["en"]
    vital = page[page.index('<figure id="vital"') : page.index('<figure id="members"')]
    legends = [part[: part.index("</ul>")] for part in (vital, page[page.index('<figure id="members"') :])]
    assert [">observed</li>" in legend.replace("</svg>\n", ">").replace("</svg>", ">") for legend in legends] == [
        False,
        True,
    ]


def test_a_classical_method_is_named_with_the_model_that_it_replaced(pages: dict[str, str], english: str) -> None:
    line = "After the last figure the fertility model goes on by a classical method, exponential smoothing (ETS)"
    assert line in pages["en"]
    assert "生育模型由经典方法（指数平滑 ETS）外推" in pages["zh"]
    assert "goes on by a classical method" not in english


def test_a_run_in_which_nothing_was_sampled_has_no_gate(regional: Results) -> None:
    page = render(replace(regional, diagnostics=[], checks=[]), "en")
    assert 'class="numbers gate"' not in page
    assert "goes on by a classical method" in page


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_hostile_name_of_a_region_stays_text(results: Results, language: Any) -> None:
    name = '=A1"><script>alert(1)</script>{{ 7 * 7 }}{% for %}{region}%{y}<b>x'
    manifest = results.manifest.model_copy(update={"region": name, "methods": {"fertility": name}})
    page = render(replace(results, manifest=manifest, backcast=None), language)
    assert "<script>alert" not in page
    escaped = name.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&#34;")
    assert page.count(escaped) > 5
    assert "<b>x" not in page


def test_results_of_a_region_are_read_without_a_backcast(tmp_path: Path) -> None:
    run = write_results(tmp_path)
    manifest = json.loads((run / "manifest.json").read_text())
    del manifest["inputs"]["backcast.nc"]
    (run / "manifest.json").write_text(json.dumps(manifest | {"region": "四川"}))
    assert read_results(run).backcast is None
    (run / "backcast.nc").unlink()
    assert read_results(run).backcast is None


def test_a_backcast_that_the_manifest_names_must_be_there(tmp_path: Path) -> None:
    run = write_results(tmp_path)
    (run / "backcast.nc").unlink()
    with pytest.raises(ReportError, match=r"backcast\.nc is missing"):
        read_results(run)
