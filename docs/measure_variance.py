"""The measured tables of where the doubt comes from, for `measure.py`: the variance split among groups of models."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import xarray as xr
from measure_funds import Saved
from measure_mix import FUNDS, PERCENT, head, plain

GROUPS = {
    "fertility": "fertility", "mortality": "mortality", "migration": "migration", "membership": "membership",
    "economy": "economy", "land_income": "land", "returns": "returns", "medical": "medical",
    "judgement": "judgement",
}  # fmt: skip
"""Heads of the columns."""


def variance_shares(saved: Saved) -> Iterator[str]:
    """Yield the Shapley effects on every quantity, with their errors."""
    data = saved("variance")
    about = data.attrs
    yield f"`{about['scenario']}`, two sets of {about['draws']} futures, {about['mixtures']} mixtures. Shapley effects,"
    yield "% of the variance, with their standard errors in brackets; empty where a group does not move the quantity.\n"
    yield from head(list(GROUPS.values()), "quantity")
    for n in range(data.sizes["output"]):
        one = data.isel(output=n)
        cells = (_share(one.sel(group=group)) for group in GROUPS)
        yield f"| {_name(one)} | {' | '.join(cells)} |"
    lasting = data["lasting"].groupby("fund").first()
    told = (f"{FUNDS[fund]} {plain(PERCENT * float(lasting.sel(fund=fund)), 0)} %" for fund in lasting["fund"].values)
    yield f"\nFutures in which the pool outlives {about['last_year']}: {', '.join(told)}."


def variance_effects(saved: Saved) -> Iterator[str]:
    """Yield the four effects on the year of depletion of each fund and on its quantities of the first year asked."""
    data = saved("variance")
    yield from head(["Shapley", "first-order", "total", "held at its middle"], "quantity, group")
    first = int(data["at"].values[data["at"].values > 0].min())
    for n in np.flatnonzero(np.isin(data["at"].values, (0, first))):
        one = data.isel(output=n)
        for group in (group for group in GROUPS if float(one["shapley"].sel(group=group)) >= 0.02):
            at = one.sel(group=group)
            cells = (_number(at, name) for name in ("shapley", "first_order", "total", "frozen"))
            yield f"| {_name(one)}: {GROUPS[group]} | {' | '.join(cells)} |"


def _name(one: xr.Dataset) -> str:
    year = f" {int(one['at'])}" if int(one["at"]) else ""
    return f"{FUNDS[str(one['fund'].item())]}: {str(one['quantity'].item()).replace('_', ' ')}{year}"


def _share(at: xr.Dataset) -> str:
    return "" if float(at["enters"]) == 0 else _number(at, "shapley")


def _number(at: xr.Dataset, name: str) -> str:
    value, error = PERCENT * float(at[name]), PERCENT * float(at[f"{name}_error"])
    told = plain(error, 1) if np.isfinite(error) else "unknown"
    return f"{plain(value, 1)} ({told})" if np.isfinite(value) else ""


VARIANCE_BLOCKS: dict[str, Callable[[Saved], Iterator[str]]] = {
    "variance_shares": variance_shares,
    "variance_effects": variance_effects,
}
"""Tables by the name of their block."""

VARIANCE_ANSWERS = dict.fromkeys(VARIANCE_BLOCKS, "variance")
"""File whose answer each block tells of."""
