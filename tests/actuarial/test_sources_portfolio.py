"""The reference portfolio earns what is drawn; others earn more or less, risk more or less, or are refused."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from actuarial import investment, portfolio
from actuarial._asset_classes import LEAST
from actuarial.assumptions import Assumptions, ClassReturns, changed
from actuarial.portfolio import Portfolio
from forecasting.axes import AxisError
from tests.actuarial.sources_world import swinging

YEARS = np.arange(2024, 2044)
DRAWS = 500


@pytest.fixture(scope="module")
def rates() -> xr.Dataset:
    """Return deposit rates and drawn returns with a deep crash in one draw, and draws of bonds and projects."""
    rng = np.random.default_rng(5)
    drawn = rng.normal(0.045, 0.06, (DRAWS, YEARS.size))
    drawn[0, 3], drawn[1, 4] = -0.5, -0.949
    paths = ("draw", "year")
    world = xr.Dataset(
        {"deposit_rate": (paths, np.full(drawn.shape, 0.015)), "market_return": (paths, drawn)},
        {"draw": np.arange(DRAWS), "year": YEARS},
    )
    return swinging(world)


def held(**shares: float) -> dict[str, object]:
    return {f"investment.portfolio.{name}": share for name, share in shares.items()}


def test_the_reference_portfolio_earns_the_drawn_return_in_every_draw_and_year(rates: xr.Dataset) -> None:
    classes = investment.class_returns(rates, Portfolio(), ClassReturns())
    np.testing.assert_allclose(portfolio.returns(Portfolio(), classes), rates["market_return"], atol=1e-15)
    assert all(float(values.min()) >= LEAST - 1e-12 for values in classes.data_vars.values())
    assert investment.entrusted_return(rates, Assumptions()) is not None
    np.testing.assert_array_equal(investment.entrusted_return(rates, Assumptions()), rates["market_return"])


def test_losses_deeper_than_stocks_can_bear_fall_on_bonds_and_then_on_all_alike(rates: xr.Dataset) -> None:
    classes = investment.class_returns(rates, Portfolio(), ClassReturns())
    crash, ruin = classes.sel(draw=0, year=2027), classes.sel(draw=1, year=2028)
    assert float(crash.equity) == LEAST
    assert float(crash.fixed_income) < -0.2
    assert float(crash.liquid) == pytest.approx(0.015)
    assert {float(ruin[name]) for name in ("liquid", "fixed_income", "equity")} == {-0.949}


def test_bonds_earn_their_premium_with_draws_of_their_own(rates: xr.Dataset) -> None:
    rule = ClassReturns(bond_premium=0.03, bond_volatility=0.01)
    bonds = investment.class_returns(rates.sel(draw=slice(2, None)), Portfolio(), rule)["fixed_income"]
    assert float(bonds.mean()) == pytest.approx(0.045, abs=4 * 0.01 / np.sqrt(bonds.size))
    assert float(bonds.std()) == pytest.approx(0.01, rel=0.05)


def test_more_stocks_risk_more_and_more_bonds_less(rates: xr.Dataset) -> None:
    calm = rates.sel(draw=slice(2, None))
    made = {
        stocks: float(
            investment.entrusted_return(
                calm, changed(Assumptions(), held(equity=stocks, fixed_income=0.95 - stocks))
            ).std()
        )
        for stocks in (0.0, 0.1, 0.2, 0.299)
    }
    found = list(made.values())
    assert found == sorted(found)
    assert found[0] < 0.5 * found[-1]


def test_borrowing_on_bonds_and_projects_earn_what_their_shares_say(rates: xr.Dataset) -> None:
    shares = {"liquid": 0.05, "fixed_income": 0.85, "equity": 0.2, "projects": 0.1, "borrowed": 0.2}
    rule = changed(Assumptions(), held(**shares))
    classes = investment.class_returns(rates, rule.investment.portfolio, rule.investment.returns)
    by_hand = sum((-1 if name == "borrowed" else 1) * share * classes[name] for name, share in shares.items())
    calm = slice(2, None)
    earned = investment.entrusted_return(rates.sel(draw=calm), rule)
    np.testing.assert_allclose(earned, by_hand.sel(draw=calm), atol=1e-14)
    np.testing.assert_allclose(classes["borrowed"], 0.02)


def test_a_portfolio_without_draws_for_its_classes_is_refused_by_name(rates: xr.Dataset) -> None:
    rule = changed(Assumptions(), held(equity=0.2, projects=0.1))
    with pytest.raises(AxisError, match="bond_deviate") as caught:
        investment.rate_earned(rates.drop_vars(["bond_deviate", "project_deviate"]), rule)
    assert "project_deviate" in str(caught.value)


def test_the_share_in_the_market_moves_in_equal_steps_from_todays(rates: xr.Dataset) -> None:
    law = {"investment.market_share": 0.2, "investment.market_from": 2027, "investment.market_phase_in_years": 3}
    share = investment.market_share(rates, changed(Assumptions(), law))
    np.testing.assert_allclose(share, 0.4 - 0.2 * np.clip((YEARS - 2026) / 4, 0, 1))
    earned = investment.rate_earned(rates, changed(Assumptions(), law))
    np.testing.assert_allclose(earned.sel(year=2026), 0.6 * 0.02 + 0.4 * rates["market_return"].sel(year=2026))
    np.testing.assert_allclose(earned.sel(year=2040), 0.8 * 0.02 + 0.2 * rates["market_return"].sel(year=2040))


def test_the_share_of_today_is_read_only_before_the_first_year_of_a_new_one(rates: xr.Dataset) -> None:
    assert investment.market_share(rates, changed(Assumptions(), {"investment.market_share": 0.3})) == 0.3


def test_a_run_file_with_a_portfolio_over_a_limit_is_refused_with_the_article(tmp_path: Path) -> None:
    text = """
[scenarios.stocks]
title = "Stocks"
[scenarios.stocks.change]
pension.investment.portfolio.equity = 0.5
pension.investment.portfolio.fixed_income = 0.45
"""
    (tmp_path / "run.toml").write_text(text, encoding="utf-8")
    code = "import sys; sys.argv = ['granary', 'check', 'run.toml']; from actuarial.cli import app; app()"
    root = Path(__file__).parents[2]
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(root)},
        capture_output=True,
        text=True,
        check=False,
    )
    said = " ".join((done.stdout + done.stderr).split())
    assert done.returncode != 0
    assert "State Council 2015 No. 48" in said
    assert "article 37 (3)" in said
    assert "at most 0.3" in said
