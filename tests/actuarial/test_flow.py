"""Growth of paths, and flows that stand in the projection."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr

from actuarial.assumptions import Assumptions
from actuarial.flow import Recorded, grown_from, growth, in_money_of
from forecasting.axes import AxisError

YEARS = np.arange(2020, 2024)
INCOME = xr.DataArray([100.0, 110.0, 99.0, 198.0], {"year": YEARS}, ("year",), name="rural_income")


def test_an_amount_indexed_from_a_year_stands_still_before_it() -> None:
    np.testing.assert_allclose(grown_from(INCOME, 2021), [1, 1, 0.9, 1.8])


def test_an_amount_indexed_from_after_the_end_never_moves() -> None:
    np.testing.assert_array_equal(grown_from(INCOME, 2050), np.ones(4))


def test_an_amount_in_the_money_of_a_year_moves_before_it_too() -> None:
    np.testing.assert_allclose(in_money_of(INCOME, 2021), [100 / 110, 1, 0.9, 1.8])


@pytest.mark.parametrize("rule", [grown_from, in_money_of])
def test_a_base_year_that_is_missing_is_named(rule: object) -> None:
    with pytest.raises(AxisError, match="year 2019 of rural_income is missing"):
        rule(INCOME, 2019)


def test_growth_is_on_the_year_before() -> None:
    np.testing.assert_allclose(growth(INCOME), [0, 0.1, -0.1, 1.0])


def test_a_recorded_flow_that_the_projection_lacks_is_named() -> None:
    flow = Recorded("match", "pool", "outgo", "Match")
    with pytest.raises(AxisError, match="lacks variable 'match'"):
        flow.amount(INCOME.to_dataset(), Assumptions())
