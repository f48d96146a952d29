"""The vicious circle: one answer, found from anywhere, and nothing at all where nobody reacts."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st

from actuarial import participation, pension
from actuarial.assumptions import Assumptions, changed
from actuarial.fund import project
from actuarial.rates import paid_share
from forecasting.axes import AxisError

YEARS = np.arange(2026, 2061)
POOR = {"fiscal.rule": "capacity", "fiscal.capacity_share": 0.005, "valuation.deficit_rule": "benefit_cut"}


def ones(draws: int = 5) -> xr.DataArray:
    return xr.DataArray(np.ones((draws, YEARS.size)), {"draw": np.arange(draws), "year": YEARS}, ("draw", "year"))


class Village:
    """The small scheme under one rule, as a function of participation."""

    def __init__(self, village: xr.Dataset, observed: dict[int, float], changes: dict[str, object]) -> None:
        self.rule = changed(Assumptions(), {"collective.other_income": 1e6} | changes)
        self.village, self.observed = village, observed

    def account(self, multiplier: xr.DataArray) -> xr.Dataset:
        people = participation.apply(self.village, multiplier)
        ready = pension.with_accounts(people, self.rule, self.observed)
        owed = ready.accounts_balance.sel(year=2025).values
        return project(pension.standard_fund(2025, owed + 5e7, owed), ready, self.rule)

    def share(self, multiplier: xr.DataArray) -> xr.DataArray:
        return paid_share(self.account(multiplier))


@pytest.fixture(scope="module")
def poor(village: xr.Dataset, observed: dict[int, float]) -> Village:
    return Village(village, observed, POOR)


@pytest.fixture(scope="module")
def circle(poor: Village) -> participation.Solution:
    return participation.solve(poor.share, ones(), 1.0)


def test_without_elasticity_nothing_changes_to_the_bit(poor: Village, village: xr.Dataset) -> None:
    found = participation.solve(poor.share, ones(), 0.0)
    assert (found.multiplier == 1.0).all() and found.change == 0.0
    xr.testing.assert_identical(found.share, found.unmoved)
    xr.testing.assert_identical(participation.apply(village, found.multiplier), village)


def test_an_account_is_settled_where_nobody_reacts(poor: Village) -> None:
    found, known = participation.solve(poor.share, ones(), 0.0), participation.settled(poor.account(ones()))
    xr.testing.assert_identical(known.share, found.share)
    np.testing.assert_array_equal(known.multiplier, found.multiplier)
    assert (participation.indicators(known).benefits_lost_to_leavers == 0.0).all()


def test_single_precision_people_stay_as_they_are(village: xr.Dataset) -> None:
    small = village.assign({n: village[n].astype("float32") for n in ("contributors", "pensioners")})
    xr.testing.assert_identical(participation.apply(small, ones()), small)


def test_the_answer_comes_a_year_later() -> None:
    share = xr.DataArray([1.0, 0.5, 0.25, 1.0], {"year": [1, 2, 3, 4]}, ("year",))
    np.testing.assert_allclose(participation.answer(share, 2.0), [1.0, 1.0, 0.25, 0.0625])


def test_participation_and_benefits_fit_each_other(poor: Village, circle: participation.Solution) -> None:
    np.testing.assert_allclose(circle.share, poor.share(circle.multiplier), rtol=1e-12)
    np.testing.assert_allclose(circle.multiplier, participation.answer(circle.share, 1.0), atol=1e-9)
    assert circle.change <= participation.TOLERANCE
    assert circle.rounds <= YEARS.size + 1


@pytest.mark.parametrize("start", [0.2, 1.7])
def test_the_circle_ends_in_the_same_place_from_anywhere(
    start: float, poor: Village, circle: participation.Solution
) -> None:
    other = participation.solve(poor.share, start * ones(), 1.0)
    np.testing.assert_allclose(other.multiplier, circle.multiplier, atol=1e-8)
    xr.testing.assert_identical(other.unmoved, circle.unmoved)


def test_the_circle_is_vicious_where_members_money_pays_the_benefits(
    poor: Village, circle: participation.Solution
) -> None:
    known = participation.indicators(circle)
    assert (known.participation <= 1.0).all() and (known.participation.isel(year=-1) < 0.5).all()
    assert (known.benefits_paid_share <= circle.unmoved + 1e-12).all()
    # It takes more than a tenth of the benefits of the middle years.
    assert (known.benefits_lost_to_leavers.sel(year=2036) > 0.1).all()
    before, after = (poor.account(m) for m in (ones(), circle.multiplier))
    assert (after.contributions.sum("year") < before.contributions.sum("year")).all()


def test_more_elasticity_keeps_fewer(poor: Village, circle: participation.Solution) -> None:
    harder = participation.solve(poor.share, ones(), 2.0)
    assert (harder.multiplier <= circle.multiplier + 1e-9).all()
    assert (harder.multiplier.sum("year") < circle.multiplier.sum("year")).all()


def test_where_nothing_is_cut_nobody_leaves(village: xr.Dataset, observed: dict[int, float]) -> None:
    met = Village(village, observed, POOR | {"valuation.deficit_rule": "emergency_transfer"})
    found = participation.solve(met.share, ones(), 3.0)
    assert (found.multiplier == 1.0).all() and found.rounds == 1


@settings(max_examples=30)
@given(seed=st.integers(0, 2**32 - 1), elasticity=st.floats(0.1, 3.0), start=st.floats(0.05, 2.0))
def test_any_fund_that_looks_back_is_solved(seed: int, elasticity: float, start: float) -> None:
    rng = np.random.default_rng(seed)
    weights = np.tril(rng.uniform(-1, 1, (12, 12)))
    begin = xr.DataArray(np.full(12, start), {"year": np.arange(12)}, ("year",))

    def simulate(multiplier: xr.DataArray) -> xr.DataArray:
        return multiplier.copy(data=1 / (1 + np.exp(-weights @ multiplier.values)))

    found = participation.solve(simulate, begin, elasticity)
    # Year by year, without any search.
    exact = np.ones(12)
    for year in range(1, 12):
        exact[year] = (1 / (1 + np.exp(-weights[year - 1] @ exact))) ** elasticity
    np.testing.assert_allclose(found.multiplier, exact, atol=1e-7)


def test_a_fund_that_looks_ahead_is_refused() -> None:
    def simulate(multiplier: xr.DataArray) -> xr.DataArray:
        return (1.3 - multiplier.shift(year=-1, fill_value=0.5)).clip(0.0, 1.0)

    with pytest.raises(RuntimeError, match="that year's participation or a later one's"):
        participation.solve(simulate, ones(1), 3.0)


def test_who_does_not_pay_has_no_right_to_that_part(village: xr.Dataset) -> None:
    multiplier = ones() * xr.DataArray(np.linspace(1.0, 0.4, YEARS.size), {"year": YEARS}, ("year",))
    left = participation.apply(village, multiplier)
    np.testing.assert_allclose(
        left.contributors.sel(year=2050), village.contributors.sel(year=2050) * multiplier.sel(year=2050)
    )
    # Cohort by cohort: paid over due contributor-years since the scheme began.
    for age, year in ((60, 2045), (65, 2060), (80, 2060)):
        due, paid = 0.0, 0.0
        for then in range(2010, year + 1):
            if age - (year - then) >= 0:
                heads = village.contributors.isel(draw=1, sex=0).sel(age=age - (year - then), year=then).item()
                due += heads
                paid += heads * (multiplier.isel(draw=1).sel(year=then).item() if then >= 2026 else 1.0)
        kept = (left.pensioners / village.pensioners).isel(draw=1, sex=0).sel(age=age, year=year).item()
        assert kept == pytest.approx(paid / due if due else 1.0, rel=1e-12)


def test_pensions_in_payment_are_not_touched(village: xr.Dataset) -> None:
    left = participation.apply(village, 0.1 * ones())
    old = village["age"] > 60 + (village["year"] - 2026)
    xr.testing.assert_identical(left.pensioners.where(old), village.pensioners.where(old))
    xr.testing.assert_identical(
        left.contributors.sel(year=slice(None, 2025)), village.contributors.sel(year=slice(2025))
    )


def test_a_multiplier_of_other_years_is_refused(village: xr.Dataset) -> None:
    with pytest.raises(AxisError, match="year 2061 is missing"):
        participation.apply(village, ones().assign_coords(year=YEARS + 1))


def test_an_account_without_benefits_pays_all_of_them() -> None:
    account = xr.Dataset({"benefit_cut": ("year", [0.0, 1.0, 5.0]), "expenditure": ("year", [0.0, 4.0, 5.0])})
    np.testing.assert_array_equal(paid_share(account), [1.0, 0.75, 0.0])


def test_every_indicator_has_unit_and_meaning(circle: participation.Solution) -> None:
    known = participation.indicators(circle)
    assert list(known.data_vars) == list(participation.INDICATORS)
    for name, (unit, meaning) in participation.INDICATORS.items():
        assert known[name].attrs == {"unit": unit, "meaning": meaning}
    assert known.attrs == {"rounds": circle.rounds, "change": circle.change}
