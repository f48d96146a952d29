"""The balance ratio against Sweden and closed forms; an index that sees only the past and never gives more."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr

from actuarial import balancing, eligibility, pension, solvency
from actuarial._balancing_rights import growth_of_members, rights
from actuarial.assumptions import Assumptions, changed
from actuarial.flow import Recorded
from actuarial.fund import Fund, project
from forecasting.axes import AxisError

AGES = np.arange(101)
OPENING = 2090
YEARS = np.arange(2011, 2161)
"""A scheme that began in 2011 is mature in 2090: every member could earn from 16 on."""

TAX = Recorded("tax", "pool", "income", "Taxes")
STEERED = {"benefit.balancing": "balance_ratio"}
RULES = {
    "statutory": {},
    "capacity": {"fiscal.rule": "capacity", "fiscal.capacity_share": 0.02},
    "within_capacity": {"fiscal.rule": "within_capacity", "fiscal.capacity_share": 0.02},
    "capped": {"fiscal.rule": "capped", "fiscal.growth_cap": 0.01},
    "later_pension": {"retirement.target_age": 63, "retirement.change_from": 2030},
    "opening_balance": {"investment.interest_convention": "opening_balance"},
}


class Basic:
    """A basic pension that is worked out from heads, as the fund's own."""

    name, ledger, kind, meaning = "basic_pension", "pool", "outgo", "Basic pensions"

    def amount(self, projection: xr.Dataset, assumptions: Assumptions) -> xr.DataArray:
        return projection["basic_pension_per_head"] * projection["pensioners_mid_year"]


def alive(age: np.ndarray) -> np.ndarray:
    """Person-years lived at an age under l_x = 100 - x."""
    return np.where(age < 100, 99.5 - age, 0.0)


def closed_form(growth: float, entry: int = 16) -> tuple[np.ndarray, np.ndarray]:
    """Return contributors and pensioners (draw, sex, age, year) of a stable population with constant entries."""
    born = YEARS[None, :] - AGES[:, None]
    people = (alive(AGES.astype(float))[:, None] * (1.0 + growth) ** (born - 2011.0))[None, None]
    age = AGES[:, None]
    return people * ((age >= entry) & (age < 60)), people * (age >= 60)


def scheme(growth: float = 0.0, income: float = 0.04, share: float = 1.0) -> tuple[Fund, xr.Dataset, xr.Dataset]:
    """Return a fund that pays a wage-indexed pension, its cash and its people; taxes are a share of what is due."""
    cubes = dict(zip(("contributors", "pensioners"), closed_form(growth), strict=True))
    dims = ("draw", "sex", "age", "year")
    coords = {"draw": [0], "sex": ["female"], "age": AGES, "year": YEARS}
    people = xr.Dataset({n: (dims, v) for n, v in cubes.items()}, coords)
    wage = 1e4 * (1.0 + income) ** (YEARS - 2011.0)
    heads = {f"{n}_mid_year": people[n].sum(("sex", "age")) for n in cubes}
    due = 0.4 * wage * heads["pensioners_mid_year"]
    ones = xr.ones_like(due)
    ready = xr.Dataset(
        heads
        | {"rural_income": ones * wage, "price_index": ones, "basic_pension_per_head": ones * 0.4 * wage}
        | {"tax": share * due, "deposit_rate": 0.02 * ones, "market_return": 0.02 * ones}
    )
    return Fund("closed form", (TAX,), (Basic(),), OPENING, 0.0), ready, people


def village_fund(
    village: xr.Dataset, observed: dict[int, float], changes: dict[str, object]
) -> tuple[Fund, xr.Dataset, Assumptions]:
    rule = changed(Assumptions(), {"collective.other_income": 1e6} | changes)
    ready = pension.with_accounts(village, rule, observed)
    owed = ready.accounts_balance.sel(year=2025).values
    return pension.standard_fund(2025, owed + 5e7, owed), ready, rule


def test_sweden_2007() -> None:
    # Orange Report 2007 (Swedish Social Insurance Agency): liability 6996, buffer funds 898, surplus 18 billion kronor.
    asset = 6996.0 + 18.0 - 898.0
    assert round(float(balancing.balance_ratio(asset, 898.0, 6996.0)), 4) == 1.0026


def test_a_ratio_without_liability_is_empty() -> None:
    np.testing.assert_array_equal(balancing.balance_ratio(np.ones(2), 1.0, np.array([0.0, 4.0])), [np.nan, 0.5])


@pytest.mark.parametrize("growth", [0.0, 0.01, -0.01])
def test_rights_of_a_stable_scheme_are_what_its_survivors_will_draw(growth: float) -> None:
    contributors, pensioners = closed_form(growth, entry=20)
    totals = (contributors + pensioners).sum(axis=(1, 2))
    found = rights(
        contributors,
        pensioners,
        np.full(YEARS.size, 60),
        growth_of_members(totals),
        started=-100,
        first=79,
        entry=20,
    )
    # The same from survival alone: who is x now is x + k in k years with probability alive(x + k) / alive(x).
    owed = 0.0
    for age in range(20, 100):
        later = np.arange(max(60, age + 1), 100)
        survivors = (contributors + pensioners)[0, 0, age, 79] * alive(later.astype(float)) / alive(np.float64(age))
        owed += min(age + 1 - 20, 40) / 40 * (survivors / (1 + growth) ** (later - age)).sum()
    assert found.pension_years[0, 0] == pytest.approx(owed, rel=1e-12)
    # Earned evenly from 20 to 59, and drawn in proportion to those alive.
    weights = alive(np.arange(60, 100).astype(float)) * (1 + growth) ** -np.arange(60.0, 100)
    turnover = (weights * np.arange(60, 100)).sum() / weights.sum() - 39.5
    assert found.turnover[0, 0] == pytest.approx(turnover, rel=1e-12)
    # Settergren and Mikula: a liability is the year's payments times the turnover duration.
    np.testing.assert_allclose(found.pension_years, pensioners.sum(axis=(1, 2))[:, 79:] * found.turnover, rtol=1e-12)


@pytest.mark.parametrize("growth", [0.0, 0.01, -0.01])
@pytest.mark.parametrize("convention", ["mid_year", "opening_balance"])
def test_the_ratio_of_a_stable_scheme_is_one(growth: float, convention: str) -> None:
    fund, ready, people = scheme(growth)
    rule = changed(Assumptions(), {"investment.interest_convention": convention})
    known = balancing.indicators(fund, project(fund, ready, rule), ready, people, rule)
    np.testing.assert_allclose(known.balance_ratio, 1.0, rtol=1e-12)
    # Paid the half of what is due, it carries half of what is owed: the pool has nothing, and owes what was short.
    poor, half, _ = scheme(growth, share=0.5)
    account = project(poor, half, rule)
    found = balancing.indicators(poor, account, half, people, rule)
    np.testing.assert_allclose(found.contribution_asset / found.pension_liability, 0.5, rtol=1e-12)


def test_a_liability_is_what_accumulated_payments_have_bought() -> None:
    # A stationary scheme looked at from behind: equal payments for every year of service from 16 to 59, at the growth
    # of wages, less pensions drawn, cohort by cohort.
    fund, ready, people = scheme()
    known = balancing.indicators(fund, project(fund, ready, Assumptions()), ready, people, Assumptions())
    wage = ready.rural_income.sel(year=OPENING + 1).item()
    pensions = 0.4 * alive(np.arange(60, 100).astype(float))
    payment = pensions.sum() / 44
    owed = 0.0
    for age in range(16, 100):
        paid = payment * min(age - 15, 44)
        drawn = pensions[: max(age - 59, 0)].sum()
        owed += wage * (paid - drawn) * np.sqrt(1.04)
    assert known.pension_liability.isel(year=0).item() == pytest.approx(owed, rel=1e-12)


def test_without_balancing_the_index_is_one_to_the_bit(village: xr.Dataset, observed: dict[int, float]) -> None:
    fund, ready, rule = village_fund(village, observed, {})
    index = balancing.index(fund, ready, village, rule)
    assert (index == 1.0).all() and index.dims == ("draw", "year")
    moved = balancing.apply(ready, index)
    xr.testing.assert_identical(moved.drop_vars("balancing_index"), ready)


def test_a_balanced_world_is_left_alone() -> None:
    fund, ready, people = scheme(-0.01)
    index = balancing.index(fund, ready, people, changed(Assumptions(), STEERED | {"benefit.balancing_from": 2092}))
    np.testing.assert_allclose(index, 1.0, rtol=1e-11)
    assert float(index.max()) <= 1.0


@pytest.mark.parametrize("name", RULES)
def test_the_index_obeys_the_ratio_of_the_account_two_years_before(
    name: str, village: xr.Dataset, observed: dict[int, float]
) -> None:
    fund, ready, rule = village_fund(village, observed, RULES[name] | STEERED | {"benefit.growth_floor": -0.2})
    index = balancing.index(fund, ready, village, rule)
    moved = balancing.apply(ready, index)
    known = balancing.indicators(fund, project(fund, moved, rule), moved, village, rule)
    np.testing.assert_array_equal(known.balancing_index, index.sel(year=known.year))
    grown = (ready.basic_pension_per_head / ready.basic_pension_per_head.shift(year=1)).sel(year=known.year)
    before = known.balancing_index.shift(year=1)
    wanted = before * (1 + (known.balance_ratio.shift(year=2) - 1) / 3)
    least = before * np.minimum(0.8 / grown, 1)
    np.testing.assert_allclose(
        known.balancing_index.isel(year=slice(2, None)),
        np.clip(wanted, least, 1.0).isel(year=slice(2, None)),
        rtol=1e-9,
    )
    assert float(known.balancing_index.min()) < 0.99


@pytest.mark.parametrize("share", [1 / 3, 1.0])
def test_where_members_decline_balancing_makes_the_fund_last_longer(share: float) -> None:
    # Balanced until 2090; from 2091 on each year's entrants are 3 % fewer, and each pays as before.
    fund, ready, people = scheme()
    fewer = 0.97 ** np.maximum(people["year"] - people["age"] - (OPENING + 1 - 16), 0)
    people = people * fewer
    heads = {f"{n}_mid_year": people[n].sum(("sex", "age")) for n in people.data_vars}
    per_contributor = (ready.tax / ready.contributors_mid_year).drop_attrs()
    ready = ready.assign(heads).assign(tax=per_contributor * heads["contributors_mid_year"])
    due = (ready.basic_pension_per_head * heads["pensioners_mid_year"]).drop_attrs()
    fund = Fund("declining", (TAX,), (Basic(),), OPENING, 2 * due.sel(year=OPENING).item())
    rule = changed(Assumptions(), STEERED | {"benefit.balancing_share": share, "benefit.balancing_from": OPENING})
    index = balancing.index(fund, ready, people, rule)
    off, on = (project(fund, r, rule) for r in (ready, balancing.apply(ready, index)))
    assert (index <= 1.0).all() and (index.sel(year=slice(None, OPENING + 2)) == 1.0).all()
    assert index.isel(year=-1).item() < 0.8
    first, then = (float(solvency.exhaustion_year(a.pool_balance).fillna(9999).item()) for a in (off, on))
    assert OPENING < first < YEARS[-1] and then > first + 3


def test_what_was_cut_is_made_up_when_money_comes(village: xr.Dataset, observed: dict[int, float]) -> None:
    rich = {"land.share": 1.0, "land.from_year": 2040, "benefit.growth_floor": -0.2}
    fund, ready, rule = village_fund(village, observed, RULES["capacity"] | STEERED | rich)
    index = balancing.index(fund, ready, village, rule)
    assert (index.sel(year=2040) < 0.9).all()
    assert (index.sel(year=2060) == 1.0).all()


def test_balancing_never_lowers_growth_below_its_floor(village: xr.Dataset, observed: dict[int, float]) -> None:
    fund, ready, rule = village_fund(village, observed, RULES["capacity"] | STEERED)
    paid = balancing.apply(ready, balancing.index(fund, ready, village, rule)).basic_pension_per_head
    assert (paid.sel(year=slice(2025, None)).diff("year") >= -1e-9).all()


def test_the_index_sees_nothing_that_comes_later(village: xr.Dataset, observed: dict[int, float]) -> None:
    years = village["year"]
    names = ("contributors", "pensioners", "rural_income", "budget_revenue")
    other = village.assign({n: village[n].where(years <= 2040, 0.9 * village[n]) for n in names})
    paths = []
    for people in (village, other):
        fund, ready, rule = village_fund(people, observed, RULES["capacity"] | STEERED | {"benefit.growth_floor": -0.2})
        paths.append(balancing.index(fund, ready, people, rule))
    before = slice(None, 2040 + balancing.LAG)
    # From 2041 on the floor of growth reads the year's own indexation; it does not bind here.
    np.testing.assert_array_equal(paths[0].sel(year=before), paths[1].sel(year=before))
    assert not paths[0].equals(paths[1])


def test_asset_and_liability_are_those_of_the_plain_pension(village: xr.Dataset, observed: dict[int, float]) -> None:
    fund, ready, rule = village_fund(village, observed, STEERED)
    moved = balancing.apply(ready, balancing.index(fund, ready, village, rule))
    off = balancing.indicators(fund, project(fund, ready, rule), ready, village, rule)
    on = balancing.indicators(fund, project(fund, moved, rule), moved, village, rule)
    np.testing.assert_allclose(on.contribution_asset, off.contribution_asset, rtol=1e-12)
    np.testing.assert_allclose(on.pension_liability, off.pension_liability * on.balancing_index, rtol=1e-12)


def test_it_does_not_matter_when_the_pension_age_is_applied(village: xr.Dataset, observed: dict[int, float]) -> None:
    fund, ready, rule = village_fund(village, observed, STEERED | RULES["later_pension"])
    moved = eligibility.members(village, rule)
    assert not moved.pensioners.equals(village.pensioners)
    xr.testing.assert_identical(balancing.index(fund, ready, village, rule), balancing.index(fund, ready, moved, rule))


def test_the_year_before_the_opening_must_be_there(village: xr.Dataset, observed: dict[int, float]) -> None:
    fund, ready, rule = village_fund(village, observed, STEERED)
    with pytest.raises(AxisError, match="year 2024 is missing"):
        balancing.index(fund, ready.sel(year=slice(2025, None)), village, rule)


def test_a_yearly_cut_of_a_third_of_the_gap_settles_where_the_whole_gap_swings() -> None:
    # Taxes are 0.9 of what is due from the opening on. With a lag of two years the log of the index obeys
    # z^2 = z - s, whose roots have the modulus sqrt(s): 1 does not die away.
    paths = {}
    for share in (1 / 3, 1.0):
        fund, ready, people = scheme(share=0.9)
        rule = changed(Assumptions(), STEERED | {"benefit.balancing_share": share, "benefit.growth_floor": -0.2})
        paths[share] = balancing.index(fund, ready, people, rule).sel(year=slice(OPENING + 12, OPENING + 41)).values[0]
    np.testing.assert_allclose(paths[1 / 3], 0.9, atol=1e-3)
    # Roots of modulus 1 at sixty degrees: a swing of six years.
    assert np.ptp(paths[1.0]) > 0.15
    np.testing.assert_allclose(paths[1.0][6:], paths[1.0][:-6], atol=0.01)


def test_one_path_of_incomes_serves_many_draws_of_members(village: xr.Dataset, observed: dict[int, float]) -> None:
    one = {n: village[n].isel(draw=0, drop=True) for n in ("rural_income", "budget_revenue", "contribution_per_head")}
    people = village.assign(one)
    fund, ready, rule = village_fund(people, observed, STEERED | RULES["capacity"])
    index = balancing.index(fund, ready, people, rule)
    assert index.dims == ("draw", "year") and not index.isel(draw=0).equals(index.isel(draw=1))
    # The same as with the path told once for every draw.
    wide = people.assign({n: v.expand_dims(draw=village["draw"]) for n, v in one.items()})
    spread, ready_wide, _ = village_fund(wide, observed, STEERED | RULES["capacity"])
    np.testing.assert_allclose(index, balancing.index(spread, ready_wide, wide, rule), rtol=1e-12)


def test_a_projection_without_draws_has_a_ratio_without_draws(village: xr.Dataset, observed: dict[int, float]) -> None:
    every, one = village, village.isel(draw=2, drop=True)
    known = []
    for people in (every, one):
        fund, ready, rule = village_fund(people, observed, STEERED | RULES["capacity"])
        moved = balancing.apply(ready, balancing.index(fund, ready, people, rule))
        known.append(balancing.indicators(fund, project(fund, moved, rule), moved, people, rule))
    xr.testing.assert_allclose(known[1], known[0].isel(draw=2, drop=True))


def test_every_indicator_has_unit_and_meaning(village: xr.Dataset, observed: dict[int, float]) -> None:
    fund, ready, rule = village_fund(village, observed, {})
    known = balancing.indicators(fund, project(fund, ready, rule), ready, village, rule)
    assert list(known.data_vars) == list(balancing.INDICATORS)
    for name, (unit, meaning) in balancing.INDICATORS.items():
        assert known[name].attrs == {"unit": unit, "meaning": meaning}
