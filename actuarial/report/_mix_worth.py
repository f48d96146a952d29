"""What each measure adds to a package: alone, on top of all others, and on average over all orders."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import xarray as xr

from actuarial.report import figures
from actuarial.report._mix_dots import Marks, beside
from actuarial.report._mix_words import block, fund_name, plus_minus, title_of, word
from actuarial.report.blocks import Block, Cell, Context, Key, Panel, plain
from actuarial.report.figures import Axes
from actuarial.report.numbers import DASH, MINUS
from actuarial.report.scales import padded

RISK = "empty"
"""How the names of probabilities begin."""

BURDEN = "fiscal"
"""What is drawn beside the probability that the measures of a fund move most; the table holds all."""

SURE = 1.96
"""Standard errors on either side of a value that make its 95 % interval."""

SEEN = 2.0
"""Sampling errors that an interaction must have to be told: smaller ones may be chance."""

DECIMALS = 2


def worth_block(context: Context, data: xr.Dataset) -> Block | None:
    """Return what measures are worth, a chart a fund and statistic.

    Parameters
    ----------
    context : Context
    data : xarray.Dataset
        The results' ``attribution``.

    Returns
    -------
    Block or None
        None where no measure touches a fund.
    """
    panels = [_panel(context, one, fund, statistic) for fund, statistic, one in _drawn(data)]
    if not panels:
        return None
    words = {"scenario": title_of(context, str(data.attrs["scenario"]))}
    color = _color(context, data)
    legend = [
        Key("bar", context.texts("mix.shapley"), color, 0.45),
        Key("line", context.texts("mix.shapley_error"), figures.INK, symbol="circle"),
        Key("line", context.texts("mix.alone"), figures.MUTED, symbol="triangle-up"),
        Key("line", context.texts("mix.marginal"), figures.MUTED, symbol="diamond"),
    ]
    notes = [*_interactions(context, data), context.texts("mix.worth_note")]
    behind = (_head(context), list(_rows(context, data)))
    return block(context, "worth", panels, legend, behind, notes=notes, words=words, shown=False)


def _color(context: Context, data: xr.Dataset) -> str:
    names = [one.name for one in context.results.manifest.scenarios]
    return context.color(names.index(str(data.attrs["scenario"])))


def _touched(data: xr.Dataset) -> Iterator[tuple[str, str, xr.Dataset]]:
    """Give fund, statistic and the measures that touch it; those that never do are left out."""
    for fund in data["fund"].values.tolist():
        for statistic in data["statistic"].values.tolist():
            one = data.sel(fund=fund, statistic=statistic)
            known = np.isfinite(one["shapley"].values)
            if known.any():
                yield fund, statistic, one.isel(measure=np.flatnonzero(known), other=np.flatnonzero(known))


def _drawn(data: xr.Dataset) -> Iterator[tuple[str, str, xr.Dataset]]:
    """Give of each fund the probability that its measures move most, and the burden of budgets."""
    found = list(_touched(data))
    for fund in dict.fromkeys(fund for fund, *_ in found):
        moved = {s: float(abs(one["shapley"]).sum()) for f, s, one in found if f == fund and s.startswith(RISK)}
        most = max(moved, key=lambda statistic: moved[statistic]) if moved else ""
        mine = [(f, s, one) for f, s, one in found if f == fund]
        chosen = [part for part in mine if part[1] in (most, BURDEN)]
        yield from chosen or mine


def titles(context: Context, data: xr.Dataset) -> list[str]:
    """Return the titles of the measures in the reader's language."""
    names = [str(name) for name in data["measure"].values]
    if not {"title_en", "title_zh"} <= set(data.coords):
        return names
    pairs = zip(data["title_en"].values, data["title_zh"].values, strict=True)
    return [context.texts.pick(str(en), str(zh)) for en, zh in pairs]


def _panel(context: Context, one: xr.Dataset, fund: str, statistic: str) -> Panel:
    order = np.argsort(-abs(one["shapley"].values), kind="stable")
    one = one.isel(measure=order)
    value, alone, marginal = (100.0 * one[name].values for name in ("shapley", "alone", "marginal"))
    error = 100.0 * SURE * np.nan_to_num(np.hypot(one["draw_error"].values, np.nan_to_num(one["order_error"].values)))
    texts, names = context.texts, [plain(title) for title in titles(context, one)]
    marks = [
        Marks(texts("mix.alone"), figures.MUTED, "triangle-up", alone, alone, alone),
        Marks(texts("mix.shapley"), figures.INK, "circle", value - error, value, value + error),
        Marks(texts("mix.marginal"), figures.MUTED, "diamond", marginal, marginal, marginal),
    ]
    ends = np.concatenate([value - error, value + error, alone, marginal, [0.0]])
    axes = Axes(*padded(float(np.nanmin(ends)), float(np.nanmax(ends))), "", DECIMALS)
    figure = beside(value.tolist(), names, _color(context, one), marks, axes)
    title = texts("mix.worth_panel", fund=fund_name(context, fund), statistic=word(context, "statistic", statistic))
    told = (f"{n} {v:+.1f}".replace("-", MINUS) for n, v in zip(names[:4], value, strict=False))
    alt = texts(
        "mix.worth_alt", title=title, parts=texts("answer.comma").join(told),
        total=_signed(context, one["package"], statistic),
    )  # fmt: skip
    return Panel(f"mix-worth-{fund}-{statistic}", title, texts("mix.points"), alt, figure, [])


def _signed(context: Context, value: xr.DataArray | float, statistic: str) -> str:
    return context.numbers.signed(float(value), _kind(statistic))


def _kind(statistic: str) -> str:
    """Return how a statistic is written: a probability, of some hundred futures, with a digit less than a burden."""
    return "fine_points" if statistic.startswith(RISK) else "points"


def _head(context: Context) -> tuple[str, ...]:
    return tuple(context.texts(f"mix.{name}") for name in ("measure_head", "shapley", "alone", "marginal", "orders"))


def _rows(context: Context, data: xr.Dataset) -> Iterator[tuple[Cell, ...]]:
    """Give the value of each measure, and the package, to which the averages over orders add up."""
    for fund, statistic, one in _touched(data):
        words = {"fund": fund_name(context, fund), "statistic": word(context, "statistic", statistic)}
        yield (Cell(context.texts("mix.worth_panel", **words)),)
        for place, title in enumerate(titles(context, one)):
            at = one.isel(measure=place)
            cells = (Cell(_signed(context, at[name], statistic)) for name in ("alone", "marginal"))
            value = Cell(_signed(context, at["shapley"], statistic), (_error(context, at, statistic),))
            yield (Cell(title), value, *cells, Cell(_orders(context, at, statistic)))
        total = Cell(
            _signed(context, float(one["shapley"].sum()), statistic),
            (context.texts("mix.package_is", value=_signed(context, one["package"], statistic)),),
        )
        yield (Cell(context.texts("mix.package")), total, *[Cell(DASH)] * 3)


def _error(context: Context, at: xr.Dataset, statistic: str) -> str:
    """Write the standard error from the number of futures and, where orders were drawn, from their number."""
    both = np.hypot(float(at["draw_error"]), np.nan_to_num(float(at["order_error"])))
    return plus_minus(context, float(both), _kind(statistic))


def _orders(context: Context, at: xr.Dataset, statistic: str) -> str:
    if not {"least", "largest"} <= set(at.data_vars):
        return DASH
    low, high = (_signed(context, at[name], statistic) for name in ("least", "largest"))
    return low if low == high else context.texts("interval", low=low, high=high)


def _interactions(context: Context, data: xr.Dataset) -> Iterator[str]:
    """Say of each chart which two measures help each other most, and which stand most in each other's way."""
    for fund, statistic, one in _drawn(data):
        if one.sizes["measure"] < 2:
            continue
        names = titles(context, one)
        error = SEEN * float(np.nanmax(np.nan_to_num(one["draw_error"].values)))
        values = np.where(np.triu(np.ones((len(names),) * 2), 1) > 0, one["interaction"].values, np.nan)
        if not np.isfinite(values).any():
            continue
        words = {"fund": fund_name(context, fund), "statistic": word(context, "statistic", statistic)}
        ends = (int(np.nanargmax(values)), "mix.pair_up"), (int(np.nanargmin(values)), "mix.pair_down")
        told = []
        for flat, key in ends:
            first, second = divmod(flat, len(names))
            value = float(values[first, second])
            if abs(value) > max(error, 0.5e-4) and (value > 0) == (key == "mix.pair_up"):
                pair = {"first": names[first], "second": names[second], "value": _signed(context, value, statistic)}
                told.append(context.texts(key, **pair))
        parts = context.texts("mix.semicolon").join(told)
        yield context.texts("mix.pairs", parts=parts, **words) if told else context.texts("mix.no_pairs", **words)
