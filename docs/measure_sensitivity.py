"""The measured tables of sensitivity, for `measure.py`: one input at a time, and indices of variance."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import xarray as xr
from measure_funds import Saved
from measure_mix import head

from actuarial.report._sensitivity_words import changed, places, reach, written

MOST = 6
"""Inputs of an output."""

TOLD = ("empty", "depletion_year", "reserve", "cost_rate", "need")


def sensitivity_tornado(saved: Saved) -> Iterator[str]:
    """Yield the inputs that move each output most, at both ends."""
    data = saved("sensitivity")
    about = data.attrs
    yield f"`{about['scenario']}`, {about['fund']}, {about['by']}, {about['draws']} draws: changes with the input at"
    yield "its low and at its high end, 95 % intervals in brackets; probabilities and rates in points.\n"
    yield from head(["central", "input", "low end", "high end"], "output")
    for output in (name for name in TOLD if name in data["output"].values):
        one = data.sel(output=output)
        for n, key in enumerate(places(reach(one), MOST)):
            at = one.sel(input=key)
            names = (output.replace("_", " "), written(float(one["base"]), output)) if n == 0 else ("", "")
            ends = (_change(at.sel(end=end), output) for end in ("low", "high"))
            yield f"| {names[0]} | {names[1]} | `{key}` | {' | '.join(ends)} |"


def _change(cell: xr.Dataset, output: str) -> str:
    middle, low, high = (changed(float(cell[f"difference{end}"]), output) for end in ("", "_low", "_high"))
    return f"{middle} ({low} to {high})"


def sensitivity_sobol(saved: Saved) -> Iterator[str]:
    """Yield total and first-order indices of the inputs that have one of some size."""
    data = saved("sensitivity")
    outputs = [name for name in TOLD if name in data["output"].values]
    large = [str(k) for k in data["input"].values if (np.nan_to_num(data["total"].sel(input=k)) >= 0.02).any()]
    yield from head([name.replace("_", " ") for name in outputs], "input")
    for key in large:
        cells = (_index(data.sel(input=key, output=name)) for name in outputs)
        yield f"| `{key}` | {' | '.join(cells)} |"


def _index(at: xr.Dataset) -> str:
    total, error, first = (100 * float(at[name]) for name in ("total", "total_error", "first"))
    return f"{total:.0f} ± {error:.0f} ({first:.0f})" if np.isfinite(total) else ""


SENSITIVITY_BLOCKS: dict[str, Callable[[Saved], Iterator[str]]] = {
    "sensitivity_tornado": sensitivity_tornado,
    "sensitivity_sobol": sensitivity_sobol,
}
"""Tables by the name of their block."""

SENSITIVITY_ANSWERS = dict.fromkeys(SENSITIVITY_BLOCKS, "sensitivity")
"""File whose answer each block tells of."""
