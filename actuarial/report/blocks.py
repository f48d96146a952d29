"""The parts a page is made of: panels, figures with their tables, and the context they are made in."""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import plotly.graph_objects as go

from actuarial.report import figures
from actuarial.report.figures import Axes, Points
from actuarial.report.numbers import Numbers
from actuarial.report.results import Results
from actuarial.report.scales import leaving, padded
from actuarial.report.summary import INTERVALS, MEDIAN, Fan
from actuarial.report.texts import Texts

TABLE_YEARS = (2015, 2020, 2025, 2030, 2035, 2050, 2075, 2100)
"""Years of the table behind each chart, as far as the chart has them."""


@dataclass(frozen=True)
class Cell:
    """A table cell: the value, lines below it in small print, a bar (0..1) where the value is a probability.

    Lines in `extra` are shown on demand and in print.
    """

    main: str
    below: tuple[str, ...] = ()
    bar: float | None = None
    extra: tuple[str, ...] = ()


@dataclass(frozen=True)
class Table:
    """A table: caption, column heads, and rows whose first cell is the row's head; a row of one cell heads a group."""

    caption: str
    head: tuple[str, ...]
    rows: list[tuple[Cell, ...]]

    @property
    def folded(self) -> bool:
        """Whether some cell holds lines that are shown on demand."""
        return any(cell.extra for row in self.rows for cell in row)


@dataclass(frozen=True)
class Key:
    """One entry of a legend: what is drawn (``band``, ``line``, ``points`` or ``mark``) and what it means."""

    drawn: str
    label: str
    color: str = figures.PALETTE[0]
    opacity: float = 1.0
    dash: str = ""
    symbol: str = ""


@dataclass(frozen=True)
class Panel:
    """One chart: a fixed id, its title and unit, words for who cannot see it, the figure, rows for the table.

    `note` says where something leaves the chart.
    """

    id: str
    title: str
    unit: str
    alt: str
    figure: go.Figure
    rows: list[tuple[Cell, ...]]
    note: str = ""


@dataclass(frozen=True)
class Block:
    """Panels that belong together under one title, with legend, source line, table and sentences after it.

    The table is folded under the charts, unless it is `shown`.
    """

    id: str
    title: str
    lead: str
    panels: list[Panel]
    legend: list[Key]
    sources: list[Any]
    table: Table
    notes: list[str] = field(default_factory=list)
    shown: bool = False


@dataclass(frozen=True)
class Context:
    """What every part needs: the results, the words and the way numbers are written."""

    results: Results
    texts: Texts
    numbers: Numbers

    @property
    def now(self) -> int:
        """The last observed year-end: the year before the first forecast year."""
        return self.results.manifest.first_year - 1

    @property
    def region(self) -> str:
        """What was valued; empty is the nation."""
        return self.results.manifest.region

    def place(self, name: str) -> str:
        """Return the words of a place: ``rural``, or ``national``, which is all of the region where there is one."""
        if name == "national" and self.region:
            return self.texts("place.whole", region=self.region)
        return self.texts(f"place.{name}")

    def within(self, years: Sequence[int]) -> list[int]:
        """Return those of `years` that the forecast covers."""
        return [y for y in years if self.results.manifest.first_year <= y <= self.results.manifest.last_year]

    def title(self, scenario: int) -> str:
        """Return the title of a scenario in the reader's language."""
        one = self.results.manifest.scenarios[scenario]
        return self.texts.pick(one.title_en, one.title_zh)

    def color(self, scenario: int) -> str:
        """Return the colour of a scenario."""
        return figures.PALETTE[scenario % len(figures.PALETTE)]

    def unit(self, kind: str, **values: Any) -> str:
        """Return the words of a kind's unit."""
        return self.numbers.unit(kind, **values)

    def observed(self, name: str, kind: str) -> Points | None:
        """Return an observed series in the reader's unit, or None where the run has none."""
        series = self.results.observed.get(name)
        if series is None:
            return None
        values = np.asarray(series.values, dtype=float) * self.numbers.factor(kind)
        return Points(self.texts("observed"), np.asarray(series.years), values)


def plain(text: str) -> str:
    """Return text that plotly draws as it stands: its markup is escaped."""
    return html.escape(text).replace("%{", "% {")


def fan_panel(
    context: Context,
    panel_id: str,
    words: tuple[str, str],
    one: Fan,
    kind: str,
    *,
    color: str = figures.PALETTE[0],
    span: tuple[float, float] | None = None,
    points: Points | None = None,
    lines: Sequence[figures.Line] = (),
    start: int | None = None,
) -> Panel:
    """Make a panel of one fan.

    Parameters
    ----------
    context : Context
        Results, texts, numbers.
    panel_id : str
        Fixed id in the page.
    words : tuple of str
        Title and unit.
    one : Fan
        SI units.
    kind : str
        A key of `actuarial.report.numbers.KINDS`.
    color : str
        Colour of the fan.
    span : tuple of float, optional
        Range of the y axis, SI units; from the fan and the points where it is not given.
    points : Points, optional
        Observed values, in the reader's unit.
    lines : sequence of Line, optional
        Further lines, in the reader's unit.
    start : int, optional
        First year of the x axis; the first year of the fan or the points where it is not given.

    Returns
    -------
    Panel
        The panel and the rows of its table.
    """
    factor = context.numbers.factor(kind)
    low, high = (end * factor for end in span) if span else _range(one.scaled(factor), points, lines)
    years = _years(one, points, start)
    mark = context.now if years[0] < context.now < years[1] else None
    written = context.numbers.kind(kind)
    axes = Axes(low, high, written.suffix, written.decimals, mark, years)
    fans = [(context.texts("median"), one.scaled(factor), color, "solid")]
    figure = figures.fan_figure(fans, axes, points=points, lines=lines)
    title, unit = words
    note = beyond(context, one, (low / factor, high / factor))
    alt = f"{fan_words(context, title, one, kind)} {note}".strip()
    return Panel(panel_id, title, unit, alt, figure, fan_rows(context, title, one, kind), note)


def _years(one: Fan, points: Points | None, start: int | None) -> tuple[int, int]:
    years = [int(y) for y in one.years] + ([int(y) for y in points.years] if points is not None else [])
    return (min(years, default=0) if start is None else start), max(years, default=1)


def _range(one: Fan, points: Points | None, lines: Sequence[figures.Line]) -> tuple[float, float]:
    parts = [one.bands.ravel(), *(line.values for line in lines)]
    parts += [points.values] if points is not None else []
    values = np.concatenate([part[np.isfinite(part)] for part in parts])
    return padded(float(values.min()), float(values.max()))


def beyond(context: Context, one: Fan, span: tuple[float, float], shown: Sequence[int] = (50, 80, 95)) -> str:
    """Say from which year on an interval leaves the chart; nothing where all of it is inside.

    Parameters
    ----------
    context : Context
        Texts.
    one : Fan
        What is drawn.
    span : tuple of float
        Ends of the y axis, in the unit of the fan.
    shown : sequence of int
        Intervals that are drawn.

    Returns
    -------
    str
        One sentence.
    """
    years = leaving(one, span, shown)
    parts = [context.texts("scale.left", level=level, year=year) for level, year in years.items()]
    return context.texts("scale.note", parts=context.texts("answer.comma").join(parts)) if parts else ""


def fan_words(context: Context, title: str, one: Fan, kind: str) -> str:
    """Describe a fan in a sentence for who cannot see it."""
    if not one.years.size:
        return title
    start, end = int(one.years[0]), int(one.years[-1])
    first, last = one.bands[:, 0], one.bands[:, -1]
    low, high = (last[place] for place in INTERVALS[80])
    write = context.numbers.write
    values = {"first": write(first[MEDIAN], kind), "last": write(last[MEDIAN], kind)}
    return context.texts(
        "alt.fan", title=title, start=start, end=end, interval=context.numbers.interval(low, high, kind), **values
    )


def fan_rows(context: Context, title: str, one: Fan, kind: str) -> list[tuple[Cell, ...]]:
    """Return the table rows of a fan at `TABLE_YEARS`: title, year, median and three intervals."""
    rows = []
    for year in TABLE_YEARS:
        at = one.at(year)
        if at is not None:
            spreads = [context.numbers.interval(at[low], at[high], kind) for low, high in INTERVALS.values()]
            rows.append(
                tuple(Cell(text) for text in (title, str(year), context.numbers.write(at[MEDIAN], kind), *spreads))
            )
    return rows


def fan_head(context: Context) -> tuple[str, ...]:
    """Return the column heads that go with `fan_rows`."""
    intervals = [context.texts("interval.level", level=level) for level in INTERVALS]
    return (context.texts("series"), context.texts("year"), context.texts("median"), *intervals)


def fan_legend(context: Context, color: str = figures.PALETTE[0], *, observed: bool = False) -> list[Key]:
    """Return the legend of a fan chart."""
    keys = [Key("line", context.texts("median"), color)]
    # Bands lie on each other: the inner ones look as dark as their sum.
    for level, opacity in ((50, 0.56), (80, 0.33), (95, 0.16)):
        keys.append(Key("band", context.texts("interval.level", level=level), color, opacity))
    if observed:
        keys.append(Key("points", context.texts("observed")))
        keys.append(Key("mark", context.texts("mark", year=context.now)))
    return keys


def past_legend(context: Context, names: Sequence[str]) -> list[Key]:
    """Return the legend of fans that begin in the past; observed values are in it where the run has some of `names`."""
    known = any(name in context.results.observed for name in names)
    return [key for key in fan_legend(context, observed=True) if known or key.drawn != "points"]


def fan_block(
    context: Context, name: str, panels: list[Panel], legend: list[Key], observed: Sequence[str] = (), **words: Any
) -> Block:
    """Put panels under the title and the lead of the catalogue's ``<name>.title`` and ``<name>.lead``."""
    title = context.texts(f"{name.partition('-')[0]}.title", **words)
    lead = context.texts(f"{name.partition('-')[0]}.lead", **words)
    table = Table(title, fan_head(context), [row for panel in panels for row in panel.rows])
    return Block(name, title, lead, panels, legend, cited(context, observed), table)


def cited(context: Context, observed: Sequence[str]) -> list[Any]:
    """Return the sources of observed series, each once, in the order of the page's list."""
    keys = {
        key for name in observed if name in context.results.observed for key in context.results.observed[name].sources
    }
    return [source for source in context.results.sources if source.key in keys]
