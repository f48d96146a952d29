"""How sure the results are: intervals, how earlier ones held, and what the doubt goes with."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import xarray as xr
from scipy.stats import rankdata

from actuarial.report._opinion_rules import (
    BACKCAST,
    POOLED_FAILED,
    SERIES_HELD,
    STRENGTH,
    WIDTH,
    Finding,
    Grade,
    Part,
    falling,
    rising,
    written,
)
from actuarial.report.blocks import Cell, Context, Table
from actuarial.report.calibration import GOAL, OURS, pooled, ratios, shares
from actuarial.report.money import inside_widest
from actuarial.report.results import BACKCAST as PAST
from actuarial.report.summary import INTERVALS, MEDIAN, fan, quantiles

SHOWN_IN = (2050, 2075)
UNSURE = {"fiscal_need_share": "small_share", "cost_rate": "share", "replacement_rate": "share"}
"""Indicators whose intervals are shown, and how they are written."""


@dataclass(frozen=True)
class Doubt:
    """What the run shows of its own reliability, by the statement that it bears on."""

    series: list[Finding]
    pooled: list[Finding]
    backcast: Finding


def judged(context: Context) -> Doubt:
    """Hold the intervals against what came.

    Parameters
    ----------
    context : Context
        Scores of held-out years and the backcast, where the run has them.

    Returns
    -------
    Doubt
    """
    return Doubt(list(_by_series(context)), list(_pooled(context)), _backcast(context))


def _finding(context: Context, grade: Grade, key: str, **values: object) -> Finding:
    texts = context.texts
    return Finding(grade, texts(f"opinion.label.{key.partition('.')[0]}"), texts(f"opinion.{key}", **values))


def _by_series(context: Context) -> Iterator[Finding]:
    one, write = context.results.calibration, context.numbers
    ours = None if one is None else one.scores[one.scores["method"] == OURS]
    if ours is None or ours.empty:
        return
    held = {str(name): shares(rows)["coverage_80"] for name, rows in ours.groupby("series", sort=False)}
    poor = {name: share for name, share in held.items() if written(share) < SERIES_HELD}
    told = {"count": len(held), "level": 80, "limit": write.write(SERIES_HELD, "probability")}
    if not poor:
        yield _finding(context, Grade.CLEAR, "held_series.all", **told)
        return
    names = [
        context.texts("opinion.of_share", series=context.texts.known(f"scored.{name}", name), share=write.chance(share))
        for name, share in poor.items()
    ]
    yield _finding(
        context, Grade.RESERVED, "held_series.poor", series=context.texts("opinion.join").join(names), **told
    )


def _pooled(context: Context) -> Iterator[Finding]:
    one, write = context.results.calibration, context.numbers
    ours = None if one is None else one.scores[one.scores["method"] == OURS]
    if one is None or ours is None or ours.empty:
        yield _finding(context, Grade.RESERVED, "held.none")
        return
    held, figures = shares(ours)["coverage_80"], str(context.results.projection.attrs.get("figures", ""))
    key, grade = _held(written(held))
    low, high = (write.write(end, "probability") for end in GOAL)
    told = {"share": write.chance(held), "years": int(ours["years"].sum()), "level": 80, "low": low, "high": high}
    yield _finding(context, grade, f"held.{key}", **told)
    if not figures or one.figures != figures:
        yield _finding(context, Grade.RESERVED, "held_figures")
    ratio = pooled(ratios(one.scores))
    if np.isfinite(ratio):
        near = ratio <= 1
        words = "nearer.yes" if near else "nearer.no"
        yield _finding(context, Grade.CLEAR if near else Grade.RESERVED, words, ratio=write.write(ratio, "number"))


def _held(share: float) -> tuple[str, Grade]:
    """Return the word for how often the 80 % intervals held, all series together, and its grade."""
    if share < POOLED_FAILED:
        return "failed", Grade.UNSUPPORTED
    if share < GOAL[0]:
        return "narrow", Grade.RESERVED
    return ("wide", Grade.RESERVED) if share > GOAL[1] else ("goal", Grade.CLEAR)


def _backcast(context: Context) -> Finding:
    past = context.results.backcast
    if past is None:
        return _finding(context, Grade.RESERVED, "past.none")
    counts = [inside_widest(fan(past[name]), past[f"observed_{name}"].dropna("year")) for name in PAST]
    inside, total = (sum(column) for column in zip(*counts, strict=True))
    if not total:
        return _finding(context, Grade.RESERVED, "past.none")
    grade = falling(inside / total, BACKCAST)
    key = "past." + ("held", "rarely", "failed")[grade]
    return _finding(context, grade, key, inside=inside, total=total, level=95)


def uncertainty(context: Context, doubt: Doubt, replayed: list[Finding]) -> Part:
    """Return the section on uncertainty: intervals in words and numbers, how earlier ones held, what they leave out.

    `replayed` is what was found of the past of other funds.
    """
    texts = context.texts
    years = context.within(SHOWN_IN) or [context.results.manifest.last_year]
    rows = [_interval_row(context, name, year) for name in UNSURE for year in years]
    head = (texts("indicator"), texts("median"), *(texts("interval.level", level=level) for level in (80, 95)))
    table = Table(texts("opinion.doubt_table", scenario=context.title(0)), head, rows)
    words = [texts("opinion.doubt_lead"), _width(context, years[0])]
    found = [*doubt.pooled, *doubt.series, doubt.backcast, *replayed]
    notes = [texts("opinion.doubt_outside")]
    return Part("doubt", ("2.3, 3.1", "8"), words, found, [table], notes=notes, see=["checks", "reading"])


def _need(context: Context, name: str, year: int) -> np.ndarray:
    return quantiles(context.results.indicators[name].isel(scenario=0).sel(year=year))


def _width(context: Context, year: int) -> str:
    """Say how wide the interval of the fiscal need is, as a part of its median."""
    q, write = _need(context, "fiscal_need_share", year), context.numbers
    low, high = (float(q[place]) for place in INTERVALS[80])
    middle = abs(float(q[MEDIAN]))
    grade = rising((high - low) / middle if middle else np.inf, WIDTH)
    return context.texts(
        f"opinion.width.{('narrow', 'middling', 'wide')[grade]}", year=year, level=80, scenario=context.title(0),
        median=write.write(float(q[MEDIAN]), "small_share"), interval=write.interval(low, high, "small_share"),
    )  # fmt: skip


def _interval_row(context: Context, name: str, year: int) -> tuple[Cell, ...]:
    q, write, kind = _need(context, name, year), context.numbers, UNSURE[name]
    spreads = (
        Cell(write.interval(float(q[low]), float(q[high]), kind)) for low, high in (INTERVALS[80], INTERVALS[95])
    )
    title = Cell(f"{context.texts(f'indicator.{name}')}, {year}", (context.texts(f"indicator.{name}_note"),))
    return (title, Cell(write.write(float(q[MEDIAN]), kind)), *spreads)


def sensitivity(context: Context) -> Part:
    """Return the section on sensitivity: what differs between scenarios, and rank correlations over the draws."""
    texts = context.texts
    year = (context.within(SHOWN_IN) or [context.results.manifest.last_year])[0]
    columns = dict(_answers(context, year))
    made = list(_drivers(context, year))
    rows = [
        (Cell(texts(f"opinion.driver.{name}")), *(_cell(context, driver, answer) for answer in columns.values()))
        for name, driver in made
    ]
    head = (texts("opinion.head.driver"), *columns)
    table = Table(texts("opinion.sensitivity_table", year=year), head, rows)
    count = len(context.results.manifest.scenarios)
    words = [texts("opinion.sensitivity_lead" if count > 1 else "opinion.sensitivity_one", count=count)]
    words.append(_strongest(context, dict(made), next(iter(columns.values())), next(iter(columns))))
    return Part(
        "sensitivity", ("3.1", "8"), words, tables=[table], notes=[texts("opinion.sensitivity_none")], see=["money"]
    )


def _answers(context: Context, year: int) -> Iterator[tuple[str, xr.DataArray]]:
    """Give the results that drivers are held against: the need in the first scenario, the balance of every one."""
    data, texts = context.results.indicators, context.texts
    yield (
        texts("opinion.answer_need", scenario=context.title(0), year=year),
        data["fiscal_need_share"].isel(scenario=0).sel(year=year),
    )
    for s in range(data.sizes["scenario"]):
        one = data["actuarial_balance"].isel(scenario=s)
        known = [h for h in one["horizon"].values.tolist() if bool(one.sel(horizon=h).notnull().any())]
        if known:
            head = texts("opinion.answer_balance", scenario=context.title(s), years=max(known))
            yield head, one.sel(horizon=max(known))


def _drivers(context: Context, year: int) -> Iterator[tuple[str, xr.DataArray]]:
    data, first = context.results.projection, context.results.manifest.first_year
    at, until = data.sel(year=year), slice(first, year)
    people = at["population_5y"].sum(["area", "sex", "age"], dtype=float)
    yield "tfr", data["tfr"].sel(year=until).mean("year")
    yield "e0", at["e0_national"].mean("sex")
    yield "pensioners", at["pensioners_total"] / people
    yield "contributors", at["contributors_total"] / people
    if "rural_income" in data:
        yield "income", at["rural_income"] / at["price_index"]
    if {"rural_income", "budget_revenue"} <= set(data):
        yield "budget", at["budget_revenue"] / at["rural_income"] / people
    for name in ("deposit_rate", "market_return"):
        if name in data:
            yield name, data[name].sel(year=until).mean("year")


def rank_correlation(one: xr.DataArray, other: xr.DataArray) -> float:
    """Return Spearman's rank correlation over the draws in which both are known; NaN where either is constant.

    Parameters
    ----------
    one, other : xarray.DataArray
        With or without ``draw``.

    Returns
    -------
    float
    """
    if "draw" not in one.dims or "draw" not in other.dims:
        return np.nan
    pair = np.stack([one.values.astype(float), other.values.astype(float)])
    pair = pair[:, np.isfinite(pair).all(axis=0)]
    ranks = np.stack([rankdata(row) for row in pair])
    if pair.shape[1] < 2 or not ranks.std(axis=1).all():
        return np.nan
    return float(np.corrcoef(ranks)[0, 1])


def _cell(context: Context, driver: xr.DataArray, answer: xr.DataArray) -> Cell:
    return Cell(context.numbers.signed(rank_correlation(driver, answer), "number"))


def _strongest(context: Context, drivers: dict[str, xr.DataArray], answer: xr.DataArray, title: str) -> str:
    """Name the driver that goes most closely with a result, if any stands out."""
    found = {name: rank_correlation(driver, answer) for name, driver in drivers.items()}
    known = {name: value for name, value in found.items() if np.isfinite(value)}
    if not known:
        return context.texts("opinion.strongest.unknown", answer=title)
    name = max(known, key=lambda key: abs(known[key]))
    grade = rising(abs(known[name]), STRENGTH)
    return context.texts(
        f"opinion.strongest.{('none', 'some', 'strong')[grade]}", answer=title,
        driver=context.texts(f"opinion.driver.{name}"), value=context.numbers.signed(known[name], "number"),
    )  # fmt: skip
