"""The answer of a run in plain lines, in either language."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import xarray as xr

from actuarial.report.numbers import Numbers
from actuarial.report.records import Language
from actuarial.report.summary import probability, quantiles
from actuarial.report.texts import Texts

ASKED = (2035, 2050, 2075)
"""Years by which the answer says whether the money is gone."""

EIGHTY = (0.1, 0.5, 0.9)


def answer(
    projection: xr.Dataset, indicators: xr.Dataset, titles: Mapping[str, str], language: Language, region: str = ""
) -> list[str]:
    """Say in plain lines what a run found.

    Parameters
    ----------
    projection, indicators : xarray.Dataset
        As saved.
    titles : mapping of str to str
        Title of each scenario in `language`.
    language : {"en", "zh"}
    region : str
        What was valued; empty is the nation.

    Returns
    -------
    list of str
        The dependency ratio; a line for each scenario; the fiscal need of the first.
    """
    texts = Texts(language)
    numbers = Numbers(texts, int(indicators["year"][-1]))
    now = int(indicators["year"][0]) - 1
    asked = [y for y in ASKED if y <= int(indicators["year"][-1])]
    ratio = projection["old_age_ratio_60"].sel(place="rural")
    first = next(iter(titles))
    need = indicators["fiscal_need_share"].sel(scenario=first)
    place = texts("answer.rural_of", region=region) if region else texts("answer.rural")
    lines = [
        texts("answer.dependency", place=place, values=_path(ratio, [now, *asked[1:]], numbers, "per_hundred", texts))
    ]
    lines += [_fate(indicators.sel(scenario=name), title, asked, numbers, texts) for name, title in titles.items()]
    values = _path(need, [now + 1, *asked[1:]], numbers, "share", texts)
    return [*lines, texts("answer.need", scenario=titles[first], values=values)]


def _path(values: xr.DataArray, years: Sequence[int], numbers: Numbers, kind: str, texts: Texts) -> str:
    parts = []
    for year in years:
        low, middle, high = quantiles(values.sel(year=year), EIGHTY)
        interval = numbers.interval(float(low), float(high), kind)
        parts.append(texts("answer.value", year=year, value=numbers.write(float(middle), kind), interval=interval))
    return texts("answer.comma").join(parts)


def _fate(one: xr.Dataset, title: str, years: Sequence[int], numbers: Numbers, texts: Texts) -> str:
    chances = {
        name: " / ".join(numbers.chance(float(probability(one[f"{name}_empty"].sel(year=y)))) for y in years)
        for name in ("pool", "fund")
    }
    middle = {
        name: numbers.year(float(np.asarray(quantiles(one[f"{name}_depletion_year"], (0.5,)))[0]))
        for name in ("pool", "fund")
    }
    return texts(
        "answer.fate", scenario=title, years=" / ".join(map(str, years)), pool=chances["pool"], fund=chances["fund"],
        pool_year=middle["pool"], fund_year=middle["fund"],
    )  # fmt: skip
