"""What the money of a province takes from the tables."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from actuarial import _region, fund, pension
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
    given = {"collective.other_income": 1.0e6, "fiscal.capacity_share": 0.01, "fiscal.central_share_of_minimum": 0.7}
    chosen = changed(Assumptions(), given | {"adequacy.subsistence_allowance": 7000.0})
    assert _region.filled(chosen, tables, PROVINCE, budget) == chosen
    assert _region.filled(chosen, tables) is chosen


def test_the_national_minimum_is_that_in_force_at_the_end_of_the_year_and_stands_until_the_next(tables: Tables) -> None:
    """MOHRSS: 70 yuan a month from July 2014, 88 from 2018; for 2026 163."""
    minimum = _region.minimum_pension(tables)
    assert minimum is not None
    published = tables.series("basic_pension_minimum")
    np.testing.assert_allclose(minimum.sel(year=published.index.to_numpy()), 12.0 * published)
    assert (minimum.diff("year") >= 0).all()
    assert minimum.sel(year=[2014, 2017, 2018, 2026]).values.tolist() == [840.0, 840.0, 1056.0, 1956.0]
    gap = tables.frames["pension_fund"].query("indicator != 'basic_pension_minimum' or year not in (2019, 2020)")
    holed = _region.minimum_pension(dataclasses.replace(tables, frames=tables.frames | {"pension_fund": gap}))
    assert holed is not None
    assert holed.sel(year=[2018, 2019, 2020, 2021]).values.tolist() == [1056.0, 1056.0, 1056.0, 1116.0]


def test_tables_without_a_minimum_have_none(tables: Tables) -> None:
    fund = tables.frames["pension_fund"]
    kept = fund[fund["indicator"] != "basic_pension_minimum"]
    assert _region.minimum_pension(dataclasses.replace(tables, frames=tables.frames | {"pension_fund": kept})) is None


def test_the_central_budget_pays_half_of_the_minimum_in_nine_provinces_and_the_whole_elsewhere(tables: Tables) -> None:
    """State Council 2014 No. 8, section 4; classes 3 to 5 of General Office of the State Council 2018 No. 6."""
    provinces = sorted(tables.frames["provinces"].query("indicator == 'region_group'")["region"])
    shares = {place: _region.central_share(tables, place) for place in provinces}
    half = {"北京", "天津", "辽宁", "上海", "江苏", "浙江", "福建", "山东", "广东"}
    assert {place for place, share in shares.items() if share == 0.5} == half
    assert all(shares[place] == 1.0 for place in set(provinces) - half)


def test_the_central_share_of_the_nation_is_that_of_its_pensioners(tables: Tables) -> None:
    provinces = tables.frames["provinces"].query("indicator == 'sharing_tier'")["region"]
    heads = {place: tables.series("pensioners", region=place).iloc[-1] for place in provinces}
    half = sum(count for place, count in heads.items() if _region.central_share(tables, place) == 0.5)
    nation = _region.central_share(tables)
    assert nation == pytest.approx(1.0 - 0.5 * half / sum(heads.values()))
    assert 0.5 < nation < 1.0
    assert _region.central_share(tables, "a county") == nation
    assert _region.filled(Assumptions(), tables).fiscal.central_share_of_minimum == nation


def test_a_published_central_share_stands_before_that_of_the_class(tables: Tables) -> None:
    told = given(tables, "central_share_of_minimum", {2030: 0.0})
    assert _region.central_share(told, PROVINCE) == 0.0
    assert _region.central_share(told) < _region.central_share(tables)


def test_without_classes_the_law_of_central_and_western_regions_holds(tables: Tables) -> None:
    kept = {name: frame[frame["indicator"] != "sharing_tier"] for name, frame in tables.frames.items()}
    kept["provinces"] = kept["provinces"].query("indicator != 'central_share_of_minimum'")
    assert _region.central_share(dataclasses.replace(tables, frames=kept)) == 1.0


def test_without_income_the_share_of_expenditure_tells_the_other_income(tables: Tables) -> None:
    frames = dict(tables.frames)
    fund = frames["pension_fund"]
    frames["pension_fund"] = fund[(fund["region"] != PROVINCE) | (fund["indicator"] != "fund_income")]
    poorer = dataclasses.replace(tables, frames=frames)
    spent = tables.series("fund_expenditure", region=PROVINCE).loc[2024] / tables.series("fund_expenditure").loc[2024]
    assert _region.other_income(poorer, PROVINCE, 1.0e9) == pytest.approx(1.0e9 * spent)


# The sum of regional accounts -------------------------------------------------------------------------------------

PAYING, DRAWING = (0.5, 0.3, 0.2), (0.25, 0.35, 0.4)
"""Parts of the village's contributors and pensioners in three regions."""

MEMBER_MONEY, PENSION_MONEY = (1.3, 0.9, 0.4), (2.0, 0.8, 0.55)
"""Contribution and basic pension per head over the village's; weighted by the heads their mean is one."""


def account_of(
    region: xr.Dataset, observed: dict[int, float], part: float, changes: dict[str, object], assets: float = 2e10
) -> xr.Dataset:
    """Value a part of the village that has this part of its sums of money: openings and other income."""
    rule = changed(Assumptions(), {"collective.other_income": 1e6 * part} | changes)
    ready = pension.with_accounts(region, rule, observed)
    return fund.project(pension.standard_fund(2025, assets * part, 1e9 * part), ready, rule)


def parts_and_whole(
    village: xr.Dataset,
    observed: dict[int, float],
    contributions: tuple[float, ...],
    changes: dict[str, object],
    assets: float = 2e10,
) -> tuple[list[xr.Dataset], xr.Dataset]:
    """Return the accounts of three regions, and the account of the village."""
    accounts = []
    for paying, drawing, member, benefit in zip(PAYING, DRAWING, contributions, PENSION_MONEY, strict=True):
        region = village.assign(
            contributors=paying * village.contributors,
            pensioners=drawing * village.pensioners,
            contribution_per_head=member * village.contribution_per_head,
            budget_revenue=paying * village.budget_revenue,
            land_income=paying * village.land_income,
        )
        accounts.append(account_of(region, {y: benefit * v for y, v in observed.items()}, paying, changes, assets))
    return accounts, account_of(village, observed, 1.0, changes, assets)


@pytest.mark.parametrize(
    ("contributions", "changes"),
    [
        (MEMBER_MONEY, {"accounts.match_multiple": 0.0}),
        ((1.0, 1.0, 1.0), {}),
        (MEMBER_MONEY, {"accounts.match_multiple": 0.0, "fiscal.rule": "capacity", "fiscal.capacity_share": 0.1}),
        (MEMBER_MONEY, {"accounts.match_multiple": 0.0, "land.share": 0.1, "benefit.income_weight": 0.5}),
    ],
)
def test_the_accounts_of_regions_add_up_to_that_of_the_whole(
    village: xr.Dataset, observed: dict[int, float], contributions: tuple[float, ...], changes: dict[str, object]
) -> None:
    """Heads and money per head differ; survival, growth and rates are common."""
    assert np.dot(PAYING, MEMBER_MONEY) == pytest.approx(1.0) == np.dot(DRAWING, PENSION_MONEY)
    regions, whole = parts_and_whole(village, observed, contributions, changes)
    yuan = [str(name) for name in whole.data_vars if whole[name].attrs["unit"] == "yuan"]
    assert {"basic_pension", "account_pension", "contributions", "fiscal_transfer", "balance", "interest"} <= set(yuan)
    assert (whole.shortfall == 0).all() and (whole.pool_balance > 0).all()
    for name in yuan:
        total = sum(one[name] for one in regions)
        scale = float(np.abs(whole[name]).max())
        np.testing.assert_allclose(total, whole[name], rtol=1e-9, atol=1e-12 * scale, err_msg=name)


def test_a_whole_that_shares_its_reserve_lasts_at_least_as_long_as_its_first_region(
    village: xr.Dataset, observed: dict[int, float]
) -> None:
    """Accounts stop adding up where one region has run out: nobody lends to it."""
    poor = {"accounts.match_multiple": 0.0, "fiscal.rule": "capacity", "fiscal.capacity_share": 0.004}
    regions, whole = parts_and_whole(village, observed, MEMBER_MONEY, poor, 2e9)
    short = [one.shortfall.cumsum("year") > 0 for one in regions]
    some, all_of_it = short[0] | short[1] | short[2], whole.shortfall.cumsum("year") > 0
    assert all_of_it.any() and (some | ~all_of_it).all()
    assert (some & ~all_of_it).any()


def test_the_match_of_regions_is_not_that_of_their_mean_contribution(
    village: xr.Dataset, observed: dict[int, float]
) -> None:
    """The match is a step by tier: it depends on how contributions spread, between regions as within one."""
    regions, whole = parts_and_whole(village, observed, MEMBER_MONEY, {})
    np.testing.assert_allclose(sum(one.contributions for one in regions), whole.contributions, rtol=1e-9)
    off = sum(one.match for one in regions) / whole.match - 1.0
    assert (np.abs(off) > 1e-3).any() and (np.abs(off) < 0.25).all()


def test_the_subsistence_allowance_is_the_last_standard_in_money_of_the_money_year(tables: Tables) -> None:
    standard = tables.series("rural_subsistence_allowance", area="rural")
    income = tables.series("rural_disposable_income_per_head", area="rural")
    last = int(standard.index[-1])
    assert _region.subsistence_allowance(tables, last) == pytest.approx(standard.loc[last])
    grown = standard.loc[last] * income.loc[2020] / income.loc[last]
    assert _region.filled(changed(Assumptions(), {"money_year": 2020}), tables).adequacy.subsistence_allowance == (
        pytest.approx(grown)
    )
