"""The shocks of :mod:`actuarial.stress`: each changes some paths of a Projection from one year on."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import ClassVar

import numpy as np
import xarray as xr

from actuarial._quantity import Section, quantity, year
from actuarial._stress_lives import kept_alive, scaled
from forecasting.axes import PENSION_AGE

INFLATION_1988_1995 = (0.188, 0.180, 0.031, 0.034, 0.064, 0.147, 0.241, 0.171)
"""Change of China's consumer prices on the year before, 1988 to 1995 (National Bureau of Statistics of China)."""

YOUNG = 45
"""Under this age a member can stay away and still pay the 15 years that a pension at 60 asks for (State Council 2014
No. 8, section 7: who was under 45 when the scheme began pays at least 15 years)."""

NOMINAL = ("rural_income", "contribution_per_head", "budget_revenue", "land_income")
RATES = ("deposit_rate", "market_return")


class Shock(Section, ABC):
    """One adverse event: from when, how large, and what it does to the paths of a Projection."""

    reads: ClassVar[tuple[str, ...]]
    """Variables that it needs; it changes no other."""

    size: ClassVar[str]
    """Field that says how large it is; reverse stress searches over its range."""

    look_back: ClassVar[int] = 0
    """Years before the first that the Projection must have."""

    first_year: int = year(
        2030,
        meaning="First year of the shock; nothing before it moves",
        source="Judgement: the fifth year of a forecast that begins in 2026",
    )

    @abstractmethod
    def changes(self, projection: xr.Dataset) -> dict[str, xr.DataArray]:
        """Work out the changed paths.

        Parameters
        ----------
        projection : xarray.Dataset
            With the variables of ``reads``.

        Returns
        -------
        dict of str to xarray.DataArray
            Changed variables, with the dims, labels and attributes that they had; a path without draws gets them
            where what moves it has draws.
        """

    def during(self, projection: xr.Dataset, years: float = np.inf) -> xr.DataArray:
        """Flag the years of the shock, `years` of them; dims (year,)."""
        label = projection["year"]
        return (label >= self.first_year) & (label < self.first_year + years)


class LandSlump(Shock):
    """A lost decade of land income: it stays below its path for some years, then returns to it."""

    reads: ClassVar[tuple[str, ...]] = ("land_income",)
    size: ClassVar[str] = "fall"

    fall: float = quantity(
        0.52,
        unit="share",
        low=0.0,
        high=1.0,
        meaning="Part of land income that is missing in each year of the slump",
        source="Land transfer income fell from 8,716 to 4,152 billion yuan from 2021 to 2025 (Ministry of Finance, "
        "budget reports; data/economy.csv): the same fall again, on top of that one",
    )
    years: int = quantity(
        10,
        unit="years",
        low=1,
        high=75,
        meaning="Length of the slump",
        source="Judgement: a decade, which gives the shock its name",
    )

    def changes(self, projection: xr.Dataset) -> dict[str, xr.DataArray]:
        """Lower ``land_income`` in the years of the slump."""
        land = projection["land_income"]
        return {"land_income": _replaced(land, self.during(projection, self.years), land * (1.0 - self.fall))}


class MarketCrash(Shock):
    """One year in which the market portfolio loses a stated part in every draw; then returns are as drawn."""

    reads: ClassVar[tuple[str, ...]] = ("market_return",)
    size: ClassVar[str] = "loss"

    loss: float = quantity(
        0.2,
        unit="share",
        low=0.0,
        high=0.95,
        meaning="Part of the market portfolio that is lost in the year",
        source="A portfolio with the 30 per cent of shares that State Council 2015 No. 48 allows at most, in a year "
        "like 2008, when the CSI 300 fell by 66 per cent: 0.30 times 0.66",
    )

    def changes(self, projection: xr.Dataset) -> dict[str, xr.DataArray]:
        """Set ``market_return`` of the first year to the loss."""
        drawn = projection["market_return"]
        return {"market_return": _replaced(drawn, self.during(projection, 1), xr.full_like(drawn, -self.loss))}


class Inflation(Shock):
    """Prices rise as they did in 1988 to 1995; rates, incomes and budgets follow by stated parts."""

    reads: ClassVar[tuple[str, ...]] = ("price_index", *NOMINAL, *RATES)
    size: ClassVar[str] = "severity"
    look_back: ClassVar[int] = 1

    severity: float = quantity(
        1.0,
        unit="share",
        low=0.0,
        high=1.5,
        meaning="How far log inflation goes from what was drawn (0) to that of 1988 to 1995 (1), over eight years",
        source="National Bureau of Statistics of China: 18.8, 18.0, 3.1, 3.4, 6.4, 14.7, 24.1 and 17.1 per cent. "
        "Prices fell in 1998 and 1999, so that these years are no example",
    )
    rates_follow: float = quantity(
        0.11,
        unit="share",
        low=0.0,
        high=1.0,
        meaning="Part of additional inflation that is added to the deposit rate and the market return of the year",
        source="People's Bank of China: the one-year deposit rate was 8.64 per cent in 1990 and 10.98 in 1994, while "
        "inflation went from 3.1 to 24.1: 2.34 over 21.0",
    )
    incomes_follow: float = quantity(
        1.0,
        unit="share",
        low=0.0,
        high=1.0,
        meaning="Part of additional inflation by which rural income, contributions, budgets and land income rise too",
        source="Judgement: real paths stay as drawn, so that what is lost is lost by reserves and by benefits that do "
        "not follow prices; below 1 members and budgets grow poor as well",
    )

    def changes(self, projection: xr.Dataset) -> dict[str, xr.DataArray]:
        """Raise prices, what follows them, and rates; after eight years inflation is as drawn, the level stays."""
        prices, length = projection["price_index"], len(INFLATION_1988_1995)
        logs = prices.copy(data=np.log(prices.values))
        drawn = logs.diff("year").reindex(year=prices["year"], fill_value=0.0)
        inside = self.during(projection, length)
        turn = (projection["year"] - self.first_year).clip(0, length - 1)
        past = turn.copy(data=np.log1p(INFLATION_1988_1995)[turn.values])
        more = (self.severity * (past - drawn)).where(inside, 0.0)
        level = np.exp(more.cumsum("year"))
        shocked = self.during(projection)
        out = {"price_index": _replaced(prices, shocked, prices * level)}
        for name in NOMINAL:
            out[name] = _replaced(projection[name], shocked, projection[name] * level**self.incomes_follow)
        points = self.rates_follow * (np.exp(drawn + more) - np.exp(drawn))
        return out | {n: _replaced(projection[n], inside, projection[n] + points) for n in RATES}


class YoungExit(Shock):
    """Part of the contributors under 45 stop paying for some years; they return at 45 at the latest.

    Members pay into their accounts, so that the common pool loses nothing at once. It is even spared the match of those
    who stay away, where no transfer of its own comes for it, and later part of the account pensions that outlive an
    account.
    """

    reads: ClassVar[tuple[str, ...]] = ("contributors",)
    size: ClassVar[str] = "share"

    share: float = quantity(
        0.5,
        unit="share",
        low=0.0,
        high=1.0,
        meaning="Part of the contributors under 45 that do not pay",
        source="Judgement: half, a round size for a test; who is under 45 loses no right to the basic pension by it "
        "(State Council 2014 No. 8, section 7)",
    )
    years: int = quantity(
        10,
        unit="years",
        low=1,
        high=75,
        meaning="Years for which they stay away",
        source="Judgement: as long as the slump of land income",
    )

    def changes(self, projection: xr.Dataset) -> dict[str, xr.DataArray]:
        """Lower ``contributors`` under 45; pensioners stay, as all of them can still pay 15 years."""
        paying = projection["contributors"]
        gone = self.during(projection, self.years) & (projection["age"] < YOUNG)
        return {"contributors": _replaced(paying, gone, paying * (1.0 - self.share))}


class LongerLives(Shock):
    """Death rates at pension ages fall, so that life expectancy at 60 rises by a stated number of years."""

    reads: ClassVar[tuple[str, ...]] = ("pensioner_mortality", "pensioners", "contributors")
    size: ClassVar[str] = "gain"

    gain: float = quantity(
        3.0,
        unit="years",
        low=-5.0,
        high=10.0,
        meaning="Rise of life expectancy at 60 of both sexes, once it is complete",
        source="International Monetary Fund, Global Financial Stability Report, April 2012, chapter 4: past forecasts "
        "were three years too low on average",
    )
    phase_years: int = quantity(
        20,
        unit="years",
        low=1,
        high=75,
        meaning="Years over which the rise comes, in equal steps; 1 is at once",
        source="The same report lets the three years come by 2050, twenty years after 2030",
    )

    def changes(self, projection: xr.Dataset) -> dict[str, xr.DataArray]:
        """Scale the rates from 60 on, and let those who no longer die be there: pensioners and late contributors."""
        dims = ("sex", "age", "year")
        rates = projection["pensioner_mortality"].transpose(..., *dims)
        steps = np.clip(projection["year"].values - self.first_year + 1, 0, self.phase_years)
        after = rates.copy(data=scaled(rates.values, self.gain * steps / self.phase_years))
        heads, before, now = (
            v.sel(age=slice(PENSION_AGE, None)).transpose(..., *dims)
            for v in xr.broadcast(projection["pensioners"], rates, after)
        )
        factor = heads.copy(data=kept_alive(before.values, now.values, heads.values))
        factor = factor.reindex(age=projection["age"], fill_value=1.0)
        moved = self.during(projection) & (projection["age"] >= PENSION_AGE)
        people = {n: _replaced(projection[n], moved, projection[n] * factor) for n in ("pensioners", "contributors")}
        return people | {"pensioner_mortality": _replaced(projection["pensioner_mortality"], moved, after)}


def _replaced(values: xr.DataArray, where: xr.DataArray, new: xr.DataArray) -> xr.DataArray:
    """Put `new` where the flag is up; everything else stays to the bit, in the type, order and attributes it had."""
    kind = np.result_type(values.dtype, np.float32)
    out = values.where(~where, new.astype(kind)).astype(kind)
    front = [d for d in out.dims if d not in values.dims]
    return out.transpose(*front, *values.dims).assign_attrs(values.attrs)
