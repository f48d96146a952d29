"""Names of inputs and outputs of a sensitivity analysis, and how their numbers are written."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import xarray as xr

from actuarial.report.numbers import DASH, MINUS
from actuarial.report.texts import Texts, catalogue


class Form(NamedTuple):
    """How an output is written: what it is multiplied by, decimals, decimals of a change, and what stands behind it."""

    factor: float
    decimals: int
    finer: int
    suffix: str


FORMS = {
    "empty": Form(100.0, 1, 1, "%"),
    "depletion_year": Form(1.0, 0, 1, ""),
    "reserve": Form(1.0, 2, 2, ""),
    "cost_rate": Form(100.0, 2, 2, "%"),
    "cost_share": Form(100.0, 2, 2, "%"),
    "need": Form(100.0, 2, 2, "%"),
    "actuarial_balance": Form(100.0, 2, 2, "%"),
}
"""Of every output."""


def input_name(texts: Texts, key: str) -> str:
    """Return a short name of an input; a key of the rules without one stays as it is."""
    for known in (f"sensitivity.input.{key}", f"sensitivity.rule.{key}", f"mix.lever.{key}"):
        if known in catalogue():
            return texts(known)
    return key


def output_name(texts: Texts, data: xr.Dataset, output: str) -> str:
    """Return the name of an output, with its year."""
    return output_at(texts, output, int(data.attrs["by"]))


def output_at(texts: Texts, output: str, year: int) -> str:
    """Return the name of an output of a year."""
    return texts(f"sensitivity.output.{output}", year=year)


def unit_name(texts: Texts, unit: str) -> str:
    """Return the words of the unit of an input."""
    return texts.known(f"sensitivity.unit.{unit}", texts.known(f"unit.{unit}", unit))


def change_unit(texts: Texts, output: str) -> str:
    """Return the words of the unit of a change of an output."""
    if FORMS[output].suffix == "%":
        return texts("sensitivity.change_points")
    if output == "depletion_year":
        return texts("sensitivity.change_years")
    return texts("sensitivity.change", unit=texts(f"sensitivity.measure.{output}"))


def written(value: float, output: str) -> str:
    """Write the value of an output."""
    form = FORMS[output]
    if not np.isfinite(value):
        return DASH
    text = (
        f"{abs(form.factor * value):{',' if form.suffix == '' and output != 'depletion_year' else ''}.{form.decimals}f}"
    )
    return f"{MINUS if value < 0 and text.strip('0.') else ''}{text}{form.suffix}"


def changed(value: float, output: str) -> str:
    """Write a change of an output, with its sign; percentage points without theirs."""
    form = FORMS[output]
    if not np.isfinite(value):
        return DASH
    text = f"{abs(form.factor * value):.{form.finer}f}"
    return text if not text.strip("0.") else f"{MINUS if value < 0 else '+'}{text}"


def between(texts: Texts, low: str, high: str) -> str:
    """Write an interval whose ends are written already."""
    return texts("interval", low=low, high=high) if low != high else low


def places(values: xr.DataArray, most: int) -> list[str]:
    """Return the inputs with the largest values, largest first; those without one are left out."""
    sizes = np.nan_to_num(values.values, nan=-np.inf)
    order = np.argsort(-sizes, kind="stable")[:most]
    return [str(values["input"].values[n]) for n in order if np.isfinite(sizes[n])]


def reach(one: xr.Dataset) -> xr.DataArray:
    """Return how far each input moves an output to either side: the larger of its two changes."""
    return abs(one["difference"]).max("end")


def ranged(value: float) -> str:
    """Write the end of a range with the digits that tell it from its neighbours, whatever its unit."""
    if abs(value) >= 1e6:
        return f"{value:.3g}".replace("e+", " × 10^").replace("-", MINUS)
    text = f"{value:,.0f}" if abs(value) >= 1e3 else f"{value:.4g}"
    return text.replace("-", MINUS)
