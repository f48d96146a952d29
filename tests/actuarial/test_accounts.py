"""The compiled account kernel against a slow one, against the books, and against sums that can be done on paper."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from actuarial.accounts import (
    BALANCE,
    CONTRIBUTIONS,
    INHERITANCE,
    INTEREST,
    NAMES,
    PENSION,
    PORTED_IN,
    PORTED_OUT,
    TAIL,
    Opening,
    PerHead,
    Rules,
    age_factors,
    member_accounts,
)

Array = np.ndarray

SEEDS = st.integers(0, 2**32 - 1)


class Case(NamedTuple):
    """What the kernel is asked."""

    contributors: Array
    mortality: Array
    per_head: PerHead
    rules: Rules
    opening: Opening
    ported_in: Array

    def run(self, **more: object) -> tuple[Array, Array]:
        """Run the kernel, with other people, factors or years kept if they are given."""
        contributors = more.pop("contributors", self.contributors)
        ported_in = more.pop("ported_in", self.ported_in)
        return member_accounts(contributors, *self[1:5], ported_in=ported_in, **more)


def invented(seed: int, *, draws: int = 2, years: int = 7, reform: bool = False, mid_year: bool = True) -> Case:
    """Invent a scheme; a `reform` raises the pension age, moves accounts, changes divisors and remainders."""
    rng = np.random.default_rng(seed)
    ages = 60 + np.cumsum(rng.random(years + 1) < 0.3) * reform
    ages -= ages[0] - 60
    contributors = np.zeros((draws, 2, 101, years))
    for year in range(years):
        contributors[:, :, 16 : ages[year], year] = rng.uniform(0, 1e6, (draws, 2, ages[year] - 16))
    mortality = rng.uniform(0, 0.4, (draws, 2, 101, years))
    paths = (rng.uniform(0, 1000, (draws, years)) for _ in range(3))
    per_head = PerHead(*paths, rng.uniform(-0.01, 0.08, (draws, years)))
    rules = Rules(rng.uniform(0, 0.9), rng.uniform(20, 200), mid_year)
    if reform:
        rules = Rules(
            rules.back_payment_share,
            rules.divisor_months * np.linspace(1, 0.5, 101),
            mid_year,
            pension_age=ages,
            back_payment_multiple=rng.uniform(0.5, 2.0, years),
            annuity_from=int(rng.integers(0, years + 1)) if rng.random() < 0.7 else None,
            shared_from=int(rng.integers(0, years + 1)) if rng.random() < 0.7 else None,
            out_share=rng.uniform(0, 1, years),
        )
    opening = Opening(rng.uniform(0, 1e9, (1, 2, 101)), rng.uniform(0, 3e8, (1, 2, 101)))
    return Case(contributors, mortality, per_head, rules, opening, rng.uniform(0, 1e8, (draws, 2, years)) * reform)


def death(m: float) -> float:
    return min(1.0, m / (1 + m / 2))


def factor_by_hand(case: Case, d: int, age: int, t: int) -> float:
    rules, people = case.rules, case.contributors[d, :, :60, t]
    years = case.contributors.shape[3]
    ages, multiple = np.broadcast_to(rules.pension_age, years + 1), np.broadcast_to(rules.back_payment_multiple, years)
    if not people[:, 59].sum():
        return 1.0
    at_once = rules.back_payment_share * people.sum() / people[:, 59].sum()
    last = age == ages[t] - 1 and ages[t + 1] == ages[t]
    return 1 - rules.back_payment_share + last * at_once * multiple[t]


def annuity_by_hand(case: Case, d: int, s: int, age: int, t: int) -> float:
    rate, years = case.per_head.crediting_rate[d, t], case.contributors.shape[3]
    value, alive = 0.0, 1.0
    for j in range(3000):
        q = death(case.mortality[d, s, min(age + j, 100), min(t + j, years - 1)])
        value += alive * (1 - q / 2) * (1 + rate) ** -(j + (0.5 if case.rules.mid_year else 1.0))
        alive *= 1 - q
    return value


def by_hand(case: Case) -> Array:
    """Keep the money of active members and of leavers apart, cohort by cohort, in plain Python."""
    contributors, mortality, per_head, rules, opening, ported_in = case
    draws, sexes, ages, years = contributors.shape
    starts = np.broadcast_to(rules.pension_age, years + 1)
    out = np.zeros((draws, len(NAMES), years))
    for d, s, k in np.ndindex(draws, sexes, years + ages - 1):
        born = k - (years - 1)
        active, dormant, away, before = (opening.balance[0, s, born] if born >= 0 else 0.0), 0.0, 0.0, 0.0
        paying, pooled = born > starts[0], False
        roll = opening.pension[0, s, born] if paying else 0.0
        for t in range(max(0, -born), years):
            age = min(born + t, ages - 1)
            heads = contributors[d, s, age, t] if born + t < ages else 0.0
            i, q = per_head.crediting_rate[d, t], death(mortality[d, s, age, t])
            half = (1 + i) ** (0.5 if rules.mid_year else 1.0)
            if age < 60 and heads < before:
                dormant, active = dormant + active * (1 - heads / before), active * heads / before
                away += before - heads
            elif age < 60 and away:
                back = min(1.0, (heads - before) / away)
                dormant, active, away = dormant * (1 - back), active + dormant * back, away * (1 - back)
            before, away = heads * (1 - q), away * (1 - q)
            went = came = 0.0
            opened = active + dormant
            if not paying and born + t >= starts[t]:
                paying, pooled = True, rules.shared_from is not None and t >= rules.shared_from
                share = np.broadcast_to(rules.out_share, years)[t]
                went, came = share * dormant * half, ported_in[d, s, t]
                account = active + (1 - share) * dormant + came / half
                months = np.broadcast_to(rules.divisor_months, ages)[age]
                if rules.annuity_from is not None and t >= rules.annuity_from:
                    months = 12 * annuity_by_hand(case, d, s, age, t)
                roll, active, dormant = account * 12 / months, account, 0.0
            paid = [heads * per_head.member[d, t] * factor_by_hand(case, d, age, t)]
            paid += [heads * per_head.match[d, t], heads * per_head.collective[d, t]]
            there = (active + dormant) * half
            if pooled and q < 1:
                pension = min(roll * (1 - q / 2), there)
                heirs, left = 0.0, there - pension
            else:
                pension = min(roll, there) * (1 - q / 2)
                heirs = q * (there + sum(paid) / 2 - min(roll, there) / 2)
                left = (1 - q) * (there - min(roll, there)) + sum(paid) * (1 - q / 2)
            rest = (1 + i) ** (0.5 if rules.mid_year else 0.0)
            closing = left * rest
            interest = closing - opened - sum(paid) - came + went + pension + heirs
            tail = roll * (1 - q / 2) - pension
            out[d, :, t] += [*paid, interest, pension, tail, heirs, closing, went, came]
            dormant *= half * (1 - q) * rest
            active = closing - dormant
            roll *= 1 - q
    return out


def books(flows: Array, opening: float | Array = 0.0) -> Array:
    """Change of the balance less all that entered and left it; zero if nothing is lost."""
    contributions, match, collective, interest, pension, _, inheritance, balance, went, came = np.moveaxis(flows, 1, 0)
    before = np.concatenate([np.broadcast_to(opening, balance.shape[:1])[:, None], balance[:, :-1]], axis=1)
    entered = contributions + match + collective + interest + came
    return balance - before - (entered - pension - inheritance - went)


@pytest.mark.parametrize("reform", [False, True])
@pytest.mark.parametrize("mid_year", [True, False])
@pytest.mark.parametrize("seed", [7, 11, 12])
def test_the_kernel_agrees_with_accounts_kept_by_hand(seed: int, mid_year: bool, reform: bool) -> None:
    case = invented(seed, years=12, mid_year=mid_year, reform=reform)
    flows, _ = case.run()
    # One fen on accounts of a hundred billion yuan: what is left of rounding.
    np.testing.assert_allclose(flows, by_hand(case), rtol=1e-9, atol=1e-2)


@settings(max_examples=25, deadline=None)
@given(SEEDS, st.booleans(), st.integers(2, 30), st.booleans())
def test_no_fen_is_lost_from_the_accounts(seed: int, mid_year: bool, years: int, reform: bool) -> None:
    case = invented(seed, years=years, mid_year=mid_year, reform=reform)
    flows, by_age = case.run(keep_years=(years - 1, 0))
    assert np.abs(books(flows, case.opening.balance.sum())).max() < 0.01
    assert (np.delete(flows, INTEREST, axis=1) >= 0).all()
    np.testing.assert_allclose(by_age.sum(axis=(1, 2)), flows[:, BALANCE][:, [years - 1, 0]], rtol=1e-12, atol=1e-3)


@settings(max_examples=25, deadline=None)
@given(SEEDS, st.booleans(), st.booleans())
def test_interest_is_what_the_convention_says_on_money_that_was_there(seed: int, mid_year: bool, reform: bool) -> None:
    case = invented(seed, years=15, mid_year=mid_year, reform=reform)
    flows, _ = case.run()
    contributions, match, collective, interest, pension, _, heirs, balance, went, came = np.moveaxis(flows, 1, 0)
    opening = np.full((balance.shape[0], 1), case.opening.balance.sum())
    before = np.concatenate([opening, balance[:, :-1]], axis=1)
    net = contributions + match + collective + came - went - pension - heirs
    rate = case.per_head.crediting_rate
    expected = rate * before + (np.sqrt(1 + rate) - 1) * net * mid_year
    np.testing.assert_allclose(interest, expected, rtol=1e-9, atol=1e-2)


@settings(max_examples=25, deadline=None)
@given(SEEDS, st.booleans(), st.integers(2, 25))
def test_accounts_of_parts_of_the_cohorts_add_up_to_all_accounts(seed: int, reform: bool, years: int) -> None:
    case = invented(seed, years=years, reform=reform)._replace(opening=Opening(*np.zeros((2, 1, 2, 101))))
    keep = (0, years - 1)
    factors = age_factors(case.contributors, case.rules)
    birth = np.arange(years) - np.arange(101)[:, None]
    part_of = np.random.default_rng(seed).integers(0, 3, birth.max() - birth.min() + 1)[birth - birth.min()]
    ages = np.broadcast_to(case.rules.pension_age, years + 1)[:-1]
    new = part_of[ages, np.arange(years)]
    parts = [
        case.run(
            contributors=case.contributors * (part_of == p),
            ported_in=case.ported_in * (new == p),
            factors=factors,
            keep_years=keep,
        )
        for p in range(3)
    ]
    for whole, *some in zip(case.run(keep_years=keep), *parts, strict=True):
        np.testing.assert_allclose(sum(some), whole, rtol=1e-11, atol=1e-4)


@settings(max_examples=20, deadline=None)
@given(SEEDS)
def test_back_payment_moves_money_between_ages_only(seed: int) -> None:
    case = invented(seed)
    np.testing.assert_allclose(
        case.run()[0][:, CONTRIBUTIONS], case.contributors.sum(axis=(1, 2)) * case.per_head.member
    )


def test_a_multiple_of_the_back_payment_is_paid_in_the_last_year_only() -> None:
    case = invented(3, years=4)
    twice = case.rules._replace(back_payment_multiple=np.array([1.0, 2.0, 1.0, 1.0]))
    law, more = (age_factors(case.contributors, rules) for rules in (case.rules, twice))
    heads = case.contributors.sum(axis=1)
    at_once = case.rules.back_payment_share * heads[:, :, 1].sum(axis=1) / heads[:, 59, 1]
    np.testing.assert_allclose((more - law)[:, 59, 1], at_once)
    assert np.count_nonzero(more - law) == heads.shape[0]


def test_nobody_pays_for_missed_years_in_the_year_before_the_pension_age_rises() -> None:
    case = invented(3, years=3)
    rules = case.rules._replace(pension_age=np.array([60, 60, 61, 61]))
    factors = age_factors(case.contributors, rules)
    regular = 1 - case.rules.back_payment_share
    np.testing.assert_allclose(factors[:, :, 1], regular)
    assert (factors[:, 59, 0] > 1).all() and (factors[:, 60, 2] > 1).all()
    np.testing.assert_allclose(factors[:, 59, 2], regular)


def lifetime(
    rules: Rules, q: float = 0.0, years: int = 80, rate: float = 0.015, first: int = 44, heads: Array | None = None
) -> Array:
    """One cohort aged 16 in the first year, whose members pay 100 a year; flows by name and year.

    They pay to 59, or to the year before the position `first` of their first pension.
    """
    contributors = np.zeros((1, 1, 101, years))
    alive = (1 - q) ** np.arange(first) if heads is None else heads
    for t in range(first):
        contributors[0, 0, 16 + t, t] = alive[t]
    mortality = np.full((1, 1, 101, years), q / (1 - q / 2))
    per_head = PerHead(*(np.full((1, years), v) for v in (100.0, 0.0, 0.0, rate)))
    return member_accounts(contributors, mortality, per_head, rules)[0][0]


def test_a_larger_divisor_gives_a_lower_pension_for_longer() -> None:
    small, large = (lifetime(Rules(0.0, months, True)) for months in (139, 170))
    assert large[PENSION, 44] < small[PENSION, 44]
    assert np.flatnonzero(large[TAIL])[0] > np.flatnonzero(small[TAIL])[0]


def test_without_interest_an_account_pays_as_many_months_as_its_divisor() -> None:
    flows = lifetime(Rules(0.0, 139, True), rate=0.0)
    assert flows[PENSION, 44] == pytest.approx(4400 * 12 / 139)
    assert (flows[PENSION] / flows[PENSION, 44]).sum() * 12 == pytest.approx(139)
    np.testing.assert_allclose(flows[PENSION, 44:] + flows[TAIL, 44:], flows[PENSION, 44])


def test_mortality_shortens_no_ones_account() -> None:
    """Heirs have what is left, so survivors' accounts end when they would have ended without deaths."""
    some, none = (np.flatnonzero(lifetime(Rules(0.0, 139, True), q=q)[TAIL])[0] for q in (0.05, 0.0))
    assert some == none


def present_value(flow: Array, rate: float, first: int) -> float:
    """Value on 1 January of the year at position `first`, money at mid-year."""
    value: float = (flow[first:] * (1 + rate) ** -(np.arange(flow.size - first) + 0.5)).sum()
    return value


LONG, Q, RATE = 400, 0.06, 0.03
"""Years until nobody is left, probability of death, rate of a level world."""


def test_an_annuity_of_the_cohort_shared_by_survivors_leaves_no_tail() -> None:
    rules = Rules(0.0, 139, True, annuity_from=0, shared_from=0)
    flows = lifetime(rules, q=Q, years=LONG, rate=RATE)
    account = flows[BALANCE, 43]
    assert present_value(flows[PENSION], RATE, 44) == pytest.approx(account, rel=1e-9)
    assert present_value(flows[TAIL], RATE, 44) < 1e-9 * account
    assert flows[INHERITANCE, 44:].sum() == 0
    statute = lifetime(Rules(0.0, 139, True), q=Q, years=LONG, rate=RATE)
    assert present_value(statute[TAIL], RATE, 44) > 0.2 * account


def test_an_annuity_whose_remainder_goes_to_heirs_costs_the_pool_what_heirs_get() -> None:
    flows = lifetime(Rules(0.0, 139, True, annuity_from=0), q=Q, years=LONG, rate=RATE)
    account = flows[BALANCE, 43]
    tail, heirs, pensions = (present_value(flows[n], RATE, 44) for n in (TAIL, INHERITANCE, PENSION))
    assert tail == pytest.approx(heirs, rel=1e-9) and tail > 0.1 * account
    assert pensions + tail == pytest.approx(account, rel=1e-9)


def test_the_annuity_of_a_level_world_is_the_one_of_the_textbook() -> None:
    """Deaths at a constant rate: a geometric series, half of the dying paid in their last year."""
    rules = Rules(0.0, 139, True, annuity_from=0)
    flows = lifetime(rules, q=Q, years=60, rate=RATE)
    v = 1 / (1 + RATE)
    value = (1 - Q / 2) * v**0.5 / (1 - (1 - Q) * v)
    assert flows[PENSION, 44] / (1 - Q / 2) == pytest.approx(flows[BALANCE, 43] / value, rel=1e-12)


def test_pensions_tail_heirs_and_movers_use_up_every_account() -> None:
    for rules in (Rules(0.3, 139, True), Rules(0.3, 139, False, annuity_from=0, shared_from=0)):
        flows = lifetime(rules, q=Q, years=LONG, rate=RATE)
        assert flows[BALANCE, -1] < 1e-6 * flows[BALANCE].max()
        assert flows[PENSION, :44].sum() == flows[TAIL, :44].sum() == 0


def test_a_cohort_waits_for_a_later_pension_age_and_then_divides_by_its_months() -> None:
    months = np.full(101, 139.0)
    months[62] = 125.0
    ages = np.full(81, 60)
    ages[30:], ages[35:] = 61, 62
    flows = lifetime(Rules(0.0, months, True, pension_age=ages), first=46)
    assert np.flatnonzero(flows[PENSION])[0] == 46
    assert flows[PENSION, 46] == pytest.approx(flows[BALANCE, 45] * 12 / 125)


def test_a_cohort_in_payment_goes_on_when_the_pension_age_rises() -> None:
    ages = np.where(np.arange(81) < 45, 60, 61)
    rules = Rules(0.0, 139, True)
    np.testing.assert_array_equal(lifetime(rules._replace(pension_age=ages)), lifetime(rules))


def test_who_leaves_for_good_takes_the_account_at_the_pension_age() -> None:
    """Half leave at 40: at 60 half of what was there then, with interest, is theirs, and moves."""
    heads = np.where(np.arange(44) < 24, 1.0, 0.5)
    stay = lifetime(Rules(0.0, 139, True), heads=heads, rate=RATE)
    move = lifetime(Rules(0.0, 139, True, out_share=1.0), heads=heads, rate=RATE)
    moved = 0.5 * stay[BALANCE, 23] * (1 + RATE) ** 20
    assert move[PORTED_OUT, 44] == pytest.approx(moved * (1 + RATE) ** 0.5)
    assert np.count_nonzero(move[PORTED_OUT]) == 1
    assert move[PENSION, 44] == pytest.approx((stay[BALANCE, 43] - moved) * 12 / 139)


def test_who_comes_back_in_time_takes_nothing_away() -> None:
    away = np.where((np.arange(44) >= 24) & (np.arange(44) < 30), 0.5, 1.0)
    assert lifetime(Rules(0.0, 139, True, out_share=1.0), heads=away)[PORTED_OUT].sum() == 0


def test_deaths_before_the_pension_are_no_departures() -> None:
    assert lifetime(Rules(0.0, 139, True, out_share=1.0), q=0.01)[PORTED_OUT].sum() == pytest.approx(0, abs=1e-9)


def test_money_from_another_scheme_raises_the_pension_it_comes_with() -> None:
    case = invented(5, draws=1, years=3)
    money = np.zeros((1, 2, 3))
    money[0, 1, 2] = 1e6
    without, with_it = case.run()[0], case.run(ported_in=money)[0]
    np.testing.assert_allclose(with_it[0, PORTED_IN], [0, 0, 1e6])
    roll = 1e6 / np.sqrt(1 + case.per_head.crediting_rate[0, 2]) * 12 / case.rules.divisor_months
    alive = 1 - death(case.mortality[0, 1, 60, 2]) / 2
    assert with_it[0, PENSION, 2] - without[0, PENSION, 2] == pytest.approx(roll * alive, rel=1e-6)


def test_certain_death_pays_every_account_out() -> None:
    case = invented(3)
    case = case._replace(mortality=np.full_like(case.mortality, 2.0))
    flows, _ = case.run()
    assert (flows[:, TAIL, 1:] == 0).all()
    assert np.abs(books(flows, case.opening.balance.sum())).max() < 0.01


def test_arrays_without_draws_serve_every_draw() -> None:
    case = invented(5, draws=1, reform=True)
    once, _ = case.run()
    wide = case.per_head._replace(member=np.repeat(case.per_head.member, 3, axis=0))
    thrice, _ = case._replace(per_head=wide).run()
    np.testing.assert_array_equal(thrice, np.repeat(once, 3, axis=0))


@pytest.mark.parametrize("age", [60, 63])
def test_contributors_of_pension_age_are_refused(age: int) -> None:
    case = invented(5)
    case.contributors[0, 0, age, 0] = 1.0
    rules = case.rules._replace(pension_age=age)
    with pytest.raises(ValueError, match=f"aged {age} or older"):
        case._replace(rules=rules).run()


@pytest.mark.parametrize("ages", [[60, 61, 60, 60], [60, 62, 62, 62]])
def test_a_pension_age_that_takes_pensions_away_is_refused(ages: list[int]) -> None:
    case = invented(5, years=3)
    with pytest.raises(ValueError, match="would stop drawing"):
        case._replace(rules=case.rules._replace(pension_age=np.array(ages))).run()


def test_a_year_that_is_wanted_twice_is_refused() -> None:
    with pytest.raises(ValueError, match="each year once"):
        invented(5).run(keep_years=(3, 3))


def test_numbers_of_draws_that_do_not_fit_are_named() -> None:
    case = invented(5)
    with pytest.raises(ValueError, match="2 and 3 draws"):
        case._replace(mortality=np.repeat(case.mortality, 3, axis=0)[:3]).run()
