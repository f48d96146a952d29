"""The chapter, the lines and the sheets on sensitivity: every number is the file's, in both languages."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pytest

from actuarial.report import ReportError, Results, page, read_results, workbook
from actuarial.report._sensitivity_words import FORMS, ranged
from actuarial.report._variables import saved
from actuarial.report.blocks import Context
from actuarial.report.chapters import Chapter, chapters
from actuarial.report.numbers import Numbers
from actuarial.report.sensitivity import chapter, explain
from actuarial.report.texts import Texts, catalogue
from forecasting import artefacts
from tests.actuarial.report_fixture import write_results
from tests.actuarial.report_fixture_sensitivity import INPUTS, NAMES, sensitivity_results

DATA = sensitivity_results()
TORNADO, SETS, MORRIS, SOBOL = range(4)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_results(tmp_path_factory.mktemp("run"))


@pytest.fixture(scope="module")
def results(folder: Path) -> Results:
    return replace(read_results(folder), sensitivity=DATA)


def context(results: Results, language: Any = "en") -> Context:
    texts = Texts(language)
    return Context(results, texts, Numbers(texts, results.manifest.last_year))


def made(results: Results, language: Any = "en") -> Chapter:
    one = chapter(context(results, language))
    assert one is not None
    return one


def test_a_run_that_was_not_asked_has_no_chapter(results: Results) -> None:
    assert chapter(context(replace(results, sensitivity=None))) is None
    assert "sensitivity" in [one.id for one in chapters(context(results))]


def test_the_tornado_draws_the_differences_with_their_paired_intervals_the_largest_first(results: Results) -> None:
    panel = next(p for p in made(results).blocks[TORNADO].panels if p.id.endswith("-reserve"))
    one = DATA.sel(output="reserve")
    order = np.argsort(-abs(one["difference"]).max("end").values, kind="stable")
    for bar, end in zip(panel.figure.data, ("low", "high"), strict=True):
        at = one.sel(end=end).isel(input=order)
        np.testing.assert_allclose(bar.x, at["difference"], rtol=1e-3)
        np.testing.assert_allclose(bar.error_x.array, at["difference_high"] - at["difference"], rtol=2e-3, atol=1e-9)
        np.testing.assert_allclose(
            bar.error_x.arrayminus, at["difference"] - at["difference_low"], rtol=2e-3, atol=1e-9
        )


def test_an_output_that_nothing_moves_is_told_and_not_drawn(results: Results) -> None:
    block = made(results).blocks[TORNADO]
    assert not any("cost_rate" in panel.id for panel in block.panels)
    assert any(note.startswith("No input moves: Cost rate in 2050") for note in block.notes)
    assert any("counts as running dry in 2101" in note for note in block.notes)


def test_the_table_has_every_input_with_its_range_and_both_ends(results: Results) -> None:
    rows = made(results).blocks[TORNADO].table.rows
    groups = [n for n, row in enumerate(rows) if len(row) == 1]
    assert len(groups) == len(NAMES)
    assert len(rows) == len(NAMES) * (1 + len(INPUTS))
    ages = next(row for row in rows if len(row) > 1 and row[0].main != "Fertility" and "65" in row[1].main)
    assert ages[1].main == "60, as the figures say, 65"
    assert all(len(row) == 6 for row in rows if len(row) > 1)


def test_the_sets_draw_the_futures_and_leave_out_what_has_no_spread(results: Results) -> None:
    block = made(results).blocks[SETS]
    assert not any(panel.id.endswith("-empty") for panel in block.panels)
    panel = next(p for p in block.panels if p.id.endswith("-reserve"))
    middle = DATA["distribution"].sel(output="reserve", quantile=0.5)
    np.testing.assert_allclose(panel.figure.data[0].x, middle, rtol=1e-3)


def test_the_screening_draws_size_against_spread(results: Results) -> None:
    panel = next(p for p in made(results).blocks[MORRIS].panels if p.id.endswith("-need"))
    one = DATA.sel(output="need")
    np.testing.assert_allclose(panel.figure.data[0].x, 100 * one["mu_star"], rtol=1e-3)
    np.testing.assert_allclose(panel.figure.data[0].y, 100 * one["sigma"], rtol=1e-3, atol=1e-9)


def test_the_indices_are_drawn_with_their_errors(results: Results) -> None:
    panel = next(p for p in made(results).blocks[SOBOL].panels if p.id.endswith("-reserve"))
    total, first = panel.figure.data
    one = DATA.sel(output="reserve")
    order = np.argsort(-one["total"].values, kind="stable")
    np.testing.assert_allclose(total.x, 100 * one["total"].isel(input=order), rtol=1e-3)
    np.testing.assert_allclose(total.error_x.array, 100 * one["total_error"].isel(input=order), rtol=2e-3)
    np.testing.assert_allclose(first.x, 100 * one["first"].isel(input=order), rtol=1e-3, atol=1e-2)


def test_parts_that_were_not_asked_for_are_left_out(results: Results) -> None:
    empty = DATA.assign({name: DATA[name] * np.nan for name in ("mu", "mu_star", "first", "total")}).isel(set=[0])
    told = chapter(context(replace(results, sensitivity=empty)))
    assert told is not None
    assert [block.id for block in told.blocks] == ["sensitivity-tornado"]


def test_the_lines_say_what_moves_most(results: Results) -> None:
    lines = explain(DATA, "en", {"package": "Reform package"})
    assert "“Reform package”, 2050: what moves the forecast, on 40 futures" in lines[0]
    reserve = next(line for line in lines if line.startswith("Reserve at the end of 2050: "))
    assert "Moves most: Pension age" in reserve or "Moves most: " in reserve
    assert any(line.startswith("Screening, ") for line in lines)
    assert any(line.startswith("Variance of Reserve") for line in lines)
    assert len(explain(DATA, "zh", {"package": "改革"})) == len(lines)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_chart_says_in_words_what_it_shows(results: Results, language: Any) -> None:
    for block in made(results, language).blocks:
        for panel in block.panels:
            assert panel.title and panel.unit and len(panel.alt) > 20
            assert "nan" not in panel.alt.lower()


def test_every_text_is_used_in_both_languages(results: Results, tmp_path: Path) -> None:
    told = context(results)
    assert chapter(told) is not None
    workbook.write_workbook(results, tmp_path / "run.xlsx", "en")
    keys = {key for key in catalogue() if key.startswith("sensitivity.")}
    families = ("sensitivity.line.", "sensitivity.input.", "sensitivity.rule.", "sensitivity.unit.")
    others = {
        "sensitivity.output.cost_share",
        "sensitivity.measure.cost_share",
        "sensitivity.head_at",
        "sensitivity.head_unit",
    }
    assert {key for key in keys - told.texts.used if not key.startswith(families)} == others | {
        "sensitivity.measure.depletion_year"
    } - told.texts.used
    assert all(set(catalogue()[key]) == {"en", "zh"} for key in keys)
    assert set(FORMS) == {key.rpartition(".")[2] for key in keys if key.startswith("sensitivity.output.")}


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_page_holds_the_chapter(results: Results, language: Any) -> None:
    text = page.render(results, language)
    assert '<section id="sensitivity">' in text
    for part in ("tornado", "sets", "morris", "sobol"):
        assert f'<figure id="sensitivity-{part}"' in text


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_sheets_hold_every_number(results: Results, tmp_path: Path, language: Any) -> None:
    workbook.write_workbook(results, tmp_path / "run.xlsx", language)
    book = openpyxl.load_workbook(tmp_path / "run.xlsx")
    for key, names, heads in (
        ("tornado", ("value", "value_low", "value_high", "difference", "difference_low", "difference_high"), 6),
        ("screens", ("mu", "mu_star", "mu_star_error", "sigma", "first", "first_error", "total", "total_error"), 3),
    ):
        sheet = book[catalogue()[f"workbook.sheet.{key}"][language]]
        rows = [row for row in sheet.iter_rows(values_only=True) if isinstance(row[heads], int | float)]
        dims = ("output", "input", "end") if key == "tornado" else ("output", "input")
        wide = np.stack([DATA[name].transpose(*dims).values.ravel() for name in names], axis=1)
        told = np.array(
            [[np.nan if cell is None else cell for cell in row[heads : heads + len(names)]] for row in rows]
        )
        np.testing.assert_allclose(told, wide, rtol=1e-9)


def test_the_long_table_takes_every_number_that_the_report_reads(results: Results) -> None:
    there = {str(values.name) for kind, values in saved(results) if kind == "sensitivity"}
    assert there >= {"difference", "distribution", "mu_star", "total"}


def test_the_file_is_read_where_a_command_added_it_and_refused_if_it_is_anothers(folder: Path) -> None:
    file = folder / "sensitivity.nc"
    ours = {"parent_projection": artefacts.digest(folder / "projection.nc")}
    artefacts.save(DATA.assign_attrs(ours), file, "sensitivity")
    found = read_results(folder).sensitivity
    assert found is not None and found["difference"].equals(DATA["difference"])
    artefacts.save(DATA.assign_attrs(parent_projection="f" * 64), file, "sensitivity")
    with pytest.raises(ReportError, match=r"projection\.nc is not the one that sensitivity\.nc was made from"):
        read_results(folder)
    file.unlink()


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.05, "0.05"), (1.234567, "1.235"), (-2.5, "−2.5"), (23456.7, "23,457"), (3.9e12, "3.9 × 10^12")],
)
def test_the_ends_of_a_range_are_short(value: float, text: str) -> None:
    assert ranged(value) == text
