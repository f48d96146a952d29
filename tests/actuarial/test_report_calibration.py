"""The scores of held-out years in the report: written, read, found, pooled, and told."""

from __future__ import annotations

import datetime
import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from actuarial.report import ReportError, Results, calibration, read_results
from actuarial.report.calibration import FILE, KEYS, SCORES, pooled, ratios, shares
from actuarial.report.page import render
from actuarial.report.texts import catalogue
from forecasting import artefacts, backtest
from tests.actuarial.report_fixture import FIGURES, write_results
from tests.actuarial.report_fixture_records import scores

DAY = datetime.date(2026, 11, 22)


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Results:
    return read_results(write_results(tmp_path_factory.mktemp("run")))


def shown(results: Results, folder: Path, table: pd.DataFrame, figures: str = FIGURES, language: Any = "en") -> str:
    """Return the part of the page that tells of `table`."""
    calibration.write(table, folder / FILE, figures, DAY)
    page = render(replace(results, calibration=calibration.found(folder)), language)
    start = page.index('<div id="calibration">')
    return page[start : page.index("</section>", start)]


def row_of(part: str, head: str) -> list[str]:
    """Return the cells of the first row that begins with `head`."""
    rows = re.findall(r"<tr>.*?</tr>", part, re.DOTALL)
    cells = [re.findall(r'<span class="main">(.*?)</span>', row) for row in rows]
    return next(row for row in cells if row and row[0] == head)


# Written and read -----


def test_scores_are_read_as_they_were_written_with_what_they_were_made_with(tmp_path: Path) -> None:
    calibration.write(scores(), tmp_path / FILE, FIGURES, DAY)
    found = calibration.read(tmp_path / FILE)
    pd.testing.assert_frame_equal(found.scores[[*KEYS, *SCORES]], scores()[[*KEYS, *SCORES]], check_dtype=False)
    assert (found.made, found.figures, found.versions) == ("2026-11-22", FIGURES, artefacts.versions())


def test_the_table_reads_the_columns_that_the_backtest_gives(tmp_path: Path) -> None:
    years = np.arange(2016, 2020)
    paths = xr.DataArray(np.ones((3, 4)) * np.array([[1.0], [2.0], [3.0]]), {"year": years}, ("draw", "year"))
    given = backtest.score_table({"granary": paths, "ets": paths + 1.0}, pd.Series(2.0, index=years))
    table = given.reset_index().assign(series="tfr", origin=2015).set_index(list(KEYS))
    calibration.write(table, tmp_path / FILE, FIGURES)
    found = calibration.read(tmp_path / FILE).scores
    assert set(given.columns) <= set(found)
    assert ratios(found)["tfr", 2015] == pytest.approx(given.loc["granary", "crps"] / given.loc["ets", "crps"])


def test_scores_that_do_not_say_what_they_were_made_with_are_read_too(tmp_path: Path) -> None:
    scores().to_csv(tmp_path / FILE, index=False)
    found = calibration.read(tmp_path / FILE)
    assert (found.made, found.figures, found.versions) == ("", "", {})


def test_every_column_that_is_lacking_or_holds_words_is_named(tmp_path: Path) -> None:
    scores().drop(columns=["crps", "origin"]).assign(years="many").to_csv(tmp_path / FILE, index=False)
    with pytest.raises(ReportError) as caught:
        calibration.read(tmp_path / FILE)
    assert [fault.partition(":")[0] for fault in caught.value.faults] == [
        "backtest.csv lacks the column origin",
        "backtest.csv",
        "backtest.csv lacks the column crps",
    ]
    with pytest.raises(ReportError, match="lacks the column crps"):
        calibration.write(scores().drop(columns="crps"), tmp_path / "new.csv", FIGURES)
    assert not (tmp_path / "new.csv").exists()


def test_the_same_score_twice_is_a_fault(tmp_path: Path) -> None:
    pd.concat([scores()] * 2).to_csv(tmp_path / FILE, index=False)
    with pytest.raises(ReportError, match="twice"):
        calibration.read(tmp_path / FILE)


@pytest.mark.parametrize("content", ["", '"broken\n', "\x00\x01"])
def test_a_file_that_holds_no_table_is_a_fault_of_the_results(tmp_path: Path, content: str) -> None:
    folder = write_results(tmp_path)
    (folder / FILE).write_text(content)
    with pytest.raises(ReportError, match=r"backtest\.csv"):
        read_results(folder)


def test_scores_in_the_folder_come_before_those_that_are_recorded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recorded = tmp_path / "recorded.csv"
    monkeypatch.setattr(calibration, "RECORDED", str(recorded))
    assert calibration.found(tmp_path) is None
    calibration.write(scores(), recorded, "cd" * 32)
    found = calibration.found(tmp_path)
    assert found is not None and found.figures == "cd" * 32
    calibration.write(scores(), tmp_path / FILE, FIGURES)
    found = calibration.found(tmp_path)
    assert found is not None and found.figures == FIGURES


def test_what_is_recorded_can_be_read_and_says_what_it_was_made_with(tmp_path: Path) -> None:
    found = calibration.found(tmp_path)
    if found is None:
        pytest.skip("no backtest is recorded")
    assert found.made and found.figures and found.versions
    assert calibration.OURS in set(found.scores["method"])


# Pooled -----


def test_granary_is_held_against_the_best_other_method_of_each_series_and_origin() -> None:
    table = scores()
    table.loc[(table["series"] == "tfr") & (table["origin"] == 2018) & (table["method"] == "ets"), "crps"] = 0.25
    found = ratios(table)
    assert found["tfr", 2015] == 0.5
    assert found["tfr", 2018] == 2.0
    assert pooled(found.loc["tfr"]) == pytest.approx(1.0)
    assert np.isnan(pooled(found[found > 10]))


def test_a_series_that_no_other_method_could_forecast_has_no_ratio() -> None:
    table = scores().query("series != 'tfr' or method == 'granary'")
    assert list(ratios(table).index.get_level_values("series").unique()) == ["contributors"]


def test_origins_weigh_by_their_years() -> None:
    some = scores().query("series == 'tfr' and method == 'granary'")
    found = shares(some)
    assert found["coverage_80"] == pytest.approx((8 * 0.75 + 4 * 0.9) / 12)
    assert found["bias_share"] == pytest.approx((8 * -0.02 + 4 * 0.07) / 12)


# Told -----


def test_the_page_tells_coverage_and_who_was_nearer(results: Results, tmp_path: Path) -> None:
    part = shown(results, tmp_path, scores())
    assert "24 held-out years, the 80% intervals held 80%: within the goal of 70% to 90%" in part
    assert "On 1 of 2 series" in part
    assert row_of(part, "Total fertility rate") == [
        "Total fertility rate", "12", "50%", "80%", "100%", "0.50", "+1.0%",
    ]  # fmt: skip
    assert row_of(part, "All series") == ["All series", "24", "50%", "80%", "100%", "1.00", "–"]
    assert row_of(part, "Contributors, 2018")[1:3] == ["Granary", "4"]
    assert part.count("random walk with drift") == 4
    assert part.count("known to 2015, 2018") == 2


def test_the_page_says_when_the_goal_was_missed(results: Results, tmp_path: Path) -> None:
    assert "held 40%: outside the goal" in shown(results, tmp_path, scores().assign(coverage_80=0.4))
    assert "held 95%: outside the goal" in shown(results, tmp_path, scores().assign(coverage_80=0.95))


def test_the_page_says_whether_the_figures_are_those_of_the_run(results: Results, tmp_path: Path) -> None:
    assert "Made on 2026-11-22, with version 0.1.0, on the figures of this run." in shown(results, tmp_path, scores())
    assert "on other figures than those of this run" in shown(results, tmp_path, scores(), "00" * 32)
    assert "所用数据与本次运行不同" in shown(results, tmp_path, scores(), "00" * 32, "zh")
    scores().to_csv(tmp_path / FILE, index=False)
    page = render(replace(results, calibration=calibration.found(tmp_path)), "en")
    assert "Made on an unknown day, on figures that it does not name." in page


def test_without_scores_the_page_has_no_such_part(results: Results) -> None:
    page = render(replace(results, calibration=None), "en")
    assert 'id="calibration"' not in page
    assert "held-out" not in page


def test_every_series_of_the_backtest_has_a_name_in_both_languages() -> None:
    assert {f"scored.{name}" for name in backtest.SERIES} <= set(catalogue())
    assert calibration.OURS == backtest.OURS


def test_hostile_names_stay_text(results: Results, tmp_path: Path) -> None:
    hostile = '"><script>alert(1)</script>{{ 7 * 7 }}'
    table = scores([hostile])
    table["method"] = table["method"].replace("ets", hostile)
    part = shown(results, tmp_path, table)
    assert "<script>alert" not in part
    assert "&lt;script&gt;alert(1)&lt;/script&gt;{{ 7 * 7 }}" in part


def test_versions_that_are_no_json_are_left_out(tmp_path: Path) -> None:
    scores().assign(versions="{not json").to_csv(tmp_path / FILE, index=False)
    assert calibration.read(tmp_path / FILE).versions == {}
    scores().assign(versions=json.dumps({"evergranary": "9"})).to_csv(tmp_path / FILE, index=False)
    assert calibration.read(tmp_path / FILE).versions == {"evergranary": "9"}
