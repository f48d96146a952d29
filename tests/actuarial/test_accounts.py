"""The compiled account kernel against a slow one, and against the books."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from actuarial.accounts import BALANCE, NAMES, PENSION, TAIL, Opening, PerHead, Rules, member_accounts

Array = np.ndarray


def books(flows: Array, opening: float | Array = 0.0) -> Array:
    """Change of the balance less all that entered and left it; zero if nothing is lost."""
    contributions, match, collective, interest, pension, _, inheritance, balance = np.moveaxis(flows, 1, 0)
    before = np.concatenate([np.broadcast_to(opening, balance.shape[:1])[:, None], balance[:, :-1]], axis=1)
    return balance - before - (contributions + match + collective + interest - pension - inheritance)


def by_hand(contributors: Array, mortality: Array, per_head: PerHead, rules: Rules, opening: Opening) -> Array:
    """One person at a time: each cohort as survivors times a personal account, draw by draw in plain Python."""
    draws, sexes, ages, years = contributors.shape
    out = np.zeros((draws, len(NAMES), years))
    for d, s, k in np.ndindex(draws, sexes, years + ages - 1):
        born = k - (years - 1)
        account, roll = (opening.balance[0, s, born], opening.pension[0, s, born]) if born >= 0 else (0.0, 0.0)
        roll = roll if born > 60 else 0.0
        for t in range(max(0, -born), years):
            age = min(born + t, ages - 1)
            heads = contributors[d, s, age, t] if born + t < ages else 0.0
            everyone, last = contributors[d, :, :, t].sum(), contributors[d, :, 59, t].sum()
            regular = 1 - rules.back_payment_share if last else 1.0
            at_once = rules.back_payment_share * everyone / last if last and age == 59 else 0.0
            paid = [heads * per_head.member[d, t] * (regular + at_once)]
            paid += [heads * per_head.match[d, t], heads * per_head.collective[d, t]]
            if born + t == 60:
                roll = account * 12 / rules.divisor_months
            q = mortality[d, s, age, t] / (1 + mortality[d, s, age, t] / 2)
            i = per_head.crediting_rate[d, t]
            there = account * (1 + i) ** (0.5 if rules.mid_year else 1.0)
            borne = min(roll, there)
            closing = (1 - q) * (there - borne) + sum(paid) * (1 - q / 2)
            closing *= (1 + i) ** (0.5 if rules.mid_year else 0.0)
            pension, tail = borne * (1 - q / 2), (roll - borne) * (1 - q / 2)
            heirs = q * (there + sum(paid) / 2 - borne / 2)
            interest = closing - account - sum(paid) + pension + heirs
            out[d, :, t] += [*paid, interest, pension, tail, heirs, closing]
            account, roll = closing, roll * (1 - q)
    return out


def invented(
    seed: int, draws: int = 2, years: int = 7, mid_year: bool = True
) -> tuple[Array, Array, PerHead, Rules, Opening]:
    rng = np.random.default_rng(seed)
    contributors = np.zeros((draws, 2, 101, years))
    contributors[:, :, 16:60] = rng.uniform(0, 1e6, (draws, 2, 44, years))
    mortality = rng.uniform(0, 0.4, (draws, 2, 101, years))
    paths = (rng.uniform(0, 1000, (draws, years)) for _ in range(3))
    per_head = PerHead(*paths, rng.uniform(-0.01, 0.08, (draws, years)))
    rules = Rules(rng.uniform(-0.03, 0.05), rng.uniform(20, 200), mid_year)
    opening = Opening(rng.uniform(0, 1e9, (1, 2, 101)), rng.uniform(0, 3e8, (1, 2, 101)))
    return contributors, mortality, per_head, rules, opening


@pytest.mark.parametrize("mid_year", [True, False])
def test_the_kernel_agrees_with_accounts_kept_by_hand(mid_year: bool) -> None:
    case = invented(7, mid_year=mid_year)
    flows, by_age = member_accounts(*case)
    np.testing.assert_allclose(flows, by_hand(*case), rtol=1e-10, atol=1e-3)
    np.testing.assert_allclose(by_age.sum(axis=(1, 2)), flows[:, BALANCE, -1], rtol=1e-12)


@settings(max_examples=40)
@given(st.integers(0, 2**32 - 1), st.booleans(), st.integers(1, 30))
def test_no_fen_is_lost_from_the_accounts(seed: int, mid_year: bool, years: int) -> None:
    case = invented(seed, years=years, mid_year=mid_year)
    flows, _ = member_accounts(*case)
    assert np.abs(books(flows, case[4].balance.sum())).max() < 0.01
    assert (np.delete(flows, NAMES.index("credited_interest"), axis=1) >= 0).all()


@settings(max_examples=20)
@given(st.integers(0, 2**32 - 1))
def test_back_payment_moves_money_between_ages_only(seed: int) -> None:
    contributors, mortality, per_head, rules, opening = invented(seed)
    flows, _ = member_accounts(contributors, mortality, per_head, rules, opening)
    np.testing.assert_allclose(flows[:, 0], contributors.sum(axis=(1, 2)) * per_head.member)


def one_cohort(divisor: float, q: float = 0.0, years: int = 80, rate: float = 0.015) -> Array:
    """One member aged 16 in the first year who pays 100 a year to 59."""
    contributors = np.zeros((1, 1, 101, years))
    for t in range(44):
        contributors[0, 0, 16 + t, t] = 1.0
    mortality = np.full((1, 1, 101, years), q / (1 - q / 2))
    per_head = PerHead(*(np.full((1, years), v) for v in (100.0, 0.0, 0.0, rate)))
    return member_accounts(contributors, mortality, per_head, Rules(0.0, divisor, True))[0][0]


def test_a_larger_divisor_gives_a_lower_pension_for_longer() -> None:
    small, large = one_cohort(139), one_cohort(170)
    assert large[PENSION, 44] < small[PENSION, 44]
    assert np.flatnonzero(large[TAIL])[0] > np.flatnonzero(small[TAIL])[0]


def test_without_interest_an_account_pays_as_many_months_as_its_divisor() -> None:
    flows = one_cohort(139, rate=0.0)
    assert flows[PENSION, 44] == pytest.approx(4400 * 12 / 139)
    assert (flows[PENSION] / flows[PENSION, 44]).sum() * 12 == pytest.approx(139)
    np.testing.assert_allclose(flows[PENSION, 44:] + flows[TAIL, 44:], flows[PENSION, 44])


def test_mortality_shortens_no_ones_account() -> None:
    """Heirs have what is left, so survivors' accounts end when they would have ended without deaths."""
    assert np.flatnonzero(one_cohort(139, q=0.05)[TAIL])[0] == np.flatnonzero(one_cohort(139)[TAIL])[0]


def test_certain_death_pays_every_account_out() -> None:
    contributors, _, per_head, rules, opening = invented(3)
    flows, _ = member_accounts(contributors, np.full_like(contributors, 2.0), per_head, rules, opening)
    assert (flows[:, TAIL, 1:] == 0).all()
    assert np.abs(books(flows, opening.balance.sum())).max() < 0.01


def test_arrays_without_draws_serve_every_draw() -> None:
    contributors, mortality, per_head, rules, opening = invented(5, draws=1)
    once, _ = member_accounts(contributors, mortality, per_head, rules, opening)
    wide = per_head._replace(member=np.repeat(per_head.member, 3, axis=0))
    thrice, _ = member_accounts(contributors, mortality, wide, rules, opening)
    np.testing.assert_array_equal(thrice, np.repeat(once, 3, axis=0))


def test_contributors_of_pension_age_are_refused() -> None:
    contributors, mortality, per_head, rules, opening = invented(5)
    contributors[0, 0, 60, 0] = 1.0
    with pytest.raises(ValueError, match="aged 60 or older"):
        member_accounts(contributors, mortality, per_head, rules, opening)


def test_numbers_of_draws_that_do_not_fit_are_named() -> None:
    contributors, mortality, per_head, rules, opening = invented(5)
    with pytest.raises(ValueError, match="2 and 3 draws"):
        member_accounts(contributors, np.repeat(mortality, 3, axis=0)[:3], per_head, rules, opening)
