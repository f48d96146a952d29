"""Trials give the accounts of a run, and a margin that tells in which draws a fund runs dry."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr

from actuarial import trial
from actuarial._quantity import changed, describe
from actuarial.rules import SCHEMES, Scheme
from actuarial.runfile import RunFile
from actuarial.saving import Results
from forecasting import projection
from forecasting.axes import AxisError
from forecasting.projection import Fits


@pytest.fixture(scope="module")
def world(fits: Fits, few: RunFile) -> trial.World:
    people = projection.forecast(fits, few.run.last_year)
    return trial.World(people, projection.for_schemes(fits, people, few.all_schemes), fits.tables)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_a_trial_of_the_package_gives_the_account_of_the_run(
    world: trial.World, few: RunFile, valued: Results, scheme: Scheme
) -> None:
    made = trial.account(world, scheme, few.reformed["package"])
    known = valued.account if scheme == "pension" else valued.others[scheme]
    of_run = known.sel(scenario="package")
    for name in ("balance", "income", "expenditure", "shortfall"):
        np.testing.assert_array_equal(made[name].values, of_run[name].sel(year=made["year"]).values)


def test_a_margin_is_not_above_0_in_exactly_the_draws_in_which_the_run_says_that_the_pool_is_empty(
    world: trial.World, few: RunFile, valued: Results
) -> None:
    for name in ("law", "capacity", "package"):
        made = trial.account(world, "pension", few.reformed[name])
        for year in (2030, 2050, 2075, 2100):
            empty = valued.indicators["pool_empty"].sel(scenario=name, year=year)
            np.testing.assert_array_equal(trial.margin(made, year).values <= 0, empty.values == 1)


def test_more_money_raises_the_margin_also_where_it_does_not_suffice(world: trial.World, few: RunFile) -> None:
    rules = changed(few.reformed["law"], {"pension.fiscal.rule": "capacity"})
    made = trial.account(world, "pension", rules)
    more = trial.account(world, "pension", changed(rules, {"pension.land.share": 0.02}))
    assert (trial.margin(made, 2075) <= 0).mean() > 0.9
    assert (trial.margin(more, 2075) > trial.margin(made, 2075)).all()


def test_a_margin_beyond_the_account_and_a_scheme_that_the_world_does_not_have_are_refused(
    world: trial.World, few: RunFile
) -> None:
    made = trial.account(world, "pension", few.rules)
    with pytest.raises(AxisError, match="year 2150 is not in the account"):
        trial.margin(made, 2150)
    with pytest.raises(AxisError, match="nothing of its own for the scheme 'medical'"):
        trial.account(trial.World(world.projection, {}, world.tables), "medical", few.rules)


def test_thinning_keeps_the_same_draws_of_everything(world: trial.World) -> None:
    some = world.thinned(7)
    assert some.projection.sizes["draw"] == 7
    for name, data in some.own.items():
        kept = data["draw"].values if "draw" in data.coords else None
        assert data.sizes["draw"] == 7
        assert kept is None or set(kept) <= set(world.own[name]["draw"].values)
    xr.testing.assert_identical(
        some.projection["rural_income"], world.projection["rural_income"].sel(draw=some.projection["draw"].values)
    )
    assert world.thinned(10**6).projection.sizes["draw"] == world.projection.sizes["draw"]


@pytest.mark.parametrize("scheme", ["pension", "medical"])
def test_a_world_that_remembers_gives_the_accounts_of_one_that_does_not(
    world: trial.World, few: RunFile, scheme: Scheme
) -> None:
    some = world.thinned(5)
    kept = some.remembering()
    package, law = few.reformed["package"], few.reformed["law"]
    equipped = changed(law, {"medical.equipment.coverage": 0.6})
    longer = changed(law, {"medical.health_management.coverage": 0.9})
    for rules in (law, equipped, longer, package, law):
        xr.testing.assert_identical(trial.account(kept, scheme, rules), trial.account(some, scheme, rules))
    # Scanners are no care: four sets of rules, three kinds of care.
    assert len(kept.memo or {}) == (3 if scheme == "medical" else 0)


@pytest.mark.slow
def test_care_is_remembered_apart_for_every_number_that_it_rests_on(world: trial.World, few: RunFile) -> None:
    some = world.thinned(2)
    kept, law, moved = some.remembering(), trial.account(some, "medical", few.rules), 0
    numbers = [one for one in describe(few.rules.medical, "medical.") if str(one["key"]).split(".")[1] in trial.CARE]
    for one in numbers:
        now, low, high = (one[name] for name in ("value", "low", "high"))
        if not isinstance(now, float) or not isinstance(low, float) or not isinstance(high, float):
            continue
        rules = changed(few.rules, {str(one["key"]): 0.5 * (now + (high if now < high else low))})
        made = trial.account(kept, "medical", rules)
        xr.testing.assert_identical(made, trial.account(some, "medical", rules))
        moved += not made.equals(law)
    assert moved >= 10


def test_what_is_remembered_is_of_one_world_and_goes_when_draws_are_taken_out(world: trial.World, few: RunFile) -> None:
    kept = world.thinned(6).remembering()
    trial.account(kept, "medical", few.rules)
    assert kept.memo
    assert kept.thinned(3).memo is None
    assert kept.remembering().memo == {}
    assert world.memo is None
