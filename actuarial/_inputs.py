"""What a run was made from, kept beside its results, so that the next valuation can be told from this one."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from actuarial.runfile import Run, RunFaults, RunFile
from actuarial.scenario import read_run
from forecasting import artefacts
from forecasting._faults import Fault

NAME = "inputs.zip"
"""File in the folder of a run: its run file, and the tables that it read."""

_TEXT, _RUN = "run.toml", "run.json"

_DAY = (1980, 1, 1, 0, 0, 0)
"""Date of every file in it: the same inputs give the same bytes."""

LARGEST = 200_000_000
"""Bytes that its files may take together when they are unpacked."""


def keep(run_file: RunFile, folder: Path) -> None:
    """Write the inputs of a run.

    Parameters
    ----------
    run_file : RunFile
        As it was read; what options and batches set besides is kept with it.
    folder : pathlib.Path
        Of the results.
    """
    artefacts.write_atomically(folder / NAME, lambda part: _write(run_file, part))


def _write(run_file: RunFile, file: Path) -> None:
    told = run_file.run.model_dump(exclude={"data", "out"})
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as kept:
        _add(kept, _TEXT, run_file.text.encode("utf-8"))
        _add(kept, _RUN, json.dumps(told, ensure_ascii=False, indent=1, sort_keys=True).encode("utf-8"))
        for number, source in enumerate(run_file.data_folders):
            for table in sorted(source.glob("*.csv")):
                _add(kept, f"data/{number}/{table.name}", table.read_bytes())


def _add(kept: zipfile.ZipFile, name: str, content: bytes) -> None:
    entry = zipfile.ZipInfo(name, _DAY)
    entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
    kept.writestr(entry, content)


@contextmanager
def taken(folder: Path) -> Iterator[RunFile]:
    """Read the run file of a run again, its tables unpacked for as long as the context lasts.

    Parameters
    ----------
    folder : pathlib.Path
        Of the results.

    Yields
    ------
    RunFile
        Its data folders are those that were kept; its results are in `folder`.

    Raises
    ------
    RunFaults
        If the folder keeps no inputs, or keeps what this version cannot read.
    """
    with TemporaryDirectory() as name:
        yield _read(folder, Path(name))


def _read(folder: Path, place: Path) -> RunFile:
    file, do = folder / NAME, "Value it again with `granary forecast`, or name another folder"
    try:
        with zipfile.ZipFile(file) as kept:
            return _unpacked(kept, place, folder)
    except FileNotFoundError:
        what = "the inputs of this run are not here: it is no folder of results, or of an older Granary"
        raise RunFaults("the folder of the results", [Fault(str(file), what, do)]) from None
    except (zipfile.BadZipFile, KeyError, UnicodeDecodeError, json.JSONDecodeError) as error:
        what = f"the kept inputs cannot be read: {error}"
        raise RunFaults("the folder of the results", [Fault(str(file), what, do)]) from error


def _unpacked(kept: zipfile.ZipFile, place: Path, folder: Path) -> RunFile:
    names = [entry.filename for entry in kept.infolist()]
    strange = [name for name in names if ".." in Path(name).parts or Path(name).is_absolute()]
    if strange or sum(entry.file_size for entry in kept.infolist()) > LARGEST:
        raise zipfile.BadZipFile("its names or its size are not those of inputs")
    kept.extractall(place)
    file = place / _TEXT
    told = json.loads((place / _RUN).read_text(encoding="utf-8"))
    folders = sorted({Path(name).parts[1] for name in names if name.startswith("data/")}, key=int)
    data = [str(place / "data" / one) for one in folders]
    read = read_run(file, {"data": data})
    run = Run.model_validate(told | {"data": data, "out": str(folder.absolute())})
    return replace(read, run=run, root=Path())
