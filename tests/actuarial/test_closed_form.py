"""The closed-form scheme of the published case, grown, shrunk and carried for ever: every value a second way.

Survivors are ``100 - x`` at the integer ages x from 0 to 99; people enter at 20 and
retire at 60; the pension is 40 % of a wage that does not change; entries grow by
`growth` a year; money flows at mid-year and earns 3 %. A *mature* scheme has always
been there. A *new* one starts without pensioners; who retires from its first year on
draws the full pension, so that it is mature after 40 years. The project's side goes
through :func:`actuarial.fund.project` and the indicators; the other side is written
out here.
"""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr
from scipy.optimize import brentq

from actuarial import funding, rates
from actuarial.assumptions import Assumptions, changed
from actuarial.flow import Recorded
from actuarial.fund import Fund, project

INTEREST, PENSION, FIRST = 0.03, 0.4, 2026
V = 1 / (1 + INTEREST)
GROWTHS = (-0.01, 0.0, 0.01, 0.02)
HALF = (1 + INTEREST) ** 0.5


class Scheme:
    """A scheme of `years` years through fund and indicators."""

    def __init__(
        self, growth: float, years: int, *, new: bool, reserve: float = 0.0, changes: dict[str, object] | None = None
    ) -> None:
        t, ages = np.arange(years), np.arange(20, 100)
        people = (100.0 - ages)[:, None] * (1 + growth) ** (t[None, :] - (ages[:, None] - 20.0))
        drawing = (ages[:, None] >= 60) & ((ages[:, None] <= 60 + t[None, :]) | (not new))
        path = {"year": FIRST + t}
        self.projection = xr.Dataset(
            {
                "contributors_mid_year": ("year", people[ages < 60].sum(axis=0)),
                "pensioners_mid_year": ("year", (people * drawing).sum(axis=0)),
                "rural_income": ("year", np.ones(years)),
                "pension": ("year", PENSION * (people * drawing).sum(axis=0)),
            },
            path,
        )
        rule = changed(Assumptions(), changes or {})
        pensions = Recorded("pension", "pool", "outgo", "Pensions")

        def level(projection: xr.Dataset, _: Assumptions) -> xr.DataArray:
            return xr.full_like(projection["rural_income"], INTEREST)

        scheme = Fund("closed form", (), (pensions,), FIRST - 1, reserve, rate=level)
        self.account = project(scheme, self.projection, rule)
        self.known = funding.indicators(self.account, self.projection, rule)
        self.cost = self.account["expenditure"].values
        self.base = rates.contributory_base(self.projection).values

    def reserves(self, level: np.ndarray | float, reserve: float = 0.0) -> np.ndarray:
        """Reserve at the end of each year if `level` of the wages comes in, by recursion."""
        held, out = reserve, []
        for net in level * self.base - self.cost:
            held = held * (1 + INTEREST) + net * HALF
            out.append(held)
        return np.array(out)


def series(first: int, last: int, growth: float) -> float:
    """Give the sum of (100 - x) w^(x - 20) over ages `first` to `last` - 1 by the closed form of its power series."""
    w, n = 1 / (1 + growth), last - first
    if growth == 0:
        return n * (100 - first) - n * (n - 1) / 2
    powers = (1 - w**n) / (1 - w)
    weighted = w * (1 - n * w ** (n - 1) + (n - 1) * w**n) / (1 - w) ** 2
    return w ** (first - 20) * ((100 - first) * powers - weighted)


def mature_rate(growth: float) -> float:
    return PENSION * series(60, 100, growth) / series(20, 60, growth)


@pytest.mark.parametrize("growth", GROWTHS)
def test_the_mature_cost_rate_is_a_quotient_of_two_power_series(growth: float) -> None:
    scheme = Scheme(growth, 30, new=False)
    np.testing.assert_allclose(rates.cost_rate(scheme.account, scheme.projection), mature_rate(growth), rtol=1e-12)


def test_the_published_rates_and_that_of_a_population_in_decline() -> None:
    assert mature_rate(0.0) == pytest.approx(0.1355371901, abs=5e-11)
    assert mature_rate(0.01) == pytest.approx(0.0948334580, abs=5e-11)
    # One cohort after the other, entering a hundredth smaller each year, until all ages are there.
    entries = 80.0 * 0.99 ** np.arange(300)
    alive = {x: entries[200 - (x - 20)] * (100 - x) / 80.0 for x in range(20, 100)}
    by_hand = PENSION * sum(alive[x] for x in range(60, 100)) / sum(alive[x] for x in range(20, 60))
    scheme = Scheme(-0.01, 1, new=False)
    assert rates.cost_rate(scheme.account, scheme.projection).item() == pytest.approx(by_hand, rel=1e-12)
    assert by_hand > mature_rate(0.0) > mature_rate(0.01)


@pytest.mark.parametrize("growth", GROWTHS)
def test_a_new_scheme_is_mature_after_forty_years(growth: float) -> None:
    scheme = Scheme(growth, 45, new=True)
    cost = rates.cost_rate(scheme.account, scheme.projection)
    np.testing.assert_allclose(cost[39:], mature_rate(growth), rtol=1e-12)
    assert float(cost[38]) < mature_rate(growth)


def by_retiring_cohorts(years: int, growth: float) -> float:
    """Average premium of a new scheme: the value of the pensions of each cohort that retires, cohort by cohort."""
    w = 1 / (1 + growth)
    value = sum(
        PENSION * (40 - k) * w**40 * (1 + growth) ** s * V ** (s + k + 0.5)
        for s in range(years)
        for k in range(min(40, years - s))
    )
    wages = series(20, 60, growth) * V**0.5 * sum(((1 + growth) * V) ** t for t in range(years))
    return value / wages


@pytest.mark.parametrize("growth", GROWTHS)
@pytest.mark.parametrize("horizon", funding.HORIZONS)
def test_the_average_premium_is_the_pensions_of_all_cohorts_that_retire(growth: float, horizon: int) -> None:
    known = Scheme(growth, 80, new=True).known
    premium = known.general_average_premium.sel(horizon=horizon)
    assert float(premium) == pytest.approx(by_retiring_cohorts(horizon, growth), rel=1e-12)


@pytest.mark.parametrize(("years", "published"), [(40, 0.0782654679)])
def test_the_published_average_premium_by_cohorts(years: int, published: float) -> None:
    assert by_retiring_cohorts(years, 0.0) == pytest.approx(published, abs=5e-11)


def terminal_funding(growth: float) -> float:
    """Premium of a new scheme for ever, on paper.

    Each year one cohort retires, ``40 w^40`` of those who enter, and costs once ``.4
    sum((40 - k) v^k) / 40`` a head at its retirement. Retiring cohorts and wages grow
    at one rate from the first year on, so the same share of wages pays for each: cost
    on retirement over wages, with no series to infinity at all. For a level
    population ``sum((40 - k) v^k) = (40 - a) / d``, the decreasing annuity-due.
    """
    w = 1 / (1 + growth)
    retiring = sum((40 - k) * V**k for k in range(40))
    certain = (1 - V**40) / INTEREST
    assert retiring == pytest.approx((40 - certain) / (INTEREST * V), rel=1e-12)
    return PENSION * w**40 * retiring / series(20, 60, growth)


@pytest.mark.parametrize("growth", GROWTHS)
@pytest.mark.parametrize("years", [50, 60, 75])
def test_the_premium_of_a_new_scheme_for_ever_is_that_of_terminal_funding(growth: float, years: int) -> None:
    """However long the projection, once it is mature and its last ten years are: the rest is the stated rule."""
    known = Scheme(growth, years, new=True).known
    assert float(known.general_average_premium_infinite) == pytest.approx(terminal_funding(growth), rel=1e-10)
    assert float(known.infinite_horizon_exists) == 1


@pytest.mark.parametrize("growth", GROWTHS)
def test_the_premium_for_ever_is_that_of_a_thousand_cohorts_and_more(growth: float) -> None:
    assert by_retiring_cohorts(3_500, growth) == pytest.approx(terminal_funding(growth), rel=1e-10)


@pytest.mark.parametrize("growth", [0.03, 0.04])
def test_no_premium_for_ever_where_wages_grow_as_fast_as_money_earns(growth: float) -> None:
    known = Scheme(growth + 1e-9, 60, new=True).known
    assert float(known.infinite_horizon_exists) == 0
    assert np.isnan(known.general_average_premium_infinite) and np.isnan(known.actuarial_balance_infinite)
    assert np.isfinite(known.general_average_premium).sum() == 2


@pytest.mark.parametrize("growth", GROWTHS)
def test_every_premium_of_a_mature_scheme_without_reserve_is_its_cost_rate(growth: float) -> None:
    known = Scheme(growth, 80, new=False, changes={"valuation.target_reserve_ratio": 0.0}).known
    for name in ("general_average_premium", "scaled_premium", "steady_state_rate", "general_average_premium_infinite"):
        np.testing.assert_allclose(known[name], mature_rate(growth), rtol=1e-10, err_msg=name)
    np.testing.assert_allclose(known.actuarial_balance, -mature_rate(growth), rtol=1e-10)
    np.testing.assert_allclose(known.actuarial_balance_infinite, -mature_rate(growth), rtol=1e-10)


@pytest.mark.parametrize("growth", GROWTHS)
def test_interest_above_growth_on_its_reserve_lowers_the_rate_of_a_mature_scheme(growth: float) -> None:
    """A reserve that grows as the wages do needs ``interest - growth`` of itself less each year.

    From ``V (1 + growth) = V (1 + i) + (c B - C) (1 + i)^.5``. Such a path has the
    same reserve ratio in every year, and the rate for ever is the same number: ``V``
    over the value of wages for ever, ``B (1 + i)^.5 / (i - growth)``.
    """
    reserve = 2_000.0
    scheme = Scheme(growth, 70, new=False, reserve=reserve)
    by_hand = mature_rate(growth) - (INTEREST - growth) * reserve / (scheme.base[0] * HALF)
    assert float(scheme.known.steady_state_rate) == pytest.approx(by_hand, rel=1e-10)
    assert float(scheme.known.general_average_premium_infinite) == pytest.approx(by_hand, rel=1e-10)
    ratio = np.append(reserve, scheme.reserves(by_hand, reserve)[:-1]) / scheme.cost
    np.testing.assert_allclose(ratio, ratio[0], rtol=1e-9)


@pytest.mark.parametrize("growth", GROWTHS)
def test_the_steady_state_rate_of_a_new_scheme_by_bisection(growth: float) -> None:
    scheme = Scheme(growth, 70, new=True)

    def gap(level: float) -> float:
        ratio = np.append(0.0, scheme.reserves(level)[:-1]) / scheme.cost
        return ratio[59] - ratio[9]

    assert float(scheme.known.steady_state_rate) == pytest.approx(brentq(gap, 0.0, 1.0, xtol=1e-14), rel=1e-9)


@pytest.mark.parametrize("growth", GROWTHS)
@pytest.mark.parametrize("length", [10, 15, 20])
def test_the_scaled_premiums_of_a_new_scheme_by_bisection(growth: float, length: int) -> None:
    """Each control period alone, from the reserve that the one before it left: a year of its last cost."""
    scheme = Scheme(growth, 60, new=True, changes={"valuation.control_period": length})
    held = 0.0
    for start in range(0, 60, length):
        years = slice(start, start + length)

        def missing(level: float, years: slice = years, held: float = held) -> float:
            balance = held
            for wages, cost in zip(scheme.base[years], scheme.cost[years], strict=True):
                balance = balance * (1 + INTEREST) + (level * wages - cost) * HALF
            return balance - scheme.cost[years][-1]

        by_hand = brentq(missing, -1.0, 1.0, xtol=1e-14)
        np.testing.assert_allclose(scheme.known.scaled_premium[years], by_hand, rtol=1e-9)
        held = scheme.cost[years][-1]


def test_the_published_scaled_premium_is_that_of_the_first_control_period() -> None:
    known = Scheme(0.0, 60, new=True, changes={"valuation.control_period": 10}).known
    np.testing.assert_allclose(known.scaled_premium[:10], 0.0372691634, atol=2e-10)
    assert (known.scaled_premium.diff("year") >= -1e-12).sel(year=slice(None, FIRST + 39)).all()
