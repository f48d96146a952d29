"""Charts and tables of a reconciliation: one fund under one scenario each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import plotly.graph_objects as go
import xarray as xr

from actuarial.report._reconciliation_figures import Course, waterfall
from actuarial.report._reconciliation_words import fund_name, step_name
from actuarial.report._sensitivity_words import FORMS, between, changed, output_at, written
from actuarial.report.blocks import plain
from actuarial.report.texts import Texts

FIRST = "empty"
"""Output that a chart shows at first, and on paper."""


@dataclass(frozen=True)
class Panel:
    """One fund under one scenario: a chart with a button an output, and the table behind it.

    Attributes
    ----------
    id, title, unit, alt : str
    figure : plotly.graph_objects.Figure
    heads : list of str
        Of the columns after the first.
    rows : list
        Name of a step, and for each column the change and, in small print, its interval; the first and the last row
        hold values.
    """

    id: str
    title: str
    unit: str
    alt: str
    figure: go.Figure
    heads: list[str]
    rows: list[tuple[str, list[tuple[str, str]]]]


def columns_of(one: xr.Dataset) -> list[tuple[str, int]]:
    """Return outputs and years of the columns of a fund's table: the probability in every year, others in the last."""
    years = [int(year) for year in one["at"].values]
    return [(FIRST, year) for year in years] + [(name, years[-1]) for name in _shown(one, years[-1]) if name != FIRST]


def panels(table: xr.Dataset, titles: Mapping[str, tuple[str, str]], texts: Texts) -> Iterator[Panel]:
    """Yield the panel of every fund and scenario that was reconciled."""
    at = int(table["at"].values[-1])
    for number, scenario in enumerate(table["scenario"].values.tolist()):
        for fund in table["fund"].values.tolist():
            one = table.sel(scenario=scenario, fund=fund)
            if one["value"].sel(output=FIRST).isnull().any():
                continue
            title = texts("reconciliation.panel", fund=fund_name(texts, fund), scenario=texts.pick(*titles[scenario]))
            courses = [_course(one, name, at, texts) for name in _shown(one, at)]
            figure = waterfall(courses, [plain(name) for name in _names(one, texts)])
            alt = texts(
                "reconciliation.alt", title=title, year=at, steps=one.sizes["step"] - 1,
                old=written(float(one["value"].sel(output=FIRST, at=at)[0]), FIRST),
                new=written(float(one["value"].sel(output=FIRST, at=at)[-1]), FIRST),
            )  # fmt: skip
            heads = [output_at(texts, output, year) for output, year in columns_of(one)]
            name, unit = f"reconciliation-{number}-{fund}", texts("reconciliation.unit_lead")
            yield Panel(name, title, unit, alt, figure, heads, _rows(one, texts))


def _shown(one: xr.Dataset, at: int) -> list[str]:
    names = one["output"].values.tolist()
    return [name for name in names if not one["value"].sel(output=name, at=at).isnull().any()]


def _names(one: xr.Dataset, texts: Texts) -> list[str]:
    """Return the rows of the chart, from the top: the old valuation, steps, the new one."""
    return [*(step_name(texts, one, key) for key in one["step"].values.tolist()), texts("reconciliation.step.closing")]


def _course(one: xr.Dataset, output: str, at: int, texts: Texts) -> Course:
    data, form = one.sel(output=output, at=at), FORMS[output]
    parts = (data[name].values * form.factor for name in ("value", "change", "change_low", "change_high"))
    value, change, low, high = parts
    told = [written(float(data["value"][0]), output)]
    told += [changed(float(number), output) for number in data["change"].values[1:]]
    told += [written(float(data["value"][-1]), output)]
    label = texts(f"reconciliation.button.{output}", year=at)
    return Course(label, value, change, low, high, told, form.suffix)


def _rows(one: xr.Dataset, texts: Texts) -> list[tuple[str, list[tuple[str, str]]]]:
    names, columns = _names(one, texts), columns_of(one)
    made = []
    for n, name in enumerate(names):
        cells = []
        for output, year in columns:
            data = one.sel(output=output, at=year)
            if n in (0, len(names) - 1):
                cells.append((written(float(data["value"][0 if n == 0 else -1]), output), ""))
            else:
                low, high = (changed(float(data[end][n]), output) for end in ("change_low", "change_high"))
                moved = float(data["change"][n]) != 0.0
                cells.append((changed(float(data["change"][n]), output), between(texts, low, high) if moved else ""))
        made.append((name, cells))
    return made
