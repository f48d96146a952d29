"""The assumed paths beside their history: means of the last observed years, and the projection."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import xarray as xr

from actuarial.report._opinion_data import seen
from actuarial.report._opinion_rules import Finding, Grade, Part
from actuarial.report.blocks import Cell, Context, Table
from actuarial.report.numbers import DASH
from actuarial.report.summary import INTERVALS, MEDIAN, quantiles

BACK = (5, 10)
"""Observed years of the means; the first also is how many years a projected rate is averaged over."""

AHEAD = (2030, 2050, 2075)
"""Years of the projection that stand beside history."""

RATES = ("income", "income_real", "inflation", "deposit_rate", "market_return", "contribution", "basic")
"""Assumptions that are yearly rates, and are compounded; the others are levels or gains."""

KINDS = {"tfr": "children", "e0_female": "years", "e0_male": "years", "gain_female": "number", "gain_male": "number"}
"""How those that are no rates are written."""

TRENDING = ("e0_female", "e0_male")
"""Levels that rise for good: their gain, not they themselves, is held against history."""

Path = Callable[[int], xr.DataArray]


@dataclass(frozen=True)
class Assumed:
    """One assumed path: published values by year, and quantiles of the projection by year.

    Attributes
    ----------
    key : str
        Its name in the catalogue.
    kind : str
        How it is written.
    history : dict of int to float
        Published values (of a rate: yearly rates); empty where the run has none.
    ahead : dict of int to numpy.ndarray
        Quantiles (`summary.LEVELS`) in the years shown; of a rate: of its mean over the years up to then.
    """

    key: str
    kind: str
    history: Mapping[int, float]
    ahead: Mapping[int, np.ndarray]

    def mean(self, years: int) -> tuple[float, list[int]]:
        """Return the mean of the last so many published values, a rate's compounded, and their years."""
        last = sorted(self.history)[-years:]
        values = np.array([self.history[year] for year in last])
        if not last:
            return np.nan, last
        return float(np.expm1(np.log1p(values).mean()) if self.key in RATES else values.mean()), last

    @property
    def departs(self) -> bool | None:
        """Whether a mean of the last years lies outside the 80 % interval of the first year shown; None untold."""
        if not self.history or self.key in TRENDING:
            return None
        low, high = (self.ahead[min(self.ahead)][place] for place in INTERVALS[80])
        return not all(low <= self.mean(years)[0] <= high for years in BACK)


def assumed(context: Context) -> list[Assumed]:
    """Set every main assumption beside its history.

    Parameters
    ----------
    context : Context
        The projection; the account of the first scenario, whose pensions and contributions per head are shown.

    Returns
    -------
    list of Assumed
        Those of which the run holds the projection.
    """
    manifest = context.results.manifest
    years = context.within(AHEAD) or [manifest.last_year]
    history, made = _history(context), []
    for key, path in _paths(context):
        ahead = {year: quantiles(path(year)) for year in years}
        made.append(Assumed(key, KINDS.get(key, "share"), history.get(key, {}), ahead))
    return made


def _history(context: Context) -> dict[str, dict[int, float]]:
    """Return the published values; of the checks, which are the nation's, a region takes prices and rates alone."""
    observed, nation = context.results.observed, not context.region
    levels: dict[str, dict[int, float]] = {
        name: dict(zip(observed[name].years, observed[name].values, strict=True))
        for name in ("tfr", "e0_female", "e0_male", "rural_income")
        if name in observed
    }
    checks = {(one.model, one.series): seen(one) for one in context.results.checks}
    income = levels.pop("rural_income", {})
    found = levels | {"income": growth(income)}
    for sex in ("female", "male"):
        found[f"gain_{sex}"] = _gains(levels.get(f"e0_{sex}", {}))
    for name in ("inflation", "deposit_rate", "market_return"):
        found[name] = checks.get(("economy", name), {})
    if nation:
        found["income_real"] = checks.get(("economy", "income_growth"), {})
        for name in ("contribution", "basic"):
            shares = checks.get(("membership", name), {})
            found[name] = growth({year: share * income[year] for year, share in shares.items() if year in income})
    return found


def growth(levels: Mapping[int, float]) -> dict[int, float]:
    """Return the growth of a level by year, where the year before is known too."""
    return {
        year: value / levels[year - 1] - 1.0
        for year, value in sorted(levels.items())
        if year - 1 in levels and levels[year - 1] > 0
    }


def _gains(levels: Mapping[int, float]) -> dict[int, float]:
    return {year: value - levels[year - 1] for year, value in sorted(levels.items()) if year - 1 in levels}


def _paths(context: Context) -> Iterator[tuple[str, Path]]:
    projection, account = context.results.projection, context.results.account.isel(scenario=0, drop=True)
    yield "tfr", _level(projection["tfr"])
    for sex in ("female", "male"):
        years = projection["e0_national"].sel(sex=sex, drop=True)
        yield f"e0_{sex}", _level(years)
        yield f"gain_{sex}", _gaining(years)
    if "rural_income" in projection:
        yield "income", _growing(projection["rural_income"])
        yield "income_real", _growing(projection["rural_income"] / projection["price_index"])
    yield "inflation", _growing(projection["price_index"])
    for name in ("deposit_rate", "market_return"):
        if name in projection:
            yield name, _earning(projection[name])
    heads = {name: _mid_year(projection[f"{name}_total"]) for name in ("contributors", "pensioners")}
    yield "contribution", _growing(_per_head(account["contributions"], heads["contributors"]))
    yield "basic", _growing(_per_head(account["basic_pension"], heads["pensioners"]))


def _mid_year(total: xr.DataArray) -> xr.DataArray:
    """Return people at mid-year from those at 31 December."""
    return (total + total.shift(year=1)).isel(year=slice(1, None)) / 2.0


def _per_head(money: xr.DataArray, heads: xr.DataArray) -> xr.DataArray:
    return money / heads.sel(year=money["year"])


def _level(values: xr.DataArray) -> Path:
    return lambda year: values.sel(year=year, drop=True)


def _since(levels: xr.DataArray, year: int) -> tuple[xr.DataArray, int]:
    """Return a path's value `BACK` years before, or at its beginning, and how many years lie between."""
    since = max(year - BACK[0], int(levels["year"][0]))
    return levels.sel(year=since, drop=True), max(year - since, 1)


def _gaining(levels: xr.DataArray) -> Path:
    def mean(year: int) -> xr.DataArray:
        before, between = _since(levels, year)
        return (levels.sel(year=year, drop=True) - before) / between

    return mean


def _growing(levels: xr.DataArray) -> Path:
    """Return the growth a year, compounded over the years up to the year asked for, as far as the path reaches back."""

    def mean(year: int) -> xr.DataArray:
        before, between = _since(levels, year)
        return (levels.sel(year=year, drop=True) / before) ** (1.0 / between) - 1.0

    return mean


def _earning(rates: xr.DataArray) -> Path:
    def mean(year: int) -> xr.DataArray:
        logs = xr.apply_ufunc(np.log1p, rates.sel(year=slice(year - BACK[0] + 1, year))).mean("year")
        return xr.apply_ufunc(np.expm1, logs)

    return mean


def findings(context: Context, rows: list[Assumed]) -> list[Finding]:
    """Say which assumptions leave their history.

    Parameters
    ----------
    context : Context
        Texts.
    rows : list of Assumed
        From `assumed`.

    Returns
    -------
    list of Finding
        One.
    """
    texts = context.texts
    label = texts("opinion.label.history")
    known = [one for one in rows if one.departs is not None]
    if not known:
        return [Finding(Grade.RESERVED, label, texts("opinion.history.none"))]
    told = {"known": len(known), "back": BACK[0], "longer": BACK[1], "level": 80, "year": min(known[0].ahead)}
    leaving = [one for one in known if one.departs]
    if not leaving:
        return [Finding(Grade.CLEAR, label, texts("opinion.history.inside", **told))]
    names = texts("opinion.join").join(texts(f"opinion.assumed.{one.key}") for one in leaving)
    words = texts("opinion.history.outside", count=len(leaving), names=names, **told)
    return [Finding(Grade.RESERVED, label, words)]


def part(context: Context, rows: list[Assumed], found: list[Finding]) -> Part:
    """Return the section on assumptions: the table, what was found, and what is not learned from data."""
    texts, results = context.texts, context.results
    chosen = sum(not one.key.startswith("priors.") for one in results.assumptions)
    words = [
        texts("opinion.assumptions_lead", scenario=context.title(0), back=BACK[0]),
        texts("opinion.assumptions_neutral"),
    ]
    notes = [texts("opinion.assumptions_chosen", chosen=chosen, priors=len(results.assumptions) - chosen)]
    if context.region:
        notes.append(texts("opinion.assumptions_region"))
    return Part("assumed", ("2.3, 3.1", "3"), words, found, [_table(context, rows)], notes=notes, see=["assumptions"])


def _table(context: Context, rows: list[Assumed]) -> Table:
    texts = context.texts
    head = [texts("opinion.head.assumption"), *(texts("opinion.head.mean", years=years) for years in BACK)]
    head += [str(year) for year in rows[0].ahead]
    cells = [(_name(context, one), *_means(context, one), *_ahead(context, one)) for one in rows]
    return Table(texts("opinion.assumptions_table", level=80), tuple(head), cells)


def _name(context: Context, one: Assumed) -> Cell:
    unit = "opinion.rate" if one.key in RATES else "opinion.gain" if one.kind == "number" else f"unit.{one.kind}"
    return Cell(context.texts(f"opinion.assumed.{one.key}"), (context.texts(unit),))


def _means(context: Context, one: Assumed) -> Iterator[Cell]:
    for wanted in BACK:
        value, years = one.mean(wanted)
        if not years:
            yield Cell(DASH)
            continue
        span = context.numbers.between(str(years[0]), str(years[-1]))
        # Of a series with gaps, or shorter than was asked for, the reader is told how many values there are.
        whole = len(years) == wanted == years[-1] - years[0] + 1
        below = (span,) if whole else (span, context.texts("opinion.values_of", count=len(years)))
        yield Cell(context.numbers.write(value, one.kind), below)


def _ahead(context: Context, one: Assumed) -> Iterator[Cell]:
    for q in one.ahead.values():
        low, high = (float(q[place]) for place in INTERVALS[80])
        yield Cell(context.numbers.write(float(q[MEDIAN]), one.kind), (context.numbers.interval(low, high, one.kind),))
