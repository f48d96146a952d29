"""The report: what it reads, how it reduces draws, what it writes, and that data cannot break out of it."""

from __future__ import annotations

import copy
import json
import re
import string
from collections.abc import Iterator
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from actuarial._pooling_rules import Pooling
from actuarial._priors import MODELS
from actuarial._quantity import Section
from actuarial.assumptions import describe
from actuarial.report import ReportError, Results, calibration, page, read_results, write_report
from actuarial.report.blocks import Context
from actuarial.report.chapters import chapters
from actuarial.report.money import sum_of
from actuarial.report.numbers import Numbers
from actuarial.report.page import as_json, render, web_address
from actuarial.report.records import SCHEMAS
from actuarial.report.results import INCOME, OTHERS, OUTGO
from actuarial.report.tables import differences, headline
from actuarial.report.texts import Texts, catalogue
from actuarial.rules import Rules
from tests.actuarial.report_fixture import FIGURES, write_results
from tests.actuarial.report_fixture_records import SERIES, records, scores

HOSTILE = '"><img src=x onerror=alert(1)></script><script>alert(2)</script>\u2028{{ 7 * 7 }}'


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_results(tmp_path_factory.mktemp("run"))


@pytest.fixture(scope="module")
def results(folder: Path) -> Results:
    return read_results(folder)


@pytest.fixture(scope="module")
def english(results: Results) -> str:
    return render(results, "en")


@pytest.fixture(scope="module")
def chinese(results: Results) -> str:
    return render(results, "zh")


def context(results: Results) -> Context:
    texts = Texts("en")
    return Context(results, texts, Numbers(texts, results.manifest.last_year))


class Page(HTMLParser):
    """Collects the elements of a page with their attributes, and the text outside scripts and styles."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []
        self.inside = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))
        self.inside = tag

    def handle_data(self, data: str) -> None:
        if self.inside not in ("script", "style"):
            self.text.append(data)

    def every(self, tag: str) -> list[dict[str, str | None]]:
        return [attrs for name, attrs in self.found if name == tag]


# -- the catalogue


@pytest.mark.parametrize("key", sorted(catalogue()))
def test_text_stands_in_both_languages_with_the_same_placeholders(key: str) -> None:
    entry = catalogue()[key]
    assert set(entry) == ({"zh"} if key in of_records() else {"en", "zh"})
    assert all(entry.values())
    placeholders = [{name for _, name, _, _ in string.Formatter().parse(text) if name} for text in entry.values()]
    assert placeholders[0] == placeholders[-1]


def of_records() -> set[str]:
    """Return the keys of what records name in English, so that the catalogue holds the Chinese alone."""
    pooled = [row | {"key": f"pooling.{row['key']}"} for row in describe(Pooling())]
    rows = describe(Rules()) + pooled
    return {f"assumption.{row['key']}" for row in rows} | {f"unit.{row['unit']}" for row in rows}


def test_every_assumption_and_its_unit_has_a_chinese_text_and_no_text_is_left_over() -> None:
    assert {key for key, entry in catalogue().items() if "en" not in entry} == of_records()


def choices(section: Section, prefix: str = "assumption") -> Iterator[tuple[str, tuple[str, ...]]]:
    """Give the key of every rule that is chosen by its name, with the names."""
    for name, field in type(section).model_fields.items():
        value = getattr(section, name)
        if isinstance(value, Section):
            yield from choices(value, f"{prefix}.{name}")
        elif isinstance(value, str):
            yield f"{prefix}.{name}", get_args(field.annotation)


@pytest.mark.parametrize(("key", "names"), list(choices(Rules())))
def test_chinese_meaning_names_every_rule_that_may_be_chosen(key: str, names: tuple[str, ...]) -> None:
    assert len(names) > 1
    assert all(name in catalogue()[key]["zh"] for name in names)


def test_every_model_has_a_name() -> None:
    named = {key.removeprefix("model.") for key in catalogue() if key.startswith("model.")}
    assert named == {*MODELS, "provinces"}


def test_every_text_is_used(results: Results, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[Texts] = []
    monkeypatch.setattr(page, "Texts", lambda language: made.append(Texts(language)) or made[-1])
    for one in (results, *variants(results, tmp_path)):
        render(one, "en")
    used = set().union(*(texts.used for texts in made))
    in_other_runs = {"yes", "no", "beyond", "page.more_sources", "page.sources_other", "scale.note", "scale.left"}
    # Answer, brief, opinion, workbook, mix, batches, sliders and what questions print have tests of their own.
    asked = ("frontier.", "breakeven.", "stress.", "sensitivity.", "variance.")
    own = ("answer.", "brief.", "opinion.", "workbook.", "mix.", "regions.", "explore.", "reconciliation.", *asked)
    elsewhere = {key for key in catalogue() if key.startswith(own)}
    assert set(catalogue()) - used - of_records() <= in_other_runs | elsewhere


def variants(results: Results, folder: Path) -> list[Results]:
    """Return runs that say what the usual one does not: of a region, of the pension alone, judged on held-out years."""
    methods = {"fertility": "random_walk", "mortality": "ets", "migration": "arima", "economy": "local_linear_trend"}
    regional = results.manifest.model_copy(update={"region": "四川", "methods": methods})
    series = [key.removeprefix("scored.") for key in catalogue() if key.startswith("scored.")]
    good, old = scores(series), scores().assign(coverage_80=0.1)
    judged = [
        replace(results, calibration=written(table, folder, figures))
        for table, figures in ((good, FIGURES), (old, "ab" * 32), (old.query("method != 'granary'"), ""))
    ]
    judged[-1] = replace(results, calibration=replace(judged[-1].calibration, made=""))
    few = results.projection.assign(population_5y=results.projection["population_5y"] * 1e-3)
    apart = [*results.diagnostics, results.diagnostics[0].model_copy(update={"model": "provinces"})]
    nothing: dict[str, Any] = dict.fromkeys(OTHERS)
    pension = replace(results, **nothing)
    return [replace(results, manifest=regional, projection=few, backcast=None, diagnostics=apart), pension, *judged]


def written(table: pd.DataFrame, folder: Path, figures: str) -> calibration.Calibration:
    """Return scores as a run finds them."""
    calibration.write(table, folder / calibration.FILE, figures)
    found = calibration.found(folder)
    assert found is not None
    return found


# -- reading


def test_reading_lists_every_fault_at_once(tmp_path: Path) -> None:
    run = write_results(tmp_path)
    (run / "backcast.nc").unlink()
    (run / "sources.json").unlink()
    manifest = records()["manifest"] | {"seed": "many", "draws": 0}
    (run / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    with pytest.raises(ReportError) as caught:
        write_report(run, "en")
    text = str(caught.value)
    assert len(caught.value.faults) == 4
    assert all(part in text for part in ("backcast.nc", "sources.json", "manifest.json: seed", "manifest.json: draws"))
    assert list(run.glob("*.html")) == []


def test_reading_refuses_files_of_two_runs(tmp_path: Path) -> None:
    run = write_results(tmp_path)
    manifest = records()["manifest"] | {"draws": 41, "last_year": 2120}
    manifest["scenarios"] = manifest["scenarios"][:2]
    (run / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    with pytest.raises(ReportError, match=r"40 draws") as caught:
        read_results(run)
    assert "scenarios ['law', 'capacity', 'package']" in str(caught.value)
    assert "lacks the years 2101 to 2120" in str(caught.value)


def test_reading_names_a_missing_variable_and_a_wrong_shape(tmp_path: Path) -> None:
    run = write_results(tmp_path)
    with xr.open_dataset(run / "indicators.nc", engine="h5netcdf") as data:
        broken = data.load().drop_vars("cost_rate").assign(income_rate=data["income_rate"].isel(year=0, drop=True))
    broken.to_netcdf(run / "indicators.nc", engine="h5netcdf")
    with pytest.raises(ReportError, match="lacks cost_rate") as caught:
        read_results(run)
    assert "income_rate has dimensions scenario, draw" in str(caught.value)


# -- reducing draws


def test_income_and_expenditure_explain_the_balance(results: Results) -> None:
    account = results.account
    change = account["balance"].diff("year")
    flow = sum_of(account, INCOME) - sum_of(account, OUTGO) + account["shortfall"]
    np.testing.assert_allclose(change.values, flow.sel(year=change["year"]).values, atol=1.0)


def test_differences_are_taken_draw_by_draw(results: Results) -> None:
    at = results.indicators["fiscal_transfer_share"].sel(year=2050)
    by_hand = 100 * float((at.sel(scenario="package") - at.sel(scenario="law")).median())
    row = next(row for row in differences(context(results)).rows if "Fiscal transfer" in row[0].main)
    assert row[2].main == f"\N{MINUS SIGN}{abs(by_hand):.2f}"


def test_headline_says_how_many_draws_are_empty(results: Results) -> None:
    rows = {f"{i}": row for i, row in enumerate(headline(context(results)).rows)}
    share = float(results.indicators["pool_empty"].sel(scenario="law", year=2050).mean())
    assert rows["2"][1].main == f"{100 * share:.0f}%"
    assert [cell.main for cell in rows["4"]][3] == "not by 2100"


# -- the page


def test_same_results_give_the_same_bytes(folder: Path, english: str) -> None:
    assert render(read_results(folder), "en") == english
    assert write_report(folder, "en").read_bytes() == english.encode("utf-8")


def test_the_run_s_own_language_is_also_the_plain_report(tmp_path: Path) -> None:
    run = write_results(tmp_path)
    assert write_report(run, "zh") == run / "report.zh.html"
    assert not (run / "report.html").exists()
    write_report(run, "en")
    assert (run / "report.html").read_bytes() == (run / "report.en.html").read_bytes()


@pytest.mark.parametrize("language", ["en", "zh"])
def test_page_loads_nothing_from_outside(language: str, english: str, chinese: str) -> None:
    parsed = Page(english if language == "en" else chinese)
    assert all("src" not in attrs for _, attrs in parsed.found)
    assert [attrs["href"] for attrs in parsed.every("link")] == ["data:,"]
    policy = next(a["content"] for a in parsed.every("meta") if a.get("http-equiv") == "Content-Security-Policy")
    assert policy is not None
    assert policy.startswith("default-src 'none'; script-src 'sha256-")
    assert parsed.every("html")[0]["lang"] == ("en" if language == "en" else "zh-CN")


def test_every_chart_has_words_and_a_table(english: str, results: Results) -> None:
    parsed = Page(english)
    plots = [attrs for attrs in parsed.every("div") if attrs.get("class") == "plot"]
    series = sum(len(found) for found in SERIES.values())
    others = [block for one in chapters(context(results)) for block in one.blocks]
    assert len(plots) == 36 + series + sum(len(block.panels) for block in others)
    assert all(len(attrs["aria-label"] or "") > 30 and attrs["role"] == "img" for attrs in plots)
    figures = re.findall(r"<figure .*?</figure>", english, re.DOTALL)
    assert len(figures) == 11 + len(SERIES) + len(others)
    assert all("<details>" in one and "<table" in one and 'class="source"' in one for one in figures)
    assert len({attrs["id"] for _, attrs in parsed.found if "id" in attrs}) == len(
        [attrs for _, attrs in parsed.found if "id" in attrs]
    )


def test_gate_is_told_in_words(english: str, chinese: str) -> None:
    assert "✗ FAILED" in english
    assert "economy did not pass the convergence gate" in english
    assert "✗ 未通过" in chinese


def test_money_charts_say_their_prices(english: str, chinese: str) -> None:
    assert "billion yuan at 2025 prices" in english
    assert "亿元，2025 年不变价" in chinese


def hostile(results: Results) -> Results:
    """Return results in which every text of every JSON record is hostile."""

    def poison(value: Any, key: str = "") -> Any:
        if isinstance(value, dict):
            return {name: poison(item, name) for name, item in value.items()}
        if isinstance(value, list):
            return [poison(item, key) for item in value]
        kept = ("language", "name", "key", "sources", "created", "axis")
        return HOSTILE if isinstance(value, str) and key not in kept else value

    parts = {name: SCHEMAS[name].validate_python(poison(copy.deepcopy(content))) for name, content in records().items()}
    return replace(results, **parts)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_no_text_of_a_data_file_breaks_out(language: Any, results: Results) -> None:
    parsed = Page(render(hostile(results), language))
    assert parsed.every("img") == []
    assert len(parsed.every("script")) == 3
    assert [name for _, attrs in parsed.found for name in attrs if name.startswith("on")] == []
    assert "{{ 7 * 7 }}" in "".join(parsed.text)
    assert {a["href"] for a in parsed.every("a") if not (a["href"] or "").startswith("#")} == {f"brief.{language}.html"}


def test_chart_data_cannot_end_their_script() -> None:
    written = as_json({"a": "</script><!-- & \u2028"})
    assert not set("<>&\u2028") & set(written)
    assert json.loads(written) == {"a": "</script><!-- & \u2028"}


@pytest.mark.parametrize(
    ("address", "followed"),
    [
        ("https://www.stats.gov.cn/sj/", True),
        ("http://example.org", True),
        ("javascript:alert(1)", False),
        ("data:text/html,x", False),
        ("file:///etc/passwd", False),
        ("https:no-host", False),
        ("http://[broken", False),
        ("Beijing, printed", False),
    ],
)
def test_only_web_addresses_become_links(address: str, followed: bool) -> None:
    assert bool(web_address(address)) is followed


def test_drivers_without_draws_are_drawn(results: Results) -> None:
    projection = results.projection.copy()
    for name in ("price_index", "tfr", "contributors_total"):
        projection[name] = projection[name].isel(draw=0, drop=True)
    assert "Total fertility rate" in render(replace(results, projection=projection), "en")


def test_page_does_without_history(results: Results) -> None:
    assert "Data:" not in "".join(Page(render(replace(results, observed={}, checks=[]), "en")).text)
