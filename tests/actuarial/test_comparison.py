"""Scenarios held against today's law on common draws, and the share of each measure in a package."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr

from actuarial import comparison, trial
from actuarial._placing import with_some
from actuarial.burden import BURDENS, burdens
from actuarial.runfile import RunFile
from actuarial.saving import Results
from forecasting import projection
from forecasting.axes import AxisError
from forecasting.projection import Fits


@pytest.fixture(scope="module")
def world(fits: Fits, few: RunFile) -> trial.World:
    people = projection.forecast(fits, few.run.last_year)
    return trial.World(people, projection.for_schemes(fits, people, few.all_schemes), fits.tables).thinned(12)


@pytest.fixture(scope="module")
def told(world: trial.World, few: RunFile) -> xr.Dataset:
    return comparison.attributed(few, world, "package")


@pytest.fixture(scope="module")
def held(valued: Results) -> xr.Dataset:
    return comparison.against({"pension": valued.indicators, **valued.others}, "law")


def test_differences_are_those_of_the_saved_indicators_draw_by_draw(held: xr.Dataset, valued: Results) -> None:
    one = valued.indicators["cost_rate"].sel(year=2050)
    apart = one.sel(scenario="package") - one.sel(scenario="law")
    told = held.sel(scenario="package", quantity="pension_cost_rate", at=2050)
    assert float(told["mean_difference"]) == pytest.approx(float(apart.mean()))
    assert float(told["wins"]) == float((apart < 0).mean())
    assert float(told["difference"].sel(quantile=0.5)) == pytest.approx(float(apart.median()))


def test_the_baseline_differs_from_itself_in_nothing(held: xr.Dataset) -> None:
    law = held.sel(scenario="law")
    assert float(abs(law["mean_difference"]).max()) == 0.0
    assert float(law["wins"].max()) == 0.0
    assert float(law["depletion_ties"].min()) == 1.0


def test_the_difference_of_probabilities_is_that_of_the_report(held: xr.Dataset, valued: Results) -> None:
    empty = valued.indicators["pool_empty"].sel(year=[2035, 2050, 2075]).mean("draw")
    for name in ("capacity", "package"):
        found = held["empty_difference"].sel(scenario=name, fund="pension")
        np.testing.assert_allclose(found.values, (empty.sel(scenario=name) - empty.sel(scenario="law")).values)


def test_common_draws_leave_less_variance_than_separate_ones(held: xr.Dataset) -> None:
    ratio = held["variance_ratio"].sel(scenario="package", quantity="pension_cost_rate")
    assert float(ratio.max()) < 1.0


def test_shares_of_measures_add_up_to_the_package_in_every_fund_and_statistic(told: xr.Dataset) -> None:
    assert set(told["fund"].values) == {"pension", "medical"}
    np.testing.assert_allclose(told["shapley"].sum("measure").values, told["package"].values, atol=1e-9)


def test_the_package_of_measures_is_the_scenario_less_the_law(
    told: xr.Dataset, world: trial.World, few: RunFile
) -> None:
    for fund in ("pension", "medical"):
        made = [
            comparison.statistics(trial.account(world, fund, few.reformed[name]), fund, world.projection)
            for name in ("package", "law")
        ]
        apart = (made[0] - made[1]).mean("draw")
        np.testing.assert_allclose(told["package"].sel(fund=fund).values, apart.values, atol=1e-12)


def test_a_measure_has_a_share_in_the_funds_that_it_changes_and_in_no_other(told: xr.Dataset, few: RunFile) -> None:
    for name in told["measure"].values:
        for fund in told["fund"].values:
            known = bool(told["shapley"].sel(measure=name, fund=fund).notnull().all())
            assert known == (fund in few.measures[name].change), (name, fund)


def test_a_measure_alone_is_what_it_adds_to_the_law(told: xr.Dataset, world: trial.World, few: RunFile) -> None:
    case = with_some(few, world.tables, "package", ["land"])
    made = [trial.account(world, "pension", rules) for rules in (case.rules, few.rules)]
    apart = [comparison.statistics(one, "pension", world.projection).mean("draw") for one in made]
    found = told["alone"].sel(fund="pension", measure="land")
    np.testing.assert_allclose(found.values, (apart[0] - apart[1]).values, atol=1e-12)


def test_directions_land_saves_budgets_and_members_pay_less_by_the_cap(told: xr.Dataset) -> None:
    pension = told["shapley"].sel(fund="pension")
    assert float(pension.sel(measure="land", statistic="fiscal")) < 0
    assert float(pension.sel(measure="land", statistic="empty_2075")) < 0
    assert float(pension.sel(measure="lighter_burden", statistic="members")) < 0
    assert float(pension.sel(measure="market", statistic="members")) == 0
    medical = told["shapley"].sel(fund="medical")
    assert float(medical.sel(measure="reimbursement", statistic="empty_2035")) >= 0


def test_burdens_are_ratios_of_present_values_and_count_what_is_not_paid(world: trial.World, few: RunFile) -> None:
    account, people = trial.account(world, "pension", few.rules), world.projection
    found = burdens(account, "pension", people, 2050)
    assert set(found) == set(BURDENS)
    years = slice(int(account["year"][0]), 2050)
    some, at = account.sel(year=years), people.sel(year=years)
    discount = 1 / (1 + at["deposit_rate"]).cumprod("year")
    budgets = ((some["fiscal_transfer"] + some["shortfall"]) * discount).sum("year")
    revenue = (at["budget_revenue"] * discount).sum("year")
    np.testing.assert_allclose(found["fiscal"].values, (budgets / revenue).values)
    short = account.assign(shortfall=account["shortfall"] + at["budget_revenue"].reindex(year=account["year"]))
    more = burdens(short, "pension", people, 2050)["fiscal"] - found["fiscal"]
    np.testing.assert_allclose(more.values, 1.0)


def test_a_projection_without_what_burdens_are_set_against_is_refused(world: trial.World, few: RunFile) -> None:
    account = trial.account(world, "pension", few.rules)
    with pytest.raises(AxisError, match="budget_revenue"):
        burdens(account, "pension", world.projection.drop_vars("budget_revenue"), 2050)


def test_burdens_are_set_against_the_same_people_whether_added_up_before_or_not(
    world: trial.World, few: RunFile
) -> None:
    account = trial.account(world, "medical", few.rules)
    added = comparison._weighed_by(world.projection)
    assert added["population"].sizes["age"] == added["population"].sizes["sex"] == 1
    found, known = (comparison.statistics(account, "medical", one) for one in (added, world.projection))
    np.testing.assert_allclose(found.values, known.values, rtol=1e-12)
    assert float(known.sel(statistic="members").min()) > 0
