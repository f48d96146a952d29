"""Beliefs go where their draws lie: what moves, by how much, from which year on, and what stays."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr

from actuarial._sensitivity_rules import BELIEFS
from actuarial._sensitivity_spreads import LEVELS, RATES, Spreads, spread_of
from forecasting._people_shock import PeopleShock


def paths(level: float, draws: int = 201) -> xr.DataArray:
    """Return paths whose draws lie evenly about a level, from 2021 to 2040."""
    years = np.arange(2021, 2041)
    values = level * (0.5 + np.arange(draws) / (draws - 1))[:, None] * np.ones(len(years))
    return xr.DataArray(values, {"draw": np.arange(draws), "year": years}, ("draw", "year"))


@pytest.fixture(scope="module")
def money() -> xr.Dataset:
    names = {name for names in LEVELS.values() for name in names}
    data = {name: paths(level) for level, name in enumerate(sorted(names), start=1)}
    return xr.Dataset(data | {name: paths(0.03) for name in RATES.values()}).assign_attrs(base_year=2024)


@pytest.fixture(scope="module")
def known(money: xr.Dataset) -> Spreads:
    ahead = money.sel(year=slice(2025, None))
    made = {name: spread_of(ahead[path[0]], 0.1) for name, path in LEVELS.items()}
    made |= {name: spread_of(ahead[path].isel(year=0, drop=True), 0.1) for name, path in RATES.items()}
    return Spreads(made, 2025, 2040)


def test_the_ends_of_a_spread_are_the_quantiles_of_the_draws() -> None:
    one = spread_of(xr.DataArray(np.arange(101.0), dims="draw"), 0.1)
    assert [float(part) for part in (one.low, one.central, one.high)] == [10.0, 50.0, 90.0]
    assert float(one.added(-1.0)) == -40.0 and float(one.added(0.5)) == 20.0 and float(one.added(0.0)) == 0.0
    assert float(one.factor(1.0)) == 1.8 and float(one.factor(0.0)) == 1.0
    assert float(one.factor(-0.5)) == pytest.approx(0.2**0.5)


@pytest.mark.parametrize("belief", LEVELS)
@pytest.mark.parametrize(("place", "quantile"), [(-1.0, 0.1), (1.0, 0.9)])
def test_a_path_that_is_moved_has_its_median_where_its_quantile_was(
    money: xr.Dataset, known: Spreads, belief: str, place: float, quantile: float
) -> None:
    moved, path = known.moved(money, {belief: place}), LEVELS[belief][1]
    source = LEVELS[belief][0]
    ratio = money[source].quantile(quantile, "draw") / money[source].median("draw")
    ahead = slice(2025, None)
    after, before = (one[path].sel(year=ahead).median("draw") for one in (moved, money))
    np.testing.assert_allclose(after / before, ratio.sel(year=ahead), rtol=1e-6)
    np.testing.assert_array_equal(moved[path].sel(year=slice(None, 2024)), money[path].sel(year=slice(None, 2024)))
    others = [name for name in money if name not in LEVELS[belief]]
    xr.testing.assert_identical(moved[others], money[others])


@pytest.mark.parametrize("belief", RATES)
def test_a_rate_moves_by_the_same_points_in_every_year_ahead(money: xr.Dataset, known: Spreads, belief: str) -> None:
    moved = known.moved(money, {belief: 1.0})[RATES[belief]] - money[RATES[belief]]
    assert (moved.sel(year=slice(None, 2024)) == 0).all()
    np.testing.assert_allclose(moved.sel(year=slice(2025, None)), 0.03 * (1.3 - 0.9) - 0.03 * 0.0, atol=1e-8)


def test_nothing_moves_at_the_middle(money: xr.Dataset, known: Spreads) -> None:
    xr.testing.assert_identical(known.moved(money, dict.fromkeys(BELIEFS, 0.0)), money)
    assert known.shock({"wages": 1.0}) is None


def test_a_slower_or_faster_move_to_town_keeps_the_past_and_scales_what_comes() -> None:
    moves = xr.Dataset({"speed": paths(0.04)})
    after = PeopleShock(move_factor=1.5, first_year=2025).moved(moves)["speed"]
    assert (after.sel(year=slice(None, 2024)) == moves["speed"].sel(year=slice(None, 2024))).all()
    np.testing.assert_allclose(after.sel(year=slice(2025, None)), 1.5 * moves["speed"].sel(year=slice(2025, None)))
    with pytest.raises(ValueError, match="tfr_factor of 0: give one above 0; move_factor of -1"):
        PeopleShock(tfr_factor=0.0, move_factor=-1.0)
