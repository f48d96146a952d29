"""The long table: every saved number once, in CSV and Parquet, and no text that a spreadsheet would run."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st
from pyarrow import parquet

from actuarial.report import Results, read_results, tidy
from actuarial.report._variables import KINDS, described, saved
from actuarial.report.summary import LEVELS
from actuarial.report.tidy import STATISTICS, average, columns, quoted, reduced, write_tidy
from tests.actuarial.report_fixture import write_results
from tests.actuarial.report_fixture_funds import with_funds

FEW = slice(2026, 2029)
OTHERS = ("members", "medical", "unemployment", "time_bank", "care_plan", "household")
HOSTILE = (("=1+1", "+1", "-1"), ("@SUM(A1)", "\t=1", "＝1"))


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Results:
    """Four years of the invented run, with every fund."""
    found = with_funds(read_results(write_results(tmp_path_factory.mktemp("run"))), 2029)
    short = {kind: getattr(found, kind).sel(year=FEW) for kind in KINDS}
    return replace(found, **short)


@pytest.fixture(scope="module")
def results(whole: Results) -> Results:
    """The pension alone."""
    return replace(whole, **dict.fromkeys(OTHERS))


def in_csv(results: Results, folder: Path, *, draws: bool = False) -> pd.DataFrame:
    file = folder / "results.csv"
    write_tidy(results, file, "csv", draws=draws)
    # In one piece: pandas warns of columns that are empty in some pieces of a long file.
    return pd.read_csv(file, low_memory=False)


# -- the numbers


def test_every_statistic_of_every_variable_stands_in_the_table_once(results: Results, tmp_path: Path) -> None:
    table = in_csv(results, tmp_path)
    told = set(STATISTICS) - {"defined"}
    for kind, values in saved(results):
        rows = table[(table["table"] == kind) & (table["variable"] == values.name)]
        places = values.size // values.sizes.get("draw", 1)
        counts = rows["statistic"].value_counts()
        assert told <= set(counts.index) <= set(STATISTICS)
        assert (counts == places).all()
        assert set(rows["unit"].fillna("")) == {described(values)[0]}
    keys = [name for name in table.columns if name != "value"]
    assert not table.duplicated(keys).any()


def test_a_number_is_found_by_its_labels(results: Results, tmp_path: Path) -> None:
    write_tidy(results, tmp_path / "t.parquet", "parquet")
    table = parquet.read_table(tmp_path / "t.parquet").to_pandas()
    balance = results.account["balance"].sel(scenario="package", year=2028)
    at = table.query("variable == 'balance' and scenario == 'package' and year == 2028").set_index("statistic")["value"]
    assert at["mean"] == pytest.approx(float(balance.mean()))
    for name, level in (("q025", 0.025), ("q10", 0.1), ("q50", 0.5), ("q975", 0.975)):
        assert at[name] == pytest.approx(float(np.quantile(balance, level)))
    people = results.projection["population_5y"].sel(area="urban", sex="male", age=60, year=2027)
    at = table.query("variable == 'population_5y' and area == 'urban' and sex == 'male' and age == 60 and year == 2027")
    assert at.set_index("statistic")["value"]["mean"] == pytest.approx(float(people.mean(dtype=float)))
    assert at["scenario"].isna().all()


def test_draws_come_back_as_they_were_saved_whatever_the_size_of_a_piece(
    results: Results, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tidy, "MOST_ROWS", 1000)
    rows = write_tidy(results, tmp_path / "d.parquet", "parquet", draws=True)
    assert rows == sum(values.size for _, values in saved(results))
    file = parquet.ParquetFile(tmp_path / "d.parquet")
    assert file.metadata.num_rows == rows
    assert max(file.metadata.row_group(i).num_rows for i in range(file.num_row_groups)) <= 1000
    table = file.read().to_pandas()
    for kind, name in (("account", "match"), ("indicators", "actuarial_balance"), ("projection", "old_age_ratio_60")):
        values = getattr(results, kind)[name]
        found = table[(table["table"] == kind) & (table["variable"] == name)]
        again = found.set_index(list(values.dims))["value"].to_xarray().reindex_like(values)
        xr.testing.assert_allclose(again.transpose(*values.dims).rename(name), values, rtol=0)


def test_other_funds_members_and_months_stand_in_the_table(whole: Results, tmp_path: Path) -> None:
    write_tidy(whole, tmp_path / "t.parquet", "parquet")
    table = parquet.read_table(tmp_path / "t.parquet").to_pandas()
    assert set(table["table"]) == set(KINDS)
    mean = table[table["statistic"] == "mean"]
    assert whole.members is not None and whole.household is not None
    wanted = {
        "variable == 'tier_share' and scenario == 'law' and tier == 500 and year == 2027": (
            whole.members["tier_share"].sel(scenario="law", tier=500, year=2027).astype(float)
        ),
        "variable == 'need_of_fund' and scenario == 'law' and fund == 'medical' and year == 2027": (
            whole.household["need_of_fund"].sel(scenario="law", fund="medical", year=2027)
        ),
        "variable == 'urban_unemployment' and year == 2028 and month == 7": (
            whole.projection["urban_unemployment"].sel(year=2028, month=7)
        ),
    }
    for query, values in wanted.items():
        assert mean.query(query)["value"].item() == pytest.approx(float(values.mean()))
    # The same key in two funds: the table says whose it is; a scenario without the fund has no rows.
    members = mean[mean["variable"] == "members"]
    assert set(members["table"]) == {"unemployment", "time_bank"} and set(members["scenario"]) == {"package"}
    assert set(table.loc[table["table"] == "unemployment", "year"].dropna()) == {2027, 2028, 2029}


def test_every_saved_draw_of_every_fund_stands_in_the_table_of_draws(whole: Results, tmp_path: Path) -> None:
    rows = write_tidy(whole, tmp_path / "d.parquet", "parquet", draws=True)
    assert rows == sum(values.size for _, values in saved(whole))
    table = parquet.read_table(tmp_path / "d.parquet").to_pandas()
    assert whole.members is not None and whole.medical is not None
    for kind, values in (("members", whole.members["accounts_by_age"]), ("medical", whole.medical["maternity"])):
        found = table[(table["table"] == kind) & (table["variable"] == values.name)]
        again = found.set_index(list(values.dims))["value"].to_xarray().reindex_like(values)
        np.testing.assert_array_equal(again.transpose(*values.dims), values)


def test_what_is_told_of_some_draws_alone_is_reduced_like_the_others_and_has_its_own_number(
    whole: Results, tmp_path: Path
) -> None:
    assert whole.time_bank is not None
    values = whole.time_bank["case_hours_owed"].sel(case="more_need", year=2028).isel(scenario=0)
    assert values.dims == ("some",)
    table = in_csv(whole, tmp_path)
    at = table.query("variable == 'case_hours_owed' and case == 'more_need' and year == 2028").set_index("statistic")
    assert at["value"]["q90"] == pytest.approx(float(values.quantile(0.9)))
    assert "some" not in table.columns
    write_tidy(whole, tmp_path / "d.parquet", "parquet", draws=True)
    every = parquet.read_table(tmp_path / "d.parquet").to_pandas()
    at = every.query("variable == 'case_hours_owed' and case == 'more_need' and year == 2028")
    assert at["draw"].isna().all()
    np.testing.assert_array_equal(at.sort_values("some")["value"], values)


def test_a_run_of_the_pension_alone_has_no_other_tables(results: Results) -> None:
    assert {kind for kind, _ in saved(results)} == {"account", "indicators", "projection"}
    assert not {"fund", "tier", "at", "case"} & set(columns(results).names)


def test_csv_and_parquet_hold_the_same_numbers(results: Results, tmp_path: Path) -> None:
    write_tidy(results, tmp_path / "t.parquet", "parquet")
    there, here = parquet.read_table(tmp_path / "t.parquet").to_pandas(), in_csv(results, tmp_path)
    assert list(there.columns) == list(here.columns)
    np.testing.assert_array_equal(there["value"], here["value"])


def test_an_axis_that_nobody_foresaw_gets_a_column_of_its_own(results: Results, tmp_path: Path) -> None:
    scenarios, draws = results.account["scenario"].values, results.account["draw"].values
    coords = {"scenario": scenarios, "draw": draws, "factor": ["dependency", "benefit"], "to": [2035.0, np.inf]}
    values = np.arange(3 * draws.size * 4, dtype=float).reshape(3, draws.size, 2, 2)
    change = xr.DataArray(values, coords, ("scenario", "draw", "factor", "to"), attrs={"unit": "share"})
    wide = replace(results, indicators=results.indicators.assign(cost_rate_change=change))
    assert columns(wide).field("to").type == pa.float64()
    table = in_csv(wide, tmp_path)
    rows = table.query("variable == 'cost_rate_change' and statistic == 'mean' and scenario == 'law'")
    assert set(rows["factor"]) == {"dependency", "benefit"}
    at = rows[(rows["factor"] == "benefit") & np.isinf(rows["to"])]["value"]
    assert at.item() == pytest.approx(float(change.sel(scenario="law", factor="benefit").isel(to=1).mean()))


# -- what has no value


def test_a_mean_needs_every_draw_and_a_quantile_only_its_own() -> None:
    years = xr.DataArray([2030.0, 2040.0, 2050.0, np.nan], dims="draw")
    found = reduced(years)
    at = dict(zip(STATISTICS, found.values, strict=True))
    assert np.isnan(at["mean"]) and np.isnan(at["q90"]) and np.isnan(at["q975"])
    assert (at["q025"], at["q25"], at["q50"]) == (2030.0, 2030.0, 2040.0)
    assert at["defined"] == 0.75
    assert float(average(years[:3])) == 2040.0


def test_a_place_without_a_value_leaves_the_quantiles_of_the_others_as_they_are() -> None:
    draws = np.array([1.0, 2.0, 4.0, 8.0])
    both = xr.DataArray(np.stack([draws, [3.0, np.nan, 5.0, np.nan]], axis=1), dims=("draw", "year"))
    found = reduced(both)
    np.testing.assert_array_equal(found.isel(year=0).values[1:-1], np.quantile(draws, LEVELS))
    at = dict(zip(STATISTICS, found.isel(year=1).values, strict=True))
    assert (at["q25"], at["q50"], at["defined"]) == (3.0, 5.0, 0.5) and np.isnan(at["q75"])


def test_what_is_not_finite_has_no_value() -> None:
    found = reduced(xr.DataArray([1.0, 2.0, np.inf], dims="draw"))
    at = dict(zip(STATISTICS, found.values, strict=True))
    assert np.isnan(at["mean"]) and np.isnan(at["q975"])
    assert (at["q50"], at["defined"]) == (2.0, pytest.approx(2 / 3))


def test_the_share_with_a_value_is_told_only_where_it_is_not_everything(results: Results, tmp_path: Path) -> None:
    table = in_csv(results, tmp_path)
    told = set(table.loc[table["statistic"] == "defined", "variable"])
    lacking = {
        str(v.name)
        for _, v in saved(results)
        if not np.isfinite(v).all()
    }  # fmt: skip
    assert told == lacking
    assert "pool_depletion_year" in told


# -- texts


@pytest.mark.parametrize("names", HOSTILE)
def test_no_text_of_a_csv_starts_a_formula(results: Results, tmp_path: Path, names: tuple[str, ...]) -> None:
    labels = list(names)
    hostile = replace(
        results,
        account=results.account.assign_coords(scenario=labels),
        indicators=results.indicators.assign_coords(scenario=labels),
    )
    file = tmp_path / "results.csv"
    write_tidy(hostile, file, "csv")
    table = pd.read_csv(file, dtype=str)
    assert set(table["scenario"].dropna()) == {f"'{name}" for name in names}
    texts = [c for c in table.columns if c not in ("value", "year", "age", "horizon")]
    assert not any(table[c].dropna().str.startswith(("=", "+", "-", "@", "\t", "＝")).any() for c in texts)
    # Parquet has no formulas, and keeps names as they are.
    write_tidy(hostile, tmp_path / "t.parquet", "parquet")
    assert set(names) < set(parquet.read_table(tmp_path / "t.parquet")["scenario"].to_pylist())


@given(st.text())
def test_a_quoted_text_starts_no_formula_and_loses_no_letter(text: str) -> None:
    found = quoted(text)
    assert not found.startswith(tidy.STARTS_FORMULA)
    assert found.removeprefix("'") == text or found == text


def test_negative_numbers_of_a_csv_stay_numbers(results: Results, tmp_path: Path) -> None:
    table = in_csv(results, tmp_path)
    assert table["value"].dtype == np.float64
    assert (table["value"] < 0).any()


def test_a_csv_begins_with_the_mark_by_which_excel_knows_utf_8(results: Results, tmp_path: Path) -> None:
    write_tidy(results, tmp_path / "t.csv", "csv")
    assert (tmp_path / "t.csv").read_bytes()[:3] == b"\xef\xbb\xbf"
    # Readers that know the mark give the first column its plain name.
    assert pd.read_csv(tmp_path / "t.csv", nrows=1).columns[0] == "table"


# -- the file


def test_the_table_says_what_run_it_is_of(results: Results) -> None:
    told = json.loads(columns(results).metadata[b"granary"])
    manifest = results.manifest
    assert (told["seed"], told["draws"], told["title"]) == (manifest.seed, manifest.draws, manifest.title)


@pytest.mark.parametrize("form", ["csv", "parquet"])
def test_the_same_results_give_the_same_bytes(results: Results, tmp_path: Path, form: tidy.Form) -> None:
    for name in ("a", "b"):
        write_tidy(results, tmp_path / name, form)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_a_writing_that_stops_leaves_the_old_file_and_nothing_else(results: Results, tmp_path: Path) -> None:
    file = tmp_path / "results.csv"
    file.write_text("old")

    def stop() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_tidy(results, file, "csv", advance=stop)
    assert file.read_text() == "old"
    assert list(tmp_path.iterdir()) == [file]


def test_progress_is_told_after_every_variable(results: Results, tmp_path: Path) -> None:
    told: list[int] = []
    write_tidy(results, tmp_path / "t.csv", "csv", advance=lambda: told.append(1))
    assert len(told) == sum(1 for _ in saved(results))
