"""The frontier against closed forms, against brute force on a grid, and against finite differences of itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError
from scipy.stats import norm

from actuarial import burden, frontier, trial
from actuarial._frontier_rules import caps_of
from actuarial._quantity import changed
from actuarial.frontier import Caps, Frontier, Measure, Outcome, Search
from actuarial.rules import Rules
from actuarial.runfile import RunFile
from actuarial.trial import World
from forecasting import projection
from forecasting.axes import AxisError
from forecasting.projection import Fits
from forecasting.sources import Tables

Array = np.ndarray

DRAWS = 400
SCORES = norm.ppf((np.arange(DRAWS) + 0.5) / DRAWS)
"""Draws that lie as a normal distribution does, with no luck in them."""

OTHERS = np.random.default_rng(5).permutation(SCORES)
TARGETS = (0.01, 0.05, 0.2, 0.5)
UNIT = Caps(("tax", "saving"), (0.0, 0.0), (1.0, 1.0), ("share", "share"))
BOTH = {"fiscal": 1.0, "members": 1.0}


def rng() -> np.random.Generator:
    return np.random.default_rng(8)


def curved(mix: Array) -> Outcome:
    """A fund of two levers: each costs more the further it goes, and each brings doubt of its own."""
    tax, saving = mix
    margin = -1 + 2 * tax + 1.5 * np.sqrt(saving) + 0.5 * SCORES * (1 - 0.3 * saving) + 0.2 * OTHERS * tax
    return Outcome(margin, {"fiscal": np.full(DRAWS, tax + 0.5 * tax**2), "members": np.full(DRAWS, 0.7 * saving)})


def smooth(mix: Array) -> Outcome:
    """The same with one doubt alone, so that the draws keep their order and the cost has no kinks."""
    tax, saving = mix
    return curved(mix)._replace(margin=-1 + 2 * tax + 1.5 * np.sqrt(saving) + 0.5 * SCORES * (1 - 0.3 * saving))


def linear(loss: float = 1.0, doubt: float = 0.3) -> Measure:
    """A fund whose levers bring 1 and 2 units of margin each, at a cost of 0.2 and 1 each."""

    def of(mix: Array) -> Outcome:
        margin = mix[0] + 2 * mix[1] - loss + doubt * SCORES
        return Outcome(margin, {"fiscal": np.full(DRAWS, 0.2 * mix[0]), "members": np.full(DRAWS, mix[1])})

    return of


def searched(measure: Measure, caps: Caps = UNIT, weights: Mapping[str, float] = BOTH) -> Search:
    return frontier.search(measure, caps, weights, rng())


def traced(measure: Measure, caps: Caps = UNIT, targets: tuple[float, ...] = TARGETS) -> xr.Dataset:
    return frontier.trace(searched(measure, caps), targets)


def on_a_grid(measure: Measure, caps: Caps, targets: tuple[float, ...], size: int) -> dict[float, float]:
    """Return the least cost at each target among all mixes of a grid."""
    axes = [np.linspace(low, high, size) for low, high in zip(caps.low, caps.high, strict=True)]
    found = []
    for mix in np.stack(np.meshgrid(*axes), axis=-1).reshape(-1, len(axes)):
        made = measure(mix)
        cost = float(sum(np.mean(np.asarray(term)) for term in made.terms.values()))
        found.append((float(np.mean(np.asarray(made.margin) <= 0)), cost))
    return {target: min(cost for empty, cost in found if empty <= target) for target in targets}


def test_no_mix_of_a_fine_grid_is_cheaper_and_every_mix_found_keeps_its_target() -> None:
    found = traced(curved)
    grid = on_a_grid(curved, UNIT, TARGETS, 81)
    assert (found["cost"].values <= np.array(list(grid.values()))).all()
    assert (found["cost"].values >= np.array(list(grid.values())) - 0.02).all()
    for target in TARGETS:
        one = found.sel(target=target)
        empty = np.mean(np.asarray(curved(one["mix"].values).margin) <= 0)
        assert empty == float(one["reached"]) <= target
    assert (found["feasible"] == 1).all()


def test_a_search_tries_fewer_than_a_hundred_and_fifty_mixes_a_point() -> None:
    made = searched(curved)
    frontier.trace(made, TARGETS)
    assert len(made.tried) < 150 * len(TARGETS)


def test_of_straight_levers_the_one_that_brings_more_for_its_cost_is_taken_first() -> None:
    found = traced(linear())
    needed = 1.0 - 0.3 * norm.ppf(np.array(TARGETS) + 0.5 / DRAWS)
    # The draw that must not run dry is the next one above the target.
    assert found["mix"].sel(lever="tax").values == pytest.approx(np.minimum(needed, 1.0), abs=3e-3)
    assert found["mix"].sel(lever="saving").values == pytest.approx(np.maximum(needed - 1.0, 0.0) / 2, abs=3e-3)


def test_shadow_prices_of_straight_levers_are_those_of_algebra() -> None:
    found = traced(linear(), targets=(0.05, 0.1, 0.2))
    price = found["shadow_price"]
    slope = 0.01 * 0.3 / norm.pdf(norm.ppf(found["target"].values))
    # Tax is at its cap, so that a unit of margin costs half a unit of saving.
    assert price.sel(constraint="target").values == pytest.approx(0.5 * slope, rel=0.03)
    assert price.sel(constraint="tax high").values == pytest.approx(0.5 - 0.2, rel=1e-6)
    assert (price.sel(constraint=["tax low", "saving low", "saving high"]) == 0).all()
    assert (found["binding"] == (price > 0)).all()


def test_shadow_prices_of_caps_are_what_relaxing_them_saves() -> None:
    """Of a cap by 0.02 of its lever, where the cost is curved: a price is a slope, and its neighbour's is another."""
    tight = replace(UNIT, high=(1.0, 0.5))
    wider = replace(UNIT, high=(1.0, 0.52))
    one, two = (traced(smooth, caps, (0.05, 0.1)) for caps in (tight, wider))
    saved = (one["cost"] - two["cost"]).values / 0.02
    mean = 0.5 * (one["shadow_price"] + two["shadow_price"]).sel(constraint="saving high").values
    assert (one["binding"].sel(constraint="saving high") == 1).all()
    assert mean == pytest.approx(saved, rel=0.05)


def test_the_shadow_price_of_the_target_is_what_a_point_more_saves() -> None:
    found = traced(smooth, targets=(0.09, 0.1, 0.11))
    saved = 0.5 * float(found["cost"].sel(target=0.09) - found["cost"].sel(target=0.11))
    price = float(found["shadow_price"].sel(target=0.1, constraint="target"))
    assert price == pytest.approx(saved, rel=0.05)


def test_a_target_that_any_mix_keeps_costs_nothing_and_binds_nowhere_but_at_the_lower_caps() -> None:
    found = traced(linear(loss=-5.0), targets=(0.05,)).isel(target=0)
    assert float(found["cost"]) == 0.0
    assert (found["mix"] == 0).all()
    assert found["constraint"].values[found["binding"].values > 0].tolist() == ["tax low", "saving low"]
    # Taking a unit away saves what a unit costs.
    assert float(found["shadow_price"].sel(constraint="tax low")) == pytest.approx(0.2)
    assert float(found["shadow_price"].sel(constraint="saving low")) == pytest.approx(1.0)


def test_where_no_mix_keeps_the_target_the_safest_is_told_with_no_price() -> None:
    found = traced(linear(loss=3.2), targets=(0.05, 0.2, 0.9))
    assert found["feasible"].values.tolist() == [0.0, 0.0, 1.0]
    least = np.mean(3.0 - 3.2 + 0.3 * SCORES <= 0)
    assert found["reached"].values[:2] == pytest.approx([least, least])
    # Of mixes that leave the same draws dry, the cheapest.
    assert found["mix"].isel(target=0).values == pytest.approx([1.0, 1.0], abs=2e-3)
    assert np.isnan(found["shadow_price"].isel(target=0)).all()
    assert float(found["reached"].sel(target=0.9)) <= 0.9


def test_a_mix_that_only_a_search_for_safety_finds_is_found() -> None:
    """The fund lasts in a corner of the caps that no place of the design is in."""

    def narrow(mix: Array) -> Outcome:
        away = (mix[0] - 0.93) ** 2 + (mix[1] - 0.12) ** 2
        return Outcome(0.002 - away + 1e-5 * SCORES, {"fiscal": np.full(DRAWS, mix[0])})

    made = Search(narrow, UNIT, {"fiscal": 1.0}, frontier.search(narrow, UNIT, {"fiscal": 1.0}, rng())._starts[:3])
    assert all(made.at(place).empty == DRAWS for place in made._starts)
    assert made.least(20) is not None


def test_a_source_that_costs_nothing_is_taken_before_any_that_does() -> None:
    found = frontier.trace(searched(linear(loss=1.5), weights={"members": 1.0}), (0.05,)).isel(target=0)
    assert float(found["mix"].sel(lever="tax")) == pytest.approx(1.0)
    assert float(found["cost"]) == pytest.approx(float(found["mix"].sel(lever="saving")))


def test_a_pool_of_exactly_nothing_is_an_empty_one() -> None:
    def none_left(mix: Array) -> Outcome:
        return Outcome(np.where(np.arange(DRAWS) < 20, 0.0, 1.0) + 0 * mix[0], {"fiscal": np.zeros(DRAWS)})

    made = searched(none_left, weights={"fiscal": 1.0})
    found = frontier.trace(made, (19 / 400, 20 / 400))
    assert found["reached"].values.tolist() == [0.05, 0.05]
    assert found["feasible"].values.tolist() == [0.0, 1.0]


def test_the_same_seed_gives_the_same_frontier_and_another_one_much_the_same() -> None:
    first, again = (traced(curved) for _ in range(2))
    xr.testing.assert_identical(first, again)
    other = frontier.trace(frontier.search(curved, UNIT, BOTH, np.random.default_rng(99)), TARGETS)
    assert other["cost"].values == pytest.approx(first["cost"].values, rel=0.01)


Part = st.floats(0.05, 2.0)


@settings(max_examples=15, deadline=None)
@given(Part, Part, Part, Part, st.floats(0.05, 1.0), st.floats(0.0, 3.0))
def test_safety_never_costs_less_and_no_mix_passes_a_cap(
    gain: float, other: float, dear: float, dearer: float, doubt: float, loss: float
) -> None:
    caps = Caps(("a", "b"), (0.1, -2.0), (0.3, 7.0), ("", ""))
    seen: list[Array] = []

    def of(mix: Array) -> Outcome:
        seen.append(mix.copy())
        margin = gain * mix[0] + other * np.tanh(mix[1]) - loss + doubt * SCORES
        return Outcome(
            margin, {"fiscal": np.full(DRAWS, dear * mix[0] ** 2), "members": np.full(DRAWS, dearer * mix[1])}
        )

    found = traced(of, caps)
    kept = found.isel(target=np.flatnonzero(found["feasible"].values))
    assert (np.diff(kept["cost"].values) <= 0).all()
    assert (kept["reached"].values <= kept["target"].values).all()
    assert (np.diff(found["feasible"].values) >= 0).all()
    tried = np.array(seen)
    assert (tried >= np.array(caps.low)).all()
    assert (tried <= np.array(caps.high)).all()


def test_what_a_mix_does_on_other_draws_is_told_beside() -> None:
    """Draws twice as wide run dry more often than the search saw."""

    def wider(mix: Array) -> Outcome:
        return linear(doubt=0.6)(mix)

    found = frontier.trace(searched(linear()), (0.05, 0.5), wider)
    expected = [np.mean(np.asarray(wider(mix).margin) <= 0) for mix in found["mix"].values]
    assert found["checked"].values.tolist() == expected
    assert float(found["checked"].sel(target=0.05)) > 0.15
    error = np.sqrt(found["checked"] * (1 - found["checked"]) / DRAWS)
    xr.testing.assert_allclose(found["checked_error"].drop_attrs(), error.drop_attrs())
    assert np.isnan(traced(linear(), targets=(0.05,))["checked"]).all()


def crash(mix: Array) -> Outcome:
    """The economy in which tax brings half of what it did."""
    return linear()(mix * np.array([0.5, 1.0]))._replace(terms=linear()(mix).terms)


def both_economies() -> dict[str, Search]:
    return {"central": searched(linear()), "bad": searched(crash)}


def test_the_robust_mix_keeps_the_target_in_both_economies_and_is_regretted_least_of_those_that_do() -> None:
    found = frontier.robust(both_economies(), TARGETS, 0.05)
    chance = found["choice_probability"]
    assert float(chance.sel(choice="central", economy="central")) <= 0.05
    assert float(chance.sel(choice="central", economy="bad")) > 0.3
    assert (chance.sel(choice="robust") <= 0.05).all()
    assert (found["excess"] == (chance - 0.05).clip(min=0)).all()
    safe = found["excess"].max("economy") == 0
    worst = found["regret"].max("economy")
    assert float(worst.sel(choice="robust")) == float(worst.where(safe).min())
    # The cheapest of each economy is not regretted there.
    for name in ("central", "bad"):
        assert float(found["regret"].sel(choice=name, economy=name)) == pytest.approx(0.0, abs=1e-12)


def test_the_regret_of_a_mix_is_its_cost_above_the_cheapest_of_the_economy() -> None:
    searches = both_economies()
    found = frontier.robust(searches, TARGETS, 0.05)
    for place, economy in enumerate(searches):
        best = float(found["choice_cost"].sel(choice=economy, economy=economy))
        regret = found["choice_cost"].isel(economy=place) - best
        assert found["regret"].isel(economy=place).values == pytest.approx(regret.values)


def test_where_the_bad_case_cannot_be_met_the_robust_mix_is_the_safest_of_the_candidates() -> None:
    searches = {"central": searched(linear()), "bad": searched(linear(loss=3.3))}
    found = frontier.robust(searches, TARGETS, 0.05)
    assert np.isnan(found["regret"].sel(economy="bad")).all()
    assert float(found["excess"].sel(choice="robust", economy="bad")) == float(found["excess"].sel(economy="bad").min())


def test_every_variable_has_a_unit_and_a_meaning_and_money_is_in_the_unit_of_its_cost() -> None:
    found = traced(linear(), targets=(0.05,)).merge(frontier.robust(both_economies(), TARGETS, 0.05), join="exact")
    for name in found:
        assert found[name].attrs.keys() == {"unit", "meaning"}
        assert all(found[name].attrs.values()), name
    assert found["cost"].attrs["unit"] == "share, weighted"
    alone = frontier.trace(searched(linear(loss=0.5), weights={"fiscal": 1.0}), (0.05,))
    assert alone["cost"].attrs["unit"] == alone["shadow_price"].attrs["unit"] == "share of budget revenue"


def test_a_measure_that_cannot_be_judged_is_refused() -> None:
    with pytest.raises(ValueError, match="weigh fiscal, members"):
        traced_with = frontier.search(linear(), UNIT, {"land": 1.0}, rng())
        frontier.trace(traced_with, (0.05,))
    with pytest.raises(ValueError, match="not finite"):
        traced(lambda mix: Outcome(np.full(DRAWS, np.nan), {"fiscal": mix, "members": mix}))
    with pytest.raises(ValueError, match="rising probabilities"):
        traced(linear(), targets=(0.5, 0.05))
    with pytest.raises(ValueError, match=r"a: caps 1 and 0.*; b: caps nan"):
        Caps(("a", "b"), (1.0, np.nan), (0.0, 1.0), ("", ""))


def test_the_table_of_the_run_file_refuses_what_cannot_be_asked() -> None:
    good = {"levers": {"pension.land.share": [0.0, 0.3]}}
    asked = Frontier.model_validate(good | {"target": 0.03})
    assert asked.targets == (0.01, 0.02, 0.03, 0.05, 0.1, 0.2, 0.5)
    for wrong, told in (
        ({"levers": {"pension.land.share": [0.3, 0.1]}}, "two numbers"),
        ({"levers": {"pension.land.share": [0.3]}}, "two numbers"),
        ({"cost": {"members": -1.0}}, "below 0"),
        ({"cost": {"members": 0.0}}, "nor all 0"),
        ({"cost": {"taxes": 1.0}}, "Weigh fiscal, members, land, debt"),
        ({"bad_case": ["flood"]}, "flood is no shock"),
        ({"probabilities": [0.5, 0.1]}, "do not rise"),
        ({"target": 1.5}, "less than or equal to 1"),
        ({"lever": {}}, "Extra inputs"),
    ):
        with pytest.raises(ValidationError, match=told):
            Frontier.model_validate(good | wrong)


def test_levers_are_held_against_the_rules_and_every_fault_is_told() -> None:
    caps = caps_of(Rules(), {"pension.land.share": (0.0, 0.3), "medical.financing.land_share": (0.0, 0.2)})
    assert caps.names == ("pension.land.share", "medical.financing.land_share")
    assert caps.low == (0.0, 0.0)
    assert caps.high == (0.3, 0.2)
    assert all(caps.units)
    with pytest.raises(AxisError) as error:
        caps_of(
            Rules(),
            {
                "pension.land.shares": (0.0, 0.3),
                "pension.land.share": (0.0, 1.3),
                "pension.retirement.target_age": (60.0, 65.0),
                "pension.fiscal.rule": (0.0, 1.0),
            },
        )
    told = error.value.faults
    assert len(told) == 4
    assert "no key pension.land.shares" in told[0]
    assert "pension.land.share: at 1.3" in told[1]
    assert "pension.retirement.target_age" in told[2]
    assert "valid integer" in told[2]
    assert "pension.fiscal.rule" in told[3]
    with pytest.raises(AxisError, match="no lever"):
        caps_of(Rules(), {})


def test_where_every_lever_is_on_a_cap_the_price_of_the_target_is_what_relaxing_it_saves() -> None:
    """The upper caps just suffice: with a point more borne, saving, which is dear, can be less."""
    caps = replace(UNIT, high=(1.0, 0.25))
    suffices = 1.5 + 0.3 * float(SCORES[20]) - 1e-9
    found = traced(linear(loss=suffices), caps, (0.05, 0.06))
    one = found.sel(target=0.05)
    assert one["mix"].values == pytest.approx([1.0, 0.25], abs=1e-3)
    saved = float(found["cost"].sel(target=0.05) - found["cost"].sel(target=0.06))
    assert float(one["shadow_price"].sel(constraint="target")) == pytest.approx(saved, rel=0.1)


LEVERS = {"pension.land.share": (0.0, 0.3), "pension.fiscal.capacity_share": (0.02, 0.06)}


@pytest.mark.slow
def test_on_the_nation_no_mix_of_a_grid_is_cheaper_and_none_of_the_mixes_found_fails(
    fits: Fits, few: RunFile, tables: Tables
) -> None:
    rules = changed(Rules(), {"pension.fiscal.rule": "capacity"})
    world = World(projection.forecast(fits, few.run.last_year), {}, tables).thinned(40)
    measure = frontier.measured(world, "pension", rules, list(LEVERS), 2060)
    made = frontier.search(measure, caps_of(rules, LEVERS), {"fiscal": 1.0, "debt": 1.0, "land": 0.5}, rng())
    found = frontier.trace(made, (0.2,)).isel(target=0)
    grid = [made.at(np.array([land, share])) for land in np.linspace(0, 1, 6) for share in np.linspace(0, 1, 6)]
    keeps = [point.cost for point in grid if point.empty <= 8]
    assert (float(found["feasible"]) == 1) == bool(keeps)
    assert float(found["cost"]) <= min(keeps, default=np.inf)
    account = trial.account(
        world, "pension", changed(rules, dict(zip(LEVERS, found["mix"].values.tolist(), strict=True)))
    )
    assert float((trial.margin(account, 2060) <= 0).mean()) == float(found["reached"]) <= 0.2
    told = burden.burdens(account, "pension", world.projection, 2060)["fiscal"].mean()
    assert float(found["cost_term"].sel(term="fiscal")) == pytest.approx(float(told), rel=1e-12)
