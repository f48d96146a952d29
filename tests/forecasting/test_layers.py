"""Folders laid over each other: what adds up, what stands twice, and how a fault names its folder."""

from __future__ import annotations

import shutil
from pathlib import Path

import pandas as pd
import pytest

from forecasting.sources import DataFaults, Tables, default_data_folder, files_of, read_tables

SOURCES = "key,title,publisher,address,licence,date_read\n"
INDICATORS = "indicator,table,unit,low,high,time,required,contiguous,meaning\n"
TABLE = "year,region,area,sex,age,indicator,value,unit,source,note\n"
YEARBOOK = "bureau,Yearbook,Statistics Bureau,https://example.org/yearbook,published,2026-11-22\n"
COUNTS = "county,Counts,County Office,https://example.org/county,published,2026-11-22\n"
PEOPLE = "people,people,persons,0,1000000,31 December,yes,yes,Residents\n"


def row(year: int, region: str = "Freedonia", source: str = "bureau", indicator: str = "people", **more: object) -> str:
    cells = {"area": "national", "sex": "both", "age": "all", "value": 1000, "unit": "persons"} | more
    names = ("area", "sex", "age", "indicator", "value", "unit", "source")
    return (
        ",".join(map(str, [year, region, *((cells | {"indicator": indicator, "source": source})[n] for n in names)]))
        + ",\n"
    )


def put(folder: Path, **texts: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in texts.items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    return folder


@pytest.fixture
def nation(tmp_path: Path) -> Path:
    table = TABLE + row(2020) + row(2021)
    return put(tmp_path / "nation", sources=SOURCES + YEARBOOK, indicators=INDICATORS + PEOPLE, people=table)


@pytest.fixture
def county(tmp_path: Path) -> Path:
    table = TABLE + row(2020, "Spa", "county") + row(2021, "Spa", "county")
    return put(tmp_path / "county", sources=SOURCES + COUNTS, people=table)


def read(*folders: Path) -> Tables:
    return read_tables(folders, "Freedonia")


def faults(*folders: Path) -> list[str]:
    with pytest.raises(DataFaults) as caught:
        read(*folders)
    return [str(fault) for fault in caught.value.faults]


def test_a_later_folder_adds_its_figures_and_their_sources(nation: Path, county: Path) -> None:
    tables = read(nation, county)
    assert tables.country == "Freedonia"
    assert tables.series("people").index.tolist() == [2020, 2021]
    assert tables.series("people", region="Spa").index.tolist() == [2020, 2021]
    assert tables.sources_of("people")["key"].tolist() == ["bureau", "county"]


def test_a_later_folder_may_declare_what_is_new_and_cite_what_is_known(nation: Path, county: Path) -> None:
    income = "income,money,yuan,0,1000000,during the year,no,no,Income per head\n"
    put(county, indicators=INDICATORS + income, money=TABLE + row(2020, "Spa", "bureau", "income", unit="yuan"))
    assert read(nation, county).series("income", region="Spa").to_dict() == {2020: 1000.0}


def test_one_folder_in_a_list_is_one_folder(nation: Path) -> None:
    alone, listed = read_tables(nation, "Freedonia"), read(nation)
    assert alone.hash == listed.hash
    pd.testing.assert_frame_equal(alone.frames["people"], listed.frames["people"])
    assert list(files_of([nation])) == ["indicators.csv", "people.csv", "sources.csv"]


def test_the_hash_follows_the_figures_of_every_folder(nation: Path, county: Path, tmp_path: Path) -> None:
    first = read(nation, county).hash
    assert first != read(nation).hash
    other = Path(shutil.copytree(county, tmp_path / "other"))
    assert read(nation, other).hash == first
    put(other, people=TABLE + row(2020, "Spa", "county", value=1001))
    assert read(nation, other).hash != first


def test_files_are_named_with_their_folder_where_there_are_several(nation: Path, county: Path) -> None:
    assert list(files_of([nation, county]).values()) == [*sorted(nation.glob("*.csv")), *sorted(county.glob("*.csv"))]
    assert list(files_of([nation, county]))[-2:] == ["county/people.csv", "county/sources.csv"]
    assert next(iter(files_of([default_data_folder(), county]))).startswith("bundled/")


def test_folders_of_the_same_name_are_told_apart_by_their_paths(nation: Path, county: Path, tmp_path: Path) -> None:
    twin = Path(shutil.copytree(county, tmp_path / "far" / "nation"))
    put(twin, people=TABLE + row(2020, "Spa", "county", value=-1))
    (fault,) = faults(nation, twin)
    assert fault.startswith(f"{twin}/people.csv, line 2, column value: -1 persons is below nought.")


def test_a_figure_in_two_folders_is_a_fault_that_names_both_lines(nation: Path, county: Path) -> None:
    put(county, people=TABLE + row(2022, "Spa", "county") + row(2021, source="county"))
    assert faults(nation, county) == [
        "county/people.csv, line 3, column indicator: the same figure stands on nation/people.csv, line 3 already. "
        "Keep one, or give the other its own indicator."
    ]


def test_a_source_and_an_indicator_in_two_folders_are_faults_that_name_both_lines(nation: Path, county: Path) -> None:
    put(county, sources=SOURCES + COUNTS + YEARBOOK, indicators=INDICATORS + PEOPLE)
    assert faults(nation, county) == [
        "county/sources.csv, line 3, column key: 'bureau' stands on nation/sources.csv, line 2 already. "
        "Keep one of the two.",
        "county/indicators.csv, line 2, column indicator: 'people' stands on nation/indicators.csv, line 2 already. "
        "Keep one of the two.",
    ]


def test_a_folder_that_copies_another_is_told_once_a_file_and_not_row_by_row(nation: Path, tmp_path: Path) -> None:
    put(nation, people=TABLE + "".join(row(year) for year in range(2000, 2022)))
    copy = Path(shutil.copytree(nation, tmp_path / "copy"))
    told = faults(nation, copy)
    assert len(told) == 3
    assert told[2] == (
        "copy/people.csv, lines 2 to 23, column indicator: 22 of these rows stand in nation/people.csv already, "
        "the first of them on line 2. Take them out of one of the two; a folder that holds everything is read alone."
    )


def test_a_gap_between_folders_names_the_files_of_the_series(nation: Path, county: Path) -> None:
    put(county, people=TABLE + row(2023, source="county"))
    assert faults(nation, county) == [
        "nation/people.csv and county/people.csv, column year: the series people (Freedonia, national, both, all) "
        "lacks 2022. Add these years, or declare the indicator contiguous no."
    ]


def test_a_later_folder_fills_what_the_first_lacks(nation: Path, county: Path) -> None:
    put(nation, people=TABLE + row(2020) + row(2022))
    put(county, people=TABLE + row(2021, source="county"))
    assert read(nation, county).series("people").index.tolist() == [2020, 2021, 2022]


def test_figures_without_a_list_of_sources_are_a_fault(nation: Path, county: Path) -> None:
    (county / "sources.csv").unlink()
    assert faults(nation, county) == ["county/sources.csv: the file is missing. Put it into the data folder."]


def test_a_folder_read_twice_or_without_a_table_is_a_fault(nation: Path, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    assert faults(nation, nation, tmp_path / "empty") == [
        f"{nation}: this folder is read twice. Name it once.",
        f"{tmp_path / 'empty'}: this folder holds no table. Put tables into it, or read it no more.",
    ]


def test_a_table_by_month_is_by_month_in_every_folder(nation: Path, county: Path) -> None:
    monthly = TABLE.replace("year,", "year,month,") + row(2020, "Spa", "county").replace("2020,", "2020,1,")
    put(county, people=monthly)
    assert faults(nation, county) == [
        "county/people.csv, line 1: column month stands in only one of this file and nation/people.csv. "
        "Give both files the same columns."
    ]


def test_a_country_that_no_row_is_of_is_one_fault_with_the_nearest_names(nation: Path) -> None:
    with pytest.raises(DataFaults) as caught:
        read_tables(nation, "Fredonia")
    assert [str(fault) for fault in caught.value.faults] == [
        "column region: no row of any table is of the country 'Fredonia'; near to it: Freedonia. "
        "Write the country's name in its rows as the run file has it."
    ]


def test_what_is_required_is_required_of_the_country(nation: Path, county: Path) -> None:
    put(nation, people=TABLE, money=TABLE + row(2020, indicator="income", unit="yuan"))
    put(nation, indicators=INDICATORS + PEOPLE + "income,money,yuan,0,1000000,during the year,no,no,Income\n")
    assert faults(nation, county) == [
        "people.csv: the required indicator people has no row of Freedonia. Add its figures, or declare it required no."
    ]


def test_what_the_parts_of_a_country_have_need_not_be_of_the_country(nation: Path) -> None:
    group = "group,provinces,code,1,4,31 December,yes,no,Group\n"
    put(nation, indicators=INDICATORS + PEOPLE + group)
    put(nation, provinces=TABLE + row(2020, "North", indicator="group", value=1, unit="code"))
    assert read(nation).series("group", region="North").to_dict() == {2020: 1.0}
