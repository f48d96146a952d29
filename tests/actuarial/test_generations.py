"""Generational accounts: cohorts add up to the fund, a fair fund gives nobody anything, returns are found."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st

from actuarial import eligibility, generations, liabilities, pension
from actuarial.assessment import Kept
from actuarial.assumptions import Assumptions, changed
from actuarial.fund import Fund, project
from forecasting.axes import AxisError

OPENING = 2025
CAPACITY = {"fiscal.rule": "capacity", "fiscal.capacity_share": 0.002}
RULES: dict[str, dict[str, object]] = {
    "law": {"benefit.funeral_grant_per_death": 500.0},
    "later_pension": {"retirement.target_age": 63, "retirement.change_from": 2030},
    "portable": {"portability.out_share": 0.3, "portability.in_per_new_pensioner": 2000.0},
    "increments": {"benefit.age_increment": 5.0, "benefit.long_contribution_increment": 1.0},
    "year_end": {"investment.interest_convention": "opening_balance"},
    "cut": CAPACITY | {"valuation.deficit_rule": "benefit_cut"},
}
FLOWS = (*generations.BENEFITS, *generations.OWN, *generations.CREDITS)


class Case:
    """One rule carried through the small scheme."""

    def __init__(self, village: xr.Dataset, observed: dict[int, float], changes: dict[str, object]) -> None:
        self.rule = changed(Assumptions(), {"collective.other_income": 1e6} | changes)
        self.people, self.observed = eligibility.members(village.isel(draw=slice(0, 2)), self.rule), observed
        self.ready = pension.with_accounts(self.people, self.rule, observed)
        owed = self.ready.accounts_balance.sel(year=OPENING).values
        self.fund: Fund = pension.standard_fund(OPENING, owed + 5e7, owed)
        self.account = project(self.fund, self.ready, self.rule)
        self.known = (self.fund, self.account, self.ready, self.people, self.rule)


@pytest.fixture(scope="module", params=RULES)
def case(request: pytest.FixtureRequest, village: xr.Dataset, observed: dict[int, float]) -> Case:
    return Case(village, observed, RULES[request.param])


@pytest.fixture(scope="module")
def law(village: xr.Dataset, observed: dict[int, float]) -> Case:
    return Case(village, observed, {})


def test_cohorts_add_up_to_what_the_account_pays_in_every_year(case: Case) -> None:
    flows = generations.cohort_flows(*case.known).sum(["sex", "born"]).sel(year=case.account.year)
    reached = [f.name for f in case.fund.outgo if case.rule.valuation.cut_when == "fund_empty" or f.ledger == "pool"]
    due = sum(case.account[n] for n in reached)
    for name in FLOWS:
        share = 1 - case.account.benefit_cut / due if name in reached else 1.0
        np.testing.assert_allclose(flows[name], case.account[name] * share, rtol=1e-9, atol=1e-6, err_msg=name)
    np.testing.assert_allclose(flows.accounts_balance, case.account.accounts_balance, rtol=1e-9)


def test_all_benefits_paid_are_those_due_less_the_cut(village: xr.Dataset, observed: dict[int, float]) -> None:
    cut = Case(village, observed, RULES["cut"])
    flows = generations.cohort_flows(*cut.known).sum(["sex", "born"]).sel(year=cut.account.year)
    assert float(cut.account.benefit_cut.max()) > 0
    paid = sum(flows[n] for n in generations.BENEFITS)
    np.testing.assert_allclose(paid, cut.account.expenditure - cut.account.benefit_cut, rtol=1e-9)


@pytest.mark.parametrize("born", [1940, 1955, 1980])
@pytest.mark.parametrize("name", ["law", "increments", "later_pension"])
def test_a_cohort_has_the_money_of_its_members_alone(
    village: xr.Dataset, observed: dict[int, float], name: str, born: int
) -> None:
    case = Case(village, observed, RULES[name])
    alone = pension.with_accounts(case.people, case.rule, observed, born=(born, born))
    flows = generations.cohort_flows(*case.known).sel(born=born).sum("sex")
    for flow in ("contributions", "account_pension", "longevity_tail", "inheritance", "accounts_balance"):
        np.testing.assert_allclose(flows[flow], alone[flow], rtol=1e-9, atol=1e-6, err_msg=flow)
    basic = (alone.basic_pension_per_head * alone.pensioners_mid_year).fillna(0.0)
    np.testing.assert_allclose(flows.basic_pension, basic, rtol=1e-9, atol=1e-6)


def test_future_transfers_are_the_open_group_obligation(case: Case) -> None:
    made = generations.lifetime(*case.known)
    if bool((case.account.benefit_cut > 0).any()):
        uncut = case.account.assign(benefit_cut=case.account.benefit_cut * 0.0)
        made = generations.lifetime(case.fund, uncut, *case.known[2:])
    owed = liabilities.indicators(*case.known, observed=case.observed)
    future = made.net_transfer.sel(period="future").sum(["sex", "born"])
    want = owed.open_group_obligation + case.account.opening_balance
    assert float(case.account.collective_accounts.max()) == 0.0
    np.testing.assert_allclose(future, want, rtol=1e-9)


FAIR = {
    "accounts.match_multiple": 0.0,
    "benefit.divisor_rule": "cohort_annuity",
    "benefit.divisor_from": 2010,
    "benefit.remainder": "survivors",
    "benefit.funeral_grant_per_death": 0.0,
}
"""Accounts alone, which are paid out as an annuity at the credited rate."""


@pytest.mark.parametrize("convention", ["mid_year", "opening_balance"])
def test_a_fund_without_gifts_at_its_own_interest_gives_every_cohort_nothing(
    village: xr.Dataset, observed: dict[int, float], convention: str
) -> None:
    fair = Case(village, observed, FAIR | {"investment.interest_convention": convention})
    # The law knows no scheme without a basic pension: take it out of the scheme's money.
    paid = ("minimum_pension_paid", "local_top_up_paid", "increments_paid", "basic_pension_per_head")
    ready = fair.ready.assign({name: fair.ready[name] * 0.0 for name in paid})
    account = project(fair.fund, ready, fair.rule)
    credited = ready.deposit_rate + fair.rule.accounts.crediting_spread
    made = generations.lifetime(fair.fund, account, ready, fair.people, fair.rule, rate=credited)
    brought = made.paid_in.sum("period")
    assert (brought.sum(["sex", "born"]) > 0).all()
    assert (np.abs(made.lifetime_transfer) <= 1e-9 * (brought + 1.0)).all()
    whole = made.sel(born=slice(1951, 1960))
    np.testing.assert_allclose(whole.benefit_ratio, 1.0, rtol=1e-9)
    np.testing.assert_allclose(whole.internal_rate, float(credited[0]), rtol=1e-6)


def test_what_a_cohort_gains_beyond_its_money_is_what_others_gave(case: Case) -> None:
    credited = case.ready.deposit_rate + case.rule.accounts.crediting_spread
    made = generations.lifetime(*case.known, rate=credited)
    given_pool = made.basic_pension + made.longevity_tail + made.funeral_grant
    gifts = (made.credits + given_pool).sum("period")
    lost = xr.zeros_like(gifts)
    if bool((case.account.benefit_cut > 0).any()) and case.rule.valuation.cut_when == "fund_empty":
        uncut = case.account.assign(benefit_cut=case.account.benefit_cut * 0.0)
        due = generations.lifetime(case.fund, uncut, *case.known[2:], rate=credited)
        lost = sum((due[n] - made[n]).sum("period") for n in ("account_pension", "inheritance", "portability_out"))
    np.testing.assert_allclose(made.lifetime_transfer, gifts - lost, rtol=1e-8, atol=1.0)


def test_another_base_year_moves_every_value_by_the_interest_between(law: Case) -> None:
    rate = xr.full_like(law.ready.price_index, 0.03)
    now, later = (generations.lifetime(*law.known, rate=rate, base_year=y) for y in (2025, 2035))
    np.testing.assert_allclose(later.lifetime_transfer, now.lifetime_transfer * 1.03**10, rtol=1e-10)
    np.testing.assert_allclose(later.internal_rate, now.internal_rate, rtol=1e-12)


def test_women_and_men_add_up_to_both(law: Case) -> None:
    apart, both = (generations.lifetime(*law.known, by_sex=flag) for flag in (True, False))
    np.testing.assert_allclose(apart.lifetime_transfer.sum("sex"), both.lifetime_transfer, rtol=1e-10, atol=1e-6)


def test_blocks_of_draws_change_nothing(law: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = generations.lifetime(*law.known)
    monkeypatch.setattr(generations, "BLOCK", 1)
    xr.testing.assert_identical(generations.lifetime(*law.known), whole)


def test_lives_that_are_not_seen_whole_have_no_return(law: Case) -> None:
    made = generations.lifetime(*law.known)
    young = made.sel(born=slice(1961, None))
    assert young.internal_rate.isnull().all() and young.benefit_ratio.isnull().all()
    assert int(made.seen_to.sel(born=1990)) == 70
    assert made.internal_rate.sel(born=1955).notnull().all()


def test_the_rate_of_return_makes_benefits_worth_what_was_paid(law: Case) -> None:
    flows = generations.cohort_flows(*law.known).sel(born=1955)
    net = sum(flows[n] for n in generations.BENEFITS) - sum(flows[n] for n in generations.OWN)
    rate = generations.lifetime(*law.known).internal_rate.sel(born=1955)
    left = flows.accounts_balance / np.sqrt(1 + law.account.rate_earned.sel(year=2060))
    net = net + left.where(net.year == 2060, 0.0)
    worth = (net * (1 + rate) ** -(net.year - 2010.0)).sum("year")
    np.testing.assert_allclose(worth / np.abs(net).sum("year"), 0.0, atol=1e-9)


def test_money_of_other_people_is_refused(law: Case) -> None:
    others = law.people.assign(pensioners=law.people.pensioners * 1.1)
    with pytest.raises(AxisError, match="pensioners are not those"):
        generations.lifetime(law.fund, law.account, law.ready, others, law.rule)


def test_a_base_year_outside_is_refused(law: Case) -> None:
    with pytest.raises(AxisError, match="base year 1990"):
        generations.lifetime(*law.known, base_year=1990)


@given(rate=st.floats(-0.5, 2.0), paid=st.floats(1.0, 1e9), years=st.integers(1, 60))
def test_one_payment_and_one_benefit_have_the_rate_between_them(rate: float, paid: float, years: int) -> None:
    net = np.zeros(years + 1)
    net[0], net[-1] = -paid, paid * (1 + rate) ** years
    # A benefit too small beside the payment is rounding, and so is the payment beside it.
    if 1e-8 < (1 + rate) ** years < 1e8:
        assert generations.internal_rate(net) == pytest.approx(rate, abs=1e-9)


@settings(max_examples=30)
@given(scale=st.floats(1e-6, 1e6), years=st.integers(0, 30))
def test_the_rate_of_return_knows_no_unit_and_no_date(scale: float, years: int) -> None:
    net = np.array([-3.0, -2.0, -2.0, 0.0, 1.0, 4.0, 5.0])
    later = np.concatenate([np.zeros(years), scale * net])
    assert generations.internal_rate(later) == pytest.approx(float(generations.internal_rate(net)), abs=1e-10)


@pytest.mark.parametrize("net", [[1.0, 2.0], [-1.0, -2.0], [0.0, 0.0], [1.0, -2.0], [-1.0, 3.0, -2.0], [-1.0, 1e4]])
def test_there_is_no_rate_of_return_without_one_change_from_paid_to_received(net: list[float]) -> None:
    assert np.isnan(generations.internal_rate(np.array(net)))


# -- generations of several births


def test_a_generation_has_the_money_of_its_births(law: Case) -> None:
    alone = generations.lifetime(*law.known, by_sex=False)
    five = generations.lifetime(*law.known, by_sex=False, born=(1940, 1959), width=5)
    assert five.born.values.tolist() == [1942, 1947, 1952, 1957]
    for name in ("paid_in", "basic_pension", "lifetime_transfer", "account_left"):
        sums = [alone[name].sel(born=slice(first, first + 4)).sum("born") for first in range(1940, 1960, 5)]
        want = xr.concat(sums, five["born"]).transpose(*five[name].dims)
        np.testing.assert_allclose(five[name], want, rtol=1e-10, atol=1e-6, err_msg=name)
    each = alone.members.sel(born=slice(1955, 1959))
    assert (five.members.sel(born=1957) <= each.sum("born") * (1 + 1e-9)).all()
    assert (five.members.sel(born=1957) > each.max("born")).all()


def test_births_that_are_picked_are_what_they_are_among_all(law: Case) -> None:
    whole, some = generations.lifetime(*law.known), generations.lifetime(*law.known, born=(1950, 1960))
    xr.testing.assert_identical(some, whole.sel(born=slice(1950, 1960)))


def test_a_generation_is_seen_whole_when_its_youngest_is(law: Case) -> None:
    five = generations.lifetime(*law.known, by_sex=False, born=(1953, 1962), width=5)
    assert five.seen_to.values.tolist() == [100, 98]
    assert five.internal_rate.sel(born=1955).notnull().all() and five.internal_rate.sel(born=1960).isnull().all()


@pytest.mark.parametrize(
    ("born", "width", "match"), [((1940, 1950), 5, "no whole number"), ((1800, 1900), 1, "within")]
)
def test_births_that_are_not_there_are_refused(law: Case, born: tuple[int, int], width: int, match: str) -> None:
    with pytest.raises(AxisError, match=match):
        generations.lifetime(*law.known, born=born, width=width)


def test_scenarios_are_compared_on_the_same_draws(village: xr.Dataset, observed: dict[int, float], law: Case) -> None:
    richer = Case(village, observed, {"accounts.match_multiple": 2.0})
    cases = {"law": law, "richer": richer}
    kept = {name: Kept(one.people, one.ready, one.fund, one.account) for name, one in cases.items()}
    made = generations.across(kept, {name: one.rule for name, one in cases.items()}, born=(1950, 1989))
    assert made.transfer_per_member.dims == ("scenario", "some", "born")
    assert made.drawn.values.tolist() == [0, 1]
    alone = generations.lifetime(*law.known, by_sex=False, born=(1950, 1989), width=5)
    np.testing.assert_array_equal(made.transfer_per_member.sel(scenario="law"), alone.transfer_per_member)
    income = law.ready.rural_income.sel(year=OPENING)
    np.testing.assert_allclose(made.transfer_in_income * income.values[:, None], made.transfer_per_member, rtol=1e-12)
    gain = made.lifetime_transfer.sel(scenario="richer") - made.lifetime_transfer.sel(scenario="law")
    assert (gain.sel(born=slice(1970, None)) > 0).all()
    for name, (unit, meaning) in generations.GROUPED.items():
        assert made[name].attrs == {"unit": unit, "meaning": meaning}
