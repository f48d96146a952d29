"""Forecast again from earlier years and hold the intervals against what came."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import xarray as xr

from actuarial import _calibration_page as page
from actuarial._calibration_forecast import fit_at, simulate
from actuarial._calibration_summary import summarise
from actuarial.progress import Progress, Silent
from actuarial.report import calibration as scores
from forecasting import artefacts
from forecasting.backtest import ORIGINS, SERIES, Backtest, backtest
from forecasting.projection import ORDER
from forecasting.sources import FigureNotFound, Tables, read_tables

if TYPE_CHECKING:
    from actuarial.runfile import RunFile

__all__ = ["FILES", "Calibration", "run"]

FILES = (scores.FILE, "backtest_paths.csv", "backtest.html")
"""What a backtest leaves in its folder: scores, quantiles of every path, and the page."""


@dataclass(frozen=True)
class Calibration:
    """Where a backtest ended.

    Attributes
    ----------
    scored : forecasting.backtest.Backtest
        Scores and quantiles of every series, origin and method.
    lacking : dict of int to dict of str to str
        By origin: models that could not be fitted, and why.
    lines : list of str
        Table of coverage and CRPS in plain lines, to be printed.
    folder, page : pathlib.Path
        Folder of the results, and the page.
    """

    scored: Backtest
    lacking: dict[int, dict[str, str]]
    lines: list[str]
    folder: Path
    page: Path


def run(
    run_file: RunFile,
    out: Path,
    origins: Sequence[int] = ORIGINS,
    *,
    force: bool = False,
    report: Progress | None = None,
) -> Calibration:
    """Fit every model at earlier years with what was known then, forecast, and score.

    Parameters
    ----------
    run_file : RunFile
        Checked; its figures, priors, sampling, seed, draws and ``[pension]`` tables are used.
    out : pathlib.Path
        Folder of the results; posteriors are kept beside it.
    origins : sequence of int, optional
        Last years that a forecast sees.
    force : bool
        Go on where a model did not converge.
    report : Progress, optional
        Told of every step.

    Returns
    -------
    Calibration
        Whose files, `FILES`, are in `out`; each is written whole or not at all.

    Raises
    ------
    forecasting.sources.DataFaults
        Listing every fault of the data folder.
    forecasting.models.sampling.GateError
        If a model did not converge and `force` is false.

    Notes
    -----
    A model that the figures known at an origin do not carry is left out there, with its reason. The figures are
    today's revisions; see `actuarial._calibration_priors` for the priors of each origin.
    """
    report = report or Silent()
    with report.step("read figures"):
        tables = read_tables(run_file.data_folders, run_file.run.country)
    forecasts: dict[int, dict[str, xr.DataArray]] = {}
    lacking: dict[int, dict[str, str]] = {}
    cache = out.parent / "posteriors"
    for year in origins:
        lacking[year], forecasts[year] = _at(run_file, tables, year, cache, force=force, report=report)
    with report.step("score held-out years"):
        scored = backtest(tables, forecasts, draws=run_file.run.draws, seed=run_file.run.seed)
    with report.step("write scores and page") as step:
        found = _write(scored, lacking, run_file, tables, out)
        step.note(str(out))
    return found


def _at(
    run_file: RunFile, tables: Tables, year: int, cache: Path, *, force: bool, report: Progress
) -> tuple[dict[str, str], dict[str, xr.DataArray]]:
    """Return the models that lack at an origin, and the forecasts of the others."""
    priors = {name: run_file.priors_of(name) for name in ORDER}
    origin = fit_at(tables, year, run_file.settings, priors, cache=cache, force=force, report=report.step)
    with report.step(f"forecast from {year}"):
        return origin.skipped, simulate(origin, run_file.pension, _last_year(tables))


def _last_year(tables: Tables) -> int:
    """Return the last year that any scored series is published for."""
    last = []
    for held in SERIES.values():
        try:
            last.append(int(held.of(tables).index.max()))
        except FigureNotFound:
            continue
    return max(last)


def _write(
    scored: Backtest, lacking: dict[int, dict[str, str]], run_file: RunFile, tables: Tables, out: Path
) -> Calibration:
    summary, language = summarise(scored, lacking), run_file.run.language
    made = page.Words(language)("made", draws=f"{run_file.run.draws:,}", seed=run_file.run.seed)
    text = page.render(scored, summary, tables, made, language)
    out.mkdir(parents=True, exist_ok=True)
    names = dict(zip(("scores", "paths", "page"), (out / name for name in FILES), strict=True))
    scores.write(scored.scores, names["scores"], tables.hash)
    artefacts.write_atomically(names["paths"], scored.paths.to_csv)
    artefacts.write_atomically(names["page"], lambda part: part.write_text(text, encoding="utf-8"))
    return Calibration(scored, lacking, summary.lines(), out, names["page"])
