"""Money is conserved, through shortfall too; every fault of a fund is named at once."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st

from actuarial._ledgers import Cash, carry
from actuarial.assumptions import Assumptions, changed
from actuarial.flow import Flow, Recorded
from actuarial.fund import Fund, project
from actuarial.solvency import opening_pool, start_of_year
from forecasting.axes import AxisError

YEARS = np.arange(2026, 2034)
INCOME: tuple[Flow, ...] = (Recorded("tax", "pool", "income", "Tax"), Recorded("dues", "accounts", "income", "Dues"))
OUTGO: tuple[Flow, ...] = (Recorded("benefit", "pool", "outgo", "B"), Recorded("annuity", "accounts", "outgo", "A"))
TRANSFERS: tuple[Flow, ...] = (
    Recorded("top_up", "pool", "outgo", "Match"),
    Recorded("credit", "accounts", "interest", "Credited"),
)
NAMES = [flow.name for flow in (*INCOME, *OUTGO, *TRANSFERS)]


def world(seed: int, scale: float = 1e6, draws: int = 3) -> xr.Dataset:
    rng = np.random.default_rng(seed)
    dims = ("draw", "year")
    flows = {n: (dims, rng.uniform(0, scale * rng.uniform(0.1, 2), (draws, YEARS.size))) for n in NAMES}
    rates = {n: (dims, rng.uniform(-0.1, 0.12, (draws, YEARS.size))) for n in ("deposit_rate", "market_return")}
    return xr.Dataset(flows | rates, {"draw": np.arange(draws), "year": YEARS})


def fund(opening: float | np.ndarray = 1e6, accounts: float = 4e5) -> Fund:
    return Fund("test", INCOME, OUTGO, 2025, opening, accounts, TRANSFERS)


conventions = st.sampled_from(["mid_year", "opening_balance"])
rules = st.sampled_from(["emergency_transfer", "benefit_cut"])


@given(st.integers(0, 2**32 - 1), st.floats(1, 1e10), st.floats(0, 1e10), conventions, rules)
def test_money_is_conserved_to_the_fen(seed: int, scale: float, opening: float, convention: str, rule: str) -> None:
    changes = {"investment.interest_convention": convention, "valuation.deficit_rule": rule}
    a = project(fund(opening, opening / 2), world(seed, scale), changed(Assumptions(), changes))
    change = a.balance - start_of_year(a.balance, a.opening_balance)
    flows = a.tax + a.dues + a.interest + a.shortfall - a.benefit - a.annuity
    assert np.abs(change - flows).max() < 0.01
    pool = a.pool_balance - start_of_year(a.pool_balance, opening_pool(a))
    assert np.abs(pool - (a.pool_income - a.pool_outgo + a.pool_interest + a.shortfall)).max() < 0.01
    accounts = a.accounts_balance - start_of_year(a.accounts_balance, a.opening_accounts)
    assert np.abs(accounts - (a.dues + a.top_up + a.credit - a.annuity)).max() < 0.01
    np.testing.assert_allclose(a.balance, a.pool_balance + a.accounts_balance)
    np.testing.assert_allclose(a.emergency_transfer + a.benefit_cut, a.shortfall)


@given(st.integers(0, 2**32 - 1))
def test_the_fund_is_never_below_zero_and_short_only_when_empty(seed: int) -> None:
    a = project(fund(), world(seed), Assumptions())
    assert (a.balance >= 0).all() and (a.shortfall >= 0).all()
    assert (a.balance.where(a.shortfall > 0, 0.0) == 0).all()


@given(st.integers(0, 2**32 - 1))
def test_lending_adds_up_to_what_the_pool_owes(seed: int) -> None:
    a = project(fund(), world(seed), Assumptions())
    np.testing.assert_allclose(a.lending.cumsum("year"), (-a.pool_balance).clip(min=0.0), atol=1e-6)


@given(st.integers(0, 2**32 - 1), st.booleans())
def test_the_recursion_agrees_with_books_kept_by_hand(seed: int, mid_year: bool) -> None:
    rng = np.random.default_rng(seed)
    cash = Cash(*(rng.uniform(0, 100, (1, 6)) for _ in range(6)), rng.uniform(-0.05, 0.1, (1, 6)))
    got = carry(cash, np.array([60.0]), np.array([40.0]), mid_year=mid_year)
    pool, owed = 60.0, 40.0
    for t in range(6):
        pin, pout, ain, aout, moved, credited, rate = (float(part[0, t]) for part in cash)
        interest = rate * (pool + owed) + (((1 + rate) ** 0.5 - 1) * (pin + ain - pout - aout) if mid_year else 0.0)
        owed += ain + moved + credited - aout
        pool += pin - pout - moved + interest - credited
        missing = max(0.0, -(pool + owed))
        pool += missing
        found = [getattr(got, n)[0, t] for n in ("interest", "pool_balance", "accounts_balance", "shortfall")]
        np.testing.assert_allclose(found, [interest, pool, owed, missing], atol=1e-9)


def test_draws_do_not_touch_each_other() -> None:
    together = project(fund(), world(1), Assumptions())
    alone = project(fund(), world(1).isel(draw=[2]), Assumptions())
    xr.testing.assert_allclose(together.isel(draw=[2]), alone)


def test_a_deterministic_projection_gives_an_account_without_draws() -> None:
    one = world(1).isel(draw=0, drop=True)
    account = project(fund(), one, Assumptions())
    assert set(account.dims) == {"year"}
    xr.testing.assert_allclose(account, project(fund(), world(1), Assumptions()).isel(draw=0, drop=True))


def test_openings_may_differ_by_draw() -> None:
    account = project(fund(np.array([1e6, 2e6, 3e6])), world(1), Assumptions())
    np.testing.assert_array_equal(account.opening_balance, [1e6, 2e6, 3e6])
    assert float(account.balance[1, 0]) > float(project(fund(), world(1), Assumptions()).balance[1, 0])


def test_the_account_starts_after_the_opening_and_reads_years_exactly() -> None:
    later = project(Fund("late", INCOME, OUTGO, 2029, 0.0, 0.0, TRANSFERS), world(1), Assumptions())
    np.testing.assert_array_equal(later.year, np.arange(2030, 2034))


def test_every_variable_says_what_it_is() -> None:
    account = project(fund(), world(1), Assumptions())
    for variable in account.data_vars.values():
        assert set(variable.attrs) == {"unit", "meaning", "kind", "ledger"}
    assert account.top_up.attrs["ledger"] == "pool" and account.top_up.attrs["kind"] == "outgo"


def test_every_fault_is_listed_at_once() -> None:
    bad = world(1).drop_vars(["tax", "market_return"])
    bad["benefit"][0, 2] = np.nan
    bad["annuity"][1, 3] = -1.0
    twice = (*OUTGO, Recorded("dues", "pool", "outgo", "again"), Recorded("balance", "pool", "outgo", "taken"))
    broken = Fund("bad", INCOME, twice, 2025, -1.0, np.nan, TRANSFERS)
    with pytest.raises(AxisError) as caught:
        project(broken, bad, Assumptions())
    text = str(caught.value)
    for part in (
        "'dues' is in the fund twice",
        "'balance' has the name of a result",
        "opening_balance is below 0",
        "opening_accounts is below 0 or not finite",
        "tax: the projection lacks variable 'tax'",
        "rate_earned: the projection lacks variable 'market_return'",
        "benefit: not finite in 2028",
        "annuity: below 0 in 2029",
    ):
        assert part in text


def test_a_first_year_that_is_missing_is_named() -> None:
    with pytest.raises(AxisError, match="year 2026 is missing"):
        project(fund(), world(1).sel(year=slice(2027, None)), Assumptions())


def test_a_flow_that_ends_early_is_named() -> None:
    short = world(1)["tax"].sel(year=slice(None, 2032))

    class Short:
        name, ledger, kind, meaning = "short", "pool", "income", "Ends early"

        def amount(self, projection: xr.Dataset, assumptions: Assumptions) -> xr.DataArray:
            return short

    with pytest.raises(AxisError, match="short: year 2033 is missing"):
        project(Fund("f", (Short(),), (), 2025, 0.0), world(1), Assumptions())


def test_a_flow_that_kept_an_age_is_refused() -> None:
    aged = world(1)
    aged["tax"] = aged["tax"].expand_dims(age=[0, 1])
    with pytest.raises(AxisError, match="sum out all but draw and year"):
        project(fund(), aged, Assumptions())


def test_draws_of_another_projection_are_refused() -> None:
    with pytest.raises(AxisError, match="opening_balance has 2 draws, the flows have 3"):
        project(fund(np.array([1.0, 2.0])), world(1), Assumptions())
