"""Lay out a folder to begin with: a run file and data tables beside it, all of them or those of an example."""

from __future__ import annotations

import re
import shutil
import tempfile
from functools import partial
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

from actuarial._template import run_text
from actuarial.runfile import RunFaults
from forecasting._faults import Fault
from forecasting.artefacts import write_atomically
from forecasting.sources import BUNDLED, default_data_folder

RUN = "run.toml"
TABLES = "data"
RESULTS = "out"

EXAMPLES: dict[str, dict[str, Any]] = {"county": {"region": "Example County"}}
"""Keys of ``[run]`` of the examples, by name; their tables are in ``templates`` and are added to the bundled ones."""

READY = ("national", "east", "centre", "west")
"""Reforms ready to be valued: run files in ``scenarios`` beside the bundled tables."""


def write_initial(folder: Path, *, example: str | None = None, force: bool = False) -> list[Path]:
    """Write ``run.toml`` and ``data/`` into a folder, whole or not at all.

    Parameters
    ----------
    folder : pathlib.Path
        New, or empty.
    example : str, optional
        One of `EXAMPLES`: its tables alone, laid over the bundled ones. Or one of `READY`: its run file, with a copy
        of the bundled tables. Without it, such a copy and a run file with every key.
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
        If there is no such example, or `folder` is a file, or holds files and `force` is false; nothing is written.
    """
    filled = folder.is_dir() and any(folder.iterdir())
    faults = []
    names = [*EXAMPLES, *READY]
    if example is not None and example not in names:
        do = f"Give {', '.join(names[:-1])} or {names[-1]}"
        faults.append(Fault("--example", f'there is no example "{example}"', do))
    if folder.is_file():
        faults.append(Fault(str(folder), "this is a file", "Name a folder"))
    if filled and not force:
        do = "Name another folder, or write over its run.toml and data tables with --force"
        faults.append(Fault(str(folder), "the folder is not empty", do))
    if faults:
        raise RunFaults("the command", faults)
    contents = _contents(example)
    if filled:
        for name, content in contents.items():
            write_atomically(folder / name, partial(_put, content))
    else:
        _write_whole(folder, contents)
    return [folder / name for name in contents]


def _contents(example: str | None) -> dict[str, bytes]:
    if example is None or example in READY:
        folder: Traversable = default_data_folder()
        text = _ready(example) if example else run_text(data=TABLES, out=RESULTS)
    else:
        folder = files("actuarial").joinpath("templates", example)
        text = run_text(data=[BUNDLED, TABLES], out=RESULTS, **EXAMPLES[example])
    tables = sorted((file for file in folder.iterdir() if file.name.endswith((".csv", ".md"))), key=lambda f: f.name)
    return {RUN: text.encode()} | {f"{TABLES}/{file.name}": file.read_bytes() for file in tables}


def _ready(name: str) -> str:
    """Return a ready run file as it stands alone: with the tables beside it, and the results too."""
    text = (default_data_folder() / "scenarios" / f"{name}.toml").read_text(encoding="utf-8")
    for key, new in {"data": TABLES, "out": RESULTS}.items():
        text = re.sub(rf"^{key} = .*$", f'{key} = "{new}"', text, count=1, flags=re.MULTILINE)
    return text.replace(f"data/scenarios/{name}.toml", RUN)


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
