"""What the command `granary export` does: check what is asked for, read saved results, write one file."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal, cast, get_args

from actuarial.progress import Progress
from actuarial.report import read_results
from actuarial.report._variables import saved
from actuarial.report.records import Language
from actuarial.report.results import Results
from actuarial.report.tidy import write_tidy
from actuarial.report.workbook import NAME, write_workbook
from actuarial.runfile import RunFaults
from forecasting._faults import Fault

Form = Literal["xlsx", "csv", "parquet"]

TABLES = tuple(f"results{draws}.{form}" for draws in ("", "_draws") for form in ("csv", "parquet"))
"""Names of the long tables."""


@dataclass(frozen=True)
class Wanted:
    """What is to be written.

    Attributes
    ----------
    form : {"xlsx", "csv", "parquet"}
        The workbook, or the long table.
    language : {"en", "zh"}, optional
        Of the workbook; that of the run by default.
    draws : bool
        Whether the long table holds every draw.
    """

    form: Form
    language: Language | None
    draws: bool


def wanted(form: str, language: str | None, *, draws: bool) -> Wanted:
    """Check the options of the command.

    Parameters
    ----------
    form, language : str
        As typed.
    draws : bool
        Whether every draw is asked for.

    Raises
    ------
    RunFaults
        Listing every option that is unknown, or that the format has no use for.
    """
    faults = []
    if form not in get_args(Form):
        faults.append(Fault("--format", f'"{form}" is not a choice here', "Give xlsx, csv or parquet"))
    if language is not None and language not in get_args(Language):
        faults.append(Fault("--language", f'"{language}" is not a choice here', "Give en or zh"))
    if draws and form == "xlsx":
        faults.append(Fault("--draws", "a workbook has no room for draws", "Add --format parquet, or leave it out"))
    if language is not None and form in ("csv", "parquet"):
        faults.append(Fault("--language", "the long table has none: its names are keys", "Leave it out"))
    if faults:
        raise RunFaults("the command", faults)
    return Wanted(cast("Form", form), cast("Language | None", language), draws)


def write(folder: Path, what: Wanted, out: Path, progress: Progress) -> str:
    """Read the results of a run and write one file.

    Parameters
    ----------
    folder : pathlib.Path
        Of the results.
    what : Wanted
        Format, language, draws.
    out : pathlib.Path
        Folder of the new file.
    progress : Progress
        Told of both steps.

    Returns
    -------
    str
        One line for a person: the file, its rows where it is a table, its size.

    Raises
    ------
    actuarial.report.ReportError
        If the saved results are incomplete; lists every fault, and nothing is written.
    """
    with progress.step("read results"):
        results = read_results(folder)
    file = out / _name(what, results)
    if what.form == "xlsx":
        with progress.step(f"write {file.name}"):
            write_workbook(results, file, what.language)
        return f"Workbook: {file} ({_size(file)})"
    with progress.step(f"write {file.name}", total=sum(1 for _ in saved(results))) as step:
        rows = write_tidy(results, file, what.form, draws=what.draws, advance=step.advance)
    return f"Table: {file} ({rows:,} rows, {_size(file)})"


def _name(what: Wanted, results: Results) -> str:
    """Return the name of the file; the workbook of another language than the run's has it in its name."""
    if what.form != "xlsx":
        return f"results{'_draws' if what.draws else ''}.{what.form}"
    own = what.language in (None, results.manifest.language)
    return NAME if own else NAME.replace(".", f".{what.language}.")


def _size(file: Path) -> str:
    return f"{file.stat().st_size / 1e6:,.1f} MB"
