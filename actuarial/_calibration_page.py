"""The page of a backtest: a fan from each origin beside what came, and the scores; one file that needs nothing else."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup
from plotly.offline import get_plotlyjs

from actuarial._calibration_summary import Summary, ratio_to_best
from actuarial.report.figures import PALETTE, Axes, Line, Points, fan_figure
from actuarial.report.page import as_json
from actuarial.report.records import Language
from actuarial.report.summary import Fan
from actuarial.report.texts import Texts
from forecasting.backtest import OURS, QUANTILES, SERIES, Backtest

if TYPE_CHECKING:
    from forecasting.sources import Tables

UNITS = {
    "persons": ("persons", {"en": 1e6, "zh": 1e4}, 1),
    "yuan": ("yuan", {"en": 1e9, "zh": 1e8}, 0),
    "yuan per person-year": ("income", {"en": 1e3, "zh": 1e3}, 1),
    "children per woman": ("children", {"en": 1.0, "zh": 1.0}, 2),
    "years": ("years", {"en": 1.0, "zh": 1.0}, 1),
}
"""By unit of the figures: name of the unit shown, its size in each language, decimals."""

BEFORE = 15
"""Years of published figures that are shown before the first origin."""


@dataclass(frozen=True)
class Panel:
    """One chart: title, unit and sources in words, and the figure of plotly."""

    id: str
    title: str
    unit: str
    note: str
    figure: go.Figure


class Words:
    """Texts of the page in one language (``templates/calibration.toml``)."""

    def __init__(self, language: Language) -> None:
        self.language = language

    def __call__(self, key: str, **values: Any) -> str:
        """Return a text by its dotted key, placeholders filled."""
        entry: Any = _catalogue()
        for part in key.split("."):
            entry = entry[part]
        return str(entry[self.language]).format(**values)


@cache
def _catalogue() -> dict[str, Any]:
    return tomllib.loads(_asset("actuarial", "calibration.toml"))


def render(scored: Backtest, summary: Summary, tables: Tables, made: str, language: Language) -> str:
    """Return the page as text.

    Parameters
    ----------
    scored : Backtest
        Scores and paths.
    summary : Summary
        Of the same scores.
    tables : Tables
        The figures, for what came before the origins, units and publishers.
    made : str
        Draws and seed, in words.
    language : {"en", "zh"}

    Returns
    -------
    str
        HTML with styles, scripts and data inside.
    """
    words, origins = Words(language), sorted(scored.scores.index.get_level_values("origin").unique())
    panels = list(_panels(scored, tables, words))
    environment = Environment(loader=PackageLoader("actuarial"), autoescape=True, undefined=StrictUndefined)
    return environment.get_template("calibration.html.j2").render(
        language=language,
        words=words,
        made=made,
        lead=words("lead", origins=", ".join(map(str, origins))),
        summary=words("summary", **summary.said()),
        legend=[(words("origin", year=year), color) for year, color in _colors(origins).items()],
        panels=panels,
        tables=[_scores(scored, words), _skipped(scored, summary, words)],
        specs=as_json({panel.id: json.loads(panel.figure.to_json()) for panel in panels}),
        style=Markup(_asset("actuarial.report", "style.css")),  # noqa: S704 -- our own files, no data in them
        plotly=Markup(get_plotlyjs()),  # noqa: S704
        draw=Markup(_asset("actuarial.report", "page.js")),  # noqa: S704
    )


def _asset(package: str, name: str) -> str:
    return resources.files(package).joinpath("templates", name).read_text(encoding="utf-8")


def _colors(origins: list[int]) -> dict[int, str]:
    return {year: PALETTE[place % len(PALETTE)] for place, year in enumerate(origins)}


def _panels(scored: Backtest, tables: Tables, words: Words) -> Iterator[Panel]:
    titles, colors = Texts(words.language), _colors(sorted(scored.scores.index.get_level_values("origin").unique()))
    best = _best(scored.scores)
    for place, (name, held) in enumerate(SERIES.items()):
        if name not in scored.paths.index.get_level_values("series"):
            continue
        declared = tables.indicators.set_index("indicator").loc[held.indicator]
        unit, sizes, decimals = UNITS[declared["unit"]]
        whole = scored.paths.xs(name, level="series") / sizes[words.language]
        paths = {key: part.droplevel(["origin", "method"]) for key, part in whole.groupby(level=["origin", "method"])}
        seen = held.of(tables) / sizes[words.language]
        seen = seen[seen.index >= min(colors) - BEFORE]
        fans, lines = [], []
        for origin, color in colors.items():
            if (origin, OURS) in paths:
                fans.append((words("origin", year=origin), _fan(paths[origin, OURS]), color, "solid"))
            if (name, origin) in best:
                line = paths[origin, best[name, origin]]["q0.5"]
                said = words("best", year=origin)
                lines.append(Line(said, line.index.to_numpy(), line.to_numpy(), color, "dashed"))
        points = Points(words("observed"), seen.index.to_numpy(), seen.to_numpy())
        axes = Axes(decimals=decimals, height=260, years=(int(seen.index[0]), int(seen.index[-1])))
        publishers = ", ".join(dict.fromkeys(tables.sources_of(held.indicator)["publisher"]))
        yield Panel(
            f"panel-{place}",
            titles(f"scored.{name}"),
            words(f"unit.{unit}"),
            words("source", publishers=publishers),
            fan_figure(fans, axes, points=points, lines=lines),
        )


def _best(scores: pd.DataFrame) -> dict[tuple[str, int], str]:
    """Return the baseline with the least CRPS by series and origin."""
    others = scores.drop(index=OURS, level="method", errors="ignore")["crps"]
    least = others.groupby(["series", "origin"]).idxmin()
    return {(series, origin): method for series, origin, method in least}


def _fan(paths: pd.DataFrame) -> Fan:
    return Fan(paths.index.to_numpy(), paths[[f"q{level:g}" for level in QUANTILES]].to_numpy().T)


def _scores(scored: Backtest, words: Words) -> dict[str, Any]:
    """Return the table of all scores."""
    names = ("series", "origin", "method", "years", "coverage_50", "coverage_80", "coverage_95", "ratio", "bias_share")
    titles, ratio = Texts(words.language), ratio_to_best(scored.scores)
    rows = []
    for (series, origin, method), row in scored.scores.iterrows():
        shares = [f"{100 * row[f'coverage_{level}']:.0f}%" for level in (50, 80, 95)]
        over = ratio[series, origin, method]
        near = f"{over:.2f}" if np.isfinite(over) else "–"
        head = [titles(f"scored.{series}"), origin, words(f"method.{method}"), int(row["years"])]
        rows.append([*head, *shares, near, f"{100 * row['bias_share']:+.1f}%"])
    return {"title": words("table"), "heads": [words(f"column.{name}") for name in names], "rows": rows}


def _skipped(scored: Backtest, summary: Summary, words: Words) -> dict[str, Any]:
    titles = Texts(words.language)
    rows = [
        [titles(f"scored.{series}"), origin, words(f"method.{method}"), reason]
        for series, origin, method, reason in summary.unscored(scored)
    ]
    names = ("series", "origin", "method", "reason")
    return {"title": words("skipped"), "heads": [words(f"column.{name}") for name in names], "rows": rows}
