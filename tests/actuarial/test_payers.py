"""Who pays: every yuan of expenditure has a payer, in every fund, draw and year, whatever the rules."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st

from actuarial import careplan, medical, payers, pension, timebank, unemployment
from actuarial._pooling_rules import Pooling
from actuarial._quantity import changed
from actuarial.assessment import books
from actuarial.payers import PAYERS, SOURCES
from actuarial.rules import SCHEMES, Case, Rules
from actuarial.solvency import start_of_year
from forecasting.axes import AxisError
from forecasting.sources import Tables
from tests.actuarial.scheme_world import LAW, World

HALVES = payers.budget_parts(0.0, 0.5)
FOUNDED = LAW | {"time_bank.guarantee_share": 0.5}


@pytest.fixture(scope="module")
def world(village: xr.Dataset, observed: dict[int, float]) -> World:
    return World(village, observed)


@pytest.fixture(scope="module")
def funds(world: World) -> dict[str, xr.Dataset]:
    """All funds of the small scheme, the pension with its transfer by level."""
    made = world.all_funds(FOUNDED)
    return made | {"pension": books(world.small, changed(Rules(), FOUNDED).pension, world.opening).account}


@pytest.fixture(scope="module")
def told(world: World, funds: dict[str, xr.Dataset]) -> xr.Dataset:
    """Two scenarios: one with all funds, one with the pension alone."""
    cases = {"all": Case(changed(Rules(), FOUNDED), SCHEMES), "one": Case(changed(Rules(), FOUNDED), ("pension",))}
    names = xr.DataArray(["all", "one"], dims="scenario", name="scenario")
    accounts = {n: a.expand_dims(scenario=["all"]) for n, a in funds.items() if n != "pension"}
    accounts["pension"] = xr.concat([funds["pension"]] * 2, names)
    return payers.across(world.projection, cases, accounts, medical_central=0.5)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_payers_add_up_to_the_expenditure_of_every_fund(told: xr.Dataset, funds: dict, scheme: str) -> None:
    account = funds[scheme]
    paid = told.paid.sel(scenario="all", fund=scheme).sel(year=account.year).sum("payer")
    assert float(account.expenditure.max()) > 0
    np.testing.assert_allclose(paid, account.expenditure, rtol=1e-5, atol=1e3)
    mean = told.paid_mean.sel(scenario="all", fund=scheme).sel(year=account.year).sum("payer")
    np.testing.assert_allclose(mean, account.expenditure.mean("draw"), rtol=1e-9, atol=1e-3)


RULES = st.fixed_dictionaries(
    {
        "pension.fiscal.rule": st.sampled_from(["statutory", "capacity", "capped"]),
        "pension.fiscal.capacity_share": st.floats(0.0, 0.1),
        "pension.valuation.deficit_rule": st.sampled_from(["emergency_transfer", "benefit_cut"]),
        "pension.valuation.cut_when": st.sampled_from(["fund_empty", "pool_empty"]),
        "pension.investment.interest_convention": st.sampled_from(["mid_year", "opening_balance"]),
        "pension.investment.market_share": st.floats(0.0, 1.0),
        "pension.land.share": st.floats(0.0, 0.3),
        "pension.collective.pool_per_head": st.floats(0.0, 100.0),
        "pension.collective.accounts_per_head": st.floats(0.0, 100.0),
        "pension.collective.donations": st.floats(0.0, 1e8),
        # The small scheme has no draws of its own for what is given.
        "pension.collective.volatility": st.just(0.0),
        "pension.collective.donations_volatility": st.just(0.0),
    }
)


def paid_under(world: World, changes: dict) -> tuple[xr.DataArray, xr.Dataset]:
    """Keep the books of the pension under some changes, and tell who pays."""
    rules = changed(Rules(), LAW | changes).pension
    account = books(world.small, rules, world.opening).account
    deposits = world.small["deposit_rate"] + rules.investment.deposit_spread
    mid_year = rules.investment.interest_convention == "mid_year"
    return payers.paid(account, deposits, HALVES, mid_year=mid_year), account


@settings(max_examples=15)
@given(changes=RULES)
def test_no_rule_lets_a_yuan_go_without_a_payer(world: World, changes: dict) -> None:
    paid, account = paid_under(world, changes)
    scale = float(account.expenditure.max() + account.balance.max())
    np.testing.assert_allclose(paid.sum("payer"), account.expenditure, rtol=0, atol=1e-12 * scale)
    np.testing.assert_allclose(
        paid.sel(payer=["deposits", "market"]).sum("payer"), account.interest, atol=1e-12 * scale
    )
    brought = paid.sel(payer=list(PAYERS)[: list(PAYERS).index("deposits")])
    assert float(brought.min()) >= -1e-12 * scale
    np.testing.assert_allclose(brought.sum("payer"), account.income, rtol=1e-12)


def test_without_the_market_deposits_earn_everything(world: World) -> None:
    paid, account = paid_under(world, {"pension.investment.market_share": 0.0})
    np.testing.assert_allclose(paid.sel(payer="market") / account.interest, 0.0, atol=1e-12)
    np.testing.assert_allclose(paid.sel(payer="deposits"), account.interest, rtol=1e-9)


def test_a_market_that_falls_takes_what_others_must_bring(world: World) -> None:
    crash = world.small.market_return.where(world.small.year != 2030, -0.4)
    fallen = World.__new__(World)
    fallen.small, fallen.opening = world.small.assign(market_return=crash), world.opening
    paid, account = paid_under(fallen, {"pension.investment.market_share": 0.3})
    calm, _ = paid_under(world, {"pension.investment.market_share": 0.3})
    here = paid.sel(year=2030)
    before = start_of_year(account.balance, account.opening_balance).sel(year=2030)
    assert (here.sel(payer="market") < -0.1 * before).all()
    assert (here.sel(payer="reserve") > calm.sel(year=2030, payer="reserve")).all()
    xr.testing.assert_identical(here.sel(payer="members"), calm.sel(year=2030, payer="members"))


@pytest.mark.parametrize(("rule", "missing"), [("emergency_transfer", "cut"), ("benefit_cut", "emergency")])
def test_what_is_missing_is_an_emergency_transfer_or_a_cut(world: World, rule: str, missing: str) -> None:
    poor = {"pension.fiscal.rule": "capacity", "pension.fiscal.capacity_share": 0.0}
    paid, account = paid_under(world, poor | {"pension.valuation.deficit_rule": rule})
    other = {"cut": "emergency", "emergency": "cut"}[missing]
    assert float(account.shortfall.max()) > 0
    np.testing.assert_allclose(paid.sel(payer=other), account.shortfall, rtol=1e-12)
    assert float(np.abs(paid.sel(payer=missing)).max()) == 0.0


def test_more_land_money_is_paid_by_land_and_by_no_other_source(world: World) -> None:
    less, more = (paid_under(world, {"pension.land.share": share})[0] for share in (0.05, 0.10))
    np.testing.assert_allclose(more.sel(payer="land"), 2.0 * less.sel(payer="land"), rtol=1e-9)
    same = ["members", "centre", "province", "county", "collective", "donations", "other"]
    xr.testing.assert_identical(more.sel(payer=same), less.sel(payer=same))
    assert float((more - less).sel(payer="reserve").sum("year").max()) < 0


def test_budgets_of_the_pension_are_those_of_its_account(told: xr.Dataset, funds: dict) -> None:
    paid = told.paid.sel(scenario="all", fund="pension")
    for payer, memo in payers.LEVELS.items():
        np.testing.assert_allclose(paid.sel(payer=payer), funds["pension"][memo], rtol=1e-6, err_msg=payer)
    assert float(paid.sel(payer="centre").min()) > 0


def test_the_centre_pays_its_part_of_the_medical_subsidy_and_nothing_to_local_funds(
    told: xr.Dataset, funds: dict
) -> None:
    whole = told.paid.sel(scenario="all")
    budgets = whole.sel(payer=list(payers.LEVELS)).sum("payer")
    np.testing.assert_allclose(
        whole.sel(fund="medical", payer="centre"), 0.5 * budgets.sel(fund="medical"), rtol=1e-5, equal_nan=True
    )
    years = funds["time_bank"].year
    assert float(budgets.sel(fund="time_bank", year=years).max()) > 0
    assert float(whole.sel(fund=["unemployment", "time_bank"], payer="centre").max()) == 0.0


def test_every_income_of_every_fund_has_a_payer() -> None:
    every = [
        pension.standard_fund(2025, 0.0),
        medical.standard_fund(2025, 0.0),
        unemployment.standard_fund(2025),
        timebank.fund(2025),
        careplan.fund(2025),
    ]
    assert len(every) == len(SCHEMES)
    assert {flow.name for fund in every for flow in fund.income} <= set(SOURCES)
    assert set(SOURCES.values()) - {payers.BUDGET} <= set(PAYERS)


def test_money_of_nobody_is_refused(funds: dict, world: World) -> None:
    account = funds["pension"].rename(land_withdrawal="lottery").assign(income=funds["pension"].income * 1.01)
    with pytest.raises(AxisError, match="no payer is known"):
        payers.paid(account, world.small["deposit_rate"], HALVES)
    with pytest.raises(AxisError, match="the deposit rate of 2026 is missing"):
        payers.paid(funds["pension"], world.small["deposit_rate"].sel(year=slice(2027, None)), HALVES)


def test_shares_of_the_present_value_add_up_and_are_discounted() -> None:
    years = {"payer": ["members", "reserve"], "year": [2026, 2027]}
    paid = xr.DataArray([[100.0, 0.0], [0.0, 110.0]], years, ("payer", "year"))
    rate = xr.DataArray([0.1, 0.1], {"year": [2026, 2027]}, ("year",))
    np.testing.assert_allclose(payers.present_share(paid, rate), [0.5, 0.5], rtol=1e-12)
    np.testing.assert_allclose(payers.present_share(paid, 0.0 * rate), [100 / 210, 110 / 210], rtol=1e-12)
    assert payers.present_share(0.0 * paid, rate).isnull().all()


def test_a_scenario_without_a_fund_has_no_payers_of_it(told: xr.Dataset) -> None:
    one = told.sel(scenario="one")
    assert one.paid.sel(fund="medical").isnull().all() and one.present_share.sel(fund="medical").isnull().all()
    both = told.paid.sel(fund="pension")
    np.testing.assert_array_equal(both.sel(scenario="one"), both.sel(scenario="all"))
    np.testing.assert_allclose(one.present_share.sel(fund="pension").sum("payer"), 1.0, rtol=1e-5)
    assert told.paid.dims == ("scenario", "fund", "payer", "some", "year") and told.paid.dtype == np.float32
    assert all(
        told[name].attrs == dict(zip(("unit", "meaning"), about, strict=True)) for name, about in payers.ABOUT.items()
    )


def test_some_draws_are_kept_and_all_are_in_the_mean(world: World, funds: dict) -> None:
    case = {"law": Case(changed(Rules(), FOUNDED), ("pension",))}
    account = {"pension": funds["pension"].expand_dims(scenario=["law"])}
    few, all_of_them = (payers.across(world.projection, case, account, draws=n) for n in (1, 2))
    assert few.sizes["some"] == 1 and few.drawn.values.tolist() == [0]
    np.testing.assert_array_equal(few.paid, all_of_them.paid.isel(some=[0]))
    xr.testing.assert_identical(few.paid_mean, all_of_them.paid_mean)


def test_the_medical_subsidy_of_the_nation_is_the_mean_of_its_provinces_by_people(tables: Tables) -> None:
    by_class = Pooling().central_subsidy
    nation = payers.medical_central_share(tables, by_class)
    assert 0.5 < nation < 0.6
    assert payers.medical_central_share(tables, by_class, "贵州") == by_class[0]
    assert payers.medical_central_share(tables, by_class, "北京") == by_class[-1]
    people = {p: float(tables.series("population_year_end_province", region=p).iloc[-1]) for p in ("贵州", "北京")}
    both = (by_class[0] * people["贵州"] + by_class[-1] * people["北京"]) / sum(people.values())
    assert payers.medical_central_share(tables, by_class, places=list(people)) == pytest.approx(both, rel=1e-12)
    bare = dataclasses.replace(
        tables, frames={n: f[f["indicator"] != "sharing_tier"] for n, f in tables.frames.items()}
    )
    assert isinstance(bare.frames["provinces"], pd.DataFrame)
    assert payers.medical_central_share(bare, by_class) == 0.0
