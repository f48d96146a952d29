"""Lay out a folder to begin with: a run file and the data tables beside it."""

from __future__ import annotations

import shutil
import tempfile
from functools import partial
from pathlib import Path

from actuarial._template import run_text
from actuarial.runfile import RunFaults
from forecasting._faults import Fault
from forecasting.artefacts import write_atomically
from forecasting.sources import default_data_folder

RUN = "run.toml"
TABLES = "data"
RESULTS = "out"


def write_initial(folder: Path, *, force: bool = False) -> list[Path]:
    """Write ``run.toml`` and ``data/`` into a folder, whole or not at all.

    Parameters
    ----------
    folder : pathlib.Path
        New, or empty.
    force : bool
        Write into a folder that holds files; those of the same names are
        replaced, one by one, and no other is touched.

    Returns
    -------
    list of pathlib.Path
        The files written.

    Raises
    ------
    RunFaults
        If `folder` is a file, or holds files and `force` is false; nothing is written.
    """
    if folder.is_file():
        raise RunFaults(folder.name, [Fault(str(folder), "this is a file", "Name a folder")])
    filled = folder.is_dir() and any(folder.iterdir())
    if filled and not force:
        do = "Name another folder, or write over its run.toml and data tables with --force"
        raise RunFaults(folder.name, [Fault(str(folder), "the folder is not empty", do)])
    contents = _contents()
    if filled:
        for name, content in contents.items():
            write_atomically(folder / name, partial(_put, content))
    else:
        _write_whole(folder, contents)
    return [folder / name for name in contents]


def _contents() -> dict[str, bytes]:
    tables = (path for path in sorted(default_data_folder().iterdir()) if path.suffix in {".csv", ".md"})
    text = run_text(data=TABLES, out=RESULTS)
    return {RUN: text.encode()} | {f"{TABLES}/{path.name}": path.read_bytes() for path in tables}


def _put(content: bytes, file: Path) -> None:
    file.write_bytes(content)


def _write_whole(folder: Path, contents: dict[str, bytes]) -> None:
    folder.parent.mkdir(parents=True, exist_ok=True)
    part = Path(tempfile.mkdtemp(dir=folder.parent, prefix=f".{folder.name}."))
    try:
        for name, content in contents.items():
            (part / name).parent.mkdir(exist_ok=True)
            (part / name).write_bytes(content)
        # mkdtemp makes the folder private; it is to be like any other folder of the user.
        part.chmod(0o755)
        part.replace(folder)
    finally:
        shutil.rmtree(part, ignore_errors=True)
