"""The actuarial opinion: how the intervals held, methods, results, sensitivity, limits and the statement."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import xarray as xr

from actuarial.report import Results
from actuarial.report._opinion_doubt import rank_correlation
from actuarial.report._opinion_results import MEASURES
from actuarial.report._opinion_rules import Grade
from actuarial.report.records import Assumption
from actuarial.report.texts import catalogue
from tests.actuarial.opinion_runs import (
    alone,
    answering,
    chapter,
    classical,
    following,
    grades,
    held,
    judged,
    made,
    one_of,
    part_of,
    prose,
    regional,
    row_of,
    says,
    text_of,
    unjudged,
    with_gate,
    with_indicator,
    with_manifest,
    with_measures,
    with_need,
    with_past,
    with_tfr,
)
from tests.actuarial.report_fixture import FIGURES
from tests.actuarial.report_fixture_axes import DRAWS
from tests.actuarial.report_fixture_records import scores


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Results:
    return unjudged(tmp_path_factory.mktemp("run"))


# -- how the intervals held


@pytest.mark.parametrize(
    ("share", "word", "grade"),
    [
        (0.49, "failed", 2),
        (0.5, "narrow", 1),
        (0.69, "narrow", 1),
        (0.7, "goal", 0),
        (0.9, "goal", 0),
        (0.91, "wide", 1),
    ],
)
def test_held_out_years_change_the_words(results: Results, share: float, word: str, grade: int) -> None:
    run = judged(results, held(share))
    assert one_of(run, "held") == word
    found = next(f for f in part_of(made(run), "doubt").findings if f.label == text_of("label.held"))
    assert found.grade == grade
    assert grades(made(run))["aggregate"] >= grade


def test_a_series_that_held_too_rarely_is_named(results: Results) -> None:
    table = scores().assign(coverage_80=0.5)
    assert one_of(judged(results, table), "held_series") == "all"
    table.loc[(table["series"] == "tfr") & (table["method"] == "granary"), "coverage_80"] = 0.49
    run = judged(results, table)
    assert one_of(run, "held_series") == "poor"
    assert "Total fertility rate (49%)" in prose(made(run))
    assert "(50%)" not in prose(made(run))


@pytest.mark.parametrize(("figures", "told"), [(FIGURES, False), ("cd" * 32, True), ("", True)])
def test_scores_on_other_figures_are_said_to_be_so(results: Results, figures: str, told: bool) -> None:
    assert says(judged(results, held(0.8), figures), "held_figures") is told


@pytest.mark.parametrize(("crps", "word"), [(1.0, "yes"), (0.9, "yes"), (1.01, "no")])
def test_distance_beside_the_classical_methods_changes_the_words(results: Results, crps: float, word: str) -> None:
    table = held(0.8, crps=1.0)
    table.loc[table["method"] == "granary", "crps"] = crps
    assert one_of(judged(results, table), "nearer") == word
    assert f"quotient of the distances: {crps:.2f}" in prose(made(judged(results, table)))


def test_forecasts_that_were_never_tested_are_said_to_be_so(results: Results) -> None:
    for run in (results, judged(results, scores().query("method != 'granary'"))):
        assert one_of(run, "held") == "none"
        assert grades(made(run))["aggregate"] is Grade.RESERVED


@pytest.mark.parametrize(
    ("inside", "word", "grade"),
    [(50, "held", 0), (45, "held", 0), (44, "rarely", 1), (38, "rarely", 1), (37, "failed", 2)],
)
def test_the_backcast_changes_the_words(results: Results, inside: int, word: str, grade: int) -> None:
    run = with_gate(with_past(results, inside), [True])
    assert one_of(run, "past") == word
    assert grades(made(run))["method"] == grade or word == "held"
    assert f"{inside} of 50" in prose(made(run))


@pytest.mark.parametrize(("width", "word"), [(0.24, "narrow"), (0.26, "middling"), (0.74, "middling"), (0.76, "wide")])
def test_the_width_of_the_interval_changes_the_words(results: Results, width: float, word: str) -> None:
    assert one_of(with_need(results, width), "width") == word


# -- methods


def test_the_gate_changes_the_words(results: Results) -> None:
    passed = with_manifest(with_past(with_gate(results, [True, True]), 50), warnings=[])
    assert one_of(passed, "gate") == "passed" and grades(made(passed))["method"] is Grade.CLEAR
    failed = with_gate(passed, [True, False])
    assert one_of(failed, "gate") == "failed" and grades(made(failed))["method"] is Grade.UNSUPPORTED
    none = with_gate(passed, [])
    assert one_of(none, "gate") == "none" and grades(made(none))["method"] is Grade.RESERVED


def test_a_forced_run_says_that_it_was_warned(results: Results) -> None:
    quiet = with_manifest(results, warnings=[])
    assert not says(quiet, "warned") and says(results, "warned")
    assert text_of("label.warned") in made(results).statement.clauses[3].reservations


def test_a_classical_stand_in_is_a_reservation_on_its_assumption_and_its_method(results: Results) -> None:
    one = made(classical(with_gate(results, [True] * 4)))
    assert text_of("classical", models="fertility") in prose(one)
    against = [set(clause.reservations) for clause in one.statement.clauses]
    label = text_of("label.classical")
    assert [label in names for names in against] == [False, True, False, True]
    assert label not in prose(made(results))


# -- results


def test_the_year_in_which_a_ledger_runs_empty_is_the_median_of_the_futures(results: Results) -> None:
    years = np.where(np.arange(DRAWS) < 30, 2040.0 + np.arange(DRAWS), np.nan) * np.ones((3, 1))
    run = with_indicator(results, "pool_depletion_year", years, ("scenario", "draw"))
    rows = part_of(made(run), "results").tables[0].rows
    pool, fund = [row for row in rows if row[0].main == "median year"]
    # The 20th of 40 draws is the year 2059, the fourth 2043; the 36th does not run empty.
    assert (pool[1].main, pool[1].below) == ("2059", ("2043 to after 2100",))
    assert fund[1].main != pool[1].main


def test_measures_are_shown_where_the_run_holds_them(results: Results) -> None:
    heads = [row[0].main for row in part_of(made(results), "results").tables[0].rows]
    assert [head for head in heads if "premium" in head.lower() or "obligation" in head.lower()] == []
    table = part_of(made(with_measures(results)), "results").tables[0]
    shown = [row[0].main for row in table.rows]
    for name in MEASURES:
        assert any(head.startswith(text_of(f"measure.{name}")) for head in shown), name
    assert "General average premium, without end" in shown and "Actuarial balance, 75 years" in shown
    assert "Scaled premium, 2030" in shown and "Steady-state rate, west" in shown
    assert "Pension over the rural subsistence allowance, 2050" in shown


def test_a_measure_that_does_not_exist_in_some_futures_says_in_how_many(results: Results) -> None:
    table = part_of(made(with_measures(results)), "results").tables[0]
    row = next(row for row in table.rows if row[0].main == text_of("measure.actuarial_balance_infinite"))
    assert (row[1].main, row[1].below) == ("30.0%", ("30.0%", "exists in 50% of futures"))
    data = with_measures(results).indicators
    nowhere = data.assign(actuarial_balance_infinite=data["actuarial_balance_infinite"] * np.nan)
    table = part_of(made(replace(results, indicators=nowhere)), "results").tables[0]
    assert row_of(table, text_of("measure.actuarial_balance_infinite"))[1:] == ["–"] * 3


def test_money_is_written_with_its_unit(results: Results) -> None:
    data = results.indicators.assign(
        open_group_obligation=(("scenario", "draw"), np.full((3, DRAWS), 5e12), {"unit": "yuan"})
    )
    for language, unit, value in (("en", "billion yuan, present value", "5,000"), ("zh", "亿元，现值", "50,000")):
        table = part_of(made(replace(results, indicators=data), language), "results").tables[0]
        title = catalogue()["opinion.measure.open_group_obligation"][language]
        row = next(row for row in table.rows if row[0].main == title)
        assert (row[0].below[0], row[1].main) == (unit, value)


def test_a_short_run_speaks_of_its_last_year(results: Results) -> None:
    one = made(alone(results))
    assert "by the end of 2045" in one.statement.results[0] and len(one.statement.results) == 1
    assert says(alone(results), "sensitivity_one") and not says(results, "sensitivity_one")


# -- sensitivity


def test_rank_correlation_is_that_of_ranks() -> None:
    one = xr.DataArray([1.0, 2.0, 3.0, 4.0], dims="draw")
    assert rank_correlation(one, np.exp(one)) == pytest.approx(1.0)
    assert rank_correlation(one, -(one**3)) == pytest.approx(-1.0)
    # Ties share a rank: ranks 1.5, 1.5, 3, 4 against 1, 2, 3, 4 have covariance 4.5 and squares 4.5 and 5.
    assert rank_correlation(one, xr.DataArray([7.0, 7.0, 8.0, 9.0], dims="draw")) == pytest.approx(
        4.5 / (4.5 * 5) ** 0.5
    )
    assert np.isnan(rank_correlation(one, one * 0))
    assert np.isnan(rank_correlation(one, xr.DataArray(1.0)))
    assert rank_correlation(one, xr.DataArray([np.nan, 1.0, 3.0, 2.0], dims="draw")) == pytest.approx(0.5)


@pytest.mark.parametrize(("noise", "word"), [(0.0, "strong"), (0.55, "some"), (1.0, "none")])
def test_the_closest_driver_is_named_by_how_close_it_is(results: Results, noise: float, word: str) -> None:
    run = following(results, noise)
    assert one_of(run, "strongest") == word
    if word != "none":
        assert "Mean total fertility rate (+" in prose(made(run))


def test_a_result_without_spread_has_no_driver(results: Results) -> None:
    assert one_of(with_need(results, 0.0), "strongest") == "unknown"


def test_the_chapter_says_that_sensitivity_and_reconciliation_are_not_part_of_the_run(results: Results) -> None:
    assert says(results, "sensitivity_none")
    assert part_of(made(results), "reconciliation").paragraphs == [text_of("reconciliation")]


# -- limits and statement


@pytest.mark.parametrize(("elasticity", "key"), [(0.0, "behaviour"), (0.5, "reacts")])
def test_behaviour_is_ruled_out_only_where_nothing_answers_to_the_fund(
    results: Results, elasticity: float, key: str
) -> None:
    for name in ("behaviour", "reacts"):
        assert says(answering(results, elasticity), f"limit.{name}") is (name == key)


@pytest.mark.parametrize(
    ("key", "value", "reacts"),
    [
        ("pension.participation.answers", "to_cuts", False),
        ("pension.participation.answers", "to_terms", True),
        ("pension.feedback.revenue", "as_projected", False),
        ("pension.feedback.revenue", "answers", True),
    ],
)
def test_members_or_budgets_that_answer_in_one_scenario_are_behaviour(
    results: Results, key: str, value: str, reacts: bool
) -> None:
    first = {"pension.participation.answers": "to_cuts", "pension.feedback.revenue": "as_projected"}[key]
    kept = [one for one in results.assumptions if one.key != key]
    row = kept[0].model_dump() | {"key": key, "value": first, "scenarios": {"package": value}}
    run = replace(results, assumptions=[*kept, Assumption.model_validate(row)])
    assert says(run, "limit.reacts") is reacts


def test_a_region_without_a_backcast_says_so_and_follows_its_nation(results: Results) -> None:
    assert one_of(regional(results), "past") == "none"
    assert says(regional(results), "limit.fund_region") and not says(regional(results), "limit.fund")
    assert "resident pension of 四川" in prose(made(regional(results)))


def test_the_statement_repeats_the_worst_of_what_was_found(results: Results) -> None:
    run = judged(
        with_past(with_gate(with_manifest(with_tfr(results, 1.0), warnings=[]), [True]), 50), held(0.8, crps=1.0)
    )
    one = made(run)
    assert grades(one) == {"data": 2, "individually": 0, "aggregate": 0, "method": 0}
    assert one.statement.clauses[0].words == text_of("grade.unsupported", subject=text_of("clause.data"))
    assert one.statement.clauses[1].words == text_of("grade.supports", subject=text_of("clause.individually"))
    assert one.statement.clauses[1].reservations == []
    worse = made(judged(run, held(0.6, crps=1.0)))
    assert worse.statement.clauses[2].words == text_of("grade.reserved", subject=text_of("clause.aggregate"))
    assert worse.statement.clauses[2].reservations == [text_of("label.held")]


def test_nobody_is_named_as_the_one_who_signs(results: Results) -> None:
    html, _ = chapter(results)
    assert html.count('<span class="blank"') == len(made(results).statement.blanks) == 5
    assert "Granary is a tool." in html
