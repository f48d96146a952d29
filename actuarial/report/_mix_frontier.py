"""The frontier: what it costs to keep a fund from running dry, the mix that does it, and the choice that is robust."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import xarray as xr

from actuarial.report import figures
from actuarial.report._mix_dots import Marks, columns, curve, dots
from actuarial.report._mix_figures import Bars
from actuarial.report._mix_words import block, fund_name, plain_number, plus_minus, title_of, unit_words, word
from actuarial.report.blocks import Block, Cell, Context, Key, Panel, plain
from actuarial.report.figures import Axes
from actuarial.report.numbers import DASH, MINUS
from actuarial.report.scales import padded
from actuarial.report.texts import catalogue

SURE = 1.96
"""Standard errors on either side of a probability that make its 95 % interval."""

DECIMALS = 3
"""Digits of costs in tables."""

TALL = 260
"""Pixels of the charts."""

BREAK = "\N{ZERO WIDTH SPACE}"
"""Where a line may break."""

NOTHING = 1e-9
"""Shadow prices closer to zero than this are none."""


def lever_name(context: Context, key: str) -> str:
    """Return a short name of a lever; where the catalogue has none its key, which may break after its dots."""
    short = f"mix.lever.{key}"
    return context.texts(short) if short in catalogue() else key.replace(".", f".{BREAK}")


def lever_cell(context: Context, key: str, unit: str = "") -> Cell:
    """Return the head of a lever's row: its short name, with the key and, where it was told, the unit below it."""
    name = lever_name(context, key)
    told = [one for one in ("" if BREAK in name else key, context.texts.known(f"unit.{unit}", unit)) if one]
    return Cell(name, (context.texts("mix.semicolon").join(told),) if told else ())


def frontier_blocks(context: Context, data: xr.Dataset) -> list[Block]:
    """Return the efficient frontier with its mixes, and the choice under a bad-case economy where it was made.

    Parameters
    ----------
    context : Context
    data : xarray.Dataset
        The results' ``frontier``.

    Returns
    -------
    list of Block
    """
    made = [_frontier(context, data)]
    return [*made, _robust(context, data)] if "choice_mix" in data else made


def _words(context: Context, data: xr.Dataset) -> dict[str, object]:
    return {
        "fund": fund_name(context, str(data.attrs["fund"])),
        "scenario": title_of(context, str(data.attrs["scenario"])),
        "year": int(data.attrs["by"]),
    }


def _in_per_cent(unit: str) -> bool:
    return unit.startswith("share")


def _cost(data: xr.Dataset) -> tuple[float, str]:
    """Return what costs are multiplied by, and what is written behind them."""
    return (100.0, "%") if _in_per_cent(str(data["cost"].attrs.get("unit", ""))) else (1.0, "")


def _frontier(context: Context, data: xr.Dataset) -> Block:
    good = data.isel(target=np.flatnonzero(data["feasible"].values > 0))
    panels = [_curve(context, good), _terms(context, good), _mixes(context, good)] if good.sizes["target"] else []
    words = _words(context, data)
    levers = data["lever"].values.tolist()
    legend = [
        Key("band", word(context, "term", str(t)), figures.PALETTE[n % len(figures.PALETTE)])
        for n, t in enumerate(_paid_terms(data))
    ]
    told = ("target", "reached", *(("checked",) if "checked" in data else ()), "cost")
    head = tuple(context.texts(f"mix.frontier_{name}") for name in told)
    head += (*(lever_name(context, key) for key in levers), context.texts("mix.frontier_binding"))
    notes = [context.texts("mix.frontier_caps", parts=_caps(context, data)), context.texts("mix.frontier_note")]
    impossible = [float(t) for t in data["target"].values[data["feasible"].values <= 0]]
    if impossible:
        notes.insert(0, _impossible(context, data, impossible))
    return block(context, "frontier", panels, legend, (head, list(_rows(context, data))), notes=notes, words=words)


def _impossible(context: Context, data: xr.Dataset, targets: Sequence[float]) -> str:
    least = float(np.nanmin(data["reached"].values)) if np.isfinite(data["reached"].values).any() else np.nan
    told = context.texts("answer.comma").join(context.numbers.chance(t) for t in targets)
    return context.texts("mix.frontier_impossible", targets=told, least=context.numbers.chance(least))


def _caps(context: Context, data: xr.Dataset) -> str:
    """Name each lever with its caps and, where it was told, its unit."""
    told = []
    for place, key in enumerate(data["lever"].values.tolist()):
        low, high = (plain_number(float(data[end][place])) for end in ("low", "high"))
        unit = str(data["lever_unit"].values[place]) if "lever_unit" in data.coords else ""
        words = context.texts("mix.cap", lever=lever_name(context, key), low=low, high=high)
        told.append(f"{words} {context.texts.known(f'unit.{unit}', unit)}".strip())
    return context.texts("mix.semicolon").join(told)


def _paid_terms(data: xr.Dataset) -> list[str]:
    """Return the terms of the cost that are anything in some mix."""
    if "cost_term" not in data:
        return []
    return [name for name in data["term"].values.tolist() if (abs(data["cost_term"].sel(term=name)) > NOTHING).any()]


def _curve(context: Context, data: xr.Dataset) -> Panel:
    factor, suffix = _cost(data)
    cost, middle = factor * data["cost"].values, 100.0 * data["reached"].values
    error = 100.0 * SURE * np.nan_to_num(data["reached_error"].values)
    words = context.texts("mix.frontier_x", **_words(context, data)), context.texts("mix.frontier_cost")
    marks = Marks(words[1], figures.PALETTE[0], "circle", (middle - error).clip(0.0), middle, middle + error)
    axes = Axes(*padded(float(cost.min()), float(cost.max())), suffix, 2, height=TALL)
    figure = curve(marks, cost, words, axes)
    title = context.texts("mix.frontier_curve")
    ends = int(np.argmin(middle)), int(np.argmax(middle))
    told = {"low": f"{middle[ends[0]]:.1f}%", "dear": f"{plain_number(float(cost[ends[0]]))}{suffix}"}
    told |= {"high": f"{middle[ends[1]]:.1f}%", "cheap": f"{plain_number(float(cost[ends[1]]))}{suffix}"}
    alt = context.texts("mix.frontier_alt", **told)
    return Panel("mix-frontier-curve", title, unit_words(context, data["cost"]), alt, figure, [])


def _terms(context: Context, data: xr.Dataset) -> Panel:
    names = _paid_terms(data)
    colors = figures.PALETTE
    bars = [
        Bars(
            plain(word(context, "term", str(name))),
            colors[n % len(colors)],
            100.0 * data["cost_term"].sel(term=name).values,
        )
        for n, name in enumerate(names)
    ] or [Bars(context.texts("mix.frontier_cost"), colors[0], 100.0 * data["cost"].values)]
    places = [context.numbers.chance(float(t)) for t in data["target"].values]
    below = context.texts("mix.frontier_target_axis")
    figure = columns(bars, places, Axes(suffix="%", decimals=2, height=TALL), below)
    title = context.texts("mix.frontier_terms")
    parts = (f"{one.name} {plain_number(float(one.values[0]))}%" for one in bars)
    alt = context.texts("mix.frontier_terms_alt", target=places[0], parts=context.texts("answer.comma").join(parts))
    return Panel("mix-frontier-terms", title, context.texts("mix.frontier_terms_unit"), alt, figure, [])


def _mixes(context: Context, data: xr.Dataset) -> Panel:
    """Return where each lever stands between its caps: their own units differ too much for one axis."""
    width = (data["high"] - data["low"]).where(lambda w: w > 0)
    places = (100.0 * (data["mix"] - data["low"]) / width).transpose("target", "lever").values
    levers = [plain(lever_name(context, key)) for key in data["lever"].values.tolist()]
    chosen = sorted({0, len(places) // 2, len(places) - 1})
    groups = []
    for n, place in enumerate(chosen):
        target = context.numbers.chance(float(data["target"].values[place]))
        name = context.texts("mix.frontier_at", target=target)
        symbol, color = figures.SYMBOLS[n], figures.PALETTE[n]
        groups.append(Marks(name, color, symbol, places[place], places[place], places[place]))
    figure = dots(levers, groups, Axes(-6.0, 106.0, "%", 0), zero=False)
    title = context.texts("mix.frontier_mix")
    parts = (f"{name} {value:.0f}%" for name, value in zip(levers, places[chosen[0]], strict=True))
    alt = context.texts("mix.frontier_mix_alt", at=groups[0].name, parts=context.texts("answer.comma").join(parts))
    signs = {"circle": "●", "square": "■", "triangle-up": "▲"}
    told = context.texts("mix.semicolon").join(f"{signs[one.symbol]} {one.name}" for one in groups)
    return Panel("mix-frontier-mix", title, context.texts("mix.frontier_mix_unit"), alt, figure, [], told)


def _rows(context: Context, data: xr.Dataset) -> Iterator[tuple[Cell, ...]]:
    factor, suffix = _cost(data)
    for place, target in enumerate(data["target"].values.tolist()):
        one = data.isel(target=place)
        head = Cell(context.numbers.chance(float(target)))
        chances = [_chance(context, one, name) for name in ("reached", "checked") if name in one]
        if not bool(one["feasible"] > 0):
            blank = [Cell(DASH)] * (data.sizes["lever"] + 1)
            yield (head, *chances, *blank, Cell(context.texts("mix.frontier_not")))
            continue
        cost = Cell(_money(factor * float(one["cost"]), suffix))
        values = (Cell(plain_number(float(value))) for value in one["mix"].values)
        binding = _binding(context, one, factor, suffix) or [context.texts("mix.none")]
        yield (head, *chances, cost, *values, Cell(binding[0], tuple(binding[1:])))


def _chance(context: Context, one: xr.Dataset, name: str) -> Cell:
    """Return what a mix reaches, on the futures of the search or on others, with its sampling error."""
    share, error = float(one[name]), float(one[f"{name}_error"])
    if not np.isfinite(share):
        return Cell(DASH)
    return Cell(context.numbers.write(share, "share"), (plus_minus(context, error, "share"),))


def _money(cost: float, suffix: str) -> str:
    """Write a cost or a regret; all of a table have the same decimals."""
    return f"{cost:,.{DECIMALS}f}{suffix}".replace("-", MINUS) if np.isfinite(cost) else DASH


def _bar(share: float) -> float | None:
    return share if np.isfinite(share) else None


def _binding(context: Context, one: xr.Dataset, factor: float, suffix: str) -> list[str]:
    """Return which constraints bind, each with what relaxing it by one unit would save."""
    told = []
    for name in one["constraint"].values.tolist():
        if not bool(one["binding"].sel(constraint=name) > 0):
            continue
        words = constraint_name(context, str(name))
        price = float(one["shadow_price"].sel(constraint=name))
        there = np.isfinite(price) and abs(price) > NOTHING
        worth = f"{plain_number(factor * price)}{suffix}"
        told.append(context.texts("mix.price", constraint=words, price=worth) if there else words)
    return told


def constraint_name(context: Context, name: str) -> str:
    """Return the words of a constraint: the target itself, or the lower or upper cap of a lever."""
    for end in ("low", "high"):
        for mark in (f" {end}", f":{end}", f".{end}", f"_{end}"):
            if name.endswith(mark):
                return context.texts(f"mix.bound_{end}", lever=lever_name(context, name.removesuffix(mark)))
    return context.texts.known(f"mix.constraint.{name}", lever_name(context, name))


def _robust(context: Context, data: xr.Dataset) -> Block:
    """Return candidate mixes under each economy: how likely the fund runs dry, and what is regretted."""
    economies = data["economy"].values.tolist()
    choices = [word(context, "choice", str(name)) for name in data["choice"].values]
    groups, legend = [], []
    for n, economy in enumerate(economies):
        middle = 100.0 * data["choice_probability"].sel(economy=economy).values
        name, color, symbol = word(context, "economy", str(economy)), figures.PALETTE[n], figures.SYMBOLS[n]
        groups.append(Marks(plain(name), color, symbol, middle, middle, middle))
        legend.append(Key("line", name, color, symbol=symbol))
    most = 100.0 * float(data["choice_probability"].max())
    figure = dots([plain(name) for name in choices], groups, Axes(*padded(0.0, most), "%", 1))
    worst = data["choice_probability"].max("economy").values
    parts = (f"{name} {context.numbers.chance(float(v))}" for name, v in zip(choices, worst, strict=True))
    words = _words(context, data)
    alt = context.texts("mix.robust_alt", parts=context.texts("answer.comma").join(parts), **words)
    unit = context.texts("mix.robust_unit")
    panel = Panel("mix-robust-chance", context.texts("mix.robust_panel", **words), unit, alt, figure, [])
    return block(
        context, "robust", [panel], legend, (_robust_head(context, data), list(_choices(context, data))), words=words
    )


def _robust_head(context: Context, data: xr.Dataset) -> tuple[str, ...]:
    economies = [word(context, "economy", str(name)) for name in data["economy"].values]
    heads = (context.texts(f"mix.robust_{what}", economy=e) for what in ("chance", "cost", "regret") for e in economies)
    return (
        context.texts("mix.choice_head"),
        *heads,
        *(lever_name(context, key) for key in data["lever"].values.tolist()),
    )


def _choices(context: Context, data: xr.Dataset) -> Iterator[tuple[Cell, ...]]:
    factor, suffix = _cost(data)
    cost = data["choice_cost"].broadcast_like(data["choice_probability"])
    for place, name in enumerate(data["choice"].values.tolist()):
        one = data.isel(choice=place)
        chances = (Cell(context.numbers.chance(float(v)), bar=_bar(float(v))) for v in one["choice_probability"].values)
        costs, regrets = (
            [Cell(_money(factor * float(v), suffix)) for v in values.values]
            for values in (cost.isel(choice=place), one["regret"])
        )
        mix = (Cell(plain_number(float(v))) for v in one["choice_mix"].values)
        yield (Cell(word(context, "choice", str(name))), *chances, *costs, *regrets, *mix)
