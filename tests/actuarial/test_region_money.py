"""What the money of a province takes from the tables."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from actuarial import _region
from actuarial.assumptions import Assumptions, changed
from forecasting import projection as people
from forecasting.sources import Tables

PROVINCE = "四川"


@pytest.fixture(scope="module")
def budget() -> xr.Dataset:
    """Return a stand-in for the budget of a province: three draws, the same growth."""
    years = np.arange(2018, 2031)
    paths = np.array([[0.9e12], [1.0e12], [1.4e12]]) * 1.03 ** (years - 2024.0)
    return xr.Dataset({"budget_revenue": (("draw", "year"), paths)}, {"year": years})


def given(tables: Tables, indicator: str, values: dict[int, float]) -> Tables:
    """Return tables in which the province has a series of its own."""
    topic = tables.indicators.set_index("indicator").loc[indicator, "table"]
    like = tables.frames[topic].iloc[[0] * len(values)]
    rows = like.assign(
        indicator=indicator, region=PROVINCE, area="national", sex="both", age="all",
        year=list(values), value=list(values.values()),
    )  # fmt: skip
    return dataclasses.replace(tables, frames=tables.frames | {topic: pd.concat([tables.frames[topic], rows])})


def test_the_basic_pension_of_a_region_is_the_nation_s_path_on_its_own_level(tables: Tables) -> None:
    nation, own = (_region.basic_pension(tables, region) for region in ("", PROVINCE))
    xr.testing.assert_identical(nation, people.published_basic_pension(tables))
    spent, pensioners = (tables.series(name, region=PROVINCE) for name in ("fund_expenditure", "pensioners"))
    ours = spent.loc[2024] / pensioners.loc[[2023, 2024]].mean()
    theirs = tables.series("fund_expenditure").loc[2024] / tables.series("pensioners").loc[[2023, 2024]].mean()
    np.testing.assert_allclose(own.values, nation.values * (ours / theirs), rtol=1e-12)


def test_a_benefit_relative_to_the_nation_weighs_to_one_over_the_provinces(tables: Tables) -> None:
    provinces = sorted(tables.frames["provinces"].query("indicator == 'region_group'")["region"])
    weights = pd.Series({p: tables.series("pensioners", region=p).loc[[2022, 2023]].mean() for p in provinces})
    relative = pd.Series({p: _region.relative_benefit(tables, p).loc[2023] for p in provinces})
    assert len(provinces) == 31
    # Provinces are printed to ten million yuan.
    assert (relative * weights).sum() / weights.sum() == pytest.approx(1.0, rel=1e-3)


def test_the_account_of_a_region_opens_with_its_last_balance_and_the_nation_s_at_the_base_year(tables: Tables) -> None:
    last = tables.series("fund_balance", region=PROVINCE)
    assert _region.opening(tables, PROVINCE, 2025) == (int(last.index[-1]), last.iloc[-1])
    assert _region.opening(tables, PROVINCE, 2020) == (2020, last.loc[2020])
    assert _region.opening(tables, "", 2024) == (2024, tables.series("fund_balance").loc[2024])


def test_the_budget_share_of_a_region_rests_on_a_stand_in_until_its_own_figures_are_given(
    tables: Tables, budget: xr.Dataset
) -> None:
    spent = tables.series("fund_expenditure", region=PROVINCE).loc[2024]
    ratio = tables.series("fiscal_subsidy").loc[2024] / tables.series("fund_expenditure").loc[2024]
    assert _region.budget_share(tables, PROVINCE, budget) == pytest.approx(ratio * spent / 1.0e12)
    richer = given(tables, "general_budget_revenue", {2024: 2.0e12})
    assert _region.budget_share(richer, PROVINCE, budget) == pytest.approx(ratio * spent / 2.0e12)
    paid = given(richer, "fiscal_subsidy", {2024: 5.0e10})
    assert _region.budget_share(paid, PROVINCE, budget) == pytest.approx(0.025)
    with pytest.raises(ValueError, match="without its projection"):
        _region.budget_share(tables, PROVINCE)


def test_a_sum_of_money_of_the_nation_is_not_given_to_a_region_whole(tables: Tables, budget: xr.Dataset) -> None:
    law = Assumptions()
    nation, own = _region.filled(law, tables), _region.filled(law, tables, PROVINCE, budget)
    assert nation.collective.other_income == law.collective.other_income
    share = tables.series("fund_income", region=PROVINCE).loc[2024] / tables.series("fund_income").loc[2024]
    assert own.collective.other_income == pytest.approx(law.collective.other_income * share)
    assert 0.0 < share < 0.2
    published = given(tables, "other_income", {2024: 3.0e8})
    assert _region.filled(law, published, PROVINCE, budget).collective.other_income == 3.0e8


def test_what_the_run_file_gives_is_left_as_it_is(tables: Tables, budget: xr.Dataset) -> None:
    chosen = changed(Assumptions(), {"collective.other_income": 1.0e6, "fiscal.capacity_share": 0.01})
    assert _region.filled(chosen, tables, PROVINCE, budget) == chosen
    assert _region.filled(chosen, tables) is chosen


def test_without_income_the_share_of_expenditure_tells_the_other_income(tables: Tables) -> None:
    frames = dict(tables.frames)
    fund = frames["pension_fund"]
    frames["pension_fund"] = fund[(fund["region"] != PROVINCE) | (fund["indicator"] != "fund_income")]
    poorer = dataclasses.replace(tables, frames=frames)
    spent = tables.series("fund_expenditure", region=PROVINCE).loc[2024] / tables.series("fund_expenditure").loc[2024]
    assert _region.other_income(poorer, PROVINCE, 1.0e9) == pytest.approx(1.0e9 * spent)
