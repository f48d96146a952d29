"""Shocks and break-even of a run: each is what it says when its answer is worked out again."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import xarray as xr

from actuarial import _breakeven_run as levers
from actuarial import _stress_run as shocks
from actuarial import trial
from actuarial._breakeven_rules import BreakEvenRules
from actuarial._quantity import changed
from actuarial._stress_lives import remaining_years
from actuarial._stress_rules import ALL, LowFertility, ReverseStress, Stress
from actuarial.breakeven import break_even, probability
from actuarial.progress import Silent
from actuarial.report.stress import explain, explain_levers
from actuarial.rules import Case
from actuarial.runfile import RunFile
from actuarial.stress import LongerLives, MarketCrash, narrowed
from forecasting import projection
from forecasting.axes import AxisError
from forecasting.models.sampling import stream
from forecasting.projection import Fits, PeopleShock

BASE, LAST = 2030, 2075
HURT = Stress(
    shocks=ALL,
    draws=60,
    by=(2035, 2050),
    reverse=ReverseStress(
        scenario="capacity", target=0.9, by=2040, shocks=["lost_land_decade", "young_leave", "inflation_1988"]
    ),
)


@pytest.fixture(scope="module")
def people(fits: Fits) -> xr.Dataset:
    return projection.forecast(fits, LAST)


@pytest.fixture(scope="module")
def fewer(fits: Fits) -> xr.Dataset:
    return projection.forecast(fits, LAST, PeopleShock(tfr=0.7, first_year=BASE, phase_years=5))


@pytest.fixture(scope="module")
def longer(fits: Fits) -> xr.Dataset:
    return projection.forecast(fits, LAST, PeopleShock(e60_gain=3.0, first_year=BASE, phase_years=20))


@pytest.fixture(scope="module")
def on(fits: Fits, people: xr.Dataset, fewer: xr.Dataset, longer: xr.Dataset) -> shocks.Ground:
    made = {
        PeopleShock(tfr=0.7, first_year=BASE, phase_years=5): fewer,
        PeopleShock(e60_gain=3.0, first_year=BASE, phase_years=20): longer,
    }
    own = projection.for_schemes(fits, people, ["medical"])
    ground = shocks.ground(trial.World(people, own, fits.tables), fits)
    return replace(ground, people=lambda shock: made[shock] if shock in made else ground.people(shock))


@pytest.fixture(scope="module")
def cases(few: RunFile) -> dict[str, Case]:
    rules = {name: few.reformed[name] for name in ("law", "capacity")}
    # A slump of land income is felt where land income pays.
    rules["land"] = changed(rules["capacity"], {"pension.land.share": 0.2})
    return {name: Case(one, ("pension", "medical")) for name, one in rules.items()}


@pytest.fixture(scope="module")
def stressed(cases: dict[str, Case], on: shocks.Ground) -> xr.Dataset:
    return shocks.run(cases, on, HURT, Silent())


def same_until(one: xr.Dataset, other: xr.Dataset, year: int) -> None:
    early = slice(None, year)
    for name in one.data_vars:
        if "year" in one[name].dims:
            np.testing.assert_array_equal(one[name].sel(year=early).values, other[name].sel(year=early).values)


def test_no_shock_is_the_projection_to_the_bit(fits: Fits, people: xr.Dataset) -> None:
    calm = projection.forecast(fits, LAST, PeopleShock(first_year=BASE))
    xr.testing.assert_identical(calm, people)


def test_fertility_comes_to_the_rate_in_every_draw_and_nothing_moves_before(
    people: xr.Dataset, fewer: xr.Dataset
) -> None:
    same_until(fewer, people, BASE - 1)
    complete = fewer["tfr"].sel(year=slice(BASE + 4, None)).values
    np.testing.assert_allclose(complete, 0.7, rtol=1e-12)
    drawn = people["tfr"].sel(year=BASE).values
    np.testing.assert_allclose(fewer["tfr"].sel(year=BASE).values, 0.8 * drawn + 0.2 * 0.7, rtol=1e-12)
    # Country and town keep their ratio.
    for data in (people, fewer):
        ratio = data["tfr_area"].sel(area="rural") / data["tfr_area"].sel(area="urban")
        np.testing.assert_allclose(ratio, (people["tfr_area"][:, 0] / people["tfr_area"][:, 1]), rtol=1e-12)


def test_births_fall_with_the_rate_while_mothers_are_those_that_were_born_before(
    people: xr.Dataset, fewer: xr.Dataset
) -> None:
    at = {"year": slice(BASE, BASE + 8)}
    share = (fewer["births"] / people["births"]).sum("area").sel(at) / 2
    rates = (fewer["tfr"] / people["tfr"]).sel(at)
    np.testing.assert_allclose(share, rates.transpose(*share.dims), rtol=2e-3)


def test_fewer_births_leave_deaths_rates_interest_and_income_and_lower_the_budget_later(
    people: xr.Dataset, fewer: xr.Dataset
) -> None:
    for name in ("pensioner_mortality", "e0", "rural_income", "deposit_rate", "market_return", "employee_share"):
        np.testing.assert_array_equal(fewer[name].values, people[name].values)
    at = {"year": LAST}
    assert (fewer["budget_revenue"].sel(at) < people["budget_revenue"].sel(at)).mean() > 0.9
    heads = [data["contributors"].sel(at).sum(["sex", "age"]) for data in (fewer, people)]
    assert (heads[0] < heads[1]).mean() > 0.9


def test_lives_are_longer_by_what_is_asked_and_more_old_people_draw(people: xr.Dataset, longer: xr.Dataset) -> None:
    same_until(longer, people, BASE - 1)

    def e60(data: xr.Dataset, year: int) -> np.ndarray:
        rates = data["pensioner_mortality"].sel(year=year, age=slice(60, None)).transpose("draw", "sex", "age")
        return remaining_years(rates.values.astype(float))

    for year, gain in ((BASE, 0.15), (2039, 1.5), (2049, 3.0), (LAST, 3.0)):
        np.testing.assert_allclose(e60(longer, year) - e60(people, year), gain, atol=1e-4)
    young = {"age": slice(None, 59), "year": LAST}
    np.testing.assert_array_equal(longer["pensioner_mortality"].sel(young), people["pensioner_mortality"].sel(young))
    for name in ("population", "pensioners"):
        old = {"age": slice(75, None), "year": LAST}
        dims = [d for d in people[name].dims if d not in ("draw", "year")]
        assert (longer[name].sel(old).sum(dims) > people[name].sel(old).sum(dims)).all()


def test_a_shock_to_people_that_makes_no_sense_is_refused(fits: Fits) -> None:
    with pytest.raises(ValueError, match="first_year is 2010"):
        projection.forecast(fits, LAST, PeopleShock(tfr=0.7, first_year=2010))
    with pytest.raises(ValueError, match=r"(?s)above 0.*at least 1"):
        PeopleShock(tfr=-1.0, phase_years=0)


def test_no_shock_to_money_lowers_the_risk_of_the_fund_that_it_hits(stressed: xr.Dataset) -> None:
    moved = stressed["empty_difference"].sel(fund="pension")
    assert (moved.sel(shock="none") == 0).all()
    assert (moved.sel(shock=["lost_land_decade", "market_crash"]) >= 0).all()


@pytest.mark.parametrize("shock", ["lost_land_decade", "market_crash"])
def test_a_shock_to_money_leaves_less_in_every_future_of_the_fund_that_it_hits(
    shock: str, cases: dict[str, Case], on: shocks.Ground
) -> None:
    worlds = on.world.thinned(HURT.draws), on.after(getattr(HURT, shock), HURT.draws, ["pension"])
    calm, hit = (trial.margin(trial.account(world, "pension", cases["land"].rules), LAST) for world in worlds)
    # No year of the fund is worse than its first in the good futures: the shock takes money, yet no margin.
    assert bool((hit <= calm).all())
    assert bool((hit < calm).any())


def test_a_budget_that_pays_what_is_due_bears_the_shocks_to_people(stressed: xr.Dataset) -> None:
    late = stressed[["need", "cost"]].sel(scenario="law", at=2050)
    for shock in ("longer_lives", "low_fertility"):
        for fund in ("pension", "medical"):
            one = late.sel(fund=fund)
            assert one["need"].sel(shock=shock) > one["need"].sel(shock="none")
            assert one["cost"].sel(shock=shock) > one["cost"].sel(shock="none")


def test_a_fund_does_not_feel_what_it_does_not_read(stressed: xr.Dataset) -> None:
    calm = stressed["empty"].sel(shock="none")
    np.testing.assert_array_equal(
        stressed["empty"].sel(shock="lost_land_decade", scenario=["law", "capacity"]),
        calm.sel(scenario=["law", "capacity"]),
    )
    medical = stressed[["empty", "need", "cost"]].sel(fund="medical")
    xr.testing.assert_equal(medical.sel(shock="young_leave", drop=True), medical.sel(shock="none", drop=True))
    # More old people are treated more: the medical fund feels longer lives.
    assert medical["cost"].sel(shock="longer_lives", scenario="law", at=2050) > medical["cost"].sel(
        shock="none", scenario="law", at=2050
    )


def test_paired_errors_are_those_of_the_draws(stressed: xr.Dataset, cases: dict[str, Case], on: shocks.Ground) -> None:
    before = shocks.empty(trial.account(on.world, "pension", cases["land"].rules), 2050)
    world = on.after(LongerLives(), 60, ["pension"])
    after = shocks.empty(trial.account(world, "pension", cases["land"].rules), 2050)
    one = stressed.sel(shock="longer_lives", scenario="land", fund="pension", at=2050)
    assert float(one["empty"]) == after.mean()
    assert float(one["empty_difference"]) == pytest.approx((after - before).mean())
    assert float(one["difference_error"]) == pytest.approx((after - before).std(ddof=1) / np.sqrt(after.size))


def test_the_size_found_reaches_the_target_and_the_one_below_does_not(
    cases: dict[str, Case], on: shocks.Ground
) -> None:
    target = 0.5

    def risk(shock: object, by: int) -> float:
        world = on.after(shock, 60, ["pension"])  # type: ignore[arg-type]
        return float(shocks.empty(trial.account(world, "pension", cases["land"].rules), by).mean())

    calm = {by: risk(MarketCrash(loss=0.0), by) for by in range(2030, 2060)}
    # The last year in which the fund is still rather full: a shock can do harm.
    by = max(year for year, chance in calm.items() if chance < target)
    asked = changed(HURT, {"reverse.target": target, "reverse.by": by, "reverse.scenario": "land"})
    found = shocks.reverse(cases["land"].rules, on, asked, Silent())
    one = found.sel(shock="lost_land_decade")
    assert float(one["reverse_verdict"]) == 0
    slump = asked.lost_land_decade
    assert risk(changed(slump, {"fall": float(one["size"])}), by) == float(one["at_size"]) >= target
    assert risk(changed(slump, {"fall": float(one["size_below"])}), by) == float(one["at_below"]) < target
    assert 0 < float(one["size"] - one["size_below"]) <= 1e-3


def test_fertility_is_sought_downwards() -> None:
    assert shocks.size_ends(LowFertility()) == (2.1, 0.3)
    assert shocks.size_ends(LongerLives()) == (0.0, 10.0)
    found = narrowed(lambda tfr: 2.0 - tfr, 2.1, 0.3, 1.0)
    assert found.verdict == "found"
    assert found.size <= 1.0 < found.below <= found.size + 1.8e-3


def test_every_fault_of_a_request_is_listed(cases: dict[str, Case], on: shocks.Ground) -> None:
    bad = changed(
        HURT, {"reverse.scenario": "none_such", "reverse.by": 2199, "shocks": ["market_crash"], "by": (2200,)}
    )
    with pytest.raises(AxisError) as told:
        shocks.run(cases, on, bad, Silent())
    for words in ("no year is within", "reverse.by is 2199", "no scenario none_such", "young_leave is not among"):
        assert words in str(told.value)


def test_a_lever_at_its_break_even_meets_the_target(cases: dict[str, Case], on: shocks.Ground) -> None:
    asked = BreakEvenRules(scenario="capacity", by=2045, target=0.2, draws=60, levers=["pension.land.share"])
    found = levers.run(cases, on.world, asked, 1, Silent()).isel(lever=0)
    assert bool(found["within"] == 1)
    rules = changed(cases["capacity"].rules, {"pension.land.share": float(found["value"])})
    risk = shocks.empty(trial.account(on.world, "pension", rules), 2045).mean()
    assert risk == float(found["at_value"]) <= 0.2
    less = changed(cases["capacity"].rules, {"pension.land.share": float(found["value"]) * 0.8})
    assert shocks.empty(trial.account(on.world, "pension", less), 2045).mean() > 0.2
    assert 0 < float(found["standard_error"]) < 0.5
    assert float(found["interval_low"]) < float(found["value"]) < float(found["interval_high"])
    again = levers.run(cases, on.world, asked, 1, Silent()).isel(lever=0)
    xr.testing.assert_identical(again, found)


def test_a_whole_lever_is_answered_by_a_whole_number_that_keeps_the_target() -> None:
    lever = levers.Lever("pension.retirement.target_age", "years of age", 60.0, 70.0, True, 60.0)
    # Of 100 draws 8 fewer are empty for each year of age: 84 at 60, 20 at 68, 12 at 69.
    found = break_even(
        lambda age: (np.arange(100) < 84 - 8 * (round(age) - 60)).astype(float),
        probability,
        0.2,
        60,
        70,
        tolerance=0.25,
    )
    assert levers.met_at(found, lever) == (68.0, 0.2)
    between = break_even(
        lambda age: (np.arange(100) < 84 - 8 * (round(age) - 60)).astype(float),
        probability,
        0.25,
        60,
        70,
        tolerance=0.25,
    )
    assert levers.met_at(between, lever) == (68.0, 0.2)


def test_levers_know_their_range_unit_and_whether_they_are_whole(cases: dict[str, Case]) -> None:
    keys = ["pension.land.share", "pension.retirement.target_age", "pension.fiscal.growth_floor"]
    share, age, growth = levers.levers_of(cases["law"].rules, keys)
    assert (share.low, share.high, share.whole, share.present) == (0.0, 1.0, False, 0.0)
    assert (age.whole, age.unit, age.present) == (True, "years of age", 60.0)
    assert not growth.whole and np.isnan(growth.present)
    with pytest.raises(AxisError) as told:
        levers.levers_of(cases["law"].rules, ["pension.land.shares", "pension.fiscal.rule", "pension.accounts.tiers"])
    for words in ("no key pension.land.shares", "pension.fiscal.rule has no range", "pension.accounts.tiers is a list"):
        assert words in str(told.value)


def test_lines_tell_every_fund_and_lever_in_both_languages(
    stressed: xr.Dataset, cases: dict[str, Case], on: shocks.Ground
) -> None:
    titles = {name: name.upper() for name in cases}
    asked = BreakEvenRules(scenario="capacity", by=2045, target=0.2, draws=20, levers=["pension.land.share"])
    found = levers.run(cases, on.world, asked, int(stream(0, "seed").integers(9)), Silent())
    english, chinese = explain(stressed, "en", titles), explain(stressed, "zh", titles)
    assert len(english) == len(chinese) == len(cases) * 2 * 2 + 1
    assert "Longer lives" in english[0] and "寿命更长" in chinese[0]
    value = f"{float(found['value'][0]):.4g}"
    for language in ("en", "zh"):
        assert value in explain_levers(found, language, titles)[1]
