"""The report's arithmetic: quantiles, constant prices, and how numbers are written."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import xarray as xr

from actuarial.report.figures import round_years
from actuarial.report.money import inside_widest
from actuarial.report.numbers import Numbers
from actuarial.report.summary import LEVELS, Fan, base_year, fan, quantiles, real
from actuarial.report.texts import Texts


def test_quantiles_agree_with_numpy_and_are_exact_without_draws() -> None:
    values = np.random.default_rng(1).normal(size=(50, 3))
    array = xr.DataArray(values, dims=("draw", "year"))
    np.testing.assert_allclose(quantiles(array), np.quantile(values, LEVELS, axis=0))
    np.testing.assert_array_equal(quantiles(array.isel(draw=0)), np.tile(values[0], (7, 1)))


def test_a_year_that_never_comes_sorts_after_every_year() -> None:
    years = xr.DataArray([2040.0, 2030.0, np.nan, np.nan, np.nan], dims="draw")
    low, median, high = quantiles(years, (0.1, 0.5, 0.9))
    assert (low, median, high) == (2030.0, np.inf, np.inf)


def test_money_is_deflated_draw_by_draw() -> None:
    prices = xr.DataArray([[1.0, 2.0], [1.0, 4.0]], dims=("draw", "year"), coords={"year": [2025, 2026]})
    money = xr.DataArray([[8.0], [8.0]], dims=("draw", "year"), coords={"year": [2026]})
    np.testing.assert_array_equal(real(money, prices).values, [[4.0], [2.0]])
    assert base_year(prices) == 2025
    with pytest.raises(KeyError):
        real(money.assign_coords(year=[2027]), prices)


def test_fan_leaves_out_years_without_values() -> None:
    values = xr.DataArray([[np.nan, 1.0]] * 3, dims=("draw", "year"), coords={"year": [2009, 2010]})
    one = fan(values)
    assert one.years.tolist() == [2010]
    assert one.at(2009) is None


def test_points_on_the_edge_of_the_widest_interval_lie_inside() -> None:
    one = Fan(np.array([2015, 2016]), np.outer(np.arange(7.0), [1.0, 1.0]))
    published = xr.DataArray([6.0, 6.1, 3.0], dims="year", coords={"year": [2015, 2016, 2017]})
    assert inside_widest(one, published) == (1, 2)


@pytest.mark.parametrize(
    ("language", "kind", "value", "written"),
    [
        ("en", "money", 1.2345e12, "1,234"),
        ("zh", "money", 1.2345e12, "12,345"),
        ("en", "persons", 341e6, "341"),
        ("zh", "persons", 341e6, "34,100"),
        ("en", "share", -0.1234, "−12.3%"),
        ("en", "share", -0.00001, "0.0%"),
        ("zh", "years", np.nan, "–"),
    ],
)
def test_number_stands_in_the_reader_s_unit(language: Any, kind: str, value: float, written: str) -> None:
    assert Numbers(Texts(language), 2100).write(value, kind) == written


@pytest.mark.parametrize(
    ("people", "language", "money", "persons"),
    [
        (1.4e9, "en", "52 billion yuan", "34 million people"),
        (8e7, "en", "52.3 billion yuan", "34.1 million people"),
        (8e5, "en", "52,346 million yuan", "34,120.0 thousand people"),
        (1.4e9, "zh", "523 亿元", "3,412 万人"),
        (8e7, "zh", "523.5 亿元", "3,412.0 万人"),
        (8e5, "zh", "5,234,560 万元", "3,412.0 万人"),
    ],
)
def test_units_follow_the_size_of_the_place(people: float, language: Any, money: str, persons: str) -> None:
    numbers = Numbers(Texts(language), 2100, people)
    assert f"{numbers.write(5.23456e10, 'money')} {numbers.yuan}" == money
    assert f"{numbers.write(3.412e7, 'persons')} {numbers.unit('persons')}" == persons
    assert numbers.unit("money", year=2025).startswith(numbers.yuan)


def test_intervals_and_probabilities_read_well() -> None:
    numbers = Numbers(Texts("en"), 2100)
    assert numbers.interval(0.01, 0.02, "share") == "1.0–2.0%"
    assert numbers.interval(-0.01, 0.02, "share") == "−1.0 to 2.0%"
    assert numbers.between("2060", numbers.year(np.inf)) == "2060 to after 2100"
    assert [numbers.chance(p) for p in (0.0, 0.001, 0.005, 0.5, 0.995, 0.999, 1.0)] == [
        *("0%", "<1%", "<1%", "50%", ">99%", ">99%", "100%"),
    ]


def test_year_labels_are_round_and_do_not_crowd() -> None:
    assert round_years(2026, 2100) == [2026, 2050, 2075, 2100]
    assert round_years(2010, 2100) == [2010, 2025, 2050, 2075, 2100]
