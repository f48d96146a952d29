"""Life tables: what must hold of any of them, and what rises or falls with what."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from forecasting import lifetable as lt

LOWER = np.array([0, 1, *range(5, 105, 5)])


def gompertz(level: float = 5e-5, slope: float = 0.09, infant: float = 0.01) -> np.ndarray:
    """Single-age rates of the usual shape."""
    mx = level * np.exp(slope * np.arange(101.0))
    mx[:5] += infant * np.exp(-1.8 * np.arange(5.0))
    return mx


usual = st.builds(gompertz, st.floats(1e-5, 3e-4), st.floats(0.05, 0.095), st.floats(1e-3, 0.15))
any_rates = hnp.arrays(float, 101, elements=st.floats(1e-6, 1.9))


@given(hnp.arrays(float, LOWER.size, elements=st.floats(1e-6, 0.39)))
def test_the_columns_of_a_table_agree_with_each_other(mx):
    table = lt.life_table(mx, LOWER, np.diff(LOWER) / 2)
    assert table.dx.sum() == pytest.approx(table.lx[0])
    np.testing.assert_allclose(table.dx[:-1], -np.diff(table.lx), rtol=1e-9, atol=1e-6)
    alive = table.lx > 1e-6
    np.testing.assert_allclose((table.dx / table.Lx)[alive], mx[alive], rtol=1e-9)
    np.testing.assert_allclose(table.Tx[:-1] - table.Tx[1:], table.Lx[:-1], atol=1e-4)
    assert table.ex[-1] == pytest.approx(1 / mx[-1])


def test_a_table_of_constant_force_has_the_expectancy_of_the_exponential():
    # a(x) of the exponential within a year: 1/m - 1/(exp(m) - 1).
    m = 0.02
    table = lt.life_table(np.full(101, m), np.arange(101), np.full(100, 1 / m - 1 / np.expm1(m)))
    np.testing.assert_allclose(table.ex, 1 / m, rtol=1e-12)
    np.testing.assert_allclose(table.lx, 1e5 * np.exp(-m * np.arange(101)), rtol=1e-12)


def test_tables_of_many_populations_are_those_of_each():
    rates = np.stack([lt.life_table(gompertz(k), np.arange(101)).mx for k in (1e-5, 1e-4)])
    both = lt.life_table(rates, np.arange(101))
    for i in range(2):
        np.testing.assert_array_equal(both.ex[i], lt.life_table(rates[i], np.arange(101)).ex)


@given(usual)
def test_single_ages_and_the_general_table_give_the_same_expectancy(mx):
    ax = np.full(100, 0.5)
    ax[0] = lt.infant_separation(mx[0])
    assert lt.expectancy(mx) == pytest.approx(lt.life_table(mx, np.arange(101), ax).ex[0], rel=1e-12)


@given(any_rates, st.floats(1.001, 1.05))
def test_higher_mortality_shortens_life(mx, factor):
    assert lt.expectancy(mx * factor) < lt.expectancy(mx)


@given(any_rates, st.integers(0, 100))
def test_a_higher_rate_at_one_age_never_lengthens_life(mx, age):
    worse = mx.copy()
    worse[age] *= 1.02
    assert lt.expectancy(worse, a0=0.1) <= lt.expectancy(mx, a0=0.1) + 1e-12


@given(hnp.arrays(float, 101, elements=st.floats(0, 5)).map(lambda m: m + 1e-9))
def test_survival_is_a_share_whatever_the_rates(mx):
    shares = lt.survival(mx)
    assert shares.shape == (102,)
    assert (shares >= 0).all()
    assert (shares <= 1).all()


@given(any_rates)
def test_a_stationary_population_reproduces_itself(mx):
    table = lt.life_table(mx, np.arange(101), np.append(lt.infant_separation(mx[0]), np.full(99, 0.5)), radix=1.0)
    shares, people = lt.survival(mx), table.Lx
    end = np.append(shares[0], people[:-1] * shares[1:101])
    end[100] += people[100] * shares[101]
    np.testing.assert_allclose(end, people, rtol=1e-9, atol=1e-300)


@given(usual)
def test_survival_of_the_youngest_is_no_less_when_mortality_falls(mx):
    assert (lt.survival(mx * 0.9) >= lt.survival(mx)).all()


@pytest.mark.parametrize("sex", ["female", "male", "both"])
def test_infant_separation_is_constant_from_a_rate_of_107_per_thousand(sex):
    assert lt.infant_separation(0.107, sex) == lt.infant_separation(0.3, sex) == lt.WEST[sex][0][2]


def test_greville_gives_gompertz_deaths_their_true_mean_age():
    middles = np.array([*LOWER[:-1] + np.diff(LOWER) / 2, 102.5])
    found = lt.separation(0.1 * np.exp(0.1 * (middles - 80)), LOWER)[np.searchsorted(LOWER, 80)]
    t = (np.arange(5000) + 0.5) / 1000
    dying = 0.1 * np.exp(0.1 * t) * np.exp(-np.expm1(0.1 * t))
    assert found == pytest.approx((t * dying).sum() / dying.sum(), abs=0.02)


@given(usual)
def test_ungrouped_rates_keep_the_rates_of_their_groups(mx):
    a = np.append(lt.infant_separation(mx[0]), np.full(99, 0.5))
    single = lt.life_table(mx, np.arange(101), a)
    grouped = np.add.reduceat(single.dx, LOWER) / np.add.reduceat(single.Lx, LOWER)
    again = lt.life_table(lt.ungroup(grouped, LOWER), np.arange(101), a)
    np.testing.assert_allclose(np.add.reduceat(again.dx, LOWER) / np.add.reduceat(again.Lx, LOWER), grouped, rtol=1e-9)
    assert lt.expectancy(again.mx) == pytest.approx(lt.expectancy(mx), abs=0.03)


def test_ungrouped_rates_of_a_younger_open_group_keep_its_expectancy():
    lower = LOWER[LOWER <= 85]
    grouped = np.append(gompertz()[lower[:-1]], 0.15)
    single = lt.ungroup(grouped, lower)
    np.testing.assert_array_equal(single[85:], 0.15)
    table = lt.life_table(single, np.arange(101))
    assert table.ex[85] == pytest.approx(1 / 0.15, rel=1e-3)


def test_ungrouping_many_tables_at_once_is_ungrouping_each():
    grouped = np.stack([gompertz(k)[LOWER] for k in (2e-5, 1e-4)])
    both = lt.ungroup(grouped, LOWER)
    np.testing.assert_allclose(both, [lt.ungroup(g, LOWER) for g in grouped], rtol=1e-12)


@given(st.floats(1e-6, 1e-5), st.floats(0.08, 0.12))
def test_kannisto_finds_its_own_curve_again(level, slope):
    odds = level * np.exp(slope * (np.arange(101) + 0.5))
    mx = odds / (1 + odds)
    closed = lt.kannisto(mx, 80, 90)
    np.testing.assert_allclose(closed[:100], mx[:100], rtol=1e-9)
    assert closed[99] < closed[100] < 1


@given(usual)
def test_a_closed_table_rises_with_age_and_stays_below_one(mx):
    closed = lt.kannisto(mx, 70, 85)
    np.testing.assert_array_equal(closed[:85], mx[:85])
    assert (np.diff(closed[85:]) > 0).all()
    assert closed.max() < 1


def test_kannisto_never_falls_with_age():
    mx = np.full(101, 0.2)
    mx[80:95] = np.linspace(0.3, 0.2, 15)
    closed = lt.kannisto(mx)
    np.testing.assert_allclose(closed[95:], closed[95])


@given(any_rates)
def test_brass_without_a_shift_is_the_standard(mx):
    np.testing.assert_allclose(lt.brass(mx, 0.0, 1.0), mx, rtol=1e-9)


@given(usual, st.floats(-1.0, 1.0), st.floats(0.01, 0.5))
def test_expectancy_falls_as_alpha_rises(mx, alpha, more):
    low, high = lt.expectancy(lt.brass(mx, np.array([alpha, alpha + more])))
    assert high < low


@given(usual, st.floats(-0.8, 0.8), st.floats(0.7, 1.3))
def test_brass_moves_the_logits_of_survivors_by_a_line(mx, alpha, beta):
    a = np.append(lt.infant_separation(mx[0]), np.full(99, 0.5))

    def logits(rates):
        lx = lt.life_table(rates, np.arange(101), a, radix=1.0).lx[1:80]
        return np.log((1 - lx) / lx) / 2

    np.testing.assert_allclose(logits(lt.brass(mx, alpha, beta)), alpha + beta * logits(mx), atol=1e-8)


def test_brass_and_expectancy_work_over_leading_axes_and_over_blocks():
    mx = np.stack([gompertz(), gompertz(8e-5)])
    alpha = np.linspace(-0.5, 0.5, 700)[:, None]
    moved = lt.brass(mx, alpha)
    assert moved.shape == (700, 2, 101)
    assert lt.expectancy(moved).shape == (700, 2)
    assert lt.survival(moved).shape == (700, 2, 102)
    np.testing.assert_array_equal(moved[650, 1], lt.brass(mx[1], alpha[650, 0]))
    np.testing.assert_array_equal(lt.survival(moved)[650, 1], lt.survival(moved[650, 1]))


def test_rates_are_deaths_over_exposure():
    np.testing.assert_array_equal(lt.death_rates([1, 0], [10, 4]), [0.1, 0.0])


def test_every_fault_of_rates_is_named_at_once():
    with pytest.raises(ValueError, match=r"not finite.*negative"):
        lt.expectancy(np.append([np.nan, -1.0], np.full(99, 0.1)))
    with pytest.raises(ValueError, match=r"negative or missing.*merge age groups"):
        lt.death_rates([-1.0], [0.0])


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (lambda: lt.expectancy(np.full(100, 0.1)), "needs 101 ages"),
        (lambda: lt.survival(np.append(np.full(100, 0.1), 0.0)), "nobody would ever die"),
        (lambda: lt.life_table([0.1, 0.2], [5, 0]), "do not rise"),
        (lambda: lt.ungroup([0.1] * 4, [0, 5, 10, 15]), "infants need their own group"),
        (lambda: lt.ungroup([0.1] * 4, [0, 1, 5, 110]), "merge the groups"),
        (lambda: lt.ungroup([0.1, 0.0, 0.1, 0.1], [0, 1, 5, 10]), "no logarithm"),
        (lambda: lt.kannisto(np.full(101, 1.2)), "not between 0 and 1"),
        (lambda: lt.kannisto(np.full(101, 0.2), 90, 91), "no two ages"),
        (lambda: lt.brass(np.full(101, 0.1), 0.0, -1.0), "beta"),
        (lambda: lt.brass(np.full(101, 2.5)), "leaves no survivors"),
    ],
)
def test_what_cannot_be_a_table_is_refused(call, text):
    with pytest.raises(ValueError, match=text):
        call()
