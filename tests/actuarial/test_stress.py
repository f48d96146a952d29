"""A shock moves what it names, from its first year on, by what it says; reverse stress finds the size that harms."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from actuarial import pension, stress
from actuarial._quantity import describe
from actuarial._stress_lives import kept_alive, remaining_years, scale_for
from actuarial.assessment import opened_fund
from actuarial.assumptions import Assumptions, changed
from actuarial.fund import project
from forecasting import axes
from forecasting.sources import Tables

FIRST = 2030
BY_NAME = pytest.mark.parametrize("name", list(stress.SHOCKS))
ZERO = {"lost_land_decade": "fall", "inflation_1988": "severity", "young_leave": "share", "longer_lives": "gain"}


def e60(rates: np.ndarray) -> float:
    """Life expectancy at 60 of one table by hand, deaths at mid-year."""
    alive, lived = 1.0, 0.0
    for rate in rates[60:-1]:
        left = alive * (1 - rate / 2) / (1 + rate / 2)
        lived, alive = lived + (alive + left) / 2, left
    return lived + alive / float(rates[-1])


def carried(rates: np.ndarray, entry: np.ndarray, start: np.ndarray) -> np.ndarray:
    """People (age, year) at mid-year who come at the first age and die at `rates`; the last age is open."""
    heads = np.zeros_like(rates)
    heads[:, 0] = start
    half = np.exp(-0.5 * rates)
    for t in range(1, rates.shape[1]):
        older = heads[:, t - 1] * half[:, t - 1]
        heads[1:, t] = older[:-1] * half[1:, t]
        heads[-1, t] = (older[-2] + older[-1]) * half[-1, t]
        heads[0, t] = entry[t] * half[0, t]
    return heads


@BY_NAME
def test_nothing_moves_before_the_first_year_and_nothing_that_is_not_named(name: str, village: xr.Dataset) -> None:
    shock, copy = stress.SHOCKS[name], village.copy(deep=True)
    after = stress.apply(village, shock)
    xr.testing.assert_identical(village, copy)
    xr.testing.assert_identical(after.drop_vars(shock.reads), village.drop_vars(shock.reads))
    early = slice(None, FIRST - 1)
    xr.testing.assert_identical(after.sel(year=early), village.sel(year=early))
    for read in shock.reads:
        assert after[read].dims == village[read].dims and after[read].dtype == village[read].dtype
    moved = [read for read in shock.reads if not after[read].equals(village[read])]
    # Nobody of the village contributes at 60 or later.
    assert moved == [read for read in shock.reads if (name, read) != ("longer_lives", "contributors")]
    axes.check(after)


@BY_NAME
def test_a_narrow_type_and_attributes_stay(name: str, village: xr.Dataset) -> None:
    narrow = village.astype(np.float32)
    for variable in narrow.data_vars.values():
        variable.attrs = {"unit": "as before"}
    after = stress.apply(narrow, stress.SHOCKS[name])
    for variable in after.data_vars.values():
        assert variable.dtype == np.float32 and variable.attrs == {"unit": "as before"}


@pytest.mark.parametrize(("name", "size"), ZERO.items())
def test_a_shock_of_size_nothing_changes_nothing(name: str, size: str, village: xr.Dataset) -> None:
    none = changed(stress.SHOCKS[name], {size: 0.0})
    xr.testing.assert_identical(stress.apply(village, none), village)


def test_land_income_is_low_for_ten_years_and_then_as_drawn(village: xr.Dataset) -> None:
    ratio = stress.apply(village, stress.SHOCKS["lost_land_decade"]).land_income / village.land_income
    np.testing.assert_allclose(ratio.sel(year=slice(2030, 2039)), 0.48, rtol=1e-12)
    np.testing.assert_array_equal(ratio.sel(year=slice(2040, None)), 1.0)


def test_the_fall_of_land_income_is_that_of_the_published_figures(tables: Tables) -> None:
    land = tables.series("land_transfer_income")
    assert round(1 - land[2025] / land[2021], 2) == stress.LandSlump().fall


def test_a_crash_is_the_same_in_every_draw_and_over_in_a_year(village: xr.Dataset) -> None:
    crash = stress.MarketCrash(first_year=2035, loss=0.3)
    after = stress.apply(village, crash).market_return
    np.testing.assert_array_equal(after.sel(year=2035), -0.3)
    xr.testing.assert_identical(after.drop_sel(year=2035), village.market_return.drop_sel(year=2035))


def test_prices_rise_as_from_1988_to_1995_and_then_as_drawn(village: xr.Dataset) -> None:
    after = stress.apply(village, stress.SHOCKS["inflation_1988"])
    growth = after.price_index / after.price_index.shift(year=1) - 1
    np.testing.assert_allclose(growth.sel(year=slice(2030, 2037)), stress.INFLATION_1988_1995, rtol=1e-12)
    np.testing.assert_allclose(growth.sel(year=slice(2038, None)), 0.02, rtol=1e-12)
    # What China's prices rose by in those eight years.
    assert float(after.price_index.sel(year=2037) / after.price_index.sel(year=2029)) == pytest.approx(2.65, abs=0.005)


def test_half_the_severity_is_the_geometric_middle(village: xr.Dataset) -> None:
    half = stress.apply(village, stress.Inflation(severity=0.5)).price_index
    whole = stress.apply(village, stress.Inflation()).price_index
    np.testing.assert_allclose(half**2, whole * village.price_index, rtol=1e-12)


def test_rates_and_incomes_follow_inflation_by_the_stated_parts(village: xr.Dataset) -> None:
    after = stress.apply(village, stress.Inflation(rates_follow=0.25, incomes_follow=0.5))
    more = np.array(stress.INFLATION_1988_1995) - 0.02
    inside, level = slice(2030, 2037), after.price_index / village.price_index
    for rate in ("deposit_rate", "market_return"):
        added = after[rate] - village[rate]
        np.testing.assert_allclose(added.sel(year=inside), np.broadcast_to(0.25 * more, added.sel(year=inside).shape))
        np.testing.assert_array_equal(added.sel(year=slice(2038, None)), 0.0)
    for name in ("rural_income", "contribution_per_head", "budget_revenue", "land_income"):
        np.testing.assert_allclose(after[name], village[name] * np.sqrt(level), rtol=1e-12)


def test_real_incomes_stay_where_incomes_follow_wholly(village: xr.Dataset) -> None:
    after = stress.apply(village, stress.SHOCKS["inflation_1988"])
    np.testing.assert_allclose(
        after.rural_income / after.price_index, village.rural_income / village.price_index, rtol=1e-12
    )


def test_half_of_the_young_are_gone_for_ten_years_and_nobody_else(village: xr.Dataset) -> None:
    before, after = village.contributors, stress.apply(village, stress.SHOCKS["young_leave"]).contributors
    inside = dict(age=slice(16, 44), year=slice(2030, 2039))
    np.testing.assert_array_equal(after.sel(inside), 0.5 * before.sel(inside))
    gone = (before - after).sum()
    assert float(gone) == pytest.approx(float(0.5 * before.sel(inside).sum()), rel=1e-12)


def test_life_expectancy_at_60_rises_step_by_step_to_three_years(village: xr.Dataset) -> None:
    after = stress.apply(village, stress.LongerLives(phase_years=4)).pensioner_mortality
    for sex in ("female", "male"):
        old, new = (
            {y: e60(v.sel(sex=sex, year=y)[1].values) for y in (2029, 2030, 2031, 2033, 2060)}
            for v in (village.pensioner_mortality, after)
        )
        rise = [new[y] - old[y] for y in old]
        np.testing.assert_allclose(rise, [0.0, 0.75, 1.5, 3.0, 3.0], atol=1e-8)
    np.testing.assert_array_equal(after.sel(age=slice(0, 59)), village.pensioner_mortality.sel(age=slice(0, 59)))


@settings(max_examples=25, deadline=None)
@given(st.floats(0.005, 0.5), st.floats(-1.0, 10.0))
def test_the_scale_of_a_constant_rate_has_a_closed_form(rate: float, gain: float) -> None:
    # Under a constant force of mortality life expectancy is one over it, at whatever age.
    rates = np.full((1, 41), rate)
    assert remaining_years(rates)[0] == pytest.approx(1 / rate, rel=1e-10)
    assert scale_for(rates, np.array([gain]))[0] == pytest.approx(1 / (1 + gain * rate), rel=1e-8)


def test_a_gain_that_no_scale_gives_is_refused() -> None:
    with pytest.raises(ValueError, match="by -20 years"):
        scale_for(np.full((1, 41), 0.1), np.array([-20.0]))


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32 - 1), st.floats(0.3, 1.5))
def test_the_factor_of_survivors_is_that_of_carrying_everybody_on(seed: int, scale: float) -> None:
    rng = np.random.default_rng(seed)
    before = rng.uniform(0.01, 0.4, (6, 9))
    after = before * np.where(np.arange(9) < 3, 1.0, scale)
    entry, start = rng.uniform(1.0, 2.0, 9), rng.uniform(0.0, 2.0, 6)
    heads, others = carried(before, entry, start), carried(after, entry, start)
    factor = kept_alive(before, after, heads)
    np.testing.assert_allclose(heads * factor, others, rtol=1e-12)
    np.testing.assert_array_equal(factor[:, :3], 1.0)


def test_longer_lives_make_more_pensioners_of_every_age_and_more_with_every_year(village: xr.Dataset) -> None:
    short, long = (stress.apply(village, stress.LongerLives(gain=g)).pensioners for g in (1.0, 3.0))
    inside = dict(age=slice(60, None), year=slice(FIRST, None))
    assert (short.sel(inside) > village.pensioners.sel(inside)).all()
    assert (long.sel(inside) > short.sel(inside)).all()
    assert (short / village.pensioners).sel(age=85, year=slice(FIRST, None)).diff("year").min() > 0


def test_late_contributors_live_longer_as_pensioners_do(village: xr.Dataset) -> None:
    late = village.assign(contributors=village.contributors + 0.1 * village.pensioners)
    after = stress.apply(late, stress.LongerLives())
    old = dict(age=slice(60, None))
    np.testing.assert_allclose(after.contributors.sel(old), 0.1 * after.pensioners.sel(old), rtol=1e-12)


def test_deaths_serve_projections_without_draws_of_them(village: xr.Dataset) -> None:
    one = village.assign(pensioner_mortality=village.pensioner_mortality.isel(draw=0, drop=True))
    xr.testing.assert_allclose(
        stress.apply(one, stress.LongerLives()).pensioners, stress.apply(village, stress.LongerLives()).pensioners
    )


def test_shocks_to_different_paths_compose_in_any_order(village: xr.Dataset) -> None:
    few = [stress.SHOCKS[name] for name in ("lost_land_decade", "market_crash", "young_leave", "longer_lives")]
    one = stress.apply(village, *few)
    xr.testing.assert_identical(one, stress.apply(village, *reversed(few)))
    xr.testing.assert_identical(one, stress.apply(stress.apply(village, *few[:2]), *few[2:]))
    assert stress.apply(village) is village


def test_a_crash_after_inflation_loses_what_it_says(village: xr.Dataset) -> None:
    crash, inflation = stress.SHOCKS["market_crash"], stress.SHOCKS["inflation_1988"]
    last, first = (stress.apply(village, *order).market_return for order in ((inflation, crash), (crash, inflation)))
    np.testing.assert_array_equal(last.sel(year=FIRST), -0.2)
    np.testing.assert_allclose(first.sel(year=FIRST), -0.2 + 0.11 * (0.188 - 0.02))


def test_every_fault_is_told_at_once(village: xr.Dataset) -> None:
    poor = village.drop_vars(["land_income", "contributors"])
    late, first = stress.LandSlump(first_year=2100), stress.Inflation(first_year=2010)
    with pytest.raises(axes.AxisError) as told:
        stress.apply(poor, late, stress.YoungExit(), first)
    assert told.value.faults == (
        "LandSlump: the projection lacks variable 'land_income'",
        "LandSlump: first_year is 2100: give a year from 2010 to 2060",
        "YoungExit: the projection lacks variable 'contributors'",
        "Inflation: the projection lacks variable 'land_income'",
        "Inflation: first_year is 2010: give a year from 2011 to 2060",
    )


@BY_NAME
def test_every_number_of_a_shock_has_unit_range_meaning_and_source(name: str) -> None:
    records = describe(stress.SHOCKS[name])
    assert all(r["unit"] and r["meaning"] and r["source"] for r in records)
    assert all(float(str(r["low"])) <= float(str(r["value"])) <= float(str(r["high"])) for r in records)
    low, high = stress.size_range(stress.SHOCKS[name])
    with pytest.raises(ValidationError):
        changed(stress.SHOCKS[name], {stress.SHOCKS[name].size: high + 0.1})
    assert low < high


def missing(projection: xr.Dataset) -> float:
    """Share of draws whose land income of 2030 is under two billion yuan."""
    return float((projection.land_income.sel(year=FIRST) < 2e9).mean())


@settings(max_examples=20, deadline=None)
@given(st.floats(0.01, 0.99))
def test_reverse_stress_brackets_a_known_answer(village: xr.Dataset, target: float) -> None:
    base = village.land_income.sel(year=FIRST).mean()
    found = stress.how_large(
        lambda p: float(1 - p.land_income.sel(year=FIRST).mean() / base), village, stress.LandSlump(), target
    )
    assert found.verdict == "found" and found.evaluations == 12
    assert found.below - 1e-12 <= target <= found.size + 1e-12
    assert found.size - found.below <= 1 / stress.STEPS
    assert found.at_below < target <= found.at_size


def test_of_a_probability_it_finds_the_draw_that_tips_it(village: xr.Dataset) -> None:
    # The third of five draws falls under two billion yuan: the median of what each can lose.
    wanted = float((1 - 2e9 / village.land_income.sel(year=FIRST)).median())
    found = stress.how_large(missing, village, stress.LandSlump(), 0.5)
    assert found.below <= wanted <= found.size
    assert (found.at_below, found.at_size) == (0.4, 0.6)


def test_what_is_met_already_or_never_is_said(village: xr.Dataset) -> None:
    already = stress.how_large(missing, village, stress.LandSlump(), 0.0)
    never = stress.how_large(missing, village, stress.LandSlump(), 0.9, between=(0.0, 0.01))
    assert (already.verdict, never.verdict) == ("below the range", "above the range")
    assert np.isnan([already.size, already.below, never.size, never.below]).all()
    assert already.at_size == 1.0 and never.at_size == missing(stress.apply(village, stress.LandSlump(fall=0.01)))
    assert already.evaluations == never.evaluations == 2


def test_reverse_stress_refuses_what_it_cannot_search(village: xr.Dataset) -> None:
    with pytest.raises(ValueError, match="give the smaller first"):
        stress.how_large(missing, village, stress.LandSlump(), 0.5, between=(0.5, 0.1))
    with pytest.raises(ValidationError):
        stress.how_large(missing, village, stress.LandSlump(), 0.5, between=(0.5, 1.5))
    with pytest.raises(ValueError, match="not a number at fall = 0"):
        stress.how_large(lambda _: float("nan"), village, stress.LandSlump(), 0.5)


RICH = {
    "collective.other_income": 1e6,
    "fiscal.rule": "capacity",
    "fiscal.capacity_share": 0.02,
    "investment.market_share": 0.3,
    "land.share": 0.1,
    "land.from_year": 2026,
}
"""A fund that lives on the budget, on land and on the market."""

# Of each shock: a flow of the fund that moves, and which way.
MOVES = {
    "lost_land_decade": ("land_withdrawal", -1),
    "market_crash": ("interest", -1),
    "inflation_1988": ("interest", 1),
    "young_leave": ("contributions", -1),
    "longer_lives": ("basic_pension", 1),
}


def account(projection: xr.Dataset, observed: dict[int, float]) -> xr.Dataset:
    """Account of the rich fund."""
    rule = changed(Assumptions(), RICH)
    ready = pension.with_accounts(projection, rule, observed)
    return project(opened_fund(ready, 2025, 2e9), ready, rule)


@pytest.fixture(scope="module")
def small(village: xr.Dataset) -> xr.Dataset:
    return village.isel(draw=slice(0, 2)).sel(year=slice(None, 2040))


@pytest.fixture(scope="module")
def calm(small: xr.Dataset, observed: dict[int, float]) -> xr.Dataset:
    return account(small, observed)


@BY_NAME
def test_a_fund_feels_a_shock_from_its_first_year_on(
    name: str, small: xr.Dataset, observed: dict[int, float], calm: xr.Dataset
) -> None:
    after = account(stress.apply(small, stress.SHOCKS[name]), observed)
    xr.testing.assert_identical(calm.sel(year=slice(None, FIRST - 1)), after.sel(year=slice(None, FIRST - 1)))
    flow, way = MOVES[name]
    assert (way * (after[flow] - calm[flow]).sel(year=FIRST) > 0).all()


def test_reverse_stress_of_a_whole_fund_finds_the_slump_that_led_to_its_reserve(
    small: xr.Dataset, observed: dict[int, float]
) -> None:
    def missed(projection: xr.Dataset) -> float:
        return -float(account(projection, observed).balance.sel(year=2040).min())

    slump = stress.LandSlump()
    at = {fall: missed(stress.apply(small, changed(slump, {"fall": fall}))) for fall in (0.0, 0.5, 1.0)}
    assert at[0.0] < at[0.5] < at[1.0]
    found = stress.how_large(missed, small, slump, at[0.5])
    assert found.below < 0.5 <= found.size
