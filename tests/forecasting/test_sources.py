"""The bundled data pass; every kind of fault is found with file, line and column; published anchors hold."""

from __future__ import annotations

import csv
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from forecasting import _layers, sources
from forecasting._faults import DataFaults, Fault, FigureNotFound
from forecasting._schema import KEY
from forecasting.sources import Tables, default_data_folder, read_tables

SOURCES_CSV = """key,title,publisher,address,licence,date_read
bureau,Yearbook,Statistics Bureau,https://example.org/yearbook,published,2026-11-22
"""
INDICATORS_CSV = """indicator,table,unit,low,high,time,required,contiguous,meaning
people,people,persons,0,1000000,31 December,yes,yes,Residents
part,people,share,0,1,at a date,no,no,Part of the people
rate,money,rate per year,-0.2,0.5,during the year,yes,no,Rise of prices
"""
PEOPLE_CSV = """year,region,area,sex,age,indicator,value,unit,source,note
2020,China,national,both,all,people,1000,persons,bureau,
2021,China,national,both,all,people,1100,persons,bureau,
2022,China,national,both,all,people,1200,persons,bureau,
2020,China,rural,female,15-19,people,70,persons,bureau,
2020,China,rural,female,60+,people,90,persons,bureau,
2020,China,rural,female,7,people,9,persons,bureau,
2020,China,national,both,60+,part,0.2,share,bureau,
"""
MONEY_CSV = """year,month,region,area,sex,age,indicator,value,unit,source,note
2020,1,China,national,both,all,rate,0.02,rate per year,bureau,
2020,2,China,national,both,all,rate,0.03,rate per year,bureau,"a note, with a comma"
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    texts = {"sources": SOURCES_CSV, "indicators": INDICATORS_CSV, "people": PEOPLE_CSV, "money": MONEY_CSV}
    for name, text in texts.items():
        (tmp_path / f"{name}.csv").write_text(text, encoding="utf-8")
    return tmp_path


@pytest.fixture(scope="module")
def bundled() -> Tables:
    return read_tables(default_data_folder())


def faults_of(folder: Path) -> list[Fault]:
    with pytest.raises(DataFaults) as caught:
        read_tables(folder)
    return caught.value.faults


def swap(name: str, old: str, new: str) -> Callable[[Path], None]:
    """Return an edit that replaces one text that stands once in a file."""

    def edit(folder: Path) -> None:
        path = folder / name
        text = path.read_text(encoding="utf-8")
        assert text.count(old) == 1, old
        path.write_text(text.replace(old, new), encoding="utf-8")

    return edit


FIRST = "2020,China,national,both,all,people,1000,persons,bureau,"
RURAL = "2020,China,rural,female,15-19,people,70,persons,bureau,"
FAULTY: dict[str, tuple[Callable[[Path], None], str, str]] = {
    "broken number": (
        swap("people.csv", ",1000,", ",1o00,"),
        "people.csv, line 2, column value",
        "'1o00' is not a finite",
    ),
    "missing number": (swap("people.csv", ",1000,", ",,"), "people.csv, line 2, column value", "the number is missing"),
    "not a number": (
        swap("people.csv", ",1000,", ",nan,"),
        "people.csv, line 2, column value",
        "'nan' is not a finite",
    ),
    "infinite": (swap("people.csv", ",1000,", ",inf,"), "people.csv, line 2, column value", "'inf' is not a finite"),
    "broken year": (swap("people.csv", FIRST, "MMXX" + FIRST[4:]), "people.csv, line 2, column year", "'MMXX' is not"),
    "half year": (swap("people.csv", RURAL, "2020.5" + RURAL[4:]), "people.csv, line 5, column year", "is no year"),
    "month": (swap("money.csv", "2020,2,", "2020,13,"), "money.csv, line 3, column month", "13 is no month"),
    "negative people": (
        swap("people.csv", ",1000,", ",-5,"),
        "people.csv, line 2, column value",
        "-5 persons is below",
    ),
    "share over one": (
        swap("people.csv", ",0.2,", ",20,"),
        "people.csv, line 8, column value",
        "the share 20 is over 1",
    ),
    "below low": (swap("money.csv", ",0.02,", ",-0.3,"), "money.csv, line 2, column value", "-0.3 is below -0.2"),
    "above high": (swap("money.csv", ",0.02,", ",0.6,"), "money.csv, line 2, column value", "0.6 is above 0.5"),
    "undeclared": (
        swap("people.csv", ",part,", ",parts,"),
        "people.csv, line 8, column indicator",
        "'parts' is not decl",
    ),
    "wrong table": (
        swap("money.csv", ",rate,0.02,", ",part,0.02,"),
        "money.csv, line 2, column indicator",
        "not declared",
    ),
    "wrong unit": (swap("people.csv", ",0.2,share", ",0.2,%"), "people.csv, line 8, column unit", "unit '%', but part"),
    "source": (swap("people.csv", RURAL, RURAL.replace("bureau", "x")), "people.csv, line 5, column source", "'x'"),
    "area": (swap("people.csv", RURAL, RURAL.replace("rural", "town")), "people.csv, line 5, column area", "'town'"),
    "sex": (swap("people.csv", RURAL, RURAL.replace("female", "f")), "people.csv, line 5, column sex", "'f'"),
    "age": (swap("people.csv", ",15-19,", ",15 to 19,"), "people.csv, line 5, column age", "'15 to 19'"),
    "age backwards": (swap("people.csv", ",15-19,", ",19-15,"), "people.csv, line 5, column age", "'19-15'"),
    "region": (swap("people.csv", RURAL, RURAL.replace("China", " ")), "people.csv, line 5, column region", "empty"),
    "repeated key": (
        swap("people.csv", RURAL, FIRST),
        "people.csv, line 5, column indicator",
        "same figure stands on line 2",
    ),
    "gap": (swap("people.csv", "2021,", "2025,"), "people.csv, column year", "lacks 2021, 2023, 2024"),
    "cells": (swap("people.csv", RURAL, RURAL + ",,"), "people.csv, line 5", "12 cells where the header has 10"),
    "column": (swap("people.csv", "area,sex", "Area,sex"), "people.csv, line 1", "no column area"),
    "column twice": (swap("people.csv", ",note", ",year"), "people.csv, line 1", "no column note; twice year"),
    "address": (
        swap("sources.csv", "https://", "the web "),
        "sources.csv, line 2, column address",
        "no public address",
    ),
    "date": (swap("sources.csv", "2026-11-22", "today"), "sources.csv, line 2, column date_read", "'today' is no date"),
    "title": (swap("sources.csv", "Yearbook", ""), "sources.csv, line 2, column title", "the cell is empty"),
    "bounds": (swap("indicators.csv", "-0.2,0.5", "0.9,0.5"), "indicators.csv, line 4, column low", "low 0.9 is above"),
    "bound": (swap("indicators.csv", "-0.2,0.5", "a,0.5"), "indicators.csv, line 4, column low", "'a' is not a finite"),
    "time": (swap("indicators.csv", "at a date", "once"), "indicators.csv, line 3, column time", "'once' is no known"),
    "yes or no": (
        swap("indicators.csv", "yes,yes", "yes,maybe"),
        "indicators.csv, line 2, column contiguous",
        "'maybe'",
    ),
    "indicator": (
        swap("indicators.csv", "rate,money", "people,money"),
        "indicators.csv, line 4, column indicator",
        "'people'",
    ),
}


@pytest.mark.parametrize("name", FAULTY)
def test_each_kind_of_fault_is_found_where_it_is(folder: Path, name: str) -> None:
    edit, where, what = FAULTY[name]
    edit(folder)
    found = faults_of(folder)
    assert any(fault.where == where and what in fault.what and fault.do for fault in found), [str(f) for f in found]


def test_a_sound_folder_passes_and_keeps_its_figures(folder: Path) -> None:
    tables = read_tables(folder)
    assert tables.series("people").to_dict() == {2020: 1000.0, 2021: 1100.0, 2022: 1200.0}
    assert tables.series("people").index.name == "year"
    assert tables.series("people").dtype == np.float64
    assert list(tables.frames) == ["people", "money"]


def test_monthly_figures_come_with_months(folder: Path) -> None:
    series = read_tables(folder).series("rate")
    assert series.index.equals(pd.PeriodIndex(["2020-01", "2020-02"], freq="M", name="month"))
    assert list(series) == [0.02, 0.03]


def test_ages_become_numbers(folder: Path) -> None:
    rows = read_tables(folder).table("people", area="rural", year=2020)
    assert rows["age"].tolist() == ["7", "15-19", "60+"]
    assert rows["age_from"].tolist() == [7.0, 15.0, 60.0]
    assert rows["age_to"].tolist() == [7.0, 19.0, np.inf]
    whole = read_tables(folder).table("people", area="national")
    assert whole[["age_from", "age_to"]].isna().all(axis=None)


def test_several_faults_are_all_listed_one_a_line(folder: Path) -> None:
    for name in ("negative people", "share over one", "below low", "age", "title", "gap"):
        FAULTY[name][0](folder)
    with pytest.raises(DataFaults) as caught:
        read_tables(folder)
    assert {fault.where for fault in caught.value.faults} == {
        "sources.csv, line 2, column title",
        "people.csv, line 2, column value",
        "people.csv, line 5, column age",
        "people.csv, line 8, column value",
        "people.csv, column year",
        "money.csv, line 2, column value",
    }
    head, *lines = str(caught.value).splitlines()
    assert head == "The data have 6 faults:"
    assert len(lines) == len(caught.value.faults)
    assert (
        "people.csv, line 8, column value: the share 20 is over 1. Write a share from 0 to 1, not a percentage."
        in lines
    )


def test_two_columns_exchanged_are_told_at_once_and_not_year_by_year(folder: Path) -> None:
    swap("people.csv", "year,region", "value,region")(folder)
    swap("people.csv", "indicator,value", "indicator,year")(folder)
    file = folder / "people.csv"
    file.write_text(file.read_text(encoding="utf-8").replace(",1000,", ",1400000000,"), encoding="utf-8")
    found = faults_of(folder)
    assert any(fault.what == "1.4e+09 is no year" for fault in found)
    assert not any("lacks" in fault.what for fault in found)


def test_one_cell_has_one_fault(folder: Path) -> None:
    FAULTY["negative people"][0](folder)
    assert [fault.where for fault in faults_of(folder)] == ["people.csv, line 2, column value"]


@pytest.mark.parametrize("name", ["sources.csv", "indicators.csv", "people.csv"])
def test_a_missing_file_is_named(folder: Path, name: str) -> None:
    (folder / name).unlink()
    assert Fault(name, "the file is missing", "Put it into the data folder") in faults_of(folder)


def test_an_unreadable_encoding_is_named_with_its_line(folder: Path) -> None:
    (folder / "people.csv").write_bytes(PEOPLE_CSV.replace("2021,China", "2021,\u4e2d\u56fd").encode("gbk"))
    assert [fault.where for fault in faults_of(folder)] == ["people.csv, line 3"]


def test_a_file_saved_by_a_spreadsheet_with_a_byte_order_mark_is_read(folder: Path) -> None:
    (folder / "people.csv").write_text(PEOPLE_CSV, encoding="utf-8-sig", newline="\r\n")
    assert read_tables(folder).series("people").size == 3


def test_an_empty_table_lacks_what_is_required(folder: Path) -> None:
    (folder / "people.csv").write_text(PEOPLE_CSV.splitlines()[0] + "\n", encoding="utf-8")
    assert [fault.what for fault in faults_of(folder)] == ["the required indicator people has no row"]


def test_a_table_that_nobody_declared_is_named(folder: Path) -> None:
    (folder / "notes.csv").write_text("a\n1\n", encoding="utf-8")
    assert [fault.where for fault in faults_of(folder)] == ["notes.csv"]


def test_the_hash_follows_the_figures(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    copy = tmp_path_factory.mktemp("copy") / "data"
    shutil.copytree(folder, copy)
    first = read_tables(folder).hash
    assert read_tables(copy).hash == first
    swap("people.csv", ",1000,", ",1001,")(copy)
    assert read_tables(copy).hash != first


def test_what_is_not_there_is_answered_with_what_is(folder: Path) -> None:
    tables = read_tables(folder)
    with pytest.raises(FigureNotFound, match=r"no indicator 'peopel'; near to it: people"):
        tables.series("peopel")
    with pytest.raises(
        FigureNotFound, match=r"people has no figure for region China, area urban.*area national, rural"
    ):
        tables.series("people", area="urban")
    with pytest.raises(KeyError, match=r"year 1999"):
        tables.table("people", year=1999)


def test_the_data_folder_is_the_bundled_one_when_there_is_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "forecasting"
    package.mkdir()
    monkeypatch.setattr(_layers, "__file__", str(package / "_layers.py"))
    assert default_data_folder() == tmp_path / "data"
    (package / "_bundled").mkdir()
    assert default_data_folder() == package / "_bundled"


def test_bundled_keys_are_unique_and_every_row_has_its_source(bundled: Tables) -> None:
    known = set(bundled.sources["key"])
    for name, frame in bundled.frames.items():
        keys = [column for column in KEY if column in frame]
        assert not frame.duplicated(keys).any(), name
        assert set(frame["source"]) <= known, name
        assert np.isfinite(frame["value"]).all(), name


def test_bundled_lists_hold_nothing_idle(bundled: Tables) -> None:
    every = pd.concat(bundled.frames.values())
    assert set(bundled.sources["key"]) == set(every["source"])
    assert set(bundled.indicators["indicator"]) == set(every["indicator"])
    assert not bundled.sources.duplicated(["title", "address"]).any()
    assert (bundled.indicators["meaning"].str.len() > 0).all()


def test_bundled_files_name_no_package_index_and_no_machine() -> None:
    for path in (found for found in default_data_folder().rglob("*") if found.is_file()):
        text = path.read_text(encoding="utf-8")
        assert not any(word in text for word in ("pypi.org", "pythonhosted", "/work/", "\\Users\\")), path.name


def test_sources_of_names_the_sources_of_an_indicator(bundled: Tables) -> None:
    found = bundled.sources_of(["mx", "tfr"])
    assert found["key"].tolist() == ["wpp2024_fertility", "wpp2024_mortality"]
    assert (found["licence"] == "CC BY 3.0 IGO").all()
    assert bundled.sources_of("mx")["key"].tolist() == ["wpp2024_mortality"]


ANCHORS = [
    ("participants", 2021, {}, 547_972_000),
    ("contributors", 2021, {}, 385_837_000),
    ("pensioners", 2025, {}, 188_200_000),
    ("population_census", 2020, {"area": "rural"}, 509_787_562),
    ("population_census", 2020, {}, 1_411_778_724),
    ("population_census", 2020, {"age": "60+"}, 264_018_766),
    ("population_share", 2020, {"area": "rural", "age": "60+"}, 0.2381),
    ("fund_balance", 2025, {}, 1_977_400_000_000),
    ("fiscal_subsidy", 2024, {}, 434_591_000_000),
    ("basic_pension_paid", 2024, {}, 439_183_000_000),
    ("basic_pension_minimum", 2018, {}, 88),
    ("account_divisor", 2014, {}, 139),
    ("employee_participants", 2023, {}, 521_208_000),
    ("general_budget_revenue", 2024, {}, 21_970_200_000_000),
    ("rural_disposable_income_per_head", 2024, {"area": "rural"}, 23_119),
    ("cpi_inflation", 2011, {}, 0.054),
    ("tfr", 2023, {"region": "Korea"}, 0.72),
]


@pytest.mark.parametrize(("indicator", "year", "labels", "value"), ANCHORS)
def test_published_anchors(bundled: Tables, indicator: str, year: int, labels: dict[str, str], value: float) -> None:
    assert bundled.series(indicator, **labels).loc[year] == pytest.approx(
        value, rel=1e-3 if indicator == "tfr" else 1e-12
    )


def test_census_age_groups_add_up(bundled: Tables) -> None:
    groups = [bundled.series("population_census", age=age).loc[2020] for age in ("0-14", "15-59", "60+")]
    assert sum(groups) == bundled.series("population_census").loc[2020]


def test_town_and_country_add_up_in_every_year(bundled: Tables) -> None:
    urban, rural, both = (bundled.series("population_year_end", area=a) for a in ("urban", "rural", "national"))
    pd.testing.assert_series_equal(urban + rural, both)


def test_provinces_add_up_to_the_nation(bundled: Tables) -> None:
    rows = bundled.frames["membership"].query("indicator == 'participants' and year <= 2024")
    provinces = rows[rows["region"] != "China"].groupby("year")["value"].sum()
    nation = bundled.series("participants").loc[:2024]
    assert rows["region"].nunique() == 32
    np.testing.assert_allclose(provinces, nation, rtol=1e-4)  # provinces are printed to a thousand people


def test_ages_of_the_united_nations_tables_have_no_hole(bundled: Tables) -> None:
    for indicator, year, groups in (("population", 2020, 21), ("mx", 2018, 22)):
        rows = bundled.table(indicator, year=year)
        for sex in ("female", "male"):
            ages = rows[rows["sex"] == sex]
            assert len(ages) == groups
            assert ages["age_from"].to_numpy()[0] == 0
            assert (ages["age_to"].to_numpy()[:-1] + 1 == ages["age_from"].to_numpy()[1:]).all()
            assert np.isposinf(ages["age_to"].to_numpy()[-1])


def test_shares_of_fertility_add_up_to_one(bundled: Tables) -> None:
    sums = bundled.table("pasfr").groupby("year")["value"].sum()
    np.testing.assert_allclose(sums, 1, atol=2e-4)  # printed with rounded percentages


def test_rows_stand_in_a_fixed_order_of_columns() -> None:
    for path in default_data_folder().glob("*.csv"):
        if path.name not in ("sources.csv", "indicators.csv"):
            with path.open(encoding="utf-8", newline="") as handle:
                header = next(csv.reader(handle))
            assert tuple(column for column in header if column != "month") == sources.TABLE_COLUMNS
