"""Effects of groups on a variance: Ishigami and correlated normals as published, a fund by brute force, identities."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import permutations, product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from actuarial.variance import Effects, effects, held_share

Model = Callable[..., np.ndarray]


def mixtures(model: Model, first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Value every mixture of independent inputs (group, draw)."""
    corners = [
        model(*np.where(np.array(corner)[:, None] == 0, first, second)) for corner in product((0, 1), repeat=len(first))
    ]
    return np.array(corners).reshape((2,) * len(first) + (-1,))


def given_normals(known: np.ndarray, first: np.ndarray, second: np.ndarray, sigma: np.ndarray) -> np.ndarray:
    """Draw normals (input, draw) given those of the first that are known, from an unconditional second draw."""
    if not known.any():
        return second
    slope = sigma[:, known] @ np.linalg.inv(sigma[np.ix_(known, known)])
    moved = second + slope @ (first[known] - second[known])
    return np.where(known[:, None], first, moved)


def linear_game(beta: np.ndarray, sigma: np.ndarray) -> Callable[[Sequence[int]], float]:
    """Return Var E(Y | known) of a linear model of correlated normals."""

    def explained(known: Sequence[int]) -> float:
        some = list(known)
        if not some:
            return 0.0
        slope = sigma[:, some] @ np.linalg.inv(sigma[np.ix_(some, some)])
        return float(beta @ slope @ sigma[np.ix_(some, some)] @ slope.T @ beta)

    return explained


def shapley_by_orders(count: int, worth: Callable[[Sequence[int]], float]) -> np.ndarray:
    """Average what each player adds over all orders."""
    out = np.zeros(count)
    orders = list(permutations(range(count)))
    for order in orders:
        for place, player in enumerate(order):
            out[player] += worth(sorted(order[: place + 1])) - worth(sorted(order[:place]))
    return out / len(orders)


def near(found: np.ndarray, known: np.ndarray, error: np.ndarray, errors: float = 4.0) -> None:
    """Within four standard errors, and those small."""
    assert (np.abs(found - known) <= errors * error + 1e-12).all(), (found, known, error)
    assert (error < 0.03).all()


# -- known values


def test_ishigami_has_its_published_indices() -> None:
    rng, a, b = np.random.default_rng(1), 7.0, 0.1
    first, second = rng.uniform(-np.pi, np.pi, (2, 3, 20_000))
    values = mixtures(lambda x, y, z: np.sin(x) + a * np.sin(y) ** 2 + b * z**4 * np.sin(x), first, second)
    found = effects(values, ("x", "y", "z"), rng)
    # Ishigami and Homma 1990; Saltelli and others 2008, Global Sensitivity Analysis, section 4.5.
    near(found.first_order, np.array([0.3139, 0.4424, 0.0]), found.first_order_error + 1e-4)
    near(found.total, np.array([0.5576, 0.4424, 0.2437]), found.total_error + 1e-4)
    # Shapley effects of independent inputs share interactions evenly (Owen 2014): half of .2437 to x and z each.
    near(found.shapley, np.array([0.4357, 0.4424, 0.1218]), found.shapley_error + 1e-4)
    whole = a**2 / 8 + b * np.pi**4 / 5 + b**2 * np.pi**8 / 18 + 0.5
    assert found.variance == pytest.approx(whole, rel=0.03)


@pytest.mark.parametrize("rho", [-0.8, 0.0, 0.5, 0.9])
def test_two_correlated_normals_beside_an_independent_one_have_their_closed_form(rho: float) -> None:
    rng, beta = np.random.default_rng(2), np.array([1.0, 1.5, 0.7])
    sigma = np.array([[1.0, 0, 0], [0, 1, rho], [0, rho, 1]])
    first, second = np.linalg.cholesky(sigma) @ rng.standard_normal((2, 3, 30_000))

    def corner(at: tuple[int, ...]) -> np.ndarray:
        mixed = given_normals(np.array([True, at[1] == 0, at[2] == 0]), first, second, sigma)
        return np.asarray(beta @ np.vstack([(first, second)[at[0]][0], mixed[1:]]))

    values = np.array([corner(at) for at in product((0, 1), repeat=3)]).reshape(2, 2, 2, -1)
    found = effects(values, ("x", "y", "z"), rng, tied=("y", "z"))
    # Iooss and Prieur 2019, International Journal for Uncertainty Quantification 9(5), section 3.
    b1, b2, b3 = beta
    whole = b1**2 + b2**2 + b3**2 + 2 * rho * b2 * b3
    own = rho * b2 * b3
    known = np.array([
        b1**2,
        b2**2 + own + rho**2 / 2 * (b3**2 - b2**2),
        b3**2 + own + rho**2 / 2 * (b2**2 - b3**2),
    ]) / whole  # fmt: skip
    near(found.shapley, known, found.shapley_error)
    near(found.first_order, np.array([b1**2, (b2 + rho * b3) ** 2, (b3 + rho * b2) ** 2]) / whole,
         found.first_order_error)  # fmt: skip
    near(found.total, np.array([b1**2, b2**2 * (1 - rho**2), b3**2 * (1 - rho**2)]) / whole, found.total_error)


def test_three_tied_groups_have_the_values_of_the_conditional_normal_distribution() -> None:
    rng, beta = np.random.default_rng(3), np.array([1.0, -0.6, 0.8])
    sigma = np.array([[1.0, 0.4, 0.3], [0.4, 1, -0.5], [0.3, -0.5, 1]])
    first, second = np.linalg.cholesky(sigma) @ rng.standard_normal((2, 3, 30_000))
    corners = [beta @ given_normals(np.array(at) == 0, first, second, sigma) for at in product((0, 1), repeat=3)]
    found = effects(np.array(corners).reshape(2, 2, 2, -1), "abc", rng, tied="abc")
    game = linear_game(beta, sigma)
    near(found.shapley, shapley_by_orders(3, game) / game(range(3)), found.shapley_error)
    near(found.first_order, np.array([game([n]) for n in range(3)]) / game(range(3)), found.first_order_error)


# -- a fund by brute force


def fund(births: np.ndarray, income: np.ndarray, interest: np.ndarray) -> np.ndarray:
    """Return the reserve of a small fund after 20 years: contributors follow births, money follows income."""
    reserve = np.full(np.broadcast(births, income, interest).shape, 1.0)
    for year in range(20):
        members = (1.0 + births) ** year
        money = (1.0 + income) ** year
        reserve = (1.0 + interest) * reserve + money * (0.1 * members - 0.12)
    return reserve


LEVELS = {"births": (-0.03, 0.0, 0.02), "income": (0.0, 0.03, 0.05), "interest": (0.01, 0.02, 0.06)}


def explained_by_counting(known: Sequence[int]) -> float:
    """Return Var E(reserve | known) over all 27 equally likely futures of the fund."""
    grid = fund(*np.meshgrid(*map(np.array, LEVELS.values()), indexing="ij"))
    return float(grid.mean(axis=tuple(n for n in range(3) if n not in known)).var())


@pytest.fixture(scope="module")
def of_fund() -> Effects:
    rng = np.random.default_rng(4)
    first, second = (np.array([rng.choice(v, 20_000) for v in LEVELS.values()]) for _ in "ab")
    return effects(mixtures(fund, first, second), tuple(LEVELS), rng)


def test_the_effects_on_a_fund_are_those_of_counting_every_future(of_fund: Effects) -> None:
    whole = explained_by_counting(range(3))
    alone = np.array([explained_by_counting([n]) for n in range(3)]) / whole
    rest = np.array([whole - explained_by_counting([m for m in range(3) if m != n]) for n in range(3)]) / whole
    near(of_fund.first_order, alone, of_fund.first_order_error)
    near(of_fund.total, rest, of_fund.total_error)
    near(of_fund.shapley, shapley_by_orders(3, explained_by_counting) / whole, of_fund.shapley_error)
    assert of_fund.variance == pytest.approx(whole, rel=0.05)


def test_knowing_a_group_never_raises_the_variance_on_average(of_fund: Effects) -> None:
    assert (of_fund.first_order >= -3 * of_fund.first_order_error).all()
    assert (of_fund.total >= 0).all()


def test_a_shapley_effect_of_independent_groups_lies_between_first_order_and_total(of_fund: Effects) -> None:
    assert (of_fund.shapley >= of_fund.first_order - 3 * of_fund.shapley_error).all()
    assert (of_fund.shapley <= of_fund.total + 3 * of_fund.shapley_error).all()


# -- identities


@given(
    st.integers(1, 5).flatmap(lambda n: st.tuples(st.just(n), st.integers(0, 2**n - 1))),
    st.integers(2, 30),
    st.integers(0, 2**32 - 1),
)
def test_shapley_effects_add_up_to_one(groups: tuple[int, int], draws: int, seed: int) -> None:
    count, bits = groups
    rng = np.random.default_rng(seed)
    names = "abcde"[:count]
    tied = [name for n, name in enumerate(names) if bits >> n & 1]
    values = rng.lognormal(0.0, 2.0, (2,) * count + (draws,))
    assert effects(values, names, rng, tied).shapley.sum() == pytest.approx(1.0, abs=1e-10)


def test_a_group_that_does_not_enter_has_no_effect_and_no_error() -> None:
    rng = np.random.default_rng(5)
    first, second = rng.standard_normal((2, 3, 50))
    found = effects(mixtures(lambda x, y, _: x * np.exp(y), first, second), "xyz", rng)
    for name in ("total", "shapley", "first_order"):
        assert getattr(found, name)[2] == pytest.approx(0.0, abs=1e-12)
        assert getattr(found, f"{name}_error")[2] == pytest.approx(0.0, abs=1e-12)


def test_the_effects_do_not_depend_on_the_unit_or_on_where_nought_lies() -> None:
    rng = np.random.default_rng(6)
    values = mixtures(lambda x, y: x + x * y, *rng.standard_normal((2, 2, 40)))
    one, other = (effects(v, "ab", np.random.default_rng(7)) for v in (values, 3.0 - 1e3 * values))
    np.testing.assert_allclose(one.shapley, other.shapley)
    np.testing.assert_allclose(one.total_error, other.total_error)


def test_the_order_of_the_groups_moves_nothing() -> None:
    values = mixtures(lambda x, y, z: x * y + z, *np.random.default_rng(8).standard_normal((2, 3, 40)))
    one = effects(values, "xyz", np.random.default_rng(9), "xy")
    turned = effects(values.transpose(2, 0, 1, 3), "zxy", np.random.default_rng(9), "xy")
    np.testing.assert_allclose(one.shapley, turned.shapley[[1, 2, 0]])
    np.testing.assert_allclose(one.first_order_error, turned.first_order_error[[1, 2, 0]])


def test_the_errors_are_those_of_repeating_the_whole() -> None:
    rng = np.random.default_rng(10)
    told = [
        effects(mixtures(lambda x, y, z: x + 0.5 * y + x * z, *rng.standard_normal((2, 3, 150))), "xyz", rng)
        for _ in range(150)
    ]
    for name in ("shapley", "first_order", "total"):
        scattered = np.std([getattr(one, name) for one in told], axis=0)
        mean_error = np.mean([getattr(one, f"{name}_error") for one in told], axis=0)
        assert ((0.75 < mean_error / scattered) & (mean_error / scattered < 1.3)).all(), name


def test_where_nothing_varies_there_is_nothing_to_split() -> None:
    found = effects(np.full((2, 2, 10), 2101.0), "ab", np.random.default_rng(0))
    assert np.isnan(found.shapley).all() and found.variance == 0.0
    assert np.isnan(held_share(np.ones(10), np.ones(10), np.random.default_rng(0))).all()


def test_where_a_single_draw_makes_the_variance_no_error_is_told() -> None:
    rng, first, second = np.random.default_rng(1), np.full(30, 2101.0), np.full(30, 2101.0)
    first[7] = 2090.0
    values = np.array([first, second])
    found = effects(values, "a", rng)
    assert found.shapley[0] == pytest.approx(1.0) and np.isnan(found.shapley_error[0])
    share, error = held_share(first, second, rng)
    assert share == pytest.approx(1.0) and np.isnan(error)
    # Ten such draws do.
    first[:10] = 2090.0
    assert np.isfinite(effects(np.array([first, second]), "a", rng).shapley_error[0])
    assert np.isfinite(held_share(first, second, rng)[1])


def test_bad_values_are_refused_with_every_fault() -> None:
    values = np.ones((2, 2, 5))
    values[0, 0, 0] = np.nan
    with pytest.raises(ValueError, match=r"give an axis of 2 for each(.|\n)*c is tied(.|\n)*not finite"):
        effects(values, "abd", np.random.default_rng(0), "c")
    with pytest.raises(ValueError, match="a single draw"):
        effects(np.ones((2, 1)), "a", np.random.default_rng(0))


# -- held at one course


def test_what_goes_when_a_group_is_held_is_its_part_of_a_sum() -> None:
    rng = np.random.default_rng(11)
    x, y = 2.0 * rng.standard_normal(4000), rng.standard_normal(4000)
    share, error = held_share(x + y, y, rng)
    assert abs(share - 0.8) < 4 * error < 0.1


def test_holding_a_factor_high_leaves_more_than_there_was() -> None:
    rng = np.random.default_rng(12)
    x, y = rng.uniform(0.0, 1.0, 2000), rng.standard_normal(2000)
    share, error = held_share(x * y, y, rng)
    assert share < -4 * error
