"""The chapter, the lines and the sheet on where the doubt comes from: every number is the file's, in both languages."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pytest

from actuarial.report import ReportError, Results, page, read_results, workbook
from actuarial.report._variables import saved
from actuarial.report._variance_figures import COLORS
from actuarial.report.blocks import Context
from actuarial.report.chapters import Chapter, chapters
from actuarial.report.numbers import Numbers
from actuarial.report.texts import Texts, catalogue
from actuarial.report.variance import chapter, explain
from forecasting import artefacts
from forecasting.freezing import GROUPS
from tests.actuarial.report_fixture import write_results
from tests.actuarial.report_fixture_variance import variance_results

DATA = variance_results()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_results(tmp_path_factory.mktemp("run"))


@pytest.fixture(scope="module")
def results(folder: Path) -> Results:
    return replace(read_results(folder), variance=DATA)


def context(results: Results, language: Any = "en") -> Context:
    texts = Texts(language)
    return Context(results, texts, Numbers(texts, results.manifest.last_year))


def made(results: Results, language: Any = "en") -> Chapter:
    one = chapter(context(results, language))
    assert one is not None
    return one


def test_a_run_that_was_not_asked_has_no_chapter(results: Results) -> None:
    assert chapter(context(replace(results, variance=None))) is None
    assert "variance" in [one.id for one in chapters(context(results))]


def test_the_bars_are_the_shapley_effects_of_their_fund(results: Results) -> None:
    pension, medical = made(results).blocks
    for block, fund in ((pension, "pension"), (medical, "medical")):
        bars = [trace for trace in block.panels[0].figure.data if trace.type == "bar"]
        names = {catalogue()[f"variance.group.{group}"]["en"]: group for group in GROUPS}
        for bar in bars:
            one = DATA["shapley"].where(DATA["fund"] == fund, drop=True).sel(group=names[bar.name])
            drawn = np.array([np.nan if v is None else v for v in bar.x])
            np.testing.assert_allclose(drawn, 100.0 * one.clip(min=0.0), rtol=1e-3)
    assert len([t for t in pension.panels[0].figure.data if t.type == "bar"]) == 6


def test_the_whiskers_stand_at_the_end_of_their_part_with_its_standard_error(results: Results) -> None:
    figure = made(results).blocks[0].panels[0].figure
    bars = [trace for trace in figure.data if trace.type == "bar"]
    dark = [trace for trace in figure.data if trace.type == "scatter"][1::2]
    ends = np.cumsum([list(bar.x) for bar in bars], axis=0)
    for n, (bar, whisker) in enumerate(zip(bars, dark, strict=True)):
        shown = [place for place, value in enumerate(whisker.x) if value is not None]
        assert shown == [place for place, value in enumerate(bar.x) if value >= 3.0]
        np.testing.assert_allclose([whisker.x[p] for p in shown], ends[n][shown], rtol=1e-3)
        np.testing.assert_allclose(
            [whisker.error_x.array[p] for p in shown], [0.1 * bar.x[p] for p in shown], rtol=2e-3
        )


def test_every_group_has_a_colour_and_words_in_both_languages() -> None:
    assert (
        set(COLORS)
        == set(GROUPS)
        == {key.removeprefix("variance.group.") for key in catalogue() if key.startswith("variance.group.")}
    )
    assert len(set(COLORS.values())) == len(GROUPS)


def test_the_table_gives_every_effect_with_its_error(results: Results) -> None:
    table = made(results).blocks[0].table
    rows = {}
    heading = ""
    for row in table.rows:
        if len(row) == 1:
            heading = row[0].main
        else:
            rows[heading.split(" (")[0], row[0].main] = row[1:]
    cells = rows["Cost rate, 2035", "Membership"]
    one = DATA.sel(output="pension cost_rate 2035", group="membership")
    told = [
        f"{100 * float(one[name]):.1f}%".replace("-", "−") for name in ("shapley", "first_order", "total", "frozen")
    ]
    assert [cell.main for cell in cells] == told
    assert cells[0].below == (f"± {100 * float(one['shapley_error']):.1f}",)
    assert not any(head == "Migration and base population" for _, head in rows)
    # What does not move one quantity but others has the effect 0 on it, and no error.
    assert all(cell.main == "0" and not cell.below for cell in rows["Cost rate, 2035", "Land income"])
    assert rows["Reserve in years of outgo, 2035", "Land income"][0].below
    headings = [row[0].main for row in table.rows if len(row) == 1]
    assert "Year in which the pool runs out (mean 2060, standard deviation 9.5 years)" in headings
    assert "Cost rate, 2035 (mean 50.0%, standard deviation 25.0%)" in headings


def test_the_notes_say_who_is_left_out_and_how_lasting_funds_count(results: Results) -> None:
    pension, medical = (" ".join(block.notes) for block in made(results).blocks)
    assert "In 32% of futures the pool lasts beyond 2100" in pension and "counts as 2101" in pension
    assert "In no future of these sets does the pool last to the end of 2100" in medical
    assert "not listed: Migration and base population" in pension
    assert "effect 0: Land income; Answers to reforms and swings of sources" in medical


def test_the_lines_name_the_largest_first_and_say_what_does_not_vary() -> None:
    lines = explain(DATA, "en", {"package": "Reform package"})
    assert "“Reform package”: 2 × 200 futures in 192 mixtures" in lines[0]
    assert len(lines) == 1 + DATA.sizes["output"]
    assert any("the same in every future" in line and "Medical fund" in line for line in lines)
    for line in (line for line in lines[1:] if "%" in line):
        shares = [int(part.split("%")[0].split()[-1]) for part in line.split(";")]
        assert shares == sorted(shares, reverse=True)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_chart_says_in_words_what_it_shows(results: Results, language: Any) -> None:
    for block in made(results, language).blocks:
        for panel in block.panels:
            assert panel.title and panel.unit and len(panel.alt) > 20
            assert "nan" not in panel.alt.lower()


def test_every_text_is_used_in_both_languages(results: Results, tmp_path: Path) -> None:
    told = context(results)
    assert chapter(told) is not None
    used = told.texts.used | {key for key in catalogue() if key.startswith(("variance.group.", "variance.quantity."))}
    keys = {key for key in catalogue() if key.startswith("variance.")}
    lines = {f"variance.{name}" for name in ("asked", "line", "still", "part")}
    # The units of shares and of calendar years stand in the workbook alone.
    units = {f"variance.in.{unit}" for unit in ("calendar year", "share of rural income", "share of budget revenue")}
    assert keys - used == lines | units
    assert all(set(catalogue()[key]) == {"en", "zh"} for key in keys)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_page_holds_the_chapter(results: Results, language: Any) -> None:
    text = page.render(results, language)
    assert '<section id="variance">' in text
    assert '<figure id="variance-pension"' in text and '<figure id="variance-medical"' in text
    assert '<a href="#variance">' in text


@pytest.mark.parametrize(("language", "name"), [("en", "Variance"), ("zh", "方差分解")])
def test_the_sheet_holds_every_effect_and_a_sum_by_formula(
    results: Results, tmp_path: Path, language: Any, name: str
) -> None:
    workbook.write_workbook(results, tmp_path / "run.xlsx", language)
    sheet = openpyxl.load_workbook(tmp_path / "run.xlsx")[name]
    rows = list(sheet.iter_rows(values_only=True))
    numbers = [row for row in rows if isinstance(row[3], int | float)]
    known = DATA["shapley"].values[np.isfinite(DATA["shapley"].values).any(axis=1)]
    np.testing.assert_allclose([row[3] for row in numbers], known.ravel())
    np.testing.assert_allclose([row[4] for row in numbers], 0.1 * np.abs(known).ravel())
    sums = [(n, row[3]) for n, row in enumerate(rows, start=1) if str(row[3]).startswith("=SUM")]
    assert len(sums) == len(known)
    for place, formula in sums:
        assert formula == f"=SUM(D{place - len(GROUPS)}:D{place - 1})"


def test_the_long_table_takes_every_number(results: Results) -> None:
    there = {str(values.name) for kind, values in saved(results) if kind == "variance"}
    assert there == set(map(str, DATA.data_vars))


def test_the_file_is_read_where_a_command_added_it_and_refused_if_it_is_anothers(folder: Path) -> None:
    ours = {"parent_projection": artefacts.digest(folder / "projection.nc")}
    file = folder / "variance.nc"
    artefacts.save(DATA.assign_attrs(ours), file, "variance")
    found = read_results(folder).variance
    assert found is not None and found["shapley"].equals(DATA["shapley"])
    artefacts.save(DATA.assign_attrs(parent_projection="f" * 64), file, "variance")
    with pytest.raises(ReportError, match=r"projection\.nc is not the one that variance\.nc was made from"):
        read_results(folder)
    artefacts.save(DATA.drop_vars("total").assign_attrs(ours), file, "variance")
    with pytest.raises(ReportError, match=r"variance\.nc lacks total"):
        read_results(folder)
    file.unlink()
