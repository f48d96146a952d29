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


BASIC = Recorded("basic_pension", "pool", "outgo", "Basic pensions")
TRANSFER = financing.FiscalTransfer(due=(BASIC, financing.MATCH))


@pytest.mark.parametrize(("tier", "match"), [(50, 30), (100, 30), (300, 45), (500, 60), (2000, 60)])
def test_the_least_match_follows_the_opinion_of_2014(tier: float, match: float) -> None:
    assert financing.minimum_match(np.array(tier), np.array(1.0)) == pytest.approx(match)


@given(st.floats(0, 5000), st.floats(0.5, 20))
def test_the_match_has_no_unit_of_money(tier: float, index: float) -> None:
    scaled = financing.minimum_match(np.array(tier * index), np.array(index))
    np.testing.assert_allclose(scaled, index * financing.minimum_match(np.array(tier), np.array(1.0)))


@given(st.floats(0, 1), st.floats(0, 500), st.floats(0, 3))
def test_a_cap_on_the_members_share_moves_money_and_makes_none(cap: float, collective: float, multiple: float) -> None:
    law = {"collective.accounts_per_head": collective, "accounts.match_multiple": multiple}
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
    rule = changed(Assumptions(), money)
    np.testing.assert_allclose(financing.CollectivePool().amount(economy(), rule), 2000 * GROWTH)
    np.testing.assert_allclose(financing.Donations().amount(economy(), rule), 10 * GROWTH)
    np.testing.assert_allclose(financing.OtherIncome().amount(economy(), rule), 30 * GROWTH)
