"""The actuarial opinion: its words follow from the results, and change where they should."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from actuarial.report import Results
from actuarial.report._opinion_rules import AGE, FEW, LIKELIHOOD, Grade, falling, likelihood, overall, rising
from actuarial.report.numbers import Numbers
from actuarial.report.records import Observed
from actuarial.report.texts import Texts
from tests.actuarial.opinion_runs import (
    CORE,
    chapter,
    empty_in,
    grades,
    made,
    one_of,
    part_of,
    prose,
    regional,
    row_of,
    says,
    text_of,
    unjudged,
    until,
    whole,
    with_notes,
    with_opening,
    with_series,
    with_sources,
    with_tfr,
)
from tests.actuarial.report_fixture_axes import DRAWS


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Results:
    return unjudged(tmp_path_factory.mktemp("run"))


# -- the scale of likelihood


@given(st.floats(0, 1))
def test_a_word_and_the_number_beside_it_agree_with_the_scale(share: float) -> None:
    written = Numbers(Texts("en"), 2100).chance(share)
    percent = {"<1%": 0, ">99%": 100}[written] if written[0] in "<>" else int(written.rstrip("%"))
    word = likelihood(share)
    least = dict((name, low) for low, name in LIKELIHOOD)[word]
    above = [low for low, _ in LIKELIHOOD if low > least]
    assert least <= percent < min(above, default=101)


@pytest.mark.parametrize(
    ("share", "word"),
    [(1.0, "practically_every"), (0.99, "practically_every"), (0.98, "very_likely"), (0.9, "very_likely"),
     (0.89, "likely"), (0.66, "likely"), (0.65, "even"), (0.33, "even"), (0.32, "unlikely"), (0.1, "unlikely"),
     (0.09, "very_unlikely"), (0.01, "very_unlikely"), (0.004, "practically_none"), (0.0, "practically_none")],
)  # fmt: skip
def test_the_words_change_at_the_thresholds_of_the_scale(share: float, word: str) -> None:
    assert likelihood(share) == word


@pytest.mark.parametrize("share", [-0.1, 1.1, np.nan])
def test_what_is_no_share_has_no_word(share: float) -> None:
    with pytest.raises(ValueError, match="no share"):
        likelihood(share)


def test_the_scale_on_the_page_covers_every_percentage_once(results: Results) -> None:
    rows = made(results).scale.rows
    ends = [[int(end) for end in re.findall(r"\d+", row[1].main)] for row in rows]
    covered = [percent for pair in ends for percent in range(pair[0], pair[-1] + 1)]
    assert sorted(covered) == list(range(101))
    assert [row[0].main for row in rows] == [text_of(f"likely.{word}") for _, word in LIKELIHOOD]


@pytest.mark.parametrize(("draws", "word"), [(36, "very_likely"), (35, "likely"), (27, "likely"), (26, "even")])
def test_verdict_changes_with_the_share_of_futures(results: Results, draws: int, word: str) -> None:
    """Of 40 draws 36 are 90 %, 35 are 88 %, 27 are 68 % and 26 are 65 %."""
    sentence = made(empty_in(results, draws)).statement.results[0]
    percent = f"{100 * draws / DRAWS:.0f}%"
    told = {"pool": text_of(f"likely.{word}"), "fund": text_of("likely.practically_none")}
    told |= {"pool_chance": percent, "fund_chance": "0%"}
    first = text_of("verdict", scenario="Transfers as the law says", year=2050, **told)
    assert sentence == f"{first} {text_of('verdict_later', year=2075, **told)}"
    row = next(
        row for row in part_of(made(empty_in(results, draws)), "results").tables[0].rows if row[0].main == "by 2050"
    )
    assert (row[1].main, row[1].below[0]) == (text_of(f"likely.{word}"), f"{100 * draws / DRAWS:.0f}%")


def test_thresholds_belong_to_the_side_that_is_said() -> None:
    assert [rising(v, (2, 4)) for v in (1, 2, 3, 4)] == [0, 1, 1, 2]
    assert [falling(v, (0.9, 0.75)) for v in (0.9, 0.89, 0.75, 0.74)] == [0, 1, 1, 2]
    assert overall([]) is Grade.CLEAR


# -- data


@pytest.mark.parametrize(("second", "word"), [(0, "few"), (1, "part"), (4, "part"), (5, "most"), (10, "most")])
def test_sources_at_second_hand_change_the_words(results: Results, second: int, word: str) -> None:
    run = with_sources(results, second, 10)
    assert one_of(run, "read") == word
    expected = Grade.CLEAR if word == "few" else Grade.RESERVED
    assert part_of(made(run), "data").findings[0].grade is expected
    assert f"{second} of" in prose(made(run)) or "10 sources, 0 were" in prose(made(run))


def test_series_without_any_source_are_not_supported(results: Results) -> None:
    run = with_series(results, whole(), ())
    assert one_of(run, "read") == "none"
    assert grades(made(run))["data"] is Grade.UNSUPPORTED


@pytest.mark.parametrize(
    ("last", "word", "grade"),
    [(2025, "new", 0), (2026 - AGE[0], "new", 0), (2025 - AGE[0], "old", 1), (2026 - AGE[1], "old", 1),
     (2025 - AGE[1], "too_old", 2)],
)  # fmt: skip
def test_older_figures_change_the_words(results: Results, last: int, word: str, grade: int) -> None:
    run = with_series(results, whole() | {"pensioners": until(last)})
    assert one_of(run, "age") == word
    assert next(f for f in part_of(made(run), "data").findings if f.label == text_of("label.age")).grade == grade
    assert f"least recent: {'Pensioners' if last < 2025 else 'Contributors'}, {last}" in prose(made(run))


def test_other_series_that_end_earlier_are_named(results: Results) -> None:
    assert not says(with_series(results, whole() | {"tfr": until(2024)}), "behind")
    run = with_series(results, whole() | {"tfr": until(2023)})
    assert text_of("behind", series="Total fertility rate (2023)") in prose(made(run))


def test_a_missing_year_is_counted(results: Results) -> None:
    assert one_of(with_series(results, whole()), "gaps") == "none"
    run = with_series(results, whole() | {"pensioners": [2010, *until(2025, 2013)]})
    assert text_of("gaps.some", series="Pensioners (2)") in prose(made(run))


def test_a_short_series_is_named(results: Results) -> None:
    assert one_of(with_series(results, dict.fromkeys(CORE, until(2025, 2026 - FEW))), "short") == "none"
    run = with_series(results, whole() | {"fund_balance": until(2025, 2027 - FEW)})
    assert text_of("short.some", series=f"Balance of the fund ({FEW - 1})", few=FEW) in prose(made(run))


def test_a_lacking_series_is_a_reservation_and_all_of_them_are_no_data(results: Results) -> None:
    run = with_series(results, {name: until(2025) for name in CORE[1:]})
    assert text_of("lacking", series="Contributors") in prose(made(run))
    assert grades(made(run))["data"] is Grade.RESERVED
    none = with_series(results, {"tfr": until(2025)})
    assert grades(made(none))["data"] is Grade.UNSUPPORTED
    assert says(replace(results, observed={}, checks=[]), "data_none")
    assert grades(made(replace(results, observed={}, checks=[])))["data"] is Grade.UNSUPPORTED


def test_what_is_owed_at_the_opening_is_told_where_it_is_kept(results: Results) -> None:
    assert one_of(results, "rebuilt") == "plain"
    assert "opens at the end of 2025 with 1,800 billion yuan" in prose(made(with_opening(results)))
    assert "it is 1,420 billion yuan (80% interval 1,404–1,436)" in prose(made(with_opening(results)))
    assert "账户于 2025 年末以 18,000 亿元开账" in prose(made(with_opening(results), "zh"))


@pytest.mark.parametrize(
    ("notes", "word"), [(None, "unkept"), ({}, "none"), ({2010: "pilot", 2011: "pilot", 2025: "<b>flash</b>"}, "some")]
)
def test_notes_on_single_values_are_counted_and_listed(results: Results, notes: Any, word: str) -> None:
    run = with_notes(results, notes)
    assert one_of(run, "noted") == word
    listed = part_of(made(run), "data").folded[1:]
    if word != "some":
        assert listed == []
        return
    assert text_of("noted.some", noted=3, values=16) in prose(made(run))
    assert [[cell.main for cell in row] for row in listed[0].rows] == [
        ["Pensioners", "2010–2011", "pilot"], ["Pensioners", "2025", "<b>flash</b>"]
    ]  # fmt: skip
    assert "&lt;b&gt;flash" in chapter(run)[0]


def test_the_table_has_a_row_for_every_series_and_its_counts(results: Results) -> None:
    (table,) = part_of(made(with_sources(results, 3, 10)), "data").folded
    assert [[cell.main for cell in row] for row in table.rows] == [
        [name, "2010", "2025", "16", "0", "10", "3"] for name in ("Contributors", "Pensioners", "Balance of the fund")
    ]


# -- assumptions


@pytest.mark.parametrize(("published", "word"), [(1.0, "inside"), (5.0, "outside")])
def test_a_path_that_leaves_its_history_is_named(results: Results, published: float, word: str) -> None:
    low, high = results.projection["tfr"].sel(year=2030).quantile([0.1, 0.9], "draw").values
    assert (low < published < high) == (word == "inside")
    run = with_tfr(results, published)
    assert one_of(run, "history") == word
    assert ("Total fertility rate. There the projection" in prose(made(run))) == (word == "outside")


def test_levels_that_only_rise_are_not_held_against_their_history(results: Results) -> None:
    record = {"unit": "years", "years": until(2025), "values": [30.0 + 0.14 * i for i in range(16)], "sources": ["a"]}
    run = replace(results, observed={"e0_female": Observed.model_validate(record)}, checks=[])
    assert says(run, "history.inside")
    assert "For all 1 assumptions" in prose(made(run))


def test_means_of_history_and_projection_are_those_of_the_figures(results: Results) -> None:
    table = part_of(made(results), "assumed").tables[0]
    assert table.head[3:] == ("2030", "2050", "2075")
    tfr, income = np.array(results.observed["tfr"].values), np.array(results.observed["rural_income"].values)
    ahead = [float(results.projection["tfr"].sel(year=y).median()) for y in (2030, 2050, 2075)]
    assert row_of(table, "Total fertility rate")[1:] == [
        f"{v:.2f}" for v in (tfr[-5:].mean(), tfr[-10:].mean(), *ahead)
    ]
    rises = [100 * ((income[-1] / income[-1 - n]) ** (1 / n) - 1) for n in (5, 10)]
    path = results.projection["rural_income"]
    for year in (2030, 2050, 2075):
        rises.append(100 * float(((path.sel(year=year) / path.sel(year=year - 5)) ** 0.2 - 1).median()))
    assert row_of(table, "Growth of rural income per head (nominal)")[1:] == [f"{v:.1f}%" for v in rises]


def test_pensions_per_head_are_those_of_the_first_scenario(results: Results) -> None:
    table = part_of(made(results), "assumed").tables[0]
    total = results.projection["pensioners_total"]
    middle = (total.sel(year=slice(2026, None)) + total.shift(year=1).sel(year=slice(2026, None))) / 2
    head = results.account["basic_pension"].isel(scenario=0) / middle
    rise = 100 * float(((head.sel(year=2030) / head.sel(year=2026)) ** 0.25 - 1).median())
    assert row_of(table, "Growth of the basic pension per head")[3] == f"{rise:.1f}%"


def test_history_with_gaps_says_how_many_values_it_has(results: Results) -> None:
    table = part_of(made(results), "assumed").tables[0]
    market = next(row for row in table.rows if row[0].main == "Market return")
    # Ten years of checks, 2012 to 2021, of which 2014 is not published.
    assert (market[1].below, market[2].below) == (("2017–2021",), ("2012–2021", "9 values"))


def test_a_region_has_no_history_of_the_nation_s_money(results: Results) -> None:
    table = part_of(made(regional(results)), "assumed").tables[0]
    assert row_of(table, "Growth of the basic pension per head")[1:3] == ["–", "–"]
    assert row_of(part_of(made(results), "assumed").tables[0], "Growth of the basic pension per head")[1] != "–"
    assert says(regional(results), "assumptions_region") and not says(results, "assumptions_region")
