"""The report's tables of held-out years: how often the intervals held, and which forecast was nearer."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from actuarial.report.blocks import Cell, Context, Table
from actuarial.report.calibration import GOAL, LEVELS, OURS, Calibration, pooled, ratios, shares
from actuarial.report.numbers import DASH


@dataclass(frozen=True)
class Section:
    """What the page shows: sentences, the table by series, and all scores."""

    origin: str
    summary: str
    by_series: Table
    every: Table


def section(context: Context, one: Calibration) -> Section:
    """Put the scores into words and tables.

    Parameters
    ----------
    context : Context
        Texts and numbers; the figures of the run.
    one : Calibration
        From `actuarial.report.calibration.found`.

    Returns
    -------
    Section
    """
    ours = one.scores[one.scores["method"] == OURS]
    return Section(_origin(context, one), _summary(context, ours, ratios(one.scores)), _by_series(context, one.scores),
                   _every(context, one.scores))  # fmt: skip


def _origin(context: Context, one: Calibration) -> str:
    """Say when and on which figures the scores were made, and whether those are the figures of this run."""
    texts, figures = context.texts, str(context.results.projection.attrs.get("figures", ""))
    made = texts("calibration.made", date=one.made) if one.made else texts("calibration.made_unknown")
    known = "unknown" if not (one.figures and figures) else "same" if one.figures == figures else "other"
    version = one.versions.get("evergranary", "")
    by = texts("calibration.version", version=version) if version else ""
    join = texts("calibration.space")
    return join.join(part for part in (made, by, texts(f"calibration.figures_{known}")) if part)


def _summary(context: Context, ours: pd.DataFrame, ratio: pd.Series) -> str:
    if ours.empty:
        return context.texts("calibration.none")
    held = shares(ours)["coverage_80"]
    best = ratio.groupby("series", sort=False).apply(pooled)
    low, high = (context.numbers.write(end, "probability") for end in GOAL)
    # Judged as it is written, in whole per cent, so that no reader finds the two at odds.
    verdict = "within" if GOAL[0] <= round(100 * held) / 100 <= GOAL[1] else "outside"
    return context.texts(
        "calibration.summary",
        years=int(ours["years"].sum()), share=context.numbers.write(held, "probability"), low=low, high=high,
        verdict=context.texts(f"calibration.{verdict}"), wins=int((best <= 1).sum()), series=len(best),
    )  # fmt: skip


def _name(context: Context, series: str) -> str:
    return context.texts.known(f"scored.{series}", series)


def _cells(context: Context, rows: pd.DataFrame, ratio: float) -> tuple[Cell, ...]:
    write, scores = context.numbers.write, shares(rows)
    held = (Cell(write(scores[f"coverage_{level}"], "probability")) for level in LEVELS)
    nearer = Cell(f"{ratio:.2f}" if np.isfinite(ratio) else DASH)
    return (
        Cell(f"{rows['years'].sum():,.0f}"),
        *held,
        nearer,
        Cell(context.numbers.signed(scores["bias_share"], "share")),
    )


def _by_series(context: Context, scores: pd.DataFrame) -> Table:
    ours, ratio = scores[scores["method"] == OURS], ratios(scores)
    rows: list[tuple[Cell, ...]] = []
    for name, some in ours.groupby("series", sort=False):
        years = context.texts("answer.comma").join(str(int(year)) for year in sorted(some["origin"]))
        own = ratio[ratio.index.get_level_values("series") == name]
        known = context.texts("calibration.origins", years=years)
        rows.append((Cell(_name(context, str(name)), (known,)), *_cells(context, some, pooled(own))))
    if rows:
        *most, _ = _cells(context, ours, pooled(ratio))
        # Errors above and below cancel between series of different kinds: their mean would say nothing.
        rows.append((Cell(context.texts("calibration.all")), *most, Cell(DASH)))
    return Table(context.texts("calibration.caption"), _head(context, "series"), rows)


def _every(context: Context, scores: pd.DataFrame) -> Table:
    best = scores[scores["method"] != OURS].groupby(["series", "origin"])["crps"].min()
    rows = []
    for _, row in scores.iterrows():
        key = (row["series"], row["origin"])
        one, ratio = scores.loc[[row.name]], row["crps"] / best[key] if key in best.index else np.nan
        method = context.texts.known(f"method.{row['method']}", str(row["method"]))
        name = Cell(f"{_name(context, str(row['series']))}, {int(row['origin'])}")
        rows.append((name, Cell(method), *_cells(context, one, float(ratio))))
    return Table(context.texts("calibration.every"), _head(context, "series", "method"), rows)


def _head(context: Context, *keys: str) -> tuple[str, ...]:
    texts = context.texts
    held = (texts("calibration.held", level=level) for level in LEVELS)
    names = (texts(f"calibration.{name}") for name in (*keys, "years"))
    return (*names, *held, texts("calibration.ratio"), texts("calibration.bias"))
