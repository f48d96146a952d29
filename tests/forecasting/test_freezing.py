"""Futures mixed by group: nothing moves but what depends on the group, and every part keeps its own distribution."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import xarray as xr

from forecasting import _freezing_money as money
from forecasting import freezing, projection
from forecasting.freezing import GROUPS, MONEY, Futures, halves
from forecasting.models import economy
from forecasting.models.sampling import stream
from forecasting.projection import Fits

DRAWS, PAST, YEARS = 1000, np.arange(2010, 2026), np.arange(2010, 2061)

DEPENDS = {
    "fertility": {"population", "births", "deaths", "moves", "tfr", "tfr_area", "budget_revenue", "land_income"},
    "mortality": {"population", "births", "deaths", "moves", "e0", "pensioner_mortality"}
    | {"budget_revenue", "land_income"},
    "migration": {"population", "births", "deaths", "moves", "e0", "tfr_area", "pensioner_mortality"}
    | {"budget_revenue", "land_income"},
    "membership": {"contribution_ratio", "basic_ratio", "employee_share", "compliance", "take_up"}
    | {"contribution_per_head"},
    "economy": {*projection.economy_names(), "contribution_per_head"},
    "land_income": {"land_income"},
    "returns": {"deposit_rate", "market_return"},
    "medical": set(),
    "judgement": {*freezing.ANSWERS, *freezing.SOURCES},
}
"""Variables of a Projection that rest on each group, besides members, who rest on people too."""

MEMBERS = {"contributors", "pensioners", "contributors_year_end", "pensioners_year_end"}


# -- the model that holds three groups, on a posterior typed by hand


@pytest.fixture(scope="module")
def posterior() -> xr.Dataset:
    """A posterior of the economy in which inflation goes with the deposit rate, and memories with each other."""
    rng = np.random.default_rng(1)
    z = rng.standard_normal((DRAWS, 12))
    middle = np.array([prior[0] for prior in (getattr(economy.Priors(), name) for name in economy.ANCHORS)])
    anchor = np.tile(middle, (DRAWS, 1))
    at = {name: n for n, name in enumerate(economy.ANCHORS)}
    anchor[:, at["inflation_anchor"]] += 0.006 * z[:, 0]
    anchor[:, at["deposit_anchor"]] *= np.exp(0.3 * (0.6 * z[:, 0] + 0.8 * z[:, 1]))
    anchor[:, at["land_anchor"]] *= np.exp(0.5 * z[:, 2])
    logit = 0.5 * (z[:, [3]] + z[:, 4:9])
    flat = np.ones((DRAWS, len(PAST)))
    levels = {"rural_income": 2e4 * flat, "budget_revenue": 2e13 * flat, "land_income": 4e12 * flat}
    rates = {name: 0.02 * np.ones((DRAWS, len(PAST))) for name in ("inflation", "deposit_rate")}
    parts = {name: (("draw", "past"), values) for name, values in (levels | rates).items()}
    parts["market_return"] = (("draw", "past"), 0.03 * flat)
    parts["anchor"] = (("draw", "prior"), anchor)
    parts["memory"] = (("draw", "process"), 1.0 / (1.0 + np.exp(-logit)))
    parts["shock"] = (("draw", "process"), np.tile(economy.SHOCK, (DRAWS, 1)))
    parts["coupling"] = (("draw", "pair"), 0.4 + 0.2 * z[:, 6:12])
    state = np.tile([0.0, 0.05, -0.02, np.log(0.2), np.log(0.015)], (DRAWS, 1))
    parts["state"] = (("draw", "process"), state)
    return xr.Dataset(parts, {"draw": np.arange(DRAWS), "past": PAST})


def paths(posterior: xr.Dataset, kept: set[str], seed: int = 3) -> xr.Dataset:
    """Return the paths of one mixture of two halves of the draws."""
    first, second = halves(DRAWS, DRAWS // 2)
    mixed = money.mixed(posterior, first, second, kept)
    coupling = posterior["coupling"].values[first], mixed["coupling"].values
    rng = money.Shocks(stream(seed, "one"), stream(seed, "other"), kept, coupling)
    return economy.forecast(mixed, YEARS, rng)  # type: ignore[arg-type]


def test_every_parameter_belongs_to_one_group(posterior: xr.Dataset) -> None:
    seen = {str(name): np.zeros(data.shape[1:], dtype=int) for name, data in posterior.data_vars.items()}
    for group in MONEY:
        for name, place in money.columns(group):
            seen[name][place if isinstance(place, slice) else list(place)] += 1
    assert all((count == 1).all() for count in seen.values())


def test_all_kept_is_the_first_future_and_none_the_second(posterior: xr.Dataset) -> None:
    first, second = halves(DRAWS, DRAWS // 2)
    one = economy.forecast(posterior.isel(draw=first), YEARS, stream(3, "one"))
    xr.testing.assert_identical(paths(posterior, set(MONEY)), one)
    other = economy.forecast(posterior.isel(draw=second), YEARS, stream(3, "other"))
    xr.testing.assert_identical(paths(posterior, set()).drop_vars("draw"), other.drop_vars("draw"))


@pytest.mark.parametrize("kept", [{"economy"}, {"land_income"}, {"returns"}, {"economy", "returns"},
                                  {"economy", "land_income"}, {"land_income", "returns"}])  # fmt: skip
def test_what_is_kept_stays_to_the_bit(posterior: xr.Dataset, kept: set[str]) -> None:
    first, second = halves(DRAWS, DRAWS // 2)
    mixed = money.mixed(posterior, first, second, kept)
    for group in kept:
        for name, place in money.columns(group):
            at = place if isinstance(place, slice) else list(place)
            np.testing.assert_array_equal(mixed[name].values[:, at], posterior[name].values[first][:, at])
    if "economy" in kept:
        before, after = paths(posterior, set(MONEY)), paths(posterior, kept)
        for name in ("rural_income", "price_index", "budget_revenue"):
            # Another coupling of land income turns the elimination of one matrix round: the last digit may differ.
            np.testing.assert_allclose(after[name], before[name], rtol=1e-12)


@pytest.mark.parametrize("kept", [{"economy"}, {"land_income"}, {"returns"}])
def test_what_is_drawn_given_the_rest_keeps_its_own_distribution(posterior: xr.Dataset, kept: set[str]) -> None:
    first, second = halves(DRAWS, DRAWS // 2)
    mixed = money.mixed(posterior, first, second, kept)
    for name in ("anchor", "memory", "coupling"):
        whole = posterior[name].values
        error = whole.std(axis=0) / np.sqrt(len(first)) + 1e-12
        assert (np.abs(mixed[name].values.mean(axis=0) - whole.mean(axis=0)) < 4 * error).all()
        np.testing.assert_allclose(mixed[name].values.std(axis=0), whole.std(axis=0), rtol=0.15, atol=1e-12)
        assert (mixed[name].values.min(axis=0) >= whole.min(axis=0) - 1e-12).all()
        assert (mixed[name].values.max(axis=0) <= whole.max(axis=0) + 1e-12).all()


def test_parameters_of_two_futures_stay_correlated_as_the_posterior_has_them(posterior: xr.Dataset) -> None:
    at = [economy.ANCHORS.index(name) for name in ("inflation_anchor", "deposit_anchor")]
    first, second = halves(DRAWS, DRAWS // 2)
    wanted = np.corrcoef(posterior["anchor"].values[:, at].T)[0, 1]
    for kept in ({"economy"}, {"returns"}):
        mixed = money.mixed(posterior, first, second, kept)["anchor"].values
        assert np.corrcoef(mixed[:, at].T)[0, 1] == pytest.approx(wanted, abs=0.12)
        # Pairing at random would lose it.
        assert wanted > 0.4


def test_shocks_of_the_economy_given_those_of_land_have_the_conditional_normal_distribution() -> None:
    rng, draws = np.random.default_rng(4), 40_000
    first, second = rng.standard_normal((2, draws, 4))
    loading = np.tile([0.5, -0.3, 0.8], (draws, 1))
    made = money.given_land(first, second, loading, loading)
    size = np.sqrt(1.0 + (loading[0] ** 2).sum())
    part = np.append(loading[0], 1.0) / size
    whole, again = first @ part, made @ part
    np.testing.assert_allclose(again, whole)
    np.testing.assert_allclose(np.cov(made.T), np.eye(4), atol=0.03)
    left = made - whole[:, None] * part
    np.testing.assert_allclose(np.cov(left.T), np.eye(4) - np.outer(part, part), atol=0.03)
    # Given what is known, nothing else of the first future is.
    other = first - whole[:, None] * part
    assert np.abs(np.corrcoef(left.T, other.T)[:4, 4:]).max() < 0.03


def test_land_income_that_is_kept_carries_its_tie_to_the_economy(posterior: xr.Dataset) -> None:
    def moved(kept: set[str]) -> float:
        """Correlation of the path of budgets in a mixture with that of land income over budgets in the first."""
        one, mixed = paths(posterior, set(MONEY)), paths(posterior, kept)
        ratio = np.log(one["land_income"] / one["budget_revenue"]).diff("year").values[:, -30:].ravel()
        grown = np.log(mixed["budget_revenue"]).diff("year").values[:, -30:].ravel()
        return float(np.corrcoef(ratio, grown)[0, 1])

    true, given, lost = moved(set(MONEY)), moved({"land_income"}), moved({"returns"})
    assert true > 0.1
    assert given == pytest.approx(true, abs=0.05)
    assert abs(lost) < 0.04


def test_groups_held_at_their_middle_course_leave_the_others_as_drawn(posterior: xr.Dataset) -> None:
    before = economy.forecast(posterior, YEARS, stream(3, "one"))
    still = money.StillShocks(stream(3, "one"), {"returns"})
    after = economy.forecast(money.middle(posterior, {"returns"}), YEARS, still)  # type: ignore[arg-type]
    for name in ("rural_income", "price_index", "budget_revenue", "land_income"):
        np.testing.assert_allclose(after[name], before[name], rtol=1e-12)
    # The deposit rate still follows prices; the market's excess over it is one number.
    excess = np.log1p(after["market_return"]) - np.log1p(after["deposit_rate"])
    assert float(excess.sel(year=slice(2026, None)).std("draw").max()) < 1e-12
    assert (
        0
        < float(after["deposit_rate"].std("draw").isel(year=-1))
        < float(before["deposit_rate"].std("draw").isel(year=-1))
    )


@pytest.mark.parametrize(("there", "draws"), [(1000, 200), (400, 200), (1000, 501), (60, 60), (2, 2), (5, 2), (5, 3)])
def test_two_sets_of_draws_never_pair_a_draw_with_itself(there: int, draws: int) -> None:
    first, second = halves(there, draws)
    assert len(set(first)) == len(set(second)) == draws
    assert (first != second).all()
    assert set(first) | set(second) <= set(range(there))
    if 2 * draws <= there:
        assert not set(first) & set(second)


def test_what_cannot_be_mixed_is_refused_with_every_fault(posterior: xr.Dataset) -> None:
    methods = dict.fromkeys(projection.ORDER, "bayesian")
    base = Fits({"economy": posterior}, {}, None, None, methods)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="1001 draws of 1000: give at least 2"):
        Futures(base, 1001)
    other = replace(base, methods=methods | {"fertility": "ets", "economy": "arima"})
    with pytest.raises(ValueError, match=r"fertility goes on by the method ets(.|\n)*time_bank is not mixed"):
        Futures(other, 10, schemes=("time_bank",))


# -- the whole


@pytest.fixture(scope="module")
def futures(fits: Fits) -> Futures:
    return Futures(fits, 30, 2060, ("medical",))


def moved_by(before: xr.Dataset, after: xr.Dataset) -> set[str]:
    """Name the variables that moved by more than rounding."""
    return {
        str(name)
        for name in before
        if not np.allclose(before[name].values, after[name].values, rtol=1e-9, atol=0.0, equal_nan=True)
    }


@pytest.mark.slow
def test_all_kept_is_the_forecast_to_the_bit(fits: Fits) -> None:
    whole = fits.posteriors["economy"].sizes["draw"]
    made, own = Futures(fits, whole, 2060, ("medical",)).of()
    told = projection.forecast(fits, 2060)
    xr.testing.assert_identical(made, told)
    xr.testing.assert_identical(own["medical"], projection.for_schemes(fits, told, ["medical"])["medical"])


@pytest.mark.slow
@pytest.mark.parametrize("group", GROUPS)
def test_another_draw_of_a_group_moves_what_depends_on_it_and_nothing_else(futures: Futures, group: str) -> None:
    before, own = futures.of()
    after, own_after = futures.of(set(GROUPS) - {group})
    moved = moved_by(before, after)
    assert DEPENDS[group] <= moved <= DEPENDS[group] | (MEMBERS if group in (*freezing.PEOPLE, "membership") else set())
    no_care = group in ("land_income", "returns", "judgement")
    assert bool(moved_by(own["medical"], own_after["medical"])) != no_care


@pytest.mark.slow
def test_people_of_a_mixture_do_not_depend_on_what_was_asked_before(fits: Fits, futures: Futures) -> None:
    kept = set(GROUPS) - {"mortality", "membership", "medical"}
    futures.of({"fertility"})
    one, own = futures.of(kept)
    other, own_other = Futures(fits, 30, 2060, ("medical",)).of(kept)
    xr.testing.assert_identical(one, other)
    xr.testing.assert_identical(own["medical"], own_other["medical"])


@pytest.mark.slow
@pytest.mark.parametrize("group", GROUPS)
def test_a_group_at_its_middle_course_leaves_what_does_not_depend_on_it(futures: Futures, group: str) -> None:
    before, _ = futures.of()
    after, _ = futures.held({group})
    may = DEPENDS[group] | (MEMBERS if group in (*freezing.PEOPLE, "membership") else set())
    assert moved_by(before, after) <= may


@pytest.mark.slow
def test_with_every_group_at_its_middle_course_there_is_one_future(futures: Futures) -> None:
    made, own = futures.held(set(GROUPS))
    for part in (made, own["medical"]):
        for name in part:
            values = part[name].values.astype(float)
            assert np.nanmax(np.ptp(values, axis=0)) <= 1e-5 * (np.nanmax(np.abs(values)) + 1e-12), name
