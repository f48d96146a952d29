"""Ready run files: they read without fault, hold every reform that is announced, and place each where it belongs."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from pathlib import Path

import pytest

from actuarial._frontier_rules import caps_of
from actuarial._measures import ZONES
from actuarial._placing import by_zone, placed, zone_weights, zones
from actuarial._quantity import describe
from actuarial.rules import Rules
from actuarial.runfile import RunFile
from actuarial.scenario import read_run
from forecasting.sources import Tables
from tests.real_run import granary

REGIONS = {"national": "", "east": "浙江", "centre": "河南", "west": "甘肃"}
"""Region that each file values."""

ANNOUNCED: dict[str, tuple[str, str, object]] = {
    "indexation of the basic pension to rural income and prices": ("indexation", "pension.benefit.price_weight", 0.5),
    "8 % growth of the pension transfer": ("growth", "pension.fiscal.growth_floor", 0.08),
    "8 % growth of the medical subsidy": ("growth", "medical.financing.subsidy_growth_floor", 0.08),
    "members pay under 40 % of account money": ("contribution_share", "pension.accounts.member_share_cap", 0.4),
    "centre and province pay 80 %": ("fiscal_shares", "pension.fiscal.central_provincial_share", 0.8),
    "10 % of land income": ("land", "pension.land.share", 0.1),
    "at most 30 % in the market": ("market", "pension.investment.market_share", 0.3),
    "collective subsidies": ("collective", "pension.collective.pool_per_head", 20.0),
    "donations": ("collective", "pension.collective.donations", 1e9),
    "platforms": ("platforms", "pension.platform.rate", 0.01),
    "65 % of stays": ("reimbursement", "medical.reimbursement.inpatient", 0.65),
    "70 % of chronic outpatient care": ("reimbursement", "medical.reimbursement.chronic", 0.7),
    "second compensation to 80 %": ("second_compensation", "medical.catastrophic.floor", 0.8),
    "health management": ("health_management", "medical.health_management.coverage", 1.0),
    "transition posts of the unemployment package": ("unemployment", "unemployment.benefits.posts_share", 0.05),
    "emergency plan above 5 %": ("unemployment", "unemployment.emergency.threshold", 0.05),
    "platforms bear 30 % of the contribution": ("unemployment", "unemployment.contribution.platform_part", 0.3),
    "portability": ("portability", "pension.portability.out_share", 0.1),
    "retirement age": ("retirement_age", "pension.retirement.target_age", 63),
    "account divisor": ("divisor", "pension.benefit.divisor_rule", "cohort_annuity"),
    "commercial supplement": ("supplement", "medical.supplement.uptake", 0.39),
    "coverage of flexible and new-form workers": (
        "flexible_workers",
        "unemployment.membership.coverage_last",
        0.6,
    ),
    "removal of duplicate enrolment": ("no_duplicates", "medical.enrolment.duplicates_removed", 1.0),
    "skills training with 80 % re-employed": ("training", "unemployment.benefits.placed_share", 0.8),
    "training reaches members": ("training", "unemployment.benefits.trained_share", 0.02),
    "2.2 million nursing beds": ("care_plan", "care_plan.beds.number", 2.2e6),
    "medical care in 90 % of villages": ("care_plan", "care_plan.villages.cover", 0.9),
    "scanners in 60 % of township centres": ("equipment", "medical.equipment.coverage", 0.6),
    "county medical communities": ("county_care", "medical.county.inside_share", 0.9),
    "time bank": ("time_bank", "time_bank.from_year", 2027),
}
"""Every announced measure: name in the national file, a key that it turns on, and the value that key then has."""


def file_of(name: str, checkout: Path) -> Path:
    return checkout / "data" / "scenarios" / f"{name}.toml"


@pytest.fixture(scope="module", params=list(REGIONS))
def run(request: pytest.FixtureRequest, checkout: Path) -> RunFile:
    """Return each file, read."""
    return read_run(file_of(request.param, checkout))


@pytest.fixture(scope="module")
def national(checkout: Path) -> RunFile:
    return read_run(file_of("national", checkout))


def values(rules: Rules) -> dict[str, object]:
    return {str(record["key"]): record["value"] for record in describe(rules)}


@pytest.mark.slow
@pytest.mark.parametrize("name", REGIONS)
def test_check_finds_a_file_in_order_from_the_root_of_the_checkout(name: str, checkout: Path) -> None:
    done = granary("check", f"data/scenarios/{name}.toml", at=checkout)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.endswith(f"OK. Next: `granary forecast data/scenarios/{name}.toml`.\n")


def test_a_file_values_its_region_and_leaves_its_results_in_no_data_folder(run: RunFile, checkout: Path) -> None:
    name = run.name.removesuffix(".toml")
    assert run.run.region == REGIONS[name]
    assert run.out.resolve().parent == checkout / "out"


def test_results_of_two_files_do_not_meet(checkout: Path) -> None:
    found = {read_run(file_of(name, checkout)).out.resolve() for name in REGIONS}
    assert len(found) == len(REGIONS)
    assert read_run().out.resolve() not in found


def test_every_measure_and_scenario_has_a_title_in_both_languages(run: RunFile) -> None:
    measures, scenarios = run.measures.items(), run.scenarios.items()
    titles = chain(
        ((name, measure.title, measure.title_zh) for name, measure in measures),
        ((name, scenario.title, scenario.title_zh) for name, scenario in scenarios),
    )
    for name, english, chinese in titles:
        assert english.isascii(), name
        assert chinese, name
        assert not chinese.isascii(), name
    for name, scenario in scenarios:
        assert scenario.description, name
        assert scenario.description_zh, name


def test_every_measure_changes_what_its_funds_do_or_founds_one_and_is_in_some_scenario(run: RunFile) -> None:
    used = {name for scenario in run.scenarios.values() for name in scenario.measures}
    assert used == set(run.measures)
    for name, measure in run.measures.items():
        assert measure.change, name
        assert run.rules_with([measure.change]) != run.rules or measure.founds, name


def test_no_measure_binds_before_2027(run: RunFile) -> None:
    law = values(run.rules)
    for name, measure in run.measures.items():
        first = {key: new for key, new in values(run.rules_with([measure.change])).items() if new != law[key]}
        dated = {key: new for key, new in first.items() if key.endswith(("from", "from_year"))}
        assert all(isinstance(new, int) and new >= 2027 for new in dated.values()), (name, dated)


def test_the_law_is_what_a_run_without_a_file_holds_for_law(run: RunFile, tables: Tables) -> None:
    assert not run.scenarios["law"].measures
    assert run.compared_with == "law"
    differs = {key for key, new in values(run.reformed["law"]).items() if new != values(Rules())[key]}
    if run.run.region:
        assert not differs
    else:
        # When a measure of some zones begins stands for all of them, and moves nothing without it.
        share, today = run.rules.pension.investment.market_share, run.rules.pension.investment.market_share_today
        assert (share, run.rules.medical.supplement.uptake) == (today, 0.0)
        assert {key.rpartition(".")[0] for key in differs} == {"pension.investment", "medical.supplement"}
        assert {key.rpartition(".")[2] for key in differs} == {
            "market_from", "market_phase_in_years", "subsidised_share", "phase_in_years",
        }  # fmt: skip


@pytest.mark.parametrize("what", ANNOUNCED)
def test_every_announced_measure_is_in_the_package(what: str, national: RunFile) -> None:
    name, key, value = ANNOUNCED[what]
    assert name in national.scenarios["package"].measures
    assert values(national.rules_with([national.measures[name].change]))[key] == value
    made = national.measures[name]
    fund = key.partition(".")[0]
    assert fund in national.schemes("law") or fund in made.founds


def test_every_measure_of_the_national_file_is_announced_or_told_apart_here(national: RunFile) -> None:
    ours = {"budget_fill", "subsidy_follows_cost", "inpatient_inland"}
    assert {name for name, _, _ in ANNOUNCED.values()} | ours == set(national.measures)


def test_all_funds_together_take_a_tenth_of_land_income(national: RunFile) -> None:
    package = national.reformed["package"]
    land = package.pension.land
    others = (
        package.medical.financing.land_share,
        package.unemployment.financing.land_share,
        package.care_plan.funding.land_share,
    )
    assert land.share * land.fund_share + sum(others) == pytest.approx(0.1)


def test_the_scenario_with_feedback_differs_from_the_package_by_the_feedback_alone(national: RunFile) -> None:
    package, answering = (national.scenarios[name] for name in ("package", "answering"))
    assert answering.measures == package.measures
    without, having = (values(national.reformed[name]) for name in ("package", "answering"))
    apart = {key for key, new in having.items() if new != without[key]}
    assert apart == {"pension.participation.answers", "pension.feedback.revenue"}


def test_benefits_and_money_are_apart(national: RunFile) -> None:
    benefits, money = (set(national.scenarios[name].measures) for name in ("benefits", "money"))
    assert not benefits & money
    assert benefits | money < set(national.scenarios["package"].measures)


# -- where measures hold


def test_the_market_and_the_supplement_of_the_east_are_mixed_into_the_nation(national: RunFile, tables: Tables) -> None:
    weights, found = zone_weights(tables), placed(national, tables).reformed["regional"]
    east = weights["pension"]["east"]
    assert found.pension.investment.market_share == pytest.approx(0.3 * east + 0.4 * (1 - east))
    assert found.medical.supplement.uptake == pytest.approx(0.39 * weights["medical"]["east"])
    zone = {name: cases["regional"] for name, cases in _by_zone(national).items()}
    assert {name: rules.medical.supplement.uptake for name, rules in zone.items()} == {
        "east": 0.39, "centre": 0.0, "west": 0.0, "northeast": 0.0,
    }  # fmt: skip
    assert all(rules.pension.fiscal.central_provincial_share == 0.8 for rules in zone.values())


def _by_zone(run: RunFile) -> dict[str, dict[str, Rules]]:
    made = by_zone(run)
    return {str(zone): {name: made[name][zone].rules for name in made} for zone in ZONES}


def test_the_mean_of_stays_paid_is_that_of_the_zones(national: RunFile, tables: Tables) -> None:
    weights = zone_weights(tables)["medical"]
    mean = sum(weights[zone] * (0.65 if zone in ("centre", "west") else 0.57) for zone in ZONES)
    assert national.reformed["regional"].medical.reimbursement.inpatient == round(mean, 2)


def differing(run: RunFile) -> Iterator[str]:
    law = values(run.reformed["law"])
    for name in run.scenarios:
        yield from (key for key, new in values(run.reformed[name]).items() if new != law[key])


@pytest.mark.parametrize("name", ["east", "centre", "west"])
def test_a_file_of_a_zone_has_its_measures_in_its_own_province_and_the_pension_alone(
    name: str, checkout: Path, tables: Tables
) -> None:
    run = read_run(file_of(name, checkout))
    assert zones(tables)[run.run.region] == name
    assert placed(run, tables).reformed == run.reformed
    assert {key.partition(".")[0] for key in differing(run)} == {"pension"}


def test_the_market_of_the_east_does_not_hold_in_the_centre(checkout: Path, tables: Tables) -> None:
    file, today = file_of("east", checkout), Rules().pension.investment.market_share
    for region, held in {"浙江": 0.3, "山东": 0.3, "河南": today, "甘肃": today, "辽宁": today}.items():
        found = placed(read_run(file, {"region": region}), tables).reformed
        assert {found[name].pension.investment.market_share for name in ("invested", "package")} == {held}, region


@pytest.mark.parametrize("name", ["centre", "west"])
def test_transfers_of_centre_and_west_do_not_hold_in_the_east(name: str, checkout: Path, tables: Tables) -> None:
    for region, zone in {"河南": "centre", "甘肃": "west", "浙江": "east", "辽宁": "northeast"}.items():
        found = placed(read_run(file_of(name, checkout), {"region": region}), tables).reformed
        inland = zone in ("centre", "west")
        shares = {key: found[key].pension.fiscal.central_provincial_share for key in ("package", "poor_areas")}
        assert shares == ({"package": 0.6, "poor_areas": 0.8} if inland else dict.fromkeys(shares)), region
        growth = found["transfers"].pension.fiscal
        assert growth.growth_floor == (0.08 if inland else None)
        if inland:
            assert growth.growth_floor_until is not None
            assert growth.growth_floor_from < growth.growth_floor_until < 2036


# -- questions that the files put


def test_levers_of_the_frontier_lie_inside_what_the_rules_take(run: RunFile, tables: Tables) -> None:
    about = run.asked.frontier
    caps = caps_of(placed(run, tables).reformed[about.scenario], about.levers)
    assert caps.names == tuple(about.levers)
    assert {"fiscal", "land", "debt", "members"} == set(about.cost)
    assert 0 < about.cost["land"] < about.cost["fiscal"] == about.cost["members"]


def test_what_is_asked_names_scenarios_and_keys_that_are_there(run: RunFile) -> None:
    known = set(values(run.rules))
    asked = run.asked
    named = {asked.frontier.scenario, asked.breakeven.scenario, asked.mix.package}
    if not run.run.region:
        named.add(asked.stress.reverse.scenario)
    assert named <= set(run.scenarios)
    assert set(asked.breakeven.levers) <= known
    assert len(asked.breakeven.levers) > 1
