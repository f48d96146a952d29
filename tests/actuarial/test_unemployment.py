"""The unemployment fund: months, flows, the US DOL indicators, and what each lever does."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st

from actuarial import _unemployment_kernel as kernel
from actuarial import unemployment
from actuarial._quantity import changed, describe
from actuarial.assumptions import Assumptions
from actuarial.fund import project
from actuarial.unemployment import BENEFITS, INCOME, OUTGO, Unemployment
from forecasting.axes import AxisError

YEARS = np.arange(2018, 2047)
DRAWS = 4
LAW = Unemployment()


def world(urban: float | np.ndarray = 0.052, migrant: float | np.ndarray = 0.048) -> xr.Dataset:
    """A Projection typed by hand: rates with a season and slow waves that differ between draws."""
    year, month, draw = np.meshgrid(YEARS, np.arange(12), np.arange(DRAWS), indexing="ij")
    wave = 0.004 * np.sin(year + draw) + 0.001 * np.cos(np.pi * month / 6)
    rates = {"urban_unemployment": urban + wave, "migrant_unemployment": migrant + 2 * wave}
    grown = 1.04 ** (YEARS - 2024.0)
    yearly = {
        "migrant_workers": 3.0e8 * 0.99 ** (YEARS - 2024.0),
        "migrant_wage": 60000 * grown,
        "price_index": 1.015 ** (YEARS - 2024.0),
        "land_income": np.full(YEARS.size, 5.0e12),
        "deposit_rate": np.full(YEARS.size, 0.015),
        "market_return": np.full(YEARS.size, 0.04),
    }
    return xr.Dataset(
        {name: (("draw", "year", "month"), np.moveaxis(values, 2, 0)) for name, values in rates.items()}
        | {name: (("year",), values) for name, values in yearly.items()},
        {"draw": np.arange(DRAWS), "year": YEARS, "month": np.arange(1, 13)},
    )


def reformed(changes: dict[str, object] | None = None) -> Unemployment:
    return changed(LAW, changes or {})


def ready(changes: dict[str, object] | None = None, **rates: Any) -> xr.Dataset:
    return unemployment.with_members(world(**rates), reformed(changes))


def account(changes: dict[str, object] | None = None, opening: float = 0.0, **rates: Any) -> xr.Dataset:
    rules = reformed(changes)
    opened = unemployment.standard_fund(rules.membership.from_year - 1, opening)
    return project(opened, unemployment.with_members(world(**rates), rules), Assumptions())


def spent(data: xr.Dataset, *names: str) -> xr.DataArray:
    return sum(data[name].sum("year") for name in names)  # type: ignore[return-value]


# Months ----------------------------------------------------------------------------------------------------------


def spells(**changes: Any) -> kernel.Spells:
    return kernel.Spells(**({"months": 6, "exit_rate": 0.15, "placed_share": 0.8, "take_up": 0.5} | changes))


RATES = st.lists(st.floats(0.005, 0.3), min_size=2, max_size=40)


@given(RATES, st.floats(0.02, 0.6))
def test_without_training_those_out_of_work_are_the_rate(rates: list[float], exit_rate: float) -> None:
    rate = np.array([rates])
    none = np.zeros_like(rate)
    out = kernel.carry(rate, none > 0, none, spells(exit_rate=exit_rate))
    np.testing.assert_allclose(out.stock, rate, rtol=1e-9)
    assert (out.entitled <= out.stock * (1 + 1e-12)).all()
    assert (out.journeys == 0).all()


@given(RATES, st.floats(0.0, 0.5), st.floats(0.0, 1.0))
def test_training_never_puts_anybody_out_of_work(rates: list[float], share: float, placed: float) -> None:
    rate = np.array([rates])
    out = kernel.carry(rate, rate > 1, np.full_like(rate, share), spells(placed_share=placed))
    assert (out.stock <= rate * (1 + 1e-9)).all()
    np.testing.assert_allclose(out.trained, share * out.stock)


def test_training_that_places_no_more_than_find_work_anyway_changes_nothing() -> None:
    rate = np.full((1, 30), 0.06)
    out = kernel.carry(rate, rate > 1, np.full_like(rate, 0.3), spells(placed_share=0.15))
    np.testing.assert_allclose(out.stock, rate)


def test_a_steady_rate_has_the_durations_of_a_constant_exit_rate() -> None:
    rate = np.full((1, 24), 0.06)
    out = kernel.carry(rate, rate > 1, 0 * rate, spells())
    np.testing.assert_allclose(out.entitled, 0.06 * (1 - 0.85**6))


def test_after_a_burst_of_losses_more_of_those_out_of_work_are_newly_so() -> None:
    rate = np.full((1, 24), 0.05)
    rate[0, 12:] = 0.10
    out = kernel.carry(rate, rate > 1, 0 * rate, spells())
    newly = out.entitled / out.stock
    assert newly[0, 12] > newly[0, 11] + 0.1
    # Six months later the burst has left the allowance; what is left tends back to the steady share.
    assert newly[0, 18] < newly[0, 17]
    assert newly[0, 23] == pytest.approx(1 - 0.85**6, abs=0.1)


def test_everybody_travels_home_once_in_a_spell() -> None:
    # Nobody leaves or enters: the whole stock of the first months is paid in the first month of the plan, and no more.
    rate = np.full((1, 12), 0.06)
    plan = np.zeros((1, 12), dtype=bool)
    plan[0, [3, 4, 9]] = True
    out = kernel.carry(rate, plan, 0 * rate, spells(take_up=1.0))
    fresh = 0.06 * 0.15
    # In each later month of the plan: those who lost work since, and are still without.
    since = fresh * 0.85 ** np.arange(5)
    np.testing.assert_allclose(out.journeys[0, 3], 0.06 * (1 - 0.85**6))
    np.testing.assert_allclose(out.journeys[0, 4], fresh)
    np.testing.assert_allclose(out.journeys[0, 9], since.sum())
    assert out.journeys[0, [0, 5, 8]].sum() == 0


@given(RATES, st.lists(st.booleans(), min_size=40, max_size=40), st.lists(st.booleans(), min_size=40, max_size=40))
def test_fewer_months_of_the_plan_send_fewer_home(rates: list[float], some: list[bool], others: list[bool]) -> None:
    rate = np.array([rates])
    few = np.array([some[: len(rates)]]) & np.array([others[: len(rates)]])
    many = np.array([some[: len(rates)]])
    less, more = (kernel.carry(rate, plan, 0 * rate, spells()).journeys for plan in (few, many))
    # A journey that was not paid in one month may fall due in a later one, but never twice in a spell.
    assert less.sum() <= more.sum() + 1e-12
    # Half of all spells, and no more: those of the first month, and 15 % of the stock and every rise since.
    began = rate[0, 0] + np.diff(rate[0]).clip(min=0).sum() + 0.15 * rate[0, :-1].sum()
    assert more.sum() <= 0.5 * began + 1e-12


def test_the_plan_runs_when_the_printed_rate_is_over_the_threshold() -> None:
    rates = np.array([0.0494, 0.0500, 0.0504, 0.0506, 0.0510, 0.0604])
    year = xr.Dataset({"urban_unemployment": (("year", "month"), rates[None])}, {"year": [2030], "month": range(1, 7)})
    runs = unemployment.emergency_plan(year, LAW.emergency)
    assert runs.values[0].tolist() == [False, False, False, True, True, True]


def test_a_rise_is_told_beside_the_same_months_of_two_years_before() -> None:
    # The trigger of extended benefits in the United States: at least 5 % and 120 % of the two years before.
    rates = np.full((4, 12), 0.051)
    rates[2, 5:] = 0.062
    rates[3, :2] = 0.030
    axes = {"year": np.arange(2027, 2031), "month": np.arange(1, 13)}
    world = xr.Dataset({"urban_unemployment": (("year", "month"), rates)}, axes)
    risen, level = (
        unemployment.emergency_plan(world, reformed({"emergency.rise": rise}).emergency) for rise in (1.2, 0.0)
    )
    # 1.2 x .051 = .0612: passed once all of three months are .062, and no more when these are among the years before.
    assert np.flatnonzero(risen.values.ravel()).tolist() == list(range(24 + 7, 36))
    assert int(level.sum()) == 46


@pytest.mark.parametrize("every", [1, 3, 6])
def test_a_year_has_twelve_months_of_contributions_whatever_the_instalment(every: int) -> None:
    data = world()
    data["migrant_unemployment"] = 0 * data["migrant_unemployment"] + 0.048
    rules = reformed({"contribution.instalment_months": every, "emergency.trained_share": 0.0})
    made = unemployment.with_members(data, rules)
    due = rules.contribution.rate * rules.contribution.paid_share * made["covered_wages"]
    np.testing.assert_allclose(made["member_contributions"] + made["platform_contributions"], due)


def test_a_longer_instalment_asks_those_who_are_in_work_on_its_day() -> None:
    data = world()
    # Out of work in all months but the first of each quarter.
    low = xr.where(data["month"] % 3 == 1, 0.01, 0.10)
    data["migrant_unemployment"] = data["migrant_unemployment"] * 0 + low
    by_month, by_quarter = (
        unemployment.with_members(data, reformed({"contribution.instalment_months": every})) for every in (1, 3)
    )
    paid = slice(2027, None)
    assert (by_quarter.member_contributions > by_month.member_contributions).sel(year=paid).all()


# Yearly flows ----------------------------------------------------------------------------------------------------


def test_a_year_is_the_sum_of_its_months() -> None:
    changes: dict[str, object] = {"benefits.posts_share": 0.05, "benefits.trained_share": 0.03}
    changes |= {"contribution.fiscal_match": 0.2, "financing.land_share": 0.01, "financing.founding_grant": 300.0}
    made = ready(changes | {"membership.from_year": 2030})
    income = sum(made[flow.name] for flow in INCOME)
    outgo = sum(made[flow.name] for flow in OUTGO)
    np.testing.assert_allclose(made["monthly_net"].sum("month"), income - outgo)
    assert all((made[flow.name].sum("year") > 0).all() for flow in (*INCOME, *OUTGO))


def test_the_account_conserves_money() -> None:
    made = account({"benefits.posts_share": 0.05}, opening=5e9)
    before = np.column_stack([made["opening_balance"].values, made["balance"].values[:, :-1]])
    change = made["income"] - made["expenditure"] + made["interest"] + made["shortfall"]
    np.testing.assert_allclose(made["balance"].values - before, change, rtol=1e-9, atol=1.0)
    np.testing.assert_allclose(made["income"], sum(made[flow.name] for flow in INCOME))
    np.testing.assert_allclose(made["expenditure"], sum(made[flow.name] for flow in OUTGO))


def test_a_steady_world_costs_what_a_hand_computes() -> None:
    data = world()
    for name in ("urban", "migrant"):
        data[f"{name}_unemployment"] = data[f"{name}_unemployment"] * 0 + 0.06
    rules = reformed({"membership.risk_multiple": 1.0, "emergency.trained_share": 0.0})
    made = unemployment.with_members(data, rules).sel(year=2045).isel(draw=0)
    people = 0.40 * 1.14 * 3.0e8 * 0.99**21
    growth = 1.04**21
    wage = 60000 * growth
    within = 0.06 * (1 - 0.85**6)
    # Fewer members than the year before, so that all have a year behind them.
    expected = {
        "members": people,
        "covered_wages": people * 0.94 * wage,
        "living_allowance": people * 0.9 * 0.3 * 0.35 * wage * within,
        "emergency_allowance": people * 12 * 0.5 * 800 * growth * within,
        # In a plan that never ends, those who have just lost work set out.
        "journey_home": people * 12 * 0.5 * 500 * growth * 0.06 * 0.15,
        "member_contributions": people * 0.94 * 0.9 * 0.01 * wage * (1 - 0.25 * 0.3),
        "platform_contributions": people * 0.94 * 0.9 * 0.01 * wage * 0.25 * 0.3,
        "firm_subsidy": 0.01 * people * 0.94 * 0.9 * 0.01 * wage,
        "emergency_months": 12.0,
    }
    for name, value in expected.items():
        assert float(made[name]) == pytest.approx(value, rel=1e-9), name


def test_nobody_is_a_member_before_the_first_year_and_none_has_a_right_within_it() -> None:
    made = ready()
    before = made.sel(year=slice(None, 2026))
    assert all((before[flow.name] == 0).all() for flow in (*INCOME, *OUTGO))
    assert (made["living_allowance"].sel(year=2027) == 0).all()
    assert (made["member_contributions"].sel(year=2027) > 0).all()
    assert (made["living_allowance"].sel(year=2028) > 0).all()


def test_coverage_goes_in_equal_steps_to_its_last_share() -> None:
    path = unemployment.members(world(), LAW) / (1.14 * world()["migrant_workers"])
    np.testing.assert_allclose(path.sel(year=[2026, 2027, 2042, 2046]), [0, 0.10, 0.40, 0.40])
    np.testing.assert_allclose(path.sel(year=slice(2027, 2042)).diff("year"), 0.02)


def test_a_projection_without_draws_gives_an_account_without_draws() -> None:
    one = world().isel(draw=2, drop=True)
    made = unemployment.with_members(one, LAW)
    assert "draw" not in made.dims
    whole = unemployment.with_members(world(), LAW).isel(draw=2, drop=True)
    xr.testing.assert_allclose(made, whole)
    done = project(unemployment.standard_fund(2026), made, Assumptions())
    assert unemployment.indicators(done, made)["reserve_ratio"].dims == ("year",)


def test_every_missing_variable_is_named() -> None:
    with pytest.raises(AxisError, match=r"(?s)migrant_wage.*deposit_rate"):
        unemployment.with_members(world().drop_vars(["migrant_wage", "deposit_rate"]), LAW)


def test_amounts_need_the_year_in_whose_money_they_are_stated() -> None:
    with pytest.raises(AxisError, match="year 2024 is missing"):
        unemployment.with_members(world().sel(year=slice(2025, None)), LAW)


def test_the_fund_earns_deposits_alone() -> None:
    made = account()
    np.testing.assert_allclose(made["rate_earned"], 0.015 + Assumptions().investment.deposit_spread)


# Levers ----------------------------------------------------------------------------------------------------------

COSTLIER = {
    "benefits.eligible_share": 0.5,
    "benefits.allowance": 0.5,
    "benefits.months": 12,
    "benefits.posts_share": 0.1,
    "benefits.training_cost": 4000.0,
    "emergency.threshold": 0.045,
    "emergency.take_up": 0.8,
    "emergency.monthly": 1200.0,
    "emergency.journey": 900.0,
    "membership.risk_multiple": 1.6,
    "benefits.exit_rate": 0.25,
    "contribution.firm_subsidy": 0.05,
}


def test_amounts_keep_their_worth_beside_what_they_follow() -> None:
    made = {rule: ready({"emergency.amounts_follow": rule}) for rule in ("wages", "prices", "nothing")}
    years = {rule: one["journey_home"].sel(year=slice(2027, None)) for rule, one in made.items()}
    level = {"wages": 1.04 ** (YEARS - 2024.0), "prices": 1.015 ** (YEARS - 2024.0)}
    for rule, path in level.items():
        index = xr.DataArray(path, {"year": YEARS}, ("year",)).sel(year=slice(2027, None))
        np.testing.assert_allclose(years[rule], (years["nothing"] * index).transpose(*years[rule].dims))


@pytest.mark.parametrize("key", COSTLIER)
def test_a_more_generous_rule_costs_more_and_leaves_less(key: str) -> None:
    base, more = account(opening=1e12), account({key: COSTLIER[key]}, opening=1e12)
    assert (spent(more, "expenditure") > spent(base, "expenditure")).all()
    assert (more["balance"].isel(year=-1) < base["balance"].isel(year=-1)).all()


RICHER: dict[str, object] = {
    "contribution.rate": 0.015,
    "contribution.paid_share": 1.0,
    "contribution.fiscal_match": 0.5,
}


@pytest.mark.parametrize("key", RICHER)
def test_a_higher_contribution_brings_in_more(key: str) -> None:
    base, more = account(), account({key: RICHER[key]})
    assert (spent(more, "income") > spent(base, "income")).all()


def test_a_larger_platform_part_moves_money_and_makes_none() -> None:
    base, more = account(), account({"contribution.platform_part": 0.6})
    np.testing.assert_allclose(more["income"], base["income"])
    np.testing.assert_allclose(more["platform_contributions"], 2 * base["platform_contributions"])
    assert (more["member_contributions"] < base["member_contributions"]).all()


def test_more_platform_workers_pay_less_themselves() -> None:
    base, more = account(), account({"membership.platform_share": 0.5})
    np.testing.assert_allclose(more["income"], base["income"])
    assert (more["member_contributions"] < base["member_contributions"]).all()


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("membership.coverage_first", 0.2),
        ("membership.coverage_last", 0.6),
        ("membership.coverage_years", 5),
        ("membership.flexible_per_migrant", 0.4),
    ],
)
def test_more_members_bring_more_money_and_cost_more(key: str, value: float) -> None:
    base, more = account(), account({key: value})
    assert (spent(more, "income") > spent(base, "income")).all()
    assert (spent(more, "expenditure") > spent(base, "expenditure")).all()


def test_training_puts_members_back_to_work_and_a_better_one_more_of_them() -> None:
    none, some, poor = (
        ready({"benefits.trained_share": share, "benefits.placed_share": placed})
        for share, placed in ((0.0, 0.8), (0.1, 0.8), (0.1, 0.4))
    )
    paid = slice(2027, None)
    assert (some["out_of_work"] < poor["out_of_work"]).all()
    assert (poor["out_of_work"] < none["out_of_work"]).all()
    assert (some["living_allowance"] < none["living_allowance"]).sel(year=slice(2028, None)).all()
    assert (some["member_contributions"] > none["member_contributions"]).sel(year=paid).all()
    assert (some["training"] > none["training"]).sel(year=paid).all()


def test_the_plan_trains_in_its_months_alone() -> None:
    calm = ready({"emergency.threshold": 0.2})
    assert (calm["training"] == 0).all()
    assert (calm["emergency_cost"] == 0).all()
    assert (ready()["training"].sel(year=2030) > 0).all()


def test_transition_posts_pay_more_than_what_they_take_the_place_of() -> None:
    base, more = ready(), ready({"benefits.posts_share": 0.1})
    year = slice(2028, None)
    np.testing.assert_allclose(more["living_allowance"], 0.9 * base["living_allowance"])
    np.testing.assert_allclose(more["emergency_allowance"], 0.9 * base["emergency_allowance"])
    saved = sum((base[name] - more[name]).sel(year=year) for name in ("living_allowance", "emergency_allowance"))
    assert (more["transition_posts"].sel(year=year) > saved).all()
    np.testing.assert_allclose(
        ready({"benefits.posts_share": 0.1, "benefits.posts_wage": 0.4})["transition_posts"],
        0.5 * more["transition_posts"],
    )


def test_the_plan_can_follow_the_migrants_own_rate() -> None:
    urban, migrant = (ready({"emergency.rate": rate}, urban=0.06, migrant=0.03) for rate in ("urban", "migrant"))
    assert (urban["emergency_months"] == 12).all()
    assert (migrant["emergency_months"] < 12).all()


@settings(max_examples=15)
@given(st.floats(0.0, 0.05), st.floats(0.0, 0.05))
def test_a_higher_threshold_never_calls_the_plan_more_often(less: float, more: float) -> None:
    # Without its training: the plan would change who is out of work later.
    low, high = (
        ready({"emergency.threshold": 0.03 + level, "emergency.trained_share": 0.0}) for level in sorted((less, more))
    )
    assert (high["emergency_months"] <= low["emergency_months"]).all()
    assert (high["emergency_allowance"] <= low["emergency_allowance"] + 1e-3).all()


def test_every_number_of_the_rules_moves_the_account() -> None:
    """A parameter that is accepted moves an output."""
    moved = COSTLIER | RICHER
    moved |= {
        "money_year": 2020,
        "membership.from_year": 2030,
        "membership.coverage_first": 0.2,
        "membership.coverage_last": 0.6,
        "membership.coverage_years": 5,
        "membership.flexible_per_migrant": 0.4,
        "membership.platform_share": 0.5,
        "contribution.instalment_months": 6,
        "contribution.platform_part": 0.5,
        "benefits.trained_share": 0.1,
        "benefits.placed_share": 0.5,
        "benefits.posts_wage": 0.5,
        "emergency.rate": "migrant",
        "emergency.amounts_follow": "prices",
        "emergency.rise": 1.0,
        "emergency.trained_share": 0.1,
        "contribution.rate_rule": "follows_multiple",
        "contribution.rate_target_multiple": 1.5,
        "contribution.rate_response": 0.2,
        "contribution.rate_least": 0.9,
        "contribution.rate_most": 1.1,
        "benefits.training_from": 2035,
        "benefits.training_phase_in_years": 5,
        "financing.founding_grant": 300.0,
        "financing.land_share": 0.01,
        "financing.land_from": 2035,
        "financing.land_phase_in_years": 5,
    }
    with_others: dict[str, dict[str, object]] = {
        "contribution.rate_": {"contribution.rate_rule": "follows_multiple"},
        "benefits.training_": {"benefits.trained_share": 0.05, "benefits.training_from": 2030},
        "financing.land_": {"financing.land_share": 0.01},
    }
    # Who pays when the fund is empty is told by its account, not by its flows.
    assert set(moved) | {"financing.deficit_rule"} == {str(record["key"]) for record in describe(LAW)}
    for key, value in moved.items():
        beside = (others for start, others in with_others.items() if key.startswith(start))
        posts = {"benefits.posts_share": 0.05} | {name: it for name, it in next(beside, {}).items() if name != key}
        base, other = ready(posts), ready(posts | {key: value})
        names = [flow.name for flow in (*INCOME, *OUTGO)]
        assert any(not np.allclose(other[name], base[name]) for name in names), key


# Indicators ------------------------------------------------------------------------------------------------------


def known(balance: float, wages: float, rates: list[float]) -> tuple[xr.Dataset, xr.Dataset]:
    """An account whose last year has this balance and these wages, after years with these benefit cost rates."""
    years = np.arange(2010 - len(rates), 2010)
    cost = xr.DataArray(np.array(rates) * wages, {"year": years}, ("year",))
    zero = xr.zeros_like(cost)
    names = {name: zero for name in BENEFITS} | {"living_allowance": cost, "income": zero}
    closing = xr.full_like(cost, balance)
    made = xr.Dataset(names | {"balance": closing, "opening_balance": xr.DataArray(balance)})
    months = xr.DataArray(np.zeros((len(rates), 12)), {"year": years, "month": np.arange(1, 13)}, ("year", "month"))
    base = xr.Dataset(
        {
            "covered_wages": xr.full_like(cost, wages),
            "cost_rate_if_covered": cost / wages,
            "emergency_months": zero,
            "emergency_cost": zero,
            "monthly_net": months,
        }
    )
    return made, base


def test_the_multiple_is_that_of_the_worked_example() -> None:
    # Definitions: US Department of Labor, 20 CFR 606.3. Example: Wikipedia, "Average high-cost multiple", after the
    # Department's UI Data Summary: 500 million dollars on 31 December 2009, wages 40 billion; highest cost rates
    # 1.50 (1991), 1.80 (2002) and 3.00 % (2009); reserve ratio 1.25 %, average 2.10 %, multiple .595.
    rates = dict.fromkeys(range(1990, 2010), 0.007) | {1991: 0.015, 2002: 0.018, 2009: 0.030}
    made, base = known(5e8, 4e10, list(rates.values()))
    found = unemployment.indicators(made, base).sel(year=2009)
    assert float(found["reserve_ratio"]) == pytest.approx(0.0125)
    assert float(found["benefit_cost_rate"]) == pytest.approx(0.030)
    assert float(found["average_high_cost_rate"]) == pytest.approx(0.0210)
    assert float(found["average_high_cost_multiple"]) == pytest.approx(0.595, abs=0.0005)
    # The regulation rounds to the nearest hundredth.
    assert round(float(found["average_high_cost_multiple"]), 2) == 0.60


def test_high_costs_of_more_than_twenty_years_ago_are_forgotten() -> None:
    rates = xr.DataArray([0.09, *[0.01] * 21], {"year": np.arange(2000, 2022)}, ("year",))
    high = unemployment.average_high_cost_rate(rates)
    assert np.isnan(high.sel(year=[2000, 2001])).all()
    assert float(high.sel(year=2019)) == pytest.approx((0.09 + 0.02) / 3)
    assert float(high.sel(year=2020)) == pytest.approx(0.01)


@given(st.lists(st.floats(0.0, 0.1), min_size=3, max_size=30))
def test_the_average_high_cost_rate_lies_between_mean_and_highest(rates: list[float]) -> None:
    path = xr.DataArray(rates, {"year": np.arange(len(rates))}, ("year",))
    last = float(unemployment.average_high_cost_rate(path)[-1])
    assert np.mean(rates[-20:]) - 1e-12 <= last <= max(rates[-20:]) + 1e-12


def test_years_before_the_fund_count_at_what_benefits_would_have_cost() -> None:
    made = ready()
    done = project(unemployment.standard_fund(2026), made, Assumptions())
    found = unemployment.indicators(done, made)
    assert found["average_high_cost_rate"].sel(year=2027).notnull().all()
    past = made["cost_rate_if_covered"].sel(year=slice(None, 2026))
    now = found["benefit_cost_rate"].sel(year=[2027])
    highest = np.sort(np.concatenate([past.values, now.values], axis=1), axis=1)[:, -3:].mean(1)
    np.testing.assert_allclose(found["average_high_cost_rate"].sel(year=2027), highest)


def test_indicators_are_ratios_of_the_account() -> None:
    made = ready()
    done = project(unemployment.standard_fund(2026, 1e10), made, Assumptions())
    found = unemployment.indicators(done, made)
    wages = made["covered_wages"].sel(year=done["year"])
    np.testing.assert_allclose(found["reserve_ratio"] * wages, done["balance"])
    np.testing.assert_allclose(found["income_rate"] * wages, done["income"])
    paid_out = done["expenditure"] - done["firm_subsidy"]
    np.testing.assert_allclose(found["benefit_cost_rate"] * wages, paid_out)
    assert set(found.data_vars) == set(unemployment.INDICATORS)
    assert all(found[name].attrs["unit"] for name in found)
    # With all members entitled, the rate is that of a fund that had always been there.
    np.testing.assert_allclose(
        found["benefit_cost_rate"].sel(year=2046), made["cost_rate_if_covered"].sel(year=2046), rtol=1e-9
    )


def test_the_probability_and_the_cost_of_the_plan_are_those_of_its_months() -> None:
    made = ready()
    done = project(unemployment.standard_fund(2026), made, Assumptions())
    found = unemployment.indicators(done, made)
    runs = unemployment.emergency_plan(world(), LAW.emergency).sel(year=done["year"])
    np.testing.assert_array_equal(found["emergency_months"], runs.sum("month"))
    chance = unemployment.emergency_probability(found["emergency_called"])
    np.testing.assert_allclose(chance, runs.any("month").mean("draw"))
    assert 0 < float(chance.mean()) <= 1
    # Without other training, the plan's cost is all that its flows cost.
    flows = done["emergency_allowance"] + done["journey_home"] + done["training"]
    np.testing.assert_allclose(found["emergency_cost"], flows)
    assert (found["emergency_cost"].where(found["emergency_called"] == 0, 0.0) == 0).all()


def test_the_lowest_balance_of_a_year_is_at_a_month_end() -> None:
    made = ready({"contribution.instalment_months": 6})
    done = project(unemployment.standard_fund(2026, 3e10), made, Assumptions())
    low = unemployment.indicators(done, made)["lowest_balance"]
    net = made["monthly_net"].sel(year=2027).isel(draw=0).values
    assert float(low.sel(year=2027).isel(draw=0)) == pytest.approx(3e10 + np.cumsum(net).min())
    ends = done["balance"] - done["interest"] - done["shortfall"]
    assert (low <= ends + 1.0).all()


def test_a_fund_that_runs_dry_says_when() -> None:
    made = ready({"contribution.rate": 0.0})
    done = project(unemployment.standard_fund(2026, 5e10), made, Assumptions())
    found = unemployment.indicators(done, made)
    year = found["fund_depletion_year"]
    assert year.notnull().all()
    assert (found["fund_empty"].sel(year=slice(2040, None)) == 1).all()
    assert (done["shortfall"].sel(year=2046) > 0).all()
