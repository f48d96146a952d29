"""The actuarial opinion on other funds than the pension: its words follow from the results."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from actuarial.report import Results, read_results
from actuarial.report._opinion_rules import Grade
from tests.actuarial.opinion_runs import (
    answering,
    chapter,
    grades,
    made,
    one_of,
    part_of,
    prose,
    says,
    text_of,
    unjudged,
    with_gate,
    with_manifest,
    with_past,
)
from tests.actuarial.opinion_runs_medical import with_funds, with_medical, with_medical_past
from tests.actuarial.report_fixture import write_results
from tests.actuarial.report_fixture_axes import DRAWS

ALIKE = "Transfers as the law says, Transfers at today's budget share"


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Results:
    return unjudged(tmp_path_factory.mktemp("run"))


def grade_of(results: Results, label: str) -> Grade:
    found = [one for one in part_of(made(results), "medical").findings if one.label == text_of(f"label.{label}")]
    assert len(found) == 2 if label != "past" else found
    return found[0].grade


@pytest.mark.parametrize(
    ("draws", "place"), [(0, 0), (13, 0), (14, 1), (26, 1), (27, 2), (40, 2)]
)  # 13 of 40 draws are 32 %, 14 are 35 %, 26 are 65 %, 27 are 68 %
def test_reserve_and_balance_are_worded_by_the_share_of_futures(results: Results, draws: int, place: int) -> None:
    run = with_medical(results, short=draws, negative=draws)
    assert one_of(run, "reserve") == ("kept", "doubtful", "lost")[place]
    assert one_of(run, "deficit") == ("none", "doubtful", "certain")[place]
    assert grade_of(run, "reserve") == grade_of(run, "deficit") == place
    percent = f"{100 * draws / DRAWS:.0f}%"
    assert f"at the end of 2035 it is below 6 months of outgo in {percent} of the futures" in prose(made(run))
    # Over 75 years the balance is not known.
    assert f"pay for 50 years; the actuarial balance is below zero in {percent}" in prose(made(run)) or place == 1


@pytest.mark.parametrize(("ratio", "word"), [(1.24, "steady"), (1.26, "grows"), (1.99, "grows"), (2.01, "heavy")])
def test_the_burden_is_worded_by_how_often_it_multiplies(results: Results, ratio: float, word: str) -> None:
    run = with_medical(results, ratio=ratio)
    assert one_of(run, "weight") == word
    assert f"in the median future {ratio:.2f} times the share of 2026" in prose(made(run))
    assert grade_of(run, "weight") == (Grade.CLEAR if word == "steady" else Grade.RESERVED)


def test_scenarios_with_the_same_fund_are_told_together(results: Results) -> None:
    words = [one.words for one in part_of(made(with_medical(results)), "medical").findings]
    assert len(words) == 6
    assert all(line.startswith(f"{ALIKE}: ") for line in words[:3])
    assert all(line.startswith("Reform package: ") for line in words[3:])


def test_without_the_band_on_record_the_reserve_is_not_judged(results: Results) -> None:
    labels = {one.label for one in part_of(made(with_medical(results, band=None)), "medical").findings}
    assert labels == {text_of("label.deficit"), text_of("label.weight")}


def test_the_statement_tells_how_likely_the_medical_fund_is_empty(results: Results) -> None:
    lines = made(with_medical(results, short=36)).statement.results
    told = {"word": text_of("likely.very_likely"), "chance": "90%", "year": 2050}
    first = {"word": text_of("likely.practically_none"), "chance": "0%", "year": 2035}
    expected = f"{text_of('medical_verdict', scenarios=ALIKE, **first)} {text_of('medical_later', **told)}"
    assert len(lines) == 5 and lines[3] == expected
    assert len(made(results).statement.results) == 3


def test_what_the_fund_comes_to_is_no_reservation_about_data_or_methods(results: Results) -> None:
    good, bad = (grades(made(with_medical(results, short=n, negative=n, ratio=1 + n / 10))) for n in (0, 40))
    assert good == bad


@pytest.mark.parametrize(("years", "word", "grade"), [(9, "short", 1), (10, "long", 0)])
def test_few_published_years_are_a_reservation_about_the_data(
    results: Results, years: int, word: str, grade: int
) -> None:
    run = with_medical_past(results, 2 * years, years)
    assert one_of(run, "medical_years") == word
    label = text_of("label.medical_years")
    assert (label in made(run).statement.clauses[0].reservations) is bool(grade)
    assert one_of(with_medical(results), "medical_years") == "none"


@pytest.mark.parametrize(
    ("inside", "word", "grade"),
    [(20, "held", 0), (18, "held", 0), (17, "rarely", 1), (15, "rarely", 1), (14, "failed", 2)],
)
def test_the_past_of_the_medical_fund_bears_on_the_methods(
    results: Results, inside: int, word: str, grade: int
) -> None:
    base = with_gate(with_past(with_manifest(results, warnings=[]), 50), [True])
    run = with_medical_past(base, inside, 10)
    assert one_of(run, "medical_past") == word
    assert f"{inside} of 20" in prose(made(run)) or word == "failed"
    assert grades(made(run))["method"] == grade
    assert one_of(with_medical(results), "medical_past") == "none"


def test_funds_that_were_valued_are_named_with_their_scenarios(results: Results) -> None:
    run = with_funds(results, unemployment=("package",), time_bank=("law", "capacity", "package"))
    funds = "Unemployment fund (Reform package), Time bank (every scenario)"
    assert text_of("scope_others", funds=funds) in prose(made(run))
    assert not says(results, "scope_others")
    assert says(run, "method_others") and not says(results, "method_others")


def test_limits_say_which_funds_are_left_out(results: Results) -> None:
    keys = ("only_pension", "no_medical", "medical", "founded", "employees")
    runs = {
        "only_pension": results,
        "no_medical founded employees": with_funds(results, time_bank=("package",)),
        "medical employees": with_medical(results),
    }
    for said, run in runs.items():
        assert [key for key in keys if says(run, f"limit.{key}")] == [key for key in keys if key in said.split()]
    assert text_of("limit.founded", funds="Time bank") in prose(made(runs["no_medical founded employees"]))
    assert says(answering(with_medical(results), 0.5), "limit.reacts")


def test_thresholds_of_the_medical_fund_stand_with_the_others(results: Results) -> None:
    rows = {row[0].main: row[1].main for row in made(with_medical(results)).rules.rows}
    assert rows[text_of("rule.reserve")] == rows[text_of("rule.deficit")] == "33%, 66%"
    assert rows[text_of("rule.weight")] == "1.25, 2.00"
    assert text_of("rule.weight") not in {row[0].main for row in made(results).rules.rows}


def test_a_whole_run_has_the_section_between_results_and_uncertainty(tmp_path: Path) -> None:
    run = replace(read_results(write_results(tmp_path)), calibration=None)
    keys = [part.key for part in made(run).parts]
    assert keys[keys.index("medical") - 1] == "results" and keys[keys.index("medical") + 1] == "doubt"
    assert '<div class="part" id="opinion-medical">' in chapter(run)[0] or 'id="opinion-medical"' in chapter(run)[0]
