"""The chapter on all funds together: every number is one of the file's, and the words follow from them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from actuarial.report import Results, read_results
from actuarial.report._household_parts import MIDDLE, funds_of, ordinary, part_of
from actuarial.report.blocks import Context
from actuarial.report.chapters import Chapter
from actuarial.report.household import chapter
from actuarial.report.numbers import Numbers
from actuarial.report.tables import headline
from actuarial.report.texts import Texts, catalogue
from tests.actuarial.report_fixture import write_results
from tests.actuarial.report_fixture_axes import SCENARIOS
from tests.actuarial.report_fixture_household import ALL, FUNDS

TITLES = ("Transfers as the law says", "Transfers at today's budget share", "Reform package")


def with_funds(results: Results) -> Results:
    """Return the small run, with nothing of the later funds but the scenarios that have them."""
    return replace(results, **{name: _owners(name) for name in ALL[1:]})


def _owners(fund: str) -> xr.Dataset:
    return xr.Dataset(coords={"scenario": [name for name in SCENARIOS if fund in FUNDS[name]]})


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Results:
    return with_funds(read_results(write_results(tmp_path_factory.mktemp("run"))))


@pytest.fixture(scope="module")
def saved(results: Results) -> xr.Dataset:
    with xr.open_dataset(Path(results.folder) / "household.nc", engine="h5netcdf") as data:
        return data.load()


def context(results: Results, language: Any = "en") -> Context:
    texts = Texts(language)
    return Context(results, texts, Numbers(texts, results.manifest.last_year))


def made(results: Results, language: Any = "en") -> Chapter:
    one = chapter(context(results, language))
    assert one is not None
    return one


def cells(one: Chapter, group: str, row: str) -> list[tuple[str, ...]]:
    """Return the cells of a row under a group of the chapter's table: number and line below."""
    rows = iter(one.tables[0].rows)
    while next(rows)[0].main != group:
        pass
    found = next(found for found in rows if found[0].main == row)
    return [(cell.main, *cell.below) for cell in found[1:]]


# -- the numbers


def test_the_need_is_the_median_and_the_interval_of_the_file(results: Results, saved: xr.Dataset) -> None:
    assert made(results).tables[0].head == ("Indicator", "2030", "2035", "2050", "2075")
    for name, title in zip(SCENARIOS, TITLES, strict=True):
        told = cells(made(results), title, "Fiscal need of all funds")
        for year, cell in zip((2030, 2035, 2050, 2075), told, strict=True):
            draws = 100 * saved["need_share"].sel(scenario=name, year=year).values
            low, middle, high = np.quantile(draws, [0.1, 0.5, 0.9])
            assert cell == (f"{middle:.1f}%", f"{low:.1f}–{high:.1f}%")


def test_value_at_risk_stands_over_what_it_were_without_anything_in_common(results: Results, saved: xr.Dataset) -> None:
    one = saved.sel(scenario="package", year=2050)
    draws = one["need_of_fund"].sum("fund").values
    assert cells(made(results), TITLES[2], "Value at risk")[2] == (
        f"{100 * np.quantile(draws, 0.95):.1f}%", f"{100 * float(one['chance_at_risk']):.1f}%"
    )  # fmt: skip
    parts = one["need_of_fund"].var("draw").sum("fund")
    common = 1 - float(parts / one["need_share"].var("draw"))
    assert cells(made(results), TITLES[2], "Common part of the spread")[2] == (f"{100 * common:.0f}%",)


def test_parts_of_the_funds_are_those_of_the_futures_in_the_middle_and_in_the_tail(
    results: Results, saved: xr.Dataset
) -> None:
    one = saved.sel(scenario="law", year=2050)
    total = one["need_share"].values
    order = np.sort(total)
    # Of 40 draws the 16th and the 24th bound the fifth in the middle.
    middle = (total >= order[15]) & (total <= order[23])
    tail = total >= np.quantile(total, 0.95)
    for fund, title in (("pension", "Pension fund"), ("medical", "Medical fund")):
        needs = one["need_of_fund"].sel(fund=fund).values
        shares = [100 * needs[some].sum() / total[some].sum() for some in (middle, tail)]
        told = cells(made(results), TITLES[0], f"Part of the need: {title}")[2]
        assert told == tuple(f"{share:.0f}%" for share in shares)


def test_joint_shortages_stand_over_the_interval_of_chance(results: Results, saved: xr.Dataset) -> None:
    one = saved.sel(scenario="capacity", year=2050)
    told = cells(made(results), TITLES[1], "Two or more funds short in the year")[2]
    low, high = (f"{100 * float(one[f'chance_{end}']):.0f}" for end in ("low", "high"))
    assert told == (f"{100 * float(one['joint_probability']):.0f}%", f"{low}–{high}%")
    ever = cells(made(results), TITLES[1], "The same at least once by then")[2]
    assert ever == (f"{100 * float(one['ever_probability']):.0f}%",)
    assert float(one["ever_probability"]) >= float(one["joint_probability"])


@given(
    arrays.arrays(float, (3, 25, 2), elements=st.floats(0, 1)),
)
def test_an_ordinary_future_adds_up_to_a_total_in_the_middle(values: np.ndarray) -> None:
    needs = xr.DataArray(values, dims=("fund", "draw", "year"))
    low, high = np.quantile(values.sum(axis=0), MIDDLE, axis=0, method="inverted_cdf")
    total = ordinary(needs).sum("fund").values
    assert (total >= low - 1e-9).all() and (total <= high + 1e-9).all()
    parts = part_of(ordinary(needs))
    assert np.allclose(parts.sum("fund").values[total > 0], 1.0)


def test_an_ordinary_future_of_a_run_without_draws_is_that_run() -> None:
    needs = xr.DataArray([[1.0, 0.0], [3.0, 0.0]], {"fund": ["a", "b"], "year": [1, 2]})
    assert ordinary(needs).equals(needs)
    assert part_of(needs)[:, 0].values.tolist() == [0.25, 0.75] and np.isnan(part_of(needs)[:, 1]).all()


# -- the charts


def test_areas_lie_on_each_other_to_the_total_of_an_ordinary_future(results: Results, saved: xr.Dataset) -> None:
    block = made(results).blocks[1]
    for name, panel in zip(SCENARIOS, block.panels, strict=True):
        assert {trace.stackgroup for trace in panel.figure.data} == {"need"}
        heights = np.sum([np.array(trace.y) for trace in panel.figure.data], axis=0)
        total = 100 * ordinary(saved["need_of_fund"].sel(scenario=name)).sum("fund").values
        np.testing.assert_allclose(heights, total, rtol=2e-3)
        assert len(panel.figure.data) == len(FUNDS[name])


def test_a_fund_that_no_scenario_has_is_in_no_legend(results: Results) -> None:
    assert [key.label for key in made(results).blocks[1].legend] == [
        "Pension fund", "Medical fund", "Unemployment fund", "Time bank", "Elderly-care plan"
    ]  # fmt: skip
    without = replace(results, unemployment=None, time_bank=None, care_plan=None)
    assert [key.label for key in made(without).blocks[1].legend] == ["Pension fund", "Medical fund"]
    assert "Unemployment fund" not in " ".join(row[0].main for row in made(without).tables[0].rows)


def test_lines_of_risk_and_of_joint_shortage_are_those_of_the_file(results: Results, saved: xr.Dataset) -> None:
    one, law = made(results), saved.sel(scenario="law")
    risk, joint = one.blocks[2].panels[0].figure.data, one.blocks[3].panels[0].figure.data
    pairs = [(risk[0], "need_share_at_risk"), (risk[1], "chance_at_risk"), (joint[0], "chance_low")]
    pairs += [(joint[1], "chance_high"), (joint[2], "joint_probability"), (joint[3], "chance_probability")]
    for trace, name in pairs:
        np.testing.assert_allclose(np.array(trace.y, dtype=float), 100 * law[name].values, rtol=1e-3, atol=1e-9)


def test_numbers_behind_the_chart_hold_the_interval_of_every_fund(results: Results, saved: xr.Dataset) -> None:
    rows = made(results).blocks[1].table.rows
    titles = {row[0].main for row in rows}
    assert len(titles) == sum(len(funds) for funds in FUNDS.values())
    row = next(row for row in rows if (row[0].main, row[1].main) == ("Reform package: Medical fund", "2050"))
    draws = 100 * saved["need_of_fund"].sel(scenario="package", fund="medical", year=2050).values
    low, middle, high = np.quantile(draws, [0.1, 0.5, 0.9])
    assert (row[2].main, row[4].main) == (f"{middle:.1f}%", f"{low:.1f}–{high:.1f}%")


# -- the words


def test_funds_that_a_scenario_lacks_are_named(results: Results) -> None:
    (line,) = [note for note in made(results).notes if "that a scenario does not have" in note]
    assert line.startswith(f"Not in {TITLES[0]}, {TITLES[1]}: Unemployment fund, Time bank, Elderly-care plan.")
    everywhere = xr.Dataset(coords={"scenario": list(SCENARIOS)})
    whole = replace(results, unemployment=everywhere, time_bank=everywhere, care_plan=everywhere)
    assert [note for note in made(whole).notes if "that a scenario does not have" in note] == []
    assert [funds_of(results, name) for name in SCENARIOS] == [list(FUNDS[name]) for name in SCENARIOS]


def test_the_year_farthest_from_chance_is_told_and_years_outside_the_band_are_counted(
    results: Results, saved: xr.Dataset
) -> None:
    one = saved.sel(scenario="package")
    above = int((one["joint_probability"] > one["chance_high"]).sum())
    below = int((one["joint_probability"] < one["chance_low"]).sum())
    year = int(one["year"].values[int(np.abs(one["common_part"].values).argmax())])
    (line,) = [note for note in made(results).notes if note.startswith(TITLES[2])]
    assert f"in {above} of 75 years joint shortages lie above the grey band, in {below} below it" in line
    assert f"Farthest from chance is {year}: {100 * float(one.sel(year=year)['joint_probability']):.0f}%" in line


def test_shortages_that_are_all_but_sure_are_said_to_tell_little(results: Results) -> None:
    told = catalogue()["household.note_sure"]["en"]
    data = results.household
    assert data is not None
    for share, said in ((0.5, False), (0.97, True)):
        run = replace(results, household=data.assign(short_probability=0 * data["short_probability"] + share))
        assert (told in made(run).notes) is said


def test_a_run_of_the_pension_alone_has_no_such_chapter(results: Results) -> None:
    assert chapter(context(replace(results, household=None))) is None


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_text_of_the_chapter_is_used(results: Results, language: Any) -> None:
    data = results.household
    assert data is not None
    one = context(replace(results, household=data.assign(short_probability=0 * data["short_probability"])), language)
    assert chapter(one) is not None
    assert {key for key in catalogue() if key.startswith("household.")} <= one.texts.used


# -- the headline


def emptying(results: Results) -> Results:
    """Return a run whose package alone has a medical fund, empty from 2040 in ten of the forty draws."""
    years, draws = results.indicators["year"].values, results.manifest.draws
    first = np.where(np.arange(draws) < 10, 2040.0, np.nan)
    empty = (years >= first[:, None]).astype(float)[None]
    coords = {"scenario": ["package"], "draw": np.arange(draws), "year": years}
    medical = xr.Dataset(
        {
            "fund_empty": (("scenario", "draw", "year"), empty),
            "fund_depletion_year": (("scenario", "draw"), first[None]),
        },
        coords,
    )
    return replace(results, medical=medical)


def test_headline_tells_of_the_medical_fund_where_a_scenario_has_one(results: Results) -> None:
    rows = headline(context(emptying(results))).rows
    start = [row[0].main for row in rows].index("The medical fund runs empty")
    told = [[cell.main for cell in row] for row in rows[start + 1 : start + 5]]
    assert told == [
        ["by 2035", "–", "–", "0%"],
        ["by 2050", "–", "–", "25%"],
        ["by 2075", "–", "–", "25%"],
        ["median year", "–", "–", "not by 2100"],
    ]


def test_headline_adds_the_need_of_all_funds_to_that_of_the_pension(results: Results, saved: xr.Dataset) -> None:
    rows = headline(context(emptying(results))).rows
    heads = [row[0].main for row in rows]
    assert "Fiscal need of the pension, share of general public budget revenue" in heads
    assert heads[0] == "The pension’s pool runs empty" and "The whole pension fund runs empty" in heads
    start = heads.index("Fiscal need of all funds together, share of general public budget revenue")
    middle = 100 * float(saved["need_share"].sel(scenario="law", year=2050).median())
    row = next(row for row in rows[start:] if row[0].main == "in 2050")
    assert row[1].main == f"{middle:.2f}%"


def test_headline_of_the_pension_alone_is_as_it_was(results: Results) -> None:
    rows = headline(context(replace(results, medical=None, household=None))).rows
    assert [row[0].main for row in rows if len(row) == 1] == [
        "The pool runs empty", "The whole fund runs empty", "Fiscal need, share of general public budget revenue"
    ]  # fmt: skip
