"""The report's chapter on the plan of elderly care: what it says and draws beside what the file holds."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from importlib import resources

import numpy as np
import pytest
import xarray as xr

from actuarial import careplan
from actuarial.report import Results, care_plan, read_results
from actuarial.report._care_plan_parts import PAYERS, THINGS
from actuarial.report._household_parts import ordinary
from actuarial.report.blocks import Context, Panel, Table
from actuarial.report.chapters import Chapter
from actuarial.report.numbers import DASH, Numbers
from actuarial.report.records import SCHEMAS, Language
from actuarial.report.texts import Texts
from tests.actuarial import report_fixture_later as later
from tests.actuarial.report_fixture import write_results
from tests.actuarial.report_fixture_care import care_plan as invented


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Results:
    plain = read_results(write_results(tmp_path_factory.mktemp("run")))
    own = SCHEMAS["assumptions"].validate_python(later.later_assumptions())
    keys = {one.key for one in own}
    rest = [one for one in plain.assumptions if one.key not in keys]
    return replace(plain, assumptions=rest + own, care_plan=invented(np.random.default_rng(6)))


@pytest.fixture(scope="module")
def made(results: Results) -> Chapter:
    return chapter(results)


@pytest.fixture(scope="module")
def data(results: Results) -> xr.Dataset:
    assert results.care_plan is not None
    return results.care_plan.sel(scenario="package")


@pytest.fixture(scope="module")
def prices(results: Results, data: xr.Dataset) -> xr.DataArray:
    return results.projection["price_index"].sel(year=data["year"])


def context(results: Results, language: Language = "en") -> Context:
    texts = Texts(language)
    return Context(results, texts, Numbers(texts, results.manifest.last_year, np.inf))


def chapter(results: Results, language: Language = "en") -> Chapter:
    found = care_plan.chapter(context(results, language))
    assert found is not None
    return found


def panel(made: Chapter, name: str) -> Panel:
    return next(one for part in made.blocks for one in part.panels if one.id == f"care-plan-{name}-2")


def median(one: Panel) -> np.ndarray:
    return np.array(next(t["y"] for t in one.figure.to_dict()["data"] if t.get("name") == "median"))


def cells(table: Table, head: str) -> list[tuple[str, tuple[str, ...]]]:
    found = next(row for row in table.rows if row[0].main == head)
    return [(cell.main, cell.below) for cell in found[1:]]


def test_a_run_without_the_plan_has_no_chapter(results: Results) -> None:
    assert care_plan.chapter(context(replace(results, care_plan=None))) is None


def test_lead_says_what_the_file_holds_at_prices_of_the_report(
    made: Chapter, data: xr.Dataset, prices: xr.DataArray
) -> None:
    real = data["expenditure"] / prices
    cost = np.quantile(real.sel(year=slice(2027, 2031)).sum("year"), [0.1, 0.5, 0.9]) / 1e9
    at = data.sel(year=2031)
    before = float((1000 * 1.68e6 / at["old_people"]).median())
    assert "Reform package (from 2027)" in made.lead
    assert f"at the end of 2031 there are {float(at['beds_per_thousand'].median()):.1f} beds" in made.lead
    assert f"({before:.1f} without the plan), and 90% of the villages" in made.lead
    assert f"cost {cost[1]:,.1f} ({cost[0]:,.1f}{DASH}{cost[2]:,.1f})" in made.lead
    assert f"in 2031 {100 * float(at['plan_cost_share'].median()):.2f}% of general public budget revenue" in made.lead
    assert f"up to 2050 in {100 * float((data['short_year'] <= 2050).mean()):.0f}% of the simulated" in made.lead
    assert 0 < float((data["short_year"] <= 2050).mean()) < 1


@pytest.mark.parametrize(
    ("name", "parts", "flows"), [("things", THINGS, careplan.OUTGO), ("payers", PAYERS, careplan.INCOME)]
)
def test_a_stack_is_an_ordinary_future_of_every_flow_once(
    name: str, parts: tuple, flows: dict[str, str], made: Chapter, data: xr.Dataset, prices: xr.DataArray
) -> None:
    shown = [flow for part in parts for flow in part.flows if flow != "shortfall"]
    assert sorted(shown) == sorted(flows)
    money = [sum(data[flow] for flow in part.flows) / prices for part in parts]
    names = xr.DataArray([part.name for part in parts], dims="fund", name="fund")
    middle = ordinary(xr.concat(money, names))
    drawn = np.array([trace["y"] for trace in panel(made, name).figure.to_dict()["data"]])
    np.testing.assert_allclose(drawn, middle / 1e9, rtol=2e-3, atol=1e-2)
    top = panel(made, name).figure.layout.yaxis.range[1]
    assert top >= drawn.sum(axis=0).max()


def test_colours_of_a_stack_differ_and_stand_in_the_legend(made: Chapter) -> None:
    for name, parts in (("care_cost-2", THINGS), ("care_payers-2", PAYERS)):
        block = next(one for one in made.blocks if one.id == name)
        colors = [part.color for part in parts]
        assert len(set(colors)) == len(colors)
        assert [key.color for key in block.legend[: len(parts)]] == colors


def test_the_rows_behind_a_stack_hold_the_interval_of_each_part(
    made: Chapter, data: xr.Dataset, prices: xr.DataArray
) -> None:
    land = (data["care_land"] / prices).sel(year=2050) / 1e9
    row = next(r for r in panel(made, "payers").rows if (r[0].main, r[1].main) == ("Land-transfer income", "2050"))
    assert row[2].main == f"{float(land.median()):,.1f}"


def test_chance_that_money_was_missing_is_the_share_of_first_years_passed(made: Chapter, data: xr.Dataset) -> None:
    line = np.array(panel(made, "short").figure.to_dict()["data"][0]["y"])
    by_hand = [100 * float((data["short_year"] <= year).mean()) for year in data["year"].values]
    np.testing.assert_allclose(line, by_hand, rtol=1e-3)
    assert (np.diff(line) >= 0).all()
    assert line[-1] > line[0]


def test_fans_are_those_of_the_file(made: Chapter, data: xr.Dataset) -> None:
    for name, factor in (("beds_per_thousand", 1.0), ("plan_cost_share", 100.0), ("funding_gap_share", 100.0)):
        drawn = median(panel(made, name))
        np.testing.assert_allclose(drawn, factor * data[name].median("draw"), rtol=2e-3, atol=1e-3)
    np.testing.assert_allclose(median(panel(made, "carers")), data["carers"] / 1e3, rtol=2e-3)


def test_cost_per_old_person_is_told_at_prices_of_the_report(
    made: Chapter, data: xr.Dataset, prices: xr.DataArray
) -> None:
    each = (data["expenditure"] / prices / data["old_people"]).median("draw")
    np.testing.assert_allclose(median(panel(made, "plan_cost_per_old")), each, rtol=2e-3, atol=0.5)


def test_table_by_year_holds_quantiles_at_constant_prices(
    made: Chapter, data: xr.Dataset, prices: xr.DataArray
) -> None:
    table = made.tables[0]
    place = table.head.index("2050") - 1
    low, middle, high = np.quantile((data["care_county"] / prices).sel(year=2050), [0.1, 0.5, 0.9]) / 1e9
    assert cells(table, "County budgets")[place] == (f"{middle:,.1f}", (f"{low:,.1f}{DASH}{high:,.1f}",))
    assert cells(table, "Beds of the plan")[place] == ("2,200", ())
    assert table.head[1] == "2027"


def test_the_plan_as_a_whole_names_the_parts_of_the_budgets(made: Chapter, data: xr.Dataset) -> None:
    table = made.tables[1]
    assert cells(table, "Building cost: centre / provinces / counties")[0][0] == "40% / 30% / 20%"
    assert cells(table, "Running cost: centre / provinces / counties")[0][0] == "0% / 25% / 35%"
    ever = float(data["short_year"].notnull().mean())
    assert cells(table, "Money is missing at some time")[0][0] == f"{100 * ever:.0f}%"


def test_ids_are_unique_and_the_same_in_both_languages(made: Chapter, results: Results) -> None:
    ids = [p.id for b in made.blocks for p in b.panels]
    assert len(ids) == len(set(ids)) == 9
    assert ids == [p.id for b in chapter(results, "zh").blocks for p in b.panels]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_word_of_the_chapter_is_used(results: Results, language: Language) -> None:
    told = context(results, language)
    assert care_plan.chapter(told) is not None
    file = resources.files("actuarial.report").joinpath("texts_care_plan.toml")
    assert set(tomllib.loads(file.read_text(encoding="utf-8"))) <= told.texts.used
