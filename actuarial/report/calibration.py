"""Scores of held-out years: written, read, found for a run, and pooled."""

from __future__ import annotations

import datetime
import json
from collections.abc import Iterable
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

import numpy as np
import pandas as pd

from actuarial.report._errors import ReportError
from forecasting import artefacts

FILE = "backtest.csv"
"""Scores of a backtest in a folder of results."""

RECORDED = "calibration.csv"
"""Scores that come with Granary: those of a backtest on the bundled figures, written by `write`."""

OURS = "granary"
"""What the scores call Granary's own forecast."""

LEVELS = (50, 80, 95)
KEYS = ("series", "origin", "method")
SCORES = ("years", *(f"coverage_{level}" for level in LEVELS), "crps", "bias_share")
"""Columns that the table needs, as `forecasting.backtest.score_table` names them."""

MADE = ("made", "figures", "versions")
"""Columns that say of every row when it was made, on which figures (SHA-256) and by which versions (JSON)."""

GOAL = (0.7, 0.9)
"""Share of held-out years that the 80 % intervals should hold, all series together."""


@dataclass(frozen=True)
class Calibration:
    """Scores of held-out years, and what they were made with.

    Attributes
    ----------
    scores : DataFrame
        One row a series, origin and method with the columns `KEYS` and `SCORES`.
    made, figures : str
        ISO date, and SHA-256 of the figures; empty where the file does not say.
    versions : dict of str to str
        Of Granary and its libraries.
    """

    scores: pd.DataFrame
    made: str
    figures: str
    versions: dict[str, str]


def write(scores: pd.DataFrame, file: Path, figures: str, made: datetime.date | None = None) -> None:
    """Write the scores of a backtest with what they were made with: for a folder of results, or to be recorded.

    Parameters
    ----------
    scores : DataFrame
        With the columns `KEYS` (or them as the index) and `SCORES`; further columns are kept.
    file : pathlib.Path
        A CSV file, written whole or not at all.
    figures : str
        Hash of the tables that the backtest read (`forecasting.sources.Tables.hash`).
    made : datetime.date, optional
        Today if left out.

    Raises
    ------
    ReportError
        Listing every column that is lacking.
    """
    flat = scores.reset_index() if set(KEYS) & set(scores.index.names) else scores
    day = made or datetime.datetime.now(datetime.UTC).date()
    told = (day.isoformat(), figures, json.dumps(artefacts.versions(), sort_keys=True))
    whole = flat.assign(**dict(zip(MADE, told, strict=True)))
    faults = list(_lacking(whole, file))
    if faults:
        raise ReportError(faults)
    artefacts.write_atomically(file, lambda part: whole.to_csv(part, index=False))


def read(file: Path) -> Calibration:
    """Read what `write` wrote, or a plain table of scores.

    Parameters
    ----------
    file : pathlib.Path

    Returns
    -------
    Calibration

    Raises
    ------
    ReportError
        If the file cannot be read, or lacks columns or numbers; lists every fault.
    """
    try:
        table = pd.read_csv(file, dtype=dict.fromkeys(("series", "method", *MADE), str), keep_default_na=True)
    except (OSError, ValueError) as error:
        raise ReportError([f"{file.name} cannot be read ({error}): run `granary backtest` again"]) from error
    faults = list(_lacking(table, file))
    if faults:
        raise ReportError(faults)
    made, figures, versions = (_only(table, name) for name in MADE)
    try:
        known = json.loads(versions or "{}")
    except ValueError:
        known = {}
    return Calibration(table, made, figures, known)


def _lacking(table: pd.DataFrame, file: Path) -> Iterable[str]:
    for name in (*KEYS, *SCORES):
        if name not in table:
            yield f"{file.name} lacks the column {name}: run `granary backtest` again"
        elif name in ("origin", *SCORES) and not pd.api.types.is_numeric_dtype(table[name]):
            yield f"{file.name}: {name} holds something else than numbers: run `granary backtest` again"
    if set(KEYS) <= set(table) and table.duplicated(list(KEYS)).any():
        yield f"{file.name} scores a series, origin and method twice: run `granary backtest` again"


def _only(table: pd.DataFrame, name: str) -> str:
    """Return what a column says of all rows; nothing where it is not there or not of one mind."""
    values = table[name].dropna().unique().tolist() if name in table else []
    return str(values[0]) if len(values) == 1 else ""


def found(folder: Path) -> Calibration | None:
    """Return the scores in a folder of results, else those that come with Granary, else nothing.

    Parameters
    ----------
    folder : pathlib.Path
        Folder of the results.

    Returns
    -------
    Calibration or None

    Raises
    ------
    ReportError
        If there is a file of scores that cannot be read.
    """
    if (folder / FILE).exists():
        return read(folder / FILE)
    with resources.as_file(resources.files("actuarial.report").joinpath(RECORDED)) as file:
        return read(file) if file.exists() else None


def ratios(scores: pd.DataFrame) -> pd.Series:
    """Return the CRPS of Granary over that of the best other method, by series and origin.

    The best is chosen with hindsight for each series and origin, which is the hardest comparison.

    Parameters
    ----------
    scores : DataFrame
        With the columns `KEYS` and ``crps``.

    Returns
    -------
    Series of float
        Below one where Granary was nearer; without the pairs that one side lacks.
    """
    others = scores[scores["method"] != OURS].groupby(["series", "origin"], sort=False)["crps"].min()
    own = scores[scores["method"] == OURS].set_index(["series", "origin"])["crps"]
    return (own / others).reindex(own.index).dropna()


def pooled(ratio: pd.Series) -> float:
    """Return the geometric mean of ratios; NaN of none."""
    return float(np.exp(np.log(ratio).mean())) if len(ratio) else np.nan


def shares(rows: pd.DataFrame) -> dict[str, float]:
    """Return coverage and bias over several origins, each weighted by its years."""
    years = rows["years"].sum()
    return {name: float((rows[name] * rows["years"]).sum() / years) for name in SCORES if name.startswith(("cov", "b"))}
