"""The page of a reconciliation: what leads from one valuation to the next, with intervals, and what came meanwhile."""

from __future__ import annotations

import functools
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import xarray as xr
from markupsafe import Markup
from plotly.offline import get_plotlyjs

from actuarial.report._html import as_json, asset, environment, policy
from actuarial.report._reconciliation_panels import Panel, panels
from actuarial.report._reconciliation_words import fund_name, step_name
from actuarial.report._sensitivity_words import changed, written
from actuarial.report.numbers import DASH
from actuarial.report.records import Language
from actuarial.report.texts import Texts
from actuarial.report.tidy import BOM, quoted
from forecasting import artefacts

__all__ = ["FILES", "Reconciled", "lines", "write"]

LANGUAGES: tuple[Language, ...] = ("en", "zh")

PAGE, ARRAYS, STEPS, CAME = "reconciliation.html", "reconciliation.nc", "reconciliation.csv", "experience.csv"

FILES = (ARRAYS, STEPS, CAME, *(f"reconciliation.{language}.html" for language in LANGUAGES), PAGE)
"""What :func:`write` leaves; `CAME` only where years have been added."""


@dataclass(frozen=True)
class Reconciled:
    """How one valuation leads to another.

    Attributes
    ----------
    table : xarray.Dataset
        The variables of :data:`RECONCILIATION` over (scenario, fund, output, at, step). The first step, ``opening``, is
        the old valuation as it was saved and has no change; the last, ``rest``, ends at the new one as it was saved.
        NaN where a fund has no such output. Coordinates: ``unit`` of outputs, ``kind`` and ``name`` of steps.
        Attributes: ``draws`` and ``base_year`` of old and new, ``created``.
    experience : pandas.DataFrame
        What the old valuation expected of the years since, beside what has been published; empty where none were added.
    titles : dict of str to tuple of str
        English and Chinese title of each scenario, as in the new run file.
    lost, gained : list of str
        Scenarios that only the old or only the new valuation has, which are not compared.
    """

    table: xr.Dataset
    experience: pd.DataFrame
    titles: dict[str, tuple[str, str]]
    lost: list[str]
    gained: list[str]


def write(out: Path, found: Reconciled, language: Language) -> Path:
    """Write a reconciliation: arrays, long tables and the page in both languages.

    Parameters
    ----------
    out : pathlib.Path
        Folder; made if it is missing.
    found : Reconciled
    language : {"en", "zh"}
        That of ``reconciliation.html``.

    Returns
    -------
    pathlib.Path
        ``reconciliation.html``; beside it are the other `FILES`. The same reconciliation always gives the same bytes.
    """
    out.mkdir(parents=True, exist_ok=True)
    artefacts.save(found.table, out / ARRAYS, "reconciliation")
    _csv(found.table.to_dataframe().dropna(subset=["value"]).reset_index(), out / STEPS)
    if found.experience.empty:
        (out / CAME).unlink(missing_ok=True)
    else:
        _csv(found.experience, out / CAME)
    for one in LANGUAGES:
        page = render(found, Texts(one)).encode("utf-8")
        for name in [f"reconciliation.{one}.html"] + ([PAGE] if one == language else []):
            artefacts.write_atomically(out / name, functools.partial(Path.write_bytes, data=page))
    return out / PAGE


def _csv(frame: pd.DataFrame, file: Path) -> None:
    table = frame.map(lambda cell: quoted(cell) if isinstance(cell, str) else cell)
    text = table.to_csv(index=False, lineterminator="\n", na_rep="", float_format="%.6g")
    artefacts.write_atomically(file, lambda part: part.write_bytes(BOM + text.encode("utf-8")))


def lines(found: Reconciled, texts: Texts) -> Iterator[str]:
    """Say for every fund and scenario, in one line, where it was, where it is, and what moved it most.

    Parameters
    ----------
    found : Reconciled
    texts : Texts

    Yields
    ------
    str
    """
    at = int(found.table["at"].values[-1])
    for scenario, titles in found.titles.items():
        for fund in found.table["fund"].values.tolist():
            one = found.table.sel(scenario=scenario, fund=fund, output="empty", at=at)
            if one["value"].isnull().any():
                continue
            changes = one["change"].values
            order = [n for n in np.argsort(-np.abs(changes), kind="stable") if abs(changes[n]) >= LEAST][:MOST]
            keys = one["step"].values
            parts = [f"{step_name(texts, found.table, keys[n])} {changed(float(changes[n]), 'empty')}" for n in order]
            yield texts(
                "reconciliation.line",
                fund=fund_name(texts, fund),
                scenario=texts.pick(*titles),
                year=at,
                old=written(float(one["value"][0]), "empty"),
                new=written(float(one["value"][-1]), "empty"),
                parts=texts("answer.comma").join(parts) or texts("reconciliation.nothing"),
            )


LEAST, MOST = 0.0005, 4
"""A change that a line names is at least so large; how many it names."""


@dataclass(frozen=True)
class _Row:
    """A row of the table of experience: words, and whether the figure lies in the interval."""

    cells: tuple[str, ...]
    inside: bool


def render(found: Reconciled, texts: Texts) -> str:
    """Return the page as text.

    Parameters
    ----------
    found : Reconciled
    texts : Texts

    Returns
    -------
    str
        HTML with styles, scripts and data inside.
    """
    table = found.table
    made: list[Panel] = list(panels(table, found.titles, texts))
    scripts = {"plotly": get_plotlyjs(), "draw": asset("page.js")}
    old, new = (int(year) for year in table.attrs["base_year"])
    rows = list(_experience(found.experience, texts))
    return (
        environment()
        .get_template("reconciliation.html.j2")
        .render(
            t=texts,
            language=texts.language,
            years={"old": old, "new": new, "at": int(table["at"].values[-1])},
            draws=[int(one) for one in table.attrs["draws"]],
            panels=made,
            lines=list(lines(found, texts)),
            experience=rows,
            inside=sum(row.inside for row in rows),
            unmatched=[
                (name, texts(f"reconciliation.{side}")) for side in ("lost", "gained") for name in getattr(found, side)
            ],
            specs=as_json({one.id: json.loads(one.figure.to_json()) for one in made}),
            scripts={name: Markup(text) for name, text in scripts.items()},  # noqa: S704 -- our own files, no data in them
            policy=policy(scripts.values()),
            style=Markup(asset("style.css") + asset("folds.css")),  # noqa: S704
        )
    )


def _experience(came: pd.DataFrame, texts: Texts) -> Iterator[_Row]:
    for row in came.to_dict("records"):
        form = UNITS[row["unit"]]
        factor = form[1][texts.language]
        numbers = [f"{row[name] / factor:,.{form[2]}f}" for name in ("actual", "expected", "low", "high")]
        cells = (
            texts(f"scored.{row['series']}"),
            str(row["year"]),
            texts(f"reconciliation.unit.{form[0]}"),
            *numbers[:2],
            texts("interval", low=numbers[2], high=numbers[3]),
            f"{100 * row['below']:.0f}%",
        )
        yield _Row(tuple(cell or DASH for cell in cells), bool(row["low"] <= row["actual"] <= row["high"]))


UNITS: dict[str, tuple[str, dict[str, float], int]] = {
    "persons": ("persons", {"en": 1e6, "zh": 1e4}, 1),
    "yuan": ("yuan", {"en": 1e9, "zh": 1e8}, 1),
    "yuan per person-year": ("income", {"en": 1.0, "zh": 1.0}, 0),
    "children per woman": ("children", {"en": 1.0, "zh": 1.0}, 2),
    "years": ("years", {"en": 1.0, "zh": 1.0}, 1),
}
"""By unit of the figures: name of the unit shown, its size in each language, decimals."""
