"""The chapter on pools of regions: every number is one of the file's, and what was not compared is not told."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import xarray as xr

from actuarial.report import Results, page, read_results
from actuarial.report.blocks import Block, Context
from actuarial.report.chapters import Chapter
from actuarial.report.numbers import Numbers
from actuarial.report.pooling import chapter
from actuarial.report.texts import Texts, catalogue
from tests.actuarial.report_fixture import write_results
from tests.actuarial.report_fixture_pooling import PROVINCES, pooling_results

LAW, CAPACITY, PACKAGE = "Transfers as the law says", "Transfers at today's budget share", "Reform package"


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Results:
    return replace(read_results(write_results(tmp_path_factory.mktemp("run"))), pooling=pooling_results())


@pytest.fixture(scope="module")
def saved(results: Results) -> xr.Dataset:
    assert results.pooling is not None
    return results.pooling


@pytest.fixture(scope="module")
def english(results: Results) -> Chapter:
    return made(results)


def context(results: Results, language: Any = "en") -> Context:
    texts = Texts(language)
    return Context(results, texts, Numbers(texts, results.manifest.last_year))


def made(results: Results, language: Any = "en") -> Chapter:
    one = chapter(context(results, language))
    assert one is not None
    return one


def block(one: Chapter, name: str) -> Block:
    return next(block for block in one.blocks if block.id == f"pooling-{name}")


def row(table: Any, group: str, head: str) -> list[tuple[str, ...]]:
    """Return the cells of a row under a group: number and line below."""
    rows = iter(table.rows)
    while next(rows)[0].main != group:
        pass
    found = next(found for found in rows if found[0].main == head)
    return [(cell.main, *cell.below) for cell in found[1:]]


def chance(share: float) -> str:
    if 0 < share <= 0.005:
        return "<1%"
    return ">99%" if 0.995 <= share < 1 else f"{100 * share:.0f}%"


def test_the_chance_of_running_dry_is_that_of_people_and_of_the_worst_and_best_province(
    english: Chapter, saved: xr.Dataset
) -> None:
    table = block(english, "depletion-pension").table
    assert table.head == ("Series", "2035", "2050", "2075")
    for level, words in (("county", "county pools"), ("nation", "one national pool")):
        one = saved.sel(fund="pension", scenario="capacity", level=level, year=[2035, 2050, 2075])
        people = one["people_depleted"].mean("draw").values
        assert row(table, CAPACITY, f"{words}: mean person") == [(chance(v),) for v in people]
        worst = one["depletion_probability"].max("region").values
        assert row(table, CAPACITY, f"{words}: worst province") == [(chance(v),) for v in worst]
        best = one["depletion_probability"].min("region").values
        assert row(table, CAPACITY, f"{words}: best province") == [(chance(v),) for v in best]


def test_lines_are_the_part_of_people_by_level(english: Chapter, saved: xr.Dataset) -> None:
    drawn = block(english, "depletion-pension").panels[1].figure.data
    assert [line.name for line in drawn] == ["county pools", "provincial pools", "one national pool"]
    for line, level in zip(drawn, ("county", "province", "nation"), strict=True):
        one = saved["people_depleted"].sel(fund="pension", scenario="capacity", level=level)
        np.testing.assert_allclose(line.y, 100 * one.mean("draw"), rtol=1e-3)


def test_scenarios_that_come_out_the_same_are_told_once(english: Chapter) -> None:
    assert [panel.title for panel in block(english, "depletion-pension").panels] == [LAW, CAPACITY, PACKAGE]
    assert [panel.title for panel in block(english, "transfer-medical").panels] == [f"{LAW}, {CAPACITY}, {PACKAGE}"]


def test_provinces_stand_in_the_order_of_what_they_get(english: Chapter, saved: xr.Dataset) -> None:
    panel = block(english, "transfer-pension").panels[0]
    dots = panel.figure.data[0]
    at = saved["transfer"].sel(fund="pension", scenario="law", level="nation", year=2035)
    middle = at.sel(quantile=0.5)
    assert (np.diff(dots.x) >= 0).all()
    np.testing.assert_allclose(dots.x, 100 * np.sort(middle), rtol=1e-3)
    top = str(middle["region"].values[int(np.argmax(middle.values))])
    assert dots.customdata[-1][0] == catalogue()[f"pooling.place.{top}"]["en"]
    low, high = (at.sel(quantile=q, region=top) for q in (0.1, 0.9))
    np.testing.assert_allclose(dots.customdata[-1][1:], [100 * low, 100 * high], rtol=1e-3)
    assert f"{dots.customdata[-1][0]} gets most, {100 * float(middle.max()):.1f}%" in panel.alt
    assert list(panel.figure.layout.yaxis.ticktext) == [one[0] for one in dots.customdata]


def test_the_table_of_provinces_holds_transfers_chances_and_the_central_part(
    english: Chapter, saved: xr.Dataset
) -> None:
    table = block(english, "transfer-pension").table
    one = saved.sel(fund="pension", scenario="package", region="四川")
    told = row(table, PACKAGE, "Sichuan")
    middle = float(one["transfer"].sel(level="nation", year=2050, quantile=0.5))
    assert told[1][0] == f"{100 * middle:+.1f}%".replace("-", "−")
    dry = one["depletion_probability"].sel(level="province", year=[2035, 2050, 2075]).values
    assert [cell[0] for cell in told[3:6]] == [chance(v) for v in dry]
    assert told[6] == (f"{100 * float(one['central_share'].sel(year=2035)):.0f}%",)
    assert len(table.rows) == 3 * (1 + len(PROVINCES)) and len(PROVINCES) == 31


def test_evenness_is_the_median_and_the_interval_of_the_file(english: Chapter, saved: xr.Dataset) -> None:
    for name, words, digits, unit in (
        ("theil_paid", "Theil index between funds", 3, 1.0),
        ("highest_over_lowest", "Highest province over lowest", 2, 1.0),
        ("paid_share", "Part of scheduled money that is paid", 1, 100.0),
    ):
        cell = row(english.tables[0], f"{LAW}: county pools", words)[1]
        draws = unit * saved[name].sel(fund="pension", scenario="law", level="county", year=2050)
        low, middle, high = np.quantile(draws, [0.1, 0.5, 0.9])
        suffix = "%" if unit > 1 else ""
        ends = (f"{low:.{digits}f}", f"{high:.{digits}f}{suffix}")
        assert cell == (f"{middle:.{digits}f}{suffix}", f"{ends[0]}–{ends[1]}"), name


def test_a_ratio_to_a_province_that_is_paid_nothing_is_a_dash(results: Results, saved: xr.Dataset) -> None:
    bare = replace(results, pooling=saved.assign(highest_over_lowest=np.nan * saved["highest_over_lowest"]))
    assert row(made(bare).tables[0], f"{LAW}: county pools", "Highest province over lowest") == [("–",)] * 3


def test_the_lead_tells_what_the_widest_pool_does(english: Chapter, saved: xr.Dataset) -> None:
    one = saved.sel(fund="pension", scenario="law", year=2035)
    ends = [one.sel(level=level) for level in ("county", "nation")]
    people = [chance(float(end["people_depleted"].mean())) for end in ends]
    worst = [chance(float(end["depletion_probability"].max())) for end in ends]
    assert f"{people[0]} (county pools) and {people[1]} (one national pool)" in english.lead
    assert f"{worst[0]} and {worst[1]}. Medical fund" in english.lead


def test_what_was_not_compared_is_not_told(results: Results, saved: xr.Dataset) -> None:
    assert chapter(context(replace(results, pooling=None))) is None
    apart = made(replace(results, pooling=saved.sel(level=["county", "province"], fund=["pension"])))
    assert [one.id for one in apart.blocks] == ["pooling-depletion-pension"]
    assert not any("Medical" in note for note in apart.notes)
    single = made(replace(results, pooling=saved.sel(level=["nation"])))
    assert "mean person" not in single.lead
    assert not any("Counties are synthetic" in note for note in single.notes)
    assert "run out by 2035, one national pool" in block(single, "transfer-pension").table.head


def test_a_scenario_without_the_fund_is_left_out(results: Results, saved: xr.Dataset) -> None:
    fund, scenario = saved["fund"] == "medical", saved["scenario"] == "package"
    kept = made(replace(results, pooling=saved.where(~(fund & scenario))))
    assert [panel.title for panel in block(kept, "depletion-medical").panels] == [f"{LAW}, {CAPACITY}"]


def test_a_region_without_a_name_in_the_catalogue_keeps_that_of_the_tables(results: Results, saved: xr.Dataset) -> None:
    names = [f"Shire {n}" for n in range(len(PROVINCES))]
    shires = made(replace(results, pooling=saved.assign_coords(region=names)))
    assert {cells[0].main for cells in block(shires, "transfer-pension").table.rows if len(cells) > 1} == set(names)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_text_of_the_chapter_is_used(results: Results, language: Any) -> None:
    one = context(results, language)
    assert chapter(one) is not None
    assert {key for key in catalogue() if key.startswith("pooling.")} <= one.texts.used


def test_the_page_shows_the_chapter(results: Results, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page, "chapters", lambda context: [made(results, context.texts.language)])
    text = page.render(results, "zh")
    assert '<section id="pooling">' in text and "内蒙古" in text
    assert all(f'id="pooling-transfer-{fund}"' in text for fund in ("pension", "medical"))
