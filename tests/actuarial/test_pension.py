"""The resident pension through its standard fund: its benefits and the order of its outcomes."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st

from actuarial import pension, solvency
from actuarial.assumptions import Assumptions, Benefit, changed
from actuarial.fund import project
from forecasting.axes import AxisError

OTHER = {"collective.other_income": 1e6}
YEARS = np.arange(2020, 2030)


def account_of(village: xr.Dataset, observed: dict[int, float], changes: dict[str, object]) -> xr.Dataset:
    assumptions = changed(Assumptions(), OTHER | changes)
    projection = pension.with_accounts(village, assumptions, observed)
    return project(pension.standard_fund(2025, 2e9, 1e9), projection, assumptions)


def prices_and_income(income: float = 0.06, prices: float = 0.02) -> xr.Dataset:
    path = {"rural_income": ("year", 100 * (1 + income) ** (YEARS - 2020.0))}
    return xr.Dataset(path | {"price_index": ("year", (1 + prices) ** (YEARS - 2020.0))}, {"year": YEARS})


def test_the_basic_pension_is_as_published_and_then_indexed() -> None:
    benefit = Benefit(income_weight=0.5, price_weight=0.25, indexation_from=2026)
    path = pension.basic_pension_per_head(prices_and_income(), benefit, {2022: 1000.0, 2023: 1100.0})
    assert np.isnan(path.sel(year=[2020, 2021])).all()
    np.testing.assert_allclose(path.sel(year=[2022, 2023]), [1000, 1100])
    np.testing.assert_allclose(path.sel(year=2025), 1100 * 1.06**2)
    np.testing.assert_allclose(path.sel(year=2029), 1100 * 1.06**2 * 1.035**4)


def test_the_basic_pension_never_falls_below_its_floor() -> None:
    path = pension.basic_pension_per_head(prices_and_income(income=-0.1), Benefit(), {2020: 1000.0})
    np.testing.assert_allclose(path, 1000.0)


def test_published_years_after_the_projection_do_no_harm() -> None:
    path = pension.basic_pension_per_head(prices_and_income(), Benefit(), {y: 1000.0 for y in range(2020, 2040)})
    np.testing.assert_allclose(path, 1000.0)


@pytest.mark.parametrize(
    ("observed", "fault"),
    [
        ({}, "no year within 2020-2029"),
        ({1999: 50.0}, "no year within 2020-2029"),
        ({2020: 1.0, 2022: 1.0}, "year 2021 is missing"),
        ({2020: 0.0}, "of 2020 is 0.0"),
        ({2020: float("nan")}, "of 2020 is nan"),
    ],
)
def test_a_broken_history_of_the_basic_pension_is_refused(observed: dict[int, float], fault: str) -> None:
    with pytest.raises(AxisError, match=fault):
        pension.basic_pension_per_head(prices_and_income(), Benefit(), observed)


def test_people_are_summed_out_and_counted(village: xr.Dataset, observed: dict[int, float]) -> None:
    ready = pension.with_accounts(village, Assumptions(), observed)
    assert set(ready.dims) == {"draw", "year"}
    np.testing.assert_allclose(ready.pensioners_mid_year, village.pensioners.sum(("sex", "age")))
    deaths = (village.pensioners * village.pensioner_mortality).sum(("sex", "age"))
    np.testing.assert_allclose(ready.pensioner_deaths, deaths)


def test_members_pay_in_total_what_was_projected(village: xr.Dataset, observed: dict[int, float]) -> None:
    ready = pension.with_accounts(village, Assumptions(), observed)
    np.testing.assert_allclose(ready.contributions, ready.contributors_mid_year * village.contribution_per_head)


def test_single_precision_people_change_nothing_but_the_last_digits(
    village: xr.Dataset, observed: dict[int, float]
) -> None:
    small = village.assign({n: village[n].astype("float32") for n in pension.PEOPLE})
    full, half = (pension.with_accounts(v, Assumptions(), observed) for v in (village, small))
    for name in full.data_vars:
        np.testing.assert_allclose(half[name], full[name], rtol=1e-5, err_msg=str(name))


def test_a_projection_without_draws_gives_an_account_without_draws(
    village: xr.Dataset, observed: dict[int, float]
) -> None:
    one = account_of(village.isel(draw=3, drop=True), observed, {})
    assert set(one.dims) == {"year"}
    xr.testing.assert_allclose(one, account_of(village, observed, {}).isel(draw=3, drop=True))


def test_what_is_missing_from_a_projection_is_named_at_once(village: xr.Dataset, observed: dict[int, float]) -> None:
    with pytest.raises(AxisError) as caught:
        pension.with_accounts(village.drop_vars(["pensioners", "land_income"]), Assumptions(), observed)
    assert len(caught.value.faults) == 2


def test_negative_people_are_refused(village: xr.Dataset, observed: dict[int, float]) -> None:
    with pytest.raises(AxisError, match="'contributors' runs from -"):
        pension.with_accounts(village.assign(contributors=-village.contributors), Assumptions(), observed)


def test_contributors_of_pension_age_are_refused(village: xr.Dataset, observed: dict[int, float]) -> None:
    with pytest.raises(AxisError, match="aged 60 or older"):
        pension.with_accounts(village.assign(contributors=village.pensioners), Assumptions(), observed)


def test_the_fund_owes_what_the_accounts_hold(village: xr.Dataset, observed: dict[int, float]) -> None:
    rule = changed(Assumptions(), OTHER)
    ready = pension.with_accounts(village, rule, observed)
    owed = ready.accounts_balance.sel(year=2025).values
    account = project(pension.standard_fund(2025, 2e9, owed), ready, rule)
    np.testing.assert_allclose(account.accounts_balance, ready.accounts_balance.sel(year=account.year), rtol=1e-12)


@settings(max_examples=25)
@given(share=st.floats(0.001, 0.05), more=st.floats(0.0, 0.05))
def test_more_transfer_never_hastens_depletion(
    village: xr.Dataset, observed: dict[int, float], share: float, more: float
) -> None:
    ready = pension.with_accounts(village, Assumptions(), observed)
    law = OTHER | {"fiscal.rule": "capacity"}
    years = []
    for given_share in (share, share + more):
        rule = changed(Assumptions(), law | {"fiscal.capacity_share": given_share})
        account = project(pension.standard_fund(2025, 2e9, 1e9), ready, rule)
        years.append(solvency.exhaustion_year(account.pool_balance).fillna(9999))
    assert (years[1] >= years[0]).all()


def test_a_larger_market_share_pays_where_the_market_pays_more(village: xr.Dataset, observed: dict[int, float]) -> None:
    good = village.assign(market_return=village.market_return * 0 + 0.06)
    low, high = (account_of(good, observed, {"investment.market_share": share}) for share in (0.2, 0.4))
    assert (high.balance > low.balance).all()


def test_a_lower_indexation_costs_less_and_leaves_more(village: xr.Dataset, observed: dict[int, float]) -> None:
    capacity = {"fiscal.rule": "capacity", "fiscal.capacity_share": 0.02, "benefit.growth_floor": -0.2}
    full = account_of(village, observed, capacity)
    less = account_of(village, observed, capacity | {"benefit.income_weight": 0.5})
    total = less.basic_pension.sum("year") < full.basic_pension.sum("year")
    assert total.all() and (less.shortfall.sum("year") <= full.shortfall.sum("year")).all()
    assert ((less.pool_balance > full.pool_balance) | (less.shortfall > 0)).isel(year=slice(3, None)).all()


def test_a_match_in_place_of_contributions_leaves_every_account_as_it_was(
    village: xr.Dataset, observed: dict[int, float]
) -> None:
    flat = {"accounts.back_payment_share": 0.0}
    free = account_of(village, observed, flat)
    capped = account_of(village, observed, flat | {"accounts.member_share_cap": 0.4})
    np.testing.assert_allclose(capped.accounts_balance, free.accounts_balance)
    np.testing.assert_allclose(capped.contributions + capped.match, free.contributions + free.match)
    assert (solvency.member_share(capped).sel(year=slice(2027, None)) <= 0.4 + 1e-12).all()


def test_under_the_statute_the_pool_itself_pays_tail_and_grants_only(
    village: xr.Dataset, observed: dict[int, float]
) -> None:
    account = account_of(village, observed, {})
    change = account.pool_balance - solvency.start_of_year(account.pool_balance, solvency.opening_pool(account))
    own = account.other_income + account.pool_interest - account.longevity_tail - account.funeral_grant
    assert float(np.abs(change - own).max()) < 0.01
