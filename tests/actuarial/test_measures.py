"""Measures: named parts of reforms, combined by scenarios, in the zones where they hold."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actuarial._measures import ZONES, Tree, clashes, leaves, together
from actuarial._placing import by_zone, mixed, placed, with_some, zone_weights, zones
from actuarial._quantity import changed, describe
from actuarial.rules import Rules
from actuarial.runfile import RunFaults, RunFile
from actuarial.scenario import read_run
from forecasting.sources import Tables

TEXT = """
[measures.land]
title = "Land"
[measures.land.change]
pension.land.share = 0.1
[measures.market]
title = "Market"
regions = ["east"]
[measures.market.change]
pension.investment.market_share = 0.3
[measures.posts]
title = "Posts"
founds = ["unemployment"]
[measures.posts.change]
unemployment.benefits.posts_share = 0.05
[scenarios.law]
title = "Law"
[scenarios.both]
title = "Both"
measures = ["land", "market", "posts"]
[scenarios.both.change]
pension.land.share = 0.2
"""


def write(folder: Path, text: str) -> Path:
    file = folder / "run.toml"
    file.write_text(text, encoding="utf-8")
    return file


def faults(folder: Path, text: str) -> list[str]:
    with pytest.raises(RunFaults) as caught:
        read_run(write(folder, text))
    return [str(fault) for fault in caught.value.faults]


@pytest.fixture
def run(tmp_path: Path) -> RunFile:
    return read_run(write(tmp_path, TEXT))


def test_a_scenario_has_the_changes_and_funds_of_its_measures_and_its_own_change_stands_over_them(run: RunFile) -> None:
    told = {change.key: change.after for change in run.changes("both")}
    assert told == {
        "pension.land.share": 0.2,
        "pension.investment.market_share": 0.3,
        "unemployment.benefits.posts_share": 0.05,
    }
    assert run.schemes("both") == ("pension", "medical", "unemployment")
    assert run.changes("law") == []


def test_the_package_of_the_bundled_run_is_the_sum_of_its_measures() -> None:
    run = read_run()
    by_measures = together(run.measures[name].change for name in run.scenarios["package"].measures)
    assert run.reformed["package"] == run.rules_with([by_measures])
    assert not run.scenarios["package"].change
    named = {".".join(key) for key, _ in leaves(by_measures)}
    assert {change.key for change in run.changes("package")} <= named


def test_every_measure_of_the_bundled_run_changes_something_and_no_two_of_the_package_the_same() -> None:
    run = read_run()
    for name, measure in run.measures.items():
        assert run.rules_with([measure.change]) != run.rules or measure.founds, name
        assert measure.title_zh, name
    assert not list(clashes({name: run.measures[name] for name in run.scenarios["package"].measures}))


def test_measures_that_are_not_there_that_clash_or_that_are_wrong_are_all_told(tmp_path: Path) -> None:
    text = """
[measures.Land]
title = "Land"
change.pension.land.share = 2.0
[measures.tenth]
title = "Tenth"
regions = ["south", "east", "east"]
change.pension.land.share = 0.1
[measures.fifth]
title = "Fifth"
change.pension.land.share = 0.2
[measures.posts]
title = "Posts"
change.unemployment.benefits.posts_share = 0.05
[scenarios.law]
title = "Law"
measures = ["fifth", "fifht", "posts", "Land"]
[measures.sixth]
title = "Sixth"
change.land.share = 0.2
"""
    assert faults(tmp_path, text) == [
        "line 2, measures.Land: this is no name for a measure. Use small letters, digits and underscores, "
        "a letter first.",
        "line 4, measures.Land.change.pension.land.share: 2.0 is over 1. Give at most 1.",
        "line 7, measures.tenth.regions.0: \"south\" is not a choice here. Give 'east', 'centre', 'west' or "
        "'northeast'.",
        'line 17, scenarios.law.measures: there is no measure "fifht"; near to it: fifth. '
        "Write a table [measures.fifht], or take the name out.",
        "line 17, scenarios.law.measures: posts changes unemployment, which this scenario lacks. "
        'Write founds = ["unemployment"] in the measure or the scenario, or name it in run.schemes.',
        "line 20, measures.sixth.change.land.share: land stands without its scheme. Write change.pension.land.",
    ]


def test_two_measures_that_set_one_key_to_different_values_are_refused_and_to_the_same_value_are_not(
    tmp_path: Path,
) -> None:
    text = (
        TEXT.replace('regions = ["east"]\n', "")
        .replace("pension.investment.market_share = 0.3", "{}")
        .replace("[scenarios.both.change]\npension.land.share = 0.2", "")
    )
    same = read_run(write(tmp_path, text.format("pension.land.share = 0.1")))
    assert same.reformed["both"].pension.land.share == 0.1
    assert faults(tmp_path, text.format("pension.land.share = 0.3")) == [
        "line 19, scenarios.both.measures: land and market change pension.land.share each to a value of its own. "
        "Take one of them out, or let one leave that key."
    ]


def test_a_national_run_mixes_a_number_by_the_people_of_the_zones_where_it_holds(run: RunFile, tables: Tables) -> None:
    share = zone_weights(tables)["pension"]["east"]
    found = placed(run, tables).reformed["both"].pension.investment.market_share
    assert found == pytest.approx(share * 0.3 + (1 - share) * Rules().pension.investment.market_share)
    assert placed(run, tables).reformed["law"] == run.reformed["law"]


@pytest.mark.parametrize(("region", "held"), [("浙江", True), ("河南", False)])
def test_a_run_of_a_region_has_the_measures_of_its_zone_alone(
    tmp_path: Path, tables: Tables, region: str, held: bool
) -> None:
    run = read_run(write(tmp_path, f'[run]\nregion = "{region}"\n{TEXT}'))
    share = placed(run, tables).reformed["both"].pension.investment.market_share
    assert share == (0.3 if held else Rules().pension.investment.market_share)
    assert by_zone(run)["both"]["east" if held else "centre"].rules == placed(run, tables).reformed["both"]


def test_a_word_that_holds_in_some_zones_only_is_refused_for_the_nation_and_taken_for_a_region(
    tmp_path: Path, tables: Tables
) -> None:
    text = TEXT.replace("pension.investment.market_share = 0.3", 'pension.fiscal.rule = "capacity"')
    with pytest.raises(RunFaults, match=r"pension\.fiscal\.rule is set in some zones only and is no number"):
        placed(read_run(write(tmp_path, text)), tables)
    region = read_run(write(tmp_path, f'[run]\nregion = "山东"\n{text}'))
    assert placed(region, tables).reformed["both"].pension.fiscal.rule == "capacity"


def test_a_region_that_lies_in_no_zone_is_refused_where_a_measure_asks_for_one(tmp_path: Path, tables: Tables) -> None:
    run = read_run(write(tmp_path, f'[run]\nregion = "Nowhere"\n{TEXT}'))
    with pytest.raises(RunFaults, match="the tables do not say in which Nowhere lies"):
        placed(run, tables)


def test_the_parts_of_all_zones_add_up_to_the_nation_and_every_province_has_one(tables: Tables) -> None:
    weights = zone_weights(tables)
    for of_zone in weights.values():
        assert sum(of_zone.values()) == pytest.approx(1.0)
        assert set(of_zone) == set(ZONES)
    assert len(zones(tables)) == 31
    assert set(zones(tables).values()) == set(ZONES)


def test_a_set_of_measures_leaves_out_the_others_and_the_own_change_of_the_scenario(
    run: RunFile, tables: Tables
) -> None:
    assert with_some(run, tables, "both", []).rules == run.rules
    assert with_some(run, tables, "both", ["land"]).rules.pension.land.share == 0.1
    assert with_some(run, tables, "both", []).schemes == run.schemes("both")


@given(low=st.floats(0.0, 1.0), high=st.floats(0.0, 1.0), part=st.floats(0.0, 1.0))
def test_a_mixed_number_lies_between_those_of_the_zones(low: float, high: float, part: float) -> None:
    weights = {"pension": {"east": part, "centre": 1.0 - part, "west": 0.0, "northeast": 0.0}}
    rules = {zone: changed(Rules(), {"pension.land.share": high if zone == "east" else low}) for zone in ZONES}
    found, stuck = mixed(rules, weights)
    assert not stuck
    assert min(low, high) - 1e-12 <= found.pension.land.share <= max(low, high) + 1e-12


def test_equal_rules_are_mixed_to_themselves(tables: Tables) -> None:
    found, stuck = mixed(dict.fromkeys(ZONES, Rules()), zone_weights(tables))
    assert (found, stuck) == (Rules(), [])
    assert describe(found) == describe(Rules())


def test_laying_changes_together_keeps_every_key(run: RunFile) -> None:
    changes: list[Tree] = [measure.change for measure in run.measures.values()]
    assert {key for key, _ in leaves(together(changes))} == {key for one in changes for key, _ in leaves(one)}


def test_measures_of_different_zones_may_set_one_key_each_to_its_own_value(tmp_path: Path, tables: Tables) -> None:
    text = TEXT.replace('title = "Land"\n', 'title = "Land"\nregions = ["west", "centre"]\n').replace(
        "pension.investment.market_share = 0.3", "pension.land.share = 0.3"
    )
    text = text.replace("[scenarios.both.change]\npension.land.share = 0.2", "")
    share = zone_weights(tables)["pension"]
    found = placed(read_run(write(tmp_path, text)), tables).reformed["both"].pension.land.share
    assert found == pytest.approx(0.1 * (share["west"] + share["centre"]) + 0.3 * share["east"])
    overlapping = text.replace('["west", "centre"]', '["west", "east"]')
    assert "land and market change pension.land.share each to a value of its own" in faults(tmp_path, overlapping)[0]


@pytest.mark.parametrize(
    ("medical", "refused"),
    [(0.6, False), (0.61, True)],
)
def test_the_funds_of_a_scenario_cannot_together_take_more_than_all_land_income(
    tmp_path: Path, tables: Tables, medical: float, refused: bool
) -> None:
    change = f"pension.land.share = 0.4\npension.land.fund_share = 1.0\nmedical.financing.land_share = {medical}"
    run = read_run(write(tmp_path, f'[scenarios.much]\ntitle = "Much"\n[scenarios.much.change]\n{change}\n'))
    if not refused:
        assert placed(run, tables).reformed == run.reformed
        return
    with pytest.raises(RunFaults) as refusal:
        placed(run, tables)
    assert len(refusal.value.faults) == 1
    told = str(refusal.value)
    assert "scenarios.much" in told
    assert "together take 1.01 of land-transfer income" in told
    assert "medical.financing.land_share 0.61" in told


def test_a_fund_that_a_scenario_lacks_takes_no_land_income_from_the_others(tmp_path: Path, tables: Tables) -> None:
    text = '[scenarios.much]\ntitle = "Much"\n[scenarios.much.change]\npension.land.share = 1.0\n'
    assert placed(read_run(write(tmp_path, text)), tables).reformed["much"].pension.land.share == 1.0
