"""What the fund earns and what accounts are credited with."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st

from actuarial.assumptions import Assumptions, changed
from actuarial.investment import crediting_rate, rate_earned
from forecasting.axes import AxisError


def rates(deposit: float, market: float) -> xr.Dataset:
    return xr.Dataset({"deposit_rate": ("year", [deposit]), "market_return": ("year", [market])}, {"year": [2026]})


@given(st.floats(0, 1), st.floats(-0.02, 0.05), st.floats(0, 0.1), st.floats(-0.5, 0.5))
def test_the_rate_earned_lies_between_deposits_and_market(
    share: float, spread: float, dep: float, market: float
) -> None:
    rule = changed(Assumptions(), {"investment.market_share": share, "investment.deposit_spread": spread})
    earned = float(rate_earned(rates(dep, market), rule)[0])
    assert min(dep + spread, market) - 1e-12 <= earned <= max(dep + spread, market) + 1e-12


def test_the_crediting_rate_does_not_see_the_market() -> None:
    rule = changed(Assumptions(), {"accounts.crediting_spread": 0.01})
    np.testing.assert_allclose(crediting_rate(rates(0.015, -0.4), rule), [0.025])


def test_every_missing_rate_is_named() -> None:
    with pytest.raises(AxisError) as caught:
        rate_earned(xr.Dataset(), Assumptions())
    assert len(caught.value.faults) == 2
