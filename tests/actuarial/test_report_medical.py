"""The report's chapter on the medical fund: what it draws once, what its tables say, and what it counts in the past."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr

from actuarial.report import Results, medical, read_results
from actuarial.report._medical_groups import groups
from actuarial.report._medical_trend import factors
from actuarial.report.blocks import Block, Context, Panel, Table
from actuarial.report.chapters import Chapter
from actuarial.report.numbers import Numbers
from actuarial.report.records import SCHEMAS, Language
from actuarial.report.texts import Texts
from tests.actuarial import report_fixture_medical as fixture
from tests.actuarial.report_fixture import PEOPLE_YEARS, write_results

COUNTY = 3e5
"""People of a place whose numbers are written in thousands."""


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Results:
    rng = np.random.default_rng(3)
    plain = read_results(write_results(tmp_path_factory.mktemp("run")))
    told = [one for one in plain.assumptions if not one.key.startswith("medical.")]
    return replace(
        plain,
        projection=plain.projection.assign(fixture.projected(rng, PEOPLE_YEARS)),
        assumptions=told + SCHEMAS["assumptions"].validate_python(fixture.medical_assumptions()),
        medical=fixture.medical(rng),
        medical_backcast=fixture.medical_backcast(rng),
    )


@pytest.fixture(scope="module")
def made(results: Results) -> Chapter:
    return chapter(results)


def context(results: Results, language: Language = "en", people: float = np.inf) -> Context:
    texts = Texts(language)
    return Context(results, texts, Numbers(texts, results.manifest.last_year, people))


def chapter(results: Results, **options: Any) -> Chapter:
    made = medical.chapter(context(results, **options))
    assert made is not None
    return made


def block(made: Chapter, name: str) -> Block:
    return next(one for one in made.blocks if one.id == f"medical-{name}")


def panel(made: Chapter, panel_id: str) -> Panel:
    return next(one for each in made.blocks for one in each.panels if one.id == panel_id)


def table(made: Chapter, words: str) -> Table:
    return next(one for one in made.tables if words in one.caption)


def cells(of: Table, head: str) -> list[str]:
    """Return the cells of the first row under a head."""
    return [cell.main for cell in next(row for row in of.rows if row[0].main == head)[1:]]


def data_of(results: Results) -> xr.Dataset:
    assert results.medical is not None
    return results.medical


def past_of(results: Results) -> xr.Dataset:
    assert results.medical_backcast is not None
    return results.medical_backcast


# -- scenarios


def test_a_run_without_the_fund_has_no_chapter(results: Results) -> None:
    assert medical.chapter(context(replace(results, medical=None))) is None


def test_scenarios_that_leave_the_fund_the_same_are_drawn_once_under_both_names(made: Chapter) -> None:
    assert [one.id for one in block(made, "flows").panels] == ["medical-flows-0", "medical-flows-2"]
    title = block(made, "flows").panels[0].title
    assert title.startswith("Transfers as the law says, Transfers at today's budget share: ")


def test_one_draw_of_one_year_sets_a_scenario_apart(results: Results) -> None:
    data = data_of(results).copy(deep=True)
    data["out_of_pocket_to_income"][1, 5, 30] += 1e-9
    places = [group.places for group in groups(context(results), data)]
    assert places == [(0,), (1,), (2,)]


def test_a_single_fund_has_no_scenario_in_its_titles(results: Results) -> None:
    made = chapter(replace(results, medical=data_of(results).sel(scenario=["law", "capacity"])))
    assert block(made, "flows").panels[0].title == "Income and expenditure"
    assert "Transfers as the law says, Transfers at today's budget share: chance" in made.lead


def test_scenarios_without_the_fund_have_no_panel_and_keep_their_colours(results: Results) -> None:
    made = chapter(replace(results, medical=data_of(results).sel(scenario=["package"])))
    assert [one.id for one in block(made, "empty").panels] == ["medical-empty-chart"]
    assert [key.color for key in block(made, "empty").legend] == [context(results).color(2)]


# -- numbers


def test_flows_are_medians_of_deflated_draws(results: Results, made: Chapter) -> None:
    price = results.projection["price_index"].sel(year=2050).values
    spent = data_of(results)["chronic_care"].sel(scenario="law", year=2050).values
    low, middle, high = np.quantile(spent / price, (0.1, 0.5, 0.9)) / 1e9
    row = next(row for row in table(made, "by kind").rows if row[0].main == "Chronic-disease programme")
    assert row[4].main == f"{middle:,.0f}"
    assert row[4].below == (f"{low:,.0f}\N{EN DASH}{high:,.0f}",)


def test_income_in_the_table_is_the_sum_of_its_kinds(results: Results, made: Chapter) -> None:
    one = data_of(results).sel(scenario="package", year=2035)
    price = results.projection["price_index"].sel(year=2035)
    kinds = ("contributions", "fiscal_transfer", "other_income", "equipment_grant", "land_withdrawal", "interest")
    by_hand = float((sum(one[name] for name in kinds) / price).median()) / 1e9
    of = next(one for one in made.tables if "by kind" in one.caption and "package" in one.caption)
    assert cells(of, "Together")[2] == f"{by_hand:,.0f}"


def test_a_kind_without_money_has_no_row_and_is_named_below(made: Chapter) -> None:
    law, package = (one for one in made.tables if "by kind" in one.caption)
    assert "Health management" not in [row[0].main for row in law.rows]
    assert "Health management" in [row[0].main for row in package.rows]
    told = [note for note in made.notes if "no expenditure of these kinds" in note]
    assert len(told) == 1
    assert told[0].endswith("Equipment, Subsidy to premiums of the commercial supplement.")


def test_the_line_of_the_empty_fund_is_the_share_of_draws(results: Results, made: Chapter) -> None:
    shares = 100 * data_of(results)["fund_empty"].sel(scenario="law").mean("draw").values
    drawn = block(made, "empty").panels[0].figure.data[0]
    np.testing.assert_allclose(np.asarray(drawn.y, dtype=float), shares, rtol=1e-3)
    assert ((shares > 0) & (shares < 100)).any()


def test_the_lead_says_how_many_draws_are_empty_and_when(results: Results, made: Chapter) -> None:
    one = data_of(results).sel(scenario="law")
    share = float(one["fund_empty"].sel(year=2035).mean())
    middle = np.quantile(one["fund_depletion_year"].fillna(np.inf).values, 0.5, method="inverted_cdf")
    assert f"2035 / 2050: {100 * share:.0f}%" in made.lead
    assert f"runs out: {middle:.0f} (80%" in made.lead


def test_months_are_drawn_beside_the_range_that_each_scenario_calls_adequate(made: Chapter) -> None:
    for place, ends in ((0, (6.0, 9.0)), (2, (6.0, 12.0))):
        lines = panel(made, f"medical-months-{place}").figure.data[-2:]
        assert tuple(float(line.y[0]) for line in lines) == ends
    labels = [key.label for key in block(made, "reserve").legend if "adequate" in key.label]
    assert labels == ["called adequate: 6 to 9 months", "called adequate: 6 to 12 months"]


def test_incidence_before_second_compensation_is_drawn_where_there_is_one(made: Chapter) -> None:
    names = [[line.name for line in panel(made, f"medical-catastrophic-{s}").figure.data] for s in (0, 2)]
    assert [name.count("before second compensation (median)") for name in names] == [0, 1]
    assert all("more than 40% of their income" in panel(made, f"medical-catastrophic-{s}").unit for s in (0, 2))


def test_factors_of_the_cost_of_stays_multiply_to_it_in_every_draw(results: Results) -> None:
    at = context(results)
    found = factors(at, groups(at, data_of(results))[0], (2026, 2035, 2050))
    product = found["members"] * found["use"] * found["cost"] * found["ages"]
    np.testing.assert_allclose(product.values, found["whole"].values, rtol=1e-12)


def test_ages_are_what_is_left_of_the_cost_of_stays(results: Results) -> None:
    world, data = results.projection, data_of(results)
    older = np.exp(0.02 * (data["year"] - 2026))
    cost = data["insured_mid_year"] * world["inpatient_level"] * world["inpatient_cost"] * older
    changed = data.assign(inpatient_cost_total=cost.transpose("scenario", "draw", "year"))
    made = chapter(replace(results, medical=changed))
    of = table(made, "Use and cost")
    assert cells(of, "Ages of those insured, and rules that change use") == [
        f"{np.exp(0.02 * (year - 2026)):.2f}" for year in (2026, 2035, 2050, 2075)
    ]


def test_cost_per_stay_is_in_whole_yuan_at_constant_prices(results: Results, made: Chapter) -> None:
    world = results.projection.sel(year=2035)
    by_hand = float((world["inpatient_cost"] / world["price_index"]).median())
    assert cells(table(made, "Use and cost"), "Cost per stay")[1] == f"{by_hand:,.0f}"


def test_a_horizon_past_the_end_has_no_row(results: Results) -> None:
    data = data_of(results)
    short = data.assign(actuarial_balance=data["actuarial_balance"].where(data["horizon"] < 75))
    full, cut = (table(chapter(replace(results, medical=one)), "long run") for one in (data, short))
    heads = [[row[0].main for row in one.rows] for one in (full, cut)]
    assert [rows.count("75 years") for rows in heads] == [2, 1]
    by_hand = 100 * float(data["actuarial_balance"].sel(scenario="package", horizon=25).median())
    after = full.rows[heads[0].index("Actuarial balance") + 1]
    assert after[2].main.replace("\N{MINUS SIGN}", "-") == f"{by_hand:.1f}%"


# -- the past


def test_the_past_is_counted_against_the_widest_interval(results: Results, made: Chapter) -> None:
    data = past_of(results)
    inside = total = 0
    for name in (str(name) for name in data.data_vars if not str(name).startswith("observed_")):
        low, high = np.quantile(data[name].values, (0.025, 0.975), axis=0)
        seen = data[f"observed_{name}"].values
        simulated = np.isfinite(seen) & (np.ptp(data[name].values, axis=0) > 0)
        inside += int((simulated & (seen >= low) & (seen <= high)).sum())
        total += int(simulated.sum())
    past = block(made, "past")
    assert f"{inside} of {total} published values" in past.lead
    assert total == 9 * 8 - 2
    assert inside < total


def test_a_balance_that_is_given_does_not_count(made: Chapter) -> None:
    assert panel(made, "medical-past-balance").note.startswith("5 of 6 years")
    rows = [row for row in block(made, "past").table.rows if row[0].main == "Balance of the fund"]
    assert [row[1].main for row in rows] == [str(year) for year in range(2019, 2026)]


def test_the_past_draws_what_the_file_has(results: Results) -> None:
    names = ["income", "balance", "observed_income", "observed_balance"]
    made = chapter(replace(results, medical_backcast=past_of(results).drop_vars(names)))
    assert len(block(made, "past").panels) == 7
    assert "observed" not in [key.label for key in block(made, "reserve").legend]


def test_the_past_is_left_out_where_the_run_has_none(results: Results) -> None:
    made = chapter(replace(results, medical_backcast=None))
    assert "medical-past" not in [one.id for one in made.blocks]
    assert block(made, "people").sources == []


def test_published_balances_stand_at_constant_prices(results: Results, made: Chapter) -> None:
    points = panel(made, "medical-balance-0").figure.data[-1]
    seen = past_of(results)["observed_balance"].sel(year=2022)
    price = float(results.projection["price_index"].sel(year=2022).median())
    at = list(points.x).index(2022)
    assert points.y[at] == pytest.approx(float(seen) / price / 1e9, rel=1e-5)


def test_charts_cite_the_sources_of_the_series_that_they_show(results: Results) -> None:
    known = [one.model_copy(update={"indicators": ["resident_discharges"]}) for one in results.sources[:1]]
    made = chapter(replace(results, sources=[*known, *results.sources[1:]]))
    assert block(made, "past").sources == known
    assert block(made, "people").sources == []


# -- words


def test_every_word_of_the_chapter_is_used_in_both_languages(results: Results) -> None:
    written = resources.files("actuarial.report").joinpath("texts_medical.toml").read_text(encoding="utf-8")
    for language in ("en", "zh"):
        used: set[str] = set()
        for people in (np.inf, COUNTY):
            at = context(results, language, people)
            medical.chapter(at)
            used |= at.texts.used
        assert set(tomllib.loads(written)) - used == set()


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_chart_has_words_and_an_id_of_its_own(results: Results, language: Language) -> None:
    made = chapter(results, language=language)
    panels = [one for each in made.blocks for one in each.panels]
    ids = [*(one.id for one in made.blocks), *(one.id for one in panels)]
    assert len(set(ids)) == len(ids) == 8 + 2 + 2 + 4 + 1 + 4 + 4 + 4 + 9
    assert all(len(one.alt) > 20 for one in panels)


def test_a_projection_without_medical_variables_has_no_chart_of_people(results: Results) -> None:
    made = chapter(replace(results, projection=results.projection.drop_vars(["insured_total", "inpatient_level"])))
    assert "medical-people" not in [one.id for one in made.blocks]
    assert [one for one in made.tables if "Use and cost" in one.caption] == []


def test_a_short_forecast_is_told_by_its_last_year(results: Results) -> None:
    manifest = results.manifest.model_copy(update={"last_year": 2029})
    data, world = (whole.sel(year=slice(2029)) for whole in (data_of(results), results.projection))
    made = chapter(replace(results, manifest=manifest, medical=data, projection=world))
    assert table(made, "Indicators").head == ("Indicator", "2029")
    assert "empty by 2029" in made.lead
    assert len(made.blocks) == 8


def test_draws_may_be_absent(results: Results) -> None:
    data = data_of(results).isel(draw=0, drop=True)
    made = chapter(replace(results, medical=data, projection=results.projection.isel(draw=0, drop=True)))
    assert len(made.blocks) == 8


def test_the_fixture_s_account_adds_up(tmp_path: Path) -> None:
    data = fixture.medical(np.random.default_rng(5))
    paid = data["expenditure"] - data["emergency_transfer"] - data["benefit_cut"]
    change = data["income"] + data["interest"] - paid
    before = data["balance"].shift(year=1, fill_value=fixture.OPENING)
    np.testing.assert_allclose((data["balance"] - before).values, change.values, atol=1.0)
