"""The workbook of a run with other funds: a sheet a fund, all of them together, the pension's members."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pytest
import xarray as xr
from openpyxl.utils import range_boundaries
from openpyxl.workbook.workbook import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from actuarial import careplan, joint, medical, timebank, unemployment
from actuarial.fund import VARIABLES
from actuarial.report import Results, read_results, workbook
from actuarial.report._variables import FUNDS, saved
from actuarial.report._workbook_book import Book
from actuarial.report._workbook_household import household_sheet
from actuarial.report._workbook_members import accounts_sheet, members_sheet
from actuarial.report.blocks import Context
from actuarial.report.numbers import Numbers
from actuarial.report.texts import Texts, catalogue
from actuarial.report.workbook import write_workbook
from forecasting.axes import LABOUR, MEDICAL
from tests.actuarial.report_fixture import write_results
from tests.actuarial.report_fixture_funds import with_funds
from tests.actuarial.report_fixture_members import WAITING
from tests.actuarial.report_fixture_mix import mix_results
from tests.actuarial.report_fixture_sensitivity import sensitivity_results
from tests.actuarial.report_fixture_variance import variance_results
from tests.actuarial.workbook_reading import Evaluator, by_year, cells, rows_of

LAST = 2036
SHEETS = {
    "medical": "Medical fund",
    "unemployment": "Unemployment fund",
    "time_bank": "Time bank",
    "care_plan": "Elderly-care plan",
}
PARTS = ("workbook.variable", "indicator", "first_years")
NEW = ("Members", "Accounts by age", *SHEETS.values(), "All funds")


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Results:
    return read_results(write_results(tmp_path_factory.mktemp("run")))


@pytest.fixture(scope="module")
def results(plain: Results) -> Results:
    return with_funds(plain, LAST)


@pytest.fixture(scope="module")
def file(results: Results, tmp_path_factory: pytest.TempPathFactory) -> Path:
    found = tmp_path_factory.mktemp("book") / "valuation.xlsx"
    write_workbook(results, found)
    return found


@pytest.fixture(scope="module")
def told(file: Path) -> Workbook:
    """The workbook with the values that stand in it."""
    return openpyxl.load_workbook(file, data_only=True)


@pytest.fixture(scope="module")
def meant(file: Path) -> Workbook:
    """The workbook with its formulas."""
    return openpyxl.load_workbook(file)


def titles(results: Results) -> dict[str, str]:
    return {one.name: one.title_en for one in results.manifest.scenarios}


def where(sheet: Worksheet) -> list[tuple[str, int]]:
    """Return scenario and year of every row."""
    _, head, _, last = range_boundaries(sheet.auto_filter.ref)
    return [(str(row[0].value), int(row[1].value)) for row in sheet.iter_rows(head + 1, last)]


def path(sheet: Worksheet, group: str, head: str, scenario: str) -> np.ndarray:
    """Return a column's values of one scenario."""
    mine = [name == scenario for name, _ in where(sheet)]
    return by_year(sheet, group, head)[mine]


# -- a sheet a fund


def test_the_sheets_of_other_funds_stand_between_the_pension_and_the_indicators(told: Workbook) -> None:
    assert tuple(told.sheetnames[7:14]) == NEW
    assert told.sheetnames[14] == "Indicators"


@pytest.mark.parametrize("name", NEW)
def test_every_formula_comes_out_as_the_value_that_stands_beside_it(meant: Workbook, told: Workbook, name: str) -> None:
    work = Evaluator(meant[name])
    formulas = [cell for sheet, cell in cells(meant) if sheet.title == name and cell.data_type == "f"]
    # The first year's opening of each scenario is a number, every other total and balance is a formula.
    starts = len({scenario for scenario, _ in where(told[name])})
    rows = len(where(told[name]))
    expected = {"Members": 0, "Accounts by age": rows, "All funds": 5 * rows + 1}
    assert len(formulas) == expected.get(name, 6 * rows - starts + 1)
    for cell in formulas:
        assert work.cell(cell.coordinate) == pytest.approx(told[name][cell.coordinate].value, rel=1e-9, abs=1e-7)


@pytest.mark.parametrize("kind", FUNDS)
def test_totals_and_balances_are_the_means_of_the_saved_draws(results: Results, told: Workbook, kind: str) -> None:
    data, sheet = getattr(results, kind), told[SHEETS[kind]]
    for name in data["scenario"].values.tolist():
        one, title = data.sel(scenario=name), titles(results)[name]
        income = (one["income"] + one["interest"]).mean("draw") * 1e-9
        np.testing.assert_allclose(path(sheet, "Income", "Total income with interest", title), income, rtol=1e-9)
        outgo = one["expenditure"].mean("draw") * 1e-9
        np.testing.assert_allclose(path(sheet, "Outgo", "Total outgo", title), outgo, rtol=1e-9)
        balance = one["balance"].mean("draw") * 1e-9
        np.testing.assert_allclose(path(sheet, "Balance", "31 December", title), balance, rtol=1e-9, atol=1e-6)
        opening = float(one["opening_balance"].mean()) * 1e-9
        assert path(sheet, "Balance", "1 January", title)[0] == pytest.approx(opening)
    np.testing.assert_array_equal(by_year(sheet, "Balance", "Gap"), 0.0)


@pytest.mark.parametrize("kind", FUNDS)
def test_every_yearly_variable_of_a_fund_is_shown_once(results: Results, told: Workbook, kind: str) -> None:
    data, sheet = getattr(results, kind), told[SHEETS[kind]]
    head = range_boundaries(sheet.auto_filter.ref)[1]
    shown = [str(cell.value).partition(" (")[0] for cell in sheet[head]]
    texts = catalogue()
    for name in data.data_vars:
        keys = (f"workbook.variable.{kind}.{name}", *(f"{part}.{name}" for part in PARTS))
        words = next(texts[key]["en"] for key in keys if key in texts).partition(" (")[0]
        yearly = {"scenario", "year"} <= {*data[name].dims} <= {"scenario", "draw", "year"}
        # Totals and the balance have heads of their own.
        assert shown.count(words) == (1 if yearly and name not in ("income", "expenditure", "balance") else 0), name


def test_only_scenarios_that_have_a_fund_are_listed_from_its_first_year(results: Results, told: Workbook) -> None:
    title = titles(results)["package"]
    assert where(told["Time bank"]) == [(title, year) for year in range(2027, LAST + 1)]
    assert {name for name, _ in where(told["Medical fund"])} == set(titles(results).values())


def test_a_fund_that_begins_later_in_one_scenario_opens_there_with_its_own_balance(
    results: Results, tmp_path: Path
) -> None:
    assert results.unemployment is not None
    early = results.unemployment
    late = early.assign_coords(scenario=["capacity"]).sel(year=slice(2030, None))
    opening = xr.full_like(late["opening_balance"], 7e9)
    both = xr.concat([late.assign(opening_balance=opening), early], "scenario", join="outer", combine_attrs="override")
    write_workbook(replace(results, unemployment=both), tmp_path / "w.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "w.xlsx", data_only=True)["Unemployment fund"]
    names = titles(results)
    assert where(sheet) == [
        *((names["capacity"], year) for year in range(2030, LAST + 1)),
        *((names["package"], year) for year in range(2027, LAST + 1)),
    ]
    assert path(sheet, "Balance", "1 January", names["capacity"])[0] == pytest.approx(7.0)
    assert path(sheet, "Balance", "1 January", names["package"])[0] == 0.0
    np.testing.assert_array_equal(path(sheet, "Balance", "Gap", names["package"]), 0.0)
    book = openpyxl.load_workbook(tmp_path / "w.xlsx", data_only=True)
    listed = [row for row in rows_of(book["Indicators"]) if row["Key"] == "benefit_cost_rate"]
    assert min(row["Year"] for row in listed if row["Scenario"] == names["capacity"]) == 2030


def test_a_balance_that_does_not_follow_from_the_flows_shows_as_a_gap(results: Results, tmp_path: Path) -> None:
    assert results.medical is not None
    wrong = results.medical.copy()
    wrong["balance"] = (wrong["balance"] + 5e9 * (wrong["year"] == 2030)).assign_attrs(wrong["balance"].attrs)
    write_workbook(replace(results, medical=wrong), tmp_path / "w.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "w.xlsx", data_only=True)["Medical fund"]
    gaps = dict(zip((year for _, year in where(sheet)), by_year(sheet, "Balance", "Gap"), strict=True))
    assert gaps[2030] == pytest.approx(-5.0, abs=1e-6)
    assert sheet["A5"].value == pytest.approx(5.0, abs=1e-6)


def test_openings_that_are_not_saved_are_carried_back_from_the_first_close(results: Results, tmp_path: Path) -> None:
    assert results.medical is not None
    expected = float(results.medical["opening_balance"].sel(scenario="package").mean()) * 1e-9
    write_workbook(replace(results, medical=results.medical.drop_vars("opening_balance")), tmp_path / "w.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "w.xlsx", data_only=True)["Medical fund"]
    assert path(sheet, "Balance", "1 January", titles(results)["package"])[0] == pytest.approx(expected)


def test_main_indicators_stand_with_their_interval(results: Results, told: Workbook) -> None:
    assert results.medical is not None and results.time_bank is not None
    months = results.medical["months_of_reserve"].sel(scenario="package")
    group = "Months of reserve (months): quantiles, which do not add up"
    found = path(told["Medical fund"], group, "90% quantile", titles(results)["package"])
    np.testing.assert_allclose(found, months.quantile(0.9, "draw"), rtol=1e-12)
    hours = results.time_bank["hours_owed"].isel(scenario=0) * 1e-6
    group = "Hours owed on 31 December (million hours): quantiles, which do not add up"
    np.testing.assert_allclose(by_year(told["Time bank"], group, "median"), hours.median("draw"), rtol=1e-12)


# -- all funds together


def test_all_funds_add_up_and_an_absent_fund_leaves_its_cell_empty(results: Results, told: Workbook) -> None:
    sheet, names = told["All funds"], titles(results)
    assert results.medical is not None and results.time_bank is not None and results.unemployment is not None
    assert results.care_plan is not None
    pension = results.account.mean("draw")["balance"] * 1e-9
    law = path(sheet, "Balance on 31 December", "All funds", names["law"])
    years = results.account["year"].values
    care = results.medical["balance"].sel(scenario="law", year=years).mean("draw") * 1e-9
    np.testing.assert_allclose(law, pension.sel(scenario="law") + care, rtol=1e-9)
    assert np.isnan(path(sheet, "Outgo", "Time bank", names["law"])).all()
    package = dict(zip(years.tolist(), path(sheet, "Outgo", "All funds", names["package"]), strict=True))
    founded = (results.unemployment, results.time_bank, results.care_plan)
    parts = [data["expenditure"] for data in (results.medical, *founded)]
    others = sum(float(one.sel(scenario="package", year=2030).mean()) for one in parts)
    flows = [n for n, v in results.account.items() if v.attrs["kind"] == "outgo" and n != "match"]
    own = sum(float(results.account[name].sel(scenario="package", year=2030).mean()) for name in flows)
    assert package[2030] == pytest.approx(1e-9 * (others + own))


def test_the_needs_of_the_funds_add_up_to_that_which_was_saved(results: Results, told: Workbook) -> None:
    assert results.household is not None
    sheet, group = told["All funds"], "Fiscal need, share of budget revenue"
    need = results.household["need_share"].mean("draw")
    for name, title in titles(results).items():
        np.testing.assert_allclose(path(sheet, group, "All funds", title), need.sel(scenario=name), rtol=1e-9)
    np.testing.assert_array_equal(by_year(sheet, group, "Gap"), 0.0)
    assert (path(sheet, group, "Unemployment fund", titles(results)["law"]) == 0.0).all()
    wide = results.household["need_share"].sel(scenario="package").quantile(0.975, "draw")
    group = "Fiscal need of all funds over budget revenue: quantiles, which do not add up"
    np.testing.assert_allclose(path(sheet, group, "97.5% quantile", titles(results)["package"]), wide, rtol=1e-12)


def test_a_need_that_is_not_that_of_the_funds_shows_as_a_gap(results: Results, tmp_path: Path) -> None:
    assert results.household is not None
    wrong = results.household.copy()
    wrong["need_share"] = (wrong["need_share"] + 0.01).assign_attrs(wrong["need_share"].attrs)
    write_workbook(replace(results, household=wrong), tmp_path / "w.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "w.xlsx", data_only=True)["All funds"]
    assert sheet["A5"].value == pytest.approx(0.01)


def test_shortages_stand_by_fund_and_together(results: Results, told: Workbook) -> None:
    assert results.household is not None
    sheet, title = told["All funds"], titles(results)["package"]
    one = results.household.sel(scenario="package")
    found = path(sheet, "Probability that the fund is short (share)", "Medical fund", title)
    np.testing.assert_allclose(found, one["short_probability"].sel(fund="medical"), rtol=1e-12)
    found = path(sheet, "All funds, for information", "Two or more funds short in the year (share)", title)
    np.testing.assert_allclose(found, one["joint_probability"], rtol=1e-12)


# -- members


def test_members_stand_by_scenario_and_year(results: Results, told: Workbook) -> None:
    assert results.members is not None
    sheet, title = told["Members"], titles(results)["package"]
    one = results.members.sel(scenario="package")
    paid = path(sheet, "Years paid when the pension starts (years)", "median", title)
    expected = one["paid_years"].median("draw", skipna=False).values
    np.testing.assert_allclose(paid, expected, rtol=1e-12)
    assert np.isnan(paid[one["year"].values == WAITING]).all() and np.isfinite(paid).sum() == paid.size - 1
    tiers = [path(sheet, "Contributors by tier (share)", head, title) for head in ("100", "500", "2000")]
    np.testing.assert_allclose(sum(tiers), 1.0, rtol=1e-6)
    np.testing.assert_allclose(tiers[1], one["tier_share"].sel(tier=500).astype(float).mean("draw"), rtol=1e-12)


def test_accounts_by_age_add_up_to_what_all_members_are_owed(results: Results, told: Workbook) -> None:
    assert results.members is not None
    rows = [row for row in rows_of(told["Accounts by age"]) if row["Scenario"] == titles(results)["law"]]
    owed = results.members["accounts_by_age"].sel(scenario="law").astype(float) * 1e-9
    for date in (2025, 2050):
        mine = [row for row in rows if row["31 December of"] == date]
        whole = float(owed.sel(at=date).sum(["sex", "age"]).mean())
        assert sum(row["Women and men"] for row in mine) == pytest.approx(whole, rel=1e-6)
        row = next(row for row in mine if row["Age"] == "60–64")
        part = owed.sel(at=date, age=slice(60, 64)).sum(["sex", "age"])
        assert row["90% quantile"] == pytest.approx(float(part.quantile(0.9)), rel=1e-6)
        assert row["Men"] == pytest.approx(float(owed.sel(at=date, age=slice(60, 64), sex="male").sum("age").mean()))
    assert "10–14" not in {row["Age"] for row in rows} and {"15–19", "100+"} <= {row["Age"] for row in rows}


@pytest.mark.parametrize("write", [members_sheet, accounts_sheet, household_sheet])
def test_a_sheet_of_what_a_run_has_not_is_refused(plain: Results, tmp_path: Path, write: Any) -> None:
    texts = Texts("en")
    bare = replace(plain, members=None, household=None)
    with (tmp_path / "w.xlsx").open("wb") as stream:
        book = Book(stream, Context(bare, texts, Numbers(texts, LAST)))
        with pytest.raises(ValueError, match="this run has"):
            write(book)


# -- indicators, differences, summary, notes


def test_indicators_of_every_fund_stand_with_the_words_of_that_fund(results: Results, told: Workbook) -> None:
    rows = rows_of(told["Indicators"])
    funds = {row["Fund"] for row in rows}
    assert funds == {"Pension fund", *SHEETS.values()}
    named = {(row["Fund"], row["Indicator"], row["Unit"]) for row in rows if row["Key"] == "reserve_ratio"}
    assert ("Pension fund", "Reserve ratio", "years of outgo") in named
    assert ("Unemployment fund", "Reserve ratio, over covered wages", "share of covered wages") in named
    assert results.medical is not None
    row = next(
        r
        for r in rows
        if (r["Fund"], r["Key"], r["Scenario"], r["Year"])
        == ("Medical fund", "actual_reimbursement", titles(results)["law"], 2030)
    )
    values = results.medical["actual_reimbursement"].sel(scenario="law", year=2030)
    assert row["2.5% quantile"] == pytest.approx(float(np.quantile(values, 0.025)))
    # What belongs to the account stands on the sheet of the fund alone.
    assert not {row["Key"] for row in rows} & {*VARIABLES, "inpatient_care", "member_contributions", "care_purchased"}


def test_another_fund_is_compared_where_the_first_scenario_has_it(results: Results, told: Workbook) -> None:
    rows = rows_of(told["Differences"])
    assert {row["Fund"] for row in rows} == {"Pension fund", "Medical fund", "All funds"}
    pair = "Reform package less Transfers as the law says"
    assert results.medical is not None and results.household is not None
    wanted = (("Medical fund", "months_of_reserve", results.medical), ("All funds", "need_share", results.household))
    for fund, key, data in wanted:
        row = next(
            r for r in rows if (r["Fund"], r["Key"], r["Scenarios compared"], r["Year"]) == (fund, key, pair, 2030)
        )
        values = data[key].sel(year=2030)
        paired = values.sel(scenario="package", drop=True) - values.sel(scenario="law", drop=True)
        assert row["10% quantile"] == pytest.approx(float(np.quantile(paired, 0.1)))


def test_the_summary_tells_of_the_medical_fund_and_of_all_together(results: Results, told: Workbook) -> None:
    assert results.medical is not None and results.household is not None
    rows = {str(row[0].value): [cell.value for cell in row[1:4]] for row in told["Summary"].iter_rows()}
    empty = results.medical["fund_empty"].sel(year=2035).mean("draw")
    np.testing.assert_allclose(rows["The medical fund runs empty: by 2035, share of futures"], empty, rtol=1e-12)
    head = catalogue()["headline.need_all"]["en"]
    need = results.household["need_share"].sel(year=2026).quantile(0.9, "draw")
    np.testing.assert_allclose(rows[f"{head}: 2026, 90% quantile"], need, rtol=1e-12)


def test_a_scenario_without_the_medical_fund_says_nothing_of_it(results: Results, tmp_path: Path) -> None:
    assert results.medical is not None
    few = replace(results, medical=results.medical.sel(scenario=["package"]))
    write_workbook(few, tmp_path / "w.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "w.xlsx", data_only=True)["Summary"]
    rows = {str(row[0].value): [cell.value for cell in row[1:4]] for row in sheet.iter_rows()}
    found = rows["The medical fund runs empty: year, 90% quantile"]
    assert found[:2] == [None, None] and found[2] is not None


def test_months_stand_as_their_mean(results: Results, told: Workbook) -> None:
    sheet = told["Rates and economy"]
    group = "Surveyed urban unemployment rate, mean of the months (share)"
    rate = results.projection["urban_unemployment"].mean("month", skipna=False)
    found = dict(zip(results.projection["year"].values.tolist(), by_year(sheet, group, "median"), strict=True))
    assert found[2030] == pytest.approx(float(rate.sel(year=2030).median()))
    assert np.isnan(found[2016])


def test_every_saved_variable_is_defined_in_the_notes(results: Results, told: Workbook) -> None:
    defined = [(row["Key"], row["File"]) for row in rows_of(told["Notes"])]
    assert defined == [(str(values.name), kind) for kind, values in saved(results)]
    assert {kind for _, kind in defined} >= {"members", *FUNDS, "household"}


# -- names and languages


def test_every_variable_of_every_fund_has_a_name_in_both_languages() -> None:
    told_of = {
        "medical": {flow.name for flow in (*medical.INCOME, *medical.OUTGO)} | {*medical.MEMOS, *medical.INDICATORS},
        "unemployment": {flow.name for flow in (*unemployment.INCOME, *unemployment.OUTGO)}
        | ({*unemployment.MEMO} - {"monthly_net"})
        | {*unemployment.INDICATORS},
        "time_bank": {flow.name for flow in timebank.fund(2026).flows} | {*timebank.HOURS, *timebank.INDICATORS},
        "care_plan": {*careplan.INCOME, *careplan.OUTGO, *careplan.CAPACITY, *careplan.INDICATORS},
        "household": {*joint.SHORTAGE, *joint.NEED, "need_of_fund"},
        "projection": {name for name in MEDICAL | LABOUR if not name.endswith(("_age", "prevalence", "response"))}
        - {"insured"}
        | {"insured_total"},
    }
    texts = catalogue()
    for kind, names in told_of.items():
        for name in names:
            keys = (f"workbook.variable.{kind}.{name}", *(f"{part}.{name}" for part in PARTS))
            assert any(set(texts.get(key, {})) == {"en", "zh"} for key in keys), f"{kind}: {name} has no name"


def test_a_chinese_workbook_has_chinese_heads_and_the_same_numbers(
    results: Results, told: Workbook, tmp_path: Path
) -> None:
    write_workbook(results, tmp_path / "w.xlsx", "zh")
    book = openpyxl.load_workbook(tmp_path / "w.xlsx", data_only=True)
    chinese = re.compile(r"[一-鿿]")
    for sheet in book.worksheets[7:15]:
        top = range_boundaries(sheet.auto_filter.ref)[1]
        words = [str(cell.value) for row in (top - 1, top) for cell in sheet[row] if cell.value]
        assert [word for word in words if not chinese.search(word)] in ([], ["100", "500", "2000"]), sheet.title
    # 100 million yuan are a tenth of a billion, ten thousand hours a hundredth of a million.
    here, there = (
        by_year(book["医疗保险基金"], "支出", "支出合计"),
        by_year(told["Medical fund"], "Outgo", "Total outgo"),
    )
    np.testing.assert_allclose(here, 10.0 * there, rtol=1e-12)
    here = by_year(book["时间银行"], "备查（均值）", "存入时数 (万小时)")
    there = by_year(told["Time bank"], "For information, mean", "Hours credited (million hours)")
    np.testing.assert_allclose(here, 100.0 * there, rtol=1e-12)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_text_of_the_workbook_is_used(
    results: Results, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, language: Any
) -> None:
    made: list[Texts] = []
    monkeypatch.setattr(workbook, "Texts", lambda chosen: made.append(Texts(chosen)) or made[-1])
    methods = results.manifest.model_copy(update={"methods": {"fertility": "ets"}})
    few = results.projection.assign(population_5y=results.projection["population_5y"] * 1e-3)
    told_of = results.account.assign_attrs(fund="resident pension")
    mixed = replace(results, **mix_results(), sensitivity=sensitivity_results(), variance=variance_results())
    for one in (results, replace(results, manifest=methods, account=told_of, projection=few), mixed):
        write_workbook(one, tmp_path / "w.xlsx", language)
    used = set().union(*(texts.used for texts in made))
    labels = ("workbook.variable.", "workbook.unit.", "workbook.label.", "workbook.axis.")
    assert {key for key in catalogue() if key.startswith("workbook.") and not key.startswith(labels)} <= used
