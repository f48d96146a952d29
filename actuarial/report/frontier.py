"""What a search for the frontier found: plain lines in either language, and a table for a terminal."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import xarray as xr

from actuarial.report.numbers import DASH
from actuarial.report.records import Language
from actuarial.report.texts import Texts

PERCENT = 100.0

GAP = 2
"""Spaces between the columns of the table."""

SMALL_STEP = 0.01
"""Step of a lever that is a share or a rate, to which its shadow price is told."""


def explain(found: xr.Dataset, language: Language, title: str = "") -> list[str]:
    """Say in plain lines what was asked and what was found.

    Parameters
    ----------
    found : xarray.Dataset
        From `actuarial.frontier.find`, or as saved.
    language : {"en", "zh"}
    title : str
        Title of the scenario in that language; its name if empty.

    Returns
    -------
    list of str
        What was asked; the mix for the target; what binds; the least cost by probability; and, where there is a bad
        case, how that mix does in it and the robust choice.
    """
    texts = Texts(language)
    lines = [_asked(texts, found, title), *_at_target(texts, found), _curve(texts, found)]
    return [*lines, *_robust(texts, found)] if "choice_mix" in found else lines


def table(found: xr.Dataset, language: Language) -> list[list[str]]:
    """Lay the frontier out, a probability a row.

    Parameters
    ----------
    found : xarray.Dataset
        As for :func:`explain`.
    language : {"en", "zh"}

    Returns
    -------
    list of list of str
        The heads, then the rows: probability borne, reached, on other draws, least cost, what a point more would save,
        and every lever. A target that is out of reach has the safest mix.
    """
    texts = Texts(language)
    heads = [texts(f"frontier.head.{name}") for name in ("target", "reached", "checked", "cost", "price")]
    rows = [[*heads, *(_lever(texts, str(name)) for name in found["lever"].values)]]
    for place in range(found.sizes["target"]):
        one = found.isel(target=place)
        kept = bool(one["feasible"] > 0)
        price = float(one["shadow_price"].sel(constraint="target"))
        rows.append(
            [
                _share(float(one["target"])),
                _share(float(one["reached"])),
                _share(float(one["checked"])),
                _cost(float(one["cost"])) if kept else texts("frontier.out_of_reach"),
                _cost(price) if kept else DASH,
                *(_number(float(value)) for value in one["mix"].values),
            ]
        )
    return rows


def show(found: xr.Dataset, language: Language, title: str = "") -> None:
    """Print the table and the lines to the terminal.

    Parameters
    ----------
    found, language, title
        As for :func:`explain`.
    """
    from rich.cells import cell_len
    from rich.console import Console
    from rich.table import Table

    heads, *rows = table(found, language)
    grid = Table(box=None, padding=(0, GAP, 0, 0))
    for head in heads:
        grid.add_column(head, justify="right", no_wrap=True)
    for row in rows:
        grid.add_row(*row)
    # A line that is too long is broken by the terminal; numbers that are cut off are lost.
    wide = sum(GAP + max(map(cell_len, column)) for column in zip(heads, *rows, strict=True))
    Console(highlight=False, width=wide).print(grid, markup=False)
    console = Console(highlight=False, soft_wrap=True)
    for line in ["", *explain(found, language, title)]:
        console.print(line, markup=False)


def _asked(texts: Texts, found: xr.Dataset, title: str) -> str:
    fund, weights = str(found.attrs["fund"]), str(found.attrs["weights"])
    pairs = [part.rsplit(" ", 1) for part in weights.split(", ")]
    told = (texts("frontier.weight", weight=weight, term=texts(f"frontier.term.{term}")) for weight, term in pairs)
    return texts(
        "frontier.asked",
        fund=texts.known(f"household.fund.{fund}", fund),
        scenario=title or found.attrs["scenario"],
        levers=texts("frontier.and").join(_lever(texts, str(name)) for name in found["lever"].values),
        draws=int(found.attrs["draws"]),
        weights=texts("frontier.semicolon").join(told),
    )


def _at_target(texts: Texts, found: xr.Dataset) -> Iterator[str]:
    one = found.sel(target=float(found.attrs["asked"]))
    words = {
        "year": int(found.attrs["by"]),
        "target": _share(float(one["target"])),
        "reached": _share(float(one["reached"])),
        "mix": _mix(texts, one["mix"]),
    }
    if not bool(one["feasible"] > 0):
        yield texts("frontier.never", **words)
        return
    share, error = float(one["checked"]), float(one["checked_error"])
    beside = texts("frontier.checked", share=_share(share), error=_share(error)) if np.isfinite(share) else ""
    yield texts("frontier.mix", **words, cost=_cost(float(one["cost"])), checked=beside)
    parts = list(_binding(texts, one))
    yield (
        texts("frontier.binds", parts=texts("frontier.semicolon").join(parts))
        if parts
        else texts("frontier.binds_nothing")
    )


def _binding(texts: Texts, one: xr.Dataset) -> Iterator[str]:
    """Give each constraint that binds with its price: for a point of the target, for a step of a lever."""
    if float(one["binding"].sel(constraint="target")) > 0:
        yield texts("frontier.price_target", price=_cost(float(one["shadow_price"].sel(constraint="target"))))
    for lever in one["lever"].values:
        wide = float(one["high"].sel(lever=lever) - one["low"].sel(lever=lever))
        step = SMALL_STEP if wide <= 1 else 1.0
        for end in ("low", "high"):
            name = f"{lever} {end}"
            if float(one["binding"].sel(constraint=name)) > 0:
                price = step * float(one["shadow_price"].sel(constraint=name))
                words = {"lever": _lever(texts, str(lever)), "price": _cost(price), "step": f"{step:g}"}
                yield texts(f"frontier.price_{end}", **words)


def _curve(texts: Texts, found: xr.Dataset) -> str:
    parts = (
        texts(
            "frontier.curve_part",
            target=_share(float(target)),
            cost=_cost(float(cost)) if kept > 0 else texts("frontier.out_of_reach"),
        )
        for target, cost, kept in zip(
            found["target"].values, found["cost"].values, found["feasible"].values, strict=True
        )
    )
    return texts("frontier.curve", parts=texts("frontier.semicolon").join(parts))


def _robust(texts: Texts, found: xr.Dataset) -> Iterator[str]:
    shocks = texts("frontier.and").join(
        texts.known(f"mix.shock.{name}", name) for name in str(found.attrs["bad_case"]).split(", ")
    )
    chance = _share(float(found["choice_probability"].sel(choice="central", economy="bad")))
    yield texts("frontier.bad", shocks=shocks, year=int(found.attrs["by"]), chance=chance)
    one = found.sel(choice="robust")
    empty = {name: _share(float(one["choice_probability"].sel(economy=name))) for name in ("central", "bad")}
    mix, more = _mix(texts, one["choice_mix"]), float(one["regret"].sel(economy="central"))
    if np.isnan(more):
        yield texts("frontier.robust_unknown", mix=mix, **empty)
        return
    word = texts("frontier.more" if more >= 0 else "frontier.less", cost=_cost(abs(more)))
    cost = _cost(float(one["choice_cost"].sel(economy="central")))
    yield texts("frontier.robust", mix=mix, cost=cost, more=word, **empty)


def _lever(texts: Texts, key: str) -> str:
    return texts.known(f"mix.lever.{key}", key)


def _mix(texts: Texts, mix: xr.DataArray) -> str:
    parts = (
        texts("frontier.lever", lever=_lever(texts, str(name)), value=_number(float(value)))
        for name, value in zip(mix["lever"].values, mix.values, strict=True)
    )
    return texts("frontier.and").join(parts)


def _number(value: float) -> str:
    return f"{value:.4g}"


def _share(value: float) -> str:
    return f"{PERCENT * value:.1f}%" if np.isfinite(value) else DASH


def _cost(value: float) -> str:
    """Write a cost, which is a share: in per cent with as many digits as tell two mixes apart."""
    return f"{PERCENT * value:.3f}%" if np.isfinite(value) else DASH
