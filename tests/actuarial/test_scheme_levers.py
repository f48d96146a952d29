"""A reform of the medical fund, the unemployment fund or the time bank moves that fund, as said, and no other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pytest
import xarray as xr

from actuarial.rules import SCHEMES, Scheme
from tests.actuarial.scheme_world import Changes, World

BEFORE, BINDING = slice(None, 2026), slice(2027, None)
"""Years before any reform, and those in which one can bind."""


@pytest.fixture(scope="module")
def world(village: xr.Dataset, observed: dict[int, float]) -> World:
    """Return the small scheme and its funds."""
    return World(village, observed)


@dataclass(frozen=True)
class Lever:
    """A reform: what it changes, under which other rules, and which outputs of its fund rise (1), fall (-1) or stay."""

    change: Changes
    moves: Mapping[str, int]
    context: Changes

    @property
    def fund(self) -> Scheme:
        """Scheme whose rules it changes."""
        (name,) = (scheme for scheme in SCHEMES if all(key.startswith(f"{scheme}.") for key in self.change))
        return name


def lever(change: Changes, context: Changes | None = None, **moves: int) -> Lever:
    """Name a reform; `moves` are outputs of its fund."""
    return Lever(change, moves, context or {})


HALF_PAID = {"medical.equipment.budget_share": 0.5}
FAST = {"medical.financing.subsidy_income_weight": 1.5}
NO_PLAN = {"unemployment.emergency.take_up": 0.0, "unemployment.emergency.trained_share": 0.0}
EMPTY = {"medical.financing.contribution_per_head": 50.0, "medical.financing.subsidy_per_head": 300.0}
SCARCE = {"time_bank.health.help_shift": 1.0, "time_bank.hours_helped": 1000.0}

REFORMS: dict[str, Lever] = {
    "members pay at most 30 % of contribution and subsidy": lever(
        {"medical.financing.member_share_cap": 0.30},
        contributions=-1,
        fiscal_transfer=1,
        member_share=-1,
        insured_mid_year=1,
    ),
    "the subsidy grows by at most 8 % a year": lever(
        {"medical.financing.subsidy_growth_cap": 0.08},
        FAST,
        fiscal_transfer=-1,
        income=-1,
        contributions=0,
        expenditure=0,
        balance=-1,
    ),
    "contribution and subsidy follow medical cost": lever(
        {"medical.financing.subsidy_income_weight": 0.0, "medical.financing.subsidy_cost_weight": 1.0},
        fiscal_transfer=1,
        balance=1,
        expenditure=0,
    ),
    "65 % of the cost of stays is paid instead of 55 %": lever(
        {"medical.reimbursement.inpatient": 0.65},
        inpatient_care=1,
        outpatient_care=0,
        income=0,
        out_of_pocket_to_income=-1,
        inside_reimbursement=1,
        balance=-1,
    ),
    "78 % of the cost of stays inside the catalogue is paid": lever(
        {"medical.reimbursement.inpatient_inside": 0.78},
        inpatient_care=1,
        inpatient_reimbursement=1,
        balance=-1,
    ),
    "70 % of chronic outpatient care is paid": lever(
        {"medical.reimbursement.chronic": 0.70},
        chronic_care=1,
        inpatient_care=0,
        out_of_pocket_to_income=-1,
        balance=-1,
    ),
    "half of ordinary visits is paid": lever({"medical.reimbursement.outpatient": 0.50}, outpatient_care=1, balance=-1),
    "second compensation to 80 % past 40 % of income": lever(
        {"medical.catastrophic.floor": 0.80},
        second_compensation=1,
        catastrophic_after=-1,
        catastrophic_before=0,
        inpatient_care=0,
        balance=-1,
    ),
    "health management of all aged 65 and over": lever(
        {"medical.health_management.coverage": 1.0},
        health_management=1,
        chronic_care=1,
        inpatient_care=-1,
        income=0,
    ),
    "scanners in 60 % of centres, paid by the budget": lever(
        {"medical.equipment.coverage": 0.60},
        equipment=1,
        equipment_grant=1,
        fiscal_transfer=0,
        shortfall=0,
    ),
    "scanners in 60 % of centres, half paid by the fund": lever(
        {"medical.equipment.coverage": 0.60}, HALF_PAID, equipment=1, equipment_grant=1, balance=-1
    ),
    "90 % of stays are treated inside the county": lever(
        {"medical.county.inside_share": 0.90},
        inpatient_care=-1,
        medical_cost=-1,
        income=0,
        balance=1,
    ),
    "double enrolment is removed": lever(
        {"medical.enrolment.duplicates_removed": 1.0},
        insured_mid_year=-1,
        contributions=-1,
        fiscal_transfer=-1,
        medical_cost=-1,
        balance=-1,
    ),
    "a fund that is empty cuts what it pays": lever(
        {"medical.valuation.deficit_rule": "benefit_cut"},
        EMPTY,
        benefit_cut=1,
        emergency_transfer=-1,
    ),
    "platforms bear 30 % of the contribution": lever(
        {"unemployment.contribution.platform_part": 0.30},
        {"unemployment.contribution.platform_part": 0.0},
        platform_contributions=1,
        member_contributions=-1,
        income=0,
        balance=0,
    ),
    "1 % returns to firms": lever(
        {"unemployment.contribution.firm_subsidy": 0.01},
        {"unemployment.contribution.firm_subsidy": 0.0},
        firm_subsidy=1,
        benefit_cost_rate=0,
        balance=-1,
    ),
    "the emergency plan": lever(
        {"unemployment.emergency.take_up": 0.5, "unemployment.emergency.trained_share": 0.02},
        NO_PLAN,
        emergency_allowance=1,
        journey_home=1,
        training=1,
        emergency_cost=1,
        emergency_months=0,
        out_of_work=-1,
        balance=-1,
    ),
    "800 yuan a month": lever(
        {"unemployment.emergency.monthly": 800.0},
        {"unemployment.emergency.monthly": 0.0},
        emergency_allowance=1,
        journey_home=0,
        balance=-1,
    ),
    "500 yuan for the journey home": lever(
        {"unemployment.emergency.journey": 500.0},
        {"unemployment.emergency.journey": 0.0},
        journey_home=1,
        emergency_allowance=0,
        balance=-1,
    ),
    "the plan starts at 6 % and not at 5 %": lever(
        {"unemployment.emergency.threshold": 0.06},
        {"unemployment.emergency.trained_share": 0.0},
        emergency_months=-1,
        emergency_allowance=-1,
        living_allowance=0,
        balance=1,
    ),
    "the plan starts at a rise by a tenth above 5 %": lever(
        {"unemployment.emergency.rise": 1.10},
        {"unemployment.emergency.trained_share": 0.0},
        emergency_months=-1,
        emergency_allowance=-1,
        living_allowance=0,
        balance=1,
    ),
    "transition posts at 80 % of the wage": lever(
        {"unemployment.benefits.posts_share": 0.05},
        transition_posts=1,
        living_allowance=-1,
        emergency_allowance=-1,
        balance=-1,
    ),
    "skills training that puts 80 % back to work": lever(
        {"unemployment.benefits.trained_share": 0.05},
        training=1,
        out_of_work=-1,
        living_allowance=-1,
        member_contributions=1,
    ),
    "cover of more flexible workers": lever(
        {"unemployment.membership.flexible_per_migrant": 0.28},
        members=1,
        covered_wages=1,
        income=1,
        expenditure=1,
    ),
    "six of ten join instead of four": lever(
        {"unemployment.membership.coverage_last": 0.60}, members=1, income=1, living_allowance=1
    ),
    "the budget matches contributions by half": lever(
        {"unemployment.contribution.fiscal_match": 0.5},
        fiscal_match=1,
        member_contributions=0,
        expenditure=0,
        balance=1,
    ),
    "a guarantee of 30 % of the wage": lever(
        {"time_bank.guarantee_share": 0.30},
        SCARCE,
        guarantee_payment=1,
        balance=1,
        shortfall=-1,
        hours_owed=0,
        guarantee_rate=0,
    ),
    "half of the healthy join": lever(
        {"time_bank.participation": 0.5}, hours_supply=1, need_met=1, bank_running_cost=1, hours_owed=1
    ),
    "hours wait where nobody can give them": lever(
        {"time_bank.shortage_rule": "wait"}, SCARCE, care_purchased=-1, hours_bought=-1, shortfall=-1, hours_owed=1
    ),
    "hours are kept on leaving": lever(
        {"time_bank.lapse_on_leaving": 0.0},
        {"time_bank.extra_leaving": 0.03},
        hours_lapsed_by_leaving=-1,
        hours_owed=1,
    ),
    "at most 300 hours are owed to a member": lever(
        {"time_bank.hours_cap": 300.0}, hours_given_away=1, hours_earned=-1, hours_owed=-1
    ),
    "beds for three million": lever(
        {"care_plan.beds.number": 3e6}, bed_building=1, bed_running=1, carers=1, beds_per_thousand=1, village_running=0
    ),
    "villages wait": lever(
        {"care_plan.villages.cover": 0.3}, village_start=-1, village_running=-1, village_cover=-1, bed_building=0
    ),
    "a hundredth of land income for elderly care": lever(
        {"care_plan.funding.land_share": 0.01}, care_land=1, income=1, expenditure=0, care_central=0
    ),
}


def _summed(data: xr.Dataset, name: str) -> np.ndarray:
    """One figure a draw: the sum over the years in which a reform binds."""
    values = data[name]
    return np.asarray((values.sel(year=BINDING).sum("year") if "year" in values.dims else values).values)


def tried(reform: str, world: World) -> tuple[xr.Dataset, xr.Dataset]:
    """Return the fund of a reform without and with it."""
    one = REFORMS[reform]
    return world.fund(one.fund, one.context), world.fund(one.fund, {**one.context, **one.change})


@pytest.mark.parametrize("reform", REFORMS)
def test_a_reform_moves_its_fund_in_the_stated_direction(reform: str, world: World) -> None:
    before, after = tried(reform, world)
    for name, sign in REFORMS[reform].moves.items():
        was, became = _summed(before, name), _summed(after, name)
        if sign:
            assert (sign * (became - was) > 1e-9 * np.abs(was)).all(), f"{name} does not move as said"
        else:
            np.testing.assert_allclose(became, was, rtol=1e-9, err_msg=f"{name} moves")


@pytest.mark.parametrize("reform", REFORMS)
def test_no_reform_moves_the_years_before_it(reform: str, world: World) -> None:
    before, after = (one.sel(year=BEFORE) for one in tried(reform, world))
    flows = ["income", "expenditure", "balance"]
    assert (before["year"].size > 0) == (REFORMS[reform].fund == "medical")
    np.testing.assert_allclose(after[flows].to_array(), before[flows].to_array(), rtol=1e-12)


@pytest.mark.parametrize("fund", ["pension", "medical", "unemployment", "time_bank", "care_plan"])
def test_the_reforms_of_one_fund_leave_the_others_as_they_are(fund: Scheme, world: World) -> None:
    change: Changes = {"pension.land.share": 0.1, "pension.benefit.income_weight": 0.5}
    for one in REFORMS.values():
        if one.fund == fund != "pension" and "medical.reimbursement.inpatient_inside" not in one.change:
            change = {**({} if "pension.land.share" in change else change), **one.context, **one.change}
    before, after = world.all_funds({}), world.all_funds(change)
    assert not before[fund].equals(after[fund])
    for other in set(SCHEMES) - {fund}:
        xr.testing.assert_identical(before[other], after[other])


def test_a_larger_step_of_a_reform_costs_more(world: World) -> None:
    steps: dict[str, tuple[Scheme, tuple[float, ...]]] = {
        "medical.reimbursement.inpatient": ("medical", (0.60, 0.65, 0.70)),
        "medical.catastrophic.floor": ("medical", (0.70, 0.80, 0.90)),
        "unemployment.emergency.monthly": ("unemployment", (400.0, 800.0, 1200.0)),
        "unemployment.benefits.posts_wage": ("unemployment", (0.6, 0.8, 1.0)),
        "time_bank.purchase_loading": ("time_bank", (0.3, 0.5, 0.7)),
    }
    context = {"unemployment.benefits.posts_share": 0.05, **SCARCE}
    for key, (fund, values) in steps.items():
        outgo = [_summed(world.fund(fund, {**context, key: value}), "expenditure") for value in values]
        assert all((more > less).all() for less, more in pairwise(outgo)), key


def test_flexible_workers_join_at_their_share_of_migrants(world: World) -> None:
    few, many = (
        world.fund("unemployment", {"unemployment.membership.flexible_per_migrant": share})["members"]
        for share in (0.14, 0.28)
    )
    np.testing.assert_allclose(many, few * 1.28 / 1.14, rtol=1e-12)


def test_a_subsidy_that_would_grow_faster_grows_by_eight_per_cent(world: World) -> None:
    capped = world.fund("medical", {**FAST, "medical.financing.subsidy_growth_cap": 0.08})
    per_head = (capped["fiscal_transfer"] / capped["insured_mid_year"]).sel(year=slice(2026, None))
    growth = (per_head / per_head.shift(year=1) - 1).isel(year=slice(1, None))
    assert float(growth.max()) == pytest.approx(0.08)
    assert float((growth > 0.08 - 1e-9).mean()) > 0.2
    assert float(growth.min()) < 0.07
