"""The export of the financing mix: its sheets, and the long table, hold the numbers of the saved files."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pandas as pd
import pytest
import xarray as xr

from actuarial.report import Results, read_results, tidy, workbook
from actuarial.report._variables import MIX, saved
from actuarial.report._workbook_mix import PLANS
from tests.actuarial.report_fixture import write_results
from tests.actuarial.report_fixture_mix import PAYERS, mix_results
from tests.actuarial.workbook_reading import Evaluator, rows_of

CAPACITY, PACKAGE = "Transfers at today's budget share", "Reform package"


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Results:
    return read_results(write_results(tmp_path_factory.mktemp("run")))


@pytest.fixture(scope="module")
def results(bare: Results) -> Results:
    kinds: dict[str, Any] = mix_results()
    return replace(bare, **kinds)


@pytest.fixture(scope="module")
def told(results: Results, tmp_path_factory: pytest.TempPathFactory) -> Any:
    file = tmp_path_factory.mktemp("book") / "mix.xlsx"
    workbook.write_workbook(results, file, "en")
    return openpyxl.load_workbook(file)


def of(data: xr.Dataset | None) -> xr.Dataset:
    assert data is not None
    return data


def found(rows: list[dict[str, Any]], **heads: object) -> dict[str, Any]:
    (row,) = [row for row in rows if all(row[name.replace("_", " ")] == value for name, value in heads.items())]
    return row


def test_every_payer_has_a_column_and_their_sum_is_a_formula(told: Any, results: Results) -> None:
    sheet = told["Who pays"]
    row = found(rows_of(sheet), Scenario=PACKAGE, Fund="Medical fund", Year=2050)
    one = of(results.payers)["paid_mean"].sel(scenario="package", fund="medical", year=2050)
    assert row["Central budget"] == pytest.approx(1e-9 * float(one.sel(payer="centre")))
    total = row["Expenditure due"]
    assert total.startswith("=SUM(D") and len(row) == 4 + len(PAYERS)
    assert Evaluator(sheet).formula(total) == pytest.approx(1e-9 * float(one.sum()))


def test_a_fund_that_a_scenario_lacks_has_no_rows(told: Any) -> None:
    funds = {(row["Scenario"], row["Fund"]) for row in rows_of(told["Who pays"])}
    assert (PACKAGE, "Time bank") in funds and (CAPACITY, "Time bank") not in funds


def test_differences_stand_with_their_unit_and_interval(told: Any, results: Results) -> None:
    row = found(rows_of(told["Against the baseline"]), Scenario=PACKAGE, Quantity="Reserve of the pension pool",
                **{"31_December_of": 2035})  # fmt: skip
    one = of(results.paired).sel(scenario="package", quantity="pension_reserve", at=2035)
    assert row["Unit"] == "years of outgo"
    assert row["Mean difference"] == pytest.approx(float(one["mean_difference"]))
    assert row["10% quantile of the difference"] == pytest.approx(float(one["difference"].sel(quantile=0.1)))
    assert row["Probability of being better"] == pytest.approx(float(one["wins"]))


def test_every_other_sheet_holds_its_file(told: Any, results: Results) -> None:
    names = {"empty": "Risk of an empty fund", "worth": "Measures", "frontier": "Frontier", "stress": "Stress"}
    names |= {"frontier_mix": "Frontier mixes", "frontier_prices": "Frontier prices", "breakeven": "Break-even"}
    for plan in (plan for plan in PLANS if plan.key != "paired"):
        data = getattr(results, plan.kind)
        first = next(name for name in plan.columns if name in data)
        numbers = [list(row.values())[len(plan.rows)] for row in rows_of(told[names[plan.key]])]
        kept = np.sort(np.array([v for v in numbers if v is not None], dtype=float))
        values = data[first].values.ravel()
        np.testing.assert_allclose(kept, np.sort(values[np.isfinite(values)]), err_msg=plan.key)


def test_levers_and_constraints_are_named(told: Any) -> None:
    prices = rows_of(told["Frontier prices"])
    assert {"the target", "upper cap of Land withdrawal"} <= {row["Constraint"] for row in prices}


def test_a_run_without_mixes_has_none_of_the_sheets(bare: Results, tmp_path: Path) -> None:
    none: dict[str, Any] = dict.fromkeys(MIX)
    workbook.write_workbook(replace(bare, **none), tmp_path / "bare.xlsx", "zh")
    names = openpyxl.load_workbook(tmp_path / "bare.xlsx").sheetnames
    assert not {"由谁负担", "与基准比较", "压力测试"} & set(names)


def test_the_long_table_holds_every_number_of_the_mix(results: Results, tmp_path: Path) -> None:
    only: dict[str, Any] = {kind: getattr(results, kind) for kind in ("paired", "attribution", "frontier", "zones")}
    only["zones"] = only["zones"].sel(year=[2035])
    none: dict[str, Any] = dict.fromkeys(MIX)
    few = replace(results, **(none | only))
    kept = [(kind, values) for kind, values in saved(few) if kind in MIX]
    assert {kind for kind, _ in kept} == set(only)
    file = tmp_path / "results.parquet"
    tidy.write_tidy(few, file, "parquet")
    table = pd.read_parquet(file)
    one = table[(table["table"] == "attribution") & (table["variable"] == "shapley") & (table["statistic"] == "mean")]
    at = one[(one["fund"] == "pension") & (one["outcome"] == "fiscal") & (one["measure"] == "land")]
    value = of(results.attribution)["shapley"].sel(fund="pension", statistic="fiscal", measure="land")
    assert at["value"].item() == pytest.approx(float(value))
    draws = of(results.zones)["benefit_per_head"].sel(fund="medical", scenario="law", zone="west", year=2035)
    one = table[(table["table"] == "zones") & (table["variable"] == "benefit_per_head") & (table["statistic"] == "q50")]
    at = one[(one["fund"] == "medical") & (one["scenario"] == "law") & (one["zone"] == "west")]
    assert at["value"].item() == pytest.approx(float(draws.median()))
