"""What a batch is to do: its regions, its folder, and the key of all that its results rest on."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from actuarial import _region
from actuarial._batch_region import folder_name, in_region, mark_of
from actuarial._parts import provinces_of
from actuarial._placing import placed, zones
from actuarial.progress import Progress
from actuarial.runfile import RunFaults
from forecasting import artefacts
from forecasting import projection as people
from forecasting._faults import Fault
from forecasting.sources import Tables, nearest

if TYPE_CHECKING:
    from actuarial.runfile import RunFile

ALL = "all"
"""Stands for every province."""


def named(regions: Sequence[str], tables: Tables) -> list[str]:
    """Return the regions asked for, each once; `RunFaults` for those that no table knows."""
    known = {str(name) for frame in tables.frames.values() for name in frame["region"]} - {tables.country}
    every = [name for name in zones(tables) if name in known]
    asked = list(dict.fromkeys(one for name in regions for one in (every if name == ALL else [name])))
    do = "Write its name as the column region has it"
    faults = [
        Fault(f"--regions {name}", f"no row of the tables is of this region{nearest(name, known)}", do)
        for name in asked
        if name not in known
    ]
    if not asked:
        do = f"Write {ALL}, or names set apart by commas"
        faults = [Fault("--regions", "no region is named, or the tables tell the zone of none", do)]
    if faults:
        raise RunFaults("the options", faults)
    return asked


def check_folder(out: Path, names: Sequence[str]) -> None:
    """Refuse a folder that cannot be written, or where something that is no batch's stands in a region's place."""
    faults = []
    do = "Name another folder with --out, or take it away"
    for folder in (out / folder_name(name) for name in names):
        if folder.exists() and mark_of(folder) is None:
            faults.append(Fault(str(folder), "this is not the work of a batch; a region goes there", do))
    try:
        out.mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=out).close()
    except OSError as error:
        faults.append(Fault(str(out), f"results cannot be written here: {error.strerror}", do))
    if faults:
        raise RunFaults("the folder of the batch", faults)


def lacking(run_file: RunFile, names: Sequence[str], tables: Tables) -> dict[str, str]:
    """Return why regions cannot be valued, before any model is fitted."""
    found = {}
    for name in names:
        one = in_region(run_file, name)
        try:
            _region.check_region(one, tables)
            placed(one, tables)
        except RunFaults as error:
            found[name] = "; ".join(map(str, error.faults))
    return found


def fitted(run_file: RunFile, tables: Tables, cache: Path, report: Progress, *, force: bool) -> str:
    """Fit every model once, so that workers only read; return the key of all that the results rest on."""
    fits = people.fit(
        tables,
        run_file.settings,
        {name: run_file.priors_of(name) for name in people.ALL_MODELS},
        methods=run_file.models.model_dump(),
        schemes=("pension",),
        cache=cache,
        force=force,
        report=lambda name: report.step(f"fit {name}"),
    )
    provinces = provinces_of(run_file, tables, cache, report, force=force)
    rests_on = {
        "run": run_file.run.model_dump(exclude={"region", "out", "data"}),
        "models": run_file.models.model_dump(),
        "rules": run_file.rules.model_dump(),
        "asked": run_file.asked.model_dump(),
        "measures": {name: one.model_dump() for name, one in run_file.measures.items()},
        "scenarios": {name: one.model_dump() for name, one in run_file.scenarios.items()},
        "figures": tables.hash,
        "posteriors": {name: one.attrs["hash"] for name, one in fits.posteriors.items()},
        "provinces": provinces.posterior.attrs["hash"],
        "versions": artefacts.versions(),
    }
    return sha256(json.dumps(rests_on, sort_keys=True, default=str).encode()).hexdigest()
