"""The report's chapter on the unemployment fund: what it says, counts and draws beside what the files hold."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from importlib import resources

import numpy as np
import pytest
import xarray as xr

from actuarial.report import ReportError, Results, read_results, unemployment
from actuarial.report.blocks import Block, Context, Panel, Table
from actuarial.report.chapters import Chapter
from actuarial.report.numbers import DASH, Numbers
from actuarial.report.records import SCHEMAS, Language
from actuarial.report.texts import Texts
from tests.actuarial import report_fixture_later as fixture
from tests.actuarial.report_fixture import write_results

THRESHOLD = 0.055
"""Of the package, in `report_fixture_later`."""


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Results:
    rng = np.random.default_rng(5)
    plain = read_results(write_results(tmp_path_factory.mktemp("run")))
    rest = [one for one in plain.assumptions if not one.key.startswith(("unemployment.", "time_bank."))]
    return replace(
        plain,
        projection=plain.projection.assign(fixture.labour(rng)),
        assumptions=rest + SCHEMAS["assumptions"].validate_python(fixture.later_assumptions()),
        unemployment=fixture.unemployment(rng),
    )


@pytest.fixture(scope="module")
def made(results: Results) -> Chapter:
    return chapter(results)


@pytest.fixture(scope="module")
def data(results: Results) -> xr.Dataset:
    assert results.unemployment is not None
    return results.unemployment.sel(scenario="package")


def context(results: Results, language: Language = "en") -> Context:
    texts = Texts(language)
    return Context(results, texts, Numbers(texts, results.manifest.last_year))


def chapter(results: Results, language: Language = "en") -> Chapter:
    found = unemployment.chapter(context(results, language))
    assert found is not None
    return found


def block(made: Chapter, name: str) -> Block:
    return next(one for one in made.blocks if one.id == name)


def panel(made: Chapter, name: str) -> Panel:
    return next(one for part in made.blocks for one in part.panels if one.id == name)


def trace(one: Panel, name: str) -> dict:
    return next(t for t in one.figure.to_dict()["data"] if t.get("name") == name)


def row(table: Table, head: str) -> dict[str, tuple[str, tuple[str, ...]]]:
    cells = next(cells for cells in table.rows if cells[0].main == head)
    return {year: (cell.main, cell.below) for year, cell in zip(table.head[1:], cells[1:], strict=True)}


def real_billions(results: Results, values: xr.DataArray, year: int) -> xr.DataArray:
    return (values / results.projection["price_index"]).sel(year=year) / 1e9


# -- what is said


def test_a_run_without_the_fund_has_no_chapter(results: Results) -> None:
    assert unemployment.chapter(context(replace(results, unemployment=None))) is None


def test_lead_says_who_founds_the_fund_and_what_the_files_hold(
    made: Chapter, results: Results, data: xr.Dataset
) -> None:
    at = data.sel(year=2050)
    called = 100 * float(at["emergency_called"].mean())
    cost = float(real_billions(results, data["emergency_cost"], 2050).median())
    solvent = 100 * float((at["average_high_cost_multiple"] >= 1).mean())
    assert "Reform package (from 2027)" in made.lead
    assert f"in {called:.0f}% of the simulated futures, and it costs {cost:.1f} billion yuan" in made.lead
    assert f"at least 1 in {solvent:.0f}% of the futures" in made.lead
    assert 0 < called < 100
    assert 0 < solvent < 100


def test_chinese_and_english_draw_and_count_the_same(made: Chapter, results: Results) -> None:
    other = chapter(results, "zh")
    assert [(b.id, [p.id for p in b.panels]) for b in other.blocks] == [
        (b.id, [p.id for p in b.panels]) for b in made.blocks
    ]
    assert [len(t.rows) for t in other.tables] == [len(t.rows) for t in made.tables]
    assert other.lead != made.lead
    ids = [p.id for b in made.blocks for p in b.panels]
    assert len(ids) == len(set(ids))


def test_an_assumption_that_is_not_recorded_is_named(results: Results) -> None:
    few = [one for one in results.assumptions if one.key != "unemployment.emergency.threshold"]
    with pytest.raises(ReportError, match=r"lacks unemployment\.emergency\.threshold"):
        chapter(replace(results, assumptions=few))


# -- the months


def test_dots_are_the_published_months_and_no_others(made: Chapter, results: Results) -> None:
    published = results.projection["published_urban_unemployment"]
    dots = trace(panel(made, "unemployment-rate-urban"), "observed")
    year, month = fixture.UNKNOWN
    assert len(dots["x"]) == int(published.notnull().sum()) == 95
    assert f"{year}-{month:02d}-01" not in dots["x"]
    at = dict(zip(dots["x"], dots["y"], strict=True))
    assert at["2022-08-01"] == pytest.approx(100 * float(published.sel(year=2022, month=8)))


def test_a_run_without_published_months_has_no_dots_and_no_key_for_them(results: Results) -> None:
    names = ["published_urban_unemployment", "published_migrant_unemployment"]
    bare = chapter(replace(results, projection=results.projection.drop_vars(names)))
    figure = panel(bare, "unemployment-rate-urban").figure.to_dict()
    assert "observed" not in [t.get("name") for t in figure["data"]]
    assert "points" not in [key.drawn for key in block(bare, "unemployment-rate").legend]


def test_months_run_from_the_first_known_to_ten_years_ahead(made: Chapter, results: Results) -> None:
    median = trace(panel(made, "unemployment-rate-urban"), "median")
    assert (median["x"][0], median["x"][-1], len(median["x"])) == ("2018-01-01", "2035-12-01", 216)
    july = results.projection["urban_unemployment"].sel(year=2030, month=7)
    at = dict(zip(median["x"], median["y"], strict=True))
    assert at["2030-07-01"] == pytest.approx(100 * float(july.median()), rel=1e-3)
    single = trace(panel(made, "unemployment-rate-urban"), "a single future")
    assert single["x"][0] == "2026-01-01"
    np.testing.assert_allclose(single["y"][54], 100 * float(july.isel(draw=0)), rtol=1e-3)


def test_threshold_is_that_of_the_scenario_and_stands_on_its_rate_alone(made: Chapter) -> None:
    line = trace(panel(made, "unemployment-rate-urban"), "threshold of the emergency plan")
    assert set(line["y"]) == {100 * THRESHOLD}
    migrant = panel(made, "unemployment-rate-migrant").figure.to_dict()["data"]
    assert "threshold of the emergency plan" not in [t.get("name") for t in migrant]


def test_rule_of_the_plan_is_told_with_the_rise_it_asks_for_if_any(made: Chapter, results: Results) -> None:
    lead = block(made, "jobless_plan-2").lead
    assert "over 5.5% (Surveyed urban unemployment rate;" in lead
    assert "at least 1.25 times" in lead
    plain = [one.model_copy(update={"scenarios": {}}) for one in results.assumptions]
    lead = block(chapter(replace(results, assumptions=plain)), "jobless_plan-2").lead
    assert "over 5.0% (Surveyed urban unemployment rate)." in lead
    assert "times" not in lead


def test_past_months_over_the_threshold_are_counted_as_printed(made: Chapter, results: Results) -> None:
    past = results.projection["urban_unemployment"].sel(year=slice(2018, 2025)).round(3)
    over = int((past > THRESHOLD + 1e-9).sum(["year", "month"]).median())
    assert 0 < over < 96
    assert f"{over} of the 96 past months since 2018 were over 5.5%" in block(made, "unemployment-rate").lead
    low = [
        one.model_copy(update={"scenarios": {}, "value": 0.0499}) if one.key.endswith("emergency.threshold") else one
        for one in results.assumptions
    ]
    lower = int((past > 0.0499).sum(["year", "month"]).median())
    assert over < lower < 96
    lead = block(chapter(replace(results, assumptions=low)), "unemployment-rate").lead
    assert f"{lower} of the 96 past months" in lead


# -- money, rates and chances


def test_table_holds_quantiles_at_constant_prices(made: Chapter, results: Results, data: xr.Dataset) -> None:
    table = made.tables[0]
    for name, head in (("emergency_allowance", "Emergency allowances"), ("interest", "Interest")):
        low, middle, high = np.quantile(real_billions(results, data[name], 2035), [0.1, 0.5, 0.9])
        assert row(table, head)["2035"] == (f"{middle:,.1f}", (f"{low:,.1f}{DASH}{high:,.1f}",))
    called = row(table, "The plan is called")["2075"][0]
    assert called == f"{100 * float(data['emergency_called'].sel(year=2075).mean()):.0f}%"
    middle = float(data["average_high_cost_multiple"].sel(year=2100).median())
    assert row(table, "Average high cost multiple")["2100"][0] == f"{middle:.2f}"


def test_every_payer_and_kind_has_a_row_and_a_chart_unless_it_is_nothing(
    made: Chapter, results: Results, data: xr.Dataset
) -> None:
    heads = ("Subsidy of the budget", "Transition posts")
    assert all(row(made.tables[0], head) for head in heads)
    assert {"unemployment-fiscal_match-2", "unemployment-transition_posts-2"} <= {
        p.id for b in made.blocks for p in b.panels
    }
    nothing = {name: xr.zeros_like(data[name]).expand_dims(scenario=["package"]) for name in ("fiscal_match",)}
    assert results.unemployment is not None
    less = chapter(replace(results, unemployment=results.unemployment.assign(nothing)))
    assert heads[0] not in [cells[0].main for cells in less.tables[0].rows]
    assert heads[1] in [cells[0].main for cells in less.tables[0].rows]
    assert "unemployment-fiscal_match-2" not in [p.id for b in less.blocks for p in b.panels]


def test_chance_of_the_plan_falls_with_the_months_it_must_run(made: Chapter, data: xr.Dataset) -> None:
    one = panel(made, "unemployment-called-2")
    lines = [trace(one, name)["y"] for name in ("in at least one month", "in at least 6 months", "all year")]
    for line, months in zip(lines, (1, 6, 12), strict=True):
        np.testing.assert_allclose(line, 100 * (data["emergency_months"] >= months).mean("draw"), rtol=1e-3)
    assert all(a >= b >= c for a, b, c in zip(*lines, strict=True))
    chance = next(cells for cells in one.rows if cells[0].main == "all year" and cells[1].main == "2050")
    assert [cell.main for cell in chance[3:]] == [DASH] * 3


def test_multiple_is_drawn_beside_one_as_long_as_both_can_be_seen(made: Chapter, data: xr.Dataset) -> None:
    one = panel(made, "unemployment-multiple-2")
    assert set(trace(one, "the 1 asked of a state")["y"]) == {1.0}
    assert one.figure.layout.xaxis.range == (2027, 2050)
    solvent = trace(panel(made, "unemployment-solvent-2"), "multiple at least 1")["y"]
    np.testing.assert_allclose(solvent, 100 * (data["average_high_cost_multiple"] >= 1).mean("draw"), rtol=1e-3)


def test_sources_are_those_of_the_monthly_rates_and_of_the_workers(results: Results) -> None:
    rates, workers = (
        results.sources[0].model_copy(update={"key": key, "indicators": [name]})
        for key, name in (("release", "surveyed_unemployment"), ("monitoring", "migrant_total"))
    )
    cited = chapter(replace(results, sources=[*results.sources, rates, workers]))
    assert [one.key for one in block(cited, "unemployment-rate").sources] == ["release"]
    assert [one.key for one in block(cited, "jobless_members-2").sources] == ["monitoring"]


def test_a_fund_that_starts_later_in_one_scenario_is_told_from_its_own_start(
    results: Results, data: xr.Dataset
) -> None:
    later = data.where(data["year"] >= 2040).expand_dims(scenario=["capacity"])
    both = xr.concat([later, data.expand_dims(scenario=["package"])], "scenario")
    made = chapter(replace(results, unemployment=both))
    assert "Transfers at today's budget share (from 2040), Reform package (from 2027)" in made.lead
    assert made.tables[0].head[1:] == ("2050", "2075", "2100")
    assert made.tables[1].head[1:] == ("2030", "2035", "2050", "2075", "2100")
    assert trace(panel(made, "unemployment-called-1"), "all year")["x0"] == 2040
    assert block(made, "jobless_plan-1").lead
    assert block(made, "jobless_plan-2").lead == ""


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_word_of_the_chapter_is_used(results: Results, language: Language) -> None:
    told = context(results, language)
    assert unemployment.chapter(told) is not None
    file = resources.files("actuarial.report").joinpath("texts_unemployment.toml")
    assert set(tomllib.loads(file.read_text(encoding="utf-8"))) <= told.texts.used
