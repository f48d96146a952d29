"""The report's chapter on sensitivity: which inputs move the forecast, alone, in sets and all at once."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import xarray as xr

from actuarial.report import figures
from actuarial.report._mix_dots import Marks, dots
from actuarial.report._sensitivity_figures import HIGH, LOW, morris_figure, tornado_figure
from actuarial.report._sensitivity_lines import explain
from actuarial.report._sensitivity_words import (
    FORMS,
    between,
    change_unit,
    changed,
    input_name,
    output_name,
    places,
    ranged,
    reach,
    unit_name,
    written,
)
from actuarial.report.blocks import Block, Cell, Context, Key, Panel, Table, plain
from actuarial.report.chapters import Chapter
from actuarial.report.figures import Axes
from actuarial.report.numbers import DASH

__all__ = ["MOST", "chapter", "explain"]

MOST = 8
"""Inputs that are drawn of each output; the tables have all."""

ENDS = ("low", "high")

MIDDLE = (0.1, 0.5, 0.9)
"""Quantiles of the futures that are drawn and told of each set."""


def chapter(context: Context) -> Chapter | None:
    """Return the chapter, or None where the run was not asked.

    Parameters
    ----------
    context : Context
        Results, texts, numbers.

    Returns
    -------
    Chapter or None
        Tornado, sets, elementary effects and indices of variance, as far as they were asked for, each with its table.
    """
    data = context.results.sensitivity
    if data is None:
        return None
    texts, about = context.texts, data.attrs
    names = [one.name for one in context.results.manifest.scenarios]
    scenario = context.title(names.index(str(about["scenario"])))
    fund = texts.known(f"household.fund.{about['fund']}", str(about["fund"]))
    tail = round(100 * float(about["tail"]))
    lead = texts("sensitivity.lead", fund=fund, scenario=scenario, low=tail, high=100 - tail)
    blocks = [_tornado(context, data)]
    if data.sizes["set"] > 1:
        blocks.append(_sets(context, data))
    if np.isfinite(data["mu_star"]).any():
        blocks.append(_morris(context, data))
    if np.isfinite(data["total"]).any():
        blocks.append(_sobol(context, data))
    return Chapter("sensitivity", texts("sensitivity.title"), lead, blocks, [], [texts("sensitivity.note")])


# -- one at a time


def _tornado(context: Context, data: xr.Dataset) -> Block:
    texts = context.texts
    title = texts("sensitivity.tornado_title")
    lead = texts("sensitivity.tornado_lead", draws=int(data.attrs["draws"]), count=min(MOST, data.sizes["input"]))
    panels = [
        _tornado_panel(context, data, name) for name in _outputs(data) if (reach(data.sel(output=name)) > 0).any()
    ]
    legend = [Key("band", texts("sensitivity.low"), LOW), Key("band", texts("sensitivity.high"), HIGH)]
    legend.append(Key("line", texts("interval.level", level=95), figures.INK))
    heads = ("input", "range", "low", "change_low", "high", "change_high")
    table = Table(
        texts("sensitivity.tornado_table"),
        tuple(texts(f"sensitivity.head_{head}") for head in heads),
        list(_tornado_rows(context, data)),
    )
    still = [output_name(texts, data, name) for name in _outputs(data) if not (reach(data.sel(output=name)) > 0).any()]
    notes = [texts("sensitivity.depletion_note", after=int(data.attrs["after"]))]
    if still:
        notes.append(texts("sensitivity.still", parts=texts("sensitivity.semicolon").join(still)))
    return Block("sensitivity-tornado", title, lead, panels, legend, [], table, notes)


def _tornado_panel(context: Context, data: xr.Dataset, output: str) -> Panel:
    texts, one, form = context.texts, data.sel(output=output), FORMS[output]
    keys = places(reach(one), MOST)
    shown = one.sel(input=keys)
    marks = [
        Marks(texts(f"sensitivity.{end}"), color, "circle", *_band(shown.sel(end=end), "difference", form.factor))
        for end, color in zip(ENDS, (LOW, HIGH), strict=True)
    ]
    rows = [plain(input_name(texts, key)) for key in keys]
    figure = tornado_figure(rows, marks, form.finer)
    parts = texts("sensitivity.semicolon").join(
        f"{row} {changed(float(shown['difference'].isel(input=n, end=0)), output)} / "
        f"{changed(float(shown['difference'].isel(input=n, end=1)), output)}"
        for n, row in enumerate(rows)
    )
    title = output_name(texts, data, output)
    alt = texts("sensitivity.tornado_alt", title=title, base=written(float(one["base"]), output), parts=parts)
    return Panel(f"sensitivity-tornado-{output}", title, change_unit(texts, output), alt, figure, [])


def _band(one: xr.Dataset, name: str, factor: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    low, middle, high = (factor * one[key].values.astype(float) for key in (f"{name}_low", name, f"{name}_high"))
    return low, middle, high


def _tornado_rows(context: Context, data: xr.Dataset) -> Iterator[tuple[Cell, ...]]:
    texts = context.texts
    for output in _outputs(data):
        one = data.sel(output=output)
        base = written(float(one["base"]), output)
        measure = texts(f"sensitivity.measure.{output}")
        yield (Cell(texts("sensitivity.group", output=output_name(texts, data, output), unit=measure, base=base)),)
        for key in places(reach(one), data.sizes["input"]):
            at = one.sel(input=key)
            cells = [Cell(input_name(texts, key)), _range(context, at)]
            for end in ENDS:
                cell = at.sel(end=end)
                cells += [Cell(written(float(cell["value"]), output)), _change(context, cell, "difference", output)]
            yield tuple(cells)


def _range(context: Context, at: xr.Dataset) -> Cell:
    low, central, high = (float(at[name]) for name in ("low", "central", "high"))
    middle = ranged(central) if np.isfinite(central) else context.texts("sensitivity.as_ruled")
    comma = context.texts("sensitivity.comma")
    words = unit_name(context.texts, str(at["input_unit"].item()))
    return Cell(comma.join((ranged(low), middle, ranged(high))), (words,))


def _change(context: Context, cell: xr.Dataset, name: str, output: str) -> Cell:
    ends = (changed(float(cell[f"{name}_{end}"]), output) for end in ENDS)
    return Cell(changed(float(cell[name]), output), (between(context.texts, *ends),))


# -- sets


def _sets(context: Context, data: xr.Dataset) -> Block:
    texts = context.texts
    panels = [_set_panel(context, data, name) for name in _outputs(data) if name != "empty"]
    heads = ("set", "value", "change", "spread")
    table = Table(
        texts("sensitivity.sets_table"),
        tuple(texts(f"sensitivity.head_{head}") for head in heads),
        list(_set_rows(context, data)),
    )
    legend = [Key("line", texts("sensitivity.futures"), figures.PALETTE[0], symbol="circle")]
    lead = texts("sensitivity.sets_lead", draws=int(data.attrs["draws"]))
    return Block("sensitivity-sets", texts("sensitivity.sets_title"), lead, panels, legend, [], table)


def _set_panel(context: Context, data: xr.Dataset, output: str) -> Panel:
    texts, one, form = context.texts, data.sel(output=output), FORMS[output]
    sets = [str(name) for name in one["set"].values]
    rows = [plain(_set_name(context, name)) for name in sets]
    spread = one["distribution"].sel(quantile=list(MIDDLE)).transpose("quantile", "set").values * form.factor
    marks = Marks(texts("sensitivity.futures"), figures.PALETTE[0], "circle", *spread)
    figure = dots(rows, [marks], Axes(suffix=form.suffix, decimals=form.decimals), zero=output != "depletion_year")
    if output == "depletion_year":
        figure.update_xaxes(tickformat="d")
    title = output_name(texts, data, output)
    told = texts("sensitivity.semicolon").join(
        f"{row} {written(float(value) / form.factor, output)}" for row, value in zip(rows, spread[1], strict=True)
    )
    alt = texts("sensitivity.sets_alt", title=title, parts=told)
    return Panel(f"sensitivity-sets-{output}", title, texts(f"sensitivity.measure.{output}"), alt, figure, [])


def _set_name(context: Context, name: str) -> str:
    return context.texts.known(f"sensitivity.set.{name}", name)


def _set_rows(context: Context, data: xr.Dataset) -> Iterator[tuple[Cell, ...]]:
    texts = context.texts
    for output in _outputs(data):
        one = data.sel(output=output)
        yield (Cell(f"{output_name(texts, data, output)} ({texts(f'sensitivity.measure.{output}')})"),)
        for name in one["set"].values.tolist():
            at = one.sel({"set": name})
            ends = (written(float(at[f"set_value_{end}"]), output) for end in ENDS)
            value = Cell(written(float(at["set_value"]), output), (between(texts, *ends),))
            change = Cell(DASH) if name == "central" else _change(context, at, "set_difference", output)
            spread = DASH
            if output != "empty":
                middle = (written(float(at["distribution"].sel(quantile=q)), output) for q in MIDDLE)
                spread = f" {DASH} ".join(middle)
            yield Cell(_set_name(context, str(name))), value, change, Cell(spread)


# -- all at once


def _morris(context: Context, data: xr.Dataset) -> Block:
    texts, about = context.texts, data.attrs
    moving = [name for name in _outputs(data) if (data["mu_star"].sel(output=name) > 0).any()]
    panels = [_morris_panel(context, data, name) for name in moving]
    heads = ("input", "mu", "star", "sigma")
    table = Table(
        texts("sensitivity.morris_table"),
        tuple(texts(f"sensitivity.head_{head}") for head in heads),
        list(_morris_rows(context, data, moving)),
    )
    legend = [
        Key("line", texts("sensitivity.morris_point"), figures.PALETTE[0], symbol="circle"),
        Key("line", texts("sensitivity.morris_even"), figures.MUTED, dash="6 4"),
    ]
    lead = texts("sensitivity.morris_lead", trajectories=int(about["trajectories"]), draws=int(about["screen_draws"]))
    return Block("sensitivity-morris", texts("sensitivity.morris_title"), lead, panels, legend, [], table)


def _morris_panel(context: Context, data: xr.Dataset, output: str) -> Panel:
    texts, one, factor = context.texts, data.sel(output=output), FORMS[output].factor
    size, error = factor * one["mu_star"].values, factor * one["mu_star_error"].values
    marks = Marks("", figures.PALETTE[0], "circle", (size - error).clip(0.0), size, size + error)
    rows = [plain(input_name(texts, str(key))) for key in one["input"].values]
    words = (texts("sensitivity.morris_x"), texts("sensitivity.morris_y"))
    figure = morris_figure(marks, factor * one["sigma"].values, rows, words)
    title = output_name(texts, data, output)
    parts = texts("sensitivity.comma").join(_sized(context, one, key, output) for key in places(one["mu_star"], MOST))
    alt = texts("sensitivity.morris_alt", title=title, parts=parts)
    return Panel(f"sensitivity-morris-{output}", title, change_unit(texts, output), alt, figure, [])


def _sized(context: Context, one: xr.Dataset, key: str, output: str) -> str:
    size = changed(float(one["mu_star"].sel(input=key)), output).removeprefix("+")
    return context.texts("sensitivity.line.pair", input=input_name(context.texts, key), value=size)


def _morris_rows(context: Context, data: xr.Dataset, moving: list[str]) -> Iterator[tuple[Cell, ...]]:
    texts = context.texts
    for output in moving:
        one = data.sel(output=output)
        yield (Cell(f"{output_name(texts, data, output)} ({change_unit(texts, output)})"),)
        for key in places(one["mu_star"], data.sizes["input"]):
            at = one.sel(input=key)
            size, error, sigma = (
                changed(float(at[name]), output).removeprefix("+") for name in ("mu_star", "mu_star_error", "sigma")
            )
            mean = changed(float(at["mu"]), output)
            yield Cell(input_name(texts, key)), Cell(mean), Cell(size, (f"± {error}",)), Cell(sigma)


def _sobol(context: Context, data: xr.Dataset) -> Block:
    texts, about = context.texts, data.attrs
    moving = [name for name in _outputs(data) if np.isfinite(data["total"].sel(output=name)).any()]
    panels = [_sobol_panel(context, data, name) for name in moving]
    heads = ("input", "first", "total")
    table = Table(
        texts("sensitivity.sobol_table"),
        tuple(texts(f"sensitivity.head_{head}") for head in heads),
        list(_sobol_rows(context, data, moving)),
    )
    legend = [
        Key("line", texts("sensitivity.total"), figures.PALETTE[0], symbol="circle"),
        Key("line", texts("sensitivity.first"), figures.PALETTE[1], symbol="diamond"),
    ]
    evaluations = int(about["samples"]) * (2 + data.sizes["input"])
    words = {"samples": int(about["samples"]), "evaluations": evaluations, "draws": int(about["screen_draws"])}
    lead, notes = texts("sensitivity.sobol_lead", **words), [texts("sensitivity.sobol_note")]
    return Block("sensitivity-sobol", texts("sensitivity.sobol_title"), lead, panels, legend, [], table, notes)


def _sobol_panel(context: Context, data: xr.Dataset, output: str) -> Panel:
    texts, one = context.texts, data.sel(output=output)
    keys = places(one["total"], MOST)
    shown = one.sel(input=keys)
    looks = (("total", figures.PALETTE[0], "circle"), ("first", figures.PALETTE[1], "diamond"))
    groups = []
    for name, color, symbol in looks:
        value, error = 100.0 * shown[name].values, 100.0 * shown[f"{name}_error"].values
        groups.append(Marks(texts(f"sensitivity.{name}"), color, symbol, value - error, value, value + error))
    rows = [plain(input_name(texts, key)) for key in keys]
    figure = dots(rows, groups, Axes(suffix="%", decimals=0))
    title = output_name(texts, data, output)
    parts = texts("sensitivity.comma").join(
        texts("sensitivity.line.pair", input=row, value=f"{100 * float(shown['total'].isel(input=n)):.0f}%")
        for n, row in enumerate(rows)
    )
    alt = texts("sensitivity.sobol_alt", title=title, parts=parts)
    return Panel(f"sensitivity-sobol-{output}", title, texts("sensitivity.sobol_unit"), alt, figure, [])


def _sobol_rows(context: Context, data: xr.Dataset, moving: list[str]) -> Iterator[tuple[Cell, ...]]:
    texts = context.texts
    for output in moving:
        one = data.sel(output=output)
        yield (Cell(output_name(texts, data, output)),)
        for key in places(one["total"], data.sizes["input"]):
            at = one.sel(input=key)
            yield Cell(input_name(texts, key)), *(_index(at, name) for name in ("first", "total"))


def _index(at: xr.Dataset, name: str) -> Cell:
    value, error = 100.0 * float(at[name]), 100.0 * float(at[f"{name}_error"])
    return Cell(f"{value:.0f}%".replace("-", "\N{MINUS SIGN}"), (f"± {error:.0f}",))


def _outputs(data: xr.Dataset) -> list[str]:
    return [str(name) for name in data["output"].values]
