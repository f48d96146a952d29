"""The resident pension through its standard fund: its benefits and the order of its outcomes."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st

from actuarial import _member_money, accounts, benefit, pension, solvency
from actuarial.assumptions import Assumptions, Benefit, changed
from actuarial.fund import project
from forecasting.axes import AxisError

OTHER = {"collective.other_income": 1e6}


def account_of(village: xr.Dataset, observed: dict[int, float], changes: dict[str, object]) -> xr.Dataset:
    assumptions = changed(Assumptions(), OTHER | changes)
    projection = pension.with_accounts(village, assumptions, observed)
    return project(pension.standard_fund(2025, 2e9, 1e9), projection, assumptions)


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


LATER = {"retirement.target_age": 65, "retirement.change_from": 2027, "retirement.step_years": 2}
REFORMS = [
    {},
    LATER,
    {"benefit.divisor_rule": "cohort_annuity", "benefit.remainder": "survivors", "benefit.minimum_years": 20},
    LATER | {"portability.out_share": 0.5, "portability.in_per_new_pensioner": 800.0, "fiscal.rule": "statutory"},
]
EXTENSIVE = [*accounts.NAMES, *benefit.PARTS, "contributors_mid_year", "pensioners_mid_year", "pensioner_deaths"]
"""What is a sum over people."""


@settings(max_examples=8, deadline=None)
@given(cut=st.integers(1900, 2050), reform=st.sampled_from(REFORMS))
def test_cohorts_add_up_to_the_scheme(
    village: xr.Dataset, observed: dict[int, float], cut: int, reform: dict[str, object]
) -> None:
    rules = changed(Assumptions(), reform)
    whole, old, young = (
        pension.with_accounts(village, rules, observed, born=born) for born in (None, (None, cut), (cut + 1, None))
    )
    for name in EXTENSIVE:
        np.testing.assert_allclose(old[name] + young[name], whole[name], rtol=1e-10, atol=1e-3, err_msg=name)
    for name in set(whole.data_vars) - set(EXTENSIVE):
        xr.testing.assert_identical(old[name], whole[name])


def test_three_cohorts_add_up_to_three_cohorts(village: xr.Dataset, observed: dict[int, float]) -> None:
    rules = changed(Assumptions(), REFORMS[3])
    three = pension.with_accounts(village, rules, observed, born=(1980, 1982))
    one = [pension.with_accounts(village, rules, observed, born=(year, year)) for year in (1980, 1981, 1982)]
    np.testing.assert_allclose(sum(part.accounts_balance for part in one), three.accounts_balance, rtol=1e-12)
    assert float(three.pensioners_mid_year.sel(year=2040).min()) == 0
    assert float(three.pensioners_mid_year.sel(year=2050).min()) > 0


def test_accounts_by_age_are_the_balance_of_the_accounts(village: xr.Dataset, observed: dict[int, float]) -> None:
    ready = pension.with_accounts(village, Assumptions(), observed)
    by_age = pension.accounts_by_age(village, Assumptions(), [2050, 2025])
    assert by_age.dims == ("draw", "sex", "age", "year") and by_age.year.values.tolist() == [2050, 2025]
    np.testing.assert_allclose(by_age.sum(("sex", "age")), ready.accounts_balance.sel(year=[2050, 2025]))
    assert float(by_age.sel(age=slice(0, 15)).max()) == 0 and float(by_age.sel(age=59).min()) > 0


def test_accounts_of_a_year_outside_the_projection_are_refused(village: xr.Dataset) -> None:
    with pytest.raises(AxisError, match="year 2099 is missing"):
        pension.accounts_by_age(village, Assumptions(), [2025, 2099])


def test_accounts_by_age_of_one_world_have_no_draws(village: xr.Dataset) -> None:
    one = pension.accounts_by_age(village.isel(draw=2, drop=True), Assumptions(), [2030])
    full = pension.accounts_by_age(village, Assumptions(), [2030]).isel(draw=2, drop=True)
    assert one.dims == ("sex", "age", "year")
    xr.testing.assert_allclose(one, full)


def test_a_later_pension_age_lowers_basic_pensions_and_grants(village: xr.Dataset, observed: dict[int, float]) -> None:
    law, later = (account_of(village, observed, reform) for reform in ({}, LATER))
    xr.testing.assert_equal(later.basic_pension.sel(year=2026), law.basic_pension.sel(year=2026))
    # Whoever is 59 in 2026 has one more year to pay for missed years.
    assert (later.contributions.sel(year=2026) < law.contributions.sel(year=2026)).all()
    years = slice(2027, None)
    assert (later.basic_pension < law.basic_pension).sel(year=years).all()
    assert (later.contributions.sel(year=years).sum("year") > law.contributions.sel(year=years).sum("year")).all()
    assert (later.funeral_grant < law.funeral_grant).sel(year=years).all()


def test_no_pension_starts_in_the_year_of_a_rise(village: xr.Dataset, observed: dict[int, float]) -> None:
    rules = changed(Assumptions(), LATER)
    waiting = pension.with_accounts(village, rules, observed, born=(1967, 1967))
    # 60 in 2027, the year of the first rise: the pension begins with 61, in 2028.
    assert float(waiting.pensioners_mid_year.sel(year=2027).max()) == 0
    assert float(waiting.account_pension.sel(year=2027).max()) == 0
    assert float(waiting.pensioners_mid_year.sel(year=2028).min()) > 0
    assert float(waiting.account_pension.sel(year=2028).min()) > 0


def test_pensions_in_payment_do_not_feel_a_later_pension_age(village: xr.Dataset, observed: dict[int, float]) -> None:
    born = (None, 1966)
    law, later = (pension.with_accounts(village, changed(Assumptions(), r), observed, born=born) for r in ({}, LATER))
    xr.testing.assert_identical(later, law)


# State Council 2005 No. 38, appendix: months of the account pension of employees by age.
EMPLOYEES = {60: 139, 61: 132, 62: 125, 63: 117, 64: 109, 65: 101, 66: 93, 67: 84, 68: 75, 69: 65, 70: 56}


@pytest.mark.parametrize(("age", "months"), EMPLOYEES.items())
def test_the_divisor_of_an_age_is_that_of_employees(age: int, months: float) -> None:
    assert _member_money.divisors(Benefit(), 101)[age] == pytest.approx(months)
    assert _member_money.divisors(Benefit(divisor_months=278), 101)[age] == pytest.approx(2 * months)


def tail_of_an_account(age: int, months: float) -> float:
    """Tail over account of women of `age` whose pension starts, death rates those of the village, no interest."""
    mortality = np.broadcast_to(0.8e-4 * np.exp(0.088 * np.arange(101))[:, None], (1, 1, 101, 60)).copy()
    balance = np.zeros((1, 1, 101))
    balance[0, 0, age] = 1.0
    per_head = accounts.PerHead(*np.zeros((4, 1, 60)))
    rules = accounts.Rules(0.0, months, True, pension_age=age)
    opening = accounts.Opening(balance, np.zeros_like(balance))
    flows, _ = accounts.member_accounts(np.zeros_like(mortality), mortality, per_head, rules, opening)
    return float(flows[0, accounts.TAIL].sum())


def test_a_later_age_lowers_the_tail_only_if_the_months_do_not_fall_faster_than_lives() -> None:
    assert tail_of_an_account(65, 139) < tail_of_an_account(60, 139)
    # The months of employees fall by more than the years of life that are left.
    assert tail_of_an_account(65, EMPLOYEES[65]) > tail_of_an_account(60, EMPLOYEES[60])


def test_a_larger_divisor_pays_less_out_of_accounts_and_leaves_a_smaller_tail(
    village: xr.Dataset, observed: dict[int, float]
) -> None:
    small, large = (account_of(village, observed, {"benefit.divisor_months": m}) for m in (139, 180))
    assert (large.account_pension.sel(year=2026) < small.account_pension.sel(year=2026)).all()
    assert (large.longevity_tail.sum("year") < small.longevity_tail.sum("year")).all()
    assert (large.inheritance.sum("year") > small.inheritance.sum("year")).all()


def test_the_annuity_of_cohorts_touches_new_pensions_only(village: xr.Dataset, observed: dict[int, float]) -> None:
    changes = {"benefit.divisor_rule": "cohort_annuity", "benefit.remainder": "survivors", "benefit.divisor_from": 2030}
    before, after = (
        [pension.with_accounts(village, changed(Assumptions(), r), observed, born=b) for r in ({}, changes)]
        for b in ((None, 1969), (1970, None))
    )
    xr.testing.assert_identical(*before)
    # 2030 is the first year of those born in 1970: they live longer than 139 months, so their pension is lower.
    law, reform = (a.account_pension.sel(year=2030) for a in after)
    assert (reform < law).all() and (reform > 0.3 * law).all()
    law, reform = after
    # The projection knows the deaths to come, but not the crediting rate; here it is level, and no tail is left.
    assert (reform.longevity_tail.sum("year") < 1e-6 * reform.account_pension.sum("year")).all()
    assert (law.longevity_tail.sum("year") > 0.05 * law.account_pension.sum("year")).all()


def test_more_minimum_years_are_paid_for_at_once_from_the_year_before(
    village: xr.Dataset, observed: dict[int, float]
) -> None:
    reform = {"benefit.minimum_years": 20, "benefit.minimum_years_from": 2032}
    law, more = (pension.with_accounts(village, changed(Assumptions(), r), observed) for r in ({}, reform))
    ratio = more.contributions / law.contributions
    np.testing.assert_allclose(ratio.sel(year=slice(None, 2030)), 1)
    at_once = Assumptions().accounts.back_payment_share
    np.testing.assert_allclose(ratio.sel(year=slice(2031, None)), 1 + at_once / 3)
    assert (more.account_pension.sel(year=2032) > law.account_pension.sel(year=2032)).all()


def test_accounts_that_move_are_flows_of_the_fund(village: xr.Dataset, observed: dict[int, float]) -> None:
    moving = {"portability.out_share": 1.0, "portability.in_per_new_pensioner": 500.0, "portability.from_year": 2030}
    law, moved = (account_of(village, observed, r) for r in ({}, moving))
    assert (law.portability_in == 0).all() and (law.portability_out == 0).all()
    out = moved.portability_out
    assert (out.sel(year=slice(None, 2029)) == 0).all() and (out.sel(year=slice(2030, None)) > 0).all()
    starting = (
        village.pensioners.sel(age=60).sum("sex") * 500 * village.rural_income / village.rural_income.sel(year=2024)
    )
    expected = starting.where(starting.year >= 2030, 0).sel(year=moved.year)
    np.testing.assert_allclose(moved.portability_in, expected)
    account_money = moved.contributions + moved.match + moved.collective_accounts + moved.credited_interest
    owed = solvency.start_of_year(moved.accounts_balance, moved.opening_accounts) + account_money + moved.portability_in
    closing = owed - moved.account_pension - moved.inheritance - moved.portability_out
    np.testing.assert_allclose(closing, moved.accounts_balance, rtol=1e-12)
