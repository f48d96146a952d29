"""The report's charts of people: pyramids, dependency, fertility and mortality, members."""

from __future__ import annotations

import itertools

import numpy as np
import xarray as xr

from actuarial.report import figures
from actuarial.report.blocks import (
    Block,
    Cell,
    Context,
    Key,
    Panel,
    Table,
    cited,
    fan_block,
    fan_panel,
    past_legend,
)
from actuarial.report.figures import Points
from actuarial.report.pyramid import Pyramid, pyramid_figure
from actuarial.report.scales import padded
from actuarial.report.summary import INTERVALS, MEDIAN, Fan, fan, quantiles

VITAL = ("tfr", "e0_female", "e0_male")

LATER = 2050
"""The year that the pyramids compare with now."""


def people_blocks(context: Context) -> list[Block]:
    """Return the charts of people in the order of the page."""
    return [pyramids(context), dependency(context), vital(context), members(context)]


def pyramids(context: Context) -> Block:
    """Return pyramids of the rural and the national population, now and later, one axis for each area."""
    projection, texts = context.results.projection, context.texts
    people = projection["population_5y"].sel(year=[context.now, min(LATER, context.results.manifest.last_year)])
    places = {"rural": people.sel(area="rural"), "national": people.sum("area")}
    panels = [panel for place, group in places.items() for panel in _pair(context, place, group)]
    title = texts("pyramid.title")
    head = ("series", "age", "women", "men")
    table = Table(title, tuple(texts(name) for name in head), [row for panel in panels for row in panel.rows])
    legend = [
        Key("bar", texts("men"), figures.PALETTE[0], 0.72),
        Key("bar", texts("women"), figures.PALETTE[1], 0.72),
        Key("whisker", texts("interval.level", level=80), figures.INK),
        Key("line", texts("pyramid.outline", year=context.now), figures.INK, dash="2 2"),
    ]
    return Block(
        "pyramid",
        title,
        texts("pyramid.lead"),
        panels,
        legend,
        cited(context, ["rural_population", "population_60plus"]),
        table,
    )


def _pair(context: Context, place: str, people: xr.DataArray) -> list[Panel]:
    factor = context.numbers.factor("persons")
    bands = {
        int(y): quantiles(people.sel(year=y).transpose("draw", "sex", "age", missing_dims="ignore"))
        for y in people["year"].values
    }
    limit = 1.06 * factor * max(float(q[INTERVALS[80][1]].max()) for q in bands.values())
    sexes = people["sex"].values.tolist()
    outline = None
    panels = []
    for year, q in bands.items():
        women, men = (q[:, sexes.index(sex)] for sex in ("female", "male"))
        panels.append(
            _pyramid(context, (place, year), (women * factor, men * factor), people["age"].values, (outline, limit))
        )
        outline = np.stack([women[MEDIAN], men[MEDIAN]]) * factor
    return panels


def _pyramid(
    context: Context,
    which: tuple[str, int],
    people: tuple[np.ndarray, np.ndarray],
    ages: np.ndarray,
    frame: tuple[np.ndarray | None, float],
) -> Panel:
    place, year = which
    texts = context.texts
    low, high = INTERVALS[80]
    labels = [f"{a}–{b - 1}" for a, b in itertools.pairwise(ages)] + [f"{ages[-1]}+"]
    women, men = (band[[low, MEDIAN, high]] for band in people)
    names = (texts("women"), texts("men"), texts("pyramid.outline", year=context.now))
    figure = pyramid_figure(Pyramid(labels, women, men, frame[0], names), frame[1])
    title = texts("pyramid.panel", place=context.place(place), year=year)
    rows = [
        (
            Cell(title),
            Cell(label),
            *(Cell(f"{b[1]:,.1f}", (f"{b[0]:,.1f}–{b[2]:,.1f}",)) for b in (women[:, i], men[:, i])),
        )
        for i, label in enumerate(labels)
    ]
    old = float((women[1, ages >= 60].sum() + men[1, ages >= 60].sum()) / (women[1].sum() + men[1].sum()))
    alt = texts("alt.pyramid", title=title, old=context.numbers.write(old, "share"))
    return Panel(
        f"pyramid-{place}-{year}", title, texts("pyramid.unit", unit=context.unit("persons")), alt, figure, rows
    )


def dependency(context: Context) -> Block:
    """Return fans of the old-age ratio, rural and national on one scale, and of the system ratio."""
    projection, texts = context.results.projection, context.texts
    fans = {place: fan(projection["old_age_ratio_60"].sel(place=place)) for place in ("rural", "national")}
    span = padded(0.0, max(float(one.bands.max()) for one in fans.values()))
    panels = [
        fan_panel(
            context,
            f"dependency-{place}",
            (texts("dependency.panel", place=context.place(place)), texts("dependency.unit")),
            one,
            "per_hundred",
            span=span,
            points=context.observed(f"old_age_ratio_60_{place}", "per_hundred"),
        )
        for place, one in fans.items()
    ]
    words = (texts("dependency.system"), texts("dependency.system_unit"))
    system = fan(projection["system_ratio"])
    panels.append(
        fan_panel(context, "dependency-system", words, system, "per_hundred", points=_system_history(context))
    )
    observed = ["old_age_ratio_60_rural", "old_age_ratio_60_national", "contributors", "pensioners"]
    return fan_block(context, "dependency", panels, past_legend(context, observed), observed)


def _system_history(context: Context) -> Points | None:
    contributors, pensioners = (context.results.observed.get(name) for name in ("contributors", "pensioners"))
    if contributors is None or pensioners is None:
        return None
    below = dict(zip(contributors.years, contributors.values, strict=True))
    pairs = [
        (y, 100.0 * v / below[y]) for y, v in zip(pensioners.years, pensioners.values, strict=True) if below.get(y)
    ]
    years, values = zip(*pairs, strict=True) if pairs else ((), ())
    return Points(context.texts("observed"), np.array(years, dtype=int), np.array(values, dtype=float))


def vital(context: Context) -> Block:
    """Return fans of the total fertility rate and of life expectancy by sex, with their history."""
    projection, texts = context.results.projection, context.texts
    words = (texts("vital.tfr"), context.unit("children"))
    panels = [
        fan_panel(
            context, "vital-tfr", words, fan(projection["tfr"]), "children", points=context.observed("tfr", "children")
        )
    ]
    fans = {sex: fan(projection["e0_national"].sel(sex=sex)) for sex in ("female", "male")}
    points = {sex: context.observed(f"e0_{sex}", "years") for sex in fans}
    span = _shared(list(fans.values()), [p for p in points.values() if p is not None])
    for sex, one in fans.items():
        words = (texts(f"vital.e0_{sex}"), context.unit("years"))
        panels.append(fan_panel(context, f"vital-e0-{sex}", words, one, "years", span=span, points=points[sex]))
    legend = past_legend(context, VITAL)
    return fan_block(context, "vital", panels, legend, VITAL, place=context.place("national"))


def _shared(fans: list[Fan], points: list[Points]) -> tuple[float, float]:
    values = np.concatenate([one.bands.ravel() for one in fans] + [p.values for p in points])
    return padded(float(values.min()), float(values.max()))


def members(context: Context) -> Block:
    """Return fans of contributors and pensioners on one scale, with their history."""
    projection, texts = context.results.projection, context.texts
    fans = {name: fan(projection[f"{name}_total"]) for name in ("contributors", "pensioners")}
    points = {name: context.observed(name, "persons") for name in fans}
    history = [float(p.values.max()) / context.numbers.factor("persons") for p in points.values() if p is not None]
    span = padded(0.0, max([float(one.bands.max()) for one in fans.values()] + history))
    panels = [
        fan_panel(
            context,
            f"members-{name}",
            (texts(f"members.{name}"), context.unit("persons")),
            one,
            "persons",
            span=span,
            points=points[name],
        )
        for name, one in fans.items()
    ]
    return fan_block(context, "members", panels, past_legend(context, list(fans)), list(fans))
