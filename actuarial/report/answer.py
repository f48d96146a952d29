"""The answer of a run in plain lines, in either language."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import xarray as xr

from actuarial.report._alike import alike
from actuarial.report.numbers import Numbers
from actuarial.report.records import Language
from actuarial.report.summary import probability, quantiles
from actuarial.report.texts import Texts

ASKED = (2035, 2050, 2075)
"""Years by which the answer says whether the money is gone."""

SOONER = 2050
"""Of other funds, and of all together, the answer says no more than this year: their lines must stay short."""

EIGHTY = (0.1, 0.5, 0.9)

PAYING = ("pension", "medical")
"""Funds of which the answer says who pays."""

BEARING = (("members",), ("centre", "province", "county"), ("land",), ("emergency", "cut"))
"""Payers that the answer tells of, added up: members, budgets, land-transfer income, and nobody under the rules."""


def answer(
    projection: xr.Dataset,
    indicators: xr.Dataset,
    titles: Mapping[str, str],
    language: Language,
    region: str = "",
    *,
    others: Mapping[str, xr.Dataset] | None = None,
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
    others : mapping of str to xarray.Dataset, optional
        What was valued besides the pension, by kind, as saved; ``medical``, ``household`` and ``payers`` are told of.

    Returns
    -------
    list of str
        The dependency ratio; a line for each scenario; the fiscal need of the first; then a line on the medical fund,
        one on all funds together, and one on who pays, where the run has them.
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
    told = {"medical": _medical, "household": _together}
    found = [(others[kind], say) for kind, say in told.items() if others and kind in others]
    # Beside other funds the pension is named.
    own = "_pension" if found else ""
    fate = f"answer.fate{own}"
    lines += [_fate(fate, indicators.sel(scenario=name), title, asked, numbers) for name, title in titles.items()]
    values = _path(need, [now + 1, *asked[1:]], numbers, "share", texts)
    lines.append(texts(f"answer.need{own}", scenario=titles[first], values=values))
    lines += [say(data, now + 1, titles, numbers, texts) for data, say in found]
    return lines + ([] if others is None or "payers" not in others else _paying(others, titles, numbers, texts))


def _path(values: xr.DataArray, years: Sequence[int], numbers: Numbers, kind: str, texts: Texts) -> str:
    parts = []
    for year in years:
        low, middle, high = quantiles(values.sel(year=year), EIGHTY)
        interval = numbers.interval(float(low), float(high), kind)
        parts.append(texts("answer.value", year=year, value=numbers.write(float(middle), kind), interval=interval))
    return texts("answer.comma").join(parts)


def _fate(key: str, one: xr.Dataset, title: str, years: Sequence[int], numbers: Numbers) -> str:
    chances = {
        name: " / ".join(numbers.chance(float(probability(one[f"{name}_empty"].sel(year=y)))) for y in years)
        for name in ("pool", "fund")
    }
    middle = {
        name: numbers.year(float(np.asarray(quantiles(one[f"{name}_depletion_year"], (0.5,)))[0]))
        for name in ("pool", "fund")
    }
    return numbers.texts(
        key, scenario=title, years=" / ".join(map(str, years)), pool=chances["pool"], fund=chances["fund"],
        pool_year=middle["pool"], fund_year=middle["fund"],
    )  # fmt: skip


def _medical(one: xr.Dataset, first: int, titles: Mapping[str, str], numbers: Numbers, texts: Texts) -> str:
    """Say how likely the medical fund is empty by scenario, and what it needs in the first."""
    years, groups = _sooner(numbers), alike(one, ["fund_empty", "fiscal_need_share"])
    chances = {tuple(names): _chances(one["fund_empty"].sel(scenario=names[0]), years, numbers) for names in groups}
    need = one["fiscal_need_share"].sel(scenario=groups[0][0])
    values = _path(need, sorted({first, years[-1]}), numbers, "share", texts)
    if len(groups) > 1:
        values = texts("answer.under", scenario=titles[groups[0][0]], values=values)
    return texts("answer.medical", years=_slashed(years), chances=_by(chances, titles, texts), values=values)


def _together(one: xr.Dataset, first: int, titles: Mapping[str, str], numbers: Numbers, texts: Texts) -> str:
    """Say what all funds need in the first scenario, and how likely two are short at once in every scenario."""
    years, law = _sooner(numbers), next(iter(titles))
    need = one["need_share"].sel(scenario=law)
    values = _path(need, sorted({first, years[-1]}), numbers, "share", texts)
    if one.sizes["scenario"] > 1:
        values = texts("answer.under", scenario=titles[law], values=values)
    groups = alike(one, ["ever_probability"])
    chances = {
        tuple(names): _chances(one["ever_probability"].sel(scenario=names[0]), years, numbers) for names in groups
    }
    return texts("answer.together", years=_slashed(years), chances=_by(chances, titles, texts), values=values)


def _paying(others: Mapping[str, xr.Dataset], titles: Mapping[str, str], numbers: Numbers, texts: Texts) -> list[str]:
    """Say who bears the present value of what funds spend in the first scenario and in the package, in one line."""
    borne = others["payers"]["present_share"]
    beside = list(titles)[-1]
    if "attribution" in others:
        beside = str(others["attribution"].attrs.get("scenario", beside))
    told = []
    for fund in (fund for fund in PAYING if fund in borne["fund"].values):
        written: dict[str, list[str]] = {}
        for name in dict.fromkeys((next(iter(titles)), beside)):
            one = borne.sel(fund=fund, scenario=name)
            if np.isfinite(one.values).all():
                written.setdefault(_shared(one, numbers), []).append(name)
        if written:
            parts = {tuple(names): text for text, names in written.items()}
            told.append(texts(f"answer.payers_{fund}", shares=_by(parts, titles, texts)))
    year = int(others["payers"]["year"][-1])
    return [texts("answer.payers", year=year, funds=texts("answer.semicolon").join(told))] if told else []


def _shared(shares: xr.DataArray, numbers: Numbers) -> str:
    """Write the mean parts of the groups of `BEARING`."""
    means = [float(shares.sel(payer=list(group)).sum("payer").mean()) for group in BEARING]
    return _slashed([numbers.chance(mean) for mean in means])


def _sooner(numbers: Numbers) -> list[int]:
    return [year for year in ASKED if year <= min(SOONER, numbers.last_year)] or [numbers.last_year]


def _slashed(parts: Sequence[object]) -> str:
    return " / ".join(map(str, parts))


def _chances(happens: xr.DataArray, years: Sequence[int], numbers: Numbers) -> str:
    return _slashed([numbers.chance(float(probability(happens.sel(year=year)))) for year in years])


def _by(chances: Mapping[tuple[str, ...], str], titles: Mapping[str, str], texts: Texts) -> str:
    """Write chances with the scenarios that they are of; without, where they are of all alike."""
    if len(chances) == 1:
        return next(iter(chances.values()))
    named = {texts("answer.and").join(titles[name] for name in names): text for names, text in chances.items()}
    parts = (texts("answer.of_scenario", chances=text, scenarios=names) for names, text in named.items())
    return texts("answer.comma").join(parts)
