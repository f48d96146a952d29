"""The medical fund's past: standards as in the notices, its opening, and a balance that adds up in every draw."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom

from actuarial import _medical_past as past
from actuarial._medical_assumptions import MedicalAssumptions
from forecasting import projection
from forecasting.axes import AxisError
from forecasting.models.membership_data import rural_income
from forecasting.projection import Fits
from forecasting.sources import FigureNotFound, Tables
from tests.real_run import Run

YEARS = np.arange(2018, 2026)
DRAWS = 400
LAW = MedicalAssumptions()
TOLD = {
    2018: (220, 490),
    2019: (250, 520),
    2021: (320, 580),
    2022: (350, 610),
    2023: (380, 640),
    2024: (400, 670),
    2025: (400, 700),
}
"""Contribution and subsidy that the notice of each year asks for at least, yuan."""


@pytest.fixture(scope="module")
def economy(tables: Tables) -> xr.Dataset:
    """Published income to 2025, and a year of growth by hand; all else as it is without change."""
    income = rural_income(tables).loc[2018:2025].to_numpy()
    years = np.append(YEARS, 2026)
    paths = {
        "rural_income": np.append(income, 1.05 * income[-1]),
        "price_index": np.ones(years.size),
        "budget_revenue": np.full(years.size, 2e13),
        "deposit_rate": np.full(years.size, 0.015),
        "market_return": np.zeros(years.size),
    }
    return xr.Dataset({name: ("year", path) for name, path in paths.items()}, {"year": years})


@pytest.fixture(scope="module")
def care() -> xr.Dataset:
    """A billion members, and spending that no rule knows."""
    rng = np.random.default_rng(7)
    spent = rng.uniform(6e11, 12e11, (DRAWS, YEARS.size))
    paths = {"enrolled": np.full(spent.shape, 1e9), "spent": spent}
    paths |= {f"{name}_deviate": rng.standard_normal(spent.shape) for name in past.STANDARDS}
    return xr.Dataset({k: (("draw", "year"), v) for k, v in paths.items()}, {"draw": np.arange(DRAWS), "year": YEARS})


Make = Callable[..., xr.Dataset]


@pytest.fixture(scope="module")
def make(tables: Tables, economy: xr.Dataset, care: xr.Dataset) -> Make:
    """Add money to `care`, or to what a test makes of it."""

    def made(again: xr.Dataset = care, rules: MedicalAssumptions = LAW, world: xr.Dataset = economy) -> xr.Dataset:
        return past.with_money(again, world, tables, rules)

    return made


def before(made: xr.Dataset) -> xr.DataArray:
    """Balance at the beginning of each year but the first."""
    return made["balance"].shift(year=1).isel(year=slice(1, None))


def ruled(**sections: dict[str, object]) -> MedicalAssumptions:
    return MedicalAssumptions.model_validate(sections)


# Standards ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("year", TOLD)
def test_a_standard_is_what_the_notice_of_its_year_asks_for(tables: Tables, year: int) -> None:
    known = past.standards(tables)
    assert (known.contribution[year], known.subsidy[year]) == TOLD[year]


def test_the_subsidy_of_2020_and_2026_is_the_one_before_and_what_the_work_report_adds(tables: Tables) -> None:
    subsidy = past.standards(tables).subsidy
    assert subsidy[2020] == subsidy[2019] + 30
    assert subsidy[2026] == subsidy[2025] + 24


def test_a_notice_that_was_not_found_stands_between_its_neighbours(tables: Tables) -> None:
    assert 2020 not in tables.series(past.STANDARDS["contributions"])
    assert past.standards(tables).contribution[2020] == pytest.approx(np.sqrt(250 * 320))


def test_contribution_and_subsidy_of_2025_are_the_financing_per_head_that_was_printed_for_it(tables: Tables) -> None:
    known = past.standards(tables)
    # 1,100 yuan of 2025: the contribution collected in 2024 and the subsidy of the year.
    assert known.contribution[2024] + known.subsidy[2025] == 1100


def test_final_accounts_hold_what_the_notice_of_the_same_year_asks_for_and_a_little_more(tables: Tables) -> None:
    received = past.received(tables)
    assert received.index.tolist() == [2020, 2021, 2022, 2023, 2024]
    assert ((received > 1.0) & (received < 1.1)).to_numpy().all()


def test_the_notice_of_the_same_year_explains_the_accounts_better_than_that_of_the_year_before(tables: Tables) -> None:
    known = past.standards(tables).contribution
    same = past.received(tables)["contributions"]
    year_before = same * [known[y] / known[y - 1] for y in same.index]
    # Timing does not matter in 2025: two notices ask for the same. The rest of its income is what is known of others.
    assert known[2024] == known[2025]
    people = tables.series(past.ENROLLED).loc[2025]
    subsidy = past.received(tables)["fiscal_transfer"].mean() * past.standards(tables).subsidy[2025] * people
    account = tables.series("resident_medical_final_account_income").loc[2024]
    others = account - sum(tables.series(name).loc[2024] for name in past.ACCOUNTS.values())
    left = tables.series("resident_fund_income").loc[2025] - subsidy - others
    decisive = left / people / known[2025]
    assert decisive == pytest.approx(same.mean(), abs=0.02)
    assert decisive < year_before.min() - 0.05


def test_no_standard_no_past(tables: Tables) -> None:
    with pytest.raises(FigureNotFound):
        past.standards(tables.until(2016))


# Opening --------------------------------------------------------------------------------------------------------


def test_the_opening_is_the_last_balance_carried_by_what_was_printed_since(tables: Tables) -> None:
    assert past.opening(tables) == (2025, pytest.approx(818_302e6 + 1_123_772e6 - 1_067_863e6))


def test_a_balance_of_the_last_year_is_the_opening_itself(tables: Tables) -> None:
    assert past.opening(tables.until(2022)) == (2022, 753_413e6)


@pytest.mark.parametrize("year", [2022, 2023, 2024])
def test_a_balance_carried_by_income_and_expenditure_meets_the_one_that_was_printed(tables: Tables, year: int) -> None:
    balance, income, spent = (
        tables.series(f"resident_fund_{name}") for name in ("cumulative_balance", "income", "expenditure")
    )
    assert balance[year - 1] + income[year] - spent[year] == pytest.approx(balance[year], rel=0.006)


# Income and balance ---------------------------------------------------------------------------------------------


def test_the_balance_is_the_one_before_and_income_less_spending_in_every_draw(make: Make) -> None:
    made = make()
    ends = made["balance"].isel(year=slice(1, None))
    np.testing.assert_allclose(ends, before(made) + (made["income"] - made["spent"]).isel(year=slice(1, None)))


def test_the_balance_is_known_where_it_was_published_first(make: Make, tables: Tables) -> None:
    flash = tables.series("flash_resident_fund_cumulative_balance").loc[2019]
    assert (make()["balance"].sel(year=2019) == flash).all()


def test_published_figures_stand_beside_flash_ones_before_the_first_bulletin(make: Make, tables: Tables) -> None:
    made = make()
    assert made["observed_income"].sel(year=2018) == tables.series("flash_resident_fund_income").loc[2018]
    assert made["observed_income"].sel(year=2019) == tables.series("resident_fund_income").loc[2019]
    assert np.isnan(made["observed_balance"]).values.tolist() == [True, *[False] * 6, True]


def test_interest_of_the_balance_alone_is_the_rate_times_the_one_before(make: Make) -> None:
    late = make(rules=ruled(investment={"interest_convention": "opening_balance"}))
    mid = make()
    rate = 0.015 + LAW.investment.deposit_spread
    # In the year after the known balance both conventions begin with the same.
    net = (late["income"] - rate * late["balance"].sel(year=2019)).sel(year=2020)
    assert net.std() > 0
    earned = (mid["income"] - late["income"]).sel(year=2020)
    np.testing.assert_allclose(earned, (np.sqrt(1 + rate) - 1) * (net - late["spent"].sel(year=2020)), rtol=1e-6)


def test_income_per_head_is_the_standard_times_what_is_received_over_it(make: Make, economy: xr.Dataset) -> None:
    still = economy.assign(deposit_rate=0.0 * economy["deposit_rate"])
    net = make(world=still, rules=ruled(investment={"deposit_spread": 0.0}))["income"].sel(year=2023) / 1e9
    other = 20 * economy["rural_income"].sel(year=2023) / economy["rural_income"].sel(year=2026)
    expected = 1.03 * 380 + 1.07 * 640 + other
    # A hundredth is the scatter of the accounts: the mean of 400 draws is nearer.
    assert net.mean() == pytest.approx(float(expected), rel=0.002)
    assert net.std() / net.mean() == pytest.approx(0.0105, rel=0.15)


def test_contributions_scatter_from_year_to_year_as_the_accounts_do(
    make: Make, economy: xr.Dataset, tables: Tables
) -> None:
    still, spread = economy.assign(deposit_rate=0.0 * economy["deposit_rate"]), past.scatter(tables)
    for key, scale in (("contribution_multiple", spread.contributions), ("subsidy_multiple", spread.fiscal_transfer)):
        low, high = (
            make(world=still, rules=ruled(investment={"deposit_spread": 0.0}, financing={key: value}))["income"]
            for value in (1.0, 2.0)
        )
        part = np.log((high - low).values)
        np.testing.assert_allclose(part.std(axis=0), scale, rtol=0.15)
        among = np.corrcoef(part.T) - np.eye(YEARS.size)
        assert np.abs(among).max() < 0.2, key


def test_income_grows_with_members(make: Make, care: xr.Dataset, economy: xr.Dataset) -> None:
    still = economy.assign(deposit_rate=0.0 * economy["deposit_rate"])
    rules = ruled(investment={"deposit_spread": 0.0})
    twice = make(care.assign(enrolled=2 * care["enrolled"]), rules, still)["income"]
    np.testing.assert_allclose(twice, 2 * make(rules=rules, world=still)["income"])


def test_later_years_leave_earlier_ones_as_they_are(make: Make, care: xr.Dataset) -> None:
    short = make(care.sel(year=slice(None, 2022)))
    xr.testing.assert_allclose(short["balance"], make()["balance"].sel(year=slice(None, 2022)))


def test_every_variable_has_a_unit_and_a_meaning(make: Make) -> None:
    made = make()
    assert all(made[name].attrs.keys() == {"unit", "meaning"} for name in made)


def test_years_without_any_published_balance_are_told(make: Make, care: xr.Dataset) -> None:
    with pytest.raises(AxisError, match="no balance of the medical fund is known from 2018 to 2018"):
        make(care.sel(year=slice(2018, 2018)))


def test_an_economy_that_ends_before_the_money_year_is_told(make: Make, economy: xr.Dataset) -> None:
    with pytest.raises(AxisError, match="2026"):
        make(world=economy.sel(year=slice(None, 2025)))


@given(
    start=st.integers(0, 5),
    net=st.lists(st.floats(-1e12, 1e12), min_size=6, max_size=6),
    rate=st.floats(-0.02, 0.2),
    known=st.floats(0.0, 1e13),
)
def test_a_balance_carried_back_and_forth_is_the_same_path(
    start: int, net: list[float], rate: float, known: float
) -> None:
    rates, flows = np.full((1, 6), rate), np.array([net])
    half = np.sqrt(1 + rates)
    balance, interest = past.rolled(known, start, flows, rates, half)
    assert balance[0, start] == known
    for other in range(6):
        again, earned = past.rolled(balance[0, other], other, flows, rates, half)
        np.testing.assert_allclose(again, balance, rtol=1e-9, atol=1e3)
        np.testing.assert_allclose(earned, interest, rtol=1e-9, atol=1e3)


# The whole ------------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_what_was_published_lies_inside_the_intervals_of_the_backcast(
    fits: Fits, tables: Tables, first_run: Run
) -> None:
    whole = projection.fit(tables, fits.settings, schemes=("medical",), cache=first_run.posteriors, force=True)
    made = past.backcast(whole, projection.forecast(fits, 2026), LAW)
    assert {name for name in made if not str(name).startswith("observed_")} == set(past.VARIABLES)
    inside, all_of = 0, 0
    for name in past.VARIABLES:
        # The first balance is known: it is the same in every draw.
        seen = made[f"observed_{name}"].where((made["year"] != 2019) | (name != "balance"))
        low, high = made[name].quantile([0.025, 0.975], dim="draw")
        inside += int(((low <= seen) & (seen <= high)).sum())
        all_of += int(seen.notnull().sum())
    assert all_of == 65
    assert inside >= binom.ppf(0.01, all_of, 0.95)
