"""What a sensitivity analysis found, in plain lines for a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
import xarray as xr

from actuarial.report._sensitivity_words import (
    between,
    changed,
    input_name,
    output_name,
    places,
    reach,
    written,
)
from actuarial.report.records import Language
from actuarial.report.texts import Texts

MOST = 4
"""Inputs of a line."""


def explain(found: xr.Dataset, language: Language, titles: Mapping[str, str]) -> list[str]:
    """Say in plain lines what moves a forecast.

    Parameters
    ----------
    found : xarray.Dataset
        From `actuarial._sensitivity_run.run`, or as saved.
    language : {"en", "zh"}
    titles : mapping of str to str
        Title of every scenario in that language.

    Returns
    -------
    list of str
        What was asked; then a line an output with the inputs that move it most, their changes at both ends and the
        paired intervals; then the sets, the screening and the indices of variance, where they were asked for.
    """
    texts, about = Texts(language), found.attrs
    scenario = str(about["scenario"])
    fund = texts.known(f"household.fund.{about['fund']}", str(about["fund"]))
    head = texts(
        "sensitivity.line.asked", fund=fund, scenario=titles.get(scenario, scenario), year=int(about["by"]),
        draws=int(about["draws"]),
    )  # fmt: skip
    outputs = [str(name) for name in found["output"].values]
    lines = [_alone(texts, found, name) for name in outputs]
    lines += _sets(texts, found, outputs)
    lines += _ranked(texts, found, outputs, "mu_star", "morris")
    lines += _ranked(texts, found, outputs, "total", "sobol")
    return [head, *lines]


def _alone(texts: Texts, found: xr.Dataset, output: str) -> str:
    one = found.sel(output=output)
    parts = []
    for key in places(reach(one), MOST):
        cells = {end: one.sel(input=key, end=end) for end in ("low", "high")}
        words = {end: changed(float(cell["difference"]), output) for end, cell in cells.items()}
        words |= {
            f"{end}_interval": between(
                texts, *(changed(float(cell[f"difference_{side}"]), output) for side in ("low", "high"))
            )
            for end, cell in cells.items()
        }
        parts.append(texts("sensitivity.line.part", input=input_name(texts, key), **words))
    name, base = output_name(texts, found, output), written(float(one["base"]), output)
    return texts("sensitivity.line.output", output=name, base=base, parts=texts("sensitivity.semicolon").join(parts))


def _sets(texts: Texts, found: xr.Dataset, outputs: list[str]) -> Iterator[str]:
    if not {"low_cost", "high_cost"} <= set(found["set"].values.tolist()):
        return
    for output in outputs:
        values = found["set_value"].sel(output=output)
        words = {name: written(float(values.sel(set=name)), output) for name in ("low_cost", "central", "high_cost")}
        yield texts("sensitivity.line.sets", output=output_name(texts, found, output), **words)


def _ranked(texts: Texts, found: xr.Dataset, outputs: list[str], variable: str, key: str) -> Iterator[str]:
    for output in outputs:
        values = found[variable].sel(output=output)
        if not np.isfinite(values).any() or not (values > 0).any():
            continue
        pairs = [
            texts(
                "sensitivity.line.pair",
                input=input_name(texts, one),
                value=f"{100 * float(values.sel(input=one)):.0f}%"
                if key == "sobol"
                else changed(float(values.sel(input=one)), output).removeprefix("+"),
            )
            for one in places(values, MOST)
        ]
        name = output_name(texts, found, output)
        yield texts(f"sensitivity.line.{key}", output=name, parts=texts("sensitivity.comma").join(pairs))
