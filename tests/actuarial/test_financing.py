"""Who puts what into an account, and the three rules of the fiscal transfer."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st

from actuarial import financing
from actuarial.assumptions import Assumptions, changed
from actuarial.flow import Recorded
from forecasting.axes import AxisError

YEARS = np.arange(2024, 2030)
GROWTH = 1.05 ** (YEARS - 2024.0)


def economy() -> xr.Dataset:
    return xr.Dataset(
        {
            "contribution_per_head": ("year", 600 * GROWTH),
            "rural_income": ("year", 20000 * GROWTH),
            "budget_revenue": ("year", 1e9 * np.ones(6)),
            "land_income": ("year", 1e8 * np.ones(6)),
            "contributors_mid_year": ("year", 1000.0 * np.ones(6)),
            "basic_pension": ("year", 1e6 * 1.08 ** (YEARS - 2024.0)),
            "match": ("year", 1e5 * np.ones(6)),
        },
        {"year": YEARS},
    )


STILL = {
    **{"collective.from_year": 2024, "collective.volatility": 0.0},
    **{"collective.donations_from": 2024, "collective.donations_volatility": 0.0},
}
"""Sources that pay from the first year on and do not swing."""

BASIC = Recorded("basic_pension", "pool", "outgo", "Basic pensions")
TRANSFER = financing.FiscalTransfer(due=(BASIC, financing.MATCH))


@given(st.floats(0, 5), st.floats(0, 5))
def test_a_higher_multiple_gives_a_larger_match_and_asks_members_for_no_more(less: float, more: float) -> None:
    low, high = (
        financing.account_money_per_head(economy(), changed(Assumptions(), {"accounts.match_multiple": multiple}))
        for multiple in sorted((less, more))
    )
    assert (high.match >= low.match).all()
    xr.testing.assert_identical(high.member, low.member)


@given(st.floats(0, 1), st.floats(0, 500), st.floats(0, 3))
def test_a_cap_on_the_members_share_moves_money_and_makes_none(cap: float, collective: float, multiple: float) -> None:
    law = {"collective.accounts_per_head": collective, "accounts.match_multiple": multiple} | STILL
    free = financing.account_money_per_head(economy(), changed(Assumptions(), law))
    reform = law | {"accounts.member_share_cap": cap, "accounts.member_share_cap_from": 2026}
    capped = financing.account_money_per_head(economy(), changed(Assumptions(), reform))
    total = free.member + free.match + free.collective
    np.testing.assert_allclose(capped.member + capped.match + capped.collective, total)
    np.testing.assert_allclose(capped.member.sel(year=slice(None, 2025)), free.member.sel(year=slice(None, 2025)))
    bound = capped.sel(year=slice(2026, None))
    assert (bound.member <= cap * total.sel(year=bound.year) + 1e-9).all()
    assert (bound.match >= free.match.sel(year=bound.year) - 1e-9).all()


def test_the_statutory_transfer_pays_what_is_due() -> None:
    np.testing.assert_allclose(TRANSFER.amount(economy(), Assumptions()), economy().basic_pension + economy().match)


def test_the_capacity_transfer_is_a_share_of_budget_revenue() -> None:
    rule = changed(Assumptions(), {"fiscal.rule": "capacity", "fiscal.capacity_share": 0.02})
    np.testing.assert_allclose(TRANSFER.amount(economy(), rule), 2e7)


def test_a_capacity_rule_without_its_share_is_refused() -> None:
    with pytest.raises(AxisError, match="capacity_share is empty"):
        TRANSFER.amount(economy(), changed(Assumptions(), {"fiscal.rule": "capacity"}))


@given(st.floats(0, 0.3), st.floats(0, 0.9))
def test_the_transfer_within_capacity_fills_the_gap_and_no_more_than_the_capacity(share: float, land: float) -> None:
    transfer = financing.FiscalTransfer(due=(BASIC, financing.MATCH), other_income=(financing.LandWithdrawal(),))
    law = {"land.share": land, "fiscal.capacity_share": share}
    rule = changed(Assumptions(), law | {"fiscal.rule": "within_capacity"})
    paid = transfer.amount(economy(), rule)
    gap = TRANSFER.amount(economy(), Assumptions()) - financing.LandWithdrawal().amount(economy(), rule)
    most = TRANSFER.amount(economy(), changed(Assumptions(), law | {"fiscal.rule": "capacity"}))
    assert (paid >= 0).all() and (paid <= most + 1e-9).all()
    np.testing.assert_allclose(paid, np.minimum(np.maximum(gap, 0), most))


def test_the_capped_transfer_never_grows_faster_than_its_cap_nor_passes_what_is_due() -> None:
    rule = {"fiscal.rule": "capped", "fiscal.growth_cap": 0.04, "fiscal.capped_from": 2026}
    paid = TRANSFER.amount(economy(), changed(Assumptions(), rule))
    due = TRANSFER.amount(economy(), Assumptions())
    np.testing.assert_allclose(paid.sel(year=[2024, 2025]), due.sel(year=[2024, 2025]))
    np.testing.assert_allclose(paid.sel(year=2029), due.sel(year=2025) * 1.04**4)
    assert (paid <= due).all()


def test_a_loose_cap_is_the_statutory_rule() -> None:
    rule = changed(Assumptions(), {"fiscal.rule": "capped", "fiscal.growth_cap": 0.3})
    np.testing.assert_allclose(TRANSFER.amount(economy(), rule), TRANSFER.amount(economy(), Assumptions()))


def test_the_land_withdrawal_starts_in_its_year() -> None:
    rule = changed(Assumptions(), {"land.share": 0.1, "land.fund_share": 0.5, "land.from_year": 2027})
    np.testing.assert_allclose(financing.LandWithdrawal().amount(economy(), rule), [0, 0, 0, 5e6, 5e6, 5e6])


def test_collective_donations_and_other_income_keep_pace_with_rural_income() -> None:
    money = {"collective.pool_per_head": 2.0, "collective.donations": 10.0, "collective.other_income": 30.0}
    rule = changed(Assumptions(), money | STILL)
    np.testing.assert_allclose(financing.CollectivePool().amount(economy(), rule), 2000 * GROWTH)
    np.testing.assert_allclose(financing.Donations().amount(economy(), rule), 10 * GROWTH)
    np.testing.assert_allclose(financing.OtherIncome().amount(economy(), rule), 30 * GROWTH)


# Levels of government ---------------------------------------------------------------------------------------------

RULES = st.sampled_from(["statutory", "capacity", "within_capacity", "capped"])
SHARES = st.floats(0, 1)


def levels(changes: dict[str, object], minimum: float = 0.6) -> tuple[xr.Dataset, xr.Dataset]:
    """Return the account of the little economy, and its transfer by level; `minimum` is part of the basic pensions."""
    ready = economy().assign(minimum_pension_paid=minimum * economy().basic_pension)
    law = {"fiscal.capacity_share": 0.002, "fiscal.central_share_of_minimum": 0.8}
    rule = changed(Assumptions(), law | changes)
    transfer = TRANSFER.amount(ready, rule)
    account = ready[["basic_pension", "match"]].assign(fiscal_transfer=transfer)
    return account, financing.by_level(account, ready, rule)


@given(rule=RULES, minimum=SHARES, central=SHARES, local=SHARES, least=st.none() | SHARES, capacity=st.floats(0, 0.01))
def test_the_levels_add_up_to_the_transfer_under_every_rule(
    rule: str, minimum: float, central: float, local: float, least: float | None, capacity: float
) -> None:
    changes = {"rule": rule, "capacity_share": capacity, "central_share_of_minimum": central}
    changes |= {"provincial_share_of_local": local, "central_provincial_share": least}
    account, found = levels({f"fiscal.{key}": value for key, value in changes.items()}, minimum)
    assert tuple(found.data_vars) == tuple(financing.LEVELS)
    np.testing.assert_allclose(sum(found.data_vars.values()), account.fiscal_transfer, rtol=1e-14)
    assert all((found[name] >= -1e-9).all() for name in found.data_vars)
    if least is not None:
        upper = (found.fiscal_central + found.fiscal_provincial).sel(year=slice(2027, None))
        assert (upper >= least * account.fiscal_transfer.sel(year=upper.year) * (1 - 1e-12)).all()


def test_under_the_statute_the_central_budget_pays_its_share_of_the_minimum() -> None:
    account, found = levels({"fiscal.provincial_share_of_local": 0.25})
    np.testing.assert_allclose(found.fiscal_central, 0.8 * 0.6 * account.basic_pension)
    local = 0.52 * account.basic_pension + account.match
    np.testing.assert_allclose(found.fiscal_provincial, 0.25 * local)
    np.testing.assert_allclose(found.fiscal_county, 0.75 * local)


def test_a_transfer_below_what_is_due_is_short_by_the_same_part_at_every_level() -> None:
    account, found = levels({"fiscal.rule": "capacity", "fiscal.capacity_share": 0.0005})
    met = account.fiscal_transfer / (account.basic_pension + account.match)
    assert (met < 1).all()
    _, due = levels({})
    for name in financing.LEVELS:
        np.testing.assert_allclose(found[name], met * due[name])


def test_what_passes_what_is_due_is_local() -> None:
    account, found = levels({"fiscal.rule": "capacity", "fiscal.capacity_share": 0.01})
    _, due = levels({})
    np.testing.assert_allclose(found.fiscal_central, due.fiscal_central)
    assert (account.fiscal_transfer > account.basic_pension + account.match).all()


def test_a_least_upper_part_lifts_both_upper_levels_alike_from_its_year() -> None:
    reform = {"fiscal.central_provincial_share": 0.95, "fiscal.central_provincial_from": 2028}
    account, found = levels(reform)
    _, law = levels({})
    np.testing.assert_allclose(found.sel(year=[2024, 2027]).to_array(), law.sel(year=[2024, 2027]).to_array())
    late, before = found.sel(year=[2028, 2029]), law.sel(year=[2028, 2029])
    np.testing.assert_allclose(late.fiscal_county, 0.05 * account.fiscal_transfer.sel(year=late.year))
    np.testing.assert_allclose(
        late.fiscal_central / late.fiscal_provincial, before.fiscal_central / before.fiscal_provincial
    )


def test_a_least_part_that_is_met_already_changes_nothing() -> None:
    _, law = levels({})
    _, reform = levels({"fiscal.central_provincial_share": 0.3})
    xr.testing.assert_allclose(reform, law, rtol=1e-14)


def test_where_both_upper_levels_pay_nothing_the_province_pays_the_least_part() -> None:
    nothing = {"fiscal.central_share_of_minimum": 0.0, "fiscal.provincial_share_of_local": 0.0}
    account, found = levels(nothing | {"fiscal.central_provincial_share": 0.6})
    np.testing.assert_array_equal(found.fiscal_central, 0.0)
    late = found.fiscal_provincial.sel(year=slice(2027, None))
    np.testing.assert_allclose(late, 0.6 * account.fiscal_transfer.sel(year=late.year))


def test_levels_without_the_central_share_are_refused() -> None:
    with pytest.raises(AxisError, match="central_share_of_minimum is empty"):
        levels({"fiscal.central_share_of_minimum": None})
