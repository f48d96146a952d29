"""What a run leaves on disk: its artefacts and the records that explain them."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import xarray as xr

from actuarial import _inputs
from actuarial._export import TABLES
from actuarial._records import Results, posteriors, records
from actuarial.report import read_results, workbook, write_brief, write_report
from actuarial.report.answer import answer
from actuarial.report.records import SCHEMAS, Language
from actuarial.report.results import PARENTS
from actuarial.runfile import RunFaults
from forecasting import artefacts
from forecasting._faults import Fault
from forecasting.models import predictive

if TYPE_CHECKING:
    from actuarial.runfile import RunFile

__all__ = ["EXPORTED", "FILES", "LANGUAGES", "Results", "check_folder", "check_place", "save", "save_arrays"]

LANGUAGES: tuple[Language, ...] = ("en", "zh")
"""The page is written in each; ``report.html`` is that of the run."""

FILES = (
    *(f"{kind}.nc" for kind in PARENTS),
    *(f"{name}.json" for name in SCHEMAS),
    *(f"report.{language}.html" for language in LANGUAGES),
    "report.html",
    *(f"brief.{language}.html" for language in LANGUAGES),
    workbook.NAME,
    _inputs.NAME,
)
"""Everything that a run leaves in its folder; a region has no backcast."""

PRINTED = ("report.pdf", *(f"{page}.{language}.pdf" for page in ("report", "brief") for language in LANGUAGES))
"""What `granary report --pdf` may have left there; it shows the pages as they were when it was printed."""

EXPORTED = tuple(workbook.NAME.replace(".", f".{language}.") for language in LANGUAGES) + TABLES + PRINTED
"""What `granary export` and `granary report` may have left there of an older run."""


def check_place(out: Path) -> None:
    """Refuse a folder that cannot take the results, before any work is done.

    Parameters
    ----------
    out : pathlib.Path
        Folder of the results; the folder around it is made if it is missing.

    Raises
    ------
    RunFaults
        Listing every reason.
    """
    check_folder(out, FILES)


def check_folder(out: Path, files: Iterable[str]) -> Path:
    """Refuse a folder that cannot take some files, before any work is done.

    Parameters
    ----------
    out : pathlib.Path
        The folder around it is made if it is missing.
    files : iterable of str
        Names of the files.

    Returns
    -------
    pathlib.Path
        `out`.

    Raises
    ------
    RunFaults
        Listing every reason.
    """
    do = "Name another folder with --out, or in the run file"
    faults = [
        Fault(str(out / name), "this is a folder; a file of the results goes there", "Take it away")
        for name in files
        if (out / name).is_dir()
    ]
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        for folder in (out.parent, out) if out.exists() else (out.parent,):
            tempfile.TemporaryFile(dir=folder).close()
    except OSError as error:
        faults.append(Fault(str(out), f"results cannot be written here: {error.strerror}", do))
    if faults:
        raise RunFaults("the folder of the results", faults)
    return out


def save(results: Results, run_file: RunFile, out: Path, *, cache: Path | None = None) -> list[str]:
    """Write every file of a run; the old ones stay until all new ones are whole.

    Parameters
    ----------
    results : Results
        From `actuarial.valuation.value`.
    run_file : RunFile
        What was run.
    out : pathlib.Path
        Folder of the results.
    cache : pathlib.Path, optional
        Folder of the posteriors, where the checks of each are kept beside it; without it they are made again.

    Returns
    -------
    list of str
        The answer in plain lines, in the language of the run.
    """
    out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=out.parent, prefix=f".{out.name}.") as name:
        part = Path(name)
        answers = _write(results, run_file, part, cache)
        saved = read_results(part)
        for language in LANGUAGES:
            write_report(part, language, saved)
            write_brief(part, language, saved)
        workbook.write_workbook(saved, part / workbook.NAME)
        _inputs.keep(run_file, part)
        _put_in_place(part, out)
    return answers[run_file.run.language]


def _write(results: Results, run_file: RunFile, folder: Path, cache: Path | None) -> dict[Language, list[str]]:
    titles: dict[Language, dict[str, str]] = {
        "en": {n: s.title for n, s in run_file.scenarios.items()},
        "zh": {n: s.title_zh or s.title for n, s in run_file.scenarios.items()},
    }
    told = (results.projection, results.indicators)
    answers = {k: answer(*told, titles[k], k, results.region, others=results.others) for k in LANGUAGES}
    save_arrays(results.arrays, folder, _origin(results, run_file))
    found = records(results, run_file, answers, predictive.checks(results.fits, cache), folder)
    for key, record in found.items():
        (folder / f"{key}.json").write_text(json.dumps(record, ensure_ascii=False, indent=1), encoding="utf-8")
    return answers


def _put_in_place(part: Path, out: Path) -> None:
    """Move the new files into `out`, old results out; if that is stopped midway, the old ones come back."""
    new = {file.name for file in part.iterdir()}
    # What only an older run left, such as the backcast of a nation or an export, is no part of this one.
    names = sorted(new | {file for file in (*FILES, *EXPORTED) if (out / file).exists()})
    out.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=out.parent, prefix=f".{out.name}.") as name:
        old = Path(name)
        try:
            for file in names:
                if (out / file).exists():
                    (out / file).replace(old / file)
                if file in new:
                    (part / file).replace(out / file)
        except BaseException:
            for file in names:
                if file in new and not (part / file).exists():
                    (out / file).unlink(missing_ok=True)
                if (old / file).exists():
                    (old / file).replace(out / file)
            raise


def _origin(results: Results, run_file: RunFile) -> dict[str, object]:
    """Return what every saved array says of itself: seed, versions, figures and posteriors."""
    return {
        "seed": run_file.run.seed,
        "versions": json.dumps(artefacts.versions(), sort_keys=True),
        "figures": results.fits.tables.hash,
        "posteriors": json.dumps(posteriors(results), sort_keys=True),
    }


def save_arrays(arrays: Mapping[str, xr.Dataset], folder: Path, origin: Mapping[str, object]) -> None:
    """Save the datasets of a run, each with its origin and the hash of every file that it was computed from.

    Parameters
    ----------
    arrays : mapping of str to xarray.Dataset
        By kind; of `actuarial.report.results.PARENTS`, those of `NOT_ALWAYS` may be absent.
    folder : pathlib.Path
        Where to.
    origin : mapping of str to object
        Attributes for each: seed, versions, hashes of figures and posteriors.
    """
    for kind in (kind for kind in PARENTS if kind in arrays):
        parents = (name for name in PARENTS[kind] if name in arrays)
        above = {f"parent_{name}": artefacts.digest(folder / f"{name}.nc") for name in parents}
        artefacts.save(arrays[kind].assign_attrs(**origin, **above), folder / f"{kind}.nc", kind)
