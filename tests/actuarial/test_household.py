"""All funds of a run: money conserved in each, none moved by another, and what they need together."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr

from actuarial import household, joint, valuation
from actuarial.assumptions import Assumptions
from actuarial.flow import Recorded
from actuarial.fund import Fund, project
from actuarial.rules import SCHEMES, Case, Rules
from actuarial.runfile import RunFile
from actuarial.saving import Results
from forecasting import projection as people
from forecasting.axes import AxisError
from forecasting.projection import Fits

YEARS = np.arange(2026, 2031)
DRAWS = 8
LATER = ("medical", "unemployment", "time_bank")


def account(transfer: float, outgo: float, opening: float = 0.0, first: int = 2026) -> xr.Dataset:
    """Carry a fund with one transfer and one benefit, yuan a year, through years without interest."""
    years = np.arange(first - 1, YEARS[-1] + 1)
    zero = xr.DataArray(np.zeros((DRAWS, years.size)), {"draw": np.arange(DRAWS), "year": years}, ("draw", "year"))
    world = xr.Dataset({"fiscal_transfer": zero + transfer, "benefit": zero + outgo, "deposit_rate": zero})
    world["market_return"] = zero
    flows = Recorded("fiscal_transfer", "pool", "income", "in"), Recorded("benefit", "pool", "outgo", "out")
    rules = Assumptions()
    free = rules.model_copy(update={"investment": rules.investment.model_copy(update={"deposit_spread": 0.0})})
    return project(Fund("a", flows[:1], flows[1:], first - 1, opening), world, free)


def medical(transfer: float, outgo: float, opening: float = 0.0) -> xr.Dataset:
    """Carry a fund as `account` does, with the flow that budgets pay the medical fund besides."""
    own = account(transfer, outgo, opening)
    return own.assign(equipment_grant=xr.zeros_like(own["fiscal_transfer"]))


REVENUE = xr.DataArray(np.full(YEARS.size, 1000.0), {"year": YEARS}, ("year",), name="budget_revenue")


def test_what_keeps_a_pool_is_its_outgo_less_its_own_income() -> None:
    own = account(3.0, 10.0, 100.0)
    np.testing.assert_allclose(joint.need_of(own, ["fiscal_transfer"]), 10.0)
    # Where nothing of the income comes from budgets, that income is the fund's own.
    np.testing.assert_allclose(joint.need_of(own, []), 7.0)


def test_a_flow_that_the_account_lacks_is_named() -> None:
    with pytest.raises(AxisError, match="lottery"):
        joint.need_of(account(1.0, 1.0), ["lottery"])


def test_needs_add_up_and_a_fund_that_is_not_there_needs_nothing_and_is_never_short() -> None:
    told = household.together({"pension": account(3.0, 10.0), "medical": medical(2.0, 5.0, 100.0)}, REVENUE)
    each = told["need_of_fund"]
    assert each["fund"].values.tolist() == list(SCHEMES)
    np.testing.assert_allclose(each.sel(fund="pension"), 0.010)
    np.testing.assert_allclose(each.sel(fund="medical"), 0.005)
    assert float(each.sel(fund=["unemployment", "time_bank"]).max()) == 0.0
    np.testing.assert_allclose(told["need_share"], each.sum("fund"), rtol=1e-12)
    short = told["short_probability"]
    # The first has nothing and pays 7 more than it gets; the second lives on its reserve of 100.
    assert (short.sel(fund="pension") == 1.0).all()
    assert float(short.sel(fund=["medical", "unemployment", "time_bank"]).max()) == 0.0
    assert float(told["joint_probability"].max()) == 0.0


def test_two_funds_short_in_every_draw_are_short_together() -> None:
    told = household.together({"pension": account(0.0, 10.0), "medical": medical(0.0, 5.0)}, REVENUE)
    assert (told["joint_probability"] == 1.0).all()
    assert (told["chance_probability"] == 1.0).all()


def test_a_fund_that_grows_without_the_budget_does_not_pay_for_another() -> None:
    rich = account(0.0, 1.0).assign(fiscal_match=0.0, founding_grant=0.0)
    rich["pool_income"] += 50.0
    assert float(joint.need_of(rich, ["fiscal_match"]).max()) == pytest.approx(-49.0)
    told = household.together({"pension": account(3.0, 10.0), "unemployment": rich}, REVENUE)
    np.testing.assert_allclose(told["need_share"], 0.010)


def test_a_fund_that_starts_later_needs_nothing_before() -> None:
    late = account(0.0, 5.0, first=2029).rename(fiscal_transfer="fiscal_match").assign(founding_grant=0.0)
    told = household.together({"pension": account(3.0, 10.0), "unemployment": late}, REVENUE)
    of_late = told["need_of_fund"].sel(fund="unemployment")
    assert float(of_late.sel(year=slice(None, 2028)).max()) == 0.0
    np.testing.assert_allclose(of_late.sel(year=slice(2029, None)), 0.005)
    assert told["short_probability"].sel(fund="unemployment").values.tolist() == [0.0, 0.0, 0.0, 1.0, 1.0]


def test_the_world_of_a_scheme_begins_with_what_it_has_of_its_own_and_names_what_nobody_has() -> None:
    own = xr.Dataset({"insured": ("year", [1.0, 2.0])}, {"year": YEARS[-2:]})
    projection = xr.Dataset({"rural_income": ("year", np.arange(5.0))}, {"year": YEARS})
    world = household.world_of(projection, own, ("insured", "rural_income"))
    assert world["year"].values.tolist() == YEARS[-2:].tolist()
    assert world["rural_income"].values.tolist() == [3.0, 4.0]
    with pytest.raises(AxisError, match="lottery"):
        household.world_of(projection, own, ("insured", "lottery"))


# The bundled run -----


@pytest.fixture(scope="module")
def funds(valued: Results) -> dict[str, xr.Dataset]:
    return valued.others


@pytest.mark.slow
@pytest.mark.parametrize("scheme", LATER)
def test_money_of_every_fund_is_conserved(funds: dict[str, xr.Dataset], scheme: str) -> None:
    for name in funds[scheme]["scenario"].values:
        a = funds[scheme].sel(scenario=name).dropna("year", subset=["balance"])
        before = a["balance"].shift(year=1)
        before = before.where(before["year"] > before["year"][0], a["opening_balance"])
        moved = a["income"] + a["interest"] - a["expenditure"] + a["emergency_transfer"] + a["benefit_cut"]
        # A step of float64 at a hundred trillion yuan is 0.016.
        limit = 8 * np.spacing(float(abs(a["expenditure"]).max()) + float(abs(a["balance"]).max()))
        assert float(abs(a["balance"] - before - moved).max()) <= limit


@pytest.mark.slow
def test_every_scheme_stands_in_the_scenarios_that_have_it(funds: dict[str, xr.Dataset], few: RunFile) -> None:
    for scheme in LATER:
        having = [name for name in few.scenarios if scheme in few.schemes(name)]
        assert funds[scheme]["scenario"].values.tolist() == having
    assert funds["household"]["scenario"].values.tolist() == list(few.scenarios)


@pytest.mark.slow
def test_a_reform_of_the_pension_leaves_the_medical_fund_as_it_is(funds: dict[str, xr.Dataset], few: RunFile) -> None:
    assert few.reformed["law"].medical == few.reformed["capacity"].medical
    law, capacity = (funds["medical"].sel(scenario=name, drop=True) for name in ("law", "capacity"))
    xr.testing.assert_equal(law, capacity)


@pytest.mark.slow
def test_needs_of_all_funds_add_up_in_every_draw(funds: dict[str, xr.Dataset]) -> None:
    told = funds["household"]
    total = told["need_of_fund"].sum("fund").transpose(*told["need_share"].dims)
    np.testing.assert_allclose(total, told["need_share"], rtol=1e-12)
    assert float(told["need_of_fund"].sel(scenario="law", fund=["unemployment", "time_bank"]).max()) == 0.0


@pytest.mark.slow
def test_every_variable_says_its_unit_and_meaning(funds: dict[str, xr.Dataset]) -> None:
    for data in funds.values():
        assert [name for name in data if not (data[name].attrs.get("unit") and data[name].attrs.get("meaning"))] == []


@pytest.mark.slow
def test_no_scheme_moves_another(fits: Fits, valued: Results) -> None:
    alone = valuation.value(fits, {"law": Case()}, 2060)
    both = valuation.value(fits, {"law": Case(Rules(), SCHEMES)}, 2060)
    assert alone.others == {}
    xr.testing.assert_equal(alone.account, both.account)
    xr.testing.assert_equal(alone.indicators, both.indicators)
    one = valuation.value(fits, {"law": Case(Rules(), ("pension", "unemployment"))}, 2060)
    xr.testing.assert_equal(one.others["unemployment"], both.others["unemployment"])
    # Nor does the end of the run move the years before it.
    longer = valued.others["medical"].sel(scenario=["law"], year=slice(None, 2060))
    np.testing.assert_allclose(both.others["medical"]["balance"], longer["balance"], rtol=1e-9)


@pytest.mark.slow
def test_members_of_both_medical_schemes_are_people_of_the_nation(fits: Fits) -> None:
    projection = people.forecast(fits, 2060)
    own = people.for_schemes(fits, projection, ("medical",))["medical"]
    ends = projection["population"].sum("area")
    nation = (0.5 * (ends + ends.shift(year=1))).sel(year=own["year"])
    assert bool((own["insured"] <= nation * (1 + 1e-5)).all())
    assert float(own["insured"].min()) >= 0.0


def test_a_shortage_is_a_pool_below_nothing_or_money_that_is_missing() -> None:
    assert bool(joint.is_short(account(0.0, 1.0)).all())
    assert not bool(joint.is_short(account(2.0, 1.0)).any())
