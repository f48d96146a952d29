"""The projection kernel: people are conserved, flows have their signs, and plain numpy agrees."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forecasting import cohort, lifetable

AGES = np.arange(101)
RURAL, URBAN = 0, 1


def world(seed: int = 0, draws: int = 3, years: int = 4, pull: float = 1.0, back: float = 0.3) -> dict:
    """Make the arguments of a projection: random people and rates of the usual shapes."""
    rng = np.random.default_rng(seed)
    mx = 1e-4 * np.exp(0.085 * AGES) * rng.uniform(0.7, 1.4, (draws, 2, 2, years, 1))
    fertile = np.exp(-0.5 * ((AGES - 27) / 5.5) ** 2) * ((AGES >= 15) & (AGES < 50))
    leave = rng.uniform(0.0, 0.1, (draws, 2, 101))
    return {
        "start": rng.uniform(0, 1e6, (draws, 2, 2, 101)) * (rng.random((draws, 2, 2, 101)) > 0.1),
        "survival": np.moveaxis(lifetable.survival(mx), -2, -1),
        "asfr": fertile[:, None] / fertile.sum() * rng.uniform(0.8, 4, (draws, 2, 1, years)),
        "speed": pull * rng.uniform(0.5, 1.5, (draws, years)),
        "ceiling": rng.uniform(0.5, 1.0, draws),
        "schedule": np.where(AGES < 60, leave, -back * leave),
        "sex_ratio": 1.1,
    }


def changed(arguments: dict, **changes: object) -> dict:
    return arguments | changes


worlds = st.builds(
    world,
    st.integers(0, 10**6),
    st.just(3),
    st.just(4),
    st.sampled_from([-5.0, -0.5, 0.0, 1.0, 40.0]),
    st.floats(0, 50),
)
few = settings(max_examples=40, deadline=None)


@few
@given(worlds)
def test_births_less_deaths_plus_net_moves_is_the_change(arguments):
    p = cohort.project(**arguments)
    people = p.population.sum(axis=(2, 3))
    change = np.diff(people, axis=-1)
    np.testing.assert_allclose(p.births - p.deaths + p.moves, change, rtol=1e-9, atol=1e-9 * people.max())


@few
@given(worlds)
def test_moves_within_the_nation_sum_to_zero_and_nobody_is_negative(arguments):
    p = cohort.project(**arguments)
    assert (p.moves.sum(axis=1) == 0).all()
    assert (p.population >= 0).all()
    assert (p.births >= 0).all()
    assert (p.deaths >= 0).all()


@few
@given(worlds)
def test_the_kernel_is_plain_numpy(arguments):
    fast, plain = cohort.project(**arguments), cohort.project_reference(**arguments)
    for a, b in zip(fast, plain, strict=True):
        # A cell that returners all but empty keeps only the rounding of what left it.
        np.testing.assert_allclose(a, b, rtol=1e-12, atol=1e-12 * np.abs(b).max())


def test_the_start_is_kept_and_nothing_that_was_given_is_changed():
    arguments = world()
    before = {k: np.copy(v) for k, v in arguments.items()}
    p = cohort.project(**arguments)
    np.testing.assert_array_equal(p.population[..., 0], arguments["start"])
    for name, value in before.items():
        np.testing.assert_array_equal(arguments[name], value)


def test_threads_change_no_bit():
    arguments = world(draws=16, years=10)
    whole, alone = (cohort.project(**arguments, threads=n) for n in (5, 1))
    for a, b in zip(whole, alone, strict=True):
        np.testing.assert_array_equal(a, b)


def test_a_draw_does_not_depend_on_its_neighbours():
    arguments = world(draws=5)
    whole = cohort.project(**arguments)
    one = cohort.project(**{k: v if k == "sex_ratio" else v[2:3] for k, v in arguments.items()})
    np.testing.assert_array_equal(whole.population[2:3], one.population)


def test_without_births_deaths_and_moves_a_cohort_only_ages():
    arguments = world(pull=0.0)
    arguments = changed(arguments, survival=np.ones_like(arguments["survival"]), asfr=np.zeros_like(arguments["asfr"]))
    p = cohort.project(**arguments).population
    np.testing.assert_array_equal(p[..., 4:100, 4], arguments["start"][..., :96])
    np.testing.assert_allclose(p[..., 100, 4], arguments["start"][..., 96:].sum(axis=-1))
    assert (p[..., 0, 1:] == 0).all()


def test_the_stationary_population_of_a_life_table_stays():
    mx = 1e-4 * np.exp(0.085 * AGES)
    table = lifetable.life_table(mx, AGES, np.append(lifetable.infant_separation(mx[0]), np.full(99, 0.5)), radix=1.0)
    women = table.Lx[15:50].sum()
    f = np.where((AGES >= 15) & (AGES < 50), 2 / women, 0.0)  # one girl and one boy a year
    p = cohort.project(
        np.broadcast_to(table.Lx, (1, 2, 2, 101)),
        np.broadcast_to(lifetable.survival(mx)[:, None], (1, 2, 2, 102, 30)),
        np.broadcast_to(f[:, None], (1, 2, 101, 30)),
        speed=np.zeros((1, 30)),
        ceiling=np.ones(1),
        schedule=np.zeros((1, 2, 101)),
        sex_ratio=1.0,
    )
    np.testing.assert_allclose(p.population, np.broadcast_to(table.Lx[:, None], p.population.shape), rtol=1e-10)
    np.testing.assert_allclose(p.births, 2.0, rtol=1e-10)


def test_movers_are_the_share_of_survivors_that_their_age_and_the_urban_share_say():
    arguments = world(draws=2, years=1)
    p = cohort.project(**arguments)
    start, survival = arguments["start"], arguments["survival"]
    u = start[:, URBAN].sum(axis=(1, 2)) / start.sum(axis=(1, 2, 3))
    pull = arguments["speed"][:, 0] * u * np.maximum(arguments["ceiling"] - u, 0) / arguments["ceiling"] / (1 - u)
    rate = pull * arguments["schedule"][:, 0, 30]
    stayed = start[:, RURAL, 0, 30] * survival[:, RURAL, 0, 31, 0] * np.exp(-rate)
    np.testing.assert_allclose(p.population[:, RURAL, 0, 31, 1], stayed)


def test_girls_and_boys_are_born_at_the_sex_ratio():
    arguments = world(pull=0.0)
    p = cohort.project(**arguments)
    newborn, alive = p.population[:, :, :, 0, 1], arguments["survival"][:, :, :, 0, 0]
    np.testing.assert_allclose((newborn / alive)[:, :, 1], 1.1 * (newborn / alive)[:, :, 0])
    np.testing.assert_allclose((newborn / alive).sum(axis=2), p.births[..., 0])


def test_at_the_ceiling_nobody_moves():
    arguments = world()
    p = cohort.project(**changed(arguments, start=arguments["start"] * [[[[0.01]], [[1.0]]]], ceiling=np.full(3, 0.5)))
    assert (p.moves == 0).all()


def test_returners_leave_at_most_an_empty_town():
    arguments = world(pull=-1000.0) | {"ceiling": np.ones(3)}
    p = cohort.project(**changed(arguments, start=arguments["start"] + 1, schedule=np.full((3, 2, 101), 0.1)))
    assert (p.population[:, URBAN, :, 1:60, 1] == 0).all()
    assert (p.moves[:, URBAN, 0] < 0).all()


def test_faster_urbanisation_leaves_fewer_rural_people():
    slow, fast = (cohort.project(**world(pull=k, back=0.0)).population for k in (0.5, 1.0))
    assert (fast[:, RURAL, ..., 1:].sum(axis=(1, 2)) < slow[:, RURAL, ..., 1:].sum(axis=(1, 2))).all()


@pytest.mark.parametrize(("name", "flow"), [("asfr", "births"), ("survival", "deaths")])
def test_higher_rates_move_their_flow(name, flow):
    arguments = world()
    higher = cohort.project(**changed(arguments, **{name: arguments[name] * 0.99}))
    usual = cohort.project(**arguments)
    less, more = (higher, usual) if name == "asfr" else (usual, higher)
    assert (getattr(less, flow)[..., 0] < getattr(more, flow)[..., 0]).all()


def test_a_place_without_people_stays_empty():
    arguments = world()
    p = cohort.project(**changed(arguments, start=np.zeros((3, 2, 2, 101))))
    for part in p:
        assert (part == 0).all()


def test_every_fault_is_named_at_once():
    arguments = world()
    arguments["start"][0, 0, 0, 0] = -1
    arguments["survival"][0, 0, 0, 0, 0] = 1.5
    arguments["asfr"][0, 0, 0, 0] = np.nan
    arguments["speed"][0, 0] = np.inf
    bad = changed(arguments, ceiling=np.zeros(3), schedule=np.zeros((3, 2, 100)), sex_ratio=0.0)
    for function in (cohort.project, cohort.project_reference):
        with pytest.raises(ValueError, match="start runs from -1") as error:
            function(**bad)
        text = str(error.value)
        for fault in ("survival runs", "asfr has values", "speed has values", "ceiling", "schedule has shape", "sex_r"):
            assert fault in text
        assert len(text.splitlines()) == 7


def test_a_projection_of_no_years_is_refused():
    with pytest.raises(ValueError, match="no draw or no year"):
        cohort.project(**changed(world(), speed=np.zeros((3, 0))))


def test_a_textbook_step_adds_up():
    rng = np.random.default_rng(1)
    women, migrants = rng.uniform(1e4, 1e5, 18), rng.uniform(-100, 100, 18)
    table = lifetable.life_table(1e-3 * np.exp(0.07 * np.arange(0, 90, 5)), np.arange(0, 90, 5), np.full(17, 2.5))
    fertility = np.where((np.arange(18) >= 3) & (np.arange(18) < 10), 0.05, 0.0)
    closed = cohort.step(women, table.Lx, fertility)
    opened = cohort.step(women, table.Lx, fertility, migrants)
    half = cohort.step(women + migrants / 2, table.Lx, fertility)
    np.testing.assert_allclose(opened.women[1:], half.women[1:] + migrants[1:] / 2)
    assert (closed.women[1:] < women[:-1] + np.append(np.zeros(16), women[-1])).all()
    assert closed.boys == pytest.approx(1.05 * closed.women[0])
