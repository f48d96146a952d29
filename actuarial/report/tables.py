"""The report's tables: headline, differences, indicators, actuarial balance, diagnostics."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import combinations

import numpy as np
import xarray as xr

from actuarial.report.blocks import Cell, Context, Table
from actuarial.report.money import money_unit
from actuarial.report.numbers import DASH
from actuarial.report.results import BY_YEAR, FIRST_YEARS
from actuarial.report.summary import INTERVALS, MEDIAN, probability, quantiles, real

EMPTY_BY = (2035, 2050, 2075)
NEED_IN = (2050, 2075)
INDICATOR_YEARS = (2030, 2035, 2050, 2075, 2100)
COMPARED_IN = 2050

FIRST = 80
"""The interval shown at once; the table's switch, and print, put all three in its place."""

INDICATOR_KINDS = dict.fromkeys(BY_YEAR, "share") | {
    "reserve_ratio": "number",
    "pool_reserve_ratio": "number",
    "fiscal_transfer_share": "small_share",
    "fiscal_need_share": "small_share",
}


def headline(context: Context) -> Table:
    """Return the answer as a table: one column a scenario."""
    texts, data = context.texts, context.results.indicators
    rows: list[tuple[Cell, ...]] = []
    ledgers = [data.isel(scenario=s) for s in _scenarios(context)]
    medical, household = context.results.medical, context.results.household
    # Beside other funds the pension is named.
    own = "" if household is None else "_pension"
    for name in ("pool", "fund"):
        rows += _empty(context, f"headline.{name}{own}", name, ledgers)
    if medical is not None:
        rows += _empty(context, "headline.medical", "fund", _of_scenarios(context, medical))
    rows += _needs(context, f"headline.need{own}", [one["fiscal_need_share"] for one in ledgers], "small_share")
    if household is not None:
        together = [one for one in _of_scenarios(context, household) if one is not None]
        rows += _needs(context, "headline.need_all", [one["need_share"] for one in together], "small_share")
    return Table(texts("headline.title"), (texts("headline.measure"), *_titles(context)), rows)


def _of_scenarios(context: Context, data: xr.Dataset) -> list[xr.Dataset | None]:
    """Return the data of every scenario of the run, None for one that they do not have."""
    known = data["scenario"].values.tolist()
    names = (one.name for one in context.results.manifest.scenarios)
    return [data.sel(scenario=name) if name in known else None for name in names]


def _empty(context: Context, title: str, ledger: str, ones: Sequence[xr.Dataset | None]) -> Iterator[tuple[Cell, ...]]:
    """Give the rows on one ledger: how likely it is empty by some years, and the median year."""
    texts = context.texts
    yield (Cell(texts(title)),)
    for year in context.within(EMPTY_BY):
        cells = (_chance(context, one, f"{ledger}_empty", year) for one in ones)
        yield (Cell(texts("headline.by", year=year)), *cells)
    years = (Cell(DASH) if one is None else _first_year(context, one[f"{ledger}_depletion_year"]) for one in ones)
    yield (Cell(texts("headline.median"), (texts("interval.level", level=80),)), *years)


def _chance(context: Context, one: xr.Dataset | None, name: str, year: int) -> Cell:
    if one is None:
        return Cell(DASH)
    share = float(probability(one[name].sel(year=year)))
    return Cell(context.numbers.chance(share), bar=share)


def _needs(context: Context, title: str, needs: Sequence[xr.DataArray], kind: str) -> Iterator[tuple[Cell, ...]]:
    """Give the rows on a fiscal need: median and interval in some years."""
    texts = context.texts
    yield (Cell(texts(title)),)
    for year in [context.results.manifest.first_year, *context.within(NEED_IN)]:
        cells = (_bare_spread(context, quantiles(one.sel(year=year)), kind) for one in needs)
        yield (Cell(texts("headline.in", year=year), (texts("interval.level", level=80),)), *cells)


def _scenarios(context: Context) -> range:
    return range(len(context.results.manifest.scenarios))


def _titles(context: Context) -> tuple[str, ...]:
    return tuple(context.title(s) for s in _scenarios(context))


def _first_year(context: Context, years: xr.DataArray) -> Cell:
    q = quantiles(years)
    low, main, high = (context.numbers.year(float(q[place])) for place in (INTERVALS[80][0], MEDIAN, INTERVALS[80][1]))
    return Cell(main, () if low == context.numbers.never else (context.numbers.between(low, high),))


def _bare_spread(context: Context, q: np.ndarray, kind: str) -> Cell:
    low, high = (float(q[place]) for place in INTERVALS[80])
    return Cell(context.numbers.write(float(q[MEDIAN]), kind), (context.numbers.interval(low, high, kind),))


def _spread(context: Context, q: np.ndarray, kind: str) -> Cell:
    write = context.numbers
    main = write.write(float(q[MEDIAN]), kind)
    spreads = {level: write.interval(float(q[low]), float(q[high]), kind) for level, (low, high) in INTERVALS.items()}
    if all(spread == main for spread in spreads.values()):
        return Cell(main, (context.texts("alike"),))
    others = (context.texts("spread", level=level, interval=spreads[level]) for level in INTERVALS)
    return Cell(main, (spreads[FIRST],), extra=tuple(others))


def indicators(context: Context, scenario: int) -> Table:
    """Return every indicator of a scenario: median and 50, 80 and 95 % intervals at five years."""
    years = context.within(INDICATOR_YEARS)
    data = context.results.indicators.isel(scenario=scenario).sel(year=years)
    rows = []
    for name in BY_YEAR:
        q = quantiles(data[name].transpose("draw", "year", missing_dims="ignore"))
        cells = (_spread(context, q[:, i], INDICATOR_KINDS[name]) for i in range(len(years)))
        rows.append((Cell(context.texts(f"indicator.{name}"), (context.texts(f"indicator.{name}_note"),)), *cells))
    caption = context.texts("indicators.caption", scenario=context.title(scenario))
    return Table(caption, (context.texts("indicator"), *(str(y) for y in years)), rows)


def first_years(context: Context) -> Table:
    """Return the depletion years of both conventions: how often it happens, median, 80 % interval."""
    texts, data = context.texts, context.results.indicators
    rows = []
    for name in FIRST_YEARS:
        cells = []
        for s in _scenarios(context):
            years = data[name].isel(scenario=s)
            below = [texts("spread", level=80, interval=interval) for interval in _first_year(context, years).below]
            happens = float(probability(years.notnull()))
            below.append(texts("first_years.happens", share=context.numbers.chance(happens)))
            cells.append(Cell(_first_year(context, years).main, tuple(below)))
        rows.append((Cell(texts(f"first_years.{name}")), *cells))
    return Table(texts("first_years.caption"), (texts("indicator"), *_titles(context)), rows)


def actuarial_balance(context: Context) -> Table:
    """Return the actuarial balance of every scenario over each horizon."""
    data = context.results.indicators["actuarial_balance"]
    rows = []
    for horizon in data["horizon"].values:
        one = data.sel(horizon=horizon)
        cells = (_spread(context, quantiles(one.isel(scenario=s)), "share") for s in _scenarios(context))
        rows.append((Cell(context.texts("balance.horizon", years=int(horizon))), *cells))
    return Table(context.texts("balance.caption"), (context.texts("balance.head"), *_titles(context)), rows)


def differences(context: Context) -> Table:
    """Return what separates the scenarios: differences draw by draw on common draws, then reduced."""
    pairs = list(combinations(_scenarios(context), 2))
    heads = tuple(context.texts("differences.pair", later=context.title(b), earlier=context.title(a)) for a, b in pairs)
    rows = [
        (
            Cell(context.texts(f"differences.{name}", year=_compared(context), unit=money_unit(context))),
            *(compare(a, b) for a, b in pairs),
        )
        for name, compare in _comparisons(context).items()
    ]
    return Table(context.texts("differences.caption"), (context.texts("indicator"), *heads), rows)


def _compared(context: Context) -> int:
    return min(COMPARED_IN, context.results.manifest.last_year)


def _comparisons(context: Context) -> dict[str, Callable[[int, int], Cell]]:
    year, data = _compared(context), context.results.indicators
    balance = real(context.results.account["balance"], context.results.projection["price_index"]).sel(year=year)
    at = data.sel(year=year)
    return {
        "balance": lambda a, b: _difference(context, balance, (a, b), "money"),
        "pool_empty": lambda a, b: _event(context, at["pool_empty"], (a, b)),
        "cost_rate": lambda a, b: _difference(context, at["cost_rate"], (a, b), "points"),
        "fiscal_transfer_share": lambda a, b: _difference(context, at["fiscal_transfer_share"], (a, b), "points"),
        "replacement_rate": lambda a, b: _difference(context, at["replacement_rate"], (a, b), "points"),
    }


def _difference(context: Context, values: xr.DataArray, pair: tuple[int, int], kind: str) -> Cell:
    earlier, later = (values.isel(scenario=s, drop=True) for s in pair)
    q = quantiles(later - earlier)
    if not q.any():
        return Cell(context.numbers.write(0.0, kind), (context.texts("same"),))
    ends = {
        level: tuple(context.numbers.signed(float(q[i]), kind) for i in places) for level, places in INTERVALS.items()
    }
    below = tuple(
        context.texts("spread", level=level, interval=context.texts("interval", low=low, high=high))
        for level, (low, high) in ends.items()
        if level in (80, 95)
    )
    return Cell(context.numbers.signed(float(q[MEDIAN]), kind), below)


def _event(context: Context, empty: xr.DataArray, pair: tuple[int, int]) -> Cell:
    earlier, later = (empty.isel(scenario=s, drop=True) for s in pair)
    both = probability(later) - probability(earlier)
    only = (
        float(probability(((one == 1) & (other == 0)).astype(float)))
        for one, other in ((earlier, later), (later, earlier))
    )
    spared, harmed = (context.numbers.chance(share) for share in only)
    below = (context.texts("differences.first", share=harmed), context.texts("differences.second", share=spared))
    return Cell(context.numbers.signed(float(both), "whole_points"), below)


def replaced(context: Context) -> list[str]:
    """Say of every model whose future a classical method foretells which one it is."""
    words, methods = context.texts, context.results.manifest.methods
    return [
        words("gate.replaced", model=words.known(f"model.{model}", model), method=words.known(f"method.{name}", name))
        for model, name in methods.items()
    ]


def diagnostics(context: Context) -> Table:
    """Return the sampling diagnostics of each model and the gate's verdict in words."""
    texts = context.texts
    rows = []
    for one in context.results.diagnostics:
        verdict = Cell(texts("gate.passed" if one.passed else "gate.failed"))
        numbers = (f"{one.min_ess_bulk:,.0f} / {one.min_ess_tail:,.0f}", str(one.divergences), f"{one.min_bfmi:.2f}")
        spent = Cell(f"{one.seconds:.0f} s", (texts("gate.cached"),) if one.cached else ())
        rhat = Cell(f"{one.max_rhat:.3f}", (one.worst_parameter,))
        rows.append(
            (
                Cell(texts.known(f"model.{one.model}", one.model)),
                verdict,
                rhat,
                *(Cell(n) for n in numbers),
                Cell(f"{one.chains} × {one.kept}"),
                spent,
            )
        )
    head = tuple(
        texts(f"gate.{name}") for name in ("model", "verdict", "rhat", "ess", "divergences", "bfmi", "draws", "time")
    )
    return Table(texts("gate.title"), head, rows)
