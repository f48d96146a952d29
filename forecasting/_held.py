"""The published series that forecasts are held against."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

if TYPE_CHECKING:
    from forecasting.sources import Tables


@dataclass(frozen=True)
class Held:
    """One published series that forecasts are held against.

    Attributes
    ----------
    indicator : str
        Name in ``indicators.csv``.
    area, sex, age : str
        Labels of the series.
    log : bool
        Whether baselines work on the logarithm.
    first : int
        First year that a baseline sees.
    before : str
        Indicator whose growth carries the series back, or empty.
    """

    indicator: str
    area: str = "national"
    sex: str = "both"
    age: str = "all"
    log: bool = True
    first: int = 0
    before: str = ""

    def of(self, tables: Tables) -> pd.Series:
        """Return the series by year; carried back, its level is that of its own first year."""
        series = tables.series(self.indicator, area=self.area, sex=self.sex, age=self.age)
        if self.before:
            older = tables.series(self.before, area=self.area, sex=self.sex)
            start = series.index[0]
            carried = older[older.index < start] * (series[start] / older[start])
            series = pd.concat([carried, series])
        return series[series.index >= self.first]


SERIES = {
    "tfr": Held("tfr", first=1970),
    "e0 of women": Held("e0", sex="female", log=False, first=1970),
    "e0 of men": Held("e0", sex="male", log=False, first=1970),
    "population 60+": Held("population_year_end", age="60+"),
    "rural population": Held("population_year_end", area="rural"),
    "contributors": Held("contributors", first=2012),
    "pensioners": Held("pensioners", first=2012),
    "rural income": Held("rural_disposable_income_per_head", area="rural", before="rural_net_income_per_head"),
    "budget revenue": Held("general_budget_revenue"),
    "land income": Held("land_transfer_income"),
    "fund income": Held("fund_income", first=2012),
    "expenditure": Held("fund_expenditure", first=2012),
    "balance": Held("fund_balance", first=2012),
}
"""What is scored.

Members and fund begin in 2012, when the scheme had come to every county: the growth of 2010 to 2012 was coverage, and
would be carried on by whoever saw it as growth. Life expectancy and fertility begin in 1970, after the famine of 1959
to 1961. Rural income is disposable income, before its first year carried back by the growth of net income.
"""
