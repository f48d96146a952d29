"""The chapter on the financing mix: every number is one of the files', and what was not told is not shown."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr

from actuarial._quantity import Section
from actuarial.report import ReportError, Results, page, read_results
from actuarial.report._mix_kinds import ASKED, PARENTS, SHAPES
from actuarial.report._mix_payers import COLORS
from actuarial.report._mix_words import plain_number
from actuarial.report.blocks import Block, Context
from actuarial.report.chapters import Chapter, chapters
from actuarial.report.mix import chapter
from actuarial.report.numbers import Numbers
from actuarial.report.texts import Texts, catalogue
from actuarial.rules import Rules
from forecasting import artefacts
from tests.actuarial.report_fixture import write_results
from tests.actuarial.report_fixture_mix import PAYERS, mix_results

LAW, CAPACITY, PACKAGE = "Transfers as the law says", "Transfers at today's budget share", "Reform package"
KINDS = tuple(SHAPES)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_results(tmp_path_factory.mktemp("run"))


@pytest.fixture(scope="module")
def bare(folder: Path) -> Results:
    return read_results(folder)


@pytest.fixture(scope="module")
def results(bare: Results) -> Results:
    return with_mix(bare, mix_results())


@pytest.fixture(scope="module")
def english(results: Results) -> Chapter:
    return made(results)


def with_mix(results: Results, kinds: dict[str, Any]) -> Results:
    none: dict[str, Any] = dict.fromkeys(KINDS)
    return replace(results, **(none | kinds))


def context(results: Results, language: Any = "en") -> Context:
    texts = Texts(language)
    return Context(results, texts, Numbers(texts, results.manifest.last_year))


def made(results: Results, language: Any = "en") -> Chapter:
    one = chapter(context(results, language))
    assert one is not None
    return one


def of(data: xr.Dataset | None) -> xr.Dataset:
    assert data is not None
    return data


def block(one: Chapter, name: str) -> Block:
    return next(block for block in one.blocks if block.id == f"mix-{name}")


def row(table: Any, group: str, head: str) -> list[tuple[str, ...]]:
    """Return the cells of a row under a group: number and lines below."""
    rows = iter(table.rows)
    while next(rows)[0].main != group:
        pass
    found = next(found for found in rows if found[0].main == head)
    return [(cell.main, *cell.below) for cell in found[1:]]


# -- who pays


def test_every_year_of_a_waterfall_starts_at_nothing_and_ends_at_all_expenditure(english: Chapter) -> None:
    for panel in block(english, "payers").panels:
        steps = panel.figure.data[::2]
        assert len(steps) == 4
        for bars in steps:
            ends = np.asarray(bars.base) + np.asarray(bars.x)
            assert bars.base[0] == 0.0 and bars.base[-1] == 0.0
            np.testing.assert_allclose(bars.base[1:-1], ends[:-2], atol=0.02)
            np.testing.assert_allclose([ends[-2], bars.x[-1]], 100.0, atol=0.5)


def test_a_button_shows_the_bars_of_its_year_alone(english: Chapter) -> None:
    figure = block(english, "payers").panels[0].figure
    (menu,) = figure.layout.updatemenus
    assert [button.label for button in menu.buttons] == ["2026", "2035", "2050", "2075"]
    shown = [button.args[0]["visible"] for button in menu.buttons]
    assert all(sum(one) == 2 for one in shown) and {one.index(True) for one in shown} == {0, 2, 4, 6}
    assert [trace.visible for trace in figure.data] == shown[menu.active] and menu.buttons[menu.active].label == "2035"


def test_charts_of_a_fund_have_the_same_rows(english: Chapter) -> None:
    for law, package in (block(english, "payers").panels[:2], block(english, "payers").panels[2:]):
        assert law.figure.layout.yaxis.ticktext == package.figure.layout.yaxis.ticktext
        assert "Land-transfer income" in law.figure.layout.yaxis.ticktext


def test_parts_of_expenditure_are_ratios_of_means_with_the_interval_of_the_draws(
    english: Chapter, results: Results
) -> None:
    data = of(results.payers).sel(fund="pension", scenario="package", year=2050)
    found = row(block(english, "payers").table, f"Pension fund: {PACKAGE}", "Central budget")[2]
    share = 100 * data["paid_mean"].sel(payer="centre") / data["paid_mean"].sum("payer")
    draws = 100 * data["paid"].astype(float).sel(payer="centre") / data["paid"].astype(float).sum("payer")
    low, high = np.quantile(draws, [0.1, 0.9])
    assert found == (f"{float(share):.1f}%", f"{low:.1f}–{high:.1f}%")


def test_areas_on_both_sides_of_zero_add_up_to_all_expenditure(english: Chapter) -> None:
    for panel in block(english, "shares").panels:
        total = np.sum([np.asarray(trace.y, dtype=float) for trace in panel.figure.data], axis=0)
        np.testing.assert_allclose(total, 100.0, atol=1.0)
        for trace in panel.figure.data:
            assert (np.asarray(trace.y) >= 0).all() if trace.stackgroup == "above" else (np.asarray(trace.y) <= 0).all()


def test_the_table_of_present_values_holds_every_fund_and_scenario(english: Chapter, results: Results) -> None:
    table = block(english, "shares").table
    assert table.head == ("Payer", LAW, CAPACITY, PACKAGE)
    cells = row(table, "Time bank", "Members")
    assert cells[:2] == [("–",), ("–",)]
    draws = 100 * of(results.payers)["present_share"].sel(fund="time_bank", scenario="package", payer="members")
    assert cells[2][0] == f"{float(draws.mean()):.1f}%"


def test_every_payer_has_a_colour_and_a_name_of_its_own() -> None:
    assert set(COLORS) == set(PAYERS) and len(set(COLORS.values())) == len(PAYERS)
    for language in ("en", "zh"):
        assert len({catalogue()[f"mix.payer.{name}"][language] for name in PAYERS}) == len(PAYERS)


# -- against the baseline


def test_a_difference_is_told_with_its_interval_and_the_chance_to_be_better(english: Chapter, results: Results) -> None:
    at = of(results.paired).sel(quantity="pension_cost_rate", scenario="package", at=2050)
    found = row(block(english, "paired").table, PACKAGE, "Cost rate of the pension")[1]
    low, high = (100 * float(at["difference"].sel(quantile=q)) for q in (0.1, 0.9))
    assert found[0] == f"{100 * float(at['mean_difference']):+.2f}"
    assert found[1] == f"{low:+.2f} to {high:+.2f}"
    assert found[2].startswith("better: 0%") and found[2].endswith(f"0% to {100 * float(at['wins_high']):.0f}%)")


def test_the_baseline_is_not_held_against_itself(english: Chapter) -> None:
    for name in ("paired", "empty"):
        groups = [cells[0].main for cells in block(english, name).table.rows if len(cells) == 1]
        assert groups == [CAPACITY, PACKAGE]


def test_what_common_draws_save_is_told_in_words(english: Chapter, results: Results) -> None:
    times = 1.0 / of(results.paired)["variance_ratio"].sel(scenario="package").values
    told = next(note for note in block(english, "paired").notes if note.startswith(PACKAGE))
    assert f"with {plain_number(float(np.median(times)), 2)} times as many" in told


def test_a_scenario_that_common_draws_do_not_help_is_told_so(results: Results) -> None:
    data = of(results.paired)
    apart = made(replace(results, paired=data.assign(variance_ratio=0.0 * data["variance_ratio"] + 0.95)))
    assert all("hardly surer" in note for note in block(apart, "paired").notes[:2])


def test_the_change_of_the_risk_of_an_empty_fund_carries_its_error(english: Chapter, results: Results) -> None:
    at = of(results.paired).sel(fund="medical", scenario="package")
    found = row(block(english, "empty").table, PACKAGE, "Medical fund")
    assert found[1] == (f"−{abs(100 * float(at['empty_difference'].sel(at=2050))):.1f}", "± 2.0")
    assert found[3] == ("80%",)
    dots = block(english, "empty").panels[1].figure.data[1]
    np.testing.assert_allclose(dots.x, 100 * at["empty_difference"], rtol=1e-3)
    np.testing.assert_allclose(dots.error_x.array, 196 * at["empty_error"], rtol=1e-3)


# -- measures


def test_averages_over_orders_add_up_to_the_package(english: Chapter, results: Results) -> None:
    table = block(english, "worth").table
    group = "Pension fund: probability of an empty fund by 2050"
    total = row(table, group, "All measures together")[0]
    package = 100 * float(of(results.attribution)["package"].sel(fund="pension", statistic="empty_2050"))
    assert total == (f"{package:+.1f}".replace("-", "−"), f"the package: {package:+.1f}".replace("-", "−"))


def test_probabilities_are_told_to_a_tenth_of_a_point_and_burdens_to_a_hundredth(
    english: Chapter, results: Results
) -> None:
    table = block(english, "worth").table
    one = of(results.attribution).sel(fund="pension", measure="land")
    for statistic, words, decimals in (
        ("empty_2075", "probability of an empty fund by 2075", 1),
        ("fiscal", "budget money over budget revenue, present values to 2075", 2),
    ):
        found = row(table, f"Pension fund: {words}", "Land withdrawal")
        value = 100 * float(one["alone"].sel(statistic=statistic))
        assert found[1] == (f"{value:+.{decimals}f}".replace("-", "−"),)
        assert found[0][1] == f"± {0.4:.{decimals}f}"


def most_moved(results: Results) -> str:
    """Return the probability that the measures of the pension move most: the one that is drawn."""
    data = of(results.attribution).sel(fund="pension")
    risks = [s for s in data["statistic"].values.tolist() if s.startswith("empty")]
    return max(risks, key=lambda name: float(abs(data["shapley"].sel(statistic=name)).sum()))


def test_of_each_fund_the_risk_that_moves_most_and_the_burden_of_budgets_are_drawn(
    english: Chapter, results: Results
) -> None:
    drawn = [panel.id for panel in block(english, "worth").panels if "pension" in panel.id]
    assert drawn == [f"mix-worth-pension-{most_moved(results)}", "mix-worth-pension-fiscal"]


def test_bars_are_averages_and_marks_are_alone_and_last(english: Chapter, results: Results) -> None:
    most = most_moved(results)
    panel = next(p for p in block(english, "worth").panels if p.id == f"mix-worth-pension-{most}")
    one = of(results.attribution).sel(fund="pension", statistic=most).dropna("measure", subset=["shapley"])
    order = np.argsort(-abs(one["shapley"].values))
    bars, alone, value, last = panel.figure.data
    for drawn, name in ((bars, "shapley"), (alone, "alone"), (value, "shapley"), (last, "marginal")):
        np.testing.assert_allclose(drawn.x, 100 * one[name].values[order], rtol=1e-3)


def test_the_largest_interactions_are_named(english: Chapter, results: Results) -> None:
    most = most_moved(results)
    one = of(results.attribution).sel(fund="pension", statistic=most)
    pairs = np.triu(one["interaction"].values, 1)[:3, :3]
    first, second = np.unravel_index(int(np.argmax(pairs)), pairs.shape)
    names = [str(name) for name in one["title_en"].values]
    note = next(n for n in block(english, "worth").notes if f"empty fund by {most[-4:]}" in n)
    assert f"“{names[first]}” and “{names[second]}” together raise it by +{100 * pairs.max():.1f}" in note


def test_measures_that_do_not_touch_a_fund_are_left_out(english: Chapter) -> None:
    medical = next(p for p in block(english, "worth").panels if p.id == "mix-worth-medical-fiscal")
    assert list(medical.figure.layout.yaxis.ticktext) == ["65% of hospital stays"]


# -- generations and zones


def test_cohorts_are_drawn_by_year_of_birth(english: Chapter, results: Results) -> None:
    data = of(results.generations)
    panel = block(english, "cohorts").panels[2]
    median = panel.figure.data[-1]
    np.testing.assert_allclose(median.x, data["born"])
    np.testing.assert_allclose(median.y, data["transfer_in_income"].sel(scenario="package").median("some"), rtol=1e-3)
    found = next(cells for cells in block(english, "cohorts").table.rows if cells[0].main == "1962")[3]
    values = data["transfer_in_income"].sel(scenario="package", born=1962)
    assert found.main == f"{float(values.median()):.2f}"
    assert (
        found.below[1] == f"{float(data['transfer_per_member'].sel(scenario='package', born=1962).median()):,.0f} yuan"
    )


def test_zones_stand_beside_each_other_with_the_east_over_the_west(english: Chapter, results: Results) -> None:
    table = block(english, "zones").table
    assert table.head == ("Scenario, year", "East", "Centre", "West", "North-east", "East over west")
    group = "Pension fund: benefit per head (yuan per head and year, nominal)"
    found = row(table, group, f"{PACKAGE}, 2035")
    one = of(results.zones).sel(fund="pension", scenario="package", year=2035)
    assert found[2][0] == f"{float(one['benefit_per_head'].sel(zone='west').median()):,.0f}"
    assert found[4] == (f"{float(one['east_west_benefit'].median()):.2f}",)


# -- the frontier


def test_the_frontier_holds_what_is_within_reach(english: Chapter, results: Results) -> None:
    one = of(results.frontier)
    good = one.isel(target=slice(1, None))
    drawn = block(english, "frontier").panels[0].figure.data[0]
    np.testing.assert_allclose(drawn.x, 100 * good["reached"], rtol=1e-3)
    np.testing.assert_allclose(drawn.y, 100 * good["cost"], rtol=1e-3)
    first = block(english, "frontier").table.rows[0]
    assert (first[0].main, first[-1].main) == ("1%", "out of reach")
    assert block(english, "frontier").notes[0].startswith("Out of reach inside the caps: 1%")


def test_a_binding_constraint_stands_with_its_shadow_price(english: Chapter, results: Results) -> None:
    one = of(results.frontier).sel(target=0.05)
    price = 100 * one["shadow_price"].values
    told = block(english, "frontier").table.rows[1][-1]
    cap = f"upper cap of Largest growth of the transfer ({plain_number(float(price[-1]))}%)"
    assert (told.main, told.below) == (f"the target ({plain_number(float(price[0]))}%)", (cap,))


def test_what_a_mix_does_on_other_futures_stands_beside_what_it_reaches(english: Chapter, results: Results) -> None:
    one = of(results.frontier).sel(target=0.05)
    table = block(english, "frontier").table
    assert table.head[:4] == ("Target", "Reached", "On other futures", "Cost")
    cells = {head: (cell.main, *cell.below) for head, cell in zip(table.head, table.rows[1], strict=True)}
    for head, name in (("Reached", "reached"), ("On other futures", "checked")):
        share, error = 100 * float(one[name]), 100 * float(one[f"{name}_error"])
        assert cells[head] == (f"{share:.1f}%", f"± {error:.1f}%")


def test_a_search_without_other_futures_has_no_column_of_them(results: Results) -> None:
    one = made(replace(results, frontier=of(results.frontier).drop_vars(["checked", "checked_error"])))
    assert block(one, "frontier").table.head[:3] == ("Target", "Reached", "Cost")


def test_every_lever_that_has_a_name_is_a_key_of_the_rules() -> None:
    named = {key.removeprefix("mix.lever.") for key in catalogue() if key.startswith("mix.lever.")}
    parts = {f"{scheme}.{name}": part for scheme, rules in Rules() for name, part in rules}
    sections = {name: part for name, part in parts.items() if isinstance(part, Section)}
    assert named <= {f"{name}.{key}" for name, part in sections.items() for key in type(part).model_fields}


def test_levers_are_drawn_between_their_caps(english: Chapter, results: Results) -> None:
    drawn = block(english, "frontier").panels[2].figure.data
    one = of(results.frontier).sel(target=0.05)
    np.testing.assert_allclose(drawn[0].x, 100 * (one["mix"] - one["low"]) / (one["high"] - one["low"]), rtol=1e-3)


def test_a_term_that_no_mix_takes_from_is_not_drawn(english: Chapter) -> None:
    assert [bars.name for bars in block(english, "frontier").panels[1].figure.data] == ["Budgets", "Members"]


def test_choices_are_told_under_each_economy(english: Chapter) -> None:
    table = block(english, "robust").table
    assert table.head[1:7] == tuple(
        f"{what}, {economy}" for what in ("empty", "cost", "regret") for economy in ("central economy", "bad case")
    )
    assert [cell.main for cell in table.rows[2][:7]] == [
        "least regret",
        "2%",
        "12%",
        "2.800%",
        "2.900%",
        "0.400%",
        "0.500%",
    ]


# -- break-even and stress


def test_a_lever_without_an_answer_says_why(english: Chapter) -> None:
    cells = [(row[0].main, row[1].main) for row in block(english, "breakeven").table.rows]
    assert cells == [
        ("Land withdrawal", "0.214"),
        ("Market share of assets", "not within the range"),
        ("Cap on members’ part", "more than one"),
    ]
    value = block(english, "breakeven").panels[0].figure.data[0]
    assert list(value.x) == [42.8, None, None]


def test_a_shock_stands_beside_no_shock(english: Chapter, results: Results) -> None:
    one = of(results.stress).sel(fund="pension", scenario="law", at=2050)
    panel = block(english, "stress").panels[0]
    assert panel.figure.layout.shapes[0].x0 == pytest.approx(100 * float(one["empty"].sel(shock="none")))
    np.testing.assert_allclose(panel.figure.data[0].x, 100 * one["empty"].values[1:], rtol=1e-3)
    found = row(block(english, "stress").table, "Pension fund", "Market crash")[1]
    share, without = (float(one["empty"].sel(shock=name)) for name in ("market_crash", "none"))
    assert found == (f"{100 * share:.0f}%", f"{100 * (share - without):+.0f}")


def test_a_fund_that_no_shock_moves_is_told_in_words(results: Results) -> None:
    one = of(results.stress)
    calm = one["empty"].where(one["fund"] != "medical", 0.8)
    drawn = block(made(replace(results, stress=one.assign(empty=calm))), "stress")
    assert [panel.id for panel in drawn.panels] == ["mix-stress-pension-law", "mix-stress-pension-package"]
    assert drawn.notes[0].endswith(f"percentage point: Medical fund: {LAW}; Medical fund: {PACKAGE}.")


def test_reverse_stress_tells_shocks_that_need_not_or_cannot_be_large_enough(english: Chapter) -> None:
    cells = {row[0].main: row[1].main for row in block(english, "reverse").table.rows}
    assert "No shock" not in cells
    assert (cells["Lost decade of land income"], cells["Market crash"]) == ("0.42", "not even the largest")
    assert cells["Longer lives"] == "already without it"


# -- the chapter


def test_each_part_stands_only_where_its_file_is(bare: Results) -> None:
    assert chapter(context(with_mix(bare, {}))) is None
    parts = {
        "payers": ["payers", "shares"], "paired": ["paired", "empty"], "attribution": ["worth"],
        "generations": ["cohorts"], "zones": ["zones"], "frontier": ["frontier", "robust"],
        "breakeven": ["breakeven"], "stress": ["stress", "reverse"],
    }  # fmt: skip
    assert tuple(parts) == KINDS
    for kind, names in parts.items():
        alone = made(with_mix(bare, {kind: mix_results()[kind]}))
        assert [one.id for one in alone.blocks] == [f"mix-{name}" for name in names]


def test_what_only_some_files_hold_is_left_out(results: Results) -> None:
    frontier = of(results.frontier).drop_dims(["choice", "economy"])
    stress = of(results.stress).drop_vars(["size", "reverse_verdict", "size_low", "size_high"])
    names = [one.id for one in made(replace(results, frontier=frontier, stress=stress)).blocks]
    assert "mix-robust" not in names and "mix-reverse" not in names


def test_the_chapter_is_the_last_of_the_page(results: Results) -> None:
    assert chapters(context(results))[-1].id == "mix"


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_chart_says_in_words_what_it_shows(results: Results, language: Any) -> None:
    for one in made(results, language).blocks:
        for panel in one.panels:
            assert panel.title and panel.unit and len(panel.alt) > 20, panel.id
            assert "nan" not in panel.alt.lower(), panel.id


def test_every_text_of_the_chapter_is_there_in_both_languages_and_used(results: Results) -> None:
    data = of(results.paired)
    dull = replace(
        results,
        paired=data.assign(variance_ratio=0.0 * data["variance_ratio"] + 0.95, difference=0.0 * data["difference"],
                           mean_difference=0.0 * data["mean_difference"]),
        attribution=of(results.attribution).assign(interaction=0.0 * of(results.attribution)["interaction"]),
        frontier=of(results.frontier).assign(binding=0.0 * of(results.frontier)["binding"]),
        stress=of(results.stress).assign(empty=0.0 * of(results.stress)["empty"]),
    )  # fmt: skip
    one = context(results)
    two = context(dull)
    assert chapter(one) is not None and chapter(two) is not None
    keys = {key for key in catalogue() if key.startswith("mix.")}
    named = tuple(f"mix.{group}." for group in ("payer", "lever", "unit", "term", "shock", "measure", "constraint"))
    unused = {key for key in keys - one.texts.used - two.texts.used if not key.startswith(named)}
    assert unused == {"mix.bound_low"}
    assert all(set(catalogue()[key]) == {"en", "zh"} for key in keys)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_page_holds_charts_tables_and_notes(
    results: Results, language: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(page, "chapters", lambda context: [made(results, context.texts.language)])
    text = page.render(results, language)
    assert '<section id="mix">' in text
    assert all(f'<figure id="mix-{name}"' in text for name in ("payers", "worth", "frontier", "reverse"))
    caption = catalogue()["mix.frontier_table"][language]
    assert f"<caption>{caption}</caption>" in text
    assert catalogue()["mix.paired_note"][language] in text


# -- the files


def saved(folder: Path, kinds: dict[str, xr.Dataset], place: Path) -> Path:
    """Copy a run and add files to it as a command adds them, each with the hash of what it was made from."""
    shutil.copytree(folder, place)
    for kind, data in kinds.items():
        above = {f"parent_{name}": artefacts.digest(place / f"{name}.nc") for name in PARENTS[kind]}
        artefacts.save(data.assign_attrs(above), place / f"{kind}.nc", kind)
    return place


def test_a_file_that_a_command_adds_is_read_though_the_manifest_does_not_name_it(folder: Path, tmp_path: Path) -> None:
    kinds = {kind: mix_results()[kind] for kind in ASKED}
    found = read_results(saved(folder, kinds, tmp_path / "run"))
    for kind, data in kinds.items():
        xr.testing.assert_equal(of(getattr(found, kind)), data)
    assert found.payers is None


def test_a_file_of_another_run_is_refused(folder: Path, tmp_path: Path) -> None:
    place = saved(folder, {}, tmp_path / "run")
    artefacts.save(mix_results()["stress"].assign_attrs(parent_projection="f" * 64), place / "stress.nc", "stress")
    with pytest.raises(ReportError, match=r"projection\.nc is not the one that stress\.nc was made from"):
        read_results(place)


def test_a_file_without_a_variable_is_refused(folder: Path, tmp_path: Path) -> None:
    place = saved(folder, {"frontier": mix_results()["frontier"].drop_vars("shadow_price")}, tmp_path / "run")
    with pytest.raises(ReportError, match=r"frontier\.nc lacks shadow_price"):
        read_results(place)


@pytest.mark.parametrize(
    ("value", "told"),
    [(0.0, "0"), (0.21399, "0.214"), (-1234.5, "−1,234"), (12.0, "12"), (1e-4, "0.0001"), (np.nan, "")],
)
def test_a_number_of_any_size_has_a_few_digits(value: float, told: str) -> None:
    assert plain_number(value) == told
