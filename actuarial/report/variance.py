"""The report's chapter on where the doubt comes from: the forecast variance split among groups of models."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import xarray as xr

from actuarial.report._variance_figures import COLORS, Segment, stacked
from actuarial.report._variance_kinds import EFFECTS
from actuarial.report._variance_lines import explain, fund_words, group_words, quantity_words, unit_words
from actuarial.report.blocks import Block, Cell, Context, Key, Panel, Table, plain
from actuarial.report.chapters import Chapter
from actuarial.report.figures import INK
from actuarial.report.numbers import DASH

__all__ = ["SHOWN", "chapter", "explain"]

SHOWN = 0.005
"""Shares below this of every quantity are neither in the legend nor in the table; the notes say which they are."""


def chapter(context: Context) -> Chapter | None:
    """Return the chapter, or None where the variance of the run was not split.

    Parameters
    ----------
    context : Context
        Results, texts, numbers.

    Returns
    -------
    Chapter or None
        A block a fund: bars of Shapley effects with their errors, and all effects as a table.
    """
    data = context.results.variance
    if data is None:
        return None
    texts, about = context.texts, data.attrs
    names = [one.name for one in context.results.manifest.scenarios]
    title = context.title(names.index(str(about["scenario"])))
    lead = texts("variance.lead", scenario=title, draws=int(about["draws"]))
    funds = list(dict.fromkeys(data["fund"].values.tolist()))
    blocks = [_block(context, data.isel(output=np.flatnonzero(data["fund"].values == fund)), fund) for fund in funds]
    return Chapter("variance", texts("variance.title"), lead, blocks, [], [texts("variance.note")])


def _block(context: Context, one: xr.Dataset, fund: str) -> Block:
    texts, name = context.texts, fund_words(context.texts, fund)
    matter = [str(g) for g in one["group"].values if _matters(one["shapley"].sel(group=g))]
    rows = [quantity_words(texts, one.isel(output=n)) for n in range(one.sizes["output"])]
    segments = [
        Segment(group_words(texts, group), group, one["shapley"].sel(group=group).values,
                one["shapley_error"].sel(group=group).values)
        for group in matter
    ]  # fmt: skip
    title = texts("variance.panel", fund=name)
    panel = Panel(
        f"variance-{fund}-shapley", title, texts("variance.unit"), _alt(context, one, title),
        stacked([plain(row) for row in rows], segments), [],
    )  # fmt: skip
    legend = [Key("band", group_words(texts, group), COLORS[group]) for group in matter]
    legend.append(Key("line", texts("variance.whisker"), INK))
    heads = (texts("variance.head"), *(texts(f"variance.effect.{effect}") for effect in EFFECTS))
    table = Table(texts("variance.table", fund=name), heads, list(_rows(context, one, matter)))
    return Block(
        f"variance-{fund}", title, texts("variance.fund_lead", fund=name), [panel], legend, [], table,
        list(_notes(context, one, matter)), shown=False,
    )  # fmt: skip


def _matters(shares: xr.DataArray) -> bool:
    return bool((np.abs(np.nan_to_num(shares.values)) >= SHOWN).any())


def _alt(context: Context, one: xr.Dataset, title: str) -> str:
    """Name the two largest groups of every quantity for who cannot see the bars."""
    texts, parts = context.texts, []
    for n in range(one.sizes["output"]):
        at = one.isel(output=n)
        shares = at["shapley"].dropna("group")
        largest = shares["group"].values[np.argsort(-shares.values, kind="stable")][:2].tolist()
        words = (f"{group_words(texts, g)} {100.0 * float(shares.sel(group=g)):.0f}%" for g in largest)
        parts.append(f"{quantity_words(texts, at)}: {texts('answer.comma').join(words) or DASH}")
    return texts("variance.alt", title=title, parts=texts("variance.semicolon").join(parts))


def _rows(context: Context, one: xr.Dataset, groups: list[str]) -> Iterator[tuple[Cell, ...]]:
    """Give a heading for every quantity, with its mean and deviation, and a row a group."""
    for n in range(one.sizes["output"]):
        at = one.isel(output=n)
        yield (Cell(context.texts("variance.row", quantity=quantity_words(context.texts, at), **_spread(context, at))),)
        for group in groups:
            yield (
                Cell(group_words(context.texts, group)),
                *(_effect(context, at.sel(group=group), e) for e in EFFECTS),
            )


def _spread(context: Context, at: xr.Dataset) -> dict[str, str]:
    """Write the mean and the standard deviation of a quantity in the reader's unit."""
    unit, mean, deviation = str(at["unit"].item()), float(at["mean"]), float(at["deviation"])
    if unit.startswith("share"):
        return {name: context.numbers.write(v, "share") for name, v in (("mean", mean), ("deviation", deviation))}
    write, words = context.numbers.write, unit_words(context.texts, "years" if unit == "calendar year" else unit)
    spread = f"{write(deviation, 'years')} {words}"
    if unit == "calendar year":
        return {"mean": f"{mean:.0f}", "deviation": spread}
    return {"mean": f"{write(mean, 'years')} {words}", "deviation": spread}


def _effect(context: Context, at: xr.Dataset, effect: str) -> Cell:
    value, error = float(at[effect]), float(at[f"{effect}_error"])
    if not np.isfinite(value):
        return Cell(DASH)
    if float(at["enters"]) == 0:
        return Cell("0")
    below = f"± {context.numbers.write(error, 'per_hundred') if np.isfinite(error) else DASH}"
    return Cell(context.numbers.write(value, "share"), (below,))


def _notes(context: Context, one: xr.Dataset, matter: list[str]) -> Iterator[str]:
    texts, numbers = context.texts, context.numbers
    lasting = float(one["lasting"].isel(output=0))
    last = int(context.results.variance.attrs["last_year"]) if context.results.variance is not None else 0
    if lasting > 0:
        yield texts("variance.capped", share=numbers.chance(lasting), year=last, next=last + 1)
    else:
        yield texts("variance.none_lasts", year=last)
    comma = texts("variance.semicolon")
    small = [g for g in one["group"].values.tolist() if g not in matter and _enters(one, g)]
    if small:
        yield texts("variance.small", groups=comma.join(group_words(texts, g) for g in small))
    out = [g for g in one["group"].values.tolist() if not _enters(one, g)]
    if out:
        yield texts("variance.out", groups=comma.join(group_words(texts, g) for g in out))


def _enters(one: xr.Dataset, group: str) -> bool:
    return bool((one["enters"].sel(group=group) > 0).any())
