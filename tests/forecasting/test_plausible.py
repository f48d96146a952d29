"""A figure in another unit is asked about wherever others speak of it; growth, and what a person checked, is not."""

from __future__ import annotations

import shutil
from pathlib import Path

import pandas as pd
import pytest

from forecasting import _plausible
from forecasting._faults import DataFaults, Fault
from forecasting.sources import default_data_folder, read_tables

Labels = dict[str, object]

OF_NATION: Labels = {"region": "China", "area": "national", "sex": "both", "age": "all"}


@pytest.fixture(scope="module")
def texts() -> dict[str, pd.DataFrame]:
    return {
        path.stem: pd.read_csv(path, dtype="str", keep_default_na=False)
        for path in sorted(default_data_folder().glob("*.csv"))
    }


def faults(
    texts: dict[str, pd.DataFrame], table: str, indicator: str, factor: float, labels: Labels, note: str = ""
) -> tuple[list[Fault], int]:
    """Multiply the figures that have some labels; return what is said, and how many they are."""
    frames = {}
    for topic, text in texts.items():
        if topic in {"sources", "indicators"}:
            continue
        frame = text.set_index(pd.Index([f"{topic}.csv, line {number + 2}" for number in range(len(text))]))
        frames[topic] = frame.astype(dict.fromkeys({"year", "month", "value"} & set(frame), "float64"))
    changed = frames[table]
    wanted = changed["indicator"] == indicator
    for label, value in labels.items():
        wanted &= changed[label] == value
    changed.loc[wanted, "value"] *= factor
    if note:
        changed.loc[wanted, "note"] = note
    dictionary = texts["indicators"].astype({"low": "float64", "high": "float64"})
    return _plausible.implausible(frames, dictionary, set()), int(wanted.sum())


def test_the_bundled_tables_pass(texts: dict[str, pd.DataFrame]) -> None:
    assert faults(texts, "economy", "cpi_inflation", 1.0, {})[0] == []


@pytest.mark.parametrize(
    ("table", "indicator", "labels", "factor"),
    [
        pytest.param("pension_fund", "fund_income", {"year": 2018}, 1e-8, id="yuan in hundred millions"),
        pytest.param("pension_fund", "fund_balance", {"year": 2024}, 1e-4, id="the newest in ten thousands"),
        pytest.param("membership", "pensioners", {"year": 2019}, 1e-4, id="persons in ten thousands"),
        pytest.param(
            "economy", "rural_disposable_income_per_head", {"year": 2020, "area": "rural"}, 1 / 12, id="a month"
        ),
        pytest.param("economy", "cpi_inflation", {"year": 2021}, 100.0, id="a percentage"),
        pytest.param(
            "provinces", "urban_share_province", {"region": "四川", "year": 2024}, 0.01, id="a share of a share"
        ),
        pytest.param("population", "population_year_end", {"year": 2015, "area": "rural"}, 5.0, id="part over whole"),
    ],
)
def test_a_figure_in_another_unit_is_asked_about(
    texts: dict[str, pd.DataFrame], table: str, indicator: str, labels: Labels, factor: float
) -> None:
    region = {} if "region" in labels or table == "provinces" else {"region": "China"}
    found, count = faults(texts, table, indicator, factor, region | labels)
    assert count > 0
    assert found
    assert all(fault.where.startswith(f"{table}.csv, line ") for fault in found)


@pytest.mark.parametrize(
    ("table", "indicator", "factor"),
    [
        ("membership", "pensioners", 1e-4),
        ("membership", "contributors", 1e-4),
        ("membership", "participants", 1e-4),
        ("population", "births", 1e-4),
        ("pension_fund", "fund_income", 1e-8),
        ("pension_fund", "fund_expenditure", 1e-8),
        ("pension_fund", "fund_balance", 1e-4),
        ("pension_fund", "individual_contributions", 1e-4),
        ("pension_fund", "fiscal_subsidy", 1e-8),
        ("pension_fund", "basic_pension_paid", 1e-4),
        ("pension_fund", "interest", 1e-4),
        ("economy", "general_budget_revenue", 1e-8),
        ("economy", "land_transfer_income", 1e-8),
        ("medical", "resident_fund_expenditure", 1e-8),
        ("medical", "resident_enrollees", 1e-4),
    ],
)
def test_a_whole_series_in_another_unit_is_asked_about(
    texts: dict[str, pd.DataFrame], table: str, indicator: str, factor: float
) -> None:
    found, count = faults(texts, table, indicator, factor, OF_NATION)
    assert count > 1
    assert len(found) >= count // 2


def test_what_a_person_has_checked_is_believed(texts: dict[str, pd.DataFrame]) -> None:
    labels = OF_NATION | {"year": 2018}
    assert len(faults(texts, "pension_fund", "fund_balance", 100.0, labels)[0]) == 1
    assert faults(texts, "pension_fund", "fund_balance", 100.0, labels, note="Checked in the yearbook")[0] == []


def test_a_scheme_may_grow_forty_fold_in_its_first_year_and_not_fifty_fold_in_its_fifth() -> None:
    def grown(*values: float) -> list[Fault]:
        count = len(values)
        table = pd.DataFrame(
            {
                "year": [2010.0 + n for n in range(count)],
                **{key: [str(label)] * count for key, label in OF_NATION.items()},
                "indicator": ["fund_income"] * count,
                "value": list(values),
                "unit": ["yuan"] * count,
                "note": [""] * count,
            },
            index=pd.Index([f"pension_fund.csv, line {n + 2}" for n in range(count)]),
        )
        dictionary = pd.DataFrame({"indicator": ["fund_income"], "low": [0.0], "high": [1e14]})
        return _plausible.implausible({"pension_fund": table}, dictionary, set())

    assert grown(1.0, 40.0, 60.0, 70.0) == []
    assert [fault.where for fault in grown(1.0, 1.2, 1.4, 1.5, 90.0, 95.0)] == [
        "pension_fund.csv, line 6, column value"
    ]


def test_an_age_that_lies_far_from_its_neighbours_is_asked_about(texts: dict[str, pd.DataFrame]) -> None:
    labels: Labels = {"region": "China", "area": "national", "sex": "female", "age": "40"}
    found, count = faults(texts, "population", "population_census", 0.01, labels)
    assert count >= 1
    assert any("off the ages on both sides" in fault.what or "together" in fault.what for fault in found)


def test_a_folder_with_such_a_figure_is_refused_in_one_line(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(default_data_folder(), tmp_path / "data", ignore=shutil.ignore_patterns("scenarios")))
    file = folder / "membership.csv"
    head, *rows = file.read_text(encoding="utf-8").splitlines()
    place = next(n for n, row in enumerate(rows) if row.startswith("2020,China,national,both,all,pensioners,"))
    cells = rows[place].split(",")
    cells[6] = str(float(cells[6]) / 1e4)
    file.write_text("\n".join([head, *rows[:place], ",".join(cells), *rows[place + 1 :], ""]), encoding="utf-8")
    with pytest.raises(DataFaults) as caught:
        read_tables(folder)
    assert [fault.where for fault in caught.value.faults] == [f"membership.csv, line {place + 2}, column value"]
    assert "begin its note with the word checked" in str(caught.value)
