"""One fund under one set of rules: all that is told of it fits together."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr

from actuarial import assessment
from actuarial.assessment import Assessment, Opening
from actuarial.assumptions import Assumptions, changed
from actuarial.benefit import PARTS
from actuarial.financing import LEVELS

SCALE = {"collective.other_income": 1e6, "fiscal.central_share_of_minimum": 0.8}
MINIMUM = {year: 600.0 + 20.0 * (year - 2018) for year in range(2018, 2025)}
CUT = {"fiscal.rule": "capacity", "fiscal.capacity_share": 0.002, "valuation.deficit_rule": "benefit_cut"}


def assessed(village: xr.Dataset, observed: dict[int, float], changes: dict[str, object]) -> Assessment:
    opening = Opening(2025, 2e9, observed, MINIMUM)
    return assessment.assess(village, changed(Assumptions(), SCALE | changes), opening)


@pytest.fixture(scope="module")
def law(village: xr.Dataset, observed: dict[int, float]) -> Assessment:
    return assessed(village, observed, {})


def test_every_indicator_says_its_unit_and_what_it_means(law: Assessment) -> None:
    untold = [n for n, v in law.indicators.data_vars.items() if not (v.attrs.get("unit") and v.attrs.get("meaning"))]
    assert untold == []


def test_every_flow_of_the_account_says_its_unit_and_what_it_means(law: Assessment) -> None:
    untold = [n for n, v in law.account.data_vars.items() if not (v.attrs.get("unit") and v.attrs.get("meaning"))]
    assert untold == []


def test_parts_and_levels_add_up_to_what_they_are_parts_of(law: Assessment) -> None:
    a = law.account
    np.testing.assert_allclose(sum(a[name] for name in PARTS), a["basic_pension"], rtol=1e-12)
    np.testing.assert_allclose(sum(a[name] for name in LEVELS), a["fiscal_transfer"], rtol=1e-12)


def test_the_open_group_is_the_closed_one_and_the_future_entrants(law: Assessment) -> None:
    found = law.indicators
    parts = found["closed_group_obligation"] + found["future_entrants_obligation"]
    np.testing.assert_allclose(found["open_group_obligation"], parts, rtol=1e-9)


def test_accounts_by_age_add_up_to_what_is_owed_to_members(law: Assessment) -> None:
    by_age = law.members["accounts_by_age"].sum(["sex", "age"]).rename(at="year").sel(year=[2035, 2060])
    owed = law.account["accounts_balance"].sel(year=[2035, 2060])
    np.testing.assert_allclose(by_age.transpose(*owed.dims), owed, rtol=1e-6)


def test_members_who_do_not_react_give_the_account_of_members_who_cannot(
    village: xr.Dataset, observed: dict[int, float]
) -> None:
    still = assessed(village, observed, CUT)
    assert bool((still.account["benefit_cut"] > 0).any())
    assert bool((still.indicators["participation"] == 1.0).all())


def test_members_who_react_leave_after_the_first_cut_and_the_fund_pays_less_for_it(
    village: xr.Dataset, observed: dict[int, float]
) -> None:
    still, moving = (assessed(village, observed, CUT | {"participation.elasticity": e}) for e in (0.0, 1.0))
    cut = still.account["benefit_cut"] > 0
    before = cut.cumsum("year").shift(year=1, fill_value=0) == 0
    stays = moving.indicators["participation"]
    assert bool((stays.where(before, 1.0) == 1.0).all())
    assert float(stays.min()) < 1.0
    paid = [one.account["contributions"].sum("year") for one in (still, moving)]
    assert bool((paid[1] < paid[0]).all())
    found = moving.indicators["benefits_lost_to_leavers"]
    measured = still.indicators["benefits_paid_share"] - moving.indicators["benefits_paid_share"]
    np.testing.assert_allclose(found, measured, atol=1e-9)


def test_balancing_lowers_the_basic_pension_of_every_obligation(
    village: xr.Dataset, observed: dict[int, float], law: Assessment
) -> None:
    capacity = {"fiscal.rule": "capacity", "fiscal.capacity_share": 0.02}
    free, steered = (
        assessed(village, observed, capacity | {"benefit.balancing": rule}) for rule in ("none", "balance_ratio")
    )
    assert float(steered.indicators["balancing_index"].min()) < 1.0
    for name in ("open_group_obligation", "closed_group_obligation", "accrued_obligation"):
        assert bool((steered.indicators[name] <= free.indicators[name]).all())
    assert bool((free.indicators["balancing_index"] == 1.0).all())
