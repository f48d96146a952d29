"""The limits of article 37 against its text in whole per cent, and returns against holdings carried in yuan."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError
from scipy.optimize import linprog

from actuarial import investment, portfolio
from actuarial._quantity import changed, describe
from actuarial.assumptions import Assumptions
from actuarial.portfolio import CLASSES, LIMITS, Portfolio
from forecasting.axes import AxisError

YEARS = np.arange(2026, 2031)
SEEDS = st.integers(0, 2**32 - 1)
ARTICLES = {
    "liquid": "article 37 (1) allows at least 0.05",
    "fixed_income": "article 37 (2) allows at most 1.35",
    "borrowed": "article 37 (2), second sentence allows at most 0.4",
    "equity": "article 37 (3) allows at most 0.3",
    "projects": "article 37 (4) allows at most 0.2",
}


def broken(percent: Mapping[str, int]) -> set[str]:
    """Read the law once more, in whole per cent, apart from the code under test."""
    faults = {"liquid"} if percent["liquid"] < 5 else set()
    caps = {"fixed_income": 135, "borrowed": 40, "equity": 30, "projects": 20}
    return faults | {name for name, most in caps.items() if percent[name] > most}


@st.composite
def balanced(draw: st.DrawFn) -> dict[str, int]:
    """Whole per cents that add up to net asset value, inside the limits and outside."""
    borrowed, equity, projects = draw(st.integers(0, 60)), draw(st.integers(0, 40)), draw(st.integers(0, 30))
    liquid = draw(st.integers(0, 100 + borrowed - equity - projects))
    bonds = 100 + borrowed - equity - projects - liquid
    return {"liquid": liquid, "fixed_income": bonds, "equity": equity, "projects": projects, "borrowed": borrowed}


@st.composite
def accepted(draw: st.DrawFn) -> Portfolio:
    """Portfolios inside every limit, on its edge as well, found by cutting what is free."""
    borrowed, equity = draw(st.integers(0, 40)), draw(st.integers(0, 30))
    projects = draw(st.integers(0, 20))
    rest = 100 + borrowed - equity - projects
    liquid = draw(st.integers(max(5, rest - 135), rest))
    percent = [liquid, rest - liquid, equity, projects, borrowed]
    return Portfolio(**{name: value / 100 for name, value in zip(CLASSES, percent, strict=True)})


def market(seed: int, draws: int = 3) -> xr.Dataset:
    """Returns of every class, drawn apart."""
    rng = np.random.default_rng(seed)
    axes = {"draw": np.arange(draws), "year": YEARS}
    return xr.Dataset({name: (("draw", "year"), rng.uniform(-0.3, 0.5, (draws, YEARS.size))) for name in CLASSES}, axes)


def level(**rates: float) -> xr.Dataset:
    """One year in which each class named earns the rate given."""
    return xr.Dataset({name: ("year", [rate]) for name, rate in rates.items()}, {"year": [2026]})


@given(balanced())
def test_a_portfolio_is_refused_if_and_only_if_it_breaks_the_article(percent: dict[str, int]) -> None:
    shares = {name: value / 100 for name, value in percent.items()}
    faults = broken(percent)
    if not faults:
        assert Portfolio(**shares).shares == shares
        return
    with pytest.raises(ValidationError) as refused:
        Portfolio(**shares)
    (only,) = refused.value.errors()
    lines = only["msg"].splitlines()[1:]
    assert {line.split(" is ")[0] for line in lines} == faults
    assert len(lines) == len(faults)
    assert all(any(ARTICLES[name] in line for line in lines) for name in faults)


@given(balanced())
def test_the_linear_bounds_hold_where_the_check_passes(percent: dict[str, int]) -> None:
    shares = np.array([percent[name] / 100 for name in CLASSES])
    matrix, lower, upper = portfolio.constraints()
    amounts = matrix @ shares
    np.testing.assert_allclose(amounts[0], 1)
    assert bool(((amounts >= lower) & (amounts <= upper))[1:].all()) == (not broken(percent))


@pytest.mark.parametrize(
    ("name", "sign", "best"),
    [
        ("equity", -1, 0.30),
        ("fixed_income", -1, 1.35),
        ("projects", -1, 0.20),
        ("liquid", 1, 0.05),
        ("liquid", -1, 1.4),
    ],
)
def test_an_optimiser_that_pushes_a_class_stops_at_its_limit(name: str, sign: int, best: float) -> None:
    matrix, lower, upper = portfolio.constraints()
    bounded = np.isfinite(upper)
    found = linprog(
        sign * (np.array(CLASSES) == name),
        A_ub=np.vstack([matrix[bounded], -matrix]),
        b_ub=np.concatenate([upper[bounded], -lower]),
    )
    assert found.x[CLASSES.index(name)] == pytest.approx(best, abs=1e-9)


def test_the_limits_meet_in_one_portfolio() -> None:
    """Bonds of 135 % need all that may be borrowed, and leave only what must be liquid."""
    edge = Portfolio(liquid=0.05, fixed_income=1.35, equity=0.0, projects=0.0, borrowed=0.40)
    assert edge.shares["fixed_income"] == 1.35
    with pytest.raises(ValidationError, match="net asset value is 1"):
        changed(edge, {"borrowed": 0.35})


def test_shares_that_miss_net_asset_value_or_zero_are_told_beside_the_limits() -> None:
    shares = dict(zip(CLASSES, [0.0, 0.5, 0.35, -0.1, float("nan")], strict=True))
    with pytest.raises(ValueError, match=r"2015 No\. 48") as refused:
        portfolio.check(shares)
    told = str(refused.value)
    parts = ["liquid is 0.0", "equity is 0.35", "projects is -0.1: give", "borrowed is nan: give", "come to nan"]
    assert [part in told for part in parts] == [True] * len(parts)
    assert len(told.splitlines()) == 1 + len(parts)


def test_every_share_has_a_record_that_cites_the_article() -> None:
    records = describe(Portfolio(), "portfolio.")
    assert [record["key"] for record in records] == [f"portfolio.{name}" for name in CLASSES]
    assert all("2015 No. 48, article 37 (" in str(record["source"]) for record in records)
    assert {limit.name for limit in LIMITS} == set(CLASSES)


@settings(max_examples=50)
@given(accepted(), st.floats(-0.9, 1.0))
def test_classes_that_all_earn_the_same_make_a_portfolio_that_earns_it(chosen: Portfolio, rate: float) -> None:
    earned = portfolio.returns(chosen, level(**dict.fromkeys(CLASSES, rate)))
    np.testing.assert_allclose(earned, rate, rtol=0, atol=1e-14)
    assert not portfolio.passed(chosen, level(**dict.fromkeys(CLASSES, rate))).any()


def test_a_portfolio_of_one_class_earns_that_class() -> None:
    only = Portfolio(liquid=1.0, fixed_income=0.0, equity=0.0)
    made = market(1)
    np.testing.assert_array_equal(portfolio.returns(only, made), made["liquid"])
    xr.testing.assert_equal(portfolio.returns(only, made[["liquid"]]), portfolio.returns(only, made))


@settings(max_examples=50)
@given(accepted(), SEEDS)
def test_each_share_moved_between_two_classes_earns_their_difference(chosen: Portfolio, seed: int) -> None:
    made = market(seed)
    shares = chosen.shares
    for name in ("fixed_income", "equity", "projects"):
        moved = changed(chosen, {"liquid": shares["liquid"] + shares[name], name: 0.0})
        gain = portfolio.returns(chosen, made) - portfolio.returns(moved, made)
        np.testing.assert_allclose(gain, shares[name] * (made[name] - made["liquid"]), atol=1e-14)


def test_what_is_borrowed_costs_its_rate() -> None:
    """1.35 x 5 % + .05 x 1 % - .40 x 3 % = 5.6 %."""
    edge = Portfolio(liquid=0.05, fixed_income=1.35, equity=0.0, borrowed=0.40)
    earned = portfolio.returns(edge, level(liquid=0.01, fixed_income=0.05, borrowed=0.03))
    np.testing.assert_allclose(earned, [0.056])


@settings(max_examples=25)
@given(accepted(), SEEDS)
def test_returns_and_year_end_shares_are_those_of_holdings_in_yuan(chosen: Portfolio, seed: int) -> None:
    made = market(seed, draws=2)
    earned, ends = portfolio.returns(chosen, made), portfolio.drifted(chosen, made)
    signs = np.array([1.0, 1.0, 1.0, 1.0, -1.0])
    for draw in made["draw"].values:
        wealth = 1e6
        for year in YEARS:
            bought = np.array(list(chosen.shares.values())) * wealth
            held = bought * (1 + np.array([float(made[name].sel(draw=draw, year=year)) for name in CLASSES]))
            grown = float(signs @ held)
            assert grown / wealth - 1 == pytest.approx(float(earned.sel(draw=draw, year=year)), abs=1e-12)
            shares = [float(ends[name].sel(draw=draw, year=year)) for name in CLASSES]
            np.testing.assert_allclose(shares, held / grown, atol=1e-12)
            wealth = grown


@pytest.mark.parametrize("equity", [0.20, 0.25, 0.29])
def test_prices_pass_the_equity_limit_beyond_a_known_return(equity: float) -> None:
    """``e (1 + r) / (1 + e r) > .3`` if and only if ``r > (.3 - e) / (.7 e)``, all else earning nothing."""
    chosen = Portfolio(fixed_income=0.95 - equity, equity=equity)
    edge = (0.30 - equity) / (0.70 * equity)
    flags = [
        portfolio.passed(chosen, level(liquid=0.0, fixed_income=0.0, equity=edge + step)).sel(limit="equity").item()
        for step in (-1e-9, 1e-9)
    ]
    assert flags == [False, True]


def test_a_rise_of_bonds_alone_drives_what_is_liquid_below_its_least() -> None:
    flags = portfolio.passed(Portfolio(), level(liquid=0.0, fixed_income=0.1, equity=0.0))
    assert flags.sel(year=2026).to_series().to_dict() == {limit.name: limit.name == "liquid" for limit in LIMITS}


@settings(max_examples=25)
@given(SEEDS, st.floats(0, 1))
def test_mixed_rate_is_the_rate_earned_where_the_portfolio_earns_the_market(seed: int, share: float) -> None:
    made = market(seed)
    projection = xr.Dataset({"deposit_rate": made["borrowed"], "market_return": portfolio.returns(Portfolio(), made)})
    rules = changed(Assumptions(), {"investment.market_share": share})
    deposits = projection["deposit_rate"] + rules.investment.deposit_spread
    mixed = portfolio.mixed_rate(share, Portfolio(), made, deposits)
    np.testing.assert_allclose(mixed, investment.rate_earned(projection, rules), atol=1e-14)
    assert mixed.dims == ("draw", "year")


def test_a_share_by_year_and_classes_without_draws_broadcast() -> None:
    made = market(2)
    for name in CLASSES:
        made[name].attrs = {"source": "a class's own"}
    share = xr.DataArray(np.linspace(0, 1, YEARS.size), {"year": YEARS}, ("year",))
    mean = made.mean("draw").assign(equity=made["equity"])
    mixed = portfolio.mixed_rate(share, Portfolio(), mean, made["borrowed"].mean("draw"))
    assert mixed.dims == ("draw", "year")
    assert mixed.attrs == {"unit": "rate per year", "meaning": "Return of the whole fund"}
    np.testing.assert_allclose(mixed.isel(year=0), made["borrowed"].mean("draw")[0])
    np.testing.assert_allclose(mixed.isel(year=-1), portfolio.returns(Portfolio(), mean).isel(year=-1))


def test_returns_that_are_missing_or_impossible_are_listed_together() -> None:
    chosen = Portfolio(fixed_income=0.55, projects=0.10)
    with pytest.raises(AxisError) as refused:
        portfolio.returns(chosen, level(liquid=float("nan"), fixed_income=-1.01, equity=0.0))
    assert [fault.split("'")[1] for fault in refused.value.faults] == ["projects", "liquid", "fixed_income"]


def test_losses_beyond_net_asset_value_are_refused() -> None:
    edge = Portfolio(liquid=0.05, fixed_income=1.35, equity=0.0, borrowed=0.40)
    with pytest.raises(ValueError, match="in 1 of 1 years and draws"):
        portfolio.returns(edge, level(liquid=0.0, fixed_income=-0.8, borrowed=0.03))


@pytest.mark.parametrize("share", [-0.01, 1.01, float("nan")])
def test_an_entrusted_part_outside_the_fund_is_refused(share: float) -> None:
    made = market(3)
    with pytest.raises(ValueError, match="market_share"):
        portfolio.mixed_rate(share, Portfolio(), made, made["liquid"])


def test_years_that_differ_are_refused_and_not_dropped() -> None:
    made = market(4)
    with pytest.raises(ValueError, match="exact"):
        portfolio.mixed_rate(0.3, Portfolio(), made, made["liquid"].isel(year=slice(1, None)))
