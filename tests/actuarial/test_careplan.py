"""The plan of elderly care: what it builds, what that costs, who pays, and that no yuan is lost."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from actuarial import careplan, household
from actuarial._careplan_capacity import built, carers
from actuarial._quantity import changed
from actuarial.careplan import CarePlan
from actuarial.rules import Rules
from forecasting.axes import AxisError
from tests.actuarial.report_fixture_care import care_world

LAST = 2070
PLAN_END = 2031


@pytest.fixture(scope="module")
def world() -> xr.Dataset:
    return care_world(np.random.default_rng(3), draws=6, last=LAST)


def valued(world: xr.Dataset, changes: Mapping[str, object] | None = None) -> xr.Dataset:
    rules = changed(Rules(), {f"care_plan.{key}": value for key, value in (changes or {}).items()})
    return household.care_plan(world, rules)


@pytest.fixture(scope="module")
def plain(world: xr.Dataset) -> xr.Dataset:
    return valued(world)


# -- what is built


def test_beds_reach_two_million_two_hundred_thousand_and_stay(plain: xr.Dataset) -> None:
    beds = plain["beds_new"]
    np.testing.assert_allclose(beds.sel(year=[2027, 2028, 2029, 2030, 2031]), 440000.0 * np.arange(1, 6))
    np.testing.assert_allclose(beds.sel(year=slice(PLAN_END, None)), 2.2e6)
    np.testing.assert_allclose(plain["beds"] - beds, 1.68e6)


def test_nine_villages_of_ten_have_care_from_the_last_year_of_building_on(plain: xr.Dataset) -> None:
    cover = plain["village_cover"]
    np.testing.assert_allclose(cover.sel(year=[2027, 2028, PLAN_END, LAST]), [0.42, 0.54, 0.90, 0.90])
    np.testing.assert_allclose(plain["villages_covered"].sel(year=LAST), 0.9 * 488000)


@given(
    first=st.integers(2015, 2045),
    span=st.integers(1, 12),
    life=st.integers(1, 40),
    number=st.floats(0.0, 1e7),
)
def test_what_is_built_is_what_is_there_and_what_was_worn_out(first: int, span: int, life: int, number: float) -> None:
    years = np.arange(2010, 2101)
    made = careplan.stock(years, first, span, number, life)
    new = np.where((years >= first) & (years < first + span), number / span, 0.0)
    again = np.zeros(years.size)
    again[life:] = made.built[:-life]
    np.testing.assert_allclose(made.built, new + again, atol=1e-6)
    np.testing.assert_allclose(made.end, np.cumsum(new), atol=1e-6)
    np.testing.assert_allclose(made.mean[1:], (made.end[1:] + made.end[:-1]) / 2, atol=1e-6)


def test_a_year_does_not_depend_on_where_the_years_begin() -> None:
    long, short = (careplan.stock(np.arange(first, 2061), 2020, 5, 100.0, 9) for first in (2018, 2041))
    for name in careplan.Stock._fields:
        np.testing.assert_array_equal(getattr(long, name)[-20:], getattr(short, name))


def test_carers_trained_are_those_who_begin_and_those_who_replace_who_left() -> None:
    plan = CarePlan()
    staff, trained = carers(built(np.arange(2026, 2041), plan), plan)
    full = 0.24 * 0.5 * 2.2e6 + 100000 + 0.5 * 0.6 * 488000
    assert staff[0] == trained[0] == 0.0
    assert staff[-1] == pytest.approx(full)
    assert trained.sum() == pytest.approx(full + 0.2 * staff.sum())


def test_the_old_are_the_rural_people_of_65_and_over(world: xr.Dataset) -> None:
    people = world["population"].sel(area="rural", age=[65, 80])
    np.testing.assert_allclose(careplan.old_people(world), people.sum(["sex", "age"]))
    alone = world.sel(area="rural", drop=True)
    np.testing.assert_allclose(careplan.old_people(alone), careplan.old_people(world))
    with pytest.raises(AxisError, match="population ends at age 60"):
        careplan.old_people(world.sel(age=[60]))


# -- what it costs


def test_costs_of_the_first_year_by_hand(world: xr.Dataset) -> None:
    still = world.drop_vars(careplan.DEVIATES)
    made = careplan.with_money(still, CarePlan(), 2024).sel(year=2027)
    income, prices = (
        still[name].sel(year=2027) / still[name].sel(year=2024) for name in ("rural_income", "price_index")
    )
    building, running = income**0.5 * prices**0.5, income**0.8 * prices**0.2
    added = 0.6 * 488000 / 5
    staff = 0.24 * 0.5 * 220000 + 10000 + 0.5 * added / 2
    by_hand = {
        "bed_building": 440000 * 50000 * building,
        "centre_building": 20000 * 100000 * building,
        "village_start": added * 50000 * building,
        "bed_running": 220000 * 0.5 * 2400 * running,
        "centre_running": 10000 * 30000 * running,
        "village_running": added / 2 * 24000 * running,
        "carer_training": (2 * staff + 0.2 * staff) * 2000 * running,
        "carer_posts": staff * 2000 * running,
        "care_lottery": 31e9 * 0.55 * 0.2 * prices,
        "care_land": 0.002 * still["land_income"].sel(year=2027),
        "care_collective": 5000 * added / 2 * income,
    }
    assert set(careplan.OUTGO) < set(by_hand)
    for name, value in by_hand.items():
        np.testing.assert_allclose(made[name], value, rtol=1e-12, err_msg=name)


def test_doubt_moves_all_costs_of_a_kind_alike_and_no_other_money(world: xr.Dataset) -> None:
    still = careplan.with_money(world.drop_vars(careplan.DEVIATES), CarePlan(), 2024)
    made = careplan.with_money(world, CarePlan(), 2024)
    for names, deviate, error in (
        (careplan.BUILDING, "building_deviate", 0.25),
        (careplan.RUNNING, "running_deviate", 0.3),
    ):
        for name in names:
            np.testing.assert_allclose(made[name], still[name] * np.exp(error * world[deviate]), rtol=1e-12)
    for name in ("care_lottery", "care_land", "care_collective"):
        xr.testing.assert_equal(made[name], still[name])


def test_beds_are_paid_for_again_at_the_end_of_their_life(plain: xr.Dataset, world: xr.Dataset) -> None:
    paid = plain["bed_building"].transpose("draw", "year")
    years = paid["year"].values[(paid > 0).all("draw").values]
    assert years.tolist() == [*range(2027, 2032), *range(2057, 2062)]
    level = careplan.levels(world, CarePlan(), 2024)["building"]
    ratio = paid.sel(year=2057) / paid.sel(year=2027)
    np.testing.assert_allclose(ratio, level.sel(year=2057) / level.sel(year=2027), rtol=1e-12)


def test_nothing_flows_before_the_plan(world: xr.Dataset) -> None:
    made = careplan.with_money(world, changed(CarePlan(), {"from_year": 2035}), 2024).sel(year=slice(None, 2034))
    assert all(float(abs(made[name]).max()) == 0.0 for name in (*careplan.INCOME, *careplan.OUTGO))


# -- who pays


def test_money_in_is_money_out_and_what_is_left(plain: xr.Dataset) -> None:
    income, outgo = (sum(plain[name] for name in names) for names in (careplan.INCOME, careplan.OUTGO))
    np.testing.assert_allclose(income, plain["income"], rtol=1e-12)
    np.testing.assert_allclose(outgo, plain["expenditure"], rtol=1e-12)
    before = plain["balance"].shift(year=1, fill_value=0.0)
    left = plain["balance"] - before - income + outgo - plain["interest"] - plain["shortfall"]
    assert float(abs(left).max()) <= 1e-12 * float(plain["expenditure"].max())
    assert float(plain["balance"].min()) >= 0.0


def test_budgets_pay_their_parts_of_the_cost_whatever_it_is(plain: xr.Dataset) -> None:
    building, running = (sum(plain[name] for name in names) for names in (careplan.BUILDING, careplan.RUNNING))
    for level, of_building, of_running in (("central", 0.4, 0.0), ("provincial", 0.3, 0.25), ("county", 0.2, 0.35)):
        np.testing.assert_allclose(plain[f"care_{level}"], of_building * building + of_running * running, rtol=1e-12)
    np.testing.assert_allclose(plain["budget_part"] * plain["expenditure"], 0.9 * building + 0.6 * running, rtol=1e-12)


def test_budgets_that_pay_all_leave_no_gap_and_nothing_of_the_others_is_lost(world: xr.Dataset) -> None:
    all_paid = {"funding.county_building": 0.3, "funding.county_running": 0.75}
    told = valued(world, all_paid)
    assert float(told["shortfall"].max()) == 0.0
    assert told["short_year"].isnull().all()
    others = told["care_lottery"] + told["care_land"] + told["care_collective"]
    np.testing.assert_allclose(told["funding_gap_share"] * told["expenditure"], -others, rtol=1e-9)


def test_without_other_money_the_first_year_is_short_by_what_budgets_leave(world: xr.Dataset) -> None:
    none = {"funding.lottery_yield": 0.0, "funding.land_share": 0.0, "funding.collective_per_village": 0.0}
    told = valued(world, none)
    # Money flows at mid-year, and the shortfall stands at the end of the year.
    half_year = (1.0 + told["rate_earned"]) ** 0.5
    np.testing.assert_allclose(told["shortfall"], half_year * (told["expenditure"] - told["income"]), rtol=1e-9)
    np.testing.assert_allclose(told["funding_gap_share"], 1.0 - told["budget_part"], rtol=1e-9)
    assert (told["short_year"] == 2027).all()


@pytest.mark.parametrize(
    ("change", "moves"),
    [
        ({"beds.number": 3e6}, {"expenditure": 1, "beds_per_thousand": 1, "village_cover": 0, "care_land": 0}),
        (
            {"villages.cover": 0.6},
            {"village_running": -1, "village_cover": -1, "bed_building": 0, "care_collective": -1},
        ),
        ({"centres.number": 2e5}, {"centre_building": 1, "centre_running": 1, "carers": 1, "beds": 0}),
        ({"funding.land_share": 0.01}, {"care_land": 1, "shortfall": -1, "expenditure": 0, "care_central": 0}),
        ({"funding.central_running": 0.2}, {"care_central": 1, "funding_gap_real": -1, "care_county": 0}),
        ({"carers.turnover": 0.4}, {"carer_training": 1, "carers": 0, "carer_posts": 0}),
        ({"prices.running_income_weight": 1.0}, {"bed_running": 1, "bed_building": 0}),
        ({"years": 10}, {"beds": -1, "bed_running": -1, "building_cost_real": 1}),
    ],
)
def test_a_lever_moves_what_it_should_and_no_more(
    change: dict[str, object], moves: dict[str, int], world: xr.Dataset, plain: xr.Dataset
) -> None:
    after = valued(world, change)
    for name, sign in moves.items():
        was, became = (data[name].sum("year") if "year" in data[name].dims else data[name] for data in (plain, after))
        if name == "shortfall":
            assert float(sign * (became - was).sum()) > 0, name
        elif sign:
            assert (sign * (became - was) > 1e-9 * abs(was)).all(), name
        else:
            np.testing.assert_allclose(became, was, rtol=1e-12, err_msg=name)


# -- verdicts


def test_indicators_are_what_their_words_say(plain: xr.Dataset, world: xr.Dataset) -> None:
    now = world.sel(year=plain["year"])
    prices = now["price_index"] / world["price_index"].sel(year=2024)
    old = careplan.old_people(now)
    real = plain["expenditure"] / prices
    by_hand = {
        "beds_per_thousand": 1000 * plain["beds"] / old,
        "plan_cost_share": plain["expenditure"] / now["budget_revenue"],
        "plan_cost_per_old": real / old,
        "plan_cost_real": real,
        "funding_gap_real": (plain["expenditure"] - plain["income"]) / prices,
        "building_cost_real": real.sel(year=slice(2027, PLAN_END)).sum("year"),
    }
    for name, value in by_hand.items():
        np.testing.assert_allclose(plain[name], value.transpose(*plain[name].dims), rtol=1e-12, err_msg=name)


def test_the_short_year_is_the_first_with_a_shortfall(plain: xr.Dataset) -> None:
    for draw in plain["draw"].values:
        one = plain.sel(draw=draw)
        short = one["year"].values[one["shortfall"].values > 1.0]
        first = float(one["short_year"])
        assert (short.size == 0 and np.isnan(first)) or first == short[0]


def test_every_variable_has_unit_and_meaning_and_comes_over_draws_and_years(plain: xr.Dataset) -> None:
    for name in plain:
        assert plain[name].attrs.get("unit"), name
        assert plain[name].attrs.get("meaning"), name
        assert plain[name].dims in (("draw", "year"), ("year",), ("draw",)), name


# -- rules


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"villages.cover": 0.2}, "cover 0.2 is below cover_today 0.3"),
        ({"funding.county_building": 0.5}, "central_building, provincial_building and county_building add up to 1.2"),
        ({"funding.central_running": 0.5}, "central_running, provincial_running and county_running add up to 1.1"),
    ],
)
def test_rules_that_contradict_each_other_are_refused(change: dict[str, object], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        changed(CarePlan(), change)


def test_parts_that_pay_all_of_a_cost_are_not_refused_for_their_last_digit() -> None:
    assert changed(CarePlan(), {"funding.county_building": 0.3}).funding.county_building == 0.3


@pytest.mark.parametrize("missing", ["population", "land_income", "rural_income", "price_index", "budget_revenue"])
def test_a_variable_that_is_missing_is_named(missing: str, world: xr.Dataset) -> None:
    with pytest.raises(AxisError, match=missing):
        valued(world.drop_vars(missing))
