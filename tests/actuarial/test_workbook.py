"""The workbook: numbers as numbers, formulas that come out as they say, and no text that turns into one."""

from __future__ import annotations

import datetime
import re
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import numpy as np
import openpyxl
import pytest
import xarray as xr
from openpyxl.utils import range_boundaries
from openpyxl.workbook.workbook import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from actuarial.report import Results, read_results, workbook
from actuarial.report._variables import FUNDS, described, saved
from actuarial.report._workbook_text import NOTES
from actuarial.report.texts import Texts, catalogue
from actuarial.report.workbook import write_workbook
from tests.actuarial.report_fixture import write_results
from tests.actuarial.workbook_reading import Evaluator, by_year, cells, heads, rows_of
from tests.real_run import Run

LAST = 2036
SHEETS = (
    "Summary",
    "Assumptions",
    "Population",
    "Rates and economy",
    "Cash flow Transfers as the law",
    "Cash flow Transfers at today's",
    "Cash flow Reform package",
    "Indicators",
    "Differences",
    "Sources",
    "Notes",
)
TABLES = {2: "Assumptions", 3: "Population", 4: "Rates and economy", 8: "Indicators", 9: "Differences", 10: "Sources"}
BESIDES = ("household", "members")
HOSTILE = ('=HYPERLINK("http://x","y")', "+1+1", "-2", "@SUM(A1)", "＝1")


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Results:
    """The pension of the invented run, its first years, with openings, flows and indicators besides."""
    found = replace(read_results(write_results(tmp_path_factory.mktemp("run"))), **dict.fromkeys((*FUNDS, *BESIDES)))
    years = slice(2026, LAST)
    account = found.account.sel(year=years)
    moved = (account["inheritance"] * 2.0).assign_attrs(unit="yuan", ledger="accounts", meaning="=moved")
    plain = {"dims": ("scenario", "draw"), "attrs": {"unit": "yuan", "kind": "memo", "ledger": "fund"}}
    shape = tuple(account.sizes[dim] for dim in plain["dims"])
    account = account.assign(
        portability_in=moved.assign_attrs(kind="income"),
        portability_out=moved.assign_attrs(kind="outgo"),
        fiscal_central=(0.4 * account["fiscal_transfer"]).assign_attrs(unit="yuan", kind="memo", ledger="pool"),
        opening_balance=xr.DataArray(np.full(shape, 1.8e12), **plain),
        opening_accounts=xr.DataArray(np.full(shape, 1.5e12), **plain),
    )
    draws = account["draw"].values
    coords = {
        "scenario": account["scenario"].values,
        "draw": draws,
        "factor": ["=a", "benefit"],
        "to": [2030.0, np.inf],
    }
    values = np.arange(3.0 * draws.size * 4).reshape(3, draws.size, 2, 2)
    change = xr.DataArray(
        values, coords, ("scenario", "draw", "factor", "to"), attrs={"unit": "share", "meaning": "@x"}
    )
    single = xr.DataArray(
        np.linspace(0, 1, draws.size), {"draw": draws}, ("draw",), attrs={"unit": "odd", "meaning": ""}
    )
    indicators = found.indicators.sel(year=years).assign(odd_change=change, odd_single=single)
    return replace(
        found,
        manifest=found.manifest.model_copy(update={"last_year": LAST}),
        projection=found.projection.sel(year=slice(2020, LAST)),
        account=account,
        indicators=indicators,
    )


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


def cash(book: Workbook, scenario: int) -> Worksheet:
    return book.worksheets[4 + scenario]


# -- formulas


def test_every_formula_comes_out_as_the_value_that_stands_beside_it(meant: Workbook, told: Workbook) -> None:
    counted = 0
    for sheet in meant.worksheets:
        work = Evaluator(sheet)
        for row in (*sheet.iter_rows(7), *sheet.iter_rows(1, 6)):
            for cell in row:
                if cell.data_type == "f":
                    value = told[sheet.title][cell.coordinate].value
                    assert work.cell(cell.coordinate) == pytest.approx(value, rel=1e-9, abs=1e-7)
                    counted += 1
    # Of each year of three cash flows: four totals of ledgers, two of all, three of each ledger, three of the fund.
    assert counted == 3 * ((LAST - 2026 + 1) * 15 - 2 + 1) + 3 * (LAST - 2020 + 1)


@pytest.mark.slow
def test_a_spreadsheet_program_finds_the_same_values(file: Path, told: Workbook, tmp_path: Path) -> None:
    program = shutil.which("soffice")
    if program is None:
        pytest.skip("no spreadsheet program here")
    profile = f"-env:UserInstallation=file://{tmp_path}/profile"
    # Saved again by a library that does not compute, the file holds formulas without values.
    openpyxl.load_workbook(file).save(tmp_path / "bare.xlsx")
    bare = openpyxl.load_workbook(tmp_path / "bare.xlsx", data_only=True)
    assert cash(bare, 0)["A4"].value is None
    command = [program, profile, "--headless", "--convert-to", "xlsx", "--outdir", str(tmp_path / "computed")]
    subprocess.run([*command, str(tmp_path / "bare.xlsx")], check=True, capture_output=True, timeout=300)
    again = openpyxl.load_workbook(tmp_path / "computed/bare.xlsx", data_only=True)
    for scenario in range(3):
        for row in cash(told, scenario).iter_rows(8):
            for cell in row:
                found = cash(again, scenario)[cell.coordinate].value
                assert found == (None if cell.value is None else pytest.approx(cell.value, rel=1e-9, abs=1e-7))


@pytest.mark.parametrize("scenario", range(3))
def test_totals_and_balances_are_the_means_of_the_saved_draws(results: Results, told: Workbook, scenario: int) -> None:
    sheet, account = cash(told, scenario), results.account.isel(scenario=scenario).mean("draw") * 1e-9
    pool, accounts = account["pool_balance"].values, account["accounts_balance"].values
    np.testing.assert_allclose(by_year(sheet, "Pool", "31 December"), pool, rtol=1e-9, atol=1e-6)
    np.testing.assert_allclose(by_year(sheet, "Accounts", "31 December"), accounts, rtol=1e-9)
    np.testing.assert_allclose(by_year(sheet, "Whole fund", "31 December"), account["balance"], rtol=1e-9, atol=1e-6)
    assert by_year(sheet, "Pool", "1 January")[0] == pytest.approx(300.0)
    assert by_year(sheet, "Accounts", "1 January")[0] == pytest.approx(1500.0)
    np.testing.assert_array_equal(by_year(sheet, "Whole fund", "Gap"), 0.0)
    names = [name for name in account.data_vars if results.account[name].attrs["kind"] == "income"]
    income = sum(account[n] for n in names) + account["interest"]
    np.testing.assert_allclose(by_year(sheet, "Income", "Total income with interest"), income, rtol=1e-12)


@pytest.mark.parametrize("scenario", range(3))
def test_the_balance_identity_holds_in_the_sheet(told: Workbook, scenario: int) -> None:
    sheet = cash(told, scenario)
    income = by_year(sheet, "Income", "Total income with interest")
    outgo, met = by_year(sheet, "Outgo", "Total outgo"), by_year(sheet, "Met by nobody", "Shortfall")
    close = by_year(sheet, "Whole fund", "31 December")
    np.testing.assert_allclose(np.diff(close, prepend=1800.0), income - outgo + met, rtol=0, atol=1e-7)


def test_a_balance_that_does_not_follow_from_the_flows_shows_as_a_gap(results: Results, tmp_path: Path) -> None:
    wrong = results.account.copy()
    wrong["balance"] = wrong["balance"] + 5e9 * (wrong["year"] == 2030)
    write_workbook(replace(results, account=wrong), tmp_path / "w.xlsx")
    sheet = cash(openpyxl.load_workbook(tmp_path / "w.xlsx", data_only=True), 1)
    gaps = dict(zip(range(2026, LAST + 1), by_year(sheet, "Whole fund", "Gap"), strict=True))
    assert gaps.pop(2030) == pytest.approx(-5.0, abs=1e-6)
    assert set(gaps.values()) == {0.0}
    assert sheet["A4"].value == pytest.approx(5.0, abs=1e-6)


def test_openings_that_are_not_saved_are_carried_back_from_the_first_close(results: Results, tmp_path: Path) -> None:
    old = results.account.drop_vars(["opening_balance", "opening_accounts"])
    write_workbook(replace(results, account=old), tmp_path / "w.xlsx")
    sheet = cash(openpyxl.load_workbook(tmp_path / "w.xlsx", data_only=True), 0)
    assert by_year(sheet, "Pool", "1 January")[0] == pytest.approx(300.0)


# -- what stands in the sheets


def test_the_sheets_are_those_of_a_valuation_each_in_its_place(told: Workbook) -> None:
    assert tuple(told.sheetnames) == SHEETS


def test_quantiles_follow_the_means_and_say_that_they_do_not_add_up(results: Results, told: Workbook) -> None:
    sheet = cash(told, 2)
    group = "Balance of the pool: quantiles, which do not add up"
    values = results.account["pool_balance"].isel(scenario=2) * 1e-9
    for head, level in (("2.5% quantile", 0.025), ("median", 0.5), ("90% quantile", 0.9)):
        np.testing.assert_allclose(by_year(sheet, group, head), values.quantile(level, "draw"), rtol=1e-12)


def test_parts_for_information_stand_apart_from_the_flows(results: Results, told: Workbook) -> None:
    expected = results.account["fiscal_central"].isel(scenario=0).mean("draw") * 1e-9
    found = by_year(cash(told, 0), "For information, mean", "Fiscal transfer, central")
    np.testing.assert_allclose(found, expected, rtol=1e-12)


def test_every_yearly_flow_of_the_account_is_shown_once(results: Results, told: Workbook) -> None:
    row = range_boundaries(cash(told, 0).auto_filter.ref)[1]
    shown = [str(cell.value) for cell in cash(told, 0)[row]]
    for name in results.account.data_vars:
        words = catalogue()[f"workbook.variable.{name}"]["en"]
        # Balances stand under "Pool", "Accounts" and "Whole fund"; openings are the first cell of their column.
        if not str(name).endswith("balance") and not str(name).startswith("opening"):
            assert shown.count(words) == 1, name


def test_every_indicator_of_every_scenario_stands_with_its_numbers(results: Results, told: Workbook) -> None:
    rows = rows_of(told["Indicators"])
    assert {row["Key"] for row in rows} == set(results.indicators.data_vars)
    expected = sum(v.size // v.sizes["draw"] for v in results.indicators.data_vars.values())
    assert len(rows) == expected
    values = results.indicators["cost_rate"].sel(scenario="package", year=2030)
    row = next(r for r in rows if (r["Key"], r["Scenario"], r["Year"]) == ("cost_rate", "Reform package", 2030))
    assert row["mean"] == pytest.approx(float(values.mean()))
    assert row["10% quantile"] == pytest.approx(float(np.quantile(values, 0.1)))
    assert row["97.5% quantile"] == pytest.approx(float(np.quantile(values, 0.975)))
    assert (row["Unit"], row["Share of futures with a value"]) == ("share of the contribution base", 1)


def test_an_indicator_over_axes_that_nobody_foresaw_is_shown_by_their_labels(results: Results, told: Workbook) -> None:
    rows = [row for row in rows_of(told["Indicators"]) if row["Key"] == "odd_change"]
    assert len(rows) == 3 * 2 * 2
    at = next(r for r in rows if (r["Factor"], r["To"], r["Scenario"]) == ("benefit", "∞", "Reform package"))
    values = results.indicators["odd_change"].sel(scenario="package", factor="benefit").isel(to=1)
    assert at["median"] == pytest.approx(float(values.median()))
    single = next(row for row in rows_of(told["Indicators"]) if row["Key"] == "odd_single")
    assert (single["Scenario"], single["Year"], single["Indicator"]) == (None, None, "Odd single")
    assert single["mean"] == pytest.approx(0.5)


def test_a_year_that_comes_in_few_futures_is_a_number_or_says_that_it_does_not_come(
    results: Results, tmp_path: Path
) -> None:
    years = np.full(results.indicators["pool_depletion_year"].shape, np.nan)
    years[:, : years.shape[1] // 2] = 2030
    data = results.indicators.assign(pool_depletion_year=(("scenario", "draw"), years, {"unit": "calendar year"}))
    write_workbook(replace(results, indicators=data), tmp_path / "w.xlsx")
    book = openpyxl.load_workbook(tmp_path / "w.xlsx", data_only=True)
    row = next(r for r in rows_of(book["Indicators"]) if r["Key"] == "pool_depletion_year")
    assert (row["mean"], row["10% quantile"], row["90% quantile"]) == (None, 2030, f"not by {LAST}")
    assert row["Share of futures with a value"] == 0.5
    assert "pool_depletion_year" not in {r["Key"] for r in rows_of(book["Differences"])}


def test_differences_are_taken_draw_by_draw(results: Results, told: Workbook) -> None:
    rows = rows_of(told["Differences"])
    pair = "Reform package less Transfers as the law says"
    row = next(r for r in rows if (r["Key"], r["Year"], r["Scenarios compared"]) == ("cost_rate", 2030, pair))
    rate = results.indicators["cost_rate"].sel(year=2030)
    paired = rate.sel(scenario="package", drop=True) - rate.sel(scenario="law", drop=True)
    assert row["90% quantile"] == pytest.approx(float(np.quantile(paired, 0.9)))
    money = next(r for r in rows if (r["Key"], r["Year"], r["Scenarios compared"]) == ("balance", 2030, pair))
    balance = results.account["balance"].sel(year=2030)
    assert money["mean"] == pytest.approx(
        1e-9 * float((balance.sel(scenario="package", drop=True) - balance.sel(scenario="law", drop=True)).mean())
    )
    assert {r["Scenarios compared"] for r in rows} == {
        pair,
        "Transfers at today's budget share less Transfers as the law says",
    }


def test_one_scenario_alone_leaves_the_differences_empty(results: Results, tmp_path: Path) -> None:
    one = results.manifest.model_copy(update={"scenarios": results.manifest.scenarios[:1]})
    first = {kind: getattr(results, kind).isel(scenario=[0]) for kind in ("account", "indicators")}
    write_workbook(replace(results, manifest=one, **first), tmp_path / "w.xlsx")
    book = openpyxl.load_workbook(tmp_path / "w.xlsx")
    assert rows_of(book["Differences"]) == []
    assert len(book.sheetnames) == len(SHEETS) - 2


def test_population_adds_up_and_is_that_of_the_projection(results: Results, told: Workbook) -> None:
    sheet = told["Population"]
    rows = [[cell.value for cell in row] for row in sheet.iter_rows(range_boundaries(sheet.auto_filter.ref)[1] + 1)]
    people = results.projection["population_5y"].astype(float).sum("sex").mean("draw") * 1e-6
    at = {(row[0], row[1]): row[2:] for row in rows}
    for area in ("rural", "urban"):
        one = people.sel(area=area, year=2030)
        everyone, young, working, old = at[area.capitalize(), 2030][0:16:4]
        assert everyone == pytest.approx(float(one.sum()), rel=1e-6)
        assert everyone == pytest.approx(young + working + old, rel=1e-9)
        assert old == pytest.approx(float(one.sel(age=slice(60, None)).sum()), rel=1e-6)
    whole = [at[place, 2030][0] for place in ("Rural", "Urban", "National")]
    assert whole[2] == pytest.approx(whole[0] + whole[1])
    members = heads(sheet)["mean"][-3]
    contributors = results.projection["contributors_total"].sel(year=2030).mean() * 1e-6
    assert at["National", 2030][members - 3] == pytest.approx(float(contributors))
    assert at["Rural", 2030][members - 3] is None


def test_assumptions_stand_by_scenario_as_numbers(results: Results, told: Workbook) -> None:
    rows = {row["Key"]: row for row in rows_of(told["Assumptions"])}
    assert set(rows) == {one.key for one in results.assumptions}
    land = rows["pension.land_withdrawal_share"]
    assert (land["Transfers as the law says"], land["Reform package"]) == (0, 0.1)
    assert (land["Least"], land["Most"], land["Source"]) == (0, 0.3, "State Council 2014 No. 8, art. 4")
    assert rows["priors.economy.income_anchor"]["Reform package"] == "[0.02, 0.008]"


def test_every_source_is_listed(results: Results, told: Workbook) -> None:
    rows = {row["Key"]: row for row in rows_of(told["Sources"])}
    assert {key: row["Address"] for key, row in rows.items()} == {s.key: s.address for s in results.sources}


def test_the_summary_answers_and_says_what_was_run(results: Results, told: Workbook) -> None:
    texts = [cell.value for row in told["Summary"].iter_rows() for cell in row if cell.value is not None]
    manifest = results.manifest
    for wanted in (
        *manifest.answer,
        *manifest.warnings,
        manifest.seed,
        manifest.draws,
        "pension.land_withdrawal_share",
    ):
        assert wanted in texts
    assert any("economy" in str(text) and "did not pass" in str(text) for text in texts)
    links = {cell.hyperlink.location for row in told["Summary"].iter_rows() for cell in row if cell.hyperlink}
    assert links == {f"'{name.replace(chr(39), chr(39) * 2)}'!A1" for name in told.sheetnames}


def test_the_headline_is_that_of_the_indicators(results: Results, told: Workbook) -> None:
    rows = {str(row[0].value): [cell.value for cell in row[1:4]] for row in told["Summary"].iter_rows()}
    empty = results.indicators["pool_empty"].sel(year=2035).mean("draw")
    np.testing.assert_allclose(rows["The pool runs empty: by 2035, share of futures"], empty, rtol=1e-12)
    need = results.indicators["fiscal_need_share"].sel(year=2026)
    found = rows["Fiscal need, share of general public budget revenue: 2026, 90% quantile"]
    np.testing.assert_allclose(found, need.quantile(0.9, "draw"), rtol=1e-12)


def test_every_saved_variable_is_defined_in_the_notes(results: Results, told: Workbook) -> None:
    sheet = told["Notes"]
    defined = [(row["Key"], row["File"]) for row in rows_of(sheet)]
    assert defined == [(str(values.name), kind) for kind, values in saved(results)]
    assert (
        sum(
            str(cell.value)[:20] in {catalogue()[f"workbook.note.{n}"]["en"][:20] for n in NOTES} for cell in sheet["A"]
        )
        >= 5
    )


# -- nothing turns into a formula


def test_formulas_are_only_where_the_workbook_makes_them(meant: Workbook) -> None:
    allowed = re.compile(
        r"=(SUM\([A-Z]+\d+:[A-Z]+\d+\)|SUM\(0\)|ROUND\([A-Z]+\d+-[A-Z]+\d+,6\)|[A-Z]+\d+([+-][A-Z]+\d+)*|MAX\(.+\))"
    )
    found = [(sheet.title, cell.value) for sheet, cell in cells(meant) if cell.data_type == "f"]
    assert {sheet.partition(" ")[0] for sheet, _ in found} == {"Cash", "Population"}
    assert all(allowed.fullmatch(value) for _, value in found)


def hostile_run(results: Results, text: str) -> Results:
    """Return results in which every text that somebody else wrote begins with a sign of a formula."""
    manifest = results.manifest
    scenarios = [
        one.model_copy(update={"title_en": text + one.name, "description_en": text, "changes": [
            change.model_copy(update={"key": text, "before": text, "after": text}) for change in one.changes
        ]})
        for one in manifest.scenarios
    ]  # fmt: skip
    update = {"title": text, "scenarios": scenarios, "answer": [text], "warnings": [text], "versions": {text: text}}
    source = results.sources[0].model_copy(
        update=dict.fromkeys(("key", "title", "publisher", "address", "licence"), text)
    )
    rule = results.assumptions[0].model_copy(
        update={"key": text, "value": text, "unit": text, "meaning": text, "source": text}
    )
    indicators = results.indicators.copy()
    indicators["cost_rate"].attrs.update(unit=text, meaning=text)
    return replace(
        results,
        manifest=manifest.model_copy(update=update),
        sources=[source],
        assumptions=[rule],
        indicators=indicators,
    )


@pytest.mark.parametrize("text", HOSTILE)
def test_a_text_that_looks_like_a_formula_stays_a_text(results: Results, tmp_path: Path, text: str) -> None:
    write_workbook(hostile_run(results, text), tmp_path / "w.xlsx")
    book = openpyxl.load_workbook(tmp_path / "w.xlsx")
    formulas = {cell.value for _, cell in cells(book) if cell.data_type == "f"}
    assert not any(text in value for value in formulas)
    same = [cell for _, cell in cells(book) if cell.value == text]
    assert {sheet.title for sheet, cell in cells(book) if cell.value == text} >= {"Summary", "Assumptions", "Sources"}
    assert all(cell.data_type == "s" and cell.quotePrefix for cell in same)


def test_scenario_titles_that_excel_refuses_give_names_that_it_takes(results: Results, tmp_path: Path) -> None:
    titles = ("a/b:c*[d]?\\ " + "x" * 40, "a/b:c*[d]?\\ " + "x" * 40, "'History'")
    scenarios = [
        one.model_copy(update={"title_en": title})
        for one, title in zip(results.manifest.scenarios, titles, strict=True)
    ]
    named = replace(results, manifest=results.manifest.model_copy(update={"scenarios": scenarios}))
    write_workbook(named, tmp_path / "w.xlsx")
    names = openpyxl.load_workbook(tmp_path / "w.xlsx", read_only=True).sheetnames
    assert len({name.casefold() for name in names}) == len(names) == 11
    assert all(len(name) <= 31 and not set(name) & set("[]:*?/\\") and name.strip("'") == name for name in names)


def test_numbers_are_numbers(told: Workbook) -> None:
    numeric = re.compile(r"[-+]?[\d,]*\.?\d+%?")
    for sheet, cell in cells(told):
        if isinstance(cell.value, str) and sheet.title not in ("Summary", "Sources", "Assumptions"):
            assert not numeric.fullmatch(cell.value), (sheet.title, cell.coordinate)


# -- how it looks and prints


def test_tables_have_heads_that_stay_filters_and_a_page_that_fits(meant: Workbook) -> None:
    for sheet in meant.worksheets:
        assert sheet.page_setup.orientation == "landscape"
        assert sheet.sheet_properties.pageSetUpPr.fitToPage and sheet.page_setup.fitToHeight == 0
        if sheet.title != "Summary":
            head = range_boundaries(sheet.auto_filter.ref)[1]
            assert re.fullmatch(rf"[A-Z]+{head + 1}", sheet.freeze_panes)
            assert sheet.print_title_rows.endswith(f"${head}")
            assert all(sheet.cell(head, place).value for place in range(1, sheet.max_column + 1))


def test_money_columns_have_a_number_format_and_heads_their_units(meant: Workbook) -> None:
    sheet = cash(meant, 0)
    assert "billion yuan, nominal" in sheet["A1"].value
    first = range_boundaries(sheet.auto_filter.ref)[1] + 1
    assert sheet.cell(first, 2).number_format == "#,##0.00"
    groups = {
        str(cell.value) for cell in meant["Population"][range_boundaries(meant["Population"].auto_filter.ref)[1] - 1]
    }
    assert "People (million people)" in groups


def test_the_same_results_give_the_same_bytes_and_the_day_of_the_run(
    results: Results, file: Path, told: Workbook, tmp_path: Path
) -> None:
    write_workbook(results, tmp_path / "again.xlsx")
    assert (tmp_path / "again.xlsx").read_bytes() == file.read_bytes()
    assert told.properties.created == datetime.datetime.fromisoformat(results.manifest.created)
    assert told.properties.title == results.manifest.title
    assert "0.1.0" in told.properties.creator


def test_a_writing_that_fails_leaves_nothing(results: Results, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("no sheet")

    monkeypatch.setattr(workbook, "notes_sheet", broken)
    with pytest.raises(RuntimeError, match="no sheet"):
        write_workbook(results, tmp_path / "w.xlsx")
    assert list(tmp_path.iterdir()) == []


# -- languages and places


def test_a_chinese_workbook_has_chinese_heads_and_the_same_numbers(
    results: Results, told: Workbook, tmp_path: Path
) -> None:
    write_workbook(results, tmp_path / "w.xlsx", "zh")
    book = openpyxl.load_workbook(tmp_path / "w.xlsx", data_only=True)
    assert book.sheetnames[:3] == ["摘要", "假设", "人口与参保"]
    chinese = re.compile(r"[一-鿿]")
    for sheet in (book.worksheets[place] for place in (2, 3, 4, 7, 8)):
        top = range_boundaries(sheet.auto_filter.ref)[1]
        above = [cell.value for cell in sheet[top - 1] if cell.value]
        words = [str(value) for value in [*above, *(cell.value for cell in sheet[top])]]
        assert [word for word in words if not chinese.search(word)] in ([], ["To"])
    # 100 million yuan are a tenth of a billion.
    here, there = (by_year(cash(b, 0), *h) for b, h in ((book, ("支出", "支出合计")), (told, ("Outgo", "Total outgo"))))
    np.testing.assert_allclose(here, 10.0 * there, rtol=1e-12)


def test_a_region_is_shown_in_units_that_suit_it(results: Results, tmp_path: Path) -> None:
    few = results.projection.assign(population_5y=results.projection["population_5y"] * 1e-3)
    county = replace(
        results, manifest=results.manifest.model_copy(update={"region": "某县"}), projection=few, backcast=None
    )
    write_workbook(county, tmp_path / "w.xlsx")
    book = openpyxl.load_workbook(tmp_path / "w.xlsx", data_only=True)
    assert "million yuan, nominal" in cash(book, 0)["A1"].value
    places = {row[0].value for row in book["Population"].iter_rows(6)}
    assert "All of 某县" in places


@pytest.mark.slow
def test_every_variable_of_a_real_run_has_a_name_and_a_unit_in_both_languages(first_run: Run) -> None:
    results = read_results(first_run.out)
    for kind, values in saved(results):
        names = {f"workbook.variable.{kind}.{values.name}"}
        names |= {f"{part}.{values.name}" for part in ("workbook.variable", "indicator", "first_years")}
        assert names & set(catalogue()), f"{values.name} wants a name: workbook.variable.{values.name}"


@pytest.mark.slow
def test_a_real_run_leaves_a_workbook_without_gaps(first_run: Run) -> None:
    results = read_results(first_run.out)
    book = openpyxl.load_workbook(first_run.out / workbook.NAME, data_only=True)
    for scenario in range(len(results.manifest.scenarios)):
        sheet = cash(book, scenario)
        np.testing.assert_array_equal(by_year(sheet, "Whole fund", "Gap"), 0.0)
        close = by_year(sheet, "Whole fund", "31 December")
        np.testing.assert_allclose(close, results.account["balance"].isel(scenario=scenario).mean("draw") * 1e-9)
        assert close.size == results.manifest.last_year - results.manifest.first_year + 1


@pytest.mark.slow
def test_every_variable_of_a_real_run_says_its_unit_and_meaning(first_run: Run) -> None:
    untold = [(kind, values.name) for kind, values in saved(read_results(first_run.out)) if not all(described(values))]
    assert untold == []


@pytest.mark.slow
@pytest.mark.parametrize("kind", [*FUNDS, "household"])
def test_every_other_fund_of_a_real_run_adds_up(first_run: Run, kind: str) -> None:
    results = read_results(first_run.out)
    assert getattr(results, kind) is not None
    texts = Texts(results.manifest.language)
    name = texts("workbook.all_funds") if kind == "household" else texts(f"household.fund.{kind}")
    sheet = openpyxl.load_workbook(first_run.out / workbook.NAME, data_only=True)[name]
    group = texts("workbook.all_need" if kind == "household" else "workbook.balance_fund")
    np.testing.assert_array_equal(by_year(sheet, group, texts("workbook.gap")), 0.0)
