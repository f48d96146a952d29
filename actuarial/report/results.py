"""Read and check the saved results of one run; every fault at once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr
from pydantic import ValidationError

from actuarial.report import _mix_kinds, _sensitivity_kinds, _variance_kinds, calibration
from actuarial.report._errors import ReportError
from actuarial.report._shapes import (
    BACKCAST,
    BY_YEAR,
    FIRST_YEARS,
    INCOME,
    NOT_ALWAYS,
    OTHERS,
    OUTGO,
    PARENTS,
    SHAPES,
)
from actuarial.report.calibration import Calibration
from actuarial.report.records import LATER, SCHEMAS, Assumption, Check, Diagnosis, Manifest, Observed, Source
from forecasting import artefacts

ASKED = (*_mix_kinds.ASKED, *_sensitivity_kinds.ASKED, *_variance_kinds.ASKED)
"""Files that questions add to the folder of a run: read where they are, whatever its manifest names."""

__all__ = [
    "BACKCAST",
    "BY_YEAR",
    "FIRST_YEARS",
    "INCOME",
    "NOT_ALWAYS",
    "OTHERS",
    "OUTGO",
    "PARENTS",
    "SHAPES",
    "Results",
    "read_results",
]


@dataclass(frozen=True)
class Results:
    """The saved results of one run.

    Attributes
    ----------
    folder : pathlib.Path
        Where they were read.
    manifest, observed, diagnostics, assumptions, sources, checks
        The JSON records (`actuarial.report.records`).
    projection, account, indicators : xarray.Dataset
        The netCDF files, checked against `SHAPES`.
    backcast : xarray.Dataset or None
        Likewise; a run of a region has none.
    members : xarray.Dataset or None
        Likewise: accounts by age, paid years and tiers; an older run has none.
    medical, unemployment, time_bank, care_plan, household, medical_backcast, pooling : xarray.Dataset or None
        Likewise, where the run valued them; the first four over the scenarios that have the scheme.
    payers, paired, attribution, generations, zones : xarray.Dataset or None
        Likewise: who pays, scenarios held against the first, what measures add, cohorts, and parts of the country.
    frontier, breakeven, stress, variance, sensitivity : xarray.Dataset or None
        Likewise, where a command of their own added them to the folder.
    calibration : Calibration or None
        Scores of held-out years: those in the folder, else those that come with Granary, else none.
    """

    folder: Path
    manifest: Manifest
    observed: dict[str, Observed]
    diagnostics: list[Diagnosis]
    assumptions: list[Assumption]
    sources: list[Source]
    checks: list[Check]
    projection: xr.Dataset
    account: xr.Dataset
    indicators: xr.Dataset
    backcast: xr.Dataset | None
    members: xr.Dataset | None = None
    medical: xr.Dataset | None = None
    unemployment: xr.Dataset | None = None
    time_bank: xr.Dataset | None = None
    care_plan: xr.Dataset | None = None
    household: xr.Dataset | None = None
    medical_backcast: xr.Dataset | None = None
    pooling: xr.Dataset | None = None
    payers: xr.Dataset | None = None
    paired: xr.Dataset | None = None
    attribution: xr.Dataset | None = None
    generations: xr.Dataset | None = None
    zones: xr.Dataset | None = None
    frontier: xr.Dataset | None = None
    breakeven: xr.Dataset | None = None
    stress: xr.Dataset | None = None
    variance: xr.Dataset | None = None
    sensitivity: xr.Dataset | None = None
    calibration: Calibration | None = None


def read_results(folder: Path) -> Results:
    """Read every file of a run's folder and check it.

    Parameters
    ----------
    folder : pathlib.Path
        The folder that a run wrote, ``out/<name>``.

    Returns
    -------
    Results
        In memory; all files are closed.

    Raises
    ------
    ReportError
        Listing every file, field, variable or label that is missing or does not fit, and every file that is
        not the one from which another was made.
    """
    faults: list[str] = []
    parts: dict[str, Any] = {name: _record(folder, name, faults) for name in SCHEMAS}
    parts |= {kind: _dataset(folder, kind, faults) if _promised(parts, kind, folder) else None for kind in SHAPES}
    try:
        scores = calibration.found(folder)
    except ReportError as error:
        faults += error.faults
    if not faults:
        faults += [*_disagreements(parts), *_strangers(folder, parts)]
    if faults:
        raise ReportError(faults)
    return Results(folder, **parts, calibration=scores)


def _promised(parts: dict[str, Any], kind: str, folder: Path) -> bool:
    """Whether a file is to be read: all of them, but those of `NOT_ALWAYS` that the manifest does not name."""
    manifest: Manifest | None = parts["manifest"]
    if kind in ASKED and (folder / f"{kind}.nc").exists():
        return True
    if kind not in NOT_ALWAYS:
        return True
    return NOT_ALWAYS[kind] if manifest is None else f"{kind}.nc" in manifest.inputs


def _record(folder: Path, name: str, faults: list[str]) -> Any:
    file = folder / f"{name}.json"
    try:
        return SCHEMAS[name].validate_json(file.read_bytes())
    except OSError:
        if name in LATER and not file.exists():
            return LATER[name]
        faults.append(f"{file.name} is missing in {folder}: run `granary forecast` first")
    except ValidationError as error:
        where = [(".".join(str(part) for part in fault["loc"]), fault["msg"]) for fault in error.errors()]
        faults += [f"{file.name}: {place or 'the file'}: {message}" for place, message in where]
    return None


def _dataset(folder: Path, kind: str, faults: list[str]) -> xr.Dataset | None:
    try:
        data = artefacts.load(folder / f"{kind}.nc", kind)
    except artefacts.ArtefactError as error:
        faults.append(str(error))
        return None
    faults += _shape_faults(data, kind)
    return data


def _shape_faults(data: xr.Dataset, kind: str) -> Iterator[str]:
    for name, dims in SHAPES[kind].items():
        if name not in data:
            yield f"{kind}.nc lacks {name}: run `granary forecast` again"
        elif not set(dims) - {"draw"} <= set(data[name].dims) <= set(dims):
            yield f"{kind}.nc: {name} has dimensions {', '.join(map(str, data[name].dims))}: expected {', '.join(dims)}"


def _arrays(parts: dict[str, Any]) -> dict[str, xr.Dataset]:
    return {kind: parts[kind] for kind in SHAPES if parts[kind] is not None}


def _disagreements(parts: dict[str, Any]) -> Iterator[str]:
    manifest: Manifest = parts["manifest"]
    names = [scenario.name for scenario in manifest.scenarios]
    years = np.arange(manifest.first_year, manifest.last_year + 1)
    for kind, data in _arrays(parts).items():
        # Pools take some of the draws: every province costs as much as the nation.
        if kind != "pooling" and "draw" in data.sizes and data.sizes["draw"] != manifest.draws:
            yield f"{kind}.nc has {data.sizes['draw']} draws, manifest.json says {manifest.draws}: files of two runs?"
    for kind in ("account", "indicators", "members"):
        if parts[kind] is None:
            continue
        found = parts[kind]["scenario"].values.tolist()
        if found != names:
            yield f"{kind}.nc has scenarios {found}, manifest.json says {names}: files of two runs?"
    for kind in (kind for kind in OTHERS if parts[kind] is not None and "scenario" in parts[kind].dims):
        strange = [name for name in parts[kind]["scenario"].values.tolist() if name not in names]
        if strange:
            yield f"{kind}.nc has scenarios {strange}, manifest.json has {names}: files of two runs?"
    for kind in ("projection", "account", "indicators"):
        missing = sorted(set(years.tolist()) - set(parts[kind]["year"].values.tolist()))
        if missing:
            yield f"{kind}.nc lacks the years {missing[0]} to {missing[-1]} that manifest.json promises"
    for name, series in parts["observed"].items():
        if len(series.years) != len(series.values):
            yield f"observed.json: {name} has {len(series.years)} years and {len(series.values)} values"


def _strangers(folder: Path, parts: dict[str, Any]) -> Iterator[str]:
    """Compare each file with what its children and the manifest say it was: no file of another run, none changed."""
    manifest: Manifest = parts["manifest"]
    kinds = _arrays(parts)
    found = {f"{kind}.nc": artefacts.digest(folder / f"{kind}.nc") for kind in kinds}
    later = {f"{kind}.nc" for kind in ASKED} - set(manifest.inputs)
    told = {"manifest.json": {name: manifest.inputs.get(name) for name in found if name not in later}}
    told |= {
        f"{kind}.nc": {f"{p}.nc": parts[kind].attrs.get(f"parent_{p}") for p in parents if p in kinds}
        for kind, parents in PARENTS.items()
        if kind in kinds
    }
    for child, files in told.items():
        for name, digest in files.items():
            if digest != found[name]:
                yield f"{name} is not the one that {child} was made from: run `granary forecast` again"
