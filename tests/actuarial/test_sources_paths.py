"""How sources grow to the whole, swing about their paths, and what bounds the budget's transfer."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr

from actuarial import financing, pension
from actuarial.assumptions import Assumptions, changed
from actuarial.flow import Recorded
from forecasting import axes
from forecasting.axes import AxisError
from tests.actuarial.sources_world import swinging

YEARS = np.arange(2024, 2034)
DRAWS = 4000
BASIC = Recorded("basic_pension", "pool", "outgo", "Basic pensions")
TRANSFER = financing.FiscalTransfer(due=(BASIC,))

LEVERS = {
    "land": (financing.LandWithdrawal(), {"land.share": 0.1}, "land.from_year", "land.phase_in_years"),
    "collective": (
        financing.CollectivePool(),
        {"collective.pool_per_head": 5.0, "collective.volatility": 0.0},
        "collective.from_year",
        "collective.phase_in_years",
    ),
    "donations": (
        financing.Donations(),
        {"collective.donations": 1e6, "collective.donations_volatility": 0.0},
        "collective.donations_from",
        "collective.donations_phase_in_years",
    ),
    "platform": (
        financing.PlatformPayment(),
        {"platform.rate": 0.02, "platform.volatility": 0.0},
        "platform.from_year",
        "platform.phase_in_years",
    ),
}

SWINGING = {
    "collective": (financing.CollectivePool(), {"collective.pool_per_head": 5.0}, "collective."),
    "donations": (financing.Donations(), {"collective.donations": 1e6}, "collective.donations_"),
    "platform": (financing.PlatformPayment(), {"platform.rate": 0.02}, "platform."),
}


@pytest.fixture(scope="module")
def economy() -> xr.Dataset:
    """Return flat incomes and members over ten years, and 4,000 draws of what sources swing by."""
    flat = {"rural_income": 20000.0, "budget_revenue": 1e9, "land_income": 1e8, "contributors_mid_year": 1000.0}
    world = xr.Dataset({n: ("year", np.full(YEARS.size, v)) for n, v in flat.items()}, {"year": YEARS})
    world = world.assign(basic_pension=("year", 1e6 * 1.03 ** (YEARS - 2024.0)))
    return swinging(world.assign_coords(draw=np.arange(DRAWS)))


@pytest.mark.parametrize("source", LEVERS)
def test_a_source_grows_in_equal_steps_from_its_first_year_to_the_whole(source: str, economy: xr.Dataset) -> None:
    flow, changes, first, phase = LEVERS[source]
    whole, steps = (
        flow.amount(economy, changed(Assumptions(), changes | {first: 2026, phase: years})) for years in (0, 3)
    )
    full = float(whole.isel(year=-1))
    np.testing.assert_allclose(whole, full * (YEARS >= 2026))
    np.testing.assert_allclose(steps, full * np.clip((YEARS - 2025) / 4, 0, 1))
    assert full > 0


def test_a_platform_pays_its_rate_of_rural_income_for_those_whom_it_covers(economy: xr.Dataset) -> None:
    rule = changed(Assumptions(), LEVERS["platform"][1] | {"platform.covered_share": 0.3})
    paid = financing.PlatformPayment().amount(economy, rule)
    assert float(paid.sel(year=2030)) == pytest.approx(0.02 * 20000.0 * 0.3 * 1000.0)
    assert (financing.PlatformPayment().amount(economy, Assumptions()) == 0).all()


@pytest.mark.parametrize("source", SWINGING)
def test_a_source_swings_by_its_volatility_about_a_mean_that_stays(source: str, economy: xr.Dataset) -> None:
    flow, changes, prefix = SWINGING[source]
    calm, wild = (
        flow.amount(
            economy,
            changed(Assumptions(), changes | {f"{prefix}volatility": size, f"{prefix}persistence": 0.6}),
        ).sel(year=slice(2027, None))
        for size in (0.0, 0.3)
    )
    over = (wild / calm).transpose("draw", "year").values
    # Four standard errors of the mean, of the deviation and of the correlation of 4,000 draws.
    assert abs(over.mean(axis=0) - 1.0).max() < 4 * 0.307 / np.sqrt(DRAWS)
    assert abs(np.log(over).std(axis=0) - 0.3).max() < 4 * 0.3 / np.sqrt(2 * DRAWS)
    lagged = np.corrcoef(np.log(over[:, -2]), np.log(over[:, -1]))[0, 1]
    assert abs(lagged - 0.6) < 4 * (1 - 0.36) / np.sqrt(DRAWS)


def test_sources_swing_apart_from_each_other_and_a_longer_horizon_leaves_the_earlier_years(
    economy: xr.Dataset,
) -> None:
    names = list(axes.SOURCES)
    last = np.corrcoef([economy[name].sel(year=2033) for name in names])
    assert abs(last - np.eye(len(names))).max() < 4.5 / np.sqrt(DRAWS)
    short = swinging(economy.drop_vars(names).sel(year=slice(None, 2028)))
    xr.testing.assert_equal(short[names], economy[names].sel(year=slice(None, 2028)))


@pytest.mark.parametrize("source", SWINGING)
def test_a_source_that_swings_and_has_no_draws_is_refused_by_name(source: str, economy: xr.Dataset) -> None:
    flow, changes, _ = SWINGING[source]
    with pytest.raises(AxisError, match=f"{source}_deviate"):
        flow.amount(economy.drop_vars(list(axes.SOURCES)), changed(Assumptions(), changes))


def test_a_collective_that_pays_into_accounts_swings_there_as_it_does_into_the_pool(economy: xr.Dataset) -> None:
    rule = changed(Assumptions(), {"collective.pool_per_head": 5.0, "collective.accounts_per_head": 5.0})
    world = economy.assign(contribution_per_head=("year", np.full(YEARS.size, 600.0)))
    heads = financing.account_money_per_head(world, rule)["collective"]
    pool = financing.CollectivePool().amount(world, rule)
    xr.testing.assert_allclose(heads * 1000.0, pool)
    assert float(heads.sel(year=2030).std("draw")) > 0.5


def test_the_pension_hands_on_what_sources_swing_by(village: xr.Dataset, observed: dict[int, float]) -> None:
    people = swinging(village)
    ready = pension.with_accounts(people, changed(Assumptions(), {"collective.other_income": 1e6}), observed)
    for name in axes.SOURCES:
        np.testing.assert_array_equal(ready[name], people[name])
    assert not set(axes.SOURCES) & set(pension.with_accounts(village, Assumptions(), observed))


# The transfer ------------------------------------------------------------------------------------------------------


def test_a_floor_lets_the_transfer_grow_past_what_is_due_until_its_last_year(economy: xr.Dataset) -> None:
    floor = {"fiscal.growth_floor": 0.08, "fiscal.growth_floor_from": 2026, "fiscal.growth_floor_until": 2030}
    due = TRANSFER.amount(economy, Assumptions())
    paid = TRANSFER.amount(economy, changed(Assumptions(), floor))
    np.testing.assert_allclose(paid.sel(year=[2024, 2025]), due.sel(year=[2024, 2025]))
    np.testing.assert_allclose(paid.sel(year=2030), due.sel(year=2025) * 1.08**5)
    np.testing.assert_allclose(paid.sel(year=slice(2031, None)), due.sel(year=slice(2031, None)))


def test_a_floor_below_the_growth_of_what_is_due_changes_nothing(economy: xr.Dataset) -> None:
    low = changed(Assumptions(), {"fiscal.growth_floor": 0.02})
    np.testing.assert_allclose(TRANSFER.amount(economy, low), TRANSFER.amount(economy, Assumptions()))


def test_the_cap_in_revenue_goes_before_the_floor(economy: xr.Dataset) -> None:
    both = {"fiscal.growth_floor": 0.2, "fiscal.cap_share": 0.0015}
    paid = TRANSFER.amount(economy, changed(Assumptions(), both)).sel(year=slice(2027, None))
    np.testing.assert_allclose(paid, np.minimum(1e6 * 1.03**2 * 1.2 ** (paid.year - 2026.0), 1.5e6))


@pytest.mark.parametrize("rule", ["statutory", "within_capacity", "capped"])
def test_the_cap_in_revenue_binds_under_every_rule_from_its_year_on(rule: str, economy: xr.Dataset) -> None:
    law = {"fiscal.rule": rule, "fiscal.capacity_share": 0.1, "fiscal.cap_share": 0.0005, "fiscal.capped_from": 2028}
    paid = TRANSFER.amount(economy, changed(Assumptions(), law))
    np.testing.assert_allclose(paid.sel(year=slice(2028, None)), 5e5)
    assert (paid.sel(year=slice(None, 2027)) > 9e5).all()


def test_a_capacity_is_a_share_of_revenue_itself_and_knows_no_other_cap(economy: xr.Dataset) -> None:
    law = {"fiscal.rule": "capacity", "fiscal.capacity_share": 0.1, "fiscal.cap_share": 0.0005}
    np.testing.assert_allclose(TRANSFER.amount(economy, changed(Assumptions(), law)), 1e8)


def test_a_cap_is_told_to_bind_in_the_years_in_which_it_keeps_the_transfer_down(economy: xr.Dataset) -> None:
    def bound(changes: dict[str, object]) -> list[int]:
        rule = changed(Assumptions(), changes)
        account = economy[["basic_pension"]].assign(match=0.0 * economy["basic_pension"])
        account = account.assign(fiscal_transfer=TRANSFER.amount(economy, rule))
        return YEARS[financing.cap_binds(account, economy, rule).values].tolist()

    # 1 million growing by 3 % a year passes 1.2 million in the seventh year after 2024.
    assert bound({"fiscal.cap_share": 0.0012}) == [2031, 2032, 2033]
    assert bound({"fiscal.rule": "capped", "fiscal.growth_cap": 0.01, "fiscal.capped_from": 2029}) == list(
        range(2029, 2034)
    )
    assert bound({"fiscal.rule": "capped", "fiscal.growth_cap": 0.04}) == []
    assert bound({}) == []
