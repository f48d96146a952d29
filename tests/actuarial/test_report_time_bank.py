"""The report's chapter on the time bank: what it says and draws beside what the file holds."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from importlib import resources

import numpy as np
import pytest
import xarray as xr

from actuarial import timebank
from actuarial.report import Results, read_results, time_bank
from actuarial.report.blocks import Context, Panel, Table
from actuarial.report.chapters import Chapter
from actuarial.report.numbers import DASH, Numbers
from actuarial.report.records import SCHEMAS, Language
from actuarial.report.texts import Texts
from tests.actuarial import report_fixture_later as fixture
from tests.actuarial.report_fixture import write_results

COUNTY = 3e5
"""People of a place whose numbers are written in thousands."""


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Results:
    plain = read_results(write_results(tmp_path_factory.mktemp("run")))
    rest = [one for one in plain.assumptions if not one.key.startswith(("unemployment.", "time_bank."))]
    return replace(
        plain,
        assumptions=rest + SCHEMAS["assumptions"].validate_python(fixture.later_assumptions()),
        time_bank=fixture.time_bank(np.random.default_rng(6)),
    )


@pytest.fixture(scope="module")
def made(results: Results) -> Chapter:
    return chapter(results)


@pytest.fixture(scope="module")
def data(results: Results) -> xr.Dataset:
    assert results.time_bank is not None
    return results.time_bank.sel(scenario="package")


def context(results: Results, language: Language = "en", people: float = np.inf) -> Context:
    texts = Texts(language)
    return Context(results, texts, Numbers(texts, results.manifest.last_year, people))


def chapter(results: Results, language: Language = "en", people: float = np.inf) -> Chapter:
    found = time_bank.chapter(context(results, language, people))
    assert found is not None
    return found


def changed(results: Results, data: xr.Dataset) -> Results:
    return replace(results, time_bank=data.expand_dims(scenario=["package"]))


def panel(made: Chapter, name: str) -> Panel:
    return next(one for part in made.blocks for one in part.panels if one.id == f"time-bank-{name}-2")


def median(one: Panel) -> np.ndarray:
    return np.array(next(t["y"] for t in one.figure.to_dict()["data"] if t.get("name") == "median"))


def cells(table: Table, head: str) -> list[tuple[str, tuple[str, ...]]]:
    found = next(row for row in table.rows if row[0].main == head)
    return [(cell.main, cell.below) for cell in found[1:]]


def test_a_run_without_the_bank_has_no_chapter(results: Results) -> None:
    assert time_bank.chapter(context(replace(results, time_bank=None))) is None


def test_lead_says_what_the_file_holds(made: Chapter, data: xr.Dataset) -> None:
    at = data.sel(year=2050)
    owed, work = float(at["hours_owed"].median()) / 1e6, float(at["years_of_work_owed"].median())
    by_then = (data["buying_year"] <= 2050).mean()
    assert "Reform package (from 2027)" in made.lead
    assert f"owes {owed:,.0f} million hours in the median, {work:.1f} years" in made.lead
    assert f"meets {100 * float(at['need_met'].median()):.1f}% of the need" in made.lead
    assert f"by 2050 in {100 * float(by_then):.0f}% of the simulated futures" in made.lead
    assert f"(median year: {int(data['buying_year'].median())})" in made.lead
    assert f"{100 * float(data['guarantee_rate'].median()):.1f}% of the wage" in made.lead
    assert "the rule sets aside 2.0%" in made.lead
    assert 0 < by_then < 1


def test_years_in_which_buying_is_more_likely_than_not_are_named_as_spans(results: Results, data: xr.Dataset) -> None:
    ratio = xr.where(data["year"].isin([2040, 2041, 2042, 2060]), 1.5, 0.5) * xr.ones_like(data["claims_to_supply"])
    spans = chapter(changed(results, data.assign(claims_to_supply=ratio))).lead
    assert f"more likely than not in these years: 2040{DASH}2042, 2060." in spans
    none = chapter(changed(results, data.assign(claims_to_supply=xr.ones_like(ratio)))).lead
    assert f"more likely than not in these years: {DASH}." in none


def test_chance_of_having_bought_is_the_share_of_first_years_passed(made: Chapter, data: xr.Dataset) -> None:
    line = np.array(panel(made, "buys").figure.to_dict()["data"][0]["y"])
    by_hand = [100 * float((data["buying_year"] <= year).mean()) for year in data["year"].values]
    np.testing.assert_allclose(line, by_hand, rtol=1e-3)
    assert (np.diff(line) >= 0).all()
    assert line[0] == 0
    assert line[-1] > 50


def test_hours_share_one_scale_but_those_owed(made: Chapter, data: xr.Dataset) -> None:
    names = ("hours_earned", "hours_redeemed", "hours_lapsed", "hours_bought")
    assert len({panel(made, name).figure.layout.yaxis.range for name in names}) == 1
    lapsed = (data["hours_lapsed_by_death"] + data["hours_lapsed_by_leaving"]).median("draw") / 1e6
    np.testing.assert_allclose(median(panel(made, "hours_lapsed")), lapsed, rtol=1e-3)
    assert panel(made, "hours_owed").figure.layout.yaxis.range[1] >= float(data["hours_owed"].max()) / 1e6


def test_value_owed_stands_beside_what_is_set_aside(made: Chapter, results: Results, data: xr.Dataset) -> None:
    prices = results.projection["price_index"].sel(year=data["year"])
    one = panel(made, "value")
    np.testing.assert_allclose(median(one), (data["value_owed"] / prices).median("draw") / 1e9, rtol=1e-3)
    aside = next(t["y"] for t in one.figure.to_dict()["data"] if t.get("name") == "Money set aside")
    np.testing.assert_allclose(aside, (data["balance"] / prices).median("draw") / 1e9, rtol=1e-3)
    assert max(aside) > 0


def test_table_by_year_holds_quantiles(made: Chapter, data: xr.Dataset) -> None:
    table = made.tables[0]
    place = table.head.index("2050") - 1
    low, middle, high = np.quantile(data["hours_redeemed"].sel(year=2050), [0.1, 0.5, 0.9]) / 1e6
    assert cells(table, "Paid back in the year")[place] == (f"{middle:,.0f}", (f"{low:,.0f}{DASH}{high:,.0f}",))
    low, middle, high = np.quantile(data["years_of_work_owed"].sel(year=2050), [0.1, 0.5, 0.9])
    assert cells(table, "Years of work owed")[place] == (f"{middle:.1f}", (f"{low:.1f}{DASH}{high:.1f}",))


def test_first_year_of_buying_counts_futures_without_one_as_after_the_horizon(
    results: Results, data: xr.Dataset
) -> None:
    years = data["buying_year"].where(data["draw"] < 15)
    table = chapter(changed(results, data.assign(buying_year=years))).tables[1]
    first, low = cells(table, "First year in which care is bought")[0]
    assert first == "not by 2100"
    assert low[0].endswith("to after 2100")
    assert cells(table, "Care is bought at some time")[0][0] == "38%"


def test_every_case_of_health_and_out_migration_has_a_row(made: Chapter, data: xr.Dataset) -> None:
    table = made.tables[2]
    assert len(table.rows) == len(timebank.CASES)
    worse = cells(table, "Worse health: fewer can help, more need it")
    at = data.sel(case="worse_health")
    assert worse[0][0] == str(int(at["case_buying_year"].quantile(0.5, method="inverted_cdf")))
    assert worse[2][0] == f"{float(at['case_hours_owed'].sel(year=2050).median()) / 1e6:,.0f}"
    assert any(row[0].main.startswith("3% more of earning age") for row in table.rows)


def test_a_run_without_cases_has_neither_their_table_nor_their_note(made: Chapter, results: Results) -> None:
    assert results.time_bank is not None
    names = ["case_buying_year", "case_hours_owed"]
    bare = chapter(replace(results, time_bank=results.time_bank.drop_vars(names)))
    assert len(bare.tables) == len(made.tables) - 1
    assert len(bare.notes) == len(made.notes) - 1


def test_hours_are_written_for_the_size_of_the_place_and_the_reader(results: Results, data: xr.Dataset) -> None:
    owed = float(data["hours_owed"].sel(year=2050).median())
    assert f"{owed / 1e3:,.0f} thousand hours" in chapter(results, people=COUNTY).lead
    assert f"{owed / 1e8:,.2f} 亿小时" in chapter(results, "zh").lead
    assert f"{owed / 1e4:,.0f} 万小时" in chapter(results, "zh", COUNTY).lead


def test_ids_are_unique_and_the_same_in_both_languages(made: Chapter, results: Results) -> None:
    ids = [p.id for b in made.blocks for p in b.panels]
    assert len(ids) == len(set(ids)) == 12
    assert ids == [p.id for b in chapter(results, "zh").blocks for p in b.panels]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_word_of_the_chapter_is_used(results: Results, language: Language) -> None:
    used: set[str] = set()
    for people in (COUNTY, np.inf):
        told = context(results, language, people)
        assert time_bank.chapter(told) is not None
        used |= told.texts.used
    file = resources.files("actuarial.report").joinpath("texts_time_bank.toml")
    assert set(tomllib.loads(file.read_text(encoding="utf-8"))) <= used


def test_money_that_flows_late_is_drawn_whole(made: Chapter, results: Results, data: xr.Dataset) -> None:
    prices = results.projection["price_index"].sel(year=data["year"])
    top = float((data["care_purchased"] / prices).quantile(0.975, "draw").max()) / 1e9
    assert panel(made, "care_purchased").figure.layout.yaxis.range[1] > top > 0
    assert panel(made, "care_purchased").note == ""
